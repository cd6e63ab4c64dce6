/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lane_double.h - lanes of doubles for hot loops.                                     */
/* room: audio.                                                                                   */
/*                                                                                                */
/* A lane_d is a vector of two registers, and gcc 12 takes such vectors apart in memory. A        */
/* lane_dd has the same layout in memory and is two vectors of one register each, which stay      */
/* where they are. One double at LANE_W 1. Results are those of lane_d.                           */
#ifndef SERVER_DSP_LANE_DOUBLE_H
#define SERVER_DSP_LANE_DOUBLE_H

#include "server/dsp/lane.h"

#if LANE_W == 1

typedef double lane_dd;
LANE_FN lane_dd lane_dd_splat(double x) { return x; }
LANE_FN lane_dd lane_dd_from(lane x) { return x; }
LANE_FN lane lane_from_dd(lane_dd x) { return (float)x; }
LANE_FN lane_dd lane_dd_add(lane_dd x, lane_dd y) { return x + y; }
LANE_FN lane_dd lane_dd_sub(lane_dd x, lane_dd y) { return x - y; }
LANE_FN lane_dd lane_dd_mul(lane_dd x, lane_dd y) { return x * y; }
LANE_FN lane_dd lane_dd_div(lane_dd x, lane_dd y) { return x / y; }
LANE_FN lane_dd lane_dd_fma(lane_dd x, lane_dd y, lane_dd z) { return lane_fma_d(x, y, z); }
LANE_FN lane_dd lane_dd_fnma(lane_dd x, lane_dd y, lane_dd z) { return lane_fma_d(-x, y, z); }
LANE_FN lane_dd lane_dd_where(lane_i mask, lane_dd x) { return mask ? x : 0.0; }

#else

typedef double lane_half __attribute__((vector_size(4 * LANE_W)));
typedef int64_t lane_half_l __attribute__((vector_size(4 * LANE_W)));
typedef float lane_half_f __attribute__((vector_size(2 * LANE_W)));
typedef int32_t lane_half_i __attribute__((vector_size(2 * LANE_W)));
typedef struct { lane_half a, b; } lane_dd;

#if LANE_W == 4
#define LANE_FIRST 0, 1
#define LANE_SECOND 2, 3
#elif LANE_W == 8
#define LANE_FIRST 0, 1, 2, 3
#define LANE_SECOND 4, 5, 6, 7
#else
#define LANE_FIRST 0, 1, 2, 3, 4, 5, 6, 7
#define LANE_SECOND 8, 9, 10, 11, 12, 13, 14, 15
#endif

LANE_FN lane_dd lane_dd_splat(double x)
{
    const lane_half h = x - (lane_half){ 0 };
    return (lane_dd){ h, h };
}
/* gcc 12 converts half vectors a quarter at a time, so that the instructions are named here. */
LANE_FN lane_dd lane_dd_from(lane x)
{
#if defined(__AVX512DQ__) && LANE_W == 16
    return (lane_dd){ (lane_half)_mm512_cvtps_pd(_mm512_castps512_ps256((__m512)x)),
                      (lane_half)_mm512_cvtps_pd(_mm512_extractf32x8_ps((__m512)x, 1)) };
#elif defined(__AVX__) && LANE_W == 8
    return (lane_dd){ (lane_half)_mm256_cvtps_pd(_mm256_castps256_ps128((__m256)x)),
                      (lane_half)_mm256_cvtps_pd(_mm256_extractf128_ps((__m256)x, 1)) };
#elif defined(__SSE2__) && LANE_W == 4
    return (lane_dd){ (lane_half)_mm_cvtps_pd((__m128)x),
                      (lane_half)_mm_cvtps_pd(_mm_movehl_ps((__m128)x, (__m128)x)) };
#else
    const lane_half_f a = __builtin_shufflevector(x, x, LANE_FIRST);
    const lane_half_f b = __builtin_shufflevector(x, x, LANE_SECOND);
    return (lane_dd){ __builtin_convertvector(a, lane_half),
                      __builtin_convertvector(b, lane_half) };
#endif
}
LANE_FN lane lane_from_dd(lane_dd x)
{
#if defined(__AVX512DQ__) && LANE_W == 16
    return (lane)_mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps((__m512d)x.a)),
                                    _mm512_cvtpd_ps((__m512d)x.b), 1);
#elif defined(__AVX__) && LANE_W == 8
    return (lane)_mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps((__m256d)x.a)),
                                      _mm256_cvtpd_ps((__m256d)x.b), 1);
#elif defined(__SSE2__) && LANE_W == 4
    return (lane)_mm_movelh_ps(_mm_cvtpd_ps((__m128d)x.a), _mm_cvtpd_ps((__m128d)x.b));
#else
    const lane_half_f a = __builtin_convertvector(x.a, lane_half_f);
    const lane_half_f b = __builtin_convertvector(x.b, lane_half_f);
    return __builtin_shufflevector(a, b, LANE_FIRST, LANE_SECOND);
#endif
}
LANE_FN lane_dd lane_dd_add(lane_dd x, lane_dd y) { return (lane_dd){ x.a + y.a, x.b + y.b }; }
LANE_FN lane_dd lane_dd_sub(lane_dd x, lane_dd y) { return (lane_dd){ x.a - y.a, x.b - y.b }; }
LANE_FN lane_dd lane_dd_mul(lane_dd x, lane_dd y) { return (lane_dd){ x.a * y.a, x.b * y.b }; }
LANE_FN lane_dd lane_dd_div(lane_dd x, lane_dd y) { return (lane_dd){ x.a / y.a, x.b / y.b }; }

/** x * y + z: as lane_fma_d(). */
LANE_FN lane_half lane_half_fma(lane_half x, lane_half y, lane_half z)
{
#if defined(__FMA__) && LANE_W == 16
    return (lane_half)_mm512_fmadd_pd((__m512d)x, (__m512d)y, (__m512d)z);
#elif defined(__FMA__) && LANE_W == 8
    return (lane_half)_mm256_fmadd_pd((__m256d)x, (__m256d)y, (__m256d)z);
#elif defined(__FMA__)
    for (int k = 0; k < LANE_W / 2; k++)
        x[k] = __builtin_fma(x[k], y[k], z[k]);
    return x;
#else
    return x * y + z;
#endif
}
LANE_FN lane_dd lane_dd_fma(lane_dd x, lane_dd y, lane_dd z)
{
    return (lane_dd){ lane_half_fma(x.a, y.a, z.a), lane_half_fma(x.b, y.b, z.b) };
}

/** z - x * y */
LANE_FN lane_dd lane_dd_fnma(lane_dd x, lane_dd y, lane_dd z)
{
    return (lane_dd){ lane_half_fma(-x.a, y.a, z.a), lane_half_fma(-x.b, y.b, z.b) };
}

/** x where the mask is set, 0 elsewhere. */
LANE_FN lane_dd lane_dd_where(lane_i mask, lane_dd x)
{
    const lane_half_i a = __builtin_shufflevector(mask, mask, LANE_FIRST);
    const lane_half_i b = __builtin_shufflevector(mask, mask, LANE_SECOND);
    return (lane_dd){ (lane_half)(__builtin_convertvector(a, lane_half_l) & (lane_half_l)x.a),
                      (lane_half)(__builtin_convertvector(b, lane_half_l) & (lane_half_l)x.b) };
}

#endif

/** The larger of each pair; with a NaN, `y`. */
#if LANE_W == 1
LANE_FN lane_dd lane_dd_max(lane_dd x, lane_dd y) { return x > y ? x : y; }
#else
LANE_FN lane_half lane_half_max(lane_half x, lane_half y)
{
    const lane_half_l above = (lane_half_l)(x > y);
    return (lane_half)((above & (lane_half_l)x) | (~above & (lane_half_l)y));
}
LANE_FN lane_dd lane_dd_max(lane_dd x, lane_dd y)
{
    return (lane_dd){ lane_half_max(x.a, y.a), lane_half_max(x.b, y.b) };
}
#endif

#if LANE_W == 1
LANE_FN lane_dd lane_dd_load(const double *x) { return *x; }
LANE_FN void lane_dd_store(double *to, lane_dd x) { *to = x; }
#else
LANE_FN lane_dd lane_dd_load(const double *x)
{
    lane_dd r; /* half by half: a copy of the whole goes by way of the stack */
    memcpy(&r.a, x, sizeof r.a);
    memcpy(&r.b, x + LANE_W / 2, sizeof r.b);
    return r;
}
LANE_FN void lane_dd_store(double *to, lane_dd x)
{
    memcpy(to, &x.a, sizeof x.a);
    memcpy(to + LANE_W / 2, &x.b, sizeof x.b);
}
#endif

/* Lanes in memory: their halves need not meet in one register, which costs as much as the rest. */
#if defined(__AVX512DQ__) && LANE_W == 16
LANE_FN lane_half lane_half_from(const float *x)
{
    return (lane_half)_mm512_cvtps_pd(_mm256_loadu_ps(x));
}
LANE_FN void lane_half_to(float *to, lane_half x)
{
    _mm256_storeu_ps(to, _mm512_cvtpd_ps((__m512d)x));
}
#elif defined(__AVX__) && LANE_W == 8
LANE_FN lane_half lane_half_from(const float *x)
{
    return (lane_half)_mm256_cvtps_pd(_mm_loadu_ps(x));
}
LANE_FN void lane_half_to(float *to, lane_half x)
{
    _mm_storeu_ps(to, _mm256_cvtpd_ps((__m256d)x));
}
#endif
#if (defined(__AVX512DQ__) && LANE_W == 16) || (defined(__AVX__) && LANE_W == 8)
/** As lane_dd_from(). */
LANE_FN lane_dd lane_dd_from_at(const lane *x)
{
    const float *const f = (const float *)x;
    return (lane_dd){ lane_half_from(f), lane_half_from(f + LANE_W / 2) };
}
/** As lane_from_dd(). */
LANE_FN void lane_from_dd_at(lane *to, lane_dd x)
{
    lane_half_to((float *)to, x.a);
    lane_half_to((float *)to + LANE_W / 2, x.b);
}
#else
LANE_FN lane_dd lane_dd_from_at(const lane *x) { return lane_dd_from(*x); }
LANE_FN void lane_from_dd_at(lane *to, lane_dd x) { *to = lane_from_dd(x); }
#endif

#endif
