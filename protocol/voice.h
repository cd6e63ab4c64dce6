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

/** Default envelope of synth voices: LANGUAGE 10.3 rule 7, `ar 0.01 0.3`. */
#define PH_VOICE_ATTACK_SECONDS 0.01f
#define PH_VOICE_RELEASE_SECONDS 0.3f
/** Click protection of sample voices. */
#define PH_SAMPLE_ATTACK_SECONDS 0.001f
#define PH_SAMPLE_RELEASE_SECONDS 0.003f

/** The `ratio` control of a voice; call once, first. Multiply it into every pitched frequency. */
struct ph_input ph_voice_ratio(struct ph_build *b, float base_hz);
/**
 * Everything behind the voice's sound: envelope (linear segments, done action 2), gain, equal-power pan
 * (`right` equal to `left`: one channel, Pan2; else Balance2), Out. Initial envelope as given.
 */
void ph_voice_end(struct ph_build *b, struct ph_input left, struct ph_input right,
                  float attack_seconds, float release_seconds);

#endif
