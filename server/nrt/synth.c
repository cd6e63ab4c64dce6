/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/synth.c - makes and frees synths and groups, and finds what one inherits from       */
/* another.                                                                                       */
/* room: command and sequencer threads.                                                           */
#include "server/nrt/synth.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "server/link/use.h"
#include "server/nrt/log.h"

enum {
    ALIGN = 128, /* of a synth, and of its state */
    ALIGN_SMALL = 16,
    MEMORY_FRAMES_MAX = 1 << 26, /* 256 MiB: no unit has more */
    SHARE_FRAMES_MIN = 1 << 16,  /* 256 KiB and up: shared on a carry, not copied */
    SYNTHS_PER_BATCH = 3,        /* see struct rt_batch_pool */
    SPARES_MIN = 16,             /* kept whatever the number that plays */
    SPARE_BYTES_MAX = 1 << 22    /* of one definition */
};

/* ---- one allocation -------------------------------------------------------------------------- */

/** Offsets of a synth's arrays from its start. */
struct layout {
    size_t state, controls, moving, sources, buses, owns, frames, values, carried, rings, dones, memories;
    size_t wires, births, loop, locals, total;
};

static size_t place(size_t *total, size_t n, size_t bytes, size_t align)
{
    const size_t at = (*total + align - 1) / align * align;
    *total = at + n * bytes;
    return at;
}

/**
 * Small arrays lie close together: what thousands of short voices touch should stay in the cache.
 */
static struct layout lay_out(const struct rt_def *def)
{
    struct layout l = { .total = sizeof(struct rt_synth) };
    const size_t n_frames = def->n_audio_controls > 0 ? def->n_controls : 0;
    l.state = place(&l.total, def->state_bytes, 1, ALIGN);
    l.values = place(&l.total, def->n_values, sizeof(float), ALIGN_SMALL);
    l.moving = place(&l.total, def->n_controls, 1, 1);
    l.sources = place(&l.total, def->n_controls, 1, 1);
    l.carried = place(&l.total, def->n_units, 1, 1);
    l.rings = place(&l.total, def->n_units, 1, 1);
    l.dones = place(&l.total, def->sources ? def->n_units : 0, 1, 1);
    l.locals = place(&l.total, def->n_locals, sizeof(struct dsp_buffer), ALIGN_SMALL);
    l.controls = place(&l.total, def->n_controls, sizeof(float), ALIGN_SMALL);
    l.buses = place(&l.total, def->n_controls, sizeof(uint32_t), ALIGN_SMALL);
    l.owns = place(&l.total, def->n_controls, sizeof(float), ALIGN_SMALL);
    l.memories = place(&l.total, def->n_memories, sizeof(struct rt_memory *), ALIGN_SMALL);
    l.wires = place(&l.total, def->n_wires, sizeof(void *), ALIGN_SMALL);
    l.births = place(&l.total, def->n_values + def->n_audio_wires, sizeof(float), ALIGN_SMALL);
    l.loop = place(&l.total, def->loop_end - def->loop_first, sizeof(struct dsp_block), ALIGN_SMALL);
    l.frames = place(&l.total, n_frames, DSP_BLOCK_FRAMES * sizeof(float), ALIGN);
    return l;
}

/** Zeroed page by page, so that the audio thread meets no fault; NULL when there is no memory. */
static void *allocate(size_t bytes)
{
    void *memory = NULL;
    if (posix_memalign(&memory, ALIGN, bytes) != 0)
        return NULL;
    memset(memory, 0, bytes);
    return memory;
}

/* ---- long memory ----------------------------------------------------------------------------- */

/**
 * What a unit sees at birth as far as it is known now: constants, controls, and what scalar units
 * make of them. Every other input reads as 1 - for a delay, one second.
 */
struct birth {
    struct rt_synth *synth;
    const struct nrt_supply *supply; /* NULL: no buffer is known, nothing limits memory */
    bool *known; /* [n_values] */
    const void *in[RT_UNIT_WIRES_MAX];
    void *out[RT_UNIT_WIRES_MAX];
    struct dsp_env env;
    struct dsp_block block;
};

static const float unknown[DSP_BLOCK_FRAMES] = { [0 ... DSP_BLOCK_FRAMES - 1] = 1 };

static const void *input_at_birth(const struct birth *b, struct rt_wire wire)
{
    if (wire.kind == RT_WIRE_CONSTANT)
        return b->synth->def->constants + wire.index;
    return wire.kind == RT_WIRE_VALUE && b->known[wire.index] ? b->synth->values + wire.index
                                                              : unknown;
}

/** Of a client's buffer. */
static uint32_t floats_of(const struct birth *b, const float *number)
{
    const bool is_known = b->supply && b->supply->floats_of && number != unknown;
    const uint64_t n = is_known ? b->supply->floats_of(b->supply->context, *number) : 0;
    return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/**
 * Of the buffer that PartConv reads, or another unit writes. The memory of a LocalBuf is there
 * already: it stands before it.
 */
static uint32_t own_floats(const struct birth *b, const struct rt_unit *unit)
{
    const struct rt_synth *const synth = b->synth;
    if (unit->unit == PH_UNIT_PART_CONV)
        return floats_of(b, b->in[2]);
    if (unit->named)
        return floats_of(b, input_at_birth(b, synth->def->wires[unit->named - 1]));
    if (!unit->local)
        return 0;
    const struct rt_memory *const memory =
        synth->memories[synth->def->units[unit->local - 1].memory - 1];
    return memory ? memory->n_frames : 0;
}

/** Sets up the call of a unit. @return true when all its inputs are known */
static bool prepare_call(struct birth *b, const struct rt_unit *unit)
{
    const struct rt_def *const def = b->synth->def;
    const struct rt_wire *const wires = def->wires + unit->first_wire;
    bool all = true;
    for (uint32_t i = 0; i < unit->n_in; i++) {
        b->in[i] = input_at_birth(b, wires[i]);
        all &= b->in[i] != unknown;
    }
    for (uint32_t i = 0; i < unit->n_out && unit->rate != PH_AUDIO; i++)
        b->out[i] = b->synth->values + wires[unit->n_in + i].index;
    b->block = (struct dsp_block){
        .n_frames = 1,
        .rate = unit->rate,
        .special = unit->special,
        .n_in = unit->n_in,
        .n_out = unit->n_out,
        .rate_hz = unit->rate == PH_AUDIO ? def->rate_hz : def->control_rate_hz,
        .in = b->in,
        .out = b->out,
        .in_rate = def->wire_rates + unit->first_wire,
        .lanes = 1,
        .node = b->synth->dsp,
        .env = &b->env,
        .controls = b->synth->controls,
        .control_rate = b->synth->control_moving,
        .own_floats = own_floats(b, unit),
    };
    return all;
}

/** Units that tell what only the audio thread knows: buffers, and numbers of buses and synths. */
static bool tells_of_the_world(const struct rt_unit *unit)
{
    switch (unit->unit) {
    case PH_UNIT_BUF_FRAMES: case PH_UNIT_BUF_RATE_SCALE: case PH_UNIT_BUF_CHANNELS:
    case PH_UNIT_BUF_SAMPLES: case PH_UNIT_BUF_SAMPLE_RATE: case PH_UNIT_BUF_DUR:
    case PH_UNIT_NUM_OUTPUT_BUSES: case PH_UNIT_NUM_INPUT_BUSES: case PH_UNIT_NUM_AUDIO_BUSES:
    case PH_UNIT_NUM_CONTROL_BUSES: case PH_UNIT_NUM_BUFFERS: case PH_UNIT_NUM_RUNNING_SYNTHS:
        return true;
    default:
        return false;
    }
}

/** Scalar units and controls that follow from what is known. */
static bool can_evaluate(const struct rt_unit *unit)
{
    if (unit->unit == PH_UNIT_CONTROL || unit->unit == PH_UNIT_TRIG_CONTROL)
        return true;
    return unit->rate == PH_SCALAR && !unit->memory && !tells_of_the_world(unit);
}

static uint64_t bytes_of(uint32_t n_frames)
{
    return sizeof(struct rt_memory) + (uint64_t)n_frames * sizeof(float);
}

/** @return whether so much may be taken, which counts then */
static bool take_from(struct nrt_memory_limit *limit, uint32_t n_frames, const struct birth *b,
                      const struct rt_unit *unit)
{
    const uint64_t n_left = limit->n_bytes_max - limit->n_bytes;
    const bool fits = n_frames <= MEMORY_FRAMES_MAX && bytes_of(n_frames) <= n_left;
    if (fits)
        limit->n_bytes += bytes_of(n_frames);
    else if (!limit->is_told)
        nrt_log(NRT_LOG_WARNING, "%s: %s is silent: it asks for %llu KiB, %llu of %llu (-m) are left",
                b->synth->def->name, ph_units[unit->unit].name,
                (unsigned long long)(bytes_of(n_frames) >> 10), (unsigned long long)(n_left >> 10),
                (unsigned long long)(limit->n_bytes_max >> 10));
    limit->is_told = !fits;
    return fits;
}

static ph_status allocate_memory(struct birth *b, const struct rt_unit *unit)
{
    struct nrt_memory_limit *limit = b->supply ? b->supply->limit : NULL;
    uint32_t n_frames = unit->kernel->memory_frames(&b->block);
    if (n_frames == 0)
        return PH_OK;
    if (limit && limit->n_bytes_max == 0)
        limit = NULL;
    if (limit && !take_from(limit, n_frames, b, unit)) {
        b->synth->lacks_memory = true;
        n_frames = 0;
        limit = NULL;
    }
    if (n_frames > MEMORY_FRAMES_MAX)
        return PH_TOO_LARGE;
    struct rt_memory *const memory = allocate(bytes_of(n_frames));
    if (!memory) {
        if (limit)
            limit->n_bytes -= bytes_of(n_frames);
        return PH_NO_MEMORY;
    }
    memory->n_refs = 1;
    memory->n_frames = n_frames;
    memory->limit = limit;
    b->synth->memories[unit->memory - 1] = memory;
    return PH_OK;
}

static ph_status allocate_memories(struct rt_synth *synth, const struct nrt_supply *supply)
{
    const struct rt_def *const def = synth->def;
    if (def->n_memories == 0)
        return PH_OK;
    struct birth *const b = malloc(sizeof *b); /* it is large, and set unit by unit */
    bool *const known = calloc(def->n_values + 1, sizeof *known);
    ph_status status = b && known ? PH_OK : PH_NO_MEMORY;
    if (status == PH_OK) {
        b->synth = synth;
        b->known = known;
        b->supply = supply;
        b->env = (struct dsp_env){
            .audio_rate_hz = def->rate_hz,
            .block_frames = (uint32_t)(def->rate_hz / def->control_rate_hz + 0.5f),
            .block = 1,
        };
    }
    for (uint32_t u = 0; u < def->n_units && status == PH_OK; u++) {
        const struct rt_unit *const unit = &def->units[u];
        const bool all = prepare_call(b, unit);
        b->block.seed = rt_unit_seed(synth->seed, u); /* what it draws it will draw again */
        if (unit->memory && unit->kernel->memory_frames) /* FeedbackOut has that of FeedbackIn */
            status = allocate_memory(b, unit);
        if (!all || !can_evaluate(unit))
            continue;
        void *const state = synth->state + unit->state_offset;
        unit->kernel->init(state, &b->block);
        unit->kernel->process(state, &b->block);
        for (uint32_t i = 0; i < unit->n_out; i++)
            known[def->wires[unit->first_wire + unit->n_in + i].index] = true;
    }
    memset(synth->state, 0, def->state_bytes); /* the units are born in the audio thread */
    free(known);
    free(b);
    return status;
}

static void release_memory(struct rt_memory *memory)
{
    if (!memory || --memory->n_refs > 0)
        return;
    if (memory->limit)
        memory->limit->n_bytes -= bytes_of(memory->n_frames);
    free(memory);
}

/* ---- synths that ended ----------------------------------------------------------------------- */

/**
 * The synths of one definition: how many there are, and some that ended, to be used again. All of
 * them together hold one reference to the definition.
 */
struct nrt_spares {
    pthread_mutex_t mutex;
    struct rt_synth *first; /* by next_alone */
    uint32_t n, n_living;
};

struct nrt_spares *nrt_spares_new(void)
{
    struct nrt_spares *const s = calloc(1, sizeof *s);
    if (s)
        pthread_mutex_init(&s->mutex, NULL);
    return s;
}

void nrt_spares_free(struct nrt_spares *s)
{
    if (!s)
        return;
    for (struct rt_synth *synth = s->first, *next; synth; synth = next) {
        next = synth->next_alone;
        free(synth);
    }
    pthread_mutex_destroy(&s->mutex);
    free(s);
}

uint32_t nrt_spares_count(struct nrt_spares *s)
{
    pthread_mutex_lock(&s->mutex);
    const uint32_t n = s->n;
    pthread_mutex_unlock(&s->mutex);
    return n;
}

/** Counts one synth more. @return one that ended, as it was left; NULL: none */
static struct rt_synth *take_spare(struct rt_def *def, uint32_t *n_living)
{
    struct nrt_spares *const s = def->spares;
    pthread_mutex_lock(&s->mutex);
    struct rt_synth *const synth = s->first;
    if (synth) {
        s->first = synth->next_alone;
        s->n--;
    }
    *n_living = ++s->n_living;
    pthread_mutex_unlock(&s->mutex);
    if (*n_living == 1)
        nrt_def_retain(def);
    return synth;
}

/** Counts one synth less and keeps its memory, unless as many are kept as live. */
static void put_spare(struct rt_def *def, struct rt_synth *synth)
{
    struct nrt_spares *const s = def->spares;
    pthread_mutex_lock(&s->mutex);
    const bool last = --s->n_living == 0;
    const bool kept = synth && s->n < s->n_living + SPARES_MIN &&
                      s->n * (sizeof *synth + def->state_bytes) < SPARE_BYTES_MAX;
    if (kept) {
        synth->next_alone = s->first;
        s->first = synth;
        s->n++;
    }
    pthread_mutex_unlock(&s->mutex);
    if (!kept)
        free(synth);
    if (last)
        nrt_def_release(def);
}

/* ---- synths and groups ----------------------------------------------------------------------- */

/** One more batch for the def when a new synth is one too many for those that are there. */
static void provide_batch(struct rt_def *def, uint32_t n_synths)
{
    struct rt_batch_pool *const pool = &def->pool;
    if (def->width == 0 ||
        atomic_load_explicit(&pool->n_batches, memory_order_acquire) * SYNTHS_PER_BATCH >= n_synths)
        return;
    struct rt_batch *const batch = nrt_batch_new(def);
    if (!batch)
        return; /* they play alone, that is all */
    batch->next = atomic_load_explicit(&pool->made, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&pool->made, &batch->next, batch,
                                                  memory_order_release, memory_order_relaxed))
        ;
    /* counted when it is there: two threads rather make one too many */
    atomic_fetch_add_explicit(&pool->n_batches, 1, memory_order_release);
}

/** Zeroed, its arrays behind it. */
static struct rt_synth *synth_alloc(const struct rt_def *def)
{
    const struct layout l = lay_out(def);
    uint8_t *const base = allocate(l.total);
    if (!base)
        return NULL;
    struct rt_synth *const synth = (struct rt_synth *)base;
    synth->state = base + l.state;
    synth->own_controls = (float *)(base + l.controls);
    synth->values = (float *)(base + l.values);
    synth->memories = (struct rt_memory **)(base + l.memories);
    synth->wires = (void **)(base + l.wires);
    synth->births = (float *)(base + l.births);
    synth->loop = (struct dsp_block *)(base + l.loop);
    synth->control_moving = base + l.moving;
    synth->control_source = base + l.sources;
    synth->control_bus = (uint32_t *)(base + l.buses);
    synth->control_own = (float *)(base + l.owns);
    synth->unit_carried = base + l.carried;
    synth->unit_rings = base + l.rings;
    synth->unit_dones = def->sources ? base + l.dones : NULL;
    synth->locals = (struct dsp_buffer *)(base + l.locals);
    synth->control_frames = def->n_audio_controls > 0 ? (float *)(base + l.frames) : NULL;
    return synth;
}

/** Zeroes what a synth that ended has left; its wires lie where they lay. */
static void synth_clear(struct rt_synth *synth, const struct rt_def *def)
{
    memset(synth, 0, offsetof(struct rt_synth, own_controls));
    /* state, values, moving, sources, carried: one piece */
    memset(synth->state, 0, (size_t)(synth->unit_carried + def->n_units - synth->state));
    if (def->sources)
        memset(synth->unit_dones, 0, def->n_units);
    memset(synth->locals, 0, def->n_locals * sizeof *synth->locals);
    if (def->n_memories > 0)
        memset(synth->memories, 0, def->n_memories * sizeof *synth->memories);
}

ph_status nrt_synth_bare(struct rt_def *def, int32_t id, uint64_t seed, struct rt_synth **out)
{
    uint32_t n_living;
    struct rt_synth *synth = take_spare(def, &n_living);
    if (synth)
        synth_clear(synth, def);
    else
        synth = synth_alloc(def);
    if (!synth) {
        put_spare(def, NULL);
        return PH_NO_MEMORY;
    }
    synth->node.id = id;
    synth->def = def;
    synth->dsp = &synth->own_dsp;
    synth->dsp->gain = 1;
    synth->dsp->id = id;
    synth->seed = seed;
    synth->controls = synth->own_controls;
    synth->stride = 1;
    if (def->n_controls > 0)
        memcpy(synth->controls, def->controls, def->n_controls * sizeof *synth->controls);
    provide_batch(def, n_living);
    *out = synth;
    return PH_OK;
}

ph_status nrt_synth_fit(struct rt_synth *synth, const struct nrt_supply *supply)
{
    const ph_status status = allocate_memories(synth, supply);
    if (status != PH_OK)
        nrt_synth_free(synth);
    return status;
}

ph_status nrt_synth_new(struct rt_def *def, int32_t id, uint64_t seed, struct rt_synth **out)
{
    ph_status status = nrt_synth_bare(def, id, seed, out);
    if (status == PH_OK)
        status = nrt_synth_fit(*out, NULL);
    return status;
}

bool nrt_synth_set(struct rt_synth *synth, uint32_t symbol, float value)
{
    const int32_t control = nrt_def_control(synth->def, symbol);
    return control >= 0 && nrt_synth_set_index(synth, (uint32_t)control, value);
}

bool nrt_synth_set_index(struct rt_synth *synth, uint32_t control, float value)
{
    if (control >= synth->def->n_controls)
        return false;
    if (synth->control_source[control] != LINK_CONTROL_VALUE) {
        synth->control_source[control] = LINK_CONTROL_VALUE;
        synth->n_mapped--;
    }
    synth->controls[control] = value;
    return true;
}

void nrt_synth_map_index(struct rt_synth *synth, uint32_t control, enum link_control_source source,
                         uint32_t bus)
{
    if (control >= synth->def->n_controls)
        return;
    if (synth->control_source[control] == LINK_CONTROL_VALUE) {
        synth->control_own[control] = synth->controls[control];
        synth->n_mapped++;
    }
    synth->control_source[control] = (uint8_t)source;
    synth->control_bus[control] = bus;
    synth->maps_audio |= source == LINK_CONTROL_AUDIO_BUS;
    synth->maps_buses |= synth->def->control_is_bus[control];
}

void nrt_synth_free(struct rt_synth *synth)
{
    if (!synth)
        return;
    for (uint32_t i = 0; i < synth->def->n_memories; i++)
        release_memory(synth->memories[i]);
    link_uses_release(synth->uses);
    put_spare(synth->def, synth);
}

struct rt_batch *nrt_batch_new(struct rt_def *def)
{
    const size_t lane_bytes = def->width * sizeof(float);
    size_t total = sizeof(struct rt_batch), n_memory = 0;
    for (uint32_t m = 0; m < def->n_memories; m++)
        n_memory += def->memory_floats[m];
    const size_t state = place(&total, def->wide_state_bytes, 1, ALIGN);
    const size_t controls = place(&total, def->n_controls, lane_bytes, ALIGN);
    const size_t values = place(&total, def->n_values, lane_bytes, ALIGN);
    const size_t memory = place(&total, n_memory, lane_bytes, ALIGN);
    const size_t memories = place(&total, def->n_memories, sizeof(float *), ALIGN);
    const size_t wires = place(&total, def->n_wires, sizeof(void *), ALIGN);
    uint8_t *const base = allocate(total);
    if (!base)
        return NULL;
    struct rt_batch *const batch = (struct rt_batch *)base;
    batch->def = def;
    batch->state = base + state;
    batch->controls = (float *)(base + controls);
    batch->values = (float *)(base + values);
    batch->memories = (float **)(base + memories);
    batch->wires = (void **)(base + wires);
    for (uint32_t m = 0, at = 0; m < def->n_memories; at += def->memory_floats[m++])
        batch->memories[m] = (float *)(base + memory) + (size_t)at * def->width;
    for (uint32_t k = 0; k < DSP_LANES_MAX; k++)
        batch->node[k].gain = 1;
    return batch;
}

void nrt_batch_free(struct rt_batch *batch)
{
    free(batch);
}

ph_status nrt_group_new(int32_t id, struct rt_group **out)
{
    struct rt_group *const group = calloc(1, sizeof *group);
    if (!group)
        return PH_NO_MEMORY;
    group->node.id = id;
    group->node.is_group = true;
    *out = group;
    return PH_OK;
}

void nrt_group_free(struct rt_group *group)
{
    free(group);
}

/* ---- carrying state over --------------------------------------------------------------------- */

struct keyed {
    uint64_t key;
    uint32_t unit;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *const x = a, *const y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->unit > y->unit) - (x->unit < y->unit);
}

/**
 * Units that have a key, sorted by it, the first of each key only. NULL when there is no memory.
 */
static struct keyed *keyed_units(const struct rt_def *def, uint32_t *n)
{
    struct keyed *const list = calloc(def->n_units + 1, sizeof *list);
    uint32_t n_all = 0;
    *n = 0;
    for (uint32_t u = 0; list && u < def->n_units; u++)
        if (def->units[u].key != 0)
            list[n_all++] = (struct keyed){ def->units[u].key, u };
    if (list)
        qsort(list, n_all, sizeof *list, by_key);
    for (uint32_t i = 0; i < n_all; i++)
        if (*n == 0 || list[*n - 1].key != list[i].key)
            list[(*n)++] = list[i];
    return list;
}

static struct rt_memory **memory_of(const struct rt_synth *synth, const struct rt_unit *unit)
{
    return unit->memory ? &synth->memories[unit->memory - 1] : NULL;
}

static bool is_same_kind(const struct rt_unit *a, const struct rt_unit *b)
{
    return a->kernel == b->kernel && a->rate == b->rate && a->n_in == b->n_in && a->n_out == b->n_out;
}

/**
 * A large memory is shared: old and new write the same frames while they crossfade, and what they
 * read lies far behind. Copying it would take too much of a block. A small one is copied at the
 * switch.
 */
static bool carry_unit(const struct rt_synth *from, struct rt_synth *to, const struct rt_unit *old,
                       const struct rt_unit *new, struct rt_carry *carry)
{
    struct rt_memory **const source = memory_of(from, old), **const target = memory_of(to, new);
    *carry = (struct rt_carry){ old->state_offset, new->state_offset,
                                (uint32_t)new->kernel->state_bytes, 0, 0 };
    if (!source || !*source || !*target)
        return !source || (!*source && !*target);
    if ((*source)->n_frames != (*target)->n_frames)
        return false;
    if ((*source)->n_frames >= SHARE_FRAMES_MIN) {
        release_memory(*target);
        (*source)->n_refs++;
        *target = *source;
    } else {
        carry->from_memory = old->memory;
        carry->to_memory = new->memory;
    }
    return true;
}

uint32_t nrt_synth_carry(const struct rt_synth *from, struct rt_synth *to, struct rt_carry *carries)
{
    uint32_t n_old, n_new, n = 0;
    struct keyed *const old = keyed_units(from->def, &n_old);
    struct keyed *const new = keyed_units(to->def, &n_new);
    for (uint32_t i = 0, j = 0; old && new && i < n_old && j < n_new;) {
        const struct rt_unit *const a = &from->def->units[old[i].unit];
        const struct rt_unit *const b = &to->def->units[new[j].unit];
        if (a->key < b->key)
            i++;
        else if (b->key < a->key)
            j++;
        else {
            if (is_same_kind(a, b) && carry_unit(from, to, a, b, &carries[n])) {
                to->unit_carried[new[j].unit] = 1;
                n++;
            }
            i++;
            j++;
        }
    }
    free(old);
    free(new);
    return n;
}
