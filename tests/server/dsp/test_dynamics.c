/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_dynamics.c - DetectSilence, Limiter, SafetyLimiter, PeakLimiter.         */
#include "tests/server/dsp/stream.h"

enum { N = 48000, LATENCY = 48 };
static float left[N], right[N], out_l[N], out_r[N], again_l[N], again_r[N], wide[N * DSP_LANES_MAX];
static float *const outs[HOST_OUTPUTS] = { out_l, out_r };
static float *const outs_again[HOST_OUTPUTS] = { again_l, again_r };
static const float *const both[2] = { left, right };

static struct unit_host *safety_new(float ceiling)
{
    struct unit_host *const h = host_new(PH_UNIT_SAFETY_LIMITER, 0, 1, AR, 48000);
    host_set(h, 2, IR, ceiling);
    host_set(h, 3, IR, 0.001f);
    return h;
}

START_TEST(safety_limiter_is_the_delayed_input_below_the_ceiling)
{
    struct unit_host *const h = safety_new(0.966f);
    fill_noise(left, N, 1);
    fill_noise(right, N, 2);
    for (int i = 0; i < N; i++) {
        left[i] *= 0.966f; /* noise reaches 1: these reach the ceiling and don't exceed it */
        right[i] *= 0.966f;
    }
    left[1000] = 0.966f;
    right[2000] = -0.966f;
    stream_run(h, both, 2, N, 64, outs);
    for (int i = 0; i < LATENCY; i++)
        ck_assert_float_eq(out_l[i], 0);
    assert_same(left, out_l + LATENCY, N - LATENCY, "left");
    assert_same(right, out_r + LATENCY, N - LATENCY, "right");
    host_free(h);
}
END_TEST

START_TEST(safety_limiter_never_exceeds_the_ceiling)
{
    const float ceilings[] = { 0.966f, 0.1f, 1e-6f, 0 };
    for (int c = 0; c < 4; c++) {
        struct unit_host *const h = safety_new(ceilings[c]);
        fill_noise(left, N, 3);
        fill_noise(right, N, 4);
        for (int i = 0; i < N; i++) {
            left[i] *= i % 1000 < 500 ? 3 : 0.5f;
            right[i] *= i % 7777 == 0 ? 1e30f : 0.1f;
        }
        stream_run(h, both, 2, N, 64, outs);
        ck_assert_double_le(peak(out_l, N), ceilings[c]);
        ck_assert_double_le(peak(out_r, N), ceilings[c]);
        host_free(h);
    }
}
END_TEST

START_TEST(safety_limiter_obeys_a_ceiling_that_comes_down)
{
    struct unit_host *const h = safety_new(0.9f);
    fill_sine(left, N, 100, 48000, 0.8);
    stream_run(h, both, 1, 640, 64, outs);
    host_set(h, 2, KR, 0.1f);
    stream_run(h, both, 1, 640, 64, outs);
    ck_assert_double_le(peak(out_l, 640), 0.1f);
    ck_assert_double_ge(peak(out_l, 640), 0.09f);
    host_free(h);
}
END_TEST

START_TEST(safety_limiter_returns_exactly_to_transparent)
{
    struct unit_host *const h = safety_new(0.5f);
    fill_noise(left, N, 5);
    for (int i = 0; i < N; i++)
        right[i] = left[i] = left[i] * 0.5f;
    left[10000] = 2;
    stream_run(h, both, 2, N, 64, outs);
    assert_same(left, out_l + LATENCY, 10000 - LATENCY, "before");
    assert_same(left + 10000 + LATENCY + 1, out_l + 10000 + 2 * LATENCY + 1,
                N - 10000 - 2 * LATENCY - 1, "after");
    ck_assert_float_eq(out_l[10000 + LATENCY], 0.5f);
    host_free(h);
}
END_TEST

START_TEST(safety_limiter_moves_both_sides_smoothly_and_together)
{
    struct unit_host *const h = safety_new(0.5f);
    for (int i = 0; i < N; i++) {
        left[i] = 0.25f;
        right[i] = 0.125f;
    }
    left[10000] = 2; /* asks for a gain of 1/4 */
    stream_run(h, both, 2, N, 64, outs);
    for (int i = 1000; i < N; i++) {
        if (i != 10000 + LATENCY)
            ck_assert_double_eq_tol(out_l[i], 2 * out_r[i], 1e-7);
        const double step = fabs((double)out_r[i] - out_r[i - 1]) / 0.125;
        ck_assert_double_le(step, 0.75 / (LATENCY + 1) + 1e-6); /* a straight line down and up */
    }
    ck_assert_double_eq_tol(out_r[10000 + LATENCY], 0.125 / 4, 1e-6);
    host_free(h);
}
END_TEST

START_TEST(safety_limiter_turns_faults_into_silence_and_tells)
{
    struct unit_host *const h = safety_new(0.5f);
    for (int i = 0; i < N; i++)
        left[i] = right[i] = 0.25f;
    stream_run(h, both, 2, 640, 64, outs);
    ck_assert_uint_eq(h->node[0].flags, 0);
    left[700] = NAN;
    left[701] = INFINITY;
    right[702] = -INFINITY;
    const float *const rest[2] = { left + 640, right + 640 };
    stream_run(h, rest, 2, N - 640, 64, outs);
    ck_assert_uint_eq(h->node[0].flags & DSP_NODE_NON_FINITE, DSP_NODE_NON_FINITE);
    ck_assert(all_finite(out_l, N - 640));
    ck_assert_float_eq(out_l[60 + LATENCY], 0);
    ck_assert_float_eq(out_r[60 + LATENCY], 0.25f);
    ck_assert_float_eq(out_r[62 + LATENCY], 0);
    ck_assert_float_eq(out_l[63 + LATENCY], 0.25f);
    host_free(h);
}
END_TEST

START_TEST(safety_limiter_latency_is_the_lookahead_rounded)
{
    const float rates[] = { 44100, 48000, 96000 };
    const float seconds[] = { 0, 0.001f, 0.0015f };
    for (int r = 0; r < 3; r++)
        for (int s = 0; s < 3; s++) {
            struct unit_host *const h = host_new(PH_UNIT_SAFETY_LIMITER, 0, 1, AR, rates[r]);
            host_set(h, 2, IR, 2);
            host_set(h, 3, IR, seconds[s]);
            fill_impulse(left, N);
            stream_run(h, both, 1, 512, 64, outs);
            ck_assert_float_eq(out_l[lround((double)seconds[s] * rates[r])], 1);
            host_free(h);
        }
}
END_TEST

START_TEST(safety_limiter_does_not_show_the_block_size)
{
    fill_noise(left, N, 6);
    fill_noise(right, N, 7);
    for (int run = 0; run < 2; run++) {
        struct unit_host *const h = safety_new(0.3f);
        stream_run(h, both, 2, N, run ? CUT_UNEVENLY : 64, run ? outs_again : outs);
        host_free(h);
    }
    assert_same(out_l, again_l, N, "left");
    assert_same(out_r, again_r, N, "right");
}
END_TEST

START_TEST(limiter_delays_by_twice_its_duration_and_holds_the_level)
{
    struct unit_host *const h = host_new(PH_UNIT_LIMITER, 0, 1, AR, 48000);
    host_set(h, 1, IR, 0.5f);
    host_set(h, 2, IR, 0.01f);
    fill_sine(left, N, 441, 48000, 1);
    for (int i = 0; i < N; i++)
        left[i] *= i < 12000 ? 0.4f : 2;
    stream_run(h, both, 1, N, 64, outs);
    for (int i = 0; i < 11000; i++)
        ck_assert_float_eq(out_l[i + 960], left[i]);
    /* gain * peak may round up by one part in 2^24 per frame of its ramp */
    ck_assert_double_le(peak(out_l, N), 0.5 * (1 + 480 * 6e-8));
    ck_assert_double_ge(peak(out_l + 24000, N - 24000), 0.49);
    host_free(h);
}
END_TEST

START_TEST(limiter_does_not_show_the_block_size)
{
    fill_noise(left, N, 8);
    for (int run = 0; run < 2; run++) {
        struct unit_host *const h = host_new(PH_UNIT_LIMITER, 0, 1, AR, 48000);
        host_set(h, 1, IR, 0.5f);
        host_set(h, 2, IR, 0.003f);
        stream_run(h, both, 1, N, run ? CUT_UNEVENLY : 64, run ? outs_again : outs);
        host_free(h);
    }
    assert_same(out_l, again_l, N, "limiter");
}
END_TEST

static struct unit_host *peak_limiter_new(float lookahead, float level, float release)
{
    struct unit_host *const h = host_new(PH_UNIT_PEAK_LIMITER, 0, 1, AR, 48000);
    host_set(h, 1, IR, lookahead);
    host_set(h, 2, IR, level);
    host_set(h, 3, IR, release);
    return h;
}

START_TEST(peak_limiter_is_the_input_delayed_by_its_look_ahead_below_the_level)
{
    const float lookaheads[] = { 0, 0.005f, 0.0201f };
    const int latencies[] = { 0, 240, 965 };
    fill_noise(left, N, 11);
    for (int i = 0; i < N; i++)
        left[i] *= 0.5f;
    left[3000] = -0.5f;
    for (int k = 0; k < 3; k++) {
        struct unit_host *const h = peak_limiter_new(lookaheads[k], 0.5f, 0.05f);
        stream_run(h, both, 1, N, 64, outs);
        assert_same(left, out_l + latencies[k], (uint32_t)(N - latencies[k]), "peak limiter");
        host_free(h);
    }
}
END_TEST

START_TEST(peak_limiter_never_exceeds_the_level)
{
    const float lookaheads[] = { 0, 0.001f, 0.005f };
    fill_noise(left, N, 12);
    for (int i = 0; i < N; i++)
        left[i] *= i % 1000 < 500 ? 3 : i % 777 == 0 ? 1e20f : 0.5f;
    for (int k = 0; k < 3; k++) {
        struct unit_host *const h = peak_limiter_new(lookaheads[k], 0.7f, 0.01f);
        stream_run(h, both, 1, N, 64, outs);
        ck_assert_double_le(peak(out_l, N), 0.7f);
        ck_assert_double_ge(peak(out_l + 24000, N - 24000), 0.65);
        host_free(h);
    }
}
END_TEST

/** The gain comes down on a straight line before the peak, and back exponentially behind it. */
START_TEST(peak_limiter_releases_in_its_time)
{
    struct unit_host *const h = peak_limiter_new(0.005f, 0.5f, 0.05f); /* 240 and 2400 frames */
    for (int i = 0; i < N; i++)
        left[i] = 0.125f;
    left[10000] = -2; /* a quarter of it is left */
    stream_run(h, both, 1, N, 64, outs);
    ck_assert_float_eq(out_l[9999], 0.125f); /* the peak enters the window on the next frame */
    ck_assert_float_ge(out_l[10240], -0.5f);
    ck_assert_float_le(out_l[10240], -0.4999f);
    const double at_first = 1 - out_l[10240 + 600] / 0.125, later = 1 - out_l[10240 + 3000] / 0.125;
    ck_assert_double_eq_tol(later / at_first, exp(-1), 0.002);
    ck_assert_float_eq(out_l[N - 1], 0.125f); /* and to the end of it */
    for (int i = 10000; i < 10239; i++)
        ck_assert_double_eq_tol(out_l[i] - out_l[i + 1], 0.125 * 0.75 / 241, 1e-6);
    host_free(h);
}
END_TEST

START_TEST(peak_limiter_does_not_show_the_block_size)
{
    fill_noise(left, N, 13);
    for (int run = 0; run < 2; run++) {
        struct unit_host *const h = peak_limiter_new(0.003f, 0.2f, 0.02f);
        stream_run(h, both, 1, N, run ? CUT_UNEVENLY : 64, run ? outs_again : outs);
        host_free(h);
    }
    assert_same(out_l, again_l, N, "peak limiter");
}
END_TEST

START_TEST(limiters_take_hostile_settings)
{
    const float values[] = { -1, 0, 1e-9f, 1e9f, NAN };
    fill_noise(left, N, 9);
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < 5; b++) {
            struct unit_host *const h = host_new(PH_UNIT_LIMITER, 0, 1, AR, 48000);
            host_set(h, 1, IR, values[a]);
            host_set(h, 2, IR, values[b]);
            if (h->unit->memory_frames(&h->b) < 100000) {
                stream_run(h, both, 1, 256, 64, outs);
                ck_assert_msg(all_finite(out_l, 256), "%g %g", (double)values[a],
                              (double)values[b]);
            }
            host_free(h);
            struct unit_host *const s = host_new(PH_UNIT_SAFETY_LIMITER, 0, 1, AR, 48000);
            host_set(s, 2, IR, values[a]);
            host_set(s, 3, IR, values[b]);
            ck_assert_uint_lt(s->unit->memory_frames(&s->b), 1u << 16);
            if (s->unit->memory_frames(&s->b) < 100000) {
                stream_run(s, both, 2, 256, 64, outs);
                ck_assert(all_finite(out_l, 256));
            }
            host_free(s);
            struct unit_host *const p = peak_limiter_new(values[b], values[a], values[b]);
            if (p->unit->memory_frames(&p->b) < 100000) {
                stream_run(p, both, 1, 256, 64, outs);
                ck_assert(all_finite(out_l, 256));
            }
            host_free(p);
        }
}
END_TEST

START_TEST(silence_is_detected_on_its_frame_in_each_lane)
{
    const uint32_t w = host_wide();
    struct unit_host *const h = host_new(PH_UNIT_DETECT_SILENCE, 0, w, AR, 48000);
    host_set(h, 1, IR, 0.01f);
    host_set(h, 2, IR, 0.0078125f); /* 375 frames */
    host_set(h, 3, IR, 2);
    memset(left, 0, sizeof left);
    host_feed(h, 0, left, 0, 64);
    host_init(h);
    for (int i = 0; i < 40; i++) /* silence before any sound doesn't count */
        host_call(h, 0, 64);
    ck_assert_uint_eq(h->node[0].done, 0);
    for (uint32_t k = 0; k < w; k++)
        h->in[0][10 * w + k] = k == 1 ? 0 : 0.5f; /* lane 1 stays silent; the others sound once */
    host_call(h, 0, 64);
    host_feed(h, 0, left, 0, 64);
    for (int block = 0; block < 8; block++) {
        host_call(h, 0, 64);
        memcpy(wide + block * 64 * (int)w, h->out[0], 64 * w * sizeof(float));
        if (block < 7) /* 375 quiet frames after frame 10 of the block before these */
            ck_assert_uint_eq(h->node[0].done, block * 64 + 63 + 54 >= 375 ? 1u << 2 : 0);
    }
    ck_assert_float_eq(wide[(375 - 54) * w], 1);
    ck_assert_float_eq(wide[(374 - 54) * w], 0);
    ck_assert_uint_eq(h->node[w - 1].done, 1u << 2);
    ck_assert_uint_eq(h->node[1].done, 0);
    host_free(h);
}
END_TEST

START_TEST(detect_silence_does_not_show_the_block_size)
{
    fill_noise(left, N, 10);
    for (int i = 0; i < N; i++)
        left[i] *= i % 9000 < 3000 ? 0.001f : 1;
    for (int run = 0; run < 2; run++) {
        struct unit_host *const h = host_new(PH_UNIT_DETECT_SILENCE, 0, 1, AR, 48000);
        host_set(h, 1, IR, 0.01f);
        host_set(h, 2, IR, 0.05f);
        stream_run(h, both, 1, N, run ? CUT_UNEVENLY : 64, run ? outs_again : outs);
        host_free(h);
    }
    assert_same(out_l, again_l, N, "detect silence");
    ck_assert_double_eq(peak(out_l, N), 1);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("dynamics");
    tcase_add_test(c, safety_limiter_is_the_delayed_input_below_the_ceiling);
    tcase_add_test(c, safety_limiter_never_exceeds_the_ceiling);
    tcase_add_test(c, safety_limiter_obeys_a_ceiling_that_comes_down);
    tcase_add_test(c, safety_limiter_returns_exactly_to_transparent);
    tcase_add_test(c, safety_limiter_moves_both_sides_smoothly_and_together);
    tcase_add_test(c, safety_limiter_turns_faults_into_silence_and_tells);
    tcase_add_test(c, safety_limiter_latency_is_the_lookahead_rounded);
    tcase_add_test(c, safety_limiter_does_not_show_the_block_size);
    tcase_add_test(c, limiter_delays_by_twice_its_duration_and_holds_the_level);
    tcase_add_test(c, limiter_does_not_show_the_block_size);
    tcase_add_test(c, peak_limiter_is_the_input_delayed_by_its_look_ahead_below_the_level);
    tcase_add_test(c, peak_limiter_never_exceeds_the_level);
    tcase_add_test(c, peak_limiter_releases_in_its_time);
    tcase_add_test(c, peak_limiter_does_not_show_the_block_size);
    tcase_add_test(c, limiters_take_hostile_settings);
    tcase_add_test(c, silence_is_detected_on_its_frame_in_each_lane);
    tcase_add_test(c, detect_silence_does_not_show_the_block_size);
    return host_run(argc, argv, "dynamics", c);
}
