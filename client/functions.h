/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions.h - every built-in name of LANGUAGE, with what the parser needs of it.        */
#ifndef CLIENT_FUNCTIONS_H
#define CLIENT_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ph_input;
struct unit_build;
struct wires;

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

/** What a parameter means, and so what a stepped pattern does there: LANGUAGE 4.2. */
enum sig_context {
    CONTEXT_NUMBER,    /* any other parameter: rests hold */
    CONTEXT_AUDIO,     /* a plain signal input: notes read as Hz */
    CONTEXT_PITCH,     /* oscillator frequency: rests gate the unit */
    CONTEXT_FILTER_HZ, /* the same, smoothed over 1 ms */
    CONTEXT_GAIN,      /* gain or mix: smoothed over 1 ms */
    CONTEXT_FACTOR,    /* operand of * / : rests are 0 */
    CONTEXT_TERM,      /* operand of + - : rests are 0 */
    CONTEXT_VOWEL      /* letters a e i o u read as 0 .. 4 */
};

/** One parameter of a signal function. Those without a name are given by the compiler. */
struct signal_param {
    const char *name, *unit; /* unit: "Hz", "s", "dB", ... or "" */
    enum sig_context context;
    uint8_t flags;
    double initial, low, high; /* low < high: range, clamped */
};
enum {
    PARAM_CHAINED = 1,  /* what `#` fills */
    PARAM_REQUIRED = 2,
    PARAM_CONST = 4,    /* a number known when the program is compiled */
    PARAM_TEXT = 8,     /* a string as it is written: the maker reads u->sig->args[i]->text */
    PARAM_WHEN_FULL = 32, /* by position only where every parameter that no chain fills is given */
    PARAM_VOWEL = 16    /* letters a e i o u of a pattern are numbers 0 .. 4 */
};

/** What a signal function takes, and what makes its units: one of `mono` and `stereo`. */
struct signal_row {
    const char *name;    /* canonical */
    uint8_t n_channels;  /* 0: as many as the arguments have; else fixed */
    bool is_oscillator;  /* the first parameter is a pitch */
    struct ph_input (*mono)(struct unit_build *u, const struct ph_input *args); /* one channel */
    void (*stereo)(struct unit_build *u, const struct wires *args, struct wires *out);
    uint8_t n_params;
    const struct signal_param *params;
};
typedef struct ph_input unit_maker(struct unit_build *u, const struct ph_input *args);
typedef void unit_maker_of_all(struct unit_build *u, const struct wires *args, struct wires *out);

struct function {
    const char *name;
    const char *canonical; /* the name it is an alias of; itself otherwise */
    uint32_t classes;      /* function_class bits */
    uint8_t counts;        /* FUNCTION_COUNT bits; 0 for what is no transform */
    uint8_t flags;         /* function_flag bits */
    const char *arguments; /* of what is no signal function, as text; NULL: see `signal` */
    const char *text;      /* one line: what it does; NULL for aliases */
    const struct signal_row *signal;
};

/** All names, in the order of function_compare(): functions/table.c. */
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

/** The signal function of a canonical name, or NULL. */
const struct signal_row *signal_find(const char *canonical);
/** Index of the parameter that a chain fills, or -1. */
int signal_chained(const struct signal_row *row);
/** Parameters with a name; those behind it are given by the compiler (the gate of an envelope). */
uint32_t signal_visible_params(const struct signal_row *row);

/** Frequency of a generator that was written without one. */
#define SIGNAL_BASE_HZ 261.6256

/** Nearest built-in name within edit distance 2, or NULL. */
const char *function_nearest(const char *name);

#endif
