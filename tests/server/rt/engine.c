/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/rt/engine.c - an engine without driver.                                           */
#include "tests/server/rt/engine.h"

#include <stdlib.h>
#include <string.h>

#include "server/rt/tree.h"

struct rt_config engine_config(void)
{
    struct rt_config config;
    rt_config_defaults(&config);
    config.n_inputs = 0;
    config.n_audio_buses = 16;
    config.n_control_buses = 16;
    config.n_buffers = config.n_client_buffers = 8;
    config.n_nodes_max = 64;
    config.n_voices_max = 8;
    config.n_command_messages = 256;
    config.n_report_messages = 512;
    config.n_sched_max = 256;
    config.n_audio_wires_max = 64;
    return config;
}

struct engine *engine_new(const struct rt_config *config)
{
    const struct rt_config small = engine_config();
    struct engine *const e = calloc(1, sizeof *e);
    ck_assert_ptr_nonnull(e);
    ck_assert_int_eq(rt_world_new(config ? config : &small, &e->w), PH_OK);
    ck_assert_int_eq(nrt_symbols_new(&e->symbols), PH_OK);
    for (int c = 0; c < 2; c++)
        e->out[c] = calloc(ENGINE_FRAMES_MAX, sizeof(float));
    return e;
}

static void take(void *context, const struct link_report *report)
{
    struct engine *const e = context;
    if (e->n_reports < ENGINE_REPORTS_MAX)
        e->reports[e->n_reports++] = *report;
    switch (report->kind) {
    case LINK_REPORT_SYNTH:
        e->n_synths_back++;
        nrt_synth_free(report->u.synth);
        break;
    case LINK_REPORT_GROUP:
        e->n_groups_back++;
        nrt_group_free(report->u.group);
        break;
    case LINK_REPORT_BUFFER:
        e->n_buffers_back++;
        free(report->u.buffer->data);
        free(report->u.buffer);
        break;
    case LINK_REPORT_PROGRAM:
        e->n_programs_back++;
        e->switch_frame = report->u.program->switch_frame;
        e->was_late = report->u.program->is_late;
        e->switch_cycle = report->u.program->switch_cycle;
        free(report->u.program); /* its arrays are the tests' own */
        break;
    default:
        break;
    }
}

void engine_take_reports(struct engine *e)
{
    struct link_report report;
    while (link_ring_pop(rt_world_reports(e->w), &report))
        take(e, &report);
}

void engine_free(struct engine *e)
{
    rt_world_drain(e->w, take, e);
    ck_assert_uint_eq(e->w->counts.n_synths, 0);
    ck_assert_uint_eq(e->w->n_voices, 0);
    ck_assert_uint_eq(e->w->n_voices_fading, 0);
    ck_assert_uint_eq(e->w->n_client_nodes, 0);
    ck_assert_uint_eq(e->w->table.n, 4);
    rt_world_free(e->w);
    nrt_symbols_free(e->symbols);
    free(e->out[0]);
    free(e->out[1]);
    free(e);
}

void engine_finish(struct engine *e, struct rt_def *def)
{
    nrt_def_release(def);
    engine_free(e);
}

void engine_run(struct engine *e, uint32_t n_blocks)
{
    for (uint32_t i = 0; i < n_blocks; i++) {
        ck_assert_uint_le(e->n_frames + BLOCK, ENGINE_FRAMES_MAX);
        float *const out[] = { e->out[0] + e->n_frames, e->out[1] + e->n_frames };
        rt_block_run(e->w, NULL, out, 0);
        e->n_frames += BLOCK;
        if (!e->hold_reports)
            engine_take_reports(e);
    }
}

struct link_status engine_status(struct engine *e)
{
    struct link_status status;
    link_snapshot_read(rt_world_snapshot(e->w), &status);
    return status;
}

/* ---- defs ------------------------------------------------------------------------------------ */

struct rt_def *engine_compile(struct engine *e, struct ph_build *b)
{
    struct ph_synthdef def;
    struct rt_def *compiled = NULL;
    char error[128] = "";
    ck_assert_int_eq(ph_build_end(b, &def), PH_OK);
    const struct nrt_target target = nrt_target_of(&e->w->config);
    const ph_status status = nrt_def_compile(&def, e->symbols, &target, &compiled, error);
    ck_assert_msg(status == PH_OK, "%s", error);
    ph_synthdef_finish(&def);
    return compiled;
}

static void out(struct ph_build *b, struct ph_input signal)
{
    const struct ph_input bus = ph_build_control(b, "out", 0, PH_CONTROL);
    const struct ph_input channels[] = { bus, signal };
    ph_build_unit(b, "Out", PH_AUDIO, 0, 0, channels, 2, 0);
}

struct rt_def *engine_level_def(struct engine *e)
{
    struct ph_build b;
    ph_build_begin(&b, "level");
    out(&b, ph_build_control(&b, "x", 1, PH_AUDIO));
    return engine_compile(e, &b);
}

struct rt_def *engine_sine_def(struct engine *e, uint64_t key)
{
    struct ph_build b;
    ph_build_begin(&b, "sine");
    const struct ph_input sine[] = { ph_build_control(&b, "freq", 440, PH_CONTROL),
                                     ph_build_constant(&b, 0) };
    const struct ph_input amp[] = { ph_build_unit(&b, "SinOsc", PH_AUDIO, 0, 1, sine, 2, key),
                                    ph_build_control(&b, "amp", 1, PH_AUDIO) };
    out(&b, ph_build_unit(&b, "BinaryOpUGen", PH_AUDIO, PH_BINARY_MUL, 1, amp, 2, 0));
    return engine_compile(e, &b);
}

struct rt_def *engine_done_def(struct engine *e, int action)
{
    struct ph_build b;
    ph_build_begin(&b, "done");
    /* a gate that closes: the envelope holds 1, then falls to 0 at once */
    const float envelope[] = { 1, 1, 0, -99, 0, 0, 1, 0 }; /* level, segments, release node, ... */
    struct ph_input env[5 + 8];
    env[0] = ph_build_control(&b, "gate", 1, PH_CONTROL);
    env[1] = ph_build_constant(&b, 1);
    env[2] = ph_build_constant(&b, 0);
    env[3] = ph_build_constant(&b, 1);
    env[4] = ph_build_constant(&b, (float)action);
    for (int i = 0; i < 8; i++)
        env[5 + i] = ph_build_constant(&b, envelope[i]);
    ph_build_unit(&b, "EnvGen", PH_CONTROL, 0, 1, env, 13, 0);
    out(&b, ph_build_control(&b, "x", 1, PH_AUDIO));
    return engine_compile(e, &b);
}

/* ---- commands -------------------------------------------------------------------------------- */

uint32_t engine_symbol(struct engine *e, const char *name)
{
    return nrt_symbol_intern(e->symbols, name);
}

struct rt_synth *engine_synth(struct rt_def *def, int32_t id)
{
    struct rt_synth *synth = NULL;
    ck_assert_int_eq(nrt_synth_new(def, id, 1, &synth), PH_OK);
    return synth;
}

void engine_send(struct engine *e, struct link_command command)
{
    ck_assert(link_ring_push(rt_world_commands(e->w), &command));
}

void engine_send_seq(struct engine *e, struct link_command command)
{
    ck_assert(link_ring_push(rt_world_seq_commands(e->w), &command));
}

struct link_command engine_step(struct engine *e, uint64_t frame, float value)
{
    return (struct link_command){ .kind = LINK_STEP, .due_frame = frame,
                                  .u.step = { .synth_slot = 1, .symbol = engine_symbol(e, "x"),
                                              .value = value } };
}

void engine_add(struct engine *e, struct rt_synth *synth, int32_t target, uint8_t action)
{
    engine_send(e, (struct link_command){
                       .kind = LINK_SYNTH_ADD,
                       .u.add = { .synth = synth, .target = target, .action = action } });
}

void engine_add_group(struct engine *e, int32_t id, int32_t target, uint8_t action)
{
    struct rt_group *group = NULL;
    ck_assert_int_eq(nrt_group_new(id, &group), PH_OK);
    engine_send(e, (struct link_command){
                       .kind = LINK_GROUP_ADD,
                       .u.add = { .group = group, .target = target, .action = action } });
}

void engine_set(struct engine *e, int32_t id, const char *control, float value)
{
    engine_send(e, (struct link_command){ .kind = LINK_NODE_SET,
                                          .u.set = { .id = id,
                                                     .symbol = engine_symbol(e, control),
                                                     .value = value } });
}

void engine_node(struct engine *e, enum link_command_kind kind, int32_t id, int32_t value)
{
    engine_send(e, (struct link_command){ .kind = kind, .u.node = { id, value } });
}

/* ---- looking in ------------------------------------------------------------------------------ */

uint32_t engine_count_events(const struct engine *e, enum link_node_event event, int32_t id)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->n_reports; i++)
        n += e->reports[i].kind == LINK_REPORT_NODE && e->reports[i].u.node.event == event &&
             e->reports[i].u.node.id == id;
    return n;
}

uint32_t engine_count_fails(const struct engine *e, ph_status status)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->n_reports; i++)
        n += e->reports[i].kind == LINK_REPORT_FAIL && e->reports[i].status == status;
    return n;
}

uint32_t engine_children(struct engine *e, int32_t group, int32_t *ids, uint32_t max)
{
    struct rt_node *const node = rt_table_find(&e->w->table, group);
    ck_assert(node && node->is_group);
    uint32_t n = 0;
    const struct rt_node *last = NULL;
    for (struct rt_node *child = ((struct rt_group *)node)->head; child; child = child->next) {
        ck_assert_ptr_eq(child->prev, last);
        ck_assert_ptr_eq(child->parent, (struct rt_group *)node);
        last = child;
        if (n < max)
            ids[n] = child->id;
        n++;
    }
    ck_assert_ptr_eq(((struct rt_group *)node)->tail, last);
    return n;
}

void engine_expect_children(struct engine *e, int32_t group, uint32_t n, const int32_t *ids)
{
    int32_t found[64];
    ck_assert_uint_eq(engine_children(e, group, found, 64), n);
    for (uint32_t i = 0; i < n; i++)
        ck_assert_int_eq(found[i], ids[i]);
}

int engine_main(const char *name, TCase *tests)
{
    return check_run(name, tests);
}
