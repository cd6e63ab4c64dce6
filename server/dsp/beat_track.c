/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/beat_track.c - BeatTrack.                                                           */
/* room: audio.                                                                                   */
#include <stdlib.h>

#include "server/dsp/beat_clock.h"
#include "server/dsp/birth.h"
#include "server/dsp/spectrum.h"

#if LANE_W == 1

enum { BEAT_CHAIN, BEAT_LOCK };
enum {
    BEAT_BINS = 511,       /* of a spectrum, from bin 1 on */
    SMOOTHED = 15,         /* spectra of which the middle one is compared with the others */
    FRAME = 512,           /* onset amounts that a tempo is looked for in */
    KEPT = FRAME + 1,      /* and the newest, which counts for the phase only */
    /* spectra from one search to the next; periods that are weighed, in spectra */
    ROUND = 128,
    LAGS_A_BLOCK = 4
};
/* A search takes its steps one a block: how alike the frame is to itself some time later; the best
 * period near the last one, and among all; whether the two have parted for good, and if so once
 * more among all; the phase. */
enum beat_stage { REST, CORRELATE, FIND_NEAR, FIND_ANY, COMPARE, FIND_ANEW, PHASE_ANEW, PHASE,
                  DECIDE };

/** 3.9017 spectra: periods that far apart are different ones; also the variance of what is near. */
static const float apart = 3.9017f;
static const float lowest = -1000; /* below all sums; a period that is far from all others */

struct beat_track {
    struct beat_clock clock;
    uint32_t n_spectra, newest_sum, newest_onset;
    float sums[SMOOTHED];
    int32_t stage, step, n_steps;
    uint32_t n_blocks; /* since the search began */
    float best;        /* of the steps of a stage, and which one it was */
    int32_t best_step;
    int32_t knows;     /* a period has been confirmed */
    float near, any;   /* periods, in spectra */
    float parted[3];   /* `near` of the last searches since the two parted */
    int32_t n_until;   /* searches until they count as confirmed */
    int32_t centre;    /* of what is near */
    float spread;      /* of phases; 0: none is known */
    float period;
    int32_t whole_period;
    float phase_then; /* when the search began */
};

/**
 * Long memory: of each bin its magnitude, the direction of
 * its phase and the one expected next; onsets.
 */
struct beat_past {
    float *magnitudes, *x, *y, *next_x, *next_y;
    float *onsets, *frame, *likeness;
};
enum { BEAT_MEMORY = 5 * BEAT_BINS + 2 * KEPT + FRAME };

static uint32_t beat_track_memory(const struct dsp_block *b)
{
    (void)b;
    return BEAT_MEMORY;
}

static struct beat_past beat_past(const struct dsp_block *b)
{
    float *const m = b->memory, *const onsets = m + 5 * BEAT_BINS;
    return (struct beat_past){ m, m + BEAT_BINS, m + 2 * BEAT_BINS, m + 3 * BEAT_BINS,
                               m + 4 * BEAT_BINS, onsets, onsets + KEPT, onsets + 2 * KEPT };
}

PH_RT static void beat_track_init(void *state, const struct dsp_block *b)
{
    struct beat_track *const s = state;
    const struct beat_past past = beat_past(b);
    const float step = (float)b->env->block_frames * 2 / b->env->audio_rate_hz;
    *s = (struct beat_track){ .clock = beat_clock_new(step),
                              .n_spectra = 1,
                              .newest_sum = SMOOTHED - 1 };
    s->centre = -ROUND; /* nothing is near */
    for (uint32_t i = 0; i < BEAT_BINS; i++)
        past.x[i] = past.next_x[i] = 1;
}

/* ------------------------------------------------------------------------------------ onsets */

/**
 * How far a bin is from where its last two spectra point; what is silent or no number has phase 0.
 */
static float bin_distance(const struct beat_past *p, uint32_t i, struct spectrum_bin c)
{
    const float power = c.a * c.a + c.b * c.b;
    const bool is_heard = power > 1e-30f && power < 1e20f;
    const float length = is_heard ? sqrtf(power) : 0, before = p->magnitudes[i];
    const float x = is_heard ? c.a / length : 1, y = is_heard ? c.b / length : 0;
    /* by how much the phase is ahead of what was expected */
    const float cosine = x * p->next_x[i] + y * p->next_y[i];
    const float sine = y * p->next_x[i] - x * p->next_y[i];
    const float along = before - length * cosine, across = length * sine;
    /* the next turn is expected to be like this one */
    const float turn_x = x * p->x[i] + y * p->y[i], turn_y = y * p->x[i] - x * p->y[i];
    p->next_x[i] = x * turn_x - y * turn_y;
    p->next_y[i] = x * turn_y + y * turn_x;
    p->magnitudes[i] = length;
    p->x[i] = x;
    p->y[i] = y;
    return sqrtf(along * along + across * across);
}

/** How much the middle one of the last sums stands out; those that are higher count ten times. */
static float onset_of(struct beat_track *s, float sum)
{
    s->newest_sum = (s->newest_sum + 1) % SMOOTHED;
    s->sums[s->newest_sum] = sum;
    const float middle = s->sums[(s->newest_sum + SMOOTHED - SMOOTHED / 2) % SMOOTHED];
    float stands_out = 0;
    for (uint32_t k = 0; k < SMOOTHED; k++) {
        const float above = middle - s->sums[(s->newest_sum + SMOOTHED - k) % SMOOTHED];
        stands_out += above < 0 ? above * 10 : above;
    }
    return stands_out > 0 ? stands_out * 0.1f : 0;
}

static void beat_track_spectrum(struct beat_track *s, const struct dsp_block *b,
                                const struct spectrum *x)
{
    const struct beat_past past = beat_past(b);
    float sum = 0;
    spectrum_to_complex(x);
    for (uint32_t i = 0; i < BEAT_BINS && i < x->n; i++)
        sum += bin_distance(&past, i, x->bins[i]);
    s->newest_onset = (s->newest_onset + 1) % KEPT;
    past.onsets[s->newest_onset] = onset_of(s, sum);
}

/* ------------------------------------------------------------------------------------ a search */

static void begin_stage(struct beat_track *s, enum beat_stage stage, int32_t n_steps)
{
    s->stage = n_steps > 0 ? (int32_t)stage : REST;
    s->step = 0;
    s->n_steps = n_steps;
    s->best = lowest;
    s->best_step = 0;
}

/** One step is done. @return true when it was the stage's last */
static bool was_last(struct beat_track *s)
{
    return ++s->step == s->n_steps;
}

static void begin_search(struct beat_track *s, const struct beat_past *past)
{
    for (uint32_t i = 0; i < KEPT; i++) /* as they are now, the oldest first */
        past->frame[i] = past->onsets[(s->newest_onset + 1 + i) % KEPT];
    s->n_blocks = 0;
    s->phase_then = s->clock.found.phase;
    begin_stage(s, CORRELATE, ROUND);
}

/** Sums of products some lags apart, times how many they are. */
static void correlate(const struct beat_past *p, int32_t lag)
{
    const float *const x = p->frame;
    const int32_t n = FRAME - lag - (LAGS_A_BLOCK - 1); /* products that all four have */
    float sums[LAGS_A_BLOCK] = { 0 };
    for (int32_t i = 0; i < n; i++)
        for (int32_t k = 0; k < LAGS_A_BLOCK; k++)
            sums[k] += x[i] * x[i + lag + k];
    for (int32_t k = 0; k < LAGS_A_BLOCK; k++) {
        for (int32_t i = n; i + lag + k < FRAME; i++)
            sums[k] += x[i] * x[i + lag + k];
        p->likeness[lag + k] = sums[k] * (float)(FRAME - lag - k);
    }
}

/**
 * A Rayleigh distribution of 43 spectra, half a second, for any; a bell for those that are near.
 */
static float period_weight(const struct beat_track *s, int32_t k, bool any)
{
    const float lag = (float)(k + 1), off = (float)(k - s->centre);
    if (any)
        return lag / 1849 * expf(-lag * lag / 3698);
    return fabsf(off) < 12 ? expf(-off * off / (2 * apart)) * 0.2019683f : 0;
}

/**
 * A period of k + 1 spectra: its likeness, and that of 2, 3
 * and 4 of them, which may lie off a little.
 */
static void weigh_period(struct beat_track *s, const struct beat_past *p, int32_t k, bool any)
{
    float sum = 0;
    for (int32_t times = 1; times <= 4; times++) {
        const int32_t n = 2 * times - 1;
        const float share = 1.0f / (float)n;
        for (int32_t i = 0; i < n; i++)
            if (times * k + i < FRAME)
                sum += p->likeness[times * k + i] * share;
    }
    sum *= period_weight(s, k, any);
    if (sum > s->best) {
        s->best = sum;
        s->best_step = k;
    }
}

/**
 * The lag, from 1, of the highest of 2 times - 1 places
 * around a multiple of a period, less the first.
 */
static int32_t highest_near(const struct beat_past *p, int32_t period, int32_t times)
{
    const int32_t first = times * (period - 1) + 1;
    float most = lowest;
    int32_t at = 0;
    for (int32_t i = 0; i < 2 * times - 1 && first + i <= FRAME; i++)
        if (p->likeness[first + i - 1] > most) {
            most = p->likeness[first + i - 1];
            at = i + 1;
        }
    return at;
}

/**
 * The best step's period, from where its multiples are
 * highest. They are counted from where scsynth does.
 */
static float period_found(const struct beat_track *s, const struct beat_past *p)
{
    const int32_t one = s->best_step + 1, two = 2 * one + highest_near(p, one, 2);
    const int32_t three = 3 * one - 4 + highest_near(p, one, 3);
    const int32_t four = 4 * one - 9 + highest_near(p, one, 4);
    return (float)((one + two * 0.5 + (double)((float)three / 3) + four * 0.25) * 0.25);
}

/** Whether the periods parted two searches ago, and the near one has stayed what it was. */
static bool has_changed(struct beat_track *s)
{
    if (s->n_until > 0)
        s->n_until--;
    else if (fabsf(s->any - s->near) > apart)
        s->n_until = 3;
    if (s->n_until > 0)
        s->parted[s->n_until - 1] = s->near;
    if (s->n_until != 1)
        return false;
    s->n_until = 0;
    return fabsf(2 * s->parted[0] - s->parted[1] - s->parted[2]) < 2 * apart;
}

static void begin_phase(struct beat_track *s, float period, enum beat_stage stage)
{
    s->period = period;
    s->whole_period = (int32_t)(period + 0.5f);
    begin_stage(s, stage, s->whole_period);
}

static void compare_periods(struct beat_track *s)
{
    if (!has_changed(s)) {
        begin_phase(s, s->knows ? s->any : s->near, PHASE);
        return;
    }
    s->knows = true;
    s->centre = (int32_t)(s->near + 0.5f);
    begin_stage(s, FIND_ANEW, ROUND);
}

/**
 * Onsets a whole number of periods, and `phase` spectra, before the newest; older ones count less.
 */
static void weigh_phase(struct beat_track *s, const struct beat_past *p, int32_t phase, bool near)
{
    const int32_t period = s->whole_period, n = FRAME / period - 1;
    float sum = 0;
    for (int32_t k = 0; k < n; k++)
        sum += p->frame[FRAME - period * k - phase] / (float)(k + 1);
    if (near && s->spread > 0) {
        const int32_t then = (int32_t)(s->phase_then * (float)period + 0.5f);
        const int32_t ahead = abs(then - phase), behind = abs(period - then + phase);
        const float off = (float)(ahead < behind ? ahead : behind);
        sum *= expf(-off * off / (2 * s->spread * s->spread)) / (2.5066283f * s->spread);
    }
    if (sum > s->best) {
        s->best = sum;
        s->best_step = phase;
    }
}

/**
 * The clock takes over what was found, and what has passed since; onsets come seven spectra late.
 */
static void decide(struct beat_track *s, const struct dsp_block *b)
{
    const float rate_hz = b->env->audio_rate_hz, block = (float)b->env->block_frames;
    const float of_44100 = (float)((rate_hz > 66150 ? rate_hz * 0.5 : rate_hz) / 44100);
    const float spectrum_seconds = (float)(0.01161 / of_44100);
    const float seconds = (float)s->n_blocks * block / rate_hz + 7 * spectrum_seconds;
    struct beat_pulse *const found = &s->clock.found;
    found->tempo = 1 / (s->period * spectrum_seconds);
    found->step = block * found->tempo / rate_hz;
    found->phase =
        fmodf((float)s->best_step / (float)s->whole_period + seconds * found->tempo, 1.0f);
    s->stage = REST;
}

static void search_step(struct beat_track *s, const struct dsp_block *b,
                        const struct beat_past *past)
{
    switch ((enum beat_stage)s->stage) {
    case REST: break;
    case CORRELATE:
        correlate(past, s->step * LAGS_A_BLOCK);
        if (was_last(s))
            begin_stage(s, FIND_NEAR, ROUND);
        break;
    case FIND_NEAR:
        weigh_period(s, past, s->step, false);
        if (!was_last(s))
            break;
        s->near = period_found(s, past);
        s->any = lowest;
        begin_stage(s, s->knows ? FIND_ANY : COMPARE, ROUND);
        break;
    case FIND_ANY:
        weigh_period(s, past, s->step, true);
        if (!was_last(s))
            break;
        s->any = period_found(s, past);
        s->stage = COMPARE;
        break;
    case FIND_ANEW:
        weigh_period(s, past, s->step, true);
        if (!was_last(s))
            break;
        s->any = period_found(s, past);
        begin_phase(s, s->any, PHASE_ANEW);
        s->spread = (float)s->whole_period * 0.25f;
        break;
    case COMPARE: compare_periods(s); break;
    case PHASE_ANEW:
    case PHASE:
        weigh_phase(s, past, s->step, s->stage == PHASE && s->knows);
        if (was_last(s))
            s->stage = DECIDE;
        break;
    case DECIDE: decide(s, b); break;
    }
}

/**
 * BeatTrack - finds the beat of what sounds, and goes on with it.
 *
 * in      [0] chain  of 1024 floats, of 2048 at 88.2 and 96 kHz, half of which are new each time. A
 *                    spectrum in polar form is made complex
 *         [1] lock   >= 0.5: the ticks go on as they are
 * out     [0] 1 at each beat   [1] at each half of one   [2] at each quarter, else 0
 *         [3] beats a second; 2 until the first is found, after some 4 s
 * memory  the last spectrum and where the next is expected, six seconds of onsets
 * cost    per spectrum two roots a bin. A search every 128 spectra takes up to 640 blocks, with
 *         2048 products in each of the first 128, then 16
 * source  Davies and Plumbley 2005, Beat tracking with a two state model, and 2007,
 *         Context-dependent beat tracking of musical audio. As in scsynth the bell around the last
 *         period weighs what is compared, and the Rayleigh distribution what is followed, where the
 *         paper has them the other way round. scsynth's bell is what is in memory until a period is
 *         confirmed; here it is 0, as in fresh memory. Where that was in silence its phases are no
 *         numbers from then on; here all phases count the same
 */
PH_RT static void beat_track_process(void *state, const struct dsp_block *b)
{
    struct beat_track *const s = state;
    const struct beat_past past = beat_past(b);
    const struct spectrum x = spectrum_of(b, BEAT_CHAIN);
    float *const ticks[] = { dsp_out(b, 0), dsp_out(b, 1), dsp_out(b, 2) };
    float phase;
    s->n_blocks++;
    search_step(s, b, &past);
    if (x.buffer) {
        s->n_spectra++;
        beat_track_spectrum(s, b, &x);
        if (s->n_spectra % ROUND == 0)
            begin_search(s, &past);
    }
    beat_clock_block(&s->clock, !(dsp_in(b, BEAT_LOCK)[0] < 0.5f), ticks, dsp_out(b, 3), &phase);
}

PH_RT static void beat_track_birth(void *state, const struct dsp_block *b)
{
    birth_zero(state, b);
    dsp_out(b, 3)[0] = ((const struct beat_track *)state)->clock.heard.tempo;
}
const struct dsp_unit DSP(dsp_BeatTrack) = { sizeof(struct beat_track), beat_track_init,
                                             beat_track_process, beat_track_memory, 0,
                                             beat_track_birth };

#endif
