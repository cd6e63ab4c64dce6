/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/protocol/test_ratio.c - exact rationals.                                                 */
#include <math.h>

#include "protocol/ratio.h"
#include "tests/protocol/support.h"

#define ck_ratio(r, n, d)                                                                          \
    do {                                                                                           \
        const struct ph_ratio x_ = (r);                                                            \
        ck_assert_msg(x_.num == (n) && x_.den == (d), #r " is %lld/%lld", (long long)x_.num,       \
                      (long long)x_.den);                                                          \
    } while (0)

START_TEST(results_are_in_lowest_terms_with_positive_denominators)
{
    bool o = false;
    ck_ratio(ph_ratio_make(6, -8, &o), -3, 4);
    ck_ratio(ph_ratio_make(0, -5, &o), 0, 1);
    ck_ratio(ph_ratio_add(PH_RATIO(1, 4), PH_RATIO(1, 4), &o), 1, 2);
    ck_ratio(ph_ratio_add(PH_RATIO(1, 6), PH_RATIO(1, 3), &o), 1, 2);
    ck_ratio(ph_ratio_add(PH_RATIO(1, 6), PH_RATIO(-1, 6), &o), 0, 1);
    ck_ratio(ph_ratio_sub(PH_RATIO(5, 1), PH_RATIO(1, 3), &o), 14, 3);
    ck_ratio(ph_ratio_mul(PH_RATIO(2, 3), PH_RATIO(3, 4), &o), 1, 2);
    ck_ratio(ph_ratio_div(PH_RATIO(1, 2), PH_RATIO(-3, 4), &o), -2, 3);
    ck_assert(!o);
}
END_TEST

START_TEST(division_by_zero_is_an_overflow_and_zero)
{
    bool o = false;
    ck_ratio(ph_ratio_make(5, 0, &o), 0, 1);
    ck_assert(o);
    o = false;
    ck_ratio(ph_ratio_div(PH_RATIO(5, 1), PH_RATIO(0, 1), &o), 0, 1);
    ck_assert(o);
}
END_TEST

START_TEST(what_does_not_fit_is_rounded_and_told)
{
    const struct ph_ratio third = PH_RATIO(1, INT64_C(4052555153018976267)); /* 3^39 */
    bool o = false;
    struct ph_ratio r = ph_ratio_mul(third, PH_RATIO(1, 1000003), &o);
    ck_assert(o);
    ck_assert(fabs(ph_ratio_to_double(r)) <= 0x1p-32);
    o = false;
    r = ph_ratio_add(PH_RATIO(1, INT64_C(4611686018427387847)), PH_RATIO(1, 3), &o);
    ck_assert(o);
    ck_assert_int_eq((INT64_C(1) << 31) % r.den, 0);
    ck_assert(fabs(ph_ratio_to_double(r) - 1.0 / 3) <= 0x1p-32);
}
END_TEST

START_TEST(extremes_saturate_instead_of_wrapping)
{
    bool o = false;
    ck_ratio(ph_ratio_add(ph_ratio_of(INT64_MAX), ph_ratio_of(1), &o), INT64_MAX, 1);
    ck_assert(o);
    o = false;
    ck_ratio(ph_ratio_sub(ph_ratio_of(INT64_MIN), ph_ratio_of(1), &o), INT64_MIN, 1);
    ck_assert(o);
    o = false;
    ck_ratio(ph_ratio_mul(ph_ratio_of(INT64_MIN), ph_ratio_of(INT64_MIN), &o), INT64_MAX, 1);
    ck_assert(o);
    o = false;
    ck_ratio(ph_ratio_sub(ph_ratio_of(0), ph_ratio_of(INT64_MIN), &o), INT64_MAX, 1);
    ck_assert(o);
    o = false;
    ck_ratio(ph_ratio_div(ph_ratio_of(INT64_MIN), ph_ratio_of(-1), &o), INT64_MAX, 1);
    ck_assert(o);
    o = false;
    ck_ratio(ph_ratio_make(INT64_MIN, INT64_MIN, &o), 1, 1);
    ck_ratio(ph_ratio_sub(ph_ratio_of(INT64_MIN), ph_ratio_of(INT64_MIN), &o), 0, 1);
    ck_assert(!o);
}
END_TEST

START_TEST(overflow_is_set_but_never_cleared)
{
    bool o = true;
    ck_ratio(ph_ratio_add(PH_RATIO(1, 2), PH_RATIO(1, 2), &o), 1, 1);
    ck_assert(o);
}
END_TEST

START_TEST(comparison_is_exact)
{
    ck_assert_int_eq(ph_ratio_cmp(PH_RATIO(INT64_MAX, INT64_MAX - 1),
                                  PH_RATIO(INT64_MAX - 1, INT64_MAX - 2)), -1);
    ck_assert_int_eq(ph_ratio_cmp(PH_RATIO(-1, 3), PH_RATIO(-1, 2)), 1);
    ck_assert_int_eq(ph_ratio_cmp(PH_RATIO(2, 4), PH_RATIO(1, 2)), 0);
}
END_TEST

START_TEST(floor_rounds_towards_minus_infinity)
{
    ck_assert_int_eq(ph_ratio_floor(PH_RATIO(-1, 4)), -1);
    ck_assert_int_eq(ph_ratio_floor(PH_RATIO(-8, 4)), -2);
    ck_assert_int_eq(ph_ratio_floor(PH_RATIO(7, 4)), 1);
    ck_assert_int_eq(ph_ratio_ceil(PH_RATIO(-1, 4)), 0);
    ck_assert_int_eq(ph_ratio_ceil(PH_RATIO(7, 4)), 2);
    ck_assert_int_eq(ph_ratio_ceil(PH_RATIO(8, 4)), 2);
}
END_TEST

START_TEST(doubles_become_fractions_of_2_20)
{
    bool o = false;
    ck_ratio(ph_ratio_from_double(0.75, &o), 3, 4);
    ck_ratio(ph_ratio_from_double(-2.5, &o), -5, 2);
    ck_assert_int_eq((1 << 20) % ph_ratio_from_double(0.1, &o).den, 0);
    ck_ratio(ph_ratio_from_double(0x1p60, &o), INT64_C(1) << 60, 1);
    ck_assert(!o);
    ck_ratio(ph_ratio_from_double(NAN, &o), 0, 1);
    ck_assert(o);
    o = false;
    ck_ratio(ph_ratio_from_double(INFINITY, &o), INT64_MAX, 1);
    ck_assert(o);
    ck_ratio(ph_ratio_from_double(-1e30, &o), INT64_MIN, 1);
}
END_TEST

static ph_status parse(const char *text, struct ph_ratio *out)
{
    return ph_ratio_parse(text, strlen(text), out);
}

START_TEST(decimals_are_read_as_decimal_fractions)
{
    struct ph_ratio r;
    ck_assert_int_eq(parse("0.1", &r), PH_OK);
    ck_ratio(r, 1, 10);
    ck_assert_int_eq(parse("-.5", &r), PH_OK);
    ck_ratio(r, -1, 2);
    ck_assert_int_eq(parse("3.", &r), PH_OK);
    ck_ratio(r, 3, 1);
    ck_assert_int_eq(parse("1.25", &r), PH_OK);
    ck_ratio(r, 5, 4);
    ck_assert_int_eq(parse("9223372036854775807", &r), PH_OK);
    ck_ratio(r, INT64_MAX, 1);
    ck_assert_int_eq(parse("0.50000000000000000000000000000000000000000000000000", &r), PH_OK);
    ck_ratio(r, 1, 2);
}
END_TEST

START_TEST(what_is_no_decimal_is_refused)
{
    struct ph_ratio r;
    static const char *const wrong[] = {"", "-", ".", "-.", "1.2.3", "1e5", "a", "1 ", "+1", "--1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_int_eq(parse(wrong[i], &r), PH_MALFORMED);
    char *const digits = malloc(1000001);
    ck_assert_ptr_nonnull(digits);
    memset(digits, '9', 1000000);
    digits[1000000] = 0;
    ck_assert_int_eq(parse(digits, &r), PH_OVERFLOW);
    ck_ratio(r, INT64_MAX, 1);
    digits[0] = '.';
    ck_assert_int_eq(parse(digits, &r), PH_OVERFLOW);
    ck_assert_double_eq_tol(ph_ratio_to_double(r), 1, 0x1p-31);
    free(digits);
}
END_TEST

START_TEST(text_holds_the_extremes)
{
    char text[48];
    ph_ratio_format(PH_RATIO(INT64_MIN, INT64_MAX), text, sizeof text);
    ck_assert_str_eq(text, "-9223372036854775808/9223372036854775807");
}
END_TEST

static struct ph_ratio random_ratio(uint64_t *seed)
{
    bool overflow = false;
    const int32_t num = (int32_t)random_next(seed);

    return ph_ratio_make(num, 1 + (int64_t)(random_next(seed) % 100000), &overflow);
}

START_TEST(random_sums_agree_with_128_bits)
{
    uint64_t seed = 1;
    for (int i = 0; i < 100000; i++) {
        bool o = false;
        const struct ph_ratio a = random_ratio(&seed), b = random_ratio(&seed);
        const struct ph_ratio sum = ph_ratio_add(a, b, &o), back = ph_ratio_sub(sum, b, &o);
        ck_assert(!o);
        ck_assert((__int128)sum.num * a.den * b.den ==
                  ((__int128)a.num * b.den + (__int128)b.num * a.den) * sum.den);
        ck_ratio(back, a.num, a.den);
    }
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("ratio");
    tcase_add_test(t, results_are_in_lowest_terms_with_positive_denominators);
    tcase_add_test(t, division_by_zero_is_an_overflow_and_zero);
    tcase_add_test(t, what_does_not_fit_is_rounded_and_told);
    tcase_add_test(t, extremes_saturate_instead_of_wrapping);
    tcase_add_test(t, overflow_is_set_but_never_cleared);
    tcase_add_test(t, comparison_is_exact);
    tcase_add_test(t, floor_rounds_towards_minus_infinity);
    tcase_add_test(t, doubles_become_fractions_of_2_20);
    tcase_add_test(t, decimals_are_read_as_decimal_fractions);
    tcase_add_test(t, what_is_no_decimal_is_refused);
    tcase_add_test(t, text_holds_the_extremes);
    tcase_add_test(t, random_sums_agree_with_128_bits);
    return check_run("ratio", t);
}
