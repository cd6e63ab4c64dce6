/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/test_period.c - the driver's period changes nothing that can be heard.         */
#include <string.h>

#include "server/rt/tree.h"
#include "tests/server/rt/engine.h"

enum { N_FRAMES = 1 << 16 };

/** Saw through a resonant filter and a comb, voices on odd frames, steps: a busy little score. */
static struct rt_def *busy_def(struct engine *e)
{
    struct ph_build b;
    ph_build_begin(&b, "busy");
    const struct ph_input freq = ph_build_control(&b, "x", 110, PH_AUDIO);
    const struct ph_input saw = ph_build_unit(&b, "Saw", PH_AUDIO, 0, 1, &freq, 1, 0);
    const struct ph_input filter[] = { saw, ph_build_constant(&b, 900),
                                       ph_build_constant(&b, 0.3f) };
    const struct ph_input low = ph_build_unit(&b, "RLPF", PH_AUDIO, 0, 1, filter, 3, 0);
    const struct ph_input comb[] = { low, ph_build_constant(&b, 0.1f), ph_build_constant(&b, 0.03f),
                                     ph_build_constant(&b, 0.5f) };
    const struct ph_input echo = ph_build_unit(&b, "CombL", PH_AUDIO, 0, 1, comb, 4, 0);
    const struct ph_input noise = ph_build_unit(&b, "WhiteNoise", PH_AUDIO, 0, 1, NULL, 0, 0);
    const struct ph_input channels[] = { ph_build_constant(&b, 0), echo, noise };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 3, 0);
    return engine_compile(e, &b);
}

static void send_score(struct engine *e, struct rt_def *def)
{
    struct rt_synth *const lasting = engine_synth(def, 9);
    lasting->slot = 1;
    engine_add(e, lasting, 0, RT_ADD_TAIL);
    e->w->slots[1] = &lasting->node;
    for (uint32_t i = 1; i < 40; i++) {
        engine_send_seq(e, (struct link_command){ .kind = LINK_STEP, .due_frame = 1111 * i,
                                                  .u.step = { .synth_slot = 1,
                                                              .symbol = engine_symbol(e, "x"),
                                                              .value = 50 + 10 * (float)i } });
        engine_send_seq(e, (struct link_command){
                               .kind = LINK_VOICE, .due_frame = 1531 * i + 7,
                               .u.voice = { .synth = engine_synth(def, -1), .cut = 1 } });
    }
}

static void render_in_periods(const uint32_t *periods, uint32_t n_periods, float *const *out)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = busy_def(e);
    send_score(e, def);
    for (uint32_t done = 0, i = 0; done < N_FRAMES; i++) {
        uint32_t n = periods[i % n_periods];
        if (n > N_FRAMES - done)
            n = N_FRAMES - done;
        float *const at[] = { out[0] + done, out[1] + done };
        rt_period_run(e->w, NULL, at, n, 0);
        engine_take_reports(e);
        done += n;
    }
    nrt_def_release(def);
    engine_free(e);
}

START_TEST(periods_of_any_length_give_the_same_bits)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = busy_def(e);
    static const uint32_t lengths[][5] = { { 1, 1, 1, 1, 1 }, { 64, 64, 64, 64, 64 },
                                           { 63, 65, 1, 127, 300 }, { 8192, 1024, 441, 2, 64 },
                                           { 100, 100, 100, 100, 100 } };
    float *const out[] = { calloc(N_FRAMES, sizeof(float)), calloc(N_FRAMES, sizeof(float)) };
    send_score(e, def);
    engine_run(e, N_FRAMES / BLOCK);
    for (uint32_t i = 0; i < 5; i++) {
        render_in_periods(lengths[i], 5, out);
        for (uint32_t c = 0; c < 2; c++)
            ck_assert_msg(memcmp(out[c], e->out[c], N_FRAMES * sizeof(float)) == 0, "lengths %u",
                          i);
    }
    uint32_t random_lengths[200], random = 11;
    for (uint32_t i = 0; i < 200; i++) {
        random = random * 1664525 + 1013904223;
        random_lengths[i] = 1 + (random >> 19); /* 1 .. 8192 */
    }
    render_in_periods(random_lengths, 200, out);
    for (uint32_t c = 0; c < 2; c++)
        ck_assert(memcmp(out[c], e->out[c], N_FRAMES * sizeof(float)) == 0);
    free(out[0]);
    free(out[1]);
    nrt_def_release(def);
    engine_free(e);
}
END_TEST

/** In(2) -> Out(0): the first input, through the engine. */
static struct engine *pass_through(struct rt_def **def)
{
    struct rt_config config = engine_config();
    config.n_inputs = 1;
    struct engine *const e = engine_new(&config);
    struct ph_build b;
    ph_build_begin(&b, "through");
    const struct ph_input bus = ph_build_constant(&b, 2);
    const struct ph_input in = ph_build_unit(&b, "In", PH_AUDIO, 0, 1, &bus, 1, 0);
    const struct ph_input channels[] = { ph_build_constant(&b, 0), in };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 2, 0);
    *def = engine_compile(e, &b);
    engine_add(e, engine_synth(*def, 1), 0, RT_ADD_TAIL);
    return e;
}

/** Runs a count through the engine. @return frames by which it comes out late, at the end */
static uint32_t delay_of(const uint32_t *periods, uint32_t n_periods)
{
    static float in[N_FRAMES], out[N_FRAMES], other[N_FRAMES];
    struct rt_def *def;
    struct engine *const e = pass_through(&def);
    for (uint32_t i = 0; i < N_FRAMES; i++)
        in[i] = (float)(i + 1);
    for (uint32_t done = 0, i = 0; done < N_FRAMES; i++) {
        uint32_t n = periods[i % n_periods];
        if (n > N_FRAMES - done)
            n = N_FRAMES - done;
        const float *const from[] = { in + done };
        float *const to[] = { out + done, other + done };
        rt_period_run(e->w, from, to, n, 0);
        done += n;
    }
    const uint32_t delay = N_FRAMES - (uint32_t)out[N_FRAMES - 1];
    uint32_t n_zeros = 0;
    for (uint32_t i = 0, next = 1; i < N_FRAMES; i++) { /* nothing lost, nothing twice */
        if (out[i] == 0)
            n_zeros++;
        else
            ck_assert_float_eq(out[i], (float)next++);
    }
    ck_assert_uint_eq(n_zeros, delay);
    nrt_def_release(def);
    engine_free(e);
    return delay;
}

START_TEST(input_is_late_by_less_than_a_block_and_not_at_all_for_whole_blocks)
{
    static const uint32_t whole[] = { 64, 1024, 128, 8192 }, odd[] = { 100 }, one[] = { 1 };
    static const uint32_t mixed[] = { 64, 63, 441, 3, 300 };
    ck_assert_uint_eq(delay_of(whole, 4), 0);
    ck_assert_uint_lt(delay_of(odd, 1), 64);
    ck_assert_uint_eq(delay_of(one, 1), 63);
    ck_assert_uint_lt(delay_of(mixed, 5), 64);
}
END_TEST

START_TEST(a_driver_may_give_no_input)
{
    struct rt_def *def;
    struct engine *const e = pass_through(&def);
    static float in[400], out[400], other[400];
    const float *const from[] = { in };
    float *const to[] = { out, other };
    for (uint32_t i = 0; i < 300; i++)
        rt_period_run(e->w, i % 3 ? from : NULL, to, 1 + i, 0);
    ck_assert_float_eq(out[0], 0);
    nrt_def_release(def);
    engine_free(e);
}
END_TEST

START_TEST(snapshot_tells_clock_and_period)
{
    struct engine *const e = engine_new(NULL);
    float out[2][480];
    float *const to[] = { out[0], out[1] };
    const uint64_t start = UINT64_C(3900000000) << 32;
    for (uint32_t i = 0; i < 100; i++)
        rt_period_run(e->w, NULL, to, 480, start + (UINT64_C(480) << 32) * i / 48000);
    rt_period_run(e->w, NULL, to, 0, start); /* an empty period changes nothing */
    const struct link_status s = engine_status(e);
    ck_assert_uint_eq(s.period_frames, 480);
    ck_assert_uint_eq(s.frame, 48000);
    ck_assert_uint_eq(s.n_blocks, 750);
    /* the time of `frame`: one second in; 2^-32 s of rounding a period */
    ck_assert_double_eq_tol((double)(int64_t)(s.ntp - start) / 4294967296.0, 1, 1e-6);
    ck_assert_double_eq_tol(s.frames_per_second, 48000, 0.01);
    engine_free(e);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("period");
    tcase_add_test(tests, periods_of_any_length_give_the_same_bits);
    tcase_add_test(tests, input_is_late_by_less_than_a_block_and_not_at_all_for_whole_blocks);
    tcase_add_test(tests, a_driver_may_give_no_input);
    tcase_add_test(tests, snapshot_tells_clock_and_period);
    return engine_main("rt period", tests);
}
