/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/test_voice.c - voices: exact starts, cut groups, stealing, generations.        */
#include <math.h>

#include "server/rt/tree.h"
#include "server/rt/voice.h"
#include "tests/server/rt/engine.h"

enum { GROUP_SLOT = 3, PLAYER = 2, GENERATION = 7 };

/** An engine with a program group in slot 3 and player 2 at generation 7. */
static struct engine *playing(const struct rt_config *config)
{
    struct engine *const e = engine_new(config);
    engine_add_group(e, 50, RT_PROGRAM_GROUP_ID, RT_ADD_TAIL);
    engine_run(e, 1);
    struct rt_node *const node = rt_table_find(&e->w->table, 50);
    ((struct rt_group *)node)->slot = GROUP_SLOT;
    e->w->slots[GROUP_SLOT] = node;
    e->w->generations[PLAYER] = GENERATION;
    return e;
}

static void play(struct engine *e, struct rt_synth *synth, uint64_t frame, int32_t cut)
{
    engine_send_seq(e, (struct link_command){ .kind = LINK_VOICE,
                                              .due_frame = frame,
                                              .u.voice = { .synth = synth,
                                                           .group_slot = GROUP_SLOT,
                                                           .player_slot = PLAYER,
                                                           .generation = GENERATION,
                                                           .cut = cut } });
}

static struct rt_config many_voices(void)
{
    struct rt_config config = engine_config();
    config.n_voices_max = 500;
    return config;
}

START_TEST(a_voice_starts_on_its_exact_frame_whatever_the_offset)
{
    const struct rt_config config = many_voices();
    for (uint32_t offset = 0; offset < BLOCK; offset++) {
        struct engine *const e = playing(&config);
        struct rt_def *const def = engine_level_def(e);
        play(e, engine_synth(def, -1), 3 * BLOCK + offset, 0);
        engine_run(e, 4);
        for (uint32_t i = 0; i < 5 * BLOCK; i++)
            ck_assert_float_eq(e->out[0][i], i >= 3 * BLOCK + offset);
        engine_finish(e, def);
    }
}
END_TEST

START_TEST(a_voice_sounds_the_same_wherever_it_starts)
{
    const struct rt_config config = many_voices();
    struct engine *const first = playing(&config);
    struct rt_def *const sine = engine_sine_def(first, 0);
    play(first, engine_synth(sine, -1), 2 * BLOCK, 0);
    engine_run(first, 20);
    for (uint32_t offset = 1; offset < BLOCK; offset += 13) {
        struct engine *const e = playing(&config);
        struct rt_def *const def = engine_sine_def(e, 0);
        play(e, engine_synth(def, -1), 2 * BLOCK + offset, 0);
        engine_run(e, 20);
        for (uint32_t i = 2 * BLOCK; i < 20 * BLOCK; i++) /* SinOsc counts phase in integers */
            ck_assert_float_eq(e->out[0][i + offset], first->out[0][i]);
        engine_finish(e, def);
    }
    engine_finish(first, sine);
}
END_TEST

START_TEST(an_osc_synth_starts_on_its_frame_whatever_unit_it_writes_with)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_level_def(e);
    struct ph_build b;
    ph_build_begin(&b, "offset");
    const struct ph_input x = ph_build_control(&b, "x", 1, PH_AUDIO);
    const struct ph_input channels[] = { ph_build_constant(&b, 1), x };
    ph_build_unit(&b, "OffsetOut", PH_AUDIO, 0, 0, channels, 2, 0);
    struct rt_def *const offset_def = engine_compile(e, &b);
    struct link_command add = { .kind = LINK_SYNTH_ADD, .due_frame = 2 * BLOCK + 20,
                                .u.add = { .synth = engine_synth(def, 5) } };
    engine_send(e, add);
    add.u.add.synth = engine_synth(offset_def, 6);
    engine_send(e, add);
    engine_run(e, 5);
    for (uint32_t i = 0; i < 5 * BLOCK; i++) {
        ck_assert_float_eq(e->out[0][i], i >= 2 * BLOCK + 20);
        ck_assert_float_eq(e->out[1][i], i >= 2 * BLOCK + 20);
    }
    nrt_def_release(offset_def);
    engine_finish(e, def);
}
END_TEST

START_TEST(a_late_voice_starts_at_once_and_is_counted)
{
    struct engine *const e = playing(NULL);
    struct rt_def *const def = engine_level_def(e);
    engine_run(e, 3);
    play(e, engine_synth(def, -1), 100, 0);
    engine_run(e, 1);
    ck_assert_float_eq(e->out[0][4 * BLOCK], 1);
    ck_assert_uint_eq(engine_status(e).n_late, 1);
    engine_finish(e, def);
}
END_TEST

START_TEST(events_of_another_generation_are_withdrawn_not_late)
{
    struct engine *const e = playing(NULL);
    struct rt_def *const def = engine_level_def(e);
    play(e, engine_synth(def, -1), 5 * BLOCK, 0); /* current when sent, not when due */
    engine_run(e, 3);
    e->w->generations[PLAYER] = GENERATION + 1;
    play(e, engine_synth(def, -1), 10, 0);
    engine_run(e, 6);
    const struct link_status s = engine_status(e);
    ck_assert_uint_eq(s.n_withdrawn, 2);
    ck_assert_uint_eq(s.n_late, 0);
    ck_assert_uint_eq(e->n_synths_back, 2);
    for (uint32_t i = 0; i < e->n_frames; i++)
        ck_assert_float_eq(e->out[0][i], 0);
    engine_finish(e, def);
}
END_TEST

START_TEST(a_voice_without_its_group_comes_back_and_is_counted)
{
    struct engine *const e = playing(NULL);
    struct rt_def *const def = engine_level_def(e);
    engine_node(e, LINK_NODE_FREE, 50, 0);
    play(e, engine_synth(def, -1), 2 * BLOCK, 0);
    engine_run(e, 3);
    ck_assert_uint_eq(engine_status(e).n_dropped_commands, 1);
    ck_assert_uint_eq(e->n_synths_back, 1);
    engine_finish(e, def);
}
END_TEST

START_TEST(a_cut_group_lets_only_its_last_voice_live)
{
    struct engine *const e = playing(NULL);
    struct rt_def *const def = engine_level_def(e);
    play(e, engine_synth(def, -1), 2 * BLOCK, 1);
    play(e, engine_synth(def, -1), 2 * BLOCK, 2); /* another cut group */
    play(e, engine_synth(def, -1), 2 * BLOCK, 0); /* none */
    play(e, engine_synth(def, -1), 2 * BLOCK, 0);
    engine_run(e, 3);
    play(e, engine_synth(def, -1), 4 * BLOCK + 10, 1);
    engine_run(e, 20);
    ck_assert_uint_eq(e->n_synths_back, 1);
    ck_assert_float_eq(e->out[0][4 * BLOCK - 1], 4);
    /* half of 512 frames gone */
    ck_assert_float_eq_tol(e->out[0][4 * BLOCK + 256], 4 + 0.5f, 1e-6f);
    ck_assert_float_eq(e->out[0][4 * BLOCK + 512], 4);
    ck_assert_uint_eq(e->w->n_voices, 4);
    engine_finish(e, def);
}
END_TEST

START_TEST(the_oldest_voice_is_stolen_in_two_milliseconds)
{
    struct engine *const e = playing(NULL); /* 8 voices */
    struct rt_def *const def = engine_level_def(e);
    for (uint32_t i = 0; i < 8; i++) {
        struct rt_synth *const synth = engine_synth(def, -1);
        ck_assert(nrt_synth_set(synth, engine_symbol(e, "x"), (float)(1 << i)));
        play(e, synth, 2 * BLOCK + i, 0);
    }
    engine_run(e, 3);
    ck_assert_float_eq(e->out[0][3 * BLOCK + 1], 255);
    play(e, engine_synth(def, -1), 5 * BLOCK, 0);
    engine_run(e, 5);
    ck_assert_uint_eq(engine_status(e).n_stolen, 1);
    ck_assert_uint_eq(e->n_synths_back, 1);
    ck_assert_float_eq(e->out[0][5 * BLOCK], 256);
    ck_assert_float_eq_tol(e->out[0][6 * BLOCK], 255.5f, 1e-4f); /* 96 frames, rounded up to 128 */
    ck_assert_float_eq(e->out[0][7 * BLOCK], 255);               /* 1 - 1 + 2 + 4 + ... + 128 + 1 */
    engine_finish(e, def);
}
END_TEST

START_TEST(releasing_voices_are_stolen_first_the_quietest_of_them)
{
    struct engine *const e = playing(NULL);
    struct rt_def *const def = engine_level_def(e);
    struct rt_synth *synths[8];
    for (uint32_t i = 0; i < 8; i++) {
        synths[i] = engine_synth(def, 1000 + (int32_t)i);
        ck_assert(nrt_synth_set(synths[i], engine_symbol(e, "x"), (float)(8 - i)));
        play(e, synths[i], 2 * BLOCK + i, 0);
    }
    engine_run(e, 4);
    synths[3]->dsp->flags = DSP_NODE_RELEASING; /* levels 5 and 3 */
    synths[5]->dsp->flags = DSP_NODE_RELEASING;
    play(e, engine_synth(def, -1), 5 * BLOCK, 0);
    engine_run(e, 6);
    ck_assert_ptr_nonnull(rt_table_find(&e->w->table, 1000));
    ck_assert_ptr_nonnull(rt_table_find(&e->w->table, 1003));
    ck_assert_ptr_null(rt_table_find(&e->w->table, 1005));
    engine_finish(e, def);
}
END_TEST

START_TEST(a_flood_of_voices_stays_bounded)
{
    struct rt_config config = engine_config();
    config.n_command_messages = 4096;
    config.n_sched_max = 4096;
    config.n_report_messages = 64; /* and the command thread is slow, too */
    struct engine *const e = playing(&config);
    struct rt_def *const def = engine_level_def(e);
    for (uint32_t i = 0; i < 2000; i++)
        play(e, engine_synth(def, -1), 2 * BLOCK + i / 10, 0);
    e->hold_reports = true;
    for (uint32_t i = 0; i < 8; i++) {
        engine_run(e, 1);
        ck_assert_uint_le(e->w->n_voices, 16);
        ck_assert_uint_le(e->w->n_voices - e->w->n_voices_fading, 8);
    }
    ck_assert_uint_eq(e->w->n_voices, 8);
    ck_assert_uint_eq(engine_status(e).n_stolen, 1992);
    for (uint32_t i = 0; i < 50; i++) { /* what waits comes out bit by bit: nothing is lost */
        engine_take_reports(e);
        engine_run(e, 1);
    }
    engine_take_reports(e);
    ck_assert_uint_eq(e->n_synths_back, 1992);
    engine_finish(e, def);
}
END_TEST

START_TEST(further_voices_of_a_group_join_it_and_cut_nothing)
{
    struct engine *const e = playing(NULL);
    struct rt_def *const def = engine_level_def(e);
    for (int32_t i = 0; i < 3; i++)
        play(e, engine_synth(def, -1), 2 * BLOCK, i == 0 ? 5 : -5);
    engine_run(e, 20);
    ck_assert_uint_eq(e->w->n_voices, 3);
    play(e, engine_synth(def, -1), 22 * BLOCK, 5); /* the next event ends all of them */
    engine_run(e, 20);
    ck_assert_uint_eq(e->w->n_voices, 1);
    engine_finish(e, def);
}
END_TEST

/** A voice of a group by its id, which cuts as `cut` says. */
static void play_in(struct engine *e, struct rt_def *def, int32_t group, uint64_t frame,
                    struct rt_cut cut)
{
    engine_send(e, (struct link_command){
                       .kind = LINK_VOICE, .due_frame = frame,
                       .u.voice = { .synth = engine_synth(def, -1), .group_id = group,
                                    .cut = cut.group, .cut_sound = cut.sound,
                                    .cut_scope = cut.scope, .cut_flags = cut.flags,
                                    .fade_ms = (uint8_t)cut.fade_ms } });
}

/** Voices that live on when one that cuts comes behind four others of group 1. */
static uint32_t left_by(struct rt_cut cut)
{
    static const struct rt_cut others[] = { { .group = 1, .scope = 1, .sound = 7 },
                                            { .group = 1, .scope = 1, .sound = 8 },
                                            { .group = 1, .scope = 2, .sound = 7 },
                                            { .group = 1, .scope = 2, .sound = 8 } };
    struct engine *const e = playing(NULL);
    struct rt_def *const def = engine_level_def(e);
    for (int i = 0; i < 4; i++) {
        struct rt_cut joins = others[i];
        joins.group = -joins.group;
        play_in(e, def, 50, 2 * BLOCK, joins);
    }
    play_in(e, def, 50, 4 * BLOCK, cut);
    engine_run(e, 20);
    const uint32_t left = e->w->n_voices - 1;
    engine_finish(e, def);
    return left;
}

START_TEST(a_cut_counts_in_its_scope_and_for_its_sound)
{
    const struct rt_cut all = { .group = 1, .scope = 1, .sound = 7 };
    struct rt_cut same = all, everywhere = all, both = all, nowhere = all;
    same.flags = LINK_CUT_SAME_SOUND;
    everywhere.flags = LINK_CUT_ANY_SCOPE;
    both.flags = LINK_CUT_SAME_SOUND | LINK_CUT_ANY_SCOPE;
    nowhere.scope = 3;
    ck_assert_uint_eq(left_by(all), 2);
    ck_assert_uint_eq(left_by(same), 3);
    ck_assert_uint_eq(left_by(everywhere), 0);
    ck_assert_uint_eq(left_by(both), 2);
    ck_assert_uint_eq(left_by(nowhere), 4);
}
END_TEST

START_TEST(a_cut_fades_as_fast_as_its_voice_says)
{
    struct engine *const e = playing(NULL);
    struct rt_def *const def = engine_level_def(e);
    play_in(e, def, 50, 2 * BLOCK, (struct rt_cut){ .group = 1 });
    play_in(e, def, 50, 4 * BLOCK, (struct rt_cut){ .group = 1, .fade_ms = 1 });
    engine_run(e, 20);
    /* 1 ms are 48 frames: one block */
    ck_assert_float_eq_tol(e->out[0][4 * BLOCK + 32], 1.5f, 1e-6f);
    ck_assert_float_eq(e->out[0][5 * BLOCK], 1);
    engine_finish(e, def);
}
END_TEST

START_TEST(a_voice_that_plays_what_its_group_makes_takes_that_along_when_it_is_cut)
{
    struct engine *const e = playing(NULL);
    struct rt_def *const def = engine_level_def(e);
    engine_add_group(e, 60, 50, RT_ADD_TAIL);
    engine_add(e, engine_synth(def, 61), 60, RT_ADD_TAIL);
    struct rt_synth *const voice = engine_synth(def, -1);
    voice->ends_group = true;
    engine_send(e, (struct link_command){ .kind = LINK_VOICE, .due_frame = 2 * BLOCK,
                                          .u.voice = { .synth = voice, .group_id = 60,
                                                       .cut = 1 } });
    engine_run(e, 4);
    ck_assert_ptr_nonnull(rt_table_find(&e->w->table, 61));
    play_in(e, def, 50, 5 * BLOCK, (struct rt_cut){ .group = 1 });
    engine_run(e, 20);
    ck_assert_ptr_null(rt_table_find(&e->w->table, 60));
    ck_assert_ptr_null(rt_table_find(&e->w->table, 61));
    ck_assert_uint_eq(e->w->n_voices, 1);
    engine_finish(e, def);
}
END_TEST

START_TEST(stealing_makes_no_step_larger_than_the_voices_own)
{
    enum { LIMIT = 4, CHORD = 8, CHORDS = 12, APART = 7 };
    struct rt_config config = engine_config();
    config.n_voices_max = LIMIT;
    struct engine *const e = playing(&config);
    struct rt_def *const def = engine_sine_def(e, 0);
    for (uint32_t i = 0; i < CHORDS; i++) /* all at once, twice as many as may sound */
        for (uint32_t k = 0; k < CHORD; k++) {
            struct rt_synth *const synth = engine_synth(def, -1);
            ck_assert(nrt_synth_set(synth, engine_symbol(e, "freq"), 200.0f + 37.0f * (float)k));
            play(e, synth, (2 + APART * i) * BLOCK + 5 * i, 0);
        }
    engine_run(e, 2 + APART * CHORDS);
    ck_assert_uint_ge(engine_status(e).n_stolen, (CHORDS - 1) * CHORD);
    /* each voice moves by its slope, and one that fades by as much more as 2 ms allow */
    const float own = 2 * LIMIT * (2 * (float)M_PI * 470 / 48000 + 1.0f / 96);
    for (uint32_t i = 1; i < (2 + APART * CHORDS) * BLOCK; i++) {
        const float step = fabsf(e->out[0][i] - e->out[0][i - 1]);
        ck_assert_msg(step <= own, "frame %u: a step of %g, own %g", i, (double)step, (double)own);
    }
    engine_finish(e, def);
}
END_TEST

START_TEST(panic_ends_all_voices_and_clears_the_queue)
{
    struct engine *const e = playing(NULL);
    struct rt_def *const def = engine_level_def(e);
    engine_add(e, engine_synth(def, 5), 0, RT_ADD_TAIL); /* a client's synth: not the program's */
    engine_set(e, 5, "out", 1);
    play(e, engine_synth(def, -1), 2 * BLOCK, 0);
    play(e, engine_synth(def, -1), 100 * BLOCK, 0);
    engine_send(e, (struct link_command){ .kind = LINK_NODE_FREE, .due_frame = 100 * BLOCK,
                                          .u.node = { 5, 0 } });
    engine_run(e, 3);
    engine_node(e, LINK_PANIC, 0, 0);
    engine_run(e, 100);
    ck_assert_float_eq_tol(e->out[0][5 * BLOCK], 0.5f, 1e-6f);
    ck_assert_float_eq(e->out[0][6 * BLOCK], 0);
    ck_assert_uint_eq(e->n_synths_back, 2);
    ck_assert_uint_eq(e->w->sched.n, 0);
    ck_assert_float_eq(e->out[1][103 * BLOCK - 1], 1);
    engine_finish(e, def);
}
END_TEST

START_TEST(clearing_the_queue_leaves_events_of_players)
{
    struct engine *const e = playing(NULL);
    struct rt_def *const def = engine_level_def(e);
    play(e, engine_synth(def, -1), 10 * BLOCK, 0);
    engine_send(e, (struct link_command){ .kind = LINK_SYNTH_ADD, .due_frame = 10 * BLOCK,
                                          .u.add = { .synth = engine_synth(def, 5) } });
    engine_run(e, 3);
    engine_node(e, LINK_CLEAR_SCHED, 0, 0);
    engine_run(e, 10);
    ck_assert_float_eq(e->out[0][11 * BLOCK], 1);
    ck_assert_uint_eq(e->n_synths_back, 1);
    engine_finish(e, def);
}
END_TEST

START_TEST(level_follows_what_a_voice_writes)
{
    struct engine *const e = playing(NULL);
    struct rt_def *const def = engine_level_def(e);
    struct rt_synth *const synth = engine_synth(def, 1000);
    ck_assert(nrt_synth_set(synth, engine_symbol(e, "x"), -0.75f));
    play(e, synth, 2 * BLOCK, 0);
    engine_run(e, 3);
    ck_assert_float_eq(synth->level, 0.75f);
    engine_finish(e, def);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("voice");
    tcase_add_test(tests, a_voice_starts_on_its_exact_frame_whatever_the_offset);
    tcase_add_test(tests, a_voice_sounds_the_same_wherever_it_starts);
    tcase_add_test(tests, an_osc_synth_starts_on_its_frame_whatever_unit_it_writes_with);
    tcase_add_test(tests, a_late_voice_starts_at_once_and_is_counted);
    tcase_add_test(tests, events_of_another_generation_are_withdrawn_not_late);
    tcase_add_test(tests, a_voice_without_its_group_comes_back_and_is_counted);
    tcase_add_test(tests, a_cut_group_lets_only_its_last_voice_live);
    tcase_add_test(tests, the_oldest_voice_is_stolen_in_two_milliseconds);
    tcase_add_test(tests, releasing_voices_are_stolen_first_the_quietest_of_them);
    tcase_add_test(tests, a_flood_of_voices_stays_bounded);
    tcase_add_test(tests, further_voices_of_a_group_join_it_and_cut_nothing);
    tcase_add_test(tests, a_cut_counts_in_its_scope_and_for_its_sound);
    tcase_add_test(tests, a_cut_fades_as_fast_as_its_voice_says);
    tcase_add_test(tests, a_voice_that_plays_what_its_group_makes_takes_that_along_when_it_is_cut);
    tcase_add_test(tests, stealing_makes_no_step_larger_than_the_voices_own);
    tcase_add_test(tests, panic_ends_all_voices_and_clears_the_queue);
    tcase_add_test(tests, clearing_the_queue_leaves_events_of_players);
    tcase_add_test(tests, level_follows_what_a_voice_writes);
    return engine_main("rt voice", tests);
}
