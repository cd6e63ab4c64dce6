/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/count.c - counting triggers: PulseCount, PulseDivider, Stepper, ToggleFF,           */
/* SetResetFF.                                                                                    */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/frames.h"

/* Whole numbers that units read from inputs stay within +-2^30. */
#define WHOLE_MAX 0x1p30f

LANE_FN lane_i whole(lane x) { return lane_to_i(lane_clamp(x, -WHOLE_MAX, WHOLE_MAX)); }

/*
 * PulseCount, SetResetFF - counts triggers; a switch that one trigger turns on and another off.
 *
 * in      [0] trig   [1] reset: both rise through 0; reset comes first
 * out     [0] PulseCount: triggers since the last reset, up to 2^24; SetResetFF: 1 from a trigger
 *         on, 0 from a reset on; 0 at birth
 * state   the output, the last value of both: 0 at birth
 */
struct pulse_count { lane level, trigger, reset; };
enum { COUNT_TRIGGER, COUNT_RESET };

PH_RT static void pulse_count_init(void *state, const struct dsp_block *b)
{
    (void)b;
    const lane zero = lane_splat(0.0f);
    *(struct pulse_count *)state = (struct pulse_count){ zero, zero, zero };
}

LANE_FN void pulse_count_run(void *state, const struct dsp_block *b, bool counts)
{
    struct pulse_count s = *(struct pulse_count *)state;
    const lane *const trigger = dsp_in(b, COUNT_TRIGGER), *const reset = dsp_in(b, COUNT_RESET);
    const uint32_t dt = dsp_step(b, COUNT_TRIGGER), dr = dsp_step(b, COUNT_RESET);
    const lane one = lane_splat(1.0f);
    lane *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane now = trigger[i * dt], now_reset = reset[i * dr];
        const lane more = counts ? s.level + 1.0f : one;
        s.level = lane_select(rises(now, s.trigger), more, s.level);
        s.level = lane_where(~rises(now_reset, s.reset), s.level);
        s.trigger = now;
        s.reset = now_reset;
        out[i] = s.level;
    }
    *(struct pulse_count *)state = s;
}

PH_RT static void pulse_count_process(void *state, const struct dsp_block *b)
{
    pulse_count_run(state, b, true);
}
PH_RT static void set_reset_ff_process(void *state, const struct dsp_block *b)
{
    pulse_count_run(state, b, false);
}
const struct dsp_unit DSP(dsp_PulseCount) = { sizeof(struct pulse_count), pulse_count_init,
                                              pulse_count_process, NULL, 0 };
const struct dsp_unit DSP(dsp_SetResetFF) = { sizeof(struct pulse_count), pulse_count_init,
                                              set_reset_ff_process, NULL, 0 };

/*
 * ToggleFF - a switch that a trigger turns over.
 *
 * in      [0] trig, rises through 0
 * out     [0] 1 and 0 in turn from one trigger to the next, 0 before the first
 * state   the output; the trigger's last value, 0 at birth
 */
struct toggle { lane level, trigger; };

PH_RT static void toggle_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct toggle *)state = (struct toggle){ lane_splat(0.0f), lane_splat(0.0f) };
}

PH_RT static void toggle_process(void *state, const struct dsp_block *b)
{
    struct toggle s = *(struct toggle *)state;
    const lane *const trigger = dsp_in(b, 0);
    const uint32_t dt = dsp_step(b, 0);
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane now = trigger[i * dt];
        s.level = lane_select(rises(now, s.trigger), 1.0f - s.level, s.level);
        s.trigger = now;
        out[i] = s.level;
    }
    *(struct toggle *)state = s;
}
const struct dsp_unit DSP(dsp_ToggleFF) = { sizeof(struct toggle), toggle_init, toggle_process,
                                            NULL, 0, birth_zero };

/*
 * PulseDivider - lets every so many-th trigger through.
 *
 * in      [0] trig, rises through 0   [1] div, without its fraction: so many; a block's
 *         first value counts
 *         [2] start, rounded: how many have been counted at birth
 * out     [0] 1 for a frame where a trigger passes, else 0
 * state   the count, the trigger's last value. A trigger that is open at birth counts before the
 *         first frame and doesn't pass, as in scsynth 3.13
 */
struct pulse_divider { lane_i count; lane trigger; };
enum { DIVIDER_TRIGGER, DIVIDER_DIV, DIVIDER_START };

/** Counts where the mask is set; mask of those that pass. */
LANE_FN lane_i divider_count(struct pulse_divider *s, lane_i rose, lane div)
{
    s->count -= rose; /* a mask is -1 */
    const lane_i passes = rose & ~lane_lt_i(s->count, whole(div));
    s->count &= ~passes;
    return passes;
}

PH_RT static void pulse_divider_init(void *state, const struct dsp_block *b)
{
    struct pulse_divider *const s = state;
    s->count = whole(lane_floor(dsp_in(b, DIVIDER_START)[0] + 0.5f));
    s->trigger = dsp_in(b, DIVIDER_TRIGGER)[0];
    divider_count(s, rises(s->trigger, lane_splat(0.0f)), dsp_in(b, DIVIDER_DIV)[0]);
}

PH_RT static void pulse_divider_process(void *state, const struct dsp_block *b)
{
    struct pulse_divider s = *(struct pulse_divider *)state;
    const lane *const trigger = dsp_in(b, DIVIDER_TRIGGER), div = dsp_in(b, DIVIDER_DIV)[0];
    const uint32_t dt = dsp_step(b, DIVIDER_TRIGGER);
    lane *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane now = trigger[i * dt];
        lane_i passes = rises(now, s.trigger);
        if (lane_any(passes))
            passes = divider_count(&s, passes, div);
        s.trigger = now;
        out[i] = lane_where(passes, lane_splat(1.0f));
    }
    *(struct pulse_divider *)state = s;
}
const struct dsp_unit DSP(dsp_PulseDivider) = { sizeof(struct pulse_divider), pulse_divider_init,
                                                pulse_divider_process, NULL, 0 };

/*
 * Stepper - goes on by a step at each trigger, round and round between two whole numbers.
 *
 * in      [0] trig   [1] reset: both rise through 0; reset comes first
 *         [2] min   [3] max   [4] step   [5] resetval: without their fractions, as the block begins
 * out     [0] the number; at birth resetval. min > max + 1 gives what scsynth's modulo gives
 * state   the number, the last values of both triggers: 0 at birth
 * cost    two comparisons per frame; a division of integers per lane and step
 */
struct stepper { lane level, trigger, reset; };
enum { STEPPER_TRIGGER, STEPPER_RESET, STEPPER_MIN, STEPPER_MAX, STEPPER_STEP, STEPPER_RESETVAL };

LANE_FN lane stepper_input(const struct dsp_block *b, uint32_t input)
{
    return lane_trunc(lane_clamp(dsp_in(b, input)[0], -WHOLE_MAX, WHOLE_MAX));
}

PH_RT static void stepper_init(void *state, const struct dsp_block *b)
{
    const lane zero = lane_splat(0.0f);
    *(struct stepper *)state = (struct stepper){ stepper_input(b, STEPPER_RESETVAL), zero, zero };
}

/** x brought into lo .. hi, both of them, by whole ranges. */
static float whole_wrap(float x, float lo, float hi)
{
    const int64_t from = (int64_t)lo, n = (int64_t)hi - from + 1;
    int64_t offset = (int64_t)x - from;
    if (n == 0)
        return lo;
    offset += offset >= n ? -n : offset < 0 ? n : 0;
    offset %= n;
    return (float)(from + offset + (offset < 0 ? n : 0));
}

LANE_FN lane stepper_wrap(const struct dsp_block *b, lane x)
{
    const lane lo = stepper_input(b, STEPPER_MIN), hi = stepper_input(b, STEPPER_MAX);
    for (int k = 0; k < LANE_W; k++)
        x = lane_set(x, k, whole_wrap(lane_get(x, k), lane_get(lo, k), lane_get(hi, k)));
    return x;
}

PH_RT static void stepper_process(void *state, const struct dsp_block *b)
{
    struct stepper s = *(struct stepper *)state;
    const lane *const trigger = dsp_in(b, STEPPER_TRIGGER), *const reset = dsp_in(b, STEPPER_RESET);
    const uint32_t dt = dsp_step(b, STEPPER_TRIGGER), dr = dsp_step(b, STEPPER_RESET);
    lane *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane now = trigger[i * dt], now_reset = reset[i * dr];
        const lane_i anew = rises(now_reset, s.reset), moves = anew | rises(now, s.trigger);
        if (lane_any(moves)) {
            const lane next = s.level + stepper_input(b, STEPPER_STEP);
            const lane to = lane_select(anew, stepper_input(b, STEPPER_RESETVAL), next);
            s.level = lane_select(moves, stepper_wrap(b, to), s.level);
        }
        s.trigger = now;
        s.reset = now_reset;
        out[i] = s.level;
    }
    *(struct stepper *)state = s;
}
const struct dsp_unit DSP(dsp_Stepper) = { sizeof(struct stepper), stepper_init, stepper_process,
                                           NULL, 0 };
