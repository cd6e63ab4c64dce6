/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/one_pole.c - SuperCollider's filters of first order: OnePole, LeakDC, Lag.          */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/frames.h"
#include "server/dsp/one_pole.h"

enum { IN, COEF };

LANE_FN lane coef_at(const struct dsp_block *b, uint32_t frame)
{
    return lane_clamp(dsp_in(b, COEF)[frame * dsp_step(b, COEF)], -1.0f, 1.0f);
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
 * state   the last output; a coef that is not at audio rate is ramped over the block
 * cost    a scan; one double multiply-add per frame while coef moves
 * quirk   with coef at audio rate the input's gain is 1 - coef, as in scsynth
 */
struct one_pole { struct scan y; lane coef; };

LANE_FN lane_d absolute(lane_d x)
{
    return x - 2.0 * lane_where_d(lane_lt(lane_from_d(x), lane_splat(0.0f)), x);
}
LANE_FN lane_d one_pole_moving(lane_d y, lane_d x, lane_d coef)
{
    return (1.0 - absolute(coef)) * x + coef * y;
}
PH_RT static void one_pole_init(void *state, const struct dsp_block *b)
{
    struct one_pole *const s = state;
    s->coef = coef_at(b, 0);
    s->y = (struct scan){ lane_splat(0.0f), lane_splat(0.0f) };
}

PH_RT static void one_pole_process(void *state, const struct dsp_block *b)
{
    struct one_pole *const s = state;
    lane x_space[DSP_BLOCK_FRAMES], coef_space[DSP_BLOCK_FRAMES];
    const lane *const x = frames_of(b, IN, x_space);
    const lane target = coef_at(b, 0);
    const lane_i all = lane_splat_i(-1), moves = lane_ne(target, s->coef);
    struct scan y = s->y;

    if (dsp_step(b, COEF)) {
        const lane *const coefs = coefs_of(b, coef_space);
        y = scan_from_d(moving_run(x, dsp_out(b, 0), b->n_frames, all, scan_to_d(y),
                                   lane_splat_d(0.0), lane_splat_d(0.0), coefs, moving_approach));
        s->coef = coefs[b->n_frames - 1];
    } else {
        const lane rest = 1.0f - lane_abs(s->coef);
        if (!lane_all(moves))
            y = scan_run(x, dsp_out(b, 0), b->n_frames, rest, s->coef, rest, y);
        if (lane_any(moves)) {
            const lane_d from = lane_to_d(s->coef), to = lane_to_d(target);
            y = scan_select(moves, moving_run(x, dsp_out(b, 0), b->n_frames, moves,
                                              scan_to_d(s->y), from,
                                              (to - from) * (1.0 / b->n_frames), NULL,
                                              one_pole_moving), y);
        }
        s->coef = target;
    }
    s->y = scan_bound(y);
}
const struct dsp_unit DSP(dsp_OnePole) = { sizeof(struct one_pole), one_pole_init, one_pole_process,
                                           NULL, 0, one_pole_process };

/*
 * LeakDC - removes the mean: y = x - x1 + coef * y1.
 *
 * in      [0] signal   [1] coef, clamped to -1 .. 1
 * out     [0] signal
 * state   starts as if the first value had lasted for ever, so a constant gives silence at once;
 *         a coef that is not at audio rate is ramped over the block
 * cost    a scan; one double multiply-add per frame while coef moves
 */
struct leak_dc { struct scan y; lane x1, coef; };

PH_RT static void leak_dc_init(void *state, const struct dsp_block *b)
{
    struct leak_dc *const s = state;
    s->x1 = dsp_in(b, IN)[0];
    s->y = (struct scan){ lane_splat(0.0f), lane_splat(0.0f) };
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
LANE_FN struct scan leak_run(const struct dsp_block *b, const lane *x, struct scan before, lane coef,
                             lane target)
{
    const lane_i moves = lane_ne(target, coef);
    lane *const out = dsp_out(b, 0);
    struct scan y = before;
    if (!lane_all(moves))
        y = scan_run(x, out, b->n_frames, lane_splat(1.0f), coef, 1.0f - lane_abs(coef), y);
    if (lane_any(moves)) {
        const lane_d from = lane_to_d(coef), to = lane_to_d(target);
        y = scan_select(moves, moving_run(x, out, b->n_frames, moves, scan_to_d(before), from,
                                          (to - from) * (1.0 / b->n_frames), NULL, moving_sum), y);
    }
    return y;
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
    s->y = scan_bound(leak_run(b, d, s->y, b->n_frames == 1 ? target : s->coef, target));
    s->coef = target;
}
const struct dsp_unit DSP(dsp_LeakDC) = { sizeof(struct leak_dc), leak_dc_init, leak_dc_process, NULL, 0,
                                          leak_dc_process };

/*
 * Integrator - a leaky sum: y = x + coef * y1.
 *
 * in      [0] signal   [1] coef, clamped to -1 .. 1; ramped over the block, at audio rate too
 * out     [0] signal
 * state   the last output, 0 at birth; past 1e30 it is let go
 * cost    a scan; one double multiply-add per frame while coef moves
 */
struct integrator { struct scan y; lane coef; };

PH_RT static void integrator_init(void *state, const struct dsp_block *b)
{
    struct integrator *const s = state;
    s->coef = coef_at(b, 0);
    s->y = (struct scan){ lane_splat(0.0f), lane_splat(0.0f) };
}

PH_RT static void integrator_process(void *state, const struct dsp_block *b)
{
    struct integrator *const s = state;
    lane space[DSP_BLOCK_FRAMES];
    const lane target = coef_at(b, 0);
    s->y = scan_bound(leak_run(b, frames_of(b, IN, space), s->y, s->coef, target));
    s->coef = target;
}
const struct dsp_unit DSP(dsp_Integrator) = { sizeof(struct integrator), integrator_init,
                                              integrator_process, NULL, 0, birth_input };
