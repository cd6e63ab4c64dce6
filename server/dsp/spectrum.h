/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/spectrum.h - spectra in buffers: what units of an FFT chain pass on and change.     */
/* room: audio. One voice at a time.                                                              */
/*                                                                                                */
/* A chain is a wire that holds the number of a buffer in the block in which a new spectrum is in */
/* it, and -1 in all others. The buffer's floats are those of scsynth: dc, nyquist, then a pair   */
/* for each bin in between, real and imaginary part or magnitude and phase, as `contents` says.   */
/*                                                                                                */
/* Magnitudes and phases come from tables without interpolation, 1024 slopes and 8192 sines, as   */
/* in scsynth: what a chain gives is then the same to the last few bits (SC_Complex.h).           */
#ifndef SERVER_DSP_SPECTRUM_H
#define SERVER_DSP_SPECTRUM_H

#include <math.h>

#include "server/dsp/fft.h"
#include "server/dsp/lane.h"

#if LANE_W == 1

struct spectrum_bin { float a, b; }; /* real and imaginary part, or magnitude and phase */

/** `bins` 0 .. n - 1 are those from 1 on: n is half the buffer's floats less 1. */
struct spectrum {
    struct dsp_buffer *buffer; /* NULL: there is no new spectrum in this block */
    const struct dsp_fft_tables *tables;
    float *dc, *nyquist;
    struct spectrum_bin *bins;
    uint32_t n;
};

/** The spectrum that an input of chains names. Sizes from 4 floats on, even. */
static inline struct spectrum spectrum_of(const struct dsp_block *b, uint32_t input)
{
    struct spectrum s = { .tables = dsp_fft_tables(b->env->fft) };
    struct dsp_buffer *const buffer = dsp_buffer_to_write(b, dsp_in(b, input)[0]);
    const uint64_t n = buffer ? (uint64_t)buffer->n_frames * buffer->n_channels : 0;
    if (!s.tables || n < 4 || n > UINT32_MAX)
        return s;
    s.buffer = buffer;
    s.dc = buffer->data;
    s.nyquist = buffer->data + 1;
    s.bins = (struct spectrum_bin *)(void *)(buffer->data + 2);
    s.n = (uint32_t)n / 2 - 1;
    return s;
}

/** Magnitude and phase of a + jb, from slopes cut to 1 / 1024. */
static inline struct spectrum_bin spectrum_polar(const struct dsp_fft_tables *t,
                                                 struct spectrum_bin x)
{
    const float wide = fabsf(x.a), high = fabsf(x.b);
    const bool is_flat = wide > high;
    if (!is_flat && !(high > 0)) /* also what is no number */
        return (struct spectrum_bin){ 0, 0 };
    const float slope = is_flat ? x.b / x.a : x.a / x.b;
    if (!(slope >= -1 && slope <= 1)) /* infinite over infinite */
        return (struct spectrum_bin){ 0, 0 };
    const int32_t i = (int32_t)(DSP_SLOPES + DSP_SLOPES * slope);
    const float angle = t->phases[i];
    if (is_flat)
        return (struct spectrum_bin){ t->lengths[i] * wide, x.a > 0 ? angle : (float)M_PI + angle };
    return (struct spectrum_bin){ t->lengths[i] * high,
                                  (x.b > 0 ? (float)M_PI_2 : (float)(3 * M_PI_2)) - angle };
}

/** The reverse, from phases cut to 1 / 8192 of a turn. */
static inline struct spectrum_bin spectrum_complex(const struct dsp_fft_tables *t,
                                                   struct spectrum_bin x)
{
    const float turns = x.b * (float)(DSP_SINES / (2 * M_PI));
    const uint32_t at = turns > -1e9f && turns < 1e9f ? (uint32_t)(int32_t)turns : 0;
    return (struct spectrum_bin){ x.a * t->sines[(at + DSP_SINES / 4) % DSP_SINES],
                                  x.a * t->sines[at % DSP_SINES] };
}

static inline void spectrum_to_polar(const struct spectrum *s)
{
    for (uint32_t i = 0; i < s->n && s->buffer->contents == DSP_COMPLEX; i++)
        s->bins[i] = spectrum_polar(s->tables, s->bins[i]);
    if (s->buffer->contents == DSP_COMPLEX)
        s->buffer->contents = DSP_POLAR;
}

static inline void spectrum_to_complex(const struct spectrum *s)
{
    for (uint32_t i = 0; i < s->n && s->buffer->contents == DSP_POLAR; i++)
        s->bins[i] = spectrum_complex(s->tables, s->bins[i]);
    if (s->buffer->contents == DSP_POLAR)
        s->buffer->contents = DSP_COMPLEX;
}

#endif
#endif
