/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/synths_struck.c - SuperDirt's strings, plates, forks, bars and organ.              */
/* room: command thread.                                                                          */
#include "server/dirt/synth_parts.h"

/** One impulse that decays. */
static struct ph_input impact(struct graph *g, float level, struct ph_input seconds)
{
    const struct ph_input once = UNIT(g, "Impulse", PH_AUDIO, num(g, 0), num(g, 0));
    return UNIT(g, "Decay", PH_AUDIO, scaled(g, once, level, 0), seconds);
}

/** Noise that dies away, into two strings `detune` per cent to both sides of the pitch. */
struct sound dirt_build_supermandolin(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g), freq = knob(g, "freq", NOTE_0_HZ);
    const struct ph_input one = num(g, 1);
    const struct ph_input longest = num(g, 0.05f);
    const struct ph_input env = dirt_trapezoid(g, sustain, 0.002f, 0.996f, 0.002f, -3);
    const struct ph_input seconds = scaled(g, unary(g, PH_UNARY_CPSMIDI, freq), 0.1f / 69, 0);
    const struct ph_input noise =
        mul(g, impact(g, 0.1f, seconds), source(g, "WhiteNoise", PH_AUDIO));
    const struct ph_input period = over(g, one, mul(g, freq, dirt_bend(g, sustain)));
    const struct ph_input off = scaled(g, knob(g, "detune", 0.2f), 0.01f, 0);
    const struct ph_input strings[] = {
        UNIT(g, "CombL", PH_AUDIO, noise, longest, mul(g, period, sub(g, one, off)), sustain),
        UNIT(g, "CombL", PH_AUDIO, noise, longest, mul(g, period, add(g, one, off)), sustain),
    };
    return mono(mul(g, sum(g, strings, 2), blockwise(g, env)));
}

/** The lowest modes of a round plate that is held at its edge, each of its own length and level. */
struct sound dirt_build_supergong(struct graph *g)
{
    static const float modes[] = { 1,      2.081f, 3.414f, 3.893f,  4.995f, 5.954f,  6.819f, 8.280f,
                                   8.722f, 8.882f, 10.868f, 11.18f, 11.754f, 13.71f, 13.715f };
    enum { MODES = sizeof modes / sizeof *modes };
    const struct ph_input sustain = sustain_of(g), freq = knob(g, "freq", NOTE_0_HZ);
    const struct ph_input zero = num(g, 0);
    const struct ph_input decay = clipped(g, knob(g, "decay", 1), 0, 2);
    const struct ph_input voice = clipped(g, knob(g, "voice", 0), 0, 4);
    const struct ph_input hz = mul(g, freq, dirt_bend(g, sustain));
    const struct ph_input exponent = scaled(g, decay, -1, 2), length = over(g, num(g, 100), freq);
    const struct ph_input time_scale = scaled(g, sustain, 5, 0);
    struct ph_input list[MODES];
    for (int i = 0; i < MODES; i++) {
        const struct ph_input seconds = over(g, length, power(g, modes[i], exponent));
        const struct ph_input level = scaled(g, power(g, modes[i], voice), 0.2f, 0);
        const struct dirt_segment strike[] = { { level, scaled(g, seconds, 0.01f, 0) },
                                               { zero, scaled(g, seconds, 0.5f, 0) } };
        const struct ph_input env =
            dirt_envelope(g, PH_AUDIO, time_scale, zero, strike, 2, SHAPE_CURVE, -4);
        list[i] = mul(g, env, sine(g, scaled(g, hz, modes[i], 0), zero));
    }
    return mono(sum(g, list, MODES));
}

struct sound dirt_build_superpiano(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g), velocity = knob(g, "velocity", 1);
    const struct ph_input env = dirt_trapezoid(g, sustain, 0.002f, 0.996f, 0.002f, -3);
    const struct ph_input most = num(g, 0.8f);
    /* a little above the note: on it, the unit's sample may be the next one by rounding */
    const struct ph_input pitch = mul(g, knob(g, "freq", 440), dirt_bend(g, sustain));
    const struct ph_input hz = scaled(g, pitch, 1, 0.01f);
    const struct ph_input piano = UNIT_OUTPUTS(
        g, "MdaPiano", PH_AUDIO, 2, hz, num(g, 1), scaled(g, velocity, 100, 0),
        scaled(g, sustain, 0.1f, 0), most, scaled(g, velocity, 0.8f, 0), most,
        scaled(g, knob(g, "muffle", 1), 0.8f, 0), most, most, knob(g, "stereo", 0.2f), num(g, 0.5f),
        num(g, 0.05f), knob(g, "detune", 0.1f), num(g, 0));
    struct sound s = { 2, { piano, output(piano, 1) } };
    amplify(g, &s, blockwise(g, env));
    return s;
}

/** A membrane, struck once. */
struct sound dirt_build_superhex(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g), freq = knob(g, "freq", NOTE_0_HZ);
    const struct ph_input env = dirt_trapezoid(g, sustain, 0.02f, 0.96f, 0.02f, -3);
    const struct ph_input tension =
        mul(g, scaled(g, freq, 0.05f / 400, 0), dirt_bend(g, sustain));
    const struct ph_input loss =
        scaled(g, over(g, scaled(g, knob(g, "rate", 1), 0.01f, 0), freq), -1, 1);
    const struct ph_input strike = impact(g, 1, num(g, 0.01f));
    return mono(
        mul(g, UNIT(g, "MembraneHexagon", PH_AUDIO, strike, tension, loss), blockwise(g, env)));
}

/** Four modes; the highest are the loudest at first, and the first to be gone. */
struct sound dirt_build_superfork(struct graph *g)
{
    static const struct {
        float ratio, from, to, length;
    } modes[] = { { 1, 0.3f, 1e-4f, 4 }, { 6.1f, 1, 1e-7f, 4 }, { 16.7f, 1.3f, 1e-6f, 0.5f },
                  { 20.1f, 2, 1e-7f, 0.333f } };
    const struct ph_input sustain = sustain_of(g), hz = dirt_pitch(g, sustain);
    const struct ph_input env = dirt_trapezoid(g, sustain, 0.001f, 0.998f, 0.001f, 0);
    struct ph_input list[4];
    for (int i = 0; i < 4; i++) {
        const struct ph_input level = xline(g, PH_AUDIO, num(g, modes[i].from), num(g, modes[i].to),
                                            scaled(g, sustain, modes[i].length, 0));
        list[i] = mul(g, sine(g, scaled(g, hz, modes[i].ratio, 0), num(g, 0)), level);
    }
    struct sound s = splayed(g, list, 4, 0.2f);
    amplify(g, &s, blockwise(g, env));
    return s;
}

/* ---- a vibraphone ---------------------------------------------------------------------------- */

enum { BARS = 4 };

/** Level of a bar's mode: 0.3 times these, of the velocity once and twice. */
static void bar_levels(struct graph *g, struct ph_input level[BARS])
{
    const struct ph_input velocity = knob(g, "velocity", 1);
    level[0] = num(g, 0.3f);
    level[1] = scaled(g, velocity, 0.33f, 0);
    level[2] = scaled(g, mul(g, velocity, velocity), 0.18f, 0);
    level[3] = scaled(g, velocity, 0.15f, 0);
}

/** The strike: three high modes that are gone after 20 ms. */
static struct ph_input bar_onset(struct graph *g, struct ph_input hz)
{
    static const float ratios[] = { 19.2f, 20, 21.2f };
    struct ph_input list[3];
    const struct ph_input loud = scaled(g, scaled(g, knob(g, "velocity", 1), 1, 1e-6f), 0.3f, 0);
    for (int i = 0; i < 3; i++)
        list[i] = sine(g, scaled(g, hz, ratios[i], 0), num(g, 0));
    return mul(g, sum(g, list, 3), xline(g, PH_AUDIO, loud, num(g, 1e-6f), num(g, 0.02f)));
}

struct sound dirt_build_supervibe(struct graph *g)
{
    static const float ratios[BARS] = { 1, 4, 10, 13.75f }, lengths[BARS] = { 1, 0.7f, 0.5f, 0.4f };
    static const float depths[BARS] = { 0.5f, 0.3f, 0.3f, 0.5f };
    const struct ph_input sustain = sustain_of(g), hz = dirt_pitch(g, sustain), one = num(g, 1);
    const struct ph_input env = dirt_trapezoid(g, sustain, 0.001f, 0.998f, 0.001f, 0);
    const struct ph_input turn = UNIT(g, "Rand", PH_SCALAR, num(g, 0), num(g, 6.28318531f));
    const struct ph_input motor = UNIT(g, "SinOsc", PH_CONTROL, knob(g, "modfreq", 7), turn);
    const struct ph_input shorter = unary(g, PH_UNARY_EXP, scaled(g, knob(g, "decay", 0), -1, 0));
    const struct ph_input depth = knob(g, "modamp", 1), least = num(g, 1e-6f);
    const struct ph_input highest = scaled(g, knob(g, "detune", 0), 1, ratios[3]);
    struct ph_input level[BARS], list[BARS];
    bar_levels(g, level);
    for (int i = 0; i < BARS; i++) {
        const struct ph_input mode_hz = i == 3 ? mul(g, hz, highest) : scaled(g, hz, ratios[i], 0);
        const struct ph_input length =
            mul(g, scaled(g, sustain, 4 * lengths[i], 0), i ? shorter : one);
        const struct ph_input up = xline(g, PH_AUDIO, least, one, over(g, one, mode_hz));
        const struct ph_input down = xline(g, PH_AUDIO, one, least, length);
        const struct ph_input sway = ranged(g, motor, scaled(g, depth, -depths[i], 1), one);
        const struct ph_input tone = mul(g, sine(g, mode_hz, num(g, 0)), mul(g, up, down));
        list[i] = mul(g, tone, mul(g, sway, level[i]));
    }
    return mono(mul(g, add(g, sum(g, list, BARS), bar_onset(g, hz)), blockwise(g, env)));
}

/* ---- an organ -------------------------------------------------------------------------------- */

enum { BARS_OF_ORGAN = 9, REGISTRATIONS = 10 };

/** An octave up where the wheels don't reach down to it, one or two octaves down where not up. */
static struct ph_input wheel_hz(struct graph *g, struct ph_input hz)
{
    const struct ph_input is_low = binary(g, PH_BINARY_LT, hz, num(g, 63));
    struct ph_input x = mul(g, power(g, 2, is_low), hz);
    for (int i = 0; i < 2; i++)
        x = over(g, x, power(g, 2, binary(g, PH_BINARY_GT, x, num(g, 6000))));
    return x;
}

/**
 * How far the drawbars are out, 0 .. 8; places between two registrations are mixtures. Levels to a
 * sum of 1.
 */
static void drawbars(struct graph *g, struct ph_input level[BARS_OF_ORGAN])
{
    static const float out[REGISTRATIONS][BARS_OF_ORGAN] = {
        { 1, 4, 5, 4, 3, 1, 0, 0, 0 }, { 0, 0, 8, 0, 4, 0, 0, 0, 0 }, { 0, 7, 8, 1, 2, 0, 0, 0, 0 },
        { 0, 0, 7, 8, 8, 8, 8, 7, 2 }, { 4, 0, 5, 5, 4, 5, 3, 3, 6 }, { 8, 8, 5, 3, 2, 4, 5, 8, 8 },
        { 8, 8, 8, 0, 0, 0, 0, 0, 3 }, { 8, 8, 8, 8, 8, 8, 8, 8, 8 }, { 8, 0, 0, 0, 0, 0, 8, 8, 8 },
        { 0, 0, 8, 8, 0, 0, 0, 0, 0 }
    };
    static const float softer[BARS_OF_ORGAN] = { 0, 0, 0, 0, 0, 0, 0.5f, 1, 1.5f };
    struct ph_input weights[REGISTRATIONS];
    dirt_weights(g, knob(g, "voice", 0), REGISTRATIONS, weights);
    for (int i = 0; i < BARS_OF_ORGAN; i++) {
        const struct ph_input bar =
            dirt_weighed(g, weights, REGISTRATIONS, &out[0][i], BARS_OF_ORGAN);
        level[i] = power(g, 2, scaled(g, bar, 1, -8 - softer[i]));
    }
    const struct ph_input all = sum(g, level, BARS_OF_ORGAN);
    for (int i = 0; i < BARS_OF_ORGAN; i++)
        level[i] = over(g, level[i], all);
}

/** A tone at `percf` times the pitch that dies away within 2 * decay + 1 seconds. */
static struct ph_input percussion(struct graph *g, struct ph_input hz)
{
    const struct ph_input wave = sine(g, mul(g, hz, knob(g, "percf", 2)), num(g, 1.9416f));
    const struct ph_input down = xline(g, PH_AUDIO, num(g, 1), num(g, 1e-6f),
                                       scaled(g, knob(g, "decay", 0), 2, 1));
    return mul(g, scaled(g, mul(g, wave, down), 0.5f, 0), knob(g, "perc", 0));
}

struct sound dirt_build_superhammond(struct graph *g)
{
    static const float ratios[BARS_OF_ORGAN] = { 0.5f, 1.4988f, 1,       2, 2.9976f,
                                                 4,    5.0409f, 5.9953f, 8 };
    const struct ph_input sustain = sustain_of(g), one = num(g, 1), zero = num(g, 0);
    const struct ph_input slope = clipped(g, scaled(g, sustain, 0.5f, 0), 0, 0.005f);
    const struct dirt_segment hold[] = { { one, slope },
                                         { one, sub(g, sustain, scaled(g, slope, 2, 0)) },
                                         { zero, slope } };
    const struct ph_input env = dirt_envelope(g, PH_AUDIO, one, zero, hold, 3, SHAPE_LINEAR, 0);
    const struct ph_input hz = dirt_pitch(g, sustain);
    /* the contacts' click: noise in all pitches for a tenth of a second */
    const struct ph_input click = mul(g, source(g, "WhiteNoise", PH_AUDIO),
                                      xline(g, PH_AUDIO, one, num(g, 1e-6f), num(g, 0.1f)));
    const struct ph_input shake = scaled(g, click, 2, 1);
    struct ph_input level[BARS_OF_ORGAN], list[BARS_OF_ORGAN];
    drawbars(g, level);
    for (int i = 0; i < BARS_OF_ORGAN; i++) {
        const struct ph_input wheel = wheel_hz(g, scaled(g, hz, ratios[i], 0));
        const float turn = 2.399963f * (float)(i + 1); /* wheels stand anyhow: golden angles */
        list[i] = mul(g, sine(g, mul(g, wheel, shake), num(g, turn)), level[i]);
    }
    const struct ph_input wheels = scaled(g, sum(g, list, BARS_OF_ORGAN), 0.5f, 0);
    const struct ph_input sound = add(g, percussion(g, hz), wheels);
    const struct ph_input wave = UNIT(g, "LFTri", PH_CONTROL, knob(g, "vrate", 7), zero);
    const struct ph_input depth = scaled(g, knob(g, "vibrato", 0.5f), 500, 0);
    const struct ph_input scanner = scaled(g, mul(g, wave, depth), 1, 1000);
    const struct ph_input moved = UNIT(g, "BAllPass", PH_AUDIO, sound, scanner, one);
    return mono(mul(g, add(g, sound, moved), blockwise(g, env)));
}
