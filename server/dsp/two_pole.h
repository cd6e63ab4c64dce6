/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/two_pole.h - what SuperCollider's two-pole filters share: design and recursion.     */
/* room: audio.                                                                                   */
/*                                                                                                */
/* As scsynth: v = x + b1 v1 + b2 v2 in double, for with a low cutoff the signal is in the        */
/* difference of coefficients near 2 and -1. They come from                                       */
/*                                                                                                */
/*     c = 1 - b1 - b2        e = 1 + b2                                                          */
/*                                                                                                */
/* which a design in float finds without cancellation. A frame waits for one multiply-add of the  */
/* frame before, and is computed the same way wherever in a block it lies: a filter of what is    */
/* late gives what the filter gives, late, to the last bit.                                       */
/*                                                                                                */
/* source  Butterworth sections by the bilinear transform (LPF, HPF); resonators of constant      */
/* width                                                                                          */
#ifndef SERVER_DSP_TWO_POLE_H
#define SERVER_DSP_TWO_POLE_H

#include "server/dsp/frames.h"
#include "server/dsp/lane_double.h"

#define PI 3.14159265358979323846

struct poles { lane_dd b1, b2; lane gain; };
struct tuning { lane freq_hz, rq, db; }; /* what isn't an input of a unit: rq 1, db 0 */
/** The poles field by field: padding within would be in the way of lanes. */
struct two_pole { lane_dd v1, v2, b1, b2; lane gain; struct tuning t; };
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
    bool mute_birth; /* the frame before the first is silent but for what is added, as in scsynth */
};
typedef struct poles design_fn(struct tuning t, float rate_hz);

/* ------------------------------------------------------------------------------------ design */

LANE_FN struct poles poles_of_dd(lane gain, lane_dd c, lane_dd e)
{
    const lane_dd rest = lane_dd_sub(lane_dd_splat(2.0), e);
    return (struct poles){ lane_dd_sub(rest, c), lane_dd_sub(e, lane_dd_splat(1.0)), gain };
}
LANE_FN struct poles poles_of(lane gain, lane c, lane e)
{
    return poles_of_dd(gain, lane_dd_from(c), lane_dd_from(e));
}

LANE_FN struct poles poles_get(const struct two_pole *s)
{
    return (struct poles){ s->b1, s->b2, s->gain };
}
LANE_FN void poles_set(struct two_pole *s, const struct poles *p)
{
    s->b1 = p->b1;
    s->b2 = p->b2;
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
    return b->n_in > input ? frame_of(b, input, frame) : lane_splat(absent);
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
/** Three frames share their parameters, the last ones with those before. */
LANE_FN uint32_t tuning_turn(uint32_t i, uint32_t n_frames)
{
    const uint32_t third = i / 3, last = n_frames < 3 ? 0 : n_frames / 3 - 1;
    return third < last ? third : last;
}
LANE_FN uint32_t tuning_frame(uint32_t i, uint32_t n_frames, enum follow follow)
{
    return tuning_turn(i, n_frames) * (follow == FOLLOW_PAIRS ? 2 : 1);
}

/* --------------------------------------------------------------------------------- recursion */

LANE_FN void two_pole_init(void *state, const struct dsp_block *b, design_fn *design)
{
    struct two_pole *const s = state;
    s->t = tuning_at(b, 0);
    const struct poles p = design(s->t, b->rate_hz);
    poles_set(s, &p);
    s->v1 = s->v2 = lane_dd_splat(0.0);
}

/** v of the two frames before, and what the zeros need of them. */
struct two_pole_state { lane_dd v1, v2, step; lane near, far; };

LANE_FN struct two_pole_state two_pole_state(lane_dd v1, lane_dd v2)
{
    return (struct two_pole_state){ v1, v2, lane_dd_sub(v1, v2), lane_from_dd(v1),
                                    lane_from_dd(v2) };
}

/** Both zeros at -1 add what has one sign: in float. The others leave a small difference. */
LANE_FN lane two_pole_next(struct two_pole_state *s, lane_dd v, enum zeros zeros)
{
    const struct two_pole_state now = { v, s->v1, lane_dd_sub(v, s->v1), lane_from_dd(v), s->near };
    const struct two_pole_state before = *s;
    *s = now;
    switch (zeros) {
    case ZEROS_LOW: return (now.near + before.near) + (before.near + before.far);
    case ZEROS_HIGH: return lane_from_dd(lane_dd_sub(now.step, before.step));
    case ZEROS_NONE: return now.near;
    default: return lane_from_dd(lane_dd_sub(v, before.v2));
    }
}

LANE_FN lane two_pole_frame(struct two_pole_state *s, const struct poles *p, const lane *x,
                            struct form form)
{
    const lane_dd u = form.gain_first ? lane_dd_from(p->gain * *x) : lane_dd_from_at(x);
    const lane_dd v = lane_dd_fma(p->b1, s->v1, lane_dd_fma(p->b2, s->v2, u));
    const lane out = two_pole_next(s, v, form.zeros);
    if (form.adds)
        return lane_fma(out, p->gain, *x);
    return form.gain_first ? out : out * p->gain;
}

/**
 * Lets go of a state past 1e15, or not a number, as scsynth does. A direct form is stable while its
 * parameters stand, but where they jump over octaves again and again its state may grow each time.
 */
LANE_FN struct two_pole_state two_pole_bound(struct two_pole_state s)
{
    const lane_i sane = lane_lt(lane_abs(lane_from_dd(s.v1)), lane_splat(1e15f)) &
                        lane_lt(lane_abs(lane_from_dd(s.v2)), lane_splat(1e15f));
    return two_pole_state(lane_dd_where(sane, s.v1), lane_dd_where(sane, s.v2));
}

enum { BOUND_FRAMES = 8 }; /* in so many frames a state grows by less than 1e7 */
enum { TURNS_MAX = DSP_BLOCK_FRAMES / 3 };

/** A call in which parameters at audio rate are followed. */
LANE_FN struct two_pole_state two_pole_follow(struct two_pole *s, const struct dsp_block *b,
                                              design_fn *design, struct form form)
{
    const lane *const x = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN), last = b->n_frames - 1;
    lane *const out = dsp_out(b, 0);
    struct two_pole_state v = two_pole_state(s->v1, s->v2);
    const uint32_t n_turns = tuning_turn(last, b->n_frames) + 1;
    struct tuning t[TURNS_MAX];
    lane gain[TURNS_MAX];
    lane_dd b1[TURNS_MAX], b2[TURNS_MAX];
    for (uint32_t k = 0; k < n_turns; k++)
        t[k] = tuning_at(b, tuning_frame(3 * k, b->n_frames, form.follow));
    for (uint32_t k = 0; k < n_turns; k++) { /* at LANE_W 1 along time */
        const struct poles p = design(t[k], b->rate_hz);
        gain[k] = p.gain, b1[k] = p.b1, b2[k] = p.b2;
    }
    for (uint32_t i = 0; i <= last; i++) {
        const uint32_t k = tuning_turn(i, b->n_frames);
        const struct poles p = { b1[k], b2[k], gain[k] };
        out[i] = two_pole_frame(&v, &p, &x[i * dx], form);
        if (i % BOUND_FRAMES == BOUND_FRAMES - 1)
            v = two_pole_bound(v);
    }
    const struct poles p = { b1[n_turns - 1], b2[n_turns - 1], gain[n_turns - 1] };
    poles_set(s, &p);
    s->t = t[n_turns - 1];
    return v;
}

/**
 * n frames that start with the coefficients `p`: a step every third, without one they stand. Three
 * a turn, so that v of one frame stays in its register when it is v1 and v2 of the next.
 */
LANE_FN struct two_pole_state two_pole_run(struct two_pole_state s, const lane *x, lane *out,
                                           uint32_t n, struct poles p, const struct poles *step,
                                           struct form form)
{
    uint32_t i = 0;
    for (; i + 3 <= n; i += 3) {
        out[i] = two_pole_frame(&s, &p, &x[i], form);
        out[i + 1] = two_pole_frame(&s, &p, &x[i + 1], form);
        out[i + 2] = two_pole_frame(&s, &p, &x[i + 2], form);
        if (step) {
            p.gain += step->gain;
            p.b1 = lane_dd_add(p.b1, step->b1);
            p.b2 = lane_dd_add(p.b2, step->b2);
        }
    }
    for (; i < n; i++)
        out[i] = two_pole_frame(&s, &p, &x[i], form);
    return s;
}

/** `part` of the way from p to `to`. */
LANE_FN struct poles poles_step(const struct poles *p, const struct poles *to, float part)
{
    const lane_dd k = lane_dd_splat((double)part);
    return (struct poles){ lane_dd_mul(lane_dd_sub(to->b1, p->b1), k),
                           lane_dd_mul(lane_dd_sub(to->b2, p->b2), k),
                           (to->gain - p->gain) * part };
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
    struct two_pole_state v = two_pole_state(s->v1, s->v2);
    lane space[DSP_BLOCK_FRAMES];
    if (tuning_flows(b, form.follow)) {
        v = two_pole_follow(s, b, design, form);
    } else if (tuning_moved(t, s->t)) {
        const struct poles to = design(t, b->rate_hz);
        const struct pole_path path = pole_path(&before, &to, b, form);
        v = two_pole_run(v, frames_of(b, IN, space), dsp_out(b, 0), b->n_frames, path.from,
                         &path.step, form);
        poles_set(s, &to);
        s->t = t;
    } else {
        v = two_pole_run(v, frames_of(b, IN, space), dsp_out(b, 0), b->n_frames, before, NULL,
                         form);
    }
    v = two_pole_bound(v);
    s->v1 = v.v1;
    s->v2 = v.v2;
}

/** It runs for a frame when it is made. */
LANE_FN void two_pole_birth(void *state, const struct dsp_block *b, design_fn *design,
                            struct form form)
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
                                              name##_process, NULL, 4, name##_birth }

#endif
