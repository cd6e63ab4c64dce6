/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/infer.c - the type of every expression. A name of a `let` is typed anew at each   */
/* use: what is written once may be numbers here and notes there.                                 */
#include <string.h>

#include "client/tidal/library.h"
#include "client/tidal/type.h"

enum { EXPANSIONS_MAX = 20000, INFER_DEPTH_MAX = 600 };

static bool infer(struct hs_typer *t, struct hs_expr *e, const struct hs_scope *scope,
                  struct hs_type *wanted);

static bool mismatch(struct hs_typer *t, const struct hs_expr *e, struct hs_type *wanted,
                     struct hs_type *found)
{
    if (!t->failed)
        diag_error(t->diag, e->offset, "%s expected here, found %s",
                   hs_type_text(t->arena, wanted), hs_type_text(t->arena, found));
    t->failed = true;
    return false;
}

static bool must_be(struct hs_typer *t, const struct hs_expr *e, struct hs_type *wanted,
                    struct hs_type *found)
{
    return hs_unify(t->arena, wanted, found) || mismatch(t, e, wanted, found);
}

static bool literal(struct hs_typer *t, const struct hs_expr *e, struct hs_type *wanted,
                    uint32_t classes, const char *what)
{
    if (hs_unify(t->arena, wanted, hs_var(t->arena, classes)))
        return true;
    if (!t->failed)
        diag_error(t->diag, e->offset, "%s expected here, found %s", hs_type_text(t->arena, wanted),
                   what);
    t->failed = true;
    return false;
}

/* ---- names ----------------------------------------------------------------------------------- */

static struct hs_expr *copy(struct arena *arena, const struct hs_expr *e)
{
    if (!e)
        return NULL;
    struct hs_expr *const made = arena_alloc(arena, sizeof *made);
    *made = *e;
    made->a = copy(arena, e->a);
    made->b = copy(arena, e->b);
    made->next = copy(arena, e->next);
    if (e->n_items)
        made->items = arena_alloc(arena, e->n_items * sizeof(struct hs_expr *));
    for (uint32_t i = 0; i < e->n_items; i++)
        made->items[i] = copy(arena, e->items[i]);
    return made;
}

static bool infer_bound(struct hs_typer *t, struct hs_expr *e, const struct hs_scope *entry,
                        struct hs_type *wanted)
{
    if (++t->n_expansions > EXPANSIONS_MAX) {
        if (!t->failed)
            diag_error(t->diag, e->offset, "the program grows too large here");
        t->failed = true;
        return false;
    }
    e->expansion = copy(t->arena, entry->bound);
    return infer(t, e->expansion, entry->scope, wanted);
}

static bool infer_name(struct hs_typer *t, struct hs_expr *e, const struct hs_scope *scope,
                       struct hs_type *wanted)
{
    for (; scope; scope = scope->next)
        if (strcmp(scope->name, e->text) == 0)
            return scope->type ? must_be(t, e, wanted, scope->type)
                               : infer_bound(t, e, scope, wanted);
    /* two versions of Tidal have an `echo` each: arguments tell them apart */
    const bool is_newer = t->n_args >= 3 && strcmp(e->text, "echo") == 0;
    e->row = tidal_row_find(is_newer ? "echo@3" : e->text);
    if (e->row)
        return must_be(t, e, wanted, hs_type_read(t->arena, e->row->type, false));
    const char *const near = tidal_row_nearest(e->text);
    if (!t->failed && !diag_is_lost(t->diag, e->text))
        diag_error(t->diag, e->offset, "unknown function `%s`%s%s%s", e->text,
                   near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    t->failed = true;
    return false;
}

/* ---- application ----------------------------------------------------------------------------- */

static bool too_many(struct hs_typer *t, const struct hs_expr *e, uint32_t n)
{
    const struct hs_expr *const head = hs_head(e);

    if (!t->failed && head->kind == HS_E_NAME && n > 0)
        diag_error(t->diag, e->b->offset, "`%s` takes %u argument%s; this is one too many",
                   head->text, n, n == 1 ? "" : "s");
    else if (!t->failed)
        diag_error(t->diag, e->offset, "this is no function and takes no argument");
    t->failed = true;
    return false;
}

/* The type of the function in e = f x, with x known to be `argument`. */
static bool infer_function(struct hs_typer *t, struct hs_expr *e, const struct hs_scope *scope,
                           struct hs_type **function, uint32_t *n_args)
{
    if (e->kind != HS_E_APPLY) {
        *function = hs_var(t->arena, 0);
        *n_args = 0;
        return infer(t, e, scope, *function);
    }
    struct hs_type *f;
    if (!infer_function(t, e->a, scope, &f, n_args))
        return false;
    f = hs_pruned(f);
    if (f->kind == HS_T_VAR && f->classes == 0) {
        struct hs_type *const made =
            hs_function(t->arena, hs_var(t->arena, 0), hs_var(t->arena, 0));
        if (!hs_unify(t->arena, f, made))
            return too_many(t, e, *n_args);
        f = made;
    }
    if (f->kind != HS_T_FUN)
        return too_many(t, e, *n_args);
    ++*n_args;
    *function = e->type = f->b;
    t->n_args = 0;
    return infer(t, e->b, scope, f->a);
}

static bool infer_apply(struct hs_typer *t, struct hs_expr *e, const struct hs_scope *scope,
                        struct hs_type *wanted)
{
    struct hs_type *made;
    uint32_t n_args = 0;

    for (const struct hs_expr *at = e; at->kind == HS_E_APPLY; at = at->a)
        n_args++;
    const uint32_t outside = t->n_args;
    t->n_args = n_args;
    const bool ok = infer_function(t, e, scope, &made, &n_args) && must_be(t, e, wanted, made);
    t->n_args = outside;
    return ok;
}

/* ---- the other kinds ------------------------------------------------------------------------- */

static const struct hs_scope *bind_pattern(struct hs_typer *t, struct hs_pattern *p,
                                           const struct hs_scope *scope)
{
    if (p->n_items == 0) {
        p->type = hs_var(t->arena, 0);
        if (!p->text)
            return scope;
        struct hs_scope *const entry = arena_alloc(t->arena, sizeof *entry);
        *entry = (struct hs_scope){ .name = p->text, .type = p->type, .next = scope };
        return entry;
    }
    p->type = hs_type_new(t->arena, HS_T_TUPLE);
    p->type->n_items = p->n_items;
    p->type->items = arena_alloc(t->arena, p->n_items * sizeof(struct hs_type *));
    for (uint32_t i = 0; i < p->n_items; i++) {
        scope = bind_pattern(t, &p->items[i], scope);
        p->type->items[i] = p->items[i].type;
    }
    return scope;
}

/* Patterns are written to: a copy of a lambda needs its own. */
static struct hs_pattern *copy_patterns(struct arena *arena, const struct hs_pattern *from,
                                        uint32_t n)
{
    struct hs_pattern *const made = arena_alloc(arena, n * sizeof *made);

    memcpy(made, from, n * sizeof *made);
    for (uint32_t i = 0; i < n; i++)
        if (made[i].n_items)
            made[i].items = copy_patterns(arena, made[i].items, made[i].n_items);
    return made;
}

static bool infer_lambda(struct hs_typer *t, struct hs_expr *e, const struct hs_scope *scope,
                         struct hs_type *wanted)
{
    struct hs_type *const body = hs_var(t->arena, 0);
    struct hs_type *type = body;

    e->params = copy_patterns(t->arena, e->params, e->n_params);
    for (uint32_t i = 0; i < e->n_params; i++)
        scope = bind_pattern(t, &e->params[i], scope);
    for (uint32_t i = e->n_params; i-- > 0;)
        type = hs_function(t->arena, e->params[i].type, type);
    return must_be(t, e, wanted, type) && infer(t, e->a, scope, body);
}

static bool infer_list(struct hs_typer *t, struct hs_expr *e, const struct hs_scope *scope,
                       struct hs_type *wanted)
{
    struct hs_type *const type = hs_type_new(t->arena, HS_T_LIST);

    type->a = hs_var(t->arena, e->kind == HS_E_RANGE ? HS_NUM : 0);
    if (!must_be(t, e, wanted, type))
        return false;
    if (e->kind == HS_E_RANGE)
        return infer(t, e->a, scope, type->a) && infer(t, e->b, scope, type->a) &&
               (!e->next || infer(t, e->next, scope, type->a));
    for (uint32_t i = 0; i < e->n_items; i++)
        if (!infer(t, e->items[i], scope, type->a))
            return false;
    return true;
}

static bool infer_tuple(struct hs_typer *t, struct hs_expr *e, const struct hs_scope *scope,
                        struct hs_type *wanted)
{
    struct hs_type *const type = hs_type_new(t->arena, HS_T_TUPLE);

    type->n_items = e->n_items;
    type->items = arena_alloc(t->arena, (e->n_items + 1) * sizeof(struct hs_type *));
    for (uint32_t i = 0; i < e->n_items; i++)
        type->items[i] = hs_var(t->arena, 0);
    if (!must_be(t, e, wanted, type))
        return false;
    for (uint32_t i = 0; i < e->n_items; i++)
        if (!infer(t, e->items[i], scope, type->items[i]))
            return false;
    return true;
}

const struct hs_scope *hs_scope_with(struct arena *arena, const struct hs_bind *binds,
                                     const struct hs_scope *scope)
{
    for (const struct hs_bind *b = binds; b; b = b->next) {
        struct hs_scope *const entry = arena_alloc(arena, sizeof *entry);
        *entry = (struct hs_scope){ .name = b->name, .bound = b->value, .scope = scope,
                                    .next = scope };
        scope = entry;
    }
    return scope;
}

static bool infer_kind(struct hs_typer *t, struct hs_expr *e, const struct hs_scope *scope,
                       struct hs_type *wanted)
{
    switch (e->kind) {
    case HS_E_NUMBER:
        return literal(t, e, wanted, e->whole ? HS_NUM : HS_NUM | HS_FRACTIONAL, "a number");
    case HS_E_STRING:
        return literal(t, e, wanted, HS_TEXT, "a string");
    case HS_E_CHAR:
        return must_be(t, e, wanted, hs_atom(t->arena, TIDAL_CHAR));
    case HS_E_NAME:
        return infer_name(t, e, scope, wanted);
    case HS_E_APPLY:
        return infer_apply(t, e, scope, wanted);
    case HS_E_LAMBDA:
        return infer_lambda(t, e, scope, wanted);
    case HS_E_LIST:
    case HS_E_RANGE:
        return infer_list(t, e, scope, wanted);
    case HS_E_TUPLE:
        return infer_tuple(t, e, scope, wanted);
    case HS_E_LET:
        return infer(t, e->a, hs_scope_with(t->arena, e->binds, scope), wanted);
    case HS_E_IF:
        return infer(t, e->items[0], scope, hs_atom(t->arena, TIDAL_BOOL)) &&
               infer(t, e->items[1], scope, wanted) && infer(t, e->items[2], scope, wanted);
    }
    return false;
}

static bool infer(struct hs_typer *t, struct hs_expr *e, const struct hs_scope *scope,
                  struct hs_type *wanted)
{
    e->type = wanted;
    if (++t->depth > INFER_DEPTH_MAX) {
        if (!t->failed)
            diag_error(t->diag, e->offset, "expressions are nested too deeply here");
        t->failed = true;
        return false;
    }
    const bool ok = infer_kind(t, e, scope, wanted);
    t->depth--;
    return ok;
}

bool hs_infer(struct hs_typer *t, struct hs_expr *e, const struct hs_scope *scope,
              struct hs_type *wanted)
{
    t->depth = 0;
    t->failed = false;
    return infer(t, e, scope, wanted);
}
