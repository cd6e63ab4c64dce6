/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/synth.c - synths, LANGUAGE 13.                                                */
#include "client/functions/make.h"

#include <math.h>

#include "protocol/units.h"

struct ph_input make_supersaw(struct unit_build *u, const struct ph_input *a)
{
    double voices = 7;
    struct ph_input sum = k(u, 0);

    unit_is_const(u, a[2], &voices);
    const int n = (int)fmin(fmax(round(voices), 1), 16);
    for (int i = 0; i < n; i++) {
        const double p = n > 1 ? 2.0 * i / (n - 1) - 1 : 0;
        const struct ph_input semitones = mul(u, a[1], k(u, p * 0.5));
        const struct ph_input ratio = unit_unary(u, PH_UNARY_MIDIRATIO, semitones);
        const double phase = 0.13 * i;
        sum = add(u, sum, UNIT(u, "BlepSaw", mul(u, a[0], ratio), k(u, phase - floor(phase))));
    }
    return mul(u, sum, k(u, 0.7 / n));
}

struct ph_input make_superpwm(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input tri = UNIT(u, "LFTri", a[1], k(u, 3)); /* from -1 up, as `tri` */
    const struct ph_input width = add(u, mul(u, mul(u, tri, a[2]), k(u, 0.45)), k(u, 0.5));
    return UNIT(u, "BlepPulse", a[0], width, k(u, 0));
}

struct ph_input make_superchip(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input wobble = mul(u, UNIT(u, "SinOsc", a[1], k(u, 0)), a[2]);
    return UNIT(u, "BlepPulse", mul(u, a[0], add(u, wobble, k(u, 1))), k(u, 0.5), k(u, 0));
}

struct ph_input make_superfm(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input modulator = UNIT(u, "SinOsc", mul(u, a[0], a[1]), k(u, 0));
    const struct ph_input swing = add(u, mul(u, modulator, a[2]), k(u, 1));
    return UNIT(u, "SinOsc", mul(u, a[0], swing), k(u, 0));
}

struct ph_input make_superbass(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input saw = UNIT(u, "BlepSaw", a[0], k(u, 0));
    const struct ph_input below = UNIT(u, "SinOsc", mul(u, a[0], k(u, 0.5)), k(u, 0));
    return mul(u, add(u, saw, below), k(u, 0.5));
}

/* Two saws 12 cents up and down: the beating that the low-pass leaves. */
struct ph_input make_superreese(struct unit_build *u, const struct ph_input *a)
{
    const double ratio = exp2(12.0 / 1200);
    const struct ph_input up = UNIT(u, "BlepSaw", mul(u, a[0], k(u, ratio)), k(u, 0));
    const struct ph_input down = UNIT(u, "BlepSaw", mul(u, a[0], k(u, 1 / ratio)), k(u, 0.5));
    return UNIT(u, "SvfLpf", mul(u, add(u, up, down), k(u, 0.5)), k(u, 1000), k(u, 1));
}

struct ph_input make_supersquare(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input envelope[] = { k(u, 0.01), k(u, 0.1), k(u, 0.7), k(u, 0.2), a[1] };
    return mul(u, UNIT(u, "BlepPulse", a[0], k(u, 0.5), k(u, 0)), make_adsr(u, envelope));
}

/* 1 after the attack, then down to -60 dB in `seconds`, then 0. */
static struct ph_input strike(struct unit_build *u, struct ph_input gate, double attack_seconds,
                              struct ph_input seconds)
{
    const struct unit_stage stages[] = { { k(u, 1), k(u, attack_seconds), UNIT_LINEAR, 0 },
                                         { k(u, 0.001), seconds, UNIT_EXPONENTIAL, 0 },
                                         { k(u, 0), k(u, 0.001), UNIT_LINEAR, 0 } };
    return unit_envelope(u, gate, k(u, attack_seconds > 0 ? 0 : 1), stages, 3, UNIT_NO_RELEASE);
}

static const double strike_attack_seconds = 0.001;

static struct ph_input filtered_noise(struct unit_build *u, const char *filter,
                                      struct ph_input cutoff_hz, double q)
{
    return UNIT(u, filter, unit_make(u, "WhiteNoise", 1, NULL, 0), cutoff_hz, k(u, q));
}

/* A sine that starts at 0 with each strike; a voice is struck once, when it is born. */
static struct ph_input struck_sine(struct unit_build *u, struct ph_input hz, struct ph_input gate)
{
    if (u->is_voice)
        return UNIT(u, "SinOsc", hz, k(u, 0));
    const struct ph_input rate = ph_build_unit(&u->b, "SampleRate", PH_SCALAR, 0, 1, NULL, 0, 0);
    const struct ph_input turns =
        UNIT(u, "Phasor", gate, quotient(u, hz, rate), k(u, 0), k(u, 1), k(u, 0));
    return UNIT(u, "SinOsc", k(u, 0), mul(u, turns, k(u, 6.283185307179586)));
}

struct ph_input make_superkick(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input bend = mul(u, mul(u, a[1], k(u, 2)), strike(u, a[4], 0, k(u, 0.05)));
    const struct ph_input body = struck_sine(u, mul(u, a[0], add(u, bend, k(u, 1))), a[4]);
    const struct ph_input fall = strike(u, a[4], strike_attack_seconds, mul(u, a[2], k(u, 4)));
    const struct ph_input click = mul(u, filtered_noise(u, "SvfLpf", k(u, 800), 1),
                                      strike(u, a[4], strike_attack_seconds, k(u, 0.01)));

    return add(u, mul(u, body, fall), mul(u, click, a[3]));
}

/* Four bursts, the last one longer: each falls like a single hand's. */
struct ph_input make_superclap(struct unit_build *u, const struct ph_input *a)
{
    enum { BURSTS = 4 };
    static const double apart_seconds = 0.010, floor_level = 0.05;
    struct unit_stage stages[2 * BURSTS + 1];
    int n = 0;

    for (int i = 1; i < BURSTS; i++) {
        stages[n++] = (struct unit_stage){ k(u, floor_level), k(u, apart_seconds),
                                           UNIT_EXPONENTIAL, 0 };
        stages[n++] = (struct unit_stage){ k(u, 1), k(u, 0), UNIT_LINEAR, 0 };
    }
    stages[n++] = (struct unit_stage){ k(u, 0.001), a[0], UNIT_EXPONENTIAL, 0 };
    stages[n++] = (struct unit_stage){ k(u, 0), k(u, 0.001), UNIT_LINEAR, 0 };
    const struct ph_input hands = unit_envelope(u, a[1], k(u, 1), stages, n, UNIT_NO_RELEASE);
    const struct ph_input noise = unit_make(u, "WhiteNoise", 1, NULL, 0);
    /* noise peaks at about 0.5 behind the band-pass: twice that is a full clap */
    return UNIT(u, "SvfBpf", mul(u, noise, mul(u, hands, k(u, 2))), k(u, 1200), k(u, 2));
}

struct ph_input make_supersnare(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input low = UNIT(u, "BlepTri", a[0], k(u, 0));
    const struct ph_input high = UNIT(u, "BlepTri", mul(u, a[0], k(u, 1.05)), k(u, 0));
    const struct ph_input body = mul(u, add(u, low, high), k(u, 0.5));
    const struct ph_input skin = strike(u, a[3], strike_attack_seconds, mul(u, a[2], k(u, 0.3)));
    const struct ph_input wires = mul(u, filtered_noise(u, "SvfHpf", k(u, 3000), 1),
                                      strike(u, a[3], strike_attack_seconds, a[2]));

    return add(u, mul(u, body, skin), mul(u, wires, a[1]));
}

struct ph_input make_superhat(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input cutoff_hz = add(u, mul(u, a[0], k(u, 5000)), k(u, 5000));

    return mul(u, filtered_noise(u, "SvfHpf", cutoff_hz, 1.5),
               strike(u, a[2], strike_attack_seconds, a[1]));
}
