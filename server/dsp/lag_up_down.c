/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lag_up_down.c - Lags with one time up and another down: LagUD, Lag2UD, Lag3UD.      */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/decay.h"
#include "server/dsp/lane_double.h"

/*
 * LagUD, Lag2UD, Lag3UD - exponential approach to the input, once or two or three times over.
 *
 * in      [0] signal   [1] lagTimeU   [2] lagTimeD, seconds to -60 dB while the input is above, or
 *         not above, the output; 0 and less follow at once. At audio rate they count once per block
 * out     [0] smoothed signal
 * state   all at the first value of the input; in double, so that slow ones arrive; past 1e30 it is
 *         let go. Coefficients that change are ramped over the block
 * quirk   the third of Lag3UD goes up while the first, not the second, is above the second:
 * scsynth's
 * cost    a choice and a double multiply-add per frame and stage; two exps where a time has changed
 */
struct lag_up_down { lane_dd up, down; lane seconds_up, seconds_down; };
enum { UD_IN, UD_UP, UD_DOWN };
struct lag1_ud { lane_dd y[1]; struct lag_up_down s; };
struct lag2_ud { lane_dd y[2]; struct lag_up_down s; };
struct lag3_ud { lane_dd y[3]; struct lag_up_down s; };

/** What is left of a distance after a frame. */
LANE_FN lane_dd ud_coef(lane seconds, float rate_hz)
{
    const lane frames = seconds * rate_hz, ln_1000 = lane_splat(6.90775528f);
    const lane step = one_minus_exp(ln_1000 / lane_max(frames, lane_splat(1e-3f)));
    const lane_i slow = lane_gt(frames, lane_splat(0.0f));
    return lane_dd_where(slow, lane_dd_sub(lane_dd_splat(1.0), lane_dd_from(step)));
}

LANE_FN void ud_init(lane_dd *y, struct lag_up_down *s, const struct dsp_block *b, int n)
{
    for (int k = 0; k < n; k++)
        y[k] = lane_dd_from(dsp_in(b, UD_IN)[0]);
    s->seconds_up = dsp_in(b, UD_UP)[0];
    s->seconds_down = dsp_in(b, UD_DOWN)[0];
    s->up = ud_coef(s->seconds_up, b->rate_hz);
    s->down = ud_coef(s->seconds_down, b->rate_hz);
}

LANE_FN lane_dd ud_approach(lane_dd y, lane_dd x, lane_i rises, lane_dd up, lane_dd down)
{
    const lane_dd coef = lane_dd_add(lane_dd_where(rises, up), lane_dd_where(~rises, down));
    return lane_dd_fma(coef, lane_dd_sub(y, x), x);
}

LANE_FN lane_i ud_above(lane_dd x, lane_dd y)
{
    return lane_gt(lane_from_dd(lane_dd_sub(x, y)), lane_splat(0.0f));
}

LANE_FN lane ud_frame(lane_dd *y, int n, lane in, lane_dd up, lane_dd down)
{
    lane_dd x = lane_dd_from(in);
    lane_i rises = ud_above(x, y[0]);
    for (int k = 0; k < n; k++) {
        if (k == 1)
            rises = ud_above(x, y[1]);
        else if (k == 2)
            rises = ud_above(y[0], y[1]);
        x = y[k] = ud_approach(y[k], x, rises, up, down);
    }
    return lane_from_dd(x);
}

LANE_FN void ud_process(lane_dd *state, struct lag_up_down *s, const struct dsp_block *b, int n)
{
    const lane *const x = dsp_in(b, UD_IN);
    const uint32_t dx = dsp_step(b, UD_IN);
    const lane to_up = dsp_in(b, UD_UP)[0], to_down = dsp_in(b, UD_DOWN)[0];
    const lane_i moves = lane_ne(to_up, s->seconds_up) | lane_ne(to_down, s->seconds_down);
    const lane_dd part = lane_dd_splat(1.0 / b->n_frames);
    lane *const out = dsp_out(b, 0);
    lane_dd y[3], up = s->up, down = s->down, up_step = lane_dd_splat(0.0), down_step = up_step;

    if (lane_any(moves)) {
        s->up = ud_coef(to_up, b->rate_hz);
        s->down = ud_coef(to_down, b->rate_hz);
        up_step = lane_dd_mul(lane_dd_sub(s->up, up), part);
        down_step = lane_dd_mul(lane_dd_sub(s->down, down), part);
        s->seconds_up = to_up;
        s->seconds_down = to_down;
    }
    for (int k = 0; k < n; k++)
        y[k] = state[k];
    for (uint32_t i = 0; i < b->n_frames; i++) {
        up = lane_dd_add(up, up_step);
        down = lane_dd_add(down, down_step);
        out[i] = ud_frame(y, n, x[i * dx], up, down);
    }
    for (int k = 0; k < n; k++)
        state[k] = lane_dd_where(lane_lt(lane_abs(lane_from_dd(y[k])), lane_splat(1e30f)), y[k]);
}

#define LAG_UD(name, Name, n)                                                                      \
    PH_RT static void name##_init(void *state, const struct dsp_block *b)                          \
    {                                                                                              \
        struct name *const s = state;                                                              \
        ud_init(s->y, &s->s, b, n);                                                                \
    }                                                                                              \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        struct name *const s = state;                                                              \
        ud_process(s->y, &s->s, b, n);                                                             \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { sizeof(struct name), name##_init, name##_process,    \
                                              NULL, n + 2, birth_input }
LAG_UD(lag1_ud, LagUD, 1);
LAG_UD(lag2_ud, Lag2UD, 2);
LAG_UD(lag3_ud, Lag3UD, 3);
