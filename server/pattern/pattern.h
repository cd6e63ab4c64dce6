/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/pattern.h - pattern code evaluated: span in cycles -> haps. Pure; no threads.   */
/* room: none (used by the sequencer thread and by phonon-query).                                 */
#ifndef SERVER_PATTERN_PATTERN_H
#define SERVER_PATTERN_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/pattern_code.h"

/** One control of an event. Keys are interned per pattern: equal keys are equal pointers. */
struct pat_control {
    const char *key;
    struct ph_value value;
};

/**
 * Value of a hap: a plain value, or controls sorted by key. Wherever a value is a number of any
 * kind (NUMBER, RATIO, NOTE, BOOL), `number` is set; RATIO and BOOL have it exact in `ratio` too.
 */
struct pat_value {
    bool is_controls;
    bool lasting; /* inside the evaluator: outlives the query */
    struct ph_value plain;
    uint32_t n_controls;
    const struct pat_control *controls;
};

struct pat_hap {
    bool has_whole; /* false: continuous */
    struct ph_ratio whole_begin, whole_end, part_begin, part_end;
    const struct pat_value *value; /* borrowed until the next query */
};

static inline bool pat_has_onset(const struct pat_hap *h)
{
    return h->has_whole && h->whole_begin.num == h->part_begin.num &&
           h->whole_begin.den == h->part_begin.den; /* both are in lowest terms */
}

/** Bounds of one query, so that no text can stall the sequencer. */
struct pat_limits {
    uint32_t n_haps;  /* haps made, intermediate ones included: 100,000 unless told */
    uint32_t n_steps; /* instructions visited and slots looked at: 150,000 unless told */
};
extern const struct pat_limits pat_limits_default;

/**
 * An evaluator of one code; owns arenas that grow to the pattern's need and are then reused. One
 * thread at a time. It recurses as deep as the code, up to 512 instructions: see to 1 MiB of stack.
 */
struct pat;
/** Borrows `code`, which it validates, until pat_free(). */
PH_NODISCARD ph_status pat_new(const struct ph_pattern_code *code, struct pat **out);
void pat_free(struct pat *pat);

/**
 * Haps of [begin, end), sorted by part begin, whole begin, then order of the source. Pure: the same
 * span gives the same haps, and [a,b) with [b,c) gives the onsets of [a,c). An empty span has none.
 * @param limits  NULL: pat_limits_default
 * @param haps    valid until the next query or pat_free()
 * @return PH_OK, PH_BUDGET (the limits, or more than 16 MiB of values), PH_OVERFLOW (a time left
 *         64 bits), PH_NO_MEMORY; no haps then
 */
PH_NODISCARD ph_status pat_query(struct pat *pat, struct ph_ratio begin, struct ph_ratio end,
                                 const struct pat_limits *limits, const struct pat_hap **haps,
                                 uint32_t *n_haps);

/** The value of `key` in a value's controls, or NULL. */
const struct ph_value *pat_control(const struct pat_value *value, const char *key);

#endif
