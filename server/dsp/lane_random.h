/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lane_random.h - random numbers in lanes: one sequence per voice and unit.           */
/* room: audio.                                                                                   */
#ifndef SERVER_DSP_LANE_RANDOM_H
#define SERVER_DSP_LANE_RANDOM_H

#include "server/dsp/lane.h"
#include "server/dsp/random.h"

/**
 * A generator without memory: number n is a hash of n. So frames are drawn side by side, along time
 * or in lanes. Voices start at places of their own in sequences of their own; period 2^32.
 */
struct random { lane_u count, key, seeded; };

LANE_FN struct random random_of(uint64_t key, uint32_t seeded)
{
    return (struct random){ lane_splat_u((uint32_t)key), lane_splat_u((uint32_t)(key >> 32)),
                            lane_splat_u(seeded) };
}

LANE_FN struct random random_seeded(struct dsp_node *node)
{
    return random_of(random_seeded_key(node), node->seeded);
}

static inline struct random random_new(const struct dsp_block *b)
{
    return b->node[0].seeded ? random_seeded(b->node) : random_of(random_key(b->seed), 0);
}

/**
 * At the start of every call: begins anew where RandSeed has asked for that. It has no wide form,
 * so that lanes never hear it.
 */
LANE_FN void random_begin(struct random *r, const struct dsp_block *b)
{
#if LANE_W == 1
    if (b->node[0].seeded != r->seeded && b->node[0].seeded)
        *r = random_seeded(b->node);
#endif
    (void)r, (void)b;
}

/**
 * 32 random bits of a count. Source: the two rounds of multiplication and shift that Wellons found
 * to have the least bias (hash prospector, lowbias32); the key goes in between.
 */
LANE_FN lane_u random_bits(lane_u x, lane_u key)
{
    x = (x ^ (x >> 16)) * 0x7feb352du + key;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return x ^ (x >> 16);
}

/** The bits that are due; the lanes of `taken` go on to the next ones. */
LANE_FN lane_u random_draw(struct random *r, lane_i taken)
{
    const lane_u bits = random_bits(r->count, r->key);
    r->count -= lane_u_from_i(taken); /* a mask is -1 */
    return bits;
}

/** A float of 2 .. 4 from its 23 bits of fraction, as -1 .. 1. */
LANE_FN lane noise_of(lane_u fraction)
{
    return lane_from_bits(lane_i_from_u(fraction | 0x40000000u)) - 3.0f;
}

/** Evenly distributed over -1 .. 1 (1 left out). */
LANE_FN lane random_bipolar_of(lane_u bits) { return noise_of(bits >> 9); }

/** Evenly distributed over 0 .. 1 (1 left out). */
LANE_FN lane random_unit_of(lane_u bits)
{
    return lane_from_bits(lane_i_from_u((bits >> 9) | 0x3f800000u)) - 1.0f;
}

/** -1 or 1. */
LANE_FN lane random_coin_of(lane_u bits)
{
    return lane_from_bits(lane_i_from_u((bits & 0x80000000u) | 0x3f800000u));
}

#endif
