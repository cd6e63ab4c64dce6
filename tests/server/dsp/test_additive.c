/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_additive.c - Additive and Blip: sums of harmonics against their formula. */
#include "tests/server/dsp/stream.h"

static const float rate_hz = 48000;
static const double tau = 6.283185307179586;
enum { N = 48000 };
static float x[N], moving[N];

static void additive(float freq, const float *amps, uint32_t n_amps)
{
    struct unit_host *const h = host_new(PH_UNIT_ADDITIVE, 0, 1, AR, rate_hz);
    host_set(h, 0, IR, freq);
    for (uint32_t k = 0; k < n_amps; k++)
        host_set(h, 1 + k, IR, amps[k]);
    host_init(h);
    host_render(h, x, N);
    host_free(h);
}

START_TEST(additive_is_its_sum_divided_by_the_amplitudes)
{
    additive(441, (const float[]){ 1, 0.5f, 0, -0.25f }, 4);
    for (int i = 0; i < N; i++) {
        const double turns = tau * fmod(441.0 * i / rate_hz, 1);
        const double sum = sin(turns) + 0.5 * sin(2 * turns) - 0.25 * sin(4 * turns);
        ck_assert_double_eq_tol(x[i], sum / 1.75, 1e-3); /* its freq is within 6e-8 */
    }
}
END_TEST

START_TEST(additive_drops_what_would_be_folded_back)
{
    additive(9000, (const float[]){ 1, 1, 1, 1, 1 }, 5);
    ck_assert_double_eq_tol(level_at(x, N, 9000, rate_hz), 0.2, 1e-4);
    ck_assert_double_eq_tol(level_at(x, N, 18000, rate_hz), 0.2, 1e-4);
    const double images[] = { 21000, 12000, 3000 }; /* of 27, 36 and 45 kHz */
    for (int i = 0; i < 3; i++)
        ck_assert_double_lt(to_db(level_at(x, N, images[i], rate_hz)), -120);
}
END_TEST

/** The largest step of a glide over half the rate is no larger than a sine's own. */
START_TEST(additive_glides_past_half_the_rate_without_a_step)
{
    struct unit_host *const h = host_new(PH_UNIT_ADDITIVE, 0, 1, AR, rate_hz);
    for (uint32_t k = 0; k < 8; k++)
        host_set(h, 1 + k, IR, k == 7 ? 1 : 0); /* the eighth harmonic alone */
    for (int i = 0; i < N; i++)
        moving[i] = 2500 + 1000 * (float)i / N; /* 20 to 28 kHz */
    stream(h, moving, N, 64, x);
    for (int i = 1; i < N; i++) { /* its level, from two frames a quarter of a turn apart or so */
        const double part = 8.0 * moving[i] / rate_hz;
        const double level = fmin(fmax((0.5 - part) * 20, 0), 1);
        ck_assert_double_le(fabs(x[i]), level + 1e-3);
    }
    ck_assert_double_gt(peak(x, 1000), 0.9);
    host_free(h);
}
END_TEST

/** N cosines of equal level over N, by their sum. */
static double train(double phase, int n)
{
    double sum = 0;
    for (int k = 1; k <= n; k++)
        sum += cos(k * phase);
    return sum / n;
}

START_TEST(blip_is_a_sum_of_as_many_cosines_as_fit_or_are_asked_for)
{
    static const struct { float freq, asked; int n; } cases[] = {
        { 512, 1e9f, 46 }, { 512, 7.9f, 7 }, { 512, 0, 1 }, { 8192, 200, 2 }
    };
    for (int c = 0; c < 4; c++) {
        struct unit_host *const h = host_new(PH_UNIT_BLIP, 0, 1, AR, rate_hz);
        host_set(h, 0, IR, cases[c].freq);
        host_set(h, 1, IR, cases[c].asked);
        host_init(h);
        host_render(h, x, 4800);
        for (int i = 0; i < 4800; i++) {
            const double turns = fmod((double)cases[c].freq * i / rate_hz, 1);
            ck_assert_double_eq_tol(x[i], train(tau * turns, cases[c].n), 2e-3);
        }
        host_free(h);
    }
}
END_TEST

START_TEST(blip_is_silent_above_half_the_rate)
{
    struct unit_host *const h = host_new(PH_UNIT_BLIP, 0, 1, AR, rate_hz);
    host_set(h, 0, IR, 25000);
    host_set(h, 1, IR, 3);
    host_init(h);
    host_render(h, x, 640);
    ck_assert_double_lt(peak(x, 640), 1e-6);
    host_free(h);
}
END_TEST

/** Where freq moves, the highest cosine fades: no step is larger than the pulses' own. */
START_TEST(blip_follows_a_moving_freq)
{
    struct unit_host *const h = host_new(PH_UNIT_BLIP, 0, 1, AR, rate_hz);
    host_set(h, 1, IR, 1e9f);
    double turns = 0;
    for (int i = 0; i < N; i++)
        moving[i] = 3000 + 2000 * (float)i / N;
    stream(h, moving, N, 64, x);
    for (int i = 0; i < N; turns += moving[i] / (double)rate_hz, i++) {
        const double fit = 24000.0 / moving[i], mix = fit - floor(fit);
        const int n = (int)fit;
        double want = 0;
        for (int k = 1; k <= n; k++)
            want += (k == n ? mix : 1) * cos(k * tau * fmod(turns, 1));
        ck_assert_double_eq_tol(x[i], want / fit, 5e-3);
    }
    host_free(h);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("additive");
    tcase_add_test(c, additive_is_its_sum_divided_by_the_amplitudes);
    tcase_add_test(c, additive_drops_what_would_be_folded_back);
    tcase_add_test(c, additive_glides_past_half_the_rate_without_a_step);
    tcase_add_test(c, blip_is_a_sum_of_as_many_cosines_as_fit_or_are_asked_for);
    tcase_add_test(c, blip_is_silent_above_half_the_rate);
    tcase_add_test(c, blip_follows_a_moving_freq);
    return host_run(argc, argv, "additive", c);
}
