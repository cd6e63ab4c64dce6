/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/test_quarantine.c - a value that is not finite, put into every unit: it is     */
/* kept from the buses, its synth alone starts anew, and its name is told.                        */
#include <math.h>
#include <string.h>

#include "protocol/units.h"
#include "server/rt/tree.h"
#include "tests/server/rt/engine.h"

enum { BEFORE = 20, BAD = 2, AFTER = 300 /* blocks: 0.4 s */ };

/** One thing to test: a unit, or an operator. */
struct variant {
    enum ph_unit unit;
    int16_t special;
};
static struct variant variants[PH_UNIT_COUNT + 128];
static int n_variants;

#define ADD_UNARY(number, NAME, text)                                                              \
    variants[n_variants++] = (struct variant){ PH_UNIT_UNARY_OP, number };
#define ADD_BINARY(number, NAME, text)                                                             \
    variants[n_variants++] = (struct variant){ PH_UNIT_BINARY_OP, number };

/** The first input that carries sound or a number; -1: nothing can be put in. */
static int way_in(enum ph_unit unit)
{
    const struct ph_unit_info *const info = &ph_units[unit];
    for (int i = 0; i < info->n_inputs; i++)
        switch (info->inputs[i].quantity) {
        case PH_BUS: case PH_BUFFER: case PH_ACTION: case PH_FRAMES: case PH_FLAG: break;
        case PH_SECONDS: break; /* of some the length of a memory */
        default: return i;
        }
    return -1;
}

/**
 * Units between a synth and the world are another matter:
 * what they do with buses has its own tests.
 */
static bool is_of_the_world(enum ph_unit unit)
{
    switch (unit) {
    case PH_UNIT_OUT: case PH_UNIT_OFFSET_OUT: case PH_UNIT_REPLACE_OUT: case PH_UNIT_FEEDBACK_OUT:
    case PH_UNIT_ENV_GEN: /* its inputs are a list */
        return true;
    default:
        return false;
    }
}

static void list_variants(void)
{
    for (int u = 0; u < PH_UNIT_COUNT; u++)
        if ((ph_units[u].rates & PH_AR) && way_in((enum ph_unit)u) >= 0 && u != PH_UNIT_UNARY_OP &&
            u != PH_UNIT_BINARY_OP && !is_of_the_world((enum ph_unit)u))
            variants[n_variants++] = (struct variant){ (enum ph_unit)u, 0 };
    PH_UNARY_OPS(ADD_UNARY)
    PH_BINARY_OPS(ADD_BINARY)
}

/** Control `x` into the unit, the unit's first output to bus 0. The def bears the unit's name. */
static struct rt_def *unit_def(struct engine *e, const struct variant *v)
{
    const struct ph_unit_info *const info = &ph_units[v->unit];
    struct ph_input in[16];
    struct ph_build b;
    ph_build_begin(&b, info->name);
    const struct ph_input x = ph_build_control(&b, "x", 0.5f, PH_AUDIO);
    for (int i = 0; i < info->n_inputs; i++)
        in[i] = i == way_in(v->unit) ? x : ph_build_constant(&b, info->inputs[i].initial);
    const uint32_t n_outputs = info->n_outputs < 0 ? 1 : (uint32_t)info->n_outputs;
    const struct ph_input y = ph_build_unit(&b, info->name, PH_AUDIO, v->special, n_outputs, in,
                                            info->n_inputs, 0);
    const struct ph_input channels[] = { ph_build_constant(&b, 0), n_outputs > 0 ? y : x };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 2, 0);
    return engine_compile(e, &b);
}

static uint32_t count_resets(const struct engine *e, const char *name)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->n_reports; i++)
        n += e->reports[i].kind == LINK_REPORT_RESET && e->reports[i].u.reset.node_id == 5 &&
             strcmp(e->reports[i].u.reset.def->name, name) == 0;
    return n;
}

static float alone[(BEFORE + BAD + AFTER) * BLOCK];

/** What is on bus 1 of a twin that never met the unit. */
static void render_alone(void)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const sine = engine_sine_def(e, 0);
    engine_add(e, engine_synth(sine, 6), 0, RT_ADD_TAIL);
    engine_set(e, 6, "out", 1);
    engine_run(e, BEFORE + BAD + AFTER);
    memcpy(alone, e->out[1], e->n_frames * sizeof(float));
    nrt_def_release(sine);
    engine_free(e);
}

static void inject(const struct variant *v, float bad)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = unit_def(e, v), *const sine = engine_sine_def(e, 0);
    const char *const name = ph_units[v->unit].name;
    engine_add(e, engine_synth(def, 5), 0, RT_ADD_TAIL);
    engine_add(e, engine_synth(sine, 6), 0, RT_ADD_TAIL);
    engine_set(e, 6, "out", 1);
    engine_run(e, BEFORE);
    const uint64_t own = engine_status(e).n_non_finite; /* 0 / 0 and the like */
    engine_set(e, 5, "x", bad);
    engine_run(e, BAD);
    engine_set(e, 5, "x", 0.5f);
    engine_run(e, AFTER - 100);
    const uint64_t n = engine_status(e).n_non_finite;
    engine_run(e, 100);
    for (uint32_t i = 0; i < e->n_frames; i++) {
        ck_assert_msg(isfinite(e->out[0][i]), "%s %d: frame %u", name, v->special, i);
        ck_assert_msg(e->out[1][i] == alone[i], "%s %d: its neighbour, frame %u", name, v->special,
                      i);
    }
    if (own == 0) {
        ck_assert_msg(engine_status(e).n_non_finite == n, "%s %d goes on with it", name,
                      v->special);
        ck_assert_msg(count_resets(e, name) == (n > 0), "%s %d: named %u times, reset %u times",
                      name, v->special, count_resets(e, name), (uint32_t)n);
    }
    nrt_def_release(sine);
    nrt_def_release(def);
    engine_free(e);
}

START_TEST(a_bad_value_stays_in_its_synth_and_goes)
{
    inject(&variants[_i], NAN);
    inject(&variants[_i], INFINITY);
}
END_TEST

START_TEST(a_voice_is_named_with_its_player_once)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_level_def(e);
    struct rt_synth *const synth = engine_synth(def, 500);
    nrt_synth_set(synth, engine_symbol(e, "x"), NAN);
    e->w->generations[3] = 1;
    engine_send_seq(e, (struct link_command){ .kind = LINK_VOICE, .due_frame = 10,
                                              .u.voice = { .synth = synth, .player_slot = 3,
                                                           .generation = 1 } });
    engine_run(e, 20);
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->n_reports; i++)
        if (e->reports[i].kind == LINK_REPORT_RESET) {
            ck_assert_uint_eq(e->reports[i].u.reset.player_slot, 3);
            n++;
        }
    ck_assert_uint_eq(n, 1);
    ck_assert_uint_eq(engine_status(e).n_non_finite, 20);
    nrt_def_release(def);
    engine_free(e);
}
END_TEST

int main(void)
{
    list_variants();
    TCase *const tests = tcase_create("quarantine");
    tcase_add_unchecked_fixture(tests, render_alone, NULL); /* once for all */
    tcase_add_loop_test(tests, a_bad_value_stays_in_its_synth_and_goes, 0, n_variants);
    tcase_add_test(tests, a_voice_is_named_with_its_player_once);
    return engine_main("rt quarantine", tests);
}
