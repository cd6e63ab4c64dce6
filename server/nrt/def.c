/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/def.c - the memory of a compiled definition.                                        */
/* room: command and sequencer threads.                                                           */
#include <stdlib.h>
#include <string.h>

#include "protocol/bytes.h"
#include "server/link/use.h"
#include "server/nrt/compile.h"
#include "server/rt/exec.h"

static uint32_t count_wires(const struct ph_synthdef *from)
{
    uint32_t n = 0;
    for (uint32_t u = 0; u < from->n_units; u++)
        n += from->units[u].n_inputs + nrt_compile_outputs(&from->units[u]);
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

struct rt_def *nrt_def_new(const struct ph_synthdef *from, const struct nrt_target *target)
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
    const struct rt_param *const param = rt_exec_param(def, symbol);
    return param ? (int32_t)param->first_control : -1;
}
