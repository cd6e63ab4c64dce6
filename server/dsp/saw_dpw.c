/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/saw_dpw.c - SawDPW: a sawtooth with little aliasing, from the slope of a parabola.  */
/* room: audio.                                                                                   */
#include "server/dsp/lane_phase.h"

/*
 * SawDPW
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate; |freq| < rate. 0 is silent
 *         [1] iphase  -1 .. 1, where it starts
 * out     [0] rises from -0.5 to 0.5; more by 1 / (1 - freq / rate) where freq is at audio rate,
 *         else by 1 / (1 - 2 freq / rate^2): so sc3-plugins scales it
 * state   phase in 64 bits; it starts one frame after iphase
 * cost    one division per block, at audio rate two per frame
 * source  V. Valimaki, Discrete-Time Synthesis of the Sawtooth Waveform with Reduced Aliasing, IEEE
 *         Signal Processing Letters 12 (3), 2005: the difference of two values of a parabola over
 *         the step. Divided out, nothing is left that cancels: between two frames whose middle lies
 *         `near` the fall, in half periods, it is 1 - near, and less on the line through the fall
 *         itself
 */
struct saw_dpw { lane_u hi, lo; };
enum { FREQ, IPHASE };

/** Half periods per frame, rounded as sc3-plugins does it, so that both stay together. */
LANE_FN lane saw_dpw_pace(lane freq, float rate_hz)
{
    return lane_clamp(freq * (float)(2.0 / (double)rate_hz), -1.999f, 1.999f);
}

/** What a pace stands for: half the phase's step, the line through the fall, the level. */
struct course { lane_long half_step; lane fall, level; };
LANE_FN struct course saw_dpw_course(lane pace, float per_pace)
{
    const lane half = lane_abs(pace) * 0.5f, floor = lane_splat(1e-20f);
    const lane level = 0.5f / (1.0f - pace * per_pace);
    return (struct course){ lane_long_of_turns(pace * 0.25f), (1.0f - half) / lane_max(half, floor),
                            lane_where(lane_ne(pace, lane_splat(0.0f)), level) };
}

/** The frame whose middle is `at`; the fall is half a turn from 0. */
LANE_FN lane saw_dpw_frame(lane_long at, const struct course *c)
{
    const lane away = lane_turns_signed(lane_long_hi(at) - 2u * LANE_QUARTER_TURN);
    const lane near = 2.0f * lane_abs(away);
    return lane_copysign(c->level * lane_min(1.0f - near, near * c->fall), -away);
}

PH_RT static void saw_dpw_init(void *state, const struct dsp_block *b)
{
    const lane iphase = lane_clamp(dsp_in(b, IPHASE)[0], -1e6f, 1e6f);
    const lane pace = saw_dpw_pace(dsp_in(b, FREQ)[0], b->rate_hz);
    const lane_long at =
        lane_long_add(lane_long_of_turns(iphase * 0.5f), lane_long_of_turns(pace * 0.5f));
    *(struct saw_dpw *)state = (struct saw_dpw){ lane_long_hi(at), lane_long_lo(at) };
}

LANE_FN lane_long saw_dpw_follow(const struct dsp_block *b, lane_long phase)
{
    const lane *const freq = dsp_in(b, FREQ);
    lane *const restrict out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const struct course c = saw_dpw_course(saw_dpw_pace(freq[i], b->rate_hz), 0.5f);
        phase = lane_long_add(phase, c.half_step);
        out[i] = saw_dpw_frame(phase, &c);
        phase = lane_long_add(phase, c.half_step);
    }
    return phase;
}

LANE_FN lane_long saw_dpw_hold(const struct dsp_block *b, lane_long phase)
{
    const lane pace = saw_dpw_pace(dsp_in(b, FREQ)[0], b->rate_hz);
    const struct course c = saw_dpw_course(pace, 1.0f / b->rate_hz);
    const lane_long step = lane_long_add(c.half_step, c.half_step);
    lane *const restrict out = dsp_out(b, 0);
    lane_long middle = lane_long_add(phase, c.half_step);
    for (uint32_t i = 0; i < b->n_frames; i++, middle = lane_long_add(middle, step))
        out[i] = saw_dpw_frame(middle, &c);
    return lane_long_sub(middle, c.half_step);
}

PH_RT static void saw_dpw_process(void *state, const struct dsp_block *b)
{
    struct saw_dpw *const s = state;
    const lane_long phase = lane_long_of(s->hi, s->lo);
    const lane_long end = dsp_step(b, FREQ) ? saw_dpw_follow(b, phase) : saw_dpw_hold(b, phase);
    *s = (struct saw_dpw){ lane_long_hi(end), lane_long_lo(end) };
}
const struct dsp_unit DSP(dsp_SawDPW) = { sizeof(struct saw_dpw), saw_dpw_init, saw_dpw_process,
                                          NULL, 0 };
