/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_trigger.c - triggers in time, counters, extremes, bits: the edges.       */
#include "tests/server/dsp/unit_host.h"

/** A unit whose inputs are all 0. */
static struct unit_host *open_still(enum ph_unit id, uint8_t rate)
{
    struct unit_host *const h = host_new(id, 0, 1, rate, 48000);
    for (uint32_t i = 0; i < ph_units[id].n_inputs; i++)
        host_set(h, i, IR, 0);
    host_set(h, 0, rate, 0);
    return h;
}

START_TEST(any_duration_ends_or_lasts_but_does_no_harm)
{
    const enum ph_unit ids[] = { PH_UNIT_TRIG, PH_UNIT_TRIG1, PH_UNIT_T_DELAY };
    const float seconds[] = { NAN, -1, -INFINITY, 0 }, long_ones[] = { INFINITY, 1e30f };
    for (int u = 0; u < 3; u++)
        for (int i = 0; i < 6; i++) {
            struct unit_host *const h = open_still(ids[u], AR);
            host_set(h, 1, IR, i < 4 ? seconds[i] : long_ones[i - 4]);
            host_init(h);
            h->in[0][3] = 1;
            host_block(h);
            const float first = ids[u] == PH_UNIT_T_DELAY ? 0 : 1;
            ck_assert_float_eq(h->out[0][3], first);
            ck_assert_float_eq(h->out[0][4], i < 4 ? 1 - first : first);
            ck_assert_float_eq(h->out[0][5], i < 4 ? 0 : first);
            host_free(h);
        }
}
END_TEST

START_TEST(trig1_does_not_hear_what_rises_before_its_end)
{
    struct unit_host *const h = open_still(PH_UNIT_TRIG1, AR);
    host_set(h, 1, IR, 10 / 48000.0f);
    host_init(h);
    h->in[0][5] = h->in[0][9] = h->in[0][15] = h->in[0][20] = 1;
    host_block(h);
    for (int i = 0; i < DSP_BLOCK_FRAMES; i++) /* 15 is the frame on which it falls back */
        ck_assert_float_eq(h->out[0][i], (i >= 5 && i < 15) || (i >= 20 && i < 30) ? 1 : 0);
    host_free(h);
}
END_TEST

START_TEST(timer_reads_between_frames_and_forgets_what_is_no_number)
{
    struct unit_host *const h = open_still(PH_UNIT_TIMER, AR);
    host_set(h, 0, AR, -1);
    host_init(h);
    h->in[0][10] = 1; /* crosses half a frame before */
    h->in[0][20] = 3; /* a quarter of a frame behind 19 */
    h->in[0][29] = -INFINITY;
    h->in[0][30] = INFINITY;
    h->in[0][40] = NAN;
    h->in[0][50] = 1;
    host_block(h);
    ck_assert_float_eq_tol(h->out[0][25], 9.75f / 48000, 1e-9f);
    ck_assert_float_eq_tol(h->out[0][60], 20.5f / 48000, 1e-9f);
    host_free(h);
}
END_TEST

START_TEST(toggle_turns_over_once_where_a_control_rises)
{
    struct unit_host *const h = open_still(PH_UNIT_TOGGLE_FF, AR);
    host_set(h, 0, KR, 0);
    host_init(h);
    const float trigger[] = { 0, 1, 1, 0, 1 }, want[] = { 0, 1, 1, 1, 0 };
    for (int block = 0; block < 5; block++) {
        h->in[0][0] = trigger[block];
        host_block(h);
        ck_assert_float_eq(h->out[0][0], want[block]);
        ck_assert_float_eq(h->out[0][63], want[block]);
    }
    host_free(h);
}
END_TEST

START_TEST(stepper_takes_any_numbers)
{
    const float numbers[] = { NAN, INFINITY, -INFINITY, 3e38f, -1e30f, 0, 1, -7.9f };
    for (int min = 0; min < 8; min++)
        for (int max = 0; max < 8; max++)
            for (int step = 0; step < 8; step++) {
                struct unit_host *const h = open_still(PH_UNIT_STEPPER, KR);
                host_set(h, 2, IR, numbers[min]);
                host_set(h, 3, IR, numbers[max]);
                host_set(h, 4, IR, numbers[step]);
                host_init(h);
                for (int block = 0; block < 20; block++) {
                    h->in[0][0] = (float)(block % 2);
                    host_block(h);
                    ck_assert(isfinite(h->out[0][0]));
                }
                host_free(h);
            }
}
END_TEST

/** The extreme of a still signal, whatever has come before. */
START_TEST(extremes_do_not_hear_what_is_not_finite)
{
    const enum ph_unit ids[] = { PH_UNIT_PEAK, PH_UNIT_RUNNING_MAX, PH_UNIT_RUNNING_MIN,
                                 PH_UNIT_PEAK_FOLLOWER, PH_UNIT_LAST_VALUE, PH_UNIT_RUNNING_SUM };
    for (int u = 0; u < 6; u++) {
        struct unit_host *const h = open_still(ids[u], AR);
        host_set(h, 0, AR, 0.5f);
        host_init(h);
        h->in[0][5] = INFINITY;
        h->in[0][6] = -INFINITY;
        h->in[0][7] = NAN;
        host_block(h);
        host_set(h, 0, AR, 0.5f);
        host_block(h);
        ck_assert_float_eq(h->out[0][63], 0.5f);
        host_free(h);
    }
}
END_TEST

START_TEST(peak_follower_stays_below_its_input_for_any_decay)
{
    const float decays[] = { 2, -2, 1e30f, -1e30f, INFINITY, NAN, 1 };
    for (int d = 0; d < 7; d++) {
        struct unit_host *const h = open_still(PH_UNIT_PEAK_FOLLOWER, AR);
        host_set(h, 1, IR, decays[d]);
        host_init(h);
        for (int block = 0; block < 20; block++) {
            for (int i = 0; i < DSP_BLOCK_FRAMES; i++)
                h->in[0][i] = i % 7 == 3 ? -0.75f : 0.25f;
            host_block(h);
            for (int i = 0; i < DSP_BLOCK_FRAMES; i++)
                ck_assert(h->out[0][i] >= -0.75f && h->out[0][i] <= 0.75f);
        }
        host_free(h);
    }
}
END_TEST

START_TEST(running_sum_is_exact_again_after_something_huge)
{
    struct unit_host *const h = open_still(PH_UNIT_RUNNING_SUM, AR);
    host_set(h, 0, AR, 0.25f);
    host_set(h, 1, IR, 100);
    host_init(h);
    h->in[0][9] = 1e30f;
    host_block(h);
    ck_assert_float_eq_tol(h->out[0][63], 1e30f, 1e24f);
    h->in[0][9] = 0.25f;
    for (int block = 0; block < 4; block++)
        host_block(h);
    ck_assert_float_eq(h->out[0][63], 25);
    host_free(h);
}
END_TEST

START_TEST(peak_at_control_rate_hears_every_frame)
{
    struct unit_host *const h = open_still(PH_UNIT_PEAK, KR);
    host_set(h, 0, AR, 0.125f);
    host_init(h);
    h->in[0][63] = -0.5f;
    host_block(h);
    ck_assert_float_eq(h->out[0][0], 0.5f);
    host_free(h);
}
END_TEST

/** At birth within a block: what lies behind the frames that the input has is not its. */
START_TEST(peak_at_control_rate_hears_no_more_than_the_first_part_of_a_block)
{
    struct unit_host *const h = open_still(PH_UNIT_PEAK, KR);
    host_set(h, 0, AR, 0.125f);
    host_init(h);
    h->in[0][24] = 7;
    host_call(h, 40, 1);
    ck_assert_float_eq(h->out[0][0], 0.125f);
    host_free(h);
}
END_TEST

START_TEST(bad_values_are_named_and_replaced)
{
    const float values[] = { 0, 1, -1e-37f, NAN, INFINITY, -INFINITY, 1e-40f, -1e-45f };
    const float names[] = { 0, 0, 0, 1, 2, 2, 3, 3 };
    for (int i = 0; i < 8; i++) {
        struct unit_host *const check = open_still(PH_UNIT_CHECK_BAD_VALUES, AR);
        struct unit_host *const clean = open_still(PH_UNIT_SANITIZE, AR);
        host_set(check, 0, AR, values[i]);
        host_set(clean, 0, AR, values[i]);
        host_set(clean, 1, IR, 0.25f);
        host_init(check);
        host_init(clean);
        host_block(check);
        host_block(clean);
        ck_assert_float_eq(check->out[0][7], names[i]);
        ck_assert_float_eq(clean->out[0][7], names[i] == 0 ? values[i] : 0.25f);
        host_free(check);
        host_free(clean);
    }
}
END_TEST

START_TEST(mantissa_mask_takes_any_number_of_bits)
{
    const float bits[] = { 0, 1, 2.9f, 23, 1e30f, INFINITY, -5, NAN };
    const float want[] = { 1, 1.5f, 1.75f, 1.9f, 1.9f, 1.9f, 1, 1 };
    for (int i = 0; i < 8; i++) {
        struct unit_host *const h = open_still(PH_UNIT_MANTISSA_MASK, AR);
        host_set(h, 0, AR, 1.9f);
        host_set(h, 1, IR, bits[i]);
        host_init(h);
        host_block(h);
        ck_assert_float_eq(h->out[0][0], want[i]);
        host_free(h);
    }
}
END_TEST

START_TEST(maps_that_run_away_come_back)
{
    const enum ph_unit ids[] = { PH_UNIT_CRACKLE, PH_UNIT_LOGISTIC };
    const float sane[] = { 1.95f, 3.9f };
    for (int u = 0; u < 2; u++) {
        struct unit_host *const h = open_still(ids[u], AR);
        const float wild[] = { 1e30f, INFINITY, NAN, -1e9f };
        if (u == 1) {
            host_set(h, 1, IR, 48000);
            host_set(h, 2, IR, 0.5f);
        }
        host_set(h, 0, KR, sane[u]);
        host_init(h);
        for (int w = 0; w < 4; w++) {
            host_set(h, 0, KR, wild[w]);
            host_block(h);
            host_set(h, 0, KR, sane[u]);
            double square = 0;
            for (int block = 0; block < 50; block++) {
                host_block(h);
                for (int i = 0; i < DSP_BLOCK_FRAMES && block >= 25; i++)
                    square += (double)h->out[0][i] * h->out[0][i] / (25 * DSP_BLOCK_FRAMES);
            }
            REQUIRE(square > 0.01 && square < 9, "unit %d after %g: %g", u, (double)wild[w],
                    square);
        }
        host_free(h);
    }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("trigger");
    tcase_add_test(c, any_duration_ends_or_lasts_but_does_no_harm);
    tcase_add_test(c, trig1_does_not_hear_what_rises_before_its_end);
    tcase_add_test(c, timer_reads_between_frames_and_forgets_what_is_no_number);
    tcase_add_test(c, toggle_turns_over_once_where_a_control_rises);
    tcase_add_test(c, stepper_takes_any_numbers);
    tcase_add_test(c, extremes_do_not_hear_what_is_not_finite);
    tcase_add_test(c, peak_follower_stays_below_its_input_for_any_decay);
    tcase_add_test(c, running_sum_is_exact_again_after_something_huge);
    tcase_add_test(c, peak_at_control_rate_hears_every_frame);
    tcase_add_test(c, peak_at_control_rate_hears_no_more_than_the_first_part_of_a_block);
    tcase_add_test(c, bad_values_are_named_and_replaced);
    tcase_add_test(c, mantissa_mask_takes_any_number_of_bits);
    tcase_add_test(c, maps_that_run_away_come_back);
    return host_run(argc, argv, "trigger", c);
}
