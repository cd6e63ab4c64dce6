/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_bus.c - controls, In and its kin, Out and its kin.                       */
#include "server/dsp/mix.h"
#include "tests/server/dsp/stream.h"

/** An output unit with one channel of value x on a bus; width 1. */
static struct unit_host *out_new(enum ph_unit id, float bus, float x)
{
    struct unit_host *const h = host_new(id, 0, 1, AR, 48000);
    host_set(h, 0, IR, bus);
    host_set(h, 1, AR, x);
    host_init(h);
    return h;
}

static void fill_bus(struct unit_host *h, int bus, float x, uint64_t touched)
{
    for (int i = 0; i < DSP_BLOCK_FRAMES; i++)
        h->audio[bus].frames[i] = x;
    h->audio[bus].touched = touched;
}

START_TEST(out_adds_to_this_block_and_overwrites_older_ones)
{
    struct unit_host *const h = out_new(PH_UNIT_OUT, 3, 0.5f);
    fill_bus(h, 3, 0.25f, h->env.block - 1);
    host_call(h, 0, 64);
    ck_assert_float_eq(h->audio[3].frames[10], 0.5f);
    ck_assert_uint_eq(h->audio[3].touched, h->env.block);
    host_call(h, 0, 64);
    ck_assert_float_eq(h->audio[3].frames[10], 1.0f);
    host_free(h);
}
END_TEST

START_TEST(a_partial_first_block_is_silent_before_its_first_frame)
{
    struct unit_host *const h = out_new(PH_UNIT_OUT, 3, 0.5f);
    fill_bus(h, 3, 9, h->env.block - 1);
    host_call(h, 40, 24);
    for (int i = 0; i < DSP_BLOCK_FRAMES; i++)
        ck_assert_float_eq(h->audio[3].frames[i], i < 40 ? 0 : 0.5f);
    host_free(h);
}
END_TEST

START_TEST(out_applies_the_nodes_fade)
{
    struct unit_host *const h = out_new(PH_UNIT_OUT, 0, 1);
    h->node[0].gain = 1;
    h->node[0].gain_step = -1.0f / 64;
    host_call(h, 0, 64);
    for (int i = 0; i < DSP_BLOCK_FRAMES; i++)
        ck_assert_float_eq(h->audio[0].frames[i], 1 - (float)i / 64);
    host_free(h);
}
END_TEST

START_TEST(a_block_that_is_not_finite_is_silenced_and_reported)
{
    const float bad[] = { NAN, INFINITY, -INFINITY };
    for (int n = 0; n < 3; n++) {
        struct unit_host *const h = out_new(PH_UNIT_OUT, 1, 0.5f);
        fill_bus(h, 1, 0.25f, h->env.block);
        h->in[1][17] = bad[n];
        host_call(h, 0, 64);
        ck_assert_uint_eq(h->node[0].flags, DSP_NODE_NON_FINITE);
        for (int i = 0; i < DSP_BLOCK_FRAMES; i++)
            ck_assert_float_eq(h->audio[1].frames[i], 0.25f);
        host_free(h);
    }
}
END_TEST

START_TEST(bus_numbers_out_of_range_are_ignored)
{
    const float buses[] = { -1, HOST_BUSES, 1e9f, -1e30f, NAN };
    for (int n = 0; n < 5; n++)
        for (int id = PH_UNIT_OUT; id <= PH_UNIT_OFFSET_OUT; id++) {
            struct unit_host *const h = out_new((enum ph_unit)id, buses[n], 0.5f);
            host_call(h, 0, 64);
            for (int bus = 0; bus < HOST_BUSES; bus++)
                ck_assert_uint_eq(h->audio[bus].touched, 0);
            host_free(h);
        }
}
END_TEST

START_TEST(the_last_channels_that_exist_are_written)
{
    struct unit_host *const h = out_new(PH_UNIT_OUT, HOST_BUSES - 1, 0.5f);
    host_set(h, 2, AR, 0.75f); /* a second channel, past the last bus */
    host_call(h, 0, 64);
    ck_assert_float_eq(h->audio[HOST_BUSES - 1].frames[0], 0.5f);
    host_free(h);
}
END_TEST

START_TEST(replace_out_takes_the_place_of_what_is_there)
{
    struct unit_host *const h = out_new(PH_UNIT_REPLACE_OUT, 2, 0.5f);
    fill_bus(h, 2, 9, h->env.block);
    host_call(h, 40, 24);
    for (int i = 0; i < DSP_BLOCK_FRAMES; i++)
        ck_assert_float_eq(h->audio[2].frames[i], i < 40 ? 9 : 0.5f);
    host_free(h);
}
END_TEST

START_TEST(offset_out_begins_on_the_nodes_first_frame)
{
    struct unit_host *const h = out_new(PH_UNIT_OFFSET_OUT, 3, 0.5f);
    host_call(h, 17, 47);
    for (int i = 0; i < DSP_BLOCK_FRAMES; i++)
        ck_assert_float_eq(h->audio[3].frames[i], i < 17 ? 0 : 0.5f);
    host_free(h);
}
END_TEST

/** Output unit of the wide form with noise in its lanes, two channels. */
static struct unit_host *wide_out_new(enum ph_unit id, float bus)
{
    struct unit_host *const h = host_new(id, 0, host_wide(), AR, 48000);
    host_set(h, 0, IR, bus);
    host_set(h, 1, AR, 0);
    host_set(h, 2, AR, 0);
    fill_noise(h->in[1], DSP_BLOCK_FRAMES * h->width, 1);
    fill_noise(h->in[2], DSP_BLOCK_FRAMES * h->width, 2);
    host_init(h);
    return h;
}

/** The sum over the lanes of the mask, in double, is on the bus. */
static void assert_sum(const struct unit_host *h, uint32_t lanes, const float *in, uint32_t bus)
{
    for (uint32_t i = 0; i < DSP_BLOCK_FRAMES; i++) {
        double sum = 0;
        for (uint32_t k = 0; k < h->width; k++)
            if (lanes >> k & 1)
                sum += in[i * h->width + k];
        ck_assert_double_eq_tol(h->audio[bus].frames[i], sum, 4e-6); /* 16 roundings of 2^-22 */
    }
}

START_TEST(lanes_on_one_bus_are_summed)
{
    struct unit_host *const h = wide_out_new(PH_UNIT_OUT, 4);
    const uint32_t masks[] = { 0xffff, 0xbfee, 0xa52a, 2 }; /* thinner and thinner */
    for (int m = 0; m < 4; m++) {
        const uint32_t lanes = h->b.lanes &= masks[m];
        for (uint32_t k = 0; k < h->width; k++)
            if (!(lanes >> k & 1))
                h->in[1][9 * h->width + k] = NAN; /* nobody hears what an empty lane computes */
        host_block(h);
        assert_sum(h, lanes, h->in[1], 4);
        assert_sum(h, lanes, h->in[2], 5);
        for (uint32_t k = 0; k < h->width; k++)
            ck_assert_uint_eq(h->node[k].flags, 0);
    }
    host_free(h);
}
END_TEST

START_TEST(lanes_on_several_buses_keep_apart)
{
    struct unit_host *const h = wide_out_new(PH_UNIT_OUT, 0);
    uint32_t on[3] = { 0 };
    for (uint32_t k = 0; k < h->width; k++) {
        /* a third nowhere */
        h->in[0][k] = k % 3 < 2 ? (float)(k % 3) * 4 + 0.5f * (float)(k % 2) : -1;
        on[k % 3] |= 1u << k;
    }
    host_block(h);
    for (uint32_t bus = 0; bus < 2; bus++) {
        assert_sum(h, on[bus], h->in[1], bus * 4);
        assert_sum(h, on[bus], h->in[2], bus * 4 + 1);
    }
    for (uint32_t bus = 0; bus < HOST_BUSES; bus++)
        ck_assert_uint_eq(h->audio[bus].touched != 0, bus < 2 || bus == 4 || bus == 5);
    host_free(h);
}
END_TEST

START_TEST(a_lane_that_is_not_finite_is_the_only_one_silenced)
{
    const float bad[] = { NAN, INFINITY, -INFINITY };
    struct unit_host *const h = wide_out_new(PH_UNIT_OUT, 2);
    const uint32_t one = h->width - 2;
    h->in[1][63 * h->width + one] = bad[_i];
    host_block(h);
    assert_sum(h, h->b.lanes & ~(1u << one), h->in[1], 2);
    assert_sum(h, h->b.lanes, h->in[2], 3);
    for (uint32_t k = 0; k < h->width; k++)
        ck_assert_uint_eq(h->node[k].flags, k == one ? DSP_NODE_NON_FINITE : 0);
    host_free(h);
}
END_TEST

START_TEST(of_lanes_that_replace_each_other_the_last_one_stays)
{
    struct unit_host *const h = wide_out_new(PH_UNIT_REPLACE_OUT, 2);
    fill_bus(h, 2, 9, h->env.block);
    h->b.lanes &= 7;
    host_block(h);
    assert_sum(h, 4, h->in[1], 2);
    assert_sum(h, 4, h->in[2], 3);
    host_free(h);
}
END_TEST

/** What one lane puts on its bus is what it puts there alone, faded or not, cut or not. */
static void assert_as_alone(struct unit_host *h, uint32_t first, uint32_t n)
{
    const uint64_t block = h->env.block;
    host_call(h, first, n);
    for (uint32_t k = 0; h->b.lanes >> k; k++) {
        struct unit_host *const one = host_of_lane(h, k);
        one->b.env = &one->env;
        one->env.block = block;
        host_init(one);
        host_call(one, first, n);
        for (uint32_t bus = 2 * k; bus <= 2 * k + 1; bus++)
            assert_same(one->audio[bus].frames, h->audio[bus].frames, DSP_BLOCK_FRAMES, "lane");
        host_free(one);
    }
}

START_TEST(a_lane_alone_on_its_bus_is_as_loud_as_a_lone_voice)
{
    for (int id = PH_UNIT_OUT; id <= PH_UNIT_OFFSET_OUT; id++)
        for (int fading = 0; fading < 2; fading++) {
            struct unit_host *const h = wide_out_new((enum ph_unit)id, 0);
            h->b.lanes &= (1u << HOST_BUSES / 2) - 1;
            for (uint32_t k = 0; k < h->width; k++) {
                h->in[0][k] = (float)(2 * k);
                h->node[k].gain = fading && k % 3 ? 0.3f * (float)k : 1;
                h->node[k].gain_step = fading && k % 3 == 1 ? -0.01f : 0;
            }
            assert_as_alone(h, 0, 64);
            h->env.block++;
            assert_as_alone(h, 21, 37);
            host_free(h);
        }
}
END_TEST

/** Puts what a log keeps on the buses. */
static void mix(struct unit_host *h, const struct dsp_log *log)
{
    for (uint32_t i = 0; i < log->n; i++)
        dsp_mix_write(h->audio, h->env.block, &log->writes[i]);
}

START_TEST(a_log_gives_the_bits_of_the_bus)
{
    static struct dsp_write writes[2 * DSP_LANES_MAX];
    const enum ph_unit ids[] = { PH_UNIT_OUT, PH_UNIT_REPLACE_OUT };
    for (int u = 0; u < 2; u++)
        for (uint32_t width = 1; width; width = host_wider(width)) {
            struct unit_host *const h = host_new(ids[u], 0, width, AR, 48000);
            host_set(h, 0, IR, 0);
            host_set(h, 1, AR, 0);
            fill_noise(h->in[1], DSP_BLOCK_FRAMES * width, 1);
            h->in[0][width - 1] = 3;
            host_init(h);
            for (int again = 0; again < 2; again++)
                host_call(h, 40, 24);
            struct dsp_bus direct[HOST_BUSES];
            memcpy(direct, h->audio, sizeof direct);
            memset(h->audio, 0, sizeof h->audio);
            for (int again = 0; again < 2; again++) {
                struct dsp_log log = { writes, 0, 2 * DSP_LANES_MAX };
                h->env.log = &log;
                host_call(h, 40, 24);
                ck_assert_uint_eq(h->audio[3].touched, again ? h->env.block : 0);
                mix(h, &log);
            }
            for (int bus = 0; bus < HOST_BUSES; bus++) {
                ck_assert_uint_eq(direct[bus].touched, h->audio[bus].touched);
                assert_same(direct[bus].frames, h->audio[bus].frames, DSP_BLOCK_FRAMES, "log");
            }
            host_free(h);
        }
}
END_TEST

START_TEST(a_full_log_takes_no_more)
{
    static struct dsp_write writes[2];
    for (uint32_t width = 1; width; width = host_wider(width)) {
        struct unit_host *const h = host_new(PH_UNIT_OUT, 0, width, AR, 48000);
        host_set(h, 0, IR, 0);
        host_set(h, 1, AR, 0.5f);
        host_set(h, 2, AR, 0.25f);
        host_init(h);
        struct dsp_log log = { writes, 0, 1 };
        h->env.log = &log;
        host_block(h);
        ck_assert_uint_eq(log.n, 1);
        ck_assert_uint_eq(writes[0].n_frames, 64);
        ck_assert_uint_eq(writes[1].n_frames, 0);
        ck_assert_uint_eq(h->audio[1].touched, 0);
        host_free(h);
    }
}
END_TEST

START_TEST(in_hears_one_bus_in_all_lanes_or_each_its_own)
{
    const enum ph_unit ids[] = { PH_UNIT_IN_, PH_UNIT_IN_FEEDBACK };
    for (int u = 0; u < 2; u++)
        for (int spread = 0; spread < 2; spread++) {
            struct unit_host *const h = host_new(ids[u], 0, host_wide(), AR, 48000);
            host_set(h, 0, IR, 1);
            for (uint32_t k = 0; k < h->width && spread; k++)
                h->in[0][k] = (float)(k % 4);
            h->b.n_out = 2;
            host_init(h);
            for (int bus = 0; bus < 4; bus++)
                fill_bus(h, bus, (float)bus + 1, h->env.block);
            h->audio[1].frames[20] = 7;
            host_call(h, 20, 44);
            for (uint32_t k = 0; k < h->width; k++) {
                const uint32_t bus = spread ? k % 4 : 1;
                ck_assert_float_eq(h->out[0][k], bus == 1 ? 7 : (float)bus + 1);
                ck_assert_float_eq(h->out[1][43 * h->width + k], bus == 3 ? 0 : (float)bus + 2);
            }
            host_free(h);
        }
}
END_TEST

START_TEST(control_rate_out_adds_within_a_block_and_replaces_across_blocks)
{
    struct unit_host *const h = host_new(PH_UNIT_OUT, 0, 1, KR, 48000);
    host_set(h, 0, IR, 4);
    host_set(h, 1, KR, 3);
    host_init(h);
    h->control[4] = 100;
    host_call(h, 0, 1);
    ck_assert_float_eq(h->control[4], 3);
    host_call(h, 0, 1);
    ck_assert_float_eq(h->control[4], 6);
    h->env.block++;
    host_call(h, 0, 1);
    ck_assert_float_eq(h->control[4], 3);
    h->in[1][0] = NAN;
    host_call(h, 0, 1);
    ck_assert_float_eq(h->control[4], 3);
    ck_assert_uint_eq(h->node[0].flags, DSP_NODE_NON_FINITE);
    host_free(h);
}
END_TEST

START_TEST(in_hears_only_what_this_block_wrote)
{
    struct unit_host *const h = host_new(PH_UNIT_IN_, 0, 1, AR, 48000);
    host_set(h, 0, IR, 5);
    h->b.n_out = 2;
    host_init(h);
    fill_bus(h, 5, 0.5f, h->env.block);
    fill_bus(h, 6, 0.75f, h->env.block - 1);
    h->audio[5].frames[40] = 2;
    host_call(h, 40, 24);
    ck_assert_float_eq(h->out[0][0], 2);
    ck_assert_float_eq(h->out[0][1], 0.5f);
    ck_assert_float_eq(h->out[1][1], 0);
    host_free(h);
}
END_TEST

START_TEST(in_at_control_rate_reads_control_buses)
{
    struct unit_host *const h = host_new(PH_UNIT_IN_, 0, host_wide(), KR, 48000);
    for (uint32_t k = 0; k < host_wide(); k++)
        h->in[0][k] = (float)(k * 4); /* from lane 4 on: buses that don't exist */
    h->control[12] = 7;
    host_init(h);
    host_block(h);
    ck_assert_float_eq(h->out[0][3], 7);
    if (host_wide() > 4)
        ck_assert_float_eq(h->out[0][4], 0);
    host_free(h);
}
END_TEST

START_TEST(in_feedback_hears_the_last_block_once)
{
    struct unit_host *const h = host_new(PH_UNIT_IN_FEEDBACK, 0, 1, AR, 48000);
    host_set(h, 0, IR, 5);
    host_init(h);
    fill_bus(h, 5, 0.5f, h->env.block - 1);
    host_block(h); /* written in the block before: heard now */
    ck_assert_float_eq(h->out[0][0], 0.5f);
    host_block(h); /* two blocks ago: gone */
    ck_assert_float_eq(h->out[0][0], 0);
    fill_bus(h, 5, 0.25f, h->env.block);
    host_block(h); /* written earlier in this block: heard at once */
    ck_assert_float_eq(h->out[0][0], 0.25f);
    host_block(h); /* and not again in the next */
    ck_assert_float_eq(h->out[0][0], 0);
    host_free(h);
}
END_TEST

START_TEST(control_gives_the_controls_from_its_index_on)
{
    const uint32_t w = host_wide();
    for (int id = PH_UNIT_CONTROL; id <= PH_UNIT_TRIG_CONTROL; id += 2) {
        struct unit_host *const h = host_new((enum ph_unit)id, 2, w, KR, 48000);
        h->b.n_out = 2;
        for (uint32_t i = 0; i < HOST_CONTROLS * w; i++)
            h->controls[i] = (float)i;
        host_init(h);
        host_block(h);
        ck_assert_float_eq(h->out[0][1], (float)(2 * w + 1));
        ck_assert_float_eq(h->out[1][w - 1], (float)(3 * w + w - 1));
        host_free(h);
    }
}
END_TEST

START_TEST(audio_control_follows_frames_where_they_move)
{
    struct unit_host *const h = host_new(PH_UNIT_AUDIO_CONTROL, 1, 1, AR, 48000);
    h->b.n_out = 2;
    h->controls[1] = 10;
    h->controls[2] = 20;
    h->control_rate[2] = AR;
    for (int i = 0; i < DSP_BLOCK_FRAMES; i++)
        h->control_frames[2 * DSP_BLOCK_FRAMES + i] = (float)i;
    host_init(h);
    host_block(h);
    ck_assert_float_eq(h->out[0][0], 10);
    ck_assert_float_eq(h->out[0][63], 10);
    ck_assert_float_eq(h->out[1][17], 17);
    host_free(h);
}
END_TEST

START_TEST(lag_control_starts_at_its_value_and_gets_there_in_its_time)
{
    struct unit_host *const h = host_new(PH_UNIT_LAG_CONTROL, 0, 1, KR, 64000);
    host_set(h, 0, IR, 0.1f); /* 100 blocks of 1 ms to -60 dB */
    host_set(h, 1, IR, 0);
    h->b.n_out = 2;
    h->controls[0] = h->controls[1] = 1;
    host_init(h);
    host_block(h);
    ck_assert_float_eq(h->out[0][0], 1);
    h->controls[0] = h->controls[1] = 2;
    for (int i = 0; i < 100; i++)
        host_block(h);
    ck_assert_double_eq_tol(h->out[0][0], 2 - 0.001, 1e-5);
    ck_assert_float_eq(h->out[1][0], 2);
    host_free(h);
}
END_TEST

/** XOut of the value 1 to bus 3, which holds 0.5; width 1. */
static struct unit_host *x_out_new(float xfade)
{
    struct unit_host *const h = host_new(PH_UNIT_X_OUT, 0, 1, AR, 48000);
    host_set(h, 0, IR, 3);
    host_set(h, 1, KR, xfade);
    host_set(h, 2, AR, 1);
    host_init(h);
    fill_bus(h, 3, 0.5f, h->env.block);
    return h;
}

START_TEST(x_out_fades_from_the_bus_to_the_signal)
{
    struct unit_host *const h = x_out_new(0.25f);
    host_call(h, 0, 64);
    ck_assert_float_eq(h->audio[3].frames[10], 0.625f);
    fill_bus(h, 3, 0.5f, h->env.block);
    h->in[1][0] = 1; /* reached behind the last frame */
    host_call(h, 0, 64);
    for (int i = 0; i < 64; i++)
        ck_assert_double_eq_tol(h->audio[3].frames[i], 0.625 + 0.375 * i / 64, 1e-6);
    host_free(h);
}
END_TEST

START_TEST(x_out_that_fades_away_leaves_the_bus_as_it_is)
{
    struct unit_host *const h = x_out_new(1);
    h->node[0].gain = 0.5f;
    h->node[0].gain_step = -0.5f / 64;
    host_call(h, 0, 64);
    for (int i = 0; i < 64; i++)
        ck_assert_double_eq_tol(h->audio[3].frames[i], 0.75 - 0.25 * i / 64, 1e-6);
    host_free(h);
}
END_TEST

START_TEST(x_out_of_what_is_not_finite_leaves_the_bus_as_it_is)
{
    for (int way = 0; way < 2; way++) {
        struct unit_host *const h = x_out_new(way ? NAN : 0.5f);
        h->in[2][33] = way ? 1 : INFINITY;
        host_call(h, 0, 64);
        for (int i = 0; i < 64; i++)
            ck_assert_float_eq(h->audio[3].frames[i], 0.5f);
        ck_assert_uint_eq(h->node[0].flags, DSP_NODE_NON_FINITE);
        host_free(h);
    }
}
END_TEST

START_TEST(x_out_to_no_bus_is_ignored)
{
    static const float buses[] = { -1, HOST_BUSES, 1e30f, NAN, INFINITY };
    for (int i = 0; i < 5; i++)
        for (uint8_t rate = KR; rate <= AR; rate++) {
            struct unit_host *const h = host_new(PH_UNIT_X_OUT, 0, 1, rate, 48000);
            host_set(h, 0, IR, buses[i]);
            host_set(h, 1, KR, 1);
            host_set(h, 2, rate, 1);
            host_init(h);
            host_block(h);
            for (int bus = 0; bus < HOST_BUSES; bus++) {
                ck_assert_uint_eq(h->audio[bus].touched, 0);
                ck_assert_float_eq(h->control[bus], 0);
            }
            host_free(h);
        }
}
END_TEST

START_TEST(lag_in_starts_at_its_bus_and_gets_there_in_its_time)
{
    struct unit_host *const h = host_new(PH_UNIT_LAG_IN, 0, 1, KR, 64000);
    host_set(h, 0, IR, 4);
    host_set(h, 1, IR, 0.1f); /* 100 blocks of 1 ms to -60 dB */
    h->b.n_out = 2;
    h->control[4] = 1;
    host_init(h);
    host_block(h);
    ck_assert_float_eq(h->out[0][0], 1);
    ck_assert_float_eq(h->out[1][0], 0);
    h->control[4] = 2;
    for (int i = 0; i < 100; i++)
        host_block(h);
    ck_assert_double_eq_tol(h->out[0][0], 2 - 0.001, 1e-5);
    h->control[4] = INFINITY;
    host_block(h);
    h->control[4] = 2;
    for (int i = 0; i < 200; i++)
        host_block(h);
    ck_assert_double_eq_tol(h->out[0][0], 2, 1e-5);
    host_free(h);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("bus");
    tcase_add_test(c, x_out_fades_from_the_bus_to_the_signal);
    tcase_add_test(c, x_out_that_fades_away_leaves_the_bus_as_it_is);
    tcase_add_test(c, x_out_of_what_is_not_finite_leaves_the_bus_as_it_is);
    tcase_add_test(c, x_out_to_no_bus_is_ignored);
    tcase_add_test(c, lag_in_starts_at_its_bus_and_gets_there_in_its_time);
    tcase_add_test(c, out_adds_to_this_block_and_overwrites_older_ones);
    tcase_add_test(c, a_partial_first_block_is_silent_before_its_first_frame);
    tcase_add_test(c, out_applies_the_nodes_fade);
    tcase_add_test(c, a_block_that_is_not_finite_is_silenced_and_reported);
    tcase_add_test(c, bus_numbers_out_of_range_are_ignored);
    tcase_add_test(c, the_last_channels_that_exist_are_written);
    tcase_add_test(c, replace_out_takes_the_place_of_what_is_there);
    tcase_add_test(c, offset_out_begins_on_the_nodes_first_frame);
    tcase_add_test(c, lanes_on_one_bus_are_summed);
    tcase_add_test(c, lanes_on_several_buses_keep_apart);
    tcase_add_loop_test(c, a_lane_that_is_not_finite_is_the_only_one_silenced, 0, 3);
    tcase_add_test(c, of_lanes_that_replace_each_other_the_last_one_stays);
    tcase_add_test(c, a_lane_alone_on_its_bus_is_as_loud_as_a_lone_voice);
    tcase_add_test(c, a_log_gives_the_bits_of_the_bus);
    tcase_add_test(c, a_full_log_takes_no_more);
    tcase_add_test(c, in_hears_one_bus_in_all_lanes_or_each_its_own);
    tcase_add_test(c, control_rate_out_adds_within_a_block_and_replaces_across_blocks);
    tcase_add_test(c, in_hears_only_what_this_block_wrote);
    tcase_add_test(c, in_at_control_rate_reads_control_buses);
    tcase_add_test(c, in_feedback_hears_the_last_block_once);
    tcase_add_test(c, control_gives_the_controls_from_its_index_on);
    tcase_add_test(c, audio_control_follows_frames_where_they_move);
    tcase_add_test(c, lag_control_starts_at_its_value_and_gets_there_in_its_time);
    return host_run(argc, argv, "bus", c);
}
