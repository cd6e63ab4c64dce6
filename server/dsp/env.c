/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/env.c - envelopes.                                                                  */
/* room: audio.                                                                                   */
/*                                                                                                */
/* Segments end at different frames in different lanes. Lanes in which nothing happens in a block */
/* run side by side; a lane where a segment ends or the gate acts runs alone in this block,       */
/* through the code of a lone voice.                                                              */
#include "server/dsp/lane_curve.h"
#include "server/dsp/part.h"

#define PI 3.14159265358979323846

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
 * state   the running segment of each lane; born one frame into its course, as scsynth's, or, at
 *         control rate within a block, the part of a step that is left of it. By this `lead` its
 *         segments are read late, until the gate acts: then they begin with a call
 * cost    one multiply-add per frame; a polynomial for sine and welch; where a segment starts some
 *         functions of libm
 * source  Env of SuperCollider. Where it would compute 0 / 0 (exponential from or through 0) the
 *         segment is linear; roots of negative levels are those of 0
 *
 * `course` is the level, or its root for SHAPE_SQUARED and SHAPE_CUBED, or for SHAPE_SINE and
 * SHAPE_WELCH the level at the segment's start: those two follow from `counter`, the frames that
 * remain of `length`.
 */
struct env {
    struct curves course;
    float end_level[LANE_W], prev_gate[LANE_W], lead[LANE_W];
    int32_t counter[LANE_W], length[LANE_W], stage[LANE_W], shape[LANE_W], released[LANE_W];
};
struct env_lane {
    struct curve course;
    float end_level, prev_gate, lead;
    int32_t counter, length, stage, shape, released;
};

LANE_FN struct env_lane env_load(const struct env *s, int k)
{
    return (struct env_lane){ curves_get(&s->course, k), s->end_level[k], s->prev_gate[k],
                              s->lead[k], s->counter[k], s->length[k], s->stage[k], s->shape[k],
                              s->released[k] };
}

LANE_FN void env_store(struct env *s, int k, const struct env_lane *e)
{
    curves_set(&s->course, k, e->course);
    s->end_level[k] = e->end_level, s->prev_gate[k] = e->prev_gate, s->lead[k] = e->lead;
    s->counter[k] = e->counter, s->length[k] = e->length, s->stage[k] = e->stage;
    s->shape[k] = e->shape, s->released[k] = e->released;
}

static float env_in(const struct dsp_block *b, int32_t input, int k)
{
    return lane_get(dsp_in(b, input)[0], k);
}

/** A frame count from seconds, at least 1. */
static int32_t frames_of(double seconds, double rate_hz)
{
    const double frames = seconds * rate_hz;
    if (!(frames > 1.0))
        return 1;
    return frames < 2e9 ? (int32_t)frames : 2000000000;
}

/** A number from a wire as an integer, for shapes, nodes and actions. */
static int32_t whole(float x)
{
    return x > -1e9f && x < 1e9f ? (int32_t)x : -1;
}

/* ---------------------------------------------------------------------------- sine and welch */

/** base + height * f, f the sine of `first` + `at` * step, or its square. `at` counts `way`. */
struct bow { lane base, height, step, first; lane_i at, way, squared; };

/** Welch is a quarter of a sine up to the higher level: where that is the start, backwards. */
LANE_FN struct bow bow_of(lane start, lane end, lane_i shape, lane_i length, lane_i counter,
                          lane lead)
{
    const lane step = (float)(PI / 2) / lane_from_i(length);
    const lane_i sine = lane_eq_i(shape, lane_splat_i(SHAPE_SINE));
    const lane_i falls = lane_lt(end, start) & ~sine;
    return (struct bow){ lane_select(falls, end, start),
                         lane_select(falls, start - end, end - start), step,
                         lane_select(falls, 0.0f - lead, lead) * step,
                         lane_select_i(falls, counter, length - counter),
                         lane_select_i(falls, lane_splat_i(-1), lane_splat_i(1)), sine };
}

/** Absolute error below 2e-7 of the height. Taylor series of the sine to the 11th power. */
LANE_FN lane bow_at(const struct bow *w, int32_t frame)
{
    const lane x = lane_fma(lane_from_i(w->at + frame * w->way), w->step, w->first), z = x * x;
    lane p = lane_fma(z, lane_splat(-1.0f / 39916800), lane_splat(1.0f / 362880));
    p = lane_fma(p, z, lane_splat(-1.0f / 5040));
    p = lane_fma(p, z, lane_splat(1.0f / 120));
    p = lane_fma(p, z, lane_splat(-1.0f / 6));
    const lane f = lane_fma(p * z, x, x);
    return lane_fma(w->height, lane_select(w->squared, f * f, f), w->base);
}

/** Square or cube of a level's root, in the lanes of `squared` and `cubed`. */
LANE_FN lane power_of(lane root, lane_i squared, lane_i cubed)
{
    const lane x = lane_max(root, lane_splat(0.0f)), square = x * x;
    return lane_select(squared, square, lane_select(cubed, square * x, root));
}

/* -------------------------------------------------------------------------------- one segment */

LANE_FN bool env_is_bow(const struct env_lane *e)
{
    return e->shape == SHAPE_SINE || e->shape == SHAPE_WELCH;
}
LANE_FN bool env_is_root(const struct env_lane *e)
{
    return e->shape == SHAPE_SQUARED || e->shape == SHAPE_CUBED;
}

/** Writes n frames of a bow; lane 0 of the wide form. */
LANE_FN void env_bow(const struct env_lane *e, float *out, uint32_t n)
{
    const struct bow w = bow_of(lane_splat((float)e->course.level), lane_splat(e->end_level),
                                lane_splat_i(e->shape), lane_splat_i(e->length),
                                lane_splat_i(e->counter), lane_splat(e->lead));
    for (uint32_t i = 0; i < n; i++)
        out[i] = lane_get(bow_at(&w, (int32_t)i), 0);
}

LANE_FN void env_root(const struct env_lane *e, float *out, uint32_t n)
{
    const lane_i squared = lane_splat_i(-(e->shape == SHAPE_SQUARED));
    const lane_i cubed = lane_splat_i(-(e->shape == SHAPE_CUBED));
    for (uint32_t i = 0; i < n; i++)
        out[i] = lane_get(power_of(lane_splat(out[i]), squared, cubed), 0);
}

/** Writes n <= counter frames of the running segment. */
LANE_FN void env_run(struct env_lane *e, float *out, uint32_t n)
{
    e->course = curve_run(e->course, out, n);
    if (env_is_bow(e))
        env_bow(e, out, n);
    else if (env_is_root(e))
        env_root(e, out, n);
    e->counter -= (int32_t)n;
}

/** The level now; a segment that is over has arrived. */
LANE_FN double env_level(const struct env_lane *e)
{
    float level = (float)e->course.level;
    if (e->counter <= 0 && e->shape != SHAPE_STEP && e->shape != SHAPE_SUSTAIN)
        return e->end_level;
    if (env_is_bow(e))
        env_bow(e, &level, 1);
    else if (env_is_root(e))
        env_root(e, &level, 1);
    else
        return e->course.level;
    return level;
}

LANE_FN struct curve env_line(const struct env_lane *e, double level)
{
    return curve_line(level, (e->end_level - level) / e->counter);
}

LANE_FN struct curve env_curve(const struct env_lane *e, double level, double curve)
{
    if (fabs(curve) < 0.001) /* 1 - e^curve would lose its digits */
        return env_line(e, level);
    const double c = fmin(fmax(curve, -300.0), 300.0);
    const double pivot = level + (e->end_level - level) / (1.0 - exp(c));
    return curve_exponential(level, pivot, expm1(c / e->counter));
}

LANE_FN struct curve env_roots(const struct env_lane *e, double level, double power)
{
    const double from = pow(fmax(level, 0.0), power), to = pow(fmax(e->end_level, 0.0), power);
    return curve_line(from, (to - from) / e->counter);
}

/** The course of the segment of e->shape from `level` to e->end_level in e->counter frames. */
static struct curve env_course(struct env_lane *e, double level, double before, float curve)
{
    switch (e->shape) {
    case SHAPE_STEP: return curve_still(e->end_level);
    case SHAPE_HOLD: return curve_still(before);
    case SHAPE_SINE:
    case SHAPE_WELCH: return curve_still(level);
    case SHAPE_CURVE: return env_curve(e, level, curve);
    case SHAPE_SQUARED: return env_roots(e, level, 0.5);
    case SHAPE_CUBED: return env_roots(e, level, 1.0 / 3.0);
    case SHAPE_EXPONENTIAL:
        if (level * e->end_level > 0.0)
            return curve_exponential(level, 0.0, expm1(log(e->end_level / level) / e->counter));
        break;
    default: break;
    }
    e->shape = SHAPE_LINEAR;
    return env_line(e, level);
}

/** A course after a part of a frame. */
static struct curve env_ahead(struct curve c, double part)
{
    const double slope = c.level * c.e + c.s;
    c.level += slope * (c.e != 0.0 ? expm1(part * log1p(c.e)) / c.e : part);
    return c;
}

/** Stays at `level`. */
LANE_FN void env_stay(struct env_lane *e, enum env_shape shape, double level)
{
    e->counter = FOREVER;
    e->shape = shape;
    e->course = curve_still(level);
}

/** Starts the segment of the current stage at `level`; `seconds` >= 0 replaces its duration. */
static void env_segment(struct env_lane *e, const struct dsp_block *b, int k, double level,
                        double seconds)
{
    const int64_t at = (int64_t)e->stage * 4 + ENV_STAGES;
    if (e->stage < 0 || at + 4 > b->n_in) { /* the definition promises more segments than it has */
        env_stay(e, SHAPE_STEP, 0.0);
        dsp_ask_done(&b->node[k], 2.0f);
        return;
    }
    const int32_t input = (int32_t)at;
    const float before = e->end_level;
    if (e->shape == SHAPE_HOLD)
        level = before;
    e->end_level = env_in(b, input, k) * env_in(b, ENV_LEVEL_SCALE, k) +
                   env_in(b, ENV_LEVEL_BIAS, k);
    if (seconds < 0.0)
        seconds = env_in(b, input + 1, k) * env_in(b, ENV_TIME_SCALE, k); /* in float, as scsynth */
    e->counter = e->length = frames_of(seconds, b->rate_hz);
    e->shape = e->counter == 1 ? SHAPE_LINEAR : whole(env_in(b, input + 2, k));
    e->course = env_course(e, level, before, env_in(b, input + 3, k));
    if (e->lead > 0.0f)
        e->course = env_ahead(e->course, (double)e->lead);
}

/** What follows the segment that is over: the next one, the loop, sustain, or the end. */
static void env_next(struct env_lane *e, const struct dsp_block *b, int k, double level)
{
    const int32_t n_stages = whole(env_in(b, ENV_N_STAGES, k));
    const int32_t loop = whole(env_in(b, ENV_LOOP_NODE, k));

    if (e->stage + 1 >= n_stages) {
        env_stay(e, SHAPE_STEP, e->end_level);
        dsp_ask_done(&b->node[k], env_in(b, ENV_DONE_ACTION, k));
        dsp_mark_done(b, true);
    } else if (e->stage + 1 == whole(env_in(b, ENV_RELEASE_NODE, k)) && !e->released) {
        if (loop >= 0 && loop < n_stages) {
            e->stage = loop;
            env_segment(e, b, k, level, -1.0);
        } else {
            env_stay(e, SHAPE_SUSTAIN, e->end_level);
        }
    } else {
        e->stage++;
        env_segment(e, b, k, level, -1.0);
    }
}

/* --------------------------------------------------------------------------------------- gate */

/** Where a gate that went from `before` to `now` may act. */
LANE_FN lane_i gate_moves(lane before, lane now)
{
    const lane zero = lane_splat(0.0f), end = lane_splat(-1.0f);
    return (lane_le(before, zero) & lane_gt(now, zero)) |
           (lane_gt(before, zero) & lane_le(now, zero)) |
           (lane_gt(before, end) & lane_le(now, end));
}

/** Acts on a gate that opens, closes or ends the envelope by force. `lead`: of what begins so. */
static void env_gate(struct env_lane *e, const struct dsp_block *b, int k, float gate, float lead)
{
    const float before = e->prev_gate;
    const int32_t release = whole(env_in(b, ENV_RELEASE_NODE, k));
    const bool opens = before <= 0.0f && gate > 0.0f, ends = gate <= -1.0f && before > -1.0f;
    const bool closes = before > 0.0f && gate <= 0.0f && release >= 0 && !e->released;
    e->prev_gate = gate;
    if (!opens && !ends && !closes)
        return;
    const double level = env_level(e);
    e->lead = lead;
    if (opens) {
        e->stage = -1;
        e->released = 0;
        dsp_mark_done(b, false);
        env_next(e, b, k, level);
    } else if (ends) {
        e->stage = whole(env_in(b, ENV_N_STAGES, k)) - 1;
        e->released = 1;
        env_segment(e, b, k, level, -(double)gate - 1.0);
    } else {
        e->stage = release - 1;
        e->released = 1;
        env_next(e, b, k, level);
    }
}

/* -------------------------------------------------------------------------------- whole blocks */

/** Renders n frames with the gate standing still. */
LANE_FN void env_frames(struct env_lane *e, const struct dsp_block *b, int k, float *out,
                        uint32_t n)
{
    while (n > 0) {
        if (e->counter <= 0)
            env_next(e, b, k, env_level(e));
        const uint32_t run = (uint32_t)e->counter < n ? (uint32_t)e->counter : n;
        env_run(e, out, run);
        out += run;
        n -= run;
    }
}

/** Renders a block of one lane whatever happens in it. */
static void env_block(struct env_lane *e, const struct dsp_block *b, int k, float *out)
{
    const lane *const gate = dsp_in(b, ENV_GATE);
    const uint32_t n_gates = dsp_step(b, ENV_GATE) ? b->n_frames : 1;
    uint32_t done = 0;
    for (uint32_t i = 0; i < n_gates; i++) {
        const float now = lane_get(gate[i], k);
        if (lane_any(gate_moves(lane_splat(e->prev_gate), lane_splat(now)))) {
            env_frames(e, b, k, out + done, i - done);
            if (dsp_step(b, ENV_GATE) && e->counter <= 0) /* ends before the gate acts */
                env_next(e, b, k, env_level(e));
            env_gate(e, b, k, now, 0.0f);
            done = i;
        }
        e->prev_gate = now;
    }
    env_frames(e, b, k, out + done, b->n_frames - done);
}

/** Lanes that end their node and are on their way there: such a voice is stolen first. */
LANE_FN lane_i env_releasing(const struct dsp_block *b, lane_i stage, lane_i released)
{
    const lane action = dsp_in(b, ENV_DONE_ACTION)[0], n_stages = dsp_in(b, ENV_N_STAGES)[0];
    const lane_i ends_node = lane_ge(action, lane_splat(2.0f)) & lane_lt(action, lane_splat(1e9f));
    const lane_i counts = lane_lt(lane_abs(n_stages), lane_splat(1e9f));
    const lane_i n = lane_select_i(counts, lane_to_i(lane_where(counts, n_stages)),
                                   lane_splat_i(-1));
    return ends_node & (~lane_eq_i(released, lane_splat_i(0)) | lane_gt_i(stage + 1, n - 1));
}

/**
 * Its first step, which nobody hears: the level before it. With a `lead` it is less than a step.
 */
static float env_first_step(struct env_lane *e, const struct dsp_block *b, float lead)
{
    const float first = env_in(b, ENV_FIRST_LEVEL, 0) * env_in(b, ENV_LEVEL_SCALE, 0) +
                        env_in(b, ENV_LEVEL_BIAS, 0);
    const uint32_t done = b->node[0].done;
    float level;
    *e = (struct env_lane){ .course = curve_still(first), .end_level = first, .stage = NOT_STARTED,
                            .shape = SHAPE_HOLD };
    env_gate(e, b, 0, env_in(b, ENV_GATE, 0), lead);
    const struct env_lane begun = *e;
    env_frames(e, b, 0, &level, 1);
    if (lead > 0.0f && begun.counter > 0)
        *e = begun;
    b->node[0].done = done; /* one that waits for its gate is over, but asks for nothing */
    return level;
}

PH_RT static void env_gen_init(void *state, const struct dsp_block *b)
{
    struct env_lane e;
    env_first_step(&e, b, part_lead(b));
    env_store(state, 0, &e);
}

PH_RT static void env_gen_birth(void *state, const struct dsp_block *b)
{
    struct env_lane e;
    (void)state;
    *(float *)b->out[0] = env_first_step(&e, b, 0.0f);
}

#if LANE_W == 1

PH_RT static void env_gen_process(void *state, const struct dsp_block *b)
{
    struct env *const s = state;
    struct env_lane e = env_load(s, 0);
    env_block(&e, b, 0, b->out[0]);
    env_store(s, 0, &e);
    if (env_releasing(b, e.stage, e.released))
        b->node[0].flags |= DSP_NODE_RELEASING;
}

#else

/** Lanes of either shape. */
LANE_FN lane_i env_is(lane_i shape, int32_t a, int32_t b)
{
    return lane_eq_i(shape, lane_splat_i(a)) | lane_eq_i(shape, lane_splat_i(b));
}

/** One field of all lanes. */
LANE_FN lane_i env_get(const int32_t field[LANE_W])
{
    lane_i x;
    memcpy(&x, field, sizeof x);
    return x;
}
LANE_FN lane env_get_f(const float field[LANE_W])
{
    lane x;
    memcpy(&x, field, sizeof x);
    return x;
}

/** Renders all lanes as if nothing happened, except for the time. */
LANE_FN void env_quiet(struct env *s, const struct dsp_block *b)
{
    lane *const out = dsp_out(b, 0);
    const lane_i shape = env_get(s->shape), counter = env_get(s->counter);
    const lane_i bow = env_is(shape, SHAPE_SINE, SHAPE_WELCH);
    const lane_i root = env_is(shape, SHAPE_SQUARED, SHAPE_CUBED);
    const lane_u after = lane_u_from_i(counter) - b->n_frames;
    struct bow w = { 0 };

    if (lane_any(bow))
        w = bow_of(lane_from_dd(lane_dd_load(s->course.level)), env_get_f(s->end_level), shape,
                   env_get(s->length), counter, env_get_f(s->lead));
    curves_run(&s->course, out, b->n_frames);
    if (lane_any(bow))
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = lane_select(bow, bow_at(&w, (int32_t)i), out[i]);
    if (lane_any(root)) {
        const lane_i squared = lane_eq_i(shape, lane_splat_i(SHAPE_SQUARED));
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = power_of(out[i], squared, root & ~squared);
    }
    memcpy(s->counter, &after, sizeof after);
}

/** A block in which something happens in the lanes of the bit set `events`. */
__attribute__((noinline))
static void env_events(struct env *s, const struct dsp_block *b, uint32_t events)
{
    struct env_lane e[LANE_W];
    float frames[LANE_W][DSP_BLOCK_FRAMES];
    for (uint32_t left = events; left; left &= left - 1) {
        const int k = __builtin_ctz(left);
        e[k] = env_load(s, k);
        env_block(&e[k], b, k, frames[k]);
    }
    env_quiet(s, b);
    for (uint32_t left = events; left; left &= left - 1) {
        const int k = __builtin_ctz(left);
        env_store(s, k, &e[k]);
        for (uint32_t i = 0; i < b->n_frames; i++)
            ((float *)b->out[0])[i * LANE_W + (uint32_t)k] = frames[k][i];
    }
}

PH_RT static void env_gen_process(void *state, const struct dsp_block *b)
{
    struct env *const s = state;
    const lane *const gate = dsp_in(b, ENV_GATE);
    const uint32_t n_gates = dsp_step(b, ENV_GATE) ? b->n_frames : 1;
    const lane_i n = lane_splat_i((int32_t)b->n_frames);
    lane before = env_get_f(s->prev_gate);
    lane_i busy = ~lane_gt_i(env_get(s->counter), n);
    for (uint32_t i = 0; i < n_gates; i++) {
        busy |= gate_moves(before, gate[i]);
        before = gate[i];
    }
    const uint32_t events = lane_mask_bits(busy) & b->lanes;
    if (events)
        env_events(s, b, events);
    else
        env_quiet(s, b);
    memcpy(s->prev_gate, &before, sizeof before);
    uint32_t releasing = lane_mask_bits(env_releasing(b, env_get(s->stage), env_get(s->released))) &
                         b->lanes;
    for (; releasing; releasing &= releasing - 1)
        b->node[__builtin_ctz(releasing)].flags |= DSP_NODE_RELEASING;
}

#endif

const struct dsp_unit DSP(dsp_EnvGen) = { sizeof(struct env), env_gen_init, env_gen_process,
                                          NULL, 4, env_gen_birth };
