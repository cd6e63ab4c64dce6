/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/report.h - what leaves the audio thread.                                             */
/* room: audio.                                                                                   */
/*                                                                                                */
/* Ownership never gets lost: ended nodes wait in a list of their own, other reports that carry   */
/* something wait in the backlog. Notifications and failures are dropped and counted when the     */
/* ring is full.                                                                                  */
#ifndef SERVER_RT_REPORT_H
#define SERVER_RT_REPORT_H

#include "server/rt/world.h"

/** True while a command may produce one more report that must arrive. */
PH_RT bool rt_report_has_room(const struct rt_world *w);
/**
 * For reports that carry ownership or that somebody waits for. Check rt_report_has_room() first.
 */
PH_RT void rt_report_must(struct rt_world *w, const struct link_report *report);
/** For the rest. */
PH_RT void rt_report_may(struct rt_world *w, const struct link_report *report);
PH_RT void rt_report_fail(struct rt_world *w, uint32_t request_id, ph_status status, int32_t id);
/** Node notification; nodes with negative ids give none, and none are given when nobody listens. */
PH_RT void rt_report_node(struct rt_world *w, const struct rt_node *node, enum link_node_event event);
/** Takes a node that is linked nowhere; it goes out when the ring has room. */
PH_RT void rt_report_gone(struct rt_world *w, struct rt_node *node);
/** Gives a job back: any number may wait for room in the ring. */
PH_RT void rt_report_job(struct rt_world *w, struct link_job *job, ph_status status);
/**
 * Sends what waits, as far as there is room: backlog first,
 * then ended nodes, then jobs. Once per block.
 */
PH_RT void rt_report_flush(struct rt_world *w);
/** Fills the report that gives back an ended node. */
PH_RT struct link_report rt_report_of_node(struct rt_node *node);

#endif
