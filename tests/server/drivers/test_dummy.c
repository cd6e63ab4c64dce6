/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/drivers/test_dummy.c - the driver without a sound card.                           */
#include <stdlib.h>
#include <time.h>

#include "server/drivers/driver.h"
#include "server/drivers/dummy.h"
#include "server/link/snapshot.h"
#include "server/rt/block.h"
#include "tests/support/check_main.h"

enum { WAIT_MS = 10000 };

struct stage {
    struct rt_world *world;
    struct drv *driver;
};

static void stage_open(struct stage *s, uint32_t period_frames, uint32_t capture_frames)
{
    const struct drv_config config = {.n_outputs = 2, .rate_hz = 48000,
                                      .period_frames = period_frames,
                                      .capture_frames = capture_frames};
    struct rt_config engine;
    uint32_t rate_hz;
    char error[256];
    rt_config_defaults(&engine);
    engine.rate_hz = 48000;
    engine.n_outputs = 2;
    ck_assert_int_eq(rt_world_new(&engine, &s->world), PH_OK);
    ck_assert_int_eq(drv_dummy.open(&config, &s->driver, &rate_hz, error), PH_OK);
    ck_assert_uint_eq(rate_hz, 48000);
}

static void drop(void *context, const struct link_report *report)
{
    (void)context;
    (void)report;
}

static void stage_close(struct stage *s)
{
    drv_dummy.close(s->driver);
    rt_world_drain(s->world, drop, NULL);
    rt_world_free(s->world);
}

static uint64_t frames_done(const struct stage *s)
{
    struct link_status status;
    link_snapshot_read(rt_world_snapshot(s->world), &status);
    return status.frame;
}

static void wait_for_frame(const struct stage *s, uint64_t frame)
{
    const struct timespec turn = {.tv_nsec = 1000000};
    for (int waited_ms = 0; frames_done(s) < frame; waited_ms++) {
        ck_assert_int_lt(waited_ms, WAIT_MS);
        nanosleep(&turn, NULL);
    }
}

START_TEST(nothing_renders_before_start_and_nothing_after_stop)
{
    struct stage s;
    char error[256];
    stage_open(&s, 256, 0);
    ck_assert(frames_done(&s) == 0);
    ck_assert_int_eq(drv_dummy.start(s.driver, s.world, error), PH_OK);
    wait_for_frame(&s, 4800);
    ck_assert(drv_dummy.alive(s.driver));
    drv_dummy.stop(s.driver);
    const uint64_t frame = frames_done(&s);
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    ck_assert(frames_done(&s) == frame);
    ck_assert(!drv_dummy.alive(s.driver));
    drv_dummy.stop(s.driver); /* a second time does nothing */
    stage_close(&s);
}
END_TEST

START_TEST(any_period_runs)
{
    static const uint32_t periods[] = {1, 37, 64, 1000, 8192};
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++) {
        struct stage s;
        char error[256];
        stage_open(&s, periods[i], 0);
        ck_assert_int_eq(drv_dummy.start(s.driver, s.world, error), PH_OK);
        wait_for_frame(&s, 640);
        stage_close(&s); /* close stops */
    }
}
END_TEST

START_TEST(the_capture_keeps_what_was_asked_for_and_no_more)
{
    struct stage s;
    char error[256];
    uint32_t n_frames, n_channels;
    stage_open(&s, 256, 1000);
    ck_assert_int_eq(drv_dummy.start(s.driver, s.world, error), PH_OK);
    wait_for_frame(&s, 4800);
    drv_dummy.stop(s.driver);
    ck_assert_ptr_nonnull(drv_dummy_captured(s.driver, &n_frames, &n_channels));
    ck_assert_uint_eq(n_frames, 1000);
    ck_assert_uint_eq(n_channels, 2);
    stage_close(&s);
}
END_TEST

START_TEST(the_clock_is_the_wall_clock)
{
    struct stage s;
    struct link_status status;
    struct timespec now;
    char error[256];
    stage_open(&s, 256, 0);
    ck_assert_int_eq(drv_dummy.start(s.driver, s.world, error), PH_OK);
    wait_for_frame(&s, 48000 / 4);
    link_snapshot_read(rt_world_snapshot(s.world), &status);
    clock_gettime(CLOCK_REALTIME, &now);
    const double seconds = (double)now.tv_sec + 2208988800.0;
    /* the tag must be of this hour, not of 1970 or of the machine's start */
    ck_assert_double_eq_tol(ph_ntp_to_seconds(status.ntp), seconds, 3600);
    stage_close(&s);
}
END_TEST

START_TEST(close_accepts_what_was_never_started)
{
    struct stage s;
    stage_open(&s, 64, 0);
    ck_assert(!drv_dummy.alive(s.driver));
    stage_close(&s);
    drv_dummy.close(NULL);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("dummy");
    tcase_add_test(t, nothing_renders_before_start_and_nothing_after_stop);
    tcase_add_test(t, any_period_runs);
    tcase_add_test(t, the_capture_keeps_what_was_asked_for_and_no_more);
    tcase_add_test(t, the_clock_is_the_wall_clock);
    tcase_add_test(t, close_accepts_what_was_never_started);
    return check_run("dummy", t);
}
