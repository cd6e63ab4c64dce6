/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lane_curve.h - levels that move on a straight line or towards a point.              */
/* room: audio.                                                                                   */
/*                                                                                                */
/* From frame to frame level += level * e + s: a straight line where e is 0, exponential where s  */
/* is, else a curve towards -s / e. In groups of ROW frames, counted from the call's or the       */
/* segment's first: level[j] = level + slope * K[j], K[j] = 1 + g + .. + g^(j-1) with g = 1 + e.  */
/* Level and the step over a group are double, so that a segment of minutes arrives; what lies    */
/* between is float.                                                                              */
#ifndef SERVER_DSP_LANE_CURVE_H
#define SERVER_DSP_LANE_CURVE_H

#include "server/dsp/lane_double.h"
#include "server/dsp/lane_row.h"

/** One voice's course. `group` is K[ROW]. */
struct curve { double level, e, s, group; };
/** Side by side. */
struct curves { double level[LANE_W], e[LANE_W], s[LANE_W], group[LANE_W]; };

LANE_FN struct curve curves_get(const struct curves *c, int k)
{
    return (struct curve){ c->level[k], c->e[k], c->s[k], c->group[k] };
}
LANE_FN void curves_set(struct curves *c, int k, struct curve x)
{
    c->level[k] = x.level, c->e[k] = x.e, c->s[k] = x.s, c->group[k] = x.group;
}

/** Makes the level stand. */
LANE_FN struct curve curve_still(double level)
{
    return (struct curve){ level, 0.0, 0.0, ROW };
}
/** On a straight line, `step` from frame to frame. */
LANE_FN struct curve curve_line(double level, double step)
{
    return (struct curve){ level, 0.0, step, ROW };
}
/** Away from or towards `pivot`, the distance growing by the factor 1 + e from frame to frame. */
LANE_FN struct curve curve_exponential(double level, double pivot, double e)
{
    double k = 0.0;
    for (int j = 0; j < ROW; j++)
        k += 1.0 + e * k;
    return (struct curve){ level, e, -pivot * e, k };
}

LANE_FN double curve_fma(double a, double b, double c)
{
#if defined(__FMA__)
    return __builtin_fma(a, b, c);
#else
    return a * b + c;
#endif
}

/* K by doubling: with h = g^m - 1, K[m+j] = K[m] + K[j] + h K[j], and g^2m - 1 = h (2 + h). */

LANE_FN float curve_fma_f(float a, float b, float c)
{
#if defined(__FMA__)
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

/** K[0 .. ROW-1] of one voice. */
LANE_FN row curve_sums(float e)
{
    const float k2 = 2.0f + e, h2 = e * k2;
    const float k4 = curve_fma_f(h2, k2, k2 + k2), h4 = h2 * (2.0f + h2);
    const float k8 = curve_fma_f(h4, k4, k4 + k4), h8 = h4 * (2.0f + h4);
    row k = row_where_bit(1, row_splat(1.0f), row_splat(0.0f));
    k = row_where_bit(2, row_fma(row_splat(h2), k, k + k2), k);
    if (ROW > 4)
        k = row_where_bit(4, row_fma(row_splat(h4), k, k + k4), k);
    if (ROW > 8)
        k = row_where_bit(8, row_fma(row_splat(h8), k, k + k8), k);
    return k;
}

/** Writes n frames of one voice and moves it on. */
LANE_FN struct curve curve_run(struct curve c, float *out, uint32_t n)
{
    if (n == 1) {
        out[0] = (float)c.level;
        c.level += curve_fma(c.level, c.e, c.s);
        return c;
    }
    const row k = curve_sums((float)c.e);
    uint32_t i = 0;
    for (; i + ROW <= n; i += ROW) {
        const double slope = curve_fma(c.level, c.e, c.s);
        row_store(out + i, row_fma(row_splat((float)slope), k, row_splat((float)c.level)));
        c.level = curve_fma(slope, c.group, c.level);
    }
    if (i < n) {
        const double slope = curve_fma(c.level, c.e, c.s);
        float sums[ROW];
        row_store(sums, k);
        row_store_part(out + i, row_fma(row_splat((float)slope), k, row_splat((float)c.level)),
                       n - i);
        c.level = curve_fma(slope, sums[n - i], c.level);
    }
    return c;
}

#if LANE_W > 1

/** K[0 .. ROW-1] side by side. */
LANE_FN void curves_sums(lane e, lane k[ROW])
{
    lane h = e;
    k[0] = lane_splat(0.0f);
    k[1] = lane_splat(1.0f);
    ROW_UNROLL
    for (int n = 2; n < ROW; n++) {
        const int top = n >= 8 ? 8 : n >= 4 ? 4 : 2;
        if (n == 2) {
            k[2] = 2.0f + e;
            h = e * k[2];
        } else if (n == top) {
            k[n] = lane_fma(h, k[n / 2], k[n / 2] + k[n / 2]);
            h = h * (2.0f + h);
        } else {
            k[n] = lane_fma(h, k[n - top], k[n - top] + k[top]);
        }
    }
}

/** Writes n frames of all lanes and moves them on. */
LANE_FN void curves_run(struct curves *c, lane *out, uint32_t n)
{
    const lane_dd e = lane_dd_load(c->e), s = lane_dd_load(c->s);
    lane_dd level = lane_dd_load(c->level);
    if (n == 1) {
        out[0] = lane_from_dd(level);
        lane_dd_store(c->level, lane_dd_add(level, lane_dd_fma(level, e, s)));
        return;
    }
    const lane_dd group = lane_dd_load(c->group);
    lane k[ROW];
    uint32_t i = 0;
    curves_sums(lane_from_dd(e), k);
    for (; i + ROW <= n; i += ROW) {
        const lane_dd slope = lane_dd_fma(level, e, s);
        const lane base = lane_from_dd(level), step = lane_from_dd(slope);
        ROW_UNROLL
        for (int j = 0; j < ROW; j++)
            out[i + j] = lane_fma(step, k[j], base);
        level = lane_dd_fma(slope, group, level);
    }
    if (i < n) {
        const lane_dd slope = lane_dd_fma(level, e, s);
        const lane base = lane_from_dd(level), step = lane_from_dd(slope);
        for (uint32_t j = 0; j < n - i; j++)
            out[i + j] = lane_fma(step, k[j], base);
        level = lane_dd_fma(slope, lane_dd_from(k[n - i]), level);
    }
    lane_dd_store(c->level, level);
}

#endif

#endif
