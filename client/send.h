/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/send.h - transport: a program as one OSC bundle, a command as one message, and the      */
/* answer.                                                                                        */
#ifndef CLIENT_SEND_H
#define CLIENT_SEND_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/program.h"

/** DESIGN 8, Editors: what phonon-send exits with. */
enum send_result {
    SEND_OK = 0,
    SEND_WRONG_PROGRAM = 1,
    SEND_USAGE = 2,
    SEND_NO_DAEMON = 3,
    SEND_REFUSED = 4,
    SEND_NO_ANSWER = 5
};

/** Datagrams up to this size go over UDP, larger ones over TCP with a 32-bit length in front. */
enum {
    SEND_DATAGRAM_MAX = 60000,
    SEND_TIMEOUT_MS = 2000,
    SEND_PROGRAM_TIMEOUT_MS = 8000 /* the daemon waits up to five seconds for its samples */
};

struct send_target {
    const char *host;
    uint16_t port;
};

/** An answer in place; valid until send_answer_finish(). */
struct send_answer {
    uint8_t *packet;
    uint32_t size;
    struct ph_osc_message message;
    char error[256]; /* what went wrong, for people */
};
void send_answer_finish(struct send_answer *answer);

/** Encodes with liblo, sends, waits for /done or /fail with the program's request id. */
enum send_result send_program(const struct send_target *target, const struct ph_program *program,
                              struct send_answer *answer);
/**
 * Asks for the text of what plays (protocol/README.md): `*text` is NULL where there is none, else
 * lies in the answer.
 */
enum send_result send_ask_source(const struct send_target *target, struct send_answer *answer,
                                 int64_t *edition, const uint8_t **text, size_t *size);
/**
 * Sends `address request` and waits for `/done address
 * request`, /fail or, for /phonon/status, its reply.
 */
enum send_result send_command(const struct send_target *target, const char *address,
                              struct send_answer *answer);

#endif
