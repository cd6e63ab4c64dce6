/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_chain.c - bins of chains as streams, onsets of chains, PartConv.         */
#include "server/dsp/fft.h"
#include "tests/server/dsp/stream.h"

static const float rate_hz = 48000;

/** With a chain of n floats in buffer 0 at input 0. */
static struct unit_host *chain_unit(enum ph_unit id, uint8_t rate, uint32_t n)
{
    struct unit_host *const h = host_new(id, 0, 1, rate, rate_hz);
    for (uint32_t i = 0; i < ph_units[id].n_inputs; i++)
        host_set(h, i, KR, ph_units[id].inputs[i].initial);
    host_set(h, 0, KR, 0);
    memset(h->sample, 0, sizeof h->sample);
    h->buffers[0] = (struct dsp_buffer){ h->sample, n, 1, rate_hz, DSP_COMPLEX };
    return h;
}

/* -------------------------------------------------------------------------------------- PackFFT */

enum { PACK_FROM = 2, PACK_TO, PACK_CLEARS, PACK_FIRST = 6 };

/** Of 16 floats, all 9; magnitudes 1, 2, .. of phase 0. */
static struct unit_host *pack(float from, float to, float clears)
{
    struct unit_host *const h = chain_unit(PH_UNIT_PACK_FFT, KR, 16);
    host_set(h, PACK_FROM, IR, from);
    host_set(h, PACK_TO, IR, to);
    host_set(h, PACK_CLEARS, IR, clears);
    for (uint32_t i = 0; i < 18; i++)
        host_set(h, PACK_FIRST + i, KR, i % 2 ? 0 : (float)(1 + i / 2));
    for (uint32_t i = 0; i < 16; i++)
        h->sample[i] = 9;
    host_init(h);
    host_block(h);
    return h;
}

START_TEST(a_range_up_to_half_the_rate_ends_with_its_last_magnitude)
{
    struct unit_host *const h = pack(5, 8, 1);
    const float expected[16] = { 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 3, 0 };
    for (uint32_t i = 0; i < 16; i++)
        ck_assert_float_eq(h->sample[i], expected[i]);
    ck_assert_float_eq(h->out[0][0], 0);
    host_free(h);
}
END_TEST

START_TEST(bins_outside_a_range_stay)
{
    struct unit_host *const h = pack(0, 2, 0);
    const float expected[16] = { 1, 9, 2, 0, 3, 0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9 };
    for (uint32_t i = 0; i < 16; i++)
        ck_assert_float_eq(h->sample[i], expected[i]);
    host_free(h);
}
END_TEST

/** It is cut to the bins that there are. */
START_TEST(no_range_leaves_the_buffer)
{
    static const struct { float given, cut; } ends[] = {
        { -3, 0 }, { 0, 0 }, { 4, 4 }, { 8, 8 }, { 9, 8 }, { 1e30f, 8 }, { -1e30f, 0 },
        { INFINITY, 8 }, { NAN, 0 }
    };
    for (uint32_t from = 0; from < 9; from++)
        for (uint32_t to = 0; to < 9; to++) {
            const float clears = (float)(from % 2);
            struct unit_host *const h = pack(ends[from].given, ends[to].given, clears);
            struct unit_host *const cut = pack(ends[from].cut, ends[to].cut, clears);
            ck_assert(all_finite(h->sample, 16));
            assert_same(cut->sample, h->sample, 16, "bins");
            for (uint32_t i = 16; i < 100; i++)
                ck_assert_float_eq(h->sample[i], 0);
            host_free(cut);
            host_free(h);
        }
}
END_TEST

/* ----------------------------------------------------------------------------------- Unpack1FFT */

static float unpacked(struct unit_host *h)
{
    host_block(h);
    return h->out[0][0];
}

START_TEST(a_bin_keeps_its_value_through_a_block)
{
    struct unit_host *const h = chain_unit(PH_UNIT_UNPACK1_FFT, KR, 16);
    host_set(h, 1, IR, 16);
    host_set(h, 2, IR, 3);
    h->sample[6] = -3, h->sample[7] = 4;
    host_init(h);
    host_call(h, 0, 1);
    ck_assert_float_eq_tol(h->out[0][0], 5, 1e-6f);
    h->sample[6] = 0;
    ck_assert_float_eq_tol(unpacked(h), 5, 1e-6f);
    ck_assert_float_eq_tol(unpacked(h), 4, 1e-6f);
    host_set(h, 0, KR, -1); /* the chain has nothing new */
    h->sample[6] = 3;
    ck_assert_float_eq_tol(unpacked(h), 4, 1e-6f);
    host_free(h);
}
END_TEST

START_TEST(what_is_no_bin_is_0)
{
    static const float bins[] = { 8, 9, 100, 1e30f, NAN, -5, INFINITY };
    for (uint32_t i = 0; i < 7; i++) {
        struct unit_host *const h = chain_unit(PH_UNIT_UNPACK1_FFT, KR, 16);
        host_set(h, 1, IR, i % 2 ? 16 : 1e30f);
        host_set(h, 2, IR, bins[i]);
        for (uint32_t k = 16; k < 8000; k++)
            h->sample[k] = 7;
        host_init(h);
        ck_assert_float_eq(unpacked(h), 0);
        host_free(h);
    }
}
END_TEST

/* --------------------------------------------------------------------------------------- onsets */

/** A detector by its weight of what grows with level, and its last input. */
struct detector { enum ph_unit id; uint32_t weight, wait; };

/**
 * A spectrum that rises and falls from block to block.
 * @return blocks from the first onset to the next
 */
static uint32_t blocks_between_onsets(const struct detector *d, float seconds)
{
    struct unit_host *const h = chain_unit(d->id, AR, 128);
    uint32_t first = 0, second = 0;
    for (uint32_t i = 1; i < d->wait; i++)
        host_set(h, i, KR, i == d->weight ? 1 : 0.01f);
    host_set(h, d->wait - 1, KR, 0.1f);
    host_set(h, d->wait, KR, seconds);
    for (uint32_t block = 1; block < 400 && second == 0; block++) {
        h->buffers[0].contents = DSP_COMPLEX;
        for (uint32_t i = 0; i < 128; i++)
            h->sample[i] = block % 2 ? 1 : 0.001f;
        if (block == 1)
            host_init(h);
        host_block(h);
        for (uint32_t i = 1; i < 64; i++)
            ck_assert_float_eq(h->out[0][i], h->out[0][0]);
        if (h->out[0][0] > 0)
            *(first ? &second : &first) = block;
    }
    host_free(h);
    ck_assert_uint_gt(second, first);
    return second - first;
}

START_TEST(onsets_wait_for_each_other)
{
    static const struct detector units[] = {
        { PH_UNIT_PV_JENSEN_ANDERSEN, 2, 6 }, { PH_UNIT_PV_HAINSWORTH_FOOTE, 1, 4 } };
    for (int i = 0; i < 2; i++) {
        ck_assert_uint_eq(blocks_between_onsets(&units[i], 0), 2);
        ck_assert_uint_eq(blocks_between_onsets(&units[i], 0.0401f), 30); /* 31 blocks */
        ck_assert_uint_eq(blocks_between_onsets(&units[i], NAN), 2);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------- PartConv */

enum { N = 8192, SIZE = 256, PARTS = 3, RESPONSE = PARTS * SIZE / 2 };
static float in[N], x[N], y[N], response[RESPONSE];

/** A response in three partitions, as /b_gen PreparePartConv lays them out. */
static void prepare(float *to)
{
    const uint32_t part = dsp_fft_part(DSP_FFT_128 + 1);
    _Alignas(64) static float frames[SIZE], spectrum[SIZE + 64];
    fill_noise(response, RESPONSE, 9);
    for (uint32_t p = 0; p < PARTS; p++, to += SIZE) {
        memset(frames, 0, sizeof frames);
        memcpy(frames, response + p * SIZE / 2, SIZE / 2 * sizeof *frames);
        host_fft()->forward(host_fft(), DSP_FFT_128 + 1, frames, spectrum);
        to[0] = spectrum[0];
        to[1] = spectrum[SIZE / 2];
        for (uint32_t k = 1; k < SIZE / 2; k++)
            to[2 * k] = spectrum[k], to[2 * k + 1] = spectrum[part + k];
    }
}

static struct unit_host *part_conv(void)
{
    struct unit_host *const h = host_new(PH_UNIT_PART_CONV, 0, 1, AR, rate_hz);
    host_set(h, 1, IR, SIZE);
    host_set(h, 2, IR, 0);
    prepare(h->sample);
    h->buffers[0] = (struct dsp_buffer){ h->sample, PARTS * SIZE, 1, rate_hz, DSP_SAMPLES };
    fill_noise(in, N, 7);
    return h;
}

START_TEST(partitions_add_up_to_the_whole_response)
{
    struct unit_host *const h = part_conv();
    stream(h, in, N, 64, x);
    for (int32_t at = 0; at < N; at += 13) {
        double sum = 0;
        /* half a transform less a block late */
        for (int32_t k = 0; k < RESPONSE && k <= at - 64; k++)
            sum += (double)response[k] * in[at - 64 - k];
        ck_assert_double_eq_tol(x[at], sum, 1e-4);
    }
    host_free(h);
}
END_TEST

START_TEST(what_is_not_finite_is_left_out)
{
    struct unit_host *const clean = part_conv(), *const h = part_conv();
    memset(in + 100, 0, 100 * sizeof *in);
    stream(clean, in, N, 64, x);
    for (uint32_t i = 100; i < 200; i++)
        in[i] = i % 2 ? NAN : INFINITY;
    stream(h, in, 1024, 64, y);
    assert_close(x, y, 1024, "without it");
    h->sample[SIZE + 9] = NAN;
    stream(h, in + 1024, 512, 64, y + 1024);
    prepare(h->sample);
    stream(h, in + 1536, N - 1536, 64, y + 1536);
    ck_assert(all_finite(y, N));
    assert_close(x + 2560, y + 2560, N - 2560, "behind it");
    host_free(clean);
    host_free(h);
}
END_TEST

START_TEST(other_sizes_and_buffers_that_go_are_silence)
{
    static const float sizes[] = { 0, -1, 100, 128, 512, 65536, 1e30f, NAN };
    for (uint32_t i = 0; i < 8; i++) {
        struct unit_host *const h = part_conv();
        host_set(h, 1, IR, sizes[i]);
        stream(h, in, 1024, 64, x);
        ck_assert_double_eq(peak(x, 1024), 0);
        host_free(h);
    }
    struct unit_host *const h = part_conv();
    stream(h, in, 1024, 64, x);
    ck_assert_double_gt(peak(x, 1024), 0);
    h->buffers[0].n_frames = SIZE;
    stream(h, in, 1024, 64, x);
    ck_assert_double_eq(peak(x, 1024), 0);
    host_free(h);
}
END_TEST

START_TEST(a_response_longer_than_its_memory_is_cut)
{
    struct unit_host *const h = part_conv();
    h->b.own_floats = 2 * SIZE;
    stream(h, in, N, 64, x);
    for (int32_t at = 1000; at < N; at += 13) {
        double sum = 0;
        for (int32_t k = 0; k < SIZE; k++)
            sum += (double)response[k] * in[at - 64 - k];
        ck_assert_double_eq_tol(x[at], sum, 1e-4);
    }
    host_free(h);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("chain");
    tcase_add_test(c, a_range_up_to_half_the_rate_ends_with_its_last_magnitude);
    tcase_add_test(c, bins_outside_a_range_stay);
    tcase_add_test(c, no_range_leaves_the_buffer);
    tcase_add_test(c, a_bin_keeps_its_value_through_a_block);
    tcase_add_test(c, what_is_no_bin_is_0);
    tcase_add_test(c, onsets_wait_for_each_other);
    tcase_add_test(c, partitions_add_up_to_the_whole_response);
    tcase_add_test(c, what_is_not_finite_is_left_out);
    tcase_add_test(c, other_sizes_and_buffers_that_go_are_silence);
    tcase_add_test(c, a_response_longer_than_its_memory_is_cut);
    return host_run(argc, argv, "chain", c);
}
