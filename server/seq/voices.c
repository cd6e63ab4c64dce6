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

#include "server/load/bank.h"
#include "server/seq/builtin.h"
#include "server/seq/controls.h"

enum {
    NUMBER_BYTES = 32, /* of a word that is a number */
    WARNED_MAX = 256,
    ASKED_MAX = 64,    /* of a cycle's samples, so that most are requested once */
    FOUND_MAX = 256,   /* samples kept at hand, a power of two */
    FOUND_BYTES = 24,  /* of their words; longer ones are looked up each time */
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

/** A sample that was found once: it stays where it is while the bank's revision does. */
struct found {
    char word[FOUND_BYTES];
    int64_t index;
    struct load_sample sample;
};

struct seq_voice_table {
    double rate_hz;
    struct load_bank *bank;
    struct seq_builtins builtins;
    struct seq_control_table *controls;
    const struct seq_words *words;
    int32_t next_id;
    uint32_t n_warned;
    uint64_t warned[WARNED_MAX]; /* hashes of words */
    uint32_t revision;           /* of the bank, when `found` was */
    struct found found[FOUND_MAX];
};

ph_status seq_voice_table_new(const struct nrt_target *target, struct nrt_symbols *symbols,
                              struct load_bank *bank, struct seq_voice_table **out)
{
    struct seq_voice_table *const t = calloc(1, sizeof *t);
    *out = NULL;
    if (!t)
        return PH_NO_MEMORY;
    t->rate_hz = (double)target->rate_hz;
    t->bank = bank;
    t->next_id = FIRST_VOICE_ID;
    ph_status status = seq_builtins_new(target, symbols, &t->builtins);
    if (status == PH_OK)
        status = seq_control_table_new(symbols, &t->controls);
    if (status != PH_OK) {
        seq_voice_table_free(t);
        return status;
    }
    *out = t;
    return PH_OK;
}

void seq_voice_table_free(struct seq_voice_table *t)
{
    if (!t)
        return;
    seq_builtins_finish(&t->builtins);
    seq_control_table_free(t->controls);
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

/** An event on its way to voices. */
struct event {
    const struct seq_event *from;
    struct seq_values v;
};

static bool has(const struct event *e, enum seq_control control)
{
    return e->v.has >> control & 1;
}

static double get(const struct event *e, enum seq_control control, double initial, double low,
                  double high)
{
    if (!has(e, control))
        return initial;
    const double x = e->v.numbers[control];
    return x < low ? low : x > high ? high : x;
}

/** The word of `s`, in `number` where it is one ("808"). NULL when there is none. */
static const char *word_of(const struct ph_value *s, char *number)
{
    double x;
    if (!s || s->kind == PH_VALUE_WORD)
        return s ? s->text : NULL;
    if (!seq_number_of(s, &x))
        return NULL;
    snprintf(number, NUMBER_BYTES, "%.15g", x);
    return number;
}

static int64_t index_of(const struct ph_value *n)
{
    double x = 0.0;
    if (!n || !seq_number_of(n, &x))
        return 0;
    if (n->kind == PH_VALUE_NOTE || (n->kind == PH_VALUE_CHORD && !n->relative))
        x -= 60.0; /* `n "c e"` counts from c4 */
    return llround(fmin(fmax(x, -1e9), 1e9));
}

/** The control of a name of one letter; a bare word is an `s`. */
static const struct ph_value *letter_control(const struct pat_value *value, char letter)
{
    if (!value->is_controls)
        return letter == 's' && value->plain.kind == PH_VALUE_WORD ? &value->plain : NULL;
    for (uint32_t i = 0; i < value->n_controls; i++)
        if (value->controls[i].key[0] == letter && value->controls[i].key[1] == 0)
            return &value->controls[i].value;
    return NULL;
}

void seq_events_request(struct load_bank *bank, const struct pat_hap *haps, uint32_t n)
{
    struct {
        const char *word; /* haps of one query share the words of their pattern */
        int64_t index;
    } asked[ASKED_MAX] = { { NULL, 0 } };
    char number[NUMBER_BYTES];
    for (uint32_t i = 0; i < n; i++) {
        const char *const word = word_of(letter_control(haps[i].value, 's'), number);
        if (!word)
            continue;
        const int64_t index = index_of(letter_control(haps[i].value, 'n'));
        const uint32_t k = ((uintptr_t)word / 8 + (uint64_t)index) % ASKED_MAX;
        if (asked[k].word == word && asked[k].index == index && word != number)
            continue;
        asked[k].word = word;
        asked[k].index = index;
        load_bank_request(bank, word, index);
    }
}

/* ---- what plays ------------------------------------------------------------------------------ */

struct sound {
    struct rt_def *def;
    bool is_sample;
    struct load_sample sample;
    struct link_uses *uses; /* of the sample, for as long as voices are made */
    double base_hz; /* synths: frequency of ratio 1 */
};

static void warn_unknown(struct seq_voice_table *t, const char *word)
{
    if (!warn_once(t, word))
        return;
    char nearest[LOAD_WORD_BYTES];
    if (load_bank_nearest(t->bank, word, nearest))
        fprintf(stderr, "warning: no sound named '%s'; did you mean '%s'?\n", word, nearest);
    else
        fprintf(stderr, "warning: no sound named '%s'\n", word);
}

enum found_kind { NO_SAMPLE, NOT_YET, FOUND };

/** Looks a sample up; the first in whose place another one was loaded meanwhile, again. */
static bool find_and_use(struct seq_voice_table *t, const char *word, int64_t index,
                         struct load_sample *out, struct link_uses **uses)
{
    *uses = NULL;
    for (int i = 0; i < 2 && !*uses; i++)
        if (load_bank_find(t->bank, word, index, out))
            *uses = load_bank_use(t->bank, out);
    return *uses != NULL;
}

/** The sample, from those at hand if it is there, and a use of it. */
static enum found_kind find_sample(struct seq_voice_table *t, const char *word, int64_t index,
                                   struct load_sample *out, struct link_uses **uses)
{
    const uint32_t revision = load_bank_revision(t->bank);
    if (revision != t->revision)
        memset(t->found, 0, sizeof t->found);
    t->revision = revision;
    struct found *const f = &t->found[(ph_hash_text(PH_HASH_START, word) + (uint64_t)index) % FOUND_MAX];
    if (f->index == index && f->word[0] && strcmp(f->word, word) == 0 &&
        (*uses = load_bank_use(t->bank, &f->sample)) != NULL) {
        *out = f->sample;
        return FOUND;
    }
    if (!load_bank_has(t->bank, word))
        return NO_SAMPLE;
    if (!find_and_use(t, word, index, out, uses))
        return NOT_YET;
    if (strlen(word) < FOUND_BYTES) {
        *f = (struct found){ .index = index, .sample = *out };
        strcpy(f->word, word);
    }
    return FOUND;
}

/** Definition, sample or built-in synth of an event; false when it makes no sound (this time). */
static bool find_sound(struct seq_voice_table *t, const struct event *e, struct rt_def *default_def,
                       struct sound *out)
{
    char number[NUMBER_BYTES];
    const char *const word = word_of(e->v.values[SEQ_S], number);
    *out = (struct sound){ .base_hz = base_default_hz };
    if (!word) {
        if (!e->v.values[SEQ_NOTE] && !e->v.values[SEQ_N])
            return false;
        out->def = default_def ? default_def : seq_builtin_synth(&t->builtins, "sine");
    } else if (!(out->def = find_word(t->words, word))) {
        const enum found_kind found =
            find_sample(t, word, index_of(e->v.values[SEQ_N]), &out->sample, &out->uses);
        if (found == NOT_YET)
            return false;
        out->is_sample = found == FOUND;
        if (out->is_sample) {
            const bool moves = get(e, SEQ_ACCELERATE, 0, -100, 100) != 0.0;
            out->def = t->builtins.samples[out->sample.n_channels > 1][moves];
            return true;
        }
        out->def = seq_builtin_synth(&t->builtins, word);
        if (!out->def)
            warn_unknown(t, word);
    }
    const int32_t base = out->def ? seq_def_control(t->controls, out->def, SEQ_BASE) : -1;
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

static struct pitches find_pitches(const struct event *e, bool is_sample)
{
    const struct ph_value *v = e->v.values[SEQ_NOTE];
    if (!v && !is_sample)
        v = e->v.values[SEQ_N];
    struct pitches p = { .n = 1 };
    if (v && v->kind == PH_VALUE_CHORD) {
        p.n = v->n_notes < SEQ_VOICES_PER_EVENT_MAX ? v->n_notes : SEQ_VOICES_PER_EVENT_MAX;
        for (uint32_t i = 0; i < p.n; i++)
            p.notes[i] = (double)v->notes[i];
        p.is_absolute = !v->relative;
    } else if (v && seq_number_of(v, &p.notes[0])) {
        p.is_absolute = v->kind == PH_VALUE_NOTE;
    }
    const double up = get(e, SEQ_UP, 0, -240, 240);
    for (uint32_t i = 0; i < p.n; i++)
        p.notes[i] = fmin(fmax(p.notes[i] + up, -240.0), 240.0);
    return p;
}

/** Factor of the sample's rate or of the synth's frequencies. */
static double pitch_ratio(const struct sound *sound, const struct pitches *p, uint32_t i)
{
    if (!p->is_absolute)
        return p->notes[i] == 0.0 ? 1.0 : exp2(p->notes[i] / 12.0);
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
static double speed_ratio(const struct event *e, const struct load_sample *sample, double rate_hz)
{
    const double speed = get(e, SEQ_SPEED, 1, -20, 20);
    const double sample_seconds = sample->n_frames / rate_hz;
    const struct ph_value *const unit = e->v.values[SEQ_UNIT];
    const char which = unit && unit->kind == PH_VALUE_WORD ? unit->text[0] : 'r';
    if (which == 'c')
        return speed * sample_seconds * e->from->cps;
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
static bool find_playback(const struct seq_voice_table *t, const struct event *e,
                          const struct load_sample *sample, double pitch, struct playback *out)
{
    const double rate = speed_ratio(e, sample, t->rate_hz) * pitch;
    *out = (struct playback){
        .rate = (float)fmin(fmax(rate, -1000.0), 1000.0),
        .begin = (float)get(e, SEQ_BEGIN, 0, 0, 1),
        .end = (float)get(e, SEQ_END, 1, 0, 1),
        .loop = get(e, SEQ_LOOP, 0, 0, 1) > 0.5,
        .length_frames = INFINITY,
    };
    if (out->end < out->begin) {
        const float swap = out->begin;
        out->begin = out->end;
        out->end = swap;
    }
    const double accelerate = get(e, SEQ_ACCELERATE, 0, -100, 100);
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
static double gate_frames(const struct seq_voice_table *t, const struct event *event,
                          const struct envelope *e, const struct playback *p)
{
    const double span = frames_of(t, fmin(event->from->span_seconds, seconds_max));
    if (has(event, SEQ_DUR))
        return frames_of(t, get(event, SEQ_DUR, 0, 0, seconds_max));
    if (has(event, SEQ_LEGATO))
        return floor(get(event, SEQ_LEGATO, 1, 0, 1000) * span + 0.5);
    if (has(event, SEQ_DECAY))
        return span;
    if (has(event, SEQ_ATTACK) || has(event, SEQ_RELEASE) || has(event, SEQ_HOLD))
        return e->attack + frames_of(t, get(event, SEQ_HOLD, 0, 0, 20));
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
static struct envelope find_envelope(const struct seq_voice_table *t, const struct event *event,
                                     bool is_sample, const struct playback *p)
{
    const bool is_adsr = has(event, SEQ_DECAY);
    const double attack = (double)(is_sample ? PH_SAMPLE_ATTACK_SECONDS : PH_VOICE_ATTACK_SECONDS);
    const double release = (double)(is_sample ? PH_SAMPLE_RELEASE_SECONDS : PH_VOICE_RELEASE_SECONDS);
    struct envelope e = {
        .attack = frames_of(t, get(event, SEQ_ATTACK, attack, 0, 20)),
        .decay = is_adsr ? frames_of(t, get(event, SEQ_DECAY, 0, 0, 20)) : 0.0,
        .release = frames_of(t, get(event, SEQ_RELEASE, is_adsr ? 0.2 : release, 0, 20)),
        .sustain = is_adsr ? get(event, SEQ_SUSTAIN, 0.7, 0, 1) : 1.0,
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

static void set_envelope(const struct seq_voice_table *t, struct seq_settings *s,
                         const struct envelope *e)
{
    seq_set(s, SEQ_ATTACK, seconds_of(t, e->attack));
    seq_set(s, SEQ_DECAY, seconds_of(t, e->decay));
    seq_set(s, SEQ_HOLD, seconds_of(t, e->hold));
    seq_set(s, SEQ_RELEASE, seconds_of(t, e->release));
    seq_set(s, SEQ_SUSTAIN, (float)e->sustain);
}

static void set_playback(const struct seq_voice_table *t, struct seq_settings *s,
                         const struct load_sample *sample, const struct playback *p,
                         const struct envelope *e)
{
    const double frames = e->attack + e->decay + e->hold + e->release;
    seq_set(s, SEQ_BUFFER, (float)sample->buffer_number);
    seq_set(s, SEQ_RATE, p->rate);
    seq_set(s, SEQ_RATE_END, p->rate_end);
    seq_set(s, SEQ_SECONDS, seconds_of(t, frames));
    seq_set(s, SEQ_BEGIN, p->begin);
    seq_set(s, SEQ_END, p->end);
    seq_set(s, SEQ_LOOP, p->loop ? 1.0f : 0.0f);
}

/** The event's numbers, as definitions may know them by the same name; ours are set over them. */
static void own_settings(const struct event *e, struct seq_settings *s)
{
    s->set = e->v.has;
    for (uint32_t bits = e->v.has; bits; bits &= bits - 1) {
        const int control = __builtin_ctz(bits);
        s->values[control] = (float)e->v.numbers[control];
    }
}

static int32_t take_id(struct seq_voice_table *t)
{
    const int32_t id = t->next_id;
    t->next_id = id == INT32_MIN ? FIRST_VOICE_ID : id - 1;
    return id;
}

/** -1 .. 1. SuperDirt folds what lies outside: `jux` of a pan of 0.5 gives 1.5, which is 0.5. */
static double get_pan(const struct event *event)
{
    if (!event->from->is_tidal)
        return get(event, SEQ_PAN, 0, -1, 1);
    const double pan = get(event, SEQ_PAN, 0.5, -1e6, 1e6);
    const double turn = pan - 2.0 * floor(pan / 2.0); /* 0 .. 2, there and back */
    return 2.0 * (turn <= 1.0 ? turn : 2.0 - turn) - 1.0;
}

/** One voice; NULL when it would be silent or there is no memory. */
static struct rt_synth *make_voice(struct seq_voice_table *t, const struct event *event,
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
    const double gain = get(event, SEQ_GAIN, 1, 0, 10);
    struct seq_settings s;
    own_settings(event, &s);
    seq_set(&s, SEQ_OUT, (float)out_bus);
    seq_set(&s, SEQ_GAIN, (float)(pitches->n > 1 ? gain / sqrt(pitches->n) : gain));
    seq_set(&s, SEQ_PAN, (float)get_pan(event));
    seq_set(&s, SEQ_RATIO, (float)ratio);
    seq_set(&s, SEQ_BASE, (float)sound->base_hz);
    seq_set(&s, SEQ_SPAN, (float)fmin(event->from->span_seconds, seconds_max));
    set_envelope(t, &s, &e);
    if (sound->is_sample)
        set_playback(t, &s, &sound->sample, &playback, &e);
    if (sound->is_sample)
        synth->uses = load_bank_use(t->bank, &sound->sample);
    seq_settings_apply(t->controls, &s, event->from->value, event->v.n_others, synth);
    return synth;
}

uint32_t seq_event_voices(struct seq_voice_table *t, const struct seq_event *from, uint32_t out_bus,
                          struct rt_def *default_def, uint64_t seed, struct seq_voice *voices)
{
    struct event event; /* its numbers count where it has them: no need to clear them */
    struct sound sound;
    uint32_t n = 0;
    event.from = from;
    seq_values_read(t->controls, from->value, &event.v);
    if (!find_sound(t, &event, default_def, &sound))
        return 0;
    const struct pitches pitches = find_pitches(&event, sound.is_sample);
    const int32_t cut = (int32_t)get(&event, SEQ_CUT, 0, 0, 1e6);
    for (uint32_t i = 0; i < pitches.n; i++) {
        struct rt_synth *const synth =
            make_voice(t, &event, &sound, &pitches, i, out_bus, ph_hash(seed, &i, sizeof i));
        if (synth)
            voices[n++] = (struct seq_voice){ .synth = synth, .cut = cut };
    }
    link_uses_release(sound.uses);
    return n;
}
