/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/synths_first.c - SuperDirt's first: grains, sines, what comes in, tutorial.        */
/* room: command thread.                                                                          */
#include "server/dirt/synth_parts.h"

/* ---- sines and grains ------------------------------------------------------------------------ */

/** (begin + 1) * speed, which grows by `accelerate` a second. */
static struct ph_input growing_speed(struct graph *g, struct ph_input begin)
{
    const struct ph_input one = num(g, 1);
    const struct ph_input since = UNIT(g, "Sweep", PH_CONTROL, one, knob(g, "accelerate", 0));
    return mul(g, add(g, begin, one), add(g, knob(g, "speed", 1), since));
}

/** Four band-limited impulses, brighter as `begin` goes to `end`. */
struct sound dirt_build_imp(struct graph *g)
{
    static const float ratios[] = { 1, 1.25f, 1.51f, 1.42f };
    const struct ph_input sustain = sustain_of(g), begin = fixed(g, "begin", 0);
    const struct ph_input env = dirt_strike(g, sustain, 0.01f, num(g, 0.99f), 1, -1);
    const struct ph_input phase = line(g, PH_CONTROL, begin, fixed(g, "end", 1), sustain);
    const struct ph_input rate = clipped(g, growing_speed(g, begin), 0, 1);
    const struct ph_input hz = binary(g, PH_BINARY_POW, knob(g, "freq", 440), rate);
    const struct ph_input most = UNIT(g, "ExpRand", PH_SCALAR, num(g, 80), num(g, 118));
    const struct ph_input harmonics = mul(g, most, phase);
    struct ph_input list[4];
    for (int i = 0; i < 4; i++)
        list[i] = UNIT(g, "Blip", PH_AUDIO, scaled(g, hz, ratios[i], 0), harmonics);
    return mono(mul(g, sum(g, list, 4), blockwise(g, env)));
}

/** Five sines, each with a harmonic of `by_hz` in its phase, that fade as `begin` goes to `end`. */
static struct sound phased_sines(struct graph *g, struct ph_input hz, struct ph_input by_hz)
{
    const struct ph_input sustain = sustain_of(g), begin = fixed(g, "begin", 0);
    const struct ph_input env = dirt_strike(g, num(g, 1), 0.002f, sustain, 1, -1);
    const struct ph_input phase = line(g, PH_AUDIO, begin, fixed(g, "end", 1), sustain);
    const struct ph_input depth = mul(g, scaled(g, phase, -10, 10), env);
    const struct ph_input quarter = num(g, 1.57079633f);
    struct ph_input list[5];
    for (int i = 0; i < 5; i++) {
        const float k = (float)(i + 1);
        const struct ph_input wave = sine(g, scaled(g, by_hz, k, 0), num(g, 0));
        list[i] =
            sine(g, hz, UNIT(g, "MulAdd", PH_AUDIO, wave, scaled(g, depth, 1 / k, 0), quarter));
    }
    return mono(mul(g, sum(g, list, 5), blockwise(g, env)));
}

struct sound dirt_build_psin(struct graph *g)
{
    return phased_sines(g, knob(g, "freq", 440), knob(g, "modfreq", 40));
}

/** The same with the pointer in place of `modfreq`. */
struct sound dirt_build_pmsin(struct graph *g)
{
    const struct ph_input one = num(g, 1), lag = num(g, 0.2f);
    const struct ph_input x = UNIT(g, "MouseX", PH_CONTROL, num(g, 30), num(g, 80), num(g, 0), lag);
    const struct ph_input y = UNIT(g, "MouseY", PH_CONTROL, one, num(g, 200), one, lag);
    const struct ph_input above = binary(g, PH_BINARY_ROUND, x, one);
    return phased_sines(g, add(g, knob(g, "freq", 440), above), y);
}

/** A cosine under a Gaussian bell that is brought down to 0 at both ends. */
struct sound dirt_build_gabor(struct graph *g)
{
    const struct ph_input zero = num(g, 0), one = num(g, 1);
    const struct ph_input width = fixed(g, "width", 0.3f);
    const struct ph_input bell =
        UNIT(g, "LFGauss", PH_AUDIO, fixed(g, "sustain", 0.03f), width, zero, zero, zero);
    const struct ph_input twice = scaled(g, unary(g, PH_UNARY_SQUARED, width), -2, 0);
    const struct ph_input low = unary(g, PH_UNARY_EXP, over(g, one, twice));
    const struct ph_input above = sub(g, UNIT(g, "Clip", PH_AUDIO, bell, low, one), low);
    const struct ph_input wave = sine(g, knob(g, "freq", 440), num(g, 1.57079633f));
    return mono(mul(g, wave, over(g, above, sub(g, one, low))));
}

struct sound dirt_build_dirac(struct graph *g)
{
    return mono(UNIT(g, "Impulse", PH_AUDIO, num(g, 0), num(g, 0)));
}

/**
 * Sixteen sines whose pitches climb and fall back with the cycle, each within another number of
 * cycles.
 */
struct sound dirt_build_cyclo(struct graph *g)
{
    enum { SINES = 16 };
    const struct ph_input sustain = sustain_of(g), begin = fixed(g, "begin", 0), one = num(g, 1);
    const struct ph_input env = dirt_strike(g, sustain, 0.01f, num(g, 0.99f), 1, -1);
    const struct ph_input phase =
        line(g, PH_CONTROL, begin, sub(g, one, fixed(g, "end", 1)), sustain);
    const struct ph_input hz = mul(g, knob(g, "freq", NOTE_0_HZ), growing_speed(g, begin));
    const struct ph_input cycle = mul(g, knob(g, "cycle", 0), knob(g, "speed", 1));
    const struct ph_input ratio = knob(g, "ratio", 1);
    struct ph_input list[SINES];
    for (int i = 0; i < SINES; i++) {
        const struct ph_input length = add(g, scaled(g, ratio, (float)(i + 1), 0), phase);
        const struct ph_input above = binary(g, PH_BINARY_MOD, cycle, length);
        list[i] = sine(g, mul(g, add(g, above, one), hz), num(g, 0));
    }
    return mono(mul(g, scaled(g, sum(g, list, SINES), 1.0f / SINES, 0), blockwise(g, env)));
}

/* ---- what comes in --------------------------------------------------------------------------- */

/** Straight slopes of `inputFadeTime` at both ends of the event. */
static struct ph_input input_fade(struct graph *g)
{
    const struct ph_input fade = fixed(g, "inputFadeTime", 0.03f), one = num(g, 1),
                          zero = num(g, 0);
    const struct ph_input along = sub(g, sustain_of(g), scaled(g, fade, 2, 0));
    const struct dirt_segment list[] = { { one, fade }, { one, along }, { zero, fade } };
    return dirt_envelope(g, PH_CONTROL, one, zero, list, 3, SHAPE_LINEAR, 0);
}

static struct sound inputs(struct graph *g, struct ph_input first, uint32_t n)
{
    const struct ph_input bus = add(g, source(g, "NumOutputBuses", PH_SCALAR), first);
    const struct ph_input x = UNIT_OUTPUTS(g, "In", PH_AUDIO, n, bus);
    struct sound s = { n, { x, output(x, (int32_t)n - 1) } };
    amplify(g, &s, input_fade(g));
    return s;
}

struct sound dirt_build_in(struct graph *g)
{
    return inputs(g, fixed(g, "soundin", 0), 2);
}

struct sound dirt_build_in1(struct graph *g)
{
    return inputs(g, fixed(g, "soundin", 0), 1);
}

struct sound dirt_build_inr(struct graph *g)
{
    struct sound s = inputs(g, num(g, 0), 2);
    const struct ph_input rate = growing_speed(g, fixed(g, "begin", 0));
    const struct ph_input ratio = scaled(g, mul(g, rate, knob(g, "freq", 440)), 1.0f / 440, 0);
    EACH(g, &s, "PitchShift", num(g, 0.1f), ratio, num(g, 0.02f), num(g, 0.01f));
    return s;
}

/** What `to` sent to a bus; which one the event's `from` says is in the quantity `in`. */
struct sound dirt_build_from(struct graph *g)
{
    const struct ph_input x = UNIT_OUTPUTS(g, "InFeedback", PH_AUDIO, 2, fixed(g, "in", 0));
    struct sound s = { 2, { x, output(x, 1) } };
    amplify(g, &s, input_fade(g));
    return s;
}

/* ---- the tutorial's -------------------------------------------------------------------------- */

/** Stands at three quarters to the right; `pan` is about that place. */
struct sound dirt_build_tutorial1(struct graph *g)
{
    const struct ph_input x = sine(g, num(g, 440), num(g, 0));
    const struct ph_input level = num(g, 1.41421356f); /* what Balance2 takes away in the middle */
    const struct ph_input wide = UNIT_OUTPUTS(g, "Pan2", PH_AUDIO, 2, x, num(g, 0.5f), level);
    return (struct sound){ 2, { wide, output(wide, 1) } };
}

struct sound dirt_build_tutorial2(struct graph *g)
{
    const struct ph_input env = dirt_trapezoid(g, sustain_of(g), 0.01f, 0.98f, 0.01f, -3);
    return mono(mul(g, sine(g, num(g, 440), num(g, 0)), blockwise(g, env)));
}

/** Glides to 1 + accelerate times the pitch. */
static struct ph_input gliding_sine(struct graph *g, struct ph_input hz, struct ph_input sustain)
{
    const struct ph_input one = num(g, 1), last = add(g, knob(g, "accelerate", 0), one);
    return sine(g, mul(g, hz, line(g, PH_CONTROL, one, last, sustain)), num(g, 0));
}

struct sound dirt_build_tutorial3(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g);
    const struct ph_input env = dirt_trapezoid(g, sustain, 0.01f, 0.98f, 0.01f, -3);
    return mono(mul(g, gliding_sine(g, knob(g, "freq", NOTE_0_HZ), sustain), blockwise(g, env)));
}

static struct sound struck_sine(struct graph *g, struct ph_input hz)
{
    const struct ph_input sustain = sustain_of(g);
    const struct ph_input env = dirt_strike(g, sustain, 0.001f, num(g, 0.999f), 1, -4);
    return mono(mul(g, gliding_sine(g, hz, sustain), blockwise(g, env)));
}

struct sound dirt_build_tutorial4(struct graph *g)
{
    return struck_sine(g, knob(g, "freq", NOTE_0_HZ));
}

struct sound dirt_build_tutorial5(struct graph *g)
{
    return struck_sine(g, knob(g, "f", 0));
}
