/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/bits.c - what looks at the bits of a value: Hasher, MantissaMask, CheckBadValues,   */
/* Sanitize.                                                                                      */
/* room: audio.                                                                                   */
#include "server/dsp/frames.h"
#include "server/dsp/lane_random.h"

/*
 * Hasher - a value that follows from the input's bits and looks random.
 *
 * in      [0] signal
 * out     [0] -1 .. 1; the same for the same input
 * source  Thomas Wang's integer hash of 1997, which scsynth uses here: outputs agree
 */
LANE_FN lane_u wang_hash(lane_u x)
{
    x += ~(x << 15);
    x ^= x >> 10;
    x += x << 3;
    x ^= x >> 6;
    x += ~(x << 11);
    return x ^ (x >> 16);
}

PH_RT static void hasher_process(void *state, const struct dsp_block *b)
{
    (void)state;
    const lane *const x = dsp_in(b, 0);
    const uint32_t dx = dsp_step(b, 0);
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = random_bipolar_of(wang_hash(lane_u_from_i(lane_bits(x[i * dx]))));
}
const struct dsp_unit DSP(dsp_Hasher) = { 0, dsp_no_init, hasher_process, NULL, 0, hasher_process };

/*
 * MantissaMask - keeps the first bits of the mantissa and clears the others.
 *
 * in      [0] signal   [1] bits, without the fraction, clamped to 0 .. 23
 * out     [0] the signal in steps of 2^-bits of its power of two
 */
enum { MASK_IN, MASK_BITS };

PH_RT static void mantissa_mask_process(void *state, const struct dsp_block *b)
{
    (void)state;
    lane space[DSP_BLOCK_FRAMES];
    const lane *const x = dsp_in(b, MASK_IN), *const bits = frames_of(b, MASK_BITS, space);
    const uint32_t dx = dsp_step(b, MASK_IN);
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_i cleared = 23 - lane_to_i(lane_clamp(bits[i], 0.0f, 23.0f));
        const lane_u kept = lane_splat_u(UINT32_MAX) << lane_u_from_i(cleared);
        out[i] = lane_from_bits(lane_bits(x[i * dx]) & lane_i_from_u(kept));
    }
}
const struct dsp_unit DSP(dsp_MantissaMask) = { 0, dsp_no_init, mantissa_mask_process, NULL, 0,
                                                mantissa_mask_process };

/* Bits of a value's size: of the smallest normal number, of infinity. */
enum { BITS_NORMAL = 0x00800000, BITS_INFINITY = 0x7f800000 };

LANE_FN lane_i size_bits(lane x) { return lane_bits(x) & 0x7fffffff; }
LANE_FN lane_i is_subnormal(lane_i size)
{
    return lane_gt_i(size, lane_splat_i(0)) & lane_lt_i(size, lane_splat_i(BITS_NORMAL));
}

/*
 * CheckBadValues - names what is wrong with a value.
 *
 * in      [0] signal   [1] id   [2] post: both for scsynth's messages, which are not given here
 * out     [0] 0 normal or zero, 1 no number, 2 infinite, 3 subnormal
 */
PH_RT static void check_bad_values_process(void *state, const struct dsp_block *b)
{
    (void)state;
    const lane *const x = dsp_in(b, 0);
    const uint32_t dx = dsp_step(b, 0);
    lane *const out = dsp_out(b, 0);
    const lane_i infinite = lane_splat_i(BITS_INFINITY);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_i size = size_bits(x[i * dx]);
        out[i] = lane_where(lane_gt_i(size, infinite), lane_splat(1.0f)) +
                 lane_where(lane_eq_i(size, infinite), lane_splat(2.0f)) +
                 lane_where(is_subnormal(size), lane_splat(3.0f));
    }
}
const struct dsp_unit DSP(dsp_CheckBadValues) = { 0, dsp_no_init, check_bad_values_process };

/*
 * Sanitize - replaces values that are no number, infinite or subnormal.
 *
 * in      [0] signal   [1] replace
 * out     [0] the signal, or what replaces it
 */
enum { SANITIZE_IN, SANITIZE_REPLACE };

PH_RT static void sanitize_process(void *state, const struct dsp_block *b)
{
    (void)state;
    const lane *const x = dsp_in(b, SANITIZE_IN), *const other = dsp_in(b, SANITIZE_REPLACE);
    const uint32_t dx = dsp_step(b, SANITIZE_IN), dr = dsp_step(b, SANITIZE_REPLACE);
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_i size = size_bits(x[i * dx]);
        const lane_i good = lane_lt_i(size, lane_splat_i(BITS_INFINITY)) & ~is_subnormal(size);
        out[i] = lane_select(good, x[i * dx], other[i * dr]);
    }
}
const struct dsp_unit DSP(dsp_Sanitize) = { 0, dsp_no_init, sanitize_process, NULL, 0,
                                            sanitize_process };
