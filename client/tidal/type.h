/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/type.h - types of TidalCycles' dialect and the inference that finds them (Damas   */
/* and Milner 1982), with the few classes that pattern code needs.                                */
#ifndef CLIENT_TIDAL_TYPE_H
#define CLIENT_TIDAL_TYPE_H

#include "client/tidal/syntax.h"
#include "client/tidal/tidal.h"

enum hs_type_kind {
    HS_T_VAR,     /* to be found: `link`, or free with `classes` */
    HS_T_ATOM,    /* a plain value of type `atom` */
    HS_T_PATTERN, /* Pattern a */
    HS_T_LIST,    /* [a] */
    HS_T_TUPLE,   /* (items) */
    HS_T_FUN      /* a -> b */
};

/** What a free type must be. */
enum hs_class {
    HS_NUM = 1 << 0,        /* + - *, and written as a number */
    HS_FRACTIONAL = 1 << 1, /* / and numbers with a point */
    HS_TEXT = 1 << 2,       /* written in quotes: a string, or a pattern */
    HS_PARSEABLE = 1 << 3,  /* what events of a string can be: any atom */
    HS_FLOATING = 1 << 4,   /* roots, powers and sines: no times */
    HS_INTEGRAL = 1 << 5    /* mod and div: whole numbers, and no pattern of them */
};

struct hs_type {
    enum hs_type_kind kind;
    enum tidal_atom atom;
    uint32_t classes, n_items;
    struct hs_type *link, *a, *b, **items;
};

struct hs_typer {
    struct arena *arena;
    struct diag *diag;
    const struct source *source;
    uint32_t n_expansions, depth;
    uint32_t n_args; /* of the call whose head is being typed */
    bool failed;
};

struct hs_type *hs_type_new(struct arena *arena, enum hs_type_kind kind);
struct hs_type *hs_atom(struct arena *arena, enum tidal_atom atom);
struct hs_type *hs_pattern_of(struct arena *arena, struct hs_type *events);
struct hs_type *hs_function(struct arena *arena, struct hs_type *from, struct hs_type *to);
struct hs_type *hs_var(struct arena *arena, uint32_t classes);
/** The type behind its links. */
struct hs_type *hs_pruned(struct hs_type *t);
/** Makes two types equal; false where they can't be. */
bool hs_unify(struct arena *arena, struct hs_type *a, struct hs_type *b);
/** `Pattern Double -> [a]` as text, in the arena. */
const char *hs_type_text(struct arena *arena, struct hs_type *t);
/**
 * A written type with new variables: names of atoms, `Pattern x`, `ControlPattern`, `[x]`, `(x,
 * y)`, `x -> y`. Small letters are variables: n m numbers, f g fractions, d floating, i whole,
 * others anything. `~Int` and `!Int` are patterns to the caller, and plain to the function `inside`
 * (see tidal_row). NULL where the text is no type.
 */
struct hs_type *hs_type_read(struct arena *arena, const char *text, bool inside);

/** A name in scope. */
struct hs_scope {
    const char *name;
    struct hs_type *type;         /* of a parameter; NULL: `bound` */
    struct hs_expr *bound;        /* of a `let`: typed anew at each use, in `scope` */
    const struct hs_scope *scope; /* what `bound` sees */
    const struct hs_scope *next;
};

/** The names of a `let`, each of which sees those before it, in front of `scope`. */
const struct hs_scope *hs_scope_with(struct arena *arena, const struct hs_bind *binds,
                                     const struct hs_scope *scope);

/** Finds every type of the expression, which is to be `wanted`. Reports the first error. */
bool hs_infer(struct hs_typer *t, struct hs_expr *e, const struct hs_scope *scope,
              struct hs_type *wanted);

#endif
