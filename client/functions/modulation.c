/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/modulation.c - modulation and pitch, LANGUAGE 15.2.                           */
#include "client/functions/make.h"

#include <math.h>

#include "protocol/units.h"

struct ph_input make_tremolo(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input half = mul(u, a[2], k(u, 0.5));
    const struct ph_input swing = mul(u, UNIT(u, "SinOsc", a[1], k(u, 0)), half);
    return mul(u, a[0], add(u, sub(u, k(u, 1), half), swing));
}

struct ph_input make_ring(struct unit_build *u, const struct ph_input *a)
{
    return mul(u, a[0], UNIT(u, "SinOsc", a[1], k(u, 0)));
}

/* Delay modulation without feedback: a comb whose decay time is 0. */
static struct ph_input moving_delay(struct unit_build *u, struct ph_input in, double longest,
                                    struct ph_input time)
{
    return UNIT(u, "CombL", in, k(u, longest), time, k(u, 0));
}

void make_chorus(struct unit_build *u, const struct wires *a, struct wires *out)
{
    double voices = 1;
    struct ph_input wet[2] = { k(u, 0), k(u, 0) };

    unit_is_const(u, a[1].at[0], &voices);
    const int n = (int)fmin(fmax(round(voices), 1), 8);
    for (int i = 0; i < n; i++) {
        const double phase = 6.283185307179586 * i / n;
        const struct ph_input sine = UNIT(u, "SinOsc", a[2].at[0], k(u, phase));
        const struct ph_input time =
            add(u, mul(u, mul(u, sine, a[3].at[0]), k(u, 0.010)), k(u, 0.015));
        const struct ph_input mono =
            a[0].n == 1 ? a[0].at[0] : mul(u, add(u, a[0].at[0], a[0].at[1]), k(u, 0.5));
        const struct ph_input delayed = moving_delay(u, mono, 0.05, time);
        const double angle = (n > 1 ? (double)i / (n - 1) : 0.5) * 1.5707963267948966;
        const double scale = sqrt(2.0) / n; /* unity in the centre */
        wet[0] = add(u, wet[0], mul(u, delayed, k(u, cos(angle) * scale)));
        wet[1] = add(u, wet[1], mul(u, delayed, k(u, sin(angle) * scale)));
    }
    out->n = 2;
    out->at[0] = blend(u, a[0].at[0], wet[0], a[4].at[0]);
    out->at[1] = blend(u, a[0].at[a[0].n - 1], wet[1], a[4].at[0]);
}

struct ph_input make_flanger(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input sine = UNIT(u, "SinOsc", a[2], k(u, 0));
    const struct ph_input time = add(u, mul(u, mul(u, sine, a[1]), k(u, 0.002)), k(u, 0.003));
    const struct ph_input decay = unit_decay_time(u, time, a[3]);
    const struct ph_input line = UNIT(u, "CombL", a[0], k(u, 0.01), time, decay);
    return add(u, a[0], mul(u, line, mul(u, a[1], k(u, 0.5))));
}

/* Peak deviation of the pitch by r = 2^(depth/12) - 1 needs a swing of r / (2 pi rate) seconds. */
struct ph_input make_vibrato(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input ratio = sub(u, unit_unary(u, PH_UNARY_MIDIRATIO, a[2]), k(u, 1));
    const struct ph_input swing = quotient(u, ratio, mul(u, a[1], k(u, 6.283185307179586)));
    const struct ph_input sine = UNIT(u, "SinOsc", a[1], k(u, 0));
    const struct ph_input time = add(u, add(u, mul(u, sine, swing), swing), k(u, 0.001));
    return moving_delay(u, a[0], 0.5, time);
}
