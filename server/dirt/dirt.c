/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/dirt.c - SuperDirt's messages: events, what waits, handshake, questions.           */
/* room: command thread.                                                                          */
#include "server/dirt/dirt.h"

#include <lo/lo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/dirt/play.h"
#include "server/dirt/synths.h"
#include "server/nrt/context.h"
#include "server/nrt/defs.h"
#include "server/nrt/scsynth.h"

enum {
    WAITING_MAX = 4096,            /* events whose samples are being read ... */
    WAITING_BYTES_MAX = 4 << 20,   /* ... their messages together ... */
    WAIT_SECONDS = 5,              /* ... up to so long behind their time, or their arrival */
    LISTENERS_MAX = 8,             /* of levels */
    SYNTH_INFO_BYTES = 4096
};
#define WAIT_TURN_SECONDS 0.005 /* how often it is looked whether their samples have come */

/**
 * An event that waits: its message, as it came. `frame` is its own, or that of its arrival where
 * that is later.
 */
struct waiting {
    struct waiting *next;
    uint64_t time_ntp, frame;
    size_t tags_size, args_size;
    uint8_t bytes[];
};

struct dirt {
    struct dirt_config config;
    struct nrt_context *c;
    struct dirt_player player;
    struct waiting *waiting_first, *waiting_last;
    size_t waiting_bytes;
    uint64_t looked_frame; /* when it was last looked after them */
    uint32_t n_waiting, n_listeners;
    struct nrt_sender listeners[LISTENERS_MAX]; /* of /rms */
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
    dirt_player_init(&d->player, &d->config, c);
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
    dirt_player_finish(&d->player);
    free(d);
}

/* ---- what waits for its sample --------------------------------------------------------------- */

static size_t size_of(const struct waiting *w)
{
    return sizeof *w + w->args_size + w->tags_size;
}

/** Keeps the message until its sample has been read. */
static void wait_for_sample(struct dirt *d, const struct ph_osc_message *m)
{
    const size_t tags_size = strlen(m->tags) + 1;
    const size_t size = sizeof(struct waiting) + m->args_size + tags_size;
    const bool has_room =
        d->n_waiting < WAITING_MAX && d->waiting_bytes + size <= WAITING_BYTES_MAX;
    struct waiting *const w = has_room ? malloc(size) : NULL;
    struct link_status now;
    bool is_ahead;
    if (!w) {
        d->player.n_ignored++;
        return;
    }
    link_snapshot_read(d->c->snapshot, &now);
    const uint64_t frame = nrt_due_frame(d->c, m->time_ntp, &is_ahead);
    *w = (struct waiting){ .time_ntp = m->time_ntp, .frame = frame > now.frame ? frame : now.frame,
                           .tags_size = tags_size, .args_size = m->args_size };
    memcpy(w->bytes, m->args, m->args_size);
    memcpy(w->bytes + m->args_size, m->tags, tags_size);
    *(d->waiting_last ? &d->waiting_last->next : &d->waiting_first) = w;
    d->waiting_last = w;
    d->n_waiting++;
    d->waiting_bytes += size;
}

/** True when it needn't wait any more: it has been played, or it has waited too long. */
static bool is_done(struct dirt *d, const struct waiting *w, uint64_t now_frame)
{
    const struct ph_osc_message m = { .time_ntp = w->time_ntp, .address = "/dirt/play",
                                      .command = -1, .args = w->bytes, .args_size = w->args_size,
                                      .tags = (const char *)w->bytes + w->args_size };
    const uint64_t longest = WAIT_SECONDS * (uint64_t)d->c->engine.rate_hz;
    if (dirt_player_play(&d->player, &m))
        return true;
    if (now_frame <= w->frame + longest)
        return false;
    d->player.n_ignored++;
    return true;
}

void dirt_turn(struct dirt *d)
{
    const uint64_t pause = (uint64_t)(WAIT_TURN_SECONDS * d->c->engine.rate_hz);
    struct link_status now;
    struct waiting **at = &d->waiting_first;
    if (!*at)
        return;
    link_snapshot_read(d->c->snapshot, &now);
    if (now.frame >= d->looked_frame && now.frame < d->looked_frame + pause)
        return; /* a turn is a packet: with many on both sides there would be no end of looking */
    d->looked_frame = now.frame;
    d->waiting_last = NULL;
    while (*at) {
        struct waiting *const w = *at;
        if (!is_done(d, w, now.frame)) {
            d->waiting_last = w;
            at = &w->next;
            continue;
        }
        *at = w->next;
        d->n_waiting--;
        d->waiting_bytes -= size_of(w);
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

/** Pairs of an index below 128 and a value. Where there is no room for one, the rest is left. */
static void set_control_buses(struct dirt *d, const struct ph_osc_message *m)
{
    struct ph_osc_args args = ph_osc_args(m);
    bool is_ahead;
    const uint64_t due_frame = nrt_due_frame(d->c, m->time_ntp, &is_ahead);
    int32_t index;
    float value;
    while (ph_osc_next_int(&args, &index) && ph_osc_next_float(&args, &value)) {
        if (index < 0 || (uint32_t)index >= d->config.n_control_buses || !isfinite(value)) {
            d->player.n_clamped++;
            continue;
        }
        const struct link_command command = {
            .kind = LINK_CONTROL_BUS_SET, .due_frame = due_frame,
            .u.bus = { .index = d->config.first_control_bus + (uint32_t)index, .value = value }
        };
        if (nrt_stage(d->c, &command) != PH_OK) {
            d->player.n_ignored++;
            return;
        }
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

/** Behind a space. What finds no room is left out. */
static void append_word(char text[SYNTH_INFO_BYTES], const char *word)
{
    const size_t n = strlen(text), size = strlen(word);
    if (size == 0 || n + size + 2 > SYNTH_INFO_BYTES)
        return;
    text[n] = ' ';
    memcpy(text + n + 1, word, size + 1);
}

/** One of our own synths, for the names of its controls. */
static ph_status own_graph(const struct dirt *d, uint32_t synth, struct ph_synthdef *out)
{
    struct graph g = { .knobs = PH_CONTROL, .rate_hz = d->config.target.rate_hz };
    ph_build_begin(&g.b, dirt_synth_name(synth));
    (void)dirt_synth_build(&g, synth);
    return ph_build_end(&g.b, out);
}

/** The names of a synth's controls behind its own, with spaces between. */
static void answer_synth_info(struct dirt *d, const struct nrt_sender *to,
                              const struct ph_osc_message *m)
{
    struct ph_osc_args args = ph_osc_args(m);
    struct ph_synthdef own = { 0 };
    const char *name = "", *control;
    char text[SYNTH_INFO_BYTES];
    (void)ph_osc_next_text(&args, &name);
    snprintf(text, sizeof text, "%.255s", name);
    const struct rt_def *const def = nrt_defs_find(d->c->defs, name);
    const int synth = def ? -1 : dirt_synth_find(name);
    for (uint32_t i = 0; def && i < def->n_controls; i++)
        if ((control = name_of_control(d, def, i)) != NULL)
            append_word(text, control);
    if (synth >= 0 && own_graph(d, (uint32_t)synth, &own) == PH_OK)
        for (uint32_t i = 0; i < own.n_names; i++)
            append_word(text, own.names[i].name);
    ph_synthdef_finish(&own);
    if (def || synth >= 0)
        nrt_reply(d->c, to, "/dirt/synth-info/reply", "s", text);
    else
        d->player.n_ignored++;
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
    ph_status status = dirt_player_begin(&d->player);
    if (status == PH_OK)
        status = dirt_orbits_measure(d->player.orbits, rate, fminf(fmaxf(lag_seconds, 0), 60));
    d->player.n_ignored += status != PH_OK;
}

void dirt_tell(struct dirt *d, int32_t node, const char *address, void *message)
{
    if (dirt_orbit_owns(node))
        for (uint32_t i = 0; i < d->n_listeners; i++)
            nrt_reply_message(d->c, &d->listeners[i], address, message);
}

enum address {
    PLAY,
    MEASURE,
    MEASURE_NO_MORE,
    HANDSHAKE,
    GREETING,
    CONTROL_BUSES,
    SYNTH_INFO,
    OTHER
};

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
        if (!dirt_player_play(&d->player, m))
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
        d->player.n_ignored++;
        break;
    }
}

/* ---- status ---------------------------------------------------------------------------------- */

/** "0:1234 3:56". */
static void orbits_text(const struct dirt_player *p, char *out, size_t size)
{
    enum { ENTRY_BYTES = 32 };
    size_t n = 0;
    out[0] = 0;
    for (uint32_t i = 0; i < DIRT_ORBITS_MAX && n + ENTRY_BYTES < size; i++)
        if (p->by_orbit[i])
            n += (size_t)snprintf(out + n, size - n, "%s%u:%llu", n ? " " : "", i,
                                  (unsigned long long)p->by_orbit[i]);
}

void dirt_counts(const struct dirt *d, struct dirt_counts *out)
{
    const struct dirt_player *const p = &d->player;
    *out = (struct dirt_counts){ .n_events = p->n_events, .n_late = p->n_late,
                                 .n_ignored = p->n_ignored, .n_clamped = p->n_clamped,
                                 .late_worst_seconds = (float)p->late_worst_seconds,
                                 .n_waiting = d->n_waiting,
                                 .n_definitions = p->voices ? dirt_voices_count(p->voices) : 0 };
    orbits_text(p, out->by_orbit, sizeof out->by_orbit);
    dirt_unknown_text(&p->unknown, out->unknown, sizeof out->unknown);
}
