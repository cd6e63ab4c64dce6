/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/batch.c - voices of one definition side by side in the lanes of vectors.             */
/* room: audio.                                                                                   */
#include "server/rt/batch.h"

#include <string.h>

/* ---- one lane -------------------------------------------------------------------------------- */

enum direction { IN, OUT };

/**
 * Copies n numbers of type `type` between a synth's array and every `width`-th place of a batch's.
 */
#define MOVE(name, type)                                                                           \
    PH_RT static void name(enum direction direction, type *alone, type *wide, uint32_t n,          \
                           uint32_t width)                                                         \
    {                                                                                              \
        for (uint32_t i = 0; i < n && direction == IN; i++)                                        \
            wide[(size_t)i * width] = alone[i];                                                    \
        for (uint32_t i = 0; i < n && direction == OUT; i++)                                       \
            alone[i] = wide[(size_t)i * width];                                                    \
    }
MOVE(move_floats, float)
MOVE(move_doubles, double)

/** The field rule of struct dsp_unit: fields of 64 bits, then fields of 32. */
PH_RT static void move_state(enum direction direction, const struct rt_unit *unit, uint8_t *alone,
                             uint8_t *wide, uint32_t lane, uint32_t width)
{
    const uint32_t n_doubles = unit->kernel->n_doubles, bytes = 8 * n_doubles;
    const uint32_t n_floats = ((uint32_t)unit->kernel->state_bytes - bytes) / 4;
    move_doubles(direction, (double *)alone, (double *)wide + lane, n_doubles, width);
    move_floats(direction, (float *)(alone + bytes), (float *)(wide + (size_t)bytes * width) + lane,
                n_floats, width);
}

PH_RT static void move(enum direction direction, struct rt_batch *batch, struct rt_synth *synth,
                       uint32_t lane)
{
    const struct rt_def *const def = batch->def;
    for (uint32_t u = 0; u < def->n_units; u++) {
        const struct rt_unit *const unit = &def->units[u];
        if (unit->kernel->state_bytes > 0)
            move_state(direction, unit, synth->state + unit->state_offset,
                       batch->state + unit->wide_offset, lane, def->width);
    }
    for (uint32_t m = 0; m < def->n_memories; m++)
        move_floats(direction, synth->memories[m]->data, batch->memories[m] + lane,
                    def->memory_floats[m], def->width);
    move_floats(direction, synth->own_controls, batch->controls + lane, def->n_controls, def->width);
    move_floats(direction, synth->values, batch->values + lane, def->n_values, def->width);
}

/* ---- in and out ------------------------------------------------------------------------------ */

PH_RT void rt_batch_join(struct rt_batch *batch, struct rt_synth *synth)
{
    const uint32_t lane = (uint32_t)__builtin_ctz(~batch->lanes);
    move(IN, batch, synth, lane);
    batch->lanes |= 1u << lane;
    batch->n_lanes++;
    batch->n_voices += synth->is_voice;
    if (synth->fade_left > 0 || synth->own_dsp.gain != 1)
        batch->fading |= 1u << lane;
    batch->synths[lane] = synth;
    batch->node[lane] = synth->own_dsp;
    batch->told = true;
    batch->level[lane] = synth->level;
    synth->batch = batch;
    synth->lane = lane;
    synth->dsp = &batch->node[lane];
    synth->controls = batch->controls + lane;
    synth->stride = batch->def->width;
}

PH_RT void rt_batch_drop(struct rt_synth *synth)
{
    struct rt_batch *const batch = synth->batch;
    const uint32_t lane = synth->lane, bit = 1u << lane;
    batch->lanes &= ~bit;
    batch->fading &= ~bit;
    batch->asking &= ~bit;
    batch->n_lanes--;
    batch->n_voices -= synth->is_voice;
    batch->synths[lane] = NULL;
    synth->own_dsp = batch->node[lane];
    synth->level = batch->level[lane];
    batch->node[lane] = (struct dsp_node){ .gain = 1 };
    synth->batch = NULL;
    synth->dsp = &synth->own_dsp;
    synth->controls = synth->own_controls;
    synth->stride = 1;
}

PH_RT void rt_batch_leave(struct rt_synth *synth)
{
    move(OUT, synth->batch, synth, synth->lane);
    rt_batch_drop(synth);
}
