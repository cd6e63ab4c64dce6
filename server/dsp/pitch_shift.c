/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/pitch_shift.c - PitchShift: four heads that read the past at another speed.         */
/* room: audio. One voice at a time: each head reads at a place of its own.                       */
#include "server/dsp/delay_line.h"
#include "server/dsp/random.h"

#if LANE_W == 1

/*
 * PitchShift
 *
 * in      [0] signal
 *         [1] windowSize, seconds, at least 3 frames; read at birth. Its value in a block limits
 *         [4]
 *         [2] pitchRatio, clamped to 0 .. 4   [3] pitchDispersion: the ratio varies by up to that
 *         much
 *         [4] timeDispersion, seconds: how much earlier a head may start, up to windowSize
 * out     [0] half the sum of four heads under triangles, a quarter of a window apart; what moves
 *             is read where a head starts
 * state   place, speed and level of each head, summed up in float as scsynth does
 * memory  the line; before the first frame it has what the input was then
 * cost    four reads on a straight line per frame
 * source  the method of granular pitch shifting; C. Roads, Microsound (2001)
 */
enum { SHIFT_HEADS = 4 };
enum { SHIFT_IN, SHIFT_WINDOW, SHIFT_RATIO, SHIFT_PITCH_SPREAD, SHIFT_TIME_SPREAD };
struct shift_head { float delay, delay_step, level, level_step; };
struct pitch_shift {
    struct shift_head heads[SHIFT_HEADS];
    uint32_t position, n_window, until_next, stage;
    struct chance chance;
};

/** Seconds of the window, no longer than a line that can be had. */
static float shift_window(const struct dsp_block *b)
{
    return limit(dsp_in(b, SHIFT_WINDOW)[0], 3.0f / b->rate_hz, LINE_FRAMES_MAX / 8 / b->rate_hz);
}

/** scsynth's size: what lies beyond it is read round its end. */
PH_RT static uint32_t pitch_shift_memory(const struct dsp_block *b)
{
    const uint32_t n = (uint32_t)ceilf(shift_window(b) * b->rate_hz * 3 + 3) + DSP_BLOCK_FRAMES;
    uint32_t size = DSP_BLOCK_FRAMES;
    while (size < n)
        size *= 2;
    return size;
}

PH_RT static void pitch_shift_init(void *state, const struct dsp_block *b)
{
    struct pitch_shift *const s = state;
    const uint32_t n_window = ((uint32_t)(shift_window(b) * b->rate_hz) + 2) & ~3u;
    const float step = 2.0f / (float)n_window;
    *s = (struct pitch_shift){ .n_window = n_window, .until_next = n_window / SHIFT_HEADS,
                               .stage = SHIFT_HEADS - 1, .chance = chance_new(b) };
    static const float level[SHIFT_HEADS] = { 0.5f, 1, 0.5f, 0 };
    for (uint32_t h = 0; h < SHIFT_HEADS; h++)
        s->heads[h] = (struct shift_head){ 2, 1, level[h], h < 2 ? -step : step };
    b->memory[0] = line_written(LINE_DELAYS, dsp_in(b, SHIFT_IN)[0], 0, 0);
}

/** The next head starts at frame i, and the one across begins to fade. */
static void shift_next_head(struct pitch_shift *s, const struct dsp_block *b, uint32_t i)
{
    const float window = dsp_value(b, SHIFT_WINDOW, i), longest = shift_window(b);
    const float spread = limit(dsp_value(b, SHIFT_PITCH_SPREAD, i), -4, 4);
    const float seconds = limit(dsp_value(b, SHIFT_TIME_SPREAD, i), 0, limit(window, 0, longest));
    const float drawn[2] = { random_bipolar(s->chance.n, s->chance.key),
                             0.5f + 0.5f * random_bipolar(s->chance.n + 1, s->chance.key) };
    const float ratio = limit(dsp_value(b, SHIFT_RATIO, i), -8, 8) + spread * drawn[0];
    const float faster = limit(ratio, 0, 4) - 1.0f, step = 2.0f / (float)s->n_window;

    s->chance.n += 2;
    s->until_next = s->n_window / SHIFT_HEADS;
    s->stage = (s->stage + 1) % SHIFT_HEADS;
    s->heads[s->stage] = (struct shift_head){
        (faster < 0 ? 2.0f : (float)s->n_window * faster + 2.0f) +
            seconds * b->rate_hz * drawn[1], -faster, 0, step };
    s->heads[(s->stage + SHIFT_HEADS / 2) % SHIFT_HEADS].level_step = -step;
}

/** What the head reads for the frame at `position`; it moves on. */
LANE_FN float shift_read(struct shift_head *h, const float *line, uint32_t mask, uint32_t position)
{
    h->delay += h->delay_step;
    const uint32_t whole = (uint32_t)(int32_t)h->delay;
    const float part = h->delay - (float)(int32_t)h->delay;
    const float y = lane_lerp(part, line[(position - whole) & mask],
                              line[(position - whole - 1) & mask]) * h->level;
    h->level += h->level_step;
    return y;
}

PH_RT static void pitch_shift_process(void *state, const struct dsp_block *b)
{
    struct pitch_shift *const s = state;
    const float *const x = dsp_in(b, SHIFT_IN);
    const uint32_t dx = dsp_step(b, SHIFT_IN), mask = b->memory_frames - 1;
    float *const out = dsp_out(b, 0), *const line = b->memory;

    chance_begin(&s->chance, b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (s->until_next == 0)
            shift_next_head(s, b, i);
        s->until_next--;
        s->position = (s->position + 1) & mask;
        float sum = 0;
        for (uint32_t h = 0; h < SHIFT_HEADS; h++)
            sum += shift_read(&s->heads[h], line, mask, s->position);
        line[s->position] = line_written(LINE_DELAYS, x[i * dx], 0, 0);
        out[i] = sum * 0.5f;
    }
}
const struct dsp_unit DSP(dsp_PitchShift) = { sizeof(struct pitch_shift), pitch_shift_init,
                                              pitch_shift_process, pitch_shift_memory, 0 };

#else
typedef int pitch_shift_has_no_wide_form; /* a translation unit must declare something */
#endif
