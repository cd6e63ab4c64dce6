/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/two_pole.h - what SuperCollider's two-pole filters share: design and recursion.     */
/* room: audio.                                                                                   */
/*                                                                                                */
/* scsynth runs y = x + b1 y1 + b2 y2 in double: with a low cutoff the signal is in the difference */
/* of coefficients near 2 and -1. Written in d = y - y1 the same recursion is                      */
/*                                                                                                */
/*     d = (1 - e) d1 + x - c y1        c = 1 - b1 - b2, e = 1 + b2                                */
/*     y = y1 + d                                                                                  */
/*                                                                                                */
/* where c and e can be found without cancellation: floats, from a design in float. Whoever        */
/* includes this says with `number` and number_...() what y and d are.                             */
/*                                                                                                */
/* source  Butterworth sections by the bilinear transform (LPF, HPF); resonators of constant width */
#ifndef SERVER_DSP_TWO_POLE_H
#define SERVER_DSP_TWO_POLE_H

#include "server/dsp/lane.h"

#define PI 3.14159265358979323846

struct poles { lane gain, c, e; };
struct tuning { lane freq_hz, rq, db; }; /* what isn't an input of a unit: rq 1, db 0 */
struct two_pole { number y, d; struct poles p; struct tuning t; };
enum { IN, FREQ, RQ, DB };

enum zeros { ZEROS_LOW, ZEROS_HIGH, ZEROS_BAND }; /* both at -1, both at 1, one at each */
struct form { bool gain_first; enum zeros zeros; bool adds; }; /* adds: to the input, in place of it */
typedef struct poles design_fn(struct tuning t, float rate_hz);

/* ------------------------------------------------------------------------------------ design */

struct angle { lane sine, cosine; };

/** Sine and cosine of 0 .. pi/2, relative error of each below 2e-7. */
LANE_FN struct angle angle_of(lane x)
{
    const lane_i far = lane_gt(x, lane_splat((float)(PI / 4)));
    const lane r = lane_select(far, (1.57079637f - x) - 4.37113883e-8f, x), z = r * r;
    lane s = lane_fma(z, lane_splat(-1.95152959e-4f), lane_splat(8.33216087e-3f));
    s = lane_fma(s, z, lane_splat(-0.166666546f));
    s = lane_fma(s * z, r, r);
    lane c = lane_fma(z, lane_splat(2.44331571e-5f), lane_splat(-1.38873163e-3f));
    c = lane_fma(c, z, lane_splat(4.16666457e-2f));
    c = lane_fma(c * z, z, lane_fma(z, lane_splat(-0.5f), lane_splat(1.0f)));
    return (struct angle){ lane_select(far, c, s), lane_select(far, s, c) };
}

/** Half the angle of the cutoff frequency. */
LANE_FN struct angle cutoff(lane freq_hz, float rate_hz)
{
    return angle_of(lane_clamp(freq_hz, 0.01f, 0.499f * rate_hz) * (float)(PI / rate_hz));
}

/** Half the angle of the bandwidth, kept inside the range where the poles are stable. */
LANE_FN struct angle bandwidth(lane freq_hz, lane rq, float rate_hz)
{
    const lane x = freq_hz * lane_max(rq, lane_splat(0.001f)) * (float)(PI / rate_hz);
    return angle_of(lane_clamp(x, 1e-7f, (float)(0.499 * PI)));
}

/* With k = tan of half the angle, all over 1 + sqrt(2) k + k^2; here times cos^2. */
LANE_FN struct poles butterworth(lane freq_hz, float rate_hz, bool low)
{
    const struct angle w = cutoff(freq_hz, rate_hz);
    const lane slope = (w.sine * w.cosine) * 1.41421356f, norm = 1.0f / (1.0f + slope);
    const lane zero = low ? w.sine : w.cosine;
    return (struct poles){ zero * zero * norm, 4.0f * w.sine * w.sine * norm, 2.0f * slope * norm };
}
/* With t = tan of half the bandwidth's angle: e = 2 t / (1 + t), 2 - e = 2 / (1 + t). */
LANE_FN struct poles resonator(lane freq_hz, lane rq, float rate_hz, bool low)
{
    const struct angle w = cutoff(freq_hz, rate_hz), b = bandwidth(freq_hz, rq, rate_hz);
    const lane norm = 2.0f / (b.sine + b.cosine), two_less_e = b.cosine * norm;
    const lane zero = low ? w.sine : w.cosine;
    return (struct poles){ two_less_e * 0.5f * zero * zero, two_less_e * 2.0f * w.sine * w.sine,
                           b.sine * norm };
}

/* R. Bristow-Johnson's cookbook: over 1 + a with a = sin(w) rq / 2, w the angle of the cutoff. */
struct rbj { struct angle half; lane a, norm; };
LANE_FN struct rbj rbj(struct tuning t, float rate_hz)
{
    const struct angle w = cutoff(t.freq_hz, rate_hz);
    const lane a = w.sine * w.cosine * lane_clamp(t.rq, 0.001f, 1e6f);
    return (struct rbj){ w, a, 1.0f / (1.0f + a) };
}
LANE_FN struct poles rbj_poles(const struct rbj *r, lane gain)
{
    const lane sine = r->half.sine;
    return (struct poles){ gain * r->norm, 4.0f * sine * sine * r->norm, 2.0f * r->a * r->norm };
}

LANE_FN lane tuning_input(const struct dsp_block *b, uint32_t input, uint32_t frame, float absent)
{
    return b->n_in > input ? dsp_in(b, input)[frame * dsp_step(b, input)] : lane_splat(absent);
}
LANE_FN struct tuning tuning_at(const struct dsp_block *b, uint32_t frame)
{
    return (struct tuning){ tuning_input(b, FREQ, frame, 0.0f), tuning_input(b, RQ, frame, 1.0f),
                            tuning_input(b, DB, frame, 0.0f) };
}
LANE_FN bool tuning_moved(struct tuning t, struct tuning before)
{
    return lane_any(lane_ne(t.freq_hz, before.freq_hz) | lane_ne(t.rq, before.rq) |
                    lane_ne(t.db, before.db));
}
/** Whether any of it is at audio rate. */
LANE_FN bool tuning_flows(const struct dsp_block *b)
{
    uint32_t flows = 0;
    for (uint32_t input = FREQ; input < b->n_in; input++)
        flows |= dsp_step(b, input);
    return flows;
}

/* --------------------------------------------------------------------------------- recursion */

/** The input's frames; `space` holds a block of what stands still. */
LANE_FN const lane *two_pole_input(const struct dsp_block *b, lane *space)
{
    const lane *const x = dsp_in(b, IN);
    if (dsp_step(b, IN))
        return x;
    for (uint32_t i = 0; i < b->n_frames; i++)
        space[i] = x[0];
    return space;
}

LANE_FN void two_pole_init(void *state, const struct dsp_block *b, design_fn *design,
                           struct form form)
{
    struct two_pole *const s = state;
    const lane past = dsp_step(b, IN) ? lane_splat(0.0f) : dsp_in(b, IN)[0]; /* audio: silence */
    s->t = tuning_at(b, 0);
    s->p = design(s->t, b->rate_hz);
    s->y = s->d = number_from(form.gain_first ? past * s->p.gain : past);
}

LANE_FN lane two_pole_out(const struct poles *p, number y, number d1, number d0, lane x,
                          struct form form)
{
    number out;
    switch (form.zeros) {
    case ZEROS_LOW:
        out = number_fma(number_from(lane_splat(4.0f)), y, number_sub(d0, d1));
        break;
    case ZEROS_HIGH: out = number_sub(d0, d1); break;
    default: out = number_add(d0, d1);
    }
    if (form.adds)
        return lane_fma(lane_from_number(out), p->gain, x);
    return form.gain_first ? lane_from_number(out) : lane_from_number(out) * p->gain;
}

LANE_FN lane two_pole_frame(number *y, number *d, const struct poles *p, lane x, struct form form)
{
    const number u = number_from(form.gain_first ? p->gain * x : x), y1 = *y, d1 = *d;
    const number push = number_fnma(number_from(p->c), y1, u);
    const number kept = number_fnma(number_from(p->e), d1, d1);
    *d = number_add(push, kept);
    *y = number_add(number_add(y1, kept), push);
    return two_pole_out(p, y1, d1, *d, x, form);
}

/**
 * Lets go of a state past 1e15, or not a number, as scsynth does. A direct form is stable while its
 * parameters stand, but where they jump over octaves again and again its state may grow each time.
 */
LANE_FN void two_pole_bound(number *y, number *d)
{
    const lane_i sane = lane_lt(lane_abs(lane_from_number(*y)), lane_splat(1e15f)) &
                        lane_lt(lane_abs(lane_from_number(*d)), lane_splat(1e15f));
    *y = number_where(sane, *y);
    *d = number_where(sane, *d);
}

enum { BOUND_FRAMES = 8 }; /* in so many frames a state grows by less than 1e7 */

/** A block in which a parameter arrives at audio rate. */
LANE_FN void two_pole_follow(struct two_pole *s, const struct dsp_block *b, design_fn *design,
                             struct form form)
{
    const lane *const x = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN), last = b->n_frames - 1;
    lane *const out = dsp_out(b, 0);
    number y = s->y, d = s->d;
    struct tuning t[DSP_BLOCK_FRAMES];
    lane gain[DSP_BLOCK_FRAMES], c[DSP_BLOCK_FRAMES], e[DSP_BLOCK_FRAMES];
    for (uint32_t i = 0; i <= last; i++)
        t[i] = tuning_at(b, i);
    for (uint32_t i = 0; i <= last; i++) { /* at LANE_W 1 along time */
        const struct poles p = design(t[i], b->rate_hz);
        gain[i] = p.gain, c[i] = p.c, e[i] = p.e;
    }
    for (uint32_t i = 0; i <= last; i++) {
        const struct poles p = { gain[i], c[i], e[i] };
        out[i] = two_pole_frame(&y, &d, &p, x[i * dx], form);
        if (i % BOUND_FRAMES == BOUND_FRAMES - 1)
            two_pole_bound(&y, &d);
    }
    s->y = y;
    s->d = d;
    s->p = (struct poles){ gain[last], c[last], e[last] };
    s->t = t[last];
}

/**
 * Two frames at once: with B = 2 - e - c, from y and d two frames before,
 *
 *     d = d2 - (c + e B) d2 - c B y2 + (B - 1) x1 + x
 *     y = y2 + (1 - e) B d2 - c (B + 1) y2 + B x1 + x
 */
struct two_steps { number b, d_from_d, d_from_y, y_from_d, y_from_y; };

LANE_FN struct two_steps two_steps(const struct poles *p)
{
    const number c = number_from(p->c), e = number_from(p->e), one = number_from(lane_splat(1.0f));
    const number kept = number_sub(one, e), b = number_add(one, number_sub(kept, c));
    return (struct two_steps){ b, number_fma(e, b, c), number_mul(c, b), number_mul(kept, b),
                               number_mul(c, number_add(b, one)) };
}

LANE_FN void two_pole_frames(number *y, number *d, const struct poles *p, const struct two_steps *k,
                             const lane x[2], lane out[2], struct form form)
{
    const number u1 = number_from(form.gain_first ? p->gain * x[0] : x[0]);
    const number u0 = number_from(form.gain_first ? p->gain * x[1] : x[1]);
    const number both = number_fma(k->b, u1, u0), y2 = *y, d2 = *d;
    const number push_d = number_fnma(k->d_from_y, y2, number_sub(both, u1));
    const number push_y = number_fnma(k->y_from_y, y2, both);
    const number d1 = number_add(number_fnma(number_from(p->c), y2, u1),
                                 number_fnma(number_from(p->e), d2, d2));
    *d = number_add(push_d, number_fnma(k->d_from_d, d2, d2));
    *y = number_add(push_y, number_fma(k->y_from_d, d2, y2));
    out[0] = two_pole_out(p, y2, d2, d1, x[0], form);
    out[1] = two_pole_out(p, number_add(y2, d1), d1, *d, x[1], form);
}

/** A block that starts with the coefficients `p`; with a step of 0 they stand. */
LANE_FN void two_pole_run(struct two_pole *s, const struct dsp_block *b, struct poles p,
                          const struct poles *step, struct form form)
{
    lane space[DSP_BLOCK_FRAMES];
    const lane *const x = two_pole_input(b, space);
    const uint32_t n = b->n_frames;
    lane *const out = dsp_out(b, 0);
    number y = s->y, d = s->d;
    struct two_steps k = two_steps(&p);
    uint32_t i = 0;
    for (; i + 3 <= n; i += 3) {
        if (form.zeros == ZEROS_LOW) { /* in double the products cost more than the waiting */
            two_pole_frames(&y, &d, &p, &k, x + i, out + i, form);
        } else {
            out[i] = two_pole_frame(&y, &d, &p, x[i], form);
            out[i + 1] = two_pole_frame(&y, &d, &p, x[i + 1], form);
        }
        out[i + 2] = two_pole_frame(&y, &d, &p, x[i + 2], form);
        if (step) {
            p.gain += step->gain;
            p.c += step->c;
            p.e += step->e;
            k = two_steps(&p);
        }
    }
    for (; i < n; i++)
        out[i] = two_pole_frame(&y, &d, &p, x[i], form);
    s->y = y;
    s->d = d;
}

LANE_FN void two_pole_process(void *state, const struct dsp_block *b, design_fn *design,
                              struct form form)
{
    struct two_pole *const s = state;
    const struct tuning t = tuning_at(b, 0);
    if (tuning_flows(b)) {
        two_pole_follow(s, b, design, form);
    } else if (tuning_moved(t, s->t)) {
        const struct poles p = s->p, to = design(t, b->rate_hz);
        const bool ramp = b->n_frames >= 3;
        const float part = ramp ? 1.0f / (float)(b->n_frames / 3) : 0.0f;
        const struct poles step = { (to.gain - p.gain) * part, (to.c - p.c) * part,
                                    (to.e - p.e) * part };
        two_pole_run(s, b, ramp ? p : to, &step, form);
        s->p = to;
        s->t = t;
    } else {
        two_pole_run(s, b, s->p, NULL, form);
    }
    two_pole_bound(&s->y, &s->d);
}

/* The doubles of the state come first. */
#define TWO_POLE(name, Name, ...)                                                                  \
    PH_RT static void name##_init(void *state, const struct dsp_block *b)                          \
    {                                                                                              \
        two_pole_init(state, b, name##_design, (struct form){ __VA_ARGS__ });                      \
    }                                                                                              \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        two_pole_process(state, b, name##_design, (struct form){ __VA_ARGS__ });                   \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { sizeof(struct two_pole), name##_init,                \
                                              name##_process, NULL,                    \
                                              2 * (sizeof(number) > sizeof(lane)) }

#endif
