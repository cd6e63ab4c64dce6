/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/chaos_held.c - maps that don't start over when their start moves: gingerbread man,  */
/* linear congruential, Henon.                                                                    */
/* room: audio. The same holds as in chaos.c.                                                     */
#include "server/dsp/chaos.h"

/* -------------------------------------------------------------------------------------- Gbman */

/*
 * GbmanN, GbmanL - x = 1 - y + |x|, y = the x before
 *
 * in      [0] freq   [1] xi   [2] yi: read at birth
 * out     [0] x
 */
static void gbman_step(struct orbit *o, const struct dsp_block *b, int k, uint32_t frame)
{
    (void)b, (void)k, (void)frame;
    const double x = o->x;
    o->x = x < 0.0 ? 1.0 - o->y - x : 1.0 - o->y + x;
    o->y = x;
    if (chaos_is_far(o->x))
        o->x = o->y = 0.0;
    orbit_hear(o, o->x);
}
static void gbman_begin(struct orbit *o, const struct dsp_block *b)
{
    o->x = o->value[0] = chaos_in(b, 1, 0, 0);
    o->y = o->value[1] = chaos_in(b, 2, 0, 0);
}
static const struct chaos_map gbman = { gbman_step, chaos_level, 0, 0, 0.0, gbman_begin };
CHAOS_UNIT(GbmanN, gbman, CHAOS_HELD);
CHAOS_UNIT(GbmanL, gbman, CHAOS_LINE);

/* ------------------------------------------------------------------------------------ LinCong */

/*
 * LinCongN, LinCongL, LinCongC - x = (a x + c) turned into 0 .. m
 *
 * in      [0] freq   [1] a   [2] c   [3] m, at least 0.001   [4] xi: read at birth
 * out     [0] x as -1 .. 1. Before the first step L and C come from xi itself, as in scsynth
 */
static double lin_cong_modulus(const struct dsp_block *b, int k, uint32_t frame)
{
    const float m = each_in(b, 3, k, frame);
    return (double)(m > 0.001f ? m : 0.001f);
}
static double lin_cong_level(double x, double m)
{
    return x * (2.0 / m) - 1.0;
}
static void lin_cong_step(struct orbit *o, const struct dsp_block *b, int k, uint32_t frame)
{
    const double m = lin_cong_modulus(b, k, frame);
    o->x = chaos_wrap(o->x * chaos_in(b, 1, k, frame) + chaos_in(b, 2, k, frame), m);
    if (!isfinite(o->x))
        o->x = 0.0;
    orbit_hear(o, lin_cong_level(o->x, m));
}
static void lin_cong_begin(struct orbit *o, const struct dsp_block *b)
{
    o->x = chaos_in(b, 4, 0, 0);
    for (int i = 0; i < 4; i++)
        o->value[i] = o->cubic[i] = o->x;
    o->value[0] = lin_cong_level(o->x, lin_cong_modulus(b, 0, 0));
}
static const struct chaos_map lin_cong = { lin_cong_step, chaos_level, 0, 0, 0.0, lin_cong_begin };
CHAOS_UNIT(LinCongN, lin_cong, CHAOS_HELD);
CHAOS_UNIT(LinCongL, lin_cong, CHAOS_LINE);
CHAOS_UNIT(LinCongC, lin_cong, CHAOS_CUBIC);

/* -------------------------------------------------------------------------------------- Henon */

/*
 * HenonN, HenonL, HenonC - x = 1 - a x^2 + b y, y = the x before
 *
 * in      [0] freq   [1] a   [2] b   [3] x0   [4] x1: where it starts
 * out     [0] x; of N the one before. Past +-1.5 it waits until one of the inputs moves: N at x0, L
 *         at 0, C between 0 and 1
 * source  Henon 1976
 *
 * The two last x are value[0] and value[1]; N and C differ in what they begin with.
 */
enum { HENON_INPUTS = 4 };

/** Past its bounds: what is heard until an input moves. */
LANE_FN void henon_stop(struct orbit *o, double x0, double x1, enum chaos_curve curve)
{
    o->on = 0.0f;
    o->value[0] = curve == CHAOS_HELD ? x1 : curve == CHAOS_CUBIC ? 1.0 : 0.0;
    o->value[1] = curve == CHAOS_HELD ? x0 : 0.0;
    o->value[2] = o->value[3] = 0.0;
}

/** Starts over if it waits. */
LANE_FN void henon_check(struct orbit *o, const struct dsp_block *b, int k, uint32_t frame,
                         enum chaos_curve curve)
{
    bool moves = false;
    for (uint32_t i = 0; i < HENON_INPUTS; i++) {
        const double now = chaos_in(b, 1 + i, k, frame);
        moves |= now != o->start[i];
        o->start[i] = now;
    }
    if (moves && o->on == 0.0f) {
        o->on = 1.0f;
        o->value[3] = o->value[2];
        o->value[0] = o->start[curve == CHAOS_CUBIC ? 3 : 2];
        o->value[1] = o->value[2] = o->start[2];
    }
}

LANE_FN void henon_step(struct orbit *o, enum chaos_curve curve)
{
    const double a = o->start[0], b = o->start[1];
    if (o->on != 0.0f) {
        const double x = 1.0 - a * o->value[0] * o->value[0] + b * o->value[1];
        if (x <= 1.5 && x >= -1.5)
            orbit_hear(o, x);
        else
            henon_stop(o, o->start[2], o->start[3], curve);
        o->part = 0.0;
        orbit_bend(o);
    } else if (curve == CHAOS_CUBIC) {
        o->part = 0.0;
    }
}

LANE_FN float henon_frame(struct orbit *o, const struct dsp_block *b, int k, uint32_t frame,
                          enum chaos_curve curve)
{
    const float frames = chaos_frames(b, k, frame);
    henon_check(o, b, k, frame, curve);
    if (o->counter >= frames) {
        o->counter -= frames;
        henon_step(o, curve);
    }
    o->counter += 1.0f;
    double value = o->value[1];
    if (curve == CHAOS_LINE)
        value = o->value[1] + (o->value[0] - o->value[1]) * o->part;
    else if (curve == CHAOS_CUBIC)
        value = orbit_cubic(o);
    o->part += (double)(1.0f / frames);
    return (float)value;
}

LANE_FN void henon_init(void *state, const struct dsp_block *b, enum chaos_curve curve)
{
    const double x0 = chaos_in(b, 3, 0, 0), x1 = chaos_in(b, 4, 0, 0);
    struct orbit o = { .on = 1.0f, .value = { x0, x1, x1, x1 } };
    if (curve == CHAOS_CUBIC)
        o.value[0] = x1, o.value[1] = x0;
    for (uint32_t i = 0; i < HENON_INPUTS; i++)
        o.start[i] = chaos_in(b, 1 + i, 0, 0);
    henon_frame(&o, b, 0, 0, curve);
    orbit_store(state, 0, &o);
}

LANE_FN void henon_process(void *state, const struct dsp_block *b, enum chaos_curve curve)
{
    FOR_EACH_VOICE(k) {
        struct orbit o = orbit_load(state, k);
        for (uint32_t i = 0; i < b->n_frames; i++)
            *each_out(b, k, i) = henon_frame(&o, b, k, i, curve);
        orbit_store(state, k, &o);
    }
}

#define HENON_UNIT(name, curve)                                                                   \
    PH_RT static void name##_init(void *state, const struct dsp_block *b)                         \
    {                                                                                             \
        henon_init(state, b, curve);                                                              \
    }                                                                                             \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                      \
    {                                                                                             \
        henon_process(state, b, curve);                                                           \
    }                                                                                             \
    const struct dsp_unit DSP(dsp_##name) = { sizeof(struct chaos), name##_init, name##_process,  \
                                              NULL, ORBIT_DOUBLES }
HENON_UNIT(HenonN, CHAOS_HELD);
HENON_UNIT(HenonL, CHAOS_LINE);
HENON_UNIT(HenonC, CHAOS_CUBIC);
