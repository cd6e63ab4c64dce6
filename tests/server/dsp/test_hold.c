/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_hold.c - Coarse, Squeeze: held frames, squeezed waves, faults.           */
#include "tests/server/dsp/stream.h"

enum { N = 9600 };
static float in[N], second[N], out[N], again[N];

static void run(enum ph_unit id, float factor, uint32_t part, float *to)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, 48000);
    host_set(h, 1, IR, factor);
    stream(h, in, N, part, to);
    host_free(h);
}

START_TEST(coarse_holds_every_nth_frame)
{
    const int factors[] = { 1, 2, 3, 7, 64, 100, 1000 };
    fill_noise(in, N, 1);
    for (int k = 0; k < 7; k++) {
        run(PH_UNIT_COARSE, (float)factors[k], CUT_UNEVENLY, out);
        for (int i = 0; i < N; i++)
            ck_assert_float_eq(out[i], in[i / factors[k] * factors[k]]);
    }
}
END_TEST

START_TEST(coarse_carries_fractions_on)
{
    int steps = 0;
    fill_noise(in, N, 2);
    run(PH_UNIT_COARSE, 2.5f, CUT_UNEVENLY, out);
    for (int i = 0; i < N; i++) /* frames 0, 2, 5, 7, 10 ... are due */
        ck_assert_float_eq(out[i], in[i % 5 < 2 ? i - i % 5 : i - i % 5 + 2]);
    run(PH_UNIT_COARSE, 4.8f, CUT_UNEVENLY, out);
    for (int i = 1; i < N; i++)
        steps += out[i] != out[i - 1];
    ck_assert_int_eq(steps + 1, 2000); /* 9600 / 4.8: 10 kHz of 48 */
}
END_TEST

START_TEST(coarse_factor_may_move)
{
    struct unit_host *const h = host_new(PH_UNIT_COARSE, 0, 1, AR, 48000);
    const float *const signals[2] = { in, second };
    float *const outs[HOST_OUTPUTS] = { out };
    for (int i = 0; i < N; i++) {
        in[i] = (float)i;
        second[i] = i < 1000 ? 1e9f : 10;
    }
    stream_run(h, signals, 2, N, CUT_UNEVENLY, outs);
    ck_assert_float_eq(out[999], 0);
    for (int i = 1010; i < N; i++) /* the long wait is over at once */
        ck_assert(i - (int)out[i] < 10 && (int)out[i] % 10 == (int)out[1010] % 10);
    host_free(h);
}
END_TEST

START_TEST(squeeze_raises_a_tone_by_its_factor)
{
    for (int factor = 2; factor <= 4; factor++) {
        fill_sine(in, N, 150, 48000, 0.5); /* 320 frames */
        run(PH_UNIT_SQUEEZE, (float)factor, CUT_UNEVENLY, out);
        ck_assert_double_eq_tol(level_at(out + 4800, 4800, 150 * factor, 48000), 0.5, 0.01);
        ck_assert_double_lt(level_at(out + 4800, 4800, 150, 48000), 0.01);
    }
}
END_TEST

START_TEST(squeeze_plays_each_wave_in_the_time_of_the_next)
{
    for (int i = 0; i < N; i++) /* waves of 100 frames, each of its own level */
        in[i] = (float)(1 + i / 100) * (i % 100 < 50 ? 1 : -1);
    run(PH_UNIT_SQUEEZE, 2, 64, out);
    for (int i = 200; i < N; i++)
        ck_assert_float_eq(out[i], (float)(i / 100) * (i % 50 < 25 ? 1 : -1));
}
END_TEST

START_TEST(factor_1_is_the_signal)
{
    fill_noise(in, N, 3);
    run(PH_UNIT_SQUEEZE, 1, 64, out);
    assert_same(in, out, N, "squeeze");
    run(PH_UNIT_COARSE, 1, 64, out);
    assert_same(in, out, N, "coarse");
}
END_TEST

START_TEST(the_block_size_does_not_show)
{
    const enum ph_unit id = _i ? PH_UNIT_COARSE : PH_UNIT_SQUEEZE;
    fill_noise(in, N, 4);
    run(id, 3.7f, 64, out);
    run(id, 3.7f, CUT_UNEVENLY, again);
    assert_same(out, again, N, ph_units[id].name);
}
END_TEST

START_TEST(faults_pass)
{
    const float values[] = { 0, -1, 1e-30f, 1e30f, NAN, INFINITY, -INFINITY };
    const enum ph_unit id = _i ? PH_UNIT_COARSE : PH_UNIT_SQUEEZE;
    for (int k = 0; k < 7; k++) {
        struct unit_host *const h = host_new(id, 0, 1, AR, 48000);
        host_set(h, 1, KR, values[k]);
        fill_noise(in, N, 5);
        in[100] = NAN;
        in[101] = INFINITY;
        stream(h, in, 640, 64, out);
        host_set(h, 1, KR, 4);
        stream(h, in + 640, N - 640, 64, out);
        ck_assert(all_finite(out, N - 640));
        ck_assert_double_gt(rms(out + 4800, 2400), 0.1);
        host_free(h);
    }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("hold");
    tcase_add_test(c, coarse_holds_every_nth_frame);
    tcase_add_test(c, coarse_carries_fractions_on);
    tcase_add_test(c, coarse_factor_may_move);
    tcase_add_test(c, squeeze_raises_a_tone_by_its_factor);
    tcase_add_test(c, squeeze_plays_each_wave_in_the_time_of_the_next);
    tcase_add_test(c, factor_1_is_the_signal);
    tcase_add_loop_test(c, the_block_size_does_not_show, 0, 2);
    tcase_add_loop_test(c, faults_pass, 0, 2);
    return host_run(argc, argv, "hold", c);
}
