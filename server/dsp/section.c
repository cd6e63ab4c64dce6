/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/section.c - filter sections of given coefficients: FOS, SOS, Allpass1.              */
/* room: audio.                                                                                   */
#include "server/dsp/frames.h"
#include "server/dsp/lane_double.h"

/*
 * FOS, SOS - sections of first and second order, as SuperCollider writes them.
 *
 * in      [0] signal   FOS: [1] a0 [2] a1 [3] b1   SOS: [1] a0 [2] a1 [3] a2 [4] b1 [5] b2
 * out     [0] a0 v + a1 v1 + a2 v2 with v = in + b1 v1 + b2 v2
 * ramp    scsynth's: coefficients move over the block on straight lines, in FOS a step every frame, in
 *         SOS every third; those at audio rate are followed
 * state   v of the frames before, in double: with coefficients near 2 and -1 the signal is in their
 *         difference. A state past 1e15 is let go, as nothing bounds what is asked for
 */
struct section { lane_d v1, v2; lane k[5]; };
enum { SECTION_IN, SECTION_A0 };

LANE_FN lane_dd section_bound(lane_dd v)
{
    return lane_dd_where(lane_lt(lane_abs(lane_from_dd(v)), lane_splat(1e15f)), v);
}

LANE_FN void section_init(void *state, const struct dsp_block *b, uint32_t n)
{
    struct section *const s = state;
    s->v1 = s->v2 = lane_splat_d(0.0);
    for (uint32_t c = 0; c < 5; c++)
        s->k[c] = c < n ? dsp_in(b, SECTION_A0 + c)[0] : lane_splat(0.0f);
}

/** The coefficients of each frame: [coefficient][frame]. */
LANE_FN void section_path(struct section *s, const struct dsp_block *b, uint32_t n, uint32_t every,
                          lane to[5][DSP_BLOCK_FRAMES])
{
    const uint32_t n_steps = b->n_frames / every;
    for (uint32_t c = 0; c < n; c++) {
        const lane *const k = dsp_in(b, SECTION_A0 + c);
        if (dsp_step(b, SECTION_A0 + c)) {
            memcpy(to[c], k, b->n_frames * sizeof(lane));
            s->k[c] = k[b->n_frames - 1];
            continue;
        }
        const lane step = (k[0] - s->k[c]) * (1.0f / (float)(n_steps ? n_steps : 1));
        lane now = n_steps > 1 ? s->k[c] : k[0];
        for (uint32_t i = 0; i < b->n_frames; i++) {
            to[c][i] = now;
            if (n_steps > 1 && i % every == every - 1)
                now += step;
        }
        s->k[c] = k[0];
    }
}

LANE_FN void section_process(void *state, const struct dsp_block *b, uint32_t n, uint32_t every)
{
    struct section *const s = state;
    const bool second = n == 5;
    lane k[5][DSP_BLOCK_FRAMES];
    const lane *const x = dsp_in(b, SECTION_IN);
    const uint32_t dx = dsp_step(b, SECTION_IN);
    lane *const out = dsp_out(b, 0);
    lane_dd v1 = lane_dd_load((const double *)&s->v1), v2 = lane_dd_load((const double *)&s->v2);

    section_path(s, b, n, every, k);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        lane_dd v = lane_dd_fma(lane_dd_from(k[second ? 3 : 2][i]), v1, lane_dd_from(x[i * dx]));
        if (second)
            v = lane_dd_fma(lane_dd_from(k[4][i]), v2, v);
        v = section_bound(v);
        lane_dd y = lane_dd_fma(lane_dd_from(k[1][i]), v1, lane_dd_mul(lane_dd_from(k[0][i]), v));
        if (second)
            y = lane_dd_fma(lane_dd_from(k[2][i]), v2, y);
        out[i] = lane_from_dd(y);
        v2 = v1;
        v1 = v;
    }
    lane_dd_store((double *)&s->v1, v1);
    lane_dd_store((double *)&s->v2, v2);
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
                                              name##_process, NULL, 2 }
SECTION(fos, FOS, 3, 1);
SECTION(sos, SOS, 5, 3);

/*
 * Allpass1 - one pole, one zero, the same gain everywhere: y = g (x - y1) + x1.
 *
 * in      [0] signal   [1] coef g, clamped to -1 .. 1; it may move
 * out     [0] the signal with its phase turned: by half a circle in all, by a quarter where the tangent
 *         of half the angle is (1 + g) / (1 - g)
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
