/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/frames.h - inputs as frames, whatever rate they come at.                            */
/* room: audio.                                                                                   */
#ifndef SERVER_DSP_FRAMES_H
#define SERVER_DSP_FRAMES_H

#include "server/dsp/lane.h"

/** Frames of an input that may be one value; `space` holds a block. */
LANE_FN const lane *frames_of(const struct dsp_block *b, uint32_t input, lane *space)
{
    const lane *const x = dsp_in(b, input);
    if (dsp_step(b, input))
        return x;
    space[0] = x[0];
    for (uint32_t i = 1; i < b->n_frames; i++)
        space[i] = x[0];
    return space;
}

/** What an input holds at frame `frame` of this call. */
LANE_FN lane frame_of(const struct dsp_block *b, uint32_t input, uint32_t frame)
{
    return dsp_in(b, input)[frame * dsp_step(b, input)];
}

/** Mask of the frames on which a trigger rises through 0. */
LANE_FN lane_i rises(lane now, lane before)
{
    return lane_gt(now, lane_splat(0.0f)) & lane_le(before, lane_splat(0.0f));
}

#endif
