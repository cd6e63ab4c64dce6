/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/noise.c - noise at the unit's own rate, and impulses at random.                     */
/* room: audio.                                                                                   */
#include "server/dsp/lane_random.h"

/**
 * WhiteNoise - white noise.
 *
 * out     [0] evenly distributed over -1 .. 1 (1 left out)
 * state   the generator; the same seed gives the same noise
 * cost    ten integer operations per frame, two of them multiplications
 */
PH_RT static void white_noise_init(void *state, const struct dsp_block *b)
{
    *(struct random *)state = random_new(b);
}

PH_RT static void white_noise_process(void *state, const struct dsp_block *b)
{
    struct random *const s = state;
    random_begin(s, b);
    const lane_u count = s->count, key = s->key;
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = random_bipolar_of(random_bits(count + i, key));
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
 * Which row is renewed follows from the world's frame alone, so that all lanes renew the same one.
 * What it becomes is each voice's own: voices share no sound, only the frames on which they change.
 */
enum { PINK_ROWS = 16 };
struct pink_noise { struct random random; lane_u total, rows[PINK_ROWS]; };

/** 19 bits for a row, and 19 for the white value: a third round of the hash. */
LANE_FN lane_u pink_row(lane_u bits) { return bits >> 13; }
LANE_FN lane_u pink_white(lane_u bits) { return (bits * 0x31848babu) >> 13; }

PH_RT static void pink_noise_init(void *state, const struct dsp_block *b)
{
    struct pink_noise *const s = state;
    s->random = random_new(b);
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
    const uint32_t first = b->rate == PH_AUDIO
                               ? (uint32_t)block * DSP_BLOCK_FRAMES + b->node[0].first_frame
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
    random_begin(&s->random, b);
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

/**
 * ClipNoise - noise of two values.
 *
 * out     [0] -1 or 1, as likely
 * state   the generator
 */
PH_RT static void clip_noise_process(void *state, const struct dsp_block *b)
{
    struct random *const s = state;
    random_begin(s, b);
    const lane_u count = s->count, key = s->key;
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = random_coin_of(random_bits(count + i, key));
    s->count = count + b->n_frames;
}
const struct dsp_unit DSP(dsp_ClipNoise) = { sizeof(struct random), white_noise_init,
                                             clip_noise_process, NULL, 0 };

/**
 * GrayNoise - a 32-bit number of which every frame turns one bit over.
 *
 * out     [0] the number, as -1 .. 1
 * state   generator and number; 0 at birth
 */
struct gray_noise { struct random random; lane_u number; };

PH_RT static void gray_noise_init(void *state, const struct dsp_block *b)
{
    *(struct gray_noise *)state = (struct gray_noise){ random_new(b), lane_splat_u(0) };
}

PH_RT static void gray_noise_process(void *state, const struct dsp_block *b)
{
    struct gray_noise *const s = state;
    random_begin(&s->random, b);
    const lane_u count = s->random.count, key = s->random.key;
    lane_u number = s->number;
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        number ^= lane_splat_u(1) << (random_bits(count + i, key) & 31u);
        out[i] = lane_from_i(lane_i_from_u(number)) * 0x1p-31f;
    }
    s->random.count = count + b->n_frames;
    s->number = number;
}
const struct dsp_unit DSP(dsp_GrayNoise) = { sizeof(struct gray_noise), gray_noise_init,
                                             gray_noise_process, NULL, 0 };

/**
 * BrownNoise - a random walk, reflected at -1 and 1: 6 dB less per octave.
 *
 * out     [0] even steps of up to 1/8
 * state   generator and place, a random one at birth
 */
struct brown_noise { struct random random; lane place; };

PH_RT static void brown_noise_init(void *state, const struct dsp_block *b)
{
    struct brown_noise *const s = state;
    s->random = random_new(b);
    s->place = random_bipolar_of(random_draw(&s->random, lane_splat_i(-1)));
}

PH_RT static void brown_noise_process(void *state, const struct dsp_block *b)
{
    struct brown_noise *const s = state;
    random_begin(&s->random, b);
    const lane_u count = s->random.count, key = s->random.key;
    lane place = s->place;
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = random_bipolar_of(random_bits(count + i, key)) * 0.125f;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        place += out[i];
        const lane over = lane_max(lane_abs(place) - 1.0f, lane_splat(0.0f));
        place -= lane_copysign(over + over, place);
        out[i] = place;
    }
    s->random.count = count + b->n_frames;
    s->place = place;
}
const struct dsp_unit DSP(dsp_BrownNoise) = { sizeof(struct brown_noise), brown_noise_init,
                                              brown_noise_process, NULL, 0 };

/*
 * Dust, Dust2 - impulses at random times.
 *
 * in      [0] density, impulses per second on average; below 0, and what is no number: none
 * out     [0] an impulse of random height where one falls, else 0. Dust: 0 .. 1, Dust2: -1 .. 1
 * state   the generator
 * cost    that of white noise; at audio rate the density costs a division per frame
 */
LANE_FN void dust_process(void *state, const struct dsp_block *b, float span, float lowest)
{
    struct random *const s = state;
    random_begin(s, b);
    const lane_u count = s->count, key = s->key;
    const lane *const density = dsp_in(b, 0);
    const uint32_t dd = dsp_step(b, 0);
    const float frame_seconds = 1.0f / b->rate_hz;
    lane *const out = dsp_out(b, 0);
    lane share = density[0] * frame_seconds, scale = span / share;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (dd) {
            share = density[i] * frame_seconds;
            scale = span / share;
        }
        const lane x = random_unit_of(random_bits(count + i, key));
        out[i] = lane_where(lane_lt(x, share), x * scale + lowest);
    }
    s->count = count + b->n_frames;
}

PH_RT static void dust_1_process(void *state, const struct dsp_block *b)
{
    dust_process(state, b, 1.0f, 0.0f);
}
PH_RT static void dust_2_process(void *state, const struct dsp_block *b)
{
    dust_process(state, b, 2.0f, -1.0f);
}
const struct dsp_unit DSP(dsp_Dust) = { sizeof(struct random), white_noise_init, dust_1_process,
                                        NULL, 0 };
const struct dsp_unit DSP(dsp_Dust2) = { sizeof(struct random), white_noise_init, dust_2_process,
                                         NULL, 0 };
