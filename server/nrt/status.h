/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/status.h - text of the counters.                                                    */
/* room: command thread.                                                                          */
#ifndef SERVER_NRT_STATUS_H
#define SERVER_NRT_STATUS_H

#include "server/nrt/osc_server.h"

struct nrt_context;

/** /phonon/status.reply: request, then name and value of everything that is counted. */
void nrt_status_reply(struct nrt_context *context, const struct nrt_sender *to, int32_t request);

#endif
