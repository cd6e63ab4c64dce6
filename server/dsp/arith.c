/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/arith.c - UnaryOpUGen and BinaryOpUGen, but for the random operators (chance.c).    */
/* room: audio.                                                                                   */
#include "server/dsp/arith.h"

#include "server/dsp/bounds.h"
#include "server/dsp/integers.h"
#include "server/dsp/precise.h"
#include "server/dsp/ramp.h"

/*
 * Operators come in two forms. At audio rate they use fastmath.h. At control and scalar rate,
 * where a value is computed once per block and often becomes a frequency or a time, they use
 * precise.h: an oscillator adds up the error of its frequency. BOTH names those of one form.
 */
#define LANE_1(name, expression) LANE_FN lane name(lane x) { return expression; }
#define LANE_2(name, expression) LANE_FN lane name(lane a, lane b) { return expression; }
#define BOTH_1(name, expression)                                                                   \
    LANE_1(fast_##name, expression)                                                                \
    LANE_1(exact_##name, fast_##name(x))
#define BOTH_2(name, expression)                                                                   \
    LANE_2(fast_##name, expression)                                                                \
    LANE_2(exact_##name, fast_##name(a, b))

/** f lane by lane: outside hot loops. */
typedef float libm_fn(float);
LANE_FN lane map(lane x, libm_fn *f)
{
    for (int k = 0; k < LANE_W; k++)
        x = lane_set(x, k, f(lane_get(x, k)));
    return x;
}

static const float twelfth = 0.083333333333f;

LANE_FN lane one_where(lane_i mask) { return lane_where(mask, lane_splat(1.0f)); }
LANE_FN lane zero(void) { return lane_splat(0.0f); }

BOTH_1(NEG, 0.0f - x)
BOTH_1(NOT, one_where(~lane_gt(x, zero())))
BOTH_1(ABS, lane_abs(x))
BOTH_1(CEIL, lane_ceil(x))
BOTH_1(FLOOR, lane_floor(x))
BOTH_1(FRAC, lane_frac(x))
BOTH_1(SIGN, one_where(lane_gt(x, zero())) - one_where(lane_lt(x, zero())))
BOTH_1(SQUARED, x * x)
BOTH_1(CUBED, x * x * x)
BOTH_1(SQRT, lane_copysign(lane_sqrt(lane_abs(x)), x))
BOTH_1(RECIPROCAL, 1.0f / x)
BOTH_1(DISTORT, x / (1.0f + lane_abs(x)))
BOTH_1(THRU, x)
BOTH_1(RAMP, lane_clamp(x, 0.0f, 1.0f))
LANE_FN lane s_curve(lane x) { return x * x * (3.0f - 2.0f * x); }
BOTH_1(SCURVE, s_curve(lane_clamp(x, 0.0f, 1.0f)))
LANE_FN lane softclip(lane x)
{
    const lane_i small = lane_le(lane_abs(x), lane_splat(0.5f));
    return lane_select(small, x, (lane_abs(x) - 0.25f) / lane_select(small, lane_splat(1.0f), x));
}
BOTH_1(SOFTCLIP, softclip(x))

/* What belongs to the language; on signals these are no operation. */
BOTH_1(IS_NIL, x)
BOTH_1(NOT_NIL, x)
BOTH_1(AS_FLOAT, x)
BOTH_1(AS_INT, x)
BOTH_1(DIGIT_VALUE, x)
LANE_FN lane silence(lane x) { (void)x; return zero(); }
BOTH_1(SILENCE, silence(x))
BOTH_1(BIT_NOT, lane_from_i(~whole(x)))

/** y on 0 .. 1, both ends included, 0 outside. */
LANE_FN lane window(lane x, lane y)
{
    return lane_where(~(lane_lt(x, zero()) | lane_gt(x, lane_splat(1.0f))), y);
}
LANE_FN lane unit(lane x) { return lane_clamp(x, 0.0f, 1.0f); }
BOTH_1(RECT_WINDOW, window(x, lane_splat(1.0f)))
BOTH_1(TRI_WINDOW, window(x, lane_min(2.0f * x, 2.0f - 2.0f * x)))
LANE_1(fast_HAN_WINDOW, window(x, 0.5f - 0.5f * lane_cos(6.2831853f * unit(x))))
LANE_1(exact_HAN_WINDOW, window(x, 0.5f - 0.5f * precise_cos(6.2831853f * unit(x))))
LANE_1(fast_WEL_WINDOW, window(x, lane_sin(3.14159265f * unit(x))))
LANE_1(exact_WEL_WINDOW, window(x, precise_sin(3.14159265f * unit(x))))

LANE_1(fast_EXP, lane_exp(x))
LANE_1(exact_EXP, precise_exp(x))
LANE_1(fast_MIDICPS, 440.0f * lane_exp2(lane_min((x - 69.0f) * twelfth, lane_splat(118.0f))))
LANE_1(exact_MIDICPS, 440.0f * precise_exp2(lane_min((x - 69.0f) * twelfth, lane_splat(118.0f))))
LANE_1(fast_MIDIRATIO, lane_exp2(x * twelfth))
LANE_1(exact_MIDIRATIO, precise_exp2(x * twelfth))
LANE_1(fast_OCTCPS, 440.0f * lane_exp2(lane_min(x - 4.75f, lane_splat(118.0f))))
LANE_1(exact_OCTCPS, 440.0f * precise_exp2(lane_min(x - 4.75f, lane_splat(118.0f))))
LANE_1(fast_DBAMP, lane_exp(x * 0.115129255f))
LANE_1(exact_DBAMP, precise_exp10(x * 0.05f))
/* Logarithms of what is not positive are those of 2^-126. */
LANE_1(fast_LOG, lane_log(x))
LANE_1(exact_LOG, precise_log(x))
LANE_1(fast_LOG2, lane_log2(x))
LANE_1(exact_LOG2, precise_log2(x))
LANE_1(fast_LOG10, 0.434294482f * lane_log(x))
LANE_1(exact_LOG10, precise_log10(x))
LANE_1(fast_CPSMIDI, lane_log2(x * 0.0022727272727f) * 12.0f + 69.0f)
LANE_1(exact_CPSMIDI, precise_log2(x * 0.0022727272727f) * 12.0f + 69.0f)
LANE_1(fast_CPSOCT, lane_log2(x * 0.0022727272727f) + 4.75f)
LANE_1(exact_CPSOCT, precise_log2(x * 0.0022727272727f) + 4.75f)
LANE_1(fast_RATIOMIDI, 12.0f * lane_log2(x))
LANE_1(exact_RATIOMIDI, 12.0f * precise_log2(x))
LANE_1(fast_AMPDB, 8.68588964f * lane_log(x))
LANE_1(exact_AMPDB, precise_log10(x) * 20.0f)
LANE_1(fast_TANH, lane_tanh(x))
LANE_1(exact_TANH, precise_tanh(x))
/* Arcs of what lies beyond -1 .. 1 are those of the ends. */
LANE_1(fast_ARCSIN, lane_asin(x))
LANE_1(exact_ARCSIN, map(lane_clamp(x, -1.0f, 1.0f), asinf))
LANE_1(fast_ARCCOS, lane_acos(x))
LANE_1(exact_ARCCOS, map(lane_clamp(x, -1.0f, 1.0f), acosf))
LANE_1(fast_ARCTAN, lane_atan2(x, lane_splat(1.0f)))
LANE_1(exact_ARCTAN, map(x, atanf))
LANE_1(fast_SINH, lane_sinh(x))
LANE_1(exact_SINH, map(lane_clamp(x, -89.0f, 89.0f), sinhf))
LANE_1(fast_COSH, lane_cosh(x))
LANE_1(exact_COSH, map(lane_clamp(x, -89.0f, 89.0f), coshf))
LANE_1(fast_SIN, lane_sin(x))
LANE_1(exact_SIN, precise_sin(x))
LANE_1(fast_COS, lane_cos(x))
LANE_1(exact_COS, precise_cos(x))
LANE_1(fast_TAN, lane_tan(x))
LANE_1(exact_TAN, precise_tan(x))

static libm_fn *const libm_of_angle[] = { [PH_UNARY_SIN] = sinf, [PH_UNARY_COS] = cosf,
                                          [PH_UNARY_TAN] = tanf };

/** Angles past the range of fastmath.h are rare; frames and lanes that hold one go to libm. */
static void far_angles(const struct dsp_block *b, libm_fn *exact)
{
    const lane *const x = dsp_in(b, 0);
    const lane limit = lane_splat(8192.0f);
    float *const out = (float *)dsp_out(b, 0);
    lane_i any = lane_splat_i(0);
    for (uint32_t i = 0; i < b->n_frames; i++)
        any |= lane_gt(lane_abs(x[i]), limit);
    if (!(lane_mask_bits(any) & b->lanes))
        return;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const uint32_t far = lane_mask_bits(lane_gt(lane_abs(x[i]), limit)) & b->lanes;
        for (uint32_t left = far; left; left &= left - 1) {
            const uint32_t k = (uint32_t)__builtin_ctz(left);
            out[i * LANE_W + k] = exact(lane_get(x[i], (int)k));
        }
    }
}

LANE_FN lane quantise(lane a, lane b, lane whole)
{
    return lane_select(lane_eq(b, zero()), a, whole * b);
}
LANE_FN lane clip2(lane a, lane b)
{
    return lane_select(lane_gt(a, b), b, lane_max(a, 0.0f - b));
}

BOTH_2(ADD, a + b)
BOTH_2(SUB, a - b)
BOTH_2(MUL, a * b)
BOTH_2(IDIV, lane_floor(a / b))
BOTH_2(FDIV, a / b)
BOTH_2(MOD, wrap(a, zero(), b))
BOTH_2(EQ, one_where(lane_eq(a, b)))
BOTH_2(NE, one_where(lane_ne(a, b)))
BOTH_2(LT, one_where(lane_lt(a, b)))
BOTH_2(GT, one_where(lane_gt(a, b)))
BOTH_2(LE, one_where(lane_le(a, b)))
BOTH_2(GE, one_where(lane_ge(a, b)))
BOTH_2(MIN, lane_min(a, b))
BOTH_2(MAX, lane_max(a, b))
BOTH_2(ROUND, quantise(a, b, lane_floor(a / divisor(b) + 0.5f)))
BOTH_2(ROUND_UP, quantise(a, b, lane_ceil(a / divisor(b))))
BOTH_2(TRUNC, quantise(a, b, lane_floor(a / divisor(b))))
LANE_2(fast_ATAN2, lane_atan2(a, b))
LANE_2(exact_ATAN2, lane_map2(atan2f, a, b))
BOTH_2(HYPOT, lane_hypot(a, b))
LANE_2(fast_POW, lane_copysign(lane_pow(lane_abs(a), b), a))
LANE_2(exact_POW, lane_copysign(precise_pow(lane_abs(a), b), a))
BOTH_2(RING1, a * b + a)
BOTH_2(RING2, a * b + a + b)
BOTH_2(RING3, a * a * b)
BOTH_2(RING4, a * a * b - a * b * b)
BOTH_2(DIFSQR, a * a - b * b)
BOTH_2(SUMSQR, a * a + b * b)
BOTH_2(SQRSUM, (a + b) * (a + b))
BOTH_2(SQRDIF, (a - b) * (a - b))
BOTH_2(ABSDIF, lane_abs(a - b))
BOTH_2(THRESH, lane_where(~lane_lt(a, b), a))
BOTH_2(AMCLIP, a * 0.5f * (b + lane_abs(b)))
BOTH_2(SCALENEG, lane_select(lane_ge(a, zero()), a, a * b))
BOTH_2(CLIP2, clip2(a, b))
BOTH_2(EXCESS, a - clip2(a, b))
BOTH_2(FOLD2, fold(a, 0.0f - b, b))
BOTH_2(WRAP2, wrap(a, 0.0f - b, b))
BOTH_2(BIT_AND, lane_from_i(whole(a) & whole(b)))
BOTH_2(BIT_OR, lane_from_i(whole(a) | whole(b)))
BOTH_2(BIT_XOR, lane_from_i(whole(a) ^ whole(b)))
BOTH_2(LEFT_SHIFT, lane_from_i(shift_left(whole(a), whole(b))))
BOTH_2(RIGHT_SHIFT, lane_from_i(whole(a) >> (whole(b) & 31)))
BOTH_2(LCM, lane_map2(common_multiple, a, b))
BOTH_2(GCD, lane_map2(common_divisor, a, b))
LANE_FN lane hypot_apx(lane a, lane b) { return a + b - 0.41421356f * lane_min(a, b); }
BOTH_2(HYPOT_APX, hypot_apx(lane_abs(a), lane_abs(b)))
/* scsynth hasn't got these two, and adds. */
BOTH_2(UNSIGNED_RIGHT_SHIFT, a + b)
BOTH_2(FILL, a + b)
LANE_FN lane first(lane a, lane b) { (void)b; return a; }
BOTH_2(FIRSTARG, first(a, b))

/**
 * UnaryOpUGen - an operator on one signal; SuperCollider's operator of the same number.
 *
 * in      [0] a
 * out     [0] op(a). Logarithms of a <= 0 are those of 2^-126; exponentials stop at the largest
 *         float; sqrt of a negative number is -sqrt(-a). 1 / 0 is infinite. bitNot and the bit
 *         operators below count in 32 bits: what lies beyond is -2^31 there
 * state   none
 * cost    one operation per frame, vectorised along time at W = 1
 */
#define UNARY_KERNEL(number, NAME, text)                                                           \
    PH_RT static void unary_##NAME(void *state, const struct dsp_block *b)                         \
    {                                                                                              \
        (void)state;                                                                               \
        const lane *const x = dsp_in(b, 0);                                                        \
        lane *const out = dsp_out(b, 0);                                                           \
        if (b->rate != PH_AUDIO) {                                                                 \
            out[0] = exact_##NAME(x[0]);                                                           \
        } else if (dsp_step(b, 0)) {                                                               \
            for (uint32_t i = 0; i < b->n_frames; i++)                                             \
                out[i] = fast_##NAME(x[i]);                                                        \
            if ((number) <= PH_UNARY_TAN && libm_of_angle[(number) % (PH_UNARY_TAN + 1)])          \
                far_angles(b, libm_of_angle[(number) % (PH_UNARY_TAN + 1)]);                       \
        } else {                                                                                   \
            const lane y = exact_##NAME(x[0]);                                                     \
            for (uint32_t i = 0; i < b->n_frames; i++)                                             \
                out[i] = y;                                                                        \
        }                                                                                          \
    }                                                                                              \
    static const struct dsp_unit unary_unit_##NAME = { 0, dsp_no_init, unary_##NAME, NULL, 0,      \
                                                       unary_##NAME };
PH_UNARY_PURE_OPS(UNARY_KERNEL)

/**
 * BinaryOpUGen - an operator on two signals; SuperCollider's operator of the same number.
 *
 * in      [0] a, [1] b; an input that is not at audio rate moves in a straight line from the last
 *         block's value to this one's (ramp.h)
 * out     [0] a op b. Division by zero is infinite; % round trunc fold2 wrap2 by zero are what
 *         they are in SuperCollider
 * state   one lane per input, the value at the end of the last block
 * cost    one operation per frame, vectorised along time at W = 1
 *
 * At audio rate a value that stands still goes the way of one that moves: beside a lane that does,
 * its bits are the same.
 */
struct binary { lane a, b; };

PH_RT static void binary_init(void *state, const struct dsp_block *b)
{
    *(struct binary *)state = (struct binary){ dsp_in(b, 0)[0], dsp_in(b, 1)[0] };
}

typedef lane binary_fn(lane, lane);

/** `op` on a signal and on a value that stands still or moves in a line. */
LANE_FN void binary_signal_value(const struct dsp_block *b, lane *last, binary_fn *op)
{
    const lane *const x = dsp_in(b, 0);
    lane *const out = dsp_out(b, 0);
    const struct ramp_line y = ramp_line(b, 1, last);
    if (y.moves)
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = op(x[i], ramp_at(&y, i));
    else
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = op(x[i], y.from);
}

LANE_FN void binary_value_signal(const struct dsp_block *b, lane *last, binary_fn *op)
{
    const lane *const y = dsp_in(b, 1);
    lane *const out = dsp_out(b, 0);
    const struct ramp_line x = ramp_line(b, 0, last);
    if (x.moves)
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = op(ramp_at(&x, i), y[i]);
    else
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = op(x.from, y[i]);
}

/** On two signals, or on two values. */
LANE_FN void binary_like(const struct dsp_block *b, struct binary *s, binary_fn *op)
{
    lane x_frames[DSP_BLOCK_FRAMES], y_frames[DSP_BLOCK_FRAMES];
    const lane *const x = ramp_frames(b, 0, &s->a, x_frames);
    const lane *const y = ramp_frames(b, 1, &s->b, y_frames);
    lane *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = op(x[i], y[i]);
}

LANE_FN void binary_audio(const struct dsp_block *b, struct binary *s, binary_fn *op)
{
    const uint32_t signals = dsp_step(b, 0) + 2 * dsp_step(b, 1);
    if (signals == 1)
        binary_signal_value(b, &s->b, op);
    else if (signals == 2)
        binary_value_signal(b, &s->a, op);
    else
        binary_like(b, s, op);
}

#define BINARY_KERNEL(number, NAME, text)                                                          \
    PH_RT static void binary_##NAME(void *state, const struct dsp_block *b)                        \
    {                                                                                              \
        if (b->rate == PH_AUDIO) {                                                                 \
            binary_audio(b, state, fast_##NAME);                                                   \
        } else {                                                                                   \
            dsp_out(b, 0)[0] = exact_##NAME(dsp_in(b, 0)[0], dsp_in(b, 1)[0]);                     \
            binary_init(state, b);                                                                 \
        }                                                                                          \
    }                                                                                              \
    static const struct dsp_unit binary_unit_##NAME = { sizeof(struct binary), binary_init,        \
                                                        binary_##NAME, NULL, 0, binary_##NAME };
PH_BINARY_PURE_OPS(BINARY_KERNEL)

/** Entries of the unit table; an operator's own kernel is found by its number below. */
const struct dsp_unit DSP(dsp_UnaryOpUGen) = { 0, dsp_no_init, unary_THRU, NULL,
                                               0 };
const struct dsp_unit DSP(dsp_BinaryOpUGen) = { sizeof(struct binary), binary_init, binary_FIRSTARG,
                                                NULL, 0 };

#define UNARY_CASE(number, NAME, text) case number: return &unary_unit_##NAME;
#define BINARY_CASE(number, NAME, text) case number: return &binary_unit_##NAME;

const struct dsp_unit *DSP(dsp_unary_op)(int16_t special)
{
    switch (special) {
        PH_UNARY_PURE_OPS(UNARY_CASE)
    default: return DSP(dsp_unary_chance)(special);
    }
}

const struct dsp_unit *DSP(dsp_binary_op)(int16_t special)
{
    switch (special) {
        PH_BINARY_PURE_OPS(BINARY_CASE)
    default: return DSP(dsp_binary_chance)(special);
    }
}
