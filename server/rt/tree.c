/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/tree.c - groups and synths in order: link, walk, end.                                */
/* room: audio.                                                                                   */
#include "server/rt/tree.h"

#include "server/rt/client.h"
#include "server/rt/exec.h"
#include "server/rt/message.h"
#include "server/rt/report.h"
#include "server/rt/voice.h"

static struct rt_group *as_group(struct rt_node *node)
{
    return node && node->is_group ? (struct rt_group *)node : NULL;
}

static struct rt_synth *as_synth(struct rt_node *node)
{
    return node && !node->is_group ? (struct rt_synth *)node : NULL;
}

/* ---- lists ----------------------------------------------------------------------------------- */

/** Between `prev` and the one behind it; `prev` NULL: at the head. */
PH_RT static void link_behind(struct rt_group *group, struct rt_node *prev, struct rt_node *node)
{
    struct rt_node *const next = prev ? prev->next : group->head;
    node->parent = group;
    node->prev = prev;
    node->next = next;
    *(prev ? &prev->next : &group->head) = node;
    *(next ? &next->prev : &group->tail) = node;
}

PH_RT static void unlink_node(struct rt_node *node)
{
    struct rt_group *const group = node->parent;
    *(node->prev ? &node->prev->next : &group->head) = node->next;
    *(node->next ? &node->next->prev : &group->tail) = node->prev;
    node->prev = node->next = NULL;
    node->parent = NULL;
}

/** Counts a linked node, in or out. The output stage is the server's own and not counted. */
PH_RT static void count(struct rt_world *w, const struct rt_node *node, bool comes)
{
    if (node->parent == &w->output)
        return;
    if (node->is_group)
        w->counts.n_groups += comes ? 1u : -1u;
    else {
        const uint64_t n_units = ((const struct rt_synth *)node)->def->n_units;
        w->counts.n_synths += comes ? 1u : -1u;
        w->counts.n_units += comes ? n_units : -n_units;
    }
}

PH_RT static void unlink_counted(struct rt_world *w, struct rt_node *node)
{
    count(w, node, false); /* while its group is known */
    rt_plan_unlinked(w, node);
    unlink_node(node);
}

PH_RT static void link_new(struct rt_world *w, struct rt_group *group, struct rt_node *prev,
                           struct rt_node *node)
{
    link_behind(group, prev, node);
    node->state = RT_NODE_LIVE;
    count(w, node, true);
    w->plan.is_stale = true;
}

PH_RT void rt_tree_link_tail(struct rt_world *w, struct rt_group *group, struct rt_node *node)
{
    link_new(w, group, group->tail, node);
}

PH_RT void rt_tree_link_before(struct rt_world *w, struct rt_node *sibling, struct rt_node *node)
{
    link_new(w, sibling->parent, sibling->prev, node);
}

PH_RT void rt_tree_link_after(struct rt_world *w, struct rt_node *sibling, struct rt_node *node)
{
    link_new(w, sibling->parent, sibling, node);
}

PH_RT void rt_tree_move(struct rt_world *w, struct rt_group *group, struct rt_node *node,
                        struct rt_node *sibling)
{
    if (node == sibling || node->next == sibling)
        return;
    w->plan.is_stale = true;
    if (!node->is_group)
        rt_plan_part(w, (struct rt_synth *)node);
    unlink_node(node);
    link_behind(group, sibling ? sibling->prev : group->tail, node);
}

/** The node behind which an add action puts one; NULL: at the head. */
static struct rt_node *place_behind(const struct rt_group *group, struct rt_node *target,
                                    uint8_t action)
{
    switch (action) {
    case RT_ADD_HEAD:
        return NULL;
    case RT_ADD_TAIL:
        return group->tail;
    case RT_ADD_BEFORE:
        return target->prev;
    default:
        return target;
    }
}

PH_RT static void init_fixed(struct rt_group *group, int32_t id)
{
    *group = (struct rt_group){ .node = { .id = id, .is_group = true } };
}

PH_RT void rt_tree_init(struct rt_world *w)
{
    init_fixed(&w->root, 0);
    init_fixed(&w->program, RT_PROGRAM_GROUP_ID);
    init_fixed(&w->events, RT_EVENTS_GROUP_ID);
    init_fixed(&w->output, RT_OUTPUT_GROUP_ID);
    link_behind(&w->root, NULL, &w->program.node);
    link_behind(&w->root, &w->program.node, &w->events.node);
    link_behind(&w->root, &w->events.node, &w->output.node);
    struct rt_group *const fixed[] = { &w->root, &w->program, &w->events, &w->output };
    for (uint32_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        (void)rt_table_add(&w->table, &fixed[i]->node); /* the table is empty: there is room */
    w->counts.n_groups = 1;                             /* clients see the root */
    w->hidden_id = -8;                                  /* as in scsynth: the first one is -16 */
}

PH_RT bool rt_tree_is_fixed(const struct rt_world *w, const struct rt_node *node)
{
    return node == &w->root.node || node == &w->program.node || node == &w->events.node ||
           node == &w->output.node;
}

PH_RT struct rt_node *rt_tree_visible(const struct rt_world *w, struct rt_node *node, bool forward)
{
    while (node && rt_tree_is_fixed(w, node))
        node = forward ? node->next : node->prev;
    return node;
}

PH_RT struct rt_node *rt_tree_next_visible(const struct rt_world *w, const struct rt_group *top,
                                           struct rt_node *node)
{
    const struct rt_group *const group = as_group(node);
    struct rt_node *next = group ? rt_tree_visible(w, group->head, true) : NULL;
    for (; !next && node != &top->node; node = &node->parent->node)
        next = rt_tree_visible(w, node->next, true);
    return next;
}

PH_RT void rt_tree_place(struct rt_world *w, struct rt_group *group, struct rt_node *node,
                         struct rt_node *target, uint8_t action)
{
    w->plan.is_stale = true;
    if (!node->is_group)
        rt_plan_part(w, (struct rt_synth *)node);
    unlink_node(node);
    link_behind(group, place_behind(group, target, action), node);
}

/* ---- adding ---------------------------------------------------------------------------------- */

PH_RT static void refuse(struct rt_world *w, struct rt_node *node, ph_status status, int32_t id)
{
    w->failed_request = node->request_id;
    rt_report_fail(w, node->request_id, status, id);
    rt_report_gone(w, node);
}

/** /g_new of a group that exists in the same place: scsynth says so once more, and that is all. */
PH_RT static bool is_same_group(const struct rt_node *present, const struct rt_node *node,
                                const struct rt_group *parent)
{
    return present->is_group && node->is_group && present->parent == parent;
}

static bool is_servers_own(const struct rt_node *node)
{
    return node->request_id == 0 && node->id < -1;
}

/** The target of an add action, or NULL after refusing the node. */
PH_RT static struct rt_node *target_of(struct rt_world *w, struct rt_node *node, int32_t id,
                                       uint8_t action)
{
    const bool inside = action <= RT_ADD_TAIL;
    int32_t missing = id;
    struct rt_node *const target = rt_client_find(w, node->request_id, id, &missing);
    ph_status why = PH_OK;
    if (action > RT_ADD_REPLACE)
        why = PH_FAILED;
    else if (inside && (!target || !target->is_group))
        why = PH_GROUP_NOT_FOUND;
    else if (!target)
        why = node->is_group ? PH_TARGET_NOT_FOUND : PH_NODE_NOT_FOUND;
    else if (action == RT_ADD_REPLACE && rt_tree_is_fixed(w, target))
        why = PH_REPLACES_ROOT;
    else if (!inside && !target->parent) /* nothing stands beside the root */
        why = PH_ACCESS;
    if (why == PH_OK)
        return target;
    refuse(w, node, why, missing);
    return NULL;
}

static int32_t next_hidden_id(struct rt_world *w)
{
    return w->hidden_id = (int32_t)(((uint32_t)w->hidden_id - 8) | UINT32_C(0x80000000));
}

/** Units see it, too. */
static void set_id(struct rt_node *node, int32_t id)
{
    node->id = id;
    if (!node->is_group)
        ((struct rt_synth *)node)->dsp->id = id;
}

PH_RT void rt_tree_hide(struct rt_world *w, struct rt_node *node)
{
    rt_table_remove(&w->table, node);
    set_id(node, next_hidden_id(w));
    (void)rt_table_add(&w->table, node); /* it had a place */
}

/**
 * Enters a client's node under its id; false after refusing it, or after it was found to be there.
 */
PH_RT static bool enter(struct rt_world *w, struct rt_node *node, const struct rt_group *parent,
                        bool replaces)
{
    if (node->id == -1)
        set_id(node, next_hidden_id(w));
    else if (node->id < 0 && !is_servers_own(node)) {
        refuse(w, node, PH_RESERVED_NODE, node->id);
        return false;
    }
    struct rt_node *const present = rt_table_find(&w->table, node->id);
    if (present && !replaces && is_same_group(present, node, parent)) {
        rt_report_node(w, present, LINK_NODE_GO);
        rt_report_gone(w, node);
        return false;
    }
    if (present || w->n_client_nodes >= w->config.n_nodes_max || !rt_table_add(&w->table, node)) {
        refuse(w, node, present ? PH_DUPLICATE_NODE : PH_TOO_MANY_NODES, node->id);
        return false;
    }
    node->is_client = true;
    w->n_client_nodes++;
    if (node->request_id != 0)
        w->latest_id = node->id;
    return true;
}

/* ---- ending ---------------------------------------------------------------------------------- */

/** An unlinked node leaves every other table and goes to the command thread. */
PH_RT static void retire(struct rt_world *w, struct rt_node *node)
{
    rt_table_remove(&w->table, node);
    struct rt_synth *const synth = as_synth(node);
    const uint16_t slot = synth ? synth->slot : as_group(node)->slot;
    if (slot < RT_SLOTS_MAX && w->slots[slot] == node)
        w->slots[slot] = NULL;
    if (synth && synth->is_voice)
        rt_voice_leave(w, synth);
    if (synth && synth->ring.is_on)
        w->n_ringing--;
    if (node->is_client)
        w->n_client_nodes--;
    rt_report_gone(w, node);
}

/**
 * Ends everything below `top`, children before their groups; they report no neighbours any more.
 */
PH_RT static void free_below(struct rt_world *w, struct rt_group *top)
{
    struct rt_group *group = top;
    for (;;) {
        struct rt_node *const node = group->head;
        struct rt_group *const below = as_group(node);
        if (below && below->head) {
            group = below;
            continue;
        }
        if (node) {
            unlink_counted(w, node);
            rt_report_node(w, node, LINK_NODE_END);
            retire(w, node);
        } else if (group == top)
            return;
        else
            group = group->node.parent;
    }
}

/** Ends a node with all below it; it reports no neighbours any more. */
PH_RT static void drop(struct rt_world *w, struct rt_node *node)
{
    if (node->is_group)
        free_below(w, as_group(node));
    unlink_counted(w, node);
    rt_report_node(w, node, LINK_NODE_END);
    retire(w, node);
}

PH_RT void rt_tree_free_all(struct rt_world *w, struct rt_group *group)
{
    for (struct rt_node *node = group->head, *next; node; node = next) {
        next = node->next;
        if (!rt_tree_is_fixed(w, node))
            drop(w, node);
    }
}

PH_RT void rt_tree_free_synths(struct rt_world *w, struct rt_group *group)
{
    for (struct rt_node *node = &group->node, *next; node; node = next) {
        next = rt_tree_next_visible(w, group, node);
        if (!node->is_group)
            drop(w, node);
    }
}

PH_RT void rt_tree_add(struct rt_world *w, struct rt_node *node, int32_t target_id, uint8_t action,
                       bool keeps_id)
{
    struct rt_node *const target = target_of(w, node, target_id, action);
    const bool replaces = action == RT_ADD_REPLACE;
    if (!target)
        return;
    if (replaces && !keeps_id)
        rt_tree_hide(w, target);
    struct rt_group *const parent = action <= RT_ADD_TAIL ? as_group(target) : target->parent;
    if (!enter(w, node, parent, replaces))
        return;
    link_new(w, parent, place_behind(parent, target, action), node);
    if (replaces)
        drop(w, target);
    rt_report_node(w, node, LINK_NODE_GO);
}

PH_RT void rt_tree_remove(struct rt_world *w, struct rt_node *node)
{
    while (node && !rt_tree_is_fixed(w, node)) {
        struct rt_group *const parent = node->parent;
        if (node->is_group)
            free_below(w, as_group(node));
        rt_report_node(w, node, LINK_NODE_END);
        unlink_counted(w, node);
        retire(w, node);
        node = parent->closing && !parent->head ? &parent->node : NULL;
    }
}

PH_RT static void doom_as(struct rt_world *w, struct rt_node *node, enum rt_doom doom)
{
    if (node->state != RT_NODE_LIVE || rt_tree_is_fixed(w, node))
        return;
    node->state = RT_NODE_DOOMED;
    node->doom = (uint8_t)doom;
    node->doomed_next = w->doomed;
    w->doomed = node;
}

PH_RT void rt_tree_doom(struct rt_world *w, struct rt_node *node)
{
    doom_as(w, node, RT_DOOM_NEXT);
}

PH_RT static void end(struct rt_world *w, struct rt_node *node)
{
    if (node->doom == RT_DOOM_AT_ONCE)
        drop(w, node);
    else
        rt_tree_remove(w, node);
}

/** In the order of the tree, kind by kind, so that clients hear the same as from scsynth. */
PH_RT static void sweep_in_order(struct rt_world *w)
{
    uint32_t kinds = 0;
    for (const struct rt_node *node = w->doomed; node; node = node->doomed_next)
        kinds |= 1u << node->doom;
    for (; kinds; kinds &= kinds - 1)
        for (struct rt_node *node = w->root.head, *next; node; node = next) {
            const bool is_doomed = node->state == RT_NODE_DOOMED;
            const bool ends = is_doomed && 1u << node->doom == (kinds & -kinds);
            next = ends ? rt_tree_skip(&w->root, node) : rt_tree_next(&w->root, node);
            if (ends)
                end(w, node);
        }
}

PH_RT void rt_tree_sweep(struct rt_world *w)
{
    if (w->doomed && w->doomed->doomed_next && !w->is_unheard)
        sweep_in_order(w);
    while (w->doomed) {
        struct rt_node *const node = w->doomed;
        w->doomed = node->doomed_next;
        if (node->state == RT_NODE_DOOMED) /* else it has ended, or its group has taken it along */
            end(w, node);
    }
}

PH_RT void rt_tree_run(struct rt_world *w, struct rt_node *node, bool runs)
{
    if (node->paused != runs)
        return;
    node->paused = !runs;
    w->plan.is_stale = true;
    if (!runs && !node->is_group)
        rt_plan_part(w, (struct rt_synth *)node);
    rt_report_node(w, node, runs ? LINK_NODE_ON : LINK_NODE_OFF);
}

/** Flags of a synth that reaches for another node. */
enum { ON_OTHERS = DSP_NODE_FREE_OTHER | DSP_NODE_PAUSE_OTHER | DSP_NODE_RESUME_OTHER };

/* ---- done actions ---------------------------------------------------------------------------- */

/** A neighbour that a done action may touch: the hidden groups are not there. */
PH_RT static struct rt_node *neighbour(const struct rt_world *w, struct rt_node *node)
{
    return node && !rt_tree_is_fixed(w, node) ? node : NULL;
}

PH_RT static void doom_all(struct rt_world *w, struct rt_group *group)
{
    for (struct rt_node *node = group->head; node; node = node->next)
        doom_as(w, node, RT_DOOM_AT_ONCE);
}

PH_RT static void doom_synths_below(struct rt_world *w, struct rt_group *group)
{
    for (struct rt_node *node = group->head; node; node = rt_tree_next(group, node))
        if (!node->is_group)
            doom_as(w, node, RT_DOOM_AT_ONCE);
}

/** A synth, then all on one side of it. */
PH_RT static void doom_side(struct rt_world *w, struct rt_node *self, bool forward)
{
    for (struct rt_node *node = self; node; node = forward ? node->next : node->prev)
        doom_as(w, node, forward && node != self ? RT_DOOM_BEHIND : RT_DOOM_NEXT);
}

/** One done action: SCSYNTH 4. The synth itself ends with every action but 0 and 1. */
PH_RT static void done_action(struct rt_world *w, struct rt_synth *synth, uint32_t action)
{
    struct rt_node *const self = &synth->node;
    struct rt_node *const prev = neighbour(w, self->prev), *const next = neighbour(w, self->next);
    switch (action) {
    case 0:
        return;
    case 1:
        rt_tree_run(w, self, false);
        return;
    case 3:
    case 4:
        if (action == 3 ? prev : next)
            doom_as(w, action == 3 ? prev : next, action == 3 ? RT_DOOM_NEXT : RT_DOOM_BEHIND);
        break;
    case 5:
    case 6: {
        struct rt_node *const other = action == 5 ? prev : next;
        if (other && other->is_group)
            doom_all(w, as_group(other));
        else if (other)
            doom_as(w, other, action == 5 ? RT_DOOM_NEXT : RT_DOOM_BEHIND);
        break;
    }
    case 7:
    case 8:
        doom_side(w, self, action == 8);
        break;
    case 9:
    case 10:
        if (action == 9 ? prev : next)
            rt_tree_run(w, action == 9 ? prev : next, false);
        break;
    case 11:
    case 12: {
        struct rt_node *const other = action == 11 ? prev : next;
        if (other && other->is_group)
            doom_synths_below(w, as_group(other));
        else if (other)
            doom_as(w, other, action == 11 ? RT_DOOM_NEXT : RT_DOOM_BEHIND);
        break;
    }
    case 13:
        doom_side(w, self, false);
        doom_side(w, self, true);
        break;
    case 14:
        rt_tree_doom(w, &self->parent->node);
        break;
    case 15:
        if (next)
            rt_tree_run(w, next, true);
        break;
    default:
        break;
    }
    rt_tree_doom(w, self);
}

PH_RT static void carry_out(struct rt_world *w, struct rt_synth *synth)
{
    for (uint32_t action = 0; action < 16; action++)
        if (synth->dsp->done & (1u << action))
            done_action(w, synth, action);
    const uint32_t flags = synth->dsp->flags;
    struct rt_node *const freed =
        flags & DSP_NODE_FREE_OTHER ? rt_table_find(&w->table, synth->dsp->free_id) : NULL;
    struct rt_node *const run = flags & (DSP_NODE_PAUSE_OTHER | DSP_NODE_RESUME_OTHER)
                                    ? rt_table_find(&w->table, synth->dsp->run_id)
                                    : NULL;
    if (freed)
        rt_tree_doom(w, freed);
    if (run && !rt_tree_is_fixed(w, run))
        rt_tree_run(w, run, flags & DSP_NODE_RESUME_OTHER);
    if (synth->fade_ends && synth->fade_left == 0)
        rt_tree_doom(w, synth->ends_group ? &synth->node.parent->node : &synth->node);
}

/* ---- the walk -------------------------------------------------------------------------------- */

PH_RT struct rt_node *rt_tree_skip(const struct rt_group *top, struct rt_node *node)
{
    while (!node->next) {
        if (node->parent == top)
            return NULL;
        node = &node->parent->node;
    }
    return node->next;
}

PH_RT struct rt_node *rt_tree_next(const struct rt_group *top, struct rt_node *node)
{
    struct rt_group *const group = as_group(node);
    return group && group->head ? group->head : rt_tree_skip(top, node);
}

PH_RT static void settle_synth(struct rt_world *w, struct rt_synth *synth)
{
    if (synth->dsp->flags & DSP_NODE_NON_FINITE) {
        rt_plan_part(w, synth);
        rt_exec_reset(w, synth);
    }
    if (synth->ring.is_on)
        rt_exec_ring_on(w, synth);
    if (synth->dsp->flags & DSP_NODE_TAPPED)
        rt_report_may(w, &(struct link_report){ .kind = LINK_REPORT_TAP, .u.synth = synth });
    if (synth->dsp->flags & DSP_NODE_TOLD)
        rt_message_report(w, synth);
    if (synth->dsp->done | (synth->dsp->flags & ON_OTHERS) | (uint32_t)synth->fade_ends)
        carry_out(w, synth);
}

/** Carries out what the synths of a task asked for. */
PH_RT static void settle(struct rt_world *w, const struct rt_task *task)
{
    if (task->synth)
        settle_synth(w, task->synth);
    else
        for (uint32_t left = task->batch->asking; left; left &= left - 1)
            settle_synth(w, task->batch->synths[__builtin_ctz(left)]);
}

/** A barrier's actions may reach other nodes, also such as come behind it in this block. */
PH_RT static bool has_disturbed(const struct rt_task *task)
{
    const uint32_t own = 1u << 1 | 1u << 2; /* pause, free: of the synth itself */
    return task->synth && task->synth->def->is_barrier &&
           ((task->synth->dsp->done & ~own) || (task->synth->dsp->flags & ON_OTHERS));
}

PH_RT void rt_tree_render(struct rt_world *w)
{
    struct rt_plan *const plan = &w->plan;
    rt_plan_update(w);
    for (uint32_t level = 0; level < plan->n_levels; level++) {
        const uint32_t first = plan->level_first[level], end = plan->level_first[level + 1];
        rt_crew_run(w, first, end);
        for (uint32_t i = first; i < end; i++)
            settle(w, plan->sorted[i]);
        if (end - first == 1 && has_disturbed(plan->sorted[first])) {
            rt_plan_behind(w, plan->sorted[first]->synth);
            level = UINT32_MAX; /* + 1: the first level of the rest */
        }
    }
}
