/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/link/test_snapshot.c - the sequence lock: no reader ever sees half a status.      */
#include <pthread.h>
#include <stdlib.h>

#include "server/link/snapshot.h"
#include "tests/support/check_main.h"

START_TEST(reader_sees_what_was_written_last)
{
    struct link_snapshot s;
    struct link_status status;
    link_snapshot_init(&s);
    link_snapshot_read(&s, &status);
    ck_assert_uint_eq(status.frame, 0);
    for (uint64_t i = 1; i < 4; i++) {
        const struct link_status in = { .frame = i, .sched_fill = (float)i, .n_late = i };
        link_snapshot_write(&s, &in);
        link_snapshot_read(&s, &status);
        ck_assert_uint_eq(status.frame, i);
        ck_assert_uint_eq(status.n_late, i);
        ck_assert(status.sched_fill == (float)i);
    }
}
END_TEST

enum { N_WRITES = 100000 };

static void *write_many(void *snapshot)
{
    for (uint64_t i = 1; i <= N_WRITES; i++) {
        const struct link_status in = { .frame = i, .n_units = i, .n_withdrawn = i, .revision = i };
        link_snapshot_write(snapshot, &in);
    }
    return NULL;
}

START_TEST(reader_never_sees_half_of_a_status)
{
    static struct link_snapshot s;
    struct link_status status = { 0 };
    pthread_t writer;
    uint64_t last = 0;
    link_snapshot_init(&s);
    ck_assert_int_eq(pthread_create(&writer, NULL, write_many, &s), 0);
    while (status.frame < N_WRITES) {
        link_snapshot_read(&s, &status);
        ck_assert_uint_ge(status.frame, last);
        ck_assert_uint_eq(status.n_units, status.frame);
        ck_assert_uint_eq(status.revision, status.frame);
        ck_assert_uint_eq(status.n_withdrawn, status.frame);
        last = status.frame;
    }
    pthread_join(writer, NULL);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("snapshot");
    tcase_add_test(tests, reader_sees_what_was_written_last);
    tcase_add_test(tests, reader_never_sees_half_of_a_status);
    return check_run("link snapshot", tests);
}
