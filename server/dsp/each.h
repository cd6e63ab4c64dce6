/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/each.h - units that compute each voice by itself, whatever the width.               */
/* room: audio.                                                                                   */
/*                                                                                                */
/* Where voices branch or read tables each at a place of its own, lanes side by side gain         */
/* nothing. Such a unit still has a wide form, so that the definition it stands in has one.       */
#ifndef SERVER_DSP_EACH_H
#define SERVER_DSP_EACH_H

#include "server/dsp/lane.h"

/** What an input holds for voice k at a frame of the call. */
LANE_FN float each_in(const struct dsp_block *b, uint32_t input, int k, uint32_t frame)
{
    return ((const float *)b->in[input])[frame * dsp_step(b, input) * LANE_W + (uint32_t)k];
}

/** Where output 0 of voice k goes. */
LANE_FN float *each_out(const struct dsp_block *b, int k, uint32_t frame)
{
    return (float *)b->out[0] + frame * LANE_W + (uint32_t)k;
}

/** Before a block for each voice k. */
#define FOR_EACH_VOICE(k) for (int k = 0; k < LANE_W; k++)

/** A whole number from any float; 0 where it is beyond 32 bits or no number. */
LANE_FN int32_t each_whole(double x)
{
    return x > -2147483648.0 && x < 2147483648.0 ? (int32_t)x : 0;
}

#endif
