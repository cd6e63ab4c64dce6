/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/env.c - envelopes and lines.                                                        */
/* room: audio.                                                                                   */
/*                                                                                                */
/* Segments end at different frames in different lanes, so that lanes run one after another here; */
/* levels are kept in double, so that long segments arrive where they should.                     */
#include "server/dsp/lane.h"

#define PI 3.14159265358979323846

/** A frame count from seconds, at least `least`. */
static int32_t frames_of(double seconds, double rate_hz, int32_t least)
{
    const double frames = seconds * rate_hz;
    if (!(frames > least))
        return least;
    return frames < 2e9 ? (int32_t)frames : 2000000000;
}

/** A number from a wire as an integer, for shapes, nodes and actions. */
static int32_t whole(float x)
{
    return x > -1e9f && x < 1e9f ? (int32_t)x : -1;
}

/* ---------------------------------------------------------------------------------- EnvGen */

enum env_input {
    ENV_GATE, ENV_LEVEL_SCALE, ENV_LEVEL_BIAS, ENV_TIME_SCALE, ENV_DONE_ACTION,
    ENV_FIRST_LEVEL, ENV_N_STAGES, ENV_RELEASE_NODE, ENV_LOOP_NODE,
    ENV_STAGES /* then per stage: level, seconds, shape, curve */
};

enum env_shape {
    SHAPE_STEP, SHAPE_LINEAR, SHAPE_EXPONENTIAL, SHAPE_SINE, SHAPE_WELCH, SHAPE_CURVE,
    SHAPE_SQUARED, SHAPE_CUBED, SHAPE_HOLD, SHAPE_SUSTAIN
};

enum { NOT_STARTED = 1000000000, FOREVER = INT32_MAX };

/**
 * EnvGen - an envelope of segments.
 *
 * in      [0] gate        > 0 opens; <= 0 releases where there is a release node; <= -1 ends within
 *                         -gate - 1 seconds. Followed frame by frame at audio rate
 *         [1] levelScale, [2] levelBias  every level l becomes l * levelScale + levelBias
 *         [3] timeScale   factor on every duration; scale and bias are read when a segment starts
 *         [4] doneAction  asked for when the last segment is over
 *         [5] first level, [6] number of segments, [7] release node or -1, [8] loop node or -1
 *         [9..] per segment: level, seconds, shape 0 .. 8, curve
 * out     [0] level
 * state   the running segment of each lane; born one frame into its course, as scsynth's
 * cost    one operation in double per frame, some functions of libm where a segment starts
 * source  Env of SuperCollider. Where it would compute 0 / 0 (exponential from or through 0) the
 *         segment is linear; roots of negative levels are those of 0
 */
struct env_lane {
    double level, end_level, grow, a2, b1, y1, y2;
    int32_t counter, stage, shape, released;
    float prev_gate;
};
struct env {
    double level[LANE_W], end_level[LANE_W], grow[LANE_W];
    double a2[LANE_W], b1[LANE_W], y1[LANE_W], y2[LANE_W];
    int32_t counter[LANE_W], stage[LANE_W], shape[LANE_W], released[LANE_W];
    float prev_gate[LANE_W];
};

static struct env_lane env_load(const struct env *s, int k)
{
    return (struct env_lane){ s->level[k], s->end_level[k], s->grow[k], s->a2[k], s->b1[k],
                              s->y1[k], s->y2[k], s->counter[k], s->stage[k], s->shape[k],
                              s->released[k], s->prev_gate[k] };
}

static void env_store(struct env *s, int k, const struct env_lane *e)
{
    s->level[k] = e->level, s->end_level[k] = e->end_level, s->grow[k] = e->grow;
    s->a2[k] = e->a2, s->b1[k] = e->b1, s->y1[k] = e->y1, s->y2[k] = e->y2;
    s->counter[k] = e->counter, s->stage[k] = e->stage, s->shape[k] = e->shape;
    s->released[k] = e->released, s->prev_gate[k] = e->prev_gate;
}

static float env_in(const struct dsp_block *b, int32_t input, int k)
{
    return lane_get(dsp_in(b, input)[0], k);
}

/** Makes `e` go from its level to its end level in `counter` frames on a straight line. */
static void env_line(struct env_lane *e)
{
    e->shape = SHAPE_LINEAR;
    e->grow = (e->end_level - e->level) / e->counter;
}

static void env_sine(struct env_lane *e)
{
    const double w = PI / e->counter;
    e->a2 = (e->end_level + e->level) * 0.5;
    e->b1 = 2.0 * cos(w); /* y[n] = 2 cos(w) y[n-1] - y[n-2] runs along a cosine */
    e->y1 = (e->end_level - e->level) * 0.5;
    e->y2 = e->y1 * sin(PI * 0.5 - w);
    e->level = e->a2 - e->y1;
}

static void env_welch(struct env_lane *e)
{
    const double w = PI * 0.5 / e->counter, height = e->end_level - e->level;
    e->b1 = 2.0 * cos(w);
    if (height >= 0.0) {
        e->a2 = e->level;
        e->y1 = 0.0;
        e->y2 = -sin(w) * height;
    } else {
        e->a2 = e->end_level;
        e->y1 = -height;
        e->y2 = -cos(w) * height;
    }
    e->level = e->a2 + e->y1;
}

static void env_curve(struct env_lane *e, double curve)
{
    if (fabs(curve) < 0.001) { /* 1 - e^curve would lose its digits */
        env_line(e);
        return;
    }
    const double c = fmin(fmax(curve, -300.0), 300.0);
    e->b1 = (e->end_level - e->level) / (1.0 - exp(c));
    e->a2 = e->level + e->b1;
    e->grow = exp(c / e->counter);
}

static void env_root(struct env_lane *e, double power)
{
    const double from = pow(fmax(e->level, 0.0), power), to = pow(fmax(e->end_level, 0.0), power);
    e->y1 = from;
    e->grow = (to - from) / e->counter;
}

/** Starts the segment of the current stage; `seconds` >= 0 replaces its duration. */
static void env_segment(struct env_lane *e, const struct dsp_block *b, int k, double seconds)
{
    const int64_t at = (int64_t)e->stage * 4 + ENV_STAGES;
    if (e->stage < 0 || at + 4 > b->n_in) { /* the definition promises more segments than it has */
        e->shape = SHAPE_STEP;
        e->counter = FOREVER;
        e->level = 0.0;
        dsp_ask_done(&b->node[k], 2.0f);
        return;
    }
    const int32_t input = (int32_t)at;
    const double before = e->end_level;
    if (e->shape == SHAPE_HOLD)
        e->level = before;
    e->end_level = (double)env_in(b, input, k) * env_in(b, ENV_LEVEL_SCALE, k) +
                   env_in(b, ENV_LEVEL_BIAS, k);
    if (seconds < 0.0)
        seconds = (double)env_in(b, input + 1, k) * env_in(b, ENV_TIME_SCALE, k);
    e->counter = frames_of(seconds, b->rate_hz, 1);
    e->shape = e->counter == 1 ? SHAPE_LINEAR : whole(env_in(b, input + 2, k));

    switch (e->shape) {
    case SHAPE_STEP: e->level = e->end_level; break;
    case SHAPE_HOLD: e->level = before; break;
    case SHAPE_EXPONENTIAL:
        if (e->level * e->end_level > 0.0)
            e->grow = pow(e->end_level / e->level, 1.0 / e->counter);
        else
            env_line(e);
        break;
    case SHAPE_SINE: env_sine(e); break;
    case SHAPE_WELCH: env_welch(e); break;
    case SHAPE_CURVE: env_curve(e, env_in(b, input + 3, k)); break;
    case SHAPE_SQUARED: env_root(e, 0.5); break;
    case SHAPE_CUBED: env_root(e, 1.0 / 3.0); break;
    default: env_line(e);
    }
}

/** What follows the segment that is over: the next one, the loop, sustain, or the end. */
static void env_next(struct env_lane *e, const struct dsp_block *b, int k)
{
    const int32_t n_stages = whole(env_in(b, ENV_N_STAGES, k));
    const int32_t loop = whole(env_in(b, ENV_LOOP_NODE, k));

    if (e->stage + 1 >= n_stages) {
        e->counter = FOREVER;
        e->shape = SHAPE_STEP;
        e->level = e->end_level;
        dsp_ask_done(&b->node[k], env_in(b, ENV_DONE_ACTION, k));
    } else if (e->stage + 1 == whole(env_in(b, ENV_RELEASE_NODE, k)) && !e->released) {
        if (loop >= 0 && loop < n_stages) {
            e->stage = loop;
            env_segment(e, b, k, -1.0);
        } else {
            e->counter = FOREVER;
            e->shape = SHAPE_SUSTAIN;
            e->level = e->end_level;
        }
    } else {
        e->stage++;
        env_segment(e, b, k, -1.0);
    }
}

/** Acts on a gate that opens, closes or ends the envelope by force. */
static void env_gate(struct env_lane *e, const struct dsp_block *b, int k, float gate)
{
    const float before = e->prev_gate;
    const int32_t release = whole(env_in(b, ENV_RELEASE_NODE, k));
    e->prev_gate = gate;

    if (before <= 0.0f && gate > 0.0f) {
        e->stage = -1;
        e->released = 0;
        e->counter = 0;
    } else if (gate <= -1.0f && before > -1.0f) {
        e->stage = whole(env_in(b, ENV_N_STAGES, k)) - 1;
        e->released = 1;
        env_segment(e, b, k, -(double)gate - 1.0);
    } else if (before > 0.0f && gate <= 0.0f && release >= 0 && !e->released) {
        e->stage = release - 1;
        e->released = 1;
        e->counter = 0;
    }
}

/** Writes n frames of the running segment to every LANE_W-th float from `out`. */
static void env_run(struct env_lane *e, float *out, uint32_t n)
{
    double level = e->level, y1 = e->y1, y2 = e->y2, b1 = e->b1;
    const double grow = e->grow, a2 = e->a2;
    const double side = e->shape == SHAPE_SINE ? -1.0 : 1.0;

    switch (e->shape) {
    case SHAPE_LINEAR:
        for (uint32_t i = 0; i < n; i++, level += grow)
            out[i * LANE_W] = (float)level;
        break;
    case SHAPE_EXPONENTIAL:
        for (uint32_t i = 0; i < n; i++, level *= grow)
            out[i * LANE_W] = (float)level;
        break;
    case SHAPE_SINE:
    case SHAPE_WELCH:
        for (uint32_t i = 0; i < n; i++) {
            out[i * LANE_W] = (float)level;
            const double y0 = b1 * y1 - y2;
            level = a2 + side * y0;
            y2 = y1;
            y1 = y0;
        }
        break;
    case SHAPE_CURVE:
        for (uint32_t i = 0; i < n; i++) {
            out[i * LANE_W] = (float)level;
            b1 *= grow;
            level = a2 - b1;
        }
        break;
    case SHAPE_SQUARED:
    case SHAPE_CUBED:
        for (uint32_t i = 0; i < n; i++) {
            out[i * LANE_W] = (float)level;
            y1 = y1 + grow > 0.0 ? y1 + grow : 0.0;
            level = e->shape == SHAPE_CUBED ? y1 * y1 * y1 : y1 * y1;
        }
        break;
    default:
        for (uint32_t i = 0; i < n; i++)
            out[i * LANE_W] = (float)level;
    }
    e->level = level, e->y1 = y1, e->y2 = y2, e->b1 = b1;
}

/** Renders n frames with the gate standing still. */
static void env_frames(struct env_lane *e, const struct dsp_block *b, int k, float *out, uint32_t n)
{
    while (n > 0) {
        if (e->counter <= 0)
            env_next(e, b, k);
        const uint32_t run = (uint32_t)e->counter < n ? (uint32_t)e->counter : n;
        env_run(e, out, run);
        e->counter -= (int32_t)run;
        out += run * LANE_W;
        n -= run;
    }
}

/** An envelope that will end its node and is on its way there: such a voice is stolen first. */
static void tell_releasing(const struct env_lane *e, const struct dsp_block *b, int k)
{
    const bool ends_node = whole(env_in(b, ENV_DONE_ACTION, k)) >= 2;
    if (ends_node && (e->released || e->stage + 1 >= whole(env_in(b, ENV_N_STAGES, k))))
        b->node[k].flags |= DSP_NODE_RELEASING;
}

PH_RT static void env_gen_init(void *state, const struct dsp_block *b)
{
    struct env *const s = state;
    for (int k = 0; k < LANE_W; k++) {
        const double first = (double)env_in(b, ENV_FIRST_LEVEL, k) * env_in(b, ENV_LEVEL_SCALE, k) +
                             env_in(b, ENV_LEVEL_BIAS, k);
        struct env_lane e = { .level = first, .end_level = first, .stage = NOT_STARTED,
                              .shape = SHAPE_HOLD };
        float unheard[LANE_W];
        const uint32_t done = b->node[k].done;
        if (b->n_in > ENV_STAGES + 2 && whole(env_in(b, ENV_STAGES + 2, k)) == SHAPE_HOLD)
            e.level = env_in(b, ENV_STAGES, k); /* a first segment that holds starts at its end */
        env_gate(&e, b, k, env_in(b, ENV_GATE, k));
        env_frames(&e, b, k, unheard, 1);
        b->node[k].done = done; /* one that waits for its gate is over, but asks for nothing */
        env_store(s, k, &e);
    }
}

PH_RT static void env_gen_process(void *state, const struct dsp_block *b)
{
    struct env *const s = state;
    const lane *const gate = dsp_in(b, ENV_GATE);
    for (int k = 0; k < LANE_W; k++) {
        float *const out = (float *)b->out[0] + k;
        struct env_lane e = env_load(s, k);
        if (!dsp_step(b, ENV_GATE)) {
            env_gate(&e, b, k, lane_get(gate[0], k));
            env_frames(&e, b, k, out, b->n_frames);
        } else {
            for (uint32_t i = 0; i < b->n_frames; i++) {
                if (e.counter <= 0) /* a segment that ends here ends before the gate acts */
                    env_next(&e, b, k);
                env_gate(&e, b, k, lane_get(gate[i], k));
                env_frames(&e, b, k, out + i * LANE_W, 1);
            }
        }
        env_store(s, k, &e);
        tell_releasing(&e, b, k);
    }
}
const struct dsp_unit DSP(dsp_EnvGen) = { sizeof(struct env), env_gen_init, env_gen_process,
                                          NULL, 7 };

/* ------------------------------------------------------------------------------ Line, XLine */

enum { LINE_START, LINE_END, LINE_SECONDS, LINE_DONE_ACTION };

/** `step` is added by Line, multiplied by XLine; `counter` frames remain. */
struct line {
    double level[LANE_W], step[LANE_W], end[LANE_W];
    int32_t counter[LANE_W];
};

/** Frames of a line; the nearest whole number, at least `least`. */
static int32_t line_frames(const struct dsp_block *b, int k, int32_t least)
{
    const double seconds = lane_get(dsp_in(b, LINE_SECONDS)[0], k);
    return frames_of(seconds + 0.5 / b->rate_hz, b->rate_hz, least);
}

/**
 * Line - a straight line from one value to another.
 *
 * in      [0] start, [1] end, [2] seconds: read at birth
 *         [3] doneAction  asked for in the block where the line arrives
 * out     [0] the frame after start first; end after seconds * rate frames, and from then on
 * state   level, step, remaining frames
 * cost    one addition in double per frame
 */
PH_RT static void line_init(void *state, const struct dsp_block *b)
{
    struct line *const s = state;
    for (int k = 0; k < LANE_W; k++) {
        const double start = lane_get(dsp_in(b, LINE_START)[0], k);
        const double end = lane_get(dsp_in(b, LINE_END)[0], k);
        const int32_t frames = line_frames(b, k, 0), n = frames > 0 ? frames : 1;
        s->end[k] = end;
        s->counter[k] = n;
        s->step[k] = frames > 0 ? (end - start) / n : 0.0;
        s->level[k] = frames > 0 ? start + s->step[k] : end;
    }
}

/** Frames of lane k before it arrives, as many as this block has room for. */
static uint32_t line_run(const struct line *s, int k, uint32_t n_frames)
{
    return (uint32_t)s->counter[k] < n_frames ? (uint32_t)s->counter[k] : n_frames;
}

/** Counts the frames off; on arrival asks for the done action. */
static void line_count(struct line *s, const struct dsp_block *b, int k, uint32_t frames)
{
    if (frames == 0)
        return;
    s->counter[k] -= (int32_t)frames;
    if (s->counter[k] == 0)
        dsp_ask_done(&b->node[k], lane_get(dsp_in(b, LINE_DONE_ACTION)[0], k));
}

LANE_FN void line_render(struct line *s, const struct dsp_block *b, bool exponential)
{
    for (int k = 0; k < LANE_W; k++) {
        float *const out = (float *)b->out[0] + k;
        const uint32_t run = line_run(s, k, b->n_frames);
        const float end = (float)s->end[k];
        const double step = s->step[k];
        double level = s->level[k];
        for (uint32_t i = 0; i < run; i++) {
            out[i * LANE_W] = (float)level;
            level = exponential ? level * step : level + step;
        }
        for (uint32_t i = run; i < b->n_frames; i++)
            out[i * LANE_W] = end;
        s->level[k] = level;
        line_count(s, b, k, run);
    }
}

PH_RT static void line_process(void *state, const struct dsp_block *b)
{
    line_render(state, b, false);
}
const struct dsp_unit DSP(dsp_Line) = { sizeof(struct line), line_init, line_process, NULL, 3 };

/**
 * XLine - an exponential curve from one value to another.
 *
 * in      [0] start, [1] end, [2] seconds: read at birth; start and end of one sign, neither 0,
 *         else the line stays at start until it jumps to end
 *         [3] doneAction  asked for in the block where the curve arrives
 * out     [0] the frame after start first; end after seconds * rate frames, and from then on
 * state   level, factor, remaining frames
 * cost    one multiplication in double per frame
 */
PH_RT static void x_line_init(void *state, const struct dsp_block *b)
{
    struct line *const s = state;
    for (int k = 0; k < LANE_W; k++) {
        const double start = lane_get(dsp_in(b, LINE_START)[0], k);
        const double end = lane_get(dsp_in(b, LINE_END)[0], k);
        const int32_t n = line_frames(b, k, 0);
        s->end[k] = end;
        s->counter[k] = n;
        s->step[k] = n > 0 && start * end > 0.0 ? pow(end / start, 1.0 / n) : 1.0;
        s->level[k] = start * s->step[k];
    }
}

PH_RT static void x_line_process(void *state, const struct dsp_block *b)
{
    line_render(state, b, true);
}
const struct dsp_unit DSP(dsp_XLine) = { sizeof(struct line), x_line_init, x_line_process, NULL,
                                         3 };
