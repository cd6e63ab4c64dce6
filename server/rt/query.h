/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/query.h - answers what the command thread asks about nodes, buses and buffers.       */
/* room: audio.                                                                                   */
#ifndef SERVER_RT_QUERY_H
#define SERVER_RT_QUERY_H

#include "server/rt/world.h"

struct link_query;

/**
 * Fills in the answer as it is now and gives the query of a command back; without an answer if an
 * earlier part of the request has failed. Cost O(words of the answer).
 */
PH_RT void rt_query(struct rt_world *w, const struct link_command *command, struct link_query *query);

#endif
