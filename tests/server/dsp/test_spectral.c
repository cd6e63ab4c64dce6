/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_spectral.c - transforms, convolvers, SpectralFreeze.                     */
#include "server/dsp/fft.h"
#include "tests/server/dsp/stream.h"

static const float rate_hz = 48000;
static const double tau = 6.283185307179586;
enum { N = 96000, SECOND = 48000 };
static float in[N], x[N], y[N];

START_TEST(transforms_are_the_sum_that_defines_them)
{
    const enum dsp_fft_size size = _i ? DSP_FFT_2048 : DSP_FFT_128;
    const uint32_t n = dsp_fft_frames(size), part = dsp_fft_part(size);
    _Alignas(64) float frames[2048], spectrum[2 * DSP_FFT_PART_MAX], back[2048];
    float kept[2048];
    fill_noise(frames, n, 5);
    memcpy(kept, frames, sizeof kept);
    host_fft()->forward(host_fft(), size, frames, spectrum);
    for (uint32_t k = 0; k <= n / 2; k += 7) {
        double re = 0, im = 0;
        for (uint32_t i = 0; i < n; i++) {
            re += kept[i] * cos(tau * k * i / n);
            im -= kept[i] * sin(tau * k * i / n);
        }
        ck_assert_double_eq_tol(spectrum[k], re, 1e-4);
        ck_assert_double_eq_tol(spectrum[part + k], im, 1e-4);
    }
    host_fft()->inverse(host_fft(), size, spectrum, back);
    for (uint32_t i = 0; i < n; i++)
        ck_assert_double_eq_tol(back[i], (double)n * kept[i], 1e-6 * n);
}
END_TEST

/* ------------------------------------------------------------------- SuperCollider's convolvers */

/** With buffer 0 as kernel, or buffers 0 and 1, windows of 256 frames and fades of three. */
static struct unit_host *window_convolver(enum ph_unit id, float first, float second)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, rate_hz);
    uint32_t input = 1;
    host_set(h, input++, IR, first);
    if (id == PH_UNIT_STEREO_CONVOLUTION2_L)
        host_set(h, input++, IR, second);
    host_set(h, input++, KR, 0);
    host_set(h, input++, IR, 256);
    host_set(h, input, IR, 3);
    fill_noise(h->sample, 8000, 3);
    h->buffers[0].n_frames = 200;
    h->buffers[1] = (struct dsp_buffer){ h->sample + 1000, 256, 1, rate_hz, DSP_SAMPLES };
    host_init(h);
    return h;
}

/** Renders so many windows; on the fourth the kernel is read again, changed by then. */
static void run_windows(struct unit_host *h, uint32_t trigger, float *left, float *right)
{
    for (uint32_t at = 0; at < 20 * 256; at += 64) {
        if (at == 3 * 256)
            fill_noise(h->sample, 8000, 8);
        host_set(h, trigger, KR, at >= 3 * 256);
        host_feed(h, 0, in, at, 64);
        host_block(h);
        memcpy(left + at, h->out[0], 64 * sizeof *left);
        if (right)
            memcpy(right + at, h->out[1], 64 * sizeof *right);
    }
}

START_TEST(a_stereo_convolver_is_one_for_each_channel)
{
    static float left[N], right[N];
    struct unit_host *const both = window_convolver(PH_UNIT_STEREO_CONVOLUTION2_L, 0, 1);
    fill_noise(in, N, 7);
    run_windows(both, 3, left, right);
    for (int channel = 0; channel < 2; channel++) {
        struct unit_host *const one = window_convolver(PH_UNIT_CONVOLUTION2_L, (float)channel, 0);
        run_windows(one, 2, x, NULL);
        ck_assert_double_gt(peak(x, 20 * 256), 1);
        for (uint32_t i = 0; i < 20 * 256; i++)
            ck_assert_float_eq(x[i], channel ? right[i] : left[i]);
        host_free(one);
    }
    host_free(both);
}
END_TEST

/** Sum over k of kernel[k] in[at - k]. */
static double multiplied_out(const float *kernel, int32_t n, int32_t at)
{
    double sum = 0;
    for (int32_t k = 0; k < n && k <= at; k++)
        sum += (double)kernel[k] * in[at - k];
    return sum;
}

START_TEST(convolution3_is_the_sum_that_defines_it)
{
    struct unit_host *const h = window_convolver(PH_UNIT_CONVOLUTION3, 0, 0);
    fill_noise(in, N, 7);
    stream(h, in, 4096, 0, x);
    for (int32_t at = 0; at < 4096; at += 13)
        ck_assert_double_eq_tol(x[at], multiplied_out(h->sample, 200, at), 1e-4);
    host_free(h);
}
END_TEST

START_TEST(windows_come_one_window_less_a_block_late)
{
    struct unit_host *const h = window_convolver(PH_UNIT_CONVOLUTION2, 0, 0);
    fill_noise(in, N, 7);
    stream(h, in, 4096, 64, x);
    for (int32_t at = 192; at < 4096; at += 13)
        ck_assert_double_eq_tol(x[at], multiplied_out(h->sample, 200, at - 192), 1e-4);
    host_free(h);
}
END_TEST

/* ------------------------------------------------------------------------------------ Convolve */

static struct unit_host *convolver(float seconds, float buffer, float channel)
{
    struct unit_host *const h = host_new(PH_UNIT_CONVOLVE, 0, 1, AR, rate_hz);
    host_set(h, 1, IR, seconds);
    host_set(h, 2, IR, buffer);
    host_set(h, 3, IR, channel);
    return h;
}

/** LANGUAGE 15.1, tap by tap. */
static double default_tap(int i)
{
    static const int ms[] = { 0, 21, 43, 67, 89, 121, 156 };
    static const double levels[] = { 1, 0.6, 0.4, 0.3, 0.2, 0.15, 0.1 };
    double tap = i < SECOND / 2 ? 0.05 * exp(-3.0 * i / SECOND) : 0;
    for (int e = 0; e < 7; e++)
        tap += i == ms[e] * 48 ? levels[e] : 0;
    return tap;
}

START_TEST(convolve_gives_the_default_response_tap_by_tap)
{
    struct unit_host *const h = convolver(0.5f, -1, 0);
    fill_impulse(in, N);
    stream(h, in, N, _i ? CUT_UNEVENLY : 64, x);
    for (int i = 0; i < SECOND; i++)
        ck_assert_double_eq_tol(x[i], default_tap(i), 1e-6);
    host_free(h);
}
END_TEST

/** The sum, in double, at some frames. */
static double convolved(const float *taps, uint32_t stride, uint32_t n_taps, uint32_t at)
{
    double sum = 0;
    for (uint32_t k = 0; k < n_taps && k <= at; k++)
        sum += (double)taps[k * stride] * in[at - k];
    return sum;
}

START_TEST(convolve_is_the_sum_over_a_buffer)
{
    static const struct { float buffer, channel; uint32_t stride, n_taps; } cases[] = {
        { 0, 0, 1, 8000 }, { 1, 0, 2, 4000 }, { 1, 1, 2, 4000 }, { 1, 2, 2, 4000 }
    };
    for (int c = 0; c < 4; c++) {
        struct unit_host *const h = convolver(0.25f, cases[c].buffer, cases[c].channel);
        fill_noise(h->sample, 8000, 9);
        fill_noise(in, N, 4);
        stream(h, in, 24000, 64, x);
        const float *const taps = h->sample + (c == 2);
        for (uint32_t i = 0; i < 24000; i += 17)
            ck_assert_double_eq_tol(x[i], convolved(taps, cases[c].stride, cases[c].n_taps, i),
                                    1e-3);
        host_free(h);
    }
}
END_TEST

START_TEST(convolve_leaves_out_what_lies_beyond_maxtime)
{
    struct unit_host *const h = convolver(0.1f, 0, 0);
    fill_noise(h->sample, 8000, 9);
    fill_impulse(in, N);
    stream(h, in, 16000, 64, x);
    for (uint32_t i = 0; i < 4800; i++)
        ck_assert_double_eq_tol(x[i], h->sample[i], 1e-5);
    ck_assert_double_lt(peak(x + 4800 + 1024, 8000), 1e-5); /* the last part is filled up */
    host_free(h);
}
END_TEST

START_TEST(convolve_without_a_buffer_is_silent_and_forgets_what_was_not_finite)
{
    struct unit_host *h = convolver(0.2f, 7, 0);
    fill_noise(in, N, 4);
    stream(h, in, 9600, 64, x);
    ck_assert_double_eq(peak(x, 9600), 0);
    host_free(h);
    h = convolver(0.2f, -1, 0);
    for (int i = 100; i < 200; i++)
        in[i] = NAN;
    stream(h, in, 9600, 64, x);
    ck_assert(all_finite(x, 9600));
    host_free(h);
}
END_TEST

/** A response that is loaded while the unit plays, and another one after it. */
START_TEST(convolve_follows_its_buffer)
{
    struct unit_host *const h = convolver(0.1f, 0, 0);
    float *const data = h->buffers[0].data;
    fill_noise(data, 8000, 9);
    fill_noise(in, N, 4);
    h->buffers[0].data = NULL;
    stream(h, in, 9600, 64, x);
    ck_assert_double_eq(peak(x, 9600), 0);
    for (int change = 0; change < 2; change++) {
        uint32_t at = change ? 28800 : 9600;
        h->buffers[0].data = data;
        host_set(h, 2, KR, change ? 1 : 0);
        stream(h, in + at, 19200, 64, x + at);
        /* parts of 1024 come back one in 1024 frames */
        for (at += 9600; at < (change ? 48000u : 28800u); at += 37)
            ck_assert_double_eq_tol(x[at], convolved(h->sample, change ? 2 : 1,
                                                     change ? 4000 : 4800 + 320, at), 1e-3);
    }
    host_free(h);
}
END_TEST

/** After an edit, the old and the new synth go on over one memory, block by block in turn. */
START_TEST(two_states_over_one_memory_hear_the_same)
{
    struct unit_host *const old = convolver(0.5f, -1, 0), *const new = convolver(0.5f, -1, 0);
    fill_noise(in, N, 4);
    stream(old, in, 9000, CUT_UNEVENLY, x); /* blocks of 64 begin anywhere in the engine's */
    new->state = host_alloc(new->unit->state_bytes);
    memcpy(new->state, old->state, new->unit->state_bytes);
    new->b.memory = old->b.memory;
    new->b.memory_frames = old->b.memory_frames;
    for (uint32_t at = 9000; at + 64 < 24000; at += 64) {
        float *const x_at[HOST_OUTPUTS] = { x + at }, *const y_at[HOST_OUTPUTS] = { y + at };
        const float *const from = in + at;
        stream_run(old, &from, 1, 64, 64, x_at);
        stream_run(new, &from, 1, 64, 64, y_at);
        assert_same(x + at, y + at, 64, "the second one");
    }
    struct unit_host *const alone = convolver(0.5f, -1, 0);
    stream(alone, in, 24000, CUT_UNEVENLY, y);
    assert_close(y + 9000, x + 9000, 14000, "the first one");
    new->b.memory = NULL;
    host_free(old);
    host_free(new);
    host_free(alone);
}
END_TEST

/* ------------------------------------------------------------------------------ SpectralFreeze */

/** A trigger at frame `at`; the signal ends there. */
static void freeze(uint32_t at, uint32_t part)
{
    struct unit_host *const h = host_new(PH_UNIT_SPECTRAL_FREEZE, 0, 1, AR, rate_hz);
    const float *const signals[] = { in, y };
    float *const outs[HOST_OUTPUTS] = { x };
    memset(y, 0, sizeof y);
    y[at] = 1;
    stream_run(h, signals, 2, N, part, outs);
    host_free(h);
}

START_TEST(before_the_first_trigger_the_signal_passes)
{
    fill_noise(in, N, 8);
    freeze(N - 1, 64);
    assert_same(in, x, N - 1, "the signal");
}
END_TEST

START_TEST(a_frozen_sine_stays_what_it_was)
{
    const double freqs[] = { 441.3, 1000, 93.75, 5555.5 };
    for (int f = 0; f < 4; f++) {
        fill_sine(in, N, freqs[f], rate_hz, 0.5);
        memset(in + 10000, 0, (N - 10000) * sizeof *in);
        freeze(10000, f % 2 ? CUT_UNEVENLY : 64);
        /* over the trigger and for two seconds: level, pitch, no seam */
        for (uint32_t i = 11000; i + 8192 < N; i += 8192) {
            ck_assert_double_eq_tol(to_db(level_at(x + i, 8192, freqs[f], rate_hz) / 0.5), 0, 0.2);
            ck_assert_double_eq_tol(rms(x + i, 8192), 0.5 / sqrt(2), 0.01);
        }
        /* the frames before the trigger were made as well: the level doesn't dip behind it */
        for (uint32_t i = 10512; i < 14000; i += 512)
            ck_assert_double_eq_tol(rms(x + i, 512), rms(in + 9488, 512), 0.025);
        double step = 0;
        for (uint32_t i = 10512; i < N; i++)
            step = fmax(step, fabs(x[i] - x[i - 1]));
        ck_assert_double_lt(step, 1.1 * 0.5 * tau * freqs[f] / rate_hz);
    }
}
END_TEST

/** Levels of one stretch in 20 bands of equal width. */
static void bands(const float *from, double *levels)
{
    for (int k = 0; k < 20; k++) {
        levels[k] = 0;
        for (int j = 0; j < 12; j++)
            levels[k] += pow(level_at(from, 8192, 1000.0 * k + 100 + 75 * j, rate_hz), 2);
    }
}

START_TEST(a_frozen_noise_has_a_steady_spectrum)
{
    double early[20], late[20];
    fill_noise(in, N, 8);
    memset(in + 10000, 0, (N - 10000) * sizeof *in);
    freeze(10000, 64);
    bands(x + 12000, early);
    bands(x + 80000, late);
    for (int k = 0; k < 20; k++)
        ck_assert_msg(fabs(to_db(sqrt(early[k] / late[k]))) < 3, "band %d: %g dB", k,
                      to_db(sqrt(early[k] / late[k])));
    for (uint32_t i = 12000; i + 8192 < N; i += 8192)
        ck_assert_double_eq_tol(to_db(rms(x + i, 8192)), to_db(rms(x + 12000, 8192)), 1.5);
}
END_TEST

START_TEST(a_second_trigger_holds_what_is_there_then)
{
    struct unit_host *const h = host_new(PH_UNIT_SPECTRAL_FREEZE, 0, 1, AR, rate_hz);
    const float *const signals[] = { in, y };
    float *const outs[HOST_OUTPUTS] = { x };
    fill_sine(in, N, 500, rate_hz, 0.5);
    fill_sine(in + 20000, N - 20000, 2000, rate_hz, 0.5);
    memset(y, 0, sizeof y);
    y[10000] = y[40000] = 1;
    stream_run(h, signals, 2, N, 64, outs);
    ck_assert_double_eq_tol(level_at(x + 22000, 8192, 500, rate_hz), 0.5, 0.02);
    ck_assert_double_lt(level_at(x + 22000, 8192, 2000, rate_hz), 0.01);
    ck_assert_double_eq_tol(level_at(x + 44000, 8192, 2000, rate_hz), 0.5, 0.02);
    ck_assert_double_lt(level_at(x + 44000, 8192, 500, rate_hz), 0.01);
    ck_assert_double_lt(peak(x + 38000, 6000), 1.05); /* the windows crossfade */
    host_free(h);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("spectral");
    tcase_add_loop_test(c, transforms_are_the_sum_that_defines_them, 0, 2);
    tcase_add_loop_test(c, convolve_gives_the_default_response_tap_by_tap, 0, 2);
    tcase_add_test(c, convolve_is_the_sum_over_a_buffer);
    tcase_add_test(c, convolve_leaves_out_what_lies_beyond_maxtime);
    tcase_add_test(c, convolve_without_a_buffer_is_silent_and_forgets_what_was_not_finite);
    tcase_add_test(c, a_stereo_convolver_is_one_for_each_channel);
    tcase_add_test(c, convolution3_is_the_sum_that_defines_it);
    tcase_add_test(c, windows_come_one_window_less_a_block_late);
    tcase_add_test(c, convolve_follows_its_buffer);
    tcase_add_test(c, two_states_over_one_memory_hear_the_same);
    tcase_add_test(c, before_the_first_trigger_the_signal_passes);
    tcase_add_test(c, a_frozen_sine_stays_what_it_was);
    tcase_add_test(c, a_frozen_noise_has_a_steady_spectrum);
    tcase_add_test(c, a_second_trigger_holds_what_is_there_then);
    return host_run(argc, argv, "spectral", c);
}
