/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/synths_drums.c - SuperDirt's drums.                                                */
/* room: command thread.                                                                          */
#include "server/dirt/synth_parts.h"

static struct ph_input white(struct graph *g)
{
    return source(g, "WhiteNoise", PH_AUDIO);
}

/** Up in a hundredth of the whole, down at once. */
static struct ph_input hit(struct graph *g, struct ph_input sustain, float down)
{
    return blockwise(g, dirt_trapezoid(g, sustain, 0.01f, 0, down, -3));
}

/** From 1 to 0 along a line. */
static struct ph_input falling(struct graph *g, struct ph_input seconds)
{
    return line(g, PH_AUDIO, num(g, 1), num(g, 0), seconds);
}

/**
 * A sine with a click of low-passed noise. `n` is the pitch, a quarter tone above a much lower
 * note.
 */
struct sound dirt_build_superkick(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g);
    const struct ph_input hz = unary(g, PH_UNARY_MIDICPS, scaled(g, knob(g, "n", 0), 1, -25.5f));
    const struct ph_input click = scaled(g, mul(g, sustain, knob(g, "decay", 1)), 0.02f, 0);
    const struct ph_input cutoff =
        mul(g, scaled(g, knob(g, "pitch1", 1), 1500, 0), dirt_bend(g, click));
    const struct ph_input noise =
        mul(g, UNIT(g, "LPF", PH_AUDIO, white(g), cutoff), falling(g, click));
    return mono(mul(g, add(g, sine(g, hz, num(g, 0)), noise), hit(g, sustain, 0.5f)));
}

/** A chirp down to the pitch, ten half tones for each `n`. */
struct sound dirt_build_super808(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g), n = knob(g, "n", 0);
    const struct ph_input own = mul(g, binary(g, PH_BINARY_GT, n, num(g, 0)), n);
    const struct ph_input usual = scaled(g, binary(g, PH_BINARY_LT, n, num(g, 1)), 3, 0);
    const struct ph_input note = scaled(g, add(g, own, usual), 10, 0);
    const struct ph_input hz = mul(g, unary(g, PH_UNARY_MIDICPS, note), dirt_bend(g, sustain));
    /* 10 .. 2000 Hz to 1000 .. 8000 Hz, both along exponentials */
    const struct ph_input octaves =
        unary(g, PH_UNARY_LOG, scaled(g, clipped(g, hz, 10, 2000), 0.1f, 0));
    const struct ph_input from =
        scaled(g, power(g, 8, scaled(g, octaves, 1 / 5.29831737f, 0)), 1000, 0);
    const struct ph_input chirp =
        xline(g, PH_AUDIO, from, hz, over(g, num(g, 0.025f), knob(g, "rate", 1)));
    const struct ph_input wave = UNIT(g, "SinOscFB", PH_AUDIO, chirp, knob(g, "voice", 0));
    const struct ph_input sound = UNIT(g, "LPF", PH_AUDIO, wave, num(g, 9000));
    return mono(mul(g, sound, hit(g, sustain, 1)));
}

/** Half to twice as much, by `n` in fifths. */
static struct ph_input tuned(struct graph *g, struct ph_input x)
{
    const struct ph_input part = scaled(g, knob(g, "n", 0), 0.2f, 1);
    return mul(g, x, UNIT(g, "Wrap", rate_of(g, part), part, num(g, 0.5f), num(g, 2)));
}

struct sound dirt_build_superhat(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g);
    const struct ph_input hz = tuned(g, scaled(g, dirt_bend(g, sustain), 2000, 0));
    const struct ph_input below = UNIT(g, "LPF", PH_AUDIO, white(g), scaled(g, hz, 3, 0));
    const struct ph_input band = UNIT(g, "HPF", PH_AUDIO, below, hz);
    return mono(mul(g, band, hit(g, sustain, 0.3f)));
}

struct sound dirt_build_supersnare(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g);
    const struct ph_input hz = tuned(g, scaled(g, dirt_bend(g, sustain), 100, 0));
    const struct ph_input pulse = UNIT(g, "Pulse", PH_AUDIO, hz, num(g, 0.5f));
    const struct ph_input cutoff =
        line(g, PH_AUDIO, num(g, 1030), num(g, 30), scaled(g, sustain, 0.2f, 0));
    const struct ph_input drum = UNIT(g, "LPF", PH_AUDIO, pulse, cutoff);
    const struct ph_input high = UNIT(g, "HPF", PH_AUDIO, white(g), num(g, 500));
    const struct ph_input band = UNIT(g, "BPF", PH_AUDIO, high, num(g, 1500), num(g, 1));
    const struct ph_input wires =
        mul(g, band, falling(g, scaled(g, knob(g, "decay", 1), 0.2f, 0)));
    return mono(mul(g, add(g, drum, wires), hit(g, sustain, 0.6f)));
}

/** Four hands, later and later: the k-th after 5 ms * delay * k^(n + 1). */
struct sound dirt_build_superclap(struct graph *g)
{
    enum { HANDS = 4 };
    const struct ph_input sustain = sustain_of(g), pitch = knob(g, "pitch1", 1), zero = num(g, 0);
    const struct ph_input spread = scaled(g, knob(g, "delay", 1), 0.005f, 0);
    const struct ph_input exponent = scaled(g, clipped(g, knob(g, "n", 0), 0, 5), 1, 1);
    const struct ph_input down = over(g, num(g, 0.04f), knob(g, "rate", 1)), one = num(g, 1);
    const struct ph_input low = UNIT(g, "LPF", PH_AUDIO, white(g), scaled(g, pitch, 7500, 0));
    const struct ph_input band =
        UNIT(g, "BPF", PH_AUDIO, low, scaled(g, pitch, 1500, 0), num(g, 1));
    struct ph_input hands[HANDS];
    for (int k = 0; k < HANDS; k++) {
        const struct ph_input wait = mul(g, spread, power(g, (float)k, exponent));
        const struct dirt_segment list[] = { { zero, wait }, { one, zero }, { zero, down } };
        hands[k] = dirt_envelope(g, PH_AUDIO, one, zero, list, 3, SHAPE_LINEAR, 0);
    }
    const struct ph_input env = scaled(g, sum(g, hands, HANDS), 0.5f, 0);
    return mono(mul(g, mul(g, band, env), hit(g, sustain, 0.6f)));
}

/* ---- after Gordon Reid's articles, by Renick Bell -------------------------------------------- */

static struct ph_input blow(struct graph *g, struct ph_input sustain, float level, float curve)
{
    return dirt_strike(g, num(g, 1), 0.005f, sustain, level, curve);
}

struct sound dirt_build_soskick(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g), hz = knob(g, "freq", 65);
    const struct ph_input fall = line(g, PH_AUDIO, scaled(g, hz, 2, 0), hz, num(g, 0.02f));
    const struct ph_input wave = phase_sine(g, fall, knob(g, "pitch1", 0), knob(g, "voice", 1));
    const struct ph_input drum = UNIT(g, "LPF", PH_AUDIO, wave, num(g, 1000));
    const struct ph_input noise = mul(g, white(g), clipped(g, knob(g, "pitch2", 0), 0, 1));
    const struct ph_input high = UNIT(g, "HPF", PH_AUDIO, noise, num(g, 500));
    const struct ph_input seconds = scaled(g, clipped(g, fixed(g, "speed", 0.3f), 0, 1), 0.1f, 0);
    const struct ph_input beater =
        UNIT(g, "LPF", PH_AUDIO, high, xline(g, PH_AUDIO, num(g, 6000), num(g, 500), seconds));
    const struct ph_input tap = dirt_strike(g, num(g, 1), 0.01f, num(g, 1), 1, -4);
    const struct ph_input both = UNIT(g, "MulAdd", PH_AUDIO, beater, tap, drum);
    return mono(mul(g, scaled(g, both, 1.41253754f, 0), blockwise(g, blow(g, sustain, 1, -4))));
}

/** scsynth's phases are 32 bits, 29 of them for a turn: more than four turns are none. */
static struct ph_input few_turns(struct graph *g, struct ph_input radians)
{
    const struct ph_input size = unary(g, PH_UNARY_ABS, radians);
    return mul(g, radians, binary(g, PH_BINARY_LT, size, num(g, 4 * 6.28318531f)));
}

/** Four sines whose pitch is a pulse's level, through two filters that move apart. */
struct sound dirt_build_soshats(struct graph *g)
{
    static const float ratios[] = { 1.34f, 2.405f, 3.09f, 1.309f };
    static const float depths[] = { 1, 0.22f, 0.014f, 0.0038f };
    const struct ph_input sustain = fixed(g, "sustain", 0.5f), hz = knob(g, "freq", 220);
    const struct ph_input radians = knob(g, "pitch1", 238.5f);
    const struct ph_input pulse = UNIT(g, "Pulse", PH_AUDIO, hz, num(g, 0.5f));
    struct ph_input list[4];
    for (int i = 0; i < 4; i++) {
        const struct ph_input wave = sine(g, scaled(g, hz, ratios[i], 0), num(g, 0));
        const struct ph_input depth = scaled(g, radians, depths[i], 0);
        list[i] = sine(g, pulse, few_turns(g, mul(g, wave, depth)));
    }
    const struct ph_input metal = sum(g, list, 4);
    const struct ph_input down = xline(g, PH_CONTROL, num(g, 15000), num(g, 9000), sustain);
    const struct ph_input up = xline(g, PH_CONTROL, num(g, 9000), num(g, 12000), sustain);
    const struct ph_input rq = clipped(g, knob(g, "resonance", 1), 0, 1);
    const struct ph_input band = UNIT(g, "BPF", PH_AUDIO, metal, down, rq);
    const struct ph_input both = add(g, band, UNIT(g, "HPF", PH_AUDIO, metal, up));
    const struct ph_input env = blow(g, sustain, 1, -4); /* twice: of each filter, and of all */
    const struct ph_input sound = mul(g, scaled(g, both, 0.562341325f, 0), env);
    return mono(mul(g, sound, blockwise(g, env)));
}

struct sound dirt_build_sostoms(struct graph *g)
{
    const struct ph_input sustain = fixed(g, "sustain", 0.5f), hz = knob(g, "freq", 261.626f);
    const struct ph_input saw = UNIT(g, "Saw", PH_AUDIO, scaled(g, hz, 0.9f, 0));
    const struct ph_input skin =
        phase_sine(g, saw, scaled(g, hz, 0.85f, 0), knob(g, "voice", 0.5f));
    const struct ph_input list[] = { scaled(g, skin, 2 * 1.99526231f, 0), sine(g, hz, num(g, 0)),
                                     sine(g, scaled(g, hz, 0.8f, 0), num(g, 0)),
                                     UNIT(g, "Crackle", PH_AUDIO, num(g, 2)) };
    const struct ph_input sound = UNIT(g, "LeakDC", PH_AUDIO, sum(g, list, 4), num(g, 0.995f));
    return mono(mul(g, scaled(g, sound, 0.707945784f, 0),
                    blockwise(g, blow(g, sustain, 0.630957344f, -6))));
}

/** Noise of 3400 steps a second without four bands, through a resonance that turns it over. */
static struct ph_input sos_wires(struct graph *g, struct ph_input sustain)
{
    static const float notches[] = { 4, 2.5f, 1.8f, 1 };
    const struct ph_input hz = knob(g, "pitch1", 2000), rq = knob(g, "resonance", 0.1f);
    const struct ph_input clock = UNIT(g, "Impulse", PH_AUDIO, num(g, 3400), num(g, 0));
    struct ph_input x = UNIT(g, "Latch", PH_AUDIO, white(g), clock);
    for (int i = 0; i < 4; i++)
        x = UNIT(g, "BRF", PH_AUDIO, x, scaled(g, hz, notches[i], 0), rq);
    x = UNIT(g, "Resonz", PH_AUDIO, mul(g, x, blow(g, sustain, -4, -4)), hz, num(g, 1));
    return scaled(g, x, 0.1f * 0.5f * 0.5f * 0.5f * 40, 0);
}

struct sound dirt_build_sossnare(struct graph *g)
{
    const struct ph_input sustain = fixed(g, "sustain", 0.5f), hz = knob(g, "freq", 405);
    const struct ph_input saw = UNIT(g, "Saw", PH_AUDIO, scaled(g, hz, 0.85f, 0));
    const struct ph_input drum =
        phase_sine(g, saw, mul(g, hz, knob(g, "semitone", 0.452f)), knob(g, "voice", 0.385f));
    const struct ph_input both = add(g, drum, sos_wires(g, sustain));
    return mono(mul(g, scaled(g, both, 1.58489319f, 0), blockwise(g, blow(g, sustain, 0.5f, -4))));
}
