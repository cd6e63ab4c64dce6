/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/params.h - the parameters of an event that the TidalCycles door knows by name.     */
/* room: command thread.                                                                          */
/*                                                                                                */
/* Values and curves are SuperDirt's (synths/core-modules.scd, classes/DirtOrbit.sc).             */
#ifndef SERVER_DIRT_PARAMS_H
#define SERVER_DIRT_PARAMS_H

/**
 * P(ID, name, lowest, highest): numbers outside are brought inside, what isn't a number is passed
 * over. The bounds are wider than any musical use; they keep times, indices and levels finite.
 */
#define DIRT_NUMBERS(P)                                                                            \
    /* when, where */                                                                              \
    P(CPS, "cps", -64, 64) P(CYCLE, "cycle", -1e9, 1e9) P(DELTA, "delta", -3600, 3600)             \
    P(ORBIT, "orbit", -1e6, 1e6) P(CHANNEL, "channel", -1e6, 1e6) P(PAN, "pan", -1e6, 1e6)         \
    P(LAG, "lag", -60, 60) P(OFFSET, "offset", -60, 60)                                            \
    /* which sound, at which pitch */                                                              \
    P(N, "n", -1e6, 1e6) P(NOTE, "note", -240, 240) P(MIDINOTE, "midinote", -240, 360)             \
    P(FREQ, "freq", 0.001, 1e6) P(OCTAVE, "octave", -20, 20) P(METATUNE, "metatune", 0, 1)         \
    /* how much of it, how long */                                                                 \
    P(SPEED, "speed", -1e4, 1e4) P(ACCELERATE, "accelerate", -1e4, 1e4) P(BEGIN, "begin", 0, 1)    \
    P(END, "end", 0, 1) P(LOOP, "loop", -1e6, 1e6) P(SUSTAIN, "sustain", 0, 3600)                  \
    P(LEGATO, "legato", 0, 1e4) P(CUT, "cut", -1e6, 1e6) P(CUT_ALL, "cutAll", -1, 1)               \
    P(TIMESCALE, "timescale", 0.01, 1e4)                                                           \
    P(TIMESCALEWIN, "timescalewin", 0.01, 100)                                                     \
    /* level */                                                                                    \
    P(GAIN, "gain", -4, 2) P(OVERGAIN, "overgain", -4, 4) P(AMP, "amp", -10, 10)                   \
    /* effects of the event, in the order of modules.c */                                          \
    P(RESONANCE, "resonance", -1e3, 1e3) P(SHAPE, "shape", -1e3, 1)                                \
    P(HCUTOFF, "hcutoff", -1e6, 1e6) P(HRESONANCE, "hresonance", -1e3, 1e3)                        \
    P(BANDF, "bandf", -1e6, 1e6) P(BANDQ, "bandq", -1e6, 1e6)                                      \
    P(CRUSH, "crush", -64, 64) P(COARSE, "coarse", -1e6, 1e6) P(CUTOFF, "cutoff", -1e6, 1e6)       \
    P(PSRATE, "psrate", 0, 4) P(PSDISP, "psdisp", 0, 10)                                           \
    P(ATTACK, "attack", 0, 3600) P(HOLD, "hold", 0, 3600) P(RELEASE, "release", 0, 3600)           \
    P(CURVE, "curve", -100, 100) P(TILT, "tilt", 0, 1) P(PLAT, "plat", 0, 1)                       \
    P(TREMOLORATE, "tremolorate", -1e4, 1e4) P(TREMOLODEPTH, "tremolodepth", 0, 1)                 \
    P(PHASERRATE, "phaserrate", -1e4, 1e4) P(PHASERDEPTH, "phaserdepth", 0, 1)                     \
    P(WAVELOSS, "waveloss", 0, 100) P(SQUIZ, "squiz", 0, 1e3)                                      \
    P(FSHIFT, "fshift", -1e6, 1e6) P(FSHIFTNOTE, "fshiftnote", -1e3, 1e3)                          \
    P(FSHIFTPHASE, "fshiftphase", -1e3, 1e3) P(TRIODE, "triode", -1e3, 1e3)                        \
    P(KRUSH, "krush", -1e3, 1e3) P(KCUTOFF, "kcutoff", -1e6, 1e6) P(OCTER, "octer", -1e3, 1e3)     \
    P(OCTERSUB, "octersub", -1e3, 1e3) P(OCTERSUBSUB, "octersubsub", -1e3, 1e3)                    \
    P(RING, "ring", -1e3, 1e3) P(RINGF, "ringf", -1e6, 1e6) P(RINGDF, "ringdf", -1e6, 1e6)         \
    P(DISTORT, "distort", -1e3, 1e3) P(XSDELAY, "xsdelay", 0, 1e3) P(TSDELAY, "tsdelay", 0, 1)     \
    P(FREEZE, "freeze", -1, 1) P(COMB, "comb", 0, 1) P(SMEAR, "smear", 0, 1)                       \
    P(SCRAM, "scram", 0, 1) P(BINSHIFT, "binshift", 0, 1) P(HBRICK, "hbrick", 0, 1)                \
    P(LBRICK, "lbrick", 0, 1) P(REAL, "real", 0, 1) P(IMAG, "imag", 0, 1)                          \
    P(ENHANCE, "enhance", 0, 1) P(DJF, "djf", 0, 1)                                                \
    P(TO, "to", -1e6, 1e6) P(FROM, "from", -1e6, 1e6)                                              \
    /* effects of the orbit */                                                                     \
    P(DELAY, "delay", -10, 10) P(DELAYTIME, "delaytime", 0, 1e6)                                   \
    P(DELAYFEEDBACK, "delayfeedback", 0, 1)                                                        \
    P(LOCK, "lock", 0, 1) P(DELAYSEND, "delaySend", -10, 10) P(ROOM, "room", -10, 10)              \
    P(SIZE, "size", -1e3, 1e3) P(DRY, "dry", -10, 10) P(LESLIE, "leslie", 0, 1)                    \
    P(LRATE, "lrate", 0, 1e3) P(LSIZE, "lsize", 0, 10) P(LIMITERTYPE, "limitertype", 0, 2)

/** P(ID, name): words. */
#define DIRT_WORDS(P)                                                                              \
    P(S, "s") P(SOUND, "sound") P(BANK, "bank") P(UNIT, "unit") P(VOWEL, "vowel") P(TO_ARG, "toArg")

#define DIRT_NUMBER_ENUM(id, name, low, high) DIRT_##id,
enum dirt_number { DIRT_NUMBERS(DIRT_NUMBER_ENUM) DIRT_NUMBER_COUNT };
#undef DIRT_NUMBER_ENUM
#define DIRT_WORD_ENUM(id, name) DIRT_WORD_##id,
enum dirt_word { DIRT_WORDS(DIRT_WORD_ENUM) DIRT_WORD_COUNT };
#undef DIRT_WORD_ENUM

#endif
