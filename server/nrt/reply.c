/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/reply.c - answers: built by liblo, sent from our socket.                            */
/* room: command thread.                                                                          */
#include "server/nrt/reply.h"

#include <lo/lo.h>
#include <stdarg.h>
#include <stdlib.h>

#include "server/nrt/context.h"

static lo_message message_of(const char *types, va_list arguments)
{
    const lo_message m = lo_message_new();
    for (const char *t = types; m && *t; t++)
        switch (*t) {
        case 'i':
            lo_message_add_int32(m, va_arg(arguments, int32_t));
            break;
        case 'h':
            lo_message_add_int64(m, va_arg(arguments, int64_t));
            break;
        case 'f':
            lo_message_add_float(m, (float)va_arg(arguments, double));
            break;
        case 'd':
            lo_message_add_double(m, va_arg(arguments, double));
            break;
        case 's':
            lo_message_add_string(m, va_arg(arguments, const char *));
            break;
        }
    return m;
}

static void send_message(struct nrt_context *c, const struct nrt_sender *to, const char *address,
                         lo_message m)
{
    size_t size = 0;
    void *const packet = m ? lo_message_serialise(m, address, NULL, &size) : NULL;
    if (packet)
        nrt_osc_server_send(c->osc, to, packet, size);
    free(packet);
}

void nrt_reply_message(struct nrt_context *c, const struct nrt_sender *to, const char *address,
                       void *message)
{
    if (to && c->osc)
        send_message(c, to, address, message);
}

void nrt_reply(struct nrt_context *c, const struct nrt_sender *to, const char *address,
               const char *types, ...)
{
    if (!to || !c->osc)
        return;
    va_list arguments;
    va_start(arguments, types);
    const lo_message m = message_of(types, arguments);
    va_end(arguments);
    send_message(c, to, address, m);
    lo_message_free(m);
}

void nrt_reply_fail(struct nrt_context *c, const struct nrt_sender *to, const char *address,
                    const char *text)
{
    nrt_reply(c, to, "/fail", "ss", address, text);
}

void nrt_reply_done(struct nrt_context *c, const struct nrt_sender *to, const char *address)
{
    nrt_reply(c, to, "/done", "s", address);
}

void nrt_notify_clients(struct nrt_context *c, const char *address, const char *types, ...)
{
    if (!c->osc)
        return;
    va_list arguments;
    va_start(arguments, types);
    const lo_message m = message_of(types, arguments);
    va_end(arguments);
    for (uint32_t i = 0; i < NRT_CLIENTS_MAX; i++)
        if (c->replies.clients[i].used)
            send_message(c, &c->replies.clients[i].sender, address, m);
    lo_message_free(m);
}

uint32_t nrt_request_new(struct nrt_context *c, const struct nrt_sender *sender, int address,
                         int32_t argument)
{
    static const struct nrt_sender nobody;
    if (++c->replies.last_request == 0)
        c->replies.last_request = 1;
    const uint32_t id = c->replies.last_request;
    c->replies.requests[id % NRT_REQUESTS_MAX] =
        (struct nrt_request){ .id = id, .address = address, .argument = argument,
                               .is_quiet = c->errors.are_off || c->errors.n_hidden > 0,
                               .sender = sender ? *sender : nobody };
    return id;
}

const struct nrt_request *nrt_request_find(const struct nrt_context *c, uint32_t id)
{
    const struct nrt_request *const r = &c->replies.requests[id % NRT_REQUESTS_MAX];
    return id != 0 && r->id == id ? r : NULL;
}
