/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/fastmath_probe.c - fastmath.h over arrays, built once per set and lane width. */
#include "tests/server/dsp/fastmath_probe.h"

#include "server/dsp/fastmath.h"

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
PROBE_2(min)
PROBE_2(max)
PROBE_2(atan2)
PROBE_2(hypot)

#define ENTRY(name) [PROBE_##name] = name##_frames,
const struct probes DSP(probes) = { .f = { PROBES_1(ENTRY) }, .pow = pow_frames, .min = min_frames,
                                    .max = max_frames, .atan2 = atan2_frames,
                                    .hypot = hypot_frames };
