/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/fastmath.h - elementary functions on lanes, without branches or tables.             */
/* room: audio.                                                                                   */
/*                                                                                                */
/* Each function states where it holds and how far it is from the true value; the bounds are      */
/* checked against libm in double by tests/server/dsp/test_fastmath.c. Results are the same bits  */
/* at every lane width of a set. Outside the stated range a finite argument gives a finite        */
/* result.                                                                                        */
/*                                                                                                */
/* Method: Cody and Waite, Software Manual for the Elementary Functions (argument reduction),     */
/* with minimax polynomials fitted to this reduction by Lawson's iteration.                       */
#ifndef SERVER_DSP_FASTMATH_H
#define SERVER_DSP_FASTMATH_H

#include "server/dsp/lane_double.h"

/** One step of Horner's rule: p * x + c. */
LANE_FN lane lane_horner(lane p, lane x, float c) { return lane_fma(p, x, lane_splat(c)); }
LANE_FN lane_dd lane_horner_dd(lane_dd p, lane_dd x, double c)
{
    return lane_dd_fma(p, x, lane_dd_splat(c));
}

/** Nearest whole number, ties to even. |x| < 2^22. */
LANE_FN lane lane_nearest(lane x)
{
    return (x + 12582912.0f) - 12582912.0f; /* 1.5 * 2^23: the sum has no fraction bits left */
}

/** 2^n for whole n in -126 .. 127. */
LANE_FN lane lane_exp2_whole(lane n) { return lane_from_bits((lane_to_i(n) + 127) << 23); }

/** 2^r on -0.5001 .. 0.5001, relative error below 1.3e-7. */
LANE_FN lane lane_exp2_part(lane r)
{
    lane p = lane_horner(lane_splat(0.000153533408f), r, 0.00133989007f);
    p = lane_horner(p, r, 0.00961843761f);
    p = lane_horner(p, r, 0.0555033241f);
    p = lane_horner(p, r, 0.240226479f);
    p = lane_horner(p, r, 0.693147203f);
    return lane_horner(p, r, 1.0f);
}

/** 2^x on -126 .. 127.49, relative error below 1.3e-7; 0 below, 2^127.49 above. */
LANE_FN lane lane_exp2(lane x)
{
    const lane c = lane_clamp(x, -126.0f, 127.49f), n = lane_nearest(c);
    return lane_where(lane_ge(x, lane_splat(-126.0f)), lane_exp2_part(c - n) * lane_exp2_whole(n));
}

/** e^x on -87.33 .. 88.37, relative error below 1.3e-7; 0 below, e^88.37 above. */
LANE_FN lane lane_exp(lane x)
{
    const lane c = lane_clamp(x, -87.33f, 88.37f), n = lane_nearest(c * 1.44269504f);
    /* ln 2 in two parts: n * the first is exact */
    const lane r = lane_fma(n, lane_splat(2.12194440e-4f), c - n * 0.693359375f);
    lane p = lane_horner(lane_splat(0.00138145998f), r, 0.00836871541f);
    p = lane_horner(p, r, 0.0416683879f);
    p = lane_horner(p, r, 0.166665206f);
    p = lane_horner(p, r, 0.499999934f);
    p = lane_fma(p, r * r, r) + 1.0f;
    return lane_where(lane_ge(x, lane_splat(-87.33f)), p * lane_exp2_whole(n));
}

/** x = 2^e * m with m in sqrt(1/2) .. sqrt(2); x > 0, not denormal. */
struct lane_split { lane e, m; };
LANE_FN struct lane_split lane_split(lane x)
{
    const lane_i bits = lane_bits(x), t = bits - 0x3f3504f3; /* distance to sqrt(1/2) */
    return (struct lane_split){ lane_from_i(t >> 23), lane_from_bits(bits - (t & -0x800000)) };
}

/** ln((1 + f) / (1 - f)) on |f| < 0.1716. */
LANE_FN lane lane_log_ratio(lane f)
{
    const lane z = f * f;
    lane p = lane_horner(lane_splat(0.235835416f), z, 0.285372447f);
    p = lane_horner(p, z, 0.40000336f);
    p = lane_horner(p, z, 0.666666656f);
    return lane_fma(p * z, f, f + f);
}

/** ln x for x >= 2^-126: relative error below 3e-7. Smaller and negative x count as 2^-126. */
LANE_FN lane lane_log(lane x)
{
    const struct lane_split s = lane_split(lane_max(x, lane_splat(1.17549435e-38f)));
    const lane y = lane_log_ratio((s.m - 1.0f) / (s.m + 1.0f));
    return lane_fma(s.e, lane_splat(0.693359375f), lane_fma(s.e, lane_splat(-2.12194440e-4f), y));
}

/** log2 x for x >= 2^-126: relative error below 4e-7. Smaller and negative x count as 2^-126. */
LANE_FN lane lane_log2(lane x)
{
    const struct lane_split s = lane_split(lane_max(x, lane_splat(1.17549435e-38f)));
    const lane y = lane_log_ratio((s.m - 1.0f) / (s.m + 1.0f));
    return lane_fma(y, lane_splat(1.44269504f), s.e);
}

/**
 * a^b for a > 0 where the result lies in 2^-126 .. 2^127.49: relative error below 1.3e-7. Below it
 * 0, above it 2^127.49. a <= 0 counts as 0: 0^b is 0 for b > 0, 1 for b = 0, else 2^127.49.
 * The logarithm is taken in double, to 1e-10: b multiplies its error.
 */
LANE_FN lane lane_pow(lane a, lane b)
{
    const struct lane_split s = lane_split(lane_max(a, lane_splat(1.17549435e-38f)));
    const lane_dd m = lane_dd_from(s.m), one = lane_dd_splat(1.0), sum = lane_dd_add(m, one);
    /* 1 / (m + 1) as a float, and one step of Newton's */
    const lane_dd near = lane_dd_from(1.0f / (s.m + 1.0f));
    const lane_dd inverse = lane_dd_fma(near, lane_dd_fnma(sum, near, one), near);
    const lane_dd f = lane_dd_mul(lane_dd_sub(m, one), inverse), z = lane_dd_mul(f, f);
    lane_dd p = lane_horner_dd(lane_dd_splat(1.0 / 11), z, 1.0 / 9);
    p = lane_horner_dd(p, z, 1.0 / 7);
    p = lane_horner_dd(p, z, 1.0 / 5);
    p = lane_horner_dd(p, z, 1.0 / 3);
    p = lane_horner_dd(p, z, 1.0);
    p = lane_dd_fma(lane_dd_mul(p, f), lane_dd_splat(2.8853900817779268), lane_dd_from(s.e));
    const lane_dd t = lane_dd_mul(lane_dd_from(b), p); /* 2 / ln 2 above */

    const lane y = lane_from_dd(t), c = lane_clamp(y, -126.0f, 127.49f), n = lane_nearest(c);
    /* n is the nearest to t as a float, so that r may pass 0.5 by half a step of that float */
    const lane r = lane_clamp(lane_from_dd(lane_dd_sub(t, lane_dd_from(n))), -0.50001f, 0.50001f);
    const lane power = lane_where(lane_ge(y, lane_splat(-126.0f)),
                                  lane_exp2_part(r) * lane_exp2_whole(n));
    const lane zero = lane_splat(0.0f);
    const lane of_zero = lane_select(lane_eq(b, zero), lane_splat(1.0f),
                                     lane_where(lane_lt(b, zero), lane_splat(2.39e38f)));
    return lane_select(lane_gt(a, zero), power, of_zero);
}

/** x = n * pi/2 + r with |r| <= pi/4 (1 + 1e-6), for |x| <= 8192; larger x count as +-8192. */
struct lane_quadrant { lane r; lane_i n; };
LANE_FN struct lane_quadrant lane_quadrant(lane x)
{
    const lane c = lane_clamp(x, -8192.0f, 8192.0f), n = lane_nearest(c * 0.636619772f);
    /* pi/2 in three parts of few bits: the first two products are exact */
    const lane r = lane_fma(n, lane_splat(-7.549789954e-8f),
                            (c - n * 1.5703125f) - n * 4.837512969970703e-4f);
    return (struct lane_quadrant){ r, lane_to_i(n) };
}

LANE_FN lane lane_sin_part(lane r)
{
    const lane z = r * r;
    lane p = lane_horner(lane_splat(-0.000195152188f), z, 0.0083321603f);
    p = lane_horner(p, z, -0.166666546f);
    return lane_fma(p * z, r, r);
}
LANE_FN lane lane_cos_part(lane r)
{
    const lane z = r * r;
    lane p = lane_horner(lane_splat(2.44330819e-05f), z, -0.00138873156f);
    p = lane_horner(p, z, 0.0416666457f);
    return lane_fma(p * z, z, lane_horner(lane_splat(-0.5f), z, 1.0f));
}

/** sin of quadrant n + r: the sine or cosine polynomial, with the quadrant's sign. */
LANE_FN lane lane_sin_quadrant(lane r, lane_i n)
{
    const lane_i odd = -(n & 1);
    const lane y = lane_select(odd, lane_cos_part(r), lane_sin_part(r));
    return lane_from_bits(lane_bits(y) ^ lane_i_from_u((lane_u_from_i(n) & 2u) << 30));
}

/** sin x, cos x on |x| <= 8192: absolute error below 1.2e-7. */
LANE_FN lane lane_sin(lane x)
{
    const struct lane_quadrant q = lane_quadrant(x);
    return lane_sin_quadrant(q.r, q.n);
}
LANE_FN lane lane_cos(lane x)
{
    const struct lane_quadrant q = lane_quadrant(x);
    return lane_sin_quadrant(q.r, q.n + 1);
}

/** tan x on |x| <= pi: relative error below 5e-7 but within 1e-3 of a zero or pole other than 0. */
LANE_FN lane lane_tan(lane x)
{
    const struct lane_quadrant q = lane_quadrant(x);
    const lane z = q.r * q.r;
    lane p = lane_horner(lane_splat(0.00938756953f), z, 0.00311632879f);
    p = lane_horner(p, z, 0.0244323278f);
    p = lane_horner(p, z, 0.0534106816f);
    p = lane_horner(p, z, 0.133388064f);
    p = lane_horner(p, z, 0.333331566f);
    const lane t = lane_fma(p * z, q.r, q.r);
    const lane pole = lane_select(lane_lt(lane_abs(t), lane_splat(1e-20f)), lane_splat(1e-20f), t);
    return lane_select(-(q.n & 1), -1.0f / pole, t);
}

/** tanh x everywhere: relative error below 3e-7. */
LANE_FN lane lane_tanh(lane x)
{
    const lane a = lane_abs(x), z = x * x;
    lane p = lane_horner(lane_splat(-0.00569738279f), z, 0.0206325453f);
    p = lane_horner(p, z, -0.0537377978f);
    p = lane_horner(p, z, 0.133314204f);
    p = lane_horner(p, z, -0.333332812f);
    /* 1 - 2 / (e^2|x| + 1): 10 is past the last float below 1 */
    const lane far = 1.0f - 2.0f / (lane_exp(2.0f * lane_min(a, lane_splat(10.0f))) + 1.0f);
    return lane_select(lane_lt(a, lane_splat(0.625f)), lane_fma(p * z, x, x),
                       lane_copysign(far, x));
}

/** atan t on 0 .. 1, relative error below 1.5e-7. */
LANE_FN lane lane_atan_part(lane t)
{
    const lane z = t * t;
    lane p = lane_horner(lane_splat(0.00284989108f), z, -0.0160686523f);
    p = lane_horner(p, z, 0.0426915921f);
    p = lane_horner(p, z, -0.075043045f);
    p = lane_horner(p, z, 0.106409408f);
    p = lane_horner(p, z, -0.142036468f);
    p = lane_horner(p, z, 0.199926198f);
    p = lane_horner(p, z, -0.333330721f);
    return lane_fma(p * z, t, t);
}

/** sinh x on -88 .. 88: relative error below 3e-7; +-e^88.37 / 2 beyond. */
LANE_FN lane lane_sinh(lane x)
{
    const lane z = x * x, e = lane_exp(lane_abs(x));
    lane p = lane_horner(lane_splat(1.0f / 5040), z, 1.0f / 120); /* Taylor: e - 1 / e cancels */
    p = lane_horner(p, z, 1.0f / 6);
    return lane_select(lane_lt(lane_abs(x), lane_splat(0.6f)), lane_fma(p * z, x, x),
                       lane_copysign(0.5f * e - 0.5f / e, x));
}

/** cosh x on -88 .. 88: relative error below 3e-7; e^88.37 / 2 beyond. */
LANE_FN lane lane_cosh(lane x)
{
    const lane e = lane_exp(lane_abs(x));
    return 0.5f * e + 0.5f / e;
}

/** The smaller of two magnitudes as a share of the larger, 0 where both are 0. */
LANE_FN lane lane_share(lane smaller, lane larger)
{
    return smaller / lane_select(lane_gt(larger, lane_splat(0.0f)), larger, lane_splat(1.0f));
}

/** Angle of the point x, y: -pi .. pi, relative error below 3e-7; 0 at 0, 0. */
LANE_FN lane lane_atan2(lane y, lane x)
{
    const lane ax = lane_abs(x), ay = lane_abs(y);
    const lane part = lane_atan_part(lane_share(lane_min(ax, ay), lane_max(ax, ay)));
    const lane r = lane_select(lane_gt(ay, ax), 1.57079633f - part, part);
    return lane_copysign(lane_select(lane_lt(x, lane_splat(0.0f)), 3.14159265f - r, r), y);
}

/** The sine of an angle whose cosine is x, limited to -1 .. 1, and the other way round. */
LANE_FN lane lane_other_leg(lane x) { return lane_sqrt((1.0f - x) * (1.0f + x)); }

/** arc sine and arc cosine, of -1, 1 beyond these; relative error below 4e-7. */
LANE_FN lane lane_asin(lane x)
{
    const lane c = lane_clamp(x, -1.0f, 1.0f);
    return lane_atan2(c, lane_other_leg(c));
}
LANE_FN lane lane_acos(lane x)
{
    const lane c = lane_clamp(x, -1.0f, 1.0f);
    return lane_atan2(lane_other_leg(c), c);
}

/** sqrt(x^2 + y^2) without overflow on the way: relative error below 2e-7. */
LANE_FN lane lane_hypot(lane x, lane y)
{
    const lane ax = lane_abs(x), ay = lane_abs(y), larger = lane_max(ax, ay);
    const lane t = lane_share(lane_min(ax, ay), larger);
    return larger * lane_sqrt(lane_horner(t, t, 1.0f));
}

#endif
