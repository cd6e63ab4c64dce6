/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/grain.c - grains of what was heard before: Granular, GrainShift.                    */
/* room: audio. One voice at a time: each grain is read at a place of its own.                    */
#include "server/dsp/fastmath.h"
#include "server/dsp/interp.h"
#include "server/dsp/lane_phase.h"
#include "server/dsp/lane_row.h"
#include "server/dsp/random.h"

#if LANE_W == 1

/** The past in a ring: frame p of the input is at p modulo n. */
struct past { float *frames; uint32_t n; };

/** Writes a block's input behind `position`; what is not finite is silence. */
static void past_write(const struct past *past, uint32_t position, const struct dsp_block *b)
{
    const float *const x = dsp_in(b, 0);
    const uint32_t dx = dsp_step(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const float now = x[i * dx];
        past->frames[position] = lane_where(lane_finite(now), now);
        position = position + 1 == past->n ? 0 : position + 1;
    }
}

/** The past `delay` frames before the frame at `position`: 2 .. n - 3. */
LANE_FN float past_read(const struct past *past, uint32_t position, double delay)
{
    const uint32_t n = past->n, back = (uint32_t)delay;
    const float part = (float)(delay - back);
    const uint32_t at = position >= back ? position - back : position + n - back;
    const uint32_t later = at + 1 == n ? 0 : at + 1, before = at == 0 ? n - 1 : at - 1;
    const uint32_t first = before == 0 ? n - 1 : before - 1;
    return lane_cubic(1.0f - part, past->frames[first], past->frames[before],
                      past->frames[at], past->frames[later]);
}

/** Hann's window at frame `age` of 2^32 / step frames. */
LANE_FN float hann(uint32_t age, uint32_t step)
{
    return 0.5f - 0.5f * lane_cos_phase(age * step);
}

/**
 * Granular - a cloud of grains from the last second.
 *
 * in      [0] signal, captured for two seconds
 *         [1] pitch    rate of the grains, 0.1 .. 4
 *         [2] size     seconds, clamped to 0.005 .. 0.5
 *         [3] density  0 .. 1: a grain every size / (1 + 7 density)
 * out     [0] the grains under Hann windows, divided by the square root of how many overlap. A
 *             grain that is faster than the present starts far enough back to end in time
 * state   64 grains; a grain that finds no place is left out
 * cost    a cubic and a window per frame and grain
 * source  C. Roads, Microsound (2001), chapter 3
 */
enum { GRAINS_MAX = 64, GRANULAR_IN = 0, GRANULAR_PITCH, GRANULAR_SIZE, GRANULAR_DENSITY };
enum { GRANULAR_EXTRA = DSP_BLOCK_FRAMES + 8 };
#define FRAME_PARTS 1048576 /* of a frame: when the next grain is due */

struct granular {
    uint64_t until_next; /* from the next frame on, in parts of a frame */
    double delay[GRAINS_MAX], slope[GRAINS_MAX]; /* frames back at its start; more per frame */
    uint32_t age[GRAINS_MAX], frames[GRAINS_MAX]; /* frames played, of how many: 0 for no grain */
    uint32_t position;
    struct chance chance;
};

PH_RT static uint32_t granular_memory(const struct dsp_block *b)
{
    return (uint32_t)ceilf(2.0f * b->rate_hz) + GRANULAR_EXTRA;
}

PH_RT static void granular_init(void *state, const struct dsp_block *b)
{
    struct granular *const s = state;
    memset(s, 0, sizeof *s);
    s->chance = chance_new(b);
}

/** An input of Granular at frame i, limited. */
static float granular_at(const struct dsp_block *b, uint32_t i, uint32_t input, float lo, float hi)
{
    return lane_clamp(dsp_value(b, input, i), lo, hi);
}

/** Starts a grain: drawn from the last second, but late enough never to pass the present. */
static void granular_start(struct granular *s, const struct dsp_block *b, uint32_t i, float size)
{
    const float pitch = granular_at(b, i, GRANULAR_PITCH, 0.1f, 4);
    const float least = dsp_max(pitch - 1, 0) * size + 3;
    const float drawn =
        (float)(random_at(s->chance.n++, s->chance.key) >> 8) * (1.0f / 16777216.0f);
    for (uint32_t g = 0; g < GRAINS_MAX; g++) {
        if (s->frames[g] != 0)
            continue;
        s->delay[g] = dsp_max(least, 3 + drawn * (b->rate_hz - 3));
        s->slope[g] = 1 - (double)pitch;
        s->frames[g] = (uint32_t)size;
        s->age[g] = 0;
        return;
    }
}

/** Frames from..to of one grain. */
static void granular_play(struct granular *s, const struct dsp_block *b, uint32_t g, uint32_t from,
                          uint32_t to, float *restrict out)
{
    const struct past past = { b->memory, b->memory_frames };
    const uint32_t left = s->frames[g] - s->age[g], n = to - from < left ? to - from : left;
    const uint32_t step = (uint32_t)(4294967296.0 / s->frames[g]);
    uint32_t position = s->position + from;
    if (position >= past.n)
        position -= past.n;
    for (uint32_t i = 0; i < n; i++) {
        const double delay = s->delay[g] + s->slope[g] * (double)(s->age[g] + i);
        out[from + i] += hann(s->age[g] + i, step) * past_read(&past, position, delay);
        position = position + 1 == past.n ? 0 : position + 1;
    }
    s->age[g] += n;
    if (s->age[g] == s->frames[g])
        s->frames[g] = 0;
}

/** All grains from frame `from` to frame `to` of the call. */
static void granular_advance(struct granular *s, const struct dsp_block *b, uint32_t from,
                             uint32_t to, float *sum)
{
    for (uint32_t g = 0; g < GRAINS_MAX && to > from; g++)
        if (s->frames[g] != 0)
            granular_play(s, b, g, from, to, sum);
}

PH_RT static void granular_process(void *state, const struct dsp_block *b)
{
    struct granular *const s = state;
    float *const out = dsp_out(b, 0);
    _Alignas(64) float sum[DSP_BLOCK_FRAMES] = { 0 };
    uint32_t at = 0;

    chance_begin(&s->chance, b);
    past_write(&(struct past){ b->memory, b->memory_frames }, s->position, b);
    while (s->until_next < (uint64_t)b->n_frames * FRAME_PARTS) {
        const uint32_t i = (uint32_t)(s->until_next / FRAME_PARTS);
        const float size = granular_at(b, i, GRANULAR_SIZE, 0.005f, 0.5f) * b->rate_hz;
        const float density = granular_at(b, i, GRANULAR_DENSITY, 0, 1);
        granular_advance(s, b, at, i, sum);
        at = i;
        granular_start(s, b, i, size);
        s->until_next += (uint64_t)(size / (1 + 7 * density) * FRAME_PARTS);
    }
    granular_advance(s, b, at, b->n_frames, sum);
    s->until_next -= (uint64_t)b->n_frames * FRAME_PARTS;
    s->position = (s->position + b->n_frames) % b->memory_frames;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const float density = granular_at(b, i, GRANULAR_DENSITY, 0, 1);
        out[i] = sum[i] / lane_sqrt(1 + 7 * density);
    }
}
const struct dsp_unit DSP(dsp_Granular) = { sizeof(struct granular), granular_init,
                                            granular_process, granular_memory, 1 + 2 * GRAINS_MAX };

/**
 * GrainShift - another pitch at the same speed.
 *
 * in      [0] signal
 *         [1] semitones  -36 .. 36
 * out     [0] two grains of 50 ms under Hann windows, half a grain apart, so that the windows sum
 *             up to 1. Each starts where it looks most like what the other one plays: what is
 *             periodic stays in tune and keeps its level. Delayed by up to 12.5 ms for that search,
 *             and by what a fast grain needs to end in time, 50 ms an octave up
 * cost    two cubics and two windows per frame; a search of some 20,000 multiply-adds every 25 ms
 * source  W. Verhelst and M. Roelands, waveform similarity overlap-add (1993)
 */
enum { SHIFT_IN, SHIFT_SEMITONES };
enum { SHIFT_STRIDE = 4, SHIFT_LEAST = 4 + SHIFT_STRIDE, SHIFT_EXTRA = DSP_BLOCK_FRAMES + 8 };
struct grain_shift {
    double delay[2];
    uint32_t age[2], position;
};

/** Lengths in frames: a grain, the range of the search, what is compared. */
struct shift_frames { uint32_t grain, range, compared; };
static struct shift_frames shift_frames(const struct dsp_block *b)
{
    return (struct shift_frames){ .grain = 2 * (uint32_t)(0.025f * b->rate_hz),
                                  .range = (uint32_t)(0.0125f * b->rate_hz),
                                  .compared = (uint32_t)(0.012f * b->rate_hz) };
}

/** The fastest grain goes back 7 times its length; the search looks beyond that. */
PH_RT static uint32_t shift_memory(const struct dsp_block *b)
{
    const struct shift_frames f = shift_frames(b);
    return 7 * f.grain + f.range + f.compared + SHIFT_EXTRA;
}

PH_RT static void shift_init(void *state, const struct dsp_block *b)
{
    const struct shift_frames f = shift_frames(b);
    /* the first grain is heard from its middle on, the other one starts */
    *(struct grain_shift *)state = (struct grain_shift){ .delay = { SHIFT_LEAST, SHIFT_LEAST },
                                                         .age = { f.grain / 2, f.grain } };
}

static float shift_ratio(const struct dsp_block *b, uint32_t i)
{
    const float semitones = dsp_value(b, SHIFT_SEMITONES, i);
    return lane_exp2(lane_clamp(semitones, -36, 36) * (1.0f / 12.0f));
}

/** Index of the frame n_back frames before `position`. */
static uint32_t past_index(const struct past *past, uint32_t position, uint32_t n_back)
{
    return position >= n_back ? position - n_back : position + past->n - n_back;
}

/** n_frames of the past from n_back frames ago on, every strideth, newest first. @return number */
static uint32_t shift_copy(const struct past *past, uint32_t position, uint32_t n_back,
                           uint32_t n_frames, uint32_t stride, float *to)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_frames; i += stride)
        to[n++] = past->frames[past_index(past, position, n_back + i)];
    return n;
}

/** How alike two stretches are: their product over the root of the energy of x. */
static float shift_likeness(const float *restrict x, const float *restrict y, uint32_t n)
{
    enum { PARALLEL = 8 };
    float product[PARALLEL] = { 0 }, energy[PARALLEL] = { 0 };
    for (uint32_t i = 0; i + PARALLEL <= n; i += PARALLEL)
        for (uint32_t j = 0; j < PARALLEL; j++) {
            product[j] += x[i + j] * y[i + j];
            energy[j] += x[i + j] * x[i + j];
        }
    float p = 0, e = 0;
    for (uint32_t j = 0; j < PARALLEL; j++) {
        p += product[j];
        e += energy[j];
    }
    return e > 1e-12f ? p / lane_sqrt(e) : 0;
}

/** Space for the search: stretches at rates up to 192 kHz. */
enum { SHIFT_COPY_MAX = 5120 };

/** Where a grain may start: from `least` frames ago on; and like what: the past at `now`. */
struct shift_search { const struct past *past; uint32_t position, least, now; };

/**
 * Delays a stride apart, every strideth frame of them. @return how much more than `least` the best
 * one is, or -1 where nothing is alike, in silence
 */
static int32_t shift_coarse(const struct shift_search *q, const struct shift_frames *f)
{
    float there[SHIFT_COPY_MAX], here[SHIFT_COPY_MAX], highest = 0;
    int32_t best = -1;
    if (f->range + f->compared > SHIFT_COPY_MAX)
        return -1;
    const uint32_t n =
        shift_copy(q->past, q->position, q->now, f->compared, SHIFT_STRIDE, here);
    shift_copy(q->past, q->position, q->least, f->range + f->compared, SHIFT_STRIDE, there);
    for (uint32_t d = 0; d < f->range; d += SHIFT_STRIDE) {
        const float alike = shift_likeness(there + d / SHIFT_STRIDE, here, n);
        if (alike > highest) {
            highest = alike;
            best = (int32_t)d;
        }
    }
    return best;
}

/** The top of the parabola through three values beside each other, -0.5 .. 0.5 from the middle. */
static float shift_top(float left, float middle, float right)
{
    const float bend = left - 2 * middle + right;
    return bend < 0 ? lane_clamp(0.5f * (left - right) / bend, -0.5f, 0.5f) : 0;
}

/** Every delay up to SHIFT_STRIDE frames from `delay`, every frame of them. @return the best one */
static float shift_fine(const struct shift_search *q, const struct shift_frames *f, uint32_t delay)
{
    enum { DELAYS = 2 * SHIFT_STRIDE + 1 };
    float there[SHIFT_COPY_MAX], here[SHIFT_COPY_MAX], alike[DELAYS];
    const uint32_t first = delay - SHIFT_STRIDE;
    uint32_t top = 0;
    shift_copy(q->past, q->position, q->now, f->compared, 1, here);
    shift_copy(q->past, q->position, first, f->compared + DELAYS, 1, there);
    for (uint32_t d = 0; d < DELAYS; d++) {
        alike[d] = shift_likeness(there + d, here, f->compared);
        top = alike[d] > alike[top] ? d : top;
    }
    if (top == 0 || top == DELAYS - 1)
        return (float)(first + top);
    return (float)(first + top) + shift_top(alike[top - 1], alike[top], alike[top + 1]);
}

/** Grain g starts at the frame at `position`. */
static void shift_start(struct grain_shift *s, const struct dsp_block *b, uint32_t g,
                        uint32_t position, float ratio)
{
    const struct past past = { b->memory, b->memory_frames };
    const struct shift_frames f = shift_frames(b);
    const double other = s->delay[1 - g], whole = floor(other);
    const uint32_t least = (uint32_t)(dsp_max(ratio - 1, 0) * (float)f.grain) + SHIFT_LEAST;
    s->age[g] = 0;
    if (ratio == 1 && other >= least && other <= least + f.range) { /* nothing to be found */
        s->delay[g] = other;
        return;
    }
    const struct shift_search q = { &past, position, least, (uint32_t)whole };
    const int32_t more = shift_coarse(&q, &f);
    const double found = more < 0 ? (float)least : shift_fine(&q, &f, least + (uint32_t)more);
    s->delay[g] = found + (other - whole);
}

PH_RT static void shift_process(void *state, const struct dsp_block *b)
{
    struct grain_shift *const s = state;
    const struct past past = { b->memory, b->memory_frames };
    const uint32_t n_grain = shift_frames(b).grain, step = (uint32_t)(4294967296.0 / n_grain);
    const double longest = past.n - 8;
    float *const out = dsp_out(b, 0);
    uint32_t position = s->position;
    float ratio = shift_ratio(b, 0);

    past_write(&past, position, b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        float y = 0;
        if (dsp_step(b, SHIFT_SEMITONES))
            ratio = shift_ratio(b, i);
        for (uint32_t g = 0; g < 2; g++) /* before either has moved: both are at this frame */
            if (s->age[g] >= n_grain)
                shift_start(s, b, g, position, ratio);
        for (uint32_t g = 0; g < 2; g++) {
            const double delay = s->delay[g];
            y += hann(s->age[g]++, step) * past_read(&past, position, delay);
            /* a ratio that moves may not take the grain out of what is kept */
            const double next = delay + (1.0 - (double)ratio);
            s->delay[g] = next < 2 ? 2 : next > longest ? longest : next;
        }
        out[i] = y;
        position = position + 1 == past.n ? 0 : position + 1;
    }
    s->position = position;
}
const struct dsp_unit DSP(dsp_GrainShift) = { sizeof(struct grain_shift), shift_init, shift_process,
                                              shift_memory, 2 };

#endif
