/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/eval.c - typed expressions -> values: functions are applied here, while           */
/* compiling, until only pattern nodes are left.                                                  */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client/tidal/library.h"

enum { STEPS_MAX = 2000000, DEPTH_MAX = 500 };

/** A function that waits for arguments: a row of the library, a lambda, or one in C. */
struct tv_fun {
    const struct tidal_row *row;
    const struct hs_expr *lambda;
    const struct tidal_env *env;
    struct tv (*native)(struct tidal *t, struct tv x, void *context);
    void *context;
    uint32_t arity, n_args;
    struct tv args[];
};

/* ---- values ---------------------------------------------------------------------------------- */

struct tv tidal_error(struct tidal *t, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!t->failed)
        diag_error(t->c->diag, t->offset, "%s", text);
    t->failed = true;
    return (struct tv){ .kind = TV_ERROR };
}

struct tv tidal_of_pat(struct pat *p)
{
    return (struct tv){ .kind = p ? TV_PATTERN : TV_ERROR, .pat = p };
}

struct tv tidal_number(enum tidal_atom atom, struct ph_ratio ratio, double number)
{
    return (struct tv){ .kind = TV_NUMBER, .atom = atom, .ratio = ratio, .number = number };
}

static struct ph_value number_constant(struct tv v)
{
    switch (v.atom) {
    case TIDAL_INT:
        return (struct ph_value){ .kind = PH_VALUE_INT, .ratio = v.ratio, .number = v.number };
    case TIDAL_RATIONAL:
        return (struct ph_value){ .kind = PH_VALUE_RATIO, .ratio = v.ratio, .number = v.number };
    default:
        return (struct ph_value){ .kind = PH_VALUE_NUMBER, .number = v.number };
    }
}

struct pat *tidal_pat(struct tidal *t, struct tv v)
{
    if (v.kind == TV_PATTERN || ((v.kind == TV_NUMBER || v.kind == TV_WORD || v.kind == TV_BOOL) &&
                                 v.pat))
        return v.pat;
    switch (v.kind) {
    case TV_NUMBER:
        return pat_const(t->c, number_constant(v), t->offset);
    case TV_WORD:
        return pat_word(t->c, v.text, t->offset);
    case TV_BOOL:
        return pat_const(t->c, (struct ph_value){ .kind = PH_VALUE_BOOL, .ratio = { v.truth, 1 } },
                         t->offset);
    case TV_ERROR:
        return NULL;
    default:
        tidal_error(t, "this needs more of Haskell than a pattern has: a pattern of plain values "
                       "is wanted");
        return NULL;
    }
}

bool tidal_known(struct tidal *t, struct tv v, const char *what, struct ph_ratio *out)
{
    if (v.kind == TV_NUMBER && !v.pat) {
        *out = v.ratio;
        return true;
    }
    if (v.kind != TV_ERROR)
        tidal_error(t, "%s must be a number that is known before it plays", what);
    return false;
}

bool tidal_constant(const struct pat *p, struct tv *out)
{
    if (!p || p->kind != PAT_CONST)
        return false;
    const struct ph_value *const v = &p->imms[0];
    bool inexact = false;
    switch (v->kind) {
    case PH_VALUE_INT:
    case PH_VALUE_RATIO:
        *out = tidal_number(v->kind == PH_VALUE_INT ? TIDAL_INT : TIDAL_RATIONAL, v->ratio,
                            ph_ratio_to_double(v->ratio));
        return true;
    case PH_VALUE_NUMBER:
        *out = tidal_number(TIDAL_DOUBLE, ph_ratio_from_double(v->number, &inexact), v->number);
        return true;
    case PH_VALUE_WORD:
        *out = (struct tv){ .kind = TV_WORD, .text = v->text };
        return true;
    case PH_VALUE_BOOL:
        *out = (struct tv){ .kind = TV_BOOL, .truth = v->ratio.num != 0 };
        return true;
    default:
        return false;
    }
}

/* ---- joins ----------------------------------------------------------------------------------- */

struct ph_value tidal_imm(int64_t n)
{
    return (struct ph_value){ .kind = PH_VALUE_RATIO, .ratio = ph_ratio_of(n) };
}

static struct tv variable(struct tidal *t, enum tidal_atom atom, uint32_t slot)
{
    const struct ph_value imm = tidal_imm(slot);
    struct pat *const p = pat_op_imm(t->c, PH_PAT_VAR, NULL, 0, &imm, 1, t->offset);

    if (!p)
        return (struct tv){ .kind = TV_ERROR };
    if (atom == TIDAL_STRING || atom == TIDAL_CHAR)
        return (struct tv){ .kind = TV_WORD, .pat = p };
    if (atom == TIDAL_BOOL)
        return (struct tv){ .kind = TV_BOOL, .pat = p };
    return (struct tv){ .kind = TV_NUMBER, .atom = atom, .pat = p };
}

struct tv tidal_join(struct tidal *t, struct pat *outer, enum tidal_atom atom, enum ph_join join,
                     struct tv (*make)(struct tidal *t, struct tv x, void *context), void *context)
{
    if (!outer)
        return (struct tv){ .kind = TV_ERROR };
    if (t->n_slots >= PH_PATTERN_VARS_MAX)
        return tidal_error(t, "more than %d patterned parameters inside each other",
                           PH_PATTERN_VARS_MAX);
    const uint32_t slot = t->n_slots++;
    struct pat *const args[] = { outer, tidal_pat(t, make(t, variable(t, atom, slot), context)) };
    t->n_slots--;
    const struct ph_value imms[] = { tidal_imm(slot), tidal_imm(join) };
    return tidal_of_pat(pat_op_imm(t->c, PH_PAT_JOIN, args, 2, imms, 2, t->offset));
}

/* ---- parameters that are known only while it plays ------------------------------------------- */

/* '~', '!' or '\0' before parameter `i` of a type. */
static char mark_of(const struct tidal_row *row, uint32_t i)
{
    int depth = 0;
    const char *at = row->type;

    for (; i > 0; at++) {
        depth += (*at == '(' || *at == '[') - (*at == ')' || *at == ']');
        if (depth == 0 && at[0] == '-' && at[1] == '>') {
            i--;
            at++;
        }
    }
    at += strspn(at, " ");
    return *at == '~' || *at == '!' ? *at : '\0';
}

static enum tidal_atom atom_of_mark(const struct tidal *t, const struct tidal_row *row, uint32_t i)
{
    struct hs_type *type = hs_type_read(t->c->arena, row->type, false);

    for (; i > 0; i--)
        type = type->b;
    type = hs_pruned(type->a->a);
    return type->kind == HS_T_ATOM ? type->atom : TIDAL_DOUBLE;
}

static uint32_t arity_of(const struct tidal_row *row)
{
    uint32_t n = 0;
    int depth = 0;

    for (const char *at = row->type; *at; at++) {
        depth += (*at == '(' || *at == '[') - (*at == ')' || *at == ']');
        n += depth == 0 && at[0] == '-' && at[1] == '>';
    }
    return n;
}

static bool same_constant(const struct ph_value *a, const struct ph_value *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == PH_VALUE_WORD)
        return strcmp(a->text, b->text) == 0;
    return a->kind == PH_VALUE_NUMBER ? a->number == b->number
                                      : ph_ratio_cmp(a->ratio, b->ratio) == 0;
}

static bool add_case(struct tidal_cases *cases, const struct ph_value *v)
{
    for (uint32_t i = 0; i < cases->n; i++)
        if (same_constant(&cases->values[i], v))
            return true;
    if (cases->n == TIDAL_CASES_MAX)
        return false;
    cases->values[cases->n++] = *v;
    return true;
}

static bool add_run(struct tidal_cases *cases, const struct pat *count)
{
    if (count->kind != PAT_CONST || count->imms[0].ratio.num > TIDAL_CASES_MAX)
        return false;
    for (int64_t i = 0; i < ph_ratio_floor(count->imms[0].ratio); i++) {
        const struct ph_value v = { .kind = PH_VALUE_INT, .ratio = ph_ratio_of(i),
                                    .number = (double)i };
        if (!add_case(cases, &v))
            return false;
    }
    return true;
}

/* Where the arguments begin whose values are those of the node; above n_args: not to be known. */
static uint32_t first_value_argument(const struct pat *p)
{
    switch (p->op) {
    case PH_PAT_STACK: case PH_PAT_SLOWCAT: case PH_PAT_TIMECAT: case PH_PAT_POLYMETER:
    case PH_PAT_CHOOSE: case PH_PAT_RANDCAT: case PH_PAT_REV: case PH_PAT_BRAK:
    case PH_PAT_MONO: case PH_PAT_STRETCH: case PH_PAT_LOOP_FIRST:
        return 0;
    case PH_PAT_FAST: case PH_PAT_SLOW: case PH_PAT_EARLY: case PH_PAT_LATE:
    case PH_PAT_DEGRADE_BY: case PH_PAT_UNDEGRADE_BY: case PH_PAT_SEGMENT: case PH_PAT_PLY:
    case PH_PAT_ITER: case PH_PAT_STRUCT: case PH_PAT_MASK: case PH_PAT_FAST_GAP:
    case PH_PAT_LINGER: case PH_PAT_SHUFFLE: case PH_PAT_SCRAMBLE: case PH_PAT_ROT:
    case PH_PAT_PRESS: case PH_PAT_REPEAT_CYCLES: case PH_PAT_STRIPE: case PH_PAT_ROLLED:
    case PH_PAT_SOME_CYCLES_BY: case PH_PAT_SEW: case PH_PAT_STITCH: case PH_PAT_SWITCH:
    case PH_PAT_PICK: case PH_PAT_WPICK:
        return 1;
    case PH_PAT_EVERY: case PH_PAT_COMPRESS: case PH_PAT_ZOOM: case PH_PAT_WHENMOD:
    case PH_PAT_WITHIN: case PH_PAT_BITE: case PH_PAT_PLAY_FOR:
        return 2;
    case PH_PAT_EUCLID: case PH_PAT_EUCLID_INV:
        return 3;
    default:
        return UINT32_MAX;
    }
}

/* Every value that a pattern can give; false when they can't be told. */
bool tidal_find_cases(const struct pat *p, struct tidal_cases *cases)
{
    if (p->kind == PAT_CONST)
        return add_case(cases, &p->imms[0]);
    if (p->kind != PAT_OP)
        return false;
    if (p->op == PH_PAT_SILENCE)
        return true;
    if (p->op == PH_PAT_RUN || p->op == PH_PAT_IRAND)
        return add_run(cases, p->args[0]);
    const uint32_t first = first_value_argument(p);
    if (first > p->n_args)
        return false;
    for (uint32_t i = first; i < p->n_args; i++)
        if (!tidal_find_cases(p->args[i], cases))
            return false;
    return true;
}

/* ---- applying -------------------------------------------------------------------------------- */

struct call {
    const struct tidal_row *row;
    struct tv *args;
    uint32_t i, arity; /* the parameter to be looked at next */
};

static struct tv run_call(struct tidal *t, const struct call *call);

static struct tv call_with(struct tidal *t, struct tv x, void *context)
{
    const struct call *const call = context;
    struct tv *const args = arena_alloc(t->c->arena, call->arity * sizeof *args);

    memcpy(args, call->args, call->arity * sizeof *args);
    args[call->i] = x;
    const struct call rest = { call->row, args, call->i + 1, call->arity };
    return run_call(t, &rest);
}

/* One function for each number that the parameter can be, and a switch between what they make. */
static struct tv call_cases(struct tidal *t, struct call *call, struct pat *param)
{
    struct tidal_cases cases = { .n = 0 };
    struct pat *args[TIDAL_CASES_MAX + 1] = { param };
    struct ph_value imms[TIDAL_CASES_MAX + 1] = { tidal_imm(PH_JOIN_INNER) };

    if (!tidal_find_cases(param, &cases))
        return tidal_error(t, "parameter %u of `%s` must be written out: a number, or a string of "
                           "at most %d different ones", call->i + 1, call->row->name,
                           TIDAL_CASES_MAX);
    for (uint32_t i = 0; i < cases.n; i++) {
        struct tv x;
        struct pat *const p = pat_const(t->c, cases.values[i], t->offset);
        if (!p || !tidal_constant(p, &x))
            return (struct tv){ .kind = TV_ERROR };
        args[i + 1] = tidal_pat(t, call_with(t, x, call));
        imms[i + 1] = cases.values[i];
        if (!args[i + 1])
            return (struct tv){ .kind = TV_ERROR };
    }
    return tidal_of_pat(pat_op_imm(t->c, PH_PAT_SWITCH, args, cases.n + 1, imms, cases.n + 1,
                                   t->offset));
}

/* What the library's own text does wrong is told at the place of the call. */
static void forget_places(struct hs_expr *e)
{
    if (!e)
        return;
    e->offset = HS_NO_OFFSET;
    forget_places(e->a);
    forget_places(e->b);
    forget_places(e->next);
    for (uint32_t i = 0; i < e->n_items; i++)
        forget_places(e->items[i]);
}

/* The definition of a row in the dialect itself, parsed and typed at its first use. */
static const struct hs_expr *definition_of(struct tidal *t, const struct tidal_row *row)
{
    struct hs_expr **const kept = &t->definitions[row - tidal_row_at(0)];
    struct hs_tokens tokens;

    if (*kept)
        return *kept;
    struct source *const source = arena_alloc(t->c->arena, sizeof *source);
    *source = (struct source){ .name = row->name, .text = row->definition, .first_line = 1,
                               .length = (uint32_t)strlen(row->definition) };
    struct hs_parser p = { .source = source, .arena = t->c->arena, .diag = t->c->diag,
                           .tokens = &tokens };
    struct hs_typer typer = { .arena = t->c->arena, .diag = t->c->diag, .source = source };
    if (!hs_lex(source, t->c->arena, t->c->diag, &tokens))
        return NULL;
    *kept = hs_parse_expression(&p);
    if (*kept && hs_infer(&typer, *kept, NULL, hs_type_read(t->c->arena, row->type, true)))
        forget_places(*kept);
    else
        *kept = NULL;
    return *kept;
}

static struct tv call_definition(struct tidal *t, const struct call *call)
{
    const struct hs_expr *const e = definition_of(t, call->row);

    if (!e)
        return tidal_error(t, "`%s` is defined wrongly in the library", call->row->name);
    const uint32_t offset = t->offset;
    struct tv v = tidal_eval(t, e, NULL);
    for (uint32_t i = 0; i < call->arity; i++) {
        v = tidal_apply(t, v, call->args[i]);
        t->offset = offset;
    }
    return v;
}

static struct tv call_plain(struct tidal *t, const struct call *call)
{
    if (call->row->make)
        return call->row->make(t, call->row, call->args);
    struct pat **const args = arena_alloc(t->c->arena, (call->arity + 1) * sizeof(struct pat *));
    for (uint32_t i = 0; i < call->arity; i++)
        args[i] = tidal_pat(t, call->args[i]);
    return tidal_of_pat(pat_op(t->c, call->row->op, args, call->arity, t->offset));
}

static struct tv run_call(struct tidal *t, const struct call *call)
{
    struct call now = *call;

    for (uint32_t i = 0; i < now.arity; i++)
        if (now.args[i].kind == TV_ERROR)
            return now.args[i];
    for (; now.i < now.arity; now.i++) {
        const char mark = mark_of(now.row, now.i);
        struct tv *const x = &now.args[now.i];
        if (mark == '\0')
            continue;
        const enum tidal_atom atom = atom_of_mark(t, now.row, now.i);
        if (tidal_constant(x->pat, x))
            continue;
        if (x->kind != TV_PATTERN)
            return tidal_error(t, "parameter %u of `%s` is no pattern", now.i + 1, now.row->name);
        return mark == '~' ? tidal_join(t, x->pat, atom, PH_JOIN_INNER, call_with, &now)
                           : call_cases(t, &now, x->pat);
    }
    return now.row->definition ? call_definition(t, &now) : call_plain(t, &now);
}

static const struct tidal_env *bind(struct tidal *t, const struct hs_pattern *p, struct tv v,
                                    const struct tidal_env *env)
{
    if (p->text) {
        struct tidal_env *const entry = arena_alloc(t->c->arena, sizeof *entry);
        *entry = (struct tidal_env){ .name = p->text, .value = v, .next = env };
        return entry;
    }
    for (uint32_t i = 0; i < p->n_items && i < v.n; i++)
        env = bind(t, &p->items[i], v.items[i], env);
    return env;
}

static struct tv call_lambda(struct tidal *t, const struct tv_fun *f)
{
    const struct tidal_env *env = f->env;

    for (uint32_t i = 0; i < f->n_args; i++)
        env = bind(t, &f->lambda->params[i], f->args[i], env);
    return tidal_eval(t, f->lambda->a, env);
}

/* A function like another one, with room for all its arguments. */
static struct tv make_function(struct tidal *t, const struct tv_fun *like)
{
    struct tv_fun *const f =
        arena_alloc(t->c->arena, sizeof *f + like->arity * sizeof(struct tv));

    *f = *like;
    return (struct tv){ .kind = TV_FUN, .fun = f };
}

/* It may be applied again, to something else: the one that was there stays as it is. */
static struct tv with_argument(struct tidal *t, const struct tv_fun *before, struct tv x)
{
    const struct tv made = make_function(t, before);

    memcpy(made.fun->args, before->args, before->n_args * sizeof(struct tv));
    made.fun->args[made.fun->n_args++] = x;
    return made;
}

struct tv tidal_apply(struct tidal *t, struct tv f, struct tv x)
{
    if (f.kind == TV_ERROR || x.kind == TV_ERROR)
        return (struct tv){ .kind = TV_ERROR };
    if (f.kind != TV_FUN)
        return tidal_error(t, "this needs more of Haskell than a pattern language has");
    struct tv made = with_argument(t, f.fun, x);
    if (made.fun->n_args < made.fun->arity)
        return made;
    if (++t->depth > DEPTH_MAX || ++t->steps > STEPS_MAX)
        return tidal_error(t, "functions are applied too deeply or too often here");
    const struct call call = { made.fun->row, made.fun->args, 0, made.fun->arity };
    made = made.fun->row      ? run_call(t, &call)
           : made.fun->native ? made.fun->native(t, x, made.fun->context)
                              : call_lambda(t, made.fun);
    t->depth--;
    return made;
}

struct tv tidal_function(struct tidal *t, const struct tidal_row *row)
{
    const struct tv_fun f = { .row = row, .arity = arity_of(row) };
    const struct call call = { .row = row };

    return f.arity ? make_function(t, &f) : run_call(t, &call);
}

struct tv tidal_native(struct tidal *t,
                       struct tv (*call)(struct tidal *t, struct tv x, void *context),
                       void *context)
{
    const struct tv_fun f = { .native = call, .context = context, .arity = 1 };

    return make_function(t, &f);
}

/* ---- expressions ----------------------------------------------------------------------------- */

/* The atom behind a type; a type that nothing decides becomes what Haskell or Tidal would take. */
static enum tidal_atom decide(struct tidal *t, struct hs_type *type, enum tidal_atom otherwise)
{
    type = hs_pruned(type);
    if (type->kind == HS_T_ATOM)
        return type->atom;
    if (type->kind != HS_T_VAR)
        return otherwise;
    const enum tidal_atom atom = type->classes & HS_NUM ? TIDAL_DOUBLE : otherwise;
    hs_unify(t->c->arena, type, hs_atom(t->c->arena, atom));
    return atom;
}

/* A number among controls is what Tidal makes of it: the control n, or with a point speed. */
static struct tv typed_number(struct tidal *t, enum tidal_atom atom, const struct hs_expr *e)
{
    if (atom != TIDAL_CONTROLS)
        return tidal_number(atom, e->ratio, e->number);
    const struct tv x = tidal_number(e->whole ? TIDAL_INT : TIDAL_DOUBLE, e->ratio, e->number);
    return tidal_of_pat(pat_param(t->c, e->whole ? "n" : "speed", PAT_WORDS, tidal_pat(t, x)));
}

static struct tv eval_number(struct tidal *t, const struct hs_expr *e)
{
    struct hs_type *const type = hs_pruned(e->type);

    if (type->kind != HS_T_PATTERN)
        return typed_number(t, decide(t, type, e->whole ? TIDAL_INT : TIDAL_DOUBLE), e);
    const struct tv v = typed_number(t, decide(t, type->a, TIDAL_DOUBLE), e);
    return tidal_of_pat(tidal_pat(t, v));
}

static struct tv eval_string(struct tidal *t, const struct hs_expr *e)
{
    struct hs_type *type = hs_pruned(e->type);

    if (type->kind == HS_T_VAR) { /* what stands in a pattern is a plain word */
        struct arena *const arena = t->c->arena;
        hs_unify(arena, type, type->classes & HS_PARSEABLE
                                  ? hs_atom(arena, TIDAL_STRING)
                                  : hs_pattern_of(arena, hs_var(arena, 0)));
        type = hs_pruned(type);
    }
    if (type->kind == HS_T_ATOM)
        return (struct tv){ .kind = TV_WORD, .text = e->text };
    if (type->kind != HS_T_PATTERN)
        return tidal_error(t, "nothing here tells what this string is read as");
    const enum tidal_atom atom = decide(t, type->a, TIDAL_STRING);
    const uint32_t offset = e->offset == HS_NO_OFFSET ? t->offset : e->text_offset;
    struct pat *p = tidal_string(t->c, e->text, e->length, offset,
                                 atom == TIDAL_CONTROLS ? TIDAL_STRING : atom);
    if (p && atom == TIDAL_CONTROLS)
        p = pat_param(t->c, "s", PAT_SOUNDS, p);
    t->failed |= !p;
    return tidal_of_pat(p);
}

static struct tv eval_name(struct tidal *t, const struct hs_expr *e, const struct tidal_env *env)
{
    if (e->row)
        return tidal_function(t, e->row);
    while (env && strcmp(env->name, e->text) != 0)
        env = env->next;
    if (!env)
        return tidal_error(t, "`%s` is not known here", e->text);
    return env->is_let ? tidal_eval(t, e->expansion, env->outer) : env->value;
}

static struct tv eval_apply(struct tidal *t, const struct hs_expr *e, const struct tidal_env *env)
{
    const struct tv f = tidal_eval(t, e->a, env);
    const struct tv x = f.kind == TV_ERROR ? f : tidal_eval(t, e->b, env);
    const struct hs_expr *const head = hs_head(e);

    if (head->offset != HS_NO_OFFSET)
        t->offset = head->offset;
    return tidal_apply(t, f, x);
}

static struct tv eval_items(struct tidal *t, const struct hs_expr *e, const struct tidal_env *env)
{
    struct tv v = { .kind = e->kind == HS_E_LIST ? TV_LIST : TV_TUPLE, .n = e->n_items };

    v.items = arena_alloc(t->c->arena, (e->n_items + 1) * sizeof *v.items);
    for (uint32_t i = 0; i < e->n_items; i++) {
        v.items[i] = tidal_eval(t, e->items[i], env);
        if (v.items[i].kind == TV_ERROR)
            return v.items[i];
    }
    return v;
}

/* [a .. b]: up to b, or half a step above it where there are fractions, as Haskell counts. */
static struct tv eval_range(struct tidal *t, const struct hs_expr *e, const struct tidal_env *env)
{
    enum { ITEMS_MAX = 4096 };
    struct tv first = tidal_eval(t, e->a, env), second = first;
    const struct tv last = tidal_eval(t, e->b, env);
    struct ph_ratio at, step = ph_ratio_of(1), end;
    bool overflow = false;

    tidal_constant(first.pat, &first);
    if (e->next)
        second = tidal_eval(t, e->next, env);
    if (!tidal_known(t, first, "the begin of a list", &at) ||
        !tidal_known(t, last, "the end of a list", &end) ||
        !tidal_known(t, second, "the second item of a list", &step))
        return (struct tv){ .kind = TV_ERROR };
    step = e->next ? ph_ratio_sub(step, at, &overflow) : ph_ratio_of(1);
    if (first.atom != TIDAL_INT)
        end = ph_ratio_add(end, ph_ratio_mul(step, PH_RATIO(1, 2), &overflow), &overflow);
    struct tv v = { .kind = TV_LIST };
    v.items = arena_alloc(t->c->arena, ITEMS_MAX * sizeof *v.items);
    while (!overflow && (step.num > 0 ? ph_ratio_cmp(at, end) <= 0 : ph_ratio_cmp(at, end) >= 0)) {
        if (v.n == ITEMS_MAX)
            return tidal_error(t, "a list of more than %d items", ITEMS_MAX);
        v.items[v.n++] = tidal_number(first.atom, at, ph_ratio_to_double(at));
        at = ph_ratio_add(at, step, &overflow);
    }
    return v;
}

const struct tidal_env *tidal_env_with(struct tidal *t, const struct hs_bind *binds,
                                       const struct tidal_env *env)
{
    for (const struct hs_bind *b = binds; b; b = b->next) {
        struct tidal_env *const entry = arena_alloc(t->c->arena, sizeof *entry);
        *entry = (struct tidal_env){ .name = b->name, .is_let = true, .outer = env, .next = env };
        env = entry;
    }
    return env;
}

/* A condition that is known only while it plays chooses between plain values or patterns. */
static struct tv choose_later(struct tidal *t, struct pat *condition, struct tv yes, struct tv no)
{
    struct pat *const p = PAT(t->c, PH_PAT_SEW, t->offset, condition, tidal_pat(t, yes),
                              tidal_pat(t, no));

    if (!p)
        return (struct tv){ .kind = TV_ERROR };
    return (struct tv){ .kind = yes.kind, .atom = yes.atom, .pat = p };
}

static struct tv eval_if(struct tidal *t, const struct hs_expr *e, const struct tidal_env *env)
{
    const struct tv condition = tidal_eval(t, e->items[0], env);

    if (condition.kind == TV_ERROR)
        return condition;
    if (condition.kind != TV_BOOL)
        return tidal_error(t, "a condition must be known before it plays");
    if (!condition.pat)
        return tidal_eval(t, e->items[condition.truth ? 1 : 2], env);
    const struct tv yes = tidal_eval(t, e->items[1], env);
    return choose_later(t, condition.pat, yes, tidal_eval(t, e->items[2], env));
}

static struct tv eval_lambda(struct tidal *t, const struct hs_expr *e, const struct tidal_env *env)
{
    const struct tv_fun f = { .lambda = e, .env = env, .arity = e->n_params };

    return make_function(t, &f);
}

static struct tv eval_kind(struct tidal *t, const struct hs_expr *e, const struct tidal_env *env)
{
    switch (e->kind) {
    case HS_E_NUMBER:
        return eval_number(t, e);
    case HS_E_STRING:
        return eval_string(t, e);
    case HS_E_CHAR:
        return (struct tv){ .kind = TV_WORD, .text = e->text };
    case HS_E_NAME:
        return eval_name(t, e, env);
    case HS_E_APPLY:
        return eval_apply(t, e, env);
    case HS_E_LAMBDA:
        return eval_lambda(t, e, env);
    case HS_E_LIST:
    case HS_E_TUPLE:
        return eval_items(t, e, env);
    case HS_E_RANGE:
        return eval_range(t, e, env);
    case HS_E_LET:
        return tidal_eval(t, e->a, tidal_env_with(t, e->binds, env));
    case HS_E_IF:
        return eval_if(t, e, env);
    }
    return (struct tv){ .kind = TV_ERROR };
}

struct tv tidal_eval(struct tidal *t, const struct hs_expr *e, const struct tidal_env *env)
{
    if (t->failed)
        return (struct tv){ .kind = TV_ERROR };
    if (e->offset != HS_NO_OFFSET)
        t->offset = e->offset;
    if (++t->depth > DEPTH_MAX || ++t->steps > STEPS_MAX)
        return tidal_error(t, "functions are applied too deeply or too often here");
    const struct tv v = eval_kind(t, e, env);
    t->depth--;
    t->failed |= v.kind == TV_ERROR;
    return v;
}
