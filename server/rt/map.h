/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/map.h - controls that follow buses.                                                  */
/* room: audio.                                                                                   */
/*                                                                                                */
/* A control has a value of its own, or follows a control bus or an audio bus: then it takes the  */
/* bus's value at the start of each block in which its synth plays, and its own comes back when   */
/* it is unmapped. A synth with such controls plays alone, and the plan knows what it reads.      */
#ifndef SERVER_RT_MAP_H
#define SERVER_RT_MAP_H

#include "server/link/query.h"
#include "server/rt/world.h"

/**
 * The bus that a control follows; beside it a mark: it has had what was written in its own block.
 */
#define RT_MAP_HEARD UINT32_C(0x80000000)
static inline uint32_t rt_map_bus(const struct rt_synth *synth, uint32_t control)
{
    return synth->control_bus[control] & ~RT_MAP_HEARD;
}

/**
 * Lets a control follow a bus. `bus` negative: unmaps it. A control or bus that isn't there is
 * ignored.
 */
PH_RT void rt_map_set(struct rt_world *w, struct rt_synth *synth, uint32_t control,
                      enum link_control_source source, int32_t bus);
/** A control is about to get a value of its own: it follows no bus any more. */
PH_RT void rt_map_clear(struct rt_world *w, struct rt_synth *synth, uint32_t control);
/** Start of a block: mapped controls take their buses' values. */
PH_RT void rt_map_refresh(const struct dsp_env *env, struct rt_synth *synth);
/** The control's own value, whatever it follows. */
PH_RT float rt_map_own_value(const struct rt_synth *synth, uint32_t control);

#endif
