/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_pan.c - panning and crossfades.                                          */
#include "tests/server/dsp/stream.h"

enum { N = 4096 };
static float in[N], place[N], out_l[N], out_r[N], again_l[N], again_r[N];
static float wide_l[N * DSP_LANES_MAX], wide_r[N * DSP_LANES_MAX];
static float *const outs[HOST_OUTPUTS] = { out_l, out_r };

static struct unit_host *pan_new(enum ph_unit id, uint32_t width, float pos, float level)
{
    struct unit_host *const h = host_new(id, 0, width, AR, 48000);
    const uint32_t at = id == PH_UNIT_PAN2 ? 1 : 2;
    host_set(h, at, IR, pos);
    host_set(h, at + 1, IR, level);
    return h;
}

START_TEST(power_is_equal_at_every_position)
{
    for (int i = 0; i < N; i++)
        in[i] = 1;
    const float *const signals[1] = { in };
    for (float pos = -1; pos <= 1; pos += 0.125f) {
        struct unit_host *const h = pan_new(PH_UNIT_PAN2, 1, pos, 0.5f);
        stream_run(h, signals, 1, 64, 64, outs);
        const double angle = (pos + 1) * 0.78539816339744831;
        ck_assert_double_eq_tol(out_l[10], 0.5 * cos(angle), 2e-7);
        ck_assert_double_eq_tol(out_r[10], 0.5 * sin(angle), 2e-7);
        host_free(h);
    }
}
END_TEST

START_TEST(positions_beyond_the_ends_are_the_ends)
{
    const float values[] = { -1, -7, -INFINITY, 1, 7, INFINITY };
    for (int i = 0; i < N; i++)
        in[i] = 1;
    const float *const signals[1] = { in };
    for (int v = 0; v < 6; v++) {
        struct unit_host *const h = pan_new(PH_UNIT_PAN2, 1, values[v], 1);
        stream_run(h, signals, 1, 64, 64, outs);
        ck_assert_double_eq_tol(v < 3 ? out_l[0] : out_r[0], 1, 2e-7);
        ck_assert_double_eq_tol(v < 3 ? out_r[0] : out_l[0], 0, 2e-7);
        host_free(h);
    }
}
END_TEST

START_TEST(balance_keeps_each_side_on_its_side)
{
    struct unit_host *const h = pan_new(PH_UNIT_BALANCE2, 1, 0, 1);
    host_set(h, 0, AR, 1);
    host_set(h, 1, AR, -2);
    stream_run(h, NULL, 0, 64, 64, outs);
    ck_assert_double_eq_tol(out_l[5], 0.70710678, 2e-7);
    ck_assert_double_eq_tol(out_r[5], -1.41421356, 4e-7);
    host_free(h);
}
END_TEST

START_TEST(changes_move_in_a_straight_line_over_one_block)
{
    struct unit_host *const h = pan_new(PH_UNIT_PAN2, 1, -1, 1);
    host_set(h, 0, AR, 1);
    stream_run(h, NULL, 0, 64, 64, outs);
    host_set(h, 1, KR, 1);
    host_set(h, 2, KR, 0.5f);
    stream_run(h, NULL, 0, 128, 64, outs);
    for (int i = 0; i < 64; i++) {
        ck_assert_double_eq_tol(out_l[i], 1 - i / 64.0, 1e-6);
        ck_assert_double_eq_tol(out_r[i], 0.5 * i / 64.0, 1e-6);
    }
    ck_assert_double_eq_tol(out_r[64], 0.5, 2e-7);
    host_free(h);
}
END_TEST

START_TEST(block_size_does_not_show)
{
    const enum ph_unit id = _i % 2 ? PH_UNIT_BALANCE2 : PH_UNIT_PAN2;
    const uint32_t at = id == PH_UNIT_PAN2 ? 1 : 2;
    float *const outs_again[HOST_OUTPUTS] = { again_l, again_r };
    fill_noise(in, N, 1);
    for (int i = 0; i < N; i++)
        place[i] = 1.2f * sinf((float)i * 0.01f);
    const float *signals[4] = { in };
    if (id == PH_UNIT_BALANCE2)
        signals[1] = in;
    if (_i & 2)
        signals[at] = place;
    for (int run = 0; run < 2; run++) {
        struct unit_host *const h = pan_new(id, 1, 0.3f, 0.7f);
        stream_run(h, signals, 4, N, run ? CUT_UNEVENLY : 64, run ? outs_again : outs);
        host_free(h);
    }
    assert_same(out_l, again_l, N, "left");
    assert_same(out_r, again_r, N, "right");
    ck_assert_double_gt(rms(out_l, N), 0.1);
}
END_TEST

START_TEST(lanes_do_not_hear_each_other)
{
    float *const wides[HOST_OUTPUTS] = { wide_l, wide_r };
    const float *const signals[1] = { in };
    const int w = (int)host_wide();
    struct unit_host *const h = pan_new(PH_UNIT_PAN2, host_wide(), 0, 1);
    fill_noise(in, N, 2);
    for (int k = 0; k < w; k++)
        h->in[1][k] = -1 + 0.125f * (float)k;
    stream_run(h, signals, 1, N, 64, wides);
    host_free(h);
    for (int k = 0; k < w; k++) {
        struct unit_host *const alone = pan_new(PH_UNIT_PAN2, 1, -1 + 0.125f * (float)k, 1);
        stream_run(alone, signals, 1, N, 64, outs);
        for (int i = 0; i < N; i++) {
            ck_assert_float_eq(wide_l[i * w + k], out_l[i]);
            ck_assert_float_eq(wide_r[i * w + k], out_r[i]);
        }
        host_free(alone);
    }
}
END_TEST

/** Every second lane stands still; its gains are the same bits as where no lane moves. */
START_TEST(lanes_that_move_are_not_heard_in_those_that_do_not)
{
    const uint32_t at = _i ? 2 : 1, w = host_wide();
    const enum ph_unit id = _i ? PH_UNIT_BALANCE2 : PH_UNIT_PAN2;
    struct unit_host *const h = pan_new(id, w, 0.3f, 0.7f);
    struct unit_host *const still = pan_new(id, 1, 0.3f, 0.7f);
    for (int side = 0; side < (_i ? 2 : 1); side++) {
        host_set(h, (uint32_t)side, AR, 0.9f);
        host_set(still, (uint32_t)side, AR, 0.9f);
    }
    host_init(h);
    host_init(still);
    for (int block = 0; block < 10; block++) {
        for (uint32_t k = 1; k < w; k += 2) {
            h->in[at][k] = 0.1f * (float)block;
            h->in[at + 1][k] = 1 - 0.07f * (float)block;
        }
        host_block(h);
        host_block(still);
        for (uint32_t i = 0; i < 64; i++)
            for (uint32_t k = 0; k < w; k += 2) {
                ck_assert_float_eq(h->out[0][i * w + k], still->out[0][i]);
                ck_assert_float_eq(h->out[1][i * w + k], still->out[1][i]);
            }
    }
    host_free(h);
    host_free(still);
}
END_TEST

/** A level at audio rate counts as it is in the block's first frame, as in scsynth. */
START_TEST(levels_are_taken_once_per_block)
{
    for (int i = 0; i < N; i++)
        place[i] = (float)i / 64;
    const float *const signals[3] = { NULL, NULL, place };
    struct unit_host *const h = pan_new(PH_UNIT_PAN2, 1, -1, 0);
    host_set(h, 0, AR, 1);
    stream_run(h, signals, 3, N, 64, outs);
    for (int i = 64; i < N; i++)
        ck_assert_double_eq_tol(out_l[i], i / 64.0 - 1, 1e-5 * i / 64);
    host_free(h);
}
END_TEST

START_TEST(corners_of_the_square_are_one_channel_each)
{
    static const float corners[4][2] = { { -1, 1 }, { 1, 1 }, { -1, -1 }, { 1, -1 } };
    for (float far = 1; far < 1e30f; far *= 1e3f)
        for (int corner = 0; corner < 4; corner++) {
            struct unit_host *const h = host_new(PH_UNIT_PAN4, 0, 1, AR, 48000);
            host_set(h, 0, AR, 1);
            host_set(h, 1, KR, corners[corner][0] * far);
            host_set(h, 2, KR, corners[corner][1] * far);
            host_set(h, 3, KR, 0.5f);
            host_init(h);
            host_block(h);
            for (int o = 0; o < 4; o++)
                ck_assert_double_eq_tol(h->out[o][5], o == corner ? 0.5 : 0, 1e-6);
            host_free(h);
        }
}
END_TEST

/**
 * Across an edge, the nearer direction is kept: 6 to the right and 3 to the front are 1 and 0.5.
 */
START_TEST(what_lies_outside_the_square_keeps_its_direction)
{
    static const float far[4][2] = { { 6, 3 }, { -6, 3 }, { 3, 6 }, { 3, -6 } };
    static const float edge[4][2] = { { 1, 0.5f }, { -1, 0.5f }, { 0.5f, 1 }, { 0.5f, -1 } };
    for (int corner = 0; corner < 4; corner++) {
        struct unit_host *const outside = host_new(PH_UNIT_PAN4, 0, 1, AR, 48000);
        struct unit_host *const inside = host_new(PH_UNIT_PAN4, 0, 1, AR, 48000);
        for (int i = 0; i < 2; i++) {
            host_set(outside, 1 + (uint32_t)i, KR, far[corner][i]);
            host_set(inside, 1 + (uint32_t)i, KR, edge[corner][i]);
            host_set(i ? outside : inside, 0, AR, 1);
            host_set(i ? outside : inside, 3, KR, 1);
        }
        host_init(outside);
        host_init(inside);
        host_block(outside);
        host_block(inside);
        for (int o = 0; o < 4; o++)
            ck_assert_float_eq(outside->out[o][0], inside->out[o][0]);
        host_free(outside);
        host_free(inside);
    }
}
END_TEST

/** Equal power, and silence where the sound isn't. */
START_TEST(ring_has_the_same_power_everywhere)
{
    for (float pos = -5; pos < 5; pos += 0.013f) {
        struct unit_host *const h = host_new(PH_UNIT_PAN_AZ, 0, 1, AR, 48000);
        const float values[] = { 1, pos, 1, 2, 0.5f };
        double power = 0;
        for (uint32_t i = 0; i < 5; i++)
            host_set(h, i, i ? KR : AR, values[i]);
        h->b.n_out = 4;
        host_init(h);
        host_block(h);
        for (int o = 0; o < 4; o++)
            power += (double)h->out[o][0] * h->out[o][0];
        ck_assert_double_eq_tol(power, 1, 2e-3); /* the grid of angles */
        int sounding = 0;
        for (int o = 0; o < 4; o++)
            sounding += h->out[o][0] != 0;
        ck_assert_int_le(sounding, 2);
        host_free(h);
    }
}
END_TEST

/** Positions that are no numbers are somewhere, and the next block is as if they had not been. */
START_TEST(positions_recover_from_anything)
{
    static const enum ph_unit units[] = {
        PH_UNIT_PAN4, PH_UNIT_PAN_AZ, PH_UNIT_PAN_B, PH_UNIT_PAN_B2, PH_UNIT_BI_PAN_B2,
        PH_UNIT_ROTATE2, PH_UNIT_X_FADE2, PH_UNIT_LIN_X_FADE2, PH_UNIT_LIN_PAN2
    };
    static const float values[] = { NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 1e-40f };
    for (uint32_t u = 0; u < sizeof units / sizeof *units; u++)
        for (int v = 0; v < 6; v++) {
            struct unit_host *const h = host_new(units[u], 0, 1, AR, 48000);
            const uint32_t n = ph_units[units[u]].n_inputs;
            const bool at_audio = v % 2 && (units[u] == PH_UNIT_PAN_AZ || n < 5);
            for (uint32_t i = 0; i < n; i++)
                host_set(h, i, i == 0 ? AR : KR, ph_units[units[u]].inputs[i].initial);
            host_set(h, 0, AR, 1);
            host_init(h);
            for (uint32_t i = 1; i < n; i++)
                host_set(h, i, at_audio && i < 3 ? AR : KR, values[v]);
            host_block(h);
            for (uint32_t i = 1; i < n; i++)
                host_set(h, i, h->in_rate[i], ph_units[units[u]].inputs[i].initial);
            host_block(h);
            host_block(h);
            for (uint32_t o = 0; o < h->b.n_out; o++)
                for (int i = 0; i < 64; i++)
                    ck_assert_msg(isfinite(h->out[o][i]), "%s", ph_units[units[u]].name);
            host_free(h);
        }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("pan");
    tcase_add_test(c, power_is_equal_at_every_position);
    tcase_add_test(c, positions_beyond_the_ends_are_the_ends);
    tcase_add_test(c, balance_keeps_each_side_on_its_side);
    tcase_add_test(c, changes_move_in_a_straight_line_over_one_block);
    tcase_add_loop_test(c, block_size_does_not_show, 0, 4);
    tcase_add_test(c, lanes_do_not_hear_each_other);
    tcase_add_test(c, levels_are_taken_once_per_block);
    tcase_add_test(c, corners_of_the_square_are_one_channel_each);
    tcase_add_test(c, what_lies_outside_the_square_keeps_its_direction);
    tcase_add_test(c, ring_has_the_same_power_everywhere);
    tcase_add_test(c, positions_recover_from_anything);
    tcase_add_loop_test(c, lanes_that_move_are_not_heard_in_those_that_do_not, 0, 2);
    return host_run(argc, argv, "pan", c);
}
