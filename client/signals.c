/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/signals.c - generators, filters, effects, utilities: what units each function makes.    */
#include "client/signals.h"

#include <math.h>
#include <string.h>

#include "protocol/units.h"
#include "protocol/voice.h"

/* ---- units ----------------------------------------------------------------------------------- */

struct ph_input unit_const(struct unit_build *u, double value)
{
    return ph_build_constant(&u->b, (float)value);
}

bool unit_is_const(const struct unit_build *u, struct ph_input in, double *value)
{
    if (in.unit != -1 || u->b.failed || (uint32_t)in.output >= u->b.def.n_constants)
        return false;
    *value = (double)u->b.def.constants[in.output];
    return true;
}

/* Place, function, unit, and its number among the equal ones: survives edits of anything else. */
static uint64_t next_key(struct unit_build *u, const char *unit)
{
    const uint64_t base = ph_hash_text(u->seed, unit);

    for (uint32_t i = 0;; i++) {
        const uint64_t key = ph_hash(base, &i, sizeof i);
        if (key_set_add(u->c->arena, &u->keys, key))
            return key;
    }
}

struct ph_input unit_make(struct unit_build *u, const char *name, uint32_t n_outputs,
                          const struct ph_input *inputs, uint32_t n_inputs)
{
    if (u->b.def.n_units >= PH_SYNTHDEF_UNITS_MAX) {
        if (!u->failed)
            diag_error(u->c->diag, u->sig ? u->sig->offset : 0,
                       "the definition needs more than %d units", PH_SYNTHDEF_UNITS_MAX);
        u->failed = true;
        return unit_const(u, 0);
    }
    return ph_build_unit(&u->b, name, PH_AUDIO, 0, n_outputs, inputs, n_inputs,
                         u->is_voice ? 0 : next_key(u, name));
}

/* A unit with one output and its inputs as arguments. */
#define UNIT(u, name, ...)                                                                         \
    unit_make(u, name, 1, (const struct ph_input[]){ __VA_ARGS__ },                                \
              sizeof((struct ph_input[]){ __VA_ARGS__ }) / sizeof(struct ph_input))

static bool fold_binary(int op, double a, double b, double *out)
{
    switch (op) {
    case PH_BINARY_ADD: *out = a + b; return true;
    case PH_BINARY_SUB: *out = a - b; return true;
    case PH_BINARY_MUL: *out = a * b; return true;
    case PH_BINARY_FDIV: *out = a / b; return b != 0;
    case PH_BINARY_MIN: *out = a < b ? a : b; return true;
    case PH_BINARY_MAX: *out = a > b ? a : b; return true;
    case PH_BINARY_GT: *out = a > b; return true;
    case PH_BINARY_LT: *out = a < b; return true;
    default: return false;
    }
}

struct ph_input unit_binary(struct unit_build *u, int op, struct ph_input a, struct ph_input b)
{
    double x = 0, y = 0, folded;
    const bool ca = unit_is_const(u, a, &x), cb = unit_is_const(u, b, &y);

    if (ca && cb && fold_binary(op, x, y, &folded))
        return unit_const(u, folded);
    if (cb && ((op == PH_BINARY_MUL && y == 1) || (op == PH_BINARY_ADD && y == 0) ||
               (op == PH_BINARY_SUB && y == 0)))
        return a;
    if (ca && ((op == PH_BINARY_MUL && x == 1) || (op == PH_BINARY_ADD && x == 0)))
        return b;
    if (u->b.def.n_units >= PH_SYNTHDEF_UNITS_MAX)
        return UNIT(u, "BinaryOpUGen", a, b); /* reports */
    const struct ph_input inputs[] = { a, b };
    return ph_build_unit(&u->b, "BinaryOpUGen", PH_AUDIO, (int16_t)op, 1, inputs, 2, 0);
}

struct ph_input unit_unary(struct unit_build *u, int op, struct ph_input a)
{
    double x = 0;

    if (unit_is_const(u, a, &x)) {
        switch (op) {
        case PH_UNARY_NEG: return unit_const(u, -x);
        case PH_UNARY_TANH: return unit_const(u, tanh(x));
        case PH_UNARY_MIDIRATIO: return unit_const(u, exp2(x / 12));
        case PH_UNARY_MIDICPS: return unit_const(u, 440 * exp2((x - 69) / 12));
        case PH_UNARY_LOG: return unit_const(u, log(x > 1e-9 ? x : 1e-9));
        case PH_UNARY_ABS: return unit_const(u, fabs(x));
        default: break;
        }
    }
    if (u->b.def.n_units >= PH_SYNTHDEF_UNITS_MAX)
        return UNIT(u, "UnaryOpUGen", a);
    return ph_build_unit(&u->b, "UnaryOpUGen", PH_AUDIO, (int16_t)op, 1, &a, 1, 0);
}

static struct ph_input add(struct unit_build *u, struct ph_input a, struct ph_input b)
{
    return unit_binary(u, PH_BINARY_ADD, a, b);
}

static struct ph_input sub(struct unit_build *u, struct ph_input a, struct ph_input b)
{
    return unit_binary(u, PH_BINARY_SUB, a, b);
}

static struct ph_input mul(struct unit_build *u, struct ph_input a, struct ph_input b)
{
    return unit_binary(u, PH_BINARY_MUL, a, b);
}

static struct ph_input quotient(struct unit_build *u, struct ph_input a, struct ph_input b)
{
    return unit_binary(u, PH_BINARY_FDIV, a, b);
}

static struct ph_input k(struct unit_build *u, double value)
{
    return unit_const(u, value);
}

/* x + t * (y - x) */
static struct ph_input blend(struct unit_build *u, struct ph_input x, struct ph_input y,
                             struct ph_input t)
{
    return add(u, mul(u, x, sub(u, k(u, 1), t)), mul(u, y, t));
}

/* ---- generators: LANGUAGE 12 and 13 ---------------------------------------------------------- */

static struct ph_input tuned(struct unit_build *u, const struct ph_input *a)
{
    return mul(u, a[0], unit_unary(u, PH_UNARY_MIDIRATIO, a[1]));
}

static struct ph_input make_sine(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "SinOsc", tuned(u, a), k(u, 0));
}

static struct ph_input make_saw(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "BlepSaw", tuned(u, a), k(u, 0));
}

static struct ph_input make_square(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "BlepPulse", tuned(u, a), k(u, 0.5), k(u, 0));
}

static struct ph_input make_tri(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "BlepTri", tuned(u, a), k(u, 0));
}

static struct ph_input make_pulse(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "BlepPulse", a[0], a[1], k(u, 0));
}

static struct ph_input make_noise(struct unit_build *u, const struct ph_input *a)
{
    (void)a;
    return unit_make(u, "WhiteNoise", 1, NULL, 0);
}

static struct ph_input make_pink(struct unit_build *u, const struct ph_input *a)
{
    (void)a;
    return unit_make(u, "PinkNoise", 1, NULL, 0);
}

static struct ph_input make_impulse(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Impulse", a[0], k(u, 0));
}

static struct ph_input make_fm(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input modulator = UNIT(u, "SinOsc", a[1], k(u, 0));
    return UNIT(u, "SinOsc", a[0], mul(u, modulator, a[2]));
}

static struct ph_input make_pm(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "SinOsc", a[0], mul(u, a[1], a[2]));
}

static struct ph_input make_supersaw(struct unit_build *u, const struct ph_input *a)
{
    double voices = 7;
    struct ph_input sum = k(u, 0);

    unit_is_const(u, a[2], &voices);
    const int n = (int)fmin(fmax(round(voices), 1), 16);
    for (int i = 0; i < n; i++) {
        const double p = n > 1 ? 2.0 * i / (n - 1) - 1 : 0;
        const struct ph_input semitones = mul(u, a[1], k(u, p * 0.5));
        const struct ph_input ratio = unit_unary(u, PH_UNARY_MIDIRATIO, semitones);
        const double phase = 0.13 * i;
        sum = add(u, sum, UNIT(u, "BlepSaw", mul(u, a[0], ratio), k(u, phase - floor(phase))));
    }
    return mul(u, sum, k(u, 0.7 / n));
}

static struct ph_input make_superpwm(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input tri = UNIT(u, "LFTri", a[1], k(u, 0));
    const struct ph_input width = add(u, mul(u, mul(u, tri, a[2]), k(u, 0.45)), k(u, 0.5));
    return UNIT(u, "BlepPulse", a[0], width, k(u, 0));
}

static struct ph_input make_superchip(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input wobble = mul(u, UNIT(u, "SinOsc", a[1], k(u, 0)), a[2]);
    return UNIT(u, "BlepPulse", mul(u, a[0], add(u, wobble, k(u, 1))), k(u, 0.5), k(u, 0));
}

static struct ph_input make_superfm(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input modulator = UNIT(u, "SinOsc", mul(u, a[0], a[1]), k(u, 0));
    const struct ph_input swing = add(u, mul(u, modulator, a[2]), k(u, 1));
    return UNIT(u, "SinOsc", mul(u, a[0], swing), k(u, 0));
}

/* ---- filters: LANGUAGE 14 -------------------------------------------------------------------- */

static struct ph_input make_lpf(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "SvfLpf", a[0], a[1], a[2]);
}

static struct ph_input make_hpf(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "SvfHpf", a[0], a[1], a[2]);
}

static struct ph_input make_bpf(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "SvfBpf", a[0], a[1], a[2]);
}

static struct ph_input make_notch(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "SvfNotch", a[0], a[1], a[2]);
}

static struct ph_input make_rlpf(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "RLPF", a[0], a[1], quotient(u, k(u, 1), a[2]));
}

static struct ph_input make_rhpf(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "RHPF", a[0], a[1], quotient(u, k(u, 1), a[2]));
}

static struct ph_input make_resonz(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "BPF", a[0], a[1], quotient(u, k(u, 1), a[2]));
}

static struct ph_input make_moog(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "MoogLadder", a[0], a[1], a[2]);
}

/* CombL's decay time for a feedback factor: 0.001 = feedback ^ (decay / delay). */
static struct ph_input decay_time(struct unit_build *u, struct ph_input delay,
                                  struct ph_input feedback)
{
    const struct ph_input safe = unit_binary(u, PH_BINARY_MAX, feedback, k(u, 1e-6));
    return quotient(u, mul(u, delay, k(u, log(0.001))), unit_unary(u, PH_UNARY_LOG, safe));
}

static struct ph_input make_comb(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input time = quotient(u, k(u, 1), a[1]);
    const struct ph_input line = UNIT(u, "CombL", a[0], k(u, 0.05), time, decay_time(u, time, a[2]));
    return add(u, a[0], mul(u, line, a[2]));
}

static struct ph_input make_formant(struct unit_build *u, const struct ph_input *a)
{
    static const double gains[] = { 1, 0.7, 0.5 };
    struct ph_input sum = k(u, 0);

    for (int i = 0; i < 3; i++) {
        const struct ph_input band = UNIT(u, "BPF", a[0], a[1 + i], quotient(u, a[4 + i], a[1 + i]));
        sum = add(u, sum, mul(u, band, k(u, gains[i])));
    }
    return sum;
}

/* ---- effects: LANGUAGE 15 -------------------------------------------------------------------- */

/* Length of the line: 2, 4 or 8 seconds, so that most edits of a time keep the line and what rings in it. */
static double line_seconds(struct unit_build *u, struct ph_input time)
{
    double seconds = 8, length = 2;

    if (!unit_is_const(u, time, &seconds))
        return 8;
    while (length < seconds && length < 8)
        length *= 2;
    return length;
}

static struct ph_input make_delay(struct unit_build *u, const struct ph_input *a)
{
    const double seconds = line_seconds(u, a[1]);

    u->seed = ph_hash(u->seed, &seconds, sizeof seconds);
    return blend(u, a[0], UNIT(u, "Echo", a[0], k(u, seconds), a[1], a[2]), a[3]);
}

static void make_reverb(struct unit_build *u, const struct wires *a, struct wires *out)
{
    const struct ph_input left = a[0].at[0], right = a[0].at[a[0].n - 1];
    const struct ph_input inputs[] = { left, right, k(u, 1), a[1].at[0], a[2].at[0] };
    const struct ph_input wet = unit_make(u, "FreeVerb2", 2, inputs, 5);
    const struct ph_input other = { wet.unit, wet.output + (wet.unit >= 0) };

    out->n = 2;
    out->at[0] = add(u, left, mul(u, wet, a[3].at[0]));
    out->at[1] = add(u, right, mul(u, other, a[3].at[0]));
}

static struct ph_input make_distort(struct unit_build *u, const struct ph_input *a)
{
    /* drive < 1: tanh((1+d)x) / tanh(1+d), else tanh(dx): `low` is 1 below 1 and 0 above */
    const struct ph_input low = unit_binary(u, PH_BINARY_LT, a[1], k(u, 1));
    const struct ph_input gain = add(u, a[1], low);
    const struct ph_input norm = add(u, mul(u, unit_unary(u, PH_UNARY_TANH, gain), low),
                                     sub(u, k(u, 1), low));
    const struct ph_input shaped = unit_unary(u, PH_UNARY_TANH, mul(u, a[0], gain));
    return blend(u, a[0], quotient(u, shaped, norm), a[2]);
}

static struct ph_input make_tremolo(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input half = mul(u, a[2], k(u, 0.5));
    const struct ph_input swing = mul(u, UNIT(u, "SinOsc", a[1], k(u, 0)), half);
    return mul(u, a[0], add(u, sub(u, k(u, 1), half), swing));
}

static struct ph_input make_ring(struct unit_build *u, const struct ph_input *a)
{
    return mul(u, a[0], UNIT(u, "SinOsc", a[1], k(u, 0)));
}

static struct ph_input make_product(struct unit_build *u, const struct ph_input *a)
{
    return mul(u, a[0], a[1]);
}

/* 2^bits levels over -1 .. 1: steps of 2^(1 - bits). */
static struct ph_input make_crush(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input octaves = mul(u, sub(u, k(u, 1), a[1]), k(u, 12));
    const struct ph_input step = unit_unary(u, PH_UNARY_MIDIRATIO, octaves);
    return unit_binary(u, PH_BINARY_ROUND, a[0], step);
}

static struct ph_input make_shape(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input f = quotient(u, mul(u, a[1], k(u, 2)), sub(u, k(u, 1), a[1]));
    const struct ph_input size = unit_unary(u, PH_UNARY_ABS, a[0]);
    return quotient(u, mul(u, a[0], add(u, f, k(u, 1))), add(u, mul(u, f, size), k(u, 1)));
}

static struct ph_input make_clip(struct unit_build *u, const struct ph_input *a)
{
    return unit_binary(u, PH_BINARY_CLIP2, a[0], a[1]);
}

static struct ph_input make_limiter(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Limiter", a[0], a[1], a[2]);
}

/* Delay modulation without feedback: a comb whose decay time is 0. */
static struct ph_input moving_delay(struct unit_build *u, struct ph_input in, double longest,
                                    struct ph_input time)
{
    return UNIT(u, "CombL", in, k(u, longest), time, k(u, 0));
}

static void make_chorus(struct unit_build *u, const struct wires *a, struct wires *out)
{
    double voices = 1;
    struct ph_input wet[2] = { k(u, 0), k(u, 0) };

    unit_is_const(u, a[1].at[0], &voices);
    const int n = (int)fmin(fmax(round(voices), 1), 8);
    for (int i = 0; i < n; i++) {
        const double phase = 6.283185307179586 * i / n;
        const struct ph_input sine = UNIT(u, "SinOsc", a[2].at[0], k(u, phase));
        const struct ph_input time =
            add(u, mul(u, mul(u, sine, a[3].at[0]), k(u, 0.010)), k(u, 0.015));
        const struct ph_input mono =
            a[0].n == 1 ? a[0].at[0] : mul(u, add(u, a[0].at[0], a[0].at[1]), k(u, 0.5));
        const struct ph_input delayed = moving_delay(u, mono, 0.05, time);
        const double angle = (n > 1 ? (double)i / (n - 1) : 0.5) * 1.5707963267948966;
        const double scale = sqrt(2.0) / n; /* unity in the centre */
        wet[0] = add(u, wet[0], mul(u, delayed, k(u, cos(angle) * scale)));
        wet[1] = add(u, wet[1], mul(u, delayed, k(u, sin(angle) * scale)));
    }
    out->n = 2;
    out->at[0] = blend(u, a[0].at[0], wet[0], a[4].at[0]);
    out->at[1] = blend(u, a[0].at[a[0].n - 1], wet[1], a[4].at[0]);
}

static struct ph_input make_flanger(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input sine = UNIT(u, "SinOsc", a[2], k(u, 0));
    const struct ph_input time = add(u, mul(u, mul(u, sine, a[1]), k(u, 0.002)), k(u, 0.003));
    const struct ph_input line = UNIT(u, "CombL", a[0], k(u, 0.01), time, decay_time(u, time, a[3]));
    return add(u, a[0], mul(u, line, mul(u, a[1], k(u, 0.5))));
}

/* Peak deviation of the pitch by r = 2^(depth/12) - 1 needs a swing of r / (2 pi rate) seconds. */
static struct ph_input make_vibrato(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input ratio = sub(u, unit_unary(u, PH_UNARY_MIDIRATIO, a[2]), k(u, 1));
    const struct ph_input swing = quotient(u, ratio, mul(u, a[1], k(u, 6.283185307179586)));
    const struct ph_input sine = UNIT(u, "SinOsc", a[1], k(u, 0));
    const struct ph_input time = add(u, add(u, mul(u, sine, swing), swing), k(u, 0.001));
    return moving_delay(u, a[0], 0.5, time);
}

static void make_pan(struct unit_build *u, const struct wires *a, struct wires *out)
{
    const struct ph_input mono[] = { a[0].at[0], a[1].at[0], k(u, 1) };
    const struct ph_input both[] = { a[0].at[0], a[0].at[1], a[1].at[0], k(u, 1) };
    const struct ph_input left = a[0].n == 1 ? unit_make(u, "Pan2", 2, mono, 3)
                                             : unit_make(u, "Balance2", 2, both, 4);

    out->n = 2;
    out->at[0] = left;
    out->at[1] = (struct ph_input){ left.unit, left.output + (left.unit >= 0) };
}

static void make_pan_left(struct unit_build *u, const struct wires *a, struct wires *out)
{
    make_pan(u, a, out);
    out->n = 1;
}

static void make_pan_right(struct unit_build *u, const struct wires *a, struct wires *out)
{
    make_pan(u, a, out);
    out->at[0] = out->at[1];
    out->n = 1;
}

static struct ph_input make_xfade(struct unit_build *u, const struct ph_input *a)
{
    return blend(u, a[0], a[1], a[2]);
}

/* ---- envelopes and utilities: LANGUAGE 16 and 17 --------------------------------------------- */

enum { SHAPE_LINEAR = 1, SHAPE_EXPONENTIAL = 2, STAGES_MAX = 4, NO_RELEASE = -99 };

struct stage {
    struct ph_input level, seconds;
    int shape;
};

/* Segments from `first`; `release_node` is the segment at which an open gate waits. */
static struct ph_input envelope(struct unit_build *u, struct ph_input gate, struct ph_input first,
                                const struct stage *stages, int n, double release_node)
{
    struct ph_input in[9 + 4 * STAGES_MAX];
    int at = 0;

    in[at++] = gate;
    in[at++] = k(u, 1);
    in[at++] = k(u, 0);
    in[at++] = k(u, 1);
    in[at++] = k(u, 0);
    in[at++] = first;
    in[at++] = k(u, n);
    in[at++] = k(u, release_node);
    in[at++] = k(u, -99);
    for (int i = 0; i < n; i++) {
        in[at++] = stages[i].level;
        in[at++] = stages[i].seconds;
        in[at++] = k(u, stages[i].shape);
        in[at++] = k(u, 0);
    }
    return unit_make(u, "EnvGen", 1, in, (uint32_t)at);
}

/* Inside a voice the time base is the event: its seconds, known when the voice starts. */
static struct ph_input voice_span(struct unit_build *u)
{
    if (!u->has_span)
        u->span = ph_build_control(&u->b, PH_VOICE_SPAN, 1, PH_SCALAR);
    u->has_span = true;
    return u->span;
}

static struct ph_input make_adsr(struct unit_build *u, const struct ph_input *a)
{
    const struct stage attack = { k(u, 1), a[0], SHAPE_LINEAR };
    const struct stage decay = { a[2], a[1], SHAPE_LINEAR };
    const struct stage release = { k(u, 0), a[3], SHAPE_LINEAR };

    if (!u->is_voice)
        return envelope(u, a[4], k(u, 0), (const struct stage[]){ attack, decay, release }, 3, 2);
    const struct ph_input ends = add(u, add(u, a[0], a[1]), a[3]);
    const struct ph_input hold = unit_binary(u, PH_BINARY_MAX, sub(u, voice_span(u), ends), k(u, 0));
    const struct stage stages[] = { attack, decay, { a[2], hold, SHAPE_LINEAR }, release };
    return envelope(u, a[4], k(u, 0), stages, 4, NO_RELEASE);
}

static struct ph_input make_ad(struct unit_build *u, const struct ph_input *a)
{
    const struct stage stages[] = { { k(u, 1), a[0], SHAPE_LINEAR },
                                    { k(u, 0), a[1], SHAPE_LINEAR } };
    return envelope(u, a[2], k(u, 0), stages, 2, NO_RELEASE);
}

static struct ph_input make_ramp(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Line", a[0], a[1], a[2], k(u, 0));
}

/* With a time one ramp, else one in each cycle: the first segment leaps back to the start. */
static struct ph_input make_line(struct unit_build *u, const struct ph_input *a)
{
    double seconds = 0;

    if (unit_is_const(u, a[2], &seconds) && seconds > 0)
        return make_ramp(u, a);
    const struct stage stages[] = {
        { a[0], k(u, 0), SHAPE_LINEAR },
        { a[1], u->is_voice ? voice_span(u) : a[4], SHAPE_LINEAR }
    };
    return envelope(u, a[3], a[0], stages, 2, NO_RELEASE);
}

/* ---- percussive synths: LANGUAGE 13 ---------------------------------------------------------- */

/* 1 after the attack, then down to -60 dB in `seconds`, then 0. */
static struct ph_input strike(struct unit_build *u, struct ph_input gate, double attack_seconds,
                              struct ph_input seconds)
{
    const struct stage stages[] = { { k(u, 1), k(u, attack_seconds), SHAPE_LINEAR },
                                    { k(u, 0.001), seconds, SHAPE_EXPONENTIAL },
                                    { k(u, 0), k(u, 0.001), SHAPE_LINEAR } };
    return envelope(u, gate, k(u, attack_seconds > 0 ? 0 : 1), stages, 3, NO_RELEASE);
}

static const double strike_attack_seconds = 0.001;

static struct ph_input filtered_noise(struct unit_build *u, const char *filter,
                                      struct ph_input cutoff_hz, double q)
{
    return UNIT(u, filter, unit_make(u, "WhiteNoise", 1, NULL, 0), cutoff_hz, k(u, q));
}

static struct ph_input make_superkick(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input bend = mul(u, mul(u, a[1], k(u, 2)), strike(u, a[4], 0, k(u, 0.05)));
    const struct ph_input body = UNIT(u, "SinOsc", mul(u, a[0], add(u, bend, k(u, 1))), k(u, 0));
    const struct ph_input fall = strike(u, a[4], strike_attack_seconds, mul(u, a[2], k(u, 4)));
    const struct ph_input click = mul(u, filtered_noise(u, "SvfLpf", k(u, 800), 1),
                                      strike(u, a[4], strike_attack_seconds, k(u, 0.01)));

    return add(u, mul(u, body, fall), mul(u, click, a[3]));
}

static struct ph_input make_supersnare(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input low = UNIT(u, "BlepTri", a[0], k(u, 0));
    const struct ph_input high = UNIT(u, "BlepTri", mul(u, a[0], k(u, 1.05)), k(u, 0));
    const struct ph_input body = mul(u, add(u, low, high), k(u, 0.5));
    const struct ph_input skin = strike(u, a[3], strike_attack_seconds, mul(u, a[2], k(u, 0.3)));
    const struct ph_input wires = mul(u, filtered_noise(u, "SvfHpf", k(u, 3000), 1),
                                      strike(u, a[3], strike_attack_seconds, a[2]));

    return add(u, mul(u, body, skin), mul(u, wires, a[1]));
}

static struct ph_input make_superhat(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input cutoff_hz = add(u, mul(u, a[0], k(u, 5000)), k(u, 5000));

    return mul(u, filtered_noise(u, "SvfHpf", cutoff_hz, 1.5),
               strike(u, a[2], strike_attack_seconds, a[1]));
}

static struct ph_input make_xline(struct unit_build *u, const struct ph_input *a)
{
    double from = 0, to = 0;

    if (unit_is_const(u, a[0], &from) && unit_is_const(u, a[1], &to) && from * to <= 0)
        return make_ramp(u, a);
    return UNIT(u, "XLine", a[0], a[1], a[2], k(u, 0));
}

/* Lag counts to -60 dB, LANGUAGE to 1/e. */
static struct ph_input make_lag(struct unit_build *u, const struct ph_input *a)
{
    return UNIT(u, "Lag", a[0], mul(u, a[1], k(u, log(1000))));
}

static struct ph_input make_range(struct unit_build *u, const struct ph_input *a)
{
    const struct ph_input unit = mul(u, add(u, a[2], k(u, 1)), k(u, 0.5));
    return add(u, a[0], mul(u, unit, sub(u, a[1], a[0])));
}

static struct ph_input make_min(struct unit_build *u, const struct ph_input *a)
{
    return unit_binary(u, PH_BINARY_MIN, a[0], a[1]);
}

static struct ph_input make_max(struct unit_build *u, const struct ph_input *a)
{
    return unit_binary(u, PH_BINARY_MAX, a[0], a[1]);
}

static struct ph_input make_mtof(struct unit_build *u, const struct ph_input *a)
{
    return unit_unary(u, PH_UNARY_MIDICPS, a[0]);
}

static struct ph_input make_if(struct unit_build *u, const struct ph_input *a)
{
    return blend(u, a[2], a[1], unit_binary(u, PH_BINARY_GT, a[0], k(u, 0.5)));
}

/* ---- the table ------------------------------------------------------------------------------- */

enum { CHAIN = PARAM_CHAINED, NEED = PARAM_REQUIRED, FIX = PARAM_CONST };

#define IN { "in", CONTEXT_AUDIO, CHAIN | NEED, 0, 0, 0 }
#define FREQ { "freq", CONTEXT_PITCH, CHAIN, 1, 0, 0 }
#define OFFSET { "offset", CONTEXT_NUMBER, 0, 0, 0, 0 }
#define CUTOFF(name) { name, CONTEXT_FILTER_HZ, NEED, 1000, 0, 0 }
#define MIX(initial) { "mix", CONTEXT_GAIN, 0, initial, 0, 1 }
#define GATE P("", 0, 1, 0, 0) /* rises where an envelope starts */
#define P(name, flags, initial, low, high) { name, CONTEXT_NUMBER, flags, initial, low, high }

/* Sorted by name: signal_find() bisects. */
const struct signal_row signal_rows[] = {
    { "ad", 0, 3, { P("attack", NEED | FIX, 0, 0, 20), P("decay", NEED | FIX, 0, 0, 20), GATE },
      make_ad, NULL, false },
    { "adsr", 0, 5, { P("attack", NEED | FIX, 0, 0, 20), P("decay", NEED | FIX, 0, 0, 20),
                      P("sustain", FIX, 0.7, 0, 1), P("release", FIX, 0.2, 0, 20), GATE }, make_adsr, NULL, false },
    { "amp", 0, 2, { IN, { "k", CONTEXT_GAIN, NEED, 1, 0, 0 } }, make_product, NULL, false },
    { "bitcrush", 0, 3, { IN, P("bits", NEED, 16, 1, 16), P("rate", FIX, 1, 0, 0) },
      make_crush, NULL, false },
    { "bpf", 0, 3, { IN, CUTOFF("cutoff"), P("q", 0, 1, 0.1, 40) }, make_bpf, NULL, false },
    { "chorus", 2, 5, { IN, P("voices", FIX, 1, 1, 8), P("rate", NEED, 1, 0.01, 10),
                        P("depth", NEED, 0.5, 0, 1), MIX(0.3) }, NULL, make_chorus, false },
    { "clip", 0, 2, { IN, P("level", 0, 1, 0, 0) }, make_clip, NULL, false },
    { "comb", 0, 3, { IN, P("freq", NEED, 440, 20, 20000), P("feedback", NEED, 0.5, 0, 0.99) },
      make_comb, NULL, false },
    { "crush", 0, 2, { IN, P("bits", NEED, 16, 1, 16) }, make_crush, NULL, false },
    { "delay", 0, 4, { IN, P("time", NEED, 0.25, 0, 8), P("feedback", 0, 0.5, 0, 0.99), MIX(0.5) },
      make_delay, NULL, false },
    { "distort", 0, 3, { IN, P("drive", NEED, 1, 0, 100), MIX(0.5) }, make_distort, NULL, false },
    { "flanger", 0, 4, { IN, P("depth", NEED, 0.5, 0, 1), P("rate", NEED, 1, 0.01, 10),
                         P("feedback", NEED, 0, 0, 0.95) }, make_flanger, NULL, false },
    { "fm", 0, 3, { { "carrier", CONTEXT_PITCH, CHAIN | NEED, 440, 0, 0 },
                    { "modulator", CONTEXT_PITCH, NEED, 440, 0, 0 },
                    P("index", NEED, 1, 0, 0) }, make_fm, NULL, true },
    { "formant", 0, 7, { IN, CUTOFF("f1"), CUTOFF("f2"), CUTOFF("f3"), P("bw1", NEED, 60, 10, 1000),
                         P("bw2", NEED, 80, 10, 1000), P("bw3", NEED, 100, 10, 1000) },
      make_formant, NULL, false },
    { "gain", 0, 2, { IN, { "gain", CONTEXT_GAIN, NEED, 1, 0, 10 } }, make_product, NULL, false },
    { "hpf", 0, 3, { IN, CUTOFF("cutoff"), P("q", 0, 1, 0.1, 40) }, make_hpf, NULL, false },
    { "if", 0, 3, { P("c", NEED, 0, 0, 0), { "a", CONTEXT_AUDIO, NEED, 0, 0, 0 },
                    { "b", CONTEXT_AUDIO, NEED, 0, 0, 0 } }, make_if, NULL, false },
    { "impulse", 0, 1, { { "freq", CONTEXT_PITCH, CHAIN, 1, 0, 0 } }, make_impulse, NULL, true },
    { "lag", 0, 2, { IN, P("time", NEED, 0.1, 0, 60) }, make_lag, NULL, false },
    { "limiter", 0, 4, { IN, P("threshold", 0, 0.95, 0.001, 2), P("attack", FIX, 0.005, 0.001, 1),
                         P("release", FIX, 0.05, 0, 10) }, make_limiter, NULL, false },
    { "line", 0, 5, { P("from", NEED | FIX, 0, 0, 0), P("to", NEED | FIX, 1, 0, 0),
                      P("time", FIX, 0, 1e-4, 1e6), GATE, P("", 0, 1, 0, 0) }, make_line, NULL, false },
    { "lpf", 0, 3, { IN, CUTOFF("cutoff"), P("q", 0, 1, 0.1, 40) }, make_lpf, NULL, false },
    { "max", 0, 2, { P("a", NEED, 0, 0, 0), P("b", NEED, 0, 0, 0) }, make_max, NULL, false },
    { "min", 0, 2, { P("a", NEED, 0, 0, 0), P("b", NEED, 0, 0, 0) }, make_min, NULL, false },
    { "moog_ladder", 0, 3, { IN, CUTOFF("cutoff"), P("res", 0, 0, 0, 1) }, make_moog, NULL, false },
    { "mtof", 0, 1, { P("in", CHAIN | NEED, 60, 0, 0) }, make_mtof, NULL, false },
    { "noise", 0, 0, { { 0 } }, make_noise, NULL, false },
    { "notch", 0, 3, { IN, CUTOFF("cutoff"), P("q", 0, 1, 0.1, 40) }, make_notch, NULL, false },
    { "pan", 2, 2, { IN, P("pos", NEED, 0, -1, 1) }, NULL, make_pan, false },
    { "pan2_l", 1, 2, { IN, P("pos", NEED, 0, -1, 1) }, NULL, make_pan_left, false },
    { "pan2_r", 1, 2, { IN, P("pos", NEED, 0, -1, 1) }, NULL, make_pan_right, false },
    { "pink_noise", 0, 0, { { 0 } }, make_pink, NULL, false },
    { "pm", 0, 3, { FREQ, P("mod", NEED, 0, 0, 0), P("index", NEED, 1, 0, 0) }, make_pm, NULL,
      true },
    { "pulse", 0, 2, { FREQ, P("width", 0, 0.5, 0.01, 0.99) }, make_pulse, NULL, true },
    { "range", 0, 3, { P("lo", NEED, 0, 0, 0), P("hi", NEED, 1, 0, 0), P("sig", CHAIN | NEED, 0, 0, 0) },
      make_range, NULL, false },
    { "resonz", 0, 3, { IN, CUTOFF("freq"), P("q", NEED, 1, 0.5, 100) }, make_resonz, NULL, false },
    { "reverb", 2, 4, { IN, P("room_size", NEED, 0.5, 0, 1), P("damping", NEED, 0.5, 0, 1),
                        MIX(0.3) }, NULL, make_reverb, false },
    { "rhpf", 0, 3, { IN, CUTOFF("cutoff"), P("q", 0, 1, 0.1, 40) }, make_rhpf, NULL, false },
    { "ring", 0, 2, { IN, P("freq", NEED, 440, 20, 5000) }, make_ring, NULL, false },
    { "ring_mod", 0, 2, { { "a", CONTEXT_AUDIO, CHAIN | NEED, 0, 0, 0 },
                          { "b", CONTEXT_AUDIO, NEED, 0, 0, 0 } }, make_product, NULL, false },
    { "rlpf", 0, 3, { IN, CUTOFF("cutoff"), P("q", 0, 1, 0.1, 40) }, make_rlpf, NULL, false },
    { "saw", 0, 2, { FREQ, OFFSET }, make_saw, NULL, true },
    { "saw_hz", 0, 2, { FREQ, OFFSET }, make_saw, NULL, true },
    { "shape", 0, 2, { IN, P("amount", NEED, 0, 0, 0.99) }, make_shape, NULL, false },
    { "sine", 0, 2, { FREQ, OFFSET }, make_sine, NULL, true },
    { "square", 0, 2, { FREQ, OFFSET }, make_square, NULL, true },
    { "square_hz", 0, 2, { FREQ, OFFSET }, make_square, NULL, true },
    { "superchip", 0, 3, { FREQ, P("rate", 0, 5, 0, 0), P("depth", 0, 0.05, 0, 0) },
      make_superchip, NULL, true },
    { "superfm", 0, 3, { FREQ, P("ratio", 0, 2, 0, 0), P("index", 0, 1, 0, 0) }, make_superfm, NULL,
      true },
    { "superhat", 0, 3, { P("bright", 0, 0.7, 0, 1), P("sustain", 0, 0.05, 0.001, 20), GATE },
      make_superhat, NULL, false },
    { "superkick", 0, 5, { { "freq", CONTEXT_PITCH, CHAIN, 50, 0, 0 }, P("pitch_env", 0, 0.5, 0, 1),
                           P("sustain", 0, 0.3, 0.001, 20), P("noise", 0, 0.1, 0, 10), GATE },
      make_superkick, NULL, true },
    { "superpwm", 0, 3, { FREQ, P("rate", 0, 0.5, 0, 0), P("depth", 0, 0.8, 0, 1) },
      make_superpwm, NULL, true },
    { "supersaw", 0, 3, { FREQ, P("detune", 0, 0.3, 0, 1), P("voices", FIX, 7, 1, 16) },
      make_supersaw, NULL, true },
    { "supersnare", 0, 4, { { "freq", CONTEXT_PITCH, CHAIN, 200, 0, 0 }, P("snappy", 0, 0.8, 0, 10),
                            P("sustain", 0, 0.15, 0.001, 20), GATE },
      make_supersnare, NULL, true },
    { "tremolo", 0, 3, { IN, P("rate", NEED, 5, 0.01, 40), P("depth", NEED, 0.5, 0, 1) },
      make_tremolo, NULL, false },
    { "tri", 0, 2, { FREQ, OFFSET }, make_tri, NULL, true },
    { "triangle_hz", 0, 2, { FREQ, OFFSET }, make_tri, NULL, true },
    { "vibrato", 0, 3, { IN, P("rate", NEED, 5, 0.1, 20), P("depth", NEED, 0.3, 0, 2) },
      make_vibrato, NULL, false },
    { "xfade", 0, 3, { { "a", CONTEXT_AUDIO, NEED, 0, 0, 0 }, { "b", CONTEXT_AUDIO, NEED, 0, 0, 0 },
                       { "pos", CONTEXT_GAIN, NEED, 0.5, 0, 1 } }, make_xfade, NULL, false },
    { "xline", 0, 3, { P("from", NEED | FIX, 0, 0, 0), P("to", NEED | FIX, 1, 0, 0),
                       P("time", NEED | FIX, 1, 0, 0) }, make_xline, NULL, false },
};

const uint32_t n_signal_rows = sizeof signal_rows / sizeof signal_rows[0];

const struct signal_row *signal_find(const char *canonical)
{
    uint32_t low = 0, high = n_signal_rows;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const int order = strcmp(canonical, signal_rows[middle].name);
        if (order == 0)
            return &signal_rows[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

uint32_t signal_visible_params(const struct signal_row *row)
{
    uint32_t n = 0;

    while (n < row->n_params && row->params[n].name && row->params[n].name[0])
        n++;
    return n;
}

int signal_chained(const struct signal_row *row)
{
    for (int i = 0; i < row->n_params; i++)
        if (row->params[i].flags & PARAM_CHAINED)
            return i;
    return -1;
}
