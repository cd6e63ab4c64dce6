/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/bus.h - buses: the driver's ports in and out, control values.                        */
/* room: audio.                                                                                   */
#ifndef SERVER_RT_BUS_H
#define SERVER_RT_BUS_H

#include "server/rt/world.h"

/** Copies one block of the driver's inputs to the buses behind the outputs; NULL: silence. */
PH_RT void rt_bus_read_inputs(struct rt_world *w, const float *const *in);
/** Copies the output buses to the driver; what no synth wrote in this block is silent. */
PH_RT void rt_bus_write_outputs(struct rt_world *w, float *const *out);
/** @return PH_OUT_OF_RANGE when there is no such bus */
PH_RT ph_status rt_bus_set(struct rt_world *w, uint32_t index, float value);
/** All ports fade to silence in 10 ms and stay there. */
PH_RT void rt_bus_fade_out(struct rt_world *w);

#endif
