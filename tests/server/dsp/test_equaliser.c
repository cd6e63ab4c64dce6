/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_equaliser.c - the B filters against the cookbook they are written from.  */
#include <complex.h>

#include "tests/server/dsp/stream.h"

enum { N = 16384 };
static const double tau = 6.283185307179586;
static float in[N], out[N];

static double gain_db(enum ph_unit id, float freq, float rq, float db, double hz)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, 48000);
    host_set(h, 1, IR, freq);
    host_set(h, 2, IR, rq);
    if (ph_units[id].n_inputs > 3)
        host_set(h, 3, IR, db);
    fill_sine(in, N, hz, 48000, 0.1);
    stream(h, in, N, 64, out);
    host_free(h);
    return to_db(level_at(out + N / 2, N / 2, hz, 48000) / 0.1);
}

/** What the cookbook says of that filter: its gain at `hz`. */
static double cookbook_db(enum ph_unit id, double freq, double rq, double db, double hz)
{
    const double w = tau * freq / 48000, c = cos(w), root = pow(10, db / 40);
    const bool octaves = id == PH_UNIT_B_BAND_PASS || id == PH_UNIT_B_BAND_STOP;
    const bool shelf = id == PH_UNIT_B_LOW_SHELF || id == PH_UNIT_B_HI_SHELF;
    const double a = octaves ? sin(w) * sinh(log(2) / 2 * rq * w / sin(w)) : sin(w) * rq / 2;
    double b[3] = { 1, -2 * c, 1 }, d[3] = { 1 + a, -2 * c, 1 - a };
    switch (id) {
    case PH_UNIT_B_LOW_PASS: b[0] = b[2] = (1 - c) / 2, b[1] = 1 - c; break;
    case PH_UNIT_B_HI_PASS: b[0] = b[2] = (1 + c) / 2, b[1] = -1 - c; break;
    case PH_UNIT_B_BAND_PASS: b[0] = a, b[1] = 0, b[2] = -a; break;
    case PH_UNIT_B_ALL_PASS: b[0] = 1 - a, b[2] = 1 + a; break;
    case PH_UNIT_B_PEAK_EQ:
        b[0] = 1 + a * root, b[2] = 1 - a * root, d[0] = 1 + a / root, d[2] = 1 - a / root;
        break;
    default: break;
    }
    if (shelf) { /* the high one is the low one's mirror image: the cosine's sign turns */
        const double side = id == PH_UNIT_B_LOW_SHELF ? 1 : -1, m = root - 1, p = root + 1;
        const double steep = sqrt(fmax((root + 1 / root) * (rq - 1) + 2, 1e-6));
        const double s = sqrt(root) * sin(w) * steep, k = side * c;
        b[0] = root * (p - m * k + s), b[2] = root * (p - m * k - s);
        b[1] = side * 2 * root * (m - p * k);
        d[0] = p + m * k + s, d[2] = p + m * k - s, d[1] = side * -2 * (m + p * k);
    }
    const double complex z = cexp(-I * tau * hz / 48000);
    return to_db(cabs((b[0] + b[1] * z + b[2] * z * z) / (d[0] + d[1] * z + d[2] * z * z)));
}

static const enum ph_unit ids[] = { PH_UNIT_B_LOW_PASS, PH_UNIT_B_HI_PASS, PH_UNIT_B_BAND_PASS,
                                    PH_UNIT_B_BAND_STOP, PH_UNIT_B_ALL_PASS, PH_UNIT_B_PEAK_EQ,
                                    PH_UNIT_B_LOW_SHELF, PH_UNIT_B_HI_SHELF };
enum { N_IDS = sizeof ids / sizeof *ids };

START_TEST(filters_have_the_gains_of_the_cookbook)
{
    const float freqs[] = { 90, 1500, 12000 }, rqs[] = { 0.1f, 1, 2 };
    for (int f = 0; f < 3; f++)
        for (int r = 0; r < 3; r++)
            for (double hz = 46.875; hz < 23000; hz *= 2.1) {
                const float db = r == 1 ? 12 : -9;
                const double want = cookbook_db(ids[_i], freqs[f], rqs[r], db, hz);
                const double got = gain_db(ids[_i], freqs[f], rqs[r], db, hz);
                /* deep in a stop band the window's leak counts as well */
                ck_assert_msg(fabs(got - want) < (want > -40 ? 0.05 : 1) ||
                                  (want < -70 && got < -70),
                              "%s %g %g: %g dB at %g Hz, not %g", ph_units[ids[_i]].name,
                              (double)freqs[f], (double)rqs[r], got, hz, want);
            }
}
END_TEST

START_TEST(peaks_have_their_gain_at_the_centre)
{
    for (float db = -20; db <= 20; db += 10)
        ck_assert_double_eq_tol(gain_db(PH_UNIT_B_PEAK_EQ, 3000, 0.5f, db, 3000), db, 0.01);
    ck_assert_double_lt(gain_db(PH_UNIT_B_BAND_STOP, 3000, 1, 0, 3000), -90);
    ck_assert_double_eq_tol(gain_db(PH_UNIT_B_BAND_PASS, 3000, 1, 0, 3000), 0, 0.01);
}
END_TEST

START_TEST(hostile_parameters_stay_finite)
{
    const float values[] = { 0, -1, -1e9f, 1e9f, 24000, 1e-30f, NAN, INFINITY, -INFINITY };
    fill_noise(in, N, 3);
    for (int rate = IR; rate <= AR; rate += AR - IR)
        for (int a = 0; a < 9; a++)
            for (int b = 0; b < 9; b++) {
                struct unit_host *const h = host_new(ids[_i], 0, 1, AR, 48000);
                host_set(h, 1, IR, 1000);
                host_set(h, 2, IR, 1);
                stream(h, in, 64, 64, out);
                host_set(h, 1, (uint8_t)rate, values[a]);
                host_set(h, 2, (uint8_t)rate, values[b]);
                if (ph_units[ids[_i]].n_inputs > 3)
                    host_set(h, 3, (uint8_t)rate, values[(a + b) % 9]);
                stream(h, in, 2048, 64, out);
                ck_assert_msg(all_finite(out, 2048), "%s %g %g", ph_units[ids[_i]].name,
                              (double)values[a], (double)values[b]);
                host_free(h);
            }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("equaliser");
    tcase_add_loop_test(c, filters_have_the_gains_of_the_cookbook, 0, N_IDS);
    tcase_add_test(c, peaks_have_their_gain_at_the_centre);
    tcase_add_loop_test(c, hostile_parameters_stay_finite, 0, N_IDS);
    return host_run(argc, argv, "equaliser", c);
}
