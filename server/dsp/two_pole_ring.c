/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/two_pole_ring.c - SuperCollider's resonators: Resonz, Ringz, TwoPole, Formlet.      */
/* room: audio.                                                                                   */
#include "server/dsp/decay.h"
#include "server/dsp/precise.h"
#include "server/dsp/two_pole.h"

/** sin^2 of half the angle of a frequency, in double: what rings for long tells the last digits. */
LANE_FN lane_dd half_sine_squared(lane freq_hz, float rate_hz)
{
    const lane hz = lane_clamp(freq_hz, 0.0f, 0.499f * rate_hz);
    const lane_dd half = lane_dd_mul(lane_dd_from(hz), lane_dd_splat(PI / (double)rate_hz));
    const struct precise_angle a = precise_angle_dd(half);
    const lane_i odd = -(a.n & 1);
    const lane_dd sine = lane_dd_add(lane_dd_where(odd, a.cos), lane_dd_where(~odd, a.sin));
    return lane_dd_mul(sine, sine);
}

/**
 * Poles of radius R at frequency f, with e = 1 - R^2: b1 = 4 R^2 cos(w) / (1 + R^2), so that with
 * zeros at 1 and -1 the peak lies on f, and
 *
 *     c = 1 - b1 + R^2 = (e^2 + 8 R^2 sin^2(w / 2)) / (2 - e)
 */
LANE_FN struct poles ring_poles(lane freq_hz, lane e, lane gain, float rate_hz)
{
    const lane_dd ed = lane_dd_from(e), rest = lane_dd_sub(lane_dd_splat(1.0), ed);
    const lane_dd turn = lane_dd_mul(half_sine_squared(freq_hz, rate_hz), lane_dd_splat(8.0));
    const lane_dd over = lane_dd_fma(rest, turn, lane_dd_mul(ed, ed));
    return poles_of_dd(gain, lane_dd_div(over, lane_dd_sub(lane_dd_splat(2.0), ed)), ed);
}

/** 1 - R^2 of a ring that falls by 60 dB in `seconds`; 1 at 0 and below: no ring. */
LANE_FN lane ring_loss(lane seconds, float rate_hz)
{
    const lane frames = seconds * rate_hz, two_ln_1000 = lane_splat(13.8155106f);
    const lane loss = one_minus_exp(two_ln_1000 / lane_max(frames, lane_splat(1e-3f)));
    return lane_select(lane_gt(frames, lane_splat(0.0f)), loss, lane_splat(1.0f));
}

/*
 * Resonz, Ringz
 *
 * in      [0] signal
 *         [1] freq, Hz, clamped to 0 .. 0.499 * rate
 *         [2] Resonz: bwr, bandwidth / frequency; the bandwidth's angle is clamped to 0 .. 4
 *             Ringz: decaytime, seconds to -60 dB; 0 and less: none
 * out     [0] Resonz: band of gain 1 at freq; Ringz: an impulse rings at 0.5
 * ramp    as LPF's; a parameter at audio rate counts once per block, as scsynth takes it
 * state, cost   as HPF's
 * source  K. Steiglitz, A Note on Constant-Gain Digital Resonators, Computer Music Journal 18(4)
 */
LANE_FN struct poles resonz_design(struct tuning t, float rate_hz)
{
    const lane w = lane_clamp(t.freq_hz, 0.0f, 0.499f * rate_hz) * (float)(2 * PI / rate_hz);
    const lane b = lane_clamp(w * t.rq, 0.0f, 4.0f), e = b * lane_fma(b, lane_splat(-0.25f),
                                                                     lane_splat(1.0f));
    return ring_poles(t.freq_hz, e, 0.5f * e, rate_hz);
}
LANE_FN struct poles ringz_design(struct tuning t, float rate_hz)
{
    return ring_poles(t.freq_hz, ring_loss(t.rq, rate_hz), lane_splat(0.5f), rate_hz);
}

TWO_POLE(resonz, Resonz, false, ZEROS_BAND, false, true, FOLLOW_BLOCK, true);
TWO_POLE(ringz, Ringz, false, ZEROS_BAND, false, true, FOLLOW_BLOCK);

/*
 * TwoPole - y = x + 2 r cos(w) y1 - r^2 y2: a pair of poles, as they are.
 *
 * in      [0] signal   [1] freq, Hz, clamped to 0 .. 0.499 * rate   [2] radius r, clamped to -1 ..
 *             1
 * out     [0] y
 * ramp, state, cost   as Resonz's
 */
LANE_FN struct poles two_pole_plain_design(struct tuning t, float rate_hz)
{
    const lane_dd r = lane_dd_from(lane_clamp(t.rq, -1.0f, 1.0f)), one = lane_dd_splat(1.0);
    const lane_dd rest = lane_dd_sub(one, r), turn = half_sine_squared(t.freq_hz, rate_hz);
    const lane_dd four_r = lane_dd_mul(r, lane_dd_splat(4.0));
    const lane_dd c = lane_dd_fma(four_r, turn, lane_dd_mul(rest, rest));
    return poles_of_dd(lane_splat(1.0f), c, lane_dd_mul(rest, lane_dd_add(one, r)));
}

TWO_POLE(two_pole_plain, TwoPole, false, ZEROS_NONE, false, true, FOLLOW_BLOCK);

/*
 * Formlet - the difference of two Ringz, that of the attack taken from that of the decay.
 *
 * in      [0] signal   [1] freq   [2] attacktime   [3] decaytime, seconds, as Ringz's
 * out     [0] an impulse rises for about the attack and rings for the decay
 * ramp, state, cost   of two Ringz
 */
struct formlet { lane_dd v1[2], v2[2], b1[2], b2[2]; struct tuning t; };
enum { ATTACK, DECAY };

LANE_FN struct poles formlet_design(struct tuning t, float rate_hz, int which)
{
    const lane e = ring_loss(which == DECAY ? t.db : t.rq, rate_hz); /* inputs 3 and 2 */
    return ring_poles(t.freq_hz, e, lane_splat(0.25f), rate_hz);
}

PH_RT static void formlet_init(void *state, const struct dsp_block *b)
{
    struct formlet *const s = state;
    s->t = tuning_at(b, 0);
    for (int k = ATTACK; k <= DECAY; k++) {
        const struct poles p = formlet_design(s->t, b->rate_hz, k);
        s->v1[k] = s->v2[k] = lane_dd_splat(0.0);
        s->b1[k] = p.b1;
        s->b2[k] = p.b2;
    }
}

PH_RT static void formlet_process(void *state, const struct dsp_block *b)
{
    struct formlet *const s = state;
    const struct form form = { .zeros = ZEROS_BAND, .follow = FOLLOW_BLOCK };
    lane space[DSP_BLOCK_FRAMES], attack[DSP_BLOCK_FRAMES];
    lane *const out = dsp_out(b, 0), *const outs[2] = { attack, out };
    const lane *const x = frames_of(b, IN, space);
    const struct tuning t = tuning_at(b, 0);
    const bool moved = tuning_moved(t, s->t);

    for (int k = ATTACK; k <= DECAY; k++) {
        const struct poles before = { s->b1[k], s->b2[k], lane_splat(0.25f) };
        struct two_pole_state v = two_pole_state(s->v1[k], s->v2[k]);
        const struct poles to = moved ? formlet_design(t, b->rate_hz, k) : before;
        const struct pole_path path = pole_path(&before, &to, b, form);
        v = two_pole_bound(two_pole_run(v, x, outs[k], b->n_frames, path.from,
                                        moved ? &path.step : NULL, form));
        s->v1[k] = v.v1;
        s->v2[k] = v.v2;
        s->b1[k] = to.b1;
        s->b2[k] = to.b2;
    }
    s->t = t;
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] -= attack[i];
}
const struct dsp_unit DSP(dsp_Formlet) = { sizeof(struct formlet), formlet_init, formlet_process,
                                           NULL, 8, formlet_process };
