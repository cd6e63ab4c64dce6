/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/section.c - filter sections of given coefficients: FOS, SOS, Allpass1.              */
/* room: audio.                                                                                   */
#include "server/dsp/frames.h"
#include "server/dsp/section.h"

/*
 * FOS, SOS - sections of first and second order, as SuperCollider writes them.
 *
 * in      [0] signal   FOS: [1] a0 [2] a1 [3] b1   SOS: [1] a0 [2] a1 [3] a2 [4] b1 [5] b2
 * out     [0] a0 v + a1 v1 + a2 v2 with v = in + b1 v1 + b2 v2
 * ramp    scsynth's: coefficients move over the block on straight lines, in FOS a step every frame,
 *         in SOS every third; where all are at audio rate, they are followed, else a block's first
 *            counts
 * state   section.h's, and the coefficients
 */
struct section { struct section_state v; lane k[SECTION_GAINS]; };
enum { SECTION_IN, SECTION_FIRST };

/** Which coefficient input SECTION_FIRST + c is; a FOS has no a2 and b2. */
LANE_FN uint32_t section_place(uint32_t c, uint32_t n)
{
    return n == 3 && c == 2 ? SECTION_B1 : c;
}

LANE_FN void section_init(void *state, const struct dsp_block *b, uint32_t n)
{
    struct section *const s = state;
    s->v.v1 = s->v.v2 = lane_dd_splat(0.0);
    for (uint32_t c = 0; c < SECTION_GAINS; c++)
        s->k[c] = lane_splat(0.0f);
    for (uint32_t c = 0; c < n; c++)
        s->k[section_place(c, n)] = dsp_in(b, SECTION_FIRST + c)[0];
}

/** Whether all n coefficients are at audio rate. */
LANE_FN bool section_moves(const struct dsp_block *b, uint32_t n)
{
    bool all = true;
    for (uint32_t c = 0; c < n; c++)
        all = all && dsp_step(b, SECTION_FIRST + c);
    return all;
}

/** Coefficient k of each frame, which input i gives. */
LANE_FN void section_path(lane *k, const struct dsp_block *b, uint32_t i, uint32_t every,
                          bool moves, lane *to)
{
    const uint32_t n_steps = b->n_frames / every;
    const lane *const x = dsp_in(b, i);
    if (moves) {
        memcpy(to, x, b->n_frames * sizeof(lane));
        *k = x[b->n_frames - 1];
        return;
    }
    const lane step = (x[0] - *k) * (1.0f / (float)(n_steps ? n_steps : 1));
    lane now = n_steps > 1 ? *k : x[0];
    for (uint32_t f = 0; f < b->n_frames; f++) {
        to[f] = now;
        if (n_steps > 1 && f % every == every - 1)
            now += step;
    }
    *k = x[0];
}

LANE_FN void section_process(void *state, const struct dsp_block *b, uint32_t n, uint32_t every)
{
    struct section *const s = state;
    lane path[SECTION_GAINS][DSP_BLOCK_FRAMES];
    const lane *const x = dsp_in(b, SECTION_IN);
    const uint32_t dx = dsp_step(b, SECTION_IN);
    lane *const out = dsp_out(b, 0);
    const bool moves = section_moves(b, n);
    struct section_state v = s->v;

    memset(path, 0, sizeof path);
    for (uint32_t c = 0; c < n; c++) {
        const uint32_t place = section_place(c, n);
        section_path(&s->k[place], b, SECTION_FIRST + c, every, moves, path[place]);
    }
    for (uint32_t i = 0; i < b->n_frames; i++) {
        lane_dd k[SECTION_GAINS];
        for (int c = 0; c < SECTION_GAINS; c++)
            k[c] = lane_dd_from(path[c][i]);
        out[i] = section_frame(&v, k, x[i * dx]);
    }
    s->v = v;
}

#define SECTION(name, Name, n, every)                                                              \
    PH_RT static void name##_init(void *state, const struct dsp_block *b)                          \
    {                                                                                              \
        section_init(state, b, n);                                                                 \
    }                                                                                              \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        section_process(state, b, n, every);                                                       \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { sizeof(struct section), name##_init,                 \
                                              name##_process, NULL, 2, name##_process }
SECTION(fos, FOS, 3, 1);
SECTION(sos, SOS, 5, 3);

/*
 * Allpass1 - one pole, one zero, the same gain everywhere: y = g (x - y1) + x1.
 *
 * in      [0] signal   [1] coef g, clamped to -1 .. 1; it may move
 * out     [0] the signal with its phase turned: by half a circle in all, by a quarter where the
 *         tangent of half the angle is (1 + g) / (1 - g)
 * state   the last input and output. What is no number is let go at the end of the call
 */
struct allpass1 { lane x1, y1; };
enum { ALLPASS1_IN, ALLPASS1_COEF };

PH_RT static void allpass1_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct allpass1 *)state = (struct allpass1){ lane_splat(0.0f), lane_splat(0.0f) };
}

PH_RT static void allpass1_process(void *state, const struct dsp_block *b)
{
    struct allpass1 *const s = state;
    lane space[2][DSP_BLOCK_FRAMES];
    const lane *const x = frames_of(b, ALLPASS1_IN, space[0]);
    const lane *const coef = frames_of(b, ALLPASS1_COEF, space[1]);
    lane *const out = dsp_out(b, 0);
    lane x1 = s->x1, y1 = s->y1;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        y1 = lane_fma(lane_clamp(coef[i], -1.0f, 1.0f), x[i] - y1, x1);
        x1 = x[i];
        out[i] = y1;
    }
    const lane_i sane = lane_finite(x1) & lane_finite(y1);
    *s = (struct allpass1){ lane_where(sane, x1), lane_where(sane, y1) };
}
const struct dsp_unit DSP(dsp_Allpass1) = { sizeof(struct allpass1), allpass1_init,
                                            allpass1_process, NULL, 0 };
