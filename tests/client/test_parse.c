/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/test_parse.c - expressions and statements: LANGUAGE 2, 3 and 21.                  */
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
    struct program_ast program;
};

static void parse_bytes(struct parsed *p, const char *text, size_t length)
{
    p->source = (struct source){
        .name = "a.ph", .text = text, .length = (uint32_t)length, .first_line = 1};
    p->arena = arena_new();
    diag_init(&p->diag, &p->source);
    p->program = parse_program(&p->source, p->arena, &p->diag);
}

static void parse_text(struct parsed *p, const char *text)
{
    parse_bytes(p, text, strlen(text));
}

static void finish(struct parsed *p)
{
    diag_finish(&p->diag);
    arena_free(p->arena);
}

static const char *first_message(const struct parsed *p)
{
    return p->diag.n_messages ? p->diag.messages[0].text : "(none)";
}

/* Trees of all statements, one a line; definitions as name = tree. */
static char *trees(const struct program_ast *program)
{
    char *shown = NULL;
    size_t length = 0;
    FILE *const out = open_memstream(&shown, &length);

    for (uint32_t i = 0; i < program->n_statements; i++) {
        const struct statement *const s = &program->statements[i];
        if (i > 0)
            fputc('\n', out);
        if (s->name)
            fprintf(out, "%s", s->name);
        for (uint32_t k = 0; k < s->n_params; k++)
            fprintf(out, " %s", s->params[k]);
        if (s->name)
            fputs(" = ", out);
        show_ast(out, s->value);
    }
    fclose(out);
    return shown;
}

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct parsed p;
        parse_text(&p, rows[i].text);
        char *const shown = trees(&p.program);
        ck_assert_msg(p.diag.n_errors == 0, "%s: %s", rows[i].text, first_message(&p));
        ck_assert_msg(strcmp(shown, rows[i].tree) == 0, "%s\n  gives %s\n  not   %s", rows[i].text,
                      shown, rows[i].tree);
        free(shown);
        finish(&p);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

START_TEST(precedence_is_that_of_the_language_page)
{
    static const struct row rows[] = {
        {"out: saw 55 # lpf 500 1.2 * 0.25", "(* (# (saw 55) (lpf 500 1.2)) 0.25)"},
        {"out: ~a + ~b # reverb 0.4 0.6 0.2", "(# (+ ~a ~b) (reverb 0.4 0.6 0.2))"},
        {"out: ~a # reverb 0.3 0.6 0.15 + ~b", "(+ (# ~a (reverb 0.3 0.6 0.15)) ~b)"},
        {"out: s \"hh*8\" $ swing 0.1 # gain 0.4",
         "(# ($ (s \"hh*8\") (swing 0.1)) (gain 0.4))"},
        {"out: s \"hh*8\" * 0.5 $ swing 0.15", "($ (* (s \"hh*8\") 0.5) (swing 0.15))"},
        {"out: s \"bd\" # gain 0.5 $ fast 2", "($ (# (s \"bd\") (gain 0.5)) (fast 2))"},
        {"out: jux rev $ s \"x\" # lpf 200", "(# ($ (jux rev) (s \"x\")) (lpf 200))"},
        {"out: ~m * adsr 0.01 0.05 0 0.1", "(* ~m (adsr 0.01 0.05 0 0.1))"},
        {"out: pad * 0.1 + bass # hpf 40", "(# (+ (* pad 0.1) bass) (hpf 40))"},
        {"out: a + b * c - d", "(- (+ a (* b c)) d)"},
        {"out: a * b / c", "(/ (* a b) c)"},
        {"out: a |+ b *| c", "(|+ a (*| b c))"},
        {"out: a |> b <| c", "(<| (|> a b) c)"},
        {"out: a ~* b ~+ c", "(~+ (~* a b) c)"},
        {"out: a $ v $ b $ c", "($ a v b c)"},
        {"out: a $ v # lpf 3 $ c", "($ (# ($ a v) (lpf 3)) c)"},
        {"out: a >> f 1 >> g 2", "(# (# a (f 1)) (g 2))"},
        {"out: (a + b) * c", "(* (+ a b) c)"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(minus_is_sign_negation_or_difference_by_its_place)
{
    static const struct row rows[] = {
        {"out: pan2_l ~x -1.0", "(pan2_l ~x -1)"},
        {"out: ~x -1", "(- ~x 1)"},
        {"out: ~x - 1", "(- ~x 1)"},
        {"out: ~x-1", "(- ~x 1)"},
        {"out: -1", "-1"},
        {"out: -.5 + 2", "(+ -0.5 2)"},
        {"out: - 1", "(neg 1)"},
        {"out: -(square 3)", "(neg (square 3))"},
        {"out: -square 3", "(neg (square 3))"},
        {"out: 2 -1", "(- 2 1)"},
        {"out: 2 - -1", "(- 2 -1)"},
        {"out: 2 * -3", "(* 2 -3)"},
        {"out: range -1 1 (sine 2)", "(range -1 1 (sine 2))"},
        {"out: f(-1, 2 -1)", "(f -1 (- 2 1))"},
        {"out: [-1, -2]", "[-1, -2]"},
        {"out: saw 55 - 3", "(- (saw 55) 3)"},
        {"out: saw 55-3", "(- (saw 55) 3)"},
        {"out: saw 55 -~a", "(- (saw 55) ~a)"},
        {"x: 5\nout: x -1", "x = 5\n(- x 1)"},
        {"fn f x = x -1", "f x = (- x 1)"},
        {"~f p $ p\nout: ~f -1", "f p = p\n(~f -1)"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(calls_may_be_written_in_both_styles)
{
    static const struct row rows[] = {
        {"out: lpf (sine 0.25 * 900 + 1000) 0.8", "(lpf (+ (* (sine 0.25) 900) 1000) 0.8)"},
        {"out: f(a, b c)", "(f a (b c))"},
        {"out: f (a)", "(f a)"},
        {"out: f()", "(f)"},
        {"out: saw(55) * 0.3", "(* (saw 55) 0.3)"},
        {"out: s(\"hh*8\", 0.6)", "(s \"hh*8\" 0.6)"},
        {"out: bitcrush pink_noise 8 0.5", "(bitcrush pink_noise 8 0.5)"},
        {"out: lpf sine(2) 3", "(lpf (sine 2) 3)"},
        {"out: s \"bd\" :n 3 :gain 0.5", "(s \"bd\" :n 3 :gain 0.5)"},
        {"out: f(a, :key b + c)", "(f a :key (+ b c))"},
        {"out: saw ~midi :attack=0.01 :release=-1", "(saw ~midi :attack 0.01 :release -1)"},
        {"out: f [1, [2, a b]] \"x\" \"y\"", "(f [1, [2, (a b)]] \"x\" \"y\")"},
        {"out: \"a b\" \"c\" # note", "(# \"a b\"~\"c\" note)"},
        {"out: n (\"0\" \"2\")", "(n \"0\"~\"2\")"},
        {"out: stack []", "(stack [])"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(a_bare_transform_takes_its_own_arguments_and_no_more)
{
    static const struct row rows[] = {
        {"out: every 4 fast 2 $ x", "($ (every 4 (fast 2)) x)"},
        {"out: every 4 (fast 2) $ x", "($ (every 4 (fast 2)) x)"},
        {"out: every 3 rev \"a b c\"", "(every 3 rev \"a b c\")"},
        {"out: every 3 fast 2 \"a\"", "(every 3 (fast 2) \"a\")"},
        {"out: jux rev \"a\"", "(jux rev \"a\")"},
        {"out: every 2 sometimesBy 0.3 ply 2 \"a\"",
         "(every 2 (sometimesBy 0.3 (ply 2)) \"a\")"},
        {"out: off 0.25 hurry \"<2 3>\" \"a\"", "(off 0.25 (hurry \"<2 3>\") \"a\")"},
        {"out: within 0 0.5 fast 2 \"a\"", "(within 0 0.5 (fast 2) \"a\")"},
        {"out: inside 2 rev \"a\"", "(inside 2 rev \"a\")"},
        {"out: inside 0 0.5 rev \"a\"", "(inside 0 0.5 rev \"a\")"},
        {"out: every' 4 1 iter 4 \"a\"", "(every' 4 1 (iter 4) \"a\")"},
        {"out: every fast 2", "(every fast 2)"},
        {"out: every(4, fast 2)", "(every 4 (fast 2))"},
        {"out: stut 3 0.125 0.5 \"a\"", "(stut 3 0.125 0.5 \"a\")"},
        {"out: chunk 4 hurry 2 $ x", "($ (chunk 4 (hurry 2)) x)"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(an_effect_section_is_a_list_of_links)
{
    static const struct row rows[] = {
        {"out: every 4 (# lpf 300) $ x", "($ (every 4 (section (lpf 300))) x)"},
        {"out: jux (# lpf 300 # hpf 20) x", "(jux (section (lpf 300) (hpf 20)) x)"},
        {"out: jux (# ~fx * 0.5 + 1) x", "(jux (section ~fx (mul 0.5) (add 1)) x)"},
        {"out: jux (>> lpf 3) x", "(jux (section (lpf 3)) x)"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(function_buses_take_arguments)
{
    static const struct row rows[] = {
        {"~f a b $ a * b\nout: ~f 2 (saw 3)", "f a b = (* a b)\n(~f 2 (saw 3))"},
        {"~f a $ a\nout: x # ~f 2 + 1", "f a = a\n(+ (# x (~f 2)) 1)"},
        {"~f a $ a\nout: ~f(2 + 1)", "f a = a\n(~f (+ 2 1))"},
        {"out: ~add ~a ~b # ~mul 0.5", "(# (~add ~a ~b) (~mul 0.5))"},
        {"~f a = a\n~f 2", "f a = a\n(~f 2)"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(every_separator_defines)
{
    static const struct row rows[] = {
        {"~a $ 1\n~a: 2\n~a = 3\n~a # sine 4", "a = 1\na = 2\na = 3\na = (sine 4)"},
        {"~a\n  $ 1", "a = 1"},
        {"a: 1\nb = 2", "a = 1\nb = 2"},
        {"%p $ \"1 2\"\n@t: lpf 3", "p = \"1 2\"\nt = (lpf 3)"},
        {"fn f x y = x + y", "f x y = (+ x y)"},
        {"synthdef pluck1 saw 55 # lpf 300", "pluck1 = (# (saw 55) (lpf 300))"},
        {"~f x y: x + y", "f x y = (+ x y)"},
        {"delay: 0.3", "delay = 0.3"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(a_bus_alone_on_its_line_and_a_chain_below_is_an_expression)
{
    static const struct row rows[] = {
        {"~a\n  # lpf 300", "(# ~a (lpf 300))"},
        {"~a + ~b", "(+ ~a ~b)"},
        {"\"bd sn\"", "(s \"bd sn\")"},
        {"s \"bd\" # gain 1", "(# (s \"bd\") (gain 1))"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(loops_sums_and_conditions_are_unrolled)
{
    static const struct row rows[] = {
        {"for i in 1..3:\n  ~x[i] $ sine (i * 110)",
         "x1 = (sine (* 1 110))\nx2 = (sine (* 2 110))\nx3 = (sine (* 3 110))"},
        {"for i in 0..1:\n  for j in 2..3:\n    ~x[i * 10 + j] $ i\nout: ~x[12]",
         "x2 = 0\nx3 = 0\nx12 = 1\nx13 = 1\n~x12"},
        {"out: sum(~x[1..3]) * 0.3", "(* (+ (+ ~x1 ~x2) ~x3) 0.3)"},
        {"out: if 3 % 2 == 1 then saw 55 else sine 3", "(saw 55)"},
        {"out: if 1 + 1 > 2 then saw 55 # lpf 3 else sine 3 # hpf 4", "(# (sine 3) (hpf 4))"},
        {"for i in 1..2:\n  ~x[i] $ if i%2 == 0 then 10 else 20", "x1 = 20\nx2 = 10"},
        {"out: if ~a 1 2", "(if ~a 1 2)"},
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(settings_and_outputs_become_statements)
{
    struct parsed p;
    static const struct {
        enum statement_kind kind;
        double number;
        int64_t output;
        const char *text;
    } rows[] = {
        {STATEMENT_TEMPO, 0.5, -1, NULL},
        {STATEMENT_TEMPO, 140.0 / 60 / 4, -1, NULL},
        {STATEMENT_TEMPO, 0.7, -1, NULL},
        {STATEMENT_BPM, 120, -1, "3/4"},
        {STATEMENT_BPM, 90, -1, NULL},
        {STATEMENT_OUTMIX, 0, -1, "tanh"},
        {STATEMENT_IGNORED, 512, -1, NULL},
        {STATEMENT_COMMAND, 0, 0, "hush"},
        {STATEMENT_COMMAND, 0, 3, "hush"},
        {STATEMENT_COMMAND, 0, 2, "solo"},
        {STATEMENT_COMMAND, 2, 2, "solo"},
        {STATEMENT_COMMAND, 0, 0, "panic"},
        {STATEMENT_COMMAND, 0, 0, "resetCycles"},
        {STATEMENT_COMMAND, 7, 7, "setCycle"},
        {STATEMENT_COMMAND, -0.25, -1, "nudge"},
        {STATEMENT_OUT, 1, 0, NULL},
        {STATEMENT_ON, 1, 2, NULL},
        {STATEMENT_ON, 1, 3, NULL},
        {STATEMENT_OUTN, 1, 4, NULL},
        {STATEMENT_OUT, 1, 0, NULL},
    };

    parse_text(&p, "tempo: 0.5\ncps = 140/60/4\ntempo $ 0.7\nbpm 120 \"3/4\"\nbpm: 90\n"
                   "outmix: tanh\nbuffer: 512\nhush\nhush3\nsolo2\nsolo 2\npanic\nresetCycles\n"
                   "setCycle 7\nnudge -0.25\nout $ 1\no2: 1\nd3 1\nout4 = 1\n1\n");
    ck_assert_msg(p.diag.n_errors == 0, "%s", first_message(&p));
    ck_assert_uint_eq(p.program.n_statements, sizeof rows / sizeof rows[0]);
    for (uint32_t i = 0; i < p.program.n_statements; i++) {
        const struct statement *const s = &p.program.statements[i];
        ck_assert_msg(s->kind == rows[i].kind, "statement %u has kind %d", i, s->kind);
        if (s->value)
            ck_assert_double_eq_tol(s->value->number, rows[i].number, 1e-15); /* one rounding */
        if (rows[i].output >= 0)
            ck_assert_int_eq(s->number, rows[i].output);
        if (rows[i].kind == STATEMENT_COMMAND || rows[i].text)
            ck_assert_pstr_eq(s->text, rows[i].text);
    }
    finish(&p);
}
END_TEST

START_TEST(numbers_are_exact)
{
    struct parsed p;

    parse_text(&p, "~a $ 0.1\n~b $ 3.14159265358979323846\n~c $ -2.50");
    ck_assert_int_eq(p.program.statements[0].value->ratio.num, 1);
    ck_assert_int_eq(p.program.statements[0].value->ratio.den, 10);
    ck_assert_double_eq(p.program.statements[1].value->number, 3.14159265358979323846);
    ck_assert_int_eq(p.program.statements[2].value->ratio.num, -5);
    ck_assert_int_eq(p.program.statements[2].value->ratio.den, 2);
    finish(&p);
}
END_TEST

START_TEST(nodes_know_their_place_in_the_text)
{
    struct parsed p;

    parse_text(&p, "~a $ saw 55 # lpf (500 + 1)");
    const struct ast *const chain = p.program.statements[0].value;
    ck_assert_uint_eq(chain->offset, 5);
    ck_assert_uint_eq(chain->end, 27);
    const struct ast *const lpf = chain->items[1], *const sum = lpf->items[0];
    ck_assert_uint_eq(lpf->offset, 14);
    ck_assert_uint_eq(sum->offset, 19);
    ck_assert_uint_eq(sum->end, 26);
    ck_assert(sum->parenthesised);
    ck_assert_uint_eq(chain->depth, 4);
    finish(&p);

    parse_text(&p, "~a $ s \"bd\"");
    ck_assert_uint_eq(p.program.statements[0].value->items[0]->text_offset, 8);
    finish(&p);
}
END_TEST

START_TEST(errors_stand_where_the_program_is_wrong)
{
    static const struct {
        const char *text;
        uint32_t offset;
        const char *part;
    } rows[] = {
        {"~a $", 4, "statement ends here"},
        {"~a $ * 2", 5, "a value expected before '*'"},
        {"~a $ 1 2", 7, "operator"},
        {"~a $ (1 2)", 8, "operator or ')'"},
        {"~a $ ()", 5, "nothing between"},
        {"~a $ [1, ]", 9, "a value"},
        {"~a $ f(1 2)", 9, "',' or ')'"},
        {"~a $ x $ y: 3", 10, "definition stands at the start"},
        {"~a \"bd\"", 3, "one of $ : = #"},
        {"~midi3 $ 1", 0, "MIDI"},
        {"tempo: fast", 7, "takes a number"},
        {"tempo: 1 2", 9, "end of the line"},
        {"tempo:", 6, "a value"},
        {"outmix: tnah", 8, "'tanh'"},
        {"bpm: 120 \"x\"", 9, "time signature"},
        {"solo", 4, "number of an output"},
        {"hush99999999999999999999", 0, "no such output"},
        {"fn f = ", 6, "statement ends here"},
        {"fn f x", 6, "one of $ : ="},
        {"~a $ 99999999999999999999", 5, "too large"},
        {"~a $ x $ # lpf 3", 9, "a value"},
        {"jux (# \"x\")", 4, "never closed"},
        {"for i in 1..3:\n~a $ 1", 0, "no body"},
        {"for i in 1..x:\n  ~a $ 1", 12, "whole numbers"},
        {"for i in 1 3:\n  ~a $ 1", 11, "'..'"},
        {"for i in 1..1000000000:\n  ~a $ 1", 26, "repeat too much"},
        {"~x[0.5] $ 1", 3, "whole number"},
        {"~a $ sum(~x[3..1])", 5, "rising order"},
        {"~a $ if 1 < x then 2 else 3", 12, "compares numbers"},
        {"~a $ if 1 < 2 then 2", 20, "else"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct parsed p;
        parse_text(&p, rows[i].text);
        const struct diag_message *m = NULL;
        for (uint32_t k = 0; k < p.diag.n_messages && !m; k++)
            if (p.diag.messages[k].class == DIAG_ERROR)
                m = &p.diag.messages[k];
        ck_assert_msg(m != NULL, "%s has no error", rows[i].text);
        ck_assert_msg(strstr(m->text, rows[i].part) != NULL, "%s: %s", rows[i].text, m->text);
        ck_assert_msg(m->offset == rows[i].offset, "%s: error at %u, not %u", rows[i].text,
                      m->offset, rows[i].offset);
        finish(&p);
    }
}
END_TEST

START_TEST(one_run_shows_the_errors_of_several_statements)
{
    struct parsed p;

    parse_text(&p, "~a $ 1 2\n~b $ 3\n~c $ )\n~d $ \\\n~e $ 5");
    ck_assert_uint_eq(p.diag.n_errors, 3);
    ck_assert_uint_eq(p.program.n_statements, 2);
    ck_assert_str_eq(p.program.statements[0].name, "b");
    ck_assert_str_eq(p.program.statements[1].name, "e");
    finish(&p);
}
END_TEST

/* `count` copies of `unit` between `before` and `after`. */
static char *repeated(const char *before, const char *unit, uint32_t count, const char *after)
{
    char *text = NULL;
    size_t length = 0;
    FILE *const out = open_memstream(&text, &length);

    fputs(before, out);
    for (uint32_t i = 0; i < count; i++)
        fputs(unit, out);
    fputs(after, out);
    fclose(out);
    return text;
}

START_TEST(nesting_is_bounded)
{
    static const struct {
        const char *before, *unit, *after, *part;
    } rows[] = {
        {"~a $ ", "(", "1", "nested"},
        {"~a $ ", "[", "1", "nested"},
        {"~a $ ", "f(", "1", "nested"},
        {"~a $ ", "f (", "1", "nested"},
        {"~a $ ", "(# lpf ", "1", "nested"},
        {"~a $ 1", " - (1", "", "nested"},
        {"~a $ ", "- ", "1", "nested"},
        {"~a $ ", "every 4 ", "rev", "nested"},
        {"~a $ ", "jux ", "rev", "nested"},
        {"~a $ ", "if 1 < 2 then ", "1", "nested"},
        {"~a $ 1", " + 1", "", "in a row"},
        {"~a $ x", " # lpf 3", "", "in a row"},
        {"~a $ x", " * x", "", "in a row"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *const text = repeated(rows[i].before, rows[i].unit, 10000, rows[i].after);
        struct parsed p;
        parse_text(&p, text);
        ck_assert_msg(p.diag.n_errors > 0, "%s", rows[i].unit);
        ck_assert_msg(strstr(first_message(&p), rows[i].part) != NULL, "%s: %s", rows[i].unit,
                      first_message(&p));
        finish(&p);
        free(text);
    }
}
END_TEST

START_TEST(a_sum_of_hundreds_is_no_error)
{
    char *const text = repeated("~a $ 1", " + 1", 1000, "");
    struct parsed p;

    parse_text(&p, text);
    ck_assert_uint_eq(p.diag.n_errors, 0);
    ck_assert_uint_le(p.program.statements[0].value->depth, AST_DEPTH_MAX);
    finish(&p);
    free(text);
}
END_TEST

START_TEST(a_line_of_a_megabyte_is_an_error)
{
    static const char *const units[] = {"a ", "(", "\"", "1 ", "# lpf ", "~a ", "\\", "-", "a, "};

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        char *const text =
            repeated("~a $ f(x) ", units[i], (uint32_t)((1 << 20) / strlen(units[i])), " ");
        struct parsed p;
        parse_text(&p, text);
        if (strcmp(units[i], "-") != 0) /* a comment */
            ck_assert_msg(p.diag.n_errors > 0, "%s", units[i]);
        finish(&p);
        free(text);
    }
}
END_TEST

START_TEST(a_single_expression_is_wanted)
{
    static const struct {
        const char *text, *tree;
    } rows[] = {
        {"every 3 rev \"a b c\"", "(every 3 rev \"a b c\")"},
        {"\"bd\" $ fast 2", "($ \"bd\" (fast 2))"},
        {"\n\n\"a b\"\n", "\"a b\""},
        {"", "NULL"},
        {"1\n2", "NULL"},
        {"1 2", "NULL"},
        {"(1", "NULL"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct source s = {.name = "-",
                                 .text = rows[i].text,
                                 .length = (uint32_t)strlen(rows[i].text),
                                 .first_line = 1};
        struct arena *const arena = arena_new();
        struct diag d;
        char shown[256];
        FILE *const out = fmemopen(shown, sizeof shown, "w");
        diag_init(&d, &s);
        const struct ast *const a = parse_expression(&s, arena, &d);
        show_ast(out, a);
        fclose(out);
        ck_assert_str_eq(shown, rows[i].tree);
        ck_assert_int_eq(a == NULL, d.n_errors > 0);
        diag_finish(&d);
        arena_free(arena);
    }
}
END_TEST

START_TEST(programs_in_every_dialect_parse_without_an_error)
{
    static const struct {
        uint32_t n_statements;
        const char *text;
    } rows[] = {
        {5, "-- colons, double-dash comments, calls without brackets\n"
            "tempo: 2.0   -- cycles per second\n"
            "~bass: saw \"c2 e2 g2\" # lpf 800 0.9   -- warm\n"
            "~kick: s \"bd ~ bd ~\" # gain 0.9\n"
            "~mix: ~bass * 0.4\n"
            "    + ~kick * 0.8\n"
            "out: ~mix # reverb 0.5 0.5 0.3\n"},
        {5, "// dollars and slashes, brackets\n"
            "cps $ 0.55\n"
            "~melody $ saw(\"c4 e4 <g4 b4>\") * adsr(0.01, 0.2, 0.5, 0.1)\n"
            "~pad $ (sine(220) + sine(220 * 1.5)) * 0.2 # chorus(0.4, 0.3)\n"
            "o1 $ lpf(~melody, sine(0.1) * 400 + 800, 0.8)\n"
            "o2 $ ~pad # pan (sine 0.2)\n"},
        {6, "# prose with hashes, like a notebook\n"
            "## a heading: ~a $ (\n"
            "bpm = 128 \"4/4\" # four to the floor\n"
            "drums = stack [\n"
            "  s \"bd*4\" # gain 1,          # kick\n"
            "  s \"~ cp\" # room 0.3,\n"
            "\n"
            "  s \"hh*8\" # gain \"0.5 0.8\"\n"
            "]\n"
            "lead = n \"0 2 4 7\" # scale \"minor\" # note \"12\"\n"
            "   # delay 0.25 0.4   # echoes\n"
            "   # lpf 2000\n"
            "~fx # lpf 900 0.8 # hpf 40\n"
            "out1 = drums # ~fx\n"
            "out2 = lead # ~fx\n"},
        {4, "d1 $ every 4 (fast 2) $ sometimesBy 0.3 (# speed 2) $ s \"bd*2 [sn cp]\"\n"
            "d2 $ jux rev $ chop 4 $ s \"arpy*4\" # n \"<0 2>\" # legato 1\n"
            "\n"
            "d3 $ s \"hh*8\" $ swing 0.1 $ degradeBy 0.2 # pan rand\n"
            "-- hush\n"
            "outmix: sqrt\n"},
        {7, "%gate: \"1 0 1 1\"\n"
            "@warm: lpf 700 0.6\n"
            "fn pluckit f d = pluck f d # hpf 60\n"
            "synthdef blip1 sine 880 * perc 0.001 0.1\n"
            "~duo a b $ a * 0.5 + b * 0.5\n"
            "~voice: pluckit 220 0.4 # @warm\n"
            "~duo (~voice $ struct %gate) (-~voice) # ~mul 0.5 # gain -0.5\n"},
        {5, "for i in 1..4:\n"
            "  /* four partials,\n"
            "     each weaker */\n"
            "  ~part[i] $ sine (110 * i) * (1 / i)\n"
            "out $ sum(~part[1..4]) >> mul 0.2 >> limiter 0.9\n"},
        {1, "\"bd(3,8) <sn cp>\""},
        {2, "s \"bd*4\"\r\n  # gain 0.8\r\nhush2\r\n"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct parsed p;
        parse_text(&p, rows[i].text);
        ck_assert_msg(p.diag.n_errors == 0, "%s: %s", rows[i].text, first_message(&p));
        ck_assert_msg(p.program.n_statements == rows[i].n_statements, "%s: %u statements",
                      rows[i].text, p.program.n_statements);
        finish(&p);
    }
}
END_TEST

/* Every node lies inside the text, contains its depth and obeys the limits. */
static void check_tree(const struct ast *a, uint32_t length)
{
    ck_assert_uint_le(a->offset, a->end);
    ck_assert_uint_le(a->end, length);
    ck_assert_uint_le(a->depth, AST_DEPTH_MAX);
    for (uint32_t i = 0; i < a->n_items; i++) {
        ck_assert_uint_lt(a->items[i]->depth, a->depth);
        check_tree(a->items[i], length);
    }
    for (uint32_t i = 0; i < a->n_keys; i++)
        check_tree(a->keys[i].value, length);
}

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

START_TEST(random_words_never_crash_and_errors_lie_inside_the_text)
{
    static const char *const words[] = {
        "~a", "~b", "~midi", "out", "o1", "d2", "tempo", "bpm", "hush", "fn", "for", "in", "if",
        "then", "else", "sum", "synthdef", "every", "fast", "rev", "jux", "inside", "lpf", "saw",
        "s", "x", "(", ")", "[", "]", ",", ":", "=", "$", "#", ">>", "+", "-", "*", "/", "~+",
        "~*", "|+", "+|", "|>", "<|", "..", "%", "%p", "@t", "==", "<", "1", "2.5", ".5", "-1",
        "\"bd sn\"", "\"", "\n", "\n", "\n\n", "\n  ", " ", " ", " ", "--", "//", "/*", "*/",
        "\\", "\xc3\xa9", "\xff", "every'", "i", "_", "'", "vst", ";", "\t", "\r\n",
    };
    enum { PROGRAMS = 20000, WORDS = sizeof words / sizeof words[0] };
    uint32_t state = 2463534242u;

    for (int i = 0; i < PROGRAMS; i++) {
        char text[512];
        size_t length = 0;
        const uint32_t n = next_random(&state) % 40;
        for (uint32_t k = 0; k < n; k++) {
            const char *const word = words[next_random(&state) % WORDS];
            memcpy(text + length, word, strlen(word));
            length += strlen(word);
            if (next_random(&state) % 2)
                text[length++] = ' ';
        }
        /* An exact copy, so that a sanitizer sees every read behind the end. */
        char *const exact = malloc(length + 1);
        memcpy(exact, text, length);
        exact[length] = '\0';
        struct parsed p;
        parse_bytes(&p, exact, length);
        for (uint32_t k = 0; k < p.diag.n_messages; k++)
            ck_assert_uint_le(p.diag.messages[k].offset, length);
        for (uint32_t k = 0; k < p.program.n_statements; k++)
            if (p.program.statements[k].value)
                check_tree(p.program.statements[k].value, (uint32_t)length);
        finish(&p);
        free(exact);
    }
}
END_TEST

int main(void)
{
    TCase *const cases = tcase_create("parse");

    tcase_add_test(cases, precedence_is_that_of_the_language_page);
    tcase_add_test(cases, minus_is_sign_negation_or_difference_by_its_place);
    tcase_add_test(cases, calls_may_be_written_in_both_styles);
    tcase_add_test(cases, a_bare_transform_takes_its_own_arguments_and_no_more);
    tcase_add_test(cases, an_effect_section_is_a_list_of_links);
    tcase_add_test(cases, function_buses_take_arguments);
    tcase_add_test(cases, every_separator_defines);
    tcase_add_test(cases, a_bus_alone_on_its_line_and_a_chain_below_is_an_expression);
    tcase_add_test(cases, loops_sums_and_conditions_are_unrolled);
    tcase_add_test(cases, settings_and_outputs_become_statements);
    tcase_add_test(cases, numbers_are_exact);
    tcase_add_test(cases, nodes_know_their_place_in_the_text);
    tcase_add_test(cases, errors_stand_where_the_program_is_wrong);
    tcase_add_test(cases, one_run_shows_the_errors_of_several_statements);
    tcase_add_test(cases, nesting_is_bounded);
    tcase_add_test(cases, a_sum_of_hundreds_is_no_error);
    tcase_add_test(cases, a_line_of_a_megabyte_is_an_error);
    tcase_add_test(cases, a_single_expression_is_wanted);
    tcase_add_test(cases, programs_in_every_dialect_parse_without_an_error);
    tcase_add_test(cases, random_words_never_crash_and_errors_lie_inside_the_text);
    return check_run("client/parse", cases);
}
