/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/timetag.c - NTP time tags; cycles to frames and back, exact.                          */
/* room: none (pure).                                                                             */
#include "protocol/timetag.h"

#include <math.h>

typedef __int128 wide;
typedef unsigned __int128 uwide;

#define TWO_32 4294967296.0

double ph_ntp_to_seconds(uint64_t ntp)
{
    return (double)(ntp >> 32) + (double)(uint32_t)ntp / TWO_32;
}

uint64_t ph_ntp_from_seconds(double seconds)
{
    if (!(seconds > 0))
        return 0;
    if (seconds >= TWO_32)
        return UINT64_MAX;
    const double whole = floor(seconds);
    const uint64_t fraction = (uint64_t)((seconds - whole) * TWO_32);
    return (uint64_t)whole << 32 | fraction;
}

double ph_ntp_difference_seconds(uint64_t a, uint64_t b)
{
    return (double)(int64_t)(a - b) / TWO_32; /* wraps with the NTP era */
}

/* ---- 256 bits, for products of two 128-bit numbers ------------------------------------------- */

struct u256 {
    uwide high, low;
};

static struct u256 multiply(uwide a, uwide b)
{
    const uwide mask = UINT64_MAX;
    const uwide a0 = a & mask, a1 = a >> 64, b0 = b & mask, b1 = b >> 64;
    const uwide low = a0 * b0, mid1 = a1 * b0, mid2 = a0 * b1;
    const uwide carry = (low >> 64) + (mid1 & mask) + (mid2 & mask);

    return (struct u256){a1 * b1 + (mid1 >> 64) + (mid2 >> 64) + (carry >> 64),
                         (carry << 64) | (low & mask)};
}

static struct u256 add(struct u256 a, struct u256 b)
{
    const uwide low = a.low + b.low;

    return (struct u256){a.high + b.high + (low < a.low), low};
}

static struct u256 subtract(struct u256 a, struct u256 b)
{
    return (struct u256){a.high - b.high - (a.low < b.low), a.low - b.low};
}

static bool less(struct u256 a, struct u256 b)
{
    return a.high < b.high || (a.high == b.high && a.low < b.low);
}

static struct u256 shift_left(struct u256 a, unsigned bits) /* 0 .. 63 */
{
    if (bits == 0)
        return a;
    return (struct u256){a.high << bits | a.low >> (128 - bits), a.low << bits};
}

/* floor(n / d), at most 2^63 - 1. Needs d < 2^192. */
static int64_t divide(struct u256 n, struct u256 d)
{
    uint64_t quotient = 0;

    if (!less(n, shift_left(d, 63)))
        return INT64_MAX;
    for (unsigned bit = 63; bit-- > 0;) {
        const struct u256 part = shift_left(d, bit);
        if (!less(n, part)) {
            n = subtract(n, part);
            quotient |= UINT64_C(1) << bit;
        }
    }
    return (int64_t)quotient;
}

static uwide gcd(uwide a, uwide b)
{
    while (b) {
        const uwide t = a % b;
        a = b;
        b = t;
    }
    return a;
}

static int64_t saturated(wide n)
{
    return n > INT64_MAX ? INT64_MAX : n < INT64_MIN ? INT64_MIN : (int64_t)n;
}

/*
 * With x = |cycle - base| * rate / cps = p / q: floor(x + 1/2) is floor((2p + q) / 2q). On the
 * other side of the base, floor(-x + 1/2) is -floor((2p + q - 1) / 2q).
 */
int64_t ph_tempo_frame(const struct ph_tempo *t, struct ph_ratio cycle)
{
    wide n = (wide)cycle.num * t->base_cycle.den - (wide)t->base_cycle.num * cycle.den;
    const bool before = n < 0;
    uwide up = before ? -(uwide)n : (uwide)n;
    uwide down = (uwide)cycle.den * (uwide)t->base_cycle.den;
    uwide scale_up = (uwide)t->rate_hz * (uwide)t->cps.den, scale_down = (uwide)t->cps.num;
    uwide p, q, sum;
    int64_t frames;

    if (!__builtin_mul_overflow(up, scale_up * 2, &p) &&
        !__builtin_mul_overflow(down, scale_down, &q) && q >> 127 == 0 &&
        !__builtin_add_overflow(p, q - before, &sum)) {
        const uwide result = sum / (q * 2);
        frames = result > INT64_MAX ? INT64_MAX : (int64_t)result;
    } else {
        const uwide g = gcd(up, down);
        up /= g;
        down /= g;
        struct u256 wide_q = multiply(down, scale_down);
        struct u256 wide_p = shift_left(multiply(up, scale_up), 1);
        wide_p = add(wide_p, wide_q);
        if (before)
            wide_p = subtract(wide_p, (struct u256){0, 1});
        frames = divide(wide_p, shift_left(wide_q, 1));
    }
    return saturated((wide)t->base_frame + (before ? -(wide)frames : (wide)frames));
}

/* n/d (0 <= n < d) to a denominator of 2^32, rounded. */
static uint64_t to_32_bits(uwide n, uwide d)
{
    while (d >> 94) {
        n >>= 1;
        d >>= 1;
    }
    return (uint64_t)(((n << 33) / d + 1) >> 1);
}

/* whole + part / 2^32 */
static struct ph_ratio from_32_bits(wide whole, uint64_t part)
{
    int bits = 32;
    wide n = whole * ((wide)1 << 32) + part;

    while (bits > 0 && (n > INT64_MAX || n < INT64_MIN || (n & 1) == 0)) {
        n >>= 1;
        bits--;
    }
    return PH_RATIO(saturated(n), INT64_C(1) << bits);
}

struct ph_ratio ph_tempo_cycle(const struct ph_tempo *t, int64_t frame)
{
    const struct ph_ratio base = t->base_cycle;
    wide n = ((wide)frame - t->base_frame) * t->cps.num;
    uwide d = (uwide)t->rate_hz * (uwide)t->cps.den;
    const uwide g = gcd(n < 0 ? -(uwide)n : (uwide)n, d);
    n /= (wide)g;
    d /= g;

    /* Whole cycles and fractions apart: the sum of fractions needs fewer bits. */
    wide whole = n / (wide)d, rest = n % (wide)d;
    if (rest < 0) {
        rest += (wide)d;
        whole--;
    }
    const int64_t base_whole = ph_ratio_floor(base);
    const wide base_rest = (wide)base.num - (wide)base_whole * base.den;
    uwide left, right, down, up;
    whole += base_whole;

    if (!__builtin_mul_overflow((uwide)rest, (uwide)base.den, &left) &&
        !__builtin_mul_overflow((uwide)base_rest, d, &right) &&
        !__builtin_mul_overflow(d, (uwide)base.den, &down) &&
        !__builtin_add_overflow(left, right, &up)) {
        const uwide h = gcd(up, down);
        wide sum;
        up /= h;
        down /= h;
        if (down <= INT64_MAX && !__builtin_mul_overflow(whole, (wide)down, &sum) &&
            !__builtin_add_overflow(sum, (wide)up, &sum) && sum == saturated(sum))
            return PH_RATIO((int64_t)sum, (int64_t)down);
    }
    return from_32_bits(whole, to_32_bits((uwide)rest, d) +
                                   to_32_bits((uwide)base_rest, (uwide)base.den));
}

/* In units of 1 / 2^32, rounded. */
static wide fixed_of(struct ph_ratio x)
{
    const int64_t whole = ph_ratio_floor(x);
    const wide rest = (wide)x.num - (wide)whole * x.den;
    return (wide)whole * ((wide)1 << 32) + to_32_bits((uwide)rest, (uwide)x.den);
}

static struct ph_ratio ratio_of_fixed(wide x)
{
    return from_32_bits(x >> 32, (uint64_t)(x & UINT32_MAX));
}

/* A position that a stretch can begin at: what is computed from it shall fit into 128 bits. */
static struct ph_ratio as_base(struct ph_ratio cycle)
{
    return cycle.den <= INT64_C(1) << 40 ? cycle : ratio_of_fixed(fixed_of(cycle));
}

struct ph_tempo ph_tempo_change(const struct ph_tempo *t, int64_t frame, struct ph_ratio cps)
{
    return (struct ph_tempo){.base_frame = frame,
                             .base_cycle = as_base(ph_tempo_cycle(t, frame)),
                             .cps = cps,
                             .rate_hz = t->rate_hz};
}

struct ph_tempo ph_tempo_nudge(const struct ph_tempo *t, int64_t frame, struct ph_ratio cycles)
{
    struct ph_tempo nudged = ph_tempo_change(t, frame, t->cps);
    const struct ph_ratio before = nudged.base_cycle;
    bool overflow = false;
    const struct ph_ratio base = ph_ratio_sub(before, cycles, &overflow);

    nudged.base_cycle =
        overflow ? ratio_of_fixed(fixed_of(before) - fixed_of(cycles)) : as_base(base);
    return nudged;
}
