/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/string.c - strings: PluckedString, Waveguide.                                       */
/* room: audio. One voice at a time: each string has its own length, so lanes gain nothing.       */
#include "server/dsp/interp.h"
#include "server/dsp/lane_ring.h"
#include "server/dsp/random.h"

#if LANE_W == 1

/*
 * Both are one ring: what went out a period ago comes back through a short filter that averages,
 * loses a little, and delays by the fraction of a frame that the period needs.
 *
 *     written[n] = sum over j of tap[j] written[n - first - j]
 *
 * The fraction is Lagrange's polynomial of third order, read in its middle: flat well past the
 * partials that the average leaves, and in tune within a cent up to 4 kHz.
 *
 * A trigger writes one period of white noise instead, its mean taken out: what doesn't swing would
 * ring as long as what does.
 *
 * memory  a period of the lowest frequency and a block
 * cost    five or six multiply-adds per frame, by runs that are shorter than the period
 */
enum { STRING_LOWEST_HZ = 20, STRING_TAPS = 6, STRING_EXTRA = RING_RUN + 16 };

struct string {
    uint32_t position, burst_left;
    struct chance chance;
    float trigger, burst_mean;
};

/** What the ring's filter is for one set of inputs. */
struct string_loop { uint32_t first; float tap[STRING_TAPS], period_frames, gain; };

PH_RT static uint32_t string_memory(const struct dsp_block *b)
{
    return (uint32_t)ceilf(b->rate_hz / STRING_LOWEST_HZ) + STRING_EXTRA;
}

PH_RT static void string_init(void *state, const struct dsp_block *b)
{
    *(struct string *)state = (struct string){ .chance = chance_new(b) };
}

/** Frames of a period; frequencies are 20 Hz to a quarter of the rate. */
static float string_period(const struct dsp_block *b, float freq)
{
    return b->rate_hz / lane_clamp(freq, STRING_LOWEST_HZ, 0.25f * b->rate_hz);
}

/**
 * A loop that delays by `delay` frames beyond the delay of `shape`, a symmetric filter of n taps;
 * delay >= 2.
 */
static void string_tune(struct string_loop *loop, float delay, const float *shape, int n)
{
    const float whole = floorf(delay), d = delay - whole + 1.0f; /* 1 .. 2 of 0 .. 3 */
    const float fraction[4] = { (d - 1) * (d - 2) * (d - 3) * (-1.0f / 6.0f),
                                d * (d - 2) * (d - 3) * 0.5f,
                                d * (d - 1) * (d - 3) * -0.5f,
                                d * (d - 1) * (d - 2) * (1.0f / 6.0f) };
    loop->first = (uint32_t)whole - 1;
    memset(loop->tap, 0, sizeof loop->tap);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < n; j++)
            loop->tap[i + j] += fraction[i] * shape[j];
}

/* ---- excitation ------------------------------------------------------------------------------ */

/** A rising trigger: one period of noise from here on. */
static void string_strike(struct string *s, const struct string_loop *loop)
{
    float sum = 0;
    s->burst_left = (uint32_t)ceilf(loop->period_frames);
    for (uint32_t i = 0; i < s->burst_left; i++)
        sum += random_bipolar(s->chance.n + i, s->chance.key);
    s->burst_mean = sum / (float)s->burst_left;
}

/** Frames i .. of the call with the same loop, none of them a new strike. */
static uint32_t string_run_frames(const struct dsp_block *b, uint32_t i, const uint32_t *inputs,
                                  uint32_t n_inputs, uint32_t trigger, uint32_t longest)
{
    uint32_t n = 1;
    const float *const trig = dsp_in(b, trigger);
    for (; n < longest; n++) {
        for (uint32_t k = 0; k < n_inputs; k++)
            if (dsp_step(b, inputs[k]) && dsp_in(b, inputs[k])[i + n] != dsp_in(b, inputs[k])[i])
                return n;
        if (dsp_step(b, trigger) && trig[i + n] > 0 && !(trig[i + n - 1] > 0))
            return n;
    }
    return n;
}

/** Whether the trigger rises at frame i. */
static bool string_struck(struct string *s, const struct dsp_block *b, uint32_t i, uint32_t trigger)
{
    const float now = dsp_value(b, trigger, i), before = s->trigger;
    s->trigger = now;
    return now > 0 && !(before > 0);
}

/* ---- the ring -------------------------------------------------------------------------------- */

/** n frames of noise into the ring. */
static void string_burst(struct string *s, float *restrict to, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        to[i] = random_bipolar(s->chance.n + i, s->chance.key) - s->burst_mean;
    s->chance.n += n;
    s->burst_left -= n;
}

LANE_FN void string_filter(const float *restrict from, float *restrict to, uint32_t n,
                           const float *tap)
{
    for (uint32_t i = 0; i < n; i++) { /* from[i] is the oldest frame that counts for frame i */
        float y = 0;
        for (int j = 0; j < STRING_TAPS; j++)
            y += tap[j] * from[i + STRING_TAPS - 1 - j];
        to[i] = y;
    }
}

static struct ring string_ring(const struct string *s, const struct dsp_block *b)
{
    return (struct ring){ b->memory, b->memory_frames, s->position };
}

/** Longest run in which nothing is read that is written. */
static uint32_t string_longest(const struct string *s, const struct string_loop *loop, uint32_t n)
{
    const uint32_t longest = s->burst_left > 0 ? s->burst_left : loop->first;
    return n < longest ? n : longest;
}

/** The next n frames of the string, also in `out`. */
static void string_advance(struct string *s, const struct dsp_block *b,
                           const struct string_loop *loop, float *out, uint32_t n)
{
    const struct ring ring = string_ring(s, b);
    struct ring_run read, written;
    float *const to = ring_write(&ring, n, &written);
    if (s->burst_left > 0)
        string_burst(s, to, n);
    else
        string_filter(ring_read(&ring, loop->first + STRING_TAPS - 1, &read), to, n, loop->tap);
    memcpy(out, to, n * sizeof(float));
    ring_wrote(&ring, to, n);
    s->position = ring_ahead(s->position, n, ring.n);
}

/**
 * PluckedString - a string after Karplus and Strong.
 *
 * in      [0] freq     Hz, clamped to 20 .. a quarter of the rate
 *         [1] damping  0 .. 1
 *         [2] trigger  rising through 0: struck anew
 * out     [0] the string. Each period comes back averaged over two frames, times
 *             0.999 - 0.02 damping
 * source  K. Karplus and A. Strong, Digital Synthesis of Plucked-String and Drum Timbres (1983);
 *         tuning: D. Jaffe and J. O. Smith, Extensions of the Karplus-Strong Algorithm (1983)
 */
enum { PLUCK_FREQ, PLUCK_DAMPING, PLUCK_TRIGGER };

static void pluck_tune(const struct dsp_block *b, uint32_t i, struct string_loop *loop)
{
    const float damping = dsp_value(b, PLUCK_DAMPING, i);
    const float half = 0.5f * (0.999f - 0.02f * lane_clamp(damping, 0, 1));
    loop->period_frames = string_period(b, dsp_value(b, PLUCK_FREQ, i));
    string_tune(loop, loop->period_frames - 0.5f, (const float[]){ half, half }, 2);
}

PH_RT static void pluck_process(void *state, const struct dsp_block *b)
{
    static const uint32_t tuning[] = { PLUCK_FREQ, PLUCK_DAMPING };
    struct string *const s = state;
    float *const out = dsp_out(b, 0);
    struct string_loop loop;

    chance_begin(&s->chance, b);
    for (uint32_t i = 0, n; i < b->n_frames; i += n) {
        pluck_tune(b, i, &loop);
        if (string_struck(s, b, i, PLUCK_TRIGGER))
            string_strike(s, &loop);
        n = string_run_frames(b, i, tuning, 2, PLUCK_TRIGGER,
                              string_longest(s, &loop, b->n_frames - i));
        string_advance(s, b, &loop, out + i, n);
        s->trigger = dsp_in(b, PLUCK_TRIGGER)[(i + n - 1) * dsp_step(b, PLUCK_TRIGGER)];
    }
}
const struct dsp_unit DSP(dsp_PluckedString) = { sizeof(struct string), string_init, pluck_process,
                                                 string_memory, 0 };

/**
 * Waveguide - a string between two ends, heard at one point.
 *
 * in      [0] freq     Hz, clamped to 20 .. a quarter of the rate
 *         [1] damping  0 .. 1
 *         [2] pickup   0 .. 1 along the string; the ends stand still, so the last 2 % are left out
 *         [3] trigger  rising through 0: struck anew
 * out     [0] the mean of the waves that run right and left past the pickup. Each end turns a wave
 *             over, averages it over two frames and takes 1 - 0.02 damping of it
 * source  J. O. Smith, Physical Modeling using Digital Waveguides (1992): both lines and both ends
 *         are one ring with one filter
 */
enum { GUIDE_FREQ, GUIDE_DAMPING, GUIDE_PICKUP, GUIDE_TRIGGER };

static void guide_tune(const struct dsp_block *b, uint32_t i, struct string_loop *loop)
{
    const float damping = dsp_value(b, GUIDE_DAMPING, i);
    const float gain = 1.0f - 0.02f * lane_clamp(damping, 0, 1), part = 0.25f * gain * gain;
    loop->period_frames = string_period(b, dsp_value(b, GUIDE_FREQ, i));
    loop->gain = gain;
    string_tune(loop, loop->period_frames - 1.0f, (const float[]){ part, 2 * part, part }, 3);
}

/** What the pickup hears of the last n frames. */
static void guide_hear(const struct string *s, const struct dsp_block *b,
                       const struct string_loop *loop, float *restrict out, uint32_t n,
                       float pickup)
{
    const struct ring ring = string_ring(s, b);
    const float length = 0.5f * (loop->period_frames - 1.0f), end = 0.5f * loop->gain;
    const float right = pickup * length, left = 2 * length - right;
    const uint32_t right_whole = (uint32_t)right, left_whole = (uint32_t)left;
    const float right_part = right - (float)right_whole, left_part = left - (float)left_whole;
    struct ring_run right_copy, left_copy;
    const float *const x = ring_read(&ring, n + right_whole + 1, &right_copy);
    const float *const y = ring_read(&ring, n + left_whole + 2, &left_copy);

    for (uint32_t i = 0; i < n; i++) { /* the wave on its way back has met one end */
        const float back = lane_lerp(left_part, y[i + 2] + y[i + 1], y[i + 1] + y[i]);
        out[i] = 0.5f * (lane_lerp(right_part, x[i + 1], x[i]) - end * back);
    }
}

PH_RT static void guide_process(void *state, const struct dsp_block *b)
{
    static const uint32_t tuning[] = { GUIDE_FREQ, GUIDE_DAMPING, GUIDE_PICKUP };
    struct string *const s = state;
    float *const out = dsp_out(b, 0);
    struct string_loop loop;

    chance_begin(&s->chance, b);
    for (uint32_t i = 0, n; i < b->n_frames; i += n) {
        const float pickup = dsp_value(b, GUIDE_PICKUP, i);
        guide_tune(b, i, &loop);
        if (string_struck(s, b, i, GUIDE_TRIGGER))
            string_strike(s, &loop);
        n = string_run_frames(b, i, tuning, 3, GUIDE_TRIGGER,
                              string_longest(s, &loop, b->n_frames - i));
        string_advance(s, b, &loop, out + i, n);
        guide_hear(s, b, &loop, out + i, n, lane_clamp(pickup, 0.02f, 0.98f));
        s->trigger = dsp_in(b, GUIDE_TRIGGER)[(i + n - 1) * dsp_step(b, GUIDE_TRIGGER)];
    }
}
const struct dsp_unit DSP(dsp_Waveguide) = { sizeof(struct string), string_init, guide_process,
                                             string_memory, 0 };

#endif
