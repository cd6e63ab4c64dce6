/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/exec.c - runs the block program of a synth, or of a batch of them.                   */
/* room: audio.                                                                                   */
#include "server/rt/exec.h"

#include <math.h>
#include <string.h>

#include "protocol/synthdef.h"
#include "server/rt/birth.h"
#include "server/rt/map.h"
#include "server/rt/report.h"

enum {
    RESET_FLOATS = 1 << 16, /* long memory cleared per block: 256 KiB, some 20 microseconds */
    LEVEL_STRIDE = 8        /* every 8th frame tells how loud a voice is well enough to steal by */
};

/* ---- controls -------------------------------------------------------------------------------- */

PH_RT const struct rt_param *rt_exec_param(const struct rt_def *def, uint32_t symbol)
{
    uint32_t low = 0, high = def->n_params;
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        if (def->params[middle].symbol < symbol)
            low = middle + 1;
        else
            high = middle;
    }
    return low < def->n_params && def->params[low].symbol == symbol ? &def->params[low] : NULL;
}

PH_RT bool rt_exec_find(const struct rt_def *def, uint32_t symbol, uint32_t index, uint32_t *control)
{
    const struct rt_param *const param = rt_exec_param(def, symbol);
    if (!param || index >= param->n_controls)
        return false;
    *control = param->first_control + index;
    return true;
}

PH_RT struct rt_controls rt_exec_controls(const struct rt_def *def, uint32_t symbol, int64_t index,
                                          int64_t n)
{
    int64_t base = 0, space = def->n_controls;
    if (symbol != 0) {
        const struct rt_param *const param = rt_exec_param(def, symbol);
        base = param ? param->first_control : 0;
        space = param ? param->n_controls : 0; /* scsynth ignores names that a synth doesn't have */
    }
    const int64_t from = index > 0 ? index : 0, to = index + n < space ? index + n : space;
    return from < to ? (struct rt_controls){ (uint32_t)(base + from), (uint32_t)(base + to) }
                     : (struct rt_controls){ 0, 0 };
}

PH_RT static void fill(float *frames, uint32_t from, uint32_t to, float value)
{
    for (uint32_t i = from; i < to; i++)
        frames[i] = value;
}

PH_RT void rt_exec_set(struct rt_world *w, struct rt_synth *synth, uint32_t control, float value,
                       uint32_t offset)
{
    if (control >= synth->def->n_controls)
        return;
    if (synth->n_mapped > 0)
        rt_map_clear(w, synth, control);
    float *const place = &synth->controls[control * synth->stride];
    if (synth->def->control_is_bus[control] && *place != value)
        w->plan.is_stale = true;
    if (synth->control_frames && synth->def->control_rates[control] == PH_AUDIO &&
        (offset > 0 || synth->control_moving[control])) {
        float *const frames = synth->control_frames + (size_t)control * DSP_BLOCK_FRAMES;
        if (!synth->control_moving[control])
            fill(frames, 0, offset, *place);
        fill(frames, offset, w->config.block_frames, value);
        synth->control_moving[control] = PH_AUDIO;
        synth->moving = true;
    }
    *place = value;
}

/** What lasts for one block only: triggers, and controls that moved within it. */
PH_RT static void settle_controls(struct rt_synth *synth)
{
    const struct rt_def *const def = synth->def;
    for (uint32_t i = 0; i < def->n_triggers; i++)
        synth->controls[def->triggers[i]] = 0;
    if (synth->moving)
        memset(synth->control_moving, 0, def->n_controls);
    synth->moving = false;
}

/* ---- fades ----------------------------------------------------------------------------------- */

PH_RT void rt_exec_fade(const struct rt_world *w, struct rt_synth *synth, float target,
                        uint32_t milliseconds, bool ends)
{
    const uint32_t frames = (w->config.rate_hz * milliseconds + 999) / 1000;
    const uint32_t block = w->config.block_frames;
    synth->fade_left = (frames + block - 1) / block * block;
    synth->fade_target = target;
    synth->fade_ends = ends;
    synth->dsp->gain_step = (target - synth->dsp->gain) / (float)synth->fade_left;
    if (synth->batch)
        synth->batch->fading |= 1u << synth->lane;
}

PH_RT static void advance_fade(struct rt_synth *synth, uint32_t n_frames)
{
    if (synth->fade_left == 0)
        return;
    synth->fade_left -= n_frames;
    /* from the target backwards, so that the end is exact and rounding doesn't add up */
    synth->dsp->gain = synth->fade_target - synth->dsp->gain_step * (float)synth->fade_left;
    if (synth->fade_left == 0)
        synth->dsp->gain_step = 0;
}

/* ---- ringing out ----------------------------------------------------------------------------- */

/* -100 dB: below it a tail is over. */
#define RING_SILENCE 1e-5f

PH_RT void rt_exec_ring(const struct rt_world *w, struct rt_synth *synth, const uint8_t *units,
                        uint32_t milliseconds, uint32_t quiet_frames)
{
    const uint32_t frames = (w->config.rate_hz * milliseconds + 999) / 1000;
    const uint32_t block = w->config.block_frames, fade = (frames + block - 1) / block * block;
    memcpy(synth->unit_rings, units, synth->def->n_units);
    synth->ring = (struct rt_ring){ .is_on = true,
                                    .gain = 1,
                                    .gain_step = -1.0f / (float)fade,
                                    .fade_left = fade,
                                    .left = RT_RING_SECONDS * w->config.rate_hz,
                                    .quiet_needed = quiet_frames };
}

PH_RT static void advance_ring(struct rt_ring *ring, uint32_t n_frames)
{
    if (!ring->is_on || ring->fade_left == 0)
        return;
    ring->fade_left -= n_frames;
    /* from the end backwards, as all fades */
    ring->gain = -ring->gain_step * (float)ring->fade_left;
    if (ring->fade_left == 0)
        ring->gain_step = 0;
}

PH_RT void rt_exec_ring_on(const struct rt_world *w, struct rt_synth *synth)
{
    struct rt_ring *const ring = &synth->ring;
    const uint32_t n = w->config.block_frames;
    if (synth->fade_ends)
        return;
    ring->quiet = synth->level < RING_SILENCE && ring->fade_left == 0 ? ring->quiet + n : 0;
    ring->left -= ring->left < n ? ring->left : n;
    if (ring->quiet >= ring->quiet_needed)
        synth->fade_ends = true; /* there is nothing to fade */
    else if (ring->left == 0)
        rt_exec_fade(w, synth, 0, RT_FADE_CUT_MS, true);
}

/** Fades what a unit gives, from frame `first` of the block on, as its part in the ringing says. */
PH_RT static void fade_outputs(const struct rt_synth *synth, const struct dsp_block *b, uint32_t u,
                               uint32_t first)
{
    if (synth->unit_rings[u] == RT_RING_GOES_ON || b->rate != PH_AUDIO)
        return;
    for (uint32_t o = 0; o < b->n_out; o++) {
        float *const out = b->out[o];
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] *= synth->ring.gain + (float)(first + i) * synth->ring.gain_step;
    }
}

/** Whether a successor has taken over from a unit for good: what it gives is silence. */
PH_RT static bool is_over(const struct rt_synth *synth, uint32_t u)
{
    return synth->ring.is_on && synth->ring.fade_left == 0 &&
           synth->unit_rings[u] == RT_RING_IS_HEIR;
}

/** What a unit without the memory that it needs gives: silence, or the number of no buffer. */
PH_RT static void stay_silent(const struct rt_synth *synth, const struct dsp_block *b, uint32_t u)
{
    const float value = synth->def->units[u].gives_buffer ? -1.0f : 0.0f;
    for (uint32_t o = 0; o < b->n_out; o++)
        for (uint32_t i = 0; i < b->n_frames; i++)
            ((float *)b->out[o])[i] = value;
    if (synth->unit_dones)
        synth->unit_dones[u] = true;
}

/** Runs a unit that was born. `first`: frame of the block that is its frame 0. */
PH_RT static void process(const struct rt_synth *synth, const struct dsp_block *b, uint32_t u,
                          uint32_t first)
{
    const struct rt_unit *const unit = &synth->def->units[u];
    if (rt_lacks_memory(synth, unit))
        stay_silent(synth, b, u);
    else if (!is_over(synth, u))
        unit->kernel->process(synth->state + unit->state_offset, b);
    else
        for (uint32_t o = 0; o < b->n_out; o++)
            memset(b->out[o], 0, b->n_frames * sizeof(float));
    if (synth->ring.is_on)
        fade_outputs(synth, b, u, first);
}

/* ---- units ----------------------------------------------------------------------------------- */

/** Where the three kinds of wires begin; values of one wire lie 1 << shift apart per frame. */
struct bases {
    float *base[3];
    uint32_t shift;
};

/** Where every wire of a def lies. They stay there until another thread runs the synth. */
PH_RT static void find_wires(void **to, const struct rt_def *def, const struct bases *bases)
{
    for (uint32_t i = 0; i < def->n_wires; i++) {
        const struct rt_wire wire = def->wires[i];
        const uint32_t shift = bases->shift + (wire.kind == RT_WIRE_AUDIO ? 6 : 0);
        to[i] = bases->base[wire.kind] + ((size_t)wire.index << shift);
    }
}
_Static_assert(DSP_BLOCK_FRAMES == 1 << 6, "audio wires are one block apart");

/** Sets up what differs from unit to unit; memory is the caller's. */
PH_RT static void set_call(struct dsp_block *b, void **wires, const struct rt_def *def,
                           const struct rt_unit *unit, uint32_t n_frames)
{
    const bool audio = unit->rate == PH_AUDIO;
    b->in = (const void *const *)(wires + unit->first_wire);
    b->out = wires + unit->first_wire + unit->n_in;
    b->n_frames = audio ? n_frames : 1;
    b->rate = unit->rate;
    b->special = unit->special;
    b->n_in = unit->n_in;
    b->n_out = unit->n_out;
    b->rate_hz = audio ? def->rate_hz : def->control_rate_hz;
    b->in_rate = def->wire_rates + unit->first_wire;
}

static bool is_sink(const struct rt_unit *unit)
{
    return unit->unit == PH_UNIT_OUT || unit->unit == PH_UNIT_OFFSET_OUT ||
           unit->unit == PH_UNIT_REPLACE_OUT;
}

/** Raises levels[k] to the peak of what lane k puts on buses. */
PH_RT static void take_levels(const struct dsp_block *b, float *levels, uint32_t width)
{
    for (uint32_t c = 1; c < b->n_in; c++) {
        const float *const frames = b->in[c];
        const uint32_t n = b->in_rate[c] == PH_AUDIO ? b->n_frames : 1;
        for (uint32_t i = 0; i < n; i += LEVEL_STRIDE)
            for (uint32_t k = 0; k < width; k++)
                levels[k] = dsp_max(levels[k], fabsf(frames[i * width + k]));
    }
}

/* ---- alone ----------------------------------------------------------------------------------- */

PH_RT static void set_memory(struct dsp_block *b, const struct rt_synth *synth,
                             const struct rt_unit *unit)
{
    const struct rt_memory *const memory = unit->memory ? synth->memories[unit->memory - 1] : NULL;
    b->memory = memory ? (float *)memory->data : NULL;
    b->memory_frames = memory ? memory->n_frames : 0;
}

/** What a unit sees of others of its synth. */
PH_RT static void set_relations(struct dsp_block *b, const struct rt_def *def, uint32_t u)
{
    b->source = def->sources + def->units[u].first_wire;
    b->unit = u;
}

/* ---- demand ---------------------------------------------------------------------------------- */

/**
 * Units may ask each other this often in a block of one synth; then streams end. A def of n units
 * can ask for 2^n values at once.
 */
enum { DEMANDS_MAX = 1 << 14, OPERANDS_MAX = 2 };

/** The demand units of a synth that renders. */
struct demand {
    struct dsp_demand dsp; /* first: kernels have a pointer to it */
    struct rt_synth *synth;
    const struct dsp_block *common; /* what all calls have in common */
    uint32_t n_left;
};

/** Operators know nothing of demand: what they operate on is asked for first. */
PH_RT static void run_operator(const struct dsp_unit *kernel, void *state, const struct dsp_block *b)
{
    const void *at[OPERANDS_MAX]; /* signals begin at the frame that asks */
    bool has_ended = false;
    for (uint32_t i = 0; i < b->n_in && i < OPERANDS_MAX; i++) {
        if (b->n_frames == 0)
            dsp_demand_reset(b, i, b->frame);
        else
            has_ended |= isnan(dsp_demand(b, i, b->frame));
        at[i] = (const float *)b->in[i] + b->frame * dsp_step(b, i);
    }
    struct dsp_block call = *b;
    call.in = at;
    if (b->n_frames > 0)
        kernel->process(state, &call);
    if (has_ended)
        *(float *)b->out[0] = NAN;
}

static bool is_operator(const struct rt_unit *unit)
{
    return unit->unit == PH_UNIT_BINARY_OP || unit->unit == PH_UNIT_UNARY_OP;
}

PH_RT static void run_demand(struct dsp_demand *dsp, const struct dsp_block *caller, uint32_t source,
                             uint32_t frame, uint32_t n)
{
    struct demand *const d = (struct demand *)dsp;
    struct rt_synth *const synth = d->synth;
    const struct rt_unit *const unit = &synth->def->units[source];
    (void)caller;
    if (unit->rate != PH_DEMAND)
        return;
    float *const out = synth->wires[unit->first_wire + unit->n_in];
    if (d->n_left == 0 || rt_lacks_memory(synth, unit)) {
        *out = NAN;
        return;
    }
    d->n_left--;
    struct dsp_block b = *d->common;
    set_call(&b, synth->wires, synth->def, unit, 1);
    set_memory(&b, synth, unit);
    set_relations(&b, synth->def, source);
    b.n_frames = n;
    b.frame = frame;
    if (is_operator(unit))
        run_operator(unit->kernel, synth->state + unit->state_offset, &b);
    else
        unit->kernel->process(synth->state + unit->state_offset, &b);
}

/** Wires that hold a value per frame go on, or back, by so many frames. */
PH_RT static void move_wires(const struct rt_synth *synth, uint32_t first, uint32_t end, int32_t frames)
{
    const uint8_t *const rates = synth->def->wire_rates;
    for (uint32_t i = first; i < end; i++)
        synth->wires[i] = (float *)synth->wires[i] + (rates[i] == PH_AUDIO ? frames : 0);
}

/**
 * Runs the units of the feedback loop, one frame after the
 * other. `b`: what all calls have in common.
 */
PH_RT static void run_loop(struct rt_synth *synth, const struct dsp_block *b, uint32_t n_frames)
{
    const struct rt_def *const def = synth->def;
    const struct rt_unit *const units = def->units + def->loop_first;
    const uint32_t n = def->loop_end - def->loop_first, first = units[0].first_wire;
    const uint32_t end = units[n - 1].first_wire + units[n - 1].n_in + units[n - 1].n_out;
    for (uint32_t k = 0; k < n; k++) {
        synth->loop[k] = *b;
        set_call(&synth->loop[k], synth->wires, def, &units[k], 1);
        set_memory(&synth->loop[k], synth, &units[k]);
    }
    for (uint32_t i = 0; i < n_frames; i++) {
        for (uint32_t k = 0; k < n; k++) {
            if (!synth->born && i == 0)
                rt_birth_unit(synth, def->loop_first + k, &synth->loop[k]);
            process(synth, &synth->loop[k], def->loop_first + k, i);
            if (!synth->born && i == 0)
                rt_birth_keep(synth, def->loop_first + k);
        }
        move_wires(synth, first, end, 1);
        b->node->first_frame++;
    }
    b->node->first_frame -= n_frames;
    move_wires(synth, first, end, -(int32_t)n_frames);
}

static bool writes_bus(const struct rt_unit *unit)
{
    return is_sink(unit) || unit->unit == PH_UNIT_X_OUT;
}

static bool hears_bus(const struct rt_unit *unit)
{
    return unit->unit == PH_UNIT_IN_ || unit->unit == PH_UNIT_IN_FEEDBACK ||
           unit->unit == PH_UNIT_IN_TRIG || unit->unit == PH_UNIT_LAG_IN;
}

/**
 * Before unit `u` writes a bus, as the first one of its synth: what hears buses behind it is made
 * before anything is written, as in scsynth.
 */
PH_RT static void bear_listeners(struct rt_synth *synth, const struct dsp_block *common, uint32_t u)
{
    const struct rt_def *const def = synth->def;
    struct dsp_block b = *common;
    for (uint32_t i = 0; i < def->n_accesses; i++) {
        const struct rt_access *const a = &def->accesses[i];
        const struct rt_unit *const unit = &def->units[a->unit];
        if (a->unit <= u || !hears_bus(unit) || a->source == RT_BUS_UNKNOWN)
            continue;
        set_call(&b, synth->wires, def, unit, 1);
        set_memory(&b, synth, unit);
        rt_birth_ahead(synth, a->unit, &b);
    }
}

PH_RT static void run_synth(const struct rt_runner *r, struct rt_synth *synth, uint32_t n_frames)
{
    const struct rt_def *const def = synth->def;
    if (synth->wired_for != r->wires) {
        const struct bases bases = { { def->constants, synth->values, r->wires }, 0 };
        find_wires(synth->wires, def, &bases);
        synth->wired_for = r->wires;
    }
    struct dsp_block b = {
        .lanes = 1,
        .fading = synth->dsp->gain != 1 || synth->dsp->gain_step != 0,
        .node = synth->dsp,
        .env = r->env,
        .controls = synth->controls,
        .control_rate = synth->control_moving,
        /* frame 0 of the call is frame first_frame of the block */
        .control_frames = synth->control_frames ? synth->control_frames + synth->dsp->first_frame
                                                : NULL,
    };
    struct demand demand = { { run_demand }, synth, &b, DEMANDS_MAX };
    b.local = synth->locals;
    b.n_local = def->n_locals;
    b.dones = synth->unit_dones;
    b.demand = &demand.dsp;
    float level = 0;
    bool is_unwritten = !synth->born;
    for (uint32_t u = 0; u < def->n_units; u++) {
        const struct rt_unit *const unit = &def->units[u];
        if (unit->rate == PH_SCALAR && synth->born)
            continue;
        if (u == def->loop_first && def->loop_end > 0) {
            run_loop(synth, &b, n_frames);
            u = def->loop_end - 1;
            continue;
        }
        if (is_unwritten && writes_bus(unit)) {
            bear_listeners(synth, &b, u);
            is_unwritten = false;
        }
        set_call(&b, synth->wires, def, unit, n_frames);
        set_memory(&b, synth, unit);
        if (def->sources)
            set_relations(&b, def, u);
        if (!synth->born)
            rt_birth_unit(synth, u, &b);
        /* it runs when it is asked; scsynth's UnaryOpUGen also at birth */
        if (unit->rate == PH_DEMAND) {
            if (!synth->born && unit->unit == PH_UNIT_UNARY_OP)
                run_demand(&demand.dsp, &b, u, 0, 1);
            continue;
        }
        process(synth, &b, u, 0);
        if (!synth->born)
            rt_birth_keep(synth, u);
        if ((synth->is_voice || synth->ring.is_on) && is_sink(unit))
            take_levels(&b, &level, 1);
    }
    synth->level = level * synth->dsp->gain;
}

/* ---- side by side ---------------------------------------------------------------------------- */

PH_RT static void run_batch(const struct rt_runner *r, struct rt_batch *batch)
{
    const struct rt_def *const def = batch->def;
    if (batch->wired_for != r->wires) {
        const struct bases bases = { { def->wide_constants, batch->values, r->wires },
                                     (uint32_t)__builtin_ctz(def->width) };
        find_wires(batch->wires, def, &bases);
        batch->wired_for = r->wires;
    }
    struct dsp_block b = {
        .lanes = batch->lanes,
        .fading = batch->fading != 0,
        .node = batch->node,
        .env = r->env,
        .controls = batch->controls,
    };
    if (batch->n_voices > 0)
        memset(batch->level, 0, sizeof batch->level);
    for (uint32_t u = 0; u < def->n_units; u++) {
        const struct rt_unit *const unit = &def->units[u];
        if (unit->rate == PH_SCALAR) /* stands since its birth */
            continue;
        set_call(&b, batch->wires, def, unit, r->env->block_frames);
        b.memory = unit->memory ? batch->memories[unit->memory - 1] : NULL;
        b.memory_frames = unit->memory ? def->memory_floats[unit->memory - 1] : 0;
        unit->wide->process(batch->state + unit->wide_offset, &b);
        if (batch->n_voices > 0 && is_sink(unit))
            take_levels(&b, batch->level, def->width);
    }
}

/** What kernels have told of their lanes. Most blocks nobody says anything. */
PH_RT static void take_requests(struct rt_batch *batch)
{
    const uint32_t width = batch->def->width;
    uint32_t told = 0;
    for (uint32_t k = 0; k < width; k++)
        told |= batch->node[k].done | batch->node[k].flags;
    batch->told = told != 0;
    batch->asking = 0;
    for (uint32_t k = 0; k < width && told; k++) {
        const bool asks = batch->node[k].done | (batch->node[k].flags & ~DSP_NODE_RELEASING);
        batch->asking |= (uint32_t)asks << k;
    }
    batch->asking &= batch->lanes;
}

PH_RT static void advance_fades(struct rt_batch *batch, uint32_t n_frames)
{
    for (uint32_t left = batch->fading; left; left &= left - 1) {
        const uint32_t k = (uint32_t)__builtin_ctz(left);
        struct rt_synth *const synth = batch->synths[k];
        advance_fade(synth, n_frames);
        if (synth->fade_left == 0 && synth->dsp->gain == 1)
            batch->fading &= ~(1u << k);
        if (synth->fade_left == 0 && synth->fade_ends)
            batch->asking |= 1u << k;
    }
}

PH_RT void rt_exec_batch(const struct rt_runner *r, struct rt_batch *batch)
{
    const struct rt_def *const def = batch->def;
    for (uint32_t k = 0; k < def->width && batch->told; k++)
        batch->node[k].done = batch->node[k].flags = 0;
    run_batch(r, batch);
    take_requests(batch);
    for (uint32_t i = 0; i < def->n_triggers; i++)
        memset(batch->controls + (size_t)def->triggers[i] * def->width, 0, def->width * sizeof(float));
    advance_fades(batch, r->env->block_frames);
}

/* ---- after a value that was not finite ------------------------------------------------------- */

PH_RT static void report_reset(struct rt_world *w, struct rt_synth *synth)
{
    const struct link_report report = { .kind = LINK_REPORT_RESET,
                                        .u.reset = { .def = synth->def,
                                                     .node_id = synth->node.id,
                                                     .slot = synth->slot,
                                                     .player_slot = synth->player_slot } };
    if (!synth->was_reset)
        rt_report_may(w, &report);
    synth->was_reset = true;
}

PH_RT void rt_exec_reset(struct rt_world *w, struct rt_synth *synth)
{
    const struct rt_def *const def = synth->def;
    w->counts.n_non_finite++;
    report_reset(w, synth);
    w->plan.is_stale = true; /* it doesn't belong into a batch until it is born again */
    synth->born = false;
    synth->level = 0;
    memset(synth->unit_carried, 0, def->n_units);
    memset(synth->state, 0, def->state_bytes);
    synth->resetting = def->n_memories > 0;
    synth->reset_memory = synth->reset_frame = 0;
}

/** Clears a bounded part of the long memory; the synth is silent until all of it is clear. */
PH_RT static void go_on_resetting(struct rt_synth *synth)
{
    uint32_t budget = RESET_FLOATS;
    while (budget > 0 && synth->reset_memory < synth->def->n_memories) {
        struct rt_memory *const memory = synth->memories[synth->reset_memory];
        const uint32_t left = memory ? memory->n_frames - synth->reset_frame : 0;
        const uint32_t n = left < budget ? left : budget;
        if (n > 0)
            memset(memory->data + synth->reset_frame, 0, n * sizeof(float));
        budget -= n;
        synth->reset_frame += n;
        if (n == left) {
            synth->reset_memory++;
            synth->reset_frame = 0;
        }
    }
    synth->resetting = synth->reset_memory < synth->def->n_memories;
}

/* ---- one block ------------------------------------------------------------------------------- */

PH_RT void rt_exec_synth(const struct rt_runner *r, struct rt_synth *synth)
{
    struct dsp_node *const node = synth->dsp;
    node->done = 0;
    node->flags = 0;
    if (synth->resetting) {
        go_on_resetting(synth);
        settle_controls(synth);
        advance_fade(synth, r->env->block_frames);
        return;
    }
    const uint32_t first = node->first_frame;
    const float step = node->gain_step;
    if (first > 0) /* fades count in whole blocks: a partial first block stands still */
        node->gain_step = 0;
    if (synth->n_mapped > 0)
        rt_map_refresh(r->env, synth);
    run_synth(r, synth, r->env->block_frames - first);
    node->gain_step = step;
    node->first_frame = 0;
    synth->born = true;
    settle_controls(synth);
    if (first == 0)
        advance_fade(synth, r->env->block_frames);
    advance_ring(&synth->ring, r->env->block_frames);
}
