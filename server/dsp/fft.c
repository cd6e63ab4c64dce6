/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/fft.c - plans of FFTW, and how the audio thread runs them.                          */
/* room: forward() and inverse() audio; the rest runs before the driver starts or after it stops. */
#include "server/dsp/fft.h"

#include <fftw3.h>
#include <math.h>
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

/** Plans the sizes first .. last that are not there yet. */
static bool plan_sizes(struct dsp_fft *fft, enum dsp_fft_size first, enum dsp_fft_size last)
{
    float *const frames = aligned_alloc(64, dsp_fft_frames(last) * sizeof(float));
    float *const spectrum = aligned_alloc(64, 2 * dsp_fft_part(last) * sizeof(float));
    bool planned = frames && spectrum;

    for (int size = (int)first; planned && size <= (int)last; size++)
        if (!fft->plans[size][FORWARD])
            planned = plan(fft, (enum dsp_fft_size)size, frames, spectrum);
    free(frames);
    free(spectrum);
    return planned;
}

struct dsp_fft *dsp_fft_new(void)
{
    struct dsp_fft *fft = calloc(1, sizeof *fft);
    const bool planned = fft && plan_sizes(fft, DSP_FFT_128, DSP_FFT_128) &&
                         plan_sizes(fft, DSP_FFT_2048, DSP_FFT_2048);
    if (planned) {
        fft->forward = forward;
        fft->inverse = inverse;
    } else {
        dsp_fft_free(fft);
        fft = NULL;
    }
    return fft;
}

static void free_tables(struct dsp_fft_tables *t)
{
    for (int size = 0; t && size < DSP_FFT_SIZES; size++) {
        free(t->sine[size]);
        free(t->hann[size]);
    }
    free(t);
}

static bool fill_windows(struct dsp_fft_tables *t, enum dsp_fft_size size)
{
    const uint32_t n = dsp_fft_frames(size);
    t->sine[size] = calloc(n, sizeof(float));
    t->hann[size] = calloc(n, sizeof(float));
    for (uint32_t i = 0; i < n && t->sine[size] && t->hann[size]; i++) {
        t->sine[size][i] = (float)sin(M_PI * i / n);
        t->hann[size][i] = (float)(0.5 - 0.5 * cos(2 * M_PI * i / n));
    }
    return t->sine[size] && t->hann[size];
}

static struct dsp_fft_tables *tables_new(void)
{
    struct dsp_fft_tables *const t = calloc(1, sizeof *t);
    bool filled = t;
    for (int size = DSP_FFT_32; filled && size <= DSP_FFT_32768; size++)
        filled = fill_windows(t, (enum dsp_fft_size)size);
    if (!filled) {
        free_tables(t);
        return NULL;
    }
    for (int i = 0; i <= DSP_SINES; i++)
        t->sines[i] = (float)sin(2 * M_PI * i / DSP_SINES);
    for (int i = 0; i <= 2 * DSP_SLOPES; i++) {
        const double angle = atan((double)(i - DSP_SLOPES) / DSP_SLOPES);
        t->phases[i] = (float)angle;
        t->lengths[i] = (float)(1 / cos(angle));
    }
    return t;
}

bool dsp_fft_plan_all(struct dsp_fft *fft)
{
    if (dsp_fft_tables(fft))
        return true;
    struct dsp_fft_tables *const tables =
        plan_sizes(fft, DSP_FFT_32, DSP_FFT_32768) ? tables_new() : NULL;
    atomic_store_explicit(&fft->tables, tables, memory_order_release);
    return tables;
}

void dsp_fft_free(struct dsp_fft *fft)
{
    for (int size = 0; fft && size < DSP_FFT_SIZES; size++)
        for (int way = 0; way < 2; way++)
            if (fft->plans[size][way])
                fftwf_destroy_plan(fft->plans[size][way]);
    if (fft)
        free_tables(atomic_load_explicit(&fft->tables, memory_order_relaxed));
    free(fft);
}
