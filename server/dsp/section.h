/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/section.h - one frame of a section of second order, in double.                      */
/* room: audio.                                                                                   */
#ifndef SERVER_DSP_SECTION_H
#define SERVER_DSP_SECTION_H

#include "server/dsp/lane_double.h"

enum { SECTION_A0, SECTION_A1, SECTION_A2, SECTION_B1, SECTION_B2, SECTION_GAINS };

/** v of the frames before: with b1 near 2 and b2 near -1 the signal is in their difference. */
struct section_state { lane_dd v1, v2; };

/** A state past 1e15, or not a number, is let go: nothing bounds what is asked for. */
LANE_FN lane_dd section_bound(lane_dd v)
{
    return lane_dd_where(lane_lt(lane_abs(lane_from_dd(v)), lane_splat(1e15f)), v);
}

/** a0 v + a1 v1 + a2 v2 with v = x + b1 v1 + b2 v2 */
LANE_FN lane section_frame(struct section_state *s, const lane_dd k[SECTION_GAINS], lane x)
{
    const lane_dd near = lane_dd_fma(k[SECTION_B1], s->v1, lane_dd_from(x));
    const lane_dd v = section_bound(lane_dd_fma(k[SECTION_B2], s->v2, near));
    const lane_dd y = lane_dd_fma(k[SECTION_A1], s->v1, lane_dd_mul(k[SECTION_A0], v));
    const lane out = lane_from_dd(lane_dd_fma(k[SECTION_A2], s->v2, y));
    s->v2 = s->v1;
    s->v1 = v;
    return out;
}

#endif
