/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/scale.h - named scales and chords: LANGUAGE 19.2 and 19.3.                      */
/* room: none (pure).                                                                             */
#ifndef SERVER_PATTERN_SCALE_H
#define SERVER_PATTERN_SCALE_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/pattern_code.h"

/** Semitones of a scale within one octave, ascending from 0. */
struct pat_scale {
    const char *names; /* separated by blanks */
    unsigned n;
    float semitones[12];
};

/** The scale of that name (exact, then in lower case), or NULL. */
const struct pat_scale *pat_scale_find(const char *name, size_t length);
/** Semitones of a degree: 12 * floor(d / n) + semitones[d mod n], d rounded. */
double pat_scale_degree(const struct pat_scale *scale, double degree);

/**
 * A chord on `root` from text such as "maj7", "maj3" (three notes of maj) or "m9'i'o'5": quality,
 * then modifiers. `relative` as in struct ph_value.
 * @return false when the quality is unknown: `out` is then the root alone
 */
bool pat_chord_make(const char *text, size_t length, double root, bool relative,
                    struct ph_value *out);

/** Names of the i-th scale, of the i-th chord, separated by blanks; NULL behind the last. */
const char *pat_scale_names(size_t i);
const char *pat_chord_names(size_t i);

#endif
