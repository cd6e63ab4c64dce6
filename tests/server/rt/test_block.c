/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/test_block.c - rings and queues when they are full; buffers; ports.            */
#include <math.h>
#include <string.h>

#include "server/rt/report.h"
#include "server/rt/tree.h"
#include "tests/server/rt/engine.h"

START_TEST(commands_without_a_frame_run_at_the_next_block_in_order)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_level_def(e);
    engine_add(e, engine_synth(def, 5), 0, RT_ADD_TAIL);
    for (int i = 0; i < 10; i++)
        engine_set(e, 5, "x", (float)i);
    engine_run(e, 1);
    ck_assert_float_eq(e->out[0][0], 9);
    engine_finish(e, def);
}
END_TEST

START_TEST(synths_with_a_frame_start_on_it)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_level_def(e);
    for (uint32_t due = 1; due < 400; due += 100) {
        struct rt_synth *const synth = engine_synth(def, (int32_t)due);
        engine_send(e, (struct link_command){ .kind = LINK_SYNTH_ADD, .due_frame = due,
                                              .u.add = { .synth = synth } });
    }
    engine_run(e, 7);
    for (uint32_t i = 0; i < 7 * BLOCK; i++) {
        const uint32_t n = (1 <= i) + (101 <= i) + (201 <= i) + (301 <= i);
        ck_assert_float_eq(e->out[0][i], (float)n);
    }
    engine_finish(e, def);
}
END_TEST

START_TEST(full_queue_refuses_counts_and_gives_back)
{
    struct rt_config config = engine_config();
    config.n_sched_max = 4;
    struct engine *const e = engine_new(&config);
    struct rt_def *const def = engine_level_def(e);
    e->w->generations[1] = 1;
    for (int i = 0; i < 6; i++)
        engine_send_seq(e, (struct link_command){
                               .kind = LINK_VOICE, .due_frame = 1000,
                               .u.voice = { .synth = engine_synth(def, -1), .player_slot = 1,
                                            .generation = 1 } });
    engine_send(e, (struct link_command){ .kind = LINK_NODE_FREE,
                                          .due_frame = 1000,
                                          .request_id = 3 });
    engine_run(e, 1);
    /* the command ring comes first: its command and three voices found room */
    ck_assert_uint_eq(engine_status(e).n_dropped_commands, 3);
    ck_assert_uint_eq(e->n_synths_back, 3);
    engine_send(e, (struct link_command){ .kind = LINK_NODE_FREE,
                                          .due_frame = 1000,
                                          .request_id = 4 });
    engine_run(e, 1);
    ck_assert_uint_eq(engine_count_fails(e, PH_FULL), 1); /* a client is told */
    engine_finish(e, def);
}
END_TEST

START_TEST(ended_synths_wait_for_room_and_notifications_are_dropped_and_counted)
{
    struct rt_config config = engine_config();
    config.n_report_messages = 8;
    struct engine *const e = engine_new(&config);
    struct rt_def *const def = engine_level_def(e);
    e->hold_reports = true;
    for (int32_t id = 1; id <= 20; id++)
        engine_add(e, engine_synth(def, id), 0, RT_ADD_TAIL);
    engine_run(e, 1); /* 20 notifications: 8 go out */
    ck_assert_uint_eq(engine_status(e).n_dropped_reports, 12);
    engine_node(e, LINK_GROUP_FREE_ALL, 0, 0);
    engine_run(e, 1);
    ck_assert_uint_eq(engine_status(e).n_dropped_reports, 32);
    for (int i = 0; i < 5; i++) {
        engine_take_reports(e);
        engine_run(e, 1);
    }
    engine_take_reports(e);
    ck_assert_uint_eq(e->n_synths_back, 20);
    engine_finish(e, def);
}
END_TEST

enum { QUESTIONS = 1000 };

/** A question about nothing: all that comes of it is its answer. */
static void ask(struct engine *e, uint32_t request_id, uint64_t due_frame)
{
    static struct link_query questions[QUESTIONS + 1];
    questions[request_id].kind = LINK_QUERY_CONTROL_BUSES;
    engine_send(e, (struct link_command){ .kind = LINK_QUERY,
                                          .due_frame = due_frame,
                                          .request_id = request_id,
                                          .u.query = &questions[request_id] });
}

START_TEST(answers_that_somebody_waits_for_survive_a_full_ring)
{
    struct rt_config config = engine_config();
    config.n_report_messages = 2;
    config.n_command_messages = 1024;
    struct engine *const e = engine_new(&config);
    e->hold_reports = true;
    for (uint32_t i = 1; i <= QUESTIONS; i++)
        ask(e, i, 0);
    engine_run(e, 10);
    /* the ring and the backlog are full: the rest stays in
     * the command ring, where its sender sees it */
    ck_assert_uint_gt(link_ring_ready(&e->w->commands), 700);
    uint32_t next = 1;
    while (next <= QUESTIONS) {
        struct link_report report;
        if (!link_ring_pop(rt_world_reports(e->w), &report)) {
            engine_run(e, 1);
            continue;
        }
        ck_assert_int_eq(report.kind, LINK_REPORT_QUERY);
        ck_assert_uint_eq(report.request_id, next++);
    }
    engine_free(e);
}
END_TEST

START_TEST(panic_loses_no_answer_that_waits_for_its_time)
{
    struct rt_config config = engine_config();
    config.n_report_messages = 2;
    config.n_command_messages = config.n_sched_max = 1024;
    struct engine *const e = engine_new(&config);
    uint32_t n_answers = 0;
    for (uint32_t i = 1; i <= 600; i++)
        ask(e, i, 640);
    engine_node(e, LINK_PANIC, 0, 0);
    e->hold_reports = true;
    for (uint32_t i = 0; i < 600; i++) {
        struct link_report report;
        engine_run(e, 1);
        while (link_ring_pop(rt_world_reports(e->w), &report))
            ck_assert_uint_eq(report.request_id, ++n_answers);
    }
    ck_assert_uint_eq(n_answers, 600);
    engine_free(e);
}
END_TEST

START_TEST(a_question_is_answered_after_what_came_before_it)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_level_def(e);
    engine_add(e, engine_synth(def, 5), 0, RT_ADD_TAIL);
    ask(e, 77, 0);
    engine_run(e, 1);
    ck_assert_uint_eq(e->n_reports, 2);
    ck_assert_int_eq(e->reports[0].kind, LINK_REPORT_NODE);
    ck_assert_int_eq(e->reports[1].kind, LINK_REPORT_QUERY);
    ck_assert_uint_eq(e->reports[1].request_id, 77);
    engine_finish(e, def);
}
END_TEST

START_TEST(nodes_are_told_while_somebody_listens)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_level_def(e);
    engine_node(e, LINK_LISTEN, 0, 0);
    engine_add(e, engine_synth(def, 5), 0, RT_ADD_TAIL);
    engine_run(e, 1);
    ck_assert_uint_eq(e->n_reports, 0);
    engine_node(e, LINK_LISTEN, 0, 1);
    engine_node(e, LINK_NODE_FREE, 5, 0);
    engine_run(e, 1);
    ck_assert_uint_eq(engine_count_events(e, LINK_NODE_END, 5), 1);
    ck_assert_uint_eq(e->n_synths_back, 1);
    engine_finish(e, def);
}
END_TEST

START_TEST(buffers_change_hands_and_bad_numbers_come_back)
{
    struct engine *const e = engine_new(NULL);
    for (uint32_t i = 0; i < 3; i++) {
        struct dsp_buffer *const buffer = calloc(1, sizeof *buffer);
        *buffer = (struct dsp_buffer){ calloc(10, sizeof(float)), 10 + i, 1, 48000 };
        engine_send(e, (struct link_command){ .kind = LINK_BUFFER_SWAP, .request_id = i,
                                              .u.buffer = { buffer, i == 2 ? 8 : 3 } });
    }
    engine_run(e, 1);
    ck_assert_uint_eq(e->n_buffers_back, 3);
    ck_assert_uint_eq(e->w->env.buffers[3].n_frames, 11);
    ck_assert_int_eq(e->reports[0].status, PH_OK);
    ck_assert_int_eq(e->reports[2].status, PH_OUT_OF_RANGE);
    engine_free(e); /* gives back what the slot holds: the sanitizer would tell */
}
END_TEST

START_TEST(control_buses_are_set_and_bad_numbers_fail)
{
    struct engine *const e = engine_new(NULL);
    engine_send(e, (struct link_command){ .kind = LINK_CONTROL_BUS_SET, .u.bus = { 15, 2.5f } });
    engine_send(e, (struct link_command){ .kind = LINK_CONTROL_BUS_SET, .u.bus = { 16, 2.5f } });
    engine_run(e, 1);
    ck_assert_float_eq(e->w->env.control[15], 2.5f);
    ck_assert_uint_eq(engine_count_fails(e, PH_OUT_OF_RANGE), 1);
    engine_free(e);
}
END_TEST

START_TEST(a_control_bus_that_a_client_sets_is_a_trigger_for_one_block)
{
    struct engine *const e = engine_new(NULL);
    struct ph_build b;
    ph_build_begin(&b, "trigger");
    const struct ph_input bus = ph_build_constant(&b, 3);
    const struct ph_input channels[] = {
        ph_build_constant(&b, 4), ph_build_unit(&b, "InTrig", PH_CONTROL, 0, 1, &bus, 1, 0)
    };
    ph_build_unit(&b, "Out", PH_CONTROL, 0, 0, channels, 2, 0);
    struct rt_def *const def = engine_compile(e, &b);
    engine_add(e, engine_synth(def, 5), 0, RT_ADD_TAIL);
    for (int i = 0; i < 3; i++) { /* the same value again is a trigger, too */
        engine_run(e, 1);
        ck_assert_float_eq(e->w->env.control[4], 0);
        engine_send(e, (struct link_command){ .kind = LINK_CONTROL_BUS_SET, .u.bus = { 3, 2.5f } });
        engine_run(e, 1);
        ck_assert_float_eq(e->w->env.control[4], 2.5f);
    }
    engine_finish(e, def);
}
END_TEST

START_TEST(ports_nobody_writes_are_silent)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_level_def(e);
    memset(e->out[1], 0x55, ENGINE_FRAMES_MAX * sizeof(float));
    engine_add(e, engine_synth(def, 5), 0, RT_ADD_TAIL);
    engine_run(e, 1);
    engine_node(e, LINK_NODE_FREE, 5, 0);
    engine_run(e, 1);
    for (uint32_t i = 0; i < 2 * BLOCK; i++) {
        ck_assert_float_eq(e->out[0][i], i < BLOCK);
        ck_assert_float_eq(e->out[1][i], 0);
    }
    engine_finish(e, def);
}
END_TEST

START_TEST(what_the_driver_gets_is_always_finite)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_level_def(e);
    for (int i = 0; i < 2; i++) { /* each finite, their sum is not */
        struct rt_synth *const synth = engine_synth(def, 5 + i);
        ck_assert(nrt_synth_set(synth, engine_symbol(e, "x"), 3e38f));
        engine_add(e, synth, 0, RT_ADD_TAIL);
    }
    engine_run(e, 1);
    for (uint32_t i = 0; i < BLOCK; i++)
        ck_assert(isfinite(e->out[0][i]));
    ck_assert_uint_ge(engine_status(e).n_non_finite, 1);
    engine_finish(e, def);
}
END_TEST

START_TEST(fading_out_ends_in_silence_after_ten_milliseconds)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_level_def(e);
    engine_add(e, engine_synth(def, 5), 0, RT_ADD_TAIL);
    engine_run(e, 1);
    engine_node(e, LINK_FADE_OUT, 0, 0);
    engine_run(e, 20);
    for (uint32_t i = 1; i < 20 * BLOCK; i++) {
        const float expected = fmaxf(0, 1 - (float)i / 480);
        ck_assert_float_eq_tol(e->out[0][BLOCK + i], expected, 1e-5f);
    }
    ck_assert_float_eq(e->out[0][BLOCK + 520], 0);
    engine_finish(e, def);
}
END_TEST

START_TEST(draining_a_world_gives_everything_back)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_level_def(e);
    engine_add_group(e, 1, 0, RT_ADD_TAIL);
    engine_add(e, engine_synth(def, 5), 1, RT_ADD_TAIL);
    engine_run(e, 1);
    engine_add(e, engine_synth(def, 6), 1, RT_ADD_TAIL); /* still in the ring */
    engine_send_seq(e, (struct link_command){ .kind = LINK_VOICE, .due_frame = 9,
                                              .u.voice.synth = engine_synth(def, -1) });
    struct link_command add = { .kind = LINK_SYNTH_ADD, .due_frame = UINT64_MAX,
                                .u.add.synth = engine_synth(def, 7) };
    engine_send(e, add);
    engine_run(e, 0);
    engine_finish(e, def); /* what is lost here, the leak check finds */
}
END_TEST

START_TEST(unsound_sizes_are_refused)
{
    struct rt_config config = engine_config();
    struct rt_world *w = NULL;
    config.n_audio_buses = 1; /* fewer than outputs */
    ck_assert_int_eq(rt_world_new(&config, &w), PH_OUT_OF_RANGE);
    config = engine_config();
    config.cps = (struct ph_ratio){ 0, 1 };
    ck_assert_int_eq(rt_world_new(&config, &w), PH_OUT_OF_RANGE);
    rt_world_free(NULL);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("block");
    tcase_add_test(tests, commands_without_a_frame_run_at_the_next_block_in_order);
    tcase_add_test(tests, synths_with_a_frame_start_on_it);
    tcase_add_test(tests, full_queue_refuses_counts_and_gives_back);
    tcase_add_test(tests, ended_synths_wait_for_room_and_notifications_are_dropped_and_counted);
    tcase_add_test(tests, answers_that_somebody_waits_for_survive_a_full_ring);
    tcase_add_test(tests, panic_loses_no_answer_that_waits_for_its_time);
    tcase_add_test(tests, a_question_is_answered_after_what_came_before_it);
    tcase_add_test(tests, nodes_are_told_while_somebody_listens);
    tcase_add_test(tests, buffers_change_hands_and_bad_numbers_come_back);
    tcase_add_test(tests, control_buses_are_set_and_bad_numbers_fail);
    tcase_add_test(tests, a_control_bus_that_a_client_sets_is_a_trigger_for_one_block);
    tcase_add_test(tests, ports_nobody_writes_are_silent);
    tcase_add_test(tests, what_the_driver_gets_is_always_finite);
    tcase_add_test(tests, fading_out_ends_in_silence_after_ten_milliseconds);
    tcase_add_test(tests, draining_a_world_gives_everything_back);
    tcase_add_test(tests, unsound_sizes_are_refused);
    return engine_main("rt block", tests);
}
