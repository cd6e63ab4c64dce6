/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/synth_parts.c - envelopes, pitch and places of SuperDirt's synths.                 */
/* room: command thread.                                                                          */
#include "server/dirt/synth_parts.h"

#include <math.h>

enum { NO_NODE = -99, SEGMENTS_MAX = 4 };

/* ---- places ---------------------------------------------------------------------------------- */

struct sound dirt_splay(struct graph *g, const struct ph_input *list, uint32_t n,
                        struct ph_input width, float level)
{
    const float all = level / sqrtf((float)n);
    struct ph_input left = { -1, 0 }, right = left;
    for (uint32_t i = 0; i < n; i++) {
        const float place = 2.0f * (float)i / (float)(n - 1) - 1.0f;
        const struct ph_input x = UNIT_OUTPUTS(g, "Pan2", PH_AUDIO, 2, list[i],
                                               scaled(g, width, place, 0), num(g, all));
        left = i == 0 ? x : add(g, left, x);
        right = i == 0 ? output(x, 1) : add(g, right, output(x, 1));
    }
    return (struct sound){ 2, { left, right } };
}

void dirt_weights(struct graph *g, struct ph_input place, uint32_t n, struct ph_input *weights)
{
    const struct ph_input inside = clipped(g, place, 0, (float)(n - 1));
    for (uint32_t k = 0; k < n; k++) {
        const struct ph_input off = binary(g, PH_BINARY_ABSDIF, inside, num(g, (float)k));
        const struct ph_input near = binary(g, PH_BINARY_MIN, off, num(g, 1));
        const struct ph_input quarter_turn = scaled(g, near, 1.57079633f, 0);
        weights[k] = unary(g, PH_UNARY_COS, quarter_turn);
    }
}

struct ph_input dirt_weighed(struct graph *g, const struct ph_input *weights, uint32_t n,
                             const float *column, uint32_t stride)
{
    struct ph_input all = num(g, 0);
    for (uint32_t k = 0; k < n; k++)
        if (column[k * stride] != 0)
            all = add(g, all, scaled(g, weights[k], column[k * stride], 0));
    return all;
}

/* ---- envelopes ------------------------------------------------------------------------------- */

struct ph_input dirt_envelope(struct graph *g, enum ph_rate rate, struct ph_input time_scale,
                              struct ph_input first, const struct dirt_segment *list, uint32_t n,
                              int shape, float curve)
{
    const struct ph_input one = num(g, 1), zero = num(g, 0), none = num(g, NO_NODE);
    struct ph_input inputs[9 + 4 * SEGMENTS_MAX] = { one, one, zero, time_scale, zero, first,
                                                     num(g, (float)n), none, none };
    for (uint32_t i = 0; i < n && i < SEGMENTS_MAX; i++) {
        inputs[9 + 4 * i] = list[i].level;
        inputs[10 + 4 * i] = list[i].seconds;
        inputs[11 + 4 * i] = num(g, (float)shape);
        inputs[12 + 4 * i] = num(g, curve);
    }
    return ph_build_unit(&g->b, "EnvGen", rate, 0, 1, inputs, 9 + 4 * n, 0);
}

struct ph_input dirt_trapezoid(struct graph *g, struct ph_input time_scale, float up, float along,
                               float down, float curve)
{
    const struct ph_input one = num(g, 1), zero = num(g, 0);
    const struct dirt_segment list[] = { { one, num(g, up) }, { one, num(g, along) },
                                         { zero, num(g, down) } };
    return dirt_envelope(g, PH_AUDIO, time_scale, zero, list, 3, SHAPE_CURVE, curve);
}

struct ph_input dirt_strike(struct graph *g, struct ph_input time_scale, float up,
                            struct ph_input down, float level, float curve)
{
    const struct ph_input zero = num(g, 0);
    const struct dirt_segment list[] = { { num(g, level), num(g, up) }, { zero, down } };
    return dirt_envelope(g, PH_AUDIO, time_scale, zero, list, 2, SHAPE_CURVE, curve);
}

struct ph_input dirt_swell(struct graph *g, struct ph_input time_scale, float level)
{
    const struct ph_input zero = num(g, 0), half = num(g, 0.5f);
    const struct dirt_segment list[] = { { num(g, level), half }, { zero, half } };
    return dirt_envelope(g, PH_AUDIO, time_scale, zero, list, 2, SHAPE_SINE, 0);
}

struct ph_input dirt_decaying(struct graph *g, struct ph_input sustain, float up, float curve)
{
    const struct ph_input one = num(g, 1), zero = num(g, 0);
    const struct ph_input level = sub(g, one, knob(g, "decay", 0));
    const struct dirt_segment list[] = { { one, num(g, up) }, { level, num(g, 0.2f - up) },
                                         { level, num(g, 0.75f) }, { zero, num(g, 0.05f) } };
    return dirt_envelope(g, PH_AUDIO, sustain, zero, list, 4, SHAPE_CURVE, curve);
}

/* ---- what all events have -------------------------------------------------------------------- */

struct ph_input dirt_bend(struct graph *g, struct ph_input seconds)
{
    const struct ph_input one = num(g, 1);
    const struct ph_input speed = unary(g, PH_UNARY_ABS, knob(g, "speed", 1));
    const struct ph_input last = mul(g, speed, add(g, knob(g, "accelerate", 0), one));
    const struct ph_input now = line(g, PH_CONTROL, speed, last, seconds);
    return UNIT(g, "MulAdd", PH_CONTROL, sub(g, now, one), fixed(g, "speedFreq", 1), one);
}

struct ph_input dirt_pitch(struct graph *g, struct ph_input sustain)
{
    return mul(g, knob(g, "freq", NOTE_0_HZ), dirt_bend(g, sustain));
}
