/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lag.c - approaches and decays timed to -60 dB: Lag, Lag2, Lag3, Decay, Decay2.      */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/decay.h"
#include "server/dsp/frames.h"
#include "server/dsp/one_pole.h"
#include "server/dsp/part.h"

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

/** The coefficient that leaves `rest`, which is what counts where it is near 1. */
LANE_FN lane_dd coef_of(lane rest)
{
    return lane_dd_sub(lane_dd_splat(1.0), lane_dd_from(rest));
}

/*
 * Lag, Lag2, Lag3 - exponential approach to the input, once or two or three times over.
 *
 * in      [0] signal   [1] lagTime, seconds to -60 dB of each; 0 and less follow at once. At audio
 *         rate it counts once per block, as scsynth takes it
 * out     [0] smoothed signal; reaches a value that stands, and then is that value
 * state   all at the first value of the input, in double; past 1e30 it is let go
 * cost    as one_pole.h's; one exp where lagTime has changed
 */
struct lag { lane rest, seconds; };
struct lag1 { lane_dd y[1]; struct lag s; };
struct lag2 { lane_dd y[2]; struct lag s; };
struct lag3 { lane_dd y[3]; struct lag s; };
enum { LAG_IN, LAG_TIME };

LANE_FN void lag_init(lane_dd *y, struct lag *s, const struct dsp_block *b, int n)
{
    for (int k = 0; k < n; k++)
        y[k] = lane_dd_from(dsp_in(b, LAG_IN)[0]);
    s->seconds = dsp_in(b, LAG_TIME)[0];
    s->rest = lag_rest(s->seconds, b->rate_hz);
}

/** n approaches in a row whose coefficients stand; between them nothing is rounded. */
LANE_FN void lag_stand(const lane *x, lane *out, uint32_t n_frames, lane_dd *y, int n, lane rest)
{
    const lane_dd gain = lane_dd_from(rest), c = coef_of(rest);
    uint32_t i = 0;
    for (; i + 2 <= n_frames; i += 2) {
        struct frame_pair pair = pair_from(x + i);
        for (int k = 0; k < n; k++)
            pair = one_pole_pair(&y[k], pair_times(pair, gain), c);
        pair_to(out + i, pair);
    }
    for (; i < n_frames; i++) {
        lane_dd in = lane_dd_from(x[i]);
        for (int k = 0; k < n; k++)
            in = one_pole_frame(&y[k], lane_dd_mul(in, gain), c);
        out[i] = lane_from_dd(in);
    }
}

/** The same in the lanes where the coefficient moves; its first step comes before the frames. */
LANE_FN void lag_move(const lane *x, lane *out, uint32_t n_frames, lane_dd *y, int n,
                      const struct lag_way *way)
{
    struct moving coef = moving_to(coef_of(way->from), coef_of(way->to), n_frames);
    moving_next(&coef);
    for (uint32_t i = 0; i < n_frames; i++) {
        const lane_dd c = moving_next(&coef);
        lane_dd in = lane_dd_from(x[i]);
        for (int k = 0; k < n; k++)
            in = one_pole_approach(&y[k], in, c);
        out[i] = lane_select(way->moves, lane_from_dd(in), out[i]);
    }
}

LANE_FN void lag_process(lane_dd *state, struct lag *s, const struct dsp_block *b, int n)
{
    lane space[DSP_BLOCK_FRAMES];
    const struct lag_way way = lag_way(&s->seconds, &s->rest, dsp_in(b, LAG_TIME)[0], b->rate_hz);
    const lane *const x = frames_of(b, LAG_IN, space);
    lane_dd stood[3], moved[3];

    for (int k = 0; k < n; k++)
        stood[k] = moved[k] = state[k];
    if (!lane_all(way.moves))
        lag_stand(x, dsp_out(b, 0), b->n_frames, stood, n, way.from);
    if (lane_any(way.moves))
        lag_move(x, dsp_out(b, 0), b->n_frames, moved, n, &way);
    for (int k = 0; k < n; k++)
        state[k] = one_pole_bound(one_pole_select(way.moves, moved[k], stood[k]));
}

#define LAG(name, Name, n)                                                                         \
    PH_RT static void name##_init(void *state, const struct dsp_block *b)                          \
    {                                                                                              \
        struct name *const s = state;                                                              \
        lag_init(s->y, &s->s, b, n);                                                               \
    }                                                                                              \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        struct name *const s = state;                                                              \
        lag_process(s->y, &s->s, b, n);                                                            \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { sizeof(struct name), name##_init, name##_process,    \
                                              NULL, n, birth_input }
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
 * state   the last outputs, 0 at birth, in double; past 1e30 they are let go
 * cost    as one_pole.h's, of Decay2 twice; one exp where a time has changed
 */
struct decay { lane_dd y[2]; lane rest[2], seconds[2]; };
enum { DECAY_IN, DECAY_TIME };

LANE_FN void decay_init(void *state, const struct dsp_block *b)
{
    struct decay *const s = state;
    for (int k = 0; k < 2; k++) {
        s->y[k] = lane_dd_splat(0.0);
        s->seconds[k] = dsp_in(b, b->n_in > 2 ? DECAY_TIME + k : DECAY_TIME)[0];
        s->rest[k] = lag_rest(s->seconds[k], b->rate_hz);
    }
}

/** n decays side by side whose coefficients stand: the last less the first, or the only one. */
LANE_FN void decay_stand(const lane *x, lane *out, uint32_t n_frames, lane_dd *y, int n,
                         const struct lag_way *way)
{
    const lane_dd attack = coef_of(way[0].from), c = coef_of(way[n - 1].from);
    uint32_t i = 0;
    for (; i + 2 <= n_frames; i += 2) {
        const struct frame_pair in = pair_from(x + i);
        struct frame_pair pair = one_pole_pair(&y[n - 1], in, c);
        if (n == 2) {
            const struct frame_pair less = one_pole_pair(&y[0], in, attack);
            pair = (struct frame_pair){ lane_dd_sub(pair.first, less.first),
                                        lane_dd_sub(pair.second, less.second) };
        }
        pair_to(out + i, pair);
    }
    for (; i < n_frames; i++) {
        const lane_dd in = lane_dd_from(x[i]), all = one_pole_frame(&y[n - 1], in, c);
        out[i] = lane_from_dd(n == 1 ? all : lane_dd_sub(all, one_pole_frame(&y[0], in, attack)));
    }
}

/** The same in the lanes where a coefficient moves. */
LANE_FN void decay_move(const lane *x, lane *out, uint32_t n_frames, lane_dd *y, int n,
                        lane_i moves, const struct lag_way *way)
{
    struct moving coefs[2];
    for (int k = 0; k < n; k++)
        coefs[k] = moving_to(coef_of(way[k].from), coef_of(way[k].to), n_frames);
    for (uint32_t i = 0; i < n_frames; i++) {
        const lane_dd in = lane_dd_from(x[i]);
        lane_dd all = one_pole_frame(&y[n - 1], in, moving_next(&coefs[n - 1]));
        if (n == 2)
            all = lane_dd_sub(all, one_pole_frame(&y[0], in, moving_next(&coefs[0])));
        out[i] = lane_select(moves, lane_from_dd(all), out[i]);
    }
}

/** After a frame that lasted less: by so much too little decayed as the next decays too much. */
LANE_FN lane_dd decay_part(lane_dd y, lane seconds, const struct dsp_block *b)
{
    const lane frames = lane_max(seconds * b->rate_hz, lane_splat(1e-3f));
    const lane late = lane_splat(6.90775528f * (1.0f - part_of_block(b))) / frames;
    const lane by = lane_exp(lane_min(late, lane_splat(60.0f)));
    return lane_dd_mul(y, lane_dd_from(by));
}

LANE_FN void decay_run(struct decay *s, const struct dsp_block *b, int n)
{
    lane space[DSP_BLOCK_FRAMES];
    const lane *const x = frames_of(b, DECAY_IN, space);
    struct lag_way way[2];
    lane_dd stood[2], moved[2];
    lane_i moves = lane_splat_i(0);

    for (int k = 0; k < n; k++) {
        way[k] = lag_way(&s->seconds[k], &s->rest[k], dsp_in(b, DECAY_TIME + k)[0], b->rate_hz);
        moves |= way[k].moves;
        stood[k] = moved[k] = s->y[k];
    }
    if (!lane_all(moves))
        decay_stand(x, dsp_out(b, 0), b->n_frames, stood, n, way);
    if (lane_any(moves))
        decay_move(x, dsp_out(b, 0), b->n_frames, moved, n, moves, way);
    for (int k = 0; k < n; k++) {
        lane_dd y = one_pole_select(moves, moved[k], stood[k]);
        if (part_of_block(b) < 1)
            y = decay_part(y, s->seconds[k], b);
        s->y[k] = one_pole_bound(y);
    }
}

PH_RT static void decay_process(void *state, const struct dsp_block *b)
{
    decay_run(state, b, 1);
}
const struct dsp_unit DSP(dsp_Decay) = { sizeof(struct decay), decay_init, decay_process, NULL, 2,
                                         decay_process };

PH_RT static void decay2_process(void *state, const struct dsp_block *b)
{
    decay_run(state, b, 2);
}
const struct dsp_unit DSP(dsp_Decay2) = { sizeof(struct decay), decay_init, decay2_process, NULL, 2,
                                          decay2_process };
