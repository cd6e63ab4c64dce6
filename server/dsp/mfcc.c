/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/mfcc.c - MFCC.                                                                      */
/* room: audio.                                                                                   */
#include "server/dsp/precise.h"
#include "server/dsp/birth.h"
#include "server/dsp/spectrum.h"

#if LANE_W == 1

enum { MFCC_BANDS = 42, MFCC_EDGES = MFCC_BANDS + 2, MFCC_TURN = 4 * MFCC_BANDS };
enum { MFCC_CHAIN, MFCC_NUMBER };

struct mfcc {
    uint32_t n;                    /* coefficients that are asked for */
    int32_t edges[MFCC_EDGES];     /* band k rises from edge k to k + 1, and falls to k + 2 */
    float cosines[MFCC_TURN];      /* a whole turn */
    float coefficients[MFCC_BANDS];
};

static double mel_of(double hz) { return 1127 * log(1 + hz / 700); }
static double hz_of(double mel) { return 700 * (exp(mel / 1127) - 1); }

/** Bins of 1024 frames, or of 2048 at rates past 66150 Hz, that are evenly spaced in mel. */
static void mfcc_edges(int32_t *edges, float rate_hz)
{
    const double bin_hz = (rate_hz > 66150 ? rate_hz * 0.5 : rate_hz) / 1024;
    const double lowest = mel_of(80), step = (mel_of(18000) - lowest) / MFCC_BANDS;
    for (int32_t k = 1; k < MFCC_EDGES; k++) {
        const double bin = hz_of(lowest + (k - 1) * step) / bin_hz;
        edges[k] = bin < 512 ? (int32_t)bin : 512;
    }
    edges[0] = -1; /* the lowest band takes dc */
}

PH_RT static void mfcc_init(void *state, const struct dsp_block *b)
{
    struct mfcc *const s = state;
    const float n = dsp_in(b, MFCC_NUMBER)[0];
    memset(s, 0, sizeof *s);
    s->n = n > 1 ? (n < MFCC_BANDS ? (uint32_t)n : MFCC_BANDS) : 1;
    mfcc_edges(s->edges, b->env->audio_rate_hz);
    for (uint32_t i = 0; i < MFCC_TURN; i++)
        s->cosines[i] = (float)cos(i * (2 * M_PI / MFCC_TURN));
}

static float power_of(const struct spectrum *x, int32_t bin)
{
    if (bin == 0)
        return *x->dc * *x->dc;
    if ((uint32_t)bin > x->n)
        return 0;
    const struct spectrum_bin c = x->bins[bin - 1];
    return c.a * c.a + c.b * c.b;
}

/**
 * The power of bins below a triangle from edge `edges[0]`
 * over [1] to [2], in tens of dB; 1e-5 has 0.
 */
static float band_level(const struct spectrum *x, const int32_t *edges)
{
    const float rise = (float)(edges[1] - edges[0]), fall = (float)(edges[2] - edges[1]);
    float sum = 0;
    for (int32_t i = edges[0] + 1; i < edges[2]; i++) {
        const bool rises = i <= edges[1];
        const float share = rises ? (float)(i - edges[0]) / rise : (float)(edges[2] - i) / fall;
        sum += power_of(x, i) * share;
    }
    const float power = sum > 1e-5f ? (sum < 1e30f ? sum : 1e30f) : 1e-5f; /* NaN: silence */
    return 10.0f * (precise_log10(power) + 5.0f);
}

/**
 * MFCC - what a spectrum's envelope is made of: cosines along the mel scale.
 *
 * in      [0] chain     of 1024 floats, of 2048 at 88.2 and 96 kHz; bins that it hasn't got are
 *                       silent. A spectrum in polar form is made complex
 *         [1] numcoeff  1 .. 42, read once
 * out     [i] the share of a cosine of i + 1 half turns over 42 bands, some 0.25 for none of it.
 *         Before the first spectrum, and from numcoeff on, 0
 * state   edges of bands, a table of cosines, what was found last
 * cost    per spectrum three multiplications a bin, 42 logarithms, 42 multiplications an output
 * source  Davis and Mermelstein 1980, Comparison of Parametric Representations for Monosyllabic
 *         Word Recognition; mel as 1127 ln(1 + f / 700); bands from 80 Hz to 18 kHz and levels as
 *         in scsynth
 */
PH_RT static void mfcc_process(void *state, const struct dsp_block *b)
{
    struct mfcc *const s = state;
    const struct spectrum x = spectrum_of(b, MFCC_CHAIN);
    if (x.buffer) {
        float levels[MFCC_BANDS];
        spectrum_to_complex(&x);
        for (uint32_t k = 0; k < MFCC_BANDS; k++)
            levels[k] = band_level(&x, s->edges + k);
        for (uint32_t i = 0; i < s->n; i++) {
            float sum = 0;
            for (uint32_t k = 0; k < MFCC_BANDS; k++)
                sum += s->cosines[(2 * k + 1) * (i + 1) % MFCC_TURN] * levels[k];
            s->coefficients[i] = 0.25f * (sum * 0.01f + 1.0f);
        }
    }
    for (uint32_t o = 0; o < b->n_out; o++)
        dsp_out(b, o)[0] = o < s->n ? s->coefficients[o] : 0;
}
const struct dsp_unit DSP(dsp_MFCC) = { sizeof(struct mfcc), mfcc_init, mfcc_process, NULL, 0,
                                        birth_zero };

#endif
