/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/crossfade.c - XFade2, LinXFade2, LinPan2.                                           */
/* room: audio.                                                                                   */
#include "server/dsp/pan.h"

/**
 * XFade2 - from one signal to another at equal power.
 *
 * in      [0] a, [1] b
 *         [2] pos    -1 a .. 1 b, clamped, on Pan2's grid
 *         [3] level  linear gain, taken once per block
 * out     [0] level * (a cos(t) + b sin(t)), t = (pos + 1) pi / 4
 * ramp    as Pan2
 * state   at the last block's end: pos, the sides that it gives, level
 * cost    two multiplications and two gains per frame; two sines where pos moves
 */
PH_RT static void x_fade2_init(void *state, const struct dsp_block *b)
{
    pan_init(state, b, 2);
}

PH_RT static void x_fade2_process(void *state, const struct dsp_block *b)
{
    lane frames[2][DSP_BLOCK_FRAMES], lefts[DSP_BLOCK_FRAMES], rights[DSP_BLOCK_FRAMES];
    const lane *const x = pan_signal(b, 0, frames[0]), *const y = pan_signal(b, 1, frames[1]);
    lane *const out = dsp_out(b, 0);
    if (dsp_step(b, 2)) {
        pan_follow(state, b, 2, lefts, rights);
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = x[i] * lefts[i] + y[i] * rights[i];
        return;
    }
    const struct pan_lines lines = pan_lines(state, b, 2);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = x[i] * ramp_at(&lines.left, i) + y[i] * ramp_at(&lines.right, i);
}
const struct dsp_unit DSP(dsp_XFade2) = { sizeof(struct pan), x_fade2_init, x_fade2_process,
                                          NULL, 0, x_fade2_process };

/**
 * LinXFade2 - from one signal to another in a straight line.
 *
 * in      [0] a, [1] b
 *         [2] pos  -1 a .. 1 b, clamped; one that is not at audio rate moves in a line through the
 *                  block
 * out     [0] a (1 - p) + b p, p = (pos + 1) / 2
 * state   p at the last block's end
 * cost    some four operations per frame
 */
struct lin_x_fade2 { lane share; };

/** The share of the second signal. */
LANE_FN lane fade_share(lane pos) { return lane_clamp(pos, -1.0f, 1.0f) * 0.5f + 0.5f; }

PH_RT static void lin_x_fade2_init(void *state, const struct dsp_block *b)
{
    ((struct lin_x_fade2 *)state)->share = fade_share(dsp_in(b, 2)[0]);
}

PH_RT static void lin_x_fade2_process(void *state, const struct dsp_block *b)
{
    struct lin_x_fade2 *const s = state;
    lane frames[2][DSP_BLOCK_FRAMES];
    const lane *const x = pan_signal(b, 0, frames[0]), *const y = pan_signal(b, 1, frames[1]);
    const lane *const pos = dsp_in(b, 2);
    lane *const out = dsp_out(b, 0);
    if (dsp_step(b, 2)) {
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = x[i] + fade_share(pos[i]) * (y[i] - x[i]);
        s->share = fade_share(pos[b->n_frames - 1]);
        return;
    }
    const struct ramp_line share = pan_gain(b, &s->share, fade_share(pos[0]));
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane p = ramp_at(&share, i);
        out[i] = x[i] * (1.0f - p) + y[i] * p;
    }
}
const struct dsp_unit DSP(dsp_LinXFade2) = { sizeof(struct lin_x_fade2), lin_x_fade2_init,
                                             lin_x_fade2_process, NULL, 0, lin_x_fade2_process };

/**
 * LinPan2 - one signal between two channels in a straight line.
 *
 * in      [0] signal
 *         [1] pos    -1 left .. 1 right, not limited
 *         [2] level  linear gain, taken once per block
 * out     [0] left  signal * (level - right gain)
 *         [1] right signal * level * (pos + 1) / 2
 * ramp    with pos constant in a block the two gains move in straight lines; level does so alone
 *         where pos is at audio rate
 * state   the two gains and the level at the last block's end
 * cost    two multiplications and two gains per frame
 */
struct lin_pan2 { lane left, right, level; };

LANE_FN struct lin_pan2 lin_pan2_gains(lane pos, lane level)
{
    const lane right = level * (pos * 0.5f + 0.5f);
    return (struct lin_pan2){ level - right, right, level };
}

PH_RT static void lin_pan2_init(void *state, const struct dsp_block *b)
{
    *(struct lin_pan2 *)state = lin_pan2_gains(dsp_in(b, 1)[0], dsp_in(b, 2)[0]);
}

/** The position moves within the block. */
LANE_FN void lin_pan2_moved(struct lin_pan2 *s, const struct dsp_block *b, const lane *x)
{
    const lane *const pos = dsp_in(b, 1);
    lane *const restrict left = dsp_out(b, 0), *const restrict right = dsp_out(b, 1);
    const struct ramp_line level = pan_gain(b, &s->level, dsp_in(b, 2)[0]);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const struct lin_pan2 g = lin_pan2_gains(pos[i], ramp_at(&level, i));
        left[i] = x[i] * g.left;
        right[i] = x[i] * g.right;
    }
    *s = lin_pan2_gains(pos[b->n_frames - 1], s->level);
}

PH_RT static void lin_pan2_process(void *state, const struct dsp_block *b)
{
    struct lin_pan2 *const s = state;
    lane frames[DSP_BLOCK_FRAMES];
    const lane *const x = pan_signal(b, 0, frames);
    lane *const restrict left = dsp_out(b, 0), *const restrict right = dsp_out(b, 1);
    if (dsp_step(b, 1)) {
        lin_pan2_moved(s, b, x);
        return;
    }
    const struct lin_pan2 to = lin_pan2_gains(dsp_in(b, 1)[0], dsp_in(b, 2)[0]);
    const struct ramp_line l = pan_gain(b, &s->left, to.left);
    const struct ramp_line r = pan_gain(b, &s->right, to.right);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        left[i] = x[i] * ramp_at(&l, i);
        right[i] = x[i] * ramp_at(&r, i);
    }
    s->level = to.level;
}
const struct dsp_unit DSP(dsp_LinPan2) = { sizeof(struct lin_pan2), lin_pan2_init, lin_pan2_process,
                                           NULL, 0, lin_pan2_process };
