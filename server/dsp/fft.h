/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/fft.h - Fourier transforms of two sizes, planned before the audio thread starts.    */
/* room: audio; dsp_fft_new() and dsp_fft_free() belong to whoever makes a world.                 */
#ifndef SERVER_DSP_FFT_H
#define SERVER_DSP_FFT_H

#include "server/dsp/dsp.h"

enum dsp_fft_size { DSP_FFT_128, DSP_FFT_2048, DSP_FFT_SIZES };

enum {
    DSP_FFT_FRAMES_MAX = 2048,
    DSP_FFT_BINS_MAX = DSP_FFT_FRAMES_MAX / 2 + 1,
    DSP_FFT_PART_MAX = DSP_FFT_FRAMES_MAX / 2 + 16
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
};

static inline uint32_t dsp_fft_frames(enum dsp_fft_size size)
{
    return size == DSP_FFT_128 ? 128 : 2048;
}
/** Floats from the real to the imaginary parts; a spectrum takes twice as many. */
static inline uint32_t dsp_fft_part(enum dsp_fft_size size)
{
    return dsp_fft_frames(size) / 2 + 16;
}

/** NULL when there is no memory. One thread at a time may plan. */
struct dsp_fft *dsp_fft_new(void);
void dsp_fft_free(struct dsp_fft *fft);

#endif
