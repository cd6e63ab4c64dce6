/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/load/test_kit.c - the generated kit: level, onset, end, and that each sound is    */
/* what its name says.                                                                            */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "server/load/bank.h"
#include "server/load/kit.h"
#include "tests/support/check_main.h"

enum { RATE = 48000 };
static const char *const words_needed[] = { "bd", "sn", "hh", "oh", "cp", "rim", "cb", "lt", "mt",
                                            "ht", "808bd", "808oh", "arpy", "ride", "tamb",
                                            "shaker", "conga", "djembe", "bass", "perc",
                                            "amencutup", "amen", "break" };

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
    for (uint32_t i = (uint32_t)(from_seconds * RATE); i < to_seconds * RATE && i < b->n_frames;
         i++, n++)
        sum += (double)b->data[i] * (double)b->data[i];
    return n ? sqrt(sum / n) : 0.0;
}

START_TEST(every_word_that_the_issue_names_is_there)
{
    for (size_t i = 0; i < sizeof words_needed / sizeof *words_needed; i++)
        find(words_needed[i]);
}
END_TEST

static bool is_of_bar(const char *word)
{
    return strcmp(word, "amencutup") == 0 || strcmp(word, "amen") == 0 ||
           strcmp(word, "break") == 0;
}

START_TEST(every_sound_starts_at_once_peaks_below_minus_1_db_and_ends_in_silence)
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
            ck_assert_msg(peak > 0.1f && peak <= 0.8913f, "%s:%u %g", load_kit_word(i), v,
                          (double)peak);
            ck_assert_float_eq(b.data[b.n_frames - 1], 0.0f);
            /* the last 5 ms move by less than -50 dB of the peak a frame: no click. What is cut
             * from a bar ends within a sound, and has its fade of 8 ms */
            const bool is_cut = is_of_bar(load_kit_word(i));
            ck_assert_msg(step < (is_cut ? 0.05f : 0.003f), "%s:%u ends with a step of %g",
                          load_kit_word(i), v, (double)step);
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
    { "djembe", 60, 250 }, { "bass", 40, 300 },   { "perc", 600, 2000 },
};

START_TEST(each_sound_lies_where_its_name_says)
{
    struct dsp_buffer b = render(ranges[_i].word, 0);
    const double hz = median_hz(&b);
    ck_assert_msg(hz >= ranges[_i].low_hz && hz <= ranges[_i].high_hz, "%s at %g Hz",
                  ranges[_i].word, hz);
    load_buffer_finish(&b);
}
END_TEST

/** Seconds from the start until the level has fallen by 20 dB from its highest, and stays there. */
static double decay_seconds(const struct dsp_buffer *b)
{
    enum { STEP = RATE / 200 };
    double loudest = 0;
    uint32_t last = 0;
    for (uint32_t i = 0; i + STEP <= b->n_frames; i += STEP)
        loudest = fmax(loudest, rms(b, (double)i / RATE, (double)(i + STEP) / RATE));
    for (uint32_t i = 0; i + STEP <= b->n_frames; i += STEP)
        if (rms(b, (double)i / RATE, (double)(i + STEP) / RATE) > 0.1 * loudest)
            last = i + STEP;
    return (double)last / RATE;
}

static const struct {
    const char *word;
    double least, most;
} decays[] = {
    { "bd", 0.08, 0.40 },    { "808bd", 0.25, 1.20 }, { "lt", 0.12, 0.45 },    { "mt", 0.12, 0.45 },
    { "ht", 0.10, 0.40 },    { "conga", 0.05, 0.30 }, { "sn", 0.04, 0.25 },    { "cp", 0.04, 0.25 },
    { "cb", 0.02, 0.35 }, { "hh", 0.01, 0.08 }, { "oh", 0.10, 0.50 }, { "808oh", 0.10, 0.60 },
    { "ride", 0.15, 1.20 }, { "cr", 0.30, 1.80 }, { "tamb", 0.03, 0.20 }, { "shaker", 0.02, 0.15 },
    { "rim", 0.005, 0.06 }, { "arpy", 0.10, 0.60 }, { "djembe", 0.06, 0.35 },
    { "bass", 0.20, 0.90 },
    { "perc", 0.01, 0.15 },
};

START_TEST(each_sound_dies_away_as_its_name_says)
{
    struct dsp_buffer b = render(decays[_i].word, 0);
    const double seconds = decay_seconds(&b);
    ck_assert_msg(seconds >= decays[_i].least && seconds <= decays[_i].most, "%s: %g s",
                  decays[_i].word, seconds);
    load_buffer_finish(&b);
}
END_TEST

/** One biquad of ITU-R BS.1770, with the standard's numbers for 48 kHz. */
static void weigh(double *x, uint32_t n, const double b[3], const double a[2])
{
    double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
    for (uint32_t i = 0; i < n; i++) {
        const double y = b[0] * x[i] + b[1] * x1 + b[2] * x2 - a[0] * y1 - a[1] * y2;
        x2 = x1;
        x1 = x[i];
        y2 = y1;
        y1 = x[i] = y;
    }
}

/** Loudness of the loudest 50 ms. */
static double loudness_db(const struct dsp_buffer *buffer)
{
    static const double shelf_b[] = { 1.53512485958697, -2.69169618940638, 1.19839281085285 };
    static const double shelf_a[] = { -1.69065929318241, 0.73248077421585 };
    static const double high_b[] = { 1, -2, 1 }, high_a[] = { -1.99004745483398, 0.99007225036621 };
    const uint32_t n = buffer->n_frames, window = RATE / 20;
    double *const x = malloc(n * sizeof *x), sum = 0, loudest = 0;
    for (uint32_t i = 0; i < n; i++)
        x[i] = (double)buffer->data[i];
    weigh(x, n, shelf_b, shelf_a);
    weigh(x, n, high_b, high_a);
    for (uint32_t i = 0; i < n; i++) {
        sum += x[i] * x[i] - (i >= window ? x[i - window] * x[i - window] : 0);
        loudest = fmax(loudest, sum);
    }
    free(x);
    return 10 * log10(loudest / window);
}

START_TEST(all_sounds_are_about_as_loud)
{
    double least = 100, most = -100;
    for (uint32_t i = 0; i < load_kit_n_words(); i++)
        for (uint32_t v = 0; v < load_kit_n_variants(i); v++) {
            struct dsp_buffer b;
            ck_assert_int_eq(load_kit_render(i, v, RATE, &b), PH_OK);
            const double db = loudness_db(&b);
            least = fmin(least, db);
            most = fmax(most, db);
            load_buffer_finish(&b);
        }
    ck_assert_msg(most - least < 6, "%g to %g dB", least, most);
}
END_TEST

START_TEST(the_slices_of_the_break_are_the_bar_in_order)
{
    struct dsp_buffer bar = render("amen", 0);
    ck_assert_uint_ge(load_kit_n_variants(find("amencutup")), 8);
    for (uint32_t v = 0; v < 8; v++) {
        struct dsp_buffer slice = render("amencutup", v);
        const float *const part = bar.data + v * slice.n_frames;
        double both = 0, own = 0, other = 0;
        ck_assert_uint_le((v + 1) * slice.n_frames, bar.n_frames);
        for (uint32_t i = 0; i < slice.n_frames; i++) {
            both += (double)slice.data[i] * (double)part[i];
            own += (double)slice.data[i] * (double)slice.data[i];
            other += (double)part[i] * (double)part[i];
        }
        /* levels differ; both are rounded a little where they are loud */
        const double likeness = both / sqrt(own * other);
        ck_assert_msg(likeness > 0.97, "slice %u: %g", v, likeness);
        load_buffer_finish(&slice);
    }
    load_buffer_finish(&bar);
}
END_TEST

START_TEST(a_break_has_its_kick_on_one_and_its_snare_on_two_and_four)
{
    for (uint32_t v = 0; v < 2; v++) {
        struct dsp_buffer bar = render("break", v);
        const double beat = bar.n_frames / 4.0;
        for (uint32_t k = 0; k < 4; k++) {
            struct dsp_buffer part = bar;
            part.data += (uint32_t)(beat * k);
            part.n_frames = (uint32_t)(beat * 0.3);
            const double low = median_hz(&part);
            if (k == 0)
                ck_assert_msg(low < 150, "beat %u: %g Hz", k, low);
            if (k == 1 || (k == 3 && v == 0))
                ck_assert_msg(low > 150, "beat %u: %g Hz", k, low);
        }
        load_buffer_finish(&bar);
    }
}
END_TEST

START_TEST(bass_is_c2)
{
    for (uint32_t v = 0; v < 4; v++) {
        struct dsp_buffer b = render("bass", v);
        ck_assert_double_gt(energy_at(&b, 65.406), 10 * energy_at(&b, 65.406 * 1.0595));
        ck_assert_double_gt(energy_at(&b, 65.406), 10 * energy_at(&b, 65.406 / 1.0595));
        load_buffer_finish(&b);
    }
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
    tcase_add_loop_test(c, every_sound_starts_at_once_peaks_below_minus_1_db_and_ends_in_silence, 0,
                        5);
    tcase_add_test(c, the_same_sound_twice_is_the_same_bits_and_variants_differ);
    tcase_add_loop_test(c, each_sound_lies_where_its_name_says, 0, sizeof ranges / sizeof *ranges);
    tcase_add_loop_test(c, each_sound_dies_away_as_its_name_says, 0,
                        sizeof decays / sizeof *decays);
    tcase_add_test(c, all_sounds_are_about_as_loud);
    tcase_add_test(c, the_slices_of_the_break_are_the_bar_in_order);
    tcase_add_test(c, a_break_has_its_kick_on_one_and_its_snare_on_two_and_four);
    tcase_add_test(c, bass_is_c2);
    tcase_add_test(c, an_open_hat_rings_longer_than_a_closed_one);
    tcase_add_test(c, a_cowbell_has_its_two_tones_and_no_other);
    tcase_add_test(c, a_clap_is_several_bursts);
    tcase_add_test(c, arpy_climbs_a_pentatonic_scale_from_c4);
    return check_run("load/kit", c);
}
