/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/rearrange.c - events repeated, moved and exchanged inside their cycle.          */
/* room: none.                                                                                    */
#include <string.h>

#include "server/pattern/eval.h"

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
