/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/delay.c - delay lines with feedback: CombL, AllpassL, Echo.                         */
/* room: audio. One voice at a time: each line has its own length, so lanes gain nothing.         */
#include "server/dsp/fastmath.h"
#include "server/dsp/interp.h"
#include "server/dsp/lane_ring.h"

#if LANE_W == 1

enum {
    LINE_FRAMES_MAX = 1 << 24, /* a float counts frames exactly up to here */
    LEAST_RUN = 8              /* frames; shorter runs cost more than frames one by one */
};

LANE_FN uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

/** x limited to lo .. hi; NaN becomes lo. */
LANE_FN float limit(float x, float lo, float hi)
{
    return x > lo ? (x < hi ? x : hi) : lo;
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
 * cost    one exp per changed time, or per frame while times move. Delays of less than LEAST_RUN
 *         frames go frame by frame, others by runs that are no longer than the delay
 * source  M. R. Schroeder, Natural Sounding Artificial Reverberation (1962)
 */
struct line { uint32_t position; float delay_frames, feedback, delay_seconds, decay_seconds; };
enum { LINE_IN, LINE_MAX, LINE_DELAY, LINE_DECAY };

enum { LINE_EXTRA = 8 }; /* memory beyond scsynth's, for runs and a repeated frame */

/** scsynth's size: the next power of two that holds the delay and one block. */
PH_RT static uint32_t line_memory(const struct dsp_block *b)
{
    const float n_frames = limit(dsp_in(b, LINE_MAX)[0] * b->rate_hz, 0, LINE_FRAMES_MAX / 2);
    const uint32_t n_least = (uint32_t)ceilf(n_frames + 1) + DSP_BLOCK_FRAMES;
    uint32_t size = DSP_BLOCK_FRAMES;
    while (size < n_least)
        size *= 2;
    return size + LINE_EXTRA;
}

LANE_FN float line_delay_max(const struct dsp_block *b)
{
    return (float)(b->memory_frames - LINE_EXTRA - 1);
}
LANE_FN float line_delay(float seconds, float rate_hz, float max)
{
    return limit(seconds * rate_hz, 1, max);
}

LANE_FN float line_feedback(float delay_seconds, float decay_seconds)
{
    const float exponent = -6.907755279f * delay_seconds / lane_abs(decay_seconds);
    const bool has_none = !(delay_seconds > 0) || decay_seconds == 0; /* NaN: the exp is 0 */
    return has_none ? 0 : lane_copysign(lane_exp(exponent), decay_seconds);
}

PH_RT static void line_init(void *state, const struct dsp_block *b)
{
    struct line *const s = state;
    s->position = 0;
    s->delay_seconds = dsp_in(b, LINE_DELAY)[0];
    s->decay_seconds = dsp_in(b, LINE_DECAY)[0];
    s->delay_frames = line_delay(s->delay_seconds, b->rate_hz, line_delay_max(b));
    s->feedback = line_feedback(s->delay_seconds, s->decay_seconds);
}

/** Delay and feedback of each frame, while they change. */
struct line_path {
    _Alignas(64) float delay[DSP_BLOCK_FRAMES], feedback[DSP_BLOCK_FRAMES];
    float part[DSP_BLOCK_FRAMES];
    int32_t whole[DSP_BLOCK_FRAMES];
};

static void line_stay(const struct line *s, const struct dsp_block *b, struct line_path *p)
{
    for (uint32_t i = 0; i < b->n_frames; i++) {
        p->delay[i] = s->delay_frames;
        p->feedback[i] = s->feedback;
    }
}

/** Times at audio rate. */
static void line_move(struct line *s, const struct dsp_block *b, struct line_path *p)
{
    _Alignas(64) float space[2][DSP_BLOCK_FRAMES];
    const float *const delay = row_input(b, LINE_DELAY, space[0]);
    const float *const decay = row_input(b, LINE_DECAY, space[1]);
    const float rate_hz = b->rate_hz, max = line_delay_max(b);
    const uint32_t n = b->n_frames;

    for (uint32_t i = 0; i < n; i++) {
        p->delay[i] = line_delay(delay[i], rate_hz, max);
        p->feedback[i] = line_feedback(delay[i], decay[i]);
    }
    s->delay_seconds = delay[n - 1];
    s->decay_seconds = decay[n - 1];
}

/** New constants: the way there, summed up as scsynth does. */
static void line_ramp(struct line *s, const struct dsp_block *b, struct line_path *p)
{
    const float max = line_delay_max(b), part = 1.0f / (float)b->n_frames;
    s->delay_seconds = dsp_in(b, LINE_DELAY)[0];
    s->decay_seconds = dsp_in(b, LINE_DECAY)[0];
    const float to_delay = line_delay(s->delay_seconds, b->rate_hz, max);
    const float to_feedback = line_feedback(s->delay_seconds, s->decay_seconds);
    const float delay_step = (to_delay - s->delay_frames) * part;
    const float feedback_step = (to_feedback - s->feedback) * part;

    float delay = s->delay_frames, feedback = s->feedback;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        p->delay[i] = delay += delay_step;
        p->feedback[i] = feedback += feedback_step;
    }
    for (uint32_t i = 0; i < b->n_frames; i++) /* the sum's rounding may go past the ends */
        p->delay[i] = limit(p->delay[i], 1, max);
}

/** A run at rest: `near` is what was written a whole number of frames ago. */
LANE_FN void line_steady(const float *restrict near, float *restrict line, const float *restrict x,
                         float *restrict out, uint32_t n, const struct line *s, bool allpass)
{
    const float part = s->delay_frames - (float)(int32_t)s->delay_frames, feedback = s->feedback;
    const float *const far = near - 1;
    for (uint32_t i = 0; i < n; i++) {
        const float delayed = lane_lerp(part, near[i], far[i]);
        const float written = x[i] + feedback * delayed;
        line[i] = written;
        out[i] = allpass ? delayed - feedback * written : delayed;
    }
}

/** By runs in which nothing is read that is written. @return the position afterwards */
LANE_FN uint32_t line_steady_runs(const struct line *s, const struct dsp_block *b, const float *x,
                                  bool allpass)
{
    const uint32_t whole = (uint32_t)s->delay_frames;
    struct ring ring = { b->memory, b->memory_frames - 1, s->position };
    const uint32_t longest = least(whole, ring.n - whole - 1);
    float *const out = dsp_out(b, 0);
    struct ring_run read, written;

    for (uint32_t i = 0, n; i < b->n_frames; i += n) {
        n = least(b->n_frames - i, longest);
        float *const line = ring_write(&ring, n, &written);
        line_steady(ring_read(&ring, whole, &read), line, x + i, out + i, n, s, allpass);
        ring_wrote(&ring, line, n);
        ring.position = ring_ahead(ring.position, n, ring.n);
    }
    ring_prefetch(&ring, whole);
    return ring.position;
}

/** Delays as whole frames and what is left. @return the least of the whole ones */
LANE_FN int32_t line_split(struct line_path *p, uint32_t n)
{
    int32_t shortest = INT32_MAX;
    for (uint32_t i = 0; i < n; i++) {
        p->whole[i] = (int32_t)p->delay[i];
        p->part[i] = p->delay[i] - (float)p->whole[i];
        shortest = p->whole[i] < shortest ? p->whole[i] : shortest;
    }
    return shortest;
}

/** The frames on both sides of where frames 0 .. n - 1 are read: to[2 i] is the earlier one. */
LANE_FN void line_gather(const struct ring *r, const int32_t *whole, uint32_t n, float *restrict to)
{
    int32_t at[DSP_BLOCK_FRAMES];
    ring_places(r, whole, 1, n, at);
    r->frames[r->n] = r->frames[0]; /* behind the end: no pair goes round it */
    for (uint32_t i = 0; i < n; i++)
        memcpy(to + 2 * i, r->frames + at[i], 2 * sizeof(float));
}

/** A run of line_path_runs(): frame i lies between pairs[2 i + 1] and the one before. */
LANE_FN void line_moving(const float *restrict pairs, float *restrict line, const float *restrict x,
                         float *restrict out, uint32_t n, const float *restrict part,
                         const float *restrict feedback, bool allpass)
{
    for (uint32_t i = 0; i < n; i++) {
        const float delayed = lane_lerp(part[i], pairs[2 * i + 1], pairs[2 * i]);
        const float written = x[i] + feedback[i] * delayed;
        line[i] = written;
        out[i] = allpass ? delayed - feedback[i] * written : delayed;
    }
}

LANE_FN uint32_t line_path_runs(const struct line *s, const struct dsp_block *b, const float *x,
                                const struct line_path *p, uint32_t longest, bool allpass)
{
    struct ring ring = { b->memory, b->memory_frames - 1, s->position };
    _Alignas(64) float pairs[2 * DSP_BLOCK_FRAMES];
    struct ring_run written;
    float *const out = dsp_out(b, 0);

    for (uint32_t i = 0, n; i < b->n_frames; i += n) {
        n = least(b->n_frames - i, longest);
        float *const line = ring_write(&ring, n, &written);
        line_gather(&ring, p->whole + i, n, pairs);
        line_moving(pairs, line, x + i, out + i, n, p->part + i, p->feedback + i, allpass);
        ring_wrote(&ring, line, n);
        ring.position = ring_ahead(ring.position, n, ring.n);
    }
    return ring.position;
}

/** One frame after another: delays of a few frames. */
LANE_FN uint32_t line_path_frames(const struct line *s, const struct dsp_block *b, const float *x,
                                  const struct line_path *p, bool allpass)
{
    const uint32_t n = b->memory_frames - 1;
    uint32_t position = s->position;
    float *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const uint32_t near = ring_behind(position, (uint32_t)p->whole[i], n);
        const uint32_t far = ring_behind(near, 1, n);
        const float delayed = lane_lerp(p->part[i], b->memory[near], b->memory[far]);
        const float written = x[i] + p->feedback[i] * delayed;
        b->memory[position] = written;
        out[i] = allpass ? delayed - p->feedback[i] * written : delayed;
        position = ring_ahead(position, 1, n);
    }
    return position;
}

LANE_FN uint32_t line_path(const struct line *s, const struct dsp_block *b, const float *x,
                           struct line_path *p, bool allpass)
{
    const int32_t shortest = line_split(p, b->n_frames);
    if (shortest < LEAST_RUN || b->n_frames < LEAST_RUN)
        return line_path_frames(s, b, x, p, allpass);
    return line_path_runs(s, b, x, p, (uint32_t)shortest, allpass);
}

LANE_FN void line_process(void *state, const struct dsp_block *b, bool allpass)
{
    struct line *const s = state;
    _Alignas(64) float space[DSP_BLOCK_FRAMES];
    const float *const x = row_input(b, LINE_IN, space);
    struct line_path p;

    if (dsp_step(b, LINE_DELAY) || dsp_step(b, LINE_DECAY)) {
        line_move(s, b, &p);
    } else if (dsp_in(b, LINE_DELAY)[0] != s->delay_seconds ||
               dsp_in(b, LINE_DECAY)[0] != s->decay_seconds) {
        line_ramp(s, b, &p);
    } else if (s->delay_frames >= LEAST_RUN && b->n_frames >= LEAST_RUN) {
        s->position = line_steady_runs(s, b, x, allpass);
        return;
    } else {
        line_stay(s, b, &p);
    }
    s->position = line_path(s, b, x, &p, allpass);
    s->delay_frames = p.delay[b->n_frames - 1];
    s->feedback = p.feedback[b->n_frames - 1];
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
 * cost    one tanh per frame. By runs as with CombL; frame by frame where the delay is short, and
 *         during a crossfade
 */
struct echo { double delay_frames, from_frames; uint32_t position, fade_left; float feedback; };
enum { ECHO_IN, ECHO_MAX, ECHO_TIME, ECHO_FEEDBACK };
/*
 * Memory beyond the longest delay: the ring is that much longer, but for the frames repeated behind
 * its end. The cubic reads two frames past the delay; and what a block reads, no block before it in
 * the same period may have written: an edited synth and its predecessor share the line for a
 * crossfade.
 */
enum { ECHO_REPEATED = 3, ECHO_EXTRA = RING_RUN - 1 + ECHO_REPEATED };

PH_RT static uint32_t echo_memory(const struct dsp_block *b)
{
    const float n_frames = limit(dsp_in(b, ECHO_MAX)[0] * b->rate_hz, 1, LINE_FRAMES_MAX);
    return (uint32_t)ceilf(n_frames) + ECHO_EXTRA;
}

LANE_FN struct ring echo_ring(const struct echo *s, const struct dsp_block *b)
{
    return (struct ring){ b->memory, b->memory_frames - ECHO_REPEATED, s->position };
}

static float echo_delay(const struct dsp_block *b, float seconds)
{
    return limit(seconds * b->rate_hz, 1, (float)(b->memory_frames - ECHO_EXTRA));
}

LANE_FN float echo_feedback(float x)
{
    return limit(x, 0, 0.99f);
}

PH_RT static void echo_init(void *state, const struct dsp_block *b)
{
    *(struct echo *)state =
        (struct echo){ .delay_frames = echo_delay(b, dsp_in(b, ECHO_TIME)[0]),
                       .feedback = echo_feedback(dsp_in(b, ECHO_FEEDBACK)[0]) };
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

/** Delay (whole frames and what is left) and feedback of each frame. */
struct echo_path {
    double delay[DSP_BLOCK_FRAMES];
    _Alignas(64) float feedback[DSP_BLOCK_FRAMES], part[DSP_BLOCK_FRAMES];
    int32_t whole[DSP_BLOCK_FRAMES];
};

LANE_FN void echo_feedbacks(struct echo *s, const struct dsp_block *b, float *restrict to)
{
    const float *const x = dsp_in(b, ECHO_FEEDBACK), from = s->feedback;
    const uint32_t n = b->n_frames;
    s->feedback = echo_feedback(x[dsp_step(b, ECHO_FEEDBACK) * (n - 1)]);
    if (dsp_step(b, ECHO_FEEDBACK)) {
        for (uint32_t i = 0; i < n; i++)
            to[i] = echo_feedback(x[i]);
    } else {
        const float step = (s->feedback - from) / (float)n;
        for (uint32_t i = 0; i < n; i++)
            to[i] = from + step * (float)(i + 1);
    }
}

/** Towards one target; it settles on the exact value: whole frames then cost no treble. */
static void echo_approach(double from, double target, double keep, double *restrict to, uint32_t n)
{
    double left[DSP_BLOCK_FRAMES + 1];
    left[0] = target - from;
    for (uint32_t i = 0; i < n; i++)
        left[i + 1] = keep * left[i];
    for (uint32_t i = 0; i < n; i++)
        to[i] = fabs(left[i]) < 1e-4 ? target : target - left[i + 1];
}

/** After a target that moves within the block. */
static void echo_follow(double from, const float *target, double keep, double *restrict to,
                        uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        to[i] = from = lane_fma_d(keep, from, (1.0 - keep) * target[i]);
}

/** Sets the delays of a time that moves. @return false where it rests at what the state holds */
static bool echo_moves(struct echo *s, const struct dsp_block *b, double *to)
{
    const float *const time = dsp_in(b, ECHO_TIME);
    const uint32_t n = b->n_frames, n_times = dsp_step(b, ECHO_TIME) ? n : 1;
    float target[DSP_BLOCK_FRAMES];
    int32_t differ = 0;

    target[0] = echo_delay(b, time[0]);
    for (uint32_t i = 1; i < n_times; i++) {
        target[i] = echo_delay(b, time[i]);
        differ |= target[i] != target[0];
    }
    if (!differ && target[0] == s->delay_frames)
        return false;
    const double keep = exp(-1.0 / (0.020 * b->rate_hz));
    if (differ)
        echo_follow(s->delay_frames, target, keep, to, n);
    else
        echo_approach(s->delay_frames, target[0], keep, to, n);
    s->delay_frames = to[n - 1];
    return true;
}

/** A run at rest: `at` is what was written a whole number of frames ago. */
LANE_FN void echo_steady(const float *restrict at, float *restrict line, const float *restrict x,
                         float *restrict out, const float *restrict feedback, uint32_t n,
                         float part)
{
    const float *const before = at + 1, *const next = at - 1, *const last = at - 2;
    for (uint32_t i = 0; i < n; i++) {
        const float delayed = lane_cubic(part, before[i], at[i], next[i], last[i]);
        line[i] = lane_tanh(x[i] + feedback[i] * delayed);
        out[i] = delayed;
    }
}

LANE_FN uint32_t echo_steady_runs(const struct echo *s, const struct dsp_block *b, const float *x,
                                  const float *feedback)
{
    const uint32_t whole = (uint32_t)s->delay_frames;
    const float part = (float)(s->delay_frames - whole);
    float *const out = dsp_out(b, 0);
    struct ring ring = echo_ring(s, b);
    struct ring_run read, written;

    for (uint32_t i = 0, n; i < b->n_frames; i += n) {
        n = least(b->n_frames - i, whole - 1);
        const float *const at = ring_read(&ring, whole, &read);
        float *const line = ring_write(&ring, n, &written);
        echo_steady(at, line, x + i, out + i, feedback + i, n, part);
        ring_wrote(&ring, line, n);
        ring.position = ring_ahead(ring.position, n, ring.n);
    }
    ring_prefetch(&ring, whole);
    return ring.position;
}

/** The four frames around where each frame is read, the earliest first; none goes round the end. */
LANE_FN void echo_gather(const struct ring *r, const int32_t *whole, uint32_t n, float *restrict to)
{
    int32_t at[DSP_BLOCK_FRAMES];
    ring_places(r, whole, 2, n, at);
    memcpy(r->frames + r->n, r->frames, ECHO_REPEATED * sizeof(float));
    for (uint32_t i = 0; i < n; i++)
        memcpy(to + 4 * i, r->frames + at[i], 4 * sizeof(float));
}

LANE_FN void echo_moving(const float *restrict four, float *restrict line, const float *restrict x,
                         float *restrict out, const float *restrict feedback,
                         const float *restrict part, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const float delayed =
            lane_cubic(part[i], four[4 * i + 3], four[4 * i + 2], four[4 * i + 1], four[4 * i]);
        line[i] = lane_tanh(x[i] + feedback[i] * delayed);
        out[i] = delayed;
    }
}

LANE_FN uint32_t echo_path_runs(const struct echo *s, const struct dsp_block *b, const float *x,
                                const struct echo_path *p, uint32_t longest)
{
    _Alignas(64) float four[4 * DSP_BLOCK_FRAMES];
    float *const out = dsp_out(b, 0);
    struct ring ring = echo_ring(s, b);
    struct ring_run written;

    for (uint32_t i = 0, n; i < b->n_frames; i += n) {
        n = least(b->n_frames - i, longest);
        float *const line = ring_write(&ring, n, &written);
        echo_gather(&ring, p->whole + i, n, four);
        echo_moving(four, line, x + i, out + i, p->feedback + i, p->part + i, n);
        ring_wrote(&ring, line, n);
        ring.position = ring_ahead(ring.position, n, ring.n);
    }
    return ring.position;
}

LANE_FN float echo_read(const struct ring *r, double delay_frames)
{
    const uint32_t whole = (uint32_t)delay_frames;
    const float part = (float)(delay_frames - whole);
    const uint32_t at = ring_behind(r->position, whole, r->n), next = ring_behind(at, 1, r->n);
    /* the frame before a delay of one is the one being written: its neighbour stands in */
    const uint32_t before = whole > 1 ? ring_behind(r->position, whole - 1, r->n) : at;
    return lane_cubic(part, r->frames[before], r->frames[at], r->frames[next],
                      r->frames[ring_behind(next, 1, r->n)]);
}

/** One frame after another: short delays, and crossfades. */
LANE_FN uint32_t echo_path_frames(struct echo *s, const struct dsp_block *b, const float *x,
                                  const struct echo_path *p)
{
    struct ring ring = echo_ring(s, b);
    float *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        float delayed = echo_read(&ring, p->delay[i]);
        if (s->fade_left > 0) {
            const float before = echo_read(&ring, s->from_frames);
            delayed += (before - delayed) *
                       ((float)s->fade_left-- / (float)(echo_fade_frames(b) + 1));
        }
        ring.frames[ring.position] = lane_tanh(x[i] + p->feedback[i] * delayed);
        ring.position = ring_ahead(ring.position, 1, ring.n);
        out[i] = delayed;
    }
    return ring.position;
}

/** Sets whole and part of the delays. @return whether runs can be made of them */
LANE_FN bool echo_split(const struct echo *s, struct echo_path *p, uint32_t n, uint32_t *longest)
{
    int32_t shortest = INT32_MAX;
    for (uint32_t i = 0; i < n; i++) {
        p->whole[i] = (int32_t)p->delay[i];
        p->part[i] = (float)(p->delay[i] - p->whole[i]);
        shortest = p->whole[i] < shortest ? p->whole[i] : shortest;
    }
    *longest = (uint32_t)shortest - 1;
    return s->fade_left == 0 && n >= LEAST_RUN && shortest > LEAST_RUN;
}

PH_RT static void echo_process(void *state, const struct dsp_block *b)
{
    struct echo *const s = state;
    _Alignas(64) float space[DSP_BLOCK_FRAMES];
    const float *const x = row_input(b, ECHO_IN, space);
    struct echo_path p;
    uint32_t longest;

    if (b->in_rate[ECHO_TIME] == 0) /* PH_SCALAR */
        echo_edit(s, b);
    echo_feedbacks(s, b, p.feedback);
    if (b->in_rate[ECHO_TIME] == 0 || !echo_moves(s, b, p.delay)) {
        if (s->fade_left == 0 && b->n_frames >= LEAST_RUN && s->delay_frames > LEAST_RUN) {
            s->position = echo_steady_runs(s, b, x, p.feedback);
            return;
        }
        for (uint32_t i = 0; i < b->n_frames; i++)
            p.delay[i] = s->delay_frames;
    }
    s->position = echo_split(s, &p, b->n_frames, &longest) ? echo_path_runs(s, b, x, &p, longest)
                                                           : echo_path_frames(s, b, x, &p);
}
const struct dsp_unit DSP(dsp_Echo) = { sizeof(struct echo), echo_init, echo_process,
                                        echo_memory, 2 };

#else
typedef int delay_has_no_wide_form; /* a translation unit must declare something */
#endif
