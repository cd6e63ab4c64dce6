/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_taps.c - MultiTap, PingPong, TapeDelay.                                  */
#include "tests/server/dsp/stream.h"

enum { N = 48000 };
static float in[N], out[N], right[N], moving[N];

/** Inputs from 1 on, all constant. */
static struct unit_host *taps_new(enum ph_unit id, const float *values, uint32_t n)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, 48000);
    for (uint32_t i = 0; i < n; i++)
        host_set(h, 1 + i, IR, values[i]);
    return h;
}

static struct unit_host *multi_tap(float time, float taps, float feedback)
{
    return taps_new(PH_UNIT_MULTI_TAP, (const float[]){ 0.5f, time, taps, feedback }, 4);
}
static struct unit_host *ping_pong(float time, float feedback, float width, float start)
{
    return taps_new(PH_UNIT_PING_PONG, (const float[]){ 0.5f, time, feedback, width, start }, 5);
}
static struct unit_host *tape(float time, float sway, float feedback, float saturation)
{
    return taps_new(PH_UNIT_TAPE_DELAY, (const float[]){ 0.5f, time, sway, feedback, saturation },
                    5);
}

/** Both outputs. */
static void stream_both(struct unit_host *h, const float *x, uint32_t n)
{
    float *const outs[HOST_OUTPUTS] = { out, right };
    stream_run(h, &x, 1, n, 64, outs);
}

START_TEST(tap_k_comes_k_times_later_at_one_kth_of_the_level)
{
    for (int n_taps = 2; n_taps <= 8; n_taps++) {
        struct unit_host *const h = multi_tap(0.1f, (float)n_taps, 0);
        fill_impulse(in, N);
        stream(h, in, N, 64, out);
        for (int k = 1; k <= n_taps; k++) {
            ck_assert_double_eq_tol(out[4800 * k], 1.0 / (k * n_taps), 1e-6);
            out[4800 * k] = 0;
        }
        ck_assert_double_eq(peak(out, N), 0);
        host_free(h);
    }
}
END_TEST

START_TEST(multi_tap_feeds_its_average_back)
{
    struct unit_host *const h = multi_tap(0.01f, 3, 0.6f);
    fill_impulse(in, N);
    stream(h, in, N, 64, out);
    double expected[20] = { 1 }; /* what is written, every 480 frames */
    for (int turn = 1; turn < 20; turn++) {
        double average = 0;
        for (int k = 1; k <= 3 && k <= turn; k++)
            average += expected[turn - k] / (3 * k);
        expected[turn] = 0.6 * average;
        ck_assert_double_eq_tol(out[480 * turn], average, 1e-6);
    }
    host_free(h);
}
END_TEST

START_TEST(ping_pong_goes_from_side_to_side)
{
    for (int start = 0; start < 2; start++) {
        struct unit_host *const h = ping_pong(0.1f, 0.5f, 1, (float)start);
        fill_impulse(in, N);
        stream_both(h, in, N);
        for (int turn = 1; turn < 10; turn++) {
            float *const side = (turn + start) % 2 ? out : right;
            ck_assert_double_eq_tol(side[4800 * turn], pow(0.5, turn - 1), 1e-6);
            side[4800 * turn] = 0;
        }
        ck_assert_double_eq(peak(out, N), 0);
        ck_assert_double_eq(peak(right, N), 0);
        host_free(h);
    }
}
END_TEST

START_TEST(width_draws_the_sides_together)
{
    const float widths[] = { 0, 0.4f, 0.8f };
    for (int k = 0; k < 3; k++) {
        struct unit_host *const h = ping_pong(0.1f, 0.5f, widths[k], 0);
        fill_impulse(in, N);
        stream_both(h, in, N);
        ck_assert_double_eq_tol(out[4800], 0.5 * (1 + widths[k]), 1e-6);
        ck_assert_double_eq_tol(right[4800], 0.5 * (1 - widths[k]), 1e-6);
        host_free(h);
    }
}
END_TEST

START_TEST(tape_keeps_the_level_of_small_signals_and_takes_treble)
{
    struct unit_host *h = tape(0.1f, 0, 0.5f, 1);
    memset(in, 0, sizeof in);
    in[0] = 1e-3f;
    stream(h, in, N, 64, out);
    for (int turn = 1; turn < 6; turn++) { /* the sum over an echo is its level at 0 Hz */
        double sum = 0;
        for (int i = -100; i < 2000; i++)
            sum += out[4800 * turn + i];
        ck_assert_double_eq_tol(sum, 1e-3 * pow(0.5, turn - 1), 1e-6);
    }
    host_free(h);
    h = tape(0.1f, 0, 0, 0);
    const double hz[] = { 100, 5000, 15000 };
    for (int k = 0; k < 3; k++) {
        fill_sine(in, N, hz[k], 48000, 1e-3);
        stream(h, in, N, 64, out);
        const double w = 6.283185307 * hz[k] / 48000, a = exp(-6.283185307 * 5000 / 48000);
        const double gain = (1 - a) / sqrt(1 - 2 * a * cos(w) + a * a); /* of the one-pole */
        ck_assert_double_eq_tol(level_at(out + 9600, 24000, hz[k], 48000), 1e-3 * gain, 2e-6);
    }
    host_free(h);
}
END_TEST

START_TEST(tape_saturates_at_its_drive)
{
    const float saturations[] = { 0, 0.3f, 1 };
    for (int k = 0; k < 3; k++) {
        struct unit_host *const h = tape(0.01f, 0, 0, saturations[k]);
        for (int i = 0; i < N; i++)
            in[i] = 0.8f;
        stream(h, in, 4800, 64, out);
        const double drive = 1 + 3 * saturations[k];
        ck_assert_double_eq_tol(out[4000], tanh(drive * in[0]) / drive, 1e-5);
        host_free(h);
    }
}
END_TEST

START_TEST(sway_moves_the_tape_at_once)
{
    struct unit_host *const h = tape(0.01f, 0.001f, 0, 0);
    fill_impulse(in, N);
    stream(h, in, 1024, 64, out);
    ck_assert_double_eq(peak(out, 527), 0);
    ck_assert_float_gt(out[528], 0.3f);
    host_free(h);
}
END_TEST

START_TEST(a_time_that_jumps_bends_and_arrives)
{
    for (int k = 0; k < 3; k++) {
        struct unit_host *const h = k == 0   ? multi_tap(0.021f, 2, 0)
                                    : k == 1 ? ping_pong(0.021f, 0, 1, 0)
                                             : tape(0.021f, 0, 0, 0);
        fill_sine(in, N, 100, 48000, 0.5);
        for (int i = 0; i < N; i++)
            moving[i] = i < 9648 ? 0.021f : 0.02f; /* while the line passes 0 */
        const float *const signals[3] = { in, NULL, moving };
        float *const outs[HOST_OUTPUTS] = { out };
        stream_run(h, signals, 3, N, 64, outs);
        double steepest = 0;
        for (int i = 4800; i < N; i++)
            steepest = fmax(steepest, fabs((double)out[i] - out[i - 1]));
        /* 48 frames in 20 ms, twice that at a second tap: a tenth of the sine's own slope */
        ck_assert_double_lt(steepest, 1.1 * 0.5 * 6.2832 * 100 / 48000);
        const float *const settled[3] = { in, NULL, moving + 12000 };
        memset(in, 0, sizeof in);
        stream_run(h, settled, 3, 36000, 64, outs); /* until the line is silent */
        in[0] = 0.01f;
        stream_run(h, settled, 3, 2048, 64, outs);
        int first = 0;
        while (fabsf(out[first]) < 1e-4f)
            first++;
        ck_assert_int_eq(first, 960);
        host_free(h);
    }
}
END_TEST

START_TEST(what_is_no_number_does_not_stay)
{
    const enum ph_unit ids[] = { PH_UNIT_MULTI_TAP, PH_UNIT_PING_PONG, PH_UNIT_TAPE_DELAY,
                                 PH_UNIT_PLATE, PH_UNIT_LUSH, PH_UNIT_DIFFUSER, PH_UNIT_PHASER };
    const float bad[] = { NAN, INFINITY, -INFINITY, 3e38f };
    struct unit_host *const h = host_new(ids[_i], 0, 1, AR, 48000);
    for (uint32_t i = 0; i < ph_units[ids[_i]].n_inputs; i++)
        host_set(h, i, i == 0 ? AR : IR, ph_units[ids[_i]].inputs[i].initial);
    fill_noise(in, N, 1);
    for (int i = 0; i < 400; i++)
        in[1000 + i] = bad[i % 4];
    stream(h, in, N, 64, out);
    for (int i = 0; i < N; i++)
        REQUIRE(isfinite(out[i]), "%s: frame %d", ph_units[ids[_i]].name, i);
    ck_assert_double_gt(rms(out + N / 2, N / 2), 0.05);
    host_free(h);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("taps");
    tcase_add_test(c, tap_k_comes_k_times_later_at_one_kth_of_the_level);
    tcase_add_test(c, multi_tap_feeds_its_average_back);
    tcase_add_test(c, ping_pong_goes_from_side_to_side);
    tcase_add_test(c, width_draws_the_sides_together);
    tcase_add_test(c, tape_keeps_the_level_of_small_signals_and_takes_treble);
    tcase_add_test(c, tape_saturates_at_its_drive);
    tcase_add_test(c, sway_moves_the_tape_at_once);
    tcase_add_test(c, a_time_that_jumps_bends_and_arrives);
    tcase_add_loop_test(c, what_is_no_number_does_not_stay, 0, 7);
    return host_run(argc, argv, "taps", c);
}
