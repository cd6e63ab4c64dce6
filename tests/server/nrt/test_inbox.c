/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/nrt/test_inbox.c - programs, hush and panic that come faster than they can be     */
/* served.                                                                                        */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "protocol/program.h"
#include "tests/server/nrt/door.h"

enum {
    RING = 64,
    FADE_BLOCKS = 9, /* 12 ms: hush fades for 10 ms, the limiter looks 1 ms ahead */
    SETTLE_BLOCKS = 40
};

/**
 * A program that writes a constant 1/4, at `tempo` cycles per second: to the main bus, or as the
 * output `output`.
 */
static struct ph_writer program_of(int32_t request, int64_t tempo, const char *output)
{
    static const uint8_t no_keys[4 * 8];
    struct ph_writer def = door_def("dc"), w = { 0 };
    const lo_timetag now = { 0, 1 };
    const lo_bundle bundle = lo_bundle_new(now);
    const lo_blob def_blob = lo_blob_new((int32_t)def.size, def.data);
    const lo_blob keys_blob = lo_blob_new(sizeof no_keys, no_keys);
    const lo_message begin = lo_message_new(), cps = lo_message_new(),
                     def_record = lo_message_new(), synth = lo_message_new(),
                     commit = lo_message_new();
    lo_message_add(begin, "ish", request, "m.ph", (int64_t)request);
    lo_message_add(cps, "hh", tempo, INT64_C(1));
    lo_message_add(def_record, "sh", "dc", INT64_C(1));
    lo_message_add_blob(def_record, def_blob);
    lo_message_add_blob(def_record, keys_blob);
    lo_message_add(synth, "ssss", "out", "dc", "out", output ? "~x" : PH_BUS_MAIN);
    lo_message_add(commit, "i", request);
    lo_bundle_add_message(bundle, "/phonon/begin", begin);
    lo_bundle_add_message(bundle, "/phonon/tempo", cps);
    lo_bundle_add_message(bundle, "/phonon/def", def_record);
    if (output) {
        const lo_message bus = lo_message_new(), out = lo_message_new();
        lo_message_add(bus, "si", "~x", 1);
        lo_message_add(out, "ssii", output, "~x", 0, PH_OUTPUT_AS_IT_IS);
        lo_bundle_add_message(bundle, "/phonon/bus", bus);
        lo_bundle_add_message(bundle, "/phonon/output", out);
    }
    lo_bundle_add_message(bundle, "/phonon/synth", synth);
    lo_bundle_add_message(bundle, "/phonon/commit", commit);
    size_t size;
    void *const packet = lo_bundle_serialise(bundle, NULL, &size);
    ph_write_bytes(&w, packet, size);
    free(packet);
    lo_bundle_free_recursive(bundle);
    lo_blob_free(def_blob);
    lo_blob_free(keys_blob);
    ph_writer_finish(&def);
    return w;
}

static struct ph_writer program(int32_t request, int64_t tempo)
{
    return program_of(request, tempo, NULL);
}

/** Sends without giving the server its turn. */
static void post(struct door *d, struct ph_writer packet)
{
    ck_assert_int_eq(send(d->client, packet.data, packet.size, 0), (ssize_t)packet.size);
    ph_writer_finish(&packet);
}

static void run_blocks(struct door *d, int n)
{
    while (n-- > 0)
        door_block(d);
}

/** The next answer begins with `expected`. */
static void expect_start(struct door *d, const char *expected)
{
    char text[1024];
    door_answer(d, text, sizeof text);
    ck_assert_msg(strncmp(text, expected, strlen(expected)) == 0, "%s, expected %s", text,
                  expected);
}

static void expect_program_done(struct door *d, int32_t request)
{
    char expected[64];
    snprintf(expected, sizeof expected, "/done /phonon/program %d", request);
    expect_start(d, expected);
}

static void fill_ring(struct door *d)
{
    const struct link_command idle = { .kind = LINK_CONTROL_BUS_SET };
    while (link_ring_push(d->context->commands, &idle))
        ;
}

static float level(const struct door *d)
{
    return d->left[DSP_BLOCK_FRAMES - 1];
}

static double tempo(const struct door *d)
{
    struct link_status status;
    link_snapshot_read(d->context->snapshot, &status);
    return ph_ratio_to_double(status.tempo.cps);
}

START_TEST(hush_and_panic_wait_for_room_in_a_full_ring_and_are_carried_out)
{
    struct door d;
    door_open_with(&d, RING);
    door_send(&d, program(1, 1));
    run_blocks(&d, SETTLE_BLOCKS);
    expect_program_done(&d, 1);
    ck_assert_float_eq(level(&d), 0.25f);
    const char *const addresses[] = { "/phonon/hush", "/phonon/panic" };
    for (int i = 0; i < 2; i++) {
        fill_ring(&d);
        door_send(&d, door_packet(addresses[i], "i", 7));
        door_expect(&d, "");
        run_blocks(&d, SETTLE_BLOCKS);
        char expected[64];
        snprintf(expected, sizeof expected, "/done %s 7", addresses[i]);
        expect_start(&d, expected);
        ck_assert_float_eq(level(&d), 0);
        door_send(&d, program(2, 1));
        run_blocks(&d, SETTLE_BLOCKS);
        expect_program_done(&d, 2);
        ck_assert_float_eq(level(&d), 0.25f);
    }
    door_close(&d);
}
END_TEST

START_TEST(every_program_that_waits_is_applied_in_order_with_its_tempo)
{
    struct door d;
    door_open_with(&d, RING);
    fill_ring(&d);
    for (int32_t i = 1; i <= 20; i++)
        post(&d, program(i, i));
    for (int32_t i = 1; i <= 20; i++) {
        while (tempo(&d) < i - 0.25) /* it is 1/2 at first */
            door_block(&d);
        ck_assert_double_eq(tempo(&d), i);
        expect_program_done(&d, i);
    }
    door_close(&d);
}
END_TEST

START_TEST(a_hush_silences_the_programs_that_were_sent_before_it)
{
    struct door d;
    door_open(&d);
    for (int32_t i = 1; i <= 20; i++)
        post(&d, program(i, i));
    door_send(&d, door_packet("/phonon/hush", "i", 99));
    door_expect(&d, "/done /phonon/hush 99"); /* ahead of them all */
    run_blocks(&d, FADE_BLOCKS);
    for (int i = 0; i < SETTLE_BLOCKS; i++) {
        door_block(&d);
        ck_assert_float_eq(level(&d), 0);
    }
    for (int32_t i = 1; i <= 20; i++)
        expect_program_done(&d, i);
    door_send(&d, program(21, 1));
    run_blocks(&d, SETTLE_BLOCKS);
    ck_assert_float_eq(level(&d), 0.25f);
    door_close(&d);
}
END_TEST

START_TEST(a_hush_silences_the_program_that_waits_for_its_block)
{
    struct door d;
    door_open(&d);
    door_send(&d, program(1, 1)); /* in the ring */
    door_send(&d, door_packet("/phonon/hush", "i", 99));
    run_blocks(&d, SETTLE_BLOCKS);
    door_expect(&d, "/done /phonon/hush 99");
    expect_program_done(&d, 1);
    ck_assert_float_eq(level(&d), 0);
    door_close(&d);
}
END_TEST

/** Sends a command about an output and waits until it has had its effect. */
static void command(struct door *d, const char *address, const char *output, float expected)
{
    char answer[64];
    door_send(d, output ? door_packet(address, "is", 5, output) : door_packet(address, "i", 5));
    snprintf(answer, sizeof answer, "/done %s 5", address);
    door_expect(d, answer);
    run_blocks(d, SETTLE_BLOCKS);
    ck_assert_msg(level(d) == expected, "%s %s: %g", address, output ? output : "",
                  (double)level(d));
}

START_TEST(outputs_are_hushed_and_soloed_by_their_names)
{
    struct door d;
    door_open(&d);
    door_send(&d, program_of(1, 1, "o1"));
    run_blocks(&d, SETTLE_BLOCKS);
    expect_program_done(&d, 1);
    ck_assert_float_eq(level(&d), 0.25f);
    command(&d, "/phonon/hush", "o1", 0);
    command(&d, "/phonon/solo", "o1", 0.25f);
    command(&d, "/phonon/unsolo", NULL, 0);
    command(&d, "/phonon/unhush", "o1", 0.25f);
    command(&d, "/phonon/hush", NULL, 0);
    command(&d, "/phonon/unhush", "o1", 0); /* of one: all of them are hushed still */
    command(&d, "/phonon/unhush", NULL, 0.25f);
    command(&d, "/phonon/hush", "o1", 0);
    command(&d, "/phonon/unhush", NULL, 0.25f);
    door_send(&d, door_packet("/phonon/hush", "is", 6, "o2"));
    door_expect(&d, "/fail /phonon/hush no output o2 6");
    door_send(&d, door_packet("/phonon/solo", "i", 7));
    expect_start(&d, "/fail /phonon/solo");
    door_close(&d);
}
END_TEST

START_TEST(a_hush_of_one_output_waits_for_room_in_a_full_ring)
{
    struct door d;
    door_open_with(&d, RING);
    door_send(&d, program_of(1, 1, "o1"));
    run_blocks(&d, SETTLE_BLOCKS);
    expect_program_done(&d, 1);
    fill_ring(&d);
    door_send(&d, door_packet("/phonon/hush", "is", 5, "o1"));
    door_expect(&d, "");
    run_blocks(&d, SETTLE_BLOCKS);
    door_expect(&d, "/done /phonon/hush 5");
    ck_assert_float_eq(level(&d), 0);
    door_close(&d);
}
END_TEST

START_TEST(a_panic_ends_what_plays_and_refuses_what_was_sent_before_it)
{
    struct door d;
    struct link_status status;
    door_open(&d);
    for (int32_t i = 1; i <= 3; i++)
        post(&d, program(i, i));
    door_send(&d, door_packet("/phonon/panic", "i", 99));
    /* the turn reads all four, so that no program has begun */
    for (int32_t i = 1; i <= 3; i++) {
        char expected[64];
        snprintf(expected, sizeof expected, "/fail /phonon/program a panic came after it %d", i);
        door_expect(&d, expected);
    }
    door_expect(&d, "/done /phonon/panic 99");
    door_send(&d, program(4, 4)); /* in flight */
    door_send(&d, door_packet("/phonon/panic", "i", 100));
    run_blocks(&d, SETTLE_BLOCKS);
    door_expect(&d, "/done /phonon/panic 100");
    expect_program_done(&d, 4);
    link_snapshot_read(d.context->snapshot, &status);
    ck_assert_uint_eq(status.n_synths, 0);
    door_send(&d, program(5, 5)); /* afresh: nothing is taken for running */
    run_blocks(&d, SETTLE_BLOCKS);
    expect_program_done(&d, 5);
    ck_assert_float_eq(level(&d), 0.25f);
    door_close(&d);
}
END_TEST

START_TEST(a_malformed_program_is_refused_by_its_request_number)
{
    struct door d;
    char text[1024];
    door_open(&d);
    door_send(&d, program(5, -1)); /* no tempo */
    door_answer(&d, text, sizeof text);
    ck_assert_ptr_eq(strstr(text, "/fail /phonon/program "), text);
    ck_assert_ptr_nonnull(strstr(text, "tempo"));
    ck_assert_str_eq(text + strlen(text) - 2, " 5");
    door_close(&d);
}
END_TEST

START_TEST(more_programs_than_can_wait_are_refused_with_an_answer_each)
{
    struct door d;
    int n_refused = 0;
    door_open(&d);
    for (int32_t i = 0; i < NRT_PROGRAMS_WAITING_MAX + 10; i++)
        post(&d, program(1, 1));
    door_turn(&d);
    for (char text[1024]; door_answer(&d, text, sizeof text)[0];)
        n_refused += strcmp(text, "/fail /phonon/program queue full 1") == 0;
    ck_assert_int_eq(n_refused, 10);
    run_blocks(&d, NRT_PROGRAMS_WAITING_MAX + SETTLE_BLOCKS);
    for (int32_t i = 0; i < NRT_PROGRAMS_WAITING_MAX; i++)
        expect_program_done(&d, 1);
    door_close(&d); /* also with programs that wait: the sanitizer sees them */
    door_open(&d);
    for (int32_t i = 0; i < 3; i++)
        post(&d, program(1, 1));
    door_turn(&d);
    door_close(&d);
}
END_TEST

START_TEST(an_audio_thread_that_does_not_run_is_told_within_a_bounded_time)
{
    struct door d;
    char text[1024];
    door_open_with(&d, RING);
    post(&d, program(1, 1));
    door_send(&d, program(2, 1));
    fill_ring(&d);
    door_send(&d, door_packet("/phonon/hush", "i", 3));
    door_expect(&d, "");
    const struct timespec stall = { .tv_sec = 1, .tv_nsec = 100000000 };
    nanosleep(&stall, NULL);
    door_turn(&d);
    door_expect(&d, "/fail /phonon/hush it waits: the audio thread does not run 3");
    door_expect(&d, "/fail /phonon/program the audio thread does not run 1");
    door_expect(&d, "/fail /phonon/program the audio thread does not run 2");
    run_blocks(&d, SETTLE_BLOCKS); /* it comes back: the hush holds, nobody is answered twice */
    ck_assert_str_eq(door_answer(&d, text, sizeof text), "");
    ck_assert_float_eq(level(&d), 0);
    door_close(&d);
}
END_TEST

START_TEST(status_names_who_gives_values_that_are_not_finite)
{
    struct door d;
    char text[8192];
    struct ph_writer def = door_def("dc");
    door_open(&d);
    door_send(&d, door_packet("/d_recv", "b", &def));
    ph_writer_finish(&def);
    door_expect(&d, "/done /d_recv");
    door_send(&d, door_packet("/s_new", "siiisf", "dc", 1000, 0, 0, "level", (double)NAN));
    run_blocks(&d, 5);
    ck_assert_float_eq(level(&d), 0);
    door_send(&d, door_packet("/phonon/status", "i", 7));
    door_answer(&d, text, sizeof text);
    ck_assert_msg(strstr(text, " non_finite 5 "), "%s", text);
    ck_assert_msg(strstr(text, " non_finite_in dc (1000) 1 "), "%s", text);
    door_close(&d);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("inbox");
    tcase_add_test(t, status_names_who_gives_values_that_are_not_finite);
    tcase_add_test(t, hush_and_panic_wait_for_room_in_a_full_ring_and_are_carried_out);
    tcase_add_test(t, every_program_that_waits_is_applied_in_order_with_its_tempo);
    tcase_add_test(t, a_hush_silences_the_programs_that_were_sent_before_it);
    tcase_add_test(t, a_hush_silences_the_program_that_waits_for_its_block);
    tcase_add_test(t, outputs_are_hushed_and_soloed_by_their_names);
    tcase_add_test(t, a_hush_of_one_output_waits_for_room_in_a_full_ring);
    tcase_add_test(t, a_panic_ends_what_plays_and_refuses_what_was_sent_before_it);
    tcase_add_test(t, a_malformed_program_is_refused_by_its_request_number);
    tcase_add_test(t, more_programs_than_can_wait_are_refused_with_an_answer_each);
    tcase_add_test(t, an_audio_thread_that_does_not_run_is_told_within_a_bounded_time);
    return check_run("inbox", t);
}
