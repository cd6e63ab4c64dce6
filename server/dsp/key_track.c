/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/key_track.c - KeyTrack.                                                             */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/spectrum.h"

#if LANE_W == 1

enum { PITCHES = 12, KEYS = 2 * PITCHES, NOTES = 60, PARTIALS = 6 };
enum { KEY_CHAIN, KEY_DECAY, KEY_LEAK };

struct key_track {
    float chroma[PITCHES]; /* the power of each pitch class, from C */
    float scores[KEYS];    /* of major keys from C, then of minor keys */
    float key;
};

/** How much each pitch class, counted from the tonic, speaks for a major and a minor key. */
static const float diatonic[2][PITCHES] = { { 5, 0, 3.5f, 0, 4.5f, 4, 0, 4.5f, 0, 3.5f, 0, 4 },
                                            { 5, 0, 3.5f, 4.5f, 0, 4, 0, 4.5f, 3.5f, 0, 0, 4 } };

PH_RT static void key_track_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct key_track *)state = (struct key_track){ .key = 0 };
}

static float power_at(const struct spectrum *x, uint32_t bin)
{
    if (bin - 1 >= x->n) /* also bin 0 */
        return 0;
    const struct spectrum_bin c = x->bins[bin - 1];
    return c.a * c.a + c.b * c.b;
}

/** The power at a note's partials, between bins on a line; partial k counts 1 / k. */
static float note_power(const struct spectrum *x, double bins)
{
    float sum = 0;
    for (uint32_t k = 1; k <= PARTIALS; k++) {
        const double at = bins * k;
        const uint32_t below = (uint32_t)at;
        sum += (float)((1 - (at - below)) / k) * power_at(x, below);
        sum += (float)((at - below) / k) * power_at(x, below + 1);
    }
    return sum;
}

/** Sums don't keep what is no number, nor grow without end. */
static float within_reach(float x) { return fabsf(x) < 1e30f ? x : 0; }

/** Notes from 55 Hz on, five octaves. `bin_hz`: the bins' distance */
static void add_notes(float *chroma, const struct spectrum *x, double bin_hz)
{
    for (uint32_t i = 0; i < NOTES; i++) {
        const double hz = 55 * exp2(i / 12.0);
        float *const c = &chroma[(i + 9) % PITCHES]; /* 55 Hz is an A */
        *c = within_reach(*c + note_power(x, hz / bin_hz));
    }
}

static float key_score(const float *chroma, uint32_t tonic, const float *speaks)
{
    float sum = 0;
    for (uint32_t i = 0; i < PITCHES; i++)
        sum += chroma[(tonic + i) % PITCHES] * speaks[i];
    return sum;
}

/** `keep`: of the last scores. @return the key that has most; of several the first */
static uint32_t best_key(struct key_track *s, float keep)
{
    uint32_t best = 0;
    float most = 0;
    for (uint32_t k = 0; k < KEYS; k++) {
        const float score = key_score(s->chroma, k % PITCHES, diatonic[k / PITCHES]);
        s->scores[k] = within_reach(keep * s->scores[k] + score);
        if (s->scores[k] > most) {
            most = s->scores[k];
            best = k;
        }
    }
    return best;
}

static void key_track_spectrum(struct key_track *s, const struct dsp_block *b,
                               const struct spectrum *x)
{
    const float rate_hz = b->env->audio_rate_hz;
    const double frames_hz = rate_hz > 66150 ? rate_hz * 0.5 : rate_hz;
    const float spectra = dsp_in(b, KEY_DECAY)[0] / (float)(2048 / frames_hz);
    spectrum_to_complex(x);
    for (uint32_t i = 0; i < PITCHES; i++)
        s->chroma[i] = within_reach(s->chroma[i] * dsp_in(b, KEY_LEAK)[0]);
    add_notes(s->chroma, x, frames_hz / 4096);
    s->key = (float)best_key(s, powf(0.01f, 1.0f / dsp_max(spectra, 0.001f)));
}

/**
 * KeyTrack - the key of what sounds, from the powers of pitch classes.
 *
 * in      [0] chain       of 4096 floats, of 8192 at 88.2 and 96 kHz, half of which are new each
 *                         time; bins that it hasn't got are silent. A spectrum in polar form is
 *                         made complex
 *         [1] keydecay    seconds until what speaks for a key has fallen to -40 dB
 *         [2] chromaleak  of the last pitch classes, how much counts in the next
 * out     [0] 0 .. 11 C major .. B major, 12 .. 23 C minor .. B minor
 * state   twelve pitch classes, what speaks for each of 24 keys
 * cost    per spectrum 60 powers of 2, 720 products
 * source  O. Izmirli 2006, Audio key finding using low-dimensional spaces (its diatonic profile);
 *         notes from 55 to 1661 Hz, with A 440 Hz and six partials each, as in scsynth
 */
PH_RT static void key_track_process(void *state, const struct dsp_block *b)
{
    struct key_track *const s = state;
    const struct spectrum x = spectrum_of(b, KEY_CHAIN);
    if (x.buffer)
        key_track_spectrum(s, b, &x);
    dsp_out(b, 0)[0] = s->key;
}
const struct dsp_unit DSP(dsp_KeyTrack) = { sizeof(struct key_track), key_track_init,
                                            key_track_process, NULL, 0, birth_zero };

#endif
