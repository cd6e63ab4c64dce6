/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/reclaim.h - what the audio thread hands back: freed, told, answered.                */
/* room: command thread.                                                                          */
#ifndef SERVER_NRT_RECLAIM_H
#define SERVER_NRT_RECLAIM_H

#include <stdint.h>

#include "protocol/status.h"

struct link_report;
struct nrt_context;

/** Drains the report ring. */
void nrt_reclaim(struct nrt_context *context);
/** One report; `context` is a struct nrt_context (rt_world_drain() calls it). */
void nrt_reclaim_report(void *context, const struct link_report *report);

struct nrt_request; /* nrt/reply.h */
/** Tells whoever sent a request (NULL: nobody) why it failed; `id`: the node that a text names. */
void nrt_reclaim_failure(struct nrt_context *context, const struct nrt_request *request,
                         ph_status why, int32_t id);

#endif
