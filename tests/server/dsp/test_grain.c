/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_grain.c - Granular and GrainShift: windows, places, pitch.               */
#include "tests/server/dsp/stream.h"

static const float rate_hz = 48000;
static const double tau = 6.283185307179586;
enum { N = 480000, SECOND = 48000 };
static float in[N], x[N];

static void granular(float pitch, float size, float density)
{
    struct unit_host *const h = host_new(PH_UNIT_GRANULAR, 0, 1, AR, rate_hz);
    host_set(h, 1, IR, pitch);
    host_set(h, 2, IR, size);
    host_set(h, 3, IR, density);
    stream(h, in, N, 64, x);
    host_free(h);
}

static void fill(float value)
{
    for (int i = 0; i < N; i++)
        in[i] = value;
}

/** Once the ring is full of ones, a grain is its window. */
START_TEST(at_density_0_grains_follow_each_other_under_hann_windows)
{
    const int size = 4800;
    fill(1);
    granular(1, 0.1f, 0);
    for (int i = 2 * SECOND; i < N; i++)
        ck_assert_double_eq_tol(x[i], 0.5 - 0.5 * cos(tau * (i % size) / size), 1e-4);
}
END_TEST

START_TEST(a_grain_starts_every_size_over_1_plus_7_density)
{
    static const float densities[] = { 1, 3 / 7.0f, 0.5f };
    static const double overlaps[] = { 8, 4, 4.5 };
    fill(1);
    for (int d = 0; d < 3; d++) {
        granular(1, 0.1f, densities[d]);
        double sum = 0;
        for (int i = 2 * SECOND; i < N; i++)
            sum += x[i];
        /* the windows' mean is a half; the sum is divided by the root of the overlap */
        ck_assert_double_eq_tol(sum / (N - 2 * SECOND), 0.5 * sqrt(overlaps[d]), 2e-3);
        if (overlaps[d] == floor(overlaps[d])) /* whole overlaps of Hann windows are flat */
            for (int i = 2 * SECOND; i < N; i++)
                ck_assert_double_eq_tol(x[i], 0.5 * sqrt(overlaps[d]), 2e-3);
    }
}
END_TEST

/** The input counts frames: what a grain plays says where it was read. */
static void count_frames(void)
{
    for (int i = 0; i < N; i++)
        in[i] = (float)i;
}

START_TEST(grains_start_evenly_in_the_last_second)
{
    const int size = 480;
    double sum = 0, least = 1e9, most = 0, n = 0;
    count_frames();
    granular(1, 0.01f, 0);
    for (int start = 2 * SECOND; start + size < N; start += size, n++) {
        const double back = start + size / 2 - (double)x[start + size / 2];
        sum += back;
        least = fmin(least, back);
        most = fmax(most, back);
    }
    ck_assert_double_ge(least, 2);
    ck_assert_double_le(most, SECOND + 1);
    ck_assert_double_lt(least, 0.02 * SECOND);
    ck_assert_double_gt(most, 0.98 * SECOND);
    ck_assert_double_eq_tol(sum / n, SECOND / 2, 3 * SECOND / sqrt(12 * n));
}
END_TEST

START_TEST(grains_go_at_their_rate_and_never_past_the_present)
{
    static const float pitches[] = { 0.1f, 0.5f, 1, 2, 4 };
    count_frames();
    for (int p = 0; p < 5; p++) {
        const int size = 24000;
        granular(pitches[p], 0.5f, 0);
        for (int start = 2 * SECOND; start + size < N; start += size) {
            double at[2];
            for (int half = 0; half < 2; half++) { /* frames where the window is the same */
                const int i = start + (half ? 3 * size / 4 : size / 4);
                at[half] = x[i] / 0.5;
                ck_assert_double_lt(at[half], i);
            }
            ck_assert_double_eq_tol((at[1] - at[0]) / (size / 2), pitches[p], 2e-3);
        }
    }
}
END_TEST

START_TEST(granular_forgets_what_was_not_finite)
{
    fill(0.5f);
    for (int i = 1000; i < 1100; i++)
        in[i] = i % 2 ? NAN : INFINITY;
    granular(1, 0.05f, 1);
    ck_assert(all_finite(x, N));
}
END_TEST

/** More grains than there are places are left out; nothing else happens. */
START_TEST(granular_holds_no_more_than_64_grains)
{
    static float size[SECOND];
    struct unit_host *const h = host_new(PH_UNIT_GRANULAR, 0, 1, AR, rate_hz);
    const float *const signals[] = { in, NULL, size };
    float *const outs[HOST_OUTPUTS] = { x };
    host_set(h, 1, IR, 1);
    host_set(h, 3, IR, 1);
    fill(1);
    for (int i = 0; i < SECOND; i++) /* grains start while the size is long or short */
        size[i] = i % 30 ? 0.5f : 0.005f;
    stream_run(h, signals, 3, SECOND, 64, outs);
    ck_assert(all_finite(x, SECOND));
    ck_assert_double_le(peak(x, SECOND), 64 / sqrt(8));
    host_free(h);
}
END_TEST

static void shift(float semitones)
{
    struct unit_host *const h = host_new(PH_UNIT_GRAIN_SHIFT, 0, 1, AR, rate_hz);
    host_set(h, 1, IR, semitones);
    stream(h, in, 4 * SECOND, 64, x);
    host_free(h);
}

START_TEST(a_shift_of_0_only_delays)
{
    fill_noise(in, 4 * SECOND, 3);
    shift(0);
    for (int i = 8; i < 4 * SECOND; i++)
        ck_assert_double_eq_tol(x[i], in[i - 8], 1e-5);
}
END_TEST

/** A sine comes out at its frequency times the ratio, at its level, with little beside it. */
START_TEST(a_shifted_sine_is_in_tune_and_clean)
{
    static const float shifts[] = { 12, 7, -5, 3.3f, -12, 24, -24, 36, -36 };
    static const double freqs[] = { 450, 333.3, 1000, 101, 2793.8 };
    const float *const tail = x + 2 * SECOND;
    for (int f = 0; f < 5; f++) {
        const double hz = freqs[f] * exp2(shifts[_i] / 12);
        if (hz > 15000)
            continue;
        fill_sine(in, 4 * SECOND, freqs[f], rate_hz, 0.5);
        shift(shifts[_i]);
        const double level = level_at(tail, 2 * SECOND, hz, rate_hz), all = rms(tail, 2 * SECOND);
        ck_assert_msg(fabs(to_db(level / 0.5)) < 0.5, "%g Hz %+g: level %g dB", freqs[f],
                      (double)shifts[_i], to_db(level / 0.5));
        const double beside = sqrt(fmax(all * all - level * level / 2, 0));
        ck_assert_msg(to_db(beside / all) < -24, "%g Hz %+g: %g dB beside it", freqs[f],
                      (double)shifts[_i], to_db(beside / all));
    }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("grain");
    tcase_add_test(c, at_density_0_grains_follow_each_other_under_hann_windows);
    tcase_add_test(c, a_grain_starts_every_size_over_1_plus_7_density);
    tcase_add_test(c, grains_start_evenly_in_the_last_second);
    tcase_add_test(c, grains_go_at_their_rate_and_never_past_the_present);
    tcase_add_test(c, granular_forgets_what_was_not_finite);
    tcase_add_test(c, granular_holds_no_more_than_64_grains);
    tcase_add_test(c, a_shift_of_0_only_delays);
    tcase_add_loop_test(c, a_shifted_sine_is_in_tune_and_clean, 0, 9);
    return host_run(argc, argv, "grain", c);
}
