/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_pitch.c - PitchTrack: tones, silence, change, faults.                    */
#include "tests/server/dsp/stream.h"

enum { N = 24000 };
static float in[N], out[N], again[N];

/** Adds partials of a tone up to the Nyquist frequency, each weaker than the one before. */
static void fill_tone(float *x, uint32_t n, double hz, double rate_hz, int n_partials)
{
    for (uint32_t i = 0; i < n; i++) {
        double sum = 0;
        for (int p = 1; p <= n_partials && p * hz < 0.5 * rate_hz; p++)
            sum += sin(6.283185307179586 * p * hz * i / rate_hz + p) / p;
        x[i] = (float)(0.3 * sum);
    }
}

static struct unit_host *pitch_new(float rate_hz)
{
    return host_new(PH_UNIT_PITCH_TRACK, 0, 1, AR, rate_hz);
}

START_TEST(tones_have_their_frequency)
{
    const double hz[] = { 41.2, 55, 82.4, 110, 196, 329.6, 440, 880, 1318.5, 1760, 2093 };
    const float rates[] = { 44100, 48000, 96000 };
    for (int k = 0; k < 11; k++)
        for (int r = 0; r < 3; r++)
            for (int partials = 1; partials < 20; partials += 9) {
                struct unit_host *const h = pitch_new(rates[r]);
                fill_tone(in, N, hz[k], rates[r], partials);
                stream(h, in, N, 64, out);
                ck_assert_msg(fabs(out[N - 1] / hz[k] - 1) < 0.003, "%g Hz at %g, %d partials: %g",
                              hz[k], (double)rates[r], partials, (double)out[N - 1]);
                host_free(h);
            }
}
END_TEST

START_TEST(a_missing_fundamental_is_heard)
{
    struct unit_host *const h = pitch_new(48000);
    for (int i = 0; i < N; i++)
        in[i] = 0;
    for (int p = 2; p < 7; p++) {
        fill_sine(out, N, 200.0 * p, 48000, 0.2);
        for (int i = 0; i < N; i++)
            in[i] += out[i];
    }
    stream(h, in, N, 64, out);
    ck_assert_double_eq_tol(out[N - 1], 200, 0.6);
    host_free(h);
}
END_TEST

START_TEST(the_last_tone_stays_through_silence_and_noise)
{
    struct unit_host *const h = pitch_new(48000);
    fill_tone(in, N, 330, 48000, 5);
    stream(h, in, N, 64, out);
    ck_assert_float_eq(out[0], 0);
    fill_noise(in, N, 1);
    for (int i = 0; i < N; i++)
        in[i] *= i < 8000 ? 0 : 0.3f;
    stream(h, in, N, 64, out);
    ck_assert_double_eq_tol(out[N - 1], 330, 1);
    fill_tone(in, N, 440, 48000, 5);
    stream(h, in, N, 64, out);
    ck_assert_double_eq_tol(out[7200], 440, 1.3); /* 150 ms */
    host_free(h);
}
END_TEST

START_TEST(faults_are_forgotten)
{
    struct unit_host *const h = pitch_new(48000);
    fill_tone(in, N, 220, 48000, 3);
    for (int i = 1000; i < N; i += 2000) /* always one of them in what is looked at */
        in[i] = i % 4000 < 2000 ? NAN : INFINITY;
    in[1002] = 1e30f;
    stream(h, in, N, 64, out);
    ck_assert(all_finite(out, N));
    ck_assert_double_eq_tol(out[N - 1], 220, 1);
    host_free(h);
}
END_TEST

START_TEST(the_block_size_does_not_show)
{
    fill_tone(in, N, 123, 48000, 9);
    for (int run = 0; run < 2; run++) {
        struct unit_host *const h = pitch_new(48000);
        stream(h, in, N, run ? CUT_UNEVENLY : 64, run ? again : out);
        host_free(h);
    }
    assert_same(out, again, N, "pitch");
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("pitch");
    tcase_add_test(c, tones_have_their_frequency);
    tcase_add_test(c, a_missing_fundamental_is_heard);
    tcase_add_test(c, the_last_tone_stays_through_silence_and_noise);
    tcase_add_test(c, faults_are_forgotten);
    tcase_add_test(c, the_block_size_does_not_show);
    return host_run(argc, argv, "pitch", c);
}
