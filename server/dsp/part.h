/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/part.h - how long a control value lasts.                                            */
/* room: audio.                                                                                   */
#ifndef SERVER_DSP_PART_H
#define SERVER_DSP_PART_H

#include "server/dsp/dsp.h"

/**
 * Share of a block that a call of a control unit lasts: less than 1 in the first one of a synth that starts
 * within a block. What goes on by that part only isn't ahead of the sound by the rest.
 */
static inline float part_of_block(const struct dsp_block *b)
{
    const uint32_t first = b->node[0].first_frame;
    return b->rate != 2 && first > 0 /* PH_AUDIO */
               ? 1.0f - (float)first / (float)b->env->block_frames
               : 1.0f;
}

/** Calls of that length per second. */
static inline float part_rate_hz(const struct dsp_block *b)
{
    const float part = part_of_block(b);
    return part > 0 && part < 1 ? b->rate_hz / part : b->rate_hz;
}

#endif
