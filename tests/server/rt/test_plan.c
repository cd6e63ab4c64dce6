/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/test_plan.c - levels and batches against a plain walk of the tree.             */
#include <math.h>
#include <string.h>

#include "server/rt/batch.h"
#include "server/rt/exec.h"
#include "server/rt/report.h"
#include "server/rt/tree.h"
#include "tests/server/rt/voices.h"

/*
 * What the synths here put on buses are multiples of 1/64 below 2^17: sums are exact, whatever
 * their order, so that buses must be equal to the bit.
 */
enum { N_AUDIO = 6, N_CONTROL = 4, N_DEFS = 6, N_NODES = 20, N_BLOCKS = 24, MODULUS = 1021 };

/* ---- defs ------------------------------------------------------------------------------------ */

/** A bus number that reaches its unit in one of the ways there are. */
static struct ph_input bus_input(struct ph_build *b, struct dice *d, const char *name, int n_buses)
{
    /* -1 and n: there is none */
    const float bus = (float)((int)dice(d, (uint32_t)n_buses + 2) - 1);
    const uint32_t way = dice(d, 12);
    if (way < 4)
        return ph_build_constant(b, bus);
    if (way < 9)
        return ph_build_control(b, name, bus, PH_CONTROL);
    if (way < 10)
        return ph_build_control(b, name, bus, PH_SCALAR);
    const struct ph_input control = ph_build_control(b, name, bus, PH_CONTROL);
    if (way < 11) {
        build_retype(b, control, "TrigControl");
        return control;
    }
    return build_binary(b, PH_CONTROL, PH_BINARY_ADD, control, ph_build_constant(b, 1));
}

static struct ph_input audio_of(struct ph_build *b, struct ph_input control)
{
    const struct ph_input one = BUILD(b, "DC", PH_AUDIO, ph_build_constant(b, 1));
    return build_binary(b, PH_AUDIO, PH_BINARY_MUL, one, control);
}

static struct ph_input source(struct ph_build *b, struct dice *d, struct ph_input x)
{
    switch (dice(d, 6)) {
    case 0:
    case 1:
        return BUILD(b, "In", PH_AUDIO, bus_input(b, d, "in", N_AUDIO));
    case 2:
        return BUILD(b, "InFeedback", PH_AUDIO, bus_input(b, d, "in", N_AUDIO));
    case 3:
        return audio_of(b, BUILD(b, "In", PH_CONTROL, bus_input(b, d, "in", N_CONTROL)));
    default:
        return audio_of(b, x);
    }
}

static void sink(struct ph_build *b, struct dice *d, const char *name, struct ph_input signal)
{
    static const char *const units[] = { "Out", "Out", "ReplaceOut", "OffsetOut" };
    const struct ph_input in[] = { bus_input(b, d, name, N_AUDIO), signal, signal };
    ph_build_unit(b, units[dice(d, 4)], PH_AUDIO, 0, 0, in, 2 + dice(d, 2), 0);
}

static void control_sink(struct ph_build *b, struct dice *d, struct ph_input x)
{
    const struct ph_input read = BUILD(b, "In", PH_CONTROL, bus_input(b, d, "in", N_CONTROL));
    const struct ph_input sum = build_binary(b, PH_CONTROL, PH_BINARY_ADD, read, x);
    const struct ph_input in[] = { bus_input(b, d, "out", N_CONTROL),
                                   build_binary(b, PH_CONTROL, PH_BINARY_MOD, sum,
                                                ph_build_constant(b, MODULUS)) };
    ph_build_unit(b, dice(d, 2) ? "Out" : "ReplaceOut", PH_CONTROL, 0, 0, in, 2, 0);
}

static struct ph_input bounded(struct ph_build *b, struct ph_input signal, struct ph_input x)
{
    const struct ph_input rest =
        build_binary(b, PH_AUDIO, PH_BINARY_MOD, signal, ph_build_constant(b, MODULUS));
    return build_binary(b, PH_AUDIO, PH_BINARY_ADD, rest, x);
}

/** Def `which` of a seed; 0 mixes a constant on a bus that is a control, so that batches form. */
static struct rt_def *random_def(struct engine *e, uint64_t seed, int which)
{
    struct dice d = { seed * 100 + (uint64_t)which };
    struct ph_build b;
    ph_build_begin(&b, "random");
    const struct ph_input x = ph_build_control(&b, "x", (float)(1 + dice(&d, 9)), PH_CONTROL);
    const struct ph_input gate = ph_build_control(&b, "gate", 1, PH_CONTROL);
    if (which == 0) {
        const struct ph_input in[] = { ph_build_control(&b, "out", 0, PH_CONTROL),
                                       audio_of(&b, x) };
        ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, in, 2, 0);
        return engine_compile(e, &b);
    }
    if (dice(&d, 4) == 0)
        build_envelope(&b, gate, 0, 0.001f, (int)dice(&d, 16));
    if (dice(&d, 5) == 0) {
        control_sink(&b, &d, x);
        return engine_compile(e, &b);
    }
    sink(&b, &d, "out", bounded(&b, source(&b, &d, x), x));
    if (dice(&d, 5) == 0)
        sink(&b, &d, "out2",
             bounded(&b, BUILD(&b, "In", PH_AUDIO, bus_input(&b, &d, "in2", N_AUDIO)), x));
    return engine_compile(e, &b);
}

/* ---- a plain walk ---------------------------------------------------------------------------- */

static void doom(struct rt_world *w, struct rt_node *node)
{
    if (node && !rt_tree_is_fixed(w, node))
        rt_tree_doom(w, node);
}

static void doom_inside(struct rt_world *w, struct rt_node *node, bool deep)
{
    if (!node || rt_tree_is_fixed(w, node))
        return;
    if (!node->is_group) {
        doom(w, node);
        return;
    }
    struct rt_group *const group = (struct rt_group *)node;
    for (struct rt_node *n = group->head; n; n = deep ? rt_tree_next(group, n) : n->next)
        if (!deep || !n->is_group)
            doom(w, n);
}

static void run_node(struct rt_world *w, struct rt_node *node, bool runs)
{
    if (node && !rt_tree_is_fixed(w, node))
        rt_tree_run(w, node, runs);
}

/** What a done action does (SuperCollider's Done help file), on a tree that is being walked. */
static void act(struct rt_world *w, struct rt_node *self, uint32_t action)
{
    if (action == 1)
        run_node(w, self, false);
    if (action < 2)
        return;
    if (action == 3 || action == 4)
        doom(w, action == 3 ? self->prev : self->next);
    if (action == 5 || action == 6)
        doom_inside(w, action == 5 ? self->prev : self->next, false);
    for (struct rt_node *n = self->prev; action == 7 && n; n = n->prev)
        doom(w, n);
    for (struct rt_node *n = self->next; action == 8 && n; n = n->next)
        doom(w, n);
    if (action == 9 || action == 10)
        run_node(w, action == 9 ? self->prev : self->next, false);
    if (action == 11 || action == 12)
        doom_inside(w, action == 11 ? self->prev : self->next, true);
    for (struct rt_node *n = self->parent->head; action == 13 && n; n = n->next)
        doom(w, n);
    if (action == 14)
        doom(w, &self->parent->node);
    if (action == 15)
        run_node(w, self->next, true);
    doom(w, self);
}

static void plain_block(struct engine *e)
{
    struct rt_world *const w = e->w;
    const struct rt_runner runner = { &w->env, w->wires };
    w->env.block++;
    for (struct rt_node *node = w->root.head; node;) {
        if (node->paused || node->state != RT_NODE_LIVE) {
            node = rt_tree_skip(&w->root, node);
            continue;
        }
        if (!node->is_group) {
            struct rt_synth *const synth = (struct rt_synth *)node;
            rt_exec_synth(&runner, synth);
            for (uint32_t action = 1; action < 16; action++)
                if (synth->dsp->done & 1u << action)
                    act(w, node, action);
        }
        /* a synth may have ended or paused what it is in: groups above are looked at again */
        struct rt_node *silent = NULL;
        for (struct rt_group *g = node->parent; g; g = g->node.parent)
            if (g->node.paused || g->node.state != RT_NODE_LIVE)
                silent = &g->node;
        node = silent ? rt_tree_skip(&w->root, silent) : rt_tree_next(&w->root, node);
    }
    rt_tree_sweep(w);
    rt_report_flush(w);
    w->frame += BLOCK;
    engine_take_reports(e);
}

/* ---- random trees ---------------------------------------------------------------------------- */

struct twins {
    struct engine *e[2]; /* the second walks plainly */
    struct rt_def *defs[2][N_DEFS];
    struct dice d;
    int32_t next_id;
    uint32_t n_lanes; /* over all blocks */
};

static struct rt_node *find(const struct twins *t, int which, int32_t id)
{
    return rt_table_find(&t->e[which]->w->table, id);
}

/** A node that is there, or the root. */
static int32_t any_id(struct twins *t)
{
    const int32_t id = 1 + (int32_t)dice(&t->d, (uint32_t)t->next_id);
    return find(t, 0, id) ? id : 0;
}

/** def N_DEFS: a group. */
static void add_one(struct twins *t, uint32_t which, int32_t target, uint8_t action)
{
    const int32_t id = t->next_id++;
    const bool group = which == N_DEFS;
    const uint32_t first = dice(&t->d, 3) == 0 ? dice(&t->d, BLOCK) : 0;
    const float x = (float)(1 + dice(&t->d, 50)), out = (float)((int)dice(&t->d, 8) - 1);
    for (int i = 0; i < 2; i++) {
        struct rt_synth *synth = NULL;
        struct rt_group *made = NULL;
        if (group)
            ck_assert_int_eq(nrt_group_new(id, &made), PH_OK);
        else
            synth = engine_synth(t->defs[i][which], id);
        if (synth) {
            synth->dsp->first_frame = first;
            nrt_synth_set(synth, engine_symbol(t->e[i], "x"), x);
            if (which == 0)
                nrt_synth_set(synth, engine_symbol(t->e[i], "out"), out);
        }
        rt_tree_add(t->e[i]->w, synth ? &synth->node : &made->node, target, action, false);
    }
}

/** A synth, a group, or some synths of a kind side by side. */
static void add_node(struct twins *t)
{
    const int32_t target = any_id(t);
    const struct rt_node *const at = find(t, 0, target);
    const uint8_t action = (uint8_t)(at->is_group ? dice(&t->d, target ? 4 : 2)
                                                  : RT_ADD_BEFORE + dice(&t->d, 3));
    const uint32_t which = dice(&t->d, 2) ? 0 : dice(&t->d, N_DEFS + 1);
    add_one(t, which, target, action);
    for (uint32_t n = which == 0 && action < RT_ADD_REPLACE ? dice(&t->d, 7) : 0; n > 0; n--)
        add_one(t, which, target, action);
}

static void set_node(struct twins *t, int32_t id)
{
    static const char *const names[] = { "x", "in", "out", "gate", "gate", "x" };
    const uint32_t which = dice(&t->d, 6);
    const float value = which == 3 || which == 4 ? 0 : (float)((int)dice(&t->d, 8) - 1);
    for (int i = 0; i < 2; i++) {
        struct rt_node *const node = find(t, i, id);
        uint32_t control;
        if (!node->is_group && rt_exec_find(((struct rt_synth *)node)->def,
                                            engine_symbol(t->e[i], names[which]), 0, &control))
            rt_exec_set(t->e[i]->w, (struct rt_synth *)node, control, value, 0);
    }
}

/** Within its group; a synth also into another. */
static void move_node(struct rt_world *w, struct rt_node *node, struct rt_node *to, uint32_t at)
{
    struct rt_group *const group =
        !node->is_group && to->is_group ? (struct rt_group *)to : node->parent;
    struct rt_node *place = group->head;
    for (uint32_t k = 0; k < at && place; k++)
        place = place->next;
    rt_tree_move(w, group, node, place);
}

static void change(struct twins *t)
{
    const int32_t id = any_id(t);
    const int32_t other = any_id(t);
    const uint32_t kind = dice(&t->d, 12), runs = dice(&t->d, 3), at = dice(&t->d, 4);
    if (id == 0 || kind < 2) {
        add_node(t);
        return;
    }
    if (kind < 8)
        set_node(t, id);
    for (int i = 0; i < 2 && kind >= 8; i++) {
        struct rt_world *const w = t->e[i]->w;
        struct rt_node *const node = find(t, i, id);
        if (kind == 8)
            rt_tree_remove(w, node);
        else if (kind < 11)
            rt_tree_run(w, node, runs > 0);
        else
            move_node(w, node, find(t, i, other), at);
    }
}

static void expect_same_buses(const struct twins *t, uint64_t seed, int block)
{
    const struct dsp_env *const a = &t->e[0]->w->env, *const b = &t->e[1]->w->env;
    for (uint32_t bus = 0; bus < N_AUDIO; bus++) {
        const bool fresh = b->audio[bus].touched == b->block;
        REQUIRE((a->audio[bus].touched == a->block) == fresh, "seed %d, block %d: bus %u written",
                (int)seed, block, bus);
        for (uint32_t i = 0; i < BLOCK && fresh; i++)
            REQUIRE(a->audio[bus].frames[i] == b->audio[bus].frames[i],
                    "seed %d, block %d, bus %u, frame %u: %.9g for %.9g", (int)seed, block, bus, i,
                    (double)a->audio[bus].frames[i], (double)b->audio[bus].frames[i]);
    }
    for (uint32_t bus = 0; bus < N_CONTROL; bus++)
        REQUIRE(a->control[bus] == b->control[bus], "seed %d, block %d, control bus %u: %g for %g",
                (int)seed, block, bus, (double)a->control[bus], (double)b->control[bus]);
}

static void expect_same_trees(const struct twins *t, uint64_t seed, int block)
{
    struct rt_group *const a = &t->e[0]->w->root, *const b = &t->e[1]->w->root;
    struct rt_node *x = a->head, *y = b->head;
    for (; x && y; x = rt_tree_next(a, x), y = rt_tree_next(b, y))
        REQUIRE(x->id == y->id && x->paused == y->paused, "seed %d, block %d: node %d for %d",
                (int)seed, block, x->id, y->id);
    REQUIRE(!x && !y, "seed %d, block %d: one tree has more nodes", (int)seed, block);
}

/** Levels rise; tasks of one level stand in the order of the tree, as `tasks` does. */
static void expect_order(const struct rt_plan *plan)
{
    for (uint32_t i = 0; i < plan->n_tasks; i++) {
        const struct rt_task *const task = plan->sorted[i];
        REQUIRE(i >= plan->level_first[task->level] && i < plan->level_first[task->level + 1],
                "task %u is not in its level", i);
        const struct rt_task *const before = i > 0 ? plan->sorted[i - 1] : NULL;
        REQUIRE(!before || before->level < task->level || before < task, "task %u comes too late",
                i);
    }
}

static void play_seed(uint64_t seed, uint32_t *n_lanes)
{
    struct rt_config config = engine_config();
    config.n_audio_buses = N_AUDIO;
    config.n_control_buses = N_CONTROL;
    config.n_nodes_max = 400;
    struct twins t = { .d = { seed }, .next_id = 1 };
    for (int i = 0; i < 2; i++) {
        /* nobody helps, but what is written is logged */
        config.n_threads = i == 0 && seed % 2 ? 2 : 1;
        t.e[i] = engine_new(&config);
        for (int k = 0; k < N_DEFS; k++)
            t.defs[i][k] = random_def(t.e[i], seed, k);
    }
    for (uint32_t i = 0; i < N_NODES; i++)
        add_node(&t);
    for (int block = 0; block < N_BLOCKS; block++) {
        engine_run(t.e[0], 1);
        plain_block(t.e[1]);
        expect_same_buses(&t, seed, block);
        expect_same_trees(&t, seed, block);
        expect_order(&t.e[0]->w->plan);
        *n_lanes += voices_lanes(t.e[0]);
        for (uint32_t k = dice(&t.d, 4); k > 0; k--)
            change(&t);
    }
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < N_DEFS; k++)
            nrt_def_release(t.defs[i][k]);
        engine_free(t.e[i]);
    }
}

START_TEST(the_plan_gives_the_buses_of_a_plain_walk)
{
    uint32_t n_lanes = 0;
    for (uint64_t seed = 0; seed < 50; seed++)
        play_seed((uint64_t)_i * 50 + seed, &n_lanes);
    ck_assert_uint_gt(n_lanes, 5000); /* batches were among them */
}
END_TEST

/* ---- levels by hand -------------------------------------------------------------------------- */

enum use { ADDS, REPLACES, READS, FEEDBACK, COMPUTED, TRIGGERED };

/** A def that does one thing to bus control `bus` (and puts 1 there, or what it reads on bus 5). */
static struct rt_def *use_def(struct engine *e, enum use use)
{
    struct ph_build b;
    ph_build_begin(&b, "use");
    struct ph_input bus = ph_build_control(&b, "bus", 0, PH_CONTROL);
    if (use == TRIGGERED)
        build_retype(&b, bus, "TrigControl");
    if (use == COMPUTED)
        bus = build_binary(&b, PH_CONTROL, PH_BINARY_ADD, bus, ph_build_constant(&b, 0));
    struct ph_input signal = BUILD(&b, "DC", PH_AUDIO, ph_build_constant(&b, 1));
    if (use == READS || use == FEEDBACK) {
        signal = BUILD(&b, use == READS ? "In" : "InFeedback", PH_AUDIO, bus);
        bus = ph_build_constant(&b, 5);
    }
    const struct ph_input in[] = { bus, signal };
    ph_build_unit(&b, use == REPLACES ? "ReplaceOut" : "Out", PH_AUDIO, 0, 0, in, 2, 0);
    return engine_compile(e, &b);
}

struct row { enum use use; float bus; uint32_t level; };

/** Plays the synths of a table, in order, and expects their levels. */
static void expect_levels(const struct row *rows, uint32_t n)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *defs[16];
    for (uint32_t i = 0; i < n; i++) {
        defs[i] = use_def(e, rows[i].use);
        struct rt_synth *const synth = engine_synth(defs[i], 10 + (int32_t)i);
        nrt_synth_set(synth, engine_symbol(e, "bus"), rows[i].bus);
        engine_add(e, synth, 0, RT_ADD_TAIL);
    }
    engine_run(e, 2);
    ck_assert_uint_eq(e->w->plan.n_tasks, n);
    for (uint32_t i = 0; i < n; i++) {
        const struct rt_task *const task = &e->w->plan.tasks[i];
        ck_assert_int_eq(task->synth->node.id, 10 + (int32_t)i);
        ck_assert_msg(task->level == rows[i].level, "row %u: level %u for %u", i, task->level,
                      rows[i].level);
    }
    for (uint32_t i = 0; i < n; i++)
        nrt_def_release(defs[i]);
    engine_free(e);
}
#define EXPECT_LEVELS(...)                                                                         \
    expect_levels((struct row[]){ __VA_ARGS__ },                                                   \
                  sizeof((struct row[]){ __VA_ARGS__ }) / sizeof(struct row))

START_TEST(those_who_hear_each_other_have_different_levels)
{
    EXPECT_LEVELS({ ADDS, 2, 0 }, { ADDS, 2, 0 }, { READS, 2, 1 }, { READS, 2, 1 }, { ADDS, 2, 2 });
    EXPECT_LEVELS({ ADDS, 2, 0 }, { ADDS, 3, 0 }, { READS, 3, 1 }, { ADDS, 4, 0 }, { READS, 4, 1 });
    EXPECT_LEVELS({ ADDS, 2, 0 }, { REPLACES, 2, 1 }, { REPLACES, 2, 2 }, { ADDS, 2, 3 });
    EXPECT_LEVELS({ FEEDBACK, 2, 0 }, { ADDS, 2, 1 }, { FEEDBACK, 2, 2 });
    EXPECT_LEVELS({ READS, 2, 0 }, { REPLACES, 2, 1 }, { REPLACES, 3, 0 });
    EXPECT_LEVELS({ ADDS, -1, 0 }, { READS, -1, 0 }, { ADDS, 9999, 0 }, { READS, 9999, 0 });
}
END_TEST

START_TEST(a_computed_bus_stands_between_everything)
{
    EXPECT_LEVELS({ ADDS, 2, 0 }, { COMPUTED, 3, 1 }, { ADDS, 4, 2 }, { READS, 4, 3 },
                  { COMPUTED, 3, 4 });
    EXPECT_LEVELS({ ADDS, 2, 0 }, { TRIGGERED, 3, 1 }, { ADDS, 4, 2 });
    EXPECT_LEVELS({ COMPUTED, 2, 0 }, { COMPUTED, 2, 1 });
}
END_TEST

/** Lanes on a bus that isn't there hide no others. */
START_TEST(every_lane_counts_for_the_level)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const adds = use_def(e, ADDS), *const reads = use_def(e, READS);
    for (int32_t i = 0; i < 8; i++) {
        struct rt_synth *const synth = engine_synth(adds, 10 + i);
        nrt_synth_set(synth, engine_symbol(e, "bus"), i == 7 ? 0 : -1);
        engine_add(e, synth, 0, RT_ADD_TAIL);
    }
    engine_add(e, engine_synth(reads, 30), 0, RT_ADD_TAIL);
    engine_run(e, 3);
    ck_assert_uint_ge(voices_lanes(e), 8);
    const struct rt_plan *const plan = &e->w->plan;
    ck_assert_uint_eq(plan->tasks[plan->n_tasks - 1].level, 1);
    ck_assert_float_eq(e->w->env.audio[5].frames[63], 1);
    nrt_def_release(adds);
    nrt_def_release(reads);
    engine_free(e);
}
END_TEST

START_TEST(a_bus_that_a_control_names_is_planned_anew)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const adds = use_def(e, ADDS), *const reads = use_def(e, READS);
    engine_add(e, engine_synth(reads, 11), 0, RT_ADD_TAIL);
    engine_add(e, engine_synth(adds, 10), 0, RT_ADD_HEAD);
    engine_set(e, 11, "bus", 7);
    engine_run(e, 2);
    ck_assert_uint_eq(e->w->plan.n_levels, 1);
    engine_set(e, 10, "bus", 7);
    engine_run(e, 1);
    ck_assert_uint_eq(e->w->plan.n_levels, 2);
    ck_assert_float_eq(e->w->env.audio[5].frames[0], 1);
    engine_set(e, 0, "bus", 3); /* a group's */
    engine_run(e, 1);
    ck_assert_uint_eq(e->w->plan.n_levels, 2);
    ck_assert_float_eq(e->w->env.audio[5].frames[0], 1);
    nrt_def_release(adds);
    nrt_def_release(reads);
    engine_free(e);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("plan");
    tcase_add_loop_test(tests, the_plan_gives_the_buses_of_a_plain_walk, 0, 10);
    tcase_add_test(tests, those_who_hear_each_other_have_different_levels);
    tcase_add_test(tests, a_computed_bus_stands_between_everything);
    tcase_add_test(tests, every_lane_counts_for_the_level);
    tcase_add_test(tests, a_bus_that_a_control_names_is_planned_anew);
    return engine_main("rt plan", tests);
}
