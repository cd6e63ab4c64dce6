/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/graph.h - short words for building the graphs of events and orbits.                */
/* room: command thread. Failures gather in the build: ph_build_end() tells.                      */
#ifndef SERVER_DIRT_GRAPH_H
#define SERVER_DIRT_GRAPH_H

#include "protocol/synthdef.h"
#include "protocol/units.h"

/** A definition under construction. */
struct graph {
    struct ph_build b;
    enum ph_rate knobs; /* rate of parameters: scalar, or control where one follows a bus */
    float rate_hz;
};

/** Channels on their way: one until they are panned, then two. */
struct sound {
    uint32_t n;
    struct ph_input c[2];
};

/** Shape numbers of EnvGen's segments: SCSYNTH 4. */
enum { SHAPE_LINEAR = 1, SHAPE_SINE = 3, SHAPE_CURVE = 5 };

static inline struct ph_input num(struct graph *g, float x)
{
    return ph_build_constant(&g->b, x);
}

/** A parameter of the event, whole for its life unless it follows a bus. */
static inline struct ph_input knob(struct graph *g, const char *name, float initial)
{
    return ph_build_control(&g->b, name, initial, g->knobs);
}

/** A parameter that nothing moves. */
static inline struct ph_input fixed(struct graph *g, const char *name, float initial)
{
    return ph_build_control(&g->b, name, initial, PH_SCALAR);
}

static inline enum ph_rate rate_of(const struct graph *g, struct ph_input x)
{
    return x.unit < 0 || (uint32_t)x.unit >= g->b.def.n_units
               ? PH_SCALAR
               : (enum ph_rate)g->b.def.units[x.unit].output_rates[x.output];
}

static inline struct ph_input output(struct ph_input unit, int32_t number)
{
    return (struct ph_input){ unit.unit, unit.unit < 0 ? 0 : number };
}

#define UNIT_OUTPUTS(g, name, rate, n_outputs, ...)                                                \
    ph_build_unit(&(g)->b, name, rate, 0, n_outputs, (const struct ph_input[]){ __VA_ARGS__ },     \
                  sizeof (const struct ph_input[]){ __VA_ARGS__ } / sizeof(struct ph_input), 0)
/** A unit with one output, by SuperCollider's name and order of inputs. */
#define UNIT(g, name, rate, ...) UNIT_OUTPUTS(g, name, rate, 1, __VA_ARGS__)

static inline struct ph_input binary(struct graph *g, enum ph_binary op, struct ph_input x,
                                     struct ph_input y)
{
    const enum ph_rate a = rate_of(g, x), b = rate_of(g, y);
    const struct ph_input inputs[] = { x, y };
    return ph_build_unit(&g->b, "BinaryOpUGen", a > b ? a : b, (int16_t)op, 1, inputs, 2, 0);
}
static inline struct ph_input add(struct graph *g, struct ph_input x, struct ph_input y)
{
    return binary(g, PH_BINARY_ADD, x, y);
}
static inline struct ph_input sub(struct graph *g, struct ph_input x, struct ph_input y)
{
    return binary(g, PH_BINARY_SUB, x, y);
}
static inline struct ph_input mul(struct graph *g, struct ph_input x, struct ph_input y)
{
    return binary(g, PH_BINARY_MUL, x, y);
}
static inline struct ph_input over(struct graph *g, struct ph_input x, struct ph_input y)
{
    return binary(g, PH_BINARY_FDIV, x, y);
}
static inline struct ph_input scaled(struct graph *g, struct ph_input x, float factor, float term)
{
    const struct ph_input product = factor == 1.0f ? x : mul(g, x, num(g, factor));
    return term == 0.0f ? product : add(g, product, num(g, term));
}
static inline struct ph_input unary(struct graph *g, enum ph_unary op, struct ph_input x)
{
    return ph_build_unit(&g->b, "UnaryOpUGen", rate_of(g, x), (int16_t)op, 1, &x, 1, 0);
}
static inline struct ph_input clipped(struct graph *g, struct ph_input x, float low, float high)
{
    return UNIT(g, "Clip", rate_of(g, x), x, num(g, low), num(g, high));
}
/** From a .. b, clipped to it, along a line to c .. d. */
static inline struct ph_input linlin(struct graph *g, struct ph_input x, float a, float b, float c,
                                     float d)
{
    const float slope = (d - c) / (b - a);
    return scaled(g, clipped(g, x, a, b), slope, c - a * slope);
}
/** Likewise along an exponential: c (d / c)^((x - a) / (b - a)). */
static inline struct ph_input linexp(struct graph *g, struct ph_input x, float a, float b, float c,
                                     float d)
{
    const struct ph_input part = linlin(g, x, a, b, 0, 1);
    return scaled(g, binary(g, PH_BINARY_POW, num(g, d / c), part), c, 0);
}

/** Each channel through a unit whose first input it is. */
#define EACH(g, s, name, ...)                                                                      \
    do                                                                                             \
        for (uint32_t i_ = 0; i_ < (s)->n; i_++)                                                   \
            (s)->c[i_] = UNIT(g, name, PH_AUDIO, (s)->c[i_], __VA_ARGS__);                         \
    while (0)

/** Each channel times the same. */
static inline void amplify(struct graph *g, struct sound *s, struct ph_input by)
{
    for (uint32_t i = 0; i < s->n; i++)
        s->c[i] = mul(g, s->c[i], by);
}

/**
 * SelectX: equal power between the sounds on both sides of `which`, which counts from 0. Outside
 * the list both sides are its last one, louder by up to 3 dB.
 */
static inline struct ph_input select_x(struct graph *g, struct ph_input which,
                                       const struct ph_input *list, uint32_t n)
{
    const struct ph_input two = num(g, 2);
    const struct ph_input even = binary(g, PH_BINARY_ROUND, which, two);
    const struct ph_input odd = scaled(g, binary(g, PH_BINARY_TRUNC, which, two), 1, 1);
    const struct ph_input place = binary(g, PH_BINARY_FOLD2, scaled(g, which, 2, -1), num(g, 1));
    struct ph_input inputs[4] = { even };
    for (uint32_t i = 0; i < n && i < 3; i++)
        inputs[1 + i] = list[i];
    const struct ph_input a = ph_build_unit(&g->b, "Select", PH_AUDIO, 0, 1, inputs, 1 + n, 0);
    inputs[0] = odd;
    const struct ph_input b = ph_build_unit(&g->b, "Select", PH_AUDIO, 0, 1, inputs, 1 + n, 0);
    return UNIT(g, "XFade2", PH_AUDIO, a, b, place, num(g, 1));
}

#endif
