/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lag.c - approaches and decays timed to -60 dB: Lag, Lag2, Lag3, Decay, Decay2.      */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/decay.h"
#include "server/dsp/frames.h"
#include "server/dsp/one_pole.h"

/** 1 - coefficient: the time to -60 dB is `seconds`; 0 and less are over at once. */
LANE_FN lane lag_rest(lane seconds, float rate_hz)
{
    const lane frames = seconds * rate_hz, ln_1000 = lane_splat(6.90775528f);
    const lane rest = one_minus_exp(ln_1000 / lane_max(frames, lane_splat(1e-3f)));
    return lane_select(lane_gt(frames, lane_splat(0.0f)), rest, lane_splat(1.0f));
}

/** The coefficient's way through a call, as 1 - coefficient, in the lanes where it moves. */
struct lag_way { lane_i moves; lane from, to; };

LANE_FN struct lag_way lag_way(lane *seconds, lane *rest, lane now, float rate_hz)
{
    struct lag_way way = { lane_ne(now, *seconds), *rest, *rest };
    if (lane_any(way.moves)) {
        *rest = lane_select(way.moves, lag_rest(now, rate_hz), *rest);
        *seconds = now;
        way.to = *rest;
    }
    return way;
}

/*
 * Lag, Lag2, Lag3 - exponential approach to the input, once or two or three times over.
 *
 * in      [0] signal   [1] lagTime, seconds to -60 dB of each; 0 and less follow at once. At audio
 *         rate it counts once per block, as scsynth takes it
 * out     [0] smoothed signal; reaches a value that stands, and then is that value
 * state   all at the first value of the input; past 1e30 it is let go
 * cost    a scan each; one double multiply-add per frame and one exp where lagTime has changed
 */
struct lag { lane rest, seconds; struct scan y[3]; };
enum { LAG_IN, LAG_TIME };

LANE_FN void lag_init(void *state, const struct dsp_block *b, int n)
{
    struct lag *const s = state;
    for (int k = 0; k < n; k++)
        s->y[k] = (struct scan){ dsp_in(b, LAG_IN)[0], lane_splat(0.0f) };
    s->seconds = dsp_in(b, LAG_TIME)[0];
    s->rest = lag_rest(s->seconds, b->rate_hz);
}

/** A lagTime that stands: a scan over distances to the first input, so that no rounding stays. */
LANE_FN struct scan lag_run(const lane *x, lane *out, uint32_t n, struct scan y, lane rest)
{
    const lane near = x[0];
    lane distance[DSP_BLOCK_FRAMES];
    for (uint32_t i = 0; i < n; i++)
        distance[i] = x[i] - near;
    const struct scan start = { (y.hi - near) + y.lo, lane_splat(0.0f) };
    const struct scan end = scan_run(distance, out, n, rest, 1.0f - rest, rest, start);
    for (uint32_t i = 0; i < n; i++)
        out[i] += near;
    /* near + end.hi exactly, in two floats (Knuth) */
    const lane hi = near + end.hi, part = hi - near;
    return (struct scan){ hi, ((near - (hi - part)) + (end.hi - part)) + end.lo };
}

/** One approach; the coefficient's first step comes before the first frame. */
LANE_FN struct scan lag_stage(const lane *x, lane *out, uint32_t n, struct scan before,
                              const struct lag_way *way)
{
    struct scan y = before;
    if (!lane_all(way->moves))
        y = lag_run(x, out, n, y, way->from);
    if (lane_any(way->moves)) {
        const lane_d from = 1.0 - lane_to_d(way->from), to = 1.0 - lane_to_d(way->to);
        const lane_d step = (to - from) * (1.0 / n);
        y = scan_select(way->moves, moving_run(x, out, n, way->moves, scan_to_d(before),
                                               from + step, step, NULL, moving_approach), y);
    }
    return scan_bound(y);
}

LANE_FN void lag_process(void *state, const struct dsp_block *b, int n)
{
    struct lag *const s = state;
    lane space[DSP_BLOCK_FRAMES], between[2][DSP_BLOCK_FRAMES];
    const struct lag_way way = lag_way(&s->seconds, &s->rest, dsp_in(b, LAG_TIME)[0], b->rate_hz);
    const lane *x = frames_of(b, LAG_IN, space);
    for (int k = 0; k < n; k++) {
        lane *const to = k == n - 1 ? dsp_out(b, 0) : between[k];
        s->y[k] = lag_stage(x, to, b->n_frames, s->y[k], &way);
        x = to;
    }
}

#define LAG(name, Name, n)                                                                         \
    PH_RT static void name##_init(void *state, const struct dsp_block *b)                          \
    {                                                                                              \
        lag_init(state, b, n);                                                                     \
    }                                                                                              \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        lag_process(state, b, n);                                                                  \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { offsetof(struct lag, y) + (n) * sizeof(struct scan), \
                                              name##_init, name##_process, NULL, 0,           \
                                              birth_input }
LAG(lag1, Lag, 1);
LAG(lag2, Lag2, 2);
LAG(lag3, Lag3, 3);

/*
 * Decay, Decay2 - an impulse becomes an exponential decay.
 *
 * in      [0] signal
 *         Decay: [1] decayTime   Decay2: [1] attackTime [2] decayTime, seconds to -60 dB; 0 and
 *         less: none. At audio rate they count once per block
 * out     [0] y = x + coef * y1; of Decay2 the decay's y less the attack's
 * state   the last outputs, 0 at birth; past 1e30 they are let go
 * cost    a scan each; one double multiply-add per frame and one exp where a time has changed
 */
struct decay { lane rest[2], seconds[2]; struct scan y[2]; };
enum { DECAY_IN, DECAY_TIME };

LANE_FN void decay_init(void *state, const struct dsp_block *b)
{
    struct decay *const s = state;
    for (int k = 0; k < 2; k++) {
        s->y[k] = (struct scan){ lane_splat(0.0f), lane_splat(0.0f) };
        s->seconds[k] = dsp_in(b, b->n_in > 2 ? DECAY_TIME + k : DECAY_TIME)[0];
        s->rest[k] = lag_rest(s->seconds[k], b->rate_hz);
    }
}

/** Time k's decay of the input. */
LANE_FN void decay_stage(struct decay *s, const struct dsp_block *b, int k, const lane *x,
                         lane *out)
{
    const struct lag_way way = lag_way(&s->seconds[k], &s->rest[k], dsp_in(b, DECAY_TIME + k)[0],
                                       b->rate_hz);
    struct scan y = s->y[k];
    if (!lane_all(way.moves))
        y = scan_run(x, out, b->n_frames, lane_splat(1.0f), 1.0f - way.from, way.from, y);
    if (lane_any(way.moves)) {
        const lane_d from = 1.0 - lane_to_d(way.from), to = 1.0 - lane_to_d(way.to);
        y = scan_select(way.moves, moving_run(x, out, b->n_frames, way.moves, scan_to_d(s->y[k]),
                                              from, (to - from) * (1.0 / b->n_frames), NULL,
                                              moving_sum), y);
    }
    s->y[k] = scan_bound(y);
}

PH_RT static void decay_process(void *state, const struct dsp_block *b)
{
    lane space[DSP_BLOCK_FRAMES];
    decay_stage(state, b, 0, frames_of(b, DECAY_IN, space), dsp_out(b, 0));
}
const struct dsp_unit DSP(dsp_Decay) = { sizeof(struct decay), decay_init, decay_process, NULL, 0,
                                         decay_process };

PH_RT static void decay2_process(void *state, const struct dsp_block *b)
{
    lane space[DSP_BLOCK_FRAMES], attack[DSP_BLOCK_FRAMES];
    const lane *const x = frames_of(b, DECAY_IN, space);
    lane *const out = dsp_out(b, 0);
    decay_stage(state, b, 0, x, attack);
    decay_stage(state, b, 1, x, out);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] -= attack[i];
}
const struct dsp_unit DSP(dsp_Decay2) = { sizeof(struct decay), decay_init, decay2_process, NULL, 0,
                                          decay2_process };
