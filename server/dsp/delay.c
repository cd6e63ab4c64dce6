/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/delay.c - delay lines with feedback: CombL, AllpassL, Echo.                         */
/* room: audio. One voice at a time: each line has its own length, so lanes gain nothing.         */
#include "server/dsp/fastmath.h"
#include "server/dsp/interp.h"
#include "server/dsp/lane.h"

#if LANE_W == 1

enum { LINE_FRAMES_MAX = 1 << 24 }; /* a float counts frames exactly up to here */

/** x limited to lo .. hi; NaN becomes lo. */
static float limit(float x, float lo, float hi)
{
    return x > lo ? (x < hi ? x : hi) : lo;
}

/** Index of the frame `n_back` frames before `position` in a ring of `n_frames`. */
LANE_FN uint32_t behind(uint32_t position, uint32_t n_back, uint32_t n_frames)
{
    return position >= n_back ? position - n_back : position + n_frames - n_back;
}

/*
 * CombL, AllpassL - feedback delay with linear interpolation.
 *
 * in      [0] signal
 *         [1] maxdelaytime, seconds, read once: the length of the line
 *         [2] delaytime, seconds, clamped to 1 frame .. the line
 *         [3] decaytime, seconds to -60 dB; negative inverts the feedback, 0 has none
 * out     [0] CombL: the delayed signal; AllpassL: flat magnitude, delayed - feedback * written
 * ramp    delay and feedback move linearly over the block when a constant changes, the delay being
 *         summed in float as scsynth does: its fraction is audible in the phase of high partials
 * state   delay and feedback in use; the line is zero at birth
 * cost    one exp per block or, with moving times, per change
 * source  M. R. Schroeder, Natural Sounding Artificial Reverberation (1962)
 */
struct line { uint32_t position; float delay_frames, feedback, delay_seconds, decay_seconds; };
enum { LINE_IN, LINE_MAX, LINE_DELAY, LINE_DECAY };

/** scsynth's size: the next power of two that holds the delay and one block. */
PH_RT static uint32_t line_memory(const struct dsp_block *b)
{
    const float n_frames = limit(dsp_in(b, LINE_MAX)[0] * b->rate_hz, 0, LINE_FRAMES_MAX / 2);
    const uint32_t least = (uint32_t)ceilf(n_frames + 1) + DSP_BLOCK_FRAMES;
    uint32_t size = DSP_BLOCK_FRAMES;
    while (size < least)
        size *= 2;
    return size;
}

static float line_delay(const struct dsp_block *b, float seconds)
{
    return limit(seconds * b->rate_hz, 1, (float)(b->memory_frames - 1));
}

static float line_feedback(float delay_seconds, float decay_seconds)
{
    const double exponent = -6.907755278982137 * delay_seconds / fabs((double)decay_seconds);
    if (!(delay_seconds > 0) || decay_seconds == 0 || isnan(exponent))
        return 0;
    return copysignf((float)exp(exponent), decay_seconds);
}

PH_RT static void line_init(void *state, const struct dsp_block *b)
{
    struct line *const s = state;
    s->position = 0;
    s->delay_seconds = dsp_in(b, LINE_DELAY)[0];
    s->decay_seconds = dsp_in(b, LINE_DECAY)[0];
    s->delay_frames = line_delay(b, s->delay_seconds);
    s->feedback = line_feedback(s->delay_seconds, s->decay_seconds);
}

/** Takes the times of frame i; false where they are those of the frame before. */
LANE_FN bool line_times(struct line *s, const struct dsp_block *b, uint32_t i)
{
    const float delay = dsp_in(b, LINE_DELAY)[i * dsp_step(b, LINE_DELAY)];
    const float decay = dsp_in(b, LINE_DECAY)[i * dsp_step(b, LINE_DECAY)];
    if (delay == s->delay_seconds && decay == s->decay_seconds)
        return false;
    s->delay_seconds = delay;
    s->decay_seconds = decay;
    return true;
}

LANE_FN float line_frame(struct line *s, const struct dsp_block *b, float x, bool allpass)
{
    const uint32_t n = b->memory_frames, whole = (uint32_t)s->delay_frames;
    const uint32_t near = behind(s->position, whole, n), far = behind(near, 1, n);
    const float part = s->delay_frames - (float)whole;
    const float delayed = lane_lerp(part, b->memory[near], b->memory[far]);
    const float written = x + s->feedback * delayed;

    b->memory[s->position] = written;
    s->position = s->position + 1 == n ? 0 : s->position + 1;
    return allpass ? delayed - s->feedback * written : delayed;
}

LANE_FN void line_process(void *state, const struct dsp_block *b, bool allpass)
{
    struct line s = *(struct line *)state;
    const float *const x = dsp_in(b, LINE_IN);
    const uint32_t dx = dsp_step(b, LINE_IN);
    float *const out = dsp_out(b, 0);
    float delay_step = 0, feedback_step = 0;
    const bool moving = dsp_step(b, LINE_DELAY) || dsp_step(b, LINE_DECAY);

    if (!moving && line_times(&s, b, 0)) {
        const float part = 1.0f / (float)b->n_frames;
        delay_step = (line_delay(b, s.delay_seconds) - s.delay_frames) * part;
        feedback_step = (line_feedback(s.delay_seconds, s.decay_seconds) - s.feedback) * part;
    }
    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (moving && line_times(&s, b, i)) {
            s.delay_frames = line_delay(b, s.delay_seconds);
            s.feedback = line_feedback(s.delay_seconds, s.decay_seconds);
        }
        /* the sum's rounding may carry the last steps of a ramp past its ends */
        s.delay_frames = limit(s.delay_frames + delay_step, 1, (float)(b->memory_frames - 1));
        s.feedback += feedback_step;
        out[i] = line_frame(&s, b, x[i * dx], allpass);
    }
    *(struct line *)state = s;
}

PH_RT static void comb_process(void *state, const struct dsp_block *b)
{
    line_process(state, b, false);
}
PH_RT static void allpass_process(void *state, const struct dsp_block *b)
{
    line_process(state, b, true);
}
const struct dsp_unit DSP(dsp_CombL) = { sizeof(struct line), line_init, comb_process,
                                         line_memory };
const struct dsp_unit DSP(dsp_AllpassL) = { sizeof(struct line), line_init, allpass_process,
                                            line_memory };

/*
 * Echo - the line of `delay` in LANGUAGE 15.1: d = line(time), line <- tanh(in + feedback * d).
 *
 * in      [0] signal
 *         [1] maxtime, seconds, read once: the length of the line
 *         [2] time, seconds, clamped to 1 frame .. maxtime. A moving time is smoothed by a one-pole
 *             of 20 ms: it bends the pitch and doesn't click. A constant that changes (an edit) is
 *             crossfaded over 20 ms from where it was read to where it is now: no bend
 *         [3] feedback, 0 .. 0.99; a constant that changes is ramped over the block
 * out     [0] d, cubic interpolation
 * state   the time, the one it is crossfaded from, and the feedback; the line is zero at birth
 * cost    one tanh per frame
 */
struct echo { double delay_frames, from_frames; uint32_t position, fade_left; float feedback; };
enum { ECHO_IN, ECHO_MAX, ECHO_TIME, ECHO_FEEDBACK };
/*
 * The cubic reads two frames past the delay; and what a block reads, no block before it in the same
 * period may have written: an edited synth and its predecessor share the line for a crossfade.
 */
enum { ECHO_EXTRA = 3 + DSP_BLOCK_FRAMES };

PH_RT static uint32_t echo_memory(const struct dsp_block *b)
{
    const float n_frames = limit(dsp_in(b, ECHO_MAX)[0] * b->rate_hz, 1, LINE_FRAMES_MAX);
    return (uint32_t)ceilf(n_frames) + ECHO_EXTRA;
}

static float echo_delay(const struct dsp_block *b, float seconds)
{
    return limit(seconds * b->rate_hz, 1, (float)(b->memory_frames - ECHO_EXTRA));
}

static float echo_feedback(float x)
{
    return limit(x, 0, 0.99f);
}

PH_RT static void echo_init(void *state, const struct dsp_block *b)
{
    *(struct echo *)state =
        (struct echo){ .delay_frames = echo_delay(b, dsp_in(b, ECHO_TIME)[0]),
                       .feedback = echo_feedback(dsp_in(b, ECHO_FEEDBACK)[0]) };
}

LANE_FN float echo_read(const struct dsp_block *b, uint32_t position, double delay_frames)
{
    const uint32_t n = b->memory_frames, whole = (uint32_t)delay_frames;
    const float part = (float)(delay_frames - whole);
    const uint32_t at = behind(position, whole, n), next = behind(at, 1, n);
    /* the frame before a delay of one is the one being written: its neighbour stands in */
    const uint32_t before = whole > 1 ? behind(position, whole - 1, n) : at;
    return lane_cubic(part, b->memory[before], b->memory[at], b->memory[next],
                      b->memory[behind(next, 1, n)]);
}

static uint32_t echo_fade_frames(const struct dsp_block *b)
{
    return (uint32_t)(0.020f * b->rate_hz) + 1;
}

/** A constant time that is not what the state remembers: an edit. One crossfade after the other. */
static void echo_edit(struct echo *s, const struct dsp_block *b)
{
    const double edited = echo_delay(b, dsp_in(b, ECHO_TIME)[0]);
    if (s->fade_left > 0 || fabs(edited - s->delay_frames) < 1e-9)
        return;
    s->from_frames = s->delay_frames;
    s->delay_frames = edited;
    s->fade_left = echo_fade_frames(b);
}

LANE_FN float echo_out(struct echo *s, const struct dsp_block *b)
{
    const float now = echo_read(b, s->position, s->delay_frames);
    if (s->fade_left == 0)
        return now;
    const float before = echo_read(b, s->position, s->from_frames);
    return now + (before - now) * ((float)s->fade_left-- / (float)(echo_fade_frames(b) + 1));
}

PH_RT static void echo_process(void *state, const struct dsp_block *b)
{
    struct echo s = *(struct echo *)state;
    const bool is_constant = b->in_rate[ECHO_TIME] == 0; /* PH_SCALAR */
    const float *const x = dsp_in(b, ECHO_IN), *const time = dsp_in(b, ECHO_TIME);
    const float *const feedback = dsp_in(b, ECHO_FEEDBACK);
    const uint32_t dx = dsp_step(b, ECHO_IN), dt = dsp_step(b, ECHO_TIME);
    const uint32_t df = dsp_step(b, ECHO_FEEDBACK), n = b->memory_frames;
    const double approach = 1.0 - exp(-1.0 / (0.020 * b->rate_hz));
    const float target = echo_feedback(feedback[0]);
    const float feedback_step = (target - s.feedback) / (float)b->n_frames;
    float *const out = dsp_out(b, 0);

    if (is_constant)
        echo_edit(&s, b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (!is_constant) {
            const double to = echo_delay(b, time[i * dt]) - s.delay_frames;
            /* settles on the exact value: a whole number of frames then costs no treble */
            s.delay_frames += fabs(to) < 1e-4 ? to : approach * to;
        }
        s.feedback = df ? echo_feedback(feedback[i]) : s.feedback + feedback_step;
        const float delayed = echo_out(&s, b);
        b->memory[s.position] = lane_tanh(x[i * dx] + s.feedback * delayed);
        s.position = s.position + 1 == n ? 0 : s.position + 1;
        out[i] = delayed;
    }
    if (!df)
        s.feedback = target;
    *(struct echo *)state = s;
}
const struct dsp_unit DSP(dsp_Echo) = { sizeof(struct echo), echo_init, echo_process,
                                        echo_memory };

#else
typedef int delay_has_no_wide_form; /* a translation unit must declare something */
#endif
