/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/continuous.c - patterns that go on between events, read sample by sample: `phasor`,     */
/* `cosine`, `perlin`, `smooth` and arithmetic with them as signals. LANGUAGE 9.6 and 11.         */
#include <string.h>

#include "client/functions/make.h"
#include "client/value.h"

enum { SPEEDS_MAX = 16 };

/** Transforms of time around a signal, the outermost first: they move its ramp as they move it. */
struct times {
    const struct pat *list[SPEEDS_MAX];
    uint32_t n;
    double rate; /* turns of the signal in one cycle */
};

struct reading {
    struct compiler *c;
    const char *path;
    uint32_t n_made; /* of the nodes that need a place of their own */
};

static struct sig *read_pattern(struct reading *r, struct pat *p, struct times t);

static const char *place(struct reading *r)
{
    return compiler_text(r->c, "%s.%u", r->path, ++r->n_made);
}

static struct sig *number(struct reading *r, double x, const struct pat *p)
{
    return sig_number(r->c, x, p->offset);
}

static struct sig *binary(struct reading *r, enum ast_op op, struct sig *a, struct sig *b)
{
    return sig_binary(r->c, op, a, b, r->path);
}

/* ---- what takes part in events --------------------------------------------------------------- */

/** `p` as the transforms around it move it. */
static struct pat *moved(struct reading *r, struct pat *p, const struct times *t)
{
    for (uint32_t i = t->n; i > 0; i--)
        p = PAT(r->c, t->list[i - 1]->op, t->list[i - 1]->offset, t->list[i - 1]->args[0], p);
    return p;
}

static struct sig *steps(struct reading *r, struct pat *p, const struct times *t)
{
    return sig_steps(r->c, moved(r, p, t), CONTEXT_NUMBER, 0, place(r));
}

static struct sig *line(struct reading *r, struct sig *gate, struct sig *seconds,
                        const struct pat *p)
{
    struct sig *const args[PARAMS_MAX] = { number(r, 0, p), number(r, 1, p), NULL, gate, seconds };

    return gate && seconds && args[1]
               ? sig_call(r->c, signal_find("line"), args, place(r), p->offset)
               : NULL;
}

/* From 0 to 1 in each of its turns. The clock is no pattern that a transform could move. */
static struct sig *ramp(struct reading *r, const struct times *t, const struct pat *p)
{
    static const struct ph_value half[] = { { .kind = PH_VALUE_RATIO, .ratio = { 1, 2 } },
                                            { .kind = PH_VALUE_RATIO, .ratio = { 1, 2 } } };
    struct pat *const shape[] = { pat_ratio(r->c, ph_ratio_of(1), p->offset),
                                  pat_ratio(r->c, ph_ratio_of(0), p->offset) };
    struct pat *const turn = pat_op_imm(r->c, PH_PAT_TIMECAT, shape, 2, half, 2, p->offset);
    struct sig *const gate = steps(r, turn, t);

    if (gate)
        gate->flags = 0;
    return line(r, gate, number(r, 1 / (r->c->cps * t->rate), p), p);
}

/* ---- shapes ---------------------------------------------------------------------------------- */

static struct sig *read_cosine(struct reading *r, const struct times *t, const struct pat *p)
{
    static const double tau = 6.283185307179586;
    struct sig *const phase = binary(r, AST_ADD, ramp(r, t, p), number(r, 0.25, p));
    struct sig *const args[PARAMS_MAX] = { number(r, 0, p), phase, number(r, tau, p) };
    struct sig *const wave =
        phase && args[2] ? sig_call(r->c, signal_find("pm"), args, place(r), p->offset) : NULL;

    return binary(r, AST_ADD, binary(r, AST_MUL, wave, number(r, 0.5, p)), number(r, 0.5, p));
}

/* from + x * (to - from) */
static struct sig *between(struct reading *r, struct sig *from, struct sig *to, struct sig *x)
{
    return binary(r, AST_ADD, from, binary(r, AST_MUL, binary(r, AST_SUB, to, from), x));
}

/* 6x^5 - 15x^4 + 10x^3 between the draws of two cycles */
static struct sig *read_perlin(struct reading *r, const struct times *t, struct pat *p)
{
    struct pat *const one = pat_ratio(r->c, ph_ratio_of(1), p->offset);
    struct pat *const now = PAT(r->c, PH_PAT_SEGMENT, p->offset, one,
                                PAT(r->c, PH_PAT_AT_BEGIN, p->offset, p));
    struct sig *const x = ramp(r, t, p);
    struct sig *const cube = binary(r, AST_MUL, binary(r, AST_MUL, x, x), x);
    struct sig *const slope = binary(r, AST_SUB, binary(r, AST_MUL, x, number(r, 6, p)),
                                     number(r, 15, p));
    struct sig *const rest = binary(r, AST_ADD, binary(r, AST_MUL, slope, x), number(r, 10, p));

    return between(r, steps(r, now, t), steps(r, PAT(r->c, PH_PAT_EARLY, p->offset, one, now), t),
                   binary(r, AST_MUL, cube, rest));
}

/* Held, and over the last part of each event a line to the next value. */
static struct sig *read_glide(struct reading *r, const struct times *t, struct pat *p)
{
    static const struct ph_value right = { .kind = PH_VALUE_RATIO, .ratio = { 2, 1 } };
    struct compiler *const c = r->c;
    struct pat *const values = p->args[1];
    struct pat *const zero[] = { pat_ratio(c, ph_ratio_of(0), p->offset), moved(r, values, t) };
    struct pat *const onsets = pat_op_imm(c, PH_PAT_KEEP, zero, 2, &right, 1, p->offset);
    const struct times none = { .rate = 1 };
    struct sig *const gate = onsets ? evaluate_onset_gate(c, onsets, place(r), p->offset) : NULL;
    struct pat *const length = PAT(c, PH_PAT_EVENT_LENGTH, p->offset, moved(r, values, t));
    struct sig *const seconds =
        binary(r, AST_DIV, steps(r, length, &none), number(r, c->cps, p));
    struct sig *const share = read_pattern(r, p->args[0], *t);
    struct sig *const done = line(r, gate, seconds, p);
    struct sig *const over = binary(r, AST_SUB, done, binary(r, AST_SUB, number(r, 1, p), share));
    struct sig *const args[PARAMS_MAX] = { binary(r, AST_DIV, over, share), number(r, 0, p) };
    struct sig *const way =
        args[0] ? sig_call(c, signal_find("max"), args, place(r), p->offset) : NULL;

    return between(r, steps(r, values, t),
                   steps(r, PAT(c, PH_PAT_NEXT, p->offset, values), t), way);
}

/* ---- the tree -------------------------------------------------------------------------------- */

static bool is_speed(const struct pat *p)
{
    return p->kind == PAT_OP &&
           (p->op == PH_PAT_FAST || p->op == PH_PAT_SLOW || p->op == PH_PAT_EARLY ||
            p->op == PH_PAT_LATE) &&
           p->args[0]->kind == PAT_CONST && p->args[0]->imms[0].kind != PH_VALUE_WORD;
}

static double constant(const struct pat *p)
{
    const struct ph_value *const v = &p->imms[0];

    return v->kind == PH_VALUE_RATIO ? ph_ratio_to_double(v->ratio) : v->number;
}

static struct sig *read_moved(struct reading *r, struct pat *p, struct times t)
{
    const double n = constant(p->args[0]);

    if (p->op == PH_PAT_FAST)
        t.rate *= n;
    else if (p->op == PH_PAT_SLOW)
        t.rate = n != 0 ? t.rate / n : 0;
    if (t.n == SPEEDS_MAX || t.rate <= 0) /* backwards it does not rise: read once a cycle */
        return steps(r, p, &t);
    t.list[t.n++] = p;
    return read_pattern(r, p->args[1], t);
}

static struct sig *read_pattern(struct reading *r, struct pat *p, struct times t)
{
    if (!p)
        return NULL;
    if (p->kind == PAT_CONST && p->imms[0].kind != PH_VALUE_WORD)
        return number(r, constant(p), p);
    if (p->kind != PAT_OP)
        return steps(r, p, &t);
    if (is_speed(p) && (p->flags & PAT_CONTINUOUS))
        return read_moved(r, p, t);
    switch (p->op) {
    case PH_PAT_SAW:
        return ramp(r, &t, p);
    case PH_PAT_COSINE:
        return read_cosine(r, &t, p);
    case PH_PAT_PERLIN:
        return read_perlin(r, &t, p);
    case PH_PAT_GLIDE:
        return read_glide(r, &t, p);
    case PH_PAT_ADD: case PH_PAT_SUB: case PH_PAT_MUL: case PH_PAT_DIV:
        return binary(r, p->op == PH_PAT_ADD   ? AST_ADD
                         : p->op == PH_PAT_SUB ? AST_SUB
                         : p->op == PH_PAT_MUL ? AST_MUL
                                               : AST_DIV,
                      read_pattern(r, p->args[0], t), read_pattern(r, p->args[1], t));
    case PH_PAT_RANGE:
        return between(r, read_pattern(r, p->args[0], t), read_pattern(r, p->args[1], t),
                       read_pattern(r, p->args[2], t));
    default:
        return steps(r, p, &t);
    }
}

/* Whether anything in it moves between events; `rand` is drawn once a cycle. */
static bool moves(const struct pat *p)
{
    if (p->kind != PAT_OP)
        return false;
    switch (p->op) {
    case PH_PAT_SAW: case PH_PAT_COSINE: case PH_PAT_PERLIN: case PH_PAT_GLIDE:
        return true;
    case PH_PAT_ADD: case PH_PAT_SUB: case PH_PAT_MUL: case PH_PAT_DIV:
        return moves(p->args[0]) || moves(p->args[1]);
    case PH_PAT_RANGE:
        return moves(p->args[2]);
    default:
        return is_speed(p) && moves(p->args[1]);
    }
}

struct sig *continuous_signal(struct compiler *c, struct pat *p, const char *path)
{
    struct reading r = { c, path, 0 };

    return read_pattern(&r, p, (struct times){ .rate = 1 });
}

bool continuous_is(const struct pat *p)
{
    return moves(p);
}
