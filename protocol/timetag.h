/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/timetag.h - NTP time tags <-> seconds; cycles <-> frames, exact.                      */
/* room: none (pure).                                                                             */
#ifndef PROTOCOL_TIMETAG_H
#define PROTOCOL_TIMETAG_H

#include "protocol/ratio.h"

#define PH_NTP_UNIX_OFFSET_SECONDS UINT64_C(2208988800) /* 1900-01-01 to 1970-01-01 */

double ph_ntp_to_seconds(uint64_t ntp); /* since 1900; exact to about 0.5 microseconds */
uint64_t ph_ntp_from_seconds(double seconds);
/** (a - b) in seconds; exact to the double's precision of the difference, also far from 1900. */
double ph_ntp_difference_seconds(uint64_t a, uint64_t b);

/**
 * One stretch of constant tempo: cycle `base_cycle` falls exactly on frame `base_frame`.
 * A tempo change starts a new stretch at the same cycle position; nothing before it moves.
 */
struct ph_tempo {
    int64_t base_frame;
    struct ph_ratio base_cycle; /* exact up to a denominator of 2^40, beyond it re-based to 2^32 */
    struct ph_ratio cps;        /* cycles per second, > 0 */
    uint32_t rate_hz;           /* frames per second */
};

/**
 * Frame on which `cycle` falls: base_frame +
 * round_half_up((cycle - base_cycle) * rate / cps). Exact.
 */
int64_t ph_tempo_frame(const struct ph_tempo *t, struct ph_ratio cycle);
/** Cycle position of a frame, exact where it fits, else to denominator 2^32. */
struct ph_ratio ph_tempo_cycle(const struct ph_tempo *t, int64_t frame);
/** The stretch that starts at `frame` with `cps`; the cycle position there is kept. */
struct ph_tempo ph_tempo_change(const struct ph_tempo *t, int64_t frame, struct ph_ratio cps);
/**
 * The same tempo from `frame` on, at the cycle position
 * there less `cycles`: what follows comes later.
 */
struct ph_tempo ph_tempo_nudge(const struct ph_tempo *t, int64_t frame, struct ph_ratio cycles);

#endif
