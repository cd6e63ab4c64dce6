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

/** A value that goes from that of the block before to that of this one. */
struct ramp_line {
    bool moves; /* in some lane */
    lane from, slope;
};

/**
 * Input `i`, which holds a single value all block, from the value of the block before, `*previous`,
 * to its new one: a straight line that would arrive at the first frame of the next block, as in
 * scsynth. A constant that an edit changed does the same.
 */
LANE_FN struct ramp_line ramp_line(const struct dsp_block *b, uint32_t i, lane *previous)
{
    const lane from = *previous, to = dsp_in(b, i)[0];
    *previous = to;
    /* beside a lane that moves, one that stands still stays the same, whatever it holds */
    const lane slope = lane_where(lane_ne(from, to), (to - from) * (1.0f / (float)b->n_frames));
    return (struct ramp_line){ !lane_all(lane_eq(from, to)), from, slope };
}

LANE_FN lane ramp_at(const struct ramp_line *line, uint32_t frame)
{
    return lane_fma(lane_splat(ramp_index[frame]), line->slope, line->from);
}

/** An input as an operator reads it: frame i is x[i * step]. */
struct ramp_input {
    const lane *x;
    uint32_t step;
};

/**
 * Input `i` of an audio unit; one that isn't at audio rate as a line. `frames` is space for a
 * block's line and stays borrowed by the result.
 */
LANE_FN struct ramp_input ramp_input(const struct dsp_block *b, uint32_t i, lane *previous,
                                     lane *frames)
{
    const lane *const x = dsp_in(b, i);
    if (dsp_step(b, i))
        return (struct ramp_input){ x, 1 };
    const struct ramp_line line = ramp_line(b, i, previous);
    if (!line.moves)
        return (struct ramp_input){ x, 0 };
    for (uint32_t k = 0; k < b->n_frames; k++)
        frames[k] = ramp_at(&line, k);
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
