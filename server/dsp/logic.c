/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/logic.c - choosing, holding and counting: Select, Latch, Gate, Schmidt, Sweep.      */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/frames.h"
#include "server/dsp/lane_double.h"
#include "server/dsp/part.h"

/*
 * Select - one of its inputs, chosen frame by frame.
 *
 * in      [0] which, its whole part counts; below 0 (and no number) the first, past the end the
 *             last
 *         [1] and on: the choices, at any rate
 * out     [0] the chosen one, bit for bit
 * cost    one comparison per choice and frame
 */
enum { SELECT_WHICH, SELECT_FIRST };

PH_RT static void select_process(void *state, const struct dsp_block *b)
{
    (void)state;
    lane which_space[DSP_BLOCK_FRAMES], space[DSP_BLOCK_FRAMES];
    const lane *const which = frames_of(b, SELECT_WHICH, which_space);
    lane *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = lane_splat(0.0f);
    for (uint32_t k = SELECT_FIRST; k < b->n_in; k++) {
        const lane *const x = frames_of(b, k, space);
        const lane from = lane_splat((float)(k - SELECT_FIRST));
        const lane_i first = lane_splat_i(k == SELECT_FIRST ? -1 : 0);
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = lane_select(lane_ge(which[i], from) | first, x[i], out[i]);
    }
}
const struct dsp_unit DSP(dsp_Select) = { 0, dsp_no_init, select_process, NULL, 0, select_process };

/*
 * Latch - holds the input from the frames on which a trigger rises.
 *
 * in      [0] signal   [1] trig, rises through 0
 * out     [0] the held value, 0 before the first
 * state   the held value; the trigger's last value, 0 at birth
 */
struct latch { lane held, trigger; };
enum { LATCH_IN, LATCH_TRIGGER };

PH_RT static void latch_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct latch *)state = (struct latch){ lane_splat(0.0f), lane_splat(0.0f) };
}

PH_RT static void latch_process(void *state, const struct dsp_block *b)
{
    struct latch *const s = state;
    const lane *const x = dsp_in(b, LATCH_IN), *const trigger = dsp_in(b, LATCH_TRIGGER);
    const uint32_t dx = dsp_step(b, LATCH_IN), dt = dsp_step(b, LATCH_TRIGGER);
    lane *const out = dsp_out(b, 0);
    lane held = s->held, before = s->trigger;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane now = trigger[i * dt];
        held = lane_select(rises(now, before), x[i * dx], held);
        out[i] = held;
        before = now;
    }
    *s = (struct latch){ held, before };
}

PH_RT static void latch_birth(void *state, const struct dsp_block *b)
{
    struct latch unheard = *(const struct latch *)state;
    latch_process(&unheard, b);
}
const struct dsp_unit DSP(dsp_Latch) = { sizeof(struct latch), latch_init, latch_process, NULL, 0,
                                         latch_birth };

/*
 * Gate - lets the input through while a gate is open, and holds its last value when that closes.
 *
 * in      [0] signal   [1] trig, open above 0
 * out     [0] the signal, or the held value: 0 before the first
 * state   the held value
 */
struct gate { lane held; };
enum { GATE_IN, GATE_TRIGGER };

PH_RT static void gate_init(void *state, const struct dsp_block *b)
{
    (void)b;
    ((struct gate *)state)->held = lane_splat(0.0f);
}

PH_RT static void gate_process(void *state, const struct dsp_block *b)
{
    struct gate *const s = state;
    const lane *const x = dsp_in(b, GATE_IN), *const trigger = dsp_in(b, GATE_TRIGGER);
    const uint32_t dx = dsp_step(b, GATE_IN), dt = dsp_step(b, GATE_TRIGGER);
    lane *const out = dsp_out(b, 0);
    lane held = s->held;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        held = lane_select(lane_gt(trigger[i * dt], lane_splat(0.0f)), x[i * dx], held);
        out[i] = held;
    }
    s->held = held;
}

PH_RT static void gate_birth(void *state, const struct dsp_block *b)
{
    struct gate unheard = *(const struct gate *)state;
    gate_process(&unheard, b);
}
const struct dsp_unit DSP(dsp_Gate) = { sizeof(struct gate), gate_init, gate_process, NULL, 0,
                                        gate_birth };

/*
 * Schmidt - on above one level, off below another.
 *
 * in      [0] signal   [1] lo   [2] hi
 * out     [0] 1 from where the signal exceeds hi, 0 from where it falls below lo
 * state   on or off; off at birth. What is no number changes nothing
 */
struct schmidt { lane_i on; };
enum { SCHMIDT_IN, SCHMIDT_LO, SCHMIDT_HI };

PH_RT static void schmidt_init(void *state, const struct dsp_block *b)
{
    (void)b;
    ((struct schmidt *)state)->on = lane_splat_i(0);
}

PH_RT static void schmidt_process(void *state, const struct dsp_block *b)
{
    struct schmidt *const s = state;
    lane space[3][DSP_BLOCK_FRAMES];
    const lane *const x = frames_of(b, SCHMIDT_IN, space[0]);
    const lane *const lo = frames_of(b, SCHMIDT_LO, space[1]);
    const lane *const hi = frames_of(b, SCHMIDT_HI, space[2]);
    lane *const out = dsp_out(b, 0);
    lane_i on = s->on;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        on = lane_select_i(on, ~lane_lt(x[i], lo[i]), lane_gt(x[i], hi[i]));
        out[i] = lane_where(on, lane_splat(1.0f));
    }
    s->on = on;
}
const struct dsp_unit DSP(dsp_Schmidt) = { sizeof(struct schmidt), schmidt_init, schmidt_process,
                                           NULL, 0, schmidt_process };

/*
 * Sweep - counts up by `rate` a second, from 0 where a trigger rises.
 *
 * in      [0] trig, rises through 0   [1] rate, units per second
 * out     [0] the count. It starts with the share of a frame by which the straight line between the
 *         trigger's values lies below 0; after a trigger that is not at audio rate one frame has
 *         passed
 * state   the count, in double: after an hour a step of a frame still shows; the trigger's last
 *         value, at birth its first, so that what is open then is no trigger
 */
struct sweep { lane_d count; lane trigger; };
enum { SWEEP_TRIGGER, SWEEP_RATE };

PH_RT static void sweep_init(void *state, const struct dsp_block *b)
{
    *(struct sweep *)state = (struct sweep){ lane_splat_d(0.0), dsp_in(b, SWEEP_TRIGGER)[0] };
}

LANE_FN lane_dd sweep_restart(lane now, lane before, lane_i rose, lane_dd step)
{
    const lane share = lane_where(rose, (0.0f - before) / lane_select(rose, now - before,
                                                                      lane_splat(1.0f)));
    return lane_dd_mul(lane_dd_from(share), step);
}

PH_RT static void sweep_process(void *state, const struct dsp_block *b)
{
    struct sweep *const s = state;
    const lane *const trigger = dsp_in(b, SWEEP_TRIGGER), *const rate = dsp_in(b, SWEEP_RATE);
    const uint32_t dt = dsp_step(b, SWEEP_TRIGGER), dr = dsp_step(b, SWEEP_RATE);
    const lane_dd frame_seconds = lane_dd_splat(1.0 / (double)part_rate_hz(b));
    const lane_i passes = lane_splat_i(dt ? 0 : -1);
    lane *const out = dsp_out(b, 0);
    lane_dd count = lane_dd_load((const double *)&s->count);
    lane before = s->trigger;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane now = trigger[i * dt];
        const lane_dd step = lane_dd_mul(lane_dd_from(rate[i * dr]), frame_seconds);
        const lane_i rose = rises(now, before);
        count = lane_dd_add(lane_dd_where(~rose, count), sweep_restart(now, before, rose, step));
        count = lane_dd_add(count, lane_dd_where(~rose | passes, step));
        out[i] = lane_from_dd(count);
        before = now;
    }
    lane_dd_store((double *)&s->count, count);
    s->trigger = before;
}
const struct dsp_unit DSP(dsp_Sweep) = { sizeof(struct sweep), sweep_init, sweep_process, NULL, 1,
                                         birth_zero };
