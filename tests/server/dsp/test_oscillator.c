/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_oscillator.c - oscillators: pitch, waveform, spectrum.                   */
#include "tests/server/dsp/stream.h"

static const float rate_hz = 48000;
enum { N = 48000, FIFTH = 9600 };
static float x[N], again[N];

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

/* Rates of a power of two: the phase step of a frequency is a number that a test can know. */
static const float even_rate_hz = 32768;

/** n frames at even_rate_hz, where every freq here is a whole number of steps. */
static void render_even(enum ph_unit id, float freq, float second, uint32_t n)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, even_rate_hz);
    host_set(h, 0, IR, freq);
    if (h->b.n_in > 1)
        host_set(h, 1, IR, second);
    host_init(h);
    host_render(h, x, n);
    host_free(h);
}

START_TEST(sin_osc_is_within_its_bound_on_the_whole_circle)
{
    double worst = 0;
    for (uint32_t units = 123457; units < 123477; units += 4) { /* 2^-29 of a turn per frame */
        render_even(PH_UNIT_SIN_OSC, (float)units / 16384.0f, 0, N);
        uint32_t phase = 0;
        for (int i = 0; i < N; i++, phase += units * 8)
            worst = fmax(worst, fabs(x[i] - sin(phase / 4294967296.0 * 6.283185307179586)));
    }
    ck_assert_msg(worst < 1.6e-7, "%g", worst);
}
END_TEST

START_TEST(sin_osc_is_exactly_0_at_whole_and_half_turns)
{
    render_even(PH_UNIT_SIN_OSC, 8192, 0, 256); /* a quarter of a turn per frame */
    for (int i = 0; i < 256; i += 2)
        ck_assert(x[i] == 0);
    for (int i = 1; i < 256; i += 2)
        ck_assert_double_eq_tol(x[i], i % 4 == 1 ? 1 : -1, 1.6e-7);
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
 * Partials of a saw over a second at 441 Hz. They fall as 1/k, but for what the two methods do to
 * the top: the integrator of Saw lifts by (w/2) / sin(w/2), 0.6 dB at 10 kHz, and polyBLEP rounds
 * the step off, by less than 1.8 dB there.
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

/** sin of a phase of 32 bits. */
static double sin_of(uint32_t phase) { return sin(phase / 4294967296.0 * 6.283185307179586); }

/** The sum of n cosines at half a phase, 1 where they meet, as scsynth scales it. */
static double impulse_train(uint32_t half, uint32_t n)
{
    return (sin_of((2 * n + 1) * half) / sin_of(half) - 1) / (2.0 * n);
}

/*
 * Saw and Pulse against their formula and a chain of doubles, frame by frame. At 512 Hz, 64 frames
 * a period, every peak falls on a frame; at 1.5 Hz the train has 10922 cosines. The half phase
 * starts one 2^-32 turn off 0. Rounding of the integrator, 3e-8 each frame, adds up a thousandfold.
 */
START_TEST(saw_and_pulse_are_their_formula_summed)
{
    static const float freqs[] = { 1.5f, 100, 441, 512, 1000, 5000, 16000 };
    const double leak = 0.999f;
    double worst = 0;
    for (int f = 0; f < 14; f++) {
        const bool pulse = f >= 7;
        const float freq = freqs[f % 7];
        const uint32_t n = (uint32_t)(even_rate_hz / 2 / freq), step = (uint32_t)(freq * 8192) * 8;
        const uint32_t width = 0x60000000u; /* 3/4 of a turn, as half a phase */
        double y = pulse ? 0 : -0.46;
        uint32_t half = 1;
        render_even(pulse ? PH_UNIT_PULSE : PH_UNIT_SAW, freq, 0.75f, N);
        for (int i = 0; i < N; i++, half += step) {
            const uint32_t opened = i < 64 ? width / 64 * (uint32_t)i : width;
            y = impulse_train(half, n) + leak * y;
            if (pulse)
                y -= impulse_train(half + opened, n);
            worst = fmax(worst, fabs(x[i] - y));
        }
        ck_assert_msg(worst < 2e-5, "%g Hz, %d: %g", freq, pulse, worst);
    }
}
END_TEST

/* Above half the rate the train is silent: what is left is the integrator alone. */
START_TEST(the_integrator_leaks_a_thousandth_each_frame)
{
    double y = -0.46f;
    render(PH_UNIT_SAW, 30000, 0, 0);
    for (int i = 0; i < N; i++) {
        y *= 0.999f;
        ck_assert_double_eq_tol(x[i], y, 1e-37 - y * 6e-8 * (i + 1)); /* one rounding per frame */
    }
}
END_TEST

static const enum ph_unit cut[] = { PH_UNIT_SIN_OSC, PH_UNIT_SAW, PH_UNIT_PULSE, PH_UNIT_LF_SAW,
                                    PH_UNIT_LF_TRI, PH_UNIT_IMPULSE, PH_UNIT_BLEP_SAW,
                                    PH_UNIT_BLEP_PULSE, PH_UNIT_BLEP_TRI };
START_TEST(block_size_does_not_show)
{
    for (int run = 0; run < 4; run++) {
        struct unit_host *const h = osc_new(cut[_i / 2], run < 2 ? 440 : 3000, 0.3f, 0.1f);
        static float freq[FIFTH];
        for (int i = 0; i < FIFTH; i++)
            freq[i] = 1000 + 900 * sinf((float)i * 0.01f);
        const float *const signals[1] = { _i % 2 ? freq : NULL };
        float *const outs[HOST_OUTPUTS] = { run % 2 ? again : x };
        stream_run(h, signals, 1, FIFTH, run % 2 ? CUT_UNEVENLY : 64, outs);
        host_free(h);
        for (int i = 0; run % 2 && i < FIFTH; i++)
            ck_assert_msg(x[i] == again[i], "unit %d, frame %d", cut[_i / 2], i);
    }
}
END_TEST

/**
 * The loudest line between the partials of f, against the first partial, in dB; a fifth of a
 * second. Looks at multiples of `grid` Hz, on which the aliases fall.
 */
static double loudest_alias(double f, double grid)
{
    const float *const part = x + N - FIFTH; /* the integrators have settled */
    const double first = level_at(part, FIFTH, f, rate_hz);
    double worst = 0;
    for (double hz = 60; hz < 20000; hz += grid)
        if (fabs(hz - f * round(hz / f)) > 10)
            worst = fmax(worst, level_at(part, FIFTH, hz, rate_hz));
    return to_db(worst / first);
}

/*
 * The aliases fall on multiples of `grid`. The bounds are what was measured, and 1 dB; the
 * band-limited impulse trains measure below -100 dB, where a float ends.
 */
static const struct alias { enum ph_unit id; float freq, second; double grid, bound; } aliases[] = {
    { PH_UNIT_SAW, 110, 0, 10, -100 }, { PH_UNIT_PULSE, 110, 0.3f, 10, -100 },
    { PH_UNIT_SAW, 1040, 0, 80, -100 }, { PH_UNIT_PULSE, 1040, 0.3f, 80, -100 },
    { PH_UNIT_SAW, 2980, 0, 20, -100 }, { PH_UNIT_PULSE, 2980, 0.5f, 20, -100 },
    { PH_UNIT_SAW, 5040, 0, 240, -100 }, { PH_UNIT_PULSE, 5040, 0.3f, 240, -100 },
    { PH_UNIT_BLEP_SAW, 2980, 0, 20, -31.7 }, { PH_UNIT_BLEP_PULSE, 2980, 0.5f, 20, -36 },
    { PH_UNIT_BLEP_TRI, 2980, 0, 20, -56.8 }
};

START_TEST(aliases_stay_below_their_bound)
{
    const struct alias *const a = &aliases[_i];
    render(a->id, a->freq, a->second, 0);
    const double loudest = loudest_alias(a->freq, a->grid);
    ck_assert_msg(loudest < a->bound, "%d: %g dB", _i, loudest);
}
END_TEST

START_TEST(a_bare_saw_has_the_aliases_that_the_others_lack)
{
    render(PH_UNIT_LF_SAW, 2980, 0, 0);
    const double loudest = loudest_alias(2980, 20);
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
        static const enum ph_unit units[] = { PH_UNIT_BLEP_SAW, PH_UNIT_BLEP_PULSE,
                                              PH_UNIT_BLEP_TRI };
        render(units[wave], 100, wave == 1 ? 0.3f : 0.1f, 0.1f);
        for (int n = 0; n < N; n++) {
            const double phi = fmod(0.1f + n * step, 1);
            const double near = fmin(fmin(phi, 1 - phi), fabs(phi - (wave == 1 ? 0.3 : 0.5)));
            const double want = wave == 0   ? 2 * phi - 1
                                : wave == 1 ? (phi < 0.3 ? 1 : -1)
                                            : 1 - 4 * fabs(phi - 0.5);
            if (near > 1.01 * step)
                /* the phase step is cut off at 2^-32 of a turn: 1.1e-5 turns after a second */
                ck_assert_msg(fabs(x[n] - want) < 5e-5, "wave %d frame %d: %g, not %g", wave, n,
                              x[n], want);
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

/*
 * scsynth's LFSaw in double: both ends wrap where they are reached. 375 Hz reaches them on a frame,
 * 440 Hz does once in eleven periods.
 */
START_TEST(low_frequency_saw_wraps_on_the_frame_that_scsynth_does)
{
    static const float freqs[] = { 375, -375, 440, -440, 1e-3f, 30000, -70000 };
    for (int f = 0; f < 14; f++) {
        const float freq = freqs[f / 2], per_hz = (float)(2.0 / rate_hz), turns = freq * per_hz;
        struct unit_host *const h = osc_new(PH_UNIT_LF_SAW, freq, 0, 0);
        double z = turns;
        if (f % 2)
            host_set(h, 0, AR, freq);
        for (int i = 0; i < N; i++) {
            if (i % 64 == 0)
                host_block(h);
            z -= 2 * (turns < 0 ? ceil((z - 1) / 2) : floor((z + 1) / 2));
            const float got = h->out[0][i % 64];
            ck_assert_msg(fabs(got - z) < 1e-6, "%g Hz, %d: %.9g, not %.9g", freq, i, got, z);
            z += turns;
        }
        host_free(h);
    }
}
END_TEST

/** Up at 375 Hz for 100 frames, down for 100: the ends are reached in both directions. */
START_TEST(low_frequency_saw_turns_round)
{
    struct unit_host *const h = osc_new(PH_UNIT_LF_SAW, 375, 0, 0);
    host_set(h, 0, AR, 375);
    double z = 2.0 * 375 / rate_hz;
    for (int i = 0; i < N; i++) {
        if (i % 64 == 0) {
            for (int k = 0; k < 64; k++)
                h->in[0][k] = (i + k) / 100 % 2 ? -375 : 375;
            host_block(h);
        }
        ck_assert_double_eq_tol(h->out[0][i % 64], z, 1e-6);
        z += (i / 100 % 2 ? -2.0 : 2.0) * 375 / rate_hz;
        z -= z >= 1 ? 2 : z <= -1 ? -2 : 0;
    }
    host_free(h);
}
END_TEST

/** scsynth's Impulse in double: freq moves in straight lines from block to block. */
START_TEST(impulses_fall_where_a_phase_in_double_turns)
{
    static const float freqs[] = { 440, -440, 375, -375, 30000, -30000, 48000, 1e5f, 3e-2f, 0 };
    for (int f = 0; f < 30; f++) {
        const float freq = freqs[f % 10], per_hz = (float)(1.0 / rate_hz);
        struct unit_host *const h = osc_new(PH_UNIT_IMPULSE, freq, f % 2 ? 0.25f : 0, 0);
        double phase = f % 2 ? 0.25 : 0, step = freq * per_hz, slope = 0;
        bool turned = phase == 0;
        if (f >= 20)
            host_set(h, 0, AR, freq);
        for (int i = 0; i < N; i++) {
            if (i % 64 == 0) {
                const float now = f < 10 || f >= 20 ? freq : freq * (1 + 0.25f * sinf((float)i));
                host_set(h, 0, h->in_rate[0], now);
                step = i ? step : freq * per_hz;
                slope = (now * per_hz - step) / 64;
                host_block(h);
            }
            ck_assert_msg(h->out[0][i % 64] == (turned ? 1 : 0), "%d: %g Hz frame %d", f, freq, i);
            step = i % 64 == 63 ? (double)(h->in[0][0] * per_hz) : step + slope;
            phase += step;
            turned = step < 0 ? phase <= 0 : phase >= 1;
            if (turned)
                phase -= step < 0 ? ceil(phase) - 1 : floor(phase);
        }
        host_free(h);
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
    tcase_add_test(c, sin_osc_is_within_its_bound_on_the_whole_circle);
    tcase_add_test(c, sin_osc_is_exactly_0_at_whole_and_half_turns);
    tcase_add_test(c, sin_osc_phase_input_modulates_and_wraps);
    tcase_add_test(c, sin_osc_frequency_is_followed_frame_by_frame);
    tcase_add_loop_test(c, saws_have_partials_of_one_over_k, 0, 2);
    tcase_add_test(c, saw_and_pulse_are_their_formula_summed);
    tcase_add_test(c, the_integrator_leaks_a_thousandth_each_frame);
    tcase_add_loop_test(c, block_size_does_not_show, 0, 18);
    tcase_add_loop_test(c, aliases_stay_below_their_bound, 0, 11);
    tcase_add_test(c, a_bare_saw_has_the_aliases_that_the_others_lack);
    tcase_add_test(c, band_limited_oscillators_are_silent_above_half_the_rate);
    tcase_add_test(c, saw_survives_a_frequency_of_zero);
    tcase_add_test(c, pulse_is_low_for_its_width_and_has_no_dc);
    tcase_add_test(c, blep_waves_follow_their_definition_away_from_steps);
    tcase_add_test(c, low_frequency_saw_and_triangle_start_where_they_are_told);
    tcase_add_test(c, low_frequency_saw_wraps_on_the_frame_that_scsynth_does);
    tcase_add_test(c, low_frequency_saw_turns_round);
    tcase_add_test(c, impulses_fall_where_a_phase_in_double_turns);
    tcase_add_test(c, impulses_fall_on_their_frames);
    tcase_add_test(c, impulse_phase_delays_the_first_one);
    return host_run(argc, argv, "oscillator", c);
}
