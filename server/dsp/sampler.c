/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/sampler.c - PlayBuf, Sampler, BufRateScale, BufFrames.                              */
/* room: audio. The players read memory at a place of their own per voice: no wide form.          */
#include "server/dsp/interp.h"
#include "server/dsp/lane.h"

/** Buffer of that number, or NULL where there is none or it holds nothing. */
static const struct dsp_buffer *find_buffer(const struct dsp_env *env, float number)
{
    if (!(number >= 0) || number >= (float)env->n_buffers)
        return NULL;
    const struct dsp_buffer *const buffer = &env->buffers[(uint32_t)number];
    return buffer->data && buffer->n_frames && buffer->n_channels ? buffer : NULL;
}

/*
 * BufRateScale - rate of the buffer over the audio rate; BufFrames - its length in frames.
 *
 * in      [0] bufnum
 * out     [0] the value, 0 without a buffer
 * state   none
 * cost    one look-up per block
 */
PH_RT static void buf_rate_scale_process(void *state, const struct dsp_block *b)
{
    lane scale = lane_splat(0.0f);
    (void)state;
    for (int k = 0; k < LANE_W; k++) {
        const struct dsp_buffer *const buffer = find_buffer(b->env, lane_get(dsp_in(b, 0)[0], k));
        if (buffer)
            scale = lane_set(scale, k, buffer->rate_hz / b->env->audio_rate_hz);
    }
    dsp_out(b, 0)[0] = scale;
}
PH_RT static void buf_frames_process(void *state, const struct dsp_block *b)
{
    lane n_frames = lane_splat(0.0f);
    (void)state;
    for (int k = 0; k < LANE_W; k++) {
        const struct dsp_buffer *const buffer = find_buffer(b->env, lane_get(dsp_in(b, 0)[0], k));
        if (buffer)
            n_frames = lane_set(n_frames, k, (float)buffer->n_frames);
    }
    dsp_out(b, 0)[0] = n_frames;
}
const struct dsp_unit DSP(dsp_BufRateScale) = { 0, dsp_no_init, buf_rate_scale_process, NULL };
const struct dsp_unit DSP(dsp_BufFrames) = { 0, dsp_no_init, buf_frames_process, NULL };

#if LANE_W == 1

static void silence(const struct dsp_block *b, uint32_t first_frame)
{
    for (uint32_t c = 0; c < b->n_out; c++)
        memset(dsp_out(b, c) + first_frame, 0, (b->n_frames - first_frame) * sizeof(float));
}

/** Frame `i` of every output: four frames of the buffer (NULL: silence), between [1] and [2]. */
LANE_FN void put_cubic(const struct dsp_block *b, uint32_t i, const struct dsp_buffer *buffer,
                       const float *const at[4], float part)
{
    const uint32_t n = b->n_out < buffer->n_channels ? b->n_out : buffer->n_channels;
    for (uint32_t c = 0; c < n; c++)
        dsp_out(b, c)[i] = lane_cubic(part, at[0] ? at[0][c] : 0, at[1] ? at[1][c] : 0,
                                      at[2] ? at[2][c] : 0, at[3] ? at[3][c] : 0);
    for (uint32_t c = n; c < b->n_out; c++)
        dsp_out(b, c)[i] = 0;
}

/*
 * PlayBuf - plays a buffer as SuperCollider does.
 *
 * in      [0] bufnum   [1] rate, buffer frames per output frame   [2] trigger: back to startPos
 *         [3] startPos, frames   [4] loop   [5] doneAction, at the end without loop
 * out     any number of channels; those that the buffer lacks are silent
 * end     without loop the last frame is held, and the action asked for in every block, until a
 *         trigger starts again; beyond an edge the cubic reads the edge frame again
 * state   the place in double, the last trigger, whether the end was reached
 * cost    one cubic per frame and channel
 */
struct play_buf { double phase; float last_trigger; bool done; };
enum { PLAY_BUFNUM, PLAY_RATE, PLAY_TRIGGER, PLAY_START, PLAY_LOOP, PLAY_ACTION };

PH_RT static void play_buf_init(void *state, const struct dsp_block *b)
{
    *(struct play_buf *)state = (struct play_buf){ .phase = dsp_in(b, PLAY_START)[0] };
}

/** Brings the phase into the buffer: wraps, or stops at the ends. NaN starts over. */
LANE_FN void play_buf_wrap(struct play_buf *s, double end, bool loop)
{
    if (s->phase >= 0 && s->phase < end)
        return;
    if (loop && fabs(s->phase) < 1e15) {
        s->phase -= end * floor(s->phase / end);
        if (s->phase >= end) /* a tiny negative phase rounds up to the end */
            s->phase = 0;
    } else {
        s->phase = s->phase >= end ? end : 0;
        s->done = true;
    }
}

LANE_FN void play_buf_frame(const struct play_buf *s, const struct dsp_block *b, uint32_t i,
                            const struct dsp_buffer *buffer, bool loop)
{
    const int64_t n = buffer->n_frames, whole = (int64_t)s->phase;
    const float *at[4];
    for (int k = 0; k < 4; k++) {
        int64_t frame = whole + k - 1;
        if (frame < 0)
            frame = loop ? n - 1 : 0;
        else if (frame >= n)
            frame = loop ? frame % n : n - 1;
        at[k] = buffer->data + frame * buffer->n_channels;
    }
    put_cubic(b, i, buffer, at, (float)(s->phase - (double)whole));
}

PH_RT static void play_buf_process(void *state, const struct dsp_block *b)
{
    struct play_buf s = *(struct play_buf *)state;
    const struct dsp_buffer *const buffer = find_buffer(b->env, dsp_in(b, PLAY_BUFNUM)[0]);
    if (!buffer) {
        silence(b, 0);
        return;
    }
    const float *const rate = dsp_in(b, PLAY_RATE), *const trigger = dsp_in(b, PLAY_TRIGGER);
    const float *const start = dsp_in(b, PLAY_START);
    const uint32_t dr = dsp_step(b, PLAY_RATE), dt = dsp_step(b, PLAY_TRIGGER);
    const uint32_t ds = dsp_step(b, PLAY_START);
    const bool loop = fabsf(dsp_in(b, PLAY_LOOP)[0]) >= 1;
    const double end = loop ? buffer->n_frames : buffer->n_frames - 1;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const float now = trigger[i * dt];
        if (now > 0 && s.last_trigger <= 0) {
            s.done = false;
            s.phase = start[i * ds];
        }
        s.last_trigger = now;
        play_buf_wrap(&s, end, loop);
        play_buf_frame(&s, b, i, buffer, loop);
        s.phase += rate[i * dr];
    }
    if (s.done)
        dsp_ask_done(b->node, dsp_in(b, PLAY_ACTION)[0]);
    *(struct play_buf *)state = s;
}
const struct dsp_unit DSP(dsp_PlayBuf) = { sizeof(struct play_buf), play_buf_init,
                                           play_buf_process, NULL };

/*
 * Sampler - plays the part begin .. end of a buffer once, or round and round.
 *
 * in      [0] bufnum   [1] rate, buffer frames per output frame: nothing else scales it; negative
 *         plays from end backwards to begin   [2] begin   [3] end, 0 .. 1 of the buffer; exchanged
 *         where end < begin   [4] loop   [5] doneAction
 * out     the first channels of the buffer; outputs that it lacks are silent
 * length  exactly the output frames whose place lies in the part: places are first, first + rate,
 *         ... below last; backwards last - 1, last - 1 + rate, ... above first - 1. After them
 *         silence, and the action asked for in the block where the sound ends.
 * edges   the cubic reads the buffer's own frames beyond the part, silence beyond the buffer; with
 *         loop it reads round the part
 * faults  without a buffer it ends at once; a part without a frame, likewise
 * state   the place in double, set from begin or end in the first block
 * cost    one cubic per frame and channel
 */
struct sampler { double place; bool started, ended; };
enum { SAMPLER_BUFNUM, SAMPLER_RATE, SAMPLER_BEGIN, SAMPLER_END, SAMPLER_LOOP, SAMPLER_ACTION };

/** The part in whole frames: first .. last - 1. */
struct part { int64_t first, last; };

static int64_t sampler_frame(const struct dsp_block *b, uint32_t input, uint32_t n_frames)
{
    const float x = dsp_in(b, input)[0];
    return (int64_t)((x > 0 ? (x < 1 ? (double)x : 1) : 0) * n_frames + 0.5);
}

static struct part sampler_part(const struct dsp_block *b, uint32_t n_frames)
{
    const int64_t begin = sampler_frame(b, SAMPLER_BEGIN, n_frames);
    const int64_t end = sampler_frame(b, SAMPLER_END, n_frames);
    return begin <= end ? (struct part){ begin, end } : (struct part){ end, begin };
}

PH_RT static void sampler_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct sampler *)state = (struct sampler){ 0 };
}

/** Keeps the place inside the part by wrapping, or tells that the sound is over. */
LANE_FN bool sampler_inside(struct sampler *s, struct part p, bool loop)
{
    if (loop) {
        const double first = (double)p.first, length = (double)(p.last - p.first);
        if (!(s->place >= first && s->place < first + length)) {
            const double turns = floor((s->place - first) / length);
            s->place = isfinite(turns) ? s->place - turns * length : first;
            if (s->place >= first + length)
                s->place = first;
        }
        return true;
    }
    return s->place > (double)p.first - 1 && s->place < (double)p.last;
}

LANE_FN void sampler_put(const struct sampler *s, const struct dsp_block *b, uint32_t i,
                         const struct dsp_buffer *buffer, struct part p, bool loop)
{
    const int64_t n = buffer->n_frames, whole = (int64_t)floor(s->place);
    const int64_t from = loop ? p.first : 0, to = loop ? p.last : n, length = to - from;
    const bool inner = whole - 1 >= from && whole + 2 < to; /* all four frames lie side by side */
    const float *at[4];
    for (int k = 0; k < 4; k++) {
        int64_t frame = whole + k - 1;
        if (loop && !inner)
            frame = from + (frame - from + length) % length;
        const bool held = inner || (frame >= 0 && frame < n);
        at[k] = held ? buffer->data + frame * buffer->n_channels : NULL;
    }
    put_cubic(b, i, buffer, at, (float)(s->place - (double)whole));
}

PH_RT static void sampler_process(void *state, const struct dsp_block *b)
{
    struct sampler s = *(struct sampler *)state;
    const struct dsp_buffer *const buffer = find_buffer(b->env, dsp_in(b, SAMPLER_BUFNUM)[0]);
    const float *const rate = dsp_in(b, SAMPLER_RATE);
    const uint32_t dr = dsp_step(b, SAMPLER_RATE);
    const struct part p = sampler_part(b, buffer ? buffer->n_frames : 0);
    const bool loop = dsp_in(b, SAMPLER_LOOP)[0] > 0.5f;

    if (p.first == p.last)
        s.ended = true;
    if (!s.started) {
        s.started = true;
        s.place = (double)(rate[0] < 0 ? p.last - 1 : p.first);
    }
    uint32_t i = 0;
    for (; i < b->n_frames && !s.ended; i++) {
        if (!sampler_inside(&s, p, loop))
            break;
        sampler_put(&s, b, i, buffer, p, loop);
        s.place += rate[i * dr];
    }
    s.ended = s.ended || !sampler_inside(&s, p, loop);
    silence(b, i);
    if (s.ended)
        dsp_ask_done(b->node, dsp_in(b, SAMPLER_ACTION)[0]);
    *(struct sampler *)state = s;
}
const struct dsp_unit DSP(dsp_Sampler) = { sizeof(struct sampler), sampler_init, sampler_process,
                                           NULL };

#endif
