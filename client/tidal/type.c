/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/type.c - types: made, read from text, made equal, shown.                          */
#include "client/tidal/type.h"

#include <stdio.h>
#include <string.h>

/* ---- making ---------------------------------------------------------------------------------- */

struct hs_type *hs_type_new(struct arena *arena, enum hs_type_kind kind)
{
    struct hs_type *const t = arena_alloc(arena, sizeof *t);

    t->kind = kind;
    return t;
}

struct hs_type *hs_atom(struct arena *arena, enum tidal_atom atom)
{
    struct hs_type *const t = hs_type_new(arena, HS_T_ATOM);

    t->atom = atom;
    return t;
}

struct hs_type *hs_pattern_of(struct arena *arena, struct hs_type *events)
{
    struct hs_type *const t = hs_type_new(arena, HS_T_PATTERN);

    t->a = events;
    return t;
}

struct hs_type *hs_function(struct arena *arena, struct hs_type *from, struct hs_type *to)
{
    struct hs_type *const t = hs_type_new(arena, HS_T_FUN);

    t->a = from;
    t->b = to;
    return t;
}

struct hs_type *hs_var(struct arena *arena, uint32_t classes)
{
    struct hs_type *const t = hs_type_new(arena, HS_T_VAR);

    t->classes = classes;
    return t;
}

struct hs_type *hs_pruned(struct hs_type *t)
{
    while (t->kind == HS_T_VAR && t->link) {
        if (t->link->kind == HS_T_VAR && t->link->link)
            t->link = t->link->link;
        t = t->link;
    }
    return t;
}

/* ---- unification ----------------------------------------------------------------------------- */

static bool occurs(const struct hs_type *var, struct hs_type *t)
{
    t = hs_pruned(t);
    if (t == var)
        return true;
    if (t->kind == HS_T_VAR || t->kind == HS_T_ATOM)
        return false;
    for (uint32_t i = 0; i < t->n_items; i++)
        if (occurs(var, t->items[i]))
            return true;
    return (t->a && occurs(var, t->a)) || (t->b && occurs(var, t->b));
}

static bool atom_has(enum tidal_atom atom, uint32_t classes)
{
    const bool is_number = atom == TIDAL_NOTE || atom == TIDAL_DOUBLE || atom == TIDAL_INT ||
                           atom == TIDAL_RATIONAL || atom == TIDAL_CONTROLS;

    if ((classes & HS_NUM) && !is_number)
        return false;
    if ((classes & HS_FRACTIONAL) && (!is_number || atom == TIDAL_INT))
        return false;
    if ((classes & HS_FLOATING) && atom != TIDAL_DOUBLE && atom != TIDAL_NOTE)
        return false;
    if ((classes & HS_INTEGRAL) && atom != TIDAL_INT)
        return false;
    return !(classes & HS_TEXT) || atom == TIDAL_STRING;
}

/* Lays classes on a type that is known in part. */
static bool constrain(struct hs_type *t, uint32_t classes)
{
    t = hs_pruned(t);
    if (classes == 0)
        return true;
    switch (t->kind) {
    case HS_T_VAR: /* a word is no number; only patterns are both written in quotes and numbers */
        t->classes |= classes;
        return !(t->classes & HS_TEXT) ||
               !(t->classes & (t->classes & HS_PARSEABLE ? HS_NUM : HS_INTEGRAL));
    case HS_T_ATOM:
        return atom_has(t->atom, classes);
    case HS_T_PATTERN: /* numbers in patterns are patterns of numbers */
        if (classes & (HS_PARSEABLE | HS_INTEGRAL))
            return false;
        return constrain(t->a, (classes & (HS_NUM | HS_FRACTIONAL | HS_FLOATING)) |
                                   (classes & HS_TEXT ? HS_PARSEABLE : 0));
    default:
        return false;
    }
}

bool hs_unify(struct arena *arena, struct hs_type *a, struct hs_type *b)
{
    a = hs_pruned(a);
    b = hs_pruned(b);
    if (a == b)
        return true;
    if (b->kind == HS_T_VAR && a->kind != HS_T_VAR) {
        struct hs_type *const swap = a;
        a = b;
        b = swap;
    }
    if (a->kind == HS_T_VAR) {
        if (occurs(a, b) || !constrain(b, a->classes))
            return false;
        a->link = b;
        return true;
    }
    if (a->kind != b->kind || a->n_items != b->n_items)
        return false;
    if (a->kind == HS_T_ATOM)
        return a->atom == b->atom;
    for (uint32_t i = 0; i < a->n_items; i++)
        if (!hs_unify(arena, a->items[i], b->items[i]))
            return false;
    return (!a->a || hs_unify(arena, a->a, b->a)) && (!a->b || hs_unify(arena, a->b, b->b));
}

/* ---- text ------------------------------------------------------------------------------------ */

static const char *const atom_texts[TIDAL_ATOM_COUNT] = {
    [TIDAL_STRING] = "String", [TIDAL_NOTE] = "Note", [TIDAL_DOUBLE] = "Double",
    [TIDAL_INT] = "Int",       [TIDAL_RATIONAL] = "Time", [TIDAL_BOOL] = "Bool",
    [TIDAL_CHAR] = "Char",     [TIDAL_CONTROLS] = "ValueMap"
};

struct printer {
    char text[256];
    size_t n;
    const struct hs_type *vars[26];
    uint32_t n_vars;
};

static void put(struct printer *p, const char *text)
{
    const size_t length = strlen(text), left = sizeof p->text - 1 - p->n;
    const size_t n = length < left ? length : left;

    memcpy(p->text + p->n, text, n);
    p->n += n;
    p->text[p->n] = '\0';
}

static void put_var(struct printer *p, const struct hs_type *t)
{
    uint32_t i = 0;

    if (t->classes & HS_NUM) {
        put(p, t->classes & HS_INTEGRAL ? "whole number" : "number");
        return;
    }
    while (i < p->n_vars && p->vars[i] != t)
        i++;
    if (i == 26)
        i = 25;
    if (i == p->n_vars)
        p->vars[p->n_vars++] = t;
    put(p, (const char[]){ (char)('a' + i), '\0' });
}

static void put_type(struct printer *p, struct hs_type *t, bool inside)
{
    t = hs_pruned(t);
    const bool is_controls = t->kind == HS_T_PATTERN && hs_pruned(t->a)->kind == HS_T_ATOM &&
                             hs_pruned(t->a)->atom == TIDAL_CONTROLS;
    const bool wraps = inside && ((t->kind == HS_T_PATTERN && !is_controls) || t->kind == HS_T_FUN);

    put(p, wraps ? "(" : "");
    switch (t->kind) {
    case HS_T_VAR:
        put_var(p, t);
        break;
    case HS_T_ATOM:
        put(p, atom_texts[t->atom]);
        break;
    case HS_T_PATTERN:
        put(p, is_controls ? "ControlPattern" : "Pattern ");
        if (!is_controls)
            put_type(p, t->a, true);
        break;
    case HS_T_LIST:
        put(p, "[");
        put_type(p, t->a, false);
        put(p, "]");
        break;
    case HS_T_TUPLE:
        put(p, "(");
        for (uint32_t i = 0; i < t->n_items; i++) {
            put(p, i ? ", " : "");
            put_type(p, t->items[i], false);
        }
        put(p, ")");
        break;
    case HS_T_FUN:
        put_type(p, t->a, hs_pruned(t->a)->kind == HS_T_FUN);
        put(p, " -> ");
        put_type(p, t->b, false);
        break;
    }
    put(p, wraps ? ")" : "");
}

const char *hs_type_text(struct arena *arena, struct hs_type *t)
{
    struct printer p = { .n = 0 };

    put_type(&p, t, false);
    return arena_text(arena, p.text, p.n);
}

/* ---- reading --------------------------------------------------------------------------------- */

struct type_reader {
    struct arena *arena;
    const char *at;
    bool inside;
    struct hs_type *vars[26];
};

static struct hs_type *read_type(struct type_reader *r);

static void pass_blanks(struct type_reader *r)
{
    r->at += strspn(r->at, " ");
}

static struct hs_type *read_var(struct type_reader *r)
{
    const char name = *r->at++;
    struct hs_type **const var = &r->vars[name - 'a'];
    const uint32_t classes = name == 'n' || name == 'm'   ? HS_NUM
                             : name == 'f' || name == 'g' ? HS_NUM | HS_FRACTIONAL
                             : name == 'd'                ? HS_NUM | HS_FRACTIONAL | HS_FLOATING
                             : name == 'i'                ? HS_NUM | HS_INTEGRAL
                                                          : 0;
    if (!*var)
        *var = hs_var(r->arena, classes);
    return *var;
}

static struct hs_type *read_atom(struct type_reader *r);

static struct hs_type *read_name(struct type_reader *r)
{
    const size_t length = strspn(r->at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    const char *const name = r->at;

    r->at += length;
    if (length == 7 && memcmp(name, "Pattern", 7) == 0) {
        pass_blanks(r);
        struct hs_type *const events = read_atom(r);
        return events ? hs_pattern_of(r->arena, events) : NULL;
    }
    if (length == 14 && memcmp(name, "ControlPattern", 14) == 0)
        return hs_pattern_of(r->arena, hs_atom(r->arena, TIDAL_CONTROLS));
    for (uint32_t i = 0; i < TIDAL_ATOM_COUNT; i++)
        if (strlen(atom_texts[i]) == length && memcmp(atom_texts[i], name, length) == 0)
            return hs_atom(r->arena, (enum tidal_atom)i);
    return NULL;
}

/* (a), (a, b) */
static struct hs_type *read_tuple(struct type_reader *r)
{
    enum { ITEMS_MAX = 8 };
    struct hs_type *items[ITEMS_MAX];
    uint32_t n = 0;

    do {
        r->at++;
        if (n == ITEMS_MAX || !(items[n++] = read_type(r)))
            return NULL;
    } while (*r->at == ',');
    if (*r->at++ != ')')
        return NULL;
    if (n == 1)
        return items[0];
    struct hs_type *const t = hs_type_new(r->arena, HS_T_TUPLE);
    t->n_items = n;
    t->items = arena_alloc(r->arena, n * sizeof(struct hs_type *));
    memcpy(t->items, items, n * sizeof(struct hs_type *));
    return t;
}

static struct hs_type *read_list(struct type_reader *r)
{
    struct hs_type *const t = hs_type_new(r->arena, HS_T_LIST);

    r->at++;
    t->a = read_type(r);
    return t->a && *r->at++ == ']' ? t : NULL;
}

static struct hs_type *read_atom(struct type_reader *r)
{
    pass_blanks(r);
    if (*r->at == '~' || *r->at == '!') {
        r->at++;
        struct hs_type *const events = read_atom(r);
        return events && !r->inside ? hs_pattern_of(r->arena, events) : events;
    }
    if (*r->at == '(')
        return read_tuple(r);
    if (*r->at == '[')
        return read_list(r);
    return *r->at >= 'a' && *r->at <= 'z' ? read_var(r) : read_name(r);
}

static struct hs_type *read_type(struct type_reader *r)
{
    struct hs_type *const from = read_atom(r);

    pass_blanks(r);
    if (!from || strncmp(r->at, "->", 2) != 0)
        return from;
    r->at += 2;
    struct hs_type *const to = read_type(r);
    return to ? hs_function(r->arena, from, to) : NULL;
}

struct hs_type *hs_type_read(struct arena *arena, const char *text, bool inside)
{
    struct type_reader r = { .arena = arena, .at = text, .inside = inside };
    struct hs_type *const t = read_type(&r);

    return t && *r.at == '\0' ? t : NULL;
}
