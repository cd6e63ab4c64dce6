/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/bounds.h - values brought between two others by repeating or reflecting.            */
/* room: audio.                                                                                   */
#ifndef SERVER_DSP_BOUNDS_H
#define SERVER_DSP_BOUNDS_H

#include "server/dsp/lane.h"

/** b, or 1 where it is zero: a divisor for results that are not used there. */
LANE_FN lane divisor(lane b)
{
    return lane_select(lane_eq(b, lane_splat(0.0f)), lane_splat(1.0f), b);
}

/** a brought into lo .. lo + range by whole ranges; lo where there is no range. */
LANE_FN lane wrap(lane a, lane lo, lane hi)
{
    const lane range = hi - lo, inside = a - range * lane_floor((a - lo) / divisor(range));
    const lane_i keep = lane_ge(a, lo) & lane_lt(a, hi);
    return lane_select(keep, a, lane_select(lane_eq(range, lane_splat(0.0f)), lo, inside));
}
/** a reflected at lo and hi until it lies between them; lo where they meet. */
LANE_FN lane fold(lane a, lane lo, lane hi)
{
    const lane range = hi - lo, twice = range + range, x = a - lo;
    const lane c = x - twice * lane_floor(x / divisor(twice));
    const lane back = lane_select(lane_ge(c, range), twice - c, c) + lo;
    const lane_i keep = lane_ge(a, lo) & lane_lt(a, hi);
    return lane_select(keep, a, lane_select(lane_eq(range, lane_splat(0.0f)), lo, back));
}

#endif
