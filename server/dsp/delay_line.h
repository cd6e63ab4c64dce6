/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/delay_line.h - what the units have in common that read a line of the past.          */
/* room: audio.                                                                                   */
/*                                                                                                */
/* The times of SuperCollider's lines, how they move, and one frame after another in any memory.  */
#ifndef SERVER_DSP_DELAY_LINE_H
#define SERVER_DSP_DELAY_LINE_H

#include "server/dsp/fastmath.h"
#include "server/dsp/frames.h"
#include "server/dsp/interp.h"
#include "server/dsp/lane_ring.h"

enum {
    LINE_FRAMES_MAX = 1 << 24, /* a float counts frames exactly up to here */
    LEAST_RUN = 8              /* frames; shorter runs cost more than frames one by one */
};

LANE_FN uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

/** x limited to lo .. hi; NaN becomes lo. */
LANE_FN float limit(float x, float lo, float hi)
{
    return x > lo ? (x < hi ? x : hi) : lo;
}

/** What is done with what comes out of the line, and how it is read between frames. */
enum line_use { LINE_DELAYS, LINE_COMBS, LINE_ALLPASSES };
enum line_read { LINE_WHOLE, LINE_LINEAR, LINE_CUBIC };
/**
 * A unit: also the numbers of its inputs; a delay has no decay. `late`: feedback that changes sets
 * out one frame later.
 */
struct line_form { enum line_use use; enum line_read read; uint8_t in, delay, decay; bool late; };

/** n_written: frames since birth, up to the line's length. */
struct line {
    lane_u position, n_written;
    lane delay_frames, feedback, delay_seconds, decay_seconds;
};

/** Frames read at once: `taps` of them, the last one `after` frames behind the whole delay. */
LANE_FN uint32_t line_taps(enum line_read read)
{
    return read == LINE_CUBIC ? 4 : read == LINE_LINEAR ? 2 : 1;
}
LANE_FN uint32_t line_after(enum line_read read)
{
    return read == LINE_CUBIC ? 2 : read == LINE_LINEAR ? 1 : 0;
}

/** scsynth's length of a line: the next power of two that holds that many seconds and one block. */
LANE_FN uint32_t line_size(const struct dsp_block *b, uint32_t input)
{
    const float n_frames = limit(lane_get(dsp_in(b, input)[0], 0) * b->rate_hz, 0,
                                  LINE_FRAMES_MAX / 2);
    const uint32_t n_block = b->rate == PH_AUDIO ? DSP_BLOCK_FRAMES : 1;
    const uint32_t n_least = (uint32_t)ceilf(n_frames + 1) + n_block;
    uint32_t size = n_block;
    while (size < n_least)
        size *= 2;
    return size;
}

/** Shortest delay: what is fed back must have been written before; a constant 0 is no delay. */
LANE_FN lane line_shortest(const struct dsp_block *b, struct line_form form)
{
    const lane zero = lane_splat(0.0f), one = lane_splat(1.0f);
    if (form.use != LINE_DELAYS)
        return lane_splat(form.read == LINE_CUBIC ? 2.0f : 1.0f);
    if (b->in_rate[form.delay] != PH_SCALAR)
        return one;
    return lane_select(lane_eq(dsp_in(b, form.delay)[0], zero), zero, one);
}

LANE_FN lane line_feedback(lane delay_seconds, lane decay_seconds)
{
    const lane zero = lane_splat(0.0f);
    const lane exponent = -6.907755279f * delay_seconds / lane_abs(decay_seconds);
    const lane_i feeds = lane_gt(delay_seconds, zero) & lane_ne(decay_seconds, zero);
    return lane_where(feeds, lane_copysign(lane_exp(exponent), decay_seconds)); /* exp of NaN: 0 */
}

/** Delays between `shortest` and `longest` frames. */
struct line_range { lane shortest; float longest; };
LANE_FN lane line_within(lane n_frames, struct line_range range)
{
    return lane_min(lane_max(n_frames, range.shortest), lane_splat(range.longest));
}
LANE_FN lane line_delay(lane seconds, float rate_hz, struct line_range range)
{
    return line_within(seconds * rate_hz, range);
}

LANE_FN lane line_decay_seconds(const struct dsp_block *b, struct line_form form)
{
    return form.use == LINE_DELAYS ? lane_splat(0.0f) : dsp_in(b, form.decay)[0];
}

LANE_FN void line_start(struct line *s, const struct dsp_block *b, struct line_form form,
                        struct line_range range)
{
    *s = (struct line){ .delay_seconds = dsp_in(b, form.delay)[0],
                        .decay_seconds = line_decay_seconds(b, form) };
    s->delay_frames = line_delay(s->delay_seconds, b->rate_hz, range);
    s->feedback = line_feedback(s->delay_seconds, s->decay_seconds);
}

/** Delay (whole frames and what is left) and feedback of each frame, while they change. */
struct line_path {
    _Alignas(64) lane delay[DSP_BLOCK_FRAMES], feedback[DSP_BLOCK_FRAMES];
    lane part[DSP_BLOCK_FRAMES];
    lane_i whole[DSP_BLOCK_FRAMES];
};

/** Frames of an input; `space` holds a block. At width 1 whole rows of it may be read. */
LANE_FN const lane *line_input(const struct dsp_block *b, uint32_t input, lane *space)
{
#if LANE_W == 1
    return row_input(b, input, space);
#else
    return frames_of(b, input, space);
#endif
}

LANE_FN void line_stay(const struct line *s, const struct dsp_block *b, struct line_path *p)
{
    for (uint32_t i = 0; i < b->n_frames; i++) {
        p->delay[i] = s->delay_frames;
        p->feedback[i] = s->feedback;
    }
}

/** Times at audio rate. */
LANE_FN void line_move(struct line *s, const struct dsp_block *b, struct line_form form,
                       struct line_range range, struct line_path *p)
{
    _Alignas(64) lane space[2][DSP_BLOCK_FRAMES];
    const lane *const delay = line_input(b, form.delay, space[0]);
    const float rate_hz = b->rate_hz;
    const uint32_t n = b->n_frames;

    for (uint32_t i = 0; i < n; i++)
        p->delay[i] = line_delay(delay[i], rate_hz, range);
    s->delay_frames = p->delay[n - 1];
    s->delay_seconds = delay[n - 1];
    if (form.use == LINE_DELAYS)
        return;
    const lane *const decay = line_input(b, form.decay, space[1]);
    for (uint32_t i = 0; i < n; i++)
        p->feedback[i] = line_feedback(delay[i], decay[i]);
    s->feedback = p->feedback[n - 1];
    s->decay_seconds = decay[n - 1];
}

/**
 * New constants, in the lanes of `changes`: the way there, summed up in float as scsynth does: a
 * delay's fraction is audible in the phase of high partials. A decay alone sets out a frame later
 * where whole frames are read.
 */
LANE_FN void line_ramp(struct line *s, const struct dsp_block *b, struct line_form form,
                       struct line_range range, lane_i changes, struct line_path *p)
{
    const float part = 1.0f / (float)b->n_frames;
    const lane delay_seconds = dsp_in(b, form.delay)[0];
    const lane_i same = lane_eq(delay_seconds, s->delay_seconds), none = lane_splat_i(0);
    const lane_i stays = form.read == LINE_WHOLE ? same : none;
    const lane_i late = form.late ? lane_splat_i(-1) : stays;
    s->delay_seconds = delay_seconds;
    s->decay_seconds = line_decay_seconds(b, form);
    const lane to_delay = line_delay(s->delay_seconds, b->rate_hz, range);
    const lane to_feedback = line_feedback(s->delay_seconds, s->decay_seconds);
    const lane delay_step = lane_where(changes & ~stays, (to_delay - s->delay_frames) * part);
    const lane feedback_step = lane_where(changes, (to_feedback - s->feedback) * part);

    lane delay = s->delay_frames, feedback = s->feedback;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        p->delay[i] = delay += delay_step;
        p->feedback[i] = lane_select(late, feedback, feedback + feedback_step);
        feedback += feedback_step;
    }
    for (uint32_t i = 0; i < b->n_frames; i++) /* the sum's rounding may go past the ends */
        p->delay[i] = line_within(p->delay[i], range);
    s->delay_frames = line_within(delay, range);
    s->feedback = feedback;
}

LANE_FN bool line_moves(const struct dsp_block *b, struct line_form form)
{
    return dsp_step(b, form.delay) || (form.use != LINE_DELAYS && dsp_step(b, form.decay));
}
LANE_FN lane_i line_changes(const struct line *s, const struct dsp_block *b, struct line_form form)
{
    return lane_ne(dsp_in(b, form.delay)[0], s->delay_seconds) |
           lane_ne(line_decay_seconds(b, form), s->decay_seconds);
}

/** Delay and feedback of each frame of the call. */
LANE_FN void line_plan(struct line *s, const struct dsp_block *b, struct line_form form,
                       struct line_range range, lane_i changes, struct line_path *p)
{
    if (line_moves(b, form))
        line_move(s, b, form, range, p);
    else if (lane_any(changes))
        line_ramp(s, b, form, range, changes, p);
    else
        line_stay(s, b, p);
}

/** Delays as whole frames and what is left. @return the least of the whole ones */
LANE_FN lane_i line_split(struct line_path *p, uint32_t n)
{
    lane_i shortest = lane_splat_i(INT32_MAX);
    for (uint32_t i = 0; i < n; i++) {
        p->whole[i] = lane_to_i(p->delay[i]);
        p->part[i] = p->delay[i] - lane_from_i(p->whole[i]);
        shortest = lane_select_i(lane_lt_i(p->whole[i], shortest), p->whole[i], shortest);
    }
    return shortest;
}

/** Between taps[after] (part = 0) and the frame before; the earliest frame is taps[0]. */
LANE_FN lane line_between(enum line_read read, const lane *taps, lane part)
{
    if (read == LINE_CUBIC)
        return lane_cubic(part, taps[3], taps[2], taps[1], taps[0]);
    return read == LINE_LINEAR ? lane_lerp(part, taps[1], taps[0]) : taps[0];
}

/** What goes into the line: silence in place of what is not finite, so that it doesn't stay. */
LANE_FN lane line_written(enum line_use use, lane x, lane feedback, lane delayed)
{
    const lane y = use == LINE_DELAYS ? x : x + feedback * delayed;
    return lane_where(lane_finite(y), y);
}
LANE_FN lane line_heard(enum line_use use, lane written, lane feedback, lane delayed)
{
    return use == LINE_ALLPASSES ? delayed - feedback * written : delayed;
}

#endif
