/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/impulse.c - Impulse: single frames of 1.                                            */
/* room: audio.                                                                                   */
#include "server/dsp/lane_phase.h"
#include "server/dsp/part.h"
#include "server/dsp/ramp.h"

/**
 * Impulse - single frames of 1.
 *
 * in      [0] freq   Hz; ramped where it is not at audio rate; 0 gives one impulse
 *         [1] phase  offset in turns; what moves in it moves the running phase. Moved back, behind
 *             where its turn began, the phase makes up for it first; moved on past its turn's end,
 *             it begins the next one without an impulse
 * out     [0] 1 in the frame where the phase completes a turn, else 0; frame 0 where it starts at 0
 * state   phase in 64 bits and whole turns, whether its last step completed one, last inputs
 * cost    an addition of 64 bits and a comparison per frame, some ten where an input moves
 */
struct impulse { lane_u hi, lo; lane_i whole, turned; lane step, offset; };

/** A phase and how many turns it is off its own. */
struct impulse_at { lane_long phase; lane_i whole; };

/** Turns per frame of a frequency, rounded as scsynth does; an offset; both within reason. */
LANE_FN lane impulse_step(lane freq, float rate_hz)
{
    return lane_clamp(freq * (float)(1.0 / rate_hz), -1e6f, 1e6f);
}
LANE_FN lane impulse_offset(lane offset) { return lane_clamp(offset, -1e6f, 1e6f); }

PH_RT static void impulse_init(void *state, const struct dsp_block *b)
{
    const lane offset = impulse_offset(dsp_in(b, 1)[0]);
    const lane_long phase = lane_long_of_turns(offset);
    const lane_u hi = lane_long_hi(phase), lo = lane_long_lo(phase);
    const lane step = impulse_step(dsp_in(b, 0)[0], b->rate_hz);
    const lane_i turned = lane_eq_i(lane_i_from_u(hi | lo), lane_splat_i(0));
    const lane_i whole = turned & lane_lt(step, lane_splat(0.0f)) & lane_splat_i(1);
    *(struct impulse *)state = (struct impulse){ hi, lo, whole, turned, step, offset };
}

/**
 * Mask of the lanes where the step that led to `phase` completed a turn: forwards a carry,
 * backwards none, and always where it is a turn or more.
 */
LANE_FN lane_i impulse_turned(lane_long phase, lane_long by, lane step)
{
    const lane zero = lane_splat(0.0f), one = lane_splat(1.0f);
    return (lane_long_carried(phase, by) ^ lane_lt(step, zero)) | lane_ge(lane_abs(step), one);
}

/** One freq and offset in all lanes, as in the block before. */
LANE_FN lane_long impulse_hold(struct impulse *s, const struct dsp_block *b, lane_long phase)
{
    lane *const restrict out = dsp_out(b, 0);
    const lane step = s->step * part_of_block(b), one = lane_splat(1.0f);
    const lane_long by = lane_long_of_turns(step);
    const lane_i turned = s->turned;
    for (uint32_t i = 0; i < b->n_frames; i++, phase = lane_long_add(phase, by))
        out[i] = lane_where(impulse_turned(phase, by, step), one);
    out[0] = lane_where(turned, one);
    s->turned = impulse_turned(phase, by, step);
    return phase;
}

/** Steps of a block in which freq moves: in turns, where the sign counts, and as phase. */
LANE_FN void impulse_steps(struct impulse *s, const struct dsp_block *b, lane *restrict turns,
                           lane_long *restrict by)
{
    const lane *const freq = dsp_in(b, 0);
    const uint32_t n = b->n_frames;
    const lane from = s->step, last = impulse_step(freq[dsp_step(b, 0) ? n - 1 : 0], b->rate_hz);
    s->step = last;
    if (dsp_step(b, 0)) {
        for (uint32_t i = 0; i < n; i++)
            turns[i] = impulse_step(freq[i], b->rate_hz);
        for (uint32_t i = 0; i < n; i++)
            by[i] = lane_long_of_turns(turns[i]);
        return;
    }
    const lane slope = (last - from) * (1.0f / (float)n);
    const lane_long more = lane_long_of_turns(slope);
    lane_long step = lane_long_of_turns(from);
    for (uint32_t i = 0; i < n; i++) {
        step = lane_long_add(step, more);
        by[i] = step;
        turns[i] = lane_fma(lane_splat(ramp_index[i] + 1.0f), slope, from);
    }
}

/** What offset adds to the phase before each step. @return whether it moves, in some lane */
LANE_FN bool impulse_shifts(struct impulse *s, const struct dsp_block *b, lane *shift)
{
    const lane *const offset = dsp_in(b, 1);
    const lane from = s->offset;
    if (!dsp_step(b, 1)) {
        s->offset = impulse_offset(offset[0]);
        const lane each = (s->offset - from) * (1.0f / (float)b->n_frames);
        for (uint32_t i = 0; i < b->n_frames; i++)
            shift[i] = each;
        return !lane_all(lane_eq(s->offset, from));
    }
    lane at = from;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane next = impulse_offset(offset[i]);
        shift[i] = next - at;
        at = next;
    }
    s->offset = at;
    return true;
}

/** The phase moves on by `turns`, of which `by` is what is left without whole ones. */
LANE_FN struct impulse_at impulse_moved(struct impulse_at at, lane turns, lane_long by)
{
    const lane part = lane_from_i(lane_i_from_u(lane_long_hi(by) >> 1)) * 4.656612873077393e-10f;
    const lane whole = ((turns - part) + 12582912.0f) - 12582912.0f;
    const lane_long sum = lane_long_add(at.phase, by);
    return (struct impulse_at){ sum, at.whole + lane_to_i(whole) - lane_long_carried(sum, by) };
}

/** Mask of the lanes that have completed a turn; they begin the next one. */
LANE_FN lane_i impulse_wrap(struct impulse_at *at, lane_i down)
{
    const lane_i zero = lane_splat_i(0), one = lane_splat_i(1);
    const lane_i ends = lane_select_i(down, lane_lt_i(at->whole, zero), lane_gt_i(at->whole, zero));
    const lane_i next = down & lane_lt_i(at->whole, lane_splat_i(-1));
    at->whole = lane_select_i(ends, zero - (next & one), at->whole);
    return ends;
}

/** Whether in all lanes the phase is in its turn and no step back is longer than one. */
LANE_FN bool impulse_is_inside(struct impulse_at at, const lane *turns, uint32_t n)
{
    lane lowest = turns[0];
    for (uint32_t i = 1; i < n; i++)
        lowest = lane_min(lowest, turns[i]);
    return lane_all(lane_eq_i(at.whole, lane_splat_i(0)) & lane_gt(lowest, lane_splat(-1.0f)));
}

/** Only freq moves, and the phase is in its turn. */
LANE_FN struct impulse_at impulse_turn(struct impulse *s, const struct dsp_block *b,
                                       struct impulse_at at, const lane *turns, const lane_long *by)
{
    lane *const restrict out = dsp_out(b, 0);
    const uint32_t n = b->n_frames;
    lane_long phases[DSP_BLOCK_FRAMES];
    for (uint32_t i = 0; i < n; i++) {
        at.phase = lane_long_add(at.phase, by[i]);
        phases[i] = at.phase;
    }
    out[0] = lane_where(s->turned, lane_splat(1.0f));
    for (uint32_t i = 0; i + 1 < n; i++)
        out[i + 1] = lane_where(impulse_turned(phases[i], by[i], turns[i]), lane_splat(1.0f));
    s->turned = impulse_turned(phases[n - 1], by[n - 1], turns[n - 1]);
    return at;
}

/** Freq or offset moves: on a straight line to its new value, or at audio rate. */
LANE_FN struct impulse_at impulse_follow(struct impulse *s, const struct dsp_block *b,
                                         struct impulse_at at)
{
    lane *const restrict out = dsp_out(b, 0);
    lane turns[DSP_BLOCK_FRAMES], shift[DSP_BLOCK_FRAMES];
    lane_long by[DSP_BLOCK_FRAMES];
    const lane zero = lane_splat(0.0f), one = lane_splat(1.0f);
    lane_i down = lane_lt(s->step, zero), turned = s->turned;
    impulse_steps(s, b, turns, by);
    if (part_of_block(b) < 1) {
        turns[0] = turns[0] * part_of_block(b);
        by[0] = lane_long_of_turns(turns[0]);
    }
    const bool shifts = impulse_shifts(s, b, shift);
    if (!shifts && impulse_is_inside(at, turns, b->n_frames))
        return impulse_turn(s, b, at, turns, by);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        out[i] = lane_where(turned, one);
        if (shifts) {
            at = impulse_moved(at, shift[i], lane_long_of_turns(shift[i]));
            impulse_wrap(&at, down);
        }
        at = impulse_moved(at, turns[i], by[i]);
        down = lane_lt(turns[i], zero);
        turned = impulse_wrap(&at, down);
    }
    s->turned = turned;
    return at;
}

PH_RT static void impulse_process(void *state, const struct dsp_block *b)
{
    struct impulse *const s = state;
    const lane_i down = lane_lt(s->step, lane_splat(0.0f)), zero = lane_splat_i(0);
    const lane_i still = lane_eq(impulse_step(dsp_in(b, 0)[0], b->rate_hz), s->step) &
                         lane_eq(impulse_offset(dsp_in(b, 1)[0]), s->offset);
    const lane_long from = lane_long_of(s->hi, s->lo);
    const lane_i at_start = lane_eq_i(lane_i_from_u(s->hi | s->lo), zero);
    struct impulse_at at = { phase_below(from, down), s->whole + (down & at_start) };
    const bool holds = !dsp_step(b, 0) && !dsp_step(b, 1) && lane_all(still);
    if (holds && impulse_is_inside(at, &s->step, 1))
        at.phase = impulse_hold(s, b, at.phase);
    else
        at = impulse_follow(s, b, at);
    const lane_long phase = phase_above(at.phase, down);
    s->hi = lane_long_hi(phase);
    s->lo = lane_long_lo(phase);
    s->whole = at.whole - (down & lane_eq_i(lane_i_from_u(s->hi | s->lo), zero));
}
const struct dsp_unit DSP(dsp_Impulse) = { sizeof(struct impulse), impulse_init, impulse_process,
                                           NULL };
