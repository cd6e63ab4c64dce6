/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/test_sched.c - commands leave by frame, ties by arrival, none is lost.         */
#include "server/rt/sched.h"
#include "tests/server/rt/engine.h"

enum { N = 500 };
static struct rt_sched_entry entries[N];

static struct link_command command(uint64_t due_frame, uint32_t request_id)
{
    return (struct link_command){ .due_frame = due_frame, .request_id = request_id,
                                  .kind = request_id % 3 ? LINK_NODE_SET : LINK_STEP };
}

START_TEST(commands_leave_by_frame_and_ties_keep_arrival_order)
{
    struct rt_sched s = { .entries = entries, .max = N };
    uint32_t random = 1;
    for (uint32_t i = 0; i < N; i++) {
        random = random * 1664525 + 1013904223;
        const struct link_command c = command(random >> 28, i); /* 16 different frames */
        ck_assert(rt_sched_push(&s, &c));
    }
    struct link_command last = command(0, 0), next;
    for (uint32_t i = 0; i < N; i++) {
        ck_assert(rt_sched_pop_due(&s, 16, &next));
        ck_assert_uint_ge(next.due_frame, last.due_frame);
        if (i > 0 && next.due_frame == last.due_frame)
            ck_assert_uint_gt(next.request_id, last.request_id);
        last = next;
    }
    ck_assert(!rt_sched_pop_due(&s, UINT64_MAX, &next));
}
END_TEST

START_TEST(ties_keep_arrival_order_when_pushes_and_pops_alternate)
{
    struct rt_sched s = { .entries = entries, .max = N };
    struct link_command next;
    uint32_t expected = 0;
    for (uint32_t i = 0; i < N; i++) {
        const struct link_command c = command(7, i);
        ck_assert(rt_sched_push(&s, &c));
        if (i % 3 == 2) {
            ck_assert(rt_sched_pop_due(&s, 8, &next));
            ck_assert_uint_eq(next.request_id, expected++);
        }
    }
    while (rt_sched_pop_due(&s, 8, &next))
        ck_assert_uint_eq(next.request_id, expected++);
    ck_assert_uint_eq(expected, N);
}
END_TEST

START_TEST(only_what_is_due_leaves)
{
    struct rt_sched s = { .entries = entries, .max = N };
    const struct link_command c = command(64, 1);
    struct link_command next;
    ck_assert(rt_sched_push(&s, &c));
    ck_assert(!rt_sched_pop_due(&s, 64, &next)); /* end_frame is exclusive */
    ck_assert(rt_sched_pop_due(&s, 65, &next));
}
END_TEST

START_TEST(full_queue_refuses_and_keeps_what_it_has)
{
    struct rt_sched s = { .entries = entries, .max = 3 };
    struct link_command next;
    for (uint32_t i = 0; i < 3; i++) {
        const struct link_command c = command(10 - i, i);
        ck_assert(rt_sched_push(&s, &c));
    }
    const struct link_command extra = command(1, 99);
    ck_assert(!rt_sched_push(&s, &extra));
    for (uint32_t i = 0; i < 3; i++) {
        ck_assert(rt_sched_pop_due(&s, 100, &next));
        ck_assert_uint_eq(next.request_id, 2 - i);
    }
}
END_TEST

static bool drop_steps(void *n_dropped, const struct link_command *c)
{
    *(uint32_t *)n_dropped += c->kind == LINK_STEP;
    return c->kind == LINK_STEP;
}

/** Pops everything; by frame, ties by number. @return how many */
static uint32_t pop_in_order(struct rt_sched *s)
{
    struct link_command last = command(0, 0), next;
    uint32_t n = 0;
    for (; rt_sched_pop_due(s, 1000, &next); n++) {
        ck_assert_int_eq(next.kind, LINK_NODE_SET);
        ck_assert_uint_ge(next.due_frame, last.due_frame);
        if (next.due_frame == last.due_frame)
            ck_assert_uint_gt(next.request_id, last.request_id);
        last = next;
    }
    return n;
}

START_TEST(dropping_some_keeps_the_others_in_order)
{
    struct rt_sched s = { .entries = entries, .max = N };
    uint32_t n_dropped = 0, random = 5;
    for (uint32_t i = 0; i < 300; i++) {
        random = random * 1664525 + 1013904223;
        const struct link_command c = command(random >> 27, i);
        ck_assert(rt_sched_push(&s, &c));
    }
    rt_sched_drop(&s, drop_steps, &n_dropped);
    ck_assert_uint_eq(n_dropped, 100);
    for (uint32_t i = 200; i < (_i ? N : 200); i++) { /* into the places that became free, too */
        const struct link_command c = command(i % 32, 3 * i + 1);
        ck_assert(rt_sched_push(&s, &c));
    }
    ck_assert_uint_eq(pop_in_order(&s), _i ? N : 200);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("sched");
    tcase_add_test(tests, commands_leave_by_frame_and_ties_keep_arrival_order);
    tcase_add_test(tests, ties_keep_arrival_order_when_pushes_and_pops_alternate);
    tcase_add_test(tests, only_what_is_due_leaves);
    tcase_add_test(tests, full_queue_refuses_and_keeps_what_it_has);
    tcase_add_loop_test(tests, dropping_some_keeps_the_others_in_order, 0, 2);
    return engine_main("rt sched", tests);
}
