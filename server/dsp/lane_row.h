/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lane_row.h - a row: consecutive frames of one voice in one register.                */
/* room: audio.                                                                                   */
/*                                                                                                */
/* What one voice computes in rows, sixteen voices compute frame by frame in lanes, with the same */
/* operations in the same order. So a kernel that works in groups of ROW frames at LANE_W 1 works */
/* in groups of ROW frames at every width of its instruction set.                                 */
#ifndef SERVER_DSP_LANE_ROW_H
#define SERVER_DSP_LANE_ROW_H

#include "server/dsp/lane.h"

#if defined(__AVX512F__)
#define ROW 16
#define ROW_LIST(f) f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9), f(10), f(11),      \
                    f(12), f(13), f(14), f(15)
#elif defined(__AVX__)
#define ROW 8
#define ROW_LIST(f) f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7)
#else
#define ROW 4
#define ROW_LIST(f) f(0), f(1), f(2), f(3)
#endif

/** Before a loop over the frames of a row: one step after the other, nothing counted. */
#if defined(__clang__)
#define ROW_UNROLL _Pragma("unroll")
#else
#define ROW_UNROLL _Pragma("GCC unroll 16")
#endif

typedef float row __attribute__((vector_size(4 * ROW)));
typedef int32_t row_i __attribute__((vector_size(4 * ROW)));
typedef uint32_t row_u __attribute__((vector_size(4 * ROW)));

LANE_FN row row_splat(float x)
{
#define ROW_SAME(j) x
    return (row){ ROW_LIST(ROW_SAME) };
#undef ROW_SAME
}
LANE_FN row row_load(const float *x) { row r; memcpy(&r, x, sizeof r); return r; }
LANE_FN void row_store(float *to, row r) { memcpy(to, &r, sizeof r); }

/** The first n < ROW frames; 0 behind them. */
LANE_FN row row_load_part(const float *x, uint32_t n)
{
    float part[ROW] = { 0 };
    for (uint32_t j = 0; j < n; j++)
        part[j] = x[j];
    return row_load(part);
}
LANE_FN void row_store_part(float *to, row r, uint32_t n)
{
    float part[ROW];
    row_store(part, r);
    for (uint32_t j = 0; j < n; j++)
        to[j] = part[j];
}

/** As lane_fma(), frame by frame. */
LANE_FN row row_fma(row a, row b, row c)
{
#if defined(__AVX512F__)
    return (row)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__FMA__)
    return (row)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
    return a * b + c;
#endif
}

/** `a` in the frames whose number has the bit `bit` (a power of two), `b` in the others. */
LANE_FN row row_where_bit(int bit, row a, row b)
{
#define ROW_NUMBER(j) j
    const row_i number = { ROW_LIST(ROW_NUMBER) };
#undef ROW_NUMBER
    const row_i mask = (number & bit) != 0;
    return (row)((mask & (row_i)a) | (~mask & (row_i)b));
}

/** r moved `by` frames (1, 2, 4 or 8, less than ROW) later; 0 moves in. */
LANE_FN row row_later(row r, int by)
{
    const row zero = { 0 };
#define ROW_MOVED(j, by) ((j) < (by) ? 0 : ROW + (j) - (by))
#define ROW_BY_1(j) ROW_MOVED(j, 1)
#define ROW_BY_2(j) ROW_MOVED(j, 2)
#define ROW_BY_4(j) ROW_MOVED(j, 4)
#define ROW_BY_8(j) ROW_MOVED(j, 8)
    switch (by) {
    case 1: return __builtin_shufflevector(zero, r, ROW_LIST(ROW_BY_1));
    case 2: return __builtin_shufflevector(zero, r, ROW_LIST(ROW_BY_2));
#if ROW > 4
    case 4: return __builtin_shufflevector(zero, r, ROW_LIST(ROW_BY_4));
#endif
#if ROW > 8
    case 8: return __builtin_shufflevector(zero, r, ROW_LIST(ROW_BY_8));
#endif
    default: return r;
    }
#undef ROW_BY_1
#undef ROW_BY_2
#undef ROW_BY_4
#undef ROW_BY_8
#undef ROW_MOVED
}

/** The frames 4 before those of x; `before` holds the ROW frames that came right before it. */
LANE_FN row row_4_earlier(row before, row x)
{
#if ROW == 4
    return (void)x, before;
#elif ROW == 8
    return __builtin_shufflevector(before, x, 4, 5, 6, 7, 8, 9, 10, 11);
#else
    return __builtin_shufflevector(before, x, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
                                   25, 26, 27);
#endif
}
/** The same for 8 frames; ROW >= 8. */
LANE_FN row row_8_earlier(row before, row x)
{
#if ROW < 16
    return (void)x, before;
#else
    return __builtin_shufflevector(before, x, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
                                   21, 22, 23);
#endif
}

/** Least number of rows that hold n frames. */
LANE_FN uint32_t row_count(uint32_t n)
{
    return (n + ROW - 1) / ROW;
}

#if LANE_W == 1

/** Input i frame by frame: where it is one value, that value 64 times, in `space`. */
LANE_FN const float *row_input(const struct dsp_block *b, uint32_t i, float *space)
{
    const float *const x = dsp_in(b, i);
    if (dsp_step(b, i))
        return x;
    for (uint32_t k = 0; k < DSP_BLOCK_FRAMES; k += ROW)
        row_store(space + k, row_splat(x[0]));
    return space;
}

#endif
#endif
