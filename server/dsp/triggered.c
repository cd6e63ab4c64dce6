/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/triggered.c - MeanTriggered, MedianTriggered: of the values that a trigger lets in. */
/* room: audio. No wide form: every voice would be at another place of its ring.                  */
#include "server/dsp/lane.h"

#if LANE_W == 1

enum { IN, TRIG, LENGTH };

/** What counts of a value: what is not finite counts as 0. */
LANE_FN float value_at(const struct dsp_block *b, uint32_t frame)
{
    const float x = dsp_value(b, IN, frame);
    return isfinite(x) ? lane_clamp(x, -1e30f, 1e30f) : 0;
}

/*
 * MeanTriggered - the mean of the last `length` values that came while trig was above 0.
 *
 * in      [0] signal, clamped to +-1e30   [1] trig
 *         [2] length, read once, clamped to 1 .. 2^20
 * out     [0] mean; what lies before birth is silence, and the first value counts twice if trig was
 *         above 0 then, as in scsynth
 * memory  those values
 * state   RunningSum's
 * cost    three additions per value
 */
struct mean_triggered { double sum, fresh; uint32_t at; float mean; };
enum { MEAN_MAX = 1 << 20 };

PH_RT static uint32_t mean_triggered_memory(const struct dsp_block *b)
{
    return (uint32_t)lane_clamp(dsp_in(b, LENGTH)[0], 1, MEAN_MAX);
}

PH_RT static void mean_triggered_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct mean_triggered *)state = (struct mean_triggered){ 0, 0, 0, 0 };
}

LANE_FN void mean_triggered_add(struct mean_triggered *s, float x, float *ring, uint32_t n)
{
    s->sum += (double)x - (double)ring[s->at];
    s->fresh += (double)x;
    ring[s->at] = x;
    if (++s->at >= n) { /* the ring begins anew: no rounding adds up */
        s->sum = s->fresh;
        s->fresh = 0;
        s->at = 0;
    }
    s->mean = (float)(s->sum / n);
}

PH_RT static void mean_triggered_process(void *state, const struct dsp_block *b)
{
    struct mean_triggered s = *(struct mean_triggered *)state;
    float *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (dsp_value(b, TRIG, i) > 0)
            mean_triggered_add(&s, value_at(b, i), b->memory, b->memory_frames);
        out[i] = s.mean;
    }
    *(struct mean_triggered *)state = s;
}
const struct dsp_unit DSP(dsp_MeanTriggered) = { sizeof(struct mean_triggered), mean_triggered_init,
                                                 mean_triggered_process, mean_triggered_memory, 2,
                                                 mean_triggered_process };

/*
 * MedianTriggered - the middle one of the last `length` values that came while trig was above 0; of
 * an even number the mean of the two in the middle.
 *
 * in      as MeanTriggered's; length clamped to 1 .. 1024
 * out     [0] median; before birth and at birth as MeanTriggered
 * memory  those values as they came, and in order
 * cost    per value: a search for the oldest by halves, and a move of what lies between
 */
struct median_triggered { uint32_t at; float median; };
enum { MEDIAN_TRIGGERED_MAX = 1024 };

PH_RT static uint32_t median_triggered_memory(const struct dsp_block *b)
{
    return 2 * (uint32_t)lane_clamp(dsp_in(b, LENGTH)[0], 1, MEDIAN_TRIGGERED_MAX);
}

PH_RT static void median_triggered_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct median_triggered *)state = (struct median_triggered){ 0, 0 };
}

/** Where x stands among n values in order, or would stand. */
LANE_FN uint32_t ordered_place(const float *ordered, uint32_t n, float x)
{
    uint32_t low = 0;
    while (n > 0) {
        const uint32_t half = n / 2;
        const bool above = ordered[low + half] < x;
        low += above ? half + 1 : 0;
        n = above ? n - half - 1 : half;
    }
    return low;
}

/** Puts `x` in the place of `old`, which is there. */
LANE_FN void ordered_replace(float *ordered, uint32_t n, float old, float x)
{
    const uint32_t from = ordered_place(ordered, n, old), next = ordered_place(ordered, n, x);
    const uint32_t to = next > from ? next - 1 : next; /* once the old one is gone */
    if (to > from)
        memmove(ordered + from, ordered + from + 1, (to - from) * sizeof *ordered);
    else
        memmove(ordered + to + 1, ordered + to, (from - to) * sizeof *ordered);
    ordered[to] = x;
}

PH_RT static void median_triggered_process(void *state, const struct dsp_block *b)
{
    struct median_triggered s = *(struct median_triggered *)state;
    const uint32_t n = b->memory_frames / 2;
    float *const out = dsp_out(b, 0), *const ring = b->memory, *const ordered = b->memory + n;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (dsp_value(b, TRIG, i) > 0) {
            const float x = value_at(b, i);
            ordered_replace(ordered, n, ring[s.at], x);
            ring[s.at] = x;
            s.at = s.at + 1 < n ? s.at + 1 : 0;
            s.median = n % 2 ? ordered[n / 2] : (ordered[n / 2 - 1] + ordered[n / 2]) * 0.5f;
        }
        out[i] = s.median;
    }
    *(struct median_triggered *)state = s;
}
const struct dsp_unit DSP(dsp_MedianTriggered) = { sizeof(struct median_triggered),
                                                   median_triggered_init, median_triggered_process,
                                                   median_triggered_memory, 0,
                                                   median_triggered_process };

#endif
