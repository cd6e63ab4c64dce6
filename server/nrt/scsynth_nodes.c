/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/scsynth_nodes.c - scsynth's door: synths and groups.                                */
/* room: command thread. Their controls: scsynth_controls.c                                       */
#include "server/nrt/scsynth_call.h"

#include <string.h>

#include "server/load/buffers.h"
#include "server/nrt/defs.h"
#include "server/nrt/query.h"

enum { ACTION_NONE = 5 }; /* what is no add action; the audio thread says so in its turn */

/* ---- which node ------------------------------------------------------------------------------ */

/** Goes along a path, some steps at a time. */
static ph_status walk(struct call *call, uint8_t slot, const char *path, int32_t id)
{
    ph_status status = PH_OK;
    size_t left = strlen(path);

    do {
        const size_t n = left < LINK_WALK_STEPS ? left : LINK_WALK_STEPS;
        struct link_command c = {.kind = LINK_NODE_WALK,
                                 .u.walk = {.id = id, .slot = slot, .n_steps = (uint8_t)n}};
        memcpy(c.u.walk.steps, path, n);
        status = nrt_call_stage(call, c);
        path += n;
        left -= n;
        id = LINK_WALKED + slot;
    } while (status == PH_OK && left > 0);
    return status;
}

ph_status nrt_take_node(struct call *call, uint8_t slot, int32_t *id)
{
    const char *path;

    if (ph_osc_next_text(&call->args, &path)) {
        *id = LINK_WALKED + slot;
        return walk(call, slot, path, nrt_take_int(call));
    }
    *id = nrt_take_int(call);
    if (*id < LINK_WALKED + LINK_WALKS) /* no client has a node of that number */
        *id = LINK_WALKED + LINK_WALKS;
    return PH_OK;
}

/* ---- new nodes ------------------------------------------------------------------------------- */

/** Differs from synth to synth, equal on every run of a score. Units mix it further. */
static uint64_t seed_of(const struct rt_def *def, int32_t id, uint64_t frame)
{
    const uint64_t z = (def->name_hash ^ (uint32_t)id) * UINT64_C(0xff51afd7ed558ccd) + frame;
    return (z ^ z >> 32) * UINT64_C(0xc4ceb9fe1a85ec53);
}

static uint8_t action_of(int32_t action)
{
    return action < 0 || action > ACTION_NONE ? ACTION_NONE : (uint8_t)action;
}

static uint64_t floats_of(void *buffers, float number)
{
    const bool is_there = buffers && number >= 0 && number < (float)load_buffers_count(buffers);
    return is_there ? load_buffers_floats(buffers, (uint32_t)number) : 0;
}

/** `by_runs`: controls as in /n_setn, else as in /n_set. */
static ph_status new_synth(struct call *call, bool by_runs)
{
    const char *name;
    int32_t target;
    struct rt_synth *synth = NULL;

    if (!ph_osc_next_text(&call->args, &name))
        return PH_WRONG_TYPE;
    const int32_t id = nrt_take_int(call), action = nrt_take_int(call);
    struct rt_def *const def = nrt_defs_find(call->c->defs, name);
    if (!def)
        return PH_DEF_NOT_FOUND;
    ph_status status = nrt_take_node(call, 0, &target);
    if (status == PH_OK)
        status = nrt_synth_bare(def, id, seed_of(def, id, call->due_frame), &synth);
    if (status != PH_OK)
        return status;
    synth->own_dsp.subsample = call->subsample;
    nrt_set_new(call, synth, by_runs);
    status = nrt_synth_fit(synth, &(struct nrt_supply){ floats_of, call->c->buffers,
                                                        &call->c->unit_memory });
    if (status != PH_OK)
        return status;
    status = nrt_call_stage(call, (struct link_command){
                             .kind = LINK_SYNTH_ADD,
                             .u.add = {.synth = synth, .target = target, .action = action_of(action),
                                       .keeps_id = by_runs}}); /* scsynth hides it in /s_new only */
    if (status != PH_OK)
        nrt_synth_free(synth);
    return status;
}

ph_status nrt_do_s_new(struct call *call)
{
    return new_synth(call, false);
}

ph_status nrt_do_s_newargs(struct call *call)
{
    return new_synth(call, true);
}

ph_status nrt_do_g_new(struct call *call)
{
    ph_status status = PH_OK;

    while (status == PH_OK && nrt_has(call, 1)) {
        struct rt_group *group;
        int32_t target;
        const int32_t id = nrt_take_int(call), action = nrt_take_int(call);
        status = nrt_take_node(call, 0, &target);
        if (status == PH_OK)
            status = nrt_group_new(id, &group);
        if (status != PH_OK)
            break;
        status = nrt_call_stage(call, (struct link_command){
                                 .kind = LINK_GROUP_ADD,
                                 .u.add = {.group = group, .target = target,
                                           .action = action_of(action)}});
        if (status != PH_OK)
            nrt_group_free(group);
    }
    return status;
}

/* ---- lists of nodes -------------------------------------------------------------------------- */

/** The same message for every node of the list. */
static ph_status each_node(struct call *call, enum link_command_kind kind)
{
    ph_status status = PH_OK;

    while (status == PH_OK && nrt_has(call, 1)) {
        int32_t id;
        status = nrt_take_node(call, 0, &id);
        if (status == PH_OK)
            status = nrt_call_stage(call, (struct link_command){.kind = kind, .u.node.id = id});
    }
    return status;
}

ph_status nrt_do_n_free(struct call *call)
{
    return each_node(call, LINK_NODE_FREE);
}

ph_status nrt_do_n_query(struct call *call)
{
    return each_node(call, LINK_NODE_INFO);
}

ph_status nrt_do_s_noid(struct call *call)
{
    return each_node(call, LINK_NODE_HIDE);
}

ph_status nrt_do_g_free_all(struct call *call)
{
    return each_node(call, LINK_GROUP_FREE_ALL);
}

ph_status nrt_do_g_deep_free(struct call *call)
{
    return each_node(call, LINK_GROUP_DEEP_FREE);
}

ph_status nrt_do_n_run(struct call *call)
{
    ph_status status = PH_OK;

    while (status == PH_OK && nrt_has(call, 1)) {
        int32_t id;
        status = nrt_take_node(call, 0, &id);
        const int32_t on = nrt_take_int(call);
        if (status == PH_OK)
            status = nrt_call_stage(call, (struct link_command){.kind = LINK_NODE_RUN,
                                                       .u.node = {.id = id, .value = on != 0}});
    }
    return status;
}

/* ---- order ----------------------------------------------------------------------------------- */

static ph_status move(struct call *call, enum link_move step, int32_t id, int32_t target)
{
    return nrt_call_stage(call, (struct link_command){.kind = LINK_NODE_MOVE,
                                             .u.move = {.id = id, .target = target,
                                                        .step = (uint8_t)step}});
}

/** Pairs of nodes; `group_first`: of a group and what goes into it. */
static ph_status move_pairs(struct call *call, enum link_move step, bool group_first)
{
    ph_status status = PH_OK;

    while (status == PH_OK && nrt_has(call, 1)) {
        int32_t first, second;
        status = nrt_take_node(call, 0, &first);
        if (status == PH_OK)
            status = nrt_take_node(call, 1, &second);
        if (status == PH_OK)
            status = group_first ? move(call, step, second, first) : move(call, step, first, second);
    }
    return status;
}

static ph_status move_beside(struct call *call, enum link_move step)
{
    const ph_status status = move_pairs(call, step, false);
    return status == PH_OK ? move(call, LINK_MOVE_PAIRS_END, 0, 0) : status;
}

ph_status nrt_do_n_before(struct call *call)
{
    return move_beside(call, LINK_MOVE_BEFORE);
}

ph_status nrt_do_n_after(struct call *call)
{
    return move_beside(call, LINK_MOVE_AFTER);
}

ph_status nrt_do_g_head(struct call *call)
{
    return move_pairs(call, LINK_MOVE_HEAD, true);
}

ph_status nrt_do_g_tail(struct call *call)
{
    return move_pairs(call, LINK_MOVE_TAIL, true);
}

ph_status nrt_do_n_order(struct call *call)
{
    int32_t id;
    const int32_t action = nrt_take_int(call);
    ph_status status = nrt_take_node(call, 0, &id);

    if (status == PH_OK)
        status = nrt_call_stage(call, (struct link_command){
                                 .kind = LINK_NODE_MOVE,
                                 .u.move = {.target = id, .step = LINK_MOVE_ORDER,
                                            .action = action_of(action)}});
    while (status == PH_OK && nrt_has(call, 1)) {
        status = nrt_take_node(call, 0, &id);
        if (status == PH_OK)
            status = move(call, LINK_MOVE_ORDERED, id, 0);
    }
    return status == PH_OK ? move(call, LINK_MOVE_ORDER_END, 0, 0) : status;
}

/* ---- questions ------------------------------------------------------------------------------- */

/** A group and whether its synths' controls are asked for, again and again. */
static ph_status ask_trees(struct call *call, enum nrt_query_form form)
{
    ph_status status = PH_OK;

    while (status == PH_OK && nrt_has(call, 1)) {
        int32_t id;
        status = nrt_take_node(call, 0, &id);
        const bool with_controls = nrt_take_int(call) != 0;
        if (status != PH_OK)
            break;
        struct link_query *const q = nrt_query_new(call, LINK_QUERY_TREE, form, id);
        if (q)
            q->with_controls = with_controls;
        status = nrt_query_ask(call, q);
    }
    return status;
}

ph_status nrt_do_g_query_tree(struct call *call)
{
    return ask_trees(call, NRT_QUERY_SINGLE);
}

ph_status nrt_do_g_dump_tree(struct call *call)
{
    return ask_trees(call, NRT_QUERY_PRINT);
}

ph_status nrt_do_n_trace(struct call *call)
{
    ph_status status = PH_OK;

    while (status == PH_OK && nrt_has(call, 1)) {
        int32_t id;
        status = nrt_take_node(call, 0, &id);
        if (status != PH_OK)
            break;
        struct link_query *const q = nrt_query_new(call, LINK_QUERY_NODE, NRT_QUERY_PRINT, id);
        if (q)
            q->with_controls = true;
        status = nrt_query_ask(call, q);
    }
    return status;
}
