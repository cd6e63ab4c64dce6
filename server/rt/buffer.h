/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/buffer.h - sample buffers by number.                                                 */
/* room: audio.                                                                                   */
#ifndef SERVER_RT_BUFFER_H
#define SERVER_RT_BUFFER_H

#include "server/rt/world.h"

/**
 * Exchanges the contents of a slot with those of `buffer`, which goes back holding the old ones.
 */
PH_RT void rt_buffer_swap(struct rt_world *w, uint32_t index, struct dsp_buffer *buffer,
                          uint32_t request_id);

/**
 * Writes the job's patches, which comes back. A strict one
 * that lies outside ends it with a failure.
 */
PH_RT void rt_buffer_write(struct rt_world *w, struct link_job *job, uint32_t request_id);
/** Samples first .. first + n - 1, as far as they are there, become `value`. */
PH_RT void rt_buffer_fill(struct rt_world *w, uint32_t index, int32_t first, int32_t n, float value);

/**
 * Passes on what units have asked of the disk in this block;
 * what finds no room is dropped and counted.
 */
PH_RT void rt_buffer_ask_disk(struct rt_world *w);

#endif
