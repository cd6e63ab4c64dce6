/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/link/snapshot.h - latest values of clock and meters, read without waiting.              */
/* room: written by the audio thread once per period, read by any other.                          */
#ifndef SERVER_LINK_SNAPSHOT_H
#define SERVER_LINK_SNAPSHOT_H

#include <stdatomic.h>
#include <stdint.h>

#include "protocol/timetag.h"

/** Everything DESIGN 3 wants visible. Counts are since start. */
struct link_status {
    uint64_t frame;            /* first frame not yet rendered */
    uint32_t period_frames;    /* of the last callback */
    uint64_t ntp;              /* smoothed wall time of `frame`; 0: no wall clock (offline) */
    double frames_per_second;  /* smoothed against the wall clock */
    struct ph_tempo tempo;
    uint64_t revision;         /* of the running program, 0: none */
    uint32_t n_synths, n_groups, n_voices, n_voices_max;
    uint64_t n_units;          /* units in all synths */
    uint32_t n_ringing;        /* synths of former programs whose tails ring out */
    uint64_t n_xruns, n_late, n_dropped_commands, n_dropped_reports, n_stolen, n_non_finite;
    uint64_t n_blocks, n_withdrawn;
    float load_mean, load_p99, load_worst;      /* callback time / period, 0..1; last 10 s */
    float block_worst_us;                        /* since start */
    float peak[2];                               /* output ports 0 and 1, decaying */
    /* 0..1, at the last period */
    float command_ring_fill, seq_ring_fill, report_ring_fill, sched_fill;
};

/** Sequence lock over one status. The writer never waits; a reader retries while it is written. */
struct link_snapshot {
    _Atomic uint32_t sequence; /* odd while being written */
    _Atomic uint64_t words[(sizeof(struct link_status) + 7) / 8];
};

void link_snapshot_init(struct link_snapshot *s);
void link_snapshot_write(struct link_snapshot *s, const struct link_status *status);
void link_snapshot_read(struct link_snapshot *s, struct link_status *out);

#endif
