/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/test_map.c - controls that follow buses.                                       */
#include <math.h>

#include "server/rt/tree.h"
#include "tests/server/rt/engine.h"

enum { BUS = 4, WRITER = 10, READER = 11 };

static void map(struct engine *e, int32_t id, const char *control, enum link_control_source source,
                int32_t bus)
{
    engine_send(e, (struct link_command){ .kind = LINK_NODE_MAP,
                                          .u.map = { .id = id,
                                                     .symbol = engine_symbol(e, control),
                                                     .n = 1,
                                                     .bus = bus,
                                                     .source = (uint8_t)source } });
}

static void set_bus(struct engine *e, uint32_t bus, float value)
{
    engine_send(e, (struct link_command){ .kind = LINK_CONTROL_BUS_SET,
                                          .u.bus = { .index = bus, .value = value } });
}

/** A sine on a private bus, and a synth that plays the bus by way of its control. */
struct pair {
    struct engine *e;
    struct rt_def *sine, *level;
};

static struct pair pair_new(uint8_t reader_goes)
{
    struct pair p = { .e = engine_new(NULL) };
    p.sine = engine_sine_def(p.e, 0);
    p.level = engine_level_def(p.e);
    struct rt_synth *const writer = engine_synth(p.sine, WRITER);
    nrt_synth_set(writer, engine_symbol(p.e, "out"), BUS);
    engine_add(p.e, writer, 0, RT_ADD_TAIL);
    engine_add(p.e, engine_synth(p.level, READER), WRITER, reader_goes);
    map(p.e, READER, "x", LINK_CONTROL_AUDIO_BUS, BUS);
    return p;
}

static void pair_free(struct pair *p)
{
    nrt_def_release(p->sine);
    nrt_def_release(p->level);
    engine_free(p->e);
}

START_TEST(a_control_as_a_signal_follows_an_audio_bus_sample_by_sample)
{
    struct pair behind = pair_new(RT_ADD_AFTER), before = pair_new(RT_ADD_BEFORE);
    struct engine *const alone = engine_new(NULL);
    struct rt_def *const def = engine_sine_def(alone, 0);
    engine_add(alone, engine_synth(def, WRITER), 0, RT_ADD_TAIL);
    engine_run(behind.e, 4);
    engine_run(before.e, 4);
    engine_run(alone, 4);
    for (uint32_t i = 0; i < 4 * BLOCK; i++) {
        ck_assert(behind.e->out[0][i] == alone->out[0][i]);
        /* who stands before the writer hears it one block later */
        ck_assert(before.e->out[0][i] == (i < BLOCK ? 0 : alone->out[0][i - BLOCK]));
    }
    nrt_def_release(def);
    engine_free(alone);
    pair_free(&behind);
    pair_free(&before);
}
END_TEST

START_TEST(a_bus_that_nobody_writes_any_more_is_silent_at_once)
{
    struct pair p = pair_new(RT_ADD_AFTER);
    engine_run(p.e, 2);
    engine_node(p.e, LINK_NODE_FREE, WRITER, 0);
    engine_run(p.e, 2);
    for (uint32_t i = 2 * BLOCK; i < 4 * BLOCK; i++)
        ck_assert_float_eq(p.e->out[0][i], 0);
    pair_free(&p);
}
END_TEST

START_TEST(unmapping_gives_a_control_its_own_value_back)
{
    struct pair p = pair_new(RT_ADD_AFTER);
    engine_set(p.e, READER, "x", 0.5f); /* a value unmaps */
    engine_run(p.e, 1);
    ck_assert_float_eq(p.e->out[0][BLOCK - 1], 0.5f);
    set_bus(p.e, 3, 0.25f);
    map(p.e, READER, "x", LINK_CONTROL_BUS, 3);
    engine_run(p.e, 2);
    ck_assert_float_eq(p.e->out[0][3 * BLOCK - 1], 0.25f);
    map(p.e, READER, "x", LINK_CONTROL_BUS, 1 << 20); /* no such bus: nothing happens */
    map(p.e, READER, "x", LINK_CONTROL_BUS, -1);
    engine_run(p.e, 1);
    ck_assert_float_eq(p.e->out[0][4 * BLOCK - 1], 0.5f);
    pair_free(&p);
}
END_TEST

/** A sine whose controls are values, so that it has lanes. */
static struct rt_def *voice_def(struct engine *e)
{
    struct ph_build b;
    ph_build_begin(&b, "voice");
    const struct ph_input sine[] = { ph_build_control(&b, "freq", 440, PH_CONTROL),
                                     ph_build_constant(&b, 0) };
    const struct ph_input amp[] = { ph_build_unit(&b, "SinOsc", PH_AUDIO, 0, 1, sine, 2, 0),
                                    ph_build_control(&b, "amp", 1, PH_CONTROL) };
    const struct ph_input out[] = {
        ph_build_constant(&b, 0),
        ph_build_unit(&b, "BinaryOpUGen", PH_AUDIO, PH_BINARY_MUL, 1, amp, 2, 0)
    };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, out, 2, 0);
    struct rt_def *const def = engine_compile(e, &b);
    ck_assert_uint_gt(def->width, 1);
    return def;
}

/** Voices that are alike play side by side; those that follow a bus step out, and in again. */
START_TEST(a_mapped_voice_sounds_as_one_that_is_set_whoever_plays_beside_it)
{
    struct engine *const mapped = engine_new(NULL), *const set = engine_new(NULL);
    struct engine *const both[] = { mapped, set };
    struct rt_def *defs[2];
    for (int k = 0; k < 2; k++) {
        defs[k] = voice_def(both[k]);
        for (int32_t id = 1; id <= 9; id++) {
            struct rt_synth *const synth = engine_synth(defs[k], id);
            nrt_synth_set(synth, engine_symbol(both[k], "freq"), 100.0f * (float)id);
            engine_add(both[k], synth, 0, RT_ADD_TAIL);
        }
        engine_run(both[k], 3);
    }
    map(mapped, 3, "amp", LINK_CONTROL_BUS, 7);
    for (uint32_t block = 0; block < 6; block++) {
        set_bus(mapped, 7, 0.125f * (float)block);
        engine_set(set, 3, "amp", 0.125f * (float)block);
        engine_run(mapped, 1);
        engine_run(set, 1);
    }
    map(mapped, 3, "amp", LINK_CONTROL_BUS, -1);
    engine_set(set, 3, "amp", 1);
    engine_run(mapped, 3);
    engine_run(set, 3);
    for (uint32_t i = 0; i < 12 * BLOCK; i++)
        ck_assert_msg(fabsf(mapped->out[0][i] - set->out[0][i]) < 1e-5f, /* sums in another order */
                      "frame %u: %f, not %f", i, (double)mapped->out[0][i], (double)set->out[0][i]);
    for (int k = 0; k < 2; k++) {
        nrt_def_release(defs[k]);
        engine_free(both[k]);
    }
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("map");
    tcase_add_test(tests, a_control_as_a_signal_follows_an_audio_bus_sample_by_sample);
    tcase_add_test(tests, a_bus_that_nobody_writes_any_more_is_silent_at_once);
    tcase_add_test(tests, unmapping_gives_a_control_its_own_value_back);
    tcase_add_test(tests, a_mapped_voice_sounds_as_one_that_is_set_whoever_plays_beside_it);
    return engine_main("rt map", tests);
}
