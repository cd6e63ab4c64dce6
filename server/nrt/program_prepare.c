/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/program_prepare.c - what a new program keeps, changes, adds and removes.            */
/* room: command thread.                                                                          */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/load/bank.h"
#include "server/link/use.h"
#include "server/nrt/program_state.h"

#define FIND(kind)                                                                                 \
    static struct running_##kind *find_##kind(const struct running *r, const char *name)           \
    {                                                                                              \
        for (uint32_t i = 0; name && i < r->n_##kind##s; i++)                                      \
            if (strcmp(r->kind##s[i].name, name) == 0)                                             \
                return &r->kind##s[i];                                                             \
        return NULL;                                                                               \
    }
FIND(def)
FIND(node)
FIND(player)
#undef FIND

static struct running_bus *find_bus(const struct running *r, const char *name)
{
    for (uint32_t i = 0; name && i < r->n_buses; i++)
        if (strcmp(r->buses[i].name, name) == 0)
            return &r->buses[i];
    return NULL;
}

/** What controls of one definition or node stand for, and the samples among it. */
struct binding {
    struct nrt_programs *programs;
    struct load_sample *samples; /* space for all controls */
    uint32_t n_samples;
};

static ph_status binding_init(struct binding *b, struct nrt_programs *p, uint32_t n_controls)
{
    *b = (struct binding){ .programs = p, .samples = calloc(n_controls + 1, sizeof *b->samples) };
    return b->samples ? PH_OK : PH_NO_MEMORY;
}

/** Number of a sample's buffer, which is counted among those to keep; -1 where there is none. */
static float sample_number(struct binding *b, const struct ph_program_control *c)
{
    struct load_sample *const sample = &b->samples[b->n_samples];
    if (!nrt_program_find_sample(b->programs, c, sample))
        return -1.0f;
    b->n_samples++;
    return (float)sample->buffer_number;
}

/**
 * Number of a control's bus or sample, or its value. A port that the driver hasn't got is a bus
 * that doesn't exist.
 */
static float control_value(struct binding *b, const struct ph_program_control *c)
{
    const struct running_bus *const bus = find_bus(&b->programs->next, c->bus);
    if (bus)
        return (float)bus->index;
    if (c->sample)
        return sample_number(b, c);
    return c->bus ? -1.0f : c->value;
}

/** Keeps the samples while somebody may play them: until `uses` are released. */
static ph_status binding_end(struct binding *b, ph_status status, struct link_uses **uses)
{
    *uses = NULL;
    if (status == PH_OK)
        status = load_bank_use_all(b->programs->config.bank, b->samples, b->n_samples, uses);
    free(b->samples);
    b->samples = NULL;
    return status;
}

static void name_add(struct name_list *list, const char *name)
{
    if (name[0] != '(')
        list->names[list->n++] = name;
}

/* ---- buses and definitions ------------------------------------------------------------------- */

/** True when buses [first, first + n) are used by neither the running nor the next program. */
static bool bus_is_free(const struct nrt_programs *p, uint32_t first, uint32_t n)
{
    const struct running *const programs[] = { &p->now, &p->next };
    for (uint32_t k = 0; k < 2; k++)
        for (uint32_t i = 0; i < programs[k]->n_buses; i++) {
            const struct running_bus *const b = &programs[k]->buses[i];
            if (b->index < first + n && first < b->index + b->n_channels)
                return false;
        }
    return true;
}

static ph_status allocate_bus(struct nrt_programs *p, uint32_t n_channels, uint32_t *index)
{
    const uint32_t lowest = nrt_lowest_bus(p), count = p->config.n_buses - lowest;
    /* once around for one on which nothing rings; then any that no program names */
    for (uint32_t tried = 0; tried < 2 * count; tried++) {
        if (p->next_bus + n_channels > p->config.n_buses)
            p->next_bus = lowest;
        const uint32_t first = p->config.first_bus + p->next_bus++;
        const bool rests = tried < count && !nrt_program_bus_has_rested(p, first, n_channels);
        if (!rests && bus_is_free(p, first, n_channels)) {
            p->next_bus += n_channels - 1;
            *index = first;
            return PH_OK;
        }
    }
    return PH_TOO_LARGE;
}

static ph_status add_bus(struct running *r, const char *name, uint32_t index, uint32_t n_channels)
{
    struct running_bus *const bus = &r->buses[r->n_buses];
    bus->name = strdup(name);
    if (!bus->name)
        return PH_NO_MEMORY;
    bus->index = index;
    bus->n_channels = n_channels;
    r->n_buses++;
    return PH_OK;
}

ph_status nrt_program_prepare_buses(struct nrt_programs *p, const struct ph_program *program,
                                    char *error)
{
    const uint32_t n_ports = p->config.n_outputs;
    p->next.buses = calloc(program->n_buses + n_ports + 2, sizeof *p->next.buses);
    if (!p->next.buses)
        return PH_NO_MEMORY;
    ph_status status = add_bus(&p->next, PH_BUS_MAIN, nrt_main_bus(p), MAIN_CHANNELS);
    if (status == PH_OK)
        status = add_bus(&p->next, MIX_BUS, nrt_mix_bus(p), MAIN_CHANNELS);
    for (uint32_t port = 1; port <= n_ports && status == PH_OK; port++) {
        char name[sizeof PH_BUS_PORT + 10];
        snprintf(name, sizeof name, PH_BUS_PORT "%u", port);
        status = add_bus(&p->next, name, nrt_port_bus(p, port), 1);
    }
    for (uint32_t i = 0; i < program->n_buses && status == PH_OK; i++) {
        const struct ph_program_bus *const from = &program->buses[i];
        const struct running_bus *const running = find_bus(&p->now, from->name);
        uint32_t index;
        if (running && running->n_channels == from->n_channels)
            index = running->index;
        else
            status = allocate_bus(p, from->n_channels, &index);
        if (status == PH_OK)
            status = add_bus(&p->next, from->name, index, from->n_channels);
        else
            snprintf(error, 256, "no audio bus left for %.100s", from->name);
    }
    return status;
}

/** The control's first value becomes the number of its bus or sample. @return the hash with it */
static uint64_t bind_control(struct binding *b, struct ph_synthdef *def,
                             const struct ph_program_control *control, uint64_t hash)
{
    const float value = control_value(b, control);
    for (uint32_t i = 0; i < def->n_names; i++)
        if (strcmp(def->names[i].name, control->control) == 0 &&
            def->names[i].index < def->n_controls)
            def->controls[def->names[i].index] = value;
    return ph_hash(hash, &value, sizeof value);
}

static ph_status prepare_def(struct nrt_programs *p, struct ph_program_def *from,
                             struct running_def *to, char *error)
{
    struct binding binding;
    struct link_uses *uses;
    ph_status status = binding_init(&binding, p, from->n_controls);
    to->hash = from->hash;
    for (uint32_t c = 0; c < from->n_controls && status == PH_OK; c++)
        to->hash = bind_control(&binding, &from->def, &from->controls[c], to->hash);
    status = binding_end(&binding, status, &uses);
    if (status != PH_OK)
        return status;
    const struct running_def *const running = find_def(&p->now, from->name);
    if (running && running->hash == to->hash) {
        link_uses_release(uses); /* the definition has its own */
        to->def = nrt_def_retain(running->def);
        return PH_OK;
    }
    char detail[128] = "";
    status = nrt_def_compile(&from->def, p->config.symbols, &p->config.target, &to->def, detail);
    if (status == PH_OK) {
        to->def->uses = uses;
    } else {
        link_uses_release(uses);
        snprintf(error, 256, "%.100s: %s", from->name, detail);
    }
    return status;
}

ph_status nrt_program_prepare_defs(struct nrt_programs *p, struct ph_program *program, char *error)
{
    p->next.defs = calloc(program->n_defs + 1, sizeof *p->next.defs);
    if (!p->next.defs)
        return PH_NO_MEMORY;
    for (uint32_t i = 0; i < program->n_defs; i++) {
        struct running_def *const to = &p->next.defs[p->next.n_defs];
        to->name = strdup(program->defs[i].name);
        if (!to->name)
            return PH_NO_MEMORY;
        p->next.n_defs++;
        const ph_status status = prepare_def(p, &program->defs[i], to, error);
        if (status != PH_OK)
            return status;
    }
    return PH_OK;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

/** The least slot that neither the running program nor the one under way uses; 0: none is left. */
static uint16_t allocate_slot(const struct nrt_programs *p, bool player)
{
    const struct running *const programs[] = { &p->now, &p->next };
    bool used[RT_SLOTS_MAX] = { true };
    for (uint32_t k = 0; k < 2; k++) {
        const struct running *const r = programs[k];
        for (uint32_t i = 0; !player && i < r->n_nodes; i++)
            used[r->nodes[i].slot] = true;
        for (uint32_t i = 0; player && i < r->n_players; i++)
            used[r->players[i].slot] = true;
    }
    for (uint32_t slot = 1; slot < RT_SLOTS_MAX; slot++)
        if (!used[slot])
            return (uint16_t)slot;
    return 0;
}

/** Definition and values of a node. */
struct node_values {
    float *values; /* [n_controls] */
    struct link_uses *uses;
    uint64_t hash;
};

static ph_status node_values_init(struct node_values *v, struct nrt_programs *p,
                                  const struct ph_program_node *node, const struct running_def *def)
{
    struct binding binding;
    *v = (struct node_values){ .values = calloc(node->n_controls + 1, sizeof *v->values),
                               .hash = nrt_hash_number(PH_HASH_START, def->hash) };
    ph_status status = v->values ? binding_init(&binding, p, node->n_controls) : PH_NO_MEMORY;
    if (status != PH_OK)
        return status;
    for (uint32_t i = 0; i < node->n_controls; i++) {
        v->values[i] = control_value(&binding, &node->controls[i]);
        v->hash = ph_hash(ph_hash_text(v->hash, node->controls[i].control), &v->values[i],
                          sizeof v->values[i]);
    }
    return binding_end(&binding, PH_OK, &v->uses);
}

static void node_values_finish(struct node_values *v)
{
    free(v->values);
    link_uses_release(v->uses);
}

/**
 * A synth of the next program with its values set; it has not been given away yet. Takes the uses.
 */
static ph_status make_synth(struct nrt_programs *p, const struct ph_program_node *node,
                            const struct running_def *def, struct node_values *v, uint16_t slot,
                            struct rt_synth **out)
{
    struct rt_synth *synth = NULL;
    const ph_status status = nrt_synth_new(def->def, -1000 - slot,
                                           ph_hash_text(PH_HASH_START, node->name), &synth);
    if (status != PH_OK)
        return status;
    synth->slot = slot;
    for (uint32_t i = 0; i < node->n_controls; i++)
        nrt_synth_set(synth, nrt_symbol_find(p->config.symbols, node->controls[i].control),
                      v->values[i]);
    synth->uses = v->uses;
    v->uses = NULL;
    *out = synth;
    return PH_OK;
}

static ph_status prepare_group(struct nrt_programs *p, const struct ph_program_node *from,
                               struct running_node *node, const struct running_node *before,
                               struct rt_entry *entry)
{
    const struct running_bus *const bus = find_bus(&p->next, from->bus);
    node->is_group = true;
    node->bus = bus ? bus->index : nrt_main_bus(p);
    if (before && before->is_group && before->node) {
        node->slot = before->slot;
        node->node = before->node;
        *entry = (struct rt_entry){ .slot = node->slot, .kind = RT_ENTRY_KEEP };
        return PH_OK;
    }
    node->slot = allocate_slot(p, false);
    struct rt_group *group = NULL;
    const ph_status status = nrt_group_new(-1000 - node->slot, &group);
    if (status != PH_OK)
        return status;
    group->slot = node->slot;
    node->node = &group->node;
    *entry = (struct rt_entry){ .slot = node->slot, .kind = RT_ENTRY_ADD, .node = node->node };
    return PH_OK;
}

/** A synth whose values are known: kept, in place of another, or new. */
static ph_status place_synth(struct nrt_programs *p, const struct ph_program_node *from,
                             const struct running_def *def, struct node_values *values,
                             struct running_node *node, const struct running_node *before,
                             struct rt_program *switch_, struct rt_entry *entry)
{
    node->hash = values->hash;
    const bool comparable = before && !before->is_group && before->node;
    if (comparable && before->hash == node->hash) {
        node->slot = before->slot;
        node->node = before->node;
        name_add(&p->kept, node->name);
        *entry = (struct rt_entry){ .slot = node->slot, .kind = RT_ENTRY_KEEP };
        return PH_OK;
    }
    node->slot = comparable ? before->slot : allocate_slot(p, false);
    struct rt_synth *synth = NULL;
    const ph_status status = make_synth(p, from, def, values, node->slot, &synth);
    if (status != PH_OK)
        return status;
    node->node = &synth->node;
    *entry = (struct rt_entry){ .slot = node->slot, .node = node->node,
                                .kind = comparable ? RT_ENTRY_REPLACE : RT_ENTRY_ADD,
                                /* sums of the server's fade in with what they add */
                                .fade_in = !comparable && p->now.n_nodes > 1 && /* beside (mix) */
                                           from->name[0] != '(' };
    if (comparable) {
        struct rt_carry *const carries =
            realloc(switch_->carries,
                    (switch_->n_carries + def->def->n_units + 1) * sizeof *carries);
        if (!carries)
            return PH_NO_MEMORY; /* the entry owns the synth: freed with the switch */
        switch_->carries = carries;
        entry->first_carry = switch_->n_carries;
        entry->n_carries = nrt_synth_carry((const struct rt_synth *)before->node, synth,
                                           switch_->carries + switch_->n_carries);
        switch_->n_carries += entry->n_carries;
    }
    name_add(comparable ? &p->changed : &p->added, node->name);
    return PH_OK;
}

static ph_status prepare_synth(struct nrt_programs *p, const struct ph_program_node *from,
                               struct running_node *node, const struct running_node *before,
                               struct rt_program *switch_, struct rt_entry *entry, char *error)
{
    const struct running_def *const def = find_def(&p->next, from->def);
    if (!def) {
        snprintf(error, 256, "node %.100s: no definition %.100s", from->name, from->def);
        return PH_BAD_PROGRAM;
    }
    struct node_values values;
    ph_status status = node_values_init(&values, p, from, def);
    if (status == PH_OK)
        status = place_synth(p, from, def, &values, node, before, switch_, entry);
    node_values_finish(&values);
    return status;
}

ph_status nrt_program_prepare_nodes(struct nrt_programs *p, const struct ph_program *program,
                                    struct rt_program *switch_, char *error)
{
    p->next.nodes = calloc(program->n_nodes + 1, sizeof *p->next.nodes);
    switch_->entries = calloc(program->n_nodes + p->now.n_nodes + 1, sizeof *switch_->entries);
    if (!p->next.nodes || !switch_->entries)
        return PH_NO_MEMORY;
    for (uint32_t i = 0; i < program->n_nodes; i++) {
        const struct ph_program_node *const from = &program->nodes[i];
        struct running_node *const node = &p->next.nodes[p->next.n_nodes];
        const struct running_node *const before = find_node(&p->now, from->name);
        struct rt_entry *const entry = &switch_->entries[switch_->n_entries];
        node->name = strdup(from->name);
        if (!node->name)
            return PH_NO_MEMORY;
        p->next.n_nodes++;
        const ph_status status = from->def
                                     ? prepare_synth(p, from, node, before, switch_, entry, error)
                                     : prepare_group(p, from, node, before, entry);
        switch_->n_entries += entry->slot != 0;
        if (status != PH_OK)
            return status;
        if (entry->slot == 0) {
            snprintf(error, 256, "more than %d nodes", RT_SLOTS_MAX);
            return PH_TOO_LARGE;
        }
    }
    for (uint32_t i = 0; i < p->now.n_nodes; i++) { /* what the new program doesn't name any more */
        const struct running_node *const old = &p->now.nodes[i];
        const struct running_node *const same = find_node(&p->next, old->name);
        if (!old->node || (same && same->slot == old->slot))
            continue;
        switch_->entries[switch_->n_entries++] =
            (struct rt_entry){ .slot = old->slot, .kind = RT_ENTRY_REMOVE };
        if (!old->is_group)
            name_add(&p->removed, old->name);
    }
    return nrt_program_prepare_tails(p, switch_);
}

/* ---- players --------------------------------------------------------------------------------- */

/**
 * Code, target and the definitions its words name: what decides whether a player goes on untouched.
 */
static uint64_t player_hash(const struct nrt_programs *p, const struct ph_program_player *player,
                            const struct running_node *node, uint32_t out_bus)
{
    uint64_t hash = nrt_hash_number(nrt_hash_number(player->hash, node->slot), out_bus);
    for (uint32_t i = 0; i < player->code.n_consts; i++) {
        const struct ph_value *const v = &player->code.consts[i];
        const struct running_def *const def =
            v->kind == PH_VALUE_WORD ? find_def(&p->next, v->text) : NULL;
        if (def)
            hash = nrt_hash_number(hash, def->hash);
    }
    const struct running_def *const fallback = find_def(&p->next, player->default_def);
    return fallback ? nrt_hash_number(hash, fallback->hash) : hash;
}

static ph_status prepare_player(struct nrt_programs *p, struct ph_program_player *from, bool afresh,
                                struct rt_program *switch_, struct seq_player_spec *spec, bool *is_new,
                                char *error)
{
    struct running_player *const player = &p->next.players[p->next.n_players];
    const struct running_player *const before = find_player(&p->now, from->name);
    const struct running_node *const node = find_node(&p->next, from->node);
    player->name = strdup(from->name);
    if (!player->name)
        return PH_NO_MEMORY;
    p->next.n_players++;
    if (!node || node->is_group != (from->kind == PH_PLAYER_EVENTS)) {
        snprintf(error, 256, "player %.100s: no such node %.100s", from->name, from->node);
        return PH_BAD_PROGRAM;
    }
    /* a group record's bus is where its voices write; it travels in the spec */
    player->hash = player_hash(p, from, node, spec->out_bus);
    player->slot = before ? before->slot : allocate_slot(p, true);
    if (player->slot == 0)
        return PH_TOO_LARGE;
    *is_new = !before || afresh || before->hash != player->hash;
    player->is_new = *is_new;
    player->generation = *is_new ? ++p->last_generation : before->generation;
    switch_->players[switch_->n_players++] =
        (struct rt_player){ .slot = player->slot, .generation = player->generation };
    name_add(!*is_new ? &p->kept : before ? &p->changed : &p->added, player->name);
    if (!*is_new)
        return PH_OK;
    snprintf(spec->name, sizeof spec->name, "%s", from->name);
    spec->slot = player->slot;
    spec->generation = player->generation;
    spec->is_added = !before;
    spec->kind = from->kind;
    spec->node_slot = node->slot;
    const struct running_def *const fallback = find_def(&p->next, from->default_def);
    spec->default_def = fallback ? fallback->def : NULL;
    spec->symbol = from->control ? nrt_symbol_intern(p->config.symbols, from->control) : 0;
    spec->gate_symbol = from->gate ? nrt_symbol_intern(p->config.symbols, from->gate) : 0;
    spec->notes_as_hz = from->notes_as_hz;
    spec->rest = from->rest;
    spec->code = from->code;
    from->code = (struct ph_pattern_code){ 0 };
    return PH_OK;
}

static uint32_t voices_bus(const struct nrt_programs *p, const struct ph_program *program,
                           const char *group)
{
    for (uint32_t i = 0; i < program->n_nodes; i++)
        if (strcmp(program->nodes[i].name, group) == 0) {
            const struct running_bus *const bus = find_bus(&p->next, program->nodes[i].bus);
            return bus ? bus->index : nrt_main_bus(p);
        }
    return nrt_main_bus(p);
}

ph_status nrt_program_prepare_players(struct nrt_programs *p, struct ph_program *program,
                                      bool afresh, struct rt_program *switch_,
                                      struct seq_player_spec *specs, uint32_t *n_specs,
                                      char *error)
{
    p->next.players = calloc(program->n_players + 1, sizeof *p->next.players);
    switch_->players = calloc(program->n_players + p->now.n_players + 1, sizeof *switch_->players);
    if (!p->next.players || !switch_->players)
        return PH_NO_MEMORY;
    for (uint32_t i = 0; i < program->n_players; i++) {
        struct ph_program_player *const from = &program->players[i];
        struct seq_player_spec *const spec = &specs[*n_specs];
        bool is_new = false;
        *spec = (struct seq_player_spec){ 0 }; /* the last player may have been kept */
        if (from->kind == PH_PLAYER_EVENTS) {
            if (!p->config.offline) /* else there is no answer, and who plays the word says so */
                nrt_program_warn_of_sounds(p, program, &from->code);
            spec->out_bus = voices_bus(p, program, from->node);
        }
        const ph_status status = prepare_player(p, from, afresh, switch_, spec, &is_new, error);
        if (status != PH_OK)
            return status;
        *n_specs += is_new;
    }
    for (uint32_t i = 0; i < p->now.n_players; i++) {
        const struct running_player *const old = &p->now.players[i];
        if (find_player(&p->next, old->name))
            continue;
        switch_->players[switch_->n_players++] = (struct rt_player){ .slot = old->slot };
        name_add(&p->removed, old->name);
    }
    return PH_OK;
}
