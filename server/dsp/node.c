/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/node.c - units that end, stop and resume nodes.                                     */
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
 * PauseSelf - stops its own node: done action 1.
 *
 * in      [0] in  a rise through 0 stops the node
 * out     [0] in
 * state   the last trigger
 * cost    none to speak of
 */
PH_RT static void pause_self_process(void *state, const struct dsp_block *b)
{
    const lane in = dsp_in(b, 0)[0];
    for (uint32_t left = trigger_rose(state, b); left; left &= left - 1)
        dsp_ask_done(&b->node[__builtin_ctz(left)], 1.0f);
    if (b->n_out > 0)
        dsp_out(b, 0)[0] = in;
}
const struct dsp_unit DSP(dsp_PauseSelf) = { sizeof(struct trigger), trigger_init,
                                             pause_self_process, NULL, 0 };

/**
 * Pause - stops a node, and lets it go on.
 *
 * in      [0] gate  0 stops the node, anything else lets it go on
 *         [1] id    of the node; one that doesn't exist is ignored
 * out     [0] gate
 * state   whether the node was last told to run; it runs at birth
 * cost    none to speak of; the executor looks the node up after the block
 */
struct pause { lane_i runs; };

PH_RT static void pause_init(void *state, const struct dsp_block *b)
{
    (void)b;
    ((struct pause *)state)->runs = lane_splat_i(-1);
}

PH_RT static void pause_process(void *state, const struct dsp_block *b)
{
    struct pause *const s = state;
    const lane gate = dsp_in(b, 0)[0], id = lane_clamp(dsp_in(b, 1)[0], -2147483648.0f,
                                                       2147483520.0f);
    const lane_i runs = lane_ne(gate, lane_splat(0.0f));
    for (uint32_t left = lane_mask_bits(runs ^ s->runs) & b->lanes; left; left &= left - 1) {
        const int k = __builtin_ctz(left);
        b->node[k].run_id = (int32_t)lane_get(id, k);
        b->node[k].flags |= lane_get_i(runs, k) ? DSP_NODE_RESUME_OTHER : DSP_NODE_PAUSE_OTHER;
    }
    s->runs = runs;
    dsp_out(b, 0)[0] = gate;
}
const struct dsp_unit DSP(dsp_Pause) = { sizeof(struct pause), pause_init, pause_process, NULL, 0 };

#if LANE_W == 1 /* a def whose units see each other runs alone */

/**
 * Done - whether a unit has come to its end.
 *
 * in      [0] src  the unit: an envelope, a line, a player
 * out     [0] 1 when it has, else 0
 * state   none
 * cost    none to speak of
 */
PH_RT static void done_process(void *state, const struct dsp_block *b)
{
    (void)state;
    dsp_out(b, 0)[0] = dsp_source_is_done(b, 0) ? 1.0f : 0.0f;
}
const struct dsp_unit DSP(dsp_Done) = { 0, dsp_no_init, done_process, NULL, 0 };

/*
 * FreeSelfWhenDone - ends its own node when a unit has come to its end: done action 2.
 * PauseSelfWhenDone - stops it: done action 1; once.
 *
 * in      [0] src  the unit
 * out     [0] what the unit gives, 0 afterwards; 0 for a constant
 * state   whether it has asked
 * cost    none to speak of
 */
struct when_done { lane_i asked; };

PH_RT static void when_done_init(void *state, const struct dsp_block *b)
{
    (void)b;
    ((struct when_done *)state)->asked = 0;
}

static void when_done(struct when_done *s, const struct dsp_block *b, float action)
{
    const bool is_unit = b->source && b->source[0] != DSP_NO_SOURCE;
    dsp_out(b, 0)[0] = is_unit && !s->asked ? dsp_in(b, 0)[0] : 0.0f;
    if (s->asked || !dsp_source_is_done(b, 0))
        return;
    dsp_ask_done(b->node, action);
    s->asked = 1;
}

PH_RT static void free_self_when_done_process(void *state, const struct dsp_block *b)
{
    when_done(state, b, 2.0f);
}
const struct dsp_unit DSP(dsp_FreeSelfWhenDone) = { sizeof(struct when_done), when_done_init,
                                                    free_self_when_done_process, NULL, 0 };

PH_RT static void pause_self_when_done_process(void *state, const struct dsp_block *b)
{
    when_done(state, b, 1.0f);
}
const struct dsp_unit DSP(dsp_PauseSelfWhenDone) = { sizeof(struct when_done), when_done_init,
                                                     pause_self_when_done_process, NULL, 0 };

#endif
