/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/test_tidal_mini.c - strings of TidalCycles: what they play, as 1.7.10 answers,   */
/* and where they are refused.                                                                    */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/tidal/tidal.h"
#include "client/value.h"
#include "server/pattern/pattern.h"
#include "tests/support/check_main.h"

/* ---- reading and playing --------------------------------------------------------------------- */

struct read {
    struct source source;
    struct arena *arena;
    struct diag diag;
    struct compiler *c;
    struct pat *pat; /* NULL: refused */
};

static void read_part(struct read *r, enum tidal_atom atom, const char *text, uint32_t offset,
                      uint32_t length)
{
    *r = (struct read){ .source = { "test", text, (uint32_t)strlen(text), 1 } };
    r->arena = arena_new();
    diag_init(&r->diag, &r->source);
    r->c = arena_alloc(r->arena, sizeof *r->c);
    *r->c = (struct compiler){ .source = &r->source, .arena = r->arena, .diag = &r->diag };
    r->pat = tidal_string(r->c, text + offset, length, offset, atom);
}

static void read_string(struct read *r, enum tidal_atom atom, const char *text)
{
    read_part(r, atom, text, 0, (uint32_t)strlen(text));
}

static void finish(struct read *r)
{
    diag_finish(&r->diag);
    arena_free(r->arena);
}

static void print_value(FILE *out, const struct ph_value *v)
{
    switch (v->kind) {
    case PH_VALUE_WORD:
        fputs(v->text, out);
        break;
    case PH_VALUE_BOOL:
        fputc(v->ratio.num ? 't' : 'f', out);
        break;
    case PH_VALUE_INT:
        fprintf(out, "%lld", (long long)v->ratio.num);
        break;
    case PH_VALUE_RATIO:
        fprintf(out, v->ratio.den == 1 ? "%lld" : "%lld/%lld", (long long)v->ratio.num,
                (long long)v->ratio.den);
        break;
    default:
        fprintf(out, "%g", v->number);
    }
}

/* An onset as text "0 1/2 bd", with what it is sorted by. */
struct onset {
    struct ph_ratio begin, end;
    char text[64];
};

static int compare_onsets(const void *a, const void *b)
{
    const struct onset *const x = a, *const y = b;
    const int by_begin = ph_ratio_cmp(x->begin, y->begin), by_end = ph_ratio_cmp(x->end, y->end);

    return by_begin ? by_begin : by_end ? by_end : strcmp(x->text, y->text);
}

static void print_time(FILE *out, struct ph_ratio t)
{
    fprintf(out, t.den == 1 ? "%lld " : "%lld/%lld ", (long long)t.num, (long long)t.den);
}

static struct onset onset_of(const struct pat_hap *h)
{
    struct onset o = { h->whole_begin, h->whole_end, "" };
    FILE *const out = fmemopen(o.text, sizeof o.text, "w");

    print_time(out, o.begin);
    print_time(out, o.end);
    print_value(out, &h->value->plain);
    fclose(out);
    return o;
}

/* The onsets of the first cycles, one query for each cycle; to be freed. */
static char *played(const struct ph_pattern_code *code, int64_t cycles)
{
    enum { ONSETS_MAX = 256 };
    static struct onset onsets[ONSETS_MAX];
    const struct pat_hap *haps;
    uint32_t n_haps, n = 0;
    struct pat *evaluator;
    char *text = NULL;
    size_t size;

    ck_assert_int_eq(pat_new(code, &evaluator), PH_OK);
    for (int64_t c = 0; c < cycles; c++) {
        ck_assert_int_eq(pat_query(evaluator, ph_ratio_of(c), ph_ratio_of(c + 1), NULL, &haps,
                                   &n_haps), PH_OK);
        for (uint32_t i = 0; i < n_haps && n < ONSETS_MAX; i++)
            if (pat_has_onset(&haps[i]))
                onsets[n++] = onset_of(&haps[i]);
    }
    qsort(onsets, n, sizeof *onsets, compare_onsets);
    FILE *const out = open_memstream(&text, &size);
    for (uint32_t i = 0; i < n; i++)
        fprintf(out, "%s%s", i ? ", " : "", onsets[i].text);
    fclose(out);
    pat_free(evaluator);
    return text;
}

struct row {
    enum tidal_atom atom;
    const char *text;
    int64_t cycles;
    const char *onsets;
};

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct ph_pattern_code code;
        struct read r;
        read_string(&r, rows[i].atom, rows[i].text);
        if (!r.pat)
            diag_print(&r.diag, stdout);
        ck_assert_msg(r.pat && pattern_compile(r.c, r.pat, PAT_TYPED, &code), "refused: %s",
                      rows[i].text);
        code.tidal = true;
        char *const onsets = played(&code, rows[i].cycles);
        ck_assert_msg(strcmp(onsets, rows[i].onsets) == 0, "%s plays %s", rows[i].text, onsets);
        free(onsets);
        ph_pattern_code_finish(&code);
        finish(&r);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof(rows)[0])

/* ---- what is played -------------------------------------------------------------------------- */

START_TEST(steps_share_a_cycle_by_weight)
{
    static const struct row rows[] = {
        { TIDAL_STRING, "bd sn", 1, "0 1/2 bd, 1/2 1 sn" },
        { TIDAL_STRING, "a [b c]", 1, "0 1/2 a, 1/2 3/4 b, 3/4 1 c" },
        { TIDAL_STRING, "a@3 b", 1, "0 3/4 a, 3/4 1 b" },
        { TIDAL_STRING, "a _ b _ _", 1, "0 2/5 a, 2/5 1 b" },
        { TIDAL_STRING, "a@1.5 b@1%2", 1, "0 3/4 a, 3/4 1 b" },
        { TIDAL_STRING, "a@ b", 1, "0 2/3 a, 2/3 1 b" },
        { TIDAL_STRING, "a@e b@3e", 1, "0 1/4 a, 1/4 1 b" },
        { TIDAL_STRING, "a!2 b", 1, "0 1/3 a, 1/3 2/3 a, 2/3 1 b" },
        { TIDAL_STRING, "a ! ! b", 1, "0 1/4 a, 1/4 1/2 a, 1/2 3/4 a, 3/4 1 b" },
        { TIDAL_STRING, "a!3!0 b", 1, "0 1/3 a, 1/3 2/3 a, 2/3 1 b" },
        { TIDAL_STRING, "a b . c", 1, "0 1/4 a, 1/4 1/2 b, 1/2 1 c" },
        { TIDAL_STRING, ". a", 1, "1/2 1 a" },
        { TIDAL_STRING, "a . . b", 1, "0 1/3 a, 2/3 1 b" },
        { TIDAL_STRING, "~ a", 1, "1/2 1 a" },
        { TIDAL_STRING, "", 1, "" },
        { TIDAL_STRING, "[]", 1, "" },
        { TIDAL_STRING, "a@3 b@-1 c@2", 1, "0 3/4 a, 1/2 1 c" },
        { TIDAL_STRING, "^x bd", 1, "1/2 1 bd" },
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(brackets_play_at_once_in_turn_and_at_a_rate)
{
    static const struct row rows[] = {
        { TIDAL_STRING, "[a, b c]", 1, "0 1/2 b, 0 1 a, 1/2 1 c" },
        { TIDAL_STRING, "<a b, c>", 2, "0 1 a, 0 1 c, 1 2 b, 1 2 c" },
        { TIDAL_STRING, "<a!2 b> c", 3, "0 1/2 a, 1/2 1 c, 1 3/2 a, 3/2 2 c, 2 5/2 b, 5/2 3 c" },
        { TIDAL_STRING, "<a@3 b>", 4, "0 3 a, 3 4 b" },
        { TIDAL_STRING, "{a b c}%2", 2, "0 1/2 a, 1/2 1 b, 1 3/2 c, 3/2 2 a" },
        { TIDAL_STRING, "{a b, c d e}", 1, "0 1/2 a, 0 1/2 c, 1/2 1 b, 1/2 1 d" },
        { TIDAL_STRING, "{a b c}%<3 6>", 2,
          "0 1/3 a, 1/3 2/3 b, 2/3 1 c, 1 7/6 a, 7/6 4/3 b, 4/3 3/2 c, 3/2 5/3 a, "
          "5/3 11/6 b, 11/6 2 c" },
        { TIDAL_STRING, "<a [b c]>*2", 2,
          "0 1/2 a, 1/2 3/4 b, 3/4 1 c, 1 3/2 a, 3/2 7/4 b, 7/4 2 c" },
        { TIDAL_STRING, "{a b c ?}%2", 1, "1/3 1/2 c, 1/2 2/3 a, 5/6 1 c" },
        { TIDAL_STRING, "<a!0, b c>", 2, "0 1 b, 1 2 c" },
        { TIDAL_STRING, "{a b}%2*2", 1, "0 1/2 a, 1/2 1 b" },
        { TIDAL_STRING, "[{- why -} a b] {- here -}", 1, "0 1/2 a, 1/2 1 b" },
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(factors_may_be_patterns)
{
    static const struct row rows[] = {
        { TIDAL_STRING, "a*2 b", 1, "0 1/4 a, 1/4 1/2 a, 1/2 1 b" },
        { TIDAL_STRING, "[a b]*<1 2>", 2,
          "0 1/2 a, 1/2 1 b, 1 5/4 a, 5/4 3/2 b, 3/2 7/4 a, 7/4 2 b" },
        { TIDAL_STRING, "a/2", 2, "0 2 a" },
        { TIDAL_STRING, "[a b]/1.5", 2, "0 3/4 a, 3/4 3/2 b, 3/2 9/4 a" },
        { TIDAL_STRING, "[a b c]*-1", 1, "0 1/3 c, 1/3 2/3 b, 2/3 1 a" },
        { TIDAL_STRING, "a*0 b", 1, "1/2 1 b" },
        { TIDAL_STRING, "a* 3%2", 1, "0 2/3 a, 2/3 4/3 a" },
        { TIDAL_STRING, "a*[2 4]", 1, "0 1/2 a, 1/2 3/4 a, 3/4 1 a" },
        { TIDAL_STRING, "a*e", 1, "0 8 a" },
        { TIDAL_STRING, "a*{2 3}%1", 2, "0 1/2 a, 1/2 1 a, 1 4/3 a, 4/3 5/3 a, 5/3 2 a" },
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(rhythms_squeeze_their_source_into_steps)
{
    static const struct row rows[] = {
        { TIDAL_STRING, "x(3,8)", 1, "0 1/8 x, 3/8 1/2 x, 3/4 7/8 x" },
        { TIDAL_STRING, "[a b](2,4,1)", 1, "1/4 3/8 a, 3/8 1/2 b, 3/4 7/8 a, 7/8 1 b" },
        { TIDAL_STRING, "x(<1 2>,4)", 2, "0 1/4 x, 1 5/4 x, 3/2 7/4 x" },
        { TIDAL_STRING, "x*2(1,4)", 1, "0 1/8 x, 1/8 1/4 x" },
        { TIDAL_STRING, "x(3 1,4)", 1, "0 1/4 x, 1/4 1/2 x" },
        { TIDAL_STRING, "x(5,3)", 1, "0 1/5 x, 1/5 2/5 x, 2/5 3/5 x, 3/5 4/5 x, 4/5 1 x" },
        { TIDAL_STRING, "x(,4)", 1, "" },
        { TIDAL_BOOL, "t(2,4)", 1, "0 1/4 t, 1/4 1/2 f, 1/2 3/4 t, 3/4 1 f" },
        { TIDAL_BOOL, "<t f>(1,4,1)", 2,
          "0 1/4 f, 1/4 1/2 f, 1/2 3/4 f, 3/4 1 f, 1 5/4 t, 5/4 3/2 t, 3/2 7/4 t, 7/4 2 t" },
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(what_a_value_is_hangs_on_the_type)
{
    static const struct row rows[] = {
        { TIDAL_STRING, "bd:3 808 x_y.2", 1, "0 1/3 bd:3, 1/3 2/3 808, 2/3 1 x_y.2" },
        { TIDAL_NOTE, "c e3 gs6 bff -c", 1,
          "0 1/5 0, 1/5 2/5 -20, 2/5 3/5 20, 3/5 4/5 9, 4/5 1 -0" },
        { TIDAL_NOTE, "1.5 -2 e h", 1, "0 1/4 1.5, 1/4 1/2 -2, 1/2 3/4 4, 3/4 1 0.5" },
        { TIDAL_DOUBLE, "e e5 1e 1e2 ef", 1,
          "0 1/6 0.125, 1/6 1/3 0.125, 1/3 1/2 5, 1/2 2/3 0.125, 2/3 5/6 100, 5/6 1 3" },
        { TIDAL_DOUBLE, "3%4 -- 1", 1, "0 1 0.75" },
        { TIDAL_DOUBLE, "--1 +2 0x1f", 1, "0 1/3 1, 1/3 2/3 2, 2/3 1 31" },
        { TIDAL_INT, "1 c5 -e 1e2", 1, "0 1/4 1, 1/4 1/2 0, 1/2 3/4 -4, 3/4 1 100" },
        { TIDAL_RATIONAL, "1.5 -3%6 3e 1%8q", 1,
          "0 1/4 3/2, 1/4 1/2 -1/2, 1/2 3/4 3/8, 3/4 1 1/32" },
        { TIDAL_BOOL, "t f10", 1, "0 1/4 t, 1/4 1/2 f, 1/2 3/4 t, 3/4 1 f" },
        { TIDAL_CHAR, "ab c", 1, "0 1/3 a, 1/3 2/3 b, 2/3 1 c" },
        { TIDAL_DOUBLE, ".5", 1, "1/2 1 5" },
        { TIDAL_DOUBLE, "1.5e", 1, "0 1/2 1, 1/2 1 0.625" },
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(some_signs_pass_blanks)
{
    static const struct row rows[] = {
        { TIDAL_DOUBLE, "1 *2 2", 1, "0 1/4 1, 1/4 1/2 1, 1/2 1 2" },
        { TIDAL_STRING, "[a b] *2", 1, "0 1/4 a, 1/4 1/2 b, 1/2 3/4 a, 3/4 1 b" },
        { TIDAL_STRING, "~ *2 a", 1, "1/2 1 a" },
        { TIDAL_STRING, "a*2 (1,4)", 1, "0 1/8 a, 1/8 1/4 a" },
        { TIDAL_DOUBLE, "2 ? 1", 1, "1/2 1 1" },
        { TIDAL_DOUBLE, "- 1", 1, "0 1 -1" },
        { TIDAL_NOTE, "0 .. c 5", 1, "0 1/2 0, 1/2 1 5" },
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(ranges_count_up_and_down)
{
    static const struct row rows[] = {
        { TIDAL_INT, "0 .. 3 7", 1, "0 1/8 0, 1/8 1/4 1, 1/4 3/8 2, 3/8 1/2 3, 1/2 1 7" },
        { TIDAL_NOTE, "3 .. 0.5", 1, "0 1/4 3.5, 1/4 1/2 2.5, 1/2 3/4 1.5, 3/4 1 0.5" },
        { TIDAL_RATIONAL, "1%2 .. 2", 1, "0 1/3 1/2, 1/3 2/3 3/2, 2/3 1 5/2" },
        { TIDAL_STRING, "a .. b", 1, "0 1/2 a, 1/2 1 b" },
        { TIDAL_CHAR, "a .. d", 1, "0 1/4 a, 1/4 1/2 b, 1/2 3/4 c, 3/4 1 d" },
        { TIDAL_INT, "<0 2> .. 3", 2, "0 1/4 0, 1/4 1/2 1, 1/2 3/4 2, 3/4 1 3, 1 3/2 2, 3/2 2 3" },
        { TIDAL_INT, "[0 4] .. 2", 1, "0 1/3 0, 1/3 1/2 1, 1/2 2/3 3, 2/3 1 2" },
        { TIDAL_NOTE, "c .. [e,d]", 1,
          "0 1/5 0, 0 1/3 0, 1/5 2/5 1, 1/3 2/3 1, 2/5 3/5 2, 3/5 4/5 3, 2/3 1 2, 4/5 1 4" },
        { TIDAL_CHAR, "<a c> .. e", 2,
          "0 1/5 a, 1/5 2/5 b, 2/5 3/5 c, 3/5 4/5 d, 4/5 1 e, 1 4/3 c, 4/3 5/3 d, 5/3 2 e" },
        { TIDAL_BOOL, "<t f> .. t", 2, "0 1/2 t, 1/2 1 t, 1 3/2 f, 3/2 2 t" },
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(chords_are_stacks_of_notes)
{
    static const struct row rows[] = {
        { TIDAL_NOTE, "c'maj", 1, "0 1 0, 0 1 4, 0 1 7" },
        { TIDAL_NOTE, "e3'min7'i", 1, "0 1 -10, 0 1 -13, 0 1 -17, 0 1 -8" },
        { TIDAL_INT, "'m9", 1, "0 1 0, 0 1 10, 0 1 14, 0 1 3, 0 1 7" },
        { TIDAL_DOUBLE, "0.5'five'3", 1, "0 1 0.5, 0 1 12.5, 0 1 7.5" },
        { TIDAL_NOTE, "c'maj'5io", 1, "0 1 -8, 0 1 0, 0 1 16, 0 1 19, 0 1 7" },
        { TIDAL_NOTE, "c'maj'0 d", 1, "1/2 1 2" },
        { TIDAL_NOTE, "c'maj(1,4)", 1, "0 1/4 0, 0 1/4 4, 0 1/4 7" },
        { TIDAL_NOTE, "c'maj/2", 2, "0 2 0, 0 2 4, 0 2 7" },
        { TIDAL_NOTE, "c'minorSixNine'ii", 1, "0 1 12, 0 1 14, 0 1 15, 0 1 7, 0 1 9" },
        { TIDAL_NOTE, "c'maj .. d", 1,
          "0 1/6 7, 0 1/3 0, 0 1/3 4, 1/6 1/3 6, 1/3 1/2 5, 1/3 2/3 1, 1/3 2/3 3, 1/2 2/3 4, "
          "2/3 5/6 3, 2/3 1 2, 2/3 1 2, 5/6 1 2" },
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(draws_are_counted_where_they_end)
{
    static const struct row rows[] = {
        { TIDAL_STRING, "a? b? c? d?", 3,
          "1/2 3/4 c, 3/4 1 d, 2 9/4 a, 9/4 5/2 b, 5/2 11/4 c, 11/4 3 d" },
        { TIDAL_STRING, "[a? b]? c?", 3, "1/2 1 c, 5/4 3/2 b, 5/2 3 c" },
        { TIDAL_STRING, "[a? | b | c]", 4, "2 3 b, 3 4 b" },
        { TIDAL_STRING, "[a|b]*4? c?0.3", 3,
          "1/8 1/4 a, 1/2 1 c, 1 9/8 b, 2 17/8 b, 17/8 9/4 a, 19/8 5/2 b, 5/2 3 c" },
        { TIDAL_STRING, "a b c d ?", 3,
          "1/4 1/2 b, 1 5/4 a, 5/4 3/2 b, 3/2 7/4 c, 2 9/4 a, 9/4 5/2 b, 11/4 3 d" },
        { TIDAL_STRING, "[a?0.7 b](3,8)?", 2, "1/16 1/8 b, 23/16 3/2 b" },
    };

    CHECK_ROWS(rows);
}
END_TEST

/* What 1.9 reads otherwise than 1.7.10, and better. */
START_TEST(newer_versions_are_followed_where_the_old_one_is_odd)
{
    static const struct row rows[] = {
        { TIDAL_STRING, "bd*2 e", 1, "0 1/4 bd, 1/4 1/2 bd, 1/2 1 e" },
        { TIDAL_DOUBLE, "1 x", 1, "0 1/2 1, 1/2 1 0.166667" },
        { TIDAL_INT, "0 _ 2", 1, "0 2/3 0, 2/3 1 2" },
        { TIDAL_STRING, "x(-3,8)", 1,
          "1/8 1/4 x, 1/4 3/8 x, 1/2 5/8 x, 5/8 3/4 x, 7/8 1 x" },
        { TIDAL_NOTE, "c'<maj min>'<3 d1>", 2, "0 1 0, 0 1 4, 0 1 7, 1 2 -5, 1 2 0, 1 2 3" },
        { TIDAL_NOTE, "[c a]'maj", 1, "0 1/2 0, 0 1/2 4, 0 1/2 7, 1/2 1 13, 1/2 1 16, 1/2 1 9" },
        { TIDAL_NOTE, "c'maj'4'i", 1, "0 1 12, 0 1 12, 0 1 4, 0 1 7" },
        { TIDAL_NOTE, "c'maj'i2", 1, "0 1 12, 0 1 16, 0 1 7" },
        { TIDAL_INT, "c'min7'd2", 1, "0 1 -5, 0 1 0, 0 1 10, 0 1 3" },
        { TIDAL_NOTE, "c'five'3'o", 1, "0 1 -12, 0 1 0, 0 1 7" },
        { TIDAL_NOTE, "c'maj'[i i2]", 1,
          "0 1/2 12, 0 1/2 4, 0 1/2 7, 1/2 1 12, 1/2 1 16, 1/2 1 7" },
        { TIDAL_NOTE, "{0 7}%2 'five", 1, "0 1/4 0, 1/4 1/2 7, 1/2 1 0, 1/2 1 7" },
    };

    CHECK_ROWS(rows);
}
END_TEST

START_TEST(decimals_are_decimal_fractions)
{
    static const struct row rows[] = {
        { TIDAL_STRING, "a@1.1 b@0.9", 1, "0 11/20 a, 11/20 1 b" },
        { TIDAL_STRING, "a*1.1", 1, "0 10/11 a, 10/11 20/11 a" },
        { TIDAL_RATIONAL, "0.1 1e-3", 1, "0 1/2 1/10, 1/2 1 1/1000" },
    };

    CHECK_ROWS(rows);
}
END_TEST

/* ---- what is refused ------------------------------------------------------------------------- */

START_TEST(errors_stand_where_the_string_is_wrong_and_hint)
{
    static const struct {
        enum tidal_atom atom;
        const char *text;
        uint32_t offset;
        const char *part;
    } rows[] = {
        { TIDAL_STRING, "bd [sn", 3, "never closed" },
        { TIDAL_STRING, "a <b {c d>", 9, "`>` where `}` must come first" },
        { TIDAL_STRING, "bd]", 2, "closes nothing" },
        { TIDAL_STRING, "bd * 2", 3, "directly behind a step" },
        { TIDAL_STRING, "bd*2*3", 4, "[bd*2]*3" },
        { TIDAL_STRING, "bd(3,8)*2", 7, "[bd*2]*3" },
        { TIDAL_STRING, "bd? (3,8) (3,8)", 10, "a rhythm must stand directly behind its step" },
        { TIDAL_STRING, "bd* k", 4, "a number or a bracket of numbers" },
        { TIDAL_STRING, "bd*[2 ~]", 6, "no rests" },
        { TIDAL_STRING, "bd(<3 ~>,8)", 6, "no rests" },
        { TIDAL_STRING, "bd(3)", 4, "hits and steps" },
        { TIDAL_STRING, "bd(3,8,1,2)", 8, "two or three numbers" },
        { TIDAL_STRING, "bd(3.5,8)", 3, "a whole number" },
        { TIDAL_STRING, "bd?3", 3, "?0.5" },
        { TIDAL_STRING, "a, b", 1, "[a, b]" },
        { TIDAL_STRING, "<a | b>", 3, "square brackets" },
        { TIDAL_STRING, "[a, b | c]", 6, "which comes first" },
        { TIDAL_STRING, "_ a", 0, "no step before it" },
        { TIDAL_STRING, "a@2!2", 3, "[a@2]!2" },
        { TIDAL_STRING, "a@1%0", 3, "divided by 0" },
        { TIDAL_STRING, "a@0 b", 0, "other than 0" },
        { TIDAL_STRING, "a!65536 b", 8, "more than 65536 steps" },
        { TIDAL_STRING, "a b .", 4, "between two groups" },
        { TIDAL_STRING, "a .. b c", 6, "put it in brackets" },
        { TIDAL_STRING, "a .. ", 5, "end of the range" },
        { TIDAL_STRING, "<>", 0, "nothing to play" },
        { TIDAL_STRING, "b {a, }%2", 2, "nothing to play" },
        { TIDAL_STRING, "a - b", 2, "a rest is written `~`" },
        { TIDAL_STRING, "c'maj", 1, "no pattern of notes" },
        { TIDAL_STRING, "a $ b", 2, "found `$`" },
        { TIDAL_STRING, "[{- a", 1, "comment" },
        { TIDAL_NOTE, "c# d", 1, "a sharp is written `s`" },
        { TIDAL_NOTE, "0 k", 2, "a note is wanted" },
        { TIDAL_NOTE, "c'", 2, "name of a chord" },
        { TIDAL_NOTE, "c'maj'x", 6, "a modifier" },
        { TIDAL_NOTE, "c'major'1000", 0, "at most" },
        { TIDAL_NOTE, "d c'maj'2o", 2, "three notes" },
        { TIDAL_INT, "1 2.5", 2, "a whole number" },
        { TIDAL_DOUBLE, "1e400", 0, "too large" },
        { TIDAL_DOUBLE, "1.5%2", 3, "between whole numbers" },
        { TIDAL_RATIONAL, "1 bd", 2, "a rational number is wanted" },
        { TIDAL_BOOL, "true", 1, "`t` or `f`" },
        { TIDAL_CHAR, "a ?b", 3, "found `b`" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct read r;
        read_string(&r, rows[i].atom, rows[i].text);
        ck_assert_msg(!r.pat && r.diag.n_errors == 1, "%s: %u errors", rows[i].text,
                      r.diag.n_errors);
        ck_assert_msg(r.diag.messages[0].offset == rows[i].offset, "%s: error at %u, not %u",
                      rows[i].text, r.diag.messages[0].offset, rows[i].offset);
        ck_assert_msg(strstr(r.diag.messages[0].text, rows[i].part) != NULL, "%s: %s",
                      rows[i].text, r.diag.messages[0].text);
        finish(&r);
    }
}
END_TEST

START_TEST(an_unknown_chord_is_its_root_with_a_warning)
{
    static const struct row rows[] = { { TIDAL_NOTE, "e'minr", 1, "0 1 4" } };
    struct read r;

    CHECK_ROWS(rows);
    read_string(&r, TIDAL_NOTE, rows[0].text);
    ck_assert_uint_eq(r.diag.n_messages, 1);
    ck_assert_int_eq(r.diag.messages[0].class, DIAG_WARNING);
    ck_assert_uint_eq(r.diag.messages[0].offset, 2);
    ck_assert_ptr_nonnull(strstr(r.diag.messages[0].text, "did you mean `minor`"));
    finish(&r);
}
END_TEST

START_TEST(offsets_count_from_the_start_of_the_source)
{
    static const char text[] = "sound \"bd [sn\" # n \"1\"";
    struct read r;

    read_part(&r, TIDAL_STRING, text, 7, 6);
    ck_assert_ptr_null(r.pat);
    ck_assert_uint_eq(r.diag.messages[0].offset, 10);
    finish(&r);
    read_part(&r, TIDAL_STRING, text, 7, 2); /* what is behind the length is not read */
    ck_assert_ptr_nonnull(r.pat);
    ck_assert_uint_eq(r.pat->offset, 7);
    ck_assert_str_eq(r.pat->imms[0].text, "bd");
    finish(&r);
}
END_TEST

START_TEST(depth_and_size_are_bounded_whatever_is_repeated)
{
    static const struct {
        enum tidal_atom atom;
        const char *before, *unit, *after;
        bool is_error;
    } rows[] = {
        { TIDAL_STRING, "", "[", "", true },        { TIDAL_STRING, "", "<a ", "", true },
        { TIDAL_STRING, "", "{a ", "", true },      { TIDAL_STRING, "", "a ", "", true },
        { TIDAL_STRING, "a", "!", "", true },       { TIDAL_STRING, "", "a!65536 ", "", true },
        { TIDAL_STRING, "a", " . a", "", true },    { TIDAL_STRING, "[", "a,", "]", true },
        { TIDAL_STRING, "a", " _", "", false },     { TIDAL_STRING, "a", "@2", "", false },
        { TIDAL_STRING, "a", "@999999999999999", "", true },
        { TIDAL_STRING, "", "a", "", false },       { TIDAL_STRING, "", " ", "", false },
        { TIDAL_STRING, "", ".", "", true },        { TIDAL_STRING, "a(", "<", "", true },
        { TIDAL_STRING, "a*", "<2 ", "", true },    { TIDAL_STRING, "", "a(3", "", true },
        { TIDAL_STRING, "", "[{-", "", true },      { TIDAL_DOUBLE, "", "1", "", true },
        { TIDAL_DOUBLE, "0.", "1", "", false },     { TIDAL_DOUBLE, "", "-", "1", true },
        { TIDAL_NOTE, "c", "s", "", false },        { TIDAL_NOTE, "c", "'maj", "", true },
        { TIDAL_NOTE, "c'maj'", "i", "", false },   { TIDAL_NOTE, "c'maj'5", "o", "", false },
        { TIDAL_INT, "0 .. ", "9", "", true },      { TIDAL_INT, "", "0 .. 999 ", "", true },
        { TIDAL_BOOL, "", "t", "", true },          { TIDAL_RATIONAL, "1", "%1", "", true },
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
        struct read r;
        read_string(&r, rows[i].atom, text);
        ck_assert_msg((r.diag.n_errors > 0) == rows[i].is_error, "%s: %u errors", rows[i].unit,
                      r.diag.n_errors);
        finish(&r);
        free(text);
    }
}
END_TEST

int main(void)
{
    TCase *const cases = tcase_create("mini");

    tcase_add_test(cases, steps_share_a_cycle_by_weight);
    tcase_add_test(cases, brackets_play_at_once_in_turn_and_at_a_rate);
    tcase_add_test(cases, factors_may_be_patterns);
    tcase_add_test(cases, rhythms_squeeze_their_source_into_steps);
    tcase_add_test(cases, what_a_value_is_hangs_on_the_type);
    tcase_add_test(cases, some_signs_pass_blanks);
    tcase_add_test(cases, ranges_count_up_and_down);
    tcase_add_test(cases, chords_are_stacks_of_notes);
    tcase_add_test(cases, draws_are_counted_where_they_end);
    tcase_add_test(cases, newer_versions_are_followed_where_the_old_one_is_odd);
    tcase_add_test(cases, decimals_are_decimal_fractions);
    tcase_add_test(cases, errors_stand_where_the_string_is_wrong_and_hint);
    tcase_add_test(cases, an_unknown_chord_is_its_root_with_a_warning);
    tcase_add_test(cases, offsets_count_from_the_start_of_the_source);
    tcase_add_test(cases, depth_and_size_are_bounded_whatever_is_repeated);
    return check_run("client/tidal/mini", cases);
}
