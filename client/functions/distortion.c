/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/distortion.c - distortion and resolution, LANGUAGE 15.3.                      */
#include "client/functions/make.h"

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

struct ph_input make_shape(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input f = quotient(u, mul(u, a[1], k(u, 2)), sub(u, k(u, 1), a[1]));
    const struct ph_input size = unit_unary(u, PH_UNARY_ABS, a[0]);
    return quotient(u, mul(u, a[0], add(u, f, k(u, 1))), add(u, mul(u, f, size), k(u, 1)));
}

struct ph_input make_clip(struct unit_build *u, const struct ph_input *a)
{
    return unit_binary(u, PH_BINARY_CLIP2, a[0], a[1]);
}
