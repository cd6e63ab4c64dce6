/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/scsynth_server.c - scsynth's door: the server itself, and who is told what.         */
/* room: command thread.                                                                          */
#include "server/nrt/scsynth_call.h"

#include <stdio.h>

#include "server/nrt/defs.h"
#include "server/nrt/reply.h"
#include "server/nrt/scsynth.h"

/* ---- clients that are told of nodes ---------------------------------------------------------- */

static struct nrt_client *find_client(struct nrt_context *c, const struct nrt_sender *sender)
{
    for (uint32_t i = 0; i < NRT_CLIENTS_MAX; i++)
        if (c->replies.clients[i].used && nrt_sender_equal(&c->replies.clients[i].sender, sender))
            return &c->replies.clients[i];
    return NULL;
}

static uint32_t logins(const struct nrt_context *c)
{
    return c->max_logins < NRT_CLIENTS_MAX ? c->max_logins : NRT_CLIENTS_MAX;
}

static bool client_id_is_free(const struct nrt_context *c, int32_t id)
{
    if (id < 0 || (uint32_t)id >= logins(c))
        return false;
    for (uint32_t i = 0; i < NRT_CLIENTS_MAX; i++)
        if (c->replies.clients[i].used && c->replies.clients[i].id == id)
            return false;
    return true;
}

/**
 * Notifications that nobody gets are not made: half of what
 * a short voice reports would be for nothing.
 */
static ph_status tell_listeners(struct nrt_context *c)
{
    struct link_command command = {.kind = LINK_LISTEN};
    for (uint32_t i = 0; i < NRT_CLIENTS_MAX; i++)
        command.u.node.value |= c->replies.clients[i].used;
    return link_ring_stage(c->commands, &command) ? PH_OK : PH_FULL;
}

static void log_out(struct nrt_context *c, struct nrt_client *client)
{
    client->used = false;
    c->replies.left_as[client->id] = ++c->replies.n_left;
}

/** The free id that nobody had for the longest time, as scsynth gives them; -1: none. */
static int32_t next_client_id(const struct nrt_context *c)
{
    const uint32_t *const left_as = c->replies.left_as;
    int32_t found = -1;
    for (int32_t id = 0; id < (int32_t)logins(c); id++)
        if (client_id_is_free(c, id) && (found < 0 || left_as[id] < left_as[found]))
            found = id;
    return found;
}

/** @param wanted  id the client asks for, or -1 */
static ph_status log_in(struct call *call, int32_t wanted)
{
    struct nrt_context *const c = call->c;
    const int32_t id = client_id_is_free(c, wanted) ? wanted : next_client_id(c);

    if (id < 0) {
        nrt_reply_fail(c, call->sender, "/notify", "too many users\n");
        return PH_OK;
    }
    for (uint32_t i = 0; i < NRT_CLIENTS_MAX; i++)
        if (!c->replies.clients[i].used) {
            c->replies.clients[i] = (struct nrt_client){true, *call->sender, id};
            if (tell_listeners(c) != PH_OK) {
                c->replies.clients[i].used = false;
                return PH_FULL;
            }
            break;
        }
    nrt_reply(c, call->sender, "/done", "sii", "/notify", id, (int32_t)logins(c));
    return PH_OK;
}

ph_status nrt_do_notify(struct call *call)
{
    int32_t on = 0, wanted = -1;

    ph_osc_next_int(&call->args, &on);
    ph_osc_next_int(&call->args, &wanted);
    if (!call->sender)
        return PH_OK;
    struct nrt_client *const client = find_client(call->c, call->sender);
    if (on && client)
        nrt_reply(call->c, call->sender, "/fail", "ssi", "/notify", "notify: already registered\n",
                  client->id);
    else if (on)
        return log_in(call, wanted);
    else if (client) {
        log_out(call->c, client);
        (void)tell_listeners(call->c); /* if there is no room, what is sent is dropped here */
        nrt_reply_done(call->c, call->sender, "/notify");
    } else {
        nrt_reply_fail(call->c, call->sender, "/notify", "not registered\n");
    }
    return PH_OK;
}

/* ---- the server ------------------------------------------------------------------------------ */

ph_status nrt_do_status(struct call *call)
{
    struct link_status s;

    if (call->c->quit) /* as scsynth: who waits for the end asks until nobody answers */
        return PH_OK;
    link_snapshot_read(call->c->snapshot, &s);
    nrt_reply(call->c, call->sender, "/status.reply", "iiiiiffdd", 1, (int32_t)s.n_units,
              (int32_t)s.n_synths, (int32_t)s.n_groups, (int32_t)nrt_defs_count(call->c->defs),
              100 * (double)s.load_mean, 100 * (double)s.load_worst,
              (double)call->c->engine.rate_hz, s.frames_per_second);
    return PH_OK;
}

ph_status nrt_do_version(struct call *call)
{
    /* clients read the first four as the version of scsynth's protocol, which is 3.13's */
    nrt_reply(call->c, call->sender, "/version.reply", "siisss", "scsynth", 3, 13, ".0", "phonond", "");
    return PH_OK;
}

ph_status nrt_do_quit(struct call *call)
{
    nrt_reply_done(call->c, call->sender, "/quit");
    call->c->quit = true;
    return PH_OK;
}

static void tell_synced(struct nrt_job *job)
{
    nrt_scsynth_sweep_defs(job->context); /* what has just ended is told first */
    nrt_reply(job->context, job->has_sender ? &job->sender : NULL, "/synced", "i", job->argument);
}

static const struct nrt_job_kind sync_kind = {.answer = tell_synced};

/**
 * Has its turn behind all that came before, in the audio thread and among what blocks; and a second
 * one in the audio thread, as in scsynth: what began before has been rendered when it is answered.
 */
ph_status nrt_do_sync(struct call *call)
{
    struct nrt_job *const job = nrt_job_new(call, &sync_kind, sizeof *job);

    if (!job)
        return PH_FULL;
    ph_osc_next_int(&call->args, &job->argument);
    job->completion = (struct ph_osc_args){.tags = ""};
    return nrt_job_begin(call, job);
}

ph_status nrt_do_clear_sched(struct call *call)
{
    return nrt_call_stage(call, (struct link_command){.kind = LINK_CLEAR_SCHED});
}

/**
 * 0, 1: no failures are told, or all, from now on; -1, -2: none, or all, in the rest of the packet.
 */
ph_status nrt_do_error(struct call *call)
{
    struct nrt_errors *const errors = &call->c->errors;
    int32_t mode = 0;

    ph_osc_next_int(&call->args, &mode);
    if (mode == 0 || mode == 1)
        errors->are_off = mode == 0;
    else if (mode == -1)
        errors->n_hidden++;
    else if (mode == -2)
        errors->n_hidden--;
    return PH_OK;
}

ph_status nrt_do_dump_osc(struct call *call)
{
    call->c->dump = 0;
    ph_osc_next_int(&call->args, &call->c->dump);
    return PH_OK;
}

/** Commands of plug-ins: there are none. */
ph_status nrt_do_cmd(struct call *call)
{
    snprintf(call->text, sizeof call->text, "no such command");
    return PH_NO_COMMAND;
}

void nrt_scsynth_begin(struct nrt_context *context)
{
    (void)tell_listeners(context); /* if there is no room, what is sent is dropped by reclaim.c */
    link_ring_publish(context->commands);
}

void nrt_scsynth_forget_connection(struct nrt_context *context, uint32_t connection)
{
    for (uint32_t i = 0; i < NRT_CLIENTS_MAX; i++) {
        struct nrt_client *const client = &context->replies.clients[i];
        if (client->used && client->sender.connection == connection)
            log_out(context, client);
    }
    nrt_scsynth_begin(context);
}
