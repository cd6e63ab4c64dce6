/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/slew.c - signals that move on straight lines: Slew, Ramp, VarLag.                   */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/frames.h"
#include "server/dsp/lane_double.h"
#include "server/dsp/part.h"

/*
 * Slew - follows the input no faster than `up` and `dn` a second.
 *
 * in      [0] signal   [1] up   [2] dn, largest rise and fall per second, 0 and more. At audio rate
 *         they count once per block
 * out     [0] signal
 * state   the level, at birth the first value, in double; what is no number is let go
 */
struct slew { lane_dd level; };
enum { SLEW_IN, SLEW_UP, SLEW_DOWN };

PH_RT static void slew_init(void *state, const struct dsp_block *b)
{
    ((struct slew *)state)->level = lane_dd_from(dsp_in(b, SLEW_IN)[0]);
}

PH_RT static void slew_process(void *state, const struct dsp_block *b)
{
    struct slew *const s = state;
    const lane *const x = dsp_in(b, SLEW_IN);
    const uint32_t dx = dsp_step(b, SLEW_IN);
    const float seconds = 1.0f / part_rate_hz(b); /* of a frame */
    const lane rise = lane_clamp(dsp_in(b, SLEW_UP)[0], 0.0f, 1e30f) * seconds;
    const lane fall = lane_clamp(dsp_in(b, SLEW_DOWN)[0], 0.0f, 1e30f) * seconds;
    const lane_dd up = lane_dd_from(rise), down = lane_dd_from(0.0f - fall);
    const lane_dd zero = lane_dd_splat(0.0), minus_up = lane_dd_sub(zero, up);
    lane *const out = dsp_out(b, 0);
    lane_dd level = s->level;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_dd slope = lane_dd_max(lane_dd_sub(lane_dd_from(x[i * dx]), level), down);
        /* the smaller of slope and up, as the larger with both signs turned */
        level = lane_dd_sub(level, lane_dd_max(lane_dd_sub(zero, slope), minus_up));
        out[i] = lane_from_dd(level);
    }
    s->level = lane_dd_where(lane_finite(lane_from_dd(level)), level);
}
const struct dsp_unit DSP(dsp_Slew) = { sizeof(struct slew), slew_init, slew_process, NULL, 1,
                                        birth_input };

/** a where the mask is set, else b. */
LANE_FN lane_dd select_dd(lane_i mask, lane_dd a, lane_dd b)
{
    return lane_dd_add(lane_dd_where(mask, a), lane_dd_where(~mask, b));
}

/** A level on its way: `slope` a frame for `left` more frames. */
struct course { lane_dd level, slope; lane_i left; };

/** Whole frames, at least 1. */
LANE_FN lane_i frames_from(lane frames)
{
    return lane_to_i(lane_clamp(frames, 1.0f, 1e9f));
}
/** Past 2^31 frames, which no voice sees the end of, 1: what scsynth's overflow comes to. */
LANE_FN lane_i frames_of_seconds(lane seconds, float rate_hz)
{
    const lane_i fits = lane_gt(seconds, lane_splat(0.0f)) &
                        lane_lt(seconds * rate_hz, lane_splat(2.1e9f));
    /* in double, as scsynth counts them: 0.7f * 48000 is 33599 */
    const lane_i n = lane_i_from_d(lane_to_d(lane_where(fits, seconds)) * (double)rate_hz);
    const lane_i one = lane_splat_i(1);
    return lane_select_i(lane_lt_i(n, one), one, n);
}

/** Sends the lanes of `mask` to `target`, to arrive after `left` frames. */
LANE_FN void course_set(struct course *c, lane_i mask, lane target, lane_i left)
{
    const lane_dd way = lane_dd_sub(lane_dd_from(target), c->level);
    c->slope = select_dd(mask, lane_dd_div(way, lane_dd_from(lane_from_i(left))), c->slope);
    c->left = lane_select_i(mask, left, c->left);
}

/** What is no number is let go. */
LANE_FN void course_bound(struct course *c)
{
    const lane_i sane = lane_finite(lane_from_dd(c->level)) & lane_finite(lane_from_dd(c->slope));
    c->level = lane_dd_where(sane, c->level);
    c->slope = lane_dd_where(sane, c->slope);
}

/*
 * Ramp - takes a value of the input every lagTime and goes there on a straight line.
 *
 * in      [0] signal   [1] lagTime, seconds, read where a line begins; at audio rate the block's
 *         first counts
 * out     [0] signal, one lagTime late
 * state   the line in use, at birth standing on the first value for one frame. A line begins with
 *         the value of its first frame, at control rate with that of the frame before, as in
 *         scsynth
 * cost    an addition per frame, a division where a line begins
 */
struct ramp { lane_dd level, slope; lane_i left; struct part_line line; };
enum { RAMP_IN, RAMP_TIME };

PH_RT static void ramp_init(void *state, const struct dsp_block *b)
{
    struct ramp *const s = state;
    s->level = lane_dd_from(dsp_in(b, RAMP_IN)[0]);
    s->slope = lane_dd_splat(0.0);
    s->left = lane_splat_i(1);
    s->line = part_line_new(b, dsp_in(b, RAMP_IN)[0]);
}

/** Begins a line where one has ended. */
LANE_FN void ramp_turn(struct course *c, lane target, lane seconds, float rate_hz)
{
    const lane_i over = lane_lt_i(c->left, lane_splat_i(1));
    if (lane_any(over))
        course_set(c, over, target, frames_of_seconds(seconds, rate_hz));
}

PH_RT static void ramp_process(void *state, const struct dsp_block *b)
{
    struct ramp *const s = state;
    struct course c = { s->level, s->slope, s->left };
    const lane *const x = dsp_in(b, RAMP_IN), seconds = dsp_in(b, RAMP_TIME)[0];
    const uint32_t dx = dsp_step(b, RAMP_IN);
    const bool audio = b->rate == PH_AUDIO;
    lane *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (audio)
            ramp_turn(&c, x[i * dx], seconds, b->rate_hz);
        out[i] = lane_from_dd(c.level);
        c.level = lane_dd_add(c.level, c.slope);
        c.left -= 1;
        if (!audio)
            ramp_turn(&c, x[i * dx], seconds, b->rate_hz);
    }
    if (!audio)
        out[0] = part_line_to(&s->line, out[0]);
    course_bound(&c);
    s->level = c.level;
    s->slope = c.slope;
    s->left = c.left;
}
const struct dsp_unit DSP(dsp_Ramp) = { sizeof(struct ramp), ramp_init, ramp_process, NULL, 2,
                                        birth_input };

/*
 * VarLag - goes to a new value of the input on a straight line that takes `time`.
 *
 * in      [0] signal   [1] time, seconds   [2] start, the level at birth. At audio rate the first
 *         frame of a block counts, of all three
 * out     [0] signal
 * state   the line in use, where it goes and how long it takes. A new time stretches what is left
 *         of it
 */
struct var_lag { lane_dd level, slope; lane_i left; lane target, seconds; struct part_line line; };
enum { VAR_IN, VAR_TIME, VAR_START };

PH_RT static void var_lag_init(void *state, const struct dsp_block *b)
{
    struct var_lag *const s = state;
    struct course c = { lane_dd_from(dsp_in(b, b->n_in > VAR_START ? VAR_START : VAR_IN)[0]),
                        lane_dd_splat(0.0), lane_splat_i(0) };
    s->target = dsp_in(b, VAR_IN)[0];
    s->seconds = dsp_in(b, VAR_TIME)[0];
    s->line = part_line_new(b, lane_from_dd(c.level));
    course_set(&c, lane_splat_i(-1), s->target, frames_of_seconds(s->seconds, b->rate_hz));
    s->level = c.level;
    s->slope = c.slope;
    s->left = c.left;
}

/** Stretches the lines of `mask`; one that would be over within the frame goes to its end. */
LANE_FN void var_lag_stretch(struct course *c, lane_i mask, lane by, lane target)
{
    const lane left = lane_from_i(c->left) * by;
    const lane_i ends = ~lane_ge(left, lane_splat(1.0f)); /* or is no number */
    const lane_dd divisor = lane_dd_from(lane_select(ends, lane_splat(1.0f), by));
    const lane_dd slower = lane_dd_div(c->slope, divisor);
    const lane_dd way = lane_dd_sub(lane_dd_from(target), c->level);
    c->left = lane_select_i(mask, frames_from(left), c->left);
    c->slope = select_dd(mask, select_dd(ends, way, slower), c->slope);
}

/** Takes up a new value, or a new time. */
LANE_FN void var_lag_turn(struct var_lag *s, struct course *c, const struct dsp_block *b)
{
    const lane x = dsp_in(b, VAR_IN)[0], seconds = dsp_in(b, VAR_TIME)[0];
    const lane_i anew = lane_ne(x, s->target), goes = lane_gt_i(c->left, lane_splat_i(0));
    const lane_i stretched = lane_ne(seconds, s->seconds) & ~anew & goes;
    if (lane_any(stretched))
        var_lag_stretch(c, stretched, seconds / s->seconds, x);
    if (lane_any(anew))
        course_set(c, anew, x, frames_of_seconds(seconds, b->rate_hz));
    s->target = x;
    s->seconds = seconds;
}

PH_RT static void var_lag_process(void *state, const struct dsp_block *b)
{
    struct var_lag *const s = state;
    struct course c = { s->level, s->slope, s->left };
    lane *const out = dsp_out(b, 0);

    if (b->node[0].first_frame == 0 || b->rate != PH_AUDIO) /* a block begins */
        var_lag_turn(s, &c, b);
    const lane_dd target = lane_dd_from(s->target);
    const lane_i was_over = lane_lt_i(c.left, lane_splat_i(1));
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_i goes = lane_gt_i(c.left, lane_splat_i(0));
        out[i] = lane_from_dd(c.level);
        c.level = select_dd(goes | was_over, lane_dd_add(c.level, lane_dd_where(goes, c.slope)),
                            target);
        c.left = lane_select_i(goes, c.left - 1, c.left);
    }
    if (b->rate != PH_AUDIO)
        out[0] = part_line_to(&s->line, out[0]);
    course_bound(&c);
    s->level = c.level;
    s->slope = c.slope;
    s->left = c.left;
}
const struct dsp_unit DSP(dsp_VarLag) = { sizeof(struct var_lag), var_lag_init, var_lag_process,
                                          NULL, 2, birth_input };
