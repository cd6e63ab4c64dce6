/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/bound.c - Clip, Wrap, Fold: a signal kept between two others.                       */
/* room: audio.                                                                                   */
#include "server/dsp/bounds.h"
#include "server/dsp/frames.h"

/*
 * Clip, Wrap, Fold
 *
 * in      [0] signal   [1] lo   [2] hi, at any rate
 * out     [0] Clip: the nearest value in lo .. hi; Wrap: the signal modulo hi - lo in [lo, hi); Fold: it
 *         is reflected at lo and hi. Where lo and hi are equal: that value
 * cost    Wrap and Fold one division per frame
 */
enum { BOUND_IN, BOUND_LO, BOUND_HI };

LANE_FN lane clip(lane x, lane lo, lane hi) { return lane_min(lane_max(x, lo), hi); }

typedef lane bound_fn(lane x, lane lo, lane hi);

LANE_FN void bound_process(const struct dsp_block *b, bound_fn *bound)
{
    lane space[3][DSP_BLOCK_FRAMES];
    const lane *const x = frames_of(b, BOUND_IN, space[0]);
    const lane *const lo = frames_of(b, BOUND_LO, space[1]);
    const lane *const hi = frames_of(b, BOUND_HI, space[2]);
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = bound(x[i], lo[i], hi[i]);
}

#define BOUND(Name, bound)                                                                         \
    PH_RT static void bound##_process(void *state, const struct dsp_block *b)                      \
    {                                                                                              \
        (void)state;                                                                               \
        bound_process(b, bound);                                                                   \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { 0, dsp_no_init, bound##_process, NULL, 0 }
BOUND(Clip, clip);
BOUND(Wrap, wrap);
BOUND(Fold, fold);
