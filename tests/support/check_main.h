/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/support/check_main.h - runs the one test case of a test program.                         */
#ifndef TESTS_SUPPORT_CHECK_MAIN_H
#define TESTS_SUPPORT_CHECK_MAIN_H

#include <check.h>
#include <stdlib.h>

/*
 * Check notes every assertion that holds by a system call, so that it can name the last one before
 * a crash. Tests that assert of each sample would do little else: these note none.
 */
#undef ck_assert_msg
#define ck_assert_msg(expr, ...)                                                                   \
    ((expr) ? (void)0                                                                              \
            : _ck_assert_failed(__FILE__, __LINE__, "Assertion '" #expr "' failed", ##__VA_ARGS__))

/** Fails with a text of its own. */
#define REQUIRE(condition, ...)                                                                    \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg(__VA_ARGS__);                                                             \
    } while (0)

/** Runs a test case and returns the exit status of main(). */
static inline int check_run(const char *name, TCase *tests)
{
    Suite *const suite = suite_create(name);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    SRunner *const runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
