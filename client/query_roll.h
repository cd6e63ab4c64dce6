/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/query_roll.h - the events of some cycles as a piano roll: gathered, drawn, as SVG.      */
#ifndef CLIENT_QUERY_ROLL_H
#define CLIENT_QUERY_ROLL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "client/query.h"

enum {
    ROLL_EVENTS_MAX = 1 << 16, /* more are refused: nobody could tell them apart */
    ROLL_ROWS_MAX = 128,       /* events of further values are only counted */
    ROLL_LANES_MAX = 8,        /* of one row, where events overlap; further ones hide others */
    ROLL_CURVES_MAX = 4,
    ROLL_SAMPLES = 64          /* of a curve, a cycle */
};

/** A bar. Times are cycles since the roll's first; it may begin before and end behind the roll. */
struct roll_event {
    uint32_t row, lane;
    double begin, end;
    bool has_onset;     /* else it began before the roll */
    bool is_continuous; /* no begin and no end of its own */
    const char *label;  /* the row's label, and the controls that are not in it */
    const char *exact;  /* span and value in full */
};

/** Events of one value. Rows of one name stand together, the higher number above. */
struct roll_row {
    const char *label;
    uint32_t name;   /* order in which its name came */
    bool has_number;
    double number;
    uint32_t n_lanes;
};

/** A signal, ROLL_SAMPLES values a cycle; NaN where there is none. */
struct roll_curve {
    double *values;
    double low, high;
};

struct roll {
    struct arena *arena; /* rows' and events' texts, values of curves */
    long first_cycle;
    uint32_t n_cycles;
    uint32_t n_steps;    /* a cycle's smallest division that all onsets lie on; 0: too many */
    uint32_t n_events, n_rows, n_curves, n_hidden;
    struct roll_event *events; /* in order of their begins */
    struct roll_row *rows;     /* from top to bottom */
    struct roll_curve curves[ROLL_CURVES_MAX];
    uint32_t space; /* of events */
};

/**
 * @param notes_are_pitches  plain numbers are TidalCycles' notes: 0 is c5
 * @return what the query that failed answered, its cycle in `failed_cycle`; PH_TOO_LARGE: more
 *         than ROLL_EVENTS_MAX events. To be finished either way
 */
PH_NODISCARD ph_status roll_init(struct roll *out, struct pat *pat, long first_cycle,
                                 long n_cycles, bool notes_are_pitches, long *failed_cycle);
void roll_finish(struct roll *roll);

/**
 * A row of text for each value.
 * @param columns  width of the page; as many cycles stand side by side as fit
 * @param ascii    no colours, no box characters
 */
void roll_draw(const struct roll *roll, uint32_t columns, bool ascii, FILE *to);
void roll_write_svg(const struct roll *roll, FILE *to);

/** The next character of UTF-8 text, '?' for bytes that are none and for control characters. */
uint32_t roll_next_character(const char **text);
uint32_t roll_count_characters(const char *text);

#endif
