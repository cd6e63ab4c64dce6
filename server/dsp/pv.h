/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/pv.h - how units between FFT and IFFT begin, and numbers they share.                */
/* room: audio. One voice at a time.                                                              */
#ifndef SERVER_DSP_PV_H
#define SERVER_DSP_PV_H

#include "server/dsp/random.h"
#include "server/dsp/spectrum.h"

#if LANE_W == 1

enum pv_form { PV_AS_IT_IS, PV_COMPLEX, PV_POLAR };

static inline void pv_convert(const struct spectrum *s, enum pv_form form)
{
    if (form == PV_COMPLEX)
        spectrum_to_complex(s);
    else if (form == PV_POLAR)
        spectrum_to_polar(s);
}

/** The chain of input 0, passed on. @return whether a spectrum has come, in `form` then */
static inline bool pv_begin(const struct dsp_block *b, enum pv_form form, struct spectrum *s)
{
    *s = spectrum_of(b, 0);
    dsp_out(b, 0)[0] = s->buffer ? dsp_in(b, 0)[0] : -1.0f;
    if (s->buffer)
        pv_convert(s, form);
    return s->buffer;
}

/** The same with a second chain, input 1, of the same size. What is passed on is the first. */
static inline bool pv_begin_pair(const struct dsp_block *b, enum pv_form form, struct spectrum *s,
                                 struct spectrum *other)
{
    *s = spectrum_of(b, 0);
    *other = spectrum_of(b, 1);
    const bool both = s->buffer && other->buffer;
    dsp_out(b, 0)[0] = both ? dsp_in(b, 0)[0] : -1.0f;
    if (!both || s->n != other->n)
        return false;
    pv_convert(s, form);
    pv_convert(other, form);
    return true;
}

/** An input's value. */
static inline float pv_in(const struct dsp_block *b, uint32_t input)
{
    return dsp_in(b, input)[0];
}

/** x of n bins, -1 .. 1, as a whole number of them, towards zero. */
static inline int32_t pv_share(float x, uint32_t n)
{
    const float at = x * (float)n, most = (float)n;
    return at > -most ? (at < most ? (int32_t)at : (int32_t)n) : at <= -most ? -(int32_t)n : 0;
}

/** A whole number in lo .. hi; NaN gives lo. */
static inline int32_t pv_whole(float x, int32_t lo, int32_t hi)
{
    return x > (float)lo ? (x < (float)hi ? (int32_t)x : hi) : lo;
}

/**
 * Bins for which a unit keeps something: of the LocalBuf if
 * that is known, else of the largest transform.
 */
static inline uint32_t pv_bins_kept(const struct dsp_block *b)
{
    const uint32_t most = 1u << DSP_FFT_32768;
    return (b->own_floats > 0 && b->own_floats < most ? b->own_floats : most) / 2;
}

#endif
#endif
