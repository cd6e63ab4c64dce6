/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_reverb.c - FreeVerb, FreeVerb2.                                          */
#include "tests/server/dsp/stream.h"

enum { N = 96000 };
static float in[N], out[N], right[N], again[N], again_right[N];

static struct unit_host *verb_new(bool stereo, float mix, float room, float damp)
{
    struct unit_host *const h = host_new(stereo ? PH_UNIT_FREE_VERB2 : PH_UNIT_FREE_VERB, 0, 1, AR,
                                         48000);
    const uint32_t first = stereo ? 2 : 1;
    host_set(h, first, IR, mix);
    host_set(h, first + 1, IR, room);
    host_set(h, first + 2, IR, damp);
    return h;
}

START_TEST(dry_is_the_input_itself)
{
    struct unit_host *const h = verb_new(false, 0, 0.9f, 0.5f);
    fill_noise(in, N, 1);
    stream(h, in, N, 64, out);
    assert_same(in, out, N, "mix 0");
    host_free(h);
}
END_TEST

START_TEST(first_sound_comes_from_the_shortest_comb)
{
    struct unit_host *const h = verb_new(false, 1, 0.5f, 0.5f);
    fill_impulse(in, N);
    stream(h, in, N, 64, out);
    /* the four all-passes turn the sign four times and pass their input on at once */
    ck_assert_double_eq(peak(out, 1116), 0);
    ck_assert_double_eq_tol(out[1116], 0.015, 1e-7);
    ck_assert_double_eq_tol(out[1188], 0.015, 1e-7);
    host_free(h);
}
END_TEST

static double tail_db(float room, float damp)
{
    struct unit_host *const h = verb_new(false, 1, room, damp);
    fill_impulse(in, N);
    stream(h, in, N, 64, out);
    host_free(h);
    return to_db(rms(out + 72000, 24000) / rms(out, 24000));
}

START_TEST(room_lengthens_and_damp_shortens_the_tail)
{
    ck_assert_double_gt(tail_db(0.9f, 0), tail_db(0.5f, 0) + 20);
    ck_assert_double_lt(tail_db(0.9f, 1), tail_db(0.9f, 0) - 3);
    ck_assert_double_lt(tail_db(1, 0), -3); /* even the largest room decays */
}
END_TEST

START_TEST(both_sides_hear_both_inputs_in_different_rooms)
{
    struct unit_host *const h = verb_new(true, 1, 0.8f, 0.2f);
    fill_noise(in, N, 2);
    float *const outs[HOST_OUTPUTS] = { out, right };
    const float *const signals[1] = { in }; /* left only */
    stream_run(h, signals, 1, N, 64, outs);
    const uint32_t half = N / 2;
    double cross = 0;
    for (uint32_t i = half; i < N; i++)
        cross += (double)out[i] * right[i];
    cross /= half * rms(out + half, half) * rms(right + half, half);
    ck_assert_double_eq_tol(rms(right + half, half), rms(out + half, half), 0.05);
    ck_assert_double_gt(rms(right + half, half), 0.01);
    ck_assert_double_lt(fabs(cross), 0.3);
    host_free(h);
}
END_TEST

/** One tank, frame by frame as its inventor wrote it. */
struct plain_tank { double line[12][1700], read[12], damped[8]; int at[12]; };

static double plain_line(struct plain_tank *t, int k, int spread, double written)
{
    static const int frames[12] = { 1617, 1557, 1491, 1422, 1277, 1116, 1188, 1356, 556, 441, 341,
                                    225 };
    t->line[k][t->at[k]] = written;
    t->at[k] = (t->at[k] + 1) % (frames[k] + spread);
    return t->line[k][t->at[k]];
}

/** @return wet signal of this frame */
static double plain_frame(struct plain_tank *t, double x, double room, double damp, int spread)
{
    double wet = 0;
    for (int k = 0; k < 8; k++) {
        const double a = 0.4 * damp;
        wet += t->line[k][t->at[k]];
        t->damped[k] = (1 - a) * t->read[k] + a * t->damped[k];
        t->read[k] = t->line[k][t->at[k]];
        plain_line(t, k, spread, 0.015 * x + (0.7 + 0.28 * room) * t->damped[k]);
    }
    for (int k = 8; k < 12; k++) {
        const double read = t->line[k][t->at[k]], in_line = 0.5 * t->read[k] + wet;
        wet = read - wet;
        t->read[k] = read;
        plain_line(t, k, spread, in_line);
    }
    return wet;
}

/** Both units, with knobs that stand still and that move, in whole blocks and in pieces. */
START_TEST(sounds_as_one_frame_at_a_time)
{
    const bool stereo = _i & 1, moves = _i & 2;
    static float mix[N], room[N], damp[N], expected[2][N];
    static struct plain_tank tanks[2];
    float *const outs[HOST_OUTPUTS] = { out, right };
    memset(tanks, 0, sizeof tanks);
    fill_noise(in, N, 7);
    fill_sine(again, N, 300, 48000, 0.5);
    for (int i = 0; i < N; i++) {
        mix[i] = moves ? 0.5f + 0.5f * sinf((float)i * 0.0021f) : 0.4f;
        room[i] = moves ? 0.5f + 0.5f * sinf((float)i * 0.0017f) : 0.6f;
        damp[i] = moves ? 0.5f + 0.5f * sinf((float)i * 0.0153f) : 0.5f;
        for (int c = 0; c < (stereo ? 2 : 1); c++) {
            const double x = c ? again[i] : in[i], sum = stereo ? (double)in[i] + again[i] : x;
            const double wet = plain_frame(&tanks[c], sum, room[i], damp[i], c * 23);
            expected[c][i] = (float)((1 - (double)mix[i]) * x + mix[i] * wet);
        }
    }
    struct unit_host *const h = verb_new(stereo, mix[0], room[0], damp[0]);
    const float *const *const knobs = (const float *[]){ mix, room, damp };
    const float *signals[5] = { in, again };
    for (int k = 0; moves && k < 3; k++)
        signals[(stereo ? 2 : 1) + k] = knobs[k];
    stream_run(h, signals, stereo || moves ? 5 : 1, N, _i & 4 ? CUT_UNEVENLY : 64, outs);
    assert_close(expected[0], out, N, "left");
    if (stereo)
        assert_close(expected[1], right, N, "right");
    host_free(h);
}
END_TEST

START_TEST(block_size_does_not_show)
{
    const bool stereo = _i != 0;
    float *const outs[2][HOST_OUTPUTS] = { { out, right }, { again, again_right } };
    fill_noise(in, N, 3);
    const float *const signals[1] = { in };
    for (int run = 0; run < 2; run++) {
        struct unit_host *const h = verb_new(stereo, 0.5f, 0.7f, 0.3f);
        stream_run(h, signals, 1, N, run ? CUT_UNEVENLY : 64, outs[run]);
        host_free(h);
    }
    assert_close(out, again, N, "left");
    if (stereo)
        assert_close(right, again_right, N, "right");
}
END_TEST

START_TEST(knobs_at_audio_rate_do_not_depend_on_the_block_size)
{
    static float mix[N];
    float *const outs[2][HOST_OUTPUTS] = { { out }, { again } };
    fill_noise(in, N, 4);
    for (int i = 0; i < N; i++)
        mix[i] = 0.5f + 0.5f * sinf((float)i * 0.001f);
    const float *const signals[4] = { in, mix, mix, mix };
    for (int run = 0; run < 2; run++) {
        struct unit_host *const h = verb_new(false, 0, 0, 0);
        stream_run(h, signals, 4, N, run ? CUT_UNEVENLY : 64, outs[run]);
        host_free(h);
    }
    assert_close(out, again, N, "moving knobs");
}
END_TEST

START_TEST(changed_literal_is_ramped_over_the_block)
{
    struct unit_host *const h = verb_new(false, 0, 0.5f, 0.5f);
    for (int i = 0; i < N; i++)
        in[i] = 1;
    stream(h, in, 64, 64, out);
    host_set(h, 1, IR, 1);
    stream(h, in, 64, 64, out);
    for (int i = 0; i < 64; i++) /* nothing wet has arrived yet: only the dry part goes down */
        ck_assert_double_eq_tol(out[i], 1 - (i + 1) / 64.0, 1e-6);
    host_free(h);
}
END_TEST

/** What an edit does: old and new synth work on one memory, block by block (or less) in turns. */
START_TEST(two_synths_on_one_memory_read_the_same_past)
{
    const enum ph_unit id = _i & 1 ? PH_UNIT_ECHO : PH_UNIT_FREE_VERB;
    struct unit_host *const alone = host_new(id, 0, 1, AR, 48000);
    struct unit_host *const old = host_new(id, 0, 1, AR, 48000);
    struct unit_host *const new = host_new(id, 0, 1, AR, 48000);
    struct unit_host *const all[3] = { alone, old, new };
    fill_noise(in, N, 6);
    for (int k = 0; k < 3; k++) {
        host_set(all[k], 1, IR, _i & 1 ? 0.1f : 1);
        host_set(all[k], 2, IR, _i & 1 ? 0.1f : 0.5f); /* Echo: as long as its line */
        host_set(all[k], 3, IR, 0.5f);
        host_feed(all[k], 0, in, 0, 64);
        host_init(all[k]);
    }
    float *const own = new->b.memory;
    new->b.memory = old->b.memory;
    for (uint32_t at = 0, cut = 0, n = 64; at + n <= N; at += n) {
        if (_i & 2)
            n = uneven_cuts[cut++ % (sizeof uneven_cuts / sizeof *uneven_cuts)];
        for (int k = 0; k < 3; k++) {
            host_feed(all[k], 0, in, at, n);
            host_call(all[k], 0, n);
        }
        assert_same(alone->out[0], old->out[0], n, "old");
        assert_same(alone->out[0], new->out[0], n, "new");
    }
    new->b.memory = own;
    for (int k = 0; k < 3; k++)
        host_free(all[k]);
}
END_TEST

START_TEST(hostile_knobs_are_clamped)
{
    const float values[] = { -5, 5, NAN, INFINITY, -INFINITY };
    fill_noise(in, N, 5);
    for (int v = 0; v < 5; v++) {
        struct unit_host *const h = verb_new(true, values[v], values[v], values[v]);
        float *const outs[HOST_OUTPUTS] = { out, right };
        const float *const signals[2] = { in, in };
        stream_run(h, signals, 2, N, 64, outs);
        ck_assert(all_finite(out, N));
        ck_assert(all_finite(right, N));
        ck_assert_double_lt(peak(out, N), 20);
        host_free(h);
    }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("reverb");
    tcase_add_test(c, dry_is_the_input_itself);
    tcase_add_test(c, first_sound_comes_from_the_shortest_comb);
    tcase_add_test(c, room_lengthens_and_damp_shortens_the_tail);
    tcase_add_test(c, both_sides_hear_both_inputs_in_different_rooms);
    tcase_add_loop_test(c, sounds_as_one_frame_at_a_time, 0, 8);
    tcase_add_loop_test(c, block_size_does_not_show, 0, 2);
    tcase_add_test(c, knobs_at_audio_rate_do_not_depend_on_the_block_size);
    tcase_add_test(c, changed_literal_is_ramped_over_the_block);
    tcase_add_loop_test(c, two_synths_on_one_memory_read_the_same_past, 0, 4);
    tcase_add_test(c, hostile_knobs_are_clamped);
    return host_run(argc, argv, "reverb", c);
}
