/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/signal.c - continuous patterns: the value in the middle of the queried span.    */
/* room: none. The position in the cycle is exact, so a late cycle is as fine as the first.       */
#include <math.h>

#include "server/pattern/eval.h"

static double position(struct pat *p, struct pat_span span)
{
    return ph_ratio_to_double(pat_phase(pat_middle(p, span)));
}

static void push_signal(struct pat *p, struct pat_span span, double number)
{
    const struct pat_value *const value = pat_plain(p, pat_number_value(number));

    pat_push(p, &(struct pat_hap){ .part_begin = span.begin, .part_end = span.end,
                                   .value = value });
}

void pat_op_SINE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)node;
    push_signal(p, span, 0.5 + 0.5 * sin(2 * M_PI * position(p, span)));
}

void pat_op_COSINE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)node;
    push_signal(p, span, 0.5 + 0.5 * cos(2 * M_PI * position(p, span)));
}

void pat_op_SAW(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)node;
    push_signal(p, span, position(p, span));
}

void pat_op_ISAW(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)node;
    push_signal(p, span, 1 - position(p, span));
}

/** Rises and falls are two signals in sequence: a span over the peak is read in each. */
void pat_op_TRI(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    struct pat_span piece, half;
    int64_t k;

    (void)node;
    while (pat_next_slot(p, ph_ratio_of(2), &span, &piece, &k, &half)) {
        const double x = 2 * position(p, piece);
        push_signal(p, piece, x < 1 ? x : 2 - x);
    }
}

void pat_op_SQUARE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)node;
    push_signal(p, span, position(p, span) < 0.5 ? 0 : 1);
}
