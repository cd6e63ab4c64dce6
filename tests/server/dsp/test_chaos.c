/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_chaos.c - maps that run off, and corners that walk at random.            */
#include "tests/server/dsp/stream.h"

enum { N = 48000 };
static float out[N], again[N];

static struct unit_host *unit_new(enum ph_unit id)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, 48000);
    for (uint32_t i = 0; i < ph_units[id].n_inputs; i++)
        host_set(h, i, IR, ph_units[id].inputs[i].initial);
    return h;
}

START_TEST(a_map_that_ran_off_comes_back)
{
    struct unit_host *const h = unit_new(PH_UNIT_QUAD_N);
    float highest = 0;
    host_set(h, 0, IR, 48000);
    host_set(h, 1, KR, 5);
    host_init(h);
    host_render(h, out, 640);
    for (int i = 0; i < 640; i++)
        ck_assert(isfinite(out[i]));
    host_set(h, 1, KR, NAN);
    host_render(h, out, 64);
    host_set(h, 1, KR, 1);
    host_render(h, out, 640);
    for (int i = 64; i < 640; i++) {
        ck_assert(fabsf(out[i]) <= 2.5f);
        highest = fmaxf(highest, fabsf(out[i]));
    }
    ck_assert_float_gt(highest, 0.5f);
    host_free(h);
}
END_TEST

START_TEST(a_map_steps_as_often_as_its_frequency_says)
{
    struct unit_host *const h = unit_new(PH_UNIT_LATOOCARFIAN_N);
    int steps = 0;
    host_set(h, 0, IR, 1000);
    host_init(h);
    host_render(h, out, N);
    for (int i = 1; i < N; i++)
        steps += out[i] != out[i - 1];
    ck_assert_int_ge(steps, 998);
    ck_assert_int_le(steps, 1000);
    host_free(h);
}
END_TEST

START_TEST(henon_waits_past_its_bounds_until_an_input_moves)
{
    struct unit_host *const h = unit_new(PH_UNIT_HENON_N);
    host_set(h, 1, KR, 9);
    host_set(h, 3, IR, 0.25f);
    host_init(h);
    host_render(h, out, 6400);
    for (int i = 3200; i < 6400; i++)
        ck_assert_float_eq(out[i], 0.25f);
    host_set(h, 1, KR, 1.2f);
    host_render(h, out, 6400);
    ck_assert_float_ne(out[6399], out[6398 - 64]);
    host_free(h);
}
END_TEST

static const enum ph_unit walks[] = { PH_UNIT_GENDY1, PH_UNIT_GENDY2, PH_UNIT_GENDY3 };

/** As far as scsynth's reflection lets them: see gendy_bounce(). */
START_TEST(corners_stay_in_bounds)
{
    static const float bounds[] = { 1, 2, 2 };
    for (int kind = -1; kind < 9; kind++) {
        struct unit_host *const h = unit_new(walks[_i]);
        host_set(h, 0, IR, (float)kind);
        host_set(h, 1, IR, (float)kind);
        host_set(h, ph_units[walks[_i]].n_inputs > 9 ? 6 : 5, IR, 1000);
        host_init(h);
        host_render(h, out, 9600);
        for (int i = 0; i < 9600; i++)
            ck_assert(fabsf(out[i]) <= bounds[_i]);
        host_free(h);
    }
}
END_TEST

START_TEST(a_seed_is_a_sound)
{
    float *const runs[] = { out, again, again };
    for (int run = 0; run < 3; run++) {
        struct unit_host *const h = unit_new(walks[_i]);
        h->b.seed = run < 2 ? 7 : 8;
        host_init(h);
        host_render(h, runs[run], 6400);
        host_free(h);
        if (run == 1)
            ck_assert_mem_eq(out, again, 6400 * sizeof *out);
    }
    ck_assert_mem_ne(out, again, 6400 * sizeof *out);
}
END_TEST

START_TEST(any_number_of_corners_is_safe)
{
    static const float counts[] = { 0, 1, -5, 3.7f, 1e9f, NAN, INFINITY, -INFINITY, 70000 };
    const uint32_t n_inputs = ph_units[walks[_i]].n_inputs;
    const uint32_t corners = n_inputs == 9 ? 7 : 8;
    for (int held = 0; held < 9; held++)
        for (int used = 0; used < 9; used++) {
            struct unit_host *const h = unit_new(walks[_i]);
            host_set(h, corners, IR, counts[held]);
            host_set(h, corners + 1, IR, counts[used]);
            host_init(h);
            host_render(h, out, 640);
            for (int i = 0; i < 640; i++)
                ck_assert(fabsf(out[i]) <= 2.0f);
            host_free(h);
        }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("chaos");
    tcase_add_test(c, a_map_that_ran_off_comes_back);
    tcase_add_test(c, a_map_steps_as_often_as_its_frequency_says);
    tcase_add_test(c, henon_waits_past_its_bounds_until_an_input_moves);
    tcase_add_loop_test(c, corners_stay_in_bounds, 0, 3);
    tcase_add_loop_test(c, a_seed_is_a_sound, 0, 3);
    tcase_add_loop_test(c, any_number_of_corners_is_safe, 0, 3);
    return host_run(argc, argv, "chaos", c);
}
