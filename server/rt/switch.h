/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/switch.h - from one program to the next; hush and panic.                             */
/* room: audio. The messages are in rt/program.h, this part is in rt/program.c.                   */
#ifndef SERVER_RT_SWITCH_H
#define SERVER_RT_SWITCH_H

#include "server/rt/world.h"

/**
 * A program has arrived: it waits for the first block that starts at `due_frame` or later. There is
 * one place to wait: a program that is still there switches now.
 */
PH_RT void rt_switch_arrive(struct rt_world *w, struct rt_program *program, uint64_t due_frame,
                            uint32_t request_id);
/** Start of a block: switches if the waiting program is due. */
PH_RT void rt_switch_due(struct rt_world *w);
/** Fades the output stage out or in, 10 ms. A program that arrives after a hush ends it. */
PH_RT void rt_switch_hush(struct rt_world *w, bool hushed);
/** Fades one output of the program, now and in a program that waits. 10 ms. */
PH_RT void rt_switch_output(struct rt_world *w, uint16_t slot, bool hushed);
/** Ends all voices and program nodes in 2 ms; pending events of all players are withdrawn. */
PH_RT void rt_switch_panic(struct rt_world *w);

#endif
