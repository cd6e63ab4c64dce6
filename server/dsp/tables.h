/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/tables.h - buffers as tables.                                                       */
/* room: audio.                                                                                   */
#ifndef SERVER_DSP_TABLES_H
#define SERVER_DSP_TABLES_H

#include "server/dsp/each.h"

/** The samples of a buffer, whatever its channels. Without data: no such buffer. */
struct samples { const float *data; uint32_t n; };

/** More are not looked at: a table is searched and counted in 32 bits. */
enum { SAMPLES_MAX = 1 << 30 };

LANE_FN struct samples samples_of(const struct dsp_block *b, float number)
{
    const struct dsp_buffer *const buffer = dsp_buffer_find(b, number);
    const uint64_t n = buffer ? (uint64_t)buffer->n_frames * buffer->n_channels : 0;
    if (n == 0)
        return (struct samples){ NULL, 0 };
    return (struct samples){ buffer->data, n < SAMPLES_MAX ? (uint32_t)n : SAMPLES_MAX };
}

#endif
