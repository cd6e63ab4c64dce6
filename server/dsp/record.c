/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/record.c - keeps the first seconds of a signal for whoever writes them to a file:   */
/* Tap.                                                                                           */
/* room: audio.                                                                                   */
#include "server/dsp/lane.h"

#if LANE_W == 1

/**
 * Tap - the input, and a record of its first seconds: LANGUAGE 15.5 `tap`.
 *
 * in      [0] signal
 *         [1] seconds to record, read at birth
 *         [2] the control whose name is the record's
 * out     [0] the signal
 * state   frames recorded; whether it was said that the record is full
 * memory  the record, one channel
 * cost    a copy
 *
 * A full record is never written again: the node says so once (DSP_NODE_TAPPED), and another thread
 * may read it as long as the synth lives.
 */
enum { TAP_IN, TAP_SECONDS, TAP_SECONDS_MAX = 120 };
struct tap {
    uint32_t n_frames, is_told;
};

static uint32_t tap_memory(const struct dsp_block *b)
{
    const float seconds = dsp_in(b, TAP_SECONDS)[0];

    if (!(seconds > 0))
        return 1;
    return 1 + (uint32_t)((seconds < TAP_SECONDS_MAX ? seconds : TAP_SECONDS_MAX) * b->rate_hz);
}

PH_RT static void tap_process(void *state, const struct dsp_block *b)
{
    struct tap *const s = state;
    const float *const in = dsp_in(b, TAP_IN);
    const uint32_t step = dsp_step(b, TAP_IN), most = b->memory_frames - 1;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        dsp_out(b, 0)[i] = in[i * step];
        if (s->n_frames < most)
            b->memory[s->n_frames++] = in[i * step];
    }
    if (s->n_frames >= most && !s->is_told) {
        s->is_told = 1;
        b->node->flags |= DSP_NODE_TAPPED;
    }
}
const struct dsp_unit DSP(dsp_Tap) = { sizeof(struct tap), dsp_no_init, tap_process, tap_memory };

#else
typedef int tap_has_no_wide_form; /* a translation unit must declare something */
#endif
