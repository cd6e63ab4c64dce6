/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/protocol/test_bytes.c - bounded reader, growing writer, hash.                            */
#include "protocol/bytes.h"
#include "tests/protocol/support.h"

START_TEST(what_is_written_is_read_back)
{
    struct ph_writer w = {0};
    ph_write_u8(&w, 200);
    ph_write_i16(&w, -2);
    ph_write_i32(&w, INT32_MIN);
    ph_write_i64(&w, INT64_MIN + 1);
    ph_write_f32(&w, -0.1f);
    ph_write_f64(&w, 1e300);
    ph_write_bytes(&w, "abc", 3);
    struct ph_reader r = ph_reader_of(w.data, w.size);
    ck_assert_uint_eq(ph_read_u8(&r), 200);
    ck_assert_int_eq(ph_read_i16(&r), -2);
    ck_assert_int_eq(ph_read_i32(&r), INT32_MIN);
    ck_assert(ph_read_i64(&r) == INT64_MIN + 1);
    ck_assert_float_eq(ph_read_f32(&r), -0.1f);
    ck_assert_double_eq(ph_read_f64(&r), 1e300);
    ck_assert_mem_eq(ph_read_bytes(&r, 3), "abc", 3);
    ck_assert_uint_eq(ph_reader_left(&r), 0);
    ck_assert(!r.failed && !w.failed);
    ph_writer_finish(&w);
}
END_TEST

START_TEST(numbers_are_big_endian)
{
    struct ph_writer w = {0};
    ph_write_i32(&w, 0x01020304);
    ck_assert_mem_eq(w.data, "\1\2\3\4", 4);
    ph_writer_finish(&w);
}
END_TEST

START_TEST(a_read_past_the_end_fails_for_good_and_moves_nothing)
{
    uint8_t *const data = exact_copy("\1\2\3", 3);
    struct ph_reader r = ph_reader_of(data, 3);
    ck_assert_int_eq(ph_read_i16(&r), 0x0102);
    ck_assert_int_eq(ph_read_i32(&r), 0);
    ck_assert(r.failed);
    ck_assert_uint_eq(ph_reader_left(&r), 1);
    ck_assert_uint_eq(ph_read_u8(&r), 0); /* would fit, but the reader has failed */
    ck_assert_ptr_null(ph_read_bytes(&r, SIZE_MAX));
    free(data);
}
END_TEST

START_TEST(an_empty_reader_reads_nothing)
{
    struct ph_reader r = ph_reader_of(NULL, 0);
    ck_assert_ptr_nonnull(ph_read_bytes(&r, 0));
    ck_assert(!r.failed);
    ck_assert_ptr_null(ph_read_bytes(&r, 1));
}
END_TEST

START_TEST(a_writer_grows_and_ends)
{
    struct ph_writer w = {0};
    for (int i = 0; i < 100000; i++)
        ph_write_u8(&w, (uint8_t)i);
    ck_assert_uint_eq(w.size, 100000);
    ck_assert_uint_eq(w.data[99999], 99999 & 255);
    ph_writer_finish(&w);
    ck_assert_ptr_null(w.data);
    ph_writer_finish(&w);
    ph_writer_finish(NULL);
}
END_TEST

START_TEST(hash_is_fnv_1a)
{
    /* test values of the authors: "" and "a" */
    ck_assert(ph_hash(PH_HASH_START, "", 0) == PH_HASH_START);
    ck_assert(ph_hash_text(PH_HASH_START, "a") == UINT64_C(0xaf63dc4c8601ec8c));
    ck_assert(ph_hash_text(PH_HASH_START, "foobar") == UINT64_C(0x85944171f73967e8));
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("bytes");
    tcase_add_test(t, what_is_written_is_read_back);
    tcase_add_test(t, numbers_are_big_endian);
    tcase_add_test(t, a_read_past_the_end_fails_for_good_and_moves_nothing);
    tcase_add_test(t, an_empty_reader_reads_nothing);
    tcase_add_test(t, a_writer_grows_and_ends);
    tcase_add_test(t, hash_is_fnv_1a);
    return check_run("bytes", t);
}
