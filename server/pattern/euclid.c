/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/euclid.c - Euclidean rhythms: Bjorklund's distribution, of events and of        */
/* truths.                                                                                        */
/* room: none.                                                                                    */
#include <string.h>

#include "server/pattern/eval.h"

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
        !pat_as_whole(p, params[2], &rotation) || n == 0 || k == 0 || k == INT64_MIN ||
        (k < 0 ? -k : k) <= n)
        return false;
    const struct ph_ratio turn = pat_div(p, ph_ratio_of(rotation), ph_ratio_of(n));
    span = (struct pat_span){ pat_add(p, span.begin, turn), pat_add(p, span.end, turn) };
    while (pat_next_slot(p, ph_ratio_of(k < 0 ? -k : k), &span, &piece, &step, &slot)) {
        const uint32_t mark = p->n_haps;
        const struct pat_span at = { pat_sub(p, slot.begin, turn), pat_sub(p, slot.end, turn) };
        const struct pat_span in = { pat_sub(p, piece.begin, turn), pat_sub(p, piece.end, turn) };
        euclid_bool_step(p, pat_arg(p, node, 3), turn, at, in);
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

void pat_op_INV(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const uint32_t mark = p->n_haps;

    pat_eval(p, pat_arg(p, node, 0), span);
    negate_above(p, mark);
}
