/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/delay_line.h - what the units have in common that read a line of the past.          */
/* room: audio.                                                                                   */
/*                                                                                                */
/* The times of SuperCollider's lines, how they move, and one frame after another in any memory.  */
#ifndef SERVER_DSP_DELAY_LINE_H
#define SERVER_DSP_DELAY_LINE_H

#include "server/dsp/fastmath.h"
#include "server/dsp/interp.h"
#include "server/dsp/lane_ring.h"

#if LANE_W == 1

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
    uint32_t position, n_written;
    float delay_frames, feedback, delay_seconds, decay_seconds;
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
    const float n_frames = limit(dsp_in(b, input)[0] * b->rate_hz, 0, LINE_FRAMES_MAX / 2);
    const uint32_t n_block = b->rate == PH_AUDIO ? DSP_BLOCK_FRAMES : 1;
    const uint32_t n_least = (uint32_t)ceilf(n_frames + 1) + n_block;
    uint32_t size = n_block;
    while (size < n_least)
        size *= 2;
    return size;
}

/** Shortest delay: what is fed back must have been written before; a constant 0 is no delay. */
LANE_FN float line_shortest(const struct dsp_block *b, struct line_form form)
{
    if (form.use == LINE_DELAYS)
        return b->in_rate[form.delay] == PH_SCALAR && dsp_in(b, form.delay)[0] == 0 ? 0 : 1;
    return form.read == LINE_CUBIC ? 2 : 1;
}

LANE_FN float line_feedback(float delay_seconds, float decay_seconds)
{
    const float exponent = -6.907755279f * delay_seconds / lane_abs(decay_seconds);
    const bool has_none = !(delay_seconds > 0) || decay_seconds == 0; /* NaN: the exp is 0 */
    return has_none ? 0 : lane_copysign(lane_exp(exponent), decay_seconds);
}

/** Delays between `shortest` and `longest` frames. */
struct line_range { float shortest, longest; };
LANE_FN float line_delay(float seconds, float rate_hz, struct line_range range)
{
    return limit(seconds * rate_hz, range.shortest, range.longest);
}

LANE_FN float line_decay_seconds(const struct dsp_block *b, struct line_form form)
{
    return form.use == LINE_DELAYS ? 0 : dsp_in(b, form.decay)[0];
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
    _Alignas(64) float delay[DSP_BLOCK_FRAMES], feedback[DSP_BLOCK_FRAMES];
    float part[DSP_BLOCK_FRAMES];
    int32_t whole[DSP_BLOCK_FRAMES];
};

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
    _Alignas(64) float space[2][DSP_BLOCK_FRAMES];
    const float *const delay = row_input(b, form.delay, space[0]), rate_hz = b->rate_hz;
    const uint32_t n = b->n_frames;

    for (uint32_t i = 0; i < n; i++)
        p->delay[i] = line_delay(delay[i], rate_hz, range);
    s->delay_frames = p->delay[n - 1];
    s->delay_seconds = delay[n - 1];
    if (form.use == LINE_DELAYS)
        return;
    const float *const decay = row_input(b, form.decay, space[1]);
    for (uint32_t i = 0; i < n; i++)
        p->feedback[i] = line_feedback(delay[i], decay[i]);
    s->feedback = p->feedback[n - 1];
    s->decay_seconds = decay[n - 1];
}

/**
 * New constants: the way there, summed up in float as scsynth does: a delay's fraction is audible
 * in the phase of high partials. A decay alone sets out a frame later where whole frames are read.
 */
LANE_FN void line_ramp(struct line *s, const struct dsp_block *b, struct line_form form,
                       struct line_range range, struct line_path *p)
{
    const float part = 1.0f / (float)b->n_frames, delay_seconds = dsp_in(b, form.delay)[0];
    const bool stays = form.read == LINE_WHOLE && delay_seconds == s->delay_seconds;
    const bool late = stays || form.late;
    s->delay_seconds = delay_seconds;
    s->decay_seconds = line_decay_seconds(b, form);
    const float to_delay = line_delay(s->delay_seconds, b->rate_hz, range);
    const float to_feedback = line_feedback(s->delay_seconds, s->decay_seconds);
    const float delay_step = stays ? 0 : (to_delay - s->delay_frames) * part;
    const float feedback_step = (to_feedback - s->feedback) * part;

    float delay = s->delay_frames, feedback = s->feedback;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        p->delay[i] = delay += delay_step;
        p->feedback[i] = late ? feedback : feedback + feedback_step;
        feedback += feedback_step;
    }
    for (uint32_t i = 0; i < b->n_frames; i++) /* the sum's rounding may go past the ends */
        p->delay[i] = limit(p->delay[i], range.shortest, range.longest);
    s->delay_frames = limit(delay, range.shortest, range.longest);
    s->feedback = feedback;
}

LANE_FN bool line_moves(const struct dsp_block *b, struct line_form form)
{
    return dsp_step(b, form.delay) || (form.use != LINE_DELAYS && dsp_step(b, form.decay));
}
LANE_FN bool line_changes(const struct line *s, const struct dsp_block *b, struct line_form form)
{
    return dsp_in(b, form.delay)[0] != s->delay_seconds ||
           line_decay_seconds(b, form) != s->decay_seconds;
}

/** Delays as whole frames and what is left. @return the least of the whole ones */
LANE_FN int32_t line_split(struct line_path *p, uint32_t n)
{
    int32_t shortest = INT32_MAX;
    for (uint32_t i = 0; i < n; i++) {
        p->whole[i] = (int32_t)p->delay[i];
        p->part[i] = p->delay[i] - (float)p->whole[i];
        shortest = p->whole[i] < shortest ? p->whole[i] : shortest;
    }
    return shortest;
}

/** Between taps[after] (part = 0) and the frame before; the earliest frame is taps[0]. */
LANE_FN float line_between(enum line_read read, const float *taps, float part)
{
    if (read == LINE_CUBIC)
        return lane_cubic(part, taps[3], taps[2], taps[1], taps[0]);
    return read == LINE_LINEAR ? lane_lerp(part, taps[1], taps[0]) : taps[0];
}

/** What goes into the line: silence in place of what is not finite, so that it doesn't stay. */
LANE_FN float line_written(enum line_use use, float x, float feedback, float delayed)
{
    const float y = use == LINE_DELAYS ? x : x + feedback * delayed;
    return lane_where(lane_finite(y), y);
}
LANE_FN float line_heard(enum line_use use, float written, float feedback, float delayed)
{
    return use == LINE_ALLPASSES ? delayed - feedback * written : delayed;
}

#endif
#endif
