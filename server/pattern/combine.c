/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/combine.c - two values or patterns made one, and values mapped where they       */
/* stand.                                                                                         */
/* room: none.                                                                                    */
#include <math.h>
#include <string.h>

#include "server/pattern/eval.h"

enum { WORD_BYTES_MAX = 4096 }; /* of words put together */
enum { MAPPED = 3 };             /* structure of an operator whose right side has no time */

/* ---- two values ------------------------------------------------------------------------------ */

/**
 * Controls and a number: + and - transpose, * and / change the level. An event that has `n` but
 * nothing to select with it (no `s`) takes its pitch from `n`.
 */
static const struct pat_value *controls_and_plain(struct pat *p, enum ph_pattern_op op,
                                                  const struct pat_value *controls,
                                                  const struct pat_value *plain)
{
    const char *key = p->keys.note;

    if (op == PH_PAT_MUL || op == PH_PAT_DIV)
        key = p->keys.gain;
    else if (!pat_get(controls, p->keys.note) && pat_get(controls, p->keys.n) &&
             !pat_get(controls, p->keys.s))
        key = p->keys.n;
    return pat_change(p, op, key, controls, plain);
}

static const struct pat_value *arith_values(struct pat *p, enum ph_pattern_op op,
                                            const struct pat_value *left,
                                            const struct pat_value *right)
{
    if (left->is_controls && right->is_controls)
        return pat_merge(p, op, left, right);
    if (left->is_controls)
        return controls_and_plain(p, op, left, right);
    if (right->is_controls)
        return op == PH_PAT_ADD || op == PH_PAT_MUL ? controls_and_plain(p, op, right, left)
                                                    : right;
    return pat_plain(p, pat_arith(op, &left->plain, &right->plain));
}

static const struct pat_value *concatenated(struct pat *p, const struct pat_value *left,
                                            const struct pat_value *right)
{
    if (left->is_controls || right->is_controls || left->plain.kind != PH_VALUE_WORD ||
        right->plain.kind != PH_VALUE_WORD)
        return left;
    const size_t length = strlen(left->plain.text), more = strlen(right->plain.text) + 1;
    if (length + more > WORD_BYTES_MAX) {
        pat_fail(p, PH_BUDGET);
        return NULL;
    }
    char *const text = pat_alloc(p, length + more);
    if (!text)
        return NULL;
    memcpy(text, left->plain.text, length);
    memcpy(text + length, right->plain.text, more);
    return pat_plain(p, pat_word_value(text));
}

static const struct pat_value *combine(struct pat *p, const struct pat_node *node,
                                       const struct pat_value *left,
                                       const struct pat_value *right)
{
    switch (node->op) {
    case PH_PAT_KEEP:
        return left;
    case PH_PAT_UNION_LEFT:
        return left->is_controls && right->is_controls
                   ? pat_merge(p, PH_PAT_UNION_LEFT, left, right)
                   : left;
    case PH_PAT_SET:
    case PH_PAT_UNION:
        return left->is_controls && right->is_controls ? pat_merge(p, PH_PAT_UNION, left, right)
                                                       : right;
    case PH_PAT_CONCAT:
        return concatenated(p, left, right);
    case PH_PAT_MATH:
        return pat_math_value(p, node, left);
    case PH_PAT_TO_SCALE:
        return pat_scale_value(p, node, left);
    case PH_PAT_PERLIN_WITH:
        return pat_perlin_value(p, left, NULL);
    case PH_PAT_PERLIN2_WITH:
        return pat_perlin_value(p, left, right);
    case PH_PAT_PARAM:
        return pat_param_value(p, node->key, left);
    case PH_PAT_PARAM_MUL:
        return pat_change(p, PH_PAT_MUL, node->key, left, right);
    case PH_PAT_PARAM_ADD:
        return pat_change(p, PH_PAT_ADD, node->key, left, right);
    default:
        return arith_values(p, (enum ph_pattern_op)node->op, left, right);
    }
}

const struct pat_value *pat_combine(struct pat *p, const struct pat_node *node,
                                    const struct pat_value *left, const struct pat_value *right)
{
    const struct pat_memo_key key = { node, left, right, 0, 0 };
    const struct pat_value *result = pat_recall(p, &key);

    if (!result) {
        struct pat_arena *const own = pat_recall_begin(p, &key);
        result = combine(p, node, left, right);
        pat_remember(p, &key, own, result);
    }
    return result;
}

/* ---- two patterns ---------------------------------------------------------------------------- */

/** Gives the haps above `mark` what `node` makes of their values and `other`. */
static void map_with(struct pat *p, const struct pat_node *node, uint32_t mark,
                     const struct pat_value *other, bool other_is_left)
{
    for (uint32_t i = mark; i < p->n_haps; i++) {
        const struct pat_value *const own = p->haps[i].value;
        const struct pat_value *const value = other_is_left ? pat_combine(p, node, other, own)
                                                            : pat_combine(p, node, own, other);
        if (!value)
            return;
        p->haps[i].value = value;
    }
}

/** Structure of argument `from`; a hap is repeated as fragments for every hap of the other. */
static void structure_from(struct pat *p, const struct pat_node *node, uint32_t from,
                           struct pat_span span)
{
    const struct pat_node *const other = pat_arg(p, node, 1 - from);
    const uint32_t mark = p->n_haps;

    pat_eval(p, pat_arg(p, node, from), span);
    if (other->constant) {
        map_with(p, node, mark, other->constant, from == 1);
        return;
    }
    const uint32_t end = p->n_haps;
    for (uint32_t i = mark; i < end && p->status == PH_OK; i++) {
        const struct pat_hap h = p->haps[i];
        const uint32_t top = p->n_haps;
        uint32_t kept = top;
        struct pat_span own;
        if (!pat_inside(&h, &own))
            continue;
        /* Only a signal's value hangs on the span it is asked for. */
        pat_eval(p, other, other->continuous ? pat_whole_or_part(&h) : own);
        for (uint32_t k = top; k < p->n_haps; k++) {
            const struct pat_value *const v = p->haps[k].value;
            struct pat_hap result = h;
            struct pat_span part;
            if (!pat_intersect(own, pat_part(&p->haps[k]), &part))
                continue;
            result.part_begin = part.begin;
            result.part_end = part.end;
            result.value = from == 0 ? pat_combine(p, node, h.value, v)
                                     : pat_combine(p, node, v, h.value);
            if (!result.value)
                return;
            p->haps[kept++] = result;
        }
        p->n_haps = kept;
    }
    pat_drop(p, mark, end);
}

/** Pushes what two haps make, where both are. */
static void push_pair(struct pat *p, const struct pat_node *node, const struct pat_hap *l,
                      const struct pat_hap *r)
{
    struct pat_hap h = { .has_whole = l->has_whole || r->has_whole };
    struct pat_span part, whole;

    if (!pat_intersect(pat_part(l), pat_part(r), &part))
        return;
    if (!l->has_whole || !r->has_whole)
        whole = l->has_whole ? pat_whole(l) : pat_whole(r);
    else if (!pat_intersect(pat_whole(l), pat_whole(r), &whole))
        return; /* a fragment may lie beside its whole: see squeeze_step() */
    h.whole_begin = whole.begin;
    h.whole_end = whole.end;
    h.part_begin = part.begin;
    h.part_end = part.end;
    h.value = pat_combine(p, node, l->value, r->value);
    pat_push(p, &h);
}

static bool is_sequence(const struct pat *p, uint32_t from, uint32_t to)
{
    for (uint32_t i = from + 1; i < to; i++)
        if (pat_cmp(p->haps[i - 1].part_end, p->haps[i].part_begin) > 0)
            return false;
    return true;
}

/** Pairs the haps [mark, middle) with [middle, end), all with wholes. */
static void pair_events(struct pat *p, const struct pat_node *node, uint32_t mark,
                        uint32_t middle, uint32_t end)
{
    const bool sequences = is_sequence(p, mark, middle) && is_sequence(p, middle, end);
    uint32_t first = middle;

    for (uint32_t i = mark; i < middle && pat_step(p); i++) {
        const struct pat_hap l = p->haps[i];
        if (!sequences && !pat_charge(p, (end - middle) / 8))
            return;
        while (sequences && first < end &&
               pat_cmp(p->haps[first].part_end, l.part_begin) <= 0)
            first++;
        for (uint32_t k = first; k < end && p->status == PH_OK; k++) {
            const struct pat_hap r = p->haps[k];
            if (sequences && pat_cmp(r.part_begin, l.part_end) >= 0)
                break;
            push_pair(p, node, &l, &r);
        }
    }
}

/** An event and a signal: the signal is read over the event, wherever it is asked for. */
static void pair_with_signal(struct pat *p, const struct pat_node *node,
                             const struct pat_hap *event, uint32_t signal)
{
    const uint32_t top = p->n_haps;

    pat_eval(p, pat_arg(p, node, signal), pat_whole(event));
    const uint32_t end = p->n_haps;
    for (uint32_t k = top; k < end && p->status == PH_OK; k++) {
        const struct pat_hap s = p->haps[k];
        if (!s.has_whole)
            push_pair(p, node, signal == 0 ? &s : event, signal == 0 ? event : &s);
    }
    pat_drop(p, top, end);
}

/** Pairs one hap of argument `from` with what the other has over `span`; events only, if asked. */
static void pair_over(struct pat *p, const struct pat_node *node, const struct pat_hap *h,
                      uint32_t from, struct pat_span span, bool events_only)
{
    const uint32_t top = p->n_haps;

    pat_eval(p, pat_arg(p, node, 1 - from), span);
    const uint32_t end = p->n_haps;
    for (uint32_t k = top; k < end && pat_step(p); k++) {
        const struct pat_hap other = p->haps[k];
        const uint32_t made = p->n_haps;
        if (events_only && !other.has_whole)
            continue;
        push_pair(p, node, from == 0 ? h : &other, from == 0 ? &other : h);
        if (p->n_haps > made)
            p->haps[made].has_whole = h->has_whole && other.has_whole;
    }
    pat_drop(p, top, end);
}

/** TidalCycles: where one side is a signal, so is the result, however the other is cut. */
static void signals_from_both(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    for (uint32_t from = 0; from < 2; from++) {
        const uint32_t mark = p->n_haps;
        pat_eval(p, pat_arg(p, node, from), span);
        const uint32_t end = p->n_haps;
        for (uint32_t i = mark; i < end && pat_step(p); i++) {
            const struct pat_hap h = p->haps[i];
            if (from == 0)
                pair_over(p, node, &h, from, h.has_whole ? pat_whole(&h) : pat_part(&h),
                          h.has_whole);
            else if (!h.has_whole)
                pair_over(p, node, &h, from, pat_part(&h), true);
        }
        pat_drop(p, mark, end);
    }
}

static void structure_from_both(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const struct pat_node *const left = pat_arg(p, node, 0), *const right = pat_arg(p, node, 1);
    const uint32_t mark = p->n_haps;

    pat_eval(p, left, span);
    if (pat_is_tidal(p))
        pat_keep_inside(p, mark);
    const uint32_t middle = p->n_haps;
    pat_eval(p, right, span);
    const uint32_t end = p->n_haps;
    if (!left->continuous && !right->continuous) {
        pair_events(p, node, mark, middle, end);
        pat_drop(p, mark, end);
        return;
    }
    if (pat_is_tidal(p)) {
        p->n_haps = mark;
        signals_from_both(p, node, span);
        return;
    }
    bool left_signal = false, right_signal = false;
    for (uint32_t i = mark; i < middle; i++)
        left_signal = left_signal || !p->haps[i].has_whole;
    for (uint32_t k = middle; k < end; k++)
        right_signal = right_signal || !p->haps[k].has_whole;
    for (uint32_t i = mark; i < middle && pat_step(p); i++) {
        const struct pat_hap l = p->haps[i];
        for (uint32_t k = middle; k < end && p->status == PH_OK; k++) {
            const struct pat_hap r = p->haps[k];
            if (l.has_whole == r.has_whole)
                push_pair(p, node, &l, &r);
        }
        if (l.has_whole && right_signal)
            pair_with_signal(p, node, &l, 1);
    }
    for (uint32_t k = middle; k < end && left_signal && pat_step(p); k++) {
        const struct pat_hap r = p->haps[k];
        if (r.has_whole)
            pair_with_signal(p, node, &r, 0);
    }
    pat_drop(p, mark, end);
}

/** A constant is one event a cycle: what is longer is cut at cycles by it. */
static void cut_at_cycles(struct pat *p, uint32_t mark)
{
    const uint32_t end = p->n_haps;
    bool cut = false;

    for (uint32_t i = mark; i < end; i++) {
        struct pat_hap h = p->haps[i];
        struct pat_span rest = pat_part(&h), piece;
        int64_t cycle;
        if (h.has_whole && pat_cmp(h.whole_end, ph_ratio_of(pat_floor(h.whole_begin) + 1)) <= 0) {
            if (cut)
                pat_push(p, &h);
            continue;
        }
        for (uint32_t k = mark; k < i && !cut; k++) {
            const struct pat_hap before = p->haps[k];
            pat_push(p, &before);
        }
        cut = true;
        while (pat_next_cycle(p, &rest, &piece, &cycle)) {
            struct pat_hap fragment = h;
            fragment.whole_begin = pat_max(h.whole_begin, ph_ratio_of(cycle));
            fragment.whole_end = pat_min(h.whole_end, ph_ratio_of(cycle + 1));
            fragment.part_begin = piece.begin;
            fragment.part_end = piece.end;
            pat_push(p, &fragment);
        }
    }
    if (cut)
        pat_drop(p, mark, end);
}

/** With structure from both a constant leaves the other side its own, apart from Tidal's cuts. */
static void combine_patterns(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    int64_t structure = 0;
    bool both;

    pat_as_whole(p, pat_imm(p, node, 0), &structure);
    both = structure == 0;
    if (both && pat_arg(p, node, 1)->constant)
        structure = 1;
    else if (both && pat_arg(p, node, 0)->constant)
        structure = 2;
    if (structure == 0) {
        structure_from_both(p, node, span);
        return;
    }
    structure_from(p, node, structure == 2 ? 1 : 0, span);
    if (!pat_is_tidal(p) || structure == MAPPED)
        return;
    if (pat_arg(p, node, structure == 2 ? 0 : 1)->constant)
        pat_keep_inside(p, mark);
    if (both)
        cut_at_cycles(p, mark);
}

void pat_op_ADD(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    combine_patterns(p, node, span);
}

void pat_op_SUB(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    combine_patterns(p, node, span);
}

void pat_op_MUL(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    combine_patterns(p, node, span);
}

void pat_op_DIV(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    combine_patterns(p, node, span);
}

void pat_op_KEEP(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    combine_patterns(p, node, span);
}

void pat_op_UNION(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    combine_patterns(p, node, span);
}

void pat_op_UNION_LEFT(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    combine_patterns(p, node, span);
}

void pat_op_MOD(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    combine_patterns(p, node, span);
}

void pat_op_POW(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    combine_patterns(p, node, span);
}

void pat_op_CONCAT(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    combine_patterns(p, node, span);
}

void pat_op_PERLIN2_WITH(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    structure_from_both(p, node, span);
}

void pat_op_SET(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const struct pat_node *const right = pat_arg(p, node, 1);
    const bool drop = pat_is_true(pat_imm(p, node, 0));
    const uint32_t mark = p->n_haps;
    uint32_t kept = mark;

    pat_eval(p, pat_arg(p, node, 0), span);
    if (right->constant) {
        map_with(p, node, mark, right->constant, false);
        return;
    }
    const uint32_t end = p->n_haps;
    for (uint32_t i = mark; i < end && p->status == PH_OK; i++) {
        struct pat_hap h = p->haps[i];
        const struct pat_span whole = pat_whole_or_part(&h);
        pat_sample(p, right, whole, whole, true);
        const bool rests = p->n_haps == end;
        if (!rests)
            h.value = pat_combine(p, node, h.value, p->haps[end].value);
        p->n_haps = end;
        if (!h.value)
            return;
        if (!rests || !drop)
            p->haps[kept++] = h;
    }
    p->n_haps = kept;
}

/* ---- values mapped --------------------------------------------------------------------------- */

/** The haps of the first argument, their values mapped one by one. */
static void map_values(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const uint32_t mark = p->n_haps;

    pat_eval(p, pat_arg(p, node, 0), span);
    map_with(p, node, mark, NULL, false);
}

void pat_op_PARAM(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    map_values(p, node, span);
}

void pat_op_MATH(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    map_values(p, node, span);
}

void pat_op_TO_SCALE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    if (node->n_imms > 0)
        map_values(p, node, span);
}

void pat_op_PERLIN_WITH(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    map_values(p, node, span);
}

static void change_body(struct pat *p, const struct pat_node *node, pat_params params,
                        struct pat_span span)
{
    const uint32_t mark = p->n_haps;

    pat_eval(p, pat_arg(p, node, 1), span);
    map_with(p, node, mark, params[0], false);
}

void pat_op_PARAM_MUL(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, change_body);
}

void pat_op_PARAM_ADD(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, change_body);
}

/** Replaces the plain value of a hap; controls stay as they are. */
static bool replace(struct pat *p, uint32_t i, struct ph_value value)
{
    const struct pat_value *const v = pat_plain(p, value);

    if (v)
        p->haps[i].value = v;
    return v != NULL;
}

static void range_body(struct pat *p, const struct pat_node *node, pat_params params,
                       struct pat_span span)
{
    const struct ph_value *const low = &params[0]->plain, *const high = &params[1]->plain;
    const uint32_t mark = p->n_haps;

    if (params[0]->is_controls || params[1]->is_controls)
        return;
    pat_eval(p, pat_arg(p, node, 2), span);
    const struct ph_value width = pat_arith(PH_PAT_SUB, high, low);
    for (uint32_t i = mark; i < p->n_haps; i++) {
        if (p->haps[i].value->is_controls)
            continue;
        const struct ph_value part = pat_arith(PH_PAT_MUL, &p->haps[i].value->plain, &width);
        if (!replace(p, i, pat_arith(PH_PAT_ADD, low, &part)))
            return;
    }
}

/** Pushes what one value gives with each pair of limits that hold while it does. */
static void range_hap(struct pat *p, const struct pat_node *node, const struct pat_hap *h)
{
    const struct pat_node *const low = pat_arg(p, node, 0), *const high = pat_arg(p, node, 1);
    const uint32_t mark = p->n_haps;

    pat_eval(p, high, high->continuous ? pat_whole_or_part(h) : pat_part(h));
    const uint32_t middle = p->n_haps;
    pat_eval(p, low, low->continuous ? pat_whole_or_part(h) : pat_part(h));
    const uint32_t end = p->n_haps;
    for (uint32_t i = mark; i < middle; i++)
        for (uint32_t k = middle; k < end && pat_step(p); k++) {
            const struct pat_hap a = p->haps[k], b = p->haps[i];
            struct pat_hap made = *h;
            struct pat_span both, part;
            if (a.value->is_controls || b.value->is_controls ||
                !pat_intersect(pat_part(&a), pat_part(&b), &both) ||
                !pat_intersect(both, pat_part(h), &part))
                continue;
            const struct ph_value width =
                pat_arith(PH_PAT_SUB, &b.value->plain, &a.value->plain);
            const struct ph_value x = pat_arith(PH_PAT_MUL, &h->value->plain, &width);
            made.part_begin = part.begin;
            made.part_end = part.end;
            made.value = pat_plain(p, pat_arith(PH_PAT_ADD, &x, &a.value->plain));
            pat_push(p, &made);
        }
    pat_drop(p, mark, end);
}

/** TidalCycles: structure and cuts come from the values alone. */
static void range_from_right(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const uint32_t mark = p->n_haps;

    pat_eval(p, pat_arg(p, node, 2), span);
    pat_keep_inside(p, mark);
    const uint32_t end = p->n_haps;
    for (uint32_t i = mark; i < end && pat_step(p); i++) {
        const struct pat_hap h = p->haps[i];
        if (!h.value->is_controls)
            range_hap(p, node, &h);
    }
    pat_drop(p, mark, end);
}

void pat_op_RANGE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    if (pat_is_tidal(p))
        range_from_right(p, node, span);
    else
        pat_join(p, node, 2, span, range_body);
}

static void quantise_body(struct pat *p, const struct pat_node *node, pat_params params,
                          struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    double n, x;

    if (!pat_as_double(params[0], &n) || n == 0)
        return;
    pat_eval(p, pat_arg(p, node, 1), span);
    for (uint32_t i = mark; i < p->n_haps; i++)
        if (pat_as_double(p->haps[i].value, &x) &&
            !replace(p, i, pat_number_value(nearbyint(x * n) / n)))
            return;
}

void pat_op_QUANTISE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, quantise_body);
}
