/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/message.h - what units tell clients, put together from the audio thread's reports.  */
/* room: command thread.                                                                          */
#ifndef SERVER_NRT_MESSAGE_H
#define SERVER_NRT_MESSAGE_H

#include "server/link/report.h"

struct nrt_context;

/** Values of the message whose parts are coming in. */
struct nrt_message {
    float values[512];
};

/** A LINK_REPORT_MESSAGE: with its last part the message goes to every registered client. */
void nrt_message_take(struct nrt_context *context, const struct link_report *report);

#endif
