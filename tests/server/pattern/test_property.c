/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/pattern/test_property.c - what holds for every code, tried on random ones.        */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/pattern/eval.h"
#include "tests/server/pattern/notation.h"
#include "tests/support/check_main.h"

/* xorshift64*: the sequence is the same on every machine, so a failing number can be run again. */
static uint64_t state;

static uint32_t draw(uint32_t n)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * UINT64_C(2685821657736338717)) >> 33) % n;
}

enum { INSTRS_MAX = 14 };

static uint32_t draw_number(struct ph_pattern_build *b)
{
    static const struct ph_ratio numbers[] = {
        { 0, 1 }, { 1, 1 }, { 2, 1 }, { 3, 1 }, { 4, 1 }, { 5, 1 }, { 8, 1 }, { 1, 2 }, { 1, 3 },
        { 3, 4 }, { 3, 2 }, { 7, 5 }, { -1, 1 }, { -3, 1 }, { 16, 1 }, { 1, 10 }, { -1, 4 },
        { 300, 1 },
    };
    const uint32_t i = draw(sizeof numbers / sizeof numbers[0]);

    return draw(8) == 0 ? ph_pattern_const_number(b, (double)draw(1000) / 250)
                        : ph_pattern_const_ratio(b, numbers[i]);
}

static uint32_t draw_word(struct ph_pattern_build *b)
{
    static const char *const words[] = { "bd", "sn:2", "minor", "maj7'i", "x", "f", "begin", "" };
    const char *const word = words[draw(sizeof words / sizeof words[0])];

    return ph_pattern_const_word(b, word, strlen(word));
}

static uint32_t draw_math(struct ph_pattern_build *b)
{
    const char *const name = ph_math_names[draw(PH_MATH_COUNT)];

    return ph_pattern_const_word(b, name, strlen(name));
}

static uint32_t draw_constant(struct ph_pattern_build *b)
{
    switch (draw(7)) {
    case 0: return draw_word(b);
    case 1: return ph_pattern_const_bool(b, draw(2) == 1);
    case 2: return ph_pattern_const_note(b, 48 + draw(24));
    case 3: return ph_pattern_const_int(b, (int64_t)draw(12) - 4);
    default: return draw_number(b);
    }
}

static uint32_t draw_whole(struct ph_pattern_build *b, uint32_t end)
{
    return ph_pattern_const_ratio(b, PH_RATIO(draw(end), 1));
}

static uint32_t draw_immediate(struct ph_pattern_build *b, enum ph_pattern_op op, uint32_t k)
{
    static const char *const keys[] = { "s", "n", "note", "gain", "speed", "begin", "pan" };
    const char *const key = keys[draw(sizeof keys / sizeof keys[0])];
    bool overflow = false;

    switch (op) {
    case PH_PAT_PURE:
        return draw_constant(b);
    case PH_PAT_PARAM: case PH_PAT_PARAM_MUL: case PH_PAT_PARAM_ADD:
        return ph_pattern_const_word(b, key, strlen(key));
    case PH_PAT_TIMECAT: case PH_PAT_POLYMETER:
        return ph_pattern_const_ratio(b, ph_ratio_make(1 + draw(5), 1 + draw(3), &overflow));
    case PH_PAT_SET: case PH_PAT_VAR: case PH_PAT_MATCH:
        return draw_whole(b, 2);
    case PH_PAT_JOIN: /* few slots, so that some of what is joined reads them */
        return draw_whole(b, k == 0 ? 2 : PH_JOIN_COUNT);
    case PH_PAT_PICK:
        return draw_whole(b, PH_JOIN_COUNT);
    case PH_PAT_SWITCH: case PH_PAT_WPICK:
        return k == 0 ? draw_whole(b, PH_JOIN_COUNT) : draw_number(b);
    case PH_PAT_FIT: case PH_PAT_TO_SCALE:
        return draw_number(b);
    case PH_PAT_MARKOV:
        return k == 0 ? ph_pattern_const_ratio(b, PH_RATIO(1 + draw(2), 1)) : draw_number(b);
    case PH_PAT_GROOVE:
        return ph_pattern_const_ratio(b, ph_ratio_make((int64_t)draw(15) - 7, 8, &overflow));
    case PH_PAT_MATH:
        return draw_math(b);
    default:
        return draw_whole(b, 3);
    }
}

/** Arguments are drawn from the latest instructions, or are a constant half of the time. */
static uint32_t draw_instr(struct ph_pattern_build *b, enum ph_pattern_op op, const uint32_t *made,
                           uint32_t n_made)
{
    uint32_t args[4], imms[4], n_args, n_imms;

    n_args = ph_pattern_ops[op].n_args < 0 ? 1 + draw(4) : (uint32_t)ph_pattern_ops[op].n_args;
    n_imms = ph_pattern_ops[op].n_imms < 0 ? n_args : (uint32_t)ph_pattern_ops[op].n_imms;
    if (op == PH_PAT_FIT || op == PH_PAT_TO_SCALE || op == PH_PAT_MARKOV || op == PH_PAT_GROOVE)
        n_imms = draw(4) + (op == PH_PAT_MARKOV);
    if (op == PH_PAT_VOICES) /* at least a root and a name */
        n_args = 2 + draw(3);
    for (uint32_t i = 0; i < n_args; i++) {
        if (i + 1 < n_args && draw(2)) {
            const uint32_t number = draw_number(b);
            args[i] = ph_pattern_emit(b, PH_PAT_PURE, NULL, 0, &number, 1);
        } else {
            args[i] = made[n_made - 1 - draw(n_made < 5 ? n_made : 5)];
        }
    }
    for (uint32_t i = 0; i < n_imms; i++)
        imms[i] = draw_immediate(b, op, i);
    return ph_pattern_emit(b, op, args, n_args, imms, n_imms);
}

/** Changes that undo each other, laid around a random code. */
enum identity { UNCHANGED, REV_REV, FAST_SLOW, EARLY_LATE };

static uint32_t wrap(struct ph_pattern_build *b, enum identity identity, uint32_t p)
{
    static const struct {
        enum ph_pattern_op inner, outer;
    } pairs[] = { [REV_REV] = { PH_PAT_REV, PH_PAT_REV },
                  [FAST_SLOW] = { PH_PAT_SLOW, PH_PAT_FAST },
                  [EARLY_LATE] = { PH_PAT_LATE, PH_PAT_EARLY } };

    if (identity == UNCHANGED)
        return p;
    if (identity == REV_REV) {
        p = ph_pattern_emit(b, PH_PAT_REV, &p, 1, NULL, 0);
        return ph_pattern_emit(b, PH_PAT_REV, &p, 1, NULL, 0);
    }
    bool overflow = false;
    const uint32_t by =
        ph_pattern_const_ratio(b, ph_ratio_make(1 + draw(7), 1 + draw(5), &overflow));
    const uint32_t x = ph_pattern_emit(b, PH_PAT_PURE, NULL, 0, &by, 1);
    p = ph_pattern_emit(b, pairs[identity].inner, (uint32_t[]){ x, p }, 2, NULL, 0);
    return ph_pattern_emit(b, pairs[identity].outer, (uint32_t[]){ x, p }, 2, NULL, 0);
}

static void draw_code_within(uint64_t seed, enum identity identity, struct ph_pattern_code *code)
{
    struct ph_pattern_build b = { 0 };
    uint32_t made[INSTRS_MAX];

    state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    b.code.tidal = draw(2) == 1;
    const uint32_t n = 3 + draw(INSTRS_MAX - 3);
    for (uint32_t i = 0; i < n; i++) {
        enum ph_pattern_op op = (enum ph_pattern_op)draw(PH_PAT_COUNT);
        if (i < 2)
            op = PH_PAT_PURE;
        made[i] = draw_instr(&b, op, made, i);
    }
    ck_assert_int_eq(ph_pattern_build_end(&b, wrap(&b, identity, made[n - 1]), code), PH_OK);
}

static void draw_code(uint64_t seed, struct ph_pattern_code *code)
{
    draw_code_within(seed, UNCHANGED, code);
}

/* ---- onsets ---------------------------------------------------------------------------------- */

enum { ONSETS_MAX = 4000, VALUE_MAX = 200 };

struct onsets {
    uint32_t n;
    char text[ONSETS_MAX][VALUE_MAX];
};

static int compare_onsets(const void *a, const void *b)
{
    return strcmp(a, b);
}

/** Appends the onsets of a span. @return false when the query failed */
static bool collect(struct pat *pat, struct ph_ratio begin, struct ph_ratio end, struct onsets *out)
{
    const struct pat_limits limits = { 3000, 20000 };
    const struct pat_hap *haps;
    uint32_t n;

    if (pat_query(pat, begin, end, &limits, &haps, &n) != PH_OK)
        return false;
    for (uint32_t i = 0; i < n && out->n < ONSETS_MAX; i++) {
        char value[VALUE_MAX / 2];
        if (!pat_has_onset(&haps[i]))
            continue;
        notation_value(haps[i].value, value, sizeof value);
        snprintf(out->text[out->n++], VALUE_MAX, "%lld/%lld-%lld/%lld %s",
                 (long long)haps[i].whole_begin.num, (long long)haps[i].whole_begin.den,
                 (long long)haps[i].whole_end.num, (long long)haps[i].whole_end.den, value);
    }
    return true;
}

static void sort_onsets(struct onsets *onsets)
{
    qsort(onsets->text, onsets->n, VALUE_MAX, compare_onsets);
}

static void print_code(const struct ph_pattern_code *code)
{
    struct ph_writer out = { 0 };

    ph_pattern_code_list(code, &out);
    fputs(code->tidal ? "TidalCycles' dialect\n" : "", stderr);
    fprintf(stderr, "%.*s", (int)out.size, (const char *)out.data);
    ph_writer_finish(&out);
}

static void expect_equal(const struct onsets *a, const struct onsets *b, uint64_t seed,
                         const struct ph_pattern_code *code)
{
    bool equal = a->n == b->n;

    for (uint32_t i = 0; i < a->n && equal; i++)
        equal = strcmp(a->text[i], b->text[i]) == 0;
    if (equal)
        return;
    print_code(code);
    for (uint32_t i = 0; i < a->n || i < b->n; i++)
        fprintf(stderr, "%-60s %s\n", i < a->n ? a->text[i] : "", i < b->n ? b->text[i] : "");
    ck_abort_msg("code of seed %llu: onsets differ", (unsigned long long)seed);
}

/**
 * Whether TidalCycles' own rules make a code's onsets hang on the query: by signals that are read
 * over what is asked for, by chords that are what a query gives, or by its begin.
 */
static bool hangs_on_the_query(const struct ph_pattern_code *code)
{
    bool signals = false, asks = code->tidal;

    for (uint32_t i = 0; i < code->n_instrs; i++)
        switch (code->instrs[i].op) {
        case PH_PAT_SMOOTH: case PH_PAT_ARP: case PH_PAT_ROLLED: case PH_PAT_MONO:
            return true;
        case PH_PAT_WHENMOD: case PH_PAT_ZOOM: case PH_PAT_LINGER: case PH_PAT_INSIDE_CYCLE:
            if (code->tidal)
                return true;
            break;
        case PH_PAT_RAND: case PH_PAT_IRAND: case PH_PAT_PERLIN: case PH_PAT_SINE:
        case PH_PAT_COSINE: case PH_PAT_SAW: case PH_PAT_ISAW: case PH_PAT_TRI: case PH_PAT_SQUARE:
        case PH_PAT_TIME:
            signals = true;
            break;
        case PH_PAT_JOIN: case PH_PAT_SWITCH: case PH_PAT_WPICK: case PH_PAT_DEGRADE_USING:
        case PH_PAT_PERLIN2_WITH:
            asks = true;
            break;
        default:
            break;
        }
    return signals && asks;
}

static struct onsets whole, pieces;

/* GUARANTEES: results don't depend on the query window. */
START_TEST(onsets_do_not_depend_on_how_time_is_cut)
{
    uint32_t n_compared = 0;

    for (uint64_t seed = 1; seed <= 12000; seed++) {
        struct ph_pattern_code code = { 0 };
        struct pat *pat;
        draw_code(seed, &code);
        ck_assert_int_eq(pat_new(&code, &pat), PH_OK);
        const struct ph_ratio begin = PH_RATIO((int64_t)draw(40) - 12, 1 + draw(9));
        const struct ph_ratio first = PH_RATIO(1 + draw(20), 1 + draw(12));
        const struct ph_ratio second = PH_RATIO(1 + draw(20), 1 + draw(12));
        bool overflow = false;
        const struct ph_ratio from = ph_ratio_make(begin.num, begin.den, &overflow);
        const struct ph_ratio middle =
            ph_ratio_add(from, ph_ratio_make(first.num, first.den, &overflow), &overflow);
        const struct ph_ratio to =
            ph_ratio_add(middle, ph_ratio_make(second.num, second.den, &overflow), &overflow);
        whole.n = pieces.n = 0;
        if (!hangs_on_the_query(&code) && collect(pat, from, middle, &pieces) &&
            collect(pat, middle, to, &pieces) && collect(pat, from, to, &whole)) {
            sort_onsets(&whole);
            sort_onsets(&pieces);
            expect_equal(&whole, &pieces, seed, &code);
            n_compared += whole.n > 0;
        }
        notation_free(pat, &code);
    }
    ck_assert_uint_gt(n_compared, 3000); /* the generator still makes codes that play */
}
END_TEST

/* rev . rev, fast n . slow n, early t . late t */
START_TEST(what_undoes_itself_changes_nothing)
{
    uint32_t n_compared = 0;

    for (uint64_t seed = 1; seed <= 6000; seed++) {
        struct ph_pattern_code plain = { 0 }, wrapped = { 0 };
        struct pat *one, *two;
        draw_code(seed + 500000, &plain);
        draw_code_within(seed + 500000, (enum identity)_i, &wrapped);
        ck_assert_int_eq(pat_new(&plain, &one), PH_OK);
        ck_assert_int_eq(pat_new(&wrapped, &two), PH_OK);
        whole.n = pieces.n = 0;
        bool asked = !hangs_on_the_query(&plain);
        for (int64_t c = -2; c < 4 && asked; c++)
            asked = collect(one, ph_ratio_of(c), ph_ratio_of(c + 1), &whole) &&
                    collect(two, ph_ratio_of(c), ph_ratio_of(c + 1), &pieces);
        if (asked && whole.n < ONSETS_MAX && pieces.n < ONSETS_MAX) {
            sort_onsets(&whole);
            sort_onsets(&pieces);
            expect_equal(&whole, &pieces, seed, &wrapped);
            n_compared += whole.n > 0;
        }
        notation_free(one, &plain);
        notation_free(two, &wrapped);
    }
    ck_assert_uint_gt(n_compared, 1000);
}
END_TEST

/* Under the sanitizers this is the test that nothing leaves its memory or its integers. */
START_TEST(any_valid_code_is_answered)
{
    const struct pat_limits limits = { 500, 2000 };

    for (uint64_t seed = 1; seed <= 100000; seed++) {
        struct ph_pattern_code code = { 0 };
        struct pat *pat;
        const struct pat_hap *haps;
        uint32_t n;
        draw_code(seed + 1000000, &code);
        ck_assert_int_eq(pat_new(&code, &pat), PH_OK);
        const struct ph_ratio begin = PH_RATIO((int64_t)draw(2000) - 1000, 1);
        const ph_status status =
            pat_query(pat, begin, ph_ratio_of(begin.num + 1), &limits, &haps, &n);
        ck_assert(status == PH_OK || status == PH_BUDGET || status == PH_OVERFLOW);
        for (uint32_t i = 0; i < n; i++) {
            const struct pat_hap *const h = &haps[i];
            ck_assert(pat_cmp(h->part_begin, h->part_end) < 0);
            ck_assert_ptr_nonnull(h->value);
            if (code.tidal) /* leaves fragments beside their wholes, and zooms out of the query */
                continue;
            ck_assert(pat_cmp(h->part_begin, begin) >= 0);
            ck_assert(!h->has_whole || pat_cmp(h->whole_begin, h->part_begin) <= 0);
            ck_assert(!h->has_whole || pat_cmp(h->whole_end, h->part_end) >= 0);
        }
        notation_free(pat, &code);
    }
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("all");

    tcase_add_test(t, onsets_do_not_depend_on_how_time_is_cut);
    tcase_add_loop_test(t, what_undoes_itself_changes_nothing, REV_REV, EARLY_LATE + 1);
    tcase_add_test(t, any_valid_code_is_answered);
    return check_run("property", t);
}
