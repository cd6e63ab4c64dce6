/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/pitch.c - PitchTrack: the frequency of what sounds.                                 */
/* room: audio. One voice at a time: it works through a memory.                                   */
#include "server/dsp/lane_row.h"

#if LANE_W == 1

/*
 * PitchTrack - fundamental frequency in Hz.
 *
 * in      [0] signal; what is no number counts as 0
 * out     [0] the last estimate, 0 before the first; it stays through silence and noise
 * range   about 40 Hz .. 2 kHz; of a steady tone within 0.3 %. A new estimate comes every 27 ms, of
 *         the 70 ms before
 * method  the signal is averaged down to about 12 kHz; of a copy of the last PITCH_FRAMES values
 *         the normalised square difference function is computed, one lag a value, so that the work
 *         is spread evenly; the first peak not far below the highest is the period, and peaks at
 *         its multiples make it exact
 * memory  the last values, the copy, and the function
 * cost    a product of two rows of PITCH_WINDOW values for every 4 frames at 48 kHz
 * source  P. McLeod, G. Wyvill, A Smarter Way to Find Pitch (2005)
 */
struct pitch_track { float sum, hz; uint32_t n_summed, position, n_held, lag; };
enum {
    PITCH_RATE = 12000, /* Hz, about */
    PITCH_WINDOW = 512, /* a multiple of every ROW */
    PITCH_LAGS = 320,
    PITCH_FRAMES = PITCH_WINDOW + PITCH_LAGS
};
static const float pitch_clear = 0.5f;   /* the function's least peak for a tone */
static const float pitch_near = 0.85f;   /* how high beside the highest the first peak must be */
static const double pitch_quiet = 1e-8; /* mean square; -80 dB */

PH_RT static uint32_t pitch_track_memory(const struct dsp_block *b)
{
    (void)b;
    return 2 * PITCH_FRAMES + PITCH_LAGS;
}

PH_RT static void pitch_track_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct pitch_track *)state = (struct pitch_track){ .lag = PITCH_LAGS };
}

/** Sum of the products of PITCH_WINDOW values. */
static float pitch_product(const float *x, const float *y)
{
    row sum[4] = { row_splat(0), row_splat(0), row_splat(0), row_splat(0) };
    float parts[ROW], total = 0;
    for (uint32_t i = 0; i < PITCH_WINDOW; i += 4 * ROW)
        for (uint32_t k = 0; k < 4; k++)
            sum[k] = row_fma(row_load(x + i + k * ROW), row_load(y + i + k * ROW), sum[k]);
    row_store(parts, (sum[0] + sum[1]) + (sum[2] + sum[3]));
    for (uint32_t j = 0; j < ROW; j++)
        total += parts[j];
    return total;
}

/** 2 r / (energies of both windows): 1 where the window repeats after `lag`. */
LANE_FN float pitch_likeness(const float *x, uint32_t lag)
{
    const float energy = pitch_product(x, x) + pitch_product(x + lag, x + lag);
    return energy > 0 ? 2 * pitch_product(x, x + lag) / energy : 0;
}

LANE_FN bool pitch_is_peak(const float *likeness, uint32_t lag)
{
    return lag > 0 && lag + 1 < PITCH_LAGS && likeness[lag] >= likeness[lag - 1] &&
           likeness[lag] > likeness[lag + 1];
}

/** Where the parabola through a peak and its neighbours is highest, and how high. */
struct pitch_summit { float lag, height; };
LANE_FN struct pitch_summit pitch_summit(const float *likeness, uint32_t lag)
{
    const float a = likeness[lag - 1], b = likeness[lag], c = likeness[lag + 1];
    const float bend = a - 2 * b + c, aside = bend < 0 ? 0.5f * (a - c) / bend : 0;
    return (struct pitch_summit){ (float)lag + aside, b - 0.25f * (a - c) * aside };
}

/**
 * The first peak behind the function's first fall below 0 that is clear and near the highest; or 0.
 */
static uint32_t pitch_first_peak(const float *likeness)
{
    uint32_t start = 1, lag;
    float highest = 0;
    while (start < PITCH_LAGS && likeness[start] > 0)
        start++;
    for (lag = start; lag < PITCH_LAGS; lag++)
        if (pitch_is_peak(likeness, lag))
            highest = dsp_max(highest, pitch_summit(likeness, lag).height);
    if (highest < pitch_clear)
        return 0;
    for (lag = start; lag < PITCH_LAGS; lag++)
        if (pitch_is_peak(likeness, lag) &&
            pitch_summit(likeness, lag).height >= pitch_near * highest)
            break;
    return lag;
}

/** The peak at 2, 4, 8 periods says the same more exactly, as long as there is one. */
static float pitch_period(const float *likeness, uint32_t first)
{
    const struct pitch_summit start = pitch_summit(likeness, first);
    float period = start.lag;
    for (uint32_t n = 2; (float)n * period < PITCH_LAGS - 2; n *= 2) {
        const uint32_t near = (uint32_t)((float)n * period + 0.5f);
        uint32_t lag = near - 1;
        while (lag <= near + 1 && !pitch_is_peak(likeness, lag))
            lag++;
        if (lag > near + 1)
            break;
        const struct pitch_summit summit = pitch_summit(likeness, lag);
        if (summit.height < pitch_near * start.height)
            break;
        period = summit.lag / (float)n;
    }
    return period;
}

/** Reads the function, and starts anew with a copy of what is held. */
static void pitch_turn(struct pitch_track *s, float *held, float *copy, float *likeness,
                       float rate_hz)
{
    const bool sounds = pitch_product(copy, copy) > pitch_quiet * PITCH_WINDOW;
    const uint32_t first = sounds ? pitch_first_peak(likeness) : 0;
    if (first > 0 && first < PITCH_LAGS)
        s->hz = rate_hz / pitch_period(likeness, first);
    const uint32_t behind = PITCH_FRAMES - s->position;
    memcpy(copy, held + s->position, behind * sizeof(float));
    memcpy(copy + behind, held, s->position * sizeof(float));
    s->lag = 0;
}

/** Takes one value of the slower rate, and computes one lag. */
static void pitch_value(struct pitch_track *s, float *memory, float x, float rate_hz)
{
    float *const copy = memory + PITCH_FRAMES, *const likeness = copy + PITCH_FRAMES;
    memory[s->position] = x;
    s->position = s->position + 1 == PITCH_FRAMES ? 0 : s->position + 1;
    s->n_held += s->n_held < PITCH_FRAMES;
    if (s->lag == PITCH_LAGS && s->n_held == PITCH_FRAMES)
        pitch_turn(s, memory, copy, likeness, rate_hz);
    if (s->lag < PITCH_LAGS) {
        likeness[s->lag] = pitch_likeness(copy, s->lag);
        s->lag++;
    }
}

PH_RT static void pitch_track_process(void *state, const struct dsp_block *b)
{
    struct pitch_track s = *(struct pitch_track *)state;
    const float *const in = dsp_in(b, 0);
    const uint32_t dx = dsp_step(b, 0);
    const uint32_t n_per_value = (uint32_t)dsp_max(b->rate_hz / PITCH_RATE + 0.5f, 1);
    const float rate_hz = b->rate_hz / (float)n_per_value;
    float *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        s.sum += isfinite(in[i * dx]) ? in[i * dx] : 0;
        if (++s.n_summed >= n_per_value) {
            pitch_value(&s, b->memory, s.sum / (float)n_per_value, rate_hz);
            s.sum = 0;
            s.n_summed = 0;
        }
        out[i] = s.hz;
    }
    *(struct pitch_track *)state = s;
}
const struct dsp_unit DSP(dsp_PitchTrack) = { sizeof(struct pitch_track), pitch_track_init,
                                              pitch_track_process, pitch_track_memory, 0 };

#endif
