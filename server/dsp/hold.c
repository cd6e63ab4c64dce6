/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/hold.c - a signal in coarser time: Coarse, Squeeze.                                 */
/* room: audio.                                                                                   */
#include "server/dsp/frames.h"

/*
 * Coarse - holds every factor-th frame.
 *
 * in      [0] signal   [1] factor in frames, clamped to 1 .. 2^22; a fraction is carried on, so that on
 *         average so many frames are held; it may move
 * out     [0] the held value: the first frame is one
 * state   the held value; frames until the next
 */
struct coarse { lane held, left; };
enum { COARSE_IN, COARSE_FACTOR };

PH_RT static void coarse_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct coarse *)state = (struct coarse){ lane_splat(0.0f), lane_splat(0.0f) };
}

PH_RT static void coarse_process(void *state, const struct dsp_block *b)
{
    struct coarse *const s = state;
    const lane *const x = dsp_in(b, COARSE_IN), *const factor = dsp_in(b, COARSE_FACTOR);
    const uint32_t dx = dsp_step(b, COARSE_IN), df = dsp_step(b, COARSE_FACTOR);
    lane *const out = dsp_out(b, 0);
    lane held = s->held, left = s->left;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane length = lane_clamp(factor[i * df], 1.0f, 4194304.0f);
        if (i == 0 || df) /* a shorter factor doesn't wait for a longer one */
            left = lane_min(left, length);
        const lane_i due = lane_lt(left, lane_splat(1.0f));
        held = lane_select(due, x[i * dx], held);
        left = lane_select(due, left + (length - 1.0f), left - 1.0f);
        out[i] = held;
    }
    *s = (struct coarse){ held, left };
}
const struct dsp_unit DSP(dsp_Coarse) = { sizeof(struct coarse), coarse_init, coarse_process, NULL, 0 };

#if LANE_W == 1

/*
 * Squeeze - waves played several times as fast, and so often as fills their time.
 *
 * in      [0] signal   [1] factor, clamped to 1 .. 16
 * out     [0] what lies between two upward zero crossings is a wave; while one comes in, the one before
 *         is read at `factor` frames a frame, round and round. Factor 1: the signal itself
 * memory  two waves; one of less than SQUEEZE_LOWEST_HZ is cut
 * cost    a load and a store per frame
 */
struct squeeze { uint32_t length, last_length, side; float at, before; };
enum { SQUEEZE_IN, SQUEEZE_FACTOR };
enum { SQUEEZE_LOWEST_HZ = 12 };

PH_RT static uint32_t squeeze_memory(const struct dsp_block *b)
{
    return 2 * (uint32_t)(b->rate_hz / SQUEEZE_LOWEST_HZ + 1);
}

PH_RT static void squeeze_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct squeeze *)state = (struct squeeze){ 0 };
}

/** The wave that came in is the one to read. */
LANE_FN void squeeze_turn(struct squeeze *s)
{
    s->last_length = s->length;
    s->length = 0;
    s->side ^= 1;
    s->at = 0;
}

LANE_FN float squeeze_frame(struct squeeze *s, const struct dsp_block *b, float x, float factor)
{
    const uint32_t longest = b->memory_frames / 2;
    if ((x > 0 && s->before <= 0) || s->length == longest)
        squeeze_turn(s);
    s->before = x;
    b->memory[s->side * longest + s->length++] = x;
    if (s->last_length == 0)
        return 0;
    const float y = b->memory[(s->side ^ 1) * longest + (uint32_t)s->at];
    s->at += factor;
    while (s->at >= (float)s->last_length) /* at most 16 times, and seldom twice */
        s->at -= (float)s->last_length;
    return y;
}

PH_RT static void squeeze_process(void *state, const struct dsp_block *b)
{
    struct squeeze s = *(struct squeeze *)state;
    const float *const in = dsp_in(b, SQUEEZE_IN), *const factors = dsp_in(b, SQUEEZE_FACTOR);
    const uint32_t dx = dsp_step(b, SQUEEZE_IN), df = dsp_step(b, SQUEEZE_FACTOR);
    float *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const float x = isfinite(in[i * dx]) ? in[i * dx] : 0;
        const float factor = lane_clamp(factors[i * df], 1, 16);
        const float y = squeeze_frame(&s, b, x, factor);
        out[i] = factor > 1 ? y : x;
    }
    *(struct squeeze *)state = s;
}
const struct dsp_unit DSP(dsp_Squeeze) = { sizeof(struct squeeze), squeeze_init, squeeze_process,
                                           squeeze_memory, 0 };

#endif
