/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/nrt/test_symbols.c - names as numbers, from two threads at once.                  */
#include <pthread.h>
#include <stdio.h>

#include "tests/server/rt/engine.h"

enum { N = 3000 }; /* more than the table's first size */

START_TEST(equal_names_have_equal_numbers_and_others_differ)
{
    struct nrt_symbols *s = NULL;
    uint32_t numbers[N];
    bool seen[N + 1] = { false };
    char name[32];
    ck_assert_int_eq(nrt_symbols_new(&s), PH_OK);
    ck_assert_uint_eq(nrt_symbol_find(s, "freq"), 0);
    for (uint32_t i = 0; i < N; i++) {
        snprintf(name, sizeof name, "control %u", i);
        numbers[i] = nrt_symbol_intern(s, name);
        ck_assert(numbers[i] > 0 && numbers[i] <= N && !seen[numbers[i]]);
        seen[numbers[i]] = true;
    }
    for (uint32_t i = 0; i < N; i++) {
        snprintf(name, sizeof name, "control %u", i);
        ck_assert_uint_eq(nrt_symbol_intern(s, name), numbers[i]);
        ck_assert_uint_eq(nrt_symbol_find(s, name), numbers[i]);
    }
    ck_assert_uint_eq(nrt_symbol_find(s, "control"), 0);
    nrt_symbols_free(s);
    nrt_symbols_free(NULL);
}
END_TEST

static uint32_t by_thread[2][N];

struct intern_job {
    struct nrt_symbols *symbols;
    uint32_t *numbers;
};

static void *intern_all(void *data)
{
    const struct intern_job *const job = data;
    char name[32];
    for (uint32_t i = 0; i < N; i++) {
        snprintf(name, sizeof name, "%u", i);
        job->numbers[i] = nrt_symbol_intern(job->symbols, name);
    }
    return NULL;
}

START_TEST(two_threads_agree)
{
    struct nrt_symbols *s = NULL;
    ck_assert_int_eq(nrt_symbols_new(&s), PH_OK);
    struct intern_job jobs[2] = { { s, by_thread[0] }, { s, by_thread[1] } };
    pthread_t other;
    ck_assert_int_eq(pthread_create(&other, NULL, intern_all, &jobs[1]), 0);
    intern_all(&jobs[0]);
    pthread_join(other, NULL);
    for (uint32_t i = 0; i < N; i++)
        ck_assert_uint_eq(by_thread[0][i], by_thread[1][i]);
    nrt_symbols_free(s);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("symbols");
    tcase_add_test(tests, equal_names_have_equal_numbers_and_others_differ);
    tcase_add_test(tests, two_threads_agree);
    return engine_main("nrt symbols", tests);
}
