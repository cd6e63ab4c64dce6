/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/scale.h - named scales and chords: LANGUAGE 19.2 and 19.3, TidalCycles' own.    */
/* room: none (pure).                                                                             */
#ifndef SERVER_PATTERN_SCALE_H
#define SERVER_PATTERN_SCALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/pattern_code.h"

/** Semitones of a scale within one octave, ascending from 0. */
struct pat_scale {
    const char *names;       /* in .ph, separated by blanks; NULL: none */
    const char *tidal_names; /* in TidalCycles; NULL: none, "=": the same */
    unsigned n;
    float semitones[12];
};

/** The scale of that name, or NULL. In .ph lower case does where nothing is spelled so exactly. */
const struct pat_scale *pat_scale_find(const char *name, size_t length, bool tidal);
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
const char *pat_scale_names(size_t i, bool tidal);
const char *pat_chord_names(size_t i, bool tidal);

/* ---- chords of TidalCycles ------------------------------------------------------------------- */

/** Semitones above the root. @return false when no chord is called so: the root alone */
bool pat_chord_semitones(const char *name, size_t length, const uint8_t **semitones, unsigned *n);

enum {
    PAT_VOICES_MAX = 256,
    PAT_CHORD_MODIFIERS_MAX = 8,
    PAT_RUN_MAX = 65536 /* values of `a .. b` */
};

/** Notes of a chord in playing order, semitones. */
struct pat_voices {
    unsigned n;
    double notes[PAT_VOICES_MAX];
};

/** What `'5`, `'ii`, `'i2`, `'o`, `'d1` and `'5io` ask for. */
struct pat_voicing {
    bool has_count, has_drop;
    int64_t count, drop;
    uint32_t inversions, openings;
};

/** @return length of the modifier that `text` begins with, 0 if it is none */
size_t pat_voicing_parse(const char *text, size_t length, struct pat_voicing *out);
/** The chord of that name on `root`, in close position. */
void pat_voices_init(struct pat_voices *v, const char *name, size_t length, double root);
/** @return false when there would be more than PAT_VOICES_MAX notes; nothing is changed then */
bool pat_voices_apply(struct pat_voices *v, const struct pat_voicing *voicing);

#endif
