/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/control.c - a synth's controls as wires.                                            */
/* room: audio.                                                                                   */
#include "server/dsp/lane.h"

/** Index of the control behind an output. */
static uint32_t control_of(const struct dsp_block *b, uint32_t output)
{
    return (uint32_t)b->special + output;
}

LANE_FN lane control_value(const struct dsp_block *b, uint32_t output)
{
    return ((const lane *)b->controls)[control_of(b, output)];
}

/**
 * Control - the synth's controls as they are when the block starts.
 *
 * special index of the first control
 * out     [i] value of control special + i
 * state   none
 * cost    one copy per control
 */
PH_RT static void control_process(void *state, const struct dsp_block *b)
{
    (void)state;
    for (uint32_t i = 0; i < b->n_out; i++)
        dsp_out(b, i)[0] = control_value(b, i);
}
const struct dsp_unit DSP(dsp_Control) = { 0, dsp_no_init, control_process, NULL, 0 };

/**
 * TrigControl - controls that last one block.
 *
 * special index of the first control
 * out     [i] value of control special + i. The executor sets the control to 0 after the block in
 *         which it was read: kernels only read controls
 * state   none
 * cost    one copy per control
 */
const struct dsp_unit DSP(dsp_TrigControl) = { 0, dsp_no_init, control_process, NULL, 0 };

/**
 * AudioControl - controls as signals.
 *
 * special index of the first control
 * out     [i] where control_rate says PH_AUDIO, frames 0 .. n_frames-1 of control_frames (steps on
 *         their frame, a mapped bus); else the value in every frame
 * state   none
 * cost    one copy per frame and control
 */
PH_RT static void audio_control_process(void *state, const struct dsp_block *b)
{
    (void)state;
    for (uint32_t o = 0; o < b->n_out; o++) {
        const uint32_t control = control_of(b, o);
        lane *const out = dsp_out(b, o);
        if (b->control_rate && b->control_rate[control] == PH_AUDIO) {
            const lane *const frames = (const lane *)b->control_frames +
                                       (size_t)control * DSP_BLOCK_FRAMES;
            for (uint32_t i = 0; i < b->n_frames; i++)
                out[i] = frames[i];
        } else {
            const lane x = control_value(b, o);
            for (uint32_t i = 0; i < b->n_frames; i++)
                out[i] = x;
        }
    }
}
const struct dsp_unit DSP(dsp_AudioControl) = { 0, dsp_no_init, audio_control_process, NULL, 0 };

/**
 * LagControl - controls smoothed by a one-pole filter.
 *
 * special index of the first control
 * in      [i] lag of output i: seconds to -60 dB, read at birth; 0 passes the value through
 * out     [i] control special + i, smoothed; starts at its value
 * memory  per output the last value and the pole
 * cost    one multiplication per block and control
 */
static uint32_t lag_control_memory(const struct dsp_block *b)
{
    return 2u * b->n_out;
}

PH_RT static void lag_control_init(void *state, const struct dsp_block *b)
{
    (void)state;
    lane *const y = (lane *)b->memory, *const pole = y + b->n_out;
    for (uint32_t i = 0; i < b->n_out; i++) {
        y[i] = control_value(b, i);
        const float lag = i < b->n_in ? lane_get(dsp_in(b, i)[0], 0) : 0.0f;
        const double ln_0_001 = -6.907755278982137;
        const float p = lag > 0.0f ? (float)exp(ln_0_001 / ((double)lag * b->rate_hz)) : 0.0f;
        pole[i] = lane_splat(p);
    }
}

PH_RT static void lag_control_process(void *state, const struct dsp_block *b)
{
    (void)state;
    lane *const y = (lane *)b->memory, *const pole = y + b->n_out;
    for (uint32_t i = 0; i < b->n_out; i++) {
        const lane x = control_value(b, i), next = x + pole[i] * (y[i] - x);
        /* a value this small is gone: it must not creep on as a denormal */
        const lane_i heard = lane_gt(lane_abs(next), lane_splat(1e-15f)) & lane_finite(next);
        y[i] = lane_where(heard, next);
        dsp_out(b, i)[0] = y[i];
    }
}
const struct dsp_unit DSP(dsp_LagControl) = { 0, lag_control_init, lag_control_process,
                                              lag_control_memory, 0 };
