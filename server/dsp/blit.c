/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/blit.c - band-limited by sums of cosines: Saw, Pulse, Blip.                         */
/* room: audio.                                                                                   */
#include "server/dsp/lane_phase.h"
#include "server/dsp/ramp.h"

/*
 * Saw and Pulse integrate a band-limited impulse train: the sum of N cosines of equal level,
 * (sin((2N + 1) x) / sin(x) - 1) / 2N with x half the phase, N = rate / 2 / freq cut off, through
 * y = impulse + 0.999 y. Source: Stilson and Smith 1996, as in SuperCollider's Saw and Pulse.
 *
 * Half the phase is always an odd number of 2^-32 turns: it starts at 1 and its steps are even.
 * Then both sines differ from 0, and near the peaks their ratio is that of two small whole numbers,
 * right to the last bit: no case is special. (2N + 1) x is exact, since it may wrap.
 *
 * Where freq moves, scsynth crossfades from one N to the next over a block. Here a freq at audio
 * rate fades its highest cosine in and out with the fractional part of N, so that nothing depends
 * on blocks; one at control rate crossfades as scsynth does.
 */

/** How many cosines fit below half the rate, and the scale 1 / 2N; none above half the rate. */
struct harmonics { lane n, scale; };
LANE_FN struct harmonics harmonics_of(lane freq, float rate_hz)
{
    const lane fit = lane_trunc(0.5f * rate_hz / lane_max(lane_abs(freq), lane_splat(1e-9f)));
    const lane one = lane_splat(1.0f);
    /* Below 0.01 Hz the cosines end at 2^21; the scale still falls, so the output stays bounded. */
    return (struct harmonics){ lane_min(fit, lane_splat(2097152.0f)), 0.5f / lane_max(fit, one) };
}

/** sin of an odd phase. */
LANE_FN lane sin_odd(lane_u phase) { return lane_cos_odd(phase - LANE_QUARTER_TURN); }

/** 2n + 1 */
LANE_FN lane_u odd_of(lane n) { return lane_u_from_i(lane_to_i(n)) * 2u + 1u; }

/** What Saw and Pulse share: the running half phase, its step, freq and N of the last block. */
struct blit { lane_u half, step; lane freq; struct harmonics harmonics; };

/** Half of freq's phase step: a half phase turns once per two periods. */
LANE_FN lane_u half_step(lane freq, float rate_hz)
{
    const lane_d units = lane_to_d(limit_freq(freq, 3.999f * rate_hz)) * (268435456.0 / rate_hz);
    return lane_u_from_i(lane_i_from_d(units)) << 3;
}

LANE_FN struct blit blit_start(lane freq, float rate_hz)
{
    return (struct blit){ lane_splat_u(1), half_step(freq, rate_hz), freq,
                          harmonics_of(freq, rate_hz) };
}

/** A block with one freq: its step, and the N between which the train fades. */
struct course { lane_u step; struct harmonics from, to; bool fading; };

/**
 * Takes the state to a new freq. Where N changes, the block runs at the higher of the two
 * frequencies, as scsynth's does, so that no cosine passes half the rate.
 */
LANE_FN struct course blit_turn(struct blit *s, lane freq, float rate_hz)
{
    if (lane_all(lane_eq(freq, s->freq)))
        return (struct course){ s->step, s->harmonics, s->harmonics, false };

    struct course c = { .step = half_step(freq, rate_hz),
                        .from = s->harmonics,
                        .to = harmonics_of(freq, rate_hz) };
    const lane_i same = lane_eq(c.from.n, c.to.n);
    const lane_u higher = half_step(lane_max(s->freq, freq), rate_hz);
    s->step = c.step;
    s->freq = freq;
    s->harmonics = c.to;
    /* a lane that does not fade must not show that another one does */
    c.from.scale = lane_select(same, c.to.scale, c.from.scale);
    c.step = lane_select_u(same, c.step, higher);
    c.fading = !lane_all(same);
    return c;
}

/** The half phases of a block whose freq is at audio rate. */
LANE_FN void blit_run(struct blit *s, const struct dsp_block *b, lane_u *half)
{
    const lane *const freq = dsp_in(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++)
        half[i] = half_step(freq[i], b->rate_hz);
    run_phase(half, b->n_frames, &s->half);
    blit_turn(s, freq[b->n_frames - 1], b->rate_hz);
}

/** N of a freq at audio rate: the highest of n cosines has the level `mix`. */
struct comb { lane_u odd, odd_less; lane mix, scale; };
LANE_FN struct comb comb_of(lane freq, float rate_hz)
{
    const lane hz = lane_max(lane_abs(freq), lane_splat(1e-9f)), fit = 0.5f * rate_hz / hz;
    const lane whole = lane_trunc(fit), n = lane_min(whole, lane_splat(2097152.0f));
    const lane one = lane_splat(1.0f), less = lane_max(n - one, lane_splat(0.0f));
    return (struct comb){ odd_of(n), odd_of(less), lane_min(fit - whole, one),
                          lane_min(hz * (1.0f / rate_hz), lane_splat(0.5f)) };
}

/** sin((2N + 1) x) of a comb. */
LANE_FN lane comb_top(const struct comb *c, lane_u half)
{
    const lane old = sin_odd(half * c->odd_less);
    return lane_fma(c->mix, sin_odd(half * c->odd) - old, old);
}

/** (top / below - 1) * scale */
LANE_FN lane train(lane top, lane below, lane scale)
{
    return lane_fma(top / below, scale, -scale);
}

/*
 * The integrator y = x + 0.999 y. Width 1 runs it behind the loop that makes the train, so that the
 * compiler vectorises that one along time; wider lanes run it within.
 */
LANE_FN lane leak(lane x, lane *y) { return *y = lane_fma(lane_splat(0.999f), *y, x); }
LANE_FN lane leak_within(lane x, lane *y) { return LANE_W == 1 ? x : leak(x, y); }
LANE_FN void leak_behind(lane *x, uint32_t n, lane *y)
{
    lane sum = *y;
    for (uint32_t i = 0; LANE_W == 1 && i < n; i++)
        x[i] = leak(x[i], &sum);
    *y = sum;
}

/**
 * Saw - band-limited sawtooth.
 *
 * in      [0] freq  Hz; silent above rate / 2
 * out     [0] rises from -0.5 to 0.5, near the waveform that SuperCollider makes of it
 * state   half phase, step, freq, N, the integrator; it starts at -0.46 as in scsynth
 * cost    two sines and a division per frame, three and two where N changes
 */
struct saw { struct blit blit; lane y; };

PH_RT static void saw_init(void *state, const struct dsp_block *b)
{
    *(struct saw *)state = (struct saw){ blit_start(dsp_in(b, 0)[0], b->rate_hz),
                                         lane_splat(-0.46f) };
}

/** The train at one freq and N. */
LANE_FN void saw_hold(lane *restrict out, uint32_t n, lane_u half, const struct course *c,
                      lane *sum)
{
    lane y = *sum;
    const lane_u odd = odd_of(c->to.n), step = c->step, top_step = step * odd;
    const lane scale = c->to.scale;
    lane_u at = half - LANE_QUARTER_TURN, top = half * odd - LANE_QUARTER_TURN;
    for (uint32_t i = 0; i < n; i++, at += step, top += top_step)
        out[i] = leak_within(train(lane_cos_odd(top), lane_cos_odd(at), scale), &y);
    *sum = y;
}

/** The same, fading from one N to the next; the same bits where they are equal. */
LANE_FN void saw_fade(lane *restrict out, uint32_t n, lane_u half, const struct course *c,
                      lane *sum)
{
    lane y = *sum;
    const lane_u odd_from = odd_of(c->from.n), odd_to = odd_of(c->to.n), step = c->step;
    const struct harmonics from = c->from, to = c->to;
    const float part = 1.0f / (float)n;
    for (uint32_t i = 0; i < n; i++, half += step) {
        const lane below = sin_odd(half);
        const lane old = train(sin_odd(half * odd_from), below, from.scale);
        const lane new = train(sin_odd(half * odd_to), below, to.scale);
        out[i] = leak_within(lane_fma(lane_splat(ramp_index[i] * part), new - old, old), &y);
    }
    *sum = y;
}

LANE_FN void saw_follow(lane *restrict out, const struct dsp_block *b, const lane_u *half,
                        lane *sum)
{
    lane y = *sum;
    const lane *const freq = dsp_in(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const struct comb c = comb_of(freq[i], b->rate_hz);
        out[i] = leak_within(train(comb_top(&c, half[i]), sin_odd(half[i]), c.scale), &y);
    }
    *sum = y;
}

PH_RT static void saw_process(void *state, const struct dsp_block *b)
{
    struct saw *const s = state;
    lane *const out = dsp_out(b, 0);
    if (dsp_step(b, 0)) {
        lane_u half[DSP_BLOCK_FRAMES];
        blit_run(&s->blit, b, half);
        saw_follow(out, b, half, &s->y);
    } else {
        const struct course c = blit_turn(&s->blit, dsp_in(b, 0)[0], b->rate_hz);
        if (c.fading)
            saw_fade(out, b->n_frames, s->blit.half, &c, &s->y);
        else
            saw_hold(out, b->n_frames, s->blit.half, &c, &s->y);
        s->blit.half += c.step * b->n_frames;
    }
    leak_behind(out, b->n_frames, &s->y);
}
const struct dsp_unit DSP(dsp_Saw) = { sizeof(struct saw), saw_init, saw_process, NULL };

/**
 * Pulse - band-limited pulse.
 *
 * in      [0] freq   Hz; silent above rate / 2
 *         [1] width  0 .. 1; ramped where it is not at audio rate
 * out     [0] two levels 1 apart, without DC after some 20 ms
 * state   half phase, step, freq, N, the width at the end of the last block, the integrator, and
 *         the part of the width in effect: it opens over the first 64 frames, as in scsynth
 * cost    four sines and a division per frame, six and two where N changes
 */
struct pulse { struct blit blit; lane width, y, opening; };

PH_RT static void pulse_init(void *state, const struct dsp_block *b)
{
    *(struct pulse *)state = (struct pulse){ .blit = blit_start(dsp_in(b, 0)[0], b->rate_hz),
                                             .width = dsp_in(b, 1)[0] };
}

/** The half phases of a pulse's two edges, and their sines. */
struct edges { lane_u rise, fall; lane below_rise, below_fall; };
LANE_FN struct edges edges_at(lane_u rise, lane_u fall)
{
    return (struct edges){ rise, fall, sin_odd(rise), sin_odd(fall) };
}

/** The difference of two trains over their common denominator; exactly 0 where they meet. */
LANE_FN lane edges_train(const struct edges *e, lane top_rise, lane top_fall, lane scale)
{
    const lane top = top_rise * e->below_fall - top_fall * e->below_rise;
    return top / (e->below_rise * e->below_fall) * scale;
}

LANE_FN lane edges_of(const struct edges *e, lane_u odd, lane scale)
{
    return edges_train(e, sin_odd(e->rise * odd), sin_odd(e->fall * odd), scale);
}

/** How far the fall is from the rise, per frame, in half phases: even numbers. */
LANE_FN void pulse_shifts(struct pulse *s, const struct dsp_block *b, lane_u *shift)
{
    lane frames[DSP_BLOCK_FRAMES];
    const struct ramp_input width = ramp_input(b, 1, &s->width, frames);
    const lane one = lane_splat(1.0f);
    const lane open_step = lane_splat(b->rate == PH_AUDIO ? 1.0f / 64.0f : 1.0f);
    const lane opening = s->opening;

    if (width.step == 0 && lane_all(lane_eq(opening, one))) {
        const lane_u same = lane_phase_of_turns(0.5f * width.x[0]);
        for (uint32_t i = 0; i < b->n_frames; i++)
            shift[i] = same;
        return;
    }
    const lane *x = width.x;
    if (width.step == 0) {
        for (uint32_t i = 0; i < b->n_frames; i++)
            frames[i] = width.x[0];
        x = frames;
    }
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane open = lane_min(lane_fma(lane_splat(ramp_index[i]), open_step, opening), one);
        shift[i] = lane_phase_of_turns(0.5f * (x[i] * open));
    }
    const lane n = lane_splat((float)b->n_frames);
    s->opening = lane_min(lane_fma(n, open_step, opening), one);
}

LANE_FN void pulse_hold(lane *restrict out, uint32_t n, lane_u half, const lane_u *restrict shift,
                        const struct course *c, lane *sum)
{
    lane y = *sum;
    const lane_u odd = odd_of(c->to.n), step = c->step;
    const lane scale = c->to.scale;
    for (uint32_t i = 0; i < n; i++, half += step) {
        const struct edges e = edges_at(half, half + shift[i]);
        out[i] = leak_within(edges_of(&e, odd, scale), &y);
    }
    *sum = y;
}

LANE_FN void pulse_fade(lane *restrict out, uint32_t n, lane_u half, const lane_u *restrict shift,
                        const struct course *c, lane *sum)
{
    lane y = *sum;
    const lane_u odd_from = odd_of(c->from.n), odd_to = odd_of(c->to.n), step = c->step;
    const struct harmonics from = c->from, to = c->to;
    const float part = 1.0f / (float)n;
    for (uint32_t i = 0; i < n; i++, half += step) {
        const struct edges e = edges_at(half, half + shift[i]);
        const lane old = edges_of(&e, odd_from, from.scale), new = edges_of(&e, odd_to, to.scale);
        out[i] = leak_within(lane_fma(lane_splat(ramp_index[i] * part), new - old, old), &y);
    }
    *sum = y;
}

LANE_FN void pulse_follow(lane *restrict out, const struct dsp_block *b, const lane_u *half,
                          const lane_u *shift, lane *sum)
{
    lane y = *sum;
    const lane *const freq = dsp_in(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const struct comb c = comb_of(freq[i], b->rate_hz);
        const struct edges e = edges_at(half[i], half[i] + shift[i]);
        const lane rise = comb_top(&c, e.rise), fall = comb_top(&c, e.fall);
        out[i] = leak_within(edges_train(&e, rise, fall, c.scale), &y);
    }
    *sum = y;
}

PH_RT static void pulse_process(void *state, const struct dsp_block *b)
{
    struct pulse *const s = state;
    lane *const out = dsp_out(b, 0);
    lane_u shift[DSP_BLOCK_FRAMES];
    pulse_shifts(s, b, shift);
    if (dsp_step(b, 0)) {
        lane_u half[DSP_BLOCK_FRAMES];
        blit_run(&s->blit, b, half);
        pulse_follow(out, b, half, shift, &s->y);
    } else {
        const struct course c = blit_turn(&s->blit, dsp_in(b, 0)[0], b->rate_hz);
        if (c.fading)
            pulse_fade(out, b->n_frames, s->blit.half, shift, &c, &s->y);
        else
            pulse_hold(out, b->n_frames, s->blit.half, shift, &c, &s->y);
        s->blit.half += c.step * b->n_frames;
    }
    leak_behind(out, b->n_frames, &s->y);
}
const struct dsp_unit DSP(dsp_Pulse) = { sizeof(struct pulse), pulse_init, pulse_process, NULL };

/**
 * Blip - band-limited impulse train.
 *
 * in      [0] freq     Hz; silent above rate / 2
 *         [1] numharm  how many harmonics, cut off to whole numbers; as many as fit below rate / 2
 *                      at most, and one at least
 * out     [0] the sum of N cosines / N: 1 at each start of a period
 * state   half phase, step, freq, numharm and N of the last block
 * cost    two sines and a division per frame, three and two where N changes
 *
 * Where either input is at audio rate, N follows as with Saw: the highest cosine fades in and out.
 */
struct blip { struct blit blit; lane count; };

/** No more cosines than asked for. */
LANE_FN struct harmonics blip_harmonics(lane freq, lane count, float rate_hz)
{
    struct harmonics h = harmonics_of(freq, rate_hz);
    const lane one = lane_splat(1.0f), asked = lane_max(lane_trunc(count), one);
    const lane_i fewer = lane_lt(asked, h.n);
    h.scale = lane_select(fewer, 0.5f / asked, h.scale);
    h.n = lane_select(fewer, asked, h.n);
    return h;
}

PH_RT static void blip_init(void *state, const struct dsp_block *b)
{
    struct blip *const s = state;
    const lane freq = dsp_in(b, 0)[0];
    s->blit = blit_start(freq, b->rate_hz);
    s->count = dsp_in(b, 1)[0];
    s->blit.harmonics = blip_harmonics(freq, s->count, b->rate_hz);
}

/** Takes the state to new inputs, as blit_turn() does. */
LANE_FN struct course blip_turn(struct blip *s, lane freq, lane count, float rate_hz)
{
    struct blit *const blit = &s->blit;
    struct course c = { half_step(freq, rate_hz), blit->harmonics,
                        blip_harmonics(freq, count, rate_hz), false };
    const lane_i same = lane_eq(c.from.n, c.to.n);
    const lane_u higher = half_step(lane_max(blit->freq, freq), rate_hz);
    blit->step = c.step;
    blit->freq = freq;
    s->count = count;
    blit->harmonics = c.to;
    c.from.scale = lane_select(same, c.to.scale, c.from.scale);
    c.step = lane_select_u(same, c.step, higher);
    c.fading = !lane_all(same);
    return c;
}

LANE_FN void blip_hold(lane *restrict out, uint32_t n, lane_u half, const struct course *c)
{
    const lane_u odd = odd_of(c->to.n), step = c->step, top_step = step * odd;
    const lane scale = c->to.scale;
    lane_u at = half - LANE_QUARTER_TURN, top = half * odd - LANE_QUARTER_TURN;
    for (uint32_t i = 0; i < n; i++, at += step, top += top_step)
        out[i] = train(lane_cos_odd(top), lane_cos_odd(at), scale);
}

/** From one N to the next; the same bits where they are equal. */
LANE_FN void blip_fade(lane *restrict out, uint32_t n, lane_u half, const struct course *c)
{
    const lane_u odd_from = odd_of(c->from.n), odd_to = odd_of(c->to.n), step = c->step;
    const float part = 1.0f / (float)n;
    for (uint32_t i = 0; i < n; i++, half += step) {
        const lane below = sin_odd(half);
        const lane old = train(sin_odd(half * odd_from), below, c->from.scale);
        const lane new = train(sin_odd(half * odd_to), below, c->to.scale);
        out[i] = lane_fma(lane_splat(ramp_index[i] * part), new - old, old);
    }
}

/** Of the comb that fits and the cosines that are asked for, the fewer. */
LANE_FN struct comb blip_comb(lane freq, lane count, float rate_hz)
{
    const lane hz = lane_max(lane_abs(freq), lane_splat(1e-9f)), fit = 0.5f * rate_hz / hz;
    const lane one = lane_splat(1.0f), asked = lane_max(lane_trunc(count), one);
    const lane whole = lane_trunc(fit), most = lane_min(whole, lane_splat(2097152.0f));
    const lane_i fewer = lane_lt(asked, most);
    const lane n = lane_min(asked, most), less = lane_max(n - one, lane_splat(0.0f));
    const lane scale = lane_min(hz * (1.0f / rate_hz), lane_splat(0.5f));
    return (struct comb){ odd_of(n), odd_of(less),
                          lane_select(fewer, one, lane_min(fit - whole, one)),
                          lane_select(fewer, 0.5f / asked, scale) };
}

/** Steps are 0 or 1, and known where this is called: so gcc vectorises along time. */
LANE_FN void blip_frames(lane *restrict out, const struct dsp_block *b, const lane_u *half,
                         uint32_t df, uint32_t dn)
{
    const lane *const freq = dsp_in(b, 0), *const count = dsp_in(b, 1);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const struct comb c = blip_comb(freq[i * df], count[i * dn], b->rate_hz);
        out[i] = train(comb_top(&c, half[i]), sin_odd(half[i]), c.scale);
    }
}

LANE_FN void blip_follow(struct blip *s, const struct dsp_block *b)
{
    const lane *const freq = dsp_in(b, 0), *const count = dsp_in(b, 1);
    const uint32_t df = dsp_step(b, 0), dn = dsp_step(b, 1), last = b->n_frames - 1;
    lane *const out = dsp_out(b, 0);
    lane_u half[DSP_BLOCK_FRAMES];
    for (uint32_t i = 0; i < b->n_frames; i++)
        half[i] = half_step(freq[i * df], b->rate_hz);
    run_phase(half, b->n_frames, &s->blit.half);
    if (df == 0)
        blip_frames(out, b, half, 0, 1);
    else if (dn == 0)
        blip_frames(out, b, half, 1, 0);
    else
        blip_frames(out, b, half, 1, 1);
    blip_turn(s, freq[last * df], count[last * dn], b->rate_hz);
}

PH_RT static void blip_process(void *state, const struct dsp_block *b)
{
    struct blip *const s = state;
    if (dsp_step(b, 0) || dsp_step(b, 1)) {
        blip_follow(s, b);
        return;
    }
    const struct course c = blip_turn(s, dsp_in(b, 0)[0], dsp_in(b, 1)[0], b->rate_hz);
    if (c.fading)
        blip_fade(dsp_out(b, 0), b->n_frames, s->blit.half, &c);
    else
        blip_hold(dsp_out(b, 0), b->n_frames, s->blit.half, &c);
    s->blit.half += c.step * b->n_frames;
}
const struct dsp_unit DSP(dsp_Blip) = { sizeof(struct blip), blip_init, blip_process, NULL, 0 };
