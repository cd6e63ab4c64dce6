/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/decay.h - how long reverbs ring.                                              */
#ifndef TESTS_SERVER_DSP_DECAY_H
#define TESTS_SERVER_DSP_DECAY_H

#include "tests/server/dsp/stream.h"

/**
 * Seconds to -60 dB of an impulse response: the slope from -5 to -35 dB of the energy that is still
 * to come (M. R. Schroeder, New Method of Measuring Reverberation Time, 1965), fitted by a line.
 */
static inline double decay_seconds_of(const float *x, uint32_t n, double rate_hz)
{
    double all = 0, left, n_points = 0, t = 0, y = 0, tt = 0, ty = 0;
    for (uint32_t i = 0; i < n; i++)
        all += (double)x[i] * x[i];
    left = all;
    for (uint32_t i = 0; i < n; i++) {
        const double db = 10 * log10(fmax(left / all, 1e-30)), s = i / rate_hz;
        left -= (double)x[i] * x[i];
        if (db > -5 || db < -35)
            continue;
        n_points++, t += s, y += db, tt += s * s, ty += s * db;
    }
    return -60 / ((n_points * ty - t * y) / (n_points * tt - t * t));
}

/** Correlation of two signals: 1 the same, -1 opposite, 0 nothing in common. */
static inline double correlation(const float *a, const float *b, uint32_t n)
{
    double ab = 0, aa = 0, bb = 0;
    for (uint32_t i = 0; i < n; i++)
        ab += (double)a[i] * b[i], aa += (double)a[i] * a[i], bb += (double)b[i] * b[i];
    return ab / sqrt(aa * bb);
}

static inline double energy(const float *x, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += (double)x[i] * x[i];
    return sum;
}

#endif
