/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/tap.h - what the delay effects share: knobs, times that glide, taps of a line.      */
/* room: audio. One voice at a time, like the lines that are read.                                */
#ifndef SERVER_DSP_TAP_H
#define SERVER_DSP_TAP_H

#include "server/dsp/fastmath.h"
#include "server/dsp/interp.h"
#include "server/dsp/lane_ring.h"

#if LANE_W == 1

/** x limited to lo .. hi; NaN becomes lo. */
LANE_FN float tap_limit(float x, float lo, float hi) { return x > lo ? (x < hi ? x : hi) : lo; }

LANE_FN uint32_t tap_least(uint32_t a, uint32_t b) { return a < b ? a : b; }

/** Input i frame by frame. What is no number, or beyond any signal, is silence to a recursion. */
LANE_FN void healed_input(const struct dsp_block *b, uint32_t i, float *restrict to)
{
    const float *const x = dsp_in(b, i);
    const uint32_t step = dsp_step(b, i);
    for (uint32_t n = 0; n < b->n_frames; n++)
        to[n] = lane_where(lane_lt(lane_abs(x[n * step]), 1e9f), x[n * step]);
}

/**
 * Input i frame by frame, limited to lo .. hi; what stood still and changed (an edit, a control) is
 * on its way from `*last` during this call. @return whether it moves
 */
LANE_FN bool knob_frames(const struct dsp_block *b, uint32_t i, float lo, float hi, float *last,
                         float *restrict to)
{
    const float *const x = dsp_in(b, i);
    const float from = *last, now = tap_limit(x[0], lo, hi);
    const uint32_t n = b->n_frames;
    int32_t differ = 0;

    if (dsp_step(b, i)) {
        for (uint32_t k = 0; k < n; k++) {
            to[k] = tap_limit(x[k], lo, hi);
            differ |= to[k] != now;
        }
    } else {
        differ = now != from;
        for (uint32_t k = 0; k < n; k++)
            to[k] = now - (now - from) * ((float)(n - 1 - k) / (float)n);
    }
    *last = dsp_step(b, i) ? tap_limit(x[n - 1], lo, hi) : now;
    return differ;
}

/** What a knob starts from. */
LANE_FN float knob_start(const struct dsp_block *b, uint32_t i, float lo, float hi)
{
    return tap_limit(dsp_in(b, i)[0], lo, hi);
}

/**
 * A time in seconds as a delay in frames lo .. hi that follows it by a one-pole of 20 ms and ends
 * on the exact value: whole frames then cost no treble. @return whether it moves
 */
static inline bool glide_frames(const struct dsp_block *b, uint32_t i, float lo, float hi,
                                double *state, double *restrict to)
{
    const float *const seconds = dsp_in(b, i);
    const uint32_t n = b->n_frames, step = dsp_step(b, i);
    double at = *state;
    int32_t differ = 0;

    for (uint32_t k = 0; k < n; k++) {
        to[k] = (double)tap_limit(seconds[k * step] * b->rate_hz, lo, hi);
        differ |= to[k] != at;
    }
    if (!differ)
        return false;
    const double keep = exp(-1.0 / (0.020 * b->rate_hz));
    for (uint32_t k = 0; k < n; k++) {
        const double left = to[k] - at;
        at = fabs(left) < 1e-4 ? to[k] : to[k] - keep * left;
        to[k] = at;
    }
    *state = at;
    return true;
}

/*
 * Memory of a line beyond its longest delay: the ring is that much longer, but for the frames
 * repeated behind its end. The cubic reads two frames past the delay; and what a block reads, no
 * block before it in the same period may have written: an edited synth and its predecessor share
 * the line for a crossfade.
 */
enum { TAP_LEAST = 4, TAP_REPEATED = 3, TAP_EXTRA = RING_RUN - 1 + TAP_REPEATED };

LANE_FN uint32_t tap_memory(float frames)
{
    return (uint32_t)ceilf(tap_limit(frames, TAP_LEAST, 1 << 24)) + TAP_EXTRA;
}

LANE_FN struct ring tap_ring(float *memory, uint32_t n_memory, uint32_t position)
{
    return (struct ring){ memory, n_memory - TAP_REPEATED, position };
}

LANE_FN float tap_longest(uint32_t n_memory) { return (float)(n_memory - TAP_EXTRA); }

/** Frames that can be rendered in one run: none reads what the run writes. */
LANE_FN uint32_t tap_run(const double *delay, uint32_t n)
{
    double least = 1 << 24;
    for (uint32_t i = 0; i < n; i++)
        least = delay[i] < least ? delay[i] : least;
    return (uint32_t)least - 1;
}

/** A run around at[i], `part` of a frame earlier. */
LANE_FN void tap_curve(const float *restrict at, const float *restrict part, uint32_t n,
                       float *restrict to)
{
    for (uint32_t i = 0; i < n; i++)
        to[i] = lane_cubic(part[i], at[(int)i + 1], at[i], at[(int)i - 1], at[(int)i - 2]);
}

/** whole[i] + part[i] frames before frame i of a run, which is no longer than tap_run() allows. */
static inline void tap_read_parts(const struct ring *r, const int32_t *restrict whole,
                                  const float *restrict part, uint32_t n, float *restrict to)
{
    _Alignas(64) float four[4 * DSP_BLOCK_FRAMES];
    int32_t at[DSP_BLOCK_FRAMES], differ = 0;
    const int32_t first = n ? whole[0] : 0;
    struct ring_run copy;

    for (uint32_t i = 0; i < n; i++)
        differ |= whole[i] != first;
    if (!differ) {
        tap_curve(ring_read(r, (uint32_t)first, &copy), part, n, to);
        return;
    }
    ring_places(r, whole, 2, n, at);
    memcpy(r->frames + r->n, r->frames, TAP_REPEATED * sizeof(float));
    for (uint32_t i = 0; i < n; i++)
        memcpy(four + 4 * i, r->frames + at[i], 4 * sizeof(float));
    for (uint32_t i = 0; i < n; i++)
        to[i] = lane_cubic(part[i], four[4 * i + 3], four[4 * i + 2], four[4 * i + 1], four[4 * i]);
}

/** One delay for all frames. */
LANE_FN void tap_read_still(const struct ring *r, double delay, uint32_t n, float *restrict to)
{
    struct ring_run copy;
    const int32_t whole = (int32_t)delay;
    const float part = (float)(delay - whole);
    const float *const at = ring_read(r, (uint32_t)whole, &copy);
    const float *const before = at + 1, *const next = at - 1, *const last = at - 2;
    for (uint32_t i = 0; i < n; i++)
        to[i] = lane_cubic(part, before[i], at[i], next[i], last[i]);
}

/** delay[i] frames before frame i of a run. */
static inline void tap_read_moving(const struct ring *r, const double *restrict delay, uint32_t n,
                                   float *restrict to)
{
    _Alignas(64) float part[DSP_BLOCK_FRAMES];
    int32_t whole[DSP_BLOCK_FRAMES];
    for (uint32_t i = 0; i < n; i++) {
        whole[i] = (int32_t)delay[i];
        part[i] = (float)(delay[i] - whole[i]);
    }
    tap_read_parts(r, whole, part, n, to);
}

/** A run of a tap; `delay` moves within the call or is the same for all frames. */
LANE_FN void tap_read(const struct ring *r, const double *delay, bool moves, uint32_t n, float *to)
{
    if (moves)
        tap_read_moving(r, delay, n, to);
    else
        tap_read_still(r, delay[0], n, to);
}

/* ---------------------------------------------------------------- networks of lines: reverbs */

/** The next of a unit's rings: `longest` frames can be read from it. `memory` moves on. */
LANE_FN struct ring tap_next_ring(float **memory, uint32_t longest, uint32_t position)
{
    const struct ring r = { *memory, longest + RING_RUN, position };
    *memory += longest + RING_RUN + TAP_REPEATED;
    return r;
}
/** What it takes. */
LANE_FN uint32_t tap_ring_frames(uint32_t longest) { return longest + RING_RUN + TAP_REPEATED; }

/** Copies a run into the ring. */
LANE_FN void tap_write(const struct ring *r, const float *restrict x, uint32_t n)
{
    struct ring_run written;
    float *const line = ring_write(r, n, &written);
    memcpy(line, x, n * sizeof(float));
    ring_wrote(r, line, n);
}

/** n frames, `frames` >= n earlier. */
LANE_FN void tap_copy(const struct ring *r, uint32_t frames, uint32_t n, float *restrict to)
{
    struct ring_run copy;
    memcpy(to, ring_read(r, frames, &copy), n * sizeof(float));
}

/**
 * All-pass: w = x - g d, x = d + g w, where d is the w that the line gave. A run in place; `scale`
 * (also of the other sign) goes with every gain.
 */
static inline void tap_allpass(const struct ring *r, const float *restrict d,
                               const float *restrict gain, float scale, uint32_t n,
                               float *restrict x)
{
    struct ring_run written;
    float *const restrict line = ring_write(r, n, &written);
    for (uint32_t i = 0; i < n; i++) {
        const float g = scale * gain[i], w = x[i] - g * d[i];
        line[i] = w;
        x[i] = d[i] + g * w;
    }
    ring_wrote(r, line, n);
}

/** The same with a delay of whole frames. */
LANE_FN void tap_allpass_whole(const struct ring *r, uint32_t frames, const float *gain, uint32_t n,
                               float *restrict x)
{
    struct ring_run copy;
    tap_allpass(r, ring_read(r, frames, &copy), gain, 1, n, x);
}

/** Eight channels times the Hadamard matrix of order 8, without its factor of 1 / sqrt(8). */
static inline void tap_hadamard(float (*restrict x)[DSP_BLOCK_FRAMES], uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const float a0 = x[0][i] + x[1][i], a1 = x[0][i] - x[1][i];
        const float a2 = x[2][i] + x[3][i], a3 = x[2][i] - x[3][i];
        const float a4 = x[4][i] + x[5][i], a5 = x[4][i] - x[5][i];
        const float a6 = x[6][i] + x[7][i], a7 = x[6][i] - x[7][i];
        const float b0 = a0 + a2, b2 = a0 - a2, b1 = a1 + a3, b3 = a1 - a3;
        const float b4 = a4 + a6, b6 = a4 - a6, b5 = a5 + a7, b7 = a5 - a7;
        x[0][i] = b0 + b4, x[4][i] = b0 - b4;
        x[1][i] = b1 + b5, x[5][i] = b1 - b5;
        x[2][i] = b2 + b6, x[6][i] = b2 - b6;
        x[3][i] = b3 + b7, x[7][i] = b3 - b7;
    }
}

/** 60 dB in `decay` seconds, as the exponent of a delay of `seconds`: gain = e^result. */
LANE_FN float tap_decay(float seconds, float decay) { return -6.9077553f * seconds / decay; }

#endif
#endif
