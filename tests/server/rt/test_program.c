/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/test_program.c - the switch from one program to the next: what is heard of it. */
#include <math.h>
#include <string.h>

#include "server/rt/tree.h"
#include "tests/server/rt/engine.h"

enum { MAX = 16 };

#define IDS(...)                                                                                   \
    (uint32_t)(sizeof(int32_t[]){ __VA_ARGS__ } / sizeof(int32_t)), (int32_t[]){ __VA_ARGS__ }

/** A program under construction; the arrays outlive it. */
struct plan {
    struct rt_program *program;
    struct rt_entry entries[MAX];
    struct rt_player players[MAX];
    struct rt_initial initials[MAX];
    struct rt_carry carries[256];
};

static void plan_begin(struct plan *p)
{
    *p = (struct plan){ .program = calloc(1, sizeof *p->program) };
    p->program->entries = p->entries;
    p->program->players = p->players;
    p->program->initials = p->initials;
    p->program->carries = p->carries;
    p->program->revision = 1;
}

static void plan_entry(struct plan *p, enum rt_entry_kind kind, uint16_t slot, struct rt_node *node)
{
    p->entries[p->program->n_entries++] =
        (struct rt_entry){ .slot = slot, .kind = (uint8_t)kind, .node = node };
}

static void plan_replace(struct plan *p, uint16_t slot, const struct rt_synth *old,
                         struct rt_synth *new)
{
    plan_entry(p, RT_ENTRY_REPLACE, slot, &new->node);
    struct rt_entry *const entry = &p->entries[p->program->n_entries - 1];
    entry->first_carry = p->program->n_carries;
    entry->n_carries = nrt_synth_carry(old, new, p->carries + p->program->n_carries);
    p->program->n_carries += entry->n_carries;
}

static void plan_player(struct plan *p, uint16_t slot, uint32_t generation)
{
    p->players[p->program->n_players++] = (struct rt_player){ slot, generation };
}

static void plan_send(struct engine *e, struct plan *p, uint64_t frame)
{
    engine_send(e, (struct link_command){ .kind = LINK_PROGRAM_SWAP, .due_frame = frame,
                                          .u.program = p->program });
}

static struct rt_node *group(int32_t id)
{
    struct rt_group *g = NULL;
    ck_assert_int_eq(nrt_group_new(id, &g), PH_OK);
    return &g->node;
}

static struct rt_synth *in_slot(struct engine *e, uint16_t slot)
{
    return (struct rt_synth *)e->w->slots[slot];
}

/** One synth in slot 1, running for `n_blocks`. */
static struct engine *running(struct rt_def *(*make)(struct engine *), struct rt_def **def,
                              uint32_t n_blocks)
{
    struct engine *const e = engine_new(NULL);
    static struct plan p;
    *def = make(e);
    plan_begin(&p);
    plan_entry(&p, RT_ENTRY_ADD, 1, &engine_synth(*def, -1001)->node);
    plan_send(e, &p, 0);
    engine_run(e, n_blocks);
    ck_assert_uint_eq(e->n_programs_back, 1);
    return e;
}

static struct rt_def *keyed_sine(struct engine *e)
{
    return engine_sine_def(e, 42);
}

/* ---- adding, keeping, order ------------------------------------------------------------------ */

START_TEST(a_first_program_plays_at_full_level_from_its_first_frame)
{
    struct rt_def *def;
    struct engine *const e = running(engine_level_def, &def, 2);
    for (uint32_t i = 0; i < 2 * BLOCK; i++)
        ck_assert_float_eq(e->out[0][i], 1);
    ck_assert_uint_eq(engine_status(e).revision, 1);
    engine_expect_children(e, RT_PROGRAM_GROUP_ID, IDS(-1001));
    engine_finish(e, def);
}
END_TEST

START_TEST(sending_the_same_program_again_changes_no_bit)
{
    struct rt_def *def, *twin_def;
    struct engine *const e = running(keyed_sine, &def, 5);
    struct engine *const twin = running(keyed_sine, &twin_def, 5);
    static struct plan p;
    for (int i = 0; i < 50; i++) {
        plan_begin(&p);
        plan_entry(&p, RT_ENTRY_KEEP, 1, NULL);
        plan_send(e, &p, 0);
        engine_run(e, 1 + (uint32_t)i % 3);
    }
    engine_run(twin, e->n_frames / BLOCK - 5);
    ck_assert_uint_eq(e->n_programs_back, 51);
    ck_assert_int_eq(memcmp(e->out[0], twin->out[0], e->n_frames * sizeof(float)), 0);
    engine_finish(e, def);
    engine_finish(twin, twin_def);
}
END_TEST

START_TEST(nodes_take_the_order_of_their_entries)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_level_def(e);
    static struct plan p;
    plan_begin(&p);
    for (uint16_t slot = 1; slot <= 4; slot++)
        plan_entry(&p, RT_ENTRY_ADD, slot,
                   slot == 3 ? group(-1003) : &engine_synth(def, -1000 - slot)->node);
    plan_send(e, &p, 0);
    engine_run(e, 1);
    engine_expect_children(e, RT_PROGRAM_GROUP_ID, IDS(-1001, -1002, -1003, -1004));
    plan_begin(&p);
    static const uint16_t order[] = { 4, 2, 5, 1, 3 };
    for (uint32_t i = 0; i < 5; i++)
        plan_entry(&p, order[i] == 5 ? RT_ENTRY_ADD : RT_ENTRY_KEEP, order[i],
                   order[i] == 5 ? &engine_synth(def, -1005)->node : NULL);
    plan_send(e, &p, 0);
    engine_run(e, 1);
    engine_expect_children(e, RT_PROGRAM_GROUP_ID, IDS(-1004, -1002, -1005, -1001, -1003));
    engine_finish(e, def);
}
END_TEST

START_TEST(a_new_node_fades_in_over_five_milliseconds_when_asked)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_level_def(e);
    static struct plan p;
    plan_begin(&p);
    plan_entry(&p, RT_ENTRY_ADD, 1, &engine_synth(def, -1001)->node);
    p.entries[0].fade_in = true;
    plan_send(e, &p, 0);
    engine_run(e, 6);
    for (uint32_t i = 0; i < 256; i++)
        ck_assert_float_eq_tol(e->out[0][i], (float)i / 256, 1e-6f);
    for (uint32_t i = 256; i < 6 * BLOCK; i++)
        ck_assert_float_eq(e->out[0][i], 1);
    engine_finish(e, def);
}
END_TEST

/* ---- replacing ------------------------------------------------------------------------------- */

START_TEST(equal_content_with_carried_state_is_inaudible)
{
    struct rt_def *def, *twin_def;
    struct engine *const e = running(keyed_sine, &def, 7);
    struct engine *const twin = running(keyed_sine, &twin_def, 7);
    static struct plan p;
    for (int i = 0; i < 8; i++) { /* some while the last crossfade still runs */
        plan_begin(&p);
        plan_replace(&p, 1, in_slot(e, 1), engine_synth(def, -1001));
        ck_assert_uint_ge(p.program->n_carries, 1);
        plan_send(e, &p, 0);
        engine_run(e, i < 4 ? 8 : 4);
    }
    engine_run(e, 8);
    engine_run(twin, e->n_frames / BLOCK - 7);
    for (uint32_t i = 0; i < e->n_frames; i++) /* two gains that add up to 1, and three roundings */
        ck_assert_float_eq_tol(e->out[0][i], twin->out[0][i], 3e-7f);
    ck_assert_uint_eq(e->n_synths_back, 8);
    engine_finish(e, def);
    engine_finish(twin, twin_def);
}
END_TEST

START_TEST(old_and_new_crossfade_linearly)
{
    struct rt_def *def;
    struct engine *const e = running(engine_level_def, &def, 3);
    static struct plan p;
    plan_begin(&p);
    plan_replace(&p, 1, in_slot(e, 1), engine_synth(def, -1001));
    p.initials[p.program->n_initials++] = (struct rt_initial){ 1, engine_symbol(e, "x"), 3 };
    plan_send(e, &p, 0);
    engine_run(e, 8);
    for (uint32_t i = 0; i < 256; i++)
        ck_assert_float_eq_tol(e->out[0][3 * BLOCK + i], 1 + 2 * (float)i / 256, 1e-6f);
    for (uint32_t i = 7 * BLOCK; i < 11 * BLOCK; i++)
        ck_assert_float_eq(e->out[0][i], 3);
    ck_assert_uint_eq(e->n_synths_back, 1);
    engine_expect_children(e, RT_PROGRAM_GROUP_ID, IDS(-1001));
    ck_assert_ptr_eq(rt_table_find(&e->w->table, -1001), &in_slot(e, 1)->node);
    engine_finish(e, def);
}
END_TEST

START_TEST(steps_go_on_from_the_old_value)
{
    struct rt_def *def;
    struct engine *const e = running(engine_level_def, &def, 3);
    static struct plan p;
    engine_set(e, -1001, "x", 0.25f);
    engine_run(e, 1);
    plan_begin(&p);
    plan_replace(&p, 1, in_slot(e, 1), engine_synth(def, -1001)); /* its own initial value is 1 */
    plan_send(e, &p, 0);
    engine_run(e, 8);
    for (uint32_t i = 3 * BLOCK; i < 12 * BLOCK; i++)
        ck_assert_float_eq_tol(e->out[0][i], 0.25f, 1e-7f);
    engine_finish(e, def);
}
END_TEST

START_TEST(what_is_replaced_before_it_sounded_just_vanishes)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = keyed_sine(e);
    static struct plan p, q;
    struct rt_synth *const first = engine_synth(def, -1001);
    plan_begin(&p);
    plan_entry(&p, RT_ENTRY_ADD, 1, &first->node);
    plan_send(e, &p, 0);
    plan_begin(&q);
    plan_replace(&q, 1, first, engine_synth(def, -1001));
    plan_send(e, &q, 0);
    engine_run(e, 1);
    ck_assert_uint_eq(e->n_programs_back, 2);
    ck_assert_uint_eq(e->n_synths_back, 1);
    ck_assert(e->out[0][1] != 0 && e->out[0][1] < 0.1f); /* sin starts at 0, at full gain */
    ck_assert_float_eq_tol(e->out[0][27], 1, 0.01f);     /* a quarter of 440 Hz */
    engine_finish(e, def);
}
END_TEST

/* ---- long memory ----------------------------------------------------------------------------- */

/**
 * `n` feedback combs over a sine, `seconds` long each, the
 * last on bus 0: their sound is their memory.
 */
static struct rt_def *combs(struct engine *e, uint32_t n, float seconds)
{
    struct ph_build b;
    ph_build_begin(&b, "combs");
    struct ph_input channels[16] = { ph_build_constant(&b, 0) };
    const struct ph_input sine[] = { ph_build_control(&b, "freq", 440, PH_CONTROL),
                                     ph_build_constant(&b, 0) };
    const struct ph_input tone = ph_build_unit(&b, "SinOsc", PH_AUDIO, 0, 1, sine, 2, 900);
    for (uint32_t i = 0; i < n; i++) {
        const struct ph_input in[] = { tone, ph_build_constant(&b, seconds),
                                       ph_build_constant(&b, 0.004f + 0.0007f * (float)i),
                                       ph_build_constant(&b, 2) };
        channels[n - i] = ph_build_unit(&b, "CombL", PH_AUDIO, 0, 1, in, 4, 1000 + i);
    }
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 1 + n, 0);
    return engine_compile(e, &b);
}

static struct rt_def *short_combs(struct engine *e)
{
    return combs(e, 2, 0.005f); /* 512 frames, read just behind the writing: copied */
}

static struct rt_def *long_comb(struct engine *e)
{
    return combs(e, 2, 3); /* 2^18 frames: shared */
}

static struct rt_def *many_combs(struct engine *e)
{
    return combs(e, 10, 0.6f); /* 10 x 2^15: more than one switch copies */
}

static void replaced_combs_go_on(struct rt_def *(*make)(struct engine *), bool exchanged)
{
    struct rt_def *def, *twin_def;
    struct engine *const e = running(make, &def, 40), *const twin = running(make, &twin_def, 40);
    static struct plan p;
    for (int i = 0; i < 3; i++) {
        struct rt_synth *const new = engine_synth(def, -1001);
        plan_begin(&p);
        plan_replace(&p, 1, in_slot(e, 1), new);
        const struct rt_memory *const before = in_slot(e, 1)->memories[def->n_memories - 1];
        plan_send(e, &p, 0);
        engine_run(e, 10);
        if (exchanged)
            ck_assert_ptr_eq(in_slot(e, 1)->memories[def->n_memories - 1], before);
    }
    engine_run(twin, 30);
    for (uint32_t c = 0; c < 2; c++)
        for (uint32_t i = 0; i < e->n_frames; i++) /* levels up to 20: 2^-23 of that, a few times */
            ck_assert_float_eq_tol(e->out[c][i], twin->out[c][i], 1e-5f);
    engine_finish(e, def);
    engine_finish(twin, twin_def);
}

START_TEST(short_memory_is_copied_and_both_sound) { replaced_combs_go_on(short_combs, false); }
END_TEST
START_TEST(long_memory_is_shared) { replaced_combs_go_on(long_comb, true); }
END_TEST
START_TEST(too_much_memory_changes_hands) { replaced_combs_go_on(many_combs, true); }
END_TEST

/* ---- removing -------------------------------------------------------------------------------- */

/** In(4) -> Out(0). */
static struct rt_def *listener_def(struct engine *e)
{
    struct ph_build b;
    ph_build_begin(&b, "listener");
    const struct ph_input bus = ph_build_constant(&b, 4);
    const struct ph_input in = ph_build_unit(&b, "In", PH_AUDIO, 0, 1, &bus, 1, 0);
    const struct ph_input channels[] = { ph_build_constant(&b, 0), in };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 2, 0);
    return engine_compile(e, &b);
}

START_TEST(a_removed_node_fades_out_through_those_who_listen_to_it)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_level_def(e), *const listener = listener_def(e);
    static struct plan p;
    plan_begin(&p);
    plan_entry(&p, RT_ENTRY_ADD, 1, &engine_synth(def, -1001)->node);
    plan_entry(&p, RT_ENTRY_ADD, 2, &engine_synth(def, -1002)->node);
    plan_entry(&p, RT_ENTRY_ADD, 3, &engine_synth(listener, -1003)->node);
    for (uint32_t i = 0; i < 2; i++)
        ck_assert(nrt_synth_set((struct rt_synth *)p.entries[i].node, engine_symbol(e, "out"), 4));
    plan_send(e, &p, 0);
    engine_run(e, 2);
    plan_begin(&p);
    plan_entry(&p, RT_ENTRY_KEEP, 1, NULL);
    plan_entry(&p, RT_ENTRY_KEEP, 3, NULL);
    plan_entry(&p, RT_ENTRY_REMOVE, 2, NULL);
    plan_send(e, &p, 0);
    engine_run(e, 12);
    for (uint32_t i = 0; i < 12 * BLOCK; i++)
        ck_assert_float_eq_tol(e->out[0][2 * BLOCK + i], 1 + fmaxf(0, 1 - (float)i / 512), 1e-6f);
    ck_assert_uint_eq(e->n_synths_back, 1);
    nrt_def_release(listener);
    engine_finish(e, def);
}
END_TEST

START_TEST(voices_of_a_removed_group_live_on_and_end_it)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_done_def(e, 2);
    static struct plan p;
    plan_begin(&p);
    plan_entry(&p, RT_ENTRY_ADD, 1, group(-1001));
    plan_player(&p, 1, 1);
    plan_send(e, &p, 0);
    engine_send_seq(e, (struct link_command){
                           .kind = LINK_VOICE, .due_frame = 10,
                           .u.voice = { .synth = engine_synth(def, 500), .group_slot = 1,
                                        .player_slot = 1, .generation = 1 } });
    engine_run(e, 2);
    plan_begin(&p);
    plan_entry(&p, RT_ENTRY_REMOVE, 1, NULL);
    plan_player(&p, 1, 0);
    plan_send(e, &p, 0);
    engine_run(e, 20);
    ck_assert_float_eq(e->out[0][21 * BLOCK], 1);
    ck_assert_uint_eq(e->n_groups_back, 0);
    ck_assert_ptr_null(e->w->slots[1]);
    engine_set(e, 500, "gate", 0);
    engine_run(e, 2);
    ck_assert_uint_eq(e->n_groups_back, 1);
    ck_assert_uint_eq(e->n_synths_back, 1);
    engine_finish(e, def);
}
END_TEST

START_TEST(voices_of_a_group_that_nobody_hears_fade_with_it)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = engine_done_def(e, 2);
    static struct plan p;
    plan_begin(&p);
    plan_entry(&p, RT_ENTRY_ADD, 1, group(-1001));
    plan_player(&p, 1, 1);
    plan_send(e, &p, 0);
    engine_send_seq(e, (struct link_command){
                           .kind = LINK_VOICE, .due_frame = 10,
                           .u.voice = { .synth = engine_synth(def, 500), .group_slot = 1,
                                        .player_slot = 1, .generation = 1 } });
    engine_run(e, 2);
    plan_begin(&p);
    plan_entry(&p, RT_ENTRY_REMOVE, 1, NULL);
    p.entries[0].rings = true;
    plan_player(&p, 1, 0);
    plan_send(e, &p, 0);
    engine_run(e, 20);
    for (uint32_t i = 0; i < 10 * BLOCK; i++) /* 10 ms in whole blocks: 512 frames */
        ck_assert_float_eq_tol(e->out[0][2 * BLOCK + i], fmaxf(0, 1 - (float)i / 512), 1e-6f);
    ck_assert_uint_eq(e->n_groups_back, 1);
    ck_assert_uint_eq(e->n_synths_back, 1);
    engine_finish(e, def);
}
END_TEST

/* ---- time ------------------------------------------------------------------------------------ */

START_TEST(a_switch_waits_for_its_block_and_tells_frame_and_cycle)
{
    struct rt_def *def;
    struct engine *const e = running(engine_level_def, &def, 1);
    static struct plan p;
    plan_begin(&p);
    plan_entry(&p, RT_ENTRY_KEEP, 1, NULL);
    p.program->tempo = ph_tempo_change(&e->w->tempo, 5 * BLOCK, PH_RATIO(3, 4));
    p.program->has_tempo = true;
    plan_send(e, &p, 4 * BLOCK + 1); /* not a block's start: the next one */
    engine_run(e, 4);
    ck_assert_uint_eq(e->n_programs_back, 1);
    engine_run(e, 1);
    ck_assert_uint_eq(e->n_programs_back, 2);
    ck_assert_uint_eq(e->switch_frame, 5 * BLOCK);
    const struct ph_ratio cycle = PH_RATIO(5 * BLOCK, 2 * 48000);
    bool overflow = false;
    ck_assert_int_eq(ph_ratio_cmp(e->switch_cycle, ph_ratio_make(cycle.num, cycle.den, &overflow)),
                     0);
    const struct link_status s = engine_status(e);
    ck_assert_int_eq(s.tempo.cps.num, 3);
    ck_assert_int_eq(s.tempo.base_frame, 5 * BLOCK);
    engine_finish(e, def);
}
END_TEST

START_TEST(an_exact_switch_that_comes_late_goes_back_and_nothing_has_changed)
{
    struct rt_def *def;
    struct engine *const e = running(engine_level_def, &def, 1);
    static struct plan p;
    for (uint32_t late = 0; late < 2; late++) {
        plan_begin(&p);
        plan_entry(&p, RT_ENTRY_KEEP, 1, NULL);
        p.program->is_exact = true;
        p.program->revision = 77;
        p.program->tempo = ph_tempo_change(&e->w->tempo, 5 * BLOCK, PH_RATIO(3, 4));
        if (late)
            engine_run(e, 6);
        const uint64_t revision = e->w->revision;
        const struct ph_tempo before = e->w->tempo;
        plan_send(e, &p, late ? 5 * BLOCK : 3 * BLOCK);
        engine_run(e, 4);
        ck_assert_uint_eq(e->n_programs_back, 2 + late);
        ck_assert_int_eq(e->was_late, late);
        ck_assert_uint_eq(e->w->revision, late ? revision : 77);
        ck_assert_int_eq(e->w->tempo.base_frame, late ? before.base_frame : 5 * BLOCK);
    }
    engine_finish(e, def);
}
END_TEST

START_TEST(two_programs_in_one_breath_both_switch)
{
    struct rt_def *def;
    struct engine *const e = running(engine_level_def, &def, 1);
    static struct plan p, q;
    plan_begin(&p);
    plan_entry(&p, RT_ENTRY_ADD, 2, &engine_synth(def, -1002)->node);
    plan_send(e, &p, 100 * BLOCK);
    plan_begin(&q);
    plan_entry(&q, RT_ENTRY_KEEP, 1, NULL);
    plan_entry(&q, RT_ENTRY_KEEP, 2, NULL);
    plan_send(e, &q, 2 * BLOCK);
    engine_run(e, 4);
    ck_assert_uint_eq(e->n_programs_back, 3);
    ck_assert_float_eq(e->out[0][4 * BLOCK], 2);
    engine_finish(e, def);
}
END_TEST

static void send_events(struct engine *e, struct rt_def *def, uint32_t generation, uint64_t from,
                        uint64_t to)
{
    for (uint64_t frame = (from + 99) / 100 * 100; frame < to; frame += 100)
        engine_send_seq(e, (struct link_command){
                               .kind = LINK_VOICE, .due_frame = frame,
                               .u.voice = { .synth = engine_synth(def, -1), .group_slot = 1,
                                            .player_slot = 1, .generation = generation } });
}

/** A click of one frame. */
static struct rt_def *click_def(struct engine *e)
{
    struct ph_build b;
    ph_build_begin(&b, "click");
    const struct ph_input in[] = { ph_build_constant(&b, 0), ph_build_constant(&b, 0) };
    const struct ph_input click = ph_build_unit(&b, "Impulse", PH_AUDIO, 0, 1, in, 2, 0);
    const struct ph_input line[] = { ph_build_constant(&b, 0), ph_build_constant(&b, 0),
                                     ph_build_constant(&b, 0.001f), ph_build_constant(&b, 2) };
    ph_build_unit(&b, "Line", PH_CONTROL, 0, 1, line, 4, 0);
    const struct ph_input channels[] = { ph_build_constant(&b, 0), click };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 2, 0);
    return engine_compile(e, &b);
}

/*
 * Switches every few blocks, some of them late, while events are sent ahead as the sequencer does:
 * those of the new generation from the intended switch on, before the program itself.
 */
START_TEST(an_event_starts_once_if_its_onset_is_at_or_after_the_switch)
{
    struct rt_config config = engine_config();
    config.n_command_messages = config.n_sched_max = 4096;
    config.n_voices_max = 500;
    struct engine *const e = engine_new(&config);
    struct rt_def *const def = click_def(e);
    enum { HORIZON = 40 * BLOCK, SWITCHES = 60 };
    static struct plan plans[SWITCHES];
    uint64_t sent_to = HORIZON;
    for (uint32_t k = 0; k < SWITCHES; k++) {
        struct plan *const p = &plans[k];
        const uint64_t now = e->w->frame, intended = k == 0 ? 0 : now + 4 * BLOCK;
        if (now + HORIZON > sent_to)
            send_events(e, def, k, sent_to, now + HORIZON); /* the old player goes on */
        sent_to = now + HORIZON;
        send_events(e, def, k + 1, intended, now + HORIZON);
        if (k % 3 == 2) /* the command thread was slow: the switch comes three blocks late */
            engine_run(e, 7);
        plan_begin(p);
        plan_entry(p, k == 0 ? RT_ENTRY_ADD : RT_ENTRY_KEEP, 1, k == 0 ? group(-1001) : NULL);
        plan_player(p, 1, k + 1);
        plan_send(e, p, intended);
        engine_run(e, 6 + k % 5);
    }
    for (uint32_t i = 0; i < e->n_frames; i++)
        ck_assert_msg(e->out[0][i] == (i % 100 == 0), "frame %u: %f", i, (double)e->out[0][i]);
    ck_assert_uint_eq(engine_status(e).n_late, 0);
    ck_assert_uint_gt(engine_status(e).n_withdrawn, 100);
    engine_finish(e, def);
}
END_TEST

START_TEST(a_nudged_event_is_of_the_generation_that_ran_on_its_own_frame)
{
    static const struct {
        uint32_t generation, due, delay; /* in blocks */
        bool sounds;
    } events[] = { { 1, 6, 3, true }, { 1, 7, 1, false }, { 2, 8, 6, false }, { 2, 9, 4, true },
                   { 3, 10, 2, false } };
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = click_def(e);
    static struct plan plans[2];
    for (uint32_t k = 0; k < 2; k++) {
        plan_begin(&plans[k]);
        plan_entry(&plans[k], k == 0 ? RT_ENTRY_ADD : RT_ENTRY_KEEP, 1,
                   k == 0 ? group(-1001) : NULL);
        plan_player(&plans[k], 1, k + 1);
        plan_send(e, &plans[k], k * 4 * BLOCK);
        engine_run(e, 1); /* two at once would both switch at once */
    }
    for (uint32_t i = 0; i < 5; i++)
        engine_send_seq(e, (struct link_command){
                               .kind = LINK_VOICE, .due_frame = events[i].due * BLOCK,
                               .u.voice = { .synth = engine_synth(def, -1), .group_slot = 1,
                                            .player_slot = 1, .generation = events[i].generation,
                                            .delay_frames = events[i].delay * BLOCK } });
    engine_run(e, 10);
    for (uint32_t i = 0; i < 5; i++)
        ck_assert_float_eq(e->out[0][events[i].due * BLOCK], events[i].sounds);
    ck_assert_uint_eq(engine_status(e).n_withdrawn, 3);
    engine_finish(e, def);
}
END_TEST

/* ---- hush, panic ----------------------------------------------------------------------------- */

START_TEST(hush_fades_the_output_stage_and_the_next_program_undoes_it)
{
    struct rt_def *def;
    struct engine *const e = running(engine_level_def, &def, 1);
    static struct plan p;
    struct rt_synth *const stage = engine_synth(def, -4);
    ck_assert(nrt_synth_set(stage, engine_symbol(e, "out"), 1));
    engine_add(e, stage, RT_OUTPUT_GROUP_ID, RT_ADD_TAIL);
    engine_run(e, 1);
    engine_node(e, LINK_HUSH, 0, 0);
    engine_run(e, 10);
    for (uint32_t i = 0; i < 10 * BLOCK; i++) {
        ck_assert_float_eq_tol(e->out[1][2 * BLOCK + i], fmaxf(0, 1 - (float)i / 512), 1e-6f);
        ck_assert_float_eq(e->out[0][2 * BLOCK + i], 1); /* what is behind the stage plays on */
    }
    plan_begin(&p);
    plan_entry(&p, RT_ENTRY_KEEP, 1, NULL);
    plan_send(e, &p, 0);
    engine_run(e, 10);
    ck_assert_float_eq_tol(e->out[1][12 * BLOCK + 256], 0.5f, 1e-6f);
    ck_assert_float_eq(e->out[1][21 * BLOCK], 1);
    engine_node(e, LINK_HUSH, 0, 0);
    engine_node(e, LINK_HUSH, 0, 1);
    engine_run(e, 1);
    ck_assert_float_eq(e->out[1][22 * BLOCK], 1);
    engine_finish(e, def);
}
END_TEST

START_TEST(panic_overtakes_a_waiting_program_and_ends_every_program_node)
{
    struct rt_def *def;
    struct engine *const e = running(engine_level_def, &def, 1);
    static struct plan p;
    plan_begin(&p);
    plan_entry(&p, RT_ENTRY_KEEP, 1, NULL);
    plan_entry(&p, RT_ENTRY_ADD, 2, group(-1002));
    plan_entry(&p, RT_ENTRY_ADD, 3, &engine_synth(def, -1003)->node);
    plan_player(&p, 1, 5);
    plan_send(e, &p, 1000 * BLOCK);
    engine_node(e, LINK_PANIC, 0, 0);
    engine_run(e, 4);
    ck_assert_uint_eq(e->n_programs_back, 2);
    ck_assert_uint_eq(e->n_synths_back, 2);
    ck_assert_uint_eq(e->n_groups_back, 1);
    ck_assert_uint_eq(engine_children(e, RT_PROGRAM_GROUP_ID, NULL, 0), 0);
    ck_assert_float_eq_tol(e->out[0][BLOCK + 64], 0.5f, 1e-6f); /* 96 frames, rounded up to 128 */
    ck_assert_float_eq(e->out[0][3 * BLOCK], 0);
    ck_assert_uint_eq(e->w->generations[1], 0);
    plan_begin(&p); /* and the next one plays */
    plan_entry(&p, RT_ENTRY_ADD, 1, &engine_synth(def, -1001)->node);
    plan_send(e, &p, 0);
    engine_run(e, 1);
    ck_assert_float_eq(e->out[0][5 * BLOCK], 1);
    engine_finish(e, def);
}
END_TEST

START_TEST(a_program_about_slots_that_are_empty_does_no_harm)
{
    struct engine *const e = engine_new(NULL);
    struct rt_def *const def = keyed_sine(e);
    static struct plan p;
    struct rt_synth *const lost = engine_synth(def, -1), *const new = engine_synth(def, -1003);
    plan_begin(&p);
    plan_entry(&p, RT_ENTRY_KEEP, 1, NULL);
    plan_entry(&p, RT_ENTRY_REMOVE, 2, NULL);
    plan_replace(&p, 3, lost, new); /* its predecessor has ended by itself meanwhile */
    plan_player(&p, 60000, 1);
    p.initials[p.program->n_initials++] = (struct rt_initial){ 9, 1, 1 };
    plan_send(e, &p, 0);
    engine_run(e, 1);
    ck_assert_uint_eq(e->n_programs_back, 1);
    ck_assert_float_eq_tol(e->out[0][27], 1, 0.01f);
    nrt_synth_free(lost);
    engine_finish(e, def);
}
END_TEST

int main(void)
{
    TCase *const tests = tcase_create("program");
    tcase_add_test(tests, a_first_program_plays_at_full_level_from_its_first_frame);
    tcase_add_test(tests, sending_the_same_program_again_changes_no_bit);
    tcase_add_test(tests, nodes_take_the_order_of_their_entries);
    tcase_add_test(tests, a_new_node_fades_in_over_five_milliseconds_when_asked);
    tcase_add_test(tests, equal_content_with_carried_state_is_inaudible);
    tcase_add_test(tests, old_and_new_crossfade_linearly);
    tcase_add_test(tests, steps_go_on_from_the_old_value);
    tcase_add_test(tests, what_is_replaced_before_it_sounded_just_vanishes);
    tcase_add_test(tests, short_memory_is_copied_and_both_sound);
    tcase_add_test(tests, long_memory_is_shared);
    tcase_add_test(tests, too_much_memory_changes_hands);
    tcase_add_test(tests, a_removed_node_fades_out_through_those_who_listen_to_it);
    tcase_add_test(tests, voices_of_a_removed_group_live_on_and_end_it);
    tcase_add_test(tests, voices_of_a_group_that_nobody_hears_fade_with_it);
    tcase_add_test(tests, a_switch_waits_for_its_block_and_tells_frame_and_cycle);
    tcase_add_test(tests, a_nudged_event_is_of_the_generation_that_ran_on_its_own_frame);
    tcase_add_test(tests, an_exact_switch_that_comes_late_goes_back_and_nothing_has_changed);
    tcase_add_test(tests, two_programs_in_one_breath_both_switch);
    tcase_add_test(tests, an_event_starts_once_if_its_onset_is_at_or_after_the_switch);
    tcase_add_test(tests, hush_fades_the_output_stage_and_the_next_program_undoes_it);
    tcase_add_test(tests, panic_overtakes_a_waiting_program_and_ends_every_program_node);
    tcase_add_test(tests, a_program_about_slots_that_are_empty_does_no_harm);
    return engine_main("rt program", tests);
}
