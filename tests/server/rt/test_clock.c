/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/test_clock.c - the loop follows the card, not the jitter of its callbacks.     */
#include <math.h>

#include "server/rt/clock.h"
#include "tests/server/rt/engine.h"

#define SECOND 4294967296.0
#define START_NTP (UINT64_C(3900000000) << 32)

static uint64_t ntp_at(double seconds)
{
    return START_NTP + (uint64_t)(seconds * SECOND);
}

static double seconds_of(uint64_t ntp)
{
    return (double)(int64_t)(ntp - START_NTP) / SECOND;
}

/** Uniform in -1 .. 1. */
static double noise(uint32_t *random)
{
    *random = *random * 1664525 + 1013904223;
    return (double)(int32_t)*random / 2147483648.0;
}

START_TEST(jitter_is_smoothed_and_the_true_rate_found)
{
    const double true_rate = 48000 * 1.0002; /* a card 200 ppm fast */
    struct rt_clock c;
    uint32_t random = 9;
    rt_clock_init(&c, 48000);
    double worst = 0;
    for (uint64_t frame = 0; frame < 48000 * 120; frame += 256) {
        const double t = (double)frame / true_rate;
        rt_clock_period(&c, frame, 256, ntp_at(t + 0.001 * noise(&random)));
        if (frame > 48000 * 60)
            worst = fmax(worst, fabs(seconds_of(rt_clock_ntp(&c, frame)) - t));
    }
    /* jitter of 1 ms peak is 0.58 ms RMS; a loop of 0.1 Hz at 187 periods a second lets about
     * sqrt(3.3 * 2 pi 0.1 / 187 / 2) = 7 % of it through; peaks lie below four times the RMS */
    ck_assert_double_lt(worst, 0.00058 * 0.07 * 4);
    ck_assert_double_eq_tol(rt_clock_frames_per_second(&c), true_rate, 48000 * 50e-6);
}
END_TEST

START_TEST(periods_may_change_their_length)
{
    static const uint32_t periods[] = { 64, 1024, 300, 1, 8192, 128 };
    struct rt_clock c;
    rt_clock_init(&c, 48000);
    uint64_t frame = 0;
    for (uint32_t i = 0; i < 6000; i++) {
        const uint32_t n = periods[i % 6];
        const double t = (double)frame / 48000;
        rt_clock_period(&c, frame, n, ntp_at(t));
        /* without jitter nothing has to be smoothed: rounding of 2^-32 s a period remains */
        ck_assert_double_eq_tol(seconds_of(rt_clock_ntp(&c, frame)), t, 1e-6);
        frame += n;
    }
}
END_TEST

START_TEST(a_step_of_the_wall_clock_restarts_the_loop)
{
    struct rt_clock c;
    rt_clock_init(&c, 48000);
    for (uint64_t frame = 0; frame < 48000; frame += 64)
        rt_clock_period(&c, frame, 64, ntp_at((double)frame / 48000));
    rt_clock_period(&c, 48000, 64, ntp_at(3601));
    ck_assert_double_eq_tol(seconds_of(rt_clock_ntp(&c, 48000)), 3601, 1e-6);
}
END_TEST

START_TEST(without_a_wall_clock_there_is_no_time)
{
    struct rt_clock c;
    rt_clock_init(&c, 44100);
    ck_assert_uint_eq(rt_clock_ntp(&c, 100), 0);
    rt_clock_period(&c, 0, 64, 0);
    ck_assert_uint_eq(rt_clock_ntp(&c, 100), 0);
    ck_assert_double_eq(rt_clock_frames_per_second(&c), 44100);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("clock");
    tcase_add_test(tests, jitter_is_smoothed_and_the_true_rate_found);
    tcase_add_test(tests, periods_may_change_their_length);
    tcase_add_test(tests, a_step_of_the_wall_clock_restarts_the_loop);
    tcase_add_test(tests, without_a_wall_clock_there_is_no_time);
    return engine_main("rt clock", tests);
}
