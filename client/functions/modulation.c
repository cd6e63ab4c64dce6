/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/modulation.c - modulation and pitch, LANGUAGE 15.2.                           */
#include "client/functions/make.h"

#include <math.h>

#include "protocol/units.h"

static const double tau = 6.283185307179586;

/* One channel of an argument; a single one is shared. */
static struct ph_input channel(const struct wires *w, uint32_t i)
{
    return w->at[i < w->n ? i : w->n - 1];
}

static struct ph_input sine(struct unit_build *u, struct ph_input hz, double phase)
{
    return UNIT(u, "SinOsc", hz, k(u, phase));
}

/* Delay modulation without feedback: a comb whose decay time is 0. */
static struct ph_input moving_delay(struct unit_build *u, struct ph_input in, double longest,
                                    struct ph_input time)
{
    return UNIT(u, "CombL", in, k(u, longest), time, k(u, 0));
}

/*
 * Effects whose second and third argument say how something swings: what swings is made once,
 * unless those arguments have two channels, and applied to every channel.
 */
typedef struct ph_input swing_maker(struct unit_build *u, struct ph_input b, struct ph_input c);
typedef struct ph_input swing_user(struct unit_build *u, struct ph_input in, struct ph_input swing,
                                   const struct wires *a, uint32_t i);

static void swing_all(struct unit_build *u, const struct wires *a, struct wires *out,
                      swing_maker *make, swing_user *use)
{
    struct ph_input swing = k(u, 0);

    for (uint32_t i = 0; i < out->n; i++) {
        if (i == 0 || a[1].n > 1 || a[2].n > 1)
            swing = make(u, channel(&a[1], i), channel(&a[2], i));
        out->at[i] = use(u, channel(&a[0], i), swing, a, i);
    }
}

/* ---- tremolo, ring --------------------------------------------------------------------------- */

static struct ph_input tremolo_gain(struct unit_build *u, struct ph_input rate,
                                    struct ph_input depth)
{
    const struct ph_input half = mul(u, depth, k(u, 0.5));

    return add(u, sub(u, k(u, 1), half), mul(u, sine(u, rate, 0), half));
}

static struct ph_input use_gain(struct unit_build *u, struct ph_input in, struct ph_input gain,
                                const struct wires *a, uint32_t i)
{
    (void)a, (void)i;
    return mul(u, in, gain);
}

void make_tremolo(struct unit_build *u, const struct wires *a, struct wires *out)
{
    swing_all(u, a, out, tremolo_gain, use_gain);
}

void make_ring(struct unit_build *u, const struct wires *a, struct wires *out)
{
    struct ph_input carrier = k(u, 0);

    for (uint32_t i = 0; i < out->n; i++) {
        if (i < a[1].n)
            carrier = sine(u, a[1].at[i], 0);
        out->at[i] = mul(u, channel(&a[0], i), carrier);
    }
}

/* ---- chorus, flanger, vibrato, phaser -------------------------------------------------------- */

void make_chorus(struct unit_build *u, const struct wires *a, struct wires *out)
{
    double voices = 1;
    struct ph_input wet[2] = { k(u, 0), k(u, 0) };
    const struct ph_input mono =
        a[0].n == 1 ? a[0].at[0] : mul(u, add(u, a[0].at[0], a[0].at[1]), k(u, 0.5));

    unit_is_const(u, a[1].at[0], &voices);
    const int n = (int)fmin(fmax(round(voices), 1), 8);
    for (int i = 0; i < n; i++) {
        const struct ph_input swing = mul(u, sine(u, a[2].at[0], tau * i / n), a[3].at[0]);
        const struct ph_input time = add(u, mul(u, swing, k(u, 0.010)), k(u, 0.015));
        const struct ph_input delayed = moving_delay(u, mono, 0.05, time);
        const double angle = (n > 1 ? (double)i / (n - 1) : 0.5) * tau / 4;
        const double scale = sqrt(2.0) / n; /* unity in the centre */
        wet[0] = add(u, wet[0], mul(u, delayed, k(u, cos(angle) * scale)));
        wet[1] = add(u, wet[1], mul(u, delayed, k(u, sin(angle) * scale)));
    }
    out->n = 2;
    out->at[0] = blend(u, a[0].at[0], wet[0], a[4].at[0]);
    out->at[1] = blend(u, a[0].at[a[0].n - 1], wet[1], a[4].at[0]);
}

/* in, separation, variation, rate: the signal and four voices, one separation after the other, each
 * swinging at a rate and phase of its own. */
void make_fchorus(struct unit_build *u, const struct wires *a, struct wires *out)
{
    enum { N_LATER = 4 };
    static const double rates[N_LATER] = { 1, 1.13, 0.89, 1.21 };

    for (uint32_t i = 0; i < out->n; i++)
        out->at[i] = channel(&a[0], i);
    for (int v = 0; v < N_LATER; v++) {
        const struct ph_input rate = mul(u, a[3].at[0], k(u, rates[v]));
        const struct ph_input swing = mul(u, sine(u, rate, tau * v / N_LATER), a[2].at[0]);
        const struct ph_input time = add(u, mul(u, a[1].at[0], k(u, v + 1)), swing);
        for (uint32_t i = 0; i < out->n; i++)
            out->at[i] = add(u, out->at[i], moving_delay(u, channel(&a[0], i), 0.5, time));
    }
    for (uint32_t i = 0; i < out->n; i++)
        out->at[i] = mul(u, out->at[i], k(u, 1.0 / (N_LATER + 1)));
}

static struct ph_input flanger_time(struct unit_build *u, struct ph_input depth,
                                    struct ph_input rate)
{
    return add(u, mul(u, mul(u, sine(u, rate, 0), depth), k(u, 0.002)), k(u, 0.003));
}

static struct ph_input use_flanger(struct unit_build *u, struct ph_input in, struct ph_input time,
                                   const struct wires *a, uint32_t i)
{
    const struct ph_input decay = unit_decay_time(u, time, channel(&a[3], i));
    const struct ph_input line = UNIT(u, "CombL", in, k(u, 0.01), time, decay);

    return add(u, in, mul(u, line, mul(u, channel(&a[1], i), k(u, 0.5))));
}

void make_flanger(struct unit_build *u, const struct wires *a, struct wires *out)
{
    swing_all(u, a, out, flanger_time, use_flanger);
}

/*
 * A delay of S sin(2 pi rate t) bends the pitch by 1 - 2 pi rate S at one turn and 1 + 2 pi rate S
 * at the other. Both are `depth` semitones, but for its square, where 2 pi rate S is
 * sinh(depth ln 2 / 12).
 */
static struct ph_input vibrato_time(struct unit_build *u, struct ph_input rate,
                                    struct ph_input depth)
{
    const struct ph_input up = unit_unary(u, PH_UNARY_MIDIRATIO, depth);
    const struct ph_input down = unit_unary(u, PH_UNARY_MIDIRATIO, mul(u, depth, k(u, -1)));
    const struct ph_input bend = mul(u, sub(u, up, down), k(u, 0.5));
    const struct ph_input swing = quotient(u, bend, mul(u, rate, k(u, tau)));

    return add(u, add(u, mul(u, sine(u, rate, 0), swing), swing), k(u, 0.001));
}

static struct ph_input use_vibrato(struct unit_build *u, struct ph_input in, struct ph_input time,
                                   const struct wires *a, uint32_t i)
{
    (void)a, (void)i;
    return moving_delay(u, in, 0.5, time);
}

void make_vibrato(struct unit_build *u, const struct wires *a, struct wires *out)
{
    swing_all(u, a, out, vibrato_time, use_vibrato);
}

/* 200 to 2000 Hz at full depth, on a scale of octaves around their geometric mean. */
static struct ph_input phaser_hz(struct unit_build *u, struct ph_input rate, struct ph_input depth)
{
    const double mean_hz = sqrt(200.0 * 2000.0), semitones = 6 * log2(2000.0 / 200.0);
    const struct ph_input swing = mul(u, mul(u, sine(u, rate, 0), depth), k(u, semitones));

    return mul(u, unit_unary(u, PH_UNARY_MIDIRATIO, swing), k(u, mean_hz));
}

static struct ph_input use_phaser(struct unit_build *u, struct ph_input in, struct ph_input hz,
                                  const struct wires *a, uint32_t i)
{
    const struct ph_input wet = UNIT(u, "Phaser", in, hz, channel(&a[3], i), a[4].at[0]);

    return mul(u, add(u, in, wet), k(u, 0.5));
}

/* in, rate, depth, feedback, stages */
void make_phaser(struct unit_build *u, const struct wires *a, struct wires *out)
{
    double stages = 4;

    unit_is_const(u, a[4].at[0], &stages);
    u->seed = ph_hash(u->seed, &stages, sizeof stages);
    swing_all(u, a, out, phaser_hz, use_phaser);
}
