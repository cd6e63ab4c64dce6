/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/var_saw.c - VarSaw, between saw and triangle, and LFPulse.                          */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/frames.h"
#include "server/dsp/lane.h"
#include "server/dsp/lane_phase.h"
#include "server/dsp/part.h"

/**
 * VarSaw - two straight lines a turn, the rising one for `width` of it; without band limit.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate
 *         [1] iphase  where it starts, in turns; whole ones are dropped
 *         [2] width   0.001 .. 0.999, clamped; a new one counts from the start of the next turn, of
 *             a signal a block's first value
 * out     [0] from -1 up to 1 and down again; frame 0 is at iphase
 * state   phase in 64 bits, the turn's width, whether the next frame starts a turn
 * cost    an addition, a conversion and two lines per frame
 */
struct var_saw { lane_u hi, lo; lane width; lane_i turned; };

/** Output at phase p: the lower of up * p - 1 and down * (1 - p) - 1, which meet at 1. */
struct slopes { lane up, down; };
LANE_FN struct slopes slopes_of(lane width)
{
    return (struct slopes){ 2.0f / width, 2.0f / (1.0f - width) };
}
LANE_FN lane var_saw(lane_u phase, struct slopes s)
{
    const lane p = lane_from_i(lane_i_from_u(phase >> 8)) * 5.9604644775390625e-8f; /* 2^-24 */
    const lane one = lane_splat(1.0f);
    return lane_min(lane_fma(p, s.up, -one), lane_fma(one - p, s.down, -one));
}

LANE_FN lane var_saw_width(const struct dsp_block *b)
{
    return lane_clamp(dsp_in(b, 2)[0], 0.001f, 0.999f);
}

/** Turns per frame, scaled as scsynth does and bounded so that whole turns can be dropped. */
LANE_FN lane var_saw_step(const struct dsp_block *b, uint32_t frame)
{
    const float per_hz = (float)(1.0 / (double)part_rate_hz(b));
    return lane_clamp(frame_of(b, 0, frame) * per_hz, -1e6f, 1e6f);
}

/** Mask of the lanes where adding `by` to get `phase` began a new turn; `step` is its sign. */
LANE_FN lane_i var_saw_turned(lane_long phase, lane_long by, lane step)
{
    return lane_long_carried(phase, by) ^ lane_lt(step, lane_splat(0.0f));
}

PH_RT static void var_saw_init(void *state, const struct dsp_block *b)
{
    const lane_long at = lane_long_of_turns(lane_clamp(dsp_in(b, 1)[0], -1e6f, 1e6f));
    *(struct var_saw *)state =
        (struct var_saw){ lane_long_hi(at), lane_long_lo(at), var_saw_width(b), lane_splat_i(0) };
}

/** One frequency, and no new width. */
LANE_FN void var_saw_hold(struct var_saw *s, const struct dsp_block *b)
{
    lane *const restrict out = dsp_out(b, 0);
    const struct slopes slopes = slopes_of(s->width);
    const lane step = var_saw_step(b, 0);
    const lane_long by = lane_long_of_turns(step);
    lane_long phase = lane_long_of(s->hi, s->lo);

    for (uint32_t i = 0; i < b->n_frames; i++, phase = lane_long_add(phase, by))
        out[i] = var_saw(lane_long_hi(phase), slopes);
    s->hi = lane_long_hi(phase);
    s->lo = lane_long_lo(phase);
    s->turned = var_saw_turned(phase, by, step);
}

/** A new width waits for its turn; `moves`: so may the frequency, frame by frame. */
LANE_FN void var_saw_follow(struct var_saw *s, const struct dsp_block *b, const bool moves)
{
    lane *const out = dsp_out(b, 0);
    const lane width = var_saw_width(b);
    lane_long phase = lane_long_of(s->hi, s->lo);
    struct slopes slopes = slopes_of(s->width);
    lane step = var_saw_step(b, 0);
    lane_long by = lane_long_of_turns(step);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (lane_any(s->turned)) {
            s->width = lane_select(s->turned, width, s->width);
            slopes = slopes_of(s->width);
        }
        out[i] = var_saw(lane_long_hi(phase), slopes);
        if (moves) {
            step = var_saw_step(b, i);
            by = lane_long_of_turns(step);
        }
        phase = lane_long_add(phase, by);
        s->turned = var_saw_turned(phase, by, step);
    }
    s->hi = lane_long_hi(phase);
    s->lo = lane_long_lo(phase);
}

PH_RT static void var_saw_process(void *state, const struct dsp_block *b)
{
    struct var_saw *const s = state;
    if (dsp_step(b, 0))
        var_saw_follow(s, b, true);
    else if (lane_any(lane_ne(s->width, var_saw_width(b))))
        var_saw_follow(s, b, false);
    else
        var_saw_hold(s, b);
}
const struct dsp_unit DSP(dsp_VarSaw) = { sizeof(struct var_saw), var_saw_init, var_saw_process,
                                          NULL, 0, birth_zero };

/**
 * LFPulse - 1 for `width` of each turn, then 0; without band limit.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate
 *         [1] iphase  where it starts, in turns
 *         [2] width   a new one counts from the start of the next turn; of a signal a block's first
 *             value
 * out     [0] 1 or 0. The frame that starts a turn is 1 if width is at most a half, else 0: so a
 *             pulse has two levels whatever its width
 * state   phase in 64 bits, the turn's width, how many turns ahead the phase is. As in scsynth a
 *         frame takes back one of them, and none where the phase has run backwards: below 0 it is 1
 * cost    an addition and two comparisons of 64 bits per frame
 */
struct lf_pulse { lane_u hi, lo; lane width, ahead; };

struct fall { lane width; lane_long at; lane_i never, narrow; };
LANE_FN struct fall fall_of(lane width)
{
    return (struct fall){ width, lane_long_of_turns(lane_clamp(width, 0.0f, 1.0f)),
                          lane_ge(width, lane_splat(1.0f)), lane_le(width, lane_splat(0.5f)) };
}

/** A frame within a turn; `starts`: the first of it. */
LANE_FN lane lf_pulse_in_turn(lane_long phase, lane_i starts, struct fall fall)
{
    const lane_i high = lane_long_carried(phase, fall.at) | fall.never; /* the phase is below */
    return lane_where((high & ~starts) | (fall.narrow & starts), lane_splat(1.0f));
}

/** Any frame; `behind`: turns below 0, as a number below it. */
LANE_FN lane lf_pulse(lane_long phase, lane behind, lane_i starts, struct fall fall)
{
    const lane turns = behind + lane_from_i(lane_i_from_u(lane_long_hi(phase) >> 8)) * 0x1p-24f;
    const lane_i is_behind = lane_lt(behind, lane_splat(0.0f)) & ~starts;
    const lane above = lane_where(lane_lt(turns, fall.width), lane_splat(1.0f));
    return lane_select(is_behind, above, lf_pulse_in_turn(phase, starts, fall));
}

/** Turns per frame. What is less than a phase can tell is nothing. */
LANE_FN lane lf_pulse_step(const struct dsp_block *b, uint32_t frame)
{
    const lane step = var_saw_step(b, frame);
    return lane_where(lane_ge(lane_abs(step), lane_splat(0x1p-59f)), step);
}

/** Turns ahead after adding `by`, the part of `step`, to get `phase`. They end where float does. */
LANE_FN lane lf_pulse_ahead(lane ahead, lane_long phase, lane_long by, lane step)
{
    const lane carried = lane_where(lane_long_carried(phase, by), lane_splat(1.0f));
    return lane_clamp(ahead + lane_floor(step) + carried, -0x1p22f, 0x1p22f);
}

PH_RT static void lf_pulse_init(void *state, const struct dsp_block *b)
{
    const lane turns = lane_clamp(dsp_in(b, 1)[0], -1e6f, 1e6f);
    const lane from = lane_where(lane_ge(lane_abs(turns), lane_splat(0x1p-59f)), turns);
    const lane_long at = lane_long_of_turns(from);
    *(struct lf_pulse *)state = (struct lf_pulse){ lane_long_hi(at), lane_long_lo(at),
                                                   dsp_in(b, 2)[0], lane_floor(from) };
}

/** One frequency up to one turn a frame, no new width, and at most one turn ahead. */
LANE_FN void lf_pulse_hold(struct lf_pulse *s, const struct dsp_block *b)
{
    lane *const restrict out = dsp_out(b, 0);
    const struct fall fall = fall_of(s->width);
    const lane none = lane_splat(0.0f);
    const lane_long by = lane_long_of_turns(lf_pulse_step(b, 0));
    lane_long phase = lane_long_of(s->hi, s->lo);
    const lane first = lf_pulse_in_turn(phase, lane_gt(s->ahead, none), fall);

    for (uint32_t i = 0; i < b->n_frames; i++, phase = lane_long_add(phase, by))
        out[i] = lf_pulse_in_turn(phase, lane_long_carried(phase, by), fall);
    out[0] = first; /* whether the last block's step turned it */
    s->hi = lane_long_hi(phase);
    s->lo = lane_long_lo(phase);
    s->ahead = lane_where(lane_long_carried(phase, by), lane_splat(1.0f));
}

/**
 * Frequency moves, a new width waits for its turn, or the phase is somewhere else than in its turn.
 */
LANE_FN void lf_pulse_follow(struct lf_pulse *s, const struct dsp_block *b)
{
    lane *const out = dsp_out(b, 0);
    const lane one = lane_splat(1.0f);
    lane_long phase = lane_long_of(s->hi, s->lo);
    struct fall fall = fall_of(s->width);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_i starts = lane_ge(s->ahead, one);
        if (lane_any(starts)) {
            s->ahead = s->ahead - lane_where(starts, one);
            s->width = lane_select(starts, dsp_in(b, 2)[0], s->width);
            fall = fall_of(s->width);
        }
        out[i] = lf_pulse(phase, s->ahead, starts, fall);
        const lane step = lf_pulse_step(b, i);
        const lane_long by = lane_long_of_turns(step);
        phase = lane_long_add(phase, by);
        s->ahead = lf_pulse_ahead(s->ahead, phase, by, step);
    }
    s->hi = lane_long_hi(phase);
    s->lo = lane_long_lo(phase);
}

PH_RT static void lf_pulse_process(void *state, const struct dsp_block *b)
{
    struct lf_pulse *const s = state;
    const lane none = lane_splat(0.0f), one = lane_splat(1.0f), step = lf_pulse_step(b, 0);
    const lane_i plain = lane_eq(s->width, dsp_in(b, 2)[0]) & lane_ge(s->ahead, none) &
                         lane_le(s->ahead, one) & lane_ge(step, none) & lane_lt(step, one);
    if (dsp_step(b, 0) || !lane_all(plain))
        lf_pulse_follow(s, b);
    else
        lf_pulse_hold(s, b);
}
const struct dsp_unit DSP(dsp_LFPulse) = { sizeof(struct lf_pulse), lf_pulse_init, lf_pulse_process,
                                           NULL, 0, lf_pulse_process };
