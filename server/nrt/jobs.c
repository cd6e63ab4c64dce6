/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/jobs.c - asynchronous commands.                                                     */
/* room: command thread; run_task() alone is called on the queue's thread.                        */
#include "server/nrt/jobs.h"

#include <stdlib.h>
#include <string.h>

#include "server/nrt/log.h"
#include "server/nrt/reply.h"
#include "server/nrt/scsynth.h"
#include "server/nrt/scsynth_call.h"

/* messages that a landing with its completion message takes, and more */
enum { LANDING_ROOM = 64 };

static struct nrt_job *job_of_task(struct load_task *task)
{
    return (struct nrt_job *)((char *)task - offsetof(struct nrt_job, task));
}

static const struct nrt_sender *sender_of(const struct nrt_job *job)
{
    return job->has_sender ? &job->sender : NULL;
}

/** Runs where it may block: it touches the job and what the job's kind names, nothing else. */
static void run_task(struct load_task *task)
{
    struct nrt_job *const job = job_of_task(task);
    if (job->kind->work)
        job->kind->work(job);
}

/* ---- making and freeing ---------------------------------------------------------------------- */

static size_t text_bytes(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

/** Arguments first: they keep their alignment. */
static void copy_message(struct nrt_job *job, const struct ph_osc_message *m, char *to)
{
    job->message = *m;
    if (m->args_size > 0)
        memcpy(to, m->args, m->args_size);
    job->message.args = (const uint8_t *)to;
    to += m->args_size;
    memcpy(to, m->tags, text_bytes(m->tags));
    job->message.tags = to;
    to += text_bytes(m->tags);
    if (!m->address)
        return;
    memcpy(to, m->address, text_bytes(m->address));
    job->message.address = to;
}

void *nrt_job_new(struct call *call, const struct nrt_job_kind *kind, size_t bytes)
{
    struct nrt_jobs *const jobs = &call->c->jobs;
    const struct ph_osc_message *const m = call->message;
    const size_t space = (bytes + 15) / 16 * 16;
    const size_t all = space + m->args_size + text_bytes(m->tags) + text_bytes(m->address);
    if (jobs->n >= NRT_JOBS_MAX || jobs->n_bytes + all > NRT_JOBS_BYTES_MAX)
        return NULL;
    struct nrt_job *const job = calloc(1, all);
    if (!job)
        return NULL;
    jobs->n++;
    jobs->n_bytes += all;
    job->bytes = all;
    job->kind = kind;
    job->context = call->c;
    job->task.run = run_task;
    job->has_sender = call->sender != NULL;
    if (call->sender)
        job->sender = *call->sender;
    job->address = call->address;
    job->depth = call->depth;
    job->due_frame = call->due_frame;
    job->is_quiet = nrt_call_is_quiet(call);
    copy_message(job, m, (char *)job + space);
    call->args = ph_osc_args(&job->message);
    job->completion = call->args;
    return job;
}

void nrt_job_free(struct nrt_job *job)
{
    if (!job)
        return;
    if (job->kind->finish)
        job->kind->finish(job);
    job->context->jobs.n--;
    job->context->jobs.n_bytes -= job->bytes;
    free(job);
}

void nrt_job_give(struct load_task *task)
{
    struct nrt_job *const job = job_of_task(task);
    job->context->jobs.n_working--;
    nrt_job_free(job);
}

/* ---- the way --------------------------------------------------------------------------------- */

static ph_status send_round(struct call *call, struct nrt_job *job)
{
    return nrt_call_stage(call, (struct link_command){ .kind = LINK_JOB, .u.job = &job->link });
}

static struct call call_of(const struct nrt_job *job)
{
    return (struct call){ .c = job->context, .sender = sender_of(job), .address = job->address,
                          .message = &job->message, .depth = job->depth, .args = job->completion };
}

/** What the work came to, and the completion message behind it. */
static ph_status land(struct nrt_job *job, struct call *call)
{
    ph_status status = job->status;
    if (status == PH_OK && job->kind->land)
        status = job->kind->land(job, call);
    if (status == PH_OK) {
        call->args = job->completion;
        nrt_call_run_completion(call);
    }
    return status;
}

static void answer(struct nrt_job *job)
{
    const char *const address = ph_addresses[job->address].address;
    if (job->kind->answer)
        job->kind->answer(job);
    else if (job->has_argument)
        nrt_reply(job->context, sender_of(job), "/done", "si", address, job->argument);
    else
        nrt_reply_done(job->context, sender_of(job), address);
}

/** scsynth tells what went wrong in the work whether or not errors are to be told. */
static void tell_failure(struct nrt_job *job, ph_status why)
{
    const char *const address = ph_addresses[job->address].address;
    const char *const text = job->text ? job->text : ph_status_text(why);
    nrt_log(NRT_LOG_WARNING, "%s: %s", address, text);
    if (job->has_argument)
        nrt_reply(job->context, sender_of(job), "/fail", "ssi", address, text, job->argument);
    else
        nrt_reply_fail(job->context, sender_of(job), address, text);
}

static void end_work(struct nrt_job *job)
{
    job->context->jobs.n_working--;
    nrt_job_free(job);
}

static void land_one(struct nrt_job *job)
{
    struct call call = call_of(job);
    ph_status status = land(job, &call);
    if (status != PH_OK) {
        tell_failure(job, status);
        end_work(job);
        return;
    }
    job->is_last_turn = true;
    call.due_frame = 0;
    if (send_round(&call, job) != PH_OK) { /* there was room: it is done, only not heard of yet */
        answer(job);
        end_work(job);
    }
}

ph_status nrt_job_begin(struct call *call, struct nrt_job *job)
{
    if (call->c->osc) {
        const ph_status status = send_round(call, job);
        if (status != PH_OK)
            nrt_job_free(job);
        return status;
    }
    run_task(&job->task);
    struct call landing = call_of(job);
    landing.due_frame = job->due_frame;
    const ph_status status = land(job, &landing);
    if (status != PH_OK && job->text)
        nrt_log(NRT_LOG_WARNING, "%s: %s", ph_addresses[job->address].address, job->text);
    nrt_job_free(job);
    return status;
}

/** Its turn has come: on to where it may block. What has nothing before it needn't go there. */
static void begin_work(struct nrt_job *job)
{
    struct nrt_jobs *const jobs = &job->context->jobs;
    if (!job->kind->work && jobs->n_working == 0)
        load_tasks_append(&jobs->landing, &job->task);
    else
        load_queue_add(job->context->queue, &job->task);
    jobs->n_working++;
}

static void go_on(struct nrt_context *c, struct nrt_job *job)
{
    if (job->is_last_turn) {
        answer(job);
        end_work(job);
    } else if (job->link.status != PH_OK || !c->queue) {
        nrt_job_free(job);
    } else if (job->kind->turned) {
        job->kind->turned(job);
        nrt_job_free(job);
    } else {
        begin_work(job);
    }
}

void nrt_job_returned(struct nrt_context *c, struct link_job *link)
{
    struct nrt_jobs *const jobs = &c->jobs;
    if (!jobs->are_held) {
        go_on(c, (struct nrt_job *)link);
        return;
    }
    link->next = NULL;
    *(jobs->held_first ? &jobs->held_last->next : &jobs->held_first) = link;
    jobs->held_last = link;
}

void nrt_jobs_let_go(struct nrt_context *c)
{
    struct nrt_jobs *const jobs = &c->jobs;
    while (jobs->held_first && !jobs->are_held) {
        struct link_job *const link = jobs->held_first;
        jobs->held_first = link->next;
        go_on(c, (struct nrt_job *)link); /* it may hold further ones, behind those that wait */
    }
}

void nrt_jobs_turn(struct nrt_context *c)
{
    struct nrt_jobs *const jobs = &c->jobs;
    if (!c->queue || jobs->n_working == 0)
        return;
    for (struct load_task *task; (task = load_queue_take(c->queue)) != NULL;)
        load_tasks_append(&jobs->landing, task);
    while (jobs->landing.first && link_ring_room(c->commands) >= LANDING_ROOM)
        land_one(job_of_task(load_tasks_take(&jobs->landing)));
    link_ring_publish(c->commands);
}

void nrt_jobs_finish(struct nrt_context *c)
{
    for (struct load_task *task; (task = load_tasks_take(&c->jobs.landing)) != NULL;)
        nrt_job_give(task);
}

/* ---- messages that wait, values -------------------------------------------------------------- */

static void carry_out_again(struct nrt_job *job)
{
    job->message.time_ntp = PH_OSC_NOW;
    nrt_scsynth_again(job);
}

static void do_nothing(struct nrt_job *job)
{
    (void)job;
}

static const struct nrt_job_kind deferred = { .turned = carry_out_again };
const struct nrt_job_kind nrt_job_patch = { .turned = do_nothing };

ph_status nrt_job_defer(struct call *call)
{
    struct nrt_job *const job = nrt_job_new(call, &deferred, sizeof *job);
    return job ? nrt_job_begin(call, job) : PH_FULL;
}

ph_status nrt_job_write(struct call *call, struct nrt_job *job)
{
    const ph_status status = nrt_call_stage(
        call, (struct link_command){ .kind = LINK_BUFFER_WRITE, .u.job = &job->link });
    if (status != PH_OK)
        nrt_job_free(job);
    return status;
}
