/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/pan.h - positions between two sides, and gains that move through a block.           */
/* room: audio.                                                                                   */
#ifndef SERVER_DSP_PAN_H
#define SERVER_DSP_PAN_H

#include "server/dsp/lane_phase.h"
#include "server/dsp/ramp.h"

/** What a position gives without level. */
struct sides { lane left, right; };

/** At the last block's end: the position, the sides that it gives, the level. */
struct pan { lane pos; struct sides sides; lane level; };

/**
 * A position on scsynth's grid of 2048 steps to the quarter circle; fractions are cut off later.
 */
LANE_FN lane pan_step(lane pos) { return lane_clamp(1024.0f * pos + 1024.5f, 0.0f, 2048.0f); }
LANE_FN struct sides pan_sides_of(lane step)
{
    const lane right = lane_from_i(lane_to_i(step)) * (1.0f / 2048.0f), left = 1.0f - right;
    return (struct sides){ lane_sin_quarter(left), lane_sin_quarter(right) };
}
LANE_FN struct sides pan_sides(lane pos) { return pan_sides_of(pan_step(pos)); }

/** From the unit's first inputs; the level is the input behind `pos`. */
LANE_FN void pan_init(void *state, const struct dsp_block *b, uint32_t pos)
{
    const lane at = dsp_in(b, pos)[0];
    *(struct pan *)state = (struct pan){ at, pan_sides(at), dsp_in(b, pos + 1)[0] };
}

/** What `pos` gives, from the state where it still is what it was. */
LANE_FN struct sides pan_turn(const struct pan *s, lane pos)
{
    return lane_all(lane_eq(pos, s->pos)) ? s->sides : pan_sides(pos);
}

/** An input's frames; `frames` is space for those of a constant. */
LANE_FN const lane *pan_signal(const struct dsp_block *b, uint32_t input, lane *frames)
{
    const lane *const x = dsp_in(b, input);
    if (dsp_step(b, input))
        return x;
    const lane held = x[0];
    for (uint32_t i = 0; i < b->n_frames; i++)
        frames[i] = held;
    return frames;
}

/**
 * A gain's line through the block, from `*held` to `to`,
 * which it would reach behind the last frame.
 */
LANE_FN struct ramp_line pan_gain(const struct dsp_block *b, lane *held, lane to)
{
    const lane from = *held;
    *held = to;
    return (struct ramp_line){ true, from, (to - from) * (1.0f / (float)b->n_frames) };
}

/** The two sides' gains through a block in which the position holds. */
struct pan_lines { struct ramp_line left, right; };
LANE_FN struct pan_lines pan_lines(struct pan *s, const struct dsp_block *b, uint32_t pos)
{
    const lane at = dsp_in(b, pos)[0], level = dsp_in(b, pos + 1)[0];
    const struct sides sides = pan_turn(s, at);
    lane left = s->level * s->sides.left, right = s->level * s->sides.right;
    *s = (struct pan){ at, sides, level };
    return (struct pan_lines){ pan_gain(b, &left, level * sides.left),
                               pan_gain(b, &right, level * sides.right) };
}

/** The two gains of every frame, of a position at audio rate. The level is taken once per block. */
LANE_FN void pan_follow(struct pan *s, const struct dsp_block *b, uint32_t pos, lane *restrict left,
                        lane *restrict right)
{
    const lane *const at = dsp_in(b, pos);
    const struct ramp_line level = pan_gain(b, &s->level, dsp_in(b, pos + 1)[0]);
    const uint32_t last = b->n_frames - 1;
    for (uint32_t i = 0; i < b->n_frames; i++)
        left[i] = pan_step(at[i]); /* in a loop of its own: limits keep gcc 12 from vectorising */
    s->pos = at[last];
    s->sides = pan_sides_of(left[last]);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const struct sides sides = pan_sides_of(left[i]);
        left[i] = ramp_at(&level, i) * sides.left;
        right[i] = ramp_at(&level, i) * sides.right;
    }
}

#endif
