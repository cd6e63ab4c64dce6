/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_noise.c - WhiteNoise, PinkNoise.                                         */
#include "tests/server/dsp/unit_host.h"

enum { N = 1 << 17 };
static float x[N], y[N];

static void render(enum ph_unit id, uint64_t seed, float *to)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, 48000);
    h->b.seed = seed;
    host_init(h);
    host_render(h, to, N);
    host_free(h);
}

START_TEST(white_noise_is_evenly_distributed)
{
    int bins[16] = { 0 };
    double sum = 0, square = 0;
    render(PH_UNIT_WHITE_NOISE, 7, x);
    for (int i = 0; i < N; i++) {
        ck_assert(x[i] >= -1 && x[i] < 1);
        bins[(int)((x[i] + 1) * 8)]++;
        sum += x[i];
        square += (double)x[i] * x[i];
    }
    /* five standard deviations of the mean, the mean square and a bin's count */
    ck_assert_double_eq_tol(sum / N, 0, 5 * 0.577 / sqrt(N));
    ck_assert_double_eq_tol(square / N, 1.0 / 3, 5 * 0.298 / sqrt(N));
    for (int b = 0; b < 16; b++)
        ck_assert_double_eq_tol(bins[b], N / 16.0, 5 * sqrt(N / 16.0));
}
END_TEST

START_TEST(white_noise_does_not_resemble_itself_later)
{
    render(PH_UNIT_WHITE_NOISE, 7, x);
    const int lags[] = { 1, 2, 3, 64, 100, 1024 };
    for (int l = 0; l < 6; l++) {
        double sum = 0;
        for (int i = lags[l]; i < N; i++)
            sum += (double)x[i] * x[i - lags[l]];
        ck_assert_double_eq_tol(sum / N, 0, 5 * 0.333 / sqrt(N));
    }
}
END_TEST

START_TEST(the_seed_decides)
{
    const enum ph_unit id = _i ? PH_UNIT_PINK_NOISE : PH_UNIT_WHITE_NOISE;
    render(id, 7, x);
    render(id, 7, y);
    ck_assert(memcmp(x, y, sizeof x) == 0);
    render(id, 8, y);
    int equal = 0;
    for (int i = 0; i < N; i++)
        equal += x[i] == y[i];
    ck_assert_int_lt(equal, 100);
}
END_TEST

/** Mean power of the DFT bins around hz, over frames of 4096. */
static double power_at(const float *s, double hz)
{
    enum { FRAME = 4096 };
    double sum = 0;
    int n = 0;
    for (int at = 0; at + FRAME <= N; at += FRAME)
        for (int bin = -2; bin <= 2; bin++, n++) {
            const double level = level_at(s + at, FRAME, hz * (1 + 0.02 * bin), 48000);
            sum += level * level;
        }
    return sum / n;
}

START_TEST(pink_noise_falls_by_3_db_per_octave)
{
    render(PH_UNIT_PINK_NOISE, 3, x);
    double mean = 0;
    for (int i = 0; i < N; i++)
        mean += x[i] / N;
    for (int i = 0; i < N; i++)
        x[i] -= (float)mean;
    const double low = 10 * log10(power_at(x, 250)), high = 10 * log10(power_at(x, 4000));
    /* four octaves; 160 bins average to about 0.4 dB each, and Voss's steps ripple by 1 dB */
    ck_assert_double_eq_tol(low - high, 12.04, 1.8);
}
END_TEST

START_TEST(pink_noise_has_scsynths_level)
{
    enum { SEEDS = 64, FRAMES = 1 << 14 };
    double square = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct unit_host *const h = host_new(PH_UNIT_PINK_NOISE, 0, 1, AR, 48000);
        h->b.seed = seed;
        host_init(h);
        host_render(h, x, FRAMES);
        for (int i = 0; i < FRAMES; i++)
            square += (double)x[i] * x[i] / (FRAMES * SEEDS);
        host_free(h);
    }
    /*
     * Seventeen even values of 1/8 width each, around a mean of 1/16 in all: 0.161 RMS. The slow
     * rows hardly change, so that the power of a seed deviates by 0.006; here are five deviations
     * of 64.
     */
    ck_assert_double_eq_tol(square, 17 / 768.0 + 1 / 256.0, 5 * 0.006 / 8);
}
END_TEST

/** The correlation of two signals, in standard deviations of unrelated noise. */
static double correlation(const float *a, const float *b, int n)
{
    double ab = 0, aa = 0, bb = 0;
    for (int i = 1; i < n; i++) { /* differences: pink noise is nearly white that way */
        const double da = a[i] - a[i - 1], db = b[i] - b[i - 1];
        ab += da * db;
        aa += da * da;
        bb += db * db;
    }
    return ab / sqrt(aa * bb) * sqrt(n);
}

START_TEST(two_seeds_are_unrelated)
{
    const enum ph_unit id = _i ? PH_UNIT_PINK_NOISE : PH_UNIT_WHITE_NOISE;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        render(id, 100, x);
        render(id, 100 + seed, y);
        for (int lag = 0; lag <= 64; lag += 16)
            ck_assert_double_le(fabs(correlation(x + lag, y, N - lag)), 6);
    }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("noise");
    tcase_add_test(c, white_noise_is_evenly_distributed);
    tcase_add_test(c, white_noise_does_not_resemble_itself_later);
    tcase_add_loop_test(c, the_seed_decides, 0, 2);
    tcase_add_test(c, pink_noise_falls_by_3_db_per_octave);
    tcase_add_test(c, pink_noise_has_scsynths_level);
    tcase_add_loop_test(c, two_seeds_are_unrelated, 0, 2);
    return host_run(argc, argv, "noise", c);
}
