/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lane_read.h - reading a buffer between its frames, SPAN_W frames of one voice at once. */
/* room: audio.                                                                                   */
/*                                                                                                */
/* A voice reads memory at a place of its own, so that lanes side by side gain nothing; successive */
/* frames of one voice lie close together. So each is read along time, at every LANE_W by the same */
/* functions, and turned into lanes afterwards.                                                   */
#ifndef SERVER_DSP_LANE_READ_H
#define SERVER_DSP_LANE_READ_H

#include "server/dsp/lane.h"

#if defined(__AVX512F__)
#define SPAN_W 16
#elif defined(__AVX2__)
#define SPAN_W 8
#else
#define SPAN_W 4
#endif

typedef float span __attribute__((vector_size(4 * SPAN_W)));
typedef int32_t span_i __attribute__((vector_size(4 * SPAN_W)));
typedef uint32_t span_u __attribute__((vector_size(4 * SPAN_W)));

LANE_FN span span_load(const float *from)
{
    span x;
    memcpy(&x, from, sizeof x);
    return x;
}
LANE_FN void span_store(float *to, span x)
{
    memcpy(to, &x, sizeof x);
}

/** As lane_fma(). */
LANE_FN span span_fma(span a, span b, span c)
{
#if defined(__FMA__)
    for (int k = 0; k < SPAN_W; k++) /* becomes one instruction */
        c[k] = __builtin_fmaf(a[k], b[k], c[k]);
    return c;
#else
    return a * b + c;
#endif
}

/* ------------------------------------------------------------------------------------- places */

/* A place in a buffer: frames as 32.32 fixed point. A float rate of 2^-9 and more is exact in it. */
enum { PLACE_BITS = 32 };
#define PLACE_ONE ((int64_t)1 << PLACE_BITS)

/** A place or a step in frames, limited to +-limit; NaN becomes the limit. */
LANE_FN int64_t place_from(float n_frames, float limit)
{
    const float x = n_frames < limit ? (n_frames > -limit ? n_frames : -limit) : limit;
    return (int64_t)(x * (float)PLACE_ONE);
}

/** Whole frames of SPAN_W places, and the part between frames, 0 .. 1 in steps of 2^-24. */
LANE_FN void places_split(const int64_t *places, span_i *whole, span *part)
{
    span_i a, b;
    memcpy(&a, places, sizeof a);
    memcpy(&b, places + SPAN_W / 2, sizeof b);
#if SPAN_W == 16
    const span_u low = (span_u)__builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22,
                                                       24, 26, 28, 30);
    *whole = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
#elif SPAN_W == 8
    const span_u low = (span_u)__builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
    *whole = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
#else
    const span_u low = (span_u)__builtin_shufflevector(a, b, 0, 2, 4, 6);
    *whole = __builtin_shufflevector(a, b, 1, 3, 5, 7);
#endif
    *part = __builtin_convertvector((span_i)(low >> 8), span) * 0x1p-24f;
}

/** Do all values lie in 0 .. n - 1? No difference to n may overflow. */
LANE_FN bool span_all_below(span_i x, int32_t n)
{
    const span_i outside = x | (n - 1 - x); /* by its sign */
#if SPAN_W == 16
    return _mm512_movepi32_mask((__m512i)outside) == 0;
#elif SPAN_W == 8
    return _mm256_movemask_ps((__m256)outside) == 0;
#elif defined(__SSE2__)
    return _mm_movemask_ps((__m128)outside) == 0;
#else
    return (outside[0] | outside[1] | outside[2] | outside[3]) >= 0;
#endif
}

/* ------------------------------------------------------------------------------------ weights */

/** What the four frames around a place count; the place is between the second and the third. */
struct span_weights { span w[4]; };

/**
 * Weights of the cubic of lane_cubic() at 0 <= t < 1: with p = t (1 - t)
 * -p/2 (1 - t), 1 - t + p (1 - 3/2 t), t + p (3/2 t - 1/2), -p/2 t.
 * `bend` is 1; 0 makes p nothing, which leaves the straight line between the two in the middle.
 */
LANE_FN struct span_weights span_cubic(span t, float bend)
{
    const span one = t - t + 1.0f, u = 1.0f - t, p = t * u * bend, half = -0.5f * p;
    const span slope = span_fma(t, one * -1.5f, one);
    return (struct span_weights){
        { half * u, span_fma(p, slope, u), span_fma(p, 0.5f - slope, t), half * t }
    };
}

LANE_FN span span_weigh(const struct span_weights *w, const span y[4])
{
    const span middle = span_fma(w->w[2], y[2], w->w[1] * y[1]);
    return span_fma(w->w[3], y[3], span_fma(w->w[0], y[0], middle));
}

/* --------------------------------------------------------------------------------------- taps */

/** The four floats at from[0], then those at from[4], from[8], ..., SPAN_W in all. */
LANE_FN span span_gather_quads(const float *const *from, size_t offset)
{
#if SPAN_W == 16
    __m512 x = _mm512_castps128_ps512(_mm_loadu_ps(from[0] + offset));
    x = _mm512_insertf32x4(x, _mm_loadu_ps(from[4] + offset), 1);
    x = _mm512_insertf32x4(x, _mm_loadu_ps(from[8] + offset), 2);
    return (span)_mm512_insertf32x4(x, _mm_loadu_ps(from[12] + offset), 3);
#elif SPAN_W == 8
    const __m256 x = _mm256_castps128_ps256(_mm_loadu_ps(from[0] + offset));
    return (span)_mm256_insertf128_ps(x, _mm_loadu_ps(from[4] + offset), 1);
#else
    return span_load(from[0] + offset);
#endif
}

/** y[c] is value c of the four floats at from[k] + offset, for each k < SPAN_W. */
LANE_FN void span_quads(const float *const *from, size_t offset, span y[4])
{
    span row[4];
    for (int j = 0; j < 4; j++)
        row[j] = span_gather_quads(from + j, offset);
#if SPAN_W == 16
#define SPAN_ZIP(a, b, i, j)                                                                       \
    __builtin_shufflevector(a, b, i, 16 + i, j, 16 + j, 4 + i, 20 + i, 4 + j, 20 + j, 8 + i, 24 + i, \
                            8 + j, 24 + j, 12 + i, 28 + i, 12 + j, 28 + j)
#define SPAN_PAIRS(a, b, i)                                                                        \
    __builtin_shufflevector(a, b, i, i + 1, 16 + i, 17 + i, 4 + i, 5 + i, 20 + i, 21 + i, 8 + i,   \
                            9 + i, 24 + i, 25 + i, 12 + i, 13 + i, 28 + i, 29 + i)
#elif SPAN_W == 8
#define SPAN_ZIP(a, b, i, j)                                                                       \
    __builtin_shufflevector(a, b, i, 8 + i, j, 8 + j, 4 + i, 12 + i, 4 + j, 12 + j)
#define SPAN_PAIRS(a, b, i)                                                                        \
    __builtin_shufflevector(a, b, i, i + 1, 8 + i, 9 + i, 4 + i, 5 + i, 12 + i, 13 + i)
#else
#define SPAN_ZIP(a, b, i, j) __builtin_shufflevector(a, b, i, 4 + i, j, 4 + j)
#define SPAN_PAIRS(a, b, i) __builtin_shufflevector(a, b, i, i + 1, 4 + i, 5 + i)
#endif
    const span a = SPAN_ZIP(row[0], row[1], 0, 1), b = SPAN_ZIP(row[2], row[3], 0, 1);
    const span c = SPAN_ZIP(row[0], row[1], 2, 3), d = SPAN_ZIP(row[2], row[3], 2, 3);
    y[0] = SPAN_PAIRS(a, b, 0);
    y[1] = SPAN_PAIRS(a, b, 2);
    y[2] = SPAN_PAIRS(c, d, 0);
    y[3] = SPAN_PAIRS(c, d, 2);
}

/**
 * The four taps of two channels, or of one (`right` unused), at SPAN_W places: from[k] points to the
 * first tap of place k, of which all follow, interleaved.
 */
LANE_FN void span_taps(const float *const *from, bool stereo, span left[4], span right[4])
{
    if (!stereo) {
        span_quads(from, 0, left);
        return;
    }
    span y[4], z[4];
    span_quads(from, 0, y);
    span_quads(from, 4, z);
    left[0] = y[0], left[1] = y[2], left[2] = z[0], left[3] = z[2];
    right[0] = y[1], right[1] = y[3], right[2] = z[1], right[3] = z[3];
}

/*
 * A window of the buffer in registers: places close together, which is what rates below two give, are
 * picked out of it without going to memory again.
 */
#if SPAN_W == 16
enum { SPAN_WINDOW = 32 }; /* frames */
#else
enum { SPAN_WINDOW = 0 }; /* one load per place is faster */
#endif

/** The same taps from the SPAN_WINDOW frames at `from`; `first` is where each place's first tap is. */
LANE_FN void span_window(const float *from, span_i first, bool stereo, span left[4], span right[4])
{
#if SPAN_W == 16
    const span a = span_load(from), b = span_load(from + 16);
    span low = a, high = b;
    if (stereo) {
        const span c = span_load(from + 32), d = span_load(from + 48);
#define SPAN_EVERY_OTHER(x, y, i)                                                                  \
    __builtin_shufflevector(x, y, i, i + 2, i + 4, i + 6, i + 8, i + 10, i + 12, i + 14, i + 16,   \
                            i + 18, i + 20, i + 22, i + 24, i + 26, i + 28, i + 30)
        low = SPAN_EVERY_OTHER(a, b, 0);
        high = SPAN_EVERY_OTHER(c, d, 0);
        const __m512 right_low = (__m512)SPAN_EVERY_OTHER(a, b, 1);
        const __m512 right_high = (__m512)SPAN_EVERY_OTHER(c, d, 1);
        for (int j = 0; j < 4; j++)
            right[j] = (span)_mm512_permutex2var_ps(right_low, (__m512i)(first + j), right_high);
    }
    for (int j = 0; j < 4; j++)
        left[j] = (span)_mm512_permutex2var_ps((__m512)low, (__m512i)(first + j), (__m512)high);
#else
    (void)from, (void)first, (void)stereo, (void)left, (void)right;
#endif
}

#endif
