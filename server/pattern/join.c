/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/join.c - patterns inside a pattern's events: slots bound to values, choices.    */
/* room: none.                                                                                    */
#include "server/pattern/eval.h"

void pat_op_MOD(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_POW(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_CONCAT(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_UNION_LEFT(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_MATH(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_TIME(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_MATCH(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_ARP(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_ROLLED(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_FIT(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_TO_SCALE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_SMOOTH(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_LOOP_FIRST(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_REPEAT_CYCLES(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_EUCLID_INV(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_STRIATE_BY(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_CHEW(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_DEGRADE_USING(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_PERLIN_WITH(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_PERLIN2_WITH(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_RANDRUN(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_STRIPE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_STRETCH(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_PLAY_FOR(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_FILTER_TRUE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_VAR(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_JOIN(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_SWITCH(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_WPICK(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}
