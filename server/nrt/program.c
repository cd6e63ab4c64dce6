/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/program.c - a new program against the running one.                                  */
/* room: command thread.                                                                          */
/*                                                                                                */
/* Everything is prepared beside what plays: definitions compiled (or taken over when their hash is */
/* equal), synths made, state carries computed, the first events of new players sent under a        */
/* generation that the audio thread does not know yet. One LINK_PROGRAM_SWAP then makes it all       */
/* current at one block boundary; until that moment the old program plays as if nothing happened.    */
#include "server/nrt/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "protocol/units.h"
#include "server/dsp/dsp.h"
#include "server/load/bank.h"
#include "server/link/command.h"
#include "server/seq/seq.h"

/* Names in parentheses are the server's own: no .ph name can contain one. */
#define MIX_NODE "(mix)"
#define MIX_BUS "(mix)"

enum {
    MAIN_CHANNELS = 2,
    LEAD_FRAMES = 4 * DSP_BLOCK_FRAMES, /* from the last word to the audio thread to the switch */
    SAMPLE_WAIT_MS = 5000,
    SAMPLE_TURN_MS = 2, /* then the command thread looks at what else has come */
    SAMPLE_INDICES = 32 /* files of one word loaded ahead when the program chooses them by `n` */
};

struct running_def {
    char *name;
    uint64_t hash;
    struct rt_def *def;
};

struct running_bus {
    char *name;
    uint32_t index, n_channels;
};

struct running_node {
    char *name;
    uint16_t slot;
    uint64_t hash; /* definition, control values and bus numbers; groups: 0 */
    bool is_group;
    struct rt_node *node; /* owned by the audio thread; NULL once it has come back */
};

struct running_player {
    char *name;
    uint16_t slot;
    uint32_t generation;
    uint64_t hash; /* code, target, and the definitions its words name */
};

/** What plays, or what is about to. */
struct running {
    uint64_t revision;
    struct ph_tempo tempo;
    uint32_t n_defs, n_buses, n_nodes, n_players;
    struct running_def *defs;
    struct running_bus *buses;
    struct running_node *nodes;
    struct running_player *players;
};

/** Names for the acknowledgement, by what happened to them. */
struct name_list {
    const char **names;
    uint32_t n;
};

struct nrt_programs {
    struct nrt_program_config config;
    struct running now, next;
    bool pending;
    bool keeps_hush, cancelled, forget; /* said from outside, for the program under way */
    int32_t request_id;
    double cps_before;
    uint32_t last_generation;
    uint32_t next_bus; /* round robin, so that a bus is not reused while something fades out on it */
    struct rt_def *output_def;
    struct name_list kept, changed, added, removed;
    char warnings[512];
};

/* ---- small things ------------------------------------------------------------------------------ */

static void running_finish(struct running *r)
{
    for (uint32_t i = 0; i < r->n_defs; i++) {
        nrt_def_release(r->defs[i].def);
        free(r->defs[i].name);
    }
    for (uint32_t i = 0; i < r->n_buses; i++)
        free(r->buses[i].name);
    for (uint32_t i = 0; i < r->n_nodes; i++)
        free(r->nodes[i].name);
    for (uint32_t i = 0; i < r->n_players; i++)
        free(r->players[i].name);
    free(r->defs);
    free(r->buses);
    free(r->nodes);
    free(r->players);
    *r = (struct running){ .tempo = r->tempo };
}

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

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
    return ph_hash(hash, &number, sizeof number);
}

static void name_add(struct name_list *list, const char *name)
{
    if (name[0] != '(')
        list->names[list->n++] = name;
}

static ph_status name_lists_init(struct nrt_programs *p, uint32_t n_max)
{
    struct name_list *const lists[] = { &p->kept, &p->changed, &p->added, &p->removed };
    for (uint32_t i = 0; i < 4; i++) {
        free(lists[i]->names);
        lists[i]->n = 0;
        lists[i]->names = calloc(n_max + 1, sizeof *lists[i]->names);
        if (!lists[i]->names)
            return PH_NO_MEMORY;
    }
    return PH_OK;
}

/* ---- the server's own definitions ---------------------------------------------------------------- */

static struct ph_input out_of(struct ph_input unit, int32_t output)
{
    return (struct ph_input){ unit.unit, output };
}

/** In(main) -> outmix -> Out(mix): LANGUAGE 20.2. `scale` is 1, 1/k or 1/sqrt(k). */
static ph_status build_mix(enum ph_outmix mode, struct ph_synthdef *out)
{
    struct ph_build b;
    ph_build_begin(&b, MIX_NODE);
    const struct ph_input in_bus = ph_build_control(&b, "in", 0, PH_CONTROL);
    const struct ph_input out_bus = ph_build_control(&b, "out", 0, PH_CONTROL);
    const struct ph_input scale = ph_build_control(&b, "scale", 1, PH_CONTROL);
    const struct ph_input in = ph_build_unit(&b, "In", PH_AUDIO, 0, MAIN_CHANNELS, &in_bus, 1, 0);
    struct ph_input channels[1 + MAIN_CHANNELS] = { out_bus };
    for (int32_t c = 0; c < MAIN_CHANNELS; c++) {
        const uint64_t key = hash_number(ph_hash_text(PH_HASH_START, MIX_NODE), (uint64_t)c);
        const struct ph_input factors[] = { out_of(in, c), scale };
        struct ph_input x = ph_build_unit(&b, "BinaryOpUGen", PH_AUDIO, PH_BINARY_MUL, 1, factors, 2,
                                          key);
        if (mode == PH_OUTMIX_TANH)
            x = ph_build_unit(&b, "UnaryOpUGen", PH_AUDIO, PH_UNARY_TANH, 1, &x, 1, 0);
        if (mode == PH_OUTMIX_HARD) {
            const struct ph_input clip[] = { x, ph_build_constant(&b, 1) };
            x = ph_build_unit(&b, "BinaryOpUGen", PH_AUDIO, PH_BINARY_CLIP2, 1, clip, 2, 0);
        }
        channels[1 + c] = x;
    }
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 1 + MAIN_CHANNELS, 0);
    return ph_build_end(&b, out);
}

/** In(mix) -> safety limiter -> the first output ports: LANGUAGE 20.5. */
static ph_status build_output(uint32_t mix_bus, struct ph_synthdef *out)
{
    struct ph_build b;
    ph_build_begin(&b, "(output)");
    const struct ph_input bus = ph_build_constant(&b, (float)mix_bus);
    const struct ph_input in = ph_build_unit(&b, "In", PH_AUDIO, 0, MAIN_CHANNELS, &bus, 1, 0);
    const struct ph_input limiter[] = { out_of(in, 0), out_of(in, 1),
                                        ph_build_constant(&b, 0.966f), /* -0.3 dBFS */
                                        ph_build_constant(&b, 0.001f) };
    const struct ph_input limited = ph_build_unit(&b, "SafetyLimiter", PH_AUDIO, 0, MAIN_CHANNELS,
                                                  limiter, 4, 0);
    const struct ph_input channels[] = { ph_build_constant(&b, 0), out_of(limited, 0),
                                         out_of(limited, 1) };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 1 + MAIN_CHANNELS, 0);
    return ph_build_end(&b, out);
}

static uint32_t main_bus(const struct nrt_programs *p)
{
    return p->config.first_bus;
}

static uint32_t mix_bus(const struct nrt_programs *p)
{
    return p->config.first_bus + MAIN_CHANNELS;
}

static ph_status send_output_stage(struct nrt_programs *p)
{
    struct ph_synthdef def = { 0 };
    char error[128];
    ph_status status = build_output(mix_bus(p), &def);
    if (status == PH_OK)
        status = nrt_def_compile(&def, p->config.symbols, (float)p->config.rate_hz,
                                 p->config.n_audio_wires_max, &p->output_def, error);
    ph_synthdef_finish(&def);
    struct rt_synth *synth = NULL;
    if (status == PH_OK)
        status = nrt_synth_new(p->output_def, RT_OUTPUT_GROUP_ID - 1, 0, &synth);
    if (status != PH_OK)
        return status;
    const struct link_command add = { .kind = LINK_SYNTH_ADD,
                                      .u.add = { .synth = synth, .target = RT_OUTPUT_GROUP_ID } };
    if (!link_ring_push(p->config.commands, &add)) {
        nrt_synth_free(synth);
        return PH_FULL;
    }
    return PH_OK;
}

ph_status nrt_programs_new(const struct nrt_program_config *config, struct nrt_programs **out)
{
    struct nrt_programs *const p = calloc(1, sizeof *p);
    if (!p)
        return PH_NO_MEMORY;
    p->config = *config;
    p->now.tempo = config->tempo;
    p->next_bus = 2 * MAIN_CHANNELS;
    const ph_status status = send_output_stage(p);
    if (status != PH_OK) {
        nrt_programs_free(p);
        return status;
    }
    *out = p;
    return PH_OK;
}

void nrt_programs_detach(struct nrt_programs *p)
{
    if (p)
        p->config.seq = NULL;
}

void nrt_programs_free(struct nrt_programs *p)
{
    if (!p)
        return;
    running_finish(&p->now);
    running_finish(&p->next);
    nrt_def_release(p->output_def);
    free(p->kept.names);
    free(p->changed.names);
    free(p->added.names);
    free(p->removed.names);
    free(p);
}

/* ---- step 1: the server's own node becomes part of the program ----------------------------------- */

/** How many nodes write to the main bus: the k of outmix `gain` and `sqrt`. */
static uint32_t count_outputs(const struct ph_program *program)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < program->n_nodes; i++) {
        const struct ph_program_node *const node = &program->nodes[i];
        bool writes = node->bus && strcmp(node->bus, PH_BUS_MAIN) == 0;
        for (uint32_t c = 0; c < node->n_controls; c++)
            writes |= node->controls[c].bus && strcmp(node->controls[c].bus, PH_BUS_MAIN) == 0;
        n += writes;
    }
    return n > 0 ? n : 1;
}

static ph_status append_mix(struct ph_program *program)
{
    struct ph_program_def *const defs =
        realloc(program->defs, (program->n_defs + 1) * sizeof *defs);
    if (!defs)
        return PH_NO_MEMORY;
    program->defs = defs;
    struct ph_program_node *const nodes =
        realloc(program->nodes, (program->n_nodes + 1) * sizeof *nodes);
    if (!nodes)
        return PH_NO_MEMORY;
    program->nodes = nodes;

    struct ph_program_def def = { .name = strdup(MIX_NODE),
                                  .hash = hash_number(PH_HASH_START, program->outmix) };
    ph_status status = def.name ? build_mix(program->outmix, &def.def) : PH_NO_MEMORY;
    if (status != PH_OK) {
        free(def.name);
        return status;
    }
    const double k = count_outputs(program);
    const float scale = program->outmix == PH_OUTMIX_GAIN   ? (float)(1 / k)
                        : program->outmix == PH_OUTMIX_SQRT ? (float)(1 / __builtin_sqrt(k))
                                                            : 1;
    struct ph_program_node node = { .name = strdup(MIX_NODE), .def = strdup(MIX_NODE),
                                    .n_controls = 3,
                                    .controls = calloc(3, sizeof *node.controls) };
    program->defs[program->n_defs++] = def;
    program->nodes[program->n_nodes++] = node;
    if (!node.name || !node.def || !node.controls)
        return PH_NO_MEMORY;
    node.controls[0].control = strdup("in");
    node.controls[0].bus = strdup(PH_BUS_MAIN);
    node.controls[1].control = strdup("out");
    node.controls[1].bus = strdup(MIX_BUS);
    node.controls[2].control = strdup("scale");
    node.controls[2].value = scale;
    for (uint32_t i = 0; i < 3; i++)
        if (!node.controls[i].control || (i < 2 && !node.controls[i].bus))
            return PH_NO_MEMORY;
    return PH_OK;
}

/* ---- step 2: definitions and buses --------------------------------------------------------------- */

static ph_status prepare_defs(struct nrt_programs *p, const struct ph_program *program, char *error)
{
    p->next.defs = calloc(program->n_defs + 1, sizeof *p->next.defs);
    if (!p->next.defs)
        return PH_NO_MEMORY;
    for (uint32_t i = 0; i < program->n_defs; i++) {
        const struct ph_program_def *const from = &program->defs[i];
        struct running_def *const to = &p->next.defs[p->next.n_defs];
        to->name = strdup(from->name);
        if (!to->name)
            return PH_NO_MEMORY;
        p->next.n_defs++;
        to->hash = from->hash;
        const struct running_def *const running = find_def(&p->now, from->name);
        if (running && running->hash == from->hash) {
            to->def = nrt_def_retain(running->def);
            continue;
        }
        char detail[128] = "";
        const ph_status status =
            nrt_def_compile(&from->def, p->config.symbols, (float)p->config.rate_hz,
                            p->config.n_audio_wires_max, &to->def, detail);
        if (status != PH_OK) {
            snprintf(error, 256, "%.100s: %s", from->name, detail);
            return status;
        }
    }
    return PH_OK;
}

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
    const uint32_t lowest = 2 * MAIN_CHANNELS, count = p->config.n_buses - lowest;
    for (uint32_t tried = 0; tried < count; tried++) {
        if (p->next_bus + n_channels > p->config.n_buses)
            p->next_bus = lowest;
        const uint32_t first = p->config.first_bus + p->next_bus++;
        if (bus_is_free(p, first, n_channels)) {
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

static ph_status prepare_buses(struct nrt_programs *p, const struct ph_program *program, char *error)
{
    p->next.buses = calloc(program->n_buses + 2, sizeof *p->next.buses);
    if (!p->next.buses)
        return PH_NO_MEMORY;
    ph_status status = add_bus(&p->next, PH_BUS_MAIN, main_bus(p), MAIN_CHANNELS);
    if (status == PH_OK)
        status = add_bus(&p->next, MIX_BUS, mix_bus(p), MAIN_CHANNELS);
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

/* ---- step 3: nodes ------------------------------------------------------------------------------- */

static bool slot_is_free(const struct nrt_programs *p, uint16_t slot, bool player)
{
    const struct running *const programs[] = { &p->now, &p->next };
    for (uint32_t k = 0; k < 2; k++) {
        const struct running *const r = programs[k];
        for (uint32_t i = 0; !player && i < r->n_nodes; i++)
            if (r->nodes[i].slot == slot)
                return false;
        for (uint32_t i = 0; player && i < r->n_players; i++)
            if (r->players[i].slot == slot)
                return false;
    }
    return true;
}

static uint16_t allocate_slot(const struct nrt_programs *p, bool player)
{
    for (uint32_t slot = 1; slot < RT_SLOTS_MAX; slot++)
        if (slot_is_free(p, (uint16_t)slot, player))
            return (uint16_t)slot;
    return 0;
}

static uint64_t node_hash(const struct nrt_programs *p, const struct ph_program_node *node,
                          const struct running_def *def)
{
    uint64_t hash = hash_number(PH_HASH_START, def->hash);
    for (uint32_t i = 0; i < node->n_controls; i++) {
        const struct ph_program_control *const c = &node->controls[i];
        const struct running_bus *const bus = find_bus(&p->next, c->bus);
        const float value = bus ? (float)bus->index : c->value;
        hash = ph_hash(ph_hash_text(hash, c->control), &value, sizeof value);
    }
    return hash;
}

/** A synth of the next program with its buses and values set; it has not been given away yet. */
static ph_status make_synth(struct nrt_programs *p, const struct ph_program_node *node,
                            const struct running_def *def, uint16_t slot, struct rt_synth **out)
{
    struct rt_synth *synth = NULL;
    const ph_status status = nrt_synth_new(def->def, -1000 - slot,
                                           ph_hash_text(PH_HASH_START, node->name), &synth);
    if (status != PH_OK)
        return status;
    synth->slot = slot;
    for (uint32_t i = 0; i < node->n_controls; i++) {
        const struct ph_program_control *const c = &node->controls[i];
        const struct running_bus *const bus = find_bus(&p->next, c->bus);
        nrt_synth_set(synth, nrt_symbol_find(p->config.symbols, c->control),
                      bus ? (float)bus->index : c->value);
    }
    *out = synth;
    return PH_OK;
}

static ph_status prepare_group(struct nrt_programs *p, struct running_node *node,
                               const struct running_node *before, struct rt_entry *entry)
{
    node->is_group = true;
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

static ph_status prepare_synth(struct nrt_programs *p, const struct ph_program_node *from,
                               struct running_node *node, const struct running_node *before,
                               struct rt_program *switch_, struct rt_entry *entry, char *error)
{
    const struct running_def *const def = find_def(&p->next, from->def);
    if (!def) {
        snprintf(error, 256, "node %.100s: no definition %.100s", from->name, from->def);
        return PH_BAD_PROGRAM;
    }
    node->hash = node_hash(p, from, def);
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
    const ph_status status = make_synth(p, from, def, node->slot, &synth);
    if (status != PH_OK)
        return status;
    node->node = &synth->node;
    *entry = (struct rt_entry){ .slot = node->slot, .node = node->node,
                                .kind = comparable ? RT_ENTRY_REPLACE : RT_ENTRY_ADD,
                                .fade_in = !comparable && p->now.n_nodes > 1 }; /* beside (mix) */
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

static ph_status prepare_nodes(struct nrt_programs *p, const struct ph_program *program,
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
                                     : prepare_group(p, node, before, entry);
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
    return PH_OK;
}

/* ---- step 4: players ----------------------------------------------------------------------------- */

/** Code, target and the definitions its words name: what decides whether a player goes on untouched. */
static uint64_t player_hash(const struct nrt_programs *p, const struct ph_program_player *player,
                            const struct running_node *node, uint32_t out_bus)
{
    uint64_t hash = hash_number(hash_number(player->hash, node->slot), out_bus);
    for (uint32_t i = 0; i < player->code.n_consts; i++) {
        const struct ph_value *const v = &player->code.consts[i];
        const struct running_def *const def =
            v->kind == PH_VALUE_WORD ? find_def(&p->next, v->text) : NULL;
        if (def)
            hash = hash_number(hash, def->hash);
    }
    const struct running_def *const fallback = find_def(&p->next, player->default_def);
    return fallback ? hash_number(hash, fallback->hash) : hash;
}

/** Loads what the words of a player name: 10.2, before the program takes over. */
static void request_samples(struct nrt_programs *p, const struct ph_program_player *player)
{
    bool chooses_index = false;
    for (uint32_t i = 0; i < player->code.n_consts; i++)
        if (player->code.consts[i].kind == PH_VALUE_WORD)
            chooses_index |= strcmp(player->code.consts[i].text, "n") == 0;
    for (uint32_t i = 0; i < player->code.n_consts; i++) {
        const struct ph_value *const v = &player->code.consts[i];
        char word[PH_NAME_MAX + 1];
        if (v->kind != PH_VALUE_WORD || find_def(&p->next, v->text))
            continue;
        snprintf(word, sizeof word, "%s", v->text);
        char *const colon = strchr(word, ':');
        const int64_t index = colon ? strtoll(colon + 1, NULL, 10) : 0;
        if (colon)
            *colon = 0;
        if (!load_bank_has(p->config.bank, word))
            continue;
        load_bank_request(p->config.bank, word, index);
        for (int64_t k = 0; chooses_index && k < SAMPLE_INDICES; k++)
            load_bank_request(p->config.bank, word, k);
    }
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
    player->generation = *is_new ? ++p->last_generation : before->generation;
    switch_->players[switch_->n_players++] =
        (struct rt_player){ .slot = player->slot, .generation = player->generation };
    name_add(!*is_new ? &p->kept : before ? &p->changed : &p->added, player->name);
    if (!*is_new)
        return PH_OK;
    snprintf(spec->name, sizeof spec->name, "%s", from->name);
    spec->slot = player->slot;
    spec->generation = player->generation;
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
            return bus ? bus->index : main_bus(p);
        }
    return main_bus(p);
}

static ph_status prepare_players(struct nrt_programs *p, struct ph_program *program, bool afresh,
                                 struct rt_program *switch_, struct seq_player_spec *specs,
                                 uint32_t *n_specs, char *error)
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
            request_samples(p, from);
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

/* ---- step 5: the moment of the switch ------------------------------------------------------------ */

static uint64_t block_up(uint64_t frame)
{
    return (frame + DSP_BLOCK_FRAMES - 1) / DSP_BLOCK_FRAMES * DSP_BLOCK_FRAMES;
}

/**
 * Players send their first events for the switch frame. Should the audio thread reach it before the
 * switch does, the old program plays until then: events of the new one that are due earlier never start.
 */
static ph_status prepare_events(struct nrt_programs *p, const struct ph_program *program,
                                struct rt_program *switch_, struct seq_player_spec *specs,
                                uint32_t n_specs, char *error)
{
    struct seq_word *const words = calloc(p->next.n_defs + 1, sizeof *words);
    switch_->initials = calloc(2 * (size_t)n_specs + 1, sizeof *switch_->initials);
    if (!words || !switch_->initials) {
        free(words);
        return PH_NO_MEMORY;
    }
    for (uint32_t i = 0; i < p->next.n_defs; i++)
        words[i] = (struct seq_word){ p->next.defs[i].name, p->next.defs[i].def };

    struct link_status now;
    link_snapshot_read(p->config.snapshot, &now);
    const uint64_t lead = p->config.offline ? 0 : now.period_frames + LEAD_FRAMES;
    switch_->switch_frame = block_up(now.frame + lead);
    p->next.tempo = p->now.tempo;
    if (switch_->has_tempo)
        p->next.tempo = ph_tempo_change(&p->now.tempo, (int64_t)switch_->switch_frame, program->cps);
    switch_->tempo = p->next.tempo;
    const ph_status status =
        seq_prepare(p->config.seq, specs, n_specs, words, p->next.n_defs, &p->next.tempo,
                    switch_->switch_frame, switch_->initials, &switch_->n_initials, p->warnings);
    if (status != PH_OK)
        snprintf(error, 256, "players: %s", ph_status_text(status));
    free(words);
    return status;
}

static void switch_free(struct rt_program *s)
{
    if (!s)
        return;
    free(s->entries);
    free(s->carries);
    free(s->players);
    free(s->initials);
    free(s);
}

/** Undoes a preparation: nothing of it was given away. */
static void discard(struct nrt_programs *p, struct rt_program *switch_)
{
    for (uint32_t i = 0; switch_ && i < switch_->n_entries; i++) {
        struct rt_node *const node = switch_->entries[i].node;
        if (node && node->is_group)
            nrt_group_free((struct rt_group *)node);
        else if (node)
            nrt_synth_free((struct rt_synth *)node);
    }
    switch_free(switch_);
    running_finish(&p->next);
}

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/** Samples that take longer than the limit are heard when they come. Others are served meanwhile. */
static ph_status wait_for_samples(struct nrt_programs *p, char *error)
{
    const uint64_t end_ms = now_ms() + SAMPLE_WAIT_MS;
    while (!load_bank_wait(p->config.bank, SAMPLE_TURN_MS) && now_ms() < end_ms && !p->cancelled)
        p->config.idle(p->config.context);
    if (!p->cancelled)
        return PH_OK;
    snprintf(error, 256, "a panic came after it");
    return PH_BAD_PROGRAM;
}

static ph_status prepare(struct nrt_programs *p, struct ph_program *program,
                         struct rt_program *switch_, struct seq_player_spec *specs, char *error)
{
    uint32_t n_specs = 0;
    switch_->revision = p->next.revision = program->revision;
    if (!program->has_cps)
        program->cps = p->now.tempo.cps;
    /* the first program always brings the tempo: the clock may start at another cycle than 0 */
    switch_->has_tempo = p->now.n_nodes == 0 || ph_ratio_cmp(program->cps, p->now.tempo.cps) != 0;
    ph_status status = append_mix(program);
    if (status == PH_OK)
        status = prepare_defs(p, program, error);
    if (status == PH_OK)
        status = prepare_buses(p, program, error);
    if (status == PH_OK)
        status = prepare_nodes(p, program, switch_, error);
    if (status == PH_OK)
        status = prepare_players(p, program, switch_->has_tempo, switch_, specs, &n_specs, error);
    if (status == PH_OK)
        status = wait_for_samples(p, error);
    if (status == PH_OK) {
        p->config.flush_buffers(p->config.context);
        status = prepare_events(p, program, switch_, specs, n_specs, error);
    }
    return status;
}

ph_status nrt_program_apply(struct nrt_programs *p, struct ph_program *program, char *error)
{
    if (p->pending)
        return PH_FULL;
    running_finish(&p->next); /* the old program, kept for the names in the last answer */
    error[0] = 0;
    p->warnings[0] = 0;
    p->cancelled = false;
    p->request_id = program->request_id;
    p->cps_before = ph_ratio_to_double(p->now.tempo.cps);
    struct rt_program *const switch_ = calloc(1, sizeof *switch_);
    struct seq_player_spec *const specs = calloc(program->n_players + 1, sizeof *specs);
    ph_status status = switch_ && specs ? PH_OK : PH_NO_MEMORY;
    if (status == PH_OK)
        status = name_lists_init(p, program->n_nodes + program->n_players + p->now.n_nodes +
                                        p->now.n_players);
    if (status == PH_OK)
        status = prepare(p, program, switch_, specs, error);
    for (uint32_t i = 0; specs && i < program->n_players; i++)
        ph_pattern_code_finish(&specs[i].code);
    free(specs);
    if (status == PH_OK) {
        switch_->keeps_hush = p->keeps_hush;
        const struct link_command swap = { .kind = LINK_PROGRAM_SWAP,
                                           .due_frame = switch_->switch_frame,
                                           .u.program = switch_ };
        p->pending = link_ring_push(p->config.commands, &swap);
        if (p->pending)
            return PH_OK;
        seq_abort(p->config.seq);
        status = PH_FULL;
    }
    if (error[0] == 0)
        snprintf(error, 256, "%s", ph_status_text(status));
    discard(p, switch_);
    return status;
}

bool nrt_program_pending(const struct nrt_programs *p)
{
    return p->pending;
}

void nrt_program_switched(struct nrt_programs *p, struct rt_program *back,
                          struct nrt_program_result *result)
{
    uint16_t *const live = calloc(p->next.n_players + 1, sizeof *live);
    for (uint32_t i = 0; live && i < p->next.n_players; i++)
        live[i] = p->next.players[i].slot;
    if (p->config.seq)
        seq_commit(p->config.seq, &p->next.tempo, live, live ? p->next.n_players : 0);
    free(live);
    *result = (struct nrt_program_result){
        .request_id = p->request_id, .revision = back->revision, .frame = back->switch_frame,
        .cycle = ph_ratio_to_double(back->switch_cycle), .cps_before = p->cps_before,
        .cps_after = ph_ratio_to_double(p->next.tempo.cps),
        .kept = p->kept.names, .n_kept = p->kept.n,
        .changed = p->changed.names, .n_changed = p->changed.n,
        .added = p->added.names, .n_added = p->added.n,
        .removed = p->removed.names, .n_removed = p->removed.n,
        .warnings = p->warnings
    };
    switch_free(back);
    /* `removed` borrows names of the old state until the next apply: keep it that long */
    const struct running old = p->now;
    p->now = p->next;
    p->next = old;
    p->pending = false;
}

void nrt_program_node_gone(struct nrt_programs *p, const struct rt_node *node)
{
    if (!p) /* what was sent before there were programs */
        return;
    struct running *const programs[] = { &p->now, &p->next };
    for (uint32_t k = 0; k < 2; k++)
        for (uint32_t i = 0; i < programs[k]->n_nodes; i++)
            if (programs[k]->nodes[i].node == node)
                programs[k]->nodes[i].node = NULL;
}

void nrt_program_keep_hush(struct nrt_programs *p, bool keep)
{
    p->keeps_hush = keep;
}

void nrt_program_cancel(struct nrt_programs *p)
{
    p->cancelled = true;
}

void nrt_program_forget(struct nrt_programs *p)
{
    p->forget = true;
}

void nrt_program_settle(struct nrt_programs *p)
{
    if (!p->forget || p->pending)
        return;
    p->forget = false;
    seq_commit(p->config.seq, &p->now.tempo, NULL, 0);
    running_finish(&p->now);
}
