/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/feedback.c - both ends of a loop of one frame.                                      */
/* room: audio.                                                                                   */
#include "server/dsp/lane.h"

#include <math.h>

#if LANE_W == 1

#define FEEDBACK_MOST 8.0f

/**
 * FeedbackIn - what FeedbackOut of the same synth got one frame earlier.
 *
 * in      none
 * out     [i] channel i; 0 in the first frame
 * memory  one frame of all channels. The compiler gives FeedbackOut the same memory, and the
 *         executor runs both, and what lies between them, one frame at a time
 * cost    one copy per channel
 */
static uint32_t feedback_in_memory(const struct dsp_block *b)
{
    return b->n_out;
}

PH_RT static void feedback_in_process(void *state, const struct dsp_block *b)
{
    (void)state;
    for (uint32_t c = 0; c < b->n_out; c++)
        for (uint32_t i = 0; i < b->n_frames; i++)
            dsp_out(b, c)[i] = b->memory[c];
}
const struct dsp_unit DSP(dsp_FeedbackIn) = { 0, dsp_no_init, feedback_in_process,
                                              feedback_in_memory, 0 };

/**
 * FeedbackOut - keeps a frame for FeedbackIn.
 *
 * in      [i] channel i; what is not finite counts as 0, the rest is clamped to -8 .. 8
 * out     none
 * memory  that of FeedbackIn; without one nothing is kept
 * cost    a clamp per channel
 */
PH_RT static void feedback_out_process(void *state, const struct dsp_block *b)
{
    (void)state;
    for (uint32_t c = 0; c < b->n_in && c < b->memory_frames; c++) {
        const float x = dsp_in(b, c)[dsp_step(b, c) * (b->n_frames - 1)];
        const float below = x > FEEDBACK_MOST ? FEEDBACK_MOST : x;
        const float clamped = below < -FEEDBACK_MOST ? -FEEDBACK_MOST : below;
        b->memory[c] = isfinite(x) ? clamped : 0.0f;
    }
}
const struct dsp_unit DSP(dsp_FeedbackOut) = { 0, dsp_no_init, feedback_out_process, NULL, 0 };

#else
typedef int feedback_has_no_wide_form; /* a translation unit must declare something */
#endif
