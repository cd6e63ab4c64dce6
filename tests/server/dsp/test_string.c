/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_string.c - PluckedString and Waveguide: tune, decay, strike, pickup.     */
#include <complex.h>

#include "tests/server/dsp/stream.h"

static const float rate_hz = 48000;
static const double tau = 6.283185307179586;
enum { N = 96000, WINDOW = 8192 };
static float x[N];

/** A string struck at its birth; `third` is the trigger of a pluck, the pickup of a waveguide. */
static struct unit_host *string_new(enum ph_unit id, float freq, float damping, float pickup)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, rate_hz);
    host_set(h, 0, IR, freq);
    host_set(h, 1, IR, damping);
    if (id == PH_UNIT_WAVEGUIDE)
        host_set(h, 2, IR, pickup);
    host_set(h, id == PH_UNIT_WAVEGUIDE ? 3 : 2, IR, 1);
    host_init(h);
    return h;
}

static void render(enum ph_unit id, float freq, float damping, float pickup)
{
    struct unit_host *const h = string_new(id, freq, damping, pickup);
    host_render(h, x, N);
    host_free(h);
}

/** What a Hann window of n frames from `first` on holds of a frequency. */
static double complex seen_in(uint32_t first, uint32_t n, double hz)
{
    double complex sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += (1 - cos(tau * i / n)) * x[first + i] *
               cexp(-I * tau * fmod(hz * (first + i) / rate_hz, 1));
    return sum / n;
}
static double complex seen(uint32_t first, double hz) { return seen_in(first, WINDOW, hz); }

/**
 * The frequency near `hz`, by how far its phase turns from one window to the next; high strings are
 * short, so the windows are a number of periods.
 */
static double measured(double hz)
{
    const uint32_t period = (uint32_t)(rate_hz / hz), first = 3 * period, apart = 8 * period;
    const double complex before = seen_in(first, 32 * period, hz);
    const double turned = carg(seen_in(first + apart, 32 * period, hz) / before);
    return hz + turned / tau * rate_hz / apart;
}

static const float tunings[] = { 55, 110, 246.94f, 440, 1318.5f, 3520, 5001 };

/** High strings die within milliseconds, and that alone flattens them. */
START_TEST(strings_are_in_tune_within_a_cent)
{
    static const enum ph_unit units[] = { PH_UNIT_PLUCKED_STRING, PH_UNIT_WAVEGUIDE };
    for (int u = 0; u < 2; u++) {
        const float freq = tunings[_i];
        render(units[u], freq, 0, 0.13f);
        const double cents = 1200 * log2(measured(freq) / freq);
        ck_assert_msg(fabs(cents) < (freq < 5000 ? 1 : 2), "%g Hz: %g cents", (double)freq, cents);
    }
}
END_TEST

/** How much a harmonic loses in a second, in dB. */
static double loss(double hz)
{
    enum { APART = 16384 };
    const double db = to_db(cabs(seen(2048, hz)) / cabs(seen(2048 + APART, hz)));
    return db * rate_hz / APART;
}

/** By the averages of a period and the gains; the interpolation takes little of these harmonics. */
START_TEST(strings_lose_what_average_and_gain_take)
{
    for (int k = 1; k <= 5; k++) {
        const double freq = 220, half = 3.14159265358979 * k * freq / rate_hz;
        render(PH_UNIT_PLUCKED_STRING, (float)freq, 0.5f, 0);
        const double gain = 0.999 - 0.02 * 0.5;
        ck_assert_double_eq_tol(loss(k * freq), -freq * to_db(gain * cos(half)), 0.4);
        render(PH_UNIT_WAVEGUIDE, (float)freq, 0.25f, 0.13f);
        const double end = 1 - 0.02 * 0.25;
        ck_assert_double_eq_tol(loss(k * freq), -freq * 2 * to_db(end * cos(half)), 0.4);
    }
}
END_TEST

/** Energy of a period some time after the strike, for several dampings. */
START_TEST(damping_shortens_the_sound)
{
    double before = 1e9;
    for (int i = 0; i <= 4; i++) {
        render(_i ? PH_UNIT_WAVEGUIDE : PH_UNIT_PLUCKED_STRING, 330, 0.25f * (float)i, 0.2f);
        const double now = rms(x + 24000, 4800) / rms(x, 400);
        ck_assert_double_lt(now, before);
        before = now;
    }
}
END_TEST

START_TEST(a_strike_is_one_period_of_noise_without_a_mean)
{
    render(PH_UNIT_PLUCKED_STRING, 100, 0.5f, 0);
    double sum = 0;
    for (int i = 0; i < 480; i++)
        sum += x[i];
    ck_assert_double_eq_tol(sum / 480, 0, 1e-6);
    ck_assert_double_eq_tol(rms(x, 480), sqrt(1.0 / 3), 0.06); /* of 480 even values: 2 sigma */
    /* the next period is averaged */
    ck_assert_double_lt(rms(x + 480, 480), 0.8 * rms(x, 480));
}
END_TEST

START_TEST(strings_are_silent_until_struck_and_sound_from_that_frame_on)
{
    const enum ph_unit id = _i ? PH_UNIT_WAVEGUIDE : PH_UNIT_PLUCKED_STRING;
    const uint32_t trigger = _i ? 3 : 2;
    struct unit_host *const h = string_new(id, 200, 0.5f, 0.5f);
    host_set(h, trigger, AR, 0);
    h->in[trigger][17] = 1;
    host_block(h);
    for (int i = 0; i < 17; i++)
        ck_assert(h->out[0][i] == 0);
    /* from the end of a waveguide to its middle a wave takes a quarter of a period */
    const int first = _i ? 17 + 59 : 17;
    for (int i = 17; i < first && i < 64; i++)
        ck_assert(h->out[0][i] == 0);
    h->in[trigger][17] = 0;
    host_render(h, x, 640);
    ck_assert_double_gt(_i ? rms(x + 13, 200) : rms(h->out[0] + 17, 47), 0.2);
    ck_assert(!_i || peak(x, first - 64) == 0);
    host_free(h);
}
END_TEST

START_TEST(a_string_is_struck_again_where_the_trigger_rises)
{
    const enum ph_unit id = _i ? PH_UNIT_WAVEGUIDE : PH_UNIT_PLUCKED_STRING;
    const uint32_t trigger = _i ? 3 : 2;
    struct unit_host *const h = string_new(id, 200, 1, 0.3f);
    host_set(h, trigger, KR, 1);
    host_render(h, x, 12800);
    ck_assert_double_lt(rms(x + 12000, 800), 0.2 * rms(x, 480)); /* held high: struck once */
    host_set(h, trigger, KR, 0);
    host_render(h, x, 64);
    host_set(h, trigger, KR, 1);
    host_render(h, x + 12800, 640);
    ck_assert_double_gt(rms(x + 12800, 640), 0.5 * rms(x, 640));
    host_free(h);
}
END_TEST

/** Harmonics with a node at the pickup aren't heard. */
START_TEST(a_waveguide_is_heard_at_its_pickup)
{
    for (int node = 2; node <= 4; node++) {
        render(PH_UNIT_WAVEGUIDE, 110, 0, 1.0f / (float)node);
        double heard = 0, unheard = 0; /* mean powers */
        for (int k = 1; k <= 12; k++) {
            const double power = pow(cabs(seen(0, 110.0 * k)), 2);
            if (k % node == 0)
                unheard += power / (12 / node);
            else
                heard += power / (12 - 12 / node);
        }
        ck_assert_msg(unheard < 1e-3 * heard, "node %d: %g dB", node, 0.5 * to_db(unheard / heard));
    }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("string");
    tcase_add_loop_test(c, strings_are_in_tune_within_a_cent, 0, sizeof tunings / sizeof *tunings);
    tcase_add_test(c, strings_lose_what_average_and_gain_take);
    tcase_add_loop_test(c, damping_shortens_the_sound, 0, 2);
    tcase_add_test(c, a_strike_is_one_period_of_noise_without_a_mean);
    tcase_add_loop_test(c, strings_are_silent_until_struck_and_sound_from_that_frame_on, 0, 2);
    tcase_add_loop_test(c, a_string_is_struck_again_where_the_trigger_rises, 0, 2);
    tcase_add_test(c, a_waveguide_is_heard_at_its_pickup);
    return host_run(argc, argv, "string", c);
}
