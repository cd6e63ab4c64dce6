/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lane_read.h - reading a buffer between its frames, a row of one voice at once.      */
/* room: audio.                                                                                   */
/*                                                                                                */
/* A voice reads memory at a place of its own, so that lanes side by side gain nothing;           */
/* successive frames of one voice lie close together. So each is read along time, at every LANE_W */
/* by the same functions, and turned into lanes afterwards.                                       */
#ifndef SERVER_DSP_LANE_READ_H
#define SERVER_DSP_LANE_READ_H

#include "server/dsp/lane_row.h"

/* ------------------------------------------------------------------------------------- places */

/* A place in a buffer: frames as 32.32 fixed point. A float
 * rate of 2^-9 and more is exact in it. */
enum { PLACE_BITS = 32 };
#define PLACE_ONE ((int64_t)1 << PLACE_BITS)

/** A place or a step in frames, limited to +-limit; NaN becomes the limit. */
LANE_FN int64_t place_from(float n_frames, float limit)
{
    const float x = n_frames < limit ? (n_frames > -limit ? n_frames : -limit) : limit;
    return (int64_t)(x * (float)PLACE_ONE);
}

/** Whole frames of ROW places, and the part between frames, 0 .. 1 in steps of 2^-24. */
LANE_FN void places_split(const int64_t *places, row_i *whole, row *part)
{
    row_i a, b;
    memcpy(&a, places, sizeof a);
    memcpy(&b, places + ROW / 2, sizeof b);
#if ROW == 16
    const row_u low = (row_u)__builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20,
                                                     22, 24, 26, 28, 30);
    *whole = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29,
                                     31);
#elif ROW == 8
    const row_u low = (row_u)__builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
    *whole = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
#else
    const row_u low = (row_u)__builtin_shufflevector(a, b, 0, 2, 4, 6);
    *whole = __builtin_shufflevector(a, b, 1, 3, 5, 7);
#endif
    *part = __builtin_convertvector((row_i)(low >> 8), row) * 0x1p-24f;
}

/** Do all values lie in 0 .. n - 1? No difference to n may overflow. */
LANE_FN bool row_all_below(row_i x, int32_t n)
{
    const row_i outside = x | (n - 1 - x); /* by its sign */
#if ROW == 16
    return _mm512_movepi32_mask((__m512i)outside) == 0;
#elif ROW == 8
    return _mm256_movemask_ps((__m256)outside) == 0;
#elif defined(__SSE2__)
    return _mm_movemask_ps((__m128)outside) == 0;
#else
    return (outside[0] | outside[1] | outside[2] | outside[3]) >= 0;
#endif
}

/* ------------------------------------------------------------------------------------ weights */

/** What the four frames around a place count; the place is between the second and the third. */
struct row_weights { row w[4]; };

/**
 * Weights of the cubic of lane_cubic() at 0 <= t < 1: with p = t (1 - t)
 * -p/2 (1 - t), 1 - t + p (1 - 3/2 t), t + p (3/2 t - 1/2), -p/2 t.
 * `bend` is 1; 0 makes p nothing, which leaves the straight line between the two in the middle.
 */
LANE_FN struct row_weights row_cubic(row t, float bend)
{
    const row one = t - t + 1.0f, u = 1.0f - t, p = t * u * bend, half = -0.5f * p;
    const row slope = row_fma(t, one * -1.5f, one);
    return (struct row_weights){
        { half * u, row_fma(p, slope, u), row_fma(p, 0.5f - slope, t), half * t }
    };
}

LANE_FN row row_weigh(const struct row_weights *w, const row y[4])
{
    const row middle = row_fma(w->w[2], y[2], w->w[1] * y[1]);
    return row_fma(w->w[3], y[3], row_fma(w->w[0], y[0], middle));
}

/* --------------------------------------------------------------------------------------- taps */

/** The four floats at from[0], then those at from[4], from[8], ..., ROW in all. */
LANE_FN row row_gather_quads(const float *const *from, size_t offset)
{
#if ROW == 16
    __m512 x = _mm512_castps128_ps512(_mm_loadu_ps(from[0] + offset));
    x = _mm512_insertf32x4(x, _mm_loadu_ps(from[4] + offset), 1);
    x = _mm512_insertf32x4(x, _mm_loadu_ps(from[8] + offset), 2);
    return (row)_mm512_insertf32x4(x, _mm_loadu_ps(from[12] + offset), 3);
#elif ROW == 8
    const __m256 x = _mm256_castps128_ps256(_mm_loadu_ps(from[0] + offset));
    return (row)_mm256_insertf128_ps(x, _mm_loadu_ps(from[4] + offset), 1);
#else
    return row_load(from[0] + offset);
#endif
}

/** y[c] is value c of the four floats at from[k] + offset, for each k < ROW. */
LANE_FN void row_quads(const float *const *from, size_t offset, row y[4])
{
    row quads[4];
    for (int j = 0; j < 4; j++)
        quads[j] = row_gather_quads(from + j, offset);
#if ROW == 16
#define ROW_ZIP(a, b, i, j)                                                                       \
    __builtin_shufflevector(a, b, i, 16 + i, j, 16 + j, 4 + i, 20 + i, 4 + j, 20 + j, 8 + i,      \
                            24 + i, 8 + j, 24 + j, 12 + i, 28 + i, 12 + j, 28 + j)
#define ROW_PAIRS(a, b, i)                                                                        \
    __builtin_shufflevector(a, b, i, i + 1, 16 + i, 17 + i, 4 + i, 5 + i, 20 + i, 21 + i, 8 + i,   \
                            9 + i, 24 + i, 25 + i, 12 + i, 13 + i, 28 + i, 29 + i)
#elif ROW == 8
#define ROW_ZIP(a, b, i, j)                                                                       \
    __builtin_shufflevector(a, b, i, 8 + i, j, 8 + j, 4 + i, 12 + i, 4 + j, 12 + j)
#define ROW_PAIRS(a, b, i)                                                                        \
    __builtin_shufflevector(a, b, i, i + 1, 8 + i, 9 + i, 4 + i, 5 + i, 12 + i, 13 + i)
#else
#define ROW_ZIP(a, b, i, j) __builtin_shufflevector(a, b, i, 4 + i, j, 4 + j)
#define ROW_PAIRS(a, b, i) __builtin_shufflevector(a, b, i, i + 1, 4 + i, 5 + i)
#endif
    const row a = ROW_ZIP(quads[0], quads[1], 0, 1), b = ROW_ZIP(quads[2], quads[3], 0, 1);
    const row c = ROW_ZIP(quads[0], quads[1], 2, 3), d = ROW_ZIP(quads[2], quads[3], 2, 3);
    y[0] = ROW_PAIRS(a, b, 0);
    y[1] = ROW_PAIRS(a, b, 2);
    y[2] = ROW_PAIRS(c, d, 0);
    y[3] = ROW_PAIRS(c, d, 2);
}

/**
 * The four taps of two channels, or of one (`right` unused), at ROW places: from[k] points to the
 * first tap of place k, of which all follow, interleaved.
 */
LANE_FN void row_taps(const float *const *from, bool stereo, row left[4], row right[4])
{
    if (!stereo) {
        row_quads(from, 0, left);
        return;
    }
    row y[4], z[4];
    row_quads(from, 0, y);
    row_quads(from, 4, z);
    left[0] = y[0], left[1] = y[2], left[2] = z[0], left[3] = z[2];
    right[0] = y[1], right[1] = y[3], right[2] = z[1], right[3] = z[3];
}

/*
 * A window of the buffer in registers: places close together, which is what rates below two give,
 * are picked out of it without going to memory again.
 */
#if ROW == 16
enum { ROW_WINDOW = 32 }; /* frames */
#else
enum { ROW_WINDOW = 0 }; /* one load per place is faster */
#endif

/**
 * The same taps from the ROW_WINDOW frames at `from`; `first` is where each place's first tap is.
 */
LANE_FN void row_window(const float *from, row_i first, bool stereo, row left[4], row right[4])
{
#if ROW == 16
    const row a = row_load(from), b = row_load(from + 16);
    row low = a, high = b;
    if (stereo) {
        const row c = row_load(from + 32), d = row_load(from + 48);
#define ROW_EVERY_OTHER(x, y, i)                                                                  \
    __builtin_shufflevector(x, y, i, i + 2, i + 4, i + 6, i + 8, i + 10, i + 12, i + 14, i + 16,   \
                            i + 18, i + 20, i + 22, i + 24, i + 26, i + 28, i + 30)
        low = ROW_EVERY_OTHER(a, b, 0);
        high = ROW_EVERY_OTHER(c, d, 0);
        const __m512 right_low = (__m512)ROW_EVERY_OTHER(a, b, 1);
        const __m512 right_high = (__m512)ROW_EVERY_OTHER(c, d, 1);
        for (int j = 0; j < 4; j++)
            right[j] = (row)_mm512_permutex2var_ps(right_low, (__m512i)(first + j), right_high);
    }
    for (int j = 0; j < 4; j++)
        left[j] = (row)_mm512_permutex2var_ps((__m512)low, (__m512i)(first + j), (__m512)high);
#else
    (void)from, (void)first, (void)stereo, (void)left, (void)right;
#endif
}

#endif
