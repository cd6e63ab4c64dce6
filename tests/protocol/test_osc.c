/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/protocol/test_osc.c - the bounded OSC reader, against liblo and against hostile packets. */
#include "protocol/osc.h"

#include <lo/lo.h>
#include <math.h>

#include "protocol/bytes.h"
#include "tests/protocol/support.h"

/* ---- packets by hand ------------------------------------------------------------------------- */

static void put_string(struct ph_writer *w, const char *text)
{
    ph_write_bytes(w, text, strlen(text) + 1);
    while (w->size % 4)
        ph_write_u8(w, 0);
}

static void put_bundle(struct ph_writer *w, uint64_t time)
{
    ph_write_bytes(w, "#bundle", 8);
    ph_write_i64(w, (int64_t)time);
}

/** Checks a packet in a block of its exact size and frees it. */
static ph_status check(struct ph_writer *w)
{
    uint8_t *const copy = exact_copy(w->data, w->size);
    const ph_status status = ph_osc_check(copy, w->size);
    free(copy);
    ph_writer_finish(w);
    return status;
}

/* ---- reading what liblo writes --------------------------------------------------------------- */

static ph_status keep_message(void *context, const struct ph_osc_message *m)
{
    *(struct ph_osc_message *)context = *m;
    return PH_OK;
}

START_TEST(every_type_that_liblo_writes_is_read)
{
    static const uint8_t midi[4] = {1, 2, 3, 4};
    const lo_blob blob = lo_blob_new(5, "hello");
    const lo_message out = lo_message_new();
    lo_timetag time = {7, 9};
    lo_message_add_int32(out, -5);
    lo_message_add_float(out, 1.5f);
    lo_message_add_string(out, "word");
    lo_message_add_blob(out, blob);
    lo_message_add_int64(out, INT64_MIN);
    lo_message_add_double(out, -2.75);
    lo_message_add_timetag(out, time);
    lo_message_add_symbol(out, "sym");
    lo_message_add_char(out, 'x');
    lo_message_add_midi(out, (uint8_t *)midi);
    lo_message_add_true(out);
    lo_message_add_false(out);
    lo_message_add_nil(out);
    lo_message_add_infinitum(out);
    size_t size;
    void *const packet = lo_message_serialise(out, "/all/types", NULL, &size);
    uint8_t *const copy = exact_copy(packet, size);
    struct ph_osc_message m;
    ck_assert_int_eq(ph_osc_check(copy, size), PH_OK);
    ck_assert_int_eq(ph_osc_each(copy, size, keep_message, &m), PH_OK);
    ck_assert_str_eq(m.address, "/all/types");
    ck_assert_int_eq(m.command, -1);
    ck_assert(m.time_ntp == PH_OSC_NOW);
    struct ph_osc_args args = ph_osc_args(&m);
    struct ph_osc_arg a = ph_osc_next(&args);
    ck_assert(a.tag == 'i' && a.i == -5 && a.f == -5.0);
    a = ph_osc_next(&args);
    ck_assert(a.tag == 'f' && a.i == 1 && a.f == 1.5);
    a = ph_osc_next(&args);
    ck_assert_str_eq(a.text, "word");
    a = ph_osc_next(&args);
    ck_assert_uint_eq(a.blob_size, 5);
    ck_assert_mem_eq(a.blob, "hello", 5);
    a = ph_osc_next(&args);
    ck_assert(a.tag == 'h' && a.i == INT64_MIN);
    a = ph_osc_next(&args);
    ck_assert(a.tag == 'd' && a.f == -2.75 && a.i == -2);
    a = ph_osc_next(&args);
    ck_assert(a.tag == 't' && a.i == (INT64_C(7) << 32 | 9));
    a = ph_osc_next(&args);
    ck_assert(a.tag == 'S');
    ck_assert_str_eq(a.text, "sym");
    a = ph_osc_next(&args);
    ck_assert(a.tag == 'c' && a.i == 'x');
    a = ph_osc_next(&args);
    ck_assert(a.tag == 'm' && a.i == 0x01020304);
    a = ph_osc_next(&args);
    ck_assert(a.tag == 'T' && a.i == 1);
    a = ph_osc_next(&args);
    ck_assert(a.tag == 'F' && a.i == 0);
    ck_assert(ph_osc_next(&args).tag == 'N');
    ck_assert(ph_osc_next(&args).tag == 'I');
    ck_assert(ph_osc_next(&args).tag == 0);
    ck_assert(ph_osc_next(&args).tag == 0);
    free(copy);
    free(packet);
    lo_message_free(out);
    lo_blob_free(blob);
}
END_TEST

struct seen {
    int n;
    uint64_t times[8];
    char addresses[8][16];
};

static ph_status note(void *context, const struct ph_osc_message *m)
{
    struct seen *const s = context;
    ck_assert_int_lt(s->n, 8);
    s->times[s->n] = m->time_ntp;
    strcpy(s->addresses[s->n++], m->address);
    return PH_OK;
}

START_TEST(nested_bundles_of_liblo_are_unrolled_in_order_with_their_own_times)
{
    const lo_timetag outer = {100, 1}, inner = {200, 2};
    const lo_bundle b = lo_bundle_new(outer), nested = lo_bundle_new(inner);
    lo_bundle_add_message(b, "/one", lo_message_new());
    lo_bundle_add_message(nested, "/two", lo_message_new());
    lo_bundle_add_bundle(b, nested);
    lo_bundle_add_message(b, "/three", lo_message_new());
    size_t size;
    void *const packet = lo_bundle_serialise(b, NULL, &size);
    struct seen s = {0};
    ck_assert_int_eq(ph_osc_check(packet, size), PH_OK);
    ck_assert_int_eq(ph_osc_each(packet, size, note, &s), PH_OK);
    ck_assert_int_eq(s.n, 3);
    ck_assert_str_eq(s.addresses[0], "/one");
    ck_assert_str_eq(s.addresses[1], "/two");
    ck_assert_str_eq(s.addresses[2], "/three");
    ck_assert(s.times[0] == (UINT64_C(100) << 32 | 1) && s.times[2] == s.times[0]);
    ck_assert(s.times[1] == (UINT64_C(200) << 32 | 2));
    free(packet);
    lo_bundle_free_recursive(b);
}
END_TEST

static ph_status stop(void *context, const struct ph_osc_message *m)
{
    (void)m;
    (*(int *)context)++;
    return PH_FULL;
}

START_TEST(the_walk_stops_at_the_first_failure)
{
    struct ph_writer w = {0};
    put_bundle(&w, 0);
    for (int i = 0; i < 3; i++) {
        ph_write_i32(&w, 4);
        put_string(&w, "/a");
    }
    int n = 0;
    ck_assert_int_eq(ph_osc_check(w.data, w.size), PH_OK);
    ck_assert_int_eq(ph_osc_each(w.data, w.size, stop, &n), PH_FULL);
    ck_assert_int_eq(n, 1);
    ph_writer_finish(&w);
}
END_TEST

/* ---- what sclang sends and liblo refuses ----------------------------------------------------- */

START_TEST(integer_addresses_are_read)
{
    struct ph_writer w = {0};
    ph_write_i32(&w, 9);
    put_string(&w, ",si");
    put_string(&w, "default");
    ph_write_i32(&w, 1000);
    struct ph_osc_message m;
    ck_assert_int_eq(ph_osc_check(w.data, w.size), PH_OK);
    ck_assert_int_eq(ph_osc_each(w.data, w.size, keep_message, &m), PH_OK);
    ck_assert_ptr_null(m.address);
    ck_assert_int_eq(m.command, 9);
    struct ph_osc_args args = ph_osc_args(&m);
    const char *text;
    int32_t id;
    ck_assert(ph_osc_next_text(&args, &text) && ph_osc_next_int(&args, &id));
    ck_assert_str_eq(text, "default");
    ck_assert_int_eq(id, 1000);
    ph_writer_finish(&w);
}
END_TEST

START_TEST(array_tags_are_read)
{
    struct ph_writer w = {0};
    put_string(&w, "/n_set");
    put_string(&w, ",is[ff]");
    ph_write_i32(&w, 1);
    put_string(&w, "freq");
    ph_write_f32(&w, 1);
    ph_write_f32(&w, 2);
    struct ph_osc_message m;
    ck_assert_int_eq(ph_osc_check(w.data, w.size), PH_OK);
    ck_assert_int_eq(ph_osc_each(w.data, w.size, keep_message, &m), PH_OK);
    struct ph_osc_args args = ph_osc_args(&m);
    const char *expected = "is[ff]";
    for (; *expected; expected++)
        ck_assert_int_eq(ph_osc_next(&args).tag, *expected);
    ph_writer_finish(&w);
}
END_TEST

START_TEST(messages_without_tags_pass_only_without_arguments)
{
    struct ph_writer w = {0};
    put_string(&w, "/status");
    ck_assert_int_eq(check(&w), PH_OK);
    put_string(&w, "/status");
    ph_write_i32(&w, 1);
    ck_assert_int_eq(check(&w), PH_MALFORMED);
    ph_write_i32(&w, 2);
    ck_assert_int_eq(check(&w), PH_OK);
}
END_TEST

/* ---- hostile packets ------------------------------------------------------------------------- */

START_TEST(bundle_elements_of_impossible_length_are_refused)
{
    static const int32_t lengths[] = {-1, -4, INT32_MIN, 0, 3, 8, INT32_MAX, INT32_MAX - 3};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct ph_writer w = {0};
        put_bundle(&w, 1);
        ph_write_i32(&w, lengths[i]);
        put_string(&w, "/a"); /* 4 bytes: none of the lengths fits */
        ck_assert_int_ne(check(&w), PH_OK);
    }
}
END_TEST

START_TEST(a_20_byte_packet_is_refused)
{
    struct ph_writer w = {0};
    put_bundle(&w, 1);
    ph_write_i32(&w, 4); /* promises what does not follow */
    ck_assert_uint_eq(w.size, 20);
    ck_assert_int_eq(check(&w), PH_TRUNCATED);
}
END_TEST

START_TEST(strings_must_end_inside_their_element)
{
    struct ph_writer w = {0};
    ph_write_bytes(&w, "/aaa", 4);
    ck_assert_int_eq(check(&w), PH_TRUNCATED);
    put_string(&w, "/a");
    ph_write_bytes(&w, ",sss", 4);
    ck_assert_int_eq(check(&w), PH_TRUNCATED);
    put_string(&w, "/a");
    put_string(&w, ",s");
    ph_write_bytes(&w, "text", 4);
    ck_assert_int_eq(check(&w), PH_TRUNCATED);
    put_bundle(&w, 1); /* the terminator lies in the next element */
    ph_write_i32(&w, 4);
    ph_write_bytes(&w, "/aaa", 4);
    ph_write_i32(&w, 4);
    put_string(&w, "/b");
    ck_assert_int_eq(check(&w), PH_TRUNCATED);
}
END_TEST

START_TEST(bundles_nest_eight_deep_and_no_deeper)
{
    for (int depth = 1; depth <= 2000; depth += depth < 12 ? 1 : 331) {
        struct ph_writer w = {0};
        for (int i = 0; i < depth; i++) {
            put_bundle(&w, 1);
            const int inside = (depth - 1 - i) * 20 + 4;
            ph_write_i32(&w, inside);
        }
        put_string(&w, "/a");
        ck_assert_int_eq(check(&w), depth <= PH_OSC_DEPTH_MAX ? PH_OK : PH_TOO_DEEP);
    }
}
END_TEST

START_TEST(arrays_nest_eight_deep_and_balance)
{
    struct ph_writer w = {0};
    put_string(&w, "/a");
    put_string(&w, ",[[[[[[[[]]]]]]]]");
    ck_assert_int_eq(check(&w), PH_OK);
    put_string(&w, "/a");
    put_string(&w, ",[[[[[[[[[]]]]]]]]]");
    ck_assert_int_eq(check(&w), PH_TOO_DEEP);
    put_string(&w, "/a");
    put_string(&w, ",[");
    ck_assert_int_eq(check(&w), PH_MALFORMED);
    put_string(&w, "/a");
    put_string(&w, ",][");
    ck_assert_int_eq(check(&w), PH_MALFORMED);
}
END_TEST

START_TEST(blobs_of_impossible_size_are_refused)
{
    static const int32_t sizes[] = {-1, INT32_MIN, INT32_MAX, 9, 5};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct ph_writer w = {0};
        put_string(&w, "/a");
        put_string(&w, ",b");
        ph_write_i32(&w, sizes[i]);
        ph_write_i32(&w, 0);
        ck_assert_int_ne(check(&w), PH_OK);
    }
}
END_TEST

START_TEST(unknown_tags_missing_and_surplus_arguments_are_refused)
{
    struct ph_writer w = {0};
    put_string(&w, "/a");
    put_string(&w, ",q");
    ck_assert_int_eq(check(&w), PH_MALFORMED);
    put_string(&w, "/a");
    put_string(&w, ",ii");
    ph_write_i32(&w, 1);
    ck_assert_int_eq(check(&w), PH_TRUNCATED);
    put_string(&w, "/a");
    put_string(&w, ",h");
    ph_write_i32(&w, 1);
    ck_assert_int_eq(check(&w), PH_TRUNCATED);
    put_string(&w, "/a");
    put_string(&w, ",i");
    ph_write_i64(&w, 1);
    ck_assert_int_eq(check(&w), PH_MALFORMED);
}
END_TEST

START_TEST(empty_and_unaligned_packets_are_refused)
{
    ck_assert_int_ne(ph_osc_check("", 0), PH_OK);
    struct ph_writer w = {0};
    ph_write_bytes(&w, "/a\0\0\0", 5);
    ck_assert_int_eq(check(&w), PH_MALFORMED);
    ph_write_bytes(&w, "#bundle", 8);
    ck_assert_int_eq(check(&w), PH_TRUNCATED);
    put_bundle(&w, 5); /* nothing inside */
    ck_assert_int_eq(check(&w), PH_OK);
}
END_TEST

/* ---- everything that passes can be read ------------------------------------------------------ */

static ph_status read_all(void *context, const struct ph_osc_message *m)
{
    struct ph_osc_args args = ph_osc_args(m);
    size_t *const sum = context;
    for (struct ph_osc_arg a; (a = ph_osc_next(&args)).tag;) {
        *sum += (size_t)a.i;
        if (a.text)
            *sum += strlen(a.text);
        for (size_t i = 0; i < a.blob_size; i++)
            *sum += a.blob[i];
    }
    return PH_OK;
}

static struct ph_writer rich_packet(void)
{
    struct ph_writer w = {0}, inner = {0};
    put_string(&inner, "/thing");
    put_string(&inner, ",isfb[hd]tTFNI");
    ph_write_i32(&inner, 1);
    put_string(&inner, "string");
    ph_write_f32(&inner, 2);
    ph_write_i32(&inner, 6);
    ph_write_bytes(&inner, "blobby\0\0", 8);
    ph_write_i64(&inner, 3);
    ph_write_f64(&inner, 4);
    ph_write_i64(&inner, 5);
    put_bundle(&w, 1);
    ph_write_i32(&w, (int32_t)inner.size);
    ph_write_bytes(&w, inner.data, inner.size);
    ph_write_i32(&w, (int32_t)inner.size + 20);
    put_bundle(&w, 77);
    ph_write_i32(&w, (int32_t)inner.size);
    ph_write_bytes(&w, inner.data, inner.size);
    ph_writer_finish(&inner);
    return w;
}

START_TEST(every_truncation_is_refused_or_read_inside_its_bounds)
{
    struct ph_writer w = rich_packet();
    size_t sum = 0;
    ck_assert_int_eq(ph_osc_check(w.data, w.size), PH_OK);
    for (size_t size = 0; size < w.size; size++) {
        uint8_t *const copy = exact_copy(w.data, size);
        if (ph_osc_check(copy, size) == PH_OK)
            ck_assert_int_eq(ph_osc_each(copy, size, read_all, &sum), PH_OK);
        free(copy);
    }
    ph_writer_finish(&w);
}
END_TEST

START_TEST(flipped_bytes_are_refused_or_read_inside_their_bounds)
{
    struct ph_writer w = rich_packet();
    uint64_t seed = 5;
    size_t sum = 0;
    int n_passed = 0;
    for (int i = 0; i < 200000; i++) {
        uint8_t *const copy = exact_copy(w.data, w.size);
        for (uint64_t n = 1 + random_next(&seed) % 4; n > 0; n--)
            copy[random_next(&seed) % w.size] = (uint8_t)random_next(&seed);
        if (ph_osc_check(copy, w.size) == PH_OK) {
            n_passed++;
            ck_assert_int_eq(ph_osc_each(copy, w.size, read_all, &sum), PH_OK);
        }
        free(copy);
    }
    ck_assert_int_gt(n_passed, 1000); /* the flips reach past the first check */
    ph_writer_finish(&w);
}
END_TEST

START_TEST(random_bytes_are_refused_or_read_inside_their_bounds)
{
    uint64_t seed = 6;
    size_t sum = 0;
    for (int i = 0; i < 200000; i++) {
        uint8_t bytes[64];
        const size_t size = random_next(&seed) % sizeof bytes;
        for (size_t k = 0; k < size; k++)
            bytes[k] = random_next(&seed) % 7 ? (uint8_t)"/,if\0s[]b"[random_next(&seed) % 9]
                                              : (uint8_t)random_next(&seed);
        uint8_t *const copy = exact_copy(bytes, size);
        if (ph_osc_check(copy, size) == PH_OK)
            ck_assert_int_eq(ph_osc_each(copy, size, read_all, &sum), PH_OK);
        free(copy);
    }
}
END_TEST

/* ---- typed readers --------------------------------------------------------------------------- */

START_TEST(numbers_are_read_whatever_their_tag_and_clamped)
{
    struct ph_writer w = {0};
    put_string(&w, "/a");
    put_string(&w, ",ffdhTs");
    ph_write_f32(&w, 3.9f);
    ph_write_f32(&w, NAN);
    ph_write_f64(&w, 1e300);
    ph_write_i64(&w, INT64_MIN);
    put_string(&w, "x");
    struct ph_osc_message m;
    ck_assert_int_eq(ph_osc_check(w.data, w.size), PH_OK);
    ck_assert_int_eq(ph_osc_each(w.data, w.size, keep_message, &m), PH_OK);
    struct ph_osc_args args = ph_osc_args(&m);
    int32_t i = 7;
    float f;
    ck_assert(ph_osc_next_int(&args, &i) && i == 3);
    ck_assert(ph_osc_next_int(&args, &i) && i == 0);
    ck_assert(ph_osc_next_int(&args, &i) && i == INT32_MAX);
    ck_assert(ph_osc_next_int(&args, &i) && i == INT32_MIN);
    ck_assert(ph_osc_next_int(&args, &i) && i == 1);
    i = 7;
    ck_assert(!ph_osc_next_int(&args, &i) && i == 7);
    ck_assert(!ph_osc_next_float(&args, &f));
    const char *text;
    ck_assert(ph_osc_next_text(&args, &text)); /* a refused argument is still there */
    ck_assert(!ph_osc_next_text(&args, &text) && !ph_osc_next_int(&args, &i));
    ph_writer_finish(&w);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("osc");
    tcase_add_test(t, every_type_that_liblo_writes_is_read);
    tcase_add_test(t, nested_bundles_of_liblo_are_unrolled_in_order_with_their_own_times);
    tcase_add_test(t, the_walk_stops_at_the_first_failure);
    tcase_add_test(t, integer_addresses_are_read);
    tcase_add_test(t, array_tags_are_read);
    tcase_add_test(t, messages_without_tags_pass_only_without_arguments);
    tcase_add_test(t, bundle_elements_of_impossible_length_are_refused);
    tcase_add_test(t, a_20_byte_packet_is_refused);
    tcase_add_test(t, strings_must_end_inside_their_element);
    tcase_add_test(t, bundles_nest_eight_deep_and_no_deeper);
    tcase_add_test(t, arrays_nest_eight_deep_and_balance);
    tcase_add_test(t, blobs_of_impossible_size_are_refused);
    tcase_add_test(t, unknown_tags_missing_and_surplus_arguments_are_refused);
    tcase_add_test(t, empty_and_unaligned_packets_are_refused);
    tcase_add_test(t, every_truncation_is_refused_or_read_inside_its_bounds);
    tcase_add_test(t, flipped_bytes_are_refused_or_read_inside_their_bounds);
    tcase_add_test(t, random_bytes_are_refused_or_read_inside_their_bounds);
    tcase_add_test(t, numbers_are_read_whatever_their_tag_and_clamped);
    return check_run("osc", t);
}
