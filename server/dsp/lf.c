/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lf.c - waves without band limit: LFSaw, LFTri.                                      */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/frames.h"
#include "server/dsp/lane_phase.h"
#include "server/dsp/part.h"

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

/** Where it stands before the first frame; `offset` is the phase at iphase 0. */
LANE_FN lane_long lf_origin(const struct dsp_block *b, float range, uint32_t offset)
{
    const lane_long first = lane_long_of_turns(lane_clamp(dsp_in(b, 1)[0], -1e6f, 1e6f) / range);
    return lane_long_add(first, lane_long_of(lane_splat_u(offset), lane_splat_u(0)));
}

static void lf_start(struct lf *s, const struct dsp_block *b, float range, uint32_t offset)
{
    const lane_long from = lf_origin(b, range, offset);
    const lane turns = lf_turns(dsp_in(b, 0)[0], range, b->rate_hz);
    lf_keep(s, lane_long_add(from, lane_long_of_turns(turns)), lf_down(turns));
}

PH_RT static void lf_saw_init(void *state, const struct dsp_block *b)
{
    lf_start(state, b, 2.0f, 0);
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
        turns[i] = lf_turns(freq[i], range, part_rate_hz(b));
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
    const lane turns = lf_turns(dsp_in(b, 0)[0], range, part_rate_hz(b));
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

PH_RT static void lf_saw_birth(void *state, const struct dsp_block *b)
{
    (void)state;
    dsp_out(b, 0)[0] = lf_saw(lane_long_hi(lf_origin(b, 2.0f, 0)));
}
const struct dsp_unit DSP(dsp_LFSaw) = { sizeof(struct lf), lf_saw_init, lf_saw_process, NULL, 0,
                                         lf_saw_birth };

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
    lf_start(state, b, 4.0f, 0);
}

PH_RT static void lf_tri_process(void *state, const struct dsp_block *b)
{
    lf_process(state, b, 4.0f, lf_tri);
}

PH_RT static void lf_tri_birth(void *state, const struct dsp_block *b)
{
    (void)state;
    dsp_out(b, 0)[0] = lf_tri(lane_long_hi(lf_origin(b, 4.0f, 0)));
}
const struct dsp_unit DSP(dsp_LFTri) = { sizeof(struct lf), lf_tri_init, lf_tri_process, NULL, 0,
                                         lf_tri_birth };

/**
 * LFPar - two parabolas, near a sine; without band limit.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate
 *         [1] iphase  where it starts, in quarter periods: 0 is the top
 * out     [0] -1 .. 1
 * state   phase in 64 bits; it starts one frame after iphase, as scsynth's does
 * cost    one addition, a conversion and two products per frame
 */
LANE_FN lane lf_par(lane_u phase)
{
    const lane f = lane_from_i(lane_phase_fold(phase)) * 9.313225746e-10f;
    return f * (2.0f - lane_abs(f));
}

PH_RT static void lf_par_init(void *state, const struct dsp_block *b)
{
    lf_start(state, b, 4.0f, 0);
}

PH_RT static void lf_par_process(void *state, const struct dsp_block *b)
{
    lf_process(state, b, 4.0f, lf_par);
}

PH_RT static void lf_par_birth(void *state, const struct dsp_block *b)
{
    (void)state;
    dsp_out(b, 0)[0] = lf_par(lane_long_hi(lf_origin(b, 4.0f, 0)));
}
const struct dsp_unit DSP(dsp_LFPar) = { sizeof(struct lf), lf_par_init, lf_par_process, NULL, 0,
                                         lf_par_birth };

/**
 * LFCub - a cubic from bottom to top and back, nearer to a sine; without band limit.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate
 *         [1] iphase  where it starts, in half periods: 0 is the middle of the rise
 * out     [0] -1 .. 1
 * state   phase in 64 bits; it starts one frame after iphase, as scsynth's does
 * cost    one addition, a conversion and three products per frame
 */
LANE_FN lane lf_cub(lane_u phase)
{
    const lane f = lane_from_i(lane_phase_fold(phase)) * 9.313225746e-10f;
    return 0.5f * f * (f * f - 3.0f);
}

PH_RT static void lf_cub_init(void *state, const struct dsp_block *b)
{
    lf_start(state, b, 2.0f, LANE_QUARTER_TURN);
}

PH_RT static void lf_cub_process(void *state, const struct dsp_block *b)
{
    lf_process(state, b, 2.0f, lf_cub);
}

PH_RT static void lf_cub_birth(void *state, const struct dsp_block *b)
{
    (void)state;
    dsp_out(b, 0)[0] = lf_cub(lane_long_hi(lf_origin(b, 2.0f, LANE_QUARTER_TURN)));
}
const struct dsp_unit DSP(dsp_LFCub) = { sizeof(struct lf), lf_cub_init, lf_cub_process, NULL, 0,
                                         lf_cub_birth };

/**
 * SyncSaw - a sawtooth that another one starts over; without band limit.
 *
 * in      [0] syncFreq  Hz, of the one that isn't heard
 *         [1] sawFreq   Hz; both followed frame by frame at audio rate
 * out     [0] -1 .. 1; it starts over where it would be had it done so between two frames
 * state   both phases in 64 bits, born one frame after the middle of the rise, as scsynth's
 * cost    two additions and a conversion per frame, and where it starts over a division
 */
struct sync_saw { lane_u sync_hi, sync_lo, hi, lo; };

LANE_FN lane_long sync_saw_by(const struct dsp_block *b, uint32_t input, uint32_t frame,
                              float rate_hz, lane *turns)
{
    *turns = lf_turns(frame_of(b, input, frame), 2.0f, rate_hz);
    return lane_long_of_turns(*turns);
}

/** A part of a turn as phase; whole turns, and what is no number, are dropped. */
static uint64_t phase_of_double(double turns)
{
    const double part = turns - floor(turns);
    return part > 0.0 && part < 1.0 ? (uint64_t)(part * 0x1p63) << 1 : 0;
}

/** The saw of the lanes in `synced`, whose sync began a turn and stands at `sync`. */
LANE_FN lane_long sync_saw_restart(lane_long saw, lane_i synced, lane_long sync, lane sync_turns,
                                   lane saw_turns)
{
    lane_u hi = lane_long_hi(saw), lo = lane_long_lo(saw);
    for (uint32_t left = lane_mask_bits(synced); left; left &= left - 1) {
        const int k = __builtin_ctz(left);
        const double past = lane_get_u(lane_long_hi(sync), k) * 0x1p-32 +
                            lane_get_u(lane_long_lo(sync), k) * 0x1p-64;
        const uint64_t at = phase_of_double(past * (double)lane_get(saw_turns, k) /
                                            (double)lane_get(sync_turns, k));
        hi = lane_set_u(hi, k, (uint32_t)(at >> 32));
        lo = lane_set_u(lo, k, (uint32_t)at);
    }
    return lane_long_of(hi, lo);
}

/** One more frame of both. */
LANE_FN void sync_saw_step(lane_long *sync, lane_long *saw, lane_long sync_by, lane_long saw_by,
                           lane sync_turns, lane saw_turns)
{
    *saw = lane_long_add(*saw, saw_by);
    *sync = lane_long_add(*sync, sync_by);
    const lane_i synced = lane_long_carried(*sync, sync_by) ^ lf_down(sync_turns);
    if (lane_any(synced))
        *saw = sync_saw_restart(*saw, synced, *sync, sync_turns, saw_turns);
}

LANE_FN void sync_saw_keep(struct sync_saw *s, lane_long sync, lane_long saw)
{
    *s = (struct sync_saw){ lane_long_hi(sync), lane_long_lo(sync), lane_long_hi(saw),
                            lane_long_lo(saw) };
}

PH_RT static void sync_saw_init(void *state, const struct dsp_block *b)
{
    const lane_long middle = lane_long_of(lane_splat_u(2u * LANE_QUARTER_TURN), lane_splat_u(0));
    lane sync_turns, saw_turns;
    const lane_long sync_by = sync_saw_by(b, 0, 0, b->rate_hz, &sync_turns);
    const lane_long saw_by = sync_saw_by(b, 1, 0, b->rate_hz, &saw_turns);
    lane_long sync = middle, saw = middle;
    sync_saw_step(&sync, &saw, sync_by, saw_by, sync_turns, saw_turns);
    sync_saw_keep(state, sync, saw);
}

PH_RT static void sync_saw_process(void *state, const struct dsp_block *b)
{
    struct sync_saw *const s = state;
    lane *const out = dsp_out(b, 0);
    const bool moves = dsp_step(b, 0) || dsp_step(b, 1);
    lane sync_turns, saw_turns;
    const float rate_hz = part_rate_hz(b);
    lane_long sync_by = sync_saw_by(b, 0, 0, rate_hz, &sync_turns);
    lane_long saw_by = sync_saw_by(b, 1, 0, rate_hz, &saw_turns);
    lane_long sync = lane_long_of(s->sync_hi, s->sync_lo), saw = lane_long_of(s->hi, s->lo);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (moves) {
            sync_by = sync_saw_by(b, 0, i, rate_hz, &sync_turns);
            saw_by = sync_saw_by(b, 1, i, rate_hz, &saw_turns);
        }
        out[i] = lf_saw(lane_long_hi(saw) - 2u * LANE_QUARTER_TURN);
        sync_saw_step(&sync, &saw, sync_by, saw_by, sync_turns, saw_turns);
    }
    sync_saw_keep(s, sync, saw);
}
const struct dsp_unit DSP(dsp_SyncSaw) = { sizeof(struct sync_saw), sync_saw_init, sync_saw_process,
                                           NULL, 0, birth_zero };
