/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/synths_fm.c - SuperDirt's superfm: six operators, each in the phase of each.       */
/* room: command thread.                                                                          */
#include <stdio.h>

#include "server/dirt/synth_parts.h"

enum { OPERATORS = 6, STAGES = 4, PRESETS = 5, VOICES = PRESETS + 1 };

/**
 * One operator of the presets 1 .. PRESETS. SuperDirt draws them anew whenever it starts; here they
 * are drawn from the same ranges, and are the same on every machine.
 */
struct preset {
    float ratio, detune_hz, level[STAGES], seconds[STAGES], by[OPERATORS];
};

/** 0 .. 1. Source: the 32-bit generator of G. Marsaglia, Xorshift RNGs (2003). */
static float draw(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return (float)(*state >> 8) / 16777216.0f;
}

/** Mostly the fundamental and its octaves. */
static float draw_ratio(uint32_t *state)
{
    static const float ratios[] = { 0.25f, 0.5f, 1, 2, 3, 4, 5, 6, 7 };
    static const float shares[] = { 1, 2, 8, 4, 3, 0.5f, 0.5f, 0.5f, 0.5f };
    float place = draw(state) * 20.75f;
    for (int i = 0; i < 9; i++)
        if ((place -= shares[i]) < 0)
            return ratios[i];
    return 1 + (float)(int)(draw(state) * (place < 0.25f ? 11 : place < 0.5f ? 13 : 15));
}

static void draw_presets(struct preset out[PRESETS][OPERATORS])
{
    uint32_t state = 20010101;
    for (int p = 0; p < PRESETS; p++)
        for (int i = 0; i < OPERATORS; i++) {
            struct preset *const o = &out[p][i];
            o->ratio = draw_ratio(&state);
            o->detune_hz = 14 * draw(&state) - 7;
            for (int k = 0; k < STAGES; k++) {
                o->level[k] = draw(&state);
                o->seconds[k] = draw(&state);
            }
            for (int k = 0; k < OPERATORS; k++) {
                const float depth = draw(&state);
                o->by[k] = draw(&state) < 0.25f ? depth : 0;
            }
        }
}

/** What all operators take from. */
struct fm {
    struct ph_input weights[VOICES], hz, sustain, feedback;
    struct preset presets[PRESETS][OPERATORS];
};

/** `name` and the operator's number, and that of a stage or another operator where there is one. */
static struct ph_input numbered(struct graph *g, const char *name, int i, int k, float initial)
{
    char text[16];
    snprintf(text, sizeof text, k < 0 ? "%s%d" : "%s%d%d", name, i + 1, k + 1);
    return knob(g, text, initial);
}

/** One value of all presets, by their weights, behind the event's own. */
static struct ph_input mixed(struct graph *g, const struct fm *fm, struct ph_input own,
                             const float *of_first, uint32_t bytes)
{
    return add(g, mul(g, own, fm->weights[0]),
               dirt_weighed(g, fm->weights + 1, PRESETS, of_first, bytes / sizeof(float)));
}

static struct ph_input operator_env(struct graph *g, const struct fm *fm, int i)
{
    static const float rates[STAGES] = { 10, 0.3f, 0.1f, 0.1f };
    const uint32_t stride = sizeof fm->presets[0];
    struct dirt_segment list[STAGES];
    for (int k = 0; k < STAGES; k++) {
        const struct ph_input level = numbered(g, "eglevel", i, k, 1);
        const struct ph_input rate = numbered(g, "egrate", i, k, rates[k]);
        const struct ph_input own =
            binary(g, PH_BINARY_MAX, over(g, num(g, 0.1f), rate), num(g, 0.001f));
        list[k].level = mixed(g, fm, level, &fm->presets[0][i].level[k], stride);
        list[k].seconds = mixed(g, fm, own, &fm->presets[0][i].seconds[k], stride);
    }
    return dirt_envelope(g, PH_CONTROL, fm->sustain, num(g, 0), list, STAGES, SHAPE_LINEAR, 0);
}

/** How much of operator k is in the phase of operator i. `feedback` scales what is in its own. */
static struct ph_input depth(struct graph *g, const struct fm *fm, int i, int k)
{
    const struct ph_input own = numbered(g, "mod", i, k, 0);
    const struct ph_input all =
        mixed(g, fm, own, &fm->presets[0][i].by[k], sizeof fm->presets[0]);
    return i == k ? mul(g, all, fm->feedback) : all;
}

/** FM7's rows: pitch, phase and level of each, then the depths. */
static struct ph_input operators(struct graph *g, const struct fm *fm)
{
    static const float spread[OPERATORS] = { 0.08f, -0.08f, -0.04f, 0.07f, -0.05f, 0.1f };
    const uint32_t stride = sizeof fm->presets[0];
    struct ph_input inputs[OPERATORS * (3 + OPERATORS)];
    for (int i = 0; i < OPERATORS; i++) {
        const struct ph_input ratio = numbered(g, "ratio", i, -1, 1);
        const struct ph_input off = numbered(g, "detune", i, -1, spread[i]);
        const struct ph_input hz =
            mul(g, fm->hz, mixed(g, fm, ratio, &fm->presets[0][i].ratio, stride));
        inputs[3 * i] = add(g, hz, mixed(g, fm, off, &fm->presets[0][i].detune_hz, stride));
        inputs[3 * i + 1] = num(g, 0);
        inputs[3 * i + 2] = operator_env(g, fm, i);
        for (int k = 0; k < OPERATORS; k++)
            inputs[OPERATORS * (3 + i) + k] = depth(g, fm, i, k);
    }
    return ph_build_unit(&g->b, "FM7", PH_AUDIO, 0, OPERATORS, inputs,
                         sizeof inputs / sizeof *inputs, 0);
}

struct sound dirt_build_superfm(struct graph *g)
{
    struct fm fm = { .sustain = sustain_of(g), .feedback = knob(g, "feedback", 0) };
    const struct ph_input env = dirt_trapezoid(g, fm.sustain, 0.01f, 0.98f, 0.01f, -3);
    const struct ph_input wave = UNIT(g, "LFTri", PH_CONTROL, knob(g, "lfofreq", 1), num(g, 0));
    const struct ph_input tremor = scaled(g, mul(g, wave, knob(g, "lfodepth", 0)), 1, 1);
    fm.hz = mul(g, knob(g, "freq", 440), tremor);
    draw_presets(fm.presets);
    dirt_weights(g, knob(g, "voice", 0), VOICES, fm.weights);
    const struct ph_input x = operators(g, &fm);
    struct ph_input list[OPERATORS];
    for (int i = 0; i < OPERATORS; i++)
        list[i] = mul(g, output(x, i), numbered(g, "amp", i, -1, 1));
    return mono(mul(g, scaled(g, sum(g, list, OPERATORS), 0.177827941f, 0),
                    blockwise(g, env))); /* -15 dB */
}
