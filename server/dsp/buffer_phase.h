/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/buffer_phase.h - where a phase lies in a buffer, for units that take whole frames.  */
/* room: audio.                                                                                   */
#ifndef SERVER_DSP_BUFFER_PHASE_H
#define SERVER_DSP_BUFFER_PHASE_H

#include <math.h>

#include "server/dsp/dsp.h"

/**
 * The frame of a phase of n_frames >= 1: wrapped in a loop, else held at the ends, where the unit
 * is done. What is not finite is frame 0.
 */
static inline uint32_t buffer_frame_at(const struct dsp_block *b, double phase, uint32_t n_frames,
                                       bool loops)
{
    const double end = loops ? n_frames : n_frames - 1.0;
    if (!isfinite(phase))
        return 0;
    if (loops)
        return (uint32_t)fmin(phase - end * floor(phase / end), n_frames - 1.0);
    if (!(phase >= 0 && phase < end))
        dsp_mark_done(b, true);
    return phase > 0 ? (uint32_t)fmin(phase, end) : 0;
}

#endif
