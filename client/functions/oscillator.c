/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/oscillator.c - generators, LANGUAGE 12.                                       */
#include "client/functions/make.h"

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
