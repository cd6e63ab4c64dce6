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

struct ph_input make_wrap(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Wrap", a[0], a[1], a[2]);
}

/* Room for a quarter of a second, or 1, so that most edits of the window keep what is in it. */
static struct ph_input rms(struct unit_build *u, struct ph_input in, struct ph_input window)
{
    double seconds = 1;

    unit_is_const(u, window, &seconds);
    const double longest = seconds <= 0.25 ? 0.25 : 1;
    u->seed = ph_hash(u->seed, &longest, sizeof longest);
    return UNIT(u, "RunningRms", in, k(u, longest), window);
}

struct ph_input make_rms(struct unit_build *u, const struct ph_input *a)
{
    return rms(u, a[0], a[1]);
}

struct ph_input make_peak_follower(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Follower", a[0], a[1], a[2]);
}

struct ph_input make_amp_follower(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Follower", rms(u, a[0], a[3]), a[1], a[2]);
}

struct ph_input make_schmidt(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Schmidt", a[0], a[2], a[1]);
}

/* Gates are open above 1/2; units count triggers from 0. */
static struct ph_input is_open(struct unit_build *u, struct ph_input gate)
{
    return unit_binary(u, PH_BINARY_GT, gate, k(u, 0.5));
}

struct ph_input make_latch(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Latch", a[0], is_open(u, a[1]));
}

struct ph_input make_sample_hold(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Latch", a[0], a[1]);
}

struct ph_input make_timer(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Sweep", is_open(u, a[0]), k(u, 1));
}

struct ph_input make_pitch(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "PitchTrack", a[0]);
}

struct ph_input make_if(struct unit_build *u, const struct ph_input *a)
{
    double condition = 0;

    if (unit_is_const(u, a[0], &condition))
        return condition > 0.5 ? a[1] : a[2];
    return UNIT(u, "Select", is_open(u, a[0]), a[2], a[1]);
}

/* The nearest whole number modulo the number of choices, which is that of the arguments written. */
struct ph_input make_select(struct unit_build *u, const struct ph_input *a)
{
    struct ph_input in[PARAMS_MAX] = { a[0] };
    uint32_t n = 1;
    double index = 0;

    while (n < u->sig->row->n_params && u->sig->args[n]) {
        in[n] = a[n];
        n++;
    }
    if (unit_is_const(u, a[0], &index)) {
        const double choice = fmod(floor(index + 0.5), n - 1);
        return a[1 + (int)(choice < 0 ? choice + n - 1 : choice)];
    }
    const struct ph_input whole = unit_binary(u, PH_BINARY_ROUND, a[0], k(u, 1));
    in[0] = unit_binary(u, PH_BINARY_MOD, whole, k(u, n - 1));
    return unit_make(u, "Select", 1, in, n);
}
