/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/dynamics.c - dynamics, LANGUAGE 15.4.                                         */
#include "client/functions/make.h"

struct ph_input make_limiter(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Limiter", a[0], a[1], a[2]);
}
