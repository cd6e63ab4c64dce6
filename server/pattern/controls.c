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
static const struct ph_value one = { .kind = PH_VALUE_RATIO, .number = 1, .ratio = { 1, 1 } };
static const struct ph_value no_int = { .kind = PH_VALUE_INT, .ratio = { 0, 1 } };

/** A key that only the right has: added; as if the left had nothing, or in Tidal 1 to divide. */
static struct ph_value only_right(const struct pat *p, enum ph_pattern_op op,
                                  const struct ph_value *right)
{
    if (op == PH_PAT_SUB && pat_is_number(right))
        return pat_arith(PH_PAT_SUB, right->kind == PH_VALUE_INT ? &no_int : &nothing, right);
    if (op == PH_PAT_DIV && pat_is_number(right) && right->kind != PH_VALUE_INT && pat_is_tidal(p))
        return pat_arith(PH_PAT_DIV, &one, right);
    return *right;
}

/** Keys whose numbers Tidal tells from others: as notes. */
static bool is_note_key(const struct pat *p, const char *key)
{
    return key == p->keys.n || key == p->keys.note || strcmp(key, "up") == 0;
}

/** What both have. Tidal knows no sum of a whole number and a note, and keeps the left. */
static struct ph_value both(const struct pat *p, enum ph_pattern_op op, const char *key,
                            const struct ph_value *left, const struct ph_value *right)
{
    if (op == PH_PAT_UNION)
        return *right;
    if (op == PH_PAT_UNION_LEFT ||
        (is_note_key(p, key) && (left->kind == PH_VALUE_INT) != (right->kind == PH_VALUE_INT) &&
         (left->kind == PH_VALUE_NUMBER || right->kind == PH_VALUE_NUMBER)))
        return *left;
    /* Tidal multiplies by the reciprocal, and whole numbers are their own. */
    if (op == PH_PAT_DIV && right->kind == PH_VALUE_INT)
        op = PH_PAT_MUL;
    return pat_arith(op, left, right);
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
        const struct pat_control *const a = l < left->n_controls ? &left->controls[l] : NULL;
        const struct pat_control *const b = r < n_right ? &right[r] : NULL;
        if (!b || (a && a->key < b->key)) {
            out[n++] = *a;
            l++;
        } else if (!a || b->key < a->key) {
            out[n++] = (struct pat_control){ b->key, only_right(p, op, &b->value) };
            r++;
        } else {
            out[n++] = (struct pat_control){ a->key, both(p, op, a->key, &a->value, &b->value) };
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
    control.value = old ? pat_arith(op, old, &x->plain) : only_right(p, op, &x->plain);
    return pat_set(p, value, &control, 1);
}

/** The first `length` bytes of a text, as a value. NULL text without memory. */
static struct ph_value word_start(struct pat *p, const char *text, size_t length)
{
    char *const word = pat_alloc(p, length + 1);

    if (word) {
        memcpy(word, text, length);
        word[length] = '\0';
    }
    return pat_word_value(word);
}

/**
 * "bd:3": the word and its index. In .ph a text that is not of this form is one word; in Tidal what
 * is no number is left out.
 * @return controls written: 1 or 2, 0 without memory
 */
static uint32_t split_word(struct pat *p, const char *text, struct pat_control *out)
{
    const char *const colon = strchr(text, ':');
    struct ph_ratio index;

    out[0] = (struct pat_control){ p->keys.s, pat_word_value(text) };
    if (!colon)
        return 1;
    const size_t length = pat_is_tidal(p) ? strcspn(colon + 1, ":") : strlen(colon + 1);
    const bool has_index = ph_ratio_parse(colon + 1, length, &index) == PH_OK;
    if (!has_index && !pat_is_tidal(p))
        return 1;
    const struct ph_value word = word_start(p, text, (size_t)(colon - text));
    if (!word.text)
        return 0;
    out[has_index] = (struct pat_control){ p->keys.s, word };
    if (has_index)
        out[0] = (struct pat_control){ p->keys.n, pat_ratio_value(index) };
    return has_index ? 2 : 1;
}

const struct pat_value *pat_param_value(struct pat *p, const char *key,
                                        const struct pat_value *value)
{
    static const struct pat_value empty = { .is_controls = true };
    struct pat_control controls[2] = { { key, value->plain } };
    uint32_t n = 1;

    if (value->is_controls)
        return value;
    if (key == p->keys.s && value->plain.kind == PH_VALUE_WORD)
        n = split_word(p, value->plain.text, controls);
    return n > 0 ? pat_set(p, &empty, controls, n) : NULL;
}

/* ---- events that match ----------------------------------------------------------------------- */

/** A number of a note matches a note only; other numbers match whatever their kind. */
static bool control_matches(const struct pat *p, const struct pat_control *wanted,
                            const struct pat_value *value)
{
    const struct ph_value *const found = pat_get(value, wanted->key);

    if (!found)
        return false;
    if (is_note_key(p, wanted->key) &&
        (found->kind == PH_VALUE_NUMBER) != (wanted->value.kind == PH_VALUE_NUMBER))
        return false;
    return pat_equal(&wanted->value, found);
}

static bool value_matches(const struct pat *p, const struct pat_value *wanted,
                          const struct pat_value *value)
{
    if (!wanted->is_controls || !value->is_controls)
        return wanted->is_controls == value->is_controls &&
               pat_equal(&wanted->plain, &value->plain);
    for (uint32_t i = 0; i < wanted->n_controls; i++)
        if (!control_matches(p, &wanted->controls[i], value))
            return false;
    return true;
}

void pat_op_MATCH(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const bool wanted = !pat_is_true(pat_imm(p, node, 0));
    const uint32_t mark = p->n_haps;
    uint32_t kept = mark;

    pat_eval(p, pat_arg(p, node, 1), span);
    const uint32_t end = p->n_haps;
    for (uint32_t i = mark; i < end && pat_step(p); i++) {
        const struct pat_hap h = p->haps[i];
        const struct pat_span whole = pat_whole_or_part(&h);
        bool matches = false;
        pat_sample(p, pat_arg(p, node, 0), whole, whole, false);
        for (uint32_t k = end; k < p->n_haps; k++)
            matches = matches || value_matches(p, p->haps[k].value, h.value);
        p->n_haps = end;
        if (matches == wanted)
            p->haps[kept++] = h;
    }
    p->n_haps = kept;
}

/* ---- slices of a sample ---------------------------------------------------------------------- */

static const struct pat_value *set_slice(struct pat *p, const struct pat_value *value,
                                         struct ph_value begin, struct ph_value end)
{
    return pat_set(p, value,
                   (struct pat_control[]){ { p->keys.begin, begin }, { p->keys.end, end } }, 2);
}

static const struct pat_value *subdivide(struct pat *p, const struct pat_value *value, int64_t i,
                                         int64_t n)
{
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

const struct pat_value *pat_subdivide(struct pat *p, const struct pat_value *value, int64_t i,
                                      int64_t n)
{
    const struct pat_memo_key key = { p->keys.begin, value, NULL, i, n };

    if (!value->is_controls)
        return value;
    const struct pat_value *result = pat_recall(p, &key);
    if (!result) {
        struct pat_arena *const own = pat_recall_begin(p, &key);
        result = subdivide(p, value, i, n);
        pat_remember(p, &key, own, result);
    }
    return result;
}

/** Pushes the pieces of one event that touch its part. */
static void chop_hap(struct pat *p, const struct pat_hap *h, int64_t n)
{
    const struct ph_ratio length = pat_sub(p, h->whole_end, h->whole_begin);
    const struct ph_ratio step = pat_div(p, length, ph_ratio_of(n));
    const struct ph_ratio done = pat_sub(p, h->part_begin, h->whole_begin);
    int64_t i = done.num <= 0 ? 0 : pat_floor(pat_div(p, done, step));
    const struct pat_row row = pat_row_of(h->whole_begin, step, n);
    const bool is_complete = done.num == 0 && pat_cmp(h->part_end, h->whole_end) == 0;
    struct ph_ratio begin = pat_row_at(p, &row, i);

    for (; i < n && pat_step(p) && (is_complete || pat_cmp(begin, h->part_end) < 0); i++) {
        const struct ph_ratio end = i + 1 == n ? h->whole_end : pat_row_at(p, &row, i + 1);
        struct pat_span part = { begin, end };
        if (is_complete || pat_intersect(part, pat_part(h), &part))
            pat_push(p, &(struct pat_hap){ true, begin, end, part.begin, part.end,
                                           pat_subdivide(p, h->value, i, n) });
        begin = end;
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
        else if (!pat_is_tidal(p))
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

static void striate_by_body(struct pat *p, const struct pat_node *node, pat_params params,
                            struct pat_span span)
{
    struct pat_span piece, slot;
    int64_t n, k;
    double x;

    if (!pat_as_whole(p, params[0], &n) || n <= 0 || !pat_as_double(params[1], &x))
        return;
    while (pat_next_slot(p, ph_ratio_of(n), &span, &piece, &k, &slot)) {
        const double from = (1 - x) / (double)n * (double)pat_mod(k, n);
        const uint32_t mark = p->n_haps;
        pat_squeeze(p, pat_arg(p, node, 2), piece, pat_floor_div(k, n), slot.begin, slot.end);
        if (pat_is_tidal(p))
            pat_keep_inside(p, mark);
        for (uint32_t i = mark; i < p->n_haps; i++) {
            const struct pat_value *const value = set_slice(
                p, p->haps[i].value, pat_number_value(from), pat_number_value(from + x));
            if (!value)
                return;
            p->haps[i].value = value;
        }
    }
}

void pat_op_STRIATE_BY(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 2, span, striate_by_body);
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

/** The same for Tidal: begin and end of the event's own win; unit is set, speed multiplied. */
static const struct pat_value *slice_under(struct pat *p, const struct pat_value *value,
                                           int64_t from, int64_t to, int64_t n,
                                           const struct ph_ratio *length)
{
    static const struct pat_value empty = { .is_controls = true };
    /* Tidal takes 1 mod n for the length of a slice: there is none where n is 1. */
    const struct ph_ratio begin = pat_fraction(p, from, n);
    const struct ph_ratio end =
        pat_add(p, pat_fraction(p, to, n), pat_fraction(p, pat_mod(1, n), n));
    const struct pat_value *const under =
        set_slice(p, &empty, pat_ratio_value(begin), pat_ratio_value(end));

    if (!under || !value->is_controls)
        return under ? value : NULL;
    value = pat_merge(p, PH_PAT_UNION, under, value);
    if (!length || !value)
        return value;
    const struct ph_ratio fit = pat_div(p, pat_fraction(p, 1, n), *length);
    const struct ph_value *const speed = pat_get(value, p->keys.speed);
    struct ph_value fitted = pat_ratio_value(fit);
    if (speed && (speed->kind == PH_VALUE_NUMBER || speed->kind == PH_VALUE_RATIO))
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

/** What the child has while `h` lasts, from slice `from` to the end of slice `to`. */
static void slice_fragments(struct pat *p, const struct pat_node *child, const struct pat_hap *h,
                            int64_t from, int64_t to, int64_t n, bool fit)
{
    const struct pat_span whole = pat_whole_or_part(h);
    const struct ph_ratio length = pat_sub(p, whole.end, whole.begin);
    const uint32_t mark = p->n_haps;

    pat_fragments(p, child, h);
    for (uint32_t i = mark; i < p->n_haps; i++) {
        const struct pat_value *const value = slice_under(p, p->haps[i].value, pat_mod(from, n),
                                                          pat_mod(to, n), n, fit ? &length : NULL);
        if (!value)
            return;
        p->haps[i].value = value;
    }
}

/**
 * Tidal: the index's events with slice i of n, and what the child has while they last over it. The
 * begin of a slice comes from an event, its end from each that sounds with it.
 */
static void slice_of_index(struct pat *p, const struct pat_node *node, pat_params params,
                           struct pat_span span, bool fit)
{
    const struct pat_node *const child = pat_arg(p, node, 2);
    const uint32_t mark = p->n_haps;
    int64_t n, from, to;

    if (!pat_as_whole(p, params[0], &n) || n <= 0)
        return;
    pat_eval(p, pat_arg(p, node, 1), span);
    const uint32_t end = p->n_haps;
    for (uint32_t k = mark; k < end && pat_charge(p, (end - mark) / 8 + 1); k++)
        for (uint32_t m = mark; m < end && p->status == PH_OK; m++) {
            struct pat_hap h = p->haps[k];
            struct pat_span part;
            if (!pat_intersect(pat_part(&h), pat_part(&p->haps[m]), &part) ||
                !pat_as_whole(p, h.value, &from) || !pat_as_whole(p, p->haps[m].value, &to))
                continue;
            h.part_begin = part.begin;
            h.part_end = part.end;
            slice_fragments(p, child, &h, from, to, n, fit);
        }
    pat_drop(p, mark, end);
}

static void slice_body(struct pat *p, const struct pat_node *node, pat_params params,
                       struct pat_span span)
{
    if (pat_is_tidal(p))
        slice_of_index(p, node, params, span, false);
    else
        slice(p, node, params, span, false);
}

void pat_op_SLICE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, slice_body);
}

static void splice_body(struct pat *p, const struct pat_node *node, pat_params params,
                        struct pat_span span)
{
    if (pat_is_tidal(p))
        slice_of_index(p, node, params, span, true);
    else
        slice(p, node, params, span, true);
}

void pat_op_SPLICE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, splice_body);
}

/* ---- slices of a pattern, as fast as they get short ------------------------------------------ */

/** Multiplies `speed` of the haps above `mark`; where it is missing, it is added. */
static void speed_up(struct pat *p, uint32_t mark, struct ph_ratio factor)
{
    const struct pat_value *const x = pat_plain(p, pat_ratio_value(factor));

    for (uint32_t i = mark; i < p->n_haps && x; i++) {
        p->haps[i].value = pat_change(p, PH_PAT_MUL, p->keys.speed, p->haps[i].value, x);
        if (!p->haps[i].value)
            return;
    }
}

static void chew_body(struct pat *p, const struct pat_node *node, pat_params params,
                      struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    int64_t n, i;

    if (!pat_as_whole(p, params[0], &n) || n <= 0)
        return;
    pat_eval(p, pat_arg(p, node, 1), span);
    const uint32_t end = p->n_haps;
    for (uint32_t k = mark; k < end && pat_step(p); k++) {
        const struct pat_hap h = p->haps[k];
        if (!h.has_whole || !pat_as_whole(p, h.value, &i))
            continue;
        const uint32_t top = p->n_haps;
        const struct ph_ratio at = pat_fraction(p, pat_mod(i, n), n);
        const struct ph_ratio length = pat_sub(p, h.whole_end, h.whole_begin);
        pat_squeeze_slice(p, pat_arg(p, node, 2), pat_part(&h),
                          pat_add(p, at, ph_ratio_of(pat_floor(h.whole_begin))),
                          pat_fraction(p, 1, n), h.whole_begin, h.whole_end);
        pat_cut_wholes(p, top, pat_whole(&h));
        speed_up(p, top, pat_div(p, pat_div(p, PH_RATIO(1, 1), length), ph_ratio_of(n)));
    }
    pat_drop(p, mark, end);
}

void pat_op_CHEW(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, chew_body);
}
