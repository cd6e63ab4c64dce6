/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/random.c - TidalCycles' random numbers, bit for bit, and what is drawn by them. */
/* room: none.                                                                                    */
#include <math.h>

#include "server/pattern/eval.h"

enum { MODULUS = 536870912, CYCLES = 300 }; /* 2^29 numbers over 300 cycles */

static int64_t xorwise(int64_t x)
{
    const int64_t a = (int64_t)((uint64_t)x << 13) ^ x;
    const int64_t b = (a >> 17) ^ a;
    return (int64_t)((uint64_t)b << 5) ^ b;
}

static int64_t seed_at(struct ph_ratio t)
{
    if (t.den < 1 << 25) { /* the usual case, in 64 bits: |rest| * 2^29 < 300 * 2^54 < 2^63 */
        const int64_t period = CYCLES * t.den;
        return xorwise(t.num % period * MODULUS / period);
    }
    const __int128 period = (__int128)CYCLES * t.den;
    return xorwise((int64_t)((__int128)t.num % period * MODULUS / period));
}

static double rand_of(int64_t seed)
{
    const int64_t m = seed % MODULUS;
    return (double)(m < 0 ? m + MODULUS : m) / MODULUS;
}

double pat_rand_at(struct ph_ratio t)
{
    return rand_of(seed_at(t));
}

double pat_rand_at_double(double t)
{
    double whole;
    return rand_of(xorwise((int64_t)(modf(t / CYCLES, &whole) * MODULUS)));
}

void pat_rands_at(struct ph_ratio t, double *out, uint32_t n)
{
    int64_t seed = seed_at(t);

    for (uint32_t i = 0; i < n; i++) {
        out[i] = rand_of(seed);
        seed = xorwise(seed);
    }
}

/* ---- events dropped -------------------------------------------------------------------------- */

static void degrade(struct pat *p, const struct pat_node *node, pat_params params,
                    struct pat_span span, bool keep_high)
{
    uint32_t kept = p->n_haps;
    const uint32_t mark = kept;
    struct ph_ratio seed = PH_RATIO(0, 1);
    double x;

    if (!pat_as_double(params[0], &x))
        return;
    pat_as_ratio(p, pat_imm(p, node, 0), &seed);
    pat_eval(p, pat_arg(p, node, 1), span);
    for (uint32_t i = mark; i < p->n_haps; i++) {
        const struct pat_hap *const h = &p->haps[i];
        const struct ph_ratio middle = pat_middle(p, pat_whole_or_part(h));
        if ((pat_rand_at(pat_add(p, middle, seed)) >= x) == keep_high)
            p->haps[kept++] = *h;
    }
    p->n_haps = kept;
}

static void degrade_body(struct pat *p, const struct pat_node *node, pat_params params,
                         struct pat_span span)
{
    degrade(p, node, params, span, true);
}

void pat_op_DEGRADE_BY(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, degrade_body);
}

static void undegrade_body(struct pat *p, const struct pat_node *node, pat_params params,
                           struct pat_span span)
{
    degrade(p, node, params, span, false);
}

void pat_op_UNDEGRADE_BY(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, undegrade_body);
}

/* ---- slices drawn ---------------------------------------------------------------------------- */

/** Sorts the numbers 0 .. n-1 by their draw; equal draws keep their order (merge sort). */
static void sort_by_draw(uint32_t *order, uint32_t *space, const double *draws, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    for (uint32_t width = 1; width < n; width *= 2) {
        for (uint32_t low = 0; low < n; low += 2 * width) {
            const uint32_t middle = low + width < n ? low + width : n;
            const uint32_t high = middle + width < n ? middle + width : n;
            uint32_t left = low, right = middle;
            for (uint32_t i = low; i < high; i++)
                space[i] = left < middle &&
                                   (right >= high || draws[order[left]] <= draws[order[right]])
                               ? order[left++]
                               : order[right++];
        }
        for (uint32_t i = 0; i < n; i++)
            order[i] = space[i];
    }
}

/** The permutation of cycle `cycle`; NULL when there is no memory or no budget. */
static const uint32_t *permutation(struct pat *p, int64_t cycle, uint32_t n)
{
    if (!pat_charge(p, n))
        return NULL;
    double *const draws = pat_alloc(p, n * sizeof *draws);
    uint32_t *const order = pat_alloc(p, 2 * (size_t)n * sizeof *order);
    if (!draws || !order)
        return NULL;
    pat_rands_at(ph_ratio_of(cycle), draws, n);
    sort_by_draw(order, order + n, draws, n);
    return order;
}

/** Slot `k` of n a cycle plays slice `slice` of its cycle. */
static void play_slice(struct pat *p, const struct pat_node *child, struct pat_span piece,
                       struct pat_span slot, int64_t k, int64_t slice, int64_t n)
{
    const struct ph_ratio length = pat_fraction(p, 1, n);
    const struct ph_ratio from =
        pat_fraction(p, k - pat_mod(k, n) + slice, n);

    pat_squeeze_slice(p, child, piece, from, length, slot.begin, slot.end);
}

static void shuffle_body(struct pat *p, const struct pat_node *node, pat_params params,
                         struct pat_span span)
{
    struct pat_span piece, part, slot;
    int64_t n, cycle, k;

    if (!pat_as_whole(p, params[0], &n) || n <= 0)
        return;
    if (n > UINT32_MAX / 16) {
        pat_fail(p, PH_BUDGET);
        return;
    }
    while (pat_next_cycle(p, &span, &piece, &cycle)) {
        const uint32_t *const order = permutation(p, cycle, (uint32_t)n);
        while (order && pat_next_slot(p, ph_ratio_of(n), &piece, &part, &k, &slot))
            play_slice(p, pat_arg(p, node, 1), part, slot, k, order[pat_mod(k, n)], n);
    }
}

void pat_op_SHUFFLE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, shuffle_body);
}

static void scramble_body(struct pat *p, const struct pat_node *node, pat_params params,
                          struct pat_span span)
{
    struct pat_span piece, slot;
    int64_t n, k;

    if (!pat_as_whole(p, params[0], &n) || n <= 0)
        return;
    while (pat_next_slot(p, ph_ratio_of(n), &span, &piece, &k, &slot)) {
        const double rand = pat_rand_at(pat_middle(p, slot));
        play_slice(p, pat_arg(p, node, 1), piece, slot, k, (int64_t)((double)n * rand), n);
    }
}

void pat_op_SCRAMBLE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, scramble_body);
}

/* ---- random signals -------------------------------------------------------------------------- */

static void push_number(struct pat *p, struct pat_span span, double number)
{
    const struct pat_value *const value = pat_plain(p, pat_number_value(number));

    pat_push(p, &(struct pat_hap){ .part_begin = span.begin, .part_end = span.end,
                                   .value = value });
}

void pat_op_RAND(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)node;
    push_number(p, span, pat_rand_at(pat_middle(p, span)));
}

static void irand_body(struct pat *p, const struct pat_node *node, pat_params params,
                       struct pat_span span)
{
    double n;

    (void)node;
    if (pat_as_double(params[0], &n))
        push_number(p, span, floor(n * pat_rand_at(pat_middle(p, span))));
}

void pat_op_IRAND(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, irand_body);
}

void pat_op_PERLIN(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)node;
    const double t = ph_ratio_to_double(pat_middle(p, span)), a = floor(t), x = t - a;
    const double weight = x * x * x * (x * (6 * x - 15) + 10);
    const double from = pat_rand_at_double(a), to = pat_rand_at_double(a + 1);

    push_number(p, span, from + weight * (to - from));
}
