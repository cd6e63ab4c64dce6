/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/chain.c - `a # f args`: LANGUAGE 3.5.                                                   */
#include <string.h>

#include "client/evaluate.h"

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
        diag_error(c->diag, call->offset, "`%s` needs %u argument%s", f->name, n,
                   n == 1 ? "" : "s");
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
    if (!args[3] || !evaluate_bind_gate(c, row, args, path, call->offset))
        return value_error();
    return value_of_signal(sig_call(c, row, args, path, call->offset), call->offset);
}

struct value evaluate_not_supported(struct compiler *c, const char *name, uint32_t offset)
{
    diag_error(c->diag, offset, "`%s` is not supported yet", name);
    return value_error();
}

/* For transforms: "`every` takes 2 arguments, found 1". */
struct value evaluate_wrong_count(struct compiler *c, const struct function *f,
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
bool evaluate_is_fired_by_pattern(const struct function *f)
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
    if (evaluate_is_fired_by_pattern(f))
        return envelope_call(c, f, call, frame, path, &left);
    if (row && signal_chained(row) >= 0)
        return evaluate_signal_call(c, row, call, frame, path, &left);
    if (strcmp(f->canonical, "ar") == 0 || strcmp(f->canonical, "attack") == 0 ||
        strcmp(f->canonical, "release") == 0)
        envelope = plain_envelope(c, f, call, frame, path);
    else if (row)
        envelope = evaluate_signal_call(c, row, call, frame, path, NULL);
    else
        return evaluate_not_supported(c, f->name, call->offset);
    return evaluate_binary(c, AST_MUL, left, envelope, path, path);
}

/* `gen # note pat`: each event is a voice of the generator, LANGUAGE 10.4. */
static struct value inline_voice(struct compiler *c, const struct function *f,
                                 const struct ast *call, const struct frame *frame,
                                 const char *path, struct value left)
{
    struct sig *const signal = sig_behind_buses(left.signal);

    if (strcmp(f->canonical, "note") != 0 && strcmp(f->canonical, "n") != 0) {
        diag_error(c->diag, call->offset,
                   "`%s` sets a parameter of sound events; there are none on its left", f->name);
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
    return value_of_pattern(VALUE_EVENTS,
                            pat_with(c, p, pat_param(c, "s", PAT_SOUNDS, word), false),
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
        return evaluate_signal_call(c, row, call, frame, path, &left);
    if (events_modifier_is_effect(f->canonical))
        return evaluate_not_supported(c, f->name, call->offset);
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
            left = evaluate_binary(c, ops[i].op, left, evaluate(c, call->items[k], frame, at), path,
                                   at);
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
        return evaluate_binary(c, AST_AUDIO_MUL, left,
                               evaluate_signal_call(c, row, call, frame, path, NULL), path, path);
    if (strcmp(f->canonical, "s") == 0 && left.kind == VALUE_SIGNAL &&
        (left.signal->flags & SIG_HAS_EVENTS)) {
        struct through t = { f, call, frame, path };
        return value_of_signal(sig_map(c, left.signal, look_through, &t, NULL), left.offset);
    }
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
        return evaluate_signal_call(c, row, call, frame, path, &left);
    if ((f->classes & FUNCTION_TRANSFORM) && !(f->classes & FUNCTION_EFFECT))
        return transform_takes(f, call->n_items) ? transform_apply(c, call, frame, path, left)
                                                 : evaluate_wrong_count(c, f, call);
    return evaluate_not_supported(c, f->name, call->offset);
}

const struct value *evaluate_frame_find(const struct frame *frame, const char *name)
{
    for (; frame; frame = frame->next)
        if (strcmp(frame->name, name) == 0)
            return frame->value;
    return NULL;
}

/* A definition that shadows the built-in of the same name: bare ones and functions. */
struct definition *evaluate_shadowing(struct compiler *c, const char *name)
{
    struct definition *const function = resolve_find(c, 'f', name);

    if (function)
        return function;
    struct definition *const d = resolve_find(c, '~', name);
    return d && d->statement->kind == STATEMENT_BARE ? d : NULL;
}

bool evaluate_is_builtin(struct compiler *c, const struct ast *a, const struct frame *frame)
{
    return evaluate_builtin_of(a) && !evaluate_frame_find(frame, a->text) &&
           !evaluate_shadowing(c, a->text);
}

/* A call of what nothing is called: a parameter of a plugin, where one stands on the left. */
static bool is_unknown_call(struct compiler *c, const struct ast *a, const struct frame *frame)
{
    return (a->kind == AST_CALL || a->kind == AST_NAME) && !evaluate_builtin_of(a) &&
           !evaluate_frame_find(frame, a->text) && !resolve_find(c, '~', a->text) &&
           !resolve_find(c, 'f', a->text) && !bridge_has(a->text);
}

struct value evaluate_chain(struct compiler *c, struct value left, const struct ast *right,
                            const struct frame *frame, const char *path)
{
    if (left.kind == VALUE_ERROR || !compiler_work(c, right->offset))
        return value_error();
    if (evaluate_is_builtin(c, right, frame)) {
        if (evaluate_waits(left))
            return evaluate_compose(c, left, evaluate_waiting(c, VALUE_EFFECT, right, frame, path));
        return chain_builtin(c, evaluate_builtin_of(right), right, frame, path, left);
    }
    if (outside_is_plugin(left) && is_unknown_call(c, right, frame))
        return outside_parameter(c, right, frame, path, left);
    const struct value v = evaluate(c, right, frame, path);
    if (v.kind == VALUE_ERROR)
        return v;
    if (evaluate_waits(v))
        return evaluate_waits(left) ? evaluate_compose(c, left, v)
                                : evaluate_apply(c, v.step, left, right->offset);
    diag_error(c->diag, right->offset, "this is not an effect: found %s behind `#`",
               value_kind_name(v.kind));
    return value_error();
}

static struct value with_input(struct compiler *c, struct value effect, const char *path)
{
    const struct ast *const call = effect.step->ast;

    if (!call) { /* one behind the other: the first has the input */
        const struct value first = { .kind = VALUE_EFFECT, .offset = effect.offset,
                                     .step = effect.step->first };
        return evaluate_apply(c, effect.step->second, evaluate_with_input(c, first, path),
                              effect.offset);
    }
    if (call->kind == AST_CALL && call->n_items > 0) {
        struct ast *const rest = arena_alloc(c->arena, sizeof *rest); /* a step may keep it */
        struct value input = evaluate(c, call->items[0], effect.step->frame, path);
        if (input.kind == VALUE_EFFECT)
            input = evaluate_with_input(c, input, path);
        if (input.kind == VALUE_ERROR)
            return input;
        *rest = *call;
        rest->items++;
        rest->n_items--;
        if (input.kind != VALUE_NUMBER)
            return evaluate_chain(c, input, rest, effect.step->frame, effect.step->path);
    }
    diag_error(c->diag, effect.offset, "an effect needs its input: `x # %s ...`",
               call->text ? call->text : "effect");
    return value_error();
}

/** Effects that wait for each other's input are as deep as calls: a template may hold itself. */
struct value evaluate_with_input(struct compiler *c, struct value effect, const char *path)
{
    if (c->eval_depth >= EVAL_DEPTH_MAX) {
        diag_error(c->diag, effect.offset, "expressions are nested too deeply here, or refer to "
                                           "themselves");
        return value_error();
    }
    c->eval_depth++;
    const struct value v = with_input(c, effect, path);
    c->eval_depth--;
    return v;
}
