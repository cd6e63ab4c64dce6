/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/random.h - random numbers without memory: number n of a sequence is a hash of n.    */
/* room: audio.                                                                                   */
#ifndef SERVER_DSP_RANDOM_H
#define SERVER_DSP_RANDOM_H

#include "server/dsp/dsp.h"

/** 64 random bits of a seed. Source: Steele, Lea and Flood 2014, splitmix64. */
static inline uint64_t random_key(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/** 32 random bits: number n of the sequence `key`. Source: as noise.c's. */
static inline uint32_t random_at(uint32_t n, uint32_t key)
{
    n = (n ^ (n >> 16)) * 0x7feb352du + key;
    n = (n ^ (n >> 15)) * 0x846ca68bu;
    return n ^ (n >> 16);
}

/** Evenly distributed over -1 .. 1. */
static inline float random_bipolar(uint32_t n, uint32_t key)
{
    return (float)(int32_t)random_at(n, key) * (1.0f / 2147483648.0f);
}

/**
 * What a unit's sequence follows from where RandSeed has seeded its synth: the same in every synth
 * where the same units ask, in the same order.
 */
static inline uint64_t random_seeded_key(struct dsp_node *node)
{
    return random_key(random_key(node->random_seed) + node->n_seeded++);
}

/** A sequence of random numbers of its own; `seeded`: struct dsp_node. Of units at width 1. */
struct chance { uint32_t n, key, seeded; };

static inline struct chance chance_of(uint64_t key, uint32_t seeded)
{
    return (struct chance){ (uint32_t)key, (uint32_t)(key >> 32), seeded };
}

static inline struct chance chance_new(const struct dsp_block *b)
{
    return b->node->seeded ? chance_of(random_seeded_key(b->node), b->node->seeded)
                           : chance_of(random_key(b->seed), 0);
}

/** At the start of every call: begins anew where RandSeed has asked for that. */
static inline void chance_begin(struct chance *c, const struct dsp_block *b)
{
    if (b->node->seeded != c->seeded && b->node->seeded)
        *c = chance_new(b);
}

/** 0 .. 1, without 1. */
static inline float chance_unit(struct chance *c)
{
    return (float)(random_at(c->n++, c->key) >> 8) * (1.0f / 16777216.0f);
}

/** -1 .. 1. */
static inline float chance_bipolar(struct chance *c)
{
    return random_bipolar(c->n++, c->key);
}

/** 0 .. n - 1; 0 for n 0. */
static inline uint32_t chance_below(struct chance *c, uint32_t n)
{
    return (uint32_t)((uint64_t)random_at(c->n++, c->key) * n >> 32);
}

/** Another order of n items. Source: Durstenfeld 1964, algorithm 235. */
static inline void chance_shuffle(struct chance *c, float *items, uint32_t n)
{
    for (uint32_t i = 0; i + 1 < n; i++) {
        const uint32_t k = i + chance_below(c, n - i);
        const float kept = items[i];
        items[i] = items[k];
        items[k] = kept;
    }
}

#endif
