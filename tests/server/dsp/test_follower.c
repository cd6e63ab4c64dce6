/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_follower.c - Follower, RunningRms, PeakFollower: times, levels, long     */
/* runs, faults.                                                                                  */
#include "tests/server/dsp/stream.h"

enum { N = 48000 };
static float in[N], second[N], third[N], out[N], again[N];
static float *const outs[HOST_OUTPUTS] = { out };

static struct unit_host *follower_new(float attack, float release, uint32_t width)
{
    struct unit_host *const h = host_new(PH_UNIT_FOLLOWER, 0, width, AR, 48000);
    host_set(h, 1, IR, attack);
    host_set(h, 2, IR, release);
    return h;
}

START_TEST(follower_goes_up_and_down_with_its_own_times)
{
    struct unit_host *const h = follower_new(0.01f, 0.1f, 1);
    for (int i = 0; i < N; i++)
        in[i] = i < 24000 ? (i % 2 ? 0.5f : -0.5f) : 0;
    stream(h, in, N, 64, out);
    const double e = exp(-1);
    ck_assert_double_eq_tol(out[479], 0.5 * (1 - e), 1e-5); /* 480 frames of attack */
    ck_assert_double_eq_tol(out[959], 0.5 * (1 - e * e), 1e-5);
    ck_assert_double_eq_tol(out[23999], 0.5, 1e-6);
    ck_assert_double_eq_tol(out[24000 + 4799], 0.5 * e, 1e-5); /* 4800 frames of release */
    ck_assert_double_eq_tol(out[24000 + 9599], 0.5 * e * e, 1e-5);
    host_free(h);
}
END_TEST

START_TEST(follower_of_no_time_is_the_magnitude)
{
    struct unit_host *const h = follower_new(0, 0, 1);
    fill_noise(in, N, 1);
    stream(h, in, 4800, CUT_UNEVENLY, out);
    for (int i = 0; i < 4800; i++)
        ck_assert_double_eq_tol(out[i], fabsf(in[i]), 1e-7);
    host_free(h);
}
END_TEST

START_TEST(follower_obeys_times_that_move)
{
    struct unit_host *const h = follower_new(0.01f, 0.1f, 1);
    double y = 0;
    fill_noise(in, N, 2);
    for (int i = 0; i < 4800; i++) {
        second[i] = 0.001f * (float)(1 + i % 50);
        third[i] = 0.002f * (float)(1 + i % 70);
    }
    const float *const signals[3] = { in, second, third };
    stream_run(h, signals, 3, 4800, CUT_UNEVENLY, outs);
    for (int i = 0; i < 4800; i++) {
        const double way = fabs((double)in[i]) - y, t = way > 0 ? second[i] : third[i];
        y += way * (1 - exp(-1 / (t * 48000)));
        ck_assert_double_eq_tol(out[i], y, 1e-5);
    }
    host_free(h);
}
END_TEST

START_TEST(follower_recovers_from_what_is_no_number)
{
    struct unit_host *const h = follower_new(0.001f, 0.01f, 1);
    for (int i = 0; i < N; i++)
        in[i] = 0.5f;
    in[100] = NAN;
    in[1000] = INFINITY;
    stream(h, in, 9600, 64, out);
    ck_assert_double_eq_tol(out[999], 0.5, 1e-4);
    ck_assert_double_eq_tol(out[9599], 0.5, 1e-4);
    host_free(h);
}
END_TEST

static struct unit_host *rms_new(float longest, float window)
{
    struct unit_host *const h = host_new(PH_UNIT_RUNNING_RMS, 0, 1, AR, 48000);
    host_set(h, 1, IR, longest);
    host_set(h, 2, IR, window);
    return h;
}

START_TEST(rms_is_that_of_the_window)
{
    struct unit_host *const h = rms_new(0.2f, 0.05f); /* 2400 frames */
    fill_noise(in, N, 3);
    stream(h, in, N, 64, out);
    for (int i = 0; i < N; i += 97) {
        const int from = i < 2400 ? 0 : i - 2399;
        double sum = 0;
        for (int j = from; j <= i; j++)
            sum += (double)in[j] * in[j];
        ck_assert_double_eq_tol(out[i], sqrt(sum / 2400), 1e-6);
    }
    host_free(h);
}
END_TEST

START_TEST(rms_of_a_sine_is_its_peak_by_the_root_of_2)
{
    struct unit_host *const h = rms_new(0.1f, 0.1f);
    fill_sine(in, N, 100, 48000, 0.5);
    stream(h, in, N, 64, out);
    ck_assert_double_eq_tol(out[N - 1], 0.5 / sqrt(2), 1e-6);
    host_free(h);
}
END_TEST

START_TEST(rms_forgets_exactly)
{
    struct unit_host *const h = rms_new(0.05f, 0.05f);
    fill_noise(in, N, 4);
    for (int i = 0; i < N; i++)
        in[i] = i < 12000 ? 60 * in[i] : i < 40000 ? 1e-5f : 0; /* loud, at -100 dB, silent */
    stream(h, in, N, 64, out);
    ck_assert_double_eq_tol(out[39999], 1e-5, 1e-7);
    ck_assert_float_eq(out[N - 1], 0);
    host_free(h);
}
END_TEST

START_TEST(rms_window_may_move)
{
    struct unit_host *const h = rms_new(0.1f, 0.05f);
    fill_noise(in, N, 5);
    for (int i = 0; i < N; i++)
        second[i] = 0.001f + 0.099f * (0.5f + 0.5f * sinf((float)i * 0.003f));
    const float *const signals[3] = { in, NULL, second };
    stream_run(h, signals, 3, N, CUT_UNEVENLY, outs);
    for (int i = 6000; i < N; i += 97) {
        const int n = (int)(second[i] * 48000.0f + 0.5f);
        double sum = 0;
        for (int j = i - n + 1; j <= i; j++)
            sum += (double)in[j] * in[j];
        ck_assert_double_eq_tol(out[i], sqrt(sum / n), 1e-6);
    }
    host_free(h);
}
END_TEST

START_TEST(rms_counts_no_number_as_silence)
{
    struct unit_host *const h = rms_new(0.01f, 0.01f);
    for (int i = 0; i < N; i++)
        in[i] = 0.5f;
    in[100] = NAN;
    in[200] = -INFINITY;
    stream(h, in, 4800, 64, out);
    ck_assert(all_finite(out, 4800));
    ck_assert_double_le(peak(out, 4800), 0.5);
    ck_assert_double_eq_tol(out[479], 0.5 * sqrt(478.0 / 480), 1e-6);
    ck_assert_double_eq_tol(out[4799], 0.5, 1e-6);
    host_free(h);
}
END_TEST

/** An edited synth and its predecessor share a long memory for a crossfade of 5 ms. */
START_TEST(rms_stands_a_memory_that_another_writes)
{
    struct unit_host *const old = rms_new(1, 0.4f), *const edited = rms_new(1, 0.4f);
    fill_noise(in, N, 8);
    stream(old, in, N, 64, out);
    host_set(edited, 0, AR, 0);
    host_init(edited);
    memcpy(edited->state, old->state, old->unit->state_bytes);
    float *const own = edited->b.memory;
    edited->b.memory = old->b.memory;
    memset(second, 0, sizeof second);
    for (uint32_t at = 0; at < 256; at += 64) { /* one still hears noise, the other silence */
        stream(edited, second, 64, 64, out);
        stream(old, in + at, 64, 64, out);
    }
    stream(edited, second, N, 64, out);
    ck_assert(all_finite(out, N));
    ck_assert_double_le(peak(out, N), 0.6);
    ck_assert_float_eq(out[N - 1], 0);
    edited->b.memory = own;
    host_free(edited);
    host_free(old);
}
END_TEST

START_TEST(the_block_size_does_not_show)
{
    fill_noise(in, N, 6);
    for (int run = 0; run < 2; run++) {
        struct unit_host *const h = _i ? rms_new(0.1f, 0.03f) : follower_new(0.002f, 0.03f, 1);
        float *const to[HOST_OUTPUTS] = { run ? again : out };
        const float *const signals[1] = { in };
        stream_run(h, signals, 1, N, run ? CUT_UNEVENLY : 64, to);
        host_free(h);
    }
    assert_same(out, again, N, "follower, rms");
}
END_TEST

START_TEST(hostile_times_stay_finite)
{
    const float values[] = { 0, -1, 1e-30f, 1e30f, NAN, INFINITY, -INFINITY };
    fill_noise(in, N, 7);
    for (int a = 0; a < 7; a++)
        for (int b = 0; b < 7; b++) {
            struct unit_host *const h = follower_new(values[a], values[b], 1);
            stream(h, in, 640, 64, out);
            ck_assert(all_finite(out, 640));
            host_free(h);
            struct unit_host *const r = rms_new(values[a], values[b]);
            ck_assert_uint_le(r->unit->memory_frames(&r->b), 2 * ((1u << 20) + 1));
            stream(r, in, 640, 64, out);
            ck_assert(all_finite(out, 640));
            host_free(r);
        }
}
END_TEST

/** Levels whose sum is past the largest float, while the decay of PeakFollower goes up to 0. */
START_TEST(peak_follower_recovers_from_what_is_too_loud)
{
    static const float loud[][2] = { { 3e38f, -0.5f }, { 2.9e38f, 0 }, { 0.1f, 0.5f },
                                     { 0.1f, 0.5f } };
    struct unit_host *const h = host_new(PH_UNIT_PEAK_FOLLOWER, 0, 1, KR, 48000);
    for (int block = 0; block < 4; block++) {
        for (uint32_t i = 0; i < 2; i++)
            host_set(h, i, KR, loud[block][i]);
        if (block == 0)
            host_init(h);
        host_call(h, 0, 1);
    }
    ck_assert(isfinite(h->out[0][0]));
    host_free(h);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("follower");
    tcase_add_test(c, follower_goes_up_and_down_with_its_own_times);
    tcase_add_test(c, follower_of_no_time_is_the_magnitude);
    tcase_add_test(c, follower_obeys_times_that_move);
    tcase_add_test(c, follower_recovers_from_what_is_no_number);
    tcase_add_test(c, rms_is_that_of_the_window);
    tcase_add_test(c, rms_of_a_sine_is_its_peak_by_the_root_of_2);
    tcase_add_test(c, rms_forgets_exactly);
    tcase_add_test(c, rms_window_may_move);
    tcase_add_test(c, rms_counts_no_number_as_silence);
    tcase_add_test(c, rms_stands_a_memory_that_another_writes);
    tcase_add_loop_test(c, the_block_size_does_not_show, 0, 2);
    tcase_add_test(c, hostile_times_stay_finite);
    tcase_add_test(c, peak_follower_recovers_from_what_is_too_loud);
    return host_run(argc, argv, "follower", c);
}
