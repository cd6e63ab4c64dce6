/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/fastmath_probe.c - fastmath.h over arrays, built once per set and lane width. */
#include "tests/server/dsp/fastmath_probe.h"

#include "server/dsp/precise.h"

#define PROBE_1(name)                                                                              \
    static void name##_frames(const float *x, float *y, uint32_t n)                                \
    {                                                                                              \
        for (uint32_t i = 0; i + LANE_W <= n; i += LANE_W) {                                       \
            lane a;                                                                                \
            memcpy(&a, x + i, sizeof a);                                                           \
            a = lane_##name(a);                                                                    \
            memcpy(y + i, &a, sizeof a);                                                           \
        }                                                                                          \
    }
/* for one set of macros */
#define PRECISE_NAMES(P)                                                                           \
    P(exp) P(exp2) P(exp10) P(log) P(log2) P(log10) P(sin) P(cos) P(tan) P(tanh)
#define RENAME(name) LANE_FN lane lane_precise_##name(lane x) { return precise_##name(x); }
PRECISE_NAMES(RENAME)
LANE_FN lane lane_precise_pow(lane a, lane b) { return precise_pow(a, b); }
PROBES_1(PROBE_1)

#define PROBE_2(name)                                                                              \
    static void name##_frames(const float *x, const float *e, float *y, uint32_t n)                \
    {                                                                                              \
        for (uint32_t i = 0; i + LANE_W <= n; i += LANE_W) {                                       \
            lane a, b;                                                                             \
            memcpy(&a, x + i, sizeof a);                                                           \
            memcpy(&b, e + i, sizeof b);                                                           \
            a = lane_##name(a, b);                                                                 \
            memcpy(y + i, &a, sizeof a);                                                           \
        }                                                                                          \
    }
PROBE_2(pow)
PROBE_2(precise_pow)
PROBE_2(min)
PROBE_2(max)
PROBE_2(atan2)
PROBE_2(hypot)

#define ENTRY(name) [PROBE_##name] = name##_frames,
const struct probes DSP(probes) = { .f = { PROBES_1(ENTRY) },
                                    .pow = pow_frames,
                                    .precise_pow = precise_pow_frames,
                                    .min = min_frames,
                                    .max = max_frames,
                                    .atan2 = atan2_frames,
                                    .hypot = hypot_frames };
