/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/oscillator.c - sines: SinOsc.                                                       */
/* room: audio.                                                                                   */
/*                                                                                                */
/* Phases are fixed point (lane_phase.h): they wrap by themselves, never lose precision and are   */
/* the same at every lane width. Loops that accumulate a phase from steps that move stand apart   */
/* from the loops that make waves of it, which the compiler vectorises along time at width 1.     */
#include "server/dsp/lane_phase.h"
#include "server/dsp/ramp.h"

/**
 * SinOsc - sine.
 *
 * in      [0] freq   Hz, followed frame by frame at audio rate; |freq| < 4 * rate
 *         [1] phase  radians, added to the running phase; ramped where it is not at audio rate
 * out     [0] sine, within 1.6e-7 of the true value; frame 0 is sin(phase)
 * state   running phase, the phase input at the end of the last block
 * cost    one sine polynomial per frame
 * source  scsynth's phase arithmetic; its table and interpolation are within 1e-7 of a sine
 */
struct sin_osc { lane_u phase; lane offset; };

PH_RT static void sin_osc_init(void *state, const struct dsp_block *b)
{
    *(struct sin_osc *)state = (struct sin_osc){ .offset = dsp_in(b, 1)[0] };
}

/** The phase moves within the block; freq doesn't. */
LANE_FN void sin_osc_bend(struct sin_osc *s, const struct dsp_block *b, const lane *offset)
{
    lane *const restrict out = dsp_out(b, 0);
    const lane_u step = table_step(dsp_in(b, 0)[0], b->rate_hz);
    lane_u at = s->phase - LANE_QUARTER_TURN;
    for (uint32_t i = 0; i < b->n_frames; i++, at += step)
        out[i] = lane_cos_phase(at + lane_phase_of_radians(offset[i]));
    s->phase += step * b->n_frames;
}

/** Frequency is at audio rate. */
LANE_FN void sin_osc_follow(struct sin_osc *s, const struct dsp_block *b, struct ramp_input offset)
{
    const lane *const freq = dsp_in(b, 0);
    lane *const restrict out = dsp_out(b, 0);
    lane_u at[DSP_BLOCK_FRAMES];
    for (uint32_t i = 0; i < b->n_frames; i++)
        at[i] = table_step(freq[i], b->rate_hz);
    run_phase(at, b->n_frames, &s->phase);
    if (offset.step) {
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = lane_sin_phase(at[i] + lane_phase_of_radians(offset.x[i]));
        return;
    }
    const lane_u shift = lane_phase_of_radians(offset.x[0]);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = lane_sin_phase(at[i] + shift);
}

PH_RT static void sin_osc_process(void *state, const struct dsp_block *b)
{
    struct sin_osc *const s = state;
    lane *const restrict out = dsp_out(b, 0);
    lane frames[DSP_BLOCK_FRAMES];
    const struct ramp_input offset = ramp_input(b, 1, &s->offset, frames);
    if (dsp_step(b, 0)) {
        sin_osc_follow(s, b, offset);
        return;
    }
    if (offset.step) {
        sin_osc_bend(s, b, offset.x);
        return;
    }
    const lane_u step = table_step(dsp_in(b, 0)[0], b->rate_hz);
    lane_u at = s->phase + lane_phase_of_radians(offset.x[0]) - LANE_QUARTER_TURN;
    for (uint32_t i = 0; i < b->n_frames; i++, at += step)
        out[i] = lane_cos_phase(at);
    s->phase += step * b->n_frames;
}
const struct dsp_unit DSP(dsp_SinOsc) = { sizeof(struct sin_osc), sin_osc_init, sin_osc_process,
                                          NULL };
