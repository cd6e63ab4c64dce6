/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_delay.c - the lines of delay.c, Echo.                                    */
#include "tests/server/dsp/stream.h"

enum { N = 48000 };
static float in[N], out[N], again[N], moving[N];

static struct unit_host *line_new(enum ph_unit id, float max, float time, float last)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, 48000);
    host_set(h, 1, IR, max);
    host_set(h, 2, IR, time);
    host_set(h, 3, IR, last);
    return h;
}

START_TEST(comb_repeats_every_delay_and_decays_60_db_in_its_time)
{
    struct unit_host *const h = line_new(PH_UNIT_COMB_L, 0.1f, 0.01f, 0.5f);
    fill_impulse(in, N);
    stream(h, in, N, 64, out);
    const double per_turn = pow(0.001, 0.01 / 0.5);
    for (int turn = 1; turn <= 90; turn++)
        ck_assert_double_eq_tol(out[480 * turn], pow(per_turn, turn - 1), 1e-5);
    ck_assert_float_eq(out[0], 0);
    ck_assert_float_eq(out[479], 0);
    ck_assert_float_eq(out[481], 0);
    host_free(h);
}
END_TEST

START_TEST(negative_decay_alternates_the_sign)
{
    struct unit_host *const h = line_new(PH_UNIT_COMB_L, 0.1f, 0.01f, -0.5f);
    fill_impulse(in, N);
    stream(h, in, N, 64, out);
    ck_assert_float_gt(out[480], 0);
    ck_assert_float_lt(out[960], 0);
    ck_assert_float_gt(out[1440], 0);
    host_free(h);
}
END_TEST

START_TEST(comb_interpolates_between_frames)
{
    struct unit_host *const h = line_new(PH_UNIT_COMB_L, 0.1f, 100.25f / 48000, 0);
    fill_impulse(in, N);
    stream(h, in, 256, 64, out);
    ck_assert_double_eq_tol(out[100], 0.75, 1e-4); /* the delay is a float of 7 digits */
    ck_assert_double_eq_tol(out[101], 0.25, 1e-4);
    host_free(h);
}
END_TEST

START_TEST(allpass_passes_all_of_the_energy)
{
    struct unit_host *const h = line_new(PH_UNIT_ALLPASS_L, 0.1f, 0.01f, 0.2f);
    fill_impulse(in, N);
    stream(h, in, N, 64, out);
    ck_assert_double_eq_tol(rms(out, N) * sqrt(N), 1, 1e-4); /* the tail after 1 s is -150 dB */
    ck_assert_float_lt(out[0], -0.1f);
    ck_assert_float_gt(out[480], 0.1f);
    host_free(h);
}
END_TEST

static const enum ph_unit bounded_ids[] = { PH_UNIT_DELAY_N, PH_UNIT_DELAY_L, PH_UNIT_DELAY_C,
                                            PH_UNIT_COMB_N, PH_UNIT_COMB_L, PH_UNIT_COMB_C,
                                            PH_UNIT_ALLPASS_N, PH_UNIT_ALLPASS_L,
                                            PH_UNIT_ALLPASS_C, PH_UNIT_ECHO };
enum { N_BOUNDED = sizeof bounded_ids / sizeof bounded_ids[0] };

START_TEST(delay_is_held_inside_the_line)
{
    const float values[] = { -1, 0, 1e-9f, 5, 1e30f, NAN, INFINITY, -INFINITY };
    enum { N_VALUES = sizeof values / sizeof values[0] };
    fill_noise(in, N, 1);
    for (int k = 0; k < N_BOUNDED; k++)
        for (int max = 0; max < 3; max++)
            for (int a = 0; a < N_VALUES; a++)
                for (int b = 0; b < N_VALUES; b++) {
                    static const float longest[] = { 0.01f, 0, NAN };
                    struct unit_host *const h =
                        line_new(bounded_ids[k], longest[max], values[a], 0.3f);
                    stream(h, in, 256, 64, out);
                    host_set(h, 2, b % 2 ? AR : IR, values[b]);
                    host_set(h, 3, IR, values[a]);
                    stream(h, in, 2048, 64, out); /* the sanitizer build watches the line's ends */
                    ck_assert(all_finite(out, 2048));
                    host_free(h);
                }
}
END_TEST

START_TEST(hostile_line_length_stays_small_enough_to_allocate)
{
    const float values[] = { -1e30f, 1e30f, NAN, INFINITY };
    for (int k = 0; k < N_BOUNDED; k++)
        for (int v = 0; v < 4; v++) {
            struct unit_host *const h = line_new(bounded_ids[k], values[v], 0.1f, 0.1f);
            const uint32_t n = h->unit->memory_frames(&h->b);
            ck_assert_uint_ge(n, 4);
            ck_assert_uint_le(n, (1u << 24) + 128);
            host_free(h);
        }
}
END_TEST

START_TEST(echo_repeats_through_tanh)
{
    struct unit_host *const h = line_new(PH_UNIT_ECHO, 1, 0.1f, 0.5f);
    fill_impulse(in, N);
    stream(h, in, N, 64, out);
    double expected = 1;
    for (int turn = 1; turn <= 8; turn++) {
        expected = tanh(turn == 1 ? 1 : 0.5 * expected);
        ck_assert_double_eq_tol(out[4800 * turn], expected, 1e-6);
        ck_assert_double_eq(peak(out + 4800 * turn + 1, 4799), 0); /* whole frames stay sharp */
    }
    host_free(h);
}
END_TEST

START_TEST(echo_bends_and_does_not_click_when_its_time_jumps)
{
    struct unit_host *const h = line_new(PH_UNIT_ECHO, 1, 0.1f, 0);
    fill_sine(in, N, 100, 48000, 0.5);
    stream(h, in, 16000, 64, out);
    host_set(h, 2, KR, 0.205f); /* half a period off: a jump would be a step of up to 1 */
    stream(h, in + 16000, 32000, 64, out + 16000);
    double steepest = 0;
    for (int i = 10000; i < N; i++)
        steepest = fmax(steepest, fabs((double)out[i] - out[i - 1]));
    /* 5040 frames in 20 ms: the place moves by up to 5 frames a frame, against 1 at rest */
    ck_assert_double_lt(steepest, 6 * 0.5 * 6.2832 * 100 / 48000);
    /* 0.4 s later it has arrived: the input of 9840 frames ago */
    for (int i = 40000; i < 41000; i++)
        ck_assert_double_eq_tol(out[i], tanh(in[i - 9840]), 1e-5);
    host_free(h);
}
END_TEST

START_TEST(echo_settles_on_whole_frames)
{
    const uint32_t n = 15296; /* 480 frames, 20 ms each to a part in e, have become 6e-5 */
    struct unit_host *const h = line_new(PH_UNIT_ECHO, 1, 0.01f, 0);
    memset(in, 0, sizeof in);
    in[n] = 1;
    for (int i = 0; i < N; i++)
        moving[i] = i < 64 ? 0.01f : 0.02f;
    const float *const signals[3] = { in, NULL, moving };
    float *const outs[HOST_OUTPUTS] = { out };
    stream_run(h, signals, 3, N, 64, outs);
    ck_assert_double_eq_tol(out[n + 960], tanh(1), 1e-6);
    ck_assert_double_eq(peak(out + n + 961, 8), 0);
    ck_assert_double_eq(peak(out + n + 952, 8), 0);
    host_free(h);
}
END_TEST

START_TEST(an_edited_echo_time_is_crossfaded_without_bend_or_click)
{
    struct unit_host *const h = line_new(PH_UNIT_ECHO, 1, 0.1f, 0);
    fill_sine(in, N, 100, 48000, 0.5);
    stream(h, in, 16000, 64, out);
    host_set(h, 2, IR, 0.205f); /* half a period off */
    stream(h, in + 16000, 32000, 64, out + 16000);
    double steepest = 0;
    for (int i = 10000; i < N; i++)
        steepest = fmax(steepest, fabs((double)out[i] - out[i - 1]));
    /* the sine's own step, and one of 961 parts of what the two places differ by, at most 1 */
    ck_assert_double_lt(steepest, 0.5 * 6.2832 * 100 / 48000 + 1.0 / 960);
    for (int i = 16000 + 1000; i < N; i++) /* after 20 ms only the new place is heard */
        ck_assert_double_eq_tol(out[i], tanh(in[i - 9840]), 1e-5);
    host_free(h);
}
END_TEST

START_TEST(echo_shorter_than_two_frames_reads_nothing_old)
{
    struct unit_host *const h = line_new(PH_UNIT_ECHO, 0.001f, 1.5f / 48000, 0);
    fill_impulse(in, N);
    stream(h, in, 512, 64, out);
    ck_assert_double_eq_tol(out[1], 0.5 * tanh(1), 1e-6);
    ck_assert_float_gt(out[2], 0.3f);
    ck_assert_double_eq(peak(out + 4, 508), 0); /* the line, a few blocks long, goes round */
    host_free(h);
}
END_TEST

START_TEST(changed_decay_moves_over_the_block_and_arrives)
{
    struct unit_host *const h = line_new(PH_UNIT_COMB_L, 0.1f, 1 / 48000.0f, 0);
    for (int i = 0; i < N; i++)
        in[i] = 0.01f;
    stream(h, in, 64, 64, out);
    host_set(h, 3, IR, 0.001f);
    stream(h, in, 4800, 64, out);
    const double feedback = pow(0.001, 1 / 48.0);
    ck_assert_double_eq_tol(out[1], 0.01 * (1 + feedback / 64), 1e-6);
    ck_assert_double_eq_tol(out[4000], 0.01 / (1 - feedback), 1e-4);
    host_free(h);
}
END_TEST

START_TEST(feedback_of_echo_is_ramped_when_it_changes)
{
    struct unit_host *const h = line_new(PH_UNIT_ECHO, 1, 1 / 48000.0f, 0.9f);
    for (int i = 0; i < N; i++)
        in[i] = 0.01f;
    stream(h, in, 6400, 64, out);
    host_set(h, 3, IR, 0);
    stream(h, in, 64, 64, out + 6400);
    ck_assert_double_eq_tol(out[6401], out[6400], 0.1 * out[6400]);
    host_free(h);
}
END_TEST

/** What a unit is compared with: one frame after the other in double, over all that was written. */
struct plain { enum ph_unit id; double *line; const float *x; };

static const enum ph_unit line_ids[] = { PH_UNIT_DELAY_N,   PH_UNIT_DELAY_L,   PH_UNIT_DELAY_C,
                                         PH_UNIT_COMB_N,    PH_UNIT_COMB_L,    PH_UNIT_COMB_C,
                                         PH_UNIT_ALLPASS_N, PH_UNIT_ALLPASS_L, PH_UNIT_ALLPASS_C };
enum { N_LINES = sizeof line_ids / sizeof line_ids[0] };

static bool is_delay(enum ph_unit id)
{
    return id == PH_UNIT_DELAY_N || id == PH_UNIT_DELAY_L || id == PH_UNIT_DELAY_C;
}
static bool is_allpass(enum ph_unit id)
{
    return id == PH_UNIT_ALLPASS_N || id == PH_UNIT_ALLPASS_L || id == PH_UNIT_ALLPASS_C;
}
static bool reads_whole(enum ph_unit id)
{
    return id == PH_UNIT_DELAY_N || id == PH_UNIT_COMB_N || id == PH_UNIT_ALLPASS_N;
}
static bool reads_cubic(enum ph_unit id)
{
    return id == PH_UNIT_DELAY_C || id == PH_UNIT_COMB_C || id == PH_UNIT_ALLPASS_C;
}

/** What was written up to frame i. */
static double plain_at(const struct plain *p, int i) { return i < 0 ? 0 : p->line[i]; }

/** Reads `delay` frames before frame i, by the slopes at the frames on both sides. */
static double plain_cubic_read(const struct plain *p, int at, double part)
{
    const double y0 = plain_at(p, at + 1), y1 = plain_at(p, at), y2 = plain_at(p, at - 1),
                 y3 = plain_at(p, at - 2), m1 = (y2 - y0) / 2, m2 = (y3 - y1) / 2;
    const double t = part, t2 = t * t, t3 = t2 * t;
    return (2 * t3 - 3 * t2 + 1) * y1 + (t3 - 2 * t2 + t) * m1 + (3 * t2 - 2 * t3) * y2 +
           (t3 - t2) * m2;
}
static double plain_read(const struct plain *p, int i, double delay)
{
    const int whole = (int)delay;
    const double part = delay - whole;
    if (reads_cubic(p->id))
        return plain_cubic_read(p, i - whole, part);
    const double near = plain_at(p, i - whole), far = plain_at(p, i - whole - 1);
    return reads_whole(p->id) ? near : near + part * (far - near);
}

static double plain_frame(struct plain *p, int i, double delay, double feedback)
{
    p->line[i] = p->x[i];
    const double delayed = plain_read(p, i, delay);
    if (is_delay(p->id))
        return delayed;
    p->line[i] += feedback * delayed;
    if (p->id == PH_UNIT_ALLPASS_C && i + 1 < (int)delay)
        return 0;
    return is_allpass(p->id) ? delayed - feedback * p->line[i] : delayed;
}

/** Delays in frames: of less than a run, a block, more; the last ones past a line of 0.01 s. */
static const float line_delays[] = { 1,  1.5f,  7.9f, 8,      9.25f,   40.5f,
                                     64, 63.5f, 65,   300.7f, 1018.5f, 2000 };
enum { N_DELAYS = sizeof line_delays / sizeof line_delays[0] };

START_TEST(line_sounds_as_one_frame_at_a_time)
{
    static double line[N];
    static float expected[N];
    const enum ph_unit id = line_ids[_i % N_LINES];
    /* constants; sweeps that come near 0, or stay above 15 frames */
    const int which = _i / N_LINES / 2;
    struct plain p = { id, line, in };
    fill_noise(in, N, 5);
    for (int i = 0; i < N; i++) {
        const double lfo = 0.5 + 0.5 * sin(i * 0.0007), frames = which == N_DELAYS ? 1 : 15;
        moving[i] = which < N_DELAYS ? line_delays[which] / 48000
                                     : (float)((frames + 700 * lfo) / 48000);
        const double shortest = reads_cubic(id) && !is_delay(id) ? 2 : 1;
        const double delay = fmin(fmax(moving[i] * 48000.0f, shortest), 1024);
        expected[i] = (float)plain_frame(&p, i, delay, pow(0.001, moving[i] / 0.02));
    }
    struct unit_host *const h = line_new(id, 0.01f, moving[0], 0.02f);
    const float *const signals[3] = { in, NULL, which < N_DELAYS ? NULL : moving };
    float *const outs[HOST_OUTPUTS] = { out };
    stream_run(h, signals, 3, N, _i / N_LINES & 1 ? CUT_UNEVENLY : 64, outs);
    assert_close(expected, out, N, ph_units[id].name);
    host_free(h);
}
END_TEST

START_TEST(line_ramps_sound_as_one_frame_at_a_time)
{
    static double line[N];
    static float expected[N];
    struct plain p = { PH_UNIT_COMB_L, line, in };
    /* one past the line; and 0 after times from which the sum of the steps ends below one frame */
    const float delays[] = { 0.0019635f, 0, 0.009f, 0.02f, 0.0027573f, 0, 0.0041f };
    float delay = delays[0] * 48000, feedback = (float)pow(0.001, delays[0] / 0.05);
    struct unit_host *const h = line_new(PH_UNIT_COMB_L, 0.01f, delays[0], 0.05f);
    fill_noise(in, N, 6);
    for (int block = 0; block < N / 64; block++) {
        const float time = delays[block / 3 % 7]; /* a ramp, then two blocks at rest */
        const float to = fmaxf(fminf(time * 48000, 1024), 1);
        const float delay_step = (to - delay) / 64;
        const float to_feedback = time > 0 ? (float)pow(0.001, time / 0.05) : 0;
        const float feedback_step = (to_feedback - feedback) / 64;
        for (int i = 0; i < 64; i++) {
            if (block % 3 == 0) {
                delay = fminf(fmaxf(delay + delay_step, 1), 1023);
                feedback += feedback_step;
            }
            expected[block * 64 + i] =
                (float)plain_frame(&p, block * 64 + i, delay, (double)feedback);
        }
        host_set(h, 2, KR, time);
        stream(h, in + block * 64, 64, 64, out + block * 64);
    }
    assert_close(expected, out, N, "ramps");
    host_free(h);
}
END_TEST

/** The curve of Echo: through four frames, the two in the middle being those around the place. */
static double plain_cubic(const struct plain *p, int i, double delay)
{
    const int whole = (int)delay;
    const double t = delay - whole;
    double y[4]; /* the later one first; that before a delay of one isn't written yet */
    for (int k = 0; k < 4; k++) {
        const int at = i - whole + 1 - (whole == 1 && k == 0 ? 1 : k);
        y[k] = at < 0 ? 0 : p->line[at];
    }
    const double slope = 0.5 * (y[2] - y[0]), end = 0.5 * (y[3] - y[1]), rise = y[2] - y[1];
    return y[1] + t * (slope + t * (3 * rise - 2 * slope - end + t * (slope + end - 2 * rise)));
}

/** Times: constants; sweeps near 0 and above 15 frames; a signal that jumps and stays. */
START_TEST(echo_sounds_as_one_frame_at_a_time)
{
    static double line[N];
    static float expected[N];
    const int which = _i >> 1;
    struct plain p = { PH_UNIT_ECHO, line, in };
    double delay = 0;
    fill_noise(in, N, 7);
    for (int i = 0; i < N; i++) {
        const double lfo = 0.5 + 0.5 * sin(i * 0.0007), frames = which == N_DELAYS ? 1 : 15;
        moving[i] = which < N_DELAYS        ? line_delays[which] / 48000
                    : which == N_DELAYS + 2 ? (i / 12000 % 2 ? 0.008f : 0.003f)
                                            : (float)((frames + 400 * lfo) / 48000);
        const double target = fminf(fmaxf(moving[i] * 48000, 1), 480), left = target - delay;
        if (i == 0)
            delay = target;
        else
            delay = fabs(left) < 1e-4 ? target : delay + (1 - exp(-1 / 960.0)) * left;
        const double delayed = plain_cubic(&p, i, delay);
        line[i] = tanh(in[i] + 0.6f * delayed);
        expected[i] = (float)delayed;
    }
    struct unit_host *const h = line_new(PH_UNIT_ECHO, 0.01f, moving[0], 0.6f);
    const float *const signals[3] = { in, NULL, which < N_DELAYS ? NULL : moving };
    float *const outs[HOST_OUTPUTS] = { out };
    stream_run(h, signals, 3, N, _i & 1 ? CUT_UNEVENLY : 64, outs);
    assert_close(expected, out, N, "Echo");
    host_free(h);
}
END_TEST

START_TEST(block_size_does_not_show)
{
    const enum ph_unit ids[] = { PH_UNIT_COMB_L, PH_UNIT_ALLPASS_L, PH_UNIT_ECHO };
    float *const outs[2][HOST_OUTPUTS] = { { out }, { again } };
    fill_noise(in, N, 1);
    for (int i = 0; i < N; i++)
        moving[i] = 0.02f + 0.01f * sinf((float)i * 0.001f);
    const float *const signals[3] = { in, NULL, _i % 2 ? moving : NULL };
    for (int run = 0; run < 2; run++) {
        struct unit_host *const h = line_new(ids[_i / 2], 0.05f, 0.02f, 0.4f);
        stream_run(h, signals, 3, N, run ? CUT_UNEVENLY : 64, outs[run]);
        host_free(h);
    }
    assert_close(out, again, N, ph_units[ids[_i / 2]].name);
    ck_assert_double_gt(rms(out, N), 0.1);
}
END_TEST

/** One frame that is no number, then finite ones: a feedback of 0.99 would keep it. */
START_TEST(line_recovers_from_what_is_not_finite)
{
    const float values[] = { NAN, INFINITY, -INFINITY };
    struct unit_host *const h = line_new(line_ids[_i % N_LINES], 0.01f, 0.002f, 1);
    fill_noise(in, N, 3);
    in[300] = values[_i / N_LINES];
    stream(h, in, 4096, 64, out);
    ck_assert(all_finite(out + 512, 4096 - 512));
    ck_assert_double_gt(rms(out + 2048, 1024), 0.1);
    host_free(h);
}
END_TEST

START_TEST(constant_delay_of_nothing_passes_through)
{
    struct unit_host *const h = line_new(line_ids[_i], 0.01f, 0, 0);
    fill_noise(in, N, 4);
    stream(h, in, 4096, CUT_UNEVENLY, out);
    assert_same(in, out, 4096, ph_units[line_ids[_i]].name);
    host_free(h);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("delay");
    tcase_add_test(c, comb_repeats_every_delay_and_decays_60_db_in_its_time);
    tcase_add_test(c, negative_decay_alternates_the_sign);
    tcase_add_test(c, comb_interpolates_between_frames);
    tcase_add_test(c, allpass_passes_all_of_the_energy);
    tcase_add_test(c, delay_is_held_inside_the_line);
    tcase_add_test(c, hostile_line_length_stays_small_enough_to_allocate);
    tcase_add_test(c, echo_repeats_through_tanh);
    tcase_add_test(c, echo_bends_and_does_not_click_when_its_time_jumps);
    tcase_add_test(c, echo_settles_on_whole_frames);
    tcase_add_test(c, an_edited_echo_time_is_crossfaded_without_bend_or_click);
    tcase_add_test(c, echo_shorter_than_two_frames_reads_nothing_old);
    tcase_add_test(c, changed_decay_moves_over_the_block_and_arrives);
    tcase_add_test(c, feedback_of_echo_is_ramped_when_it_changes);
    tcase_add_loop_test(c, line_sounds_as_one_frame_at_a_time, 0, 2 * N_LINES * (N_DELAYS + 2));
    tcase_add_test(c, line_ramps_sound_as_one_frame_at_a_time);
    tcase_add_loop_test(c, echo_sounds_as_one_frame_at_a_time, 0, 2 * (N_DELAYS + 3));
    tcase_add_loop_test(c, block_size_does_not_show, 0, 6);
    tcase_add_loop_test(c, line_recovers_from_what_is_not_finite, 0, 3 * N_LINES);
    tcase_add_loop_test(c, constant_delay_of_nothing_passes_through, 0, 3);
    return host_run(argc, argv, "delay", c);
}
