/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/crackle.c - noise by simple maps: Crackle, Logistic.                                */
/* room: audio.                                                                                   */
#include "server/dsp/lane_double.h"
#include "server/dsp/lane_random.h"

/* Past these a map has run away. With parameters of use
 * Crackle stays below 11, Logistic below 2. */
#define CRACKLE_RUNAWAY 100.0f
#define LOGISTIC_RUNAWAY 1e15f

/*
 * Crackle - a chaotic map: y = |y1 * p - y2 - 0.05| of the last two values.
 *
 * in      [0] chaosParam, p: 1 .. 2; past 2 it runs away, and starts anew from 0
 * out     [0] y
 * state   the last two values; a random one and 0 at birth
 */
struct crackle { lane y1, y2; };

PH_RT static void crackle_init(void *state, const struct dsp_block *b)
{
    struct random random = random_new(b);
    const lane y = random_unit_of(random_draw(&random, lane_splat_i(-1)));
    *(struct crackle *)state = (struct crackle){ y, lane_splat(0.0f) };
}

PH_RT static void crackle_process(void *state, const struct dsp_block *b)
{
    struct crackle *const s = state;
    const lane *const p = dsp_in(b, 0);
    const uint32_t dp = dsp_step(b, 0);
    lane *const out = dsp_out(b, 0);
    lane y1 = s->y1, y2 = s->y2;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane next = lane_abs(y1 * p[i * dp] - y2 - 0.05f);
        const lane_i near = lane_lt(next, lane_splat(CRACKLE_RUNAWAY));
        y2 = lane_where(near, y1);
        y1 = lane_where(near, next);
        out[i] = y1;
    }
    *s = (struct crackle){ y1, y2 };
}
const struct dsp_unit DSP(dsp_Crackle) = { sizeof(struct crackle), crackle_init, crackle_process,
                                           NULL, 0 };

/*
 * Logistic - the logistic map: y = p * y * (1 - y).
 *
 * in      [0] chaosParam, p   [1] freq, steps per second: one every rate / freq frames, at least 1,
 *         without the fraction; read where a step is made   [2] init, y at birth
 * out     [0] y; one step has been made before the first frame, as in scsynth
 * state   y, in double as scsynth's: chaos would soon show any other rounding; frames until the
 *         next step. What runs away (p > 4) starts anew from 0.5
 */
struct logistic { lane_d y; lane_i left; };
enum { LOGISTIC_P, LOGISTIC_FREQ, LOGISTIC_INIT };

LANE_FN lane_dd logistic_step(lane_dd y, lane p)
{
    const lane_dd rest = lane_dd_sub(lane_dd_splat(1.0), y);
    const lane_dd next = lane_dd_mul(lane_dd_mul(lane_dd_from(p), y), rest);
    const lane_i near = lane_lt(lane_abs(lane_from_dd(next)), lane_splat(LOGISTIC_RUNAWAY));
    return lane_dd_add(lane_dd_where(near, next), lane_dd_where(~near, lane_dd_splat(0.5)));
}

PH_RT static void logistic_init(void *state, const struct dsp_block *b)
{
    struct logistic *const s = state;
    const lane_dd y = lane_dd_from(dsp_in(b, LOGISTIC_INIT)[0]);
    lane_dd_store((double *)&s->y, logistic_step(y, dsp_in(b, LOGISTIC_P)[0]));
    s->left = lane_splat_i(0);
}

PH_RT static void logistic_process(void *state, const struct dsp_block *b)
{
    struct logistic *const s = state;
    const lane *const p = dsp_in(b, LOGISTIC_P), *const freq = dsp_in(b, LOGISTIC_FREQ);
    const uint32_t dp = dsp_step(b, LOGISTIC_P), df = dsp_step(b, LOGISTIC_FREQ);
    lane *const out = dsp_out(b, 0);
    lane_dd y = lane_dd_load((const double *)&s->y);
    lane_i left = s->left;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_i due = lane_lt_i(left, lane_splat_i(1));
        if (lane_any(due)) {
            const lane n_frames = b->rate_hz / lane_max(freq[i * df], lane_splat(0.001f));
            const lane_dd next = logistic_step(y, p[i * dp]);
            y = lane_dd_add(lane_dd_where(due, next), lane_dd_where(~due, y));
            left = lane_select_i(due, lane_to_i(lane_max(n_frames, lane_splat(1.0f))), left);
        }
        left -= 1;
        out[i] = lane_from_dd(y);
    }
    lane_dd_store((double *)&s->y, y);
    s->left = left;
}

/** What the step before the first frame led to. */
PH_RT static void logistic_birth(void *state, const struct dsp_block *b)
{
    struct logistic *const s = state;
    dsp_out(b, 0)[0] = lane_from_dd(lane_dd_load((const double *)&s->y));
}
const struct dsp_unit DSP(dsp_Logistic) = { sizeof(struct logistic), logistic_init,
                                            logistic_process, NULL, 1, logistic_birth };
