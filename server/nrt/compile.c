/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/compile.c - SynthDef -> block program: kernels in order over wires assigned by      */
/* liveness.                                                                                      */
/* room: command and sequencer threads.                                                           */
/*                                                                                                */
/* The order is the SynthDef's own. Audio outputs live in scratch wires that all synths of a      */
/* thread share: a wire is taken when its unit writes it and free again behind the last unit that */
/* reads it, so that the working set of a synth stays in the first-level cache. An output never   */
/* takes a wire that its own unit still reads: kernels may write before they have read            */
/* (server/dsp/dsp.h). Outputs of slower rates have a place of their own in each synth.           */
/*                                                                                                */
/* From FeedbackIn to FeedbackOut the units run one frame at a time, all of them, again and       */
/* again. What comes in from before is read until the last frame: it keeps its wire over the      */
/* whole loop.                                                                                    */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/bytes.h"
#include "protocol/units.h"
#include "server/dsp/message.h"
#include "server/link/use.h"
#include "server/nrt/synth.h"
#include "server/nrt/tail.h"

enum { LOCAL_BUFS_MAX = 1024, DEMAND_DEPTH_MAX = 64, TEXT_MAX = 255 };
enum { STATE_ALIGN = 16, ENVELOPE_HEADER = 4, ENVELOPE_SEGMENT = 4 };

/** Compilation in progress. */
struct compiler {
    const struct ph_synthdef *from;
    const struct dsp_set *set;
    struct rt_def *to;
    uint32_t *first_output; /* [n_units]: index into `outputs` of each unit's first output */
    struct rt_wire *outputs;
    uint32_t *last_use;     /* per output: the last unit that reads it, or the one that writes it */
    bool *taken;            /* [n_wires_max]: scratch wires */
    uint32_t n_wires_max;
    bool is_clients;
    char *error;
};

__attribute__((format(printf, 4, 5))) static ph_status
fail(const struct compiler *c, uint32_t unit, ph_status status, const char *format, ...)
{
    char detail[96];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    if (c->error)
        snprintf(c->error, 128, "%.24s (unit %u): %.90s", c->from->units[unit].name, unit, detail);
    return status;
}

/* ---- units against the unit table ------------------------------------------------------------ */

static bool may_repeat(const struct ph_unit_info *info)
{
    if (info->n_inputs == 0)
        return false;
    const enum ph_quantity last = info->inputs[info->n_inputs - 1].quantity;
    return last == PH_REST_AMP || last == PH_REST_NUMBER;
}

/** What repeats is needed once, but for a few units that do without. */
static uint32_t inputs_least(const struct ph_unit_info *info, int unit)
{
    if (unit == PH_UNIT_ENV_GEN)
        return info->n_inputs - 1u + ENVELOPE_HEADER;
    const bool rest_is_optional = unit == PH_UNIT_LAG_CONTROL || unit == PH_UNIT_LOCAL_BUF ||
                                  unit == PH_UNIT_LOCAL_IN || unit == PH_UNIT_POLL ||
                                  unit == PH_UNIT_DPOLL || unit == PH_UNIT_SEND_REPLY;
    return info->n_inputs - (rest_is_optional ? 1u : 0u);
}

static ph_status check_arity(const struct compiler *c, uint32_t u, int unit)
{
    const struct ph_unit_spec *const spec = &c->from->units[u];
    const struct ph_unit_info *const info = &ph_units[unit];
    const uint32_t least = inputs_least(info, unit);
    const uint32_t most = may_repeat(info) ? RT_UNIT_WIRES_MAX : info->n_inputs;
    if (spec->n_inputs < least)
        return fail(c, u, PH_BAD_DEF, "has %u inputs, needs %u", spec->n_inputs, least);
    if (spec->n_inputs > most)
        return fail(c, u, PH_BAD_DEF, "has %u inputs, takes %u", spec->n_inputs, most);
    if (unit == PH_UNIT_ENV_GEN && (spec->n_inputs - least) % ENVELOPE_SEGMENT != 0)
        return fail(c, u, PH_BAD_DEF, "envelope ends inside a segment");
    /* sclang gives some units that are run for their effect
     * no output; the kernel has it all the same */
    if (info->n_outputs >= 0 && spec->n_outputs > (uint32_t)info->n_outputs)
        return fail(c, u, PH_BAD_DEF, "has %u outputs, gives %d", spec->n_outputs, info->n_outputs);
    if (info->n_outputs < 0 && spec->n_outputs == 0)
        return fail(c, u, PH_BAD_DEF, "has no outputs");
    if (spec->n_outputs > RT_UNIT_WIRES_MAX)
        return fail(c, u, PH_TOO_LARGE, "has more than %d outputs", RT_UNIT_WIRES_MAX);
    return PH_OK;
}

static const char *rate_name(uint8_t rate)
{
    static const char *const names[] = { "scalar", "control", "audio", "demand" };
    return rate < 4 ? names[rate] : "unknown";
}

static ph_status check_rates(const struct compiler *c, uint32_t u, int unit)
{
    const struct ph_unit_spec *const spec = &c->from->units[u];
    if (spec->rate > PH_DEMAND || !(ph_units[unit].rates & (1 << spec->rate)))
        return fail(c, u, PH_BAD_DEF, "can't run at %s rate", rate_name(spec->rate));
    for (uint32_t i = 0; i < spec->n_outputs; i++)
        if (spec->output_rates[i] != spec->rate)
            return fail(c, u, PH_BAD_DEF, "output %u has %s rate, the unit %s", i,
                        rate_name(spec->output_rates[i]), rate_name(spec->rate));
    return PH_OK;
}

static bool reads_controls(int unit)
{
    return unit == PH_UNIT_CONTROL || unit == PH_UNIT_AUDIO_CONTROL ||
           unit == PH_UNIT_TRIG_CONTROL || unit == PH_UNIT_LAG_CONTROL;
}

static ph_status note_controls(struct compiler *c, uint32_t u, int unit)
{
    const struct ph_unit_spec *const spec = &c->from->units[u];
    struct rt_def *const def = c->to;
    if (!reads_controls(unit))
        return PH_OK;
    if (spec->special < 0 || (uint32_t)spec->special + spec->n_outputs > def->n_controls)
        return fail(c, u, PH_BAD_DEF, "reads controls that don't exist");
    for (uint32_t i = 0; i < spec->n_outputs; i++) {
        const uint32_t control = (uint32_t)spec->special + i;
        def->n_audio_controls +=
            spec->rate == PH_AUDIO && def->control_rates[control] != PH_AUDIO;
        def->control_rates[control] = spec->rate;
        if (unit == PH_UNIT_TRIG_CONTROL && def->n_triggers < def->n_controls)
            def->triggers[def->n_triggers++] = control;
    }
    return PH_OK;
}

/* ---- feedback -------------------------------------------------------------------------------- */

/** Units that look at the block as a whole: controls and buses, and ramps over a block. */
static bool counts_in_blocks(int unit)
{
    return reads_controls(unit) || unit == PH_UNIT_IN_ || unit == PH_UNIT_IN_FEEDBACK ||
           unit == PH_UNIT_OUT || unit == PH_UNIT_OFFSET_OUT || unit == PH_UNIT_REPLACE_OUT ||
           unit == PH_UNIT_K2A || unit == PH_UNIT_LOCAL_IN || unit == PH_UNIT_LOCAL_OUT;
}

static ph_status check_looped(const struct compiler *c, uint32_t u)
{
    if (c->from->units[u].rate != PH_AUDIO)
        return fail(c, u, PH_BAD_DEF, "has %s rate inside a feedback loop",
                    rate_name(c->from->units[u].rate));
    if (counts_in_blocks(ph_unit_find(c->from->units[u].name)))
        return fail(c, u, PH_BAD_DEF, "can't run frame by frame in a feedback loop");
    return PH_OK;
}

/**
 * Where the loop begins and ends, if there is one: at most one, closed, all of it at audio rate.
 */
static ph_status find_loop(const struct compiler *c)
{
    const struct ph_unit_spec *const units = c->from->units;
    struct rt_def *const def = c->to;
    bool open = false;
    for (uint32_t u = 0; u < c->from->n_units; u++) {
        const int unit = ph_unit_find(units[u].name);
        if (unit == PH_UNIT_FEEDBACK_IN && (open || def->loop_end > 0))
            return fail(c, u, PH_BAD_DEF, "there is a second one");
        if (unit == PH_UNIT_FEEDBACK_OUT && !open)
            return fail(c, u, PH_BAD_DEF, "has no FeedbackIn before it");
        if (unit == PH_UNIT_FEEDBACK_IN)
            def->loop_first = u;
        open |= unit == PH_UNIT_FEEDBACK_IN;
        const ph_status status = open ? check_looped(c, u) : PH_OK;
        if (status != PH_OK)
            return status;
        if (unit != PH_UNIT_FEEDBACK_OUT)
            continue;
        if (units[u].n_inputs != units[def->loop_first].n_outputs)
            return fail(c, u, PH_BAD_DEF, "has %u inputs, FeedbackIn %u outputs", units[u].n_inputs,
                        units[def->loop_first].n_outputs);
        def->loop_end = u + 1;
        open = false;
    }
    return open ? fail(c, def->loop_first, PH_BAD_DEF, "has no FeedbackOut behind it") : PH_OK;
}

/* ---- wires ----------------------------------------------------------------------------------- */

/**
 * Outputs that the kernel writes: those of the table, where it says how many. A unit that claims
 * more is refused when its turn comes; until then its outputs have places.
 */
static uint32_t kernel_outputs(const struct ph_unit_spec *spec)
{
    const int unit = ph_unit_find(spec->name);
    const int fixed = unit >= 0 ? ph_units[unit].n_outputs : PH_ANY;
    return fixed >= 0 && (uint32_t)fixed > spec->n_outputs ? (uint32_t)fixed : spec->n_outputs;
}

static void keep(struct compiler *c, uint32_t output, uint32_t until)
{
    if (c->last_use[output] < until)
        c->last_use[output] = until;
}

static void find_last_uses(struct compiler *c)
{
    for (uint32_t u = 0; u < c->from->n_units; u++) {
        const struct ph_unit_spec *const spec = &c->from->units[u];
        for (uint32_t i = c->first_output[u]; i < c->first_output[u + 1]; i++)
            c->last_use[i] = u;
        for (uint32_t i = 0; i < spec->n_inputs; i++)
            if (spec->inputs[i].unit >= 0)
                c->last_use[c->first_output[spec->inputs[i].unit] +
                            (uint32_t)spec->inputs[i].output] = u;
    }
    /* what a demand unit reads, it reads when it is asked: its inputs stay as long as its value */
    for (uint32_t u = c->from->n_units; u-- > 0;) {
        const struct ph_unit_spec *const spec = &c->from->units[u];
        const bool is_asked = spec->rate == PH_DEMAND && c->first_output[u] < c->first_output[u + 1];
        for (uint32_t i = 0; i < spec->n_inputs && is_asked; i++)
            if (spec->inputs[i].unit >= 0)
                keep(c, c->first_output[spec->inputs[i].unit] + (uint32_t)spec->inputs[i].output,
                     c->last_use[c->first_output[u]]);
    }
    /* what the loop reads from before it, it reads until its end */
    const struct rt_def *const def = c->to;
    for (uint32_t i = 0; i < c->first_output[def->loop_first] && def->loop_end > 0; i++)
        if (c->last_use[i] >= def->loop_first && c->last_use[i] < def->loop_end)
            c->last_use[i] = def->loop_end - 1;
}

static struct rt_wire input_wire(const struct compiler *c, struct ph_input input)
{
    if (input.unit < 0)
        return (struct rt_wire){ RT_WIRE_CONSTANT, PH_SCALAR, (uint32_t)input.output };
    return c->outputs[c->first_output[input.unit] + (uint32_t)input.output];
}

static ph_status take_wire(struct compiler *c, uint32_t u, struct rt_wire *wire)
{
    const uint8_t rate = c->from->units[u].rate;
    if (rate != PH_AUDIO) {
        *wire = (struct rt_wire){ RT_WIRE_VALUE, rate, c->to->n_values++ };
        return PH_OK;
    }
    uint32_t w = 0;
    while (w < c->n_wires_max && c->taken[w])
        w++;
    if (w == c->n_wires_max)
        return fail(c, u, PH_TOO_LARGE, "needs more than %u wire buffers at once", w);
    c->taken[w] = true;
    if (c->to->n_audio_wires <= w)
        c->to->n_audio_wires = w + 1;
    *wire = (struct rt_wire){ RT_WIRE_AUDIO, rate, w };
    return PH_OK;
}

static void release(struct compiler *c, uint32_t u, uint32_t output)
{
    if (c->last_use[output] == u && c->outputs[output].kind == RT_WIRE_AUDIO)
        c->taken[c->outputs[output].index] = false;
}

static ph_status wire_unit(struct compiler *c, uint32_t u)
{
    const struct ph_unit_spec *const spec = &c->from->units[u];
    struct rt_def *const def = c->to;
    for (uint32_t i = 0; i < spec->n_inputs; i++)
        def->wires[def->n_wires++] = input_wire(c, spec->inputs[i]);
    for (uint32_t i = c->first_output[u]; i < c->first_output[u + 1]; i++) {
        const ph_status status = take_wire(c, u, &c->outputs[i]);
        if (status != PH_OK)
            return status;
        def->wires[def->n_wires++] = c->outputs[i];
    }
    for (uint32_t i = 0; i < spec->n_inputs; i++)
        if (spec->inputs[i].unit >= 0)
            release(c, u,
                    c->first_output[spec->inputs[i].unit] + (uint32_t)spec->inputs[i].output);
    for (uint32_t i = c->first_output[u]; i < c->first_output[u + 1]; i++)
        release(c, u, i); /* nobody reads it */
    for (uint32_t i = 0; i < c->first_output[def->loop_first] && u + 1 == def->loop_end; i++)
        release(c, u, i);
    return PH_OK;
}

/* ---- units ----------------------------------------------------------------------------------- */

/** That of the last LocalIn of its rate before it: LocalOut writes there. 0: there is none. */
static uint16_t memory_of_local_in(const struct rt_def *def, uint32_t u)
{
    for (uint32_t i = u; i > 0; i--)
        if (def->units[i - 1].unit == PH_UNIT_LOCAL_IN && def->units[i - 1].rate == def->units[u].rate)
            return def->units[i - 1].memory;
    return 0;
}

/** Units with memory whose output is the number of a buffer. */
static bool gives_buffer(uint16_t unit)
{
    switch (unit) {
    case PH_UNIT_LOCAL_BUF: case PH_UNIT_FFT: case PH_UNIT_PV_RAND_COMB: case PH_UNIT_PV_RAND_WIPE:
    case PH_UNIT_PV_BIN_SCRAMBLE: case PH_UNIT_PV_DIFFUSER: case PH_UNIT_PV_MAG_FREEZE:
    case PH_UNIT_PV_FREEZE:
        return true;
    default:
        return false;
    }
}

static ph_status compile_unit(struct compiler *c, uint32_t u)
{
    const struct ph_unit_spec *const spec = &c->from->units[u];
    struct rt_def *const def = c->to;
    const int unit = ph_unit_find(spec->name);
    if (unit < 0)
        return fail(c, u, PH_UNKNOWN_UNIT, "unit not known");
    ph_status status = check_arity(c, u, unit);
    if (status == PH_OK)
        status = check_rates(c, u, unit);
    if (status == PH_OK)
        status = note_controls(c, u, unit);
    if (status != PH_OK)
        return status;
    const struct dsp_unit *const kernel = c->set->narrow((enum ph_unit)unit, spec->special);
    if (!kernel)
        return fail(c, u, PH_UNKNOWN_UNIT, "operator %d not known", spec->special);

    struct rt_unit *const to = &def->units[u];
    *to = (struct rt_unit){
        .kernel = kernel,
        .wide = c->set->wide((enum ph_unit)unit, spec->special),
        .key = spec->key,
        .state_offset = def->state_bytes,
        .first_wire = def->n_wires,
        .n_in = (uint16_t)spec->n_inputs,
        .n_out = (uint16_t)(c->first_output[u + 1] - c->first_output[u]),
        .unit = (uint16_t)unit,
        .special = spec->special,
        .rate = spec->rate,
    };
    def->state_bytes +=
        (uint32_t)((kernel->state_bytes + STATE_ALIGN - 1) / STATE_ALIGN * STATE_ALIGN);
    if (kernel->memory_frames)
        to->memory = (uint16_t)++def->n_memories;
    if (unit == PH_UNIT_FEEDBACK_OUT)
        to->memory = def->units[def->loop_first].memory;
    if (unit == PH_UNIT_LOCAL_OUT)
        to->memory = memory_of_local_in(def, u);
    if (unit == PH_UNIT_LOCAL_BUF)
        to->special = (int16_t)def->n_locals++;
    to->gives_buffer = gives_buffer(to->unit);
    if (def->n_locals > LOCAL_BUFS_MAX)
        return fail(c, u, PH_TOO_LARGE, "there are more than %d", LOCAL_BUFS_MAX);
    return wire_unit(c, u);
}

/* ---- units that know each other -------------------------------------------------------------- */

static const struct ph_unit_input *row_of_input(const struct rt_unit *unit, uint32_t input)
{
    const struct ph_unit_info *const info = &ph_units[unit->unit];
    return info->n_inputs == 0 ? NULL
                               : &info->inputs[input < info->n_inputs ? input : info->n_inputs - 1u];
}

/** Units that ask for values, or whether another has come to its end. */
static bool needs_sources(const struct rt_def *def)
{
    for (uint32_t u = 0; u < def->n_units; u++) {
        const struct rt_unit *const unit = &def->units[u];
        if (unit->rate == PH_DEMAND)
            return true;
        for (uint32_t i = 0; i < unit->n_in; i++)
            if (row_of_input(unit, i)->quantity == PH_SOURCE)
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
            status = fail(c, u, PH_TOO_LARGE, "demand units are nested more than %d deep",
                          DEMAND_DEPTH_MAX);
    }
    free(depth);
    return status;
}

static ph_status find_sources(const struct compiler *c)
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
                def->sources[def->units[u].first_wire + i] = (uint32_t)c->from->units[u].inputs[i].unit;
    return check_depths(c);
}

/**
 * Whether what an input names is a LocalBuf: by itself, or as the chain of units that pass it on.
 * @param writer  its `local` is set to 1 + that unit's index, else `named` to where the name is
 */
static bool is_own_buffer(const struct compiler *c, uint32_t u, uint32_t input, struct rt_unit *writer)
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
        while (input < unit->n_in && row_of_input(unit, input)->quantity != PH_WRITTEN)
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
        if (row_of_input(unit, i)->quantity == PH_WRITTEN)
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
static void find_accesses(const struct compiler *c)
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
        def->n_writes += access.kind == RT_ADDS || access.kind == RT_REPLACES ? access.n_channels : 0;
        only_adds &= access.kind == RT_ADDS || access.kind == RT_READS_CONTROL;
        access.unit = u;
        def->accesses[def->n_accesses++] = access;
    }
    def->is_mixable = only_adds && !def->is_barrier;
}

/* ---- side by side ---------------------------------------------------------------------------- */

/** Voices that join others bring their long memory along: more than this isn't worth it. */
enum { WIDE_MEMORY_MAX = 4096 };

/** Floats of long memory of a unit where inputs that aren't constant read as `other`. */
static uint32_t memory_with(const struct rt_def *def, const struct rt_unit *unit, const float *other)
{
    const struct rt_wire *const wires = def->wires + unit->first_wire;
    const void *in[RT_UNIT_WIRES_MAX];
    for (uint32_t i = 0; i < unit->n_in; i++)
        in[i] = wires[i].kind == RT_WIRE_CONSTANT ? def->constants + wires[i].index : other;
    const struct dsp_block b = {
        .n_in = unit->n_in,
        .n_out = unit->n_out,
        .rate_hz = unit->rate == PH_AUDIO ? def->rate_hz : def->control_rate_hz,
        .in = in,
    };
    return unit->kernel->memory_frames(&b);
}

/** All voices of a batch need the same memory: what it depends on is the definition's. */
static bool find_wide_memory(struct rt_def *def, const struct rt_unit *unit)
{
    const float none = 0, much = 1e9f;
    const uint32_t n = memory_with(def, unit, &none);
    def->memory_floats[unit->memory - 1] = n;
    return n <= WIDE_MEMORY_MAX && n == memory_with(def, unit, &much);
}

static bool has_wide_form(struct rt_def *def)
{
    bool has = def->is_mixable && def->n_audio_controls == 0 && !def->sources;
    for (uint32_t u = 0; has && u < def->n_units; u++) {
        const struct rt_unit *const unit = &def->units[u];
        has = unit->wide && (!unit->memory || find_wide_memory(def, unit));
    }
    return has;
}

static void widen(struct rt_def *def, uint32_t width)
{
    const uint32_t align = 8 * width;
    if (!has_wide_form(def))
        return;
    def->width = width;
    for (uint32_t u = 0; u < def->n_units; u++) {
        struct rt_unit *const unit = &def->units[u];
        unit->wide_offset = def->wide_state_bytes;
        def->wide_state_bytes +=
            (uint32_t)((unit->wide->state_bytes + align - 1) / align * align);
    }
    for (uint32_t i = 0; i < def->n_constants * width; i++)
        def->wide_constants[i] = def->constants[i / width];
}

/* ---- control names --------------------------------------------------------------------------- */

static int by_index(const void *a, const void *b)
{
    const struct rt_param *const x = a, *const y = b;
    return (x->first_control > y->first_control) - (x->first_control < y->first_control);
}

static int by_symbol(const void *a, const void *b)
{
    const struct rt_param *const x = a, *const y = b;
    return (x->symbol > y->symbol) - (x->symbol < y->symbol);
}

/** An array reaches to the next name: SCgf files don't say how long it is. */
static ph_status name_controls(struct compiler *c, struct nrt_symbols *symbols)
{
    struct rt_def *const def = c->to;
    for (uint32_t i = 0; i < c->from->n_names; i++) {
        const struct ph_param_name *const name = &c->from->names[i];
        if (name->index >= def->n_controls)
            continue;
        const uint32_t symbol = nrt_symbol_intern(symbols, name->name);
        if (symbol == 0)
            return PH_NO_MEMORY;
        def->params[def->n_params++] = (struct rt_param){ symbol, name->index, 1 };
    }
    qsort(def->params, def->n_params, sizeof *def->params, by_index);
    for (uint32_t i = 0; i < def->n_params; i++) {
        const uint32_t end =
            i + 1 < def->n_params ? def->params[i + 1].first_control : def->n_controls;
        if (end > def->params[i].first_control)
            def->params[i].n_controls = end - def->params[i].first_control;
    }
    qsort(def->params, def->n_params, sizeof *def->params, by_symbol);
    return PH_OK;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static uint32_t count_wires(const struct ph_synthdef *from)
{
    uint32_t n = 0;
    for (uint32_t u = 0; u < from->n_units; u++)
        n += from->units[u].n_inputs + kernel_outputs(&from->units[u]);
    return n;
}

static void *many(size_t n, size_t bytes)
{
    return calloc(n + 1, bytes);
}

static float *many_lanes(size_t n, uint32_t width)
{
    void *memory = NULL;
    return posix_memalign(&memory, 64, (n + 1) * width * sizeof(float)) == 0 ? memory : NULL;
}

static struct rt_def *def_new(const struct ph_synthdef *from, const struct nrt_target *target)
{
    struct rt_def *const def = calloc(1, sizeof *def);
    if (!def)
        return NULL;
    atomic_init(&def->n_refs, 1);
    def->rate_hz = target->rate_hz;
    def->control_rate_hz = target->rate_hz / (float)target->block_frames;
    def->n_units = from->n_units;
    def->n_constants = from->n_constants;
    def->n_controls = from->n_controls;
    def->name = strdup(from->name ? from->name : "");
    def->name_hash = ph_hash_text(PH_HASH_START, from->name ? from->name : "");
    def->units = many(from->n_units, sizeof *def->units);
    def->wires = many(count_wires(from), sizeof *def->wires);
    def->constants = many(from->n_constants, sizeof *def->constants);
    def->controls = many(from->n_controls, sizeof *def->controls);
    def->control_rates = many(from->n_controls, sizeof *def->control_rates);
    def->triggers = many(from->n_controls, sizeof *def->triggers);
    def->params = many(from->n_names, sizeof *def->params);
    def->wire_rates = many(count_wires(from), sizeof *def->wire_rates);
    def->accesses = many(from->n_units, sizeof *def->accesses);
    def->control_is_bus = many(from->n_controls, sizeof *def->control_is_bus);
    def->parts = many(from->n_units, sizeof *def->parts);
    def->wide_constants = many_lanes(from->n_constants, target->set->width);
    def->memory_floats = many(from->n_units, sizeof *def->memory_floats);
    def->spares = nrt_spares_new();
    if (!def->name || !def->units || !def->wires || !def->constants || !def->controls ||
        !def->control_rates || !def->triggers || !def->params || !def->wire_rates ||
        !def->accesses || !def->control_is_bus || !def->parts || !def->wide_constants ||
        !def->memory_floats || !def->spares) {
        nrt_def_release(def);
        return NULL;
    }
    if (from->n_constants > 0)
        memcpy(def->constants, from->constants, from->n_constants * sizeof *def->constants);
    if (from->n_controls > 0)
        memcpy(def->controls, from->controls, from->n_controls * sizeof *def->controls);
    memset(def->control_rates, PH_CONTROL, from->n_controls);
    return def;
}

static ph_status compiler_init(struct compiler *c)
{
    const uint32_t n = c->from->n_units;
    c->first_output = many(n + 1, sizeof *c->first_output);
    c->taken = many(c->n_wires_max, sizeof *c->taken);
    if (!c->first_output || !c->taken)
        return PH_NO_MEMORY;
    for (uint32_t u = 0; u < n; u++)
        c->first_output[u + 1] = c->first_output[u] + kernel_outputs(&c->from->units[u]);
    c->outputs = many(c->first_output[n], sizeof *c->outputs);
    c->last_use = many(c->first_output[n], sizeof *c->last_use);
    return c->outputs && c->last_use ? PH_OK : PH_NO_MEMORY;
}

/* ---- records --------------------------------------------------------------------------------- */

/* The text of the control that a Tap's third input reads. */
static const char *tap_name(const struct ph_synthdef *from, const struct ph_unit_spec *tap)
{
    const struct ph_input in = tap->n_inputs > 2 ? tap->inputs[2] : (struct ph_input){ -1, 0 };

    for (uint32_t i = 0; in.unit >= 0 && i < from->n_names; i++)
        if ((int64_t)from->names[i].index == (int64_t)from->units[in.unit].special + in.output)
            return from->names[i].name;
    return "tap";
}

static ph_status find_taps(struct compiler *c)
{
    struct rt_def *const def = c->to;
    uint32_t n = 0;

    for (uint32_t u = 0; u < def->n_units; u++)
        n += def->units[u].unit == PH_UNIT_TAP;
    def->taps = many(n, sizeof *def->taps);
    if (!def->taps)
        return PH_NO_MEMORY;
    for (uint32_t u = 0; u < def->n_units; u++) {
        if (def->units[u].unit != PH_UNIT_TAP)
            continue;
        struct rt_tap *const tap = &def->taps[def->n_taps++];
        *tap = (struct rt_tap){ u, strdup(tap_name(c->from, &c->from->units[u])) };
        if (!tap->name)
            return PH_NO_MEMORY;
    }
    return PH_OK;
}

/* ---- messages to clients --------------------------------------------------------------------- */

/**
 * The text whose length an input tells: that, then a character each, all constants. Gives a string.
 */
static ph_status read_text(const struct compiler *c, uint32_t u, uint32_t length, char **text,
                           uint32_t *end)
{
    const struct ph_unit_spec *const spec = &c->from->units[u];
    const uint32_t n_rest = spec->n_inputs > length ? spec->n_inputs - length : 0;
    if (n_rest == 0 || spec->inputs[length].unit >= 0)
        return fail(c, u, PH_BAD_DEF, "has no text");
    const float n = c->from->constants[spec->inputs[length].output];
    if (!(n >= 0 && n <= TEXT_MAX && n < (float)n_rest))
        return fail(c, u, PH_BAD_DEF, "its text has %g characters", (double)n);
    *end = length + 1 + (uint32_t)n;
    *text = calloc((uint32_t)n + 1, 1);
    if (!*text)
        return PH_NO_MEMORY;
    for (uint32_t i = length + 1; i < *end; i++) {
        const float x = spec->inputs[i].unit < 0 ? c->from->constants[spec->inputs[i].output] : 0;
        /* a label may end in a new line */
        (*text)[i - length - 1] = x >= ' ' && x < 127 ? (char)x : ' ';
    }
    return PH_OK;
}

static ph_status find_messenger(const struct compiler *c, uint32_t u, struct rt_messenger *m)
{
    const struct ph_unit_spec *const spec = &c->from->units[u];
    uint32_t end = 0, n = 0;
    ph_status status = PH_OK;
    *m = (struct rt_messenger){ .unit = u, .n_values = 1 };
    switch (c->to->units[u].unit) {
    case PH_UNIT_SEND_TRIG:
        m->kind = RT_TRIGGER;
        m->text = strdup("/tr");
        return m->text ? PH_OK : PH_NO_MEMORY;
    case PH_UNIT_POLL:
        m->kind = RT_POLL;
        return read_text(c, u, 3, &m->text, &end);
    case PH_UNIT_DPOLL:
        m->kind = RT_DEMAND_POLL;
        m->n_values = 2;
        return read_text(c, u, 3, &m->text, &end);
    case PH_UNIT_V_DISK_IN:
        m->kind = RT_REPLY;
        m->text = strdup("/diskin");
        return m->text ? PH_OK : PH_NO_MEMORY;
    case PH_UNIT_SEND_REPLY:
        m->kind = RT_REPLY;
        status = read_text(c, u, 2, &m->text, &end);
        m->n_values = spec->n_inputs - end;
        break;
    default: /* SendPeakRMS: the signals stand before the text */
        m->kind = RT_REPLY;
        if (spec->inputs[3].unit < 0 && c->from->constants[spec->inputs[3].output] >= 0 &&
            c->from->constants[spec->inputs[3].output] < RT_UNIT_WIRES_MAX)
            n = (uint32_t)c->from->constants[spec->inputs[3].output];
        status = read_text(c, u, 4 + n, &m->text, &end);
        m->n_values = 2 * n;
        break;
    }
    if (status == PH_OK && m->n_values > DSP_MESSAGE_VALUES_MAX)
        return fail(c, u, PH_TOO_LARGE, "sends more than %d values", DSP_MESSAGE_VALUES_MAX);
    return status;
}

static bool is_messenger(int unit)
{
    return unit == PH_UNIT_SEND_TRIG || unit == PH_UNIT_SEND_REPLY || unit == PH_UNIT_POLL ||
           unit == PH_UNIT_DPOLL || unit == PH_UNIT_SEND_PEAK_RMS || unit == PH_UNIT_V_DISK_IN;
}

static ph_status find_messengers(const struct compiler *c)
{
    struct rt_def *const def = c->to;
    def->messengers = calloc(def->n_units + 1, sizeof *def->messengers);
    ph_status status = def->messengers ? PH_OK : PH_NO_MEMORY;
    for (uint32_t u = 0; u < def->n_units && status == PH_OK; u++) {
        if (is_messenger(def->units[u].unit))
            status = find_messenger(c, u, &def->messengers[def->n_messengers++]);
    }
    return status;
}

static void free_messengers(struct rt_def *def)
{
    for (uint32_t i = 0; i < def->n_messengers; i++)
        free(def->messengers[i].text);
    free(def->messengers);
}

static void free_taps(struct rt_def *def)
{
    for (uint32_t i = 0; i < def->n_taps; i++)
        free(def->taps[i].name);
    free(def->taps);
}

/**
 * Inputs (bit i: input i) of which scsynth's units take a
 * block's first value where they are signals.
 */
static uint32_t once_a_block(enum ph_unit unit, const uint8_t *rates)
{
    switch (unit) {
    case PH_UNIT_COMB_N: case PH_UNIT_COMB_L: case PH_UNIT_COMB_C: case PH_UNIT_ALLPASS_N:
    case PH_UNIT_ALLPASS_L: case PH_UNIT_ALLPASS_C: /* decaytime */
    case PH_UNIT_BUF_COMB_N: case PH_UNIT_BUF_COMB_L: case PH_UNIT_BUF_COMB_C:
    case PH_UNIT_BUF_ALLPASS_N: case PH_UNIT_BUF_ALLPASS_L: case PH_UNIT_BUF_ALLPASS_C:
        return 1u << 3;
    case PH_UNIT_FREE_VERB:
        return 1u << 1 | 1u << 2 | 1u << 3;
    case PH_UNIT_FREE_VERB2:
        return 1u << 2 | 1u << 3 | 1u << 4;
    case PH_UNIT_SCHMIDT: case PH_UNIT_DETECT_SILENCE:
        return 1u << 1 | 1u << 2;
    case PH_UNIT_PLAY_BUF: /* startPos, beside signals for rate and trigger */
        return rates[1] == PH_AUDIO && rates[2] == PH_AUDIO ? 1u << 3 : 0;
    case PH_UNIT_V_OSC: /* bufpos, freq */
        return 1u << 0 | 1u << 1;
    case PH_UNIT_DEMAND_ENV_GEN: /* beside a signal for the gate only the scales */
        return rates[4] == PH_AUDIO ? 7u << 6 : 0x1ef;
    case PH_UNIT_PEAK_FOLLOWER:
        return 1u << 1;
    case PH_UNIT_IMPULSE: /* phase, unless freq is a signal too */
        return rates[0] == PH_AUDIO ? 0 : 1u << 1;
    case PH_UNIT_PITCH_SHIFT:
        return 0xfu << 1;
    case PH_UNIT_PLUCK: /* delaytime, decaytime */
        return 1u << 3 | 1u << 4;
    case PH_UNIT_SAW: case PH_UNIT_F_SIN_OSC:
        return 1u << 0;
    case PH_UNIT_PULSE: case PH_UNIT_BLIP:
        return 1u << 0 | 1u << 1;
    case PH_UNIT_V_OSC3:
        return 0xf;
    default:
        return 0;
    }
}

/**
 * The rates at which units read their inputs: what is to be read once a block looks like a control.
 */
static void rate_wires(struct rt_def *def, bool is_clients)
{
    for (uint32_t i = 0; i < def->n_wires; i++)
        def->wire_rates[i] = def->wires[i].rate;
    for (uint32_t u = 0; u < def->n_units && is_clients; u++) {
        const struct rt_unit *const unit = &def->units[u];
        uint8_t *const rates = def->wire_rates + unit->first_wire;
        const uint32_t once = once_a_block(unit->unit, rates);
        for (uint32_t i = 0; i < unit->n_in && once >> i; i++)
            if (once >> i & 1 && rates[i] == PH_AUDIO)
                rates[i] = PH_CONTROL;
    }
}

static ph_status compile_all(struct compiler *c, struct nrt_symbols *symbols)
{
    ph_status status = find_loop(c);
    if (status == PH_OK)
        find_last_uses(c);
    for (uint32_t u = 0; u < c->from->n_units && status == PH_OK; u++)
        status = compile_unit(c, u);
    if (status != PH_OK)
        return status;
    rate_wires(c->to, c->is_clients);
    status = find_sources(c);
    if (status != PH_OK)
        return status;
    find_accesses(c);
    widen(c->to, c->set->width);
    status = nrt_find_tails(c->from, c->to);
    if (status == PH_OK)
        status = find_taps(c);
    if (status == PH_OK)
        status = find_messengers(c);
    return status == PH_OK ? name_controls(c, symbols) : status;
}

ph_status nrt_def_compile(const struct ph_synthdef *from, struct nrt_symbols *symbols,
                          const struct nrt_target *target, struct rt_def **out, char *error)
{
    if (error)
        error[0] = 0;
    ph_status status = ph_synthdef_validate(from, error);
    if (status != PH_OK)
        return status;
    struct compiler c = { .from = from,
                          .set = target->set,
                          .n_wires_max = target->n_audio_wires_max,
                          .is_clients = target->is_clients,
                          .error = error };
    c.to = def_new(from, target);
    status = c.to ? compiler_init(&c) : PH_NO_MEMORY;
    if (status == PH_OK)
        status = compile_all(&c, symbols);
    free(c.first_output);
    free(c.outputs);
    free(c.last_use);
    free(c.taken);
    if (status == PH_OK) {
        *out = c.to;
        return PH_OK;
    }
    nrt_def_release(c.to);
    if (error && error[0] == 0)
        snprintf(error, 128, "%s", ph_status_text(status));
    return status;
}

struct nrt_target nrt_target_of(const struct rt_config *config)
{
    return (struct nrt_target){ config->set ? config->set : dsp_set_best(), (float)config->rate_hz,
                                config->block_frames, config->n_audio_wires_max, false };
}

struct rt_def *nrt_def_retain(struct rt_def *def)
{
    atomic_fetch_add_explicit(&def->n_refs, 1, memory_order_relaxed);
    return def;
}

static void free_batches(struct rt_batch *batch)
{
    for (struct rt_batch *next; batch; batch = next) {
        next = batch->next;
        nrt_batch_free(batch);
    }
}

void nrt_def_release(struct rt_def *def)
{
    /* acquire and release: the thread that frees sees what the others did with it */
    if (!def || atomic_fetch_sub_explicit(&def->n_refs, 1, memory_order_acq_rel) != 1)
        return;
    link_uses_release(def->uses);
    free_batches(def->pool.free);
    free_batches(atomic_load_explicit(&def->pool.made, memory_order_relaxed));
    nrt_spares_free(def->spares);
    free_taps(def);
    free_messengers(def);
    free(def->sources);
    free(def->accesses);
    free(def->control_is_bus);
    free(def->parts);
    free(def->wide_constants);
    free(def->memory_floats);
    free(def->name);
    free(def->units);
    free(def->wires);
    free(def->wire_rates);
    free(def->constants);
    free(def->controls);
    free(def->control_rates);
    free(def->triggers);
    free(def->params);
    free(def);
}

int32_t nrt_def_control(const struct rt_def *def, uint32_t symbol)
{
    uint32_t low = 0, high = def->n_params;
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        if (def->params[middle].symbol < symbol)
            low = middle + 1;
        else
            high = middle;
    }
    return low < def->n_params && def->params[low].symbol == symbol
               ? (int32_t)def->params[low].first_control
               : -1;
}
