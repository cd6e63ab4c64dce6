/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/scsynth.c - scsynth's door: check, translate, keep nothing.                         */
/* room: command thread.                                                                          */
#include "server/nrt/scsynth.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "server/nrt/log.h"
#include "server/nrt/reclaim.h"
#include "server/nrt/reply.h"
#include "server/nrt/scsynth_call.h"

enum {
    COMPLETION_DEPTH_MAX = 4, /* completion messages inside completion messages */
    ROOM_NAP_NS = 500000,
    ROOM_NAPS_MAX = 1000
};

static void carry_out(struct call *call, const struct ph_osc_message *m);

/* ---- small things ---------------------------------------------------------------------------- */

/**
 * The ring is full: what is in it goes on, so that the rest finds room when the audio thread has
 * taken it. Jobs that come back meanwhile are held: their messages would overtake this one, and
 * each might wait inside of the one before.
 * @return false when nothing moves: no driver runs, or it has stopped
 */
static bool wait_for_room(struct nrt_context *c)
{
    const struct timespec nap = {.tv_nsec = ROOM_NAP_NS};
    const bool were_held = c->jobs.are_held;
    struct link_status now;

    link_snapshot_read(c->snapshot, &now);
    link_ring_publish(c->commands);
    c->jobs.are_held = true;
    for (int i = 0; i < ROOM_NAPS_MAX && now.ntp != 0 && link_ring_room(c->commands) == 0; i++) {
        nrt_reclaim(c); /* while its reports wait the audio thread takes no commands */
        nanosleep(&nap, NULL);
    }
    c->jobs.are_held = were_held;
    return link_ring_room(c->commands) > 0;
}

ph_status nrt_stage(struct nrt_context *c, const struct link_command *command)
{
    if (link_ring_stage(c->commands, command))
        return PH_OK;
    return wait_for_room(c) && link_ring_stage(c->commands, command) ? PH_OK : PH_FULL;
}

static void make_request(struct call *call)
{
    if (call->request_id == 0)
        call->request_id = nrt_request_new(call->c, call->sender, call->address, 0);
}

void nrt_call_request(struct call *call, struct nrt_request *out)
{
    make_request(call);
    const struct nrt_request *const request = nrt_request_find(call->c, call->request_id);
    if (request) /* else it was overwritten by what has come in the middle of the call */
        *out = *request;
}

ph_status nrt_call_stage(struct call *call, struct link_command command)
{
    make_request(call);
    command.request_id = call->request_id;
    command.due_frame = call->due_frame;
    return nrt_stage(call->c, &command);
}

bool nrt_call_is_quiet(const struct call *call)
{
    return call->c->errors.are_off || call->c->errors.n_hidden > 0;
}

/** Files are for programs on this machine only: a path is no business of the network's. */
bool nrt_call_is_local(const struct call *call)
{
    if (!call->sender)
        return true;
    if (call->sender->address.ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, &call->sender->address, sizeof v4);
        return ntohl(v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    if (call->sender->address.ss_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, &call->sender->address, sizeof v6);
        return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
    }
    return false;
}

/** Messages inside a completion blob: as their carrier, one level deeper. */
static ph_status completion_message(void *context, const struct ph_osc_message *m)
{
    const struct call *const outer = context;
    struct call call = {.c = outer->c, .sender = outer->sender, .due_frame = outer->due_frame,
                        .depth = outer->depth + 1};

    call.address = ph_address_find(m->address, m->command);
    if (call.address < 0)
        nrt_log(NRT_LOG_WARNING, "completion message %.60s: not found", m->address ? m->address : "");
    else
        carry_out(&call, m);
    return PH_OK;
}

void nrt_call_run_completion(struct call *call)
{
    const uint8_t *packet;
    size_t size;

    if (!ph_osc_next_blob(&call->args, &packet, &size) || size == 0)
        return;
    if (call->depth >= COMPLETION_DEPTH_MAX || ph_osc_check(packet, size) != PH_OK)
        nrt_log(NRT_LOG_WARNING, "%s: completion message refused",
                ph_addresses[call->address].address);
    else
        (void)ph_osc_each(packet, size, completion_message, call);
}

/* ---- dispatch -------------------------------------------------------------------------------- */

static nrt_handler *const handlers[PH_ADDR_COUNT] = {
    [PH_ADDR_NOTIFY] = nrt_do_notify,
    [PH_ADDR_STATUS] = nrt_do_status,
    [PH_ADDR_QUIT] = nrt_do_quit,
    [PH_ADDR_D_RECV] = nrt_do_d_recv,
    [PH_ADDR_D_LOAD] = nrt_do_d_load,
    [PH_ADDR_D_LOAD_DIR] = nrt_do_d_load_dir,
    [PH_ADDR_D_FREE] = nrt_do_d_free,
    [PH_ADDR_D_FREE_ALL] = nrt_do_d_free_all,
    [PH_ADDR_S_NEW] = nrt_do_s_new,
    [PH_ADDR_S_NEWARGS] = nrt_do_s_newargs,
    [PH_ADDR_S_NOID] = nrt_do_s_noid,
    [PH_ADDR_S_GET] = nrt_do_s_get,
    [PH_ADDR_S_GETN] = nrt_do_s_getn,
    [PH_ADDR_N_FREE] = nrt_do_n_free,
    [PH_ADDR_N_RUN] = nrt_do_n_run,
    [PH_ADDR_N_QUERY] = nrt_do_n_query,
    [PH_ADDR_N_TRACE] = nrt_do_n_trace,
    [PH_ADDR_N_BEFORE] = nrt_do_n_before,
    [PH_ADDR_N_AFTER] = nrt_do_n_after,
    [PH_ADDR_N_ORDER] = nrt_do_n_order,
    [PH_ADDR_N_SET] = nrt_do_n_set,
    [PH_ADDR_N_SETN] = nrt_do_n_setn,
    [PH_ADDR_N_FILL] = nrt_do_n_fill,
    [PH_ADDR_N_MAP] = nrt_do_n_map,
    [PH_ADDR_N_MAPN] = nrt_do_n_mapn,
    [PH_ADDR_N_MAPA] = nrt_do_n_mapa,
    [PH_ADDR_N_MAPAN] = nrt_do_n_mapan,
    [PH_ADDR_G_NEW] = nrt_do_g_new,
    [PH_ADDR_P_NEW] = nrt_do_g_new,
    [PH_ADDR_G_HEAD] = nrt_do_g_head,
    [PH_ADDR_G_TAIL] = nrt_do_g_tail,
    [PH_ADDR_G_FREE_ALL] = nrt_do_g_free_all,
    [PH_ADDR_G_DEEP_FREE] = nrt_do_g_deep_free,
    [PH_ADDR_G_DUMP_TREE] = nrt_do_g_dump_tree,
    [PH_ADDR_G_QUERY_TREE] = nrt_do_g_query_tree,
    [PH_ADDR_B_ALLOC] = nrt_do_b_alloc,
    [PH_ADDR_B_ALLOC_READ] = nrt_do_b_alloc_read,
    [PH_ADDR_B_ALLOC_READ_CHANNEL] = nrt_do_b_alloc_read_channel,
    [PH_ADDR_B_READ] = nrt_do_b_read,
    [PH_ADDR_B_READ_CHANNEL] = nrt_do_b_read_channel,
    [PH_ADDR_B_WRITE] = nrt_do_b_write,
    [PH_ADDR_B_FREE] = nrt_do_b_free,
    [PH_ADDR_B_CLOSE] = nrt_do_b_close,
    [PH_ADDR_B_ZERO] = nrt_do_b_zero,
    [PH_ADDR_B_SET] = nrt_do_b_set,
    [PH_ADDR_B_SETN] = nrt_do_b_setn,
    [PH_ADDR_B_FILL] = nrt_do_b_fill,
    [PH_ADDR_B_GEN] = nrt_do_b_gen,
    [PH_ADDR_B_GET] = nrt_do_b_get,
    [PH_ADDR_B_GETN] = nrt_do_b_getn,
    [PH_ADDR_B_QUERY] = nrt_do_b_query,
    [PH_ADDR_C_SET] = nrt_do_c_set,
    [PH_ADDR_C_SETN] = nrt_do_c_setn,
    [PH_ADDR_C_FILL] = nrt_do_c_fill,
    [PH_ADDR_C_GET] = nrt_do_c_get,
    [PH_ADDR_C_GETN] = nrt_do_c_getn,
    [PH_ADDR_CLEAR_SCHED] = nrt_do_clear_sched,
    [PH_ADDR_ERROR] = nrt_do_error,
    [PH_ADDR_DUMP_OSC] = nrt_do_dump_osc,
    [PH_ADDR_CMD] = nrt_do_cmd,
    [PH_ADDR_U_CMD] = nrt_do_cmd,
    [PH_ADDR_SYNC] = nrt_do_sync,
    [PH_ADDR_VERSION] = nrt_do_version,
};

/**
 * What is done on this thread, and so waits here for its time; the rest waits in the audio thread.
 */
static const bool waits_here[PH_ADDR_COUNT] = {
    [PH_ADDR_NOTIFY] = true,  [PH_ADDR_STATUS] = true, [PH_ADDR_QUIT] = true,
    [PH_ADDR_D_RECV] = true,  [PH_ADDR_D_FREE] = true, [PH_ADDR_D_FREE_ALL] = true,
    [PH_ADDR_VERSION] = true, [PH_ADDR_DUMP_OSC] = true,
};

/** Commands about nodes and control buses: their failures are told in the order of their turns. */
static bool fails_in_turn(struct call *call, ph_status why)
{
    const char *const address = ph_addresses[call->address].address;
    const bool in_turn = strchr("sngpc", address[1]) && address[2] == '_';
    const struct link_command fail = {.kind = LINK_FAIL, .u.fail.status = (int32_t)why};

    return in_turn && !call->text[0] && why != PH_FULL && nrt_call_stage(call, fail) == PH_OK;
}

static void tell_failure(struct call *call, ph_status why)
{
    const char *const address = ph_addresses[call->address].address;
    const char *const text = call->text[0] ? call->text : ph_status_text(why);

    if (nrt_call_is_quiet(call) || fails_in_turn(call, why))
        return;
    if (!call->sender) /* a score: nobody hears the answer */
        nrt_log(NRT_LOG_WARNING, "%s: %s", address, text);
    nrt_reply_fail(call->c, call->sender, address, text);
}

/**
 * A synth of the future whose definition isn't there yet: it may come in time. What stands behind
 * it in its bundle waits with it, for it may be about that synth.
 */
static bool waits_for_definition(struct call *call, ph_status status, bool is_ahead)
{
    const bool is_new = call->address == PH_ADDR_S_NEW || call->address == PH_ADDR_S_NEWARGS;

    if (!is_ahead || !is_new || status != PH_DEF_NOT_FOUND)
        return false;
    call->c->waiting_ntp = call->message->time_ntp;
    call->text[0] = 0;
    return true;
}

static void carry_out(struct call *call, const struct ph_osc_message *m)
{
    const struct nrt_due due = nrt_due_of(call->c, m->time_ntp);
    ph_status status = PH_NO_COMMAND;

    if (due.frame)
        call->due_frame = due.frame;
    call->subsample = due.subsample;
    call->message = m;
    call->args = ph_osc_args(m);
    if (due.is_ahead && (waits_here[call->address] || m->time_ntp == call->c->waiting_ntp))
        status = nrt_job_defer(call);
    else if (handlers[call->address])
        status = handlers[call->address](call);
    if (waits_for_definition(call, status, due.is_ahead))
        status = nrt_job_defer(call);
    if (status != PH_OK)
        tell_failure(call, status);
}

/** Field by field: its text need not be cleared for every message. */
static void call_init(struct call *call, struct nrt_context *c, const struct nrt_sender *sender,
                      int address)
{
    call->c = c;
    call->sender = sender;
    call->address = address;
    call->due_frame = 0;
    call->subsample = 0;
    call->request_id = 0;
    call->depth = 0;
    call->text[0] = 0;
}

void nrt_scsynth_message(struct nrt_context *context, const struct nrt_sender *sender, int address,
                         const struct ph_osc_message *message)
{
    struct call call;

    call_init(&call, context, sender, address);
    carry_out(&call, message);
}

void nrt_scsynth_packet(struct nrt_context *context)
{
    context->errors.n_hidden = 0;
    context->waiting_ntp = 0;
}

void nrt_scsynth_again(struct nrt_job *job)
{
    struct call call;

    call_init(&call, job->context, job->has_sender ? &job->sender : NULL, job->address);
    call.depth = job->depth;
    nrt_scsynth_packet(job->context);
    job->context->errors.n_hidden = job->is_quiet;
    carry_out(&call, &job->message);
    nrt_scsynth_packet(job->context);
    link_ring_publish(job->context->commands);
}
