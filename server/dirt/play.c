/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/play.c - an event becomes a voice: its sound, its frame, its orbit.                */
/* room: command thread.                                                                          */
#include "server/dirt/play.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/dirt/dirt.h"
#include "server/dirt/synths.h"
#include "server/nrt/context.h"
#include "server/nrt/defs.h"
#include "server/nrt/log.h"
#include "server/nrt/scsynth.h"

enum {
    NAME_BYTES = 128,
    ACTION_HEAD = 0,
    ACTION_TAIL = 1,
    FADE_MS = 1,    /* of what is cut: SuperDirt's fadeTime */
    MIN_FRAMES = 8, /* shorter events are dropped */
    FIRST_EVENT_ID = -1900000000,
    LAST_EVENT_ID = -1100000000
};
#define LATENCY_MAX_SECONDS 42.0  /* further ahead is taken for a clock that is wrong ... */
#define LATENCY_USUAL_SECONDS 0.2 /* ... and played so far ahead */

/* ---- beginning, end -------------------------------------------------------------------------- */

void dirt_player_init(struct dirt_player *p, const struct dirt_config *config,
                      struct nrt_context *c)
{
    *p = (struct dirt_player){ .config = config, .c = c, .next_id = FIRST_EVENT_ID };
    load_finder_init(&p->finder, c->bank);
    dirt_reader_init(&p->reader, c->engine.n_control_buses, c->n_user_audio_buses);
}

void dirt_player_finish(struct dirt_player *p)
{
    dirt_voices_free(p->voices);
    dirt_orbits_free(p->orbits);
}

static ph_status stage(void *context, const struct link_command *command)
{
    return nrt_stage(context, command);
}

ph_status dirt_player_begin(struct dirt_player *p)
{
    const struct dirt_config *const config = p->config;
    const struct dirt_orbits_config orbits = {
        .target = config->target, .symbols = p->c->symbols, .n_orbits = config->n_orbits,
        .first_bus = config->first_bus, .port_bus = config->port_bus, .n_ports = config->n_ports,
        .has_ports_each = config->has_ports_each, .stage = stage, .context = p->c
    };
    ph_status status = PH_OK;
    if (!p->voices)
        status = dirt_voices_new(&config->target, p->c->symbols, p->c->fft, &p->voices);
    if (status == PH_OK && !p->orbits)
        status = dirt_orbits_new(&orbits, &p->orbits);
    return status;
}

/* ---- time ------------------------------------------------------------------------------------ */

/** The frame on which the event begins; 0: as soon as possible. */
static uint64_t frame_of(struct dirt_player *p, const struct dirt_event *e, double late_by)
{
    struct link_status now;
    bool is_ahead;
    uint64_t frame = nrt_due_frame(p->c, e->time_ntp, &is_ahead);
    const double rate = p->c->engine.rate_hz;
    link_snapshot_read(p->c->snapshot, &now);
    const double ahead = frame > now.frame ? (double)(frame - now.frame) : 0;
    if (p->c->osc && ahead > LATENCY_MAX_SECONDS * rate) { /* in a score all is far ahead */
        if (!p->told_latency)
            nrt_log(NRT_LOG_WARNING,
                    "events are more than %g s ahead: is the sender's clock right?",
                    LATENCY_MAX_SECONDS);
        p->told_latency = true;
        frame = now.frame + (uint64_t)(LATENCY_USUAL_SECONDS * rate);
    }
    if (late_by == 0)
        return frame;
    const double base = frame > 0 ? (double)frame : (double)now.frame;
    return (uint64_t)fmax(1, round(base + late_by * rate));
}

/** Late ones play at once; how late the worst was is told. */
static void count_late(struct dirt_player *p, uint64_t frame)
{
    struct link_status now;
    link_snapshot_read(p->c->snapshot, &now);
    if (!p->c->osc || frame == 0 || frame >= now.frame)
        return;
    p->n_late++;
    p->late_worst_seconds =
        fmax(p->late_worst_seconds, (double)(now.frame - frame) / (double)p->c->engine.rate_hz);
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
        const size_t size = strcspn(sound, ":");
        const bool has_n = sound[size] == ':';
        snprintf(name, NAME_BYTES, "%s%.*s", bank ? bank : "",
                 size < NAME_BYTES ? (int)size : NAME_BYTES, sound);
        dirt_set(e, DIRT_N, has_n ? fmin(fmax(strtod(sound + size + 1, NULL), -1e6), 1e6) : 0);
    } else {
        return false;
    }
    return name[0] && strcmp(name, "\\") != 0;
}

/** A sample comes before a synth of its name, a client's synth before our own. */
static void find_sound(struct dirt_player *p, const struct dirt_event *e,
                       struct sound_of_event *out)
{
    const int64_t index = (int64_t)trunc(dirt_get(e, DIRT_N, 0));
    const enum load_found found =
        load_finder_find(&p->finder, out->name, index, &out->sample, &out->uses);
    out->kind = found == LOAD_FOUND ? SAMPLE : found == LOAD_NOT_YET ? WAITS : NOTHING;
    if (out->kind == NOTHING && (out->def = nrt_defs_find(p->c->defs, out->name)))
        out->kind = CLIENT_SYNTH;
    const int own = out->kind == NOTHING ? dirt_synth_find(out->name) : -1;
    if (own >= 0) {
        out->kind = OWN_SYNTH;
        out->synth = (uint32_t)own;
    }
}

static double seconds_of(const struct dirt_player *p, const struct sound_of_event *sound)
{
    return sound->kind == SAMPLE ? sound->sample.n_frames / (double)p->c->engine.rate_hz : 0;
}

/** Ratio of the sample's own pitch to MIDI note 60, for `metatune`. */
static double tune_of(const struct sound_of_event *sound)
{
    const bool is_known = sound->kind == SAMPLE && sound->sample.note > 0;
    return is_known ? exp2((60 - (double)sound->sample.note) / 12) : 1;
}

/* ---- voices ---------------------------------------------------------------------------------- */

static int32_t take_id(struct dirt_player *p)
{
    const int32_t id = p->next_id;
    p->next_id = id >= LAST_EVENT_ID ? FIRST_EVENT_ID : id + 1;
    return id;
}

static uint32_t orbit_of(struct dirt_player *p, const struct dirt_event *e)
{
    const double n = dirt_orbits_count(p->orbits), number = trunc(dirt_get(e, DIRT_ORBIT, 0));
    if ((number < 0 || number >= n) && !p->told_orbit) {
        nrt_log(NRT_LOG_WARNING, "orbit %g is none of %g; it wraps", number, n);
        p->told_orbit = true;
    }
    p->n_clamped += number < 0 || number >= n;
    return (uint32_t)(number - n * floor(number / n));
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

/** Sound (of a client's synth: what it has written), effects and gate. */
static ph_status make_voice(struct dirt_player *p, struct dirt_values *values,
                            const struct sound_of_event *sound, uint32_t orbit,
                            struct rt_synth **out)
{
    const struct dirt_event *const e = &p->event;
    const struct dirt_form form = form_of(e, sound);
    values->list[DIRT_Q_IN] = (float)(sound->kind == OWN_SYNTH
                                          ? dirt_route_bus(p->orbits, dirt_get(e, DIRT_FROM, 0))
                                          : dirt_orbit_sound_bus(p->orbits, orbit));
    values->list[DIRT_Q_OUT] = (float)(form.is_routed
                                           ? dirt_route_bus(p->orbits, dirt_get(e, DIRT_TO, 0))
                                           : dirt_orbit_dry_bus(p->orbits, orbit));
    const ph_status status =
        dirt_voices_make(p->voices, &form, e, values, take_id(p), p->serial, out);
    if (status != PH_OK)
        return status;
    if (sound->kind == SAMPLE)
        (*out)->uses = load_bank_use(p->c->bank, &sound->sample);
    (*out)->ends_group = sound->kind == CLIENT_SYNTH;
    return PH_OK;
}

/** Takes the voice, into an orbit's group or the event's own. */
static ph_status stage_voice(struct dirt_player *p, struct rt_synth *voice,
                             const struct sound_of_event *sound, uint32_t orbit, int32_t group,
                             uint64_t frame)
{
    const struct dirt_event *const e = &p->event;
    const double cut = trunc(dirt_get(e, DIRT_CUT, 0));
    const bool cuts_any_scope = dirt_get(e, DIRT_CUT_ALL, 0) != 0;
    const uint64_t hash = ph_hash_text(PH_HASH_START, sound->name) +
                          (sound->kind == SAMPLE ? sound->sample.buffer_number : 0);
    const struct link_command command = {
        .kind = LINK_VOICE, .due_frame = frame,
        .u.voice = { .synth = voice, .group_id = group, .cut = (int32_t)fabs(cut),
                     .cut_scope = (uint16_t)(orbit + 1), .cut_sound = (uint32_t)hash,
                     .cut_flags = (uint8_t)((cut < 0 ? LINK_CUT_SAME_SOUND : 0) |
                                            (cuts_any_scope ? LINK_CUT_ANY_SCOPE : 0)),
                     .fade_ms = FADE_MS }
    };
    const ph_status status = nrt_stage(p->c, &command);
    if (status != PH_OK)
        nrt_synth_free(voice);
    return status;
}

static ph_status make_client_synth(struct dirt_player *p, struct dirt_values *values,
                                   const struct sound_of_event *sound, uint32_t orbit,
                                   struct rt_synth **out)
{
    ph_status status = nrt_synth_bare(sound->def, take_id(p), p->serial, out);
    if (status != PH_OK)
        return status;
    values->list[DIRT_Q_OUT] = (float)dirt_orbit_sound_bus(p->orbits, orbit);
    dirt_client_set(p->c->symbols, &p->event, values, *out);
    status = nrt_synth_fit(*out, NULL);
    if (status != PH_OK)
        *out = NULL; /* it is freed */
    return status;
}

/**
 * A group, in it the voice, and before that the client's synth: what ends the group comes first, so
 * that nothing sounds for ever where there was no room for the rest. Takes all three.
 */
static ph_status stage_client_synth(struct dirt_player *p, struct rt_group *group,
                                    struct rt_synth *voice, struct rt_synth *synth,
                                    const struct sound_of_event *sound, uint32_t orbit,
                                    uint64_t frame)
{
    const int32_t id = group->node.id;
    const struct link_command add_group = {
        .kind = LINK_GROUP_ADD, .due_frame = frame,
        .u.add = { .group = group, .target = dirt_orbit_group(orbit), .action = ACTION_TAIL }
    };
    const struct link_command add_synth = {
        .kind = LINK_SYNTH_ADD, .due_frame = frame,
        .u.add = { .synth = synth, .target = id, .action = ACTION_HEAD }
    };
    ph_status status = nrt_stage(p->c, &add_group);
    if (status != PH_OK) {
        nrt_group_free(group);
        nrt_synth_free(voice);
        nrt_synth_free(synth);
        return status;
    }
    status = stage_voice(p, voice, sound, orbit, id, frame);
    if (status == PH_OK)
        status = nrt_stage(p->c, &add_synth);
    if (status != PH_OK)
        nrt_synth_free(synth);
    return status;
}

/** The client's synth, and behind it effects and gate: all made before any of it is sent. */
static ph_status play_client_synth(struct dirt_player *p, struct dirt_values *values,
                                   const struct sound_of_event *sound, uint32_t orbit,
                                   uint64_t frame)
{
    struct rt_synth *voice = NULL, *synth = NULL;
    struct rt_group *group = NULL;
    ph_status status = make_voice(p, values, sound, orbit, &voice);
    if (status == PH_OK)
        status = make_client_synth(p, values, sound, orbit, &synth);
    if (status == PH_OK)
        status = nrt_group_new(take_id(p), &group);
    if (status == PH_OK)
        return stage_client_synth(p, group, voice, synth, sound, orbit, frame);
    nrt_synth_free(voice);
    nrt_synth_free(synth);
    return status;
}

static ph_status play_voice(struct dirt_player *p, struct dirt_values *values,
                            const struct sound_of_event *sound, uint32_t orbit, uint64_t frame)
{
    struct rt_synth *voice;
    const ph_status status = make_voice(p, values, sound, orbit, &voice);
    return status == PH_OK
               ? stage_voice(p, voice, sound, orbit, dirt_orbit_group(orbit), frame)
               : status;
}

/* ---- events ---------------------------------------------------------------------------------- */

/** `toArg`: the parameter of that name follows the bus `from`. */
static void follow_route(struct dirt_player *p, struct dirt_event *e)
{
    const char *const name = e->words[DIRT_WORD_TO_ARG];
    if (name && e->n_maps < DIRT_MAPS_MAX)
        e->maps[e->n_maps++] = (struct dirt_map){
            .name = name, .number = DIRT_NUMBER_COUNT, .is_audio = true,
            .bus = dirt_route_bus(p->orbits, dirt_get(e, DIRT_FROM, 0)) };
}

static ph_status play_sound(struct dirt_player *p, const struct sound_of_event *sound)
{
    const struct dirt_event *const e = &p->event;
    const double shortest = MIN_FRAMES / (double)p->c->engine.rate_hz;
    struct dirt_span span;
    struct dirt_values values;
    if (!dirt_span_find(e, seconds_of(p, sound), tune_of(sound), shortest, &span)) {
        p->n_ignored++;
        return PH_OK;
    }
    const uint32_t orbit = orbit_of(p, e);
    const uint64_t frame = frame_of(p, e, span.late_by);
    count_late(p, frame);
    dirt_values_find(e, &span, &values);
    values.list[DIRT_Q_BUFFER] = (float)sound->sample.buffer_number;
    values.list[DIRT_Q_FRAMES] = (float)sound->sample.n_frames;
    ph_status status = dirt_orbit_wake(p->orbits, orbit);
    if (status == PH_OK)
        status = dirt_orbit_set(p->orbits, orbit, e, frame);
    if (status == PH_OK)
        status = sound->kind == CLIENT_SYNTH ? play_client_synth(p, &values, sound, orbit, frame)
                                             : play_voice(p, &values, sound, orbit, frame);
    p->serial++;
    if (status != PH_OK)
        return status;
    p->n_events++;
    p->by_orbit[orbit]++;
    return PH_OK;
}

/** What has a name and needn't wait. */
static void play_named(struct dirt_player *p, struct sound_of_event *sound)
{
    ph_status status = PH_OK;
    p->n_clamped += p->event.n_ignored;
    if (sound->kind != NOTHING) {
        status = play_sound(p, sound);
    } else if (strcmp(sound->name, "superpanic") == 0) {
        status = dirt_orbits_clear(p->orbits, frame_of(p, &p->event, 0));
    } else {
        dirt_unknown_tell(&p->unknown, p->c->bank, sound->name);
        p->n_ignored++;
    }
    link_uses_release(sound->uses);
    if (status != PH_OK) {
        nrt_log(NRT_LOG_WARNING, "event %s: %s", sound->name, ph_status_text(status));
        p->n_ignored++;
    }
}

bool dirt_player_play(struct dirt_player *p, const struct ph_osc_message *m)
{
    struct dirt_event *const e = &p->event;
    struct sound_of_event sound = { .kind = NOTHING };
    dirt_event_read(&p->reader, m, e);
    if (!name_of(e, sound.name)) {
        p->n_ignored += !e->words[DIRT_WORD_S]; /* a rest is none */
        return true;
    }
    const ph_status status = dirt_player_begin(p);
    if (status != PH_OK) {
        nrt_log(NRT_LOG_WARNING, "no orbits: %s", ph_status_text(status));
        p->n_ignored++;
        return true;
    }
    find_sound(p, e, &sound);
    if (sound.kind == WAITS)
        return false;
    follow_route(p, e);
    play_named(p, &sound);
    return true;
}
