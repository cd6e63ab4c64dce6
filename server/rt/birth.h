/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/birth.h - units in a synth's first block: what they see of each other before it.     */
/* room: audio. Whoever runs the synth owns what is kept, in rt_synth.births.                     */
#ifndef SERVER_RT_BIRTH_H
#define SERVER_RT_BIRTH_H

#include "server/rt/node.h"

/*
 * Only clients' synths know of it, for scsynth's have it, and those of a def that says so. To those
 * of programs nothing was before their first frame: an impulse on it is one.
 */

/**
 * Inits unit `u`, unless it has a predecessor's state, and asks what it gives before its first
 * frame.
 * @param b  the call of its first block, its inputs in place
 */
PH_RT void rt_birth_unit(struct rt_synth *synth, uint32_t u, struct dsp_block *b);
/** The same for a unit whose turn is still to come. */
PH_RT void rt_birth_ahead(struct rt_synth *synth, uint32_t u, struct dsp_block *b);
/** After its first block: a unit that doesn't tell gave its first frame before. */
PH_RT void rt_birth_keep(struct rt_synth *synth, uint32_t u);

#endif
