/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lush.c - Lush: a feedback delay network whose delays move, and that can be frozen.  */
/* room: audio. One voice at a time: its memory is what it costs.                                 */
#include "server/dsp/lane_phase.h"
#include "server/dsp/tap.h"

#if LANE_W == 1

/*
 * Lush - four all-passes a side, then eight lines of 30 to 80 ms that feed each other.
 *
 * in      [0] left: enters the even lines, [1] right: the odd ones
 *         [2] decay, seconds to -60 dB at low frequencies, 0.05 .. 100
 *         [3] diffusion, 0 .. 1: gain of the all-passes, 0.75 of it
 *         [4] damping, 0 .. 1: a one-pole in each line, whose memory is 0.9 of it at 48 kHz
 *         [5] spin, 0 .. 1: swing of the delays at 0.9 Hz, up to 0.3 ms
 *         [6] wander, 0 .. 1: swing at 0.11 Hz, up to 2 ms
 *         [7] freeze, on above 0.5: within 20 ms the lines close. Nothing enters, is damped, lost
 *             or moved, and what is in them goes round for good
 * out     [0] left, [1] right: half the sum of the even and of the odd lines, signs alternating;
 *         without the dry signal
 * decay   line k loses 10^(-3 length / decay) a turn; the lines' outputs are mixed by a Hadamard
 *         matrix, which loses nothing
 * swing   the lines stand at eighths of a turn of both oscillations, three eighths apart in the
 *         slow one; at 2 ms and 0.11 Hz the pitch bends by 2.4 cents at most
 * cost    16 reads and 16 writes of memory per frame, eight of them interpolated
 * source  M. Gerzon, Synthetic Stereo Reverberation, Studio Sound 1971/72; J. Stautner and
 *         M. Puckette, Designing Multi-Channel Reverberators, Computer Music Journal 6 (1), 1982;
 *         J.-M. Jot and A. Chaigne, Digital Delay Networks for Designing Artificial
 *         Reverberators, AES 90, 1991
 */
enum { N_CHANNELS = 2, N_ALLPASSES = 4, N_DELAYS = 8 };
static const float allpass_seconds[N_CHANNELS][N_ALLPASSES] = {
    { 0.004771f, 0.003595f, 0.012735f, 0.009307f },
    { 0.005117f, 0.003371f, 0.011863f, 0.009929f }
};
static const float delay_seconds[N_DELAYS] = { /* primes at 48 kHz */
    1439 / 48000.0f, 1693 / 48000.0f, 1973 / 48000.0f, 2273 / 48000.0f,
    2617 / 48000.0f, 2999 / 48000.0f, 3407 / 48000.0f, 3823 / 48000.0f
};
static const float spin_hz = 0.9f, spin_seconds = 0.0003f;
static const float wander_hz = 0.11f, wander_seconds = 0.002f;
static const float freeze_seconds = 0.020f;
/** cos and sin of eighths of a turn. */
#define HALF_ROOT 0.70710678f
static const float eighth_cos[8] = { 1, HALF_ROOT, 0, -HALF_ROOT, -1, -HALF_ROOT, 0, HALF_ROOT };
static const float eighth_sin[8] = { 0, HALF_ROOT, 1, HALF_ROOT, 0, -HALF_ROOT, -1, -HALF_ROOT };

enum { LUSH_LEFT, LUSH_RIGHT, LUSH_DECAY, LUSH_DIFFUSION, LUSH_DAMPING, LUSH_SPIN, LUSH_WANDER,
       LUSH_FREEZE };
struct lush {
    uint32_t diffuse_at[N_CHANNELS][N_ALLPASSES], delay_at[N_DELAYS], spin_phase, wander_phase;
    float damped[N_DELAYS], decay, diffusion, damping, spin, wander, frozen;
};

LANE_FN uint32_t lush_frames(float seconds, float rate_hz)
{
    return (uint32_t)(seconds * rate_hz + 0.5f);
}
LANE_FN uint32_t lush_longest(int k, float rate_hz)
{
    return lush_frames(delay_seconds[k] + spin_seconds + wander_seconds, rate_hz) + 4;
}

PH_RT static uint32_t lush_memory(const struct dsp_block *b)
{
    uint32_t n = 0;
    for (int c = 0; c < N_CHANNELS; c++)
        for (int k = 0; k < N_ALLPASSES; k++)
            n += tap_ring_frames(lush_frames(allpass_seconds[c][k], b->rate_hz));
    for (int k = 0; k < N_DELAYS; k++)
        n += tap_ring_frames(lush_longest(k, b->rate_hz));
    return n;
}

PH_RT static void lush_init(void *state, const struct dsp_block *b)
{
    *(struct lush *)state = (struct lush){ .decay = knob_start(b, LUSH_DECAY, 0.05f, 100),
                                           .diffusion = knob_start(b, LUSH_DIFFUSION, 0, 1),
                                           .damping = knob_start(b, LUSH_DAMPING, 0, 1),
                                           .spin = knob_start(b, LUSH_SPIN, 0, 1),
                                           .wander = knob_start(b, LUSH_WANDER, 0, 1),
                                           .frozen = dsp_in(b, LUSH_FREEZE)[0] > 0.5f };
}

/** One call: the knobs as the network needs them, frame by frame, and the rings. */
struct lush_run {
    struct ring diffusers[N_CHANNELS][N_ALLPASSES], delays[N_DELAYS];
    _Alignas(64) float in[N_CHANNELS][DSP_BLOCK_FRAMES], diffusion[DSP_BLOCK_FRAMES];
    _Alignas(64) float open[DSP_BLOCK_FRAMES]; /* 1: not frozen */
    _Alignas(64) float keep[DSP_BLOCK_FRAMES], gain[N_DELAYS][DSP_BLOCK_FRAMES];
    _Alignas(64) float part[N_DELAYS][DSP_BLOCK_FRAMES];
    int32_t whole[N_DELAYS][DSP_BLOCK_FRAMES];
    _Alignas(64) float x[N_DELAYS][DSP_BLOCK_FRAMES];
};

/** How far the lines are open, on its way in a straight line. */
static void lush_freeze(struct lush *s, const struct dsp_block *b, struct lush_run *w)
{
    const float *const freeze = dsp_in(b, LUSH_FREEZE), step = 1 / (freeze_seconds * b->rate_hz);
    const uint32_t df = dsp_step(b, LUSH_FREEZE);
    float frozen = s->frozen;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        frozen = tap_limit(frozen + (freeze[i * df] > 0.5f ? step : -step), 0, 1);
        w->open[i] = 1 - frozen;
    }
    s->frozen = frozen;
}

/** Gains of the lines: 1 where they are closed, exactly. */
static void lush_gains(struct lush *s, const struct dsp_block *b, struct lush_run *w)
{
    _Alignas(64) float decay[DSP_BLOCK_FRAMES], damping[DSP_BLOCK_FRAMES];
    const uint32_t n = b->n_frames;
    const bool decay_moves = knob_frames(b, LUSH_DECAY, 0.05f, 100, &s->decay, decay);
    const bool damping_moves = knob_frames(b, LUSH_DAMPING, 0, 1, &s->damping, damping);
    const uint32_t n_decays = decay_moves ? n : 1, n_dampings = damping_moves ? n : 1;

    for (int k = 0; k < N_DELAYS; k++) {
        float *const restrict gain = w->gain[k];
        for (uint32_t i = 0; i < n_decays; i++)
            gain[i] = lane_exp(tap_decay(delay_seconds[k], decay[i]));
        for (uint32_t i = n_decays; i < n; i++)
            gain[i] = gain[0];
        for (uint32_t i = 0; i < n; i++)
            gain[i] = 1 - w->open[i] * (1 - gain[i]);
    }
    for (uint32_t i = 0; i < n_dampings; i++)
        w->keep[i] = lane_pow(0.9f * damping[i], 48000.0f / b->rate_hz);
    for (uint32_t i = n_dampings; i < n; i++)
        w->keep[i] = w->keep[0];
    for (uint32_t i = 0; i < n; i++)
        w->keep[i] *= w->open[i];
}

/** Where each line is read: its length and two cosines, of which the lines take eighths. */
static void lush_swing(struct lush *s, const struct dsp_block *b, struct lush_run *w)
{
    _Alignas(64) float spin[DSP_BLOCK_FRAMES], wander[DSP_BLOCK_FRAMES];
    _Alignas(64) float spin_side[DSP_BLOCK_FRAMES], wander_side[DSP_BLOCK_FRAMES];
    const uint32_t n = b->n_frames;
    const uint32_t spin_step = (uint32_t)(4294967296.0f * spin_hz / b->rate_hz);
    const uint32_t wander_step = (uint32_t)(4294967296.0f * wander_hz / b->rate_hz);

    knob_frames(b, LUSH_SPIN, 0, 1, &s->spin, spin);
    knob_frames(b, LUSH_WANDER, 0, 1, &s->wander, wander);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t p = s->spin_phase + i * spin_step, q = s->wander_phase + i * wander_step;
        const float a = w->open[i] * spin[i] * (spin_seconds * b->rate_hz);
        const float c = w->open[i] * wander[i] * (wander_seconds * b->rate_hz);
        spin[i] = a * lane_cos_phase(p), spin_side[i] = a * lane_sin_phase(p);
        wander[i] = c * lane_cos_phase(q), wander_side[i] = c * lane_sin_phase(q);
    }
    s->spin_phase += n * spin_step;
    s->wander_phase += n * wander_step;
    for (int k = 0; k < N_DELAYS; k++) {
        const int32_t frames = (int32_t)lush_frames(delay_seconds[k], b->rate_hz);
        const int far = 3 * k % 8;
        for (uint32_t i = 0; i < n; i++) {
            const float offset = eighth_cos[k] * spin[i] - eighth_sin[k] * spin_side[i] +
                                 eighth_cos[far] * wander[i] - eighth_sin[far] * wander_side[i];
            const float down = lane_floor(offset);
            w->whole[k][i] = frames + (int32_t)down;
            w->part[k][i] = offset - down;
        }
    }
}

static void lush_set(struct lush *s, const struct dsp_block *b, struct lush_run *w)
{
    float *memory = b->memory;

    for (int c = 0; c < N_CHANNELS; c++)
        for (int k = 0; k < N_ALLPASSES; k++)
            w->diffusers[c][k] =
                tap_next_ring(&memory, lush_frames(allpass_seconds[c][k], b->rate_hz),
                              s->diffuse_at[c][k]);
    for (int k = 0; k < N_DELAYS; k++)
        w->delays[k] = tap_next_ring(&memory, lush_longest(k, b->rate_hz), s->delay_at[k]);
    lush_freeze(s, b, w);
    lush_gains(s, b, w);
    lush_swing(s, b, w);
    knob_frames(b, LUSH_DIFFUSION, 0, 1, &s->diffusion, w->diffusion);
    for (uint32_t i = 0; i < b->n_frames; i++)
        w->diffusion[i] *= 0.75f;
    for (int c = 0; c < N_CHANNELS; c++) {
        healed_input(b, (uint32_t)c, w->in[c]);
        for (uint32_t i = 0; i < b->n_frames; i++)
            w->in[c][i] *= 0.5f * w->open[i];
    }
}

/** The one-poles of all lines side by side: eight recursions hide each other's latency. */
static void lush_damp(struct lush *s, const float *restrict keep, uint32_t n,
                      float (*restrict x)[DSP_BLOCK_FRAMES])
{
    float y[N_DELAYS];
    memcpy(y, s->damped, sizeof y);
    for (uint32_t i = 0; i < n; i++)
        for (int k = 0; k < N_DELAYS; k++)
            x[k][i] = y[k] = lane_fma(keep[i], y[k] - x[k][i], x[k][i]);
    memcpy(s->damped, y, sizeof y);
}

/** A run of frames at .. at + n - 1, no longer than the shortest all-pass. */
static void lush_run(struct lush *s, const struct dsp_block *b, struct lush_run *w, uint32_t at,
                     uint32_t n)
{
    float *const left = (float *)dsp_out(b, 0) + at, *const right = (float *)dsp_out(b, 1) + at;
    const float norm = 0.35355339f;

    for (int c = 0; c < N_CHANNELS; c++)
        for (int k = 0; k < N_ALLPASSES; k++)
            tap_allpass_whole(&w->diffusers[c][k], lush_frames(allpass_seconds[c][k], b->rate_hz),
                              w->diffusion + at, n, w->in[c] + at);
    for (int k = 0; k < N_DELAYS; k++)
        tap_read_parts(&w->delays[k], w->whole[k] + at, w->part[k] + at, n, w->x[k]);
    for (uint32_t i = 0; i < n; i++) {
        left[i] = 0.5f * ((w->x[0][i] - w->x[2][i]) + (w->x[4][i] - w->x[6][i]));
        right[i] = 0.5f * ((w->x[1][i] - w->x[3][i]) + (w->x[5][i] - w->x[7][i]));
    }
    lush_damp(s, w->keep + at, n, w->x);
    for (int k = 0; k < N_DELAYS; k++)
        for (uint32_t i = 0; i < n; i++)
            w->x[k][i] *= norm * w->gain[k][at + i];
    tap_hadamard(w->x, n);
    for (int k = 0; k < N_DELAYS; k++) {
        for (uint32_t i = 0; i < n; i++)
            w->x[k][i] += w->in[k % 2][at + i];
        tap_write(&w->delays[k], w->x[k], n);
    }
}

PH_RT static void lush_process(void *state, const struct dsp_block *b)
{
    struct lush *const s = state;
    const uint32_t longest = lush_frames(allpass_seconds[1][1], b->rate_hz);
    struct lush_run w;

    lush_set(s, b, &w);
    for (uint32_t at = 0, n; at < b->n_frames; at += n) {
        n = tap_least(b->n_frames - at, longest);
        lush_run(s, b, &w, at, n);
        for (int k = 0; k < N_DELAYS; k++)
            w.delays[k].position = ring_ahead(w.delays[k].position, n, w.delays[k].n);
        for (int c = 0; c < N_CHANNELS; c++)
            for (int k = 0; k < N_ALLPASSES; k++) {
                struct ring *const r = &w.diffusers[c][k];
                r->position = ring_ahead(r->position, n, r->n);
            }
    }
    for (int k = 0; k < N_DELAYS; k++)
        s->delay_at[k] = w.delays[k].position;
    for (int c = 0; c < N_CHANNELS; c++)
        for (int k = 0; k < N_ALLPASSES; k++)
            s->diffuse_at[c][k] = w.diffusers[c][k].position;
}
const struct dsp_unit DSP(dsp_Lush) = { sizeof(struct lush), lush_init, lush_process, lush_memory };

#else
typedef int lush_has_no_wide_form; /* a translation unit must declare something */
#endif
