/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/median.c - Median. No wide form: every lane would sort for itself.                  */
/* room: audio.                                                                                   */
#include "server/dsp/lane.h"

#if LANE_W == 1

enum { MEDIAN_MAX = 32 };

/*
 * Median - the middle one of the last `length` values; of an even number the upper.
 *
 * in      [0] length, 1 .. 32, read once   [1] signal; what is no number counts as 0
 * out     [0] median
 * state   the values in order and how old each is, at birth all the first value
 * cost    length steps per frame
 */
struct median { int32_t n; float values[MEDIAN_MAX]; int32_t ages[MEDIAN_MAX]; };
enum { MEDIAN_LENGTH, MEDIAN_IN };

/** Lets the oldest value go and puts the new one in its place in the order. */
LANE_FN float median_insert(struct median *s, float value)
{
    int32_t at = 0;
    for (int32_t k = 0; k < s->n; k++) {
        if (s->ages[k] == s->n - 1)
            at = k;
        else
            s->ages[k]++;
    }
    for (; at > 0 && value < s->values[at - 1]; at--) {
        s->values[at] = s->values[at - 1];
        s->ages[at] = s->ages[at - 1];
    }
    for (; at < s->n - 1 && value > s->values[at + 1]; at++) {
        s->values[at] = s->values[at + 1];
        s->ages[at] = s->ages[at + 1];
    }
    s->values[at] = value;
    s->ages[at] = 0;
    return s->values[s->n / 2];
}

LANE_FN float median_value(float x) { return x == x ? x : 0; }

PH_RT static void median_init(void *state, const struct dsp_block *b)
{
    struct median *const s = state;
    s->n = lane_to_i(lane_clamp(dsp_in(b, MEDIAN_LENGTH)[0], 1, MEDIAN_MAX));
    for (int32_t k = 0; k < MEDIAN_MAX; k++) {
        s->values[k] = median_value(dsp_in(b, MEDIAN_IN)[0]);
        s->ages[k] = k;
    }
}

PH_RT static void median_process(void *state, const struct dsp_block *b)
{
    const float *const x = dsp_in(b, MEDIAN_IN);
    const uint32_t dx = dsp_step(b, MEDIAN_IN);
    float *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = median_insert(state, median_value(x[i * dx]));
}
const struct dsp_unit DSP(dsp_Median) = { sizeof(struct median), median_init, median_process, NULL,
                                          0 };

#endif
