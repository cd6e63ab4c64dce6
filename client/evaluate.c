/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/evaluate.c - expressions -> values: operators, chains, dollars, calls. LANGUAGE 3.      */
#include <math.h>
#include <string.h>

#include "client/functions/make.h"
#include "client/value.h"

static struct value call_builtin(struct compiler *c, const struct function *f,
                                 const struct ast *call, const struct frame *frame,
                                 const char *path);
static struct value chain_link(struct compiler *c, struct value left, const struct ast *written,
                               struct ast *const *calls, uint32_t n, const struct frame *frame,
                               const char *path);

/* ---- steps: transforms and effects that wait for their input --------------------------------- */

const struct step *evaluate_step(struct compiler *c, const struct ast *ast,
                                 const struct frame *frame, const char *path)
{
    struct step *const s = arena_alloc(c->arena, sizeof *s);

    *s = (struct step){ .ast = ast, .frame = frame, .path = path, .depth = 1 };
    return s;
}

static struct value waiting(struct compiler *c, enum value_kind kind, const struct ast *ast,
                            const struct frame *frame, const char *path)
{
    return (struct value){ .kind = kind, .offset = ast->offset,
                           .step = evaluate_step(c, ast, frame, path) };
}

struct value evaluate_compose(struct compiler *c, struct value first, struct value second)
{
    const uint32_t depth = 1 + (first.step->depth > second.step->depth ? first.step->depth
                                                                       : second.step->depth);
    if (depth > EVAL_DEPTH_MAX) {
        diag_error(c->diag, second.offset, "more than %d transforms in a row", EVAL_DEPTH_MAX);
        return value_error();
    }
    struct step *const s = arena_alloc(c->arena, sizeof *s);
    *s = (struct step){ .first = first.step, .second = second.step, .depth = depth };
    const bool effect = first.kind == VALUE_EFFECT && second.kind == VALUE_EFFECT;
    return (struct value){ .kind = effect ? VALUE_EFFECT : VALUE_TRANSFORM,
                           .offset = first.offset, .step = s };
}

static bool is_waiting(struct value v)
{
    return v.kind == VALUE_TRANSFORM || v.kind == VALUE_EFFECT;
}

static const struct function *builtin_of(const struct ast *a)
{
    if (a->kind != AST_NAME && a->kind != AST_CALL)
        return NULL;
    return function_find(a->text, strlen(a->text));
}

static struct value apply_section(struct compiler *c, const struct step *step, struct value target)
{
    for (uint32_t i = 0; i < step->ast->n_items && target.kind != VALUE_ERROR; i++) {
        const char *const path = compiler_text(c, "%s/#%u", step->path, i + 1);
        target = chain_link(c, target, step->ast->items[i], step->ast->items, step->ast->n_items,
                            step->frame, path);
    }
    return target;
}

struct value evaluate_apply(struct compiler *c, const struct step *step, struct value target,
                            uint32_t offset)
{
    if (target.kind == VALUE_ERROR || !compiler_work(c, offset))
        return value_error();
    if (is_waiting(target)) {
        const struct value second = { .kind = VALUE_TRANSFORM, .offset = offset, .step = step };
        return evaluate_compose(c, target, second);
    }
    if (!step->ast)
        return evaluate_apply(c, step->second, evaluate_apply(c, step->first, target, offset),
                              offset);
    if (step->ast->kind == AST_SECTION)
        return apply_section(c, step, target);
    if (step->ast->kind == AST_OPERATOR_SECTION)
        return bridge_section(c, step, target);
    const struct function *const f = builtin_of(step->ast);
    if (f && strcmp(f->canonical, "struct") == 0 && target.kind == VALUE_SIGNAL &&
        !(target.signal->flags & (SIG_HAS_STEPS | SIG_HAS_EVENTS)))
        return envelope_struck(c, evaluate(c, step->ast->items[0], step->frame, step->path), target,
                               step->path, offset);
    if (f && (f->classes & FUNCTION_TRANSFORM) && transform_takes(f, step->ast->n_items))
        return transform_apply(c, step->ast, step->frame, step->path, target);
    if (!f && (step->ast->kind == AST_NAME || step->ast->kind == AST_CALL) &&
        bridge_has(step->ast->text))
        return bridge_apply(c, step->ast, step->frame, step->path, target);
    return evaluate_chain(c, target, step->ast, step->frame, step->path);
}

/* ---- operators ------------------------------------------------------------------------------- */

static struct value make_number(struct ph_ratio ratio, double number, uint32_t offset)
{
    return (struct value){ .kind = VALUE_NUMBER, .ratio = ratio, .number = number,
                           .offset = offset };
}

static struct value fold_numbers(enum ast_op op, struct value a, struct value b)
{
    bool overflow = false;
    struct ph_ratio r = ph_ratio_of(0);

    switch (op) {
    case AST_ADD: case AST_AUDIO_ADD: case AST_LEFT_ADD: case AST_RIGHT_ADD:
        r = ph_ratio_add(a.ratio, b.ratio, &overflow);
        break;
    case AST_SUB: case AST_AUDIO_SUB: case AST_LEFT_SUB: case AST_RIGHT_SUB:
        r = ph_ratio_sub(a.ratio, b.ratio, &overflow);
        break;
    case AST_MUL: case AST_AUDIO_MUL: case AST_LEFT_MUL: case AST_RIGHT_MUL:
        r = ph_ratio_mul(a.ratio, b.ratio, &overflow);
        break;
    case AST_DIV: case AST_AUDIO_DIV: case AST_LEFT_DIV: case AST_RIGHT_DIV:
        if (b.ratio.num != 0)
            r = ph_ratio_div(a.ratio, b.ratio, &overflow);
        break;
    case AST_KEEP_RIGHT:
        return b;
    default:
        return a;
    }
    return make_number(r, ph_ratio_to_double(r), a.offset);
}

/* The per-sample operation behind every spelling. */
static enum ast_op plain_operator(enum ast_op op)
{
    switch (op) {
    case AST_SUB: case AST_AUDIO_SUB: case AST_LEFT_SUB: case AST_RIGHT_SUB:
        return AST_SUB;
    case AST_MUL: case AST_AUDIO_MUL: case AST_LEFT_MUL: case AST_RIGHT_MUL:
        return AST_MUL;
    case AST_DIV: case AST_AUDIO_DIV: case AST_LEFT_DIV: case AST_RIGHT_DIV:
        return AST_DIV;
    default:
        return AST_ADD;
    }
}

static bool is_audio_operator(enum ast_op op)
{
    return op == AST_AUDIO_ADD || op == AST_AUDIO_SUB || op == AST_AUDIO_MUL || op == AST_AUDIO_DIV;
}

static struct value pattern_arithmetic(struct compiler *c, enum ast_op op, struct value a,
                                       struct value b)
{
    static const enum ph_pattern_op ops[] = { PH_PAT_ADD, PH_PAT_SUB, PH_PAT_MUL, PH_PAT_DIV };
    struct ph_value structure = { .kind = PH_VALUE_RATIO, .ratio = { 0, 1 } };
    enum ph_pattern_op instruction = ops[plain_operator(op)];

    if (op >= AST_LEFT_ADD && op <= AST_LEFT_DIV)
        structure.ratio.num = 1;
    else if (op >= AST_RIGHT_ADD && op <= AST_RIGHT_DIV)
        structure.ratio.num = 2;
    else if (op == AST_KEEP_RIGHT) {
        instruction = PH_PAT_UNION;
        structure.ratio.num = 1;
    } else if (op == AST_KEEP_LEFT) {
        instruction = PH_PAT_KEEP;
        structure.ratio.num = 2;
    }
    struct pat *const args[] = { value_pattern(c, a), value_pattern(c, b) };
    const bool events = a.kind == VALUE_EVENTS || b.kind == VALUE_EVENTS;
    return value_of_pattern(events ? VALUE_EVENTS : VALUE_PATTERN,
                            pat_op_imm(c, instruction, args, 2, &structure, 1, a.offset), a.offset);
}

/* LANGUAGE 8: adds to the `note` parameter, in semitones. */
static struct value transpose(struct compiler *c, enum ast_op op, struct value events,
                              struct value by)
{
    struct pat *x = value_pattern(c, by);

    if (op == AST_SUB && x) {
        const struct ph_value both = { .kind = PH_VALUE_RATIO, .ratio = { 0, 1 } };
        struct pat *const args[] = { pat_ratio(c, ph_ratio_of(-1), by.offset), x };
        x = pat_op_imm(c, PH_PAT_MUL, args, 2, &both, 1, by.offset);
    }
    return value_of_pattern(VALUE_EVENTS,
                            pat_param_op(c, PH_PAT_PARAM_ADD, "note", x, events.pattern),
                            events.offset);
}

static bool plays(struct value v)
{
    return v.kind == VALUE_EVENTS || v.kind == VALUE_SIGNAL;
}

/* There is no arithmetic of words: LANGUAGE 4.1 makes them sounds. */
static struct value sounding(struct compiler *c, struct value v)
{
    const bool words = v.kind == VALUE_PATTERN && (v.pattern->flags & PAT_HAS_WORDS) &&
                       !(v.pattern->flags & (PAT_MADE_NOTE | PAT_MADE_N | PAT_CONTROLS));

    return words ? value_events(c, v, v.literal) : v;
}

static struct value binary(struct compiler *c, enum ast_op op, struct value a, struct value b,
                           const char *left_path, const char *right_path)
{
    const enum ast_op plain = plain_operator(op);

    if (op != AST_KEEP_RIGHT && op != AST_KEEP_LEFT) {
        a = sounding(c, a);
        b = sounding(c, b);
    }
    if (a.kind == VALUE_ERROR || b.kind == VALUE_ERROR)
        return value_error();
    if (a.kind == VALUE_NUMBER && b.kind == VALUE_NUMBER)
        return fold_numbers(op, a, b);
    const bool keeps = op == AST_KEEP_RIGHT || op == AST_KEEP_LEFT;
    if (!is_audio_operator(op)) {
        if (!plays(a) && !plays(b) && !is_waiting(a) && !is_waiting(b))
            return pattern_arithmetic(c, op, a, b);
        if (keeps && a.kind != VALUE_SIGNAL && b.kind != VALUE_SIGNAL)
            return pattern_arithmetic(c, op, a, b);
        if (a.kind == VALUE_EVENTS && b.kind == VALUE_EVENTS && plain == AST_ADD) {
            struct pat *const layers[] = { a.pattern, b.pattern };
            return value_of_pattern(VALUE_EVENTS, pat_stack(c, layers, 2, a.offset), a.offset);
        }
        const bool adds = plain == AST_ADD || plain == AST_SUB;
        const bool b_is_number = b.kind == VALUE_NUMBER || b.kind == VALUE_PATTERN;
        if (a.kind == VALUE_EVENTS && b_is_number && adds)
            return transpose(c, plain, a, b);
        if (b.kind == VALUE_EVENTS && (a.kind == VALUE_NUMBER || a.kind == VALUE_PATTERN) &&
            plain == AST_ADD)
            return transpose(c, plain, b, a);
    }
    if (keeps) {
        diag_error(c->diag, a.offset, "`|>` and `<|` work on patterns, found a signal");
        return value_error();
    }
    const bool factor = plain == AST_MUL || plain == AST_DIV;
    const enum sig_context context = factor ? CONTEXT_FACTOR : CONTEXT_TERM;
    struct sig *const left = value_signal(c, a, context, 0, left_path);
    struct sig *const right = value_signal(c, b, context, 0, right_path);
    return value_of_signal(sig_binary(c, plain, left, right, right_path), a.offset);
}

static struct value negate(struct compiler *c, struct value v, const char *path)
{
    const struct value minus = make_number(ph_ratio_of(-1), -1, v.offset);

    return binary(c, AST_MUL, v, minus, path, path);
}

/* ---- arguments of signal functions ----------------------------------------------------------- */

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

    /* 15.2: only four plain arguments set the number of voices */
    const bool chorus = strcmp(row->name, "chorus") == 0;
    if (chorus && call->n_items - (b->filled[0] ? 0 : 1) < 4)
        b->filled[1] = true;
    /* 16: two numbers are attack and release */
    const bool asr = strcmp(row->name, "asr") == 0;
    if (asr && call->n_items - (b->filled[0] ? 0 : 1) < 3)
        b->filled[2] = true;
    /* 15.1: only eight plain arguments set the time before the reverb */
    const bool lush = strcmp(row->name, "lush") == 0;
    if (lush && call->n_items - (b->filled[0] ? 0 : 1) < 8)
        b->filled[1] = true;
    for (uint32_t i = 0; i < call->n_items; i++) {
        while (at < n && b->filled[at])
            at++;
        if (at == n) {
            if (n > 0) /* `noise 1`: a seed, ignored */
                diag_warning(c->diag, call->items[i]->offset, "`%s` takes %u argument%s; this one is "
                             "ignored", row->name, n, n == 1 ? "" : "s");
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
        return sig_text(c, texts, n, compiler_text(c, "%s.%s", path, row->params[i].name), a->offset);
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
        if (!b.asts[i])
            continue;
        const struct value v = evaluate(c, b.asts[i], frame,
                                        compiler_text(c, "%s.%s", path, row->params[i].name));
        args[i] = bind_value(c, row, i, v, path, false);
        if (!args[i])
            return false;
    }
    return true;
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
        const struct ast *at = first_rest + i < call->n_items ? call->items[first_rest + i] : NULL;
        for (uint32_t k = 0; k < call->n_keys; k++)
            if (strcmp(call->keys[k].name, controls[i]) == 0)
                at = call->keys[k].value;
        if (!at)
            continue;
        const char *const place = compiler_text(c, "%s.%s", path, controls[i]);
        struct pat *const x = value_pattern(c, evaluate(c, at, frame, place));
        p = x ? pat_with(c, p, pat_param(c, controls[i], PAT_NUMBERS, x), false) : NULL;
    }
    return value_of_pattern(VALUE_EVENTS, p, call->offset);
}

/* The oscillator behind `saw_trig` and its like, or NULL. */
static const char *trigger_of(const char *canonical)
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

static struct value triggered_voices(struct compiler *c, const struct function *f,
                                     const struct ast *call, const struct frame *frame,
                                     const char *path)
{
    if (call->n_items > 0)
        return written_voices(c, trigger_of(f->canonical), call, frame, path, 1);
    diag_error(c->diag, call->offset, "`%s` needs a pattern of notes", f->name);
    return value_error();
}

static struct value synth_voices(struct compiler *c, const struct ast *call,
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
        diag_error(c->diag, wave->offset, "the wave of `synth` is a name: saw, square, tri or sine");
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
static bool bind_gate(struct compiler *c, const struct signal_row *row, struct sig **args,
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

static struct value signal_call(struct compiler *c, const struct signal_row *row,
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
    if (!bind_gate(c, row, args, path, call->offset))
        return value_error();
    return value_of_signal(row->is_oscillator ? chords_spread(c, row, args, path, call->offset)
                                              : sig_call(c, row, args, path, call->offset),
                           call->offset);
}

/* ---- chains ---------------------------------------------------------------------------------- */

static struct pat *look_through(struct compiler *c, struct sig *leaf, void *context);

struct through {
    const struct function *f;
    const struct ast *call;
    const struct frame *frame;
    const char *path;
};

static struct pat *look_through(struct compiler *c, struct sig *leaf, void *context)
{
    const struct through *const t = context;

    if (leaf->kind != SIG_EVENTS)
        return leaf->pattern;
    const struct value events = value_of_pattern(VALUE_EVENTS, leaf->pattern, leaf->offset);
    const struct value made = events_modify(c, t->f, t->call, t->frame, t->path, events);
    return made.kind == VALUE_EVENTS ? made.pattern : NULL;
}

/* ar, attack, release on a signal: x times an ADSR without decay, LANGUAGE 16. */
static struct value plain_envelope(struct compiler *c, const struct function *f,
                                   const struct ast *call, const struct frame *frame,
                                   const char *path)
{
    const struct signal_row *const row = signal_find("adsr");
    double times[2] = { 0.001, 0.003 };
    struct sig *args[PARAMS_MAX] = { NULL };
    const uint32_t first = strcmp(f->canonical, "release") == 0 ? 1 : 0;
    const uint32_t n = strcmp(f->canonical, "ar") == 0 ? 2 : 1;

    if (call->n_items < n) {
        diag_error(c->diag, call->offset, "`%s` needs %u argument%s", f->name, n, n == 1 ? "" : "s");
        return value_error();
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct value v = evaluate(c, call->items[i], frame, path);
        if (v.kind == VALUE_ERROR)
            return v;
        if (v.kind != VALUE_NUMBER) {
            diag_error(c->diag, v.offset, "`%s` of a signal takes numbers", f->name);
            return value_error();
        }
        times[first + i] = v.number;
    }
    const double numbers[] = { times[0], 0, 1, times[1] };
    for (uint32_t i = 0; i < 4; i++)
        args[i] = sig_number(c, numbers[i], call->offset);
    if (!args[3] || !bind_gate(c, row, args, path, call->offset))
        return value_error();
    return value_of_signal(sig_call(c, row, args, path, call->offset), call->offset);
}

static struct value not_supported(struct compiler *c, const char *name, uint32_t offset)
{
    diag_error(c->diag, offset, "`%s` is not supported yet", name);
    return value_error();
}

/* For transforms: "`every` takes 2 arguments, found 1". */
static struct value wrong_count(struct compiler *c, const struct function *f,
                                const struct ast *call)
{
    const char *counts = "";
    uint32_t last = 0;

    for (uint32_t i = 0; i <= function_most_arguments(f); i++)
        if (f->counts & FUNCTION_COUNT(i)) {
            counts = *counts ? compiler_text(c, "%s or %u", counts, i) : compiler_text(c, "%u", i);
            last = i;
        }
    diag_error(c->diag, call->offset, "`%s` takes %s argument%s, found %u", f->name, counts,
               last == 1 ? "" : "s", call->n_items);
    return value_error();
}

/* Envelopes whose argument is a pattern. */
static bool is_fired_by_pattern(const struct function *f)
{
    static const char *const names[] = { "env_trig", "gate", "tadsr", "tar", "trig" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(f->canonical, names[i]) == 0)
            return true;
    return false;
}

static struct value times_envelope(struct compiler *c, const struct function *f,
                                   const struct ast *call, const struct frame *frame,
                                   const char *path, struct value left)
{
    const bool is_env = strcmp(f->canonical, "env") == 0;
    const bool is_adsr = strcmp(f->canonical, "adsr") == 0;
    const struct signal_row *const row = signal_find(is_env ? "adsr" : f->canonical);
    struct value envelope;

    if ((is_env || is_adsr) && left.kind == VALUE_SIGNAL && envelope_is_gate(left.signal))
        return envelope_of_gate(c, call, frame, path, left);
    if (is_fired_by_pattern(f))
        return envelope_call(c, f, call, frame, path, &left);
    if (row && signal_chained(row) >= 0)
        return signal_call(c, row, call, frame, path, &left);
    if (strcmp(f->canonical, "ar") == 0 || strcmp(f->canonical, "attack") == 0 ||
        strcmp(f->canonical, "release") == 0)
        envelope = plain_envelope(c, f, call, frame, path);
    else if (row)
        envelope = signal_call(c, row, call, frame, path, NULL);
    else
        return not_supported(c, f->name, call->offset);
    return binary(c, AST_MUL, left, envelope, path, path);
}

/* `gen # note pat`: each event is a voice of the generator, LANGUAGE 10.4. */
static struct value inline_voice(struct compiler *c, const struct function *f,
                                 const struct ast *call, const struct frame *frame,
                                 const char *path, struct value left)
{
    struct sig *const signal = sig_behind_buses(left.signal);

    if (strcmp(f->canonical, "note") != 0 && strcmp(f->canonical, "n") != 0) {
        diag_error(c->diag, call->offset, "`%s` sets a parameter of sound events; there are none on "
                   "its left", f->name);
        return value_error();
    }
    if (!signal) {
        diag_error(c->diag, call->offset, "a bus that refers to itself is no voice");
        return value_error();
    }
    struct value pitch = call->n_items == 1
                             ? evaluate(c, call->items[0], frame, path)
                             : value_error();
    if (call->n_items != 1)
        diag_error(c->diag, call->offset, "`%s` needs one argument", f->name);
    struct pat *const notes = value_pattern(c, pitch);
    if (!notes)
        return value_error();
    const struct voice *const voice = resolve_inline_voice(c, path, signal, call->offset);
    struct pat *const word = pat_word(c, voice->word, call->offset);
    struct pat *const p = pat_param(c, "note", PAT_NOTES, notes);
    return value_of_pattern(VALUE_EVENTS, pat_with(c, p, pat_param(c, "s", PAT_SOUNDS, word), false),
                            call->offset);
}

static struct value chain_modifier(struct compiler *c, const struct function *f,
                                   const struct ast *call, const struct frame *frame,
                                   const char *path, struct value left)
{
    if (left.kind != VALUE_SIGNAL) {
        const struct value events = value_events(c, left, left.literal);
        if (events.kind == VALUE_ERROR)
            return events;
        return events_modify(c, f, call, frame, path, events);
    }
    const bool on_audio = strcmp(f->canonical, "gain") == 0 || strcmp(f->canonical, "pan") == 0;
    if ((left.signal->flags & SIG_HAS_EVENTS) && !on_audio) {
        struct through t = { f, call, frame, path };
        return value_of_signal(sig_map(c, left.signal, look_through, &t, NULL), left.offset);
    }
    const struct signal_row *const row = signal_find(f->canonical);
    if (f->classes & FUNCTION_ENVELOPE)
        return times_envelope(c, f, call, frame, path, left);
    if (row)
        return signal_call(c, row, call, frame, path, &left);
    if (events_modifier_is_effect(f->canonical))
        return not_supported(c, f->name, call->offset);
    return inline_voice(c, f, call, frame, path, left);
}

static struct value chain_operator(struct compiler *c, const struct function *f,
                                   const struct ast *call, const struct frame *frame,
                                   const char *path, struct value left, bool *known)
{
    static const struct {
        const char *name;
        enum ast_op op;
    } ops[] = { { "add", AST_AUDIO_ADD }, { "div", AST_AUDIO_DIV }, { "mul", AST_AUDIO_MUL },
                { "sub", AST_AUDIO_SUB }, { "mix", AST_AUDIO_ADD } };

    *known = true;
    for (uint32_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        if (strcmp(f->canonical, ops[i].name) != 0)
            continue;
        if (call->n_items == 0) {
            diag_error(c->diag, call->offset, "`%s` needs an argument", f->name);
            return value_error();
        }
        for (uint32_t k = 0; k < call->n_items; k++) {
            const char *const at = compiler_text(c, "%s.%u", path, k + 1);
            left = binary(c, ops[i].op, left, evaluate(c, call->items[k], frame, at), path, at);
        }
        return left;
    }
    *known = false;
    return value_error();
}

static struct value chain_builtin(struct compiler *c, const struct function *f,
                                  const struct ast *call, const struct frame *frame,
                                  const char *path, struct value left)
{
    const struct signal_row *const row = signal_find(f->canonical);
    struct value gated;
    bool known;

    if (f->classes & FUNCTION_MODIFIER)
        return chain_modifier(c, f, call, frame, path, left);
    if (f->classes & FUNCTION_PLUGIN)
        return outside_plugin(c, call, path, &left);
    const struct value sum = chain_operator(c, f, call, frame, path, left, &known);
    if (known)
        return sum;
    if (strcmp(f->canonical, "range") == 0 && left.kind != VALUE_SIGNAL)
        return transform_apply(c, call, frame, path, left);
    if (row && (f->classes & (FUNCTION_GENERATOR | FUNCTION_SYNTH)) && signal_chained(row) < 0)
        return binary(c, AST_AUDIO_MUL, left, signal_call(c, row, call, frame, path, NULL), path,
                      path);
    if (strcmp(f->canonical, "s") == 0) {
        const struct value events = value_events(c, left, left.literal);
        return events.kind == VALUE_ERROR ? events
                                          : events_modify(c, f, call, frame, path, events);
    }
    if ((f->classes & FUNCTION_COMBINATOR) &&
        condition_chain(c, f, call, frame, path, left, &gated))
        return gated;
    if ((f->classes & FUNCTION_CONTROL) && !row)
        return events_modify(c, f, call, frame, path, left);
    if (f->classes & FUNCTION_ENVELOPE)
        return times_envelope(c, f, call, frame, path, left);
    if (row)
        return signal_call(c, row, call, frame, path, &left);
    if ((f->classes & FUNCTION_TRANSFORM) && !(f->classes & FUNCTION_EFFECT))
        return transform_takes(f, call->n_items) ? transform_apply(c, call, frame, path, left)
                                                 : wrong_count(c, f, call);
    return not_supported(c, f->name, call->offset);
}

static const struct value *frame_find(const struct frame *frame, const char *name)
{
    for (; frame; frame = frame->next)
        if (strcmp(frame->name, name) == 0)
            return frame->value;
    return NULL;
}

/* A definition that shadows the built-in of the same name: bare ones and functions. */
static struct definition *shadowing(struct compiler *c, const char *name)
{
    struct definition *const function = resolve_find(c, 'f', name);

    if (function)
        return function;
    struct definition *const d = resolve_find(c, '~', name);
    return d && d->statement->kind == STATEMENT_BARE ? d : NULL;
}

static bool is_call_of_builtin(struct compiler *c, const struct ast *a, const struct frame *frame)
{
    return builtin_of(a) && !frame_find(frame, a->text) && !shadowing(c, a->text);
}

/* A call of what nothing is called: a parameter of a plugin, where one stands on the left. */
static bool is_unknown_call(struct compiler *c, const struct ast *a, const struct frame *frame)
{
    return (a->kind == AST_CALL || a->kind == AST_NAME) && !builtin_of(a) &&
           !frame_find(frame, a->text) && !resolve_find(c, '~', a->text) &&
           !resolve_find(c, 'f', a->text) && !bridge_has(a->text);
}

struct value evaluate_chain(struct compiler *c, struct value left, const struct ast *right,
                            const struct frame *frame, const char *path)
{
    if (left.kind == VALUE_ERROR || !compiler_work(c, right->offset))
        return value_error();
    if (is_call_of_builtin(c, right, frame)) {
        if (is_waiting(left))
            return evaluate_compose(c, left, waiting(c, VALUE_EFFECT, right, frame, path));
        return chain_builtin(c, builtin_of(right), right, frame, path, left);
    }
    if (outside_is_plugin(left) && is_unknown_call(c, right, frame))
        return outside_parameter(c, right, frame, path, left);
    const struct value v = evaluate(c, right, frame, path);
    if (v.kind == VALUE_ERROR)
        return v;
    if (is_waiting(v))
        return is_waiting(left) ? evaluate_compose(c, left, v)
                                : evaluate_apply(c, v.step, left, right->offset);
    diag_error(c->diag, right->offset, "this is not an effect: found %s behind `#`",
               value_kind_name(v.kind));
    return value_error();
}

struct value evaluate_with_input(struct compiler *c, struct value effect, const char *path)
{
    const struct ast *const call = effect.step->ast;

    if (call && call->kind == AST_CALL && call->n_items > 0) {
        struct ast rest = *call;
        const struct value input = evaluate(c, call->items[0], effect.step->frame, path);
        if (input.kind == VALUE_ERROR)
            return input;
        rest.items++;
        rest.n_items--;
        if (input.kind != VALUE_NUMBER)
            return evaluate_chain(c, input, &rest, effect.step->frame, effect.step->path);
    }
    diag_error(c->diag, effect.offset, "an effect needs its input: `x # %s ...`",
               call && call->text ? call->text : "effect");
    return value_error();
}

/* ---- calls ----------------------------------------------------------------------------------- */

static struct value call_definition(struct compiler *c, struct definition *d,
                                    const struct ast *call, const struct frame *frame,
                                    const char *path)
{
    const struct statement *const s = d->statement;

    if (call->n_items != s->n_params) {
        diag_error(c->diag, call->offset, "`%s` takes %u argument%s, found %u", d->label,
                   s->n_params, s->n_params == 1 ? "" : "s", call->n_items);
        return value_error();
    }
    if (s->n_params == 0)
        return resolve_value(c, d, path, call->offset);
    struct frame *const frames = arena_alloc(c->arena, s->n_params * sizeof *frames);
    struct value *const values = arena_alloc(c->arena, s->n_params * sizeof *values);
    for (uint32_t i = 0; i < s->n_params; i++) {
        values[i] = evaluate(c, call->items[i], frame,
                             compiler_text(c, "%s.%s", path, s->params[i]));
        if (values[i].kind == VALUE_ERROR)
            return value_error();
        frames[i] = (struct frame){ s->params[i], &values[i], i ? &frames[i - 1] : NULL };
    }
    d->referenced = true;
    if (!s->value)
        return value_error();
    return evaluate(c, s->value, &frames[s->n_params - 1], compiler_text(c, "%s/%s", path, s->name));
}

static struct value call_name(struct compiler *c, const struct ast *call, const struct frame *frame,
                              const char *path)
{
    const struct value *const param = frame_find(frame, call->text);
    struct definition *d;

    if (param && call->n_items == 0)
        return *param;
    d = shadowing(c, call->text);
    if (d)
        return call_definition(c, d, call, frame, path);
    const struct function *const f = builtin_of(call);
    if (f)
        return call_builtin(c, f, call, frame, path);
    d = resolve_find(c, '~', call->text);
    if (d)
        return call_definition(c, d, call, frame, path);
    if (bridge_has(call->text))
        return bridge_call(c, call, frame, path);
    resolve_unknown(c, 0, call->text, call->offset);
    return value_error();
}

/* The last argument is what the transform is applied to: `every 3 rev "a b c"`. */
static struct value call_applied(struct compiler *c, const struct function *f,
                                 const struct ast *call, const struct frame *frame,
                                 const char *path)
{
    const struct signal_row *const row = signal_find(f->canonical);
    struct ast *const rest = arena_alloc(c->arena, sizeof *rest);
    const struct value target = evaluate(c, call->items[call->n_items - 1], frame, path);

    *rest = *call;
    rest->n_items--;
    if (target.kind == VALUE_ERROR)
        return target;
    if (is_waiting(target))
        return evaluate_compose(c, target, waiting(c, VALUE_TRANSFORM, rest, frame, path));
    if (target.kind == VALUE_SIGNAL && strcmp(f->canonical, "struct") == 0)
        return envelope_struck(c, evaluate(c, call->items[0], frame, path), target,
                               compiler_text(c, "%s/struct", path), call->offset);
    if (target.kind == VALUE_SIGNAL && row) /* `range lo hi signal` */
        return signal_call(c, row, call, frame, compiler_text(c, "%s/%s", path, f->canonical),
                           NULL);
    return transform_apply(c, rest, frame, path, target);
}

static bool looks_like_transform(struct compiler *c, const struct ast *a, const struct frame *frame)
{
    const struct function *const f = builtin_of(a);

    if (a->kind == AST_SECTION || a->kind == AST_OPERATOR_SECTION || a->kind == AST_COMPOSE)
        return true;
    if (a->kind == AST_DOLLAR)
        return looks_like_transform(c, a->items[a->n_items - 1], frame);
    if (f && is_call_of_builtin(c, a, frame))
        return (f->classes & (FUNCTION_TRANSFORM | FUNCTION_MODIFIER)) != 0;
    if (a->kind == AST_BUS || a->kind == AST_PATTERN || a->kind == AST_TEMPLATE) {
        const char space = a->kind == AST_BUS ? '~' : a->kind == AST_PATTERN ? '%' : '@';
        const struct definition *const d = resolve_find(c, space, a->text);
        return d && d->state == DEFINITION_DONE && is_waiting(d->value);
    }
    return false;
}

static bool is_transform_call(struct compiler *c, const struct function *f, const struct ast *call,
                              const struct frame *frame)
{
    if (!(f->classes & FUNCTION_TRANSFORM) || !transform_takes(f, call->n_items))
        return false;
    if (!(f->flags & FUNCTION_TAKES_TRANSFORM) || !transform_takes(f, call->n_items - 1))
        return true;
    return looks_like_transform(c, call->items[call->n_items - 1], frame);
}

static bool has_input_already(const struct signal_row *row, const struct function *f,
                              const struct ast *call)
{
    const uint32_t n = signal_visible_params(row);

    if (f->classes & (FUNCTION_GENERATOR | FUNCTION_SYNTH))
        return true;
    return signal_chained(row) < 0 || call->n_items + call->n_keys >= n;
}

/* `squeeze "0 1" ["a b", "c"]`: TidalCycles' function of the name, where .ph's takes no list. */
static bool takes_list(const struct function *f, const struct ast *call)
{
    return (f->classes & FUNCTION_TRANSFORM) && call->n_items > 1 &&
           call->items[call->n_items - 1]->kind == AST_LIST && bridge_has(call->text);
}

static struct value call_builtin(struct compiler *c, const struct function *f,
                                 const struct ast *call, const struct frame *frame,
                                 const char *path)
{
    const struct signal_row *const row = signal_find(f->canonical);
    const char *const place = compiler_text(c, "%s/%s", path, f->canonical);
    const bool takes_transform = (f->flags & FUNCTION_TAKES_TRANSFORM) != 0;

    if (takes_list(f, call))
        return bridge_call(c, call, frame, path);
    if (is_fired_by_pattern(f) && call->n_items > 0)
        return envelope_call(c, f, call, frame, place, NULL);
    if (strcmp(f->canonical, "env") == 0 && call->n_items == 5)
        return evaluate_with_input(c, waiting(c, VALUE_EFFECT, call, frame, place), path);
    if (strcmp(f->canonical, "synth") == 0)
        return synth_voices(c, call, frame, place);
    if (trigger_of(f->canonical))
        return triggered_voices(c, f, call, frame, place);
    if (is_transform_call(c, f, call, frame))
        return waiting(c, VALUE_TRANSFORM, call, frame, place);
    if ((f->classes & FUNCTION_TRANSFORM) && call->n_items > 0 &&
        transform_takes(f, call->n_items - 1))
        return call_applied(c, f, call, frame, path);
    if (f->classes & FUNCTION_COMBINATOR && !row)
        return transform_combinator(c, f, call, frame, path);
    if (f->classes & FUNCTION_CONTROL && !row)
        return events_source(c, f, call, frame, path);
    if (row && has_input_already(row, f, call))
        return signal_call(c, row, call, frame, place, NULL);
    if (f->classes & FUNCTION_TRANSFORM && (takes_transform || !row))
        return wrong_count(c, f, call);
    const bool is_operator = strcmp(f->canonical, "mul") == 0 || strcmp(f->canonical, "add") == 0 ||
                             strcmp(f->canonical, "sub") == 0 || strcmp(f->canonical, "div") == 0 ||
                             strcmp(f->canonical, "mix") == 0;
    if (row || is_operator || (f->classes & FUNCTION_MODIFIER))
        return waiting(c, VALUE_EFFECT, call, frame, place);
    if (f->classes & FUNCTION_PLUGIN)
        return outside_plugin(c, call, place, NULL);
    if (f->classes & FUNCTION_SETTING) {
        diag_error(c->diag, call->offset, "`%s` stands at the start of a statement", f->name);
        return value_error();
    }
    return not_supported(c, f->name, call->offset);
}

/* ---- dollars: LANGUAGE 3.6 ------------------------------------------------------------------- */

/* An ordinary function left of the value receives it, as if chained. */
static bool takes_the_value(struct compiler *c, const struct ast *a, const struct frame *frame)
{
    const struct function *const f = builtin_of(a);

    if (!f || !is_call_of_builtin(c, a, frame) || is_transform_call(c, f, a, frame))
        return false;
    const bool generates = (f->classes & (FUNCTION_GENERATOR | FUNCTION_SYNTH)) != 0 ||
                           strcmp(f->canonical, "s") == 0;
    return !generates || a->n_items == 0; /* `saw 55` has its pitch, `s "bd"` its words */
}

static struct value dollar(struct compiler *c, const struct ast *a, const struct frame *frame,
                           const char *path)
{
    uint32_t at = a->n_items;
    struct value v = value_error();
    struct value *const links = arena_alloc(c->arena, a->n_items * sizeof *links);

    while (at > 0) { /* the value is the last operand that is neither transform nor effect */
        at--;
        links[at] = evaluate(c, a->items[at], frame, path);
        if (links[at].kind == VALUE_ERROR)
            return value_error();
        if (!is_waiting(links[at]))
            break;
    }
    if (is_waiting(links[at])) { /* all wait: their composition, rightmost first */
        v = links[a->n_items - 1];
        for (uint32_t i = a->n_items - 1; i > 0 && v.kind != VALUE_ERROR; i--)
            v = evaluate_compose(c, v, links[i - 1]);
        return v;
    }
    v = links[at];
    for (uint32_t i = at + 1; i < a->n_items; i++)
        v = evaluate_apply(c, links[i].step, v, a->items[i]->offset);
    for (uint32_t i = at; i > 0 && v.kind != VALUE_ERROR; i--) {
        const struct ast *const left = a->items[i - 1];
        if (takes_the_value(c, left, frame)) {
            const char *const place = compiler_text(c, "%s/%s", path, left->text);
            v = strcmp(builtin_of(left)->canonical, "s") == 0 || left->n_items > 0 ||
                        !(builtin_of(left)->classes & FUNCTION_CONTROL)
                    ? evaluate_chain(c, v, left, frame, place)
                    : events_modify(c, builtin_of(left), left, frame, place, v);
            continue;
        }
        const struct value link = evaluate(c, left, frame, path);
        if (link.kind == VALUE_ERROR)
            return link;
        if (!is_waiting(link)) {
            diag_error(c->diag, left->offset, "`$` has two values: %s here and another behind it",
                       value_kind_name(link.kind));
            return value_error();
        }
        v = evaluate_apply(c, link.step, v, left->offset);
    }
    return v;
}

/* ---- expressions ----------------------------------------------------------------------------- */

static struct value string_value(struct compiler *c, const struct ast *a)
{
    const uint32_t n = a->n_items > 1 ? a->n_items : 1;
    struct pat **const items = arena_alloc(c->arena, n * sizeof *items);

    for (uint32_t i = 0; i < n; i++) {
        const struct ast *const s = a->n_items > 1 ? a->items[i] : a;
        const struct mini *const mini = parse_mini(s->text, (uint32_t)strlen(s->text),
                                                   s->text_offset, c->arena, c->diag);
        items[i] = pat_string(c, mini, s->text_offset);
        if (!items[i])
            return value_error();
    }
    struct pat *const p = n == 1 ? items[0] : pat_op(c, PH_PAT_SLOWCAT, items, n, a->offset);
    struct value v = value_of_pattern(VALUE_PATTERN, p, a->offset);
    v.literal = true;
    return v;
}

static struct value definition_value(struct compiler *c, char space, const struct ast *a,
                                     const char *path)
{
    struct definition *const d = resolve_find(c, space, a->text);

    if (!d && space == '~' && outside_is_midi(a->text))
        return outside_midi(c, a->text, a->offset);
    if (!d) {
        resolve_unknown(c, space, a->text, a->offset);
        return value_error();
    }
    if (space != '@')
        return resolve_value(c, d, path, a->offset);
    d->referenced = true; /* substituted as if written here */
    return d->statement->value ? evaluate(c, d->statement->value, NULL, path) : value_error();
}

/* f . g: both wait for their input; g has it first. */
static struct value composed(struct compiler *c, const struct ast *a, const struct frame *frame,
                             const char *path)
{
    const struct value second = evaluate(c, a->items[0], frame, path);
    const struct value first = evaluate(c, a->items[1], frame, path);

    if (first.kind == VALUE_ERROR || second.kind == VALUE_ERROR)
        return value_error();
    for (int i = 0; i < 2; i++) {
        const struct value v = i ? first : second;
        if (is_waiting(v))
            continue;
        diag_error(c->diag, v.offset, "`.` stands between functions, found %s",
                   value_kind_name(v.kind));
        return value_error();
    }
    return evaluate_compose(c, first, second);
}

/* ~add a b, LANGUAGE 8: per sample, whatever the operands are. */
static struct value audio_arithmetic(struct compiler *c, const struct ast *a,
                                     const struct frame *frame, const char *path)
{
    static const char *const names[] = { "add", "sub", "mul", "div" };
    uint32_t at = 0;

    while (at < 4 && strcmp(names[at], a->text) != 0)
        at++;
    if (at == 4) {
        resolve_unknown(c, '~', a->text, a->offset);
        return value_error();
    }
    if (a->n_items != 2) {
        diag_error(c->diag, a->offset, "`~%s` takes 2 arguments, found %u", a->text, a->n_items);
        return value_error();
    }
    const char *const left = compiler_text(c, "%s.1", path);
    const char *const right = compiler_text(c, "%s.2", path);
    return binary(c, (enum ast_op)(AST_AUDIO_ADD + at), evaluate(c, a->items[0], frame, left),
                  evaluate(c, a->items[1], frame, right), left, right);
}

static struct value head(struct compiler *c, const struct ast *a, const struct frame *frame,
                         const char *path)
{
    struct definition *d;

    switch (a->kind) {
    case AST_NUMBER:
        return make_number(a->ratio, a->number, a->offset);
    case AST_STRING:
        return string_value(c, a);
    case AST_NAME:
    case AST_CALL:
        return call_name(c, a, frame, path);
    case AST_BUS:
        return definition_value(c, '~', a, path);
    case AST_TEMPLATE:
        return definition_value(c, '@', a, path);
    case AST_PATTERN:
        return definition_value(c, '%', a, path);
    case AST_BUS_CALL:
        d = resolve_find(c, '~', a->text);
        if (d)
            return call_definition(c, d, a, frame, path);
        return audio_arithmetic(c, a, frame, path);
    case AST_NEG:
        return negate(c, evaluate(c, a->items[0], frame, path), path);
    case AST_DOLLAR:
        return dollar(c, a, frame, path);
    case AST_SECTION:
    case AST_OPERATOR_SECTION:
        return waiting(c, VALUE_TRANSFORM, a, frame, path);
    case AST_OPERATOR:
        return bridge_operator(c, a->text, bridge_operand(c, a->items[0], frame, path),
                               bridge_operand(c, a->items[1], frame,
                                              compiler_text(c, "%s/%s", path, a->text)),
                               a->offset);
    case AST_COMPOSE:
        return composed(c, a, frame, path);
    case AST_TUPLE:
        diag_error(c->diag, a->offset, "a pair stands only as an argument: within (0, 0.5) rev");
        return value_error();
    case AST_LIST:
        diag_error(c->diag, a->offset, "a list stands only as an argument of `stack`, `cat` and "
                                       "their like");
        return value_error();
    default:
        return value_error();
    }
}

/* Links of a left-leaning run are numbered by name, so that appending one renames no other. */
static const char *link_name(const struct ast *a)
{
    static const char *const ops[] = { "+", "-", "*", "/", "~+", "~-", "~*", "~/", "|+", "|-",
                                       "|*", "|/", "+|", "-|", "*|", "/|", "|>", "<|" };

    if (a->kind == AST_BINARY)
        return ops[a->op];
    return a->items[1]->text ? a->items[1]->text : "#";
}

static uint32_t count_name(const char **names, uint32_t *counts, uint32_t *n, const char *name)
{
    for (uint32_t i = 0; i < *n; i++)
        if (strcmp(names[i], name) == 0)
            return ++counts[i];
    names[*n] = name;
    counts[*n] = 1;
    ++*n;
    return 1;
}

/* `|* gain 0.8`: an operator over the controls of events. */
static bool is_control_operator(const struct ast *link)
{
    const struct ast *const right = link->items[1];
    const bool is_call = right->kind == AST_CALL && right->n_items == 1;

    return is_call && link->op >= AST_LEFT_ADD && events_is_control(right->text);
}

static struct value chain_link(struct compiler *c, struct value left, const struct ast *written,
                               struct ast *const *calls, uint32_t n, const struct frame *frame,
                               const char *path)
{
    bool is_partner;
    const struct ast *const call = shorthand_expand(c, written, calls, n, &is_partner);

    if (!call)
        return value_error();
    return is_partner ? left : evaluate_chain(c, left, call, frame, path);
}

static struct value spine(struct compiler *c, const struct ast *ast, const struct frame *frame,
                          const char *path)
{
    uint32_t length = 0, n_names = 0;
    const struct ast *at = ast;

    for (; at->kind == AST_BINARY || at->kind == AST_CHAIN; at = at->items[0])
        length++;
    const struct ast **const links = arena_alloc(c->arena, (length + 1) * sizeof *links);
    const char **const names = arena_alloc(c->arena, (length + 1) * sizeof *names);
    uint32_t *const counts = arena_alloc(c->arena, (length + 1) * sizeof *counts);
    uint32_t i = length;
    struct ast **const calls = arena_alloc(c->arena, (length + 1) * sizeof *calls);
    for (at = ast; at->kind == AST_BINARY || at->kind == AST_CHAIN; at = at->items[0]) {
        links[--i] = at;
        calls[i] = at->items[1];
    }

    struct value v = head(c, at, frame, path);
    for (i = 0; i < length && v.kind != VALUE_ERROR; i++) {
        const struct ast *const link = links[i];
        const char *const name = link_name(link);
        const uint32_t n = count_name(names, counts, &n_names, name);
        const char *const place = n == 1 ? compiler_text(c, "%s/%s", path, name)
                                         : compiler_text(c, "%s/%s%u", path, name, n);
        if (link->kind == AST_CHAIN)
            v = chain_link(c, v, link->items[1], calls, length, frame, place);
        else if (v.kind == VALUE_EVENTS && is_control_operator(link))
            v = bridge_operator(c, name, v, bridge_operand(c, link->items[1], frame, place),
                                link->offset);
        else
            v = binary(c, link->op, v, evaluate(c, link->items[1], frame, place), path, place);
    }
    return v;
}

struct value evaluate(struct compiler *c, const struct ast *ast, const struct frame *frame,
                      const char *path)
{
    if (!ast || !compiler_work(c, ast->offset))
        return value_error();
    if (c->eval_depth >= EVAL_DEPTH_MAX) {
        diag_error(c->diag, ast->offset, "expressions are nested too deeply here, or refer to "
                                         "themselves");
        return value_error();
    }
    c->eval_depth++;
    const struct value v = ast->kind == AST_BINARY || ast->kind == AST_CHAIN
                               ? spine(c, ast, frame, path)
                               : head(c, ast, frame, path);
    c->eval_depth--;
    return v;
}
