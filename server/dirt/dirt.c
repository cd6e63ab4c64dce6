/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/dirt.c - SuperDirt's messages: events, handshake, questions.                       */
/* room: command thread.                                                                          */
#include "server/dirt/dirt.h"

#include <lo/lo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/dirt/synths.h"
#include "server/dirt/voice.h"
#include "server/load/finder.h"
#include "server/nrt/context.h"
#include "server/nrt/defs.h"
#include "server/nrt/log.h"
#include "server/nrt/scsynth.h"

enum {
    NAME_BYTES = 128,
    UNKNOWN_MAX = 64,      /* names that are told of */
    WAITING_MAX = 4096,    /* events whose samples are being read ... */
    WAIT_SECONDS = 5,      /* ... up to so long behind their time, or their arrival */
    ACTION_TAIL = 1,
    FADE_MS = 1,           /* of what is cut: SuperDirt's fadeTime */
    LISTENERS_MAX = 8,     /* of levels */
    MIN_FRAMES = 8,        /* shorter events are dropped */
    TAG_BITS = 8,          /* of the table of time tags */
    FIRST_EVENT_ID = -1900000000, LAST_EVENT_ID = -1100000000
};
#define LATENCY_MAX_SECONDS 42.0 /* further ahead is taken for a clock that is wrong ... */
#define LATENCY_USUAL_SECONDS 0.2 /* ... and played so far ahead */

/** An event that waits: its message, as it came. `frame` is its own, or that of its arrival if later. */
struct waiting {
    struct waiting *next;
    uint64_t time_ntp, frame;
    size_t tags_size, args_size;
    uint8_t bytes[];
};

struct tag {
    uint64_t time_ntp, frame;
};

struct unknown {
    uint64_t hash;
    char name[40], nearest[LOAD_WORD_BYTES];
};

struct dirt {
    struct dirt_config config;
    struct nrt_context *c;
    struct dirt_reader reader;
    struct dirt_voices *voices; /* NULL: nothing has been played yet */
    struct dirt_orbits *orbits;
    struct load_finder finder;
    int32_t next_id;
    uint64_t serial; /* of events: seeds */
    struct waiting *waiting_first, *waiting_last;
    struct nrt_sender listeners[LISTENERS_MAX]; /* of /rms */
    uint32_t n_waiting, n_unknown, n_listeners;
    struct unknown unknown[UNKNOWN_MAX];
    uint64_t n_events, n_late, n_ignored, n_clamped, by_orbit[DIRT_ORBITS_MAX];
    double late_worst_seconds;
    bool told_orbit, told_latency;
    struct tag tags[1 << TAG_BITS];
    struct dirt_event event; /* the one in hand */
};

/* ---- beginning, end -------------------------------------------------------------------------- */

ph_status dirt_new(const struct dirt_config *config, struct nrt_context *c, struct dirt **out)
{
    struct dirt *const d = calloc(1, sizeof *d);
    *out = d;
    if (!d)
        return PH_NO_MEMORY;
    d->config = *config;
    d->c = c;
    d->next_id = FIRST_EVENT_ID;
    load_finder_init(&d->finder, c->bank);
    dirt_reader_init(&d->reader, c->engine.n_control_buses, c->n_user_audio_buses);
    return PH_OK;
}

void dirt_free(struct dirt *d)
{
    if (!d)
        return;
    while (d->waiting_first) {
        struct waiting *const w = d->waiting_first;
        d->waiting_first = w->next;
        free(w);
    }
    dirt_voices_free(d->voices);
    dirt_orbits_free(d->orbits);
    free(d);
}

static ph_status stage(void *context, const struct link_command *command)
{
    return nrt_stage(context, command);
}

/** With the first event come the definitions of orbits. */
static ph_status begin(struct dirt *d)
{
    const struct dirt_orbits_config orbits = {
        .target = d->config.target, .symbols = d->c->symbols, .n_orbits = d->config.n_orbits,
        .first_bus = d->config.first_bus, .port_bus = d->config.port_bus,
        .n_ports = d->config.n_ports, .has_ports_each = d->config.has_ports_each, .stage = stage,
        .context = d->c
    };
    ph_status status = PH_OK;
    if (!d->voices)
        status = dirt_voices_new(&d->config.target, d->c->symbols, d->c->fft, &d->voices);
    if (status == PH_OK && !d->orbits)
        status = dirt_orbits_new(&orbits, &d->orbits);
    return status;
}

/* ---- what can't be played -------------------------------------------------------------------- */

static void ignore(struct dirt *d)
{
    d->n_ignored++;
}

static void tell_unknown(struct dirt *d, const char *name)
{
    const uint64_t hash = ph_hash_text(PH_HASH_START, name);
    ignore(d);
    for (uint32_t i = 0; i < d->n_unknown; i++)
        if (d->unknown[i].hash == hash)
            return;
    if (d->n_unknown == UNKNOWN_MAX)
        return;
    struct unknown *const u = &d->unknown[d->n_unknown++];
    u->hash = hash;
    snprintf(u->name, sizeof u->name, "%.39s", name);
    if (load_bank_nearest(d->c->bank, name, u->nearest))
        nrt_log(NRT_LOG_WARNING, "no synth or sample named '%s'; did you mean '%s'?", u->name,
                u->nearest);
    else
        nrt_log(NRT_LOG_WARNING, "no synth or sample named '%s'", u->name);
}

/* ---- time ------------------------------------------------------------------------------------ */

/** Events of one time tag begin on one frame, though the clock's estimate moves while they arrive. */
static uint64_t frame_of_tag(struct dirt *d, uint64_t time_ntp)
{
    struct tag *const t = &d->tags[time_ntp * UINT64_C(0x9E3779B97F4A7C15) >> (64 - TAG_BITS)];
    bool is_ahead;
    if (time_ntp <= PH_OSC_NOW || t->time_ntp != time_ntp || t->frame == 0)
        *t = (struct tag){ time_ntp, nrt_due_frame(d->c, time_ntp, &is_ahead) };
    return t->frame;
}

/** The frame on which the event begins; 0: as soon as possible. */
static uint64_t frame_of(struct dirt *d, const struct dirt_event *e, double late_by)
{
    struct link_status now;
    uint64_t frame = frame_of_tag(d, e->time_ntp);
    const double rate = d->c->engine.rate_hz;
    link_snapshot_read(d->c->snapshot, &now);
    const bool is_live = d->c->osc != NULL;
    if (is_live && frame > now.frame && (double)(frame - now.frame) > LATENCY_MAX_SECONDS * rate) {
        if (!d->told_latency)
            nrt_log(NRT_LOG_WARNING, "events are more than %g s ahead: is the sender's clock right?",
                    LATENCY_MAX_SECONDS);
        d->told_latency = true;
        frame = now.frame + (uint64_t)(LATENCY_USUAL_SECONDS * rate);
    }
    if (late_by == 0)
        return frame;
    const double base = frame > 0 ? (double)frame : (double)now.frame;
    return (uint64_t)fmax(1, round(base + late_by * rate));
}

/** Late ones play at once; how late the worst was is told. */
static void count_late(struct dirt *d, uint64_t frame)
{
    struct link_status now;
    link_snapshot_read(d->c->snapshot, &now);
    if (!d->c->osc || frame == 0 || frame >= now.frame)
        return;
    d->n_late++;
    d->late_worst_seconds =
        fmax(d->late_worst_seconds, (double)(now.frame - frame) / (double)d->c->engine.rate_hz);
}

/* ---- sounds ---------------------------------------------------------------------------------- */

enum kind { NOTHING, WAITS, SAMPLE, CLIENT_SYNTH, OWN_SYNTH };

struct sound_of_event {
    enum kind kind;
    struct load_sample sample;
    struct link_uses *uses;
    struct rt_def *def; /* CLIENT_SYNTH */
    uint32_t synth;     /* OWN_SYNTH */
    char name[NAME_BYTES];
};

/** `s`, or else `sound` as "name:n", with `bank` in front. False: a rest, or no name at all. */
static bool name_of(struct dirt_event *e, char name[NAME_BYTES])
{
    const char *const s = e->words[DIRT_WORD_S], *const sound = e->words[DIRT_WORD_SOUND];
    const char *const bank = e->words[DIRT_WORD_BANK];
    if (s) {
        snprintf(name, NAME_BYTES, "%s", s);
    } else if (sound) {
        const char *const colon = strchr(sound, ':');
        const int n = colon ? (int)(colon - sound) : (int)strlen(sound);
        snprintf(name, NAME_BYTES, "%s%.*s", bank ? bank : "", n < NAME_BYTES ? n : NAME_BYTES, sound);
        dirt_set(e, DIRT_N, colon ? fmin(fmax(strtod(colon + 1, NULL), -1e6), 1e6) : 0);
    } else {
        return false;
    }
    return name[0] && strcmp(name, "\\") != 0;
}

static void find_sound(struct dirt *d, const struct dirt_event *e, struct sound_of_event *out)
{
    const int64_t index = (int64_t)trunc(dirt_get(e, DIRT_N, 0));
    const enum load_found found =
        load_finder_find(&d->finder, out->name, index, &out->sample, &out->uses);
    out->kind = found == LOAD_FOUND ? SAMPLE : found == LOAD_NOT_YET ? WAITS : NOTHING;
    if (out->kind == NOTHING && (out->def = nrt_defs_find(d->c->defs, out->name)))
        out->kind = CLIENT_SYNTH;
    const int own = out->kind == NOTHING ? dirt_synth_find(out->name) : -1;
    if (own >= 0) {
        out->kind = OWN_SYNTH;
        out->synth = (uint32_t)own;
    }
}

/* ---- events ---------------------------------------------------------------------------------- */

static int32_t take_id(struct dirt *d)
{
    const int32_t id = d->next_id;
    d->next_id = id >= LAST_EVENT_ID ? FIRST_EVENT_ID : id + 1;
    return id;
}

static uint32_t orbit_of(struct dirt *d, const struct dirt_event *e)
{
    const double n = dirt_orbits_count(d->orbits), number = trunc(dirt_get(e, DIRT_ORBIT, 0));
    if ((number < 0 || number >= n) && !d->told_orbit) {
        nrt_log(NRT_LOG_WARNING, "orbit %g is none of %g; it wraps", number, n);
        d->told_orbit = true;
    }
    d->n_clamped += number < 0 || number >= n;
    return (uint32_t)(number - n * floor(number / n));
}

/** A voice of an orbit's group, or of the event's own. */
static ph_status send_voice(struct dirt *d, const struct dirt_event *e, struct rt_synth *synth,
                            int32_t group, uint32_t orbit, uint64_t sound_hash, uint64_t frame)
{
    const double cut = trunc(dirt_get(e, DIRT_CUT, 0));
    const struct link_command command = {
        .kind = LINK_VOICE, .due_frame = frame,
        .u.voice = { .synth = synth, .group_id = group, .cut = (int32_t)fabs(cut),
                     .cut_scope = (uint16_t)(orbit + 1), .cut_sound = (uint32_t)sound_hash,
                     .cut_flags = (uint8_t)((cut < 0 ? LINK_CUT_SAME_SOUND : 0) |
                                            (dirt_get(e, DIRT_CUT_ALL, 0) != 0 ? LINK_CUT_ANY_SCOPE : 0)),
                     .fade_ms = FADE_MS }
    };
    const ph_status status = nrt_stage(d->c, &command);
    if (status != PH_OK)
        nrt_synth_free(synth);
    return status;
}

/** What the event's synth is made for. */
static struct dirt_form form_of(const struct dirt_event *e, const struct sound_of_event *sound)
{
    struct dirt_form form = { .modules = dirt_modules_of(e), .follows = e->n_maps > 0,
                              .is_routed = dirt_is_said(e, DIRT_TO) };
    if (sound->kind == SAMPLE) {
        form.n_channels = sound->sample.n_channels > 1 ? 2 : 1;
        form.glides = dirt_get(e, DIRT_ACCELERATE, 0) != 0;
        form.stretches = dirt_has(e, DIRT_TIMESCALE);
    } else if (sound->kind == OWN_SYNTH) {
        form.n_channels = (uint8_t)dirt_synth_channels(sound->synth);
        form.synth = (uint8_t)(sound->synth + 1);
    }
    return form;
}

static ph_status play_voice(struct dirt *d, const struct dirt_event *e, struct dirt_values *values,
                            const struct sound_of_event *sound, uint32_t orbit, int32_t group,
                            uint64_t frame)
{
    const bool is_sample = sound->kind == SAMPLE;
    const struct dirt_form form = form_of(e, sound);
    const uint64_t hash = ph_hash_text(PH_HASH_START, sound->name) +
                          (is_sample ? sound->sample.buffer_number : 0);
    struct rt_synth *synth;
    values->list[DIRT_Q_IN] = (float)(sound->kind == OWN_SYNTH
                                          ? dirt_route_bus(d->orbits, dirt_get(e, DIRT_FROM, 0))
                                          : dirt_orbit_sound_bus(d->orbits, orbit));
    values->list[DIRT_Q_OUT] = (float)(form.is_routed
                                           ? dirt_route_bus(d->orbits, dirt_get(e, DIRT_TO, 0))
                                           : dirt_orbit_dry_bus(d->orbits, orbit));
    const ph_status status =
        dirt_voices_make(d->voices, &form, e, values, take_id(d), d->serial, &synth);
    if (status != PH_OK)
        return status;
    if (is_sample)
        synth->uses = load_bank_use(d->c->bank, &sound->sample);
    synth->ends_group = sound->kind == CLIENT_SYNTH;
    return send_voice(d, e, synth, group, orbit, hash, frame);
}

/** The client's synth, and behind it effects and gate, in a group that ends with them. */
static ph_status play_client_synth(struct dirt *d, const struct dirt_event *e,
                                   struct dirt_values *values, const struct sound_of_event *sound,
                                   uint32_t orbit, uint64_t frame)
{
    const int32_t id = take_id(d);
    struct rt_group *group;
    struct rt_synth *synth;
    ph_status status = nrt_group_new(id, &group);
    if (status != PH_OK)
        return status;
    status = nrt_stage(d->c, &(struct link_command){
                                 .kind = LINK_GROUP_ADD, .due_frame = frame,
                                 .u.add = { .group = group, .target = dirt_orbit_group(orbit),
                                            .action = ACTION_TAIL } });
    if (status != PH_OK) {
        nrt_group_free(group);
        return status;
    }
    status = nrt_synth_bare(sound->def, take_id(d), d->serial, &synth);
    if (status != PH_OK)
        return status;
    values->list[DIRT_Q_OUT] = (float)dirt_orbit_sound_bus(d->orbits, orbit);
    dirt_client_set(d->c->symbols, e, values, synth);
    status = nrt_synth_fit(synth, NULL);
    if (status != PH_OK)
        return status;
    status = nrt_stage(d->c, &(struct link_command){ .kind = LINK_SYNTH_ADD, .due_frame = frame,
                                                     .u.add = { .synth = synth, .target = id,
                                                                .action = ACTION_TAIL } });
    if (status != PH_OK) {
        nrt_synth_free(synth);
        return status;
    }
    return play_voice(d, e, values, sound, orbit, id, frame);
}

/** `toArg`: the parameter of that name follows the bus `from`. */
static void follow_route(struct dirt *d, struct dirt_event *e)
{
    const char *const name = e->words[DIRT_WORD_TO_ARG];
    if (name && e->n_maps < DIRT_MAPS_MAX)
        e->maps[e->n_maps++] = (struct dirt_map){
            name, dirt_route_bus(d->orbits, dirt_get(e, DIRT_FROM, 0)), true };
}

static double seconds_of(const struct dirt *d, const struct sound_of_event *sound)
{
    return sound->kind == SAMPLE ? sound->sample.n_frames / (double)d->c->engine.rate_hz : 0;
}

/** Ratio of the sample's own pitch to MIDI note 60, for `metatune`. */
static double tune_of(const struct sound_of_event *sound)
{
    const bool is_known = sound->kind == SAMPLE && sound->sample.note > 0;
    return is_known ? exp2((60 - (double)sound->sample.note) / 12) : 1;
}

static ph_status play_sound(struct dirt *d, struct dirt_event *e, const struct sound_of_event *sound)
{
    struct dirt_span span;
    struct dirt_values values;
    const double shortest = MIN_FRAMES / (double)d->c->engine.rate_hz;
    if (!dirt_span_find(e, seconds_of(d, sound), tune_of(sound), shortest, &span)) {
        ignore(d);
        return PH_OK;
    }
    const uint32_t orbit = orbit_of(d, e);
    const uint64_t frame = frame_of(d, e, span.late_by);
    count_late(d, frame);
    dirt_values_find(e, &span, &values);
    values.list[DIRT_Q_BUFFER] = (float)sound->sample.buffer_number;
    values.list[DIRT_Q_FRAMES] = (float)sound->sample.n_frames;
    ph_status status = dirt_orbit_wake(d->orbits, orbit);
    if (status == PH_OK)
        status = dirt_orbit_set(d->orbits, orbit, e, frame);
    if (status == PH_OK && sound->kind == CLIENT_SYNTH)
        status = play_client_synth(d, e, &values, sound, orbit, frame);
    else if (status == PH_OK)
        status = play_voice(d, e, &values, sound, orbit, dirt_orbit_group(orbit), frame);
    d->serial++;
    d->n_events++;
    d->by_orbit[orbit]++;
    return status;
}

/** Keeps the message until its sample has been read. */
static void wait_for_sample(struct dirt *d, const struct ph_osc_message *m)
{
    const size_t tags_size = strlen(m->tags) + 1;
    bool is_ahead;
    struct link_status now;
    link_snapshot_read(d->c->snapshot, &now);
    const uint64_t frame = nrt_due_frame(d->c, m->time_ntp, &is_ahead);
    struct waiting *const w =
        d->n_waiting < WAITING_MAX ? malloc(sizeof *w + m->args_size + tags_size) : NULL;
    if (!w) {
        ignore(d);
        return;
    }
    *w = (struct waiting){ .time_ntp = m->time_ntp, .frame = frame > now.frame ? frame : now.frame,
                           .tags_size = tags_size, .args_size = m->args_size };
    memcpy(w->bytes, m->args, m->args_size);
    memcpy(w->bytes + m->args_size, m->tags, tags_size);
    *(d->waiting_last ? &d->waiting_last->next : &d->waiting_first) = w;
    d->waiting_last = w;
    d->n_waiting++;
}

/** False: it waits for its sample, which has been asked for. */
static bool play(struct dirt *d, const struct ph_osc_message *m)
{
    struct dirt_event *const e = &d->event;
    struct sound_of_event sound = { .kind = NOTHING };
    dirt_event_read(&d->reader, m, e);
    if (!name_of(e, sound.name)) {
        d->n_ignored += !e->words[DIRT_WORD_S]; /* a rest is none */
        return true;
    }
    ph_status status = begin(d);
    if (status == PH_OK) {
        find_sound(d, e, &sound);
        follow_route(d, e);
    }
    if (sound.kind == WAITS)
        return false;
    d->n_clamped += e->n_ignored;
    if (status == PH_OK && sound.kind == NOTHING && strcmp(sound.name, "superpanic") == 0)
        status = dirt_orbits_clear(d->orbits, frame_of(d, e, 0));
    else if (status == PH_OK && sound.kind == NOTHING)
        tell_unknown(d, sound.name);
    else if (status == PH_OK)
        status = play_sound(d, e, &sound);
    link_uses_release(sound.uses);
    if (status != PH_OK) {
        nrt_log(NRT_LOG_WARNING, "event %s: %s", sound.name, ph_status_text(status));
        ignore(d);
    }
    return true;
}

void dirt_turn(struct dirt *d)
{
    struct link_status now;
    struct waiting **at = &d->waiting_first;
    if (!*at)
        return;
    link_snapshot_read(d->c->snapshot, &now);
    d->waiting_last = NULL;
    while (*at) {
        struct waiting *const w = *at;
        const struct ph_osc_message m = { .time_ntp = w->time_ntp, .address = "/dirt/play", .command = -1,
                                          .args = w->bytes, .args_size = w->args_size,
                                          .tags = (const char *)w->bytes + w->args_size };
        const bool is_over = now.frame > w->frame + WAIT_SECONDS * (uint64_t)d->c->engine.rate_hz;
        const bool is_played = play(d, &m);
        if (!is_played && !is_over) {
            d->waiting_last = w;
            at = &w->next;
            continue;
        }
        d->n_ignored += !is_played;
        *at = w->next;
        d->n_waiting--;
        free(w);
    }
    link_ring_publish(d->c->commands);
}

/* ---- questions ------------------------------------------------------------------------------- */

static void answer_handshake(struct dirt *d, const struct nrt_sender *to)
{
    const lo_message m = lo_message_new();
    if (!m)
        return;
    lo_message_add_string(m, "&serverHostname");
    lo_message_add_string(m, "127.0.0.1");
    lo_message_add_string(m, "&serverPort");
    lo_message_add_int32(m, d->config.server_port);
    lo_message_add_string(m, "&controlBusIndices");
    for (uint32_t i = 0; i < d->config.n_control_buses; i++)
        lo_message_add_int32(m, (int32_t)(d->config.first_control_bus + i));
    nrt_reply_message(d->c, to, "/dirt/handshake/reply", m);
    lo_message_free(m);
}

/** Pairs of an index below 128 and a value. */
static void set_control_buses(struct dirt *d, const struct ph_osc_message *m)
{
    struct ph_osc_args args = ph_osc_args(m);
    int32_t index;
    float value;
    while (ph_osc_next_int(&args, &index) && ph_osc_next_float(&args, &value)) {
        const uint32_t bus = d->config.first_control_bus + (uint32_t)index;
        bool is_ahead;
        if (index < 0 || (uint32_t)index >= d->config.n_control_buses || !isfinite(value))
            d->n_clamped++;
        else if (nrt_stage(d->c, &(struct link_command){
                                     .kind = LINK_CONTROL_BUS_SET,
                                     .due_frame = nrt_due_frame(d->c, m->time_ntp, &is_ahead),
                                     .u.bus = { .index = bus, .value = value } }) != PH_OK)
            ignore(d);
    }
}

/** The parameter whose first control this is, or NULL. */
static const char *name_of_control(struct dirt *d, const struct rt_def *def, uint32_t control)
{
    for (uint32_t i = 0; i < def->n_params; i++) /* they lie in the order of their symbols */
        if (def->params[i].first_control == control)
            return nrt_symbol_name(d->c->symbols, def->params[i].symbol);
    return NULL;
}

/** The names of a definition's controls behind its own, with spaces between. */
static void answer_synth_info(struct dirt *d, const struct nrt_sender *to,
                              const struct ph_osc_message *m)
{
    struct ph_osc_args args = ph_osc_args(m);
    const char *name;
    char text[4096];
    const struct rt_def *const def =
        ph_osc_next_text(&args, &name) ? nrt_defs_find(d->c->defs, name) : NULL;
    if (!def) {
        ignore(d);
        return;
    }
    size_t n = (size_t)snprintf(text, sizeof text, "%.255s", name);
    for (uint32_t i = 0; i < def->n_controls; i++) {
        const char *const control = name_of_control(d, def, i);
        const size_t size = control ? strlen(control) : 0;
        if (size == 0 || n + size + 2 > sizeof text)
            continue;
        text[n++] = ' ';
        memcpy(text + n, control, size + 1);
        n += size;
    }
    nrt_reply(d->c, to, "/dirt/synth-info/reply", "s", text);
}

/* ---- messages -------------------------------------------------------------------------------- */

/** Whoever asks first hears of it, and up to LISTENERS_MAX others. */
static void measure(struct dirt *d, const struct nrt_sender *sender, const struct ph_osc_message *m,
                    bool on)
{
    struct ph_osc_args args = ph_osc_args(m);
    float rate_hz = 8, lag_seconds = 3; /* SuperDirt's */
    uint32_t i = 0;
    (void)ph_osc_next_float(&args, &rate_hz);
    (void)ph_osc_next_float(&args, &lag_seconds);
    while (sender && i < d->n_listeners && !nrt_sender_equal(&d->listeners[i], sender))
        i++;
    if (on && sender && i == d->n_listeners && i < LISTENERS_MAX)
        d->listeners[d->n_listeners++] = *sender;
    if (!on && sender && i < d->n_listeners)
        d->listeners[i] = d->listeners[--d->n_listeners];
    if (!on && d->n_listeners > 0)
        return;
    const float rate = on ? fminf(fmaxf(rate_hz, 0.1f), 1000) : 0;
    ph_status status = begin(d);
    if (status == PH_OK)
        status = dirt_orbits_measure(d->orbits, rate, fminf(fmaxf(lag_seconds, 0), 60));
    if (status != PH_OK)
        ignore(d);
}

void dirt_tell(struct dirt *d, int32_t node, const char *address, void *message)
{
    if (dirt_orbit_owns(node))
        for (uint32_t i = 0; i < d->n_listeners; i++)
            nrt_reply_message(d->c, &d->listeners[i], address, message);
}

enum address { PLAY, MEASURE, MEASURE_NO_MORE, HANDSHAKE, GREETING, CONTROL_BUSES, SYNTH_INFO, OTHER };

static enum address address_of(const char *text)
{
    static const struct {
        const char *text;
        enum address address;
    } table[] = { { "/dirt/play", PLAY },
                  { "/play2", PLAY },
                  { "/dirt/handshake", HANDSHAKE },
                  { "/dirt/hello", GREETING },
                  { "dirt/setControlBus", CONTROL_BUSES },
                  { "/dirt/setControlBus", CONTROL_BUSES },
                  { "/dirt/synth-info", SYNTH_INFO },
                  { "/dirt/startSendRMS", MEASURE },
                  { "/dirt/stopSendRMS", MEASURE_NO_MORE } };
    for (uint32_t i = 0; text && i < sizeof table / sizeof *table; i++)
        if (strcmp(text, table[i].text) == 0)
            return table[i].address;
    return OTHER;
}

bool dirt_takes(const char *address)
{
    return address_of(address) != OTHER;
}

void dirt_message(struct dirt *d, const struct nrt_sender *sender, const struct ph_osc_message *m)
{
    switch (address_of(m->address)) {
    case PLAY:
        if (!play(d, m))
            wait_for_sample(d, m);
        break;
    case MEASURE:
    case MEASURE_NO_MORE:
        measure(d, sender, m, address_of(m->address) == MEASURE);
        break;
    case HANDSHAKE:
        answer_handshake(d, sender);
        break;
    case GREETING:
        nrt_reply(d->c, sender, "/dirt/hello/reply", "");
        break;
    case CONTROL_BUSES:
        set_control_buses(d, m);
        break;
    case SYNTH_INFO:
        answer_synth_info(d, sender, m);
        break;
    case OTHER:
        ignore(d);
        break;
    }
}

/* ---- status ---------------------------------------------------------------------------------- */

void dirt_counts(const struct dirt *d, struct dirt_counts *out)
{
    size_t n = 0;
    *out = (struct dirt_counts){ .n_events = d->n_events, .n_late = d->n_late,
                                 .n_ignored = d->n_ignored, .n_clamped = d->n_clamped,
                                 .late_worst_seconds = (float)d->late_worst_seconds,
                                 .n_waiting = d->n_waiting,
                                 .n_definitions = d->voices ? dirt_voices_count(d->voices) : 0 };
    for (uint32_t i = 0; i < DIRT_ORBITS_MAX && n + 32 < sizeof out->by_orbit; i++)
        if (d->by_orbit[i])
            n += (size_t)snprintf(out->by_orbit + n, sizeof out->by_orbit - n, "%s%u:%llu",
                                  n ? " " : "", i, (unsigned long long)d->by_orbit[i]);
    n = 0;
    for (uint32_t i = 0; i < d->n_unknown && n + 120 < sizeof out->unknown; i++) {
        const struct unknown *const u = &d->unknown[i];
        n += (size_t)snprintf(out->unknown + n, sizeof out->unknown - n, "%s%s", n ? ", " : "", u->name);
        if (u->nearest[0])
            n += (size_t)snprintf(out->unknown + n, sizeof out->unknown - n, " (%s?)", u->nearest);
    }
}
