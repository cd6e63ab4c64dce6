/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/message.h - what units tell clients: an id and some values, kept until the block is */
/* through.                                                                                       */
/* room: audio.                                                                                   */
#ifndef SERVER_DSP_MESSAGE_H
#define SERVER_DSP_MESSAGE_H

#include <string.h>

#include "server/dsp/dsp.h"

enum {
    DSP_MESSAGES_MAX = DSP_BLOCK_FRAMES, /* of one unit in one block */
    DSP_MESSAGE_VALUES_MAX = 480         /* of one message */
};

/** Long memory that a unit needs whose messages have `n_values` values: their number, then each. */
static inline uint32_t dsp_message_floats(uint32_t n_values)
{
    return 1 + DSP_MESSAGES_MAX * (n_values + 1);
}

/**
 * Adds a message to the unit's memory of dsp_message_floats(n_values) floats and says so to the
 * node: the engine takes it from there (rt/message.c) and empties the memory. Past
 * DSP_MESSAGES_MAX: lost.
 */
PH_RT static inline void dsp_tell(const struct dsp_block *b, float id, const float *values,
                                  uint32_t n_values)
{
    const uint32_t n = b->memory ? (uint32_t)b->memory[0] : DSP_MESSAGES_MAX;
    if (n >= DSP_MESSAGES_MAX)
        return;
    float *const to = b->memory + 1 + (size_t)n * (n_values + 1);
    to[0] = id;
    memcpy(to + 1, values, n_values * sizeof *values);
    b->memory[0] = (float)(n + 1);
    b->node->flags |= DSP_NODE_TOLD;
}

#endif
