/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/pattern_compile.c - pattern nodes -> pattern code. A node that several others share is  */
/* emitted once for each way in which its words are read.                                         */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/value.h"
#include "server/pattern/scale.h"

/** What words are names of, besides sounds. */
enum naming { NAMES_ANY, NAMES_SCALE, NAMES_CHORD };

struct emit {
    struct compiler *c;
    struct ph_pattern_build b;
    enum naming naming;
    uint32_t stamp;
    bool failed;
};

static uint32_t emit_mini(struct emit *e, const struct mini *m, enum pat_mode mode);
static uint32_t emit_pat(struct emit *e, struct pat *p, enum pat_mode mode);

/* ---- notes: LANGUAGE 19.1 -------------------------------------------------------------------- */

bool pattern_note(const char *text, double *note, bool *has_octave)
{
    static const int classes[] = { 9, 11, 0, 2, 4, 5, 7 }; /* a b c d e f g */
    const int letter = tolower((unsigned char)text[0]);

    if (letter < 'a' || letter > 'g')
        return false;
    int value = classes[letter - 'a'];
    const char *at = text + 1;
    for (; *at; at++) {
        const int c = tolower((unsigned char)*at);
        if (c == '#' || c == 's')
            value++;
        else if (c == 'b' || c == 'f')
            value--;
        else
            break;
    }
    *has_octave = *at != 0;
    long octave = 4;
    if (*at) {
        char *end;
        if (!isdigit((unsigned char)*at) && !(at[0] == '-' && at[1] == '1'))
            return false;
        octave = strtol(at, &end, 10);
        if (*end || octave < -1 || octave > 10)
            return false;
    }
    *note = value + 12.0 * (double)(octave + 1);
    return true;
}

static bool solfege(const char *text, double *semitones)
{
    static const struct {
        const char *name;
        double semitones;
    } table[] = { { "do", 0 }, { "re", 2 }, { "mi", 4 },  { "fa", 5 }, { "sol", 7 },
                  { "so", 7 }, { "la", 9 }, { "ti", 11 }, { "si", 11 } };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(text, table[i].name) == 0) {
            *semitones = table[i].semitones;
            return true;
        }
    return false;
}

/* ---- names of scales and chords: LANGUAGE 19.2 and 19.3 -------------------------------------- */

static void warn_unknown_name(struct emit *e, const char *what, const char *word,
                              const char *(*names_of)(size_t i, bool tidal),
                              uint32_t offset)
{
    enum { NAMES_MAX = 512 };
    const char *names[NAMES_MAX];
    uint32_t n = 0;

    for (size_t i = 0; names_of(i, false); i++)
        for (const char *at = names_of(i, false); *at && n < NAMES_MAX; at += strspn(at, " ")) {
            const size_t length = strcspn(at, " ");
            names[n++] = arena_text(e->c->arena, at, length);
            at += length;
        }
    const char *const near = diag_nearest(word, names, n);
    diag_warning(e->c->diag, offset, "no %s is called `%s`%s%s%s", what, word,
                 near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
}

static void check_name(struct emit *e, enum naming naming, const char *word, uint32_t offset)
{
    struct ph_value chord;

    if (naming == NAMES_SCALE && !pat_scale_find(word, strlen(word), false))
        warn_unknown_name(e, "scale", word, pat_scale_names, offset);
    if (naming == NAMES_CHORD && !pat_chord_make(word, strlen(word), 60, false, &chord))
        warn_unknown_name(e, "chord", word, pat_chord_names, offset);
}

/* ---- leaves ---------------------------------------------------------------------------------- */

static uint32_t emit_op(struct emit *e, enum ph_pattern_op op, const uint32_t *args, uint32_t n)
{
    return ph_pattern_emit(&e->b, op, args, n, NULL, 0);
}

static uint32_t emit_const(struct emit *e, uint32_t constant)
{
    return ph_pattern_emit(&e->b, PH_PAT_PURE, NULL, 0, &constant, 1);
}

static uint32_t emit_ratio(struct emit *e, struct ph_ratio value)
{
    return emit_const(e, ph_pattern_const_ratio(&e->b, value));
}

static uint32_t emit_bool(struct emit *e, bool value)
{
    return emit_const(e, ph_pattern_const_bool(&e->b, value));
}

static uint32_t emit_word(struct emit *e, const char *word)
{
    return emit_const(e, ph_pattern_const_word(&e->b, word, strlen(word)));
}

static uint32_t emit_error(struct emit *e, uint32_t offset, const char *wanted, const char *found)
{
    diag_error(e->c->diag, offset, "%s wanted here, found `%s`", wanted, found);
    e->failed = true;
    return emit_op(e, PH_PAT_SILENCE, NULL, 0);
}

/* A word of `s` without its index. */
static const char *sound_name(struct compiler *c, const char *word)
{
    const char *const colon = strchr(word, ':');

    return colon ? arena_text(c->arena, word, (size_t)(colon - word)) : word;
}

static uint32_t emit_sound(struct emit *e, const char *word, uint32_t offset)
{
    const char *const name = sound_name(e->c, word);
    struct voice *const voice = resolve_voice(e->c, name, offset);

    if (voice)
        voice->used = true;
    else if (name[0] == '~')
        e->failed = true; /* reported */
    return emit_word(e, word);
}

/* 1 true, 0 false, -1 neither */
static int truth(const char *word)
{
    if (strcmp(word, "t") == 0 || strcmp(word, "x") == 0 || strcmp(word, "true") == 0)
        return 1;
    return strcmp(word, "f") == 0 || strcmp(word, "false") == 0 ? 0 : -1;
}

/* Its place in a e i o u, or -1. */
static int vowel(const char *word)
{
    const char *const at = word[0] && !word[1] ? strchr("aeiou", word[0]) : NULL;

    return at ? (int)(at - "aeiou") : -1;
}

static uint32_t emit_note(struct emit *e, const char *text, enum pat_mode mode, uint32_t offset)
{
    double note;
    bool has_octave;

    if (pattern_note(text, &note, &has_octave)) {
        if (!has_octave && mode == PAT_CLASSES) /* octave 4 starts at 60 */
            return emit_ratio(e, ph_ratio_of((int64_t)floor(fmod(note, 12))));
        return emit_const(e, ph_pattern_const_note(&e->b, note));
    }
    if (solfege(text, &note))
        return emit_ratio(e, ph_ratio_of((int64_t)note));
    if (truth(text) >= 0) /* a trigger: "x ~ ~ ~" */
        return emit_ratio(e, ph_ratio_of(truth(text)));
    return emit_error(e, offset, "a number or note name is", text);
}

static uint32_t emit_mini_word(struct emit *e, const struct mini *m, enum pat_mode mode)
{
    switch (mode) {
    case PAT_SOUNDS:
        return emit_sound(e, m->text, m->offset);
    case PAT_WORDS:
        check_name(e, e->naming, m->text, m->offset);
        return emit_word(e, m->text);
    case PAT_BOOLS:
        if (truth(m->text) >= 0)
            return emit_bool(e, truth(m->text) == 1);
        return emit_error(e, m->offset, "a boolean (t f 1 0) is", m->text);
    case PAT_VOWELS:
        if (vowel(m->text) >= 0)
            return emit_ratio(e, ph_ratio_of(vowel(m->text)));
        return emit_error(e, m->offset, "a vowel (a e i o u) is", m->text);
    case PAT_NUMBERS:
        if (truth(m->text) >= 0)
            return emit_ratio(e, ph_ratio_of(truth(m->text)));
        return emit_error(e, m->offset, "a number is", m->text);
    default:
        return emit_note(e, m->text, mode, m->offset);
    }
}

static uint32_t emit_mini_number(struct emit *e, const struct mini *m, enum pat_mode mode)
{
    char text[64];

    switch (mode) {
    case PAT_SOUNDS:
        if (m->text)
            return emit_sound(e, m->text, m->offset);
        snprintf(text, sizeof text, "%.10g", m->number);
        return emit_sound(e, text, m->offset);
    case PAT_BOOLS:
        return emit_bool(e, m->ratio.num != 0);
    case PAT_WORDS:
        if (e->naming != NAMES_CHORD) /* `chord "7"` */
            return emit_ratio(e, m->ratio);
        snprintf(text, sizeof text, "%.10g", m->number);
        return emit_word(e, text);
    default:
        return emit_ratio(e, m->ratio);
    }
}

/* `c4'maj`: the quality applied to its root, by the instruction that `# chord` uses. */
static uint32_t emit_chord(struct emit *e, const struct mini *m, enum pat_mode mode)
{
    struct ph_ratio number;
    uint32_t args[2];

    if (mode == PAT_SOUNDS || mode == PAT_BOOLS || mode == PAT_NUMBERS)
        return emit_error(e, m->offset, mode == PAT_SOUNDS ? "a sound is" : "a number is",
                          m->text ? m->text : m->quality);
    if (m->quality && *m->quality)
        check_name(e, NAMES_CHORD, m->quality, m->offset);
    args[0] = emit_word(e, m->quality ? m->quality : "");
    if (!m->text || !*m->text)
        args[1] = emit_ratio(e, ph_ratio_of(0));
    else if (ph_ratio_parse(m->text, strlen(m->text), &number) == PH_OK)
        args[1] = emit_ratio(e, number);
    else
        args[1] = emit_note(e, m->text, PAT_NOTES, m->offset);
    return emit_op(e, PH_PAT_CHORD, args, 2);
}

/* ---- factors --------------------------------------------------------------------------------- */

/* Repeats of anything within one cycle; TidalCycles'
 * programs may use the whole budget of a query. */
enum { FACTOR_MAX = 4096, TYPED_FACTOR_MAX = 65536 };

/* What would fill the sequencer's whole budget is refused here, where there is a place to show. */
static void check_factor(struct emit *e, double factor, int most, uint32_t offset)
{
    if (fabs(factor) <= most || e->failed)
        return;
    diag_error(e->c->diag, offset, "more than %d repeats a cycle", most);
    e->failed = true;
}

static bool is_repeat(enum ph_pattern_op op)
{
    return op == PH_PAT_FAST || op == PH_PAT_HURRY || op == PH_PAT_PLY || op == PH_PAT_SEGMENT ||
           op == PH_PAT_CHOP || op == PH_PAT_STRIATE || op == PH_PAT_RUN || op == PH_PAT_SCRAMBLE ||
           op == PH_PAT_SHUFFLE || op == PH_PAT_FAST_GAP || op == PH_PAT_STRIPE;
}

/* ---- mini-notation --------------------------------------------------------------------------- */

static uint32_t *emit_items(struct emit *e, const struct mini *m, enum pat_mode mode)
{
    uint32_t *const args = arena_alloc(e->c->arena, (m->n_items + 1) * sizeof *args);

    for (uint32_t i = 0; i < m->n_items; i++)
        args[i] = emit_mini(e, m->items[i], mode);
    return args;
}

static struct ph_ratio weight_of(const struct mini *m, uint32_t i)
{
    return m->weights ? m->weights[i] : ph_ratio_of(1);
}

static struct ph_ratio total_weight(const struct mini *m)
{
    struct ph_ratio sum = ph_ratio_of(0);
    bool overflow = false;

    for (uint32_t i = 0; i < m->n_items; i++)
        sum = ph_ratio_add(sum, weight_of(m, i), &overflow);
    return sum;
}

static bool weights_are_one(const struct mini *m)
{
    for (uint32_t i = 0; i < m->n_items; i++)
        if (ph_ratio_cmp(weight_of(m, i), ph_ratio_of(1)) != 0)
            return false;
    return true;
}

static uint32_t emit_sequence(struct emit *e, const struct mini *m, enum pat_mode mode)
{
    if (m->n_items == 0)
        return emit_op(e, PH_PAT_SILENCE, NULL, 0);
    uint32_t *const args = emit_items(e, m, mode);
    if (m->n_items == 1)
        return args[0];
    uint32_t *const imms = arena_alloc(e->c->arena, m->n_items * sizeof *imms);
    for (uint32_t i = 0; i < m->n_items; i++)
        imms[i] = ph_pattern_const_ratio(&e->b, weight_of(m, i));
    return ph_pattern_emit(&e->b, PH_PAT_TIMECAT, args, m->n_items, imms, m->n_items);
}

static uint32_t emit_alternation(struct emit *e, const struct mini *m, enum pat_mode mode)
{
    if (m->n_items == 0)
        return emit_op(e, PH_PAT_SILENCE, NULL, 0);
    if (weights_are_one(m)) {
        uint32_t *const args = emit_items(e, m, mode);
        return m->n_items == 1 ? args[0] : emit_op(e, PH_PAT_SLOWCAT, args, m->n_items);
    }
    const uint32_t args[] = { emit_ratio(e, total_weight(m)), emit_sequence(e, m, mode) };
    return emit_op(e, PH_PAT_SLOW, args, 2);
}

/* Each part runs at `steps / its own length`: step j is item j mod length, LANGUAGE 6.3. */
static uint32_t emit_polymeter(struct emit *e, const struct mini *m, enum pat_mode mode)
{
    if (m->n_items == 0)
        return emit_op(e, PH_PAT_SILENCE, NULL, 0);
    uint32_t *const parts = arena_alloc(e->c->arena, m->n_items * sizeof *parts);
    const uint32_t steps = m->argument ? emit_mini(e, m->argument, PAT_NUMBERS)
                                       : emit_ratio(e, total_weight(m->items[0]));
    for (uint32_t i = 0; i < m->n_items; i++) {
        const struct mini *const part = m->items[i];
        const uint32_t division[] = { steps, emit_ratio(e, total_weight(part)) };
        const uint32_t both = ph_pattern_const_ratio(&e->b, ph_ratio_of(0));
        const uint32_t factor = ph_pattern_emit(&e->b, PH_PAT_DIV, division, 2, &both, 1);
        const uint32_t args[] = { factor, emit_sequence(e, part, mode) };
        parts[i] = part->n_items ? emit_op(e, PH_PAT_FAST, args, 2)
                                 : emit_op(e, PH_PAT_SILENCE, NULL, 0);
    }
    return m->n_items == 1 ? parts[0] : emit_op(e, PH_PAT_STACK, parts, m->n_items);
}

/* The k-th `?` or `|` of a string draws k/10000 cycles later: LANGUAGE 7. */
static struct ph_ratio seed_shift(uint32_t k)
{
    bool overflow = false;

    return ph_ratio_make(k, 10000, &overflow);
}

static uint32_t emit_degrade(struct emit *e, const struct mini *m, enum pat_mode mode)
{
    const uint32_t seed = ph_pattern_const_ratio(&e->b, seed_shift(m->seed));
    struct ph_ratio probability = m->ratio;
    bool overflow = false;

    if (probability.den == 0 || (probability.num == 0 && m->number != 0))
        probability = ph_ratio_from_double(m->number, &overflow);
    const uint32_t args[] = { emit_ratio(e, probability), emit_mini(e, m->items[0], mode) };
    return ph_pattern_emit(&e->b, PH_PAT_DEGRADE_BY, args, 2, &seed, 1);
}

static uint32_t emit_euclid(struct emit *e, const struct mini *m, enum pat_mode mode)
{
    if (m->argument2->kind == MINI_NUMBER)
        check_factor(e, m->argument2->number, FACTOR_MAX, m->argument2->offset);
    const uint32_t args[] = {
        emit_mini(e, m->argument, PAT_NUMBERS), emit_mini(e, m->argument2, PAT_NUMBERS),
        m->argument3 ? emit_mini(e, m->argument3, PAT_NUMBERS) : emit_ratio(e, ph_ratio_of(0)),
        emit_mini(e, m->items[0], mode)
    };
    return emit_op(e, mode == PAT_BOOLS ? PH_PAT_EUCLID_BOOL : PH_PAT_EUCLID, args, 4);
}

/* `0 .. 4` between numbers; words give their two ends, as PATTERNS has it. */
static uint32_t emit_range(struct emit *e, const struct mini *m, enum pat_mode mode)
{
    const struct mini *const a = m->items[0], *const b = m->items[1];
    enum { RANGE_STEPS_MAX = 1024 };

    if (a->kind != MINI_NUMBER || b->kind != MINI_NUMBER) {
        const uint32_t imm = ph_pattern_const_ratio(&e->b, ph_ratio_of(1));
        const uint32_t ends[] = { emit_mini(e, a, mode), emit_mini(e, b, mode) };
        const uint32_t imms[] = { imm, imm };
        return ph_pattern_emit(&e->b, PH_PAT_TIMECAT, ends, 2, imms, 2);
    }
    const bool down = ph_ratio_cmp(a->ratio, b->ratio) > 0;
    const double span = fabs(b->number - a->number);
    if (span >= RANGE_STEPS_MAX) {
        diag_error(e->c->diag, m->offset, "the run has more than %d steps", RANGE_STEPS_MAX);
        e->failed = true;
        return emit_op(e, PH_PAT_SILENCE, NULL, 0);
    }
    const uint32_t n = (uint32_t)floor(span + (span == floor(span) ? 0 : 0.5)) + 1;
    uint32_t args[RANGE_STEPS_MAX + 1], imms[RANGE_STEPS_MAX + 1];
    bool overflow = false;
    for (uint32_t i = 0; i < n; i++) {
        const struct ph_ratio step = ph_ratio_of(down ? -(int64_t)i : (int64_t)i);
        struct mini number = *a;
        number.ratio = ph_ratio_add(a->ratio, step, &overflow);
        number.number = ph_ratio_to_double(number.ratio);
        number.text = NULL;
        args[i] = emit_mini_number(e, &number, mode);
        imms[i] = ph_pattern_const_ratio(&e->b, ph_ratio_of(1));
    }
    return n == 1 ? args[0] : ph_pattern_emit(&e->b, PH_PAT_TIMECAT, args, n, imms, n);
}

static uint32_t emit_mini(struct emit *e, const struct mini *m, enum pat_mode mode)
{
    uint32_t args[2], seed;

    switch (m->kind) {
    case MINI_SILENCE:
        return emit_op(e, PH_PAT_SILENCE, NULL, 0);
    case MINI_WORD:
        return emit_mini_word(e, m, mode);
    case MINI_NUMBER:
        return emit_mini_number(e, m, mode);
    case MINI_BUS:
        if (mode == PAT_SOUNDS)
            return emit_sound(e, m->text, m->offset);
        if (mode == PAT_WORDS)
            return emit_word(e, m->text);
        return emit_error(e, m->offset, "a number is", m->text);
    case MINI_CHORD:
        return emit_chord(e, m, mode);
    case MINI_SEQ:
        return emit_sequence(e, m, mode);
    case MINI_STACK:
        if (m->n_items == 0)
            return emit_op(e, PH_PAT_SILENCE, NULL, 0);
        return m->n_items == 1 ? emit_mini(e, m->items[0], mode)
                               : emit_op(e, PH_PAT_STACK, emit_items(e, m, mode), m->n_items);
    case MINI_CHOICE:
        seed = ph_pattern_const_ratio(&e->b, ph_ratio_of(m->seed));
        return ph_pattern_emit(&e->b, PH_PAT_CHOOSE, emit_items(e, m, mode), m->n_items, &seed, 1);
    case MINI_ALTERNATE:
        return emit_alternation(e, m, mode);
    case MINI_POLYMETER:
        return emit_polymeter(e, m, mode);
    case MINI_FAST:
    case MINI_SLOW:
        if (m->kind == MINI_FAST && m->argument->kind == MINI_NUMBER)
            check_factor(e, m->argument->number, FACTOR_MAX, m->argument->offset);
        args[0] = emit_mini(e, m->argument, PAT_NUMBERS);
        args[1] = emit_mini(e, m->items[0], mode);
        return emit_op(e, m->kind == MINI_FAST ? PH_PAT_FAST : PH_PAT_SLOW, args, 2);
    case MINI_DEGRADE:
        return emit_degrade(e, m, mode);
    case MINI_EUCLID:
        return emit_euclid(e, m, mode);
    case MINI_RANGE:
        return emit_range(e, m, mode);
    }
    return emit_op(e, PH_PAT_SILENCE, NULL, 0);
}

/* ---- nodes ----------------------------------------------------------------------------------- */

/**
 * How argument `i` is read: 'p' as the node itself, 'n' numbers, 'b' booleans, 'w' words. The last
 * letter holds for all further arguments.
 */
static const char *argument_modes(enum ph_pattern_op op)
{
    switch (op) {
    case PH_PAT_STRUCT: case PH_PAT_MASK: case PH_PAT_KEEP_ONSETS: case PH_PAT_SEW:
    case PH_PAT_STITCH:
        return "bp";
    case PH_PAT_SCALE: case PH_PAT_CHORD: case PH_PAT_ARP:
        return "wp";
    case PH_PAT_EVERY: case PH_PAT_WHENMOD: case PH_PAT_WITHIN: case PH_PAT_COMPRESS:
    case PH_PAT_ZOOM: case PH_PAT_BITE: case PH_PAT_SLICE: case PH_PAT_SPLICE: case PH_PAT_RANGE:
    case PH_PAT_CHEW: case PH_PAT_PLAY_FOR:
        return "nnp";
    case PH_PAT_EUCLID: case PH_PAT_EUCLID_BOOL: case PH_PAT_EUCLID_SAMPLE:
        return "nnnp";
    case PH_PAT_RUN: case PH_PAT_SCAN: case PH_PAT_IRAND:
        return "n";
    case PH_PAT_INV:
        return "b";
    case PH_PAT_FAST: case PH_PAT_SLOW: case PH_PAT_EARLY: case PH_PAT_LATE: case PH_PAT_PLY:
    case PH_PAT_DEGRADE_BY: case PH_PAT_UNDEGRADE_BY: case PH_PAT_SOME_CYCLES_BY:
    case PH_PAT_CHUNK: case PH_PAT_ITER: case PH_PAT_FAST_GAP: case PH_PAT_TRUNC:
    case PH_PAT_LINGER: case PH_PAT_SWING: case PH_PAT_INSIDE_CYCLE: case PH_PAT_SEGMENT:
    case PH_PAT_SHUFFLE: case PH_PAT_SCRAMBLE: case PH_PAT_ROT: case PH_PAT_CHOP:
    case PH_PAT_STRIATE: case PH_PAT_LOOP_AT: case PH_PAT_HURRY: case PH_PAT_PARAM_MUL:
    case PH_PAT_PARAM_ADD: case PH_PAT_QUANTISE: case PH_PAT_SHIFT_BY: case PH_PAT_PRESS:
    case PH_PAT_PICK: case PH_PAT_WPICK: case PH_PAT_CYCLE_MOD: case PH_PAT_GROOVE:
    case PH_PAT_GLIDE: case PH_PAT_WALK: case PH_PAT_STRIPE:
        return "np";
    default:
        return "p";
    }
}

static enum pat_mode argument_mode(const struct pat *p, uint32_t i, enum pat_mode mode)
{
    const char *const modes = argument_modes(p->op);
    const size_t n = strlen(modes);

    if (mode == PAT_TYPED)
        return mode;
    if (p->op == PH_PAT_PARAM || (p->op == PH_PAT_BITE && i == 1 && p->child_mode != PAT_SOUNDS))
        return p->child_mode;
    switch (modes[i < n ? i : n - 1]) {
    case 'n':
        return PAT_NUMBERS;
    case 'b':
        return PAT_BOOLS;
    case 'w':
        return PAT_WORDS;
    default: /* arithmetic and scales work on notes, whoever receives their result */
        return mode;
    }
}

static uint32_t emit_value(struct emit *e, const struct ph_value *v)
{
    switch (v->kind) {
    case PH_VALUE_NUMBER:
        return ph_pattern_const_number(&e->b, v->number);
    case PH_VALUE_NOTE:
        return ph_pattern_const_note(&e->b, v->number);
    case PH_VALUE_WORD:
        return ph_pattern_const_word(&e->b, v->text, strlen(v->text));
    case PH_VALUE_BOOL:
        return ph_pattern_const_bool(&e->b, v->ratio.num != 0);
    case PH_VALUE_INT:
        return ph_pattern_const_int(&e->b, v->ratio.num);
    default:
        return ph_pattern_const_ratio(&e->b, v->ratio);
    }
}

static uint32_t emit_leaf(struct emit *e, const struct pat *p, enum pat_mode mode)
{
    const struct ph_value *const v = &p->imms[0];

    if (mode == PAT_BOOLS && v->kind == PH_VALUE_RATIO)
        return emit_bool(e, v->ratio.num != 0);
    if (mode == PAT_SOUNDS && v->kind == PH_VALUE_WORD)
        return emit_sound(e, v->text, p->offset);
    return emit_const(e, emit_value(e, v));
}

/* What the first argument's words name; other operations pass on what their words are for. */
static enum naming naming_of(enum ph_pattern_op op, enum naming outside)
{
    return op == PH_PAT_SCALE ? NAMES_SCALE : op == PH_PAT_CHORD ? NAMES_CHORD : outside;
}

static uint32_t emit_node(struct emit *e, struct pat *p, enum pat_mode mode)
{
    uint32_t few[4], few_imms[4];

    uint32_t *const args =
        p->n_args <= 4 ? few : arena_alloc(e->c->arena, p->n_args * sizeof *args);
    uint32_t *const imms =
        p->n_imms <= 4 ? few_imms : arena_alloc(e->c->arena, p->n_imms * sizeof *imms);
    if (is_repeat(p->op) && p->args[0]->kind == PAT_CONST) {
        const struct ph_value *const n = &p->args[0]->imms[0];
        check_factor(e, n->kind == PH_VALUE_NUMBER ? n->number : ph_ratio_to_double(n->ratio),
                     mode == PAT_TYPED ? TYPED_FACTOR_MAX : FACTOR_MAX, p->args[0]->offset);
    }
    for (uint32_t i = 0; i < p->n_args; i++) {
        const enum naming before = e->naming;
        if (i == 0)
            e->naming = naming_of(p->op, before);
        args[i] = emit_pat(e, p->args[i], argument_mode(p, i, mode));
        e->naming = before;
    }
    for (uint32_t i = 0; i < p->n_imms; i++)
        imms[i] = emit_value(e, &p->imms[i]);
    return ph_pattern_emit(&e->b, p->op, args, p->n_args, imms, p->n_imms);
}

static uint32_t emit_pat(struct emit *e, struct pat *p, enum pat_mode mode)
{
    if (p->memo_stamp[mode] == e->stamp)
        return p->memo[mode];
    const uint32_t made = p->kind == PAT_MINI    ? emit_mini(e, p->mini, mode)
                          : p->kind == PAT_CONST ? emit_leaf(e, p, mode)
                                                 : emit_node(e, p, mode);
    p->memo_stamp[mode] = e->stamp;
    p->memo[mode] = made;
    return made;
}

bool pattern_compile(struct compiler *c, struct pat *root, enum pat_mode mode,
                     struct ph_pattern_code *out)
{
    struct emit e = { .c = c, .stamp = ++c->stamp };

    const uint32_t last = emit_pat(&e, root, mode);
    const ph_status status = ph_pattern_build_end(&e.b, last, out);
    if (status != PH_OK && !e.failed) {
        diag_error(c->diag, root->offset, "the pattern can't be compiled: %s",
                   ph_status_text(status));
        e.failed = true;
    }
    if (e.failed)
        ph_pattern_code_finish(out);
    out->tidal = !e.failed && c->source->tidal;
    out->once = !e.failed && (root->flags & PAT_ONCE);
    return !e.failed;
}
