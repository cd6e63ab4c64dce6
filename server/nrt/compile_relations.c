/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/compile_relations.c - what the units of a definition have to do with each other and */
/* with other synths': demand, buffers, buses.                                                    */
/* room: command and sequencer threads.                                                           */
#include "server/nrt/compile.h"

#include <stdlib.h>

enum { DEMAND_DEPTH_MAX = 64 };

/* ---- units that know each other -------------------------------------------------------------- */

/** Units that ask for values, or whether another has come to its end. */
static bool needs_sources(const struct rt_def *def)
{
    for (uint32_t u = 0; u < def->n_units; u++) {
        const struct rt_unit *const unit = &def->units[u];
        if (unit->rate == PH_DEMAND)
            return true;
        for (uint32_t i = 0; i < unit->n_in; i++)
            if (nrt_compile_row(unit, i)->quantity == PH_SOURCE)
                return true;
    }
    return false;
}

/** How deeply demand units may ask each other is what the audio thread's stack must hold. */
static ph_status check_depths(const struct compiler *c)
{
    const uint32_t n = c->from->n_units;
    uint8_t *const depth = calloc(n + 1, 1);
    ph_status status = depth ? PH_OK : PH_NO_MEMORY;
    for (uint32_t u = 0; u < n && status == PH_OK; u++) {
        const struct ph_unit_spec *const spec = &c->from->units[u];
        for (uint32_t i = 0; i < spec->n_inputs && spec->rate == PH_DEMAND; i++)
            if (spec->inputs[i].unit >= 0 && depth[spec->inputs[i].unit] >= depth[u])
                depth[u] = (uint8_t)(depth[spec->inputs[i].unit] + 1);
        if (depth[u] > DEMAND_DEPTH_MAX)
            status = nrt_compile_fail(c, u, PH_TOO_LARGE,
                                      "demand units are nested more than %d deep", DEMAND_DEPTH_MAX);
    }
    free(depth);
    return status;
}

ph_status nrt_compile_find_sources(const struct compiler *c)
{
    struct rt_def *const def = c->to;
    if (!needs_sources(def))
        return PH_OK;
    def->sources = malloc((def->n_wires + 1) * sizeof *def->sources);
    if (!def->sources)
        return PH_NO_MEMORY;
    for (uint32_t w = 0; w < def->n_wires; w++)
        def->sources[w] = DSP_NO_SOURCE;
    for (uint32_t u = 0; u < def->n_units; u++)
        for (uint32_t i = 0; i < c->from->units[u].n_inputs; i++)
            if (c->from->units[u].inputs[i].unit >= 0)
                def->sources[def->units[u].first_wire + i] =
                    (uint32_t)c->from->units[u].inputs[i].unit;
    return check_depths(c);
}

/**
 * Whether what an input names is a LocalBuf: by itself, or as the chain of units that pass it on.
 * @param writer  its `local` is set to 1 + that unit's index, else `named` to where the name is
 */
static bool is_own_buffer(const struct compiler *c, uint32_t u, uint32_t input,
                          struct rt_unit *writer)
{
    for (;;) {
        const struct ph_input in = c->from->units[u].inputs[input];
        writer->named = c->to->units[u].first_wire + input + 1;
        if (in.unit < 0)
            return c->to->constants[in.output] < 0; /* a chain that never begins */
        u = (uint32_t)in.unit;
        const struct rt_unit *const unit = &c->to->units[u];
        if (unit->unit == PH_UNIT_LOCAL_BUF) {
            writer->local = u < UINT16_MAX ? (uint16_t)(u + 1) : 0;
            writer->named = 0;
            return true;
        }
        input = 0;
        while (input < unit->n_in && nrt_compile_row(unit, input)->quantity != PH_WRITTEN)
            input++;
        if (input == unit->n_in)
            return false;
    }
}

/** Notes which of the synth's own buffers a unit changes; true where it changes others too. */
static bool note_written_buffers(const struct compiler *c, uint32_t u)
{
    struct rt_unit *const unit = &c->to->units[u];
    bool others = false;
    for (uint32_t i = unit->n_in; i-- > 0;) /* its memory follows from the first */
        if (nrt_compile_row(unit, i)->quantity == PH_WRITTEN)
            others |= !is_own_buffer(c, u, i, unit);
    return others;
}

/* ---- order of execution ---------------------------------------------------------------------- */

/** What a unit does to buses; false: nothing. */
static bool access_of(const struct rt_unit *unit, struct rt_access *access)
{
    const bool audio = unit->rate == PH_AUDIO;
    *access = (struct rt_access){ .n_channels = (uint16_t)(unit->n_in - 1) };
    switch (unit->unit) {
    case PH_UNIT_IN_:
    case PH_UNIT_IN_TRIG:
        access->kind = audio ? RT_READS : RT_READS_CONTROL;
        access->n_channels = unit->n_out;
        return true;
    case PH_UNIT_IN_FEEDBACK:
        access->kind = RT_READS;
        access->n_channels = unit->n_out;
        return true;
    case PH_UNIT_OUT:
    case PH_UNIT_OFFSET_OUT:
        access->kind = audio ? RT_ADDS : RT_WRITES_CONTROL;
        return true;
    case PH_UNIT_REPLACE_OUT:
        access->kind = audio ? RT_REPLACES : RT_WRITES_CONTROL;
        return true;
    case PH_UNIT_X_OUT:
        access->kind = audio ? RT_REPLACES : RT_WRITES_CONTROL;
        access->n_channels = (uint16_t)(unit->n_in - 2);
        return true;
    case PH_UNIT_LAG_IN:
        access->kind = RT_READS_CONTROL;
        access->n_channels = unit->n_out;
        return true;
    case PH_UNIT_BEAT_TRACK2:
        access->kind = RT_READS_CONTROL;
        access->n_channels = 32; /* how many it reads is known at birth; no more than that */
        return true;
    default:
        return false;
    }
}

/** Where the number of the bus comes from: a constant, or a control without anything in between. */
static void find_bus(const struct compiler *c, uint32_t u, struct rt_access *access)
{
    struct rt_def *const def = c->to;
    const struct ph_input bus = c->from->units[u].inputs[0];
    const struct rt_unit *const writer = bus.unit >= 0 ? &def->units[bus.unit] : NULL;
    access->index = def->wires[def->units[u].first_wire].index;
    access->source = writer ? RT_BUS_UNKNOWN : RT_BUS_CONSTANT;
    if (!writer || writer->unit != PH_UNIT_CONTROL)
        return;
    access->source = writer->rate == PH_SCALAR ? RT_BUS_SCALAR : RT_BUS_CONTROL;
    access->control = (uint32_t)(writer->special + bus.output);
    def->control_is_bus[access->control] = true;
}

static bool is_audio_access(const struct rt_access *a)
{
    return a->kind == RT_READS || a->kind == RT_ADDS || a->kind == RT_REPLACES;
}

/** Asks for nothing that reaches other nodes: done actions 0, 1 and 2, as constants. */
static bool acts_on_itself(const struct rt_def *def, const struct rt_unit *unit)
{
    const struct ph_unit_info *const info = &ph_units[unit->unit];
    if (unit->unit == PH_UNIT_FREE || unit->unit == PH_UNIT_PAUSE)
        return false;
    for (uint32_t i = 0; i < info->n_inputs && i < unit->n_in; i++) {
        const struct rt_wire wire = def->wires[unit->first_wire + i];
        if (info->inputs[i].quantity == PH_ACTION &&
            (wire.kind != RT_WIRE_CONSTANT || !(def->constants[wire.index] < 3)))
            return false;
    }
    return true;
}

/** Transforms of any size: dsp_fft_plan_all(). */
static bool needs_transforms(int unit)
{
    return unit == PH_UNIT_FFT || unit == PH_UNIT_IFFT || unit == PH_UNIT_CONVOLUTION ||
           unit == PH_UNIT_CONVOLUTION2 || unit == PH_UNIT_CONVOLUTION2_L ||
           unit == PH_UNIT_STEREO_CONVOLUTION2_L || unit == PH_UNIT_PART_CONV ||
           unit == PH_UNIT_FFT_TRIGGER;
}

/**
 * Finds what the plan (rt/plan.h) must know: the buses, whether others may run at the same time,
 * and whether instances may run side by side.
 */
void nrt_compile_find_accesses(const struct compiler *c)
{
    struct rt_def *const def = c->to;
    bool only_adds = true, has_written = false;
    for (uint32_t u = 0; u < def->n_units; u++) {
        const struct rt_unit *const unit = &def->units[u];
        struct rt_access access;
        def->is_barrier |= note_written_buffers(c, u) || !acts_on_itself(def, unit);
        def->needs_fft |= needs_transforms(unit->unit);
        if (!access_of(unit, &access))
            continue;
        find_bus(c, u, &access);
        /* what it writes itself it must find on the bus: a worker would have it in a log */
        def->is_barrier |= access.kind == RT_READS && has_written;
        def->is_barrier |= unit->unit == PH_UNIT_X_OUT;
        def->is_barrier |= is_audio_access(&access) && access.source == RT_BUS_UNKNOWN;
        has_written |= access.kind == RT_ADDS || access.kind == RT_REPLACES;
        if (access.kind == RT_ADDS || access.kind == RT_REPLACES)
            def->n_writes += access.n_channels;
        only_adds &= access.kind == RT_ADDS || access.kind == RT_READS_CONTROL;
        access.unit = u;
        def->accesses[def->n_accesses++] = access;
    }
    def->is_mixable = only_adds && !def->is_barrier;
}
