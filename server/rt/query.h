/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/query.h - answers what the command thread asks about nodes, buses and buffers.       */
/* room: audio.                                                                                   */
#ifndef SERVER_RT_QUERY_H
#define SERVER_RT_QUERY_H

#include "server/rt/world.h"

struct link_query;

/** Fills in the answer as it is now and gives the query back. Cost O(words of the answer). */
PH_RT void rt_query(struct rt_world *w, struct link_query *query, uint32_t request_id);

#endif
