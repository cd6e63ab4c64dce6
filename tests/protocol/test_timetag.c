/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/protocol/test_timetag.c - time tags; cycles to frames, exact.                            */
#include "protocol/timetag.h"
#include "tests/protocol/support.h"

static int64_t below(uint64_t *seed, int64_t limit)
{
    return (int64_t)(random_next(seed) % (uint64_t)limit);
}

START_TEST(time_tags_are_seconds_since_1900)
{
    ck_assert_double_eq(ph_ntp_to_seconds(UINT64_C(3) << 32 | UINT64_C(1) << 31), 3.5);
    ck_assert(ph_ntp_from_seconds(3.5) == (UINT64_C(3) << 32 | UINT64_C(1) << 31));
    ck_assert(ph_ntp_from_seconds(-1) == 0);
    ck_assert(ph_ntp_from_seconds(1e20) == UINT64_MAX);
    ck_assert(ph_ntp_from_seconds(0.0 / 0.0) == 0);
}
END_TEST

START_TEST(differences_are_exact_far_from_1900)
{
    const uint64_t now = UINT64_C(4000000000) << 32 | 12345;
    ck_assert_double_eq(ph_ntp_difference_seconds(now + 1, now), 0x1p-32);
    ck_assert_double_eq(ph_ntp_difference_seconds(now, now + (UINT64_C(2) << 32)), -2);
}
END_TEST

START_TEST(frames_are_rounded_half_up)
{
    const struct ph_tempo t = {.base_cycle = PH_RATIO(0, 1), .cps = PH_RATIO(1, 1), .rate_hz = 2};
    ck_assert_int_eq(ph_tempo_frame(&t, PH_RATIO(1, 4)), 1);  /* 0.5 */
    ck_assert_int_eq(ph_tempo_frame(&t, PH_RATIO(-1, 4)), 0); /* -0.5 */
    ck_assert_int_eq(ph_tempo_frame(&t, PH_RATIO(-3, 4)), -1); /* -1.5 */
    ck_assert_int_eq(ph_tempo_frame(&t, PH_RATIO(-3, 8)), -1); /* -0.75 */
    ck_assert_int_eq(ph_tempo_frame(&t, PH_RATIO(3, 8)), 1);
    ck_assert_int_eq(ph_tempo_frame(&t, PH_RATIO(3, 4)), 2);  /* 1.5 */
}
END_TEST

/* Reference: floor division on 128 bits, where the numbers stay small enough. */
static int64_t reference_frame(const struct ph_tempo *t, struct ph_ratio c)
{
    const __int128 n = ((__int128)c.num * t->base_cycle.den - (__int128)t->base_cycle.num * c.den) *
                       t->rate_hz * t->cps.den;
    const __int128 d = (__int128)c.den * t->base_cycle.den * t->cps.num;
    const __int128 up = 2 * n + d, down = 2 * d;
    __int128 q = up / down;
    if (up % down < 0)
        q--;
    return t->base_frame + (int64_t)q;
}

START_TEST(onsets_are_exact_at_ten_million_cycles)
{
    const struct ph_tempo t = {.base_frame = 17, .base_cycle = PH_RATIO(1, 7),
                               .cps = PH_RATIO(9, 16), .rate_hz = 48000};
    uint64_t seed = 2;
    bool o = false;
    for (int i = 0; i < 100000; i++) {
        const int64_t den = 1 + below(&seed, 5000);
        const int64_t num = 10000000 * den + below(&seed, 1000000000);
        const struct ph_ratio c = ph_ratio_make(num, den, &o);
        ck_assert_int_eq(ph_tempo_frame(&t, c), reference_frame(&t, c));
    }
    /* by hand: (10^7 + 1/3) / (1/2) * 44100 = 882000029400 */
    const struct ph_tempo half = {
        .base_cycle = PH_RATIO(0, 1), .cps = PH_RATIO(1, 2), .rate_hz = 44100};
    ck_assert_int_eq(ph_tempo_frame(&half, PH_RATIO(30000001, 3)), INT64_C(882000029400));
}
END_TEST

START_TEST(wide_fractions_take_the_256_bit_way_to_the_same_frame)
{
    /* denominators whose product has 94 bits; 80-bit long doubles still tell the frame */
    const int64_t big = INT64_C(1) << 61;
    const struct ph_tempo t = {.base_cycle = PH_RATIO(1, INT64_C(1) << 32),
                               .cps = PH_RATIO(INT64_C(1000000007), INT64_C(2000000011)),
                               .rate_hz = 192000};
    for (int64_t k = -15; k < 16; k++) {
        const struct ph_ratio c = {k * (big / 4) + 1, big}; /* odd numerator: lowest terms */
        const long double seconds = ((long double)c.num / (long double)c.den - 0x1p-32L) *
                                    2000000011.0L / 1000000007.0L;
        const long double frame = seconds * 192000.0L;
        ck_assert_int_eq(ph_tempo_frame(&t, c), (int64_t)__builtin_floorl(frame + 0.5L));
    }
}
END_TEST

START_TEST(frames_beyond_64_bits_saturate)
{
    const struct ph_tempo t = {
        .base_cycle = PH_RATIO(0, 1), .cps = PH_RATIO(1, INT64_MAX), .rate_hz = 48000};
    ck_assert_int_eq(ph_tempo_frame(&t, ph_ratio_of(INT64_MAX)), INT64_MAX);
    ck_assert_int_le(ph_tempo_frame(&t, ph_ratio_of(INT64_MIN)), -INT64_MAX);
}
END_TEST

START_TEST(a_frame_s_cycle_lies_on_that_frame)
{
    uint64_t seed = 3;
    for (int i = 0; i < 100000; i++) {
        bool o = false;
        const struct ph_tempo t = {
            .base_frame = below(&seed, 1000000),
            .base_cycle = ph_ratio_make(below(&seed, 1000000000), 1 + below(&seed, 1000), &o),
            .cps = ph_ratio_make(1 + below(&seed, 300), 1 + below(&seed, 300), &o),
            .rate_hz = 48000};
        const int64_t frame = below(&seed, INT64_C(100000000000));
        ck_assert_int_eq(ph_tempo_frame(&t, ph_tempo_cycle(&t, frame)), frame);
    }
}
END_TEST

START_TEST(cycles_that_fit_are_exact)
{
    const struct ph_tempo t = {.base_frame = 100, .base_cycle = PH_RATIO(2, 3),
                               .cps = PH_RATIO(1, 2), .rate_hz = 48000};
    struct ph_ratio c = ph_tempo_cycle(&t, 100 + 32000); /* a third of a cycle later */
    ck_assert(c.num == 1 && c.den == 1);
    c = ph_tempo_cycle(&t, 100 - 96000);
    ck_assert(c.num == -1 && c.den == 3);
}
END_TEST

START_TEST(a_tempo_change_moves_nothing)
{
    uint64_t seed = 4;
    struct ph_tempo t = {.base_cycle = PH_RATIO(0, 1), .cps = PH_RATIO(1, 2), .rate_hz = 48000};
    int64_t frame = 0;
    for (int i = 0; i < 10000; i++) {
        bool o = false;
        frame += 64 * below(&seed, 100000);
        const struct ph_ratio before = ph_tempo_cycle(&t, frame);
        t = ph_tempo_change(&t, frame,
                            ph_ratio_make(1 + below(&seed, 997), 1 + below(&seed, 499), &o));
        ck_assert_int_eq(ph_tempo_frame(&t, t.base_cycle), frame);
        ck_assert_int_le(t.base_cycle.den, INT64_C(1) << 40);
        /* where it doesn't fit, re-based to a denominator of 2^32: half a unit of it at most */
        const struct ph_ratio moved = ph_ratio_sub(before, t.base_cycle, &o);
        ck_assert_double_le(ph_ratio_to_double(moved), 0x1p-33 + 0x1p-40);
        ck_assert_double_ge(ph_ratio_to_double(moved), -0x1p-33 - 0x1p-40);
    }
}
END_TEST

START_TEST(many_tempo_changes_by_usual_fractions_are_exact)
{
    static const int64_t dens[] = {7, 9, 11, 13, 1000};
    uint64_t seed = 6;
    struct ph_tempo t = {.base_cycle = PH_RATIO(0, 1), .cps = PH_RATIO(1, 2), .rate_hz = 44100};
    int64_t frame = 0;
    for (int i = 0; i < 1000; i++) {
        bool o = false;
        frame += 64 * below(&seed, 1000);
        const struct ph_ratio before = ph_tempo_cycle(&t, frame);
        t = ph_tempo_change(&t, frame,
                            ph_ratio_make(1 + below(&seed, 3000), dens[below(&seed, 5)], &o));
        ck_assert_int_eq(ph_ratio_cmp(before, t.base_cycle), 0);
    }
}
END_TEST

START_TEST(a_nudge_by_what_does_not_fit_is_rounded_not_lost)
{
    const struct ph_tempo t = {.base_cycle = PH_RATIO(1, (INT64_C(1) << 40) - 1),
                               .cps = PH_RATIO(1, 2), .rate_hz = 48000};
    const int64_t den = (INT64_C(1) << 39) - 7;
    const struct ph_tempo later = ph_tempo_nudge(&t, 0, PH_RATIO(den / 3, den));
    const struct ph_tempo earlier = ph_tempo_nudge(&t, 0, PH_RATIO(-(den / 3), den));
    ck_assert_double_eq_tol(ph_ratio_to_double(later.base_cycle), -1.0 / 3, 0x1p-31);
    ck_assert_double_eq_tol(ph_ratio_to_double(earlier.base_cycle), 1.0 / 3, 0x1p-31);
}
END_TEST

START_TEST(a_nudge_moves_every_later_cycle_by_its_amount)
{
    uint64_t seed = 5;
    for (int i = 0; i < 1000; i++) {
        bool o = false;
        const struct ph_ratio cps = ph_ratio_make(1 + below(&seed, 9), 1 + below(&seed, 7), &o);
        const struct ph_tempo t = { .base_frame = 12345, .base_cycle = PH_RATIO(7, 3), .cps = cps,
                                    .rate_hz = 48000 };
        const int64_t frame = 12345 + 64 * below(&seed, 1000);
        const struct ph_ratio later =
            ph_ratio_make((int64_t)below(&seed, 2000) - 1000, 1 + below(&seed, 60), &o);
        const struct ph_tempo nudged = ph_tempo_nudge(&t, frame, later);
        ck_assert_int_eq(nudged.base_frame, frame);
        ck_assert_int_eq(ph_ratio_cmp(nudged.cps, t.cps), 0);
        for (int64_t k = 0; k < 10; k++) {
            const struct ph_ratio cycle = ph_ratio_make(k, 1 + below(&seed, 16), &o);
            const struct ph_ratio moved = ph_ratio_add(cycle, later, &o);
            ck_assert_int_eq(ph_tempo_frame(&nudged, cycle), ph_tempo_frame(&t, moved));
        }
    }
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("timetag");
    tcase_add_test(t, time_tags_are_seconds_since_1900);
    tcase_add_test(t, differences_are_exact_far_from_1900);
    tcase_add_test(t, frames_are_rounded_half_up);
    tcase_add_test(t, onsets_are_exact_at_ten_million_cycles);
    tcase_add_test(t, wide_fractions_take_the_256_bit_way_to_the_same_frame);
    tcase_add_test(t, frames_beyond_64_bits_saturate);
    tcase_add_test(t, a_frame_s_cycle_lies_on_that_frame);
    tcase_add_test(t, cycles_that_fit_are_exact);
    tcase_add_test(t, a_tempo_change_moves_nothing);
    tcase_add_test(t, many_tempo_changes_by_usual_fractions_are_exact);
    tcase_add_test(t, a_nudge_moves_every_later_cycle_by_its_amount);
    tcase_add_test(t, a_nudge_by_what_does_not_fit_is_rounded_not_lost);
    return check_run("timetag", t);
}
