/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/pattern/test_random.c - TidalCycles' random numbers and what is drawn by them.    */
#include <math.h>
#include <stdio.h>

#include "server/pattern/eval.h"
#include "tests/server/pattern/rows.h"

/* LANGUAGE 26; ten decimals are given there. */
START_TEST(rand_gives_the_documented_numbers)
{
    static const struct {
        struct ph_ratio t;
        double rand;
    } rows[] = { { { 0, 1 }, 0 },
                 { { 1, 2 }, 0.2591378428 },
                 { { 1, 1 }, 0.5177721456 },
                 { { 3, 2 }, 0.4010523744 },
                 { { 5, 2 }, 0.5576803125 } };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_double_eq_tol(pat_rand_at(rows[i].t), rows[i].rand, 5e-11);
}
END_TEST

START_TEST(rand_repeats_after_300_cycles_and_stays_in_0_to_1)
{
    for (int i = -2000; i < 2000; i++) {
        const struct ph_ratio t = PH_RATIO(2 * i + 1, 14);
        const double rand = pat_rand_at(t);
        ck_assert(rand >= 0 && rand < 1);
        if (i >= 0)
            ck_assert_double_eq(rand, pat_rand_at(PH_RATIO(2 * i + 1 + 14 * 300, 14)));
    }
}
END_TEST

START_TEST(rand_of_a_cycle_number_is_the_same_exact_or_as_double)
{
    for (int c = 0; c < 300; c++)
        ck_assert_double_eq(pat_rand_at_double(c), pat_rand_at(ph_ratio_of(c)));
}
END_TEST

/* LANGUAGE 26 and TidalCycles' answers to the same patterns. */
static const struct row rows[] = {
    { "[(degrade_by 1/2 bd : 0) (degrade_by 1/2 sn : 1/10000) (degrade_by 1/2 hh : 2/10000) "
      "(degrade_by 1/2 cp : 3/10000)]", 0, 4,
      "1/2 hh, 3/4 cp, 2 bd, 9/4 sn, 5/2 hh, 11/4 cp, 3 bd, 13/4 sn" },
    { "(choose a b : 0)", 0, 6, "0 a, 1 a, 2 b, 3 b, 4 b, 5 a" },
    { "(degrade_by 1/2 [a b c d] : 0)", 0, 3,
      "1/4 b, 1 a, 5/4 b, 3/2 c, 2 a, 9/4 b, 11/4 d" },
    { "(undegrade_by 1/2 [a b c d] : 0)", 0, 3, "0 a, 1/2 c, 3/4 d, 7/4 d, 5/2 c" },
    { "(degrade_by 0 [a b] : 0)", 0, 1, "0 a, 1/2 b" },
    { "(degrade_by 1 [a b] : 0)", 0, 1, "" },
    { "(degrade_by 0 (late 1/2 a) : 0)", -1, 1, "-1/2 a, 1/2 a" }, /* rand at 0 is 0: kept */
    { "(shuffle 4 [a b c d])", 0, 3,
      "0 a, 1/4 b, 1/2 c, 3/4 d, 1 d, 5/4 b, 3/2 c, 7/4 a, 2 a, 9/4 d, 5/2 c, 11/4 b" },
    { "(scramble 4 [a b c d])", 0, 2,
      "0 b, 1/4 c, 1/2 a, 3/4 b, 1 c, 5/4 d, 3/2 c, 7/4 b" },
    { "(some_cycles_by 1/2 a b)", 0, 8, "0 b, 1 a, 2 b, 3 a, 4 b, 5 b, 6 a, 7 b" },
    { "(shift_by 0 [a b])", 0, 1, "0 a, 1/2 b" },
};

START_TEST(instruction_plays_what_the_table_says)
{
    row_check(&rows[_i], "", notation_onsets);
}
END_TEST

START_TEST(kept_and_dropped_events_are_the_whole)
{
    char kept[4096], all[4096];

    snprintf(kept, sizeof kept, "%s",
             notation_onsets("(stack (degrade_by 2/5 (fast 16 a) : 3) "
                             "(undegrade_by 2/5 (fast 16 a) : 3))",
                             ph_ratio_of(0), ph_ratio_of(9)));
    snprintf(all, sizeof all, "%s",
             notation_onsets("(fast 16 a)", ph_ratio_of(0), ph_ratio_of(9)));
    ck_assert_str_eq(kept, all);
}
END_TEST

START_TEST(every_event_that_samples_rand_gets_its_own_value)
{
    struct ph_pattern_code code = { 0 };
    struct pat *const pat =
        notation_pat("(set (param (fast 8 hh) : s) (param (rand) : pan) : 0)", &code);
    const struct pat_hap *haps;
    uint32_t n;

    ck_assert_int_eq(pat_query(pat, ph_ratio_of(0), ph_ratio_of(1), NULL, &haps, &n), PH_OK);
    ck_assert_uint_eq(n, 8);
    for (uint32_t i = 0; i < n; i++) {
        const double pan = pat_control(haps[i].value, "pan")->number;
        ck_assert_double_eq(pan, pat_rand_at(PH_RATIO(2 * (int64_t)i + 1, 16)));
    }
    notation_free(pat, &code);
}
END_TEST

START_TEST(jitter_moves_each_onset_by_its_own_draw)
{
    struct ph_pattern_code code = { 0 };
    struct pat *const pat = notation_pat("(shift_by 1/4 (fast 4 a))", &code);
    const struct pat_hap *haps;
    uint32_t n;
    bool seen[4] = { false };

    ck_assert_int_eq(pat_query(pat, ph_ratio_of(3), ph_ratio_of(6), NULL, &haps, &n), PH_OK);
    for (uint32_t i = 0; i < n; i++) {
        for (int64_t k = 0; k < 4 && pat_has_onset(&haps[i]); k++) {
            const double rand = pat_rand_at(PH_RATIO(4 * 8 + 2 * k + 1, 8));
            const double onset = 4 + (double)k / 4 + (2 * rand - 1) / 4;
            /* shifts are rounded to 2^-20 cycles */
            if (fabs(ph_ratio_to_double(haps[i].whole_begin) - onset) < 1e-6)
                seen[k] = true;
        }
    }
    ck_assert(seen[0] && seen[1] && seen[2] && seen[3]);
    notation_free(pat, &code);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("all");

    tcase_add_test(t, rand_gives_the_documented_numbers);
    tcase_add_test(t, rand_repeats_after_300_cycles_and_stays_in_0_to_1);
    tcase_add_test(t, rand_of_a_cycle_number_is_the_same_exact_or_as_double);
    tcase_add_loop_test(t, instruction_plays_what_the_table_says, 0,
                        sizeof rows / sizeof rows[0]);
    tcase_add_test(t, kept_and_dropped_events_are_the_whole);
    tcase_add_test(t, every_event_that_samples_rand_gets_its_own_value);
    tcase_add_test(t, jitter_moves_each_onset_by_its_own_draw);
    return check_run("random", t);
}
