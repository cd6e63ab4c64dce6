/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/precise.h - elementary functions rounded as well as libm's, on lanes.               */
/* room: audio.                                                                                   */
/*                                                                                                */
/* For values that are computed once per block and then added up: frequencies, times. All are     */
/* within 0.505 units of the last place where the result is a normal float, as libm's are;        */
/* tests/server/dsp/test_fastmath.c checks it. They are computed in double, with the reductions   */
/* of fastmath.h and minimax polynomials good to 1e-12, fitted by Lawson's iteration. Finite      */
/* arguments give finite results.                                                                 */
#ifndef SERVER_DSP_PRECISE_H
#define SERVER_DSP_PRECISE_H

#include "server/dsp/fastmath.h"

/** 2^r on -0.5 .. 0.5. */
LANE_FN lane_dd precise_exp2_part(lane_dd r)
{
    lane_dd p = lane_horner_dd(lane_dd_splat(1.3175812554730708e-06), r, 1.5309740038035855e-05);
    p = lane_horner_dd(p, r, 0.00015403852016157742);
    p = lane_horner_dd(p, r, 0.001333345205405964);
    p = lane_horner_dd(p, r, 0.0096181285424181417);
    p = lane_horner_dd(p, r, 0.055504109393479745);
    p = lane_horner_dd(p, r, 0.24022650698882431);
    p = lane_horner_dd(p, r, 0.6931471805465137);
    return lane_horner_dd(p, r, 0.99999999999976263);
}

/** 2^x: 0 below 2^-126, 2^127.49 above. */
LANE_FN lane precise_exp2_dd(lane_dd x)
{
    const lane y = lane_from_dd(x), c = lane_clamp(y, -126.0f, 127.49f), n = lane_nearest(c);
    const lane_i inside = lane_eq(y, c);
    const lane_dd edge = lane_dd_where(~inside, lane_dd_from(c));
    const lane_dd within = lane_dd_add(lane_dd_where(inside, x), edge);
    const lane part = lane_from_dd(precise_exp2_part(lane_dd_sub(within, lane_dd_from(n))));
    return lane_where(lane_ge(y, lane_splat(-126.0f)), part * lane_exp2_whole(n));
}

LANE_FN lane precise_exp2(lane x) { return precise_exp2_dd(lane_dd_from(x)); }
LANE_FN lane precise_exp(lane x)
{
    return precise_exp2_dd(lane_dd_mul(lane_dd_from(x), lane_dd_splat(1.4426950408889634)));
}
LANE_FN lane precise_exp10(lane x)
{
    return precise_exp2_dd(lane_dd_mul(lane_dd_from(x), lane_dd_splat(3.3219280948873623)));
}

/** log2 x for x >= 2^-126; smaller and negative x count as 2^-126. */
LANE_FN lane_dd precise_log2_dd(lane x)
{
    const struct lane_split s = lane_split(lane_max(x, lane_splat(1.17549435e-38f)));
    const lane_dd m = lane_dd_from(s.m), one = lane_dd_splat(1.0);
    const lane_dd f = lane_dd_div(lane_dd_sub(m, one), lane_dd_add(m, one)), z = lane_dd_mul(f, f);
    lane_dd p = lane_horner_dd(lane_dd_splat(1.0 / 13), z, 1.0 / 11); /* ln m = 2 artanh f */
    p = lane_horner_dd(p, z, 1.0 / 9);
    p = lane_horner_dd(p, z, 1.0 / 7);
    p = lane_horner_dd(p, z, 1.0 / 5);
    p = lane_horner_dd(p, z, 1.0 / 3);
    p = lane_horner_dd(p, z, 1.0);
    return lane_dd_fma(lane_dd_mul(p, f), lane_dd_splat(2.8853900817779268), lane_dd_from(s.e));
}

LANE_FN lane precise_log2(lane x) { return lane_from_dd(precise_log2_dd(x)); }
LANE_FN lane precise_log(lane x)
{
    return lane_from_dd(lane_dd_mul(precise_log2_dd(x), lane_dd_splat(0.69314718055994531)));
}
LANE_FN lane precise_log10(lane x)
{
    return lane_from_dd(lane_dd_mul(precise_log2_dd(x), lane_dd_splat(0.30102999566398120)));
}

/**
 * a^b for a > 0: 0 below 2^-126, 2^127.49 above. a <= 0 counts as 0: 0^b is 0 for b > 0, 1 for
 * b = 0, else 2^127.49.
 */
LANE_FN lane precise_pow(lane a, lane b)
{
    const lane power = precise_exp2_dd(lane_dd_mul(lane_dd_from(b), precise_log2_dd(a)));
    const lane zero = lane_splat(0.0f);
    const lane of_zero = lane_select(lane_eq(b, zero), lane_splat(1.0f),
                                     lane_where(lane_lt(b, zero), lane_splat(2.39e38f)));
    return lane_select(lane_gt(a, zero), power, of_zero);
}

LANE_FN lane precise_tanh(lane x)
{
    const lane a = lane_min(lane_abs(x), lane_splat(10.0f)); /* past the last float below 1 */
    const lane_dd turns = lane_dd_mul(lane_dd_from(a), lane_dd_splat(2.8853900817779268));
    const lane n = lane_nearest(lane_from_dd(turns));
    const lane_dd part = precise_exp2_part(lane_dd_sub(turns, lane_dd_from(n)));
    const lane_dd e = lane_dd_mul(part, lane_dd_from(lane_exp2_whole(n))), one = lane_dd_splat(1.0);
    const lane far = lane_from_dd(lane_dd_div(lane_dd_sub(e, one), lane_dd_add(e, one)));

    const lane_dd d = lane_dd_from(a), z = lane_dd_mul(d, d); /* Taylor: e - 1 cancels near 0 */
    const lane_dd p = lane_horner_dd(lane_dd_splat(-17.0 / 315), z, 2.0 / 15);
    const lane_dd q = lane_dd_mul(lane_horner_dd(p, z, -1.0 / 3), z);
    const lane near = lane_from_dd(lane_dd_fma(q, d, d));
    return lane_copysign(lane_select(lane_lt(a, lane_splat(0.02f)), near, far), x);
}

/** Sine and cosine of x - n pi/2, |x| <= 8192. */
struct precise_angle { lane_dd sin, cos; lane_i n; };
LANE_FN struct precise_angle precise_angle_dd(lane_dd x)
{
    const lane n = lane_nearest(lane_from_dd(x) * 0.636619772f);
    const lane_dd quarter = lane_dd_splat(1.5707963267948966);
    const lane_dd r = lane_dd_fnma(lane_dd_from(n), quarter, x);
    const lane_dd z = lane_dd_mul(r, r);
    lane_dd s = lane_horner_dd(lane_dd_splat(-2.4854687206021381e-08), z, 2.7556588225678094e-06);
    s = lane_horner_dd(s, z, -0.00019841269111426415);
    s = lane_horner_dd(s, z, 0.0083333333332579786);
    s = lane_horner_dd(s, z, -0.1666666666665988);
    lane_dd k = lane_horner_dd(lane_dd_splat(-2.7236299231939202e-07), z, 2.479985189833806e-05);
    k = lane_horner_dd(k, z, -0.0013888885052072762);
    k = lane_horner_dd(k, z, 0.04166666663691658);
    k = lane_horner_dd(k, z, -0.49999999999963041);
    return (struct precise_angle){ lane_dd_fma(lane_dd_mul(s, z), r, r),
                                   lane_horner_dd(k, z, 1.0), lane_to_i(n) };
}
LANE_FN struct precise_angle precise_angle(lane x)
{
    return precise_angle_dd(lane_dd_from(lane_clamp(x, -8192.0f, 8192.0f)));
}

/** y, but f(x) where x is past the range above. */
LANE_FN lane precise_far(lane y, lane x, float (*f)(float))
{
    const lane_i far = lane_gt(lane_abs(x), lane_splat(8192.0f));
    for (uint32_t left = lane_mask_bits(far); left; left &= left - 1) {
        const int k = __builtin_ctz(left);
        y = lane_set(y, k, f(lane_get(x, k)));
    }
    return y;
}

/** The sine of quadrant n on. */
LANE_FN lane precise_quadrant(const struct precise_angle *a, lane_i n)
{
    const lane y = lane_select(-(n & 1), lane_from_dd(a->cos), lane_from_dd(a->sin));
    return lane_from_bits(lane_bits(y) ^ lane_i_from_u((lane_u_from_i(n) & 2u) << 30));
}

LANE_FN lane precise_sin(lane x)
{
    const struct precise_angle a = precise_angle(x);
    return precise_far(precise_quadrant(&a, a.n), x, sinf);
}
LANE_FN lane precise_cos(lane x)
{
    const struct precise_angle a = precise_angle(x);
    return precise_far(precise_quadrant(&a, a.n + 1), x, cosf);
}
LANE_FN lane precise_tan(lane x)
{
    const struct precise_angle a = precise_angle(x);
    const lane_i odd = -(a.n & 1);
    const lane_dd over = lane_dd_add(lane_dd_where(odd, a.cos), lane_dd_where(~odd, a.sin));
    const lane_dd under = lane_dd_add(lane_dd_where(odd, a.sin), lane_dd_where(~odd, a.cos));
    const lane y = lane_from_dd(lane_dd_div(over, under));
    return precise_far(lane_select(odd, 0.0f - y, y), x, tanf);
}

#endif
