/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/chords.c - a chord that reaches the pitch of an oscillator is as many oscillators:      */
/* LANGUAGE 11, `mtof`.                                                                           */
#include <math.h>
#include <string.h>

#include "client/functions/make.h"
#include "client/value.h"
#include "server/pattern/scale.h"

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static uint32_t notes_of(const char *quality)
{
    struct ph_value chord;

    return pat_chord_make(quality, strlen(quality), 60, false, &chord) ? chord.n_notes : 1;
}

/* Most notes of any chord in a string; `names`: its words are qualities. */
static uint32_t mini_notes(const struct mini *m, bool names)
{
    uint32_t most = 1;

    if (!m)
        return 1;
    if (m->kind == MINI_CHORD && m->quality)
        return notes_of(m->quality);
    if (m->kind == MINI_WORD && names)
        return notes_of(m->text);
    for (uint32_t i = 0; i < m->n_items; i++)
        most = larger(most, mini_notes(m->items[i], names));
    return most;
}

static uint32_t pattern_notes(const struct pat *p, bool names)
{
    uint32_t most = 1;

    if (!names && !(p->flags & PAT_HAS_CHORDS))
        return 1;
    if (p->kind == PAT_MINI)
        return mini_notes(p->mini, names);
    if (p->kind == PAT_CONST)
        return p->imms[0].kind == PH_VALUE_CHORD  ? p->imms[0].n_notes
               : names && p->imms[0].kind == PH_VALUE_WORD ? notes_of(p->imms[0].text)
                                                           : 1;
    for (uint32_t i = 0; i < p->n_args; i++)
        most = larger(most, pattern_notes(p->args[i], names || (p->op == PH_PAT_CHORD && i == 0)));
    return most;
}

/* Of all patterns that the signal steps through; shared parts once a search. */
static uint32_t signal_notes(const struct compiler *c, struct sig *s)
{
    uint32_t most = 1;

    if (!s || !(s->flags & SIG_HAS_STEPS) || s->group_stamp == c->stamp)
        return 1;
    s->group_stamp = c->stamp;
    if (s->kind == SIG_STEPS)
        return pattern_notes(s->pattern, false);
    if (s->kind == SIG_BUS)
        return s->flags & SIG_IS_FED_BACK ? 1 : signal_notes(c, s->definition->value.signal);
    for (uint32_t i = 0; i < s->n_args; i++)
        most = larger(most, signal_notes(c, s->args[i]));
    return most;
}

static struct pat *one_note(struct compiler *c, struct sig *leaf, void *context)
{
    const struct ph_value number = { .kind = PH_VALUE_RATIO,
                                     .ratio = ph_ratio_of(*(const uint32_t *)context) };

    if (leaf->kind != SIG_STEPS || !(leaf->pattern->flags & PAT_HAS_CHORDS))
        return leaf->pattern;
    return pat_op_imm(c, PH_PAT_CHORD_NOTE, &leaf->pattern, 1, &number, 1, leaf->offset);
}

struct sig *chords_spread(struct compiler *c, const struct signal_row *row, struct sig *const *args,
                          const char *path, uint32_t offset)
{
    c->stamp++;
    const uint32_t n = signal_notes(c, args[0]);
    struct sig *sum = NULL;

    if (n <= 1)
        return sig_call(c, row, args, path, offset);
    for (uint32_t i = 0; i < n; i++) {
        const char *const place = compiler_text(c, "%s'%u", path, i + 1);
        struct sig *copies[PARAMS_MAX];
        memcpy(copies, args, row->n_params * sizeof *copies);
        copies[0] = sig_map(c, args[0], one_note, &i, place);
        struct sig *const voice = copies[0] ? sig_call(c, row, copies, place, offset) : NULL;
        sum = i == 0 ? voice : sig_binary(c, AST_ADD, sum, voice, place);
    }
    return sig_binary(c, AST_MUL, sum, sig_number(c, 1 / sqrt(n), offset), path);
}
