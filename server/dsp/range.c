/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/range.c - LinExp: one range of values to another.                                   */
/* room: audio.                                                                                   */
#include "server/dsp/fastmath.h"
#include "server/dsp/lane.h"

/**
 * LinExp - a straight scale to an exponential one; not clipped.
 *
 * in      [0] in              any signal
 *         [1] srclo [2] srchi what becomes dstlo and dsthi; equal ones give dstlo or 0
 *         [3] dstlo [4] dsthi of one sign and not 0; others give a finite value without meaning
 * out     dstlo * (dsthi / dstlo)^((in - srclo) / (srchi - srclo)), relative error below
 *         1.3e-7 + 1e-7 * |its exponent of 2|; 0 below 2^-126 dstlo, 2^127.49 dstlo above,
 *         and at most the largest float
 * cost    one power of 2 per frame; a logarithm and two divisions per block, or per frame where one
 *         of the four limits is at audio rate
 */
enum { LIN_EXP_IN, LIN_EXP_SRCLO, LIN_EXP_SRCHI, LIN_EXP_DSTLO, LIN_EXP_DSTHI };

/** Octaves of output per unit of input. */
LANE_FN lane lin_exp_slope(lane srclo, lane srchi, lane dstlo, lane dsthi)
{
    return lane_log2(dsthi / dstlo) / (srchi - srclo);
}

/** The output for x; infinity becomes the largest number, NaN stays. */
LANE_FN lane lin_exp(lane x, lane srclo, lane slope, lane dstlo)
{
    const lane most = lane_splat(3.40282347e38f), y = dstlo * lane_exp2((x - srclo) * slope);
    return lane_min(most, lane_max(-most, y));
}

/** Limits that hold for the block. */
LANE_FN void lin_exp_hold(const struct dsp_block *b)
{
    const lane *const x = dsp_in(b, LIN_EXP_IN);
    lane *const out = dsp_out(b, 0);
    const lane srclo = dsp_in(b, LIN_EXP_SRCLO)[0], dstlo = dsp_in(b, LIN_EXP_DSTLO)[0];
    const lane slope = lin_exp_slope(srclo, dsp_in(b, LIN_EXP_SRCHI)[0], dstlo,
                                     dsp_in(b, LIN_EXP_DSTHI)[0]);

    if (dsp_step(b, LIN_EXP_IN)) {
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = lin_exp(x[i], srclo, slope, dstlo);
    } else {
        const lane y = lin_exp(x[0], srclo, slope, dstlo);
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = y;
    }
}

/** Limits that move within the block. */
LANE_FN void lin_exp_follow(const struct dsp_block *b)
{
    lane *const out = dsp_out(b, 0);
    uint32_t step[5];
    for (uint32_t k = 0; k < 5; k++)
        step[k] = dsp_step(b, k);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane srclo = dsp_in(b, LIN_EXP_SRCLO)[i * step[LIN_EXP_SRCLO]];
        const lane dstlo = dsp_in(b, LIN_EXP_DSTLO)[i * step[LIN_EXP_DSTLO]];
        const lane slope = lin_exp_slope(srclo, dsp_in(b, LIN_EXP_SRCHI)[i * step[LIN_EXP_SRCHI]],
                                         dstlo, dsp_in(b, LIN_EXP_DSTHI)[i * step[LIN_EXP_DSTHI]]);
        const lane x = dsp_in(b, LIN_EXP_IN)[i * step[LIN_EXP_IN]];
        out[i] = lin_exp(x, srclo, slope, dstlo);
    }
}

PH_RT static void lin_exp_process(void *state, const struct dsp_block *b)
{
    (void)state;
    const bool moves = dsp_step(b, LIN_EXP_SRCLO) | dsp_step(b, LIN_EXP_SRCHI) |
                       dsp_step(b, LIN_EXP_DSTLO) | dsp_step(b, LIN_EXP_DSTHI);
    if (moves)
        lin_exp_follow(b);
    else
        lin_exp_hold(b);
}
const struct dsp_unit DSP(dsp_LinExp) = { 0, dsp_no_init, lin_exp_process,
                                          NULL, 0, lin_exp_process };
