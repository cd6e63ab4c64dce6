/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/mul_add.c - MulAdd, Sum3, Sum4, DC and K2A.                                         */
/* room: audio.                                                                                   */
#include "server/dsp/ramp.h"

/** The last value of up to four inputs, for units that ramp what is not at audio rate. */
struct held { lane x[4]; };

PH_RT static void held_init(void *state, const struct dsp_block *b)
{
    struct held *const s = state;
    for (uint32_t i = 0; i < b->n_in && i < 4; i++)
        s->x[i] = dsp_in(b, i)[0];
}

/**
 * MulAdd - in * mul + add.
 *
 * in      [0] in, [1] mul, [2] add; what is not at audio rate is ramped (ramp.h)
 * out     [0] in * mul + add, rounded twice
 * state   the value of each input at the end of the last block
 * cost    two operations per frame
 */
/** With a signal as mul or as add. */
LANE_FN void mul_add_signals(const struct dsp_block *b, const lane *x, struct ramp_input mul,
                             lane *last_add)
{
    lane frames[DSP_BLOCK_FRAMES];
    const struct ramp_input add = ramp_input(b, 2, last_add, frames);
    const lane m = mul.x[0], c = add.x[0];
    lane *const out = dsp_out(b, 0);
    if (mul.step && add.step)
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = x[i] * mul.x[i] + add.x[i];
    else if (mul.step)
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = x[i] * mul.x[i] + c;
    else
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = x[i] * m + add.x[i];
}

PH_RT static void mul_add_process(void *state, const struct dsp_block *b)
{
    struct held *const s = state;
    lane *const out = dsp_out(b, 0);
    if (b->rate != PH_AUDIO) {
        held_init(s, b);
        out[0] = s->x[0] * s->x[1] + s->x[2];
        return;
    }
    lane frames[DSP_BLOCK_FRAMES], more[DSP_BLOCK_FRAMES];
    const lane *const x = ramp_frames(b, 0, &s->x[0], frames);
    if (dsp_step(b, 1) || dsp_step(b, 2)) {
        const struct ramp_input mul = ramp_input(b, 1, &s->x[1], more);
        mul_add_signals(b, x, mul, &s->x[2]);
        return;
    }
    const struct ramp_line mul = ramp_line(b, 1, &s->x[1]), add = ramp_line(b, 2, &s->x[2]);
    if (mul.moves || add.moves)
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = x[i] * ramp_at(&mul, i) + ramp_at(&add, i);
    else
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = x[i] * mul.from + add.from;
}
const struct dsp_unit DSP(dsp_MulAdd) = { sizeof(struct held), held_init, mul_add_process, NULL, 0,
                                          mul_add_process };

/**
 * Sum3, Sum4 - the sum of three, four signals, added from left to right.
 *
 * in      [0..] signals; what is not at audio rate is ramped (ramp.h)
 * out     [0] their sum
 * state   the value of each input at the end of the last block
 * cost    two, three additions per frame
 */
PH_RT static void sum3_process(void *state, const struct dsp_block *b)
{
    struct held *const s = state;
    lane *const out = dsp_out(b, 0);
    if (b->rate != PH_AUDIO) {
        held_init(s, b);
        out[0] = s->x[0] + s->x[1] + s->x[2];
        return;
    }
    lane frames[3][DSP_BLOCK_FRAMES];
    const lane *const x = ramp_frames(b, 0, &s->x[0], frames[0]);
    const lane *const y = ramp_frames(b, 1, &s->x[1], frames[1]);
    const lane *const z = ramp_frames(b, 2, &s->x[2], frames[2]);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = x[i] + y[i] + z[i];
}
const struct dsp_unit DSP(dsp_Sum3) = { sizeof(struct held), held_init, sum3_process, NULL, 0,
                                        sum3_process };

PH_RT static void sum4_process(void *state, const struct dsp_block *b)
{
    struct held *const s = state;
    lane *const out = dsp_out(b, 0);
    if (b->rate != PH_AUDIO) {
        held_init(s, b);
        out[0] = s->x[0] + s->x[1] + s->x[2] + s->x[3];
        return;
    }
    lane frames[4][DSP_BLOCK_FRAMES];
    const lane *const x = ramp_frames(b, 0, &s->x[0], frames[0]);
    const lane *const y = ramp_frames(b, 1, &s->x[1], frames[1]);
    const lane *const z = ramp_frames(b, 2, &s->x[2], frames[2]);
    const lane *const w = ramp_frames(b, 3, &s->x[3], frames[3]);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = x[i] + y[i] + z[i] + w[i];
}
const struct dsp_unit DSP(dsp_Sum4) = { sizeof(struct held), held_init, sum4_process, NULL, 0,
                                        sum4_process };

/**
 * DC - a constant as a signal.
 *
 * in      [0] value, taken at birth; a constant that an edit changes is followed like K2A does
 * out     [0] that value in every frame
 * state   the value
 * cost    one store per frame
 */
PH_RT static void dc_process(void *state, const struct dsp_block *b)
{
    struct held *const s = state;
    lane *const out = dsp_out(b, 0);
    lane frames[DSP_BLOCK_FRAMES];
    struct ramp_input value = { &s->x[0], 0 };
    if (b->in_rate[0] == PH_SCALAR)
        value = ramp_input(b, 0, &s->x[0], frames);
    const lane constant = value.x[0];
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = value.step ? value.x[i] : constant;
}
const struct dsp_unit DSP(dsp_DC) = { sizeof(struct held), held_init, dc_process, NULL, 0 };

/**
 * K2A - a control signal at audio rate.
 *
 * in      [0] control signal
 * out     [0] a straight line from the last block's value to this one's
 * state   the value at the end of the last block
 * cost    one multiplication and addition per frame while it moves
 */
PH_RT static void k2a_process(void *state, const struct dsp_block *b)
{
    struct held *const s = state;
    lane *const out = dsp_out(b, 0);
    lane frames[DSP_BLOCK_FRAMES];
    const lane *const x = ramp_frames(b, 0, &s->x[0], frames);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = x[i];
}
const struct dsp_unit DSP(dsp_K2A) = { sizeof(struct held), held_init, k2a_process, NULL, 0,
                                       k2a_process };
