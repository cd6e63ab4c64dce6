/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/two_pole_low.c - SuperCollider's LPF, RLPF and BLowPass.                            */
/* room: audio.                                                                                   */
#include "server/dsp/two_pole.h"

/*
 * LPF, RLPF, BLowPass
 *
 * in      [0] signal
 *         [1] freq, Hz, clamped to 0.01 .. 0.499 * rate
 *         [2] rq (not LPF), bandwidth / frequency, at least 0.001
 * out     [0] signal
 * state   v of the two frames before, in double. It runs for a frame at birth, as scsynth's
 *         constructor does. A state past 1e15 is let go
 * ramp    scsynth's: gain, b1 and b2 move on straight lines, a step every third frame; a parameter
 *         at audio rate counts once per block, as in scsynth
 * cost    6 operations per frame, which waits for one of them; one or two sines and cosines per
 *         block in which a parameter has changed
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
