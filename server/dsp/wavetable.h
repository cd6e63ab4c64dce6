/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/wavetable.h - a buffer that holds one period.                                       */
/* room: audio.                                                                                   */
/*                                                                                                */
/* A place in the table is fixed point: 16 bits behind the point, before it what the table's size */
/* needs; the rest turns by itself, since sizes are powers of two. So are scsynth's phases, and   */
/* pitch is the same for as long as one likes.                                                    */
#ifndef SERVER_DSP_WAVETABLE_H
#define SERVER_DSP_WAVETABLE_H

#include "server/dsp/part.h"
#include "server/dsp/tables.h"

enum { WAVETABLE_MAX = 1 << 17 }; /* samples: 2^16 places and 2^16 between them fill 32 bits */

/** Without data: there is none. */
struct wavetable {
    const float *data;
    uint32_t mask;             /* of places */
    bool is_pairs;             /* 2 a - b, b - a for each place a and the next one, b */
    double per_hz, per_radian; /* in 2^-16 places */
};

/** A whole number of 2^-16 places; 0 for what is beyond 32 bits or no number. */
LANE_FN uint32_t place_of(double places) { return (uint32_t)each_whole(places); }

LANE_FN struct wavetable wavetable_from(const struct dsp_block *b, struct samples s, bool is_pairs)
{
    const uint32_t n = is_pairs ? s.n / 2 : s.n;
    if (!s.data || n == 0 || s.n > WAVETABLE_MAX || (s.n & (s.n - 1)))
        return (struct wavetable){ 0 };
    return (struct wavetable){ s.data, n - 1, is_pairs,
                               n * (1.0 / (double)part_rate_hz(b)) * 65536.0,
                               n * (1.0 / 6.28318530717958647692 * 65536.0) };
}

LANE_FN struct wavetable wavetable_of(const struct dsp_block *b, float number, bool is_pairs)
{
    return wavetable_from(b, samples_of(b, number), is_pairs);
}

/** The table at a place; pairs are interpolated between it and the next. */
LANE_FN float wavetable_at(const struct wavetable *t, uint32_t place)
{
    const uint32_t whole = place >> 16 & t->mask;
    if (!t->is_pairs)
        return t->data[whole];
    const float part = 1.0f + (float)(place & 0xffffu) * 0x1p-16f;
    return t->data[2 * whole] + t->data[2 * whole + 1] * part;
}

/** Nothing for voice k. */
LANE_FN void wavetable_silence(const struct dsp_block *b, int k)
{
    for (uint32_t i = 0; i < b->n_frames; i++)
        *each_out(b, k, i) = 0.0f;
}

#endif
