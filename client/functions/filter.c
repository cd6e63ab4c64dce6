/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/filter.c - filters, LANGUAGE 14.                                              */
#include "client/functions/make.h"

#include <math.h>

#include "protocol/units.h"

struct ph_input make_lpf(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "SvfLpf", a[0], a[1], a[2]);
}

struct ph_input make_hpf(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "SvfHpf", a[0], a[1], a[2]);
}

struct ph_input make_bpf(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "SvfBpf", a[0], a[1], a[2]);
}

struct ph_input make_notch(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "SvfNotch", a[0], a[1], a[2]);
}

struct ph_input make_rlpf(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "RLPF", a[0], a[1], quotient(u, k(u, 1), a[2]));
}

struct ph_input make_rhpf(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "RHPF", a[0], a[1], quotient(u, k(u, 1), a[2]));
}

struct ph_input make_resonz(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "BPF", a[0], a[1], quotient(u, k(u, 1), a[2]));
}

struct ph_input make_moog(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "MoogLadder", a[0], a[1], a[2]);
}

struct ph_input unit_decay_time(struct unit_build *u, struct ph_input delay,
                                struct ph_input feedback)
{
    const struct ph_input safe = unit_binary(u, PH_BINARY_MAX, feedback, k(u, 1e-6));
    return quotient(u, mul(u, delay, k(u, log(0.001))), unit_unary(u, PH_UNARY_LOG, safe));
}

struct ph_input make_comb(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input time = quotient(u, k(u, 1), a[1]);
    const struct ph_input decay = unit_decay_time(u, time, a[2]);
    const struct ph_input line = UNIT(u, "CombL", a[0], k(u, 0.05), time, decay);
    return add(u, a[0], mul(u, line, a[2]));
}

struct ph_input make_formant(struct unit_build *u, const struct ph_input *a)
{
    static const double gains[] = { 1, 0.7, 0.5 };
    struct ph_input sum = k(u, 0);

    for (int i = 0; i < 3; i++) {
        const struct ph_input rq = quotient(u, a[4 + i], a[1 + i]);
        const struct ph_input band = UNIT(u, "BPF", a[0], a[1 + i], rq);
        sum = add(u, sum, mul(u, band, k(u, gains[i])));
    }
    return sum;
}
