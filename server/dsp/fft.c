/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/fft.c - plans of FFTW, and how the audio thread runs them.                          */
/* room: forward() and inverse() audio; the rest runs before the driver starts or after it stops. */
#include "server/dsp/fft.h"

#include <fftw3.h>
#include <stdlib.h>

/*
 * Plans are estimated, never measured: the same one on every run, so that a render can be repeated
 * bit by bit. At these sizes they work on the stack and allocate nothing.
 */
enum { FORWARD, INVERSE };

PH_RT static void forward(const struct dsp_fft *fft, enum dsp_fft_size size, float *x,
                          float *spectrum)
{
    fftwf_execute_split_dft_r2c(fft->plans[size][FORWARD], x, spectrum,
                                spectrum + dsp_fft_part(size));
}

PH_RT static void inverse(const struct dsp_fft *fft, enum dsp_fft_size size, float *spectrum,
                          float *x)
{
    fftwf_execute_split_dft_c2r(fft->plans[size][INVERSE], spectrum,
                                spectrum + dsp_fft_part(size), x);
}

static bool plan(struct dsp_fft *fft, enum dsp_fft_size size, float *x, float *spectrum)
{
    float *const imaginary = spectrum + dsp_fft_part(size);
    const fftwf_iodim n = { (int)dsp_fft_frames(size), 1, 1 };

    fft->plans[size][FORWARD] = fftwf_plan_guru_split_dft_r2c(
        1, &n, 0, NULL, x, spectrum, imaginary, FFTW_ESTIMATE | FFTW_DESTROY_INPUT);
    fft->plans[size][INVERSE] =
        fftwf_plan_guru_split_dft_c2r(1, &n, 0, NULL, spectrum, imaginary, x, FFTW_ESTIMATE);
    return fft->plans[size][FORWARD] && fft->plans[size][INVERSE];
}

struct dsp_fft *dsp_fft_new(void)
{
    struct dsp_fft *fft = calloc(1, sizeof *fft);
    float *const frames = aligned_alloc(64, DSP_FFT_FRAMES_MAX * sizeof(float));
    float *const spectrum = aligned_alloc(64, 2 * DSP_FFT_PART_MAX * sizeof(float));
    bool planned = fft && frames && spectrum;

    for (int size = 0; planned && size < DSP_FFT_SIZES; size++)
        planned = plan(fft, (enum dsp_fft_size)size, frames, spectrum);
    if (planned) {
        fft->forward = forward;
        fft->inverse = inverse;
    } else {
        dsp_fft_free(fft);
        fft = NULL;
    }
    free(frames);
    free(spectrum);
    return fft;
}

void dsp_fft_free(struct dsp_fft *fft)
{
    for (int size = 0; fft && size < DSP_FFT_SIZES; size++)
        for (int way = 0; way < 2; way++)
            fftwf_destroy_plan(fft->plans[size][way]);
    free(fft);
}
