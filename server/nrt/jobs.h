/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/jobs.h - asynchronous commands: their turn in the audio thread, the work elsewhere, */
/* what comes of it in the audio thread, the answer.                                              */
/* room: command thread.                                                                          */
#ifndef SERVER_NRT_JOBS_H
#define SERVER_NRT_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/osc.h"
#include "server/link/job.h"
#include "server/load/queue.h"
#include "server/nrt/osc_server.h"

struct call;
struct nrt_context;

enum { NRT_JOBS_MAX = 1 << 16, NRT_JOBS_BYTES_MAX = 1 << 26 };

/** Jobs on their way; zeroed is empty. */
struct nrt_jobs {
    uint32_t n, n_working;  /* all; those past their turn that are not answered yet */
    size_t n_bytes;
    /* done, and waiting for room in the command ring */
    struct load_tasks landing;
    /* back from the audio thread while are_held, and waiting for their turn here */
    struct link_job *held_first, *held_last;
    bool are_held;
};

/**
 * One asynchronous command, as scsynth does them. It takes its turn in the audio thread when its
 * time has come, behind all that was sent before; `work` blocks elsewhere, one job after the other;
 * `land` stages what the audio thread is to know, with the completion message behind it; and when
 * it knows, the sender is answered. Offline all of it happens at once. `kind`'s functions may be
 * NULL.
 */
struct nrt_job;
struct nrt_job_kind {
    void (*work)(struct nrt_job *job);      /* on the queue's thread: sets status and text */
    ph_status (*land)(struct nrt_job *job, struct call *call);
    void (*answer)(struct nrt_job *job);    /* NULL: /done, with the argument if there is one */
    void (*finish)(struct nrt_job *job);    /* frees what the job holds besides itself */
    /* not NULL: called when its turn has come, and that was all */
    void (*turned)(struct nrt_job *job);
};

struct nrt_job {
    struct link_job link; /* first: it comes back as this */
    struct load_task task;
    const struct nrt_job_kind *kind;
    struct nrt_context *context;
    struct nrt_sender sender;
    bool has_sender, has_argument, is_quiet, is_last_turn;
    int address, depth;
    int32_t argument; /* of /done, /fail or /synced */
    uint64_t due_frame; /* offline: of its score's bundle */
    struct ph_osc_message message; /* its own copy */
    struct ph_osc_args completion; /* where the completion message may be */
    size_t bytes;
    ph_status status;
    const char *text; /* why it failed, NULL: the status's own */
};

/**
 * A job of `bytes` with a struct nrt_job in front, the rest zeroed. From here on call->args reads
 * the job's copy of the message, so that what is read lives as long as the job. NULL: no memory, or
 * too many.
 */
void *nrt_job_new(struct call *call, const struct nrt_job_kind *kind, size_t bytes);
/** Takes the job. A failure offline, or a full ring, is the call's. */
PH_NODISCARD ph_status nrt_job_begin(struct call *call, struct nrt_job *job);
void nrt_job_free(struct nrt_job *job); /* one that was not begun; accepts NULL */
/** Keeps the call's message until its time: then it is carried out anew. */
PH_NODISCARD ph_status nrt_job_defer(struct call *call);
/** Writes values into a buffer: gives a job of this kind, with link.patches. */
extern const struct nrt_job_kind nrt_job_patch;
PH_NODISCARD ph_status nrt_job_write(struct call *call, struct nrt_job *job);

/**
 * What came back from the audio thread. While jobs.are_held it only waits: whoever holds them
 * stands in the middle of a message, and what a job does comes behind it.
 */
void nrt_job_returned(struct nrt_context *context, struct link_job *job);
/** Those that were held, in the order in which they came. */
void nrt_jobs_let_go(struct nrt_context *context);
/** Lands what is done, as far as the command ring has room. Each turn of the command thread. */
void nrt_jobs_turn(struct nrt_context *context);
/** After the queue has ended: frees what waits to land. */
void nrt_jobs_finish(struct nrt_context *context);
/** For load_queue_free(). */
void nrt_job_give(struct load_task *task);

#endif
