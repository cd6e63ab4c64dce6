/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/program.c - the switch from one program to the next, at one block boundary.          */
/* room: audio.                                                                                   */
#include "server/rt/program.h"

#include <string.h>

#include "protocol/synthdef.h"
#include "server/rt/exec.h"
#include "server/rt/report.h"
#include "server/rt/switch.h"
#include "server/rt/tree.h"
#include "server/rt/voice.h"

/*
 * Long memory copied in one switch: 1 MiB, 100 to 200 microseconds. What exceeds it changes hands
 * instead; the old synth, left with an empty memory, then ends without a crossfade.
 */
enum { COPY_FLOATS_MAX = 1 << 18 };

static struct rt_node *in_slot(const struct rt_world *w, uint16_t slot)
{
    return slot < RT_SLOTS_MAX ? w->slots[slot] : NULL;
}

static uint16_t slot_of(const struct rt_node *node)
{
    return node->is_group ? ((const struct rt_group *)node)->slot
                          : ((const struct rt_synth *)node)->slot;
}

/** A node of the program group that fades out or empties: no slot holds it any more. */
static bool is_leaving(const struct rt_world *w, const struct rt_node *node)
{
    return slot_of(node) == 0 || in_slot(w, slot_of(node)) != node;
}

/* ---- one entry ------------------------------------------------------------------------------- */

PH_RT static void put_in_slot(struct rt_world *w, uint16_t slot, struct rt_node *node)
{
    if (node->is_group)
        ((struct rt_group *)node)->slot = slot;
    else
        ((struct rt_synth *)node)->slot = slot;
    w->slots[slot] = node;
    (void)rt_table_add(&w->table, node); /* without a place there it is only harder to look at */
}

/**
 * The node leaves its slot and its id; a synth fades, a group stays until its voices have ended.
 */
PH_RT static void leave(struct rt_world *w, struct rt_node *node, uint32_t milliseconds)
{
    rt_table_remove(&w->table, node);
    w->slots[slot_of(node)] = NULL;
    if (node->is_group) {
        struct rt_group *const group = (struct rt_group *)node;
        group->closing = true;
        if (!group->head)
            rt_tree_remove(w, node);
        return;
    }
    struct rt_synth *const synth = (struct rt_synth *)node;
    if (!synth->born || node->paused)
        rt_tree_remove(w, node); /* it isn't heard, and a fade would never complete */
    else
        rt_exec_fade(w, synth, 0, milliseconds, true);
}

/** The node leaves its slot and its id, and rings out; if it can't, it fades. */
PH_RT static void ring(struct rt_world *w, const struct rt_program *program,
                       const struct rt_entry *entry, struct rt_node *node, uint32_t milliseconds)
{
    struct rt_synth *const synth = (struct rt_synth *)node;
    const bool can = !node->is_group && synth->born && !node->paused && !synth->resetting &&
                     w->n_ringing < RT_RINGING_MAX &&
                     entry->first_ring + synth->def->n_units <= program->n_rings;
    if (!can) {
        leave(w, node, milliseconds);
        return;
    }
    rt_table_remove(&w->table, node);
    w->slots[synth->slot] = NULL;
    w->n_ringing++;
    rt_exec_ring(w, synth, program->rings + entry->first_ring, milliseconds, program->quiet_frames);
}

/** The voices of a group that nobody will hear any more fade out. */
PH_RT static void fade_voices(struct rt_world *w, struct rt_node *node)
{
    struct rt_group *const group = (struct rt_group *)node;
    for (struct rt_node *n = group->head, *next; n; n = next) {
        next = n->next;
        struct rt_synth *const synth = (struct rt_synth *)n;
        if (n->is_group || !synth->is_voice)
            continue;
        if (synth->born)
            rt_voice_fade_out(w, synth, RT_FADE_CUT_MS);
        else
            rt_tree_remove(w, n);
    }
}

PH_RT static void remove_node(struct rt_world *w, const struct rt_program *program,
                              const struct rt_entry *entry, struct rt_node *node)
{
    if (entry->rings && node->is_group)
        fade_voices(w, node);
    if (entry->rings && !node->is_group)
        ring(w, program, entry, node, RT_FADE_CUT_MS);
    else
        leave(w, node, RT_FADE_CUT_MS);
}

PH_RT static void add(struct rt_world *w, const struct rt_entry *entry)
{
    struct rt_node *const old = in_slot(w, entry->slot);
    if (old)
        leave(w, old, RT_FADE_CUT_MS);
    rt_tree_link_tail(w, &w->program, entry->node);
    put_in_slot(w, entry->slot, entry->node);
    if (entry->node->is_group)
        return;
    struct rt_synth *const synth = (struct rt_synth *)entry->node;
    synth->hushed = entry->hushed;
    if (entry->fade_in || synth->hushed)
        synth->dsp->gain = 0;
    if (entry->fade_in && !synth->hushed)
        rt_exec_fade(w, synth, 1, RT_FADE_SWAP_MS, false);
}

/** An output is heard from here on, or is not. */
PH_RT static void hush_synth(struct rt_world *w, struct rt_node *node, bool hushed)
{
    struct rt_synth *const synth = (struct rt_synth *)node;
    if (!node || node->is_group || synth->hushed == hushed)
        return;
    synth->hushed = hushed;
    rt_exec_fade(w, synth, hushed ? 0 : 1, RT_FADE_CUT_MS, false);
}

/** Steps go on from where they are: a pattern that holds a value says nothing at the switch. */
PH_RT static void inherit_steps(const struct rt_synth *from, struct rt_synth *to)
{
    for (uint32_t p = 0; p < to->def->n_params; p++) {
        const struct rt_param *const param = &to->def->params[p];
        for (uint32_t i = 0; i < param->n_controls; i++) {
            const uint32_t control = param->first_control + i;
            uint32_t old;
            if (to->def->control_rates[control] == PH_AUDIO &&
                rt_exec_find(from->def, param->symbol, i, &old) &&
                from->def->control_rates[old] == PH_AUDIO)
                to->controls[control] = from->controls[old];
        }
    }
}

/** @return false when a memory had to change hands: the old synth can't go on */
PH_RT static bool carry_memory(struct rt_synth *from, struct rt_synth *to,
                               const struct rt_carry *carry, uint32_t *budget)
{
    struct rt_memory **const source = &from->memories[carry->from_memory - 1];
    struct rt_memory **const target = &to->memories[carry->to_memory - 1];
    const uint32_t n = (*source)->n_frames;
    if (n <= *budget) {
        memcpy((*target)->data, (*source)->data, n * sizeof(float));
        *budget -= n;
        return true;
    }
    struct rt_memory *const mine = *target;
    *target = *source;
    *source = mine;
    return false;
}

/** @return true when old and new can sound side by side */
PH_RT static bool carry(struct rt_synth *from, struct rt_synth *to, const struct rt_carry *carries,
                        uint32_t n, uint32_t *budget)
{
    if (!from->born || from->resetting) { /* there is no state yet, or it isn't worth having */
        memset(to->unit_carried, 0, to->def->n_units);
        return false;
    }
    bool both = true;
    for (uint32_t i = 0; i < n; i++) {
        memcpy(to->state + carries[i].to, from->state + carries[i].from, carries[i].bytes);
        if (carries[i].from_memory != 0 && carries[i].to_memory != 0)
            both &= carry_memory(from, to, &carries[i], budget);
    }
    return both;
}

PH_RT static void replace(struct rt_world *w, const struct rt_program *program,
                          const struct rt_entry *entry, uint32_t *budget)
{
    struct rt_node *const old = in_slot(w, entry->slot);
    if (!old || old->is_group || entry->node->is_group) {
        if (!entry->node->is_group)
            memset(((struct rt_synth *)entry->node)->unit_carried, 0,
                   ((struct rt_synth *)entry->node)->def->n_units);
        add(w, entry);
        return;
    }
    struct rt_synth *const from = (struct rt_synth *)old, *const to = (struct rt_synth *)entry->node;
    inherit_steps(from, to);
    const bool both =
        carry(from, to, program->carries + entry->first_carry, entry->n_carries, budget);
    rt_tree_link_after(w, old, entry->node);
    from->replaced = true;
    to->hushed = entry->hushed;
    if (both && !old->paused) {
        if (entry->rings)
            ring(w, program, entry, old, RT_FADE_SWAP_MS);
        else
            leave(w, old, RT_FADE_SWAP_MS);
        to->dsp->gain = 0;
        rt_exec_fade(w, to, to->hushed ? 0 : 1, RT_FADE_SWAP_MS, false);
    } else { /* takes over in mid-fade, if there was one */
        to->dsp->gain = from->dsp->gain;
        to->dsp->gain_step = from->dsp->gain_step;
        to->fade_left = from->fade_left;
        to->fade_target = from->fade_target;
        if (from->hushed != to->hushed)
            rt_exec_fade(w, to, to->hushed ? 0 : 1, RT_FADE_CUT_MS, false);
        rt_tree_remove(w, old);
    }
    put_in_slot(w, entry->slot, entry->node);
}

PH_RT static void apply(struct rt_world *w, const struct rt_program *program,
                        const struct rt_entry *entry, uint32_t *budget)
{
    struct rt_node *const old = in_slot(w, entry->slot);
    switch ((enum rt_entry_kind)entry->kind) {
    case RT_ENTRY_KEEP:
        hush_synth(w, old, entry->hushed);
        break;
    case RT_ENTRY_ADD:
        add(w, entry);
        break;
    case RT_ENTRY_REPLACE:
        replace(w, program, entry, budget);
        break;
    case RT_ENTRY_REMOVE:
        if (old)
            remove_node(w, program, entry, old);
        break;
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

/**
 * Before `place`, with what it has replaced and still rings: who heard that stands behind the node.
 */
PH_RT static void move_with_replaced(struct rt_world *w, struct rt_node *node,
                                     struct rt_node *place)
{
    struct rt_node *first = node;
    while (first->prev && is_leaving(w, first->prev) && !first->prev->is_group &&
           ((struct rt_synth *)first->prev)->replaced)
        first = first->prev;
    for (struct rt_node *next; first != node; first = next) {
        next = first->next;
        rt_tree_move(w, &w->program, first, place);
    }
    rt_tree_move(w, &w->program, node, place);
}

/**
 * Puts the program's nodes into the order of its entries. What is leaving stays behind whatever it
 * stood behind, so that its fade still reaches those who listen to it.
 */
PH_RT static void put_in_order(struct rt_world *w, const struct rt_program *program)
{
    struct rt_node *place = w->program.head;
    for (uint32_t i = 0; i < program->n_entries; i++) {
        struct rt_node *const node = in_slot(w, program->entries[i].slot);
        if (program->entries[i].kind == RT_ENTRY_REMOVE || !node || node->parent != &w->program)
            continue;
        while (place && place != node && is_leaving(w, place))
            place = place->next;
        if (place == node)
            place = node->next;
        else
            move_with_replaced(w, node, place);
    }
}

PH_RT static void set_initials(struct rt_world *w, const struct rt_program *program)
{
    for (uint32_t i = 0; i < program->n_initials; i++) {
        const struct rt_initial *const initial = &program->initials[i];
        struct rt_node *const node = in_slot(w, initial->synth_slot);
        uint32_t control;
        if (node && !node->is_group &&
            rt_exec_find(((struct rt_synth *)node)->def, initial->symbol, 0, &control))
            rt_exec_set(w, (struct rt_synth *)node, control, initial->value, 0);
    }
}

PH_RT static void begin_generation(struct rt_world *w, const struct rt_player *player)
{
    uint32_t *const now = &w->generations[player->slot];
    if (*now == player->generation)
        return;
    if (*now != 0)
        w->terms[*now % RT_TERMS_MAX] =
            (struct rt_term){ *now, player->slot, w->since[player->slot], w->frame };
    *now = player->generation;
    w->since[player->slot] = w->frame;
}

PH_RT static void send_back(struct rt_world *w, struct rt_program *program)
{
    const struct link_report report = { .kind = LINK_REPORT_PROGRAM,
                                        .request_id = w->waiting_request,
                                        .u.program = program };
    rt_report_must(w, &report);
}

PH_RT static void switch_now(struct rt_world *w)
{
    struct rt_program *const program = w->waiting;
    uint32_t budget = COPY_FLOATS_MAX;
    w->waiting = NULL;
    for (uint32_t i = 0; i < program->n_entries; i++)
        if (program->entries[i].slot > 0 && program->entries[i].slot < RT_SLOTS_MAX)
            apply(w, program, &program->entries[i], &budget);
    put_in_order(w, program);
    for (uint32_t i = 0; i < program->n_players; i++)
        if (program->players[i].slot < RT_SLOTS_MAX)
            begin_generation(w, &program->players[i]);
    set_initials(w, program);
    if (program->tempo.rate_hz > 0)
        w->tempo = program->tempo;
    w->revision = program->revision;
    if (w->hushed && !program->keeps_hush)
        rt_switch_hush(w, false);
    program->switch_frame = w->frame;
    program->switch_cycle = ph_tempo_cycle(&w->tempo, (int64_t)w->frame);
    send_back(w, program);
}

/** Its events were timed for another block than this. */
static bool is_too_late(const struct rt_world *w)
{
    return w->waiting->is_exact && w->frame >= w->waiting_frame + w->config.block_frames;
}

PH_RT void rt_switch_arrive(struct rt_world *w, struct rt_program *program, uint64_t due_frame,
                            uint32_t request_id)
{
    if (w->waiting)
        switch_now(w);
    w->waiting = program;
    w->waiting_frame = due_frame;
    w->waiting_request = request_id;
}

PH_RT void rt_switch_due(struct rt_world *w)
{
    if (!w->waiting || w->waiting_frame > w->frame || !rt_report_has_room(w))
        return;
    if (!is_too_late(w)) {
        switch_now(w);
        return;
    }
    struct rt_program *const late = w->waiting;
    w->waiting = NULL;
    late->is_late = true;
    send_back(w, late);
}

/* ---- hush and panic -------------------------------------------------------------------------- */

PH_RT void rt_switch_hush(struct rt_world *w, bool hushed)
{
    w->hushed = hushed;
    if (hushed && w->waiting)
        w->waiting->keeps_hush = true;
    for (struct rt_node *node = w->output.head; node; node = rt_tree_next(&w->output, node))
        if (!node->is_group)
            rt_exec_fade(w, (struct rt_synth *)node, hushed ? 0 : 1, RT_FADE_CUT_MS, false);
}

PH_RT void rt_switch_output(struct rt_world *w, uint16_t slot, bool hushed)
{
    hush_synth(w, in_slot(w, slot), hushed);
    for (uint32_t i = 0; w->waiting && i < w->waiting->n_entries; i++)
        if (w->waiting->entries[i].slot == slot)
            w->waiting->entries[i].hushed = hushed;
}

PH_RT void rt_switch_panic(struct rt_world *w)
{
    if (w->waiting) /* its nodes are in its hands: let it in, then end it with the rest */
        switch_now(w);
    memset(w->generations, 0, sizeof w->generations);
    memset(w->terms, 0, sizeof w->terms);
    w->revision = 0;
    for (struct rt_synth *v = w->voice_head, *next; v; v = next) {
        next = v->voice_next;
        if (v->born)
            rt_voice_fade_out(w, v, RT_FADE_STEAL_MS);
        else
            rt_tree_remove(w, &v->node);
    }
    for (struct rt_node *node = w->program.head, *next; node; node = next) {
        next = node->next;
        struct rt_synth *const synth = (struct rt_synth *)node;
        if (!is_leaving(w, node))
            leave(w, node, RT_FADE_STEAL_MS);
        else if (!node->is_group && synth->ring.is_on && !synth->fade_ends)
            rt_exec_fade(w, synth, 0, RT_FADE_STEAL_MS, true);
    }
}
