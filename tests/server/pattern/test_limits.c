/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/pattern/test_limits.c - budgets, overflow, late cycles, memory.                   */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/server/pattern/notation.h"
#include "tests/support/check_main.h"

static ph_status query(const char *text, const struct pat_limits *limits, uint32_t *n)
{
    struct ph_pattern_code code = { 0 };
    struct pat *const pat = notation_pat(text, &code);
    const struct pat_hap *haps;
    const ph_status status =
        pat_query(pat, ph_ratio_of(0), ph_ratio_of(1), limits, &haps, n);

    ck_assert(status == PH_OK || (!haps && *n == 0));
    notation_free(pat, &code);
    return status;
}

/* One keystroke away from a working pattern; each must end by the budget or play nothing. */
static const struct {
    const char *code;
    ph_status status;
} heavy[] = {
    { "(fast 1000000 bd)", PH_BUDGET },
    { "(fast 1000000000000 bd)", PH_BUDGET },
    { "(ply 1000000 bd)", PH_BUDGET },
    { "(chop 1000000 (param bd : s))", PH_BUDGET },
    { "(striate 1000000 (param bd : s))", PH_BUDGET },
    { "(segment 1000000 bd)", PH_BUDGET },
    { "(run 1000000)", PH_BUDGET },
    { "(euclid 3 1000000000 0 bd)", PH_BUDGET },
    { "(euclid 1 1000000 0 bd)", PH_BUDGET },
    { "(shuffle 1000000000 bd)", PH_BUDGET },
    { "(shuffle 1000000 bd)", PH_BUDGET },
    { "(scramble 1000000 bd)", PH_BUDGET },
    { "(polymeter bd ~ : 1000000)", PH_BUDGET },
    { "(fast 1000000 (fast 1000000 ~))", PH_OK },
    { "(fast 1000000 (slow 1000000 [a b]))", PH_OK },
    { "(fast 1000000 (iter 3 (silence)))", PH_OK },
    { "(fast 1000000 (every 2 0 (silence) (silence)))", PH_OK },
    { "(fast 1000000 (some_cycles_by 1/2 (silence) (silence)))", PH_BUDGET },
    { "(add (fast 20000 (stack 1 2)) (fast 20000 (stack 3 4)) : 0)", PH_BUDGET },
    { "(set (param (fast 100 bd) : s) (param (segment 100000 (rand)) : pan) : 0)", PH_BUDGET },
    { "(rot 1 (fast 50000 (rev [a b])))", PH_BUDGET },
    { "(join (fast 1000 x) (join (fast 1000 y) (fast 1000 z) : 1 3) : 0 3)", PH_BUDGET },
    { "(switch (fast 100000 a) b c d : 0 x y z)", PH_BUDGET },
    { "(wpick (fast 50000 1/2) a b c : 1 1 1 1)", PH_BUDGET },
    { "(markov 1000000 0 : 2 1 1 1 1)", PH_BUDGET },
    { "(stripe 100000000 a)", PH_BUDGET },
    { "(randrun 100000000)", PH_BUDGET },
    { "(striate_by 1000000 1/2 (param a : s))", PH_BUDGET },
    { "(chew 1000 (fast 1000 (run 1000)) (fast 1000 (param a : s)))", PH_BUDGET },
    { "(arp up (fast 100000 a))", PH_BUDGET },
    { "(rolled 1/2 (fast 100000 a))", PH_BUDGET },
    { "(mono (fast 100000 a))", PH_BUDGET },
    { "(stretch (fast 100000 a))", PH_BUDGET },
    { "(concat (fast 60000 a) (fast 60000 b) : 0)", PH_BUDGET },
    { "tidal (slice 4 (stack (fast 3000 0) (fast 3000 1)) (param a : s))", PH_BUDGET },
    { "tidal (range (fast 300 0) (fast 300 1) (fast 100000 1/2))", PH_BUDGET },
    { "tidal (rot 1 (fast 50000 (rev [a b])))", PH_BUDGET },
    { "(join (fast 1000000 ~) a : 0 0)", PH_OK },
    { "(slow 1000000000 bd)", PH_OK },
    { "(late 1000000000000 bd)", PH_OK },
};

START_TEST(heavy_pattern_ends_by_its_budget)
{
    uint32_t n;
    const ph_status status = query(heavy[_i].code, NULL, &n);

    ck_assert_msg(status == heavy[_i].status, "%s: %s", heavy[_i].code, ph_status_text(status));
}
END_TEST

START_TEST(limits_are_those_of_the_caller)
{
    uint32_t n;

    ck_assert_int_eq(query("(fast 10 bd)", &(struct pat_limits){ 9, 1000 }, &n), PH_BUDGET);
    ck_assert_int_eq(query("(fast 10 bd)", &(struct pat_limits){ 100, 1000 }, &n), PH_OK);
    ck_assert_uint_eq(n, 10);
    ck_assert_int_eq(query("(every 1 0 a [a b c d])", &(struct pat_limits){ 1000, 3 }, &n),
                     PH_BUDGET);
}
END_TEST

/* Moving a hap costs at each level, however few instructions there are. */
START_TEST(haps_count_at_every_level_that_they_pass)
{
    static const char *const text =
        "(late 1 (late 1/7 (late 1/7 (late 1/7 (rev (rev (degrade_by 0 (fast 1000 bd) : 0)))))))";
    uint32_t n;

    ck_assert_int_eq(query(text, &(struct pat_limits){ 9000, 2000 }, &n), PH_BUDGET);
    ck_assert_int_eq(query(text, &(struct pat_limits){ 9000, 5000 }, &n), PH_OK);
}
END_TEST

/* 2^40 times 2^40 leaves 64 bits on the way to a sum that does not. */
START_TEST(arithmetic_beyond_64_bits_costs_more)
{
    static const char *const text = "(late 1/1099511627776 (late 1/1099511627776"
                                    " (degrade_by 0 (fast 1024 bd) : 0)))";
    uint32_t n;

    ck_assert_int_eq(query(text, &(struct pat_limits){ 9000, 5000 }, &n), PH_BUDGET);
    ck_assert_int_eq(query(text, &(struct pat_limits){ 9000, 40000 }, &n), PH_OK);
    ck_assert_uint_eq(n, 1025); /* the last of the cycle before reaches into this one */
}
END_TEST

/** A sequence of `n` steps in which every other is chosen per cycle, so that no table holds it. */
static void long_sequence(uint32_t n, struct ph_pattern_code *code)
{
    struct ph_pattern_build b = { 0 };
    uint32_t *const args = malloc(2 * n * sizeof *args), *const weights = args + n;
    const uint32_t one = ph_pattern_const_ratio(&b, PH_RATIO(1, 1));
    const uint32_t word = ph_pattern_const_word(&b, "bd", 2);

    for (uint32_t i = 0; i < n; i++) {
        const uint32_t pure = ph_pattern_emit(&b, PH_PAT_PURE, NULL, 0, &word, 1);
        args[i] = i & 1 ? ph_pattern_emit(&b, PH_PAT_SLOWCAT, &pure, 1, NULL, 0) : pure;
        weights[i] = one;
    }
    const uint32_t root = ph_pattern_emit(&b, PH_PAT_TIMECAT, args, n, weights, n);
    ck_assert_int_eq(ph_pattern_build_end(&b, root, code), PH_OK);
    free(args);
}

START_TEST(sequence_of_10000_steps_plays_whole)
{
    struct ph_pattern_code code = { 0 };
    struct pat *pat;
    const struct pat_hap *haps;
    uint32_t n;

    long_sequence(10000, &code);
    ck_assert_int_eq(pat_new(&code, &pat), PH_OK);
    ck_assert_int_eq(pat_query(pat, ph_ratio_of(3), ph_ratio_of(4), NULL, &haps, &n), PH_OK);
    ck_assert_uint_eq(n, 10000);
    notation_free(pat, &code);
}
END_TEST

START_TEST(window_of_a_long_sequence_costs_only_its_steps)
{
    const struct pat_limits few = { 100, 100 };
    struct ph_pattern_code code = { 0 };
    struct pat *pat;
    const struct pat_hap *haps;
    uint32_t n;

    long_sequence(10000, &code);
    ck_assert_int_eq(pat_new(&code, &pat), PH_OK);
    ck_assert_int_eq(pat_query(pat, PH_RATIO(1, 2), PH_RATIO(501, 1000), &few, &haps, &n), PH_OK);
    ck_assert_uint_eq(n, 10);
    notation_free(pat, &code);
}
END_TEST

/* Shared arguments: 2^60 ways through 60 instructions. */
START_TEST(doubling_graph_ends_by_its_budget)
{
    struct ph_pattern_build b = { 0 };
    struct ph_pattern_code code = { 0 };
    const uint32_t one = ph_pattern_const_ratio(&b, PH_RATIO(1, 1));
    uint32_t node = ph_pattern_emit(&b, PH_PAT_PURE, NULL, 0, &one, 1);
    struct pat *pat;
    const struct pat_hap *haps;
    uint32_t n;

    for (int i = 0; i < 60; i++)
        node = ph_pattern_emit(&b, PH_PAT_STACK, (uint32_t[]){ node, node }, 2, NULL, 0);
    ck_assert_int_eq(ph_pattern_build_end(&b, node, &code), PH_OK);
    ck_assert_int_eq(pat_new(&code, &pat), PH_OK);
    ck_assert_int_eq(pat_query(pat, ph_ratio_of(0), ph_ratio_of(1), NULL, &haps, &n), PH_BUDGET);
    notation_free(pat, &code);
}
END_TEST

START_TEST(deepest_chain_is_evaluated)
{
    struct ph_pattern_build b = { 0 };
    struct ph_pattern_code code = { 0 };
    const uint32_t word = ph_pattern_const_word(&b, "a", 1);
    uint32_t node = ph_pattern_emit(&b, PH_PAT_PURE, NULL, 0, &word, 1);
    struct pat *pat;
    const struct pat_hap *haps;
    uint32_t n;

    for (int i = 0; i < PH_PATTERN_DEPTH_MAX - 2; i++)
        node = ph_pattern_emit(&b, PH_PAT_BRAK, &node, 1, NULL, 0);
    ck_assert_int_eq(ph_pattern_build_end(&b, node, &code), PH_OK);
    ck_assert_int_eq(pat_new(&code, &pat), PH_OK);
    ck_assert_int_eq(pat_query(pat, ph_ratio_of(0), ph_ratio_of(1), NULL, &haps, &n), PH_OK);
    ck_assert_uint_eq(n, 1);
    notation_free(pat, &code);
}
END_TEST

/* Times that leave 64 bits: an error, never a wrong event. */
static const char *const overflows[] = {
    "(fast 1000003/1000033 (fast 1000037/1000039 (fast 1000081/1000099 (fast 1000117/1000121 a))))",
    "(late 1/1000000007 (late 1/998244353 (late 1/1000000009 a)))",
    "(fast 4611686018427387904 (late 1/3 (fast 4611686018427387904 ~)))",
    "(early 9223372036854775807 (early 9223372036854775807 a))",
    "(euclid 3 8 9223372036854775807 a)",
};

START_TEST(overflow_is_an_error)
{
    uint32_t n;
    const ph_status status = query(overflows[_i], NULL, &n);

    ck_assert_msg(status == PH_OVERFLOW, "%s: %s", overflows[_i], ph_status_text(status));
}
END_TEST

START_TEST(evaluator_works_on_after_a_failed_query)
{
    struct ph_pattern_code code = { 0 };
    struct pat *const pat = notation_pat("(fast <10 1000000> [a b])", &code);
    const struct pat_hap *haps;
    uint32_t n;

    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(pat_query(pat, ph_ratio_of(0), ph_ratio_of(1), NULL, &haps, &n), PH_OK);
        ck_assert_uint_eq(n, 20);
        ck_assert_int_eq(pat_query(pat, ph_ratio_of(1), ph_ratio_of(2), NULL, &haps, &n),
                         PH_BUDGET);
        ck_assert_ptr_null(haps);
        ck_assert_uint_eq(n, 0);
    }
    notation_free(pat, &code);
}
END_TEST

/* Steady patterns play the same 10^7 cycles later, shifted, exactly. */
static const char *const steady[] = {
    "[a [b c d] (euclid 3 7 0 e)]",
    "(stack (swing 1/10 (fast 8 hh)) (rev [a b c]))",
    "(every 1 0 a (late 1/3 (ply 3 [x y])))",
    "(fast 3/2 [a b c d])",
    "(polymeter a b c d e : 3)",
    "(iter 5 [a b c d e])",
    "(chop 3 (set (param [a b c] : s) (param <1 2> : gain) : 0))",
};

START_TEST(cycle_10_million_is_exact)
{
    const int64_t late = 10000000; /* a multiple of every period above */
    struct ph_pattern_code code = { 0 };
    struct pat *const pat = notation_pat(steady[_i], &code);
    const struct pat_hap *haps;
    uint32_t n, n_late;
    char early[64][256], value[128];

    ck_assert_int_eq(pat_query(pat, ph_ratio_of(0), ph_ratio_of(2), NULL, &haps, &n), PH_OK);
    ck_assert(n > 0 && n < 64);
    for (uint32_t i = 0; i < n; i++) {
        notation_value(haps[i].value, value, sizeof value);
        snprintf(early[i], sizeof early[i], "%lld/%lld %s", (long long)haps[i].whole_begin.num,
                 (long long)haps[i].whole_begin.den, value);
    }
    ck_assert_int_eq(pat_query(pat, ph_ratio_of(late), ph_ratio_of(late + 2), NULL, &haps, &n_late),
                     PH_OK);
    ck_assert_uint_eq(n_late, n);
    for (uint32_t i = 0; i < n; i++) {
        const struct ph_ratio t = haps[i].whole_begin;
        char now[256];
        notation_value(haps[i].value, value, sizeof value);
        snprintf(now, sizeof now, "%lld/%lld %s", (long long)(t.num - late * t.den),
                 (long long)t.den, value);
        ck_assert_str_eq(now, early[i]);
    }
    notation_free(pat, &code);
}
END_TEST

START_TEST(warm_queries_allocate_nothing)
{
    struct ph_pattern_code code = { 0 };
    struct pat *const pat = notation_pat(
        "(degrade_by 1/5 (set (param (fast 900 <a b>) : s) (param (rand) : pan) : 0) : 0)", &code);
    const struct pat_hap *haps;
    uint32_t n;
    size_t in_use = 0;

    for (int64_t c = 0; c < 200; c++) {
        ck_assert_int_eq(pat_query(pat, ph_ratio_of(c), ph_ratio_of(c + 1), NULL, &haps, &n),
                         PH_OK);
        if (c == 20)
            in_use = mallinfo2().uordblks;
    }
    ck_assert_uint_eq(mallinfo2().uordblks, in_use);
    notation_free(pat, &code);
}
END_TEST

START_TEST(malformed_code_is_refused)
{
    struct ph_pattern_code empty = { 0 };
    struct pat *pat;

    ck_assert_int_ne(pat_new(&empty, &pat), PH_OK);
    ck_assert_ptr_null(pat);
    pat_free(NULL);
}
END_TEST

START_TEST(empty_span_has_no_events)
{
    struct ph_pattern_code code = { 0 };
    struct pat *const pat = notation_pat("[a b]", &code);
    const struct pat_hap *haps;
    uint32_t n;

    ck_assert_int_eq(pat_query(pat, ph_ratio_of(1), ph_ratio_of(1), NULL, &haps, &n), PH_OK);
    ck_assert_uint_eq(n, 0);
    ck_assert_int_eq(pat_query(pat, ph_ratio_of(1), ph_ratio_of(0), NULL, &haps, &n), PH_OK);
    ck_assert_uint_eq(n, 0);
    notation_free(pat, &code);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("all");

    tcase_add_loop_test(t, heavy_pattern_ends_by_its_budget, 0, sizeof heavy / sizeof heavy[0]);
    tcase_add_test(t, limits_are_those_of_the_caller);
    tcase_add_test(t, haps_count_at_every_level_that_they_pass);
    tcase_add_test(t, arithmetic_beyond_64_bits_costs_more);
    tcase_add_test(t, sequence_of_10000_steps_plays_whole);
    tcase_add_test(t, window_of_a_long_sequence_costs_only_its_steps);
    tcase_add_test(t, doubling_graph_ends_by_its_budget);
    tcase_add_test(t, deepest_chain_is_evaluated);
    tcase_add_loop_test(t, overflow_is_an_error, 0, sizeof overflows / sizeof overflows[0]);
    tcase_add_test(t, evaluator_works_on_after_a_failed_query);
    tcase_add_loop_test(t, cycle_10_million_is_exact, 0, sizeof steady / sizeof steady[0]);
    tcase_add_test(t, warm_queries_allocate_nothing);
    tcase_add_test(t, malformed_code_is_refused);
    tcase_add_test(t, empty_span_has_no_events);
    return check_run("limits", t);
}
