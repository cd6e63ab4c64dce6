/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/modules.h - the effects of an event, as parts of one definition.                   */
/* room: command thread.                                                                          */
#ifndef SERVER_DIRT_MODULES_H
#define SERVER_DIRT_MODULES_H

#include "server/dirt/event.h"
#include "server/dirt/graph.h"

/** In the order in which they are applied: SuperDirt's. */
#define DIRT_MODULES(M)                                                                            \
    M(VOWEL) M(SHAPE) M(HPF) M(BPF) M(CRUSH) M(COARSE) M(LPF) M(PITCH_SHIFT) M(ENVELOPE)           \
    M(GRAIN_ENVELOPE) M(TREMOLO) M(PHASER) M(WAVELOSS) M(SQUIZ) M(FREQ_SHIFT) M(TRIODE) M(KRUSH)   \
    M(OCTER) M(RING) M(DISTORT) M(SPECTRAL_DELAY) M(FREEZE) M(COMB) M(SMEAR) M(SCRAMBLE)           \
    M(BIN_SHIFT) M(HIGH_BRICK) M(LOW_BRICK) M(CONFORM) M(ENHANCE) M(DJ_FILTER)

#define DIRT_MODULE_ENUM(id) DIRT_MODULE_##id,
enum dirt_module { DIRT_MODULES(DIRT_MODULE_ENUM) DIRT_MODULE_COUNT };
#undef DIRT_MODULE_ENUM

enum { DIRT_FORMANTS = 5 };
/** Hz, reciprocal quality and linear gain of a vowel's formants; false: no such vowel. */
struct dirt_formant {
    float hz, rq, gain;
};
bool dirt_formants_of(const char *vowel, struct dirt_formant out[DIRT_FORMANTS]);
/** Names of the formants' controls: a word and the formant's number. */
#define DIRT_FORMANT_HZ "formanthz"
#define DIRT_FORMANT_RQ "formantrq"
#define DIRT_FORMANT_GAIN "formantgain"

/** The modules that an event asks for: a bit for each. */
uint64_t dirt_modules_of(const struct dirt_event *event);
/**
 * True when all of them change nothing but the level where their input is louder or softer, and
 * draw no random numbers: then the sound may be panned behind them, and costs half.
 */
bool dirt_modules_are_even(uint64_t modules);
/** Adds the modules' units and controls behind `sound`. */
void dirt_modules_build(struct graph *g, uint64_t modules, struct sound *sound);

#endif
