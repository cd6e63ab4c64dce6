/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/interp.h - reading between samples.                                                 */
/* room: audio.                                                                                   */
#ifndef SERVER_DSP_INTERP_H
#define SERVER_DSP_INTERP_H

#include "server/dsp/lane.h"

/** Between a (t = 0) and b (t = 1) on a straight line. */
LANE_FN lane lane_lerp(lane t, lane a, lane b) { return a + t * (b - a); }

/**
 * Between y1 (t = 0) and y2 (t = 1) on the cubic whose slope at both is the mean of the slopes
 * beside it. Exact for straight lines up to rounding.
 * Source: Catmull and Rom 1974; the curve that SuperCollider's cubic readers use.
 */
LANE_FN lane lane_cubic(lane t, lane y0, lane y1, lane y2, lane y3)
{
    const lane c1 = 0.5f * (y2 - y0);
    const lane c2 = y0 - 2.5f * y1 + 2.0f * y2 - 0.5f * y3;
    const lane c3 = 0.5f * (y3 - y0) + 1.5f * (y1 - y2);
    return ((c3 * t + c2) * t + c1) * t + y1;
}

#endif
