/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/utility.c - analysis, logic, utilities: LANGUAGE 17.                          */
#include "client/functions/make.h"

#include <math.h>

#include "protocol/units.h"

/* Lag counts to -60 dB, LANGUAGE to 1/e. */
struct ph_input make_lag(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Lag", a[0], mul(u, a[1], k(u, log(1000))));
}

struct ph_input make_range(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input unit = mul(u, add(u, a[2], k(u, 1)), k(u, 0.5));
    return add(u, a[0], mul(u, unit, sub(u, a[1], a[0])));
}

struct ph_input make_min(struct unit_build *u, const struct ph_input *a)
{
    return unit_binary(u, PH_BINARY_MIN, a[0], a[1]);
}

struct ph_input make_max(struct unit_build *u, const struct ph_input *a)
{
    return unit_binary(u, PH_BINARY_MAX, a[0], a[1]);
}

struct ph_input make_mtof(struct unit_build *u, const struct ph_input *a)
{
    return unit_unary(u, PH_UNARY_MIDICPS, a[0]);
}

struct ph_input make_if(struct unit_build *u, const struct ph_input *a)
{
    return blend(u, a[2], a[1], unit_binary(u, PH_BINARY_GT, a[0], k(u, 0.5)));
}
