/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/test_lex.c - tokens, comments against chains, where statements end: LANGUAGE 1.   */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/functions.h"
#include "client/lex.h"
#include "tests/support/check_main.h"

struct row {
    const char *text;
    const char *tokens; /* of each statement, between blanks; statements between " ; " */
};

static struct source source_of(const char *text)
{
    return (struct source){
        .name = "a.ph", .text = text, .length = (uint32_t)strlen(text), .first_line = 1};
}

static char *tokens_of(const char *text, struct diag *d)
{
    const struct source s = source_of(text);
    struct lexed lexed;
    char *shown = NULL;
    size_t length = 0;
    FILE *const out = open_memstream(&shown, &length);

    diag_init(d, &s);
    lex_program(&lexed, &s, d);
    for (uint32_t i = 0; i < lexed.n_statements; i++) {
        if (i > 0)
            fputs(" ; ", out);
        for (uint32_t k = lexed.statements[i].first; k < lexed.statements[i].end; k++)
            fprintf(out, "%s%.*s", k > lexed.statements[i].first ? " " : "",
                    (int)lexed.tokens[k].length, text + lexed.tokens[k].offset);
    }
    fclose(out);
    lex_finish(&lexed);
    return shown;
}

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct diag d;
        char *const shown = tokens_of(rows[i].text, &d);
        ck_assert_msg(strcmp(shown, rows[i].tokens) == 0, "%s\n  gives %s\n  not   %s",
                      rows[i].text, shown, rows[i].tokens);
        ck_assert_msg(d.n_errors == 0, "%s: %s", rows[i].text,
                      d.n_messages ? d.messages[0].text : "");
        free(shown);
        diag_finish(&d);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

START_TEST(tokens_are_split_as_written)
{
    static const struct row rows[] = {
        {"", ""},
        {"  \n\n", ""},
        {"~a$s\"bd\"#gain .5", "~a $ s \"bd\" # gain .5"},
        {"a+b -c*|d|>e<|f", "a + b - c *| d |> e <| f"},
        {"a~*b ~+ c ~/ 2", "a ~* b ~+ c ~/ 2"},
        {"every' 4 1 rev", "every' 4 1 rev"},
        {"~midi:c:major + ~midi3", "~midi:c:major + ~midi3"},
        {"~bass:saw 55", "~bass : saw 55"},
        {"%p: @t", "%p : @t"},
        {"1.5 .5 1..4", "1.5 .5 1 .. 4"},
        {"f(a,[1,2])", "f ( a , [ 1 , 2 ] )"},
        {"a >> lpf 3", "a >> lpf 3"},
        {"\xEF\xBB\xBF~a $ 1", "~a $ 1"},
        {"~a $ 1\r\n~b $ 2\r\n", "~a $ 1 ; ~b $ 2"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(comments_leave_nothing)
{
    static const struct row rows[] = {
        {"a -- b \" (", "a"},
        {"a // b", "a"},
        {"-- only", ""},
        {"a /* b\n c */ + d", "a + d"},
        {"\"-- in a string\"", "\"-- in a string\""},
        {"\"/* # */\"", "\"/* # */\""},
        {"# a comment with a \" quote\n~a $ 1", "~a $ 1"},
        {"-- \xc3\xa9t\xc3\xa9\n\"\xc3\xa9\"", "\"\xc3\xa9\""},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(hash_is_a_chain_before_what_can_be_chained)
{
    static const struct row rows[] = {
        {"~a $ s \"bd\" # lpf 900", "~a $ s \"bd\" # lpf 900"},
        {"~a $ x #gain 2", "~a $ x # gain 2"},
        {"~a $ x # ~fx", "~a $ x # ~fx"},
        {"~a $ x # @t # %p # (lpf 3)", "~a $ x # @t # %p # ( lpf 3 )"},
        {"~a $ x # degrade_by 0.3", "~a $ x # degrade_by 0.3"},
        {"fn warm x a = x * a\n~a $ y # warm 2", "fn warm x a = x * a ; ~a $ y # warm 2"},
        {"cut: 300\n~a $ x # lpf cut", "cut : 300 ; ~a $ x # lpf cut"},
        {"~a $ x # lpf lfo", "~a $ x # lpf lfo"},
        {"~a $ x # sp kick", "~a $ x # sp kick"},
        {"~a $ vst \"Surge\" # cutoff_freq 0.5", "~a $ vst \"Surge\" # cutoff_freq 0.5"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(hash_is_a_comment_before_anything_else)
{
    static const struct row rows[] = {
        {"~a $ x # 300", "~a $ x"},
        {"~a $ x # \"bd\"", "~a $ x"},
        {"~a $ x #", "~a $ x"},
        {"~a $ x # the low end", "~a $ x"},
        {"~a $ x # Reverb here", "~a $ x"},
        {"~a $ x # Reverb", "~a $ x"},
        {"~a $ x # chorus on pads", "~a $ x"},
        {"~a $ x # ~b: saw 55", "~a $ x"},
        {"~a $ x # ~b = saw 55", "~a $ x"},
        {"~a $ x # cutoff_freq 0.5", "~a $ x"},
        {"tempo: 0.5 # fast (very)", "tempo : 0.5"},
        {"hush # reverb", "hush"},
        {"hush2 # reverb", "hush2"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(hash_at_the_start_of_a_line_continues_only_the_line_above)
{
    static const struct row rows[] = {
        {"~a $ x\n# lpf 3", "~a $ x # lpf 3"},
        {"~a $ x\n   # lpf 3\n   # hpf 4", "~a $ x # lpf 3 # hpf 4"},
        {"~a $ x\n\n# lpf 3", "~a $ x"},
        {"~a $ x\n-- why\n# lpf 3", "~a $ x"},
        {"~a $ x\n# the filter\n# lpf 3", "~a $ x"},
        {"# lpf 3\n~a $ x", "~a $ x"},
        {"tempo: 1\n# lpf 3", "tempo : 1"},
        {"~a $ (x\n\n# lpf 3\n)", "~a $ ( x # lpf 3 )"},
        {"~a $ (x\n# prose\n# lpf 3)", "~a $ ( x # lpf 3 )"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(hash_behind_the_name_at_the_start_defines)
{
    static const struct row rows[] = {
        {"~lfo # sine 0.25", "~lfo # sine 0.25"},
        {"~a # \"1 2\"", "~a # \"1 2\""},
        {"%p # \"1 2\"", "%p # \"1 2\""},
        {"out # 3", "out # 3"},
        {"o2 # ~a", "o2 # ~a"},
        {"~f x y # lpf x", "~f x y # lpf x"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(a_statement_ends_at_the_newline)
{
    static const struct row rows[] = {
        {"~a $ x\n~b $ y", "~a $ x ; ~b $ y"},
        {"x\ny", "x ; y"},
        {"x\n-y", "x ; - y"},
        {"x\n[1]", "x ; [ 1 ]"},
        {"x\n\n+ y", "x ; + y"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(a_statement_goes_on_where_it_is_unfinished)
{
    static const struct row rows[] = {
        {"~a $\n\n x", "~a $ x"},
        {"~a:\n  x", "~a : x"},
        {"x +\n y", "x + y"},
        {"f(1,\n\n -- c\n 2)", "f ( 1 , 2 )"},
        {"[1\n,2\n]", "[ 1 , 2 ]"},
        {"(x\n\ny)", "( x y )"},
        {"x\n+ y\n* z\n/ w", "x + y * z / w"},
        {"x\n- y", "x - y"},
        {"x\n$ y", "x $ y"},
        {"x\n-- comment\n$ y", "x $ y"},
        {"x\n|> y\n>> lpf 3", "x |> y >> lpf 3"},
        {"x\n~* y", "x ~* y"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(a_loop_header_ends_with_its_colon)
{
    static const struct row rows[] = {
        {"for i in 1..3:\n  ~x[i] $ 1\n", "for i in 1 .. 3 : ; ~x [ i ] $ 1"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(a_comment_behind_code_is_noted_and_a_misspelt_effect_named)
{
    struct diag d;

    free(tokens_of("~a $ x # revreb 0.3", &d));
    ck_assert_uint_eq(d.n_messages, 1);
    ck_assert_int_eq(d.messages[0].class, DIAG_NOTE);
    ck_assert_uint_eq(d.messages[0].offset, 7);
    ck_assert_ptr_nonnull(strstr(d.messages[0].text, "reverb"));
    diag_finish(&d);

    free(tokens_of("tempo: 0.5 # revreb\n# revreb\n", &d));
    ck_assert_uint_eq(d.n_messages, 0);
    diag_finish(&d);
}
END_TEST

START_TEST(errors_stand_where_the_text_is_wrong)
{
    static const struct {
        const char *text;
        uint32_t offset;
        const char *part;
    } rows[] = {
        {"~a $ \\x", 5, "unexpected character '\\'"},
        {"~a $ \xe2\x80\x9c""bd\xe2\x80\x9d", 5, "typographic quote"},
        {"~a $ \xc3\xa9", 5, "only ASCII"},
        {"-- ok\n~a \xff", 9, "invalid UTF-8"},
        {"-- \xed\xa0\x80", 3, "invalid UTF-8"},
        {"\"\xc0\xaf\"", 1, "invalid UTF-8"},
        {"~a $ 12ab", 7, "letters directly after"},
        {"~a $ 1e5", 6, "letters directly after"},
        {"~a $ (1 + [2)", 12, "')' where ']'"},
        {"~a $ (1 + 2", 5, "never closed"},
        {"~a $ 1)", 6, "closes nothing"},
        {"~a $ s \"bd", 7, "never closed"},
        {"~a $ 1\n~b $ \"bd\n~c $ \"sn\"", 12, "never closed"},
        {"~a /* b", 3, "never closed"},
        {"~a $ {1}", 5, "unexpected character '{'"},
        {"~a $ \x01", 5, "control character"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct diag d;
        free(tokens_of(rows[i].text, &d));
        ck_assert_msg(d.n_errors > 0, "%s has no error", rows[i].text);
        ck_assert_msg(d.messages[0].offset == rows[i].offset, "%s: error at %u, not %u",
                      rows[i].text, d.messages[0].offset, rows[i].offset);
        ck_assert_msg(strstr(d.messages[0].text, rows[i].part) != NULL, "%s: %s", rows[i].text,
                      d.messages[0].text);
        diag_finish(&d);
    }
}
END_TEST

START_TEST(a_zero_byte_is_an_error)
{
    static const char text[] = "~a $\0 1";
    const struct source s = {
        .name = "a.ph", .text = text, .length = sizeof text - 1, .first_line = 1};
    struct lexed lexed;
    struct diag d;

    diag_init(&d, &s);
    lex_program(&lexed, &s, &d);
    ck_assert_uint_eq(d.n_errors, 1);
    ck_assert_uint_eq(d.messages[0].offset, 4);
    lex_finish(&lexed);
    diag_finish(&d);
}
END_TEST

START_TEST(only_the_statement_with_the_error_is_bad)
{
    const struct source s = source_of("~a $ 1\n~b $ \\\n~c $ 3");
    struct lexed lexed;
    struct diag d;

    diag_init(&d, &s);
    lex_program(&lexed, &s, &d);
    ck_assert_uint_eq(lexed.n_statements, 3);
    ck_assert(!lexed.statements[0].bad);
    ck_assert(lexed.statements[1].bad);
    ck_assert(!lexed.statements[2].bad);
    lex_finish(&lexed);
    diag_finish(&d);
}
END_TEST

START_TEST(definitions_are_known_before_the_first_token)
{
    const struct source s = source_of("~a $ 1\nb: 2\n~f p q = p\nfn g r = r\nsynthdef h 1\n"
                                      "for i in 1..2:\n  ~c # 1\n~d\n  $ 2\n");
    struct lexed lexed;
    struct diag d;

    diag_init(&d, &s);
    lex_program(&lexed, &s, &d);
    ck_assert_uint_eq(lex_defined(&lexed, "a", 1), DEFINED_BUS);
    ck_assert_uint_eq(lex_defined(&lexed, "b", 1), DEFINED_BARE);
    ck_assert_uint_eq(lex_defined(&lexed, "f", 1), DEFINED_FUNCTION_BUS);
    ck_assert_uint_eq(lex_defined(&lexed, "p", 1), DEFINED_PARAMETER);
    ck_assert_uint_eq(lex_defined(&lexed, "g", 1), DEFINED_FUNCTION);
    ck_assert_uint_eq(lex_defined(&lexed, "h", 1), DEFINED_SYNTHDEF);
    ck_assert_uint_eq(lex_defined(&lexed, "i", 1), DEFINED_PARAMETER);
    ck_assert_uint_eq(lex_defined(&lexed, "c", 1), DEFINED_BUS);
    ck_assert_uint_eq(lex_defined(&lexed, "d", 1), DEFINED_BUS);
    ck_assert_uint_eq(lex_defined(&lexed, "e", 1), 0);
    lex_finish(&lexed);
    diag_finish(&d);
}
END_TEST

START_TEST(settings_and_outputs_are_known_by_their_word)
{
    int64_t number;

    ck_assert_str_eq(lex_setting(function_find("cps", 3), "cps", 3), "tempo");
    ck_assert_str_eq(lex_setting(function_find("hush12", 6), "hush12", 6), "hush");
    ck_assert_str_eq(lex_setting(function_find("reset_cycles", 12), "reset_cycles", 12),
                     "resetCycles");
    ck_assert_ptr_null(lex_setting(function_find("panic3", 6), "panic3", 6));
    ck_assert_ptr_null(lex_setting(function_find("lpf", 3), "lpf", 3));
    ck_assert(lex_output("out", 3, &number) && number == 0);
    ck_assert(lex_output("out12", 5, &number) && number == 12);
    ck_assert(lex_output("d1", 2, &number) && number == 1);
    ck_assert(lex_output("o16", 3, &number) && number == 16);
    ck_assert(!lex_output("o0", 2, &number));
    ck_assert(!lex_output("o", 1, &number));
    ck_assert(!lex_output("outer", 5, &number));
    ck_assert(!lex_output("d1x", 3, &number));
}
END_TEST

int main(void)
{
    TCase *const cases = tcase_create("lex");

    tcase_add_test(cases, tokens_are_split_as_written);
    tcase_add_test(cases, comments_leave_nothing);
    tcase_add_test(cases, hash_is_a_chain_before_what_can_be_chained);
    tcase_add_test(cases, hash_is_a_comment_before_anything_else);
    tcase_add_test(cases, hash_at_the_start_of_a_line_continues_only_the_line_above);
    tcase_add_test(cases, hash_behind_the_name_at_the_start_defines);
    tcase_add_test(cases, a_statement_ends_at_the_newline);
    tcase_add_test(cases, a_statement_goes_on_where_it_is_unfinished);
    tcase_add_test(cases, a_loop_header_ends_with_its_colon);
    tcase_add_test(cases, a_comment_behind_code_is_noted_and_a_misspelt_effect_named);
    tcase_add_test(cases, errors_stand_where_the_text_is_wrong);
    tcase_add_test(cases, a_zero_byte_is_an_error);
    tcase_add_test(cases, only_the_statement_with_the_error_is_bad);
    tcase_add_test(cases, definitions_are_known_before_the_first_token);
    tcase_add_test(cases, settings_and_outputs_are_known_by_their_word);
    return check_run("client/lex", cases);
}
