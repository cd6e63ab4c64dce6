/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/local.c - what a synth has of its own: buffers, and buses with the delay of one     */
/* block.                                                                                         */
/* room: audio. Synths that have them run alone.                                                  */
#include "server/dsp/lane.h"

#if LANE_W == 1

/* ---- buffers --------------------------------------------------------------------------------- */

enum { LOCAL_FRAMES_MAX = 1 << 24 }; /* 64 MiB: scsynth takes them from its real-time memory */

/** A whole number of 1 or more; what is none counts as 1. */
static uint32_t count_of(float x)
{
    return x >= 1.0f ? (x < 1e9f ? (uint32_t)x : 1000000000u) : 1u;
}

/**
 * LocalBuf - a buffer that lives with its synth, zeroed at birth.
 *
 * in      [0] channels, [1] frames, [2] of MaxLocalBufs, if any: not read
 * out     [0] its number, behind those of the server's buffers
 * memory  frames of all channels. The compiler gives each LocalBuf of a def its number in `special`
 * cost    none
 */
static uint32_t local_buf_memory(const struct dsp_block *b)
{
    const uint64_t n = (uint64_t)count_of(dsp_in(b, 0)[0]) * count_of(dsp_in(b, 1)[0]);
    return n <= LOCAL_FRAMES_MAX ? (uint32_t)n : UINT32_MAX;
}

PH_RT static void local_buf_init(void *state, const struct dsp_block *b)
{
    const uint32_t n_channels = count_of(dsp_in(b, 0)[0]), n_frames = count_of(dsp_in(b, 1)[0]);
    const uint32_t k = (uint32_t)b->special;
    (void)state;
    if (k >= b->n_local || n_channels > b->memory_frames)
        return;
    const uint32_t n_most = b->memory_frames / n_channels;
    b->local[k] = (struct dsp_buffer){ b->memory, n_frames < n_most ? n_frames : n_most, n_channels,
                                       b->env->audio_rate_hz, DSP_SAMPLES };
}

PH_RT static void local_buf_process(void *state, const struct dsp_block *b)
{
    (void)state;
    const bool is_there = (uint32_t)b->special < b->n_local;
    dsp_out(b, 0)[0] = is_there ? (float)(b->env->n_buffers + (uint32_t)b->special) : -1.0f;
}
const struct dsp_unit DSP(dsp_LocalBuf) = { 0, local_buf_init, local_buf_process,
                                            local_buf_memory };

/**
 * MaxLocalBufs - accepted: a synth has as many LocalBufs as its definition names.
 *
 * in      [0] number
 * out     [0] number
 */
PH_RT static void max_local_bufs_process(void *state, const struct dsp_block *b)
{
    (void)state;
    if (b->n_out > 0)
        dsp_out(b, 0)[0] = dsp_in(b, 0)[0];
}
const struct dsp_unit DSP(dsp_MaxLocalBufs) = { 0, dsp_no_init, max_local_bufs_process, NULL, 0 };

/* ---- buses ----------------------------------------------------------------------------------- */

/** One channel on its way from LocalOut to LocalIn. */
struct local_channel {
    uint32_t touched; /* number of the last block in which it was written, from 1 on */
    float frames[DSP_BLOCK_FRAMES];
};
_Static_assert(sizeof(struct local_channel) == (1 + DSP_BLOCK_FRAMES) * sizeof(float), "in floats");

static struct local_channel *local_channels(const struct dsp_block *b, uint32_t *n)
{
    *n = b->memory_frames / (1 + DSP_BLOCK_FRAMES);
    return (struct local_channel *)(void *)b->memory;
}

/** Where the call's frame 0 lies in the block: 0 at control rate. */
static uint32_t local_first(const struct dsp_block *b)
{
    return b->rate == PH_AUDIO ? b->node->first_frame : 0;
}

/**
 * LocalIn - what LocalOut of the same synth wrote in this block before it, or in the last one.
 *
 * in      [i] what channel i gives while nothing has been written; a block's first value counts
 * out     [i] channel i
 * memory  a block of each channel. The compiler gives LocalOut the same
 * cost    one copy per channel
 */
static uint32_t local_in_memory(const struct dsp_block *b)
{
    return b->n_out * (1u + DSP_BLOCK_FRAMES);
}

PH_RT static void local_in_process(void *state, const struct dsp_block *b)
{
    uint32_t n_channels;
    const struct local_channel *const from = local_channels(b, &n_channels);
    const uint32_t now = (uint32_t)b->env->block, first = local_first(b);
    (void)state;
    for (uint32_t c = 0; c < b->n_out; c++) {
        const bool is_fresh = c < n_channels && from[c].touched > 0 && now - from[c].touched <= 1;
        const float rest = c < b->n_in ? dsp_in(b, c)[0] : 0.0f;
        for (uint32_t i = 0; i < b->n_frames; i++)
            dsp_out(b, c)[i] = is_fresh ? from[c].frames[first + i] : rest;
    }
}

PH_RT static void local_in_birth(void *state, const struct dsp_block *b)
{
    (void)state;
    for (uint32_t c = 0; c < b->n_out; c++)
        dsp_out(b, c)[0] = c < b->n_in ? dsp_in(b, c)[0] : 0.0f;
}
const struct dsp_unit DSP(dsp_LocalIn) = { 0, dsp_no_init, local_in_process, local_in_memory, 0,
                                           local_in_birth };

/**
 * LocalOut - writes for LocalIn; several in one block add.
 *
 * in      [i] channel i; what is not finite is not written
 * out     none
 * memory  that of LocalIn; it writes nothing when there is none, or with another number of channels
 * cost    one copy per channel
 */
PH_RT static void local_out_process(void *state, const struct dsp_block *b)
{
    uint32_t n_channels;
    struct local_channel *const to = local_channels(b, &n_channels);
    const uint32_t now = (uint32_t)b->env->block, first = local_first(b);
    (void)state;
    for (uint32_t c = 0; c < b->n_in && n_channels == b->n_in; c++) {
        const float *const in = dsp_in(b, c);
        const uint32_t step = dsp_step(b, c);
        const bool adds = to[c].touched == now;
        for (uint32_t i = 0; i < b->n_frames; i++) {
            const float x = isfinite(in[i * step]) ? in[i * step] : 0.0f;
            to[c].frames[first + i] = adds ? to[c].frames[first + i] + x : x;
        }
        to[c].touched = now;
    }
}
const struct dsp_unit DSP(dsp_LocalOut) = { 0, dsp_no_init, local_out_process, NULL, 0 };

#else
typedef int local_has_no_wide_form; /* a translation unit must declare something */
#endif
