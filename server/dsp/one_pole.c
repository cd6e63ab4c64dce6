/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/one_pole.c - SuperCollider's filters of first order: OnePole, LeakDC, Lag.          */
/* room: audio.                                                                                   */
/*                                                                                                */
/* While its coefficient stands, a recursion runs as a scan (lane_scan.h). Where the coefficient  */
/* moves it runs frame by frame in double; lanes of both kinds side by side are computed twice.   */
#include "server/dsp/decay.h"
#include "server/dsp/frames.h"
#include "server/dsp/lane_scan.h"

enum { IN, COEF };

LANE_FN lane coef_at(const struct dsp_block *b, uint32_t frame)
{
    return lane_clamp(dsp_in(b, COEF)[frame * dsp_step(b, COEF)], -1.0f, 1.0f);
}

/** One frame of a recursion whose coefficient moves. */
typedef lane_d moving_fn(lane_d y, lane_d x, lane_d coef);

/**
 * Renders the lanes of `moves` frame by frame, the coefficient going from `coef` by `step` after
 * each frame; with `coefs` it is read from there. Other lanes of `out` stay.
 */
LANE_FN lane_d run_moving(const struct dsp_block *b, const lane *x, lane_i moves, lane_d y,
                          lane_d coef, lane_d step, const lane *coefs, moving_fn *frame)
{
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (coefs)
            coef = lane_to_d(coefs[i]);
        y = frame(y, lane_to_d(x[i]), coef);
        out[i] = lane_select(moves, lane_from_d(y), out[i]);
        coef += step;
    }
    return y;
}

/** What moved, and what stood. */
LANE_FN struct scan scan_select(lane_i moved, lane_d y, struct scan stood)
{
    const struct scan s = scan_from_d(y);
    return (struct scan){ lane_select(moved, s.hi, stood.hi), lane_select(moved, s.lo, stood.lo) };
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
LANE_FN lane_d approach(lane_d y, lane_d x, lane_d coef)
{
    return x + coef * (y - x);
}

PH_RT static void one_pole_init(void *state, const struct dsp_block *b)
{
    struct one_pole *const s = state;
    const lane past = dsp_step(b, IN) ? lane_splat(0.0f) : dsp_in(b, IN)[0]; /* audio: silence */
    s->coef = coef_at(b, 0);
    s->y = (struct scan){ (1.0f - s->coef) * past, lane_splat(0.0f) };
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
        y = scan_from_d(run_moving(b, x, all, scan_to_d(y), lane_splat_d(0.0), lane_splat_d(0.0),
                                   coefs, approach));
        s->coef = coefs[b->n_frames - 1];
    } else {
        const lane rest = 1.0f - lane_abs(s->coef);
        if (!lane_all(moves))
            y = scan_run(x, dsp_out(b, 0), b->n_frames, rest, s->coef, rest, y);
        if (lane_any(moves)) {
            const lane_d from = lane_to_d(s->coef), to = lane_to_d(target);
            y = scan_select(moves, run_moving(b, x, moves, scan_to_d(s->y), from,
                                              (to - from) * (1.0 / b->n_frames), NULL,
                                              one_pole_moving), y);
        }
        s->coef = target;
    }
    s->y = y;
}
const struct dsp_unit DSP(dsp_OnePole) = { sizeof(struct one_pole), one_pole_init,
                                           one_pole_process, NULL, 0 };

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

LANE_FN lane_d leak_moving(lane_d y, lane_d x, lane_d coef)
{
    return x + coef * y;
}

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

PH_RT static void leak_dc_process(void *state, const struct dsp_block *b)
{
    struct leak_dc *const s = state;
    lane d[DSP_BLOCK_FRAMES], coef_space[DSP_BLOCK_FRAMES];
    const lane target = coef_at(b, 0);
    /* a single frame, which is all a control block has, goes to the new value at once */
    const lane coef = b->n_frames == 1 ? target : s->coef;
    const lane_i all = lane_splat_i(-1), moves = lane_ne(target, coef);
    struct scan y = s->y;

    differences(b, s->x1, d);
    s->x1 = dsp_in(b, IN)[(b->n_frames - 1) * dsp_step(b, IN)];
    if (dsp_step(b, COEF)) {
        const lane *const coefs = coefs_of(b, coef_space);
        y = scan_from_d(run_moving(b, d, all, scan_to_d(y), lane_splat_d(0.0), lane_splat_d(0.0),
                                   coefs, leak_moving));
        s->coef = coefs[b->n_frames - 1];
    } else {
        if (!lane_all(moves))
            y = scan_run(d, dsp_out(b, 0), b->n_frames, lane_splat(1.0f), coef,
                         1.0f - lane_abs(coef), y);
        if (lane_any(moves)) {
            const lane_d from = lane_to_d(coef), to = lane_to_d(target);
            y = scan_select(moves, run_moving(b, d, moves, scan_to_d(s->y), from,
                                              (to - from) * (1.0 / b->n_frames), NULL,
                                              leak_moving), y);
        }
        s->coef = target;
    }
    s->y = y;
}
const struct dsp_unit DSP(dsp_LeakDC) = { sizeof(struct leak_dc), leak_dc_init, leak_dc_process,
                                          NULL, 0 };

/*
 * Lag - exponential approach to the input, 60 dB in lagTime.
 *
 * in      [0] signal   [1] lagTime, seconds; 0 and less follow at once
 * out     [0] smoothed signal; reaches a value that stands, and then is that value
 * state   starts at the first value of the input. `rest` is 1 - coefficient, from lagTime
 * cost    a scan; one double multiply-add per frame and one exp where lagTime has changed
 */
struct lag { struct scan y; lane rest, seconds; };

/** 1 - coefficient: the time to -60 dB is lagTime. */
LANE_FN lane lag_rest(lane seconds, float rate_hz)
{
    const lane frames = seconds * rate_hz, ln_1000 = lane_splat(6.90775528f);
    const lane rest = one_minus_exp(ln_1000 / lane_max(frames, lane_splat(1e-3f)));
    return lane_select(lane_gt(frames, lane_splat(0.0f)), rest, lane_splat(1.0f));
}

PH_RT static void lag_init(void *state, const struct dsp_block *b)
{
    struct lag *const s = state;
    s->y = (struct scan){ dsp_in(b, IN)[0], lane_splat(0.0f) };
    s->seconds = dsp_in(b, COEF)[0];
    s->rest = lag_rest(s->seconds, b->rate_hz);
}

/** A lagTime that stands: a scan over distances to the first input, so that no rounding stays. */
LANE_FN struct scan lag_run(const struct dsp_block *b, struct scan y, lane rest)
{
    const lane *const x = dsp_in(b, IN), near = x[0];
    const bool stands = !dsp_step(b, IN);
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = stands ? lane_splat(0.0f) : x[i] - near;
    const struct scan start = { (y.hi - near) + y.lo, lane_splat(0.0f) };
    const struct scan end = scan_run(out, out, b->n_frames, rest, 1.0f - rest, rest, start);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] += near;
    /* near + end.hi exactly, in two floats (Knuth) */
    const lane hi = near + end.hi, part = hi - near;
    return (struct scan){ hi, ((near - (hi - part)) + (end.hi - part)) + end.lo };
}

PH_RT static void lag_process(void *state, const struct dsp_block *b)
{
    struct lag *const s = state;
    lane x_space[DSP_BLOCK_FRAMES], coef_space[DSP_BLOCK_FRAMES];
    const lane *const seconds = dsp_in(b, COEF);
    const lane_i all = lane_splat_i(-1), moves = lane_ne(seconds[0], s->seconds);
    struct scan y = s->y;

    if (dsp_step(b, COEF)) {
        for (uint32_t i = 0; i < b->n_frames; i++)
            coef_space[i] = 1.0f - lag_rest(seconds[i], b->rate_hz);
        y = scan_from_d(run_moving(b, frames_of(b, IN, x_space), all, scan_to_d(y),
                                   lane_splat_d(0.0), lane_splat_d(0.0), coef_space, approach));
        s->seconds = seconds[b->n_frames - 1];
        s->rest = lag_rest(s->seconds, b->rate_hz);
    } else {
        if (!lane_all(moves))
            y = lag_run(b, y, s->rest);
        if (lane_any(moves)) {
            const lane rest = lag_rest(seconds[0], b->rate_hz);
            const lane_d from = 1.0 - lane_to_d(s->rest), to = 1.0 - lane_to_d(rest);
            const lane_d step = (to - from) * (1.0 / b->n_frames);
            y = scan_select(moves, run_moving(b, frames_of(b, IN, x_space), moves, scan_to_d(s->y),
                                              from + step, step, NULL, approach), y);
            s->rest = rest;
            s->seconds = seconds[0];
        }
    }
    s->y = y;
}
const struct dsp_unit DSP(dsp_Lag) = { sizeof(struct lag), lag_init, lag_process, NULL, 0 };
