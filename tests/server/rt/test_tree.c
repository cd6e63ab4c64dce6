/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/test_tree.c - nodes: where they go, in which order they play, how they end.    */
#include "server/rt/tree.h"
#include "tests/server/rt/engine.h"

#define IDS(...)                                                                                   \
    (uint32_t)(sizeof(int32_t[]){ __VA_ARGS__ } / sizeof(int32_t)), (int32_t[]){ __VA_ARGS__ }

/** Group 1 with level synths 10, 11, 12. */
static struct engine *three_nodes(struct rt_def **def)
{
    struct engine *const e = engine_new(NULL);
    *def = engine_level_def(e);
    engine_add_group(e, 1, 0, RT_ADD_TAIL);
    for (int32_t id = 10; id <= 12; id++)
        engine_add(e, engine_synth(*def, id), 1, RT_ADD_TAIL);
    engine_run(e, 1);
    engine_expect_children(e, 1, IDS(10, 11, 12));
    return e;
}

START_TEST(add_actions_put_nodes_where_they_say)
{
    struct rt_def *def;
    struct engine *const e = three_nodes(&def);
    engine_add(e, engine_synth(def, 20), 1, RT_ADD_HEAD);
    engine_add(e, engine_synth(def, 21), 1, RT_ADD_TAIL);
    engine_add(e, engine_synth(def, 22), 11, RT_ADD_BEFORE);
    engine_add(e, engine_synth(def, 23), 11, RT_ADD_AFTER);
    engine_add_group(e, 24, 12, RT_ADD_REPLACE);
    engine_run(e, 1);
    engine_expect_children(e, 1, IDS(20, 10, 22, 11, 23, 24, 21));
    ck_assert_uint_eq(e->n_synths_back, 1);
    engine_expect_children(e, 0, IDS(RT_PROGRAM_GROUP_ID, RT_EVENTS_GROUP_ID,
                                     RT_OUTPUT_GROUP_ID, 1));
    engine_finish(e, def);
}
END_TEST

START_TEST(who_is_replaced_is_hidden_first_so_that_its_id_may_come_back)
{
    struct rt_def *def;
    struct engine *const e = three_nodes(&def);
    engine_add(e, engine_synth(def, 11), 11, RT_ADD_REPLACE);
    engine_run(e, 1);
    engine_expect_children(e, 1, IDS(10, 11, 12));
    ck_assert_uint_eq(engine_count_events(e, LINK_NODE_END, 11), 0);
    ck_assert_uint_eq(engine_count_events(e, LINK_NODE_GO, 11), 2);
    const uint32_t before = e->n_reports;
    engine_send(e, (struct link_command){
                       .kind = LINK_SYNTH_ADD,
                       .u.add = { .synth = engine_synth(def, 30), .target = 11,
                                  .action = RT_ADD_REPLACE, .keeps_id = true } });
    engine_run(e, 1);
    ck_assert_int_eq(e->reports[before].u.node.id, 11);
    ck_assert_int_eq(e->reports[before].u.node.event, LINK_NODE_END);
    ck_assert_int_eq(e->reports[before].u.node.parent, -1); /* it has been taken out already */
    ck_assert_int_eq(e->reports[before + 1].u.node.id, 30);
    ck_assert_int_eq(e->reports[before + 1].u.node.prev, 10);
    engine_finish(e, def);
}
END_TEST

START_TEST(what_cannot_be_added_comes_back_with_the_reason)
{
    struct rt_def *def;
    struct engine *const e = three_nodes(&def);
    engine_add(e, engine_synth(def, 40), 99, RT_ADD_TAIL);    /* no such group */
    engine_add(e, engine_synth(def, 41), 10, RT_ADD_HEAD);    /* not a group */
    engine_add(e, engine_synth(def, 42), 99, RT_ADD_AFTER);   /* no such node */
    engine_add(e, engine_synth(def, 10), 1, RT_ADD_TAIL);     /* id in use */
    engine_add(e, engine_synth(def, 43), 0, RT_ADD_BEFORE);   /* nothing stands beside the root */
    engine_add(e, engine_synth(def, 44), 0, RT_ADD_REPLACE);  /* the root stays */
    engine_add(e, engine_synth(def, 45), RT_PROGRAM_GROUP_ID, RT_ADD_REPLACE);
    engine_run(e, 1);
    ck_assert_uint_eq(engine_count_fails(e, PH_GROUP_NOT_FOUND), 2);
    ck_assert_uint_eq(engine_count_fails(e, PH_NODE_NOT_FOUND), 1);
    ck_assert_uint_eq(engine_count_fails(e, PH_DUPLICATE_NODE), 1);
    ck_assert_uint_eq(engine_count_fails(e, PH_REPLACES_ROOT), 2);
    ck_assert_uint_eq(engine_count_fails(e, PH_ACCESS), 1);
    ck_assert_uint_eq(e->n_synths_back, 7);
    engine_expect_children(e, 1, IDS(10, 11, 12));
    engine_finish(e, def);
}
END_TEST

START_TEST(full_node_table_refuses_and_ended_nodes_make_room)
{
    struct rt_config config = engine_config();
    config.n_nodes_max = 4;
    struct engine *const e = engine_new(&config);
    struct rt_def *const def = engine_level_def(e);
    for (int32_t id = 1; id <= 6; id++)
        engine_add(e, engine_synth(def, id), 0, RT_ADD_TAIL);
    engine_run(e, 1);
    ck_assert_uint_eq(engine_count_fails(e, PH_TOO_MANY_NODES), 2);
    ck_assert_uint_eq(e->n_synths_back, 2);
    engine_node(e, LINK_NODE_FREE, 2, 0);
    engine_add(e, engine_synth(def, 7), 0, RT_ADD_TAIL);
    engine_run(e, 1);
    ck_assert_uint_eq(engine_count_events(e, LINK_NODE_GO, 7), 1);
    engine_finish(e, def);
}
END_TEST

START_TEST(existing_group_is_announced_again_and_its_twin_comes_back)
{
    struct rt_def *def;
    struct engine *const e = three_nodes(&def);
    engine_add_group(e, 1, 0, RT_ADD_HEAD);
    engine_run(e, 1);
    ck_assert_uint_eq(engine_count_events(e, LINK_NODE_GO, 1), 2);
    ck_assert_uint_eq(e->n_groups_back, 1);
    engine_expect_children(e, 1, IDS(10, 11, 12));
    engine_finish(e, def);
}
END_TEST

START_TEST(hidden_nodes_announce_nothing)
{
    struct rt_def *def;
    struct engine *const e = three_nodes(&def);
    const uint32_t before = e->n_reports;
    engine_add(e, engine_synth(def, -100), 1, RT_ADD_TAIL);
    engine_add(e, engine_synth(def, -1), 1, RT_ADD_TAIL);
    engine_add(e, engine_synth(def, -1), 1, RT_ADD_TAIL); /* any number of these */
    engine_run(e, 1);
    ck_assert_uint_eq(e->n_reports, before);
    engine_node(e, LINK_NODE_FREE, -100, 0);
    engine_run(e, 1);
    ck_assert_uint_eq(e->n_reports, before + 1); /* only the synth itself */
    ck_assert_int_eq(e->reports[before].kind, LINK_REPORT_SYNTH);
    engine_finish(e, def);
}
END_TEST

START_TEST(freeing_says_end_and_gives_back_and_unknown_nodes_fail)
{
    struct rt_def *def;
    struct engine *const e = three_nodes(&def);
    engine_node(e, LINK_NODE_FREE, 11, 0);
    engine_node(e, LINK_NODE_FREE, 11, 0);
    engine_node(e, LINK_NODE_FREE, 0, 0);
    engine_node(e, LINK_GROUP_FREE_ALL, 10, 0);
    engine_run(e, 1);
    engine_expect_children(e, 1, IDS(10, 12));
    ck_assert_uint_eq(engine_count_events(e, LINK_NODE_END, 11), 1);
    ck_assert_uint_eq(engine_count_fails(e, PH_NODE_NOT_FOUND), 1);
    /* the root stays, and nobody complains */
    ck_assert_uint_eq(engine_count_fails(e, PH_ACCESS), 0);
    ck_assert_uint_eq(engine_count_fails(e, PH_GROUP_NOT_FOUND), 1);
    engine_finish(e, def);
}
END_TEST

START_TEST(group_takes_its_nodes_along_children_first)
{
    struct rt_def *def;
    struct engine *const e = three_nodes(&def);
    engine_add_group(e, 2, 1, RT_ADD_TAIL);
    engine_add(e, engine_synth(def, 13), 2, RT_ADD_TAIL);
    engine_run(e, 1);
    const uint32_t before = e->n_reports;
    engine_node(e, LINK_NODE_FREE, 1, 0);
    engine_run(e, 1);
    static const int32_t order[] = { 10, 11, 12, 13, 2, 1 };
    for (uint32_t i = 0; i < 6; i++) {
        ck_assert_int_eq(e->reports[before + i].u.node.event, LINK_NODE_END);
        ck_assert_int_eq(e->reports[before + i].u.node.id, order[i]);
        ck_assert_int_eq(e->reports[before + i].u.node.parent, order[i] == 1 ? 0 : -1);
    }
    ck_assert_uint_eq(e->n_synths_back, 4);
    ck_assert_uint_eq(e->n_groups_back, 2);
    engine_finish(e, def);
}
END_TEST

START_TEST(freeing_all_of_the_root_leaves_the_programs_groups)
{
    struct rt_def *def;
    struct engine *const e = three_nodes(&def);
    engine_add(e, engine_synth(def, -1), RT_OUTPUT_GROUP_ID, RT_ADD_TAIL);
    engine_node(e, LINK_GROUP_FREE_ALL, 0, 0);
    engine_run(e, 1);
    engine_expect_children(e, 0, IDS(RT_PROGRAM_GROUP_ID, RT_EVENTS_GROUP_ID, RT_OUTPUT_GROUP_ID));
    engine_expect_children(e, RT_OUTPUT_GROUP_ID, IDS(-16));
    ck_assert_uint_eq(e->n_synths_back, 3);
    engine_finish(e, def);
}
END_TEST

START_TEST(groups_may_nest_as_deeply_as_there_are_nodes)
{
    struct rt_config config = engine_config();
    config.n_nodes_max = 100000;
    config.n_command_messages = 1 << 17;
    config.n_report_messages = 1 << 18;
    struct engine *const e = engine_new(&config);
    struct rt_def *const def = engine_level_def(e);
    for (int32_t id = 1; id < 99999; id++)
        engine_add_group(e, id, id - 1, RT_ADD_TAIL);
    engine_add(e, engine_synth(def, 99999), 99998, RT_ADD_TAIL);
    engine_run(e, 1);
    ck_assert_float_eq(e->out[0][0], 1);
    engine_set(e, 1, "x", 0.5f);
    engine_run(e, 1);
    ck_assert_float_eq(e->out[0][64], 0.5f);
    engine_node(e, LINK_NODE_FREE, 1, 0);
    engine_run(e, 1);
    ck_assert_uint_eq(e->n_groups_back, 99998);
    engine_finish(e, def);
}
END_TEST

START_TEST(setting_a_group_sets_every_synth_below_it)
{
    struct rt_def *def;
    struct engine *const e = three_nodes(&def);
    engine_add_group(e, 2, 1, RT_ADD_TAIL);
    engine_add(e, engine_synth(def, 13), 2, RT_ADD_TAIL);
    engine_set(e, 1, "x", 0.25f);
    engine_set(e, 10, "nobody knows it", 7);
    engine_set(e, 99, "x", 7);
    engine_send(e, (struct link_command){ .kind = LINK_NODE_SET,
                                          .u.set = { .id = 10, .index = 1000, .value = 7 } });
    engine_run(e, 1);
    ck_assert_float_eq(e->out[0][64], 4 * 0.25f);
    ck_assert_uint_eq(engine_count_fails(e, PH_NODE_NOT_FOUND), 1);
    engine_finish(e, def);
}
END_TEST

/* ---- order of execution ---------------------------------------------------------------------- */

/** In(0) + 1 doubled: what comes out tells the order in which synths ran. */
static struct rt_def *append_def(struct engine *e)
{
    struct ph_build b;
    ph_build_begin(&b, "append");
    const struct ph_input bus = ph_build_constant(&b, 0);
    const struct ph_input in = ph_build_unit(&b, "In", PH_AUDIO, 0, 1, &bus, 1, 0);
    const struct ph_input terms[] = { in, ph_build_constant(&b, 10),
                                      ph_build_control(&b, "digit", 0, PH_CONTROL) };
    const struct ph_input sum = ph_build_unit(&b, "MulAdd", PH_AUDIO, 0, 1, terms, 3, 0);
    const struct ph_input channels[] = { bus, sum };
    ph_build_unit(&b, "ReplaceOut", PH_AUDIO, 0, 0, channels, 2, 0);
    return engine_compile(e, &b);
}

START_TEST(nodes_play_depth_first_in_list_order)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = append_def(e);
    engine_add_group(e, 1, 0, RT_ADD_TAIL);
    engine_add_group(e, 2, 0, RT_ADD_TAIL);
    engine_add_group(e, 3, 1, RT_ADD_TAIL);
    static const int32_t places[][2] = { { 101, 1 }, { 103, 2 }, { 102, 3 }, { 104, 0 } };
    for (uint32_t i = 0; i < 4; i++) {
        engine_add(e, engine_synth(def, places[i][0]), places[i][1], RT_ADD_TAIL);
        engine_set(e, places[i][0], "digit", (float)(places[i][0] - 100));
    }
    engine_add(e, engine_synth(def, 102 + 3), 3, RT_ADD_HEAD);
    engine_set(e, 105, "digit", 5);
    engine_run(e, 1);
    ck_assert_float_eq(e->out[0][63], 52134); /* group 3 stands before 101 */
    engine_finish(e, def);
}
END_TEST

/* ---- pausing --------------------------------------------------------------------------------- */

START_TEST(paused_nodes_are_silent_keep_their_state_and_say_so_once)
{
    struct engine *const e = engine_new(NULL), *const twin = engine_new(NULL);
    struct rt_def *const def = engine_sine_def(e, 0), *const other = engine_sine_def(twin, 0);
    engine_add(e, engine_synth(def, 5), 0, RT_ADD_TAIL);
    engine_add(twin, engine_synth(other, 5), 0, RT_ADD_TAIL);
    engine_run(e, 2);
    engine_run(twin, 4);
    engine_node(e, LINK_NODE_RUN, 5, 0);
    engine_node(e, LINK_NODE_RUN, 5, 0);
    engine_run(e, 3);
    for (uint32_t i = 2 * 64; i < 5 * 64; i++)
        ck_assert_float_eq(e->out[0][i], 0);
    engine_node(e, LINK_NODE_RUN, 5, 1);
    engine_run(e, 2);
    for (uint32_t i = 0; i < 2 * 64; i++) /* goes on where it stopped, bit for bit */
        ck_assert(e->out[0][5 * 64 + i] == twin->out[0][2 * 64 + i]);
    ck_assert_uint_eq(engine_count_events(e, LINK_NODE_OFF, 5), 1);
    ck_assert_uint_eq(engine_count_events(e, LINK_NODE_ON, 5), 1);
    engine_finish(e, def);
    engine_finish(twin, other);
}
END_TEST

START_TEST(paused_group_stops_everything_below)
{
    struct rt_def *def;
    struct engine *const e = three_nodes(&def);
    engine_add_group(e, 2, 1, RT_ADD_TAIL);
    engine_add(e, engine_synth(def, 13), 2, RT_ADD_TAIL);
    engine_node(e, LINK_NODE_RUN, 1, 0);
    engine_run(e, 1);
    ck_assert_float_eq(e->out[0][64], 0);
    engine_node(e, LINK_NODE_RUN, 1, 1);
    engine_run(e, 1);
    ck_assert_float_eq(e->out[0][128], 4);
    engine_finish(e, def);
}
END_TEST

/* ---- done actions ---------------------------------------------------------------------------- */

enum { SELF = 100 };

/**
 * Group 1: [10] [group 2: 20 21] [SELF] [group 3: 30 31] [11], then done. Groups 2 and 3 stand
 * beside SELF.
 */
static void done(int action, bool groups, uint32_t n, const int32_t *left, uint32_t n_paused)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_level_def(e), *const ending = engine_done_def(e, action);
    engine_add_group(e, 1, 0, RT_ADD_TAIL);
    engine_add(e, engine_synth(def, 10), 1, RT_ADD_TAIL);
    if (groups) {
        engine_add_group(e, 2, 1, RT_ADD_TAIL);
        engine_add(e, engine_synth(def, 20), 2, RT_ADD_TAIL);
        engine_add_group(e, 22, 2, RT_ADD_TAIL);
        engine_add(e, engine_synth(def, 21), 22, RT_ADD_TAIL);
    }
    engine_add(e, engine_synth(ending, SELF), 1, RT_ADD_TAIL);
    if (groups) {
        engine_add_group(e, 3, 1, RT_ADD_TAIL);
        engine_add(e, engine_synth(def, 30), 3, RT_ADD_TAIL);
        engine_add_group(e, 33, 3, RT_ADD_TAIL);
        engine_add(e, engine_synth(def, 31), 33, RT_ADD_TAIL);
    }
    engine_add(e, engine_synth(def, 11), 1, RT_ADD_TAIL);
    engine_add(e, engine_synth(def, 12), 1, RT_ADD_TAIL);
    if (action == 15)
        engine_node(e, LINK_NODE_RUN, 11, 0);
    engine_run(e, 2);
    engine_set(e, SELF, "gate", 0);
    engine_run(e, 2);
    uint32_t n_found = 0, n_stopped = 0;
    for (struct rt_node *node = e->w->output.node.next; node;
         node = rt_tree_next(&e->w->root, node)) {
        ck_assert_msg(n_found < n && node->id == left[n_found], "action %d: node %d at %u", action,
                      node->id, n_found);
        n_found++;
        n_stopped += node->paused;
    }
    ck_assert_msg(n_found == n, "action %d leaves %u nodes", action, n_found);
    ck_assert_uint_eq(n_stopped, n_paused);
    nrt_def_release(ending);
    engine_finish(e, def);
}

START_TEST(done_actions_among_synths)
{
    done(0, false, IDS(1, 10, SELF, 11, 12), 0);
    done(1, false, IDS(1, 10, SELF, 11, 12), 1);
    done(2, false, IDS(1, 10, 11, 12), 0);
    done(3, false, IDS(1, 11, 12), 0);
    done(4, false, IDS(1, 10, 12), 0);
    done(5, false, IDS(1, 11, 12), 0);
    done(6, false, IDS(1, 10, 12), 0);
    done(7, false, IDS(1, 11, 12), 0);
    done(8, false, IDS(1, 10), 0);
    done(9, false, IDS(1, 10, 11, 12), 1);
    done(10, false, IDS(1, 10, 11, 12), 1);
    done(11, false, IDS(1, 11, 12), 0);
    done(12, false, IDS(1, 10, 12), 0);
    done(13, false, IDS(1), 0);
    done(14, false, 0, NULL, 0);
    done(15, false, IDS(1, 10, 11, 12), 0);
}
END_TEST

START_TEST(done_actions_beside_groups)
{
    done(3, true, IDS(1, 10, 3, 30, 33, 31, 11, 12), 0);
    done(4, true, IDS(1, 10, 2, 20, 22, 21, 11, 12), 0);
    done(5, true, IDS(1, 10, 2, 3, 30, 33, 31, 11, 12), 0);
    done(6, true, IDS(1, 10, 2, 20, 22, 21, 3, 11, 12), 0);
    done(7, true, IDS(1, 3, 30, 33, 31, 11, 12), 0);
    done(8, true, IDS(1, 10, 2, 20, 22, 21), 0);
    done(9, true, IDS(1, 10, 2, 20, 22, 21, 3, 30, 33, 31, 11, 12), 1);
    done(10, true, IDS(1, 10, 2, 20, 22, 21, 3, 30, 33, 31, 11, 12), 1);
    done(11, true, IDS(1, 10, 2, 22, 3, 30, 33, 31, 11, 12), 0);
    done(12, true, IDS(1, 10, 2, 20, 22, 21, 3, 33, 11, 12), 0);
    done(13, true, IDS(1), 0);
    done(14, true, 0, NULL, 0);
}
END_TEST

START_TEST(done_actions_at_the_root_spare_the_programs_groups)
{
    for (int action = 3; action <= 14; action++) {
        struct engine *const e = engine_new(NULL);
        struct rt_def *const ending = engine_done_def(e, action);
        engine_add(e, engine_synth(ending, 7), 0, RT_ADD_TAIL);
        engine_add(e, engine_synth(ending, -1), RT_OUTPUT_GROUP_ID, RT_ADD_TAIL);
        engine_run(e, 1);
        engine_set(e, 7, "gate", 0);
        engine_run(e, 2);
        engine_expect_children(e, 0,
                               IDS(RT_PROGRAM_GROUP_ID, RT_EVENTS_GROUP_ID, RT_OUTPUT_GROUP_ID));
        engine_expect_children(e, RT_OUTPUT_GROUP_ID, IDS(-16));
        nrt_def_release(ending);
        engine_free(e);
    }
}
END_TEST

START_TEST(what_stands_behind_in_an_ended_group_plays_no_more)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_level_def(e), *const ending = engine_done_def(e, 14);
    engine_add_group(e, 1, 0, RT_ADD_TAIL);
    engine_add(e, engine_synth(ending, 10), 1, RT_ADD_TAIL);
    engine_add(e, engine_synth(def, 11), 1, RT_ADD_TAIL);
    engine_set(e, 11, "out", 1);
    engine_run(e, 1);
    engine_set(e, 10, "gate", 0);
    engine_run(e, 4);
    uint32_t n_first = 0, n_behind = 0;
    for (uint32_t block = 0; block < 5; block++) {
        n_first += e->out[0][block * BLOCK] == 1;
        n_behind += e->out[1][block * BLOCK] == 1;
    }
    ck_assert_uint_eq(n_behind + 1, n_first); /* the one that asked for it still played its block */
    nrt_def_release(ending);
    engine_finish(e, def);
}
END_TEST

START_TEST(a_node_that_ends_with_its_group_and_by_itself_ends_once)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const self = engine_done_def(e, 2), *const all = engine_done_def(e, 14);
    engine_add_group(e, 1, 0, RT_ADD_TAIL);
    engine_add(e, engine_synth(self, 10), 1, RT_ADD_TAIL);
    engine_add(e, engine_synth(all, 11), 1, RT_ADD_TAIL);
    engine_run(e, 1);
    engine_set(e, 1, "gate", 0);
    engine_run(e, 2);
    for (int32_t id = 10; id <= 11; id++)
        ck_assert_uint_eq(engine_count_events(e, LINK_NODE_END, id), 1);
    ck_assert_uint_eq(e->n_synths_back, 2);
    ck_assert_uint_eq(e->n_groups_back, 1);
    nrt_def_release(all);
    engine_finish(e, self);
}
END_TEST

START_TEST(free_unit_ends_another_node)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_level_def(e);
    struct ph_build b;
    ph_build_begin(&b, "free");
    const struct ph_input in[] = { ph_build_control(&b, "t", 0, PH_CONTROL),
                                   ph_build_constant(&b, 3) };
    ph_build_unit(&b, "Free", PH_CONTROL, 0, 1, in, 2, 0);
    struct rt_def *const freeing = engine_compile(e, &b);
    engine_add(e, engine_synth(freeing, 2), 0, RT_ADD_TAIL);
    engine_add(e, engine_synth(def, 3), 0, RT_ADD_TAIL);
    engine_run(e, 1);
    ck_assert_uint_eq(e->n_synths_back, 0);
    engine_set(e, 2, "t", 1);
    engine_run(e, 1);
    ck_assert_uint_eq(engine_count_events(e, LINK_NODE_END, 3), 1);
    nrt_def_release(freeing);
    engine_finish(e, def);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("tree");
    tcase_add_test(tests, add_actions_put_nodes_where_they_say);
    tcase_add_test(tests, who_is_replaced_is_hidden_first_so_that_its_id_may_come_back);
    tcase_add_test(tests, what_cannot_be_added_comes_back_with_the_reason);
    tcase_add_test(tests, full_node_table_refuses_and_ended_nodes_make_room);
    tcase_add_test(tests, existing_group_is_announced_again_and_its_twin_comes_back);
    tcase_add_test(tests, hidden_nodes_announce_nothing);
    tcase_add_test(tests, freeing_says_end_and_gives_back_and_unknown_nodes_fail);
    tcase_add_test(tests, group_takes_its_nodes_along_children_first);
    tcase_add_test(tests, freeing_all_of_the_root_leaves_the_programs_groups);
    tcase_add_test(tests, groups_may_nest_as_deeply_as_there_are_nodes);
    tcase_add_test(tests, setting_a_group_sets_every_synth_below_it);
    tcase_add_test(tests, nodes_play_depth_first_in_list_order);
    tcase_add_test(tests, paused_nodes_are_silent_keep_their_state_and_say_so_once);
    tcase_add_test(tests, paused_group_stops_everything_below);
    tcase_add_test(tests, done_actions_among_synths);
    tcase_add_test(tests, done_actions_beside_groups);
    tcase_add_test(tests, done_actions_at_the_root_spare_the_programs_groups);
    tcase_add_test(tests, what_stands_behind_in_an_ended_group_plays_no_more);
    tcase_add_test(tests, a_node_that_ends_with_its_group_and_by_itself_ends_once);
    tcase_add_test(tests, free_unit_ends_another_node);
    return engine_main("rt tree", tests);
}
