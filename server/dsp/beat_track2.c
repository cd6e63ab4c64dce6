/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/beat_track2.c - BeatTrack2.                                                         */
/* room: audio.                                                                                   */
#include <stdlib.h>

#include "server/dsp/beat_clock.h"
#include "server/dsp/birth.h"

#if LANE_W == 1

enum { BEAT2_BUS, BEAT2_FEATURES, BEAT2_WINDOW, BEAT2_ACCURACY, BEAT2_LOCK, BEAT2_WEIGHTS };
enum {
    TEMPI = 120,            /* 60 .. 179 beats a minute */
    SWINGS = 2,             /* quarters are even, or swung */
    STEPS = TEMPI * SWINGS, /* of a search */
    FEATURES_MAX = 32,
    PHASES_MAX = 256,       /* that a second is cut into */
    WINDOW_MAX = 10,        /* seconds */
    REACH = 4               /* blocks to each side of a point that count */
};

/** Where a beat's quarters are looked for, how much each counts, and the blocks around it. */
static const float quarters[SWINGS][4] = { { 0, 0.25f, 0.5f, 0.75f }, { 0, 0.32f, 0.5f, 0.82f } };
static const float quarter_weights[4] = { 1, 0.5f, 0.9f, 0.6f };
static const float around[2 * REACH + 1] = { 0.05f, 0.1f, 0.3f, 0.7f, 1, 0.7f, 0.3f, 0.1f, 0.05f };

/** What fits one feature best in this search; `second`: the next score. */
struct beat_match { float score, second; int32_t phase, tempo, last_tempo; };

struct beat_track2 {
    struct beat_clock clock;
    float block, window, accuracy; /* seconds */
    float weights;                 /* number of a buffer */
    int32_t n_features, n_blocks;  /* that are kept: [block][feature] in memory */
    int32_t now, then;             /* the last block, and that of when the search began */
    float since;                   /* seconds since it was time for a search */
    int32_t step;                  /* STEPS: to decide; beyond: at rest */
    float period;
    float next_phase, next_period; /* what the next search must confirm */
    struct beat_match matches[FEATURES_MAX];
};

static float within(float x, float lo, float hi) { return x > lo ? (x < hi ? x : hi) : lo; }

/** Sizes, as they follow from the inputs. */
static struct beat_track2 beat2_sizes(const struct dsp_block *b)
{
    struct beat_track2 s = { .block = (float)(1.0 / (double)b->rate_hz) };
    s.window = within(dsp_in(b, BEAT2_WINDOW)[0], 0, WINDOW_MAX);
    s.accuracy = within(dsp_in(b, BEAT2_ACCURACY)[0], 1.0f / PHASES_MAX, 1e6f);
    s.weights = dsp_in(b, BEAT2_WEIGHTS)[0] + 0.001f;
    s.n_features = (int32_t)(within(dsp_in(b, BEAT2_FEATURES)[0], 1, FEATURES_MAX) + 0.001);
    /* all phases of the slowest beat, and some room */
    s.n_blocks = (int32_t)((float)((double)s.window + 1.0 + 0.1) / s.block);
    s.n_blocks = s.n_blocks > 2 * REACH ? s.n_blocks : 2 * REACH + 1;
    return s;
}

static uint32_t beat2_memory(const struct dsp_block *b)
{
    const struct beat_track2 s = beat2_sizes(b);
    return (uint32_t)s.n_blocks * (uint32_t)s.n_features;
}

PH_RT static void beat2_init(void *state, const struct dsp_block *b)
{
    struct beat_track2 *const s = state;
    *s = beat2_sizes(b);
    if ((uint32_t)s->n_blocks > b->memory_frames) /* what was not known when memory was taken */
        s->n_blocks = (int32_t)b->memory_frames;
    if ((uint32_t)(s->n_blocks * s->n_features) > b->memory_frames)
        s->n_features = (int32_t)b->memory_frames / s->n_blocks;
    s->period = 0.5f;
    s->clock = beat_clock_new(s->block / s->period);
    s->step = STEPS + 1;
    s->next_phase = 0.4f;
    s->next_period = 0.3f;
    for (int32_t k = 0; k < FEATURES_MAX; k++)
        s->matches[k].tempo = TEMPI / 2;
}

static float period_of(int32_t tempo) { return (float)(60.0 / (60 + tempo)); }

/* ------------------------------------------------------------------------------------ features */

/** What the buses hold now; what isn't there, or is no number, counts as 0. */
static void keep_features(struct beat_track2 *s, const struct dsp_block *b)
{
    const uint32_t n = b->env->n_control;
    const double bus = dsp_in(b, BEAT2_BUS)[0] + 0.001;
    const uint32_t first = bus >= 0 && bus < n ? (uint32_t)bus : n;
    s->now = s->now + 1 < s->n_blocks ? s->now + 1 : 0;
    float *const kept = b->memory + s->now * s->n_features;
    for (int32_t k = 0; k < s->n_features; k++) {
        const float x = first + (uint32_t)k < n ? b->env->control[first + (uint32_t)k] : 0;
        kept[k] = fabsf(x) < 1e20f ? x : 0;
    }
}

/* ------------------------------------------------------------------------------------ a search */

static void begin_search(struct beat_track2 *s)
{
    for (int32_t k = 0; k < s->n_features; k++)
        s->matches[k] = (struct beat_match){ -9999, -9999, 0, TEMPI / 2, s->matches[k].tempo };
    s->then = s->now;
    s->step = 0;
}

/**
 * How much a tempo counts: as the buffer says, or 1. Numbers
 * past those of buffers are the first one's.
 */
static float tempo_weight(const struct beat_track2 *s, const struct dsp_block *b, int32_t tempo,
                          int32_t n_beats)
{
    if (!(s->weights > -1))
        return s->weights > -2 && n_beats > 0 ? 1.0f / (float)(4 * n_beats) : 1;
    const bool is_one = s->weights > 0 && s->weights < (float)b->env->n_writable;
    const struct dsp_buffer *const buffer = dsp_buffer_find(b, is_one ? s->weights : 0);
    const uint64_t n = buffer ? (uint64_t)buffer->n_frames * buffer->n_channels : 0;
    return (uint64_t)tempo < n ? buffer->data[tempo] : 1;
}

/** Adds what the features were so many blocks before the search began, and around that. */
static void add_point(const struct beat_track2 *s, const float *kept, int32_t blocks, float weight,
                      float *scores)
{
    const int32_t n = s->n_blocks;
    int32_t at = (s->then + 2 * n - (blocks < n ? blocks : n) - REACH) % n;
    for (int32_t m = 0; m < 2 * REACH + 1; m++) {
        const float *const features = kept + at * s->n_features, share = weight * around[m];
        for (int32_t k = 0; k < s->n_features; k++)
            scores[k] += share * features[k];
        at = at + 1 < n ? at + 1 : 0;
    }
}

/** A feature's score for the tempo, swing and phase at hand. */
static void match(struct beat_match *best, float score, int32_t tempo, int32_t phase)
{
    if (score > best->score) {
        best->second = best->score;
        best->score = score;
        best->phase = phase;
        best->tempo = tempo;
    } else if (score > best->second) {
        best->second = score;
    }
}

/** All phases of one tempo, even or swung. */
static void weigh_tempo(struct beat_track2 *s, const struct dsp_block *b, int32_t tempo,
                        int32_t swing)
{
    const float period = period_of(tempo);
    const int32_t n_phases = (int32_t)(period / s->accuracy);
    const int32_t n_beats = (int32_t)(s->window / period);
    const float weight = tempo_weight(s, b, tempo, n_beats);
    for (int32_t phase = 0; phase < n_phases; phase++) {
        float scores[FEATURES_MAX] = { 0 };
        for (int32_t beat = 0; beat < n_beats; beat++)
            for (int32_t q = 0; q < 4; q++) {
                const float start = (float)phase * s->accuracy + (float)beat * period;
                const float seconds = start + quarters[swing][q] * period;
                add_point(s, b->memory, (int32_t)((double)(seconds / s->block) + 0.5),
                          quarter_weights[q], scores);
            }
        for (int32_t k = 0; k < s->n_features; k++)
            match(&s->matches[k], scores[k] * weight, tempo, phase);
    }
}

/**
 * How many features agree with one on its tempo, now and last time, and by how much it is ahead.
 */
static int32_t agreement(const struct beat_track2 *s, int32_t feature)
{
    const struct beat_match *const m = &s->matches[feature];
    int32_t n = 0;
    for (int32_t k = 0; k < s->n_features; k++) {
        n += k != feature && abs(s->matches[k].tempo - m->tempo) < 5;
        n += abs(s->matches[k].last_tempo - m->tempo) < 5;
    }
    return m->second != 0 ? n + (int32_t)within(m->score / m->second, -1000, 1000) : n;
}

/**
 * The phase now of a match, in beats of the period that counts; `later`: so many seconds from now.
 */
static float phase_of(const struct beat_track2 *s, const struct beat_match *m, float later)
{
    const float seconds = (float)m->phase * s->accuracy + s->block * STEPS + later;
    return fmodf(seconds / s->period, 1.0f);
}

/** The clock takes over what the last search foretold and this one confirms. */
static void decide(struct beat_track2 *s)
{
    int32_t best = 0, most = 0;
    for (int32_t k = 0; k < s->n_features; k++) {
        const int32_t n = agreement(s, k);
        if (n > most) {
            most = n;
            best = k;
        }
    }
    const struct beat_match *const m = &s->matches[best];
    const float phase = phase_of(s, m, 0);
    const bool in_phase = fabsf(phase - s->next_phase) < 2 * s->accuracy / s->next_period;
    if (in_phase && fabs((double)period_of(m->tempo) - (double)s->next_period) < 0.04) {
        s->period = s->next_period;
        s->clock.found = (struct beat_pulse){ phase, s->block / s->period, 1 / s->period };
    }
    s->next_period = period_of(m->tempo);
    s->next_phase = phase_of(s, m, 0.5f);
}

/**
 * BeatTrack2 - finds the beat of features on control buses, and goes on with it.
 *
 * in      [0] busindex         the first bus
 *         [1] numfeatures      1 .. 32     [2] windowsize  seconds, up to 10
 *         [3] phaseaccuracy    seconds between phases, from 1 / 256 on
 *         [4] lock             >= 0.5: the ticks go on as they are
 *         [5] weightingscheme  a buffer with a factor for each of 120 tempi from 60 beats a minute
 *                              on; -1 and less, above -2: by how many points they have; -2 and
 *                              less: all the same. scsynth takes its first buffer for all that is
 *                              negative
 *         [1], [2], [3] and [5] are read once
 * out     [0] 1 at each beat   [1] at each half of one   [2] at each quarter, else 0
 *         [3] beats a second; 2 until the first is found   [4] phase of the beat, up to 1   [5] 0
 * memory  the features of windowsize and 1.1 seconds
 * cost    a search every half second takes 241 blocks, with up to 36 products in each for every
 *         phase of a beat, every beat in the window and every feature: at 2 s and 20 ms 1900 to
 *         3600 a feature
 * source  J. Laroche 2003, Efficient tempo and beat tracking in audio recordings; templates as N.
 *         Collins has them in scsynth
 */
PH_RT static void beat2_process(void *state, const struct dsp_block *b)
{
    struct beat_track2 *const s = state;
    float *const ticks[] = { dsp_out(b, 0), dsp_out(b, 1), dsp_out(b, 2) };
    keep_features(s, b);
    s->since += s->block;
    if (s->since > 0.5f) {
        s->since -= 0.5f;
        begin_search(s);
    }
    if (s->step < STEPS)
        weigh_tempo(s, b, s->step / SWINGS, s->step % SWINGS);
    else if (s->step == STEPS)
        decide(s);
    if (s->step <= STEPS)
        s->step++;
    beat_clock_block(&s->clock, !(dsp_in(b, BEAT2_LOCK)[0] < 0.5f), ticks, dsp_out(b, 3),
                     dsp_out(b, 4));
    dsp_out(b, 5)[0] = 0; /* the swing that fits best is not told */
}

PH_RT static void beat2_birth(void *state, const struct dsp_block *b)
{
    birth_zero(state, b);
    dsp_out(b, 3)[0] = ((const struct beat_track2 *)state)->clock.heard.tempo;
}
const struct dsp_unit DSP(dsp_BeatTrack2) = { sizeof(struct beat_track2), beat2_init, beat2_process,
                                              beat2_memory, 0, beat2_birth };

#endif
