/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/bus.c - units between a synth and the world: controls in, buses in and out.         */
/* room: audio.                                                                                   */
/*                                                                                                */
/* Buses are the same for all lanes, so that lanes take turns here. A bus that doesn't exist reads */
/* as silence and takes no output.                                                                */
#include "server/dsp/lane.h"

enum { AUDIO = 2 /* PH_AUDIO */ };

/** The bus a lane names with input 0, plus a channel; `n` where there is none. */
static uint32_t bus_of(const struct dsp_block *b, int k, uint32_t channel, uint32_t n)
{
    const float bus = lane_get(dsp_in(b, 0)[0], k);
    if (!(bus >= 0.0f && bus < (float)n) || channel >= n - (uint32_t)bus)
        return n;
    return (uint32_t)bus + channel;
}

/* ---------------------------------------------------------------------------------- controls */

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
const struct dsp_unit DSP(dsp_Control) = { 0, dsp_no_init, control_process, NULL };

/**
 * TrigControl - controls that last one block.
 *
 * special index of the first control
 * out     [i] value of control special + i. The executor sets the control to 0 after the block in
 *         which it was read: kernels only read controls
 * state   none
 * cost    one copy per control
 */
const struct dsp_unit DSP(dsp_TrigControl) = { 0, dsp_no_init, control_process, NULL };

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
        if (b->control_rate && b->control_rate[control] == AUDIO) {
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
const struct dsp_unit DSP(dsp_AudioControl) = { 0, dsp_no_init, audio_control_process, NULL };

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
        for (int k = 0; k < LANE_W; k++) {
            const float lag = i < b->n_in ? lane_get(dsp_in(b, i)[0], k) : 0.0f;
            const double ln_0_001 = -6.907755278982137;
            const float p = lag > 0.0f ? (float)exp(ln_0_001 / ((double)lag * b->rate_hz)) : 0.0f;
            pole[i] = lane_set(pole[i], k, p);
        }
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
                                              lag_control_memory };

/* --------------------------------------------------------------------------------------- in */

/** Copies this call's frames of a bus, or zeros, to one lane of an output. */
static void read_bus(const struct dsp_block *b, int k, lane *out, const struct dsp_bus *bus)
{
    float *const to = (float *)out + k;
    const float *const from = bus ? bus->frames + b->node[k].first_frame : NULL;
    for (uint32_t i = 0; i < b->n_frames; i++)
        to[i * LANE_W] = from ? from[i] : 0.0f;
}

/**
 * In - signals from buses.
 *
 * in      [0] bus  number of the first bus
 * out     [i] audio rate: what was written to bus + i in this block so far, else silence;
 *         control rate: the value of control bus + i
 * state   none
 * cost    one copy per frame and channel
 */
PH_RT static void in_process(void *state, const struct dsp_block *b)
{
    (void)state;
    const struct dsp_env *const env = b->env;
    for (uint32_t o = 0; o < b->n_out; o++) {
        lane *const out = dsp_out(b, o);
        for (int k = 0; k < LANE_W; k++) {
            if (b->rate == AUDIO) {
                const uint32_t bus = bus_of(b, k, o, env->n_audio);
                const bool fresh = bus < env->n_audio && env->audio[bus].touched == env->block;
                read_bus(b, k, out, fresh ? &env->audio[bus] : NULL);
            } else {
                const uint32_t bus = bus_of(b, k, o, env->n_control);
                out[0] = lane_set(out[0], k, bus < env->n_control ? env->control[bus] : 0.0f);
            }
        }
    }
}
const struct dsp_unit DSP(dsp_In) = { 0, dsp_no_init, in_process, NULL };

/**
 * InFeedback - signals from buses, written in this block or the last one.
 *
 * in      [0] bus  number of the first bus
 * out     [i] what was written to bus + i in this block so far; else what the last block left
 *         there, unless this unit has read it then; else silence
 * state   first bus, and which of the first 32 channels were read in the block they were written in
 * cost    one copy per frame and channel
 */
struct in_feedback { lane bus; lane_u read; };

PH_RT static void in_feedback_init(void *state, const struct dsp_block *b)
{
    *(struct in_feedback *)state = (struct in_feedback){ .bus = dsp_in(b, 0)[0] };
}

/** The bus that lane k hears on a channel, or NULL; keeps the lane's mark of what it has read. */
static const struct dsp_bus *feedback_bus(const struct dsp_block *b, int k, uint32_t channel,
                                          uint32_t *read)
{
    const struct dsp_env *const env = b->env;
    const uint32_t mark = channel < 32 ? 1u << channel : 0u;
    const uint32_t bus = bus_of(b, k, channel, env->n_audio);
    const uint32_t already = *read & mark;
    *read &= ~mark;
    if (bus >= env->n_audio)
        return NULL;
    if (env->audio[bus].touched == env->block) {
        *read |= mark;
        return &env->audio[bus];
    }
    return env->audio[bus].touched + 1 == env->block && !already ? &env->audio[bus] : NULL;
}

PH_RT static void in_feedback_process(void *state, const struct dsp_block *b)
{
    struct in_feedback *const s = state;
    const lane bus = dsp_in(b, 0)[0];
    s->read = lane_select_u(lane_eq(bus, s->bus), s->read, lane_splat_u(0));
    s->bus = bus;
    for (int k = 0; k < LANE_W; k++) {
        uint32_t read = lane_get_u(s->read, k);
        for (uint32_t o = 0; o < b->n_out; o++)
            read_bus(b, k, dsp_out(b, o), feedback_bus(b, k, o, &read));
        s->read = lane_set_u(s->read, k, read);
    }
}
const struct dsp_unit DSP(dsp_InFeedback) = { sizeof(struct in_feedback), in_feedback_init,
                                              in_feedback_process, NULL };

/* -------------------------------------------------------------------------------------- out */

/**
 * One lane of input 1 + channel with the node's fade, as it goes to a bus. A block with a value
 * that is not finite becomes silence and is reported: on a bus it could stay for good.
 */
static void take_frames(const struct dsp_block *b, int k, uint32_t channel, float *frames)
{
    struct dsp_node *const node = &b->node[k];
    const float *const x = (const float *)b->in[1 + channel] + k;
    const uint32_t step = dsp_step(b, 1 + channel) * LANE_W;
    const float gain = node->gain, gain_step = node->gain_step;
    const uint32_t n = b->n_frames;
    /* an exponent of ones: infinite or no number; integers vectorise, sums don't */
    uint32_t check = 0;
    if (step == 1)
        memcpy(frames, x, n * sizeof *frames);
    else
        for (uint32_t i = 0; i < n; i++)
            frames[i] = x[i * step];
    if (gain != 1.0f || gain_step != 0.0f)
        for (uint32_t i = 0; i < n; i++)
            frames[i] *= gain + (float)i * gain_step;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &frames[i], sizeof bits);
        check |= (bits & 0x7f800000u) == 0x7f800000u;
    }
    if (check) {
        memset(frames, 0, b->n_frames * sizeof *frames);
        node->flags |= DSP_NODE_NON_FINITE;
    }
}

/** Makes a bus that nothing wrote in this block silent, so that it can be added to. */
static void touch(struct dsp_bus *bus, uint64_t block)
{
    if (bus->touched == block)
        return;
    memset(bus->frames, 0, sizeof bus->frames);
    bus->touched = block;
}

/** Frames of this call that fit the bus block from `first` on. */
static uint32_t fit(uint32_t n_frames, uint32_t first)
{
    const uint32_t room = first < DSP_BLOCK_FRAMES ? DSP_BLOCK_FRAMES - first : 0;
    return n_frames < room ? n_frames : room;
}

/**
 * Puts a lane's frames on a bus, from the bus frame on which the call's frame 0 falls to the end of
 * the bus block: added to what this block wrote, or in place of it.
 */
LANE_FN void put_frames(const struct dsp_block *b, int k, uint32_t bus, const float *frames,
                        bool add)
{
    const struct dsp_env *const env = b->env;
    if (bus >= env->n_audio)
        return;
    const uint32_t first = b->node[k].first_frame, n = fit(b->n_frames, first);
    float *const to = env->audio[bus].frames + first;
    touch(&env->audio[bus], env->block);
    if (add)
        for (uint32_t i = 0; i < n; i++)
            to[i] += frames[i];
    else
        memcpy(to, frames, n * sizeof *to);
}

/** Writes a control bus: adds to what this block wrote, replaces what earlier blocks left. */
static void out_control(const struct dsp_block *b, bool add)
{
    struct dsp_env *const env = b->env;
    for (uint32_t c = 0; c + 1 < b->n_in; c++) {
        for (int k = 0; k < LANE_W; k++) {
            const uint32_t bus = bus_of(b, k, c, env->n_control);
            const float x = lane_get(dsp_in(b, 1 + c)[0], k);
            if (bus >= env->n_control)
                continue;
            if (!(x * 0.0f == 0.0f)) {
                b->node[k].flags |= DSP_NODE_NON_FINITE;
                continue;
            }
            const bool more = add && env->control_touched &&
                              env->control_touched[bus] == env->block;
            env->control[bus] = more ? env->control[bus] + x : x;
            if (env->control_touched)
                env->control_touched[bus] = env->block;
        }
    }
}

/** Puts every channel on its bus, with the node's fade; control buses have none. */
LANE_FN void out_write(const struct dsp_block *b, bool add)
{
    if (b->rate != AUDIO) {
        out_control(b, add);
        return;
    }
    for (uint32_t c = 0; c + 1 < b->n_in; c++) {
        for (int k = 0; k < LANE_W; k++) {
            const uint32_t bus = bus_of(b, k, c, b->env->n_audio);
            float frames[DSP_BLOCK_FRAMES];
            take_frames(b, k, c, frames);
            put_frames(b, k, bus, frames, add);
        }
    }
}

/**
 * Out - adds signals to buses.
 *
 * in      [0] bus       number of the first bus
 *         [1..] signals  for bus, bus + 1, ...; a block that is not finite counts as silence and
 *         is reported
 * state   none
 * cost    one multiplication and addition per frame and channel
 *
 * A bus that nothing has written in this block is silent before it is added to; frame 0 of a call
 * is frame first_frame of the bus. The node's fade (gain, gain_step) applies. Control rate has no
 * fade, and keeps the old value instead of a non-finite one.
 */
PH_RT static void out_process(void *state, const struct dsp_block *b)
{
    (void)state;
    out_write(b, true);
}
const struct dsp_unit DSP(dsp_Out) = { 0, dsp_no_init, out_process, NULL };

/**
 * ReplaceOut - puts signals on buses in place of what is there.
 *
 * in, state, cost  as Out. Frames before first_frame keep what this block wrote, else are silent
 */
PH_RT static void replace_out_process(void *state, const struct dsp_block *b)
{
    (void)state;
    out_write(b, false);
}
const struct dsp_unit DSP(dsp_ReplaceOut) = { 0, dsp_no_init, replace_out_process, NULL };

/**
 * OffsetOut - as Out, later by the node's sample_offset: a synth that started at the block's start
 * sounds as if it had started on its own frame.
 *
 * in      as Out
 * memory  per channel the last sample_offset frames of a block, heard in the next one
 * cost    as Out, and two copies of sample_offset frames
 *
 * What is in memory when the node ends is not heard; scsynth plays it.
 */
static uint32_t offset_out_memory(const struct dsp_block *b)
{
    return b->n_in > 1 ? (b->n_in - 1u) * DSP_BLOCK_FRAMES : 0u;
}

/** Moves the frames of a call through a delay of `offset` frames; `saved` is the lane's memory. */
static void delay_frames(float *frames, uint32_t n, float *saved, uint32_t offset)
{
    for (uint32_t done = 0; done < n; done += offset) {
        const uint32_t part = n - done < offset ? n - done : offset;
        for (uint32_t i = 0; i < part; i++) {
            const float late = saved[i * LANE_W];
            saved[i * LANE_W] = frames[done + i];
            frames[done + i] = late;
        }
        if (part < offset) { /* the line turns round: what was not read comes first again */
            float rest[DSP_BLOCK_FRAMES];
            for (uint32_t i = 0; i < offset; i++)
                rest[i] = saved[(i + part) % offset * LANE_W];
            for (uint32_t i = 0; i < offset; i++)
                saved[i * LANE_W] = rest[i];
        }
    }
}

PH_RT static void offset_out_process(void *state, const struct dsp_block *b)
{
    (void)state;
    for (uint32_t c = 0; c + 1 < b->n_in; c++) {
        float *const saved = b->memory + (size_t)c * DSP_BLOCK_FRAMES * LANE_W;
        for (int k = 0; k < LANE_W; k++) {
            const uint32_t late = b->node[k].sample_offset;
            const uint32_t bus = bus_of(b, k, c, b->env->n_audio);
            float frames[DSP_BLOCK_FRAMES];
            take_frames(b, k, c, frames);
            if (late > 0 && late < DSP_BLOCK_FRAMES)
                delay_frames(frames, b->n_frames, saved + k, late);
            put_frames(b, k, bus, frames, true);
        }
    }
}
const struct dsp_unit DSP(dsp_OffsetOut) = { 0, dsp_no_init, offset_out_process,
                                             offset_out_memory };
