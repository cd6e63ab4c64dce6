/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/envelope.c - envelopes and ramps, LANGUAGE 16.                                */
#include "client/functions/make.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/units.h"
#include "protocol/voice.h"

/* Segments from `first`; `release_node` is the segment at which an open gate waits. */
struct ph_input unit_envelope(struct unit_build *u, struct ph_input gate, struct ph_input first,
                              const struct unit_stage *stages, int n, double release_node)
{
    struct ph_input in[9 + 4 * UNIT_STAGES_MAX];
    int at = 0;

    in[at++] = gate;
    in[at++] = k(u, 1);
    in[at++] = k(u, 0);
    in[at++] = k(u, 1);
    in[at++] = k(u, 0);
    in[at++] = first;
    in[at++] = k(u, n);
    in[at++] = k(u, release_node);
    in[at++] = k(u, -99);
    for (int i = 0; i < n; i++) {
        in[at++] = stages[i].level;
        in[at++] = stages[i].seconds;
        in[at++] = k(u, stages[i].shape);
        in[at++] = k(u, stages[i].curve);
    }
    return unit_make(u, "EnvGen", 1, in, (uint32_t)at);
}

struct ph_input unit_span(struct unit_build *u)
{
    if (!u->has_span)
        u->span = ph_build_control(&u->b, PH_VOICE_SPAN, 1, PH_SCALAR);
    u->has_span = true;
    return u->span;
}

struct ph_input make_adsr(struct unit_build *u, const struct ph_input *a)
{
    const struct unit_stage attack = { k(u, 1), a[0], UNIT_LINEAR, 0 };
    const struct unit_stage decay = { a[2], a[1], UNIT_LINEAR, 0 };
    const struct unit_stage release = { k(u, 0), a[3], UNIT_LINEAR, 0 };

    if (!u->is_voice)
        return unit_envelope(u, a[4], k(u, 0),
                             (const struct unit_stage[]){ attack, decay, release }, 3, 2);
    const struct ph_input ends = add(u, add(u, a[0], a[1]), a[3]);
    const struct ph_input hold = unit_binary(u, PH_BINARY_MAX, sub(u, unit_span(u), ends), k(u, 0));
    const struct unit_stage stages[] = { attack, decay, { a[2], hold, UNIT_LINEAR, 0 }, release };
    return unit_envelope(u, a[4], k(u, 0), stages, 4, UNIT_NO_RELEASE);
}

struct ph_input make_ad(struct unit_build *u, const struct ph_input *a)
{
    const struct unit_stage stages[] = { { k(u, 1), a[0], UNIT_LINEAR, 0 },
                                    { k(u, 0), a[1], UNIT_LINEAR, 0 } };
    return unit_envelope(u, a[2], k(u, 0), stages, 2, UNIT_NO_RELEASE);
}

static struct ph_input make_ramp(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Line", a[0], a[1], a[2], k(u, 0));
}

/* With a time one ramp, else one in each cycle: the first segment leaps back to the start. */
struct ph_input make_line(struct unit_build *u, const struct ph_input *a)
{
    double seconds = 0;

    if (unit_is_const(u, a[2], &seconds) && seconds > 0)
        return make_ramp(u, a);
    const struct unit_stage stages[] = {
        { a[0], k(u, 0), UNIT_LINEAR, 0 },
        { a[1], u->is_voice ? unit_span(u) : a[4], UNIT_LINEAR, 0 }
    };
    return unit_envelope(u, a[3], a[0], stages, 2, UNIT_NO_RELEASE);
}

struct ph_input make_xline(struct unit_build *u, const struct ph_input *a)
{
    double from = 0, to = 0;

    if (unit_is_const(u, a[0], &from) && unit_is_const(u, a[1], &to) && from * to <= 0)
        return make_ramp(u, a);
    return UNIT(u, "XLine", a[0], a[1], a[2], k(u, 0));
}

struct ph_input make_asr(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "GateEnv", a[0], a[1], k(u, 0), a[2], a[3]);
}

struct ph_input make_gate_env(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "GateEnv", a[0], a[1], a[2], a[3], a[4]);
}

/* One frame of 1 where the gate rises. */
struct ph_input make_trig(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input before = UNIT(u, "FOS", a[0], k(u, 0), k(u, 1), k(u, 0));
    return unit_binary(u, PH_BINARY_MAX, sub(u, a[0], before), k(u, 0));
}

/* EnvGen's curve is (e^(kp) - 1) / (e^k - 1) too, and a line where |k| < 0.001. */
struct ph_input make_curve(struct unit_build *u, const struct ph_input *a)
{
    double curve = 0;

    unit_is_const(u, a[3], &curve);
    const struct unit_stage stage = { a[1], a[2], UNIT_CURVED, curve };
    return unit_envelope(u, k(u, 1), a[0], &stage, 1, UNIT_NO_RELEASE);
}

int unit_numbers(const char *text, double *out, int most)
{
    int n = 0;

    while (n < most) {
        char *end;
        text += strspn(text, " ,\t\n");
        out[n] = strtod(text, &end);
        if (end == text)
            break;
        text = end;
        n++;
    }
    return n;
}

struct ph_input make_segments(struct unit_build *u, const struct ph_input *a)
{
    double levels[UNIT_STAGES_MAX + 1], seconds[UNIT_STAGES_MAX];
    struct unit_stage stages[UNIT_STAGES_MAX];
    const int n_levels = unit_numbers(u->sig->args[0]->text, levels, UNIT_STAGES_MAX + 1);
    const int n = unit_numbers(u->sig->args[1]->text, seconds, UNIT_STAGES_MAX);

    (void)a;
    if (n < 1 || n_levels != n + 1) {
        if (!u->failed)
            diag_error(u->c->diag, u->sig->offset, "`segments` wants one level more than times (at "
                       "most %d): found %d and %d", UNIT_STAGES_MAX + 1, n_levels, n);
        u->failed = true;
        return k(u, 0);
    }
    for (int i = 0; i < n; i++)
        stages[i] = (struct unit_stage){ k(u, levels[i + 1]), k(u, seconds[i]), UNIT_LINEAR, 0 };
    return unit_envelope(u, k(u, 1), k(u, levels[0]), stages, n, UNIT_NO_RELEASE);
}
