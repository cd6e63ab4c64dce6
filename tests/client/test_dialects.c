/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/test_dialects.c - what both dialects can say, both play alike: one evaluator.     */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/tidal/tidal.h"
#include "server/pattern/pattern.h"
#include "tests/support/check_main.h"

enum { CYCLES = 6, LINES_MAX = 512, LINE_BYTES = 160 };

/** The onsets of some cycles, one a line. */
struct onsets {
    uint32_t n;
    char lines[LINES_MAX][LINE_BYTES];
};

/* ---- playing --------------------------------------------------------------------------------- */

static void print_value(FILE *to, const struct ph_value *v)
{
    switch (v->kind) {
    case PH_VALUE_WORD:
        fputs(v->text, to);
        break;
    case PH_VALUE_RATIO:
    case PH_VALUE_INT:
    case PH_VALUE_BOOL:
        fprintf(to, "%.9g", ph_ratio_to_double(v->ratio));
        break;
    default:
        fprintf(to, "%.9g", v->number);
        break;
    }
}

static void print_onset(char *line, const struct pat_hap *h)
{
    FILE *const to = fmemopen(line, LINE_BYTES, "w");

    ck_assert_ptr_nonnull(to);
    fprintf(to, "%9.6f %9.6f", ph_ratio_to_double(h->whole_begin),
            ph_ratio_to_double(h->whole_end));
    for (uint32_t i = 0; h->value->is_controls && i < h->value->n_controls; i++) {
        fprintf(to, " %s ", h->value->controls[i].key);
        print_value(to, &h->value->controls[i].value);
    }
    if (!h->value->is_controls) {
        fputc(' ', to);
        print_value(to, &h->value->plain);
    }
    fclose(to);
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void play(const struct ph_pattern_code *code, struct onsets *out)
{
    struct pat *pat;

    out->n = 0;
    ck_assert_int_eq(pat_new(code, &pat), PH_OK);
    for (int64_t c = 0; c < CYCLES; c++) {
        const struct pat_hap *haps;
        uint32_t n;
        ck_assert_int_eq(pat_query(pat, ph_ratio_of(c), ph_ratio_of(c + 1), NULL, &haps, &n),
                         PH_OK);
        for (uint32_t i = 0; i < n && out->n < LINES_MAX; i++)
            if (pat_has_onset(&haps[i]))
                print_onset(out->lines[out->n++], &haps[i]);
    }
    pat_free(pat);
    qsort(out->lines, out->n, sizeof out->lines[0], compare_lines);
}

static void play_text(const char *text, int type, struct onsets *out)
{
    const struct source source = { .name = "test", .text = text, .length = (uint32_t)strlen(text),
                                   .first_line = 1 };
    struct arena *const arena = arena_new();
    struct ph_pattern_code code;
    struct diag diag;

    diag_init(&diag, &source);
    const bool ok = type < 0 ? compile_pattern(&source, arena, &diag, &code)
                             : compile_tidal_pattern(&source, arena, &diag, (enum tidal_atom)type,
                                                     &code);
    if (!ok)
        diag_print(&diag, stderr);
    ck_assert_msg(ok, "%s", text);
    play(&code, out);
    ph_pattern_code_finish(&code);
    diag_finish(&diag);
    arena_free(arena);
}

static void assert_alike(const char *text, enum tidal_atom type)
{
    static struct onsets ph, tidal;

    play_text(text, -1, &ph);
    play_text(text, (int)type, &tidal);
    ck_assert_msg(ph.n == tidal.n, "%s: %u onsets, as TidalCycles %u", text, ph.n, tidal.n);
    ck_assert_msg(ph.n > 0, "%s: nothing plays", text);
    for (uint32_t i = 0; i < ph.n; i++)
        ck_assert_msg(strcmp(ph.lines[i], tidal.lines[i]) == 0, "%s: %s, as TidalCycles %s", text,
                      ph.lines[i], tidal.lines[i]);
}

/*
 * The forms that TidalCycles' users paste. `#` is outermost in .ph (LANGUAGE 25, decision 6), so
 * what a transform is to see stands in parentheses.
 */

static const char *const controls[] = {
    "every 2 (# speed 2) $ s \"x*2 y\"",
    "every 2 (|* speed 2) $ (s \"x*2 y\" # speed \"1 3\")",
    "s \"x y\" # speed 1 |* speed \"2 3\"",
    "s \"x y\" # speed 1 |+| speed \"2 3 4\"",
    "s \"x y\" # n \"1 2\" |< n \"10 20 30\"",
    "s \"x y\" # n 1 >| n \"10 20 30\"",
    "0.25 ~> s \"x*2 [y ~]\"",
    "(1/8) <~ s \"x*2 [y ~]\"",
    "every 3 (1/8 ~>) $ s \"x*2 [y ~]\"",
    "(# speed 2) $ s \"x y\"",
    "fix (fast 2) (s \"x\") $ s \"x y\"",
    "contrast (# speed 4) (# speed 2) (s \"x\") $ (s \"x y\" # speed 3)",
    "while \"1 0\" (# speed 2) $ s \"x*4\"",
    "stutWith 3 (1/8) (|* speed 2) $ (s \"x\" # speed 1)",
    "plyWith 3 (|* gain 0.8) $ (s \"x y\" # gain 1)",
    "sometimesBy 0.5 (# speed 2) $ s \"x*8\"",
    "whenmod 4 2 (# speed 2) $ s \"x y\"",
    "every' 3 1 (fast 2) $ s \"x y\"",
    "foldEvery [2, 3] (# speed 2) $ s \"x y\"",
    "within (0, 0.5) (fast 2) $ s \"x y z w\"",
    "(# speed 2) . fast 2 $ s \"x y\"",
};

static const char *const words[] = {
    "(rev . fast 2) $ \"x y z\"",
    "every 2 (rev . (0.25 ~>)) \"x y z w\"",
    "sew \"t f\" \"x*4\" \"y*8\"",
    "stitch \"t f t t\" \"x\" \"y\"",
    "squeeze \"0 1\" [\"x y\", \"z w v\"]",
    "pickF \"0 1\" [rev, fast 2, (0.25 ~>)] \"x y z\"",
    "inhabit [(\"x\", \"y z\"), (\"w\", \"v\")] \"x w\"",
    "zoomArc (Arc 0.25 0.75) \"x y z w\"",
    "spread fast [1, 2] \"x y\"",
    "spread ($) [rev, (0.25 ~>)] \"x y z\"",
    "euclidFull 3 8 \"x\" \"y\"",
    "rolledBy 0.25 \"[x,y,z]\"",
    "inside 2 rev \"x y z w\"",
};

static const char *const numbers[] = {
    "\"1 2\" |+| \"10 20 30\"",
    "\"1 2\" |+ \"10 20 30\"",
    "\"1 2\" +| \"10 20 30\"",
    "\"1 2\" |-| \"10 20 30\"",
    "\"1 2\" |*| \"10 20 30\"",
    "\"5 7\" |% \"2 3\"",
    "\"5 7\" |> \"2 3 4\"",
    "\"5 7\" |<| \"2 3 4\"",
    "every 2 (+ 12) \"0 3\"",
    "every 2 (12 -) \"0 3\"",
    "every 2 (subtract 1) \"0 3\"",
    "toScale [0, 2, 7] \"0 1 2 3\"",
};

START_TEST(control_patterns_are_alike)
{
    assert_alike(controls[_i], TIDAL_CONTROLS);
}
END_TEST

START_TEST(words_are_alike)
{
    assert_alike(words[_i], TIDAL_STRING);
}
END_TEST

START_TEST(numbers_are_alike)
{
    assert_alike(numbers[_i], TIDAL_DOUBLE);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("dialects");

    tcase_add_loop_test(t, control_patterns_are_alike, 0,
                        (int)(sizeof controls / sizeof *controls));
    tcase_add_loop_test(t, words_are_alike, 0, (int)(sizeof words / sizeof *words));
    tcase_add_loop_test(t, numbers_are_alike, 0, (int)(sizeof numbers / sizeof *numbers));
    return check_run("client/dialects", t);
}
