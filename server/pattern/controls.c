/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/controls.c - maps of controls, and the operations that cut samples into slices. */
/* room: none. Controls are sorted by key; interned keys compare by address (see keys_pack()).    */
#include <string.h>

#include "server/pattern/eval.h"

const struct ph_value *pat_get(const struct pat_value *value, const char *key)
{
    for (uint32_t i = 0; i < value->n_controls; i++)
        if (value->controls[i].key == key)
            return &value->controls[i].value;
    return NULL;
}

/** New controls with space for `n`; NULL when memory is out. */
static struct pat_control *controls_new(struct pat *p, uint32_t n, struct pat_value **value)
{
    struct pat_value *const v = pat_alloc(p, sizeof *v);
    struct pat_control *const list = pat_alloc(p, n * sizeof *list + 1);

    if (!v || !list)
        return NULL;
    *v = (struct pat_value){ .is_controls = true, .controls = list };
    *value = v;
    return list;
}

static const struct ph_value nothing = { .kind = PH_VALUE_RATIO, .ratio = { 0, 1 } };

/** A key that only the right has: added; what is subtracted from nothing is negative. */
static struct ph_value only_right(enum ph_pattern_op op, const struct ph_value *right)
{
    return op == PH_PAT_SUB && pat_is_number(right) ? pat_arith(PH_PAT_SUB, &nothing, right)
                                                    : *right;
}

static const struct pat_value *merge(struct pat *p, enum ph_pattern_op op,
                                     const struct pat_value *left,
                                     const struct pat_control *right, uint32_t n_right)
{
    struct pat_value *value;
    struct pat_control *const out = controls_new(p, left->n_controls + n_right, &value);
    uint32_t n = 0, l = 0, r = 0;

    if (!out)
        return NULL;
    while (l < left->n_controls || r < n_right) {
        const struct pat_control *const a = &left->controls[l], *const b = &right[r];
        if (r == n_right || (l < left->n_controls && a->key < b->key)) {
            out[n++] = *a;
            l++;
        } else if (l == left->n_controls || b->key < a->key) {
            out[n++] = (struct pat_control){ b->key, only_right(op, &b->value) };
            r++;
        } else {
            out[n++] = (struct pat_control){ a->key, op == PH_PAT_UNION
                                                         ? b->value
                                                         : pat_arith(op, &a->value, &b->value) };
            l++;
            r++;
        }
    }
    value->n_controls = n;
    return value;
}

const struct pat_value *pat_merge(struct pat *p, enum ph_pattern_op op,
                                  const struct pat_value *left, const struct pat_value *right)
{
    return merge(p, op, left, right->controls, right->n_controls);
}

const struct pat_value *pat_set(struct pat *p, const struct pat_value *value,
                                const struct pat_control *controls, uint32_t n)
{
    return value->is_controls ? merge(p, PH_PAT_UNION, value, controls, n) : value;
}

const struct pat_value *pat_change(struct pat *p, enum ph_pattern_op op, const char *key,
                                   const struct pat_value *value, const struct pat_value *x)
{
    struct pat_control control = { .key = key };

    if (!value->is_controls || x->is_controls)
        return value;
    const struct ph_value *const old = pat_get(value, key);
    control.value = old ? pat_arith(op, old, &x->plain) : only_right(op, &x->plain);
    return pat_set(p, value, &control, 1);
}

/** "bd:3": the word and its index. @return false when `text` is not of this form */
static bool split_word(struct pat *p, const char *text, struct pat_control *out)
{
    const char *const colon = strchr(text, ':');
    struct ph_ratio index;

    if (!colon || ph_ratio_parse(colon + 1, strlen(colon + 1), &index) != PH_OK)
        return false;
    const size_t length = (size_t)(colon - text);
    char *const word = pat_alloc(p, length + 1);
    if (!word)
        return false;
    memcpy(word, text, length);
    word[length] = '\0';
    out[0] = (struct pat_control){ p->keys.n, pat_ratio_value(index) };
    out[1] = (struct pat_control){ p->keys.s, pat_word_value(word) };
    return true;
}

const struct pat_value *pat_param_value(struct pat *p, const char *key,
                                        const struct pat_value *value)
{
    const struct pat_value empty = { .is_controls = true };
    struct pat_control controls[2] = { { key, value->plain } };

    if (value->is_controls)
        return value;
    if (key == p->keys.s && value->plain.kind == PH_VALUE_WORD &&
        split_word(p, value->plain.text, controls))
        return pat_set(p, &empty, controls, 2);
    return pat_set(p, &empty, controls, 1);
}

/* ---- slices of a sample ---------------------------------------------------------------------- */

static const struct pat_value *set_slice(struct pat *p, const struct pat_value *value,
                                         struct ph_value begin, struct ph_value end)
{
    return pat_set(p, value,
                   (struct pat_control[]){ { p->keys.begin, begin }, { p->keys.end, end } }, 2);
}

const struct pat_value *pat_subdivide(struct pat *p, const struct pat_value *value, int64_t i,
                                      int64_t n)
{
    if (!value->is_controls)
        return value;
    const struct ph_value *const begin = pat_get(value, p->keys.begin);
    const struct ph_value *const end = pat_get(value, p->keys.end);
    if (!begin && !end) /* the usual case: a whole sample */
        return set_slice(p, value, pat_ratio_value(pat_fraction(p, i, n)),
                         pat_ratio_value(pat_fraction(p, i + 1, n)));
    const struct ph_value from = begin ? *begin : nothing;
    const struct ph_value to = end ? *end : pat_ratio_value(ph_ratio_of(1));
    const struct ph_value width = pat_arith(PH_PAT_SUB, &to, &from);
    const struct ph_value at = pat_ratio_value(pat_fraction(p, i, n));
    const struct ph_value next = pat_ratio_value(pat_fraction(p, i + 1, n));
    const struct ph_value offset = pat_arith(PH_PAT_MUL, &width, &at);
    const struct ph_value next_offset = pat_arith(PH_PAT_MUL, &width, &next);

    return set_slice(p, value, pat_arith(PH_PAT_ADD, &from, &offset),
                     pat_arith(PH_PAT_ADD, &from, &next_offset));
}

/** Pushes the pieces of one event that touch its part. */
static void chop_hap(struct pat *p, const struct pat_hap *h, int64_t n)
{
    const struct ph_ratio length = pat_sub(p, h->whole_end, h->whole_begin);
    const struct ph_ratio step = pat_div(p, length, ph_ratio_of(n));
    const struct ph_ratio done = pat_sub(p, h->part_begin, h->whole_begin);

    for (int64_t i = pat_floor(pat_div(p, done, step)); i < n && pat_step(p); i++) {
        const struct pat_span piece = {
            pat_add(p, pat_mul(p, step, ph_ratio_of(i)), h->whole_begin),
            i + 1 == n ? h->whole_end
                       : pat_add(p, pat_mul(p, step, ph_ratio_of(i + 1)), h->whole_begin)
        };
        struct pat_span part;
        if (pat_cmp(piece.begin, h->part_end) >= 0)
            return;
        if (pat_intersect(piece, pat_part(h), &part))
            pat_push(p, &(struct pat_hap){ true, piece.begin, piece.end, part.begin, part.end,
                                           pat_subdivide(p, h->value, i, n) });
    }
}

static void chop_body(struct pat *p, const struct pat_node *node, pat_params params,
                      struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    int64_t n;

    if (!pat_as_whole(p, params[0], &n) || n <= 0)
        return;
    pat_eval(p, pat_arg(p, node, 1), span);
    const uint32_t end = p->n_haps;
    for (uint32_t i = mark; i < end && pat_step(p); i++) {
        const struct pat_hap h = p->haps[i];
        if (h.has_whole)
            chop_hap(p, &h, n);
        else
            pat_push(p, &h);
    }
    pat_drop(p, mark, end);
}

void pat_op_CHOP(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, chop_body);
}

static void striate_body(struct pat *p, const struct pat_node *node, pat_params params,
                         struct pat_span span)
{
    struct pat_span piece, slot;
    int64_t n, k;

    if (!pat_as_whole(p, params[0], &n) || n <= 0)
        return;
    while (pat_next_slot(p, ph_ratio_of(n), &span, &piece, &k, &slot)) {
        const uint32_t mark = p->n_haps;
        pat_squeeze(p, pat_arg(p, node, 1), piece, pat_floor_div(k, n), slot.begin, slot.end);
        for (uint32_t i = mark; i < p->n_haps; i++) {
            const struct pat_value *const value =
                pat_subdivide(p, p->haps[i].value, pat_mod(k, n), n);
            if (!value)
                return;
            p->haps[i].value = value;
        }
    }
}

void pat_op_STRIATE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, striate_body);
}

/** Slot of n a cycle that a hap of cycle `cycle` fills; -1 when it fills none. */
static int64_t slot_filled(struct pat *p, const struct pat_hap *h, int64_t cycle, int64_t n)
{
    if (!h->has_whole || !pat_has_onset(h) || pat_floor(h->whole_begin) != cycle)
        return -1;
    const struct ph_ratio begin = pat_mul(p, pat_phase(h->whole_begin), ph_ratio_of(n));
    const struct ph_ratio length =
        pat_mul(p, pat_sub(p, h->whole_end, h->whole_begin), ph_ratio_of(n));

    return begin.den == 1 && pat_cmp(length, ph_ratio_of(1)) == 0 ? begin.num : -1;
}

/** Whether cycle `cycle` of `child` is exactly n events, one in each n-th. */
static bool is_sliced(struct pat *p, const struct pat_node *child, int64_t cycle, int64_t n)
{
    const uint32_t mark = p->n_haps;
    bool fits;

    pat_eval(p, child, (struct pat_span){ ph_ratio_of(cycle), ph_ratio_of(cycle + 1) });
    fits = p->n_haps - mark == (uint64_t)n;
    uint8_t *const seen = fits ? pat_alloc(p, (size_t)n) : NULL;
    fits = seen != NULL;
    if (fits)
        memset(seen, 0, (size_t)n);
    for (uint32_t i = mark; i < p->n_haps && fits; i++) {
        const int64_t slot = slot_filled(p, &p->haps[i], cycle, n);
        fits = slot >= 0 && !seen[slot];
        if (fits)
            seen[slot] = 1;
    }
    p->n_haps = mark;
    return fits;
}

/** Sets slice i of n, and for `splice` the speed that fits it to `length` cycles. */
static const struct pat_value *sliced(struct pat *p, const struct pat_value *value, int64_t i,
                                      int64_t n, const struct ph_ratio *length)
{
    const struct ph_value begin = pat_ratio_value(pat_fraction(p, i, n));
    const struct ph_value end = pat_ratio_value(pat_fraction(p, i + 1, n));

    value = set_slice(p, value, begin, end);
    if (!length || !value || !value->is_controls)
        return value;
    const struct ph_ratio fit = pat_div(p, pat_fraction(p, 1, n), *length);
    const struct ph_value *const speed = pat_get(value, p->keys.speed);
    struct ph_value fitted = pat_ratio_value(fit);
    if (speed)
        fitted = pat_arith(PH_PAT_MUL, speed, &fitted);
    return pat_set(p, value,
                   (struct pat_control[]){ { p->keys.speed, fitted },
                                           { p->keys.unit, pat_word_value("c") } }, 2);
}

/** One event of the index: what `child` plays at its onset, as slice i. */
static void slice_hap(struct pat *p, const struct pat_node *child, const struct pat_hap *index,
                      int64_t i, int64_t n, bool fit)
{
    const uint32_t mark = p->n_haps;
    const struct ph_ratio length = pat_sub(p, index->whole_end, index->whole_begin);

    pat_sample(p, child, pat_whole(index), pat_part(index), false);
    for (uint32_t k = mark; k < p->n_haps; k++) {
        const struct pat_value *const value =
            sliced(p, p->haps[k].value, i, n, fit ? &length : NULL);
        if (!value)
            return;
        p->haps[k].value = value;
    }
}

/** A signal as index leaves the structure to the child, and is read over each of its events. */
static void slice_by_signal(struct pat *p, const struct pat_node *node, struct pat_span span,
                            int64_t n, bool fit)
{
    const uint32_t mark = p->n_haps;
    uint32_t kept = mark;
    int64_t i;

    pat_eval(p, pat_arg(p, node, 2), span);
    const uint32_t end = p->n_haps;
    for (uint32_t k = mark; k < end && p->status == PH_OK; k++) {
        struct pat_hap h = p->haps[k];
        const struct pat_span whole = pat_whole_or_part(&h);
        const struct ph_ratio length = pat_sub(p, whole.end, whole.begin);
        pat_eval(p, pat_arg(p, node, 1), whole);
        const bool found = p->n_haps > end && pat_as_whole(p, p->haps[end].value, &i);
        p->n_haps = end;
        if (!found)
            continue;
        h.value = sliced(p, h.value, pat_mod(i, n), n, fit ? &length : NULL);
        if (!h.value)
            return;
        p->haps[kept++] = h;
    }
    p->n_haps = kept;
}

static void slice(struct pat *p, const struct pat_node *node, pat_params params,
                  struct pat_span span, bool fit)
{
    const struct pat_node *const child = pat_arg(p, node, 2);
    const uint32_t mark = p->n_haps;
    int64_t n, i, known = INT64_MAX;
    bool whole_events = false;

    if (!pat_as_whole(p, params[0], &n) || n <= 0)
        return;
    pat_eval(p, pat_arg(p, node, 1), span);
    const uint32_t end = p->n_haps;
    for (uint32_t k = mark; k < end && p->status == PH_OK; k++) {
        const struct pat_hap h = p->haps[k];
        if (!pat_as_whole(p, h.value, &i))
            continue;
        if (!h.has_whole) {
            slice_by_signal(p, node, pat_part(&h), n, fit);
            continue;
        }
        i = pat_mod(i, n);
        const int64_t cycle = pat_floor(h.whole_begin);
        if (!fit && cycle != known) {
            whole_events = is_sliced(p, child, cycle, n);
            known = cycle;
        }
        if (fit || !whole_events) {
            slice_hap(p, child, &h, i, n, fit);
            continue;
        }
        const struct ph_ratio at = pat_fraction(p, i, n);
        pat_squeeze_slice(p, child, pat_part(&h), pat_add(p, at, ph_ratio_of(cycle)),
                          pat_fraction(p, 1, n), h.whole_begin, h.whole_end);
    }
    pat_drop(p, mark, end);
}

static void slice_body(struct pat *p, const struct pat_node *node, pat_params params,
                       struct pat_span span)
{
    slice(p, node, params, span, false);
}

void pat_op_SLICE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, slice_body);
}

static void splice_body(struct pat *p, const struct pat_node *node, pat_params params,
                        struct pat_span span)
{
    slice(p, node, params, span, true);
}

void pat_op_SPLICE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, splice_body);
}
