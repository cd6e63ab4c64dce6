/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/buf_delay.c - delay lines in buffers: BufDelayN .. BufAllpassC, DelTapWr, DelTapRd. */
/* room: audio. One voice at a time: each line has its own length, so lanes gain nothing.         */
#include "server/dsp/delay_line.h"

#if LANE_W == 1

/*
 * BufDelayN L C, BufCombN L C, BufAllpassN L C - as the units of delay.c; the line is a buffer.
 *
 * in      [0] buf: of its samples the largest power of two is the line   [1] signal
 *         [2] delaytime, seconds, clamped to 1 frame (C: 2) .. the line less a frame
 *         [3] decaytime of combs and all-passes
 * out     [0] as of delay.c; silence without a buffer. What the buffer held before isn't heard
 * ramp, source  as in delay.c
 * state   delay and feedback in use, and the line's length
 * cost    one exp per changed time; frame by frame
 */
enum { BUF_LINE, BUF_IN, BUF_DELAY, BUF_DECAY };
struct buf_line { struct line line; uint32_t n; };

/** Length of the line in a buffer; 0: none. */
static uint32_t buf_line_frames(const struct dsp_buffer *buffer)
{
    const uint32_t most = buffer ? least(buffer->n_frames * buffer->n_channels, 1u << 30) : 0;
    uint32_t n = most > 0;
    while (n && 2 * n <= most)
        n *= 2;
    return n;
}

LANE_FN struct line_range buf_range(uint32_t n, struct line_form form)
{
    const float shortest = form.read == LINE_CUBIC ? 2 : 1;
    return (struct line_range){ shortest, dsp_max((float)n - 1, 1) };
}

LANE_FN void buf_line_init(struct buf_line *s, const struct dsp_block *b, struct line_form form)
{
    s->n = buf_line_frames(dsp_buffer_to_write(b, dsp_in(b, BUF_LINE)[0]));
    line_start(&s->line, b, form, buf_range(s->n, form));
}

/** One frame after another. */
LANE_FN void buf_line_frames_of(struct line *s, const struct dsp_block *b, float *frames,
                                uint32_t mask, const struct line_path *p, struct line_form form)
{
    const float *const x = dsp_in(b, form.in);
    const uint32_t dx = dsp_step(b, form.in), after = line_after(form.read);
    float *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        float taps[4];
        if (form.use == LINE_DELAYS) /* may read what it has just been given */
            frames[s->position & mask] = line_written(form.use, x[i * dx], 0, 0);
        for (uint32_t k = 0; k < line_taps(form.read); k++) {
            const uint32_t back = (uint32_t)p->whole[i] + after - k;
            const float tap = frames[(s->position - back) & mask];
            taps[k] = lane_where(-(int32_t)(back <= s->n_written) & lane_finite(tap), tap);
        }
        const float delayed = line_between(form.read, taps, p->part[i]), feedback = p->feedback[i];
        const float written = line_written(form.use, x[i * dx], feedback, delayed);
        const bool waits = form.use == LINE_ALLPASSES && form.read == LINE_CUBIC &&
                           s->n_written + 1 < (uint32_t)p->whole[i];
        frames[s->position & mask] = written;
        out[i] = waits ? 0 : line_heard(form.use, written, feedback, delayed);
        s->position++;
        s->n_written += s->n_written < UINT32_MAX;
    }
}

LANE_FN void buf_line_process(struct buf_line *s, const struct dsp_block *b, struct line_form form)
{
    struct dsp_buffer *const buffer = dsp_buffer_to_write(b, dsp_in(b, BUF_LINE)[0]);
    const uint32_t n = buf_line_frames(buffer);
    const struct line_range range = buf_range(n, form);
    struct line_path p;

    if (n < 4) {
        memset(b->out[0], 0, b->n_frames * sizeof(float));
        return;
    }
    if (n != s->n) /* another buffer: another limit */
        s->line.delay_frames = line_delay(s->line.delay_seconds, b->rate_hz, range);
    s->n = n;
    line_plan(&s->line, b, form, range, line_changes(&s->line, b, form), &p);
    line_split(&p, b->n_frames);
    buf_line_frames_of(&s->line, b, buffer->data, n - 1, &p, form);
}

#define BUF_UNIT(name, use, read, decay)                                                           \
    static const struct line_form name##_form = { use, read, BUF_IN, BUF_DELAY, decay, false };    \
    PH_RT static void name##_init(void *state, const struct dsp_block *b)                          \
    {                                                                                              \
        buf_line_init(state, b, name##_form);                                                      \
    }                                                                                              \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        buf_line_process(state, b, name##_form);                                                   \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##name) = { sizeof(struct buf_line), name##_init,                \
                                              name##_process, NULL, 0 };

BUF_UNIT(BufDelayN, LINE_DELAYS, LINE_WHOLE, 0)
BUF_UNIT(BufDelayL, LINE_DELAYS, LINE_LINEAR, 0)
BUF_UNIT(BufDelayC, LINE_DELAYS, LINE_CUBIC, 0)
BUF_UNIT(BufCombN, LINE_COMBS, LINE_WHOLE, BUF_DECAY)
BUF_UNIT(BufCombL, LINE_COMBS, LINE_LINEAR, BUF_DECAY)
BUF_UNIT(BufCombC, LINE_COMBS, LINE_CUBIC, BUF_DECAY)
BUF_UNIT(BufAllpassN, LINE_ALLPASSES, LINE_WHOLE, BUF_DECAY)
BUF_UNIT(BufAllpassL, LINE_ALLPASSES, LINE_LINEAR, BUF_DECAY)
BUF_UNIT(BufAllpassC, LINE_ALLPASSES, LINE_CUBIC, BUF_DECAY)

/*
 * DelTapWr - writes into a mono buffer, round and round; DelTapRd - reads where another writes.
 *
 * in      DelTapWr: [0] buffer   [1] signal
 *         DelTapRd: [0] buffer   [1] phase: what DelTapWr gives   [2] delTime, seconds
 *         [3] interp, read at birth: 1 none, 2 linear, 4 cubic
 * out     DelTapWr: the frame written, as the bits of a whole number; DelTapRd: the signal, silence
 *         without a mono buffer
 * ramp    a constant delTime that changes moves over the block
 * wrap    where the place crosses the buffer's end scsynth is off by a frame for the rest of the
 *         block, or reads one behind the end; this doesn't
 * state   the place; the delay in use. The buffer is zeroed at the first frame
 * cost    one read per frame
 */
enum { TAP_BUFFER, TAP_IN, TAP_PHASE = 1, TAP_TIME, TAP_INTERP };
struct tap_write { uint32_t position, has_begun; };

static struct dsp_buffer *tap_buffer(const struct dsp_block *b)
{
    struct dsp_buffer *const buffer = dsp_buffer_to_write(b, dsp_in(b, TAP_BUFFER)[0]);
    return buffer && buffer->n_channels == 1 && buffer->n_frames > 0 ? buffer : NULL;
}

PH_RT static void tap_write_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct tap_write *)state = (struct tap_write){ 0 };
}

PH_RT static void tap_write_process(void *state, const struct dsp_block *b)
{
    struct tap_write *const s = state;
    struct dsp_buffer *const buffer = tap_buffer(b);
    const float *const x = dsp_in(b, TAP_IN);
    const uint32_t dx = dsp_step(b, TAP_IN);
    float *const out = dsp_out(b, 0);

    memset(out, 0, b->n_frames * sizeof(float));
    if (!buffer)
        return;
    if (!s->has_begun)
        memset(buffer->data, 0, buffer->n_frames * sizeof(float));
    s->has_begun = 1;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        s->position = s->position < buffer->n_frames ? s->position : 0;
        buffer->data[s->position] = lane_where(lane_finite(x[i * dx]), x[i * dx]);
        memcpy(&out[i], &s->position, sizeof out[i]);
        s->position++;
    }
}
const struct dsp_unit DSP(dsp_DelTapWr) = { sizeof(struct tap_write), tap_write_init,
                                            tap_write_process, NULL, 0 };

struct tap_read { float delay; uint32_t interpolation; };

PH_RT static void tap_read_init(void *state, const struct dsp_block *b)
{
    *(struct tap_read *)state =
        (struct tap_read){ dsp_in(b, TAP_TIME)[0] * b->rate_hz,
                           (uint32_t)limit(dsp_in(b, TAP_INTERP)[0], 0, 4) };
}

/** The place of frame `at` less `delay` in a loop of n frames. */
static double tap_place(uint32_t at, double delay, double n)
{
    double place = (double)at - (isfinite(delay) ? delay : 0);
    if (place < 0)
        place += n;
    if (place >= n)
        place -= n;
    place = place >= 0 && place < n ? place : place - n * floor(place / n);
    return place >= 0 && place < n ? place : 0;
}

static float tap_read_at(const struct dsp_buffer *buffer, double place, uint32_t interpolation)
{
    const uint32_t n = buffer->n_frames, at = (uint32_t)place, next = at + 1 < n ? at + 1 : 0;
    const float part = (float)(place - at), *const x = buffer->data;
    if (interpolation == 2)
        return lane_lerp(part, x[at], x[next]);
    if (interpolation == 4)
        return lane_cubic(part, x[at > 0 ? at - 1 : n - 1], x[at], x[next],
                          x[next + 1 < n ? next + 1 : 0]);
    return x[at];
}

PH_RT static void tap_read_process(void *state, const struct dsp_block *b)
{
    struct tap_read *const s = state;
    const struct dsp_buffer *const buffer = tap_buffer(b);
    const float *const seconds = dsp_in(b, TAP_TIME);
    const uint32_t dt = dsp_step(b, TAP_TIME), dp = dsp_step(b, TAP_PHASE);
    const float to = seconds[0] * b->rate_hz, step = (to - s->delay) / (float)b->n_frames;
    float *const out = dsp_out(b, 0), now = s->delay; /* summed up in float, as in scsynth */

    if (!buffer)
        memset(out, 0, b->n_frames * sizeof(float));
    for (uint32_t i = 0; i < b->n_frames && buffer; i++) {
        uint32_t phase;
        memcpy(&phase, &dsp_in(b, TAP_PHASE)[i * dp], sizeof phase);
        const double delay = dt ? seconds[i] * (double)b->rate_hz : now;
        now += step;
        out[i] = tap_read_at(buffer, tap_place(phase, delay, buffer->n_frames), s->interpolation);
    }
    s->delay = isfinite(now) ? now : 0;
}
const struct dsp_unit DSP(dsp_DelTapRd) = { sizeof(struct tap_read), tap_read_init,
                                            tap_read_process, NULL, 0 };

#else
typedef int buf_delay_has_no_wide_form; /* a translation unit must declare something */
#endif
