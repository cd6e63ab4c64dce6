/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_env.c - EnvGen, Line, XLine.                                             */
#include "tests/server/dsp/unit_host.h"

static const float rate_hz = 1000;

/* Durations are cut off to whole frames; a hundredth of a frame more keeps 0.01f from being 9. */
#define FRAMES(n) ((n) * 0.001f + 1e-5f)

enum { STEP, LINEAR, EXPONENTIAL, SINE, WELCH, CURVE, SQUARED, CUBED, HOLD };

/**
 * An EnvGen over one lane with the given first level and segments {level, seconds, shape, curve}.
 */
static struct unit_host *env_new(uint8_t gate_rate, float gate, float first, int release, int loop,
                                 uint32_t n_stages, const float stages[][4])
{
    struct unit_host *const h = host_new(PH_UNIT_ENV_GEN, 0, 1, AR, rate_hz);
    const float head[] = { gate, 1, 0, 1, 2, first, (float)n_stages, (float)release, (float)loop };
    for (uint32_t i = 0; i < 9; i++)
        host_set(h, i, i == 0 ? gate_rate : IR, head[i]);
    for (uint32_t i = 0; i < n_stages * 4; i++)
        host_set(h, 9 + i, IR, stages[i / 4][i % 4]);
    host_init(h);
    return h;
}

/** The shape between 0 < a and b at 0 <= t <= 1. */
static double shape_at(int shape, double a, double b, double t, double curve)
{
    switch (shape) {
    case STEP: return b;
    case LINEAR: return a + t * (b - a);
    case EXPONENTIAL: return a * pow(b / a, t);
    case SINE: return a + (b - a) * (0.5 - 0.5 * cos(t * 3.14159265358979));
    case WELCH:
        return b >= a ? a + (b - a) * sin(t * 1.5707963267948966)
                      : b + (a - b) * cos(t * 1.5707963267948966);
    case CURVE: return a + (b - a) * (1 - exp(t * curve)) / (1 - exp(curve));
    case SQUARED: return pow(sqrt(a) + t * (sqrt(b) - sqrt(a)), 2);
    case CUBED: return pow(cbrt(a) + t * (cbrt(b) - cbrt(a)), 3);
    default: return a;
    }
}

START_TEST(every_shape_follows_its_curve_up_and_down)
{
    const float up[2][4] = { { 0.8f, FRAMES(100), (float)_i, -3 },
                             { 0.2f, FRAMES(100), (float)_i, 2 } };
    struct unit_host *const h = env_new(IR, 1, 0.3f, -1, -1, 2, up);
    float y[256];
    host_render(h, y, 256);
    for (int i = 0; i < 199; i++) {
        const int t = i + 1; /* born one frame into its course */
        const double want = t < 100 ? shape_at(_i, 0.3f, 0.8f, t / 100.0, -3)
                                    : shape_at(_i, 0.8f, 0.2f, (t - 100) / 100.0, 2);
        /* A segment that holds starts at its own end: SuperCollider takes the level from there. */
        if (_i != HOLD)
            ck_assert_msg(fabs(y[i] - want) < 1e-6, "shape %d frame %d: %g, not %g", _i, i, y[i],
                          want);
    }
    ck_assert_double_eq_tol(y[220], 0.2, 1e-6);
    host_free(h);
}
END_TEST

START_TEST(a_holding_segment_jumps_at_its_end)
{
    const float stages[2][4] = { { 0.8f, FRAMES(100), LINEAR, 0 }, { 0.2f, FRAMES(100), HOLD, 0 } };
    struct unit_host *const h = env_new(IR, 1, 0, -1, -1, 2, stages);
    float y[256];
    host_render(h, y, 256);
    ck_assert_double_eq_tol(y[100], 0.8, 1e-6);
    ck_assert_double_eq_tol(y[198], 0.8, 1e-6);
    ck_assert_double_eq_tol(y[199], 0.2, 1e-6);
    host_free(h);
}
END_TEST

START_TEST(the_end_asks_for_the_done_action_in_its_block_and_once)
{
    const float stages[1][4] = { { 1, FRAMES(100), LINEAR, 0 } };
    struct unit_host *const h = env_new(IR, 1, 0, -1, -1, 1, stages);
    host_block(h);
    ck_assert_uint_eq(h->node[0].done, 0);
    host_block(h);
    ck_assert_uint_eq(h->node[0].done, 1u << 2);
    h->node[0].done = 0;
    for (int i = 0; i < 10; i++)
        host_block(h);
    ck_assert_uint_eq(h->node[0].done, 0);
    host_free(h);
}
END_TEST

static const float adsr[3][4] = { { 1, FRAMES(20), LINEAR, 0 }, { 0.5f, FRAMES(20), LINEAR, 0 },
                                  { 0, FRAMES(100), LINEAR, 0 } };

START_TEST(tells_the_node_that_it_is_releasing_in_its_last_segment)
{
    const float stages[2][4] = { { 1, FRAMES(100), LINEAR, 0 }, { 0, FRAMES(100), LINEAR, 0 } };
    struct unit_host *const h = env_new(IR, 1, 0, -1, -1, 2, stages);
    float y[64];
    host_render(h, y, 64);
    ck_assert_uint_eq(h->node[0].flags & DSP_NODE_RELEASING, 0);
    host_render(h, y, 64);
    ck_assert_uint_ne(h->node[0].flags & DSP_NODE_RELEASING, 0);
    host_free(h);
}
END_TEST

START_TEST(sustains_at_the_release_node_until_the_gate_closes)
{
    struct unit_host *const h = env_new(KR, 1, 0, 2, -1, 3, adsr);
    float y[64];
    for (int i = 0; i < 20; i++)
        host_render(h, y, 64);
    ck_assert_double_eq_tol(y[63], 0.5, 1e-6);
    ck_assert_uint_eq(h->node[0].done, 0);
    h->in[0][0] = 0;
    host_render(h, y, 64);
    ck_assert_double_eq_tol(y[0], 0.5, 1e-6);
    ck_assert_double_eq_tol(y[50], 0.25, 1e-6);
    host_render(h, y, 64);
    ck_assert_double_eq_tol(y[60], 0, 1e-6);
    ck_assert_uint_eq(h->node[0].done, 1u << 2);
    host_free(h);
}
END_TEST

START_TEST(loops_from_the_loop_node_until_released)
{
    const float stages[3][4] = { { 1, FRAMES(10), LINEAR, 0 }, { 0.5f, FRAMES(10), LINEAR, 0 },
                                 { 0, FRAMES(10), LINEAR, 0 } };
    struct unit_host *const h = env_new(KR, 1, 0, 2, 0, 3, stages);
    float y[256];
    host_render(h, y, 256);
    /* 0 -> 1, then 1 -> 0.5 -> (loop) 0.5 -> 1 -> 0.5: SuperCollider goes back to segment 0 */
    ck_assert_double_eq_tol(y[9], 1, 1e-6);
    ck_assert_double_eq_tol(y[19], 0.5, 1e-6);
    ck_assert_double_eq_tol(y[29], 1, 1e-6);
    ck_assert_double_eq_tol(y[239], 0.5, 1e-6);
    h->in[0][0] = 0;
    host_render(h, y, 64);
    ck_assert_double_eq_tol(y[20], 0, 1e-6);
    host_free(h);
}
END_TEST

START_TEST(a_new_gate_starts_again_from_the_present_level)
{
    struct unit_host *const h = env_new(AR, 1, 0, 2, -1, 3, adsr);
    float y[192];
    host_render(h, y, 64);
    for (int i = 0; i < 64; i++)
        h->in[0][i] = i < 32 ? 0 : 1; /* closes on frame 0, opens on frame 32 */
    host_render(h, y, 64);
    ck_assert_double_eq_tol(y[0], 0.5, 1e-6);
    ck_assert_double_eq_tol(y[32], 0.5 - 0.5 * 32 / 100, 1e-6);
    ck_assert_double_eq_tol(y[42], y[32] + (1 - y[32]) * 10 / 20, 1e-6);
    host_free(h);
}
END_TEST

START_TEST(a_gate_below_minus_one_releases_within_its_time)
{
    struct unit_host *const h = env_new(KR, 1, 0, 2, -1, 3, adsr);
    float y[64];
    host_render(h, y, 64);
    h->in[0][0] = -1.0f - FRAMES(20);
    host_render(h, y, 64);
    ck_assert_double_eq_tol(y[0], 0.5, 1e-6);
    ck_assert_double_eq_tol(y[10], 0.25, 1e-6);
    ck_assert_double_eq_tol(y[20], 0, 1e-6);
    ck_assert_uint_eq(h->node[0].done, 1u << 2);
    host_free(h);
}
END_TEST

START_TEST(waits_at_the_first_level_while_the_gate_is_closed)
{
    struct unit_host *const h = env_new(KR, 0, 0.125f, 2, -1, 3, adsr);
    float y[64];
    host_render(h, y, 64);
    ck_assert_float_eq(y[63], 0.125f);
    ck_assert_uint_eq(h->node[0].done, 0);
    h->in[0][0] = 1;
    host_render(h, y, 64);
    ck_assert_double_eq_tol(y[20], 1, 1e-6);
    host_free(h);
}
END_TEST

START_TEST(scale_bias_and_time_scale_apply)
{
    struct unit_host *const h = host_new(PH_UNIT_ENV_GEN, 0, 1, AR, rate_hz);
    const float in[] = { 1, 0.5f, 0.25f, 2, 0, 0, 1, -1, -1, 1, FRAMES(50), LINEAR, 0 };
    for (uint32_t i = 0; i < sizeof in / sizeof *in; i++)
        host_set(h, i, IR, in[i]);
    host_init(h);
    float y[128];
    host_render(h, y, 128);
    ck_assert_double_eq_tol(y[49], 0.5, 1e-6);  /* half way after 50 ms of 100 */
    ck_assert_double_eq_tol(y[99], 0.75, 1e-6);
    host_free(h);
}
END_TEST

START_TEST(a_list_with_missing_segments_ends_the_node)
{
    struct unit_host *const h = env_new(IR, 1, 0, -1, -1, 3, adsr);
    h->b.n_in = 9 + 4; /* three promised, one there */
    float y[128];
    host_render(h, y, 128);
    ck_assert_uint_eq(h->node[0].done, 1u << 2);
    ck_assert_float_eq(y[127], 0);
    host_free(h);
}
END_TEST

START_TEST(exponential_from_zero_is_finite)
{
    const float stages[1][4] = { { 1, FRAMES(50), EXPONENTIAL, 0 } };
    struct unit_host *const h = env_new(IR, 1, 0, -1, -1, 1, stages);
    float y[64];
    host_render(h, y, 64);
    for (int i = 0; i < 64; i++)
        ck_assert(isfinite(y[i]));
    ck_assert_double_eq_tol(y[60], 1, 1e-6);
    host_free(h);
}
END_TEST

START_TEST(a_segment_of_a_minute_follows_its_curve)
{
    /* 2880 s at 1000 Hz have the frames of a minute at 48 kHz */
    const float stages[1][4] = { { 0.75f, 2880, (float)_i, -4 } };
    struct unit_host *const h = env_new(IR, 1, 0.001f, -1, -1, 1, stages);
    enum { LENGTH = 2880000 };
    float y[64];
    for (int at = 0; at < LENGTH; at += 64) {
        host_render(h, y, 64);
        for (int i = 0; i < 64; i += 63) {
            const double want = shape_at(_i, 0.001f, 0.75f, (at + i + 1.0) / LENGTH, -4);
            REQUIRE(fabs(y[i] - want) < 1e-6, "shape %d frame %d: %.9g, not %.9g", _i, at + i,
                    (double)y[i], want);
        }
    }
    ck_assert_float_eq(y[63], 0.75f);
    host_free(h);
}
END_TEST

/** A lane's inputs as those of a voice alone. */
static struct unit_host *lane_alone(const struct unit_host *h, uint32_t k)
{
    struct unit_host *const one = host_of_lane(h, k);
    host_init(one);
    return one;
}

/**
 * Renders blocks of a wide unit and of each of its voices alone: the same bits, flags and actions.
 */
static void compare_with_alone(struct unit_host *h, int blocks,
                               void (*move)(struct unit_host *, int))
{
    struct unit_host *one[DSP_LANES_MAX];
    for (uint32_t k = 0; k < h->width; k++)
        one[k] = lane_alone(h, k);
    host_init(h);
    for (int block = 0; block < blocks; block++) {
        if (move)
            move(h, block);
        host_block(h);
        for (uint32_t k = 0; k < h->width; k++) {
            for (int i = 0; i < DSP_BLOCK_FRAMES; i++)
                one[k]->in[0][i] = h->in[0][(uint32_t)i * h->width + k];
            host_block(one[k]);
            for (uint32_t i = 0; i < h->b.n_frames; i++)
                REQUIRE(h->out[0][i * h->width + k] == one[k]->out[0][i],
                        "lane %u block %d frame %u: %.9g, alone %.9g", k, block, i,
                        (double)h->out[0][i * h->width + k], (double)one[k]->out[0][i]);
            REQUIRE(h->node[k].done == one[k]->node[0].done, "lane %u block %d", k, block);
            REQUIRE(h->node[k].flags == one[k]->node[0].flags, "lane %u block %d", k, block);
        }
    }
    for (uint32_t k = 0; k < h->width; k++)
        host_free(one[k]);
    host_free(h);
}

/** Repeatable values in 0 .. 1. */
static float chance(void)
{
    static uint32_t state = 1;
    state = state * 1664525u + 1013904223u;
    return (float)(state >> 8) / 16777216.0f;
}

/** Now and then a gate opens, closes or is forced; at audio rate on some frame. */
static void move_gates(struct unit_host *h, int block)
{
    const uint32_t n = h->in_rate[0] == AR ? DSP_BLOCK_FRAMES : 1;
    (void)block;
    for (uint32_t k = 0; k < h->width; k++) {
        float gate = h->in[0][(n - 1) * h->width + k];
        for (uint32_t i = 0; i < n; i++) {
            if (chance() < 0.05f / (float)n)
                gate = chance() < 0.5f ? 1 : chance() < 0.7f ? 0 : -1 - chance() * 0.1f;
            h->in[0][i * h->width + k] = gate;
        }
    }
}

/** Envelopes of their own, with segments from none to many blocks long. */
START_TEST(what_happens_in_one_lane_changes_no_bit_of_another)
{
    const uint8_t rate = _i == 2 ? KR : AR, gate_rate = _i == 1 ? AR : KR;
    struct unit_host *const h = host_new(PH_UNIT_ENV_GEN, 0, host_wide(), rate, rate_hz);
    const float head[] = { 1, 1, 0, 1, 2, 0.1f, 4, 2, -1 };
    for (uint32_t i = 0; i < 9 + 16; i++)
        host_set(h, i, i == 0 ? gate_rate : IR, i < 9 ? head[i] : 0);
    for (uint32_t k = 0; k < h->width; k++) {
        h->in[8][k] = chance() < 0.3f ? 0 : -1;
        for (uint32_t stage = 0; stage < 4; stage++) {
            float *const in = &h->in[9 + 4 * stage][k];
            const uint32_t next = (uint32_t)(h->in[1] - h->in[0]);
            in[0] = chance();
            in[next] = chance() * chance() * chance() * (rate == KR ? 20 : 0.5f);
            in[2 * next] = floorf(chance() * 8.99f);
            in[3 * next] = chance() * 12 - 6;
        }
    }
    compare_with_alone(h, 2000, move_gates);
}
END_TEST

START_TEST(an_empty_lane_asks_for_nothing)
{
    struct unit_host *const h = host_new(PH_UNIT_ENV_GEN, 0, host_wide(), AR, rate_hz);
    const float in[] = { 1, 1, 0, 1, 2, 0, 1, -1, -1, 1, FRAMES(50), LINEAR, 0 };
    for (uint32_t i = 0; i < sizeof in / sizeof *in; i++)
        host_set(h, i, IR, in[i]);
    host_init(h);
    h->b.lanes = 2;
    host_block(h);
    for (uint32_t k = 0; k < h->width; k++) {
        ck_assert_uint_eq(h->node[k].done, k == 1 ? 1u << 2 : 0);
        ck_assert_uint_eq(h->node[k].flags, k == 1 ? DSP_NODE_RELEASING : 0);
    }
    host_free(h);
}
END_TEST

START_TEST(lines_of_many_lengths_run_side_by_side)
{
    const enum ph_unit id = _i % 2 ? PH_UNIT_XLINE : PH_UNIT_LINE;
    struct unit_host *const h = host_new(id, 0, host_wide(), _i / 2 ? KR : AR, rate_hz);
    for (uint32_t i = 0; i < 4; i++)
        host_set(h, i, IR, 2);
    for (uint32_t k = 0; k < h->width; k++) {
        h->in[0][k] = 0.1f + chance();
        h->in[1][k] = 0.1f + chance();
        h->in[2][k] = k == 0 ? 0 : k == 1 ? FRAMES(64) : chance() * (_i / 2 ? 20 : 0.5f);
    }
    compare_with_alone(h, 400, NULL);
}
END_TEST

static struct unit_host *line_new(enum ph_unit id, float start, float end, float seconds)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, rate_hz);
    const float in[] = { start, end, seconds, 2 };
    for (uint32_t i = 0; i < 4; i++)
        host_set(h, i, IR, in[i]);
    host_init(h);
    return h;
}

START_TEST(line_arrives_on_its_frame_and_stays)
{
    struct unit_host *const h = line_new(PH_UNIT_LINE, 1, 3, 0.1f);
    float y[192];
    host_render(h, y, 64);
    ck_assert_uint_eq(h->node[0].done, 0);
    host_render(h, y + 64, 64);
    ck_assert_uint_eq(h->node[0].done, 1u << 2);
    host_render(h, y + 128, 64);
    for (int i = 0; i < 192; i++)
        ck_assert_double_eq_tol(y[i], i < 100 ? 1 + 2 * (i + 1) / 100.0 : 3, 1e-6);
    host_free(h);
}
END_TEST

START_TEST(x_line_is_a_geometric_row)
{
    struct unit_host *const h = line_new(PH_UNIT_XLINE, 1, 16, 0.1f);
    float y[128];
    host_render(h, y, 128);
    for (int i = 0; i < 128; i++)
        ck_assert_double_eq_tol(y[i], i < 100 ? pow(16, (i + 1) / 100.0) : 16, 2e-5);
    host_free(h);
}
END_TEST

/**
 * Its synth starts in the last quarter of a block: the
 * second block's value is a quarter of a step on.
 */
START_TEST(a_control_line_counts_a_first_block_by_its_part)
{
    struct unit_host *const h = host_new(_i ? PH_UNIT_XLINE : PH_UNIT_LINE, 0, 1, KR, rate_hz);
    const double n_blocks = 30;
    const float inputs[4] = { 1, 2, (float)(n_blocks * DSP_BLOCK_FRAMES / rate_hz), 0 };
    for (uint32_t i = 0; i < 4; i++)
        host_set(h, i, IR, inputs[i]);
    host_init(h);
    for (int block = 0; block < 20; block++) {
        host_call(h, block == 0 ? 3 * DSP_BLOCK_FRAMES / 4 : 0, 1);
        const double at = (block == 0 ? 1 : block + 0.25) / n_blocks, grown = pow(2, 1 / n_blocks);
        const double row =
            pow(grown, block == 0 ? 1 : block) * (block == 0 ? 1 : 1 + 0.25 * (grown - 1));
        ck_assert_double_eq_tol(h->out[0][0], _i ? row : 1 + at, 1e-6);
    }
    host_free(h);
}
END_TEST

START_TEST(lines_of_a_minute_arrive)
{
    const enum ph_unit id = _i ? PH_UNIT_XLINE : PH_UNIT_LINE;
    struct unit_host *const h = line_new(id, 0.001f, 0.75f, 2880);
    enum { LENGTH = 2880000 };
    float y[64];
    for (int at = 0; at < LENGTH; at += 64) {
        host_render(h, y, 64);
        const double want =
            shape_at(_i ? EXPONENTIAL : LINEAR, 0.001f, 0.75f, (at + 64.0) / LENGTH, 0);
        REQUIRE(fabs(y[63] - want) < 1e-6, "frame %d: %.9g, not %.9g", at + 63, (double)y[63],
                want);
    }
    host_free(h);
}
END_TEST

START_TEST(lines_of_no_length_and_no_ratio_are_finite)
{
    struct unit_host *h = line_new(PH_UNIT_LINE, 1, 3, 0);
    float y[64];
    host_render(h, y, 64);
    ck_assert_float_eq(y[0], 3);
    host_free(h);
    h = line_new(PH_UNIT_XLINE, 0, 3, 0.02f);
    host_render(h, y, 64);
    for (int i = 0; i < 64; i++)
        ck_assert_float_eq(y[i], i < 20 ? 0 : 3);
    host_free(h);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("env");
    tcase_add_loop_test(c, every_shape_follows_its_curve_up_and_down, STEP, HOLD + 1);
    tcase_add_test(c, a_holding_segment_jumps_at_its_end);
    tcase_add_test(c, the_end_asks_for_the_done_action_in_its_block_and_once);
    tcase_add_test(c, sustains_at_the_release_node_until_the_gate_closes);
    tcase_add_test(c, loops_from_the_loop_node_until_released);
    tcase_add_test(c, a_new_gate_starts_again_from_the_present_level);
    tcase_add_test(c, a_gate_below_minus_one_releases_within_its_time);
    tcase_add_test(c, waits_at_the_first_level_while_the_gate_is_closed);
    tcase_add_test(c, scale_bias_and_time_scale_apply);
    tcase_add_test(c, a_list_with_missing_segments_ends_the_node);
    tcase_add_test(c, tells_the_node_that_it_is_releasing_in_its_last_segment);
    tcase_add_test(c, exponential_from_zero_is_finite);
    tcase_add_test(c, line_arrives_on_its_frame_and_stays);
    tcase_add_test(c, x_line_is_a_geometric_row);
    tcase_add_test(c, lines_of_no_length_and_no_ratio_are_finite);
    tcase_add_loop_test(c, lines_of_a_minute_arrive, 0, 2);
    tcase_add_loop_test(c, a_control_line_counts_a_first_block_by_its_part, 0, 2);
    tcase_add_loop_test(c, a_segment_of_a_minute_follows_its_curve, LINEAR, CUBED + 1);
    tcase_add_loop_test(c, what_happens_in_one_lane_changes_no_bit_of_another, 0, 3);
    tcase_add_test(c, an_empty_lane_asks_for_nothing);
    tcase_add_loop_test(c, lines_of_many_lengths_run_side_by_side, 0, 4);
    return host_run(argc, argv, "env", c);
}
