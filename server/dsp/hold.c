/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/hold.c - a signal in coarser time: Coarse, Squeeze, Squiz.                          */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/each.h"

/*
 * Coarse - holds every factor-th frame.
 *
 * in      [0] signal   [1] factor in frames, clamped to 1 .. 2^22; a fraction is carried on, so
 *         that on average so many frames are held; it may move
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
const struct dsp_unit DSP(dsp_Coarse) = { sizeof(struct coarse), coarse_init, coarse_process };

#if LANE_W == 1

/*
 * Squeeze - waves played several times as fast, and so often as fills their time.
 *
 * in      [0] signal   [1] factor, clamped to 1 .. 16
 * out     [0] what lies between two upward zero crossings is a wave; while one comes in, the one
 *         before is read at `factor` frames a frame, round and round. Factor 1: the signal itself
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

/*
 * Squiz - chunks of some waves played faster: Squeeze, but over one memory.
 *
 * in      [0] signal   [1] pitchratio, 1 and more   [2] zcperchunk, waves in a chunk: whole, 1 and
 *         more;
 *         these count once per block   [3] memlen, seconds, read at birth: the longest chunk, at
 *         most 2^20 frames
 * out     [0] from where an upward zero crossing ends a chunk the memory is read anew, while the
 *         next one is written over it: first what came last, then what is left of longer chunks
 *         before, then silence
 * memory  memlen
 * cost    a load and a store per frame
 * source  the published description of the effect (D. Stowell) and the oracle
 */
struct squiz { uint32_t to; int32_t crossings; float from, before; };
enum { SQUIZ_IN, SQUIZ_RATIO, SQUIZ_CROSSINGS, SQUIZ_SECONDS };
enum { SQUIZ_MAX = 1 << 20 };

PH_RT static uint32_t squiz_memory(const struct dsp_block *b)
{
    const double frames = (double)dsp_in(b, SQUIZ_SECONDS)[0] * (double)b->rate_hz;
    if (!(frames >= 1))
        return 1;
    return frames < SQUIZ_MAX ? (uint32_t)frames : SQUIZ_MAX;
}

LANE_FN float squiz_frame(struct squiz *s, const struct dsp_block *b, float in, float ratio,
                          int32_t waves)
{
    const float x = isfinite(in) ? in : 0; /* what is in the memory may stay there */
    const uint32_t n = b->memory_frames;
    float y = 0;
    if (s->from < (float)n) {
        y = b->memory[(uint32_t)s->from];
        s->from += ratio;
    }
    s->crossings += s->before < 0 && x >= 0;
    if (++s->to == n || (s->before < 0 && x >= 0 && s->crossings >= waves))
        *s = (struct squiz){ 0 };
    b->memory[s->to] = x;
    s->before = x;
    return y;
}

LANE_FN void squiz_run(struct squiz *s, const struct dsp_block *b, float *out, uint32_t n)
{
    const float ratio = lane_clamp(dsp_value(b, SQUIZ_RATIO, 0), 1, (float)b->memory_frames);
    const int32_t waves = each_whole(dsp_value(b, SQUIZ_CROSSINGS, 0));
    for (uint32_t i = 0; i < n; i++)
        out[i] = squiz_frame(s, b, dsp_value(b, SQUIZ_IN, i), ratio, waves);
}

/** scsynth's constructor takes a frame. */
PH_RT static void squiz_init(void *state, const struct dsp_block *b)
{
    struct squiz s = { 0 };
    float first;
    squiz_run(&s, b, &first, 1);
    *(struct squiz *)state = s;
}

PH_RT static void squiz_process(void *state, const struct dsp_block *b)
{
    struct squiz s = *(struct squiz *)state;
    squiz_run(&s, b, dsp_out(b, 0), b->n_frames);
    *(struct squiz *)state = s;
}
const struct dsp_unit DSP(dsp_Squiz) = { sizeof(struct squiz), squiz_init, squiz_process,
                                         squiz_memory, 0, birth_zero };

#endif
