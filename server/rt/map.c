/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/map.c - controls that follow buses.                                                  */
/* room: audio.                                                                                   */
#include "server/rt/map.h"

#include <string.h>

#include "protocol/synthdef.h"
#include "server/rt/plan.h"

/** What a synth with mapped controls means to the plan. */
PH_RT static void look(struct rt_world *w, struct rt_synth *synth)
{
    const struct rt_def *const def = synth->def;
    synth->maps_audio = synth->maps_buses = false;
    for (uint32_t i = 0; i < def->n_controls && synth->n_mapped > 0; i++) {
        synth->maps_audio |= synth->control_source[i] == LINK_CONTROL_AUDIO_BUS;
        synth->maps_buses |= synth->control_source[i] != LINK_CONTROL_VALUE && def->control_is_bus[i];
    }
    rt_plan_part(w, synth);
}

PH_RT void rt_map_clear(struct rt_world *w, struct rt_synth *synth, uint32_t control)
{
    if (synth->control_source[control] == LINK_CONTROL_VALUE)
        return;
    synth->control_source[control] = LINK_CONTROL_VALUE;
    synth->controls[control] = synth->control_own[control];
    synth->n_mapped--;
    look(w, synth);
}

PH_RT void rt_map_set(struct rt_world *w, struct rt_synth *synth, uint32_t control,
                      enum link_control_source source, int32_t bus)
{
    const uint32_t n_buses =
        source == LINK_CONTROL_BUS ? w->config.n_control_buses : w->config.n_audio_buses;
    if (control >= synth->def->n_controls || bus >= (int64_t)n_buses)
        return;
    if (bus < 0) {
        rt_map_clear(w, synth, control);
        return;
    }
    rt_plan_part(w, synth); /* its controls are its own from here on */
    if (synth->control_source[control] == LINK_CONTROL_VALUE) {
        synth->control_own[control] = synth->controls[control];
        synth->n_mapped++;
    }
    synth->control_source[control] = (uint8_t)source;
    synth->control_bus[control] = (uint32_t)bus;
    look(w, synth);
}

PH_RT float rt_map_own_value(const struct rt_synth *synth, uint32_t control)
{
    return synth->control_source[control] == LINK_CONTROL_VALUE
               ? synth->controls[control * synth->stride]
               : synth->control_own[control];
}

/* ---- each block ------------------------------------------------------------------------------ */

/**
 * A control as a signal takes the bus as it is in this block, and as it was in the last one if
 * nobody has written it yet; so it follows what comes behind it one block late, as InFeedback does.
 * What it has had in its own block it doesn't take again.
 */
PH_RT static void take_frames(const struct dsp_env *env, struct rt_synth *synth, uint32_t i,
                              float *frames)
{
    const struct dsp_bus *const bus = &env->audio[rt_map_bus(synth, i)];
    const bool is_new = bus->touched == env->block, was_new = synth->control_bus[i] & RT_MAP_HEARD;
    synth->control_bus[i] = rt_map_bus(synth, i) | (is_new ? RT_MAP_HEARD : 0);
    if (is_new || (bus->touched + 1 == env->block && !was_new))
        memcpy(frames, bus->frames, env->block_frames * sizeof *frames);
    else
        memset(frames, 0, env->block_frames * sizeof *frames);
}

/**
 * A control as a signal goes to the control bus's value in a straight line over the block: from
 * where it is, while scsynth's line begins at 0 or where it once followed a control bus.
 */
PH_RT static void take_ramp(const struct dsp_env *env, float from, float to, float *frames)
{
    const float step = (to - from) / (float)env->block_frames;
    for (uint32_t i = 0; i < env->block_frames; i++)
        frames[i] = from + (float)i * step;
}

PH_RT static void refresh(const struct dsp_env *env, struct rt_synth *synth, uint32_t i)
{
    const uint32_t bus = rt_map_bus(synth, i);
    const bool is_audio_bus = synth->control_source[i] == LINK_CONTROL_AUDIO_BUS;
    const float before = synth->controls[i];
    synth->controls[i] = is_audio_bus ? env->audio[bus].frames[0] : env->control[bus];
    if (!synth->control_frames || synth->def->control_rates[i] != PH_AUDIO)
        return;
    float *const frames = synth->control_frames + (size_t)i * DSP_BLOCK_FRAMES;
    if (is_audio_bus) {
        take_frames(env, synth, i, frames);
        synth->controls[i] = frames[env->block_frames - 1]; /* where a ramp would go on */
    } else if (synth->born) {
        take_ramp(env, before, synth->controls[i], frames);
    } else {
        return; /* it begins with the bus's value */
    }
    synth->control_moving[i] = PH_AUDIO;
    synth->moving = true;
}

PH_RT void rt_map_refresh(const struct dsp_env *env, struct rt_synth *synth)
{
    for (uint32_t i = 0; i < synth->def->n_controls; i++)
        if (synth->control_source[i] != LINK_CONTROL_VALUE)
            refresh(env, synth, i);
    /* what it had when it was mapped is over */
    for (uint32_t t = 0; t < synth->def->n_triggers; t++)
        synth->control_own[synth->def->triggers[t]] = 0;
}
