/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/decimator.c - Decimator: fewer frames and fewer bits.                               */
/* room: audio.                                                                                   */
#include "server/dsp/precise.h"

/*
 * Decimator
 *
 * in      [0] signal   [1] rate, Hz, of the frames that count, 0 .. the unit's own
 *         [2] bits     below 1 and from 31 on all of them; both count once per block
 * out     [0] the last frame that counted, on the odd multiples of half a step of 2^(0.999 - bits):
 *             the one below in magnitude, where that is none, the other side's first. So
 *             sc3-plugins does
 * state   the held value; the part of a frame that has passed, in float, so that frames are the
 *         same ones
 * cost    ten operations per frame, a power and a division per block
 */
struct decimator { lane held, part; };
enum { IN, RATE, BITS };

struct grain { lane per_frame, step, per_step; };
LANE_FN struct grain decimator_grain(const struct dsp_block *b)
{
    const lane bits = dsp_in(b, BITS)[0], one = lane_splat(1.0f);
    const lane_i coarse = lane_ge(bits, one) & lane_lt(bits, lane_splat(31.0f));
    const lane step = precise_exp2(0.999f - lane_clamp(bits, 1.0f, 31.0f));
    return (struct grain){ lane_clamp(dsp_in(b, RATE)[0] / b->rate_hz, 0.0f, 1.0f),
                           lane_where(coarse, step), lane_where(coarse, one / step) };
}

LANE_FN lane decimator_round(lane x, const struct grain *g)
{
    const lane steps = lane_trunc(lane_fma(lane_abs(x), g->per_step, lane_splat(0.5f)));
    const lane y = (steps - 0.5f) * g->step;
    const lane rounded = lane_select(lane_lt(x, lane_splat(0.0f)), -y, y);
    return lane_select(lane_gt(g->step, lane_splat(0.0f)), rounded, x);
}

LANE_FN lane decimator_frame(struct decimator *s, lane x, const struct grain *g)
{
    const lane passed = s->part + g->per_frame;
    const lane_i counts = lane_ge(passed, lane_splat(1.0f));
    s->part = lane_select(counts, passed - 1.0f, passed);
    return s->held = lane_select(counts, decimator_round(x, g), s->held);
}

/** scsynth's constructor counts a frame too. */
PH_RT static void decimator_init(void *state, const struct dsp_block *b)
{
    struct decimator s = { lane_splat(0.0f), lane_splat(0.0f) };
    const struct grain g = decimator_grain(b);
    decimator_frame(&s, dsp_in(b, IN)[0], &g);
    *(struct decimator *)state = s;
}

PH_RT static void decimator_birth(void *state, const struct dsp_block *b)
{
    dsp_out(b, 0)[0] = ((const struct decimator *)state)->held;
}

PH_RT static void decimator_process(void *state, const struct dsp_block *b)
{
    struct decimator s = *(struct decimator *)state;
    const struct grain g = decimator_grain(b);
    const lane *const in = dsp_in(b, IN);
    const uint32_t step = dsp_step(b, IN);
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = decimator_frame(&s, in[i * step], &g);
    *(struct decimator *)state = s;
}
const struct dsp_unit DSP(dsp_Decimator) = { sizeof(struct decimator), decimator_init,
                                             decimator_process, NULL, 0, decimator_birth };
