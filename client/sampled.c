/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/sampled.c - signals that steer patterns and parameters of events: LANGUAGE 4.1.         */
/*                                                                                                */
/* Patterns are evaluated before their time, audio is not: what is read here is the function of   */
/* time that the signal is, with its oscillators in phase 0 at cycle 0.                           */
#include <string.h>

#include "client/functions/make.h"
#include "client/value.h"

enum { BUSES_MAX = 64 }; /* that are read through one another */

static struct pat *read_at(struct compiler *c, const struct sig *s, uint32_t offset,
                           uint32_t n_buses);

/* The structure of what is continuous, so that the result is. */
static struct pat *arithmetic(struct compiler *c, enum ph_pattern_op op, struct pat *a,
                              struct pat *b, uint32_t offset)
{
    struct ph_value structure = { .kind = PH_VALUE_RATIO, .ratio = { 0, 1 } };

    if (!a || !b)
        return NULL;
    const uint32_t continuous = (a->flags | b->flags) & PAT_CONTINUOUS;
    structure.ratio.num = a->flags & PAT_CONTINUOUS ? 1 : b->flags & PAT_CONTINUOUS ? 2 : 0;
    struct pat *const made =
        pat_op_imm(c, op, (struct pat *[]){ a, b }, 2, &structure, 1, offset);
    if (made)
        made->flags |= continuous;
    return made;
}

static struct pat *ranged(struct compiler *c, struct pat *low, struct pat *high, struct pat *unit,
                          uint32_t offset)
{
    return PAT(c, PH_PAT_RANGE, offset, low, high, unit);
}

/** An oscillator by the pattern of the same shape, which goes from 0 to 1. */
struct shape {
    const char *name;
    enum ph_pattern_op op;
    int low, high;
};
static const struct shape shapes[] = { { "sine", PH_PAT_SINE, -1, 1 },
                                       { "saw", PH_PAT_SAW, -1, 1 },
                                       { "square", PH_PAT_SQUARE, 1, -1 },
                                       { "tri", PH_PAT_TRI, -1, 1 } };

static struct pat *read_oscillator(struct compiler *c, const struct shape *shape,
                                   const struct sig *s, uint32_t offset)
{
    const struct sig *const freq = s->args[0] ? sig_behind_buses(s->args[0]) : NULL;
    const double hz = freq ? freq->number : 1;
    bool overflow = false;

    if (s->args[0] && (!freq || freq->kind != SIG_NUMBER)) {
        diag_error(c->diag, offset, "`%s` steers a pattern here: its frequency must be a number",
                   s->row->name);
        return NULL;
    }
    struct pat *const factor =
        pat_ratio(c, ph_ratio_from_double(hz / c->cps, &overflow), offset);
    struct pat *const turns =
        PAT(c, PH_PAT_FAST, offset, factor, pat_op(c, shape->op, NULL, 0, offset));
    return ranged(c, pat_ratio(c, ph_ratio_of(shape->low), offset),
                  pat_ratio(c, ph_ratio_of(shape->high), offset), turns, offset);
}

/* 440 * 2^((m - 69) / 12) */
static struct pat *read_hz(struct compiler *c, struct pat *m, uint32_t offset)
{
    struct pat *const above =
        arithmetic(c, PH_PAT_SUB, m, pat_ratio(c, ph_ratio_of(69), offset), offset);
    struct pat *const octaves =
        arithmetic(c, PH_PAT_DIV, above, pat_ratio(c, ph_ratio_of(12), offset), offset);
    struct pat *const factor =
        arithmetic(c, PH_PAT_POW, pat_ratio(c, ph_ratio_of(2), offset), octaves, offset);

    return arithmetic(c, PH_PAT_MUL, factor, pat_ratio(c, ph_ratio_of(440), offset), offset);
}

static struct pat *read_call(struct compiler *c, const struct sig *s, uint32_t offset,
                             uint32_t n_buses)
{
    const char *const name = s->row->name;

    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (strcmp(name, shapes[i].name) == 0)
            return read_oscillator(c, &shapes[i], s, offset);
    if (strcmp(name, "noise") == 0)
        return ranged(c, pat_ratio(c, ph_ratio_of(-1), offset),
                      pat_ratio(c, ph_ratio_of(1), offset),
                      pat_op(c, PH_PAT_RAND, NULL, 0, offset), offset);
    if (strcmp(name, "range") == 0) {
        struct pat *const x = read_at(c, s->args[2], offset, n_buses);
        struct pat *const up =
            arithmetic(c, PH_PAT_ADD, x, pat_ratio(c, ph_ratio_of(1), offset), offset);
        struct pat *const unit =
            arithmetic(c, PH_PAT_MUL, up, pat_ratio(c, PH_RATIO(1, 2), offset), offset);
        return ranged(c, read_at(c, s->args[0], offset, n_buses),
                      read_at(c, s->args[1], offset, n_buses), unit, offset);
    }
    if (strcmp(name, "mtof") == 0)
        return read_hz(c, read_at(c, s->args[0], offset, n_buses), offset);
    diag_error(c->diag, offset, "what steers a pattern must be known before it sounds: numbers, "
               "oscillators of constant frequency, `range` and arithmetic; found `%s`", name);
    return NULL;
}

static struct pat *read_at(struct compiler *c, const struct sig *s, uint32_t offset,
                           uint32_t n_buses)
{
    static const enum ph_pattern_op ops[] = { PH_PAT_ADD, PH_PAT_SUB, PH_PAT_MUL, PH_PAT_DIV };

    if (!s)
        return NULL;
    switch (s->kind) {
    case SIG_NUMBER:
        return pat_number(c, s->number, offset);
    case SIG_STEPS:
        return s->pattern;
    case SIG_BUS:
        if (s->flags & SIG_IS_FED_BACK) {
            diag_error(c->diag, offset, "`%s` refers to itself: only a signal may",
                       s->definition->label);
            return NULL;
        }
        if (n_buses < BUSES_MAX && s->definition->value.kind == VALUE_SIGNAL)
            return read_at(c, s->definition->value.signal, offset, n_buses + 1);
        break;
    case SIG_BINARY:
        return arithmetic(c, ops[s->op], read_at(c, s->args[0], offset, n_buses),
                          read_at(c, s->args[1], offset, n_buses), offset);
    case SIG_CALL:
        return read_call(c, s, offset, n_buses);
    default:
        break;
    }
    diag_error(c->diag, offset, "what steers a pattern must be known before it sounds, found "
               "sound events");
    return NULL;
}

struct pat *sampled_pattern(struct compiler *c, const struct sig *s, uint32_t offset)
{
    return PAT(c, PH_PAT_AT_BEGIN, offset, read_at(c, s, offset, 0));
}
