/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/test_functions.c - the table of built-in names.                                   */
#include <string.h>

#include "client/functions.h"
#include "tests/support/check_main.h"

static const struct function *find(const char *name)
{
    return function_find(name, strlen(name));
}

START_TEST(table_is_sorted_and_has_no_name_twice)
{
    for (uint32_t i = 1; i < n_functions; i++) {
        const char *const a = function_table[i - 1].name, *const b = function_table[i].name;
        ck_assert_msg(function_compare(a, strlen(a), b, strlen(b)) < 0, "%s before %s", a, b);
    }
}
END_TEST

START_TEST(every_name_finds_its_own_row_and_its_canonical_name)
{
    for (uint32_t i = 0; i < n_functions; i++) {
        const struct function *const f = &function_table[i];
        ck_assert_ptr_eq(find(f->name), f);
        const struct function *const canonical = find(f->canonical);
        ck_assert_msg(canonical != NULL, "%s has no row", f->canonical);
        ck_assert_str_eq(canonical->canonical, canonical->name);
    }
}
END_TEST

START_TEST(transforms_and_only_they_have_argument_counts)
{
    for (uint32_t i = 0; i < n_functions; i++) {
        const struct function *const f = &function_table[i];
        ck_assert_msg((f->counts != 0) == ((f->classes & FUNCTION_TRANSFORM) != 0), "%s", f->name);
        if (f->flags & FUNCTION_TAKES_TRANSFORM)
            ck_assert_msg(function_most_arguments(f) > 0, "%s", f->name);
    }
}
END_TEST

START_TEST(case_and_underscores_do_not_matter)
{
    ck_assert_ptr_eq(find("degrade_by"), find("degradeBy"));
    ck_assert_ptr_eq(find("degradeby"), find("degradeBy"));
    ck_assert_ptr_eq(find("PINK_noise"), find("pink_noise"));
    ck_assert_ptr_ne(find("every'"), find("every"));
    ck_assert_ptr_null(find("degradeByy"));
    ck_assert_ptr_null(find(""));
    ck_assert_ptr_null(find("_"));
}
END_TEST

START_TEST(a_setting_is_no_link_of_a_chain)
{
    ck_assert(!function_is_chainable(find("tempo")));
    ck_assert(!function_is_chainable(find("panic")));
    ck_assert(function_is_chainable(find("nudge"))); /* a modifier as well */
    ck_assert(function_is_chainable(find("lpf")));
    ck_assert(!function_is_chainable(NULL));
}
END_TEST

START_TEST(names_of_several_meanings_keep_them_all)
{
    static const struct {
        const char *name;
        uint32_t classes;
    } rows[] = {
        {"pan", FUNCTION_EFFECT | FUNCTION_MODIFIER},
        {"struct", FUNCTION_TRANSFORM | FUNCTION_ENVELOPE},
        {"range", FUNCTION_TRANSFORM | FUNCTION_UTILITY},
        {"loop", FUNCTION_TRANSFORM | FUNCTION_MODIFIER},
        {"compress", FUNCTION_TRANSFORM | FUNCTION_EFFECT},
        {"vowel", FUNCTION_FILTER | FUNCTION_MODIFIER},
        {"adsr", FUNCTION_MODIFIER | FUNCTION_ENVELOPE},
        {"wedge", FUNCTION_CONTROL | FUNCTION_COMBINATOR},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_uint_eq(find(rows[i].name)->classes, rows[i].classes);
}
END_TEST

START_TEST(nearest_name_is_a_built_in)
{
    ck_assert_str_eq(function_nearest("lfp"), "lpf");
    ck_assert_str_eq(function_nearest("revreb"), "reverb");
    ck_assert_ptr_null(function_nearest("zzzzzzz"));
}
END_TEST

int main(void)
{
    TCase *const cases = tcase_create("functions");

    tcase_add_test(cases, table_is_sorted_and_has_no_name_twice);
    tcase_add_test(cases, every_name_finds_its_own_row_and_its_canonical_name);
    tcase_add_test(cases, transforms_and_only_they_have_argument_counts);
    tcase_add_test(cases, case_and_underscores_do_not_matter);
    tcase_add_test(cases, a_setting_is_no_link_of_a_chain);
    tcase_add_test(cases, names_of_several_meanings_keep_them_all);
    tcase_add_test(cases, nearest_name_is_a_built_in);
    return check_run("client/functions", cases);
}
