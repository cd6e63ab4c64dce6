/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/meter.h - load, peaks, and counts of everything ordinary that went wrong.            */
/* room: audio; rt_meter_xrun() any thread. owner: struct rt_world.                               */
#ifndef SERVER_RT_METER_H
#define SERVER_RT_METER_H

#include <stdatomic.h>

#include "server/link/snapshot.h"
#include "server/rt/block.h"

enum {
    RT_METER_BINS = 512,   /* of load, RT_METER_BIN wide; the last holds everything above */
    RT_METER_SECONDS = 10  /* what mean, 99th percentile and worst look back on */
};
#define RT_METER_BIN 0.0025f

/** Loads of one second. */
struct rt_meter_second {
    uint32_t bins[RT_METER_BINS];
    uint32_t n;
    double sum;
    float worst;
};

/** Ten histograms of a second each, and their sum: the percentile needs no sorting. */
struct rt_meter {
    struct rt_meter_second seconds[RT_METER_SECONDS], total;
    uint32_t now;
    uint64_t filled_ns;         /* of the present second */
    float block_worst_us;
    uint32_t n_period_blocks;   /* rendered since the last rt_meter_period() */
    uint32_t period_frames;
    float peak[2], peak_decay;
    float command_fill, seq_fill;
    _Atomic uint64_t n_xruns;
};

/** Since start. */
struct rt_counts {
    uint64_t n_late, n_dropped_commands, n_dropped_reports, n_stolen, n_non_finite, n_withdrawn;
    uint64_t n_blocks, n_units;
    uint32_t n_synths, n_groups;
};

PH_RT void rt_meter_init(struct rt_meter *m, uint32_t rate_hz, uint32_t block_frames);
/** Peak of one block of an output port (0 or 1); decays by 20 dB in 1.5 s. */
PH_RT void rt_meter_peak(struct rt_meter *m, uint32_t port, float peak);
/** Writes clock, counts and meters to the snapshot. */
PH_RT void rt_meter_publish(struct rt_world *w);

#endif
