/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/join.c - patterns inside a pattern's events: slots bound to values, choices.    */
/* room: none.                                                                                    */
#include <math.h>
#include <string.h>

#include "server/pattern/eval.h"

/* ---- joins ----------------------------------------------------------------------------------- */

/** Cuts the haps above `mark` to the event they play in; without a whole on both sides, none. */
static void cut_to_outer(struct pat *p, uint32_t mark, const struct pat_hap *outer)
{
    uint32_t kept = mark;

    for (uint32_t i = mark; i < p->n_haps; i++) {
        struct pat_hap h = p->haps[i];
        struct pat_span whole, part;
        if (!pat_intersect(pat_part(outer), pat_part(&h), &part))
            continue;
        h.part_begin = part.begin;
        h.part_end = part.end;
        h.has_whole = h.has_whole && outer->has_whole;
        if (h.has_whole && !pat_intersect(pat_whole(outer), pat_whole(&h), &whole))
            continue; /* a fragment may lie beside its whole: see squeeze_step() */
        if (h.has_whole) {
            h.whole_begin = whole.begin;
            h.whole_end = whole.end;
        }
        p->haps[kept++] = h;
    }
    p->n_haps = kept;
}

/** Structure of the outer event; a value for each hap that the inner has at its begin. */
static void join_outer(struct pat *p, const struct pat_node *inner, const struct pat_hap *outer)
{
    const struct pat_span at = pat_whole_or_part(outer);
    const uint32_t mark = p->n_haps;

    pat_sample(p, inner, at, pat_part(outer), false);
    for (uint32_t i = mark; i < p->n_haps; i++)
        p->haps[i].has_whole = outer->has_whole;
}

/** Cycle floor(begin) of the inner squeezed into the outer event. */
static void join_squeeze(struct pat *p, const struct pat_node *inner, const struct pat_hap *outer)
{
    const struct pat_span whole = pat_whole_or_part(outer);
    const uint32_t mark = p->n_haps;

    pat_squeeze(p, inner, pat_part(outer), pat_floor(whole.begin), whole.begin, whole.end);
    cut_to_outer(p, mark, outer);
}

/** The inner begins anew with each outer event; `span` is what the join is asked for. */
static void join_trig(struct pat *p, const struct pat_node *inner, const struct pat_hap *outer,
                      struct pat_span span, bool from_zero)
{
    const struct ph_ratio begin = outer->whole_begin;
    const uint32_t mark = p->n_haps;

    if (!outer->has_whole)
        return;
    pat_eval_late(p, inner, inner->continuous ? span : pat_part(outer),
                  from_zero ? begin : pat_phase(begin));
    cut_to_outer(p, mark, outer);
}

static void join_hap(struct pat *p, const struct pat_node *inner, const struct pat_hap *outer,
                     enum ph_join kind, struct pat_span span)
{
    const uint32_t mark = p->n_haps;

    switch (kind) {
    case PH_JOIN_OUTER:
        join_outer(p, inner, outer);
        break;
    case PH_JOIN_SQUEEZE:
        join_squeeze(p, inner, outer);
        break;
    case PH_JOIN_TRIG:
    case PH_JOIN_TRIG_ZERO:
        join_trig(p, inner, outer, span, kind == PH_JOIN_TRIG_ZERO);
        break;
    case PH_JOIN_BOTH:
        pat_eval(p, inner, pat_part(outer));
        cut_to_outer(p, mark, outer);
        break;
    default:
        pat_eval(p, inner, pat_part(outer));
        break;
    }
}

static enum ph_join join_of(struct pat *p, const struct pat_value *immediate)
{
    int64_t kind = PH_JOIN_INNER;

    pat_as_whole(p, immediate, &kind);
    return (enum ph_join)kind;
}

/* ---- slots ----------------------------------------------------------------------------------- */

void pat_op_VAR(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    int64_t slot = 0;

    pat_as_whole(p, pat_imm(p, node, 0), &slot);
    if (p->vars[slot])
        pat_pure(p, p->vars[slot], span);
}

void pat_op_JOIN(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const enum ph_join kind = join_of(p, pat_imm(p, node, 1));
    const uint32_t mark = p->n_haps;
    int64_t slot = 0;

    pat_as_whole(p, pat_imm(p, node, 0), &slot);
    pat_eval(p, pat_arg(p, node, 0), span);
    const uint32_t end = p->n_haps;
    const struct pat_value *const around = p->vars[slot];
    for (uint32_t i = mark; i < end && pat_step(p); i++) {
        const struct pat_hap outer = p->haps[i];
        p->vars[slot] = outer.value;
        join_hap(p, pat_arg(p, node, 1), &outer, kind, span);
    }
    p->vars[slot] = around;
    pat_drop(p, mark, end);
}

/* ---- choices --------------------------------------------------------------------------------- */

/** Number of the pattern, counted from 0, that `value` chooses; -1: none. */
typedef int64_t choice(struct pat *p, const struct pat_node *node, const struct pat_value *value);

static void chosen(struct pat *p, const struct pat_node *node, struct pat_span span, choice *choose)
{
    const enum ph_join kind = join_of(p, pat_imm(p, node, 0));
    const uint32_t mark = p->n_haps;

    if (node->n_args < 2)
        return;
    pat_eval(p, pat_arg(p, node, 0), span);
    const uint32_t end = p->n_haps;
    for (uint32_t i = mark; i < end && pat_step(p); i++) {
        const struct pat_hap outer = p->haps[i];
        const int64_t number = choose(p, node, outer.value);
        if (number >= 0)
            join_hap(p, pat_arg(p, node, (uint32_t)number + 1), &outer, kind, span);
    }
    pat_drop(p, mark, end);
}

static int64_t by_number(struct pat *p, const struct pat_node *node, const struct pat_value *value)
{
    int64_t number;

    return pat_as_whole(p, value, &number) ? pat_mod(number, (int64_t)node->n_args - 1) : -1;
}

/**
 * In .ph a signal that picks among constants makes a signal again, so that each event that samples
 * it draws for itself.
 */
static void picked_by_signal(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const uint32_t mark = p->n_haps;

    pat_eval(p, pat_arg(p, node, 0), span);
    const uint32_t end = p->n_haps;
    for (uint32_t i = mark; i < end && pat_step(p); i++) {
        struct pat_hap h = p->haps[i];
        const int64_t number = by_number(p, node, h.value);
        if (number < 0)
            continue;
        const struct pat_node *const picked = pat_arg(p, node, (uint32_t)number + 1);
        if (h.has_whole || !picked->constant) {
            pat_eval(p, picked, pat_part(&h));
            continue;
        }
        h.value = picked->constant;
        pat_push(p, &h);
    }
    pat_drop(p, mark, end);
}

void pat_op_PICK(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    if (pat_is_tidal(p) || join_of(p, pat_imm(p, node, 0)) != PH_JOIN_INNER)
        chosen(p, node, span, by_number);
    else if (node->n_args > 1)
        picked_by_signal(p, node, span);
}

static int64_t by_value(struct pat *p, const struct pat_node *node, const struct pat_value *value)
{
    for (uint32_t i = 1; i < node->n_imms && !value->is_controls && pat_step(p); i++)
        if (pat_equal(&value->plain, &pat_imm(p, node, i)->plain))
            return i - 1;
    return -1;
}

void pat_op_SWITCH(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    chosen(p, node, span, by_value);
}

/** The first whose weight, with those before it, is more than x of the total. */
static int64_t by_weight(struct pat *p, const struct pat_node *node, const struct pat_value *value)
{
    double x, total = 0, sum = 0;

    if (!pat_as_double(value, &x) || !pat_charge(p, node->n_imms))
        return -1;
    for (uint32_t i = 1; i < node->n_imms; i++)
        total += pat_imm(p, node, i)->plain.number;
    for (uint32_t i = 1; i < node->n_imms; i++) {
        sum += pat_imm(p, node, i)->plain.number;
        if (sum > x * total)
            return i - 1;
    }
    return -1;
}

void pat_op_WPICK(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    chosen(p, node, span, by_weight);
}
