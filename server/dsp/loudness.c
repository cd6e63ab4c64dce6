/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/loudness.c - Loudness.                                                              */
/* room: audio.                                                                                   */
#include "server/dsp/spectrum.h"

#if LANE_W == 1

enum { BANDS = 42, PHONS = 11, CONTOURS = 37 };

/**
 * The first bin of each band, equivalent rectangular ones
 * for 1024 floats near 48 kHz; then the end.
 */
static const uint16_t edges[BANDS + 1] = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 15, 17, 19, 22, 25, 28, 32, 36, 41, 46, 52, 58, 65, 73, 82,
    92, 103, 116, 129, 144, 161, 180, 201, 225, 251, 280, 312, 348, 388, 433, 483, 512
};

static const float phons[PHONS] = { 2, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100 };

/**
 * Decibels that are as loud as so many phon, by band; the last row holds for all bands behind it.
 */
static const float contours[CONTOURS][PHONS] = {
    { 47.88f, 59.68f, 68.55f, 75.48f, 81.71f, 87.54f, 93.24f, 98.84f, 104.44f, 109.94f, 115.31f },
    { 29.04f, 41.78f, 51.98f, 60.18f, 67.51f, 74.54f, 81.34f, 87.97f, 94.61f, 101.21f, 107.74f },
    { 20.72f, 32.83f, 43.44f, 52.18f, 60.24f, 67.89f, 75.34f, 82.7f, 89.97f, 97.23f, 104.49f },
    { 15.87f, 27.14f, 37.84f, 46.94f, 55.44f, 63.57f, 71.51f, 79.34f, 87.14f, 94.97f, 102.37f },
    { 12.64f, 23.24f, 33.91f, 43.27f, 52.07f, 60.57f, 68.87f, 77.1f, 85.24f, 93.44f, 100.9f },
    { 10.31f, 20.43f, 31.03f, 40.54f, 49.59f, 58.33f, 66.89f, 75.43f, 83.89f, 92.34f, 100.8f },
    { 8.51f, 18.23f, 28.83f, 38.41f, 47.65f, 56.59f, 65.42f, 74.16f, 82.89f, 91.61f, 100.33f },
    { 7.14f, 16.55f, 27.11f, 36.79f, 46.16f, 55.27f, 64.29f, 73.24f, 82.15f, 91.06f, 99.97f },
    { 5.52f, 14.58f, 25.07f, 34.88f, 44.4f, 53.73f, 62.95f, 72.18f, 81.31f, 90.44f, 99.57f },
    { 3.98f, 12.69f, 23.1f, 32.99f, 42.69f, 52.27f, 61.66f, 71.15f, 80.54f, 89.93f, 99.31f },
    { 2.99f, 11.43f, 21.76f, 31.73f, 41.49f, 51.22f, 60.88f, 70.51f, 80.11f, 89.7f, 99.3f },
    { 2.35f, 10.58f, 20.83f, 30.86f, 40.68f, 50.51f, 60.33f, 70.08f, 79.83f, 89.58f, 99.32f },
    { 2.05f, 10.12f, 20.27f, 30.35f, 40.22f, 50.1f, 59.97f, 69.82f, 79.67f, 89.52f, 99.38f },
    { 2, 9.93f, 20, 30.07f, 40, 49.93f, 59.87f, 69.8f, 79.73f, 89.67f, 99.6f },
    { 2.19f, 10, 20, 30, 40, 50, 59.99f, 69.99f, 79.98f, 89.98f, 99.97f },
    { 2.71f, 10.56f, 20.61f, 30.71f, 40.76f, 50.81f, 60.86f, 70.96f, 81.01f, 91.06f, 101.17f },
    { 3.11f, 11.05f, 21.19f, 31.41f, 41.53f, 51.64f, 61.75f, 71.95f, 82.05f, 92.15f, 102.33f },
    { 2.39f, 10.69f, 21.14f, 31.52f, 41.73f, 51.95f, 62.11f, 72.31f, 82.46f, 92.56f, 102.59f },
    { 1.5f, 10.11f, 20.82f, 31.32f, 41.62f, 51.92f, 62.12f, 72.32f, 82.52f, 92.63f, 102.56f },
    { -0.17f, 8.5f, 19.27f, 29.77f, 40.07f, 50.37f, 60.57f, 70.77f, 80.97f, 91.13f, 101.23f },
    { -1.8f, 6.96f, 17.77f, 28.29f, 38.61f, 48.91f, 59.13f, 69.33f, 79.53f, 89.71f, 99.86f },
    { -3.42f, 5.49f, 16.36f, 26.94f, 37.31f, 47.61f, 57.88f, 68.08f, 78.28f, 88.41f, 98.39f },
    { -4.73f, 4.38f, 15.34f, 25.99f, 36.39f, 46.71f, 57.01f, 67.21f, 77.41f, 87.51f, 97.41f },
    { -5.73f, 3.63f, 14.74f, 25.48f, 35.88f, 46.26f, 56.56f, 66.76f, 76.96f, 87.06f, 96.96f },
    { -6.24f, 3.33f, 14.59f, 25.39f, 35.84f, 46.22f, 56.52f, 66.72f, 76.92f, 87.04f, 97 },
    { -6.09f, 3.62f, 15.03f, 25.83f, 36.37f, 46.7f, 57, 67.2f, 77.4f, 87.57f, 97.68f },
    { -5.32f, 4.44f, 15.9f, 26.7f, 37.28f, 47.6f, 57.9f, 68.1f, 78.3f, 88.52f, 98.78f },
    { -3.49f, 6.17f, 17.52f, 28.32f, 38.85f, 49.22f, 59.52f, 69.72f, 79.92f, 90.2f, 100.61f },
    { -0.81f, 8.58f, 19.73f, 30.44f, 40.9f, 51.24f, 61.52f, 71.69f, 81.87f, 92.15f, 102.63f },
    { 2.91f, 11.82f, 22.64f, 33.17f, 43.53f, 53.73f, 63.96f, 74.09f, 84.22f, 94.45f, 104.89f },
    { 6.68f, 15.19f, 25.71f, 36.03f, 46.25f, 56.31f, 66.45f, 76.49f, 86.54f, 96.72f, 107.15f },
    { 10.43f, 18.65f, 28.94f, 39.02f, 49.01f, 58.98f, 68.93f, 78.78f, 88.69f, 98.83f, 109.36f },
    { 13.56f, 21.65f, 31.78f, 41.68f, 51.45f, 61.31f, 71.07f, 80.73f, 90.48f, 100.51f, 111.01f },
    { 14.36f, 22.91f, 33.19f, 43.09f, 52.71f, 62.37f, 71.92f, 81.38f, 90.88f, 100.56f, 110.56f },
    { 15.06f, 23.9f, 34.23f, 44.05f, 53.48f, 62.9f, 72.21f, 81.43f, 90.65f, 99.93f, 109.34f },
    { 15.36f, 23.9f, 33.89f, 43.31f, 52.4f, 61.42f, 70.29f, 79.18f, 88, 96.69f, 105.17f },
    { 15.6f, 23.9f, 33.6f, 42.7f, 51.5f, 60.2f, 68.7f, 77.3f, 85.8f, 94, 101.7f }
};

struct loudness { float value, phon[BANDS]; /* of each band, now or fading */ };

/** Power of a band; a bin counts at least as what `spread` leaves of the one below it. */
static float band_power(const struct spectrum *x, uint32_t band, float spread)
{
    float sum = 0, last = 0;
    for (uint32_t bin = edges[band]; bin < edges[band + 1] && bin <= x->n; bin++) {
        const struct spectrum_bin v = x->bins[bin - 1];
        last = dsp_max(last * spread, v.a * v.a + v.b * v.b);
        sum += last;
    }
    return sum;
}

static float phon_of(uint32_t band, float db)
{
    const float *const c = contours[band < CONTOURS ? band : CONTOURS - 1];
    if (!(db >= c[0]))
        return 0;
    if (db > c[PHONS - 1])
        return phons[PHONS - 1];
    for (uint32_t i = 1; i < PHONS; i++)
        if (db < c[i]) {
            const float part = (db - c[i - 1]) / (c[i] - c[i - 1]);
            return (1.0f - part) * phons[i - 1] + part * phons[i];
        }
    return phons[PHONS - 1];
}

/** Sones of bands together. */
static float sones_of(const float *phon)
{
    float sum = 0;
    for (uint32_t band = 0; band < BANDS; band++)
        sum += (float)(pow(10.0, 0.1 * (double)phon[band]) - 0.001);
    const double all = 10.0 * log10((double)sum + 0.001);
    return (float)exp2((all - 40.0) * 0.1);
}

PH_RT static void loudness_init(void *state, const struct dsp_block *b)
{
    struct loudness *const s = state;
    (void)b;
    memset(s, 0, sizeof *s);
    s->value = sones_of(s->phon);
}

/**
 * Loudness - how loud a spectrum is.
 *
 * in      [0] chain  of 1024 floats at 44.1 or 48 kHz; a spectrum in polar form is made complex
 *         [1] smask  share of a bin's power that the next one in its band has at least
 *         [2] tmask  phon that a band falls per spectrum at most
 * out     [0] sones: 1 for 40 phon, twice as much for 10 more; silence has 0.19
 * state   the value, and the phon of 42 bands
 * cost    per spectrum two multiplications a bin, a logarithm and a power a band
 * source  equal-loudness contours as scsynth has them; a power of 1 counts as 48.8 dB
 */
PH_RT static void loudness_process(void *state, const struct dsp_block *b)
{
    struct loudness *const s = state;
    const struct spectrum x = spectrum_of(b, 0);
    if (x.buffer) {
        spectrum_to_complex(&x);
        for (uint32_t band = 0; band < BANDS; band++) {
            const float power = band_power(&x, band, dsp_in(b, 1)[0]);
            const float phon = phon_of(band, 10.0f * log10f(power * 76032.936f + 0.001f));
            const float faded = fminf(s->phon[band] - dsp_in(b, 2)[0], phons[PHONS - 1]);
            s->phon[band] = dsp_max(faded, phon);
        }
        s->value = sones_of(s->phon);
    }
    dsp_out(b, 0)[0] = s->value;
}
const struct dsp_unit DSP(dsp_Loudness) = { sizeof(struct loudness), loudness_init,
                                            loudness_process };

#endif
