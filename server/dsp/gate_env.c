/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/gate_env.c - an envelope for gates that may be a single frame long.                 */
/* room: audio.                                                                                   */
#include "server/dsp/lane.h"

#include <math.h>

#if LANE_W == 1

enum stage { IDLE, ATTACK, DECAY, SUSTAIN, RELEASE };

/**
 * GateEnv - linear attack, decay, sustain, release; LANGUAGE 16 `env`, `asr` and their like.
 *
 * in      [0] gate     open above 0.5
 *         [1] attack   seconds
 *         [2] decay    seconds
 *         [3] sustain  level, 0 .. 1
 *         [4] release  seconds, from wherever the level is
 * out     [0] level, 0 .. 1. Attack and decay run to their end however short the gate is; then the
 *             level waits while the gate is open. A gate that rises again starts over from the
 *             level it finds. Times are read where their segment begins
 * state   level, its step, frames left, stage, the last gate
 * cost    a few operations a frame
 */
struct gate_env {
    float level, step, open;
    uint32_t left, stage;
};

/* At least one frame; what is not finite is none. */
static uint32_t frames_of(float seconds, float rate_hz)
{
    const float frames = seconds * rate_hz;

    if (!(frames > 1.0f))
        return 1;
    return frames < 4e9f ? (uint32_t)(frames + 0.5f) : UINT32_C(4000000000);
}

static void head_for(struct gate_env *s, enum stage stage, float target, float seconds,
                     float rate_hz)
{
    s->stage = stage;
    s->left = frames_of(seconds, rate_hz);
    s->step = (target - s->level) / (float)s->left;
}

static float sustain_of(const struct dsp_block *b, uint32_t i)
{
    const float level = dsp_value(b, 3, i);

    return level > 0.0f ? level < 1.0f ? level : 1.0f : 0.0f;
}

/* What follows a segment that has ended, or a wait. */
static void next_stage(struct gate_env *s, const struct dsp_block *b, uint32_t i)
{
    if (s->stage == ATTACK)
        head_for(s, DECAY, sustain_of(b, i), dsp_value(b, 2, i), b->rate_hz);
    else if (s->stage == DECAY)
        s->stage = SUSTAIN;
    else if (s->stage == RELEASE)
        s->stage = IDLE;
    if (s->stage == SUSTAIN && s->open == 0.0f)
        head_for(s, RELEASE, 0.0f, dsp_value(b, 4, i), b->rate_hz);
}

PH_RT static void gate_env_process(void *state, const struct dsp_block *b)
{
    struct gate_env *const s = state;
    const float *const gate = dsp_in(b, 0);
    const uint32_t dg = dsp_step(b, 0);
    float *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const float open = gate[i * dg] > 0.5f ? 1.0f : 0.0f;
        if (open > s->open)
            head_for(s, ATTACK, 1.0f, dsp_value(b, 1, i), b->rate_hz);
        s->open = open;
        if (s->stage == SUSTAIN && open == 0.0f)
            next_stage(s, b, i);
        if (s->stage != IDLE && s->stage != SUSTAIN) {
            s->level += s->step;
            if (--s->left == 0) { /* exact ends: rounding of many steps doesn't add up */
                s->level = s->stage == ATTACK ? 1.0f : s->stage == DECAY ? sustain_of(b, i) : 0.0f;
                next_stage(s, b, i);
            }
        }
        out[i] = s->level;
    }
}
const struct dsp_unit DSP(dsp_GateEnv) = { sizeof(struct gate_env), dsp_no_init, gate_env_process,
                                           NULL, 0 };

#else
typedef int gate_env_has_no_wide_form; /* a translation unit must declare something */
#endif
