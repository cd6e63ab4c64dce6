/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/inbox.h - what the native door has accepted and not yet begun: programs that wait   */
/* for their turn, hush and panic that wait for room in the ring.                                 */
/* room: command thread.                                                                          */
/*                                                                                                */
/* One program is in flight at a time; the others wait here in order of arrival, and each gets    */
/* its own answer. Hush and panic are never dropped and overtake every program: they go to the    */
/* audio thread as soon as its ring has room, also while a program waits for its samples. A       */
/* program that was sent before a hush takes over in silence; one that was sent before a panic is */
/* refused.                                                                                       */
#ifndef SERVER_NRT_INBOX_H
#define SERVER_NRT_INBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/program.h"
#include "server/link/command.h"
#include "server/nrt/osc_server.h"

struct nrt_context;

enum {
    NRT_PROGRAMS_WAITING_MAX = 64,
    NRT_URGENT_WAITING_MAX = 64,
    NRT_STALL_MS = 1000 /* without a switch, or room in the ring: the audio thread does not run */
};

struct nrt_waiting_program {
    struct ph_program program;
    int clock_address; /* enum ph_address of a command that moves the clock; -1: a program */
    struct nrt_sender sender;
    bool has_sender;
    bool keeps_hush; /* a hush came after it */
};

struct nrt_waiting_urgent {
    int address; /* enum ph_address: hush, unhush, solo, unsolo, panic */
    bool is_all; /* hush and unhush: not of one output, whose change is noted already */
    int32_t request;
    struct nrt_sender sender;
    bool has_sender; /* false also when it was told that it has to wait */
    uint64_t since_ms;
};

/** Zero is empty. */
struct nrt_inbox {
    struct nrt_waiting_program programs[NRT_PROGRAMS_WAITING_MAX];
    struct nrt_waiting_urgent urgent[NRT_URGENT_WAITING_MAX];
    uint32_t n_programs, n_urgent;
    uint64_t in_flight_since_ms; /* the program that was sent to the audio thread */
    /* a program is being prepared: turns inside of it begin no other */
    bool busy;
};

void nrt_inbox_finish(struct nrt_inbox *inbox);

/**
 * Takes the program's contents. PH_FULL: too many wait already, nothing was taken.
 * @param clock_address  a command that moves the clock has its turn among the programs; else -1
 */
PH_NODISCARD ph_status nrt_inbox_add_program(struct nrt_context *context,
                                             const struct nrt_sender *sender,
                                             struct ph_program *program, int clock_address);
/**
 * Hush, unhush, solo, unsolo or panic; its answer follows when the audio thread will see it.
 * @param output  NULL: all of them. PH_NOT_FOUND: no program that plays, or is in flight, has it
 */
PH_NODISCARD ph_status nrt_inbox_add_urgent(struct nrt_context *context,
                                            const struct nrt_sender *sender, int address,
                                            const char *output, int32_t request);
/** One turn: what is urgent goes out, then the next program begins if none is in flight. */
void nrt_inbox_turn(struct nrt_context *context);

#endif
