/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/voice.h - what every voice definition has in common, whoever builds it.               */
/* room: none (pure).                                                                             */
/*                                                                                                */
/* A voice is a synth that ends itself. The sequencer sets these controls when the voice starts;  */
/* event controls whose name is a control of the def are set as well.                             */
#ifndef PROTOCOL_VOICE_H
#define PROTOCOL_VOICE_H

#include "protocol/synthdef.h"

#define PH_VOICE_OUT "out"         /* audio bus, 2 channels */
#define PH_VOICE_GAIN "gain"       /* linear, 1 */
#define PH_VOICE_PAN "pan"         /* -1 .. 1 */
#define PH_VOICE_RATIO "ratio"     /* factor of every pitched frequency in the voice, 1 */
#define PH_VOICE_SPAN "span"       /* seconds of the event, for envelopes inside the voice */
#define PH_VOICE_BASE "base"       /* Hz: initial value says which frequency ratio 1 means */
#define PH_VOICE_ATTACK "attack"   /* seconds; envelope levels 0 1 sustain sustain 0 */
#define PH_VOICE_DECAY "decay"     /* seconds */
#define PH_VOICE_SUSTAIN "sustain" /* level 0 .. 1 */
#define PH_VOICE_HOLD "hold"       /* seconds at the sustain level */
#define PH_VOICE_RELEASE "release" /* seconds; then the voice ends */

/**
 * What an event may do to the sound of a voice, evaluated once at its onset: LANGUAGE 10.4. E(ID,
 * control, lowest, highest, neutral): applied in this order; at the neutral value the sound passes
 * bit for bit.
 */
#define PH_VOICE_EFFECTS(E)                                                                        \
    E(SQUIZ, "squiz", 1, 16, 1)                                                                    \
    E(COARSE, "coarse", 1, 256, 1)                                                                 \
    E(CRUSH, "crush", 1, 16, 16)                                                                   \
    E(SHAPE, "shape", 0, 0.99f, 0)                                                                 \
    E(VOWEL, "vowel", 0, 4, -1) /* a e i o u */

#define PH_VOICE_EFFECT_NUMBER(id, name, low, high, neutral) PH_VOICE_##id##_NUMBER,
enum { PH_VOICE_EFFECTS(PH_VOICE_EFFECT_NUMBER) PH_VOICE_EFFECT_COUNT };
#undef PH_VOICE_EFFECT_NUMBER
/** A set of effects is one of these bits for each, PH_VOICE_SEGMENTS among them. */
#define PH_VOICE_EFFECT_BIT(id, name, low, high, neutral)                                          \
    PH_VOICE_##id = 1 << PH_VOICE_##id##_NUMBER,
enum {
    PH_VOICE_EFFECTS(PH_VOICE_EFFECT_BIT)
    PH_VOICE_SEGMENTS = 1 << PH_VOICE_EFFECT_COUNT, /* an envelope of any segments, see below */
    PH_VOICE_EFFECTS_ALL = 2 * PH_VOICE_SEGMENTS - 1
};
#undef PH_VOICE_EFFECT_BIT

/**
 * With PH_VOICE_SEGMENTS the envelope has these controls in place of attack, decay, sustain, hold
 * and release: `stages` and behind it, in this order, `bend` (curve of the first segment),
 * `level0`, and for each segment `level1`, `time1` ... Initially it is the envelope that it would
 * be without.
 *
 * Events say it in numbers `curvefrom`, `curveto`, `curvetime` (seconds) and `curve`, or in two
 * words that hold numbers and spaces: `segments` the levels, `times` the seconds between them.
 */
#define PH_VOICE_STAGES "stages"
enum {
    PH_VOICE_LEVELS_MAX = 16,                      /* of `segments`; further ones are left out */
    PH_VOICE_STAGES_MAX = PH_VOICE_LEVELS_MAX + 1, /* those, less the first, and hold and release */
    PH_VOICE_STAGE_CONTROLS = 3 + 2 * PH_VOICE_STAGES_MAX
};

/** Default envelope of synth voices: LANGUAGE 10.3 rule 7, `ar 0.01 0.3`. */
#define PH_VOICE_ATTACK_SECONDS 0.01f
#define PH_VOICE_RELEASE_SECONDS 0.3f
/** Click protection of sample voices. */
#define PH_SAMPLE_ATTACK_SECONDS 0.001f
#define PH_SAMPLE_RELEASE_SECONDS 0.003f

/** The `ratio` control of a voice; call once, first. Multiply it into every pitched frequency. */
struct ph_input ph_voice_ratio(struct ph_build *b, float base_hz);
/**
 * Everything behind the voice's sound: envelope (linear segments, done action 2), gain, equal-power
 * pan (`right` equal to `left`: one channel, Pan2; else Balance2), Out. Initial envelope as given.
 */
void ph_voice_end(struct ph_build *b, struct ph_input left, struct ph_input right,
                  float attack_seconds, float release_seconds);
/**
 * The same, with the effects that events of the voice may use: a set of PH_VOICE_SQUIZ and so on.
 */
void ph_voice_end_effects(struct ph_build *b, struct ph_input left, struct ph_input right,
                          float attack_seconds, float release_seconds, uint32_t effects);
/** The effect (its bit) that a control of that name is, or 0. `segments` and `curve` count. */
uint32_t ph_voice_effect(const char *control);

#endif
