/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/kinds.c - makes pattern and signal nodes, and turns one kind of value into another:     */
/* LANGUAGE 4.                                                                                    */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client/functions/make.h"
#include "client/value.h"
#include "protocol/voice.h"

const char *compiler_text(struct compiler *c, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    const int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const size_t length = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    return arena_text(c->arena, text, length);
}

bool compiler_work(struct compiler *c, uint32_t offset)
{
    if (c->exhausted)
        return false;
    if (++c->work <= WORK_MAX)
        return true;
    c->exhausted = true;
    diag_error(c->diag, offset, "the program grows too large here");
    return false;
}

bool key_set_add(struct arena *arena, struct key_set *set, uint64_t key)
{
    if (key == 0)
        return false;
    if (set->n * 2 >= set->space) {
        struct key_set larger = { 0, set->space ? 2 * set->space : 64, NULL };
        larger.keys = arena_alloc(arena, larger.space * sizeof *larger.keys);
        for (uint32_t i = 0; i < set->space; i++)
            key_set_add(arena, &larger, set->keys[i]);
        *set = larger;
    }
    uint32_t at = (uint32_t)key & (set->space - 1);
    for (; set->keys[at]; at = (at + 1) & (set->space - 1))
        if (set->keys[at] == key)
            return false;
    set->keys[at] = key;
    set->n++;
    return true;
}

/* ---- pattern nodes --------------------------------------------------------------------------- */

static struct pat *pat_new(struct compiler *c, enum pat_kind kind, uint32_t offset)
{
    if (!compiler_work(c, offset))
        return NULL;
    struct pat *const p = arena_alloc(c->arena, sizeof *p);
    p->kind = kind;
    p->offset = offset;
    p->depth = 1;
    return p;
}

static bool is_truth_word(const char *word)
{
    return strcmp(word, "t") == 0 || strcmp(word, "x") == 0 || strcmp(word, "true") == 0 ||
           strcmp(word, "false") == 0;
}

/* What the leaves of a string are; recursion is as deep as the parser allowed nesting. */
static uint32_t mini_flags(const struct mini *m)
{
    uint32_t flags = 0;
    double note;
    bool has_octave;

    if (!m)
        return 0;
    switch (m->kind) {
    case MINI_SILENCE:
        return 0;
    case MINI_WORD:
        if (pattern_note(m->text, &note, &has_octave))
            return PAT_HAS_NOTES;
        return is_truth_word(m->text) ? PAT_HAS_NUMBERS : PAT_HAS_WORDS;
    case MINI_NUMBER:
        return PAT_HAS_NUMBERS;
    case MINI_BUS:
        return PAT_HAS_WORDS;
    case MINI_CHORD:
        return PAT_HAS_NOTES | PAT_HAS_CHORDS;
    default:
        break;
    }
    for (uint32_t i = 0; i < m->n_items; i++)
        flags |= mini_flags(m->items[i]);
    return flags;
}

static uint32_t mini_depth(const struct mini *m)
{
    uint32_t deepest = 0;

    for (uint32_t i = 0; m && i < m->n_items; i++) {
        const uint32_t depth = mini_depth(m->items[i]);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 2;
}

struct pat *pat_string(struct compiler *c, const struct mini *mini, uint32_t offset)
{
    struct pat *const p = mini ? pat_new(c, PAT_MINI, offset) : NULL;

    if (!p)
        return NULL;
    p->mini = mini;
    p->flags = mini_flags(mini);
    p->depth = mini_depth(mini);
    return p;
}

/* What a value of that kind counts as among the leaves of a pattern. */
static uint32_t value_flags(enum ph_value_kind kind)
{
    switch (kind) {
    case PH_VALUE_NOTE:
        return PAT_HAS_NOTES;
    case PH_VALUE_WORD:
        return PAT_HAS_WORDS;
    case PH_VALUE_CHORD:
        return PAT_HAS_NOTES | PAT_HAS_CHORDS;
    default:
        return PAT_HAS_NUMBERS;
    }
}

struct pat *pat_const(struct compiler *c, struct ph_value value, uint32_t offset)
{
    struct pat *const p = pat_new(c, PAT_CONST, offset);

    if (!p)
        return NULL;
    struct ph_value *const kept = arena_alloc(c->arena, sizeof *kept);
    *kept = value;
    p->imms = kept;
    p->n_imms = 1;
    p->flags = value_flags(value.kind);
    return p;
}

struct pat *pat_ratio(struct compiler *c, struct ph_ratio value, uint32_t offset)
{
    return pat_const(c, (struct ph_value){ .kind = PH_VALUE_RATIO, .ratio = value }, offset);
}

struct pat *pat_number(struct compiler *c, double value, uint32_t offset)
{
    return pat_const(c, (struct ph_value){ .kind = PH_VALUE_NUMBER, .number = value }, offset);
}

struct pat *pat_word(struct compiler *c, const char *word, uint32_t offset)
{
    return pat_const(c, (struct ph_value){ .kind = PH_VALUE_WORD, .text = word }, offset);
}

/* Index of the first argument that is the pattern itself; those before it are parameters. */
static uint32_t first_main_argument(enum ph_pattern_op op)
{
    switch (op) {
    case PH_PAT_FAST: case PH_PAT_SLOW: case PH_PAT_EARLY: case PH_PAT_LATE: case PH_PAT_PLY:
    case PH_PAT_DEGRADE_BY: case PH_PAT_UNDEGRADE_BY: case PH_PAT_SOME_CYCLES_BY:
    case PH_PAT_CHUNK: case PH_PAT_ITER: case PH_PAT_FAST_GAP: case PH_PAT_TRUNC:
    case PH_PAT_LINGER: case PH_PAT_SWING: case PH_PAT_INSIDE_CYCLE: case PH_PAT_SEGMENT:
    case PH_PAT_STRUCT: case PH_PAT_MASK: case PH_PAT_KEEP_ONSETS: case PH_PAT_SHUFFLE:
    case PH_PAT_SCRAMBLE: case PH_PAT_ROT: case PH_PAT_CHOP: case PH_PAT_STRIATE:
    case PH_PAT_LOOP_AT: case PH_PAT_HURRY: case PH_PAT_PARAM_MUL: case PH_PAT_PARAM_ADD:
    case PH_PAT_SCALE: case PH_PAT_CHORD: case PH_PAT_QUANTISE: case PH_PAT_SEW:
    case PH_PAT_STITCH: case PH_PAT_SHIFT_BY: case PH_PAT_PRESS: case PH_PAT_PICK:
    case PH_PAT_CYCLE_MOD: case PH_PAT_GROOVE: case PH_PAT_GLIDE: case PH_PAT_WALK:
    case PH_PAT_STRIPE: case PH_PAT_WPICK:
        return 1;
    case PH_PAT_EVERY: case PH_PAT_WHENMOD: case PH_PAT_WITHIN: case PH_PAT_COMPRESS:
    case PH_PAT_ZOOM: case PH_PAT_BITE: case PH_PAT_SLICE: case PH_PAT_SPLICE: case PH_PAT_RANGE:
    case PH_PAT_CHEW: case PH_PAT_PLAY_FOR:
        return 2;
    case PH_PAT_EUCLID: case PH_PAT_EUCLID_BOOL: case PH_PAT_EUCLID_SAMPLE:
        return 3;
    case PH_PAT_RUN: case PH_PAT_SCAN: case PH_PAT_IRAND:
        return 1; /* their only argument is a parameter */
    default:
        return 0;
    }
}

/* Flags that a node has besides those of its arguments. */
static uint32_t own_flags(enum ph_pattern_op op)
{
    switch (op) {
    case PH_PAT_RAND: case PH_PAT_PERLIN: case PH_PAT_SINE: case PH_PAT_COSINE: case PH_PAT_SAW:
    case PH_PAT_ISAW: case PH_PAT_TRI: case PH_PAT_SQUARE: case PH_PAT_IRAND:
    case PH_PAT_GLIDE:
        return PAT_CONTINUOUS | PAT_HAS_NUMBERS;
    case PH_PAT_RUN: case PH_PAT_SCAN:
        return PAT_HAS_NUMBERS;
    case PH_PAT_CHORD:
        return PAT_HAS_CHORDS;
    case PH_PAT_PARAM:
        return PAT_CONTROLS;
    default:
        return 0;
    }
}

static bool makes_structure(enum ph_pattern_op op)
{
    return op == PH_PAT_SEGMENT || op == PH_PAT_STRUCT || op == PH_PAT_EUCLID ||
           op == PH_PAT_EUCLID_SAMPLE || op == PH_PAT_SLICE || op == PH_PAT_SPLICE ||
           op == PH_PAT_BITE || op == PH_PAT_STITCH;
}

static bool takes_left_structure(enum ph_pattern_op op)
{
    return op == PH_PAT_SET || op == PH_PAT_UNION || op == PH_PAT_ADD || op == PH_PAT_SUB || op == PH_PAT_MUL ||
           op == PH_PAT_DIV || op == PH_PAT_KEEP;
}

/* Whether argument `i` leaves the structure to the other
 * one: with that of both, a constant does. */
static bool leaves_structure(enum ph_pattern_op op, struct pat *const *args, uint32_t n_args,
                             const struct ph_value *imms, uint32_t i)
{
    if (!takes_left_structure(op) || n_args != 2 || !imms)
        return false;
    if (imms[0].ratio.num == 1)
        return i > 0;
    return imms[0].ratio.num == 0 && op != PH_PAT_SET && op != PH_PAT_UNION && op != PH_PAT_KEEP &&
           args[i]->kind == PAT_CONST && (i == 0 || args[0]->kind != PAT_CONST);
}

struct pat *pat_op_imm(struct compiler *c, enum ph_pattern_op op, struct pat *const *args,
                       uint32_t n_args, const struct ph_value *imms, uint32_t n_imms,
                       uint32_t offset)
{
    uint32_t depth = 0, flags = 0;
    bool continuous = n_args > 0;

    const uint32_t first = first_main_argument(op);
    for (uint32_t i = 0; i < n_args; i++) {
        if (!args[i])
            return NULL;
        depth = args[i]->depth > depth ? args[i]->depth : depth;
        if (i < first)
            continue;
        flags |= args[i]->flags;
        if (!leaves_structure(op, args, n_args, imms, i))
            continuous &= (args[i]->flags & PAT_CONTINUOUS) != 0;
    }
    struct pat *const p = pat_new(c, PAT_OP, offset);
    if (!p)
        return NULL;
    if (depth + 1 > PAT_DEPTH_MAX) {
        diag_error(c->diag, offset, "the pattern is nested too deeply (more than %d steps)",
                   PAT_DEPTH_MAX);
        return NULL;
    }
    if (!continuous || makes_structure(op) || n_args <= first)
        flags &= ~(uint32_t)PAT_CONTINUOUS;
    p->op = op;
    p->flags = flags | own_flags(op);
    if (op == PH_PAT_CHORD_NOTE)
        p->flags &= ~(uint32_t)PAT_HAS_CHORDS;
    p->depth = depth + 1;
    p->n_args = n_args;
    p->n_imms = n_imms;
    if (n_args) {
        p->args = arena_alloc(c->arena, n_args * sizeof *p->args);
        memcpy(p->args, args, n_args * sizeof *p->args);
    }
    if (n_imms) {
        struct ph_value *const kept = arena_alloc(c->arena, n_imms * sizeof *kept);
        memcpy(kept, imms, n_imms * sizeof *kept);
        p->imms = kept;
    }
    return p;
}

struct pat *pat_op(struct compiler *c, enum ph_pattern_op op, struct pat *const *args,
                   uint32_t n_args, uint32_t offset)
{
    return pat_op_imm(c, op, args, n_args, NULL, 0, offset);
}

struct pat *pat_param(struct compiler *c, const char *control, enum pat_mode mode, struct pat *p)
{
    const struct ph_value name = { .kind = PH_VALUE_WORD, .text = control };

    if (!p)
        return NULL;
    c->voice_effects |= ph_voice_effect(control);
    struct pat *const made = pat_op_imm(c, PH_PAT_PARAM, &p, 1, &name, 1, p->offset);
    if (made)
        made->child_mode = mode;
    return made;
}

struct pat *pat_param_op(struct compiler *c, enum ph_pattern_op op, const char *control,
                         struct pat *x, struct pat *p)
{
    const struct ph_value name = { .kind = PH_VALUE_WORD, .text = control };

    if (!x || !p)
        return NULL;
    return pat_op_imm(c, op, (struct pat *[]){ x, p }, 2, &name, 1, p->offset);
}

struct pat *pat_with(struct compiler *c, struct pat *left, struct pat *right, bool drops)
{
    const struct ph_value rest = { .kind = PH_VALUE_RATIO, .ratio = { drops, 1 } };

    if (!left || !right)
        return NULL;
    struct pat *const made =
        pat_op_imm(c, PH_PAT_SET, (struct pat *[]){ left, right }, 2, &rest, 1, left->offset);
    if (made) /* the values of the right side say nothing about what plays */
        made->flags = left->flags | PAT_CONTROLS;
    return made;
}

struct pat *pat_stack(struct compiler *c, struct pat *const *layers, uint32_t n, uint32_t offset)
{
    if (n == 0)
        return pat_op(c, PH_PAT_SILENCE, NULL, 0, offset);
    return n == 1 ? layers[0] : pat_op(c, PH_PAT_STACK, layers, n, offset);
}

/* ---- signal nodes ---------------------------------------------------------------------------- */

static struct sig *sig_new(struct compiler *c, enum sig_kind kind, const char *path,
                           uint32_t offset)
{
    if (!compiler_work(c, offset))
        return NULL;
    struct sig *const s = arena_alloc(c->arena, sizeof *s);
    s->kind = kind;
    s->path = path;
    s->offset = offset;
    s->depth = 1;
    s->n_channels = 1;
    return s;
}

struct sig *sig_number(struct compiler *c, double number, uint32_t offset)
{
    struct sig *const s = sig_new(c, SIG_NUMBER, "", offset);

    if (s)
        s->number = number;
    return s;
}

struct sig *sig_text(struct compiler *c, const char *const *texts, uint32_t n, const char *path,
                     uint32_t offset)
{
    struct sig *const s = sig_new(c, SIG_TEXT, path, offset);

    if (!s)
        return NULL;
    s->texts = texts;
    s->n_texts = n;
    s->text = texts[0];
    if (n == 1)
        return s;
    struct pat **const numbers = arena_alloc(c->arena, n * sizeof *numbers);
    for (uint32_t i = 0; i < n; i++)
        numbers[i] = pat_ratio(c, ph_ratio_of(i), offset);
    s->n_args = 1;
    s->args = arena_alloc(c->arena, sizeof *s->args);
    s->args[0] = sig_steps(c, pat_op(c, PH_PAT_SLOWCAT, numbers, n, offset), CONTEXT_NUMBER, 0, path);
    if (!s->args[0])
        return NULL;
    s->flags = s->args[0]->flags;
    return s;
}

struct sig *sig_behind_buses(struct sig *s)
{
    for (uint32_t i = 0; s && s->kind == SIG_BUS && i < BUSES_DEEP_MAX; i++)
        s = s->flags & SIG_IS_FED_BACK ? NULL : s->definition->value.signal;
    return s;
}

struct sig *sig_bus(struct compiler *c, struct definition *definition, const char *path,
                    uint32_t offset)
{
    struct sig *const s = sig_new(c, SIG_BUS, path, offset);

    if (!s)
        return NULL;
    s->definition = definition;
    s->flags = SIG_HAS_BUS;
    if (definition->state == DEFINITION_EVALUATING) {
        s->n_channels = definition->n_channels_fed_back;
        s->flags |= SIG_IS_FED_BACK;
    } else {
        s->n_channels = definition->value.signal->n_channels;
        s->flags |= definition->value.signal->flags;
    }
    s->depth = 1;
    return s;
}

struct sig *sig_steps(struct compiler *c, struct pat *pattern, enum sig_context context,
                      double initial, const char *path)
{
    struct sig *const s = pattern ? sig_new(c, SIG_STEPS, path, pattern->offset) : NULL;

    if (!s)
        return NULL;
    if (pattern->flags & PAT_CONTROLS) {
        diag_error(c->diag, pattern->offset, "a pattern of sound events is no control signal");
        return NULL;
    }
    s->pattern = pat_once_a_cycle(c, pattern);
    if (!s->pattern)
        return NULL;
    s->context = context;
    s->number = initial;
    s->flags = SIG_HAS_STEPS;
    return s;
}

struct sig *sig_events(struct compiler *c, struct pat *pattern, const char *path)
{
    struct sig *const s = pattern ? sig_new(c, SIG_EVENTS, path, pattern->offset) : NULL;

    if (!s)
        return NULL;
    s->pattern = pattern;
    s->n_channels = 2;
    s->flags = SIG_HAS_EVENTS;
    return s;
}

static bool take_args(struct compiler *c, struct sig *s, struct sig *const *args, uint32_t n)
{
    s->n_args = n;
    s->args = arena_alloc(c->arena, n * sizeof *s->args);
    for (uint32_t i = 0; i < n; i++) {
        s->args[i] = args[i];
        if (!args[i])
            continue;
        s->flags |= args[i]->flags & (SIG_HAS_STEPS | SIG_HAS_EVENTS | SIG_HAS_BUS);
        if (args[i]->depth >= s->depth)
            s->depth = args[i]->depth + 1;
        if (args[i]->n_channels > s->n_channels)
            s->n_channels = args[i]->n_channels;
    }
    if (s->depth <= SIG_DEPTH_MAX)
        return true;
    diag_error(c->diag, s->offset, "the expression is nested too deeply (more than %d steps)",
               SIG_DEPTH_MAX);
    return false;
}

struct sig *sig_call(struct compiler *c, const struct signal_row *row, struct sig *const *args,
                     const char *path, uint32_t offset)
{
    struct sig *const s = sig_new(c, SIG_CALL, path, offset);

    if (!s)
        return NULL;
    s->row = row;
    if (!take_args(c, s, args, row->n_params))
        return NULL;
    if (row->n_channels)
        s->n_channels = row->n_channels;
    return s;
}

struct sig *sig_binary(struct compiler *c, enum ast_op op, struct sig *a, struct sig *b,
                       const char *path)
{
    struct sig *const s = a && b ? sig_new(c, SIG_BINARY, path, a->offset) : NULL;

    if (!s)
        return NULL;
    s->op = op;
    return take_args(c, s, (struct sig *[]){ a, b }, 2) ? s : NULL;
}

struct map {
    struct pat *(*leaf)(struct compiler *c, struct sig *leaf, void *context);
    void *context;
    bool failed;
};

static struct sig *remember(const struct compiler *c, struct sig *s, const char *prefix,
                            struct sig *copy)
{
    s->copy_stamp = c->stamp;
    s->copy_prefix = prefix;
    s->copy = copy;
    return copy;
}

static struct sig *map_node(struct compiler *c, struct map *m, struct sig *s, const char *prefix)
{
    if (!s || m->failed || !(s->flags & (SIG_HAS_STEPS | SIG_HAS_EVENTS)))
        return s;
    if (s->copy_stamp == c->stamp && s->copy_prefix == prefix)
        return s->copy;
    if (s->kind == SIG_BUS) { /* its own copy, so that the bus itself does not change */
        struct sig *const inside =
            map_node(c, m, s->definition->value.signal,
                     prefix ? compiler_text(c, "%s>%s", prefix, s->path) : s->path);
        return remember(c, s, prefix, inside);
    }
    struct sig *const copy = sig_new(c, s->kind, s->path, s->offset);
    if (!copy) {
        m->failed = true;
        return NULL;
    }
    *copy = *s;
    copy->copy_stamp = copy->wire_stamp = 0;
    copy->flags &= ~(uint32_t)SIG_HAS_BUS;
    if (prefix)
        copy->path = compiler_text(c, "%s>%s", prefix, s->path);
    if (s->kind == SIG_STEPS || s->kind == SIG_EVENTS) {
        copy->pattern = m->leaf(c, s, m->context);
        m->failed |= !copy->pattern;
    } else {
        copy->args = arena_alloc(c->arena, s->n_args * sizeof *copy->args);
        for (uint32_t i = 0; i < s->n_args; i++) {
            copy->args[i] = map_node(c, m, s->args[i], prefix);
            if (copy->args[i])
                copy->flags |= copy->args[i]->flags & SIG_HAS_BUS;
        }
    }
    return remember(c, s, prefix, copy);
}

struct sig *sig_map(struct compiler *c, struct sig *sig,
                    struct pat *(*leaf)(struct compiler *c, struct sig *leaf, void *context),
                    void *context, const char *prefix)
{
    struct map m = { leaf, context, false };

    if (!sig)
        return NULL;
    c->stamp++;
    struct sig *const copy = map_node(c, &m, sig, prefix);
    return m.failed ? NULL : copy;
}

/* ---- values ---------------------------------------------------------------------------------- */

struct value value_error(void)
{
    return (struct value){ .kind = VALUE_ERROR };
}

struct value value_of_pattern(enum value_kind kind, struct pat *pattern, uint32_t offset)
{
    if (!pattern)
        return value_error();
    return (struct value){ .kind = kind, .pattern = pattern, .offset = offset };
}

struct value value_of_signal(struct sig *signal, uint32_t offset)
{
    if (!signal)
        return value_error();
    return (struct value){ .kind = VALUE_SIGNAL, .signal = signal, .offset = offset };
}

const char *value_kind_name(enum value_kind kind)
{
    static const char *const names[] = { "nothing", "a number", "a pattern", "sound events",
                                         "a signal", "a transform", "an effect" };
    return names[kind];
}

bool pattern_is_playable(const struct pat *p)
{
    return (p->flags & (PAT_HAS_NOTES | PAT_HAS_WORDS | PAT_MADE_NOTE | PAT_MADE_N |
                        PAT_CONTROLS)) != 0;
}

struct pat *value_pattern(struct compiler *c, struct value v)
{
    switch (v.kind) {
    case VALUE_ERROR:
        return NULL;
    case VALUE_NUMBER:
        return pat_ratio(c, v.ratio, v.offset);
    case VALUE_PATTERN:
    case VALUE_EVENTS:
        return v.pattern;
    case VALUE_SIGNAL:
        return sampled_pattern(c, v.signal, v.offset);
    default:
        diag_error(c->diag, v.offset, "a pattern is wanted here, found %s",
                   value_kind_name(v.kind));
        return NULL;
    }
}

struct pat *pat_once_a_cycle(struct compiler *c, struct pat *p)
{
    if (!p || !(p->flags & PAT_CONTINUOUS))
        return p;
    return PAT(c, PH_PAT_SEGMENT, p->offset, pat_ratio(c, ph_ratio_of(1), p->offset), p);
}

struct value value_events(struct compiler *c, struct value v, bool bare)
{
    if (v.kind == VALUE_EVENTS || v.kind == VALUE_ERROR)
        return v;
    struct pat *p = pat_once_a_cycle(c, value_pattern(c, v));
    if (!p)
        return value_error();
    if (p->flags & PAT_CONTROLS)
        return value_of_pattern(VALUE_EVENTS, p, v.offset);
    const bool pitched = (p->flags & (PAT_MADE_NOTE | PAT_MADE_N)) != 0;
    if (!pitched && ((p->flags & PAT_HAS_WORDS) || (bare && !(p->flags & PAT_HAS_NOTES))))
        return value_of_pattern(VALUE_EVENTS, pat_param(c, "s", PAT_SOUNDS, p), v.offset);
    const bool as_n = (p->flags & PAT_MADE_N) && !(p->flags & PAT_MADE_NOTE);
    p = as_n ? pat_param(c, "n", PAT_CLASSES, p) : pat_param(c, "note", PAT_NOTES, p);
    if (p)
        p->flags |= PAT_DEFAULT_VOICE;
    return value_of_pattern(VALUE_EVENTS, p, v.offset);
}

struct sig *value_signal(struct compiler *c, struct value v, enum sig_context context,
                         double initial, const char *path)
{
    switch (v.kind) {
    case VALUE_ERROR:
        return NULL;
    case VALUE_NUMBER:
        return sig_number(c, v.number, v.offset);
    case VALUE_PATTERN:
        if (context == CONTEXT_AUDIO && pattern_is_playable(v.pattern)) {
            const struct value events = value_events(c, v, false);
            return events.kind == VALUE_EVENTS ? sig_events(c, events.pattern, path) : NULL;
        }
        return continuous_is(v.pattern) ? continuous_signal(c, v.pattern, path)
                                        : sig_steps(c, v.pattern, context, initial, path);
    case VALUE_EVENTS:
        return sig_events(c, v.pattern, path);
    case VALUE_SIGNAL:
        return v.signal;
    case VALUE_EFFECT: {
        const struct value full = evaluate_with_input(c, v, path);
        return full.kind == VALUE_EFFECT ? NULL : value_signal(c, full, context, initial, path);
    }
    default:
        diag_error(c->diag, v.offset, "a signal is wanted here, found %s",
                   value_kind_name(v.kind));
        return NULL;
    }
}
