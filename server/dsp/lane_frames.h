/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lane_frames.h - neighbouring frames of one voice in one register.                   */
/* room: audio.                                                                                   */
/*                                                                                                */
/* What a kernel of width 1 works with where the compiler's own vectorising along time isn't      */
/* enough: recursions, readers of memory. `+ - * /` work element by element.                      */
#ifndef SERVER_DSP_LANE_FRAMES_H
#define SERVER_DSP_LANE_FRAMES_H

#include "server/dsp/lane.h"

#if LANE_W == 1

#if defined(__AVX512F__)
#define FRAMES_W 16
#elif defined(__AVX__)
#define FRAMES_W 8
#else
#define FRAMES_W 4
#endif

typedef float frames __attribute__((vector_size(4 * FRAMES_W)));

/** Any address that a float may have. */
LANE_FN frames frames_load(const float *from)
{
    frames x;
    memcpy(&x, from, sizeof x);
    return x;
}
LANE_FN void frames_store(float *to, frames x)
{
    memcpy(to, &x, sizeof x);
}

LANE_FN frames frames_splat(float x)
{
    return x - (frames){ 0 };
}

/** As lane_fma(). */
LANE_FN frames frames_fma(frames a, frames b, frames c)
{
#if defined(__FMA__) && FRAMES_W == 16
    return (frames)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__FMA__) && FRAMES_W == 8
    return (frames)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
    return a * b + c;
#endif
}

/** The frames 4 before those of x; `before` holds the FRAMES_W frames that came right before it. */
LANE_FN frames frames_4_earlier(frames before, frames x)
{
#if FRAMES_W == 4
    return (void)x, before;
#elif FRAMES_W == 8
    return __builtin_shufflevector(before, x, 4, 5, 6, 7, 8, 9, 10, 11);
#else
    return __builtin_shufflevector(before, x, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
                                   25, 26, 27);
#endif
}
/** The same for 8 frames; FRAMES_W >= 8. */
LANE_FN frames frames_8_earlier(frames before, frames x)
{
#if FRAMES_W < 16
    return (void)x, before;
#else
    return __builtin_shufflevector(before, x, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
                                   21, 22, 23);
#endif
}

/** Input i frame by frame: where it is one value, that value 64 times, in `space`. */
LANE_FN const float *frames_input(const struct dsp_block *b, uint32_t i, float *space)
{
    const float *const x = dsp_in(b, i);
    if (dsp_step(b, i))
        return x;
    for (uint32_t k = 0; k < DSP_BLOCK_FRAMES; k += FRAMES_W)
        frames_store(space + k, frames_splat(x[0]));
    return space;
}

/** Least number of whole registers that hold n frames. */
LANE_FN uint32_t frames_registers(uint32_t n)
{
    return (n + FRAMES_W - 1) / FRAMES_W;
}

#endif
#endif
