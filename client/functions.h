/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions.h - every built-in name of LANGUAGE, with what the parser needs of it.        */
#ifndef CLIENT_FUNCTIONS_H
#define CLIENT_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a name can be; several bits where a name has several meanings (`pan`, `struct`, `loop`). */
enum function_class {
    FUNCTION_GENERATOR = 1 << 0,  /* LANGUAGE 12 */
    FUNCTION_SYNTH = 1 << 1,      /* 13 */
    FUNCTION_FILTER = 1 << 2,     /* 14 */
    FUNCTION_EFFECT = 1 << 3,     /* 15 */
    FUNCTION_MODIFIER = 1 << 4,   /* 10.4 */
    FUNCTION_TRANSFORM = 1 << 5,  /* 9 */
    FUNCTION_CONTROL = 1 << 6,    /* 10.1, 11 */
    FUNCTION_ENVELOPE = 1 << 7,   /* 16 */
    FUNCTION_UTILITY = 1 << 8,    /* 17 */
    FUNCTION_COMBINATOR = 1 << 9, /* 18 */
    FUNCTION_SETTING = 1 << 10,   /* 2.1: settings and commands, at the start of a statement */
    FUNCTION_PLUGIN = 1 << 11     /* 23 */
};

enum function_flag {
    FUNCTION_TAKES_TRANSFORM = 1 << 0, /* the last argument of the transform is a transform */
    FUNCTION_TAKES_WORD = 1 << 1       /* the first argument may be a bare word: `sp kick` */
};

/** Bit k is set: the transform may be written with k arguments (without its pattern). */
#define FUNCTION_COUNT(k) (1u << (k))

struct function {
    const char *name;
    const char *canonical; /* the name it is an alias of; itself otherwise */
    uint32_t classes;      /* function_class bits */
    uint8_t counts;        /* FUNCTION_COUNT bits; 0 for what is no transform */
    uint8_t flags;         /* function_flag bits */
};

/** All names, in the order of function_compare(). */
extern const struct function function_table[];
extern const uint32_t n_functions;

/** Order of two names by the naming rule: without underscores, letters lower-cased. */
int function_compare(const char *a, size_t a_length, const char *b, size_t b_length);

/** The row of a name, or NULL. `degrade_by`, `degradeBy` and `degradeby` find the same row. */
const struct function *function_find(const char *name, size_t length);

/** True where `#` before the name is the chain operator: every built-in that is no mere setting. */
bool function_is_chainable(const struct function *function);

/** Most arguments the transform may have, 0 where it is none. */
uint32_t function_most_arguments(const struct function *function);

/** Nearest built-in name within edit distance 2, or NULL. */
const char *function_nearest(const char *name);

#endif
