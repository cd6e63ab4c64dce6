/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/test_exec.c - one synth: controls and their steps, births, values that aren't  */
/* finite.                                                                                        */
#include <math.h>
#include <string.h>

#include "server/rt/exec.h"
#include "server/rt/tree.h"
#include "tests/server/rt/engine.h"

static struct engine *one_level(struct rt_def **def)
{
    struct engine *const e = engine_new(NULL);
    *def = engine_level_def(e);
    engine_add(e, engine_synth(*def, 5), 0, RT_ADD_TAIL);
    e->w->slots[1] = NULL;
    engine_run(e, 1);
    e->w->slots[1] = rt_table_find(&e->w->table, 5);
    ((struct rt_synth *)e->w->slots[1])->slot = 1;
    return e;
}

START_TEST(a_step_counts_from_its_very_frame)
{
    struct rt_def *def;
    struct engine *const e = one_level(&def);
    for (uint32_t i = 1; i < 100; i++) /* all offsets, some blocks with two */
        engine_send_seq(e, engine_step(e, 64 + 45 * i, (float)i));
    engine_run(e, 80);
    for (uint32_t frame = 64; frame < 45 * 100; frame++) {
        const float expected = frame < 64 + 45 ? 1 : (float)((frame - 64) / 45);
        ck_assert_msg(e->out[0][frame] == expected, "frame %u: %f", frame,
                      (double)e->out[0][frame]);
    }
    engine_finish(e, def);
}
END_TEST

START_TEST(a_step_on_a_control_rate_control_counts_for_its_block)
{
    struct engine *const e = engine_new(NULL);
    struct ph_build b;
    ph_build_begin(&b, "slow");
    const struct ph_input x = ph_build_control(&b, "x", 1, PH_CONTROL);
    const struct ph_input slow = ph_build_unit(&b, "K2A", PH_AUDIO, 0, 1, &x, 1, 0);
    const struct ph_input channels[] = { ph_build_constant(&b, 0), slow };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 2, 0);
    struct rt_def *const def = engine_compile(e, &b);
    struct rt_synth *const synth = engine_synth(def, 5);
    engine_add(e, synth, 0, RT_ADD_TAIL);
    engine_run(e, 1);
    synth->slot = 1;
    e->w->slots[1] = &synth->node;
    engine_send_seq(e, engine_step(e, 64 + 40, 3));
    engine_run(e, 2);
    ck_assert_float_eq(e->out[0][63], 1);
    ck_assert_float_eq(e->out[0][127], 1 + 2 * 63 / 64.0f); /* K2A ramps to it over the block */
    ck_assert_float_eq(synth->controls[0], 3);
    engine_finish(e, def);
}
END_TEST

START_TEST(a_late_step_counts_at_once_and_is_counted_late)
{
    struct rt_def *def;
    struct engine *const e = one_level(&def);
    engine_run(e, 2);
    engine_send_seq(e, engine_step(e, 64, 9));
    engine_run(e, 1);
    ck_assert_float_eq(e->out[0][3 * 64], 9);
    ck_assert_uint_eq(engine_status(e).n_late, 1);
    engine_finish(e, def);
}
END_TEST

START_TEST(a_step_for_nobody_is_dropped_and_counted)
{
    struct rt_def *def;
    struct engine *const e = one_level(&def);
    struct link_command c = engine_step(e, 70, 9);
    c.u.step.synth_slot = 2;
    engine_send_seq(e, c);
    c.u.step.synth_slot = 60000; /* beyond all slots */
    engine_send_seq(e, c);
    c.u.step.synth_slot = 1;
    c.u.step.symbol = engine_symbol(e, "no such control");
    engine_send_seq(e, c);
    engine_run(e, 1);
    ck_assert_uint_eq(engine_status(e).n_dropped_commands, 3);
    engine_finish(e, def);
}
END_TEST

START_TEST(a_set_with_a_time_counts_from_its_block)
{
    struct rt_def *def;
    struct engine *const e = one_level(&def);
    engine_send(e, (struct link_command){ .kind = LINK_NODE_SET, .due_frame = 64 * 3 + 17,
                                          .u.set = { .id = 5, .symbol = engine_symbol(e, "x"),
                                                     .value = 4 } });
    engine_run(e, 3);
    ck_assert_float_eq(e->out[0][64 * 3 - 1], 1);
    ck_assert_float_eq(e->out[0][64 * 3], 4);
    engine_finish(e, def);
}
END_TEST

START_TEST(arrays_are_set_by_name_and_offset_and_never_spill)
{
    struct engine *const e = engine_new(NULL);
    struct ph_build b;
    ph_build_begin(&b, "array");
    ph_build_control(&b, "a", 1, PH_CONTROL);
    ph_build_control(&b, "", 2, PH_CONTROL);
    ph_build_control(&b, "z", 3, PH_CONTROL);
    b.def.names[1].index = 2; /* a has two values now: 0 and 1 */
    free(b.def.names[1].name);
    b.def.names[1].name = b.def.names[2].name;
    b.def.n_names = 2;
    struct rt_def *const def = engine_compile(e, &b);
    struct rt_synth *const synth = engine_synth(def, 5);
    engine_add(e, synth, 0, RT_ADD_TAIL);
    for (uint32_t i = 0; i < 3; i++)
        engine_send(e, (struct link_command){ .kind = LINK_NODE_SET,
                                              .u.set = { .id = 5, .index = i,
                                                         .symbol = engine_symbol(e, "a"),
                                                         .value = 10.0f + (float)i } });
    engine_run(e, 1);
    ck_assert_float_eq(synth->controls[0], 10);
    ck_assert_float_eq(synth->controls[1], 11);
    ck_assert_float_eq(synth->controls[2], 3);
    engine_finish(e, def);
}
END_TEST

START_TEST(a_trigger_lasts_one_block)
{
    struct engine *const e = engine_new(NULL);
    struct ph_build b;
    ph_build_begin(&b, "trigger");
    const struct ph_input t = ph_build_control(&b, "t", 0, PH_CONTROL);
    free(b.def.units[t.unit].name);
    b.def.units[t.unit].name = strdup("TrigControl");
    const struct ph_input channels[] = { ph_build_constant(&b, 3), t };
    ph_build_unit(&b, "Out", PH_CONTROL, 0, 0, channels, 2, 0);
    struct rt_def *const def = engine_compile(e, &b);
    engine_add(e, engine_synth(def, 5), 0, RT_ADD_TAIL);
    engine_run(e, 1);
    engine_set(e, 5, "t", 1);
    engine_run(e, 1);
    ck_assert_float_eq(e->w->env.control[3], 1);
    engine_run(e, 1);
    ck_assert_float_eq(e->w->env.control[3], 0);
    engine_finish(e, def);
}
END_TEST

START_TEST(scalar_units_are_calculated_once_with_the_values_at_birth)
{
    struct engine *const e = engine_new(NULL);
    struct ph_build b;
    ph_build_begin(&b, "scalar");
    const struct ph_input x[] = { ph_build_control(&b, "x", 1, PH_SCALAR),
                                  ph_build_constant(&b, 2) };
    const struct ph_input twice =
        ph_build_unit(&b, "BinaryOpUGen", PH_SCALAR, PH_BINARY_MUL, 1, x, 2, 0);
    const struct ph_input dc = ph_build_unit(&b, "DC", PH_AUDIO, 0, 1, &twice, 1, 0);
    const struct ph_input channels[] = { ph_build_constant(&b, 0), dc };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 2, 0);
    struct rt_def *const def = engine_compile(e, &b);
    engine_add(e, engine_synth(def, 5), 0, RT_ADD_TAIL);
    engine_set(e, 5, "x", 4); /* before its first block: seen */
    engine_run(e, 1);
    engine_set(e, 5, "x", 7); /* later: not */
    engine_run(e, 1);
    ck_assert_float_eq(e->out[0][0], 8);
    ck_assert_float_eq(e->out[0][127], 8);
    engine_finish(e, def);
}
END_TEST

/* ---- values that aren't finite --------------------------------------------------------------- */

/** An echo of input `x`, whose line holds on to whatever goes in. */
static struct rt_def *echo_def(struct engine *e, float max_seconds)
{
    struct ph_build b;
    ph_build_begin(&b, "echo");
    const struct ph_input in[] = { ph_build_control(&b, "x", 1, PH_AUDIO),
                                   ph_build_constant(&b, max_seconds), ph_build_constant(&b, 0.01f),
                                   ph_build_constant(&b, 100) };
    const struct ph_input comb = ph_build_unit(&b, "CombL", PH_AUDIO, 0, 1, in, 4, 0);
    /* a CombL heals: x - x is what is not finite when x is not */
    const struct ph_input same[] = { in[0], in[0] };
    const struct ph_input nought =
        ph_build_unit(&b, "BinaryOpUGen", PH_AUDIO, PH_BINARY_SUB, 1, same, 2, 0);
    const struct ph_input both[] = { comb, nought };
    const struct ph_input sum =
        ph_build_unit(&b, "BinaryOpUGen", PH_AUDIO, PH_BINARY_ADD, 1, both, 2, 0);
    const struct ph_input channels[] = { ph_build_control(&b, "out", 0, PH_CONTROL), sum };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 2, 0);
    return engine_compile(e, &b);
}

static bool block_is_finite(const struct engine *e, uint32_t channel, uint32_t block)
{
    for (uint32_t i = 0; i < BLOCK; i++)
        if (!isfinite(e->out[channel][block * BLOCK + i]))
            return false;
    return true;
}

START_TEST(a_value_that_is_not_finite_resets_its_synth_and_nothing_else)
{
    struct engine *const e = engine_new(NULL), *const twin = engine_new(NULL);
    struct rt_def *const def = echo_def(e, 0.5f), *const sine = engine_sine_def(e, 0);
    struct rt_def *const other = engine_sine_def(twin, 0);
    engine_add(e, engine_synth(def, 5), 0, RT_ADD_TAIL);
    engine_add(e, engine_synth(sine, 6), 0, RT_ADD_TAIL);
    engine_set(e, 6, "out", 1);
    engine_add(twin, engine_synth(other, 6), 0, RT_ADD_TAIL);
    engine_set(twin, 6, "out", 1);
    engine_run(e, 20);
    engine_set(e, 5, "x", NAN);
    engine_run(e, 1);
    engine_set(e, 5, "x", 0.5f);
    engine_run(e, 40);
    engine_run(twin, 61);
    for (uint32_t block = 0; block < 61; block++)
        ck_assert(block_is_finite(e, 0, block));
    /* the neighbour: bit for bit as if nothing had been */
    for (uint32_t i = 0; i < 61 * BLOCK; i++)
        ck_assert(e->out[1][i] == twin->out[1][i]);
    const uint64_t n = engine_status(e).n_non_finite;
    ck_assert_uint_ge(n, 1);
    ck_assert_float_eq_tol(e->out[0][60 * BLOCK], 0.5f * 3, 0.5f * 2.5f); /* it sounds again */
    engine_run(e, 60);
    ck_assert_uint_eq(engine_status(e).n_non_finite, n); /* the line was cleared: no more of it */
    nrt_def_release(sine);
    nrt_def_release(other);
    engine_free(twin);
    engine_finish(e, def);
}
END_TEST

START_TEST(long_memory_is_cleared_in_parts)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = echo_def(e, 8); /* some 2^19 frames */
    struct rt_synth *const synth = engine_synth(def, 5);
    engine_add(e, synth, 0, RT_ADD_TAIL);
    engine_run(e, 20);
    engine_set(e, 5, "x", INFINITY);
    uint32_t n_blocks = 0;
    synth->unit_carried[0] = 1;
    for (uint32_t i = 1000; i < synth->memories[0]->n_frames; i++)
        synth->memories[0]->data[i] = 1; /* far from what is read before the end comes */
    /* until it comes out of the line, and is noticed */
    while (!synth->resetting && n_blocks++ < 20)
        engine_run(e, 1);
    ck_assert(synth->resetting);
    engine_set(e, 5, "x", 0);
    for (n_blocks = 0; synth->resetting && n_blocks < 100; n_blocks++)
        engine_run(e, 1);
    const uint32_t n_parts = (synth->memories[0]->n_frames + 0xffff) >> 16; /* 256 KiB each */
    ck_assert_uint_ge(n_parts, 8);
    ck_assert_uint_ge(n_blocks, n_parts - 1);
    ck_assert_uint_le(n_blocks, n_parts);
    for (uint32_t i = 0; i < synth->memories[0]->n_frames; i++)
        ck_assert_float_eq(synth->memories[0]->data[i], 0);
    ck_assert_int_eq(synth->unit_carried[0], 0); /* what was inherited is gone, too */
    engine_finish(e, def);
}
END_TEST

/* ---- fades ----------------------------------------------------------------------------------- */

START_TEST(a_fade_is_linear_and_ends_exactly)
{
    struct rt_def *def;
    struct engine *const e = one_level(&def);
    struct rt_synth *const synth = (struct rt_synth *)e->w->slots[1];
    rt_exec_fade(e->w, synth, 0, 10, false); /* 480 frames, rounded up to 512 */
    engine_run(e, 10);
    for (uint32_t i = 0; i < 512; i++) /* float: some rounding of 2^-24 */
        ck_assert_float_eq_tol(e->out[0][64 + i], 1 - (float)i / 512, 2e-7f);
    for (uint32_t i = 512; i < 9 * 64; i++)
        ck_assert_float_eq(e->out[0][64 + i], 0);
    rt_exec_fade(e->w, synth, 1, 5, true);
    engine_run(e, 10);
    ck_assert_float_eq(e->out[0][11 * 64 + 255], 1 - 1 / 256.0f);
    ck_assert_uint_eq(e->n_synths_back, 1);
    engine_finish(e, def);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("exec");
    tcase_add_test(tests, a_step_counts_from_its_very_frame);
    tcase_add_test(tests, a_step_on_a_control_rate_control_counts_for_its_block);
    tcase_add_test(tests, a_late_step_counts_at_once_and_is_counted_late);
    tcase_add_test(tests, a_step_for_nobody_is_dropped_and_counted);
    tcase_add_test(tests, a_set_with_a_time_counts_from_its_block);
    tcase_add_test(tests, arrays_are_set_by_name_and_offset_and_never_spill);
    tcase_add_test(tests, a_trigger_lasts_one_block);
    tcase_add_test(tests, scalar_units_are_calculated_once_with_the_values_at_birth);
    tcase_add_test(tests, a_value_that_is_not_finite_resets_its_synth_and_nothing_else);
    tcase_add_test(tests, long_memory_is_cleared_in_parts);
    tcase_add_test(tests, a_fade_is_linear_and_ends_exactly);
    return engine_main("rt exec", tests);
}
