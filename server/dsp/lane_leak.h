/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lane_leak.h - the leaky integrator y = x + k y over a block, k a constant.          */
/* room: audio.                                                                                   */
/*                                                                                                */
/* Four frames at a time, counted from the call's first: sums within the group by doubling, then  */
/* powers of k times the y before the group, so that one fused multiply-add per four frames waits */
/* for the one before. Width 1 does the same with four frames in a register.                      */
#ifndef SERVER_DSP_LANE_LEAK_H
#define SERVER_DSP_LANE_LEAK_H

#include "server/dsp/lane.h"

/** k, k^2, k^3, k^4. */
struct lane_leak { float k, k2, k3, k4; };
LANE_FN struct lane_leak lane_leak(double k)
{
    return (struct lane_leak){ (float)k, (float)(k * k), (float)(k * k * k), (float)(k * k * k * k) };
}

#if LANE_W == 1

typedef float lane_four __attribute__((vector_size(16)));

LANE_FN lane_four lane_four_fma(lane_four a, lane_four b, lane_four c)
{
#if defined(__FMA__)
    lane_four r;
    for (int i = 0; i < 4; i++)
        r[i] = __builtin_fmaf(a[i], b[i], c[i]);
    return r;
#else
    return a * b + c;
#endif
}

LANE_FN void lane_leak_group(lane x[4], struct lane_leak leak, lane *y)
{
    const lane_four zero = { 0 }, last = { leak.k4, leak.k4, leak.k4, leak.k4 };
    const lane_four k = { leak.k, leak.k, leak.k, leak.k }, k2 = { leak.k2, leak.k2, leak.k2, leak.k2 };
    const lane_four powers = { leak.k, leak.k2, leak.k3, leak.k4 }, past = { *y, *y, *y, *y };
    lane_four s;
    memcpy(&s, x, sizeof s);
    s = lane_four_fma(k, __builtin_shufflevector(s, zero, 4, 0, 1, 2), s);
    s = lane_four_fma(k2, __builtin_shufflevector(s, zero, 4, 4, 0, 1), s);
    const lane_four out = lane_four_fma(powers, past, s);
    memcpy(x, &out, sizeof out);
    *y = lane_four_fma(last, past, __builtin_shufflevector(s, s, 3, 3, 3, 3))[0];
}

#else

LANE_FN void lane_leak_group(lane x[4], struct lane_leak leak, lane *y)
{
    const lane k = lane_splat(leak.k), k2 = lane_splat(leak.k2), past = *y;
    const lane b = lane_fma(k, x[0], x[1]), c = lane_fma(k, x[1], x[2]), d = lane_fma(k, x[2], x[3]);
    x[3] = *y = lane_fma(lane_splat(leak.k4), past, lane_fma(k2, b, d));
    x[2] = lane_fma(lane_splat(leak.k3), past, lane_fma(k2, x[0], c));
    x[1] = lane_fma(k2, past, b);
    x[0] = lane_fma(k, past, x[0]);
}

#endif

/** Integrates n frames in place; y is the last output, before and after. */
LANE_FN void lane_leak_run(lane *x, uint32_t n, struct lane_leak leak, lane *y)
{
    uint32_t i = 0;
    for (; i + 4 <= n; i += 4)
        lane_leak_group(x + i, leak, y);
    if (i == n)
        return;
    lane rest[4] = { lane_splat(0.0f), lane_splat(0.0f), lane_splat(0.0f), lane_splat(0.0f) };
    memcpy(rest, x + i, (n - i) * sizeof rest[0]);
    lane_leak_group(rest, leak, y);
    memcpy(x + i, rest, (n - i) * sizeof rest[0]);
    *y = x[n - 1];
}

#endif
