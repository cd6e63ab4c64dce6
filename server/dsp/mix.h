/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/mix.h - how frames get onto an audio bus: the same for kernels and for logs.        */
/* room: audio.                                                                                   */
#ifndef SERVER_DSP_MIX_H
#define SERVER_DSP_MIX_H

#include <string.h>

#include "server/dsp/dsp.h"

/**
 * Puts `n` frames on a bus from its frame `first` on (first + n <= 64): added to what this block
 * wrote, or in place of it. A bus that nothing has written in this block is silent before.
 */
static inline void dsp_mix(struct dsp_bus *bus, uint64_t block, uint32_t first, uint32_t n,
                           const float *frames, bool replaces)
{
    if (bus->touched != block) {
        memset(bus->frames, 0, sizeof bus->frames);
        bus->touched = block;
    }
    float *const to = bus->frames + first;
    if (replaces)
        memcpy(to, frames, n * sizeof *to);
    else if (n == DSP_BLOCK_FRAMES) /* a length that the compiler knows */
        for (uint32_t i = 0; i < DSP_BLOCK_FRAMES; i++)
            bus->frames[i] += frames[i];
    else
        for (uint32_t i = 0; i < n; i++)
            to[i] += frames[i];
}

/** Puts what a log keeps on its bus. */
static inline void dsp_mix_write(struct dsp_bus *buses, uint64_t block, const struct dsp_write *w)
{
    dsp_mix(&buses[w->bus], block, w->first, w->n_frames, w->frames, w->replaces);
}

#endif
