/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/pan.c - Pan2, Balance2.                                                             */
/* room: audio.                                                                                   */
#include "server/dsp/pan.h"

/*
 * Pan2 - one signal between two channels at equal power.   Balance2 - the same for two signals.
 *
 * in      Pan2: [0] signal; Balance2: [0] left, [1] right
 *         then pos, -1 left .. 1 right, clamped, and level, linear gain, taken once per block
 * out     left * level * cos(a), right * level * sin(a), a = (pos + 1) pi / 4
 * grid    pos is rounded to steps of 1/1024, as scsynth's table is
 * ramp    with pos constant in a block, the two gains move linearly to their new values from one
 *         block to the next; level does so alone where pos is at audio rate
 * state   at the last block's end: pos, the sides that it gives, level
 * cost    two multiplications and two gains per frame; two sines where pos moves
 */

/** Position and level hold all block: both products move in straight lines. */
LANE_FN void pan_ramp(struct pan *s, const struct dsp_block *b, uint32_t pos)
{
    lane x_frames[DSP_BLOCK_FRAMES], y_frames[DSP_BLOCK_FRAMES];
    const lane *const x = pan_signal(b, 0, x_frames);
    const lane *const y = pos == 1 ? x : pan_signal(b, 1, y_frames);
    lane *const restrict left = dsp_out(b, 0), *const restrict right = dsp_out(b, 1);
    const struct pan_lines lines = pan_lines(s, b, pos);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        left[i] = x[i] * ramp_at(&lines.left, i);
        right[i] = y[i] * ramp_at(&lines.right, i);
    }
}

/** The position moves within the block. */
LANE_FN void pan_moved(struct pan *s, const struct dsp_block *b, uint32_t pos)
{
    lane frames[2][DSP_BLOCK_FRAMES], lefts[DSP_BLOCK_FRAMES], rights[DSP_BLOCK_FRAMES];
    const lane *const x = pan_signal(b, 0, frames[0]);
    const lane *const y = pos == 1 ? x : pan_signal(b, 1, frames[1]);
    lane *const restrict left = dsp_out(b, 0), *const restrict right = dsp_out(b, 1);
    pan_follow(s, b, pos, lefts, rights);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        left[i] = x[i] * lefts[i];
        right[i] = y[i] * rights[i];
    }
}

LANE_FN void pan_process(void *state, const struct dsp_block *b, uint32_t pos)
{
    if (dsp_step(b, pos))
        pan_moved(state, b, pos);
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
                                              name##_process, NULL, 0, name##_process }
PAN(pan2, Pan2, 1);
PAN(balance2, Balance2, 2);
