/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/synths_analog.c - SuperDirt's synths of saws, pulses and ladder filters.           */
/* room: command thread.                                                                          */
#include "server/dirt/synth_parts.h"

/* ---- three with a ladder --------------------------------------------------------------------- */

/** What supersquare, supersaw and superpwm have in common. */
struct ladder {
    struct ph_input sustain, env;
    struct ph_input hz, ratio;   /* pitch; `semitone` as a ratio */
    struct ph_input low, high;   /* cutoff in Hz at both ends of the slow wave */
    struct ph_input slow_hz;     /* pitch * rate */
    struct ph_input rate, voice, resonance;
};

static struct ladder ladder_of(struct graph *g)
{
    struct ladder l = { .sustain = sustain_of(g) };
    const struct ph_input most = num(g, 22000);
    l.env = dirt_decaying(g, l.sustain, 0.05f, -3);
    l.hz = dirt_pitch(g, l.sustain);
    l.ratio = power(g, 2, scaled(g, knob(g, "semitone", 12), 1.0f / 12, 0));
    l.low = binary(g, PH_BINARY_MIN, mul(g, scaled(g, l.hz, 10, 0), knob(g, "pitch1", 1)), most);
    l.high = binary(g, PH_BINARY_MIN, mul(g, l.low, scaled(g, knob(g, "lfo", 1), 1, 1)), most);
    l.rate = knob(g, "rate", 1);
    l.slow_hz = mul(g, l.hz, l.rate);
    l.voice = knob(g, "voice", 0.5f);
    l.resonance = scaled(g, knob(g, "resonance", 0.2f), 4, 0);
    return l;
}

static struct ph_input ladder(struct graph *g, struct ph_input x, struct ph_input cutoff,
                              struct ph_input resonance)
{
    return UNIT(g, "MoogFF", PH_AUDIO, x, cutoff, resonance, num(g, 0));
}

static struct sound driven(struct graph *g, struct ph_input x, float level, struct ph_input env)
{
    return mono(mul(g, scaled(g, unary(g, PH_UNARY_TANH, x), level, 0), blockwise(g, env)));
}

struct sound dirt_build_supersquare(struct graph *g)
{
    const struct ladder l = ladder_of(g);
    const struct ph_input own = UNIT(g, "Pulse", PH_AUDIO, l.hz, l.voice);
    const struct ph_input below = UNIT(g, "Pulse", PH_AUDIO, over(g, l.hz, l.ratio), l.voice);
    const struct ph_input both = add(g, scaled(g, own, 0.7f, 0), scaled(g, below, 0.3f, 0));
    const struct ph_input wave = sine(g, scaled(g, l.slow_hz, 1.0f / 64, 0), num(g, 0));
    return driven(g, ladder(g, both, ranged(g, wave, l.low, l.high), l.resonance), 2, l.env);
}

/** Three saws, `voice` / 50 apart, and a triangle. */
struct sound dirt_build_supersaw(struct graph *g)
{
    const struct ladder l = ladder_of(g);
    struct ph_input saws[3];
    for (int i = 0; i < 3; i++) {
        const struct ph_input ratio = scaled(g, l.voice, (float)(i - 1) / 50, 1);
        saws[i] = UNIT(g, "SawDPW", PH_AUDIO, i == 1 ? l.hz : mul(g, l.hz, ratio), num(g, 0));
    }
    const struct ph_input triangle = UNIT(g, "LFTri", PH_AUDIO, mul(g, l.hz, l.ratio), l.voice);
    const struct ph_input all = scaled(g, add(g, sum(g, saws, 3), triangle), 0.5f, 0);
    const struct ph_input slow = scaled(g, l.slow_hz, 1.0f / 64, 0);
    const struct ph_input wave = UNIT(g, "LFTri", PH_AUDIO, slow, num(g, 0.5f));
    return driven(g, ladder(g, all, ranged(g, wave, l.low, l.high), l.resonance), 2, l.env);
}

/**
 * A square, made of two saws half a period apart, times itself a while ago: from `first` to
 * `voice` periods more.
 */
static struct ph_input moving_pulse(struct graph *g, struct ph_input hz, struct ph_input own_hz,
                                    const struct ladder *l, float first)
{
    const struct ph_input up = UNIT(g, "SawDPW", PH_AUDIO, hz, num(g, 0));
    const struct ph_input square = sub(g, up, UNIT(g, "SawDPW", PH_AUDIO, hz, num(g, -1)));
    const struct ph_input periods =
        line(g, PH_CONTROL, num(g, first), scaled(g, l->voice, 1, first), l->sustain);
    const struct ph_input ago =
        UNIT(g, "DelayC", PH_AUDIO, square, num(g, 0.2f), over(g, periods, own_hz));
    return mul(g, square, ago);
}

struct sound dirt_build_superpwm(struct graph *g)
{
    const struct ladder l = ladder_of(g);
    const struct dirt_segment sweep[] = { { num(g, 1), num(g, 0.1f) },
                                          { num(g, 0.5f), num(g, 0.3f) },
                                          { num(g, 0.2f), num(g, 0.5f) },
                                          { num(g, 0.2f), num(g, 0.1f) } };
    const struct ph_input env = dirt_envelope(g, PH_AUDIO, over(g, l.sustain, l.rate), num(g, 0.1f),
                                              sweep, 4, SHAPE_CURVE, -3);
    const struct ph_input own = moving_pulse(g, l.hz, l.hz, &l, 0);
    const struct ph_input below = moving_pulse(g, over(g, l.hz, l.ratio), l.hz, &l, 0.1f);
    const struct ph_input both = add(g, scaled(g, own, 0.7f, 0), scaled(g, below, 0.3f, 0));
    const struct ph_input wave = sine(g, scaled(g, l.slow_hz, 1.0f / 32, 0), num(g, 0));
    const struct ph_input once = ladder(g, both, ranged(g, wave, l.low, l.high), l.resonance);
    const struct ph_input cutoff =
        binary(g, PH_BINARY_MIN, scaled(g, mul(g, env, l.high), 1.1f, 0), num(g, 22000));
    return driven(g, ladder(g, once, cutoff, num(g, 3)), 5, l.env);
}

/* ---- waves against waves --------------------------------------------------------------------- */

/**
 * A saw that turns to the other side, compared with sixteen slow triangles; `voice` spreads their
 * rates.
 */
static struct sound comparators(struct graph *g, struct ph_input wave, struct ph_input voice)
{
    static const float rates[] = { 1,       2.188f,  5.091f,  8.529f,  8.95f,   9.305f,
                                   13.746f, 14.653f, 19.462f, 22.003f, 24.888f, 25.991f,
                                   26.085f, 30.509f, 33.608f, 35.081f };
    enum { RATES = sizeof rates / sizeof *rates };
    const struct ph_input exponent = scaled(g, voice, 0.2f, 0);
    struct ph_input list[RATES];
    for (int i = 0; i < RATES; i++) {
        const struct ph_input hz = power(g, rates[i], exponent);
        const struct ph_input slow = UNIT(g, "LFTri", PH_AUDIO, hz, num(g, 0));
        list[i] = binary(g, PH_BINARY_GT, wave, slow);
    }
    return dirt_splay(g, list, RATES, num(g, 1), 1);
}

struct sound dirt_build_supercomparator(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g), zero = num(g, 0), one = num(g, 1);
    const struct ph_input env = dirt_decaying(g, sustain, 0.05f, -3);
    const struct ph_input hz = dirt_pitch(g, sustain), lfo = knob(g, "lfo", 1);
    const struct ph_input saw =
        UNIT(g, "VarSaw", PH_AUDIO, hz, zero, line(g, PH_AUDIO, zero, one, sustain));
    struct sound s = comparators(g, saw, knob(g, "voice", 0.5f));
    const struct ph_input depth = mul(g, lfo, hz);
    const struct ph_input slow = scaled(g, mul(g, hz, knob(g, "rate", 1)), 1.0f / 64, 0);
    const struct ph_input wave = mul(g, sine(g, slow, zero), scaled(g, depth, 0.5f, 0));
    const struct ph_input drift = mul(g, UNIT(g, "LFNoise2", PH_AUDIO, one), depth);
    const struct ph_input middle = scaled(g, mul(g, hz, knob(g, "pitch1", 1)), 4, 0);
    const struct ph_input cutoff = add(g, add(g, middle, wave), drift);
    const struct ph_input peak = scaled(g, knob(g, "resonance", 0.5f), 4, 0);
    const struct ph_input moving =
        add(g, scaled(g, UNIT(g, "LFNoise2", PH_AUDIO, zero), 0.1f, 0), peak);
    for (uint32_t i = 0; i < s.n; i++)
        s.c[i] = ladder(g, s.c[i], cutoff, moving);
    amplify(g, &s, scaled(g, blockwise(g, env), 0.5f, 0));
    return s;
}

/**
 * One of three: a saw that a pulse an octave above it, of moving width, lets through; and what
 * lies below.
 */
static struct ph_input hoover_voice(struct graph *g, struct ph_input pitch, int i)
{
    static const float sway_hz[] = { 2.94f, 3, 3.07f }, sway_phase[] = { 3, 5.5f, 1.2f };
    static const float width_hz[] = { 1.3f, 2.9f, 4.4f }, ratios[] = { 0.25f, 0.5f, 1 };
    static const float phases[] = { 1, 1.01f, 1.02f }, levels[] = { 1, 0.9f, 1.1f };
    const struct ph_input zero = num(g, 0), one = num(g, 1);
    const struct ph_input sway =
        UNIT(g, "SinOsc", PH_CONTROL, num(g, sway_hz[i]), num(g, sway_phase[i]));
    const struct ph_input exponential =
        UNIT(g, "LinExp", PH_CONTROL, sway, num(g, -1), one, num(g, 0.995f), num(g, 1.005f));
    const struct ph_input hz = mul(g, pitch, exponential);
    const struct ph_input width =
        scaled(g, UNIT(g, "SinOsc", PH_CONTROL, num(g, width_hz[i]), zero), 0.375f, 0.5f);
    const struct ph_input saw =
        UNIT(g, "LFSaw", PH_AUDIO, scaled(g, hz, ratios[i], 0), num(g, phases[i]));
    const struct ph_input pulse =
        UNIT(g, "LFPulse", PH_AUDIO, scaled(g, hz, 2 * ratios[i], 0), zero, width);
    const struct ph_input passed = mul(g, scaled(g, saw, 0.5f, 0.5f), scaled(g, pulse, -1, 1));
    const struct ph_input below = UNIT(g, "LFPar", PH_AUDIO, scaled(g, hz, 0.25f, 0), zero);
    return add(g, scaled(g, passed, 0.15f * levels[i], 0), scaled(g, below, 0.1f, 0));
}

struct sound dirt_build_superhoover(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g), one = num(g, 1), zero = num(g, 0);
    const struct ph_input env = dirt_decaying(g, sustain, 0.03f, -1);
    const struct dirt_segment rise[] = { { one, num(g, 0.05f) }, { zero, num(g, 0.3f) } };
    const struct ph_input bow = dirt_envelope(g, PH_AUDIO, sustain, zero, rise, 2, SHAPE_LINEAR, 0);
    const struct ph_input depth = scaled(g, knob(g, "slide", 0), -0.25f, 0);
    const struct ph_input glide = UNIT(g, "MulAdd", PH_AUDIO, bow, depth, one);
    const struct ph_input pitch = mul(g, glide, dirt_pitch(g, sustain));
    struct ph_input voices[3];
    for (int i = 0; i < 3; i++)
        voices[i] = hoover_voice(g, pitch, i);
    struct ph_input x = sum(g, voices, 3);
    x = UNIT(g, "BPeakEQ", PH_AUDIO, x, num(g, 6000), one, num(g, 3));
    x = UNIT(g, "BPeakEQ", PH_AUDIO, x, num(g, 3500), one, num(g, 6));
    struct sound s = { .n = 2 };
    for (uint32_t i = 0; i < 2; i++) { /* a chorus, at the left where it isn't at the right */
        const struct ph_input phase = num(g, i == 0 ? 1.57079633f : 4.71238898f);
        const struct ph_input wave = UNIT(g, "SinOsc", PH_CONTROL, num(g, 3), phase);
        const struct ph_input seconds = ranged(g, wave, num(g, 1.0f / 300), num(g, 1.0f / 200));
        s.c[i] = add(g, x, UNIT(g, "CombC", PH_AUDIO, x, num(g, 1.0f / 200), seconds, zero));
    }
    amplify(g, &s, scaled(g, blockwise(g, env), 1.4f, 0));
    return s;
}

/** Three saws; two of them wander away from the first. */
struct sound dirt_build_superzow(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g), zero = num(g, 0), one = num(g, 1);
    const struct ph_input env = dirt_decaying(g, sustain, 0.07f, -1);
    const struct ph_input hz = dirt_pitch(g, sustain), longest = num(g, 0.2f);
    const struct ph_input turn = over(g, sustain, knob(g, "slide", 1)), off = knob(g, "detune", 1);
    const struct ph_input near = line(g, PH_AUDIO, zero, one, scaled(g, turn, 5, 0));
    const struct ph_input far = line(g, PH_AUDIO, zero, one, scaled(g, turn, 20, 0));
    const struct ph_input width = scaled(g, held(g, far), 0.5f, 0); /* VarSaw takes it so */
    struct ph_input list[3];
    for (int i = 0; i < 3; i++) {
        static const float sides[] = { 0, 0.01f, -0.01f };
        const struct ph_input own = i == 0 ? hz : mul(g, hz, scaled(g, off, sides[i], 1));
        list[i] = UNIT(g, "VarSaw", PH_AUDIO, own, zero, width);
    }
    list[1] = UNIT(g, "DelayN", PH_AUDIO, list[1], longest, over(g, near, hz));
    list[2] = UNIT(g, "DelayN", PH_AUDIO, list[2], longest, over(g, far, hz));
    const struct ph_input x = add(g, sub(g, list[0], list[1]), list[2]);
    return mono(mul(g, scaled(g, x, 0.5f, 0), blockwise(g, env)));
}

/** Two saws beside each other, filtered, cut flat, and filtered again. */
struct sound dirt_build_superreese(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g), voice = knob(g, "voice", 0), one = num(g, 1);
    const struct ph_input env = dirt_trapezoid(g, sustain, 0.05f, 0.8f, 0.15f, 0);
    const struct ph_input hz = dirt_pitch(g, sustain);
    const struct ph_input off = scaled(g, knob(g, "detune", 0), 0.01f, 0);
    const struct ph_input first_rq = over(g, one, linlin(g, voice, 0, 2, 3, 0.5f));
    const struct ph_input second_rq = over(g, one, linlin(g, voice, 0, 2, 2, 7));
    const struct ph_input list[] = {
        UNIT(g, "VarSaw", PH_AUDIO, mul(g, hz, scaled(g, off, -1, 0.99f)), num(g, 0.7f),
             num(g, 0.01f)),
        UNIT(g, "VarSaw", PH_AUDIO, mul(g, hz, scaled(g, off, 1, 1.01f)), num(g, 0.5f),
             num(g, 0.02f)),
    };
    struct sound s = dirt_splay(g, list, 2, num(g, 0.2f), 1.41421356f); /* each at its own level */
    EACH(g, &s, "RLPF", scaled(g, hz, 10, 0), first_rq);
    for (uint32_t i = 0; i < s.n; i++)
        s.c[i] = scaled(g, binary(g, PH_BINARY_CLIP2, s.c[i], num(g, 0.2f)), 5, 0);
    EACH(g, &s, "RLPF", scaled(g, hz, 20, 0), second_rq);
    amplify(g, &s, scaled(g, blockwise(g, env), 0.35f, 0));
    return s;
}

/** Two pulses whose width is their own sum, filtered, a block ago. */
struct sound dirt_build_supertron(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g), detune = knob(g, "detune", 0);
    const struct ph_input env = dirt_trapezoid(g, sustain, 0.05f, 0.85f, 0.1f, 0);
    const struct ph_input hz = dirt_pitch(g, sustain), above = scaled(g, detune, 1, 1);
    const struct ph_input last = UNIT(g, "LocalIn", PH_AUDIO, num(g, 0));
    const struct ph_input low =
        UNIT(g, "RLPF", PH_AUDIO, last, scaled(g, hz, 1 / 6.1f, 0), num(g, 1.5f));
    const struct ph_input half = scaled(g, knob(g, "voice", 0), -0.5f / 1.5f, 0.5f);
    const struct ph_input width = held(g, UNIT(g, "MulAdd", PH_AUDIO, low, half, half));
    const struct ph_input pulses[] = { UNIT(g, "Pulse", PH_AUDIO, add(g, hz, above), width),
                                       UNIT(g, "Pulse", PH_AUDIO, sub(g, hz, above), width) };
    const struct ph_input x = UNIT(g, "LeakDC", PH_AUDIO, sum(g, pulses, 2), num(g, 0.995f));
    UNIT_OUTPUTS(g, "LocalOut", PH_AUDIO, 0, x);
    return mono(mul(g, x, blockwise(g, env)));
}

/** Up to four times the pitch and down again. */
struct sound dirt_build_supersiren(struct graph *g)
{
    const struct ph_input sustain = sustain_of(g), three = num(g, 3), zero = num(g, 0);
    const struct ph_input quarter = num(g, 0.25f);
    const struct ph_input env = dirt_trapezoid(g, sustain, 0.05f, 0.9f, 0.05f, -2);
    const struct dirt_segment rise[] = { { three, quarter },
                                         { three, num(g, 0.5f) },
                                         { zero, quarter } };
    const struct ph_input bow =
        dirt_envelope(g, PH_CONTROL, sustain, zero, rise, 3, SHAPE_LINEAR, 0);
    const struct ph_input hz = mul(g, dirt_pitch(g, sustain), scaled(g, bow, 1, 1));
    const struct ph_input width = line(g, PH_CONTROL, num(g, 0.05f), num(g, 1), sustain);
    return mono(mul(g, UNIT(g, "VarSaw", PH_AUDIO, hz, zero, width), blockwise(g, env)));
}
