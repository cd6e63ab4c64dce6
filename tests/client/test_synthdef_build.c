/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/test_synthdef_build.c - signals to definitions, nodes, buses, players; unit keys. */
#include <stdio.h>
#include <string.h>

#include "client/functions/make.h"
#include "compiled.h"
#include "protocol/voice.h"
#include "tests/support/check_main.h"

static const char story[] =
    "tempo: 0.5\n"
    "~kick  $ s \"bd*4\"\n"
    "~snare $ s \"~ sn ~ <sn [sn sn]>\" # gain 0.8\n"
    "~hats  $ s \"hh(5,8)\" # gain \"0.6 0.4 0.7\" # pan \"-0.5 0.5\"\n"
    "~lfo   # sine 0.25\n"
    "~bass  $ saw \"55 55 82.5 <110 73.4>\" # lpf (~lfo * 900 + 1200) 1.4\n"
    "~drums $ every 4 (fast 2) $ (~kick + ~snare + ~hats)\n"
    "out    $ ~drums # reverb 0.4 0.6 0.2 + ~bass * 0.3\n";

static int node_index(const struct compiled *c, const char *name)
{
    for (uint32_t i = 0; i < c->program.n_nodes; i++)
        if (strcmp(c->program.nodes[i].name, name) == 0)
            return (int)i;
    return -1;
}

START_TEST(four_voices_are_three_synths_and_two_players)
{
    struct compiled c;

    compiled_program(&c, story);
    ck_assert_uint_eq(c.program.n_defs, 3);
    ck_assert_uint_eq(c.program.n_players, 2);
    ck_assert_uint_eq(compiled_count(compiled_def(&c, "$~lfo"), "SinOsc"), 1);
    ck_assert_uint_eq(compiled_count(compiled_def(&c, "$~bass"), "BlepSaw"), 1);
    ck_assert_uint_eq(compiled_count(compiled_def(&c, "$~bass"), "SvfLpf"), 1);
    ck_assert_uint_eq(compiled_count(compiled_def(&c, "$out"), "FreeVerb2"), 1);
    ck_assert_double_eq_tol(compiled_input(compiled_def(&c, "$~bass"), "SvfLpf", 2), 1.4, 1e-6);
    compiled_finish(&c);
}
END_TEST

START_TEST(nodes_run_after_what_they_read)
{
    struct compiled c;

    compiled_program(&c, story);
    ck_assert_int_ge(node_index(&c, "~lfo"), 0);
    ck_assert_int_lt(node_index(&c, "~lfo"), node_index(&c, "~bass"));
    ck_assert_int_lt(node_index(&c, "~bass"), node_index(&c, "out"));
    ck_assert_int_lt(node_index(&c, "out voices"), node_index(&c, "out"));
    compiled_finish(&c);
}
END_TEST

START_TEST(a_shared_bus_is_built_once)
{
    struct compiled c;

    compiled_program(&c, "~lfo $ sine 1\nout $ saw (~lfo * 10 + 100) * ~lfo + ~lfo\n");
    ck_assert_uint_eq(c.program.n_nodes, 2);
    ck_assert_uint_eq(c.program.n_buses, 2); /* its own and the output's */
    compiled_finish(&c);
}
END_TEST

START_TEST(events_without_effects_play_into_the_output)
{
    struct compiled c;

    compiled_program(&c, "out $ s \"bd*4\"\n");
    ck_assert_uint_eq(c.program.n_defs, 0);
    ck_assert_uint_eq(c.program.n_nodes, 1);
    ck_assert_uint_eq(c.program.n_outputs, 1);
    ck_assert_str_eq(c.program.nodes[0].bus, c.program.outputs[0].bus);
    compiled_finish(&c);
}
END_TEST

START_TEST(unused_definitions_make_no_nodes_but_are_checked)
{
    struct compiled c;

    compiled_program(&c, "~a $ saw 55\n~b $ s \"bd\"\nout $ ~b\n");
    ck_assert_ptr_null(compiled_node(&c, "~a"));
    compiled_finish(&c);
    compiled_try(&c, "~a $ saw 55 # lpf\nout $ s \"bd\"\n");
    ck_assert(!c.ok);
    compiled_finish(&c);
}
END_TEST

/* ---- steps ---- */

START_TEST(a_stepped_pitch_gates_its_oscillator)
{
    struct compiled c;

    compiled_program(&c, "out $ saw \"55 ~\"\n");
    const struct ph_program_player *const p = compiled_player(&c, "out/saw.freq");
    ck_assert_ptr_nonnull(p);
    ck_assert_int_eq(p->kind, PH_PLAYER_STEPS);
    ck_assert_str_eq(p->control, "saw.freq");
    ck_assert_ptr_nonnull(p->gate);
    ck_assert(p->notes_as_hz);
    ck_assert_int_eq(p->rest, PH_REST_HOLD);
    const struct ph_program_def *const def = compiled_def(&c, "$out");
    ck_assert_double_eq_tol(compiled_input(def, "Lag", 1), 0.002, 1e-9);
    compiled_finish(&c);
}
END_TEST

START_TEST(steps_into_filters_are_smoothed_over_a_millisecond)
{
    struct compiled c;

    compiled_program(&c, "out $ saw 55 # lpf \"400 800\"\n");
    const struct ph_program_def *const def = compiled_def(&c, "$out");
    ck_assert_uint_eq(compiled_count(def, "Lag"), 2); /* the value, and the gate */
    ck_assert_double_eq_tol(compiled_input(def, "Lag", 1), 0.001, 1e-9);
    compiled_finish(&c);
}
END_TEST

START_TEST(rests_of_a_factor_are_zero)
{
    struct compiled c;

    compiled_program(&c, "out $ saw 55 * \"1 ~\"\n");
    ck_assert_uint_eq(c.program.n_players, 1);
    ck_assert_int_eq(c.program.players[0].rest, PH_REST_ZERO);
    ck_assert_ptr_null(c.program.players[0].gate);
    compiled_finish(&c);
}
END_TEST

START_TEST(transforms_of_a_signal_reach_its_patterns_in_a_copy)
{
    struct compiled c;

    compiled_program(&c, "~a $ saw \"55 110\"\nout $ ~a * 0.5 + (~a $ fast 2)\n");
    ck_assert_uint_eq(c.program.n_players, 2); /* of the bus and of the copy */
    ck_assert_uint_eq(compiled_count(compiled_def(&c, "$~a"), "BlepSaw"), 1);
    ck_assert_uint_eq(compiled_count(compiled_def(&c, "$out"), "BlepSaw"), 1);
    compiled_finish(&c);
}
END_TEST

START_TEST(buses_without_patterns_stay_shared_under_transforms)
{
    struct compiled c;

    compiled_program(&c, "~l $ sine 1\n~a $ saw \"55 110\" * ~l\nout $ ~a $ fast 2\n");
    ck_assert_ptr_nonnull(compiled_node(&c, "~l"));
    ck_assert_uint_eq(compiled_count(compiled_def(&c, "$out"), "SinOsc"), 0);
    compiled_finish(&c);
}
END_TEST

START_TEST(modifiers_look_through_effects_and_buses)
{
    struct compiled c;

    compiled_program(&c, "~d $ s \"arpy\" # lpf 900\nout $ ~d # note \"c e\"\n");
    ck_assert_uint_eq(c.program.n_players, 1);
    struct ph_writer w = { 0 };
    ph_pattern_code_list(&c.program.players[0].code, &w);
    ph_write_u8(&w, 0);
    ck_assert_ptr_nonnull(strstr((const char *)w.data, "\"note\""));
    ph_writer_finish(&w);
    compiled_finish(&c);
}
END_TEST

START_TEST(gain_right_of_an_effect_acts_on_the_sound)
{
    struct compiled c;

    compiled_program(&c, "out $ s \"bd\" # lpf 900 # gain 0.5\n");
    const struct ph_program_def *const def = compiled_def(&c, "$out");
    ck_assert_uint_eq(compiled_count(def, "BinaryOpUGen"), 2); /* one for each channel */
    compiled_finish(&c);
}
END_TEST

/* ---- voices ---- */

START_TEST(notes_to_an_oscillator_are_voices_of_it)
{
    struct compiled c;

    compiled_program(&c, "out $ saw \"c2 g2\"\n");
    ck_assert_uint_eq(c.program.n_defs, 1);
    const struct ph_program_def *const def = &c.program.defs[0];
    ck_assert_int_eq(def->name[0], '^');
    ck_assert_uint_eq(compiled_count(def, "BlepSaw"), 1);
    ck_assert_int_ge(compiled_source(def, "BlepSaw", 0), 0); /* base times ratio */
    compiled_finish(&c);
    compiled_program(&c, "out $ saw (note \"c2 g2\")\n"); /* made by `note`: continuous */
    ck_assert_int_eq(c.program.players[0].kind, PH_PLAYER_STEPS);
    compiled_finish(&c);
}
END_TEST

START_TEST(bus_voices_have_the_buses_name_and_base)
{
    struct compiled c;

    compiled_program(&c, "~b $ saw 110 * sine 5\nout $ s \"~b*4\" # note \"0 3\"\n");
    const struct ph_program_def *const def = compiled_def(&c, "~b");
    ck_assert_ptr_nonnull(def);
    bool has_base = false;
    for (uint32_t i = 0; i < def->def.n_names; i++)
        if (strcmp(def->def.names[i].name, PH_VOICE_BASE) == 0) {
            has_base = true;
            ck_assert_double_eq_tol((double)def->def.controls[def->def.names[i].index], 110, 1e-4);
        }
    ck_assert(has_base);
    ck_assert_double_eq_tol(compiled_input(def, "SinOsc", 0), 5, 1e-6); /* an LFO keeps its rate */
    ck_assert_ptr_null(compiled_node(&c, "~b"));
    compiled_finish(&c);
}
END_TEST

START_TEST(notes_without_a_sound_play_the_default_voice)
{
    struct compiled c;

    compiled_program(&c, "out $ note \"c e g\"\n");
    ck_assert_ptr_nonnull(compiled_def(&c, "default"));
    ck_assert_str_eq(c.program.players[0].default_def, "default");
    compiled_finish(&c);
    compiled_program(&c, "out $ s \"bd\"\n");
    ck_assert_ptr_null(compiled_def(&c, "default"));
    ck_assert_ptr_null(c.program.players[0].default_def);
    compiled_finish(&c);
}
END_TEST

/* ---- keys ---- */

struct edit {
    const char *before, *after;
    const char *def, *unit;
    bool same_key, same_hash;
};

static const struct edit edits[] = {
    { "out $ saw 55", "out $ saw 56", "$out", "BlepSaw", true, false },
    { "out $ saw 55 # lpf 900 1", "out $ saw 55 # lpf 800 2", "$out", "SvfLpf", true, false },
    { "out $ saw 55", "out $ saw 55 # lpf 900", "$out", "BlepSaw", true, false },
    { "out $ saw 55 # lpf 900", "out $ saw 55 # hpf 40 # lpf 900", "$out", "SvfLpf", true, false },
    { "out $ saw 55", "out $ saw 55 + sine 3", "$out", "BlepSaw", true, false },
    { "out $ saw 55 + sine 3", "out $ saw 55 + sine 3 + sine 4", "$out", "SinOsc", true, false },
    { "out $ saw 55 # delay 0.2", "out $ saw 55 # delay 1.5", "$out", "Echo", true, false },
    { "out $ saw 55 # delay 0.2", "out $ saw 55 # delay 3", "$out", "Echo", false, false },
    { "out $ saw \"55 60\"", "out $ saw \"55 61\"", "$out", "BlepSaw", true, true },
    { "out $ saw 55", "-- a line\n~x $ sine 3\nout $ saw 55", "$out", "BlepSaw", true, true },
    { "out $ saw 55", "out $ tri 55 + saw 55", "$out", "BlepSaw", false, false },
    { "~a $ saw 55\nout $ ~a", "~a $ saw 55\nout $ ~a * 0.5", "$~a", "BlepSaw", true, true },
};

START_TEST(keys_survive_edits_of_anything_else)
{
    const struct edit *const e = &edits[_i];
    struct compiled a, b;

    compiled_program(&a, e->before);
    compiled_program(&b, e->after);
    const struct ph_program_def *const x = compiled_def(&a, e->def);
    const struct ph_program_def *const y = compiled_def(&b, e->def);
    ck_assert_ptr_nonnull(x);
    ck_assert_ptr_nonnull(y);
    ck_assert_uint_ne(compiled_key(x, e->unit), 0);
    ck_assert_msg((compiled_key(x, e->unit) == compiled_key(y, e->unit)) == e->same_key,
                  "%s -> %s", e->before, e->after);
    ck_assert_msg((x->hash == y->hash) == e->same_hash, "%s -> %s", e->before, e->after);
    compiled_finish(&a);
    compiled_finish(&b);
}
END_TEST

START_TEST(no_two_units_of_a_definition_share_a_key)
{
    struct compiled c;

    compiled_program(&c,
                     "out $ jux rev $ (supersaw \"55 60\" + supersaw \"70 80\" # lpf 900 # lpf 800"
                     " # reverb 0.5 0.5 # chorus 4 1 0.5 0.3)\n");
    const struct ph_program_def *const def = compiled_def(&c, "$out");
    ck_assert_uint_gt(def->def.n_units, 60);
    for (uint32_t i = 0; i < def->def.n_units; i++)
        for (uint32_t k = i + 1; k < def->def.n_units; k++)
            ck_assert(def->def.units[i].key == 0 ||
                      def->def.units[i].key != def->def.units[k].key);
    compiled_finish(&c);
}
END_TEST

START_TEST(an_unchanged_program_has_an_unchanged_revision)
{
    struct compiled a, b;

    compiled_program(&a, story);
    compiled_program(&b, story);
    ck_assert_uint_eq(a.program.revision, b.program.revision);
    for (uint32_t i = 0; i < a.program.n_players; i++)
        ck_assert_uint_eq(a.program.players[i].hash, b.program.players[i].hash);
    compiled_finish(&a);
    compiled_finish(&b);
}
END_TEST

/* ---- functions ---- */

START_TEST(signal_rows_belong_to_their_names)
{
    for (uint32_t i = 0; i < n_functions; i++) {
        const struct signal_row *const row = function_table[i].signal;
        if (!row)
            continue;
        ck_assert_str_eq(row->name, function_table[i].name);
        ck_assert_ptr_eq(signal_find(row->name), row);
        ck_assert_uint_le(row->n_params, PARAMS_MAX);
        ck_assert((row->mono != NULL) != (row->stereo != NULL));
        for (uint32_t k = 0; k < row->n_params; k++)
            ck_assert(k < signal_visible_params(row) || !row->params[k].name[0]);
    }
}
END_TEST

START_TEST(values_outside_their_range_are_clamped)
{
    struct compiled c;

    compiled_program(&c, "out $ saw 55 # lpf 900 100\n");
    ck_assert_double_eq_tol(compiled_input(compiled_def(&c, "$out"), "SvfLpf", 2), 40, 1e-5);
    compiled_finish(&c);
}
END_TEST

START_TEST(keywords_set_parameters_by_name)
{
    struct compiled c;

    compiled_program(&c, "out $ saw 55 # lpf :q 3 900\n");
    const struct ph_program_def *const def = compiled_def(&c, "$out");
    ck_assert_double_eq_tol(compiled_input(def, "SvfLpf", 1), 900, 1e-4);
    ck_assert_double_eq_tol(compiled_input(def, "SvfLpf", 2), 3, 1e-6);
    compiled_finish(&c);
}
END_TEST

START_TEST(effect_buses_are_instantiated_at_each_use)
{
    struct compiled c;

    compiled_program(&c, "~fx $ lpf 900 # hpf 40\nout $ (saw 55 # ~fx) + (sine 60 # ~fx)\n");
    const struct ph_program_def *const def = compiled_def(&c, "$out");
    ck_assert_uint_eq(compiled_count(def, "SvfLpf"), 2);
    ck_assert_uint_eq(compiled_count(def, "SvfHpf"), 2);
    compiled_finish(&c);
}
END_TEST

START_TEST(echo_is_mixed_with_the_dry_signal)
{
    struct compiled c;

    compiled_program(&c, "out $ saw 55 # delay 0.25 0.6 0.3\n");
    const struct ph_program_def *const def = compiled_def(&c, "$out");
    ck_assert_double_eq_tol(compiled_input(def, "Echo", 2), 0.25, 1e-9);
    ck_assert_double_eq_tol(compiled_input(def, "Echo", 3), 0.6, 1e-6);
    ck_assert_uint_eq(compiled_count(def, "BinaryOpUGen"), 3); /* dry, wet, sum */
    compiled_finish(&c);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("definitions");

    tcase_add_test(t, four_voices_are_three_synths_and_two_players);
    tcase_add_test(t, nodes_run_after_what_they_read);
    tcase_add_test(t, a_shared_bus_is_built_once);
    tcase_add_test(t, events_without_effects_play_into_the_output);
    tcase_add_test(t, unused_definitions_make_no_nodes_but_are_checked);
    tcase_add_test(t, a_stepped_pitch_gates_its_oscillator);
    tcase_add_test(t, steps_into_filters_are_smoothed_over_a_millisecond);
    tcase_add_test(t, rests_of_a_factor_are_zero);
    tcase_add_test(t, transforms_of_a_signal_reach_its_patterns_in_a_copy);
    tcase_add_test(t, buses_without_patterns_stay_shared_under_transforms);
    tcase_add_test(t, modifiers_look_through_effects_and_buses);
    tcase_add_test(t, gain_right_of_an_effect_acts_on_the_sound);
    tcase_add_test(t, notes_to_an_oscillator_are_voices_of_it);
    tcase_add_test(t, bus_voices_have_the_buses_name_and_base);
    tcase_add_test(t, notes_without_a_sound_play_the_default_voice);
    tcase_add_loop_test(t, keys_survive_edits_of_anything_else, 0,
                        (int)(sizeof edits / sizeof edits[0]));
    tcase_add_test(t, no_two_units_of_a_definition_share_a_key);
    tcase_add_test(t, an_unchanged_program_has_an_unchanged_revision);
    tcase_add_test(t, signal_rows_belong_to_their_names);
    tcase_add_test(t, values_outside_their_range_are_clamped);
    tcase_add_test(t, keywords_set_parameters_by_name);
    tcase_add_test(t, effect_buses_are_instantiated_at_each_use);
    tcase_add_test(t, echo_is_mixed_with_the_dry_signal);
    return check_run("client/synthdef_build", t);
}
