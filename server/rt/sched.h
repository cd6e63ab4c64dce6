/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/sched.h - commands waiting for their frame.                                          */
/* room: audio. owner: struct rt_world. holds at most `max` commands; ties keep arrival order.    */
#ifndef SERVER_RT_SCHED_H
#define SERVER_RT_SCHED_H

#include <stdbool.h>

#include "server/dsp/dsp.h"
#include "server/link/command.h"

/**
 * A place of the heap and, apart from it, a place for a command: only what is compared moves.
 * `slot` says which entry has the command of this place; behind the heap, which of them are free.
 */
struct rt_sched_entry {
    uint64_t due_frame, order; /* of arrival */
    uint32_t slot;
    struct link_command command;
};

/** A binary heap, earliest first. Source: Sedgewick, Algorithms, 2.4. */
struct rt_sched {
    struct rt_sched_entry *entries;
    uint32_t n, max;
    /* entries that ever held a command; the slot of the others is their own number */
    uint32_t n_used;
    uint64_t next_order;
};

/** The i-th waiting command, in no stated order. */
static inline const struct link_command *rt_sched_command(const struct rt_sched *s, uint32_t i)
{
    return &s->entries[s->entries[i].slot].command;
}

/** Takes a command; false when full (nothing changes). O(log n). */
PH_RT bool rt_sched_push(struct rt_sched *s, const struct link_command *command);
/**
 * Moves the earliest command to `out` if it is due before `end_frame`; false if none is. O(log n).
 */
PH_RT bool rt_sched_pop_due(struct rt_sched *s, uint64_t end_frame, struct link_command *out);
/**
 * Removes every command for which `drop` is true, in no stated order; `drop` takes over what
 * the command owns. O(n).
 */
PH_RT void rt_sched_drop(struct rt_sched *s,
                         bool (*drop)(void *context, const struct link_command *command),
                         void *context);

#endif
