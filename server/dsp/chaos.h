/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/chaos.h - signals made of a map that is applied again and again.                    */
/* room: audio.                                                                                   */
/*                                                                                                */
/* A map magnifies what rounding does to it, so all is computed in scsynth's precision and order: */
/* the map in double, the time between its steps in float.                                        */
#ifndef SERVER_DSP_CHAOS_H
#define SERVER_DSP_CHAOS_H

#include "server/dsp/each.h"

/** How the values between two steps follow: held, on a line, on a cubic. */
enum chaos_curve { CHAOS_HELD, CHAOS_LINE, CHAOS_CUBIC };

/** One voice. `value` is what is heard of the map, newest first; x, y, z are the map's own. */
struct orbit {
    double x, y, z, value[4], cubic[4], part, start[4];
    float counter, on; /* frames since the last step; 0: it ran off, and waits */
};

/** The fields of a state, side by side. */
enum { ORBIT_DOUBLES = 3 + 4 + 4 + 1 + 4 };
struct chaos { double doubles[ORBIT_DOUBLES][LANE_W]; float counter[LANE_W], on[LANE_W]; };

LANE_FN struct orbit orbit_load(const struct chaos *s, int k)
{
    double d[ORBIT_DOUBLES];
    for (int i = 0; i < ORBIT_DOUBLES; i++)
        d[i] = s->doubles[i][k];
    return (struct orbit){ d[0], d[1], d[2],
                           { d[3], d[4], d[5], d[6] },
                           { d[7], d[8], d[9], d[10] }, d[11],
                           { d[12], d[13], d[14], d[15] }, s->counter[k], s->on[k] };
}

LANE_FN void orbit_store(struct chaos *s, int k, const struct orbit *o)
{
    const double d[ORBIT_DOUBLES] = {
        o->x, o->y, o->z, o->value[0], o->value[1], o->value[2], o->value[3], o->cubic[0],
        o->cubic[1], o->cubic[2], o->cubic[3], o->part, o->start[0], o->start[1], o->start[2],
        o->start[3]
    };
    for (int i = 0; i < ORBIT_DOUBLES; i++)
        s->doubles[i][k] = d[i];
    s->counter[k] = o->counter;
    s->on[k] = o->on;
}

/** A new value is heard: the others are one step older. */
LANE_FN void orbit_hear(struct orbit *o, double value)
{
    for (int i = 3; i > 0; i--)
        o->value[i] = o->value[i - 1];
    o->value[0] = value;
}

/** The cubic between the two values in the middle. */
LANE_FN void orbit_bend(struct orbit *o)
{
    const double a = o->value[3], b = o->value[2], c = o->value[1], d = o->value[0];
    o->cubic[0] = b;
    o->cubic[1] = 0.5 * (c - a);
    o->cubic[2] = a - 2.5 * b + c + c - 0.5 * d;
    o->cubic[3] = 0.5 * (d - a) + 1.5 * (b - c);
}

LANE_FN double orbit_cubic(const struct orbit *o)
{
    const double t = (double)(float)o->part, *const c = o->cubic;
    return ((c[3] * t + c[2]) * t + c[1]) * t + c[0];
}

/** Frames from step to step of a frequency; input 0 of every such unit. */
LANE_FN float chaos_frames(const struct dsp_block *b, int k, uint32_t frame)
{
    const float freq = each_in(b, 0, k, frame);
    return freq < b->rate_hz ? b->rate_hz / (freq > 0.001f ? freq : 0.001f) : 1.0f;
}

/** A remainder in 0 .. hi as scsynth takes it: without a division where one subtraction does. */
LANE_FN double chaos_wrap(double x, double hi)
{
    const double near = x >= hi ? x - hi : x < 0.0 ? x + hi : x;
    return near >= 0.0 && near < hi ? near : near - hi * floor(near / hi);
}

/** The same of an angle; scsynth's cuts off towards zero, so that one far below stays negative. */
LANE_FN double chaos_wrap_angle(double x)
{
    const double turn = 6.283185307179586;
    const double near = x >= turn ? x - turn : x < 0.0 ? x + turn : x;
    return near >= 0.0 && near < turn ? near : near - turn * trunc(near * 0.1591549430918953);
}

/** What a value may be before it counts as run off. */
#define CHAOS_FAR 1e6

LANE_FN bool chaos_is_far(double x) { return !(fabs(x) < CHAOS_FAR); }

/** A constant of a map, or where it starts. */
LANE_FN double chaos_in(const struct dsp_block *b, uint32_t input, int k, uint32_t frame)
{
    return (double)each_in(b, input, k, frame);
}

/**
 * A map. `step` goes on by one and hears the new value, `level` is what is made of a value. A map
 * that has `n_start` inputs from `first_start` on begins there and starts over where one of them
 * moves; its first cubic is `flat` times the first value. Others have `begin`.
 */
struct chaos_map {
    void (*step)(struct orbit *o, const struct dsp_block *b, int k, uint32_t frame);
    double (*level)(double value);
    uint32_t first_start, n_start;
    double flat;
    void (*begin)(struct orbit *o, const struct dsp_block *b);
};

/** Goes to the start that the inputs give. */
LANE_FN void chaos_start(struct orbit *o, const struct dsp_block *b, int k, uint32_t frame,
                         const struct chaos_map *map)
{
    double at[3] = { 0.0, 0.0, 0.0 };
    for (uint32_t i = 0; i < map->n_start; i++) {
        o->start[i] = chaos_in(b, map->first_start + i, k, frame);
        at[i] = chaos_is_far(o->start[i]) ? 0.0 : o->start[i];
    }
    o->x = at[0], o->y = at[1], o->z = at[2];
    orbit_hear(o, o->x);
}

/** Starts over where a start moves, or where the map ran off. */
LANE_FN void chaos_check(struct orbit *o, const struct dsp_block *b, int k, uint32_t frame,
                         const struct chaos_map *map)
{
    bool moves = chaos_is_far(o->x) || chaos_is_far(o->y) || chaos_is_far(o->z);
    for (uint32_t i = 0; i < map->n_start; i++)
        moves |= o->start[i] != chaos_in(b, map->first_start + i, k, frame);
    if (moves)
        chaos_start(o, b, k, frame, map);
}

LANE_FN float chaos_frame(struct orbit *o, const struct dsp_block *b, int k, uint32_t frame,
                          const struct chaos_map *map, enum chaos_curve curve)
{
    const float frames = chaos_frames(b, k, frame);
    if (map->n_start > 0)
        chaos_check(o, b, k, frame, map);
    if (o->counter >= frames) {
        o->counter -= frames;
        o->part = 0.0;
        map->step(o, b, k, frame);
        if (curve == CHAOS_CUBIC)
            orbit_bend(o);
    }
    o->counter += 1.0f;
    double value = o->value[0];
    if (curve == CHAOS_LINE)
        value = o->value[1] + (o->value[0] - o->value[1]) * o->part;
    else if (curve == CHAOS_CUBIC)
        value = orbit_cubic(o);
    o->part += (double)(1.0f / frames);
    return (float)map->level(value);
}

LANE_FN void chaos_begin(struct orbit *o, const struct dsp_block *b, const struct chaos_map *map)
{
    if (map->begin) {
        map->begin(o, b);
        return;
    }
    chaos_start(o, b, 0, 0, map);
    for (int i = 0; i < 4; i++) {
        o->value[i] = o->x;
        o->cubic[i] = o->x * map->flat;
    }
}

/** As scsynth's it is born one frame into its course. */
LANE_FN void chaos_init(void *state, const struct dsp_block *b, const struct chaos_map *map,
                        enum chaos_curve curve)
{
    struct orbit o = { .on = 1.0f };
    chaos_begin(&o, b, map);
    chaos_frame(&o, b, 0, 0, map, curve);
    orbit_store(state, 0, &o);
}

LANE_FN void chaos_process(void *state, const struct dsp_block *b, const struct chaos_map *map,
                           enum chaos_curve curve)
{
    FOR_EACH_VOICE(k) {
        struct orbit o = orbit_load(state, k);
        for (uint32_t i = 0; i < b->n_frames; i++)
            *each_out(b, k, i) = chaos_frame(&o, b, k, i, map, curve);
        orbit_store(state, k, &o);
    }
}

/** The kernel of a unit. */
#define CHAOS_UNIT(name, map, curve)                                                              \
    PH_RT static void name##_init(void *state, const struct dsp_block *b)                         \
    {                                                                                             \
        chaos_init(state, b, &map, curve);                                                        \
    }                                                                                             \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                      \
    {                                                                                             \
        chaos_process(state, b, &map, curve);                                                     \
    }                                                                                             \
    const struct dsp_unit DSP(dsp_##name) = { sizeof(struct chaos), name##_init, name##_process,  \
                                              NULL, ORBIT_DOUBLES }

LANE_FN double chaos_level(double value) { return value; }

#endif
