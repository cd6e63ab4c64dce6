/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/scsynth.c - scsynth's door: check, translate, keep nothing.                         */
/* room: command thread.                                                                          */
#include "server/nrt/scsynth.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "protocol/timetag.h"
#include "server/nrt/defs.h"
#include "server/nrt/log.h"
#include "server/nrt/reply.h"
#include "server/nrt/scsynth_call.h"

enum { COMPLETION_DEPTH_MAX = 4 }; /* completion messages inside completion messages */

static void carry_out(struct call *call, const struct ph_osc_message *m);

/* ---- small things ---------------------------------------------------------------------------- */

/** The frame on which a time tag falls; 0: as soon as possible. */
static uint64_t due_frame(const struct nrt_context *c, uint64_t ntp)
{
    struct link_status now;

    if (ntp == PH_OSC_NOW)
        return 0;
    if (!c->osc) /* a score: its time starts at 0 */
        return (uint64_t)llround(ph_ntp_to_seconds(ntp) * c->engine.rate_hz);
    link_snapshot_read(c->snapshot, &now);
    if (now.ntp == 0) /* no wall clock: nothing has rendered yet */
        return 0;
    const double rate = now.frames_per_second > 0 ? now.frames_per_second : c->engine.rate_hz;
    const double ahead = ph_ntp_difference_seconds(ntp, now.ntp) * rate;
    const double frame = (double)now.frame + ahead;
    return frame < 1 ? 1 : (uint64_t)llround(frame); /* the past stays visible as late */
}

ph_status nrt_call_stage(struct call *call, struct link_command command)
{
    if (call->request_id == 0)
        call->request_id = nrt_request_new(call->c, call->sender, call->address, 0);
    command.request_id = call->request_id;
    command.due_frame = call->due_frame;
    return link_ring_stage(call->c->commands, &command) ? PH_OK : PH_FULL;
}

ph_status nrt_call_check_node(struct call *call, int32_t id, bool group)
{
    if (id >= 0)
        return PH_OK;
    snprintf(call->text, sizeof call->text, "%s %d not found", group ? "Group" : "Node", id);
    return PH_NODE_NOT_FOUND;
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

/* ---- server ---------------------------------------------------------------------------------- */

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

/** Notifications that nobody gets are not made: half of what a short voice reports would be for nothing. */
static ph_status tell_listeners(struct nrt_context *c)
{
    struct link_command command = {.kind = LINK_LISTEN};
    for (uint32_t i = 0; i < NRT_CLIENTS_MAX; i++)
        command.u.node.value |= c->replies.clients[i].used;
    return link_ring_stage(c->commands, &command) ? PH_OK : PH_FULL;
}

/** @param wanted  id the client asks for, or -1 */
static ph_status log_in(struct call *call, int32_t wanted)
{
    struct nrt_context *const c = call->c;
    int32_t id = wanted;

    for (int32_t i = 0; !client_id_is_free(c, id) && i < (int32_t)logins(c); i++)
        id = i;
    if (!client_id_is_free(c, id)) {
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

static ph_status notify(struct call *call)
{
    int32_t on, wanted = -1;

    if (!ph_osc_next_int(&call->args, &on))
        return PH_WRONG_TYPE;
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
        client->used = false;
        (void)tell_listeners(call->c); /* if there is no room, what is sent is dropped here */
        nrt_reply_done(call->c, call->sender, "/notify");
    } else {
        nrt_reply_fail(call->c, call->sender, "/notify", "not registered\n");
    }
    return PH_OK;
}

static ph_status tell_status(struct call *call)
{
    struct link_status s;

    link_snapshot_read(call->c->snapshot, &s);
    nrt_reply(call->c, call->sender, "/status.reply", "iiiiiffdd", 1, (int32_t)s.n_units,
              (int32_t)s.n_synths, (int32_t)s.n_groups, (int32_t)nrt_defs_count(call->c->defs),
              100 * (double)s.load_mean, 100 * (double)s.load_worst,
              (double)call->c->engine.rate_hz, s.frames_per_second);
    return PH_OK;
}

static ph_status tell_version(struct call *call)
{
    /* clients read the first four as the version of scsynth's protocol, which is 3.13's */
    nrt_reply(call->c, call->sender, "/version.reply", "siisss", "scsynth", 3, 13, ".0", "phonond", "");
    return PH_OK;
}

static ph_status quit(struct call *call)
{
    nrt_reply_done(call->c, call->sender, "/quit");
    call->c->quit = true;
    return PH_OK;
}

static ph_status answer_sync(struct call *call)
{
    int32_t id = 0;

    ph_osc_next_int(&call->args, &id);
    call->request_id = nrt_request_new(call->c, call->sender, call->address, id);
    return nrt_call_stage(call, (struct link_command){.kind = LINK_SYNC});
}

static ph_status clear_sched(struct call *call)
{
    return nrt_call_stage(call, (struct link_command){.kind = LINK_CLEAR_SCHED});
}

/* ---- dispatch -------------------------------------------------------------------------------- */

static nrt_handler *const handlers[PH_ADDR_COUNT] = {
    [PH_ADDR_NOTIFY] = notify,
    [PH_ADDR_STATUS] = tell_status,
    [PH_ADDR_QUIT] = quit,
    [PH_ADDR_D_RECV] = nrt_do_d_recv,
    [PH_ADDR_D_FREE] = nrt_do_d_free,
    [PH_ADDR_S_NEW] = nrt_do_s_new,
    [PH_ADDR_N_FREE] = nrt_do_n_free,
    [PH_ADDR_N_RUN] = nrt_do_n_run,
    [PH_ADDR_N_SET] = nrt_do_n_set,
    [PH_ADDR_G_NEW] = nrt_do_g_new,
    [PH_ADDR_G_FREE_ALL] = nrt_do_g_free_all,
    [PH_ADDR_B_ALLOC] = nrt_do_b_alloc,
    [PH_ADDR_B_ALLOC_READ] = nrt_do_b_alloc_read,
    [PH_ADDR_B_FREE] = nrt_do_b_free,
    [PH_ADDR_C_SET] = nrt_do_c_set,
    [PH_ADDR_C_GET] = nrt_do_c_get,
    [PH_ADDR_C_GETN] = nrt_do_c_getn,
    [PH_ADDR_CLEAR_SCHED] = clear_sched,
    [PH_ADDR_SYNC] = answer_sync,
    [PH_ADDR_VERSION] = tell_version,
};

/** Failures of buffer commands name the buffer, so that clients know whose action to drop. */
static void tell_failure(const struct call *call, const struct ph_osc_message *m, ph_status why)
{
    const char *const address = ph_addresses[call->address].address;
    const char *const text = call->text[0] ? call->text : ph_status_text(why);
    int32_t buffer;

    if (!call->sender) /* a score: nobody hears the answer */
        nrt_log(NRT_LOG_WARNING, "%s: %s", address, text);
    if (strncmp(address, "/b_", 3) == 0) {
        struct ph_osc_args args = ph_osc_args(m);
        if (ph_osc_next_int(&args, &buffer)) {
            nrt_reply(call->c, call->sender, "/fail", "ssi", address, text, buffer);
            return;
        }
    }
    nrt_reply_fail(call->c, call->sender, address, text);
}

static void carry_out(struct call *call, const struct ph_osc_message *m)
{
    const uint64_t frame = due_frame(call->c, m->time_ntp);

    if (frame)
        call->due_frame = frame;
    call->args = ph_osc_args(m);
    const ph_status status =
        handlers[call->address] ? handlers[call->address](call) : PH_NO_COMMAND;
    if (status != PH_OK)
        tell_failure(call, m, status);
}

void nrt_scsynth_message(struct nrt_context *context, const struct nrt_sender *sender, int address,
                         const struct ph_osc_message *message)
{
    struct call call; /* field by field: its text need not be cleared for every message */
    call.c = context;
    call.sender = sender;
    call.address = address;
    call.due_frame = 0;
    call.request_id = 0;
    call.depth = 0;
    call.text[0] = 0;
    carry_out(&call, message);
}

void nrt_scsynth_begin(struct nrt_context *context)
{
    (void)tell_listeners(context); /* if there is no room, what is sent is dropped by reclaim.c */
    link_ring_publish(context->commands);
}

void nrt_scsynth_forget_connection(struct nrt_context *context, uint32_t connection)
{
    for (uint32_t i = 0; i < NRT_CLIENTS_MAX; i++)
        if (context->replies.clients[i].sender.connection == connection)
            context->replies.clients[i].used = false;
    nrt_scsynth_begin(context);
}
