/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_tables.c - what reads tables: edges, sizes, numbers out of range.        */
#include "tests/server/dsp/stream.h"

enum { N = 256 };
static float out[N];

/** A unit on buffer `number`, in the shape its test gives that. */
static struct unit_host *reader(enum ph_unit id, float number, float in)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, 48000);
    host_set(h, 0, IR, number);
    host_set(h, 1, IR, in);
    for (uint32_t i = 2; i < ph_units[id].n_inputs; i++)
        host_set(h, i, IR, ph_units[id].inputs[i].initial);
    return h;
}

/** The buffer holds n values 10, 11, 12, ... */
static void count_up(struct unit_host *h, int buffer, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        h->sample[i] = 10.0f + (float)i;
    h->buffers[buffer].n_frames = n;
    h->buffers[buffer].n_channels = 1;
}

static float value(struct unit_host *h)
{
    host_init(h);
    host_block(h);
    return h->out[0][DSP_BLOCK_FRAMES - 1];
}

static float looked_up(enum ph_unit id, uint32_t n, float in)
{
    struct unit_host *const h = reader(id, 0, in);
    count_up(h, 0, n);
    const float y = value(h);
    host_free(h);
    return y;
}

START_TEST(places_beyond_a_table_are_held_folded_or_wrapped)
{
    static const struct { float in, held, folded, wrapped; } at[] = {
        { 2, 12, 12, 12 }, { 4, 14, 14, 14 }, { 5, 14, 13, 10 }, { 8, 14, 10, 13 },
        { 9, 14, 11, 14 },
        { -1, 10, 11, 14 }, { -4, 10, 14, 11 }, { -5, 10, 13, 10 }, { 1e6f, 14, 10, 10 }
    };
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        ck_assert_float_eq(looked_up(PH_UNIT_INDEX, 5, at[i].in), at[i].held);
        ck_assert_float_eq(looked_up(PH_UNIT_INDEX_L, 5, at[i].in), at[i].held);
        ck_assert_float_eq(looked_up(PH_UNIT_FOLD_INDEX, 5, at[i].in), at[i].folded);
        ck_assert_float_eq(looked_up(PH_UNIT_WRAP_INDEX, 5, at[i].in), at[i].wrapped);
    }
    ck_assert_float_eq(looked_up(PH_UNIT_INDEX_L, 5, 2.25f), 12.25f);
    ck_assert_float_eq(looked_up(PH_UNIT_FOLD_INDEX, 1, 3), 10);
}
END_TEST

START_TEST(octaves_of_a_scale_go_below_0_too)
{
    for (int degree = -20; degree <= 20; degree++) {
        const int octave = (int)floor(degree / 7.0);
        ck_assert_float_eq(looked_up(PH_UNIT_DEGREE_TO_KEY, 7, (float)degree + 0.5f),
                           (float)(10 + degree - 7 * octave + 12 * octave));
    }
}
END_TEST

START_TEST(values_are_found_in_a_table)
{
    ck_assert_float_eq(looked_up(PH_UNIT_DETECT_INDEX, 20, 17), 7);
    ck_assert_float_eq(looked_up(PH_UNIT_DETECT_INDEX, 20, 17.5f), -1);
    ck_assert_float_eq(looked_up(PH_UNIT_INDEX_IN_BETWEEN, 20, 17.5f), 7.5f);
    ck_assert_float_eq(looked_up(PH_UNIT_INDEX_IN_BETWEEN, 20, 3), 0);
    ck_assert_float_eq(looked_up(PH_UNIT_INDEX_IN_BETWEEN, 20, 300), 19);
}
END_TEST

/** Every reader, at any number: nothing but finite values come out. */
START_TEST(any_number_is_safe)
{
    static const enum ph_unit readers[] = {
        PH_UNIT_OSC, PH_UNIT_OSC_N, PH_UNIT_C_OSC, PH_UNIT_V_OSC, PH_UNIT_V_OSC3, PH_UNIT_SHAPER,
        PH_UNIT_INDEX, PH_UNIT_INDEX_L, PH_UNIT_FOLD_INDEX, PH_UNIT_WRAP_INDEX,
        PH_UNIT_INDEX_IN_BETWEEN, PH_UNIT_DETECT_INDEX, PH_UNIT_DEGREE_TO_KEY
    };
    static const float numbers[] = { 0, 1, -1, 0.5f, 2, 1e30f, -1e30f, INFINITY, -INFINITY, NAN,
                                     2147483648.0f, -2147483648.0f, 1e-30f };
    static const uint32_t sizes[] = { 1, 2, 3, 64, 1024 };
    for (int size = 0; size < 5; size++)
        for (int number = 0; number < 13; number++)
            for (int in = 0; in < 13; in++) {
                struct unit_host *const h = reader(readers[_i], numbers[number], numbers[in]);
                count_up(h, 0, sizes[size]);
                count_up(h, 1, sizes[size]);
                host_set(h, 2, IR, numbers[(in * 5) % 13]);
                host_init(h);
                for (int block = 0; block < 3; block++) {
                    host_block(h);
                    host_set(h, 1, KR, numbers[(in + block) % 13]);
                }
                for (int i = 0; i < DSP_BLOCK_FRAMES; i++)
                    ck_assert(isfinite(h->out[0][i]) || !isfinite(numbers[in]) ||
                              readers[_i] == PH_UNIT_INDEX_IN_BETWEEN);
                host_free(h);
            }
}
END_TEST

/** A wavetable whose pairs are those of a line from 0 to n - 1. */
static void line_table(struct unit_host *h, uint32_t n, float scale)
{
    for (uint32_t i = 0; i < n; i++) {
        const float a = scale * (float)i, b = scale * (float)(i + 1);
        h->sample[2 * i] = 2 * a - b;
        h->sample[2 * i + 1] = b - a;
    }
    h->buffers[0] = h->buffers[1] = (struct dsp_buffer){ h->sample, 2 * n, 1, 48000 };
}

START_TEST(a_wavetable_is_read_between_its_places)
{
    struct unit_host *const h = reader(PH_UNIT_OSC, 0, 75);
    line_table(h, 512, 1);
    host_init(h);
    host_render(h, out, N);
    for (int i = 0; i < N; i++) /* 0.8 places a frame */
        ck_assert_float_eq_tol(out[i], 0.8f * (float)i, 0.01f);
    host_free(h);
}
END_TEST

START_TEST(sizes_that_are_no_power_of_two_are_silent)
{
    struct unit_host *const h = reader(PH_UNIT_OSC, 0, 75);
    line_table(h, 500, 1);
    host_init(h);
    host_render(h, out, N);
    for (int i = 0; i < N; i++)
        ck_assert_float_eq(out[i], 0);
    host_free(h);
}
END_TEST

/** Two constant tables of 1 and 3 in buffers 0 and 1: the mix tells the position. */
START_TEST(a_position_may_fall_from_a_whole_number)
{
    struct unit_host *const h = reader(PH_UNIT_V_OSC, 1, 75);
    for (uint32_t i = 0; i < 4096; i++)
        h->sample[i] = i % 2 ? 0.0f : i < 2048 ? 1.0f : 3.0f;
    h->buffers[0] = (struct dsp_buffer){ h->sample, 1024, 1, 48000 };
    h->buffers[1] = (struct dsp_buffer){ h->sample + 2048, 1024, 1, 48000 };
    host_set(h, 0, KR, 1);
    host_init(h);
    host_set(h, 0, KR, 0.5f);
    host_block(h);
    for (int i = 0; i < DSP_BLOCK_FRAMES; i++)
        ck_assert_float_eq_tol(h->out[0][i], 3.0f - (float)i / 64.0f, 1e-4f);
    host_free(h);
}
END_TEST

START_TEST(shaper_follows_a_control_from_block_to_block)
{
    struct unit_host *const h = reader(PH_UNIT_SHAPER, 0, 0);
    line_table(h, 512, 1);
    host_set(h, 1, KR, -0.5f);
    host_init(h);
    host_set(h, 1, KR, 0.5f);
    host_block(h);
    for (int i = 0; i < DSP_BLOCK_FRAMES; i++)
        ck_assert_float_eq_tol(h->out[0][i], 128.0f + 4.0f * (float)i, 0.01f);
    host_free(h);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("tables");
    tcase_add_test(c, places_beyond_a_table_are_held_folded_or_wrapped);
    tcase_add_test(c, octaves_of_a_scale_go_below_0_too);
    tcase_add_test(c, values_are_found_in_a_table);
    tcase_add_loop_test(c, any_number_is_safe, 0, 13);
    tcase_add_test(c, a_wavetable_is_read_between_its_places);
    tcase_add_test(c, sizes_that_are_no_power_of_two_are_silent);
    tcase_add_test(c, a_position_may_fall_from_a_whole_number);
    tcase_add_test(c, shaper_follows_a_control_from_block_to_block);
    return host_run(argc, argv, "tables", c);
}
