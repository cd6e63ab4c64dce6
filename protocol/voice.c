/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/voice.c - effects, envelope, gain, pan and output of every voice definition.          */
/* room: none (pure).                                                                             */
#include "protocol/voice.h"

#include <stdio.h>
#include <string.h>

#include "protocol/units.h"

enum {
    DONE_FREE = 2, /* the voice ends itself */
    NO_NODE = -99, /* EnvGen: no release node, no loop node */
    SHAPE_LINEAR = 1,
    SHAPE_CURVE = 5
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

/* ---- effects of events ----------------------------------------------------------------------- */

static struct ph_input binary(struct ph_build *b, enum ph_rate rate, enum ph_binary op,
                              struct ph_input x, struct ph_input y)
{
    const struct ph_input inputs[] = {x, y};

    return ph_build_unit(b, "BinaryOpUGen", rate, (int16_t)op, 1, inputs, 2, 0);
}

static struct ph_input mul_add(struct ph_build *b, enum ph_rate rate, struct ph_input x,
                               struct ph_input factor, struct ph_input term)
{
    const struct ph_input inputs[] = {x, factor, term};

    return ph_build_unit(b, "MulAdd", rate, 0, 1, inputs, 3, 0);
}

/** Squeeze or Coarse by a control. */
static struct ph_input timed(struct ph_build *b, const char *unit, struct ph_input x,
                             struct ph_input factor, uint64_t unit_key)
{
    const struct ph_input inputs[] = {x, factor};

    return ph_build_unit(b, unit, PH_AUDIO, 0, 1, inputs, 2, unit_key);
}

/**
 * The step between two of 2^(bits - 1) levels per polarity; 0, which rounds nothing, from 16 bits.
 */
static struct ph_input crush_step(struct ph_build *b, struct ph_input bits)
{
    const struct ph_input one = ph_build_constant(b, 1), two = ph_build_constant(b, 2);
    const struct ph_input power = binary(b, PH_SCALAR, PH_BINARY_SUB, one, bits);
    const struct ph_input step = binary(b, PH_SCALAR, PH_BINARY_POW, two, power);
    const struct ph_input counts =
        binary(b, PH_SCALAR, PH_BINARY_LT, bits, ph_build_constant(b, 16));

    return binary(b, PH_SCALAR, PH_BINARY_MUL, step, counts);
}

/** k = 2s / (1 - s). */
static struct ph_input shape_factor(struct ph_build *b, struct ph_input s)
{
    const struct ph_input rest = binary(b, PH_SCALAR, PH_BINARY_SUB, ph_build_constant(b, 1), s);
    const struct ph_input twice = binary(b, PH_SCALAR, PH_BINARY_MUL, ph_build_constant(b, 2), s);

    return binary(b, PH_SCALAR, PH_BINARY_FDIV, twice, rest);
}

/** (1 + k) x / (1 + k |x|). */
static struct ph_input shaped(struct ph_build *b, struct ph_input x, struct ph_input k)
{
    const struct ph_input one = ph_build_constant(b, 1);
    const struct ph_input size =
        ph_build_unit(b, "UnaryOpUGen", PH_AUDIO, PH_UNARY_ABS, 1, &x, 1, 0);
    const struct ph_input below = mul_add(b, PH_AUDIO, size, k, one);
    const struct ph_input above = multiply(b, x, binary(b, PH_SCALAR, PH_BINARY_ADD, k, one));

    return binary(b, PH_AUDIO, PH_BINARY_FDIV, above, below);
}

enum { FORMANTS = 3 };

/** Frequencies of the vowel's formants, and their reciprocal qualities: LANGUAGE 14. */
struct vowel {
    struct ph_input freq[FORMANTS], rq[FORMANTS], which;
};

static struct vowel vowel_of(struct ph_build *b, struct ph_input number)
{
    static const float hz[FORMANTS][5] = { { 730, 530, 270, 570, 300 },
                                           { 1090, 1840, 2290, 840, 870 },
                                           { 2440, 2480, 3010, 2410, 2240 } };
    static const float bandwidths[FORMANTS] = { 60, 80, 100 };
    struct vowel v;

    v.which = binary(b, PH_SCALAR, PH_BINARY_ADD, number, ph_build_constant(b, 1));
    for (uint32_t i = 0; i < FORMANTS; i++) {
        struct ph_input inputs[6] = {number};
        for (uint32_t k = 0; k < 5; k++)
            inputs[1 + k] = ph_build_constant(b, hz[i][k]);
        v.freq[i] = ph_build_unit(b, "Select", PH_CONTROL, 0, 1, inputs, 6, 0);
        v.rq[i] = binary(b, PH_CONTROL, PH_BINARY_FDIV, ph_build_constant(b, bandwidths[i]),
                         v.freq[i]);
    }
    return v;
}

/** The formants of a vowel, or the sound as it is where there is none. */
static struct ph_input voiced(struct ph_build *b, struct ph_input x, const struct vowel *v,
                              uint64_t unit_key)
{
    static const float gains[FORMANTS] = { 1, 0.7f, 0.5f };
    struct ph_input sum = ph_build_constant(b, 0);

    for (uint32_t i = 0; i < FORMANTS; i++) {
        const struct ph_input inputs[] = {x, v->freq[i], v->rq[i]};
        const struct ph_input band =
            ph_build_unit(b, "BPF", PH_AUDIO, 0, 1, inputs, 3, ph_hash(unit_key, &i, sizeof i));
        sum = mul_add(b, PH_AUDIO, band, ph_build_constant(b, gains[i]), sum);
    }
    const struct ph_input choice[] = {v->which, x, sum};
    return ph_build_unit(b, "Select", PH_AUDIO, 0, 1, choice, 3, 0);
}

/** Controls and what follows from them once, for all channels. */
struct effects {
    struct ph_input squiz, coarse, crush, shape;
    struct vowel vowel;
};

#define NAME(id, name, low, high, neutral) name,
#define NEUTRAL(id, name, low, high, neutral) neutral,
static const char *const effect_names[] = { PH_VOICE_EFFECTS(NAME) };
static const float effect_neutrals[] = { PH_VOICE_EFFECTS(NEUTRAL) };
#undef NEUTRAL
#undef NAME

static struct ph_input effect_control(struct ph_build *b, uint32_t number)
{
    return ph_build_control(b, effect_names[number], effect_neutrals[number], PH_SCALAR);
}

static struct effects effects_begin(struct ph_build *b, uint32_t set)
{
    struct effects e = {0};

    if (set & PH_VOICE_SQUIZ)
        e.squiz = effect_control(b, PH_VOICE_SQUIZ_NUMBER);
    if (set & PH_VOICE_COARSE)
        e.coarse = effect_control(b, PH_VOICE_COARSE_NUMBER);
    if (set & PH_VOICE_CRUSH)
        e.crush = crush_step(b, effect_control(b, PH_VOICE_CRUSH_NUMBER));
    if (set & PH_VOICE_SHAPE)
        e.shape = shape_factor(b, effect_control(b, PH_VOICE_SHAPE_NUMBER));
    if (set & PH_VOICE_VOWEL)
        e.vowel = vowel_of(b, effect_control(b, PH_VOICE_VOWEL_NUMBER));
    return e;
}

static struct ph_input effects_apply(struct ph_build *b, uint32_t set, const struct effects *e,
                                     struct ph_input x, uint32_t channel)
{
    const uint64_t unit_key = ph_hash(key("effects"), &channel, sizeof channel);

    if (set & PH_VOICE_SQUIZ)
        x = timed(b, "Squeeze", x, e->squiz, ph_hash_text(unit_key, "squiz"));
    if (set & PH_VOICE_COARSE)
        x = timed(b, "Coarse", x, e->coarse, ph_hash_text(unit_key, "coarse"));
    if (set & PH_VOICE_CRUSH)
        x = binary(b, PH_AUDIO, PH_BINARY_ROUND, x, e->crush);
    if (set & PH_VOICE_SHAPE)
        x = shaped(b, x, e->shape);
    if (set & PH_VOICE_VOWEL)
        x = voiced(b, x, &e->vowel, unit_key);
    return x;
}

uint32_t ph_voice_effect(const char *control)
{
    for (uint32_t i = 0; i < PH_VOICE_EFFECT_COUNT; i++)
        if (strcmp(effect_names[i], control) == 0)
            return 1u << i;
    return strcmp(control, "segments") == 0 || strcmp(control, "curve") == 0 ? PH_VOICE_SEGMENTS
                                                                             : 0;
}

/* ---- envelope, pan, output ------------------------------------------------------------------- */

/**
 * Levels 0 1 sustain sustain 0 over attack, decay, hold and release; fixed once the voice started.
 */
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

static struct ph_input numbered_control(struct ph_build *b, const char *name, uint32_t number,
                                        float initial)
{
    char text[16];

    snprintf(text, sizeof text, "%s%u", name, number);
    return ph_build_control(b, text, initial, PH_SCALAR);
}

/** As many segments as the event says; the first may be curved. */
static struct ph_input envelope_of_stages(struct ph_build *b, float attack_seconds,
                                          float release_seconds)
{
    const float levels[] = {1, 1, 1, 0}, seconds[] = {attack_seconds, 0, 0, release_seconds};
    const struct ph_input zero = ph_build_constant(b, 0), one = ph_build_constant(b, 1);
    const struct ph_input none = ph_build_constant(b, NO_NODE);
    struct ph_input inputs[9 + 4 * PH_VOICE_STAGES_MAX] = {
        one, one, zero, one, ph_build_constant(b, DONE_FREE)};

    inputs[6] = ph_build_control(b, PH_VOICE_STAGES, 4, PH_SCALAR);
    inputs[7] = inputs[8] = none;
    const struct ph_input bend = ph_build_control(b, "bend", 0, PH_SCALAR);
    inputs[5] = numbered_control(b, "level", 0, 0);
    for (uint32_t i = 0; i < PH_VOICE_STAGES_MAX; i++) {
        struct ph_input *const stage = inputs + 9 + 4 * i;
        stage[0] = numbered_control(b, "level", i + 1, i < 4 ? levels[i] : 0);
        stage[1] = numbered_control(b, "time", i + 1, i < 4 ? seconds[i] : 0);
        stage[2] = ph_build_constant(b, i == 0 ? SHAPE_CURVE : SHAPE_LINEAR);
        stage[3] = i == 0 ? bend : zero;
    }
    return ph_build_unit(b, "EnvGen", PH_AUDIO, 0, 1, inputs, sizeof inputs / sizeof *inputs,
                         key("envelope"));
}

static struct ph_input panned(struct ph_build *b, struct ph_input left, struct ph_input right,
                              struct ph_input env)
{
    const struct ph_input pan = ph_build_control(b, PH_VOICE_PAN, 0, PH_CONTROL);
    const struct ph_input gain = ph_build_control(b, PH_VOICE_GAIN, 1, PH_CONTROL);
    const struct ph_input sound = multiply(b, left, env);

    if (left.unit == right.unit && left.output == right.output) {
        const struct ph_input one_channel[] = {sound, pan, gain};
        return ph_build_unit(b, "Pan2", PH_AUDIO, 0, 2, one_channel, 3, key("pan"));
    }
    const struct ph_input two_channels[] = {sound, multiply(b, right, env), pan, gain};
    return ph_build_unit(b, "Balance2", PH_AUDIO, 0, 2, two_channels, 4, key("pan"));
}

void ph_voice_end_effects(struct ph_build *b, struct ph_input left, struct ph_input right,
                          float attack_seconds, float release_seconds, uint32_t effects)
{
    const bool is_mono = left.unit == right.unit && left.output == right.output;
    const struct effects e = effects_begin(b, effects);
    const struct ph_input x = effects_apply(b, effects, &e, left, 0);
    const struct ph_input y = is_mono ? x : effects_apply(b, effects, &e, right, 1);
    const struct ph_input env = effects & PH_VOICE_SEGMENTS
                                    ? envelope_of_stages(b, attack_seconds, release_seconds)
                                    : envelope(b, attack_seconds, release_seconds);
    const struct ph_input first = panned(b, x, y, env);
    const struct ph_input second = {first.unit, first.unit < 0 ? 0 : 1};
    const struct ph_input out[] = {ph_build_control(b, PH_VOICE_OUT, 0, PH_SCALAR), first, second};

    ph_build_unit(b, "Out", PH_AUDIO, 0, 0, out, 3, 0);
}

void ph_voice_end(struct ph_build *b, struct ph_input left, struct ph_input right,
                  float attack_seconds, float release_seconds)
{
    ph_voice_end_effects(b, left, right, attack_seconds, release_seconds, 0);
}
