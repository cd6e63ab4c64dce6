/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/part.h - how long a control value lasts.                                            */
/* room: audio.                                                                                   */
/*                                                                                                */
/* In a synth that starts within a block the first call of a control unit is shorter, a part p of */
/* a block: its calls end p, p + 1, p + 2 .. blocks after its start. From the second on a value   */
/* is the one that the unit would have had at that time, started with a block; else the synth ran */
/* ahead of itself by the rest of a block. The first is the unit's first. But an envelope, on the */
/* way from silence, is only p of the way there.                                                  */
#ifndef SERVER_DSP_PART_H
#define SERVER_DSP_PART_H

#include "server/dsp/lane.h"

/**
 * Share of a block that a call of a control unit lasts: less than 1 in the first one of a synth
 * that starts within a block. What goes on by that part only isn't ahead of the sound by the rest.
 */
static inline float part_of_block(const struct dsp_block *b)
{
    const uint32_t first = b->node[0].first_frame;
    return b->rate != PH_AUDIO && first > 0
               ? 1.0f - (float)first / (float)b->env->block_frames
               : 1.0f;
}

/**
 * Of units that are born a step into their course: how far it is, if less than a step, else 0. By
 * so much all their calls come later than whole steps after the birth.
 */
static inline float part_lead(const struct dsp_block *b)
{
    const float part = part_of_block(b);
    return part < 1 ? part : 0;
}

/** Calls of that length per second. */
static inline float part_rate_hz(const struct dsp_block *b)
{
    const float part = part_of_block(b);
    return part > 0 && part < 1 ? b->rate_hz / part : b->rate_hz;
}

/** What a call counts for where only whole ones count: the nearer one of 0 and 1. */
static inline int32_t part_whole(const struct dsp_block *b)
{
    return part_of_block(b) < 0.5f ? 0 : 1;
}

/**
 * Of units whose lines begin and end at steps counted from the birth: the value of a call lies
 * between those of two steps, by `rest` of a step before the later one. 0: the calls are the steps.
 */
struct part_line { lane before, rest; };

/** @param before  the value before the first step */
LANE_FN struct part_line part_line_new(const struct dsp_block *b, lane before)
{
    return (struct part_line){ before, lane_splat(1.0f - part_of_block(b)) };
}

/** The value of a call that made the step to `now`. */
LANE_FN lane part_line_to(struct part_line *line, lane now)
{
    const lane back = lane_where(lane_gt(line->rest, lane_splat(0.0f)), line->before - now);
    line->before = now;
    return lane_fma(back, line->rest, now);
}

#endif
