/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/distort.c - distortions of sc3-plugins: WaveLoss, CrossoverDistortion, InsideOut.   */
/* room: audio.                                                                                   */
#include "server/dsp/lane_random.h"
#include "server/dsp/ramp.h"

/*
 * WaveLoss - leaves waves out; a wave reaches from one rise through 0 to the next.
 *
 * in      [0] signal
 *         [1] drop   waves that are left out   [2] outof  of so many; both without their fraction
 *         [3] mode   2: each wave by chance; else the first ones of each turn
 *         1 to 3 are taken once per call
 * out     [0] the signal, or silence. What comes before the first rise is heard
 * state   the last frame, the wave's number in its turn, whether it is heard, the generator
 * cost    a few selections per frame
 */
struct wave_loss { lane last; lane_i wave, heard; struct random random; };
enum { LOSS_IN, LOSS_DROP, LOSS_OUT_OF, LOSS_MODE };

PH_RT static void wave_loss_init(void *state, const struct dsp_block *b)
{
    *(struct wave_loss *)state = (struct wave_loss){ lane_splat(0.0f), lane_splat_i(0),
                                                     lane_splat_i(-1), random_new(b) };
}

LANE_FN lane_i loss_whole(const struct dsp_block *b, uint32_t input)
{
    return lane_to_i(lane_clamp(dsp_in(b, input)[0], -1e9f, 1e9f));
}

PH_RT static void wave_loss_process(void *state, const struct dsp_block *b)
{
    struct wave_loss s = *(struct wave_loss *)state;
    const lane *const in = dsp_in(b, LOSS_IN);
    const uint32_t di = dsp_step(b, LOSS_IN);
    const lane_i drop = loss_whole(b, LOSS_DROP), out_of = loss_whole(b, LOSS_OUT_OF);
    const lane_i by_chance = lane_eq_i(loss_whole(b, LOSS_MODE), lane_splat_i(2));
    const lane share = lane_from_i(drop) / lane_from_i(out_of), zero = lane_splat(0.0f);
    lane *const out = dsp_out(b, 0);

    random_begin(&s.random, b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane x = in[i * di];
        const lane_i begins = lane_lt(s.last, zero) & lane_ge(x, zero);
        const lane_i next = (s.wave + 1) & lane_lt_i(s.wave + 1, out_of);
        s.wave = lane_select_i(begins, next, s.wave);
        const lane drawn = random_unit_of(random_draw(&s.random, begins & by_chance));
        const lane_i heard =
            lane_select_i(by_chance, lane_ge(drawn, share), ~lane_lt_i(s.wave, drop));
        s.heard = lane_select_i(begins, heard, s.heard);
        out[i] = lane_where(s.heard, x);
        s.last = x;
    }
    *(struct wave_loss *)state = s;
}
const struct dsp_unit DSP(dsp_WaveLoss) = { sizeof(struct wave_loss), wave_loss_init,
                                            wave_loss_process, NULL, 0 };

/*
 * CrossoverDistortion - the gap of an amplifier whose halves take over from each other.
 *
 * in      [0] signal
 *         [1] amp     size of the gap     [2] smooth  slope within it: 0 none
 *         both are taken once per call, and ramped
 * out     [0] what of the signal's size lies above amp; below it d (1 + d / (amp smooth)) smooth,
 *         where d is the distance, negative. With the signal's sign
 * state   amp and smooth of the call before; 1 / (amp smooth). That is scsynth's in being late: it
 *         goes to what amp and smooth were before they changed, not to what they have become. From
 *         0 and from what is no number, where scsynth's stays infinite, it goes to the new values
 * cost    six operations per frame, a division where an input changes
 */
struct crossover { lane amp, smooth, bend; };
enum { CROSSOVER_IN, CROSSOVER_AMP, CROSSOVER_SMOOTH };

/**
 * Where there is no gap, or no slope, nothing bends: 1e20 is
 * as good as infinite, and no NaN comes of it.
 */
LANE_FN lane crossover_bend(lane amp, lane smooth)
{
    return 1.0f / lane_max(lane_abs(amp * smooth), lane_splat(1e-20f));
}

PH_RT static void crossover_init(void *state, const struct dsp_block *b)
{
    const lane amp = dsp_in(b, CROSSOVER_AMP)[0], smooth = dsp_in(b, CROSSOVER_SMOOTH)[0];
    *(struct crossover *)state = (struct crossover){ amp, smooth, crossover_bend(amp, smooth) };
}

/** A line to where `bend` goes in this call. */
LANE_FN struct ramp_line crossover_bends(struct crossover *s, const struct dsp_block *b)
{
    const lane_i changes = lane_ne(dsp_in(b, CROSSOVER_AMP)[0], s->amp) |
                           lane_ne(dsp_in(b, CROSSOVER_SMOOTH)[0], s->smooth);
    const lane old = lane_abs(s->amp * s->smooth), from = s->bend;
    const lane_i sane = lane_gt(old, lane_splat(1e-6f)) & lane_lt(old, lane_splat(1e6f));
    const lane now = crossover_bend(dsp_in(b, CROSSOVER_AMP)[0], dsp_in(b, CROSSOVER_SMOOTH)[0]);
    const lane goal = lane_select(sane, crossover_bend(s->amp, s->smooth), now);
    const lane to = lane_select(changes, goal, from);
    s->bend = to;
    return (struct ramp_line){ lane_any(changes), from, (to - from) * (1.0f / (float)b->n_frames) };
}

PH_RT static void crossover_process(void *state, const struct dsp_block *b)
{
    struct crossover *const s = state;
    const lane *const in = dsp_in(b, CROSSOVER_IN);
    const uint32_t di = dsp_step(b, CROSSOVER_IN);
    const struct ramp_line bend = crossover_bends(s, b);
    const struct ramp_line amp = ramp_line(b, CROSSOVER_AMP, &s->amp);
    const struct ramp_line smooth = ramp_line(b, CROSSOVER_SMOOTH, &s->smooth);
    const lane zero = lane_splat(0.0f);
    lane *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane x = in[i * di], above = lane_abs(x) - ramp_at(&amp, i);
        const lane below = above * (1.0f + above * ramp_at(&bend, i)) * ramp_at(&smooth, i);
        const lane size = lane_select(lane_lt(above, zero), below, above);
        out[i] = lane_select(lane_lt(x, zero), -size, size);
    }
}
const struct dsp_unit DSP(dsp_CrossoverDistortion) = { sizeof(struct crossover), crossover_init,
                                                       crossover_process, NULL, 0 };

/*
 * InsideOut - loud becomes soft: what is missing to 1, or to -1.
 *
 * in      [0] signal
 * out     [0] 1 - in above 0, -1 - in below, 0 at 0
 * state   none
 */
PH_RT static void inside_out_process(void *state, const struct dsp_block *b)
{
    (void)state;
    const lane *const in = dsp_in(b, 0), zero = lane_splat(0.0f), one = lane_splat(1.0f);
    const uint32_t di = dsp_step(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane x = in[i * di];
        const lane_i sounds = lane_gt(x, zero) | lane_lt(x, zero);
        dsp_out(b, 0)[i] = lane_where(sounds, lane_copysign(one, x) - x);
    }
}
const struct dsp_unit DSP(dsp_InsideOut) = { 0, dsp_no_init, inside_out_process, NULL, 0,
                                             inside_out_process };
