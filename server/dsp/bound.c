/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/bound.c - Clip, Wrap, Fold: a signal kept between two others.                       */
/* room: audio.                                                                                   */
#include "server/dsp/bounds.h"
#include "server/dsp/frames.h"
#include "server/dsp/ramp.h"

/*
 * Clip, Wrap, Fold
 *
 * in      [0] signal   [1] lo   [2] hi, at any rate
 * out     [0] Clip: the nearest value in lo .. hi; Wrap: the signal modulo hi - lo in [lo, hi);
 *         Fold: it is reflected at lo and hi. Where lo and hi are equal: that value
 * ramp    lo and hi that are not at audio rate move over the block on straight lines
 * cost    Wrap and Fold one division per frame
 */
struct bound { lane lo, hi; };
enum { BOUND_IN, BOUND_LO, BOUND_HI };

PH_RT static void bound_init(void *state, const struct dsp_block *b)
{
    *(struct bound *)state = (struct bound){ dsp_in(b, BOUND_LO)[0], dsp_in(b, BOUND_HI)[0] };
}

LANE_FN lane clip(lane x, lane lo, lane hi) { return lane_min(lane_max(x, lo), hi); }

typedef lane bound_fn(lane x, lane lo, lane hi);

LANE_FN void bound_process(struct bound *s, const struct dsp_block *b, bound_fn *bound)
{
    lane space[3][DSP_BLOCK_FRAMES];
    if (b->rate != PH_AUDIO) /* nothing to ramp in one frame */
        bound_init(s, b);
    const lane *const x = frames_of(b, BOUND_IN, space[0]);
    const lane *const lo = ramp_frames(b, BOUND_LO, &s->lo, space[1]);
    const lane *const hi = ramp_frames(b, BOUND_HI, &s->hi, space[2]);
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = bound(x[i], lo[i], hi[i]);
}

#define BOUND(Name, bound_name)                                                                    \
    PH_RT static void bound_name##_process(void *state, const struct dsp_block *b)                 \
    {                                                                                              \
        bound_process(state, b, bound_name);                                                       \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { sizeof(struct bound), bound_init,                    \
                                              bound_name##_process, NULL, 0, bound_name##_process }
BOUND(Clip, clip);
BOUND(Wrap, wrap);
BOUND(Fold, fold);
