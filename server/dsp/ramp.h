/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/ramp.h - one value per block, as a straight line through the block.                 */
/* room: audio.                                                                                   */
#ifndef SERVER_DSP_RAMP_H
#define SERVER_DSP_RAMP_H

#include "server/dsp/lane.h"

#define RAMP_TEN(n) n##0, n##1, n##2, n##3, n##4, n##5, n##6, n##7, n##8, n##9
/** The numbers of a block's frames, as factors of a slope. */
static const float ramp_index[DSP_BLOCK_FRAMES] = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, RAMP_TEN(1), RAMP_TEN(2), RAMP_TEN(3), RAMP_TEN(4), RAMP_TEN(5),
    60, 61, 62, 63
};
#undef RAMP_TEN

/** An input as an operator reads it: frame i is x[i * step]. */
struct ramp_input {
    const lane *x;
    uint32_t step;
};

/**
 * Input `i` of an audio unit. One that holds a single value all block goes from the value of the
 * block before, `*previous`, to its new one on a straight line that would arrive at the first frame
 * of the next block, as in scsynth; a constant that an edit changed does the same. `frames` is
 * space for a block's line and stays borrowed by the result.
 */
LANE_FN struct ramp_input ramp_input(const struct dsp_block *b, uint32_t i, lane *previous,
                                     lane *frames)
{
    const lane *const x = dsp_in(b, i);
    if (dsp_step(b, i))
        return (struct ramp_input){ x, 1 };

    const lane from = *previous, to = x[0];
    *previous = to;
    if (lane_all(lane_eq(from, to)))
        return (struct ramp_input){ x, 0 };

    /* beside a lane that moves, one that stands still stays the same, whatever it holds */
    const lane slope = lane_where(lane_ne(from, to), (to - from) * (1.0f / (float)b->n_frames));
    for (uint32_t k = 0; k < b->n_frames; k++)
        frames[k] = lane_fma(lane_splat(ramp_index[k]), slope, from);
    return (struct ramp_input){ frames, 1 };
}

/** The same with a constant written out as frames, for loops that want every input to step. */
LANE_FN const lane *ramp_frames(const struct dsp_block *b, uint32_t i, lane *previous, lane *frames)
{
    const struct ramp_input in = ramp_input(b, i, previous, frames);
    if (in.step)
        return in.x;
    const lane x = in.x[0];
    for (uint32_t k = 0; k < b->n_frames; k++)
        frames[k] = x;
    return frames;
}

#endif
