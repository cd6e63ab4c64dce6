/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/mini.h - inside the reader of TidalCycles' strings: characters and single values  */
/* (mini_atom.c), sequences and brackets (mini.c), the nodes they become (mini_build.c).          */
#ifndef CLIENT_TIDAL_MINI_H
#define CLIENT_TIDAL_MINI_H

#include "client/tidal/tidal.h"
#include "client/value.h"

/** What stands between blanks. The first ones are those of enum tidal_atom. */
enum mini_atom {
    ATOM_STRING,
    ATOM_NOTE,
    ATOM_DOUBLE,
    ATOM_INT,
    ATOM_RATIONAL, /* steps and factors as well */
    ATOM_BOOL,
    ATOM_CHAR,
    ATOM_WHOLE,    /* numbers of a rhythm: read as ATOM_INT, ratios afterwards */
    ATOM_NAME,     /* of a chord */
    ATOM_VOICING   /* modifier of a chord, as text */
};

struct mini_reading {
    enum mini_atom atom;
    bool rests; /* whether `~` is one of them: not in factors, rhythms and chords */
};

/** One step while its sequence is being read, or the `.` behind a group of them. */
struct mini_step {
    struct pat *pat; /* NULL: `.` */
    struct ph_ratio weight;
    uint32_t count;  /* copies, by `!` */
    uint32_t at;
};

struct mini_reader {
    struct compiler *c;
    const char *text;
    uint32_t at, length;
    uint32_t offset; /* of text[0] in the source */
    bool failed;
    uint32_t nesting;
    uint32_t n_seeds; /* `?` and `|` that were read to their end */
    uint32_t n_items; /* steps of all sequences, copies counted */
    uint32_t n_steps, step_space; /* stack: a sequence takes what lies above its mark */
    struct mini_step *steps;
};

/** A sequence, and how many steps it has: what `{}` counts. */
struct mini_sequence {
    struct pat *pat;
    struct ph_ratio size;
    bool is_empty; /* nothing was written; `a!0` is something */
};

struct mini_list {
    uint32_t n, space;
    struct mini_sequence *items;
};

/* ---- mini_atom.c ----------------------------------------------------------------------------- */

/** Reports the first error of the string. @return NULL */
void *mini_fail(struct mini_reader *r, uint32_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** A node just made; without one the reader has failed, which was reported. */
struct pat *mini_made(struct mini_reader *r, struct pat *p);

char mini_peek(const struct mini_reader *r, uint32_t ahead);
/** Passes blanks. */
void mini_spaces(struct mini_reader *r);
/** Passes blanks and comments: what may stand behind a number, a rest and a bracket. */
void mini_white(struct mini_reader *r);
bool mini_is_blank(char c);
/** Length in bytes of the letter at the cursor, 0 if none stands there. */
uint32_t mini_letter(const struct mini_reader *r, uint32_t ahead);
/** Passes letters, digits and the signs in `also`. */
void mini_name(struct mini_reader *r, const char *also);
bool mini_is_numeric(enum mini_atom atom);

/** A number as written; `exact` where `ratio` holds it too. */
struct mini_number {
    double number;
    struct ph_ratio ratio;
    bool exact;
};

enum mini_found { MINI_NONE, MINI_FOUND, MINI_BROKEN };
/** Digits with a fraction or an exponent; BROKEN when they have neither. */
enum mini_found mini_float(struct mini_reader *r, struct mini_number *n);
/** Rational number as in factors and weights: 3 -1.5 3%4 3e e. BROKEN after reporting. */
enum mini_found mini_ratio(struct mini_reader *r, struct mini_number *n);
/** One value under the cursor. NULL with `failed` unset: none begins here. */
struct pat *mini_atom(struct mini_reader *r, enum mini_atom atom);
/** The chord behind its root: the cursor is on the first quote. */
struct pat *mini_chord(struct mini_reader *r, struct pat *root, enum mini_atom atom, uint32_t at);

/* ---- mini.c ---------------------------------------------------------------------------------- */

/** What follows a value directly. Counted as random in this order, applied in it too. */
struct mini_drop {
    bool is_set;
    double probability;
    uint32_t seed, at;
};

struct mini_suffix {
    bool is_set;
    struct mini_drop before, after;
    struct pat *factor;      /* of * and / */
    bool slow;
    struct pat *k, *n, *turn; /* of (k,n,turn) */
    uint32_t speed_at, rhythm_at;
};

/** Reads `?`, `*` or `/`, `( )`, `?`; a bracket has read the first two itself. */
bool mini_suffix(struct mini_reader *r, bool is_bracket, struct mini_suffix *s);
/** True directly behind a closing bracket. */
bool mini_is_closed(const struct mini_reader *r);
/** A bracket of such values, with what it is sped up by. */
struct pat *mini_bracket(struct mini_reader *r, struct mini_reading reading);

/* ---- mini_build.c ---------------------------------------------------------------------------- */

struct pat *mini_silence(struct mini_reader *r, uint32_t at);
/** @return value of a constant, or NULL */
const struct ph_value *mini_constant(const struct pat *p);
/** A number as a value of type `atom`. */
struct pat *mini_value(struct mini_reader *r, enum mini_atom atom, const struct mini_number *n,
                       uint32_t at);
/** `value` semitones of that type. */
struct pat *mini_semitones(struct mini_reader *r, enum mini_atom atom, double value, uint32_t at);
/** What `steps` play in one cycle; feet are dealt with. */
bool mini_build_sequence(struct mini_reader *r, const struct mini_step *steps, uint32_t n,
                         uint32_t at, struct mini_sequence *out);
struct pat *mini_build_stack(struct mini_reader *r, const struct mini_list *list, bool is_choice,
                             uint32_t at);
/** Each at `steps` steps a cycle. */
struct pat *mini_build_polymeter(struct mini_reader *r, const struct mini_list *list,
                                 struct pat *steps, uint32_t at);
struct pat *mini_build_drop(struct mini_reader *r, const struct mini_drop *drop, struct pat *p);
struct pat *mini_build_speed(struct mini_reader *r, struct pat *factor, bool slow, struct pat *p,
                             uint32_t at);
struct pat *mini_build_suffix(struct mini_reader *r, const struct mini_suffix *s,
                              enum mini_atom atom, struct pat *p);
struct pat *mini_build_range(struct mini_reader *r, enum mini_atom atom, struct pat *a,
                             struct pat *b, uint32_t at);

#endif
