/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/structure.c - where events stand: sampling, masks, parts of the cycle, runs.    */
/* room: none.                                                                                    */
#include <string.h>

#include "server/pattern/eval.h"

/* ---- events under others --------------------------------------------------------------------- */

bool pat_inside(const struct pat_hap *h, struct pat_span *part)
{
    *part = pat_part(h);
    return !h->has_whole ||
           (pat_cmp(h->part_end, h->whole_end) <= 0 &&
            pat_cmp(h->part_begin, h->whole_begin) >= 0) ||
           pat_intersect(pat_whole(h), pat_part(h), part);
}

void pat_keep_inside(struct pat *p, uint32_t mark)
{
    uint32_t kept = mark;

    for (uint32_t i = mark; i < p->n_haps; i++) {
        struct pat_hap h = p->haps[i];
        struct pat_span own;
        if (!pat_inside(&h, &own))
            continue;
        h.part_begin = own.begin;
        h.part_end = own.end;
        p->haps[kept++] = h;
    }
    p->n_haps = kept;
}

void pat_fragments(struct pat *p, const struct pat_node *child, const struct pat_hap *outer)
{
    const struct pat_hap over = *outer; /* it may lie on the stack */
    const uint32_t mark = p->n_haps;
    uint32_t kept = mark;
    struct pat_span own;

    if (!pat_inside(&over, &own))
        return;
    pat_eval(p, child, child->continuous ? pat_whole_or_part(&over) : own);
    for (uint32_t i = mark; i < p->n_haps; i++) {
        struct pat_hap h = over;
        struct pat_span part;
        if (!pat_intersect(own, pat_part(&p->haps[i]), &part))
            continue;
        h.part_begin = part.begin;
        h.part_end = part.end;
        h.value = p->haps[i].value;
        p->haps[kept++] = h;
    }
    p->n_haps = kept;
}

void pat_cut_wholes(struct pat *p, uint32_t mark, struct pat_span span)
{
    uint32_t kept = mark;

    for (uint32_t i = mark; i < p->n_haps; i++) {
        struct pat_hap h = p->haps[i];
        struct pat_span whole;
        if (h.has_whole && !pat_intersect(pat_whole(&h), span, &whole))
            continue; /* a fragment may lie beside its whole: see squeeze_step() */
        if (h.has_whole) {
            h.whole_begin = whole.begin;
            h.whole_end = whole.end;
        }
        p->haps[kept++] = h;
    }
    p->n_haps = kept;
}

/* ---- sampling -------------------------------------------------------------------------------- */

static void segment_body(struct pat *p, const struct pat_node *node, pat_params params,
                         struct pat_span span)
{
    struct ph_ratio n;
    struct pat_span piece, slot;
    int64_t k;

    if (!pat_as_ratio(p, params[0], &n) || n.num == 0 || (n.num < 0 && !pat_is_tidal(p)))
        return;
    if (n.num < 0)
        n = pat_sub(p, PH_RATIO(0, 1), n); /* backwards is the same */
    while (pat_next_slot(p, n, &span, &piece, &k, &slot)) {
        const struct pat_hap step = { true, slot.begin, slot.end, piece.begin, piece.end, NULL };
        if (pat_is_tidal(p))
            pat_fragments(p, pat_arg(p, node, 1), &step);
        else
            pat_sample(p, pat_arg(p, node, 1), slot, piece, false);
    }
}

void pat_op_SEGMENT(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, segment_body);
}

/**
 * What `child` has under an event: in .ph its value at the event's begin, in Tidal a fragment of
 * the event for each hap.
 */
static void sample_under(struct pat *p, const struct pat_node *child, const struct pat_hap *event)
{
    if (pat_is_tidal(p))
        pat_fragments(p, child, event);
    else if (event->has_whole)
        pat_sample(p, child, pat_whole(event), pat_part(event), false);
}

/** Structure of the first argument's true events with values of argument `yes`, `no` of others. */
static void structured(struct pat *p, const struct pat_node *node, struct pat_span span,
                       uint32_t yes, uint32_t no)
{
    const uint32_t mark = p->n_haps;

    pat_eval(p, pat_arg(p, node, 0), span);
    const uint32_t end = p->n_haps;
    for (uint32_t i = mark; i < end && pat_step(p); i++) {
        const struct pat_hap h = p->haps[i];
        const uint32_t from = pat_is_true(h.value) ? yes : no;
        if (from > 0)
            sample_under(p, pat_arg(p, node, from), &h);
    }
    pat_drop(p, mark, end);
}

void pat_op_STRUCT(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    structured(p, node, span, 1, 0);
}

void pat_op_STITCH(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    structured(p, node, span, 1, 2);
}

void pat_op_FILTER_TRUE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    uint32_t kept = mark;

    pat_eval(p, pat_arg(p, node, 0), span);
    for (uint32_t i = mark; i < p->n_haps; i++)
        if (pat_is_true(p->haps[i].value))
            p->haps[kept++] = p->haps[i];
    p->n_haps = kept;
}

/* ---- masks ----------------------------------------------------------------------------------- */

/** Haps of `child` cut to where `mask` equals `wanted`; wholes stay. */
static void masked(struct pat *p, const struct pat_node *mask, const struct pat_node *child,
                   struct pat_span span, bool wanted)
{
    const uint32_t mark = p->n_haps;

    pat_eval(p, child, span);
    const uint32_t end = p->n_haps;
    for (uint32_t i = mark; i < end && p->status == PH_OK; i++) {
        const struct pat_hap h = p->haps[i];
        const uint32_t top = p->n_haps;
        uint32_t kept = top;
        struct pat_span own;
        if (!pat_inside(&h, &own))
            continue;
        pat_eval(p, mask, mask->continuous ? pat_whole_or_part(&h) : own);
        for (uint32_t k = top; k < p->n_haps; k++) {
            struct pat_hap cut = h;
            struct pat_span part;
            if (pat_is_true(p->haps[k].value) != wanted ||
                !pat_intersect(own, pat_part(&p->haps[k]), &part))
                continue;
            cut.part_begin = part.begin;
            cut.part_end = part.end;
            p->haps[kept++] = cut;
        }
        p->n_haps = kept;
    }
    pat_drop(p, mark, end);
}

void pat_op_MASK(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    masked(p, pat_arg(p, node, 0), pat_arg(p, node, 1), span, true);
}

void pat_op_SEW(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    masked(p, pat_arg(p, node, 0), pat_arg(p, node, 1), span, true);
    masked(p, pat_arg(p, node, 0), pat_arg(p, node, 2), span, false);
}

void pat_op_KEEP_ONSETS(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    uint32_t kept = mark;

    pat_eval(p, pat_arg(p, node, 1), span);
    const uint32_t end = p->n_haps;
    for (uint32_t i = mark; i < end && p->status == PH_OK; i++) {
        const struct pat_hap h = p->haps[i];
        const struct pat_span whole = pat_whole_or_part(&h);
        bool keep = false;
        pat_sample(p, pat_arg(p, node, 0), whole, whole, false);
        for (uint32_t k = end; k < p->n_haps; k++)
            keep = keep || pat_is_true(p->haps[k].value);
        p->n_haps = end;
        if (keep)
            p->haps[kept++] = h;
    }
    p->n_haps = kept;
}

/** Phase of the onset; of a signal, of its piece. */
static struct ph_ratio onset_of(const struct pat_hap *h)
{
    return h->has_whole ? h->whole_begin : h->part_begin;
}

static void within_body(struct pat *p, const struct pat_node *node, pat_params params,
                        struct pat_span span)
{
    struct ph_ratio begin, end;

    if (!pat_as_ratio(p, params[0], &begin) || !pat_as_ratio(p, params[1], &end))
        return;
    for (uint32_t k = 2; k <= 3; k++) { /* p outside, q inside */
        const uint32_t mark = p->n_haps;
        uint32_t kept = mark;
        pat_eval(p, pat_arg(p, node, k), span);
        for (uint32_t i = mark; i < p->n_haps; i++) {
            const struct ph_ratio phase = pat_phase(onset_of(&p->haps[i]));
            const bool inside = pat_cmp(phase, begin) >= 0 && pat_cmp(phase, end) < 0;
            if (inside == (k == 3))
                p->haps[kept++] = p->haps[i];
        }
        p->n_haps = kept;
    }
}

void pat_op_WITHIN(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 2, span, within_body);
}

/** Part of n in which the onset lies is that of its cycle: counted from the end when n < 0. */
static bool in_chunk(struct pat *p, const struct pat_hap *h, int64_t n)
{
    const struct ph_ratio onset = onset_of(h);
    const int64_t count = n < 0 ? -n : n;
    const int64_t cycle = pat_floor(onset), chunk = pat_mod(n < 0 ? -1 - cycle : cycle, count);

    return pat_floor(pat_mul(p, pat_phase(onset), ph_ratio_of(count))) == chunk;
}

static void chunk_body(struct pat *p, const struct pat_node *node, pat_params params,
                       struct pat_span span)
{
    int64_t n;

    if (!pat_as_whole(p, params[0], &n) || n == INT64_MIN)
        return;
    if (n == 0) {
        pat_eval(p, pat_arg(p, node, 1), span);
        return;
    }
    for (uint32_t k = 1; k <= 2; k++) {
        const uint32_t mark = p->n_haps;
        uint32_t kept = mark;
        pat_eval(p, pat_arg(p, node, k), span);
        for (uint32_t i = mark; i < p->n_haps; i++)
            if (in_chunk(p, &p->haps[i], n) == (k == 2))
                p->haps[kept++] = p->haps[i];
        p->n_haps = kept;
    }
}

/** Cycle of the source that cycle `cycle` of Tidal's chunk plays: with n < 0 its own. */
static void chunk_cycle(struct pat *p, const struct pat_node *node, struct pat_span piece,
                        int64_t cycle, int64_t n)
{
    const int64_t count = n < 0 ? -n : n, turn = pat_mod(cycle, count);
    const int64_t part = n < 0 ? count - 1 - turn : turn;
    const struct ph_ratio late = ph_ratio_of(n < 0 ? 0 : cycle - pat_floor_div(cycle, n));
    const struct pat_span chunk = { pat_fraction(p, part, count),
                                    pat_fraction(p, part + 1, count) };
    const uint32_t first = p->n_haps;

    for (uint32_t k = 1; k <= 2; k++) {
        const uint32_t mark = p->n_haps;
        uint32_t kept = mark;
        pat_eval_late(p, pat_arg(p, node, k), piece, late);
        for (uint32_t i = mark; i < p->n_haps; i++) {
            const struct ph_ratio phase = pat_phase(onset_of(&p->haps[i]));
            const bool inside =
                pat_cmp(phase, chunk.begin) >= 0 && pat_cmp(phase, chunk.end) < 0;
            if (inside == (k == 2))
                p->haps[kept++] = p->haps[i];
        }
        p->n_haps = kept;
    }
    if (n < 0)
        pat_cut_wholes(p, first, (struct pat_span){ ph_ratio_of(cycle), ph_ratio_of(cycle + 1) });
}

/** Tidal's cat of `within`s: the source goes on when all parts had their turn. */
static void chunk_in_turn(struct pat *p, const struct pat_node *node, pat_params params,
                          struct pat_span span)
{
    struct pat_span piece;
    int64_t n, cycle;

    if (!pat_as_whole(p, params[0], &n) || n == 0 || n == INT64_MIN)
        return;
    while (pat_next_cycle(p, &span, &piece, &cycle))
        chunk_cycle(p, node, piece, cycle, n);
}

void pat_op_CHUNK(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, pat_is_tidal(p) ? chunk_in_turn : chunk_body);
}

/* ---- runs ------------------------------------------------------------------------------------ */

/** A step of a run: of n's own kind in Tidal. */
static struct ph_value run_step(const struct pat *p, const struct pat_value *n, int64_t step)
{
    if (pat_is_tidal(p) && n->plain.kind == PH_VALUE_INT)
        return pat_int_value(step);
    if (pat_is_tidal(p) && n->plain.kind == PH_VALUE_NUMBER)
        return pat_number_value((double)step);
    return pat_ratio_value(ph_ratio_of(step));
}

/**
 * 0 .. n-1 in n steps; a fraction counts up to n - 1/2, as enumerations of fractions do. `like` is
 * what n was read from.
 */
static void run_steps(struct pat *p, struct ph_ratio n, const struct pat_value *like,
                      struct pat_span span)
{
    const int64_t count = pat_floor(pat_add(p, n, PH_RATIO(1, 2)));
    struct pat_span piece, slot;
    int64_t k;

    if (n.num <= 0 || count <= 0)
        return;
    while (pat_next_slot(p, ph_ratio_of(count), &span, &piece, &k, &slot)) {
        const struct ph_value step = run_step(p, like, pat_mod(k, count));
        pat_push(p, &(struct pat_hap){ true, slot.begin, slot.end, piece.begin, piece.end,
                                       pat_plain(p, step) });
    }
}

/** A patterned n restarts inside its events: steps are cut to them. */
/* 1 in the first cycle, then one more in each up to n: how many steps each has */
static void scan_steps(struct pat *p, struct ph_ratio n, const struct pat_value *like,
                       struct pat_span span)
{
    const int64_t count = pat_floor(pat_add(p, n, PH_RATIO(1, 2)));
    struct pat_span piece;
    int64_t cycle;

    if (n.num <= 0 || count <= 0)
        return;
    while (pat_next_cycle(p, &span, &piece, &cycle))
        run_steps(p, ph_ratio_of(pat_mod(cycle, count) + 1), like, piece);
}

typedef void pat_steps(struct pat *p, struct ph_ratio n, const struct pat_value *like,
                       struct pat_span span);

/* The steps of each count while it lasts: Tidal binds it, so that they last no longer. */
static void each_count(struct pat *p, const struct pat_node *node, struct pat_span span,
                       pat_steps *steps)
{
    const struct pat_node *const count = pat_arg(p, node, 0);
    const uint32_t mark = p->n_haps;
    struct ph_ratio n;

    if (count->constant) {
        if (pat_as_ratio(p, count->constant, &n))
            steps(p, n, count->constant, span);
        return;
    }
    pat_eval_param(p, count, span);
    const uint32_t end = p->n_haps;
    for (uint32_t i = mark; i < end && p->status == PH_OK; i++) {
        const struct pat_hap h = p->haps[i];
        const uint32_t top = p->n_haps;
        if (!pat_as_ratio(p, h.value, &n))
            continue;
        steps(p, n, h.value, pat_part(&h));
        if (h.has_whole)
            pat_cut_wholes(p, top, pat_whole(&h));
    }
    pat_drop(p, mark, end);
}

void pat_op_RUN(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    each_count(p, node, span, run_steps);
}

void pat_op_SCAN(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    each_count(p, node, span, scan_steps);
}
