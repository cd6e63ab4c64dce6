/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/client.h - carries out what clients want of nodes and control buses.                 */
/* room: audio.                                                                                   */
/*                                                                                                */
/* A request may be several messages, in a row; once one of them has failed, those that follow    */
/* are passed over, as one scsynth command stops at its first failure.                            */
#ifndef SERVER_RT_CLIENT_H
#define SERVER_RT_CLIENT_H

#include "server/rt/world.h"

/** Whether an earlier message of the same request has failed. */
PH_RT bool rt_client_has_failed(const struct rt_world *w, const struct link_command *command);
/** Reports a failure to the sender; the rest of the request is passed over. */
PH_RT void rt_client_fail(struct rt_world *w, const struct link_command *command, ph_status status,
                          int32_t id);
/**
 * The node that a request means: -1 is the latest one, LINK_WALKED + slot where a path ended. The
 * server's own nodes are found without a request only (0). NULL: there is none; `*missing` is the
 * id that an error text names.
 */
PH_RT struct rt_node *rt_client_find(const struct rt_world *w, uint32_t request_id, int32_t id,
                                     int32_t *missing);
/** Commands about nodes that exist, and about control buses. */
PH_RT void rt_client_fire(struct rt_world *w, const struct link_command *command);

#endif
