/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_resonator.c - what rings, against the formulas it is written from.       */
#include "tests/server/dsp/stream.h"

enum { N = 96000 };
static const double tau = 6.283185307179586;
static float in[N], out[N];

static void run(enum ph_unit id, float a, float b, float c)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, 48000);
    host_set(h, 1, IR, a);
    host_set(h, 2, IR, b);
    if (ph_units[id].n_inputs > 3)
        host_set(h, 3, IR, c);
    stream(h, in, N, 64, out);
    host_free(h);
}

/** y = x + b1 y1 + b2 y2 in double; what comes out of it is gain * (y - y2). */
static void ring_double(double hz, double radius, double gain, double *y)
{
    const double r2 = radius * radius, b1 = 4 * r2 * cos(tau * hz / 48000) / (1 + r2);
    double y1 = 0, y2 = 0;
    for (int i = 0; i < N; i++) {
        const double y0 = in[i] + b1 * y1 - r2 * y2;
        y[i] = gain * (y0 - y2);
        y2 = y1;
        y1 = y0;
    }
}

static double error_db(const double *want)
{
    double difference = 0, level = 0;
    for (int i = 0; i < N; i++) {
        difference += (out[i] - want[i]) * (out[i] - want[i]);
        level += want[i] * want[i];
    }
    return 10 * log10(difference / level + 1e-30);
}

/** Two seconds into a ring of ten, the last bits of its frequency would be heard as phase. */
START_TEST(a_long_ring_keeps_its_phase)
{
    static double want[N];
    const float hz[] = { 40, 1000, 11000, 20000 };
    fill_impulse(in, N);
    run(PH_UNIT_RINGZ, hz[_i], 10, 0);
    ring_double((double)hz[_i], pow(0.001, 1.0 / (10 * 48000)), 0.5, want);
    ck_assert_double_lt(error_db(want), -90);
}
END_TEST

START_TEST(a_ring_loses_60_db_in_its_time)
{
    fill_impulse(in, N);
    run(PH_UNIT_RINGZ, 1000, 1, 0);
    ck_assert_double_eq_tol(to_db(peak(out + 48000, 100) / peak(out, 100)), -60, 0.1);
}
END_TEST

START_TEST(resonz_passes_its_frequency_with_gain_1)
{
    for (float hz = 50; hz < 20000; hz *= 3) {
        fill_sine(in, N, (double)hz, 48000, 0.5);
        run(PH_UNIT_RESONZ, hz, 0.1f, 0);
        ck_assert_double_eq_tol(to_db(level_at(out + N / 2, N / 2, (double)hz, 48000) / 0.5), 0,
                                0.02);
    }
}
END_TEST

START_TEST(brf_takes_its_frequency_away_and_mid_eq_raises_it)
{
    fill_sine(in, N, 1000, 48000, 0.5);
    run(PH_UNIT_BRF, 1000, 0.3f, 0);
    ck_assert_double_lt(to_db(peak(out + N / 2, N / 2)), -90);
    run(PH_UNIT_MID_EQ, 1000, 0.3f, 9);
    ck_assert_double_eq_tol(to_db(level_at(out + N / 2, N / 2, 1000, 48000) / 0.5), 9, 0.02);
}
END_TEST

START_TEST(formlet_rises_and_falls)
{
    fill_impulse(in, N);
    run(PH_UNIT_FORMLET, 1000, 0.01f, 0.5f);
    ck_assert_double_lt(peak(out, 20), 0.5 * peak(out + 300, 300));
    ck_assert_double_eq_tol(to_db(peak(out + 24600, 100) / peak(out + 600, 100)), -60, 0.2);
}
END_TEST

/** There its loop gives back what the poles take away, no less and no more. */
START_TEST(moog_ff_sustains_at_gain_4)
{
    fill_impulse(in, N);
    run(PH_UNIT_MOOG_FF, 1000, 4, 0);
    ck_assert_double_eq_tol(to_db(rms(out + N - 4800, 4800) / rms(out + 4800, 4800)), 0, 0.1);
    ck_assert_double_gt(to_db(level_at(out + N / 2, N / 2, 1000, 48000) / peak(out + N / 2, N / 2)),
                        -1);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("resonator");
    tcase_add_loop_test(c, a_long_ring_keeps_its_phase, 0, 4);
    tcase_add_test(c, a_ring_loses_60_db_in_its_time);
    tcase_add_test(c, resonz_passes_its_frequency_with_gain_1);
    tcase_add_test(c, brf_takes_its_frequency_away_and_mid_eq_raises_it);
    tcase_add_test(c, formlet_rises_and_falls);
    tcase_add_test(c, moog_ff_sustains_at_gain_4);
    return host_run(argc, argv, "resonator", c);
}
