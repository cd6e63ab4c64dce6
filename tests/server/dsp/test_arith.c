/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_arith.c - operators, MulAdd, sums, DC, K2A.                              */
#include "tests/server/dsp/unit_host.h"

static const float rate_hz = 48000;

/* ------------------------------------------------------------- operators by their definitions */

static double wrapped(double a, double lo, double hi)
{
    if (a >= lo && a < hi)
        return a;
    return hi == lo ? lo : a - (hi - lo) * floor((a - lo) / (hi - lo));
}
static double folded(double a, double lo, double hi)
{
    if (hi == lo)
        return lo;
    const double c = wrapped(a - lo, 0, 2 * (hi - lo));
    return (c >= hi - lo ? 2 * (hi - lo) - c : c) + lo;
}

/** The largest whole number that divides both, negative where none is above 0. */
static double divisor(double a, double b)
{
    if (a * b == 0)
        return a + b;
    double most = fmax(fabs(a), fabs(b));
    for (double d = most; d >= 1; d--)
        if (fmod(a, d) == 0 && fmod(b, d) == 0)
            return a < 0 && b < 0 ? -d : d;
    return 0;
}

static double multiple(double a, double b) { return a * b == 0 ? 0 : a * b / divisor(a, b); }

static const double pi = 3.14159265358979323846;

/** SuperCollider's definition of a unary operator, in double. */
static double unary(int op, double x)
{
    switch (op) {
    case PH_UNARY_NEG: return -x;
    case PH_UNARY_NOT: return x > 0 ? 0 : 1;
    case PH_UNARY_ABS: return fabs(x);
    case PH_UNARY_CEIL: return ceil(x);
    case PH_UNARY_FLOOR: return floor(x);
    case PH_UNARY_FRAC: return x - floor(x);
    case PH_UNARY_SIGN: return x < 0 ? -1 : x > 0 ? 1 : 0;
    case PH_UNARY_SQUARED: return x * x;
    case PH_UNARY_CUBED: return x * x * x;
    case PH_UNARY_SQRT: return x < 0 ? -sqrt(-x) : sqrt(x);
    case PH_UNARY_EXP: return exp(x);
    case PH_UNARY_RECIPROCAL: return 1 / x;
    case PH_UNARY_MIDICPS: return 440 * pow(2, (x - 69) / 12);
    case PH_UNARY_CPSMIDI: return log2(x / 440) * 12 + 69;
    case PH_UNARY_MIDIRATIO: return pow(2, x / 12);
    case PH_UNARY_RATIOMIDI: return 12 * log2(x);
    case PH_UNARY_DBAMP: return pow(10, x / 20);
    case PH_UNARY_AMPDB: return 20 * log10(x);
    case PH_UNARY_OCTCPS: return 440 * pow(2, x - 4.75);
    case PH_UNARY_CPSOCT: return log2(x / 440) + 4.75;
    case PH_UNARY_LOG: return log(x);
    case PH_UNARY_LOG2: return log2(x);
    case PH_UNARY_LOG10: return log10(x);
    case PH_UNARY_SIN: return sin(x);
    case PH_UNARY_COS: return cos(x);
    case PH_UNARY_TAN: return tan(x);
    case PH_UNARY_TANH: return tanh(x);
    case PH_UNARY_DISTORT: return x / (1 + fabs(x));
    case PH_UNARY_SOFTCLIP: return fabs(x) <= 0.5 ? x : (fabs(x) - 0.25) / x;
    case PH_UNARY_THRU: return x;
    case PH_UNARY_RAMP: return x <= 0 ? 0 : x >= 1 ? 1 : x;
    case PH_UNARY_SCURVE: return x <= 0 ? 0 : x >= 1 ? 1 : x * x * (3 - 2 * x);
    case PH_UNARY_IS_NIL: case PH_UNARY_NOT_NIL: case PH_UNARY_AS_FLOAT: case PH_UNARY_AS_INT:
    case PH_UNARY_DIGIT_VALUE: return x;
    case PH_UNARY_SILENCE: return 0;
    case PH_UNARY_BIT_NOT: return ~(int)x;
    case PH_UNARY_ARCSIN: return asin(fmax(-1, fmin(1, x)));
    case PH_UNARY_ARCCOS: return acos(fmax(-1, fmin(1, x)));
    case PH_UNARY_ARCTAN: return atan(x);
    case PH_UNARY_SINH: return sinh(x);
    case PH_UNARY_COSH: return cosh(x);
    case PH_UNARY_RECT_WINDOW: return x >= 0 && x <= 1;
    case PH_UNARY_HAN_WINDOW: return x < 0 || x > 1 ? 0 : 0.5 - 0.5 * cos(2 * pi * x);
    case PH_UNARY_WEL_WINDOW: return x < 0 || x > 1 ? 0 : sin(pi * x);
    case PH_UNARY_TRI_WINDOW: return x < 0 || x > 1 ? 0 : 1 - fabs(2 * x - 1);
    default: ck_abort_msg("operator %d has no definition here", op);
    }
    return 0;
}

static int takes_positive_numbers(int op)
{
    return (op >= PH_UNARY_LOG && op <= PH_UNARY_LOG10) || op == PH_UNARY_AMPDB ||
           op == PH_UNARY_CPSMIDI || op == PH_UNARY_RATIOMIDI || op == PH_UNARY_CPSOCT;
}

static double binary(int op, double a, double b)
{
    switch (op) {
    case PH_BINARY_ADD: return a + b;
    case PH_BINARY_SUB: return a - b;
    case PH_BINARY_MUL: return a * b;
    case PH_BINARY_IDIV: return floor((float)a / (float)b);
    case PH_BINARY_FDIV: return a / b;
    case PH_BINARY_MOD: return wrapped(a, 0, b);
    case PH_BINARY_EQ: return a == b;
    case PH_BINARY_NE: return a != b;
    case PH_BINARY_LT: return a < b;
    case PH_BINARY_GT: return a > b;
    case PH_BINARY_LE: return a <= b;
    case PH_BINARY_GE: return a >= b;
    case PH_BINARY_MIN: return a < b ? a : b;
    case PH_BINARY_MAX: return a > b ? a : b;
    case PH_BINARY_ROUND: return b == 0 ? a : floorf((float)a / (float)b + 0.5f) * b;
    case PH_BINARY_ROUND_UP: return b == 0 ? a : ceilf((float)a / (float)b) * b;
    case PH_BINARY_TRUNC: return b == 0 ? a : floorf((float)a / (float)b) * b;
    case PH_BINARY_ATAN2: return atan2(a, b);
    case PH_BINARY_HYPOT: return hypot(a, b);
    case PH_BINARY_POW: return a >= 0 ? pow(a, b) : -pow(-a, b);
    case PH_BINARY_RING1: return a * b + a;
    case PH_BINARY_RING2: return a * b + a + b;
    case PH_BINARY_RING3: return a * a * b;
    case PH_BINARY_RING4: return a * a * b - a * b * b;
    case PH_BINARY_DIFSQR: return a * a - b * b;
    case PH_BINARY_SUMSQR: return a * a + b * b;
    case PH_BINARY_SQRSUM: return (a + b) * (a + b);
    case PH_BINARY_SQRDIF: return (a - b) * (a - b);
    case PH_BINARY_ABSDIF: return fabs(a - b);
    case PH_BINARY_THRESH: return a < b ? 0 : a;
    case PH_BINARY_AMCLIP: return b < 0 ? 0 : a * b;
    case PH_BINARY_SCALENEG: return a < 0 ? a * b : a;
    case PH_BINARY_CLIP2: return a > b ? b : a < -b ? -b : a;
    case PH_BINARY_EXCESS: return a - (a > b ? b : a < -b ? -b : a);
    case PH_BINARY_FOLD2: return folded(a, -b, b);
    case PH_BINARY_WRAP2: return wrapped(a, -b, b);
    case PH_BINARY_FIRSTARG: return a;
    case PH_BINARY_BIT_AND: return (int)a & (int)b;
    case PH_BINARY_BIT_OR: return (int)a | (int)b;
    case PH_BINARY_BIT_XOR: return (int)a ^ (int)b;
    case PH_BINARY_LEFT_SHIFT: return trunc(a) * (1 << (int)b);
    case PH_BINARY_RIGHT_SHIFT: return floor(trunc(a) / (1 << (int)b));
    case PH_BINARY_GCD: return divisor(trunc(a), trunc(b));
    case PH_BINARY_LCM: return multiple(trunc(a), trunc(b));
    case PH_BINARY_HYPOT_APX: return fabs(a) + fabs(b) - (sqrt(2) - 1) * fmin(fabs(a), fabs(b));
    case PH_BINARY_UNSIGNED_RIGHT_SHIFT: case PH_BINARY_FILL: return a + b;
    default: ck_abort_msg("operator %d has no definition here", op);
    }
    return 0;
}

#define NUMBER(number, NAME, text) number,
static const int16_t unary_ops[] = { PH_UNARY_PURE_OPS(NUMBER) };
static const int16_t binary_ops[] = { PH_BINARY_PURE_OPS(NUMBER) };
enum {
    N_UNARY = sizeof unary_ops / sizeof *unary_ops,
    N_BINARY = sizeof binary_ops / sizeof *binary_ops
};

static double uniform(double lo, double hi) { return lo + (hi - lo) * rand() / RAND_MAX; }

/*
 * A few roundings of a float: 8e-7 of the result, and of the largest intermediate, which for
 * differences and logarithms near 1 may be far larger than the result. midicps doubles the rounding
 * of an exponent near 6, which is the largest of them.
 */
static void check_close(const char *what, int op, double a, double b, double got, double want)
{
    const double scale = fabs(want) + 1 + fabs(a) + fabs(b) + a * a + b * b;
    ck_assert_msg(fabs(got - want) <= 8e-7 * scale, "%s %d (%g, %g): %.9g, defined %.9g", what, op,
                  a, b, got, want);
}

START_TEST(unary_operator_follows_its_definition)
{
    const int16_t op = unary_ops[_i];
    for (uint32_t width = 1; width; width = host_wider(width)) {
        for (uint8_t rate = KR; rate <= AR; rate++) {
            struct unit_host *const h = host_new(PH_UNIT_UNARY_OP, op, width, rate, rate_hz);
            host_set(h, 0, rate, 0);
            host_init(h);
            const uint32_t n = (rate == AR ? DSP_BLOCK_FRAMES : 1) * width;
            for (int block = 0; block < 50; block++) {
                for (uint32_t i = 0; i < n; i++)
                    h->in[0][i] = (float)uniform(takes_positive_numbers(op) ? 0.01 : -3, 3);
                if (op == PH_UNARY_TAN)
                    for (uint32_t i = 0; i < n; i++)
                        h->in[0][i] *= 0.5f;
                host_block(h);
                for (uint32_t i = 0; i < n; i++)
                    if (op != PH_UNARY_RECIPROCAL || fabsf(h->in[0][i]) > 0.01f)
                        check_close("unary", op, h->in[0][i], 0,
                                    h->out[0][i] / (op == PH_UNARY_RECIPROCAL ? 100 : 1),
                                    unary(op, h->in[0][i]) / (op == PH_UNARY_RECIPROCAL ? 100 : 1));
            }
            host_free(h);
        }
    }
}
END_TEST

START_TEST(binary_operator_follows_its_definition)
{
    const int16_t op = binary_ops[_i];
    for (uint32_t width = 1; width; width = host_wider(width)) {
        for (uint8_t rate = KR; rate <= AR; rate++) {
            struct unit_host *const h = host_new(PH_UNIT_BINARY_OP, op, width, rate, rate_hz);
            host_set(h, 0, rate, 0);
            host_set(h, 1, rate, 1);
            host_init(h);
            const uint32_t n = (rate == AR ? DSP_BLOCK_FRAMES : 1) * width;
            for (int block = 0; block < 50; block++) {
                for (uint32_t i = 0; i < n; i++) {
                    h->in[0][i] = (float)uniform(-3, 3);
                    h->in[1][i] = (float)uniform(0.2, 3);
                }
                h->in[1][0] = h->in[0][0]; /* equal, for the comparisons */
                if (op == PH_BINARY_IDIV || op == PH_BINARY_FDIV || op == PH_BINARY_LEFT_SHIFT ||
                    op == PH_BINARY_RIGHT_SHIFT)
                    h->in[1][0] = 1;
                host_block(h);
                for (uint32_t i = 0; i < n; i++)
                    check_close("binary", op, h->in[0][i], h->in[1][i], h->out[0][i],
                                binary(op, h->in[0][i], h->in[1][i]));
            }
            host_free(h);
        }
    }
}
END_TEST

START_TEST(unknown_operators_have_no_kernel)
{
    ck_assert_ptr_null(host_kernels->narrow(PH_UNIT_UNARY_OP, 54));
    ck_assert_ptr_null(host_kernels->narrow(PH_UNIT_BINARY_OP, 200));
    ck_assert_ptr_null(host_kernels->wide(PH_UNIT_BINARY_OP, -1));
}
END_TEST

/* ------------------------------------------------------------------------------------ ramps */

/**
 * Renders one block of a unit whose input `which` went from 2 to 4; the others are 1, at `others`.
 */
static void check_ramp_beside(enum ph_unit id, int16_t special, uint32_t which,
                              uint8_t changing_rate, uint8_t others, double (*expect)(double))
{
    struct unit_host *const h = host_new(id, special, 1, AR, rate_hz);
    for (uint32_t i = 0; i < h->b.n_in; i++)
        host_set(h, i, i == which ? changing_rate : others, i == which ? 2 : 1);
    host_init(h);
    host_block(h);
    for (uint32_t i = 0; i < DSP_BLOCK_FRAMES; i++)
        ck_assert_double_eq_tol(h->out[0][i], expect(2), 1e-6);
    h->in[which][0] = 4;
    host_block(h);
    for (uint32_t i = 0; i < DSP_BLOCK_FRAMES; i++)
        ck_assert_double_eq_tol(h->out[0][i], expect(2 + 2.0 * i / DSP_BLOCK_FRAMES), 1e-6);
    host_block(h);
    for (uint32_t i = 0; i < DSP_BLOCK_FRAMES; i++)
        ck_assert_double_eq_tol(h->out[0][i], expect(4), 1e-6);
    host_free(h);
}

static void check_ramp(enum ph_unit id, int16_t special, uint32_t which, uint8_t changing_rate,
                       double (*expect)(double))
{
    check_ramp_beside(id, special, which, changing_rate, AR, expect);
    check_ramp_beside(id, special, which, changing_rate, IR, expect);
}

static double itself(double x) { return x; }
static double and_one(double x) { return x + 1; }
static double and_two(double x) { return x + 2; }
static double and_three(double x) { return x + 3; }

START_TEST(a_control_input_is_ramped_over_the_block)
{
    check_ramp(PH_UNIT_BINARY_OP, PH_BINARY_MUL, 0, KR, itself);
    check_ramp(PH_UNIT_BINARY_OP, PH_BINARY_MUL, 1, KR, itself);
    check_ramp(PH_UNIT_MUL_ADD, 0, 1, KR, and_one);
    check_ramp(PH_UNIT_MUL_ADD, 0, 2, KR, and_one);
    check_ramp(PH_UNIT_SUM3, 0, 1, KR, and_two);
    check_ramp(PH_UNIT_SUM4, 0, 3, KR, and_three);
    check_ramp(PH_UNIT_K2A, 0, 0, KR, itself);
}
END_TEST

START_TEST(a_constant_that_an_edit_changed_is_ramped_once)
{
    check_ramp(PH_UNIT_BINARY_OP, PH_BINARY_MUL, 1, IR, itself);
    check_ramp(PH_UNIT_BINARY_OP, PH_BINARY_ADD, 0, IR, and_one);
    check_ramp(PH_UNIT_MUL_ADD, 0, 1, IR, and_one);
    check_ramp(PH_UNIT_SUM3, 0, 2, IR, and_two);
    check_ramp(PH_UNIT_DC, 0, 0, IR, itself);
}
END_TEST

START_TEST(control_rate_operators_take_the_new_value_at_once)
{
    struct unit_host *const h = host_new(PH_UNIT_BINARY_OP, PH_BINARY_MUL, 1, KR, rate_hz);
    host_set(h, 0, KR, 3);
    host_set(h, 1, KR, 2);
    host_init(h);
    host_block(h);
    h->in[1][0] = 5;
    host_block(h);
    ck_assert_float_eq(h->out[0][0], 15);
    host_free(h);
}
END_TEST

START_TEST(dc_keeps_a_control_value_of_its_birth)
{
    struct unit_host *const h = host_new(PH_UNIT_DC, 0, 1, AR, rate_hz);
    host_set(h, 0, KR, 0.25f);
    host_init(h);
    h->in[0][0] = 1;
    host_block(h);
    ck_assert_float_eq(h->out[0][0], 0.25f);
    ck_assert_float_eq(h->out[0][63], 0.25f);
    host_free(h);
}
END_TEST

START_TEST(angles_past_the_fast_range_are_still_right)
{
    struct unit_host *const h = host_new(PH_UNIT_UNARY_OP, PH_UNARY_SIN, host_wide(), AR, rate_hz);
    host_set(h, 0, AR, 0.5f);
    host_init(h);
    h->in[0][3] = 123456.0f;
    host_block(h);
    ck_assert_double_eq_tol(h->out[0][3], sin(123456.0), 1e-6);
    ck_assert_double_eq_tol(h->out[0][4], sin(0.5), 1e-6);
    host_free(h);
}
END_TEST

START_TEST(quantising_by_zero_changes_nothing)
{
    const int16_t ops[] = { PH_BINARY_ROUND, PH_BINARY_ROUND_UP, PH_BINARY_TRUNC };
    for (int i = 0; i < 3; i++) {
        struct unit_host *const h = host_new(PH_UNIT_BINARY_OP, ops[i], host_wide(), AR, rate_hz);
        host_set(h, 0, AR, 1.3f);
        host_set(h, 1, IR, 0);
        host_init(h);
        host_block(h);
        ck_assert_float_eq(h->out[0][9], 1.3f);
        host_free(h);
    }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("arith");
    tcase_add_loop_test(c, unary_operator_follows_its_definition, 0, N_UNARY);
    tcase_add_loop_test(c, binary_operator_follows_its_definition, 0, N_BINARY);
    tcase_add_test(c, unknown_operators_have_no_kernel);
    tcase_add_test(c, a_control_input_is_ramped_over_the_block);
    tcase_add_test(c, a_constant_that_an_edit_changed_is_ramped_once);
    tcase_add_test(c, control_rate_operators_take_the_new_value_at_once);
    tcase_add_test(c, dc_keeps_a_control_value_of_its_birth);
    tcase_add_test(c, angles_past_the_fast_range_are_still_right);
    tcase_add_test(c, quantising_by_zero_changes_nothing);
    return host_run(argc, argv, "arith", c);
}
