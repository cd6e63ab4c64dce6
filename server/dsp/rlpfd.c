/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/rlpfd.c - RLPFD: the distorting low-pass of a bass machine.                         */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/frames.h"
#include "server/dsp/lane_double.h"

/*
 * RLPFD
 *
 * in      [0] signal   [1] ffreq, Hz
 *         [2] res      0 .. 1, at which it is about to ring, clamped to +-1e9
 *         [3] dist     0 .. 1000; it counts once per block, as ffreq and res do where they are not
 *                      at audio rate: then pole, feedback and res move on straight lines
 * out     [0] signal, within -1 .. 1, 18 dB per octave
 * state   three stages and what goes into them; pole and feedback in use. Past 1e15, or not a
 *         number, a stage is let go
 * quirk   from ffreq 0.4 * rate up, and below 0, scsynth's poles are not stable; here just so
 * cost    thirty operations, three roots and three divisions per frame
 * source  three stages (1 + p) / 2 (1 + z^-1) / (1 + p z^-1) in a loop through x / sqrt(1 + x^2);
 *         p and the feedback at which it rings by J. M. Comajuncos' cubic fits
 */
struct rlpfd { lane x, y[3], pole, scale, freq, res; };
enum { IN, FREQ, RES, DIST };

/** The pole of a cutoff that is `share` of half the rate; in double, for it is near -1. */
LANE_FN lane rlpfd_pole(lane share)
{
    const lane_dd f = lane_dd_from(share);
    lane_dd p = lane_dd_fma(f, lane_dd_splat(-2.7441), lane_dd_splat(3.1433));
    p = lane_dd_fma(p, f, lane_dd_splat(1.74));
    return lane_clamp(lane_from_dd(lane_dd_fma(p, f, lane_dd_splat(-0.9984))), -0.9999f, 0.9999f);
}

/** The feedback at which a loop of that pole rings. */
LANE_FN lane rlpfd_scale(lane pole)
{
    const lane_dd more = lane_dd_from(pole + 1.0f);
    lane_dd p = lane_dd_fma(more, lane_dd_splat(2.7079), lane_dd_splat(10.963));
    p = lane_dd_fma(p, more, lane_dd_splat(-14.934));
    return lane_from_dd(lane_dd_fma(p, more, lane_dd_splat(8.4974)));
}

LANE_FN lane rlpfd_share(lane freq, float rate_hz)
{
    return lane_clamp(freq, -1e6f, 1e6f) * (2.0f / rate_hz);
}
LANE_FN lane rlpfd_res(const struct dsp_block *b, uint32_t frame)
{
    return lane_clamp(frame_of(b, RES, frame), -1e9f, 1e9f);
}

PH_RT static void rlpfd_init(void *state, const struct dsp_block *b)
{
    const lane freq = dsp_in(b, FREQ)[0], zero = lane_splat(0.0f);
    const lane pole = rlpfd_pole(rlpfd_share(freq, b->rate_hz));
    *(struct rlpfd *)state = (struct rlpfd){ zero, { zero, zero, zero }, pole,
                                             rlpfd_scale(pole), freq, rlpfd_res(b, 0) };
}

LANE_FN lane rlpfd_bend(lane x) { return x / lane_sqrt(1.0f + x * x); }

/** One frame; `feedback` is res times the scale, `push` what the last stage is multiplied by. */
LANE_FN lane rlpfd_frame(struct rlpfd *s, lane in, lane feedback, lane push)
{
    lane x = in - feedback * s->y[2] / lane_sqrt(1.0f + s->y[2] * s->y[2]), before = s->x;
    s->x = x;
    for (int k = 0; k < 3; k++) {
        const lane sum = x + before;
        before = s->y[k];
        x = s->y[k] = sum * (s->pole + 1.0f) * 0.5f - s->pole * before;
    }
    return s->y[2] = rlpfd_bend(s->y[2] * push);
}

/** How pole, scale and res go through a call from where they are. */
struct rlpfd_path { lane pole, scale, res; };
LANE_FN struct rlpfd_path rlpfd_path(struct rlpfd *s, const struct dsp_block *b)
{
    const float part = 1.0f / (float)b->n_frames;
    const lane freq = dsp_in(b, FREQ)[0];
    const lane_i moves = lane_ne(freq, s->freq);
    const lane pole = rlpfd_pole(rlpfd_share(freq, b->rate_hz));
    s->freq = freq;
    return (struct rlpfd_path){ lane_where(moves, (pole - s->pole) * part),
                                lane_where(moves, (rlpfd_scale(pole) - s->scale) * part),
                                (rlpfd_res(b, 0) - s->res) * part };
}

LANE_FN lane rlpfd_sane(lane x) { return lane_where(lane_lt(lane_abs(x), lane_splat(1e15f)), x); }
LANE_FN void rlpfd_bound(struct rlpfd *s)
{
    s->x = rlpfd_sane(s->x);
    for (int k = 0; k < 3; k++)
        s->y[k] = rlpfd_sane(s->y[k]);
}

PH_RT static void rlpfd_process(void *state, const struct dsp_block *b)
{
    struct rlpfd s = *(struct rlpfd *)state;
    const lane *const in = dsp_in(b, IN), *const freq = dsp_in(b, FREQ);
    const uint32_t di = dsp_step(b, IN);
    const lane dist = lane_clamp(dsp_in(b, DIST)[0], 0.0f, 1000.0f) * 0.001f;
    const bool follows_freq = dsp_step(b, FREQ), follows_res = dsp_step(b, RES);
    const struct rlpfd_path path = rlpfd_path(&s, b);
    lane *const out = dsp_out(b, 0), share = rlpfd_share(freq[0], b->rate_hz);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (follows_freq) {
            s.freq = freq[i];
            share = rlpfd_share(s.freq, b->rate_hz);
            s.pole = rlpfd_pole(share);
            s.scale = rlpfd_scale(s.pole);
        }
        if (follows_res)
            s.res = rlpfd_res(b, i);
        const lane feedback = s.res * s.scale;
        out[i] = rlpfd_frame(&s, in[i * di], feedback,
                             1.0f + dist * (1.5f + 2.0f * feedback * (1.0f - share)));
        s.pole += path.pole, s.scale += path.scale, s.res += path.res;
    }
    rlpfd_bound(&s);
    *(struct rlpfd *)state = s;
}
const struct dsp_unit DSP(dsp_RLPFD) = { sizeof(struct rlpfd), rlpfd_init, rlpfd_process, NULL, 0,
                                         birth_zero };
