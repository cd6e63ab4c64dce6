/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/synths_digital.c - SuperDirt's synths of chips, dust and rooms.                    */
/* room: command thread.                                                                          */
#include "server/dirt/synth_parts.h"

/** `rate` times from -most to most along lines, beginning in the middle. */
static struct ph_input repeating(struct graph *g, struct ph_input most, struct ph_input sustain)
{
    const struct ph_input last = scaled(g, knob(g, "rate", 1), 2, -1);
    const struct ph_input place = line(g, PH_CONTROL, num(g, -1), last, sustain);
    return binary(g, PH_BINARY_WRAP2, mul(g, most, place), most);
}

/* ---- chips and dust -------------------------------------------------------------------------- */

/** The chip's divider of its clock for a pitch. */
static struct ph_input chip_tone(struct graph *g, struct ph_input hz)
{
    return over(g, num(g, 110300), scaled(g, hz, 1, -0.5f));
}

/** 15, the chip's full level, while the fraction of `times` times `voice` is below a half. */
static struct ph_input chip_level(struct graph *g, struct ph_input voice, float times)
{
    const struct ph_input place =
        times == 1 ? voice : binary(g, PH_BINARY_MOD, scaled(g, voice, times, 0), num(g, 1));
    return scaled(g, binary(g, PH_BINARY_LT, place, num(g, 0.5f)), 15, 0);
}

struct sound dirt_build_superchip(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g), voice = knob(g, "voice", 0);
    const struct ph_input env = dirt_trapezoid(g, sustain, 0.01f, 0.98f, 0.01f, -1);
    const struct ph_input slide = repeating(g, scaled(g, knob(g, "slide", 0), 100, 0), sustain);
    const struct ph_input hz =
        mul(g, add(g, knob(g, "freq", NOTE_0_HZ), slide), dirt_bend(g, sustain));
    const struct ph_input chip =
        UNIT(g, "AY", PH_AUDIO, chip_tone(g, hz), chip_tone(g, mul(g, hz, knob(g, "pitch2", 2))),
             chip_tone(g, mul(g, hz, knob(g, "pitch3", 3))), num(g, 1), num(g, 7),
             chip_level(g, voice, 1), chip_level(g, voice, 2), chip_level(g, voice, 4), num(g, 4),
             num(g, 1), num(g, 0));
    const struct ph_input soft = unary(g, PH_UNARY_TANH, scaled(g, chip, 0.5f, 0));
    return mono(mul(g, scaled(g, soft, 2, 0), blockwise(g, env)));
}

/** From steps at a rate to noise, brown at low pitches and white at high ones, through a band. */
struct sound dirt_build_supernoise(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g), freq = knob(g, "freq", NOTE_0_HZ);
    const struct ph_input one = num(g, 1);
    const struct ph_input env = dirt_trapezoid(g, sustain, 0.01f, 0.98f, 0.01f, -1);
    const struct ph_input most = scaled(g, mul(g, knob(g, "accelerate", 0), freq), 4, 0);
    const struct ph_input hz = add(g, scaled(g, freq, 8, 0), repeating(g, most, sustain));
    const struct ph_input glide =
        line(g, PH_CONTROL, one, scaled(g, knob(g, "slide", 0), 1, 1), sustain);
    const struct ph_input band = mul(g, mul(g, scaled(g, hz, 5, 0), knob(g, "pitch1", 1)), glide);
    const struct ph_input steps = scaled(
        g, UNIT(g, "LFDNoise0", PH_AUDIO, binary(g, PH_BINARY_MIN, hz, num(g, 22000))), 0.5f, 0);
    const struct ph_input white = scaled(g, source(g, "WhiteNoise", PH_AUDIO), 0.5f, 0);
    const struct ph_input brown = scaled(g, source(g, "BrownNoise", PH_AUDIO), 0.5f, 0);
    const struct ph_input colour = scaled(g, unary(g, PH_UNARY_CPSMIDI, hz), 1.0f / 127, 0);
    const struct ph_input noise = UNIT(g, "XFade2", PH_AUDIO, brown, white, colour, one);
    const struct ph_input both = UNIT(g, "XFade2", PH_AUDIO, steps, noise,
                                      scaled(g, knob(g, "voice", 0), 2, -1), one);
    struct ph_input x = UNIT(g, "BMoog", PH_AUDIO, both, clipped(g, band, 60, 20000),
                             knob(g, "resonance", 0), num(g, 3));
    x = UNIT(g, "HPF", PH_AUDIO, x, num(g, 20));
    return mono(mul(g, scaled(g, clipped(g, x, -1, 1), 0.3f, 0), blockwise(g, env)));
}

/**
 * A pulse that runs only while dust falls. SuperDirt has its frequency switched off else. scsynth's
 * Pulse looks for that once a block, and fades its impulses, which it then sums, in and out by a
 * block: so here. Left out is what becomes of its division by 0 where it stands still on an edge,
 * as it always does until the first grain: a constant of up to 1000.
 */
struct sound dirt_build_superstatic(struct graph *g)
{
    const float leak = 0.999f;
    const struct ph_input sustain = sustain_of(g), hz = dirt_pitch(g, sustain);
    const struct ph_input env = dirt_swell(g, sustain, 0.5f);
    const struct ph_input dust = UNIT(g, "Dust", PH_AUDIO, scaled(g, hz, 40, 0));
    const struct ph_input falls = blockwise(g, binary(g, PH_BINARY_GT, dust, num(g, 0.5f)));
    const struct ph_input pulse = UNIT(g, "Pulse", PH_AUDIO, scaled(g, hz, 4, 0), num(g, 0.5f));
    const struct ph_input last = scaled(g, UNIT(g, "Delay1", PH_AUDIO, pulse), leak, 0);
    const struct ph_input impulses = mul(g, sub(g, pulse, last), falls);
    const struct ph_input sound = UNIT(g, "Integrator", PH_AUDIO, impulses, num(g, leak));
    return mono(mul(g, scaled(g, sound, 0.5f, 0), blockwise(g, env)));
}

/* ---- rooms ----------------------------------------------------------------------------------- */

/** GVerb as it is, of a size up to `most`, which costs memory only. */
static struct ph_input room(struct graph *g, struct ph_input x, struct ph_input size, float seconds,
                            float most)
{
    const struct ph_input half = num(g, 0.5f);
    return UNIT_OUTPUTS(g, "GVerb", PH_AUDIO, 2, x, size, num(g, seconds), half, half, num(g, 15),
                        num(g, 1), num(g, 0.7f), half, num(g, most));
}

/**
 * Impulses in a loop of two short delays. The slow ones come in long and short steps, times
 * `rate`.
 */
struct sound dirt_build_supergrind(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g), zero = num(g, 0), one = num(g, 1);
    const struct ph_input env = dirt_trapezoid(g, sustain, 0.1f, 0.8f, 0.1f, 0);
    const struct ph_input hz = scaled(g, dirt_pitch(g, sustain), 0.5f, 0);
    const struct ph_input quarter = num(g, 0.25f), detune = knob(g, "detune", 0);
    const struct ph_input steps =
        UNIT(g, "Dseq", PH_DEMAND, num(g, 1e9f), quarter, quarter, quarter, num(g, 2));
    const struct ph_input step = UNIT(g, "Duty", PH_CONTROL, one, zero, zero, steps);
    const struct ph_input slow =
        UNIT(g, "Impulse", PH_CONTROL, mul(g, knob(g, "rate", 1), step), zero);
    const struct ph_input sway = mul(g, sine(g, quarter, zero), scaled(g, hz, 0.5f, 0));
    const struct ph_input middle = mul(g, scaled(g, knob(g, "voice", 0), 1, 1), hz);
    const struct ph_input fast = UNIT(g, "Impulse", PH_AUDIO, add(g, sway, middle), zero);
    const struct ph_input fed = add(g, add(g, fast, UNIT(g, "LocalIn", PH_AUDIO, zero)), slow);
    const struct ph_input block = source(g, "ControlDur", PH_SCALAR), twice = scaled(g, hz, 2, 0);
    const struct ph_input delays[] = {
        UNIT(g, "DelayC", PH_AUDIO, fed, one, sub(g, over(g, one, add(g, twice, detune)), block)),
        UNIT(g, "DelayC", PH_AUDIO, fed, one, sub(g, over(g, one, sub(g, twice, detune)), block)),
    };
    struct ph_input loop = scaled(g, sum(g, delays, 2), 0.5f, 0);
    UNIT_OUTPUTS(g, "LocalOut", PH_AUDIO, 0,
                 unary(g, PH_UNARY_TANH, UNIT(g, "LeakDC", PH_AUDIO, loop, num(g, 0.995f))));
    const struct ph_input late = scaled(g, sine(g, one, zero), 0.001f, 0.1f);
    loop = add(g, loop, UNIT(g, "DelayC", PH_AUDIO, loop, num(g, 0.2f), late));
    const struct ph_input loud = scaled(g, add(g, loop, scaled(g, slow, 8, 0)), 4, 0);
    const struct ph_input wet = room(g, unary(g, PH_UNARY_SIN, loud), num(g, 10), 3, 300);
    struct sound s = { 2, { add(g, unary(g, PH_UNARY_SIN, wet), loop),
                            add(g, unary(g, PH_UNARY_SIN, output(wet, 1)), loop) } };
    amplify(g, &s, scaled(g, blockwise(g, env), 0.3f, 0));
    return s;
}

enum { PRIMES = 9, VERBS = 2 * PRIMES };

/** Impulses of a prime's rhythm make one harmonic sound, in its own room. Left and right. */
static void prime_sounds(struct graph *g, struct ph_input sustain, struct ph_input list[VERBS])
{
    static const float primes[PRIMES] = { 2, 3, 5, 7, 11, 13, 17, 19, 23 };
    const struct ph_input hz = dirt_pitch(g, sustain), zero = num(g, 0), one = num(g, 1);
    const struct ph_input rate = over(g, knob(g, "rate", 1), sustain);
    const struct ph_input off = scaled(g, knob(g, "detune", 0), 1.0f / 12, 0);
    const struct ph_input voice = knob(g, "voice", 0);
    const struct ph_input cutoff = linexp(g, voice, 0, 2, 30, 18000);
    const struct ph_input size = linexp(g, voice, 0, 5, 10, 0.1f);
    const struct ph_input blocks = source(g, "ControlRate", PH_SCALAR);
    for (int i = 0; i < PRIMES; i++) {
        const struct ph_input beat =
            UNIT(g, "Impulse", PH_AUDIO, scaled(g, rate, 30 / primes[i], 0), zero);
        const struct ph_input turn = UNIT(g, "Phasor", PH_CONTROL, beat,
                                          over(g, num(g, 1 / primes[i]), blocks), zero, one, zero);
        const struct ph_input side = scaled(g, off, i % 2 ? -1 : 1, 1);
        const struct ph_input wave =
            sine(g, scaled(g, mul(g, hz, side), (float)(i + 1) / 2, 0), turn);
        const struct ph_input fall =
            UNIT(g, "Decay", PH_AUDIO, beat, scaled(g, sustain, (primes[i] + 3) / 10, 0));
        const struct ph_input dull = UNIT(g, "LPF", PH_AUDIO, fall, cutoff);
        const struct ph_input soft = unary(g, PH_UNARY_SOFTCLIP, mul(g, wave, dull));
        const struct ph_input wet = room(g, soft, size, 10, 300);
        list[2 * i] = unary(g, PH_UNARY_TANH, wet);
        list[2 * i + 1] = unary(g, PH_UNARY_TANH, output(wet, 1));
    }
}

/** All of them around a ring that turns at random, and the ring laid out from left to right. */
struct sound dirt_build_superprimes(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g);
    const struct ph_input env = dirt_trapezoid(g, sustain, 0.1f, 0.6f, 0.3f, 0);
    const struct ph_input drift = UNIT(g, "LFNoise2", PH_CONTROL, sustain);
    const struct ph_input level = num(g, 0.235702260f); /* sqrt(1 / VERBS) */
    struct ph_input list[VERBS], ring[PRIMES];
    prime_sounds(g, sustain, list);
    for (int i = 0; i < VERBS; i++) {
        const float from_centre = 2.0f * (float)i / (VERBS - 1) - 1;
        const struct ph_input place = scaled(g, drift, 4, 4 + from_centre);
        const struct ph_input x = UNIT_OUTPUTS(g, "PanAz", PH_AUDIO, PRIMES, list[i], place, level,
                                               num(g, 2), num(g, 0.5f));
        for (int k = 0; k < PRIMES; k++)
            ring[k] = i == 0 ? output(x, k) : add(g, ring[k], output(x, k));
    }
    struct sound s = splayed(g, ring, PRIMES, 1);
    amplify(g, &s, blockwise(g, env));
    return s;
}

/** Eight resonances at random harmonics, each loud in its own room, and limited. */
struct sound dirt_build_superwavemechanics(struct graph *g)
{
    static const float ratios[] = { 3 / 8.0f, 5 / 8.0f, 8 / 8.0f, 9 / 8.0f };
    enum { WAVES = 8 };
    const struct ph_input sustain = sustain_of(g), hz = dirt_pitch(g, sustain);
    const struct ph_input env = dirt_swell(g, sustain, 1);
    const struct ph_input off = binary(g, PH_BINARY_MIN, fixed(g, "detune", 0), num(g, 1.5f));
    const struct ph_input rq = scaled(g, linexp(g, knob(g, "voice", 0), 0, 1, 0.001f, 1), 1, 0.01f);
    const struct ph_input size = linexp(g, knob(g, "resonance", 0), 0, 1, 99, 0.1f);
    const struct ph_input noise = scaled(g, source(g, "WhiteNoise", PH_AUDIO), 0.5f, 0);
    struct ph_input list[2 * WAVES];
    for (int i = 0; i < WAVES; i++) {
        const struct ph_input k = UNIT(g, "IRand", PH_SCALAR, num(g, 0), num(g, 3));
        const struct ph_input low = sub(g, scaled(g, k, 1.6f, 0), off);
        const struct ph_input high = add(g, scaled(g, k, 1.7f, 0), off);
        const struct ph_input harmonic = binary(
            g, PH_BINARY_ROUND, UNIT(g, "Rand", PH_SCALAR, low, high), num(g, 0.25f));
        const struct ph_input own_hz = mul(g, scaled(g, hz, ratios[i % 4], 0), harmonic);
        const struct ph_input wave = UNIT(g, "Resonz", PH_AUDIO, noise, own_hz, rq);
        const struct ph_input wet = room(g, wave, size, 10, 300);
        for (int c = 0; c < 2; c++) {
            const struct ph_input loud = scaled(g, output(wet, c), 55, 0);
            const struct ph_input level =
                UNIT(g, "Limiter", PH_AUDIO, loud, num(g, 1), num(g, 0.01f));
            const struct ph_input high_pass = UNIT(g, "HPF", PH_AUDIO, level, num(g, 30));
            list[2 * i + c] = UNIT(g, "Sanitize", PH_AUDIO, high_pass, num(g, 0));
        }
    }
    struct sound s = splayed(g, list, 2 * WAVES, 1);
    amplify(g, &s, blockwise(g, env));
    return s;
}
