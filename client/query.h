/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/query.h - the parts of phonon-query: compile, values as text and JSON, batch, roll.     */
#ifndef CLIENT_QUERY_H
#define CLIENT_QUERY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "client/compile.h"
#include "server/pattern/pattern.h"

enum { QUERY_CYCLES_MAX = 10000 };

/* ---- query_pattern.c ------------------------------------------------------------------------- */

/** Which language an expression is in and, where that decides how strings are read, its type. */
struct query_dialect {
    bool tidal; /* else .ph */
    int type;   /* enum tidal_atom, or QUERY_TYPE_ANY: the first that the expression fits */
};
enum { QUERY_TYPE_ANY = -1 };

/** The type of that name, or QUERY_TYPE_ANY. */
int query_type(const char *name, size_t length);

/** One expression, compiled and ready to be asked; borrows its source. */
struct query_pattern {
    struct arena *arena;
    struct diag diag;
    struct ph_pattern_code code;
    struct pat *pat;
    bool notes_are_pitches; /* plain numbers, and `note`, are TidalCycles' notes: 0 is c5 */
};

/**
 * @return false when there were errors: they are in `out->diag`, and `out->pat` is NULL. To be
 *         finished either way
 */
bool query_pattern_init(struct query_pattern *out, const struct source *source,
                        const struct query_dialect *dialect);
void query_pattern_finish(struct query_pattern *pattern); /* accepts a zeroed one */

/* ---- query_value.c --------------------------------------------------------------------------- */

/** One event a line, for people: `1/4 - 1/2  s: bd, gain: 0.5`. */
void query_print_text(const struct pat_hap *hap, FILE *to);
/** One JSON object a line, with names for everything. */
void query_print_json(const struct pat_hap *hap, FILE *to);
/** `[whole begin, whole end, part begin, part end, value]`; `rational`: exact numbers as "n/d". */
void query_print_row(const struct pat_hap *hap, bool rational, FILE *to);
/** `text` as a JSON string, whatever its bytes are. */
void query_print_json_string(const char *text, FILE *to);
/** A value as a short word for people: "bd", "1/3", "c4", "0.25"; cut to `size`. */
void query_value_label(const struct ph_value *value, char *text, size_t size);
/** All controls of an event, or its plain value: "s: bd, gain: 0.5"; cut to `size`. */
void query_event_label(const struct pat_value *value, char *text, size_t size);

/* ---- query_batch.c --------------------------------------------------------------------------- */

/**
 * Answers each line `cycles<TAB>expression[<TAB>type[<TAB>begin<TAB>end]]` with one line of JSON,
 * written at once. A wrong line is answered with an object that has an "error", and the next one is
 * read.
 */
void query_batch(FILE *from, FILE *to, bool tidal);

/* ---- query_list.c ---------------------------------------------------------------------------- */

/** Every function of a dialect with its arguments (TidalCycles': its type) and what it makes. */
void query_list(bool tidal, FILE *to);

#endif
