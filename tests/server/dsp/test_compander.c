/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_compander.c - levels, quarters of a circle, medians and straight lines.  */
#include "tests/server/dsp/stream.h"

enum { N = 48000 };
static float in[N], out[N], other[N];

static struct unit_host *open_with(enum ph_unit id, const float *values)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, 48000);
    for (uint32_t i = 1; i < ph_units[id].n_inputs; i++)
        host_set(h, i, KR, values[i - 1]);
    return h;
}

START_TEST(compander_halves_what_is_above_its_threshold)
{
    const float values[] = { 0, 0.1f, 1, 0.5f, 0.01f, 0.01f };
    for (int i = 0; i < N; i++)
        in[i] = 0.4f;
    struct unit_host *const h = open_with(PH_UNIT_COMPANDER, values);
    const float *const signals[2] = { in, in };
    float *const outs[HOST_OUTPUTS] = { out };
    stream_run(h, signals, 2, N, 64, outs);
    /* 12 dB above: 6 of them stay */
    ck_assert_double_eq_tol(to_db((double)out[N - 1]), to_db(0.1) + 0.5 * to_db(4), 0.01);
    host_free(h);
}
END_TEST

START_TEST(normalizer_brings_any_level_to_its_own)
{
    const float values[] = { 0.7f, 0.01f };
    for (float level = 1e-4f; level < 10; level *= 30) {
        fill_sine(in, N, 1000, 48000, (double)level);
        struct unit_host *const h = open_with(PH_UNIT_NORMALIZER, values);
        stream(h, in, N, 64, out);
        ck_assert_double_eq_tol(peak(out + N / 2, N / 2), 0.7, 0.001);
        host_free(h);
    }
}
END_TEST

/** A control unit hears every frame of a signal at audio rate. */
START_TEST(amplitude_at_control_rate_sees_peaks_between_blocks)
{
    struct unit_host *const h = host_new(PH_UNIT_AMPLITUDE, 0, 1, KR, 48000);
    host_set(h, 0, AR, 0);
    host_set(h, 1, IR, 0);
    host_set(h, 2, IR, 10);
    host_init(h);
    h->in[0][37] = -0.8f;
    host_block(h);
    ck_assert_double_eq_tol(h->out[0][0], 0.8, 0.01);
    host_free(h);
}
END_TEST

START_TEST(hilbert_is_a_quarter_apart_and_as_loud)
{
    for (double hz = 60; hz < 15000; hz *= 2.3) {
        struct unit_host *const h = host_new(PH_UNIT_HILBERT, 0, 1, AR, 48000);
        const float *const signals[1] = { in };
        float *const outs[HOST_OUTPUTS] = { out, other };
        fill_sine(in, N, hz, 48000, 1);
        stream_run(h, signals, 1, N, 64, outs);
        double product = 0, levels = 0;
        for (int i = N / 2; i < N; i++) {
            product += (double)out[i] * (double)other[i];
            levels += (double)out[i] * (double)out[i];
        }
        ck_assert_double_lt(fabs(product / levels), 0.02);
        ck_assert_double_eq_tol(to_db(rms(other + N / 2, N / 2) / rms(out + N / 2, N / 2)), 0,
                                0.01);
        host_free(h);
    }
}
END_TEST

START_TEST(freq_shift_moves_a_sine_and_leaves_no_image)
{
    const float up[] = { 123, 0 }, down[] = { -300, 40 };
    fill_sine(in, N, 1000, 48000, 1);
    struct unit_host *const a = open_with(PH_UNIT_FREQ_SHIFT, up);
    struct unit_host *const b = open_with(PH_UNIT_FREQ_SHIFT, down);
    stream(a, in, N, 64, out);
    stream(b, in, N, 64, other);
    ck_assert_double_eq_tol(to_db(level_at(out + N / 2, N / 2, 1123, 48000)), 0, 0.02);
    ck_assert_double_lt(to_db(level_at(out + N / 2, N / 2, 877, 48000)), -40);
    ck_assert_double_eq_tol(to_db(level_at(other + N / 2, N / 2, 700, 48000)), 0, 0.02);
    ck_assert_double_lt(to_db(level_at(other + N / 2, N / 2, 1300, 48000)), -40);
    host_free(a);
    host_free(b);
}
END_TEST

static int by_value(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

START_TEST(median_is_the_middle_of_the_last_values)
{
    const float lengths[] = { -5, 0, NAN, 1, 2, 3, 8, 31, 32, 1e9f };
    const int counts[] = { 1, 1, 1, 1, 2, 3, 8, 31, 32, 32 };
    fill_noise(in, 2048, 3);
    for (int l = 0; l < 10; l++) {
        struct unit_host *const h = host_new(PH_UNIT_MEDIAN, 0, 1, AR, 48000);
        host_set(h, 0, IR, lengths[l]);
        const float *const signals[2] = { NULL, in };
        float *const outs[HOST_OUTPUTS] = { out };
        stream_run(h, signals, 2, 2048, CUT_UNEVENLY, outs);
        host_free(h);
        for (int i = 40; i < 2048; i++) {
            float last[32];
            memcpy(last, in + i + 1 - counts[l], (size_t)counts[l] * sizeof(float));
            qsort(last, (size_t)counts[l], sizeof(float), by_value);
            ck_assert_float_eq(out[i], last[counts[l] / 2]);
        }
    }
}
END_TEST

START_TEST(flip_turns_every_other_frame)
{
    struct unit_host *const h = host_new(PH_UNIT_FLIP, 0, 1, AR, 48000);
    for (int i = 0; i < 640; i++)
        in[i] = 0.5f;
    stream(h, in, 640, 64, out);
    for (int i = 0; i < 640; i++)
        ck_assert_float_eq(out[i], i % 2 ? 0.5f : -0.5f);
    host_free(h);
}
END_TEST

/** The line begins with the block in which the value came, and ends where it should. */
START_TEST(var_lag_arrives_after_its_time)
{
    const float values[] = { 1.0f / 64, 0 }; /* 750 frames */
    for (int i = 0; i < N; i++)
        in[i] = i < 640 ? 0 : 1;
    struct unit_host *const h = open_with(PH_UNIT_VAR_LAG, values);
    stream(h, in, 6400, 64, out);
    ck_assert_float_eq(out[640], 0);
    ck_assert_double_eq_tol(out[640 + 375], 0.5, 1e-6);
    ck_assert_double_eq_tol(out[640 + 749], 749.0 / 750, 1e-6);
    ck_assert_double_eq_tol(out[640 + 750], 1, 1e-6);
    ck_assert_float_eq(out[640 + 751], 1);
    host_free(h);
}
END_TEST

/** On its way, twice the time is asked for: what is left takes twice as long. */
START_TEST(var_lag_stretches_what_is_left)
{
    const float values[] = { 1.0f / 32, 0 };
    for (int i = 0; i < N; i++)
        in[i] = 1;
    struct unit_host *const h = open_with(PH_UNIT_VAR_LAG, values);
    stream(h, in, 448, 64, out);
    host_set(h, 1, KR, 1.0f / 16);
    stream(h, in, 3072, 64, out + 448);
    const double level = 448 / 1500.0;
    ck_assert_double_eq_tol(out[448], level, 1e-6);
    ck_assert_double_eq_tol(out[448 + 1052], level + (1 - level) / 2, 1e-6);
    ck_assert_double_eq_tol(out[448 + 2104], 1, 1e-6);
    ck_assert_float_eq(out[448 + 2105], 1);
    host_free(h);
}
END_TEST

START_TEST(slew_never_exceeds_its_rates)
{
    const float values[] = { 100, 50 };
    fill_noise(in, N, 9);
    struct unit_host *const h = open_with(PH_UNIT_SLEW, values);
    stream(h, in, N, 64, out);
    for (int i = 1; i < N; i++) {
        const double step = (double)out[i] - (double)out[i - 1];
        ck_assert_msg(step <= 100.0 / 48000 + 1e-6 && step >= -50.0 / 48000 - 1e-6, "%d: %g", i,
                      step);
    }
    host_free(h);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("compander");
    tcase_add_test(c, compander_halves_what_is_above_its_threshold);
    tcase_add_test(c, normalizer_brings_any_level_to_its_own);
    tcase_add_test(c, amplitude_at_control_rate_sees_peaks_between_blocks);
    tcase_add_test(c, hilbert_is_a_quarter_apart_and_as_loud);
    tcase_add_test(c, freq_shift_moves_a_sine_and_leaves_no_image);
    tcase_add_test(c, median_is_the_middle_of_the_last_values);
    tcase_add_test(c, flip_turns_every_other_frame);
    tcase_add_test(c, var_lag_arrives_after_its_time);
    tcase_add_test(c, var_lag_stretches_what_is_left);
    tcase_add_test(c, slew_never_exceeds_its_rates);
    return host_run(argc, argv, "compander", c);
}
