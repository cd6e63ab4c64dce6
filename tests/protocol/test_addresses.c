/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/protocol/test_addresses.c - look-up of addresses.                                        */
#include "protocol/addresses.h"
#include "tests/protocol/support.h"

START_TEST(every_address_is_found_with_and_without_slash)
{
    for (int i = 0; i < PH_ADDR_COUNT; i++) {
        ck_assert_int_eq(ph_address_find(ph_addresses[i].address, -1), i);
        ck_assert_int_eq(ph_address_find(ph_addresses[i].address + 1, -1), i);
    }
}
END_TEST

START_TEST(numbers_find_the_addresses_that_have_one)
{
    for (int i = 0; i < PH_ADDR_COUNT; i++)
        if (ph_addresses[i].number >= 0)
            ck_assert_int_eq(ph_address_find(NULL, ph_addresses[i].number), i);
    ck_assert_int_eq(ph_address_find(NULL, 9), PH_ADDR_S_NEW);
    ck_assert_int_eq(ph_address_find(NULL, -1), -1);
    ck_assert_int_eq(ph_address_find(NULL, 1000000), -1);
}
END_TEST

START_TEST(patterns_and_strangers_are_not_found)
{
    ck_assert_int_eq(ph_address_find("/*", -1), -1);
    ck_assert_int_eq(ph_address_find("/s_ne?", -1), -1);
    ck_assert_int_eq(ph_address_find("//s_new", -1), -1);
    ck_assert_int_eq(ph_address_find("/", -1), -1);
    ck_assert_int_eq(ph_address_find("/s_newer", -1), -1);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("addresses");
    tcase_add_test(t, every_address_is_found_with_and_without_slash);
    tcase_add_test(t, numbers_find_the_addresses_that_have_one);
    tcase_add_test(t, patterns_and_strangers_are_not_found);
    return check_run("addresses", t);
}
