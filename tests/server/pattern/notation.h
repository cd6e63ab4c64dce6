/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/pattern/notation.h - pattern code written as text, and events read as text.       */
/*                                                                                                */
/* An expression is one of                                                                        */
/*   2  -1  3/8  0.25      an exact number, once a cycle        @60        a note                 */
/*   ~                     silence                              #t #f      a boolean              */
/*   bd                    a word                                                                 */
/*   %3                    a whole number       $0.5       a number of double precision           */
/*   (op args : imms)      an instruction by its name; immediates behind the colon                */
/*   [a b c]               timecat of equal steps               <a b c>    slowcat                */
/* "tidal " in front of it asks for TidalCycles' dialect.                                         */
#ifndef TESTS_SERVER_PATTERN_NOTATION_H
#define TESTS_SERVER_PATTERN_NOTATION_H

#include "server/pattern/pattern.h"

/** Builds code from text; ends the process with a message when the text is wrong. */
void notation_build(const char *text, struct ph_pattern_code *code);
/** A new evaluator of `text`. Its code is owned beside it: free both with notation_free(). */
struct pat *notation_pat(const char *text, struct ph_pattern_code *code);
void notation_free(struct pat *pat, struct ph_pattern_code *code);
/**
 * Onsets of the expression in [begin, end): "0 bd, 1/2 sn". Controls are written {n 3 s bd}.
 * Borrowed until the next call. A failed query is its status text in brackets.
 */
const char *notation_onsets(const char *text, struct ph_ratio begin, struct ph_ratio end);
/** The same with the end of each event: "0-1/2 bd". */
const char *notation_events(const char *text, struct ph_ratio begin, struct ph_ratio end);
/** All haps: "0-1/2 bd", of fragments with their part "0-1/2 (1/4-1/2) bd", "signal (0-1) 0.5". */
const char *notation_pieces(const char *text, struct ph_ratio begin, struct ph_ratio end);
/** Writes one value as text. */
void notation_value(const struct pat_value *value, char *out, size_t space);

#endif
