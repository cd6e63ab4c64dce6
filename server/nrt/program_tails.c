/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/program_tails.c - what of a program rings out when the next one takes over.         */
/* room: command thread.                                                                          */
/*                                                                                                */
/* LANGUAGE 5.6.4. A node that leaves, or makes room for its successor, rings out when it has a   */
/* delay or a reverb that the successor doesn't take over, or when it hears a bus on which        */
/* another one rings. Then its sources fade instead of the whole: what it makes itself, and buses */
/* that play on for others. Nodes are looked at in the order in which they run, so that those     */
/* that are heard come first.                                                                     */
#include <stdlib.h>
#include <string.h>

#include "server/nrt/program_state.h"

/* Beyond the longest delay: for what a reverb or a filter holds. */
enum { QUIET_MS = 100 };

/** A switch under study. */
struct study {
    const struct nrt_programs *p;
    struct rt_program *s;
    bool *rings;        /* [n_buses of programs]: on this bus, which ends, something rings */
    uint32_t n_frames;  /* longest delay that rings */
};

/** Buses first .. first + n - 1. */
struct span {
    uint32_t first, n;
};

/** Which buses a running synth uses. Its controls that name buses don't move. */
static struct span span_of(const struct rt_synth *synth, const struct rt_access *a)
{
    const float bus = a->source == RT_BUS_CONSTANT  ? synth->def->constants[a->index]
                      : a->source == RT_BUS_UNKNOWN ? -1
                                                    : synth->controls[a->control * synth->stride];
    return (struct span){ bus >= 0 ? (uint32_t)bus : 0, bus >= 0 ? a->n_channels : 0 };
}

static bool has_bus(const struct running *r, uint32_t bus)
{
    for (uint32_t i = 0; i < r->n_buses; i++)
        if (bus >= r->buses[i].index && bus < r->buses[i].index + r->buses[i].n_channels)
            return true;
    return false;
}

/** A bus of programs that the next one doesn't have. */
static bool ends(const struct nrt_programs *p, uint32_t bus)
{
    return bus >= p->config.first_bus && bus < p->config.first_bus + p->config.n_buses &&
           !has_bus(&p->next, bus);
}

static bool all_end(const struct nrt_programs *p, struct span span)
{
    bool all = span.n > 0;
    for (uint32_t i = 0; i < span.n; i++)
        all &= ends(p, span.first + i);
    return all;
}

static bool hears_ringing(const struct study *study, const struct rt_synth *synth)
{
    const struct nrt_programs *const p = study->p;
    bool hears = false;
    for (uint32_t i = 0; i < synth->def->n_accesses; i++) {
        const struct rt_access *const a = &synth->def->accesses[i];
        const struct span span = span_of(synth, a);
        for (uint32_t k = 0; k < span.n && a->kind == RT_READS; k++)
            hears |= ends(p, span.first + k) && study->rings[span.first + k - p->config.first_bus];
    }
    return hears;
}

/** Whether a unit of the new synth goes on with the state of this one. */
static bool has_heir(const struct rt_unit *unit, const struct rt_synth *heir)
{
    for (uint32_t u = 0; heir && unit->key != 0 && u < heir->def->n_units; u++)
        if (heir->def->units[u].key == unit->key)
            return heir->unit_carried[u];
    return false;
}

/** The longest memory of a tail that nobody takes over; 0: there is none. */
static uint32_t lost_tail(const struct rt_synth *synth, const struct rt_synth *heir)
{
    const struct rt_def *const def = synth->def;
    uint32_t longest = 0;
    for (uint32_t u = 0; u < def->n_units; u++) {
        const struct rt_unit *const unit = &def->units[u];
        if (def->parts[u] != RT_PART_TAIL || has_heir(unit, heir))
            continue;
        const struct rt_memory *const memory = synth->memories[unit->memory - 1];
        const uint32_t n = memory ? memory->n_frames : 0;
        longest = n > longest ? n : longest;
    }
    return longest;
}

/** Of a bus that ends the writers fade by themselves; of others what is read there fades here. */
static bool fades(const struct nrt_programs *p, const struct rt_synth *synth, uint32_t u)
{
    const struct rt_def *const def = synth->def;
    for (uint32_t i = 0; i < def->n_accesses; i++)
        if (def->accesses[i].unit == u)
            return !all_end(p, span_of(synth, &def->accesses[i]));
    return true;
}

/** Says of each unit what becomes of it, and of each bus that ends that something rings there. */
static ph_status let_ring(struct study *study, const struct rt_synth *synth,
                          const struct rt_synth *heir, struct rt_entry *entry)
{
    const struct rt_def *const def = synth->def;
    const struct nrt_programs *const p = study->p;
    uint8_t *const rings = realloc(study->s->rings, study->s->n_rings + def->n_units + 1);
    if (!rings)
        return PH_NO_MEMORY;
    study->s->rings = rings;
    entry->rings = true;
    entry->first_ring = study->s->n_rings;
    for (uint32_t u = 0; u < def->n_units; u++) {
        const bool is_source = def->parts[u] == RT_PART_SOURCE && fades(p, synth, u);
        const bool is_heir = def->parts[u] == RT_PART_TAIL && has_heir(&def->units[u], heir);
        rings[study->s->n_rings++] = is_heir     ? RT_RING_IS_HEIR
                                     : is_source ? RT_RING_FADES
                                                 : RT_RING_GOES_ON;
    }
    for (uint32_t i = 0; i < def->n_accesses; i++) {
        const struct span span = span_of(synth, &def->accesses[i]);
        for (uint32_t k = 0; k < span.n && def->accesses[i].kind != RT_READS; k++)
            if (ends(p, span.first + k))
                study->rings[span.first + k - p->config.first_bus] = true;
    }
    return PH_OK;
}

static ph_status study_node(struct study *study, const struct running_node *old,
                            struct rt_entry *entry)
{
    if (!old->node || (entry->kind != RT_ENTRY_REMOVE && entry->kind != RT_ENTRY_REPLACE))
        return PH_OK;
    if (old->is_group) {
        entry->rings = ends(study->p, old->bus);
        return PH_OK;
    }
    const struct rt_synth *const synth = (const struct rt_synth *)old->node;
    const struct rt_synth *const heir =
        entry->kind == RT_ENTRY_REPLACE ? (const struct rt_synth *)entry->node : NULL;
    const uint32_t n_frames = lost_tail(synth, heir);
    if (n_frames == 0 && !hears_ringing(study, synth))
        return PH_OK;
    study->n_frames = n_frames > study->n_frames ? n_frames : study->n_frames;
    return let_ring(study, synth, heir, entry);
}

ph_status nrt_program_prepare_tails(struct nrt_programs *p, struct rt_program *s)
{
    struct study study = { .p = p, .s = s, .rings = calloc(p->config.n_buses + 1, 1) };
    struct rt_entry **const by_slot = calloc(RT_SLOTS_MAX, sizeof(struct rt_entry *));
    ph_status status = study.rings && by_slot ? PH_OK : PH_NO_MEMORY;
    for (uint32_t i = 0; i < s->n_entries && by_slot; i++)
        by_slot[s->entries[i].slot] = &s->entries[i];
    for (uint32_t i = 0; i < p->now.n_nodes && status == PH_OK; i++)
        if (by_slot[p->now.nodes[i].slot])
            status = study_node(&study, &p->now.nodes[i], by_slot[p->now.nodes[i].slot]);
    s->quiet_frames = study.n_frames + p->config.rate_hz * QUIET_MS / 1000;
    free(by_slot);
    free(study.rings);
    return status;
}

/* ---- buses ----------------------------------------------------------------------------------- */

void nrt_program_retire_buses(struct nrt_programs *p, const struct running *old, uint64_t frame)
{
    const uint64_t until = frame + (RT_RING_SECONDS + 1) * (uint64_t)p->config.rate_hz;
    for (uint32_t i = 0; i < old->n_buses; i++)
        for (uint32_t k = 0; k < old->buses[i].n_channels; k++)
            if (!has_bus(&p->now, old->buses[i].index + k))
                p->rests_until[old->buses[i].index + k - p->config.first_bus] = until;
}

bool nrt_program_bus_has_rested(const struct nrt_programs *p, uint32_t first, uint32_t n)
{
    struct link_status now;
    bool rested = true;
    link_snapshot_read(p->config.snapshot, &now);
    for (uint32_t i = 0; i < n; i++)
        rested &= p->rests_until[first + i - p->config.first_bus] <= now.frame;
    return rested;
}
