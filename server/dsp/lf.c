/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lf.c - waves without band limit: LFSaw, LFTri.                                       */
/* room: audio.                                                                                    */
#include "server/dsp/lane_phase.h"

/**
 * LFSaw - sawtooth without band limit.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate
 *         [1] iphase  where it starts, in half periods: 0 is the middle of the rise
 * out     [0] phase, -1 .. 1; going up the upper end is left out, going down the lower one
 * state   phase in 64 bits; it starts one frame after iphase, as scsynth's does
 * cost    one addition and a conversion per frame
 */
struct lf { lane_u hi, lo; lane_i down; };

/** Turns per frame, scaled as scsynth does, in float, so that both stay together; within reason. */
LANE_FN lane lf_turns(lane freq, float range, float rate_hz)
{
    return lane_clamp(freq * (float)(range / rate_hz), -1e6f, 1e6f) / range;
}
LANE_FN lane_i lf_down(lane turns) { return lane_lt(turns, lane_splat(0.0f)); }

LANE_FN void lf_keep(struct lf *s, lane_long phase, lane_i down)
{
    const lane_long below = phase_below(phase, down);
    *s = (struct lf){ lane_long_hi(below), lane_long_lo(below), down };
}

static void lf_start(struct lf *s, const struct dsp_block *b, float range)
{
    const lane_long first = lane_long_of_turns(lane_clamp(dsp_in(b, 1)[0], -1e6f, 1e6f) / range);
    const lane turns = lf_turns(dsp_in(b, 0)[0], range, b->rate_hz);
    lf_keep(s, lane_long_add(first, lane_long_of_turns(turns)), lf_down(turns));
}

PH_RT static void lf_saw_init(void *state, const struct dsp_block *b)
{
    lf_start(state, b, 2.0f);
}

typedef lane lf_wave(lane_u phase);
LANE_FN lane lf_saw(lane_u phase) { return lane_from_i(lane_i_from_u(phase)) * 4.656612873e-10f; }
LANE_FN lane lf_tri(lane_u phase)
{
    return lane_from_i(lane_phase_fold(phase - LANE_QUARTER_TURN)) * 9.313225746e-10f;
}

/** Frequency at audio rate. */
LANE_FN void lf_follow(struct lf *s, const struct dsp_block *b, float range, lf_wave *wave)
{
    const lane *const freq = dsp_in(b, 0);
    lane *const restrict out = dsp_out(b, 0);
    const uint32_t n = b->n_frames;
    lane turns[DSP_BLOCK_FRAMES];
    lane_long at[DSP_BLOCK_FRAMES], phase = phase_above(lane_long_of(s->hi, s->lo), s->down);
    for (uint32_t i = 0; i < n; i++)
        turns[i] = lf_turns(freq[i], range, b->rate_hz);
    for (uint32_t i = 0; i < n; i++)
        at[i] = lane_long_of_turns(turns[i]);
    for (uint32_t i = 0; i < n; i++)
        at[i] = phase = lane_long_add(phase, at[i]);
    out[0] = wave(s->hi);
    for (uint32_t i = 0; i + 1 < n; i++)
        out[i + 1] = wave(lane_long_hi(phase_below(at[i], lf_down(turns[i]))));
    lf_keep(s, phase, lf_down(turns[n - 1]));
}

/** Runs the phase, one turn over `range` of scsynth's. */
LANE_FN void lf_process(void *state, const struct dsp_block *b, float range, lf_wave *wave)
{
    struct lf *const s = state;
    lane *const restrict out = dsp_out(b, 0);
    if (dsp_step(b, 0)) {
        lf_follow(s, b, range, wave);
        return;
    }
    const lane turns = lf_turns(dsp_in(b, 0)[0], range, b->rate_hz);
    const lane_long step = lane_long_of_turns(turns);
    const lane_i down = lf_down(turns);
    const lane first = wave(s->hi); /* as the last block's freq left it */
    lane_long at = phase_below(phase_above(lane_long_of(s->hi, s->lo), s->down), down);
    for (uint32_t i = 0; i < b->n_frames; i++, at = lane_long_add(at, step))
        out[i] = wave(lane_long_hi(at));
    out[0] = first;
    *s = (struct lf){ lane_long_hi(at), lane_long_lo(at), down };
}

PH_RT static void lf_saw_process(void *state, const struct dsp_block *b)
{
    lf_process(state, b, 2.0f, lf_saw);
}
const struct dsp_unit DSP(dsp_LFSaw) = { sizeof(struct lf), lf_saw_init, lf_saw_process, NULL };

/**
 * LFTri - triangle without band limit.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate
 *         [1] iphase  where it starts, in quarter periods: 0 is the middle of the rise
 * out     [0] -1 .. 1
 * state   phase in 64 bits; it starts one frame after iphase, as scsynth's does
 * cost    one addition and a conversion per frame
 */
PH_RT static void lf_tri_init(void *state, const struct dsp_block *b)
{
    lf_start(state, b, 4.0f);
}

PH_RT static void lf_tri_process(void *state, const struct dsp_block *b)
{
    lf_process(state, b, 4.0f, lf_tri);
}
const struct dsp_unit DSP(dsp_LFTri) = { sizeof(struct lf), lf_tri_init, lf_tri_process, NULL };
