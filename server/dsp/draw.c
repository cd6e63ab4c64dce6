/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/draw.c - single random values: at birth, at triggers; random choices; seeds.        */
/* room: audio.                                                                                   */
#include "server/dsp/frames.h"
#include "server/dsp/lane_random.h"
#include "server/dsp/precise.h"

/* ------------------------------------------------------------------------- distributions */

typedef lane distribution(lane lo, lane hi, lane_u bits);

/** Even over lo .. hi. */
LANE_FN lane draw_even(lane lo, lane hi, lane_u bits)
{
    return random_unit_of(bits) * (hi - lo) + lo;
}

/** Even over the whole numbers lo .. hi, both of them; the limits without their fractions. */
LANE_FN lane draw_whole(lane lo, lane hi, lane_u bits)
{
    const lane from = lane_trunc(lane_clamp(lo, -0x1p30f, 0x1p30f));
    const lane n = lane_trunc(lane_clamp(hi, -0x1p30f, 0x1p30f)) - from + 1.0f;
    const lane number = lane_floor(random_unit_of(bits) * n); /* may be rounded up to n */
    return lane_min(number, lane_max(n - 1.0f, lane_splat(0.0f))) + from;
}

/** Even in the logarithm; 0 where lo and hi don't have one sign. */
LANE_FN lane draw_exponential(lane lo, lane hi, lane_u bits)
{
    const lane ratio = hi / lo, x = precise_pow(ratio, random_unit_of(bits)) * lo;
    return lane_where(lane_gt(ratio, lane_splat(0.0f)) & lane_finite(x), x);
}

/* ------------------------------------------------------------------------------- at birth */

/*
 * Rand, IRand, ExpRand, LinRand, NRand - a random value that stays.
 *
 * in      [0] lo   [1] hi   LinRand: [2] minmax, NRand: [2] n
 * out     [0] Rand: even over lo .. hi; IRand: a whole number, both limits among them; ExpRand:
 *         even in the logarithm; LinRand: denser towards lo, towards hi where minmax > 0; NRand:
 *         the mean of n even values, n clamped to 1 .. 1024 (scsynth: no number for n < 1)
 * state   the value, drawn at birth: edits carry it over
 */
struct rand { lane value; };
enum { RAND_LO, RAND_HI, RAND_SHAPE };
enum { RAND_SUMMANDS_MAX = 1024 };

PH_RT static void rand_process(void *state, const struct dsp_block *b)
{
    for (uint32_t i = 0; i < b->n_frames; i++)
        dsp_out(b, 0)[i] = ((const struct rand *)state)->value;
}

LANE_FN void rand_of(void *state, const struct dsp_block *b, distribution *draw)
{
    struct random random = random_new(b);
    const lane_u bits = random_draw(&random, lane_splat_i(-1));
    ((struct rand *)state)->value = draw(dsp_in(b, RAND_LO)[0], dsp_in(b, RAND_HI)[0], bits);
}

PH_RT static void rand_init(void *state, const struct dsp_block *b)
{
    rand_of(state, b, draw_even);
}
PH_RT static void irand_init(void *state, const struct dsp_block *b)
{
    rand_of(state, b, draw_whole);
}
PH_RT static void exp_rand_init(void *state, const struct dsp_block *b)
{
    rand_of(state, b, draw_exponential);
}

PH_RT static void lin_rand_init(void *state, const struct dsp_block *b)
{
    struct random random = random_new(b);
    const lane lo = dsp_in(b, RAND_LO)[0], hi = dsp_in(b, RAND_HI)[0];
    const lane x = random_unit_of(random_draw(&random, lane_splat_i(-1)));
    const lane y = random_unit_of(random_draw(&random, lane_splat_i(-1)));
    const lane_i to_hi = lane_ge(dsp_in(b, RAND_SHAPE)[0], lane_splat(1.0f));
    ((struct rand *)state)->value =
        lane_select(to_hi, lane_max(x, y), lane_min(x, y)) * (hi - lo) + lo;
}

PH_RT static void nrand_init(void *state, const struct dsp_block *b)
{
    struct random random = random_new(b);
    const lane lo = dsp_in(b, RAND_LO)[0], hi = dsp_in(b, RAND_HI)[0];
    const float n = truncf(lane_get(lane_clamp(dsp_in(b, RAND_SHAPE)[0], 1, RAND_SUMMANDS_MAX), 0));
    lane sum = lane_splat(0.0f);
    for (uint32_t i = 0; i < (uint32_t)n; i++)
        sum += random_unit_of(random_draw(&random, lane_splat_i(-1)));
    ((struct rand *)state)->value = sum / n * (hi - lo) + lo;
}

const struct dsp_unit DSP(dsp_Rand) = { sizeof(struct rand), rand_init, rand_process, NULL, 0 };
const struct dsp_unit DSP(dsp_IRand) = { sizeof(struct rand), irand_init, rand_process, NULL, 0 };
const struct dsp_unit DSP(dsp_ExpRand) = { sizeof(struct rand), exp_rand_init, rand_process };
const struct dsp_unit DSP(dsp_LinRand) = { sizeof(struct rand), lin_rand_init, rand_process };
const struct dsp_unit DSP(dsp_NRand) = { sizeof(struct rand), nrand_init, rand_process, NULL, 0 };

/* ---------------------------------------------------------------------------- at triggers */

/*
 * TRand, TIRand, TExpRand - a random value, another one where a trigger rises.
 *
 * in      [0] lo   [1] hi, both as they are on that frame   [2] trig, rises through 0
 * out     [0] as Rand, IRand, ExpRand
 * state   generator, value, the trigger's last value: at birth its first, so that what is open then
 *         is no trigger
 * cost    a comparison per frame; a hash, for TExpRand a power too, where a trigger rises
 */
struct trand { struct random random; lane value, trigger; };
enum { TRAND_LO, TRAND_HI, TRAND_TRIGGER };

LANE_FN void trand_start(void *state, const struct dsp_block *b, distribution *draw)
{
    struct trand *const s = state;
    s->random = random_new(b);
    s->value = draw(dsp_in(b, TRAND_LO)[0], dsp_in(b, TRAND_HI)[0],
                    random_draw(&s->random, lane_splat_i(-1)));
    s->trigger = dsp_in(b, TRAND_TRIGGER)[0];
}

LANE_FN void trand_run(void *state, const struct dsp_block *b, distribution *draw)
{
    struct trand s = *(struct trand *)state;
    const lane *const lo = dsp_in(b, TRAND_LO), *const hi = dsp_in(b, TRAND_HI);
    const lane *const trigger = dsp_in(b, TRAND_TRIGGER);
    const uint32_t dl = dsp_step(b, TRAND_LO), dh = dsp_step(b, TRAND_HI);
    const uint32_t dt = dsp_step(b, TRAND_TRIGGER);
    lane *const out = dsp_out(b, 0);

    random_begin(&s.random, b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane now = trigger[i * dt];
        const lane_i rose = rises(now, s.trigger);
        if (lane_any(rose)) {
            const lane fresh = draw(lo[i * dl], hi[i * dh], random_draw(&s.random, rose));
            s.value = lane_select(rose, fresh, s.value);
        }
        s.trigger = now;
        out[i] = s.value;
    }
    *(struct trand *)state = s;
}

#define TRAND_UNIT(name, draw)                                                                     \
    PH_RT static void name##_init(void *state, const struct dsp_block *b)                         \
    {                                                                                              \
        trand_start(state, b, draw);                                                               \
    }                                                                                              \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                      \
    {                                                                                              \
        trand_run(state, b, draw);                                                                 \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##name) = { sizeof(struct trand), name##_init, name##_process,   \
                                              NULL, 0 };
TRAND_UNIT(TRand, draw_even)
TRAND_UNIT(TIRand, draw_whole)
TRAND_UNIT(TExpRand, draw_exponential)

/*
 * CoinGate - lets triggers through at random.
 *
 * in      [0] prob, share of the triggers that pass   [1] in, the trigger, rises through 0
 * out     [0] the input's value where a trigger that passes rises, else 0
 * state   generator; the input's last value, at birth its first
 */
struct coin_gate { struct random random; lane trigger; };
enum { COIN_PROBABILITY, COIN_IN };

PH_RT static void coin_gate_init(void *state, const struct dsp_block *b)
{
    *(struct coin_gate *)state = (struct coin_gate){ random_new(b), dsp_in(b, COIN_IN)[0] };
}

PH_RT static void coin_gate_process(void *state, const struct dsp_block *b)
{
    struct coin_gate s = *(struct coin_gate *)state;
    const lane *const share = dsp_in(b, COIN_PROBABILITY), *const trigger = dsp_in(b, COIN_IN);
    const uint32_t ds = dsp_step(b, COIN_PROBABILITY), dt = dsp_step(b, COIN_IN);
    lane *const out = dsp_out(b, 0);

    random_begin(&s.random, b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane now = trigger[i * dt];
        lane_i passes = rises(now, s.trigger);
        if (lane_any(passes))
            passes &= lane_lt(random_unit_of(random_draw(&s.random, passes)), share[i * ds]);
        s.trigger = now;
        out[i] = lane_where(passes, now);
    }
    *(struct coin_gate *)state = s;
}
const struct dsp_unit DSP(dsp_CoinGate) = { sizeof(struct coin_gate), coin_gate_init,
                                            coin_gate_process, NULL, 0 };

/*
 * TWindex - the number of a weight, as often as the weights say; another where a trigger rises.
 *
 * in      [0] trig, rises through 0   [1] normalize: 1 divides the weights by their sum
 *         [2] and on: the weights, as they are on that frame
 * out     [0] 0 for the first weight and so on; where they are used up before their sum reaches 1,
 *         the number of inputs, as in scsynth
 * state   generator, number, the trigger's last value: at birth its first
 * cost    a comparison per frame; two additions per weight where a trigger rises
 */
struct twindex { struct random random; lane number, trigger; };
enum { TWINDEX_TRIGGER, TWINDEX_NORMALIZE, TWINDEX_WEIGHTS };

LANE_FN lane twindex_draw(const struct dsp_block *b, uint32_t frame, lane share)
{
    const lane normalize = frame_of(b, TWINDEX_NORMALIZE, frame);
    lane total = lane_splat(0.0f), sum = total, number = lane_splat((float)b->n_in);
    lane_i found = lane_splat_i(0);

    for (uint32_t k = TWINDEX_WEIGHTS; k < b->n_in; k++)
        total += frame_of(b, k, frame);
    const lane one = lane_splat(1.0f);
    const lane goal = lane_select(lane_eq(normalize, one), total, one) * share;
    for (uint32_t k = TWINDEX_WEIGHTS; k < b->n_in; k++) {
        sum += frame_of(b, k, frame);
        const lane_i here = lane_ge(sum, goal) & ~found;
        number = lane_select(here, lane_splat((float)(k - TWINDEX_WEIGHTS)), number);
        found |= here;
    }
    return number;
}

PH_RT static void twindex_init(void *state, const struct dsp_block *b)
{
    struct twindex *const s = state;
    s->random = random_new(b);
    s->number = twindex_draw(b, 0, random_unit_of(random_draw(&s->random, lane_splat_i(-1))));
    s->trigger = dsp_in(b, TWINDEX_TRIGGER)[0];
}

PH_RT static void twindex_process(void *state, const struct dsp_block *b)
{
    struct twindex s = *(struct twindex *)state;
    const lane *const trigger = dsp_in(b, TWINDEX_TRIGGER);
    const uint32_t dt = dsp_step(b, TWINDEX_TRIGGER);
    lane *const out = dsp_out(b, 0);

    random_begin(&s.random, b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane now = trigger[i * dt];
        const lane_i rose = rises(now, s.trigger);
        if (lane_any(rose)) {
            const lane share = random_unit_of(random_draw(&s.random, rose));
            s.number = lane_select(rose, twindex_draw(b, i, share), s.number);
        }
        s.trigger = now;
        out[i] = s.number;
    }
    *(struct twindex *)state = s;
}
const struct dsp_unit DSP(dsp_TWindex) = { sizeof(struct twindex), twindex_init, twindex_process,
                                           NULL, 0 };

/* ---------------------------------------------------------------------------------- seeds */

#if LANE_W == 1

/*
 * RandSeed - begins the synth's random sequences anew.
 *
 * in      [0] trig, rises through 0   [1] seed, without the fraction, as it is on that frame
 * out     [0] 0. From the block on in which the trigger rises (units before this one: from the
 *         next), every random unit of the synth draws the sequence of that seed: the same in each
 *         synth of the definition and on each run. Values at birth too, where the trigger is open
 *         then
 * state   the trigger's last value: 0 at birth
 *
 * Units take the numbers of their sequences in the order in which they run. The time of seeding is
 * the block's number, or more: what is carried over an edit has seen lower ones.
 */
struct rand_seed { float trigger; };
enum { SEED_TRIGGER, SEED_SEED };

PH_RT static void rand_seed_init(void *state, const struct dsp_block *b)
{
    (void)b;
    ((struct rand_seed *)state)->trigger = 0;
}

PH_RT static void rand_seed_process(void *state, const struct dsp_block *b)
{
    struct rand_seed *const s = state;
    const float *const trigger = dsp_in(b, SEED_TRIGGER), *const seed = dsp_in(b, SEED_SEED);
    const uint32_t dt = dsp_step(b, SEED_TRIGGER), ds = dsp_step(b, SEED_SEED);
    struct dsp_node *const node = b->node;
    float *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (rises(trigger[i * dt], s->trigger)) {
            const uint32_t now = (uint32_t)b->env->block;
            node->seeded = now > node->seeded ? now : node->seeded + 1;
            node->random_seed = (uint32_t)(int32_t)lane_clamp(seed[i * ds], -0x1p30f, 0x1p30f);
            node->n_seeded = 0;
        }
        s->trigger = trigger[i * dt];
        out[i] = 0;
    }
}
const struct dsp_unit DSP(dsp_RandSeed) = { sizeof(struct rand_seed), rand_seed_init,
                                            rand_seed_process, NULL, 0 };

#endif

/*
 * RandID - names a generator; every unit has one of its own here.
 *
 * in      [0] id
 * out     [0] 0
 */
PH_RT static void rand_id_process(void *state, const struct dsp_block *b)
{
    (void)state;
    for (uint32_t i = 0; i < b->n_frames; i++)
        dsp_out(b, 0)[i] = lane_splat(0.0f);
}
const struct dsp_unit DSP(dsp_RandID) = { 0, dsp_no_init, rand_id_process, NULL, 0 };
