/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/fire.c - carries out one command.                                                    */
/* room: audio.                                                                                   */
#include "server/rt/fire.h"

#include "server/rt/buffer.h"
#include "server/rt/bus.h"
#include "server/rt/client.h"
#include "server/rt/exec.h"
#include "server/rt/query.h"
#include "server/rt/report.h"
#include "server/rt/switch.h"
#include "server/rt/tree.h"
#include "server/rt/voice.h"

/* ---- nodes of clients ------------------------------------------------------------------------ */

PH_RT static void synth_add(struct rt_world *w, const struct link_command *c, uint32_t offset)
{
    struct rt_synth *const synth = c->u.add.synth;
    synth->node.request_id = c->request_id;
    synth->start_frame = w->frame + offset;
    synth->dsp->first_frame = offset;
    rt_tree_add(w, &synth->node, c->u.add.target, c->u.add.action, c->u.add.keeps_id);
    if (w->hushed && synth->node.parent == &w->output)
        synth->dsp->gain = 0;
}

/* ---- players --------------------------------------------------------------------------------- */

/** Steps count only while their player's generation is the running one. Slot 0 is no player. */
static bool is_current(const struct rt_world *w, uint16_t player_slot, uint32_t generation)
{
    return player_slot == 0 ||
           (player_slot < RT_SLOTS_MAX && w->generations[player_slot] == generation);
}

/**
 * An event counts if its player's generation ran on the event's own frame: also one that is due, by
 * nudge or because it is late, when another runs; and not one whose frame had another before.
 */
PH_RT static bool is_valid(const struct rt_world *w, const struct link_command *c)
{
    const uint16_t slot = c->u.voice.player_slot;
    const uint32_t generation = c->u.voice.generation;
    const uint64_t due = c->due_frame != 0 ? c->due_frame : w->frame;
    const uint64_t own = due - c->u.voice.delay_frames;
    if (is_current(w, slot, generation))
        return slot == 0 || own >= w->since[slot];
    const struct rt_term *const term = &w->terms[generation % RT_TERMS_MAX];
    return term->generation == generation && term->slot == slot && own >= term->began &&
           own < term->ended;
}

static struct rt_node *in_slot(const struct rt_world *w, uint16_t slot)
{
    return slot < RT_SLOTS_MAX ? w->slots[slot] : NULL;
}

/** Where a voice plays; NULL: that is gone. */
PH_RT static struct rt_node *group_of(struct rt_world *w, const struct link_command *c)
{
    if (c->u.voice.group_id != 0)
        return rt_table_find(&w->table, c->u.voice.group_id);
    return c->u.voice.group_slot == 0 ? &w->program.node : in_slot(w, c->u.voice.group_slot);
}

PH_RT static void voice(struct rt_world *w, const struct link_command *c, uint32_t offset, bool late)
{
    struct rt_synth *const synth = c->u.voice.synth;
    synth->node.request_id = c->request_id;
    synth->player_slot = c->u.voice.player_slot;
    if (!is_valid(w, c)) {
        w->counts.n_withdrawn++;
        rt_report_gone(w, &synth->node);
        return;
    }
    struct rt_node *const node = group_of(w, c);
    if (!node || !node->is_group) {
        w->counts.n_dropped_commands++;
        rt_report_gone(w, &synth->node);
        return;
    }
    w->counts.n_late += late;
    const struct rt_cut cut = { .group = c->u.voice.cut, .sound = c->u.voice.cut_sound,
                                .fade_ms = c->u.voice.fade_ms, .scope = c->u.voice.cut_scope,
                                .flags = c->u.voice.cut_flags };
    rt_voice_start(w, synth, (struct rt_group *)node, offset, &cut);
}

PH_RT static void step(struct rt_world *w, const struct link_command *c, uint32_t offset, bool late)
{
    if (!is_current(w, c->u.step.player_slot, c->u.step.generation)) {
        w->counts.n_withdrawn++;
        return;
    }
    struct rt_node *const node = in_slot(w, c->u.step.synth_slot);
    uint32_t control;
    if (!node || node->is_group ||
        !rt_exec_find(((struct rt_synth *)node)->def, c->u.step.symbol, 0, &control)) {
        w->counts.n_dropped_commands++;
        return;
    }
    w->counts.n_late += late;
    rt_exec_set(w, (struct rt_synth *)node, control, c->u.step.value, offset);
}

/* ---- the queue ------------------------------------------------------------------------------- */

static bool is_players(const struct link_command *c)
{
    return c->kind == LINK_VOICE || c->kind == LINK_STEP;
}

/* What somebody waits for, or what only moves data, keeps its turn: there may be more of it than
 * places in the backlog. */
PH_RT static bool drop_any(void *context, const struct link_command *c)
{
    if (c->kind == LINK_BUFFER_SWAP || c->kind == LINK_QUERY)
        return false;
    rt_fire_return(context, c);
    return true;
}

PH_RT static bool drop_but_players(void *context, const struct link_command *c)
{
    return !is_players(c) && drop_any(context, c);
}

PH_RT void rt_fire_return(struct rt_world *w, const struct link_command *c)
{
    switch (c->kind) {
    case LINK_SYNTH_ADD:
    case LINK_GROUP_ADD: {
        struct rt_node *const node = c->kind == LINK_SYNTH_ADD ? &c->u.add.synth->node
                                                               : &c->u.add.group->node;
        node->request_id = c->request_id;
        rt_report_gone(w, node);
        break;
    }
    case LINK_VOICE:
        rt_report_gone(w, &c->u.voice.synth->node);
        break;
    case LINK_BUFFER_SWAP: {
        const struct link_report report = { .kind = LINK_REPORT_BUFFER,
                                            .request_id = c->request_id,
                                            .status = PH_FULL,
                                            .u.buffer = c->u.buffer.buffer,
                                            .u.buffer_index = c->u.buffer.index };
        rt_report_must(w, &report);
        break;
    }
    case LINK_JOB:
    case LINK_BUFFER_WRITE:
        rt_report_job(w, c->u.job, PH_FULL);
        break;
    case LINK_QUERY: {
        const struct link_report report = { .kind = LINK_REPORT_QUERY,
                                            .request_id = c->request_id,
                                            .status = PH_FULL,
                                            .u.query = c->u.query };
        rt_report_must(w, &report);
        break;
    }
    default:
        break;
    }
}

PH_RT void rt_fire_refuse(struct rt_world *w, const struct link_command *c)
{
    w->counts.n_dropped_commands++;
    if (!is_players(c) && c->kind != LINK_QUERY) /* a query says so itself */
        rt_report_fail(w, c->request_id, PH_FULL, -1);
    rt_fire_return(w, c);
}

/* ---- all kinds ------------------------------------------------------------------------------- */

PH_RT static void fire_client(struct rt_world *w, const struct link_command *c, uint32_t offset)
{
    if (rt_client_has_failed(w, c))
        rt_fire_return(w, c);
    else if (c->kind == LINK_SYNTH_ADD)
        synth_add(w, c, offset);
    else if (c->kind == LINK_GROUP_ADD) {
        c->u.add.group->node.request_id = c->request_id;
        rt_tree_add(w, &c->u.add.group->node, c->u.add.target, c->u.add.action, c->u.add.keeps_id);
    } else {
        rt_client_fire(w, c);
    }
}

PH_RT void rt_fire(struct rt_world *w, const struct link_command *c)
{
    const bool late = c->due_frame != 0 && c->due_frame < w->frame;
    const uint32_t offset = c->due_frame > w->frame ? (uint32_t)(c->due_frame - w->frame) : 0;
    switch (c->kind) {
    case LINK_VOICE:
        voice(w, c, offset, late);
        return;
    case LINK_STEP:
        step(w, c, offset, late);
        return;
    case LINK_BUFFER_SWAP:
        rt_buffer_swap(w, c->u.buffer.index, c->u.buffer.buffer, c->request_id);
        break;
    case LINK_BUFFER_WRITE:
        rt_buffer_write(w, c->u.job, c->request_id);
        break;
    case LINK_BUFFER_FILL:
        rt_buffer_fill(w, c->u.fill.buffer, c->u.fill.first, c->u.fill.n, c->u.fill.value);
        break;
    case LINK_JOB:
        rt_report_job(w, c->u.job, PH_OK);
        return; /* late is what comes of it, if anything */
    case LINK_PROGRAM_SWAP:
        rt_switch_arrive(w, c->u.program, c->due_frame, c->request_id);
        return;
    case LINK_HUSH:
        rt_switch_hush(w, c->u.node.value == 0);
        break;
    case LINK_OUTPUT:
        rt_switch_output(w, c->u.output.slot, c->u.output.hushed);
        break;
    case LINK_PANIC:
        rt_switch_panic(w);
        rt_sched_drop(&w->sched, drop_any, w);
        break;
    case LINK_CLEAR_SCHED:
        rt_sched_drop(&w->sched, drop_but_players, w);
        break;
    case LINK_QUERY:
        rt_query(w, c, c->u.query);
        break;
    case LINK_LISTEN:
        w->is_unheard = c->u.node.value == 0;
        break;
    case LINK_FADE_OUT:
        rt_bus_fade_out(w);
        break;
    default:
        fire_client(w, c, offset);
        break;
    }
    w->counts.n_late += late;
}
