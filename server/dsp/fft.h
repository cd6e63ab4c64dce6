/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/fft.h - Fourier transforms, planned and tabulated before the audio thread needs     */
/* them.                                                                                          */
/* room: audio; dsp_fft_new(), dsp_fft_plan_all() and dsp_fft_free() belong to whoever makes a    */
/* world.                                                                                         */
#ifndef SERVER_DSP_FFT_H
#define SERVER_DSP_FFT_H

#include <stdatomic.h>

#include "server/dsp/dsp.h"

/** A size is the logarithm of its frames. Two of them are there from the start. */
enum dsp_fft_size { DSP_FFT_32 = 5, DSP_FFT_128 = 7, DSP_FFT_2048 = 11, DSP_FFT_32768 = 15,
                    DSP_FFT_SIZES };

enum {
    DSP_FFT_FRAMES_MAX = 2048, /* of those two: their users keep them on the stack */
    DSP_FFT_BINS_MAX = DSP_FFT_FRAMES_MAX / 2 + 1,
    DSP_FFT_PART_MAX = DSP_FFT_FRAMES_MAX / 2 + 16,
    /* of dsp_env.scratch: frames and spectrum of the largest transform */
    DSP_SCRATCH_FLOATS = (1 << DSP_FFT_32768) * 2 + 32
};

enum { DSP_SINES = 8192, DSP_SLOPES = 1024 };

/** What chains of spectra need: see dsp/spectrum.h. */
struct dsp_fft_tables {
    float *sine[DSP_FFT_SIZES], *hann[DSP_FFT_SIZES]; /* windows by size */
    float sines[DSP_SINES + 1];                       /* one period */
    float phases[2 * DSP_SLOPES + 1];                 /* arctan of slopes -1 .. 1 */
    /* hypotenuse over the longer side, of those slopes */
    float lengths[2 * DSP_SLOPES + 1];
};

/**
 * A spectrum is two rows of floats, real parts, then imaginary parts, each n / 2 + 1 bins long and
 * padded to n / 2 + 16. Frames and spectra lie at multiples of 64 bytes and don't overlap.
 */
struct dsp_fft {
    /** spectrum <- sum over i of x[i] exp(-2 pi j k i / n) */
    void (*forward)(const struct dsp_fft *fft, enum dsp_fft_size size, float *x, float *spectrum);
    /** x <- n times the frames that have this spectrum, which is lost. */
    void (*inverse)(const struct dsp_fft *fft, enum dsp_fft_size size, float *spectrum, float *x);
    void *plans[DSP_FFT_SIZES][2];
    _Atomic(struct dsp_fft_tables *) tables; /* NULL until all sizes are planned */
};

static inline uint32_t dsp_fft_frames(enum dsp_fft_size size)
{
    return 1u << size;
}
/** Floats from the real to the imaginary parts; a spectrum takes twice as many. */
static inline uint32_t dsp_fft_part(enum dsp_fft_size size)
{
    return dsp_fft_frames(size) / 2 + 16;
}

/** NULL until dsp_fft_plan_all() has run; from then on every size may be used. Any thread. */
static inline const struct dsp_fft_tables *dsp_fft_tables(const struct dsp_fft *fft)
{
    return fft ? atomic_load_explicit(&fft->tables, memory_order_acquire) : NULL;
}

/** Of a number of frames; DSP_FFT_SIZES: it is none of the sizes. */
static inline enum dsp_fft_size dsp_fft_size_of(uint32_t frames)
{
    const bool is_power = frames != 0 && (frames & (frames - 1)) == 0;
    const uint32_t size = is_power ? (uint32_t)__builtin_ctz(frames) : DSP_FFT_SIZES;
    return size >= DSP_FFT_32 && size <= DSP_FFT_32768 ? (enum dsp_fft_size)size : DSP_FFT_SIZES;
}

/** NULL when there is no memory. One thread at a time may plan. */
struct dsp_fft *dsp_fft_new(void);
/**
 * Plans all sizes and fills the tables, once, some 20 ms: when the first definition comes that
 * needs them. The audio thread may run meanwhile. @return false when there is no memory
 */
bool dsp_fft_plan_all(struct dsp_fft *fft);
void dsp_fft_free(struct dsp_fft *fft);

#endif
