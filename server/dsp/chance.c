/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/chance.c - the operators that draw random numbers.                                  */
/* room: audio.                                                                                   */
#include "server/dsp/arith.h"

#include "server/dsp/lane_random.h"
#include "server/dsp/precise.h"
#include "server/dsp/ramp.h"

/** Value k of a frame's draws, 0 .. 1 (1 left out). */
LANE_FN lane drawn(const struct random *r, lane_u k)
{
    return random_unit_of(random_bits(r->count + k, r->key));
}

/*
 * rand, rand2, linrand, bilinrand, sum3rand - a random number times the input, a new one per frame.
 * coin - 1 with a probability of the input, else 0.
 *
 * in      [0] a
 * out     [0] a times: rand 0 .. 1; rand2 -1 .. 1; linrand the smaller of two of 0 .. 1; bilinrand
 *         the difference of two; sum3rand the mean of three of -1 .. 1
 * state   the generator; the same seed gives the same numbers
 * cost    ten integer operations per number, one to three numbers per frame
 */
typedef lane chance_fn(const struct random *r, lane_u first, lane x);

LANE_FN lane chance_RAND(const struct random *r, lane_u k, lane x) { return drawn(r, k) * x; }
LANE_FN lane chance_RAND2(const struct random *r, lane_u k, lane x)
{
    return random_bipolar_of(random_bits(r->count + k, r->key)) * x;
}
LANE_FN lane chance_LINRAND(const struct random *r, lane_u k, lane x)
{
    return lane_min(drawn(r, k), drawn(r, k + 1u)) * x;
}
LANE_FN lane chance_BILINRAND(const struct random *r, lane_u k, lane x)
{
    return (drawn(r, k) - drawn(r, k + 1u)) * x;
}
LANE_FN lane chance_SUM3RAND(const struct random *r, lane_u k, lane x)
{
    const lane sum = drawn(r, k) + drawn(r, k + 1u) + drawn(r, k + 2u);
    return (sum - 1.5f) * 0.66666667f * x;
}
LANE_FN lane chance_COIN(const struct random *r, lane_u k, lane x)
{
    return lane_where(lane_lt(drawn(r, k), x), lane_splat(1.0f));
}

PH_RT static void chance_init(void *state, const struct dsp_block *b)
{
    *(struct random *)state = random_new(b);
}

enum { DRAWS = 3 }; /* numbers that every frame has for itself */

LANE_FN void chance_frames(struct random *r, const struct dsp_block *b, chance_fn *op)
{
    const lane *const x = dsp_in(b, 0);
    const uint32_t dx = dsp_step(b, 0);
    lane *const out = dsp_out(b, 0);
    random_begin(r, b);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = op(r, lane_splat_u(DRAWS * i), x[i * dx]);
    r->count += DRAWS * b->n_frames;
}

#define CHANCE_KERNEL(number, NAME, text)                                                          \
    PH_RT static void chance_##NAME##_process(void *state, const struct dsp_block *b)              \
    {                                                                                              \
        chance_frames(state, b, chance_##NAME);                                                    \
    }                                                                                              \
    static const struct dsp_unit chance_unit_##NAME = { sizeof(struct random), chance_init,        \
                                                        chance_##NAME##_process, NULL, 0 };
PH_UNARY_CHANCE_OPS(CHANCE_KERNEL)

/*
 * rrand - a random number between two.   exprand - the same, evenly distributed over octaves.
 *
 * in      [0] a, [1] b; an input that is not at audio rate moves in a straight line from the last
 *         block's value to this one's (ramp.h)
 * out     [0] rrand: lower + u (upper - lower), u from 0 to 1; at audio rate from -1 to 1, as in
 *         scsynth. exprand: lower (upper / lower)^u, u from 0 to 1; a ratio that is not above 0 is
 *         2^-126
 * state   the value of each input at the end of the last block, and the generator
 * cost    one random number per frame; exprand: a logarithm and an exponential
 */
struct chance_binary { lane a, b; struct random random; };
typedef lane chance_binary_fn(lane from, lane to, lane_u bits, bool audio);

LANE_FN lane chance_RANDRANGE(lane lower, lane upper, lane_u bits, bool audio)
{
    return lower + (audio ? random_bipolar_of(bits) : random_unit_of(bits)) * (upper - lower);
}
LANE_FN lane chance_EXPRANDRANGE(lane lower, lane upper, lane_u bits, bool audio)
{
    (void)audio;
    return lower * lane_exp(lane_log(upper / lower) * random_unit_of(bits));
}

PH_RT static void chance_binary_init(void *state, const struct dsp_block *b)
{
    *(struct chance_binary *)state = (struct chance_binary){ dsp_in(b, 0)[0], dsp_in(b, 1)[0],
                                                             random_new(b) };
}

LANE_FN void chance_binary_frames(struct chance_binary *s, const struct dsp_block *b,
                                  chance_binary_fn *op)
{
    lane x_frames[DSP_BLOCK_FRAMES], y_frames[DSP_BLOCK_FRAMES];
    const bool audio = b->rate == PH_AUDIO;
    if (!audio) { /* now, not on the way */
        s->a = dsp_in(b, 0)[0];
        s->b = dsp_in(b, 1)[0];
    }
    const lane *const x = ramp_frames(b, 0, &s->a, x_frames);
    const lane *const y = ramp_frames(b, 1, &s->b, y_frames);
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_i rises = lane_gt(y[i], x[i]);
        const lane_u bits = random_bits(s->random.count + i, s->random.key);
        out[i] = op(lane_select(rises, x[i], y[i]), lane_select(rises, y[i], x[i]), bits, audio);
    }
    s->random.count += b->n_frames;
}

#define CHANCE_BINARY_KERNEL(number, NAME, text)                                                   \
    PH_RT static void chance_##NAME##_process(void *state, const struct dsp_block *b)              \
    {                                                                                              \
        chance_binary_frames(state, b, chance_##NAME);                                             \
    }                                                                                              \
    static const struct dsp_unit chance_unit_##NAME = { sizeof(struct chance_binary),              \
                                                        chance_binary_init,                        \
                                                        chance_##NAME##_process, NULL, 0 };
PH_BINARY_CHANCE_OPS(CHANCE_BINARY_KERNEL)

#define CHANCE_CASE(number, NAME, text) case number: return &chance_unit_##NAME;

const struct dsp_unit *DSP(dsp_unary_chance)(int16_t special)
{
    switch (special) {
        PH_UNARY_CHANCE_OPS(CHANCE_CASE)
    default: return NULL;
    }
}

const struct dsp_unit *DSP(dsp_binary_chance)(int16_t special)
{
    switch (special) {
        PH_BINARY_CHANCE_OPS(CHANCE_CASE)
    default: return NULL;
    }
}
