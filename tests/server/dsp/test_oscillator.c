/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_oscillator.c - oscillators: pitch, waveform, spectrum.                   */
#include "tests/server/dsp/unit_host.h"

static const float rate_hz = 48000;
enum { N = 48000, FIFTH = 9600 };
static float x[N];

/** An oscillator with constant inputs; width 1. */
static struct unit_host *osc_new(enum ph_unit id, float freq, float second, float third)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, rate_hz);
    const float in[] = { freq, second, third };
    for (uint32_t i = 0; i < h->b.n_in; i++)
        host_set(h, i, IR, in[i]);
    host_init(h);
    return h;
}

static void render(enum ph_unit id, float freq, float second, float third)
{
    struct unit_host *const h = osc_new(id, freq, second, third);
    host_render(h, x, N);
    host_free(h);
}

START_TEST(sin_osc_is_a_sine_of_its_frequency_and_phase)
{
    render(PH_UNIT_SIN_OSC, 1000, 0.5f, 0);
    for (int i = 0; i < N; i++) {
        const double turns = fmod(1000.0 * i / rate_hz, 1);
        /* its phase step is cut off at 2^-29 of a turn: 6e-4 radians after a second */
        ck_assert_double_eq_tol(x[i], sin(6.283185307179586 * turns + 0.5), 6e-4);
    }
}
END_TEST

START_TEST(sin_osc_phase_input_modulates_and_wraps)
{
    struct unit_host *const h = osc_new(PH_UNIT_SIN_OSC, 0, 0, 0);
    host_set(h, 1, AR, 0);
    for (int i = 0; i < 64; i++)
        h->in[1][i] = (float)i - 32;
    host_block(h);
    for (int i = 0; i < 64; i++)
        ck_assert_double_eq_tol(h->out[0][i], sin(i - 32.0), 3e-6);
    host_free(h);
}
END_TEST

START_TEST(sin_osc_frequency_is_followed_frame_by_frame)
{
    struct unit_host *const h = osc_new(PH_UNIT_SIN_OSC, 0, 0, 0);
    host_set(h, 0, AR, 0);
    double turns = 0;
    for (int block = 0; block < 50; block++) {
        for (int i = 0; i < 64; i++)
            h->in[0][i] = (float)(block * 64 + i);
        host_block(h);
        for (int i = 0; i < 64; i++) {
            ck_assert_double_eq_tol(h->out[0][i], sin(6.283185307179586 * turns), 1e-4);
            turns += (block * 64 + i) / (double)rate_hz;
        }
    }
    host_free(h);
}
END_TEST

/*
 * Partials of a saw over a second at 441 Hz. They fall as 1/k, but for what the two methods do to the
 * top: the integrator of Saw lifts by (w/2) / sin(w/2), 0.6 dB at 10 kHz, and polyBLEP rounds the
 * step off, by less than 1.8 dB there.
 */
START_TEST(saws_have_partials_of_one_over_k)
{
    const enum ph_unit id = _i ? PH_UNIT_BLEP_SAW : PH_UNIT_SAW;
    render(id, 441, 0, 0);
    const double first = to_db(level_at(x, N, 441, rate_hz));
    ck_assert_double_eq_tol(first, to_db((_i ? 2.0 : 1.0) / 3.14159265), 0.1);
    for (int k = 2; k <= 22; k++) {
        const double half = 3.14159265 * 441 * k / rate_hz, lift = _i ? 0 : to_db(half / sin(half));
        ck_assert_double_eq_tol(to_db(level_at(x, N, 441.0 * k, rate_hz)), first - to_db(k) + lift,
                                _i ? 1.8 : 0.1);
    }
}
END_TEST

/** The loudest line between the partials of f, against the first partial, in dB; a fifth of a second. */
static double loudest_alias(double f)
{
    const float *const part = x + N - FIFTH; /* the integrators have settled */
    const double first = level_at(part, FIFTH, f, rate_hz);
    double worst = 0;
    for (double hz = 60; hz < 20000; hz += 20)
        if (fabs(hz - f * round(hz / f)) > 10)
            worst = fmax(worst, level_at(part, FIFTH, hz, rate_hz));
    return to_db(worst / first);
}

/*
 * At 2980 Hz the aliases fall on multiples of 20 Hz. The bounds are what was measured, and 1 dB; the
 * band-limited impulse trains measure below -100 dB, where a float ends.
 */
static const struct alias { enum ph_unit id; float second; double bound; } aliases[] = {
    { PH_UNIT_SAW, 0, -100 }, { PH_UNIT_PULSE, 0.5f, -100 }, { PH_UNIT_BLEP_SAW, 0, -31.7 },
    { PH_UNIT_BLEP_PULSE, 0.5f, -36 }, { PH_UNIT_BLEP_TRI, 0, -56.8 }
};

START_TEST(aliases_stay_below_their_bound)
{
    render(aliases[_i].id, 2980, aliases[_i].second, 0);
    const double loudest = loudest_alias(2980);
    ck_assert_msg(loudest < aliases[_i].bound, "%d: %g dB", _i, loudest);
}
END_TEST

START_TEST(a_bare_saw_has_the_aliases_that_the_others_lack)
{
    render(PH_UNIT_LF_SAW, 2980, 0, 0);
    const double loudest = loudest_alias(2980);
    ck_assert_msg(loudest > -21, "%g dB", loudest);
}
END_TEST

START_TEST(band_limited_oscillators_are_silent_above_half_the_rate)
{
    for (int i = 0; i < 2; i++) {
        render(i ? PH_UNIT_PULSE : PH_UNIT_SAW, 30000, 0.5f, 0);
        for (int n = N / 2; n < N; n++)
            ck_assert_double_eq_tol(x[n], 0, 1e-6);
    }
}
END_TEST

START_TEST(saw_survives_a_frequency_of_zero)
{
    render(PH_UNIT_SAW, 0, 0, 0);
    for (int n = 0; n < N; n++)
        ck_assert_double_le(fabs(x[n]), 1);
    render(PH_UNIT_PULSE, 0, 0.5f, 0);
    for (int n = 0; n < N; n++)
        ck_assert_double_le(fabs(x[n]), 2);
}
END_TEST

START_TEST(pulse_is_low_for_its_width_and_has_no_dc)
{
    render(PH_UNIT_PULSE, 100, 0.25f, 0);
    double mean = 0;
    int low = 0;
    for (int n = N / 2; n < N; n++) {
        mean += x[n] / (N / 2.0);
        low += x[n] < -0.25;
    }
    ck_assert_double_eq_tol(mean, 0, 0.01);
    ck_assert_double_eq_tol(low / (N / 2.0), 0.25, 0.01);
}
END_TEST

START_TEST(blep_waves_follow_their_definition_away_from_steps)
{
    const double step = 100.0 / rate_hz;
    for (int wave = 0; wave < 3; wave++) {
        render(wave == 0 ? PH_UNIT_BLEP_SAW : wave == 1 ? PH_UNIT_BLEP_PULSE : PH_UNIT_BLEP_TRI, 100,
               wave == 1 ? 0.3f : 0.1f, 0.1f);
        for (int n = 0; n < N; n++) {
            const double phi = fmod(0.1f + n * step, 1);
            const double near = fmin(fmin(phi, 1 - phi), fabs(phi - (wave == 1 ? 0.3 : 0.5)));
            const double want = wave == 0   ? 2 * phi - 1
                                : wave == 1 ? (phi < 0.3 ? 1 : -1)
                                            : 1 - 4 * fabs(phi - 0.5);
            if (near > 1.01 * step)
                /* the phase step is cut off at 2^-32 of a turn: 1.1e-5 turns after a second */
                ck_assert_msg(fabs(x[n] - want) < 5e-5, "wave %d frame %d: %g, not %g", wave, n, x[n],
                              want);
        }
    }
}
END_TEST

START_TEST(low_frequency_saw_and_triangle_start_where_they_are_told)
{
    render(PH_UNIT_LF_SAW, 3, 0.5f, 0);
    for (int n = 0; n < N; n++) {
        const double t = fmod(1.5 + (n + 1) * 2.0 * 3 / rate_hz, 2) - 1;
        if (fabs(t) < 0.999)
            ck_assert_double_eq_tol(x[n], t, 1e-5);
    }
    render(PH_UNIT_LF_TRI, -3, 0, 0); /* downwards: scsynth runs away there */
    for (int n = 0; n < N; n++) {
        const double t = fmod(1e6 + 1 - (n + 1) * 4.0 * 3 / rate_hz, 4);
        ck_assert_double_eq_tol(x[n], t < 2 ? t - 1 : 3 - t, 1e-4);
    }
}
END_TEST

START_TEST(impulses_fall_on_their_frames)
{
    render(PH_UNIT_IMPULSE, 1000, 0, 0); /* 48 frames */
    int count = 0;
    for (int n = 0; n < N; n++) {
        ck_assert(x[n] == 0 || x[n] == 1);
        count += x[n] == 1;
    }
    ck_assert_float_eq(x[0], 1);
    /* the step is rounded to a float, as scsynth does: impulse 1000 may miss the last frame */
    ck_assert_int_ge(count, 999);
    ck_assert_int_le(count, 1000);
    render(PH_UNIT_IMPULSE, 0, 0, 0);
    count = 0;
    for (int n = 0; n < N; n++)
        count += x[n] == 1;
    ck_assert_int_eq(count, 1);
}
END_TEST

START_TEST(impulse_phase_delays_the_first_one)
{
    render(PH_UNIT_IMPULSE, 1000, 0.25f, 0);
    int first = 0;
    while (first < N && x[first] == 0)
        first++;
    ck_assert_int_eq(first, 36); /* three quarters of 48 frames */
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("oscillator");
    tcase_add_test(c, sin_osc_is_a_sine_of_its_frequency_and_phase);
    tcase_add_test(c, sin_osc_phase_input_modulates_and_wraps);
    tcase_add_test(c, sin_osc_frequency_is_followed_frame_by_frame);
    tcase_add_loop_test(c, saws_have_partials_of_one_over_k, 0, 2);
    tcase_add_loop_test(c, aliases_stay_below_their_bound, 0, 5);
    tcase_add_test(c, a_bare_saw_has_the_aliases_that_the_others_lack);
    tcase_add_test(c, band_limited_oscillators_are_silent_above_half_the_rate);
    tcase_add_test(c, saw_survives_a_frequency_of_zero);
    tcase_add_test(c, pulse_is_low_for_its_width_and_has_no_dc);
    tcase_add_test(c, blep_waves_follow_their_definition_away_from_steps);
    tcase_add_test(c, low_frequency_saw_and_triangle_start_where_they_are_told);
    tcase_add_test(c, impulses_fall_on_their_frames);
    tcase_add_test(c, impulse_phase_delays_the_first_one);
    return host_run(argc, argv, "oscillator", c);
}
