/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/node.c - units about nodes and the server.                                          */
/* room: audio.                                                                                   */
#include "server/dsp/lane.h"

/** The trigger's value in the last block, 0 at birth. */
struct trigger { lane last; };

PH_RT static void trigger_init(void *state, const struct dsp_block *b)
{
    (void)b;
    ((struct trigger *)state)->last = lane_splat(0.0f);
}

/** The lanes that hold a voice whose trigger rose through 0, as bits. */
static uint32_t trigger_rose(struct trigger *s, const struct dsp_block *b)
{
    const lane zero = lane_splat(0.0f), now = dsp_in(b, 0)[0];
    const lane_i rose = lane_gt(now, zero) & lane_le(s->last, zero);
    s->last = now;
    return lane_mask_bits(rose) & b->lanes;
}

/**
 * Free - ends a node.
 *
 * in      [0] trig  a rise through 0 ends the node
 *         [1] id    of the node; one that doesn't exist is ignored
 * out     [0] trig
 * state   the last trigger
 * cost    none to speak of; the executor looks the node up after the block
 */
PH_RT static void free_process(void *state, const struct dsp_block *b)
{
    const lane trig = dsp_in(b, 0)[0], id = lane_clamp(dsp_in(b, 1)[0], -2147483648.0f,
                                                       2147483520.0f);
    for (uint32_t left = trigger_rose(state, b); left; left &= left - 1) {
        const int k = __builtin_ctz(left);
        b->node[k].free_id = (int32_t)lane_get(id, k);
        b->node[k].flags |= DSP_NODE_FREE_OTHER;
    }
    dsp_out(b, 0)[0] = trig;
}
const struct dsp_unit DSP(dsp_Free) = { sizeof(struct trigger), trigger_init, free_process, NULL,
                                        0 };

/**
 * FreeSelf - ends its own node: done action 2.
 *
 * in      [0] in  a rise through 0 ends the node
 * out     [0] in
 * state   the last trigger
 * cost    none to speak of
 */
PH_RT static void free_self_process(void *state, const struct dsp_block *b)
{
    const lane in = dsp_in(b, 0)[0];
    for (uint32_t left = trigger_rose(state, b); left; left &= left - 1)
        dsp_ask_done(&b->node[__builtin_ctz(left)], 2.0f);
    if (b->n_out > 0)
        dsp_out(b, 0)[0] = in;
}
const struct dsp_unit DSP(dsp_FreeSelf) = { sizeof(struct trigger), trigger_init, free_self_process,
                                            NULL, 0 };

/**
 * SampleRate - the server's rate.
 *
 * out     [0] Hz
 * state   none
 * cost    none to speak of
 */
PH_RT static void sample_rate_process(void *state, const struct dsp_block *b)
{
    (void)state;
    dsp_out(b, 0)[0] = lane_splat(b->env->audio_rate_hz);
}
const struct dsp_unit DSP(dsp_SampleRate) = { 0, dsp_no_init, sample_rate_process, NULL, 0 };
