/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/scsynth_nodes.c - scsynth's door: synths, groups and their controls.                */
/* room: command thread.                                                                          */
#include "server/nrt/scsynth_call.h"

#include <stdio.h>

#include "server/nrt/defs.h"

enum {
    ACTION_REPLACE = 4,
    NO_ID = -1 /* /s_new and /g_new: the server picks, the node stays hidden */
};

/* ---- controls -------------------------------------------------------------------------------- */

/** A control as clients name it. */
struct control {
    uint32_t symbol; /* 0: by index */
    uint32_t index;
    bool known;      /* false: a name that no definition has; it is passed over, as in scsynth */
};

static ph_status read_control(struct call *call, struct control *out)
{
    const char *name;
    int32_t index;

    *out = (struct control){0};
    if (ph_osc_next_text(&call->args, &name)) {
        out->symbol = nrt_symbol_find(call->c->symbols, name);
        out->known = out->symbol != 0;
        return PH_OK;
    }
    if (!ph_osc_next_int(&call->args, &index))
        return PH_WRONG_TYPE;
    out->index = (uint32_t)index;
    out->known = index >= 0;
    return PH_OK;
}

typedef ph_status set_control(struct call *call, void *target, const struct control *control,
                              uint32_t offset, float value);

/** One value, or the values of an array in brackets: those go to the elements that follow. */
static ph_status read_values(struct call *call, void *target, const struct control *control,
                             set_control *set)
{
    const bool array = *call->args.tags == '[';
    ph_status status = PH_OK;
    float value;

    if (array)
        ph_osc_next(&call->args);
    for (uint32_t offset = 0; status == PH_OK; offset++) {
        if (array && *call->args.tags == ']') {
            ph_osc_next(&call->args);
            break;
        }
        if (*call->args.tags == 's') /* "c5", "a5": buses that a control follows */
            return PH_UNSUPPORTED;
        if (!ph_osc_next_float(&call->args, &value))
            return PH_WRONG_TYPE;
        if (control->known)
            status = set(call, target, control, offset, value);
        if (!array)
            break;
    }
    return status;
}

/** Pairs of control and value up to the end of the message. */
static ph_status read_pairs(struct call *call, void *target, set_control *set)
{
    ph_status status = PH_OK;

    while (status == PH_OK && *call->args.tags) {
        struct control control;
        status = read_control(call, &control);
        if (status == PH_OK)
            status = read_values(call, target, &control, set);
    }
    return status;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static ph_status check_new_id(struct call *call, int32_t id)
{
    if (id > 0 || id == NO_ID)
        return PH_OK;
    if (id == 0)
        return PH_DUPLICATE_NODE;
    snprintf(call->text, sizeof call->text, "negative node IDs are reserved");
    return PH_OUT_OF_RANGE;
}

static ph_status check_target(struct call *call, int32_t action, int32_t target)
{
    if (action < 0 || action > ACTION_REPLACE)
        return PH_OUT_OF_RANGE;
    if (action == ACTION_REPLACE && target == 0) {
        snprintf(call->text, sizeof call->text, "can't replace group 0");
        return PH_OUT_OF_RANGE;
    }
    return nrt_call_check_node(call, target, action < 2);
}

/** Sets a control of a synth that nobody plays yet. Arrays end with the parameter's own width. */
static ph_status set_new(struct call *call, void *target, const struct control *control,
                         uint32_t offset, float value)
{
    struct rt_synth *const synth = target;
    (void)call;

    if (control->symbol == 0) {
        nrt_synth_set_index(synth, control->index + offset, value);
        return PH_OK;
    }
    for (uint32_t i = 0; i < synth->def->n_params; i++) {
        const struct rt_param *const p = &synth->def->params[i];
        if (p->symbol == control->symbol && offset < p->n_controls)
            nrt_synth_set_index(synth, p->first_control + offset, value);
    }
    return PH_OK;
}

/** Differs from synth to synth, equal on every run of a score. Units mix it further. */
static uint64_t seed_of(const struct rt_def *def, int32_t id, uint64_t frame)
{
    const uint64_t z = (def->name_hash ^ (uint32_t)id) * UINT64_C(0xff51afd7ed558ccd) + frame;
    return (z ^ z >> 32) * UINT64_C(0xc4ceb9fe1a85ec53);
}

ph_status nrt_do_s_new(struct call *call)
{
    const char *name;
    int32_t id = NO_ID, action = 0, target = 0;
    struct rt_synth *synth = NULL;

    if (!ph_osc_next_text(&call->args, &name))
        return PH_WRONG_TYPE;
    if (*call->args.tags && !ph_osc_next_int(&call->args, &id))
        return PH_WRONG_TYPE;
    if (*call->args.tags && !ph_osc_next_int(&call->args, &action))
        return PH_WRONG_TYPE;
    if (*call->args.tags && !ph_osc_next_int(&call->args, &target))
        return PH_WRONG_TYPE;
    struct rt_def *const def = nrt_defs_find(call->c->defs, name);
    if (!def)
        return PH_DEF_NOT_FOUND;
    ph_status status = check_new_id(call, id);
    if (status == PH_OK)
        status = check_target(call, action, target);
    if (status == PH_OK)
        status = nrt_synth_new(def, id, seed_of(def, id, call->due_frame), &synth);
    if (status != PH_OK)
        return status;
    status = read_pairs(call, synth, set_new);
    if (status == PH_OK)
        status = nrt_call_stage(call, (struct link_command){
                                 .kind = LINK_SYNTH_ADD,
                                 .u.add = {.synth = synth, .target = target,
                                           .action = (uint8_t)action}});
    if (status != PH_OK)
        nrt_synth_free(synth);
    return status;
}

static ph_status new_group(struct call *call, int32_t id, int32_t action, int32_t target)
{
    struct rt_group *group;
    ph_status status = check_new_id(call, id);

    if (status == PH_OK)
        status = check_target(call, action, target);
    if (status == PH_OK)
        status = nrt_group_new(id, &group);
    if (status != PH_OK)
        return status;
    status = nrt_call_stage(call, (struct link_command){.kind = LINK_GROUP_ADD,
                                               .u.add = {.group = group, .target = target,
                                                         .action = (uint8_t)action}});
    if (status != PH_OK)
        nrt_group_free(group);
    return status;
}

ph_status nrt_do_g_new(struct call *call)
{
    ph_status status = PH_OK;

    while (status == PH_OK && *call->args.tags) {
        int32_t id, action = 0, target = 0;
        if (!ph_osc_next_int(&call->args, &id) ||
            (*call->args.tags && !ph_osc_next_int(&call->args, &action)) ||
            (*call->args.tags && !ph_osc_next_int(&call->args, &target)))
            return PH_WRONG_TYPE;
        status = new_group(call, id, action, target);
    }
    return status;
}

/** The same message for every id of the list; it stops at the first that fails. */
static ph_status each_node(struct call *call, enum link_command_kind kind)
{
    ph_status status = PH_OK;

    while (status == PH_OK && *call->args.tags) {
        int32_t id;
        if (!ph_osc_next_int(&call->args, &id))
            return PH_WRONG_TYPE;
        status = nrt_call_check_node(call, id, kind == LINK_GROUP_FREE_ALL);
        if (status == PH_OK)
            status = nrt_call_stage(call, (struct link_command){.kind = kind, .u.node.id = id});
    }
    return status;
}

ph_status nrt_do_n_free(struct call *call)
{
    return each_node(call, LINK_NODE_FREE);
}

ph_status nrt_do_g_free_all(struct call *call)
{
    return each_node(call, LINK_GROUP_FREE_ALL);
}

ph_status nrt_do_n_run(struct call *call)
{
    ph_status status = PH_OK;

    while (status == PH_OK && *call->args.tags) {
        int32_t id, on;
        if (!ph_osc_next_int(&call->args, &id) || !ph_osc_next_int(&call->args, &on))
            return PH_WRONG_TYPE;
        status = nrt_call_check_node(call, id, false);
        if (status == PH_OK)
            status = nrt_call_stage(call, (struct link_command){.kind = LINK_NODE_RUN,
                                                       .u.node = {.id = id, .value = on != 0}});
    }
    return status;
}

/** Sets a control of a playing node: the audio thread finds it. */
static ph_status set_playing(struct call *call, void *target, const struct control *control,
                             uint32_t offset, float value)
{
    const int32_t *const id = target;

    return nrt_call_stage(call, (struct link_command){.kind = LINK_NODE_SET,
                                             .u.set = {.id = *id, .symbol = control->symbol,
                                                       .index = control->index + offset,
                                                       .value = value}});
}

ph_status nrt_do_n_set(struct call *call)
{
    int32_t id;

    if (!ph_osc_next_int(&call->args, &id))
        return PH_WRONG_TYPE;
    const ph_status status = nrt_call_check_node(call, id, false);
    return status == PH_OK ? read_pairs(call, &id, set_playing) : status;
}
