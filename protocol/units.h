/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/units.h - the unit table: name, outputs, rates, inputs with quantity and default.     */
/* room: none (pure).                                                                             */
/*                                                                                                */
/* A unit is a row here, a kernel in server/dsp and a test. Units that SuperCollider has keep its */
/* name, input order and defaults; the others are marked `own`.                                   */
#ifndef PROTOCOL_UNITS_H
#define PROTOCOL_UNITS_H

#include <stdint.h>

/** What an input means. PH_REST marks an input that may repeat (the last one of its row). */
enum ph_quantity {
    PH_AMP,      /* linear signal or gain */
    PH_HZ,
    PH_RADIANS,
    PH_SECONDS,
    PH_RATIO_,   /* dimensionless factor */
    PH_ZERO_ONE, /* 0 .. 1 */
    PH_BIPOLAR,  /* -1 .. 1 */
    PH_BUS,      /* bus number */
    PH_BUFFER,   /* buffer number */
    PH_FRAMES,
    PH_GATE,     /* > 0 is open */
    PH_TRIGGER,  /* rising edge through 0 */
    PH_FLAG,
    PH_ACTION,   /* done action, SCSYNTH 4 */
    PH_NUMBER,
    PH_WRITTEN,  /* buffer number, or FFT chain, whose contents the unit changes; -1: none */
    PH_SOURCE,   /* what counts is the unit behind it: whether that has come to its end */
    PH_REST_AMP, /* repeated signals */
    PH_REST_NUMBER
};

/** Calculation rate of a unit or an output, as in SCgf files. */
enum ph_rate { PH_SCALAR = 0, PH_CONTROL = 1, PH_AUDIO = 2, PH_DEMAND = 3 };

/** Rates a unit may run at, as a bit set of 1 << enum ph_rate. */
enum { PH_IR = 1, PH_KR = 2, PH_AR = 4, PH_DR = 8 };

/** Outputs chosen by the def rather than by the unit. */
#define PH_ANY (-1)

/**
 * PH_UNITS(U, N, IN): U(ID, Name, outputs, rates, inputs...) with IN(name, quantity, default).
 * `outputs` 0 for sinks, PH_ANY where the def chooses. N is the same for a unit without a wide
 * form: what it reads, writes or decides lies at another place in every lane, so that lanes side by
 * side gain nothing.
 */
#define PH_UNITS(U, N, IN)                                                                         \
    /* controls and buses */                                                                       \
    U(CONTROL, Control, PH_ANY, PH_IR | PH_KR, )                                                   \
    U(AUDIO_CONTROL, AudioControl, PH_ANY, PH_AR, )                                                \
    U(TRIG_CONTROL, TrigControl, PH_ANY, PH_KR, )                                                  \
    U(LAG_CONTROL, LagControl, PH_ANY, PH_KR, IN("lags", PH_REST_NUMBER, 0))                       \
    U(IN_, In, PH_ANY, PH_KR | PH_AR, IN("bus", PH_BUS, 0))                                        \
    U(IN_FEEDBACK, InFeedback, PH_ANY, PH_AR, IN("bus", PH_BUS, 0))                                \
    U(IN_TRIG, InTrig, PH_ANY, PH_KR, IN("bus", PH_BUS, 0))                                        \
    U(OUT, Out, 0, PH_KR | PH_AR, IN("bus", PH_BUS, 0) IN("channels", PH_REST_AMP, 0))             \
    U(REPLACE_OUT, ReplaceOut, 0, PH_KR | PH_AR,                                                   \
      IN("bus", PH_BUS, 0) IN("channels", PH_REST_AMP, 0))                                         \
    U(OFFSET_OUT, OffsetOut, 0, PH_AR, IN("bus", PH_BUS, 0) IN("channels", PH_REST_AMP, 0))        \
    N(X_OUT, XOut, 0, PH_KR | PH_AR,                                                               \
      IN("bus", PH_BUS, 0) IN("xfade", PH_ZERO_ONE, 1) IN("channels", PH_REST_AMP, 0))             \
    U(LAG_IN, LagIn, PH_ANY, PH_KR, IN("bus", PH_BUS, 0) IN("lag", PH_SECONDS, 0.1f))              \
    /* own: a loop of one frame, LANGUAGE 5.4. FeedbackIn gives what FeedbackOut got one frame     \
     * earlier (0 at first; 0 where that was not finite; clamped to +-8). One pair per def, as many\
     * channels in as out, FeedbackIn first. From FeedbackIn to FeedbackOut all units run frame by \
     * frame; all are at audio rate and none is a control or bus unit, or K2A: these stand before  \
     * or behind. The key of FeedbackIn carries the frame on its way over an edit; FeedbackOut     \
     * needs none. */                                                                              \
    N(FEEDBACK_IN, FeedbackIn, PH_ANY, PH_AR, )                                                    \
    N(FEEDBACK_OUT, FeedbackOut, 0, PH_AR, IN("channels", PH_REST_AMP, 0))                         \
    /* arithmetic */                                                                               \
    U(BINARY_OP, BinaryOpUGen, 1, PH_IR | PH_KR | PH_AR | PH_DR,                                   \
      IN("a", PH_NUMBER, 0) IN("b", PH_NUMBER, 0))                                                 \
    U(UNARY_OP, UnaryOpUGen, 1, PH_IR | PH_KR | PH_AR | PH_DR, IN("a", PH_NUMBER, 0))              \
    U(MUL_ADD, MulAdd, 1, PH_IR | PH_KR | PH_AR,                                                   \
      IN("in", PH_NUMBER, 0) IN("mul", PH_NUMBER, 1) IN("add", PH_NUMBER, 0))                      \
    U(SUM3, Sum3, 1, PH_IR | PH_KR | PH_AR,                                                        \
      IN("in0", PH_AMP, 0) IN("in1", PH_AMP, 0) IN("in2", PH_AMP, 0))                              \
    U(SUM4, Sum4, 1, PH_IR | PH_KR | PH_AR,                                                        \
      IN("in0", PH_AMP, 0) IN("in1", PH_AMP, 0) IN("in2", PH_AMP, 0) IN("in3", PH_AMP, 0))         \
    U(LIN_EXP, LinExp, 1, PH_KR | PH_AR,                                                           \
      IN("in", PH_NUMBER, 0) IN("srclo", PH_NUMBER, 0) IN("srchi", PH_NUMBER, 1)                   \
      IN("dstlo", PH_NUMBER, 1) IN("dsthi", PH_NUMBER, 2))                                         \
    U(DC, DC, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0))                                               \
    U(K2A, K2A, 1, PH_AR, IN("in", PH_AMP, 0))                                                     \
    /* oscillators */                                                                              \
    U(SIN_OSC, SinOsc, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 440) IN("phase", PH_RADIANS, 0))        \
    U(SAW, Saw, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 440))                                          \
    U(PULSE, Pulse, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 440) IN("width", PH_ZERO_ONE, 0.5f))       \
    U(LF_SAW, LFSaw, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 440) IN("iphase", PH_BIPOLAR, 0))         \
    U(LF_TRI, LFTri, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 440) IN("iphase", PH_NUMBER, 0))          \
    U(VAR_SAW, VarSaw, 1, PH_KR | PH_AR,                                                           \
      IN("freq", PH_HZ, 440) IN("iphase", PH_ZERO_ONE, 0) IN("width", PH_ZERO_ONE, 0.5f))          \
    U(IMPULSE, Impulse, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 440) IN("phase", PH_ZERO_ONE, 0))      \
    U(BLEP_SAW, BlepSaw, 1, PH_AR, IN("freq", PH_HZ, 440) IN("iphase", PH_ZERO_ONE, 0))            \
    U(BLEP_PULSE, BlepPulse, 1, PH_AR,                                                             \
      IN("freq", PH_HZ, 440) IN("width", PH_ZERO_ONE, 0.5f) IN("iphase", PH_ZERO_ONE, 0))          \
    U(BLEP_TRI, BlepTri, 1, PH_AR, IN("freq", PH_HZ, 440) IN("iphase", PH_ZERO_ONE, 0))            \
    U(BLIP, Blip, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 440) IN("numharm", PH_NUMBER, 200))          \
    U(ADDITIVE, Additive, 1, PH_AR, /* own: LANGUAGE 12 `additive`, `organ` */                     \
      IN("freq", PH_HZ, 440) IN("amps", PH_REST_AMP, 1))                                           \
    N(PLUCKED_STRING, PluckedString, 1, PH_AR, /* own: LANGUAGE 12 `pluck` */                      \
      IN("freq", PH_HZ, 440) IN("damping", PH_ZERO_ONE, 0.5f) IN("trig", PH_TRIGGER, 1))           \
    N(WAVEGUIDE, Waveguide, 1, PH_AR, /* own: LANGUAGE 12 `waveguide` */                           \
      IN("freq", PH_HZ, 440) IN("damping", PH_ZERO_ONE, 0.5f) IN("pickup", PH_ZERO_ONE, 0.3f)      \
      IN("trig", PH_TRIGGER, 1))                                                                   \
    /* oscillators and envelopes of SuperCollider's OscUGens and LFUGens */                        \
    U(LF_PAR, LFPar, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 440) IN("iphase", PH_NUMBER, 0))          \
    U(LF_CUB, LFCub, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 440) IN("iphase", PH_NUMBER, 0))          \
    U(LF_PULSE, LFPulse, 1, PH_KR | PH_AR,                                                         \
      IN("freq", PH_HZ, 440) IN("iphase", PH_ZERO_ONE, 0) IN("width", PH_ZERO_ONE, 0.5f))          \
    U(SYNC_SAW, SyncSaw, 1, PH_KR | PH_AR,                                                         \
      IN("syncFreq", PH_HZ, 440) IN("sawFreq", PH_HZ, 440))                                        \
    U(SIN_OSC_FB, SinOscFB, 1, PH_KR | PH_AR,                                                      \
      IN("freq", PH_HZ, 440) IN("feedback", PH_RADIANS, 0))                                        \
    U(F_SIN_OSC, FSinOsc, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 440) IN("iphase", PH_RADIANS, 0))    \
    U(FORMANT, Formant, 1, PH_AR,                                                                  \
      IN("fundfreq", PH_HZ, 440) IN("formfreq", PH_HZ, 1760) IN("bwfreq", PH_HZ, 880))             \
    U(KLANG, Klang, 1, PH_AR,                                                                      \
      IN("freqscale", PH_RATIO_, 1) IN("freqoffset", PH_HZ, 0) IN("freq", PH_HZ, 440)              \
      IN("amp", PH_AMP, 1) IN("phase", PH_REST_NUMBER, 0))                                         \
    U(KLANK, Klank, 1, PH_AR,                                                                      \
      IN("in", PH_AMP, 0) IN("freqscale", PH_RATIO_, 1) IN("freqoffset", PH_HZ, 0)                 \
      IN("decayscale", PH_RATIO_, 1) IN("freq", PH_HZ, 440) IN("amp", PH_AMP, 1)                   \
      IN("time", PH_REST_NUMBER, 1))                                                               \
    U(VIBRATO, Vibrato, 1, PH_KR | PH_AR,                                                          \
      IN("freq", PH_HZ, 440) IN("rate", PH_HZ, 6) IN("depth", PH_ZERO_ONE, 0.02f)                  \
      IN("delay", PH_SECONDS, 0) IN("onset", PH_SECONDS, 0)                                        \
      IN("rateVariation", PH_ZERO_ONE, 0.04f) IN("depthVariation", PH_ZERO_ONE, 0.1f)              \
      IN("iphase", PH_ZERO_ONE, 0) IN("trig", PH_TRIGGER, 0))                                      \
    U(LINEN, Linen, 1, PH_KR,                                                                      \
      IN("gate", PH_GATE, 1) IN("attackTime", PH_SECONDS, 0.01f) IN("susLevel", PH_AMP, 1)         \
      IN("releaseTime", PH_SECONDS, 1) IN("doneAction", PH_ACTION, 0))                             \
    U(A2K, A2K, 1, PH_KR, IN("in", PH_AMP, 0))                                                     \
    U(T2K, T2K, 1, PH_KR, IN("in", PH_TRIGGER, 0))                                                 \
    U(T2A, T2A, 1, PH_AR, IN("in", PH_TRIGGER, 0) IN("offset", PH_FRAMES, 0))                      \
    U(AMP_COMP, AmpComp, 1, PH_IR | PH_KR | PH_AR,                                                 \
      IN("freq", PH_HZ, 261.6256f) IN("root", PH_HZ, 261.6256f) IN("exp", PH_NUMBER, 0.3333f))     \
    U(AMP_COMP_A, AmpCompA, 1, PH_IR | PH_KR | PH_AR,                                              \
      IN("freq", PH_HZ, 1000) IN("root", PH_HZ, 0) IN("minAmp", PH_AMP, 0.32f)                     \
      IN("rootAmp", PH_AMP, 1))                                                                    \
    U(IN_RANGE, InRange, 1, PH_IR | PH_KR | PH_AR,                                                 \
      IN("in", PH_AMP, 0) IN("lo", PH_NUMBER, 0) IN("hi", PH_NUMBER, 1))                           \
    U(IN_RECT, InRect, 1, PH_KR | PH_AR,                                                           \
      IN("x", PH_AMP, 0) IN("y", PH_AMP, 0) IN("left", PH_NUMBER, 0) IN("top", PH_NUMBER, 0)       \
      IN("right", PH_NUMBER, 0) IN("bottom", PH_NUMBER, 0))                                        \
    U(MOD_DIF, ModDif, 1, PH_IR | PH_KR | PH_AR,                                                   \
      IN("x", PH_AMP, 0) IN("y", PH_NUMBER, 0) IN("mod", PH_NUMBER, 1))                            \
    U(UNWRAP, Unwrap, 1, PH_KR | PH_AR,                                                            \
      IN("in", PH_AMP, 0) IN("lo", PH_NUMBER, 0) IN("hi", PH_NUMBER, 1))                           \
    U(LF_GAUSS, LFGauss, 1, PH_KR | PH_AR,                                                         \
      IN("duration", PH_SECONDS, 1) IN("width", PH_NUMBER, 0.1f) IN("iphase", PH_NUMBER, 0)        \
      IN("loop", PH_FLAG, 1) IN("doneAction", PH_ACTION, 0))                                       \
    U(P_SIN_GRAIN, PSinGrain, 1, PH_AR,                                                            \
      IN("freq", PH_HZ, 440) IN("dur", PH_SECONDS, 0.2f) IN("amp", PH_AMP, 0.1f))                  \
    U(I_ENV_GEN, IEnvGen, 1, PH_KR | PH_AR,                                                        \
      IN("index", PH_NUMBER, 0) IN("offset", PH_NUMBER, 0) IN("level", PH_NUMBER, 0)               \
      IN("stages", PH_NUMBER, 0) IN("total", PH_NUMBER, 0) IN("envelope", PH_REST_NUMBER, 0))      \
    /* tables */                                                                                   \
    U(OSC, Osc, 1, PH_KR | PH_AR,                                                                  \
      IN("bufnum", PH_BUFFER, 0) IN("freq", PH_HZ, 440) IN("phase", PH_RADIANS, 0))                \
    U(OSC_N, OscN, 1, PH_KR | PH_AR,                                                               \
      IN("bufnum", PH_BUFFER, 0) IN("freq", PH_HZ, 440) IN("phase", PH_RADIANS, 0))                \
    U(V_OSC, VOsc, 1, PH_KR | PH_AR,                                                               \
      IN("bufpos", PH_BUFFER, 0) IN("freq", PH_HZ, 440) IN("phase", PH_RADIANS, 0))                \
    U(V_OSC3, VOsc3, 1, PH_KR | PH_AR,                                                             \
      IN("bufpos", PH_BUFFER, 0) IN("freq1", PH_HZ, 110) IN("freq2", PH_HZ, 220)                   \
      IN("freq3", PH_HZ, 440))                                                                     \
    U(C_OSC, COsc, 1, PH_KR | PH_AR,                                                               \
      IN("bufnum", PH_BUFFER, 0) IN("freq", PH_HZ, 440) IN("beats", PH_HZ, 0.5f))                  \
    U(SHAPER, Shaper, 1, PH_KR | PH_AR, IN("bufnum", PH_BUFFER, 0) IN("in", PH_AMP, 0))            \
    U(INDEX, Index, 1, PH_KR | PH_AR, IN("bufnum", PH_BUFFER, 0) IN("in", PH_NUMBER, 0))           \
    U(INDEX_L, IndexL, 1, PH_KR | PH_AR, IN("bufnum", PH_BUFFER, 0) IN("in", PH_NUMBER, 0))        \
    U(FOLD_INDEX, FoldIndex, 1, PH_KR | PH_AR, IN("bufnum", PH_BUFFER, 0) IN("in", PH_NUMBER, 0))  \
    U(WRAP_INDEX, WrapIndex, 1, PH_KR | PH_AR, IN("bufnum", PH_BUFFER, 0) IN("in", PH_NUMBER, 0))  \
    U(INDEX_IN_BETWEEN, IndexInBetween, 1, PH_KR | PH_AR,                                          \
      IN("bufnum", PH_BUFFER, 0) IN("in", PH_NUMBER, 0))                                           \
    U(DETECT_INDEX, DetectIndex, 1, PH_KR | PH_AR,                                                 \
      IN("bufnum", PH_BUFFER, 0) IN("in", PH_NUMBER, 0))                                           \
    U(DEGREE_TO_KEY, DegreeToKey, 1, PH_KR | PH_AR,                                                \
      IN("bufnum", PH_BUFFER, 0) IN("in", PH_NUMBER, 0) IN("octave", PH_NUMBER, 12))               \
    /* chance and chaos */                                                                         \
    N(GENDY1, Gendy1, 1, PH_KR | PH_AR,                                                            \
      IN("ampdist", PH_NUMBER, 1) IN("durdist", PH_NUMBER, 1) IN("adparam", PH_ZERO_ONE, 1)        \
      IN("ddparam", PH_ZERO_ONE, 1) IN("minfreq", PH_HZ, 440) IN("maxfreq", PH_HZ, 660)            \
      IN("ampscale", PH_ZERO_ONE, 0.5f) IN("durscale", PH_ZERO_ONE, 0.5f)                          \
      IN("initCPs", PH_NUMBER, 12) IN("knum", PH_NUMBER, 12))                                      \
    N(GENDY2, Gendy2, 1, PH_KR | PH_AR,                                                            \
      IN("ampdist", PH_NUMBER, 1) IN("durdist", PH_NUMBER, 1) IN("adparam", PH_ZERO_ONE, 1)        \
      IN("ddparam", PH_ZERO_ONE, 1) IN("minfreq", PH_HZ, 440) IN("maxfreq", PH_HZ, 660)            \
      IN("ampscale", PH_ZERO_ONE, 0.5f) IN("durscale", PH_ZERO_ONE, 0.5f)                          \
      IN("initCPs", PH_NUMBER, 12) IN("knum", PH_NUMBER, 12) IN("a", PH_NUMBER, 1.17f)             \
      IN("c", PH_NUMBER, 0.31f))                                                                   \
    N(GENDY3, Gendy3, 1, PH_KR | PH_AR,                                                            \
      IN("ampdist", PH_NUMBER, 1) IN("durdist", PH_NUMBER, 1) IN("adparam", PH_ZERO_ONE, 1)        \
      IN("ddparam", PH_ZERO_ONE, 1) IN("freq", PH_HZ, 440) IN("ampscale", PH_ZERO_ONE, 0.5f)       \
      IN("durscale", PH_ZERO_ONE, 0.5f) IN("initCPs", PH_NUMBER, 12) IN("knum", PH_NUMBER, 12))    \
    U(CUSP_N, CuspN, 1, PH_AR,                                                                     \
      IN("freq", PH_HZ, 22050) IN("a", PH_NUMBER, 1) IN("b", PH_NUMBER, 1.9f)                      \
      IN("xi", PH_NUMBER, 0))                                                                      \
    U(CUSP_L, CuspL, 1, PH_AR,                                                                     \
      IN("freq", PH_HZ, 22050) IN("a", PH_NUMBER, 1) IN("b", PH_NUMBER, 1.9f)                      \
      IN("xi", PH_NUMBER, 0))                                                                      \
    U(FB_SINE_N, FBSineN, 1, PH_AR,                                                                \
      IN("freq", PH_HZ, 22050) IN("im", PH_NUMBER, 1) IN("fb", PH_NUMBER, 0.1f)                    \
      IN("a", PH_NUMBER, 1.1f) IN("c", PH_NUMBER, 0.5f) IN("xi", PH_NUMBER, 0.1f)                  \
      IN("yi", PH_NUMBER, 0.1f))                                                                   \
    U(FB_SINE_L, FBSineL, 1, PH_AR,                                                                \
      IN("freq", PH_HZ, 22050) IN("im", PH_NUMBER, 1) IN("fb", PH_NUMBER, 0.1f)                    \
      IN("a", PH_NUMBER, 1.1f) IN("c", PH_NUMBER, 0.5f) IN("xi", PH_NUMBER, 0.1f)                  \
      IN("yi", PH_NUMBER, 0.1f))                                                                   \
    U(FB_SINE_C, FBSineC, 1, PH_AR,                                                                \
      IN("freq", PH_HZ, 22050) IN("im", PH_NUMBER, 1) IN("fb", PH_NUMBER, 0.1f)                    \
      IN("a", PH_NUMBER, 1.1f) IN("c", PH_NUMBER, 0.5f) IN("xi", PH_NUMBER, 0.1f)                  \
      IN("yi", PH_NUMBER, 0.1f))                                                                   \
    U(GBMAN_N, GbmanN, 1, PH_AR,                                                                   \
      IN("freq", PH_HZ, 22050) IN("xi", PH_NUMBER, 1.2f) IN("yi", PH_NUMBER, 2.1f))                \
    U(GBMAN_L, GbmanL, 1, PH_AR,                                                                   \
      IN("freq", PH_HZ, 22050) IN("xi", PH_NUMBER, 1.2f) IN("yi", PH_NUMBER, 2.1f))                \
    U(HENON_N, HenonN, 1, PH_AR,                                                                   \
      IN("freq", PH_HZ, 22050) IN("a", PH_NUMBER, 1.4f) IN("b", PH_NUMBER, 0.3f)                   \
      IN("x0", PH_NUMBER, 0) IN("x1", PH_NUMBER, 0))                                               \
    U(HENON_L, HenonL, 1, PH_AR,                                                                   \
      IN("freq", PH_HZ, 22050) IN("a", PH_NUMBER, 1.4f) IN("b", PH_NUMBER, 0.3f)                   \
      IN("x0", PH_NUMBER, 0) IN("x1", PH_NUMBER, 0))                                               \
    U(HENON_C, HenonC, 1, PH_AR,                                                                   \
      IN("freq", PH_HZ, 22050) IN("a", PH_NUMBER, 1.4f) IN("b", PH_NUMBER, 0.3f)                   \
      IN("x0", PH_NUMBER, 0) IN("x1", PH_NUMBER, 0))                                               \
    U(LATOOCARFIAN_N, LatoocarfianN, 1, PH_AR,                                                     \
      IN("freq", PH_HZ, 22050) IN("a", PH_NUMBER, 1) IN("b", PH_NUMBER, 3)                         \
      IN("c", PH_NUMBER, 0.5f) IN("d", PH_NUMBER, 0.5f) IN("xi", PH_NUMBER, 0.5f)                  \
      IN("yi", PH_NUMBER, 0.5f))                                                                   \
    U(LATOOCARFIAN_L, LatoocarfianL, 1, PH_AR,                                                     \
      IN("freq", PH_HZ, 22050) IN("a", PH_NUMBER, 1) IN("b", PH_NUMBER, 3)                         \
      IN("c", PH_NUMBER, 0.5f) IN("d", PH_NUMBER, 0.5f) IN("xi", PH_NUMBER, 0.5f)                  \
      IN("yi", PH_NUMBER, 0.5f))                                                                   \
    U(LATOOCARFIAN_C, LatoocarfianC, 1, PH_AR,                                                     \
      IN("freq", PH_HZ, 22050) IN("a", PH_NUMBER, 1) IN("b", PH_NUMBER, 3)                         \
      IN("c", PH_NUMBER, 0.5f) IN("d", PH_NUMBER, 0.5f) IN("xi", PH_NUMBER, 0.5f)                  \
      IN("yi", PH_NUMBER, 0.5f))                                                                   \
    U(LIN_CONG_N, LinCongN, 1, PH_AR,                                                              \
      IN("freq", PH_HZ, 22050) IN("a", PH_NUMBER, 1.1f) IN("c", PH_NUMBER, 0.13f)                  \
      IN("m", PH_NUMBER, 1) IN("xi", PH_NUMBER, 0))                                                \
    U(LIN_CONG_L, LinCongL, 1, PH_AR,                                                              \
      IN("freq", PH_HZ, 22050) IN("a", PH_NUMBER, 1.1f) IN("c", PH_NUMBER, 0.13f)                  \
      IN("m", PH_NUMBER, 1) IN("xi", PH_NUMBER, 0))                                                \
    U(LIN_CONG_C, LinCongC, 1, PH_AR,                                                              \
      IN("freq", PH_HZ, 22050) IN("a", PH_NUMBER, 1.1f) IN("c", PH_NUMBER, 0.13f)                  \
      IN("m", PH_NUMBER, 1) IN("xi", PH_NUMBER, 0))                                                \
    U(LORENZ_L, LorenzL, 1, PH_AR,                                                                 \
      IN("freq", PH_HZ, 22050) IN("s", PH_NUMBER, 10) IN("r", PH_NUMBER, 28)                       \
      IN("b", PH_NUMBER, 2.667f) IN("h", PH_NUMBER, 0.05f) IN("xi", PH_NUMBER, 0.1f)               \
      IN("yi", PH_NUMBER, 0) IN("zi", PH_NUMBER, 0))                                               \
    U(QUAD_N, QuadN, 1, PH_AR,                                                                     \
      IN("freq", PH_HZ, 22050) IN("a", PH_NUMBER, 1) IN("b", PH_NUMBER, -1)                        \
      IN("c", PH_NUMBER, -0.75f) IN("xi", PH_NUMBER, 0))                                           \
    U(QUAD_L, QuadL, 1, PH_AR,                                                                     \
      IN("freq", PH_HZ, 22050) IN("a", PH_NUMBER, 1) IN("b", PH_NUMBER, -1)                        \
      IN("c", PH_NUMBER, -0.75f) IN("xi", PH_NUMBER, 0))                                           \
    U(QUAD_C, QuadC, 1, PH_AR,                                                                     \
      IN("freq", PH_HZ, 22050) IN("a", PH_NUMBER, 1) IN("b", PH_NUMBER, -1)                        \
      IN("c", PH_NUMBER, -0.75f) IN("xi", PH_NUMBER, 0))                                           \
    U(STANDARD_N, StandardN, 1, PH_AR,                                                             \
      IN("freq", PH_HZ, 22050) IN("k", PH_NUMBER, 1) IN("xi", PH_NUMBER, 0.5f)                     \
      IN("yi", PH_NUMBER, 0))                                                                      \
    U(STANDARD_L, StandardL, 1, PH_AR,                                                             \
      IN("freq", PH_HZ, 22050) IN("k", PH_NUMBER, 1) IN("xi", PH_NUMBER, 0.5f)                     \
      IN("yi", PH_NUMBER, 0))                                                                      \
    /* noise */                                                                                    \
    U(WHITE_NOISE, WhiteNoise, 1, PH_KR | PH_AR, )                                                 \
    U(PINK_NOISE, PinkNoise, 1, PH_KR | PH_AR, )                                                   \
    U(CLIP_NOISE, ClipNoise, 1, PH_KR | PH_AR, )                                                   \
    U(GRAY_NOISE, GrayNoise, 1, PH_KR | PH_AR, )                                                   \
    U(BROWN_NOISE, BrownNoise, 1, PH_KR | PH_AR, )                                                 \
    U(DUST, Dust, 1, PH_KR | PH_AR, IN("density", PH_HZ, 0))                                       \
    U(DUST2, Dust2, 1, PH_KR | PH_AR, IN("density", PH_HZ, 0))                                     \
    U(LF_NOISE0, LFNoise0, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 500))                               \
    U(LF_NOISE1, LFNoise1, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 500))                               \
    U(LF_NOISE2, LFNoise2, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 500))                               \
    U(LF_CLIP_NOISE, LFClipNoise, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 500))                        \
    U(LFD_NOISE0, LFDNoise0, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 500))                             \
    U(LFD_NOISE1, LFDNoise1, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 500))                             \
    U(LFD_NOISE3, LFDNoise3, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 500))                             \
    U(LFD_CLIP_NOISE, LFDClipNoise, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 500))                      \
    U(RAND, Rand, 1, PH_IR, IN("lo", PH_NUMBER, 0) IN("hi", PH_NUMBER, 1))                         \
    U(I_RAND, IRand, 1, PH_IR, IN("lo", PH_NUMBER, 0) IN("hi", PH_NUMBER, 127))                    \
    U(EXP_RAND, ExpRand, 1, PH_IR, IN("lo", PH_NUMBER, 0.01f) IN("hi", PH_NUMBER, 1))              \
    U(LIN_RAND, LinRand, 1, PH_IR,                                                                 \
      IN("lo", PH_NUMBER, 0) IN("hi", PH_NUMBER, 1) IN("minmax", PH_NUMBER, 0))                    \
    U(N_RAND, NRand, 1, PH_IR,                                                                     \
      IN("lo", PH_NUMBER, 0) IN("hi", PH_NUMBER, 1) IN("n", PH_NUMBER, 0))                         \
    U(T_RAND, TRand, 1, PH_KR | PH_AR,                                                             \
      IN("lo", PH_NUMBER, 0) IN("hi", PH_NUMBER, 1) IN("trig", PH_TRIGGER, 0))                     \
    U(TI_RAND, TIRand, 1, PH_KR | PH_AR,                                                           \
      IN("lo", PH_NUMBER, 0) IN("hi", PH_NUMBER, 127) IN("trig", PH_TRIGGER, 0))                   \
    U(T_EXP_RAND, TExpRand, 1, PH_KR | PH_AR,                                                      \
      IN("lo", PH_NUMBER, 0.01f) IN("hi", PH_NUMBER, 1) IN("trig", PH_TRIGGER, 0))                 \
    U(COIN_GATE, CoinGate, 1, PH_KR | PH_AR, IN("prob", PH_ZERO_ONE, 0) IN("in", PH_TRIGGER, 0))   \
    N(RAND_SEED, RandSeed, 1, PH_IR | PH_KR | PH_AR,                                               \
      IN("trig", PH_TRIGGER, 0) IN("seed", PH_NUMBER, 56789))                                      \
    U(RAND_ID, RandID, 1, PH_IR | PH_KR, IN("id", PH_NUMBER, 0))                                   \
    U(T_WINDEX, TWindex, 1, PH_KR | PH_AR,                                                         \
      IN("in", PH_TRIGGER, 0) IN("normalize", PH_FLAG, 0) IN("array", PH_REST_NUMBER, 0))          \
    U(CRACKLE, Crackle, 1, PH_KR | PH_AR, IN("chaosParam", PH_NUMBER, 1.5f))                       \
    U(LOGISTIC, Logistic, 1, PH_KR | PH_AR,                                                        \
      IN("chaosParam", PH_NUMBER, 3) IN("freq", PH_HZ, 1000) IN("init", PH_NUMBER, 0.5f))          \
    U(HASHER, Hasher, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0))                                       \
    U(MANTISSA_MASK, MantissaMask, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("bits", PH_NUMBER, 3)) \
    /* triggers: in time, counted, and what they reset */                                          \
    U(TRIG, Trig, 1, PH_KR | PH_AR, IN("in", PH_TRIGGER, 0) IN("dur", PH_SECONDS, 0.1f))           \
    U(TRIG1, Trig1, 1, PH_KR | PH_AR, IN("in", PH_TRIGGER, 0) IN("dur", PH_SECONDS, 0.1f))         \
    U(T_DELAY, TDelay, 1, PH_KR | PH_AR, IN("in", PH_TRIGGER, 0) IN("dur", PH_SECONDS, 0.1f))      \
    U(TIMER, Timer, 1, PH_KR | PH_AR, IN("trig", PH_TRIGGER, 0))                                   \
    U(ZERO_CROSSING, ZeroCrossing, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0))                          \
    U(PULSE_COUNT, PulseCount, 1, PH_KR | PH_AR,                                                   \
      IN("trig", PH_TRIGGER, 0) IN("reset", PH_TRIGGER, 0))                                        \
    U(PULSE_DIVIDER, PulseDivider, 1, PH_KR | PH_AR,                                               \
      IN("trig", PH_TRIGGER, 0) IN("div", PH_NUMBER, 2) IN("start", PH_NUMBER, 0))                 \
    U(STEPPER, Stepper, 1, PH_KR | PH_AR,                                                          \
      IN("trig", PH_TRIGGER, 0) IN("reset", PH_TRIGGER, 0) IN("min", PH_NUMBER, 0)                 \
      IN("max", PH_NUMBER, 7) IN("step", PH_NUMBER, 1) IN("resetval", PH_NUMBER, 0))               \
    U(TOGGLE_FF, ToggleFF, 1, PH_KR | PH_AR, IN("trig", PH_TRIGGER, 0))                            \
    U(SET_RESET_FF, SetResetFF, 1, PH_KR | PH_AR,                                                  \
      IN("trig", PH_TRIGGER, 0) IN("reset", PH_TRIGGER, 0))                                        \
    U(GATE, Gate, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("trig", PH_GATE, 0))                    \
    U(PEAK, Peak, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("trig", PH_TRIGGER, 0))                 \
    U(RUNNING_MAX, RunningMax, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("trig", PH_TRIGGER, 0))    \
    U(RUNNING_MIN, RunningMin, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("trig", PH_TRIGGER, 0))    \
    U(PEAK_FOLLOWER, PeakFollower, 1, PH_KR | PH_AR,                                               \
      IN("in", PH_AMP, 0) IN("decay", PH_BIPOLAR, 0.999f))                                         \
    U(MOST_CHANGE, MostChange, 1, PH_KR | PH_AR, IN("a", PH_AMP, 0) IN("b", PH_AMP, 0))            \
    U(LEAST_CHANGE, LeastChange, 1, PH_KR | PH_AR, IN("a", PH_AMP, 0) IN("b", PH_AMP, 0))          \
    U(LAST_VALUE, LastValue, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("diff", PH_AMP, 0.01f))      \
    N(RUNNING_SUM, RunningSum, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("numsamp", PH_FRAMES, 40)) \
    U(CHECK_BAD_VALUES, CheckBadValues, 1, PH_KR | PH_AR,                                          \
      IN("in", PH_AMP, 0) IN("id", PH_NUMBER, 0) IN("post", PH_FLAG, 2))                           \
    U(SANITIZE, Sanitize, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("replace", PH_AMP, 0))          \
    /* filters */                                                                                  \
    U(LPF, LPF, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("freq", PH_HZ, 440))                      \
    U(HPF, HPF, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("freq", PH_HZ, 440))                      \
    U(RLPF, RLPF, 1, PH_KR | PH_AR,                                                                \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 440) IN("rq", PH_RATIO_, 1))                           \
    U(RHPF, RHPF, 1, PH_KR | PH_AR,                                                                \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 440) IN("rq", PH_RATIO_, 1))                           \
    U(BPF, BPF, 1, PH_KR | PH_AR,                                                                  \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 440) IN("rq", PH_RATIO_, 1))                           \
    U(LEAK_DC, LeakDC, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("coef", PH_ZERO_ONE, 0.995f))      \
    U(ONE_POLE, OnePole, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("coef", PH_BIPOLAR, 0.5f))       \
    U(LAG, Lag, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("lagTime", PH_SECONDS, 0.1f))             \
    U(SVF_LPF, SvfLpf, 1, PH_AR, /* own: TPT state-variable filter, LANGUAGE 14 */                 \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 1000) IN("q", PH_RATIO_, 1))                           \
    U(SVF_HPF, SvfHpf, 1, PH_AR,                                                                   \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 1000) IN("q", PH_RATIO_, 1))                           \
    U(SVF_BPF, SvfBpf, 1, PH_AR,                                                                   \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 1000) IN("q", PH_RATIO_, 1))                           \
    U(SVF_NOTCH, SvfNotch, 1, PH_AR,                                                               \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 1000) IN("q", PH_RATIO_, 1))                           \
    U(MOOG_LADDER, MoogLadder, 1, PH_AR, /* own: LANGUAGE 14 */                                    \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 1000) IN("res", PH_ZERO_ONE, 0))                       \
    U(FOS, FOS, 1, PH_KR | PH_AR,                                                                  \
      IN("in", PH_AMP, 0) IN("a0", PH_NUMBER, 0) IN("a1", PH_NUMBER, 0) IN("b1", PH_NUMBER, 0))    \
    U(SOS, SOS, 1, PH_KR | PH_AR,                                                                  \
      IN("in", PH_AMP, 0) IN("a0", PH_NUMBER, 0) IN("a1", PH_NUMBER, 0) IN("a2", PH_NUMBER, 0)     \
      IN("b1", PH_NUMBER, 0) IN("b2", PH_NUMBER, 0))                                               \
    U(ALLPASS1, Allpass1, 1, PH_AR, /* own: LANGUAGE 14 `allpass` */                               \
      IN("in", PH_AMP, 0) IN("coef", PH_BIPOLAR, 0))                                               \
    U(B_LOW_PASS, BLowPass, 1, PH_KR | PH_AR,                                                      \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 1200) IN("rq", PH_RATIO_, 1))                          \
    U(B_HI_PASS, BHiPass, 1, PH_KR | PH_AR,                                                        \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 1200) IN("rq", PH_RATIO_, 1))                          \
    U(B_BAND_PASS, BBandPass, 1, PH_KR | PH_AR,                                                    \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 1200) IN("bw", PH_RATIO_, 1))                          \
    U(B_BAND_STOP, BBandStop, 1, PH_KR | PH_AR,                                                    \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 1200) IN("bw", PH_RATIO_, 1))                          \
    U(B_ALL_PASS, BAllPass, 1, PH_KR | PH_AR,                                                      \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 1200) IN("rq", PH_RATIO_, 1))                          \
    U(B_PEAK_EQ, BPeakEQ, 1, PH_KR | PH_AR,                                                        \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 1200) IN("rq", PH_RATIO_, 1) IN("db", PH_NUMBER, 0))   \
    N(COMB_HZ, CombHz, 1, PH_AR, /* own: LANGUAGE 14 `comb` */                                     \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 440) IN("feedback", PH_BIPOLAR, 0.5f))                 \
    /* filters of SuperCollider's FilterUGens */                                                   \
    U(BRF, BRF, 1, PH_KR | PH_AR,                                                                  \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 440) IN("rq", PH_RATIO_, 1))                           \
    U(MID_EQ, MidEQ, 1, PH_KR | PH_AR,                                                             \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 440) IN("rq", PH_RATIO_, 1) IN("db", PH_NUMBER, 0))    \
    U(RESONZ, Resonz, 1, PH_KR | PH_AR,                                                            \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 440) IN("bwr", PH_RATIO_, 1))                          \
    U(RINGZ, Ringz, 1, PH_KR | PH_AR,                                                              \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 440) IN("decaytime", PH_SECONDS, 1))                   \
    U(FORMLET, Formlet, 1, PH_KR | PH_AR,                                                          \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 440) IN("attacktime", PH_SECONDS, 1)                   \
      IN("decaytime", PH_SECONDS, 1))                                                              \
    U(B_LOW_SHELF, BLowShelf, 1, PH_KR | PH_AR,                                                    \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 1200) IN("rs", PH_RATIO_, 1) IN("db", PH_NUMBER, 0))   \
    U(B_HI_SHELF, BHiShelf, 1, PH_KR | PH_AR,                                                      \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 1200) IN("rs", PH_RATIO_, 1) IN("db", PH_NUMBER, 0))   \
    U(DECAY, Decay, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("decayTime", PH_SECONDS, 1))          \
    U(DECAY2, Decay2, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0)                                        \
      IN("attackTime", PH_SECONDS, 0.01f) IN("decayTime", PH_SECONDS, 1))                          \
    U(LAG2, Lag2, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("lagTime", PH_SECONDS, 0.1f))           \
    U(LAG3, Lag3, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("lagTime", PH_SECONDS, 0.1f))           \
    U(LAG_UD, LagUD, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("lagTimeU", PH_SECONDS, 0.1f)        \
      IN("lagTimeD", PH_SECONDS, 0.1f))                                                            \
    U(LAG2_UD, Lag2UD, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("lagTimeU", PH_SECONDS, 0.1f)      \
      IN("lagTimeD", PH_SECONDS, 0.1f))                                                            \
    U(LAG3_UD, Lag3UD, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("lagTimeU", PH_SECONDS, 0.1f)      \
      IN("lagTimeD", PH_SECONDS, 0.1f))                                                            \
    U(VAR_LAG, VarLag, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("time", PH_SECONDS, 0.1f)          \
      IN("start", PH_AMP, 0))                                                                      \
    U(RAMP, Ramp, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("lagTime", PH_SECONDS, 0.1f))           \
    U(SLEW, Slew, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("up", PH_NUMBER, 1)                     \
      IN("dn", PH_NUMBER, 1))                                                                      \
    U(INTEGRATOR, Integrator, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("coef", PH_BIPOLAR, 1))     \
    U(ONE_ZERO, OneZero, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("coef", PH_BIPOLAR, 0.5f))       \
    U(TWO_ZERO, TwoZero, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("freq", PH_HZ, 440)              \
      IN("radius", PH_RATIO_, 0.8f))                                                               \
    U(LPZ1, LPZ1, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0))                                           \
    U(HPZ1, HPZ1, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0))                                           \
    U(LPZ2, LPZ2, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0))                                           \
    U(HPZ2, HPZ2, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0))                                           \
    U(BPZ2, BPZ2, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0))                                           \
    U(BRZ2, BRZ2, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0))                                           \
    U(SLOPE, Slope, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0))                                         \
    U(DELAY1, Delay1, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0))                                       \
    U(DELAY2, Delay2, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0))                                       \
    U(FLIP, Flip, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0))                                           \
    U(MOOG_FF, MoogFF, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("freq", PH_HZ, 100)                \
      IN("gain", PH_NUMBER, 2) IN("reset", PH_GATE, 0))                                            \
    U(TWO_POLE, TwoPole, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("freq", PH_HZ, 440)              \
      IN("radius", PH_RATIO_, 0.8f))                                                               \
    U(APF, APF, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("freq", PH_HZ, 440)                       \
      IN("radius", PH_RATIO_, 0.8f))                                                               \
    N(MEDIAN, Median, 1, PH_KR | PH_AR, IN("length", PH_FRAMES, 3) IN("in", PH_AMP, 0))            \
    U(HILBERT, Hilbert, 2, PH_KR | PH_AR, IN("in", PH_AMP, 0))                                     \
    U(FREQ_SHIFT, FreqShift, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("freq", PH_HZ, 0)            \
      IN("phase", PH_RADIANS, 0))                                                                  \
    U(AMPLITUDE, Amplitude, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0)                                  \
      IN("attackTime", PH_SECONDS, 0.01f) IN("releaseTime", PH_SECONDS, 0.01f))                    \
    U(COMPANDER, Compander, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("control", PH_AMP, 0)         \
      IN("thresh", PH_AMP, 0.5f) IN("slopeBelow", PH_NUMBER, 1) IN("slopeAbove", PH_NUMBER, 1)     \
      IN("clampTime", PH_SECONDS, 0.01f) IN("relaxTime", PH_SECONDS, 0.1f))                        \
    U(NORMALIZER, Normalizer, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("level", PH_AMP, 1)         \
      IN("dur", PH_SECONDS, 0.01f))                                                                \
    /* choosing, holding, following */                                                             \
    U(SELECT, Select, 1, PH_KR | PH_AR, IN("which", PH_NUMBER, 0) IN("array", PH_REST_AMP, 0))     \
    U(LATCH, Latch, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0) IN("trig", PH_TRIGGER, 0))               \
    U(SCHMIDT, Schmidt, 1, PH_IR | PH_KR | PH_AR,                                                  \
      IN("in", PH_AMP, 0) IN("lo", PH_NUMBER, 0) IN("hi", PH_NUMBER, 1))                           \
    U(SWEEP, Sweep, 1, PH_KR | PH_AR, IN("trig", PH_TRIGGER, 0) IN("rate", PH_NUMBER, 1))          \
    U(CLIP, Clip, 1, PH_IR | PH_KR | PH_AR,                                                        \
      IN("in", PH_AMP, 0) IN("lo", PH_NUMBER, 0) IN("hi", PH_NUMBER, 1))                           \
    U(WRAP, Wrap, 1, PH_IR | PH_KR | PH_AR,                                                        \
      IN("in", PH_AMP, 0) IN("lo", PH_NUMBER, 0) IN("hi", PH_NUMBER, 1))                           \
    U(FOLD, Fold, 1, PH_IR | PH_KR | PH_AR,                                                        \
      IN("in", PH_AMP, 0) IN("lo", PH_NUMBER, 0) IN("hi", PH_NUMBER, 1))                           \
    U(FOLLOWER, Follower, 1, PH_AR, /* own: peak follower of LANGUAGE 15.4 and 17 */               \
      IN("in", PH_AMP, 0) IN("attack", PH_SECONDS, 0.01f) IN("release", PH_SECONDS, 0.1f))         \
    N(RUNNING_RMS, RunningRms, 1, PH_AR, /* own: LANGUAGE 17 `rms` */                              \
      IN("in", PH_AMP, 0) IN("maxwindow", PH_SECONDS, 0.2f) IN("window", PH_SECONDS, 0.05f))       \
    U(COARSE, Coarse, 1, PH_AR, /* own: holds every factor-th frame */                             \
      IN("in", PH_AMP, 0) IN("factor", PH_RATIO_, 1))                                              \
    N(SQUEEZE, Squeeze, 1, PH_AR, /* own: LANGUAGE 10.4 `squiz` */                                 \
      IN("in", PH_AMP, 0) IN("factor", PH_RATIO_, 1))                                              \
    N(PITCH_TRACK, PitchTrack, 1, PH_AR, /* own: LANGUAGE 17 `pitch` */ IN("in", PH_AMP, 0))       \
    /* envelopes and ramps */                                                                      \
    U(ENV_GEN, EnvGen, 1, PH_KR | PH_AR,                                                           \
      IN("gate", PH_GATE, 1) IN("levelScale", PH_RATIO_, 1) IN("levelBias", PH_AMP, 0)             \
      IN("timeScale", PH_RATIO_, 1) IN("doneAction", PH_ACTION, 0)                                 \
      IN("envelope", PH_REST_NUMBER, 0))                                                           \
    N(GATE_ENV, GateEnv, 1, PH_AR, /* own: attack and decay run however short the gate is */       \
      IN("gate", PH_GATE, 0) IN("attack", PH_SECONDS, 0.01f) IN("decay", PH_SECONDS, 0.1f)         \
      IN("sustain", PH_ZERO_ONE, 0.7f) IN("release", PH_SECONDS, 0.2f))                            \
    U(LINE, Line, 1, PH_KR | PH_AR,                                                                \
      IN("start", PH_AMP, 0) IN("end", PH_AMP, 1) IN("dur", PH_SECONDS, 1)                         \
      IN("doneAction", PH_ACTION, 0))                                                              \
    U(XLINE, XLine, 1, PH_KR | PH_AR,                                                              \
      IN("start", PH_AMP, 1) IN("end", PH_AMP, 2) IN("dur", PH_SECONDS, 1)                         \
      IN("doneAction", PH_ACTION, 0))                                                              \
    /* delays and reverbs */                                                                       \
    U(DELAY_N, DelayN, 1, PH_KR | PH_AR,                                                           \
      IN("in", PH_AMP, 0) IN("maxdelaytime", PH_SECONDS, 0.2f)                                     \
      IN("delaytime", PH_SECONDS, 0.2f))                                                           \
    U(DELAY_L, DelayL, 1, PH_KR | PH_AR,                                                           \
      IN("in", PH_AMP, 0) IN("maxdelaytime", PH_SECONDS, 0.2f)                                     \
      IN("delaytime", PH_SECONDS, 0.2f))                                                           \
    U(DELAY_C, DelayC, 1, PH_KR | PH_AR,                                                           \
      IN("in", PH_AMP, 0) IN("maxdelaytime", PH_SECONDS, 0.2f)                                     \
      IN("delaytime", PH_SECONDS, 0.2f))                                                           \
    U(COMB_N, CombN, 1, PH_KR | PH_AR,                                                             \
      IN("in", PH_AMP, 0) IN("maxdelaytime", PH_SECONDS, 0.2f)                                     \
      IN("delaytime", PH_SECONDS, 0.2f) IN("decaytime", PH_SECONDS, 1))                            \
    U(COMB_L, CombL, 1, PH_KR | PH_AR,                                                             \
      IN("in", PH_AMP, 0) IN("maxdelaytime", PH_SECONDS, 0.2f)                                     \
      IN("delaytime", PH_SECONDS, 0.2f) IN("decaytime", PH_SECONDS, 1))                            \
    U(COMB_C, CombC, 1, PH_KR | PH_AR,                                                             \
      IN("in", PH_AMP, 0) IN("maxdelaytime", PH_SECONDS, 0.2f)                                     \
      IN("delaytime", PH_SECONDS, 0.2f) IN("decaytime", PH_SECONDS, 1))                            \
    U(ALLPASS_N, AllpassN, 1, PH_KR | PH_AR,                                                       \
      IN("in", PH_AMP, 0) IN("maxdelaytime", PH_SECONDS, 0.2f)                                     \
      IN("delaytime", PH_SECONDS, 0.2f) IN("decaytime", PH_SECONDS, 1))                            \
    U(ALLPASS_C, AllpassC, 1, PH_KR | PH_AR,                                                       \
      IN("in", PH_AMP, 0) IN("maxdelaytime", PH_SECONDS, 0.2f)                                     \
      IN("delaytime", PH_SECONDS, 0.2f) IN("decaytime", PH_SECONDS, 1))                            \
    U(ALLPASS_L, AllpassL, 1, PH_KR | PH_AR,                                                       \
      IN("in", PH_AMP, 0) IN("maxdelaytime", PH_SECONDS, 0.2f)                                     \
      IN("delaytime", PH_SECONDS, 0.2f) IN("decaytime", PH_SECONDS, 1))                            \
    N(ECHO, Echo, 1, PH_AR, /* own: d of LANGUAGE 15.1 `delay`; time smoothed over 20 ms */        \
      IN("in", PH_AMP, 0) IN("maxtime", PH_SECONDS, 1) IN("time", PH_SECONDS, 0.25f)               \
      IN("feedback", PH_ZERO_ONE, 0.5f))                                                           \
    N(MULTI_TAP, MultiTap, 1, PH_AR, /* own: LANGUAGE 15.1 `multitap`, without the dry signal */   \
      IN("in", PH_AMP, 0) IN("maxtime", PH_SECONDS, 1) IN("time", PH_SECONDS, 0.25f)               \
      IN("taps", PH_NUMBER, 4) IN("feedback", PH_ZERO_ONE, 0.5f))                                  \
    N(PING_PONG, PingPong, 2, PH_AR, /* own: LANGUAGE 15.1 `pingpong`, without the dry signal */   \
      IN("in", PH_AMP, 0) IN("maxtime", PH_SECONDS, 1) IN("time", PH_SECONDS, 0.25f)               \
      IN("feedback", PH_ZERO_ONE, 0.5f) IN("width", PH_ZERO_ONE, 0.8f) IN("start", PH_FLAG, 0))    \
    N(TAPE_DELAY, TapeDelay, 1, PH_AR, /* own: LANGUAGE 15.1 `tapedelay`; sway: wow and flutter */\
      IN("in", PH_AMP, 0) IN("maxtime", PH_SECONDS, 1) IN("time", PH_SECONDS, 0.25f)               \
      IN("sway", PH_SECONDS, 0) IN("feedback", PH_ZERO_ONE, 0.5f)                                  \
      IN("saturation", PH_ZERO_ONE, 0.3f))                                                         \
    N(PLUCK, Pluck, 1, PH_AR,                                                                      \
      IN("in", PH_AMP, 0) IN("trig", PH_TRIGGER, 1) IN("maxdelaytime", PH_SECONDS, 0.2f)           \
      IN("delaytime", PH_SECONDS, 0.2f) IN("decaytime", PH_SECONDS, 1)                             \
      IN("coef", PH_BIPOLAR, 0.5f))                                                                \
    N(PITCH_SHIFT, PitchShift, 1, PH_AR,                                                           \
      IN("in", PH_AMP, 0) IN("windowSize", PH_SECONDS, 0.2f) IN("pitchRatio", PH_RATIO_, 1)        \
      IN("pitchDispersion", PH_RATIO_, 0) IN("timeDispersion", PH_SECONDS, 0))                     \
    N(FREE_VERB, FreeVerb, 1, PH_AR,                                                               \
      IN("in", PH_AMP, 0) IN("mix", PH_ZERO_ONE, 0.33f) IN("room", PH_ZERO_ONE, 0.5f)              \
      IN("damp", PH_ZERO_ONE, 0.5f))                                                               \
    N(FREE_VERB2, FreeVerb2, 2, PH_AR,                                                             \
      IN("in", PH_AMP, 0) IN("in2", PH_AMP, 0) IN("mix", PH_ZERO_ONE, 0.33f)                       \
      IN("room", PH_ZERO_ONE, 0.5f) IN("damp", PH_ZERO_ONE, 0.5f))                                 \
    N(G_VERB, GVerb, 2, PH_AR,                                                                     \
      IN("in", PH_AMP, 0) IN("roomsize", PH_NUMBER, 10) IN("revtime", PH_SECONDS, 3)               \
      IN("damping", PH_ZERO_ONE, 0.5f) IN("inputbw", PH_ZERO_ONE, 0.5f)                            \
      IN("spread", PH_NUMBER, 15) IN("drylevel", PH_AMP, 1) IN("earlyreflevel", PH_AMP, 0.7f)      \
      IN("taillevel", PH_AMP, 0.5f) IN("maxroomsize", PH_NUMBER, 300))                             \
    N(PLATE, Plate, 2, PH_AR, /* own: LANGUAGE 15.1 `plate`, without the dry signal */             \
      IN("left", PH_AMP, 0) IN("right", PH_AMP, 0) IN("decay", PH_SECONDS, 2)                      \
      IN("diffusion", PH_ZERO_ONE, 0.7f) IN("damping", PH_ZERO_ONE, 0.3f)                          \
      IN("moddepth", PH_ZERO_ONE, 0.3f))                                                           \
    N(LUSH, Lush, 2, PH_AR, /* own: LANGUAGE 15.1 `lush`, `reverb_stereo`, without the dry sound */\
      IN("left", PH_AMP, 0) IN("right", PH_AMP, 0) IN("decay", PH_SECONDS, 2)                      \
      IN("diffusion", PH_ZERO_ONE, 0.7f) IN("damping", PH_ZERO_ONE, 0.3f)                          \
      IN("spin", PH_ZERO_ONE, 0.3f) IN("wander", PH_ZERO_ONE, 0.2f) IN("freeze", PH_GATE, 0))      \
    N(DIFFUSER, Diffuser, 1, PH_AR, /* own: LANGUAGE 15.1 `diffuser` */                            \
      IN("in", PH_AMP, 0) IN("amount", PH_ZERO_ONE, 0.5f))                                         \
    U(PHASER, Phaser, 1, PH_AR, /* own: the all-passes of LANGUAGE 15.2 `phaser` */                \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 632) IN("feedback", PH_BIPOLAR, 0.5f)                  \
      IN("stages", PH_NUMBER, 4))                                                                  \
    /* grains and spectra */                                                                       \
    N(GRANULAR, Granular, 1, PH_AR, /* own: LANGUAGE 12 `granular` */                              \
      IN("in", PH_AMP, 0) IN("pitch", PH_RATIO_, 1) IN("size", PH_SECONDS, 0.05f)                  \
      IN("density", PH_ZERO_ONE, 0.5f))                                                            \
    N(GRAIN_SHIFT, GrainShift, 1, PH_AR, /* own: LANGUAGE 15.2 `pitch_shift` */                    \
      IN("in", PH_AMP, 0) IN("semitones", PH_NUMBER, 0))                                           \
    N(GRAIN_BUF, GrainBuf, PH_ANY, PH_AR,                                                          \
      IN("trigger", PH_TRIGGER, 0) IN("dur", PH_SECONDS, 1) IN("sndbuf", PH_BUFFER, 0)             \
      IN("rate", PH_RATIO_, 1) IN("pos", PH_ZERO_ONE, 0) IN("interp", PH_FLAG, 2)                  \
      IN("pan", PH_BIPOLAR, 0) IN("envbufnum", PH_BUFFER, -1) IN("maxGrains", PH_FRAMES, 512))     \
    N(T_GRAINS, TGrains, PH_ANY, PH_AR,                                                            \
      IN("trigger", PH_TRIGGER, 0) IN("bufnum", PH_BUFFER, 0) IN("rate", PH_RATIO_, 1)             \
      IN("centerPos", PH_SECONDS, 0) IN("dur", PH_SECONDS, 0.1f) IN("pan", PH_BIPOLAR, 0)          \
      IN("amp", PH_AMP, 0.1f) IN("interp", PH_FLAG, 4))                                            \
    N(WARP1, Warp1, PH_ANY, PH_AR,                                                                 \
      IN("bufnum", PH_BUFFER, 0) IN("pointer", PH_ZERO_ONE, 0) IN("freqScale", PH_RATIO_, 1)       \
      IN("windowSize", PH_SECONDS, 0.2f) IN("envbufnum", PH_BUFFER, -1)                            \
      IN("overlaps", PH_NUMBER, 8) IN("windowRandRatio", PH_ZERO_ONE, 0) IN("interp", PH_FLAG, 1)) \
    N(PITCH, Pitch, 2, PH_KR,                                                                      \
      IN("in", PH_AMP, 0) IN("initFreq", PH_HZ, 440) IN("minFreq", PH_HZ, 60)                      \
      IN("maxFreq", PH_HZ, 4000) IN("execFreq", PH_HZ, 100) IN("maxBinsPerOctave", PH_NUMBER, 16)  \
      IN("median", PH_NUMBER, 1) IN("ampThreshold", PH_AMP, 0.01f)                                 \
      IN("peakThreshold", PH_ZERO_ONE, 0.5f) IN("downSample", PH_NUMBER, 1) IN("clar", PH_FLAG, 0))\
    N(GRAIN_IN, GrainIn, PH_ANY, PH_AR,                                                            \
      IN("trigger", PH_TRIGGER, 0) IN("dur", PH_SECONDS, 1) IN("in", PH_AMP, 0)                    \
      IN("pan", PH_BIPOLAR, 0) IN("envbufnum", PH_BUFFER, -1) IN("maxGrains", PH_FRAMES, 512))     \
    N(GRAIN_SIN, GrainSin, PH_ANY, PH_AR,                                                          \
      IN("trigger", PH_TRIGGER, 0) IN("dur", PH_SECONDS, 1) IN("freq", PH_HZ, 440)                 \
      IN("pan", PH_BIPOLAR, 0) IN("envbufnum", PH_BUFFER, -1) IN("maxGrains", PH_FRAMES, 512))     \
    N(GRAIN_FM, GrainFM, PH_ANY, PH_AR,                                                            \
      IN("trigger", PH_TRIGGER, 0) IN("dur", PH_SECONDS, 1) IN("carfreq", PH_HZ, 440)              \
      IN("modfreq", PH_HZ, 200) IN("index", PH_RATIO_, 1) IN("pan", PH_BIPOLAR, 0)                 \
      IN("envbufnum", PH_BUFFER, -1) IN("maxGrains", PH_FRAMES, 512))                              \
    /* delays whose line is a buffer */                                                            \
    N(BUF_DELAY_N, BufDelayN, 1, PH_KR | PH_AR,                                                    \
      IN("buf", PH_WRITTEN, 0) IN("in", PH_AMP, 0) IN("delaytime", PH_SECONDS, 0.2f))              \
    N(BUF_DELAY_L, BufDelayL, 1, PH_KR | PH_AR,                                                    \
      IN("buf", PH_WRITTEN, 0) IN("in", PH_AMP, 0) IN("delaytime", PH_SECONDS, 0.2f))              \
    N(BUF_DELAY_C, BufDelayC, 1, PH_KR | PH_AR,                                                    \
      IN("buf", PH_WRITTEN, 0) IN("in", PH_AMP, 0) IN("delaytime", PH_SECONDS, 0.2f))              \
    N(BUF_COMB_N, BufCombN, 1, PH_AR,                                                              \
      IN("buf", PH_WRITTEN, 0) IN("in", PH_AMP, 0) IN("delaytime", PH_SECONDS, 0.2f)               \
      IN("decaytime", PH_SECONDS, 1))                                                              \
    N(BUF_COMB_L, BufCombL, 1, PH_AR,                                                              \
      IN("buf", PH_WRITTEN, 0) IN("in", PH_AMP, 0) IN("delaytime", PH_SECONDS, 0.2f)               \
      IN("decaytime", PH_SECONDS, 1))                                                              \
    N(BUF_COMB_C, BufCombC, 1, PH_AR,                                                              \
      IN("buf", PH_WRITTEN, 0) IN("in", PH_AMP, 0) IN("delaytime", PH_SECONDS, 0.2f)               \
      IN("decaytime", PH_SECONDS, 1))                                                              \
    N(BUF_ALLPASS_N, BufAllpassN, 1, PH_AR,                                                        \
      IN("buf", PH_WRITTEN, 0) IN("in", PH_AMP, 0) IN("delaytime", PH_SECONDS, 0.2f)               \
      IN("decaytime", PH_SECONDS, 1))                                                              \
    N(BUF_ALLPASS_L, BufAllpassL, 1, PH_AR,                                                        \
      IN("buf", PH_WRITTEN, 0) IN("in", PH_AMP, 0) IN("delaytime", PH_SECONDS, 0.2f)               \
      IN("decaytime", PH_SECONDS, 1))                                                              \
    N(BUF_ALLPASS_C, BufAllpassC, 1, PH_AR,                                                        \
      IN("buf", PH_WRITTEN, 0) IN("in", PH_AMP, 0) IN("delaytime", PH_SECONDS, 0.2f)               \
      IN("decaytime", PH_SECONDS, 1))                                                              \
    N(DEL_TAP_WR, DelTapWr, 1, PH_KR | PH_AR, IN("buffer", PH_WRITTEN, 0) IN("in", PH_AMP, 0))     \
    N(DEL_TAP_RD, DelTapRd, 1, PH_KR | PH_AR,                                                      \
      IN("buffer", PH_BUFFER, 0) IN("phase", PH_NUMBER, 0) IN("delTime", PH_SECONDS, 0)            \
      IN("interp", PH_FLAG, 1))                                                                    \
    /* what falls and swings */                                                                    \
    N(BALL, Ball, 1, PH_KR | PH_AR,                                                                \
      IN("in", PH_AMP, 0) IN("g", PH_NUMBER, 1) IN("damp", PH_ZERO_ONE, 0)                         \
      IN("friction", PH_ZERO_ONE, 0.01f))                                                          \
    N(T_BALL, TBall, 1, PH_KR | PH_AR,                                                             \
      IN("in", PH_AMP, 0) IN("g", PH_NUMBER, 10) IN("damp", PH_ZERO_ONE, 0)                        \
      IN("friction", PH_ZERO_ONE, 0.01f))                                                          \
    N(SPRING, Spring, 1, PH_KR | PH_AR,                                                            \
      IN("in", PH_AMP, 0) IN("spring", PH_RATIO_, 1) IN("damp", PH_ZERO_ONE, 0))                   \
    N(CONVOLVE, Convolve, 1, PH_AR, /* own: LANGUAGE 15.1; buffer < 0: its default response */     \
      IN("in", PH_AMP, 0) IN("maxtime", PH_SECONDS, 0.5f) IN("bufnum", PH_BUFFER, -1)              \
      IN("channel", PH_NUMBER, 0))                                                                 \
    N(SPECTRAL_FREEZE, SpectralFreeze, 1, PH_AR, /* own: LANGUAGE 15.1 `freeze` */                 \
      IN("in", PH_AMP, 0) IN("trig", PH_TRIGGER, 0))                                               \
    /* dynamics, panning, nodes */                                                                 \
    U(LIMITER, Limiter, 1, PH_KR | PH_AR,                                                          \
      IN("in", PH_AMP, 0) IN("level", PH_AMP, 1) IN("dur", PH_SECONDS, 0.01f))                     \
    N(SAFETY_LIMITER, SafetyLimiter, 2, PH_AR, /* own: linked stereo, latency = lookahead, */      \
      IN("left", PH_AMP, 0) IN("right", PH_AMP, 0) IN("ceiling", PH_AMP, 0.966f)                   \
      IN("lookahead", PH_SECONDS, 0.001f)) /* bit-transparent below the ceiling: LANGUAGE 20 */    \
    N(PEAK_LIMITER, PeakLimiter, 1, PH_AR, /* own: LANGUAGE 15.4 `limiter`, latency = lookahead */ \
      IN("in", PH_AMP, 0) IN("lookahead", PH_SECONDS, 0.005f) IN("level", PH_AMP, 0.95f)           \
      IN("release", PH_SECONDS, 0.05f))                                                            \
    U(PAN2, Pan2, 2, PH_KR | PH_AR,                                                                \
      IN("in", PH_AMP, 0) IN("pos", PH_BIPOLAR, 0) IN("level", PH_AMP, 1))                         \
    U(BALANCE2, Balance2, 2, PH_KR | PH_AR,                                                        \
      IN("left", PH_AMP, 0) IN("right", PH_AMP, 0) IN("pos", PH_BIPOLAR, 0)                        \
      IN("level", PH_AMP, 1))                                                                      \
    /* panning and crossfades */                                                                   \
    U(X_FADE2, XFade2, 1, PH_KR | PH_AR,                                                           \
      IN("inA", PH_AMP, 0) IN("inB", PH_AMP, 0) IN("pan", PH_BIPOLAR, 0) IN("level", PH_AMP, 1))   \
    U(LIN_X_FADE2, LinXFade2, 1, PH_KR | PH_AR,                                                    \
      IN("inA", PH_AMP, 0) IN("inB", PH_AMP, 0) IN("pan", PH_BIPOLAR, 0))                          \
    U(LIN_PAN2, LinPan2, 2, PH_KR | PH_AR,                                                         \
      IN("in", PH_AMP, 0) IN("pos", PH_BIPOLAR, 0) IN("level", PH_AMP, 1))                         \
    U(PAN4, Pan4, 4, PH_KR | PH_AR,                                                                \
      IN("in", PH_AMP, 0) IN("xpos", PH_BIPOLAR, 0) IN("ypos", PH_BIPOLAR, 0)                      \
      IN("level", PH_AMP, 1))                                                                      \
    U(PAN_AZ, PanAz, PH_ANY, PH_KR | PH_AR,                                                        \
      IN("in", PH_AMP, 0) IN("pos", PH_BIPOLAR, 0) IN("level", PH_AMP, 1)                          \
      IN("width", PH_NUMBER, 2) IN("orientation", PH_NUMBER, 0.5f))                                \
    U(PAN_B, PanB, 4, PH_KR | PH_AR,                                                               \
      IN("in", PH_AMP, 0) IN("azimuth", PH_BIPOLAR, 0) IN("elevation", PH_BIPOLAR, 0)              \
      IN("gain", PH_AMP, 1))                                                                       \
    U(PAN_B2, PanB2, 3, PH_KR | PH_AR,                                                             \
      IN("in", PH_AMP, 0) IN("azimuth", PH_BIPOLAR, 0) IN("gain", PH_AMP, 1))                      \
    U(BI_PAN_B2, BiPanB2, 3, PH_KR | PH_AR,                                                        \
      IN("inA", PH_AMP, 0) IN("inB", PH_AMP, 0) IN("azimuth", PH_BIPOLAR, 0) IN("gain", PH_AMP, 1))\
    U(DECODE_B2, DecodeB2, PH_ANY, PH_KR | PH_AR,                                                  \
      IN("w", PH_AMP, 0) IN("x", PH_AMP, 0) IN("y", PH_AMP, 0) IN("orientation", PH_NUMBER, 0.5f)) \
    U(ROTATE2, Rotate2, 2, PH_KR | PH_AR,                                                          \
      IN("x", PH_AMP, 0) IN("y", PH_AMP, 0) IN("pos", PH_BIPOLAR, 0))                              \
    U(DETECT_SILENCE, DetectSilence, 1, PH_KR | PH_AR,                                             \
      IN("in", PH_AMP, 0) IN("amp", PH_AMP, 0.0001f) IN("time", PH_SECONDS, 0.1f)                  \
      IN("doneAction", PH_ACTION, 0))                                                              \
    U(FREE, Free, 1, PH_KR, IN("trig", PH_TRIGGER, 0) IN("id", PH_NUMBER, 0))                      \
    U(FREE_SELF, FreeSelf, 1, PH_KR, IN("in", PH_TRIGGER, 0))                                      \
    U(PAUSE_SELF, PauseSelf, 1, PH_KR, IN("in", PH_TRIGGER, 0))                                    \
    U(PAUSE, Pause, 1, PH_KR, IN("gate", PH_GATE, 1) IN("id", PH_NUMBER, 0))                       \
    N(DONE, Done, 1, PH_KR, IN("src", PH_SOURCE, 0))                                               \
    N(FREE_SELF_WHEN_DONE, FreeSelfWhenDone, 1, PH_KR, IN("src", PH_SOURCE, 0))                    \
    N(PAUSE_SELF_WHEN_DONE, PauseSelfWhenDone, 1, PH_KR, IN("src", PH_SOURCE, 0))                  \
    /* sample playback */                                                                          \
    U(PLAY_BUF, PlayBuf, PH_ANY, PH_KR | PH_AR,                                                    \
      IN("bufnum", PH_BUFFER, 0) IN("rate", PH_RATIO_, 1) IN("trigger", PH_TRIGGER, 1)             \
      IN("startPos", PH_FRAMES, 0) IN("loop", PH_FLAG, 0) IN("doneAction", PH_ACTION, 0))          \
    U(SAMPLER, Sampler, PH_ANY, PH_AR, /* own: begin..end of a buffer, cubic, exact length */      \
      IN("bufnum", PH_BUFFER, 0) IN("rate", PH_RATIO_, 1) IN("begin", PH_ZERO_ONE, 0)              \
      IN("end", PH_ZERO_ONE, 1) IN("loop", PH_FLAG, 0) IN("doneAction", PH_ACTION, 0))             \
    N(TRIG_SAMPLER, TrigSampler, 1, PH_AR, /* own: LANGUAGE 12 `sp`; bufnum < 0: silence */        \
      IN("bufnum", PH_BUFFER, 0) IN("trig", PH_TRIGGER, 0))                                        \
    U(BUF_RD, BufRd, PH_ANY, PH_KR | PH_AR,                                                        \
      IN("bufnum", PH_BUFFER, 0) IN("phase", PH_NUMBER, 0) IN("loop", PH_FLAG, 1)                  \
      IN("interpolation", PH_FLAG, 2))                                                             \
    U(PHASOR, Phasor, 1, PH_KR | PH_AR,                                                            \
      IN("trig", PH_TRIGGER, 0) IN("rate", PH_RATIO_, 1) IN("start", PH_NUMBER, 0)                 \
      IN("end", PH_NUMBER, 1) IN("resetPos", PH_NUMBER, 0))                                        \
    U(BUF_RATE_SCALE, BufRateScale, 1, PH_IR | PH_KR, IN("bufnum", PH_BUFFER, 0))                  \
    U(BUF_FRAMES, BufFrames, 1, PH_IR | PH_KR, IN("bufnum", PH_BUFFER, 0))                         \
    /* streams from and to files */                                                                \
    N(DISK_IN, DiskIn, PH_ANY, PH_AR, IN("bufnum", PH_WRITTEN, 0) IN("loop", PH_FLAG, 0))          \
    N(V_DISK_IN, VDiskIn, PH_ANY, PH_AR,                                                           \
      IN("bufnum", PH_WRITTEN, 0) IN("rate", PH_RATIO_, 1) IN("loop", PH_FLAG, 0)                  \
      IN("sendID", PH_NUMBER, 0))                                                                  \
    N(DISK_OUT, DiskOut, 1, PH_AR, IN("bufnum", PH_WRITTEN, 0) IN("channels", PH_REST_AMP, 0))     \
    U(BUF_CHANNELS, BufChannels, 1, PH_IR | PH_KR, IN("bufnum", PH_BUFFER, 0))                     \
    U(BUF_SAMPLES, BufSamples, 1, PH_IR | PH_KR, IN("bufnum", PH_BUFFER, 0))                       \
    U(BUF_SAMPLE_RATE, BufSampleRate, 1, PH_IR | PH_KR, IN("bufnum", PH_BUFFER, 0))                \
    U(BUF_DUR, BufDur, 1, PH_IR | PH_KR, IN("bufnum", PH_BUFFER, 0))                               \
    /* own: LANGUAGE 15.5 `tap`: the input; a control in `name` names its file */                  \
    N(TAP, Tap, 1, PH_AR,                                                                          \
      IN("in", PH_AMP, 0) IN("seconds", PH_SECONDS, 10) IN("name", PH_NUMBER, 0))                  \
    /* what a synth has of its own */                                                              \
    N(LOCAL_BUF, LocalBuf, 1, PH_IR, IN("channels", PH_NUMBER, 1) IN("frames", PH_FRAMES, 1)       \
      IN("maxlocalbufs", PH_REST_NUMBER, 0))                                                       \
    N(MAX_LOCAL_BUFS, MaxLocalBufs, 1, PH_IR | PH_KR, IN("count", PH_NUMBER, 8))                   \
    N(LOCAL_IN, LocalIn, PH_ANY, PH_KR | PH_AR, IN("default", PH_REST_AMP, 0))                     \
    N(LOCAL_OUT, LocalOut, 0, PH_KR | PH_AR, IN("channels", PH_REST_AMP, 0))                       \
    /* demand: units that ask */                                                                   \
    N(DEMAND, Demand, PH_ANY, PH_KR | PH_AR,                                                       \
      IN("trig", PH_TRIGGER, 0) IN("reset", PH_TRIGGER, 0) IN("streams", PH_REST_NUMBER, 0))       \
    N(DUTY, Duty, 1, PH_KR | PH_AR,                                                                \
      IN("dur", PH_SECONDS, 1) IN("reset", PH_TRIGGER, 0) IN("doneAction", PH_ACTION, 0)           \
      IN("level", PH_NUMBER, 1))                                                                   \
    N(T_DUTY, TDuty, 1, PH_KR | PH_AR,                                                             \
      IN("dur", PH_SECONDS, 1) IN("reset", PH_TRIGGER, 0) IN("doneAction", PH_ACTION, 0)           \
      IN("level", PH_NUMBER, 1) IN("gapFirst", PH_FLAG, 0))                                        \
    N(DEMAND_ENV_GEN, DemandEnvGen, 1, PH_KR | PH_AR,                                              \
      IN("level", PH_NUMBER, 1) IN("dur", PH_SECONDS, 1) IN("shape", PH_NUMBER, 1)                 \
      IN("curve", PH_NUMBER, 0) IN("gate", PH_GATE, 1) IN("reset", PH_TRIGGER, 1)                  \
      IN("levelScale", PH_RATIO_, 1) IN("levelBias", PH_NUMBER, 0) IN("timeScale", PH_RATIO_, 1)   \
      IN("doneAction", PH_ACTION, 0))                                                              \
    /* demand: streams */                                                                          \
    N(DSERIES, Dseries, 1, PH_DR,                                                                  \
      IN("length", PH_NUMBER, 100) IN("start", PH_NUMBER, 1) IN("step", PH_NUMBER, 1))             \
    N(DGEOM, Dgeom, 1, PH_DR,                                                                      \
      IN("length", PH_NUMBER, 100) IN("start", PH_NUMBER, 1) IN("grow", PH_NUMBER, 2))             \
    N(DWHITE, Dwhite, 1, PH_DR,                                                                    \
      IN("length", PH_NUMBER, 100) IN("lo", PH_NUMBER, 0) IN("hi", PH_NUMBER, 1))                  \
    N(DIWHITE, Diwhite, 1, PH_DR,                                                                  \
      IN("length", PH_NUMBER, 100) IN("lo", PH_NUMBER, 0) IN("hi", PH_NUMBER, 1))                  \
    N(DBROWN, Dbrown, 1, PH_DR,                                                                    \
      IN("length", PH_NUMBER, 100) IN("lo", PH_NUMBER, 0) IN("hi", PH_NUMBER, 1)                   \
      IN("step", PH_NUMBER, 0.01f))                                                                \
    N(DIBROWN, Dibrown, 1, PH_DR,                                                                  \
      IN("length", PH_NUMBER, 100) IN("lo", PH_NUMBER, 0) IN("hi", PH_NUMBER, 1)                   \
      IN("step", PH_NUMBER, 1))                                                                    \
    N(DSEQ, Dseq, 1, PH_DR, IN("repeats", PH_NUMBER, 1) IN("list", PH_REST_NUMBER, 0))             \
    N(DSER, Dser, 1, PH_DR, IN("repeats", PH_NUMBER, 1) IN("list", PH_REST_NUMBER, 0))             \
    N(DRAND, Drand, 1, PH_DR, IN("repeats", PH_NUMBER, 1) IN("list", PH_REST_NUMBER, 0))           \
    N(DXRAND, Dxrand, 1, PH_DR, IN("repeats", PH_NUMBER, 1) IN("list", PH_REST_NUMBER, 0))         \
    N(DSHUF, Dshuf, 1, PH_DR, IN("repeats", PH_NUMBER, 1) IN("list", PH_REST_NUMBER, 0))           \
    N(DWRAND, Dwrand, 1, PH_DR,                                                                    \
      IN("repeats", PH_NUMBER, 1) IN("n", PH_NUMBER, 1) IN("weights", PH_REST_NUMBER, 1))          \
    N(DSWITCH1, Dswitch1, 1, PH_DR, IN("index", PH_NUMBER, 0) IN("list", PH_REST_NUMBER, 0))       \
    N(DSWITCH, Dswitch, 1, PH_DR, IN("index", PH_NUMBER, 0) IN("list", PH_REST_NUMBER, 0))         \
    N(DSTUTTER, Dstutter, 1, PH_DR, IN("n", PH_NUMBER, 2) IN("in", PH_NUMBER, 0))                  \
    N(DDUP, Ddup, 1, PH_DR, IN("n", PH_NUMBER, 2) IN("in", PH_NUMBER, 0))                          \
    N(DCONST, Dconst, 1, PH_DR,                                                                    \
      IN("sum", PH_NUMBER, 1) IN("in", PH_NUMBER, 0) IN("tolerance", PH_NUMBER, 0.001f))           \
    N(DRESET, Dreset, 1, PH_DR, IN("in", PH_NUMBER, 0) IN("reset", PH_NUMBER, 0))                  \
    N(DBUFRD, Dbufrd, 1, PH_DR,                                                                    \
      IN("bufnum", PH_BUFFER, 0) IN("phase", PH_NUMBER, 0) IN("loop", PH_FLAG, 1))                 \
    N(DBUFWR, Dbufwr, 1, PH_DR,                                                                    \
      IN("bufnum", PH_WRITTEN, 0) IN("phase", PH_NUMBER, 0) IN("input", PH_NUMBER, 0)              \
      IN("loop", PH_FLAG, 1))                                                                      \
    N(DPOLL, Dpoll, 1, PH_DR, IN("in", PH_NUMBER, 0) IN("trigid", PH_NUMBER, -1)                   \
      IN("run", PH_NUMBER, 1) IN("length", PH_NUMBER, 0) IN("label", PH_REST_NUMBER, 0))           \
    /* writing buffers */                                                                          \
    N(RECORD_BUF, RecordBuf, 1, PH_KR | PH_AR, IN("bufnum", PH_WRITTEN, 0)                         \
      IN("offset", PH_FRAMES, 0) IN("recLevel", PH_AMP, 1) IN("preLevel", PH_AMP, 0)               \
      IN("run", PH_NUMBER, 1) IN("loop", PH_FLAG, 1) IN("trigger", PH_TRIGGER, 1)                  \
      IN("doneAction", PH_ACTION, 0) IN("channels", PH_REST_AMP, 0))                               \
    N(BUF_WR, BufWr, 1, PH_KR | PH_AR, IN("bufnum", PH_WRITTEN, 0) IN("phase", PH_NUMBER, 0)       \
      IN("loop", PH_FLAG, 1) IN("channels", PH_REST_AMP, 0))                                       \
    N(SET_BUF, SetBuf, 1, PH_IR, IN("bufnum", PH_WRITTEN, 0) IN("offset", PH_NUMBER, 0)            \
      IN("n", PH_NUMBER, 0) IN("values", PH_REST_NUMBER, 0))                                       \
    N(CLEAR_BUF, ClearBuf, 1, PH_IR, IN("bufnum", PH_WRITTEN, 0))                                  \
    N(SCOPE_OUT, ScopeOut, 1, PH_KR | PH_AR, IN("bufnum", PH_WRITTEN, 0)                           \
      IN("channels", PH_REST_AMP, 0))                                                              \
    N(SCOPE_OUT2, ScopeOut2, 1, PH_KR | PH_AR, IN("scopeNum", PH_NUMBER, 0)                        \
      IN("maxFrames", PH_FRAMES, 4096) IN("scopeFrames", PH_FRAMES, 4096)                          \
      IN("channels", PH_REST_AMP, 0))                                                              \
    /* spectra: a chain is a buffer number in blocks with a new one, else -1 */                    \
    N(FFT, FFT, 1, PH_KR,                                                                          \
      IN("buffer", PH_WRITTEN, 0) IN("in", PH_AMP, 0) IN("hop", PH_ZERO_ONE, 0.5f)                 \
      IN("wintype", PH_NUMBER, 0) IN("active", PH_GATE, 1) IN("winsize", PH_FRAMES, 0))            \
    N(IFFT, IFFT, 1, PH_KR | PH_AR,                                                                \
      IN("buffer", PH_WRITTEN, -1) IN("wintype", PH_NUMBER, 0) IN("winsize", PH_FRAMES, 0))        \
    N(PV_MAG_ABOVE, PV_MagAbove, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                            \
      IN("threshold", PH_AMP, 0))                                                                  \
    N(PV_MAG_BELOW, PV_MagBelow, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                            \
      IN("threshold", PH_AMP, 0))                                                                  \
    N(PV_MAG_CLIP, PV_MagClip, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                              \
      IN("threshold", PH_AMP, 0))                                                                  \
    N(PV_LOCAL_MAX, PV_LocalMax, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                            \
      IN("threshold", PH_AMP, 0))                                                                  \
    N(PV_MAG_SQUARED, PV_MagSquared, 1, PH_KR, IN("buffer", PH_WRITTEN, -1))                       \
    N(PV_MAG_NOISE, PV_MagNoise, 1, PH_KR, IN("buffer", PH_WRITTEN, -1))                           \
    N(PV_PHASE_SHIFT90, PV_PhaseShift90, 1, PH_KR, IN("buffer", PH_WRITTEN, -1))                   \
    N(PV_PHASE_SHIFT270, PV_PhaseShift270, 1, PH_KR, IN("buffer", PH_WRITTEN, -1))                 \
    N(PV_CONJ, PV_Conj, 1, PH_KR, IN("buffer", PH_WRITTEN, -1))                                    \
    N(PV_MAG_SMEAR, PV_MagSmear, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                            \
      IN("bins", PH_NUMBER, 0))                                                                    \
    N(PV_MAG_SHIFT, PV_MagShift, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                            \
      IN("stretch", PH_RATIO_, 1) IN("shift", PH_NUMBER, 0))                                       \
    N(PV_BIN_SHIFT, PV_BinShift, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                            \
      IN("stretch", PH_RATIO_, 1) IN("shift", PH_NUMBER, 0) IN("interp", PH_FLAG, 0))              \
    N(PV_BRICK_WALL, PV_BrickWall, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                          \
      IN("wipe", PH_BIPOLAR, 0))                                                                   \
    N(PV_RECT_COMB, PV_RectComb, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                            \
      IN("numTeeth", PH_NUMBER, 0) IN("phase", PH_ZERO_ONE, 0) IN("width", PH_ZERO_ONE, 0.5f))     \
    N(PV_RECT_COMB2, PV_RectComb2, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                          \
      IN("buffer2", PH_WRITTEN, -1) IN("numTeeth", PH_NUMBER, 0) IN("phase", PH_ZERO_ONE, 0)       \
      IN("width", PH_ZERO_ONE, 0.5f))                                                              \
    N(PV_PHASE_SHIFT, PV_PhaseShift, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                        \
      IN("shift", PH_RADIANS, 0) IN("integrate", PH_FLAG, 0))                                      \
    N(PV_CONFORMAL_MAP, PV_ConformalMap, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                    \
      IN("areal", PH_NUMBER, 0) IN("aimag", PH_NUMBER, 0))                                         \
    N(PV_ADD, PV_Add, 1, PH_KR, IN("buffer", PH_WRITTEN, -1) IN("buffer2", PH_WRITTEN, -1))        \
    N(PV_MUL, PV_Mul, 1, PH_KR, IN("buffer", PH_WRITTEN, -1) IN("buffer2", PH_WRITTEN, -1))        \
    N(PV_DIV, PV_Div, 1, PH_KR, IN("buffer", PH_WRITTEN, -1) IN("buffer2", PH_WRITTEN, -1))        \
    N(PV_MAG_MUL, PV_MagMul, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                                \
      IN("buffer2", PH_WRITTEN, -1))                                                               \
    N(PV_MAX, PV_Max, 1, PH_KR, IN("buffer", PH_WRITTEN, -1) IN("buffer2", PH_WRITTEN, -1))        \
    N(PV_MIN, PV_Min, 1, PH_KR, IN("buffer", PH_WRITTEN, -1) IN("buffer2", PH_WRITTEN, -1))        \
    N(PV_COPY_PHASE, PV_CopyPhase, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                          \
      IN("buffer2", PH_WRITTEN, -1))                                                               \
    N(PV_COPY, PV_Copy, 1, PH_KR, IN("buffer", PH_WRITTEN, -1) IN("buffer2", PH_WRITTEN, -1))      \
    N(PV_MAG_DIV, PV_MagDiv, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                                \
      IN("buffer2", PH_WRITTEN, -1) IN("zeroed", PH_NUMBER, 0.0001f))                              \
    N(PV_BIN_WIPE, PV_BinWipe, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                              \
      IN("buffer2", PH_WRITTEN, -1) IN("wipe", PH_BIPOLAR, 0))                                     \
    N(PV_RAND_COMB, PV_RandComb, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                            \
      IN("wipe", PH_ZERO_ONE, 0) IN("trig", PH_TRIGGER, 0))                                        \
    N(PV_RAND_WIPE, PV_RandWipe, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                            \
      IN("buffer2", PH_WRITTEN, -1) IN("wipe", PH_ZERO_ONE, 0) IN("trig", PH_TRIGGER, 0))          \
    N(PV_BIN_SCRAMBLE, PV_BinScramble, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                      \
      IN("wipe", PH_ZERO_ONE, 0) IN("width", PH_ZERO_ONE, 0.2f) IN("trig", PH_TRIGGER, 0))         \
    N(PV_DIFFUSER, PV_Diffuser, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                             \
      IN("trig", PH_TRIGGER, 0))                                                                   \
    N(PV_MAG_FREEZE, PV_MagFreeze, 1, PH_KR, IN("buffer", PH_WRITTEN, -1)                          \
      IN("freeze", PH_GATE, 0))                                                                    \
    N(FFT_TRIGGER, FFTTrigger, 1, PH_KR, IN("buffer", PH_WRITTEN, 0) IN("hop", PH_ZERO_ONE, 0.5f)  \
      IN("polar", PH_FLAG, 0))                                                                     \
    N(UNPACK1_FFT, Unpack1FFT, 1, PH_DR, IN("chain", PH_WRITTEN, -1) IN("bufsize", PH_FRAMES, 0)   \
      IN("binindex", PH_NUMBER, 0) IN("whichmeasure", PH_FLAG, 0))                                 \
    N(PACK_FFT, PackFFT, 1, PH_KR, IN("chain", PH_WRITTEN, -1) IN("bufsize", PH_FRAMES, 0)         \
      IN("frombin", PH_NUMBER, 0) IN("tobin", PH_NUMBER, 0) IN("zeroothers", PH_FLAG, 0)           \
      IN("n", PH_NUMBER, 0) IN("magsphases", PH_REST_NUMBER, 0))                                   \
    N(PV_JENSEN_ANDERSEN, PV_JensenAndersen, 1, PH_AR, IN("buffer", PH_WRITTEN, -1)                \
      IN("propsc", PH_NUMBER, 0.25f) IN("prophfe", PH_NUMBER, 0.25f)                               \
      IN("prophfc", PH_NUMBER, 0.25f) IN("propsf", PH_NUMBER, 0.25f)                               \
      IN("threshold", PH_NUMBER, 1) IN("waittime", PH_SECONDS, 0.04f))                             \
    N(PV_HAINSWORTH_FOOTE, PV_HainsworthFoote, 1, PH_AR, IN("buffer", PH_WRITTEN, -1)              \
      IN("proph", PH_NUMBER, 0) IN("propf", PH_NUMBER, 0) IN("threshold", PH_NUMBER, 1)            \
      IN("waittime", PH_SECONDS, 0.04f))                                                           \
    /* what a spectrum tells */                                                                    \
    N(SPEC_CENTROID, SpecCentroid, 1, PH_KR, IN("buffer", PH_WRITTEN, -1))                         \
    N(SPEC_FLATNESS, SpecFlatness, 1, PH_KR, IN("buffer", PH_WRITTEN, -1))                         \
    N(SPEC_PCILE, SpecPcile, 1, PH_KR,                                                             \
      IN("buffer", PH_WRITTEN, -1) IN("fraction", PH_ZERO_ONE, 0.5f) IN("interpolate", PH_FLAG, 0) \
      IN("binout", PH_FLAG, 0))                                                                    \
    N(LOUDNESS, Loudness, 1, PH_KR,                                                                \
      IN("chain", PH_WRITTEN, -1) IN("smask", PH_ZERO_ONE, 0.25f) IN("tmask", PH_NUMBER, 1))       \
    N(ONSETS, Onsets, 1, PH_KR,                                                                    \
      IN("chain", PH_WRITTEN, -1) IN("threshold", PH_NUMBER, 0.5f) IN("odftype", PH_FLAG, 3)       \
      IN("relaxtime", PH_SECONDS, 1) IN("floor", PH_NUMBER, 0.1f) IN("mingap", PH_NUMBER, 10)      \
      IN("medianspan", PH_NUMBER, 11) IN("whtype", PH_NUMBER, 1) IN("rawodf", PH_FLAG, 0))         \
    /* what spectra tell of timbre, key and beat */                                                \
    N(MFCC, MFCC, PH_ANY, PH_KR, IN("chain", PH_WRITTEN, -1) IN("numcoeff", PH_NUMBER, 13))        \
    N(KEY_TRACK, KeyTrack, 1, PH_KR, IN("chain", PH_WRITTEN, -1)                                   \
      IN("keydecay", PH_SECONDS, 2) IN("chromaleak", PH_NUMBER, 0.5f))                             \
    N(BEAT_TRACK, BeatTrack, 4, PH_KR, IN("chain", PH_WRITTEN, -1) IN("lock", PH_NUMBER, 0))       \
    N(BEAT_TRACK2, BeatTrack2, 6, PH_KR,                                                           \
      IN("busindex", PH_BUS, 0) IN("numfeatures", PH_NUMBER, 1) IN("windowsize", PH_SECONDS, 2)    \
      IN("phaseaccuracy", PH_SECONDS, 0.02f) IN("lock", PH_NUMBER, 0)                              \
      IN("weightingscheme", PH_BUFFER, -2.1f))                                                     \
    /* convolution */                                                                              \
    N(CONVOLUTION, Convolution, 1, PH_AR, IN("in", PH_AMP, 0) IN("kernel", PH_AMP, 0)              \
      IN("framesize", PH_FRAMES, 512))                                                             \
    N(CONVOLUTION2, Convolution2, 1, PH_AR, IN("in", PH_AMP, 0) IN("kernel", PH_BUFFER, 0)         \
      IN("trigger", PH_TRIGGER, 0) IN("framesize", PH_FRAMES, 2048))                               \
    N(CONVOLUTION2_L, Convolution2L, 1, PH_AR, IN("in", PH_AMP, 0) IN("kernel", PH_BUFFER, 0)      \
      IN("trigger", PH_TRIGGER, 0) IN("framesize", PH_FRAMES, 2048)                                \
      IN("crossfade", PH_NUMBER, 1))                                                               \
    N(STEREO_CONVOLUTION2_L, StereoConvolution2L, 2, PH_AR, IN("in", PH_AMP, 0)                    \
      IN("kernelL", PH_BUFFER, 0) IN("kernelR", PH_BUFFER, 0) IN("trigger", PH_TRIGGER, 0)         \
      IN("framesize", PH_FRAMES, 2048) IN("crossfade", PH_NUMBER, 1))                              \
    N(PART_CONV, PartConv, 1, PH_AR, IN("in", PH_AMP, 0) IN("fftsize", PH_FRAMES, 0)               \
      IN("irbufnum", PH_BUFFER, 0))                                                                \
    N(CONVOLUTION3, Convolution3, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0)                            \
      IN("kernel", PH_BUFFER, 0) IN("trigger", PH_TRIGGER, 0) IN("framesize", PH_FRAMES, 2048))    \
    /* messages to clients */                                                                      \
    N(SEND_TRIG, SendTrig, 0, PH_KR | PH_AR,                                                       \
      IN("in", PH_TRIGGER, 0) IN("id", PH_NUMBER, 0) IN("value", PH_NUMBER, 0))                    \
    N(SEND_REPLY, SendReply, 0, PH_KR | PH_AR,                                                     \
      IN("trig", PH_TRIGGER, 0) IN("replyID", PH_NUMBER, -1) IN("length", PH_NUMBER, 0)            \
      IN("address", PH_REST_NUMBER, 0))                                                            \
    N(SEND_PEAK_RMS, SendPeakRMS, 0, PH_KR | PH_AR,                                                \
      IN("replyRate", PH_HZ, 20) IN("peakLag", PH_SECONDS, 3) IN("replyID", PH_NUMBER, -1)         \
      IN("n", PH_NUMBER, 0) IN("signals", PH_REST_NUMBER, 0))                                      \
    N(POLL, Poll, 1, PH_KR | PH_AR,                                                                \
      IN("trig", PH_TRIGGER, 0) IN("in", PH_NUMBER, 0) IN("trigid", PH_NUMBER, -1)                 \
      IN("length", PH_NUMBER, 0) IN("label", PH_REST_NUMBER, 0))                                   \
    /* sc3-plugins */                                                                              \
    N(SQUIZ, Squiz, 1, PH_KR | PH_AR,                                                              \
      IN("in", PH_AMP, 0) IN("pitchratio", PH_RATIO_, 2) IN("zcperchunk", PH_NUMBER, 1)            \
      IN("memlen", PH_SECONDS, 0.1f))                                                              \
    U(FM7, FM7, 6, PH_AR, IN("matrix", PH_REST_NUMBER, 0))                                         \
    N(AY, AY, 1, PH_AR,                                                                            \
      IN("tonea", PH_NUMBER, 1777) IN("toneb", PH_NUMBER, 1666) IN("tonec", PH_NUMBER, 1555)       \
      IN("noise", PH_NUMBER, 1) IN("control", PH_NUMBER, 7) IN("vola", PH_NUMBER, 15)              \
      IN("volb", PH_NUMBER, 15) IN("volc", PH_NUMBER, 15) IN("envfreq", PH_NUMBER, 4)              \
      IN("envstyle", PH_NUMBER, 1) IN("chiptype", PH_FLAG, 0))                                     \
    U(B_MOOG, BMoog, 1, PH_AR,                                                                     \
      IN("in", PH_AMP, 0) IN("freq", PH_HZ, 440) IN("q", PH_ZERO_ONE, 0.2f)                        \
      IN("mode", PH_NUMBER, 0))                                                                    \
    U(DECIMATOR, Decimator, 1, PH_AR,                                                              \
      IN("in", PH_AMP, 0) IN("rate", PH_HZ, 44100) IN("bits", PH_NUMBER, 24))                      \
    U(SAW_DPW, SawDPW, 1, PH_KR | PH_AR, IN("freq", PH_HZ, 440) IN("iphase", PH_BIPOLAR, 0))       \
    N(SWITCH_DELAY, SwitchDelay, 1, PH_AR,                                                         \
      IN("in", PH_AMP, 0) IN("drylevel", PH_AMP, 1) IN("wetlevel", PH_AMP, 1)                      \
      IN("delaytime", PH_SECONDS, 1) IN("delayfactor", PH_RATIO_, 0.7f)                            \
      IN("maxdelaytime", PH_SECONDS, 20))                                                          \
    U(WAVE_LOSS, WaveLoss, 1, PH_KR | PH_AR,                                                       \
      IN("in", PH_AMP, 0) IN("drop", PH_NUMBER, 20) IN("outof", PH_NUMBER, 40)                     \
      IN("mode", PH_NUMBER, 1))                                                                    \
    U(CROSSOVER_DISTORTION, CrossoverDistortion, 1, PH_AR,                                         \
      IN("in", PH_AMP, 0) IN("amp", PH_AMP, 0.5f) IN("smooth", PH_RATIO_, 0.5f))                   \
    U(INSIDE_OUT, InsideOut, 1, PH_KR | PH_AR, IN("in", PH_AMP, 0))                                \
    U(RLPFD, RLPFD, 1, PH_KR | PH_AR,                                                              \
      IN("in", PH_AMP, 0) IN("ffreq", PH_HZ, 440) IN("res", PH_ZERO_ONE, 0)                        \
      IN("dist", PH_ZERO_ONE, 0))                                                                  \
    N(MEAN_TRIGGERED, MeanTriggered, 1, PH_KR | PH_AR,                                             \
      IN("in", PH_AMP, 0) IN("trig", PH_GATE, 0) IN("length", PH_FRAMES, 10))                      \
    N(MEDIAN_TRIGGERED, MedianTriggered, 1, PH_KR | PH_AR,                                         \
      IN("in", PH_AMP, 0) IN("trig", PH_GATE, 0) IN("length", PH_FRAMES, 10))                      \
    N(PV_FREEZE, PV_Freeze, 1, PH_KR, IN("buffer", PH_WRITTEN, -1) IN("freeze", PH_GATE, 0))       \
    N(PV_SPECTRAL_ENHANCE, PV_SpectralEnhance, 1, PH_KR,                                           \
      IN("buffer", PH_WRITTEN, -1) IN("numPartials", PH_NUMBER, 8) IN("ratio", PH_RATIO_, 2)       \
      IN("strength", PH_RATIO_, 0.1f))                                                             \
    N(MEMBRANE_HEXAGON, MembraneHexagon, 1, PH_AR,                                                 \
      IN("excitation", PH_AMP, 0) IN("tension", PH_RATIO_, 0.05f) IN("loss", PH_RATIO_, 0.99999f)) \
    N(MDA_PIANO, MdaPiano, 2, PH_AR,                                                               \
      IN("freq", PH_HZ, 440) IN("gate", PH_GATE, 1) IN("vel", PH_NUMBER, 100)                      \
      IN("decay", PH_ZERO_ONE, 0.8f) IN("release", PH_ZERO_ONE, 0.8f) IN("hard", PH_ZERO_ONE, 0.8f)\
      IN("velhard", PH_ZERO_ONE, 0.8f) IN("muffle", PH_ZERO_ONE, 0.8f)                             \
      IN("velmuff", PH_ZERO_ONE, 0.8f) IN("velcurve", PH_ZERO_ONE, 0.8f)                           \
      IN("stereo", PH_ZERO_ONE, 0.2f) IN("tune", PH_ZERO_ONE, 0.5f) IN("random", PH_ZERO_ONE, 0.1f)\
      IN("stretch", PH_ZERO_ONE, 0.1f) IN("sustain", PH_FLAG, 0))                                  \
    /* server facts */                                                                             \
    U(SAMPLE_DUR, SampleDur, 1, PH_IR, )                                                           \
    U(RADIANS_PER_SAMPLE, RadiansPerSample, 1, PH_IR, )                                            \
    U(BLOCK_SIZE, BlockSize, 1, PH_IR, )                                                           \
    U(CONTROL_RATE, ControlRate, 1, PH_IR, )                                                       \
    U(CONTROL_DUR, ControlDur, 1, PH_IR, )                                                         \
    U(SUBSAMPLE_OFFSET, SubsampleOffset, 1, PH_IR, )                                               \
    U(NUM_OUTPUT_BUSES, NumOutputBuses, 1, PH_IR, )                                                \
    U(NUM_INPUT_BUSES, NumInputBuses, 1, PH_IR, )                                                  \
    U(NUM_AUDIO_BUSES, NumAudioBuses, 1, PH_IR, )                                                  \
    U(NUM_CONTROL_BUSES, NumControlBuses, 1, PH_IR, )                                              \
    U(NUM_BUFFERS, NumBuffers, 1, PH_IR, )                                                         \
    U(NUM_RUNNING_SYNTHS, NumRunningSynths, 1, PH_IR | PH_KR, )                                    \
    U(NODE_ID, NodeID, 1, PH_IR, )                                                                 \
    U(MOUSE_X, MouseX, 1, PH_KR, /* no display: minval; as the next three */                       \
      IN("minval", PH_NUMBER, 0) IN("maxval", PH_NUMBER, 1) IN("warp", PH_NUMBER, 0)               \
      IN("lag", PH_SECONDS, 0.2f))                                                                 \
    U(MOUSE_Y, MouseY, 1, PH_KR,                                                                   \
      IN("minval", PH_NUMBER, 0) IN("maxval", PH_NUMBER, 1) IN("warp", PH_NUMBER, 0)               \
      IN("lag", PH_SECONDS, 0.2f))                                                                 \
    U(MOUSE_BUTTON, MouseButton, 1, PH_KR,                                                         \
      IN("minval", PH_NUMBER, 0) IN("maxval", PH_NUMBER, 1) IN("lag", PH_SECONDS, 0.2f))           \
    U(KEY_STATE, KeyState, 1, PH_KR,                                                               \
      IN("keycode", PH_NUMBER, 0) IN("minval", PH_NUMBER, 0) IN("maxval", PH_NUMBER, 1)            \
      IN("lag", PH_SECONDS, 0.2f))                                                                 \
    U(SAMPLE_RATE, SampleRate, 1, PH_IR, )

#define PH_UNIT_ENUM(id, name, outputs, rates, ...) PH_UNIT_##id,
enum ph_unit { PH_UNITS(PH_UNIT_ENUM, PH_UNIT_ENUM, ) PH_UNIT_COUNT };
#undef PH_UNIT_ENUM

struct ph_unit_input {
    const char *name;
    enum ph_quantity quantity;
    float initial;
};

struct ph_unit_info {
    const char *name;
    int8_t n_outputs; /* PH_ANY: the def chooses */
    uint8_t rates;    /* PH_IR | PH_KR | PH_AR | PH_DR */
    uint8_t n_inputs; /* rows; the last may repeat (PH_REST_*) */
    const struct ph_unit_input *inputs;
};
extern const struct ph_unit_info ph_units[PH_UNIT_COUNT];

/** Unit of that class name, or -1. Not for the audio thread. */
int ph_unit_find(const char *name);

/**
 * UnaryOpUGen and BinaryOpUGen: U(number, NAME, text), SuperCollider's operators; first those whose
 * result follows from their input alone, then those that draw random numbers.
 */
#define PH_UNARY_PURE_OPS(U)                                                                       \
    U(0, NEG, "neg") U(1, NOT, "not") U(2, IS_NIL, "isNil") U(3, NOT_NIL, "notNil")                \
    U(4, BIT_NOT, "bitNot") U(5, ABS, "abs") U(6, AS_FLOAT, "asFloat") U(7, AS_INT, "asInteger")   \
    U(8, CEIL, "ceil") U(9, FLOOR, "floor") U(10, FRAC, "frac") U(11, SIGN, "sign")                \
    U(12, SQUARED, "squared") U(13, CUBED, "cubed") U(14, SQRT, "sqrt") U(15, EXP, "exp")          \
    U(16, RECIPROCAL, "reciprocal") U(17, MIDICPS, "midicps") U(18, CPSMIDI, "cpsmidi")            \
    U(19, MIDIRATIO, "midiratio") U(20, RATIOMIDI, "ratiomidi") U(21, DBAMP, "dbamp")              \
    U(22, AMPDB, "ampdb") U(23, OCTCPS, "octcps") U(24, CPSOCT, "cpsoct") U(25, LOG, "log")        \
    U(26, LOG2, "log2") U(27, LOG10, "log10") U(28, SIN, "sin") U(29, COS, "cos")                  \
    U(30, TAN, "tan") U(31, ARCSIN, "asin") U(32, ARCCOS, "acos") U(33, ARCTAN, "atan")      \
    U(34, SINH, "sinh") U(35, COSH, "cosh") U(36, TANH, "tanh") U(42, DISTORT, "distort")          \
    U(43, SOFTCLIP, "softclip") U(45, DIGIT_VALUE, "digitValue") U(46, SILENCE, "silence")         \
    U(47, THRU, "thru") U(48, RECT_WINDOW, "rectWindow") U(49, HAN_WINDOW, "hanWindow")            \
    U(50, WEL_WINDOW, "welWindow") U(51, TRI_WINDOW, "triWindow") U(52, RAMP, "ramp")              \
    U(53, SCURVE, "scurve")
#define PH_UNARY_CHANCE_OPS(U)                                                                     \
    U(37, RAND, "rand") U(38, RAND2, "rand2") U(39, LINRAND, "linrand")                            \
    U(40, BILINRAND, "bilinrand") U(41, SUM3RAND, "sum3rand") U(44, COIN, "coin")
#define PH_UNARY_OPS(U) PH_UNARY_PURE_OPS(U) PH_UNARY_CHANCE_OPS(U)

#define PH_BINARY_PURE_OPS(U)                                                                      \
    U(0, ADD, "+") U(1, SUB, "-") U(2, MUL, "*") U(3, IDIV, "div") U(4, FDIV, "/") U(5, MOD, "%")  \
    U(6, EQ, "==") U(7, NE, "!=") U(8, LT, "<") U(9, GT, ">") U(10, LE, "<=") U(11, GE, ">=")      \
    U(12, MIN, "min") U(13, MAX, "max") U(14, BIT_AND, "bitAnd") U(15, BIT_OR, "bitOr")            \
    U(16, BIT_XOR, "bitXor") U(17, LCM, "lcm") U(18, GCD, "gcd") U(19, ROUND, "round")             \
    U(20, ROUND_UP, "roundUp") U(21, TRUNC, "trunc") U(22, ATAN2, "atan2") U(23, HYPOT, "hypot")   \
    U(24, HYPOT_APX, "hypotApx") U(25, POW, "pow") U(26, LEFT_SHIFT, "leftShift")                  \
    U(27, RIGHT_SHIFT, "rightShift") U(28, UNSIGNED_RIGHT_SHIFT, "unsignedRightShift")             \
    U(29, FILL, "fill") U(30, RING1, "ring1") U(31, RING2, "ring2") U(32, RING3, "ring3")          \
    U(33, RING4, "ring4") U(34, DIFSQR, "difsqr") U(35, SUMSQR, "sumsqr") U(36, SQRSUM, "sqrsum")  \
    U(37, SQRDIF, "sqrdif") U(38, ABSDIF, "absdif") U(39, THRESH, "thresh")                        \
    U(40, AMCLIP, "amclip") U(41, SCALENEG, "scaleneg") U(42, CLIP2, "clip2")                      \
    U(43, EXCESS, "excess") U(44, FOLD2, "fold2") U(45, WRAP2, "wrap2")                            \
    U(46, FIRSTARG, "firstArg")
#define PH_BINARY_CHANCE_OPS(U)                                                                    \
    U(47, RANDRANGE, "rrand") U(48, EXPRANDRANGE, "exprand")
#define PH_BINARY_OPS(U) PH_BINARY_PURE_OPS(U) PH_BINARY_CHANCE_OPS(U)

#define PH_UNARY_ENUM(number, name, text) PH_UNARY_##name = (number),
enum ph_unary { PH_UNARY_OPS(PH_UNARY_ENUM) };
#undef PH_UNARY_ENUM
#define PH_BINARY_ENUM(number, name, text) PH_BINARY_##name = (number),
enum ph_binary { PH_BINARY_OPS(PH_BINARY_ENUM) };
#undef PH_BINARY_ENUM

#endif
