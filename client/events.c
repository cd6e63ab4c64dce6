/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/events.c - sound events: sources, control patterns, parameters of events. LANGUAGE 10,  */
/* 11.                                                                                            */
#include <string.h>

#include "client/functions/make.h"
#include "client/value.h"

/** Parameters that are one control. Sorted by name. */
struct modifier {
    const char *name;
    enum pat_mode mode;
    bool drops; /* the event does not sound where the value rests */
};
static const struct modifier modifiers[] = {
    { "accelerate", PAT_NUMBERS, false }, { "attack", PAT_NUMBERS, false },
    { "begin", PAT_NUMBERS, false },      { "coarse", PAT_NUMBERS, false },
    { "crush", PAT_NUMBERS, false },      { "cut", PAT_NUMBERS, false },
    { "dur", PAT_NUMBERS, false },        { "end", PAT_NUMBERS, false },
    { "gain", PAT_NUMBERS, false },       { "hold", PAT_NUMBERS, false },
    { "legato", PAT_NUMBERS, false },     { "loop", PAT_NUMBERS, false },
    { "midichan", PAT_NUMBERS, false },   { "n", PAT_CLASSES, true },
    { "note", PAT_NOTES, true },          { "nudge", PAT_NUMBERS, false },
    { "orbit", PAT_NUMBERS, false },      { "pan", PAT_NUMBERS, false },
    { "release", PAT_NUMBERS, false },    { "s", PAT_SOUNDS, true },
    { "shape", PAT_NUMBERS, false },      { "speed", PAT_NUMBERS, false },
    { "squiz", PAT_NUMBERS, false },      { "unit", PAT_WORDS, false },
    { "up", PAT_NOTES, false },           { "vowel", PAT_WORDS, false },
};

static const struct modifier *modifier_find(const char *name)
{
    for (size_t i = 0; i < sizeof modifiers / sizeof modifiers[0]; i++)
        if (strcmp(modifiers[i].name, name) == 0)
            return &modifiers[i];
    return NULL;
}

bool events_is_control(const char *name)
{
    const struct function *const f = function_find(name, strlen(name));

    return f && modifier_find(f->canonical);
}

struct pat *events_control(struct compiler *c, const char *name, struct pat *x)
{
    const struct modifier *const m = modifier_find(function_find(name, strlen(name))->canonical);

    return x ? pat_param(c, m->name, m->mode, x) : NULL;
}

bool events_modifier_is_effect(const char *canonical)
{
    static const char *const names[] = { "gain", "pan", "shape", "crush", "coarse", "vowel",
                                         "adsr", "ar", "attack", "release", "segments", "curve" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], canonical) == 0)
            return true;
    return false;
}

static struct value not_supported(struct compiler *c, const char *name, const char *where,
                                  uint32_t offset)
{
    diag_error(c->diag, offset, "`%s` %s is not supported yet", name, where);
    return value_error();
}

static struct pat *argument(struct compiler *c, const struct ast *ast, const struct frame *frame,
                            const char *path)
{
    return value_pattern(c, evaluate(c, ast, frame, path));
}

static struct pat *set_control(struct compiler *c, struct pat *events, const struct modifier *m,
                               struct pat *x)
{
    return pat_with(c, events, pat_param(c, m->name, m->mode, x), m->drops);
}

/* The written value of each name, by keyword or by its turn; NULL where there is none. */
static bool bind_envelope(struct compiler *c, const char *const *names, uint32_t n_needed,
                          uint32_t n_names, const struct ast *call, const struct ast **values)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < n_names; i++) {
        values[i] = NULL;
        for (uint32_t k = 0; k < call->n_keys; k++)
            if (strcmp(call->keys[k].name, names[i]) == 0)
                values[i] = call->keys[k].value;
        if (!values[i] && at < call->n_items)
            values[i] = call->items[at++];
        if (!values[i] && i < n_needed) {
            diag_error(c->diag, call->offset, "`%s` needs its %s", call->text, names[i]);
            return false;
        }
    }
    return true;
}

/* Several controls from the arguments of one call: `ar a r`, `adsr a d s r`. */
static struct pat *set_envelope(struct compiler *c, const char *const *names, uint32_t n_needed,
                                uint32_t n_names, const struct ast *call,
                                const struct frame *frame, const char *path, struct pat *events)
{
    static const double defaults[] = { 0, 0, 0.7, 0.2 };
    const struct ast *values[4];

    if (!bind_envelope(c, names, n_needed, n_names, call, values))
        return NULL;
    for (uint32_t i = 0; i < n_names; i++) {
        struct pat *const x = values[i] ? argument(c, values[i], frame, path)
                                        : pat_number(c, defaults[i], call->offset);
        events = pat_with(c, events, pat_param(c, names[i], PAT_NUMBERS, x), false);
    }
    return events;
}

static struct value modify_pitch(struct compiler *c, enum ph_pattern_op op, const struct ast *call,
                                 const struct frame *frame, const char *path, struct value left)
{
    if (call->n_items != 1) {
        diag_error(c->diag, call->offset, "`%s` needs one argument", call->text);
        return value_error();
    }
    struct pat *const names = argument(c, call->items[0], frame, path);
    struct pat *const p = value_pattern(c, left);
    struct pat *const made = PAT(c, op, call->offset, names, p);
    return value_of_pattern(left.kind == VALUE_EVENTS ? VALUE_EVENTS : VALUE_PATTERN, made,
                            left.offset);
}

/* `n` and `note` of a pattern mark what it is; the pattern itself stays. */
static struct value mark_pitch(struct compiler *c, const char *canonical, struct value v)
{
    struct pat *const p = value_pattern(c, v);
    struct pat *const made = PAT(c, PH_PAT_STACK, v.offset, p);

    if (!made)
        return value_error();
    if (p->flags & PAT_CONTROLS) {
        diag_error(c->diag, v.offset, "`%s` wants numbers or notes, found sound events", canonical);
        return value_error();
    }
    made->flags |= strcmp(canonical, "n") == 0 ? PAT_MADE_N : PAT_MADE_NOTE;
    return value_of_pattern(VALUE_PATTERN, made, v.offset);
}

/* `segments "levels" "times"`: both as they are written, in words that hold numbers and spaces. */
static struct pat *set_segments(struct compiler *c, const struct ast *call, struct pat *events)
{
    static const char *const names[] = { "segments", "times" };

    for (uint32_t i = 0; i < 2; i++) {
        const struct ast *const a = i < call->n_items ? call->items[i] : NULL;
        if (!a || a->kind != AST_STRING || a->n_items > 1) {
            diag_error(c->diag, a ? a->offset : call->offset,
                       "`segments` wants two strings: segments \"0 1 0\" \"0.1 0.2\"");
            return NULL;
        }
        struct pat *const text = pat_word(c, a->text, a->offset);
        events = pat_with(c, events, pat_param(c, names[i], PAT_WORDS, text), false);
    }
    return events;
}

/* `curve from to time k` */
static struct pat *set_curve(struct compiler *c, const struct ast *call, const struct frame *frame,
                             const char *path, struct pat *events)
{
    static const char *const names[] = { "curvefrom", "curveto", "curvetime", "curve" };

    if (call->n_items != 4) {
        diag_error(c->diag, call->offset, "`curve` needs 4 arguments: from, to, seconds, curve");
        return NULL;
    }
    for (uint32_t i = 0; i < 4; i++) {
        struct pat *const x = argument(c, call->items[i], frame, path);
        events = pat_with(c, events, pat_param(c, names[i], PAT_NUMBERS, x), false);
    }
    return events;
}

struct value events_modify(struct compiler *c, const struct function *f, const struct ast *call,
                           const struct frame *frame, const char *path, struct value left)
{
    static const char *const envelope[] = { "attack", "decay", "sustain", "release" };
    static const char *const ends[] = { "attack", "release" };
    const char *const name = f->canonical;

    if (strcmp(name, "scale") == 0 || strcmp(name, "chord") == 0)
        return modify_pitch(c, name[0] == 's' ? PH_PAT_SCALE : PH_PAT_CHORD, call, frame, path,
                            left);
    if (call->n_items == 0 && (strcmp(name, "n") == 0 || strcmp(name, "note") == 0))
        return mark_pitch(c, name, left); /* `note $ "c e"` */
    if (left.kind != VALUE_EVENTS) {
        diag_error(c->diag, call->offset, "`%s` can't be applied to %s", f->name,
                   value_kind_name(left.kind));
        return value_error();
    }
    struct pat *p = left.pattern;
    const struct modifier *const m = modifier_find(name);
    if (strcmp(name, "ar") == 0) {
        p = set_envelope(c, ends, 2, 2, call, frame, path, p);
    } else if (strcmp(name, "adsr") == 0) {
        p = set_envelope(c, envelope, 2, 4, call, frame, path, p);
    } else if (strcmp(name, "segments") == 0) {
        p = set_segments(c, call, p);
    } else if (strcmp(name, "curve") == 0) {
        p = set_curve(c, call, frame, path, p);
    } else if (!m) {
        return not_supported(c, f->name, "of sound events", call->offset);
    } else if (call->n_items != 1) {
        diag_error(c->diag, call->offset, "`%s` needs one argument, found %u", f->name,
                   call->n_items);
        return value_error();
    } else {
        p = set_control(c, p, m, argument(c, call->items[0], frame, path));
    }
    return value_of_pattern(VALUE_EVENTS, p, left.offset);
}

/* ---- sources --------------------------------------------------------------------------------- */

static struct value source_s(struct compiler *c, const struct ast *call, const struct frame *frame,
                             const char *path)
{
    static const char *const positional[] = { "gain", "pan", "speed" };

    if (call->n_items == 0) {
        diag_error(c->diag, call->offset, "`s` needs a pattern of sound words");
        return value_error();
    }
    const struct value words = evaluate(c, call->items[0], frame, path);
    if (words.kind == VALUE_EVENTS && call->n_items == 1 && call->n_keys == 0)
        return words;
    struct pat *p =
        pat_param(c, "s", PAT_SOUNDS, pat_once_a_cycle(c, value_pattern(c, words)));
    for (uint32_t i = 1; i < call->n_items && i <= 3; i++)
        p = p ? set_control(c, p, modifier_find(positional[i - 1]),
                            argument(c, call->items[i], frame, path))
              : NULL;
    if (call->n_items > 4)
        diag_warning(c->diag, call->items[4]->offset, "`s` takes 4 arguments; this one is ignored");
    for (uint32_t i = 0; p && i < call->n_keys; i++) {
        const struct modifier *const m = modifier_find(call->keys[i].name);
        if (!m) {
            diag_error(c->diag, call->keys[i].offset, "sound events have no parameter `%s`",
                       call->keys[i].name);
            return value_error();
        }
        p = set_control(c, p, m, argument(c, call->keys[i].value, frame, path));
    }
    return value_of_pattern(VALUE_EVENTS, p, call->offset);
}

struct value events_source(struct compiler *c, const struct function *f, const struct ast *call,
                           const struct frame *frame, const char *path)
{
    const char *const name = f->canonical;

    if (strcmp(name, "s") == 0)
        return source_s(c, call, frame, path);
    if (strcmp(name, "n") != 0 && strcmp(name, "note") != 0)
        return sources_pattern(c, f, call, frame, path);
    if (call->n_items == 1)
        return mark_pitch(c, name, evaluate(c, call->items[0], frame, path));
    diag_error(c->diag, call->offset, "`%s` takes 1 argument, found %u", f->name, call->n_items);
    return value_error();
}
