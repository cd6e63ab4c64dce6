/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/program_output.c - from a program's outputs to the ports: hush, solo, outmix,       */
/* limiters.                                                                                      */
/* room: command thread.                                                                          */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/units.h"
#include "server/link/command.h"
#include "server/nrt/program_state.h"

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
        const uint64_t key = nrt_hash_number(ph_hash_text(PH_HASH_START, MIX_NODE), (uint64_t)c);
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

/** In(in) -> Out(out), once more to `stem`: an output on its way to the mix or a port. */
static ph_status build_output(uint32_t n_in, uint32_t n_out, bool has_stem, const char *name,
                              struct ph_synthdef *out)
{
    struct ph_build b;
    ph_build_begin(&b, name);
    const struct ph_input in_bus = ph_build_control(&b, "in", 0, PH_CONTROL);
    const struct ph_input out_bus = ph_build_control(&b, "out", 0, PH_CONTROL);
    const struct ph_input in = ph_build_unit(&b, "In", PH_AUDIO, 0, n_in, &in_bus, 1, 0);
    struct ph_input channels[1 + MAIN_CHANNELS] = { out_bus };
    for (uint32_t c = 0; c < n_out; c++)
        channels[1 + c] = out_of(in, c < n_in ? (int32_t)c : 0);
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 1 + n_out, 0);
    if (has_stem) {
        channels[0] = ph_build_control(&b, "stem", 0, PH_CONTROL);
        ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 1 + n_out, 0);
    }
    return ph_build_end(&b, out);
}

/** One channel of a bus; what nobody wrote is silence. */
static struct ph_input read_bus(struct ph_build *b, uint32_t bus)
{
    const struct ph_input number = ph_build_constant(b, (float)bus);
    return ph_build_unit(b, "In", PH_AUDIO, 0, 1, &number, 1, 0);
}

/** Limits two channels together and puts the first `n` of them on ports from `first` on. */
static void limit(struct ph_build *b, struct ph_input left, struct ph_input right, uint32_t first,
                  uint32_t n)
{
    const struct ph_input limiter[] = { left, right, ph_build_constant(b, 0.966f), /* -0.3 dBFS */
                                        ph_build_constant(b, 0.001f) };
    const struct ph_input limited =
        ph_build_unit(b, "SafetyLimiter", PH_AUDIO, 0, MAIN_CHANNELS, limiter, 4, 0);
    const struct ph_input channels[] = { ph_build_constant(b, (float)first), out_of(limited, 0),
                                         out_of(limited, 1) };
    ph_build_unit(b, "Out", PH_AUDIO, 0, 0, channels, 1 + n, 0);
}

/**
 * In(mix) and what goes to the ports by itself -> safety limiters -> ports: LANGUAGE 20.3 and 20.5.
 * The mix is limited as one; ports behind it have limiters of their own.
 */
static ph_status build_stage(const struct nrt_programs *p, struct ph_synthdef *out)
{
    const uint32_t n = p->config.n_outputs;
    struct ph_build b;
    ph_build_begin(&b, "(output)");
    struct ph_input sides[MAIN_CHANNELS];
    for (uint32_t c = 0; c < MAIN_CHANNELS; c++) {
        sides[c] = read_bus(&b, nrt_mix_bus(p) + c);
        if (c >= n)
            continue;
        const struct ph_input sum[] = { sides[c], read_bus(&b, nrt_port_bus(p, c + 1)) };
        sides[c] = ph_build_unit(&b, "BinaryOpUGen", PH_AUDIO, PH_BINARY_ADD, 1, sum, 2, 0);
    }
    limit(&b, sides[0], sides[1], 0, n == 1 ? 1 : MAIN_CHANNELS);
    for (uint32_t port = MAIN_CHANNELS + 1; port <= n; port++) {
        const struct ph_input x = read_bus(&b, nrt_port_bus(p, port));
        limit(&b, x, x, port - 1, 1);
    }
    return ph_build_end(&b, out);
}

ph_status nrt_program_send_output(struct nrt_programs *p)
{
    struct ph_synthdef def = { 0 };
    char error[128];
    ph_status status = build_stage(p, &def);
    if (status == PH_OK)
        status = nrt_def_compile(&def, p->config.symbols, &p->config.target, &p->output_def, error);
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

/* ---- nodes behind those of the program ------------------------------------------------------- */

/** How many outputs go into the mix: the k of outmix `gain` and `sqrt`. Hushed ones count. */
static uint32_t count_outputs(const struct ph_program *program)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < program->n_outputs; i++)
        n += program->outputs[i].port == 0;
    if (program->n_outputs > 0)
        return n > 0 ? n : 1;
    for (uint32_t i = 0; i < program->n_nodes; i++) { /* who writes there is an output */
        const struct ph_program_node *const node = &program->nodes[i];
        bool writes = node->bus && strcmp(node->bus, PH_BUS_MAIN) == 0;
        for (uint32_t c = 0; c < node->n_controls; c++)
            writes |= node->controls[c].bus && strcmp(node->controls[c].bus, PH_BUS_MAIN) == 0;
        n += writes;
    }
    return n > 0 ? n : 1;
}

static struct ph_program_def *find_def(const struct ph_program *program, const char *name)
{
    for (uint32_t i = 0; i < program->n_defs; i++)
        if (strcmp(program->defs[i].name, name) == 0)
            return &program->defs[i];
    return NULL;
}

/** Room for one item more behind `n`. */
static bool grow(void *array, uint32_t n, size_t bytes)
{
    void *items;
    memcpy(&items, array, sizeof items);
    items = realloc(items, (n + 1) * bytes);
    if (items)
        memcpy(array, &items, sizeof items);
    return items;
}

/** Takes the contents of `def`. */
static ph_status append_def(struct ph_program *program, const char *name, uint64_t hash,
                            struct ph_synthdef *def)
{
    char *const copy = strdup(name);
    if (!copy || !grow(&program->defs, program->n_defs, sizeof *program->defs)) {
        free(copy);
        ph_synthdef_finish(def);
        return PH_NO_MEMORY;
    }
    program->defs[program->n_defs++] =
        (struct ph_program_def){ .name = copy, .hash = hash, .def = *def };
    return PH_OK;
}

static ph_status append_bus(struct ph_program *program, const char *name, uint32_t n_channels)
{
    char *const copy = strdup(name);
    if (!copy || !grow(&program->buses, program->n_buses, sizeof *program->buses)) {
        free(copy);
        return PH_NO_MEMORY;
    }
    program->buses[program->n_buses++] = (struct ph_program_bus){ copy, n_channels };
    return PH_OK;
}

/** One more synth, its controls to come. */
static ph_status append_node(struct ph_program *program, const char *name, const char *def)
{
    if (!grow(&program->nodes, program->n_nodes, sizeof *program->nodes))
        return PH_NO_MEMORY;
    struct ph_program_node *const node = &program->nodes[program->n_nodes++];
    *node = (struct ph_program_node){ .name = strdup(name), .def = strdup(def) };
    return node->name && node->def ? PH_OK : PH_NO_MEMORY;
}

/** One control more for the last node: `bus`, or where that is NULL `value`. */
static ph_status append_control(struct ph_program *program, const char *control, const char *bus,
                                float value)
{
    struct ph_program_node *const node = &program->nodes[program->n_nodes - 1];
    if (!grow(&node->controls, node->n_controls, sizeof *node->controls))
        return PH_NO_MEMORY;
    struct ph_program_control *const c = &node->controls[node->n_controls++];
    *c = (struct ph_program_control){ .control = strdup(control), .bus = bus ? strdup(bus) : NULL,
                                      .value = value };
    return c->control && (c->bus || !bus) ? PH_OK : PH_NO_MEMORY;
}

static uint32_t channels_of(const struct ph_program *program, const char *bus)
{
    for (uint32_t i = 0; i < program->n_buses; i++)
        if (strcmp(program->buses[i].name, bus) == 0)
            return program->buses[i].n_channels;
    return MAIN_CHANNELS;
}

static void name_of_output(char *to, size_t space, const char *what, const char *output)
{
    snprintf(to, space, "(%s %s)", what, output);
}

enum { OUTPUT_NAME_BYTES = PH_NAME_MAX + 16 };

static ph_status append_stem(struct ph_program *program, const char *output, uint32_t n_channels)
{
    char name[OUTPUT_NAME_BYTES];
    name_of_output(name, sizeof name, "stem", output);
    const ph_status status = append_bus(program, name, n_channels);
    return status == PH_OK ? append_control(program, "stem", name, 0) : status;
}

/** The node that adds an output to the mix or to its port. */
static ph_status append_output(struct ph_program *program, const struct ph_program_output *output,
                               bool has_stems)
{
    const uint32_t n_out = output->port > 0 ? 1 : MAIN_CHANNELS;
    const uint32_t n_in = n_out < MAIN_CHANNELS ? n_out : channels_of(program, output->bus);
    char def[32], name[OUTPUT_NAME_BYTES], port[sizeof PH_BUS_PORT + 10];
    snprintf(def, sizeof def, "(%u to %u)", n_in, n_out);
    snprintf(port, sizeof port, PH_BUS_PORT "%u", output->port);
    name_of_output(name, sizeof name, "output", output->name);
    ph_status status = PH_OK;
    if (!find_def(program, def)) {
        struct ph_synthdef built = { 0 };
        status = build_output(n_in, n_out, has_stems, def, &built);
        if (status == PH_OK)
            status = append_def(program, def, nrt_hash_number(n_in, n_out), &built);
    }
    if (status == PH_OK)
        status = append_node(program, name, def);
    if (status == PH_OK)
        status = append_control(program, "in", output->bus, 0);
    if (status == PH_OK)
        status = append_control(program, "out", output->port > 0 ? port : PH_BUS_MAIN, 0);
    if (status == PH_OK && has_stems)
        status = append_stem(program, output->name, n_out);
    return status;
}

static ph_status append_mix(struct ph_program *program)
{
    const double k = count_outputs(program);
    const float scale = program->outmix == PH_OUTMIX_GAIN   ? (float)(1 / k)
                        : program->outmix == PH_OUTMIX_SQRT ? (float)(1 / __builtin_sqrt(k))
                                                            : 1;
    struct ph_synthdef def = { 0 };
    ph_status status = build_mix(program->outmix, &def);
    if (status == PH_OK)
        status = append_def(program, MIX_NODE, nrt_hash_number(PH_HASH_START, program->outmix), &def);
    if (status == PH_OK)
        status = append_node(program, MIX_NODE, MIX_NODE);
    if (status == PH_OK)
        status = append_control(program, "in", PH_BUS_MAIN, 0);
    if (status == PH_OK)
        status = append_control(program, "out", MIX_BUS, 0);
    return status == PH_OK ? append_control(program, "scale", NULL, scale) : status;
}

ph_status nrt_program_append_mix(struct ph_program *program, bool has_stems)
{
    ph_status status = PH_OK;
    for (uint32_t i = 0; i < program->n_outputs && status == PH_OK; i++)
        status = append_output(program, &program->outputs[i], has_stems);
    return status == PH_OK ? append_mix(program) : status;
}

/* ---- hush and solo --------------------------------------------------------------------------- */

static struct running_output *find_output(const struct running *r, const char *name)
{
    for (uint32_t i = 0; name && i < r->n_outputs; i++)
        if (strcmp(r->outputs[i].name, name) == 0)
            return &r->outputs[i];
    return NULL;
}

static bool has_solo(const struct running *r)
{
    bool solo = false;
    for (uint32_t i = 0; i < r->n_outputs; i++)
        solo |= r->outputs[i].solo;
    return solo;
}

/** A solo is heard also when it is hushed: whoever asks for it wants to hear it. */
static bool is_silent(const struct running *r, const struct running_output *output)
{
    return has_solo(r) ? !output->solo : output->hushed;
}

ph_status nrt_program_prepare_outputs(struct nrt_programs *p, const struct ph_program *program)
{
    bool new_solo = false;
    p->next.outputs = calloc(program->n_outputs + 1, sizeof *p->next.outputs);
    if (!p->next.outputs)
        return PH_NO_MEMORY;
    for (uint32_t i = 0; i < program->n_outputs; i++)
        new_solo |= program->outputs[i].state == PH_OUTPUT_SOLO;
    for (uint32_t i = 0; i < program->n_outputs; i++) {
        const struct ph_program_output *const from = &program->outputs[i];
        const struct running_output *const before = find_output(&p->now, from->name);
        struct running_output *const to = &p->next.outputs[p->next.n_outputs];
        to->name = strdup(from->name);
        if (!to->name)
            return PH_NO_MEMORY;
        p->next.n_outputs++;
        const bool as_it_is = from->state == PH_OUTPUT_AS_IT_IS;
        to->hushed = as_it_is ? before && before->hushed : from->state == PH_OUTPUT_HUSHED;
        to->solo = new_solo ? from->state == PH_OUTPUT_SOLO : as_it_is && before && before->solo;
    }
    return PH_OK;
}

void nrt_program_place_outputs(struct nrt_programs *p, struct rt_program *switch_)
{
    for (uint32_t i = 0; i < p->next.n_outputs; i++) {
        struct running_output *const output = &p->next.outputs[i];
        char name[OUTPUT_NAME_BYTES], stem[OUTPUT_NAME_BYTES];
        name_of_output(name, sizeof name, "output", output->name);
        name_of_output(stem, sizeof stem, "stem", output->name);
        for (uint32_t k = 0; k < p->next.n_nodes; k++)
            if (strcmp(p->next.nodes[k].name, name) == 0)
                output->slot = p->next.nodes[k].slot;
        for (uint32_t k = 0; k < p->next.n_buses; k++)
            if (strcmp(p->next.buses[k].name, stem) == 0) {
                output->stem_bus = p->next.buses[k].index;
                output->n_channels = p->next.buses[k].n_channels;
            }
        for (uint32_t k = 0; k < switch_->n_entries; k++)
            if (switch_->entries[k].slot == output->slot)
                switch_->entries[k].hushed = is_silent(&p->next, output);
    }
}

/** @return whether the program has that output; NULL is all of them */
static bool change_output(struct running *r, enum nrt_output_change change, const char *name)
{
    struct running_output *const named = find_output(r, name);
    if (name && !named)
        return false;
    for (uint32_t i = 0; i < r->n_outputs; i++) {
        struct running_output *const output = &r->outputs[i];
        if (change == NRT_OUTPUT_SOLO || change == NRT_OUTPUT_UNSOLO)
            output->solo = change == NRT_OUTPUT_SOLO && output == named;
        else if (!name || output == named)
            output->hushed = change == NRT_OUTPUT_HUSH;
    }
    return true;
}

ph_status nrt_program_change_output(struct nrt_programs *p, enum nrt_output_change change,
                                    const char *name)
{
    bool found = change_output(&p->now, change, name);
    if (p->pending && !p->change.is_command) /* else `next` is what was */
        found |= change_output(&p->next, change, name);
    return found ? PH_OK : PH_NOT_FOUND;
}

static bool send_output(struct nrt_programs *p, uint16_t slot, bool hushed)
{
    const struct link_command command = { .kind = LINK_OUTPUT,
                                          .u.output = { .slot = slot, .hushed = hushed } };
    for (uint32_t k = 0; p->late && k < p->late->n_entries; k++) /* it waits here, not there */
        if (p->late->entries[k].slot == slot)
            p->late->entries[k].hushed = hushed;
    return link_ring_push(p->config.commands, &command);
}

bool nrt_program_send_outputs(struct nrt_programs *p)
{
    /* what both programs have, the coming one says; its word comes last */
    const struct running *const programs[] = { &p->now, &p->next };
    const uint32_t n = p->pending && !p->change.is_command ? 2 : 1;
    bool sent = true;
    for (uint32_t k = 0; k < n; k++)
        for (uint32_t i = 0; i < programs[k]->n_outputs && sent; i++)
            sent = send_output(p, programs[k]->outputs[i].slot,
                               is_silent(programs[k], &programs[k]->outputs[i]));
    return sent;
}

bool nrt_program_stem(const struct nrt_programs *p, uint32_t index, const char **name,
                      uint32_t *first_bus, uint32_t *n_channels)
{
    if (!p->config.has_stems || index >= p->now.n_outputs)
        return false;
    *name = p->now.outputs[index].name;
    *first_bus = p->now.outputs[index].stem_bus;
    *n_channels = p->now.outputs[index].n_channels;
    return true;
}
