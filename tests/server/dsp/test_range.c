/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_range.c - LinExp.                                                        */
#include "tests/server/dsp/stream.h"

enum { N = 1024 };
static float in[N], out[N], again[N], limits[4][N], wide[N * DSP_LANES_MAX];

/** Limits srclo, srchi, dstlo, dsthi; constant. */
static struct unit_host *lin_exp_new(uint32_t width, const float *to)
{
    struct unit_host *const h = host_new(PH_UNIT_LIN_EXP, 0, width, AR, 48000);
    for (uint32_t i = 0; i < 4; i++)
        host_set(h, 1 + i, IR, to[i]);
    return h;
}

static double expected(double x, double srclo, double srchi, double dstlo, double dsthi)
{
    return dstlo * pow(dsthi / dstlo, (x - srclo) / (srchi - srclo));
}

static const float ranges[][4] = { { 0, 1, 1, 2 }, { -1, 1, 20, 20000 }, { 5, -3, 0.001f, 1 },
                                   { 0, 127, -1, -0.01f }, { 60, 61, 440, 466.16f } };

START_TEST(lin_exp_is_exponential_between_its_limits_and_beyond)
{
    const float *const to = ranges[_i];
    struct unit_host *const h = lin_exp_new(1, to);
    fill_noise(in, N, 1);
    for (int i = 0; i < N; i++)
        in[i] = to[0] + (to[1] - to[0]) * (0.5f + in[i]);
    in[0] = to[0];
    in[1] = to[1];
    stream(h, in, N, 64, out);
    ck_assert_float_eq(out[0], to[2]);
    ck_assert_double_eq_tol(out[1], to[3], fabs(to[3] * 1e-6));
    for (int i = 0; i < N; i++) {
        const double y = expected(in[i], to[0], to[1], to[2], to[3]);
        /* 15 octaves, a float's rounding each */
        ck_assert_double_eq_tol(out[i], y, fabs(y * 3e-6));
    }
    host_free(h);
}
END_TEST

START_TEST(limits_are_followed_frame_by_frame)
{
    struct unit_host *const h = lin_exp_new(1, ranges[0]);
    const float *signals[5] = { in };
    fill_noise(in, N, 2);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 4; k++)
            limits[k][i] = 1.0f + (float)k + 0.3f * sinf(0.1f * (float)(i * (k + 1)));
    signals[_i] = limits[_i - 1];
    stream_run(h, signals, 5, N, CUT_UNEVENLY, (float *const[HOST_OUTPUTS]){ out });
    for (int i = 0; i < N; i++) {
        double to[4] = { 0, 1, 1, 2 };
        to[_i - 1] = limits[_i - 1][i];
        const double y = expected(in[i], to[0], to[1], to[2], to[3]);
        if (fabs(to[1] - to[0]) > 0.1)
            ck_assert_double_eq_tol(out[i], y, fabs(y * 1e-5));
    }
    host_free(h);
}
END_TEST

START_TEST(limits_that_make_no_sense_give_finite_values)
{
    static const float senseless[][4] = { { 0, 0, 1, 2 }, { 0, 1, 0, 1 }, { 0, 1, 1, 0 },
                                          { 0, 1, -1, 1 }, { 0, 0.001f, 1e20f, 2e20f } };
    struct unit_host *const h = lin_exp_new(1, senseless[_i]);
    fill_noise(in, N, 3);
    stream(h, in, N, 64, out);
    ck_assert(all_finite(out, N));
    host_free(h);
}
END_TEST

START_TEST(lanes_have_the_bits_of_one_alone)
{
    const uint32_t w = host_wide();
    struct unit_host *const h = lin_exp_new(w, ranges[1]);
    for (uint32_t k = 0; k < w; k++)
        h->in[3][k] = 20.0f + (float)k;
    fill_noise(in, N, 4);
    stream(h, in, N, 64, wide);
    host_free(h);
    for (uint32_t k = 0; k < w; k++) {
        const float to[] = { -1, 1, 20.0f + (float)k, 20000 };
        struct unit_host *const alone = lin_exp_new(1, to);
        stream(alone, in, N, CUT_UNEVENLY, out);
        for (int i = 0; i < N; i++)
            again[i] = wide[i * (int)w + (int)k];
        assert_same(out, again, N, "lane");
        host_free(alone);
    }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("range");
    tcase_add_loop_test(c, lin_exp_is_exponential_between_its_limits_and_beyond, 0,
                        sizeof ranges / sizeof *ranges);
    tcase_add_loop_test(c, limits_are_followed_frame_by_frame, 1, 5);
    tcase_add_loop_test(c, limits_that_make_no_sense_give_finite_values, 0, 5);
    tcase_add_test(c, lanes_have_the_bits_of_one_alone);
    return host_run(argc, argv, "range", c);
}
