/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/spectral.c - pitch, spectra and responses: of LANGUAGE 15.1 and 15.2.         */
#include "client/functions/make.h"

#include <math.h>

#include "protocol/units.h"

struct ph_input make_pitch_shift(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "GrainShift", a[0], a[1]);
}

/* carrier cos(2 pi depth mod) */
struct ph_input make_fm_crossmod(struct unit_build *u, const struct ph_input *a)
{
    const double turn = 6.283185307179586;
    const struct ph_input phase = mul(u, mul(u, a[1], a[2]), k(u, turn));
    return mul(u, a[0], UNIT(u, "SinOsc", k(u, 0), add(u, phase, k(u, turn / 4))));
}

/* A band of fourth order: 3 dB down half way to the next one. */
static struct ph_input vocoder_band(struct unit_build *u, struct ph_input in, double hz,
                                    double ratio)
{
    const double each = sqrt(sqrt(2.0) - 1); /* two in series are narrower than one */
    const struct ph_input rq = k(u, (ratio - 1) / sqrt(ratio) / each);
    return UNIT(u, "BPF", UNIT(u, "BPF", in, k(u, hz), rq), k(u, hz), rq);
}

/* Bands from 100 Hz to 10 kHz. */
struct ph_input make_vocoder(struct unit_build *u, const struct ph_input *a)
{
    double bands = 8;
    struct ph_input sum = k(u, 0);

    unit_is_const(u, a[2], &bands);
    const int n = (int)fmin(fmax(round(bands), 2), 32);
    const double ratio = pow(100, 1.0 / (n - 1));
    for (int i = 0; i < n; i++) {
        const double hz = 100 * pow(ratio, i);
        const struct ph_input heard = vocoder_band(u, a[0], hz, ratio);
        const struct ph_input level = UNIT(u, "Follower", heard, k(u, 0.010), k(u, 0.100));
        sum = add(u, sum, mul(u, vocoder_band(u, a[1], hz, ratio), level));
    }
    return sum;
}

struct ph_input make_freeze(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "SpectralFreeze", a[0], a[1]);
}

/* Each channel through the response. */
void make_convolve(struct unit_build *u, const struct wires *a, struct wires *out)
{
    static const double default_seconds = 0.5, longest_seconds = 8;
    const struct sig *const file = u->sig->args[1];
    const struct ph_input seconds = k(u, file ? longest_seconds : default_seconds);
    const struct ph_input buffer = file ? unit_sample(u, file->text, 0) : k(u, -1);

    out->n = a[0].n;
    for (uint32_t i = 0; i < a[0].n; i++)
        out->at[i] = UNIT(u, "Convolve", a[0].at[i], seconds, buffer, k(u, i));
}
