/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/synths.h - synths that `s` may name though nobody has sent them.                   */
/* room: command thread.                                                                          */
#ifndef SERVER_DIRT_SYNTHS_H
#define SERVER_DIRT_SYNTHS_H

#include "server/dirt/graph.h"

/** Number of the synth of that name, or -1. */
int dirt_synth_find(const char *name);
uint32_t dirt_synth_channels(uint32_t synth); /* 1 or 2 */
uint32_t dirt_synth_count(void);
const char *dirt_synth_name(uint32_t synth);
/**
 * Adds its units. Controls of SuperDirt's names and initial values; what an event always has (freq,
 * sustain, speed, begin, end ...: DIRT_QUANTITIES and DIRT_NUMBERS) is set whatever the initial
 * value is. Not yet panned; ends with the event, not by itself.
 */
struct sound dirt_synth_build(struct graph *g, uint32_t synth);

#endif
