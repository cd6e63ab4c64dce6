/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/two_pole.h - what SuperCollider's two-pole filters share: design and recursion.     */
/* room: audio.                                                                                   */
/*                                                                                                */
/* scsynth runs y = x + b1 y1 + b2 y2 in double: with a low cutoff the signal is in the           */
/* difference of coefficients near 2 and -1. Written in d = y - y1 the same recursion is          */
/*                                                                                                */
/* d = (1 - e) d1 + x - c y1        c = 1 - b1 - b2, e = 1 + b2                                   */
/* y = y1 + d                                                                                     */
/*                                                                                                */
/* where c and e can be found without cancellation: floats, from a design in float. Whoever       */
/* includes this says with `number` and number_...() what y and d are.                            */
/*                                                                                                */
/* source  Butterworth sections by the bilinear transform (LPF, HPF); resonators of constant      */
/* width                                                                                          */
#ifndef SERVER_DSP_TWO_POLE_H
#define SERVER_DSP_TWO_POLE_H

#include "server/dsp/frames.h"

#define PI 3.14159265358979323846

struct poles { number c, e; lane gain; };
struct tuning { lane freq_hz, rq, db; }; /* what isn't an input of a unit: rq 1, db 0 */
/** The poles field by field: padding within would be in the way of lanes. */
struct two_pole { number y, d, c, e; lane gain; struct tuning t; };
enum { IN, FREQ, RQ, DB };

/* both at -1, both at 1, one at each */
enum zeros { ZEROS_LOW, ZEROS_HIGH, ZEROS_BAND, ZEROS_NONE };
/** What counts of parameters at audio rate; all as in scsynth. */
enum follow {
    FOLLOW_BLOCK,  /* the call's first frame, as if it came at control rate */
    FOLLOW_THIRDS, /* frame i / 3 for frame i, where all are at audio rate; else as above */
    FOLLOW_PAIRS   /* the same with frame 2 (i / 3): BBandPass, BBandStop and BHiShelf */
};
struct form {
    bool gain_first;
    enum zeros zeros;
    bool adds; /* to the input, in place of it */
    bool late; /* at control rate new parameters count from the next frame on, as in scsynth */
    enum follow follow;
    bool mute_birth; /* what is scaled by the gain isn't heard in the frame before the first, as in scsynth */
};
typedef struct poles design_fn(struct tuning t, float rate_hz);

/* ------------------------------------------------------------------------------------ design */

LANE_FN struct poles poles_of(lane gain, lane c, lane e)
{
    return (struct poles){ number_from(c), number_from(e), gain };
}

LANE_FN struct poles poles_get(const struct two_pole *s)
{
    return (struct poles){ s->c, s->e, s->gain };
}
LANE_FN void poles_set(struct two_pole *s, const struct poles *p)
{
    s->c = p->c;
    s->e = p->e;
    s->gain = p->gain;
}

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
    return poles_of(zero * zero * norm, 4.0f * w.sine * w.sine * norm, 2.0f * slope * norm);
}
/* With t = tan of half the bandwidth's angle: e = 2 t / (1 + t), 2 - e = 2 / (1 + t). */
LANE_FN struct poles resonator(lane freq_hz, lane rq, float rate_hz, bool low)
{
    const struct angle w = cutoff(freq_hz, rate_hz), b = bandwidth(freq_hz, rq, rate_hz);
    const lane norm = 2.0f / (b.sine + b.cosine), two_less_e = b.cosine * norm;
    const lane zero = low ? w.sine : w.cosine;
    return poles_of(two_less_e * 0.5f * zero * zero, two_less_e * 2.0f * w.sine * w.sine,
                    b.sine * norm);
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
    return poles_of(gain * r->norm, 4.0f * sine * sine * r->norm, 2.0f * r->a * r->norm);
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
/** Whether it is followed within the call. */
LANE_FN bool tuning_flows(const struct dsp_block *b, enum follow follow)
{
    uint32_t n = 0;
    for (uint32_t input = FREQ; input < b->n_in && follow != FOLLOW_BLOCK; input++)
        n += dsp_step(b, input);
    return n > 0 && n + FREQ == b->n_in;
}
LANE_FN uint32_t tuning_frame(uint32_t i, uint32_t n_frames, enum follow follow)
{
    const uint32_t third = i / 3, last = n_frames < 3 ? 0 : n_frames / 3 - 1;
    return (third < last ? third : last) * (follow == FOLLOW_PAIRS ? 2 : 1);
}

/* --------------------------------------------------------------------------------- recursion */

LANE_FN void two_pole_init(void *state, const struct dsp_block *b, design_fn *design)
{
    struct two_pole *const s = state;
    s->t = tuning_at(b, 0);
    const struct poles p = design(s->t, b->rate_hz);
    poles_set(s, &p);
    s->y = s->d = number_from(lane_splat(0.0f));
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
    case ZEROS_NONE: out = number_add(y, d0); break;
    default: out = number_add(d0, d1);
    }
    if (form.adds)
        return lane_fma(lane_from_number(out), p->gain, x);
    return form.gain_first ? lane_from_number(out) : lane_from_number(out) * p->gain;
}

LANE_FN lane two_pole_frame(number *y, number *d, const struct poles *p, lane x, struct form form)
{
    const number u = number_from(form.gain_first ? p->gain * x : x), y1 = *y, d1 = *d;
    const number push = number_fnma(p->c, y1, u);
    const number kept = number_fnma(p->e, d1, d1);
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

/** A call in which parameters at audio rate are followed. */
LANE_FN void two_pole_follow(struct two_pole *s, const struct dsp_block *b, design_fn *design,
                             struct form form)
{
    const lane *const x = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN), last = b->n_frames - 1;
    lane *const out = dsp_out(b, 0);
    number y = s->y, d = s->d;
    struct tuning t[DSP_BLOCK_FRAMES];
    lane gain[DSP_BLOCK_FRAMES];
    number c[DSP_BLOCK_FRAMES], e[DSP_BLOCK_FRAMES];
    for (uint32_t i = 0; i <= last; i++)
        t[i] = tuning_at(b, tuning_frame(i, b->n_frames, form.follow));
    for (uint32_t i = 0; i <= last; i++) { /* at LANE_W 1 along time */
        const struct poles p = design(t[i], b->rate_hz);
        gain[i] = p.gain, c[i] = p.c, e[i] = p.e;
    }
    for (uint32_t i = 0; i <= last; i++) {
        const struct poles p = { c[i], e[i], gain[i] };
        out[i] = two_pole_frame(&y, &d, &p, x[i * dx], form);
        if (i % BOUND_FRAMES == BOUND_FRAMES - 1)
            two_pole_bound(&y, &d);
    }
    s->y = y;
    s->d = d;
    s->c = c[last];
    s->e = e[last];
    s->gain = gain[last];
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
    const number c = p->c, e = p->e, one = number_from(lane_splat(1.0f));
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
    const number d1 = number_add(number_fnma(p->c, y2, u1), number_fnma(p->e, d2, d2));
    *d = number_add(push_d, number_fnma(k->d_from_d, d2, d2));
    *y = number_add(push_y, number_fma(k->y_from_d, d2, y2));
    out[0] = two_pole_out(p, y2, d2, d1, x[0], form);
    out[1] = two_pole_out(p, number_add(y2, d1), d1, *d, x[1], form);
}

/** n frames that start with the coefficients `p`; without a step they stand. */
LANE_FN void two_pole_run(number *state_y, number *state_d, const lane *x, lane *out, uint32_t n,
                          struct poles p, const struct poles *step, struct form form)
{
    number y = *state_y, d = *state_d;
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
            p.c = number_add(p.c, step->c);
            p.e = number_add(p.e, step->e);
            k = two_steps(&p);
        }
    }
    for (; i < n; i++)
        out[i] = two_pole_frame(&y, &d, &p, x[i], form);
    *state_y = y;
    *state_d = d;
}

/** `part` of the way from p to `to`. */
LANE_FN struct poles poles_step(const struct poles *p, const struct poles *to, float part)
{
    const number k = number_from(lane_splat(part));
    return (struct poles){ number_mul(number_sub(to->c, p->c), k),
                           number_mul(number_sub(to->e, p->e), k), (to->gain - p->gain) * part };
}

/** How a call's poles go from those before it to new ones. */
struct pole_path { struct poles from, step; };
LANE_FN struct pole_path pole_path(const struct poles *before, const struct poles *to,
                                   const struct dsp_block *b, struct form form)
{
    const uint32_t n_steps = b->n_frames / 3;
    const bool starts_old = n_steps > 0 || (form.late && b->rate != PH_AUDIO);
    return (struct pole_path){ starts_old ? *before : *to,
                               poles_step(before, to, n_steps ? 1.0f / (float)n_steps : 0.0f) };
}

LANE_FN void two_pole_process(void *state, const struct dsp_block *b, design_fn *design,
                              struct form form)
{
    struct two_pole *const s = state;
    const struct tuning t = tuning_at(b, 0);
    const struct poles before = poles_get(s);
    lane space[DSP_BLOCK_FRAMES];
    if (tuning_flows(b, form.follow)) {
        two_pole_follow(s, b, design, form);
    } else if (tuning_moved(t, s->t)) {
        const struct poles to = design(t, b->rate_hz);
        const struct pole_path path = pole_path(&before, &to, b, form);
        two_pole_run(&s->y, &s->d, frames_of(b, IN, space), dsp_out(b, 0), b->n_frames, path.from,
                     &path.step, form);
        poles_set(s, &to);
        s->t = t;
    } else {
        two_pole_run(&s->y, &s->d, frames_of(b, IN, space), dsp_out(b, 0), b->n_frames, before, NULL,
                     form);
    }
    two_pole_bound(&s->y, &s->d);
}

/** It runs for a frame when it is made. */
LANE_FN void two_pole_birth(void *state, const struct dsp_block *b, design_fn *design, struct form form)
{
    two_pole_process(state, b, design, form);
    if (form.mute_birth)
        dsp_out(b, 0)[0] = form.adds ? dsp_in(b, IN)[0] : lane_splat(0.0f);
}

/* The doubles of the state come first. */
#define TWO_POLE(name, Name, ...)                                                                  \
    PH_RT static void name##_init(void *state, const struct dsp_block *b)                          \
    {                                                                                              \
        two_pole_init(state, b, name##_design);                                                    \
    }                                                                                              \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        two_pole_process(state, b, name##_design, (struct form){ __VA_ARGS__ });                   \
    }                                                                                              \
    PH_RT static void name##_birth(void *state, const struct dsp_block *b)                         \
    {                                                                                              \
        two_pole_birth(state, b, name##_design, (struct form){ __VA_ARGS__ });                     \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { sizeof(struct two_pole), name##_init,                \
                                              name##_process, NULL,                                \
                                              4 * (sizeof(number) > sizeof(lane)), name##_birth }

#endif
