/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_filter.c - filters: response, ramps, lanes, block size, hostile values.  */
#include "tests/server/dsp/stream.h"

enum { N = 16384 };
static float in[N], out[N], again[N], sweep[N], wide[N * DSP_LANES_MAX];

struct filter { enum ph_unit id; float a, b; }; /* inputs 1 and 2 */
static const struct filter filters[] = {
    { PH_UNIT_LPF, 1000, 0 }, { PH_UNIT_HPF, 1000, 0 }, { PH_UNIT_RLPF, 1000, 0.3f },
    { PH_UNIT_RHPF, 1000, 0.3f }, { PH_UNIT_BPF, 1000, 0.3f }, { PH_UNIT_LEAK_DC, 0.99f, 0 },
    { PH_UNIT_ONE_POLE, -0.6f, 0 }, { PH_UNIT_LAG, 0.01f, 0 }, { PH_UNIT_SVF_LPF, 1000, 2 },
    { PH_UNIT_SVF_HPF, 1000, 2 }, { PH_UNIT_SVF_BPF, 1000, 2 }, { PH_UNIT_SVF_NOTCH, 1000, 2 },
    { PH_UNIT_MOOG_LADDER, 1000, 0.5f }
};
enum { N_FILTERS = sizeof filters / sizeof filters[0] };

static struct unit_host *filter_new(const struct filter *f, uint32_t width, uint8_t rate,
                                    float rate_hz)
{
    struct unit_host *const h = host_new(f->id, 0, width, AR, rate_hz);
    host_set(h, 1, rate, f->a);
    if (ph_units[f->id].n_inputs > 2)
        host_set(h, 2, rate, f->b);
    return h;
}

/** Gain in dB of a filter for a sine, once settled. */
static double gain_db(enum ph_unit id, float a, float b, double hz, float rate_hz)
{
    const struct filter f = { id, a, b };
    struct unit_host *const h = filter_new(&f, 1, IR, rate_hz);
    fill_sine(in, N, hz, rate_hz, 0.01); /* small: the ladder's tanh is then a straight line */
    stream(h, in, N, 64, out);
    host_free(h);
    return to_db(level_at(out + N / 2, N / 2, hz, rate_hz) / 0.01);
}

/* A tolerance of 0.02 dB is what the window's neighbours leave in level_at(). */
#define ASSERT_DB(expression, expected) ck_assert_double_eq_tol(expression, expected, 0.02)

START_TEST(butterworth_filters_are_3_db_down_at_cutoff)
{
    const float rates[] = { 44100, 96000 };
    for (int r = 0; r < 2; r++) {
        ASSERT_DB(gain_db(PH_UNIT_LPF, 1500, 0, 1500, rates[r]), -3.01);
        ASSERT_DB(gain_db(PH_UNIT_HPF, 1500, 0, 1500, rates[r]), -3.01);
        ASSERT_DB(gain_db(PH_UNIT_LPF, 6000, 0, 750, rates[r]), 0);
    }
    ck_assert_double_lt(gain_db(PH_UNIT_LPF, 375, 0, 6000, 48000), -48);
    ck_assert_double_lt(gain_db(PH_UNIT_HPF, 6000, 0, 375, 48000), -48);
}
END_TEST

START_TEST(resonators_follow_rq)
{
    ASSERT_DB(gain_db(PH_UNIT_BPF, 1500, 0.1f, 1500, 48000), 0);
    /* a band of 10 % of the frequency is 3 dB down half a band away */
    ck_assert_double_eq_tol(gain_db(PH_UNIT_BPF, 1500, 0.1f, 1425, 48000), -3.1, 0.3);
    ASSERT_DB(gain_db(PH_UNIT_RLPF, 1500, 0.5f, 30, 48000), 0);
    /* the peak of a resonance is close to 1 / rq */
    ck_assert_double_eq_tol(gain_db(PH_UNIT_RLPF, 1500, 0.1f, 1500, 48000), 20, 0.3);
    ck_assert_double_eq_tol(gain_db(PH_UNIT_RHPF, 1500, 0.1f, 1500, 48000), 20, 0.3);
}
END_TEST

START_TEST(state_variable_outputs_have_the_gain_of_q_at_cutoff)
{
    const float qs[] = { 0.5f, 0.70710678f, 4 };
    for (int k = 0; k < 3; k++) {
        const double q_db = to_db(qs[k]);
        ASSERT_DB(gain_db(PH_UNIT_SVF_LPF, 3000, qs[k], 3000, 48000), q_db);
        ASSERT_DB(gain_db(PH_UNIT_SVF_HPF, 3000, qs[k], 3000, 48000), q_db);
        ASSERT_DB(gain_db(PH_UNIT_SVF_BPF, 3000, qs[k], 3000, 48000), q_db);
        ck_assert_double_lt(gain_db(PH_UNIT_SVF_NOTCH, 3000, qs[k], 3000, 48000), -80);
    }
    ASSERT_DB(gain_db(PH_UNIT_SVF_NOTCH, 6000, 1, 60, 48000), 0);
    /* 12 dB per octave, two octaves up: a little more, as the bilinear transform bends the slope */
    ck_assert_double_eq_tol(gain_db(PH_UNIT_SVF_LPF, 750, 0.7071f, 3000, 48000), -24.3, 0.2);
}
END_TEST

START_TEST(ladder_is_four_one_poles_and_sustains_at_full_resonance)
{
    ASSERT_DB(gain_db(PH_UNIT_MOOG_LADDER, 1500, 0, 1500, 48000), 4 * -3.01);
    ASSERT_DB(gain_db(PH_UNIT_MOOG_LADDER, 6000, 0, 30, 48000), 0);

    const struct filter f = { PH_UNIT_MOOG_LADDER, 1500, 1 };
    struct unit_host *const h = filter_new(&f, 1, IR, 48000);
    fill_impulse(in, N);
    stream(h, in, N, 64, out);
    const double early = level_at(out + 2048, 4096, 1500, 48000);
    const double late = level_at(out + N - 4096, 4096, 1500, 48000);
    ck_assert_double_gt(early, 1e-3);
    ck_assert_double_gt(late, 0.5 * early);
    host_free(h);
}
END_TEST

START_TEST(lag_covers_60_db_in_its_time)
{
    const struct filter f = { PH_UNIT_LAG, 0.1f, 0 };
    struct unit_host *const h = filter_new(&f, 1, IR, 48000);
    for (int i = 0; i < N; i++)
        in[i] = i < 64 ? 0 : 1;
    stream(h, in, N, 64, out);
    ck_assert_float_eq(out[63], 0);
    ck_assert_double_eq_tol(1 - out[63 + 4800], 0.001, 1e-6);
    host_free(h);
}
END_TEST

START_TEST(lag_and_leak_dc_start_settled)
{
    const struct filter lag = { PH_UNIT_LAG, 0.1f, 0 }, leak = { PH_UNIT_LEAK_DC, 0.99f, 0 };
    for (int i = 0; i < N; i++)
        in[i] = 0.5f;
    struct unit_host *const a = filter_new(&lag, 1, IR, 48000);
    struct unit_host *const b = filter_new(&leak, 1, IR, 48000);
    stream(a, in, 640, 64, out);
    ck_assert_float_eq(out[0], 0.5f);
    ck_assert_float_eq(out[639], 0.5f);
    stream(b, in, 640, 64, out);
    ck_assert_double_eq(peak(out, 640), 0);
    host_free(a);
    host_free(b);
}
END_TEST

/** Filters that follow a parameter at audio rate; those of scsynth take one value per block. */
static bool follows(enum ph_unit id)
{
    return id == PH_UNIT_ONE_POLE || id == PH_UNIT_SVF_LPF || id == PH_UNIT_SVF_HPF ||
           id == PH_UNIT_SVF_BPF || id == PH_UNIT_SVF_NOTCH || id == PH_UNIT_MOOG_LADDER;
}

/** Parameters as constants and as signals: the block size must not show in a single bit. */
START_TEST(block_size_does_not_show)
{
    const struct filter *const f = &filters[_i / 2];
    const bool audio = _i % 2 != 0 && follows(f->id);
    float *const outs[2][HOST_OUTPUTS] = { { out }, { again } };
    fill_noise(in, N, 1);
    for (int i = 0; i < N; i++)
        sweep[i] = f->a * (1 + 0.5f * sinf((float)i * 0.01f));
    const float *const signals[2] = { in, audio ? sweep : NULL };
    for (int run = 0; run < 2; run++) {
        struct unit_host *const h = filter_new(f, 1, IR, 48000);
        stream_run(h, signals, 2, N, run ? CUT_UNEVENLY : 64, outs[run]);
        host_free(h);
    }
    assert_same(out, again, N, ph_units[f->id].name);
    ck_assert_double_gt(peak(out, N), 0.001);
}
END_TEST

/** Voices with parameters of their own sound like each alone. */
START_TEST(lanes_do_not_hear_each_other)
{
    const struct filter *const f = &filters[_i];
    const int w = (int)host_wide();
    struct unit_host *const h = filter_new(f, host_wide(), KR, 48000);
    fill_noise(in, N, 2);
    for (int k = 0; k < w; k++)
        h->in[1][k] = f->a * (1 + 0.1f * (float)k);
    float *const outs[HOST_OUTPUTS] = { wide };
    const float *const signals[1] = { in };
    stream_run(h, signals, 1, N / 2, 64, outs);
    for (int k = 0; k < w; k++)
        h->in[1][k] = f->a * (0.5f + 0.1f * (float)k); /* and through a ramp */
    float *const rest[HOST_OUTPUTS] = { wide + N / 2 * w };
    const float *const more[1] = { in + N / 2 };
    stream_run(h, more, 1, N / 2, 64, rest);
    host_free(h);
    for (int k = 0; k < w; k += w - 1) {
        struct filter one = *f;
        one.a = f->a * (1 + 0.1f * (float)k);
        struct unit_host *const alone = filter_new(&one, 1, KR, 48000);
        stream(alone, in, N / 2, 64, out);
        host_set(alone, 1, KR, f->a * (0.5f + 0.1f * (float)k));
        stream(alone, in + N / 2, N / 2, 64, out + N / 2);
        for (int i = 0; i < N; i++)
            ck_assert_double_eq_tol(wide[i * w + k], out[i], 1e-6); /* -110 dB, DESIGN 4 */
        host_free(alone);
    }
}
END_TEST

/** While every other voice's parameters move, lane 0 has the bits of a voice alone. */
START_TEST(a_lane_that_stands_does_not_hear_what_moves_beside_it)
{
    const struct filter *const f = &filters[_i];
    const uint32_t w = host_wide();
    struct unit_host *const h = filter_new(f, w, KR, 48000);
    struct unit_host *const alone = filter_new(f, 1, KR, 48000);
    fill_noise(in, N, 7);
    for (uint32_t at = 0; at < N; at += 64) {
        const float *const now[1] = { in + at };
        float *const outs[HOST_OUTPUTS] = { wide };
        for (uint32_t k = 1; k < w; k++)
            h->in[1][k] = f->a * (1 + 0.3f * in[at + k]);
        stream_run(h, now, 1, 64, 64, outs);
        stream(alone, in + at, 64, 64, out + at);
        for (uint32_t i = 0; i < 64; i++)
            again[at + i] = wide[i * w];
    }
    assert_same(out, again, N, ph_units[f->id].name);
    host_free(h);
    host_free(alone);
}
END_TEST

static const struct filter late_filters[] = {
    { PH_UNIT_LPF, 1000, 0 }, { PH_UNIT_RLPF, 1000, 0.3f }, { PH_UNIT_B_LOW_PASS, 1000, 0.3f },
    { PH_UNIT_HPF, 1000, 0 }, { PH_UNIT_BPF, 1000, 0.3f }, { PH_UNIT_RINGZ, 1000, 0.1f },
    { PH_UNIT_FORMLET, 1000, 0.01f }, { PH_UNIT_LAG, 0.01f, 0 }, { PH_UNIT_LAG2, 0.01f, 0 },
    { PH_UNIT_LAG3, 0.01f, 0 }, { PH_UNIT_DECAY, 0.1f, 0 }, { PH_UNIT_DECAY2, 0.01f, 0.1f },
    { PH_UNIT_LEAK_DC, 0.995f, 0 }, { PH_UNIT_ONE_POLE, 0.99f, 0 },
    { PH_UNIT_INTEGRATOR, 0.99f, 0 },
    { PH_UNIT_RLPFD, 1000, 0.5f }
};
enum { N_LATE = sizeof late_filters / sizeof late_filters[0] };

/** A frame is rounded the same way wherever in a block it lies. */
START_TEST(what_is_late_sounds_the_same_only_late)
{
    const struct filter *const f = &late_filters[_i];
    fill_noise(in, N, 9);
    memset(in, 0, 64 * sizeof *in);
    for (uint32_t late = 1; late < 8; late += 2) {
        float *const now = wide, *const then = wide + N;
        struct unit_host *const h = filter_new(f, 1, IR, 48000);
        struct unit_host *const delayed = filter_new(f, 1, IR, 48000);
        stream(h, in + late, N - late, 64, now);
        stream(delayed, in, N, 64, then);
        assert_same(now + 64, then + 64 + late, N - 64 - late, ph_units[f->id].name);
        ck_assert_double_gt(peak(now, N - late), 0.001);
        host_free(h);
        host_free(delayed);
    }
}
END_TEST

/** One of scsynth's two-poles in direct form and double; rq is not read by LPF and HPF. */
static void two_pole_double(enum ph_unit id, double hz, double rq, const float *x, double *y)
{
    const double half = 3.14159265358979324 * hz / 48000, k = tan(half), t = tan(half * rq);
    const double norm = 1 / (1 + sqrt(2) * k + k * k), c = (1 - t) / (1 + t), w = cos(2 * half);
    const bool low = id == PH_UNIT_LPF || id == PH_UNIT_RLPF;
    double gain, b1, b2, y1 = 0, y2 = 0;
    if (id == PH_UNIT_BPF) {
        gain = t / (1 + t), b1 = 2 * w / (1 + t), b2 = -c;
    } else if (id == PH_UNIT_LPF || id == PH_UNIT_HPF) {
        gain = low ? k * k * norm : norm;
        b1 = 2 * (1 - k * k) * norm, b2 = -(1 - sqrt(2) * k + k * k) * norm;
    } else {
        gain = (1 + c) * (low ? 1 - w : 1 + w) / 4, b1 = (1 + c) * w, b2 = -c;
    }
    for (int i = 0; i < N; i++) {
        const double y0 = x[i] + b1 * y1 + b2 * y2;
        y[i] = gain * (y0 + (id == PH_UNIT_BPF ? 0 : low ? 2 : -2) * y1 +
                       (id == PH_UNIT_BPF ? -1 : 1) * y2);
        y2 = y1;
        y1 = y0;
    }
}

/** What high-passes hold back is in their state, 100 dB above what comes out. */
START_TEST(two_poles_of_20_hz_are_clean_beside_a_mean)
{
    static double want[N];
    const enum ph_unit id = filters[_i].id;
    fill_noise(in, N, 8);
    for (int i = 0; i < N; i++)
        in[i] = fminf((float)i / 1000, 1) * (1 + 0.05f * in[i]);
    for (float rq = 1; rq > 0.05f; rq *= 0.1f) {
        const struct filter f = { id, 20, rq };
        struct unit_host *const h = filter_new(&f, 1, IR, 48000);
        stream(h, in, N, 64, out);
        host_free(h);
        two_pole_double(id, 20, rq, in, want);
        double difference = 0, level = 0;
        for (int i = N / 2; i < N; i++) {
            difference += (out[i] - want[i]) * (out[i] - want[i]);
            level += want[i] * want[i];
        }
        ck_assert_double_lt(10 * log10(difference / level), -100);
    }
}
END_TEST

/** The gain of a long average at 0 Hz hangs on the last bits of 1 - coef. */
START_TEST(one_pole_near_1_agrees_with_double)
{
    const struct filter f = { PH_UNIT_ONE_POLE, 0.9999f, 0 };
    struct unit_host *const h = filter_new(&f, 1, IR, 48000);
    double y = 0;
    for (int i = 0; i < N; i++)
        in[i] = 1;
    stream(h, in, N, 64, out);
    for (int i = 0; i < N; i++) {
        y += (1 - (double)f.a) * (1 - y);
        ck_assert_double_eq_tol(out[i], y, 3e-7);
    }
    host_free(h);
}
END_TEST

/** Steps of a slow lag are smaller than the last bit of its level. */
START_TEST(a_lag_of_ten_seconds_arrives)
{
    const struct filter f = { PH_UNIT_LAG, 10, 0 };
    struct unit_host *const h = filter_new(&f, 1, IR, 48000);
    float y[64];
    memset(in, 0, sizeof in);
    stream(h, in, 64, 64, y);
    for (int i = 0; i < N; i++)
        in[i] = 100;
    for (int block = 0; block < 7500; block++)
        stream(h, in, 64, 64, y);
    ck_assert_double_eq_tol(y[63], 99.9, 1e-4);
    for (int block = 0; block < 15000; block++)
        stream(h, in, 64, 64, y);
    ck_assert_float_eq(y[63], 100);
    host_free(h);
}
END_TEST

/** A constant that changes, as with an edit, is reached over a block and without a click. */
START_TEST(changed_constant_is_ramped)
{
    const struct filter *const f = &filters[_i];
    struct unit_host *const h = filter_new(f, 1, IR, 48000);
    fill_sine(in, N, 200, 48000, 0.5);
    stream(h, in, 4096, 64, out);
    host_set(h, 1, IR, f->a * 0.8f);
    stream(h, in + 4096, 4096, 64, out + 4096);
    host_free(h);

    struct unit_host *const unchanged = filter_new(f, 1, IR, 48000);
    stream(unchanged, in, 8192, 64, again);
    host_free(unchanged);
    double steepest = 0, at_change = 0, moved = 0;
    for (int i = 1; i < 8192; i++) {
        const double step = fabs((double)out[i] - out[i - 1]);
        if (i >= 4090 && i < 4096 + 70)
            at_change = fmax(at_change, step);
        else if (i > 2048)
            steepest = fmax(steepest, step);
        moved = fmax(moved, fabs((double)out[i] - again[i]));
    }
    ck_assert_double_gt(moved, 1e-3); /* the change is heard ... */
    ck_assert_double_lt(fabs((double)out[4096] - again[4096]), 0.1 * moved); /* not at once */
    /* without a ramp the two-poles step by 0.1 and more here */
    ck_assert_double_lt(at_change, steepest + 0.02);
}
END_TEST

START_TEST(hostile_parameters_stay_finite)
{
    const struct filter *const f = &filters[_i];
    const float values[] = { 0, -1, -1e9f, 1e9f, 24000, 1e-30f, NAN, INFINITY, -INFINITY };
    enum { N_VALUES = sizeof values / sizeof values[0] };
    fill_noise(in, N, 3);
    for (int rate = IR; rate <= AR; rate += AR - IR)
        for (int a = 0; a < N_VALUES; a++)
            for (int b = 0; b < N_VALUES; b++) {
                struct unit_host *const h = filter_new(f, 1, IR, 48000);
                stream(h, in, 64, 64, out);
                host_set(h, 1, (uint8_t)rate, values[a]);
                if (h->b.n_in > 2)
                    host_set(h, 2, (uint8_t)rate, values[b]);
                stream(h, in, 2048, 64, out);
                ck_assert_msg(all_finite(out, 2048), "%s %g %g", ph_units[f->id].name,
                              (double)values[a], (double)values[b]);
                host_free(h);
            }
}
END_TEST

START_TEST(cutoff_that_jumps_every_frame_stays_bounded)
{
    static float q[N];
    const struct filter *const f = &filters[8 + _i]; /* the state-variable filters and the ladder */
    fill_noise(in, N, 4);
    fill_noise(sweep, N, 5);
    fill_noise(q, N, 6);
    for (int i = 0; i < N; i++) {
        sweep[i] = sweep[i] > 0 ? 20 : 21600;
        q[i] = fabsf(q[i]) * 4;
    }
    struct unit_host *const h = filter_new(f, 1, AR, 48000);
    const float *const signals[3] = { in, sweep, q };
    float *const outs[HOST_OUTPUTS] = { out };
    stream_run(h, signals, 3, N, 64, outs);
    ck_assert(all_finite(out, N));
    ck_assert_double_lt(peak(out, N), 100); /* input 1, q up to 4, tuned anew on every frame */
    host_free(h);
}
END_TEST

START_TEST(control_rate_change_takes_effect_at_once)
{
    struct unit_host *const h = host_new(PH_UNIT_LPF, 0, 1, KR, 48000);
    struct unit_host *const fresh = host_new(PH_UNIT_LPF, 0, 1, KR, 48000);
    host_set(h, 0, KR, 0);
    host_set(h, 1, KR, 20);
    host_init(h);
    host_block(h);
    host_set(fresh, 0, KR, 0);
    host_set(fresh, 1, KR, 100);
    host_init(fresh);
    host_set(h, 0, KR, 1);
    host_set(fresh, 0, KR, 1);
    host_set(h, 1, KR, 100);
    host_block(h);
    host_block(fresh);
    ck_assert_float_gt(h->out[0][0], 0);
    ck_assert_float_eq(h->out[0][0], fresh->out[0][0]);
    host_free(h);
    host_free(fresh);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("filter");
    tcase_add_test(c, butterworth_filters_are_3_db_down_at_cutoff);
    tcase_add_test(c, resonators_follow_rq);
    tcase_add_test(c, state_variable_outputs_have_the_gain_of_q_at_cutoff);
    tcase_add_test(c, ladder_is_four_one_poles_and_sustains_at_full_resonance);
    tcase_add_test(c, lag_covers_60_db_in_its_time);
    tcase_add_test(c, lag_and_leak_dc_start_settled);
    tcase_add_loop_test(c, block_size_does_not_show, 0, 2 * N_FILTERS);
    tcase_add_loop_test(c, lanes_do_not_hear_each_other, 0, N_FILTERS);
    tcase_add_loop_test(c, a_lane_that_stands_does_not_hear_what_moves_beside_it, 0, N_FILTERS);
    tcase_add_loop_test(c, what_is_late_sounds_the_same_only_late, 0, N_LATE);
    tcase_add_loop_test(c, two_poles_of_20_hz_are_clean_beside_a_mean, 0, 5);
    tcase_add_test(c, one_pole_near_1_agrees_with_double);
    tcase_add_test(c, a_lag_of_ten_seconds_arrives);
    tcase_add_loop_test(c, changed_constant_is_ramped, 0, N_FILTERS);
    tcase_add_loop_test(c, hostile_parameters_stay_finite, 0, N_FILTERS);
    tcase_add_loop_test(c, cutoff_that_jumps_every_frame_stays_bounded, 0, 5);
    tcase_add_test(c, control_rate_change_takes_effect_at_once);
    return host_run(argc, argv, "filter", c);
}
