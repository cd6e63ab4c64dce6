/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/syntax.h - tokens and expressions of TidalCycles' dialect: the part of Haskell    */
/* that pattern code uses. Everything lives in one arena.                                         */
#ifndef CLIENT_TIDAL_SYNTAX_H
#define CLIENT_TIDAL_SYNTAX_H

#include <stdbool.h>
#include <stdint.h>

#include "client/ast.h"

enum hs_token_kind {
    HS_END,
    HS_NUMBER,
    HS_STRING,   /* quotes included */
    HS_CHAR,     /* 'x' */
    HS_NAME,     /* variable or constructor, without the modules before it */
    HS_OPERATOR, /* symbols, or a name in backticks (text without them) */
    HS_OPEN, HS_CLOSE,           /* ( ) */
    HS_OPEN_LIST, HS_CLOSE_LIST, /* [ ] */
    HS_COMMA,
    HS_SEMICOLON,
    HS_BACKSLASH,
    HS_UNDERSCORE
};

struct hs_token {
    uint8_t kind;
    bool first_on_line;
    uint32_t offset, length; /* of the name itself where modules or backticks stand around it */
    uint32_t column;         /* 1-based */
};

struct hs_tokens {
    uint32_t n;
    struct hs_token *tokens; /* the last one is HS_END */
};

enum hs_kind {
    HS_E_NUMBER, /* ratio, number; `whole`: written without point or exponent */
    HS_E_STRING, /* text, length; text_offset in the source */
    HS_E_CHAR,   /* text */
    HS_E_NAME,   /* text; operators too */
    HS_E_APPLY,  /* a to b */
    HS_E_LAMBDA, /* params -> a */
    HS_E_LIST,   /* items */
    HS_E_RANGE,  /* [a .. b], [a, next .. b] */
    HS_E_TUPLE,  /* items; none: () */
    HS_E_LET,    /* binds in a */
    HS_E_IF      /* items: condition, then, else */
};

struct hs_bind;
struct hs_type;

/** What a parameter is matched with: a name, `_` (text NULL, no items), or a tuple of such. */
struct hs_pattern {
    const char *text;
    uint32_t offset, n_items;
    struct hs_pattern *items;
    struct hs_type *type;
};

struct hs_expr {
    enum hs_kind kind;
    bool whole;
    bool parenthesised;
    uint32_t offset, text_offset, length;
    uint32_t depth; /* nodes on the longest way down, itself included */
    const char *text;
    double number;
    struct ph_ratio ratio;
    struct hs_expr *a, *b, *next;
    uint32_t n_items;
    struct hs_expr **items;
    struct hs_bind *binds;        /* LET: in order */
    uint32_t n_params;
    struct hs_pattern *params;    /* LAMBDA */
    struct hs_type *type;         /* found by hs_infer() */
    const struct tidal_row *row;  /* NAME: a function of the library */
    struct hs_expr *expansion;    /* NAME: the bound expression, typed anew for this use */
};

/** One name of a `let`, with its parameters made a lambda. */
struct hs_bind {
    const char *name;
    uint32_t offset;
    struct hs_expr *value;
    struct hs_bind *next;
};

enum { HS_DEPTH_MAX = 400 };

/** f of `f x y`. */
static inline const struct hs_expr *hs_head(const struct hs_expr *e)
{
    while (e->kind == HS_E_APPLY)
        e = e->a;
    return e;
}

/** Where nodes of library text stand: no place of the user's file. */
#define HS_NO_OFFSET UINT32_MAX

/** Splits a text. Errors are reported at `base` + their place; false then. */
bool hs_lex(const struct source *source, struct arena *arena, struct diag *diag,
            struct hs_tokens *out);

struct hs_parser {
    const struct source *source;
    struct arena *arena;
    struct diag *diag;
    const struct hs_tokens *tokens;
    uint32_t at, nesting;
    uint32_t begin;  /* the token that a statement begins with ends nothing */
    uint32_t indent; /* a token that begins a line here or left of it ends the expression */
    bool failed;
};

/** One expression; stops before the token that can't belong to it. NULL after reporting. */
struct hs_expr *hs_parse_expression(struct hs_parser *p);
/** Bindings of a `let` whose first token is under the cursor. NULL after reporting. */
struct hs_bind *hs_parse_bindings(struct hs_parser *p);
/** The token under the cursor, HS_END where the expression ends by layout. */
const struct hs_token *hs_peek(const struct hs_parser *p);
bool hs_token_is(const struct hs_parser *p, const struct hs_token *t, const char *text);
/** "X expected before Y" at the cursor. Returns NULL. */
void *hs_expected(struct hs_parser *p, const char *wanted);

#endif
