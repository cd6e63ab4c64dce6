/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/gendy.c - waveforms whose corners walk at random: Gendy1, Gendy2, Gendy3.           */
/* room: audio.                                                                                   */
#include "server/dsp/lane.h"
#include "server/dsp/random.h"

#if LANE_W == 1

/*
 * Gendy1, Gendy2 - from corner to corner of a period on straight lines. Each time a corner comes,
 * its level and the time to the next take a step of chance, and turn back at their bounds. Gendy2's
 * steps themselves walk so, and its levels follow a congruence of the last level.
 *
 * in      [0] ampdist, [1] durdist   distribution of the steps of level and time: 0 even, 1 Cauchy,
 *             2 logistic, 3 hyperbolic cosine, 4 arcsine, 5 exponential, 6 none: the parameter
 *         [2] adparam, [3] ddparam   its parameter, 0.0001 .. 1
 *         [4] minfreq, [5] maxfreq   Hz of a period, were all times alike
 *         [6] ampscale, [7] durscale factor on the steps
 *         [8] initCPs  corners, read at birth   [9] knum  how many of them count
 *         Gendy2: [10] a, [11] c of the congruence
 * out     [0] -1 .. 1, of Gendy2 up to 2
 * memory  per corner level and time; Gendy2 also their steps
 * cost    some ten operations per frame, and per corner up to four functions of libm
 * source  Xenakis 1992, Formalized Music; Serra 1993; Hoffmann 2000
 *
 * Gendy3 - the same of a given frequency: all corners of a period move when it begins, and times
 * are parts of it. A corner shorter than a frame is left out, and one that is over before its frame
 * comes is passed by: scsynth goes on in its line, far out. The first level stays 0.
 *
 * in      [0] .. [3] as above   [4] freq   [5] ampscale, [6] durscale   [7] initCPs   [8] knum
 * memory  per corner level and time, and those of this period
 * source  N. Collins, as in SuperCollider
 */
enum { AMP_DIST, DUR_DIST, AMP_PARAM, DUR_PARAM, FREQ };
enum { MAX_FREQ = FREQ + 1, WALK_SCALES = 6, WALK_CORNERS = 8, WALK_COUNT, WALK_A, WALK_C };
enum { PERIOD_SCALES = 5, PERIOD_CORNERS = 7, PERIOD_COUNT };
enum { CORNERS_MAX = 1 << 16, CORNERS_ASKED_MAX = 1 << 23 }; /* of four floats: 128 MiB */

static float gendy_in(const struct dsp_block *b, uint32_t input, uint32_t frame)
{
    const float x = dsp_value(b, input, frame);
    return fabsf(x) < 1e6f ? x : 0.0f;
}

/** Corners that the memory is to hold. What is asked for counts, though CORNERS_MAX play. */
static uint32_t gendy_corners(const struct dsp_block *b, uint32_t input)
{
    const float n = dsp_in(b, input)[0];
    return n >= 1 ? (n < CORNERS_ASKED_MAX ? (uint32_t)n : CORNERS_ASKED_MAX) : 1;
}

/** Corners that play, of a unit that has so many floats for each. */
static uint32_t gendy_held(const struct dsp_block *b, uint32_t floats)
{
    const uint32_t n = b->memory_frames / floats;
    return n < CORNERS_MAX ? n : CORNERS_MAX;
}

/** How many of n corners count. */
static uint32_t gendy_count(const struct dsp_block *b, uint32_t input, uint32_t frame, uint32_t n)
{
    const float asked = gendy_in(b, input, frame);
    return asked >= 1.0f && asked < (float)n + 1.0f ? (uint32_t)asked : n;
}

/* ------------------------------------------------------------------------------------- chance */

/** A step of -1 .. 1 (Cauchy's less) made of an even x of 0 .. 1. */
static float gendy_step(int32_t kind, float param, float x)
{
    const double a = param > 0.0001f ? param < 1.0f ? (double)param : 1.0 : 0.0001, f = (double)x;
    switch (kind) {
    case 1: return (float)(tan(atan(10.0 * a) * (2.0 * f - 1.0)) / a * 0.1);
    case 2: {
        const double edge = 0.5 + 0.499 * a, at = (f - 0.5) * 0.998 * a + 0.5;
        return (float)(log((1.0 - at) / at) / log((1.0 - edge) / edge));
    }
    case 3: {
        const double part = tan(1.5692255 * a * f) / tan(1.5692255 * a);
        return (float)(2.0 * log(part * 0.999 + 0.001) * -0.1447648 - 1.0);
    }
    case 4: return (float)(sin(3.14159265358979 * (f - 0.5) * a) / sin(1.5707963 * a));
    case 5: return (float)(2.0 * log(1.0 - f * 0.999 * a) / log(1.0 - 0.999 * a) - 1.0);
    case 6: return (float)(2.0 * a - 1.0);
    default: return 2.0f * x - 1.0f;
    }
}

/** A step of the distribution that input `dist` names, its parameter two inputs on. */
static float gendy_draw(const struct dsp_block *b, uint32_t dist, uint32_t frame, float x)
{
    return gendy_step((int32_t)gendy_in(b, dist, frame), gendy_in(b, dist + 2, frame), x);
}

/** x turned back at low and high. */
static float gendy_mirror(float x, float low, float high)
{
    if (x >= low && x <= high)
        return x;
    const float range = high - low, twice = 2.0f * range;
    const float c = (x - low) - twice * floorf((x - low) / twice);
    const float y = low + (c > range ? twice - c : c);
    return y >= low && y <= high ? y : low; /* what is no number too */
}

/**
 * The same as scsynth's Gendy2 and Gendy3 have it: what falls below `low` comes back off by `low`,
 * so that levels reach 2. They would sound otherwise without.
 */
static float gendy_bounce(float x, float low, float high)
{
    if (x >= low && x <= high)
        return x;
    const float range = high - low, y = x < low ? 2.0f * high - low - x : x;
    const float c = fmodf(y - high, 2.0f * range);
    const float z = c < range ? high - c : c - range;
    return fabsf(z) <= 2.0f ? z : low; /* what is no number too */
}

/* ---------------------------------------------------------------------------- Gendy1, Gendy2 */

struct gendy_walk { double phase; float from, to, speed; uint32_t index; struct chance chance; };
struct corner { float level, time; };
struct walking_corner { float level, time, level_step, time_step; };

/** How fast the way to the next corner goes; a frame long at least. */
static float gendy_speed(const struct dsp_block *b, uint32_t frame, float time, uint32_t n)
{
    const float low = gendy_in(b, FREQ, frame), high = gendy_in(b, MAX_FREQ, frame);
    const float speed = (low + (high - low) * time) * (1.0f / b->rate_hz) * (float)n;
    return speed < 1.0f ? speed > 0.0f ? speed : 0.0f : 1.0f;
}

static void gendy1_turn(struct gendy_walk *s, const struct dsp_block *b, uint32_t frame, uint32_t n)
{
    struct corner *const c = (struct corner *)b->memory + s->index;
    const float level = gendy_draw(b, AMP_DIST, frame, chance_unit(&s->chance));
    const float time = gendy_draw(b, DUR_DIST, frame, chance_unit(&s->chance));
    c->level = gendy_mirror(c->level + gendy_in(b, WALK_SCALES, frame) * level, -1.0f, 1.0f);
    c->time = gendy_mirror(c->time + gendy_in(b, WALK_SCALES + 1, frame) * time, 0.0f, 1.0f);
    s->from = s->to;
    s->to = c->level;
    s->speed = gendy_speed(b, frame, c->time, n);
}

static void gendy2_turn(struct gendy_walk *s, const struct dsp_block *b, uint32_t frame, uint32_t n)
{
    struct walking_corner *const c = (struct walking_corner *)b->memory + s->index;
    const float next = s->from * gendy_in(b, WALK_A, frame) + gendy_in(b, WALK_C, frame);
    const float level = gendy_draw(b, AMP_DIST, frame, fabsf(fmodf(next, 1.0f)));
    const float time = gendy_draw(b, DUR_DIST, frame, chance_unit(&s->chance));
    c->level_step = gendy_bounce(c->level_step + level, -1.0f, 1.0f);
    c->time_step = gendy_bounce(c->time_step + time, -1.0f, 1.0f);
    const float more = gendy_in(b, WALK_SCALES, frame) * c->level_step;
    const float later = gendy_in(b, WALK_SCALES + 1, frame) * c->time_step;
    c->level = gendy_bounce(c->level + more, -1.0f, 1.0f);
    c->time = gendy_bounce(c->time + later, 0.0f, 1.0f);
    s->from = s->to;
    s->to = c->level;
    s->speed = gendy_speed(b, frame, c->time, n);
}

typedef void gendy_turn(struct gendy_walk *s, const struct dsp_block *b, uint32_t frame,
                        uint32_t n);
LANE_FN void gendy_walk(void *state, const struct dsp_block *b, uint32_t n, gendy_turn *turn)
{
    struct gendy_walk *const s = state;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (s->phase >= 1.0) {
            const uint32_t count = gendy_count(b, WALK_COUNT, i, n);
            s->phase -= 1.0;
            s->index = (s->index + 1) % count;
            turn(s, b, i, count);
        }
        dsp_out(b, 0)[i] = (float)((1.0 - s->phase) * (double)s->from + s->phase * (double)s->to);
        s->phase += (double)s->speed;
    }
}

static uint32_t gendy1_memory(const struct dsp_block *b)
{
    return gendy_corners(b, WALK_CORNERS) * (uint32_t)(sizeof(struct corner) / sizeof(float));
}
PH_RT static void gendy1_init(void *state, const struct dsp_block *b)
{
    struct gendy_walk *const s = state;
    struct corner *const corners = (struct corner *)b->memory;
    *s = (struct gendy_walk){ .phase = 1.0, .chance = chance_new(b) };
    for (uint32_t i = 0; i < gendy_held(b, 2); i++) {
        corners[i].level = chance_bipolar(&s->chance);
        corners[i].time = chance_unit(&s->chance);
    }
}
PH_RT static void gendy1_process(void *state, const struct dsp_block *b)
{
    chance_begin(&((struct gendy_walk *)state)->chance, b);
    gendy_walk(state, b, gendy_held(b, 2), gendy1_turn);
}
const struct dsp_unit DSP(dsp_Gendy1) = { sizeof(struct gendy_walk), gendy1_init, gendy1_process,
                                          gendy1_memory, 1 };

static uint32_t gendy2_memory(const struct dsp_block *b)
{
    return 2 * gendy1_memory(b);
}
PH_RT static void gendy2_init(void *state, const struct dsp_block *b)
{
    struct gendy_walk *const s = state;
    struct walking_corner *const corners = (struct walking_corner *)b->memory;
    *s = (struct gendy_walk){ .phase = 1.0, .chance = chance_new(b) };
    for (uint32_t i = 0; i < gendy_held(b, 4); i++) {
        corners[i].level = chance_bipolar(&s->chance);
        corners[i].time = chance_unit(&s->chance);
        corners[i].level_step = chance_bipolar(&s->chance);
        corners[i].time_step = chance_bipolar(&s->chance);
    }
}
PH_RT static void gendy2_process(void *state, const struct dsp_block *b)
{
    chance_begin(&((struct gendy_walk *)state)->chance, b);
    gendy_walk(state, b, gendy_held(b, 4), gendy2_turn);
}
const struct dsp_unit DSP(dsp_Gendy2) = { sizeof(struct gendy_walk), gendy2_init, gendy2_process,
                                          gendy2_memory, 1 };

/* ------------------------------------------------------------------------------------- Gendy3 */

/**
 * `begins`, `ends`: phases of the corner that sounds; `rate`: whole corners of its length a period.
 */
struct gendy3 {
    double phase, begins, ends;
    float from, to, speed, rate;
    int32_t index, n_active;
    struct chance chance;
};

/** Memory: n corners that walk, then those of this period and one behind them. */
static struct corner *gendy3_period(const struct dsp_block *b)
{
    const uint32_t n = (b->memory_frames / 2 - 1) / 2;
    return (struct corner *)b->memory + (n < CORNERS_MAX ? n : CORNERS_MAX);
}

/** Moves the corners; the sum of their times. */
static float gendy3_move(struct gendy3 *s, const struct dsp_block *b, uint32_t frame, uint32_t n)
{
    struct corner *const corners = (struct corner *)b->memory;
    float sum = 0.0f;
    for (uint32_t i = 0; i < n; i++) {
        struct corner *const c = &corners[i];
        if (i > 0) {
            const float level = gendy_draw(b, AMP_DIST, frame, chance_unit(&s->chance));
            c->level =
                gendy_bounce(c->level + gendy_in(b, PERIOD_SCALES, frame) * level, -1.0f, 1.0f);
        }
        const float time = gendy_draw(b, DUR_DIST, frame, chance_unit(&s->chance));
        c->time = gendy_bounce(c->time + gendy_in(b, PERIOD_SCALES + 1, frame) * time, 0.01f, 1.0f);
        sum += c->time;
    }
    return sum;
}

/** A new period: its corners, the first of which follows at once. */
static void gendy3_begin(struct gendy3 *s, const struct dsp_block *b, uint32_t frame)
{
    const struct corner *const corners = (const struct corner *)b->memory;
    struct corner *const period = gendy3_period(b);
    const uint32_t n = gendy_count(b, PERIOD_COUNT, frame, (uint32_t)(period - corners));
    const float scale = 1.0f / gendy3_move(s, b, frame, n), shortest = 1.0f / b->rate_hz;
    const float speed = gendy_in(b, FREQ, frame) * shortest;
    s->speed = speed < 1.0f ? speed > 0.0f ? speed : 0.0f : 1.0f;
    s->n_active = 0;
    for (uint32_t i = 0; i < n; i++)
        if (corners[i].time * scale >= shortest)
            period[s->n_active++] = (struct corner){ corners[i].level, corners[i].time * scale };
    period[s->n_active] = (struct corner){ 0.0f, 2.0f };
    s->ends = 0.0;
    s->to = period[0].level;
    s->index = -1;
}

static void gendy3_corner(struct gendy3 *s, const struct dsp_block *b)
{
    const struct corner *const period = gendy3_period(b);
    s->index++;
    s->from = s->to;
    s->begins = s->ends;
    s->ends += (double)period[s->index].time;
    s->to = period[s->index < s->n_active ? s->index + 1 : s->index].level;
    s->rate = truncf((float)(1.0 / (s->ends - s->begins)));
}

static uint32_t gendy3_memory(const struct dsp_block *b)
{
    return (2 * gendy_corners(b, PERIOD_CORNERS) + 1) *
           (uint32_t)(sizeof(struct corner) / sizeof(float));
}

PH_RT static void gendy3_init(void *state, const struct dsp_block *b)
{
    struct gendy3 *const s = state;
    struct corner *const corners = (struct corner *)b->memory;
    *s = (struct gendy3){ .phase = 1.0, .chance = chance_new(b) };
    for (struct corner *c = corners; c < gendy3_period(b); c++)
        *c = (struct corner){ chance_bipolar(&s->chance), chance_unit(&s->chance) };
    corners[0].level = 0.0f;
}

PH_RT static void gendy3_process(void *state, const struct dsp_block *b)
{
    struct gendy3 *const s = state;
    chance_begin(&s->chance, b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (s->phase >= 1.0) {
            s->phase -= 1.0;
            gendy3_begin(s, b, i);
        }
        while (s->phase >= s->ends && s->index < s->n_active)
            gendy3_corner(s, b);
        const float part = (float)((s->phase - s->begins) * (double)s->rate);
        dsp_out(b, 0)[i] = (1.0f - part) * s->from + part * s->to;
        s->phase += (double)s->speed;
    }
}
const struct dsp_unit DSP(dsp_Gendy3) = { sizeof(struct gendy3), gendy3_init, gendy3_process,
                                          gendy3_memory, 3 };

#else
typedef int gendy_has_no_wide_form; /* a translation unit must declare something */
#endif
