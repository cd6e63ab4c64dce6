/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/synth_parts.h - what SuperDirt's synths share: the list, envelopes, pitch.       */
/* room: command thread.                                                                          */
#ifndef SERVER_DIRT_SYNTH_PARTS_H
#define SERVER_DIRT_SYNTH_PARTS_H

#include "server/dirt/synths.h"

/** S(name, channels before they are panned). A builder of each stands in a synths_*.c. */
#define DIRT_SYNTHS(S)                                                                             \
    /* synths_first.c */                                                                           \
    S(imp, 1) S(psin, 1) S(pmsin, 1) S(gabor, 1) S(dirac, 1) S(cyclo, 1)                           \
    S(in, 2) S(in1, 1) S(inr, 2) S(from, 2)                                                        \
    S(tutorial1, 2) S(tutorial2, 1) S(tutorial3, 1) S(tutorial4, 1) S(tutorial5, 1)                \
    /* synths_drums.c */                                                                           \
    S(superkick, 1) S(super808, 1) S(superhat, 1) S(supersnare, 1) S(superclap, 1)                 \
    S(soskick, 1) S(soshats, 1) S(sostoms, 1) S(sossnare, 1)                                       \
    /* synths_struck.c */                                                                          \
    S(supermandolin, 1) S(supergong, 1) S(superpiano, 2) S(superhex, 1) S(superfork, 2)            \
    S(supervibe, 1) S(superhammond, 1)                                                             \
    /* synths_analog.c */                                                                          \
    S(supersquare, 1) S(supersaw, 1) S(superpwm, 1) S(supercomparator, 2) S(superhoover, 2)        \
    S(superzow, 1) S(superreese, 2) S(supertron, 1) S(supersiren, 1)                               \
    /* synths_digital.c */                                                                         \
    S(superchip, 1) S(supernoise, 1) S(superstatic, 1) S(supergrind, 2) S(superprimes, 2)          \
    S(superwavemechanics, 2)                                                                       \
    /* synths_fm.c */                                                                              \
    S(superfm, 1)

#define DIRT_SYNTH_BUILDER(name, channels) struct sound dirt_build_##name(struct graph *g);
DIRT_SYNTHS(DIRT_SYNTH_BUILDER)
#undef DIRT_SYNTH_BUILDER

/**
 * The pitch of an event without a note, Hz, where SuperDirt's own definition has none and would
 * play 0 Hz. Others have their definition's.
 */
#define NOTE_0_HZ 261.6255653f

/* ---- units ----------------------------------------------------------------------------------- */

static inline struct sound mono(struct ph_input x)
{
    return (struct sound){ 1, { x } };
}

/** A unit without inputs. */
static inline struct ph_input source(struct graph *g, const char *name, enum ph_rate rate)
{
    return ph_build_unit(&g->b, name, rate, 0, 1, NULL, 0, 0);
}

static inline struct ph_input line(struct graph *g, enum ph_rate rate, struct ph_input from,
                                   struct ph_input to, struct ph_input seconds)
{
    return UNIT(g, "Line", rate, from, to, seconds, num(g, 0));
}

static inline struct ph_input xline(struct graph *g, enum ph_rate rate, struct ph_input from,
                                    struct ph_input to, struct ph_input seconds)
{
    return UNIT(g, "XLine", rate, from, to, seconds, num(g, 0));
}

static inline struct ph_input sine(struct graph *g, struct ph_input hz, struct ph_input phase)
{
    return UNIT(g, "SinOsc", PH_AUDIO, hz, phase);
}

/** Two sines, the one in the other's phase. */
static inline struct ph_input phase_sine(struct graph *g, struct ph_input hz, struct ph_input by_hz,
                                         struct ph_input radians)
{
    return sine(g, hz, mul(g, sine(g, by_hz, num(g, 0)), radians));
}

/** -1 .. 1 becomes low .. high. */
static inline struct ph_input ranged(struct graph *g, struct ph_input x, struct ph_input low,
                                     struct ph_input high)
{
    const struct ph_input half = scaled(g, sub(g, high, low), 0.5f, 0);
    return UNIT(g, "MulAdd", rate_of(g, x), x, half, add(g, half, low));
}

static inline struct ph_input sum(struct graph *g, const struct ph_input *list, uint32_t n)
{
    struct ph_input all = list[0];
    for (uint32_t i = 1; i < n; i++)
        all = add(g, all, list[i]);
    return all;
}

/** Base to the power of x. */
static inline struct ph_input power(struct graph *g, float base, struct ph_input x)
{
    return binary(g, PH_BINARY_POW, num(g, base), x);
}

/** Its first frame for the whole block: so scsynth's Pulse takes what moves faster. */
static inline struct ph_input held(struct graph *g, struct ph_input x)
{
    return UNIT(g, "A2K", PH_CONTROL, x);
}

/**
 * One beside the other from left to right over `width` (1: all of it), together as loud as one of
 * them.
 */
struct sound dirt_splay(struct graph *g, const struct ph_input *list, uint32_t n,
                        struct ph_input width, float level);
/** What SuperDirt does with more channels than it plays. */
static inline struct sound splayed(struct graph *g, const struct ph_input *list, uint32_t n,
                                   float level)
{
    return dirt_splay(g, list, n, fixed(g, "span", 1), level);
}

/**
 * How much stands at 0 .. n - 1 in a list where `place` lies between two of them: SelectX's equal
 * power. Beyond the ends the last one stays.
 */
void dirt_weights(struct graph *g, struct ph_input place, uint32_t n, struct ph_input *weights);
/**
 * Rows of a table by their weights: weights[0] * table[0][column] + weights[1] * table[1][column]
 * ...
 */
struct ph_input dirt_weighed(struct graph *g, const struct ph_input *weights, uint32_t n,
                             const float *column, uint32_t stride);

/* ---- envelopes ------------------------------------------------------------------------------- */

/** To a level within a time. */
struct dirt_segment {
    struct ph_input level, seconds;
};

/** EnvGen without a sustain, that ends nothing: shape SHAPE_CURVE uses `curve`. */
struct ph_input dirt_envelope(struct graph *g, enum ph_rate rate, struct ph_input time_scale,
                              struct ph_input first, const struct dirt_segment *list, uint32_t n,
                              int shape, float curve);
/** Up to 1, there, and down: numbers times `time_scale`. Curve 0: straight. */
struct ph_input dirt_trapezoid(struct graph *g, struct ph_input time_scale, float up, float along,
                               float down, float curve);
/** Up to `level` and down. */
struct ph_input dirt_strike(struct graph *g, struct ph_input time_scale, float up,
                            struct ph_input down, float level, float curve);
/** Half a turn of a sine, up and down, of one time scale. */
struct ph_input dirt_swell(struct graph *g, struct ph_input time_scale, float level);
/**
 * Up within `up` of the whole, down to 1 - decay at a fifth, level to 0.95, down: `decay` is the
 * parameter.
 */
struct ph_input dirt_decaying(struct graph *g, struct ph_input sustain, float up, float curve);

/**
 * Once a block, and from there to there along a line: so SuperDirt's panners take the level that is
 * given them. Attacks become as blunt as they are there.
 */
static inline struct ph_input blockwise(struct graph *g, struct ph_input env)
{
    return UNIT(g, "K2A", PH_AUDIO, held(g, env));
}

/* ---- what all events have -------------------------------------------------------------------- */

static inline struct ph_input sustain_of(struct graph *g)
{
    return fixed(g, "sustain", 1);
}

/** Ratio by `speed`, which glides by `accelerate` within `seconds`; `speedFreq` 0: as if 1. */
struct ph_input dirt_bend(struct graph *g, struct ph_input seconds);
/** The event's pitch, bent likewise. */
struct ph_input dirt_pitch(struct graph *g, struct ph_input sustain);

#endif
