/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/operators.c - + - * / and their kin between values of all kinds: LANGUAGE 8.            */
#include <string.h>

#include "client/evaluate.h"

struct value evaluate_number(struct ph_ratio ratio, double number, uint32_t offset)
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
    return evaluate_number(r, ph_ratio_to_double(r), a.offset);
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

/* A gate, and a sample player that waits for its trigger. */
static bool is_triggered(struct value gate, struct value player)
{
    const struct ast *const call = player.kind == VALUE_EFFECT ? player.step->ast : NULL;

    return gate.kind == VALUE_SIGNAL && envelope_is_gate(gate.signal) && call && call->text &&
           strcmp(call->text, "sp") == 0;
}

struct value evaluate_binary(struct compiler *c, enum ast_op op, struct value a, struct value b,
                             const char *left_path, const char *right_path)
{
    const enum ast_op plain = plain_operator(op);

    if (op != AST_KEEP_RIGHT && op != AST_KEEP_LEFT) {
        a = sounding(c, a);
        b = sounding(c, b);
    }
    if (a.kind == VALUE_ERROR || b.kind == VALUE_ERROR)
        return value_error();
    if (plain == AST_MUL && is_triggered(a, b)) /* 12: g * sp name means g # sp name */
        return evaluate_apply(c, b.step, a, b.offset);
    if (plain == AST_MUL && is_triggered(b, a))
        return evaluate_apply(c, a.step, b, a.offset);
    if (a.kind == VALUE_NUMBER && b.kind == VALUE_NUMBER)
        return fold_numbers(op, a, b);
    const bool keeps = op == AST_KEEP_RIGHT || op == AST_KEEP_LEFT;
    if (!is_audio_operator(op)) {
        if (!plays(a) && !plays(b) && !evaluate_waits(a) && !evaluate_waits(b))
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

struct value evaluate_negate(struct compiler *c, struct value v, const char *path)
{
    const struct value minus = evaluate_number(ph_ratio_of(-1), -1, v.offset);

    return evaluate_binary(c, AST_MUL, v, minus, path, path);
}
