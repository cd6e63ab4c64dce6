/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/reply.h - answers: built by liblo, sent from our socket; who waits for which        */
/* command.                                                                                       */
/* room: command thread.                                                                          */
#ifndef SERVER_NRT_REPLY_H
#define SERVER_NRT_REPLY_H

#include <stdint.h>

#include "protocol/addresses.h"
#include "protocol/status.h"
#include "server/nrt/osc_server.h"

struct nrt_context;

/**
 * Sends one message. `types` of i h f d s; arguments as int32_t, int64_t, double (f and d), const
 * char *. Does nothing when `to` is NULL or there is no server (offline).
 */
void nrt_reply(struct nrt_context *context, const struct nrt_sender *to, const char *address,
               const char *types, ...);
/** Sends a message that was built elsewhere (lo_message of liblo); it stays the caller's. */
void nrt_reply_message(struct nrt_context *context, const struct nrt_sender *to, const char *address,
                       void *message);
/** `/fail address text` and `/done address`. */
void nrt_reply_fail(struct nrt_context *context, const struct nrt_sender *to, const char *address,
                    const char *text);
void nrt_reply_done(struct nrt_context *context, const struct nrt_sender *to, const char *address);

/** Clients registered with /notify; they hear of nodes. */
enum { NRT_CLIENTS_MAX = 64 };
struct nrt_client {
    bool used;
    struct nrt_sender sender;
    int32_t id;
};

/**
 * Commands on their way to the audio thread whose sender hears of failure; the newest overwrite the
 * oldest. As many as there are places in the command ring and in the report ring.
 */
enum { NRT_REQUESTS_MAX = 16384 };
struct nrt_request {
    uint32_t id; /* 0: empty */
    int address; /* enum ph_address */
    int32_t argument;
    bool is_quiet; /* /error: nobody wants to hear why it failed */
    struct nrt_sender sender;
};

struct nrt_replies {
    struct nrt_client clients[NRT_CLIENTS_MAX];
    /* by id: the number of the login that ended last under it; 0: none */
    uint32_t left_as[NRT_CLIENTS_MAX];
    uint32_t n_left;
    struct nrt_request requests[NRT_REQUESTS_MAX];
    uint32_t last_request;
};

/** Number > 0 for link_command.request_id; `sender` NULL: nobody is told. */
uint32_t nrt_request_new(struct nrt_context *context, const struct nrt_sender *sender, int address,
                         int32_t argument);
/** That of the number, NULL when it is unknown or was overwritten; until the next new one. */
const struct nrt_request *nrt_request_find(const struct nrt_context *context, uint32_t id);
/** Sends a message to every registered client. */
void nrt_notify_clients(struct nrt_context *context, const char *address, const char *types, ...);

#endif
