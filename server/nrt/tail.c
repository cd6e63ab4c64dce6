/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/tail.c - where the sound of a definition begins, and what of it goes on by itself.  */
/* room: command and sequencer threads.                                                           */
/*                                                                                                */
/* When a synth leaves its program, its sources fade and its delays and reverbs ring out          */
/* (rt/exec.c). Sources are found from the end: from what goes to buses back through the inputs   */
/* that carry sound. An oscillator that only moves a cutoff is no source: it goes on while the    */
/* filter rings.                                                                                  */
#include "server/nrt/tail.h"

#include <stdlib.h>

#include "protocol/units.h"

/** A definition under study. */
struct study {
    const struct ph_synthdef *from;
    struct rt_def *def;
    bool *on_path; /* [n_units]: its output is part of what is heard */
    bool *rings;   /* [n_units]: it, or what it hears, goes on by itself */
};

static bool is_sink(const struct rt_unit *unit)
{
    return unit->rate == PH_AUDIO && (unit->unit == PH_UNIT_OUT || unit->unit == PH_UNIT_OFFSET_OUT ||
                                      unit->unit == PH_UNIT_REPLACE_OUT);
}

static bool is_bus(const struct rt_unit *unit)
{
    return unit->unit == PH_UNIT_IN_ || unit->unit == PH_UNIT_IN_FEEDBACK;
}

static bool is_arithmetic(const struct rt_unit *unit)
{
    return unit->unit == PH_UNIT_BINARY_OP || unit->unit == PH_UNIT_UNARY_OP ||
           unit->unit == PH_UNIT_MUL_ADD;
}

/**
 * What a unit hears on an input: a unit at audio rate, on an input for sound; NULL: something else.
 */
static const struct rt_unit *heard(const struct study *s, uint32_t u, uint32_t input, uint32_t *index)
{
    const struct ph_unit_info *const info = &ph_units[s->def->units[u].unit];
    const uint32_t row = input < info->n_inputs ? input : info->n_inputs - 1u;
    const enum ph_quantity q = info->inputs[row].quantity;
    const int32_t unit = s->from->units[u].inputs[input].unit;
    const bool is_sound =
        q == PH_AMP || q == PH_REST_AMP || (q == PH_NUMBER && is_arithmetic(&s->def->units[u]));
    if (unit < 0 || !is_sound || s->def->units[unit].rate != PH_AUDIO)
        return NULL;
    *index = (uint32_t)unit;
    return &s->def->units[unit];
}

/** Forward: a bus may bring what rings elsewhere. */
static void find_rings(const struct study *s)
{
    for (uint32_t u = 0; u < s->def->n_units; u++) {
        const struct rt_unit *const unit = &s->def->units[u];
        s->rings[u] = unit->kernel->memory_frames || is_bus(unit);
        for (uint32_t i = 0, from; i < unit->n_in && !s->rings[u]; i++)
            s->rings[u] = heard(s, u, i, &from) && s->rings[from];
    }
}

/**
 * Whether the way back goes through this input. Of a product of which one side rings only that one:
 * the other is an envelope or a gain, and silence there would end the ringing.
 */
static bool goes_through(const struct study *s, uint32_t u, uint32_t input)
{
    const struct rt_unit *const unit = &s->def->units[u];
    uint32_t a, b;
    if (unit->unit != PH_UNIT_BINARY_OP || unit->special != PH_BINARY_MUL ||
        !heard(s, u, 0, &a) || !heard(s, u, 1, &b) || s->rings[a] == s->rings[b])
        return true;
    return s->rings[input == 0 ? a : b];
}

/** Backward, once more when a feedback loop leads forward again. */
static void find_path(const struct study *s)
{
    const struct rt_def *const def = s->def;
    for (uint32_t pass = 0; pass < 2; pass++)
        for (uint32_t u = def->n_units; u-- > 0;) {
            const struct rt_unit *const unit = &def->units[u];
            const bool ends_loop = unit->unit == PH_UNIT_FEEDBACK_OUT && s->on_path[def->loop_first];
            if (!is_sink(unit) && !ends_loop && !s->on_path[u])
                continue;
            for (uint32_t i = 0, from; i < unit->n_in; i++)
                if (heard(s, u, i, &from) && goes_through(s, u, i))
                    s->on_path[from] = true;
        }
}

static bool hears_something(const struct study *s, uint32_t u)
{
    uint32_t from;
    for (uint32_t i = 0; i < s->def->units[u].n_in; i++)
        if (heard(s, u, i, &from))
            return true;
    return false;
}

ph_status nrt_find_tails(const struct ph_synthdef *from, struct rt_def *def)
{
    struct study s = { .from = from, .def = def,
                       .on_path = calloc(def->n_units + 1, sizeof *s.on_path),
                       .rings = calloc(def->n_units + 1, sizeof *s.rings) };
    const bool ok = s.on_path && s.rings;
    if (ok) {
        find_rings(&s);
        find_path(&s);
    }
    for (uint32_t u = 0; u < def->n_units && ok; u++) {
        if (!s.on_path[u])
            continue;
        if (def->units[u].kernel->memory_frames)
            def->parts[u] = RT_PART_TAIL;
        else if (is_bus(&def->units[u]) || !hears_something(&s, u))
            def->parts[u] = RT_PART_SOURCE;
    }
    free(s.on_path);
    free(s.rings);
    return ok ? PH_OK : PH_NO_MEMORY;
}
