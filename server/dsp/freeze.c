/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/freeze.c - a spectrum that stands still: SpectralFreeze.                            */
/* room: audio. One voice at a time: its work is long enough for lanes of its own.                */
#include "server/dsp/fastmath.h"
#include "server/dsp/fft.h"
#include "server/dsp/lane_phase.h"

#if LANE_W == 1

/**
 * SpectralFreeze - holds the spectrum of the moment.
 *
 * in      [0] signal
 *         [1] trigger  rising through 0: the last 2048 frames are held from here on
 * out     [0] the signal until the first trigger; then frames of 2048 under Hann windows, 512
 *             apart, with the magnitudes that were held. Each bin's phase goes on by what it went
 *             between the held frame and the one 512 before it: a steady tone stays what it was
 * memory  2560 frames of input, the frames being summed up, magnitudes, phases and their steps
 * cost    a transform, and a sine and a cosine per bin, every 512 frames; six transforms in one
 *         block at the first trigger, two at the others
 * source  J. L. Flanagan and R. M. Golden, Phase Vocoder (1966); Hann twice, as M. Dolson, The
 *         Phase Vocoder: A Tutorial (1986)
 *
 * At the first trigger the three frames before it are made as well, and the signal is crossfaded
 * into their sum over 512 frames. A later trigger counts from the next frame on: the windows
 * crossfade.
 */
enum { FREEZE_IN, FREEZE_TRIGGER };
enum { WINDOW = 2048, HOP = 512, OVERLAPS = WINDOW / HOP, FREEZE_HISTORY = 4096 };
enum { FREEZE_STRETCH = DSP_FFT_PART_MAX };
#define FREEZE_SCALE (2.0f / 3.0f / WINDOW) /* four squared Hann windows sum up to 3/2 */

struct freeze { uint32_t frame, is_frozen, until_hop, faded; float trigger; };

struct freeze_rows { float *history, *sum, *magnitude, *phase, *step; };

PH_RT static uint32_t freeze_memory(const struct dsp_block *b)
{
    (void)b;
    return FREEZE_HISTORY + WINDOW + 3 * FREEZE_STRETCH;
}

static struct freeze_rows freeze_rows(const struct dsp_block *b)
{
    float *const at = b->memory, *const rows = at + FREEZE_HISTORY + WINDOW;
    return (struct freeze_rows){ at, at + FREEZE_HISTORY, rows, rows + FREEZE_STRETCH,
                                 rows + 2 * FREEZE_STRETCH };
}

PH_RT static void freeze_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct freeze *)state = (struct freeze){ 0 };
}

LANE_FN float freeze_window(uint32_t i)
{
    return 0.5f - 0.5f * lane_cos_phase(i * (4294967296u / WINDOW));
}

/** The spectrum of the window that ends `n_back` frames before the present. */
static void freeze_look(const struct freeze *s, const struct freeze_rows *r,
                        const struct dsp_block *b, uint32_t n_back, float *spectrum)
{
    _Alignas(64) float frames[WINDOW];
    const uint32_t first = s->frame - n_back - WINDOW;
    for (uint32_t i = 0; i < WINDOW; i++)
        frames[i] = freeze_window(i) * r->history[(first + i) % FREEZE_HISTORY];
    b->env->fft->forward(b->env->fft, DSP_FFT_2048, frames, spectrum);
}

/** Phase in turns, -0.5 .. 0.5. */
static float freeze_phase(const float *spectrum, uint32_t k)
{
    return lane_atan2(spectrum[FREEZE_STRETCH + k], spectrum[k]) * 0.159154943f;
}

/** Holds the present. */
static void freeze_hold(const struct freeze *s, const struct freeze_rows *r,
                        const struct dsp_block *b)
{
    _Alignas(64) float now[2 * FREEZE_STRETCH], before[2 * FREEZE_STRETCH];
    freeze_look(s, r, b, HOP, before);
    freeze_look(s, r, b, 0, now);
    for (uint32_t k = 0; k < DSP_FFT_BINS_MAX; k++) {
        const float re = now[k], im = now[FREEZE_STRETCH + k];
        r->magnitude[k] = lane_sqrt(re * re + im * im);
        r->phase[k] = freeze_phase(now, k);
        r->step[k] = r->phase[k] - freeze_phase(before, k);
    }
}

/** The next frame of 2048, added to the sum from `at` <= 0 on; its part before 0 is left out. */
static void freeze_add(const struct freeze_rows *r, const struct dsp_block *b, int32_t at)
{
    _Alignas(64) float frames[WINDOW], spectrum[2 * FREEZE_STRETCH];
    memset(spectrum, 0, sizeof spectrum);
    for (uint32_t k = 0; k < DSP_FFT_BINS_MAX; k++) {
        const float phase = r->phase[k] + r->step[k];
        const lane_u turned = lane_phase_of_turns(phase);
        r->phase[k] = lane_turns_signed(turned);
        spectrum[k] = r->magnitude[k] * lane_cos_phase(turned);
        spectrum[FREEZE_STRETCH + k] = r->magnitude[k] * lane_sin_phase(turned);
    }
    b->env->fft->inverse(b->env->fft, DSP_FFT_2048, spectrum, frames);
    for (int32_t i = -at; i < WINDOW; i++)
        r->sum[at + i] += FREEZE_SCALE * freeze_window((uint32_t)i) * frames[i];
}

/** A rising trigger behind the last frame in the history. */
static void freeze_start(struct freeze *s, const struct freeze_rows *r, const struct dsp_block *b)
{
    freeze_hold(s, r, b);
    if (s->is_frozen)
        return;
    memset(r->sum, 0, WINDOW * sizeof *r->sum);
    for (int32_t at = HOP - WINDOW; at <= 0; at += HOP) /* the held frame began 2048 back */
        freeze_add(r, b, at);
    s->is_frozen = 1;
    s->until_hop = HOP;
}

/** 512 frames of the sum have been played. */
static void freeze_hop(struct freeze *s, const struct freeze_rows *r, const struct dsp_block *b)
{
    memmove(r->sum, r->sum + HOP, (WINDOW - HOP) * sizeof *r->sum);
    memset(r->sum + WINDOW - HOP, 0, HOP * sizeof *r->sum);
    freeze_add(r, b, 0);
    s->until_hop = HOP;
}

static float freeze_frame(struct freeze *s, const struct freeze_rows *r, const struct dsp_block *b,
                          float x)
{
    if (!s->is_frozen)
        return x;
    if (s->until_hop == 0)
        freeze_hop(s, r, b);
    const float held = r->sum[HOP - s->until_hop--];
    if (s->faded == HOP)
        return held;
    return x + (float)s->faded++ * (1.0f / HOP) * (held - x);
}

PH_RT static void freeze_process(void *state, const struct dsp_block *b)
{
    struct freeze *const s = state;
    const struct freeze_rows r = freeze_rows(b);
    const float *const in = dsp_in(b, FREEZE_IN), *const trigger = dsp_in(b, FREEZE_TRIGGER);
    const uint32_t dx = dsp_step(b, FREEZE_IN), dt = dsp_step(b, FREEZE_TRIGGER);
    float *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const float now = trigger[i * dt], x = lane_where(lane_finite(in[i * dx]), in[i * dx]);
        if (now > 0 && !(s->trigger > 0) && b->env->fft)
            freeze_start(s, &r, b);
        s->trigger = now;
        r.history[s->frame++ % FREEZE_HISTORY] = x;
        out[i] = freeze_frame(s, &r, b, x);
    }
}
const struct dsp_unit DSP(dsp_SpectralFreeze) = { sizeof(struct freeze), freeze_init,
                                                  freeze_process, freeze_memory, 0 };

#endif
