/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/protocol/test_pattern_code.c - compiled patterns: build, encode, decode, validate.       */
#include "protocol/pattern_code.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/protocol/support.h"

/** fast 2 (timecat [1/3: "bd", 2: a chord]) in every form of constant. */
static void build_rich(struct ph_pattern_code *out)
{
    static const float notes[] = {0, 4, 7};
    struct ph_pattern_build b = {0};
    uint32_t k[9];
    k[0] = ph_pattern_const_word(&b, "bd", 2);
    k[1] = ph_pattern_const_chord(&b, notes, 3, true);
    k[2] = ph_pattern_const_ratio(&b, PH_RATIO(1, 3));
    k[3] = ph_pattern_const_ratio(&b, PH_RATIO(2, 1));
    k[4] = ph_pattern_const_number(&b, -0.25);
    k[5] = ph_pattern_const_note(&b, 61);
    k[6] = ph_pattern_const_bool(&b, true);
    k[7] = ph_pattern_const_word(&b, "", 0);
    k[8] = ph_pattern_const_int(&b, -7);
    b.code.tidal = true;
    b.code.once = true;
    uint32_t p[7];
    p[0] = ph_pattern_emit(&b, PH_PAT_PURE, NULL, 0, &k[0], 1);
    p[1] = ph_pattern_emit(&b, PH_PAT_PURE, NULL, 0, &k[1], 1);
    p[2] = ph_pattern_emit(&b, PH_PAT_PURE, NULL, 0, &k[4], 1);
    p[3] = ph_pattern_emit(&b, PH_PAT_PURE, NULL, 0, &k[5], 1);
    p[4] = ph_pattern_emit(&b, PH_PAT_PURE, NULL, 0, &k[6], 1);
    p[5] = ph_pattern_emit(&b, PH_PAT_PURE, NULL, 0, &k[7], 1);
    p[6] = ph_pattern_emit(&b, PH_PAT_PURE, NULL, 0, &k[8], 1);
    const uint32_t weights[] = {k[2], k[3]};
    const uint32_t cat = ph_pattern_emit(&b, PH_PAT_TIMECAT, p, 2, weights, 2);
    const uint32_t fast_args[] = {p[2], cat};
    const uint32_t fast = ph_pattern_emit(&b, PH_PAT_FAST, fast_args, 2, NULL, 0);
    const uint32_t all[] = {fast, p[3], p[4], p[5], fast, p[6]};
    const uint32_t root = ph_pattern_emit(&b, PH_PAT_STACK, all, 6, NULL, 0);
    ck_assert_int_eq(ph_pattern_build_end(&b, root, out), PH_OK);
}

static char *listed(const struct ph_pattern_code *code)
{
    struct ph_writer w = {0};
    ph_pattern_code_list(code, &w);
    ph_write_u8(&w, 0);
    return (char *)w.data;
}

START_TEST(the_list_shows_one_instruction_a_line)
{
    struct ph_pattern_code code;
    build_rich(&code);
    char *const text = listed(&code);
    ck_assert_str_eq(text, "%0 = pure \"bd\"\n"
                           "%1 = pure chord+:0,4,7\n"
                           "%2 = pure -0.25\n"
                           "%3 = pure note:61\n"
                           "%4 = pure true\n"
                           "%5 = pure \"\"\n"
                           "%6 = pure int:-7\n"
                           "%7 = timecat 1/3 2 %0 %1\n"
                           "%8 = fast %2 %7\n"
                           "%9 = stack %8 %3 %4 %5 %8 %6\n");
    free(text);
    ph_pattern_code_finish(&code);
}
END_TEST

START_TEST(what_is_encoded_is_decoded)
{
    struct ph_pattern_code code, back;
    struct ph_writer w = {0}, again = {0};
    build_rich(&code);
    ck_assert_int_eq(ph_pattern_code_encode(&code, &w), PH_OK);
    uint8_t *const copy = exact_copy(w.data, w.size);
    ck_assert_int_eq(ph_pattern_code_decode(copy, w.size, &back), PH_OK);
    free(copy);
    char *const before = listed(&code), *const after = listed(&back);
    ck_assert_str_eq(before, after);
    ck_assert(back.tidal);
    ck_assert(back.once);
    ck_assert_int_eq(ph_pattern_code_encode(&back, &again), PH_OK);
    ck_assert_uint_eq(again.size, w.size);
    ck_assert_mem_eq(again.data, w.data, w.size);
    free(before);
    free(after);
    ph_writer_finish(&w);
    ph_writer_finish(&again);
    ph_pattern_code_finish(&code);
    ph_pattern_code_finish(&back);
}
END_TEST

START_TEST(what_the_result_does_not_reach_is_dropped)
{
    struct ph_pattern_build b = {0};
    struct ph_pattern_code code;
    const uint32_t unused = ph_pattern_const_number(&b, 1), used = ph_pattern_const_number(&b, 2);
    ph_pattern_emit(&b, PH_PAT_PURE, NULL, 0, &unused, 1);
    const uint32_t p = ph_pattern_emit(&b, PH_PAT_PURE, NULL, 0, &used, 1);
    ph_pattern_emit(&b, PH_PAT_REV, &p, 1, NULL, 0);
    const uint32_t root = ph_pattern_emit(&b, PH_PAT_BRAK, &p, 1, NULL, 0);
    ph_pattern_emit(&b, PH_PAT_REV, &root, 1, NULL, 0);
    ck_assert_int_eq(ph_pattern_build_end(&b, root, &code), PH_OK);
    char *const text = listed(&code);
    ck_assert_str_eq(text, "%0 = pure 2\n%1 = brak %0\n");
    ck_assert_uint_eq(code.n_consts, 1);
    free(text);
    ph_pattern_code_finish(&code);
}
END_TEST

START_TEST(words_stay_whole_while_the_text_grows)
{
    struct ph_pattern_build b = {0};
    struct ph_pattern_code code;
    uint32_t patterns[1000];
    for (int i = 0; i < 1000; i++) {
        char word[32];
        const int length = snprintf(word, sizeof word, "word%d", i);
        const uint32_t k = ph_pattern_const_word(&b, word, (size_t)length);
        patterns[i] = ph_pattern_emit(&b, PH_PAT_PURE, NULL, 0, &k, 1);
    }
    const uint32_t root = ph_pattern_emit(&b, PH_PAT_STACK, patterns, 1000, NULL, 0);
    ck_assert_int_eq(ph_pattern_build_end(&b, root, &code), PH_OK);
    ck_assert_str_eq(code.consts[0].text, "word0");
    ck_assert_str_eq(code.consts[999].text, "word999");
    ph_pattern_code_finish(&code);
}
END_TEST

/* ---- refusals -------------------------------------------------------------------------------- */

static ph_status end_with(enum ph_pattern_op op, uint32_t n_args, struct ph_value immediate,
                          uint32_t n_imms)
{
    struct ph_pattern_build b = {0};
    struct ph_pattern_code code;
    const uint32_t number = ph_pattern_const_number(&b, 1);
    uint32_t args[6], imms[6];
    for (uint32_t i = 0; i < 6; i++)
        args[i] = ph_pattern_emit(&b, PH_PAT_PURE, NULL, 0, &number, 1);
    const uint32_t k = immediate.kind == PH_VALUE_WORD
                           ? ph_pattern_const_word(&b, immediate.text, strlen(immediate.text))
                       : immediate.kind == PH_VALUE_RATIO
                           ? ph_pattern_const_ratio(&b, immediate.ratio)
                           : ph_pattern_const_number(&b, immediate.number);
    for (uint32_t i = 0; i < 6; i++)
        imms[i] = k;
    const uint32_t root = ph_pattern_emit(&b, op, args, n_args, imms, n_imms);
    const ph_status status = ph_pattern_build_end(&b, root, &code);
    ph_pattern_code_finish(&code);
    return status;
}

/** A word where an operation wants one, else a number that all accept. */
static struct ph_value fitting(enum ph_pattern_op op)
{
    switch (op) {
    case PH_PAT_PARAM:
    case PH_PAT_PARAM_MUL:
    case PH_PAT_PARAM_ADD:
        return (struct ph_value){.kind = PH_VALUE_WORD, .text = "w"};
    case PH_PAT_MATH:
        return (struct ph_value){.kind = PH_VALUE_WORD, .text = "abs"};
    case PH_PAT_GROOVE:
        return (struct ph_value){.kind = PH_VALUE_RATIO, .ratio = {1, 2}};
    default:
        return (struct ph_value){.kind = PH_VALUE_RATIO, .ratio = {1, 1}};
    }
}

START_TEST(every_operation_is_held_to_its_arity)
{
    const struct ph_value ratio = {.kind = PH_VALUE_RATIO, .ratio = {1, 1}};
    const struct ph_value word = {.kind = PH_VALUE_WORD, .text = "w"};
    for (int op = 0; op < PH_PAT_COUNT; op++) {
        const struct ph_pattern_op_info *const info = &ph_pattern_ops[op];
        const bool is_choice = op == PH_PAT_SWITCH || op == PH_PAT_WPICK;
        const bool counts = info->n_imms != -2 || is_choice;
        const uint32_t n = info->n_args < 0 ? 3 : (uint32_t)info->n_args;
        const uint32_t n_imms = info->n_imms < 0 ? n : (uint32_t)info->n_imms;
        const struct ph_value v = fitting((enum ph_pattern_op)op);
        ck_assert_msg(end_with((enum ph_pattern_op)op, n, v, n_imms) == PH_OK, "%s", info->name);
        ck_assert_int_eq(end_with((enum ph_pattern_op)op, n, v, n_imms + 1),
                         counts ? PH_BAD_CODE : PH_OK);
        if (info->n_args >= 0)
            ck_assert_int_eq(end_with((enum ph_pattern_op)op, n + 1, v, n_imms), PH_BAD_CODE);
        else
            ck_assert_int_eq(end_with((enum ph_pattern_op)op, 0, v, info->n_imms < 0 ? 0 : n_imms),
                             PH_BAD_CODE);
        if (n_imms > 0 && op != PH_PAT_PURE && op != PH_PAT_FIT)
            ck_assert_int_eq(end_with((enum ph_pattern_op)op, n,
                                      v.kind == PH_VALUE_WORD && op != PH_PAT_MATH ? ratio : word,
                                      n_imms),
                             PH_BAD_CODE);
    }
}
END_TEST

START_TEST(slots_and_kinds_of_joins_are_held_to_their_range)
{
    const struct ph_value slot = {.kind = PH_VALUE_RATIO, .ratio = {PH_PATTERN_VARS_MAX - 1, 1}};
    const struct ph_value no_slot = {.kind = PH_VALUE_RATIO, .ratio = {PH_PATTERN_VARS_MAX, 1}};
    const struct ph_value kind = {.kind = PH_VALUE_RATIO, .ratio = {PH_JOIN_COUNT - 1, 1}};
    const struct ph_value no_kind = {.kind = PH_VALUE_RATIO, .ratio = {PH_JOIN_COUNT, 1}};
    const struct ph_value below = {.kind = PH_VALUE_RATIO, .ratio = {-1, 1}};
    const struct ph_value fraction = {.kind = PH_VALUE_RATIO, .ratio = {1, 2}};
    ck_assert_int_eq(end_with(PH_PAT_VAR, 0, slot, 1), PH_OK);
    ck_assert_int_eq(end_with(PH_PAT_VAR, 0, no_slot, 1), PH_BAD_CODE);
    ck_assert_int_eq(end_with(PH_PAT_VAR, 0, below, 1), PH_BAD_CODE);
    ck_assert_int_eq(end_with(PH_PAT_VAR, 0, fraction, 1), PH_BAD_CODE);
    ck_assert_int_eq(end_with(PH_PAT_JOIN, 2, kind, 2), PH_OK);
    ck_assert_int_eq(end_with(PH_PAT_JOIN, 2, no_kind, 2), PH_BAD_CODE);
    ck_assert_int_eq(end_with(PH_PAT_PICK, 3, kind, 1), PH_OK);
    ck_assert_int_eq(end_with(PH_PAT_PICK, 3, no_kind, 1), PH_BAD_CODE);
    ck_assert_int_eq(end_with(PH_PAT_SWITCH, 1, no_kind, 1), PH_BAD_CODE);
    ck_assert_int_eq(end_with(PH_PAT_WPICK, 1, no_kind, 1), PH_BAD_CODE);
}
END_TEST

START_TEST(numbers_that_break_arithmetic_are_refused)
{
    const struct ph_value nan = {.kind = PH_VALUE_NUMBER, .number = NAN};
    const struct ph_value no_denominator = {.kind = PH_VALUE_RATIO, .ratio = {1, 0}};
    const struct ph_value negative = {.kind = PH_VALUE_RATIO, .ratio = {1, -2}};
    const struct ph_value not_lowest = {.kind = PH_VALUE_RATIO, .ratio = {2, 4}};
    const struct ph_value zero = {.kind = PH_VALUE_RATIO, .ratio = {0, 1}};
    const struct ph_value four = {.kind = PH_VALUE_RATIO, .ratio = {4, 1}};
    ck_assert_int_eq(end_with(PH_PAT_PURE, 0, nan, 1), PH_BAD_CODE);
    ck_assert_int_eq(end_with(PH_PAT_PURE, 0, no_denominator, 1), PH_BAD_CODE);
    ck_assert_int_eq(end_with(PH_PAT_PURE, 0, negative, 1), PH_BAD_CODE);
    ck_assert_int_eq(end_with(PH_PAT_PURE, 0, not_lowest, 1), PH_BAD_CODE);
    ck_assert_int_eq(end_with(PH_PAT_PURE, 0, zero, 1), PH_OK);
    ck_assert_int_eq(end_with(PH_PAT_POLYMETER, 2, zero, 1), PH_BAD_CODE);
    ck_assert_int_eq(end_with(PH_PAT_TIMECAT, 1, zero, 1), PH_BAD_CODE);
    ck_assert_int_eq(end_with(PH_PAT_ADD, 2, four, 1), PH_BAD_CODE);
}
END_TEST

START_TEST(arguments_must_be_earlier_instructions)
{
    struct ph_pattern_code code;
    build_rich(&code);
    for (uint32_t i = 0; i < code.n_instrs; i++)
        for (uint32_t k = 0; k < code.instrs[i].n_args; k++) {
            char error[128] = "";
            uint32_t *const arg = &code.args[code.instrs[i].first_arg + k];
            const uint32_t before = *arg;
            *arg = i;
            ck_assert_int_eq(ph_pattern_code_validate(&code, error), PH_BAD_CODE);
            ck_assert_str_ne(error, "");
            *arg = UINT32_MAX;
            ck_assert_int_eq(ph_pattern_code_validate(&code, NULL), PH_BAD_CODE);
            *arg = before;
        }
    code.instrs[7].first_arg = UINT32_MAX; /* first + n would wrap */
    ck_assert_int_eq(ph_pattern_code_validate(&code, NULL), PH_BAD_CODE);
    ph_pattern_code_finish(&code);
}
END_TEST

static ph_status chain(uint32_t depth)
{
    struct ph_pattern_build b = {0};
    struct ph_pattern_code code;
    uint32_t p = ph_pattern_emit(&b, PH_PAT_SILENCE, NULL, 0, NULL, 0);
    for (uint32_t i = 1; i < depth; i++)
        p = ph_pattern_emit(&b, PH_PAT_REV, &p, 1, NULL, 0);
    const ph_status status = ph_pattern_build_end(&b, p, &code);
    ph_pattern_code_finish(&code);
    return status;
}

START_TEST(chains_of_arguments_have_a_limit)
{
    ck_assert_int_eq(chain(PH_PATTERN_DEPTH_MAX), PH_OK);
    ck_assert_int_eq(chain(PH_PATTERN_DEPTH_MAX + 1), PH_TOO_DEEP);
    ck_assert_int_eq(chain(PH_PATTERN_INSTRS_MAX + 1), PH_TOO_LARGE);
}
END_TEST

START_TEST(empty_and_broken_builds_are_refused)
{
    struct ph_pattern_build b = {0};
    struct ph_pattern_code code;
    ck_assert_int_eq(ph_pattern_build_end(&b, 0, &code), PH_BAD_CODE);
    ck_assert_int_eq(ph_pattern_code_validate(&code, NULL), PH_BAD_CODE);
    const uint32_t no_such_constant = 5;
    const uint32_t p = ph_pattern_emit(&b, PH_PAT_PURE, NULL, 0, &no_such_constant, 1);
    ck_assert_int_eq(ph_pattern_build_end(&b, p, &code), PH_BAD_CODE);
    char *const text = calloc(1, PH_PATTERN_TEXT_MAX + 1);
    ph_pattern_const_word(&b, text, PH_PATTERN_TEXT_MAX + 1);
    ck_assert(b.failed);
    ck_assert_int_ne(ph_pattern_build_end(&b, 0, &code), PH_OK);
    free(text);
    ph_pattern_code_finish(NULL);
}
END_TEST

/* ---- hostile bytes --------------------------------------------------------------------------- */

START_TEST(every_truncation_is_refused)
{
    struct ph_pattern_code code, back;
    struct ph_writer w = {0};
    build_rich(&code);
    ck_assert_int_eq(ph_pattern_code_encode(&code, &w), PH_OK);
    for (size_t size = 0; size < w.size; size++) {
        uint8_t *const copy = exact_copy(w.data, size);
        ck_assert_int_ne(ph_pattern_code_decode(copy, size, &back), PH_OK);
        ck_assert_ptr_null(back.instrs);
        free(copy);
    }
    ph_write_u8(&w, 0); /* and so is a byte too many */
    ck_assert_int_ne(ph_pattern_code_decode(w.data, w.size, &back), PH_OK);
    ph_writer_finish(&w);
    ph_pattern_code_finish(&code);
}
END_TEST

START_TEST(huge_counts_are_refused_before_memory_is_asked_for)
{
    static const int32_t counts[] = {-1, INT32_MIN, INT32_MAX, 65536, 1 << 20, 1 << 24};
    for (size_t which = 0; which < 3; which++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            struct ph_pattern_code back;
            struct ph_writer w = {0};
            ph_write_bytes(&w, "PhPc", 4);
            ph_write_i32(&w, 2);
            ph_write_i32(&w, 0);
            for (size_t i = 0; i < 3; i++)
                ph_write_i32(&w, i == which ? counts[c] : 0);
            ck_assert_int_ne(ph_pattern_code_decode(w.data, w.size, &back), PH_OK);
            ph_writer_finish(&w);
        }
}
END_TEST

START_TEST(flipped_bytes_are_refused_or_give_valid_code)
{
    struct ph_pattern_code code;
    struct ph_writer w = {0};
    uint64_t seed = 8;
    int n_passed = 0;
    build_rich(&code);
    ck_assert_int_eq(ph_pattern_code_encode(&code, &w), PH_OK);
    for (int i = 0; i < 200000; i++) {
        struct ph_pattern_code back;
        uint8_t *const copy = exact_copy(w.data, w.size);
        for (uint64_t k = 1 + random_next(&seed) % 4; k > 0; k--)
            copy[random_next(&seed) % w.size] = (uint8_t)random_next(&seed);
        if (ph_pattern_code_decode(copy, w.size, &back) == PH_OK) {
            n_passed++;
            free(listed(&back));
        }
        ph_pattern_code_finish(&back);
        free(copy);
    }
    ck_assert_int_gt(n_passed, 1000);
    ph_writer_finish(&w);
    ph_pattern_code_finish(&code);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("pattern_code");
    tcase_add_test(t, the_list_shows_one_instruction_a_line);
    tcase_add_test(t, what_is_encoded_is_decoded);
    tcase_add_test(t, what_the_result_does_not_reach_is_dropped);
    tcase_add_test(t, words_stay_whole_while_the_text_grows);
    tcase_add_test(t, every_operation_is_held_to_its_arity);
    tcase_add_test(t, slots_and_kinds_of_joins_are_held_to_their_range);
    tcase_add_test(t, numbers_that_break_arithmetic_are_refused);
    tcase_add_test(t, arguments_must_be_earlier_instructions);
    tcase_add_test(t, chains_of_arguments_have_a_limit);
    tcase_add_test(t, empty_and_broken_builds_are_refused);
    tcase_add_test(t, every_truncation_is_refused);
    tcase_add_test(t, huge_counts_are_refused_before_memory_is_asked_for);
    tcase_add_test(t, flipped_bytes_are_refused_or_give_valid_code);
    return check_run("pattern_code", t);
}
