/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_phaser.c - Phaser.                                                       */
#include "tests/server/dsp/stream.h"

enum { N = 96000 };
static float in[N], out[N], freq[N], again[N];

static struct unit_host *phaser(float freq_hz, float feedback, float stages)
{
    struct unit_host *const h = host_new(PH_UNIT_PHASER, 0, 1, AR, 48000);
    host_set(h, 1, IR, freq_hz);
    host_set(h, 2, IR, feedback);
    host_set(h, 3, IR, stages);
    return h;
}

/** Level and phase (turns behind) that a sine comes out with. */
static double sine_through(struct unit_host *h, double hz, double *late)
{
    double re = 0, im = 0;
    fill_sine(in, N, hz, 48000, 0.5);
    stream(h, in, N, 64, out);
    for (int i = N / 2; i < N; i++) { /* a second: whole periods of whole Hz */
        re += out[i] * sin(6.283185307179586 * hz * i / 48000);
        im += out[i] * cos(6.283185307179586 * hz * i / 48000);
    }
    *late = -atan2(im, re) / 6.283185307179586;
    return 4 * hypot(re, im) / (N / 2);
}

START_TEST(each_stage_passes_all_and_is_a_quarter_turn_late_at_freq)
{
    for (int stages = 2; stages <= 12; stages++) {
        double late;
        struct unit_host *h = phaser(1000, 0, (float)stages);
        ck_assert_double_eq_tol(sine_through(h, 1000, &late), 1, 1e-4);
        const double turns = late - 0.25 * stages;
        ck_assert_double_eq_tol(turns - round(turns), 0, 1e-4);
        ck_assert_double_eq_tol(sine_through(h, 100, &late), 1, 1e-4);
        ck_assert_double_eq_tol(sine_through(h, 9000, &late), 1, 1e-4);
        host_free(h);
    }
}
END_TEST

START_TEST(feedback_goes_once_around_a_frame_late)
{
    struct unit_host *const h = phaser(1000, 0.8f, 4);
    const double feedback = (double)0.8f, hz[] = { 10, 1000, 3000 };
    for (int k = 0; k < 3; k++) {
        double late, straight;
        struct unit_host *const open = phaser(1000, 0, 4);
        sine_through(open, hz[k], &straight);
        const double turn = 6.283185307179586 * (straight + hz[k] / 48000);
        const double expected = 1 / hypot(1 - feedback * cos(turn), feedback * sin(turn));
        ck_assert_double_eq_tol(sine_through(h, hz[k], &late) / expected, 1, 1e-3);
        host_free(open);
    }
    host_free(h);
}
END_TEST

START_TEST(freq_is_followed_frame_by_frame)
{
    struct unit_host *const h = phaser(1000, 0.5f, 6);
    fill_noise(in, N, 1);
    for (int i = 0; i < N; i++)
        freq[i] = 632 * powf(10, 0.5f * sinf(6.2831853f * 3 * (float)i / 48000));
    float *const outs[HOST_OUTPUTS] = { out };
    stream_run(h, (const float *const[]){ in, freq }, 2, N, 64, outs);
    double s[6] = { 0 }, y = 0; /* the same in double */
    for (int i = 0; i < N; i++) {
        const double t = tan(3.141592653589793 * freq[i] / 48000), a = (t - 1) / (t + 1);
        y = in[i] + 0.5 * y;
        for (int k = 0; k < 6; k++) {
            const double passed = a * y + s[k];
            s[k] = y - a * passed;
            y = passed;
        }
        again[i] = (float)y;
    }
    assert_close(again, out, N, "Phaser");
    host_free(h);
}
END_TEST

START_TEST(the_deepest_fastest_sweep_stays_bounded)
{
    struct unit_host *const h = phaser(1000, 0.95f, 12);
    fill_noise(in, N, 1);
    for (int i = 0; i < N; i++)
        freq[i] = i % 4800 < 2400 ? 200 : 2000;
    float *const outs[HOST_OUTPUTS] = { out };
    stream_run(h, (const float *const[]){ in, freq }, 2, N, 64, outs);
    ck_assert(all_finite(out, N));
    ck_assert_double_lt(peak(out, N), 1 / (1 - 0.95) * 2);
    host_free(h);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("phaser");
    tcase_add_test(c, each_stage_passes_all_and_is_a_quarter_turn_late_at_freq);
    tcase_add_test(c, feedback_goes_once_around_a_frame_late);
    tcase_add_test(c, freq_is_followed_frame_by_frame);
    tcase_add_test(c, the_deepest_fastest_sweep_stays_bounded);
    return host_run(argc, argv, "phaser", c);
}
