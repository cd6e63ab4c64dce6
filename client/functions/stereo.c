/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/stereo.c - panning and mixing, LANGUAGE 15.5.                                 */
#include "client/functions/make.h"

struct ph_input make_product(struct unit_build *u, const struct ph_input *a)
{
    return mul(u, a[0], a[1]);
}

void make_pan(struct unit_build *u, const struct wires *a, struct wires *out)
{
    const struct ph_input mono[] = { a[0].at[0], a[1].at[0], k(u, 1) };
    const struct ph_input both[] = { a[0].at[0], a[0].at[1], a[1].at[0], k(u, 1) };
    const struct ph_input left = a[0].n == 1 ? unit_make(u, "Pan2", 2, mono, 3)
                                             : unit_make(u, "Balance2", 2, both, 4);

    out->n = 2;
    out->at[0] = left;
    out->at[1] = (struct ph_input){ left.unit, left.output + (left.unit >= 0) };
}

void make_pan_left(struct unit_build *u, const struct wires *a, struct wires *out)
{
    make_pan(u, a, out);
    out->n = 1;
}

void make_pan_right(struct unit_build *u, const struct wires *a, struct wires *out)
{
    make_pan(u, a, out);
    out->at[0] = out->at[1];
    out->n = 1;
}

struct ph_input make_xfade(struct unit_build *u, const struct ph_input *a)
{
    return blend(u, a[0], a[1], a[2]);
}
