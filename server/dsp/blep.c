/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/blep.c - polyBLEP oscillators of our own: BlepSaw, BlepPulse, BlepTri.              */
/* room: audio.                                                                                   */
#include "server/dsp/lane_phase.h"
#include "server/dsp/ramp.h"

/*
 * BlepSaw, BlepPulse, BlepTri - the waveform of a phase, with its steps and corners rounded over
 * the two frames beside them. Source: Valimaki, Pekonen and Nam 2012 (polyBLEP); Esqueda, Valimaki
 * and Bilbao 2016 (polyBLAMP).
 */

/** Phase step of a frequency, limited to half the rate. */
LANE_FN lane_u blep_step(lane freq, float rate_hz)
{
    const float limit = 0.4999f * rate_hz;
    const lane_d units = lane_to_d(lane_clamp(freq, -limit, limit)) * (4294967296.0 / rate_hz);
    return lane_u_from_i(lane_i_from_d(units));
}

/** How fast the phase goes: its step, and frames per turn, bounded where it stands still. */
struct pace { lane_u step; lane per_turn; };
LANE_FN struct pace blep_pace(lane_u step)
{
    return (struct pace){ step, 1.0f / (lane_abs(lane_turns_signed(step)) + 1e-9f) };
}

/** The phase of every frame, and the step behind it. */
LANE_FN void blep_run(const struct dsp_block *b, lane_u *phase, lane_u *restrict at,
                      lane_u *restrict step)
{
    const lane *const freq = dsp_in(b, 0);
    const uint32_t df = dsp_step(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++)
        at[i] = step[i] = blep_step(freq[i * df], b->rate_hz);
    run_phase(at, b->n_frames, phase);
}

/**
 * Twice 1 - distance in frames to the event at turn 0, not below 0; `p` in turns, -0.5 .. 0.5. As a
 * sum, since a limit to a constant keeps gcc 12 from vectorising.
 */
LANE_FN lane nearness2(lane p, lane per_turn)
{
    const lane x = lane_fma(-lane_abs(p), per_turn, lane_splat(1.0f));
    return x + lane_abs(x);
}

/** 2 phi - 1 with the fall at phi = 0 rounded. */
LANE_FN lane blep_saw(lane_u phase, struct pace pace)
{
    const lane p = lane_turns_signed(phase), m = nearness2(p, pace.per_turn);
    const lane step = lane_fma(m * -0.25f, m, lane_splat(1.0f));
    return lane_fma(lane_splat(2.0f), p, -lane_copysign(step, p));
}

LANE_FN lane_u blep_start(const struct dsp_block *b, uint32_t input)
{
    return lane_phase_of_turns(dsp_in(b, input)[0]);
}

/**
 * BlepSaw - sawtooth 2 phi - 1, polyBLEP.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate; limited to half the rate
 *         [1] iphase  phi of frame 0, in turns
 * out     [0] -1 .. 1
 * state   phi
 * cost    some ten operations per frame, one division where freq is at audio rate
 */
struct blep { lane_u phase; };

PH_RT static void blep_saw_init(void *state, const struct dsp_block *b)
{
    ((struct blep *)state)->phase = blep_start(b, 1);
}

/** Runs the phase; what `wave` makes of it goes out. */
typedef lane blep_wave(lane_u phase, struct pace pace);
LANE_FN void blep_process(void *state, const struct dsp_block *b, blep_wave *wave)
{
    struct blep *const s = state;
    lane *const restrict out = dsp_out(b, 0);
    if (dsp_step(b, 0)) {
        lane_u at[DSP_BLOCK_FRAMES], step[DSP_BLOCK_FRAMES];
        blep_run(b, &s->phase, at, step);
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = wave(at[i], blep_pace(step[i]));
        return;
    }
    const struct pace pace = blep_pace(blep_step(dsp_in(b, 0)[0], b->rate_hz));
    lane_u phase = s->phase;
    for (uint32_t i = 0; i < b->n_frames; i++, phase += pace.step)
        out[i] = wave(phase, pace);
    s->phase = phase;
}

PH_RT static void blep_saw_process(void *state, const struct dsp_block *b)
{
    blep_process(state, b, blep_saw);
}
const struct dsp_unit DSP(dsp_BlepSaw) = { sizeof(struct blep), blep_saw_init, blep_saw_process,
                                           NULL };

/**
 * BlepPulse - +1 while phi < width, else -1; polyBLEP.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate; limited to half the rate
 *         [1] width   0 .. 1, ramped where it is not at audio rate
 *         [2] iphase  phi of frame 0, in turns
 * out     [0] -1 .. 1
 * state   phi, the width at the end of the last block
 * cost    twice BlepSaw: it is the difference of two saws
 */
struct blep_pulse { lane_u phase; lane width; };

PH_RT static void blep_pulse_init(void *state, const struct dsp_block *b)
{
    *(struct blep_pulse *)state = (struct blep_pulse){ blep_start(b, 2), dsp_in(b, 1)[0] };
}

/** A width as phase, whole turns dropped, and the mean it gives: 2 width - 1. */
struct blep_width { lane_u fall; lane mean; };
LANE_FN struct blep_width blep_width(lane width)
{
    const lane w = lane_clamp(width, 0.0f, 1.0f);
    return (struct blep_width){ lane_phase_of_part(w - 0.5f) + 2u * LANE_QUARTER_TURN,
                                lane_fma(lane_splat(2.0f), w, lane_splat(-1.0f)) };
}

LANE_FN lane blep_pulse(lane_u phase, struct blep_width w, struct pace pace)
{
    return blep_saw(phase - w.fall, pace) - blep_saw(phase, pace) + w.mean;
}

/** Frequency or width moves within the block. */
LANE_FN void blep_pulse_follow(struct blep_pulse *s, const struct dsp_block *b,
                               struct ramp_input width)
{
    lane *const restrict out = dsp_out(b, 0);
    lane_u at[DSP_BLOCK_FRAMES], step[DSP_BLOCK_FRAMES];
    struct blep_width w[DSP_BLOCK_FRAMES];
    blep_run(b, &s->phase, at, step);
    for (uint32_t i = 0; i < b->n_frames; i++)
        w[i] = blep_width(width.x[i * width.step]);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = blep_pulse(at[i], w[i], blep_pace(step[i]));
}

PH_RT static void blep_pulse_process(void *state, const struct dsp_block *b)
{
    struct blep_pulse *const s = state;
    lane *const restrict out = dsp_out(b, 0);
    lane frames[DSP_BLOCK_FRAMES];
    const struct ramp_input width = ramp_input(b, 1, &s->width, frames);
    if (dsp_step(b, 0) || width.step) {
        blep_pulse_follow(s, b, width);
        return;
    }
    const struct pace pace = blep_pace(blep_step(dsp_in(b, 0)[0], b->rate_hz));
    const struct blep_width w = blep_width(width.x[0]);
    lane_u phase = s->phase;
    for (uint32_t i = 0; i < b->n_frames; i++, phase += pace.step)
        out[i] = blep_pulse(phase, w, pace);
    s->phase = phase;
}
const struct dsp_unit DSP(dsp_BlepPulse) = { sizeof(struct blep_pulse), blep_pulse_init,
                                             blep_pulse_process, NULL };

/**
 * BlepTri - triangle from -1 at phi = 0 to 1 at phi = 1/2 and back; polyBLAMP.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate; limited to half the rate
 *         [1] iphase  phi of frame 0, in turns
 * out     [0] -1 .. 1
 * state   phi
 * cost    some fifteen operations per frame, one division where freq is at audio rate
 */
LANE_FN lane blep_tri(lane_u phase, struct pace pace)
{
    const lane p = lane_abs(lane_turns_signed(phase));
    const lane low = nearness2(p, pace.per_turn), high = nearness2(0.5f - p, pace.per_turn);
    /* each corner bends by 8 per turn; the residual of a unit corner is nearness^3 / 6 */
    const lane bend = (1.0f / 6.0f) * lane_abs(lane_turns_signed(pace.step));
    const lane corners = lane_fma(low * low, low, -(high * high * high));
    return lane_fma(bend, corners, lane_fma(lane_splat(4.0f), p, lane_splat(-1.0f)));
}

PH_RT static void blep_tri_process(void *state, const struct dsp_block *b)
{
    blep_process(state, b, blep_tri);
}
const struct dsp_unit DSP(dsp_BlepTri) = { sizeof(struct blep), blep_saw_init, blep_tri_process,
                                           NULL };
