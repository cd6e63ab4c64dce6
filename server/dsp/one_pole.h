/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/one_pole.h - recursions of first order whose coefficient stands or moves.           */
/* room: audio.                                                                                   */
/*                                                                                                */
/* While its coefficient stands, a recursion runs as a scan (lane_scan.h). Where the coefficient  */
/* moves it runs frame by frame in double; lanes of both kinds side by side are computed twice.   */
#ifndef SERVER_DSP_ONE_POLE_H
#define SERVER_DSP_ONE_POLE_H

#include "server/dsp/lane_scan.h"

/** One frame of a recursion whose coefficient moves. */
typedef lane_d moving_fn(lane_d y, lane_d x, lane_d coef);

LANE_FN lane_d moving_sum(lane_d y, lane_d x, lane_d coef)
{
    return x + coef * y;
}
LANE_FN lane_d moving_approach(lane_d y, lane_d x, lane_d coef)
{
    return x + coef * (y - x);
}

/**
 * Renders n frames of the lanes of `moves` one by one, the coefficient going from `coef` by `step`
 * after each; with `coefs` it is read from there. Other lanes of `out` stay.
 */
LANE_FN lane_d moving_run(const lane *x, lane *out, uint32_t n, lane_i moves, lane_d y, lane_d coef,
                          lane_d step, const lane *coefs, moving_fn *frame)
{
    for (uint32_t i = 0; i < n; i++) {
        if (coefs)
            coef = lane_to_d(coefs[i]);
        y = frame(y, lane_to_d(x[i]), coef);
        out[i] = lane_select(moves, lane_from_d(y), out[i]);
        coef += step;
    }
    return y;
}

/** What moved, and what stood. */
LANE_FN struct scan scan_select(lane_i moved, lane_d y, struct scan stood)
{
    const struct scan s = scan_from_d(y);
    return (struct scan){ lane_select(moved, s.hi, stood.hi), lane_select(moved, s.lo, stood.lo) };
}

/** A state past 1e30, or not a number, is let go. */
LANE_FN struct scan scan_bound(struct scan y)
{
    const lane_i sane = lane_lt(lane_abs(y.hi), lane_splat(1e30f)) & lane_finite(y.lo);
    return (struct scan){ lane_where(sane, y.hi), lane_where(sane, y.lo) };
}

#endif
