/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/voice.c - envelope, gain, pan and output of every voice definition.                   */
/* room: none (pure).                                                                             */
#include "protocol/voice.h"

#include "protocol/units.h"

enum {
    DONE_FREE = 2, /* the voice ends itself */
    NO_NODE = -99, /* EnvGen: no release node, no loop node */
    SHAPE_LINEAR = 1
};

/* Voice names of the keys; equal in every definition, so state of the tail survives an edit. */
static uint64_t key(const char *part)
{
    return ph_hash_text(ph_hash_text(PH_HASH_START, "voice/"), part);
}

static struct ph_input multiply(struct ph_build *b, struct ph_input x, struct ph_input y)
{
    const struct ph_input inputs[] = {x, y};

    return ph_build_unit(b, "BinaryOpUGen", PH_AUDIO, PH_BINARY_MUL, 1, inputs, 2, 0);
}

struct ph_input ph_voice_ratio(struct ph_build *b, float base_hz)
{
    ph_build_control(b, PH_VOICE_BASE, base_hz, PH_SCALAR);
    return ph_build_control(b, PH_VOICE_RATIO, 1, PH_CONTROL);
}

/** Levels 0 1 sustain sustain 0 over attack, decay, hold and release; fixed once the voice started. */
static struct ph_input envelope(struct ph_build *b, float attack_seconds, float release_seconds)
{
    const struct ph_input attack = ph_build_control(b, PH_VOICE_ATTACK, attack_seconds, PH_SCALAR);
    const struct ph_input decay = ph_build_control(b, PH_VOICE_DECAY, 0, PH_SCALAR);
    const struct ph_input sustain = ph_build_control(b, PH_VOICE_SUSTAIN, 1, PH_SCALAR);
    const struct ph_input hold = ph_build_control(b, PH_VOICE_HOLD, 0, PH_SCALAR);
    const struct ph_input release =
        ph_build_control(b, PH_VOICE_RELEASE, release_seconds, PH_SCALAR);
    const struct ph_input zero = ph_build_constant(b, 0), one = ph_build_constant(b, 1);
    const struct ph_input linear = ph_build_constant(b, SHAPE_LINEAR);
    const struct ph_input none = ph_build_constant(b, NO_NODE);
    const struct ph_input inputs[] = {
        one, one, zero, one, ph_build_constant(b, DONE_FREE), /* gate, scale, bias, time, done */
        zero, ph_build_constant(b, 4), none, none,            /* first level, segments, nodes */
        one, attack, linear, zero,                            /* level, seconds, shape, curve */
        sustain, decay, linear, zero,
        sustain, hold, linear, zero,
        zero, release, linear, zero
    };

    return ph_build_unit(b, "EnvGen", PH_AUDIO, 0, 1, inputs, sizeof inputs / sizeof *inputs,
                         key("envelope"));
}

static struct ph_input panned(struct ph_build *b, struct ph_input left, struct ph_input right,
                              struct ph_input env)
{
    const struct ph_input pan = ph_build_control(b, PH_VOICE_PAN, 0, PH_CONTROL);
    const struct ph_input gain = ph_build_control(b, PH_VOICE_GAIN, 1, PH_CONTROL);
    const struct ph_input shaped = multiply(b, left, env);

    if (left.unit == right.unit && left.output == right.output) {
        const struct ph_input one_channel[] = {shaped, pan, gain};
        return ph_build_unit(b, "Pan2", PH_AUDIO, 0, 2, one_channel, 3, key("pan"));
    }
    const struct ph_input two_channels[] = {shaped, multiply(b, right, env), pan, gain};
    return ph_build_unit(b, "Balance2", PH_AUDIO, 0, 2, two_channels, 4, key("pan"));
}

void ph_voice_end(struct ph_build *b, struct ph_input left, struct ph_input right,
                  float attack_seconds, float release_seconds)
{
    const struct ph_input env = envelope(b, attack_seconds, release_seconds);
    const struct ph_input first = panned(b, left, right, env);
    const struct ph_input second = {first.unit, first.unit < 0 ? 0 : 1};
    const struct ph_input out[] = {ph_build_control(b, PH_VOICE_OUT, 0, PH_SCALAR), first, second};

    ph_build_unit(b, "Out", PH_AUDIO, 0, 0, out, 3, 0);
}
