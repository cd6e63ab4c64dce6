/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/test_feedback.c - loops of one frame: FeedbackIn and FeedbackOut.              */
#include <math.h>
#include <string.h>

#include "server/rt/tree.h"
#include "tests/server/rt/engine.h"

enum { N_FRAMES = 1 << 15 };

/* ---- building -------------------------------------------------------------------------------- */

static struct ph_input unit(struct ph_build *b, const char *name, uint32_t n_outputs,
                            const struct ph_input *inputs, uint32_t n)
{
    return ph_build_unit(b, name, PH_AUDIO, 0, n_outputs, inputs, n, 0);
}

static struct ph_input op(struct ph_build *b, enum ph_binary which, struct ph_input x,
                          struct ph_input y)
{
    const struct ph_input in[] = { x, y };
    return ph_build_unit(b, "BinaryOpUGen", PH_AUDIO, (int16_t)which, 1, in, 2, 0);
}

static struct ph_input constant(struct ph_build *b, float value)
{
    return ph_build_constant(b, value);
}

static struct ph_input begin_loop(struct ph_build *b, uint64_t key)
{
    return ph_build_unit(b, "FeedbackIn", PH_AUDIO, 0, 1, NULL, 0, key);
}

/** Closes the loop and puts `x` on bus 0. */
static struct rt_def *end_loop(struct engine *e, struct ph_build *b, struct ph_input x)
{
    const struct ph_input channels[] = { constant(b, 0), x };
    unit(b, "FeedbackOut", 0, &x, 1);
    unit(b, "Out", 0, channels, 2);
    return engine_compile(e, b);
}

/** y[n] = x[n] + gain * y[n - 1], where x is control `x`. */
static struct rt_def *one_pole_def(struct engine *e)
{
    struct ph_build b;
    ph_build_begin(&b, "pole");
    const struct ph_input x = ph_build_control(&b, "x", 0, PH_AUDIO);
    const struct ph_input gain = ph_build_control(&b, "gain", 0.5f, PH_CONTROL);
    const struct ph_input last = begin_loop(&b, 7);
    return end_loop(e, &b, op(&b, PH_BINARY_ADD, op(&b, PH_BINARY_MUL, last, gain), x));
}

/** The control `x` is `value` on one frame, and then `after`. */
static void pulse(struct engine *e, uint64_t frame, float value, float after)
{
    engine_send_seq(e, engine_step(e, frame, value));
    engine_send_seq(e, engine_step(e, frame + 1, after));
}

/** Plays `def` in slot 1; an impulse of the control `x` on frame `impulse`. */
static void start(struct engine *e, struct rt_def *def, uint64_t impulse)
{
    struct rt_synth *const synth = engine_synth(def, 9);
    synth->slot = 1;
    engine_add(e, synth, 0, RT_ADD_TAIL);
    e->w->slots[1] = &synth->node;
    pulse(e, impulse, 1, 0);
}

/** Renders in periods of `period` frames. */
static void render(struct engine *e, uint32_t period, float *to)
{
    float *const unheard = calloc(N_FRAMES, sizeof *unheard);
    for (uint32_t done = 0; done < N_FRAMES; done += period) {
        const uint32_t left = N_FRAMES - done;
        float *const out[] = { to + done, unheard };
        rt_period_run(e->w, NULL, out, period < left ? period : left, 0);
        engine_take_reports(e);
    }
    free(unheard);
}

/* ---- one frame ------------------------------------------------------------------------------- */

static const uint32_t periods[] = { 1, 2, 16, 63, 64, 65, 100, 128, 441, 1024, 8192 };

START_TEST(an_impulse_comes_back_one_frame_later_whatever_the_period)
{
    static float out[N_FRAMES];
    for (uint64_t impulse = 1; impulse < 200; impulse += 33) { /* all over a block */
        struct engine *const e = engine_new(NULL);
        struct rt_def *const def = one_pole_def(e);
        start(e, def, impulse);
        render(e, periods[_i], out);
        for (uint32_t n = 0; n < 400; n++) {
            const float expected = n < impulse ? 0 : ldexpf(1, -(int)(n - impulse));
            const bool is_small = expected < 0x1p-100f; /* denormals end as 0 */
            ck_assert_msg(is_small ? fabsf(out[n]) <= 0x1p-100f : out[n] == expected,
                          "period %u, frame %u: %g, not %g", periods[_i], n, (double)out[n],
                          (double)expected);
        }
        engine_finish(e, def);
    }
}
END_TEST

START_TEST(a_sum_grows_by_its_step_until_it_is_clamped)
{
    struct engine *const e = engine_new(NULL);
    struct ph_build b;
    ph_build_begin(&b, "sum");
    const struct ph_input last = begin_loop(&b, 0);
    struct rt_def *const def = end_loop(e, &b, op(&b, PH_BINARY_ADD, last, constant(&b, 0.5f)));
    start(e, def, 1);
    engine_run(e, 10);
    for (uint32_t n = 1; n <= 640; n++) /* LANGUAGE 26; 8 at the edge, and half more behind it */
        ck_assert_msg(e->out[0][n - 1] == fminf(0.5f * (float)n, 8.5f), "frame %u: %g", n,
                      (double)e->out[0][n - 1]);
    engine_finish(e, def);
}
END_TEST

START_TEST(what_falls_is_clamped_as_well)
{
    struct engine *const e = engine_new(NULL);
    struct ph_build b;
    ph_build_begin(&b, "fall");
    const struct ph_input last = begin_loop(&b, 0);
    struct rt_def *const def = end_loop(e, &b, op(&b, PH_BINARY_SUB, last, constant(&b, 3)));
    start(e, def, 1);
    engine_run(e, 1);
    for (uint32_t n = 1; n <= 64; n++)
        ck_assert_float_eq(e->out[0][n - 1], fmaxf(-3.0f * (float)n, -11));
    engine_finish(e, def);
}
END_TEST

START_TEST(channels_cross_over_each_on_its_own)
{
    struct engine *const e = engine_new(NULL);
    struct ph_build b;
    ph_build_begin(&b, "cross");
    const struct ph_input x = ph_build_control(&b, "x", 0, PH_AUDIO);
    const struct ph_input last = unit(&b, "FeedbackIn", 2, NULL, 0);
    const struct ph_input right = { last.unit, 1 };
    const struct ph_input next[] = { op(&b, PH_BINARY_ADD, x,
                                        op(&b, PH_BINARY_MUL, right, constant(&b, 0.5f))),
                                     op(&b, PH_BINARY_ADD, last, constant(&b, 0)) };
    unit(&b, "FeedbackOut", 0, next, 2);
    const struct ph_input channels[] = { constant(&b, 0), next[0], next[1] };
    unit(&b, "Out", 0, channels, 3);
    struct rt_def *const def = engine_compile(e, &b);
    start(e, def, 10);
    engine_run(e, 1);
    for (uint32_t n = 0; n < 20; n++) { /* left, right, half of it left again, ... */
        ck_assert_float_eq(e->out[0][10 + n], n % 2 ? 0 : ldexpf(1, -(int)n / 2));
        ck_assert_float_eq(e->out[1][10 + n], n % 2 ? ldexpf(1, -(int)n / 2) : 0);
    }
    engine_finish(e, def);
}
END_TEST

/* ---- units inside ---------------------------------------------------------------------------- */

/** An oscillator that its own filtered echo modulates, between units that run in blocks. */
static struct rt_def *busy_def(struct engine *e)
{
    struct ph_build b;
    ph_build_begin(&b, "busy");
    const struct ph_input x = ph_build_control(&b, "x", 0, PH_AUDIO);
    const struct ph_input noise = unit(&b, "WhiteNoise", 1, NULL, 0);
    const struct ph_input hz = constant(&b, 110);
    const struct ph_input saw =
        unit(&b, "BlepSaw", 1, (struct ph_input[]){ hz, constant(&b, 0) }, 2);
    const struct ph_input last = begin_loop(&b, 1);
    const struct ph_input freq =
        op(&b, PH_BINARY_ADD, op(&b, PH_BINARY_MUL, last, constant(&b, 300)), constant(&b, 220));
    const struct ph_input sine =
        unit(&b, "SinOsc", 1, (struct ph_input[]){ freq, constant(&b, 0) }, 2);
    const struct ph_input mix = unit(&b, "Sum4", 1, (struct ph_input[]){ sine, saw, noise, x }, 4);
    const struct ph_input low =
        unit(&b, "SvfLpf", 1, (struct ph_input[]){ mix, constant(&b, 900), constant(&b, 2) }, 3);
    const struct ph_input echo =
        unit(&b, "Echo", 1,
             (struct ph_input[]){ low, constant(&b, 0.1f), constant(&b, 0.01f),
                                  constant(&b, 0.4f) },
             4);
    const struct ph_input lag =
        unit(&b, "Lag", 1, (struct ph_input[]){ echo, constant(&b, 0.001f) }, 2);
    return end_loop(e, &b, lag);
}

START_TEST(a_busy_loop_has_the_same_bits_at_every_period)
{
    static float first[N_FRAMES], out[N_FRAMES];
    for (uint32_t i = 0; i < sizeof periods / sizeof *periods; i++) {
        struct engine *const e = engine_new(NULL);
        struct rt_def *const def = busy_def(e);
        start(e, def, 333);
        render(e, periods[i], i == 0 ? first : out);
        if (i > 0)
            ck_assert_msg(memcmp(first, out, sizeof out) == 0, "period %u", periods[i]);
        engine_finish(e, def);
    }
    double power = 0;
    for (uint32_t n = N_FRAMES / 2; n < N_FRAMES; n++)
        power += (double)first[n] * first[n];
    ck_assert_double_gt(power, 1); /* it sounds */
}
END_TEST

START_TEST(a_loop_starts_on_any_frame_of_a_block_with_the_same_bits)
{
    static float first[N_FRAMES];
    for (uint64_t at = 64; at < 128; at += 9) {
        struct engine *const e = engine_new(NULL);
        struct rt_def *const def = busy_def(e);
        struct rt_synth *const synth = engine_synth(def, 9);
        engine_send(e, (struct link_command){ .kind = LINK_SYNTH_ADD, .due_frame = at,
                                              .u.add = { .synth = synth, .action = RT_ADD_TAIL } });
        engine_run(e, 100);
        if (at == 64)
            memcpy(first, e->out[0] + 64, 4096 * sizeof *first);
        else
            for (uint32_t n = 0; n < 4096; n++)
                ck_assert_msg(e->out[0][at + n] == first[n], "from %u: frame %u is %g, not %g",
                              (uint32_t)at, n, (double)e->out[0][at + n], (double)first[n]);
        engine_finish(e, def);
    }
}
END_TEST

/** Noise in a loop, or behind a unit that stands where the loop would begin. */
static struct rt_def *noise_def(struct engine *e, bool looped)
{
    struct ph_build b;
    ph_build_begin(&b, "noise");
    const struct ph_input zero = constant(&b, 0);
    if (looped)
        begin_loop(&b, 0);
    else
        unit(&b, "DC", 1, &zero, 1);
    /* looks at the world's frame */
    const struct ph_input noise = unit(&b, "PinkNoise", 1, NULL, 0);
    if (looped)
        return end_loop(e, &b, noise);
    const struct ph_input channels[] = { zero, noise };
    unit(&b, "Out", 0, channels, 2);
    return engine_compile(e, &b);
}

START_TEST(a_unit_in_a_loop_is_told_the_frame_it_renders)
{
    struct engine *const e = engine_new(NULL), *const twin = engine_new(NULL);
    struct rt_def *const looped = noise_def(e, true), *const plain = noise_def(twin, false);
    engine_add(e, engine_synth(looped, 9), 0, RT_ADD_TAIL);
    engine_add(twin, engine_synth(plain, 9), 0, RT_ADD_TAIL);
    engine_run(e, 50);
    engine_run(twin, 50);
    ck_assert(memcmp(e->out[0], twin->out[0], 50 * BLOCK * sizeof(float)) == 0);
    engine_finish(twin, plain);
    engine_finish(e, looped);
}
END_TEST

/** An echo of `time` frames in a loop, gain 1: y[n] = x[n] + 0.5 * y[n - 1 - frames]. */
START_TEST(a_delay_in_the_loop_adds_to_its_one_frame)
{
    const uint32_t frames = 48;
    struct engine *const e = engine_new(NULL);
    struct ph_build b;
    ph_build_begin(&b, "comb");
    const struct ph_input x = ph_build_control(&b, "x", 0, PH_AUDIO);
    const struct ph_input last = begin_loop(&b, 0);
    const struct ph_input delay[] = { last, constant(&b, 0.01f),
                                      constant(&b, (float)frames / 48000.0f), constant(&b, 0) };
    const struct ph_input late = unit(&b, "AllpassL", 1, delay, 4); /* decay 0: a plain delay */
    struct rt_def *const def =
        end_loop(e, &b, op(&b, PH_BINARY_ADD, x, op(&b, PH_BINARY_MUL, late, constant(&b, 0.5f))));
    start(e, def, 100);
    engine_run(e, 20);
    for (uint32_t n = 0; n < 20 * BLOCK; n++) {
        const uint32_t after = n < 100 ? 1 : n - 100;
        const float expected = after % (frames + 1) ? 0 : ldexpf(1, -(int)(after / (frames + 1)));
        ck_assert_msg(fabsf(e->out[0][n] - expected) < 1e-5f, "frame %u: %g, not %g", n,
                      (double)e->out[0][n], (double)expected);
    }
    engine_finish(e, def);
}
END_TEST

/* ---- values that aren't finite, and edits ---------------------------------------------------- */

START_TEST(a_value_that_is_not_finite_does_not_come_back)
{
    const float bad[] = { NAN, INFINITY, -INFINITY };
    for (uint32_t k = 0; k < 3; k++) {
        struct engine *const e = engine_new(NULL);
        struct ph_build b;
        ph_build_begin(&b, "sick");
        const struct ph_input x = ph_build_control(&b, "x", 0, PH_AUDIO);
        const struct ph_input last = begin_loop(&b, 0);
        const struct ph_input y =
            op(&b, PH_BINARY_ADD, op(&b, PH_BINARY_MUL, last, constant(&b, 0.5f)), x);
        unit(&b, "FeedbackOut", 0, &y, 1);
        /* behind the loop nobody hears what is not finite:
         * max(NaN, x) is x, and the rest is clipped */
        const struct ph_input heard =
            op(&b, PH_BINARY_CLIP2, op(&b, PH_BINARY_MAX, y, constant(&b, 0)), constant(&b, 4));
        const struct ph_input channels[] = { constant(&b, 0), heard };
        unit(&b, "Out", 0, channels, 2);
        struct rt_def *const def = engine_compile(e, &b);
        start(e, def, 5);
        pulse(e, 70, bad[k], 1);
        engine_run(e, 3);
        ck_assert_uint_eq(engine_status(e).n_non_finite, 0); /* nothing had to be reset */
        for (uint32_t n = 71; n < 3 * BLOCK; n++) /* as if it had begun with 0: 1, 1.5, 1.75 ... */
            ck_assert_float_eq_tol(e->out[0][n], 2 - ldexpf(1, -(int)(n - 71)), 1e-6f);
        engine_finish(e, def);
    }
}
END_TEST

START_TEST(filters_and_echoes_in_a_loop_recover_from_what_is_not_finite)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = busy_def(e);
    start(e, def, 5);
    engine_run(e, 100);
    engine_set(e, 9, "x", NAN); /* into the filter and the echo of the loop */
    engine_run(e, 1);
    engine_set(e, 9, "x", 0);
    engine_run(e, 200);
    double before = 0, after = 0;
    for (uint32_t n = 0; n < 50 * BLOCK; n++) {
        before += fabsf(e->out[0][50 * BLOCK + n]);
        after += fabsf(e->out[0][200 * BLOCK + n]);
    }
    ck_assert_double_gt(after, 0.5 * before);
    engine_finish(e, def);
}
END_TEST

START_TEST(an_edit_carries_the_frame_on_its_way)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = one_pole_def(e), *const same = one_pole_def(e);
    static struct rt_entry entries[2];
    static struct rt_carry carries[8];
    struct rt_program *const first = calloc(1, sizeof *first);
    struct rt_program *const second = calloc(1, sizeof *second);
    struct rt_synth *const old = engine_synth(def, -1001), *const new = engine_synth(same, -1001);
    for (uint32_t i = 0; i < 2; i++) {
        struct rt_synth *const synth = i == 0 ? old : new;
        nrt_synth_set(synth, engine_symbol(e, "gain"), 1); /* it holds what it has */
        entries[i] = (struct rt_entry){ .slot = 1, .node = &synth->node,
                                        .kind = i == 0 ? RT_ENTRY_ADD : RT_ENTRY_REPLACE };
    }
    entries[1].n_carries = nrt_synth_carry(old, new, carries);
    ck_assert_uint_eq(entries[1].n_carries, 1);
    first->entries = &entries[0];
    second->entries = &entries[1];
    second->carries = carries;
    first->n_entries = second->n_entries = 1;
    engine_send(e, (struct link_command){ .kind = LINK_PROGRAM_SWAP, .u.program = first });
    engine_run(e, 1);
    pulse(e, 70, 0.75f, 0);
    engine_run(e, 2);
    engine_send(e, (struct link_command){ .kind = LINK_PROGRAM_SWAP, .u.program = second });
    engine_run(e, 20);
    for (uint32_t n = 70; n < 20 * BLOCK; n++) /* also while the two crossfade */
        ck_assert_float_eq_tol(e->out[0][n], 0.75f, 1e-6f);
    nrt_def_release(same);
    engine_finish(e, def);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("feedback");
    tcase_add_loop_test(tests, an_impulse_comes_back_one_frame_later_whatever_the_period, 0,
                        sizeof periods / sizeof *periods);
    tcase_add_test(tests, a_sum_grows_by_its_step_until_it_is_clamped);
    tcase_add_test(tests, what_falls_is_clamped_as_well);
    tcase_add_test(tests, channels_cross_over_each_on_its_own);
    tcase_add_test(tests, a_busy_loop_has_the_same_bits_at_every_period);
    tcase_add_test(tests, a_loop_starts_on_any_frame_of_a_block_with_the_same_bits);
    tcase_add_test(tests, a_unit_in_a_loop_is_told_the_frame_it_renders);
    tcase_add_test(tests, a_delay_in_the_loop_adds_to_its_one_frame);
    tcase_add_test(tests, a_value_that_is_not_finite_does_not_come_back);
    tcase_add_test(tests, filters_and_echoes_in_a_loop_recover_from_what_is_not_finite);
    tcase_add_test(tests, an_edit_carries_the_frame_on_its_way);
    return engine_main("rt feedback", tests);
}
