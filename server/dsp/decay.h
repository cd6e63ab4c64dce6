/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/decay.h - coefficients of exponential approaches.                                   */
/* room: audio.                                                                                   */
#ifndef SERVER_DSP_DECAY_H
#define SERVER_DSP_DECAY_H

#include "server/dsp/fastmath.h"

/** 1 - e^-z for z >= 0, relative error below 3e-7. */
LANE_FN lane one_minus_exp(lane z)
{
    const lane s = lane_min(z, lane_splat(0.5f)); /* z - z^2/2 + z^3/6 - ... */
    lane p = lane_fma(s, lane_splat(-1.0f / 40320), lane_splat(1.0f / 5040));
    p = lane_fma(p, -s, lane_splat(1.0f / 720));
    p = lane_fma(p, -s, lane_splat(1.0f / 120));
    p = lane_fma(p, -s, lane_splat(1.0f / 24));
    p = lane_fma(p, -s, lane_splat(1.0f / 6));
    p = lane_fma(p, -s, lane_splat(0.5f));
    const lane near = lane_fma(p * s, -s, s);
    return lane_select(lane_gt(z, lane_splat(0.5f)), 1.0f - lane_exp(-z), near);
}

/**
 * What a one-pole goes of its way in a frame: 1 - e^(-1 / (seconds * rate)). Times of 0 and less,
 * and what is no number, go all of it.
 */
LANE_FN lane decay_step(lane seconds, float rate_hz)
{
    const lane frames = seconds * rate_hz;
    const lane step = one_minus_exp(1.0f / lane_max(frames, lane_splat(1e-3f)));
    return lane_select(lane_gt(frames, lane_splat(0.0f)), step, lane_splat(1.0f));
}

#endif
