/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/one_pole.c - SuperCollider's filters of first order: OnePole, LeakDC, Lag.          */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/frames.h"
#include "server/dsp/one_pole.h"

enum { IN, COEF };

LANE_FN lane coef_at(const struct dsp_block *b, uint32_t frame)
{
    return lane_clamp(frame_of(b, COEF, frame), -1.0f, 1.0f);
}

/** Coefficients of an audio-rate input. */
LANE_FN const lane *coefs_of(const struct dsp_block *b, lane *space)
{
    for (uint32_t i = 0; i < b->n_frames; i++)
        space[i] = coef_at(b, i);
    return space;
}

/*
 * OnePole - y = (1 - |coef|) x + coef * y1.
 *
 * in      [0] signal   [1] coef, clamped to -1 .. 1; positive low-pass, negative high-pass
 * out     [0] signal
 * state   the last output, in double; a coef that is not at audio rate is ramped over the block
 * cost    as one_pole.h's
 * quirk   with coef at audio rate the input's gain is 1 - coef, as in scsynth
 */
struct one_pole { lane_dd y; lane coef; };

/** What of the input comes in: 1 - |coef|. */
LANE_FN lane_dd rest_of(lane_dd coef)
{
    const lane_dd minus = lane_dd_sub(lane_dd_splat(0.0), coef);
    return lane_dd_sub(lane_dd_splat(1.0), lane_dd_max(coef, minus));
}

/** `moves`: the lanes whose coef goes to another value. */
LANE_FN lane_dd one_pole_ramp(const lane *x, lane *out, uint32_t n, lane_i moves,
                              struct moving coef, lane_dd y)
{
    for (uint32_t i = 0; i < n; i++) {
        const lane_dd c = moving_next(&coef);
        one_pole_frame(&y, lane_dd_mul(rest_of(c), lane_dd_from(x[i])), c);
        out[i] = lane_select(moves, lane_from_dd(y), out[i]);
    }
    return y;
}
LANE_FN lane_dd one_pole_follow(const lane *x, lane *out, uint32_t n, const lane *coefs, lane_dd y)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = lane_from_dd(one_pole_approach(&y, lane_dd_from(x[i]), lane_dd_from(coefs[i])));
    return y;
}

PH_RT static void one_pole_init(void *state, const struct dsp_block *b)
{
    struct one_pole *const s = state;
    s->coef = coef_at(b, 0);
    s->y = lane_dd_splat(0.0);
}

PH_RT static void one_pole_process(void *state, const struct dsp_block *b)
{
    struct one_pole *const s = state;
    lane x_space[DSP_BLOCK_FRAMES], coef_space[DSP_BLOCK_FRAMES];
    const lane *const x = frames_of(b, IN, x_space);
    const lane target = coef_at(b, 0);
    const lane_i moves = lane_ne(target, s->coef);
    const lane_dd from = lane_dd_from(s->coef), rest = rest_of(from);
    lane *const out = dsp_out(b, 0);
    lane_dd y = s->y, moved = y;

    if (dsp_step(b, COEF)) {
        const lane *const coefs = coefs_of(b, coef_space);
        s->y = one_pole_bound(one_pole_follow(x, out, b->n_frames, coefs, y));
        s->coef = coefs[b->n_frames - 1];
        return;
    }
    if (!lane_all(moves))
        y = one_pole_run(x, out, b->n_frames, &rest, from, y);
    if (lane_any(moves))
        moved = one_pole_ramp(x, out, b->n_frames, moves,
                              moving_to(from, lane_dd_from(target), b->n_frames), moved);
    s->y = one_pole_bound(one_pole_select(moves, moved, y));
    s->coef = target;
}
const struct dsp_unit DSP(dsp_OnePole) = { sizeof(struct one_pole), one_pole_init, one_pole_process,
                                           NULL, 1, one_pole_process };

/*
 * LeakDC - removes the mean: y = x - x1 + coef * y1.
 *
 * in      [0] signal   [1] coef, clamped to -1 .. 1
 * out     [0] signal
 * state   starts as if the first value had lasted for ever, so a constant gives silence at once;
 *         a coef that is not at audio rate is ramped over the block
 * cost    as one_pole.h's
 */
struct leak_dc { lane_dd y; lane x1, coef; };

PH_RT static void leak_dc_init(void *state, const struct dsp_block *b)
{
    struct leak_dc *const s = state;
    s->x1 = dsp_in(b, IN)[0];
    s->y = lane_dd_splat(0.0);
    s->coef = coef_at(b, 0);
}

/** x[i] - x[i-1] */
LANE_FN void differences(const struct dsp_block *b, lane before, lane *d)
{
    const lane *const x = dsp_in(b, IN);
    const bool moves = dsp_step(b, IN);
    d[0] = x[0] - before;
    for (uint32_t i = 1; i < b->n_frames; i++)
        d[i] = moves ? x[i] - x[i - 1] : lane_splat(0.0f);
}

/** What the state feeds back over a call: `coef` at first, `target` after it. */
LANE_FN lane_dd leak_run(const struct dsp_block *b, const lane *x, lane_dd before, lane coef,
                         lane target)
{
    const lane_i moves = lane_ne(target, coef);
    const lane_dd from = lane_dd_from(coef);
    lane *const out = dsp_out(b, 0);
    lane_dd y = before, moved = before;
    if (!lane_all(moves))
        y = one_pole_run(x, out, b->n_frames, NULL, from, y);
    if (lane_any(moves)) {
        struct moving c = moving_to(from, lane_dd_from(target), b->n_frames);
        for (uint32_t i = 0; i < b->n_frames; i++) {
            one_pole_frame(&moved, lane_dd_from(x[i]), moving_next(&c));
            out[i] = lane_select(moves, lane_from_dd(moved), out[i]);
        }
    }
    return one_pole_bound(one_pole_select(moves, moved, y));
}

PH_RT static void leak_dc_process(void *state, const struct dsp_block *b)
{
    struct leak_dc *const s = state;
    lane d[DSP_BLOCK_FRAMES];
    const lane target = coef_at(b, 0);

    differences(b, s->x1, d);
    s->x1 = dsp_in(b, IN)[(b->n_frames - 1) * dsp_step(b, IN)];
    s->x1 = lane_where(lane_finite(s->x1), s->x1);
    /* a single frame, which is all a control block has, goes to the new value at once */
    s->y = leak_run(b, d, s->y, b->n_frames == 1 ? target : s->coef, target);
    s->coef = target;
}
const struct dsp_unit DSP(dsp_LeakDC) = { sizeof(struct leak_dc), leak_dc_init, leak_dc_process,
                                          NULL, 1, leak_dc_process };

/*
 * Integrator - a leaky sum: y = x + coef * y1.
 *
 * in      [0] signal   [1] coef, clamped to -1 .. 1; ramped over the block, at audio rate too
 * out     [0] signal
 * state   the last output, 0 at birth; past 1e30 it is let go
 * cost    as one_pole.h's
 */
struct integrator { lane_dd y; lane coef; };

PH_RT static void integrator_init(void *state, const struct dsp_block *b)
{
    struct integrator *const s = state;
    s->coef = coef_at(b, 0);
    s->y = lane_dd_splat(0.0);
}

PH_RT static void integrator_process(void *state, const struct dsp_block *b)
{
    struct integrator *const s = state;
    lane space[DSP_BLOCK_FRAMES];
    const lane target = coef_at(b, 0);
    s->y = leak_run(b, frames_of(b, IN, space), s->y, s->coef, target);
    s->coef = target;
}
const struct dsp_unit DSP(dsp_Integrator) = { sizeof(struct integrator), integrator_init,
                                              integrator_process, NULL, 1, birth_input };
