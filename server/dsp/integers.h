/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/integers.h - whole numbers in signals: bits, divisors and multiples.                */
/* room: audio.                                                                                   */
#ifndef SERVER_DSP_INTEGERS_H
#define SERVER_DSP_INTEGERS_H

#include "server/dsp/lane.h"

/** Towards zero; -2^31 where that doesn't fit 32 bits, as x86 converts. */
LANE_FN lane_i whole(lane x)
{
    const lane_i fits = lane_lt(lane_abs(x), lane_splat(2147483648.0f));
    return lane_select_i(fits, lane_to_i(lane_where(fits, x)), lane_splat_i(INT32_MIN));
}

/** By the lowest five bits of n, as x86 shifts. */
LANE_FN lane_i shift_left(lane_i x, lane_i n)
{
    return lane_i_from_u(lane_u_from_i(x) << lane_u_from_i(n & 31));
}

/** Towards zero, within +-2^62; 0 for what is no number. */
static inline int64_t whole_64(float x)
{
    const float edge = 4611686018427387904.0f;
    if (x >= edge)
        return INT64_C(1) << 62;
    if (x <= -edge)
        return -(INT64_C(1) << 62);
    return x == x ? (int64_t)x : 0;
}

/** Greatest common divisor, negative where neither number is above 0. Source: Euclid. */
static inline int64_t common_divisor_64(int64_t a, int64_t b)
{
    if (a == 0 || b == 0)
        return a + b;
    const bool negative = a < 0 && b < 0;
    a = a < 0 ? -a : a;
    b = b < 0 ? -b : b;
    while (b) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return negative ? -a : a;
}

static inline float common_divisor(float a, float b)
{
    return (float)common_divisor_64(whole_64(a), whole_64(b));
}

/** Least common multiple: a b / divisor, with that sign; 0 where a number is 0. */
static inline float common_multiple(float a, float b)
{
    const int64_t x = whole_64(a), y = whole_64(b);
    if (x == 0 || y == 0)
        return 0.0f;
    return (float)((double)(x / common_divisor_64(x, y)) * (double)y);
}

#endif
