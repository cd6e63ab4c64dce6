/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/demand_env.c - an envelope whose segments come from streams.                        */
/* room: audio. Synths with demand units run alone.                                               */
#include <float.h>
#include <math.h>

#include "server/dsp/lane.h"
#include "server/dsp/part.h"

#if LANE_W == 1

enum { ENV_LEVEL, ENV_DUR, ENV_SHAPE, ENV_CURVE, ENV_GATE, ENV_RESET, ENV_SCALE, ENV_BIAS, ENV_TIME,
       ENV_ACTION };

/** Numbers of segment shapes: SCSYNTH 2. */
enum { SHAPE_STEP, SHAPE_LINEAR, SHAPE_EXPONENTIAL, SHAPE_SINE, SHAPE_WELCH, SHAPE_CURVE,
       SHAPE_SQUARED, SHAPE_CUBED, SHAPE_HOLD };

struct demand_env {
    double level, from, to; /* now, and of the segment */
    double n, at;           /* frames of the segment, and those that are over */
    /* frames, single as in scsynth: on which frame the next segment begins */
    float left;
    float curve, reset;     /* reset: the last frame's */
    int32_t shape;
    uint32_t runs, releases; /* releases: the segment is the last */
    uint32_t runs_next;      /* with the next block */
    struct part_line line;
};

/** Level of the segment at share x of its time. The shapes are those of EnvGen. */
static double level_at(const struct demand_env *s, double x)
{
    const double d = s->to - s->from;
    switch (s->shape) {
    case SHAPE_STEP:
        return s->to;
    case SHAPE_LINEAR:
        return s->from + d * x;
    case SHAPE_EXPONENTIAL:
        return s->from * pow(s->to / s->from, x);
    case SHAPE_SINE:
        return s->from + d * (0.5 - 0.5 * cos(M_PI * x));
    case SHAPE_WELCH:
        return d >= 0 ? s->from + d * sin(M_PI_2 * x) : s->to - d * cos(M_PI_2 * x);
    case SHAPE_CURVE:
        return s->from + d * (1 - exp(s->curve * s->at / ceil(s->n))) / (1 - exp(s->curve));
    case SHAPE_SQUARED: {
        const double root = sqrt(s->from) + (sqrt(s->to) - sqrt(s->from)) * x;
        return root * root;
    }
    case SHAPE_CUBED: {
        const double from = pow(s->from, 1.0 / 3), root = from + (pow(s->to, 1.0 / 3) - from) * x;
        return root * root * root;
    }
    default:
        return s->level;
    }
}

/** What a stream gives, or, at its end, what stood before. */
static float next_or(const struct dsp_block *b, uint32_t input, uint32_t i, float kept)
{
    const float x = dsp_demand(b, input, i);
    return isnan(x) ? kept : x;
}

/** The next segment, from the level where it is. At the end of a stream it is the last one. */
PH_RT static void begin_segment(struct demand_env *s, const struct dsp_block *b, uint32_t i)
{
    const float dur = dsp_demand(b, ENV_DUR, i);
    if (isnan(dur)) {
        s->releases = true;
        s->runs = false;
        s->left = FLT_MAX;
    } else {
        s->left = dur * dsp_value(b, ENV_TIME, i) * b->rate_hz + s->left;
    }
    s->curve = next_or(b, ENV_CURVE, i, s->curve);
    const float shape = next_or(b, ENV_SHAPE, i, (float)s->shape);
    const bool is_short = s->left <= 1 || dur * 0.5f < 1 / b->rate_hz;
    s->shape = is_short || !(shape >= 0 && shape <= SHAPE_HOLD) ? SHAPE_LINEAR : (int32_t)shape;
    if (s->shape == SHAPE_CURVE && fabsf(s->curve) < 0.001f)
        s->shape = SHAPE_LINEAR;
    s->n = s->left <= 1 ? 1 : s->left;
    s->at = 0;
    s->from = s->level;
    const float level = dsp_demand(b, ENV_LEVEL, i);
    if (isnan(level)) {
        s->releases = true;
        s->left = 0;
        s->shape = SHAPE_STEP;
    } else {
        s->to = level * dsp_value(b, ENV_SCALE, i) + dsp_value(b, ENV_BIAS, i);
    }
}

/** A reset up to 1 keeps the level, a higher one jumps to the first of the stream. */
PH_RT static void begin_again(struct demand_env *s, const struct dsp_block *b, uint32_t i,
                              float reset)
{
    dsp_demand_reset(b, ENV_LEVEL, i);
    const float first = dsp_demand(b, ENV_LEVEL, i);
    if (reset > 1 && isfinite(first))
        s->level = first;
    dsp_demand_reset(b, ENV_DUR, i);
    dsp_demand_reset(b, ENV_SHAPE, i);
    if (b->in_rate[ENV_GATE] != PH_AUDIO)
        dsp_demand_reset(b, ENV_CURVE, i);
    s->releases = false;
    s->runs = true;
    s->left = 0;
}

/** Of a block, though the call may be shorter. */
static bool is_last_frame(const struct dsp_block *b, uint32_t i)
{
    return b->node->first_frame + i + 1 == b->env->block_frames || b->rate != PH_AUDIO;
}

PH_RT static float env_frame(struct demand_env *s, const struct dsp_block *b, uint32_t i)
{
    const float reset = dsp_value(b, ENV_RESET, i);
    const bool by_block = b->in_rate[ENV_GATE] != PH_AUDIO && b->in_rate[ENV_RESET] != PH_AUDIO;
    if (reset > 0 && s->reset <= 0)
        begin_again(s, b, i, reset);
    if (!by_block || is_last_frame(b, i))
        s->reset = reset;
    if (s->left <= 0 && s->runs && s->releases) {
        s->runs = s->releases = false;
        dsp_ask_done(b->node, dsp_value(b, ENV_ACTION, i));
        dsp_mark_done(b, true);
    } else if (s->left <= 0 && s->runs) {
        begin_segment(s, b, i);
    }
    if (s->runs) {
        s->at += 1;
        const double level = level_at(s, s->at / s->n); /* past 1 by a part of a frame */
        s->level = isfinite(level) ? level : s->level;
        s->left -= 1;
    }
    return (float)s->level;
}

/**
 * A gate below 1 ends the envelope with the segment, 0 stops
 * it where it is: from the next block on.
 */
static void follow_gate(struct demand_env *s, float gate)
{
    s->runs_next = gate > 0;
    if (gate > 0 && gate < 1)
        s->releases = true;
}

PH_RT static void demand_env_init(void *state, const struct dsp_block *b)
{
    struct demand_env *const s = state;
    const float level = dsp_demand(b, ENV_LEVEL, 0);
    *s = (struct demand_env){ .level = isnan(level) ? 0 : level,
                              .runs = dsp_in(b, ENV_GATE)[0] > 0 };
    s->to = s->level;
    env_frame(s, b, 0); /* scsynth's first frame comes after its constructor's */
    s->reset = dsp_in(b, ENV_RESET)[0];
    follow_gate(s, dsp_in(b, ENV_GATE)[0]);
    s->runs = s->runs_next;
    s->line = part_line_new(b, (float)s->level);
}

/** What its first frame gave. */
PH_RT static void demand_env_birth(void *state, const struct dsp_block *b)
{
    dsp_out(b, 0)[0] = (float)((struct demand_env *)state)->level;
}

/**
 * DemandEnvGen - an envelope whose levels, durations and shapes are streams.
 *
 * in      [0] level, [1] dur in seconds, [2] shape, [3] curve   streams
 *         [4] gate         1: runs; between 0 and 1: ends with the segment; 0: stands still
 *         [5] reset        a rise through 0 begins again: up to 1 from where it is, above at the
 *             first level. Where neither this nor the gate is at audio rate, a rise lasts for its
 *             block, and each of its frames begins again
 *         [6] levelScale, [7] levelBias, [8] timeScale
 *         [9] doneAction
 * out     [0] the level
 * state   the segment
 * cost    some 10 to 50 cycles per frame
 */
PH_RT static void demand_env_process(void *state, const struct dsp_block *b)
{
    struct demand_env *const s = state;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const bool is_last = is_last_frame(b, i);
        dsp_out(b, 0)[i] = env_frame(s, b, i);
        if (b->in_rate[ENV_GATE] == PH_AUDIO || is_last)
            follow_gate(s, dsp_value(b, ENV_GATE, i));
        if (is_last)
            s->runs = s->runs_next;
    }
    if (b->rate != PH_AUDIO)
        dsp_out(b, 0)[0] = part_line_to(&s->line, dsp_out(b, 0)[0]);
}
const struct dsp_unit DSP(dsp_DemandEnvGen) = { sizeof(struct demand_env), demand_env_init,
                                                demand_env_process, NULL, 5, demand_env_birth };

#else
typedef int demand_env_has_no_wide_form; /* a translation unit must declare something */
#endif
