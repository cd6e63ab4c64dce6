/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/compander.c - SuperCollider's Amplitude and Compander.                              */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/frames.h"
#include "server/dsp/precise.h"

/** What is left of a distance after a frame: a tenth after `seconds`; nothing at 0 and below. */
LANE_FN lane amplitude_coef(lane seconds, float rate_hz)
{
    const lane frames = seconds * rate_hz;
    const lane coef = precise_exp(-2.30258509f / lane_max(frames, lane_splat(1e-3f)));
    return lane_where(lane_gt(frames, lane_splat(0.0f)), coef);
}

/** Up with one coefficient, down with the other; rounded like scsynth's. */
LANE_FN lane amplitude_frame(lane y, lane x, lane up, lane down)
{
    const lane level = lane_abs(x);
    return level + (y - level) * lane_select(lane_lt(level, y), down, up);
}

/*
 * Amplitude - follows |in|.
 *
 * in      [0] signal; a control unit reads all frames of one at audio rate
 *         [1] attackTime   [2] releaseTime, seconds to a tenth of a distance; of a control unit
 *         they count in control frames even where it reads audio, as in scsynth. At audio rate the
 *         block's first counts
 * out     [0] level, at control rate the block's last
 * state   the level, at birth that of the first value; what is no number is let go
 * cost    a choice and three operations per frame; two exps where a time has changed
 */
struct amplitude { lane y, attack, release, up, down; };
enum { AMP_IN, AMP_ATTACK, AMP_RELEASE };

PH_RT static void amplitude_init(void *state, const struct dsp_block *b)
{
    struct amplitude *const s = state;
    s->y = lane_abs(dsp_in(b, AMP_IN)[0]);
    s->attack = dsp_in(b, AMP_ATTACK)[0];
    s->release = dsp_in(b, AMP_RELEASE)[0];
    s->up = amplitude_coef(s->attack, b->rate_hz);
    s->down = amplitude_coef(s->release, b->rate_hz);
}

PH_RT static void amplitude_process(void *state, const struct dsp_block *b)
{
    struct amplitude *const s = state;
    const lane *const x = dsp_in(b, AMP_IN);
    const lane attack = dsp_in(b, AMP_ATTACK)[0], release = dsp_in(b, AMP_RELEASE)[0];
    const uint32_t dx = dsp_step(b, AMP_IN), audio = b->rate == PH_AUDIO;
    const uint32_t n = !audio && dx ? b->env->block_frames - b->node[0].first_frame : b->n_frames;
    lane *const out = dsp_out(b, 0), y = s->y;

    if (lane_any(lane_ne(attack, s->attack) | lane_ne(release, s->release))) {
        s->up = amplitude_coef(attack, b->rate_hz);
        s->down = amplitude_coef(release, b->rate_hz);
        s->attack = attack;
        s->release = release;
    }
    for (uint32_t i = 0; i < n; i++) {
        y = amplitude_frame(y, x[i * dx], s->up, s->down);
        out[i * audio] = y;
    }
    s->y = lane_where(lane_finite(y), y);
}

PH_RT static void amplitude_birth(void *state, const struct dsp_block *b)
{
    dsp_out(b, 0)[0] = ((const struct amplitude *)state)->y;
}
const struct dsp_unit DSP(dsp_Amplitude) = { sizeof(struct amplitude), amplitude_init,
                                             amplitude_process, NULL, 0, amplitude_birth };

/*
 * Compander - multiplies by a power of how far another signal is above or below a threshold.
 *
 * in      [0] signal   [1] control, the signal whose level counts   [2] thresh
 *         [3] slopeBelow   [4] slopeAbove, exponents (less 1) on either side of it
 *         [5] clampTime   [6] relaxTime, seconds to a tenth of a distance, up and down
 * out     [0] signal * gain. The level at the end of a block makes the gain that the block goes to,
 *         on a straight line
 * state   level and gain; the gain starts at a 64th of what the first value asks for, as scsynth's
 *         constructor leaves it. A gain past 1e15 counts as 1
 * cost    Amplitude's, a product per frame and a power per block
 */
struct compander { lane level, gain, clamp, relax, up, down; };
enum { COMP_IN, COMP_CONTROL, COMP_THRESH, COMP_BELOW, COMP_ABOVE, COMP_CLAMP, COMP_RELAX };

LANE_FN void compander_times(struct compander *s, const struct dsp_block *b)
{
    s->clamp = dsp_in(b, COMP_CLAMP)[0];
    s->relax = dsp_in(b, COMP_RELAX)[0];
    s->up = amplitude_coef(s->clamp, b->rate_hz);
    s->down = amplitude_coef(s->relax, b->rate_hz);
}

LANE_FN lane compander_gain(lane level, const struct dsp_block *b)
{
    const lane thresh = dsp_in(b, COMP_THRESH)[0], one = lane_splat(1.0f);
    const lane_i below = lane_lt(level, thresh);
    const lane slope = lane_select(below, dsp_in(b, COMP_BELOW)[0], dsp_in(b, COMP_ABOVE)[0]);
    const lane gain = precise_pow(level / thresh, lane_clamp(slope, -1e3f, 1e3f) - 1.0f);
    const lane some = lane_where(lane_ge(gain, lane_splat(1e-15f)) | ~below, gain);
    const lane_i plain = lane_eq(slope, one) | ~lane_le(gain, lane_splat(1e15f));
    return lane_select(plain, one, some);
}

PH_RT static void compander_init(void *state, const struct dsp_block *b)
{
    struct compander *const s = state;
    compander_times(s, b);
    s->level = amplitude_frame(lane_splat(0.0f), dsp_in(b, COMP_CONTROL)[0], s->up, s->down);
    const float part = b->rate == PH_AUDIO ? 1.0f / (float)b->env->block_frames : 1.0f;
    s->gain = compander_gain(s->level, b) * part;
}

PH_RT static void compander_process(void *state, const struct dsp_block *b)
{
    struct compander *const s = state;
    const lane *const x = dsp_in(b, COMP_IN), *const control = dsp_in(b, COMP_CONTROL);
    const uint32_t dx = dsp_step(b, COMP_IN), dc = dsp_step(b, COMP_CONTROL);
    lane *const out = dsp_out(b, 0), level = s->level;

    if (lane_any(lane_ne(dsp_in(b, COMP_CLAMP)[0], s->clamp) |
                 lane_ne(dsp_in(b, COMP_RELAX)[0], s->relax)))
        compander_times(s, b);
    for (uint32_t i = 0; i < b->n_frames; i++)
        level = amplitude_frame(level, control[i * dc], s->up, s->down);
    s->level = lane_where(lane_finite(level), level);
    const lane to = compander_gain(s->level, b);
    const lane step = (to - s->gain) * (1.0f / (float)b->n_frames);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = x[i * dx] * lane_fma(lane_splat((float)i), step, s->gain);
    s->gain = to;
}
const struct dsp_unit DSP(dsp_Compander) = { sizeof(struct compander), compander_init,
                                             compander_process, NULL, 0, birth_zero };
