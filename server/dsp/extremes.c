/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/extremes.c - largest, smallest, changed, summed: Peak, RunningMax, RunningMin,      */
/* PeakFollower, MostChange, LeastChange, LastValue, RunningSum.                                  */
/* room: audio. What is not finite is not heard.                                                  */
#include "server/dsp/birth.h"
#include "server/dsp/frames.h"

/*
 * Peak, RunningMax, RunningMin - the largest size, the largest and the smallest value so far.
 *
 * in      [0] in   [1] reset, rises through 0: the input of that frame is where the next one
 *         starts. One that isn't at audio rate counts at the end of the block
 * out     [0] the extreme. Peak at control rate hears all frames of an audio input
 * state   the extreme, the first input at birth; the reset's last value, 0 at birth
 */
struct extreme { lane level, reset; };
enum { EXTREME_IN, EXTREME_RESET };
enum extreme_kind { EXTREME_PEAK, EXTREME_MAX, EXTREME_MIN };

/** x where it is finite, else what was. */
LANE_FN lane heard(lane x, lane level) { return lane_select(lane_finite(x), x, level); }

PH_RT static void extreme_init(void *state, const struct dsp_block *b)
{
    const lane zero = lane_splat(0.0f);
    *(struct extreme *)state = (struct extreme){ heard(dsp_in(b, EXTREME_IN)[0], zero), zero };
}

LANE_FN lane extreme_of(lane x, lane level, enum extreme_kind kind)
{
    return kind == EXTREME_MIN ? lane_min(x, level) : lane_max(x, level);
}

LANE_FN void extreme_run(void *state, const struct dsp_block *b, enum extreme_kind kind)
{
    struct extreme s = *(struct extreme *)state;
    const lane *const in = dsp_in(b, EXTREME_IN), *const reset = dsp_in(b, EXTREME_RESET);
    const uint32_t di = dsp_step(b, EXTREME_IN), dr = dsp_step(b, EXTREME_RESET);
    lane *const out = dsp_out(b, 0);
    lane x = s.level;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        x = heard(in[i * di], s.level);
        x = kind == EXTREME_PEAK ? lane_abs(x) : x;
        s.level = extreme_of(x, s.level, kind);
        out[i] = s.level;
        if (dr) {
            s.level = lane_select(rises(reset[i], s.reset), x, s.level);
            s.reset = reset[i];
        }
    }
    if (!dr) {
        s.level = lane_select(rises(reset[0], s.reset), x, s.level);
        s.reset = reset[0];
    }
    *(struct extreme *)state = s;
}

/**
 * One value for all frames of an input at audio rate. A
 * reset within them starts anew behind its frame.
 */
LANE_FN void peak_of_block(void *state, const struct dsp_block *b)
{
    struct extreme s = *(struct extreme *)state;
    const lane *const in = dsp_in(b, EXTREME_IN), *const reset = dsp_in(b, EXTREME_RESET);
    const uint32_t dr = dsp_step(b, EXTREME_RESET);
    const uint32_t n_frames = b->env->block_frames - b->node[0].first_frame;
    lane x = s.level, before = s.level;
    lane_i any = lane_splat_i(0);

    for (uint32_t i = 0; i < n_frames; i++) {
        x = lane_abs(heard(in[i], s.level));
        s.level = lane_max(x, s.level);
        const lane_i rose = dr ? rises(reset[i], s.reset) : lane_splat_i(0);
        before = lane_select(rose, s.level, before);
        s.level = lane_select(rose, x, s.level);
        s.reset = dr ? reset[i] : s.reset;
        any |= rose;
    }
    dsp_out(b, 0)[0] = lane_select(any, before, s.level);
    if (!dr) {
        s.level = lane_select(rises(reset[0], s.reset), x, s.level);
        s.reset = reset[0];
    }
    *(struct extreme *)state = s;
}

PH_RT static void peak_process(void *state, const struct dsp_block *b)
{
    if (b->rate != PH_AUDIO && dsp_step(b, EXTREME_IN))
        peak_of_block(state, b);
    else
        extreme_run(state, b, EXTREME_PEAK);
}
PH_RT static void running_max_process(void *state, const struct dsp_block *b)
{
    extreme_run(state, b, EXTREME_MAX);
}
PH_RT static void running_min_process(void *state, const struct dsp_block *b)
{
    extreme_run(state, b, EXTREME_MIN);
}
const struct dsp_unit DSP(dsp_Peak) = { sizeof(struct extreme), extreme_init, peak_process, NULL, 0,
                                        birth_input };
const struct dsp_unit DSP(dsp_RunningMax) = { sizeof(struct extreme), extreme_init,
                                              running_max_process, NULL, 0, birth_input };
const struct dsp_unit DSP(dsp_RunningMin) = { sizeof(struct extreme), extreme_init,
                                              running_min_process, NULL, 0, birth_input };

/*
 * PeakFollower - rises at once and falls back by a factor per frame.
 *
 * in      [0] in   [1] decay, clamped to -1 .. 1. One that isn't at audio rate and has changed goes
 *         on by as much again, a part of it in each frame that falls, as in scsynth
 * out     [0] the input's size where that is more; else what lies above it times decay. A decay
 *         below 0 that moves weighs the sum of both
 * state   the level, at birth the first input; decay as the block before left it
 */
struct peak_follower { lane level, decay; };
enum { FOLLOWER_IN, FOLLOWER_DECAY };

LANE_FN lane follower_decay(lane decay) { return lane_clamp(decay, -1.0f, 1.0f); }

PH_RT static void peak_follower_init(void *state, const struct dsp_block *b)
{
    const lane level = heard(dsp_in(b, FOLLOWER_IN)[0], lane_splat(0.0f));
    const lane decay = follower_decay(dsp_in(b, FOLLOWER_DECAY)[0]);
    *(struct peak_follower *)state = (struct peak_follower){ level, decay };
}

/** A decay of one value for all frames, which may have changed. */
LANE_FN lane follow_control(struct peak_follower *s, const struct dsp_block *b, lane level)
{
    const lane zero = lane_splat(0.0f), to = follower_decay(dsp_in(b, FOLLOWER_DECAY)[0]);
    const lane_i moves = lane_ne(to, s->decay);
    const lane step = lane_where(moves, (to - s->decay) * (1.0f / (float)b->n_frames));
    const lane_i positive = lane_ge(to, zero) & lane_ge(s->decay, zero);
    const lane_i negative = lane_le(to, zero) & lane_le(s->decay, zero) & ~positive & moves;
    const lane_i mixed = moves & ~positive & ~negative;
    const lane *const in = dsp_in(b, FOLLOWER_IN);
    const uint32_t di = dsp_step(b, FOLLOWER_IN);
    lane *const out = dsp_out(b, 0), decay = to;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane x = lane_abs(heard(in[i * di], level));
        const lane_i falls = lane_lt(x, level), sums = negative | (mixed & lane_lt(decay, zero));
        const lane fallen = x + decay * lane_select(sums, level + x, level - x);
        level = lane_select(falls, fallen, x);
        decay = lane_select(falls, follower_decay(decay + step), decay);
        out[i] = level;
    }
    s->decay = decay;
    return level;
}

/** A decay per frame, or one that stands still. */
LANE_FN lane follow_plain(struct peak_follower *s, const struct dsp_block *b, lane level)
{
    const lane *const in = dsp_in(b, FOLLOWER_IN), *const decay = dsp_in(b, FOLLOWER_DECAY);
    const uint32_t di = dsp_step(b, FOLLOWER_IN), dd = dsp_step(b, FOLLOWER_DECAY);
    lane *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane x = lane_abs(heard(in[i * di], level));
        const lane fallen = x + follower_decay(decay[i * dd]) * (level - x);
        level = lane_select(lane_lt(x, level), fallen, x); /* a level that is no number goes */
        out[i] = level;
    }
    s->decay = follower_decay(decay[(b->n_frames - 1) * dd]);
    return level;
}

PH_RT static void peak_follower_process(void *state, const struct dsp_block *b)
{
    struct peak_follower *const s = state;
    const lane_i still = lane_eq(follower_decay(dsp_in(b, FOLLOWER_DECAY)[0]), s->decay);
    if (dsp_step(b, FOLLOWER_DECAY) || lane_all(still))
        s->level = follow_plain(s, b, s->level);
    else
        s->level = follow_control(s, b, s->level);
}
const struct dsp_unit DSP(dsp_PeakFollower) = { sizeof(struct peak_follower), peak_follower_init,
                                                peak_follower_process, NULL, 0, birth_input };

/*
 * MostChange, LeastChange - that one of two inputs which has changed more, or less, since the last
 * frame.
 *
 * in      [0] a   [1] b
 * out     [0] one of them; where both have changed as much, the one of the frame before, at first b
 *         of MostChange and a of LeastChange
 * state   both inputs' last values, 0 at birth; which one
 */
struct change { lane a, b; lane_i second; };
enum { CHANGE_A, CHANGE_B };

LANE_FN void change_start(void *state, int32_t second)
{
    const lane zero = lane_splat(0.0f);
    *(struct change *)state = (struct change){ zero, zero, lane_splat_i(second) };
}

LANE_FN void change_run(void *state, const struct dsp_block *b, bool most)
{
    struct change s = *(struct change *)state;
    const lane *const first = dsp_in(b, CHANGE_A), *const second = dsp_in(b, CHANGE_B);
    const uint32_t da = dsp_step(b, CHANGE_A), db = dsp_step(b, CHANGE_B);
    lane *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane x = first[i * da], y = second[i * db];
        const lane more = lane_abs(x - s.a) - lane_abs(y - s.b), zero = lane_splat(0.0f);
        const lane_i to_b = most ? lane_lt(more, zero) : lane_gt(more, zero);
        const lane_i to_a = most ? lane_gt(more, zero) : lane_lt(more, zero);
        s = (struct change){ x, y, (s.second | to_b) & ~to_a };
        out[i] = lane_select(s.second, y, x);
    }
    *(struct change *)state = s;
}

PH_RT static void most_change_init(void *state, const struct dsp_block *b)
{
    (void)b;
    change_start(state, -1);
}
PH_RT static void least_change_init(void *state, const struct dsp_block *b)
{
    (void)b;
    change_start(state, 0);
}
PH_RT static void most_change_process(void *state, const struct dsp_block *b)
{
    change_run(state, b, true);
}
PH_RT static void least_change_process(void *state, const struct dsp_block *b)
{
    change_run(state, b, false);
}
const struct dsp_unit DSP(dsp_MostChange) = { sizeof(struct change), most_change_init,
                                              most_change_process, NULL, 0, most_change_process };
const struct dsp_unit DSP(dsp_LeastChange) = { sizeof(struct change), least_change_init,
                                               least_change_process,
                                               NULL, 0, least_change_process };

/*
 * LastValue - the value before the last change.
 *
 * in      [0] in   [1] diff: a change is at least so much off the last one; a block's first counts
 * out     [0] the value that was left; the first input until then
 * state   that value, and the present one
 */
struct last_value { lane last, present; };
enum { LAST_IN, LAST_DIFF };

PH_RT static void last_value_init(void *state, const struct dsp_block *b)
{
    const lane x = heard(dsp_in(b, LAST_IN)[0], lane_splat(0.0f));
    *(struct last_value *)state = (struct last_value){ x, x };
}

PH_RT static void last_value_process(void *state, const struct dsp_block *b)
{
    struct last_value s = *(struct last_value *)state;
    const lane *const in = dsp_in(b, LAST_IN), least = dsp_in(b, LAST_DIFF)[0];
    const uint32_t di = dsp_step(b, LAST_IN);
    lane *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane x = heard(in[i * di], s.present);
        const lane_i changes = lane_ge(lane_abs(x - s.present), least);
        s.last = lane_select(changes, s.present, s.last);
        s.present = lane_select(changes, x, s.present);
        out[i] = s.last;
    }
    *(struct last_value *)state = s;
}
const struct dsp_unit DSP(dsp_LastValue) = { sizeof(struct last_value), last_value_init,
                                             last_value_process, NULL, 0 };

#if LANE_W == 1

/*
 * RunningSum - the sum of the last so many frames.
 *
 * in      [0] in, clamped to +-1e30; what is not finite counts as 0
 *         [1] numsamp, read once, clamped to 1 .. 2^24
 * out     [0] the sum; what lies before birth is silence
 * memory  those frames
 * state   the sum, and that of the frames since the ring began anew, which replaces it there: so
 *         rounding doesn't add up, and what was too large is over after two rounds
 */
struct running_sum { double sum, fresh; uint32_t at; };
enum { SUM_IN, SUM_FRAMES };
enum { SUM_FRAMES_MAX = 1 << 24 }; /* a float counts exactly up to here */

PH_RT static uint32_t running_sum_memory(const struct dsp_block *b)
{
    return (uint32_t)lane_clamp(dsp_in(b, SUM_FRAMES)[0], 1, SUM_FRAMES_MAX);
}

PH_RT static void running_sum_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct running_sum *)state = (struct running_sum){ 0, 0, 0 };
}

PH_RT static void running_sum_process(void *state, const struct dsp_block *b)
{
    struct running_sum s = *(struct running_sum *)state;
    const float *const in = dsp_in(b, SUM_IN);
    const uint32_t di = dsp_step(b, SUM_IN), n = b->memory_frames;
    float *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const float x = isfinite(in[i * di]) ? lane_clamp(in[i * di], -1e30f, 1e30f) : 0;
        s.sum += (double)x - (double)b->memory[s.at];
        s.fresh += (double)x;
        b->memory[s.at] = x;
        out[i] = (float)s.sum;
        if (++s.at < n)
            continue;
        s = (struct running_sum){ s.fresh, 0, 0 };
    }
    *(struct running_sum *)state = s;
}
const struct dsp_unit DSP(dsp_RunningSum) = { sizeof(struct running_sum), running_sum_init,
                                              running_sum_process,
                                              running_sum_memory, 2, birth_zero };

#endif
