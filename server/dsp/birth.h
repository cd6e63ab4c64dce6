/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/birth.h - what units gave before their first frame: struct dsp_unit.                */
/* room: audio.                                                                                   */
#ifndef SERVER_DSP_BIRTH_H
#define SERVER_DSP_BIRTH_H

#include "server/dsp/lane.h"

/** Nothing. */
static inline void birth_zero(void *state, const struct dsp_block *b)
{
    (void)state;
    for (uint32_t o = 0; o < b->n_out; o++)
        dsp_out(b, o)[0] = lane_splat(0.0f);
}

/** What the first input gave. */
static inline void birth_input(void *state, const struct dsp_block *b)
{
    (void)state;
    dsp_out(b, 0)[0] = dsp_in(b, 0)[0];
}

#endif
