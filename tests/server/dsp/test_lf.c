/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_lf.c - what the oracle doesn't see of oscillators, banks and envelopes:  */
/* edges, other directions, recovery.                                                             */
#include "tests/server/dsp/stream.h"

enum { N = 4800, TURN = 64 }; /* frames of a turn at 750 Hz */
static float out[N], other[N], in[N];

static struct unit_host *unit_new(enum ph_unit id, uint8_t rate)
{
    struct unit_host *const h = host_new(id, 0, 1, rate, 48000);
    for (uint32_t i = 0; i < ph_units[id].n_inputs; i++)
        host_set(h, i, IR, ph_units[id].inputs[i].initial);
    return h;
}

/** LFPulse at 750 Hz or backwards; the number of frames that are up. */
static int frames_up(float freq, float width)
{
    struct unit_host *const h = unit_new(PH_UNIT_LF_PULSE, AR);
    int up = 0;
    host_set(h, 0, IR, freq);
    host_set(h, 2, IR, width);
    host_init(h);
    host_render(h, out, N - N % 64);
    for (int i = 0; i < N - N % 64; i++)
        up += out[i] > 0.5f;
    host_free(h);
    return up;
}

START_TEST(a_pulse_of_any_width_has_two_levels)
{
    const int n = N - N % 64, turns = n / TURN, starts = turns - 1; /* the first turn has none */
    ck_assert_int_eq(frames_up(750, 0), starts);
    ck_assert_int_eq(frames_up(750, -7), starts);
    ck_assert_int_eq(frames_up(750, 0.25f), turns * 16);
    ck_assert_int_eq(frames_up(750, 1), n - starts);
    ck_assert_int_eq(frames_up(750, 1e9f), n - starts);
}
END_TEST

START_TEST(a_pulse_below_its_first_turn_is_up_until_it_is_back)
{
    struct unit_host *const h = unit_new(PH_UNIT_LF_PULSE, AR);
    host_set(h, 0, IR, -750);
    host_init(h);
    host_render(h, out, 640);
    host_set(h, 0, IR, 750);
    host_render(h, out + 640, 1280);
    for (int i = 0; i < 1920; i++) /* turn 0 begins anew at frame 1280 */
        ck_assert_float_eq(out[i], i <= 1280 || (i - 1280) % TURN < TURN / 2 ? 1 : 0);
    host_free(h);
}
END_TEST

START_TEST(curved_waves_run_backwards_too)
{
    static const enum ph_unit waves[] = { PH_UNIT_LF_PAR, PH_UNIT_LF_CUB };
    struct unit_host *const up = unit_new(waves[_i], AR), *const down = unit_new(waves[_i], AR);
    host_set(up, 0, IR, 750);
    host_set(down, 0, IR, -750);
    host_init(up);
    host_init(down);
    host_render(up, out, 640);
    host_render(down, other, 640);
    for (int i = 0; i < 600; i++) /* both start a frame off iphase */
        ck_assert_float_eq_tol(other[62 - i % 63], out[i % 63], 1e-6f);
    host_free(up);
    host_free(down);
}
END_TEST

START_TEST(a_synced_saw_starts_over_between_frames)
{
    struct unit_host *const h = unit_new(PH_UNIT_SYNC_SAW, AR);
    host_set(h, 0, IR, 500.5f);
    host_set(h, 1, IR, 1200);
    host_init(h);
    host_render(h, out, N - N % 64);
    for (int i = 1; i < N - N % 64; i++) {
        const double sync = 0.5 + 500.5 / 48000 * (i + 1), past = sync - floor(sync);
        if (sync >= 1 && past * 1200 / 500.5 < 0.99)
            ck_assert_float_eq_tol(out[i], (float)(2 * past * 1200 / 500.5 - 1), 2e-3f);
        if (i == 100)
            i = 400; /* two resets are enough */
    }
    host_free(h);
}
END_TEST

/** The level of FSinOsc while freq moves, and after it was no number. */
START_TEST(a_recursive_sine_stays_bounded_and_comes_back)
{
    struct unit_host *const h = unit_new(PH_UNIT_F_SIN_OSC, AR);
    static const float freqs[] = { 440, 1e-20f, 9000, 0, -300, 1e30f, 20 };
    host_set(h, 0, KR, 440);
    host_init(h);
    for (int block = 0; block < 20000; block++) {
        host_set(h, 0, KR, freqs[block * 7919 % 7]);
        host_block(h);
        for (int i = 0; i < DSP_BLOCK_FRAMES; i++)
            ck_assert(fabsf(h->out[0][i]) < 1e12f);
    }
    host_set(h, 0, KR, NAN);
    host_block(h);
    host_set(h, 0, KR, 440);
    host_render(h, out, 640);
    for (int i = 64; i < 640; i++)
        ck_assert(isfinite(out[i]));
    host_free(h);
}
END_TEST

START_TEST(feedback_of_any_size_stays_a_sine)
{
    struct unit_host *const h = unit_new(PH_UNIT_SIN_OSC_FB, AR);
    static const float feedbacks[] = { 3, -1e6f, NAN, 1e30f, INFINITY, 0.5f };
    host_init(h);
    for (int k = 0; k < 6; k++) {
        host_set(h, 1, AR, feedbacks[k]);
        host_render(h, out, 640);
        for (int i = 0; i < 640; i++)
            ck_assert(fabsf(out[i]) <= 1.00001f);
    }
    host_free(h);
}
END_TEST

START_TEST(a_bank_of_resonators_recovers)
{
    struct unit_host *const h = unit_new(PH_UNIT_KLANK, AR);
    const float *const signals[1] = { in };
    float *const outs[HOST_OUTPUTS] = { out };
    memset(in, 0, sizeof in);
    in[10] = NAN;
    in[200] = INFINITY;
    in[1000] = 1;
    stream_run(h, signals, 1, N, 64, outs);
    for (int i = 300; i < 1000; i++)
        ck_assert_float_eq(out[i], 0);
    for (int i = 1000; i < N; i++)
        ck_assert(fabsf(out[i]) < 1);
    ck_assert_float_gt(fabsf(out[1001]), 0.001f);
    host_free(h);
}
END_TEST

/** The level of Linen after each of n blocks. */
static void linen_run(struct unit_host *h, float gate, int n, float *to)
{
    host_set(h, 0, KR, gate);
    for (int i = 0; i < n; i++) {
        host_block(h);
        to[i] = h->out[0][0];
    }
}

START_TEST(linen_ends_once_and_may_rise_again)
{
    struct unit_host *const h = unit_new(PH_UNIT_LINEN, KR);
    int asked = 0;
    host_set(h, 1, KR, 0.01f);
    host_set(h, 3, KR, 0.01f);
    host_set(h, 4, KR, 2);
    host_init(h);
    linen_run(h, 1, 20, out);
    ck_assert_float_eq_tol(out[19], 1, 1e-6f);
    ck_assert_uint_eq(h->node[0].done, 0);
    for (int i = 0; i < 20; i++) {
        linen_run(h, 0, 1, out);
        asked += h->node[0].done == 1u << 2;
        h->node[0].done = 0;
    }
    ck_assert_int_eq(asked, 1);
    ck_assert_float_eq(out[0], 0);
    linen_run(h, 1, 20, out);
    ck_assert_float_eq_tol(out[19], 1, 1e-6f);
    host_free(h);
}
END_TEST

/** No class of sclang makes one, so that the oracle doesn't hear it. */
START_TEST(unwrap_undoes_a_wrap)
{
    struct unit_host *const h = unit_new(PH_UNIT_UNWRAP, AR);
    const float *const signals[1] = { in };
    float *const outs[HOST_OUTPUTS] = { out };
    host_set(h, 1, IR, -1);
    host_set(h, 2, IR, 1);
    for (int i = 0; i < N; i++) {
        const float x = 5.0f * sinf(0.01f * (float)i);
        in[i] = x - 2.0f * floorf((x + 1.0f) / 2.0f);
        other[i] = x;
    }
    stream_run(h, signals, 1, N, CUT_UNEVENLY, outs);
    for (int i = 0; i < N; i++)
        ck_assert_float_eq_tol(out[i], other[i], 1e-4f);
    host_free(h);
}
END_TEST

/** What scsynth does otherwise: a hold holds, and a curve is not a whole number. */
START_TEST(an_envelope_is_read_at_a_time)
{
    struct unit_host *const h = unit_new(PH_UNIT_I_ENV_GEN, AR);
    static const float envelope[] = { 0.25f, 2, 2, 1, 8, 0, 1, 1, 5, -1.5f, 0 };
    for (uint32_t i = 0; i < sizeof envelope / sizeof *envelope; i++)
        host_set(h, 2 + i, IR, envelope[i]);
    static const float times[] = { -1, 0.5f, 0.999f, 1.5f, 2, 9 };
    const float half = (float)(1 - (1 - exp(-0.75)) / (1 - exp(-1.5)));
    const float levels[] = { 0.25f, 0.25f, 0.25f, half, 0, 0 };
    host_init(h);
    for (int k = 0; k < 6; k++) {
        host_set(h, 0, KR, times[k]);
        host_block(h);
        ck_assert_float_eq_tol(h->out[0][0], levels[k], 1e-5f);
    }
    host_free(h);
}
END_TEST

START_TEST(a_trigger_falls_on_the_frame_that_is_asked_for)
{
    static const float offsets[] = { 0, 20, 63, 64, 1e9f, -5, NAN };
    static const int frames[] = { 0, 20, 63, 63, 63, 0, 0 };
    struct unit_host *const h = unit_new(PH_UNIT_T2A, AR);
    host_set(h, 0, KR, 0);
    host_init(h);
    for (int k = 0; k < 7; k++) {
        host_set(h, 0, KR, 0);
        host_block(h);
        host_set(h, 0, KR, 0.5f);
        host_set(h, 1, KR, offsets[k]);
        host_block(h);
        for (int i = 0; i < DSP_BLOCK_FRAMES; i++)
            ck_assert_float_eq(h->out[0][i], i == frames[k] ? 0.5f : 0);
    }
    host_free(h);
}
END_TEST

/**
 * Its synth starts in the last quarter of a block: the
 * second block's phase is a quarter of a step on.
 */
START_TEST(control_rate_phases_count_a_first_block_by_its_part)
{
    static const enum ph_unit ids[] = { PH_UNIT_SIN_OSC, PH_UNIT_LF_SAW };
    struct unit_host *const h = host_new(ids[_i], 0, 1, KR, 48000);
    host_set(h, 0, IR, 7.5f); /* a hundredth of a turn per block */
    host_set(h, 1, IR, 0);
    host_init(h);
    for (int block = 0; block < 20; block++) {
        host_call(h, block == 0 ? 3 * DSP_BLOCK_FRAMES / 4 : 0, 1);
        const double turns = (block == 0 ? 0 : block - 0.75) * 0.01;
        const double expected = _i == 0 ? sin(2 * 3.14159265358979 * turns) : 2 * (turns + 0.01);
        ck_assert_double_eq_tol(h->out[0][0], expected, 1e-5);
    }
    host_free(h);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("lf");
    tcase_add_loop_test(c, control_rate_phases_count_a_first_block_by_its_part, 0, 2);
    tcase_add_test(c, a_pulse_of_any_width_has_two_levels);
    tcase_add_test(c, a_pulse_below_its_first_turn_is_up_until_it_is_back);
    tcase_add_loop_test(c, curved_waves_run_backwards_too, 0, 2);
    tcase_add_test(c, a_synced_saw_starts_over_between_frames);
    tcase_add_test(c, a_recursive_sine_stays_bounded_and_comes_back);
    tcase_add_test(c, feedback_of_any_size_stays_a_sine);
    tcase_add_test(c, a_bank_of_resonators_recovers);
    tcase_add_test(c, linen_ends_once_and_may_rise_again);
    tcase_add_test(c, unwrap_undoes_a_wrap);
    tcase_add_test(c, an_envelope_is_read_at_a_time);
    tcase_add_test(c, a_trigger_falls_on_the_frame_that_is_asked_for);
    return host_run(argc, argv, "lf", c);
}
