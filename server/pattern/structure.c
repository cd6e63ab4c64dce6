/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/structure.c - where events stand: rhythms, sampling, masks, rotation, cuts.     */
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

/* ---- Euclid ---------------------------------------------------------------------------------- */

/* Groups of one kind: `count` copies of the `length` steps at `steps`. */
struct group {
    uint8_t *steps;
    int64_t length, count;
};

/**
 * Groups A (hits first) and B: while there is more than one of the smaller kind, every A that has a
 * partner takes a B behind it; what has none is the new B.
 */
bool pat_bjorklund(int64_t k, int64_t n, uint8_t *hits, uint8_t *scratch)
{
    struct group a = { hits, 1, k }, b = { scratch, 1, n - k };

    if (n <= 0 || k < 0 || k > n)
        return false;
    a.steps[0] = 1;
    b.steps[0] = 0;
    while (a.count > 1 && b.count > 1) {
        const int64_t pairs = a.count < b.count ? a.count : b.count;
        const int64_t old_length = a.length;
        memcpy(a.steps + a.length, b.steps, (size_t)b.length);
        a.length += b.length;
        if (a.count > pairs) { /* the As left over are the new Bs */
            memcpy(b.steps, a.steps, (size_t)old_length);
            b.length = old_length;
            b.count = a.count - pairs;
        } else {
            b.count -= pairs;
        }
        a.count = pairs;
    }
    if (a.count == 0)
        memcpy(a.steps, b.steps, (size_t)b.length);
    const struct group *const first = a.count > 0 ? &a : &b;
    int64_t at = first->length;
    for (int64_t i = 1; i < first->count; i++, at += first->length)
        memcpy(hits + at, hits, (size_t)first->length);
    for (int64_t i = 0; i < b.count && first == &a; i++, at += b.length)
        memcpy(hits + at, b.steps, (size_t)b.length);
    return true;
}

/** Hits of |k| in n steps, kept for the rest of the query; NULL when nothing is to be played. */
static const uint8_t *euclid_hits(struct pat *p, int64_t k, int64_t n)
{
    for (uint32_t i = 0; i < p->n_euclids && i < PAT_EUCLID_CACHE; i++)
        if (p->euclids[i].k == k && p->euclids[i].n == n)
            return p->euclids[i].hits;
    if (!pat_charge(p, (uint64_t)n))
        return NULL;
    uint8_t *const hits = pat_alloc(p, 2 * (size_t)n);
    if (!hits || !pat_bjorklund(k, n, hits, hits + n))
        return NULL;
    p->euclids[p->n_euclids++ % PAT_EUCLID_CACHE] = (struct pat_euclid){ k, n, hits };
    return hits;
}

struct euclid {
    int64_t n, rotation; /* rotation may be negative or more than a cycle: the source turns along */
    bool inverted;
    const uint8_t *hits;
};

static const int64_t rotation_max = INT64_C(1) << 60; /* so that adding a step number cannot wrap */

static bool euclid_of(struct pat *p, pat_params params, struct euclid *out)
{
    int64_t k, n, rotation;

    if (!pat_as_whole(p, params[0], &k) || !pat_as_whole(p, params[1], &n) ||
        !pat_as_whole(p, params[2], &rotation) || n <= 0 || k == INT64_MIN)
        return false;
    if (rotation > rotation_max || rotation < -rotation_max) {
        pat_fail(p, PH_OVERFLOW);
        return false;
    }
    int64_t magnitude = k < 0 ? -k : k;
    if (magnitude > n)
        magnitude = n;
    *out = (struct euclid){ n, rotation, k < 0, euclid_hits(p, magnitude, n) };
    return out->hits != NULL;
}

static bool euclid_is_hit(const struct euclid *e, int64_t step)
{
    return (e->hits[pat_mod(step + e->rotation, e->n)] != 0) != e->inverted;
}

/**
 * Tidal: more hits than steps are a rhythm of that many steps, all of them hits, turned by r/n of
 * a cycle. @return false when there are not more
 */
static bool euclid_too_full(struct pat *p, const struct pat_node *node, pat_params params,
                            struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    struct pat_span piece, slot;
    int64_t k, n, rotation, step;

    if (!pat_is_tidal(p) || !pat_as_whole(p, params[0], &k) || !pat_as_whole(p, params[1], &n) ||
        !pat_as_whole(p, params[2], &rotation) || n == 0 || k <= 0 || k <= n)
        return false;
    const struct ph_ratio turn = pat_div(p, ph_ratio_of(rotation), ph_ratio_of(n));
    span = (struct pat_span){ pat_add(p, span.begin, turn), pat_add(p, span.end, turn) };
    while (pat_next_slot(p, ph_ratio_of(k), &span, &piece, &step, &slot))
        pat_squeeze(p, pat_arg(p, node, 3), piece, pat_floor_div(step, k), slot.begin, slot.end);
    pat_map_times(p, mark, turn, PH_RATIO(0, 1), PH_RATIO(1, 1));
    return true;
}

static void euclid_body(struct pat *p, const struct pat_node *node, pat_params params,
                        struct pat_span span)
{
    struct euclid e;
    struct pat_span piece, slot;
    int64_t k;

    if (euclid_too_full(p, node, params, span) || !euclid_of(p, params, &e))
        return;
    while (pat_next_slot(p, ph_ratio_of(e.n), &span, &piece, &k, &slot))
        if (euclid_is_hit(&e, k))
            pat_squeeze(p, pat_arg(p, node, 3), piece, pat_floor_div(k + e.rotation, e.n),
                        slot.begin, slot.end);
}

void pat_op_EUCLID(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 3, span, euclid_body);
}

static void euclid_inv_body(struct pat *p, const struct pat_node *node, pat_params params,
                            struct pat_span span)
{
    struct euclid e;
    struct pat_span piece, slot;
    int64_t k;

    if (!euclid_of(p, params, &e)) /* of more hits than steps none rests, in Tidal too */
        return;
    while (pat_next_slot(p, ph_ratio_of(e.n), &span, &piece, &k, &slot))
        if (!euclid_is_hit(&e, k))
            pat_squeeze(p, pat_arg(p, node, 3), piece, pat_floor_div(k + e.rotation, e.n),
                        slot.begin, slot.end);
}

void pat_op_EUCLID_INV(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 3, span, euclid_inv_body);
}

static const struct pat_value *negated(struct pat *p, const struct pat_value *value)
{
    const bool truth = pat_is_true(value);
    struct ph_value v = { .kind = PH_VALUE_BOOL, .number = !truth, .ratio = PH_RATIO(!truth, 1) };

    return pat_plain(p, v);
}

static void negate_above(struct pat *p, uint32_t mark)
{
    for (uint32_t i = mark; i < p->n_haps; i++) {
        const struct pat_value *const value = negated(p, p->haps[i].value);
        if (!value)
            return;
        p->haps[i].value = value;
    }
}

/** What `child` has in one step: in .ph at its begin; in Tidal it turns along, and is cut to it. */
static void euclid_bool_step(struct pat *p, const struct pat_node *child, struct ph_ratio turn,
                             struct pat_span slot, struct pat_span piece)
{
    const uint32_t mark = p->n_haps;

    if (!pat_is_tidal(p) || child->constant) {
        pat_sample(p, child, slot, piece, false);
        return;
    }
    pat_eval_late(p, child, piece, pat_sub(p, PH_RATIO(0, 1), turn));
    pat_cut_wholes(p, mark, slot);
}

/** As euclid_too_full(): all steps are hits, or none where k < 0. */
static bool euclid_bool_too_full(struct pat *p, const struct pat_node *node, pat_params params,
                                 struct pat_span span)
{
    struct pat_span piece, slot;
    int64_t k, n, rotation, step;

    if (!pat_is_tidal(p) || !pat_as_whole(p, params[0], &k) || !pat_as_whole(p, params[1], &n) ||
        !pat_as_whole(p, params[2], &rotation) || n == 0 || k == 0 || k == INT64_MIN || (k < 0 ? -k : k) <= n)
        return false;
    const struct ph_ratio turn = pat_div(p, ph_ratio_of(rotation), ph_ratio_of(n));
    span = (struct pat_span){ pat_add(p, span.begin, turn), pat_add(p, span.end, turn) };
    while (pat_next_slot(p, ph_ratio_of(k < 0 ? -k : k), &span, &piece, &step, &slot)) {
        const uint32_t mark = p->n_haps;
        euclid_bool_step(p, pat_arg(p, node, 3), turn,
                         (struct pat_span){ pat_sub(p, slot.begin, turn), pat_sub(p, slot.end, turn) },
                         (struct pat_span){ pat_sub(p, piece.begin, turn),
                                            pat_sub(p, piece.end, turn) });
        if (k < 0)
            negate_above(p, mark);
    }
    return true;
}

static void euclid_bool_body(struct pat *p, const struct pat_node *node, pat_params params,
                             struct pat_span span)
{
    struct euclid e;
    struct pat_span piece, slot;
    int64_t k;

    if (euclid_bool_too_full(p, node, params, span) || !euclid_of(p, params, &e))
        return;
    while (pat_next_slot(p, ph_ratio_of(e.n), &span, &piece, &k, &slot)) {
        const uint32_t mark = p->n_haps;
        euclid_bool_step(p, pat_arg(p, node, 3), pat_fraction(p, e.rotation, e.n), slot, piece);
        if (!euclid_is_hit(&e, k))
            negate_above(p, mark);
    }
}

void pat_op_EUCLID_BOOL(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 3, span, euclid_bool_body);
}

static void euclid_sample_body(struct pat *p, const struct pat_node *node, pat_params params,
                               struct pat_span span)
{
    struct euclid e;
    struct pat_span piece, slot;
    int64_t k;

    if (!euclid_of(p, params, &e))
        return;
    while (pat_next_slot(p, ph_ratio_of(e.n), &span, &piece, &k, &slot))
        if (euclid_is_hit(&e, k))
            pat_sample(p, pat_arg(p, node, 3), slot, piece, false);
}

void pat_op_EUCLID_SAMPLE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 3, span, euclid_sample_body);
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
    const struct pat_span chunk = { pat_fraction(p, part, count), pat_fraction(p, part + 1, count) };
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

/* ---- events rearranged ----------------------------------------------------------------------- */

/** Repeats of one event: the constant at speed `factor`, its cycle squeezed into the event. */
static void ply_hap(struct pat *p, const struct pat_hap *h, struct ph_ratio factor)
{
    const struct pat_span whole = pat_whole(h);
    const struct ph_ratio length = pat_sub(p, whole.end, whole.begin);
    const struct ph_ratio cycle = ph_ratio_of(pat_floor(whole.begin));
    struct pat_span rest = { pat_div(p, pat_sub(p, h->part_begin, whole.begin), length),
                             pat_div(p, pat_sub(p, h->part_end, whole.begin), length) };
    const uint32_t mark = p->n_haps;
    struct pat_span piece, slot;
    int64_t k;

    rest.begin = pat_add(p, rest.begin, cycle);
    rest.end = pat_add(p, rest.end, cycle);
    while (pat_next_slot(p, factor, &rest, &piece, &k, &slot))
        pat_push(p, &(struct pat_hap){ true, slot.begin, slot.end, piece.begin, piece.end,
                                       h->value });
    pat_map_times(p, mark, cycle, whole.begin, length);
    pat_cut_wholes(p, mark, whole);
}

static void ply_body(struct pat *p, const struct pat_node *node, pat_params params,
                     struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    struct ph_ratio factor;

    if (!pat_as_ratio(p, params[0], &factor) || factor.num == 0)
        return;
    if (factor.num < 0)
        factor = pat_sub(p, PH_RATIO(0, 1), factor); /* a constant backwards is itself */
    pat_eval(p, pat_arg(p, node, 1), span);
    const uint32_t end = p->n_haps;
    for (uint32_t i = mark; i < end && p->status == PH_OK; i++) {
        const struct pat_hap h = p->haps[i];
        if (h.has_whole)
            ply_hap(p, &h, factor);
        else
            pat_push(p, &h);
    }
    pat_drop(p, mark, end);
}

void pat_op_PLY(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, ply_body);
}

static void press_body(struct pat *p, const struct pat_node *node, pat_params params,
                       struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    uint32_t kept = mark;
    struct ph_ratio x;

    if (!pat_as_ratio(p, params[0], &x) || x.num < 0 || pat_cmp(x, ph_ratio_of(1)) >= 0)
        return;
    pat_eval(p, pat_arg(p, node, 1), span);
    for (uint32_t i = mark; i < p->n_haps; i++) {
        struct pat_hap h = p->haps[i];
        if (h.has_whole) {
            const struct ph_ratio length = pat_sub(p, h.whole_end, h.whole_begin);
            h.whole_begin = pat_add(p, h.whole_begin, pat_mul(p, length, x));
            h.part_begin = pat_max(h.part_begin, h.whole_begin);
            h.part_end = pat_min(h.part_end, h.whole_end);
        }
        if (pat_cmp(h.part_begin, h.part_end) < 0)
            p->haps[kept++] = h;
    }
    p->n_haps = kept;
}

void pat_op_PRESS(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, press_body);
}

static int compare_plain(const struct ph_value *a, const struct ph_value *b)
{
    const bool word = a->kind == PH_VALUE_WORD;

    if (word != (b->kind == PH_VALUE_WORD))
        return word ? -1 : 1;
    if (word)
        return strcmp(a->text, b->text);
    return (a->number > b->number) - (a->number < b->number);
}

static int compare_values(const struct pat_value *a, const struct pat_value *b)
{
    for (uint32_t i = 0; i < a->n_controls && i < b->n_controls; i++) {
        const int key = strcmp(a->controls[i].key, b->controls[i].key);
        if (key != 0)
            return key;
        const int value = compare_plain(&a->controls[i].value, &b->controls[i].value);
        if (value != 0)
            return value;
    }
    if (a->is_controls || b->is_controls)
        return (a->n_controls > b->n_controls) - (a->n_controls < b->n_controls);
    return compare_plain(&a->plain, &b->plain);
}

/** Tidal's order of events: whole, part, value. */
static int compare_haps(const struct pat_hap *a, const struct pat_hap *b)
{
    if (a->has_whole != b->has_whole)
        return a->has_whole ? 1 : -1;
    int by = a->has_whole ? pat_cmp(a->whole_begin, b->whole_begin) : 0;
    if (by == 0 && a->has_whole)
        by = pat_cmp(a->whole_end, b->whole_end);
    if (by == 0)
        by = pat_cmp(a->part_begin, b->part_begin);
    if (by == 0)
        by = pat_cmp(a->part_end, b->part_end);
    return by != 0 ? by : compare_values(a->value, b->value);
}

/** In .ph by onset alone, so that simultaneous events keep the order of the source. */
static bool is_later(const struct pat *p, const struct pat_hap *a, const struct pat_hap *b)
{
    return pat_is_tidal(p) ? compare_haps(a, b) > 0 : pat_cmp(a->whole_begin, b->whole_begin) > 0;
}

/** Sorts indices of haps; equal ones keep their order. Sequences arrive sorted. */
static void sort_by_time(struct pat *p, uint32_t *order, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        const uint32_t moving = order[i];
        uint32_t at = i;
        while (at > 0 && pat_step(p) &&
               is_later(p, &p->haps[order[at - 1]], &p->haps[moving])) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = moving;
    }
}

/** Exchanges the values of the onsets above `mark`, all of one cycle; in Tidal of all haps. */
static void rotate_values(struct pat *p, uint32_t mark, int64_t places)
{
    const uint32_t n_max = p->n_haps - mark;
    uint32_t *const order = pat_alloc(p, (n_max + 1) * sizeof *order);
    const struct pat_value **const values = pat_alloc(p, (n_max + 1) * sizeof *values);
    uint32_t n = 0;

    if (!order || !values)
        return;
    for (uint32_t i = mark; i < p->n_haps; i++)
        if (pat_is_tidal(p) || pat_has_onset(&p->haps[i]))
            order[n++] = i;
    sort_by_time(p, order, n);
    for (uint32_t i = 0; i < n; i++)
        values[i] = p->haps[order[i]].value;
    for (uint32_t i = 0; i < n; i++)
        p->haps[order[i]].value = values[(i + (uint64_t)pat_mod(places, n)) % n];
}

static bool are_equal(struct ph_ratio a, struct ph_ratio b)
{
    return a.num == b.num && a.den == b.den;
}

/** Whether two haps are pieces of one event that touch. */
static bool touch(const struct pat_hap *a, const struct pat_hap *b)
{
    return (are_equal(a->part_end, b->part_begin) || are_equal(b->part_end, a->part_begin)) &&
           a->has_whole == b->has_whole &&
           (!a->has_whole || (are_equal(a->whole_begin, b->whole_begin) &&
                              are_equal(a->whole_end, b->whole_end))) &&
           compare_values(a->value, b->value) == 0;
}

/** Tidal: a piece and the next one that touches it are one event; a third is another one. */
static void join_pieces(struct pat *p, uint32_t mark)
{
    for (uint32_t i = mark; i < p->n_haps; i++) {
        struct pat_hap *const h = &p->haps[i];
        const bool complete = h->has_whole && are_equal(h->part_begin, h->whole_begin) &&
                              are_equal(h->part_end, h->whole_end);
        for (uint32_t k = i + 1; !complete && k < p->n_haps && pat_step(p); k++) {
            const struct pat_hap other = p->haps[k];
            if (!touch(h, &other))
                continue;
            h->part_begin = pat_min(h->part_begin, other.part_begin);
            h->part_end = pat_max(h->part_end, other.part_end);
            pat_drop(p, k, k + 1);
            break;
        }
    }
}

static void rot_body(struct pat *p, const struct pat_node *node, pat_params params,
                     struct pat_span span)
{
    struct pat_span piece;
    int64_t places, cycle;

    if (!pat_as_whole(p, params[0], &places))
        return;
    while (pat_next_cycle(p, &span, &piece, &cycle)) {
        const uint32_t mark = p->n_haps;
        pat_eval(p, pat_arg(p, node, 1),
                 (struct pat_span){ ph_ratio_of(cycle), ph_ratio_of(cycle + 1) });
        if (pat_is_tidal(p))
            join_pieces(p, mark);
        rotate_values(p, mark, places);
        pat_clip(p, mark, piece);
    }
}

void pat_op_ROT(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, rot_body);
}

static void bite_body(struct pat *p, const struct pat_node *node, pat_params params,
                      struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    int64_t n, i;

    if (!pat_as_whole(p, params[0], &n) || n <= 0)
        return;
    pat_eval(p, pat_arg(p, node, 1), span);
    const uint32_t end = p->n_haps;
    for (uint32_t k = mark; k < end && p->status == PH_OK; k++) {
        const struct pat_hap h = p->haps[k];
        if (!h.has_whole || !pat_as_whole(p, h.value, &i))
            continue;
        const struct ph_ratio at = pat_fraction(p, pat_mod(i, n), n);
        const struct ph_ratio from = pat_add(p, at, ph_ratio_of(pat_floor(h.whole_begin)));
        const uint32_t top = p->n_haps;
        pat_squeeze_slice(p, pat_arg(p, node, 2), pat_part(&h), from,
                          pat_fraction(p, 1, n), h.whole_begin, h.whole_end);
        pat_cut_wholes(p, top, pat_whole(&h));
    }
    pat_drop(p, mark, end);
}

void pat_op_BITE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, bite_body);
}

void pat_op_INV(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const uint32_t mark = p->n_haps;

    pat_eval(p, pat_arg(p, node, 0), span);
    negate_above(p, mark);
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
