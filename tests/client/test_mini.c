/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/test_mini.c - mini-notation: LANGUAGE 6.                                          */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/ast.h"
#include "tests/client/show.h"
#include "tests/support/check_main.h"

struct row {
    const char *text, *tree;
};

struct parsed {
    struct source source;
    struct diag diag;
    struct arena *arena;
    struct mini *mini;
};

static void parse_bytes(struct parsed *p, const char *text, size_t length)
{
    p->source = (struct source){
        .name = "-", .text = text, .length = (uint32_t)length, .first_line = 1};
    p->arena = arena_new();
    diag_init(&p->diag, &p->source);
    p->mini = parse_mini(text, (uint32_t)length, 0, p->arena, &p->diag);
}

static void finish(struct parsed *p)
{
    diag_finish(&p->diag);
    arena_free(p->arena);
}

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct parsed p;
        char *shown = NULL;
        size_t length = 0;
        parse_bytes(&p, rows[i].text, strlen(rows[i].text));
        FILE *const out = open_memstream(&shown, &length);
        show_mini(out, p.mini);
        fclose(out);
        ck_assert_msg(strcmp(shown, rows[i].tree) == 0, "%s\n  gives %s\n  not   %s\n  %s",
                      rows[i].text, shown, rows[i].tree,
                      p.diag.n_messages ? p.diag.messages[0].text : "");
        ck_assert_int_eq(p.mini == NULL, p.diag.n_errors > 0);
        free(shown);
        finish(&p);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

START_TEST(steps_rests_and_brackets)
{
    static const struct row rows[] = {
        {"bd", "bd"},
        {"a b c", "[a b c]"},
        {"  a\tb \n c ", "[a b c]"},
        {"a [b c]", "[a [b c]]"},
        {"[[[a]]]", "a"},
        {"~ a - b", "[~ a ~ b]"},
        {"[a b, c]", "([a b], c)"},
        {"a, b c", "(a, [b c])"},
        {"(a, b) c", "[(a, b) c]"},
        {"", "~"},
        {"[]", "~"},
        {"[,]", "(~, ~)"},
        {"a . b c . d", "[a [b c] d]"},
        {"a b.c", "[[a b] c]"},
        {"a . . b", "[a ~ b]"},
        {"<a b . c>", "<[a b] c>"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(words_numbers_buses_and_chords)
{
    static const struct row rows[] = {
        {"808bd 808:3 909 bd:12 kick_1", "[808bd 808:3 909 bd:12 kick_1]"},
        {"1 -2 +3 0.5 .5 -.25 1e3", "[1 -2 3 1/2 1/2 -1/4 1e3]"},
        {"3%2 -1%4", "[3/2 -1/4]"},
        {"bd:-1 bd:1.5", "[bd:-1 bd:1.5]"},
        {"~bass ~b2*2", "[~bass ~b2*2]"},
        {"f#4 eb2 c-1 cs5", "[f#4 eb2 c-1 cs5]"},
        {"c4'maj e'min7'i -24'maj7 f#'m7b5'o'4", "[c4'maj e'min7'i -24'maj7 f#'m7b5'o'4]"},
        {"c'6/9 c'm/maj7 c'maj/2", "[c'6/9 c'm/maj7 c'maj/2]"},
        {"c'maj(3,8)?", "(E c'maj 3 8)?0.5'0"},
        {"t f x", "[t f x]"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(alternations_and_polymeters)
{
    static const struct row rows[] = {
        {"<a b c>", "<a b c>"},
        {"<a>", "a"},
        {"<a@3>", "<a@3>"},
        {"<a <b c>>", "<a <b c>>"},
        {"<a b, c d e>", "(<a b>, <c d e>)"},
        {"<a!2 b@3>", "<a a b@3>"},
        {"<a b | c d>", "(<a b> | <c d>)'0"},
        {"{a b c, d e}", "{[a b c], [d e]}"},
        {"{a b c}%4", "{[a b c]}%4"},
        {"{a}%<3 4>*2", "{[a]}%<3 4>*2"},
        {"{}%4", "{[]}%4"},
        {"{a | b c}%2", "({[a]}%2 | {[b c]}%2)'0"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(modifiers_apply_from_left_to_right)
{
    static const struct row rows[] = {
        {"bd*4", "bd*4"},
        {"bd* 2 bd * 3", "[bd*2 bd*3]"},
        {"bd*1.5 bd/3 bd*-1", "[bd*3/2 bd/3 bd*-1]"},
        {"a*2*3 a*2?", "[a*2*3 a*2?0.5'0]"},
        {"bd*<2 [3 4]>", "bd*<2 [3 4]>"},
        {"bd*{2 3}%4", "bd*{[2 3]}%4"},
        {"a@3 b", "[a@3 b]"},
        {"a@1.5 b@2@3", "[a@3/2 b@3]"},
        {"a _ _ b _", "[a@3 b@2]"},
        {"a@3 _ b", "[a@4 b]"},
        {"a!3 b", "[a a a b]"},
        {"a! b", "[a a b]"},
        {"a ! ! b", "[a a a b]"},
        {"a!2 ! b !2", "[a a a b b]"},
        {"a!2 _", "[a a@2]"},
        {"a!0 b", "[b]"},
        {"[a b]!2", "[[a b] [a b]]"},
        {"a*2!2", "[a*2 a*2]"},
        {"bd*1000000000", "bd*1000000000"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(rhythms_take_two_or_three_arguments)
{
    static const struct row rows[] = {
        {"bd(3,8)", "(E bd 3 8)"},
        {"bd(3,8,2)", "(E bd 3 8 2)"},
        {"bd(3 8 2)", "(E bd 3 8 2)"},
        {"bd( 3 , 8 )", "(E bd 3 8)"},
        {"bd(-3,8)", "(E bd -3 8)"},
        {"bd(<3 5>,[8 16],<0 2>)", "(E bd <3 5> [8 16] <0 2>)"},
        {"bd(<3 5>/2,8)", "(E bd <3 5>/2 8)"},
        {"[a b](3,8)*2", "(E [a b] 3 8)*2"},
        {"bd*2(3,8)", "(E bd*2 3 8)"},
        {"<a b>(3,8) ~x(5,8) c'maj(2,5)", "[(E <a b> 3 8) (E ~x 5 8) (E c'maj 2 5)]"},
        {"bd(3,8)!2", "[(E bd 3 8) (E bd 3 8)]"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(runs_are_one_step)
{
    static const struct row rows[] = {
        {"0 .. 4", "0..4"},
        {"0..4", "0..4"},
        {"9 0 .. 4", "[9 0..4]"},
        {"0 .. 1 2 .. 3", "[0..1 2..3]"},
        {"0 .. <2 3>", "0..<2 3>"},
        {"0 .. 2 . 5", "[0..2 5]"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(seeds_count_where_each_operator_ends)
{
    static const struct row rows[] = {
        {"bd? sn? hh?0.25", "[bd?0.5'0 sn?0.5'1 hh?0.25'2]"},
        {"[a|b]", "(a | b)'0"},
        {"a | b", "(a | b)'0"},
        {"[a? | b?]? c?", "[(a?0.5'0 | b?0.5'1)'2?0.5'3 c?0.5'4]"},
        {"[a | [b | c]] [d | e]", "[(a | (b | c)'0)'1 (d | e)'2]"},
        {"bd*<1 [2|3]>? x?", "[bd*<1 (2 | 3)'0>?0.5'1 x?0.5'2]"},
        {"a?!2 b?", "[a?0.5'0 a?0.5'0 b?0.5'1]"},
        {"a?.3", "a?0.3'0"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(errors_stand_where_the_string_is_wrong)
{
    static const struct {
        const char *text;
        uint32_t offset;
        const char *part;
    } rows[] = {
        {"a [b", 2, "never closed"},
        {"a b]", 3, "closes nothing"},
        {"a [b)", 4, "')' where ']'"},
        {"bd(3,8", 2, "never closed"},
        {"<>", 0, "nothing between"},
        {"a < > b", 2, "nothing between"},
        {"*2", 0, "no step before"},
        {"[*2]", 1, "no step before"},
        {"! a", 0, "no step before"},
        {"_ a", 0, "no step before"},
        {"@2", 0, "no step before"},
        {"bd*", 3, "missing"},
        {"bd* x", 4, "missing"},
        {"bd*<a>", 4, "number is wanted"},
        {"bd(3,x)", 5, "missing"},
        {"bd(3)", 4, "hits and steps"},
        {"bd()", 3, "hits and steps"},
        {"bd(3,8,1,2)", 8, "two or three"},
        {"a@", 1, "weight is missing"},
        {"a@0", 1, "larger than 0"},
        {"a!1.5", 1, "whole number"},
        {"[a]:3", 3, "directly behind a word"},
        {"bd:x", 2, "missing after ':'"},
        {"c'", 2, "chord is missing"},
        {"c'maj'", 6, "chord is missing"},
        {"a, b | c", 5, "one level"},
        {". a", 0, "no step before"},
        {"a b .", 4, "no step behind"},
        {"0 ..", 2, "missing after '..'"},
        {"0 .. 1 .. 2", 7, "between two steps"},
        {"1.5h", 3, "letters directly after"},
        {"99999999999999999999", 0, "too large"},
        {"3%0", 1, "not 0"},
        {"bd!1000000000", 2, "65536 steps"},
        {"[bd!60000]!2", 10, "65536 steps"},
        {"bd \xff", 3, "invalid UTF-8"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct parsed p;
        parse_bytes(&p, rows[i].text, strlen(rows[i].text));
        ck_assert_msg(p.diag.n_errors == 1, "%s has %u errors", rows[i].text, p.diag.n_errors);
        ck_assert_ptr_null(p.mini);
        ck_assert_msg(p.diag.messages[0].offset == rows[i].offset, "%s: error at %u, not %u",
                      rows[i].text, p.diag.messages[0].offset, rows[i].offset);
        ck_assert_msg(strstr(p.diag.messages[0].text, rows[i].part) != NULL, "%s: %s",
                      rows[i].text, p.diag.messages[0].text);
        finish(&p);
    }
}
END_TEST

START_TEST(unknown_characters_are_skipped_with_a_warning)
{
    struct parsed p;
    static const char text[] = "a $ b \xc3\xa9 c";

    parse_bytes(&p, text, strlen(text));
    ck_assert_uint_eq(p.diag.n_errors, 0);
    ck_assert_uint_eq(p.diag.n_messages, 2);
    ck_assert_int_eq(p.diag.messages[0].class, DIAG_WARNING);
    ck_assert_uint_eq(p.diag.messages[0].offset, 2);
    ck_assert_uint_eq(p.diag.messages[1].offset, 6);
    ck_assert_uint_eq(p.mini->n_items, 3);
    finish(&p);
}
END_TEST

START_TEST(offsets_count_from_the_start_of_the_source)
{
    const struct source s = {
        .name = "-", .text = "~a $ \"bd [sn\"", .length = 13, .first_line = 1};
    struct arena *const arena = arena_new();
    struct diag d;

    diag_init(&d, &s);
    ck_assert_ptr_null(parse_mini(s.text + 6, 6, 6, arena, &d));
    ck_assert_uint_eq(d.messages[0].offset, 9);
    const struct mini *const m = parse_mini(s.text + 6, 2, 6, arena, &d);
    ck_assert_uint_eq(m->offset, 6);
    diag_finish(&d);
    arena_free(arena);
}
END_TEST

START_TEST(text_behind_the_length_is_not_read)
{
    struct parsed p;

    parse_bytes(&p, "bd]]]", 2);
    ck_assert_ptr_nonnull(p.mini);
    ck_assert_str_eq(p.mini->text, "bd");
    finish(&p);
}
END_TEST

START_TEST(size_counts_repeats_and_depth_the_levels)
{
    struct parsed p;

    parse_bytes(&p, "[a b]!3 c", 9);
    ck_assert_uint_eq(p.mini->size, 7);
    ck_assert_uint_eq(p.mini->depth, 3);
    ck_assert_ptr_eq(p.mini->items[0], p.mini->items[2]);
    finish(&p);
}
END_TEST

START_TEST(depth_and_size_are_bounded_whatever_is_repeated)
{
    static const struct {
        const char *before, *unit, *after;
        bool is_error;
    } rows[] = {
        {"", "[", "", true},       {"", "<a ", "", true},     {"", "{a ", "", true},
        {"a", "*2", "", true},     {"a", "?", "", true},      {"a", "(3,8)", "", true},
        {"", "a ", "", true},      {"a", "!", "", true},      {"", "a!65536 ", "", true},
        {"a", " . a", "", true},   {"", ",", "", true},       {"a", " _", "", false},
        {"a", "@2", "", false},    {"", "a", "", false},      {"", " ", "", false},
        {"", "1", "", true},       {"a", " .. 1", "", true},  {"bd*", "<2 ", "", true},
        {"", "(", "", true},       {"c", "'a", "", false},    {"a*", "[", "", true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint32_t count = (uint32_t)((1 << 20) / strlen(rows[i].unit));
        char *text = NULL;
        size_t length = 0;
        FILE *const out = open_memstream(&text, &length);
        fputs(rows[i].before, out);
        for (uint32_t k = 0; k < count; k++)
            fputs(rows[i].unit, out);
        fputs(rows[i].after, out);
        fclose(out);
        struct parsed p;
        parse_bytes(&p, text, length);
        ck_assert_msg((p.diag.n_errors > 0) == rows[i].is_error, "%s", rows[i].unit);
        finish(&p);
        free(text);
    }
}
END_TEST

/* Nodes lie inside the text, contain their sizes and obey the limits. */
static void check_tree(const struct mini *m, uint32_t length)
{
    ck_assert_uint_le(m->offset, length);
    ck_assert_uint_le(m->size, MINI_SIZE_MAX);
    ck_assert_uint_le(m->depth, MINI_DEPTH_MAX);
    uint64_t size = 0;
    for (uint32_t i = 0; i < m->n_items; i++) {
        ck_assert_uint_lt(m->items[i]->depth, m->depth);
        size += m->items[i]->size;
        if (i == 0 || m->items[i] != m->items[i - 1])
            check_tree(m->items[i], length);
    }
    ck_assert_uint_le(size, m->size);
    const struct mini *const arguments[] = {m->argument, m->argument2, m->argument3};
    for (int i = 0; i < 3; i++)
        if (arguments[i])
            check_tree(arguments[i], length);
}

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

START_TEST(random_signs_never_crash_and_errors_lie_inside_the_text)
{
    static const char *const signs[] = {
        "a", "bd", "808bd", "sn:3", "c4", "c4'maj", "'", "'i", "1", "-2", "0.5", ".5", "3%2", "[",
        "]", "[", "]", "<", ">", "<", ">", "{", "}", "}%4", "%", "(", ")", "(3,8)", "(3,8,2)",
        "(<3 5>,8)", "*", "*2", "*<2 3>", "/", "/3", "!", "!3", "!0", "!70000", "@", "@3", "?",
        "?0.3", "_", ".", "..", " .. ", "|", ",", ":", ":2", "~", "~x", "-", "+", "#", "$",
        "\xc3\xa9", "\xff", " ", " ", " ", "\n",
    };
    enum { STRINGS = 50000, SIGNS = sizeof signs / sizeof signs[0] };
    uint32_t state = 88172645u;

    for (int i = 0; i < STRINGS; i++) {
        char text[512];
        size_t length = 0;
        const uint32_t n = next_random(&state) % 30;
        for (uint32_t k = 0; k < n; k++) {
            const char *const sign = signs[next_random(&state) % SIGNS];
            memcpy(text + length, sign, strlen(sign));
            length += strlen(sign);
            if (next_random(&state) % 2)
                text[length++] = ' ';
        }
        /* An exact copy without a terminator, so that a sanitizer sees a read behind the end. */
        char *const exact = malloc(length ? length : 1);
        memcpy(exact, text, length);
        struct parsed p;
        parse_bytes(&p, exact, length);
        ck_assert_int_eq(p.mini == NULL, p.diag.n_errors > 0);
        for (uint32_t k = 0; k < p.diag.n_messages; k++)
            ck_assert_uint_le(p.diag.messages[k].offset, length);
        if (p.mini)
            check_tree(p.mini, (uint32_t)length);
        finish(&p);
        free(exact);
    }
}
END_TEST

int main(void)
{
    TCase *const cases = tcase_create("mini");

    tcase_add_test(cases, steps_rests_and_brackets);
    tcase_add_test(cases, words_numbers_buses_and_chords);
    tcase_add_test(cases, alternations_and_polymeters);
    tcase_add_test(cases, modifiers_apply_from_left_to_right);
    tcase_add_test(cases, rhythms_take_two_or_three_arguments);
    tcase_add_test(cases, runs_are_one_step);
    tcase_add_test(cases, seeds_count_where_each_operator_ends);
    tcase_add_test(cases, errors_stand_where_the_string_is_wrong);
    tcase_add_test(cases, unknown_characters_are_skipped_with_a_warning);
    tcase_add_test(cases, offsets_count_from_the_start_of_the_source);
    tcase_add_test(cases, text_behind_the_length_is_not_read);
    tcase_add_test(cases, size_counts_repeats_and_depth_the_levels);
    tcase_add_test(cases, depth_and_size_are_bounded_whatever_is_repeated);
    tcase_add_test(cases, random_signs_never_crash_and_errors_lie_inside_the_text);
    return check_run("client/mini", cases);
}
