/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_plate.c - Plate.                                                         */
#include "tests/server/dsp/decay.h"

enum { N = 48000 * 12 };
static float in[N], left[N], right[N], again[N];

static struct unit_host *plate(float decay, float diffusion, float damping, float swing, float rate)
{
    const float knobs[] = { decay, diffusion, damping, swing };
    struct unit_host *const h = host_new(PH_UNIT_PLATE, 0, 1, AR, rate);
    for (uint32_t i = 0; i < 4; i++)
        host_set(h, 2 + i, IR, knobs[i]);
    return h;
}

static void render(struct unit_host *h, const float *a, const float *b, uint32_t n)
{
    float *const outs[HOST_OUTPUTS] = { left, right };
    stream_run(h, (const float *const[]){ a, b }, 2, n, 64, outs);
    host_free(h);
}

START_TEST(decay_is_in_seconds_at_any_rate)
{
    const float rates[] = { 44100, 48000, 96000 };
    const float seconds[] = { 1, 2, 4 };
    fill_impulse(in, N);
    for (int r = 0; r < 3; r++)
        for (int k = 0; k < 3; k++) {
            render(plate(seconds[k], 0.7f, 0, 0.3f, rates[r]), in, in, N);
            /* modes differ: the tank's all-passes are a half of it, and delay each frequency
             * otherwise, so that the mean group delay tells the decay to a seventh */
            ck_assert_double_eq_tol(decay_seconds_of(left, N, rates[r]), seconds[k],
                                    seconds[k] / 7);
            ck_assert_double_eq_tol(decay_seconds_of(right, N, rates[r]), seconds[k],
                                    seconds[k] / 7);
        }
}
END_TEST

START_TEST(without_diffusion_every_turn_loses_what_decay_says)
{
    fill_impulse(in, N);
    render(plate(2, 0, 0, 0, 48000), in, in, N);
    ck_assert_double_eq_tol(decay_seconds_of(left, N, 48000), 2, 0.02);
}
END_TEST

START_TEST(sides_are_alike_in_level_and_have_nothing_in_common)
{
    fill_noise(in, N, 3);
    render(plate(2, 0.7f, 0.3f, 0.3f, 48000), in, in, 480000);
    ck_assert_double_eq_tol(to_db(rms(left, 480000) / rms(right, 480000)), 0, 0.5);
    ck_assert_double_lt(fabs(correlation(left + 48000, right + 48000, 432000)), 0.05);
    ck_assert_double_eq_tol(to_db(rms(left + 240000, 240000) / rms(in, 480000)), 0, 3);
}
END_TEST

START_TEST(damping_shortens_treble_and_leaves_bass)
{
    double fall[2][2]; /* [damping][frequency]: dB from 0.5 to 1.5 s after the sound ends */
    const double hz[2] = { 200, 6000 };
    for (int d = 0; d < 2; d++)
        for (int f = 0; f < 2; f++) {
            memset(in, 0, sizeof in);
            fill_sine(in, 48000, hz[f], 48000, 0.5);
            render(plate(3, 0.7f, d ? 0.5f : 0, 1, 48000), in, in, 144000);
            fall[d][f] = to_db(rms(left + 72000, 4800) / rms(left + 120000, 4800));
        }
    /* the one-pole's loss at 6 kHz, once in half a tank of 10645 to 10944 table frames */
    const double keep = pow(0.475, 29761 / 48000.0), w = 6.283185307 * 6000 / 48000;
    const double loss = -to_db((1 - keep) / sqrt(1 - 2 * keep * cos(w) + keep * keep));
    ck_assert_double_eq_tol(fall[1][0], fall[0][0], 2);
    ck_assert_double_eq_tol(fall[1][1] - fall[0][1], loss * 29761 / 10800, 3);
}
END_TEST

START_TEST(the_mean_of_both_sides_enters)
{
    static const float silence[N];
    fill_noise(in, N, 5);
    render(plate(1, 0.7f, 0.3f, 0.3f, 48000), in, silence, 48000);
    memcpy(again, left, 48000 * sizeof(float));
    render(plate(1, 0.7f, 0.3f, 0.3f, 48000), silence, in, 48000);
    assert_same(again, left, 48000, "left input, right input");
    for (int i = 0; i < 48000; i++)
        again[i] = -in[i];
    render(plate(1, 0.7f, 0.3f, 0.3f, 48000), in, again, 48000);
    ck_assert_double_eq(peak(left, 48000), 0);
}
END_TEST

START_TEST(swing_bends_the_pitch)
{
    double others[2];
    for (int k = 0; k < 2; k++) {
        fill_sine(in, N, 1000, 48000, 0.5);
        render(plate(1, 0.7f, 0, (float)k, 48000), in, in, 240000);
        const double tone = level_at(left + 96000, 96000, 1000, 48000);
        others[k] = sqrt(fmax(2 * pow(rms(left + 96000, 96000), 2) - tone * tone, 0)) / tone;
    }
    ck_assert_double_lt(others[0], 0.02);
    ck_assert_double_gt(others[1], 0.1);
}
END_TEST

START_TEST(no_knob_makes_it_grow)
{
    for (int k = 0; k < 16; k++) {
        fill_noise(in, 48000, 7);
        memset(in + 48000, 0, sizeof in - 48000 * sizeof(float));
        struct unit_host *const h = plate(k & 1 ? 10 : 0.1f, (float)(k >> 1 & 1),
                                          (float)(k >> 2 & 1), (float)(k >> 3), 48000);
        render(h, in, in, N);
        ck_assert_double_lt(rms(left + N - 48000, 48000), 0.05 * rms(left, 48000));
        ck_assert_double_lt(peak(left, N), 10);
    }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("plate");
    tcase_add_test(c, decay_is_in_seconds_at_any_rate);
    tcase_add_test(c, without_diffusion_every_turn_loses_what_decay_says);
    tcase_add_test(c, sides_are_alike_in_level_and_have_nothing_in_common);
    tcase_add_test(c, damping_shortens_treble_and_leaves_bass);
    tcase_add_test(c, the_mean_of_both_sides_enters);
    tcase_add_test(c, swing_bends_the_pitch);
    tcase_add_test(c, no_knob_makes_it_grow);
    return host_run(argc, argv, "plate", c);
}
