/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/echo.c - Echo: a delay line through tanh.                                           */
/* room: audio. One voice at a time: each line has its own length, so lanes gain nothing.         */
#include "server/dsp/delay_line.h"

#if LANE_W == 1

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

    if (b->in_rate[ECHO_TIME] == PH_SCALAR)
        echo_edit(s, b);
    echo_feedbacks(s, b, p.feedback);
    if (b->in_rate[ECHO_TIME] == PH_SCALAR || !echo_moves(s, b, p.delay)) {
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
typedef int echo_has_no_wide_form; /* a translation unit must declare something */
#endif
