/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lane_scan.h - first-order recursions over a block: y[i] = gain * x[i] + c * y[i-1]. */
/* room: audio.                                                                                   */
/*                                                                                                */
/* ROW frames at a time, counted from the call's first: sums S within the group by doubling       */
/* (Hillis and Steele, Data Parallel Algorithms), then y[j] = S[j] + c^(j+1) * y[-1]. Only that   */
/* last step waits for the group before.                                                          */
/*                                                                                                */
/* With c near 1 rounded powers of c would move the gain at 0 Hz, and a float that grows by parts */
/* smaller than its last bit stands still. So powers are kept as 1 - |c|^n, found without         */
/* cancellation, and y[-1] in two floats.                                                         */
#ifndef SERVER_DSP_LANE_SCAN_H
#define SERVER_DSP_LANE_SCAN_H

#include "server/dsp/lane_row.h"

/** The last output: hi rounded, lo what rounding left. */
struct scan { lane hi, lo; };

LANE_FN struct scan scan_from_d(lane_d y)
{
    const lane hi = lane_from_d(y);
    return (struct scan){ hi, lane_from_d(y - lane_to_d(hi)) };
}
LANE_FN lane_d scan_to_d(struct scan y) { return lane_to_d(y.hi) + lane_to_d(y.lo); }

/** 1 - p q, from 1 - p and 1 - q. */
LANE_FN lane scan_rest(lane p, lane q) { return lane_fma(-p, q, p + q); }

/**
 * y[-1] after a group whose sum is `sum`: sum + c^n (hi + lo), with h = 1 - |c|^n, and y already
 * given the sign of c^n.
 */
LANE_FN struct scan scan_carry(struct scan y, lane sum, lane h)
{
    const lane more = lane_fma(1.0f - h, y.lo, lane_fma(-h, y.hi, sum)), hi = y.hi + more;
    return (struct scan){ hi, more - (hi - y.hi) };
}

/** y with the sign of c^n for odd n. */
LANE_FN struct scan scan_odd(struct scan y, lane c)
{
    const lane_i sign = lane_bits(c) & INT32_MIN;
    return (struct scan){ lane_from_bits(lane_bits(y.hi) ^ sign),
                          lane_from_bits(lane_bits(y.lo) ^ sign) };
}

#if LANE_W == 1

/** 1 - |c|^n for n = 1 .. ROW, and |c|^n for n = 2, 4, 8. */
struct scan_powers { row h; float p2, p4, p8, last; };
LANE_FN struct scan_powers scan_powers(float h1)
{
    const float h2 = scan_rest(h1, h1), h4 = scan_rest(h2, h2), h8 = scan_rest(h4, h4);
    const float steps[] = { h1, h2, h4, h8 };
    row h = row_splat(h1);
    for (int m = 0; 1 << m < ROW; m++) {
        const row p = row_splat(steps[m]);
        h = row_where_bit(1 << m, row_fma(-p, h, p + h), h);
    }
    return (struct scan_powers){ h, 1.0f - h2, 1.0f - h4, 1.0f - h8, h[ROW - 1] };
}

LANE_FN row scan_sums(row x, float c, const struct scan_powers *p)
{
    x = row_fma(row_splat(c), row_later(x, 1), x);
    x = row_fma(row_splat(p->p2), row_later(x, 2), x);
    if (ROW > 4)
        x = row_fma(row_splat(p->p4), row_later(x, 4), x);
    if (ROW > 8)
        x = row_fma(row_splat(p->p8), row_later(x, 8), x);
    return x;
}

LANE_FN row scan_outputs(row sums, struct scan y, float c, const struct scan_powers *p)
{
    const row past = row_where_bit(1, row_splat(y.hi), row_splat(scan_odd(y, c).hi));
    return past + row_fma(-p->h, past, sums);
}

/** The groups of a call; the last may be a part of a row. */
LANE_FN struct scan scan_groups(const float *x, float *out, uint32_t n, float gain, float c,
                                float rest, struct scan y)
{
    const struct scan_powers p = scan_powers(rest);
    uint32_t i = 0;
    for (; i + ROW <= n; i += ROW) {
        const row sums = scan_sums(row_load(x + i) * gain, c, &p);
        row_store(out + i, scan_outputs(sums, y, c, &p));
        y = scan_carry(y, sums[ROW - 1], p.last);
    }
    if (i < n) {
        const row sums = scan_sums(row_load_part(x + i, n - i) * gain, c, &p);
        float h[ROW], sum[ROW];
        row_store(h, p.h);
        row_store(sum, sums);
        row_store_part(out + i, scan_outputs(sums, y, c, &p), n - i);
        y = scan_carry((n - i) % 2 ? scan_odd(y, c) : y, sum[n - i - 1], h[n - i - 1]);
    }
    return y;
}

#else

LANE_FN void scan_powers(lane h1, lane h[ROW])
{
    h[0] = h1;
    ROW_UNROLL
    for (int n = 1; n < ROW; n++) {
        const int top = n >= 8 ? 8 : n >= 4 ? 4 : n >= 2 ? 2 : 1;
        h[n] = scan_rest(h[top - 1], h[n - top]);
    }
}

LANE_FN void scan_sums(lane s[ROW], lane c, const lane h[ROW])
{
    ROW_UNROLL
    for (int by = 1; by < ROW; by *= 2) {
        const lane p = by == 1 ? c : 1.0f - h[by - 1];
        ROW_UNROLL
        for (int j = ROW - 1; j >= by; j--)
            s[j] = lane_fma(p, s[j - by], s[j]);
    }
}

LANE_FN struct scan scan_groups(const lane *x, lane *out, uint32_t n, lane gain, lane c, lane rest,
                                struct scan y)
{
    lane h[ROW], s[ROW];
    uint32_t i = 0;
    scan_powers(rest, h);
    for (; i + ROW <= n; i += ROW) {
        const lane past[2] = { scan_odd(y, c).hi, y.hi };
        ROW_UNROLL
        for (int j = 0; j < ROW; j++)
            s[j] = x[i + j] * gain;
        scan_sums(s, c, h);
        ROW_UNROLL
        for (int j = 0; j < ROW; j++)
            out[i + j] = past[j & 1] + lane_fma(-h[j], past[j & 1], s[j]);
        y = scan_carry(y, s[ROW - 1], h[ROW - 1]);
    }
    if (i < n) {
        const lane past[2] = { scan_odd(y, c).hi, y.hi };
        for (uint32_t j = 0; j < ROW; j++)
            s[j] = i + j < n ? x[i + j] * gain : lane_splat(0.0f);
        scan_sums(s, c, h);
        for (uint32_t j = 0; j < n - i; j++)
            out[i + j] = past[j & 1] + lane_fma(-h[j], past[j & 1], s[j]);
        y = scan_carry((n - i) % 2 ? scan_odd(y, c) : y, s[n - i - 1], h[n - i - 1]);
    }
    return y;
}

#endif

/**
 * Renders n frames of the recursion that stands at `y` and returns where it stands then.
 *
 * @param x     input, may be `out`
 * @param c     -1 .. 1
 * @param rest  1 - |c|; where c is that close to 1 that it rounds, this is what counts
 * Error: 2e-7 of the sum of what a group adds, and 2e-7 of the gain at 0 Hz.
 */
LANE_FN struct scan scan_run(const lane *x, lane *out, uint32_t n, lane gain, lane c, lane rest,
                             struct scan y)
{
    if (n > 1)
        return scan_groups(x, out, n, gain, c, rest, y);
    y = scan_carry(scan_odd(y, c), x[0] * gain, rest);
    out[0] = y.hi;
    return y;
}

#endif
