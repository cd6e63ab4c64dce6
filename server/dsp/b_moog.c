/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/b_moog.c - BMoog: the ladder filter with a bound in every stage.                    */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"

/*
 * BMoog
 *
 * in      [0] signal   [1] freq, Hz, clamped to 0 .. rate / 2; it counts once per block and at once
 *         [2] q        0 .. 1, where it oscillates; it and what freq makes of it count a block
 *                      later, so that a synth's first block has no feedback
 *         [3] mode     below 1, and from 3 on: low-pass, 24 dB per octave; 1 high-pass, 2 band-pass
 * out     [0] signal, at most 0.95 as low-pass. Where q is 0, low frequencies are four times as
 *             loud
 * state   four stages, each within 0.95; the last frame; feedback in use and the one to come
 * cost    forty operations per frame, two divisions per block
 * source  T. Stilson and J. Smith, Analyzing the Moog VCF with Considerations for Digital
 *         Implementation, ICMC 1996: four stages (1 + p) (1 + z^-1) / (1 + p z^-1) in a loop with
 *         one frame's delay, p by D. Lowenfels' cubic fit
 */
struct b_moog { lane stage[4], last, feedback, next; };
enum { IN, FREQ, Q, MODE };

/** The coefficient of a cutoff; from about 50 Hz down it stays where the stages are just stable. */
LANE_FN lane b_moog_pole(lane freq, float rate_hz)
{
    const lane f = lane_clamp(freq, 0.0f, 0.5f * rate_hz) * 2.0f * (1.0f / rate_hz);
    const lane square = f * f, cube = f * square;
    const lane p = -0.69346f * cube - 0.59515f * square + 3.2937f * f - 1.0072f;
    return lane_clamp(p, -0.9999f, 1.0f);
}

/**
 * The feedback at which a loop of that pole just oscillates, for a pole of `step` / 99. In theory
 * it is 4 / (3 + p)^2; the numbers in use, of 15 bits, are above it by up to 1.5 %. This cubic
 * gives 192 of 198 of them to the last bit, the others within one.
 */
LANE_FN lane b_moog_threshold(lane step)
{
    const lane u = 99.0f / (297.0f + step);
    lane g = lane_fma(lane_splat(-0.23168654f * 32768.0f), u, lane_splat(4.1111073f * 32768.0f));
    g = lane_fma(g, u, lane_splat(0.0028602634f * 32768.0f));
    return lane_floor(lane_fma(g, u, lane_splat(-0.00027559868f * 32768.0f))) * (1.0f / 32768.0f);
}

LANE_FN lane b_moog_feedback(lane q, lane pole)
{
    const lane at = pole * 99.0f, step = lane_floor(at), part = at - step;
    const lane low = b_moog_threshold(step), high = b_moog_threshold(step + 1.0f);
    return lane_clamp(q, -1e9f, 1e9f) * ((1.0f - part) * low + part * high);
}

LANE_FN lane b_moog_bound(lane x) { return lane_clamp(x, -0.95f, 0.95f); }

PH_RT static void b_moog_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct b_moog *)state = (struct b_moog){ .last = lane_splat(0.0f) };
}

/** One frame through the four stages. */
LANE_FN lane b_moog_frame(lane stage[4], lane y, lane pole)
{
    for (int k = 0; k < 4; k++) {
        const lane before = stage[k];
        stage[k] = b_moog_bound(y + pole * (y - before));
        y = b_moog_bound(stage[k] + before);
    }
    return y;
}

PH_RT static void b_moog_process(void *state, const struct dsp_block *b)
{
    struct b_moog s = *(struct b_moog *)state;
    const lane *const in = dsp_in(b, IN);
    const uint32_t step = dsp_step(b, IN);
    const lane mode = dsp_in(b, MODE)[0], pole = b_moog_pole(dsp_in(b, FREQ)[0], b->rate_hz);
    const lane_i above = lane_ge(mode, lane_splat(1.0f)) & lane_lt(mode, lane_splat(2.0f));
    const lane_i between = lane_ge(mode, lane_splat(2.0f)) & lane_lt(mode, lane_splat(3.0f));
    lane *const out = dsp_out(b, 0);

    if (b->node[0].first_frame == 0)
        s.feedback = s.next;
    s.next = b_moog_feedback(dsp_in(b, Q)[0], pole);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane x = in[i * step];
        const lane y = b_moog_frame(s.stage, 0.25f * (x - s.last), pole);
        const lane high = lane_select(above, x - y, y);
        out[i] = lane_select(between, 3.0f * s.stage[2] - y, high);
        s.last = y * s.feedback;
    }
    *(struct b_moog *)state = s;
}
const struct dsp_unit DSP(dsp_BMoog) = { sizeof(struct b_moog), b_moog_init, b_moog_process,
                                         NULL, 0, birth_zero };
