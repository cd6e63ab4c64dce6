/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/two_pole_high.c - SuperCollider's HPF, RHPF and BPF.                                */
/* room: audio.                                                                                   */
#include "server/dsp/lane_double.h"

/*
 * The output is a small difference of the state, which holds what is filtered away divided by the
 * square of the cutoff: with y in float, 20 Hz and a mean of 1 in the input, noise is 70 dB below
 * what BPF lets through.
 */
typedef lane_dd number;
LANE_FN number number_from(lane x) { return lane_dd_from(x); }
LANE_FN lane lane_from_number(number x) { return lane_from_dd(x); }
LANE_FN number number_add(number x, number y) { return lane_dd_add(x, y); }
LANE_FN number number_sub(number x, number y) { return lane_dd_sub(x, y); }
LANE_FN number number_fma(number x, number y, number z) { return lane_dd_fma(x, y, z); }
LANE_FN number number_fnma(number x, number y, number z) { return lane_dd_fnma(x, y, z); }
LANE_FN number number_mul(number x, number y) { return lane_dd_mul(x, y); }
LANE_FN number number_where(lane_i mask, number x) { return lane_dd_where(mask, x); }
#include "server/dsp/two_pole.h"

/*
 * HPF, RHPF, BPF
 *
 * in      [0] signal
 *         [1] freq, Hz, clamped to 0.01 .. 0.499 * rate
 *         [2] rq (not HPF), bandwidth / frequency, at least 0.001
 * out     [0] signal
 * state   y and d of the frame before, in double. One value at birth is taken as the state's past
 *         where `in` is not audio, as scsynth's constructor does. A state past 1e15 is let go
 * ramp    as LPF's
 * cost    as LPF's, in double and frame by frame
 */
LANE_FN struct poles hpf_design(lane freq_hz, lane rq, float rate_hz)
{
    (void)rq;
    return butterworth(freq_hz, rate_hz, false);
}

LANE_FN struct poles rhpf_design(lane freq_hz, lane rq, float rate_hz)
{
    return resonator(freq_hz, rq, rate_hz, false);
}
LANE_FN struct poles bpf_design(lane freq_hz, lane rq, float rate_hz)
{
    const struct angle w = cutoff(freq_hz, rate_hz), b = bandwidth(freq_hz, rq, rate_hz);
    const lane norm = 1.0f / (b.sine + b.cosine), part = b.sine * norm;
    return (struct poles){ part, b.cosine * norm * 4.0f * w.sine * w.sine, 2.0f * part };
}

TWO_POLE(hpf, HPF, false, ZEROS_HIGH);
TWO_POLE(rhpf, RHPF, true, ZEROS_HIGH);
TWO_POLE(bpf, BPF, false, ZEROS_BAND);
