/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/noise.c - noise.                                                                    */
/* room: audio.                                                                                   */
#include "server/dsp/lane.h"

/** Generator state of every lane. Source: L'Ecuyer 1996, taus88; period 2^88. */
struct random { lane_u a, b, c; };

/** Spreads a seed over 64 bits. Source: Steele, Lea and Flood 2014, splitmix64. */
static uint64_t spread(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/** Lane k of a unit is seeded with seed + k: as a unit of width 1 with that seed. */
static void random_init(struct random *r, uint64_t seed)
{
    for (int k = 0; k < LANE_W; k++) {
        const uint64_t x = spread(seed + (uint64_t)k), y = spread(x);
        /* the three words need values above 1, 7 and 15 */
        r->a = lane_set_u(r->a, k, (uint32_t)x | 16u);
        r->b = lane_set_u(r->b, k, (uint32_t)(x >> 32) | 16u);
        r->c = lane_set_u(r->c, k, (uint32_t)y | 16u);
    }
}

/** 32 random bits per lane. */
LANE_FN lane_u random_bits(struct random *r)
{
    r->a = ((r->a & 0xfffffffeu) << 12) ^ (((r->a << 13) ^ r->a) >> 19);
    r->b = ((r->b & 0xfffffff8u) << 4) ^ (((r->b << 2) ^ r->b) >> 25);
    r->c = ((r->c & 0xfffffff0u) << 17) ^ (((r->c << 3) ^ r->c) >> 11);
    return r->a ^ r->b ^ r->c;
}

/**
 * WhiteNoise - white noise.
 *
 * out     [0] evenly distributed over -1 .. 1 (1 left out)
 * state   the generator; the same seed gives the same noise
 * cost    some fifteen integer operations per frame
 */
PH_RT static void white_noise_init(void *state, const struct dsp_block *b)
{
    random_init(state, b->seed);
}

PH_RT static void white_noise_process(void *state, const struct dsp_block *b)
{
    struct random r = *(struct random *)state;
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        /* 23 bits as the fraction of a float in 2 .. 4 */
        const lane_u bits = (random_bits(&r) >> 9) | 0x40000000u;
        out[i] = lane_from_bits(lane_i_from_u(bits)) - 3.0f;
    }
    *(struct random *)state = r;
}
const struct dsp_unit DSP(dsp_WhiteNoise) = { sizeof(struct random), white_noise_init,
                                              white_noise_process, NULL };

/**
 * PinkNoise - noise of equal power per octave.
 *
 * out     [0] within -1 .. 1, mostly below 0.5; 3 dB less per octave down to rate / 2^16
 * state   generator, 16 rows and their sum
 * cost    two random numbers per frame; the row of each lane is picked on its own
 * source  Voss and McCartney; each frame renews one row of a random number's trailing zeros
 *         (Jonsson) and adds one white value. Seventeen values of 19 bits pass 23 bits only where
 *         nearly all are at their largest: never seen, and still finite
 */
enum { PINK_ROWS = 16 };
struct pink_noise { struct random random; lane_u total, rows[PINK_ROWS]; };

PH_RT static void pink_noise_init(void *state, const struct dsp_block *b)
{
    struct pink_noise *const s = state;
    random_init(&s->random, b->seed);
    s->total = lane_splat_u(0);
    for (int row = 0; row < PINK_ROWS; row++) {
        s->rows[row] = random_bits(&s->random) >> 13;
        s->total += s->rows[row];
    }
}

PH_RT static void pink_noise_process(void *state, const struct dsp_block *b)
{
    struct pink_noise *const s = state;
    lane *const out = dsp_out(b, 0);
    struct random r = s->random;
    lane_u total = s->total;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_u pick = random_bits(&r), fresh = pick >> 13;
        for (int k = 0; k < LANE_W; k++) {
            const uint32_t bits = lane_get_u(pick, k);
            const int row = bits ? __builtin_ctz(bits) & (PINK_ROWS - 1) : 0;
            const uint32_t old = lane_get_u(s->rows[row], k), now = lane_get_u(fresh, k);
            s->rows[row] = lane_set_u(s->rows[row], k, now);
            total = lane_set_u(total, k, lane_get_u(total, k) + now - old);
        }
        const lane_u sum = total + (random_bits(&r) >> 13);
        out[i] = lane_from_bits(lane_i_from_u(sum | 0x40000000u)) - 3.0f;
    }
    s->random = r;
    s->total = total;
}
const struct dsp_unit DSP(dsp_PinkNoise) = { sizeof(struct pink_noise), pink_noise_init,
                                             pink_noise_process, NULL };
