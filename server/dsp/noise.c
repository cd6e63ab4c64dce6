/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/noise.c - noise.                                                                    */
/* room: audio.                                                                                   */
#include "server/dsp/lane.h"

/** Spreads a seed over 64 bits. Source: Steele, Lea and Flood 2014, splitmix64. */
static uint64_t spread(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/**
 * A generator without memory: number n is a hash of n. So frames are drawn side by side, along time or
 * in lanes. Voices start at places of their own in sequences of their own; period 2^32.
 */
struct random { lane_u count, key; };

static struct random random_new(uint64_t seed)
{
    const uint64_t x = spread(seed);
    return (struct random){ lane_splat_u((uint32_t)x), lane_splat_u((uint32_t)(x >> 32)) };
}

/**
 * 32 random bits of a count. Source: the two rounds of multiplication and shift that Wellons found to
 * have the least bias (hash prospector, lowbias32); the key goes in between.
 */
LANE_FN lane_u random_bits(lane_u x, lane_u key)
{
    x = (x ^ (x >> 16)) * 0x7feb352du + key;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return x ^ (x >> 16);
}

/** A float of 2 .. 4 from its 23 bits of fraction, as -1 .. 1. */
LANE_FN lane noise_of(lane_u fraction)
{
    return lane_from_bits(lane_i_from_u(fraction | 0x40000000u)) - 3.0f;
}

/**
 * WhiteNoise - white noise.
 *
 * out     [0] evenly distributed over -1 .. 1 (1 left out)
 * state   the generator; the same seed gives the same noise
 * cost    ten integer operations per frame, two of them multiplications
 */
PH_RT static void white_noise_init(void *state, const struct dsp_block *b)
{
    *(struct random *)state = random_new(b->seed);
}

PH_RT static void white_noise_process(void *state, const struct dsp_block *b)
{
    struct random *const s = state;
    const lane_u count = s->count, key = s->key;
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = noise_of(random_bits(count + i, key) >> 9);
    s->count = count + b->n_frames;
}
const struct dsp_unit DSP(dsp_WhiteNoise) = { sizeof(struct random), white_noise_init,
                                              white_noise_process, NULL, 0 };

/**
 * PinkNoise - noise of equal power per octave.
 *
 * out     [0] within -1 .. 1, mostly below 0.5; 3 dB less per octave down to rate / 2^16
 * state   generator, the rows' sum and 16 rows
 * cost    some fifteen integer operations per frame
 * source  Voss and McCartney; each frame renews one row, number r with probability 2^-(r + 1)
 *         (Jonsson), and adds one white value. Seventeen values of 19 bits pass 23 bits only where
 *         nearly all are at their largest: never seen, and still finite
 *
 * Which row is renewed follows from the world's frame alone, so that all lanes renew the same one. What
 * it becomes is each voice's own: voices share no sound, only the frames on which they change.
 */
enum { PINK_ROWS = 16 };
struct pink_noise { struct random random; lane_u total, rows[PINK_ROWS]; };

/** 19 bits for a row, and 19 for the white value: a third round of the hash. */
LANE_FN lane_u pink_row(lane_u bits) { return bits >> 13; }
LANE_FN lane_u pink_white(lane_u bits) { return (bits * 0x31848babu) >> 13; }

PH_RT static void pink_noise_init(void *state, const struct dsp_block *b)
{
    struct pink_noise *const s = state;
    s->random = random_new(b->seed);
    s->total = lane_splat_u(0);
    for (uint32_t row = 0; row < PINK_ROWS; row++) {
        s->rows[row] = pink_row(random_bits(s->random.count + row, s->random.key));
        s->total += s->rows[row];
    }
    s->random.count += PINK_ROWS;
}

/** The row that each frame of a block renews: trailing zeros of a hash of the frame, up to 15. */
static void pink_pick(const struct dsp_block *b, uint32_t *rows)
{
    const uint64_t block = b->env->block;
    const uint32_t first = b->rate == 2 ? (uint32_t)block * DSP_BLOCK_FRAMES + b->node[0].first_frame
                                        : (uint32_t)block;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        uint32_t x = first + i;
        x = (x ^ (x >> 16)) * 0x7feb352du;
        x = (x ^ (x >> 15)) * 0x846ca68bu;
        x = (x ^ (x >> 16)) | 1u << (PINK_ROWS - 1);
        /* the exponent of its lowest bit */
        const float bit = (float)(int32_t)(x & (0u - x));
        uint32_t bits;
        memcpy(&bits, &bit, sizeof bits);
        rows[i] = (bits >> 23) - 127;
    }
}

PH_RT static void pink_noise_process(void *state, const struct dsp_block *b)
{
    struct pink_noise *const s = state;
    const lane_u count = s->random.count, key = s->random.key;
    lane *const out = dsp_out(b, 0);
    lane_u total = s->total, bits[DSP_BLOCK_FRAMES];
    uint32_t rows[DSP_BLOCK_FRAMES];

    pink_pick(b, rows);
    for (uint32_t i = 0; i < b->n_frames; i++)
        bits[i] = random_bits(count + i, key);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        lane_u *const row = &s->rows[rows[i]];
        const lane_u fresh = pink_row(bits[i]);
        total += fresh - *row;
        *row = fresh;
        out[i] = noise_of(total + pink_white(bits[i]));
    }
    s->random.count = count + b->n_frames;
    s->total = total;
}
const struct dsp_unit DSP(dsp_PinkNoise) = { sizeof(struct pink_noise), pink_noise_init,
                                             pink_noise_process, NULL, 0 };
