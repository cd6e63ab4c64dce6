/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/distortion.c - distortion and resolution, LANGUAGE 15.3.                      */
#include "client/functions/make.h"

#include <math.h>

#include "protocol/units.h"

struct ph_input make_distort(struct unit_build *u, const struct ph_input *a)
{
    /* drive < 1: tanh((1+d)x) / tanh(1+d), else tanh(dx): `low` is 1 below 1 and 0 above */
    const struct ph_input low = unit_binary(u, PH_BINARY_LT, a[1], k(u, 1));
    const struct ph_input gain = add(u, a[1], low);
    const struct ph_input norm = add(u, mul(u, unit_unary(u, PH_UNARY_TANH, gain), low),
                                     sub(u, k(u, 1), low));
    const struct ph_input shaped = unit_unary(u, PH_UNARY_TANH, mul(u, a[0], gain));
    return blend(u, a[0], quotient(u, shaped, norm), a[2]);
}

/* 2^bits levels over -1 .. 1: steps of 2^(1 - bits). */
struct ph_input make_crush(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input octaves = mul(u, sub(u, k(u, 1), a[1]), k(u, 12));
    const struct ph_input step = unit_unary(u, PH_UNARY_MIDIRATIO, octaves);
    return unit_binary(u, PH_BINARY_ROUND, a[0], step);
}

/*
 * Frames to hold: a rate above 200 is Hz, from 1 to 200 that many frames, below 1 a share of the
 * sample rate.
 */
static struct ph_input held_frames(struct unit_build *u, struct ph_input rate)
{
    const struct ph_input rate_hz = ph_build_unit(&u->b, "SampleRate", PH_SCALAR, 0, 1, NULL, 0, 0);
    double known = 0;

    if (unit_is_const(u, rate, &known) && known > 200) {
        const struct ph_input inputs[] = { rate_hz, rate };
        return ph_build_unit(&u->b, "BinaryOpUGen", PH_SCALAR, PH_BINARY_FDIV, 1, inputs, 2, 0);
    }
    if (unit_is_const(u, rate, &known))
        return known >= 1 ? rate : k(u, 1 / fmax(known, 1e-6));
    const struct ph_input share = quotient(u, k(u, 1), unit_binary(u, PH_BINARY_MAX, rate, k(u, 1e-6)));
    const struct ph_input kind = add(u, unit_binary(u, PH_BINARY_GE, rate, k(u, 1)),
                                     unit_binary(u, PH_BINARY_GT, rate, k(u, 200)));
    return UNIT(u, "Select", kind, share, rate, quotient(u, rate_hz, rate));
}

struct ph_input make_bitcrush(struct unit_build *u, const struct ph_input *a)
{
    double rate = 0;

    if (unit_is_const(u, a[2], &rate) && rate == 1)
        return make_crush(u, a);
    const struct ph_input held[] = { UNIT(u, "Coarse", a[0], held_frames(u, a[2])), a[1] };
    return make_crush(u, held);
}

/* bitcrush 16 n; but n is always a number of frames, as in events. */
struct ph_input make_coarse(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input held[] = { UNIT(u, "Coarse", a[0], a[1]), k(u, 16) };
    return make_crush(u, held);
}

struct ph_input make_decimator(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input held = UNIT(u, "Coarse", a[0], a[1]);
    double smooth = 1;

    if (unit_is_const(u, a[2], &smooth) && smooth == 0)
        return held;
    return UNIT(u, "OnePole", held, a[2]);
}

struct ph_input make_shape(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input f = quotient(u, mul(u, a[1], k(u, 2)), sub(u, k(u, 1), a[1]));
    const struct ph_input size = unit_unary(u, PH_UNARY_ABS, a[0]);
    return quotient(u, mul(u, a[0], add(u, f, k(u, 1))), add(u, mul(u, f, size), k(u, 1)));
}

struct ph_input make_clip(struct unit_build *u, const struct ph_input *a)
{
    return unit_binary(u, PH_BINARY_CLIP2, a[0], unit_unary(u, PH_UNARY_ABS, a[1]));
}
