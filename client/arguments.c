/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/arguments.c - calls of signal functions: what fills their parameters. LANGUAGE 3.4, 12. */
#include <math.h>
#include <string.h>

#include "client/evaluate.h"

struct binding {
    bool filled[PARAMS_MAX];
    struct value values[PARAMS_MAX];
    const struct ast *asts[PARAMS_MAX];
};

static int param_named(const struct signal_row *row, const char *name)
{
    for (uint32_t i = 0; i < signal_visible_params(row); i++)
        if (function_compare(row->params[i].name, strlen(row->params[i].name), name,
                             strlen(name)) == 0)
            return (int)i;
    return -1;
}

/* 12.2: of these an ADSR may follow the notes; others keep their own parameters. */
static bool takes_envelope(const struct signal_row *row)
{
    return strncmp(row->name, "sine", 4) == 0 || strncmp(row->name, "saw", 3) == 0 ||
           strncmp(row->name, "square", 6) == 0 || strncmp(row->name, "tri", 3) == 0;
}

/* `sine "c e" :attack 0.1` */
static bool is_envelope_key(const struct signal_row *row, const char *name)
{
    return takes_envelope(row) &&
           (strcmp(name, "attack") == 0 || strcmp(name, "decay") == 0 ||
            strcmp(name, "sustain") == 0 || strcmp(name, "release") == 0);
}

static bool bind_keywords(struct compiler *c, const struct signal_row *row, const struct ast *call,
                          struct binding *b)
{
    for (uint32_t i = 0; i < call->n_keys; i++) {
        const int at = param_named(row, call->keys[i].name);
        if (at < 0 && is_envelope_key(row, call->keys[i].name))
            continue; /* note_voices() reads it */
        if (at < 0) {
            const char *names[PARAMS_MAX];
            const uint32_t n = signal_visible_params(row);
            for (uint32_t k = 0; k < n; k++)
                names[k] = row->params[k].name;
            const char *const near = diag_nearest(call->keys[i].name, names, n);
            diag_error(c->diag, call->keys[i].offset, "`%s` has no parameter `%s`%s%s%s", row->name,
                       call->keys[i].name, near ? "; did you mean `" : "", near ? near : "",
                       near ? "`?" : "");
            return false;
        }
        b->filled[at] = true;
        b->asts[at] = call->keys[i].value;
    }
    return true;
}

static void bind_positions(struct compiler *c, const struct signal_row *row, const struct ast *call,
                           struct binding *b)
{
    const uint32_t n = signal_visible_params(row);
    uint32_t at = 0;

    const uint32_t n_given = call->n_items - (b->filled[0] ? 0 : 1);
    for (uint32_t i = 0; i < n; i++)
        if ((row->params[i].flags & PARAM_WHEN_FULL) && n_given < n - 1)
            b->filled[i] = true;
    for (uint32_t i = 0; i < call->n_items; i++) {
        while (at < n && b->filled[at])
            at++;
        if (at == n) {
            if (n > 0) /* `noise 1`: a seed, ignored */
                diag_warning(c->diag, call->items[i]->offset,
                             "`%s` takes %u argument%s; this one is ignored", row->name, n,
                             n == 1 ? "" : "s");
            return;
        }
        b->filled[at] = true;
        b->asts[at] = call->items[i];
    }
}

/* What a chain passes on keeps its own place: the links behind it don't rename it. */
static const char *place_before(struct compiler *c, const char *path)
{
    const char *const slash = strrchr(path, '/');

    return slash ? arena_text(c->arena, path, (size_t)(slash - path)) : path;
}

static struct sig *bind_value(struct compiler *c, const struct signal_row *row, uint32_t i,
                              struct value v, const char *path, bool is_chained)
{
    const struct signal_param *const param = &row->params[i];

    if (v.kind == VALUE_ERROR)
        return NULL;
    if ((param->flags & PARAM_CONST) && v.kind != VALUE_NUMBER) {
        diag_error(c->diag, v.offset, "%s of `%s` must be a number, found %s", param->name,
                   row->name, value_kind_name(v.kind));
        return NULL;
    }
    const bool keeps_place = is_chained && v.kind != VALUE_PATTERN;
    const enum sig_context context = param->flags & PARAM_VOWEL ? CONTEXT_VOWEL : param->context;
    return value_signal(c, v, context, param->initial,
                        keeps_place ? place_before(c, path)
                                    : compiler_text(c, "%s.%s", path, param->name));
}

/* A string, several in turn, a list of them; a bare word or number counts as its text. */
static struct sig *bind_text(struct compiler *c, const struct signal_row *row, uint32_t i,
                             const struct ast *a, const char *path)
{
    const bool is_list = a->kind == AST_LIST || (a->kind == AST_STRING && a->n_items > 1);
    const uint32_t n = is_list ? a->n_items : 1;
    const char **const texts = arena_alloc(c->arena, (n + 1) * sizeof *texts);

    for (uint32_t k = 0; k < n; k++) {
        const struct ast *const item = is_list ? a->items[k] : a;
        const bool is_name = item->kind == AST_NAME || (item->kind == AST_CALL && !item->n_items);
        texts[k] = item->kind == AST_NUMBER ? compiler_text(c, "%g", item->number) : item->text;
        if (item->kind == AST_STRING || item->kind == AST_NUMBER || is_name)
            continue;
        diag_error(c->diag, item->offset, "%s of `%s` must be a string", row->params[i].name,
                   row->name);
        return NULL;
    }
    if (n > 0)
        return sig_text(c, texts, n, compiler_text(c, "%s.%s", path, row->params[i].name),
                        a->offset);
    diag_error(c->diag, a->offset, "%s of `%s` is empty", row->params[i].name, row->name);
    return NULL;
}

/* All parameters but the pitch, which the voice has from its notes. */
static bool bind_voice(struct compiler *c, const struct signal_row *row, const struct ast *call,
                       const struct frame *frame, const char *path, uint32_t first_rest,
                       struct sig **args)
{
    struct binding b = { { true }, { { 0 } }, { NULL } };
    struct ast rest = *call;

    rest.items += first_rest;
    rest.n_items -= first_rest;
    if (!bind_keywords(c, row, call, &b))
        return false;
    bind_positions(c, row, &rest, &b);
    for (uint32_t i = 1; i < signal_visible_params(row); i++) {
        const char *const place = compiler_text(c, "%s.%s", path, row->params[i].name);
        if (!b.asts[i])
            continue;
        args[i] = row->params[i].flags & PARAM_TEXT
                      ? bind_text(c, row, i, b.asts[i], path)
                      : bind_value(c, row, i, evaluate(c, b.asts[i], frame, place), path, false);
        if (!args[i])
            return false;
    }
    return true;
}

const struct ast *evaluate_envelope_argument(const struct ast *call, uint32_t first, uint32_t i,
                                             const char *name)
{
    for (uint32_t k = call->n_keys; k > 0; k--)
        if (strcmp(call->keys[k - 1].name, name) == 0)
            return call->keys[k - 1].value;
    return first + i < call->n_items ? call->items[first + i] : NULL;
}

/* Notes to an oscillator, LANGUAGE 4.3: each event starts a voice of it. */
static struct value note_voices(struct compiler *c, const struct signal_row *row,
                                const struct ast *call, const struct frame *frame,
                                const char *path, struct value notes, uint32_t first_rest)
{
    static const char *const controls[] = { "attack", "decay", "sustain", "release" };
    struct sig *args[PARAMS_MAX] = { NULL };
    const bool has_envelope = takes_envelope(row);

    if (!has_envelope && !bind_voice(c, row, call, frame, path, first_rest, args))
        return value_error();
    struct sig *const signal = sig_call(c, row, args, path, call->offset);

    if (!signal)
        return value_error();
    const struct voice *const voice = resolve_inline_voice(c, path, signal, call->offset);
    struct pat *p = pat_param(c, "note", PAT_NOTES, notes.pattern);
    p = pat_with(c, p, pat_param(c, "s", PAT_SOUNDS, pat_word(c, voice->word, call->offset)),
                 false);
    for (uint32_t i = 0; has_envelope && i < 4; i++) {
        const struct ast *const at = evaluate_envelope_argument(call, first_rest, i, controls[i]);
        if (!at)
            continue;
        const char *const place = compiler_text(c, "%s.%s", path, controls[i]);
        struct pat *const x = value_pattern(c, evaluate(c, at, frame, place));
        p = x ? pat_with(c, p, pat_param(c, controls[i], PAT_NUMBERS, x), false) : NULL;
    }
    return value_of_pattern(VALUE_EVENTS, p, call->offset);
}

/* The oscillator behind `saw_trig` and its like, or NULL. */
const char *evaluate_trigger_of(const char *canonical)
{
    static const char *const names[][2] = { { "sine_trig", "sine" }, { "saw_trig", "saw" },
                                            { "square_trig", "square" }, { "tri_trig", "tri" } };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(canonical, names[i][0]) == 0)
            return names[i][1];
    return NULL;
}

/* `saw_trig "c2 g2" a d s r`, `synth "c2 g2" "saw" a d s r`: 12.2, numbers are notes as well. */
static struct value written_voices(struct compiler *c, const char *wave, const struct ast *call,
                                   const struct frame *frame, const char *path, uint32_t first_rest)
{
    const struct signal_row *const row = signal_find(wave);

    if (!row || !row->is_oscillator || !takes_envelope(row)) {
        diag_error(c->diag, call->offset, "`%s` is no waveform: saw, square, tri or sine", wave);
        return value_error();
    }
    const struct value notes = evaluate(c, call->items[0], frame, path);
    if (notes.kind == VALUE_ERROR)
        return notes;
    if (notes.kind != VALUE_PATTERN && notes.kind != VALUE_NUMBER) {
        diag_error(c->diag, call->items[0]->offset, "`%s` wants a pattern of notes, found %s",
                   call->text, value_kind_name(notes.kind));
        return value_error();
    }
    struct value pattern = notes;
    pattern.pattern = value_pattern(c, notes);
    return note_voices(c, row, call, frame, path, pattern, first_rest);
}

struct value evaluate_triggered_voices(struct compiler *c, const struct function *f,
                                       const struct ast *call, const struct frame *frame,
                                       const char *path)
{
    if (call->n_items > 0)
        return written_voices(c, evaluate_trigger_of(f->canonical), call, frame, path, 1);
    diag_error(c->diag, call->offset, "`%s` needs a pattern of notes", f->name);
    return value_error();
}

struct value evaluate_synth_voices(struct compiler *c, const struct ast *call,
                                   const struct frame *frame, const char *path)
{
    const struct ast *const wave = call->n_items > 1 ? call->items[1] : NULL;

    if (call->n_items == 0) {
        diag_error(c->diag, call->offset, "`synth` needs a pattern of notes");
        return value_error();
    }
    if (!wave || wave->kind == AST_NUMBER)
        return written_voices(c, "saw", call, frame, path, 1);
    if (wave->kind != AST_STRING && wave->kind != AST_NAME && wave->kind != AST_CALL) {
        diag_error(c->diag, wave->offset,
                   "the wave of `synth` is a name: saw, square, tri or sine");
        return value_error();
    }
    const struct function *const f = function_find(wave->text, strlen(wave->text));
    return written_voices(c, f ? f->canonical : wave->text, call, frame, path, 2);
}

static bool starts_voices(const struct signal_row *row, struct value v)
{
    return row->is_oscillator && row->params[0].context == CONTEXT_PITCH &&
           v.kind == VALUE_PATTERN && (v.pattern->flags & PAT_HAS_NOTES) &&
           !(v.pattern->flags & (PAT_MADE_NOTE | PAT_MADE_N));
}

/* `open` of its length 1, then 0. */
static struct pat *gate_shape(struct compiler *c, double open, uint32_t offset)
{
    bool overflow = false;
    const struct ph_ratio share = ph_ratio_from_double(fmin(fmax(open, 0.001), 0.999), &overflow);
    const struct ph_value weights[] = {
        { .kind = PH_VALUE_RATIO, .ratio = share },
        { .kind = PH_VALUE_RATIO, .ratio = ph_ratio_sub(ph_ratio_of(1), share, &overflow) }
    };
    struct pat *const args[] = { pat_ratio(c, ph_ratio_of(1), offset),
                                 pat_ratio(c, ph_ratio_of(0), offset) };

    return pat_op_imm(c, PH_PAT_TIMECAT, args, 2, weights, 2, offset);
}

/* Rises at each cycle start. No transform moves the clock, so it counts as no pattern. */
static struct sig *cycle_gate(struct compiler *c, double open, const char *path, uint32_t offset)
{
    struct sig *const gate =
        sig_steps(c, gate_shape(c, open, offset), CONTEXT_NUMBER, 0, path);

    if (gate)
        gate->flags = 0;
    return gate;
}

struct sig *evaluate_onset_gate(struct compiler *c, struct pat *p, const char *path,
                                uint32_t offset)
{
    static const struct ph_value right = { .kind = PH_VALUE_RATIO, .ratio = { 2, 1 } };
    struct pat *const args[] = { pat_ratio(c, ph_ratio_of(0), offset), p };
    struct sig *const gate = sig_steps(c, pat_op_imm(c, PH_PAT_KEEP, args, 2, &right, 1, offset),
                                       CONTEXT_TERM, 0, path);

    if (gate)
        gate->open = 0.5;
    return gate;
}

struct pat *evaluate_strikes(struct compiler *c, struct pat *onsets, double open, uint32_t offset)
{
    struct pat *const made = PAT(c, PH_PAT_BITE, offset, pat_ratio(c, ph_ratio_of(1), offset),
                                 onsets, gate_shape(c, open, offset));

    if (made)
        made->child_mode = PAT_NOTES;
    return made;
}

/**
 * The parameters without a name: when an envelope starts, LANGUAGE 13 and 16, and for `line` the
 * length. False after reporting.
 */
bool evaluate_bind_gate(struct compiler *c, const struct signal_row *row, struct sig **args,
                        const char *path, uint32_t offset)
{
    const uint32_t at = signal_visible_params(row);
    const char *const place = compiler_text(c, "%s.gate", path);
    double open = 0.5;

    if (at == row->n_params)
        return true;
    if (strcmp(row->name, "adsr") == 0) /* the cycle ends with the release */
        open = 1 - fmax(args[3] ? args[3]->number : row->params[3].initial, 0.001) * c->cps;
    if (row->is_oscillator && args[0] && args[0]->kind == SIG_STEPS)
        args[at] = evaluate_onset_gate(c, args[0]->pattern, place, offset);
    else
        args[at] = cycle_gate(c, open, place, offset);
    if (at + 1 < row->n_params)
        args[at + 1] = sig_number(c, 1 / c->cps, offset);
    return args[at] != NULL;
}

/* An oscillator handed to `fm` gives its frequency: LANGUAGE 12. */
static struct sig *frequency_of(struct sig *s)
{
    const struct sig *const at = sig_behind_buses(s);

    return at && at->kind == SIG_CALL && at->row->is_oscillator && at->args[0] ? at->args[0] : s;
}

/* A continuous oscillator has no notes for an envelope to begin with. */
static bool refuse_envelope_keys(struct compiler *c, const struct signal_row *row,
                                 const struct ast *call)
{
    for (uint32_t i = 0; i < call->n_keys; i++)
        if (is_envelope_key(row, call->keys[i].name) && param_named(row, call->keys[i].name) < 0) {
            diag_error(c->diag, call->keys[i].offset, "`%s` has no parameter `%s` without a string "
                       "of notes", row->name, call->keys[i].name);
            return false;
        }
    return true;
}

struct value evaluate_signal_call(struct compiler *c, const struct signal_row *row,
                                  const struct ast *call, const struct frame *frame,
                                  const char *path, const struct value *chained)
{
    struct binding b = { { false }, { { 0 } }, { NULL } };
    struct sig *args[PARAMS_MAX] = { NULL };
    const int chain_at = signal_chained(row);

    if (chained && chain_at >= 0) {
        b.filled[chain_at] = true;
        b.values[chain_at] = *chained;
    }
    if (!bind_keywords(c, row, call, &b))
        return value_error();
    if (row->is_oscillator && !(chained && chain_at == 0)) {
        /* a string of notes must be known before the other arguments find their meaning */
        if (!b.asts[0] && call->n_items > 0)
            b.asts[0] = call->items[0];
        if (b.asts[0])
            b.values[0] = evaluate(c, b.asts[0], frame,
                                   compiler_text(c, "%s.%s", path, row->params[0].name));
        if (b.asts[0] && b.values[0].kind == VALUE_ERROR)
            return value_error();
    }
    if (row->is_oscillator && starts_voices(row, b.values[0]))
        return note_voices(c, row, call, frame, path, b.values[0],
                           b.asts[0] && call->n_items && b.asts[0] == call->items[0] ? 1 : 0);
    if (!refuse_envelope_keys(c, row, call))
        return value_error();
    bind_positions(c, row, call, &b);
    for (uint32_t i = 0; i < signal_visible_params(row); i++) {
        const struct signal_param *const param = &row->params[i];
        if (b.asts[i] && (param->flags & PARAM_TEXT)) {
            args[i] = bind_text(c, row, i, b.asts[i], path);
            if (!args[i])
                return value_error();
            continue;
        }
        if (b.asts[i] && b.values[i].kind == VALUE_ERROR)
            b.values[i] = evaluate(c, b.asts[i], frame,
                                   compiler_text(c, "%s.%s", path, param->name));
        if (!b.asts[i] && b.values[i].kind == VALUE_ERROR) {
            if (!(param->flags & PARAM_REQUIRED))
                continue;
            diag_error(c->diag, call->offset, "`%s` needs its %s", row->name, param->name);
            return value_error();
        }
        args[i] = bind_value(c, row, i, b.values[i], path, chained && (int)i == chain_at);
        if (!args[i])
            return value_error();
    }
    if (strcmp(row->name, "fm") == 0)
        for (uint32_t i = 0; i < 2; i++)
            args[i] = frequency_of(args[i]);
    if (!evaluate_bind_gate(c, row, args, path, call->offset))
        return value_error();
    return value_of_signal(row->is_oscillator ? chords_spread(c, row, args, path, call->offset)
                                              : sig_call(c, row, args, path, call->offset),
                           call->offset);
}
