/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/nrt/test_synth.c - synths as they are made, and what one inherits from another.   */
#include <stddef.h>

#include "tests/server/rt/engine.h"

/** CombL with its maxdelaytime from `seconds`; key 7; the input sine has key 8. */
static struct rt_def *comb_def(struct engine *e, struct ph_build *b, struct ph_input seconds)
{
    const struct ph_input tone[] = { ph_build_constant(b, 440), ph_build_constant(b, 0) };
    const struct ph_input in[] = { ph_build_unit(b, "SinOsc", PH_AUDIO, 0, 1, tone, 2, 8), seconds,
                                   ph_build_constant(b, 0.01f), ph_build_constant(b, 1) };
    ph_build_unit(b, "CombL", PH_AUDIO, 0, 1, in, 4, 7);
    return engine_compile(e, b);
}

static struct rt_def *constant_comb(struct engine *e, float seconds)
{
    struct ph_build b;
    ph_build_begin(&b, "comb");
    return comb_def(e, &b, ph_build_constant(&b, seconds));
}

static uint32_t memory_frames(struct rt_def *def)
{
    struct rt_synth *const synth = engine_synth(def, 1);
    const uint32_t n = synth->memories[0]->n_frames;
    for (uint32_t i = 0; i < n; i++)
        ck_assert_float_eq(synth->memories[0]->data[i], 0);
    nrt_synth_free(synth);
    return n;
}

START_TEST(a_synth_starts_with_the_defs_values_and_takes_others)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_sine_def(e, 0);
    struct rt_synth *const synth = engine_synth(def, 33);
    const int32_t freq = nrt_def_control(def, engine_symbol(e, "freq"));
    ck_assert_int_eq(synth->node.id, 33);
    ck_assert_float_eq(synth->controls[freq], 440);
    ck_assert(nrt_synth_set(synth, engine_symbol(e, "freq"), 220));
    ck_assert_float_eq(synth->controls[freq], 220);
    ck_assert(nrt_synth_set_index(synth, (uint32_t)freq, 110));
    ck_assert_float_eq(synth->controls[freq], 110);
    ck_assert(!nrt_synth_set(synth, engine_symbol(e, "other"), 1));
    ck_assert(!nrt_synth_set_index(synth, 1000, 1));
    ck_assert_uint_eq((uintptr_t)synth->state % 64, 0);
    ck_assert_float_eq(synth->dsp->gain, 1);
    nrt_synth_free(synth);
    nrt_synth_free(NULL);
    nrt_def_release(def);
    engine_free(e);
}
END_TEST

START_TEST(a_synth_holds_its_def)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_sine_def(e, 0);
    struct rt_synth *const synth = engine_synth(def, 1);
    nrt_def_release(def);
    ck_assert_str_eq(synth->def->name, "sine");
    nrt_synth_free(synth);
    engine_free(e);
}
END_TEST

START_TEST(long_memory_is_sized_from_constants_controls_and_what_follows_from_them)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *def = constant_comb(e, 0.5f);
    const uint32_t half_second = memory_frames(def);
    ck_assert_uint_ge(half_second, 24000);
    ck_assert_uint_le(half_second, 65536);
    nrt_def_release(def);

    struct ph_build b;
    ph_build_begin(&b, "control");
    def = comb_def(e, &b, ph_build_control(&b, "max", 0.5f, PH_SCALAR));
    ck_assert_uint_eq(memory_frames(def), half_second);
    nrt_def_release(def);

    ph_build_begin(&b, "calculated"); /* 0.25 * 2 */
    struct ph_input product[] = { ph_build_control(&b, "quarter", 0.25f, PH_SCALAR),
                                  ph_build_constant(&b, 2) };
    def = comb_def(e, &b,
                   ph_build_unit(&b, "BinaryOpUGen", PH_SCALAR, PH_BINARY_MUL, 1, product, 2, 0));
    ck_assert_uint_eq(memory_frames(def), half_second);
    nrt_def_release(def);

    def = constant_comb(e, 1);
    const uint32_t one_second = memory_frames(def);
    nrt_def_release(def);
    ph_build_begin(&b, "unknown"); /* a signal: nobody can know, so one second */
    product[0] = ph_build_control(&b, "signal", 0.25f, PH_AUDIO);
    def = comb_def(e, &b,
                   ph_build_unit(&b, "BinaryOpUGen", PH_AUDIO, PH_BINARY_MUL, 1, product, 2, 0));
    ck_assert_uint_eq(memory_frames(def), one_second);
    nrt_def_release(def);
    engine_free(e);
}
END_TEST

START_TEST(memory_fits_the_controls_that_a_synth_starts_with)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const half = constant_comb(e, 0.5f), *const two = constant_comb(e, 2);
    struct rt_synth *synth;
    struct ph_build b;
    ph_build_begin(&b, "control");
    struct rt_def *const def = comb_def(e, &b, ph_build_control(&b, "max", 0.5f, PH_SCALAR));
    ck_assert_int_eq(nrt_synth_bare(def, 1, 0, &synth), PH_OK);
    ck_assert(nrt_synth_set(synth, engine_symbol(e, "max"), 2));
    ck_assert_int_eq(nrt_synth_fit(synth, NULL), PH_OK);
    ck_assert_uint_eq(synth->memories[0]->n_frames, memory_frames(two));
    ck_assert_uint_gt(memory_frames(two), memory_frames(half));
    nrt_synth_free(synth);
    nrt_def_release(half);
    nrt_def_release(two);
    nrt_def_release(def);
    engine_free(e);
}
END_TEST

/** PartConv of transforms of 256 frames with buffer `number`. */
static struct rt_def *part_conv_def(struct engine *e, float number)
{
    struct ph_build b;
    ph_build_begin(&b, "part conv");
    const struct ph_input in[] = { ph_build_constant(&b, 0), ph_build_constant(&b, 256),
                                   ph_build_control(&b, "buffer", number, PH_SCALAR) };
    ph_build_unit(&b, "PartConv", PH_AUDIO, 0, 1, in, 3, 0);
    return engine_compile(e, &b);
}

static uint64_t ten_partitions_a_number(void *context, float number)
{
    (void)context;
    return number > 0 ? (uint64_t)number * 2560 : 0;
}

START_TEST(memory_fits_the_buffer_that_a_partitioned_convolution_reads)
{
    struct engine *const e = engine_new(NULL);
    const struct nrt_supply sizes = { ten_partitions_a_number, NULL, NULL };
    uint32_t n_frames[3];
    static const float numbers[] = { 2, 1, -7 };
    for (int i = 0; i < 3; i++) {
        struct rt_def *const def = part_conv_def(e, numbers[i]);
        struct rt_synth *synth;
        ck_assert_int_eq(nrt_synth_bare(def, 1, 0, &synth), PH_OK);
        ck_assert_int_eq(nrt_synth_fit(synth, &sizes), PH_OK);
        n_frames[i] = synth->memories[0]->n_frames;
        nrt_synth_free(synth);
        nrt_def_release(def);
    }
    ck_assert_uint_eq(n_frames[0] - n_frames[1], 10 * (256 + 32)); /* ten partitions more */
    ck_assert_uint_gt(n_frames[2], 1 << 20);                       /* nobody knows */
    engine_free(e);
}
END_TEST

START_TEST(absurd_memory_is_bounded_or_refused)
{
    struct engine *const e = engine_new(NULL);
    static const float seconds[] = { 1e9f, -5, 0 };
    for (int i = 0; i < 3; i++) {
        struct rt_def *const def = constant_comb(e, seconds[i]);
        struct rt_synth *synth = NULL;
        if (nrt_synth_new(def, 1, 1, &synth) == PH_OK) {
            ck_assert_uint_le(synth->memories[0]->n_frames, 1 << 26);
            nrt_synth_free(synth);
        }
        nrt_def_release(def);
    }
    engine_free(e);
}
END_TEST

START_TEST(units_with_equal_keys_carry_their_state)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const a = constant_comb(e, 0.1f), *const b = constant_comb(e, 0.1f);
    struct rt_synth *const from = engine_synth(a, 1), *const to = engine_synth(b, 1);
    struct rt_carry carries[8];
    ck_assert_uint_eq(nrt_synth_carry(from, to, carries), 2);
    for (uint32_t u = 0; u < b->n_units; u++)
        ck_assert_int_eq(to->unit_carried[u], 1);
    const uint32_t comb = carries[0].from_memory != 0 ? 0 : 1; /* sorted by key: 7 is the comb */
    ck_assert_uint_eq(comb, 0);
    ck_assert_uint_eq(carries[0].bytes, a->units[1].kernel->state_bytes);
    ck_assert_uint_eq(carries[0].from, a->units[1].state_offset);
    ck_assert_ptr_ne(from->memories[0], to->memories[0]); /* short: copied at the switch */
    nrt_synth_free(from);
    nrt_synth_free(to);
    nrt_def_release(a);
    nrt_def_release(b);
    engine_free(e);
}
END_TEST

START_TEST(long_memory_is_shared_and_counted)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = constant_comb(e, 3);
    struct rt_synth *const from = engine_synth(def, 1), *const to = engine_synth(def, 1);
    struct rt_carry carries[8];
    ck_assert_uint_eq(nrt_synth_carry(from, to, carries), 2);
    ck_assert_ptr_eq(from->memories[0], to->memories[0]);
    ck_assert_uint_eq(to->memories[0]->n_refs, 2);
    nrt_synth_free(from);
    to->memories[0]->data[5] = 1; /* still there: the sanitizer would tell */
    nrt_synth_free(to);
    nrt_def_release(def);
    engine_free(e);
}
END_TEST

static struct rt_def *filter_def(struct engine *e, const char *unit)
{
    struct ph_build b;
    ph_build_begin(&b, unit);
    const struct ph_input in[] = { ph_build_control(&b, "x", 0, PH_AUDIO),
                                   ph_build_constant(&b, 440) };
    ph_build_unit(&b, unit, PH_AUDIO, 0, 1, in, 2, 3);
    return engine_compile(e, &b);
}

START_TEST(another_unit_under_the_same_key_inherits_nothing)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const low = filter_def(e, "LPF"), *const high = filter_def(e, "HPF");
    struct rt_synth *const from = engine_synth(low, 1), *const to = engine_synth(high, 1);
    struct rt_carry carries[4];
    ck_assert_uint_eq(nrt_synth_carry(from, to, carries), 0);
    ck_assert_uint_eq(nrt_synth_carry(from, from, carries), 1);
    nrt_synth_free(from);
    nrt_synth_free(to);
    nrt_def_release(low);
    nrt_def_release(high);
    engine_free(e);
}
END_TEST

START_TEST(what_differs_is_not_carried)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const a = constant_comb(e, 0.1f), *const longer = constant_comb(e, 0.5f);
    struct rt_def *const sine = engine_sine_def(e, 7); /* the comb's key, but another unit */
    struct rt_def *const keyless = engine_sine_def(e, 0);
    struct rt_synth *const from = engine_synth(a, 1), *const to = engine_synth(longer, 1);
    struct rt_synth *const other = engine_synth(sine, 1), *const none = engine_synth(keyless, 1);
    struct rt_carry carries[8];
    /* the sine; the line has another length */
    ck_assert_uint_eq(nrt_synth_carry(from, to, carries), 1);
    ck_assert_uint_eq(carries[0].from, a->units[0].state_offset);
    ck_assert_uint_eq(nrt_synth_carry(from, other, carries), 0);
    ck_assert_uint_eq(nrt_synth_carry(from, none, carries), 0);
    ck_assert_uint_eq(nrt_synth_carry(none, none, carries), 0); /* no key is no equal key */
    nrt_synth_free(from);
    nrt_synth_free(to);
    nrt_synth_free(other);
    nrt_synth_free(none);
    nrt_def_release(a);
    nrt_def_release(longer);
    nrt_def_release(sine);
    nrt_def_release(keyless);
    engine_free(e);
}
END_TEST

START_TEST(a_key_that_occurs_twice_carries_once)
{
    struct engine *const e = engine_new(NULL);
    struct ph_build b;
    ph_build_begin(&b, "twice");
    const struct ph_input in[] = { ph_build_constant(&b, 440), ph_build_constant(&b, 0) };
    ph_build_unit(&b, "SinOsc", PH_AUDIO, 0, 1, in, 2, 5);
    ph_build_unit(&b, "SinOsc", PH_AUDIO, 0, 1, in, 2, 5);
    struct rt_def *const def = engine_compile(e, &b);
    struct rt_synth *const from = engine_synth(def, 1), *const to = engine_synth(def, 1);
    struct rt_carry carries[2];
    ck_assert_uint_eq(nrt_synth_carry(from, to, carries), 1);
    ck_assert_int_eq(to->unit_carried[0], 1);
    ck_assert_int_eq(to->unit_carried[1], 0);
    nrt_synth_free(from);
    nrt_synth_free(to);
    nrt_def_release(def);
    engine_free(e);
}
END_TEST

/** What a voice may leave behind, everywhere. */
static void spoil(struct rt_synth *synth)
{
    const struct rt_def *const def = synth->def;
    memset(synth->state, 0x55, def->state_bytes);
    memset(synth->values, 0x55, def->n_values * sizeof *synth->values);
    memset(synth->controls, 0x55, def->n_controls * sizeof *synth->controls);
    memset(synth->control_moving, 0x55, def->n_controls);
    memset(synth->unit_carried, 0x55, def->n_units);
    synth->node.paused = synth->node.is_client = synth->born = synth->moving = true;
    synth->fade_ends = synth->resetting = synth->is_voice = true;
    synth->fade_left = synth->lane = synth->stride = 7;
    synth->own_dsp.gain = synth->own_dsp.gain_step = synth->level = 0.5f;
    synth->own_dsp.first_frame = synth->own_dsp.flags = 3;
    synth->node.state = RT_NODE_GONE;
}

START_TEST(memory_of_an_ended_synth_is_used_again_as_new)
{
    struct engine *const e = engine_new(NULL);
    struct ph_build b;
    ph_build_begin(&b, "moving");
    struct rt_def *const def = comb_def(e, &b, ph_build_control(&b, "max", 0.5f, PH_AUDIO));
    struct rt_synth *const ended = engine_synth(def, 1), *const fresh = engine_synth(def, 2);
    spoil(ended);
    nrt_synth_free(ended);
    struct rt_synth *const again = engine_synth(def, 2);
    ck_assert_ptr_eq(again, ended);
    again->seed = fresh->seed;
    again->dsp = fresh->dsp;
    again->controls = fresh->controls;
    ck_assert_mem_eq(again, fresh, offsetof(struct rt_synth, own_controls));
    ck_assert_mem_eq(again->state, fresh->state, def->state_bytes);
    ck_assert_mem_eq(again->values, fresh->values, def->n_values * sizeof *again->values);
    ck_assert_mem_eq(again->own_controls, fresh->own_controls, def->n_controls * sizeof(float));
    ck_assert_mem_eq(again->control_moving, fresh->control_moving, def->n_controls);
    ck_assert_mem_eq(again->unit_carried, fresh->unit_carried, def->n_units);
    ck_assert_ptr_nonnull(again->memories[0]);
    ck_assert_ptr_ne(again->memories[0], fresh->memories[0]);
    nrt_synth_free(again);
    nrt_synth_free(fresh);
    nrt_def_release(def);
    engine_free(e);
}
END_TEST

START_TEST(memory_of_ended_synths_is_bounded)
{
    enum { N = 4000 };
    static struct rt_synth *synths[N];
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_sine_def(e, 0);
    for (int i = 0; i < N; i++)
        synths[i] = engine_synth(def, i);
    for (int i = 0; i < N; i++)
        nrt_synth_free(synths[i]);
    /* while they end as many are kept as still live: half of them */
    ck_assert_uint_ge(nrt_spares_count(def->spares), 16);
    ck_assert_uint_le(nrt_spares_count(def->spares), N / 2 + 16);
    nrt_def_release(def);
    engine_free(e);
}
END_TEST

START_TEST(groups_are_made_and_freed)
{
    struct rt_group *group = NULL;
    ck_assert_int_eq(nrt_group_new(9, &group), PH_OK);
    ck_assert_int_eq(group->node.id, 9);
    ck_assert(group->node.is_group);
    nrt_group_free(group);
    nrt_group_free(NULL);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("synth");
    tcase_add_test(tests, a_synth_starts_with_the_defs_values_and_takes_others);
    tcase_add_test(tests, a_synth_holds_its_def);
    tcase_add_test(tests, long_memory_is_sized_from_constants_controls_and_what_follows_from_them);
    tcase_add_test(tests, memory_fits_the_controls_that_a_synth_starts_with);
    tcase_add_test(tests, memory_fits_the_buffer_that_a_partitioned_convolution_reads);
    tcase_add_test(tests, absurd_memory_is_bounded_or_refused);
    tcase_add_test(tests, units_with_equal_keys_carry_their_state);
    tcase_add_test(tests, long_memory_is_shared_and_counted);
    tcase_add_test(tests, another_unit_under_the_same_key_inherits_nothing);
    tcase_add_test(tests, what_differs_is_not_carried);
    tcase_add_test(tests, a_key_that_occurs_twice_carries_once);
    tcase_add_test(tests, memory_of_an_ended_synth_is_used_again_as_new);
    tcase_add_test(tests, memory_of_ended_synths_is_bounded);
    tcase_add_test(tests, groups_are_made_and_freed);
    return engine_main("nrt synth", tests);
}
