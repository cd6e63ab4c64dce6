/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/two_pole_low.c - SuperCollider's LPF, RLPF and BLowPass.                            */
/* room: audio.                                                                                   */
#include "server/dsp/lane.h"

/* The output is the state: its rounding is heard no louder than that of any sample. */
typedef lane number;
LANE_FN number number_from(lane x) { return x; }
LANE_FN lane lane_from_number(number x) { return x; }
LANE_FN number number_add(number x, number y) { return x + y; }
LANE_FN number number_sub(number x, number y) { return x - y; }
LANE_FN number number_fma(number x, number y, number z) { return lane_fma(x, y, z); }
LANE_FN number number_fnma(number x, number y, number z) { return lane_fma(-x, y, z); }
LANE_FN number number_mul(number x, number y) { return x * y; }
LANE_FN number number_where(lane_i mask, number x) { return lane_where(mask, x); }
#include "server/dsp/two_pole.h"

/*
 * LPF, RLPF, BLowPass
 *
 * in      [0] signal
 *         [1] freq, Hz, clamped to 0.01 .. 0.499 * rate
 *         [2] rq (not LPF), bandwidth / frequency, at least 0.001
 * out     [0] signal
 * state   y and d of the frame before. It runs for a frame at birth, as scsynth's constructor does.
 *         A state past 1e15 is let go
 * ramp    scsynth's: gain, c and e move on straight lines, a step every third frame; a parameter at
 *         audio rate counts once per block, as in scsynth
 * cost    9 operations per frame, counted from the call's first: two frames at once and then one,
 *         each step waiting for four operations; one or two sines and cosines per block in which a
 *         parameter has changed
 * noise   for cutoffs from 20 Hz 115 dB below the state; with rq 0.1 and an input that lies a
 *         decade above, 97 dB below what comes out
 */
LANE_FN struct poles lpf_design(struct tuning t, float rate_hz)
{
    return butterworth(t.freq_hz, rate_hz, true);
}
LANE_FN struct poles rlpf_design(struct tuning t, float rate_hz)
{
    return resonator(t.freq_hz, t.rq, rate_hz, true);
}
LANE_FN struct poles blow_pass_design(struct tuning t, float rate_hz)
{
    const struct rbj r = rbj(t, rate_hz);
    return rbj_poles(&r, r.half.sine * r.half.sine);
}

/* BLowPass's parameters at audio rate are read as those of BHiPass. */
TWO_POLE(lpf, LPF, false, ZEROS_LOW, false);
TWO_POLE(rlpf, RLPF, true, ZEROS_LOW, false);
TWO_POLE(blow_pass, BLowPass, false, ZEROS_LOW, false, true, FOLLOW_THIRDS);
