/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/pan.c - Pan2, Balance2.                                                             */
/* room: audio.                                                                                   */
#include "server/dsp/lane_phase.h"
#include "server/dsp/ramp.h"

/*
 * Pan2 - one signal between two channels at equal power.   Balance2 - the same for two signals.
 *
 * in      Pan2: [0] signal; Balance2: [0] left, [1] right
 *         then pos, -1 left .. 1 right, clamped, and level, linear gain
 * out     left * level * cos(a), right * level * sin(a), a = (pos + 1) pi / 4
 * grid    pos is rounded to steps of 1/1024, as scsynth's table is
 * ramp    with pos and level both constant in a block, the two gains move linearly to their new
 *         values from one block to the next; level does so alone where pos is at audio rate
 * state   at the last block's end: pos, the gains that it gives, level
 * cost    two multiplications and two gains per frame; two sines where pos moves
 */

/** What a position gives without level. */
struct sides { lane left, right; };
struct pan { lane pos; struct sides sides; lane level; };

/** A position on scsynth's grid of 2048 steps to the quarter circle; fractions are cut off later. */
LANE_FN lane pan_step(lane pos) { return lane_clamp(1024.0f * pos + 1024.5f, 0.0f, 2048.0f); }
LANE_FN struct sides pan_sides_of(lane step)
{
    const lane right = lane_from_i(lane_to_i(step)) * (1.0f / 2048.0f), left = 1.0f - right;
    return (struct sides){ lane_sin_quarter(left), lane_sin_quarter(right) };
}
LANE_FN struct sides pan_sides(lane pos) { return pan_sides_of(pan_step(pos)); }

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

/** Frames of a line that starts at `from` and would reach `to` one frame behind the last. */
LANE_FN void pan_line(lane *restrict frames, uint32_t n, lane from, lane to)
{
    const lane slope = (to - from) * (1.0f / (float)n);
    for (uint32_t i = 0; i < n; i++)
        frames[i] = lane_fma(lane_splat(ramp_index[i]), slope, from);
}

/** Position and level hold all block: both products move in straight lines. */
LANE_FN void pan_ramp(struct pan *s, const struct dsp_block *b, uint32_t pos)
{
    lane x_frames[DSP_BLOCK_FRAMES], y_frames[DSP_BLOCK_FRAMES];
    const lane *const x = pan_signal(b, 0, x_frames);
    const lane *const y = pos == 1 ? x : pan_signal(b, 1, y_frames);
    lane *const restrict left = dsp_out(b, 0), *const restrict right = dsp_out(b, 1);
    const lane at = dsp_in(b, pos)[0], level = dsp_in(b, pos + 1)[0];
    const struct sides sides = pan_turn(s, at);
    const lane l = s->level * s->sides.left, r = s->level * s->sides.right;
    const float part = 1.0f / (float)b->n_frames;
    const lane l_slope = (level * sides.left - l) * part;
    const lane r_slope = (level * sides.right - r) * part;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane t = lane_splat(ramp_index[i]);
        left[i] = x[i] * lane_fma(t, l_slope, l);
        right[i] = y[i] * lane_fma(t, r_slope, r);
    }
    *s = (struct pan){ at, sides, level };
}

/** The two sides of every frame: of a position at audio rate, or lines to those of a new one. */
LANE_FN struct sides pan_follow_pos(const struct pan *s, const struct dsp_block *b, uint32_t pos,
                                    lane *restrict left, lane *restrict right)
{
    const lane *const at = dsp_in(b, pos);
    if (!dsp_step(b, pos)) {
        const struct sides to = pan_turn(s, at[0]);
        pan_line(left, b->n_frames, s->sides.left, to.left);
        pan_line(right, b->n_frames, s->sides.right, to.right);
        return to;
    }
    for (uint32_t i = 0; i < b->n_frames; i++)
        left[i] = pan_step(at[i]); /* in a loop of its own: limits keep gcc 12 from vectorising */
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const struct sides sides = pan_sides_of(left[i]);
        left[i] = sides.left;
        right[i] = sides.right;
    }
    return (struct sides){ left[b->n_frames - 1], right[b->n_frames - 1] };
}

/** Position or level moves within the block. */
LANE_FN void pan_follow(struct pan *s, const struct dsp_block *b, uint32_t pos)
{
    lane frames[3][DSP_BLOCK_FRAMES], lefts[DSP_BLOCK_FRAMES], rights[DSP_BLOCK_FRAMES];
    const uint32_t last = b->n_frames - 1, dp = dsp_step(b, pos), dl = dsp_step(b, pos + 1);
    const lane *const x = pan_signal(b, 0, frames[0]);
    const lane *const y = pos == 1 ? x : pan_signal(b, 1, frames[1]);
    lane *const restrict left = dsp_out(b, 0), *const restrict right = dsp_out(b, 1);
    const struct sides sides = pan_follow_pos(s, b, pos, lefts, rights);
    const lane *level = dsp_in(b, pos + 1);
    const lane level_last = level[last * dl];
    if (!dl) {
        pan_line(frames[2], b->n_frames, s->level, level_last);
        level = frames[2];
    }
    for (uint32_t i = 0; i < b->n_frames; i++) {
        left[i] = x[i] * (level[i] * lefts[i]);
        right[i] = y[i] * (level[i] * rights[i]);
    }
    *s = (struct pan){ dsp_in(b, pos)[last * dp], sides, level_last };
}

LANE_FN void pan_process(void *state, const struct dsp_block *b, uint32_t pos)
{
    if (dsp_step(b, pos) || dsp_step(b, pos + 1))
        pan_follow(state, b, pos);
    else
        pan_ramp(state, b, pos);
}

#define PAN(name, Name, pos)                                                                       \
    PH_RT static void name##_init(void *state, const struct dsp_block *b)                          \
    {                                                                                              \
        pan_init(state, b, pos);                                                                   \
    }                                                                                              \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        pan_process(state, b, pos);                                                                \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { sizeof(struct pan), name##_init,                     \
                                              name##_process, NULL }
PAN(pan2, Pan2, 1);
PAN(balance2, Balance2, 2);
