/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/facts.c - units that tell what the server, a buffer or the synth itself is.         */
/* room: audio.                                                                                   */
#include "server/dsp/lane.h"

/*
 * What is the same for all synths.
 *
 *   SampleRate        Hz                        SampleDur    seconds
 *   ControlRate       blocks per second         ControlDur   seconds
 *   BlockSize         frames                    RadiansPerSample  2 pi / rate
 *   NumOutputBuses, NumInputBuses               the driver's, the first of the audio buses
 *   NumAudioBuses, NumControlBuses              all of them
 *   NumBuffers        those with numbers for clients
 *   NumRunningSynths  that live, paused or not, when the block begins
 *
 * out     [0] the value
 * state   none
 * cost    none to speak of
 */
#define FACT(Name, value)                                                                          \
    PH_RT static void Name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        const struct dsp_env *const env = b->env;                                                  \
        (void)state, (void)env;                                                                    \
        dsp_out(b, 0)[0] = lane_splat((float)(value));                                             \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { 0, dsp_no_init, Name##_process, NULL, 0 };

FACT(SampleRate, env->audio_rate_hz)
FACT(SampleDur, 1.0 / (double)env->audio_rate_hz)
FACT(RadiansPerSample, 6.283185307179586 / (double)env->audio_rate_hz)
FACT(BlockSize, env->block_frames)
FACT(ControlRate, (double)env->audio_rate_hz / env->block_frames)
FACT(ControlDur, env->block_frames / (double)env->audio_rate_hz)
FACT(NumOutputBuses, env->n_outputs)
FACT(NumInputBuses, env->n_inputs)
FACT(NumAudioBuses, env->n_audio)
FACT(NumControlBuses, env->n_control)
FACT(NumBuffers, env->n_writable)
FACT(NumRunningSynths, env->n_synths)

/**
 * SubsampleOffset - where in its first frame the synth's time lies: 0.5 where it is that frame's.
 *
 * out     [0] 0 .. 1, from the middle before that frame on; 0 of what starts as soon as possible
 * state   none
 * cost    none to speak of
 */
PH_RT static void subsample_offset_process(void *state, const struct dsp_block *b)
{
    (void)state;
    lane offset = lane_splat(0.0f);
    for (int k = 0; k < LANE_W; k++)
        offset = lane_set(offset, k, b->node[k].subsample);
    dsp_out(b, 0)[0] = offset;
}
const struct dsp_unit DSP(dsp_SubsampleOffset) = { 0, dsp_no_init, subsample_offset_process };

/**
 * NodeID - the number of its own synth.
 *
 * out     [0] the number, as a float: exact below 2^24
 * state   none
 * cost    none to speak of
 */
PH_RT static void node_id_process(void *state, const struct dsp_block *b)
{
    (void)state;
    lane id = lane_splat(0.0f);
    for (int k = 0; k < LANE_W; k++)
        id = lane_set(id, k, (float)b->node[k].id);
    dsp_out(b, 0)[0] = id;
}
const struct dsp_unit DSP(dsp_NodeID) = { 0, dsp_no_init, node_id_process, NULL, 0 };

/*
 * What a buffer is, now.
 *
 *   BufFrames      its length                  BufChannels    its channels
 *   BufSamples     values, frames * channels   BufDur         seconds at its own rate
 *   BufSampleRate  Hz                          BufRateScale   its rate over the audio rate
 *
 * in      [0] bufnum
 * out     [0] the value, 0 without a buffer
 * state   none
 * cost    one look-up per block
 */
typedef double buffer_fact(const struct dsp_env *env, const struct dsp_buffer *buffer);

static void buffer_facts(const struct dsp_block *b, buffer_fact *fact)
{
    lane value = lane_splat(0.0f);
    for (int k = 0; k < LANE_W; k++) {
        const struct dsp_buffer *const buffer = dsp_buffer_find(b, lane_get(dsp_in(b, 0)[0], k));
        if (buffer)
            value = lane_set(value, k, (float)fact(b->env, buffer));
    }
    dsp_out(b, 0)[0] = value;
}

#define BUFFER_FACT(Name, value)                                                                   \
    PH_RT static double Name##_of(const struct dsp_env *env, const struct dsp_buffer *buffer)      \
    {                                                                                              \
        (void)env;                                                                                 \
        return value;                                                                              \
    }                                                                                              \
    PH_RT static void Name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        (void)state;                                                                               \
        buffer_facts(b, Name##_of);                                                                \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { 0, dsp_no_init, Name##_process, NULL, 0 };

BUFFER_FACT(BufFrames, buffer->n_frames)
BUFFER_FACT(BufChannels, buffer->n_channels)
BUFFER_FACT(BufSamples, (double)buffer->n_frames * buffer->n_channels)
BUFFER_FACT(BufSampleRate, buffer->rate_hz)
BUFFER_FACT(BufRateScale, buffer->rate_hz / env->audio_rate_hz)
BUFFER_FACT(BufDur, buffer->rate_hz > 0 ? buffer->n_frames / (double)buffer->rate_hz : 0)

/*
 * MouseX, MouseY, MouseButton, KeyState - where the pointer is, what is pressed.
 *
 * A server without a display has neither: the pointer rests in the corner, where its value is
 * minval, and nothing is pressed. That is also what scsynth gives where it finds no display.
 *
 * in      MouseX, MouseY: [0] minval, [1] maxval, [2] warp, [3] lag
 *         MouseButton: [0] minval, [1] maxval, [2] lag
 *         KeyState: [0] keycode, [1] minval, [2] maxval, [3] lag; lag in seconds to -60 dB
 * out     [0] minval, smoothed by a one-pole filter
 * state   the last value, the pole and the lag that it follows from
 * cost    one multiplication per block
 */
struct rest { lane y, pole, lag; };

LANE_FN lane rest_pole(const struct dsp_block *b, lane lag)
{
    lane pole = lane_splat(0.0f);
    for (int k = 0; k < LANE_W; k++) {
        const double seconds = lane_get(lag, k), ln_0_001 = -6.907755278982137;
        if (seconds > 0)
            pole = lane_set(pole, k, (float)exp(ln_0_001 / (seconds * b->rate_hz)));
    }
    return pole;
}

LANE_FN void rest_init(struct rest *s, const struct dsp_block *b, uint32_t min, uint32_t lag)
{
    const lane seconds = dsp_in(b, lag)[0];
    *s = (struct rest){ dsp_in(b, min)[0], rest_pole(b, seconds), seconds };
}

LANE_FN void rest_process(struct rest *s, const struct dsp_block *b, uint32_t min, uint32_t lag)
{
    const lane x = dsp_in(b, min)[0], seconds = dsp_in(b, lag)[0], pole = s->pole;
    const lane y = x + pole * (s->y - x);
    if (!lane_all(lane_eq(seconds, s->lag))) { /* counts from the next block on */
        s->pole = rest_pole(b, seconds);
        s->lag = seconds;
    }
    s->y = lane_where(lane_gt(lane_abs(y), lane_splat(1e-15f)) & lane_finite(y), y);
    dsp_out(b, 0)[0] = y;
}

#define REST(Name, min, lag)                                                                       \
    PH_RT static void Name##_init(void *state, const struct dsp_block *b)                          \
    {                                                                                              \
        rest_init(state, b, min, lag);                                                             \
    }                                                                                              \
    PH_RT static void Name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        rest_process(state, b, min, lag);                                                          \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { sizeof(struct rest), Name##_init, Name##_process,    \
                                              NULL, 0 };
REST(MouseX, 0, 3)
REST(MouseY, 0, 3)
REST(MouseButton, 0, 2)
REST(KeyState, 1, 3)
