/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/time.c - operations on time: sequences, speed, shifts, cycles chosen by number. */
/* room: none.                                                                                    */
#include "server/pattern/eval.h"

static const struct ph_ratio zero = { 0, 1 }, one = { 1, 1 };

void pat_op_SILENCE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)p;
    (void)node;
    (void)span;
}

void pat_op_PURE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_pure(p, node->constant, span);
}

void pat_op_STACK(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    for (uint32_t i = 0; i < node->n_args && p->status == PH_OK; i++)
        pat_eval(p, pat_arg(p, node, i), span);
}

/* ---- sequences ------------------------------------------------------------------------------- */

/** One cycle of `slowcat`, read at cycle `at` and played at cycle `cycle`. */
static void slowcat_cycle(struct pat *p, const struct pat_node *node, struct pat_span piece,
                          int64_t cycle, int64_t at)
{
    const int64_t n = node->n_args;
    const struct pat_node *const child = pat_arg(p, node, (uint32_t)pat_mod(at, n));

    pat_eval_late(p, child, piece, ph_ratio_of(cycle - pat_floor_div(at, n)));
}

void pat_op_SLOWCAT(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    struct pat_span piece;
    int64_t cycle;

    while (pat_next_cycle(p, &span, &piece, &cycle))
        slowcat_cycle(p, node, piece, cycle, cycle);
}

/** Cuts the wholes above `mark` to the cycle: what a choice made per cycle starts, it also ends. */
static void cut_to_cycle(struct pat *p, uint32_t mark, int64_t cycle)
{
    pat_cut_wholes(p, mark, (struct pat_span){ ph_ratio_of(cycle), ph_ratio_of(cycle + 1) });
}

void pat_op_RANDCAT(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    struct pat_span piece;
    int64_t cycle;

    while (pat_next_cycle(p, &span, &piece, &cycle)) {
        const struct ph_ratio middle = pat_add(p, PH_RATIO(1, 2), ph_ratio_of(cycle));
        const int64_t ahead = (int64_t)(node->n_args * pat_rand_at(middle));
        const uint32_t mark = p->n_haps;
        slowcat_cycle(p, node, piece, cycle, cycle + ahead);
        cut_to_cycle(p, mark, cycle);
    }
}

void pat_op_CHOOSE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    struct pat_span piece;
    int64_t cycle;
    struct ph_ratio k = zero;

    pat_as_ratio(p, pat_imm(p, node, 0), &k);
    k = pat_add(p, pat_mul(p, k, PH_RATIO(1, 10000)), PH_RATIO(1, 2));
    while (pat_next_cycle(p, &span, &piece, &cycle)) {
        const double rand = pat_rand_at(pat_add(p, k, ph_ratio_of(cycle)));
        const uint32_t mark = p->n_haps;
        pat_eval(p, pat_arg(p, node, (uint32_t)(node->n_args * rand)), piece);
        cut_to_cycle(p, mark, cycle);
    }
}

/** Last of the sorted positions 0 .. n - 1 that is not after `at`. */
static uint32_t last_start(const struct ph_ratio *starts, uint32_t n, struct ph_ratio at)
{
    uint32_t low = 0, high = n;

    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (pat_cmp(starts[middle], at) <= 0)
            low = middle;
        else
            high = middle;
    }
    return low;
}

void pat_by_own_cycle(struct pat *p, uint32_t mark, struct ph_ratio begin, struct ph_ratio scale,
                      struct ph_ratio round)
{
    for (uint32_t i = mark; i < p->n_haps; i++) {
        struct pat_hap *const h = &p->haps[i];
        if (!h->has_whole || pat_cmp(h->whole_begin, begin) >= 0)
            continue;
        const int64_t ago = pat_floor(pat_div(p, pat_sub(p, h->whole_begin, begin), scale));
        const struct ph_ratio shift = pat_mul(p, ph_ratio_of(ago), pat_sub(p, round, scale));
        h->whole_begin = pat_add(p, h->whole_begin, shift);
        h->whole_end = pat_add(p, h->whole_end, shift);
    }
}

/**
 * Tidal squeezes an event relative to the cycle that it begins in: one that began in an earlier
 * cycle lies where that cycle would have put it, apart from its part that is played here. `round`
 * is how long a cycle of the sequence is: 1 where it plays at its own speed.
 */
static void squeeze_step(struct pat *p, const struct pat_node *child, struct pat_span span,
                             int64_t cycle, struct pat_span slot, struct ph_ratio round)
{
    const uint32_t mark = p->n_haps;

    pat_squeeze(p, child, span, cycle, slot.begin, slot.end);
    if (!pat_is_tidal(p) || child->constant)
        return;
    pat_by_own_cycle(p, mark, slot.begin, pat_sub(p, slot.end, slot.begin), round);
}

void pat_op_TIMECAT(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    struct pat_span piece;
    int64_t cycle;

    while (node->starts && pat_next_cycle(p, &span, &piece, &cycle)) {
        const struct ph_ratio c = ph_ratio_of(cycle);
        uint32_t i = last_start(node->starts, node->n_args, pat_sub(p, piece.begin, c));
        for (; i < node->n_args && p->status == PH_OK; i++) {
            const struct pat_span slot = { pat_add(p, node->starts[i], c),
                                           pat_add(p, node->starts[i + 1], c) };
            struct pat_span part;
            if (pat_cmp(slot.begin, piece.end) >= 0)
                break;
            if (pat_intersect(piece, slot, &part))
                squeeze_step(p, pat_arg(p, node, i), part, cycle, slot, one);
        }
    }
}

void pat_op_POLYMETER(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const int64_t n = node->n_args;
    struct ph_ratio rate;
    struct pat_span piece, slot;
    int64_t k;

    if (!pat_as_ratio(p, pat_imm(p, node, 0), &rate) || rate.num <= 0)
        return;
    while (pat_next_slot(p, rate, &span, &piece, &k, &slot))
        squeeze_step(p, pat_arg(p, node, (uint32_t)pat_mod(k, n)), piece, pat_floor_div(k, n),
                         slot, pat_div(p, ph_ratio_of(n), rate));
}

/* ---- speed ----------------------------------------------------------------------------------- */

static void reversed(struct pat *p, const struct pat_node *child, struct pat_span span,
                     struct ph_ratio scale)
{
    struct pat_span piece;
    int64_t cycle;

    while (pat_next_cycle(p, &span, &piece, &cycle)) {
        const uint32_t mark = p->n_haps;
        pat_eval_affine(p, child, pat_reflect_span(p, piece, cycle), zero, zero, scale);
        pat_reflect(p, mark, cycle);
    }
}

/** `child` with its time multiplied by `scale`; 0 is silence, a negative one plays backwards. */
static void scaled(struct pat *p, const struct pat_node *child, struct pat_span span,
                   struct ph_ratio scale)
{
    if (scale.num > 0)
        pat_eval_affine(p, child, span, zero, zero, scale);
    else if (scale.num < 0)
        reversed(p, child, span, pat_sub(p, zero, scale));
}

static void fast_body(struct pat *p, const struct pat_node *node, pat_params params,
                      struct pat_span span)
{
    struct ph_ratio factor;

    if (pat_as_ratio(p, params[0], &factor) && factor.num != 0)
        scaled(p, pat_arg(p, node, 1), span, pat_div(p, one, factor));
}

void pat_op_FAST(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, fast_body);
}

static void slow_body(struct pat *p, const struct pat_node *node, pat_params params,
                      struct pat_span span)
{
    struct ph_ratio factor;

    if (pat_as_ratio(p, params[0], &factor))
        scaled(p, pat_arg(p, node, 1), span, factor);
}

void pat_op_SLOW(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, slow_body);
}

/** Multiplies `speed`, and sets `unit` unless that is NULL. */
static const struct pat_value *refitted(struct pat *p, const struct pat_value *value,
                                        struct ph_ratio factor, const char *unit)
{
    const struct pat_value x = { .plain = pat_ratio_value(factor) };

    value = pat_change(p, PH_PAT_MUL, p->keys.speed, value, &x);
    if (unit && value)
        value = pat_set(p, value, &(struct pat_control){ p->keys.unit, pat_word_value(unit) }, 1);
    return value;
}

/** The same for the haps above `mark`. */
static void refit(struct pat *p, uint32_t mark, struct ph_ratio factor, const char *unit)
{
    if (pat_is_tidal(p))
        pat_keep_inside(p, mark);
    for (uint32_t i = mark; i < p->n_haps; i++) {
        const struct pat_memo_key key = { unit ? p->keys.unit : p->keys.speed, p->haps[i].value,
                                          NULL, factor.num, factor.den };
        if (!key.left->is_controls)
            continue;
        const struct pat_value *value = pat_recall(p, &key);
        if (!value) {
            struct pat_arena *const own = pat_recall_begin(p, &key);
            value = refitted(p, key.left, factor, unit);
            pat_remember(p, &key, own, value);
        }
        if (!value)
            return;
        p->haps[i].value = value;
    }
}

static void hurry_body(struct pat *p, const struct pat_node *node, pat_params params,
                       struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    struct ph_ratio factor;

    fast_body(p, node, params, span);
    if (pat_as_ratio(p, params[0], &factor))
        refit(p, mark, factor, NULL);
}

/** Tidal reads a signal once as a factor of time, and over each event as one of its speed. */
static void hurry_by_signal(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const uint32_t mark = p->n_haps;

    pat_join(p, node, 1, span, fast_body);
    const uint32_t end = p->n_haps;
    for (uint32_t i = mark; i < end && pat_step(p); i++) {
        const struct pat_hap h = p->haps[i];
        const uint32_t top = p->n_haps;
        pat_fragments(p, pat_arg(p, node, 0), &h);
        for (uint32_t k = top; k < p->n_haps; k++) {
            const struct pat_value *const x = p->haps[k].value;
            p->haps[k].value = pat_change(p, PH_PAT_MUL, p->keys.speed, h.value, x);
            if (!p->haps[k].value)
                return;
        }
    }
    pat_drop(p, mark, end);
}

void pat_op_HURRY(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    if (pat_is_tidal(p) && pat_arg(p, node, 0)->continuous)
        hurry_by_signal(p, node, span);
    else
        pat_join(p, node, 1, span, hurry_body);
}

static void loop_at_body(struct pat *p, const struct pat_node *node, pat_params params,
                         struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    struct ph_ratio n;

    if (!pat_as_ratio(p, params[0], &n) || n.num == 0)
        return;
    scaled(p, pat_arg(p, node, 1), span, n);
    refit(p, mark, pat_div(p, one, n), "c");
}

void pat_op_LOOP_AT(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, loop_at_body);
}

/* ---- shifts ---------------------------------------------------------------------------------- */

static void early_body(struct pat *p, const struct pat_node *node, pat_params params,
                       struct pat_span span)
{
    struct ph_ratio t;

    if (pat_as_ratio(p, params[0], &t))
        pat_eval_late(p, pat_arg(p, node, 1), span, pat_sub(p, zero, t));
}

void pat_op_EARLY(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, early_body);
}

static void late_body(struct pat *p, const struct pat_node *node, pat_params params,
                      struct pat_span span)
{
    struct ph_ratio t;

    if (pat_as_ratio(p, params[0], &t))
        pat_eval_late(p, pat_arg(p, node, 1), span, t);
}

void pat_op_LATE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, late_body);
}

void pat_op_REV(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    reversed(p, pat_arg(p, node, 0), span, one);
}

static void iter_body(struct pat *p, const struct pat_node *node, pat_params params,
                      struct pat_span span)
{
    struct pat_span piece;
    int64_t n, cycle;

    if (!pat_as_whole(p, params[0], &n) || n == 0 || n == INT64_MIN)
        return;
    const int64_t count = n < 0 ? -n : n;
    while (pat_next_cycle(p, &span, &piece, &cycle)) {
        struct ph_ratio turn = pat_fraction(p, pat_mod(cycle, count), count);
        if (n > 0)
            turn = pat_sub(p, zero, turn);
        if (pat_is_tidal(p)) /* a cat of turns: the source goes on after the last one */
            turn = pat_add(p, turn, ph_ratio_of(cycle - pat_floor_div(cycle, count)));
        pat_eval_late(p, pat_arg(p, node, 1), piece, turn);
    }
}

void pat_op_ITER(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, iter_body);
}

/** Shifts hap `i` by `shift`, whole and part. */
static void move_hap(struct pat *p, uint32_t i, struct ph_ratio shift)
{
    struct pat_hap *const h = &p->haps[i];

    h->whole_begin = pat_add(p, h->whole_begin, shift);
    h->whole_end = pat_add(p, h->whole_end, shift);
    h->part_begin = pat_add(p, h->part_begin, shift);
    h->part_end = pat_add(p, h->part_end, shift);
}

/**
 * An event of length w stands on slot round(phase / w). On an odd slot phase >= w/2, and phase < 1:
 * so w < 2, and no event is delayed by more than 4 * amount.
 */
static void swing_body(struct pat *p, const struct pat_node *node, pat_params params,
                       struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    struct ph_ratio amount;

    if (!pat_as_ratio(p, params[0], &amount))
        return;
    amount = pat_min(pat_max(amount, zero), PH_RATIO(1, 2));
    pat_eval_wider(p, pat_arg(p, node, 1), span, pat_mul(p, amount, ph_ratio_of(4)), zero);
    for (uint32_t i = mark; i < p->n_haps; i++) {
        const struct pat_hap h = p->haps[i];
        if (!h.has_whole)
            continue;
        const struct ph_ratio length = pat_sub(p, h.whole_end, h.whole_begin);
        const struct ph_ratio place = pat_div(p, pat_phase(h.whole_begin), length);
        if (pat_floor(pat_add(p, place, PH_RATIO(1, 2))) & 1)
            move_hap(p, i, pat_mul(p, pat_mul(p, amount, ph_ratio_of(2)), length));
    }
    pat_clip(p, mark, span);
}

void pat_op_SWING(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, swing_body);
}

enum { GROOVE_MAX = 16 }; /* times as much as its template says: what is asked for stays small */

/** Farthest that a groove moves anything, at `amount`; 0 when it has no slots. */
static struct ph_ratio groove_reach(struct pat *p, const struct pat_node *node,
                                    struct ph_ratio amount)
{
    struct ph_ratio reach = zero, shift;

    for (uint32_t i = 0; i < node->n_imms; i++) {
        if (!pat_as_ratio(p, pat_imm(p, node, i), &shift))
            continue;
        shift = pat_mul(p, shift, amount);
        reach = pat_max(reach, pat_max(shift, pat_sub(p, zero, shift)));
    }
    return reach;
}

static void groove_body(struct pat *p, const struct pat_node *node, pat_params params,
                        struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    struct ph_ratio amount, shift;

    if (!pat_as_ratio(p, params[0], &amount) || !pat_charge(p, node->n_imms))
        return;
    amount = pat_min(pat_max(amount, PH_RATIO(-GROOVE_MAX, 1)), PH_RATIO(GROOVE_MAX, 1));
    const struct ph_ratio reach = groove_reach(p, node, amount);
    pat_eval_wider(p, pat_arg(p, node, 1), span, reach, reach);
    for (uint32_t i = mark; i < p->n_haps && node->n_imms > 0; i++) {
        if (!p->haps[i].has_whole)
            continue;
        const struct ph_ratio slot =
            pat_mul(p, pat_phase(p->haps[i].whole_begin), ph_ratio_of(node->n_imms));
        const int64_t k = pat_floor(slot); /* beyond the slots only after an overflow */
        if (k >= 0 && k < node->n_imms && pat_as_ratio(p, pat_imm(p, node, (uint32_t)k), &shift))
            move_hap(p, i, pat_mul(p, shift, amount));
    }
    pat_clip(p, mark, span);
}

void pat_op_GROOVE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, groove_body);
}

static void shift_by_body(struct pat *p, const struct pat_node *node, pat_params params,
                          struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    struct ph_ratio reach;
    double x;

    if (!pat_as_ratio(p, params[0], &reach) || !pat_as_double(params[0], &x))
        return;
    /* One part in 2^20 more than the amount, as the shift itself is rounded to such parts. */
    reach = pat_add(p, pat_max(reach, pat_sub(p, zero, reach)), PH_RATIO(1, 1 << 20));
    pat_eval_wider(p, pat_arg(p, node, 1), span, reach, reach);
    for (uint32_t i = mark; i < p->n_haps && pat_charge(p, 0); i++) {
        if (!p->haps[i].has_whole)
            continue;
        const double rand = pat_rand_at(pat_middle(p, pat_whole(&p->haps[i])));
        move_hap(p, i, ph_ratio_from_double(x * (2 * rand - 1), &p->overflow));
    }
    pat_clip(p, mark, span);
}

void pat_op_SHIFT_BY(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, shift_by_body);
}

/* ---- inside the cycle ------------------------------------------------------------------------ */

/** Squeezes each cycle into [begin, end) of itself; `as_step` as steps of a sequence are. */
static void compressed(struct pat *p, const struct pat_node *child, struct pat_span span,
                       struct ph_ratio begin, struct ph_ratio end, bool as_step)
{
    struct pat_span piece, part;
    int64_t cycle;

    while (pat_next_cycle(p, &span, &piece, &cycle)) {
        const struct ph_ratio c = ph_ratio_of(cycle);
        const struct pat_span slot = { pat_add(p, begin, c), pat_add(p, end, c) };
        if (!pat_intersect(piece, slot, &part))
            continue;
        if (as_step)
            squeeze_step(p, child, part, cycle, slot, one);
        else
            pat_squeeze(p, child, part, cycle, slot.begin, slot.end);
    }
}

static void compress_body(struct pat *p, const struct pat_node *node, pat_params params,
                          struct pat_span span)
{
    struct ph_ratio begin, end;

    if (!pat_as_ratio(p, params[0], &begin) || !pat_as_ratio(p, params[1], &end))
        return;
    if (begin.num >= 0 && pat_cmp(end, one) <= 0 && pat_cmp(begin, end) < 0)
        compressed(p, pat_arg(p, node, 2), span, begin, end, true);
}

void pat_op_COMPRESS(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 2, span, compress_body);
}

static void fast_gap_body(struct pat *p, const struct pat_node *node, pat_params params,
                          struct pat_span span)
{
    struct ph_ratio factor;

    if (!pat_as_ratio(p, params[0], &factor) || factor.num == 0 ||
        (factor.num < 0 && !pat_is_tidal(p)))
        return;
    compressed(p, pat_arg(p, node, 1), span, zero, pat_div(p, one, pat_max(factor, one)), true);
}

void pat_op_FAST_GAP(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, fast_gap_body);
}

void pat_op_BRAK(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const struct pat_node *const child = pat_arg(p, node, 0);
    struct pat_span piece;
    int64_t cycle;

    while (pat_next_cycle(p, &span, &piece, &cycle)) {
        if (cycle & 1)
            compressed(p, child, piece, PH_RATIO(1, 4), PH_RATIO(3, 4), false);
        else
            pat_eval(p, child, piece);
    }
}

/** Moves what was stretched with `cycle` to where the cycle of its own begin would have it. */
static void to_own_cycle(struct pat *p, int64_t cycle, struct ph_ratio begin,
                         struct ph_ratio length, struct ph_ratio *from, struct ph_ratio *to)
{
    const struct ph_ratio c = ph_ratio_of(cycle);
    const struct ph_ratio source =
        pat_add(p, pat_mul(p, pat_sub(p, *from, c), length), begin); /* in cycles after c */
    const struct ph_ratio after = ph_ratio_of(pat_floor(source));
    const struct ph_ratio shift = pat_mul(p, after, pat_sub(p, one, pat_div(p, one, length)));

    if (after.num == 0)
        return;
    *from = pat_add(p, *from, shift);
    *to = pat_add(p, *to, shift);
}

/**
 * Tidal zooms wholes and parts each relative to the cycle that they begin in. Where the span goes
 * on into the next cycle, that has them at its own place, outside of what is asked for.
 */
static void by_own_cycle(struct pat *p, uint32_t mark, int64_t cycle, struct ph_ratio begin,
                         struct ph_ratio length)
{
    for (uint32_t i = mark; i < p->n_haps; i++) {
        struct pat_hap *const h = &p->haps[i];
        if (h->has_whole)
            to_own_cycle(p, cycle, begin, length, &h->whole_begin, &h->whole_end);
        to_own_cycle(p, cycle, begin, length, &h->part_begin, &h->part_end);
    }
}

/** [begin, begin + length) of each cycle stretched over it. */
static void zoomed(struct pat *p, const struct pat_node *child, struct pat_span span,
                   struct ph_ratio begin, struct ph_ratio length)
{
    struct pat_span piece;
    int64_t cycle;

    if (length.num <= 0)
        return;
    const struct ph_ratio scale = pat_div(p, one, length);
    while (pat_next_cycle(p, &span, &piece, &cycle)) {
        const struct ph_ratio c = ph_ratio_of(cycle);
        const uint32_t mark = p->n_haps;
        pat_eval_affine(p, child, piece, pat_add(p, begin, c), c, scale);
        if (pat_is_tidal(p) && length.num != length.den)
            by_own_cycle(p, mark, cycle, begin, length);
    }
}

static void zoom_body(struct pat *p, const struct pat_node *node, pat_params params,
                      struct pat_span span)
{
    struct ph_ratio begin, end;

    if (pat_as_ratio(p, params[0], &begin) && pat_as_ratio(p, params[1], &end))
        zoomed(p, pat_arg(p, node, 2), span, begin, pat_sub(p, end, begin));
}

void pat_op_ZOOM(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 2, span, zoom_body);
}

static void inside_cycle_body(struct pat *p, const struct pat_node *node, pat_params params,
                              struct pat_span span)
{
    struct ph_ratio n;

    if (pat_as_ratio(p, params[0], &n))
        zoomed(p, pat_arg(p, node, 1), span, zero, n);
}

void pat_op_INSIDE_CYCLE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, inside_cycle_body);
}

/**
 * Tidal zooms into [0, x) and squeezes that into [0, x) again. What began after x in an earlier
 * cycle is thereby moved by what is left out, once for each time that it goes beyond.
 */
static void zoom_out_and_in(struct pat *p, struct pat_hap *h, struct ph_ratio x)
{
    if (!h->has_whole || pat_cmp(pat_phase(h->whole_begin), x) < 0)
        return;
    const int64_t times = pat_floor(pat_div(p, pat_phase(h->whole_begin), x));
    const struct ph_ratio shift = pat_mul(p, ph_ratio_of(times), pat_sub(p, one, x));
    h->whole_begin = pat_add(p, h->whole_begin, shift);
    h->whole_end = pat_add(p, h->whole_end, shift);
}

static void trunc_body(struct pat *p, const struct pat_node *node, pat_params params,
                       struct pat_span span)
{
    struct pat_span piece, part;
    struct ph_ratio x;
    int64_t cycle;

    if (!pat_as_ratio(p, params[0], &x))
        return;
    if (pat_cmp(x, one) > 0 && pat_is_tidal(p))
        return;
    if (pat_cmp(x, one) >= 0) {
        pat_eval(p, pat_arg(p, node, 1), span);
        return;
    }
    while (x.num > 0 && pat_next_cycle(p, &span, &piece, &cycle)) {
        const struct ph_ratio c = ph_ratio_of(cycle), cut = pat_add(p, x, c);
        const uint32_t mark = p->n_haps;
        if (!pat_intersect(piece, (struct pat_span){ c, cut }, &part))
            continue;
        pat_eval(p, pat_arg(p, node, 1), part);
        for (uint32_t i = mark; i < p->n_haps; i++)
            if (pat_is_tidal(p))
                zoom_out_and_in(p, &p->haps[i], x);
            else
                p->haps[i].whole_end = pat_min(p->haps[i].whole_end, cut);
    }
}

void pat_op_TRUNC(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, trunc_body);
}

/** `fast (1/x)` of `zoom begin (begin + x)`. */
static void lingered(struct pat *p, const struct pat_node *child, struct pat_span span,
                     struct ph_ratio begin, struct ph_ratio x)
{
    const uint32_t mark = p->n_haps;
    const struct pat_span inner = { pat_div(p, span.begin, x), pat_div(p, span.end, x) };

    zoomed(p, child, inner, begin, x);
    pat_map_times(p, mark, zero, zero, x);
}

static void linger_body(struct pat *p, const struct pat_node *node, pat_params params,
                        struct pat_span span)
{
    const struct pat_node *const child = pat_arg(p, node, 1);
    struct pat_span piece;
    struct ph_ratio x;
    int64_t cycle;

    if (!pat_as_ratio(p, params[0], &x) || x.num == 0)
        return;
    if (x.num > 0) {
        const uint32_t mark = p->n_haps;
        lingered(p, child, span, zero, x);
        pat_clip(p, mark, span);
        return;
    }
    while (pat_next_cycle(p, &span, &piece, &cycle)) { /* from the end, played backwards */
        const uint32_t mark = p->n_haps;
        lingered(p, child, pat_reflect_span(p, piece, cycle), pat_add(p, one, x),
                 pat_sub(p, zero, x));
        pat_reflect(p, mark, cycle);
    }
}

void pat_op_LINGER(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, linger_body);
}

/* ---- cycles chosen by number ----------------------------------------------------------------- */

static void every_body(struct pat *p, const struct pat_node *node, pat_params params,
                       struct pat_span span)
{
    struct pat_span piece;
    int64_t n, offset, cycle;

    if (!pat_as_whole(p, params[0], &n) || !pat_as_whole(p, params[1], &offset))
        return;
    if (n == 0 || n == INT64_MIN) {
        pat_eval(p, pat_arg(p, node, 2), span);
        return;
    }
    if (!pat_is_tidal(p))
        n = n < 0 ? -n : n;
    while (pat_next_cycle(p, &span, &piece, &cycle))
        pat_eval(p, pat_arg(p, node, pat_mod(cycle, n) == offset ? 3 : 2), piece);
}

void pat_op_EVERY(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 2, span, every_body);
}

static void whenmod_body(struct pat *p, const struct pat_node *node, pat_params params,
                         struct pat_span span)
{
    struct ph_ratio a, b;
    struct pat_span piece;
    int64_t cycle;

    if (!pat_as_ratio(p, params[0], &a) || !pat_as_ratio(p, params[1], &b))
        return;
    if (a.num == 0 || (a.num < 0 && !pat_is_tidal(p))) {
        pat_eval(p, pat_arg(p, node, 2), span);
        return;
    }
    while (pat_next_cycle(p, &span, &piece, &cycle)) {
        /* Tidal asks at the begin of the piece, so that a fraction hangs on the query's cuts. */
        const struct ph_ratio at = pat_is_tidal(p) ? piece.begin : ph_ratio_of(cycle);
        const struct ph_ratio rounds = ph_ratio_of(pat_floor(pat_div(p, at, a)));
        const struct ph_ratio rest = pat_sub(p, at, pat_mul(p, rounds, a));
        pat_eval(p, pat_arg(p, node, pat_cmp(rest, b) >= 0 ? 3 : 2), piece);
    }
}

void pat_op_WHENMOD(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 2, span, whenmod_body);
}

static void some_cycles_body(struct pat *p, const struct pat_node *node, pat_params params,
                             struct pat_span span)
{
    struct pat_span piece;
    int64_t cycle;
    double x;

    if (!pat_as_double(params[0], &x))
        return;
    while (pat_next_cycle(p, &span, &piece, &cycle))
        pat_eval(p, pat_arg(p, node, pat_rand_at_double((double)cycle) < x ? 2 : 1), piece);
}

void pat_op_SOME_CYCLES_BY(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, some_cycles_body);
}

void pat_op_LOOP_FIRST(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    struct pat_span piece;
    int64_t cycle;

    while (pat_next_cycle(p, &span, &piece, &cycle))
        pat_eval_late(p, pat_arg(p, node, 0), piece, ph_ratio_of(cycle));
}

static void repeat_cycles_body(struct pat *p, const struct pat_node *node, pat_params params,
                               struct pat_span span)
{
    struct pat_span piece;
    int64_t n, cycle;

    if (!pat_as_whole(p, params[0], &n) || n <= 0)
        return;
    while (pat_next_cycle(p, &span, &piece, &cycle))
        pat_eval_late(p, pat_arg(p, node, 1), piece,
                      ph_ratio_of(cycle - pat_floor_div(cycle, n)));
}

void pat_op_REPEAT_CYCLES(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, repeat_cycles_body);
}

static void cycle_mod_body(struct pat *p, const struct pat_node *node, pat_params params,
                           struct pat_span span)
{
    struct pat_span piece;
    int64_t n, cycle;

    if (!pat_as_whole(p, params[0], &n) || n <= 0)
        return;
    while (pat_next_cycle(p, &span, &piece, &cycle))
        pat_eval_late(p, pat_arg(p, node, 1), piece, ph_ratio_of(cycle - pat_mod(cycle, n)));
}

void pat_op_CYCLE_MOD(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, cycle_mod_body);
}

static void play_for_body(struct pat *p, const struct pat_node *node, pat_params params,
                          struct pat_span span)
{
    struct pat_span time, part;

    if (pat_as_ratio(p, params[0], &time.begin) && pat_as_ratio(p, params[1], &time.end) &&
        pat_intersect(time, span, &part))
        pat_eval(p, pat_arg(p, node, 2), part);
}

void pat_op_PLAY_FOR(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 2, span, play_for_body);
}
