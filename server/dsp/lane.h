/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lane.h - the lane type: one value per voice, LANE_W voices side by side.            */
/* room: audio. The only file that knows how a lane is stored.                                    */
/*                                                                                                */
/* LANE_W 1: a float, so that loops over frames stay ordinary C that the compiler vectorises      */
/* along time. LANE_W 4, 8, 16: a vector that fills one register. `+ - * /` and `& | ^ ~` work on */
/* all, also between a lane and a plain float; everything else goes through the functions below.  */
/*                                                                                                */
/* The same operations in the same order give the same bits at every width of one instruction     */
/* set: the compiler neither contracts nor reassociates. Whoever wants a fused multiply-add asks  */
/* for it with lane_fma(), and gets it at both widths or at none.                                 */
#ifndef SERVER_DSP_LANE_H
#define SERVER_DSP_LANE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "server/dsp/dsp.h"

#if !defined(LANE_W) || !defined(LANE_ISA)
#error "LANE_W and LANE_ISA are set by the build: one static library per width and instruction set"
#endif

/** Name of a symbol in this library: DSP(dsp_SinOsc) is dsp_SinOsc_avx2_w8 there. */
#define DSP_PASTE_(name, isa, width) name##_##isa##_w##width
#define DSP_PASTE(name, isa, width) DSP_PASTE_(name, isa, width)
#define DSP(name) DSP_PASTE(name, LANE_ISA, LANE_W)

#define LANE_FN static inline __attribute__((always_inline))

#if LANE_W == 1

typedef float lane;
typedef int32_t lane_i;  /* integers, and masks: 0 or -1 */
typedef uint32_t lane_u; /* phase accumulators and random state: wrap without surprise */
typedef double lane_d;

LANE_FN lane lane_splat(float x) { return x; }
LANE_FN lane_i lane_splat_i(int32_t x) { return x; }
LANE_FN lane_u lane_splat_u(uint32_t x) { return x; }
LANE_FN lane_d lane_splat_d(double x) { return x; }
LANE_FN float lane_get(lane x, int k) { (void)k; return x; }
LANE_FN int32_t lane_get_i(lane_i x, int k) { (void)k; return x; }
LANE_FN uint32_t lane_get_u(lane_u x, int k) { (void)k; return x; }
LANE_FN double lane_get_d(lane_d x, int k) { (void)k; return x; }
LANE_FN lane lane_set(lane x, int k, float v) { (void)x, (void)k; return v; }
LANE_FN lane_i lane_set_i(lane_i x, int k, int32_t v) { (void)x, (void)k; return v; }
LANE_FN lane_u lane_set_u(lane_u x, int k, uint32_t v) { (void)x, (void)k; return v; }
LANE_FN lane_d lane_set_d(lane_d x, int k, double v) { (void)x, (void)k; return v; }

LANE_FN lane_i lane_lt(lane a, lane b) { return -(a < b); }
LANE_FN lane_i lane_le(lane a, lane b) { return -(a <= b); }
LANE_FN lane_i lane_gt(lane a, lane b) { return -(a > b); }
LANE_FN lane_i lane_ge(lane a, lane b) { return -(a >= b); }
LANE_FN lane_i lane_eq(lane a, lane b) { return -(a == b); }
LANE_FN lane_i lane_ne(lane a, lane b) { return -(a != b); }
LANE_FN lane_i lane_lt_i(lane_i a, lane_i b) { return -(a < b); }
LANE_FN lane_i lane_gt_i(lane_i a, lane_i b) { return -(a > b); }
LANE_FN lane_i lane_eq_i(lane_i a, lane_i b) { return -(a == b); }

LANE_FN lane lane_select(lane_i mask, lane a, lane b) { return mask ? a : b; }
LANE_FN lane_i lane_select_i(lane_i mask, lane_i a, lane_i b) { return mask ? a : b; }
LANE_FN lane_u lane_select_u(lane_i mask, lane_u a, lane_u b) { return mask ? a : b; }
LANE_FN uint32_t lane_mask_bits(lane_i mask) { return (uint32_t)mask & 1u; }
LANE_FN bool lane_any(lane_i mask) { return mask != 0; }
LANE_FN bool lane_all(lane_i mask) { return mask != 0; }

LANE_FN lane_i lane_bits(lane x) { lane_i i; memcpy(&i, &x, sizeof i); return i; }
LANE_FN lane lane_from_bits(lane_i i) { lane x; memcpy(&x, &i, sizeof x); return x; }
LANE_FN lane_i lane_i_from_u(lane_u x) { return (lane_i)x; }
LANE_FN lane_u lane_u_from_i(lane_i x) { return (lane_u)x; }
LANE_FN lane lane_from_i(lane_i i) { return (float)i; }
LANE_FN lane_i lane_to_i(lane x) { return (int32_t)x; }
LANE_FN lane_d lane_to_d(lane x) { return x; }
LANE_FN lane lane_from_d(lane_d x) { return (float)x; }
#if defined(__FMA__)
LANE_FN lane lane_fma(lane a, lane b, lane c) { return __builtin_fmaf(a, b, c); }
LANE_FN lane_d lane_fma_d(lane_d a, lane_d b, lane_d c) { return __builtin_fma(a, b, c); }
#endif
/** a where the mask is set, 0 elsewhere. */
LANE_FN lane_d lane_where_d(lane_i mask, lane_d a) { return mask ? a : 0.0; }

#else

#if LANE_W == 4
#define LANE_LIST(x) x, x, x, x
#elif LANE_W == 8
#define LANE_LIST(x) x, x, x, x, x, x, x, x
#elif LANE_W == 16
#define LANE_LIST(x) x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x
#else
#error "lanes come in widths 1, 4, 8 and 16"
#endif

typedef float lane __attribute__((vector_size(4 * LANE_W)));
typedef int32_t lane_i __attribute__((vector_size(4 * LANE_W)));
typedef uint32_t lane_u __attribute__((vector_size(4 * LANE_W)));
typedef double lane_d __attribute__((vector_size(8 * LANE_W)));
typedef int64_t lane_l __attribute__((vector_size(8 * LANE_W)));

/* LANE_X86(op): the intrinsic on a whole lane, LANE_X86_D(op) on half a lane_d. */
#if defined(__AVX512DQ__) && LANE_W == 16
#define LANE_X86(op) _mm512_##op
typedef __m512 lane_x86;
typedef __m512d lane_x86_d;
#elif defined(__AVX2__) && LANE_W == 8
#define LANE_X86(op) _mm256_##op
typedef __m256 lane_x86;
typedef __m256d lane_x86_d;
#elif defined(__SSE2__) && LANE_W == 4
#define LANE_X86(op) _mm_##op
typedef __m128 lane_x86;
typedef __m128d lane_x86_d;
#endif
#if defined(__SSE4_1__) && LANE_W == 16
#define LANE_ROUND(x, way) _mm512_roundscale_ps((__m512)(x), way | _MM_FROUND_NO_EXC)
#define LANE_ROUND_D(x, way) _mm512_roundscale_pd(x, way | _MM_FROUND_NO_EXC)
#elif defined(__SSE4_1__) && LANE_W == 8
#define LANE_ROUND(x, way) _mm256_round_ps((__m256)(x), way | _MM_FROUND_NO_EXC)
#define LANE_ROUND_D(x, way) _mm256_round_pd(x, way | _MM_FROUND_NO_EXC)
#endif

LANE_FN lane lane_splat(float x) { return (lane){ LANE_LIST(x) }; }
LANE_FN lane_i lane_splat_i(int32_t x) { return (lane_i){ LANE_LIST(x) }; }
LANE_FN lane_u lane_splat_u(uint32_t x) { return (lane_u){ LANE_LIST(x) }; }
LANE_FN lane_d lane_splat_d(double x) { return (lane_d){ LANE_LIST(x) }; }
LANE_FN float lane_get(lane x, int k) { return x[k]; }
LANE_FN int32_t lane_get_i(lane_i x, int k) { return x[k]; }
LANE_FN uint32_t lane_get_u(lane_u x, int k) { return x[k]; }
LANE_FN double lane_get_d(lane_d x, int k) { return x[k]; }
LANE_FN lane lane_set(lane x, int k, float v) { x[k] = v; return x; }
LANE_FN lane_i lane_set_i(lane_i x, int k, int32_t v) { x[k] = v; return x; }
LANE_FN lane_u lane_set_u(lane_u x, int k, uint32_t v) { x[k] = v; return x; }
LANE_FN lane_d lane_set_d(lane_d x, int k, double v) { x[k] = v; return x; }

LANE_FN lane_i lane_lt(lane a, lane b) { return a < b; }
LANE_FN lane_i lane_le(lane a, lane b) { return a <= b; }
LANE_FN lane_i lane_gt(lane a, lane b) { return a > b; }
LANE_FN lane_i lane_ge(lane a, lane b) { return a >= b; }
LANE_FN lane_i lane_eq(lane a, lane b) { return a == b; }
LANE_FN lane_i lane_ne(lane a, lane b) { return a != b; }
LANE_FN lane_i lane_lt_i(lane_i a, lane_i b) { return a < b; }
LANE_FN lane_i lane_gt_i(lane_i a, lane_i b) { return a > b; }
LANE_FN lane_i lane_eq_i(lane_i a, lane_i b) { return a == b; }

LANE_FN lane_i lane_select_i(lane_i mask, lane_i a, lane_i b) { return (mask & a) | (~mask & b); }
LANE_FN lane lane_select(lane_i mask, lane a, lane b)
{
    return (lane)lane_select_i(mask, (lane_i)a, (lane_i)b);
}
LANE_FN lane_u lane_select_u(lane_i mask, lane_u a, lane_u b)
{
    return (lane_u)lane_select_i(mask, (lane_i)a, (lane_i)b);
}

/** Bit k is set where lane k's is. */
LANE_FN uint32_t lane_mask_bits(lane_i m)
{
#if defined(__AVX512DQ__) && LANE_W == 16
    return _mm512_movepi32_mask((__m512i)m);
#elif defined(__AVX__) && LANE_W == 8
    return (uint32_t)_mm256_movemask_ps((__m256)m);
#elif defined(__SSE2__) && LANE_W == 4
    return (uint32_t)_mm_movemask_ps((__m128)m);
#else
    uint32_t bits = 0;
    for (int k = 0; k < LANE_W; k++)
        bits |= (uint32_t)(m[k] & 1) << k;
    return bits;
#endif
}
LANE_FN bool lane_any(lane_i m) { return lane_mask_bits(m) != 0; }
LANE_FN bool lane_all(lane_i m) { return lane_mask_bits(m) == (1u << LANE_W) - 1; }

LANE_FN lane_i lane_bits(lane x) { return (lane_i)x; }
LANE_FN lane lane_from_bits(lane_i i) { return (lane)i; }
LANE_FN lane_i lane_i_from_u(lane_u x) { return (lane_i)x; }
LANE_FN lane_u lane_u_from_i(lane_i x) { return (lane_u)x; }
LANE_FN lane lane_from_i(lane_i i) { return __builtin_convertvector(i, lane); }
LANE_FN lane_i lane_to_i(lane x) { return __builtin_convertvector(x, lane_i); }
LANE_FN lane_d lane_to_d(lane x) { return __builtin_convertvector(x, lane_d); }
LANE_FN lane lane_from_d(lane_d x) { return __builtin_convertvector(x, lane); }
#if defined(__FMA__) && defined(LANE_X86)
LANE_FN lane lane_fma(lane a, lane b, lane c)
{
    return (lane)LANE_X86(fmadd_ps)((lane_x86)a, (lane_x86)b, (lane_x86)c);
}
/** The two registers of a lane_d. */
union lane_halves { lane_d whole; lane_x86_d half[2]; };
LANE_FN lane_d lane_fma_d(lane_d a, lane_d b, lane_d c)
{
    const union lane_halves x = { a }, y = { b }, z = { c };
    union lane_halves r;
    for (int i = 0; i < 2; i++)
        r.half[i] = LANE_X86(fmadd_pd)(x.half[i], y.half[i], z.half[i]);
    return r.whole;
}
#elif defined(__FMA__)
LANE_FN lane lane_fma(lane a, lane b, lane c)
{
    lane r;
    for (int k = 0; k < LANE_W; k++)
        r[k] = __builtin_fmaf(a[k], b[k], c[k]);
    return r;
}
LANE_FN lane_d lane_fma_d(lane_d a, lane_d b, lane_d c)
{
    lane_d r;
    for (int k = 0; k < LANE_W; k++)
        r[k] = __builtin_fma(a[k], b[k], c[k]);
    return r;
}
#endif
/** a where the mask is set, 0 elsewhere. */
LANE_FN lane_d lane_where_d(lane_i mask, lane_d a)
{
    return (lane_d)(__builtin_convertvector(mask, lane_l) & (lane_l)a);
}

#endif

/**
 * a * b + c: rounded once where the instruction set has it, else twice. Arguments of type lane; a
 * plain float goes through lane_splat().
 */
#if !defined(__FMA__)
LANE_FN lane lane_fma(lane a, lane b, lane c) { return a * b + c; }
LANE_FN lane_d lane_fma_d(lane_d a, lane_d b, lane_d c) { return a * b + c; }
#endif

/*
 * What every width shares. Masks are lane_i of 0 or -1 from the comparisons above, combined with
 * & | ~. lane_to_i() truncates and is defined for |x| < 2^31.
 */

/** The smaller, the larger; where one is NaN, `b`: what minps and maxps do. */
#if LANE_W > 1 && defined(LANE_X86)
LANE_FN lane lane_min(lane a, lane b) { return (lane)LANE_X86(min_ps)((lane_x86)a, (lane_x86)b); }
LANE_FN lane lane_max(lane a, lane b) { return (lane)LANE_X86(max_ps)((lane_x86)a, (lane_x86)b); }
#else
LANE_FN lane lane_min(lane a, lane b) { return lane_select(lane_lt(a, b), a, b); }
LANE_FN lane lane_max(lane a, lane b) { return lane_select(lane_gt(a, b), a, b); }
#endif
/** x limited to lo .. hi; NaN becomes lo. */
LANE_FN lane lane_clamp(lane x, float lo, float hi)
{
    return lane_min(lane_max(x, lane_splat(lo)), lane_splat(hi));
}

LANE_FN lane lane_abs(lane x) { return lane_from_bits(lane_bits(x) & 0x7fffffff); }
/** |magnitude| with the sign bit of `sign`. */
LANE_FN lane lane_copysign(lane magnitude, lane sign)
{
    return lane_from_bits((lane_bits(magnitude) & 0x7fffffff) |
                          (lane_bits(sign) & lane_splat_i(INT32_MIN)));
}

/** a where the mask is set, 0 elsewhere. */
LANE_FN lane lane_where(lane_i mask, lane a) { return lane_from_bits(mask & lane_bits(a)); }

/* Whole numbers: towards zero, down, up. NaN stays. */
#if !defined(LANE_ROUND) && !(LANE_W == 1 && defined(__SSE4_1__))
/** Values of 2^23 and more are whole already. */
LANE_FN lane lane_trunc(lane x)
{
    const lane_i small = lane_lt(lane_abs(x), lane_splat(8388608.0f));
    return lane_select(small, lane_from_i(lane_to_i(lane_where(small, x))), x);
}
LANE_FN lane lane_floor(lane x)
{
    const lane t = lane_trunc(x);
    return t - lane_where(lane_gt(t, x), lane_splat(1.0f));
}
LANE_FN lane lane_ceil(lane x)
{
    const lane t = lane_trunc(x);
    return t + lane_where(lane_lt(t, x), lane_splat(1.0f));
}
#elif LANE_W == 1
LANE_FN lane lane_trunc(lane x) { return __builtin_truncf(x); }
LANE_FN lane lane_floor(lane x) { return __builtin_floorf(x); }
LANE_FN lane lane_ceil(lane x) { return __builtin_ceilf(x); }
#else
LANE_FN lane lane_trunc(lane x) { return (lane)LANE_ROUND(x, _MM_FROUND_TO_ZERO); }
LANE_FN lane lane_floor(lane x) { return (lane)LANE_ROUND(x, _MM_FROUND_TO_NEG_INF); }
LANE_FN lane lane_ceil(lane x) { return (lane)LANE_ROUND(x, _MM_FROUND_TO_POS_INF); }
#endif
/** x - floor(x), 0 .. 1 (exactly 1 only where x is a tiny negative number). */
LANE_FN lane lane_frac(lane x) { return x - lane_floor(x); }

/** Square root, correctly rounded; x >= 0. */
LANE_FN lane lane_sqrt(lane x)
{
#if LANE_W == 1
    return __builtin_sqrtf(x);
#elif defined(LANE_X86)
    return (lane)LANE_X86(sqrt_ps)((lane_x86)x);
#else
    for (int k = 0; k < LANE_W; k++)
        x[k] = __builtin_sqrtf(x[k]);
    return x;
#endif
}

/** f(x, y) lane by lane: for libm functions outside hot loops. */
LANE_FN lane lane_map2(float (*f)(float, float), lane x, lane y)
{
    for (int k = 0; k < LANE_W; k++)
        x = lane_set(x, k, f(lane_get(x, k), lane_get(y, k)));
    return x;
}

/** Towards zero, from double; |x| < 2^31. */
LANE_FN lane_i lane_i_from_d(lane_d x)
{
#if LANE_W == 1
    return (int32_t)x;
#else
    return __builtin_convertvector(x, lane_i);
#endif
}

/** Mask of the lanes that are neither infinite nor NaN. */
LANE_FN lane_i lane_finite(lane x) { return lane_lt(lane_abs(x), lane_splat(INFINITY)); }

#endif
