/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/oscillator.c - oscillators: SuperCollider's, and polyBLEP forms of our own.         */
/* room: audio.                                                                                   */
/*                                                                                                */
/* Phases of the tone oscillators are 32-bit fixed point, one turn = 2^32: they wrap by           */
/* themselves, never lose precision and are the same at every lane width.                         */
#include "server/dsp/fastmath.h"
#include "server/dsp/lane.h"
#include "server/dsp/ramp.h"

static const float turn = 4294967296.0f;        /* 2^32 */
static const float inverse_turn = 2.3283064365386963e-10f;

/** A number of turns as phase, whole turns dropped. */
LANE_FN lane_u phase_of_turns(lane turns)
{
    const lane t = turns - lane_floor(turns + 0.5f); /* -0.5 .. 0.5 */
    const lane scaled = lane_clamp(t * turn, -2147483648.0f, 2147483520.0f);
    return lane_u_from_i(lane_to_i(scaled));
}

/** Phase as a distance from the last or next turn, -0.5 .. 0.5. */
LANE_FN lane turns_signed(lane_u phase) { return lane_from_i(lane_i_from_u(phase)) * inverse_turn; }

/**
 * Phase step of scsynth's table oscillators: freq in units of rate / 2^29, cut off towards zero,
 * so that pitch and phase agree with scsynth for as long as one likes. |freq| is limited to just
 * under 4 * rate, where the number ends.
 */
LANE_FN lane_u table_step(lane freq, float rate_hz)
{
    const float limit = 3.999f * rate_hz;
    const lane_d units = lane_to_d(lane_clamp(freq, -limit, limit)) * (536870912.0 / rate_hz);
    return lane_u_from_i(lane_i_from_d(units)) << 3;
}

/** sin of a phase; absolute error below 1.5e-7. */
LANE_FN lane sin_phase(lane_u phase)
{
    const lane_u quadrant = (phase + 0x20000000u) >> 30; /* nearest quarter turn */
    const lane_i rest = lane_i_from_u(phase - (quadrant << 30));
    const lane r = lane_from_i(rest) * 1.46291807926715968e-9f; /* 2 pi / 2^32 */
    return lane_sin_quadrant(r, lane_i_from_u(quadrant));
}

/**
 * SinOsc - sine.
 *
 * in      [0] freq   Hz, followed frame by frame at audio rate; |freq| < 4 * rate
 *         [1] phase  radians, added to the running phase; ramped where it is not at audio rate
 * out     [0] sine, within 1.5e-7 of the true value; frame 0 is sin(phase)
 * state   running phase, the phase input at the end of the last block
 * cost    one sine polynomial per frame
 * source  scsynth's phase arithmetic; its table and interpolation are within 1e-7 of a sine
 */
struct sin_osc { lane_u phase; lane offset; };

PH_RT static void sin_osc_init(void *state, const struct dsp_block *b)
{
    *(struct sin_osc *)state = (struct sin_osc){ .offset = dsp_in(b, 1)[0] };
}

PH_RT static void sin_osc_process(void *state, const struct dsp_block *b)
{
    struct sin_osc *const s = state;
    const lane *const freq = dsp_in(b, 0);
    lane *const out = dsp_out(b, 0);
    const uint32_t df = dsp_step(b, 0);
    lane frames[DSP_BLOCK_FRAMES];
    const struct ramp_input offset = ramp_input(b, 1, &s->offset, frames);
    lane_u phase = s->phase, step = table_step(freq[0], b->rate_hz);
    lane_u shift = phase_of_turns(offset.x[0] * 0.159154943f);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (df)
            step = table_step(freq[i], b->rate_hz);
        if (offset.step)
            shift = phase_of_turns(offset.x[i] * 0.159154943f);
        out[i] = sin_phase(phase + shift);
        phase += step;
    }
    s->phase = phase;
}
const struct dsp_unit DSP(dsp_SinOsc) = { sizeof(struct sin_osc), sin_osc_init, sin_osc_process,
                                          NULL };

/*
 * Saw and Pulse integrate a band-limited impulse train: the sum of N cosines of equal level,
 * (sin((2N + 1) x) / sin(x) - 1) / 2N with x half the phase, N = rate / 2 / freq cut off, through
 * y = impulse + 0.999 y. Source: Stilson and Smith 1996, as in SuperCollider's Saw and Pulse.
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

/** The impulse train of n cosines at `half`, half the phase; 1 at its peaks. */
LANE_FN lane impulse_train(lane_u half, lane n, lane scale)
{
    const lane_u odd = lane_u_from_i(lane_to_i(n)) * 2u + 1u;
    const lane below = sin_phase(half);
    const lane_i peak = lane_lt(lane_abs(below), lane_splat(1e-8f));
    const lane ratio = sin_phase(half * odd) / lane_select(peak, lane_splat(1.0f), below);
    return (lane_select(peak, 2.0f * n + 1.0f, ratio) - 1.0f) * scale;
}

/** A train as it changes: between that of `from` and that of `to` by `mix` 0 .. 1. */
struct train { struct harmonics from, to; lane mix; };
LANE_FN lane train_at(const struct train *t, bool fading, lane_u half)
{
    const lane y = impulse_train(half, t->to.n, t->to.scale);
    if (!fading)
        return y;
    const lane old = impulse_train(half, t->from.n, t->from.scale);
    return old + t->mix * (y - old);
}

/** Train of a freq at audio rate: its highest cosine is faded by the fraction of N. */
LANE_FN struct train train_of(lane freq, float rate_hz)
{
    const lane fit = 0.5f * rate_hz / lane_max(lane_abs(freq), lane_splat(1e-9f));
    const lane n = lane_min(lane_trunc(fit), lane_splat(2097152.0f)), one = lane_splat(1.0f);
    const lane scale = 0.5f / lane_max(fit, one);
    const struct harmonics full = { n, scale }, less = { lane_max(n - 1.0f, one - 1.0f), scale };
    return (struct train){ less, full, lane_min(fit - lane_trunc(fit), one) };
}

/** What Saw and Pulse share: freq per block or per frame, N, and the running half phase. */
struct blit { lane_u half; lane freq; struct harmonics harmonics; };

LANE_FN struct blit blit_start(lane freq, float rate_hz)
{
    return (struct blit){ .freq = freq, .harmonics = harmonics_of(freq, rate_hz) };
}

/** Half of freq's phase step: a half phase turns once per two periods. */
LANE_FN lane_u half_step(lane freq, float rate_hz)
{
    const float limit = 3.999f * rate_hz;
    const lane_d units = lane_to_d(lane_clamp(freq, -limit, limit)) * (268435456.0 / rate_hz);
    return lane_u_from_i(lane_i_from_d(units)) << 3;
}

/**
 * Sets up a block with one freq: the train, and the step. Where N changes, the block runs at the
 * higher of the two frequencies, as scsynth's does, so that no cosine passes half the rate.
 * @return whether the train fades during the block
 */
LANE_FN bool blit_block(struct blit *s, lane freq, float rate_hz, struct train *t, lane_u *step)
{
    *t = (struct train){ s->harmonics, harmonics_of(freq, rate_hz), lane_splat(1.0f) };
    const lane_i same = lane_eq(t->from.n, t->to.n);
    *step = half_step(lane_select(same, freq, lane_max(s->freq, freq)), rate_hz);
    s->freq = freq;
    s->harmonics = t->to;
    return !lane_all(same);
}

static const float leak = 0.999f;

/**
 * Saw - band-limited sawtooth.
 *
 * in      [0] freq  Hz; silent above rate / 2
 * out     [0] rises from -0.5 to 0.5, near the waveform that SuperCollider makes of it
 * state   half phase, N, the integrator; it starts at -0.46 as in scsynth
 * cost    two sines and a division per frame, four and two where N changes
 */
struct saw { struct blit blit; lane y; };

PH_RT static void saw_init(void *state, const struct dsp_block *b)
{
    *(struct saw *)state = (struct saw){ blit_start(dsp_in(b, 0)[0], b->rate_hz),
                                         lane_splat(-0.46f) };
}

PH_RT static void saw_process(void *state, const struct dsp_block *b)
{
    struct saw *const s = state;
    const lane *const freq = dsp_in(b, 0);
    lane *const out = dsp_out(b, 0);
    const uint32_t df = dsp_step(b, 0);
    struct train t;
    lane_u step;
    const bool fading = blit_block(&s->blit, freq[df ? b->n_frames - 1 : 0], b->rate_hz, &t, &step);
    const float fade_step = 1.0f / (float)b->n_frames;
    lane_u half = s->blit.half;
    lane y = s->y;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (df) {
            t = train_of(freq[i], b->rate_hz);
            step = half_step(freq[i], b->rate_hz);
        } else {
            t.mix = lane_splat((float)i * fade_step);
        }
        y = train_at(&t, df || fading, half) + leak * y;
        out[i] = y;
        half += step;
    }
    s->y = y;
    s->blit.half = half;
}
const struct dsp_unit DSP(dsp_Saw) = { sizeof(struct saw), saw_init, saw_process, NULL };

/**
 * Pulse - band-limited pulse.
 *
 * in      [0] freq   Hz; silent above rate / 2
 *         [1] width  0 .. 1; ramped where it is not at audio rate
 * out     [0] two levels 1 apart, without DC after some 20 ms
 * state   half phase, N, the width at the end of the last block, the integrator, and the part of
 *         the width that is in effect: it opens over the first 64 frames, as in scsynth
 * cost    four sines and two divisions per frame, eight and four where N changes
 */
struct pulse { struct blit blit; lane width, y, opening; };

PH_RT static void pulse_init(void *state, const struct dsp_block *b)
{
    *(struct pulse *)state = (struct pulse){ .blit = blit_start(dsp_in(b, 0)[0], b->rate_hz),
                                             .width = dsp_in(b, 1)[0] };
}

PH_RT static void pulse_process(void *state, const struct dsp_block *b)
{
    struct pulse *const s = state;
    const lane *const freq = dsp_in(b, 0);
    lane *const out = dsp_out(b, 0);
    const uint32_t df = dsp_step(b, 0);
    lane frames[DSP_BLOCK_FRAMES];
    const struct ramp_input width = ramp_input(b, 1, &s->width, frames);
    struct train t;
    lane_u step;
    const bool fading = blit_block(&s->blit, freq[df ? b->n_frames - 1 : 0], b->rate_hz, &t, &step);
    const float fade_step = 1.0f / (float)b->n_frames;
    const float open_step = b->rate == 2 ? 1.0f / DSP_BLOCK_FRAMES : 1.0f;
    lane_u half = s->blit.half;
    lane y = s->y, opening = s->opening;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (df) {
            t = train_of(freq[i], b->rate_hz);
            step = half_step(freq[i], b->rate_hz);
        } else {
            t.mix = lane_splat((float)i * fade_step);
        }
        const lane w = width.x[i * width.step] * opening;
        const lane_u fall = half + phase_of_turns(0.5f * w);
        opening = lane_min(opening + open_step, lane_splat(1.0f));
        y = train_at(&t, df || fading, half) - train_at(&t, df || fading, fall) + leak * y;
        out[i] = y;
        half += step;
    }
    s->y = y;
    s->opening = opening;
    s->blit.half = half;
}
const struct dsp_unit DSP(dsp_Pulse) = { sizeof(struct pulse), pulse_init, pulse_process, NULL };

/** x brought into lo .. lo + range by whole ranges; the end that `up` moves towards is left out. */
LANE_FN lane_d wrap_phase(lane_d x, lane_d up, double lo, double range)
{
    /* Downwards the same happens mirrored: lo itself is then the end that is left out. */
    const lane_d centre = x - lane_splat_d(lo + 0.5 * range);
    const lane_d t = up * centre + lane_splat_d(0.5 * range);
    const lane_d turns = lane_floor_d(t * (1.0 / range));
    return x - up * (turns * range);
}

/** 1 where the step goes up or stands, -1 where it goes down. */
LANE_FN lane_d direction(lane step)
{
    return lane_to_d(lane_select(lane_lt(step, lane_splat(0.0f)), lane_splat(-1.0f),
                                 lane_splat(1.0f)));
}

/**
 * LFSaw - sawtooth without band limit.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate
 *         [1] iphase  where it starts, in half periods: 0 is the middle of the rise
 * out     [0] phase, -1 .. 1
 * state   phase in double; it starts one frame after iphase, as scsynth's does
 * cost    one addition and one floor in double per frame
 */
struct lf { lane_d phase; };

/** Steps of the low-frequency oscillators are bounded so that phase arithmetic stays exact. */
LANE_FN lane lf_step(lane freq, float per_hz) { return lane_clamp(freq * per_hz, -1e6f, 1e6f); }

static void lf_start(struct lf *s, const struct dsp_block *b, double lo, double range)
{
    const lane step = lf_step(dsp_in(b, 0)[0], (float)(range / b->rate_hz));
    const lane_d first = lane_to_d(lane_clamp(dsp_in(b, 1)[0], -1e6f, 1e6f));
    s->phase = wrap_phase(first + lane_to_d(step), direction(step), lo, range);
}

PH_RT static void lf_saw_init(void *state, const struct dsp_block *b)
{
    lf_start(state, b, -1.0, 2.0);
}

/** Runs the phase over lo .. lo + range; a triangle folds its second half back. */
LANE_FN void lf_process(void *state, const struct dsp_block *b, double lo, double range,
                        bool triangle)
{
    struct lf *const s = state;
    const lane *const freq = dsp_in(b, 0);
    lane *const out = dsp_out(b, 0);
    const uint32_t df = dsp_step(b, 0);
    const float per_hz = (float)(range / b->rate_hz);
    lane_d phase = s->phase;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane step = lf_step(freq[i * df], per_hz), z = lane_from_d(phase);
        out[i] = triangle ? lane_min(z, 2.0f - z) : z;
        phase = wrap_phase(phase + lane_to_d(step), direction(step), lo, range);
    }
    s->phase = phase;
}

PH_RT static void lf_saw_process(void *state, const struct dsp_block *b)
{
    lf_process(state, b, -1.0, 2.0, false);
}
const struct dsp_unit DSP(dsp_LFSaw) = { sizeof(struct lf), lf_saw_init, lf_saw_process, NULL,
                                         1 };

/**
 * LFTri - triangle without band limit.
 *
 * in      [0] freq    Hz, followed frame by frame at audio rate
 *         [1] iphase  where it starts, in quarter periods: 0 is the middle of the rise
 * out     [0] -1 .. 1
 * state   phase -1 .. 3 in double; it starts one frame after iphase, as scsynth's does
 * cost    one addition and one floor in double per frame
 */
PH_RT static void lf_tri_init(void *state, const struct dsp_block *b)
{
    lf_start(state, b, -1.0, 4.0);
}

PH_RT static void lf_tri_process(void *state, const struct dsp_block *b)
{
    lf_process(state, b, -1.0, 4.0, true);
}
const struct dsp_unit DSP(dsp_LFTri) = { sizeof(struct lf), lf_tri_init, lf_tri_process, NULL,
                                         1 };

/**
 * Impulse - single frames of 1.
 *
 * in      [0] freq   Hz; ramped where it is not at audio rate; 0 gives one impulse
 *         [1] phase  offset in turns; what moves in it moves the running phase
 * out     [0] 1 in the frame where the phase completes a turn, else 0; frame 0 where it starts at 0
 * state   phase and last inputs in double
 * cost    one addition and one comparison per frame; lanes run one after the other
 */
struct impulse { lane_d phase, step, offset; };

/** Turns per frame of a frequency, rounded as scsynth does; an offset; both within reason. */
static double impulse_step(lane freq, int k, float per_hz)
{
    return lane_get(lane_clamp(freq, -1e9f, 1e9f), k) * per_hz;
}
static double impulse_offset(lane offset, int k)
{
    return lane_get(lane_clamp(offset, -1e9f, 1e9f), k);
}

PH_RT static void impulse_init(void *state, const struct dsp_block *b)
{
    struct impulse *const s = state;
    for (int k = 0; k < LANE_W; k++) {
        const double step = impulse_step(dsp_in(b, 0)[0], k, (float)(1.0 / b->rate_hz));
        const double offset = impulse_offset(dsp_in(b, 1)[0], k);
        double phase = offset - floor(offset);
        if (phase == 0.0 && step >= 0.0)
            phase = 1.0; /* the first frame completes a turn */
        s->phase = lane_set_d(s->phase, k, phase);
        s->step = lane_set_d(s->step, k, step);
        s->offset = lane_set_d(s->offset, k, offset);
    }
}

/** Whether the phase has completed a turn in the direction of `step`; takes the turns off. */
static bool impulse_turned(double step, double *phase)
{
    if (step < 0.0 ? *phase > 0.0 : *phase < 1.0)
        return false;
    /* forwards into 0 .. 1 with 1 left out, backwards with 0 left out */
    *phase = step < 0.0 ? *phase - ceil(*phase) + 1.0 : *phase - floor(*phase);
    return true;
}

PH_RT static void impulse_lane(struct impulse *s, const struct dsp_block *b, int k)
{
    const lane *const freq = dsp_in(b, 0), *const offset = dsp_in(b, 1);
    lane *const out = dsp_out(b, 0);
    const uint32_t df = dsp_step(b, 0), dp = dsp_step(b, 1);
    const double inverse = 1.0 / b->n_frames;
    const float per_hz = (float)(1.0 / b->rate_hz);
    double phase = lane_get_d(s->phase, k), step = lane_get_d(s->step, k);
    double at = lane_get_d(s->offset, k), shift = 0.0;
    const double last_step = impulse_step(freq[0], k, per_hz);
    const double last_at = impulse_offset(offset[0], k);
    const double step_slope = (last_step - step) * inverse;
    if (!dp)
        shift = (last_at - at) * inverse;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        out[i] = lane_set(out[i], k, impulse_turned(step, &phase) ? 1.0f : 0.0f);
        if (dp) {
            const double next = impulse_offset(offset[i], k);
            shift = next - at;
            at = next;
        }
        if (shift != 0.0) {
            phase += shift;
            impulse_turned(step, &phase);
        }
        step = df ? impulse_step(freq[i], k, per_hz) : step + step_slope;
        phase += step;
    }
    s->phase = lane_set_d(s->phase, k, phase);
    s->step = lane_set_d(s->step, k, df ? step : last_step);
    s->offset = lane_set_d(s->offset, k, dp ? at : last_at);
}

PH_RT static void impulse_process(void *state, const struct dsp_block *b)
{
    for (int k = 0; k < LANE_W; k++)
        impulse_lane(state, b, k);
}
const struct dsp_unit DSP(dsp_Impulse) = { sizeof(struct impulse), impulse_init, impulse_process,
                                           NULL, 3 };

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
LANE_FN struct pace blep_pace(lane freq, float rate_hz)
{
    const lane_u step = blep_step(freq, rate_hz);
    const lane turns = lane_max(lane_abs(turns_signed(step)), lane_splat(1e-9f));
    return (struct pace){ step, 1.0f / turns };
}

/** 1 - distance in frames to the event at turn 0, not below 0; `p` in turns, -0.5 .. 0.5. */
LANE_FN lane nearness(lane p, lane per_turn)
{
    return lane_max(1.0f - lane_abs(p) * per_turn, lane_splat(0.0f));
}

/** 2 phi - 1 with the fall at phi = 0 rounded. */
LANE_FN lane blep_saw(lane_u phase, struct pace pace)
{
    const lane p = turns_signed(phase), m = nearness(p, pace.per_turn);
    return 2.0f * p - lane_copysign(1.0f - m * m, p);
}

LANE_FN lane_u blep_start(const struct dsp_block *b, uint32_t input)
{
    return phase_of_turns(dsp_in(b, input)[0]);
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
    const lane *const freq = dsp_in(b, 0);
    lane *const out = dsp_out(b, 0);
    const uint32_t df = dsp_step(b, 0);
    lane_u phase = s->phase;
    struct pace pace = blep_pace(freq[0], b->rate_hz);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (df)
            pace = blep_pace(freq[i], b->rate_hz);
        out[i] = wave(phase, pace);
        phase += pace.step;
    }
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

PH_RT static void blep_pulse_process(void *state, const struct dsp_block *b)
{
    struct blep_pulse *const s = state;
    const lane *const freq = dsp_in(b, 0);
    lane *const out = dsp_out(b, 0);
    const uint32_t df = dsp_step(b, 0);
    lane frames[DSP_BLOCK_FRAMES];
    const struct ramp_input width = ramp_input(b, 1, &s->width, frames);
    lane_u phase = s->phase;
    struct pace pace = blep_pace(freq[0], b->rate_hz);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (df)
            pace = blep_pace(freq[i], b->rate_hz);
        const lane w = lane_clamp(width.x[i * width.step], 0.0f, 1.0f);
        const lane_u fall = lane_u_from_i(lane_to_i(lane_min(w * 2147483648.0f,
                                                             lane_splat(2147483520.0f)))) << 1;
        out[i] = blep_saw(phase - fall, pace) - blep_saw(phase, pace) + (2.0f * w - 1.0f);
        phase += pace.step;
    }
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
    const lane p = lane_abs(turns_signed(phase));
    const lane low = nearness(p, pace.per_turn), high = nearness(0.5f - p, pace.per_turn);
    /* each corner bends by 8 per turn; the residual of a unit corner is nearness^3 / 6 */
    const lane bend = (8.0f / 6.0f) * lane_abs(turns_signed(pace.step));
    return 4.0f * p - 1.0f + bend * (low * low * low - high * high * high);
}

PH_RT static void blep_tri_process(void *state, const struct dsp_block *b)
{
    blep_process(state, b, blep_tri);
}
const struct dsp_unit DSP(dsp_BlepTri) = { sizeof(struct blep), blep_saw_init, blep_tri_process,
                                           NULL };
