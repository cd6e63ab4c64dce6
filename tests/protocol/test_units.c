/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/protocol/test_units.c - the unit table as data.                                          */
#include "protocol/units.h"
#include "tests/protocol/support.h"

START_TEST(every_unit_is_found_by_its_name)
{
    for (int i = 0; i < PH_UNIT_COUNT; i++)
        ck_assert_int_eq(ph_unit_find(ph_units[i].name), i);
    ck_assert_int_eq(ph_unit_find("NoSuchUnit"), -1);
    ck_assert_int_eq(ph_unit_find(""), -1);
}
END_TEST

START_TEST(rows_are_counted_without_the_sentinel)
{
    ck_assert_int_eq(ph_units[PH_UNIT_CONTROL].n_inputs, 0);
    ck_assert_int_eq(ph_units[PH_UNIT_WHITE_NOISE].n_inputs, 0);
    ck_assert_int_eq(ph_units[PH_UNIT_SIN_OSC].n_inputs, 2);
    ck_assert_int_eq(ph_units[PH_UNIT_ENV_GEN].n_inputs, 6);
    ck_assert_str_eq(ph_units[PH_UNIT_SIN_OSC].inputs[1].name, "phase");
    ck_assert_int_eq(ph_units[PH_UNIT_SIN_OSC].inputs[0].quantity, PH_HZ);
    ck_assert_float_eq(ph_units[PH_UNIT_SIN_OSC].inputs[0].initial, 440);
}
END_TEST

START_TEST(only_the_last_input_repeats)
{
    for (int i = 0; i < PH_UNIT_COUNT; i++)
        for (int k = 0; k + 1 < ph_units[i].n_inputs; k++)
            ck_assert_int_lt(ph_units[i].inputs[k].quantity, PH_REST_AMP);
}
END_TEST

START_TEST(every_unit_has_a_rate)
{
    for (int i = 0; i < PH_UNIT_COUNT; i++)
        ck_assert_int_ne(ph_units[i].rates, 0);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("units");
    tcase_add_test(t, every_unit_is_found_by_its_name);
    tcase_add_test(t, rows_are_counted_without_the_sentinel);
    tcase_add_test(t, only_the_last_input_repeats);
    tcase_add_test(t, every_unit_has_a_rate);
    return check_run("units", t);
}
