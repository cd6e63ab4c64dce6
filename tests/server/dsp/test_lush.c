/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_lush.c - Lush.                                                           */
#include "tests/server/dsp/decay.h"

enum { N = 48000 * 12 };
static float in[N], left[N], right[N], freeze[N];

static struct unit_host *lush(float decay, float damping, float spin, float wander, float rate)
{
    const float knobs[] = { decay, 0.7f, damping, spin, wander, 0 };
    struct unit_host *const h = host_new(PH_UNIT_LUSH, 0, 1, AR, rate);
    for (uint32_t i = 0; i < 6; i++)
        host_set(h, 2 + i, IR, knobs[i]);
    return h;
}

/** The same signal to both sides; `frozen` (may be NULL) to freeze. */
static void render(struct unit_host *h, const float *frozen, uint32_t n)
{
    const float *const signals[8] = { in, in, [7] = frozen };
    float *const outs[HOST_OUTPUTS] = { left, right };
    stream_run(h, signals, 8, n, 64, outs);
    host_free(h);
}

START_TEST(decay_is_in_seconds_at_any_rate)
{
    const float rates[] = { 44100, 48000, 96000 };
    const float seconds[] = { 0.4f, 1, 2, 5 };
    fill_impulse(in, N);
    for (int r = 0; r < 3; r++)
        for (int k = 0; k < 4; k++) {
            render(lush(seconds[k], 0, 0, 0, rates[r]), NULL, N);
            /* every line loses as many dB a second: what is left is how the slope is fitted */
            ck_assert_double_eq_tol(decay_seconds_of(left, N, rates[r]), seconds[k],
                                    0.03 * seconds[k]);
            ck_assert_double_eq_tol(decay_seconds_of(right, N, rates[r]), seconds[k],
                                    0.03 * seconds[k]);
        }
}
END_TEST

START_TEST(damping_shortens_treble_and_leaves_bass)
{
    double fall[2][2]; /* [damping][frequency]: dB in half a second, once the lines are mixed */
    const double hz[2] = { 200, 6000 };
    for (int d = 0; d < 2; d++)
        for (int f = 0; f < 2; f++) {
            memset(in, 0, sizeof in);
            for (int i = 0; i < 48000; i++) /* fades in and out: no click that rings on */
                in[i] = (float)(sin(3.141592654 * i / 48000) *
                                sin(6.283185307 * hz[f] * i / 48000));
            render(lush(3, d ? 0.5f : 0, 1, 1, 48000), NULL, 144000);
            fall[d][f] = to_db(rms(left + 57600, 9600) / rms(left + 81600, 9600));
        }
    /* the one-pole's loss at 6 kHz, once in a line of 2528 frames on the average */
    const double keep = 0.45, w = 6.283185307 * 6000 / 48000;
    const double loss = -to_db((1 - keep) / sqrt(1 - 2 * keep * cos(w) + keep * keep));
    ck_assert_double_eq_tol(fall[1][0], fall[0][0], 1);
    ck_assert_double_eq_tol(fall[1][1] - fall[0][1], loss * 24000 / 2528, 3);
}
END_TEST

START_TEST(sides_are_alike_in_level_and_have_nothing_in_common)
{
    fill_noise(in, N, 3);
    render(lush(2, 0.3f, 0.3f, 0.2f, 48000), NULL, 480000);
    ck_assert_double_eq_tol(to_db(rms(left, 480000) / rms(right, 480000)), 0, 0.5);
    ck_assert_double_lt(fabs(correlation(left + 48000, right + 48000, 432000)), 0.05);
    ck_assert_double_eq_tol(to_db(rms(left + 240000, 240000) / rms(in, 480000)), 0, 6);
}
END_TEST

START_TEST(frozen_it_keeps_its_level_for_good_and_hears_nothing_new)
{
    fill_noise(in, 96000, 3);
    memset(in + 96000, 0, sizeof in - 96000 * sizeof(float));
    for (int i = N / 2; i < N; i++) /* loud, and not heard */
        in[i] = i % 100 ? 0 : 1;
    for (int i = 0; i < N; i++)
        freeze[i] = i >= 72000 ? 1 : 0;
    render(lush(1, 0.5f, 1, 1, 48000), freeze, N);
    const double early = rms(left + 96000, 96000), late = rms(left + N - 96000, 96000);
    ck_assert_double_gt(early, 0.05);
    /* energy wanders between the two sides' lines: both together hold it */
    const double both[2] = { hypot(early, rms(right + 96000, 96000)),
                             hypot(late, rms(right + N - 96000, 96000)) };
    ck_assert_double_eq_tol(to_db(both[1] / both[0]), 0, 0.05);
}
END_TEST

START_TEST(thawed_it_decays_as_before)
{
    fill_noise(in, 48000, 3);
    memset(in + 48000, 0, sizeof in - 48000 * sizeof(float));
    for (int i = 0; i < N; i++)
        freeze[i] = i >= 40000 && i < 192000 ? 1 : 0;
    render(lush(1, 0, 0, 0, 48000), freeze, N);
    /* 0.1 s around each place: dB of 0.5 s at 60 a second */
    const double fall = to_db(rms(left + 196800, 9600) / rms(left + 220800, 9600));
    ck_assert_double_eq_tol(fall, 30, 2);
}
END_TEST

START_TEST(freezing_does_not_click)
{
    fill_sine(in, N, 110, 48000, 0.3);
    for (int i = 0; i < N; i++)
        freeze[i] = i % 48000 >= 24000 ? 1 : 0;
    render(lush(2, 0.3f, 1, 1, 48000), freeze, 480000);
    double steepest = 0;
    for (int i = 24000; i < 480000; i++)
        steepest = fmax(steepest, fabs((double)left[i] - left[i - 1]));
    /* a sine of this peak would be as steep; the delays' swing and the fade add less than that */
    ck_assert_double_lt(steepest, 2 * peak(left, 480000) * 6.2832 * 110 / 48000);
}
END_TEST

START_TEST(spin_and_wander_bend_the_pitch)
{
    const float depths[3][2] = { { 0, 0 }, { 1, 0 }, { 0, 1 } };
    double others[3];
    for (int k = 0; k < 3; k++) {
        fill_sine(in, N, 1000, 48000, 0.5);
        render(lush(1, 0, depths[k][0], depths[k][1], 48000), NULL, 288000);
        const double tone = level_at(left + 96000, 192000, 1000, 48000);
        others[k] = sqrt(fmax(2 * pow(rms(left + 96000, 192000), 2) - tone * tone, 0)) / tone;
    }
    ck_assert_double_lt(others[0], 0.02);
    ck_assert_double_gt(others[1], 0.1);
    ck_assert_double_gt(others[2], 0.1);
}
END_TEST

START_TEST(no_knob_makes_it_grow)
{
    for (int k = 0; k < 8; k++) {
        fill_noise(in, 48000, 7);
        memset(in + 48000, 0, sizeof in - 48000 * sizeof(float));
        render(lush(100, (float)(k & 1), (float)(k >> 1 & 1), (float)(k >> 2), 48000), NULL, N);
        ck_assert_double_lt(rms(left + N - 96000, 96000), rms(left + 96000, 96000));
        ck_assert_double_lt(peak(left, N), 10);
    }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("lush");
    tcase_add_test(c, decay_is_in_seconds_at_any_rate);
    tcase_add_test(c, damping_shortens_treble_and_leaves_bass);
    tcase_add_test(c, sides_are_alike_in_level_and_have_nothing_in_common);
    tcase_add_test(c, frozen_it_keeps_its_level_for_good_and_hears_nothing_new);
    tcase_add_test(c, thawed_it_decays_as_before);
    tcase_add_test(c, freezing_does_not_click);
    tcase_add_test(c, spin_and_wander_bend_the_pitch);
    tcase_add_test(c, no_knob_makes_it_grow);
    return host_run(argc, argv, "lush", c);
}
