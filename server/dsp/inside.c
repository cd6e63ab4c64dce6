/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/inside.c - where values lie: InRange, InRect, ModDif, Unwrap.                       */
/* room: audio.                                                                                   */
#include "server/dsp/frames.h"
#include "server/dsp/ramp.h"

/** Edges are those of the block's first frame. */
LANE_FN lane_i is_within(const struct dsp_block *b, lane x, uint32_t low, uint32_t high)
{
    return lane_ge(x, dsp_in(b, low)[0]) & lane_le(x, dsp_in(b, high)[0]);
}

/**
 * InRange - 1 where lo <= in <= hi, else 0.
 *
 * in      [0] in   [1] lo   [2] hi
 * out     [0] 1 or 0
 * state   none
 * cost    two comparisons per frame
 */
PH_RT static void in_range_process(void *state, const struct dsp_block *b)
{
    (void)state;
    for (uint32_t i = 0; i < b->n_frames; i++)
        dsp_out(b, 0)[i] = lane_where(is_within(b, frame_of(b, 0, i), 1, 2), lane_splat(1.0f));
}
const struct dsp_unit DSP(dsp_InRange) = { 0, dsp_no_init, in_range_process,
                                           NULL, 0, in_range_process };

/**
 * InRect - 1 where a point lies in a rectangle, its edges included, else 0.
 *
 * in      [0] x   [1] y   [2] left   [3] top   [4] right   [5] bottom
 * out     [0] 1 or 0
 * state   none
 * cost    four comparisons per frame
 */
PH_RT static void in_rect_process(void *state, const struct dsp_block *b)
{
    (void)state;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_i beside = is_within(b, frame_of(b, 0, i), 2, 4);
        const lane_i between = is_within(b, frame_of(b, 1, i), 3, 5);
        dsp_out(b, 0)[i] = lane_where(beside & between, lane_splat(1.0f));
    }
}
const struct dsp_unit DSP(dsp_InRect) = { 0, dsp_no_init, in_rect_process, NULL, 0 };

/**
 * ModDif - how far two values are apart on a circle.
 *
 * in      [0] x   [1] y   [2] mod: the circle; y and mod are ramped in audio units where they are
 *         not at audio rate
 * out     [0] 0 .. mod / 2; 0 where mod is 0
 * state   y and mod of the last block
 * cost    a division per frame
 */
struct mod_dif { lane y, mod; };

PH_RT static void mod_dif_init(void *state, const struct dsp_block *b)
{
    *(struct mod_dif *)state = (struct mod_dif){ dsp_in(b, 1)[0], dsp_in(b, 2)[0] };
}

LANE_FN lane mod_dif(lane x, lane y, lane mod)
{
    const lane_i is_circle = lane_ne(mod, lane_splat(0.0f));
    const lane apart = lane_abs(x - y), half = mod * 0.5f;
    const lane turns = lane_trunc(apart / lane_select(is_circle, mod, lane_splat(1.0f)));
    return lane_where(is_circle, half - lane_abs(apart - turns * mod - half));
}

PH_RT static void mod_dif_process(void *state, const struct dsp_block *b)
{
    struct mod_dif *const s = state;
    lane *const out = dsp_out(b, 0), ys[DSP_BLOCK_FRAMES], mods[DSP_BLOCK_FRAMES];
    if (b->rate != PH_AUDIO) {
        out[0] = mod_dif(dsp_in(b, 0)[0], dsp_in(b, 1)[0], dsp_in(b, 2)[0]);
        return;
    }
    const struct ramp_input y = ramp_input(b, 1, &s->y, ys), mod = ramp_input(b, 2, &s->mod, mods);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = mod_dif(frame_of(b, 0, i), y.x[i * y.step], mod.x[i * mod.step]);
}
const struct dsp_unit DSP(dsp_ModDif) = { sizeof(struct mod_dif), mod_dif_init, mod_dif_process,
                                          NULL, 0, mod_dif_process };

/**
 * Unwrap - undoes a wrap: a jump of more than half the range is one that was wrapped.
 *
 * in      [0] in   [1] lo, [2] hi: the range, read at birth
 * out     [0] the input, whole ranges further
 * state   the range, how far, and the last input
 * cost    a few operations per frame
 */
struct unwrap { lane range, offset, last; };

PH_RT static void unwrap_init(void *state, const struct dsp_block *b)
{
    const lane in = dsp_in(b, 0)[0], lo = lane_min(dsp_in(b, 1)[0], dsp_in(b, 2)[0]);
    const lane range = lane_abs(dsp_in(b, 2)[0] - dsp_in(b, 1)[0]);
    const lane_i outside =
        (lane_lt(in, lo) | lane_ge(in, lo + range)) & lane_gt(range, lane_splat(0.0f));
    const lane ranges = lane_floor((lo - in) / lane_select(outside, range, lane_splat(1.0f)));
    *(struct unwrap *)state = (struct unwrap){ range, lane_where(outside, ranges * range), in };
}

PH_RT static void unwrap_process(void *state, const struct dsp_block *b)
{
    struct unwrap *const s = state;
    lane offset = s->offset, last = s->last;
    const lane range = s->range, half = range * 0.5f;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane x = frame_of(b, 0, i);
        const lane_i jumps = lane_gt(lane_abs(x - last), half);
        offset += lane_where(jumps, lane_select(lane_lt(x, last), range, -range));
        dsp_out(b, 0)[i] = x + offset;
        last = x;
    }
    s->offset = lane_where(lane_finite(offset), offset);
    s->last = lane_where(lane_finite(last), last);
}
const struct dsp_unit DSP(dsp_Unwrap) = { sizeof(struct unwrap), unwrap_init, unwrap_process, NULL,
                                          0 };
