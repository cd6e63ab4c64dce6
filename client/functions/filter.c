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

/*
 * The cookbook's filters and the state-variable ones are the same transfer functions: both are the
 * bilinear transform of 1 / (s^2 + s / q + 1), tuned at the cutoff. Those below stand any
 * modulation.
 */

/* Band-pass, 0 dB at freq. */
static struct ph_input band(struct unit_build *u, struct ph_input in, struct ph_input freq_hz,
                            struct ph_input q)
{
    return mul(u, UNIT(u, "SvfBpf", in, freq_hz, q), quotient(u, k(u, 1), q));
}

struct ph_input make_resonz(struct unit_build *u, const struct ph_input *a)
{
    return band(u, a[0], a[1], a[2]);
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
    return UNIT(u, "CombHz", a[0], a[1], a[2]);
}

struct ph_input make_allpass(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Allpass1", a[0], a[1]);
}

/* from * ratio^x */
static struct ph_input exponential(struct unit_build *u, double from, double ratio, struct ph_input x)
{
    return mul(u, unit_unary(u, PH_UNARY_EXP, mul(u, x, k(u, log(ratio)))), k(u, from));
}

/* Low-pass from 80 Hz up below 1/2, high-pass from 20 Hz up
 * above; between them the input itself. */
struct ph_input make_djf(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input twice = mul(u, a[1], k(u, 2)), one = k(u, 1);
    const struct ph_input low_hz = exponential(u, 80, 250, unit_binary(u, PH_BINARY_MIN, twice, one));
    const struct ph_input high_hz =
        exponential(u, 20, 400, unit_binary(u, PH_BINARY_MAX, sub(u, twice, one), k(u, 0)));
    double v = 0;

    if (unit_is_const(u, a[1], &v) && v == 0.5)
        return a[0];
    if (unit_is_const(u, a[1], &v))
        return v < 0.5 ? UNIT(u, "SvfLpf", a[0], low_hz, one) : UNIT(u, "SvfHpf", a[0], high_hz, one);
    const struct ph_input side = unit_unary(u, PH_UNARY_SIGN, sub(u, twice, one));
    const struct ph_input low = UNIT(u, "SvfLpf", a[0], low_hz, one);
    const struct ph_input high = UNIT(u, "SvfHpf", a[0], high_hz, one);
    return UNIT(u, "Select", add(u, side, one), low, a[0], high);
}

/* A peak of 10^(db / 20) is the input and (A - 1 / A) / q of
 * a band of q A, with A = 10^(db / 40). */
static struct ph_input peaking(struct unit_build *u, struct ph_input in, struct ph_input freq_hz,
                               struct ph_input gain_db, struct ph_input q)
{
    const struct ph_input root = unit_unary(u, PH_UNARY_DBAMP, mul(u, gain_db, k(u, 0.5)));
    const struct ph_input share = quotient(u, sub(u, root, quotient(u, k(u, 1), root)), q);
    return add(u, in, mul(u, UNIT(u, "SvfBpf", in, freq_hz, mul(u, q, root)), share));
}

struct ph_input make_eq(struct unit_build *u, const struct ph_input *a)
{
    struct ph_input x = a[0];

    for (int i = 1; i < 10; i += 3)
        x = peaking(u, x, a[i], a[i + 1], a[i + 2]);
    return x;
}

/* Three bands side by side; q = frequency / bandwidth. */
static struct ph_input formants(struct unit_build *u, struct ph_input in, const struct ph_input *hz,
                                const struct ph_input *widths_hz)
{
    static const double gains[] = { 1, 0.7, 0.5 };
    struct ph_input sum = k(u, 0);

    for (int i = 0; i < 3; i++) {
        const struct ph_input one = band(u, in, hz[i], quotient(u, hz[i], widths_hz[i]));
        sum = add(u, sum, mul(u, one, k(u, gains[i])));
    }
    return sum;
}

struct ph_input make_formant(struct unit_build *u, const struct ph_input *a)
{
    return formants(u, a[0], a + 1, a + 4);
}

/* a e i o u are 0 .. 4; what lies between steps to the nearest. */
struct ph_input make_vowel(struct unit_build *u, const struct ph_input *a)
{
    static const double hz[3][5] = { { 730, 530, 270, 570, 300 }, { 1090, 1840, 2290, 840, 870 },
                                     { 2440, 2480, 3010, 2410, 2240 } };
    const struct ph_input widths_hz[] = { k(u, 60), k(u, 80), k(u, 100) };
    struct ph_input at_hz[3];
    double v = 0;

    if (unit_is_const(u, a[1], &v)) {
        const int letter = (int)fmin(fmax(floor(v + 0.5), 0), 4);
        for (int f = 0; f < 3; f++)
            at_hz[f] = k(u, hz[f][letter]);
        return formants(u, a[0], at_hz, widths_hz);
    }
    const struct ph_input letter = add(u, a[1], k(u, 0.5));
    for (int f = 0; f < 3; f++)
        at_hz[f] = UNIT(u, "Select", letter, k(u, hz[f][0]), k(u, hz[f][1]), k(u, hz[f][2]),
                        k(u, hz[f][3]), k(u, hz[f][4]));
    return formants(u, a[0], at_hz, widths_hz);
}
