/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/seq/voices.c - what one sound event sounds like: which definition, at which pitch, for how */
/* long. LANGUAGE 10.2 to 10.6.                                                                   */
/* room: sequencer thread.                                                                        */
#include "server/seq/voices.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/voice.h"
#include "server/load/bank.h"
#include "server/seq/builtin.h"

enum {
    WORD_BYTES = PH_NAME_MAX + 1,
    WARNED_MAX = 256,
    FIRST_VOICE_ID = -1000000 /* below the ids of program nodes; hidden as all negative ones */
};

static const double base_default_hz = 261.6256; /* LANGUAGE 10.5 */
static const double seconds_max = 3600.0;       /* every voice ends */

/* ---- words of a program ---------------------------------------------------------------------- */

struct seq_words {
    uint32_t n;
    struct seq_word list[];
};

static int by_word(const void *a, const void *b)
{
    return strcmp(((const struct seq_word *)a)->word, ((const struct seq_word *)b)->word);
}

ph_status seq_words_new(const struct seq_word *words, uint32_t n_words, struct seq_words **out)
{
    struct seq_words *const w = calloc(1, sizeof *w + n_words * sizeof *w->list);
    *out = w;
    if (!w)
        return PH_NO_MEMORY;
    for (uint32_t i = 0; i < n_words; i++) {
        char *const word = strdup(words[i].word);
        if (!word) {
            seq_words_free(w);
            *out = NULL;
            return PH_NO_MEMORY;
        }
        w->list[w->n++] = (struct seq_word){ word, nrt_def_retain(words[i].def) };
    }
    qsort(w->list, w->n, sizeof *w->list, by_word);
    return PH_OK;
}

void seq_words_free(struct seq_words *w)
{
    for (uint32_t i = 0; w && i < w->n; i++) {
        free((char *)w->list[i].word); /* a copy of our own */
        nrt_def_release(w->list[i].def);
    }
    free(w);
}

static struct rt_def *find_word(const struct seq_words *w, const char *word)
{
    const struct seq_word key = { word, NULL };
    const struct seq_word *const found =
        w && w->n ? bsearch(&key, w->list, w->n, sizeof *w->list, by_word) : NULL;
    return found ? found->def : NULL;
}

/* ---- table ----------------------------------------------------------------------------------- */

struct seq_voice_table {
    double rate_hz;
    struct nrt_symbols *symbols;
    struct load_bank *bank;
    struct seq_builtins builtins;
    const struct seq_words *words;
    int32_t next_id;
    uint32_t n_warned;
    uint64_t warned[WARNED_MAX]; /* hashes of words */
    uint32_t out, gain, pan, ratio, span, base, attack, decay, sustain, hold, release; /* symbols */
    uint32_t buffer, rate, rate_end, seconds, begin, end, loop;
};

ph_status seq_voice_table_new(const struct nrt_target *target, struct nrt_symbols *symbols,
                              struct load_bank *bank, struct seq_voice_table **out)
{
    struct seq_voice_table *const t = calloc(1, sizeof *t);
    *out = t;
    if (!t)
        return PH_NO_MEMORY;
    t->rate_hz = (double)target->rate_hz;
    t->symbols = symbols;
    t->bank = bank;
    t->next_id = FIRST_VOICE_ID;
    const struct {
        uint32_t *symbol;
        const char *name;
    } names[] = {
        { &t->out, PH_VOICE_OUT },         { &t->gain, PH_VOICE_GAIN },
        { &t->pan, PH_VOICE_PAN },         { &t->ratio, PH_VOICE_RATIO },
        { &t->base, PH_VOICE_BASE },       { &t->attack, PH_VOICE_ATTACK },
        { &t->span, PH_VOICE_SPAN },
        { &t->decay, PH_VOICE_DECAY },     { &t->sustain, PH_VOICE_SUSTAIN },
        { &t->hold, PH_VOICE_HOLD },       { &t->release, PH_VOICE_RELEASE },
        { &t->buffer, SEQ_SAMPLE_BUFFER }, { &t->rate, SEQ_SAMPLE_RATE },
        { &t->begin, SEQ_SAMPLE_BEGIN },   { &t->rate_end, SEQ_SAMPLE_RATE_END },
        { &t->end, SEQ_SAMPLE_END },       { &t->seconds, SEQ_SAMPLE_SECONDS },
        { &t->loop, SEQ_SAMPLE_LOOP },
    };
    ph_status status = seq_builtins_new(target, symbols, &t->builtins);
    for (size_t i = 0; i < sizeof names / sizeof *names && status == PH_OK; i++) {
        *names[i].symbol = nrt_symbol_intern(symbols, names[i].name);
        status = *names[i].symbol ? PH_OK : PH_NO_MEMORY;
    }
    if (status != PH_OK) {
        seq_voice_table_free(t);
        *out = NULL;
    }
    return status;
}

void seq_voice_table_free(struct seq_voice_table *t)
{
    if (!t)
        return;
    seq_builtins_finish(&t->builtins);
    free(t);
}

void seq_voice_table_use(struct seq_voice_table *t, const struct seq_words *words)
{
    t->words = words;
}

/** True the first time a word is asked about. */
static bool warn_once(struct seq_voice_table *t, const char *word)
{
    const uint64_t hash = ph_hash_text(PH_HASH_START, word);
    for (uint32_t i = 0; i < t->n_warned; i++)
        if (t->warned[i] == hash)
            return false;
    if (t->n_warned == WARNED_MAX)
        return false;
    t->warned[t->n_warned++] = hash;
    return true;
}

/* ---- reading controls ------------------------------------------------------------------------ */

static const struct ph_value *find_value(const struct pat_value *value, const char *key)
{
    if (value->is_controls)
        return pat_control(value, key);
    /* a bare value: words name sounds, everything else is a pitch */
    const bool is_word = value->plain.kind == PH_VALUE_WORD;
    return strcmp(key, is_word ? "s" : "note") == 0 ? &value->plain : NULL;
}

/** A value as a number; false, and `out` as it was, for words and for what isn't finite. */
static bool number_of(const struct ph_value *v, double *out)
{
    double x;
    switch (v->kind) {
    case PH_VALUE_NUMBER:
    case PH_VALUE_NOTE: x = v->number; break;
    case PH_VALUE_RATIO:
    case PH_VALUE_INT:
    case PH_VALUE_BOOL: x = ph_ratio_to_double(v->ratio); break;
    case PH_VALUE_CHORD: x = v->n_notes ? (double)v->notes[0] : 0.0; break;
    case PH_VALUE_WORD:
    default: return false;
    }
    if (isfinite(x))
        *out = x;
    return isfinite(x);
}

static bool has(const struct pat_value *value, const char *key)
{
    double x;
    const struct ph_value *const v = find_value(value, key);
    return v && number_of(v, &x);
}

static double get(const struct pat_value *value, const char *key, double initial, double low,
                  double high)
{
    const struct ph_value *const v = find_value(value, key);
    double x;
    return v && number_of(v, &x) ? fmin(fmax(x, low), high) : initial;
}

/** The word of `s`; numbers are words too ("808"). False when there is none. */
static bool get_word(const struct pat_value *value, char *out)
{
    const struct ph_value *const v = find_value(value, "s");
    double x;
    if (!v)
        return false;
    if (v->kind == PH_VALUE_WORD)
        snprintf(out, WORD_BYTES, "%s", v->text);
    else if (number_of(v, &x))
        snprintf(out, WORD_BYTES, "%.15g", x);
    else
        return false;
    return true;
}

static int64_t get_index(const struct pat_value *value)
{
    const struct ph_value *const v = find_value(value, "n");
    double x = 0.0;
    if (!v || !number_of(v, &x))
        return 0;
    if (v->kind == PH_VALUE_NOTE || (v->kind == PH_VALUE_CHORD && !v->relative))
        x -= 60.0; /* `n "c e"` counts from c4 */
    return llround(fmin(fmax(x, -1e9), 1e9));
}

void seq_event_request(struct load_bank *bank, const struct pat_value *value)
{
    char word[WORD_BYTES];
    if (get_word(value, word))
        load_bank_request(bank, word, get_index(value));
}

/* ---- what plays ------------------------------------------------------------------------------ */

struct sound {
    struct rt_def *def;
    bool is_sample;
    struct load_sample sample;
    double base_hz; /* synths: frequency of ratio 1 */
};

static void warn_unknown(struct seq_voice_table *t, const char *word)
{
    if (!warn_once(t, word))
        return;
    const char *const nearest = load_bank_nearest(t->bank, word);
    if (nearest)
        fprintf(stderr, "warning: no sound named '%s'; did you mean '%s'?\n", word, nearest);
    else
        fprintf(stderr, "warning: no sound named '%s'\n", word);
}

/** Definition, sample or built-in synth of an event; false when it makes no sound (this time). */
static bool find_sound(struct seq_voice_table *t, const struct pat_value *value,
                       struct rt_def *default_def, struct sound *out)
{
    char word[WORD_BYTES];
    *out = (struct sound){ .base_hz = base_default_hz };
    if (!get_word(value, word)) {
        if (!find_value(value, "note") && !find_value(value, "n"))
            return false;
        out->def = default_def ? default_def : seq_builtin_synth(&t->builtins, "sine");
    } else if (!(out->def = find_word(t->words, word))) {
        if (load_bank_has(t->bank, word)) {
            out->is_sample = true;
            if (!load_bank_find(t->bank, word, get_index(value), &out->sample))
                return false;
            const bool moves = get(value, "accelerate", 0, -100, 100) != 0.0;
            out->def = t->builtins.samples[out->sample.n_channels > 1][moves];
            return true;
        }
        out->def = seq_builtin_synth(&t->builtins, word);
        if (!out->def)
            warn_unknown(t, word);
    }
    const int32_t base = out->def ? nrt_def_control(out->def, t->base) : -1;
    if (base >= 0 && out->def->controls[base] > 0.0f)
        out->base_hz = (double)out->def->controls[base];
    return out->def != NULL;
}

/* ---- pitch ----------------------------------------------------------------------------------- */

/** Pitches of an event: one, or those of a chord. */
struct pitches {
    uint32_t n;
    bool is_absolute; /* MIDI notes; else semitones */
    double notes[SEQ_VOICES_PER_EVENT_MAX];
};

static struct pitches find_pitches(const struct pat_value *value, bool is_sample)
{
    const struct ph_value *v = find_value(value, "note");
    if (!v && !is_sample)
        v = find_value(value, "n");
    struct pitches p = { .n = 1 };
    if (v && v->kind == PH_VALUE_CHORD) {
        p.n = v->n_notes < SEQ_VOICES_PER_EVENT_MAX ? v->n_notes : SEQ_VOICES_PER_EVENT_MAX;
        for (uint32_t i = 0; i < p.n; i++)
            p.notes[i] = (double)v->notes[i];
        p.is_absolute = !v->relative;
    } else if (v && number_of(v, &p.notes[0])) {
        p.is_absolute = v->kind == PH_VALUE_NOTE;
    }
    const double up = get(value, "up", 0, -240, 240);
    for (uint32_t i = 0; i < p.n; i++)
        p.notes[i] = fmin(fmax(p.notes[i] + up, -240.0), 240.0);
    return p;
}

/** Factor of the sample's rate or of the synth's frequencies. */
static double pitch_ratio(const struct sound *sound, const struct pitches *p, uint32_t i)
{
    if (!p->is_absolute)
        return exp2(p->notes[i] / 12.0);
    if (sound->is_sample)
        return exp2((p->notes[i] - 60.0) / 12.0);
    return 440.0 * exp2((p->notes[i] - 69.0) / 12.0) / sound->base_hz;
}

/* ---- sample playback ------------------------------------------------------------------------- */

struct playback {
    float rate, rate_end, begin, end;
    bool loop;
    double length_frames; /* until the part is played; infinite in a loop and for synths */
};

/** 10.4 `unit`: what speed 1 means. */
static double speed_ratio(const struct seq_event *event, const struct load_sample *sample,
                          double rate_hz)
{
    const double speed = get(event->value, "speed", 1, -20, 20);
    const double sample_seconds = sample->n_frames / rate_hz;
    const struct ph_value *const unit = find_value(event->value, "unit");
    const char which = unit && unit->kind == PH_VALUE_WORD ? unit->text[0] : 'r';
    if (which == 'c')
        return speed * sample_seconds * event->cps;
    if (which == 's')
        return speed == 0.0 ? 0.0 : sample_seconds / speed;
    return speed;
}

/** The sampler's own rounding of begin and end, so that the length is exact. */
static double part_frames(const struct playback *p, uint32_t n_frames)
{
    const double begin = floor((double)p->begin * n_frames + 0.5);
    const double end = floor((double)p->end * n_frames + 0.5);
    return fabs(end - begin);
}

/** How a sample is read at a pitch; false when nothing of it would sound. */
static bool find_playback(const struct seq_voice_table *t, const struct seq_event *event,
                          const struct load_sample *sample, double pitch, struct playback *out)
{
    const double rate = speed_ratio(event, sample, t->rate_hz) * pitch;
    *out = (struct playback){
        .rate = (float)fmin(fmax(rate, -1000.0), 1000.0),
        .begin = (float)get(event->value, "begin", 0, 0, 1),
        .end = (float)get(event->value, "end", 1, 0, 1),
        .loop = get(event->value, "loop", 0, 0, 1) > 0.5,
        .length_frames = INFINITY,
    };
    if (out->end < out->begin) {
        const float swap = out->begin;
        out->begin = out->end;
        out->end = swap;
    }
    const double accelerate = get(event->value, "accelerate", 0, -100, 100);
    out->rate_end = (float)((double)out->rate * (1.0 + accelerate));
    const double n = part_frames(out, sample->n_frames);
    if (out->rate == 0.0f || n == 0.0)
        return false;
    /* a moving rate has the mean of its ends, but a voice that slows down must end */
    const double mean = fabs((double)out->rate) * fmax(1.0 + accelerate / 2.0, 0.05);
    if (!out->loop) /* that the rate is a float shall not make one frame more */
        out->length_frames = ceil(n / mean * (1.0 - (double)FLT_EPSILON));
    return true;
}

/* ---- length ---------------------------------------------------------------------------------- */

/** Segments in frames: up to 1, down to `sustain`, along it, down to 0. */
struct envelope {
    double attack, decay, hold, release;
    double sustain;
};

static double frames_of(const struct seq_voice_table *t, double seconds)
{
    return floor(seconds * t->rate_hz + 0.5);
}

/** 10.3: frames from the onset to the beginning of the release, by the first rule that applies. */
static double gate_frames(const struct seq_voice_table *t, const struct seq_event *event,
                          const struct envelope *e, const struct playback *p)
{
    const struct pat_value *const v = event->value;
    const double span = frames_of(t, fmin(event->span_seconds, seconds_max));
    if (has(v, "dur"))
        return frames_of(t, get(v, "dur", 0, 0, seconds_max));
    if (has(v, "legato"))
        return floor(get(v, "legato", 1, 0, 1000) * span + 0.5);
    if (has(v, "decay"))
        return span;
    if (has(v, "attack") || has(v, "release") || has(v, "hold"))
        return e->attack + frames_of(t, get(v, "hold", 0, 0, 20));
    if (p->loop)
        return span - e->release;
    if (isfinite(p->length_frames)) /* shorter than its fades: half for each */
        return fmax(p->length_frames - e->release, floor(p->length_frames / 2.0));
    return e->attack;
}

/**
 * The envelope's segments. Each takes at least one frame, as EnvGen has it, also those that shouldn't be
 * there; these frames are taken from the neighbours, so that the whole lasts exactly gate + release
 * frames, or as long as the sample.
 */
static struct envelope find_envelope(const struct seq_voice_table *t, const struct seq_event *event,
                                     bool is_sample, const struct playback *p)
{
    const struct pat_value *const v = event->value;
    const bool is_adsr = has(v, "decay");
    const double attack = (double)(is_sample ? PH_SAMPLE_ATTACK_SECONDS : PH_VOICE_ATTACK_SECONDS);
    const double release = (double)(is_sample ? PH_SAMPLE_RELEASE_SECONDS : PH_VOICE_RELEASE_SECONDS);
    struct envelope e = {
        .attack = frames_of(t, get(v, "attack", attack, 0, 20)),
        .decay = is_adsr ? frames_of(t, get(v, "decay", 0, 0, 20)) : 0.0,
        .release = frames_of(t, get(v, "release", is_adsr ? 0.2 : release, 0, 20)),
        .sustain = is_adsr ? get(v, "sustain", 0.7, 0, 1) : 1.0,
    };
    double gate = fmax(gate_frames(t, event, &e, p), 0.0);
    double whole = gate + e.release;
    if (!p->loop && whole > p->length_frames) { /* the sample ends first */
        whole = p->length_frames;
        gate = fmin(gate, fmax(whole - e.release, floor(whole / 2.0)));
    }
    gate = fmax(gate >= e.attack ? fmax(gate, e.attack + 2.0) : gate, 3.0);
    e.attack = fmax(fmin(e.attack, gate - 2.0), 1.0);
    e.decay = fmax(fmin(e.decay, gate - e.attack - 1.0), 1.0);
    e.hold = gate - e.attack - e.decay;
    e.release = fmax(whole - gate, 1.0);
    return e;
}

/** Seconds that EnvGen, which rounds down, turns into exactly that many frames. */
static float seconds_of(const struct seq_voice_table *t, double frames)
{
    return (float)((frames + 0.25) / t->rate_hz);
}

/* ---- voices ---------------------------------------------------------------------------------- */

/** Controls of the event that the definition knows by the same name; ours are set afterwards. */
static void set_own_controls(const struct seq_voice_table *t, const struct pat_value *value,
                             struct rt_synth *synth)
{
    double x;
    for (uint32_t i = 0; value->is_controls && i < value->n_controls; i++)
        if (number_of(&value->controls[i].value, &x)) {
            const uint32_t symbol = nrt_symbol_find(t->symbols, value->controls[i].key);
            if (symbol)
                nrt_synth_set(synth, symbol, (float)x);
        }
}

static void set_envelope(const struct seq_voice_table *t, struct rt_synth *synth,
                         const struct envelope *e)
{
    nrt_synth_set(synth, t->attack, seconds_of(t, e->attack));
    nrt_synth_set(synth, t->decay, seconds_of(t, e->decay));
    nrt_synth_set(synth, t->hold, seconds_of(t, e->hold));
    nrt_synth_set(synth, t->release, seconds_of(t, e->release));
    nrt_synth_set(synth, t->sustain, (float)e->sustain);
}

static void set_playback(const struct seq_voice_table *t, struct rt_synth *synth,
                         const struct load_sample *sample, const struct playback *p,
                         const struct envelope *e)
{
    const double frames = e->attack + e->decay + e->hold + e->release;
    nrt_synth_set(synth, t->buffer, (float)sample->buffer_number);
    nrt_synth_set(synth, t->rate, p->rate);
    nrt_synth_set(synth, t->rate_end, p->rate_end);
    nrt_synth_set(synth, t->seconds, seconds_of(t, frames));
    nrt_synth_set(synth, t->begin, p->begin);
    nrt_synth_set(synth, t->end, p->end);
    nrt_synth_set(synth, t->loop, p->loop ? 1.0f : 0.0f);
}

static int32_t take_id(struct seq_voice_table *t)
{
    const int32_t id = t->next_id;
    t->next_id = id == INT32_MIN ? FIRST_VOICE_ID : id - 1;
    return id;
}

/** -1 .. 1. SuperDirt folds what lies outside: `jux` of a pan of 0.5 gives 1.5, which is 0.5. */
static double get_pan(const struct seq_event *event)
{
    if (!event->is_tidal)
        return get(event->value, "pan", 0, -1, 1);
    const double pan = get(event->value, "pan", 0.5, -1e6, 1e6);
    const double turn = pan - 2.0 * floor(pan / 2.0); /* 0 .. 2, there and back */
    return 2.0 * (turn <= 1.0 ? turn : 2.0 - turn) - 1.0;
}

/** One voice; NULL when it would be silent or there is no memory. */
static struct rt_synth *make_voice(struct seq_voice_table *t, const struct seq_event *event,
                                   const struct sound *sound, const struct pitches *pitches,
                                   uint32_t i, uint32_t out_bus, uint64_t seed)
{
    const double ratio = pitch_ratio(sound, pitches, i);
    struct playback playback = { .length_frames = INFINITY };
    struct rt_synth *synth = NULL;
    if (sound->is_sample && !find_playback(t, event, &sound->sample, ratio, &playback))
        return NULL;
    if (nrt_synth_new(sound->def, take_id(t), seed, &synth) != PH_OK)
        return NULL;
    const struct envelope e = find_envelope(t, event, sound->is_sample, &playback);
    const double gain = get(event->value, "gain", 1, 0, 10) / sqrt(pitches->n);
    set_own_controls(t, event->value, synth);
    nrt_synth_set(synth, t->out, (float)out_bus);
    nrt_synth_set(synth, t->gain, (float)gain);
    nrt_synth_set(synth, t->pan, (float)get_pan(event));
    nrt_synth_set(synth, t->ratio, (float)ratio);
    nrt_synth_set(synth, t->base, (float)sound->base_hz);
    nrt_synth_set(synth, t->span, (float)fmin(event->span_seconds, seconds_max));
    set_envelope(t, synth, &e);
    if (sound->is_sample)
        set_playback(t, synth, &sound->sample, &playback, &e);
    return synth;
}

uint32_t seq_event_voices(struct seq_voice_table *t, const struct seq_event *event, uint32_t out_bus,
                          struct rt_def *default_def, uint64_t seed, struct seq_voice *voices)
{
    struct sound sound;
    uint32_t n = 0;
    if (!find_sound(t, event->value, default_def, &sound))
        return 0;
    const struct pitches pitches = find_pitches(event->value, sound.is_sample);
    for (uint32_t i = 0; i < pitches.n; i++) {
        struct rt_synth *const synth =
            make_voice(t, event, &sound, &pitches, i, out_bus, ph_hash(seed, &i, sizeof i));
        if (synth)
            voices[n++] = (struct seq_voice){
                .synth = synth,
                .cut = (int32_t)get(event->value, "cut", 0, 0, 1e6),
            };
    }
    return n;
}
