/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/random.h - random numbers without memory: number n of a sequence is a hash of n.    */
/* room: audio.                                                                                   */
#ifndef SERVER_DSP_RANDOM_H
#define SERVER_DSP_RANDOM_H

#include <stdint.h>

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

#endif
