/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_var_saw.c - VarSaw.                                                      */
#include "tests/server/dsp/stream.h"

enum { N = 4800, TURN = 64 }; /* frames of a turn at 750 Hz */
static float out[N], again[N], freq[N], width[N], wide[N * DSP_LANES_MAX];

static struct unit_host *saw_new(uint32_t lanes, float hz, float iphase, float part)
{
    struct unit_host *const h = host_new(PH_UNIT_VAR_SAW, 0, lanes, AR, 48000);
    host_set(h, 0, IR, hz);
    host_set(h, 1, IR, iphase);
    host_set(h, 2, IR, part);
    return h;
}

static double expected(double turns, double part)
{
    const double p = turns - floor(turns);
    return 2 * (p < part ? p / part : (1 - p) / (1 - part)) - 1;
}

START_TEST(it_rises_for_its_width_and_falls_for_the_rest)
{
    static const float parts[] = { 0.5f, 0.1f, 0.75f, 0, 1, -3, 7 };
    const double part = fmin(fmax(parts[_i], 0.001), 0.999);
    struct unit_host *const h = saw_new(1, 750, 0.25f, parts[_i]);
    stream_run(h, NULL, 0, N, 64, (float *const[HOST_OUTPUTS]){ out });
    for (int i = 0; i < N; i++)
        ck_assert_double_eq_tol(out[i], expected(0.25 + i / (double)TURN, part), 1e-6);
    host_free(h);
}
END_TEST

START_TEST(it_stays_in_tune_for_minutes)
{
    struct unit_host *const h = saw_new(1, 441, 0, 0.3f);
    const double step = (double)(441.0f * (float)(1.0 / 48000.0));
    double turns = 0;
    for (int part = 0; part < 600; part++) {
        stream_run(h, NULL, 0, N, 64, (float *const[HOST_OUTPUTS]){ out });
        for (int i = 0; i < N; i += 99)
            ck_assert_double_eq_tol(out[i], expected(turns + i * step, 0.3), 2e-6);
        turns += N * step;
    }
    host_free(h);
}
END_TEST

START_TEST(a_new_width_waits_for_the_next_turn)
{
    struct unit_host *const h = saw_new(1, _i ? -750 : 750, 0.25f, 0.5f);
    float *const outs[HOST_OUTPUTS] = { out };
    const int turn = _i ? 17 : 48; /* its frame: going down, the one behind phase 0 */
    stream_run(h, NULL, 0, 8, 64, outs);
    host_set(h, 2, KR, 0.125f);
    stream_run(h, NULL, 0, N - 8, CUT_UNEVENLY, (float *const[HOST_OUTPUTS]){ out + 8 });
    for (int i = 0; i < N; i++)
        ck_assert_double_eq_tol(out[i], expected(0.25 + (_i ? -i : i) / (double)TURN,
                                                 i < turn ? 0.5 : 0.125), 1e-6);
    host_free(h);
}
END_TEST

START_TEST(frequency_is_followed_frame_by_frame)
{
    struct unit_host *const h = saw_new(1, 0, 0, 0.4f);
    const float *const signals[1] = { freq };
    double turns = 0;
    for (int i = 0; i < N; i++)
        freq[i] = (float)i - 500;
    stream_run(h, signals, 1, N, 64, (float *const[HOST_OUTPUTS]){ out });
    for (int i = 0; i < N; i++) {
        ck_assert_double_eq_tol(out[i], expected(turns, 0.4), 1e-6);
        turns += (double)(freq[i] * (float)(1.0 / 48000.0)); /* as scsynth rounds */
    }
    host_free(h);
}
END_TEST

/** Bit 0 of _i: the frequency moves, bit 1: the width does. */
static void feed(const float *signals[3])
{
    for (int i = 0; i < N; i++) {
        freq[i] = 600 * sinf(0.01f * (float)i);
        width[i] = 0.5f + 0.6f * sinf(0.03f * (float)i);
    }
    signals[0] = freq;
    signals[2] = width;
}

START_TEST(lanes_have_the_bits_of_one_alone)
{
    const float *signals[3] = { NULL };
    const uint32_t w = host_wide();
    feed(signals);
    signals[0] = _i & 1 ? freq : NULL;
    signals[2] = _i & 2 ? width : NULL;
    struct unit_host *const h = saw_new(w, 200, 0, 0.5f);
    for (uint32_t k = 0; k < DSP_BLOCK_FRAMES * w; k++)
        h->in[0][k] = 100.0f * (float)(k % w) - 300;
    stream_run(h, signals, 3, N, 64, (float *const[HOST_OUTPUTS]){ wide });
    host_free(h);
    for (uint32_t k = 0; k < w; k++) {
        struct unit_host *const alone = saw_new(1, 100.0f * (float)k - 300, 0, 0.5f);
        stream_run(alone, signals, 3, N, _i & 2 ? 64 : CUT_UNEVENLY,
                   (float *const[HOST_OUTPUTS]){ out });
        for (int i = 0; i < N; i++)
            again[i] = wide[i * (int)w + (int)k];
        assert_same(out, again, N, "lane");
        host_free(alone);
    }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("var_saw");
    tcase_add_loop_test(c, it_rises_for_its_width_and_falls_for_the_rest, 0, 7);
    tcase_add_test(c, it_stays_in_tune_for_minutes);
    tcase_add_loop_test(c, a_new_width_waits_for_the_next_turn, 0, 2);
    tcase_add_test(c, frequency_is_followed_frame_by_frame);
    tcase_add_loop_test(c, lanes_have_the_bits_of_one_alone, 0, 4);
    return host_run(argc, argv, "var_saw", c);
}
