/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_section.c - FOS, SOS, Allpass1 against their recursions in double.       */
#include "tests/server/dsp/stream.h"

enum { N = 9600 };
static float in[N], second[N], out[N], again[N];

static struct unit_host *section_new(enum ph_unit id, const float *k, uint32_t n)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, 48000);
    for (uint32_t c = 0; c < n; c++)
        host_set(h, 1 + c, IR, k[c]);
    return h;
}

START_TEST(sections_are_their_recursions)
{
    const float first[] = { 0.3f, -0.2f, 0.95f }, k[] = { 0.01f, 0.02f, 0.01f, 1.96f, -0.97f };
    double v1 = 0, v2 = 0, w1 = 0;
    fill_noise(in, N, 1);
    struct unit_host *const fos = section_new(PH_UNIT_FOS, first, 3);
    struct unit_host *const sos = section_new(PH_UNIT_SOS, k, 5);
    stream(fos, in, N, CUT_UNEVENLY, out);
    stream(sos, in, N, CUT_UNEVENLY, again);
    for (int i = 0; i < N; i++) {
        const double w = in[i] + (double)first[2] * w1;
        ck_assert_double_eq_tol(out[i], (double)first[0] * w + (double)first[1] * w1, 1e-6);
        w1 = w;
        const double v = in[i] + (double)k[3] * v1 + (double)k[4] * v2;
        ck_assert_double_eq_tol(again[i], (double)k[0] * v + (double)k[1] * v1 + (double)k[2] * v2,
                                1e-5);
        v2 = v1;
        v1 = v;
    }
    host_free(fos);
    host_free(sos);
}
END_TEST

START_TEST(allpass_is_its_formula_and_has_unity_gain)
{
    const float coefs[] = { -0.9f, -0.3f, 0, 0.5f, 0.99f };
    for (int c = 0; c < 5; c++) {
        for (double hz = 60; hz < 20000; hz *= 4) {
            struct unit_host *const h = section_new(PH_UNIT_ALLPASS1, &coefs[c], 1);
            fill_sine(in, N, hz, 48000, 0.5);
            stream(h, in, N, 64, out);
            ck_assert_double_eq_tol(to_db(level_at(out + 4800, 4800, hz, 48000) / 0.5), 0, 0.01);
            host_free(h);
        }
        struct unit_host *const h = section_new(PH_UNIT_ALLPASS1, &coefs[c], 1);
        double x1 = 0, y1 = 0;
        fill_noise(in, N, 2);
        stream(h, in, N, CUT_UNEVENLY, out);
        for (int i = 0; i < N; i++) {
            y1 = (double)coefs[c] * (in[i] - y1) + x1;
            x1 = in[i];
            ck_assert_double_eq_tol(out[i], y1, 1e-5);
        }
        host_free(h);
    }
}
END_TEST

START_TEST(allpass_follows_a_coefficient_that_moves)
{
    struct unit_host *const h = host_new(PH_UNIT_ALLPASS1, 0, 1, AR, 48000);
    const float *const signals[2] = { in, second };
    float *const outs[HOST_OUTPUTS] = { out };
    double x1 = 0, y1 = 0;
    fill_noise(in, N, 3);
    for (int i = 0; i < N; i++)
        second[i] = 0.95f * sinf((float)i * 0.01f);
    stream_run(h, signals, 2, N, CUT_UNEVENLY, outs);
    for (int i = 0; i < N; i++) {
        y1 = (double)second[i] * (in[i] - y1) + x1;
        x1 = in[i];
        ck_assert_double_eq_tol(out[i], y1, 1e-4);
    }
    host_free(h);
}
END_TEST

/** Coefficients past the edge of stability are anyone's to ask for. */
START_TEST(unstable_sections_stay_finite_and_come_back)
{
    const float wild[] = { 100, 100, 100, 100, 100 }, calm[] = { 1, 0, 0, 0, 0 };
    const enum ph_unit ids[] = { PH_UNIT_FOS, PH_UNIT_SOS, PH_UNIT_ALLPASS1 };
    const uint32_t n = ph_units[ids[_i]].n_inputs - 1u;
    struct unit_host *const h = section_new(ids[_i], wild, n);
    fill_noise(in, N, 4);
    stream(h, in, 2048, 64, out);
    ck_assert(all_finite(out, 2048));
    for (uint32_t c = 0; c < n; c++)
        host_set(h, 1 + c, IR, ids[_i] == PH_UNIT_ALLPASS1 ? 0.5f : calm[c]);
    in[2100] = NAN;
    in[2200] = INFINITY;
    stream(h, in + 2048, N - 2048, 64, out);
    ck_assert(all_finite(out + 1024, N - 2048 - 1024));
    ck_assert_double_lt(peak(out + 4800, 1000), 4);
    host_free(h);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("section");
    tcase_add_test(c, sections_are_their_recursions);
    tcase_add_test(c, allpass_is_its_formula_and_has_unity_gain);
    tcase_add_test(c, allpass_follows_a_coefficient_that_moves);
    tcase_add_loop_test(c, unstable_sections_stay_finite_and_come_back, 0, 3);
    return host_run(argc, argv, "section", c);
}
