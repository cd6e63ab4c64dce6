/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/test_diag.c - messages: where they point, how they print, what they suggest.      */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/compile.h"
#include "client/diag.h"
#include "tests/support/check_main.h"

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

START_TEST(position_counts_lines_and_columns_from_one)
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

START_TEST(a_letter_of_several_bytes_is_one_column)
{
    const struct source s = source_of("out $ s \"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5\" + x");
    uint32_t line, column;

    source_position(&s, (uint32_t)(strchr(s.text, 'x') - s.text), &line, &column);
    ck_assert_uint_eq(column, 17);
}
END_TEST

START_TEST(the_same_is_said_once)
{
    const struct source s = source_of("a b");
    struct diag d;

    diag_init(&d, &s);
    for (int i = 0; i < 3; i++) {
        diag_error(&d, 0, "first");
        diag_error(&d, 2, "first");
        diag_error(&d, 0, "second");
    }
    ck_assert_uint_eq(d.n_messages, 3);
    ck_assert_uint_eq(d.n_errors, 3);
    diag_finish(&d);
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
        diag_note(&d, 0, "note %d", i);
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

/* ---- wrong programs: LANGUAGE 24 ------------------------------------------------------------- */

/* Every message of a text: `line:column word` each, in order of position. */
static const struct {
    const char *text, *errors[8];
} wrong[] = {
    /* each statement tells its own */
    { "tempo: fast\n~a $ (saw\n~b $ sow 55\nout $ ~nix\n",
      { "1:8 number", "2:6 never closed", "3:6 did you mean `saw`", "4:7 ~nix" } },
    /* all of one statement */
    { "out $ ~x + ~y * (saw ~z)\n", { "1:7 ~x", "1:12 ~y", "1:22 ~z" } },
    { "out $ %x + @y\n", { "1:7 %x", "1:12 @y" } },
    { "out $ saww 55 + sinee 66\n", { "1:7 `saw`", "1:17 `sine`" } },
    /* what refers to an error makes none of its own, in whatever way it is lost */
    { "~a $ saw (55\n~b $ ~a # lpf 900 1\nout $ ~a + ~b + ~c\n",
      { "1:10 never closed", "3:17 ~c" } },
    { "~a $ s \"bd\n~b $ saw 55 # lpf\nout $ ~a + ~b\n", { "1:8 never closed", "2:15 cutoff" } },
    { "%p $ ]\n@t: )\nfn f x = (\nsynthdef k (\nout $ saw 55 * (f 2) + @t\nout $ s \"k\"\n",
      { "1:6 ']'", "2:5 ')'", "3:10 never closed", "4:12 never closed" } },
    { "for i in 1..3:\n  ~x[i] $ saw (\nout $ ~x1 + ~x2\n", { "2:15 never closed" } },
    { "~a $ sow 55\n~b $ ~a\nout $ ~b + ~a # lpf 900 1\n", { "1:6 `saw`" } },
    /* one quote is missing in the middle */
    { "~a $ s \"bd*4\n~b $ s \"sn\"\n~c $ sow 5\nout $ ~a + ~b\n",
      { "1:8 never closed", "3:6 `saw`" } },
    { "~a $ (s \"bd) # gain 1\n~b $ sow 5\n", { "1:9 string is never closed", "2:6 `saw`" } },
    /* loops say once what is wrong in each round */
    { "for i in 1..9:\n  ~x[i] $ sow (i)\n", { "2:11 `saw`" } },
    /* strings, in which the place counts too */
    { "out $ s \"bd [sn\"\n~b $ s \"bd <>\"\n", { "1:13 never closed", "2:12 nothing between" } },
    { "out $ saw 55 # lpf \"900 bq\" 1\n~c $ ~nix\n", { "1:25 `bq`", "2:6 ~nix" } },
    /* letters of several bytes */
    { "-- \xc3\xa9\nout $ s \"\xc3\xa9\" + ~nix\n", { "2:15 ~nix" } },
    /* arguments and kinds */
    { "out $ saw 55 # lpf\n~b $ every 4\n~c $ s\n", { "1:16 cutoff", "2:6 2 arguments", "3:6 " } },
    { "out $ saw 55 $ saw 66\n", { "1:" } },
    /* settings */
    { "outmix: tahn\nbpm: 120 \"3\"\nout $ saw 55\n", { "1:9 tanh", "2:10 n/d" } },
};

static const char *line_end(const char *text)
{
    const char *const end = strchr(text, '\n');

    return end ? end : text + strlen(text);
}

/* The next line of `printed` that is an error; NULL: no more. */
static const char *next_error(const char *printed)
{
    for (; *printed; printed = *line_end(printed) ? line_end(printed) + 1 : line_end(printed)) {
        const char *const found = strstr(printed, ": error: ");
        if (found && found < line_end(printed) && strncmp(printed, "a.ph:", 5) == 0)
            return printed;
    }
    return NULL;
}

static void check_errors(const char *text, const char *printed, const char *const *errors)
{
    const char *at = printed;

    for (; *errors; errors++) {
        const char *const space = strchr(*errors, ' ');
        const size_t n = space ? (size_t)(space - *errors) : strlen(*errors);
        at = next_error(at);
        ck_assert_msg(at && strncmp(at + 5, *errors, n) == 0, "%s\nwants %s in\n%s", text, *errors,
                      printed);
        const char *const word = space ? strstr(at, space + 1) : at;
        ck_assert_msg(word && word < line_end(at), "%s\nwants %s in\n%s", text, *errors, printed);
        at = line_end(at);
    }
    ck_assert_msg(!next_error(at), "%s\nsays more than expected:\n%s", text, printed);
}

START_TEST(every_error_of_a_program_is_told_once_with_its_place)
{
    const struct source s = source_of(wrong[_i].text);
    struct arena *const arena = arena_new();
    struct ph_program program;
    struct diag d;

    diag_init(&d, &s);
    ck_assert_msg(!compile_program(&s, arena, &d, &program), "%s", s.text);
    char *const text = printed(&d);
    check_errors(s.text, text, wrong[_i].errors);
    free(text);
    diag_finish(&d);
    arena_free(arena);
}
END_TEST

/* The same of TidalCycles' dialect. */
static const struct {
    const char *text, *errors[8];
} wrong_tidal[] = {
    { "let x = (\n    y = 3\nd1 $ n x\nd2 $ n \"1\" # gain (y\nd3 $ sond \"bd\"\n",
      { "2:7 )", "5:6 `sond`", "6:1 )" } },
    { "d1 $ s \"bd\nd2 $ sond \"bd\"\n", { "1:8 string" } },
    { "d1 $ nix\nsetcps (1\nd2 $ nax\n", { "1:6 `nix`", "3:6 `nax`", "4:1 )" } },
};

START_TEST(every_error_of_tidal_code_is_told_once_with_its_place)
{
    struct source s = source_of(wrong_tidal[_i].text);
    struct arena *const arena = arena_new();
    struct ph_program program;
    struct diag d;

    s.tidal = true;
    diag_init(&d, &s);
    ck_assert_msg(!compile_program(&s, arena, &d, &program), "%s", s.text);
    char *const text = printed(&d);
    check_errors(s.text, text, wrong_tidal[_i].errors);
    free(text);
    diag_finish(&d);
    arena_free(arena);
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
    TCase *const cases = tcase_create("diag");

    tcase_add_test(cases, position_counts_lines_and_columns_from_one);
    tcase_add_test(cases, a_letter_of_several_bytes_is_one_column);
    tcase_add_test(cases, the_same_is_said_once);
    tcase_add_test(cases, position_starts_at_the_line_an_editor_sent);
    tcase_add_test(cases, position_behind_the_text_is_its_end);
    tcase_add_test(cases, messages_print_in_order_of_position_with_line_and_caret);
    tcase_add_test(cases, caret_counts_a_letter_of_two_bytes_once);
    tcase_add_test(cases, a_long_line_shows_what_is_around_the_caret);
    tcase_add_test(cases, control_bytes_do_not_reach_the_terminal);
    tcase_add_test(cases, messages_beyond_the_limit_are_counted);
    tcase_add_test(cases, an_error_takes_the_place_of_a_note);
    tcase_add_test(cases, finish_accepts_what_was_never_used);
    tcase_add_loop_test(cases, every_error_of_a_program_is_told_once_with_its_place, 0,
                        sizeof wrong / sizeof wrong[0]);
    tcase_add_loop_test(cases, every_error_of_tidal_code_is_told_once_with_its_place, 0,
                        sizeof wrong_tidal / sizeof wrong_tidal[0]);
    tcase_add_test(cases, nearest_is_within_two_edits);
    tcase_add_test(cases, nearest_survives_very_long_names);
    return check_run("client/diag", cases);
}
