/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/buffer.h - sample buffers by number.                                                 */
/* room: audio.                                                                                   */
#ifndef SERVER_RT_BUFFER_H
#define SERVER_RT_BUFFER_H

#include "server/rt/world.h"

/** Exchanges the contents of a slot with those of `buffer`, which goes back holding the old ones. */
PH_RT void rt_buffer_swap(struct rt_world *w, uint32_t index, struct dsp_buffer *buffer,
                          uint32_t request_id);

#endif
