/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/compile_wide.c - whether synths of a definition can play side by side, in lanes.    */
/* room: command and sequencer threads.                                                           */
#include "server/nrt/compile.h"

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
        .rate = unit->rate,
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

void nrt_compile_widen(struct rt_def *def, uint32_t width)
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
