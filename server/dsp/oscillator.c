/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/oscillator.c - oscillators: SuperCollider's, and polyBLEP forms of our own.         */
/* room: audio.                                                                                   */
/*                                                                                                */
/* Phases are fixed point (lane_phase.h): they wrap by themselves, never lose precision and are   */
/* the same at every lane width. Loops that accumulate a phase from steps that move stand apart   */
/* from the loops that make waves of it, which the compiler vectorises along time at width 1.     */
#include "server/dsp/lane_phase.h"
#include "server/dsp/ramp.h"

/** Replaces steps by the phases they lead to from `phase`, which moves on by all of them. */
LANE_FN void run_phase(lane_u *at, uint32_t n, lane_u *phase)
{
    lane_u sum = *phase;
    for (uint32_t i = 0; i < n; i++) {
        const lane_u step = at[i];
        at[i] = sum;
        sum += step;
    }
    *phase = sum;
}

/** Limits |freq| to a multiple of the rate: where the step's number ends. */
LANE_FN lane limit_freq(lane freq, float limit) { return lane_clamp(freq, -limit, limit); }

/**
 * Phase step of scsynth's table oscillators: freq in units of rate / 2^29, cut off towards zero,
 * so that pitch and phase agree with scsynth for as long as one likes. |freq| is limited to just
 * under 4 * rate, where the number ends.
 */
LANE_FN lane_u table_step(lane freq, float rate_hz)
{
    const lane_d units = lane_to_d(limit_freq(freq, 3.999f * rate_hz)) * (536870912.0 / rate_hz);
    return lane_u_from_i(lane_i_from_d(units)) << 3;
}

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
    const lane_u step = table_step(dsp_in(b, 0)[0], b->rate_hz);
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
        at[i] = table_step(freq[i], b->rate_hz);
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
    const lane_u step = table_step(dsp_in(b, 0)[0], b->rate_hz);
    lane_u at = s->phase + lane_phase_of_radians(offset.x[0]) - LANE_QUARTER_TURN;
    for (uint32_t i = 0; i < b->n_frames; i++, at += step)
        out[i] = lane_cos_phase(at);
    s->phase += step * b->n_frames;
}
const struct dsp_unit DSP(dsp_SinOsc) = { sizeof(struct sin_osc), sin_osc_init, sin_osc_process,
                                          NULL };

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
    const lane one = lane_splat(1.0f), open_step = lane_splat(b->rate == 2 ? 1.0f / 64.0f : 1.0f);
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

/**
 * LFSaw - sawtooth without band limit.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate
 *         [1] iphase  where it starts, in half periods: 0 is the middle of the rise
 * out     [0] phase, -1 .. 1; going up the upper end is left out, going down the lower one
 * state   phase in 64 bits; it starts one frame after iphase, as scsynth's does
 * cost    one addition and a conversion per frame
 */
struct lf { lane_u hi, lo; lane_i down; };

/** Turns per frame, scaled as scsynth does, in float, so that both stay together; within reason. */
LANE_FN lane lf_turns(lane freq, float range, float rate_hz)
{
    return lane_clamp(freq * (float)(range / rate_hz), -1e6f, 1e6f) / range;
}
LANE_FN lane_i lf_down(lane turns) { return lane_lt(turns, lane_splat(0.0f)); }

/**
 * The phase just below, and back. Going down, a turn ends where the phase reaches 0, not where it
 * passes it; so it runs one 2^-64 of a turn lower.
 */
LANE_FN lane_long phase_below(lane_long phase, lane_i where)
{
    return lane_long_add(phase, lane_long_of(lane_u_from_i(where), lane_u_from_i(where)));
}
LANE_FN lane_long phase_above(lane_long phase, lane_i where)
{
    return lane_long_add(phase, lane_long_of(lane_splat_u(0), lane_u_from_i(where) & 1u));
}

LANE_FN void lf_keep(struct lf *s, lane_long phase, lane_i down)
{
    const lane_long below = phase_below(phase, down);
    *s = (struct lf){ lane_long_hi(below), lane_long_lo(below), down };
}

static void lf_start(struct lf *s, const struct dsp_block *b, float range)
{
    const lane_long first = lane_long_of_turns(lane_clamp(dsp_in(b, 1)[0], -1e6f, 1e6f) / range);
    const lane turns = lf_turns(dsp_in(b, 0)[0], range, b->rate_hz);
    lf_keep(s, lane_long_add(first, lane_long_of_turns(turns)), lf_down(turns));
}

PH_RT static void lf_saw_init(void *state, const struct dsp_block *b)
{
    lf_start(state, b, 2.0f);
}

typedef lane lf_wave(lane_u phase);
LANE_FN lane lf_saw(lane_u phase) { return lane_from_i(lane_i_from_u(phase)) * 4.656612873e-10f; }
LANE_FN lane lf_tri(lane_u phase)
{
    return lane_from_i(lane_phase_fold(phase - LANE_QUARTER_TURN)) * 9.313225746e-10f;
}

/** Frequency at audio rate. */
LANE_FN void lf_follow(struct lf *s, const struct dsp_block *b, float range, lf_wave *wave)
{
    const lane *const freq = dsp_in(b, 0);
    lane *const restrict out = dsp_out(b, 0);
    const uint32_t n = b->n_frames;
    lane turns[DSP_BLOCK_FRAMES];
    lane_long at[DSP_BLOCK_FRAMES], phase = phase_above(lane_long_of(s->hi, s->lo), s->down);
    for (uint32_t i = 0; i < n; i++)
        turns[i] = lf_turns(freq[i], range, b->rate_hz);
    for (uint32_t i = 0; i < n; i++)
        at[i] = lane_long_of_turns(turns[i]);
    for (uint32_t i = 0; i < n; i++)
        at[i] = phase = lane_long_add(phase, at[i]);
    out[0] = wave(s->hi);
    for (uint32_t i = 0; i + 1 < n; i++)
        out[i + 1] = wave(lane_long_hi(phase_below(at[i], lf_down(turns[i]))));
    lf_keep(s, phase, lf_down(turns[n - 1]));
}

/** Runs the phase, one turn over `range` of scsynth's. */
LANE_FN void lf_process(void *state, const struct dsp_block *b, float range, lf_wave *wave)
{
    struct lf *const s = state;
    lane *const restrict out = dsp_out(b, 0);
    if (dsp_step(b, 0)) {
        lf_follow(s, b, range, wave);
        return;
    }
    const lane turns = lf_turns(dsp_in(b, 0)[0], range, b->rate_hz);
    const lane_long step = lane_long_of_turns(turns);
    const lane_i down = lf_down(turns);
    const lane first = wave(s->hi); /* as the last block's freq left it */
    lane_long at = phase_below(phase_above(lane_long_of(s->hi, s->lo), s->down), down);
    for (uint32_t i = 0; i < b->n_frames; i++, at = lane_long_add(at, step))
        out[i] = wave(lane_long_hi(at));
    out[0] = first;
    *s = (struct lf){ lane_long_hi(at), lane_long_lo(at), down };
}

PH_RT static void lf_saw_process(void *state, const struct dsp_block *b)
{
    lf_process(state, b, 2.0f, lf_saw);
}
const struct dsp_unit DSP(dsp_LFSaw) = { sizeof(struct lf), lf_saw_init, lf_saw_process, NULL };

/**
 * LFTri - triangle without band limit.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate
 *         [1] iphase  where it starts, in quarter periods: 0 is the middle of the rise
 * out     [0] -1 .. 1
 * state   phase in 64 bits; it starts one frame after iphase, as scsynth's does
 * cost    one addition and a conversion per frame
 */
PH_RT static void lf_tri_init(void *state, const struct dsp_block *b)
{
    lf_start(state, b, 4.0f);
}

PH_RT static void lf_tri_process(void *state, const struct dsp_block *b)
{
    lf_process(state, b, 4.0f, lf_tri);
}
const struct dsp_unit DSP(dsp_LFTri) = { sizeof(struct lf), lf_tri_init, lf_tri_process, NULL };

/**
 * Impulse - single frames of 1.
 *
 * in      [0] freq   Hz; ramped where it is not at audio rate; 0 gives one impulse
 *         [1] phase  offset in turns; what moves in it moves the running phase
 * out     [0] 1 in the frame where the phase completes a turn, else 0; frame 0 where it starts at 0
 * state   phase in 64 bits, whether its last step completed a turn, last inputs
 * cost    an addition of 64 bits and a comparison per frame, three and more where an input moves
 */
struct impulse { lane_u hi, lo; lane_i turned; lane step, offset; };

/** Turns per frame of a frequency, rounded as scsynth does; an offset; both within reason. */
LANE_FN lane impulse_step(lane freq, float rate_hz)
{
    return lane_clamp(freq * (float)(1.0 / rate_hz), -1e6f, 1e6f);
}
LANE_FN lane impulse_offset(lane offset) { return lane_clamp(offset, -1e6f, 1e6f); }

PH_RT static void impulse_init(void *state, const struct dsp_block *b)
{
    const lane offset = impulse_offset(dsp_in(b, 1)[0]);
    const lane_long phase = lane_long_of_turns(offset);
    const lane_u hi = lane_long_hi(phase), lo = lane_long_lo(phase);
    *(struct impulse *)state = (struct impulse){
        hi, lo, lane_eq_i(lane_i_from_u(hi | lo), lane_splat_i(0)),
        impulse_step(dsp_in(b, 0)[0], b->rate_hz), offset
    };
}

/**
 * Mask of the lanes where the step that led to `phase` completed a turn: forwards a carry,
 * backwards none, and always where it is a turn or more.
 */
LANE_FN lane_i impulse_turned(lane_long phase, lane_long by, lane step)
{
    const lane zero = lane_splat(0.0f), one = lane_splat(1.0f);
    return (lane_long_carried(phase, by) ^ lane_lt(step, zero)) | lane_ge(lane_abs(step), one);
}

/** One freq and offset in all lanes, as in the block before. */
LANE_FN lane_long impulse_hold(struct impulse *s, const struct dsp_block *b, lane_long phase)
{
    lane *const restrict out = dsp_out(b, 0);
    const lane step = s->step, one = lane_splat(1.0f);
    const lane_long by = lane_long_of_turns(step);
    const lane_i turned = s->turned;
    for (uint32_t i = 0; i < b->n_frames; i++, phase = lane_long_add(phase, by))
        out[i] = lane_where(impulse_turned(phase, by, step), one);
    out[0] = lane_where(turned, one);
    s->turned = impulse_turned(phase, by, step);
    return phase;
}

/** Steps of a block in which freq moves: in turns, where the sign counts, and as phase. */
LANE_FN void impulse_steps(struct impulse *s, const struct dsp_block *b, lane *restrict turns,
                           lane_long *restrict by)
{
    const lane *const freq = dsp_in(b, 0);
    const uint32_t n = b->n_frames;
    const lane from = s->step, last = impulse_step(freq[dsp_step(b, 0) ? n - 1 : 0], b->rate_hz);
    s->step = last;
    if (dsp_step(b, 0)) {
        for (uint32_t i = 0; i < n; i++)
            turns[i] = impulse_step(freq[i], b->rate_hz);
        for (uint32_t i = 0; i < n; i++)
            by[i] = lane_long_of_turns(turns[i]);
        return;
    }
    const lane slope = (last - from) * (1.0f / (float)n);
    const lane_long more = lane_long_of_turns(slope);
    lane_long step = lane_long_of_turns(from);
    for (uint32_t i = 0; i < n; i++) {
        step = lane_long_add(step, more);
        by[i] = step;
        turns[i] = lane_fma(lane_splat(ramp_index[i] + 1.0f), slope, from);
    }
}

/** What offset adds to the phase before each step. */
LANE_FN void impulse_shifts(struct impulse *s, const struct dsp_block *b, lane_long *shift)
{
    const lane *const offset = dsp_in(b, 1);
    if (!dsp_step(b, 1)) {
        const lane last = impulse_offset(offset[0]);
        const lane_long each = lane_long_of_turns((last - s->offset) * (1.0f / (float)b->n_frames));
        for (uint32_t i = 0; i < b->n_frames; i++)
            shift[i] = each;
        s->offset = last;
        return;
    }
    lane_long at = lane_long_of_turns(s->offset);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_long next = lane_long_of_turns(impulse_offset(offset[i]));
        shift[i] = lane_long_sub(next, at);
        at = next;
    }
    s->offset = impulse_offset(offset[b->n_frames - 1]);
}

/** Freq or offset moves: on a straight line to its new value, or at audio rate. */
LANE_FN lane_long impulse_follow(struct impulse *s, const struct dsp_block *b, lane_long phase)
{
    lane *const restrict out = dsp_out(b, 0);
    const uint32_t n = b->n_frames;
    lane turns[DSP_BLOCK_FRAMES];
    lane_long by[DSP_BLOCK_FRAMES], at[DSP_BLOCK_FRAMES];
    impulse_steps(s, b, turns, by);
    impulse_shifts(s, b, at);
    for (uint32_t i = 0; i < n; i++) {
        phase = lane_long_add(lane_long_add(phase, at[i]), by[i]);
        at[i] = phase;
    }
    out[0] = lane_where(s->turned, lane_splat(1.0f));
    for (uint32_t i = 0; i + 1 < n; i++)
        out[i + 1] = lane_where(impulse_turned(at[i], by[i], turns[i]), lane_splat(1.0f));
    s->turned = impulse_turned(at[n - 1], by[n - 1], turns[n - 1]);
    return phase;
}

PH_RT static void impulse_process(void *state, const struct dsp_block *b)
{
    struct impulse *const s = state;
    const lane_i down = lane_lt(s->step, lane_splat(0.0f));
    const lane_i still = lane_eq(impulse_step(dsp_in(b, 0)[0], b->rate_hz), s->step) &
                         lane_eq(impulse_offset(dsp_in(b, 1)[0]), s->offset);
    lane_long phase = phase_below(lane_long_of(s->hi, s->lo), down);
    if (lane_all(still) && !dsp_step(b, 0) && !dsp_step(b, 1))
        phase = impulse_hold(s, b, phase);
    else
        phase = impulse_follow(s, b, phase);
    phase = phase_above(phase, down);
    s->hi = lane_long_hi(phase);
    s->lo = lane_long_lo(phase);
}
const struct dsp_unit DSP(dsp_Impulse) = { sizeof(struct impulse), impulse_init, impulse_process,
                                           NULL };

/*
 * BlepSaw, BlepPulse, BlepTri - the waveform of a phase, with its steps and corners rounded over
 * the two frames beside them. Source: Valimaki, Pekonen and Nam 2012 (polyBLEP); Esqueda, Valimaki
 * and Bilbao 2016 (polyBLAMP).
 */

/** Phase step of a frequency, limited to half the rate. */
LANE_FN lane_u blep_step(lane freq, float rate_hz)
{
    const float limit = 0.4999f * rate_hz;
    const lane_d units = lane_to_d(lane_clamp(freq, -limit, limit)) * (4294967296.0 / rate_hz);
    return lane_u_from_i(lane_i_from_d(units));
}

/** How fast the phase goes: its step, and frames per turn, bounded where it stands still. */
struct pace { lane_u step; lane per_turn; };
LANE_FN struct pace blep_pace(lane_u step)
{
    return (struct pace){ step, 1.0f / (lane_abs(lane_turns_signed(step)) + 1e-9f) };
}

/** The phase of every frame, and the step behind it. */
LANE_FN void blep_run(const struct dsp_block *b, lane_u *phase, lane_u *restrict at,
                      lane_u *restrict step)
{
    const lane *const freq = dsp_in(b, 0);
    const uint32_t df = dsp_step(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++)
        at[i] = step[i] = blep_step(freq[i * df], b->rate_hz);
    run_phase(at, b->n_frames, phase);
}

/**
 * Twice 1 - distance in frames to the event at turn 0, not below 0; `p` in turns, -0.5 .. 0.5. As a
 * sum, since a limit to a constant keeps gcc 12 from vectorising.
 */
LANE_FN lane nearness2(lane p, lane per_turn)
{
    const lane x = lane_fma(-lane_abs(p), per_turn, lane_splat(1.0f));
    return x + lane_abs(x);
}

/** 2 phi - 1 with the fall at phi = 0 rounded. */
LANE_FN lane blep_saw(lane_u phase, struct pace pace)
{
    const lane p = lane_turns_signed(phase), m = nearness2(p, pace.per_turn);
    const lane step = lane_fma(m * -0.25f, m, lane_splat(1.0f));
    return lane_fma(lane_splat(2.0f), p, -lane_copysign(step, p));
}

LANE_FN lane_u blep_start(const struct dsp_block *b, uint32_t input)
{
    return lane_phase_of_turns(dsp_in(b, input)[0]);
}

/**
 * BlepSaw - sawtooth 2 phi - 1, polyBLEP.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate; limited to half the rate
 *         [1] iphase  phi of frame 0, in turns
 * out     [0] -1 .. 1
 * state   phi
 * cost    some ten operations per frame, one division where freq is at audio rate
 */
struct blep { lane_u phase; };

PH_RT static void blep_saw_init(void *state, const struct dsp_block *b)
{
    ((struct blep *)state)->phase = blep_start(b, 1);
}

/** Runs the phase; what `wave` makes of it goes out. */
typedef lane blep_wave(lane_u phase, struct pace pace);
LANE_FN void blep_process(void *state, const struct dsp_block *b, blep_wave *wave)
{
    struct blep *const s = state;
    lane *const restrict out = dsp_out(b, 0);
    if (dsp_step(b, 0)) {
        lane_u at[DSP_BLOCK_FRAMES], step[DSP_BLOCK_FRAMES];
        blep_run(b, &s->phase, at, step);
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = wave(at[i], blep_pace(step[i]));
        return;
    }
    const struct pace pace = blep_pace(blep_step(dsp_in(b, 0)[0], b->rate_hz));
    lane_u phase = s->phase;
    for (uint32_t i = 0; i < b->n_frames; i++, phase += pace.step)
        out[i] = wave(phase, pace);
    s->phase = phase;
}

PH_RT static void blep_saw_process(void *state, const struct dsp_block *b)
{
    blep_process(state, b, blep_saw);
}
const struct dsp_unit DSP(dsp_BlepSaw) = { sizeof(struct blep), blep_saw_init, blep_saw_process,
                                           NULL };

/**
 * BlepPulse - +1 while phi < width, else -1; polyBLEP.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate; limited to half the rate
 *         [1] width   0 .. 1, ramped where it is not at audio rate
 *         [2] iphase  phi of frame 0, in turns
 * out     [0] -1 .. 1
 * state   phi, the width at the end of the last block
 * cost    twice BlepSaw: it is the difference of two saws
 */
struct blep_pulse { lane_u phase; lane width; };

PH_RT static void blep_pulse_init(void *state, const struct dsp_block *b)
{
    *(struct blep_pulse *)state = (struct blep_pulse){ blep_start(b, 2), dsp_in(b, 1)[0] };
}

/** A width as phase, whole turns dropped, and the mean it gives: 2 width - 1. */
struct blep_width { lane_u fall; lane mean; };
LANE_FN struct blep_width blep_width(lane width)
{
    const lane w = lane_clamp(width, 0.0f, 1.0f);
    return (struct blep_width){ lane_phase_of_part(w - 0.5f) + 2u * LANE_QUARTER_TURN,
                                lane_fma(lane_splat(2.0f), w, lane_splat(-1.0f)) };
}

LANE_FN lane blep_pulse(lane_u phase, struct blep_width w, struct pace pace)
{
    return blep_saw(phase - w.fall, pace) - blep_saw(phase, pace) + w.mean;
}

/** Frequency or width moves within the block. */
LANE_FN void blep_pulse_follow(struct blep_pulse *s, const struct dsp_block *b,
                               struct ramp_input width)
{
    lane *const restrict out = dsp_out(b, 0);
    lane_u at[DSP_BLOCK_FRAMES], step[DSP_BLOCK_FRAMES];
    struct blep_width w[DSP_BLOCK_FRAMES];
    blep_run(b, &s->phase, at, step);
    for (uint32_t i = 0; i < b->n_frames; i++)
        w[i] = blep_width(width.x[i * width.step]);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = blep_pulse(at[i], w[i], blep_pace(step[i]));
}

PH_RT static void blep_pulse_process(void *state, const struct dsp_block *b)
{
    struct blep_pulse *const s = state;
    lane *const restrict out = dsp_out(b, 0);
    lane frames[DSP_BLOCK_FRAMES];
    const struct ramp_input width = ramp_input(b, 1, &s->width, frames);
    if (dsp_step(b, 0) || width.step) {
        blep_pulse_follow(s, b, width);
        return;
    }
    const struct pace pace = blep_pace(blep_step(dsp_in(b, 0)[0], b->rate_hz));
    const struct blep_width w = blep_width(width.x[0]);
    lane_u phase = s->phase;
    for (uint32_t i = 0; i < b->n_frames; i++, phase += pace.step)
        out[i] = blep_pulse(phase, w, pace);
    s->phase = phase;
}
const struct dsp_unit DSP(dsp_BlepPulse) = { sizeof(struct blep_pulse), blep_pulse_init,
                                             blep_pulse_process, NULL };

/**
 * BlepTri - triangle from -1 at phi = 0 to 1 at phi = 1/2 and back; polyBLAMP.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate; limited to half the rate
 *         [1] iphase  phi of frame 0, in turns
 * out     [0] -1 .. 1
 * state   phi
 * cost    some fifteen operations per frame, one division where freq is at audio rate
 */
LANE_FN lane blep_tri(lane_u phase, struct pace pace)
{
    const lane p = lane_abs(lane_turns_signed(phase));
    const lane low = nearness2(p, pace.per_turn), high = nearness2(0.5f - p, pace.per_turn);
    /* each corner bends by 8 per turn; the residual of a unit corner is nearness^3 / 6 */
    const lane bend = (1.0f / 6.0f) * lane_abs(lane_turns_signed(pace.step));
    const lane corners = lane_fma(low * low, low, -(high * high * high));
    return lane_fma(bend, corners, lane_fma(lane_splat(4.0f), p, lane_splat(-1.0f)));
}

PH_RT static void blep_tri_process(void *state, const struct dsp_block *b)
{
    blep_process(state, b, blep_tri);
}
const struct dsp_unit DSP(dsp_BlepTri) = { sizeof(struct blep), blep_saw_init, blep_tri_process,
                                           NULL };
