/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/osc_server.h - sockets of both doors: UDP and TCP on one port; the command thread's */
/* turn.                                                                                          */
/* room: command thread.                                                                          */
#ifndef SERVER_NRT_OSC_SERVER_H
#define SERVER_NRT_OSC_SERVER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/status.h"

struct nrt_context;
struct nrt_osc_server;

/** Who sent a packet, and so where answers go: UDP address, or a TCP connection. */
struct nrt_sender {
    struct sockaddr_storage address; /* UDP */
    socklen_t address_size;
    uint32_t connection;             /* TCP: serial number > 0 of the connection; 0: UDP */
    bool is_dirt;                    /* UDP: it came to the TidalCycles door, which answers */
};

bool nrt_sender_equal(const struct nrt_sender *a, const struct nrt_sender *b);

struct nrt_osc_config {
    const char *bind; /* IPv4 or IPv6 address */
    uint16_t port;
    bool udp, tcp;
    bool has_dirt;        /* and the TidalCycles door on a port of its own; 0: one that is free */
    uint16_t dirt_port;
    const char *password; /* that a TCP connection begins with; NULL: none */
};

/** Binds. When the port is taken `error` (256 bytes) says who holds it, where /proc shows that. */
PH_NODISCARD ph_status nrt_osc_server_new(const struct nrt_osc_config *config,
                                          struct nrt_context *context,
                                          struct nrt_osc_server **out, char *error);
void nrt_osc_server_free(struct nrt_osc_server *server); /* accepts NULL */
/** The port that was bound: config's, or the one the kernel picked for port 0. */
uint16_t nrt_osc_server_port(const struct nrt_osc_server *server);
/** The TidalCycles door's, 0: it isn't open, for another has the port. */
uint16_t nrt_osc_server_dirt_port(const struct nrt_osc_server *server);
/** One turn: waits for packets up to `timeout_ms`, dispatches what is there, drains the reports. */
void nrt_osc_server_run_once(struct nrt_osc_server *server, int timeout_ms);
/** Sends one packet to where a sender listens; a slow TCP client whose queue is full is closed. */
void nrt_osc_server_send(struct nrt_osc_server *server, const struct nrt_sender *to,
                         const void *packet, size_t size);

/** Counters for status. */
struct nrt_osc_counts {
    uint64_t n_packets, n_malformed, n_kernel_drops;
    uint32_t n_connections, receive_buffer_bytes;
};
struct nrt_osc_counts nrt_osc_server_counts(const struct nrt_osc_server *server);

/**
 * One packet, from a socket or from a score: checked whole, then through the native or the scsynth
 * door.
 * @param sender  NULL offline: nobody to answer
 * @return PH_OK, or why the packet was refused as a whole
 */
ph_status nrt_dispatch(struct nrt_context *context, const struct nrt_sender *sender,
                       const void *packet, size_t size);

#endif
