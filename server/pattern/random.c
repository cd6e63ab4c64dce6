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

/**
 * The draw at the middle of a span, `later` cycles later. What is drawn does not ask for lowest
 * terms.
 */
static double rand_in(struct pat *p, struct pat_span span, struct ph_ratio later)
{
    int64_t sum;

    if (span.begin.den == span.end.den && span.begin.den < 1 << 24 && later.num == 0 &&
        !__builtin_add_overflow(span.begin.num, span.end.num, &sum))
        return pat_rand_at(PH_RATIO(sum, 2 * span.begin.den));
    return pat_rand_at(pat_add(p, pat_middle(p, span), later));
}

/* ---- events dropped -------------------------------------------------------------------------- */

/** .ph keeps an event whose draw is x; Tidal, which asks for more than x, drops it. */
static bool is_kept(const struct pat *p, double rand, double x)
{
    return pat_is_tidal(p) ? rand > x : rand >= x;
}

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
        const struct pat_span whole = pat_whole_or_part(&p->haps[i]);
        struct pat_span own;
        const bool inside = pat_inside(&p->haps[i], &own);
        p->haps[kept] = p->haps[i]; /* whether or not: no processor can guess */
        kept += inside && is_kept(p, rand_in(p, whole, seed), x) == keep_high;
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

/** Pushes `h` cut to where `draws` has more than x. */
static void keep_by(struct pat *p, const struct pat_node *draws, const struct pat_hap *h, double x)
{
    const uint32_t mark = p->n_haps;
    uint32_t kept = mark;
    double rand;

    pat_fragments(p, draws, h);
    for (uint32_t i = mark; i < p->n_haps; i++) {
        struct pat_hap part = p->haps[i];
        if (!pat_as_double(part.value, &rand) || !is_kept(p, rand, x))
            continue;
        part.value = h->value;
        p->haps[kept++] = part;
    }
    p->n_haps = kept;
}

/** Arguments: what is drawn from, x, p. */
void pat_op_DEGRADE_USING(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    double x;

    pat_eval_param(p, pat_arg(p, node, 1), span);
    const uint32_t middle = p->n_haps;
    for (uint32_t k = mark; k < middle && pat_step(p); k++) {
        const struct pat_hap param = p->haps[k];
        const uint32_t first = p->n_haps;
        if (!pat_as_double(param.value, &x))
            continue;
        pat_eval(p, pat_arg(p, node, 2), pat_part(&param));
        const uint32_t end = p->n_haps;
        for (uint32_t i = first; i < end && pat_step(p); i++) {
            const struct pat_hap h = p->haps[i];
            keep_by(p, pat_arg(p, node, 0), &h, x);
        }
        pat_drop(p, first, end);
    }
    pat_drop(p, mark, middle);
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

static void randrun_body(struct pat *p, const struct pat_node *node, pat_params params,
                         struct pat_span span)
{
    struct pat_span piece, part, slot;
    int64_t n, cycle, k;

    (void)node;
    if (!pat_as_whole(p, params[0], &n) || n <= 0)
        return;
    if (n > UINT32_MAX / 16) {
        pat_fail(p, PH_BUDGET);
        return;
    }
    while (pat_next_cycle(p, &span, &piece, &cycle)) {
        const uint32_t *const order = permutation(p, cycle, (uint32_t)n);
        while (order && pat_next_slot(p, ph_ratio_of(n), &piece, &part, &k, &slot))
            pat_push(p, &(struct pat_hap){ true, slot.begin, slot.end, part.begin, part.end,
                                           pat_plain(p, pat_int_value(order[pat_mod(k, n)])) });
    }
}

void pat_op_RANDRUN(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, randrun_body);
}

/* ---- repeats of drawn length ----------------------------------------------------------------- */

/**
 * Length of repeat i of n in this cycle before all are scaled to fill it: 1, 2 or 3. The draws are
 * i/n apart, each over what the one before left of the cycle.
 */
static int64_t stripe_length(struct pat *p, int64_t cycle, int64_t i, int64_t n)
{
    const int64_t left = i > 0 ? n - i + 1 : n;
    const struct ph_ratio middle = pat_fraction(p, 2 * i + left, 2 * n);

    return 1 + (int64_t)(3 * pat_rand_at(pat_add(p, middle, ph_ratio_of(cycle))));
}

/** Repeat i plays the source's cycle c*n + i; in Tidal the source i*n cycles late. */
static void stripe_cycle(struct pat *p, const struct pat_node *child, struct pat_span piece,
                         int64_t cycle, int64_t n)
{
    int64_t total = 0, at = 0;

    for (int64_t i = 0; i < n && pat_step(p); i++)
        total += stripe_length(p, cycle, i, n);
    for (int64_t i = 0; i < n && pat_step(p); i++) {
        const int64_t next = at + stripe_length(p, cycle, i, n);
        const struct ph_ratio c = ph_ratio_of(cycle);
        const struct pat_span slot = { pat_add(p, c, pat_fraction(p, at, total)),
                                       pat_add(p, c, pat_fraction(p, next, total)) };
        struct pat_span part;
        const uint32_t mark = p->n_haps;
        at = next;
        if (!pat_intersect(piece, slot, &part))
            continue;
        const struct ph_ratio from =
            pat_is_tidal(p) ? ph_ratio_of(cycle - i * n)
                            : pat_add(p, pat_mul(p, c, ph_ratio_of(n)), ph_ratio_of(i));
        pat_eval_affine(p, child, child->continuous ? slot : part, from, slot.begin,
                        pat_sub(p, slot.end, slot.begin));
        if (child->continuous) /* a signal is read over the whole repeat */
            pat_clip(p, mark, part);
        if (pat_is_tidal(p))
            pat_by_own_cycle(p, mark, slot.begin, pat_sub(p, slot.end, slot.begin),
                             PH_RATIO(1, 1));
    }
}

static void stripe_body(struct pat *p, const struct pat_node *node, pat_params params,
                        struct pat_span span)
{
    struct pat_span piece;
    int64_t n, cycle;

    if (!pat_as_whole(p, params[0], &n) || n <= 0 || n > UINT32_MAX / 16)
        return;
    while (pat_next_cycle(p, &span, &piece, &cycle))
        stripe_cycle(p, pat_arg(p, node, 1), piece, cycle, n);
}

void pat_op_STRIPE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, stripe_body);
}

/* ---- a walk ---------------------------------------------------------------------------------- */

/**
 * A walk is the sum of all steps so far: to know one, all events before it must be asked for. It
 * begins anew every so many cycles, so that a query costs as much in the last hour as in the first.
 */
enum { WALK_CYCLES = 64 };

/** Where the walk stands from each onset on, from the cycle `from`. */
struct walk {
    int64_t from;
    uint32_t n;
    struct ph_ratio *onsets;
    int64_t *sums;
};

/** Steps at the onsets of `child` in [from, until); those at one time are one step. */
static bool walk_make(struct pat *p, const struct pat_node *child, int64_t from,
                      struct ph_ratio until, struct walk *out)
{
    const uint32_t mark = p->n_haps;
    uint32_t n = 0;

    pat_eval(p, child, (struct pat_span){ ph_ratio_of(from), until });
    const struct pat_hap *const haps = pat_take_sorted(p, mark, &n);
    *out = (struct walk){ .from = from };
    out->onsets = haps ? pat_alloc(p, (n + 1) * sizeof *out->onsets) : NULL;
    out->sums = out->onsets ? pat_alloc(p, (n + 1) * sizeof *out->sums) : NULL;
    for (uint32_t i = 0; out->sums && i < n; i++) {
        const struct pat_hap *const h = &haps[i];
        if (!h->has_whole || !pat_has_onset(h) ||
            (out->n > 0 && pat_cmp(out->onsets[out->n - 1], h->whole_begin) == 0))
            continue;
        const int64_t before = out->n > 0 ? out->sums[out->n - 1] : 0;
        out->onsets[out->n] = h->whole_begin;
        out->sums[out->n++] = before + (pat_rand_at(pat_middle(p, pat_whole(h))) < 0.5 ? -1 : 1);
    }
    return out->sums != NULL;
}

static int64_t walk_at(const struct walk *w, struct ph_ratio onset)
{
    uint32_t low = 0, high = w->n;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (pat_cmp(w->onsets[middle], onset) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? w->sums[low - 1] : 0;
}

static int64_t walk_start(struct ph_ratio t)
{
    const int64_t cycle = pat_floor(t);

    return cycle - pat_mod(cycle, WALK_CYCLES);
}

/** The haps above `mark` as much farther as the walk has come at their onsets. */
static void walk_on(struct pat *p, const struct pat_node *child, uint32_t mark, int64_t cycle,
                    const struct ph_value *step)
{
    const uint32_t end = p->n_haps;
    struct walk now = { .from = INT64_MIN }, before;

    for (uint32_t i = mark; i < end && pat_step(p); i++) {
        struct pat_hap *const h = &p->haps[i];
        const struct ph_ratio onset = h->whole_begin;
        if (!h->has_whole || h->value->is_controls || !pat_is_number(&h->value->plain))
            continue;
        const bool is_now = walk_start(onset) == walk_start(ph_ratio_of(cycle));
        struct walk *const w = is_now ? &now : &before; /* what began before the walk did */
        if ((w != &now || now.from == INT64_MIN) &&
            !walk_make(p, child, walk_start(onset),
                       is_now ? ph_ratio_of(cycle + 1)
                              : ph_ratio_of(walk_start(onset) + WALK_CYCLES), w))
            return;
        const struct ph_value times = pat_int_value(walk_at(w, onset));
        const struct ph_value way = pat_arith(PH_PAT_MUL, step, &times);
        p->haps[i].value = pat_plain(p, pat_arith(PH_PAT_ADD, &p->haps[i].value->plain, &way));
        if (!p->haps[i].value)
            return;
    }
}

static void walk_body(struct pat *p, const struct pat_node *node, pat_params params,
                      struct pat_span span)
{
    struct pat_span piece;
    int64_t cycle;

    if (params[0]->is_controls || !pat_is_number(&params[0]->plain))
        return;
    while (pat_next_cycle(p, &span, &piece, &cycle)) {
        const uint32_t mark = p->n_haps;
        pat_eval(p, pat_arg(p, node, 1), piece);
        walk_on(p, pat_arg(p, node, 1), mark, cycle, &params[0]->plain);
    }
}

void pat_op_WALK(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, walk_body);
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
    struct pat_span piece;
    int64_t cycle;
    double n;

    (void)node;
    if (!pat_as_double(params[0], &n))
        return;
    if (!pat_is_tidal(p)) {
        push_number(p, span, floor(n * pat_rand_at(pat_middle(p, span))));
        return;
    }
    while (pat_next_cycle(p, &span, &piece, &cycle)) /* n cuts at cycles, as all constants do */
        push_number(p, piece, floor(n * pat_rand_at(pat_middle(p, piece))));
}

void pat_op_IRAND(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, irand_body);
}

/* ---- noise ----------------------------------------------------------------------------------- */

static double smooth_step(double x)
{
    return x * x * x * (x * (6 * x - 15) + 10);
}

static double perlin(double t)
{
    const double a = floor(t), from = pat_rand_at_double(a), to = pat_rand_at_double(a + 1);

    return from + smooth_step(t - a) * (to - from);
}

/** The gradient of a corner, drawn as an angle, along the way there. */
static double corner(double at_x, double at_y, double way_x, double way_y)
{
    const double angle = 2 * M_PI * pat_rand_at_double(at_x + 0.0001 * at_y);

    return cos(angle) * way_x + sin(angle) * way_y;
}

static double perlin2(double x, double y)
{
    const double x0 = floor(x), y0 = floor(y), u = x - x0, v = y - y0;
    const double s = smooth_step(u), t = smooth_step(v);
    const double sum = (1 - s) * (1 - t) * corner(x0, y0, u, v) +
                       s * (1 - t) * corner(x0 + 1, y0, u - 1, v) +
                       (1 - s) * t * corner(x0, y0 + 1, u, v - 1) +
                       s * t * corner(x0 + 1, y0 + 1, u - 1, v - 1);

    return (sum + 1) / 2;
}

const struct pat_value *pat_perlin_value(struct pat *p, const struct pat_value *x,
                                         const struct pat_value *y)
{
    double a, b = 0;

    if (!pat_as_double(x, &a) || (y && !pat_as_double(y, &b)))
        return x;
    return pat_plain(p, pat_number_value(y ? perlin2(a, b) : perlin(a)));
}

void pat_op_PERLIN(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)node;
    push_number(p, span, perlin(ph_ratio_to_double(pat_middle(p, span))));
}
