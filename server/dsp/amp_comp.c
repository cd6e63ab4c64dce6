/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/amp_comp.c - levels that make pitches equally loud: AmpComp, AmpCompA.              */
/* room: audio.                                                                                   */
#include "server/dsp/fastmath.h"

/**
 * AmpComp - a power of the frequency.
 *
 * in      [0] freq   Hz   [1] root: where the level is 1   [2] exp; of both a block's first value
 *             counts
 * out     [0] (root / freq)^exp, with the sign of the base; at most 1e30
 * state   none
 * cost    a power per frame
 */
PH_RT static void amp_comp_process(void *state, const struct dsp_block *b)
{
    (void)state;
    const lane *const freq = dsp_in(b, 0), root = dsp_in(b, 1)[0], exponent = dsp_in(b, 2)[0];
    const uint32_t df = dsp_step(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane base = root / freq[i * df];
        const lane power = lane_pow(lane_abs(base), exponent);
        dsp_out(b, 0)[i] = lane_copysign(lane_min(power, lane_splat(1e30f)), base);
    }
}
const struct dsp_unit DSP(dsp_AmpComp) = { 0, dsp_no_init, amp_comp_process,
                                           NULL, 0, amp_comp_process };

/**
 * AmpCompA - the A curve upside down.
 *
 * in      [0] freq   Hz   [1] root, [2] minAmp, [3] rootAmp: the level is rootAmp at root and
 *         minAmp where the ear is best, read at birth
 * out     [0] level
 * state   factor and offset
 * cost    a root and three divisions per frame
 * source  IEC 61672-1, A-weighting
 */
struct amp_comp_a { lane scale, offset; };

/* 1 minus the weight where the ear is best. */
#define A_LEAST (-0.1575371167435f)

/** 1 minus the weight of a frequency, which is 1 near 1 kHz. */
LANE_FN lane a_level(lane freq)
{
    const lane hz = lane_clamp(freq, -1e15f, 1e15f), r = hz * hz;
    const lane low = r / (r + (float)(20.598997 * 20.598997));
    const lane middle = lane_sqrt(r / (r + (float)(107.65265 * 107.65265)) *
                                  (r / (r + (float)(737.86223 * 737.86223))));
    return 1.0f - 187193440.0f / (r + (float)(12194.217 * 12194.217)) * low * middle;
}

PH_RT static void amp_comp_a_init(void *state, const struct dsp_block *b)
{
    const lane least = dsp_in(b, 2)[0], most = dsp_in(b, 3)[0];
    const lane reach = a_level(dsp_in(b, 1)[0]) - A_LEAST;
    const lane_i some = lane_gt(lane_abs(reach), lane_splat(1e-6f));
    const lane scale =
        lane_where(some, (most - least) / lane_select(some, reach, lane_splat(1.0f)));
    *(struct amp_comp_a *)state = (struct amp_comp_a){ scale, least - scale * A_LEAST };
}

PH_RT static void amp_comp_a_process(void *state, const struct dsp_block *b)
{
    const struct amp_comp_a *const s = state;
    const lane *const freq = dsp_in(b, 0);
    const uint32_t df = dsp_step(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++)
        dsp_out(b, 0)[i] = a_level(freq[i * df]) * s->scale + s->offset;
}
const struct dsp_unit DSP(dsp_AmpCompA) = { sizeof(struct amp_comp_a), amp_comp_a_init,
                                            amp_comp_a_process, NULL, 0, amp_comp_a_process };
