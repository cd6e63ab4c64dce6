/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/stereo.c - panning and mixing, LANGUAGE 15.5.                                 */
#include "client/functions/make.h"

#include <math.h>

struct ph_input make_product(struct unit_build *u, const struct ph_input *a)
{
    return mul(u, a[0], a[1]);
}

static void make_mono(struct unit_build *u, const struct wires *a, struct wires *out)
{
    out->n = 1;
    out->at[0] = a[0].n == 1 ? a[0].at[0] : mul(u, add(u, a[0].at[0], a[0].at[1]), k(u, 0.5));
}

static const struct signal_param mono_in[] = {
    { "in", "", CONTEXT_AUDIO, PARAM_CHAINED, 0, 0, 0 }
};
const struct signal_row unit_mono = { "mono", 1, false, NULL, make_mono, 1, mono_in };

/* As many signals as are written; the others are 0 and cost nothing. */
struct ph_input make_mix(struct unit_build *u, const struct ph_input *a)
{
    struct ph_input sum = a[0];

    for (int i = 1; i < PARAMS_MAX; i++)
        sum = add(u, sum, a[i]);
    return sum;
}

void make_pan(struct unit_build *u, const struct wires *a, struct wires *out)
{
    const struct ph_input mono[] = { a[0].at[0], a[1].at[0], k(u, 1) };
    const struct ph_input both[] = { a[0].at[0], a[0].at[1], a[1].at[0], k(u, 1) };

    out->n = 2;
    out->at[0] = a[0].n == 1 ? unit_make(u, "Pan2", 2, mono, 3)
                             : unit_make(u, "Balance2", 2, both, 4);
    out->at[1] = unit_second(out->at[0]);
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

/*
 * Two channels: the side times `width`. One channel has no side: half of it through an all-pass
 * stands in, which the sum of both outputs doesn't hold (M. R. Schroeder, An Artificial
 * Stereophonic Effect Obtained from a Single Audio Signal, J. Audio Eng. Soc. 6 (2), 1958).
 */
void make_widener(struct unit_build *u, const struct wires *a, struct wires *out)
{
    const double delay = 0.007, gain = 0.6;
    const struct wires *const in = &a[0];
    struct ph_input middle = in->at[0], side;

    if (in->n == 2) {
        middle = mul(u, add(u, in->at[0], in->at[1]), k(u, 0.5));
        side = mul(u, sub(u, in->at[0], in->at[1]), k(u, 0.5));
    } else {
        const double decay = delay * log(0.001) / log(gain);
        side = mul(u, UNIT(u, "AllpassL", middle, k(u, 0.01), k(u, delay), k(u, decay)), k(u, 0.5));
    }
    side = mul(u, side, a[1].at[0]);
    out->n = 2;
    out->at[0] = add(u, middle, side);
    out->at[1] = sub(u, middle, side);
}

struct ph_input make_xfade(struct unit_build *u, const struct ph_input *a)
{
    return blend(u, a[0], a[1], a[2]);
}

/* The name of a control is the name of the file; that of a second channel ends with 2. */
struct ph_input make_tap(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Tap", a[0], a[2], unit_name(u, u->sig->args[1]->text));
}
