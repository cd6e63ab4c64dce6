/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/test_diag.c - messages: where they point, how they print, what they suggest.      */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/diag.h"

static struct source source_of(const char *text)
{
    return (struct source){
        .name = "a.ph", .text = text, .length = (uint32_t)strlen(text), .first_line = 1};
}

/* The caller frees it. */
static char *printed(const struct diag *d)
{
    enum { SPACE = 65536 };
    char *const text = calloc(1, SPACE);
    FILE *const stream = fmemopen(text, SPACE, "w");

    diag_print(d, stream);
    fclose(stream);
    return text;
}

START_TEST(position_counts_lines_and_bytes_from_one)
{
    const struct source s = source_of("ab\ncde\n\nf");
    static const struct {
        uint32_t offset, line, column;
    } rows[] = {{0, 1, 1}, {2, 1, 3}, {3, 2, 1}, {6, 2, 4}, {7, 3, 1}, {8, 4, 1}, {9, 4, 2}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t line, column;
        source_position(&s, rows[i].offset, &line, &column);
        ck_assert_uint_eq(line, rows[i].line);
        ck_assert_uint_eq(column, rows[i].column);
    }
}
END_TEST

START_TEST(position_starts_at_the_line_an_editor_sent)
{
    struct source s = source_of("a\nb");
    uint32_t line, column;

    s.first_line = 40;
    source_position(&s, 2, &line, &column);
    ck_assert_uint_eq(line, 41);
}
END_TEST

START_TEST(position_behind_the_text_is_its_end)
{
    const struct source s = source_of("ab\nc");
    uint32_t line, column;

    source_position(&s, 1000, &line, &column);
    ck_assert_uint_eq(line, 2);
    ck_assert_uint_eq(column, 2);
}
END_TEST

START_TEST(messages_print_in_order_of_position_with_line_and_caret)
{
    const struct source s = source_of("~a $ foo\n\tbar");
    struct diag d;

    diag_init(&d, &s);
    diag_warning(&d, 10, "second %d", 2);
    diag_error(&d, 5, "first");
    char *const text = printed(&d);
    ck_assert_str_eq(text, "a.ph:1:6: error: first\n"
                           "  ~a $ foo\n"
                           "       ^\n"
                           "a.ph:2:2: warning: second 2\n"
                           "   bar\n"
                           "   ^\n");
    free(text);
    ck_assert_uint_eq(d.n_errors, 1);
    diag_finish(&d);
}
END_TEST

START_TEST(caret_counts_a_letter_of_two_bytes_once)
{
    const struct source s = source_of("-- \xc3\xa9\xc3\xa9 x");
    struct diag d;

    diag_init(&d, &s);
    diag_error(&d, 8, "here");
    char *const text = printed(&d);
    ck_assert_ptr_nonnull(strstr(text, "\n        ^\n"));
    free(text);
    diag_finish(&d);
}
END_TEST

START_TEST(a_long_line_shows_what_is_around_the_caret)
{
    enum { LENGTH = 1000000 };
    char *const long_line = malloc(LENGTH + 1);
    memset(long_line, 'x', LENGTH);
    long_line[LENGTH] = '\0';
    long_line[500000] = '!';
    const struct source s = source_of(long_line);
    struct diag d;

    diag_init(&d, &s);
    diag_error(&d, 500000, "here");
    char *const text = printed(&d);
    ck_assert_uint_lt(strlen(text), 300);
    const char *const mark = strchr(text, '!'), *const caret = strchr(text, '^');
    ck_assert_ptr_nonnull(mark);
    const char *const line = strstr(text, "\n  xx") + 1, *const below = strchr(line, '\n') + 1;
    ck_assert_int_eq(mark - line, caret - below);
    free(text);
    free(long_line);
    diag_finish(&d);
}
END_TEST

START_TEST(control_bytes_do_not_reach_the_terminal)
{
    const struct source s = source_of("a \x1b[2J b");
    struct diag d;

    diag_init(&d, &s);
    diag_error(&d, 2, "here");
    char *const text = printed(&d);
    ck_assert_ptr_null(strchr(text, '\x1b'));
    free(text);
    diag_finish(&d);
}
END_TEST

START_TEST(messages_beyond_the_limit_are_counted)
{
    const struct source s = source_of("x");
    struct diag d;

    diag_init(&d, &s);
    for (int i = 0; i < DIAG_MAX + 7; i++)
        diag_error(&d, 0, "number %d", i);
    ck_assert_uint_eq(d.n_messages, DIAG_MAX);
    ck_assert_uint_eq(d.n_errors, DIAG_MAX + 7);
    ck_assert_uint_eq(d.n_dropped, 7);
    diag_finish(&d);
}
END_TEST

START_TEST(an_error_takes_the_place_of_a_note)
{
    const struct source s = source_of("x");
    struct diag d;
    bool found = false;

    diag_init(&d, &s);
    for (int i = 0; i < DIAG_MAX; i++)
        diag_note(&d, 0, "note");
    diag_error(&d, 0, "the error");
    for (uint32_t i = 0; i < d.n_messages; i++)
        found = found || strcmp(d.messages[i].text, "the error") == 0;
    ck_assert(found);
    ck_assert_uint_eq(d.n_dropped, 1);
    diag_finish(&d);
}
END_TEST

START_TEST(finish_accepts_what_was_never_used)
{
    struct diag d = {0};

    diag_finish(&d);
    diag_finish(NULL);
}
END_TEST

START_TEST(nearest_is_within_two_edits)
{
    static const char *const names[] = {"lfo", "lpf", "reverb", "degradeBy", "fast"};
    static const struct {
        const char *name, *nearest;
    } rows[] = {
        {"lfp", "lpf"},         /* swapped letters are nearer than a changed one */
        {"revreb", "reverb"},
        {"reverbb", "reverb"},
        {"rverb", "reverb"},
        {"fest", "fast"},
        {"degradeby", "degradeBy"},
        {"rvb", NULL},
        {"xyz", NULL},
        {"f", NULL},
        {"", NULL},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *const found = diag_nearest(rows[i].name, names, 5);
        if (rows[i].nearest)
            ck_assert_pstr_eq(found, rows[i].nearest);
        else
            ck_assert_ptr_null(found);
    }
}
END_TEST

START_TEST(nearest_survives_very_long_names)
{
    char name[5000];
    const char *const names[] = {name};

    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ck_assert_ptr_null(diag_nearest(name, names, 1));
    ck_assert_ptr_null(diag_nearest("aaa", names, 1));
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("client/diag");
    TCase *const cases = tcase_create("diag");

    tcase_add_test(cases, position_counts_lines_and_bytes_from_one);
    tcase_add_test(cases, position_starts_at_the_line_an_editor_sent);
    tcase_add_test(cases, position_behind_the_text_is_its_end);
    tcase_add_test(cases, messages_print_in_order_of_position_with_line_and_caret);
    tcase_add_test(cases, caret_counts_a_letter_of_two_bytes_once);
    tcase_add_test(cases, a_long_line_shows_what_is_around_the_caret);
    tcase_add_test(cases, control_bytes_do_not_reach_the_terminal);
    tcase_add_test(cases, messages_beyond_the_limit_are_counted);
    tcase_add_test(cases, an_error_takes_the_place_of_a_note);
    tcase_add_test(cases, finish_accepts_what_was_never_used);
    tcase_add_test(cases, nearest_is_within_two_edits);
    tcase_add_test(cases, nearest_survives_very_long_names);
    suite_add_tcase(suite, cases);
    SRunner *const runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
