/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/test_tidal.c - TidalCycles' dialect: every function of the library compiles in    */
/* some use; what `let`, lambdas, sections, ranges and layout mean; where expressions are         */
/* refused.                                                                                       */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/tidal/library.h"
#include "client/tidal/tidal.h"
#include "server/pattern/pattern.h"
#include "tests/support/check_main.h"

/* ---- compiling and playing ------------------------------------------------------------------- */

struct tried {
    struct source source;
    struct arena *arena;
    struct diag diag;
    struct ph_pattern_code code;
    bool compiles;
};

static void try_expression(struct tried *t, enum tidal_atom atom, const char *text)
{
    *t = (struct tried){ .source = { "test", text, (uint32_t)strlen(text), 1, true } };
    t->arena = arena_new();
    diag_init(&t->diag, &t->source);
    t->compiles = compile_tidal_pattern(&t->source, t->arena, &t->diag, atom, &t->code);
}

static void finish(struct tried *t)
{
    ph_pattern_code_finish(&t->code);
    diag_finish(&t->diag);
    arena_free(t->arena);
}

static void print_value(FILE *out, const struct ph_value *v)
{
    if (v->kind == PH_VALUE_WORD)
        fputs(v->text, out);
    else if (v->kind == PH_VALUE_NUMBER)
        fprintf(out, "%g", v->number);
    else
        fprintf(out, "%g", ph_ratio_to_double(v->ratio));
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The events of one cycle, "begin end value", sorted as text. */
static void print_cycle(FILE *out, struct pat *evaluator, int64_t cycle)
{
    enum { HAPS_MAX = 200 };
    static char texts[HAPS_MAX][64];
    const char *lines[HAPS_MAX];
    const struct pat_hap *haps;
    uint32_t n;

    ck_assert_int_eq(pat_query(evaluator, ph_ratio_of(cycle), ph_ratio_of(cycle + 1), NULL, &haps,
                               &n), PH_OK);
    ck_assert_uint_le(n, HAPS_MAX);
    for (uint32_t i = 0; i < n; i++) {
        FILE *const line = fmemopen(texts[i], sizeof texts[i], "w");
        fprintf(line, "%g %g ", ph_ratio_to_double(haps[i].part_begin),
                ph_ratio_to_double(haps[i].part_end));
        print_value(line, &haps[i].value->plain);
        fclose(line);
        lines[i] = texts[i];
    }
    qsort(lines, n, sizeof *lines, compare_lines);
    for (uint32_t i = 0; i < n; i++)
        fprintf(out, "%s, ", lines[i]);
}

/* The events of six cycles; to be freed. */
static char *played(enum tidal_atom atom, const char *text)
{
    struct tried t;
    struct pat *evaluator;
    char *events = NULL;
    size_t size;

    try_expression(&t, atom, text);
    if (!t.compiles)
        diag_print(&t.diag, stdout);
    ck_assert_msg(t.compiles, "refused: %s", text);
    ck_assert_int_eq(pat_new(&t.code, &evaluator), PH_OK);
    FILE *const out = open_memstream(&events, &size);
    for (int64_t c = 0; c < 6; c++)
        print_cycle(out, evaluator, c);
    fclose(out);
    pat_free(evaluator);
    finish(&t);
    return events;
}

struct pair {
    enum tidal_atom atom;
    const char *text, *same;
};

static void check_pairs(const struct pair *pairs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *const a = played(pairs[i].atom, pairs[i].text);
        char *const b = played(pairs[i].atom, pairs[i].same);
        ck_assert_msg(strcmp(a, b) == 0, "%s plays %s\nbut %s plays %s", pairs[i].text, a,
                      pairs[i].same, b);
        ck_assert_msg(a[0], "%s plays nothing", pairs[i].text);
        free(a);
        free(b);
    }
}
#define CHECK_PAIRS(pairs) check_pairs(pairs, sizeof(pairs) / sizeof(pairs)[0])

/* ---- every function -------------------------------------------------------------------------- */

static const char *const atom_samples[TIDAL_ATOM_COUNT] = {
    [TIDAL_STRING] = "\"a\"", [TIDAL_NOTE] = "3", [TIDAL_DOUBLE] = "0.5", [TIDAL_INT] = "3",
    [TIDAL_RATIONAL] = "0.5", [TIDAL_BOOL] = "True", [TIDAL_CHAR] = "'a'"
};

static const char *const pattern_samples[TIDAL_ATOM_COUNT] = {
    [TIDAL_STRING] = "\"a b\"", [TIDAL_NOTE] = "\"c e\"", [TIDAL_DOUBLE] = "\"0.5 1\"",
    [TIDAL_INT] = "\"3 2\"",    [TIDAL_RATIONAL] = "\"0.5 0.25\"", [TIDAL_BOOL] = "\"t f\"",
    [TIDAL_CHAR] = "\"a\"",     [TIDAL_CONTROLS] = "(s \"a b\" # n 1)"
};

/* Types that nothing decides become whole numbers, or fractions where they must be. */
static struct hs_type *decided(struct arena *arena, struct hs_type *t)
{
    t = hs_pruned(t);
    if (t->kind == HS_T_VAR)
        hs_unify(arena, t, hs_atom(arena, t->classes & HS_FRACTIONAL ? TIDAL_DOUBLE : TIDAL_INT));
    return hs_pruned(t);
}

static void print_use(FILE *out, struct arena *arena, struct hs_type *t);

static void print_items(FILE *out, struct arena *arena, struct hs_type *t)
{
    const uint32_t n = t->kind == HS_T_LIST ? 4 : t->n_items;

    for (uint32_t i = 0; i < n; i++) {
        fputs(i ? ", " : "", out);
        print_use(out, arena, t->kind == HS_T_LIST ? t->a : t->items[i]);
    }
}

/* An expression of this type. */
static void print_use(FILE *out, struct arena *arena, struct hs_type *t)
{
    t = decided(arena, t);
    switch (t->kind) {
    case HS_T_PATTERN:
        t = decided(arena, t->a);
        if (t->kind == HS_T_ATOM) {
            fputs(pattern_samples[t->atom], out);
            break;
        }
        fputs("(const ", out); /* a pattern of functions or of patterns */
        print_use(out, arena, t);
        fputs(" <$> \"1 2\")", out);
        break;
    case HS_T_LIST:
        fputs("[", out);
        print_items(out, arena, t);
        fputs("]", out);
        break;
    case HS_T_TUPLE:
        fputs("(", out);
        print_items(out, arena, t);
        fputs(")", out);
        break;
    case HS_T_FUN:
        fputs("(\\_ -> ", out);
        print_use(out, arena, t->b);
        fputs(")", out);
        break;
    default:
        fputs(atom_samples[t->atom], out);
    }
}

/* Makes a pattern of values of what a function gives. */
static enum tidal_atom print_result(FILE *out, struct arena *arena, struct hs_type *t,
                                    const char *call)
{
    t = decided(arena, t);
    if (t->kind == HS_T_ATOM) {
        fprintf(out, "pure (%s)", call);
    } else if (t->kind == HS_T_PATTERN) {
        fputs(call, out);
        t = decided(arena, t->a);
    } else if (t->kind == HS_T_TUPLE) {
        fprintf(out, "pure (fst (%s))", call);
        t = decided(arena, t->items[0]);
    } else {
        const bool is_zip = decided(arena, t->a)->kind == HS_T_TUPLE;
        fprintf(out, is_zip ? "fastFromList (map fst (%s))" : "fastFromList (%s)", call);
        t = decided(arena, is_zip ? hs_pruned(t->a)->items[0] : t->a);
    }
    ck_assert_int_eq(t->kind, HS_T_ATOM);
    return t->atom;
}

/* The function of samples of its parameters' types; to be freed. */
static char *use_of(const struct tidal_row *row, struct arena *arena, enum tidal_atom *atom)
{
    struct hs_type *t = hs_type_read(arena, row->type, false);
    char *call = NULL, *text = NULL;
    size_t size;

    ck_assert_msg(t != NULL, "`%s` has no type: %s", row->name, row->type);
    if (strcmp(row->name, "permstep") == 0) { /* the only one that wants more steps than values */
        *atom = TIDAL_INT;
        return strdup("permstep 8 [1, 2, 3] \"0.5\"");
    }
    FILE *const in = open_memstream(&call, &size);
    fprintf(in, "(%.*s)", (int)strcspn(row->name, "@"), row->name); /* echo@3 is `echo` */
    for (; t->kind == HS_T_FUN; t = hs_pruned(t->b)) {
        fputs(" ", in);
        print_use(in, arena, t->a);
    }
    fclose(in);
    FILE *const out = open_memstream(&text, &size);
    *atom = print_result(out, arena, t, call);
    fclose(out);
    free(call);
    return text;
}

START_TEST(every_function_compiles_and_plays_what_its_type_promises)
{
    const struct tidal_row *const row = tidal_row_at((uint32_t)_i);
    struct arena *const arena = arena_new();
    enum tidal_atom atom;
    char *const text = use_of(row, arena, &atom);
    const struct pat_hap *haps;
    struct tried t;
    struct pat *evaluator;
    uint32_t n;

    try_expression(&t, atom, text);
    if (!t.compiles)
        diag_print(&t.diag, stdout);
    ck_assert_msg(t.compiles, "`%s` is refused in: %s", row->name, text);
    ck_assert_int_eq(pat_new(&t.code, &evaluator), PH_OK);
    ck_assert_msg(pat_query(evaluator, ph_ratio_of(0), ph_ratio_of(1), NULL, &haps, &n) == PH_OK,
                  "`%s` does not play in: %s", row->name, text);
    pat_free(evaluator);
    finish(&t);
    free(text);
    arena_free(arena);
}
END_TEST

/* A second row of one name would never be found. */
START_TEST(names_are_unique_and_told)
{
    const struct tidal_row *const row = tidal_row_at((uint32_t)_i);

    ck_assert_msg(tidal_row_find(row->name) == row, "`%s` is there twice", row->name);
    ck_assert_msg(row->doc && row->doc[0], "`%s` is not explained", row->name);
}
END_TEST

/* ---- what is written in several ways --------------------------------------------------------- */

START_TEST(lambdas_sections_and_composition_are_functions)
{
    static const struct pair pairs[] = {
        { TIDAL_STRING, "(\\x -> fast 2 x) \"a b\"", "\"[a b]*2\"" },
        { TIDAL_STRING, "(\\(x, y) -> fastcat [x, y]) (\"a\", \"b\")", "\"a b\"" },
        { TIDAL_STRING, "(\\_ -> \"a b\") \"c\"", "\"a b\"" },
        { TIDAL_STRING, "(\\f -> f \"a b\") (fast 2)", "\"[a b]*2\"" },
        { TIDAL_INT, "(+ 1) \"0 1\"", "\"1 2\"" },
        { TIDAL_INT, "(subtract 1) \"0 1\"", "\"-1 0\"" },
        { TIDAL_INT, "(10 -) \"0 1\"", "\"10 9\"" },
        { TIDAL_STRING, "(1/4 ~>) \"a*4\"", "\"a*4\"" },
        { TIDAL_STRING, "(# \"b\") \"a*2\"", "\"b*2\"" },
        { TIDAL_STRING, "(fast 2 . rev . (0.5 <~)) \"a b\"", "\"[a b]*2\"" },
        { TIDAL_STRING, "every 2 (fast 2 . rev) $ \"a b\"", "\"<[b a b a] [a b]>\"" },
        { TIDAL_STRING, "0.5 `rotL` \"a b\"", "\"b a\"" },
        { TIDAL_STRING, "flip fast \"a b\" 2", "\"[a b]*2\"" },
        { TIDAL_STRING, "($) rev \"a b\"", "\"b a\"" },
    };

    CHECK_PAIRS(pairs);
}
END_TEST

START_TEST(operators_bind_as_in_tidal)
{
    static const struct pair pairs[] = {
        { TIDAL_INT, "1 + 2 * 3", "\"7\"" },
        { TIDAL_INT, "\"1\" + \"2\" |* 3", "\"7\"" },
        { TIDAL_INT, "\"1\" |+ \"2\" * 3", "\"9\"" },
        { TIDAL_INT, "\"10\" - 2 - 3", "\"5\"" },
        { TIDAL_INT, "fast 2 $ \"1\" + \"2\"", "\"3*2\"" },
        { TIDAL_INT, "fast 2 \"1\" + \"2\"", "\"3*2\"" },
        { TIDAL_DOUBLE, "1/2/2", "\"0.25\"" },
        { TIDAL_STRING, "fast 2 . rev $ \"a b\"", "\"[b a]*2\"" },
        { TIDAL_INT, "-1 + 3", "\"2\"" },
        { TIDAL_INT, "3 - (-1)", "\"4\"" },
    };

    CHECK_PAIRS(pairs);
}
END_TEST

START_TEST(lists_and_ranges_are_haskells)
{
    static const struct pair pairs[] = {
        { TIDAL_INT, "fastFromList [0 .. 3]", "\"0 1 2 3\"" },
        { TIDAL_INT, "fastFromList [0,2..6]", "\"0 2 4 6\"" },
        { TIDAL_INT, "fastFromList [3,2..0]", "\"3 2 1 0\"" },
        { TIDAL_DOUBLE, "fastFromList [0.5 .. 3]", "\"0.5 1.5 2.5 3.5\"" },
        { TIDAL_INT, "fastFromList (map (* 2) [0 .. 2] ++ [9])", "\"0 2 4 9\"" },
        { TIDAL_INT, "fastFromList (take 2 (drop 1 [5, 6, 7, 8]))", "\"6 7\"" },
        { TIDAL_INT, "fastFromList (zipWith (+) [1, 2] [10, 20])", "\"11 22\"" },
        { TIDAL_INT, "fastFromList (scanl (+) 0 [1, 2, 3])", "\"0 1 3 6\"" },
        { TIDAL_INT, "let x = 1; y = 2 in fastFromList [x, y]", "\"1 2\"" },
    };

    CHECK_PAIRS(pairs);
}
END_TEST

START_TEST(let_binds_patterns_and_functions_by_layout)
{
    static const struct pair pairs[] = {
        { TIDAL_STRING, "let p = \"a b\" in rev p", "\"b a\"" },
        { TIDAL_STRING, "let f = fast 2 in f \"a\"", "\"a*2\"" },
        { TIDAL_STRING, "let f x = rev (fast 2 x) in f \"a b\"", "\"[b a]*2\"" },
        { TIDAL_STRING, "let f n p = fast n p\n    q = \"a b\"\nin f 2 q", "\"[a b]*2\"" },
        { TIDAL_STRING, "let p = \"a\"; q = \"b\" in fastcat [p, q]", "\"a b\"" },
        { TIDAL_STRING, "let x = \"2\" in fast x x", "\"2*2\"" }, /* a time and a word */
        { TIDAL_STRING, "let x = 1 in let x = 2 in fast x \"a\"", "\"a*2\"" },
        { TIDAL_STRING, "rev $\n  fast 2 $\n  \"a b\"", "\"[b a]*2\"" },
        { TIDAL_STRING, "stack [\n  \"a\" -- a comment\n  {- and one more -}\n  ]", "\"a\"" },
        { TIDAL_STRING, "\"a \\\n  \\b\"", "\"a b\"" },
        { TIDAL_STRING, "if 1 < 2 then \"a\" else \"b\"", "\"a\"" },
    };

    CHECK_PAIRS(pairs);
}
END_TEST

START_TEST(conditions_may_be_known_only_while_it_plays)
{
    static const struct pair pairs[] = {
        { TIDAL_STRING, "when ((== 0) . (`mod` 2)) rev \"a b\"", "\"<[b a] [a b]>\"" },
        { TIDAL_STRING, "when (\\c -> c `mod` 3 >= 1) rev \"a b\"", "\"<[a b] [b a]!2>\"" },
        { TIDAL_STRING, "when (> 1) (const \"x\") \"a\"", "\"<a a x x x x>\"" },
        { TIDAL_STRING, "when (\\c -> even c && c /= 2) (const \"x\") \"a\"", "\"<x a a a x a>\"" },
        { TIDAL_STRING, "when (\\c -> c == 1 || c == 3) (const \"x\") \"a\"", "\"<a x a x a a>\"" },
        { TIDAL_STRING, "when (\\c -> c `div` 2 == 1) (const \"x\") \"a\"", "\"<a a x x a a>\"" },
        { TIDAL_STRING, "when (not . odd) (const \"x\") \"a\"", "\"<x a>\"" },
        { TIDAL_STRING, "ifp (<= 2) (fast 2) rev \"a b\"", "\"<[a b]*2!3 [b a]!3>\"" },
        { TIDAL_INT, "(\\x -> if x > 1 then 9 else x) <$> \"0 1 2\"", "\"0 1 9\"" },
        { TIDAL_INT, "max 1 <$> \"0 1 2\"", "\"1 1 2\"" },
        { TIDAL_INT, "(+) <$> \"1 2\" <* \"10 20\"", "\"11 22\"" },
    };

    CHECK_PAIRS(pairs);
}
END_TEST

/* ---- what is refused ------------------------------------------------------------------------- */

struct wrong {
    enum tidal_atom atom;
    const char *text;
    uint32_t line, column;
    const char *part; /* of the message */
};

static void check_wrong(const struct wrong *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct tried t;
        uint32_t line, column;
        try_expression(&t, rows[i].atom, rows[i].text);
        ck_assert_msg(!t.compiles && t.diag.n_errors > 0, "accepted: %s", rows[i].text);
        source_position(&t.source, t.diag.messages[0].offset, &line, &column);
        ck_assert_msg(strstr(t.diag.messages[0].text, rows[i].part) != NULL, "%s: %s", rows[i].text,
                      t.diag.messages[0].text);
        ck_assert_msg(line == rows[i].line && column == rows[i].column, "%s: %s, at %u:%u",
                      rows[i].text, t.diag.messages[0].text, line, column);
        finish(&t);
    }
}
#define CHECK_WRONG(rows) check_wrong(rows, sizeof(rows) / sizeof(rows)[0])

START_TEST(types_that_do_not_fit_are_told_at_their_place)
{
    static const struct wrong rows[] = {
        { TIDAL_STRING, "every 2 \"a\" \"b\"", 1, 9,
          "Pattern a -> Pattern a expected here, found a string" },
        { TIDAL_STRING, "rev $ fast", 1, 7, "found Pattern Time -> Pattern a -> Pattern a" },
        { TIDAL_CONTROLS, "n \"1\" # s \"a\" # pan", 1, 17, "ControlPattern expected here" },
        { TIDAL_CONTROLS, "s 2", 1, 3, "Pattern String expected here, found a number" },
        { TIDAL_INT, "1 + True", 1, 5, "number expected here, found Bool" },
        { TIDAL_STRING, "stack \"a\"", 1, 7, "[Pattern a] expected here, found a string" },
        { TIDAL_STRING, "within (0, 0.5, 1) rev \"a\"", 1, 8, "(Time, Time) expected here" },
        { TIDAL_STRING, "(\\x -> x x) \"a\"", 1, 10, "expected here" },
        { TIDAL_RATIONAL, "\"1\" |** \"2\"", 1, 1, "expected here" },
        { TIDAL_INT, "(`mod` 2) \"1\"", 1, 11, "whole number expected here, found a string" },
    };

    CHECK_WRONG(rows);
}
END_TEST

START_TEST(arguments_are_counted)
{
    static const struct wrong rows[] = {
        { TIDAL_STRING, "fast 2 \"a\" \"b\"", 1, 12,
          "`fast` takes 2 arguments; this is one too many" },
        { TIDAL_STRING, "rev \"a\" \"b\"", 1, 9, "`rev` takes 1 argument; this is one too many" },
        { TIDAL_CONTROLS, "s \"a\" # speed (1 2)", 1, 16, "takes no argument" },
    };

    CHECK_WRONG(rows);
}
END_TEST

START_TEST(unknown_names_have_a_nearest_one)
{
    static const struct wrong rows[] = {
        { TIDAL_STRING, "evry 2 rev \"a\"", 1, 1,
          "unknown function `evry`; did you mean `every`?" },
        { TIDAL_CONTROLS, "sound \"bd\"\n  # gian 2", 2, 5, "`gian`; did you mean `gain`?" },
        { TIDAL_CONTROLS, "s \"a\" |<>| n 1", 1, 7, "unknown function `|<>|`" },
        { TIDAL_STRING, "Foo.bar \"a\"", 1, 5, "unknown function `bar`" },
    };

    CHECK_WRONG(rows);
}
END_TEST

START_TEST(syntax_is_refused_where_it_breaks)
{
    static const struct wrong rows[] = {
        { TIDAL_STRING, "rev (fast 2 \"a\"", 1, 16, "`)` expected" },
        { TIDAL_STRING, "stack [\"a\", \"b\"", 1, 16, "`,` or `]` expected" },
        { TIDAL_STRING, "fast 2)", 1, 7, "expected before ')'" },
        { TIDAL_STRING, "fast 2 $ $ \"a\"", 1, 10, "an expression expected before '$'" },
        { TIDAL_CONTROLS, "s \"a\" #", 1, 8, "an expression expected" },
        { TIDAL_STRING, "\"a", 1, 1, "this string has no end" },
        { TIDAL_STRING, "rev \"a\nb\"", 1, 5, "this string has no end on its line" },
        { TIDAL_STRING, "\"a \\q\"", 1, 4, "`\\` has no meaning here" },
        { TIDAL_STRING, "\"a \\\n b\"", 1, 4, "the string goes on behind another" },
        { TIDAL_BOOL, "pure (1 == 2 == 3)", 1, 14, "put parentheses around one" },
        { TIDAL_STRING, "let f x = x", 1, 12, "`in` expected" },
        { TIDAL_STRING, "if True then \"a\"", 1, 17, "`else` expected" },
        { TIDAL_INT, "fastFromList [x | x <- [1,2]]", 1, 17,
          "list comprehensions need more of Haskell" },
        { TIDAL_STRING, "\"a\" :: Pattern String", 1, 5, "type annotations are not needed" },
        { TIDAL_STRING, "", 1, 1, "an expression expected" },
    };

    CHECK_WRONG(rows);
}
END_TEST

START_TEST(strings_are_refused_inside)
{
    static const struct wrong rows[] = {
        { TIDAL_STRING, "rev \"a [b\"", 1, 8, "`[` is never closed" },
        { TIDAL_STRING, "rev\n  \"a b)\"", 2, 7, "`)` closes nothing" },
        { TIDAL_STRING, "fast \"a\" \"b\"", 1, 7, "a rational number is wanted here, found `a`" },
        { TIDAL_STRING, "every \"<2 x>\" rev \"a\"", 1, 11,
          "a whole number is wanted here, found `x`" },
    };

    CHECK_WRONG(rows);
}
END_TEST

START_TEST(nothing_that_grows_runs_away)
{
    static const char *const rows[] = {
        "fastFromList [0 .. 100000]",
        "cat (replicate 1000000 \"a\")",
        "step \"a\" (lindenmayer 30 \"x:xx\" \"x\")",
        "let f x = f x in f \"a\"",
        "let a = b; b = a in a",
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tried t;
        try_expression(&t, TIDAL_STRING, rows[i]);
        ck_assert_msg(!t.compiles && t.diag.n_errors > 0, "accepted: %s", rows[i]);
        finish(&t);
    }
}
END_TEST

int main(void)
{
    TCase *const cases = tcase_create("tidal");
    int n_rows = 0;

    while (tidal_row_at((uint32_t)n_rows))
        n_rows++;
    tcase_add_loop_test(cases, every_function_compiles_and_plays_what_its_type_promises, 0, n_rows);
    tcase_add_loop_test(cases, names_are_unique_and_told, 0, n_rows);
    tcase_add_test(cases, lambdas_sections_and_composition_are_functions);
    tcase_add_test(cases, operators_bind_as_in_tidal);
    tcase_add_test(cases, lists_and_ranges_are_haskells);
    tcase_add_test(cases, let_binds_patterns_and_functions_by_layout);
    tcase_add_test(cases, conditions_may_be_known_only_while_it_plays);
    tcase_add_test(cases, types_that_do_not_fit_are_told_at_their_place);
    tcase_add_test(cases, arguments_are_counted);
    tcase_add_test(cases, unknown_names_have_a_nearest_one);
    tcase_add_test(cases, syntax_is_refused_where_it_breaks);
    tcase_add_test(cases, strings_are_refused_inside);
    tcase_add_test(cases, nothing_that_grows_runs_away);
    return check_run("client/tidal", cases);
}
