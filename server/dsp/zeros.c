/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/zeros.c - filters without feedback: sums and differences of neighbouring frames.    */
/* room: audio.                                                                                   */
#include "server/dsp/fastmath.h"
#include "server/dsp/frames.h"

#define PI 3.14159265358979323846

/*
 * LPZ1, HPZ1, LPZ2, HPZ2, BPZ2, BRZ2, Slope, Delay1, Delay2
 *
 * in      [0] signal x
 * out     [0] LPZ1 (x + x1) / 2             HPZ1 (x - x1) / 2         Slope (x - x1) * rate
 *             LPZ2 (x + 2 x1 + x2) / 4      HPZ2 (x - 2 x1 + x2) / 4  Delay1 x1
 *             BPZ2 (x - x2) / 2             BRZ2 (x + x2) / 2         Delay2 x2
 * state   x1 and x2, at birth the first value, as if it had lasted for ever; of Delay2 at audio
 *         rate x2 is 0 then
 */
struct zeros { lane x1, x2; };
enum zeros_kind { LPZ1, HPZ1, SLOPE, LPZ2, HPZ2, BPZ2, BRZ2, DELAY1, DELAY2 };
enum { IN };

PH_RT static void zeros_init(void *state, const struct dsp_block *b)
{
    struct zeros *const s = state;
    s->x1 = s->x2 = dsp_in(b, IN)[0];
}

LANE_FN lane zeros_frame(lane x, lane x1, lane x2, float rate_hz, enum zeros_kind kind)
{
    switch (kind) {
    case LPZ1: return 0.5f * (x + x1);
    case HPZ1: return 0.5f * (x - x1);
    case SLOPE: return rate_hz * (x - x1);
    case LPZ2: return 0.25f * ((x + x1) + (x1 + x2));
    case HPZ2: return 0.25f * ((x - x1) - (x1 - x2));
    case BPZ2: return 0.5f * (x - x2);
    case BRZ2: return 0.5f * (x + x2);
    case DELAY1: return x1;
    default: return x2;
    }
}

LANE_FN void zeros_process(void *state, const struct dsp_block *b, enum zeros_kind kind)
{
    struct zeros *const s = state;
    lane space[DSP_BLOCK_FRAMES];
    const lane *const x = frames_of(b, IN, space);
    const uint32_t n = b->n_frames;
    lane *const out = dsp_out(b, 0);

    out[0] = zeros_frame(x[0], s->x1, s->x2, b->rate_hz, kind);
    if (n > 1)
        out[1] = zeros_frame(x[1], x[0], s->x1, b->rate_hz, kind);
    for (uint32_t i = 2; i < n; i++)
        out[i] = zeros_frame(x[i], x[i - 1], x[i - 2], b->rate_hz, kind);
    s->x2 = n > 1 ? x[n - 2] : s->x1;
    s->x1 = x[n - 1];
}

#define ZEROS(name, Name, kind)                                                                    \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        zeros_process(state, b, kind);                                                             \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { sizeof(struct zeros), zeros_init, name##_process,    \
                                              NULL, 0, name##_process }
ZEROS(lpz1, LPZ1, LPZ1);
ZEROS(hpz1, HPZ1, HPZ1);
ZEROS(lpz2, LPZ2, LPZ2);
ZEROS(hpz2, HPZ2, HPZ2);
ZEROS(bpz2, BPZ2, BPZ2);
ZEROS(brz2, BRZ2, BRZ2);
ZEROS(slope, Slope, SLOPE);
ZEROS(delay1, Delay1, DELAY1);

/** A signal's first value comes two frames late from the first frame on. */
LANE_FN lane delay2_before(const struct dsp_block *b)
{
    return b->rate == PH_AUDIO ? lane_splat(0.0f) : dsp_in(b, IN)[0];
}

PH_RT static void delay2_init(void *state, const struct dsp_block *b)
{
    *(struct zeros *)state = (struct zeros){ dsp_in(b, IN)[0], delay2_before(b) };
}

PH_RT static void delay2_birth(void *state, const struct dsp_block *b)
{
    (void)state;
    dsp_out(b, 0)[0] = delay2_before(b);
}

PH_RT static void delay2_process(void *state, const struct dsp_block *b)
{
    zeros_process(state, b, DELAY2);
}
const struct dsp_unit DSP(dsp_Delay2) = { sizeof(struct zeros), delay2_init, delay2_process,
                                          NULL, 0, delay2_birth };

/*
 * Flip - turns the sign of every other frame.
 *
 * in      [0] signal
 * out     [0] -x on the block's even frames, x on the odd ones; at control rate on even blocks
 */
PH_RT static void flip_process(void *state, const struct dsp_block *b)
{
    (void)state;
    const bool audio = b->rate == PH_AUDIO;
    const uint32_t first = audio ? b->node[0].first_frame : (uint32_t)b->env->block;
    lane space[DSP_BLOCK_FRAMES];
    const lane *const x = frames_of(b, IN, space);
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = (first + i) % 2 ? x[i] : 0.0f - x[i];
}
const struct dsp_unit DSP(dsp_Flip) = { 0, dsp_no_init, flip_process, NULL, 0 };

/*
 * OneZero - x + |coef| (x1 - x), and with a negative coef x - |coef| (x1 + x).
 *
 * in      [0] signal   [1] coef; ramped over the block, at audio rate too
 * out     [0] signal
 * state   x1, at birth the first value, and the coef in use
 */
struct one_zero { lane x1, coef; };
enum { COEF = 1 };

LANE_FN lane one_zero_coef(const struct dsp_block *b)
{
    return lane_clamp(dsp_in(b, COEF)[0], -1e6f, 1e6f);
}

PH_RT static void one_zero_init(void *state, const struct dsp_block *b)
{
    struct one_zero *const s = state;
    s->x1 = dsp_in(b, IN)[0];
    s->coef = one_zero_coef(b);
}

PH_RT static void one_zero_process(void *state, const struct dsp_block *b)
{
    struct one_zero *const s = state;
    const lane *const in = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN);
    const lane to = one_zero_coef(b), step = (to - s->coef) * (1.0f / (float)b->n_frames);
    lane *const out = dsp_out(b, 0), x1 = s->x1;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane x = in[i * dx], coef = lane_fma(lane_splat((float)i), step, s->coef);
        const lane_dd part = lane_dd_from(1.0f - lane_abs(coef));
        out[i] = lane_from_dd(lane_dd_fma(lane_dd_from(coef), lane_dd_from(x1),
                                          lane_dd_mul(part, lane_dd_from(x))));
        x1 = x;
    }
    s->x1 = x1;
    s->coef = to;
}
const struct dsp_unit DSP(dsp_OneZero) = { sizeof(struct one_zero), one_zero_init, one_zero_process,
                                           NULL, 0, one_zero_process };

/*
 * TwoZero - x - 2 r cos(w) x1 + r^2 x2: zeros of radius r at a frequency's angle.
 *
 * in      [0] signal   [1] freq, Hz   [2] radius. At audio rate they count once per block
 * out     [0] signal
 * state   x1, x2, the parameters and their coefficients, which are ramped by a step every third
 *         frame. It runs for a frame at birth, as scsynth's constructor does
 */
struct two_zero { lane x1, x2, freq_hz, radius, b1, b2; };
enum { FREQ = 1, RADIUS };

LANE_FN void two_zero_design(struct two_zero *s, float rate_hz)
{
    const lane r = lane_clamp(s->radius, -1e6f, 1e6f);
    const lane hz = lane_clamp(s->freq_hz, -0.5f * rate_hz, 0.5f * rate_hz);
    s->b1 = -2.0f * r * lane_cos(hz * (float)(2 * PI / rate_hz));
    s->b2 = r * r;
}

PH_RT static void two_zero_init(void *state, const struct dsp_block *b)
{
    struct two_zero *const s = state;
    s->x1 = s->x2 = lane_splat(0.0f);
    s->freq_hz = dsp_in(b, FREQ)[0];
    s->radius = dsp_in(b, RADIUS)[0];
    two_zero_design(s, b->rate_hz);
}

PH_RT static void two_zero_process(void *state, const struct dsp_block *b)
{
    struct two_zero *const s = state;
    const lane *const in = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN), n_steps = b->n_frames / 3;
    const float part = n_steps ? 1.0f / (float)n_steps : 0.0f;
    lane *const out = dsp_out(b, 0), x1 = s->x1, x2 = s->x2, b1 = s->b1, b2 = s->b2;

    s->freq_hz = dsp_in(b, FREQ)[0];
    s->radius = dsp_in(b, RADIUS)[0];
    two_zero_design(s, b->rate_hz);
    const lane step1 = (s->b1 - b1) * part, step2 = (s->b2 - b2) * part;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane x = in[i * dx];
        out[i] = lane_fma(b2, x2, lane_fma(b1, x1, x));
        x2 = x1;
        x1 = x;
        if (i % 3 == 2)
            b1 += step1, b2 += step2;
    }
    s->x1 = x1;
    s->x2 = x2;
}
const struct dsp_unit DSP(dsp_TwoZero) = { sizeof(struct two_zero), two_zero_init, two_zero_process,
                                           NULL, 0, two_zero_process };
