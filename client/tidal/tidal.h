/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/tidal.h - TidalCycles' own expressions -> pattern nodes: typed as Haskell types   */
/* them, since a string is read as what its place wants. PATTERNS.                                */
#ifndef CLIENT_TIDAL_TIDAL_H
#define CLIENT_TIDAL_TIDAL_H

#include <stdbool.h>
#include <stdint.h>

#include "client/compile.h"
#include "protocol/pattern_code.h"

/** What the events of a pattern are. */
enum tidal_atom {
    TIDAL_STRING,   /* WORD */
    TIDAL_NOTE,     /* NUMBER: semitones, c5 = 0; note names and chords count */
    TIDAL_DOUBLE,   /* NUMBER; note names count */
    TIDAL_INT,      /* INT; note names count */
    TIDAL_RATIONAL, /* RATIO */
    TIDAL_BOOL,     /* BOOL */
    TIDAL_CHAR,     /* WORD of one character */
    TIDAL_CONTROLS, /* controls; a bare string is `s "..."` */
    TIDAL_ATOM_COUNT
};

/** "string note double int rational bool char controls" */
extern const char *const tidal_atom_names[TIDAL_ATOM_COUNT];

/** One expression whose events are `type`. False after reporting. */
bool compile_tidal_pattern(const struct source *source, struct arena *arena, struct diag *diag,
                           enum tidal_atom type, struct ph_pattern_code *out);

struct compiler;
struct pat;
/**
 * A whole file: its patterns as outputs that are ready to be built, its tempo and commands set.
 * Errors are reported, several in one run.
 */
void tidal_program(struct compiler *c, struct compile_commands *commands);

/** One row for `phonon-query --list`: name, Haskell-like type, one line. NULL past the last. */
struct tidal_function_info {
    const char *name, *type, *doc; /* name, type: until the next call */
};
const struct tidal_function_info *tidal_function_info(uint32_t i);

/**
 * tidal/mini.c: mini-notation as Tidal reads it where events of type `atom` are wanted.
 * @param offset  source offset of text[0]
 * @return NULL after reporting the error at its place
 */
struct pat *tidal_string(struct compiler *c, const char *text, uint32_t length, uint32_t offset,
                         enum tidal_atom atom);

#endif
