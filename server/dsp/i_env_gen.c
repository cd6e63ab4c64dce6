/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/i_env_gen.c - IEnvGen: an envelope that a signal reads.                             */
/* room: audio.                                                                                   */
#include "server/dsp/each.h"

#define PI 3.14159265358979323846

enum { POINT, OFFSET, FIRST_LEVEL, N_STAGES, TOTAL, STAGES };
enum { STAGE_SECONDS, STAGE_SHAPE, STAGE_CURVE, STAGE_LEVEL, STAGE_SIZE };
enum {
    SHAPE_STEP, SHAPE_LINEAR, SHAPE_EXPONENTIAL, SHAPE_SINE, SHAPE_WELCH, SHAPE_CURVE,
    SHAPE_SQUARED, SHAPE_CUBED, SHAPE_HOLD
};

/*
 * IEnvGen - the level of an envelope at a time that is given.
 *
 * in      [0] time, [1] offset taken from it   [2] first level   [3] number of segments   [4] their
 *         length together; then per segment: length, shape, curve, level
 * out     [0] the level there; the first before 0 and the last past the end
 * memory  the envelope, as it was at birth
 * cost    a search through the segments and a function of libm per frame, each voice by itself
 * source  Env of SuperCollider, shapes as in env.c. A hold keeps its level to the end of the
 *         segment
 */
static uint32_t i_env_gen_memory(const struct dsp_block *b)
{
    return b->n_in;
}

PH_RT static void i_env_gen_init(void *state, const struct dsp_block *b)
{
    (void)state;
    for (uint32_t i = 0; i < b->n_in; i++)
        ((lane *)b->memory)[i] = dsp_in(b, i)[0];
}

/** Value i of the envelope of voice k. */
LANE_FN float stage_in(const struct dsp_block *b, uint32_t i, int k)
{
    return b->memory[i * LANE_W + (uint32_t)k];
}

/** How much of the way from `from` to `to` is done after the part `t` of a segment. */
static double stage_part(int32_t shape, double curve, bool rises, double t)
{
    switch (shape) {
    case SHAPE_STEP: return 1.0;
    case SHAPE_HOLD: return 0.0;
    case SHAPE_SINE: return 0.5 - 0.5 * cos(PI * t);
    case SHAPE_WELCH: return rises ? sin(0.5 * PI * t) : 1.0 - sin(0.5 * PI * (1.0 - t));
    case SHAPE_CURVE: return fabs(curve) < 0.0001 ? t : expm1(t * curve) / expm1(curve);
    default: return t;
    }
}

/** A power's straight line between the roots. */
static double stage_root(double from, double to, double power, double t)
{
    const double a = from > 0.0 ? pow(from, 1.0 / power) : 0.0;
    const double z = to > 0.0 ? pow(to, 1.0 / power) : 0.0;
    return pow(a + t * (z - a), power);
}

static double stage_level(int32_t shape, double curve, double from, double to, double t)
{
    if (shape == SHAPE_EXPONENTIAL && from * to > 0.0)
        return from * pow(to / from, t);
    if (shape == SHAPE_SQUARED || shape == SHAPE_CUBED)
        return stage_root(from, to, shape == SHAPE_SQUARED ? 2.0 : 3.0, t);
    return from + (to - from) * stage_part(shape, curve, from < to, t);
}

/** The level at `time`. */
static float i_env_gen_at(const struct dsp_block *b, int k, float time)
{
    const uint32_t most = b->n_in > STAGES ? (b->n_in - STAGES) / STAGE_SIZE : 0;
    const int32_t asked = each_whole((double)stage_in(b, N_STAGES, k));
    const uint32_t n = asked < 0 ? 0 : (uint32_t)asked < most ? (uint32_t)asked : most;
    float from = stage_in(b, FIRST_LEVEL, k), end = 0.0f;
    if (!(time > 0.0f))
        return from;
    const bool is_over = time >= stage_in(b, TOTAL, k);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t at = STAGES + i * STAGE_SIZE;
        const float seconds = stage_in(b, at + STAGE_SECONDS, k), start = end;
        const float to = stage_in(b, at + STAGE_LEVEL, k);
        end += seconds;
        if (time < end && !is_over) {
            const int32_t shape = each_whole((double)stage_in(b, at + STAGE_SHAPE, k));
            const double curve = (double)stage_in(b, at + STAGE_CURVE, k);
            return (float)stage_level(shape, curve, (double)from, (double)to,
                                      (double)((time - start) / seconds));
        }
        from = to;
    }
    return from;
}

PH_RT static void i_env_gen_process(void *state, const struct dsp_block *b)
{
    (void)state;
    FOR_EACH_VOICE(k) {
        float last = NAN, level = 0.0f;
        for (uint32_t i = 0; i < b->n_frames; i++) {
            const float time = each_in(b, POINT, k, i) - stage_in(b, OFFSET, k);
            if (i == 0 || time != last)
                level = i_env_gen_at(b, k, time);
            last = time;
            *each_out(b, k, i) = fabsf(level) < 1e30f ? level : 0.0f;
        }
    }
}
const struct dsp_unit DSP(dsp_IEnvGen) = { 0, i_env_gen_init, i_env_gen_process, i_env_gen_memory,
                                           0 };
