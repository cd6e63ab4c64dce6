/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_sets.c - which kernels are found on this processor.                      */
#include "server/dsp/sets.h"
#include "tests/server/dsp/unit_host.h"

START_TEST(the_set_under_test_is_found_by_its_name)
{
    ck_assert_ptr_eq(dsp_set_find(host_kernels->name), host_kernels);
    ck_assert_ptr_null(dsp_set_find("mmx"));
    ck_assert_ptr_null(dsp_set_find(""));
}
END_TEST

/** No set that runs has wider lanes than the best, and none more than wires have room for. */
START_TEST(the_best_set_is_the_widest_that_runs)
{
    const struct dsp_set *const best = dsp_set_best();
    ck_assert_ptr_nonnull(best);
    ck_assert_uint_le(host_kernels->width, best->width);
    ck_assert_uint_le(best->width, DSP_LANES_MAX);
    ck_assert_ptr_nonnull(dsp_set_find("base"));
}
END_TEST

/** A width's library is named after it: a mistake in the build would give two widths one kernel. */
START_TEST(a_set_has_kernels_of_its_own)
{
    const struct dsp_unit *const one = host_kernels->narrow(PH_UNIT_SIN_OSC, 0);
    const struct dsp_unit *const wide = host_kernels->wide(PH_UNIT_SIN_OSC, 0);
    ck_assert_ptr_ne(one, wide);
    ck_assert_uint_eq(one->state_bytes * host_wide(), wide->state_bytes);
    const struct dsp_set *const base = dsp_set_find("base");
    ck_assert(base == host_kernels || base->narrow(PH_UNIT_SIN_OSC, 0) != one);
}
END_TEST

START_TEST(what_is_no_unit_has_no_kernel)
{
    ck_assert_ptr_null(host_kernels->narrow(PH_UNIT_COUNT, 0));
    ck_assert_ptr_null(host_kernels->wide((enum ph_unit)-1, 0));
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("sets");
    tcase_add_test(c, the_set_under_test_is_found_by_its_name);
    tcase_add_test(c, the_best_set_is_the_widest_that_runs);
    tcase_add_test(c, a_set_has_kernels_of_its_own);
    tcase_add_test(c, what_is_no_unit_has_no_kernel);
    return host_run(argc, argv, "sets", c);
}
