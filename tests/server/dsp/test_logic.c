/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_logic.c - Select, Latch, Schmidt, Sweep, Clip, Wrap, Fold.               */
#include "tests/server/dsp/stream.h"

enum { N = 4800 };
static float in[N], second[N], out[N], again[N];
static float *const outs[HOST_OUTPUTS] = { out }, *const outs_again[HOST_OUTPUTS] = { again };

static void run2(struct unit_host *h, const float *a, const float *b, uint32_t part,
                 float *const *to)
{
    const float *const signals[2] = { a, b };
    stream_run(h, signals, 2, N, part, to);
}

START_TEST(select_gives_the_chosen_signal_bit_for_bit)
{
    const float which[] = { -3, -0.5f, 0, 0.99f, 1, 1.7f, 2, 2.5f, 3, 900, NAN };
    const int chosen[] = { 0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 0 };
    for (uint32_t width = 1; width; width = host_wider(width)) {
        struct unit_host *const h = host_new(PH_UNIT_SELECT, 0, width, AR, 48000);
        const float values[] = { 0.1f, INFINITY, -0.3f };
        for (uint32_t k = 0; k < 3; k++)
            host_set(h, 1 + k, k == 1 ? KR : AR, values[k]);
        for (int i = 0; i < 11; i++) {
            host_set(h, 0, i % 2 ? KR : AR, which[i]);
            if (!h->state)
                host_init(h);
            host_block(h);
            for (uint32_t f = 0; f < 64 * width; f++)
                ck_assert_float_eq(h->out[0][f], values[chosen[i]]);
        }
        host_free(h);
    }
}
END_TEST

START_TEST(select_changes_on_its_frame)
{
    struct unit_host *const h = host_new(PH_UNIT_SELECT, 0, 1, AR, 48000);
    host_set(h, 1, IR, 5);
    host_set(h, 2, IR, 7);
    for (int i = 0; i < N; i++)
        in[i] = i >= 1003;
    stream(h, in, N, CUT_UNEVENLY, out);
    ck_assert_float_eq(out[1002], 5);
    ck_assert_float_eq(out[1003], 7);
    host_free(h);
}
END_TEST

START_TEST(latch_holds_what_it_sees_when_the_trigger_rises)
{
    struct unit_host *const h = host_new(PH_UNIT_LATCH, 0, 1, AR, 48000);
    for (int i = 0; i < N; i++) {
        in[i] = (float)i;
        second[i] = i == 100 || i == 101 || (i >= 300 && i < 400) ? 0.25f : i < 200 ? 0 : -1;
    }
    run2(h, in, second, CUT_UNEVENLY, outs);
    for (int i = 0; i < N; i++)
        ck_assert_float_eq(out[i], i < 100 ? 0 : i < 300 ? 100 : 300);
    host_free(h);
}
END_TEST

START_TEST(schmidt_goes_on_above_one_level_and_off_below_the_other)
{
    struct unit_host *const h = host_new(PH_UNIT_SCHMIDT, 0, 1, AR, 48000);
    host_set(h, 1, IR, 0.25f);
    host_set(h, 2, IR, 0.75f);
    for (int i = 0; i < N; i++) /* up and down in steps of 1/400 */
        in[i] = (float)(i / 400 % 2 ? 400 - i % 400 : i % 400) / 400.0f;
    in[2000] = NAN;
    stream(h, in, N, CUT_UNEVENLY, out);
    bool on = false;
    for (int i = 0; i < N; i++) {
        on = on ? !(in[i] < 0.25f) : in[i] > 0.75f;
        ck_assert_float_eq(out[i], on);
    }
    ck_assert_float_eq(out[300], 0); /* at the level is not above it */
    ck_assert_float_eq(out[301], 1);
    host_free(h);
}
END_TEST

START_TEST(sweep_counts_seconds_since_the_trigger)
{
    struct unit_host *const h = host_new(PH_UNIT_SWEEP, 0, 1, AR, 48000);
    host_set(h, 1, IR, 1);
    for (int i = 0; i < N; i++)
        in[i] = i >= 1000 && i < 1010 ? 1 : 0;
    stream(h, in, N, CUT_UNEVENLY, out);
    for (int i = 0; i < N; i++)
        ck_assert_double_eq_tol(out[i], (i < 1000 ? i + 1 : i - 1000) / 48000.0, 1e-8);
    host_free(h);
}
END_TEST

/** A float alone would stand still after 2^24 frames, which is six minutes. */
START_TEST(sweep_still_counts_after_an_hour)
{
    struct unit_host *const h = host_new(PH_UNIT_SWEEP, 0, 1, AR, 48000);
    host_set(h, 0, AR, 0);
    host_set(h, 1, IR, 1);
    host_init(h);
    const double hour = 3600;
    memcpy(h->state, &hour, sizeof hour);
    for (int i = 0; i < 1000; i++)
        host_block(h);
    ck_assert_double_eq_tol(h->out[0][63], 3600 + 64000 / 48000.0, 3e-4);
    host_free(h);
}
END_TEST

/** x brought into lo .. hi in the way that the unit's name says. */
static double bound(enum ph_unit id, double x, double lo, double hi)
{
    const double range = hi - lo;
    if (id == PH_UNIT_CLIP)
        return fmin(fmax(x, lo), hi);
    if (id == PH_UNIT_WRAP)
        return lo + (x - lo) - range * floor((x - lo) / range);
    const double along = fabs(fmod(x - lo, 2 * range));
    return lo + (along > range ? 2 * range - along : along);
}

START_TEST(clip_wrap_and_fold_stay_between_their_limits)
{
    const enum ph_unit ids[] = { PH_UNIT_CLIP, PH_UNIT_WRAP, PH_UNIT_FOLD };
    const enum ph_unit id = ids[_i];
    for (int moves = 0; moves < 2; moves++) {
        struct unit_host *const h = host_new(id, 0, 1, AR, 48000);
        host_set(h, 1, IR, -0.3f);
        host_set(h, 2, IR, 0.5f);
        for (int i = 0; i < N; i++) {
            in[i] = 4 * sinf(0.01f * (float)i);
            second[i] = moves ? -0.3f - 0.001f * (float)(i % 100) : -0.3f;
        }
        run2(h, in, moves ? second : NULL, 64, outs);
        for (int i = 0; i < N; i++) {
            const double want = bound(id, in[i], second[i], 0.5);
            const double error = fabs(out[i] - want), range = 0.5 - second[i];
            /* a rounding may take a value from one end of a wrap to the other */
            ck_assert_msg(error < 1e-6 || (id == PH_UNIT_WRAP && fabs(error - range) < 1e-6),
                          "%s of %g is %g, not %g", ph_units[id].name, (double)in[i],
                          (double)out[i], want);
        }
        host_free(h);
    }
}
END_TEST

START_TEST(the_block_size_does_not_show)
{
    const enum ph_unit ids[] = { PH_UNIT_SELECT, PH_UNIT_LATCH, PH_UNIT_SCHMIDT, PH_UNIT_SWEEP };
    fill_noise(in, N, 1);
    fill_noise(second, N, 2);
    for (int run = 0; run < 2; run++) {
        struct unit_host *const h = host_new(ids[_i], 0, 1, AR, 48000);
        for (uint32_t k = 2; k < ph_units[ids[_i]].n_inputs; k++)
            host_set(h, k, IR, 0.3f);
        run2(h, in, second, run ? CUT_UNEVENLY : 64, run ? outs_again : outs);
        host_free(h);
    }
    assert_same(out, again, N, ph_units[ids[_i]].name);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("logic");
    tcase_add_test(c, select_gives_the_chosen_signal_bit_for_bit);
    tcase_add_test(c, select_changes_on_its_frame);
    tcase_add_test(c, latch_holds_what_it_sees_when_the_trigger_rises);
    tcase_add_test(c, schmidt_goes_on_above_one_level_and_off_below_the_other);
    tcase_add_test(c, sweep_counts_seconds_since_the_trigger);
    tcase_add_test(c, sweep_still_counts_after_an_hour);
    tcase_add_loop_test(c, clip_wrap_and_fold_stay_between_their_limits, 0, 3);
    tcase_add_loop_test(c, the_block_size_does_not_show, 0, 4);
    return host_run(argc, argv, "logic", c);
}
