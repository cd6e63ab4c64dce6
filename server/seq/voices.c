/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/seq/voices.c - what one sound event sounds like: which definition, at which pitch, for  */
/* how long. LANGUAGE 10.2 to 10.6.                                                               */
/* room: sequencer thread.                                                                        */
#include "server/seq/voices.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/load/bank.h"
#include "server/load/finder.h"
#include "server/seq/builtin.h"
#include "server/seq/controls.h"
#include "server/seq/length.h"

enum {
    NUMBER_BYTES = 32, /* of a word that is a number */
    WARNED_MAX = 256,
    ASKED_MAX = 64,    /* of a cycle's samples, so that most are requested once */
    FIRST_VOICE_ID = -1000000 /* below the ids of program nodes; hidden as all negative ones */
};

static const double base_default_hz = 261.6256; /* LANGUAGE 10.5 */

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
    struct load_bank *bank;
    struct seq_builtins builtins;
    struct seq_control_table *controls;
    const struct seq_words *words;
    int32_t next_id;
    uint32_t n_warned;
    uint64_t warned[WARNED_MAX]; /* hashes of words */
    struct load_finder finder;
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
    load_finder_init(&t->finder, bank);
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
    int32_t stages; /* control of its definition where its envelope has any segments; -1 */
};

/** 0 .. 4 by its first letter. */
static bool vowel_of(const struct ph_value *v, double *out)
{
    static const char letters[] = "aeiou";
    const char *const found = v->kind == PH_VALUE_WORD && v->text[0] ? strchr(letters, v->text[0]) : NULL;
    if (found)
        *out = (double)(found - letters);
    return found != NULL;
}

/** The effects that an event uses; their numbers are brought inside their ranges. */
static uint32_t find_effects(struct seq_read_event *e)
{
    static const double ranges[][3] = {
#define RANGE(id, name, low, high, neutral) { (double)(low), (double)(high), (double)(neutral) },
        PH_VOICE_EFFECTS(RANGE)
#undef RANGE
    };
    uint32_t effects = seq_event_is_shaped(e) ? PH_VOICE_SEGMENTS : 0;
    if (e->v.values[SEQ_VOWEL] && vowel_of(e->v.values[SEQ_VOWEL], &e->v.numbers[SEQ_VOWEL]))
        e->v.has |= UINT64_C(1) << SEQ_VOWEL;
    for (uint64_t bits = e->v.has >> SEQ_FIRST_EFFECT; bits; bits &= bits - 1) {
        const uint32_t i = (uint32_t)__builtin_ctzll(bits), control = SEQ_FIRST_EFFECT + i;
        e->v.numbers[control] = seq_get(e, control, 0, ranges[i][0], ranges[i][1]);
        if (e->v.numbers[control] != ranges[i][2])
            effects |= 1u << i;
    }
    return effects;
}

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

/** Definition, sample or built-in synth of an event; false when it makes no sound (this time). */
static bool find_sound(struct seq_voice_table *t, const struct seq_read_event *e, uint32_t effects,
                       struct rt_def *default_def, struct sound *out)
{
    char number[NUMBER_BYTES];
    const char *const word = word_of(e->v.values[SEQ_S], number);
    *out = (struct sound){ .base_hz = base_default_hz, .stages = -1 };
    if (!word) {
        if (!e->v.values[SEQ_NOTE] && !e->v.values[SEQ_N])
            return false;
        out->def = default_def ? default_def : seq_builtin_synth(&t->builtins, "sine", effects);
    } else if (!(out->def = find_word(t->words, word))) {
        const enum load_found found = load_finder_find(&t->finder, word, index_of(e->v.values[SEQ_N]),
                                                       &out->sample, &out->uses);
        if (found == LOAD_NOT_YET)
            return false;
        out->is_sample = found == LOAD_FOUND;
        if (out->is_sample) {
            const bool moves = seq_get(e, SEQ_ACCELERATE, 0, -100, 100) != 0.0;
            out->def = seq_builtin_sample(&t->builtins, out->sample.n_channels > 1, moves, effects);
            out->stages = seq_def_control(t->controls, out->def, SEQ_STAGES);
            return true;
        }
        out->def = seq_builtin_synth(&t->builtins, word, effects);
        if (!out->def)
            warn_unknown(t, word);
    }
    const int32_t base = out->def ? seq_def_control(t->controls, out->def, SEQ_BASE) : -1;
    if (base >= 0 && out->def->controls[base] > 0.0f)
        out->base_hz = (double)out->def->controls[base];
    if (out->def)
        out->stages = seq_def_control(t->controls, out->def, SEQ_STAGES);
    return out->def != NULL;
}

/* ---- pitch ----------------------------------------------------------------------------------- */

/** Pitches of an event: one, or those of a chord. */
struct pitches {
    uint32_t n;
    bool is_absolute; /* MIDI notes; else semitones */
    double notes[SEQ_VOICES_PER_EVENT_MAX];
};

static struct pitches find_pitches(const struct seq_read_event *e, bool is_sample)
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
    const double up = seq_get(e, SEQ_UP, 0, -240, 240);
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

/* ---- voices ---------------------------------------------------------------------------------- */

static void set_envelope(const struct seq_read_event *event, struct seq_settings *s,
                         const struct seq_envelope *e)
{
    seq_set(s, SEQ_ATTACK, seq_seconds_of(event, e->attack));
    seq_set(s, SEQ_DECAY, seq_seconds_of(event, e->decay));
    seq_set(s, SEQ_HOLD, seq_seconds_of(event, e->hold));
    seq_set(s, SEQ_RELEASE, seq_seconds_of(event, e->release));
    seq_set(s, SEQ_SUSTAIN, (float)e->sustain);
}

/** Into the controls that begin with `stages`: see PH_VOICE_STAGES. */
static void set_stages(const struct seq_read_event *event, const struct seq_stages *stages,
                       uint32_t first, struct rt_synth *synth)
{
    if (first + PH_VOICE_STAGE_CONTROLS > synth->def->n_controls)
        return; /* another definition's control of that name */
    nrt_synth_set_index(synth, first, (float)stages->n);
    nrt_synth_set_index(synth, first + 1, (float)stages->bend);
    nrt_synth_set_index(synth, first + 2, (float)stages->first_level);
    for (uint32_t i = 0; i < stages->n; i++) {
        nrt_synth_set_index(synth, first + 3 + 2 * i, (float)stages->list[i].level);
        nrt_synth_set_index(synth, first + 4 + 2 * i, seq_seconds_of(event, stages->list[i].frames));
    }
}

static void set_playback(const struct seq_read_event *event, struct seq_settings *s,
                         const struct load_sample *sample, const struct seq_playback *p,
                         double frames)
{
    seq_set(s, SEQ_BUFFER, (float)sample->buffer_number);
    seq_set(s, SEQ_RATE, p->rate);
    seq_set(s, SEQ_RATE_END, p->rate_end);
    seq_set(s, SEQ_SECONDS, seq_seconds_of(event, frames));
    seq_set(s, SEQ_BEGIN, p->begin);
    seq_set(s, SEQ_END, p->end);
    seq_set(s, SEQ_LOOP, p->loop ? 1.0f : 0.0f);
}

/** The event's numbers, as definitions may know them by the same name; ours are set over them. */
static void own_settings(const struct seq_read_event *e, struct seq_settings *s)
{
    s->set = e->v.has & ~(UINT64_C(1) << SEQ_STAGES); /* that one is made */
    for (uint64_t bits = s->set; bits; bits &= bits - 1) {
        const int control = __builtin_ctzll(bits);
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
static double get_pan(const struct seq_read_event *event)
{
    if (!event->from->is_tidal)
        return seq_get(event, SEQ_PAN, 0, -1, 1);
    const double pan = seq_get(event, SEQ_PAN, 0.5, -1e6, 1e6);
    const double turn = pan - 2.0 * floor(pan / 2.0); /* 0 .. 2, there and back */
    return 2.0 * (turn <= 1.0 ? turn : 2.0 - turn) - 1.0;
}

/** The course of a voice: as settings, or as segments where its definition has those. In frames. */
static double find_course(const struct seq_read_event *event, const struct sound *sound,
                          const struct seq_playback *playback, struct seq_settings *s,
                          struct seq_stages *stages)
{
    if (sound->stages >= 0 && seq_event_is_shaped(event)) {
        *stages = seq_stages_find(event, sound->is_sample, playback);
        return seq_stages_frames(stages);
    }
    const struct seq_envelope e = seq_envelope_find(event, sound->is_sample, playback);
    set_envelope(event, s, &e);
    *stages = seq_stages_of(&e);
    return seq_envelope_frames(&e);
}

/** One voice; NULL when it would be silent or there is no memory. */
static struct rt_synth *make_voice(struct seq_voice_table *t, const struct seq_read_event *event,
                                   const struct sound *sound, const struct pitches *pitches,
                                   uint32_t i, uint32_t out_bus, uint64_t seed)
{
    const double ratio = pitch_ratio(sound, pitches, i);
    struct seq_playback playback = { .length_frames = INFINITY };
    struct rt_synth *synth = NULL;
    if (sound->is_sample && !seq_playback_find(event, &sound->sample, ratio, &playback))
        return NULL;
    if (nrt_synth_new(sound->def, take_id(t), seed, &synth) != PH_OK)
        return NULL;
    const double gain = seq_get(event, SEQ_GAIN, 1, 0, 10);
    struct seq_settings s;
    struct seq_stages stages;
    own_settings(event, &s);
    const double frames = find_course(event, sound, &playback, &s, &stages);
    seq_set(&s, SEQ_OUT, (float)out_bus);
    seq_set(&s, SEQ_GAIN, (float)(pitches->n > 1 ? gain / sqrt(pitches->n) : gain));
    seq_set(&s, SEQ_PAN, (float)get_pan(event));
    seq_set(&s, SEQ_RATIO, (float)ratio);
    seq_set(&s, SEQ_BASE, (float)sound->base_hz);
    seq_set(&s, SEQ_SPAN, (float)fmin(event->from->span_seconds, SEQ_SECONDS_MAX));
    if (sound->is_sample) {
        set_playback(event, &s, &sound->sample, &playback, frames);
        synth->uses = load_bank_use(t->bank, &sound->sample);
    }
    seq_settings_apply(t->controls, &s, event->from->value, event->v.n_others, synth);
    if (sound->stages >= 0)
        set_stages(event, &stages, (uint32_t)sound->stages, synth);
    return synth;
}

uint32_t seq_event_voices(struct seq_voice_table *t, const struct seq_event *from, uint32_t out_bus,
                          struct rt_def *default_def, uint64_t seed, struct seq_voice *voices)
{
    struct seq_read_event event; /* its numbers count where it has them: no need to clear them */
    struct sound sound;
    uint32_t n = 0;
    event.from = from;
    event.rate_hz = t->rate_hz;
    seq_values_read(t->controls, from->value, &event.v);
    if (!find_sound(t, &event, find_effects(&event), default_def, &sound))
        return 0;
    const struct pitches pitches = find_pitches(&event, sound.is_sample);
    const int32_t cut = (int32_t)seq_get(&event, SEQ_CUT, 0, 0, 1e6);
    for (uint32_t i = 0; i < pitches.n; i++) {
        struct rt_synth *const synth =
            make_voice(t, &event, &sound, &pitches, i, out_bus, ph_hash(seed, &i, sizeof i));
        if (synth)
            voices[n] = (struct seq_voice){ .synth = synth, .cut = n == 0 ? cut : -cut };
        n += synth != NULL;
    }
    link_uses_release(sound.uses);
    return n;
}
