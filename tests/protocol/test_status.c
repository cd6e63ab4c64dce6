/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/protocol/test_status.c - every status has a text.                                        */
#include "protocol/status.h"
#include "tests/protocol/support.h"

START_TEST(every_status_has_a_text_of_its_own)
{
    for (int i = 0; i < PH_STATUS_COUNT; i++) {
        ck_assert_str_ne(ph_status_text((ph_status)i), "");
        for (int k = 0; k < i; k++)
            ck_assert_str_ne(ph_status_text((ph_status)i), ph_status_text((ph_status)k));
    }
}
END_TEST

START_TEST(values_outside_the_list_have_a_text_too)
{
    ck_assert_ptr_nonnull(ph_status_text((ph_status)-1));
    ck_assert_ptr_nonnull(ph_status_text(PH_STATUS_COUNT));
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("status");
    tcase_add_test(t, every_status_has_a_text_of_its_own);
    tcase_add_test(t, values_outside_the_list_have_a_text_too);
    return check_run("status", t);
}
