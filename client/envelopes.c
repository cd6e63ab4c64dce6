/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/envelopes.c - envelopes and gates that patterns fire: LANGUAGE 16.                      */
#include <string.h>

#include "client/evaluate.h"

/** What fires: a gate that is open for this share of each event. */
#define WHOLE_EVENT 0.99 /* closed long enough for the next event to be a new one */
#define STRIKE 0.5

bool envelope_is_gate(struct sig *s)
{
    const struct sig *const at = sig_behind_buses(s);

    if (!at)
        return false;
    if (at->flags & SIG_IS_GATE)
        return true;
    if (at->kind == SIG_CALL) {
        const char *const name = at->row->name;
        const bool keeps = strcmp(name, "delay") == 0 || strcmp(name, "amp") == 0;
        return strcmp(name, "impulse") == 0 || strcmp(name, "schmidt") == 0 ||
               strcmp(name, "trig") == 0 || (keeps && envelope_is_gate(at->args[0]));
    }
    if (at->kind != SIG_BINARY || (at->op != AST_MUL && at->op != AST_DIV))
        return false;
    return (envelope_is_gate(at->args[0]) && at->args[1]->kind == SIG_NUMBER) ||
           (at->op == AST_MUL && envelope_is_gate(at->args[1]) && at->args[0]->kind == SIG_NUMBER);
}

/* Numbers and booleans choose (`f` is a note as well); of words and notes every event counts. */
static struct pat *true_onsets(struct compiler *c, struct pat *p, uint32_t offset)
{
    struct pat *const one = pat_ratio(c, ph_ratio_of(1), offset);
    static const struct ph_value right = { .kind = PH_VALUE_RATIO, .ratio = { 2, 1 } };

    if (!p || !(p->flags & (PAT_HAS_NOTES | PAT_HAS_WORDS | PAT_CONTROLS)) ||
        (p->flags & (PAT_HAS_NUMBERS | PAT_HAS_WORDS)) == PAT_HAS_NUMBERS)
        return PAT(c, PH_PAT_STRUCT, offset, p, one);
    return pat_op_imm(c, PH_PAT_KEEP, (struct pat *[]){ one, p }, 2, &right, 1, offset);
}

/** Open while a true event is active, for that share of it; 1: neighbours run into each other. */
static struct sig *pattern_gate(struct compiler *c, struct pat *p, double share, const char *path,
                                uint32_t offset)
{
    struct pat *const onsets = true_onsets(c, p, offset);
    struct sig *const gate = share < 1 ? evaluate_onset_gate(c, onsets, path, offset)
                                       : sig_steps(c, onsets, CONTEXT_TERM, 0, path);

    if (gate) {
        gate->open = share < 1 ? share : 0;
        gate->flags |= SIG_IS_GATE;
    }
    return gate;
}

/** GateEnv of a gate with four numbers or signals. */
static struct value gated(struct compiler *c, struct sig *gate, struct sig *const *times,
                          const char *path, uint32_t offset)
{
    struct sig *const args[PARAMS_MAX] = { gate, times[0], times[1], times[2], times[3] };

    for (int i = 0; i < 5; i++)
        if (!args[i])
            return value_error();
    return value_of_signal(sig_call(c, signal_find("env"), args, path, offset), offset);
}

/** Arguments from `first` on as attack, decay, sustain, release. */
static bool read_times(struct compiler *c, const struct ast *call, const struct frame *frame,
                       const char *path, uint32_t first, const double *defaults, struct sig **times)
{
    static const char *const names[] = { "attack", "decay", "sustain", "release" };

    for (uint32_t i = 0; i < 4; i++) {
        const struct ast *const at = evaluate_envelope_argument(call, first, i, names[i]);
        const char *const place = compiler_text(c, "%s.%s", path, names[i]);
        times[i] = at ? value_signal(c, evaluate(c, at, frame, place), CONTEXT_NUMBER, defaults[i],
                                     place)
                      : sig_number(c, defaults[i], call->offset);
        if (!times[i])
            return false;
    }
    return true;
}

/** x # env attack decay sustain release, where x is a gate. */
struct value envelope_of_gate(struct compiler *c, const struct ast *call,
                              const struct frame *frame, const char *path, struct value gate)
{
    static const double defaults[] = { 0.001, 0.1, 0.7, 0.2 };
    struct sig *times[4];

    if (!read_times(c, call, frame, path, 0, defaults, times))
        return value_error();
    return gated(c, gate.signal, times, path, call->offset);
}

/* The pattern, and what the envelope multiplies: `env_trig "1 0" ...`, `x # env_trig "1 0" ...`. */
static bool read_pattern(struct compiler *c, const struct function *f, const struct ast *call,
                         const struct frame *frame, const char *path, struct value *input,
                         struct pat **pattern, uint32_t *n_read)
{
    for (*n_read = 0; *n_read < call->n_items && *n_read < 2;) {
        const struct value v = evaluate(c, call->items[*n_read], frame, path);
        ++*n_read;
        if (v.kind == VALUE_ERROR)
            return false;
        if (v.kind == VALUE_PATTERN || v.kind == VALUE_NUMBER || v.kind == VALUE_EVENTS) {
            *pattern = value_pattern(c, v);
            return *pattern != NULL;
        }
        if (input->kind != VALUE_ERROR)
            break;
        *input = v;
    }
    diag_error(c->diag, call->offset, "`%s` needs a pattern that fires it: %s \"1 0 1 0\"", f->name,
               f->name);
    return false;
}

static struct value times_input(struct compiler *c, struct value input, struct value made,
                                const char *path)
{
    if (input.kind == VALUE_ERROR || made.kind == VALUE_ERROR)
        return made;
    struct sig *const x = value_signal(c, input, CONTEXT_AUDIO, 0, path);
    return value_of_signal(sig_binary(c, AST_MUL, x, made.signal, path), made.offset);
}

struct value envelope_call(struct compiler *c, const struct function *f, const struct ast *call,
                           const struct frame *frame, const char *path, const struct value *left)
{
    static const double fired[] = { 0.001, 0.1, 0, 0.1 }, adsr[] = { 0.01, 0.1, 0.7, 0.2 };
    const char *const name = f->canonical;
    const char *const place = compiler_text(c, "%s.gate", path);
    struct value input = left ? *left : value_error();
    struct sig *times[4];
    struct pat *pattern = NULL;
    uint32_t first = 0;

    if (!read_pattern(c, f, call, frame, path, &input, &pattern, &first))
        return value_error();
    if (strcmp(name, "gate") == 0) {
        struct sig *const gate = pattern_gate(c, pattern, 1, place, call->offset);
        return times_input(c, input, value_of_signal(gate, call->offset), path);
    }
    struct sig *const gate = pattern_gate(c, pattern, WHOLE_EVENT, place, call->offset);
    if (strcmp(name, "trig") == 0) {
        struct sig *const args[PARAMS_MAX] = { gate };
        struct sig *const made = gate ? sig_call(c, signal_find("trig"), args, path, call->offset)
                                      : NULL;
        return times_input(c, input, value_of_signal(made, call->offset), path);
    }
    const bool is_tar = strcmp(name, "tar") == 0;
    if (!read_times(c, call, frame, path, first, strcmp(name, "env_trig") == 0 ? fired : adsr, times))
        return value_error();
    if (is_tar) { /* attack and release: what stands second is the release */
        times[3] = call->n_items > first + 1 ? times[1] : times[3];
        times[1] = sig_number(c, 0, call->offset);
        times[2] = sig_number(c, 1, call->offset);
        if (gate)
            gate->open = 0.01; /* released once the attack is over */
    }
    return times_input(c, input, gated(c, gate, times, path, call->offset), path);
}

/** struct "1 0 1" signal: the signal, struck at each true onset. */
struct value envelope_struck(struct compiler *c, struct value pattern, struct value signal,
                             const char *path, uint32_t offset)
{
    static const double percussive[] = { 0.001, 0.1, 0, 0.001 };
    struct pat *const p = value_pattern(c, pattern);
    struct sig *times[4];

    if (!p)
        return value_error();
    for (int i = 0; i < 4; i++)
        times[i] = sig_number(c, percussive[i], offset);
    struct sig *const gate =
        pattern_gate(c, p, STRIKE, compiler_text(c, "%s.gate", path), offset);
    return times_input(c, signal, gated(c, gate, times, path, offset), path);
}
