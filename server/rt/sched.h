/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/sched.h - commands waiting for their frame.                                          */
/* room: audio. owner: struct rt_world. holds at most `max` commands; ties keep arrival order.    */
#ifndef SERVER_RT_SCHED_H
#define SERVER_RT_SCHED_H

#include <stdbool.h>

#include "server/dsp/dsp.h"
#include "server/link/command.h"

struct rt_sched_entry {
    uint64_t order; /* of arrival */
    struct link_command command;
};

/** A binary heap, earliest first. Source: Sedgewick, Algorithms, 2.4. */
struct rt_sched {
    struct rt_sched_entry *entries;
    uint32_t n, max;
    uint64_t next_order;
};

/** Takes a command; false when full (nothing changes). O(log n). */
PH_RT bool rt_sched_push(struct rt_sched *s, const struct link_command *command);
/** Moves the earliest command to `out` if it is due before `end_frame`; false if none is. O(log n). */
PH_RT bool rt_sched_pop_due(struct rt_sched *s, uint64_t end_frame, struct link_command *out);
/**
 * Removes every command for which `drop` is true, in no stated order; `drop` takes over what
 * the command owns. O(n).
 */
PH_RT void rt_sched_drop(struct rt_sched *s,
                         bool (*drop)(void *context, const struct link_command *command),
                         void *context);

#endif
