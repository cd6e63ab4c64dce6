/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/trigger.c - triggers in time: Trig, Trig1, TDelay, Timer, ZeroCrossing.             */
/* room: audio.                                                                                   */
#include "server/dsp/frames.h"
#include "server/dsp/lane_double.h"
#include "server/dsp/part.h"

enum { TRIGGER_FRAMES_MAX = 1 << 30 };

enum trig_kind { TRIG_LEVEL, TRIG_ONE, TRIG_LATER };

/**
 * Whole frames, at least one: TDelay's rounded from double, the others' from single, as scsynth's.
 */
LANE_FN lane_i trigger_frames(const struct dsp_block *b, lane seconds, enum trig_kind kind)
{
    const float most = (float)TRIGGER_FRAMES_MAX;
    if (kind != TRIG_LATER)
        return lane_to_i(lane_clamp(seconds * b->rate_hz + 0.5f, 1.0f, most));
    const lane_d exact = lane_to_d(lane_clamp(seconds, 0.0f, most / b->rate_hz));
    const lane_i n = lane_i_from_d(exact * (double)b->rate_hz + 0.5), one = lane_splat_i(1);
    return lane_select_i(lane_lt_i(n, one), one, n);
}

/*
 * Trig, Trig1, TDelay - a trigger lasts; a trigger comes later.
 *
 * in      [0] in, rises through 0; what rises before the last one is over is not heard
 *         [1] dur, seconds: whole frames, at least one; the block's first, where the trigger rises
 * out     [0] Trig: the trigger's value for so long, then 0; Trig1: 1 for so long; TDelay: 1 for a
 *         frame after so long
 * state   frames left, the trigger's value, its last value. A trigger that is open at birth counts
 *         from the frame before the first, as in scsynth 3.13
 */
struct trig { lane_i left; lane level, trigger; };
enum { TRIG_IN, TRIG_DUR };

LANE_FN void trig_start(void *state, const struct dsp_block *b, enum trig_kind kind)
{
    const lane x = dsp_in(b, TRIG_IN)[0], zero = lane_splat(0.0f);
    const lane_i rose = rises(x, zero);
    const lane_i n = trigger_frames(b, dsp_in(b, TRIG_DUR)[0], kind) + (1 - part_whole(b));
    *(struct trig *)state = (struct trig){ rose & n, lane_where(rose, x), x };
}

PH_RT static void trig_init(void *state, const struct dsp_block *b)
{
    trig_start(state, b, TRIG_ONE);
}
PH_RT static void tdelay_init(void *state, const struct dsp_block *b)
{
    trig_start(state, b, TRIG_LATER);
}

LANE_FN void trig_run(void *state, const struct dsp_block *b, enum trig_kind kind)
{
    struct trig s = *(struct trig *)state;
    const lane *const x = dsp_in(b, TRIG_IN), seconds = dsp_in(b, TRIG_DUR)[0];
    const uint32_t dx = dsp_step(b, TRIG_IN);
    const lane_i none = lane_splat_i(0), last = lane_splat_i(1);
    lane *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane now = x[i * dx];
        const lane_i busy = lane_gt_i(s.left, none), ends = lane_eq_i(s.left, last);
        const lane_i rose = rises(now, s.trigger) & ~busy;
        s.left += busy; /* a mask is -1 */
        if (lane_any(rose)) {
            s.left = lane_select_i(rose, trigger_frames(b, seconds, kind), s.left);
            s.level = lane_select(rose, now, s.level);
        }
        s.trigger = now;
        const lane_i on = kind == TRIG_LATER ? ends : lane_gt_i(s.left, none);
        out[i] = lane_where(on, kind == TRIG_LEVEL ? s.level : lane_splat(1.0f));
    }
    *(struct trig *)state = s;
}

PH_RT static void trig_process(void *state, const struct dsp_block *b)
{
    trig_run(state, b, TRIG_LEVEL);
}
PH_RT static void trig_1_process(void *state, const struct dsp_block *b)
{
    trig_run(state, b, TRIG_ONE);
}
PH_RT static void tdelay_process(void *state, const struct dsp_block *b)
{
    trig_run(state, b, TRIG_LATER);
}
const struct dsp_unit DSP(dsp_Trig) = { sizeof(struct trig), trig_init, trig_process, NULL, 0 };
const struct dsp_unit DSP(dsp_Trig1) = { sizeof(struct trig), trig_init, trig_1_process, NULL, 0 };
const struct dsp_unit DSP(dsp_TDelay) = { sizeof(struct trig), tdelay_init, tdelay_process };

/*
 * Timer, ZeroCrossing - the time from one trigger to the next, and how often a second that happens.
 *
 * in      [0] in, rises through 0; where between two frames it does is read off the straight line
 * out     [0] seconds, or Hz, between the last two; before the first, 0; the first counts from the
 *         frame before birth. ZeroCrossing doesn't hear what rises within four frames of the last
 * state   frames since the last (they stop at 2^30), where it was between its frames, the output,
 *         the input's last value: at birth its first, so that what is open then is no trigger
 */
struct timer { lane_i count; lane before, share, level; };
enum { ZERO_CROSSING_REST = 4 };

PH_RT static void timer_init(void *state, const struct dsp_block *b)
{
    const lane zero = lane_splat(0.0f);
    const lane rest = lane_splat(1.0f - part_of_block(b)); /* the first frame counts for less */
    *(struct timer *)state = (struct timer){ lane_splat_i(0), dsp_in(b, 0)[0], rest, zero };
}

/** Where the straight line crosses 0, as a share of a frame. */
LANE_FN lane crossing(lane now, lane before)
{
    const lane share = (0.0f - before) / (now - before);
    return lane_where(lane_finite(share), share);
}

LANE_FN void timer_run(void *state, const struct dsp_block *b, bool hz)
{
    struct timer s = *(struct timer *)state;
    const lane *const x = dsp_in(b, 0);
    const uint32_t dx = dsp_step(b, 0);
    const float frame_seconds = 1.0f / b->rate_hz;
    const lane_i full = lane_splat_i(TRIGGER_FRAMES_MAX);
    const lane_i rest = lane_splat_i(hz ? ZERO_CROSSING_REST : 0);
    lane *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane now = x[i * dx];
        s.count -= lane_lt_i(s.count, full);
        const lane_i rose = rises(now, s.before) & lane_gt_i(s.count, rest);
        if (lane_any(rose)) {
            const lane share = crossing(now, s.before);
            const lane frames = share + lane_from_i(s.count) - s.share;
            const lane level = hz ? b->rate_hz / frames : frames * frame_seconds;
            s.level = lane_select(rose, level, s.level);
            s.share = lane_select(rose, share, s.share);
            s.count = lane_select_i(rose, lane_splat_i(0), s.count);
        }
        s.before = now;
        out[i] = s.level;
    }
    *(struct timer *)state = s;
}

PH_RT static void timer_process(void *state, const struct dsp_block *b)
{
    timer_run(state, b, false);
}
PH_RT static void zero_crossing_process(void *state, const struct dsp_block *b)
{
    timer_run(state, b, true);
}
const struct dsp_unit DSP(dsp_Timer) = { sizeof(struct timer), timer_init, timer_process, NULL, 0 };
const struct dsp_unit DSP(dsp_ZeroCrossing) = { sizeof(struct timer), timer_init,
                                                zero_crossing_process, NULL, 0 };
