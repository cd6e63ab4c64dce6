/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/phaser.c - Phaser: a row of first-order all-passes with feedback.                   */
/* room: audio.                                                                                   */
#include "server/dsp/fastmath.h"

/*
 * Phaser - 2 to 12 first-order all-passes, each a quarter of a turn late at `freq`.
 *
 * in      [0] signal
 *         [1] freq, Hz, clamped to 5 .. 0.45 * rate
 *         [2] feedback, -0.95 .. 0.95, from the last all-pass, one frame late, to the first
 *         [3] stages, 2 .. 12, read once
 * out     [0] what the last all-pass gives, without the dry signal
 * ramp    a constant that changes moves over the block
 * state   one value per all-pass. With coefficient a it becomes (1 - a^2) x - a s: bounded for any
 *         a within -1 .. 1, however it moves
 * cost    a multiply-add per all-pass and frame, each waiting for the one before; a tangent and a
 *         division per frame where freq moves
 * source  J. O. Smith, Physical Audio Signal Processing, Phasing with First-Order Allpass Filters
 */
enum { IN, FREQ, FEEDBACK, STAGES, N_STAGES_MAX = 12 };
struct phaser { lane s[N_STAGES_MAX], last, pole, feedback; lane_i n_stages; };

/** H = (a + 1/z) / (1 + a/z) */
LANE_FN lane phaser_pole(lane freq_hz, float rate_hz)
{
    const lane t = lane_tan(lane_clamp(freq_hz, 5.0f, 0.45f * rate_hz) * (3.14159265f / rate_hz));
    return (t - 1.0f) / (t + 1.0f);
}
LANE_FN lane phaser_feedback(lane x) { return lane_clamp(x, -0.95f, 0.95f); }

PH_RT static void phaser_init(void *state, const struct dsp_block *b)
{
    struct phaser *const s = state;
    for (int k = 0; k < N_STAGES_MAX; k++)
        s->s[k] = lane_splat(0.0f);
    s->last = lane_splat(0.0f);
    s->pole = phaser_pole(dsp_in(b, FREQ)[0], b->rate_hz);
    s->feedback = phaser_feedback(dsp_in(b, FEEDBACK)[0]);
    s->n_stages = lane_to_i(lane_clamp(dsp_in(b, STAGES)[0], 2.0f, 12.0f) + 0.5f);
}

/** Poles and feedback of each frame. */
static void phaser_set(struct phaser *s, const struct dsp_block *b, lane *restrict pole,
                       lane *restrict feedback)
{
    const lane *const freq_hz = dsp_in(b, FREQ), *const back = dsp_in(b, FEEDBACK);
    const uint32_t n = b->n_frames;
    const lane pole_end = phaser_pole(freq_hz[dsp_step(b, FREQ) * (n - 1)], b->rate_hz);
    const lane feedback_end = phaser_feedback(back[dsp_step(b, FEEDBACK) * (n - 1)]);

    for (uint32_t i = 0; i < n; i++) {
        const float left = (float)(n - 1 - i) / (float)n; /* of the ramps */
        pole[i] = pole_end - left * (pole_end - s->pole);
        feedback[i] = feedback_end - left * (feedback_end - s->feedback);
    }
    if (dsp_step(b, FREQ))
        for (uint32_t i = 0; i < n; i++)
            pole[i] = phaser_pole(freq_hz[i], b->rate_hz);
    if (dsp_step(b, FEEDBACK))
        for (uint32_t i = 0; i < n; i++)
            feedback[i] = phaser_feedback(back[i]);
    s->pole = pole_end;
    s->feedback = feedback_end;
}

/** The most stages that a lane has, and whether all have as many. */
LANE_FN int phaser_stages(lane_i n_stages, bool *equal)
{
    int most = lane_get_i(n_stages, 0);
    *equal = true;
    for (int k = 1; k < LANE_W; k++) {
        const int n = lane_get_i(n_stages, k);
        *equal &= n == lane_get_i(n_stages, 0);
        most = n > most ? n : most;
    }
    return most;
}

LANE_FN lane phaser_stage(lane *s, lane x, lane a)
{
    const lane y = lane_fma(a, x, *s);
    *s = lane_fma(-a, y, x);
    return y;
}

/** What is no number, or beyond any signal, is silence to the loop. */
LANE_FN lane phaser_heal(lane x) { return lane_where(lane_lt(lane_abs(x), lane_splat(1e9f)), x); }

PH_RT static void phaser_process(void *state, const struct dsp_block *b)
{
    struct phaser *const s = state;
    const lane *const x = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN);
    lane pole[DSP_BLOCK_FRAMES], feedback[DSP_BLOCK_FRAMES], y = s->last;
    lane *const out = dsp_out(b, 0);
    bool equal;
    const int n_stages = phaser_stages(s->n_stages, &equal);

    phaser_set(s, b, pole, feedback);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        y = lane_fma(feedback[i], y, phaser_heal(x[i * dx]));
        for (int k = 0; k < n_stages; k++) {
            const lane passed = phaser_stage(&s->s[k], y, pole[i]);
            y = equal ? passed : lane_select(lane_gt_i(s->n_stages, lane_splat_i(k)), passed, y);
        }
        out[i] = y;
    }
    s->last = y;
}
const struct dsp_unit DSP(dsp_Phaser) = { sizeof(struct phaser), phaser_init, phaser_process,
                                          NULL };
