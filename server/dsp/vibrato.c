/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/vibrato.c - Vibrato: a frequency that wavers.                                       */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/each.h"
#include "server/dsp/part.h"
#include "server/dsp/random.h"

enum {
    VIBRATO_IN, VIBRATO_RATE, VIBRATO_DEPTH, VIBRATO_DELAY, VIBRATO_ONSET, VIBRATO_RATE_VARIATION,
    VIBRATO_DEPTH_VARIATION, VIBRATO_IPHASE, VIBRATO_TRIGGER
};

/**
 * Vibrato - a frequency times 1 plus two parabolas, near a sine, drawn anew in every turn.
 *
 * in      [0] freq   [1] rate in Hz   [2] depth, a part of freq   [3] delay in seconds   [4] onset,
 *         seconds in which the depth grows   [5] rateVariation, [6] depthVariation: how far each
 *         turn's rate and depths lie from the mean, as a part of it   [7] iphase, in turns
 *         [8] trig: delay and onset begin again. All but freq are read where they count
 * out     [0] freq while the delay runs, then the wavering one
 * state   phase of -1 .. 3 and the onset's level in double, what was drawn, frames left of delay
 *         and onset. As scsynth's it is born one frame into its course
 * cost    some ten operations per frame, each voice by itself
 */
struct vibrato {
    double phase[LANE_W], level[LANE_W], slope[LANE_W];
    float step[LANE_W], up[LANE_W], down[LANE_W], trigger[LANE_W];
    int32_t delay[LANE_W], onset[LANE_W];
    uint32_t count[LANE_W], key[LANE_W], seeded[LANE_W];
};
struct vibrato_voice {
    double phase, level, slope;
    float step, up, down, trigger;
    int32_t delay, onset;
    struct chance chance;
};

static int32_t vibrato_frames(float seconds, float rate_hz)
{
    const double frames = (double)seconds * (double)rate_hz;
    return !(frames > 0.0) ? 0 : frames < 2e9 ? (int32_t)frames : 2000000000;
}

/** Rate and depths of a turn. */
LANE_FN void vibrato_draw(struct vibrato_voice *v, const struct dsp_block *b, int k, uint32_t frame)
{
    const float per_hz = (float)(4.0 / (double)b->rate_hz);
    const float rate = each_in(b, VIBRATO_RATE, k, frame) * per_hz;
    const float depth = each_in(b, VIBRATO_DEPTH, k, frame);
    const float rate_part = each_in(b, VIBRATO_RATE_VARIATION, k, frame);
    const float depth_part = each_in(b, VIBRATO_DEPTH_VARIATION, k, frame);
    const float step = rate * (1.0f + rate_part * chance_bipolar(&v->chance));
    v->step = step > -2.0f ? step < 2.0f ? step : 2.0f : -2.0f; /* half a turn */
    v->up = depth * (1.0f + depth_part * chance_bipolar(&v->chance));
    v->down = depth * (1.0f + depth_part * chance_bipolar(&v->chance));
}

LANE_FN void vibrato_begin(struct vibrato_voice *v, const struct dsp_block *b, int k,
                           uint32_t frame)
{
    const double turns = (double)each_in(b, VIBRATO_IPHASE, k, frame);
    const double part = turns - floor(turns);
    v->phase = 4.0 * (part < 1.0 ? part : 0.0) - 1.0; /* 0 where iphase is no number */
    vibrato_draw(v, b, k, frame);
    v->delay = vibrato_frames(each_in(b, VIBRATO_DELAY, k, frame), b->rate_hz);
    v->onset = vibrato_frames(each_in(b, VIBRATO_ONSET, k, frame), b->rate_hz);
    v->slope = v->level = 1.0 / (1.0 + v->onset);
}

/** 1 plus the parabola at the phase, which goes on by a part of a step. */
LANE_FN float vibrato_waver(struct vibrato_voice *v, const struct dsp_block *b, int k,
                            uint32_t frame, float part)
{
    if (v->phase >= 3.0 || v->phase < -1.0) {
        v->phase += v->phase < 0.0 ? 4.0 : -4.0;
        vibrato_draw(v, b, k, frame);
    }
    const bool up = v->phase < 1.0;
    const float z = (float)(up ? v->phase : v->phase - 2.0);
    const float scale = up ? v->up : v->down, bend = up ? 1.0f - z * z : z * z - 1.0f;
    v->phase += (double)(v->step * part);
    if (v->onset > 0) {
        v->onset--;
        const float level = (float)v->level;
        v->level += v->slope * (double)part;
        return 1.0f + level * scale * bend;
    }
    return 1.0f + scale * bend;
}

LANE_FN float vibrato_frame(struct vibrato_voice *v, const struct dsp_block *b, int k,
                            uint32_t frame, float part)
{
    const float trigger = each_in(b, VIBRATO_TRIGGER, k, frame);
    const float freq = each_in(b, VIBRATO_IN, k, frame);
    if (v->trigger <= 0.0f && trigger > 0.0f)
        vibrato_begin(v, b, k, frame);
    v->trigger = trigger;
    if (v->delay > 0) {
        v->delay -= part < 0.5f ? 0 : 1;
        return freq;
    }
    return freq * vibrato_waver(v, b, k, frame, part);
}

static struct vibrato_voice vibrato_load(const struct vibrato *s, int k)
{
    return (struct vibrato_voice){ s->phase[k], s->level[k], s->slope[k], s->step[k], s->up[k],
                                   s->down[k], s->trigger[k], s->delay[k], s->onset[k],
                                   { s->count[k], s->key[k], s->seeded[k] } };
}

static void vibrato_store(struct vibrato *s, int k, const struct vibrato_voice *v)
{
    s->phase[k] = v->phase, s->level[k] = v->level, s->slope[k] = v->slope;
    s->step[k] = v->step, s->up[k] = v->up, s->down[k] = v->down, s->trigger[k] = v->trigger;
    s->delay[k] = v->delay, s->onset[k] = v->onset;
    s->count[k] = v->chance.n, s->key[k] = v->chance.key, s->seeded[k] = v->chance.seeded;
}

PH_RT static void vibrato_init(void *state, const struct dsp_block *b)
{
    struct vibrato_voice v = { .chance = chance_new(b) };
    vibrato_begin(&v, b, 0, 0);
    vibrato_frame(&v, b, 0, 0, 1.0f);
    vibrato_store(state, 0, &v);
}

PH_RT static void vibrato_process(void *state, const struct dsp_block *b)
{
    FOR_EACH_VOICE(k) {
        struct vibrato_voice v = vibrato_load(state, k);
        if (LANE_W == 1) /* RandSeed has no wide form */
            chance_begin(&v.chance, b);
        for (uint32_t i = 0; i < b->n_frames; i++)
            *each_out(b, k, i) = vibrato_frame(&v, b, k, i, part_of_block(b));
        vibrato_store(state, k, &v);
    }
}
const struct dsp_unit DSP(dsp_Vibrato) = { sizeof(struct vibrato), vibrato_init, vibrato_process,
                                           NULL, 3, birth_input };
