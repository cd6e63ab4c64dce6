/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/load/test_kit.c - the generated kit: level, onset, end, and that each sound is what */
/* its name says.                                                                                 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "server/load/bank.h"
#include "server/load/kit.h"
#include "tests/support/check_main.h"

enum { RATE = 48000 };
static const char *const words_needed[] = { "bd", "sn", "hh", "oh",    "cp",    "rim",  "cb",   "lt",     "mt",
                                            "ht", "808bd", "808oh", "arpy", "ride", "tamb", "shaker", "conga" };

static uint32_t find(const char *word)
{
    for (uint32_t i = 0; i < load_kit_n_words(); i++)
        if (strcmp(load_kit_word(i), word) == 0)
            return i;
    ck_abort_msg("no %s", word);
    return 0;
}

static struct dsp_buffer render(const char *word, uint32_t variant)
{
    struct dsp_buffer b;
    ck_assert_int_eq(load_kit_render(find(word), variant, RATE, &b), PH_OK);
    return b;
}

/** Energy at `hz` over the whole sound (Goertzel), relative to the sound's energy. */
static double energy_at(const struct dsp_buffer *b, double hz)
{
    const double c = 2.0 * cos(2.0 * M_PI * hz / RATE);
    double s1 = 0, s2 = 0, whole = 0;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const double x = (double)b->data[i], s = x + c * s1 - s2;
        s2 = s1;
        s1 = s;
        whole += x * x;
    }
    return (s1 * s1 + s2 * s2 - c * s1 * s2) / whole;
}

/** Frequency below which half of the energy lies. */
static double median_hz(const struct dsp_buffer *b)
{
    double sums[480], sum = 0;
    for (int k = 0; k < 480; k++) {
        sum += energy_at(b, 25.0 + 50.0 * k);
        sums[k] = sum;
    }
    int k = 0;
    while (sums[k] < sum / 2)
        k++;
    return 25.0 + 50.0 * k;
}

static double rms(const struct dsp_buffer *b, double from_seconds, double to_seconds)
{
    double sum = 0;
    uint32_t n = 0;
    for (uint32_t i = (uint32_t)(from_seconds * RATE); i < to_seconds * RATE && i < b->n_frames; i++, n++)
        sum += (double)b->data[i] * (double)b->data[i];
    return n ? sqrt(sum / n) : 0.0;
}

START_TEST(every_word_that_the_issue_names_is_there)
{
    for (size_t i = 0; i < sizeof words_needed / sizeof *words_needed; i++)
        find(words_needed[i]);
}
END_TEST

START_TEST(every_sound_starts_at_once_peaks_at_minus_3_db_and_ends_in_silence)
{
    static const uint32_t rates[] = { 8000, 44100, 48000, 96000, 192000 };
    for (uint32_t i = 0; i < load_kit_n_words(); i++)
        for (uint32_t v = 0; v < load_kit_n_variants(i); v++) {
            struct dsp_buffer b;
            ck_assert_int_eq(load_kit_render(i, v, rates[_i], &b), PH_OK);
            ck_assert_uint_eq(b.n_channels, 1);
            float peak = 0.0f, step = 0.0f;
            bool finite = true; /* asserted once: an assertion per frame takes seconds */
            for (uint32_t k = 0; k < b.n_frames; k++) {
                finite &= isfinite(b.data[k]) != 0;
                peak = fmaxf(peak, fabsf(b.data[k]));
                if (k > 0 && k + rates[_i] / 200 > b.n_frames)
                    step = fmaxf(step, fabsf(b.data[k] - b.data[k - 1]));
            }
            ck_assert_msg(finite, "%s:%u", load_kit_word(i), v);
            ck_assert_msg(b.data[0] != 0.0f || b.data[1] != 0.0f, "%s:%u", load_kit_word(i), v);
            ck_assert_msg(fabsf(peak - 0.70794578f) < 1e-6f, "%s:%u %g", load_kit_word(i), v, (double)peak);
            ck_assert_float_eq(b.data[b.n_frames - 1], 0.0f);
            /* the last 5 ms move by less than -50 dB of the peak a frame: no click */
            ck_assert_msg(step < 0.003f, "%s:%u ends with a step of %g", load_kit_word(i), v, (double)step);
            load_buffer_finish(&b);
        }
}
END_TEST

START_TEST(the_same_sound_twice_is_the_same_bits_and_variants_differ)
{
    for (uint32_t i = 0; i < load_kit_n_words(); i++) {
        struct dsp_buffer a, b;
        ck_assert_int_eq(load_kit_render(i, 0, RATE, &a), PH_OK);
        ck_assert_int_eq(load_kit_render(i, 0, RATE, &b), PH_OK);
        ck_assert_mem_eq(a.data, b.data, a.n_frames * sizeof *a.data);
        load_buffer_finish(&b);
        for (uint32_t v = 1; v < load_kit_n_variants(i); v++) {
            ck_assert_int_eq(load_kit_render(i, v, RATE, &b), PH_OK);
            ck_assert_int_ne(memcmp(a.data, b.data, a.n_frames * sizeof *a.data), 0);
            load_buffer_finish(&b);
        }
        load_buffer_finish(&a);
    }
}
END_TEST

/** Where half of each sound's energy lies: what makes a kick a kick and a hat a hat. */
static const struct {
    const char *word;
    double low_hz, high_hz;
} ranges[] = {
    { "bd", 25, 130 },     { "808bd", 25, 90 },   { "lt", 60, 170 },     { "mt", 90, 240 },
    { "ht", 140, 330 },    { "conga", 180, 400 }, { "sn", 150, 5000 },   { "cp", 700, 3000 },
    { "cb", 500, 1000 },   { "hh", 6500, 16000 }, { "oh", 6500, 16000 }, { "808oh", 6500, 16000 },
    { "ride", 3000, 14000 }, { "tamb", 6000, 16000 }, { "shaker", 4000, 12000 },
};

START_TEST(each_sound_lies_where_its_name_says)
{
    struct dsp_buffer b = render(ranges[_i].word, 0);
    const double hz = median_hz(&b);
    ck_assert_msg(hz >= ranges[_i].low_hz && hz <= ranges[_i].high_hz, "%s at %g Hz", ranges[_i].word, hz);
    load_buffer_finish(&b);
}
END_TEST

START_TEST(an_open_hat_rings_longer_than_a_closed_one)
{
    struct dsp_buffer closed = render("hh", 0), open = render("oh", 0);
    ck_assert_double_lt(rms(&closed, 0.10, 0.13), 0.01 * rms(&closed, 0, 0.02));
    ck_assert_double_gt(rms(&open, 0.10, 0.13), 0.1 * rms(&open, 0, 0.02));
    load_buffer_finish(&closed);
    load_buffer_finish(&open);
}
END_TEST

START_TEST(a_cowbell_has_its_two_tones_and_no_other)
{
    struct dsp_buffer b = render("cb", 0);
    ck_assert_double_gt(energy_at(&b, 540), 50 * energy_at(&b, 670));
    ck_assert_double_gt(energy_at(&b, 800), 50 * energy_at(&b, 670));
    load_buffer_finish(&b);
}
END_TEST

START_TEST(a_clap_is_several_bursts)
{
    struct dsp_buffer b = render("cp", 0); /* bursts 10.5 ms apart: loud, then a dip, then loud */
    for (int k = 0; k < 3; k++) {
        const double at = 0.0105 * k;
        ck_assert_double_gt(rms(&b, at, at + 0.003), 1.5 * rms(&b, at + 0.0075, at + 0.0105));
    }
    load_buffer_finish(&b);
}
END_TEST

START_TEST(arpy_climbs_a_pentatonic_scale_from_c4)
{
    static const double semitones[] = { 0, 2, 4, 7, 9, 12 };
    for (uint32_t v = 0; v < 6; v++) {
        struct dsp_buffer b = render("arpy", v);
        const double hz = 261.6256 * exp2(semitones[v] / 12.0);
        ck_assert_double_gt(energy_at(&b, hz), 10 * energy_at(&b, hz * 1.0595));
        ck_assert_double_gt(energy_at(&b, hz), 10 * energy_at(&b, hz / 1.0595));
        load_buffer_finish(&b);
    }
}
END_TEST

int main(void)
{
    TCase *const c = tcase_create("kit");
    tcase_add_test(c, every_word_that_the_issue_names_is_there);
    tcase_add_loop_test(c, every_sound_starts_at_once_peaks_at_minus_3_db_and_ends_in_silence, 0, 5);
    tcase_add_test(c, the_same_sound_twice_is_the_same_bits_and_variants_differ);
    tcase_add_loop_test(c, each_sound_lies_where_its_name_says, 0, sizeof ranges / sizeof *ranges);
    tcase_add_test(c, an_open_hat_rings_longer_than_a_closed_one);
    tcase_add_test(c, a_cowbell_has_its_two_tones_and_no_other);
    tcase_add_test(c, a_clap_is_several_bursts);
    tcase_add_test(c, arpy_climbs_a_pentatonic_scale_from_c4);
    return check_run("load/kit", c);
}
