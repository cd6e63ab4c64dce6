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
 *         [1] phase  offset in turns; what moves in it moves the running phase
 * out     [0] 1 in the frame where the phase completes a turn, else 0; frame 0 where it starts at 0
 * state   phase in 64 bits, whether its last step completed a turn, last inputs
 * cost    an addition of 64 bits and a comparison per frame, three and more where an input moves
 */
struct impulse { lane_u hi, lo; lane_i turned; lane step, offset; };

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
    *(struct impulse *)state = (struct impulse){
        hi, lo, lane_eq_i(lane_i_from_u(hi | lo), lane_splat_i(0)),
        impulse_step(dsp_in(b, 0)[0], b->rate_hz), offset
    };
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

/** What offset adds to the phase before each step. */
LANE_FN void impulse_shifts(struct impulse *s, const struct dsp_block *b, lane_long *shift)
{
    const lane *const offset = dsp_in(b, 1);
    if (!dsp_step(b, 1)) {
        const lane last = impulse_offset(offset[0]);
        const lane_long each = lane_long_of_turns((last - s->offset) * (1.0f / (float)b->n_frames));
        for (uint32_t i = 0; i < b->n_frames; i++)
            shift[i] = each;
        s->offset = last;
        return;
    }
    lane_long at = lane_long_of_turns(s->offset);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_long next = lane_long_of_turns(impulse_offset(offset[i]));
        shift[i] = lane_long_sub(next, at);
        at = next;
    }
    s->offset = impulse_offset(offset[b->n_frames - 1]);
}

/** Freq or offset moves: on a straight line to its new value, or at audio rate. */
LANE_FN lane_long impulse_follow(struct impulse *s, const struct dsp_block *b, lane_long phase)
{
    lane *const restrict out = dsp_out(b, 0);
    const uint32_t n = b->n_frames;
    lane turns[DSP_BLOCK_FRAMES];
    lane_long by[DSP_BLOCK_FRAMES], at[DSP_BLOCK_FRAMES];
    impulse_steps(s, b, turns, by);
    if (part_of_block(b) < 1) {
        turns[0] = turns[0] * part_of_block(b);
        by[0] = lane_long_of_turns(turns[0]);
    }
    impulse_shifts(s, b, at);
    for (uint32_t i = 0; i < n; i++) {
        phase = lane_long_add(lane_long_add(phase, at[i]), by[i]);
        at[i] = phase;
    }
    out[0] = lane_where(s->turned, lane_splat(1.0f));
    for (uint32_t i = 0; i + 1 < n; i++)
        out[i + 1] = lane_where(impulse_turned(at[i], by[i], turns[i]), lane_splat(1.0f));
    s->turned = impulse_turned(at[n - 1], by[n - 1], turns[n - 1]);
    return phase;
}

PH_RT static void impulse_process(void *state, const struct dsp_block *b)
{
    struct impulse *const s = state;
    const lane_i down = lane_lt(s->step, lane_splat(0.0f));
    const lane_i still = lane_eq(impulse_step(dsp_in(b, 0)[0], b->rate_hz), s->step) &
                         lane_eq(impulse_offset(dsp_in(b, 1)[0]), s->offset);
    lane_long phase = phase_below(lane_long_of(s->hi, s->lo), down);
    if (lane_all(still) && !dsp_step(b, 0) && !dsp_step(b, 1))
        phase = impulse_hold(s, b, phase);
    else
        phase = impulse_follow(s, b, phase);
    phase = phase_above(phase, down);
    s->hi = lane_long_hi(phase);
    s->lo = lane_long_lo(phase);
}
const struct dsp_unit DSP(dsp_Impulse) = { sizeof(struct impulse), impulse_init, impulse_process,
                                           NULL };
