/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/taps.c - delay effects of LANGUAGE 15.1: MultiTap, PingPong, TapeDelay.             */
/* room: audio. One voice at a time, by runs that are shorter than the shortest tap.              */
#include "server/dsp/tap.h"

#if LANE_W == 1

/*
 * MultiTap - n taps of one line, at 1, 2 ... n times `time`, of gain 1/k each, averaged.
 *
 * in      [0] signal
 *         [1] maxtime, seconds, read once: the longest `time`
 *         [2] time, seconds, 4 frames .. maxtime; follows by a one-pole of 20 ms
 *         [3] taps, 2 .. 8, read once
 *         [4] feedback, 0 .. 0.99: line <- in + feedback * out; the gains add up to less than 1
 * out     [0] the averaged taps, cubic interpolation
 * cost    one cubic per tap and frame
 */
struct multi_tap { double delay; uint32_t position, n_taps; float feedback; };
enum { MULTI_IN, MULTI_MAX, MULTI_TIME, MULTI_TAPS, MULTI_FEEDBACK };

LANE_FN uint32_t multi_taps(const struct dsp_block *b)
{
    return (uint32_t)(tap_limit(dsp_in(b, MULTI_TAPS)[0], 2, 8) + 0.5f);
}

PH_RT static uint32_t multi_tap_memory(const struct dsp_block *b)
{
    const float longest = tap_limit(dsp_in(b, MULTI_MAX)[0] * b->rate_hz, TAP_LEAST, 1 << 21);
    return tap_memory(ceilf(longest) * (float)multi_taps(b));
}

LANE_FN float multi_tap_longest(const struct dsp_block *b, uint32_t n_taps)
{
    return tap_longest(b->memory_frames) / (float)n_taps;
}

PH_RT static void multi_tap_init(void *state, const struct dsp_block *b)
{
    struct multi_tap *const s = state;
    *s = (struct multi_tap){ .n_taps = multi_taps(b) };
    s->delay = (double)tap_limit(dsp_in(b, MULTI_TIME)[0] * b->rate_hz, TAP_LEAST,
                                 multi_tap_longest(b, s->n_taps));
    s->feedback = knob_start(b, MULTI_FEEDBACK, 0, 0.99f);
}

/** The average of the taps for a run; `delay` is that of the first one. */
static void multi_tap_read(const struct ring *r, const double *delay, bool moves, uint32_t n_taps,
                           uint32_t n, float *restrict to)
{
    _Alignas(64) float tap[DSP_BLOCK_FRAMES];
    double times[DSP_BLOCK_FRAMES];

    memset(to, 0, n * sizeof(float));
    for (uint32_t k = 1; k <= n_taps; k++) {
        const float gain = 1.0f / (float)(k * n_taps);
        for (uint32_t i = 0; i < (moves ? n : 1); i++)
            times[i] = k * delay[i];
        tap_read(r, times, moves, n, tap);
        for (uint32_t i = 0; i < n; i++)
            to[i] += gain * tap[i];
    }
}

PH_RT static void multi_tap_process(void *state, const struct dsp_block *b)
{
    struct multi_tap *const s = state;
    _Alignas(64) float x[DSP_BLOCK_FRAMES], feedback[DSP_BLOCK_FRAMES];
    double delay[DSP_BLOCK_FRAMES];
    struct ring ring = tap_ring(b->memory, b->memory_frames, s->position);
    struct ring_run written;
    float *const out = dsp_out(b, 0);

    healed_input(b, MULTI_IN, x);
    knob_frames(b, MULTI_FEEDBACK, 0, 0.99f, &s->feedback, feedback);
    const bool moves = glide_frames(b, MULTI_TIME, TAP_LEAST, multi_tap_longest(b, s->n_taps),
                                    &s->delay, delay);
    const uint32_t longest = tap_run(delay, b->n_frames);
    for (uint32_t i = 0, n; i < b->n_frames; i += n) {
        n = tap_least(b->n_frames - i, longest);
        float *const line = ring_write(&ring, n, &written);
        multi_tap_read(&ring, delay + i, moves, s->n_taps, n, out + i);
        for (uint32_t k = 0; k < n; k++)
            line[k] = x[i + k] + feedback[i + k] * out[i + k];
        ring_wrote(&ring, line, n);
        ring.position = ring_ahead(ring.position, n, ring.n);
    }
    s->position = ring.position;
}
const struct dsp_unit DSP(dsp_MultiTap) = { sizeof(struct multi_tap), multi_tap_init,
                                            multi_tap_process, multi_tap_memory, 1 };

/*
 * PingPong - two lines that feed each other: what goes into one comes out of it after `time`, out
 * of the other after twice that, and so on from side to side.
 *
 * in      [0] signal
 *         [1] maxtime, seconds, read once
 *         [2] time, seconds, 4 frames .. maxtime; follows by a one-pole of 20 ms
 *         [3] feedback, 0 .. 0.99, from line to line
 *         [4] width, 0 (both sides hear the mean) .. 1
 *         [5] start: the line the signal enters, 0 left, else right; read once
 * out     [0] left, [1] right, without the signal itself; cubic interpolation
 * memory  the left line, then the right one
 */
struct ping_pong { double delay; uint32_t position, starts_right; float feedback, width; };
enum { PING_IN, PING_MAX, PING_TIME, PING_FEEDBACK, PING_WIDTH, PING_START };

LANE_FN uint32_t ping_pong_line(const struct dsp_block *b)
{
    return tap_memory(tap_limit(dsp_in(b, PING_MAX)[0] * b->rate_hz, TAP_LEAST, 1 << 23));
}
PH_RT static uint32_t ping_pong_memory(const struct dsp_block *b) { return 2 * ping_pong_line(b); }

PH_RT static void ping_pong_init(void *state, const struct dsp_block *b)
{
    struct ping_pong *const s = state;
    *s = (struct ping_pong){ .starts_right = dsp_in(b, PING_START)[0] > 0.5f };
    s->delay = (double)tap_limit(dsp_in(b, PING_TIME)[0] * b->rate_hz, TAP_LEAST,
                                 tap_longest(b->memory_frames / 2));
    s->feedback = knob_start(b, PING_FEEDBACK, 0, 0.99f);
    s->width = knob_start(b, PING_WIDTH, 0, 1);
}

/** A run of one line: its input, and what the other line gave. */
static void ping_pong_write(const struct ring *r, const float *restrict x,
                            const float *restrict feedback, const float *restrict other,
                            bool is_entry, uint32_t n)
{
    struct ring_run written;
    float *const restrict line = ring_write(r, n, &written);
    const float entry = is_entry ? 1 : 0;
    for (uint32_t i = 0; i < n; i++)
        line[i] = entry * x[i] + feedback[i] * other[i];
    ring_wrote(r, line, n);
}

LANE_FN void ping_pong_mix(const float *restrict width, uint32_t n, float *restrict left,
                           float *restrict right)
{
    for (uint32_t i = 0; i < n; i++) {
        const float middle = 0.5f * (left[i] + right[i]);
        const float side = 0.5f * width[i] * (left[i] - right[i]);
        left[i] = middle + side;
        right[i] = middle - side;
    }
}

PH_RT static void ping_pong_process(void *state, const struct dsp_block *b)
{
    struct ping_pong *const s = state;
    _Alignas(64) float x[DSP_BLOCK_FRAMES], feedback[DSP_BLOCK_FRAMES], width[DSP_BLOCK_FRAMES];
    double delay[DSP_BLOCK_FRAMES];
    const uint32_t n_line = b->memory_frames / 2;
    struct ring left = tap_ring(b->memory, n_line, s->position), right = left;
    float *const out_left = dsp_out(b, 0), *const out_right = dsp_out(b, 1);

    right.frames += n_line;
    healed_input(b, PING_IN, x);
    knob_frames(b, PING_FEEDBACK, 0, 0.99f, &s->feedback, feedback);
    knob_frames(b, PING_WIDTH, 0, 1, &s->width, width);
    const bool moves =
        glide_frames(b, PING_TIME, TAP_LEAST, tap_longest(n_line), &s->delay, delay);
    const uint32_t longest = tap_run(delay, b->n_frames);
    for (uint32_t i = 0, n; i < b->n_frames; i += n) {
        n = tap_least(b->n_frames - i, longest);
        tap_read(&left, delay + i, moves, n, out_left + i);
        tap_read(&right, delay + i, moves, n, out_right + i);
        ping_pong_write(&left, x + i, feedback + i, out_right + i, !s->starts_right, n);
        ping_pong_write(&right, x + i, feedback + i, out_left + i, s->starts_right, n);
        left.position = right.position = ring_ahead(left.position, n, left.n);
    }
    s->position = left.position;
    ping_pong_mix(width, b->n_frames, out_left, out_right);
}
const struct dsp_unit DSP(dsp_PingPong) = { sizeof(struct ping_pong), ping_pong_init,
                                            ping_pong_process, ping_pong_memory, 1 };

/*
 * TapeDelay - an echo whose tape doesn't run evenly, saturates, and loses treble on each turn.
 *
 * in      [0] signal
 *         [1] maxtime, seconds, read once
 *         [2] time, seconds, 4 frames .. maxtime; follows by a one-pole of 20 ms
 *         [3] sway, seconds added to the time as they are: wow and flutter
 *         [4] feedback, 0 .. 0.99
 *         [5] saturation s, 0 .. 10: what is written is tanh(g v) / g with g = 1 + 3 s, v = in +
 *             feedback * out; small signals keep their level, so the loop's gain stays below 1
 * out     [0] the delayed signal, cubic interpolation
 * treble  a one-pole at 5 kHz before the tape
 */
struct tape_delay { double delay; uint32_t position; float feedback, saturation, written; };
enum { TAPE_IN, TAPE_MAX, TAPE_TIME, TAPE_SWAY, TAPE_FEEDBACK, TAPE_SATURATION };
static const float tape_treble_hz = 5000;

PH_RT static uint32_t tape_delay_memory(const struct dsp_block *b)
{
    return tap_memory(dsp_in(b, TAPE_MAX)[0] * b->rate_hz);
}

PH_RT static void tape_delay_init(void *state, const struct dsp_block *b)
{
    *(struct tape_delay *)state = (struct tape_delay){
        .delay = (double)tap_limit(dsp_in(b, TAPE_TIME)[0] * b->rate_hz, TAP_LEAST,
                                   tap_longest(b->memory_frames)),
        .feedback = knob_start(b, TAPE_FEEDBACK, 0, 0.99f),
        .saturation = knob_start(b, TAPE_SATURATION, 0, 10)
    };
}

/** The delays with what sways. @return whether they move */
static bool tape_delays(struct tape_delay *s, const struct dsp_block *b, double *restrict to)
{
    const float *const sway = dsp_in(b, TAPE_SWAY);
    const uint32_t step = dsp_step(b, TAPE_SWAY);
    const double longest = (double)tap_longest(b->memory_frames);
    const bool glides = glide_frames(b, TAPE_TIME, TAP_LEAST, (float)longest, &s->delay, to);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const double at = to[i] + (double)tap_limit(sway[i * step] * b->rate_hz, -1e6f, 1e6f);
        to[i] = at < TAP_LEAST ? TAP_LEAST : at < longest ? at : longest;
    }
    return glides || step;
}

/** What the tape is given: v in, saturated; then the one-pole, which is all that runs in series. */
static void tape_write(struct tape_delay *s, const float *restrict v,
                       const float *restrict saturation, float keep, uint32_t n,
                       float *restrict line)
{
    _Alignas(64) float wet[DSP_BLOCK_FRAMES];
    float y = s->written;
    for (uint32_t i = 0; i < n; i++) {
        const float drive = 1.0f + 3.0f * saturation[i];
        wet[i] = (1.0f - keep) * (lane_tanh(drive * v[i]) / drive);
    }
    for (uint32_t i = 0; i < n; i++)
        line[i] = y = lane_fma(keep, y, wet[i]);
    s->written = y;
}

PH_RT static void tape_delay_process(void *state, const struct dsp_block *b)
{
    struct tape_delay *const s = state;
    _Alignas(64) float x[DSP_BLOCK_FRAMES], feedback[DSP_BLOCK_FRAMES];
    _Alignas(64) float saturation[DSP_BLOCK_FRAMES];
    double delay[DSP_BLOCK_FRAMES];
    const float keep = lane_exp(-6.2831853f * tape_treble_hz / b->rate_hz);
    struct ring ring = tap_ring(b->memory, b->memory_frames, s->position);
    struct ring_run written;
    float *const restrict out = dsp_out(b, 0);

    healed_input(b, TAPE_IN, x);
    knob_frames(b, TAPE_FEEDBACK, 0, 0.99f, &s->feedback, feedback);
    knob_frames(b, TAPE_SATURATION, 0, 10, &s->saturation, saturation);
    const bool moves = tape_delays(s, b, delay);
    const uint32_t longest = tap_run(delay, b->n_frames);
    for (uint32_t i = 0, n; i < b->n_frames; i += n) {
        n = tap_least(b->n_frames - i, longest);
        float *const line = ring_write(&ring, n, &written);
        tap_read(&ring, delay + i, moves, n, out + i);
        for (uint32_t k = i; k < i + n; k++)
            x[k] += feedback[k] * out[k];
        tape_write(s, x + i, saturation + i, keep, n, line);
        ring_wrote(&ring, line, n);
        ring.position = ring_ahead(ring.position, n, ring.n);
    }
    s->position = ring.position;
}
const struct dsp_unit DSP(dsp_TapeDelay) = { sizeof(struct tape_delay), tape_delay_init,
                                             tape_delay_process, tape_delay_memory, 1 };

#else
typedef int taps_have_no_wide_form; /* a translation unit must declare something */
#endif
