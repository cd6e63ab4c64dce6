/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/oscillator.c - generators, LANGUAGE 12.                                       */
#include "client/functions/make.h"

#include <math.h>
#include <string.h>

#include "protocol/units.h"

static struct ph_input tuned(struct unit_build *u, const struct ph_input *a)
{
    return mul(u, a[0], unit_unary(u, PH_UNARY_MIDIRATIO, a[1]));
}

struct ph_input make_sine(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "SinOsc", tuned(u, a), k(u, 0));
}

struct ph_input make_saw(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "BlepSaw", tuned(u, a), k(u, 0));
}

struct ph_input make_square(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "BlepPulse", tuned(u, a), k(u, 0.5), k(u, 0));
}

struct ph_input make_tri(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "BlepTri", tuned(u, a), k(u, 0));
}

struct ph_input make_pulse(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "BlepPulse", a[0], a[1], k(u, 0));
}

struct ph_input make_noise(struct unit_build *u, const struct ph_input *a)
{
    (void)a;
    return unit_make(u, "WhiteNoise", 1, NULL, 0);
}

struct ph_input make_pink(struct unit_build *u, const struct ph_input *a)
{
    (void)a;
    return unit_make(u, "PinkNoise", 1, NULL, 0);
}

struct ph_input make_impulse(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Impulse", a[0], k(u, 0));
}

struct ph_input make_fm(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input modulator = UNIT(u, "SinOsc", a[1], k(u, 0));
    return UNIT(u, "SinOsc", a[0], mul(u, modulator, a[2]));
}

struct ph_input make_pm(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "SinOsc", a[0], mul(u, a[1], a[2]));
}

static const double tau = 6.283185307179586;

/* One-pole at three times the frequency. Lag counts to -60 dB. */
struct ph_input make_soft_saw(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input seconds = quotient(u, k(u, log(1000) / (3 * tau)), a[0]);
    return UNIT(u, "Lag", UNIT(u, "BlepSaw", a[0], k(u, 0)), seconds);
}

struct ph_input make_organ(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Additive", a[0], k(u, 1), k(u, 0.7), k(u, 0.5), k(u, 0.4), k(u, 0), k(u, 0.3),
                k(u, 0), k(u, 0.2));
}

/* b <- 0.998 (b + 0.1 white): OnePole takes 0.002 of its input. */
struct ph_input make_brown(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input white = mul(u, make_noise(u, a), k(u, 0.0998 / 0.002));
    const struct ph_input walk = UNIT(u, "OnePole", white, k(u, 0.998));
    return mul(u, unit_binary(u, PH_BINARY_CLIP2, walk, k(u, 1.5)), k(u, 0.7));
}

struct ph_input make_blip(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Blip", a[0], k(u, 1e9));
}

static struct ph_input vco_wave(struct unit_build *u, int wave, const struct ph_input *a)
{
    switch (wave) {
    case 1: return UNIT(u, "BlepPulse", a[0], a[2], k(u, 0));
    case 2: return UNIT(u, "BlepTri", a[0], k(u, 0));
    case 3: return UNIT(u, "SinOsc", a[0], k(u, 0));
    default: return UNIT(u, "BlepSaw", a[0], k(u, 0));
    }
}

/* A wave that changes is chosen among all four, which run in phase. */
struct ph_input make_vco(struct unit_build *u, const struct ph_input *a)
{
    double wave = 0;

    if (unit_is_const(u, a[1], &wave))
        return vco_wave(u, (int)wave, a);
    return UNIT(u, "Select", a[1], vco_wave(u, 0, a), vco_wave(u, 1, a), vco_wave(u, 2, a),
                vco_wave(u, 3, a));
}

/* No table but the default one can be named. */
struct ph_input make_wavetable(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "SinOsc", a[0], k(u, 0));
}

/* ---- additive -------------------------------------------------------------------------------- */

enum { HARMONICS_MAX = 64, SPECTRA_MAX = 64 };

/* Amplitudes of each of the texts; 0 where one ends before the longest. */
struct spectra { int n_texts, n_harmonics; double amps[SPECTRA_MAX][HARMONICS_MAX]; };

static bool read_spectra(struct unit_build *u, const struct sig *amps, struct spectra *s)
{
    s->n_texts = amps->n_texts < SPECTRA_MAX ? (int)amps->n_texts : SPECTRA_MAX;
    s->n_harmonics = 0;
    memset(s->amps, 0, sizeof s->amps);
    for (int i = 0; i < s->n_texts; i++) {
        const int n = unit_numbers(amps->texts[i], s->amps[i], HARMONICS_MAX);
        if (n > s->n_harmonics)
            s->n_harmonics = n;
        if (n > 0)
            continue;
        if (!u->failed)
            diag_error(u->c->diag, amps->offset, "amps of `additive` must be numbers");
        u->failed = true;
        return false;
    }
    return true;
}

/* One harmonic's amplitude; that of the text whose turn it is, without a click between them. */
static struct ph_input harmonic(struct unit_build *u, const struct spectra *s, int at,
                                struct ph_input turn)
{
    struct ph_input choice[1 + SPECTRA_MAX] = { turn };
    bool same = true;

    for (int i = 0; i < s->n_texts; i++) {
        choice[1 + i] = k(u, s->amps[i][at]);
        same &= s->amps[i][at] == s->amps[0][at];
    }
    if (same)
        return choice[1];
    return UNIT(u, "Lag", unit_make(u, "Select", 1, choice, 1 + (uint32_t)s->n_texts), k(u, 0.001));
}

struct ph_input make_additive(struct unit_build *u, const struct ph_input *a)
{
    struct ph_input in[1 + HARMONICS_MAX] = { a[0], k(u, 1) };
    const struct sig *const amps = u->sig->args[1];
    struct spectra s = { .n_harmonics = 1 };

    if (amps && !read_spectra(u, amps, &s))
        return k(u, 0);
    for (int i = 0; amps && i < s.n_harmonics; i++)
        in[1 + i] = harmonic(u, &s, i, a[1]);
    return unit_make(u, "Additive", 1, in, 1 + (uint32_t)s.n_harmonics);
}

/* ---- strings, grains ------------------------------------------------------------------------- */

struct ph_input make_pluck(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "PluckedString", a[0], a[1], a[2]);
}

struct ph_input make_waveguide(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Waveguide", a[0], a[1], a[2], a[3]);
}

struct ph_input make_granular(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Granular", a[0], a[3], mul(u, a[1], k(u, 0.001)), a[2]);
}

struct ph_input make_sp(struct unit_build *u, const struct ph_input *a)
{
    double index = 0;

    unit_is_const(u, a[2], &index);
    return UNIT(u, "TrigSampler", unit_sample(u, u->sig->args[1]->text, (int32_t)index), a[0]);
}
