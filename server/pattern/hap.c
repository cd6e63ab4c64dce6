/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/hap.c - the stack of haps, and moving haps through time.                        */
/* room: none.                                                                                    */
#include <stdlib.h>
#include <string.h>

#include "server/pattern/eval.h"

enum { FIRST_SPACE = 256, SLOT_STEPS = 2 };

static bool grow(struct pat *p, uint32_t n)
{
    uint32_t space = p->space ? p->space * 2 : FIRST_SPACE;

    while (space < n)
        space *= 2;
    struct pat_hap *const haps = realloc(p->haps, space * sizeof *haps);

    if (!haps) {
        pat_fail(p, PH_NO_MEMORY);
        return false;
    }
    p->haps = haps;
    p->space = space;
    return true;
}

void pat_push(struct pat *p, const struct pat_hap *hap)
{
    const struct pat_hap copy = *hap; /* `hap` may lie on the stack that grows */

    if (p->status != PH_OK || !copy.value)
        return;
    if (p->haps_left == 0) {
        pat_fail(p, PH_BUDGET);
        return;
    }
    p->haps_left--;
    if (p->n_haps == p->space && !grow(p, p->n_haps + 1))
        return;
    p->haps[p->n_haps++] = copy;
}

struct pat_hap *pat_push_space(struct pat *p, uint32_t n)
{
    if (n > p->haps_left)
        pat_fail(p, PH_BUDGET);
    if (n == 0 || p->status != PH_OK || (p->space - p->n_haps < n && !grow(p, p->n_haps + n)))
        return NULL;
    p->haps_left -= n;
    p->n_haps += n;
    return &p->haps[p->n_haps - n];
}

void pat_drop(struct pat *p, uint32_t from, uint32_t to)
{
    if (to == from)
        return;
    memmove(&p->haps[from], &p->haps[to], (p->n_haps - to) * sizeof *p->haps);
    p->n_haps -= to - from;
}

bool pat_intersect(struct pat_span a, struct pat_span b, struct pat_span *out)
{
    out->begin = pat_max(a.begin, b.begin);
    out->end = pat_min(a.end, b.end);
    return pat_cmp(out->begin, out->end) < 0;
}

bool pat_next_cycle(struct pat *p, struct pat_span *rest, struct pat_span *piece, int64_t *cycle)
{
    if (!pat_step(p) || pat_cmp(rest->begin, rest->end) >= 0)
        return false;
    *cycle = pat_floor(rest->begin);
    piece->begin = rest->begin;
    piece->end = pat_min(rest->end, ph_ratio_of(*cycle + 1));
    rest->begin = piece->end;
    return true;
}

bool pat_next_slot(struct pat *p, struct ph_ratio n, struct pat_span *rest, struct pat_span *piece,
                   int64_t *slot, struct pat_span *whole)
{
    if (!pat_charge(p, SLOT_STEPS) || pat_cmp(rest->begin, rest->end) >= 0)
        return false;
    *slot = pat_floor(pat_mul(p, rest->begin, n));
    if (*slot == INT64_MAX) /* it has an end, too */
        p->overflow = true;
    if (p->overflow)
        return false;
    whole->begin = pat_div(p, ph_ratio_of(*slot), n);
    whole->end = pat_div(p, ph_ratio_of(*slot + 1), n);
    piece->begin = rest->begin;
    piece->end = pat_min(rest->end, whole->end);
    rest->begin = piece->end;
    return true;
}

void pat_pure(struct pat *p, const struct pat_value *value, struct pat_span span)
{
    const int64_t last = ph_ratio_ceil(span.end);

    for (int64_t c = pat_floor(span.begin); c < last && p->status == PH_OK; c++) {
        const struct ph_ratio begin = ph_ratio_of(c), end = ph_ratio_of(c + 1);
        pat_push(p, &(struct pat_hap){ true, begin, end, pat_max(begin, span.begin),
                                       pat_min(end, span.end), value });
    }
}

/* A map x -> to + (x - from) * scale. Haps come in sequence, so an end is often the next begin. */
struct affine {
    struct ph_ratio from, to, scale;
    bool shift_only;
    struct ph_ratio last_x, last_y;
};

static struct ph_ratio affine_at(struct pat *p, struct affine *m, struct ph_ratio x)
{
    if (x.num == m->last_x.num && x.den == m->last_x.den)
        return m->last_y;
    struct ph_ratio y;
    if (m->shift_only)
        y = pat_add(p, x, m->to);
    else
        y = pat_add(p, pat_mul(p, pat_sub(p, x, m->from), m->scale), m->to);
    m->last_x = x;
    m->last_y = y;
    return y;
}

void pat_map_times(struct pat *p, uint32_t mark, struct ph_ratio from, struct ph_ratio to,
                   struct ph_ratio scale)
{
    struct affine m = { from, to, scale, false, from, to };

    if (scale.num == scale.den) {
        m.shift_only = true;
        m.to = pat_sub(p, to, from);
        m.last_y = to;
        if (m.to.num == 0)
            return;
    }
    for (uint32_t i = mark; i < p->n_haps && p->status == PH_OK; i++) {
        struct pat_hap *const h = &p->haps[i];
        if (h->has_whole) {
            const bool onset = pat_cmp(h->whole_begin, h->part_begin) == 0;
            const bool complete = pat_cmp(h->whole_end, h->part_end) == 0;
            h->whole_begin = affine_at(p, &m, h->whole_begin);
            h->part_begin = onset ? h->whole_begin : affine_at(p, &m, h->part_begin);
            h->part_end = affine_at(p, &m, h->part_end);
            h->whole_end = complete ? h->part_end : affine_at(p, &m, h->whole_end);
        } else {
            h->part_begin = affine_at(p, &m, h->part_begin);
            h->part_end = affine_at(p, &m, h->part_end);
        }
    }
}

void pat_eval_affine(struct pat *p, const struct pat_node *child, struct pat_span span,
                     struct ph_ratio from, struct ph_ratio to, struct ph_ratio scale)
{
    const uint32_t mark = p->n_haps;
    const struct ph_ratio b = pat_sub(p, span.begin, to), e = pat_sub(p, span.end, to);
    struct pat_span inner;

    if (scale.num == scale.den)
        inner = (struct pat_span){ pat_add(p, b, from), pat_add(p, e, from) };
    else
        inner = (struct pat_span){ pat_add(p, pat_div(p, b, scale), from),
                                   pat_add(p, pat_div(p, e, scale), from) };
    pat_eval(p, child, inner);
    pat_map_times(p, mark, from, to, scale);
}

void pat_eval_late(struct pat *p, const struct pat_node *child, struct pat_span span,
                   struct ph_ratio shift)
{
    pat_eval_affine(p, child, span, PH_RATIO(0, 1), shift, PH_RATIO(1, 1));
}

void pat_squeeze(struct pat *p, const struct pat_node *child, struct pat_span span, int64_t cycle,
                 struct ph_ratio begin, struct ph_ratio end)
{
    if (child->constant)
        pat_push(p, &(struct pat_hap){ true, begin, end, span.begin, span.end, child->constant });
    else
        pat_eval_affine(p, child, span, ph_ratio_of(cycle), begin, pat_sub(p, end, begin));
}

void pat_squeeze_slice(struct pat *p, const struct pat_node *child, struct pat_span span,
                       struct ph_ratio from, struct ph_ratio length, struct ph_ratio begin,
                       struct ph_ratio end)
{
    const uint32_t mark = p->n_haps;

    if (pat_cmp(begin, end) >= 0 || length.num <= 0)
        return;
    const struct ph_ratio slot = pat_sub(p, end, begin), scale = pat_div(p, slot, length);
    pat_eval_affine(p, child, span, from, begin, scale);
    if (pat_is_tidal(p)) /* as if by a zoom, which goes by the cycle of each event's own begin */
        pat_by_own_cycle(p, mark, pat_sub(p, begin, pat_mul(p, pat_phase(from), scale)), scale, slot);
}

struct pat_span pat_reflect_span(struct pat *p, struct pat_span span, int64_t cycle)
{
    const struct ph_ratio mirror = ph_ratio_of(2 * cycle + 1);

    return (struct pat_span){ pat_sub(p, mirror, span.end), pat_sub(p, mirror, span.begin) };
}

void pat_reflect(struct pat *p, uint32_t mark, int64_t cycle)
{
    for (uint32_t i = mark; i < p->n_haps && p->status == PH_OK; i++) {
        struct pat_hap *const h = &p->haps[i];
        const struct pat_span part = pat_reflect_span(p, pat_part(h), cycle);
        h->part_begin = part.begin;
        h->part_end = part.end;
        if (h->has_whole) {
            const struct pat_span whole = pat_reflect_span(p, pat_whole(h), cycle);
            h->whole_begin = whole.begin;
            h->whole_end = whole.end;
        }
    }
}

void pat_sample(struct pat *p, const struct pat_node *child, struct pat_span whole,
                struct pat_span part, bool first_only)
{
    const uint32_t mark = p->n_haps;
    uint32_t kept = mark;
    struct pat_span span = whole;

    if (child->constant) {
        pat_push(p, &(struct pat_hap){ true, whole.begin, whole.end, part.begin, part.end,
                                       child->constant });
        return;
    }
    /* A signal is read in the middle of the event; of events only the beginning matters, so a long
       event need not look at every cycle it lasts. */
    if (!child->continuous)
        span.end = pat_min(whole.end, ph_ratio_of(pat_floor(whole.begin) + 1));
    pat_eval(p, child, span);
    for (uint32_t i = mark; i < p->n_haps && !(first_only && kept > mark); i++) {
        const struct pat_hap *const h = &p->haps[i];
        if (pat_cmp(h->part_begin, whole.begin) == 0)
            p->haps[kept++] = (struct pat_hap){ true,       whole.begin, whole.end,
                                                part.begin, part.end,    h->value };
    }
    p->n_haps = kept;
}

/** Keeps the haps above `mark` that have, or have no, whole. */
static void keep_kind(struct pat *p, uint32_t mark, bool has_whole)
{
    uint32_t kept = mark;

    for (uint32_t i = mark; i < p->n_haps; i++)
        if (p->haps[i].has_whole == has_whole)
            p->haps[kept++] = p->haps[i];
    p->n_haps = kept;
}

void pat_eval_wider(struct pat *p, const struct pat_node *child, struct pat_span span,
                    struct ph_ratio before, struct ph_ratio after)
{
    const uint32_t mark = p->n_haps;

    pat_eval(p, child,
             (struct pat_span){ pat_sub(p, span.begin, before), pat_add(p, span.end, after) });
    if (!child->continuous)
        return;
    /* A signal does not move, and its value hangs on the span it is asked for. */
    keep_kind(p, mark, true);
    const uint32_t signals = p->n_haps;
    pat_eval(p, child, span);
    keep_kind(p, signals, false);
}

void pat_clip(struct pat *p, uint32_t mark, struct pat_span span)
{
    uint32_t kept = mark;

    for (uint32_t i = mark; i < p->n_haps; i++) {
        struct pat_span part;
        if (!pat_intersect(pat_part(&p->haps[i]), span, &part))
            continue;
        p->haps[kept] = p->haps[i];
        p->haps[kept].part_begin = part.begin;
        p->haps[kept++].part_end = part.end;
    }
    p->n_haps = kept;
}
