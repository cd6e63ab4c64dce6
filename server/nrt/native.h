/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/native.h - the native door: whole programs, hush, panic, status.                    */
/* room: command thread.                                                                          */
#ifndef SERVER_NRT_NATIVE_H
#define SERVER_NRT_NATIVE_H

#include "protocol/osc.h"
#include "server/nrt/osc_server.h"
#include "server/nrt/program.h"

/** A checked packet for which ph_program_is() holds. The answer comes with the switch, or /fail. */
void nrt_native_program(struct nrt_context *context, const struct nrt_sender *sender,
                        const void *packet, size_t size);
/**
 * /phonon/hush, /phonon/panic, /phonon/status, /phonon/source; /phonon/tempo, /phonon/cycle,
 * /phonon/nudge, which are answered when they have happened. Anything else answers PH_NO_COMMAND.
 */
ph_status nrt_native_message(struct nrt_context *context, const struct nrt_sender *sender, int address,
                             const struct ph_osc_message *message);
/**
 * The answer to a program (or to a command that moves the clock) that was not applied, and the
 * line in the log.
 */
void nrt_native_refused(struct nrt_context *context, const struct nrt_sender *sender,
                        int clock_address, int32_t request_id, const char *why);
/** Called by reclaim.c when a switch is confirmed. */
void nrt_native_switched(struct nrt_context *context, const struct nrt_program_result *result);

#endif
