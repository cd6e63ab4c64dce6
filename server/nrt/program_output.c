/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/program_output.c - from a program's mix to the ports: outmix, safety limiter.       */
/* room: command thread.                                                                          */
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

ph_status nrt_program_send_output(struct nrt_programs *p)
{
    struct ph_synthdef def = { 0 };
    char error[128];
    ph_status status = build_output(nrt_mix_bus(p), &def);
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

ph_status nrt_program_append_mix(struct ph_program *program)
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
                                  .hash = nrt_hash_number(PH_HASH_START, program->outmix) };
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
