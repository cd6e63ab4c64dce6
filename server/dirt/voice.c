/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/voice.c - definitions that play events: made, kept, set.                           */
/* room: command thread.                                                                          */
#include "server/dirt/voice.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/dirt/synths.h"
#include "server/dsp/fft.h"

enum { DONE_FREE = 2, DONE_FREE_GROUP = 14, NO_NODE = -99, CHANNELS = 2 };
#define LEAST_WEIGHT 1e-37f /* of the windows of a stretched sample: where none reaches */

#define Q_NAME(id, name) name,
static const char *const quantity_names[] = { DIRT_QUANTITIES(Q_NAME) };
#undef Q_NAME
#define N_NAME(id, name, low, high) name,
static const char *const number_names[] = { DIRT_NUMBERS(N_NAME) };
#undef N_NAME

static struct ph_input quantity(struct graph *g, enum dirt_quantity q, enum ph_rate rate)
{
    return ph_build_control(&g->b, quantity_names[q], 0, rate);
}

/* ---- sounds ---------------------------------------------------------------------------------- */

/** Frames a frame: from RATE to RATE_END where it glides. */
static struct ph_input rate_input(struct graph *g, const struct dirt_form *form)
{
    const struct ph_input rate = quantity(g, DIRT_Q_RATE, PH_SCALAR);
    if (!form->glides)
        return rate;
    return UNIT(g, "Line", PH_CONTROL, rate, quantity(g, DIRT_Q_RATE_END, PH_SCALAR),
                quantity(g, DIRT_Q_SUSTAIN, PH_SCALAR), num(g, 0));
}

/** Round and round in its part; the gate ends it. */
static struct sound build_sample(struct graph *g, const struct dirt_form *form)
{
    const struct ph_input buffer = quantity(g, DIRT_Q_BUFFER, PH_SCALAR);
    const struct ph_input rate = rate_input(g, form);
    const struct ph_input begin = quantity(g, DIRT_Q_BEGIN, PH_SCALAR);
    const struct ph_input end = quantity(g, DIRT_Q_END, PH_SCALAR);
    const struct ph_input x = UNIT_OUTPUTS(g, "Sampler", PH_AUDIO, form->n_channels, buffer, rate,
                                           begin, end, num(g, 1), num(g, 0));
    return (struct sound){ form->n_channels, { x, output(x, form->n_channels - 1) } };
}

/**
 * Overlap and add: two readers half a window apart, each for `step` frames at the sample's own
 * speed while the place goes on by 1 / timescale; weights are Gaussian. Windows of 0.05 s, as
 * SuperDirt's.
 */
static struct sound build_stretched(struct graph *g, const struct dirt_form *form)
{
    const struct ph_input buffer = quantity(g, DIRT_Q_BUFFER, PH_SCALAR);
    const struct ph_input frames = quantity(g, DIRT_Q_FRAMES, PH_SCALAR);
    const struct ph_input begin = quantity(g, DIRT_Q_BEGIN, PH_SCALAR);
    const struct ph_input end = quantity(g, DIRT_Q_END, PH_SCALAR);
    const struct ph_input scale = fixed(g, "timescale", 1), wider = fixed(g, "timescalewin", 1);
    const struct ph_input window =
        mul(g, scaled(g, clipped(g, scale, 0.1f, 2), 0.05f * g->rate_hz, 0), wider);
    const struct ph_input step = over(g, window, scale), length = mul(g, frames, scale);
    const struct ph_input part = mul(g, binary(g, PH_BINARY_ABSDIF, begin, end), length);
    const struct ph_input turns = over(g, scaled(g, rate_input(g, form), g->rate_hz, 0), part);
    const struct ph_input saw = UNIT(g, "LFSaw", PH_AUDIO, turns, num(g, 1));
    const struct ph_input sign = unary(g, PH_UNARY_SIGN, quantity(g, DIRT_Q_SPEED, PH_SCALAR));
    const struct ph_input half = mul(g, scaled(g, sub(g, end, begin), 0.5f, 0), length);
    const struct ph_input middle = mul(g, scaled(g, add(g, end, begin), 0.5f, 0), length);
    const struct ph_input place = UNIT(g, "MulAdd", PH_AUDIO, saw, mul(g, sign, half), middle);
    const struct ph_input steps = binary(g, PH_BINARY_IDIV, place, step);
    const struct ph_input back = sub(g, over(g, step, scale), step);
    struct ph_input sum[CHANNELS] = { num(g, 0), num(g, 0) }, weights = num(g, 0);
    for (int i = 0; i < 2; i++) {
        const struct ph_input k = scaled(g, steps, 1, (float)(i - 1));
        const struct ph_input index = UNIT(g, "MulAdd", PH_AUDIO, k, back, place);
        const struct ph_input in_window = over(g, sub(g, place, mul(g, k, step)), window);
        const struct ph_input off = unary(g, PH_UNARY_SQUARED, scaled(g, in_window, 1, -0.5f));
        const struct ph_input weight = unary(g, PH_UNARY_EXP, scaled(g, off, -50, 0));
        const struct ph_input x = UNIT_OUTPUTS(g, "BufRd", PH_AUDIO, form->n_channels, buffer,
                                               index, num(g, 0), num(g, 4));
        weights = i == 0 ? weight : add(g, weights, weight);
        for (int32_t c = 0; c < form->n_channels; c++) {
            const struct ph_input y = mul(g, output(x, c), weight);
            sum[c] = i == 0 ? y : add(g, sum[c], y);
        }
    }
    struct sound s = { form->n_channels, { sum[0], sum[1] } };
    weights = binary(g, PH_BINARY_MAX, weights, num(g, LEAST_WEIGHT)); /* 0 between far windows */
    for (uint32_t c = 0; c < s.n; c++)
        s.c[c] = over(g, s.c[c], weights);
    return s;
}

/** What stands before it in its group has written there; the next event finds the bus empty. */
static struct sound build_bus(struct graph *g)
{
    const struct ph_input bus = quantity(g, DIRT_Q_IN, PH_SCALAR), zero = num(g, 0);
    const struct ph_input x = UNIT_OUTPUTS(g, "In", PH_AUDIO, CHANNELS, bus);
    UNIT_OUTPUTS(g, "ReplaceOut", PH_AUDIO, 0, bus, UNIT(g, "DC", PH_AUDIO, zero),
                 UNIT(g, "DC", PH_AUDIO, zero));
    return (struct sound){ CHANNELS, { x, output(x, 1) } };
}

/* ---- the rest of the way --------------------------------------------------------------------- */

static void pan(struct graph *g, struct sound *s)
{
    const struct ph_input place = quantity(g, DIRT_Q_PAN, PH_SCALAR), one = num(g, 1);
    const struct ph_input x =
        s->n == 1 ? UNIT_OUTPUTS(g, "Pan2", PH_AUDIO, CHANNELS, s->c[0], place, one)
                  : UNIT_OUTPUTS(g, "Balance2", PH_AUDIO, CHANNELS, s->c[0], s->c[1], place, one);
    *s = (struct sound){ CHANNELS, { x, output(x, 1) } };
}

/** amp (min(gain, 2) + overgain)^4: reckoned beforehand where nothing moves. */
static struct ph_input level_of(struct graph *g, const struct dirt_form *form)
{
    const struct ph_input amp = quantity(g, DIRT_Q_AMP, g->knobs);
    if (!form->follows)
        return mul(g, amp, quantity(g, DIRT_Q_LEVEL, PH_SCALAR));
    const struct ph_input gain = binary(g, PH_BINARY_MIN, knob(g, "gain", 1), num(g, 2));
    const struct ph_input sum = add(g, gain, knob(g, "overgain", 0));
    return mul(g, amp, unary(g, PH_UNARY_SQUARED, unary(g, PH_UNARY_SQUARED, sum)));
}

/**
 * Up, along and down; it ends the event, with all that stands in its group if it plays others'
 * sound.
 */
static void gate(struct graph *g, const struct dirt_form *form, struct sound *s)
{
    const struct ph_input zero = num(g, 0), one = num(g, 1), none = num(g, NO_NODE);
    const struct ph_input done = num(g, form->n_channels ? DONE_FREE : DONE_FREE_GROUP);
    const struct ph_input shape = num(g, form->is_routed ? SHAPE_LINEAR : SHAPE_SINE);
    const struct ph_input up = quantity(g, DIRT_Q_FADE_IN, PH_SCALAR);
    const struct ph_input along = quantity(g, DIRT_Q_SUSTAIN, PH_SCALAR);
    const struct ph_input down = quantity(g, DIRT_Q_FADE, PH_SCALAR);
    const struct ph_input level = form->is_routed ? one : level_of(g, form);
    const bool moves = rate_of(g, level) == PH_CONTROL;
    const struct ph_input env =
        UNIT(g, "EnvGen", PH_AUDIO, one, moves ? one : level, zero, one, done, zero, num(g, 3),
             none, none, one, up, shape, zero, one, along, shape, zero, zero, down, shape, zero);
    amplify(g, s, env);
    if (moves)
        amplify(g, s, level);
}

static void build(struct graph *g, const struct dirt_form *form)
{
    struct sound s = form->synth             ? dirt_synth_build(g, form->synth - 1u)
                     : form->n_channels == 0 ? build_bus(g)
                     : form->stretches     ? build_stretched(g, form)
                                           : build_sample(g, form);
    const bool is_panned_last = dirt_modules_are_even(form->modules) && form->n_channels == 1;
    if (form->n_channels > 0 && !is_panned_last)
        pan(g, &s);
    dirt_modules_build(g, form->modules, &s);
    gate(g, form, &s);
    if (is_panned_last)
        pan(g, &s);
    UNIT_OUTPUTS(g, "Out", PH_AUDIO, 0, quantity(g, DIRT_Q_OUT, PH_SCALAR), s.c[0], s.c[1]);
}

/* ---- definitions at hand --------------------------------------------------------------------- */

/** A control's value: a number of the event, one that only this synth knows, or a quantity. */
enum { FROM_OTHERS = -1, FROM_QUANTITIES = DIRT_NUMBER_COUNT };

struct kept {
    struct dirt_form form;
    struct rt_def *def; /* NULL: empty */
    struct source {
        int16_t from; /* FROM_OTHERS, a number, or FROM_QUANTITIES + a quantity */
        char *name;   /* FROM_OTHERS */
    } *sources;       /* [n_controls] */
    uint32_t n_sources;
    uint64_t used;      /* when it was last asked for */
};

enum { KEPT_MAX = 256, PLACES = 1024 };

struct dirt_voices {
    struct nrt_target target;
    struct nrt_symbols *symbols;
    struct dsp_fft *fft;
    uint64_t now; /* counts what is asked for */
    uint32_t n;
    struct kept kept[KEPT_MAX];
    uint16_t places[PLACES]; /* one more than the index in `kept`, by the form's hash; 0: empty */
};

static int formant_of(const char *name)
{
    static const char *const kinds[] = { DIRT_FORMANT_HZ, DIRT_FORMANT_RQ, DIRT_FORMANT_GAIN };
    for (int k = 0; k < 3; k++) {
        const size_t n = strlen(kinds[k]);
        if (strncmp(name, kinds[k], n) == 0 && name[n] >= '0' && name[n] < '0' + DIRT_FORMANTS)
            return 3 * (name[n] - '0') + k;
    }
    return -1;
}

static int16_t source_of(const char *name)
{
    for (int q = 0; q < DIRT_Q_FORMANTS; q++)
        if (strcmp(name, quantity_names[q]) == 0)
            return (int16_t)(FROM_QUANTITIES + q);
    for (int i = 0; i < DIRT_NUMBER_COUNT; i++)
        if (strcmp(name, number_names[i]) == 0)
            return (int16_t)i;
    const int formant = formant_of(name);
    return (int16_t)(formant < 0 ? FROM_OTHERS : FROM_QUANTITIES + DIRT_Q_FORMANTS + formant);
}

static void drop(struct kept *k)
{
    for (uint32_t i = 0; i < k->n_sources; i++)
        free(k->sources[i].name);
    free(k->sources);
    nrt_def_release(k->def);
    *k = (struct kept){ 0 };
}

/** One name per control: arrays are no part of these definitions. */
static ph_status find_sources(const struct ph_synthdef *spec, struct kept *out)
{
    out->sources = calloc(spec->n_controls + 1, sizeof *out->sources);
    if (!out->sources)
        return PH_NO_MEMORY;
    out->n_sources = spec->n_controls;
    for (uint32_t i = 0; i < spec->n_names; i++) {
        struct source *const s = &out->sources[spec->names[i].index];
        s->from = source_of(spec->names[i].name);
        if (s->from == FROM_OTHERS && !(s->name = strdup(spec->names[i].name)))
            return PH_NO_MEMORY;
    }
    return PH_OK;
}

static ph_status make(struct dirt_voices *v, const struct dirt_form *form, struct kept *out)
{
    struct graph g = { .knobs = form->follows ? PH_CONTROL : PH_SCALAR,
                       .rate_hz = v->target.rate_hz };
    struct ph_synthdef spec = { 0 };
    char name[40], error[128];
    snprintf(name, sizeof name, "(event %x.%llx)", form->n_channels,
             (unsigned long long)form->modules);
    ph_build_begin(&g.b, name);
    build(&g, form);
    ph_status status = ph_build_end(&g.b, &spec);
    *out = (struct kept){ .form = *form };
    if (status == PH_OK)
        status = find_sources(&spec, out);
    if (status == PH_OK)
        status = nrt_def_compile(&spec, v->symbols, &v->target, &out->def, error);
    if (status == PH_OK)
        out->def->has_before = form->synth != 0; /* struck once, some are twice as loud by it */
    if (status == PH_OK && out->def->needs_fft && !dsp_fft_plan_all(v->fft))
        status = PH_NO_MEMORY;
    ph_synthdef_finish(&spec);
    if (status != PH_OK)
        drop(out);
    return status;
}

static uint32_t place_of(const struct dirt_form *form)
{
    return (uint32_t)(ph_hash(PH_HASH_START, form, sizeof *form) % PLACES);
}

static void place(struct dirt_voices *v, uint32_t index)
{
    uint32_t at = place_of(&v->kept[index].form);
    while (v->places[at])
        at = (at + 1) % PLACES;
    v->places[at] = (uint16_t)(index + 1);
}

/** Forgets the one that was not used for the longest time; the others find their places anew. */
static uint32_t make_room(struct dirt_voices *v)
{
    uint32_t oldest = 0;
    if (v->n < KEPT_MAX)
        return v->n++;
    for (uint32_t i = 1; i < KEPT_MAX; i++)
        if (v->kept[i].used < v->kept[oldest].used)
            oldest = i;
    drop(&v->kept[oldest]);
    memset(v->places, 0, sizeof v->places);
    for (uint32_t i = 0; i < KEPT_MAX; i++)
        if (i != oldest)
            place(v, i);
    return oldest;
}

static const struct kept *find(struct dirt_voices *v, const struct dirt_form *form,
                               ph_status *status)
{
    struct kept new;
    *status = PH_OK;
    for (uint32_t at = place_of(form); v->places[at]; at = (at + 1) % PLACES) {
        struct kept *const k = &v->kept[v->places[at] - 1];
        if (memcmp(&k->form, form, sizeof *form) == 0) {
            k->used = ++v->now;
            return k;
        }
    }
    *status = make(v, form, &new);
    if (*status != PH_OK)
        return NULL;
    const uint32_t index = make_room(v);
    v->kept[index] = new;
    v->kept[index].used = ++v->now;
    place(v, index);
    return &v->kept[index];
}

ph_status dirt_voices_new(const struct nrt_target *target, struct nrt_symbols *symbols,
                          struct dsp_fft *fft, struct dirt_voices **out)
{
    struct dirt_voices *const v = calloc(1, sizeof *v);
    *out = v;
    if (!v)
        return PH_NO_MEMORY;
    v->target = *target;
    v->symbols = symbols;
    v->fft = fft;
    return PH_OK;
}

void dirt_voices_free(struct dirt_voices *v)
{
    for (uint32_t i = 0; v && i < v->n; i++)
        drop(&v->kept[i]);
    free(v);
}

uint32_t dirt_voices_count(const struct dirt_voices *v)
{
    return v->n;
}

/* ---- values ---------------------------------------------------------------------------------- */

/** -1 .. 1 by reflection. */
static double folded(double x)
{
    const double turn = (x + 1) - 4 * floor((x + 1) / 4); /* 0 .. 4, there and back */
    return (turn <= 2 ? turn : 4 - turn) - 1;
}

void dirt_values_find(const struct dirt_event *e, const struct dirt_span *s,
                      struct dirt_values *out)
{
    const double ratio = s->freq_hz / DIRT_SAMPLE_HZ;
    const double place = dirt_get(e, DIRT_PAN, 0.5) + dirt_get(e, DIRT_CHANNEL, 0) / CHANNELS;
    const double gain = dirt_get(e, DIRT_GAIN, 1) + dirt_get(e, DIRT_OVERGAIN, 0);
    struct dirt_formant formants[DIRT_FORMANTS];
    float *const q = out->list;
    q[DIRT_Q_RATE] = (float)(s->speed * ratio);
    q[DIRT_Q_RATE_END] = (float)(s->end_speed * ratio);
    q[DIRT_Q_SPEED] = (float)s->speed;
    q[DIRT_Q_SPEED_END] = (float)s->end_speed;
    q[DIRT_Q_BEGIN] = (float)s->begin;
    q[DIRT_Q_END] = (float)s->end;
    q[DIRT_Q_SUSTAIN] = (float)s->sustain;
    q[DIRT_Q_FADE_IN] = (float)s->fade_in;
    q[DIRT_Q_FADE] = (float)s->fade;
    q[DIRT_Q_FREQ] = (float)s->freq_hz;
    out->has_pitch = dirt_is_said(e, DIRT_N) || dirt_is_said(e, DIRT_NOTE) ||
                     dirt_is_said(e, DIRT_MIDINOTE) || dirt_is_said(e, DIRT_FREQ);
    q[DIRT_Q_PAN] = (float)folded(2 * place - 1);
    q[DIRT_Q_AMP] = (float)dirt_get(e, DIRT_AMP, 0.4);
    q[DIRT_Q_LEVEL] = (float)pow(gain, 4);
    if (!e->words[DIRT_WORD_VOWEL] || !dirt_formants_of(e->words[DIRT_WORD_VOWEL], formants))
        return;
    for (uint32_t i = 0; i < DIRT_FORMANTS; i++) {
        q[DIRT_Q_FORMANTS + 3 * i] = formants[i].hz;
        q[DIRT_Q_FORMANTS + 3 * i + 1] = formants[i].rq;
        q[DIRT_Q_FORMANTS + 3 * i + 2] = formants[i].gain;
    }
}

/** What says when a voice ends, what it reads and where it writes is reckoned once. */
static bool may_follow(int16_t from)
{
    return from < FROM_QUANTITIES || from == FROM_QUANTITIES + DIRT_Q_FREQ ||
           from == FROM_QUANTITIES + DIRT_Q_PAN || from == FROM_QUANTITIES + DIRT_Q_AMP;
}

/** @param k  one of our own definitions; NULL: a client's, all of whose controls may follow */
static void follow_buses(struct nrt_symbols *symbols, const struct dirt_event *e,
                         const struct kept *k, struct rt_synth *synth)
{
    for (uint32_t i = 0; i < e->n_maps; i++) {
        const struct dirt_map *const m = &e->maps[i];
        const uint32_t symbol = nrt_symbol_find(symbols, m->name);
        const enum link_control_source source =
            m->is_audio ? LINK_CONTROL_AUDIO_BUS : LINK_CONTROL_BUS;
        for (uint32_t p = 0; p < synth->def->n_params && symbol; p++) { /* some share a name */
            const struct rt_param *const param = &synth->def->params[p];
            const uint32_t control = param->first_control;
            if (param->symbol == symbol && (!k || may_follow(k->sources[control].from)))
                nrt_synth_map_index(synth, control, source, m->bus);
        }
    }
}

static void set_other(struct rt_synth *synth, uint32_t control, const char *name,
                      const struct dirt_event *e)
{
    for (uint32_t i = 0; i < e->n_others; i++)
        if (strcmp(e->others[i].name, name) == 0)
            nrt_synth_set_index(synth, control, e->others[i].value);
}

ph_status dirt_voices_make(struct dirt_voices *v, const struct dirt_form *form,
                           const struct dirt_event *e, const struct dirt_values *values, int32_t id,
                           uint64_t seed, struct rt_synth **out)
{
    ph_status status;
    const struct kept *const k = find(v, form, &status);
    *out = NULL;
    if (!k)
        return status;
    status = nrt_synth_new(k->def, id, seed, out);
    if (status != PH_OK)
        return status;
    for (uint32_t i = 0; i < k->n_sources; i++) {
        const int16_t from = k->sources[i].from;
        if (from == FROM_QUANTITIES + DIRT_Q_FREQ && form->synth && !values->has_pitch)
            continue;
        if (from >= FROM_QUANTITIES)
            nrt_synth_set_index(*out, i, values->list[from - FROM_QUANTITIES]);
        else if (from >= 0 && dirt_has(e, (enum dirt_number)from))
            nrt_synth_set_index(*out, i, (float)e->numbers[from]);
        else if (from == FROM_OTHERS)
            set_other(*out, i, k->sources[i].name, e);
    }
    if (form->follows)
        follow_buses(v->symbols, e, k, *out);
    return PH_OK;
}

/* ---- definitions of clients ------------------------------------------------------------------ */

static void set_named(struct nrt_symbols *symbols, struct rt_synth *synth, const char *name,
                      float value)
{
    const uint32_t symbol = nrt_symbol_find(symbols, name);
    if (symbol)
        nrt_synth_set(synth, symbol, value);
}

void dirt_client_set(struct nrt_symbols *symbols, const struct dirt_event *e,
                     const struct dirt_values *values, struct rt_synth *synth)
{
    static const struct {
        const char *name;
        float value;
    } defaults[] = { { "cps", 1 },    { "offset", 0 },   { "gain", 1 }, { "overgain", 0 },
                     { "cut", 0 },    { "octave", 5 },   { "dur", 1 },  { "delta", 1 },
                     { "lag", 0 },    { "length", 1 },   { "loop", 1 }, { "dry", 0 },
                     { "lock", 0 } };
    for (uint32_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        set_named(symbols, synth, defaults[i].name, defaults[i].value);
    for (int i = 0; i < DIRT_NUMBER_COUNT; i++)
        if (dirt_has(e, (enum dirt_number)i))
            set_named(symbols, synth, number_names[i], (float)e->numbers[i]);
    for (int q = 0; q < DIRT_Q_FORMANTS; q++)
        if (q != DIRT_Q_IN && q != DIRT_Q_BUFFER && q != DIRT_Q_FRAMES && q != DIRT_Q_RATE &&
            q != DIRT_Q_RATE_END && q != DIRT_Q_LEVEL &&
            (q != DIRT_Q_FREQ || values->has_pitch))
            set_named(symbols, synth, quantity_names[q], values->list[q]);
    for (uint32_t i = 0; i < e->n_others; i++)
        set_named(symbols, synth, e->others[i].name, e->others[i].value);
    follow_buses(symbols, e, NULL, synth);
}
