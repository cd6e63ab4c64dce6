/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/one_pole.h - recursions of first order, y = x + c y1, whose c stands or moves.      */
/* room: audio.                                                                                   */
/*                                                                                                */
/* In double: what comes out rounds to the same float wherever in a block a frame lies, so that a */
/* filter of what is late gives what the filter gives, late. While c stands two frames are        */
/* computed in one step, of which only a multiply-add waits for the step before. Where c moves it */
/* runs frame by frame; lanes of both kinds side by side are computed twice.                      */
#ifndef SERVER_DSP_ONE_POLE_H
#define SERVER_DSP_ONE_POLE_H

#include "server/dsp/lane_double.h"

/** Two frames, one after the other. */
struct frame_pair { lane_dd first, second; };

LANE_FN struct frame_pair pair_from(const lane *x)
{
    return (struct frame_pair){ lane_dd_from_at(x), lane_dd_from_at(x + 1) };
}
LANE_FN void pair_to(lane *out, struct frame_pair x)
{
    lane_from_dd_at(out, x.first);
    lane_from_dd_at(out + 1, x.second);
}
LANE_FN struct frame_pair pair_times(struct frame_pair x, lane_dd gain)
{
    return (struct frame_pair){ lane_dd_mul(x.first, gain), lane_dd_mul(x.second, gain) };
}

/** Two frames of the recursion that stands at `y`: c * c y is all that waits for it. */
LANE_FN struct frame_pair one_pole_pair(lane_dd *y, struct frame_pair x, lane_dd c)
{
    const lane_dd both = lane_dd_fma(c, x.first, x.second), first = lane_dd_fma(c, *y, x.first);
    *y = lane_dd_fma(lane_dd_mul(c, c), *y, both);
    return (struct frame_pair){ first, *y };
}

LANE_FN lane_dd one_pole_frame(lane_dd *y, lane_dd x, lane_dd c)
{
    return *y = lane_dd_fma(c, *y, x);
}

/**
 * Renders n frames of gain x + c y1 (NULL: 1) and returns where it stands then. `x` may be `out`.
 */
LANE_FN lane_dd one_pole_run(const lane *x, lane *out, uint32_t n, const lane_dd *gain, lane_dd c,
                             lane_dd y)
{
    uint32_t i = 0;
    for (; i + 2 <= n; i += 2) {
        struct frame_pair in = pair_from(x + i);
        if (gain)
            in = pair_times(in, *gain);
        pair_to(out + i, one_pole_pair(&y, in, c));
    }
    if (i < n) {
        const lane_dd in = lane_dd_from(x[i]);
        out[i] = lane_from_dd(one_pole_frame(&y, gain ? lane_dd_mul(in, *gain) : in, c));
    }
    return y;
}

/** A coefficient that goes from `now` by `step` after each frame. */
struct moving { lane_dd now, step; };
LANE_FN struct moving moving_to(lane_dd from, lane_dd to, uint32_t n)
{
    return (struct moving){ from, lane_dd_mul(lane_dd_sub(to, from), lane_dd_splat(1.0 / n)) };
}
LANE_FN lane_dd moving_next(struct moving *m)
{
    const lane_dd now = m->now;
    m->now = lane_dd_add(now, m->step);
    return now;
}

/** Towards x: of the distance `coef` is left. */
LANE_FN lane_dd one_pole_approach(lane_dd *y, lane_dd x, lane_dd coef)
{
    return *y = lane_dd_fma(coef, lane_dd_sub(*y, x), x);
}

/** What moved, and what stood. */
LANE_FN lane_dd one_pole_select(lane_i moves, lane_dd moved, lane_dd stood)
{
    return lane_dd_add(lane_dd_where(moves, moved), lane_dd_where(~moves, stood));
}

/** A state past 1e30, or not a number, is let go. */
LANE_FN lane_dd one_pole_bound(lane_dd y)
{
    return lane_dd_where(lane_lt(lane_abs(lane_from_dd(y)), lane_splat(1e30f)), y);
}

#endif
