/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/shelf.c - SuperCollider's BLowShelf and BHiShelf.                                   */
/* room: audio.                                                                                   */
#include "server/dsp/precise.h"
#include "server/dsp/section.h"
#include "server/dsp/two_pole.h"

/*
 * BLowShelf, BHiShelf - one gain below a frequency and another above it.
 *
 * in      [0] signal   [1] freq, Hz, clamped to 0.01 .. 0.499 * rate   [2] rs, 1 / slope; a slope
 *         too
 *         steep to be real counts as the steepest   [3] db, gain of the shelf, clamped to -120 ..
 *         120
 * out     [0] signal
 * state   a section's, its coefficients in double and the parameters they are of. It runs for a
 *         frame at birth, as scsynth's constructor does
 * ramp    as BHiPass's
 * cost    a section; where a parameter has changed a sine, a cosine, a power and two roots
 * source  R. Bristow-Johnson, Cookbook formulae for audio EQ biquad filter coefficients
 */
struct shelf { struct section_state v; lane_dd k[SECTION_GAINS]; struct tuning t; };

/** Sine and cosine of a frequency's angle. */
struct shelf_angle { lane_dd sine, cosine; };
LANE_FN struct shelf_angle shelf_angle(lane freq_hz, float rate_hz)
{
    const lane hz = lane_clamp(freq_hz, 0.01f, 0.499f * rate_hz);
    const struct precise_angle a =
        precise_angle_dd(lane_dd_mul(lane_dd_from(hz), lane_dd_splat(PI / (double)rate_hz)));
    const lane_dd sine = lane_dd_mul(lane_dd_mul(a.sin, a.cos), lane_dd_splat(2.0)); /* of twice */
    const lane_dd cosine = lane_dd_sub(lane_dd_mul(a.cos, a.cos), lane_dd_mul(a.sin, a.sin));
    /* a quarter further on both have the other sign */
    const lane sign = lane_select(-(a.n & 1), lane_splat(-1.0f), lane_splat(1.0f));
    return (struct shelf_angle){ lane_dd_mul(sine, lane_dd_from(sign)),
                                 lane_dd_mul(cosine, lane_dd_from(sign)) };
}

/** With `turn` 1 the shelf below freq, with -1 that above. */
LANE_FN void shelf_design(lane_dd k[SECTION_GAINS], struct tuning t, float rate_hz, double turn)
{
    const struct shelf_angle w = shelf_angle(t.freq_hz, rate_hz);
    const lane root = precise_exp10(lane_clamp(t.db, -120.0f, 120.0f) * 0.025f);
    const lane steep = lane_fma(root + 1.0f / root, lane_clamp(t.rq, -1e6f, 1e6f) - 1.0f,
                                lane_splat(2.0f));
    const lane slope = lane_sqrt(root) * lane_sqrt(lane_max(steep, lane_splat(1e-6f)));
    const lane_dd s = lane_dd_mul(w.sine, lane_dd_from(slope)), a = lane_dd_from(root);
    const lane_dd one = lane_dd_splat(1.0), two = lane_dd_splat(2.0), more = lane_dd_add(a, one);
    const lane_dd less = lane_dd_mul(lane_dd_sub(a, one), lane_dd_splat(turn));
    const lane_dd i = lane_dd_mul(more, w.cosine), j = lane_dd_mul(less, w.cosine);
    const lane_dd above = lane_dd_add(more, j), below = lane_dd_sub(more, j);
    const lane_dd norm = lane_dd_div(one, lane_dd_add(above, s)), gain = lane_dd_mul(a, norm);

    k[SECTION_A0] = lane_dd_mul(gain, lane_dd_add(below, s));
    k[SECTION_A1] = lane_dd_mul(lane_dd_mul(gain, two), lane_dd_sub(less, i));
    k[SECTION_A2] = lane_dd_mul(gain, lane_dd_sub(below, s));
    k[SECTION_B1] = lane_dd_mul(lane_dd_mul(norm, two), lane_dd_add(less, i));
    k[SECTION_B2] = lane_dd_mul(norm, lane_dd_sub(s, above));
}

LANE_FN void shelf_init(void *state, const struct dsp_block *b, double turn)
{
    struct shelf *const s = state;
    s->t = tuning_at(b, 0);
    shelf_design(s->k, s->t, b->rate_hz, turn);
    s->v = (struct section_state){ lane_dd_splat(0.0), lane_dd_splat(0.0) };
}

/** All parameters at audio rate: three frames share one value of each. */
LANE_FN void shelf_follow(struct shelf *s, const struct dsp_block *b, double turn)
{
    const enum follow follow = turn > 0 ? FOLLOW_THIRDS : FOLLOW_PAIRS; /* as scsynth reads them */
    const lane *const x = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN);
    lane *const out = dsp_out(b, 0);
    struct section_state v = s->v;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const uint32_t frame = tuning_frame(i, b->n_frames, follow);
        if (i == 0 || frame != tuning_frame(i - 1, b->n_frames, follow)) {
            s->t = tuning_at(b, frame);
            shelf_design(s->k, s->t, b->rate_hz, turn);
        }
        out[i] = section_frame(&v, s->k, x[i * dx]);
    }
    s->v = v;
}

/** Parameters that have changed: coefficients on straight lines, with a step every third frame. */
LANE_FN void shelf_ramp(struct shelf *s, const struct dsp_block *b, struct tuning t, double turn)
{
    const lane *const x = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN), n_steps = b->n_frames / 3;
    const bool starts_old = n_steps > 0 || b->rate != PH_AUDIO;
    const lane_dd part = lane_dd_splat(n_steps ? 1.0 / n_steps : 0.0);
    lane *const out = dsp_out(b, 0);
    lane_dd to[SECTION_GAINS], k[SECTION_GAINS], step[SECTION_GAINS];
    struct section_state v = s->v;

    shelf_design(to, t, b->rate_hz, turn);
    for (int c = 0; c < SECTION_GAINS; c++) {
        k[c] = starts_old ? s->k[c] : to[c];
        step[c] = lane_dd_mul(lane_dd_sub(to[c], s->k[c]), part);
        s->k[c] = to[c];
    }
    for (uint32_t i = 0; i < b->n_frames; i++) {
        out[i] = section_frame(&v, k, x[i * dx]);
        for (int c = 0; c < SECTION_GAINS && i % 3 == 2; c++)
            k[c] = lane_dd_add(k[c], step[c]);
    }
    s->v = v;
    s->t = t;
}

LANE_FN void shelf_process(void *state, const struct dsp_block *b, double turn)
{
    struct shelf *const s = state;
    const struct tuning t = tuning_at(b, 0);
    if (tuning_flows(b, FOLLOW_THIRDS)) {
        shelf_follow(s, b, turn);
    } else if (tuning_moved(t, s->t)) {
        shelf_ramp(s, b, t, turn);
    } else {
        const lane *const x = dsp_in(b, IN);
        const uint32_t dx = dsp_step(b, IN);
        lane *const out = dsp_out(b, 0);
        struct section_state v = s->v;
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = section_frame(&v, s->k, x[i * dx]);
        s->v = v;
    }
}

#define SHELF(name, Name, turn)                                                                    \
    PH_RT static void name##_init(void *state, const struct dsp_block *b)                          \
    {                                                                                              \
        shelf_init(state, b, turn);                                                                \
    }                                                                                              \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        shelf_process(state, b, turn);                                                             \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { sizeof(struct shelf), name##_init, name##_process,   \
                                              NULL, 7, name##_process }
SHELF(low_shelf, BLowShelf, 1.0);
SHELF(hi_shelf, BHiShelf, -1.0);
