/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/oscillator.c - sines: SinOsc, SinOscFB, FSinOsc.                                    */
/* room: audio.                                                                                   */
/*                                                                                                */
/* Phases are fixed point (lane_phase.h): they wrap by themselves, never lose precision and are   */
/* the same at every lane width. Loops that accumulate a phase from steps that move stand apart   */
/* from the loops that make waves of it, which the compiler vectorises along time at width 1.     */
#include "server/dsp/frames.h"
#include "server/dsp/lane_double.h"
#include "server/dsp/lane_phase.h"
#include "server/dsp/part.h"
#include "server/dsp/ramp.h"

/**
 * SinOsc - sine.
 *
 * in      [0] freq   Hz, followed frame by frame at audio rate; |freq| < 4 * rate
 *         [1] phase  radians, added to the running phase; ramped where it is not at audio rate
 * out     [0] sine, within 1.6e-7 of the true value; frame 0 is sin(phase)
 * state   running phase, the phase input at the end of the last block
 * cost    one sine polynomial per frame
 * source  scsynth's phase arithmetic; its table and interpolation are within 1e-7 of a sine
 */
struct sin_osc { lane_u phase; lane offset; };

PH_RT static void sin_osc_init(void *state, const struct dsp_block *b)
{
    *(struct sin_osc *)state = (struct sin_osc){ .offset = dsp_in(b, 1)[0] };
}

/** The phase moves within the block; freq doesn't. */
LANE_FN void sin_osc_bend(struct sin_osc *s, const struct dsp_block *b, const lane *offset)
{
    lane *const restrict out = dsp_out(b, 0);
    const lane_u step = table_step(dsp_in(b, 0)[0], part_rate_hz(b));
    lane_u at = s->phase - LANE_QUARTER_TURN;
    for (uint32_t i = 0; i < b->n_frames; i++, at += step)
        out[i] = lane_cos_phase(at + lane_phase_of_radians(offset[i]));
    s->phase += step * b->n_frames;
}

/** Frequency is at audio rate. */
LANE_FN void sin_osc_follow(struct sin_osc *s, const struct dsp_block *b, struct ramp_input offset)
{
    const lane *const freq = dsp_in(b, 0);
    lane *const restrict out = dsp_out(b, 0);
    lane_u at[DSP_BLOCK_FRAMES];
    for (uint32_t i = 0; i < b->n_frames; i++)
        at[i] = table_step(freq[i], part_rate_hz(b));
    run_phase(at, b->n_frames, &s->phase);
    if (offset.step) {
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = lane_sin_phase(at[i] + lane_phase_of_radians(offset.x[i]));
        return;
    }
    const lane_u shift = lane_phase_of_radians(offset.x[0]);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = lane_sin_phase(at[i] + shift);
}

PH_RT static void sin_osc_process(void *state, const struct dsp_block *b)
{
    struct sin_osc *const s = state;
    lane *const restrict out = dsp_out(b, 0);
    lane frames[DSP_BLOCK_FRAMES];
    const struct ramp_input offset = ramp_input(b, 1, &s->offset, frames);
    if (dsp_step(b, 0)) {
        sin_osc_follow(s, b, offset);
        return;
    }
    if (offset.step) {
        sin_osc_bend(s, b, offset.x);
        return;
    }
    const lane_u step = table_step(dsp_in(b, 0)[0], part_rate_hz(b));
    lane_u at = s->phase + lane_phase_of_radians(offset.x[0]) - LANE_QUARTER_TURN;
    for (uint32_t i = 0; i < b->n_frames; i++, at += step)
        out[i] = lane_cos_phase(at);
    s->phase += step * b->n_frames;
}

PH_RT static void sin_osc_birth(void *state, const struct dsp_block *b)
{
    (void)state;
    dsp_out(b, 0)[0] = lane_sin_phase(lane_phase_of_radians(dsp_in(b, 1)[0]));
}
const struct dsp_unit DSP(dsp_SinOsc) = { sizeof(struct sin_osc), sin_osc_init, sin_osc_process,
                                          NULL, 0, sin_osc_birth };

/**
 * SinOscFB - sine that moves its own phase.
 *
 * in      [0] freq      Hz; |freq| < 4 * rate   [1] feedback  radians that the last frame is worth;
 *         ramped. Of both, at audio rate too, a block's first value counts
 * out     [0] sin(phase + feedback * last frame), within 1.6e-7. Noise above some 1.3 radians
 * state   running phase, the last frame, feedback at the end of the last block
 * cost    one sine polynomial per frame, each after the other
 */
struct sin_osc_fb { lane_u phase; lane last, feedback; };

PH_RT static void sin_osc_fb_init(void *state, const struct dsp_block *b)
{
    *(struct sin_osc_fb *)state = (struct sin_osc_fb){ .feedback = dsp_in(b, 1)[0] };
}

PH_RT static void sin_osc_fb_process(void *state, const struct dsp_block *b)
{
    struct sin_osc_fb *const s = state;
    const lane_u step = table_step(dsp_in(b, 0)[0], part_rate_hz(b));
    const struct ramp_line feedback = ramp_line(b, 1, &s->feedback);
    lane *const out = dsp_out(b, 0), last = s->last;

    for (uint32_t i = 0; i < b->n_frames; i++, s->phase += step) {
        last = lane_sin_phase(s->phase + lane_phase_of_radians(ramp_at(&feedback, i) * last));
        out[i] = last;
    }
    s->last = last;
}
const struct dsp_unit DSP(dsp_SinOscFB) = { sizeof(struct sin_osc_fb), sin_osc_fb_init,
                                            sin_osc_fb_process, NULL, 0 };

/**
 * FSinOsc - sine by a recursion.
 *
 * in      [0] freq    Hz. A new one changes the level too, by where in its turn it comes
 *         [1] iphase  radians, read at birth
 * out     [0] y[n] = 2 cos(w) y[n-1] - y[n-2]
 * state   the last two frames and the coefficient in double, freq. Past a level of 1e6, which
 *         moving freq can lead to, it starts over
 * cost    two operations per frame; a cosine where freq changes
 * source  digital resonator: Mathews and Smith 2003
 */
struct f_sin_osc { double y1[LANE_W], y2[LANE_W], pole[LANE_W]; lane freq; };

LANE_FN lane f_sin_osc_freq(const struct dsp_block *b, uint32_t frame)
{
    return lane_clamp(frame_of(b, 0, frame), -1e9f, 1e9f);
}

static double radians_per_frame(float rate_hz)
{
    return 6.28318530717958647692 / (double)rate_hz;
}

PH_RT static void f_sin_osc_init(void *state, const struct dsp_block *b)
{
    struct f_sin_osc *const s = state;
    const float iphase = lane_get(lane_clamp(dsp_in(b, 1)[0], -1e9f, 1e9f), 0);
    s->freq = f_sin_osc_freq(b, 0);
    /* a float as in scsynth: over seconds the phase shows what was rounded */
    const float w = (float)((double)lane_get(s->freq, 0) * radians_per_frame(b->rate_hz));
    s->pole[0] = 2.0 * (double)cosf(w);
    s->y1[0] = (double)sinf(iphase - w);
    s->y2[0] = (double)sinf(iphase - 2 * w);
}

/** The coefficients of the lanes whose freq is new. */
LANE_FN void f_sin_osc_tune(struct f_sin_osc *s, lane freq, float rate_hz)
{
    for (uint32_t left = lane_mask_bits(lane_ne(freq, s->freq)); left; left &= left - 1) {
        const int k = __builtin_ctz(left);
        s->pole[k] = 2.0 * cos((double)lane_get(freq, k) * radians_per_frame(rate_hz));
    }
    s->freq = freq;
}

/** Starts the lanes over that are too loud, or no number. */
LANE_FN void f_sin_osc_bound(struct f_sin_osc *s, lane_i loud, float rate_hz)
{
    for (uint32_t left = lane_mask_bits(loud); left; left &= left - 1) {
        const int k = __builtin_ctz(left);
        const double w = (double)lane_get(s->freq, k) * radians_per_frame(rate_hz);
        s->y1[k] = sin(-w);
        s->y2[k] = sin(-2 * w);
    }
}

LANE_FN void f_sin_osc_run(struct f_sin_osc *s, lane *out, uint32_t n, float rate_hz)
{
    const lane_i loud = ~lane_le(lane_abs(lane_from_dd(lane_dd_load(s->y1))), lane_splat(1e6f));
    if (lane_any(loud))
        f_sin_osc_bound(s, loud, rate_hz);
    const lane_dd pole = lane_dd_load(s->pole);
    lane_dd y1 = lane_dd_load(s->y1), y2 = lane_dd_load(s->y2);
    for (uint32_t i = 0; i < n; i++) {
        const lane_dd y = lane_dd_sub(lane_dd_mul(pole, y1), y2);
        out[i] = lane_from_dd(y);
        y2 = y1;
        y1 = y;
    }
    lane_dd_store(s->y1, y1);
    lane_dd_store(s->y2, y2);
}

/**
 * After a frame that lasted only a part: back by the rest of
 * it, on the sine through the last two frames.
 */
LANE_FN void f_sin_osc_part(struct f_sin_osc *s, const struct dsp_block *b)
{
    const double w = (double)lane_get(s->freq, 0) * radians_per_frame(b->rate_hz), sine = sin(w);
    const double back = w * (1.0 - (double)part_of_block(b)), y1 = s->y1[0], y2 = s->y2[0];
    if (fabs(sine) < 1e-6)
        return;
    s->y1[0] = (y1 * sin(w - back) + y2 * sin(back)) / sine;
    s->y2[0] = (y2 * sin(w + back) - y1 * sin(back)) / sine;
}

PH_RT static void f_sin_osc_process(void *state, const struct dsp_block *b)
{
    struct f_sin_osc *const s = state;
    lane *const out = dsp_out(b, 0);
    const uint32_t n = dsp_step(b, 0) ? 1 : b->n_frames;
    for (uint32_t i = 0; i < b->n_frames; i += n) {
        f_sin_osc_tune(s, f_sin_osc_freq(b, i), b->rate_hz);
        f_sin_osc_run(s, out + i, n, b->rate_hz);
    }
    if (part_of_block(b) < 1) /* such a synth is alone */
        f_sin_osc_part(s, b);
}

/** The sine at iphase. */
PH_RT static void f_sin_osc_birth(void *state, const struct dsp_block *b)
{
    const struct f_sin_osc *const s = state;
    const lane_dd y1 = lane_dd_load(s->y1), y2 = lane_dd_load(s->y2);
    dsp_out(b, 0)[0] = lane_from_dd(lane_dd_sub(lane_dd_mul(lane_dd_load(s->pole), y1), y2));
}
const struct dsp_unit DSP(dsp_FSinOsc) = { sizeof(struct f_sin_osc), f_sin_osc_init,
                                           f_sin_osc_process, NULL, 3, f_sin_osc_birth };
