/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/test_table.c - ids to nodes, through many additions and removals.              */
#include "server/rt/table.h"
#include "tests/server/rt/engine.h"

enum { PLACES = 256, N_MOST = PLACES / 4 * 3 };

START_TEST(ids_are_found_after_any_order_of_additions_and_removals)
{
    static struct rt_node *places[PLACES];
    static struct rt_node nodes[400];
    static bool present[400];
    struct rt_table t = { .places = places, .mask = PLACES - 1 };
    uint32_t random = 3;
    for (uint32_t i = 0; i < 400; i++)
        nodes[i].id = (int32_t)i * 1000 - 100000;
    for (uint32_t step = 0; step < 20000; step++) {
        random = random * 1664525 + 1013904223;
        const uint32_t i = (random >> 8) % 400;
        if (present[i]) {
            rt_table_remove(&t, &nodes[i]);
            present[i] = false;
        } else {
            const bool room = t.n < N_MOST;
            ck_assert_int_eq(rt_table_add(&t, &nodes[i]), room);
            present[i] = room;
        }
        const uint32_t look = (random >> 16) % 400;
        ck_assert_ptr_eq(rt_table_find(&t, nodes[look].id), present[look] ? &nodes[look] : NULL);
    }
    for (uint32_t i = 0; i < 400; i++)
        ck_assert_ptr_eq(rt_table_find(&t, nodes[i].id), present[i] ? &nodes[i] : NULL);
}
END_TEST

START_TEST(taken_ids_and_anonymous_nodes_are_refused)
{
    static struct rt_node *places[PLACES];
    struct rt_node a = { .id = 5 }, b = { .id = 5 }, none = { .id = -1 };
    struct rt_table t = { .places = places, .mask = PLACES - 1 };
    ck_assert(rt_table_add(&t, &a));
    ck_assert(!rt_table_add(&t, &b));
    ck_assert(!rt_table_add(&t, &none));
    rt_table_remove(&t, &b); /* stands nowhere: `a` stays */
    ck_assert_ptr_eq(rt_table_find(&t, 5), &a);
    ck_assert_uint_eq(t.n, 1);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("table");
    tcase_add_test(tests, ids_are_found_after_any_order_of_additions_and_removals);
    tcase_add_test(tests, taken_ids_and_anonymous_nodes_are_refused);
    return engine_main("rt table", tests);
}
