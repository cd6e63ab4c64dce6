/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/stream.h - runs a unit over long signals, cut into calls of any length.       */
#ifndef TESTS_SERVER_DSP_STREAM_H
#define TESTS_SERVER_DSP_STREAM_H

#include "tests/server/dsp/unit_host.h"

/** Lengths of calls that no unit could guess: single frames, primes, whole blocks. */
enum { CUT_UNEVENLY = 0 };
static const uint32_t uneven_cuts[] = { 1, 7, 64, 13, 1, 33, 64, 2, 3, 61 };

/** Gives input i a signal at audio rate, the same in all lanes; frames `at` .. at + n - 1 of it. */
static inline void host_feed(struct unit_host *h, uint32_t i, const float *signal, uint32_t at,
                             uint32_t n)
{
    h->in_rate[i] = AR;
    for (uint32_t f = 0; f < n; f++)
        for (uint32_t k = 0; k < h->width; k++)
            h->in[i][f * h->width + k] = signal[at + f];
}

/**
 * Renders n frames in calls of `part` frames (CUT_UNEVENLY: of many lengths). `signals[i]` feeds
 * input i; NULL leaves what host_set() put there. `outs[o]` (may be NULL) receives output o as
 * [frame][lane]. Runs `init` if it hasn't run.
 */
static inline void stream_run(struct unit_host *h, const float *const *signals, uint32_t n_signals,
                              uint32_t n, uint32_t part, float *const *outs)
{
    uint32_t cut = 0;
    for (uint32_t at = 0; at < n;) {
        uint32_t now = part ? part : uneven_cuts[cut++ % (sizeof uneven_cuts / sizeof(uint32_t))];
        if (now > n - at)
            now = n - at;
        for (uint32_t i = 0; i < n_signals; i++)
            if (signals[i])
                host_feed(h, i, signals[i], at, now);
        if (!h->state)
            host_init(h);
        host_call(h, 0, now);
        for (uint32_t o = 0; o < h->b.n_out; o++)
            if (outs[o])
                memcpy(outs[o] + (size_t)at * h->width, h->out[o],
                       sizeof(float) * now * h->width);
        at += now;
    }
}

/** One signal into input 0, output 0 out. */
static inline void stream(struct unit_host *h, const float *in, uint32_t n, uint32_t part,
                          float *out)
{
    float *const outs[HOST_OUTPUTS] = { out };
    stream_run(h, &in, 1, n, part, outs);
}

/** Repeatable values in -1 .. 1. */
static inline void fill_noise(float *x, uint32_t n, uint32_t seed)
{
    for (uint32_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = (float)(int32_t)seed / 2147483648.0f;
    }
}

static inline void fill_sine(float *x, uint32_t n, double hz, double rate_hz, double level)
{
    for (uint32_t i = 0; i < n; i++)
        x[i] = (float)(level * sin(6.283185307179586 * hz * i / rate_hz));
}

static inline void fill_impulse(float *x, uint32_t n)
{
    memset(x, 0, n * sizeof(float));
    x[0] = 1;
}

static inline double peak(const float *x, uint32_t n)
{
    double y = 0;
    for (uint32_t i = 0; i < n; i++)
        y = fmax(y, fabs((double)x[i]));
    return y;
}

static inline double rms(const float *x, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += (double)x[i] * x[i];
    return sqrt(sum / n);
}

static inline bool all_finite(const float *x, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

/** Fails where two signals are not the same bits. */
static inline void assert_same(const float *a, const float *b, uint32_t n, const char *what)
{
    for (uint32_t i = 0; i < n; i++)
        if (memcmp(&a[i], &b[i], sizeof(float)) != 0 && a[i] != b[i])
            ck_abort_msg("%s: frame %u is %.9g, expected %.9g", what, i, (double)b[i],
                         (double)a[i]);
}

/** Within rounding: the difference is 110 dB below the signal (DESIGN 4). */
static inline void assert_close(const float *expected, const float *x, uint32_t n,
                                const char *what)
{
    double error = 0, sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        error += ((double)x[i] - expected[i]) * ((double)x[i] - expected[i]);
        sum += (double)expected[i] * expected[i];
    }
    ck_assert_double_gt(sum, 0);
    ck_assert_msg(error <= sum * 1e-11, "%s: off by %.1f dB", what, to_db(sqrt(error / sum)));
}

#endif
