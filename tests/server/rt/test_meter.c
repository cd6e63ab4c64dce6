/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/test_meter.c - what status shows of load, peaks and overruns.                  */
#include "tests/server/rt/engine.h"

/** Reports `n` periods of 64 frames that took a share of their budget. */
static void periods(struct engine *e, uint32_t n, double load)
{
    const uint64_t budget_ns = 64 * UINT64_C(1000000000) / 48000;
    for (uint32_t i = 0; i < n; i++)
        rt_meter_period(e->w, (uint64_t)(load * (double)budget_ns), budget_ns);
}

START_TEST(load_shows_mean_percentile_and_worst)
{
    struct engine *const e = engine_new(NULL);
    periods(e, 985, 0.1);
    periods(e, 14, 0.5);
    periods(e, 1, 0.9);
    engine_run(e, 1);
    const struct link_status s = engine_status(e);
    /* times are whole nanoseconds of 1.3 ms */
    ck_assert_float_eq_tol(s.load_mean, 0.985f * 0.1f + 0.014f * 0.5f + 0.0009f, 1e-5f);
    ck_assert_float_eq_tol(s.load_p99, 0.5f, 0.0026f); /* one bin */
    ck_assert_float_eq_tol(s.load_worst, 0.9f, 1e-5f);
    engine_free(e);
}
END_TEST

START_TEST(load_forgets_after_ten_seconds)
{
    struct engine *const e = engine_new(NULL);
    periods(e, 10, 2.5); /* overload, above the histogram's range */
    engine_run(e, 1);
    ck_assert_float_eq_tol(engine_status(e).load_worst, 2.5f, 1e-4f);
    ck_assert_float_eq_tol(engine_status(e).load_p99, 1.28f, 0.01f); /* the top bin's edge */
    periods(e, 750 * 11, 0.2);
    engine_run(e, 1);
    const struct link_status s = engine_status(e);
    ck_assert_float_eq_tol(s.load_worst, 0.2f, 1e-4f);
    ck_assert_float_eq_tol(s.load_mean, 0.2f, 1e-4f);
    ck_assert_float_eq_tol(s.load_p99, 0.2f, 0.0026f);
    engine_free(e);
}
END_TEST

START_TEST(worst_block_is_kept_since_the_start)
{
    struct engine *const e = engine_new(NULL);
    engine_run(e, 1);
    rt_meter_period(e->w, 700000, 1333333);
    engine_run(e, 4); /* one period of four blocks */
    rt_meter_period(e->w, 800000, 4 * 1333333);
    engine_run(e, 1);
    ck_assert_float_eq_tol(engine_status(e).block_worst_us, 700, 0.01f);
    engine_free(e);
}
END_TEST

START_TEST(xruns_and_fill_and_peak_are_shown)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_level_def(e);
    rt_meter_xrun(e->w);
    rt_meter_xrun(e->w);
    struct rt_synth *const synth = engine_synth(def, 1);
    ck_assert(nrt_synth_set(synth, engine_symbol(e, "x"), -0.5f));
    engine_add(e, synth, 0, 1);
    engine_send_seq(e, (struct link_command){ .due_frame = 100000, .kind = LINK_STEP });
    engine_run(e, 1);
    struct link_status s = engine_status(e);
    ck_assert_uint_eq(s.n_xruns, 2);
    ck_assert_float_eq(s.command_ring_fill, 1 / 256.0f);
    ck_assert_float_eq(s.seq_ring_fill, 1 / 256.0f);
    ck_assert_float_eq(s.sched_fill, 1 / 256.0f);
    ck_assert_float_eq(s.peak[0], 0.5f);
    ck_assert_float_eq(s.peak[1], 0);
    ck_assert_uint_eq(s.n_synths, 1);
    ck_assert_uint_eq(s.n_units, def->n_units);
    ck_assert_uint_eq(s.n_groups, 1);
    ck_assert_uint_eq(s.frame, 64);
    engine_node(e, LINK_NODE_FREE, 1, 0);
    engine_run(e, 1125); /* 1.5 s: 20 dB down */
    s = engine_status(e);
    ck_assert_float_eq_tol(s.peak[0], 0.05f, 0.0005f);
    ck_assert_uint_eq(s.n_synths, 0);
    ck_assert_uint_eq(s.n_units, 0);
    nrt_def_release(def);
    engine_free(e);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("meter");
    tcase_add_test(tests, load_shows_mean_percentile_and_worst);
    tcase_add_test(tests, load_forgets_after_ten_seconds);
    tcase_add_test(tests, worst_block_is_kept_since_the_start);
    tcase_add_test(tests, xruns_and_fill_and_peak_are_shown);
    return engine_main("rt meter", tests);
}
