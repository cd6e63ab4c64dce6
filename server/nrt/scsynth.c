/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/scsynth.c - scsynth's door: check, translate, keep nothing.                         */
/* room: command thread.                                                                          */
#include "server/nrt/scsynth.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/synthdef.h"
#include "protocol/timetag.h"
#include "server/link/command.h"
#include "server/load/bank.h"
#include "server/nrt/context.h"
#include "server/nrt/defs.h"
#include "server/nrt/log.h"
#include "server/nrt/reply.h"

enum {
    COMPLETION_DEPTH_MAX = 4,      /* completion messages inside completion messages */
    BUFFER_SAMPLES_MAX = 1 << 28,  /* of one buffer, all channels: 1 GiB */
    BUFFER_CHANNELS_MAX = 1024,
    ACTION_REPLACE = 4,
    NO_ID = -1                     /* /s_new and /g_new: the server picks, the node stays hidden */
};

/** One message being carried out. */
struct call {
    struct nrt_context *c;
    const struct nrt_sender *sender; /* NULL offline */
    int address;
    struct ph_osc_args args;
    uint64_t due_frame;
    uint32_t request_id; /* made with the first message to the audio thread */
    int depth;           /* of completion messages */
    char text[96];       /* why it failed, when the status's own text is not scsynth's */
};

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

static ph_status stage(struct call *call, struct link_command command)
{
    if (call->request_id == 0)
        call->request_id = nrt_request_new(call->c, call->sender, call->address, 0);
    command.request_id = call->request_id;
    command.due_frame = call->due_frame;
    return link_ring_stage(call->c->commands, &command) ? PH_OK : PH_FULL;
}

/** Ids below 0 are the server's own nodes: no client finds them. */
static ph_status check_node(struct call *call, int32_t id, bool group)
{
    if (id >= 0)
        return PH_OK;
    snprintf(call->text, sizeof call->text, "%s %d not found", group ? "Group" : "Node", id);
    return PH_NODE_NOT_FOUND;
}

static ph_status check_new_id(struct call *call, int32_t id)
{
    if (id > 0 || id == NO_ID)
        return PH_OK;
    if (id == 0)
        return PH_DUPLICATE_NODE;
    snprintf(call->text, sizeof call->text, "negative node IDs are reserved");
    return PH_OUT_OF_RANGE;
}

static ph_status check_target(struct call *call, int32_t action, int32_t target)
{
    if (action < 0 || action > ACTION_REPLACE)
        return PH_OUT_OF_RANGE;
    if (action == ACTION_REPLACE && target == 0) {
        snprintf(call->text, sizeof call->text, "can't replace group 0");
        return PH_OUT_OF_RANGE;
    }
    return check_node(call, target, action < 2);
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

/** The optional completion message at the end; an integer (sclang's nil) means there is none. */
static void run_completion(struct call *call)
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
    return stage(call, (struct link_command){.kind = LINK_SYNC});
}

static ph_status clear_sched(struct call *call)
{
    return stage(call, (struct link_command){.kind = LINK_CLEAR_SCHED});
}

/* ---- definitions ----------------------------------------------------------------------------- */

static void add_def(struct nrt_context *c, const struct ph_synthdef *def)
{
    char error[128] = "";
    struct rt_def *compiled = NULL;
    const struct nrt_target target = nrt_target_of(&c->engine);
    ph_status status = nrt_def_compile(def, c->symbols, &target, &compiled, error);

    if (status == PH_OK) {
        status = nrt_defs_add(c->defs, compiled);
        if (status != PH_OK)
            nrt_def_release(compiled);
    }
    if (status != PH_OK)
        nrt_log(NRT_LOG_WARNING, "SynthDef %.100s: %s", def->name,
                error[0] ? error : ph_status_text(status));
}

/** As in scsynth a definition that can't be used is printed and passed over: the answer is /done. */
static ph_status d_recv(struct call *call)
{
    const uint8_t *blob;
    size_t size;
    struct ph_synthdef *defs;
    uint32_t n_defs;

    if (!ph_osc_next_blob(&call->args, &blob, &size))
        return PH_WRONG_TYPE;
    const ph_status status = ph_synthdefs_read(blob, size, &defs, &n_defs);
    if (status != PH_OK)
        nrt_log(NRT_LOG_WARNING, "/d_recv: %s", ph_status_text(status));
    for (uint32_t i = 0; i < n_defs; i++)
        add_def(call->c, &defs[i]);
    ph_synthdefs_free(defs, n_defs);
    run_completion(call);
    nrt_reply_done(call->c, call->sender, "/d_recv");
    return PH_OK;
}

static ph_status d_free(struct call *call)
{
    const char *name;

    while (*call->args.tags) {
        if (!ph_osc_next_text(&call->args, &name))
            return PH_WRONG_TYPE;
        nrt_defs_remove(call->c->defs, name);
    }
    return PH_OK;
}

/* ---- controls -------------------------------------------------------------------------------- */

/** A control as clients name it. */
struct control {
    uint32_t symbol; /* 0: by index */
    uint32_t index;
    bool known;      /* false: a name that no definition has; it is passed over, as in scsynth */
};

static ph_status read_control(struct call *call, struct control *out)
{
    const char *name;
    int32_t index;

    *out = (struct control){0};
    if (ph_osc_next_text(&call->args, &name)) {
        out->symbol = nrt_symbol_find(call->c->symbols, name);
        out->known = out->symbol != 0;
        return PH_OK;
    }
    if (!ph_osc_next_int(&call->args, &index))
        return PH_WRONG_TYPE;
    out->index = (uint32_t)index;
    out->known = index >= 0;
    return PH_OK;
}

typedef ph_status set_control(struct call *call, void *target, const struct control *control,
                              uint32_t offset, float value);

/** One value, or the values of an array in brackets: those go to the elements that follow. */
static ph_status read_values(struct call *call, void *target, const struct control *control,
                             set_control *set)
{
    const bool array = *call->args.tags == '[';
    ph_status status = PH_OK;
    float value;

    if (array)
        ph_osc_next(&call->args);
    for (uint32_t offset = 0; status == PH_OK; offset++) {
        if (array && *call->args.tags == ']') {
            ph_osc_next(&call->args);
            break;
        }
        if (*call->args.tags == 's') /* "c5", "a5": buses that a control follows */
            return PH_UNSUPPORTED;
        if (!ph_osc_next_float(&call->args, &value))
            return PH_WRONG_TYPE;
        if (control->known)
            status = set(call, target, control, offset, value);
        if (!array)
            break;
    }
    return status;
}

/** Pairs of control and value up to the end of the message. */
static ph_status read_pairs(struct call *call, void *target, set_control *set)
{
    ph_status status = PH_OK;

    while (status == PH_OK && *call->args.tags) {
        struct control control;
        status = read_control(call, &control);
        if (status == PH_OK)
            status = read_values(call, target, &control, set);
    }
    return status;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

/** Sets a control of a synth that nobody plays yet. Arrays end with the parameter's own width. */
static ph_status set_new(struct call *call, void *target, const struct control *control,
                         uint32_t offset, float value)
{
    struct rt_synth *const synth = target;
    (void)call;

    if (control->symbol == 0) {
        nrt_synth_set_index(synth, control->index + offset, value);
        return PH_OK;
    }
    for (uint32_t i = 0; i < synth->def->n_params; i++) {
        const struct rt_param *const p = &synth->def->params[i];
        if (p->symbol == control->symbol && offset < p->n_controls)
            nrt_synth_set_index(synth, p->first_control + offset, value);
    }
    return PH_OK;
}

/** Differs from synth to synth, equal on every run of a score. Units mix it further. */
static uint64_t seed_of(const struct rt_def *def, int32_t id, uint64_t frame)
{
    const uint64_t z = (def->name_hash ^ (uint32_t)id) * UINT64_C(0xff51afd7ed558ccd) + frame;
    return (z ^ z >> 32) * UINT64_C(0xc4ceb9fe1a85ec53);
}

static ph_status s_new(struct call *call)
{
    const char *name;
    int32_t id = NO_ID, action = 0, target = 0;
    struct rt_synth *synth = NULL;

    if (!ph_osc_next_text(&call->args, &name))
        return PH_WRONG_TYPE;
    if (*call->args.tags && !ph_osc_next_int(&call->args, &id))
        return PH_WRONG_TYPE;
    if (*call->args.tags && !ph_osc_next_int(&call->args, &action))
        return PH_WRONG_TYPE;
    if (*call->args.tags && !ph_osc_next_int(&call->args, &target))
        return PH_WRONG_TYPE;
    struct rt_def *const def = nrt_defs_find(call->c->defs, name);
    if (!def)
        return PH_DEF_NOT_FOUND;
    ph_status status = check_new_id(call, id);
    if (status == PH_OK)
        status = check_target(call, action, target);
    if (status == PH_OK)
        status = nrt_synth_new(def, id, seed_of(def, id, call->due_frame), &synth);
    if (status != PH_OK)
        return status;
    status = read_pairs(call, synth, set_new);
    if (status == PH_OK)
        status = stage(call, (struct link_command){
                                 .kind = LINK_SYNTH_ADD,
                                 .u.add = {.synth = synth, .target = target,
                                           .action = (uint8_t)action}});
    if (status != PH_OK)
        nrt_synth_free(synth);
    return status;
}

static ph_status new_group(struct call *call, int32_t id, int32_t action, int32_t target)
{
    struct rt_group *group;
    ph_status status = check_new_id(call, id);

    if (status == PH_OK)
        status = check_target(call, action, target);
    if (status == PH_OK)
        status = nrt_group_new(id, &group);
    if (status != PH_OK)
        return status;
    status = stage(call, (struct link_command){.kind = LINK_GROUP_ADD,
                                               .u.add = {.group = group, .target = target,
                                                         .action = (uint8_t)action}});
    if (status != PH_OK)
        nrt_group_free(group);
    return status;
}

static ph_status g_new(struct call *call)
{
    ph_status status = PH_OK;

    while (status == PH_OK && *call->args.tags) {
        int32_t id, action = 0, target = 0;
        if (!ph_osc_next_int(&call->args, &id) ||
            (*call->args.tags && !ph_osc_next_int(&call->args, &action)) ||
            (*call->args.tags && !ph_osc_next_int(&call->args, &target)))
            return PH_WRONG_TYPE;
        status = new_group(call, id, action, target);
    }
    return status;
}

/** The same message for every id of the list; it stops at the first that fails. */
static ph_status each_node(struct call *call, enum link_command_kind kind)
{
    ph_status status = PH_OK;

    while (status == PH_OK && *call->args.tags) {
        int32_t id;
        if (!ph_osc_next_int(&call->args, &id))
            return PH_WRONG_TYPE;
        status = check_node(call, id, kind == LINK_GROUP_FREE_ALL);
        if (status == PH_OK)
            status = stage(call, (struct link_command){.kind = kind, .u.node.id = id});
    }
    return status;
}

static ph_status n_free(struct call *call)
{
    return each_node(call, LINK_NODE_FREE);
}

static ph_status g_free_all(struct call *call)
{
    return each_node(call, LINK_GROUP_FREE_ALL);
}

static ph_status n_run(struct call *call)
{
    ph_status status = PH_OK;

    while (status == PH_OK && *call->args.tags) {
        int32_t id, on;
        if (!ph_osc_next_int(&call->args, &id) || !ph_osc_next_int(&call->args, &on))
            return PH_WRONG_TYPE;
        status = check_node(call, id, false);
        if (status == PH_OK)
            status = stage(call, (struct link_command){.kind = LINK_NODE_RUN,
                                                       .u.node = {.id = id, .value = on != 0}});
    }
    return status;
}

/** Sets a control of a playing node: the audio thread finds it. */
static ph_status set_playing(struct call *call, void *target, const struct control *control,
                             uint32_t offset, float value)
{
    const int32_t *const id = target;

    return stage(call, (struct link_command){.kind = LINK_NODE_SET,
                                             .u.set = {.id = *id, .symbol = control->symbol,
                                                       .index = control->index + offset,
                                                       .value = value}});
}

static ph_status n_set(struct call *call)
{
    int32_t id;

    if (!ph_osc_next_int(&call->args, &id))
        return PH_WRONG_TYPE;
    const ph_status status = check_node(call, id, false);
    return status == PH_OK ? read_pairs(call, &id, set_playing) : status;
}

static ph_status c_set(struct call *call)
{
    ph_status status = PH_OK;

    while (status == PH_OK && *call->args.tags) {
        int32_t index;
        float value;
        if (!ph_osc_next_int(&call->args, &index) || !ph_osc_next_float(&call->args, &value))
            return PH_WRONG_TYPE;
        if (index < 0 || (uint32_t)index >= call->c->engine.n_control_buses)
            return PH_OUT_OF_RANGE;
        status = stage(call, (struct link_command){.kind = LINK_CONTROL_BUS_SET,
                                                   .u.bus = {(uint32_t)index, value}});
    }
    return status;
}

/* ---- buffers --------------------------------------------------------------------------------- */

static ph_status read_buffer_number(struct call *call, uint32_t *out)
{
    int32_t number;

    if (!ph_osc_next_int(&call->args, &number))
        return PH_WRONG_TYPE;
    if (number < 0 || (uint32_t)number >= call->c->n_user_buffers)
        return PH_OUT_OF_RANGE;
    *out = (uint32_t)number;
    return PH_OK;
}

/** True when clients' buffers may grow by so much: no client shall eat the machine's memory. */
static bool has_room(const struct call *call, uint64_t bytes)
{
    return call->c->client_buffer_bytes + bytes <= NRT_CLIENT_BUFFERS_BYTES_MAX;
}

/** Gives `contents` to the audio thread, which hands back what was in the slot before. */
static ph_status swap_buffer(struct call *call, uint32_t number, const struct dsp_buffer *contents)
{
    struct dsp_buffer *const gives = malloc(sizeof *gives);
    const uint64_t bytes = nrt_buffer_bytes(contents);
    ph_status status = gives && has_room(call, bytes) ? PH_OK : PH_NO_MEMORY;

    if (status == PH_OK) {
        *gives = *contents;
        status = stage(call, (struct link_command){.kind = LINK_BUFFER_SWAP,
                                                   .u.buffer = {gives, number}});
    }
    if (status != PH_OK) {
        struct dsp_buffer unused = *contents;
        load_buffer_finish(&unused);
        free(gives);
        return status;
    }
    call->c->client_buffer_bytes += bytes;
    run_completion(call);
    nrt_reply(call->c, call->sender, "/done", "si", ph_addresses[call->address].address,
              (int32_t)number);
    return PH_OK;
}

static ph_status b_alloc(struct call *call)
{
    uint32_t number;
    int32_t n_frames = 0, n_channels = 1;
    const ph_status status = read_buffer_number(call, &number);

    if (status != PH_OK)
        return status;
    if (!ph_osc_next_int(&call->args, &n_frames) ||
        (*call->args.tags && *call->args.tags != 'b' && !ph_osc_next_int(&call->args, &n_channels)))
        return PH_WRONG_TYPE;
    if (n_frames <= 0 || n_channels <= 0 || n_channels > BUFFER_CHANNELS_MAX)
        return PH_OUT_OF_RANGE;
    if ((int64_t)n_frames * n_channels > BUFFER_SAMPLES_MAX)
        return PH_TOO_LARGE;
    const size_t bytes = (size_t)n_frames * (size_t)n_channels * sizeof(float);
    if (!has_room(call, bytes)) /* before its pages are touched */
        return PH_NO_MEMORY;
    const struct dsp_buffer contents = {.data = malloc(bytes), .n_frames = (uint32_t)n_frames,
                                        .n_channels = (uint32_t)n_channels,
                                        .rate_hz = (float)call->c->engine.rate_hz};
    if (!contents.data)
        return PH_NO_MEMORY;
    memset(contents.data, 0, bytes); /* also touches every page before the audio thread does */
    return swap_buffer(call, number, &contents);
}

/** Files are read for programs on this machine only: a path is no business of the network's. */
static bool is_local(const struct nrt_sender *sender)
{
    if (!sender)
        return true;
    if (sender->address.ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, &sender->address, sizeof v4);
        return ntohl(v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    if (sender->address.ss_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, &sender->address, sizeof v6);
        return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
    }
    return false;
}

static ph_status b_alloc_read(struct call *call)
{
    uint32_t number;
    const char *path;
    int32_t start = 0, n_frames = 0;
    struct dsp_buffer contents = {0};
    char error[LOAD_ERROR_BYTES] = "";
    ph_status status = read_buffer_number(call, &number);

    if (status != PH_OK)
        return status;
    if (!ph_osc_next_text(&call->args, &path))
        return PH_WRONG_TYPE;
    ph_osc_next_int(&call->args, &start);
    ph_osc_next_int(&call->args, &n_frames);
    const char *const root = call->c->file_root;
    const int64_t first = start > 0 ? start : 0;
    /* rate 0: the file's own, as in scsynth; BufRateScale makes up for the difference */
    if (root)
        status = load_file_beneath(root, path, 0, first, n_frames, &contents, error);
    else if (is_local(call->sender))
        status = load_file(path, 0, first, n_frames, &contents, error);
    else
        status = PH_ACCESS;
    if (status != PH_OK) {
        nrt_log(NRT_LOG_WARNING, "/b_allocRead %.200s: %s", path, error);
        snprintf(call->text, sizeof call->text, "%.90s", error[0] ? error : ph_status_text(status));
        return status;
    }
    return swap_buffer(call, number, &contents);
}

static ph_status b_free(struct call *call)
{
    uint32_t number;
    const ph_status status = read_buffer_number(call, &number);

    return status == PH_OK ? swap_buffer(call, number, &(struct dsp_buffer){0}) : status;
}

/* ---- dispatch -------------------------------------------------------------------------------- */

static ph_status (*const handlers[PH_ADDR_COUNT])(struct call *) = {
    [PH_ADDR_NOTIFY] = notify,
    [PH_ADDR_STATUS] = tell_status,
    [PH_ADDR_QUIT] = quit,
    [PH_ADDR_D_RECV] = d_recv,
    [PH_ADDR_D_FREE] = d_free,
    [PH_ADDR_S_NEW] = s_new,
    [PH_ADDR_N_FREE] = n_free,
    [PH_ADDR_N_RUN] = n_run,
    [PH_ADDR_N_SET] = n_set,
    [PH_ADDR_G_NEW] = g_new,
    [PH_ADDR_G_FREE_ALL] = g_free_all,
    [PH_ADDR_B_ALLOC] = b_alloc,
    [PH_ADDR_B_ALLOC_READ] = b_alloc_read,
    [PH_ADDR_B_FREE] = b_free,
    [PH_ADDR_C_SET] = c_set,
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
