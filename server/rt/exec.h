/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/exec.h - runs the block program of one synth; its control values and its fade.       */
/* room: audio.                                                                                   */
#ifndef SERVER_RT_EXEC_H
#define SERVER_RT_EXEC_H

#include "server/rt/batch.h"
#include "server/rt/world.h"

/**
 * Renders one block of a synth that runs alone into the buses (or the runner's log). Its first
 * block starts at dsp->first_frame and is the one in which units are initialised. Asked-for done
 * actions stay in synth->dsp.
 */
PH_RT void rt_exec_synth(const struct rt_runner *r, struct rt_synth *synth);
/**
 * Renders one whole block of all synths of a batch; batch->asking tells whose asked for something.
 */
PH_RT void rt_exec_batch(const struct rt_runner *r, struct rt_batch *batch);
/**
 * After a block with a value that was not finite: the synth, alone by now, starts anew in silence.
 */
PH_RT void rt_exec_reset(struct rt_world *w, struct rt_synth *synth);

/**
 * Sets a control. Audio-rate controls move on frame `offset` of the coming block; for others the
 * value counts for the whole block. An index past the end is ignored.
 */
PH_RT void rt_exec_set(struct rt_world *w, struct rt_synth *synth, uint32_t control, float value,
                       uint32_t offset);
/** The parameter of that name, NULL: there is none. */
PH_RT const struct rt_param *rt_exec_param(const struct rt_def *def, uint32_t symbol);
/** The control named `symbol`, offset by `index` inside an array; false when there is none. */
PH_RT bool rt_exec_find(const struct rt_def *def, uint32_t symbol, uint32_t index, uint32_t *control);

/** Controls first .. end - 1. */
struct rt_controls {
    uint32_t first, end;
};
/**
 * Those of n controls from `index` on that a def has; with a symbol, of that parameter alone.
 */
PH_RT struct rt_controls rt_exec_controls(const struct rt_def *def, uint32_t symbol, int64_t index,
                                          int64_t n);

/**
 * Starts a linear fade of the synth's output from where its
 * gain is now; rounded up to whole blocks.
 */
PH_RT void rt_exec_fade(const struct rt_world *w, struct rt_synth *synth, float target,
                        uint32_t milliseconds, bool ends);

/**
 * Lets a synth that has left its program ring out (struct rt_ring).
 * @param units  enum rt_ring_unit of each of its units
 */
PH_RT void rt_exec_ring(const struct rt_world *w, struct rt_synth *synth, const uint8_t *units,
                        uint32_t milliseconds, uint32_t quiet_frames);
/** After each block of a synth that rings: whether it goes on. Its end is a fade of no length. */
PH_RT void rt_exec_ring_on(const struct rt_world *w, struct rt_synth *synth);

#endif
