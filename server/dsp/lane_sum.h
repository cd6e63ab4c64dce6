/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lane_sum.h - sums over lanes.                                                       */
/* room: audio.                                                                                   */
/*                                                                                                */
/* LANE_W frames are summed together: each step halves the lanes of two vectors and lays the      */
/* halves side by side, so that the last one holds a frame per lane. The order of the additions   */
/* is that of the tree whatever lanes are empty: a lane that counts as 0 leaves the others' bits  */
/* alone.                                                                                         */
#ifndef SERVER_DSP_LANE_SUM_H
#define SERVER_DSP_LANE_SUM_H

#include "server/dsp/lane.h"

#if LANE_W > 1

/** Values of a signal as they go into a sum: faded, and 0 in lanes outside the mask. */
struct lane_terms {
    const lane *x;
    uint32_t step; /* 0: one value for all frames */
    uint32_t last; /* no frame after this one is read: it stands in for them */
    lane_i mask;
    bool fades; /* false: gain is 1 and steady */
    lane gain, gain_step;
};

LANE_FN lane lane_term(const struct lane_terms *t, size_t i)
{
    const bool is_short = (t->last + 1) % LANE_W != 0; /* the last square reaches over the end */
    const size_t at = is_short && i > t->last ? t->last : i;
    const lane x = t->x[at * t->step];
    return lane_where(t->mask, t->fades ? x * (t->gain + (float)at * t->gain_step) : x);
}

/** Mask of the lanes whose bit is set. */
LANE_FN lane_i lane_mask_from_bits(uint32_t bits)
{
    lane_u bit = { 0 };
    for (uint32_t k = 0; k < LANE_W; k++)
        bit[k] = 1u << k;
    return (bit & bits) != 0;
}

#define LANE_FOLD(a, b, own, other)                                                                \
    (lane_select((lane_i){ own }, a, b) + __builtin_shufflevector(a, b, other))

/*
 * A fold adds the two halves of a and of b. `own` is the mask of what a gives from its place, b
 * gives the rest: half of the shuffles are blends. `other` brings the second halves there. Single
 * ones, the last, have no such form: a0 a2 b0 b2 + a1 a3 b1 b3.
 */
#if LANE_W == 4
#define LANE_PAIRS_OWN -1, -1, 0, 0
#define LANE_PAIRS_OTHER 2, 3, 4, 5
#define LANE_ONES_EVEN 0, 2, 4, 6
#define LANE_ONES_ODD 1, 3, 5, 7
LANE_FN lane lane_fold_to_4(const struct lane_terms *t, size_t i)
{
    return lane_term(t, i);
}
#elif LANE_W == 8
#define LANE_HALVES_OWN -1, -1, -1, -1, 0, 0, 0, 0
#define LANE_HALVES_OTHER 4, 5, 6, 7, 8, 9, 10, 11
#define LANE_PAIRS_OWN -1, -1, 0, 0, -1, -1, 0, 0
#define LANE_PAIRS_OTHER 2, 3, 8, 9, 6, 7, 12, 13
#define LANE_ONES_EVEN 0, 2, 8, 10, 4, 6, 12, 14
#define LANE_ONES_ODD 1, 3, 9, 11, 5, 7, 13, 15
LANE_FN lane lane_fold_to_4(const struct lane_terms *t, size_t i)
{
    const lane a = lane_term(t, i), b = lane_term(t, i + 4);
    return LANE_FOLD(a, b, LANE_HALVES_OWN, LANE_HALVES_OTHER);
}
#else
#define LANE_HALVES_OWN -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0
#define LANE_HALVES_OTHER 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23
#define LANE_FOURS_OWN -1, -1, -1, -1, 0, 0, 0, 0, -1, -1, -1, -1, 0, 0, 0, 0
#define LANE_FOURS_OTHER 4, 5, 6, 7, 16, 17, 18, 19, 12, 13, 14, 15, 24, 25, 26, 27
#define LANE_PAIRS_OWN -1, -1, 0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1, 0, 0
#define LANE_PAIRS_OTHER 2, 3, 16, 17, 6, 7, 20, 21, 10, 11, 24, 25, 14, 15, 28, 29
#define LANE_ONES_EVEN 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30
#define LANE_ONES_ODD 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31
LANE_FN lane lane_fold_to_4(const struct lane_terms *t, size_t i)
{
    /* the fold of fours lays its second vector between the quarters of the first */
    const lane a = lane_term(t, i), b = lane_term(t, i + 8);
    const lane c = lane_term(t, i + 4), d = lane_term(t, i + 12);
    const lane ab = LANE_FOLD(a, b, LANE_HALVES_OWN, LANE_HALVES_OTHER);
    const lane cd = LANE_FOLD(c, d, LANE_HALVES_OWN, LANE_HALVES_OTHER);
    return LANE_FOLD(ab, cd, LANE_FOURS_OWN, LANE_FOURS_OTHER);
}
#endif

/** Sums of frames i .. i + LANE_W - 1, one frame per lane. */
LANE_FN lane lane_sum_square(const struct lane_terms *t, size_t i)
{
    const lane a = lane_fold_to_4(t, i), b = lane_fold_to_4(t, i + 1);
    const lane ab = LANE_FOLD(a, b, LANE_PAIRS_OWN, LANE_PAIRS_OTHER);
    const lane c = lane_fold_to_4(t, i + 2), d = lane_fold_to_4(t, i + 3);
    const lane cd = LANE_FOLD(c, d, LANE_PAIRS_OWN, LANE_PAIRS_OTHER);
    return __builtin_shufflevector(ab, cd, LANE_ONES_EVEN) +
           __builtin_shufflevector(ab, cd, LANE_ONES_ODD);
}

/**
 * Sums of frames 0 .. t->last over the lanes. Writes a multiple of LANE_W floats.
 *
 * @return false: some sum is not finite, so that some term isn't, or the sum is too large
 */
LANE_FN bool lane_sum_frames(const struct lane_terms *t, float *to)
{
    lane check = lane_splat(0.0f);
    for (size_t i = 0; i <= t->last; i += LANE_W) {
        const lane sum = lane_sum_square(t, i);
        check += sum - sum; /* 0, or NaN */
        memcpy(to + i, &sum, sizeof sum);
    }
    return lane_all(lane_finite(check));
}

/** Mask of the lanes whose terms are all finite; lanes that don't count are. */
LANE_FN lane_i lane_terms_finite(const struct lane_terms *t)
{
    lane check = lane_splat(0.0f);
    for (size_t i = 0; i <= t->last; i++) {
        const lane x = lane_term(t, i);
        check += x - x;
    }
    return lane_finite(check);
}

#endif
#endif
