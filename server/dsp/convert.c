/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/convert.c - from one rate to another: A2K, T2K, T2A.                                */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/frames.h"

/**
 * A2K - the first frame of a block.
 *
 * in      [0] signal
 * out     [0] its value; at control rate
 * state   none
 * cost    a copy per block
 */
PH_RT static void a2k_process(void *state, const struct dsp_block *b)
{
    (void)state;
    dsp_out(b, 0)[0] = dsp_in(b, 0)[0];
}
const struct dsp_unit DSP(dsp_A2K) = { 0, dsp_no_init, a2k_process, NULL, 0, a2k_process };

/**
 * T2K - a trigger for units at control rate.
 *
 * in      [0] signal
 * out     [0] its highest value in the block, at least 0; at control rate
 * state   none
 * cost    a comparison per frame
 */
PH_RT static void t2k_process(void *state, const struct dsp_block *b)
{
    (void)state;
    const lane *const in = dsp_in(b, 0);
    /* a block may be the rest of one in which the synth was born */
    const uint32_t n = dsp_step(b, 0) ? b->env->block_frames - b->node[0].first_frame : 1;
    lane highest = lane_splat(0.0f);
    for (uint32_t i = 0; i < n; i++)
        highest = lane_max(in[i], highest);
    dsp_out(b, 0)[0] = highest;
}
const struct dsp_unit DSP(dsp_T2K) = { 0, dsp_no_init, t2k_process, NULL, 0, birth_input };

/**
 * T2A - a trigger of control rate as a frame.
 *
 * in      [0] trig    where it rises through 0
 *         [1] offset  frame of the block, held within it
 * out     [0] that frame has trig's value; else 0. A trig at audio rate has it on its own frame
 * state   the last trig; one that is up at birth is no trigger, as in scsynth
 * cost    a write per frame
 */
struct t2a { lane last; };

PH_RT static void t2a_init(void *state, const struct dsp_block *b)
{
    ((struct t2a *)state)->last = dsp_in(b, 0)[0];
}

/** The frames of this call that the offsets name. */
LANE_FN lane t2a_frames(const struct dsp_block *b)
{
    const float first = (float)b->node[0].first_frame;
    const lane offset = lane_trunc(lane_clamp(dsp_in(b, 1)[0], 0.0f, (float)DSP_BLOCK_FRAMES));
    return lane_clamp(offset - first, 0.0f, (float)(b->n_frames - 1));
}

PH_RT static void t2a_process(void *state, const struct dsp_block *b)
{
    struct t2a *const s = state;
    const lane *const trig = dsp_in(b, 0);
    lane *const out = dsp_out(b, 0);
    if (dsp_step(b, 0)) {
        for (uint32_t i = 0; i < b->n_frames; i++) {
            out[i] = lane_where(rises(trig[i], s->last), trig[i]);
            s->last = trig[i];
        }
        return;
    }
    const lane frame = t2a_frames(b), risen = lane_where(rises(trig[0], s->last), trig[0]);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = lane_where(lane_eq(frame, lane_splat((float)i)), risen);
    s->last = trig[0];
}
const struct dsp_unit DSP(dsp_T2A) = { sizeof(struct t2a), t2a_init, t2a_process, NULL, 0 };
