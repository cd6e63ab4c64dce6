/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/dynamics.c - dynamics, LANGUAGE 15.4.                                         */
/*                                                                                                */
/* What decides about a gain is a follower and arithmetic in dB: each step is a unit of its own.  */
#include "client/functions/make.h"

#include "protocol/units.h"

/* Thresholds above 0 are linear, others dB. */
static struct ph_input threshold_db(struct unit_build *u, struct ph_input threshold)
{
    const struct ph_input zero = k(u, 0), linear = unit_binary(u, PH_BINARY_GT, threshold, zero);
    const struct ph_input as_db = unit_unary(u, PH_UNARY_AMPDB, threshold);
    double known = 0;

    if (unit_is_const(u, threshold, &known))
        return known > 0 ? as_db : threshold;
    return UNIT(u, "Select", linear, threshold, as_db);
}

/* dB by which the follower of `key` exceeds the threshold, 0 or more. */
static struct ph_input over_db(struct unit_build *u, struct ph_input key, struct ph_input threshold,
                               struct ph_input attack, struct ph_input release)
{
    const struct ph_input level = UNIT(u, "Follower", key, attack, release);
    const struct ph_input over = sub(u, unit_unary(u, PH_UNARY_AMPDB, level),
                                     threshold_db(u, threshold));
    return unit_binary(u, PH_BINARY_MAX, over, k(u, 0));
}

/* x by a gain in dB */
static struct ph_input amplified(struct unit_build *u, struct ph_input x, struct ph_input gain_db)
{
    return mul(u, x, unit_unary(u, PH_UNARY_DBAMP, gain_db));
}

/* Ratios below 1 are those of the other way to write them: 1/4 is 4. */
static struct ph_input compressed(struct unit_build *u, struct ph_input x, struct ph_input over,
                                  struct ph_input ratio, struct ph_input makeup_db)
{
    const struct ph_input inverse = quotient(u, k(u, 1), ratio);
    const struct ph_input slope = sub(u, k(u, 1), unit_binary(u, PH_BINARY_MIN, ratio, inverse));
    return amplified(u, x, sub(u, makeup_db, mul(u, over, slope)));
}

/* in, threshold, ratio, attack, release, makeup */
struct ph_input make_compressor(struct unit_build *u, const struct ph_input *a)
{
    return compressed(u, a[0], over_db(u, a[0], a[1], a[3], a[4]), a[2], a[5]);
}

/* in, key, threshold, ratio, attack, release */
struct ph_input make_sidechain_compressor(struct unit_build *u, const struct ph_input *a)
{
    return compressed(u, a[0], over_db(u, a[1], a[2], a[4], a[5]), a[3], k(u, 0));
}

/* in, threshold, ratio, attack, release */
struct ph_input make_expander(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input over = over_db(u, a[0], a[1], a[3], a[4]);
    const struct ph_input boost_db = mul(u, over, sub(u, a[2], k(u, 1)));
    return amplified(u, a[0], unit_binary(u, PH_BINARY_MIN, boost_db, k(u, 24)));
}

/* in, threshold, attack, release. Another look-ahead is
 * another unit: its memory has another length. */
struct ph_input make_limiter(struct unit_build *u, const struct ph_input *a)
{
    double look_ahead = 0;

    unit_is_const(u, a[2], &look_ahead);
    u->seed = ph_hash(u->seed, &look_ahead, sizeof look_ahead);
    return UNIT(u, "PeakLimiter", a[0], a[2], a[1], a[3]);
}

/* Attacks are where a fast follower is above a slow one. */
struct unit_followers { struct ph_input fast, slow; };
static struct unit_followers followers(struct unit_build *u, struct ph_input x)
{
    const struct ph_input fast = UNIT(u, "Follower", x, k(u, 0.0005), k(u, 0.02));
    return (struct unit_followers){ fast, UNIT(u, "Follower", x, k(u, 0.015), k(u, 0.08)) };
}

/* in, attack, sustain in dB: by the share of the fast follower that the slow one has not reached */
struct ph_input make_transient_shaper(struct unit_build *u, const struct ph_input *a)
{
    const struct unit_followers f = followers(u, a[0]);
    const struct ph_input some = unit_binary(u, PH_BINARY_MAX, f.fast, k(u, 1e-9));
    const struct ph_input share = quotient(u, sub(u, f.fast, f.slow), some);
    const struct ph_input attack = unit_binary(u, PH_BINARY_MAX, share, k(u, 0));
    return amplified(u, a[0], blend(u, a[2], a[1], attack));
}

/* in, threshold: 1 where fast and slow differ by more, then down to 1/e in 50 ms */
struct ph_input make_transient(struct unit_build *u, const struct ph_input *a)
{
    const struct unit_followers f = followers(u, a[0]);
    const struct ph_input rises = unit_binary(u, PH_BINARY_GT, sub(u, f.fast, f.slow), a[1]);
    return UNIT(u, "Follower", rises, k(u, 0), k(u, 0.05));
}
