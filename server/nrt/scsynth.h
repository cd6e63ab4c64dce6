/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/scsynth.h - scsynth's door: its commands become messages to the audio thread.       */
/* room: command thread.                                                                          */
#ifndef SERVER_NRT_SCSYNTH_H
#define SERVER_NRT_SCSYNTH_H

#include "protocol/osc.h"
#include "server/nrt/osc_server.h"

struct link_command;
struct nrt_context;
struct nrt_job;

/**
 * Carries out one message of a checked packet and answers its sender. `address` is the row of
 * protocol/addresses.h. What goes to the audio thread is staged: the caller publishes the ring when
 * the packet is through, so that a bundle arrives whole.
 *
 * Asynchronous commands begin when their time has come (nrt/jobs.h); of those without a time
 * /d_recv alone is done at once.
 */
void nrt_scsynth_message(struct nrt_context *context, const struct nrt_sender *sender, int address,
                         const struct ph_osc_message *message);

/**
 * Puts a command for the audio thread behind the others of the packet. Where the ring is full it
 * waits for room; PH_FULL when there is none because no driver runs.
 */
PH_NODISCARD ph_status nrt_stage(struct nrt_context *context, const struct link_command *command);

/** A packet begins: what /error hid in the one before is told again. */
void nrt_scsynth_packet(struct nrt_context *context);

/** Carries out a message that has waited for its time. */
void nrt_scsynth_again(struct nrt_job *job);

/** Tells clients of removed definitions whose last synth has ended. Each turn. */
void nrt_scsynth_sweep_defs(struct nrt_context *context);

/** Tells the audio thread whether anybody wants notifications: nobody at first. */
void nrt_scsynth_begin(struct nrt_context *context);

/** A TCP connection has gone: its sender is no longer notified. */
void nrt_scsynth_forget_connection(struct nrt_context *context, uint32_t connection);

#endif
