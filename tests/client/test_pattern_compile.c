/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/test_pattern_compile.c - expressions to pattern code.                             */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiled.h"
#include "tests/support/check_main.h"

/* Instructions without the line break after the last. */
static void expect(const char *expression, const char *code)
{
    char *const found = compiled_code(expression);

    ck_assert_msg(found != NULL, "does not compile: %s", expression);
    size_t n = strlen(found);
    while (n > 0 && found[n - 1] == '\n')
        found[--n] = 0;
    ck_assert_msg(strcmp(found, code) == 0, "%s\nexpected:\n%s\nfound:\n%s", expression, code,
                  found);
    free(found);
}

static uint32_t count_lines(const char *text)
{
    uint32_t n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

START_TEST(sequences_share_the_cycle_by_weight)
{
    expect("\"a b@3\"", "%0 = pure \"a\"\n%1 = pure \"b\"\n%2 = timecat 1 3 %0 %1");
    expect("\"bd\"", "%0 = pure \"bd\"");
    expect("\"a, b\"", "%0 = pure \"a\"\n%1 = pure \"b\"\n%2 = stack %0 %1");
}
END_TEST

START_TEST(alternations_with_weights_stretch_their_items)
{
    expect("\"<a b>\"", "%0 = pure \"a\"\n%1 = pure \"b\"\n%2 = slowcat %0 %1");
    expect("\"<a@3 b>\"", "%0 = pure 4\n%1 = pure \"a\"\n%2 = pure \"b\"\n"
                          "%3 = timecat 3 1 %1 %2\n%4 = slow %0 %3");
}
END_TEST

START_TEST(polymeters_run_at_steps_over_length)
{
    expect("\"{a b c}%4\"",
           "%0 = pure 4\n%1 = pure 3\n%2 = div 0 %0 %1\n%3 = pure \"a\"\n%4 = pure \"b\"\n"
           "%5 = pure \"c\"\n%6 = timecat 1 1 1 %3 %4 %5\n%7 = fast %2 %6");
}
END_TEST

START_TEST(decimals_are_exact_fractions)
{
    expect("\"0.1\"", "%0 = pure 1/10");
    expect("fast 1.5 \"a\"", "%0 = pure 3/2\n%1 = pure \"a\"\n%2 = fast %0 %1");
}
END_TEST

START_TEST(words_are_read_as_their_receiver_wants)
{
    expect("note \"c4 e\"", "%0 = pure note:60\n%1 = pure note:64\n%2 = timecat 1 1 %0 %1\n"
                            "%3 = stack %2");
    expect("n \"c5 e\"", "%0 = pure note:72\n%1 = pure 4\n%2 = timecat 1 1 %0 %1\n%3 = stack %2");
    expect("s \"c4 808\"", "%0 = pure \"c4\"\n%1 = pure \"808\"\n%2 = timecat 1 1 %0 %1\n"
                           "%3 = param \"s\" %2");
    expect("s \"bd\" $ struct \"t f\"",
           "%0 = pure true\n%1 = pure false\n%2 = timecat 1 1 %0 %1\n%3 = pure \"bd\"\n"
           "%4 = param \"s\" %3\n%5 = struct %2 %4");
}
END_TEST

START_TEST(conditions_share_the_pattern_they_change)
{
    expect("every 4 (fast 2) \"a\"",
           "%0 = pure 4\n%1 = pure 0\n%2 = pure \"a\"\n%3 = pure 2\n%4 = fast %3 %2\n"
           "%5 = every %0 %1 %2 %4");
    expect("\"a\" $ rev $ fast 2",
           "%0 = pure 2\n%1 = pure \"a\"\n%2 = rev %1\n%3 = fast %0 %2");
    expect("rev $ fast 2 $ \"a\"",
           "%0 = pure 2\n%1 = pure \"a\"\n%2 = fast %0 %1\n%3 = rev %2");
}
END_TEST

START_TEST(modifiers_keep_the_structure_of_their_left_side)
{
    expect("s \"bd\" # gain 0.5",
           "%0 = pure \"bd\"\n%1 = param \"s\" %0\n%2 = pure 1/2\n%3 = param \"gain\" %2\n"
           "%4 = set 0 %1 %3");
    expect("s \"bd\" # note \"0\"",
           "%0 = pure \"bd\"\n%1 = param \"s\" %0\n%2 = pure 0\n%3 = param \"note\" %2\n"
           "%4 = set 1 %1 %3");
}
END_TEST

START_TEST(a_transform_reaches_what_is_chained_on_its_left)
{
    expect("s \"bd\" # gain 0.5 $ fast 2",
           "%0 = pure 2\n%1 = pure \"bd\"\n%2 = param \"s\" %1\n%3 = pure 1/2\n"
           "%4 = param \"gain\" %3\n%5 = set 0 %2 %4\n%6 = fast %0 %5");
    expect("s \"bd\" $ fast 2 # gain 0.5",
           "%0 = pure 2\n%1 = pure \"bd\"\n%2 = param \"s\" %1\n%3 = fast %0 %2\n%4 = pure 1/2\n"
           "%5 = param \"gain\" %4\n%6 = set 0 %3 %5");
}
END_TEST

START_TEST(layers_are_stacked_events)
{
    expect("s \"bd\" $ jux rev",
           "%0 = pure \"bd\"\n%1 = param \"s\" %0\n%2 = pure -1\n%3 = param \"pan\" %2\n"
           "%4 = set 0 %1 %3\n%5 = rev %1\n%6 = pure 1\n%7 = param \"pan\" %6\n%8 = set 0 %5 %7\n"
           "%9 = stack %4 %8");
    expect("s \"bd\" $ off 0.125 rev",
           "%0 = pure \"bd\"\n%1 = param \"s\" %0\n%2 = pure 1/8\n%3 = late %2 %1\n%4 = rev %3\n"
           "%5 = stack %1 %4");
}
END_TEST

START_TEST(echo_layers_get_later_and_softer)
{
    expect("s \"bd\" $ stut 3 0.125 0.5",
           "%0 = pure \"bd\"\n%1 = param \"s\" %0\n%2 = pure 0.5\n%3 = pure 1/8\n%4 = pure 1\n"
           "%5 = mul 0 %3 %4\n%6 = late %5 %1\n%7 = param_mul \"gain\" %2 %6\n%8 = pure 0.25\n"
           "%9 = pure 1/8\n%10 = pure 2\n%11 = mul 0 %9 %10\n%12 = late %11 %1\n"
           "%13 = param_mul \"gain\" %8 %12\n%14 = stack %1 %7 %13");
}
END_TEST

START_TEST(nested_layers_share_instead_of_multiplying)
{
    char text[1024] = "";

    for (int i = 0; i < 10; i++)
        strcat(text, "stut 8 0.1 0.9 $ ");
    strcat(text, "s \"bd\"");
    char *const code = compiled_code(text);
    ck_assert_ptr_nonnull(code);
    ck_assert_uint_lt(count_lines(code), 1000); /* 8^10 events, but a few lines for each stut */
    free(code);
}
END_TEST

START_TEST(arithmetic_takes_structure_from_both_left_or_right)
{
    expect("\"1\" + \"2\"", "%0 = pure 1\n%1 = pure 2\n%2 = add 0 %0 %1");
    expect("\"1\" |* \"2\"", "%0 = pure 1\n%1 = pure 2\n%2 = mul 1 %0 %1");
    expect("\"1\" -| \"2\"", "%0 = pure 1\n%1 = pure 2\n%2 = sub 2 %0 %1");
    expect("(1 + 2) * \"3\"", "%0 = pure 3\n%1 = pure 3\n%2 = mul 0 %0 %1");
}
END_TEST

START_TEST(events_plus_numbers_are_transposed)
{
    expect("s \"a\" + 12", "%0 = pure 12\n%1 = pure \"a\"\n%2 = param \"s\" %1\n"
                           "%3 = param_add \"note\" %0 %2");
}
END_TEST

START_TEST(slicing_n_equal_words_into_n_reorders_them)
{
    char *const words = compiled_code("s \"a b c d\" $ slice 4 \"3 2\"");
    char *const one = compiled_code("s \"brk\" $ slice 4 \"3 2\"");

    ck_assert_ptr_nonnull(strstr(words, "= bite"));
    ck_assert_ptr_nonnull(strstr(one, "= slice"));
    free(words);
    free(one);
}
END_TEST

START_TEST(question_marks_draw_at_their_own_shifted_times)
{
    char *const code = compiled_code("\"a? b?0.25\"");

    ck_assert_ptr_nonnull(strstr(code, "degrade_by 0 "));
    ck_assert_ptr_nonnull(strstr(code, "degrade_by 1/10000 "));
    ck_assert_ptr_nonnull(strstr(code, "pure 1/4"));
    free(code);
}
END_TEST

START_TEST(what_would_fill_the_budget_is_refused)
{
    static const char *const texts[] = { "\"bd*1000000000\"", "fast 1000000000 \"bd\"",
                                         "\"bd(1,1000000)\"", "segment 100000 \"1\"",
                                         "\"0 .. 1000000\"" };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        ck_assert_msg(compiled_code(texts[i]) == NULL, "%s compiles", texts[i]);
}
END_TEST

/** Every transform with an instruction, applied once: compiles, and the code is not empty. */
static const char *const transforms[] = {
    "fast 2", "slow 2", "hurry 2", "early 0.25", "late 0.25", "rotL 1", "rotR 1", "rev",
    "palindrome", "iter 4", "iterBack 4", "compress 0.25 0.75", "fastGap 2", "zoom 0 0.5",
    "trunc 0.5", "linger 0.25", "swing 0.1", "swingBy 0.1 4", "inside 2 rev", "outside 2 rev",
    "segment 4", "brak", "ply 2", "stutter 4", "stutter 4 0.125", "echo 3 0.1 0.5",
    "stut 3 0.1 0.5",
    "off 0.125 rev", "superimpose rev", "layer [rev, fast 2]", "chop 2", "striate 2",
    "slice 4 \"0 1\"", "splice 4 \"0 1\"", "bite 4 \"0 1\"", "loopAt 2", "legato 0.5", "dur 0.1",
    "accelerate 1", "jux rev", "juxBy 0.5 rev", "spin 3", "rot 1", "struct \"t f t\"",
    "mask \"1 0\"", "euclid 3 8", "degrade", "degradeBy 0.3", "degradeSeed 3", "undegrade",
    "shuffle 4", "shuffle 0.1", "scramble 4", "every 3 rev", "every' 3 1 rev",
    "foldEvery [2, 3] rev",
    "whenmod 4 2 rev", "sometimesBy 0.3 rev", "sometimes rev", "often rev", "rarely rev",
    "almostAlways rev", "almostNever rev", "always rev", "never rev", "someCyclesBy 0.3 rev",
    "someCycles rev", "within 0 0.5 rev", "chunk 4 rev", "press", "pressBy 0.25", "ghost",
    "ghost 0.25", "ghostWith 0.25 rev", "gap 2", "trim 0 0.5", "loopback", "every 2 (# gain 0.5)",
    "degrade_by 0.3", "degradeby 0.3",
};

START_TEST(every_transform_applies_to_events_and_from_both_sides)
{
    char text[200];

    snprintf(text, sizeof text, "s \"bd sn\" $ %s", transforms[_i]);
    char *const right = compiled_code(text);
    snprintf(text, sizeof text, "%s $ s \"bd sn\"", transforms[_i]);
    char *const left = compiled_code(text);
    ck_assert_msg(right != NULL, "%s", text);
    ck_assert_str_eq(left, right);
    free(left);
    free(right);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("code");

    tcase_add_test(t, sequences_share_the_cycle_by_weight);
    tcase_add_test(t, alternations_with_weights_stretch_their_items);
    tcase_add_test(t, polymeters_run_at_steps_over_length);
    tcase_add_test(t, decimals_are_exact_fractions);
    tcase_add_test(t, words_are_read_as_their_receiver_wants);
    tcase_add_test(t, conditions_share_the_pattern_they_change);
    tcase_add_test(t, modifiers_keep_the_structure_of_their_left_side);
    tcase_add_test(t, a_transform_reaches_what_is_chained_on_its_left);
    tcase_add_test(t, layers_are_stacked_events);
    tcase_add_test(t, echo_layers_get_later_and_softer);
    tcase_add_test(t, nested_layers_share_instead_of_multiplying);
    tcase_add_test(t, arithmetic_takes_structure_from_both_left_or_right);
    tcase_add_test(t, events_plus_numbers_are_transposed);
    tcase_add_test(t, slicing_n_equal_words_into_n_reorders_them);
    tcase_add_test(t, question_marks_draw_at_their_own_shifted_times);
    tcase_add_test(t, what_would_fill_the_budget_is_refused);
    tcase_add_loop_test(t, every_transform_applies_to_events_and_from_both_sides, 0,
                        (int)(sizeof transforms / sizeof transforms[0]));
    return check_run("client/pattern_compile", t);
}
