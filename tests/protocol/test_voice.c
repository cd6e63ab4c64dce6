/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/protocol/test_voice.c - the tail of every voice definition.                              */
#include "protocol/voice.h"

#include "protocol/units.h"
#include "tests/protocol/support.h"

static void build_with(bool stereo, uint32_t effects, struct ph_synthdef *out)
{
    struct ph_build b;
    ph_build_begin(&b, "voice");
    const struct ph_input ratio = ph_voice_ratio(&b, 220);
    const struct ph_input freq[] = {ph_build_constant(&b, 220), ratio};
    const struct ph_input hz =
        ph_build_unit(&b, "BinaryOpUGen", PH_CONTROL, PH_BINARY_MUL, 1, freq, 2, 0);
    const struct ph_input left = ph_build_unit(&b, "Saw", PH_AUDIO, 0, 1, &hz, 1, 1);
    const struct ph_input right =
        stereo ? ph_build_unit(&b, "Saw", PH_AUDIO, 0, 1, &hz, 1, 2) : left;
    ph_voice_end_effects(&b, left, right, PH_VOICE_ATTACK_SECONDS, PH_VOICE_RELEASE_SECONDS,
                         effects);
    ck_assert_int_eq(ph_build_end(&b, out), PH_OK);
}

static void build_voice(bool stereo, struct ph_synthdef *out)
{
    build_with(stereo, 0, out);
}

static const struct ph_unit_spec *unit_named(const struct ph_synthdef *def, const char *name)
{
    for (uint32_t i = 0; i < def->n_units; i++)
        if (strcmp(def->units[i].name, name) == 0)
            return &def->units[i];
    return NULL;
}

static float initial(const struct ph_synthdef *def, const char *name)
{
    for (uint32_t i = 0; i < def->n_names; i++)
        if (strcmp(def->names[i].name, name) == 0)
            return def->controls[def->names[i].index];
    ck_abort_msg("no control %s", name);
    return 0;
}

START_TEST(every_voice_has_the_controls_that_the_sequencer_sets)
{
    struct ph_synthdef def;
    build_voice(false, &def);
    ck_assert_float_eq(initial(&def, PH_VOICE_OUT), 0);
    ck_assert_float_eq(initial(&def, PH_VOICE_GAIN), 1);
    ck_assert_float_eq(initial(&def, PH_VOICE_PAN), 0);
    ck_assert_float_eq(initial(&def, PH_VOICE_RATIO), 1);
    ck_assert_float_eq(initial(&def, PH_VOICE_BASE), 220);
    ck_assert_float_eq(initial(&def, PH_VOICE_ATTACK), PH_VOICE_ATTACK_SECONDS);
    ck_assert_float_eq(initial(&def, PH_VOICE_DECAY), 0);
    ck_assert_float_eq(initial(&def, PH_VOICE_SUSTAIN), 1);
    ck_assert_float_eq(initial(&def, PH_VOICE_HOLD), 0);
    ck_assert_float_eq(initial(&def, PH_VOICE_RELEASE), PH_VOICE_RELEASE_SECONDS);
    ph_synthdef_finish(&def);
}
END_TEST

START_TEST(the_envelope_ends_the_voice)
{
    struct ph_synthdef def;
    build_voice(false, &def);
    const struct ph_unit_spec *const env = unit_named(&def, "EnvGen");
    ck_assert_ptr_nonnull(env);
    ck_assert_uint_eq(env->n_inputs, 9 + 4 * 4);
    /* gate 1, scale 1, bias 0, time 1, done 2, first level
     * 0, 4 segments, no release node, no loop */
    static const float head[] = {1, 1, 0, 1, 2, 0, 4, -99, -99};
    for (uint32_t i = 0; i < 9; i++) {
        ck_assert_int_eq(env->inputs[i].unit, -1);
        ck_assert_float_eq(def.constants[env->inputs[i].output], head[i]);
    }
    for (uint32_t segment = 0; segment < 4; segment++) /* linear */
        ck_assert_float_eq(def.constants[env->inputs[9 + 4 * segment + 2].output], 1);
    ck_assert_float_eq(def.constants[env->inputs[9].output], 1);
    ck_assert_float_eq(def.constants[env->inputs[21].output], 0);
    ph_synthdef_finish(&def);
}
END_TEST

START_TEST(one_channel_is_panned_and_two_are_balanced)
{
    struct ph_synthdef def;
    build_voice(false, &def);
    ck_assert_ptr_nonnull(unit_named(&def, "Pan2"));
    ck_assert_ptr_null(unit_named(&def, "Balance2"));
    ck_assert_str_eq(def.units[def.n_units - 1].name, "Out");
    ck_assert_uint_eq(def.units[def.n_units - 1].n_inputs, 3);
    ph_synthdef_finish(&def);
    build_voice(true, &def);
    ck_assert_ptr_null(unit_named(&def, "Pan2"));
    ck_assert_ptr_nonnull(unit_named(&def, "Balance2"));
    ph_synthdef_finish(&def);
}
END_TEST

START_TEST(every_unit_is_in_the_table_with_its_inputs)
{
    for (uint32_t k = 0; k <= 2 * PH_VOICE_EFFECTS_ALL + 1; k++) {
        struct ph_synthdef def;
        build_with(k % 2, k / 2, &def);
        for (uint32_t i = 0; i < def.n_units; i++) {
            const int unit = ph_unit_find(def.units[i].name);
            ck_assert_int_ge(unit, 0);
            ck_assert_uint_ge(def.units[i].n_inputs, ph_units[unit].n_inputs);
            ck_assert(ph_units[unit].rates & 1 << def.units[i].rate);
        }
        ph_synthdef_finish(&def);
    }
}
END_TEST

START_TEST(each_effect_has_its_control_with_a_neutral_value)
{
#define CHECK(id, name, low, high, neutral)                                                        \
    {                                                                                              \
        struct ph_synthdef def;                                                                    \
        build_with(false, PH_VOICE_##id, &def);                                                    \
        ck_assert_float_eq(initial(&def, name), neutral);                                          \
        ck_assert_uint_eq(ph_voice_effect(name), PH_VOICE_##id);                                   \
        ph_synthdef_finish(&def);                                                                  \
    }
    PH_VOICE_EFFECTS(CHECK)
#undef CHECK
    ck_assert_uint_eq(ph_voice_effect("segments"), PH_VOICE_SEGMENTS);
    ck_assert_uint_eq(ph_voice_effect("curve"), PH_VOICE_SEGMENTS);
    ck_assert_uint_eq(ph_voice_effect("gain"), 0);
}
END_TEST

START_TEST(the_controls_of_segments_follow_each_other_from_stages_on)
{
    struct ph_synthdef def;
    build_with(false, PH_VOICE_SEGMENTS, &def);
    uint32_t first = def.n_names;
    for (uint32_t i = 0; i < def.n_names; i++)
        if (strcmp(def.names[i].name, PH_VOICE_STAGES) == 0)
            first = i;
    ck_assert_uint_le(first + PH_VOICE_STAGE_CONTROLS, def.n_names);
    static const char *const names[] = { "stages", "bend", "level0", "level1", "time1", "level2",
                                         "time2" };
    for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
        ck_assert_str_eq(def.names[first + i].name, names[i]);
        ck_assert_uint_eq(def.names[first + i].index, def.names[first].index + i);
    }
    ck_assert_float_eq(initial(&def, "stages"), 4);
    ck_assert_float_eq(initial(&def, "time1"), PH_VOICE_ATTACK_SECONDS);
    ck_assert_float_eq(initial(&def, "time4"), PH_VOICE_RELEASE_SECONDS);
    ph_synthdef_finish(&def);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("voice");
    tcase_add_test(t, every_voice_has_the_controls_that_the_sequencer_sets);
    tcase_add_test(t, the_envelope_ends_the_voice);
    tcase_add_test(t, one_channel_is_panned_and_two_are_balanced);
    tcase_add_test(t, every_unit_is_in_the_table_with_its_inputs);
    tcase_add_test(t, each_effect_has_its_control_with_a_neutral_value);
    tcase_add_test(t, the_controls_of_segments_follow_each_other_from_stages_on);
    return check_run("voice", t);
}
