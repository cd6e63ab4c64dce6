/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/stream.c - demand units of numbers: series, random walks, constants; Dstutter and   */
/* kin.                                                                                           */
/* room: audio. A stream ends with NaN; b->n_frames 0 begins it again (server/dsp/dsp.h).         */
#include "server/dsp/random.h"
#include "server/dsp/stream.h"

#if LANE_W == 1

/* ---- series ---------------------------------------------------------------------------------- */

struct series {
    struct stream stream;
    float value, by;
};

enum { SERIES_LENGTH, SERIES_START, SERIES_BY };

PH_RT static void series_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct series *)state = (struct series){ .stream = { .length = STREAM_UNKNOWN } };
}

/** Whether there is a next value; it is `value` then. `by` follows its input. */
PH_RT static bool series_next(struct series *s, const struct dsp_block *b)
{
    const float by = dsp_demand(b, SERIES_BY, b->frame);
    const bool begins = s->stream.length == STREAM_UNKNOWN;
    s->by = isnan(by) ? s->by : by;
    stream_measure(&s->stream, b, SERIES_LENGTH);
    if (begins)
        s->value = dsp_demand(b, SERIES_START, b->frame);
    return stream_takes(&s->stream);
}

/**
 * Dseries - an arithmetic series. Dgeom - a geometric one.
 *
 * in      [0] length
 *         [1] start
 *         [2] step, or grow: asked for with every value
 * out     [0] the next value
 * state   where it is
 */
PH_RT static void dseries_process(void *state, const struct dsp_block *b)
{
    struct series *const s = state;
    if (b->n_frames == 0) {
        stream_begin(&s->stream);
        return;
    }
    dsp_out(b, 0)[0] = series_next(s, b) ? s->value : NAN;
    s->value += s->by;
}
const struct dsp_unit DSP(dsp_Dseries) = { sizeof(struct series), series_init, dseries_process };

PH_RT static void dgeom_process(void *state, const struct dsp_block *b)
{
    struct series *const s = state;
    if (b->n_frames == 0) {
        stream_begin(&s->stream);
        return;
    }
    dsp_out(b, 0)[0] = series_next(s, b) ? s->value : NAN;
    s->value *= s->by;
}
const struct dsp_unit DSP(dsp_Dgeom) = { sizeof(struct series), series_init, dgeom_process };

/* ---- random ---------------------------------------------------------------------------------- */

struct walk {
    struct stream stream;
    struct chance chance;
    float lo, hi, step, value;
};

enum { WALK_LENGTH, WALK_LO, WALK_HI, WALK_STEP };

PH_RT static void walk_init(void *state, const struct dsp_block *b)
{
    *(struct walk *)state =
        (struct walk){ .stream = { .length = STREAM_UNKNOWN }, .chance = chance_new(b) };
}

/** Bounds, and the step where there is one, follow their inputs. */
PH_RT static void walk_follow(struct walk *s, const struct dsp_block *b)
{
    chance_begin(&s->chance, b);
    const float lo = dsp_demand(b, WALK_LO, b->frame), hi = dsp_demand(b, WALK_HI, b->frame);
    const float step = b->n_in > WALK_STEP ? dsp_demand(b, WALK_STEP, b->frame) : 0.0f;
    s->lo = isnan(lo) ? s->lo : lo;
    s->hi = isnan(hi) ? s->hi : hi;
    s->step = isnan(step) ? s->step : step;
}

/** x reflected at lo and hi as often as it takes. */
static float folded(float x, float lo, float hi)
{
    const float range = hi - lo;
    if (!(range > 0) || !isfinite(x))
        return lo;
    const float y = fabsf(fmodf(x - lo, 2 * range));
    return lo + (y > range ? 2 * range - y : y);
}

/** A whole number as scsynth rounds it, kept where its differences don't overflow. */
static float whole(float x)
{
    return x > -1e9f ? (x < 1e9f ? floorf(x + 0.5f) : 1e9f) : -1e9f;
}

static float even_between(struct walk *s)
{
    return s->lo + chance_unit(&s->chance) * (s->hi - s->lo);
}

/** One of the whole numbers lo .. hi. */
static float even_whole(struct walk *s, float lo, float hi)
{
    const float n = hi - lo + 1;
    return n >= 1 ? lo + (float)chance_below(&s->chance, (uint32_t)n) : lo;
}

/**
 * Dwhite - evenly distributed numbers. Diwhite - whole ones, both bounds included.
 *
 * in      [0] length
 *         [1] lo, [2] hi: asked for with every value
 * out     [0] the next value
 * state   of the random numbers
 */
PH_RT static void dwhite_process(void *state, const struct dsp_block *b)
{
    struct walk *const s = state;
    if (b->n_frames == 0) {
        stream_begin(&s->stream);
        return;
    }
    stream_measure(&s->stream, b, WALK_LENGTH);
    const bool goes_on = stream_takes(&s->stream);
    if (goes_on)
        walk_follow(s, b);
    dsp_out(b, 0)[0] = goes_on ? even_between(s) : NAN;
}
const struct dsp_unit DSP(dsp_Dwhite) = { sizeof(struct walk), walk_init, dwhite_process, NULL, 0 };

PH_RT static void diwhite_process(void *state, const struct dsp_block *b)
{
    struct walk *const s = state;
    if (b->n_frames == 0) {
        stream_begin(&s->stream);
        return;
    }
    walk_follow(s, b);
    stream_measure(&s->stream, b, WALK_LENGTH);
    dsp_out(b, 0)[0] =
        stream_takes(&s->stream) ? even_whole(s, whole(s->lo), whole(s->hi)) : NAN;
}
const struct dsp_unit DSP(dsp_Diwhite) = { sizeof(struct walk), walk_init, diwhite_process };

/**
 * Dbrown - a random walk, reflected at its bounds. Dibrown - in whole numbers.
 *
 * in      [0] length
 *         [1] lo, [2] hi
 *         [3] step  the largest
 * out     [0] the next value; the first lies anywhere between the bounds
 * state   where it is, and of the random numbers
 */
PH_RT static void dbrown_process(void *state, const struct dsp_block *b)
{
    struct walk *const s = state;
    if (b->n_frames == 0) {
        stream_begin(&s->stream);
        return;
    }
    walk_follow(s, b);
    if (s->stream.length == STREAM_UNKNOWN)
        s->value = even_between(s);
    stream_measure(&s->stream, b, WALK_LENGTH);
    const bool goes_on = stream_takes(&s->stream);
    dsp_out(b, 0)[0] = goes_on ? s->value : NAN;
    if (goes_on)
        s->value = folded(s->value + (2 * chance_unit(&s->chance) - 1) * s->step, s->lo, s->hi);
}
const struct dsp_unit DSP(dsp_Dbrown) = { sizeof(struct walk), walk_init, dbrown_process, NULL, 0 };

PH_RT static void dibrown_process(void *state, const struct dsp_block *b)
{
    struct walk *const s = state;
    if (b->n_frames == 0) {
        stream_begin(&s->stream);
        return;
    }
    walk_follow(s, b);
    const float lo = truncf(whole(s->lo)), hi = truncf(whole(s->hi)), step = truncf(whole(s->step));
    if (s->stream.length == STREAM_UNKNOWN)
        s->value = even_whole(s, lo, hi);
    stream_measure(&s->stream, b, WALK_LENGTH);
    const bool goes_on = stream_takes(&s->stream);
    dsp_out(b, 0)[0] = goes_on ? s->value : NAN;
    if (goes_on)
        s->value = folded(s->value + even_whole(s, -step, step), lo, hi);
}
const struct dsp_unit DSP(dsp_Dibrown) = { sizeof(struct walk), walk_init, dibrown_process };

/* ---- of other streams ------------------------------------------------------------------------ */

struct again {
    float left, value; /* how often the value still comes */
};

PH_RT static void again_init(void *state, const struct dsp_block *b)
{
    *(struct again *)state = (struct again){ 0, 0 };
    for (uint32_t i = 0; i < 2; i++)
        dsp_demand_reset(b, i, b->frame);
}

/**
 * Dstutter, Ddup - every value of a stream several times.
 *
 * in      [0] n   times, asked for with each value
 *         [1] in  a stream
 * out     [0] the next value
 * state   the value
 */
PH_RT static void again_process(void *state, const struct dsp_block *b)
{
    struct again *const s = state;
    float *const out = dsp_out(b, 0);
    if (b->n_frames == 0) {
        again_init(s, b);
        return;
    }
    if (!(s->left > 0)) {
        const float value = dsp_demand(b, 1, b->frame), n = dsp_demand(b, 0, b->frame);
        out[0] = NAN;
        if (isnan(n) || isnan(value))
            return;
        s->value = value;
        s->left = floorf(n + 0.5f);
    }
    out[0] = s->value;
    s->left -= 1;
}
const struct dsp_unit DSP(dsp_Dstutter) = { sizeof(struct again), again_init, again_process };
const struct dsp_unit DSP(dsp_Ddup) = { sizeof(struct again), again_init, again_process, NULL, 0 };

/* sum < 0: not asked for yet; so_far NaN: it is over */
struct constrained { float sum, tolerance, so_far; };

enum { CONST_SUM, CONST_IN, CONST_TOLERANCE };

PH_RT static void dconst_init(void *state, const struct dsp_block *b)
{
    *(struct constrained *)state = (struct constrained){ -1, 0, 0 };
    for (uint32_t i = 0; i < 3; i++)
        dsp_demand_reset(b, i, b->frame);
}

/** The next value of the stream, the last one cut so that the sum is met. */
PH_RT static float dconst_next(struct constrained *s, const struct dsp_block *b)
{
    if (isnan(s->so_far))
        return NAN;
    if (s->sum < 0) {
        const float sum = dsp_demand(b, CONST_SUM, b->frame);
        const float tolerance = dsp_demand(b, CONST_TOLERANCE, b->frame);
        if (isnan(sum) || isnan(tolerance))
            return NAN;
        s->sum = sum;
        s->tolerance = tolerance;
    }
    const float x = dsp_demand(b, CONST_IN, b->frame), sum = s->so_far + x;
    if (isnan(x))
        return NAN;
    const bool is_last = sum > s->sum || fabsf(s->sum - sum) <= s->tolerance;
    const float last = s->sum - s->so_far;
    s->so_far = is_last ? NAN : sum;
    return is_last ? last : x;
}

/**
 * Dconst - a stream up to a sum.
 *
 * in      [0] sum
 *         [1] in         a stream
 *         [2] tolerance  within which the sum is met
 * out     [0] the next value
 * state   the sum so far
 */
PH_RT static void dconst_process(void *state, const struct dsp_block *b)
{
    struct constrained *const s = state;
    if (b->n_frames > 0) {
        dsp_out(b, 0)[0] = dconst_next(s, b);
        return;
    }
    dconst_init(s, b);
}
const struct dsp_unit DSP(dsp_Dconst) = { sizeof(struct constrained), dconst_init, dconst_process };

/**
 * Dreset - a stream that begins again when another rises through 0.
 *
 * in      [0] in     a stream
 *         [1] reset  asked for with every value
 * out     [0] the next value
 * state   the last reset
 */
PH_RT static void dreset_process(void *state, const struct dsp_block *b)
{
    float *const last = state;
    if (b->n_frames == 0) {
        dsp_demand_reset(b, 0, b->frame);
        return;
    }
    const float x = dsp_demand(b, 0, b->frame), reset = dsp_demand(b, 1, b->frame);
    dsp_out(b, 0)[0] = x;
    if (isnan(x))
        return;
    if (reset > 0 && *last <= 0)
        dsp_demand_reset(b, 0, b->frame);
    *last = reset;
}
PH_RT static void dreset_init(void *state, const struct dsp_block *b)
{
    *(float *)state = 0;
    dsp_demand_reset(b, 0, b->frame);
}
const struct dsp_unit DSP(dsp_Dreset) = { sizeof(float), dreset_init, dreset_process, NULL, 0 };

#else
typedef int stream_has_no_wide_form; /* a translation unit must declare something */
#endif
