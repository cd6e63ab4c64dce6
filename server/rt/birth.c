/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/birth.c - units in a synth's first block: what they see of each other before it.     */
/* room: audio.                                                                                   */
#include "server/rt/birth.h"

#include "protocol/synthdef.h"

/** Where the value of a wire before the first frame is kept. */
PH_RT static float *before(const struct rt_synth *synth, struct rt_wire wire)
{
    return synth->births + wire.index + (wire.kind == RT_WIRE_AUDIO ? synth->def->n_values : 0);
}

static bool has_before(const struct rt_synth *synth)
{
    return synth->node.is_client || synth->def->has_before;
}

static bool tells(const struct rt_unit *unit)
{
    return unit->kernel->birth && unit->rate != PH_DEMAND;
}

/**
 * What demand units give is put on their own wires. Units below audio rate may read a whole block
 * of a signal; none of those tells.
 */
static bool is_read_in_place(const struct rt_unit *unit, uint8_t rate)
{
    return rate == PH_DEMAND || (rate == PH_AUDIO && unit->rate != PH_AUDIO && !tells(unit));
}

PH_RT void rt_birth_unit(struct rt_synth *synth, uint32_t u, struct dsp_block *b)
{
    const struct rt_unit *const unit = &synth->def->units[u];
    const struct rt_wire *const wires = synth->def->wires + unit->first_wire;
    const struct dsp_block call = *b;
    const uint32_t first = b->node->first_frame;
    const void *in[RT_UNIT_WIRES_MAX];
    void *out[RT_UNIT_WIRES_MAX];
    b->seed = rt_unit_seed(synth->seed, u);
    if (synth->unit_carried[u] || !unit->kernel->init || rt_lacks_memory(synth, unit))
        return;
    if (!has_before(synth)) {
        unit->kernel->init(synth->state + unit->state_offset, b);
        return;
    }
    for (uint32_t i = 0; i < unit->n_in; i++) {
        const bool is_kept = wires[i].kind != RT_WIRE_CONSTANT && !is_read_in_place(unit, b->in_rate[i]);
        in[i] = is_kept ? before(synth, wires[i]) : call.in[i];
    }
    b->in = in;
    unit->kernel->init(synth->state + unit->state_offset, b);
    if (tells(unit)) {
        for (uint32_t i = 0; i < unit->n_out; i++)
            out[i] = before(synth, wires[unit->n_in + i]);
        b->out = out;
        b->n_frames = 1;
        if (unit->rate != PH_AUDIO) /* what is a step before the first one lasted a whole block */
            b->node->first_frame = 0;
        unit->kernel->birth(synth->state + unit->state_offset, b);
        b->node->first_frame = first;
        b->out = call.out;
        b->n_frames = call.n_frames;
    }
    b->in = call.in;
}

PH_RT void rt_birth_ahead(struct rt_synth *synth, uint32_t u, struct dsp_block *b)
{
    if (!has_before(synth) || synth->unit_carried[u])
        return;
    rt_birth_unit(synth, u, b);
    synth->unit_carried[u] = RT_BORN_AHEAD;
}

PH_RT void rt_birth_keep(struct rt_synth *synth, uint32_t u)
{
    const struct rt_unit *const unit = &synth->def->units[u];
    const uint32_t first = unit->first_wire + unit->n_in;
    if (!has_before(synth))
        return;
    if (tells(unit) && synth->unit_carried[u] != RT_CARRIED)
        return;
    for (uint32_t i = first; i < first + unit->n_out; i++)
        *before(synth, synth->def->wires[i]) = *(const float *)synth->wires[i];
}
