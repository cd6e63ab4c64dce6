/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/compile.c - SynthDef -> block program: kernels in the SynthDef's own order, over    */
/* wires.                                                                                         */
/* room: command and sequencer threads.                                                           */
#include "server/nrt/compile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/nrt/tail.h"

enum { STATE_ALIGN = 16, LOCAL_BUFS_MAX = 1024 };

ph_status nrt_compile_fail(const struct compiler *c, uint32_t unit, ph_status status,
                           const char *format, ...)
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

/* ---- units ----------------------------------------------------------------------------------- */

/** That of the last LocalIn of its rate before it: LocalOut writes there. 0: there is none. */
static uint16_t memory_of_local_in(const struct rt_def *def, uint32_t u)
{
    for (uint32_t i = u; i-- > 0;)
        if (def->units[i].unit == PH_UNIT_LOCAL_IN && def->units[i].rate == def->units[u].rate)
            return def->units[i].memory;
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
        return nrt_compile_fail(c, u, PH_UNKNOWN_UNIT, "unit not known");
    const ph_status status = nrt_compile_check_unit(c, u, unit);
    if (status != PH_OK)
        return status;
    const struct dsp_unit *const kernel = c->set->narrow((enum ph_unit)unit, spec->special);
    if (!kernel)
        return nrt_compile_fail(c, u, PH_UNKNOWN_UNIT, "operator %d not known", spec->special);

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
        return nrt_compile_fail(c, u, PH_TOO_LARGE, "there are more than %d", LOCAL_BUFS_MAX);
    return nrt_compile_wire(c, u);
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

static ph_status compiler_init(struct compiler *c)
{
    const uint32_t n = c->from->n_units;
    c->first_output = calloc(n + 2, sizeof *c->first_output);
    c->taken = calloc(c->n_wires_max + 1, sizeof *c->taken);
    if (!c->first_output || !c->taken)
        return PH_NO_MEMORY;
    for (uint32_t u = 0; u < n; u++)
        c->first_output[u + 1] = c->first_output[u] + nrt_compile_outputs(&c->from->units[u]);
    c->outputs = calloc(c->first_output[n] + 1, sizeof *c->outputs);
    c->last_use = calloc(c->first_output[n] + 1, sizeof *c->last_use);
    return c->outputs && c->last_use ? PH_OK : PH_NO_MEMORY;
}

static ph_status compile_all(struct compiler *c, struct nrt_symbols *symbols)
{
    ph_status status = nrt_compile_find_loop(c);
    if (status == PH_OK)
        nrt_compile_find_last_uses(c);
    for (uint32_t u = 0; u < c->from->n_units && status == PH_OK; u++)
        status = compile_unit(c, u);
    if (status != PH_OK)
        return status;
    nrt_compile_rate_wires(c->to, c->is_clients);
    status = nrt_compile_find_sources(c);
    if (status != PH_OK)
        return status;
    nrt_compile_find_accesses(c);
    nrt_compile_widen(c->to, c->set->width);
    status = nrt_find_tails(c->from, c->to);
    if (status == PH_OK)
        status = nrt_compile_find_taps(c);
    if (status == PH_OK)
        status = nrt_compile_find_messengers(c);
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
    c.to = nrt_def_new(from, target);
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
