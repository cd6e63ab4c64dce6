/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/var_saw.c - VarSaw, between saw and triangle, and LFPulse.                          */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/lane.h"
#include "server/dsp/lane_phase.h"

/**
 * VarSaw - two straight lines a turn, the rising one for `width` of it; without band limit.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate
 *         [1] iphase  where it starts, in turns; whole ones are dropped
 *         [2] width   0.001 .. 0.999, clamped; a new one counts from the start of the next turn
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

LANE_FN lane var_saw_width(const struct dsp_block *b, uint32_t frame)
{
    return lane_clamp(dsp_in(b, 2)[frame * dsp_step(b, 2)], 0.001f, 0.999f);
}

/** Turns per frame, scaled as scsynth does and bounded so that whole turns can be dropped. */
LANE_FN lane var_saw_step(const struct dsp_block *b, uint32_t frame)
{
    const float per_hz = (float)(1.0 / (double)b->rate_hz);
    return lane_clamp(dsp_in(b, 0)[frame * dsp_step(b, 0)] * per_hz, -1e6f, 1e6f);
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
        (struct var_saw){ lane_long_hi(at), lane_long_lo(at), var_saw_width(b, 0), lane_splat_i(0) };
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

/** Frequency moves, or a new width waits for its turn. */
LANE_FN void var_saw_follow(struct var_saw *s, const struct dsp_block *b)
{
    lane *const out = dsp_out(b, 0);
    lane_long phase = lane_long_of(s->hi, s->lo);
    struct slopes slopes = slopes_of(s->width);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (lane_any(s->turned)) {
            s->width = lane_select(s->turned, var_saw_width(b, i), s->width);
            slopes = slopes_of(s->width);
        }
        out[i] = var_saw(lane_long_hi(phase), slopes);
        const lane step = var_saw_step(b, i);
        const lane_long by = lane_long_of_turns(step);
        phase = lane_long_add(phase, by);
        s->turned = var_saw_turned(phase, by, step);
    }
    s->hi = lane_long_hi(phase);
    s->lo = lane_long_lo(phase);
}

PH_RT static void var_saw_process(void *state, const struct dsp_block *b)
{
    struct var_saw *const s = state;
    if (dsp_step(b, 0) || dsp_step(b, 2) || lane_any(lane_ne(s->width, var_saw_width(b, 0))))
        var_saw_follow(s, b);
    else
        var_saw_hold(s, b);
}
const struct dsp_unit DSP(dsp_VarSaw) = { sizeof(struct var_saw), var_saw_init, var_saw_process, NULL, 0,
                                          birth_zero };

/**
 * LFPulse - 1 for `width` of each turn, then 0; without band limit.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate
 *         [1] iphase  where it starts, in turns; whole ones are dropped
 *         [2] width   0 .. 1, clamped; a new one counts from the start of the next turn
 * out     [0] 1 or 0. The frame that starts a turn is 1 if width is at most a half, else 0: so a
 *             pulse has two levels whatever its width
 * state   as VarSaw; it starts one frame after iphase, as scsynth's does
 * cost    an addition and two comparisons of 64 bits per frame
 */
struct fall { lane_long at; lane_i never, narrow; };
LANE_FN struct fall fall_of(lane width)
{
    return (struct fall){ lane_long_of_turns(width), lane_ge(width, lane_splat(1.0f)),
                          lane_le(width, lane_splat(0.5f)) };
}
LANE_FN lane lf_pulse(lane_long phase, lane_i turned, struct fall fall)
{
    const lane_i high = lane_long_carried(phase, fall.at) | fall.never; /* the phase is below */
    /* a turn that starts at its end is one that runs backwards */
    const lane_i starts = turned & ~(lane_i_from_u(lane_long_hi(phase)) >> 31);
    return lane_where((high & ~starts) | (fall.narrow & starts), lane_splat(1.0f));
}

LANE_FN lane lf_pulse_width(const struct dsp_block *b, uint32_t frame)
{
    return lane_clamp(dsp_in(b, 2)[frame * dsp_step(b, 2)], 0.0f, 1.0f);
}

PH_RT static void lf_pulse_init(void *state, const struct dsp_block *b)
{
    const lane_long first = lane_long_of_turns(lane_clamp(dsp_in(b, 1)[0], -1e6f, 1e6f));
    const lane step = var_saw_step(b, 0);
    const lane_long by = lane_long_of_turns(step), at = lane_long_add(first, by);
    *(struct var_saw *)state = (struct var_saw){ lane_long_hi(at), lane_long_lo(at),
                                                 lf_pulse_width(b, 0),
                                                 var_saw_turned(at, by, step) };
}

/** One frequency, and no new width. */
LANE_FN void lf_pulse_hold(struct var_saw *s, const struct dsp_block *b)
{
    lane *const restrict out = dsp_out(b, 0);
    const struct fall fall = fall_of(s->width);
    const lane step = var_saw_step(b, 0);
    const lane_long by = lane_long_of_turns(step);
    lane_long phase = lane_long_of(s->hi, s->lo);
    const lane first = lf_pulse(phase, s->turned, fall);

    for (uint32_t i = 0; i < b->n_frames; i++, phase = lane_long_add(phase, by))
        out[i] = lf_pulse(phase, var_saw_turned(phase, by, step), fall);
    out[0] = first; /* whether the last block's step turned it */
    s->hi = lane_long_hi(phase);
    s->lo = lane_long_lo(phase);
    s->turned = var_saw_turned(phase, by, step);
}

/** Frequency moves, or a new width waits for its turn. */
LANE_FN void lf_pulse_follow(struct var_saw *s, const struct dsp_block *b)
{
    lane *const out = dsp_out(b, 0);
    lane_long phase = lane_long_of(s->hi, s->lo);
    struct fall fall = fall_of(s->width);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (lane_any(s->turned)) {
            s->width = lane_select(s->turned, lf_pulse_width(b, i), s->width);
            fall = fall_of(s->width);
        }
        out[i] = lf_pulse(phase, s->turned, fall);
        const lane step = var_saw_step(b, i);
        const lane_long by = lane_long_of_turns(step);
        phase = lane_long_add(phase, by);
        s->turned = var_saw_turned(phase, by, step);
    }
    s->hi = lane_long_hi(phase);
    s->lo = lane_long_lo(phase);
}

PH_RT static void lf_pulse_process(void *state, const struct dsp_block *b)
{
    struct var_saw *const s = state;
    if (dsp_step(b, 0) || dsp_step(b, 2) || lane_any(lane_ne(s->width, lf_pulse_width(b, 0))))
        lf_pulse_follow(s, b);
    else
        lf_pulse_hold(s, b);
}
const struct dsp_unit DSP(dsp_LFPulse) = { sizeof(struct var_saw), lf_pulse_init, lf_pulse_process,
                                           NULL, 0 };
