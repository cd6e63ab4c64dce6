/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/pattern/test_tables.c - tables of periodic instructions change nothing but time:  */
/* random code gives the haps of a new evaluator without tables, whatever was asked before.       */
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

/* ---- random code ----------------------------------------------------------------------------- */

enum { INSTRS_MAX = 14, ARGS_MAX = 5 };

static uint32_t draw_number(struct ph_pattern_build *b)
{
    static const struct ph_ratio numbers[] = {
        { 0, 1 }, { 1, 1 }, { 2, 1 }, { 3, 1 }, { 4, 1 }, { 5, 1 }, { 8, 1 }, { 1, 2 }, { 1, 3 },
        { 3, 4 }, { 3, 2 }, { 7, 5 }, { -1, 1 }, { -3, 1 }, { 16, 1 }, { 1, 10 }, { -1, 4 },
        { 70, 1 }, { 5, 2 },
    };
    const uint32_t i = draw(sizeof numbers / sizeof numbers[0]);

    return draw(8) == 0 ? ph_pattern_const_number(b, (double)draw(1000) / 250)
                        : ph_pattern_const_ratio(b, numbers[i]);
}

static uint32_t draw_constant(struct ph_pattern_build *b)
{
    static const char *const words[] = { "bd", "sn:2", "minor", "maj7'i", "x", "f", "up", "" };
    const char *const word = words[draw(sizeof words / sizeof words[0])];

    switch (draw(6)) {
    case 0: return ph_pattern_const_word(b, word, strlen(word));
    case 1: return ph_pattern_const_bool(b, draw(2) == 1);
    case 2: return ph_pattern_const_note(b, 48 + draw(24));
    default: return draw_number(b);
    }
}

/** An immediate that the code's check may or may not like: a number is what most want. */
static uint32_t draw_immediate(struct ph_pattern_build *b, enum ph_pattern_op op)
{
    static const char *const keys[] = { "s", "n", "note", "gain", "speed", "begin", "pan" };
    static const char *const maths[] = { "abs", "floor", "neg", "recip", "sin" };
    const char *word = NULL;
    bool overflow = false;

    if (op == PH_PAT_PURE)
        return draw_constant(b);
    if (op == PH_PAT_PARAM || op == PH_PAT_PARAM_MUL || op == PH_PAT_PARAM_ADD)
        word = keys[draw(sizeof keys / sizeof keys[0])];
    if (op == PH_PAT_MATH)
        word = maths[draw(sizeof maths / sizeof maths[0])];
    if (word)
        return ph_pattern_const_word(b, word, strlen(word));
    if (op == PH_PAT_TIMECAT || op == PH_PAT_POLYMETER)
        return ph_pattern_const_ratio(b, ph_ratio_make(1 + draw(5), 1 + draw(3), &overflow));
    return ph_pattern_const_ratio(b, PH_RATIO(draw(op == PH_PAT_SET ? 2 : 3), 1));
}

static uint32_t draw_pure(struct ph_pattern_build *b)
{
    const uint32_t number = draw_number(b);

    return ph_pattern_emit(b, PH_PAT_PURE, NULL, 0, &number, 1);
}

/** Arguments are drawn from the latest instructions, or are a constant half of the time. */
static uint32_t draw_instr(struct ph_pattern_build *b, enum ph_pattern_op op, const uint32_t *made,
                           uint32_t n_made)
{
    const struct ph_pattern_op_info *const info = &ph_pattern_ops[op];
    uint32_t args[ARGS_MAX], imms[ARGS_MAX];
    const uint32_t n_args = info->n_args < 0 ? 1 + draw(4) : (uint32_t)info->n_args;
    uint32_t n_imms = info->n_imms < 0 ? n_args : (uint32_t)info->n_imms;

    for (uint32_t i = 0; i < n_args; i++)
        args[i] = i + 1 < n_args && draw(2) ? draw_pure(b)
                                            : made[n_made - 1 - draw(n_made < 5 ? n_made : 5)];
    for (uint32_t i = 0; i < n_imms; i++)
        imms[i] = draw_immediate(b, op);
    return ph_pattern_emit(b, op, args, n_args, imms, n_imms);
}

/** @return false when what was drawn is no valid code */
static bool draw_code(uint64_t seed, struct ph_pattern_code *code)
{
    struct ph_pattern_build b = { 0 };
    uint32_t made[INSTRS_MAX];

    state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    const uint32_t n = 3 + draw(INSTRS_MAX - 3);
    for (uint32_t i = 0; i < n; i++)
        made[i] = draw_instr(&b, i < 2 ? PH_PAT_PURE : (enum ph_pattern_op)draw(PH_PAT_COUNT),
                             made, i);
    *code = (struct ph_pattern_code){ 0 };
    if (ph_pattern_build_end(&b, made[n - 1], code) != PH_OK)
        return false;
    code->tidal = draw(2);
    return true;
}

/* ---- haps ------------------------------------------------------------------------------------ */

enum { HAPS_MAX = 3000, TEXT_MAX = 240 };

struct answer {
    bool ok;
    uint32_t n;
    char haps[HAPS_MAX][TEXT_MAX];
};

static void expect_sorted(const struct pat_hap *haps, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        const struct pat_hap *const a = &haps[i - 1], *const b = &haps[i];
        const int by_part = pat_cmp(a->part_begin, b->part_begin);
        ck_assert_int_le(by_part, 0);
        ck_assert(by_part < 0 || pat_cmp(pat_whole_or_part(a).begin,
                                         pat_whole_or_part(b).begin) <= 0);
    }
}

static void ask(struct pat *pat, struct ph_ratio begin, struct ph_ratio end, struct answer *out)
{
    const struct pat_limits limits = { HAPS_MAX, 20000 };
    const struct pat_hap *haps;

    out->ok = pat_query(pat, begin, end, &limits, &haps, &out->n) == PH_OK;
    expect_sorted(haps, out->n);
    for (uint32_t i = 0; i < out->n; i++) {
        const struct pat_hap *const h = &haps[i];
        char value[TEXT_MAX / 2], whole[60] = "~";
        notation_value(h->value, value, sizeof value);
        if (h->has_whole)
            snprintf(whole, sizeof whole, "%lld/%lld-%lld/%lld", (long long)h->whole_begin.num,
                     (long long)h->whole_begin.den, (long long)h->whole_end.num,
                     (long long)h->whole_end.den);
        snprintf(out->haps[i], TEXT_MAX, "%s [%lld/%lld-%lld/%lld] %s", whole,
                 (long long)h->part_begin.num, (long long)h->part_begin.den,
                 (long long)h->part_end.num, (long long)h->part_end.den, value);
    }
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void print_code(const struct ph_pattern_code *code)
{
    struct ph_writer out = { 0 };

    ph_pattern_code_list(code, &out);
    fprintf(stderr, "%.*s", (int)out.size, (const char *)out.data);
    ph_writer_finish(&out);
}

static struct answer with, without;

/** Order counts between haps of different times only. */
static void expect_equal(const struct ph_pattern_code *code, uint64_t seed)
{
    bool equal = with.n == without.n;

    qsort(with.haps, with.n, TEXT_MAX, compare_texts);
    qsort(without.haps, without.n, TEXT_MAX, compare_texts);
    for (uint32_t i = 0; i < with.n && equal; i++)
        equal = strcmp(with.haps[i], without.haps[i]) == 0;
    if (equal)
        return;
    print_code(code);
    for (uint32_t i = 0; i < with.n || i < without.n; i++)
        fprintf(stderr, "%-60s | %s\n", i < with.n ? with.haps[i] : "",
                i < without.n ? without.haps[i] : "");
    ck_abort_msg("code of seed %llu: haps differ", (unsigned long long)seed);
}

static struct ph_ratio draw_time(int64_t low, uint32_t width)
{
    static const int64_t dens[] = { 1, 1, 1, 2, 3, 4, 7, 10, 32 };
    const int64_t den = dens[draw(sizeof dens / sizeof dens[0])];
    bool overflow = false;

    return ph_ratio_make(low * den + draw(width * (uint32_t)den), den, &overflow);
}

static void ask_anew(const struct ph_pattern_code *code, struct ph_ratio begin,
                     struct ph_ratio end, struct answer *out)
{
    struct pat *pat;

    ck_assert_int_eq(pat_new(code, &pat), PH_OK);
    pat->has_no_tables = true;
    ask(pat, begin, end, out);
    pat_free(pat);
}

/** Some queries one after the other, so that tables are partly filled, and read across cycles. */
static uint32_t compare_queries(struct pat *pat, const struct ph_pattern_code *code, uint64_t seed)
{
    uint32_t n_compared = 0;

    for (uint32_t i = 0; i < 4; i++) {
        const bool far = draw(8) == 0;
        const struct ph_ratio begin = draw_time(far ? 1000000007 : -6, 18);
        bool overflow = false;
        const struct ph_ratio length = draw_time(0, 4);
        const struct ph_ratio end = ph_ratio_add(begin, length, &overflow);
        ask(pat, begin, end, &with);
        ask_anew(code, begin, end, &without);
        if (!with.ok || !without.ok)
            continue; /* a table may answer where the evaluation would take too long */
        expect_equal(code, seed);
        n_compared += with.n > 0;
    }
    return n_compared;
}

static uint32_t n_known(const struct pat *pat)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < pat->code->n_instrs; i++)
        for (uint32_t k = 0; pat->nodes[i].cycles && k < pat->nodes[i].period; k++)
            n += pat->nodes[i].cycles[k].state == PAT_CYCLE_KNOWN;
    return n;
}

enum { CODES_PER_RUN = 2000 };

START_TEST(tables_change_nothing)
{
    uint32_t n_compared = 0, n_cycles = 0;

    for (uint64_t k = 0; k < CODES_PER_RUN; k++) {
        const uint64_t seed = 1 + (uint64_t)_i * CODES_PER_RUN + k;
        struct ph_pattern_code code;
        struct pat *pat;
        if (!draw_code(seed, &code))
            continue;
        ck_assert_int_eq(pat_new(&code, &pat), PH_OK);
        n_compared += compare_queries(pat, &code, seed);
        n_cycles += n_known(pat);
        notation_free(pat, &code);
    }
    ck_assert_uint_gt(n_compared, CODES_PER_RUN / 4); /* the codes still play */
    ck_assert_uint_gt(n_cycles, CODES_PER_RUN / 4);
}
END_TEST

/* ---- periods --------------------------------------------------------------------------------- */

static const struct {
    const char *code;
    uint32_t period;
} periods[] = {
    { "(fast 16 bd)", 1 },
    { "[a <b c d> e]", 3 },
    { "<a <b c>>", 4 },
    { "[<a b> <c d e>]", 6 },
    { "(fast 2 <a b>)", 1 },
    { "(fast 3/2 [a b])", 2 },
    { "(slow 4 [a b])", 4 },
    { "(fast <2 3> <a b>)", 2 },
    { "(every 3 0 [a b] (rev <a b>))", 6 },
    { "(every <2 3> 0 [a b] (rev [a b]))", 6 },
    { "(iter 4 [a b c d])", 4 },
    { "(polymeter a b c : 2)", 3 },
    { "(polymeter a b c d : 4)", 1 },
    { "(chunk 4 [a b c d] (fast 2 [a b c d]))", 4 },
    { "(segment 4 (saw))", 1 },
    { "(set (param (fast 4 bd) : s) (param (sine) : pan) : 0)", 1 },
    { "(ply 3/2 [a b])", 2 },
    { "(whenmod 4 2 [a b] (rev [a b]))", 4 },
    { "(whenmod 4 1/2 [a b] (rev [a b]))", 0 },
    { "(whenmod -4 2 [a b] (rev [a b]))", 0 },
    { "(loop_first <a b c>)", 1 },
    { "(segment 4 (rand))", 0 },
    { "(degrade_by 1/2 (fast 8 a) : 0)", 0 },
    { "(slow 65 a)", 0 },
    { "(fast (sine) [a b])", 0 },
    { "(join [1 2] (fast (var : 3) [a b]) : 3 0)", 0 },
    { "(join [1 <2 3>] (ply (var : 3) [a b]) : 3 0)", 0 },
    { "(join [1 <2 3>] (stack a (var : 3)) : 3 0)", 2 },
};

START_TEST(repeats_after_so_many_cycles)
{
    struct ph_pattern_code code = { 0 };
    struct pat *const pat = notation_pat(periods[_i].code, &code);
    const struct pat_node *const root = &pat->nodes[code.n_instrs - 1];

    ck_assert_msg(root->period == periods[_i].period, "%s: %u, not %u", periods[_i].code,
                  root->period, periods[_i].period);
    ck_assert_int_eq(root->tabled, root->period > 0);
    notation_free(pat, &code);
}
END_TEST

START_TEST(slot_of_an_outer_event_is_not_tabled)
{
    struct ph_pattern_code code = { 0 };
    struct pat *const pat = notation_pat("(join [1 2] (add (var : 5) [0 10] : 2) : 5 0)", &code);
    const struct pat_hap *haps;
    uint32_t n;

    for (uint32_t i = 0; i < code.n_instrs; i++)
        if (pat->nodes[i].vars != 0)
            ck_assert(!pat->nodes[i].tabled);
    for (int64_t cycle = 0; cycle < 3; cycle++) {
        ck_assert_int_eq(pat_query(pat, ph_ratio_of(cycle), ph_ratio_of(cycle + 1), NULL, &haps,
                                   &n), PH_OK);
        ck_assert_uint_eq(n, 2);
        ck_assert_double_eq(haps[0].value->plain.number, 1);
        ck_assert_double_eq(haps[1].value->plain.number, 12);
    }
    notation_free(pat, &code);
}
END_TEST

/* Layers of many events, each asked for at many places: what is not there costs nothing to find. */
START_TEST(part_of_a_large_unordered_cycle_is_found)
{
    static const char *const text =
        "(set (param (degrade_by 1/100 (fast 100 (stack (rev [a b c]) d [e f])) : 0) : s)"
        " (param (stack (rev (fast 700 [1 2 3])) (fast 1000 [4 5])) : n) : 0)";
    struct ph_pattern_code code = { 0 };
    struct pat *const pat = notation_pat(text, &code);
    const struct pat_limits limits = { HAPS_MAX, 100000 };
    const struct pat_hap *haps;
    bool overflow = false;

    /* first the tables, for which the limits of ask() are too narrow */
    ck_assert_int_eq(pat_query(pat, ph_ratio_of(0), ph_ratio_of(1), NULL, &haps, &with.n), PH_OK);
    for (int64_t k = 0; k < 40; k++) {
        const struct ph_ratio begin = ph_ratio_make(k, 13, &overflow);
        const struct ph_ratio end = ph_ratio_make(k * 5 + 7, 65, &overflow);
        ask(pat, begin, end, &with);
        ask_anew(&code, begin, end, &without);
        ck_assert(with.ok && without.ok);
        expect_equal(&code, (uint64_t)k);
        ck_assert_uint_gt(with.n, 0);
        ck_assert_int_eq(pat_query(pat, begin, end, &limits, &haps, &with.n), PH_OK);
        ck_assert_uint_lt(limits.n_steps - pat->steps_left, 60 * with.n);
    }
    notation_free(pat, &code);
}
END_TEST

START_TEST(equal_times_keep_the_order_of_the_source)
{
    ck_assert_str_eq(notation_onsets("(stack [~ x] [a ~] [b ~] [c d])", ph_ratio_of(0),
                                     ph_ratio_of(1)), "0 a, 0 b, 0 c, 1/2 x, 1/2 d");
}
END_TEST

/* ---- bounds ---------------------------------------------------------------------------------- */

static size_t table_bytes(const char *text, int64_t n_cycles, uint32_t *n_last)
{
    struct ph_pattern_code code = { 0 };
    struct pat *const pat = notation_pat(text, &code);
    const struct pat_hap *haps;

    for (int64_t c = 0; c < n_cycles; c++)
        ck_assert_int_eq(pat_query(pat, ph_ratio_of(c), ph_ratio_of(c + 1), NULL, &haps, n_last),
                         PH_OK);
    const size_t size = pat->table_arena.used_bytes;
    notation_free(pat, &code);
    return size;
}

START_TEST(tables_of_a_large_pattern_stay_small)
{
    uint32_t n;
    const size_t size = table_bytes("(iter 64 (chop 8 (fast 256 (param <bd sn> : s))))", 64, &n);

    ck_assert_uint_eq(n, 2048); /* what finds no space in a table is played all the same */
    const size_t haps_size = PAT_TABLE_HAPS_MAX * sizeof(struct pat_hap);
    ck_assert_uint_gt(size, haps_size / 2);
    ck_assert_uint_le(size, haps_size + haps_size / 2);
}
END_TEST

START_TEST(tables_do_not_grow_while_a_pattern_plays)
{
    static const char *const text =
        "(set (set (param (degrade_by 1/10 (fast 200 <bd sn>) : 0) : s) (param <1 2 3> : n) : 0)"
        " (param (rand) : pan) : 0)";
    uint32_t n;

    ck_assert_uint_eq(table_bytes(text, 100, &n), table_bytes(text, 1000, &n));
}
END_TEST

/* What is too large to be made within the caller's limits has no table either, for that caller. */
START_TEST(a_table_is_made_within_the_limits_of_the_query)
{
    struct ph_pattern_code code = { 0 };
    struct pat *const pat = notation_pat("(rev (fast 100 bd))", &code);
    const struct pat_limits small = { 99, 1000 };
    const struct pat_hap *haps;
    uint32_t n;

    ck_assert_int_eq(pat_query(pat, ph_ratio_of(0), ph_ratio_of(1), &small, &haps, &n), PH_BUDGET);
    ck_assert_uint_eq(n_known(pat), 0);
    ck_assert_int_eq(pat_query(pat, ph_ratio_of(0), ph_ratio_of(1), NULL, &haps, &n), PH_OK);
    ck_assert_uint_eq(n, 100);
    ck_assert_uint_eq(n_known(pat), 1);
    notation_free(pat, &code);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("all");

    tcase_add_loop_test(t, tables_change_nothing, 0, 8);
    tcase_add_loop_test(t, repeats_after_so_many_cycles, 0, sizeof periods / sizeof periods[0]);
    tcase_add_test(t, slot_of_an_outer_event_is_not_tabled);
    tcase_add_test(t, part_of_a_large_unordered_cycle_is_found);
    tcase_add_test(t, equal_times_keep_the_order_of_the_source);
    tcase_add_test(t, tables_of_a_large_pattern_stay_small);
    tcase_add_test(t, tables_do_not_grow_while_a_pattern_plays);
    tcase_add_test(t, a_table_is_made_within_the_limits_of_the_query);
    return check_run("tables", t);
}
