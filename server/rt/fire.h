/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/fire.h - carries out one command.                                                    */
/* room: audio.                                                                                   */
#ifndef SERVER_RT_FIRE_H
#define SERVER_RT_FIRE_H

#include "server/rt/world.h"

/**
 * Carries out a command in the coming block. A command that fails gives back what it owns and
 * reports why. A due_frame before the block counts as late.
 */
PH_RT void rt_fire(struct rt_world *w, const struct link_command *command);
/** Gives back what a command owns, undone. */
PH_RT void rt_fire_return(struct rt_world *w, const struct link_command *command);
/**
 * As rt_fire_return(), for a command that found no place to wait: counted, and reported as PH_FULL.
 */
PH_RT void rt_fire_refuse(struct rt_world *w, const struct link_command *command);

#endif
