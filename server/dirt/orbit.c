/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/orbit.c - groups, buses and effects of orbits.                                     */
/* room: command thread.                                                                          */
#include "server/dirt/orbit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "server/dirt/graph.h"
#include "server/rt/program.h"

#define PAUSE_SECONDS 4.0f /* of silence, then an effect rests */
enum { DONE_PAUSE = 1, ACTION_TAIL = 1, ACTION_BEFORE = 2, CHANNELS = DIRT_BUS_CHANNELS };

/* In the order in which they stand behind the orbit's events. */
enum effect { DELAY, REVERB, LESLIE, METER, MONITOR, EFFECT_COUNT };

/* ---- graphs ---------------------------------------------------------------------------------- */

static struct ph_input moving(struct graph *g, const char *name, float initial)
{
    return ph_build_control(&g->b, name, initial, PH_CONTROL);
}

static struct sound read_bus(struct graph *g, const char *name)
{
    const struct ph_input x = UNIT_OUTPUTS(g, "In", PH_AUDIO, CHANNELS, fixed(g, name, 0));
    return (struct sound){ CHANNELS, { x, output(x, 1) } };
}

/** Rests when nothing was heard for a while after the last event. */
static void rest_when_silent(struct graph *g, const struct sound *s)
{
    const struct ph_input resumed = ph_build_trigger(&g->b, "resumed");
    struct ph_input sum = UNIT(g, "Trig1", PH_AUDIO, resumed, num(g, PAUSE_SECONDS));
    for (uint32_t i = 0; i < s->n; i++)
        sum = add(g, sum, unary(g, PH_UNARY_ABS, s->c[i]));
    UNIT(g, "DetectSilence", PH_AUDIO, sum, num(g, 0.0001f), num(g, PAUSE_SECONDS),
         num(g, DONE_PAUSE));
}

static void write_bus(struct graph *g, const char *name, const struct sound *s)
{
    UNIT_OUTPUTS(g, "Out", PH_AUDIO, 0, fixed(g, name, 0), s->c[0], s->c[1]);
}

/** A lag that is never quite the same. */
static struct ph_input uneven_lag(struct graph *g, struct ph_input x)
{
    const struct ph_input noise = UNIT(g, "LFNoise1", PH_CONTROL, num(g, 1));
    return UNIT(g, "Lag", PH_CONTROL, x, scaled(g, noise, 0.005f, 0.015f));
}

static void build_delay(struct graph *g)
{
    struct sound s = read_bus(g, "dry");
    const float longest = 4;
    amplify(g, &s, uneven_lag(g, moving(g, "delaySend", 1)));
    const struct ph_input feedback =
        binary(g, PH_BINARY_MAX, moving(g, "delayfeedback", 0), num(g, 0));
    const struct ph_input cycle = over(g, num(g, 1), moving(g, "cps", 1));
    const struct ph_input lock = moving(g, "lock", 0);
    const struct ph_input unit = scaled(g, mul(g, lock, scaled(g, cycle, 1, -1)), 1, 1);
    const struct ph_input seconds =
        clipped(g, mul(g, moving(g, "delaytime", 0), unit), 0, longest);
    const struct ph_input level =
        UNIT(g, "Lag", PH_CONTROL, moving(g, "delayAmp", 0), num(g, 0.01f));
    EACH(g, &s, "SwitchDelay", num(g, 1), num(g, 1), seconds, feedback, num(g, longest));
    amplify(g, &s, level);
    rest_when_silent(g, &s);
    write_bus(g, "wet", &s);
}

static struct ph_input chance(struct graph *g, float low, float high)
{
    return UNIT(g, "Rand", PH_SCALAR, num(g, low), num(g, high));
}

static void diffuse(struct graph *g, struct sound *s, float longest, float low, float high,
                    float decay)
{
    for (uint32_t i = 0; i < s->n; i++)
        s->c[i] = UNIT(g, "AllpassN", PH_AUDIO, s->c[i], num(g, longest), chance(g, low, high),
                       num(g, decay));
}

/**
 * After SuperDirt's, which thanks J. Muxfeld and J. McCartney: all-pass units into a loop of them.
 */
static void build_reverb(struct graph *g)
{
    static const float loop_seconds[CHANNELS] = { 0.19f, 0.26f };
    const struct sound dry = read_bus(g, "dry");
    const struct ph_input room = uneven_lag(g, moving(g, "room", 0));
    const struct ph_input mono = mul(g, add(g, dry.c[0], dry.c[1]), room);
    struct sound in = { CHANNELS, { mono, mono } };
    for (int i = 0; i < 4; i++)
        diffuse(g, &in, 0.03f, 0.005f, 0.02f, 1);
    const struct ph_input size = UNIT(g, "Lag", PH_CONTROL, moving(g, "size", 0.1f), num(g, 0.02f));
    const struct ph_input depth = linexp(g, size, 0, 1, 0.01f, 0.98f);
    const struct ph_input back =
        UNIT_OUTPUTS(g, "LocalIn", PH_AUDIO, CHANNELS, num(g, 0), num(g, 0));
    struct sound loop = { CHANNELS, { back, output(back, 1) } };
    for (uint32_t i = 0; i < CHANNELS; i++)
        loop.c[i] = mul(g, loop.c[i], add(g, depth, chance(g, 0, 0.05f)));
    EACH(g, &loop, "OnePole", num(g, 0.5f));
    diffuse(g, &loop, 0.05f, 0.01f, 0.05f, 2);
    for (uint32_t i = 0; i < CHANNELS; i++)
        loop.c[i] = UNIT(g, "DelayN", PH_AUDIO, loop.c[i], num(g, 0.3f),
                         scaled(g, chance(g, -0.003f, 0.003f), 1, loop_seconds[i]));
    diffuse(g, &loop, 0.05f, 0.03f, 0.15f, 2);
    for (uint32_t i = 0; i < CHANNELS; i++)
        loop.c[i] = UNIT(g, "LeakDC", PH_AUDIO, add(g, loop.c[i], in.c[i]), num(g, 0.995f));
    UNIT_OUTPUTS(g, "LocalOut", PH_AUDIO, 0, loop.c[0], loop.c[1]);
    amplify(g, &loop, uneven_lag(g, sub(g, num(g, 1), moving(g, "dry", 0))));
    rest_when_silent(g, &loop);
    write_bus(g, "wet", &loop);
}

/** A wave between two values. */
static struct ph_input turning(struct graph *g, enum ph_rate rate, struct ph_input hz, float phase,
                               float low, float high)
{
    const struct ph_input wave = UNIT(g, "SinOsc", rate, hz, num(g, phase));
    return scaled(g, wave, (high - low) / 2, (high + low) / 2);
}

static struct ph_input lagged(struct graph *g, struct ph_input x, float factor, float seconds)
{
    return UNIT(g, "Lag", PH_CONTROL, scaled(g, x, factor, 0), num(g, seconds));
}

/** Both sides of a sound swept over the two channels, which meet again: a wave of its level. */
static struct ph_input swept(struct graph *g, struct ph_input x, struct ph_input place)
{
    const struct ph_input y =
        UNIT_OUTPUTS(g, "Balance2", PH_AUDIO, CHANNELS, x, x, place, num(g, 1));
    return add(g, y, output(y, 1));
}

/**
 * Drum and horn: below and above 800 Hz, at their own speeds; the horn's distance bends its pitch.
 */
static void build_leslie(struct graph *g)
{
    const struct ph_input bus = fixed(g, "dry", 0), one = num(g, 1);
    const struct ph_input x = UNIT_OUTPUTS(g, "In", PH_AUDIO, CHANNELS, bus);
    const struct ph_input leslie = moving(g, "leslie", 0.5f), rate = moving(g, "lrate", 6.7f);
    const struct ph_input size = moving(g, "lsize", 0.3f), rest = sub(g, one, leslie);
    UNIT_OUTPUTS(g, "ReplaceOut", PH_AUDIO, 0, bus, mul(g, x, rest), mul(g, output(x, 1), rest));
    const struct ph_input horn_turns = turning(g, PH_AUDIO, lagged(g, rate, 1, 10), 0, 0, 1);
    const struct ph_input drum_turns = turning(g, PH_AUDIO, lagged(g, rate, 0.8f, 20), 0, 0, 1.3f);
    const struct ph_input distance = mul(g, horn_turns, size), throb = mul(g, drum_turns, size);
    const float quarter = 1.57079633f;
    const struct ph_input drum_place =
        turning(g, PH_CONTROL, lagged(g, rate, 0.8f, 4), quarter, -0.2f, 0.2f);
    const struct ph_input horn_place =
        turning(g, PH_CONTROL, lagged(g, rate, 1, 2), quarter, -0.4f, 0.4f);
    struct sound s = { CHANNELS, { x, output(x, 1) } };
    for (uint32_t i = 0; i < CHANNELS; i++) {
        const struct ph_input high = UNIT(g, "HPF", PH_AUDIO, s.c[i], num(g, 800));
        const struct ph_input low = sub(g, s.c[i], high);
        const struct ph_input way = scaled(g, distance, 1 / 343.0f, 0);
        const struct ph_input far = UNIT(g, "DelayC", PH_AUDIO, high, one, way);
        const struct ph_input drum = mul(g, mul(g, sub(g, one, throb), leslie), low);
        const struct ph_input horn = mul(g, mul(g, sub(g, one, distance), leslie), far);
        s.c[i] = scaled(g, add(g, swept(g, drum, drum_place), swept(g, horn, horn_place)), 1.2f, 0);
    }
    rest_when_silent(g, &s);
    write_bus(g, "wet", &s);
}

/** Peak and RMS of what the orbit plays, told as /rms. */
static void build_meter(struct graph *g)
{
    static const char address[] = "/rms";
    enum { LETTERS = sizeof address - 1 };
    const struct sound dry = read_bus(g, "dry"), wet = read_bus(g, "wet");
    struct sound s = dry;
    for (uint32_t i = 0; i < CHANNELS; i++)
        s.c[i] = add(g, dry.c[i], wet.c[i]);
    struct ph_input inputs[5 + CHANNELS + LETTERS] = {
        fixed(g, "replyrate", 8), fixed(g, "peaklag", 3), fixed(g, "orbit", 0), num(g, CHANNELS),
        s.c[0], s.c[1], num(g, LETTERS)
    };
    for (uint32_t i = 0; i < LETTERS; i++)
        inputs[5 + CHANNELS + i] = num(g, (float)address[i]);
    ph_build_unit(&g->b, "SendPeakRMS", PH_CONTROL, 0, 0, inputs, 5 + CHANNELS + LETTERS, 0);
    rest_when_silent(g, &s);
}

/**
 * The limiter's 20 ms are SuperDirt's. The last of them passes in the limiter that stands before
 * all ports.
 */
static void build_monitor(struct graph *g)
{
    const float look_ahead = 0.01f - 0.0005f;
    const struct sound dry = read_bus(g, "dry"), wet = read_bus(g, "wet");
    const struct ph_input kind = moving(g, "limitertype", 1), zero = num(g, 0);
    struct sound s = dry;
    for (uint32_t i = 0; i < CHANNELS; i++) {
        const struct ph_input sum = add(g, dry.c[i], wet.c[i]);
        const struct ph_input x = UNIT(g, "Sanitize", PH_AUDIO, sum, zero);
        const struct ph_input limited =
            UNIT(g, "Limiter", PH_AUDIO, x, num(g, 1), num(g, look_ahead));
        const struct ph_input bent = unary(g, PH_UNARY_SOFTCLIP, scaled(g, x, 0.5f, 0));
        s.c[i] = UNIT(g, "Select", PH_AUDIO, kind, x, limited, scaled(g, bent, 2, 0));
    }
    rest_when_silent(g, &s);
    write_bus(g, "out", &s);
}

/* ---- orbits ---------------------------------------------------------------------------------- */

/** Parameters of orbits by effect, and what they are as long as no event has said anything. */
static const struct {
    enum effect effect;
    enum dirt_number number;
    const char *control;
    bool is_kept; /* when an event doesn't say it */
} settings[] = {
    { DELAY, DIRT_DELAYTIME, "delaytime", false },
    { DELAY, DIRT_DELAYFEEDBACK, "delayfeedback", false },
    { DELAY, DIRT_DELAYSEND, "delaySend", false },
    { DELAY, DIRT_DELAY, "delayAmp", false },
    { DELAY, DIRT_LOCK, "lock", false },
    { DELAY, DIRT_CPS, "cps", true },
    { REVERB, DIRT_SIZE, "size", false },
    { REVERB, DIRT_ROOM, "room", false },
    { REVERB, DIRT_DRY, "dry", false },
    { LESLIE, DIRT_LESLIE, "leslie", false },
    { LESLIE, DIRT_LRATE, "lrate", false },
    { LESLIE, DIRT_LSIZE, "lsize", false },
    { MONITOR, DIRT_LIMITERTYPE, "limitertype", false },
};
enum { SETTINGS = sizeof settings / sizeof *settings };

/** What a control of an effect is set to: a value, or the bus that it follows. */
struct setting {
    bool is_said; /* by any event so far */
    bool follows, is_audio;
    uint32_t bus;
    float value;
};

struct orbit {
    bool is_awake;
    struct setting settings[SETTINGS];
    uint64_t resumed_frame[EFFECT_COUNT]; /* 0: never */
};

struct dirt_orbits {
    struct dirt_orbits_config config;
    struct rt_def *defs[EFFECT_COUNT];
    uint32_t symbols[SETTINGS], resumed_symbol;
    float meter_rate_hz, meter_lag_seconds; /* 0: nobody measures */
    struct orbit list[DIRT_ORBITS_MAX];
};

/** Ids of nodes: an orbit's group and, below it, its effects. */
enum { FIRST_ID = -2000000000, IDS_EACH = 8 };

int32_t dirt_orbit_group(uint32_t orbit)
{
    return FIRST_ID - (int32_t)orbit * IDS_EACH;
}

bool dirt_orbit_owns(int32_t node)
{
    return node <= FIRST_ID && node > dirt_orbit_group(DIRT_ORBITS_MAX);
}

static int32_t effect_id(uint32_t orbit, enum effect effect)
{
    return dirt_orbit_group(orbit) - 1 - (int32_t)effect;
}

uint32_t dirt_orbit_dry_bus(const struct dirt_orbits *o, uint32_t orbit)
{
    return o->config.first_bus + (3 * orbit) * CHANNELS;
}

static uint32_t wet_bus(const struct dirt_orbits *o, uint32_t orbit)
{
    return o->config.first_bus + (3 * orbit + 1) * CHANNELS;
}

uint32_t dirt_orbit_sound_bus(const struct dirt_orbits *o, uint32_t orbit)
{
    return o->config.first_bus + (3 * orbit + 2) * CHANNELS;
}

uint32_t dirt_route_bus(const struct dirt_orbits *o, double number)
{
    const double turn = trunc(number) - DIRT_ROUTES * floor(trunc(number) / DIRT_ROUTES);
    return o->config.first_bus + (3 * DIRT_ORBITS_MAX + (uint32_t)turn) * CHANNELS;
}

static uint32_t port_bus(const struct dirt_orbits *o, uint32_t orbit)
{
    const uint32_t port = o->config.has_ports_each ? CHANNELS * orbit : 0;
    return o->config.port_bus + (port + CHANNELS <= o->config.n_ports ? port : 0);
}

static ph_status compile(struct dirt_orbits *o, enum effect effect)
{
    static void (*const builds[EFFECT_COUNT])(struct graph *g) = {
        [DELAY] = build_delay, [REVERB] = build_reverb, [LESLIE] = build_leslie,
        [METER] = build_meter, [MONITOR] = build_monitor
    };
    static const char *const names[EFFECT_COUNT] = { "(delay)", "(reverb)", "(leslie)", "(meter)",
                                                     "(monitor)" };
    struct graph g = { .knobs = PH_CONTROL, .rate_hz = o->config.target.rate_hz };
    struct ph_synthdef spec = { 0 };
    char error[128];
    ph_build_begin(&g.b, names[effect]);
    builds[effect](&g);
    ph_status status = ph_build_end(&g.b, &spec);
    if (status == PH_OK)
        status = nrt_def_compile(&spec, o->config.symbols, &o->config.target, &o->defs[effect],
                                 error);
    ph_synthdef_finish(&spec);
    return status;
}

ph_status dirt_orbits_new(const struct dirt_orbits_config *config, struct dirt_orbits **out)
{
    struct dirt_orbits *const o = calloc(1, sizeof *o);
    ph_status status = PH_OK;
    *out = NULL;
    if (!o)
        return PH_NO_MEMORY;
    o->config = *config;
    for (int i = 0; i < EFFECT_COUNT && status == PH_OK; i++)
        status = compile(o, (enum effect)i);
    for (int i = 0; i < SETTINGS; i++)
        o->symbols[i] = nrt_symbol_intern(config->symbols, settings[i].control);
    o->resumed_symbol = nrt_symbol_intern(config->symbols, "resumed");
    if (status != PH_OK) {
        dirt_orbits_free(o);
        return status;
    }
    *out = o;
    return PH_OK;
}

void dirt_orbits_free(struct dirt_orbits *o)
{
    for (int i = 0; o && i < EFFECT_COUNT; i++)
        nrt_def_release(o->defs[i]);
    free(o);
}

uint32_t dirt_orbits_count(const struct dirt_orbits *o)
{
    return o->config.n_orbits;
}

/* ---- waking ---------------------------------------------------------------------------------- */

static ph_status stage(struct dirt_orbits *o, struct link_command command)
{
    return o->config.stage(o->config.context, &command);
}

static void set_control(struct dirt_orbits *o, struct rt_synth *synth, const char *name,
                        float value)
{
    const uint32_t symbol = nrt_symbol_find(o->config.symbols, name);
    if (symbol)
        (void)nrt_synth_set(synth, symbol, value);
}

static ph_status add_group(struct dirt_orbits *o, uint32_t orbit)
{
    struct rt_group *group;
    ph_status status = nrt_group_new(dirt_orbit_group(orbit), &group);
    if (status != PH_OK)
        return status;
    status = stage(o, (struct link_command){ .kind = LINK_GROUP_ADD,
                                             .u.add = { .group = group, .action = ACTION_TAIL,
                                                        .target = RT_EVENTS_GROUP_ID } });
    if (status != PH_OK)
        nrt_group_free(group);
    return status;
}

static ph_status add_effect(struct dirt_orbits *o, uint32_t orbit, enum effect effect)
{
    struct rt_synth *synth;
    const int32_t id = effect_id(orbit, effect);
    ph_status status = nrt_synth_new(o->defs[effect], id, (uint64_t)(uint32_t)id, &synth);
    if (status != PH_OK)
        return status;
    set_control(o, synth, "dry", (float)dirt_orbit_dry_bus(o, orbit));
    set_control(o, synth, "wet", (float)wet_bus(o, orbit));
    set_control(o, synth, "out", (float)port_bus(o, orbit));
    set_control(o, synth, "orbit", (float)orbit);
    set_control(o, synth, "replyrate", o->meter_rate_hz);
    set_control(o, synth, "peaklag", o->meter_lag_seconds);
    synth->node.paused = effect < METER; /* until an event asks for it */
    struct link_command command = { .kind = LINK_SYNTH_ADD,
                                    .u.add = { .synth = synth, .action = ACTION_TAIL,
                                               .target = RT_EVENTS_GROUP_ID } };
    if (effect == METER) { /* it may come later */
        command.u.add.action = ACTION_BEFORE;
        command.u.add.target = effect_id(orbit, MONITOR);
    }
    status = stage(o, command);
    if (status != PH_OK)
        nrt_synth_free(synth);
    return status;
}

ph_status dirt_orbit_wake(struct dirt_orbits *o, uint32_t orbit)
{
    ph_status status = PH_OK;
    if (o->list[orbit].is_awake)
        return PH_OK;
    status = add_group(o, orbit);
    for (int i = 0; i < EFFECT_COUNT && status == PH_OK; i++)
        if (i != METER)
            status = add_effect(o, orbit, (enum effect)i);
    if (status == PH_OK && o->meter_rate_hz > 0)
        status = add_effect(o, orbit, METER);
    o->list[orbit].is_awake = status == PH_OK;
    return status;
}

ph_status dirt_orbits_clear(struct dirt_orbits *o, uint64_t due_frame)
{
    ph_status status = PH_OK;
    for (uint32_t i = 0; i < o->config.n_orbits && status == PH_OK; i++)
        if (o->list[i].is_awake)
            status = stage(o, (struct link_command){ .kind = LINK_GROUP_FREE_ALL,
                                                     .due_frame = due_frame,
                                                     .u.node.id = dirt_orbit_group(i) });
    return status;
}

ph_status dirt_orbits_measure(struct dirt_orbits *o, float rate_hz, float lag_seconds)
{
    const bool was_on = o->meter_rate_hz > 0;
    ph_status status = PH_OK;
    o->meter_rate_hz = rate_hz;
    o->meter_lag_seconds = lag_seconds;
    for (uint32_t i = 0; i < o->config.n_orbits && status == PH_OK; i++) {
        if (!o->list[i].is_awake)
            continue;
        if (was_on)
            status = stage(o, (struct link_command){ .kind = LINK_NODE_FREE,
                                                     .u.node.id = effect_id(i, METER) });
        if (status == PH_OK && rate_hz > 0)
            status = add_effect(o, i, METER);
    }
    return status;
}

/* ---- effects as events want them ------------------------------------------------------------- */

static ph_status set(struct dirt_orbits *o, uint32_t orbit, enum effect effect, uint32_t symbol,
                     float value, uint64_t due_frame)
{
    return stage(o, (struct link_command){ .kind = LINK_NODE_SET, .due_frame = due_frame,
                                           .u.set = { .id = effect_id(orbit, effect),
                                                      .symbol = symbol, .value = value } });
}

/** An effect that has been asked for a moment ago hasn't gone to rest yet. */
static ph_status resume(struct dirt_orbits *o, uint32_t orbit, enum effect effect,
                        uint64_t due_frame)
{
    uint64_t *const before = &o->list[orbit].resumed_frame[effect];
    const uint64_t moment = (uint64_t)o->config.target.rate_hz;
    if (*before && due_frame >= *before && due_frame < *before + moment)
        return PH_OK;
    *before = due_frame;
    const ph_status status =
        stage(o, (struct link_command){ .kind = LINK_NODE_RUN, .due_frame = due_frame,
                                        .u.node = { .id = effect_id(orbit, effect), .value = 1 } });
    return status == PH_OK ? set(o, orbit, effect, o->resumed_symbol, 1, due_frame) : status;
}

/**
 * The delay hears every event, for its echoes may be asked for later; a reverb without input is
 * silent.
 */
static bool is_needed(const struct dirt_orbits *o, const struct dirt_event *e, enum effect effect)
{
    switch (effect) {
    case REVERB:
        return dirt_is_said(e, DIRT_ROOM) && dirt_get(e, DIRT_ROOM, 1) != 0;
    case METER:
        return o->meter_rate_hz > 0;
    case LESLIE:
        return dirt_is_said(e, DIRT_LESLIE) || dirt_is_said(e, DIRT_LRATE) ||
               dirt_is_said(e, DIRT_LSIZE);
    default:
        return true;
    }
}

static struct setting setting_of(const struct dirt_event *e, enum dirt_number number)
{
    const struct dirt_map *const m = dirt_map_of(e, number);
    struct setting s = { .is_said = true };
    if (m) {
        s.follows = true;
        s.is_audio = m->is_audio;
        s.bus = m->bus;
    } else {
        s.value = (float)dirt_get(e, number, 0);
    }
    return s;
}

static bool is_same(const struct setting *a, const struct setting *b)
{
    return a->follows == b->follows && (a->follows ? a->bus == b->bus && a->is_audio == b->is_audio
                                                   : a->value == b->value);
}

static ph_status follow(struct dirt_orbits *o, uint32_t orbit, enum effect effect, uint32_t symbol,
                        const struct setting *s, uint64_t due_frame)
{
    const uint8_t source = s->is_audio ? LINK_CONTROL_AUDIO_BUS : LINK_CONTROL_BUS;
    return stage(o, (struct link_command){ .kind = LINK_NODE_MAP, .due_frame = due_frame,
                                           .u.map = { .id = effect_id(orbit, effect),
                                                      .symbol = symbol, .n = 1,
                                                      .bus = (int32_t)s->bus,
                                                      .source = source } });
}

/** One control, where the event wants it different from what it is. */
static ph_status change(struct dirt_orbits *o, uint32_t orbit, int i, const struct dirt_event *e,
                        uint64_t due_frame)
{
    struct setting *const before = &o->list[orbit].settings[i];
    const struct setting now = setting_of(e, settings[i].number);
    const enum effect effect = settings[i].effect;
    if (!dirt_is_said(e, settings[i].number) && (settings[i].is_kept || !before->is_said))
        return PH_OK;
    if (before->is_said && is_same(before, &now))
        return PH_OK;
    *before = now;
    return now.follows ? follow(o, orbit, effect, o->symbols[i], &now, due_frame)
                       : set(o, orbit, effect, o->symbols[i], now.value, due_frame);
}

ph_status dirt_orbit_set(struct dirt_orbits *o, uint32_t orbit, const struct dirt_event *e,
                         uint64_t due_frame)
{
    ph_status status = PH_OK;
    for (int i = 0; i < EFFECT_COUNT && status == PH_OK; i++)
        if (is_needed(o, e, (enum effect)i))
            status = resume(o, orbit, (enum effect)i, due_frame);
    for (int i = 0; i < SETTINGS && status == PH_OK; i++)
        status = change(o, orbit, i, e, due_frame);
    return status;
}
