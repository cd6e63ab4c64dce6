/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/context.h - what the command thread's files share. Filled and owned by world.c.     */
/* room: command thread.                                                                          */
#ifndef SERVER_NRT_CONTEXT_H
#define SERVER_NRT_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "server/link/ring.h"
#include "server/link/snapshot.h"
#include "server/nrt/due.h"
#include "server/nrt/inbox.h"
#include "server/nrt/jobs.h"
#include "server/nrt/message.h"
#include "server/nrt/program.h"
#include "server/nrt/quarantine.h"
#include "server/nrt/reply.h"
#include "server/nrt/synth.h"
#include "server/rt/block.h"

struct nrt_defs;       /* nrt/defs.h: compiled SynthDefs by name */
struct dirt;           /* dirt/dirt.h: the TidalCycles door */
struct nrt_osc_server; /* nrt/osc_server.h; NULL offline */
struct load_bank;
struct load_buffers;   /* load/buffers.h: clients' */
struct load_queue;
struct seq;

/** All buffers that clients fill, together: 2 GiB. */
#define NRT_CLIENT_BUFFERS_BYTES_MAX (UINT64_C(1) << 31)

/** /error: which failures are told. */
struct nrt_errors {
    bool are_off;    /* until somebody turns them on again */
    int32_t n_hidden; /* > 0: not in the rest of this packet */
};

struct nrt_context {
    struct rt_config engine;
    /* audio buses that clients may number; programs' lie behind them */
    uint32_t n_user_audio_buses;
    /* buffers that clients may number; the bank's lie behind them */
    uint32_t n_user_buffers;
    uint32_t max_logins;
    /* -P: paths from clients stay inside it; NULL: loopback may read all */
    const char *file_root;
    const char *tap_prefix;          /* where the files of `tap` go: nrt/taps.h */
    struct nrt_memory_limit unit_memory; /* of clients' synths */
    struct link_ring *commands, *reports;
    struct link_snapshot *snapshot;
    struct dsp_fft *fft;
    struct nrt_symbols *symbols;
    struct nrt_defs *defs;
    struct load_bank *bank;
    struct load_queue *queue;        /* what blocks; NULL once it has ended */
    struct load_buffers *buffers;
    struct nrt_jobs jobs;
    struct nrt_dues dues;
    struct seq *seq;
    struct nrt_programs *programs;
    struct dirt *dirt;
    struct nrt_osc_server *osc;
    struct nrt_replies replies;
    struct nrt_errors errors;
    struct nrt_message message;
    struct nrt_quarantine quarantine;
    struct nrt_sender program_sender; /* of the program in flight */
    int32_t program_request;
    int program_clock_address;        /* it only moves the clock; else -1 */
    bool has_program_sender;
    struct nrt_inbox inbox;          /* programs, hush and panic that wait */
    int32_t dump;                    /* /dumpOSC: 1 as text, 2 in hexadecimal, 3 both */
    uint64_t waiting_ntp;            /* of the packet: what has this time waits for a definition */
    bool quit;                       /* /quit was answered: phonond fades and ends */
};

#endif
