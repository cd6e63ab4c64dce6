/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_comb.c - CombHz: formula, tuning, partials, ramps, faults.               */
#include "tests/server/dsp/stream.h"

enum { N = 24000 };
static float in[N], second[N], third[N], out[N], again[N];

static struct unit_host *comb_new(float freq_hz, float feedback)
{
    struct unit_host *const h = host_new(PH_UNIT_COMB_HZ, 0, 1, AR, 48000);
    host_set(h, 1, IR, freq_hz);
    host_set(h, 2, IR, feedback);
    return h;
}

START_TEST(whole_periods_are_the_formula)
{
    const int periods[] = { 3, 4, 10, 63, 64, 65, 480, 2400 };
    fill_noise(in, N, 1);
    for (int p = 0; p < 8; p++) {
        struct unit_host *const h = comb_new(48000.0f / (float)periods[p], 0.9f);
        stream(h, in, N, CUT_UNEVENLY, out);
        for (int i = 0; i < N; i++) {
            const double past = i >= periods[p] ? out[i - periods[p]] : 0;
            ck_assert_double_eq_tol(out[i], in[i] + (double)0.9f * past, 1e-3); /* 48000 / period */
        }
        host_free(h);
    }
}
END_TEST

START_TEST(it_is_in_tune_and_its_partials_stay)
{
    const double freqs[] = { 220, 350, 441, 1234.5 };
    for (int k = 0; k < 4; k++)
        for (int partial = 1; partial * freqs[k] < 6000; partial *= 2) {
            struct unit_host *const h = comb_new((float)freqs[k], 0.9f);
            fill_sine(in, N, partial * freqs[k], 48000, 0.01);
            stream(h, in, N, 64, out);
            const double gain = level_at(out + N / 2, N / 2, partial * freqs[k], 48000) / 0.01;
            ck_assert_double_gt(gain, 8.9); /* of 1 / (1 - 0.9) */
            ck_assert_double_lt(gain, 10.2);
            host_free(h);
        }
}
END_TEST

START_TEST(parameters_may_move)
{
    struct unit_host *const h = comb_new(100, 0.5f);
    const float *const signals[3] = { in, second, third };
    float *const outs[HOST_OUTPUTS] = { out };
    fill_noise(in, N, 2);
    for (int i = 0; i < N; i++) {
        second[i] = i < 12000 ? 480 : 960;
        third[i] = i < 12000 ? 0.9f : -0.5f;
    }
    stream_run(h, signals, 3, N, CUT_UNEVENLY, outs);
    for (int i = 200; i < N; i++)
        ck_assert_double_eq_tol(out[i],
                                in[i] + (i < 12000 ? 0.9 * out[i - 100] : -0.5 * out[i - 50]),
                                2e-6);
    host_free(h);
}
END_TEST

START_TEST(a_changed_constant_is_ramped)
{
    struct unit_host *const h = comb_new(400, 0.9f);
    fill_sine(in, N, 100, 48000, 0.02);
    stream(h, in, 9600, 64, out);
    host_set(h, 1, IR, 500);
    host_set(h, 2, IR, 0.5f);
    stream(h, in + 9600, 9600, 64, out + 9600);
    double steepest = 0, at_change = 0;
    for (int i = 4800; i < 9600 + 64; i++) {
        const double step = fabs((double)out[i] - out[i - 1]);
        *(i < 9600 ? &steepest : &at_change) = fmax(i < 9600 ? steepest : at_change, step);
    }
    ck_assert_double_lt(at_change, 3 * steepest);
    host_free(h);
}
END_TEST

START_TEST(the_block_size_does_not_show)
{
    const float freqs[] = { 20, 333, 5000, 20000 };
    fill_noise(in, N, 3);
    for (int run = 0; run < 2; run++) {
        struct unit_host *const h = comb_new(freqs[_i], 0.95f);
        stream(h, in, N, run ? CUT_UNEVENLY : 64, run ? again : out);
        host_free(h);
    }
    assert_same(out, again, N, "comb");
}
END_TEST

START_TEST(hostile_parameters_stay_finite_and_faults_pass)
{
    const float values[] = { 0, -1, 1e-30f, 1e30f, NAN, INFINITY, -INFINITY };
    for (int rate = IR; rate <= AR; rate += AR - IR)
        for (int a = 0; a < 7; a++)
            for (int b = 0; b < 7; b++) {
                struct unit_host *const h = comb_new(1000, 0.5f);
                fill_noise(in, N, 4);
                in[10] = NAN;
                in[20] = INFINITY;
                stream(h, in, 640, 64, out);
                host_set(h, 1, (uint8_t)rate, values[a]);
                host_set(h, 2, (uint8_t)rate, values[b]);
                stream(h, in + 640, 640, 64, out);
                ck_assert_msg(all_finite(out, 640), "%g %g", (double)values[a], (double)values[b]);
                host_free(h);
            }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("comb");
    tcase_add_test(c, whole_periods_are_the_formula);
    tcase_add_test(c, it_is_in_tune_and_its_partials_stay);
    tcase_add_test(c, parameters_may_move);
    tcase_add_test(c, a_changed_constant_is_ramped);
    tcase_add_loop_test(c, the_block_size_does_not_show, 0, 4);
    tcase_add_test(c, hostile_parameters_stay_finite_and_faults_pass);
    return host_run(argc, argv, "comb", c);
}
