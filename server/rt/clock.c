/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/clock.c - the sample clock against the wall clock.                                   */
/* room: audio.                                                                                   */
#include "server/rt/clock.h"

#include <math.h>

#define NTP_PER_SECOND 4294967296.0
#define RESTART_SECONDS 0.1
/* The loop starts wide, so that the jitter of its very first callback is soon forgotten. */
#define BANDWIDTH_START_HZ 2.0
#define BANDWIDTH_HZ 0.1
#define START_SECONDS 2.0
/* A real card is within 0.1 %; beyond 1 % it is the wall clock that jumps about. */
#define RATE_TOLERANCE 0.01

static uint64_t ntp_add(uint64_t ntp, double seconds)
{
    return ntp + (uint64_t)(int64_t)(seconds * NTP_PER_SECOND);
}

PH_RT void rt_clock_init(struct rt_clock *c, double rate_hz)
{
    *c = (struct rt_clock){ .rate_hz = rate_hz, .seconds_per_frame = 1 / rate_hz };
}

PH_RT static void start(struct rt_clock *c, uint64_t frame, uint32_t n_frames, uint64_t ntp)
{
    c->running = true;
    c->age_seconds = 0;
    c->seconds_per_frame = 1 / c->rate_hz;
    c->frame = frame + n_frames;
    c->ntp = ntp_add(ntp, n_frames * c->seconds_per_frame);
}

PH_RT void rt_clock_period(struct rt_clock *c, uint64_t frame, uint32_t n_frames, uint64_t ntp)
{
    if (ntp == 0) {
        c->running = false;
        return;
    }
    const uint64_t predicted = rt_clock_ntp(c, frame);
    const double error = (double)(int64_t)(ntp - predicted) / NTP_PER_SECOND;
    if (!c->running || fabs(error) > RESTART_SECONDS) {
        start(c, frame, n_frames, ntp);
        return;
    }
    const double period = n_frames / c->rate_hz;
    const double blend = fmin(c->age_seconds / START_SECONDS, 1);
    const double bandwidth = BANDWIDTH_START_HZ + (BANDWIDTH_HZ - BANDWIDTH_START_HZ) * blend;
    /* above 0.5 the discrete loop of second order rings:
     * very long periods follow at once instead */
    const double omega = fmin(2 * M_PI * bandwidth * period, 0.5);
    const double correction = sqrt(2) * omega * error;
    c->seconds_per_frame += omega * omega * error / n_frames;
    const double nominal = 1 / c->rate_hz;
    c->seconds_per_frame = fmin(fmax(c->seconds_per_frame, nominal * (1 - RATE_TOLERANCE)),
                                nominal * (1 + RATE_TOLERANCE));
    c->frame = frame + n_frames;
    c->ntp = ntp_add(predicted, correction + n_frames * c->seconds_per_frame);
    c->age_seconds += period;
}

PH_RT uint64_t rt_clock_ntp(const struct rt_clock *c, uint64_t frame)
{
    if (!c->running)
        return 0;
    return ntp_add(c->ntp, (double)(int64_t)(frame - c->frame) * c->seconds_per_frame);
}

PH_RT double rt_clock_frames_per_second(const struct rt_clock *c)
{
    return c->running ? 1 / c->seconds_per_frame : c->rate_hz;
}
