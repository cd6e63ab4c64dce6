/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/ast.h - syntax tree of a .ph program: LANGUAGE 2 and 3. Nodes live in one arena.        */
#ifndef CLIENT_AST_H
#define CLIENT_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/diag.h"
#include "protocol/ratio.h"

/** Bump allocator; everything of one compilation lives and dies with it. */
struct arena;
struct arena *arena_new(void);
void arena_free(struct arena *arena);
void *arena_alloc(struct arena *arena, size_t size); /* zeroed, aligned to 16; exits on no memory */
char *arena_text(struct arena *arena, const char *text, size_t length); /* NUL-terminated copy */

enum ast_kind {
    AST_NUMBER,   /* number, ratio */
    AST_STRING,   /* text; n_items > 1: adjacent strings, one a cycle, in items */
    AST_NAME,     /* text: bare identifier (call without arguments, or a name) */
    AST_BUS,      /* text without ~ */
    AST_TEMPLATE, /* text without @ */
    AST_PATTERN,  /* text without % */
    AST_CALL,     /* text, items: positional arguments; keys: keyword arguments */
    AST_BUS_CALL, /* text, items: call of a function bus */
    AST_NEG,      /* items[0] */
    AST_BINARY,   /* op, items[0], items[1] */
    AST_CHAIN,    /* items[0] # items[1] (a call, bus, template, pattern or parenthesised expr) */
    AST_DOLLAR,   /* items: operands of one maximal run e1 $ e2 $ ... */
    AST_SECTION,  /* (# f args # g ...): items: the chain's calls */
    AST_OPERATOR, /* text: an operator of TidalCycles; items: its operands */
    AST_OPERATOR_SECTION, /* (op x), (x op): text, items[0]; on_left: the latter */
    AST_COMPOSE,  /* items[0] . items[1] */
    AST_TUPLE,    /* (a, b): items */
    AST_LIST      /* [a, b, ...] */
};

enum ast_op {
    AST_ADD, AST_SUB, AST_MUL, AST_DIV,                         /* + - * / */
    AST_AUDIO_ADD, AST_AUDIO_SUB, AST_AUDIO_MUL, AST_AUDIO_DIV, /* ~+ ~- ~* ~/ */
    AST_LEFT_ADD, AST_LEFT_SUB, AST_LEFT_MUL, AST_LEFT_DIV,     /* |+ |- |* |/ */
    AST_RIGHT_ADD, AST_RIGHT_SUB, AST_RIGHT_MUL, AST_RIGHT_DIV, /* +| -| *| /| */
    AST_KEEP_RIGHT, AST_KEEP_LEFT                               /* |> <| */
};

struct ast;
struct ast_key {
    const char *name;
    uint32_t offset;
    struct ast *value;
};

struct ast {
    enum ast_kind kind;
    enum ast_op op;
    uint32_t offset, end;   /* source bytes [offset, end) */
    uint32_t text_offset;   /* STRING: offset of the first byte inside the quotes */
    const char *text;
    double number;
    struct ph_ratio ratio;
    uint32_t n_items, n_keys;
    struct ast **items;
    struct ast_key *keys;
    bool parenthesised;     /* was written in parentheses */
    bool on_left;           /* OPERATOR_SECTION: the operand is the left one */
    uint32_t depth;         /* nodes on the longest way down, itself included; <= AST_DEPTH_MAX */
};

/** Bounds the recursion of whoever walks a tree; a sum of n terms is n deep. */
enum { AST_DEPTH_MAX = 1024 };

enum statement_kind {
    STATEMENT_TEMPO,    /* cps: number in value */
    STATEMENT_BPM,      /* value, and text "n/d" or NULL */
    STATEMENT_OUTMIX,   /* text */
    STATEMENT_COMMAND,  /* text: hush panic ..., number: its N or 0 */
    STATEMENT_BUS,      /* name, params */
    STATEMENT_BARE,     /* name: bare definition, `name: expr` */
    STATEMENT_PATTERN,  /* %name */
    STATEMENT_TEMPLATE, /* @name */
    STATEMENT_FUNCTION, /* fn name params = expr */
    STATEMENT_SYNTHDEF,
    STATEMENT_OUT,      /* out, or a bare expression */
    STATEMENT_ON,       /* oN, dN: number */
    STATEMENT_OUTN,     /* outN: number */
    STATEMENT_IGNORED   /* `buffer: n` */
};

struct statement {
    enum statement_kind kind;
    uint32_t offset;
    uint32_t begin, end; /* source bytes [begin, end) of the line or loop it comes from */
    const char *name;
    const char *text;
    int64_t number;
    uint32_t n_params;
    const char **params;
    struct ast *value;
};

struct program_ast {
    uint32_t n_statements;
    struct statement *statements;
};

/**
 * Whole text -> statements. Errors go to `diag`; what could be parsed is returned all the same, so
 * that one run shows several errors. Depth of nesting is bounded (256): deeper is an error, not a
 * crash.
 */
struct program_ast parse_program(const struct source *source, struct arena *arena,
                                 struct diag *diag);
/** One expression (phonon-query). NULL on error. */
struct ast *parse_expression(const struct source *source, struct arena *arena, struct diag *diag);

/* ---- mini-notation: LANGUAGE 6 --------------------------------------------------------------- */

enum mini_kind {
    MINI_SILENCE,   /* ~ - */
    MINI_WORD,      /* text ("bd", "808bd", "bd:3" with the index in `text`) */
    MINI_NUMBER,    /* ratio, number; text as written, for where a word is wanted ("909") */
    MINI_BUS,       /* text with ~: "~bass" */
    MINI_CHORD,     /* text: root as written ("c4", "-24", "c"), quality + modifiers in `quality` */
    MINI_SEQ,       /* items with weights */
    MINI_STACK,     /* items */
    MINI_CHOICE,    /* items, number of the operator in `seed` */
    MINI_ALTERNATE, /* < > : items with weights; several parts: a STACK of ALTERNATEs */
    /* { }: items are MINI_SEQ parts; steps: base_steps or `argument` (%n), may be NULL */
    MINI_POLYMETER,
    MINI_FAST, MINI_SLOW,  /* items[0], argument */
    MINI_DEGRADE,   /* items[0], number = probability, seed */
    MINI_EUCLID,    /* items[0], argument k, argument2 n, argument3 r or NULL */
    MINI_RANGE      /* items[0] .. items[1] */
};

struct mini {
    enum mini_kind kind;
    uint32_t offset;          /* in the source text */
    const char *text, *quality;
    struct ph_ratio ratio;
    double number;
    uint32_t seed;            /* k of `?` and `|`, counted where each ends */
    uint32_t n_items;
    struct mini **items;
    struct ph_ratio *weights; /* SEQ, ALTERNATE: one per item (after @ _ !) */
    struct mini *argument, *argument2, *argument3;
    uint32_t size;            /* leaves below, repeats of `!` counted; <= MINI_SIZE_MAX */
    /* nodes on the longest way down, itself included; <= MINI_DEPTH_MAX */
    uint32_t depth;
};

/** Bounds the work of whoever walks a tree: repeats share their node, so `!` could multiply. */
enum { MINI_SIZE_MAX = 65536, MINI_DEPTH_MAX = 256 };

/**
 * Text of one string -> tree. `!` is already expanded, `.` groups are SEQs, `_` is weight.
 * @param text_offset  source offset of text[0]
 * Errors: as LANGUAGE 6.2 says, with their place. NULL then.
 */
struct mini *parse_mini(const char *text, uint32_t length, uint32_t text_offset,
                        struct arena *arena, struct diag *diag);

#endif
