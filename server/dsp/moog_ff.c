/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/moog_ff.c - MoogFF: the ladder filter, linear, its loop solved without delay.       */
/* room: audio.                                                                                   */
#include "server/dsp/lane_double.h"
#include "server/dsp/precise.h"

#define PI 3.14159265358979323846

/*
 * MoogFF
 *
 * in      [0] signal   [1] freq, Hz, clamped to 0 .. 0.499 * rate; it counts once per block and at
 *             once
 *         [2] gain of the feedback, clamped to 0 .. 4 and ramped over the block: at 4 it sustains
 *         [3] reset: above 0 the state is cleared at the block's start
 * out     [0] signal, 24 dB per octave
 * state   four integrators, in double, 0 at birth; past 1e15 they are let go. The feedback in use
 * cost    ten multiply-adds per frame; a division where the feedback moves, a tangent where freq
 *         does
 * source  F. Fontana, Preserving the Structure of the Moog VCF in the Digital Domain, ICMC 2007.
 *         With p = tan(w / 2) / (1 + tan(w / 2)) each pole puts out p x + s
 */
struct moog_ff { lane_dd s[4], pole; lane freq_hz, gain; };
enum { IN, FREQ, GAIN, RESET };

LANE_FN lane_dd moog_pole(lane freq_hz, float rate_hz)
{
    const lane hz = lane_clamp(freq_hz, 0.0f, 0.499f * rate_hz);
    const struct precise_angle a =
        precise_angle_dd(lane_dd_mul(lane_dd_from(hz), lane_dd_splat(PI / (double)rate_hz)));
    /* sin / (sin + cos); a quarter further on cosine and minus sine stand for sine and cosine */
    const lane_i odd = -(a.n & 1);
    const lane_dd zero = lane_dd_splat(0.0), minus = lane_dd_sub(zero, a.sin);
    const lane_dd sine = lane_dd_add(lane_dd_where(odd, a.cos), lane_dd_where(~odd, a.sin));
    const lane_dd cosine = lane_dd_add(lane_dd_where(odd, minus), lane_dd_where(~odd, a.cos));
    return lane_dd_div(sine, lane_dd_add(sine, cosine));
}

LANE_FN lane moog_gain(const struct dsp_block *b)
{
    return lane_clamp(dsp_in(b, GAIN)[0], 0.0f, 4.0f);
}

PH_RT static void moog_ff_init(void *state, const struct dsp_block *b)
{
    struct moog_ff *const m = state;
    for (int k = 0; k < 4; k++)
        m->s[k] = lane_dd_splat(0.0);
    m->freq_hz = dsp_in(b, FREQ)[0];
    m->pole = moog_pole(m->freq_hz, b->rate_hz);
    m->gain = moog_gain(b);
}

/** One frame; `solved` is 1 / (1 + gain p^4), `through` p^4. */
LANE_FN lane moog_ff_frame(lane_dd s[4], lane x, lane_dd p, lane_dd through, lane_dd gain,
                           lane_dd solved)
{
    const lane_dd in = lane_dd_from(x);
    lane_dd rest = s[0];
    for (int k = 1; k < 4; k++)
        rest = lane_dd_fma(p, rest, s[k]);
    const lane_dd out = lane_dd_mul(lane_dd_fma(through, in, rest), solved);
    lane_dd y = lane_dd_fnma(gain, out, in);
    for (int k = 0; k < 4; k++) {
        const lane_dd to = k < 3 ? lane_dd_fma(p, y, s[k]) : out;
        /* the state of the next frame: p y + (1 - 2 p) to */
        s[k] = lane_dd_fma(p, lane_dd_sub(y, lane_dd_add(to, to)), to);
        y = to;
    }
    return lane_from_dd(out);
}

LANE_FN lane_dd moog_solved(lane_dd through, lane_dd gain)
{
    const lane_dd one = lane_dd_splat(1.0);
    return lane_dd_div(one, lane_dd_fma(through, gain, one));
}

PH_RT static void moog_ff_process(void *state, const struct dsp_block *b)
{
    struct moog_ff *const m = state;
    const lane *const x = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN);
    const lane freq_hz = dsp_in(b, FREQ)[0], to = moog_gain(b);
    const lane_i clears = lane_gt(dsp_in(b, RESET)[0], lane_splat(0.0f));
    const lane_i keeps = b->node[0].first_frame == 0 ? ~clears : lane_splat_i(-1);
    const bool moves = lane_any(lane_ne(to, m->gain));
    lane *const out = dsp_out(b, 0);
    lane_dd s[4];

    for (int k = 0; k < 4; k++)
        s[k] = lane_dd_where(keeps, m->s[k]);
    if (lane_any(lane_ne(freq_hz, m->freq_hz)))
        m->pole = moog_pole(freq_hz, b->rate_hz);
    m->freq_hz = freq_hz;
    const lane_dd p = m->pole, squared = lane_dd_mul(p, p), through = lane_dd_mul(squared, squared);
    const lane_dd step = lane_dd_mul(lane_dd_from(to - m->gain), lane_dd_splat(1.0 / b->n_frames));
    lane_dd gain = lane_dd_from(m->gain), solved = moog_solved(through, gain);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        out[i] = moog_ff_frame(s, x[i * dx], p, through, gain, solved);
        if (moves) {
            gain = lane_dd_add(gain, step);
            solved = moog_solved(through, gain);
        }
    }
    m->gain = to;
    for (int k = 0; k < 4; k++)
        m->s[k] = lane_dd_where(lane_lt(lane_abs(lane_from_dd(s[k])), lane_splat(1e15f)), s[k]);
}
const struct dsp_unit DSP(dsp_MoogFF) = { sizeof(struct moog_ff), moog_ff_init, moog_ff_process,
                                          NULL, 5, moog_ff_process };
