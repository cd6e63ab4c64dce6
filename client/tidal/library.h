/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/library.h - the functions of TidalCycles' dialect, values, how they are applied.  */
#ifndef CLIENT_TIDAL_LIBRARY_H
#define CLIENT_TIDAL_LIBRARY_H

#include "client/tidal/type.h"
#include "client/value.h"

struct tidal;
struct tv;

enum tv_kind {
    TV_ERROR, /* reported already */
    TV_NUMBER,
    TV_WORD,
    TV_BOOL,
    TV_PATTERN,
    TV_NESTED, /* a pattern of patterns: `pat` for each event of `outer` */
    TV_LIST,
    TV_TUPLE,
    TV_FUN
};

/** What an expression is worth. Numbers are exact where their type is. */
struct tv {
    enum tv_kind kind;
    enum tidal_atom atom; /* NUMBER: TIDAL_INT, RATIONAL, DOUBLE, NOTE */
    bool truth;
    uint32_t n, slot;     /* LIST, TUPLE: items; NESTED: of the JOIN */
    double number;
    struct ph_ratio ratio;
    const char *text;
    /** PATTERN; for plain kinds what is known only while it plays: a VAR and what is made of it. */
    struct pat *pat, *outer;
    struct tv *items;
    struct tv_fun *fun;
};

typedef struct tv tidal_make(struct tidal *t, const struct tidal_row *row, struct tv *args);

/**
 * One function. Its type is written as hs_type_read() reads it. A parameter `~Int` is a pattern for
 * the caller and, joined, a plain number for the function, which may be known only while it plays;
 * for `!Int` the function is made once for each number that the pattern can give.
 */
struct tidal_row {
    const char *name, *type, *doc;
    const char *definition; /* in the dialect itself */
    tidal_make *make;       /* or here */
    const char *word;       /* of `make`: a control, a function of MATH */
    enum ph_pattern_op op;  /* of `make`, or the whole function where the others are NULL */
    int structure;          /* immediate of arithmetic: enum of PH_PAT_ADD; joins: enum ph_join */
};

const struct tidal_row *tidal_row_find(const char *name);
const struct tidal_row *tidal_row_at(uint32_t i); /* NULL past the last */
const char *tidal_row_nearest(const char *name);

/* ---- eval.c ---------------------------------------------------------------------------------- */

/** Names that are bound where an expression is evaluated. */
struct tidal_env {
    const char *name;
    bool is_let; /* uses hold their own expansion, to be evaluated in `outer` */
    struct tv value;
    const struct tidal_env *outer, *next;
};

/** One compilation of this dialect. */
struct tidal {
    struct compiler *c;
    struct hs_typer typer;
    struct hs_expr **definitions; /* of the library, parsed and typed at first use */
    uint32_t n_slots, depth, steps;
    uint32_t offset; /* where in the user's text things are being made */
    bool failed;
};

void tidal_init(struct tidal *t, struct compiler *c);
/** The names of a `let` in front of `env`. */
const struct tidal_env *tidal_env_with(struct tidal *t, const struct hs_bind *binds,
                                       const struct tidal_env *env);
struct tv tidal_eval(struct tidal *t, const struct hs_expr *e, const struct tidal_env *env);
struct tv tidal_apply(struct tidal *t, struct tv f, struct tv x);
/** A row that waits for its arguments; its value where it takes none. */
struct tv tidal_function(struct tidal *t, const struct tidal_row *row);
/** A function of one argument in C. */
struct tv tidal_native(struct tidal *t,
                       struct tv (*call)(struct tidal *t, struct tv x, void *context),
                       void *context);
struct tv tidal_error(struct tidal *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** A value as a pattern: constants, joined variables, bare strings. NULL after an error. */
struct pat *tidal_pat(struct tidal *t, struct tv v);
struct tv tidal_of_pat(struct pat *p);
struct tv tidal_number(enum tidal_atom atom, struct ph_ratio ratio, double number);
/** A constant pattern as the plain value that it repeats; `out` is as it was where it is none. */
bool tidal_constant(const struct pat *p, struct tv *out);
/** A whole number as an immediate. */
struct ph_value tidal_imm(int64_t n);
/** A number that must be known now. */
bool tidal_known(struct tidal *t, struct tv v, const char *what, struct ph_ratio *out);
/** The values that a pattern can give. */
enum { TIDAL_CASES_MAX = 64 };
struct tidal_cases {
    uint32_t n;
    struct ph_value values[TIDAL_CASES_MAX];
};
/** False where they can't be told, or are too many. */
bool tidal_find_cases(const struct pat *p, struct tidal_cases *cases);
/** Calls `f` with a plain value that stands for each event of `outer`, and joins what it makes. */
struct tv tidal_join(struct tidal *t, struct pat *outer, enum tidal_atom atom, enum ph_join join,
                     struct tv (*make)(struct tidal *t, struct tv x, void *context), void *context);

#endif
