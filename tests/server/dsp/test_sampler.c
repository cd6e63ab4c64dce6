/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_sampler.c - PlayBuf, Sampler, BufRd, Phasor, facts of buffers.           */
#include <sys/mman.h>

#include "tests/server/dsp/stream.h"

enum { N = 16384, FRAMES = 1000 };
static float out[N], second[N], again[N], rate[N];
static float *const outs[HOST_OUTPUTS] = { out, second };

/** Buffer 0 counts its frames from 1, buffer 1 too, with the negative on its second channel. */
static struct unit_host *player_new(enum ph_unit id, uint16_t n_out)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, 48000);
    for (int i = 0; i < FRAMES; i++)
        h->sample[i] = (float)(i + 1);
    for (int i = 0; i < FRAMES; i++) {
        h->sample[FRAMES + 2 * i] = (float)(i + 1);
        h->sample[FRAMES + 2 * i + 1] = -(float)(i + 1);
    }
    h->buffers[0] = (struct dsp_buffer){ h->sample, FRAMES, 1, 48000 };
    h->buffers[1] = (struct dsp_buffer){ h->sample + FRAMES, FRAMES, 2, 24000 };
    h->b.n_out = n_out;
    return h;
}

static struct unit_host *sampler_new(float speed, float begin, float end, float loop)
{
    struct unit_host *const h = player_new(PH_UNIT_SAMPLER, 1);
    host_set(h, 0, IR, 0);
    host_set(h, 1, IR, speed);
    host_set(h, 2, IR, begin);
    host_set(h, 3, IR, end);
    host_set(h, 4, IR, loop);
    host_set(h, 5, IR, 2);
    return h;
}

START_TEST(sampler_plays_the_part_exactly_once)
{
    struct unit_host *const h = sampler_new(1, 0.25f, 0.75f, 0);
    stream_run(h, NULL, 0, 448, 64, outs);
    ck_assert_uint_eq(h->node[0].done, 0);
    for (int i = 0; i < 448; i++)
        ck_assert_float_eq(out[i], (float)(251 + i));
    stream_run(h, NULL, 0, 64, 64, outs);
    ck_assert_uint_eq(h->node[0].done, 1u << 2);
    ck_assert_float_eq(out[51], 750);
    for (int i = 52; i < 64; i++)
        ck_assert_float_eq(out[i], 0);
    host_free(h);
}
END_TEST

START_TEST(sampler_plays_backwards_from_the_end)
{
    struct unit_host *const h = sampler_new(-1, 0.25f, 0.75f, 0);
    stream_run(h, NULL, 0, 512, 64, outs);
    for (int i = 0; i < 500; i++)
        ck_assert_float_eq(out[i], (float)(750 - i));
    for (int i = 500; i < 512; i++)
        ck_assert_float_eq(out[i], 0);
    ck_assert_uint_eq(h->node[0].done, 1u << 2);
    host_free(h);
}
END_TEST

START_TEST(sampler_length_is_the_part_over_the_speed)
{
    const float speeds[] = { 1, 2, 0.5f, 3, 0.3f, -2, -0.5f, -0.7f };
    for (int s = 0; s < 8; s++) {
        struct unit_host *const h = sampler_new(speeds[s], 0.1f, 0.9f, 0);
        const uint32_t length = (uint32_t)ceil(800 / fabs((double)speeds[s]));
        for (uint32_t i = 0; i < length; i++) {
            stream_run(h, NULL, 0, 1, 1, outs);
            ck_assert_float_ne(out[0], 0);
            ck_assert_uint_eq(h->node[0].done, i + 1 == length ? 1u << 2 : 0);
        }
        stream_run(h, NULL, 0, 64, 64, outs);
        ck_assert_double_eq(peak(out, 64), 0);
        host_free(h);
    }
}
END_TEST

START_TEST(sampler_interpolates_a_straight_line_exactly)
{
    struct unit_host *const h = sampler_new(0.37f, 0.1f, 0.9f, 0);
    stream_run(h, NULL, 0, 2000, 64, outs);
    for (int i = 0; i < 2000; i++)
        ck_assert_double_eq_tol(out[i], 101 + i * (double)0.37f, 2e-4); /* rounding near 1000 */
    host_free(h);
}
END_TEST

START_TEST(sampler_loop_repeats_the_part_without_a_seam)
{
    const float speeds[] = { 1, -1, 2.5f };
    for (int s = 0; s < 3; s++) {
        struct unit_host *const h = sampler_new(speeds[s], 0.5f, 0.6f, 1);
        stream_run(h, NULL, 0, N, 64, outs);
        ck_assert_uint_eq(h->node[0].done, 0);
        ck_assert_double_gt(peak(out, N), 590);
        const int period = s < 2 ? 100 : 40;
        for (int i = 0; i < N - period; i++)
            ck_assert_float_eq(out[i], out[i + period]);
        if (s == 0)
            for (int i = 0; i < 1000; i++)
                ck_assert_float_eq(out[i], (float)(501 + i % 100));
        host_free(h);
    }
}
END_TEST

START_TEST(sampler_loop_reads_round_the_part_and_not_beyond)
{
    struct unit_host *const h = sampler_new(0.37f, 0.5f, 0.6f, 1);
    for (int i = 0; i < FRAMES; i++)
        h->sample[i] = i >= 500 && i < 600 ? sinf((float)(i - 500) * 0.0628318531f) : 1000;
    stream_run(h, NULL, 0, N, 64, outs);
    /* a period of 100 frames: the cubic is within 1e-6 of the sine, floats less */
    for (int i = 0; i < N; i++)
        ck_assert_double_eq_tol(out[i], sin(i * (double)0.37f * 0.0628318531), 1e-4);
    host_free(h);
}
END_TEST

START_TEST(sampler_block_size_does_not_show)
{
    float *const outs_again[HOST_OUTPUTS] = { again };
    for (int i = 0; i < N; i++)
        rate[i] = 0.1f + 0.05f * sinf((float)i * 0.01f);
    const float *const signals[2] = { NULL, _i ? rate : NULL };
    for (int run = 0; run < 2; run++) {
        struct unit_host *const h = sampler_new(0.123f, 0, 1, 0);
        stream_run(h, signals, 2, N, run ? CUT_UNEVENLY : 64, run ? outs_again : outs);
        host_free(h);
    }
    assert_same(out, again, N, "sampler");
}
END_TEST

START_TEST(sampler_without_sound_ends_at_once)
{
    for (int fault = 0; fault < 4; fault++) {
        struct unit_host *const h = sampler_new(1, 0.5f, fault == 3 ? 0.5f : 1, 1);
        const float numbers[] = { 7, -1, NAN, 0 };
        host_set(h, 0, IR, numbers[fault]);
        out[0] = 1;
        stream_run(h, NULL, 0, 64, 64, outs);
        ck_assert_double_eq(peak(out, 64), 0);
        ck_assert_uint_eq(h->node[0].done, 1u << 2);
        host_free(h);
    }
}
END_TEST

START_TEST(players_give_the_channels_that_there_are)
{
    const enum ph_unit ids[] = { PH_UNIT_SAMPLER, PH_UNIT_PLAY_BUF };
    for (int u = 0; u < 2; u++) {
        for (int buffer = 0; buffer < 2; buffer++) {
            struct unit_host *const h = player_new(ids[u], 2);
            host_set(h, 0, IR, (float)buffer);
            host_set(h, 1, IR, 1);
            host_set(h, 2, IR, 0);
            host_set(h, 3, IR, u == 0 ? 1 : 0);
            host_set(h, 4, IR, 0);
            host_set(h, 5, IR, 0);
            stream_run(h, NULL, 0, 64, 64, outs);
            ck_assert_float_eq(out[9], 10);
            ck_assert_float_eq(second[9], buffer == 1 ? -10 : 0);
            host_free(h);
        }
    }
}
END_TEST

static struct unit_host *play_buf_new(float speed, float start, float loop)
{
    struct unit_host *const h = player_new(PH_UNIT_PLAY_BUF, 1);
    host_set(h, 0, IR, 0);
    host_set(h, 1, IR, speed);
    host_set(h, 2, KR, 0);
    host_set(h, 3, IR, start);
    host_set(h, 4, IR, loop);
    host_set(h, 5, IR, 2);
    return h;
}

START_TEST(play_buf_holds_its_last_frame_and_asks_in_the_block_where_it_ends)
{
    struct unit_host *const h = play_buf_new(1, 0, 0);
    stream_run(h, NULL, 0, 960, 64, outs);
    ck_assert_uint_eq(h->node[0].done, 0);
    ck_assert_float_eq(out[959], 960);
    stream_run(h, NULL, 0, 128, 64, outs);
    ck_assert_uint_eq(h->node[0].done, 1u << 2);
    ck_assert_float_eq(out[127], 1000);
    host_free(h);
}
END_TEST

START_TEST(play_buf_loops_both_ways)
{
    struct unit_host *const h = play_buf_new(-1, 10, 1);
    stream_run(h, NULL, 0, N, 64, outs);
    for (int i = 0; i < N; i++)
        ck_assert_float_eq(out[i], (float)((10 - i % 1000 + 1000) % 1000 + 1));
    ck_assert_uint_eq(h->node[0].done, 0);
    host_free(h);
}
END_TEST

START_TEST(play_buf_starts_over_on_the_frame_of_a_trigger)
{
    static float trigger[N];
    struct unit_host *const h = play_buf_new(1, 100, 0);
    memset(trigger, 0, sizeof trigger);
    trigger[77] = 1;
    trigger[78] = 1; /* still up: no new rise */
    const float *const signals[3] = { NULL, NULL, trigger };
    stream_run(h, signals, 3, 256, 64, outs);
    ck_assert_float_eq(out[0], 101);
    ck_assert_float_eq(out[76], 177);
    ck_assert_float_eq(out[77], 101);
    ck_assert_float_eq(out[100], 124);
    host_free(h);
}
END_TEST

START_TEST(play_buf_stands_still_at_its_end)
{
    struct unit_host *const h = play_buf_new(0.75f, 990, 0);
    stream_run(h, NULL, 0, 256, CUT_UNEVENLY, outs);
    ck_assert_float_eq(out[10], 998.5f); /* the last one whose four frames are there */
    for (int i = 12; i < 256; i++)
        ck_assert_float_eq(out[i], 1000);
    host_set(h, 1, IR, -1); /* backwards from where it stands */
    stream_run(h, NULL, 0, 64, 64, outs);
    ck_assert_float_eq(out[0], 1000);
    ck_assert_float_eq(out[63], 1000 - 63);
    h->node[0].done = 0;
    stream_run(h, NULL, 0, 64, 64, outs);
    ck_assert_uint_eq(h->node[0].done, 1u << 2); /* it has ended all the same */
    host_free(h);
}
END_TEST

START_TEST(play_buf_ends_in_the_block_that_reaches_the_last_frame)
{
    for (int late = 0; late < 2; late++) {
        struct unit_host *const h = play_buf_new(1, (float)(FRAMES - 64 - late), 0);
        stream_run(h, NULL, 0, 64, 64, outs);
        ck_assert_uint_eq(h->node[0].done, late ? 0 : 1u << 2);
        host_free(h);
    }
}
END_TEST

/* -------------------------------------------------------------------- the reader, by reference */

/** Frame i of a buffer with `n` frames: held at the ends, or read round. */
static double frame_at(const struct dsp_buffer *x, int64_t i, uint32_t channel, bool loop)
{
    const int64_t n = x->n_frames;
    const int64_t at = loop ? (i % n + n) % n : i < 0 ? 0 : i < n ? i : n - 1;
    return (double)x->data[at * x->n_channels + channel];
}

/** The cubic between frames as a formula, in double. */
static double reference(const struct dsp_buffer *x, double place, uint32_t channel, bool loop)
{
    const int64_t whole = (int64_t)floor(place);
    const double t = place - (double)whole;
    double y[4];
    for (int k = 0; k < 4; k++)
        y[k] = frame_at(x, whole + k - 1, channel, loop);
    return y[1] + 0.5 * t * (y[2] - y[0] + t * (2 * y[0] - 5 * y[1] + 4 * y[2] - y[3] +
                                                t * (3 * (y[1] - y[2]) + y[3] - y[0])));
}

static const float speeds[] = { 1, 0.013f, 0.55f, 1.1f, 1.85f, 1.99f, 2.7f, 40.5f, 0, -0.3f, -1,
                                -1.7f, -3.3f };
enum { N_SPEEDS = sizeof speeds / sizeof *speeds };

/** PlayBuf of noise in a buffer with `channels`. */
static struct unit_host *noisy_new(uint32_t n_frames, uint32_t channels, float speed, float start,
                                   float loop)
{
    struct unit_host *const h = play_buf_new(speed, start, loop);
    h->buffers[0] = (struct dsp_buffer){ h->sample, n_frames, channels, 48000 };
    h->b.n_out = (uint16_t)(channels < HOST_OUTPUTS ? channels : HOST_OUTPUTS);
    fill_noise(h->sample, n_frames * channels, 5);
    return h;
}

START_TEST(play_buf_reads_the_cubic_of_its_frames)
{
    static float rows[HOST_OUTPUTS][N];
    float *const all[HOST_OUTPUTS] = { rows[0], rows[1], rows[2], rows[3] };
    const uint32_t n_frames = 1000, n = 640;
    for (uint32_t channels = 1; channels <= 4; channels++)
        for (int s = 0; s < N_SPEEDS; s++) {
            struct unit_host *const h =
                noisy_new(n_frames, channels, speeds[s], 300.25f, (float)_i);
            stream_run(h, NULL, 0, n, 64, all);
            for (uint32_t i = 0; i < n; i++) {
                double place = 300.25 + (double)speeds[s] * i;
                if (!_i)
                    place = fmin(fmax(place, 0), n_frames - 1);
                for (uint32_t c = 0; c < channels; c++)
                    ck_assert_double_eq_tol(rows[c][i],
                                            reference(&h->buffers[0], place, c, _i), 2e-6);
            }
            host_free(h);
        }
}
END_TEST

START_TEST(a_rate_that_could_move_gives_the_same_bits)
{
    static float rows[2][2][N];
    const uint32_t n = 1280;
    for (uint32_t channels = 1; channels <= 2; channels++)
        for (int s = 0; s < N_SPEEDS; s++) {
            for (int moves = 0; moves < 2; moves++) {
                struct unit_host *const h = noisy_new(1000, channels, speeds[s], 11, (float)_i);
                float *const both[HOST_OUTPUTS] = { rows[moves][0], rows[moves][1] };
                const float *const signals[2] = { NULL, moves ? rate : NULL };
                for (uint32_t i = 0; i < n; i++)
                    rate[i] = speeds[s];
                stream_run(h, signals, 2, n, 64, both);
                host_free(h);
            }
            for (uint32_t c = 0; c < channels; c++)
                assert_same(rows[0][c], rows[1][c], n, "moving rate");
        }
}
END_TEST

/** Room for n floats, of which neither those before nor those behind may be read. */
static float *guarded_new(size_t n, bool at_end, void **pages)
{
    const size_t page = 4096, bytes = (n * sizeof(float) + page - 1) / page * page;
    char *const room = mmap(NULL, bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(room != MAP_FAILED);
    ck_assert_int_eq(mprotect(room + page, bytes, PROT_READ | PROT_WRITE), 0);
    *pages = room;
    return (float *)(room + page + (at_end ? bytes - n * sizeof(float) : 0));
}

/* ---- TrigSampler ----------------------------------------------------------------------------- */

static float edges[N];
static const float *const trig_inputs[] = { NULL, edges };

static struct unit_host *trig_sampler_new(float bufnum)
{
    struct unit_host *const h = player_new(PH_UNIT_TRIG_SAMPLER, 1);
    memset(edges, 0, sizeof edges);
    host_set(h, 0, IR, bufnum);
    host_set(h, 1, AR, 0);
    return h;
}

START_TEST(trig_sampler_plays_once_from_the_frame_of_each_edge)
{
    struct unit_host *const h = trig_sampler_new(0);
    edges[100] = 1;
    for (int i = 1500; i < 3000; i++)
        edges[i] = 0.2f; /* stays high: one edge */
    stream_run(h, trig_inputs, 2, 3200, _i == 0 ? 64 : 17, outs);
    for (int i = 0; i < 3200; i++) {
        const int at = i < 1500 ? i - 100 : i - 1500;
        ck_assert_float_eq(out[i], at >= 0 && at < FRAMES ? (float)(at + 1) : 0.0f);
    }
    host_free(h);
}
END_TEST

START_TEST(trig_sampler_starts_again_without_a_click)
{
    struct unit_host *const h = trig_sampler_new(0);
    edges[10] = 1;
    for (int i = 510; i < 540; i += 7) /* faster than what is there can run out */
        edges[i] = 1;
    stream_run(h, trig_inputs, 2, 700, 64, outs);
    ck_assert_float_eq(out[509], 500);
    /* what was there runs out within 1 ms, and 1 is a frame's step */
    for (int i = 510; i < 700; i++)
        ck_assert_float_le(fabsf(out[i] - out[i - 1]), 500.0f / 48 + 1.01f);
    ck_assert_float_le(out[538 + 49], 51);
    ck_assert_float_eq(out[600], (float)(600 - 538 + 1));
    host_free(h);
}
END_TEST

START_TEST(trig_sampler_mixes_channels_and_is_silent_without_a_buffer)
{
    struct unit_host *h = trig_sampler_new(1);
    edges[0] = 1;
    for (int i = 0; i < FRAMES; i++)
        h->sample[FRAMES + 2 * i + 1] = 3 * (float)(i + 1);
    stream_run(h, trig_inputs, 2, 1100, 64, outs);
    for (int i = 0; i < 1100; i++)
        ck_assert_float_eq(out[i], i < FRAMES ? 2 * (float)(i + 1) : 0.0f);
    host_free(h);
    h = trig_sampler_new(-1);
    edges[0] = 1;
    stream_run(h, trig_inputs, 2, 1100, 64, outs);
    ck_assert_double_eq(peak(out, 1100), 0);
    host_free(h);
}
END_TEST

START_TEST(players_read_nothing_but_the_buffer)
{
    const enum ph_unit ids[] = { PH_UNIT_PLAY_BUF, PH_UNIT_SAMPLER };
    for (uint32_t n = 1; n < 80; n += n < 40 ? 1 : 13)
        for (uint32_t channels = 1; channels <= 3; channels++)
            for (int s = 0; s < N_SPEEDS; s++) {
                struct unit_host *const h = player_new(ids[s % 2], 2);
                void *pages;
                float *const data = guarded_new(n * channels, _i, &pages);
                h->buffers[0] = (struct dsp_buffer){ data, n, channels, 48000 };
                for (uint32_t i = 0; i < 6; i++)
                    host_set(h, i, IR, 0);
                host_set(h, 1, IR, speeds[s]);
                host_set(h, 3, IR, 1);
                host_set(h, 4, IR, (float)(n % 2));
                stream_run(h, NULL, 0, 256, 64, outs);
                host_free(h);
                munmap(pages, (n * channels * sizeof(float) + 4095) / 4096 * 4096 + 2 * 4096);
            }
}
END_TEST

static double linear_reference(const struct dsp_buffer *x, double place, bool loop)
{
    const int64_t whole = (int64_t)floor(place);
    const double a = frame_at(x, whole, 0, loop), b = frame_at(x, whole + 1, 0, loop);
    return a + (place - (double)whole) * (b - a);
}

START_TEST(buf_rd_reads_by_the_shape_it_is_asked_for)
{
    static float phase[N];
    const float *const signals[2] = { NULL, phase };
    const uint32_t n = 1920;
    for (uint32_t i = 0; i < n; i++)
        phase[i] = 500 + 700 * sinf((float)i * 0.01f); /* past both ends */
    for (int shape = 1; shape <= 4; shape++) {
        struct unit_host *const h = noisy_new(1000, 1, 0, 0, 0);
        struct unit_host *const r = player_new(PH_UNIT_BUF_RD, 1);
        r->buffers[0] = h->buffers[0];
        host_set(r, 0, IR, 0);
        host_set(r, 2, IR, (float)_i);
        host_set(r, 3, IR, (float)shape);
        stream_run(r, signals, 2, n, CUT_UNEVENLY, outs);
        for (uint32_t i = 0; i < n; i++) {
            const double place = _i ? (double)phase[i] : fmin(fmax((double)phase[i], 0), 999);
            const double expected = shape == 1 ? frame_at(r->buffers, (int64_t)floor(place), 0, _i)
                                    : shape == 2 ? linear_reference(r->buffers, place, _i)
                                                 : reference(r->buffers, place, 0, _i);
            ck_assert_double_eq_tol(out[i], expected, 2e-6);
        }
        host_free(r);
        host_free(h);
    }
}
END_TEST

static struct unit_host *phasor_new(float speed, float start, float end, float reset)
{
    struct unit_host *const h = host_new(PH_UNIT_PHASOR, 0, 1, AR, 48000);
    host_set(h, 0, KR, 0);
    host_set(h, 1, IR, speed);
    host_set(h, 2, IR, start);
    host_set(h, 3, IR, end);
    host_set(h, 4, IR, reset);
    return h;
}

START_TEST(phasor_turns_round_between_start_and_end)
{
    for (int moves = 0; moves < 2; moves++) {
        const float *const signals[2] = { NULL, moves ? rate : NULL };
        struct unit_host *const up = phasor_new(0.75f, 10, 110, 0);
        struct unit_host *const down = phasor_new(-0.75f, 10, 110, 0);
        for (int i = 0; i < N; i++)
            rate[i] = 0.75f;
        stream_run(up, signals, 2, N, CUT_UNEVENLY, outs);
        for (int i = 0; i < N; i++)
            ck_assert_float_eq(out[i], 10 + (float)fmod(0.75 * i, 100));
        for (int i = 0; i < N; i++)
            rate[i] = -0.75f;
        stream_run(down, signals, 2, N, 64, outs);
        for (int i = 0; i < N; i++)
            ck_assert_float_eq(out[i], 10 + (float)fmod(0.75 * 400 * N - 0.75 * i, 100));
        host_free(up);
        host_free(down);
    }
}
END_TEST

START_TEST(phasor_goes_back_where_its_trigger_crosses_zero)
{
    static float trigger[64];
    const float *const signals[1] = { trigger };
    struct unit_host *const h = phasor_new(1, 0, 1000, 200);
    for (int i = 0; i < 64; i++)
        trigger[i] = i < 20 ? -1 : 3; /* crosses 0 a quarter of the way from 19 to 20 */
    stream_run(h, signals, 1, 64, 64, outs);
    ck_assert_float_eq(out[19], 19);
    ck_assert_float_eq(out[20], 201.25f);
    ck_assert_float_eq(out[63], 244.25f);
    host_set(h, 0, KR, 0);
    stream_run(h, NULL, 0, 64, 64, outs);
    ck_assert_float_eq(out[0], 245.25f);
    host_set(h, 0, KR, 1); /* at control rate: at the block's start */
    stream_run(h, NULL, 0, 64, 64, outs);
    ck_assert_float_eq(out[0], 200);
    stream_run(h, NULL, 0, 64, 64, outs);
    stream_run(h, NULL, 0, 64, 64, outs);
    ck_assert_float_eq(out[0], 328); /* still up */
    host_free(h);
}
END_TEST

START_TEST(phasor_recovers_from_hostile_settings)
{
    const float values[] = { NAN, INFINITY, -INFINITY, 1e30f, 0 };
    for (int i = 0; i < 5; i++)
        for (uint32_t input = 1; input < 4; input++) {
            struct unit_host *const h = phasor_new(0.5f, 0, 8, 0);
            host_set(h, input, IR, values[i]);
            stream_run(h, NULL, 0, 128, 64, outs);
            ck_assert(input != 3 || all_finite(out, 128));
            host_set(h, 1, IR, 0.5f);
            host_set(h, 2, IR, 0);
            host_set(h, 3, IR, 8);
            stream_run(h, NULL, 0, 128, 64, outs);
            for (int n = 64; n < 128; n++)
                ck_assert(out[n] >= 0 && out[n] < 8);
            host_free(h);
        }
}
END_TEST

START_TEST(players_keep_their_lanes_apart)
{
    const enum ph_unit ids[] = { PH_UNIT_PLAY_BUF, PH_UNIT_SAMPLER };
    for (int u = 0; u < 2; u++) {
        struct unit_host *const h = host_new(ids[u], 0, host_wide(), AR, 48000);
        h->b.n_out = 3;
        for (uint32_t i = 0; i < 6; i++)
            host_set(h, i, IR, 0);
        for (uint32_t k = 0; k < h->width; k++) {
            h->in[0][k] = (float)(k % 3); /* one of three has no buffer */
            h->in[1][k] = speeds[k % N_SPEEDS];
            h->in[3][k] = u == 0 ? (float)(k * 100) : 1;
            h->in[4][k] = (float)(k % 2);
        }
        host_init(h);
        struct unit_host *alone[DSP_LANES_MAX];
        for (uint32_t k = 0; k < h->width; k++)
            host_init(alone[k] = host_of_lane(h, k));
        h->b.lanes &= ~2u;
        for (int block = 0; block < 100; block++) {
            host_block(h);
            for (uint32_t k = 0; k < h->width; k++) {
                host_block(alone[k]);
                const bool empty = k == 1;
                for (uint32_t c = 0; c < 3; c++)
                    for (uint32_t i = 0; i < DSP_BLOCK_FRAMES; i++)
                        ck_assert_float_eq(h->out[c][i * h->width + k],
                                           empty ? 0 : alone[k]->out[c][i]);
                ck_assert_uint_eq(h->node[k].done, empty ? 0 : alone[k]->node[0].done);
            }
        }
        for (uint32_t k = 0; k < h->width; k++)
            host_free(alone[k]);
        host_free(h);
    }
}
END_TEST

START_TEST(play_buf_takes_hostile_settings)
{
    const float values[] = { 0, -1e30f, 1e30f, NAN, INFINITY, -INFINITY, -5000.5f };
    for (int n = 1; n <= 4; n++) /* buffers shorter than the cubic */
        for (int a = 0; a < 7; a++)
            for (int b = 0; b < 7; b++)
                for (int loop = 0; loop < 2; loop++) {
                    struct unit_host *const h = play_buf_new(values[a], values[b], (float)loop);
                    float *const small = malloc((size_t)n * sizeof(float));
                    for (int i = 0; i < n; i++)
                        small[i] = 1;
                    h->buffers[0] = (struct dsp_buffer){ small, (uint32_t)n, 1, 48000 };
                    stream_run(h, NULL, 0, 128, 64, outs);
                    ck_assert(all_finite(out, 128));
                    struct unit_host *const s = sampler_new(values[a], values[b], 1, (float)loop);
                    s->buffers[0] = h->buffers[0];
                    stream_run(s, NULL, 0, 128, 64, outs);
                    ck_assert(all_finite(out, 128));
                    host_free(s);
                    host_free(h);
                    free(small);
                }
}
END_TEST

START_TEST(buffer_facts_are_told_per_lane)
{
    const enum ph_unit ids[] = { PH_UNIT_BUF_RATE_SCALE, PH_UNIT_BUF_FRAMES };
    const float expected[2][3] = { { 1, 0.5f, 0 }, { FRAMES, FRAMES, 0 } };
    for (int u = 0; u < 2; u++)
        for (uint32_t width = 1; width; width = host_wider(width)) {
            struct unit_host *const p = player_new(ids[u], 1);
            struct unit_host *const h = host_new(ids[u], 0, width, KR, 48000);
            memcpy(h->sample, p->sample, sizeof h->sample);
            h->buffers[0] = (struct dsp_buffer){ h->sample, FRAMES, 1, 48000 };
            h->buffers[1] = (struct dsp_buffer){ h->sample, FRAMES, 2, 24000 };
            host_set(h, 0, IR, 0);
            for (uint32_t k = 0; k < width; k++)
                h->in[0][k] = (float)(k % 3);
            host_init(h);
            host_block(h);
            for (uint32_t k = 0; k < width; k++)
                ck_assert_float_eq(h->out[0][k], expected[u][k % 3]);
            host_free(h);
            host_free(p);
        }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("sampler");
    tcase_add_test(c, sampler_plays_the_part_exactly_once);
    tcase_add_test(c, sampler_plays_backwards_from_the_end);
    tcase_add_test(c, sampler_length_is_the_part_over_the_speed);
    tcase_add_test(c, sampler_interpolates_a_straight_line_exactly);
    tcase_add_test(c, sampler_loop_repeats_the_part_without_a_seam);
    tcase_add_test(c, sampler_loop_reads_round_the_part_and_not_beyond);
    tcase_add_loop_test(c, sampler_block_size_does_not_show, 0, 2);
    tcase_add_test(c, sampler_without_sound_ends_at_once);
    tcase_add_test(c, players_give_the_channels_that_there_are);
    tcase_add_test(c, play_buf_holds_its_last_frame_and_asks_in_the_block_where_it_ends);
    tcase_add_test(c, play_buf_loops_both_ways);
    tcase_add_test(c, play_buf_starts_over_on_the_frame_of_a_trigger);
    tcase_add_test(c, play_buf_stands_still_at_its_end);
    tcase_add_test(c, play_buf_ends_in_the_block_that_reaches_the_last_frame);
    tcase_add_loop_test(c, play_buf_reads_the_cubic_of_its_frames, 0, 2);
    tcase_add_loop_test(c, a_rate_that_could_move_gives_the_same_bits, 0, 2);
    tcase_add_loop_test(c, trig_sampler_plays_once_from_the_frame_of_each_edge, 0, 2);
    tcase_add_test(c, trig_sampler_starts_again_without_a_click);
    tcase_add_test(c, trig_sampler_mixes_channels_and_is_silent_without_a_buffer);
    tcase_add_loop_test(c, players_read_nothing_but_the_buffer, 0, 2);
    tcase_add_loop_test(c, buf_rd_reads_by_the_shape_it_is_asked_for, 0, 2);
    tcase_add_test(c, phasor_turns_round_between_start_and_end);
    tcase_add_test(c, phasor_goes_back_where_its_trigger_crosses_zero);
    tcase_add_test(c, phasor_recovers_from_hostile_settings);
    tcase_add_test(c, players_keep_their_lanes_apart);
    tcase_add_test(c, play_buf_takes_hostile_settings);
    tcase_add_test(c, buffer_facts_are_told_per_lane);
    return host_run(argc, argv, "sampler", c);
}
