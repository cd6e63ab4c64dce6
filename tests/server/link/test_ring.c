/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/link/test_ring.c - the ring alone, and between two threads.                       */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "server/link/ring.h"
#include "tests/support/check_main.h"

struct message {
    uint64_t number, again[3];
};

static struct message message_of(uint64_t number)
{
    return (struct message){ number, { number, number, number } };
}

START_TEST(ring_gives_back_in_order_what_it_took)
{
    struct link_ring r;
    ck_assert_int_eq(link_ring_init(&r, sizeof(struct message), 4), PH_OK);
    for (uint64_t round = 0; round < 10; round++) { /* more than once around */
        for (uint64_t i = 0; i < 3; i++) {
            const struct message m = message_of(10 * round + i);
            ck_assert(link_ring_push(&r, &m));
        }
        ck_assert_uint_eq(link_ring_ready(&r), 3);
        for (uint64_t i = 0; i < 3; i++) {
            struct message m;
            ck_assert(link_ring_pop(&r, &m));
            ck_assert_uint_eq(m.number, 10 * round + i);
        }
    }
    struct message m;
    ck_assert(!link_ring_pop(&r, &m));
    link_ring_finish(&r);
}
END_TEST

START_TEST(full_ring_refuses_and_keeps_what_it_has)
{
    struct link_ring r;
    ck_assert_int_eq(link_ring_init(&r, sizeof(struct message), 5), PH_OK); /* rounded up: 8 */
    for (uint64_t i = 0; i < 8; i++) {
        ck_assert_uint_eq(link_ring_room(&r), 8 - i);
        const struct message m = message_of(i);
        ck_assert(link_ring_push(&r, &m));
    }
    const struct message extra = message_of(99);
    ck_assert(!link_ring_push(&r, &extra));
    for (uint64_t i = 0; i < 8; i++) {
        struct message m;
        ck_assert(link_ring_pop(&r, &m));
        ck_assert_uint_eq(m.number, i);
    }
    ck_assert(link_ring_push(&r, &extra));
    link_ring_finish(&r);
}
END_TEST

START_TEST(staged_messages_are_seen_all_at_once_or_never)
{
    struct link_ring r;
    ck_assert_int_eq(link_ring_init(&r, sizeof(struct message), 4), PH_OK);
    for (uint64_t i = 0; i < 4; i++) {
        const struct message m = message_of(i);
        ck_assert(link_ring_stage(&r, &m));
    }
    const struct message extra = message_of(4);
    ck_assert(!link_ring_stage(&r, &extra));
    ck_assert_uint_eq(link_ring_ready(&r), 0);
    link_ring_unstage(&r);
    link_ring_publish(&r);
    ck_assert_uint_eq(link_ring_ready(&r), 0);
    ck_assert_uint_eq(link_ring_room(&r), 4);
    ck_assert(link_ring_stage(&r, &extra));
    ck_assert(link_ring_stage(&r, &extra));
    link_ring_publish(&r);
    ck_assert_uint_eq(link_ring_ready(&r), 2);
    link_ring_finish(&r);
}
END_TEST

START_TEST(counters_may_wrap)
{
    struct link_ring r;
    ck_assert_int_eq(link_ring_init(&r, sizeof(struct message), 4), PH_OK);
    atomic_store(&r.written, UINT32_MAX - 1);
    atomic_store(&r.read, UINT32_MAX - 1);
    r.seen_read = UINT32_MAX - 1;
    for (uint64_t i = 0; i < 4; i++) {
        const struct message m = message_of(i);
        ck_assert(link_ring_push(&r, &m));
    }
    const struct message extra = message_of(4);
    ck_assert(!link_ring_push(&r, &extra));
    for (uint64_t i = 0; i < 4; i++) {
        struct message m;
        ck_assert(link_ring_pop(&r, &m));
        ck_assert_uint_eq(m.number, i);
    }
    link_ring_finish(&r);
}
END_TEST

START_TEST(finish_accepts_null_and_a_zeroed_ring)
{
    struct link_ring r = { 0 };
    link_ring_finish(NULL);
    link_ring_finish(&r);
}
END_TEST

enum { N_MESSAGES = 200000 };

static void *produce(void *ring)
{
    for (uint64_t i = 0; i < N_MESSAGES;) {
        /* batches of varying size, published at once */
        const uint64_t end = i + 1 + i % 5 < N_MESSAGES ? i + 1 + i % 5 : N_MESSAGES;
        for (; i < end; i++) {
            const struct message m = message_of(i);
            while (!link_ring_stage(ring, &m)) {
                link_ring_publish(ring); /* a batch larger than the ring could never go out whole */
                sched_yield();
            }
        }
        link_ring_publish(ring);
    }
    return NULL;
}

START_TEST(two_threads_lose_and_tear_nothing)
{
    struct link_ring r;
    ck_assert_int_eq(link_ring_init(&r, sizeof(struct message), 16), PH_OK);
    pthread_t producer;
    ck_assert_int_eq(pthread_create(&producer, NULL, produce, &r), 0);
    for (uint64_t i = 0; i < N_MESSAGES;) {
        struct message m;
        if (!link_ring_pop(&r, &m)) {
            sched_yield();
            continue;
        }
        ck_assert_uint_eq(m.number, i);
        ck_assert_uint_eq(m.again[2], i);
        i++;
    }
    pthread_join(producer, NULL);
    ck_assert_uint_eq(link_ring_ready(&r), 0);
    link_ring_finish(&r);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("ring");
    tcase_add_test(tests, ring_gives_back_in_order_what_it_took);
    tcase_add_test(tests, full_ring_refuses_and_keeps_what_it_has);
    tcase_add_test(tests, staged_messages_are_seen_all_at_once_or_never);
    tcase_add_test(tests, counters_may_wrap);
    tcase_add_test(tests, finish_accepts_null_and_a_zeroed_ring);
    tcase_add_test(tests, two_threads_lose_and_tear_nothing);
    return check_run("link ring", tests);
}
