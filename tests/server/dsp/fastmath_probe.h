/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/fastmath_probe.h - fastmath.h over arrays at both lane widths.                */
#ifndef TESTS_SERVER_DSP_FASTMATH_PROBE_H
#define TESTS_SERVER_DSP_FASTMATH_PROBE_H

#include <stdint.h>

#define PROBES_1(P)                                                                                \
    P(sin) P(cos) P(tan) P(exp) P(exp2) P(log) P(log2) P(tanh) P(floor) P(ceil) P(trunc) P(frac)   \
    P(sqrt)

/** y[i] = lane_<name>(x[i]); n is a multiple of 8. */
#define PROBE_DECLARE(name)                                                                        \
    void probe_##name##_w1(const float *x, float *y, uint32_t n);                                  \
    void probe_##name##_w8(const float *x, float *y, uint32_t n);
PROBES_1(PROBE_DECLARE)
#undef PROBE_DECLARE
void probe_pow_w1(const float *x, const float *e, float *y, uint32_t n);
void probe_pow_w8(const float *x, const float *e, float *y, uint32_t n);

#endif
