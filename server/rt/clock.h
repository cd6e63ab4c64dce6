/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/clock.h - the sample clock against the wall clock.                                   */
/* room: audio. owner: struct rt_world.                                                           */
#ifndef SERVER_RT_CLOCK_H
#define SERVER_RT_CLOCK_H

#include <stdbool.h>

#include "server/dsp/dsp.h"

/**
 * A delay-locked loop: callbacks wake with jitter, frames pass evenly; the loop follows the mean.
 * Source: F. Adriaensen, Using a DLL to filter time, LAC 2005.
 */
struct rt_clock {
    bool running;
    double rate_hz;           /* nominal */
    double seconds_per_frame; /* smoothed */
    double age_seconds;       /* since the loop was (re)started */
    uint64_t frame;           /* the frame to which `ntp` belongs: the next period's first */
    uint64_t ntp;
};

PH_RT void rt_clock_init(struct rt_clock *c, double rate_hz);
/**
 * A period of `n_frames` whose first frame is `frame` began at wall time `ntp` (0: no wall clock,
 * the loop stops). A step of more than 0.1 s restarts the loop.
 */
PH_RT void rt_clock_period(struct rt_clock *c, uint64_t frame, uint32_t n_frames, uint64_t ntp);
/** Smoothed wall time of a frame near the present; 0 when no wall clock runs. */
PH_RT uint64_t rt_clock_ntp(const struct rt_clock *c, uint64_t frame);
/** Smoothed rate against the wall clock; nominal when none runs. */
PH_RT double rt_clock_frames_per_second(const struct rt_clock *c);

#endif
