/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/sources.c - patterns that come from nothing but numbers and chance: LANGUAGE 11.        */
#include <string.h>

#include "client/value.h"

/** The call that is being evaluated. */
struct source_call {
    struct compiler *c;
    const struct function *f;
    const struct ast *call;
    const struct frame *frame;
    const char *path;
};

static struct value argument(const struct source_call *s, uint32_t i)
{
    return evaluate(s->c, s->call->items[i], s->frame,
                    compiler_text(s->c, "%s.%u", s->path, i + 1));
}

static struct pat *pattern(const struct source_call *s, uint32_t i)
{
    return value_pattern(s->c, argument(s, i));
}

static struct pat *whole(const struct source_call *s, int64_t n)
{
    return pat_ratio(s->c, ph_ratio_of(n), s->call->offset);
}

static struct pat *plain(const struct source_call *s, enum ph_pattern_op op)
{
    return pat_op(s->c, op, NULL, 0, s->call->offset);
}

static struct pat *arithmetic(const struct source_call *s, enum ph_pattern_op op, struct pat *a,
                              struct pat *b)
{
    static const struct ph_value both = { .kind = PH_VALUE_RATIO, .ratio = { 0, 1 } };

    return pat_op_imm(s->c, op, (struct pat *[]){ a, b }, 2, &both, 1, s->call->offset);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static struct pat *run(const struct source_call *s)
{
    return PAT(s->c, PH_PAT_RUN, s->call->offset, pattern(s, 0));
}

static struct pat *scan(const struct source_call *s)
{
    return PAT(s->c, PH_PAT_SCAN, s->call->offset, pattern(s, 0));
}

static struct pat *silence(const struct source_call *s)
{
    return plain(s, PH_PAT_SILENCE);
}

/* `chord q`: on the root 0. */
static struct pat *chord(const struct source_call *s)
{
    struct pat *const made =
        PAT(s->c, PH_PAT_CHORD, s->call->offset, pattern(s, 0), whole(s, 0));

    if (made)
        made->flags |= PAT_MADE_NOTE;
    return made;
}

/* ---- signals --------------------------------------------------------------------------------- */

static struct pat *rand(const struct source_call *s)
{
    return plain(s, PH_PAT_RAND);
}

static struct pat *perlin(const struct source_call *s)
{
    return plain(s, PH_PAT_PERLIN);
}

static struct pat *cosine(const struct source_call *s)
{
    return plain(s, PH_PAT_COSINE);
}

static struct pat *phasor(const struct source_call *s)
{
    struct pat *const rise = plain(s, PH_PAT_SAW);

    return s->call->n_items == 0 ? rise
                                 : PAT(s->c, PH_PAT_FAST, s->call->offset, pattern(s, 0), rise);
}

/* `irand n`, or `irand a b`: integers a to b. */
static struct pat *irand(const struct source_call *s)
{
    const uint32_t offset = s->call->offset;
    struct pat *const a = pattern(s, 0);

    if (s->call->n_items == 1)
        return PAT(s->c, PH_PAT_IRAND, offset, a);
    struct pat *const count = arithmetic(s, PH_PAT_ADD, arithmetic(s, PH_PAT_SUB, pattern(s, 1), a),
                                         whole(s, 1));
    return arithmetic(s, PH_PAT_ADD, a, PAT(s->c, PH_PAT_IRAND, offset, count));
}

/* ---- one of a list --------------------------------------------------------------------------- */

/* An item: a bare name that nothing else is called is a word, as in a string. */
static struct value item(const struct source_call *s, const struct ast *a, uint32_t i)
{
    const bool is_word = a->kind == AST_NAME && !function_find(a->text, strlen(a->text)) &&
                         !bridge_has(a->text) && !resolve_find(s->c, '~', a->text) &&
                         !resolve_find(s->c, 'f', a->text);

    for (const struct frame *f = s->frame; is_word && f; f = f->next)
        if (strcmp(f->name, a->text) == 0)
            return *f->value;
    if (!is_word)
        return evaluate(s->c, a, s->frame, compiler_text(s->c, "%s.%u", s->path, i + 1));
    const struct mini *const mini = parse_mini(a->text, (uint32_t)strlen(a->text), a->offset,
                                               s->c->arena, s->c->diag);
    return value_of_pattern(VALUE_PATTERN, pat_string(s->c, mini, a->offset), a->offset);
}

static const struct ast *list_of(const struct source_call *s, const char *shown)
{
    const struct ast *const list = s->call->items[0];

    if (list->kind == AST_LIST && list->n_items > 0)
        return list;
    diag_error(s->c->diag, list->offset, "`%s` takes a list: %s", s->f->name, shown);
    return NULL;
}

/* What is drawn each time that the pattern is asked. */
static struct pat *drawn(const struct source_call *s, enum ph_pattern_op op, struct pat **args,
                         uint32_t n, const struct ph_value *imms, uint32_t n_imms)
{
    struct pat *const made = pat_op_imm(s->c, op, args, n, imms, n_imms, s->call->offset);

    if (made)
        made->flags |= PAT_CONTINUOUS;
    return made;
}

/* `choose [a, b, c]`: item floor(n * rand). */
static struct pat *choose(const struct source_call *s)
{
    static const struct ph_value join = { .kind = PH_VALUE_RATIO, .ratio = { PH_JOIN_INNER, 1 } };
    const struct ast *const list = list_of(s, "choose [\"a\", \"b\"]");

    if (!list)
        return NULL;
    struct pat **const args = arena_alloc(s->c->arena, (list->n_items + 1) * sizeof *args);
    args[0] = PAT(s->c, PH_PAT_IRAND, s->call->offset, whole(s, list->n_items));
    for (uint32_t i = 0; i < list->n_items; i++)
        args[i + 1] = value_pattern(s->c, item(s, list->items[i], i));
    return drawn(s, PH_PAT_PICK, args, list->n_items + 1, &join, 1);
}

/* `wchoose [[v, w], ...]`: by cumulative shares. */
static struct pat *wchoose(const struct source_call *s)
{
    const struct ast *const list = list_of(s, "wchoose [[\"a\", 3], [\"b\", 1]]");

    if (!list)
        return NULL;
    const uint32_t n = list->n_items + 1;
    struct pat **const args = arena_alloc(s->c->arena, n * sizeof *args);
    struct ph_value *const imms = arena_alloc(s->c->arena, n * sizeof *imms);
    args[0] = plain(s, PH_PAT_RAND);
    imms[0] = (struct ph_value){ .kind = PH_VALUE_RATIO, .ratio = { PH_JOIN_INNER, 1 } };
    for (uint32_t i = 0; i + 1 < n; i++) {
        const struct ast *const pair = list->items[i];
        const bool is_pair = pair->kind == AST_LIST && pair->n_items == 2;
        const struct value w =
            is_pair ? evaluate(s->c, pair->items[1], s->frame, s->path) : value_error();
        if (w.kind != VALUE_NUMBER || w.number < 0) {
            diag_error(s->c->diag, pair->offset, "`wchoose` takes pairs of an item and its weight, "
                       "0 or more: [[\"a\", 3], [\"b\", 1]]");
            return NULL;
        }
        imms[i + 1] = (struct ph_value){ .kind = PH_VALUE_RATIO, .ratio = w.ratio };
        args[i + 1] = value_pattern(s->c, item(s, pair->items[0], i));
    }
    return drawn(s, PH_PAT_WPICK, args, n, imms, n);
}

/* ---- one of two, by the cycle ---------------------------------------------------------------- */

/* a in the cycles of the condition, which is an instruction and its parameters, else b */
static struct pat *one_of_two(const struct source_call *s, enum ph_pattern_op op,
                              struct pat **params, uint32_t n)
{
    const uint32_t at = s->call->n_items - 2;

    params[n + 1] = pattern(s, at);
    params[n] = pattern(s, at + 1);
    return pat_op(s->c, op, params, n + 2, s->call->offset);
}

static struct pat *every_val(const struct source_call *s)
{
    struct pat *args[4] = { pattern(s, 0), whole(s, 0) };

    return one_of_two(s, PH_PAT_EVERY, args, 2);
}

/* (c - o) mod m = 0 */
static struct pat *whenmod_val(const struct source_call *s)
{
    struct pat *const m = pattern(s, 0);
    struct pat *args[4] = { m, arithmetic(s, PH_PAT_MOD, pattern(s, 1), m) };

    return one_of_two(s, PH_PAT_EVERY, args, 2);
}

static struct pat *sometimes_val(const struct source_call *s)
{
    struct pat *args[3] = { pat_number(s->c, 0.5, s->call->offset) };

    return one_of_two(s, PH_PAT_SOME_CYCLES_BY, args, 1);
}

static struct pat *sometimes_by_val(const struct source_call *s)
{
    struct pat *args[3] = { pattern(s, 0) };

    return one_of_two(s, PH_PAT_SOME_CYCLES_BY, args, 1);
}

/* ---- by name --------------------------------------------------------------------------------- */

struct source_row {
    const char *name;
    uint8_t least, most; /* arguments */
    struct pat *(*make)(const struct source_call *s);
};
static const struct source_row rows[] = {
    { "silence", 0, 0, silence },
    { "rand", 0, 0, rand },
    { "perlin", 0, 0, perlin },
    { "cosine", 0, 0, cosine },
    { "phasor", 0, 1, phasor },
    { "wedge", 0, 0, phasor },
    { "run", 1, 1, run },
    { "scan", 1, 1, scan },
    { "irand", 1, 2, irand },
    { "choose", 1, 1, choose },
    { "wchoose", 1, 1, wchoose },
    { "chord", 1, 1, chord },
    { "every_val", 3, 3, every_val },
    { "whenmod_val", 4, 4, whenmod_val },
    { "sometimes_val", 2, 2, sometimes_val },
    { "sometimes_by_val", 3, 3, sometimes_by_val },
};

static struct value wrong_count(const struct source_call *s, const struct source_row *row)
{
    const char *const counts = row->least == row->most
                                   ? compiler_text(s->c, "%u", row->least)
                                   : compiler_text(s->c, "%u or %u", row->least, row->most);

    diag_error(s->c->diag, s->call->offset, "`%s` takes %s argument%s, found %u", s->f->name,
               row->most == 0 ? "no" : counts, row->most == 1 ? "" : "s", s->call->n_items);
    return value_error();
}

struct value sources_pattern(struct compiler *c, const struct function *f, const struct ast *call,
                             const struct frame *frame, const char *path)
{
    const struct source_call s = { c, f, call, frame, path };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, f->canonical) != 0)
            continue;
        if (call->n_items < rows[i].least || call->n_items > rows[i].most)
            return wrong_count(&s, &rows[i]);
        return value_of_pattern(VALUE_PATTERN, rows[i].make(&s), call->offset);
    }
    if (strcmp(f->canonical, "scale") == 0)
        diag_error(c->diag, call->offset,
                   "`scale` needs degrees on its left: n \"0 2 4\" # scale \"minor\"");
    else
        diag_error(c->diag, call->offset, "`%s` is no pattern by itself", f->name);
    return value_error();
}
