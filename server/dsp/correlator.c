/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/correlator.c - Pitch: the frequency of what sounds, by autocorrelation.             */
/* room: audio. One voice at a time: it works through a memory.                                   */
#include "server/dsp/lane_row.h"

#if LANE_W == 1

/*
 * Pitch
 *
 * in      [0] signal, at audio rate or control rate. All others are read at birth:
 *         [1] initFreq   [2] minFreq   [3] maxFreq, Hz   [4] execFreq, estimates a second
 *         [5] maxBinsPerOctave: how close lags lie while the peak is looked for
 *         [6] median, of the last that many estimates, up to 32   [7] ampThreshold
 *         [8] peakThreshold, of the energy   [9] downSample   [10] clar: 1 for the peak's height
 *         in [1]
 * out     [0] frequency, Hz; it stays where none is found   [1] 1 or the height where one was found
 * state   what was sampled, in memory, and the last estimates. What is not finite counts as 0
 * cost    up to periods * periods products per estimate, all at once; a period has at most 4096
 *         samples
 * source  L. Rabiner, On the Use of Autocorrelation Analysis for Pitch Detection (1977)
 */
enum {
    PITCH_IN, PITCH_INITIAL, PITCH_MIN, PITCH_MAX, PITCH_EXEC, PITCH_BINS, PITCH_MEDIAN, PITCH_AMP,
    PITCH_PEAK, PITCH_DOWN, PITCH_CLARITY
};
enum { MEDIAN_MOST = 32, PERIOD_MOST = 4096, PERIODS_MOST = 1 << 17 };

struct pitch {
    float rate_hz, hz, found, estimates[MEDIAN_MOST];
    uint32_t skip, n_down, n_held, size, shortest, longest, advance, n_median, oldest;
};

static float pitch_limit(float x, float lo, float hi) { return x > lo ? (x < hi ? x : hi) : lo; }
static float pitch_given(const struct dsp_block *b, uint32_t i, float lo, float hi)
{
    return pitch_limit(dsp_in(b, i)[0], lo, hi);
}

/** Sizes in samples, as they follow from the inputs. */
static struct pitch pitch_sizes(const struct dsp_block *b)
{
    const bool audio = dsp_step(b, PITCH_IN);
    const float most = audio ? DSP_BLOCK_FRAMES : 1e6f;
    struct pitch s = { .n_down = (uint32_t)pitch_given(b, PITCH_DOWN, 1, most) };
    s.rate_hz = b->rate_hz * (audio ? DSP_BLOCK_FRAMES : 1) / (float)s.n_down;
    const float lowest = pitch_given(b, PITCH_MIN, 1e-6f, 1e6f);
    const float highest = pitch_given(b, PITCH_MAX, lowest, 1e9f);
    s.shortest = (uint32_t)pitch_limit(s.rate_hz / highest, 0, PERIOD_MOST);
    s.longest = (uint32_t)pitch_limit(s.rate_hz / lowest, 1, PERIOD_MOST);
    s.advance = (uint32_t)pitch_limit(s.rate_hz / pitch_given(b, PITCH_EXEC, lowest, highest),
                                      DSP_BLOCK_FRAMES, PERIODS_MOST);
    s.size = 2 * s.longest > s.advance ? 2 * s.longest : s.advance;
    return s;
}

PH_RT static uint32_t pitch_memory(const struct dsp_block *b)
{
    const struct pitch s = pitch_sizes(b);
    const float period = s.rate_hz / pitch_given(b, PITCH_MIN, 1e-6f, 1e6f);
    const uint32_t asked = 2 * (uint32_t)pitch_limit(period, 0, 1 << 24); /* counts in full */
    return (asked > s.size ? asked : s.size) + ROW;
}

PH_RT static void pitch_init(void *state, const struct dsp_block *b)
{
    struct pitch *const s = state;
    const uint32_t held = b->memory_frames - ROW;
    *s = pitch_sizes(b);
    if (s->size > held) { /* what was not known when memory was taken */
        s->size = held;
        s->longest = held / 2 < s->longest ? held / 2 : s->longest;
        s->advance = held < s->advance ? held : s->advance;
    }
    s->hz = dsp_in(b, PITCH_INITIAL)[0];
    s->n_median = (uint32_t)pitch_given(b, PITCH_MEDIAN, 0, MEDIAN_MOST);
    for (uint32_t k = 0; k < MEDIAN_MOST; k++)
        s->estimates[k] = s->hz;
}

/** Sum of the products of n values with those `lag` later. */
static float pitch_sum(const float *x, uint32_t lag, uint32_t n)
{
    row sum = row_splat(0);
    float parts[ROW], total = 0;
    uint32_t i = 0;
    for (; i + ROW <= n; i += ROW)
        sum = row_fma(row_load(x + i), row_load(x + i + lag), sum);
    row_store(parts, sum);
    for (uint32_t j = 0; j < ROW; j++)
        total += parts[j];
    for (; i < n; i++)
        total += x[i] * x[i + lag];
    return total;
}

/** Least k with 2^k >= x. */
static uint32_t log2_up(uint32_t x)
{
    uint32_t k = 0;
    while (k < 31 && 1u << k < x)
        k++;
    return k;
}

/** From one lag to the next that is looked at: as many bins in each octave. */
static uint32_t pitch_step(uint32_t lag, uint32_t log2_bins)
{
    const uint32_t octave = log2_up(lag);
    return octave <= log2_bins ? 1 : 1u << (octave - log2_bins);
}

/** The first lag from the threshold on at which the sum is highest before it falls again; or 0. */
static uint32_t pitch_first_peak(const struct pitch *s, const float *x, float threshold,
                                 uint32_t log2_bins)
{
    uint32_t lag = 1, peak = 0;
    while (lag <= s->longest && pitch_sum(x, lag, s->longest) >= threshold)
        lag += pitch_step(lag, log2_bins);
    for (float highest = threshold; lag <= s->longest; lag += pitch_step(lag, log2_bins)) {
        if (lag < s->shortest)
            continue;
        const float sum = pitch_sum(x, lag, s->longest);
        if (!(sum > threshold) && peak)
            break;
        if (sum > highest) {
            highest = sum;
            peak = lag;
        }
    }
    return peak;
}

/** Climbs to the top near `lag`. @return the period there, between samples; `height`: the sum */
static float pitch_top(const struct pitch *s, const float *x, uint32_t lag, float *height)
{
    const uint32_t n = s->longest;
    float here = pitch_sum(x, lag, n), before = pitch_sum(x, lag - 1, n);
    float after = lag < n ? pitch_sum(x, lag + 1, n) : 0;
    while (before > here && lag > 1) {
        after = here;
        here = before;
        before = pitch_sum(x, --lag - 1, n);
    }
    while (after > here && lag < n) {
        before = here;
        here = after;
        after = pitch_sum(x, ++lag + 1, n);
    }
    *height = here;
    return (float)lag + 0.5f * (after - before) / (2 * here - after - before);
}

/** The middle one of the last estimates. */
static float pitch_median(struct pitch *s, float hz)
{
    float sorted[MEDIAN_MOST];
    if (s->n_median < 2)
        return hz;
    s->estimates[s->oldest] = hz;
    s->oldest = s->oldest + 1 < s->n_median ? s->oldest + 1 : 0;
    for (uint32_t k = 0; k < s->n_median; k++) {
        uint32_t at = k;
        for (; at > 0 && sorted[at - 1] > s->estimates[k]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = s->estimates[k];
    }
    return sorted[s->n_median / 2];
}

static bool pitch_is_loud(const float *x, uint32_t n, float threshold)
{
    for (uint32_t i = 0; i < n; i++)
        if (lane_abs(x[i]) >= threshold)
            return true;
    return false;
}

/** What is held is full: an estimate. */
static void pitch_estimate(struct pitch *s, const struct dsp_block *b, const float *x)
{
    s->found = 0;
    if (!pitch_is_loud(x, s->longest, dsp_in(b, PITCH_AMP)[0]))
        return;
    const float energy = pitch_sum(x, 0, s->longest);
    const uint32_t log2_bins = log2_up((uint32_t)pitch_given(b, PITCH_BINS, 1, 1e6f));
    const uint32_t peak =
        pitch_first_peak(s, x, energy * dsp_in(b, PITCH_PEAK)[0], log2_bins);
    float height;
    if (peak == 0)
        return;
    const float hz = s->rate_hz / pitch_top(s, x, peak, &height);
    if (!(hz >= dsp_in(b, PITCH_MIN)[0] && hz <= dsp_in(b, PITCH_MAX)[0]))
        return;
    s->hz = pitch_median(s, hz);
    s->found = dsp_in(b, PITCH_CLARITY)[0] > 0 ? height / energy : 1;
}

static void pitch_sample(struct pitch *s, const struct dsp_block *b, float x)
{
    float *const held = b->memory;
    held[s->n_held++] = lane_where(lane_lt(lane_abs(x), 1e15f), x);
    if (s->n_held < s->size)
        return;
    pitch_estimate(s, b, held);
    s->n_held = s->size - s->advance;
    memmove(held, held + s->advance, s->n_held * sizeof(float));
}

PH_RT static void pitch_process(void *state, const struct dsp_block *b)
{
    struct pitch *const s = state;
    const bool audio = dsp_step(b, PITCH_IN);
    const uint32_t n = audio ? b->env->block_frames - b->node->first_frame : 1;
    const uint32_t until_first = audio ? 0 : s->n_down - 1; /* of n_down values the last one */
    for (uint32_t i = 0; i < n; i++) {
        if (s->skip == until_first)
            pitch_sample(s, b, dsp_in(b, PITCH_IN)[i]);
        s->skip = s->skip + 1 < s->n_down ? s->skip + 1 : 0;
    }
    dsp_out(b, 0)[0] = s->hz;
    dsp_out(b, 1)[0] = s->found;
}

PH_RT static void pitch_birth(void *state, const struct dsp_block *b)
{
    (void)state;
    dsp_out(b, 0)[0] = dsp_out(b, 1)[0] = 0;
}
const struct dsp_unit DSP(dsp_Pitch) = { sizeof(struct pitch), pitch_init, pitch_process,
                                         pitch_memory, 0, pitch_birth };

#else
typedef int correlator_has_no_wide_form; /* a translation unit must declare something */
#endif
