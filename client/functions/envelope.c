/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/envelope.c - envelopes and ramps, LANGUAGE 16.                                */
#include "client/functions/make.h"

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
        in[at++] = k(u, 0);
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
    const struct unit_stage attack = { k(u, 1), a[0], UNIT_LINEAR };
    const struct unit_stage decay = { a[2], a[1], UNIT_LINEAR };
    const struct unit_stage release = { k(u, 0), a[3], UNIT_LINEAR };

    if (!u->is_voice)
        return unit_envelope(u, a[4], k(u, 0),
                             (const struct unit_stage[]){ attack, decay, release }, 3, 2);
    const struct ph_input ends = add(u, add(u, a[0], a[1]), a[3]);
    const struct ph_input hold = unit_binary(u, PH_BINARY_MAX, sub(u, unit_span(u), ends), k(u, 0));
    const struct unit_stage stages[] = { attack, decay, { a[2], hold, UNIT_LINEAR }, release };
    return unit_envelope(u, a[4], k(u, 0), stages, 4, UNIT_NO_RELEASE);
}

struct ph_input make_ad(struct unit_build *u, const struct ph_input *a)
{
    const struct unit_stage stages[] = { { k(u, 1), a[0], UNIT_LINEAR },
                                    { k(u, 0), a[1], UNIT_LINEAR } };
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
        { a[0], k(u, 0), UNIT_LINEAR },
        { a[1], u->is_voice ? unit_span(u) : a[4], UNIT_LINEAR }
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
