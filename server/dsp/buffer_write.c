/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/buffer_write.c - RecordBuf, BufWr, SetBuf, ClearBuf, ScopeOut.                      */
/* room: audio. A def whose unit writes a buffer of the server renders by itself.                 */
#include "server/dsp/buffer_phase.h"
#include "server/dsp/lane.h"

#if LANE_W == 1

enum { WRITE_FRAMES_MAX = 1 << 30 }; /* frames behind them are not written */

/** The buffer that an input names, if it can be written and has at least one frame. */
static struct dsp_buffer *writable(const struct dsp_block *b, uint32_t input, int32_t *n_frames)
{
    struct dsp_buffer *const buffer = dsp_buffer_to_write(b, dsp_in(b, input)[0]);
    if (!buffer || buffer->n_frames == 0 || buffer->n_channels == 0)
        return NULL;
    *n_frames = buffer->n_frames < WRITE_FRAMES_MAX ? (int32_t)buffer->n_frames : WRITE_FRAMES_MAX;
    return buffer;
}

/** What is no number would play for ever from there: it is written as silence. */
static float storable(float x)
{
    return isfinite(x) ? x : 0.0f;
}

/** Channels that both the buffer and the inputs from `first` on have. */
static uint32_t n_common(const struct dsp_block *b, uint32_t first, const struct dsp_buffer *buffer)
{
    const uint32_t given = b->n_in - first;
    return given < buffer->n_channels ? given : buffer->n_channels;
}

/** -1e9 .. 1e9, towards zero. NaN: 0. */
static int32_t whole_of(float x)
{
    return x >= -1e9f && x <= 1e9f ? (int32_t)x : x > 0 ? 1000000000 : x < 0 ? -1000000000 : 0;
}

/* ---- RecordBuf ------------------------------------------------------------------------------- */

struct record_buf {
    int32_t at;              /* the next frame */
    float level, kept_level; /* of the input, and of what is there, as the last call left them */
    float trigger;
};

enum { RECORD_NUMBER, RECORD_OFFSET, RECORD_LEVEL, RECORD_KEPT, RECORD_RUN, RECORD_LOOP,
       RECORD_TRIG, RECORD_ACTION, RECORD_FIRST };

PH_RT static void record_buf_init(void *state, const struct dsp_block *b)
{
    *(struct record_buf *)state = (struct record_buf){ .at = whole_of(dsp_in(b, RECORD_OFFSET)[0]),
                                                       .level = dsp_in(b, RECORD_LEVEL)[0],
                                                       .kept_level = dsp_in(b, RECORD_KEPT)[0] };
}

/** The next frame in direction 1 or -1. In a loop it comes back at the other end. */
static int32_t step_of(int32_t at, int32_t direction, int32_t n, bool loops)
{
    at += direction;
    return !loops || (at >= 0 && at < n) ? at : at < 0 ? n - 1 : 0;
}

/** Records the frames of this call. */
PH_RT static void record_frames(struct record_buf *s, const struct dsp_block *b,
                                struct dsp_buffer *buffer, int32_t n_frames)
{
    const bool loops = dsp_in(b, RECORD_LOOP)[0] != 0;
    const float run = dsp_in(b, RECORD_RUN)[0], per_frame = 1.0f / (float)b->n_frames;
    const float rise = (dsp_in(b, RECORD_LEVEL)[0] - s->level) * per_frame;
    const float kept_rise = (dsp_in(b, RECORD_KEPT)[0] - s->kept_level) * per_frame;
    const uint32_t n_channels = n_common(b, RECORD_FIRST, buffer);
    if (loops && (s->at < 0 || s->at >= n_frames))
        s->at = s->at < 0 ? n_frames - 1 : 0;
    for (uint32_t i = 0; i < b->n_frames && run != 0 && s->at >= 0 && s->at < n_frames; i++) {
        float *const frame = buffer->data + (size_t)s->at * buffer->n_channels;
        for (uint32_t c = 0; c < n_channels; c++)
            frame[c] = storable(dsp_value(b, RECORD_FIRST + c, i) * (s->level + (float)i * rise) +
                                frame[c] * (s->kept_level + (float)i * kept_rise));
        s->at = step_of(s->at, run > 0 ? 1 : -1, n_frames, loops);
    }
    if (!loops && s->at >= n_frames) {
        dsp_mark_done(b, true);
        dsp_ask_done(b->node, dsp_in(b, RECORD_ACTION)[0]);
    }
}

/**
 * RecordBuf - records its inputs into a buffer.
 *
 * in      [0] bufnum
 *         [1] offset      frame to begin at
 *         [2] recLevel    of the input; moves over a block
 *         [3] preLevel    of what is there
 *         [4] run         > 0 forwards, < 0 backwards, 0 not
 *         [5] loop
 *         [6] trigger     a rise through 0 begins again
 *         [7] doneAction  at the end, without loop
 *         [8..] a channel each
 * out     [0] 0
 * state   the next frame
 * cost    some operations per frame and channel
 */
PH_RT static void record_buf_process(void *state, const struct dsp_block *b)
{
    struct record_buf *const s = state;
    const bool begins = dsp_rises(dsp_in(b, RECORD_TRIG)[0], &s->trigger);
    int32_t n_frames;
    struct dsp_buffer *const buffer = writable(b, RECORD_NUMBER, &n_frames);
    if (buffer && begins) {
        dsp_mark_done(b, false);
        s->at = whole_of(dsp_in(b, RECORD_OFFSET)[0]);
    }
    if (buffer)
        record_frames(s, b, buffer, n_frames);
    s->level = dsp_in(b, RECORD_LEVEL)[0];
    s->kept_level = dsp_in(b, RECORD_KEPT)[0];
    if (b->n_out > 0)
        memset(dsp_out(b, 0), 0, b->n_frames * sizeof(float));
}
const struct dsp_unit DSP(dsp_RecordBuf) = { sizeof(struct record_buf), record_buf_init,
                                             record_buf_process, NULL, 0 };

/* ---- BufWr ----------------------------------------------------------------------------------- */

enum { BUF_WR_NUMBER, BUF_WR_PHASE, BUF_WR_LOOP, BUF_WR_FIRST };

/**
 * BufWr - writes its inputs at a phase of a buffer.
 *
 * in      [0] bufnum
 *         [1] phase  in frames
 *         [2] loop
 *         [3..] a channel each
 * out     [0] 0
 * state   none
 * cost    some operations per frame and channel
 */
PH_RT static void buf_wr_process(void *state, const struct dsp_block *b)
{
    const bool loops = dsp_in(b, BUF_WR_LOOP)[0] != 0;
    int32_t n_frames;
    struct dsp_buffer *const buffer = writable(b, BUF_WR_NUMBER, &n_frames);
    (void)state;
    for (uint32_t i = 0; i < b->n_frames && buffer; i++) {
        const uint32_t at =
            buffer_frame_at(b, dsp_value(b, BUF_WR_PHASE, i), (uint32_t)n_frames, loops);
        float *const frame = buffer->data + (size_t)at * buffer->n_channels;
        for (uint32_t c = 0; c < n_common(b, BUF_WR_FIRST, buffer); c++)
            frame[c] = storable(dsp_value(b, BUF_WR_FIRST + c, i));
    }
    if (b->n_out > 0)
        memset(dsp_out(b, 0), 0, b->n_frames * sizeof(float));
}
const struct dsp_unit DSP(dsp_BufWr) = { 0, dsp_no_init, buf_wr_process, NULL, 0 };

/* ---- at birth -------------------------------------------------------------------------------- */

enum { SET_NUMBER, SET_OFFSET, SET_N, SET_FIRST };

/**
 * SetBuf - writes numbers into a buffer, once. ClearBuf - zeroes it, once.
 *
 * in      [0] bufnum
 *         SetBuf: [1] offset in samples, [2] number of values, then they
 * out     [0] 0
 */
PH_RT static void set_buf_process(void *state, const struct dsp_block *b)
{
    int32_t n_frames;
    struct dsp_buffer *const buffer = writable(b, SET_NUMBER, &n_frames);
    const int64_t n = buffer ? (int64_t)n_frames * buffer->n_channels : 0;
    const int64_t offset = whole_of(dsp_in(b, SET_OFFSET)[0]);
    (void)state;
    for (uint32_t i = SET_FIRST; i < b->n_in && (float)(i - SET_FIRST) < dsp_in(b, SET_N)[0]; i++)
        if (offset + i - SET_FIRST >= 0 && offset + i - SET_FIRST < n)
            buffer->data[offset + i - SET_FIRST] = storable(dsp_in(b, i)[0]);
    if (b->n_out > 0)
        dsp_out(b, 0)[0] = 0;
}
const struct dsp_unit DSP(dsp_SetBuf) = { 0, dsp_no_init, set_buf_process, NULL, 0 };

PH_RT static void clear_buf_process(void *state, const struct dsp_block *b)
{
    int32_t n_frames;
    struct dsp_buffer *const buffer = writable(b, SET_NUMBER, &n_frames);
    (void)state;
    if (buffer)
        memset(buffer->data, 0, (size_t)n_frames * buffer->n_channels * sizeof(float));
    if (b->n_out > 0)
        dsp_out(b, 0)[0] = 0;
}
const struct dsp_unit DSP(dsp_ClearBuf) = { 0, dsp_no_init, clear_buf_process, NULL, 0 };

/* ---- scopes ---------------------------------------------------------------------------------- */

/**
 * ScopeOut - records its inputs into a buffer, round and round.
 *
 * in      [0] bufnum
 *         [1..] a channel each
 * out     [0] 0
 * state   the next frame
 * cost    a copy per frame and channel
 */
PH_RT static void scope_out_process(void *state, const struct dsp_block *b)
{
    int32_t *const at = state, n_frames;
    struct dsp_buffer *const buffer = writable(b, 0, &n_frames);
    for (uint32_t i = 0; i < b->n_frames && buffer; i++) {
        *at = *at >= 0 && *at < n_frames ? *at : 0;
        for (uint32_t c = 0; c < n_common(b, 1, buffer); c++)
            buffer->data[(size_t)*at * buffer->n_channels + c] = storable(dsp_value(b, 1 + c, i));
        (*at)++;
    }
    if (b->n_out > 0)
        memset(dsp_out(b, 0), 0, b->n_frames * sizeof(float));
}
PH_RT static void scope_out_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(int32_t *)state = 0;
}
const struct dsp_unit DSP(dsp_ScopeOut) = { sizeof(int32_t), scope_out_init, scope_out_process };

/**
 * ScopeOut2 - accepted, and heard by nobody: it fills the shared memory of scsynth, which is not
 * there.
 *
 * in      [0] scopeNum, [1] maxFrames, [2] scopeFrames, [3..] a channel each
 * out     [0] 0
 */
PH_RT static void scope_out2_process(void *state, const struct dsp_block *b)
{
    (void)state;
    if (b->n_out > 0)
        memset(dsp_out(b, 0), 0, b->n_frames * sizeof(float));
}
const struct dsp_unit DSP(dsp_ScopeOut2) = { 0, dsp_no_init, scope_out2_process, NULL, 0 };

#else
typedef int buffer_write_has_no_wide_form; /* a translation unit must declare something */
#endif
