/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/filter.c - filters: SuperCollider's two-pole and one-pole family, the state-variable */
/* filters and the ladder of LANGUAGE 14.                                                         */
/* room: audio.                                                                                   */
/*                                                                                                */
/* SuperCollider's filters keep their state in double, as scsynth does: with a low cutoff the     */
/* difference of two nearly equal coefficients carries the signal. The state-variable form and the */
/* ladder don't have that weakness and run in float.                                              */
/*                                                                                                */
/* A parameter that holds one value all block and differs from the last block's is ramped over the */
/* block; one that arrives at audio rate is followed frame by frame.                              */
#include "server/dsp/fastmath.h"
#include "server/dsp/lane.h"

#define PI 3.14159265358979323846
static const double ln_0_001 = -6.907755278982137; /* a lag time is the time to -60 dB */

/** sin x on 0 .. pi/2, absolute error below 1e-11: Taylor series to the 15th power. */
LANE_FN lane_d sine_quarter(lane_d x)
{
    const lane_d z = x * x;
    lane_d p = z * (-1.0 / 1307674368000.0) + 1.0 / 6227020800.0;
    p = p * z - 1.0 / 39916800.0;
    p = p * z + 1.0 / 362880.0;
    p = p * z - 1.0 / 5040.0;
    p = p * z + 1.0 / 120.0;
    p = p * z - 1.0 / 6.0;
    return p * z * x + x;
}

/** tan x on 0 .. 0.4999 pi. */
LANE_FN lane_d tangent(lane_d x)
{
    return sine_quarter(x) / sine_quarter(0.5 * PI - x);
}

/** tan(pi f / rate), the frequency kept inside 0.01 Hz .. 0.4999 rate. */
LANE_FN lane_d half_tangent(lane freq_hz, float rate_hz)
{
    return tangent(lane_to_d(lane_clamp(freq_hz, 0.01f, 0.4999f * rate_hz)) * (PI / rate_hz));
}

/** tan of half the bandwidth angle rq * w / 2, kept inside the range where the poles are stable. */
LANE_FN lane_d band_tangent(lane freq_hz, lane rq, float rate_hz)
{
    const lane angle = freq_hz * lane_max(rq, lane_splat(0.001f)) * (float)(PI / rate_hz);
    return tangent(lane_to_d(lane_clamp(angle, 1e-7f, (float)(0.499 * PI))));
}

/** The lane where the constructor's frame comes from: an audio input's past is silence. */
LANE_FN lane past_input(const struct dsp_block *b)
{
    return b->in_rate[0] == 2 ? lane_splat(0.0f) : dsp_in(b, 0)[0];
}

/*
 * LPF, HPF, RLPF, RHPF, BPF - SuperCollider's two-pole filters.
 *
 * in      [0] signal
 *         [1] freq, Hz, clamped to 0.01 .. 0.4999 * rate
 *         [2] rq (not LPF, HPF), bandwidth / frequency, at least 0.001
 * out     [0] signal
 * state   direct form II in double. One value at birth is taken as the state's past where `in` is
 *         not audio, as scsynth's constructor does. While parameters move it stays below 1e15
 * ramp    scsynth's: the three coefficients move linearly, a step every third frame
 * cost    7 double operations per frame; two tangents where a parameter has changed
 * source  Butterworth sections by the bilinear transform (LPF, HPF); constant-bandwidth resonators
 */
struct poles { lane_d gain, b1, b2; };
struct two_pole { lane_d y1, y2; struct poles p; lane freq_hz, rq; };
enum { IN, FREQ, RQ };

/** Where the gain is applied, and the zeros: w + zero1 * y1 + zero2 * y2. */
struct zeros { bool gain_first; double zero1, zero2; };
typedef struct poles design_fn(lane freq_hz, lane rq, float rate_hz);

LANE_FN struct poles butterworth(lane_d k, bool low)
{
    const lane_d norm = 1.0 / (1.0 + 1.4142135623730951 * k + k * k);
    return (struct poles){ low ? k * k * norm : norm, 2.0 * (1.0 - k * k) * norm,
                           -(1.0 - 1.4142135623730951 * k + k * k) * norm };
}
LANE_FN struct poles lpf_design(lane freq_hz, lane rq, float rate_hz)
{
    (void)rq;
    return butterworth(half_tangent(freq_hz, rate_hz), true);
}
LANE_FN struct poles hpf_design(lane freq_hz, lane rq, float rate_hz)
{
    (void)rq;
    return butterworth(half_tangent(freq_hz, rate_hz), false);
}
LANE_FN struct poles resonator(lane freq_hz, lane rq, float rate_hz, bool low)
{
    const lane_d k = half_tangent(freq_hz, rate_hz), d = band_tangent(freq_hz, rq, rate_hz);
    const lane_d c = (1.0 - d) / (1.0 + d), k2 = k * k, one_plus = 1.0 / (1.0 + k2);
    /* 1 - cos w and 1 + cos w, each without cancellation */
    const lane_d zero_gain = low ? 2.0 * k2 * one_plus : 2.0 * one_plus;
    return (struct poles){ (1.0 + c) * zero_gain * 0.25, (1.0 + c) * (1.0 - k2) * one_plus, -c };
}
LANE_FN struct poles rlpf_design(lane freq_hz, lane rq, float rate_hz)
{
    return resonator(freq_hz, rq, rate_hz, true);
}
LANE_FN struct poles rhpf_design(lane freq_hz, lane rq, float rate_hz)
{
    return resonator(freq_hz, rq, rate_hz, false);
}
LANE_FN struct poles bpf_design(lane freq_hz, lane rq, float rate_hz)
{
    const lane_d k = half_tangent(freq_hz, rate_hz), d = band_tangent(freq_hz, rq, rate_hz);
    const lane_d norm = 1.0 / (1.0 + d), cosine = (1.0 - k * k) / (1.0 + k * k);
    return (struct poles){ d * norm, 2.0 * cosine * norm, (d - 1.0) * norm };
}

LANE_FN lane rq_at(const struct dsp_block *b, uint32_t frame)
{
    return b->n_in > RQ ? dsp_in(b, RQ)[frame * dsp_step(b, RQ)] : lane_splat(1.0f);
}

LANE_FN void two_pole_init(void *state, const struct dsp_block *b, design_fn *design,
                           struct zeros z)
{
    struct two_pole *const s = state;
    s->freq_hz = dsp_in(b, FREQ)[0];
    s->rq = rq_at(b, 0);
    s->p = design(s->freq_hz, s->rq, b->rate_hz);
    s->y1 = lane_to_d(past_input(b));
    if (z.gain_first)
        s->y1 *= s->p.gain;
    s->y2 = lane_splat_d(0.0);
}

LANE_FN lane two_pole_frame(struct two_pole *s, const struct poles *p, lane x, struct zeros z)
{
    lane_d w = lane_to_d(x);
    if (z.gain_first)
        w *= p->gain;
    w += p->b1 * s->y1 + p->b2 * s->y2;
    lane_d y = w + z.zero1 * s->y1 + z.zero2 * s->y2;
    if (!z.gain_first)
        y *= p->gain;
    s->y2 = s->y1;
    s->y1 = w;
    return lane_from_d(y);
}

/**
 * Lets go of a state past 1e15, or not a number, as scsynth does. A direct form is stable while its
 * parameters stand, but where they jump over octaves again and again its state may grow each time.
 */
LANE_FN void two_pole_bound(struct two_pole *s)
{
    const lane_i sane = lane_lt(lane_abs(lane_from_d(s->y1)), lane_splat(1e15f));
    s->y1 = lane_where_d(sane, s->y1);
    s->y2 = lane_where_d(sane, s->y2);
}

/** Moves to the coefficients of these parameters if they differ from the last; tells whether. */
LANE_FN bool two_pole_retune(struct two_pole *s, lane freq_hz, lane rq, float rate_hz,
                             design_fn *design)
{
    if (!lane_any(lane_ne(freq_hz, s->freq_hz) | lane_ne(rq, s->rq)))
        return false;
    s->freq_hz = freq_hz;
    s->rq = rq;
    s->p = design(freq_hz, rq, rate_hz);
    return true;
}

/** A block in which parameters arrive at audio rate. */
LANE_FN void two_pole_follow(struct two_pole *state, const struct dsp_block *b, design_fn *design,
                             struct zeros z)
{
    struct two_pole s = *state;
    const lane *const x = dsp_in(b, IN), *const freq_hz = dsp_in(b, FREQ);
    const uint32_t dx = dsp_step(b, IN), df = dsp_step(b, FREQ);
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        two_pole_retune(&s, freq_hz[i * df], rq_at(b, i), b->rate_hz, design);
        out[i] = two_pole_frame(&s, &s.p, x[i * dx], z);
        two_pole_bound(&s);
    }
    *state = s;
}

/** A block in which the coefficients go from `p` to their new values. */
LANE_FN void two_pole_ramp(struct two_pole *state, const struct dsp_block *b, struct poles p,
                           struct zeros z)
{
    struct two_pole s = *state;
    const lane *const x = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN);
    lane *const out = dsp_out(b, 0);
    const double part = 1.0 / (b->n_frames / 3);
    const struct poles step = { (s.p.gain - p.gain) * part, (s.p.b1 - p.b1) * part,
                                (s.p.b2 - p.b2) * part };
    for (uint32_t i = 0; i < b->n_frames; i++) {
        out[i] = two_pole_frame(&s, &p, x[i * dx], z);
        two_pole_bound(&s);
        if (i % 3 == 2) {
            p.gain += step.gain;
            p.b1 += step.b1;
            p.b2 += step.b2;
        }
    }
    *state = s;
}

/** A block without change. */
LANE_FN void two_pole_hold(struct two_pole *state, const struct dsp_block *b, struct zeros z)
{
    struct two_pole s = *state;
    const lane *const x = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN);
    lane *const out = dsp_out(b, 0);
    const struct poles p = s.p;
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = two_pole_frame(&s, &p, x[i * dx], z);
    *state = s;
}

LANE_FN void two_pole_process(void *state, const struct dsp_block *b, design_fn *design,
                              struct zeros z)
{
    struct two_pole *const s = state;
    const struct poles before = s->p;
    if (dsp_step(b, FREQ) || (b->n_in > RQ && dsp_step(b, RQ)))
        two_pole_follow(s, b, design, z);
    else if (two_pole_retune(s, dsp_in(b, FREQ)[0], rq_at(b, 0), b->rate_hz, design) &&
             b->n_frames >= 3)
        two_pole_ramp(s, b, before, z);
    else
        two_pole_hold(s, b, z);
}

#define TWO_POLE(name, Name, gain_first, zero1, zero2)                                             \
    PH_RT static void name##_init(void *state, const struct dsp_block *b)                          \
    {                                                                                              \
        two_pole_init(state, b, name##_design, (struct zeros){ gain_first, zero1, zero2 });        \
    }                                                                                              \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        two_pole_process(state, b, name##_design, (struct zeros){ gain_first, zero1, zero2 });     \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { sizeof(struct two_pole), name##_init,                \
                                              name##_process, NULL, 5 }
TWO_POLE(lpf, LPF, false, 2.0, 1.0);
TWO_POLE(hpf, HPF, false, -2.0, 1.0);
TWO_POLE(rlpf, RLPF, true, 2.0, 1.0);
TWO_POLE(rhpf, RHPF, true, -2.0, 1.0);
TWO_POLE(bpf, BPF, false, 0.0, -1.0);

/*
 * LeakDC - removes the mean: y = x - x1 + coef * y1.
 *
 * in      [0] signal   [1] coef, clamped to -1 .. 1
 * out     [0] signal
 * state   starts as if the first value had lasted for ever, so a constant gives silence at once;
 *         a coef that is not at audio rate is ramped over the block
 * cost    three double operations per frame
 */
struct leak_dc { lane_d x1, y1, coef; };
enum { COEF = 1 };

LANE_FN lane_d coef_at(const struct dsp_block *b, uint32_t frame)
{
    return lane_to_d(lane_clamp(dsp_in(b, COEF)[frame * dsp_step(b, COEF)], -1.0f, 1.0f));
}

PH_RT static void leak_dc_init(void *state, const struct dsp_block *b)
{
    struct leak_dc *const s = state;
    s->x1 = lane_to_d(dsp_in(b, IN)[0]);
    s->y1 = lane_splat_d(0.0);
    s->coef = coef_at(b, 0);
}

PH_RT static void leak_dc_process(void *state, const struct dsp_block *b)
{
    struct leak_dc *const s = state;
    const lane *const in = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN), dc = dsp_step(b, COEF);
    const lane_d target = coef_at(b, 0);
    /* a single frame, which is all a control block has, goes to the new value at once */
    lane_d coef = b->n_frames == 1 ? target : s->coef;
    const lane_d step = (target - coef) * (1.0 / b->n_frames);
    lane_d x1 = s->x1, y = s->y1;
    lane *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_d x = lane_to_d(in[i * dx]);
        if (dc)
            coef = coef_at(b, i);
        y = x - x1 + coef * y;
        x1 = x;
        out[i] = lane_from_d(y);
        if (!dc)
            coef += step;
    }
    s->x1 = x1;
    s->y1 = y;
    s->coef = dc ? coef : target;
}
const struct dsp_unit DSP(dsp_LeakDC) = { sizeof(struct leak_dc), leak_dc_init, leak_dc_process,
                                          NULL, 3 };

/*
 * OnePole - y = (1 - |coef|) x + coef * y1.
 *
 * in      [0] signal   [1] coef, clamped to -1 .. 1; positive low-pass, negative high-pass
 * out     [0] signal
 * state   the last output; a coef that is not at audio rate is ramped over the block
 * cost    four double operations per frame
 * quirk   with coef at audio rate the input's gain is 1 - coef, as in scsynth
 */
struct one_pole { lane_d y1, coef; };

PH_RT static void one_pole_init(void *state, const struct dsp_block *b)
{
    struct one_pole *const s = state;
    s->coef = coef_at(b, 0);
    s->y1 = (1.0 - s->coef) * lane_to_d(past_input(b));
}

LANE_FN lane_d absolute(lane_d x)
{
    lane_d y = x;
    for (int k = 0; k < LANE_W; k++)
        y = lane_set_d(y, k, __builtin_fabs(lane_get_d(x, k)));
    return y;
}

PH_RT static void one_pole_process(void *state, const struct dsp_block *b)
{
    struct one_pole *const s = state;
    const lane *const in = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN), dc = dsp_step(b, COEF);
    const lane_d target = coef_at(b, 0), step = (target - s->coef) * (1.0 / b->n_frames);
    lane_d coef = s->coef, y = s->y1;
    lane *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_d x = lane_to_d(in[i * dx]);
        if (dc) {
            coef = coef_at(b, i);
            y = x + coef * (y - x);
        } else {
            y = (1.0 - absolute(coef)) * x + coef * y;
            coef += step;
        }
        out[i] = lane_from_d(y);
    }
    s->y1 = y;
    s->coef = dc ? coef : target;
}
const struct dsp_unit DSP(dsp_OnePole) = { sizeof(struct one_pole), one_pole_init,
                                           one_pole_process, NULL, 2 };

/*
 * Lag - exponential approach to the input, 60 dB in lagTime.
 *
 * in      [0] signal   [1] lagTime, seconds; 0 and less follow at once
 * out     [0] smoothed signal
 * state   starts at the first value of the input
 * cost    one exp per lane where lagTime has changed
 */
struct lag { lane_d y1, coef; lane seconds; };

LANE_FN lane_d lag_coef(lane seconds, float rate_hz)
{
    lane_d coef = lane_splat_d(0.0);
    for (int k = 0; k < LANE_W; k++) {
        const float t = lane_get(seconds, k);
        if (t > 0)
            coef = lane_set_d(coef, k, exp(ln_0_001 / ((double)t * rate_hz)));
    }
    return coef;
}

PH_RT static void lag_init(void *state, const struct dsp_block *b)
{
    struct lag *const s = state;
    s->y1 = lane_to_d(dsp_in(b, IN)[0]);
    s->seconds = dsp_in(b, COEF)[0];
    s->coef = lag_coef(s->seconds, b->rate_hz);
}

PH_RT static void lag_process(void *state, const struct dsp_block *b)
{
    struct lag *const s = state;
    const lane *const in = dsp_in(b, IN), *const seconds = dsp_in(b, COEF);
    const uint32_t dx = dsp_step(b, IN), dt = dsp_step(b, COEF);
    lane *const out = dsp_out(b, 0);
    lane_d y = s->y1, coef = s->coef, step = lane_splat_d(0.0);

    if (!dt && lane_any(lane_ne(seconds[0], s->seconds))) {
        s->seconds = seconds[0];
        s->coef = lag_coef(s->seconds, b->rate_hz);
        step = (s->coef - coef) * (1.0 / b->n_frames);
    }
    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (dt && lane_any(lane_ne(seconds[i], s->seconds))) {
            s->seconds = seconds[i];
            s->coef = coef = lag_coef(s->seconds, b->rate_hz);
        }
        coef += step;
        const lane_d x = lane_to_d(in[i * dx]);
        y = x + coef * (y - x);
        out[i] = lane_from_d(y);
    }
    s->y1 = y;
}
const struct dsp_unit DSP(dsp_Lag) = { sizeof(struct lag), lag_init, lag_process, NULL, 2 };

/*
 * SvfLpf, SvfHpf, SvfBpf, SvfNotch - zero-delay state-variable filter, 12 dB per octave.
 *
 * in      [0] signal
 *         [1] freq, Hz, clamped to 20 .. 0.45 * rate
 *         [2] q, clamped to 0.1 .. 40; damping is 1 / q
 * out     [0] low, high, band (peak gain q) or notch output
 * state   two integrators, zero at birth; the parameters in use, for the ramp
 * cost    one tangent and one division per frame where freq or q is at audio rate or changes
 * source  V. Zavalishin, The Art of VA Filter Design, 4.5; stable under any modulation because the
 *         trapezoidal integrators hold states that don't depend on the coefficients
 */
struct svf { lane s1, s2, g, damping, freq_hz, q; };
enum { Q = 2 };
enum svf_output { SVF_LOW, SVF_HIGH, SVF_BAND, SVF_NOTCH };

LANE_FN lane prewarp(lane freq_hz, float rate_hz)
{
    return lane_tan(lane_clamp(freq_hz, 20.0f, 0.45f * rate_hz) * (float)(PI / rate_hz));
}
LANE_FN lane svf_damping(lane q) { return 1.0f / lane_clamp(q, 0.1f, 40.0f); }

PH_RT static void svf_init(void *state, const struct dsp_block *b)
{
    struct svf *const s = state;
    s->s1 = s->s2 = lane_splat(0.0f);
    s->freq_hz = dsp_in(b, FREQ)[0];
    s->q = dsp_in(b, Q)[0];
    s->g = prewarp(s->freq_hz, b->rate_hz);
    s->damping = svf_damping(s->q);
}

LANE_FN lane svf_frame(lane *s1, lane *s2, lane x, lane g, lane damping, lane norm,
                       enum svf_output output)
{
    const lane v3 = x - *s2, gain = g * norm;
    const lane band = norm * *s1 + gain * v3, low = *s2 + gain * *s1 + g * gain * v3;
    *s1 = 2.0f * band - *s1;
    *s2 = 2.0f * low - *s2;
    switch (output) {
    case SVF_LOW: return low;
    case SVF_BAND: return band;
    case SVF_NOTCH: return x - damping * band;
    default: return x - damping * band - low;
    }
}

/** Writes `to(value)` of an audio input, or a ramp from `now` to `target`, one value per frame. */
#define FILL(values, b, input, to, now, target)                                                    \
    do {                                                                                           \
        if (dsp_step(b, input)) {                                                                  \
            for (uint32_t i_ = 0; i_ < (b)->n_frames; i_++) {                                      \
                const lane v_ = dsp_in(b, input)[i_];                                              \
                (values)[i_] = to;                                                                 \
            }                                                                                      \
        } else {                                                                                   \
            const lane step_ = ((target) - (now)) * (1.0f / (float)(b)->n_frames);                 \
            for (uint32_t i_ = 0; i_ < (b)->n_frames; i_++)                                        \
                (values)[i_] = (now) + step_ * (float)(i_ + 1);                                    \
        }                                                                                          \
    } while (0)

LANE_FN void svf_process(void *state, const struct dsp_block *b, enum svf_output output)
{
    struct svf *const s = state;
    const lane *const x = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN), last = b->n_frames - 1;
    const lane freq_hz = dsp_in(b, FREQ)[last * dsp_step(b, FREQ)];
    const lane q = dsp_in(b, Q)[last * dsp_step(b, Q)];
    lane *const out = dsp_out(b, 0);
    lane s1 = s->s1, s2 = s->s2;

    if (dsp_step(b, FREQ) || dsp_step(b, Q) ||
        lane_any(lane_ne(freq_hz, s->freq_hz) | lane_ne(q, s->q))) {
        lane g[DSP_BLOCK_FRAMES], damping[DSP_BLOCK_FRAMES];
        const lane g_end = prewarp(freq_hz, b->rate_hz), damping_end = svf_damping(q);
        FILL(g, b, FREQ, prewarp(v_, b->rate_hz), s->g, g_end);
        FILL(damping, b, Q, svf_damping(v_), s->damping, damping_end);
        for (uint32_t i = 0; i <= last; i++) {
            const lane norm = 1.0f / (1.0f + g[i] * (g[i] + damping[i]));
            out[i] = svf_frame(&s1, &s2, x[i * dx], g[i], damping[i], norm, output);
        }
        s->freq_hz = freq_hz;
        s->q = q;
        s->g = g_end;
        s->damping = damping_end;
    } else {
        const lane g = s->g, damping = s->damping, norm = 1.0f / (1.0f + g * (g + damping));
        for (uint32_t i = 0; i <= last; i++)
            out[i] = svf_frame(&s1, &s2, x[i * dx], g, damping, norm, output);
    }
    s->s1 = s1;
    s->s2 = s2;
}

#define SVF(name, Name, output)                                                                    \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        svf_process(state, b, output);                                                             \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { sizeof(struct svf), svf_init, name##_process, NULL }
SVF(svf_lpf, SvfLpf, SVF_LOW);
SVF(svf_hpf, SvfHpf, SVF_HIGH);
SVF(svf_bpf, SvfBpf, SVF_BAND);
SVF(svf_notch, SvfNotch, SVF_NOTCH);

/*
 * MoogLadder - four one-poles in a row with inverted feedback and tanh at the entry.
 *
 * in      [0] signal   [1] freq, Hz, clamped to 20 .. 0.45 * rate   [2] res, 0 .. 1
 * out     [0] signal, 24 dB per octave; at res 1 it sustains a sine at freq
 * state   four integrators; tanh bounds what enters them, so nothing can grow without limit
 * cost    one tanh per frame, one tangent and one division more where a parameter moves
 * source  V. Zavalishin, The Art of VA Filter Design, 5: the loop without delay is solved for the
 *         linear ladder, and tanh is applied to the input that this solution gives
 */
struct moog { lane s[4], gain, feedback, freq_hz, res; };
enum { RES = 2 };

LANE_FN lane moog_gain(lane freq_hz, float rate_hz)
{
    const lane g = prewarp(freq_hz, rate_hz);
    return g / (1.0f + g);
}
LANE_FN lane moog_feedback(lane res) { return 4.0f * lane_clamp(res, 0.0f, 1.0f); }

PH_RT static void moog_init(void *state, const struct dsp_block *b)
{
    struct moog *const s = state;
    for (int k = 0; k < 4; k++)
        s->s[k] = lane_splat(0.0f);
    s->freq_hz = dsp_in(b, FREQ)[0];
    s->res = dsp_in(b, RES)[0];
    s->gain = moog_gain(s->freq_hz, b->rate_hz);
    s->feedback = moog_feedback(s->res);
}

LANE_FN lane moog_frame(lane s[4], lane x, lane gain, lane feedback, lane norm)
{
    /* what the four states alone put out: each pole passes its own through 1 - gain */
    const lane rest = ((s[0] * gain + s[1]) * gain + s[2]) * gain + s[3];
    lane y = lane_tanh((x - feedback * (1.0f - gain) * rest) * norm);
    for (int k = 0; k < 4; k++) {
        const lane v = (y - s[k]) * gain;
        y = v + s[k];
        s[k] = y + v;
    }
    return y;
}
LANE_FN lane moog_norm(lane gain, lane feedback)
{
    const lane squared = gain * gain;
    return 1.0f / (1.0f + feedback * squared * squared);
}

PH_RT static void moog_process(void *state, const struct dsp_block *b)
{
    struct moog *const s = state;
    const lane *const x = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN), last = b->n_frames - 1;
    const lane freq_hz = dsp_in(b, FREQ)[last * dsp_step(b, FREQ)];
    const lane res = dsp_in(b, RES)[last * dsp_step(b, RES)];
    lane *const out = dsp_out(b, 0), y[4] = { s->s[0], s->s[1], s->s[2], s->s[3] };

    if (dsp_step(b, FREQ) || dsp_step(b, RES) ||
        lane_any(lane_ne(freq_hz, s->freq_hz) | lane_ne(res, s->res))) {
        lane gain[DSP_BLOCK_FRAMES], feedback[DSP_BLOCK_FRAMES];
        const lane gain_end = moog_gain(freq_hz, b->rate_hz), feedback_end = moog_feedback(res);
        FILL(gain, b, FREQ, moog_gain(v_, b->rate_hz), s->gain, gain_end);
        FILL(feedback, b, RES, moog_feedback(v_), s->feedback, feedback_end);
        for (uint32_t i = 0; i <= last; i++)
            out[i] = moog_frame(y, x[i * dx], gain[i], feedback[i],
                                moog_norm(gain[i], feedback[i]));
        s->freq_hz = freq_hz;
        s->res = res;
        s->gain = gain_end;
        s->feedback = feedback_end;
    } else {
        const lane gain = s->gain, feedback = s->feedback, norm = moog_norm(gain, feedback);
        for (uint32_t i = 0; i <= last; i++)
            out[i] = moog_frame(y, x[i * dx], gain, feedback, norm);
    }
    for (int k = 0; k < 4; k++)
        s->s[k] = y[k];
}
const struct dsp_unit DSP(dsp_MoogLadder) = { sizeof(struct moog), moog_init, moog_process, NULL };
