/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/two_pole_high.c - SuperCollider's HPF, RHPF, BPF, BRF and equalisers.               */
/* room: audio.                                                                                   */
#include "server/dsp/decay.h"
#include "server/dsp/two_pole.h"

/*
 * HPF, RHPF, BPF
 *
 * in      [0] signal
 *         [1] freq, Hz, clamped to 0.01 .. 0.499 * rate
 *         [2] rq (not HPF), bandwidth / frequency, at least 0.001
 * out     [0] signal
 * ramp, state, cost   as LPF's. With a mean m in the input the state is about m (rate / (6
 *         freq))^2: from 0.1 Hz up its rounding stays 120 dB below m
 */
LANE_FN struct poles hpf_design(struct tuning t, float rate_hz)
{
    return butterworth(t.freq_hz, rate_hz, false);
}
LANE_FN struct poles rhpf_design(struct tuning t, float rate_hz)
{
    return resonator(t.freq_hz, t.rq, rate_hz, false);
}
LANE_FN struct poles bpf_design(struct tuning t, float rate_hz)
{
    const struct angle w = cutoff(t.freq_hz, rate_hz), b = bandwidth(t.freq_hz, t.rq, rate_hz);
    const lane norm = 1.0f / (b.sine + b.cosine), part = b.sine * norm;
    return poles_of(part, b.cosine * norm * 4.0f * w.sine * w.sine, 2.0f * part);
}

TWO_POLE(hpf, HPF, false, ZEROS_HIGH, false);
TWO_POLE(rhpf, RHPF, true, ZEROS_HIGH, false);
TWO_POLE(bpf, BPF, false, ZEROS_BAND, false);

/*
 * BRF, MidEQ
 *
 * in      [0] signal   [1] freq   [2] rq, as BPF's
 *         [3] db of MidEQ, its gain at freq, clamped to -120 .. 120
 * out     [0] with B what BPF gives: BRF is in - B, MidEQ in + (10^(db / 20) - 1) B
 * ramp, state, cost   as HPF's
 */
LANE_FN struct poles brf_design(struct tuning t, float rate_hz)
{
    struct poles p = bpf_design(t, rate_hz);
    p.gain = -p.gain;
    return p;
}
LANE_FN struct poles mid_eq_design(struct tuning t, float rate_hz)
{
    struct poles p = bpf_design(t, rate_hz);
    /* 10^(db / 40) */
    const lane root = lane_exp(lane_clamp(t.db, -120.0f, 120.0f) * 0.0575646273f);
    p.gain = p.gain * ((root - 1.0f) * (root + 1.0f));
    return p;
}

TWO_POLE(brf, BRF, false, ZEROS_BAND, true, false, FOLLOW_BLOCK);
TWO_POLE(mid_eq, MidEQ, false, ZEROS_BAND, true, true, FOLLOW_BLOCK, true);

/*
 * BHiPass, BBandPass, BBandStop, BAllPass, BPeakEQ
 *
 * in      [0] signal   [1] freq, Hz, clamped as LPF's
 *         [2] rq, at least 0.001; of BBandPass and BBandStop: bw, octaves between the -3 dB points
 *         [3] db of BPeakEQ, its gain at freq, clamped to -120 .. 120
 * out     [0] signal. With B the band-pass of gain 1 at freq: BBandStop is in - B, BAllPass in - 2
 *         B, and BPeakEQ in + (10^(db / 20) - 1) B, where B is by 10^(db / 40) narrower
 * ramp    as LPF's. Parameters at audio rate are read as scsynth reads them: where all are, three
 *         frames share the block's next value, in BBandPass and BBandStop the next but one, so that
 *         the block's later values count for nothing; else each counts once per block
 * state, cost   as HPF's
 * source  R. Bristow-Johnson, Cookbook formulae for audio EQ biquad filter coefficients
 */
LANE_FN struct poles bhi_pass_design(struct tuning t, float rate_hz)
{
    const struct rbj r = rbj(t, rate_hz);
    return rbj_poles(&r, r.half.cosine * r.half.cosine);
}

/** a = sin(w) sinh(ln 2 / 2 * bw * w / sin(w)); the argument of sinh is limited, as is a. */
LANE_FN struct rbj rbj_band(struct tuning t, float rate_hz)
{
    const struct angle half = cutoff(t.freq_hz, rate_hz);
    const lane sine = 2.0f * half.sine * half.cosine; /* never 0: the cutoff's limits */
    const lane w = lane_clamp(t.freq_hz, 0.01f, 0.499f * rate_hz) * (float)(2 * PI / rate_hz);
    const lane x = lane_clamp(0.34657359f * t.rq * (w / sine), 1e-6f, 30.0f);
    const lane a = sine * (0.5f * lane_exp(x) * one_minus_exp(2.0f * x));
    return (struct rbj){ half, a, 1.0f / (1.0f + a) };
}
LANE_FN struct poles bband_pass_design(struct tuning t, float rate_hz)
{
    const struct rbj r = rbj_band(t, rate_hz);
    return rbj_poles(&r, r.a);
}
LANE_FN struct poles bband_stop_design(struct tuning t, float rate_hz)
{
    const struct rbj r = rbj_band(t, rate_hz);
    return rbj_poles(&r, -r.a);
}
LANE_FN struct poles ball_pass_design(struct tuning t, float rate_hz)
{
    const struct rbj r = rbj(t, rate_hz);
    return rbj_poles(&r, -2.0f * r.a);
}
LANE_FN struct poles bpeak_eq_design(struct tuning t, float rate_hz)
{
    /* 10^(db / 40) */
    const lane root = lane_exp(lane_clamp(t.db, -120.0f, 120.0f) * 0.0575646273f);
    t.rq = lane_max(t.rq, lane_splat(0.001f)) / root;
    const struct rbj r = rbj(t, rate_hz);
    return rbj_poles(&r, (root - 1.0f) * (root + 1.0f) * r.a);
}

TWO_POLE(bhi_pass, BHiPass, false, ZEROS_HIGH, false, true, FOLLOW_THIRDS);
TWO_POLE(bband_pass, BBandPass, false, ZEROS_BAND, false, true, FOLLOW_PAIRS);
TWO_POLE(bband_stop, BBandStop, false, ZEROS_BAND, true, true, FOLLOW_PAIRS);
TWO_POLE(ball_pass, BAllPass, false, ZEROS_BAND, true, true, FOLLOW_THIRDS);
TWO_POLE(bpeak_eq, BPeakEQ, false, ZEROS_BAND, true, true, FOLLOW_THIRDS);
