/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/parse.h - what the parsers of expressions (parse.c) and statements (statement.c) share. */
#ifndef CLIENT_PARSE_H
#define CLIENT_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/ast.h"
#include "client/lex.h"

enum { PARSE_NESTING_MAX = 256, PARSE_LOOPS_MAX = 16 };

struct loop_variable {
    const char *name;
    int64_t value;
};

struct parser {
    const struct source *source;
    const struct lexed *lexed;
    struct arena *arena;
    struct diag *diag;
    uint32_t at;       /* index of the current token */
    uint32_t nesting;
    uint32_t n_conditions; /* open `if A op B then`: `then` and `else` end expressions there */
    bool failed;       /* the statement has its error; further ones would be its echo */
    uint32_t n_params; /* of the definition being read */
    const char **params;
    uint32_t n_loops;
    struct loop_variable loops[PARSE_LOOPS_MAX];
    uint32_t n_scratch, scratch_space; /* stack on which lists grow before they are copied */
    void **scratch;
};

void parser_init(struct parser *p, const struct lexed *lexed, struct arena *arena,
                 struct diag *diag);
void parser_finish(struct parser *p);

/** The current token, or the one `ahead` behind it; never past the statement's TOKEN_END. */
const struct token *parse_peek(const struct parser *p, uint32_t ahead);
/** Reports the first error of the statement; returns NULL for callers that return nodes. */
void *parse_fail(struct parser *p, uint32_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Reports that `wanted` was expected where the current token stands. */
void *parse_expected(struct parser *p, const char *wanted);
bool parse_word_is(const struct parser *p, const struct token *t, const char *word);
/** Copy of `length` bytes of the source. */
const char *parse_text(struct parser *p, uint32_t offset, uint32_t length);
/** Name of the bus token under the cursor, `[index]` included (LANGUAGE 21), which it passes. */
const char *parse_bus_name(struct parser *p);

/** LANGUAGE 3.1: expr, and sum (no `$`, no `#`). NULL after an error. */
struct ast *parse_expr(struct parser *p);
struct ast *parse_sum(struct parser *p);
/** Value of constant arithmetic; false if `a` is none or the result does not fit. */
bool parse_constant(const struct ast *a, struct ph_ratio *out);
struct ast *parse_make_number(struct parser *p, uint32_t offset, struct ph_ratio value);
struct ast *parse_make_call(struct parser *p, const char *name, struct ast *argument);

/**
 * Decimal text ("-1.25", ".5") as exact ratio and as double. Digits of a fraction that 64 bits
 * can't hold are cut off; false if the whole part does not fit.
 */
bool parse_decimal(const char *text, size_t length, struct ph_ratio *ratio, double *number);

/** Moves what was pushed since `mark` into the arena. */
void parse_push(struct parser *p, void *item);
void **parse_take(struct parser *p, uint32_t mark, uint32_t *n_items);

#endif
