/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/comb.c - CombHz: a comb that is tuned like an instrument.                           */
/* room: audio. One voice at a time: each line has its own length, so lanes gain nothing.         */
#include "server/dsp/frames.h"
#include "server/dsp/interp.h"

#if LANE_W == 1

/*
 * CombHz - y[n] = x[n] + feedback * y[n - rate / freq].
 *
 * in      [0] signal
 *         [1] freq, Hz, clamped to 20 .. 20000 and to a delay of two frames
 *         [2] feedback, clamped to -0.999 .. 0.999
 * out     [0] y; what lies between frames is read by a cubic, as a straight line would take the
 *         high partials away with every period
 * ramp    delay and feedback move linearly over the block when a constant changes
 * state   delay and feedback in use; the line is zero at birth. A y past 1e15, or no number, is let
 *         go
 * cost    by runs that are shorter than the delay: a cubic a frame
 * source  J. O. Smith, Physical Audio Signal Processing, feedback comb filters
 */
struct comb_hz { uint32_t position; float delay_frames, feedback, freq_hz, gain; };
enum { COMB_IN, COMB_FREQ, COMB_FEEDBACK };
enum { COMB_LOWEST_HZ = 20, COMB_HIGHEST_HZ = 20000, COMB_BEFORE = 2, COMB_EXTRA = 4 };

PH_RT static uint32_t comb_hz_memory(const struct dsp_block *b)
{
    return (uint32_t)ceilf(b->rate_hz / COMB_LOWEST_HZ) + COMB_EXTRA;
}

LANE_FN float comb_delay(float freq_hz, float rate_hz)
{
    return dsp_max(rate_hz / lane_clamp(freq_hz, COMB_LOWEST_HZ, COMB_HIGHEST_HZ), COMB_BEFORE);
}
LANE_FN float comb_feedback(float x) { return lane_clamp(x, -0.999f, 0.999f); }

PH_RT static void comb_hz_init(void *state, const struct dsp_block *b)
{
    struct comb_hz *const s = state;
    *s = (struct comb_hz){ .freq_hz = dsp_in(b, COMB_FREQ)[0],
                           .gain = dsp_in(b, COMB_FEEDBACK)[0] };
    s->delay_frames = comb_delay(s->freq_hz, b->rate_hz);
    s->feedback = comb_feedback(s->gain);
}

/** n frames from `n_back` frames before the next one on, out of the ring. */
LANE_FN void comb_read(const struct dsp_block *b, uint32_t position, uint32_t n_back, uint32_t n,
                       float *to)
{
    const uint32_t size = b->memory_frames;
    const uint32_t first = position >= n_back ? position - n_back : position + size - n_back;
    const uint32_t to_end = n < size - first ? n : size - first;
    memcpy(to, b->memory + first, to_end * sizeof(float));
    memcpy(to + to_end, b->memory, (n - to_end) * sizeof(float));
}

LANE_FN uint32_t comb_write(const struct dsp_block *b, uint32_t position, uint32_t n,
                            const float *y)
{
    const uint32_t size = b->memory_frames, to_end = n < size - position ? n : size - position;
    memcpy(b->memory + position, y, to_end * sizeof(float));
    memcpy(b->memory, y + to_end, (n - to_end) * sizeof(float));
    return position + n >= size ? position + n - size : position + n;
}

LANE_FN float comb_frame(float x, float feedback, float part, const float *past)
{
    const float y = x + feedback * lane_cubic(part, past[3], past[2], past[1], past[0]);
    return lane_where(lane_lt(lane_abs(y), 1e15f), y);
}

LANE_FN void comb_run(const float *restrict past, const float *restrict x, float *restrict out,
                      uint32_t n, float feedback, float part)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = comb_frame(x[i], feedback, part, past + i);
}

/** A block in which nothing moves, in runs that read nothing that they write. */
static void comb_stay(struct comb_hz *s, const struct dsp_block *b, const float *x)
{
    const uint32_t whole = (uint32_t)s->delay_frames;
    const float part = s->delay_frames - (float)whole, feedback = s->feedback;
    float past[DSP_BLOCK_FRAMES + COMB_EXTRA], *const out = dsp_out(b, 0);

    for (uint32_t at = 0, n; at < b->n_frames; at += n) {
        n = b->n_frames - at < whole - 1 ? b->n_frames - at : whole - 1;
        comb_read(b, s->position, whole + COMB_BEFORE, n + 3, past);
        comb_run(past, x + at, out + at, n, feedback, part);
        s->position = comb_write(b, s->position, n, out + at);
    }
}

/** A block in which delay and feedback are those of each frame. */
static void comb_move(struct comb_hz *s, const struct dsp_block *b, const float *x,
                      const float *delay, const float *feedback)
{
    const uint32_t size = b->memory_frames;
    float *const out = dsp_out(b, 0), *const line = b->memory;
    uint32_t position = s->position;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const uint32_t whole = (uint32_t)delay[i], back = whole + COMB_BEFORE;
        uint32_t at = position >= back ? position - back : position + size - back;
        float past[4];
        for (uint32_t k = 0; k < 4; k++) {
            past[k] = line[at];
            at = at + 1 == size ? 0 : at + 1;
        }
        line[position] = out[i] = comb_frame(x[i], feedback[i], delay[i] - (float)whole, past);
        position = position + 1 == size ? 0 : position + 1;
    }
    s->position = position;
}

PH_RT static void comb_hz_process(void *state, const struct dsp_block *b)
{
    struct comb_hz *const s = state;
    float space[DSP_BLOCK_FRAMES], delay[DSP_BLOCK_FRAMES], feedback[DSP_BLOCK_FRAMES];
    const float *const freq_hz = dsp_in(b, COMB_FREQ), *const gain = dsp_in(b, COMB_FEEDBACK);
    const uint32_t df = dsp_step(b, COMB_FREQ), dg = dsp_step(b, COMB_FEEDBACK), n = b->n_frames;
    const float *const x = frames_of(b, COMB_IN, space);

    if (!df && !dg && freq_hz[0] == s->freq_hz && gain[0] == s->gain) {
        comb_stay(s, b, x);
        return;
    }
    const float to_delay = comb_delay(freq_hz[0], b->rate_hz), to_feedback = comb_feedback(gain[0]);
    for (uint32_t i = 0; i < n; i++) {
        const float share = (float)(i + 1) / (float)n;
        const float delay_there = lane_lerp(share, s->delay_frames, to_delay);
        delay[i] = df ? comb_delay(freq_hz[i], b->rate_hz) : dsp_max(delay_there, COMB_BEFORE);
        feedback[i] = dg ? comb_feedback(gain[i]) : lane_lerp(share, s->feedback, to_feedback);
    }
    s->freq_hz = freq_hz[df ? n - 1 : 0];
    s->gain = gain[dg ? n - 1 : 0];
    comb_move(s, b, x, delay, feedback);
    s->delay_frames = df ? delay[n - 1] : to_delay; /* not what the sum has rounded it to */
    s->feedback = dg ? feedback[n - 1] : to_feedback;
}
const struct dsp_unit DSP(dsp_CombHz) = { sizeof(struct comb_hz), comb_hz_init, comb_hz_process,
                                          comb_hz_memory, 0 };

#endif
