/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/ratio.h - exact rationals: cycle positions, durations, factors.                       */
/* room: none (pure).                                                                             */
#ifndef PROTOCOL_RATIO_H
#define PROTOCOL_RATIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/status.h"

/** num/den in lowest terms, den > 0. Intermediates are 128 bits wide. */
struct ph_ratio {
    int64_t num, den;
};

#define PH_RATIO(n, d) ((struct ph_ratio){(n), (d)})

/**
 * Every operation that can leave the range of 64 bits takes `overflow`: it is set (never cleared)
 * when the exact result did not fit; the result is then the nearest fraction with denominator 2^31,
 * or the nearest representable number, so that nothing wraps.
 */
struct ph_ratio ph_ratio_make(int64_t num, int64_t den, bool *overflow); /* den 0: 0/1, overflow */
struct ph_ratio ph_ratio_add(struct ph_ratio a, struct ph_ratio b, bool *overflow);
struct ph_ratio ph_ratio_sub(struct ph_ratio a, struct ph_ratio b, bool *overflow);
struct ph_ratio ph_ratio_mul(struct ph_ratio a, struct ph_ratio b, bool *overflow);
/* by 0: overflow */
struct ph_ratio ph_ratio_div(struct ph_ratio a, struct ph_ratio b, bool *overflow);
int ph_ratio_cmp(struct ph_ratio a, struct ph_ratio b); /* -1, 0, 1; exact */
int64_t ph_ratio_floor(struct ph_ratio a);              /* towards minus infinity */
int64_t ph_ratio_ceil(struct ph_ratio a);
double ph_ratio_to_double(struct ph_ratio a);
/** Nearest fraction with denominator 2^20 (PATTERNS 2: signals used as times). */
struct ph_ratio ph_ratio_from_double(double value, bool *overflow);
/**
 * Decimal text ("1.25", "-.5", "3") of `length` bytes, read as a decimal fraction: "0.1" is 1/10.
 */
PH_NODISCARD ph_status ph_ratio_parse(const char *text, size_t length, struct ph_ratio *out);
/** Writes "num/den"; `space` of 48 always suffices. */
void ph_ratio_format(struct ph_ratio a, char *text, size_t space);

static inline struct ph_ratio ph_ratio_of(int64_t whole)
{
    return PH_RATIO(whole, 1);
}

#endif
