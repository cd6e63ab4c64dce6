/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dirt/test_event.c - messages become maps of parameters; which part of a sound they play. */
#include <lo/lo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/dirt/span.h"
#include "tests/support/check_main.h"

static struct dirt_reader reader;
static struct dirt_event event;
static void *packet;

/** The event of a message that liblo has encoded; it stays in `packet`. */
static const struct dirt_event *read_message(lo_message m)
{
    size_t size;
    free(packet);
    packet = lo_message_serialise(m, "/dirt/play", NULL, &size);
    lo_message_free(m);
    ck_assert_int_eq(ph_osc_check(packet, size), PH_OK);
    dirt_reader_init(&reader, 16384, 1024);
    const char *const tags = (const char *)packet + 12;
    const size_t before = 12 + ((strlen(tags) + 4) & ~(size_t)3);
    const struct ph_osc_message message = { .time_ntp = PH_OSC_NOW, .address = "/dirt/play",
                                            .command = -1, .tags = tags + 1,
                                            .args = (const uint8_t *)packet + before,
                                            .args_size = size - before };
    dirt_event_read(&reader, &message, &event);
    return &event;
}

#define EVENT(types, ...)                                                                          \
    ({                                                                                             \
        const lo_message m_ = lo_message_new();                                                    \
        ck_assert_int_eq(lo_message_add(m_, types, __VA_ARGS__, LO_ARGS_END), 0);                   \
        read_message(m_);                                                                          \
    })

START_TEST(pairs_come_in_any_order_and_types)
{
    const struct dirt_event *const e =
        EVENT("sfsssisd", "gain", 0.5f, "s", "bd", "orbit", 3, "speed", -2.0);
    ck_assert_str_eq(e->words[DIRT_WORD_S], "bd");
    ck_assert_double_eq(dirt_get(e, DIRT_GAIN, 1), 0.5);
    ck_assert_double_eq(dirt_get(e, DIRT_ORBIT, 0), 3);
    ck_assert_double_eq(dirt_get(e, DIRT_SPEED, 1), -2);
    ck_assert(!dirt_has(e, DIRT_PAN));
    ck_assert_double_eq(dirt_get(e, DIRT_PAN, 0.5), 0.5);
}
END_TEST

START_TEST(of_two_values_the_later_counts)
{
    ck_assert_double_eq(dirt_get(EVENT("sfsf", "pan", 0.1f, "pan", 0.75f), DIRT_PAN, 0), 0.75);
}
END_TEST

START_TEST(numbers_are_brought_inside_their_bounds)
{
    const struct dirt_event *const e =
        EVENT("sfsfsf", "begin", -3.0f, "gain", 1e20f, "sustain", 1e20f);
    ck_assert_double_eq(dirt_get(e, DIRT_BEGIN, 0.5), 0);
    ck_assert_double_eq(dirt_get(e, DIRT_GAIN, 1), 2);
    ck_assert_double_eq(dirt_get(e, DIRT_SUSTAIN, 1), 3600);
}
END_TEST

START_TEST(what_is_no_number_is_ignored_and_counted)
{
    const struct dirt_event *const e =
        EVENT("sfsfsssi", "gain", NAN, "pan", INFINITY, "cutoff", "loud", "s", 5);
    ck_assert(!dirt_has(e, DIRT_GAIN) && !dirt_has(e, DIRT_PAN) && !dirt_is_said(e, DIRT_CUTOFF));
    ck_assert_ptr_null(e->words[DIRT_WORD_S]);
    ck_assert_uint_eq(e->n_ignored, 4);
}
END_TEST

START_TEST(a_word_that_is_a_number_counts_as_one)
{
    ck_assert_double_eq(dirt_get(EVENT("ss", "n", "3"), DIRT_N, 0), 3);
}
END_TEST

START_TEST(a_bus_in_place_of_a_number_is_followed)
{
    const struct dirt_event *const e = EVENT("ssss", "cutoff", "c16300", "detune", "a21");
    ck_assert(dirt_is_said(e, DIRT_CUTOFF) && !dirt_has(e, DIRT_CUTOFF));
    ck_assert_uint_eq(e->n_maps, 2);
    ck_assert_str_eq(e->maps[0].name, "cutoff");
    ck_assert_uint_eq(e->maps[0].bus, 16300);
    ck_assert(!e->maps[0].is_audio && e->maps[1].is_audio);
    ck_assert_uint_eq(e->maps[1].bus, 21);
}
END_TEST

START_TEST(words_that_look_like_a_bus_are_none)
{
    static const char *const words[] = { "c", "cat", "c1x", "a99999999999", "b1", "c-1" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        ck_assert_uint_eq(EVENT("ss", "cutoff", words[i])->n_maps, 0);
}
END_TEST

START_TEST(a_bus_that_is_not_there_is_ignored_and_counted)
{
    static const char *const words[] = { "c16384", "c2147483647", "a1024", "a16383" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const struct dirt_event *const e = EVENT("ssss", "cutoff", words[i], "detune", words[i]);
        ck_assert_uint_eq(e->n_maps, 0);
        ck_assert(!dirt_is_said(e, DIRT_CUTOFF));
        ck_assert_uint_eq(e->n_ignored, 1);
    }
}
END_TEST

START_TEST(unknown_names_are_kept_for_the_synth)
{
    const struct dirt_event *const e = EVENT("sfsi", "detune", 0.25f, "voice", 2);
    ck_assert_uint_eq(e->n_others, 2);
    ck_assert_str_eq(e->others[0].name, "detune");
    ck_assert_float_eq(e->others[0].value, 0.25f);
    ck_assert_float_eq(e->others[1].value, 2);
}
END_TEST

START_TEST(names_of_the_senders_own_follow_no_bus)
{
    const struct dirt_event *const e = EVENT("sssf", "_id_", "c1", "_x", 1.0f);
    ck_assert_uint_eq(e->n_maps, 0);
    ck_assert_uint_eq(e->n_others, 0);
}
END_TEST

START_TEST(what_a_control_cannot_hold_is_ignored)
{
    const struct dirt_event *const e = EVENT("sdsd", "detune", 1e300, "pan", -1e300);
    ck_assert_uint_eq(e->n_others, 0);
    ck_assert_double_eq(dirt_get(e, DIRT_PAN, 0), -1e6);
}
END_TEST

START_TEST(ten_thousand_parameters_are_read_to_their_end)
{
    const lo_message m = lo_message_new();
    for (int i = 0; i < 10000; i++) {
        char name[16];
        snprintf(name, sizeof name, "x%d", i);
        lo_message_add(m, "sf", name, (double)i, LO_ARGS_END);
    }
    lo_message_add(m, "ss", "s", "bd", LO_ARGS_END);
    const struct dirt_event *const e = read_message(m);
    ck_assert_uint_eq(e->n_others, DIRT_OTHERS_MAX);
    ck_assert_uint_eq(e->n_ignored, 10000 - DIRT_OTHERS_MAX);
    ck_assert_str_eq(e->words[DIRT_WORD_S], "bd");
}
END_TEST

START_TEST(a_name_without_a_value_is_passed_over)
{
    ck_assert_double_eq(dirt_get(EVENT("sfs", "pan", 0.25f, "gain"), DIRT_PAN, 0), 0.25);
    ck_assert(!dirt_has(&event, DIRT_GAIN));
}
END_TEST

/* ---- spans ----------------------------------------------------------------------------------- */

/** What an event of one sample of two seconds plays; delta is 0.5 s. */
static struct dirt_span span_of(const char *types, ...)
{
    struct dirt_span span;
    const lo_message m = lo_message_new();
    va_list values;
    lo_message_add(m, "sf", "delta", 0.5, LO_ARGS_END);
    va_start(values, types);
    for (; *types; types++)
        if (*types == 's')
            lo_message_add_string(m, va_arg(values, const char *));
        else
            lo_message_add_float(m, (float)va_arg(values, double));
    va_end(values);
    ck_assert(dirt_span_find(read_message(m), 2, 1, 1e-4, &span));
    return span;
}

/** Of a whole event: full level and both slopes. */
static double length_of(struct dirt_span s)
{
    return s.fade_in + s.sustain + s.fade;
}

#define CLOSE(a, b) ck_assert_double_eq_tol(a, b, 1e-6)

START_TEST(a_sample_lasts_as_long_as_it_is_at_its_speed)
{
    CLOSE(length_of(span_of("")), 2);
    CLOSE(length_of(span_of("sf", "speed", 2.0)), 1);
    CLOSE(length_of(span_of("sf", "speed", -0.5)), 4);
    CLOSE(length_of(span_of("sf", "note", 12.0)), 1);
    CLOSE(length_of(span_of("sf", "octave", 4.0)), 4);
    CLOSE(length_of(span_of("sfsf", "begin", 0.25, "end", 0.75)), 1);
    CLOSE(length_of(span_of("sf", "accelerate", 1.0)), 2 / 1.5);
    CLOSE(length_of(span_of("sf", "loop", 3.0)), 6);
}
END_TEST

START_TEST(sustain_then_legato_shorten_it_and_never_lengthen)
{
    CLOSE(length_of(span_of("sf", "sustain", 0.3)), 0.3);
    CLOSE(length_of(span_of("sf", "legato", 0.5)), 0.25);
    CLOSE(length_of(span_of("sfsf", "sustain", 0.3, "legato", 0.1)), 0.3);
    CLOSE(length_of(span_of("sf", "sustain", 5.0)), 2);
    CLOSE(length_of(span_of("sf", "legato", 100.0)), 2);
}
END_TEST

START_TEST(units_are_rate_cycles_and_seconds)
{
    CLOSE(length_of(span_of("ss", "unit", "rate")), 2);
    const struct dirt_span cycles = span_of("sssf", "unit", "c", "cps", 0.25);
    CLOSE(cycles.speed, 0.5); /* two seconds in a cycle of four */
    CLOSE(length_of(cycles), 4);
    CLOSE(length_of(span_of("sssf", "unit", "s", "end", 0.125)), 0.125);
}
END_TEST

START_TEST(backwards_begin_and_end_change_places)
{
    const struct dirt_span s = span_of("sfsfsf", "speed", -1.0, "begin", 0.25, "end", 0.75);
    CLOSE(s.begin, 0.75);
    CLOSE(s.end, 0.25);
    CLOSE(s.fade_in, 0.001);
}
END_TEST

START_TEST(what_begins_at_the_beginning_has_no_slope_there)
{
    CLOSE(span_of("").fade_in, 0);
    CLOSE(span_of("").fade, 0.001);
    CLOSE(span_of("sfsf", "begin", 0.5, "sustain", 0.001).fade_in, 0.001 * 0.19098);
}
END_TEST

START_TEST(speed_0_and_nothing_at_all_are_not_played)
{
    struct dirt_span s;
    ck_assert(!dirt_span_find(EVENT("sf", "speed", 0.0f), 2, 1, 1e-4, &s));
    ck_assert(!dirt_span_find(EVENT("sf", "sustain", 0.0f), 2, 1, 1e-4, &s));
    ck_assert(!dirt_span_find(EVENT("sfsf", "begin", 0.5f, "end", 0.5f), 2, 1, 1e-4, &s));
    ck_assert(!dirt_span_find(EVENT("sf", "legato", -1.0f), 2, 1, 1e-4, &s));
}
END_TEST

START_TEST(a_sample_that_stands_still_is_not_played)
{
    struct dirt_span s;
    ck_assert(!dirt_span_find(EVENT("sssf", "unit", "c", "cps", 0.0f), 2, 1, 1e-4, &s));
    ck_assert(!dirt_span_find(EVENT("sssfsfsf", "unit", "c", "cps", 0.0f, "begin", 0.5f, "end",
                                    0.5f),
                              2, 1, 1e-4, &s));
    ck_assert(!dirt_span_find(EVENT("sssfsf", "unit", "c", "cps", 0.0f, "sustain", 1.0f), 2, 1,
                              1e-4, &s));
}
END_TEST

START_TEST(everything_ends)
{
    struct dirt_span s;
    ck_assert(dirt_span_find(EVENT("sfsf", "speed", 1e-30f, "loop", 1e6f), 2, 1, 1e-4, &s));
    ck_assert_double_le(s.sustain, DIRT_SECONDS_MAX);
}
END_TEST

START_TEST(synths_take_n_for_the_note_and_samples_do_not)
{
    struct dirt_span s;
    ck_assert(dirt_span_find(EVENT("sf", "n", 9.0f), 0, 1, 1e-4, &s));
    CLOSE(s.freq_hz, 440);
    ck_assert(dirt_span_find(EVENT("sf", "n", 9.0f), 2, 1, 1e-4, &s));
    CLOSE(s.freq_hz, DIRT_SAMPLE_HZ);
    ck_assert(dirt_span_find(EVENT("sfsf", "n", 9.0f, "midinote", 81.0f), 0, 1, 1e-4, &s));
    CLOSE(s.freq_hz, 880);
    ck_assert(dirt_span_find(EVENT("sf", "freq", 100.0f), 0, 1, 1e-4, &s));
    CLOSE(s.freq_hz, 100);
}
END_TEST

START_TEST(lag_and_offset_come_later)
{
    CLOSE(span_of("sfsfsf", "lag", 0.5, "offset", 0.25, "speed", -2.0).late_by, 1);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("event");
    tcase_add_test(t, pairs_come_in_any_order_and_types);
    tcase_add_test(t, of_two_values_the_later_counts);
    tcase_add_test(t, numbers_are_brought_inside_their_bounds);
    tcase_add_test(t, what_is_no_number_is_ignored_and_counted);
    tcase_add_test(t, a_word_that_is_a_number_counts_as_one);
    tcase_add_test(t, a_bus_in_place_of_a_number_is_followed);
    tcase_add_test(t, words_that_look_like_a_bus_are_none);
    tcase_add_test(t, a_bus_that_is_not_there_is_ignored_and_counted);
    tcase_add_test(t, unknown_names_are_kept_for_the_synth);
    tcase_add_test(t, names_of_the_senders_own_follow_no_bus);
    tcase_add_test(t, what_a_control_cannot_hold_is_ignored);
    tcase_add_test(t, ten_thousand_parameters_are_read_to_their_end);
    tcase_add_test(t, a_name_without_a_value_is_passed_over);
    tcase_add_test(t, a_sample_lasts_as_long_as_it_is_at_its_speed);
    tcase_add_test(t, sustain_then_legato_shorten_it_and_never_lengthen);
    tcase_add_test(t, units_are_rate_cycles_and_seconds);
    tcase_add_test(t, backwards_begin_and_end_change_places);
    tcase_add_test(t, what_begins_at_the_beginning_has_no_slope_there);
    tcase_add_test(t, speed_0_and_nothing_at_all_are_not_played);
    tcase_add_test(t, a_sample_that_stands_still_is_not_played);
    tcase_add_test(t, everything_ends);
    tcase_add_test(t, synths_take_n_for_the_note_and_samples_do_not);
    tcase_add_test(t, lag_and_offset_come_later);
    return check_run("dirt/event", t);
}
