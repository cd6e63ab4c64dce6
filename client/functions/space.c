/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/space.c - delays and reverbs, LANGUAGE 15.1.                                  */
#include "client/functions/make.h"

/* Length of the line: 2, 4 or 8 seconds, so that most edits of a time keep it and what rings in it. */
static double line_seconds(struct unit_build *u, struct ph_input time)
{
    double seconds = 8, length = 2;

    if (!unit_is_const(u, time, &seconds))
        return 8;
    while (length < seconds && length < 8)
        length *= 2;
    return length;
}

struct ph_input make_delay(struct unit_build *u, const struct ph_input *a)
{
    const double seconds = line_seconds(u, a[1]);

    u->seed = ph_hash(u->seed, &seconds, sizeof seconds);
    return blend(u, a[0], UNIT(u, "Echo", a[0], k(u, seconds), a[1], a[2]), a[3]);
}

void make_reverb(struct unit_build *u, const struct wires *a, struct wires *out)
{
    const struct ph_input left = a[0].at[0], right = a[0].at[a[0].n - 1];
    const struct ph_input inputs[] = { left, right, k(u, 1), a[1].at[0], a[2].at[0] };
    const struct ph_input wet = unit_make(u, "FreeVerb2", 2, inputs, 5);
    const struct ph_input other = { wet.unit, wet.output + (wet.unit >= 0) };

    out->n = 2;
    out->at[0] = add(u, left, mul(u, wet, a[3].at[0]));
    out->at[1] = add(u, right, mul(u, other, a[3].at[0]));
}
