/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/hilbert.c - a signal and itself a quarter later: Hilbert, FreqShift.                */
/* room: audio.                                                                                   */
#include "server/dsp/fastmath.h"
#include "server/dsp/lane_double.h"

#define PI 3.14159265358979323846

/*
 * Two chains of six all-passes of first order each, whose phases are a quarter apart from 20 Hz to
 * near half the rate.
 *
 * source  S. Costello and B. Hutchins, the Hilbert transformer of Csound and of SuperCollider:
 *         poles at 15 times these frequencies. Coefficients are rounded to float, as scsynth has
 *         them
 */
enum { STAGES = 12, CHAIN = 6 };
static const float hilbert_hz[STAGES] = {
    0.3609f, 2.7412f, 11.1573f, 44.7581f, 179.6242f, 798.4578f,
    1.2524f, 5.5671f, 22.3423f, 89.6271f, 364.7914f, 2770.1114f
};

LANE_FN void hilbert_coefs(lane_dd coefs[STAGES], double pi, float rate_hz)
{
    for (int k = 0; k < STAGES; k++) {
        const double g = 15.0 * pi / (double)rate_hz * (double)hilbert_hz[k];
        coefs[k] = lane_dd_splat((double)(float)((g - 1.0) / (g + 1.0)));
    }
}

/** One all-pass: c y0 + y1 with y0 = x - c y1. */
LANE_FN lane_dd hilbert_stage(lane_dd x, lane_dd c, lane_dd *y)
{
    const lane_dd y0 = lane_dd_fnma(c, *y, x), out = lane_dd_fma(c, y0, *y);
    *y = y0;
    return out;
}

/** A state past 1e15, or not a number, is let go; the rest is rounded to float. */
LANE_FN lane_dd hilbert_rounded(lane_dd y)
{
    const lane x = lane_from_dd(y);
    return lane_dd_from(lane_where(lane_lt(lane_abs(x), lane_splat(1e15f)), x));
}

/*
 * Hilbert
 *
 * in      [0] signal
 * out     [0] signal, [1] the same a quarter later, both with turned phase
 * state   of every all-pass the last value, 0 at birth; rounded to float each frame, as in scsynth
 * cost    24 double multiply-adds per frame
 */
struct hilbert { lane_dd y[STAGES]; };
enum { IN, FREQ, PHASE };

PH_RT static void hilbert_init(void *state, const struct dsp_block *b)
{
    (void)b;
    struct hilbert *const s = state;
    for (int k = 0; k < STAGES; k++)
        s->y[k] = lane_dd_splat(0.0);
}

PH_RT static void hilbert_process(void *state, const struct dsp_block *b)
{
    struct hilbert *const s = state;
    const lane *const in = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN);
    lane_dd coefs[STAGES];
    hilbert_coefs(coefs, (double)(float)PI, b->rate_hz);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        lane_dd x[2] = { lane_dd_from(in[i * dx]), lane_dd_from(in[i * dx]) };
        for (int k = 0; k < STAGES; k++) {
            x[k / CHAIN] = hilbert_stage(x[k / CHAIN], coefs[k], &s->y[k]);
            s->y[k] = hilbert_rounded(s->y[k]);
        }
        dsp_out(b, 0)[i] = lane_from_dd(x[0]);
        dsp_out(b, 1)[i] = lane_from_dd(x[1]);
    }
}
const struct dsp_unit DSP(dsp_Hilbert) = { sizeof(struct hilbert), hilbert_init, hilbert_process,
                                           NULL, STAGES, hilbert_process };

/*
 * FreqShift - moves all frequencies by the same distance: one side band of a ring modulation.
 *
 * in      [0] signal   [1] freq, Hz, clamped to +-3.9 * rate; at control rate it jumps from block
 *         to block
 *         [2] phase, radians; at control rate ramped over the block
 * out     [0] signal
 * state   Hilbert's, rounded to float at the end of a block, as in scsynth; the oscillator's phase
 *         in steps of 2^-29 of a cycle, which are whole as in scsynth, one frame on at birth
 * cost    Hilbert's, a sine and a cosine
 */
struct freq_shift { lane_dd y[STAGES]; lane_u steps; lane phase; };
#define STEPS_OF_CYCLE 536870912.0

LANE_FN lane_u shift_steps(lane_d x) { return lane_u_from_i(lane_i_from_d(x)); }
LANE_FN lane_u shift_of_freq(lane freq_hz, float rate_hz)
{
    const lane hz = lane_clamp(freq_hz, -3.9f * rate_hz, 3.9f * rate_hz);
    return shift_steps(lane_to_d(hz) * (STEPS_OF_CYCLE / (double)rate_hz));
}
/** Past four cycles only the part of the last one counts. */
LANE_FN lane_u shift_of_phase(lane phase)
{
    const lane cycles = phase * (float)(0.5 / PI);
    const lane_i near = lane_lt(lane_abs(phase), lane_splat(25.0f));
    const lane part = lane_clamp(cycles - lane_trunc(cycles), -1.0f, 1.0f) * (float)(2 * PI);
    return shift_steps(lane_to_d(lane_select(near, phase, part)) * (STEPS_OF_CYCLE * 0.5 / PI));
}

PH_RT static void freq_shift_init(void *state, const struct dsp_block *b)
{
    struct freq_shift *const s = state;
    hilbert_init(state, b);
    s->phase = dsp_in(b, PHASE)[0];
    s->steps = shift_of_freq(dsp_in(b, FREQ)[0], b->rate_hz);
    if (!dsp_step(b, FREQ) && !dsp_step(b, PHASE))
        s->steps += shift_of_phase(s->phase);
}

/** The oscillator's phase of every frame. */
LANE_FN void shift_path(struct freq_shift *s, const struct dsp_block *b, lane_u *path)
{
    const uint32_t df = dsp_step(b, FREQ), dp = dsp_step(b, PHASE);
    const lane *const freq = dsp_in(b, FREQ), *const phase = dsp_in(b, PHASE);
    const lane step = (phase[0] - s->phase) * (1.0f / (float)b->n_frames);
    lane_u steps = s->steps, each = shift_of_freq(freq[0], b->rate_hz);
    lane now = s->phase;

    if (!df && !dp)
        each += shift_of_phase(step);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        path[i] = steps;
        if (df || dp)
            path[i] += shift_of_phase(dp ? phase[i] : now);
        now += step;
        steps += df ? shift_of_freq(freq[i], b->rate_hz) : each;
    }
    s->steps = steps;
    s->phase = phase[(b->n_frames - 1) * dp];
    s->phase = lane_where(lane_finite(s->phase), s->phase);
}

/** Half a circle's worth of 2^31. */
LANE_FN lane shift_angle(lane_u steps)
{
    return lane_from_i(lane_i_from_u(steps << 3)) * (float)(PI / 2147483648.0);
}

PH_RT static void freq_shift_process(void *state, const struct dsp_block *b)
{
    struct freq_shift *const s = state;
    const lane *const in = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN);
    lane *const out = dsp_out(b, 0);
    lane_u path[DSP_BLOCK_FRAMES];
    lane_dd coefs[STAGES];

    hilbert_coefs(coefs, PI, b->rate_hz);
    shift_path(s, b, path);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        lane_dd x[2] = { lane_dd_from(in[i * dx]), lane_dd_from(in[i * dx]) };
        for (int k = 0; k < STAGES; k++)
            x[k / CHAIN] = hilbert_stage(x[k / CHAIN], coefs[k], &s->y[k]);
        const lane angle = shift_angle(path[i]);
        out[i] = lane_from_dd(x[0]) * lane_cos(angle) + lane_from_dd(x[1]) * lane_sin(angle);
    }
    if (b->rate != PH_AUDIO || b->node[0].first_frame + b->n_frames >= b->env->block_frames)
        for (int k = 0; k < STAGES; k++)
            s->y[k] = hilbert_rounded(s->y[k]);
}

/** The network goes on, the oscillator doesn't. */
PH_RT static void freq_shift_birth(void *state, const struct dsp_block *b)
{
    struct freq_shift *const s = state;
    const lane_u steps = s->steps;
    freq_shift_process(s, b);
    s->steps = steps;
}
const struct dsp_unit DSP(dsp_FreqShift) = { sizeof(struct freq_shift), freq_shift_init,
                                             freq_shift_process, NULL, STAGES, freq_shift_birth };
