/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/lex.h - .ph text to tokens and statements: LANGUAGE 1.                                  */
#ifndef CLIENT_LEX_H
#define CLIENT_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/ast.h"
#include "client/diag.h"

enum token_kind {
    TOKEN_END,      /* closes every statement's run of tokens; stands where the statement ends */
    TOKEN_NUMBER,
    TOKEN_STRING,   /* quotes included */
    TOKEN_NAME,
    TOKEN_BUS,      /* ~name, ~midi:c:major */
    TOKEN_TEMPLATE, /* @name */
    TOKEN_PATTERN,  /* %name */
    TOKEN_MUL,      /* mulop and addop of LANGUAGE 3.1; which one stands in `op` */
    TOKEN_ADD,
    TOKEN_OPERATOR, /* of TidalCycles: |+| |% ~> <~ ..., by its text */
    TOKEN_COMPOSE,  /* . between functions */
    TOKEN_DOLLAR,
    TOKEN_CHAIN,    /* # where it is no comment, >> */
    TOKEN_EQUALS,
    TOKEN_COLON,
    TOKEN_COMMA,
    TOKEN_OPEN,     /* ( */
    TOKEN_CLOSE,    /* ) */
    TOKEN_OPEN_LIST,
    TOKEN_CLOSE_LIST,
    TOKEN_RANGE,    /* .. of loops */
    TOKEN_COMPARE,  /* == != < > <= >= of compile-time conditions */
    TOKEN_PERCENT,  /* % of compile-time conditions */
    TOKEN_BAD       /* what is no token; only in statements that are marked bad */
};

struct token {
    uint8_t kind;       /* token_kind */
    uint8_t op;         /* ast_op of TOKEN_MUL and TOKEN_ADD */
    bool space_before;  /* a blank, newline or comment stands before it */
    bool first_on_line;
    uint32_t offset, length;
};

/** Tokens [first, end) and the TOKEN_END at `end`. */
struct lexed_statement {
    uint32_t first, end;
    uint32_t column; /* of the first token, 1-based: the body of a loop stands deeper */
    bool bad;        /* has a reported error: not worth parsing */
};

/** What a name of this program is defined as; found before any token, because `#` depends on it. */
enum defined_as {
    DEFINED_BUS = 1 << 0,          /* ~name SEP */
    DEFINED_FUNCTION_BUS = 1 << 1, /* ~name p1 p2 SEP */
    DEFINED_BARE = 1 << 2,         /* name: or name = */
    DEFINED_FUNCTION = 1 << 3,     /* fn name */
    DEFINED_PARAMETER = 1 << 4,    /* of a function, or the variable of a loop */
    DEFINED_SYNTHDEF = 1 << 5
};

struct defined_names; /* hash table: text -> defined_as bits and built-in function */

struct lexed {
    const struct source *source;
    uint32_t n_tokens, token_space;
    struct token *tokens;
    uint32_t n_statements, statement_space;
    struct lexed_statement *statements;
    struct defined_names *names;
};

/**
 * Splits the whole text. Errors go to `diag` with their exact place; the statement they stand in is
 * marked bad. Linear in the length of the text. lex_finish() accepts a zeroed object.
 */
void lex_program(struct lexed *lexed, const struct source *source, struct diag *diag);
void lex_finish(struct lexed *lexed);

/** defined_as bits of a name, without ~, 0 if the program does not define it. */
uint32_t lex_defined(const struct lexed *lexed, const char *name, size_t length);

struct function;
/** function_find() of a word in the source text, which is searched for at its first use only. */
const struct function *lex_function(const struct lexed *lexed, const char *word, size_t length);

/**
 * The word (`function`: what is built in by that name) without its
 * number if it is a setting or command (`hush3` is `hush`), else NULL.
 */
const char *lex_setting(const struct function *function, const char *word, size_t length);

/** True for out, outN, oN, dN with N >= 1; *number is N or 0. */
bool lex_output(const char *word, size_t length, int64_t *number);

/** Offset of the first byte that is no UTF-8 or is NUL; `length` if there is none. */
size_t lex_bad_utf8(const char *text, size_t length);

#endif
