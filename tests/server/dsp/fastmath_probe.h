/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/fastmath_probe.h - fastmath.h over arrays, in every set and at both widths.   */
#ifndef TESTS_SERVER_DSP_FASTMATH_PROBE_H
#define TESTS_SERVER_DSP_FASTMATH_PROBE_H

#include <stdint.h>

#include "server/dsp/sets.h"

#define PROBES_1(P)                                                                                \
    P(sin) P(cos) P(tan) P(exp) P(exp2) P(log) P(log2) P(tanh) P(floor) P(ceil) P(trunc) P(frac)   \
    P(sqrt) P(asin) P(acos) P(sinh) P(cosh)                                                        \
    P(precise_exp) P(precise_exp2) P(precise_exp10) P(precise_log) P(precise_log2)                 \
    P(precise_log10) P(precise_sin) P(precise_cos) P(precise_tan) P(precise_tanh)

/** y[i] = lane_<name>(x[i]); n is a multiple of DSP_LANES_MAX. */
typedef void probe(const float *x, float *y, uint32_t n);
/** y[i] = lane_<name>(a[i], b[i]). */
typedef void probe_2(const float *a, const float *b, float *y, uint32_t n);

#define PROBE_ID(name) PROBE_##name,
enum probe_id { PROBES_1(PROBE_ID) PROBE_COUNT };
#undef PROBE_ID

/** The functions as one library of kernels has them: probes_<set>_w<width>. */
struct probes {
    probe *f[PROBE_COUNT];
    probe_2 *pow, *precise_pow, *min, *max, *atan2, *hypot;
};
#define PROBE_DECLARE(isa, width)                                                                  \
    extern const struct probes probes_##isa##_w1, probes_##isa##_w##width;
DSP_SETS(PROBE_DECLARE)
#undef PROBE_DECLARE

#endif
