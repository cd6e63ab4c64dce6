/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/gauss.c - bells: LFGauss, and PSinGrain, a sine in a parabola.                      */
/* room: audio.                                                                                   */
#include "server/dsp/each.h"
#include "server/dsp/fastmath.h"
#include "server/dsp/frames.h"
#include "server/dsp/part.h"

/* ------------------------------------------------------------------------------------ LFGauss */

/**
 * LFGauss - a bell, once or again and again.
 *
 * in      [0] duration  seconds that x takes from -1 to 1   [1] width  of the bell, as x
 *         [2] iphase    taken from x   [3] loop  not 0: from 1 x goes back to -1
 *         [4] doneAction  asked for past 1, where it doesn't loop
 * out     [0] exp(-x^2 / 2 width^2)
 * state   x in double
 * cost    an exponential per frame, and a division where duration or width is at audio rate
 */
struct lf_gauss { double x[LANE_W]; };
enum { GAUSS_DURATION, GAUSS_WIDTH, GAUSS_IPHASE, GAUSS_LOOP, GAUSS_DONE_ACTION };

/** What x advances by; a whole bell a frame at most. */
LANE_FN lane gauss_step(lane seconds, float rate_hz)
{
    return lane_clamp(2.0f / (seconds * rate_hz), -2.0f, 2.0f);
}

/** What the square of x is multiplied by. */
LANE_FN lane gauss_factor(lane width)
{
    return -1.0f / lane_max(2.0f * width * width, lane_splat(1e-30f));
}

PH_RT static void lf_gauss_init(void *state, const struct dsp_block *b)
{
    (void)b;
    ((struct lf_gauss *)state)->x[0] = -1.0;
}

/** Where x has passed 1: the lanes that loop go back, the others are done. */
LANE_FN lane_dd gauss_turn(const struct dsp_block *b, lane_dd x, lane_i past, uint32_t frame)
{
    const lane_i loops = lane_ne(frame_of(b, GAUSS_LOOP, frame), lane_splat(0.0f));
    for (uint32_t left = lane_mask_bits(past & ~loops); left; left &= left - 1) {
        const int k = __builtin_ctz(left);
        if (b->lanes & 1u << k)
            dsp_ask_done(&b->node[k], lane_get(dsp_in(b, GAUSS_DONE_ACTION)[0], k));
    }
    return lane_dd_sub(x, lane_dd_where(past & loops, lane_dd_splat(2.0)));
}

PH_RT static void lf_gauss_process(void *state, const struct dsp_block *b)
{
    struct lf_gauss *const s = state;
    lane *const out = dsp_out(b, 0);
    const bool moves = dsp_step(b, GAUSS_DURATION) || dsp_step(b, GAUSS_WIDTH);
    lane step = gauss_step(frame_of(b, GAUSS_DURATION, 0), part_rate_hz(b));
    lane factor = gauss_factor(frame_of(b, GAUSS_WIDTH, 0));
    lane_dd at = lane_dd_load(s->x);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (moves) {
            step = gauss_step(frame_of(b, GAUSS_DURATION, i), b->rate_hz);
            factor = gauss_factor(frame_of(b, GAUSS_WIDTH, i));
        }
        const lane_dd shift = lane_dd_from(frame_of(b, GAUSS_IPHASE, i));
        /* the difference in double: sums of steps end a rounding before or behind 1 */
        const lane beyond = lane_from_dd(lane_dd_sub(lane_dd_sub(at, shift), lane_dd_splat(1.0)));
        const lane_i past = lane_gt(beyond, lane_splat(0.0f));
        if (lane_any(past))
            at = gauss_turn(b, at, past, i);
        const lane x = lane_from_dd(lane_dd_sub(at, shift));
        out[i] = lane_exp(x * x * factor);
        at = lane_dd_add(at, lane_dd_from(step));
    }
    lane_dd_store(s->x, at);
}
const struct dsp_unit DSP(dsp_LFGauss) = { sizeof(struct lf_gauss), lf_gauss_init,
                                           lf_gauss_process, NULL, 1 };

/* ---------------------------------------------------------------------------------- PSinGrain */

/**
 * PSinGrain - a sine that swells and fades once, on a parabola; then the synth ends.
 *
 * in      [0] freq  Hz   [1] dur  seconds   [2] amp; all read at birth
 * out     [0] the grain, then 0
 * state   the sine's last two frames and coefficient, the parabola's level, slope and curve, and
 *         the frames left: in float and in scsynth's order, for rounding is heard as pitch
 * cost    seven operations per frame, each voice by itself
 * source  digital resonator, Mathews and Smith 2003
 */
struct p_sin_grain { lane y1, y2, pole, level, slope, curve; lane_i left; };

PH_RT static void p_sin_grain_init(void *state, const struct dsp_block *b)
{
    const float freq = lane_get(lane_clamp(dsp_in(b, 0)[0], -1e9f, 1e9f), 0);
    const float seconds = lane_get(lane_clamp(dsp_in(b, 1)[0], 0.0f, 1e5f), 0);
    const float amp = lane_get(lane_clamp(dsp_in(b, 2)[0], -1e9f, 1e9f), 0);
    const float w = (float)((double)freq * (6.28318530717958647692 / (double)b->rate_hz));
    const float frames = b->rate_hz * seconds, part = frames > 0.0f ? 1.0f / frames : 0.0f;
    const float square = part * part;
    *(struct p_sin_grain *)state = (struct p_sin_grain){
        .y1 = lane_splat(-sinf(w) * amp),
        .y2 = lane_splat(-sinf(w + w) * amp),
        .pole = lane_splat(2.0f * cosf(w)),
        .slope = lane_splat((float)(4.0 * (double)(part - square))),
        .curve = lane_splat((float)(-8.0 * (double)square)),
        .left = lane_splat_i((int32_t)((double)frames + 0.5))
    };
}

PH_RT static void p_sin_grain_process(void *state, const struct dsp_block *b)
{
    struct p_sin_grain *const s = state;
    lane y1 = s->y1, y2 = s->y2, level = s->level, slope = s->slope;
    lane_i left = s->left;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_i sounds = lane_gt_i(left, lane_splat_i(0));
        const lane y = s->pole * y1 - y2;
        y2 = y1;
        y1 = y;
        dsp_out(b, 0)[i] = lane_where(sounds, y * level);
        level += slope;
        slope += s->curve;
        left += sounds;
    }
    const lane_i ended = lane_gt_i(s->left, lane_splat_i(0)) & ~lane_gt_i(left, lane_splat_i(0));
    for (uint32_t bits = lane_mask_bits(ended) & b->lanes; bits; bits &= bits - 1)
        dsp_ask_done(&b->node[__builtin_ctz(bits)], 2.0f);
    const lane_i on = lane_gt_i(left, lane_splat_i(0));
    *s = (struct p_sin_grain){ lane_where(on, y1), lane_where(on, y2), s->pole,
                               lane_where(on, level), lane_where(on, slope), s->curve, left };
}
const struct dsp_unit DSP(dsp_PSinGrain) = { sizeof(struct p_sin_grain), p_sin_grain_init,
                                             p_sin_grain_process, NULL, 0 };
