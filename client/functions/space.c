/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/space.c - delays and reverbs, LANGUAGE 15.1.                                  */
#include "client/functions/make.h"

/*
 * Length of a line: `least` seconds or 2, 4, 8 times that, so that most edits of a time keep the
 * line and what rings in it. It goes into the keys: another length is another unit.
 */
static struct ph_input line_seconds(struct unit_build *u, struct ph_input time, double least,
                                    double most)
{
    double seconds = most, length = least;

    unit_is_const(u, time, &seconds);
    while (length < seconds && length < most)
        length *= 2;
    u->seed = ph_hash(u->seed, &length, sizeof length);
    return k(u, length);
}

/* A number that is read once belongs to the unit's key. */
static struct ph_input read_once(struct unit_build *u, struct ph_input in)
{
    double value = 0;

    unit_is_const(u, in, &value);
    u->seed = ph_hash(u->seed, &value, sizeof value);
    return in;
}

static struct ph_input mean(struct unit_build *u, const struct wires *w)
{
    return w->n == 1 ? w->at[0] : mul(u, add(u, w->at[0], w->at[1]), k(u, 0.5));
}

/* Two channels: (1 - mix) in + mix wet. */
static void mix_in(struct unit_build *u, const struct wires *in, struct ph_input wet,
                   struct ph_input mix, struct wires *out)
{
    out->n = 2;
    out->at[0] = blend(u, in->at[0], wet, mix);
    out->at[1] = blend(u, in->at[in->n - 1], unit_second(wet), mix);
}

/* Later by `seconds` of at most `longest`; 0 costs nothing. */
static struct ph_input later(struct unit_build *u, struct ph_input in, double longest,
                             struct ph_input seconds)
{
    double value = 1;

    if (unit_is_const(u, seconds, &value) && value <= 0)
        return in;
    return UNIT(u, "CombL", in, k(u, longest), seconds, k(u, 0));
}

struct ph_input make_delay(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input longest = line_seconds(u, a[1], 2, 8);

    return blend(u, a[0], UNIT(u, "Echo", a[0], longest, a[1], a[2]), a[3]);
}

/* in, time, feedback, wow rate and depth, flutter rate and depth, saturation, mix */
struct ph_input make_tape_delay(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input longest = line_seconds(u, a[1], 1, 4);
    const struct ph_input wow = mul(u, UNIT(u, "SinOsc", a[3], k(u, 0)), a[4]);
    const struct ph_input flutter = mul(u, UNIT(u, "SinOsc", a[5], k(u, 0)), a[6]);
    const struct ph_input sway = add(u, mul(u, wow, k(u, 0.001)), mul(u, flutter, k(u, 0.0001)));

    return blend(u, a[0], UNIT(u, "TapeDelay", a[0], longest, a[1], sway, a[2], a[7]), a[8]);
}

struct ph_input make_multitap(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input longest = line_seconds(u, a[1], 0.5, 2), taps = read_once(u, a[2]);

    return blend(u, a[0], UNIT(u, "MultiTap", a[0], longest, a[1], taps, a[3]), a[4]);
}

/* in, time, feedback, width, start, mix */
void make_pingpong(struct unit_build *u, const struct wires *a, struct wires *out)
{
    const struct ph_input longest = line_seconds(u, a[1].at[0], 1, 4);
    const struct ph_input start = read_once(u, a[4].at[0]);
    const struct ph_input inputs[] = { mean(u, &a[0]), longest,    a[1].at[0],
                                       a[2].at[0],     a[3].at[0], start };

    mix_in(u, &a[0], unit_make(u, "PingPong", 2, inputs, 6), a[5].at[0], out);
}

void make_reverb(struct unit_build *u, const struct wires *a, struct wires *out)
{
    const struct ph_input left = a[0].at[0], right = a[0].at[a[0].n - 1];
    const struct ph_input inputs[] = { left, right, k(u, 1), a[1].at[0], a[2].at[0] };
    const struct ph_input wet = unit_make(u, "FreeVerb2", 2, inputs, 5);

    out->n = 2;
    out->at[0] = add(u, left, mul(u, wet, a[3].at[0]));
    out->at[1] = add(u, right, mul(u, unit_second(wet), a[3].at[0]));
}

/* in, pre_delay in ms, decay, diffusion, damping, mod_depth, mix */
void make_plate(struct unit_build *u, const struct wires *a, struct wires *out)
{
    const struct ph_input seconds = mul(u, a[1].at[0], k(u, 0.001));
    const struct ph_input in = later(u, mean(u, &a[0]), 0.5, seconds);
    const struct ph_input inputs[] = { in,         in,         a[2].at[0],
                                       a[3].at[0], a[4].at[0], a[5].at[0] };

    mix_in(u, &a[0], unit_make(u, "Plate", 2, inputs, 6), a[6].at[0], out);
}

/* in, predelay, decay, diffusion, damping, spin, wander, freeze, mix */
void make_lush(struct unit_build *u, const struct wires *a, struct wires *out)
{
    struct ph_input inputs[8];

    inputs[0] = inputs[1] = later(u, a[0].at[0], 0.5, a[1].at[0]);
    if (a[0].n == 2)
        inputs[1] = later(u, a[0].at[1], 0.5, a[1].at[0]);
    for (int i = 2; i < 8; i++)
        inputs[i] = a[i].at[0];
    mix_in(u, &a[0], unit_make(u, "Lush", 2, inputs, 8), a[8].at[0], out);
}

/* in, wet, time: a plain room of the network that `lush` is */
void make_reverb_stereo(struct unit_build *u, const struct wires *a, struct wires *out)
{
    const struct ph_input inputs[] = { a[0].at[0], a[0].at[a[0].n - 1], a[2].at[0], k(u, 0.7),
                                       k(u, 0.2),  k(u, 0),             k(u, 0.1),  k(u, 0) };

    mix_in(u, &a[0], unit_make(u, "Lush", 2, inputs, 8), a[1].at[0], out);
}

struct ph_input make_diffuser(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Diffuser", a[0], a[1]);
}
