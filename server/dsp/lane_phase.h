/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lane_phase.h - phases in fixed point, and the sine of one.                          */
/* room: audio.                                                                                   */
/*                                                                                                */
/* One turn is 2^32: a phase wraps by itself, never loses precision, and whole multiples of it    */
/* are exact. Where drift over hours counts, a phase has 64 bits.                                 */
#ifndef SERVER_DSP_LANE_PHASE_H
#define SERVER_DSP_LANE_PHASE_H

#include "server/dsp/lane.h"

#define LANE_QUARTER_TURN 0x40000000u

/** |x| of a signed number; 2^31 for the one that has no opposite. */
LANE_FN lane_u lane_magnitude(lane_u x)
{
#if LANE_W == 16 && defined(__AVX512F__)
    return (lane_u)_mm512_abs_epi32((__m512i)x);
#elif LANE_W == 8 && defined(__AVX2__)
    return (lane_u)_mm256_abs_epi32((__m256i)x);
#elif LANE_W == 1
    return (int32_t)x < 0 ? 0u - x : x;
#else
    const lane_u sign = lane_u_from_i(lane_i_from_u(x) >> 31);
    return (x ^ sign) - sign;
#endif
}

/** sin(t pi / 2) on -1 .. 1: within 1.6e-7, odd, 0 at 0; a minimax polynomial. */
LANE_FN lane lane_sin_quarter(lane t)
{
    const lane z = t * t;
    lane p = lane_fma(lane_splat(0.00014928478f), z, lane_splat(-0.00466894824f));
    p = lane_fma(p, z, lane_splat(0.0796861798f));
    p = lane_fma(p, z, lane_splat(-0.645962775f));
    p = lane_fma(p, z, lane_splat(1.57079625f));
    return p * t;
}

/**
 * The phase between -1/4 and 1/4 that has the same cosine as a quarter of a turn less than `phase`
 * has sine: fold(p - quarter) has the sine of p. Exact.
 */
LANE_FN lane_i lane_phase_fold(lane_u phase)
{
    return lane_i_from_u(LANE_QUARTER_TURN - lane_magnitude(phase));
}

/** cos of a phase, within 1.6e-7; exactly 0 at a quarter of a turn. */
LANE_FN lane lane_cos_phase(lane_u phase)
{
    return lane_sin_quarter(lane_from_i(lane_phase_fold(phase)) * 9.313225746154785e-10f);
}
LANE_FN lane lane_sin_phase(lane_u phase) { return lane_cos_phase(phase - LANE_QUARTER_TURN); }

/** The same for odd phases, which are never at a zero: an exponent saves a multiplication. */
LANE_FN lane lane_cos_odd(lane_u phase)
{
    const lane folded = lane_from_i(lane_phase_fold(phase));
    return lane_sin_quarter(lane_from_bits(lane_bits(folded) - (30 << 23)));
}

/** -0.5 .. 0.5 turns as phase, always even; NaN and what lies beyond: the ends. */
LANE_FN lane_u lane_phase_of_part(lane part)
{
    return lane_u_from_i(lane_to_i(lane_clamp(part, -0.5f, 0.5f) * 2147483648.0f)) * 2u;
}

/** A number of turns as phase, whole turns dropped; |turns| < 2^22. */
LANE_FN lane_u lane_phase_of_turns(lane turns)
{
    return lane_phase_of_part(turns - ((turns + 12582912.0f) - 12582912.0f));
}

/** Radians as phase; error below 2^-24 turns and, without a fused multiply-add, 2^-24 of x. */
LANE_FN lane_u lane_phase_of_radians(lane x)
{
    const lane per = lane_splat(0.159154937f), rest = lane_splat(6.42063833e-9f); /* 1 / 2 pi */
    const lane whole = lane_fma(x, per, lane_splat(12582912.0f)) - 12582912.0f;
    return lane_phase_of_part(lane_fma(x, rest, lane_fma(x, per, -whole)));
}

/** Phase as a distance from the last or next turn, -0.5 .. 0.5. */
LANE_FN lane lane_turns_signed(lane_u phase)
{
    return lane_from_i(lane_i_from_u(phase)) * 2.3283064365386963e-10f;
}

/*
 * A phase of 64 bits. Width 1 has a number of that length, for loops that the compiler vectorises;
 * wider lanes have two halves.
 */
#if LANE_W == 1

typedef uint64_t lane_long;

LANE_FN lane_long lane_long_of(lane_u hi, lane_u lo) { return (uint64_t)hi << 32 | lo; }
LANE_FN lane_u lane_long_hi(lane_long x) { return (lane_u)(x >> 32); }
LANE_FN lane_u lane_long_lo(lane_long x) { return (lane_u)x; }
LANE_FN lane_long lane_long_add(lane_long a, lane_long b) { return a + b; }
LANE_FN lane_long lane_long_sub(lane_long a, lane_long b) { return a - b; }
/** Mask of the lanes where a + b, which is `sum`, passed the end of a turn. */
LANE_FN lane_i lane_long_carried(lane_long sum, lane_long b) { return -(sum < b); }

#else

typedef struct { lane_u hi, lo; } lane_long;

LANE_FN lane_long lane_long_of(lane_u hi, lane_u lo) { return (lane_long){ hi, lo }; }
LANE_FN lane_u lane_long_hi(lane_long x) { return x.hi; }
LANE_FN lane_u lane_long_lo(lane_long x) { return x.lo; }
LANE_FN lane_long lane_long_add(lane_long a, lane_long b)
{
    const lane_u lo = a.lo + b.lo;
    return (lane_long){ a.hi + b.hi - (lane_u)(lo < b.lo), lo };
}
LANE_FN lane_long lane_long_sub(lane_long a, lane_long b)
{
    return (lane_long){ a.hi - b.hi + (lane_u)(a.lo < b.lo), a.lo - b.lo };
}
LANE_FN lane_i lane_long_carried(lane_long sum, lane_long b)
{
    return (lane_i)((sum.hi < b.hi) | ((sum.hi == b.hi) & (sum.lo < b.lo)));
}

#endif

/** A number of turns as phase, exact to 2^-60 turns; whole turns are dropped. |turns| < 2^22. */
LANE_FN lane_long lane_long_of_turns(lane turns)
{
    const lane part = turns - ((turns + 12582912.0f) - 12582912.0f);
    const lane x = part * 1073741824.0f;
    const lane_i high = lane_to_i(x), low = lane_to_i((x - lane_from_i(high)) * 1073741824.0f);
    /* 4 high + low / 2^28: low has a sign, which goes through */
    return lane_long_of(lane_u_from_i(high) * 4u + lane_u_from_i(low >> 28),
                        lane_u_from_i(low) << 4);
}

/**
 * The phase just below, and back. Going down, a turn ends where the phase reaches 0, not where it
 * passes it; so it runs one 2^-64 of a turn lower.
 */
LANE_FN lane_long phase_below(lane_long phase, lane_i where)
{
    return lane_long_add(phase, lane_long_of(lane_u_from_i(where), lane_u_from_i(where)));
}
LANE_FN lane_long phase_above(lane_long phase, lane_i where)
{
    return lane_long_add(phase, lane_long_of(lane_splat_u(0), lane_u_from_i(where) & 1u));
}

/* -------------------------------------------------------------------------------------- steps */

/** Replaces steps by the phases they lead to from `phase`, which moves on by all of them. */
LANE_FN void run_phase(lane_u *at, uint32_t n, lane_u *phase)
{
    lane_u sum = *phase;
    for (uint32_t i = 0; i < n; i++) {
        const lane_u step = at[i];
        at[i] = sum;
        sum += step;
    }
    *phase = sum;
}

/** Limits |freq| to a multiple of the rate: where the step's number ends. */
LANE_FN lane limit_freq(lane freq, float limit) { return lane_clamp(freq, -limit, limit); }

/**
 * Phase step of scsynth's table oscillators: freq in units of rate / 2^29, cut off towards zero,
 * so that pitch and phase agree with scsynth for as long as one likes. |freq| is limited to just
 * under 4 * rate, where the number ends.
 */
LANE_FN lane_u table_step(lane freq, float rate_hz)
{
    const lane_d units = lane_to_d(limit_freq(freq, 3.999f * rate_hz)) * (536870912.0 / rate_hz);
    return lane_u_from_i(lane_i_from_d(units)) << 3;
}

#endif
