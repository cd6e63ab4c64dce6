/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/client.c - carries out what clients want of nodes and control buses.                 */
/* room: audio.                                                                                   */
#include "server/rt/client.h"

#include "server/rt/bus.h"
#include "server/rt/exec.h"
#include "server/rt/map.h"
#include "server/rt/report.h"
#include "server/rt/tree.h"

/* ---- failing --------------------------------------------------------------------------------- */

PH_RT bool rt_client_has_failed(const struct rt_world *w, const struct link_command *c)
{
    return c->request_id != 0 && c->request_id == w->failed_request;
}

PH_RT void rt_client_fail(struct rt_world *w, const struct link_command *c, ph_status status,
                          int32_t id)
{
    rt_report_fail(w, c->request_id, status, id);
    w->failed_request = c->request_id;
    w->moves.waits = false; /* its end is passed over, too */
}

/* ---- finding --------------------------------------------------------------------------------- */

static bool is_walk(int32_t id)
{
    return id < LINK_WALKED + LINK_WALKS;
}

PH_RT struct rt_node *rt_client_find(const struct rt_world *w, uint32_t request_id, int32_t id,
                                     int32_t *missing)
{
    const struct rt_walk *const walk = is_walk(id) ? &w->walks[id - LINK_WALKED] : NULL;
    if (walk && missing)
        *missing = walk->began;
    if (walk && !walk->is_there)
        return NULL;
    if (missing && !walk)
        *missing = id;
    struct rt_node *const node =
        rt_table_find(&w->table, walk ? walk->id : id == -1 ? w->latest_id : id);
    const bool is_theirs = node && node->is_client && (node->id >= 0 || node->id < RT_OWN_IDS_END);
    return is_theirs || node == &w->root.node || request_id == 0 ? node : NULL;
}

/** The node a command names, or NULL after reporting the failure. */
PH_RT static struct rt_node *find(struct rt_world *w, const struct link_command *c, int32_t id)
{
    int32_t missing;
    struct rt_node *const node = rt_client_find(w, c->request_id, id, &missing);
    if (!node)
        rt_client_fail(w, c, PH_NODE_NOT_FOUND, missing);
    return node;
}

PH_RT static struct rt_group *find_group(struct rt_world *w, const struct link_command *c, int32_t id)
{
    int32_t missing;
    struct rt_node *const node = rt_client_find(w, c->request_id, id, &missing);
    if (node && node->is_group)
        return (struct rt_group *)node;
    rt_client_fail(w, c, PH_GROUP_NOT_FOUND, missing);
    return NULL;
}

/** One step of a path; the hidden groups are not there. */
PH_RT static struct rt_node *step_from(const struct rt_world *w, struct rt_node *node, char step)
{
    struct rt_group *const group = node->is_group ? (struct rt_group *)node : NULL;
    switch (step) {
    case 'h':
        return group ? rt_tree_visible(w, group->head, true) : NULL;
    case 't':
        return group ? rt_tree_visible(w, group->tail, false) : NULL;
    case 'u':
        return node->parent ? &node->parent->node : NULL;
    case 'p':
        return rt_tree_visible(w, node->prev, false);
    case 'n':
        return rt_tree_visible(w, node->next, true);
    default:
        return node;
    }
}

PH_RT static void walk(struct rt_world *w, const struct link_command *c)
{
    struct rt_walk *const walk = &w->walks[c->u.walk.slot % LINK_WALKS];
    int32_t began;
    struct rt_node *node = rt_client_find(w, c->request_id, c->u.walk.id, &began);
    for (uint32_t i = 0; node && i < c->u.walk.n_steps; i++)
        node = step_from(w, node, c->u.walk.steps[i]);
    *walk = (struct rt_walk){ .began = began, .is_there = node != NULL, .id = node ? node->id : 0 };
}

/* ---- controls -------------------------------------------------------------------------------- */

PH_RT static void set(struct rt_world *w, struct rt_synth *synth, const struct link_command *c)
{
    const struct rt_controls r = rt_exec_controls(synth->def, c->u.set.symbol, c->u.set.index,
                                                  c->u.set.n > 0 ? c->u.set.n : 1);
    for (uint32_t i = r.first; i < r.end; i++)
        rt_exec_set(w, synth, i, c->u.set.value, 0);
}

PH_RT static void map(struct rt_world *w, struct rt_synth *synth, const struct link_command *c)
{
    const uint32_t symbol = c->u.map.symbol;
    const struct rt_controls r =
        rt_exec_controls(synth->def, symbol, c->u.map.index, c->u.map.n);
    const struct rt_controls all = rt_exec_controls(synth->def, symbol, 0, INT32_MAX);
    for (uint32_t i = r.first; i < r.end; i++) {
        const int64_t nth = (int64_t)i - all.first - c->u.map.index;
        const int64_t bus = c->u.map.bus < 0 ? -1 : c->u.map.bus + nth;
        if (bus <= INT32_MAX)
            rt_map_set(w, synth, i, (enum link_control_source)c->u.map.source, (int32_t)bus);
    }
}

/** A synth, or all synths below a group. */
PH_RT static void each_synth(struct rt_world *w, const struct link_command *c, int32_t id,
                             void (*change)(struct rt_world *w, struct rt_synth *synth,
                                            const struct link_command *c))
{
    struct rt_node *const top = find(w, c, id);
    if (top && !top->is_group)
        change(w, (struct rt_synth *)top, c);
    else if (top)
        for (struct rt_node *n = top; n; n = rt_tree_next_visible(w, (struct rt_group *)top, n))
            if (!n->is_group)
                change(w, (struct rt_synth *)n, c);
}

/* ---- moving ---------------------------------------------------------------------------------- */

/** False after reporting why: the root stays, and no group goes into itself. */
PH_RT static bool may_move(struct rt_world *w, const struct link_command *c, const struct rt_node *node,
                           const struct rt_group *into)
{
    bool may = into && !rt_tree_is_fixed(w, node);
    for (const struct rt_group *g = into; g && may; g = g->node.parent)
        may = &g->node != node;
    if (!may)
        rt_client_fail(w, c, PH_ACCESS, node->id);
    return may;
}

/** Beside a target, or into it, as add actions 0 to 3 say. */
PH_RT static void place(struct rt_world *w, const struct link_command *c, struct rt_node *node,
                        struct rt_node *target, uint8_t action, bool tells)
{
    struct rt_group *const into =
        action <= RT_ADD_TAIL ? (struct rt_group *)target : target->parent;
    if (node == target || !may_move(w, c, node, into))
        return;
    rt_tree_place(w, into, node, target, action);
    if (tells)
        rt_report_node(w, node, LINK_NODE_MOVED);
}

PH_RT static void move_into(struct rt_world *w, const struct link_command *c, uint8_t action)
{
    struct rt_group *const group = find_group(w, c, c->u.move.target);
    struct rt_node *const node = group ? find(w, c, c->u.move.id) : NULL;
    if (node)
        place(w, c, node, &group->node, action, true);
}

/** The pair that waits is carried out. */
PH_RT static void end_pair(struct rt_world *w, const struct link_command *c)
{
    struct rt_moves *const m = &w->moves;
    struct rt_node *const node = m->waits ? rt_client_find(w, c->request_id, m->node, NULL) : NULL;
    struct rt_node *const target = m->waits ? rt_client_find(w, c->request_id, m->target, NULL) : NULL;
    m->waits = false;
    if (node && target)
        place(w, c, node, target, m->action, true);
}

/**
 * One pair of /n_before or /n_after. Nodes that are missing are passed over. As in scsynth a pair
 * is carried out when the next one comes, unless that moves the same node again.
 */
PH_RT static void move_pair(struct rt_world *w, const struct link_command *c, uint8_t action)
{
    struct rt_moves *const m = &w->moves;
    const struct rt_node *const node = rt_client_find(w, c->request_id, c->u.move.id, NULL);
    const struct rt_node *const target = rt_client_find(w, c->request_id, c->u.move.target, NULL);
    if (!node || !target)
        return;
    if (m->waits && m->node != node->id)
        end_pair(w, c);
    if (rt_client_has_failed(w, c))
        return;
    *m = (struct rt_moves){ .waits = true, .action = action, .node = node->id, .target = target->id };
}

PH_RT static void begin_order(struct rt_world *w, const struct link_command *c)
{
    const uint8_t action = c->u.move.action;
    int32_t missing;
    const struct rt_node *const target = rt_client_find(w, c->request_id, c->u.move.target, &missing);
    w->moves = (struct rt_moves){ .action = action,
                                  .target = target ? target->id : 0,
                                  .missing = missing };
    if (action > RT_ADD_AFTER)
        rt_client_fail(w, c, PH_FAILED, missing);
    else if (action <= RT_ADD_TAIL && (!target || !target->is_group))
        rt_client_fail(w, c, PH_GROUP_NOT_FOUND, missing);
    else if (!target)
        rt_client_fail(w, c, PH_TARGET_NOT_FOUND, missing);
}

/** The first goes where the target says; it is told unless it has only moved inside its group. */
PH_RT static void order(struct rt_world *w, const struct link_command *c)
{
    struct rt_moves *const m = &w->moves;
    struct rt_node *const node = rt_client_find(w, c->request_id, c->u.move.id, &m->missing);
    struct rt_node *const target = rt_client_find(w, c->request_id, m->target, NULL);
    if (!node || !target)
        return;
    const struct rt_group *const before = node->parent;
    place(w, c, node, target, m->action,
          m->waits || m->action > RT_ADD_TAIL || before != (struct rt_group *)target);
    if (!rt_client_has_failed(w, c))
        *m = (struct rt_moves){ .waits = true, .action = RT_ADD_AFTER, .target = node->id };
}

PH_RT static void move(struct rt_world *w, const struct link_command *c)
{
    switch (c->u.move.step) {
    case LINK_MOVE_HEAD:
        move_into(w, c, RT_ADD_HEAD);
        break;
    case LINK_MOVE_TAIL:
        move_into(w, c, RT_ADD_TAIL);
        break;
    case LINK_MOVE_BEFORE:
        move_pair(w, c, RT_ADD_BEFORE);
        break;
    case LINK_MOVE_AFTER:
        move_pair(w, c, RT_ADD_AFTER);
        break;
    case LINK_MOVE_PAIRS_END:
        end_pair(w, c);
        break;
    case LINK_MOVE_ORDER:
        begin_order(w, c);
        break;
    case LINK_MOVE_ORDERED:
        order(w, c);
        break;
    case LINK_MOVE_ORDER_END:
        if (!w->moves.waits)
            rt_client_fail(w, c, PH_NODE_NOT_FOUND, w->moves.missing);
        w->moves.waits = false;
        break;
    }
}

/* ---- all kinds ------------------------------------------------------------------------------- */

PH_RT static void set_buses(struct rt_world *w, const struct link_command *c)
{
    const uint32_t n = c->u.bus.n > 0 ? c->u.bus.n : 1;
    const uint32_t n_buses = w->config.n_control_buses;
    if (c->u.bus.index >= n_buses || n > n_buses - c->u.bus.index) {
        rt_client_fail(w, c, PH_OUT_OF_RANGE, (int32_t)c->u.bus.index);
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        (void)rt_bus_set(w, c->u.bus.index + i, c->u.bus.value);
}

PH_RT static void hide(struct rt_world *w, const struct link_command *c)
{
    struct rt_node *const node = rt_client_find(w, c->request_id, c->u.node.id, NULL);
    if (node && !node->is_group)
        rt_tree_hide(w, node);
}

PH_RT static void on_group(struct rt_world *w, const struct link_command *c)
{
    struct rt_group *const group = find_group(w, c, c->u.node.id);
    if (group && c->kind == LINK_GROUP_FREE_ALL)
        rt_tree_free_all(w, group);
    else if (group)
        rt_tree_free_synths(w, group);
}

PH_RT static void on_node(struct rt_world *w, const struct link_command *c)
{
    struct rt_node *const node = find(w, c, c->u.node.id);
    if (!node)
        return;
    if (c->kind == LINK_NODE_FREE)
        rt_tree_remove(w, node);
    else if (c->kind == LINK_NODE_RUN)
        rt_tree_run(w, node, c->u.node.value != 0);
    else if (c->kind == LINK_NODE_INFO)
        rt_report_node(w, node, LINK_NODE_TOLD);
}

PH_RT void rt_client_fire(struct rt_world *w, const struct link_command *c)
{
    switch (c->kind) {
    case LINK_NODE_FREE:
    case LINK_NODE_RUN:
    case LINK_NODE_INFO:
    case LINK_NODE_CHECK:
        on_node(w, c);
        break;
    case LINK_NODE_HIDE:
        hide(w, c);
        break;
    case LINK_NODE_MOVE:
        move(w, c);
        break;
    case LINK_NODE_WALK:
        walk(w, c);
        break;
    case LINK_GROUP_FREE_ALL:
    case LINK_GROUP_DEEP_FREE:
        on_group(w, c);
        break;
    case LINK_NODE_SET:
        each_synth(w, c, c->u.set.id, set);
        break;
    case LINK_NODE_MAP:
        each_synth(w, c, c->u.map.id, map);
        break;
    case LINK_CONTROL_BUS_SET:
        set_buses(w, c);
        break;
    case LINK_FAIL:
        rt_client_fail(w, c, (ph_status)c->u.fail.status, c->u.fail.id);
        break;
    default:
        break;
    }
}
