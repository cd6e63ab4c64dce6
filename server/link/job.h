/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/link/job.h - a command of a client that takes its turn in the audio thread and goes on  */
/* elsewhere; also values that it writes into a buffer.                                           */
/* room: both ends. Allocated and freed by nrt/jobs.c; moves with LINK_JOB or LINK_BUFFER_WRITE   */
/* to the audio thread and with LINK_REPORT_JOB back.                                             */
#ifndef SERVER_LINK_JOB_H
#define SERVER_LINK_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/status.h"

/** Values for samples first .. first + n - 1 of a buffer, interleaved as they lie. */
struct link_patch {
    int32_t first;
    uint32_t n;
    const float *values;
};

struct link_job {
    struct link_job *next; /* the audio thread's, on the way back: any number may wait for room */
    ph_status status;      /* PH_OK: its turn has come; else it was dropped */
    /* LINK_BUFFER_WRITE */
    uint32_t buffer, n_patches;
    /* the first that lies outside ends it, and is a failure; else it is cut */
    bool is_strict;
    const struct link_patch *patches;
};

#endif
