/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_fastmath.c - the error bounds that fastmath.h states, against libm.      */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/server/dsp/fastmath_probe.h"
#include "tests/server/dsp/unit_host.h"

enum { N = 1 << 16 };
static float x[N], e[N], y[N], again[N], y_wide[N];

/** The libraries of every set. */
static const struct { const char *set; const struct probes *narrow, *wide; } libraries[] = {
#define LIBRARY(isa, width) { #isa, &probes_##isa##_w1, &probes_##isa##_w##width },
    DSP_SETS(LIBRARY)
};

/** The functions of the set under test, at width 1 or side by side. */
static const struct probes *library(bool wide)
{
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
        if (strcmp(libraries[i].set, host_kernels->name) == 0)
            return wide ? libraries[i].wide : libraries[i].narrow;
    ck_abort_msg("set %s has no probes", host_kernels->name);
    return NULL;
}

/** A row: a function, the range fastmath.h states, and its bound, relative or absolute. */
struct row {
    const char *name;
    enum probe_id id;
    double (*exact)(double);
    double lo, hi, bound;
    int absolute;
};

static double fraction(double v) { return v - floor(v); }
static double power_of_10(double v) { return pow(10, v); }

static const struct row rows[] = {
    { "sin", PROBE_sin, sin, -8192, 8192, 1.2e-7, 1 },
    { "cos", PROBE_cos, cos, -8192, 8192, 1.2e-7, 1 },
    { "tan", PROBE_tan, tan, -1.5697, 1.5697, 5e-7, 0 },
    { "exp", PROBE_exp, exp, -87.33, 88.37, 1.3e-7, 0 },
    { "exp2", PROBE_exp2, exp2, -126, 127.49, 1.3e-7, 0 },
    { "log", PROBE_log, log, 0.01, 100, 3e-7, 0 },
    { "log, all", PROBE_log, log, 1.2e-38, 3e38, 3e-7, 0 },
    { "log2", PROBE_log2, log2, 0.01, 100, 4e-7, 0 },
    { "log2, all", PROBE_log2, log2, 1.2e-38, 3e38, 4e-7, 0 },
    { "tanh", PROBE_tanh, tanh, -12, 12, 3e-7, 0 },
    { "asin", PROBE_asin, asin, -1, 1, 4e-7, 0 },
    { "acos", PROBE_acos, acos, -1, 1, 4e-7, 0 },
    { "sinh", PROBE_sinh, sinh, -88, 88, 3e-7, 0 },
    { "sinh, small", PROBE_sinh, sinh, -1, 1, 3e-7, 0 },
    { "cosh", PROBE_cosh, cosh, -88, 88, 3e-7, 0 },
    { "floor", PROBE_floor, floor, -1e9, 1e9, 0, 1 },
    { "floor, small", PROBE_floor, floor, -10, 10, 0, 1 },
    { "ceil", PROBE_ceil, ceil, -10, 10, 0, 1 },
    { "trunc", PROBE_trunc, trunc, -10, 10, 0, 1 },
    { "frac", PROBE_frac, fraction, -10, 10, 6e-8, 1 },
    { "sqrt", PROBE_sqrt, sqrt, 0, 1e6, 6e-8, 0 },
    /* 0.505 units of the last place are 6.02e-8 of the smallest number that has such a place */
    { "precise exp", PROBE_precise_exp, exp, -87.33, 88.36, 6.02e-8, 0 },
    { "precise exp, small", PROBE_precise_exp, exp, -1, 1, 6.02e-8, 0 },
    { "precise exp2", PROBE_precise_exp2, exp2, -125.99, 127.48, 6.02e-8, 0 },
    { "precise exp10", PROBE_precise_exp10, power_of_10, -37.9, 38.3, 6.02e-8, 0 },
    { "precise log", PROBE_precise_log, log, 0.01, 100, 6.02e-8, 0 },
    { "precise log, all", PROBE_precise_log, log, 1.2e-38, 3e38, 6.02e-8, 0 },
    { "precise log2", PROBE_precise_log2, log2, 0.9, 1.1, 6.02e-8, 0 },
    { "precise log10", PROBE_precise_log10, log10, 1.2e-38, 3e38, 6.02e-8, 0 },
    { "precise sin", PROBE_precise_sin, sin, -8192, 8192, 6.02e-8, 0 },
    { "precise cos", PROBE_precise_cos, cos, -100, 100, 6.02e-8, 0 },
    { "precise tan", PROBE_precise_tan, tan, -100, 100, 6.02e-8, 0 },
    { "precise tanh", PROBE_precise_tanh, tanh, -12, 12, 6.02e-8, 0 },
    { "precise tanh, small", PROBE_precise_tanh, tanh, -0.05, 0.05, 6.02e-8, 0 },
};
enum { N_ROWS = sizeof rows / sizeof *rows };

/** Even steps over the range; over the exponents where it spans many. */
static void fill(double lo, double hi)
{
    for (int i = 0; i < N; i++) {
        const double t = (double)i / (N - 1);
        x[i] = (float)(lo > 0 && hi / lo > 1e10 ? lo * pow(hi / lo, t) : lo + t * (hi - lo));
    }
}

START_TEST(stays_within_its_stated_bound)
{
    const struct row *const r = &rows[_i];
    fill(r->lo, r->hi);
    library(false)->f[r->id](x, y, N);
    double worst = 0;
    for (int i = 0; i < N; i++) {
        const double exact = r->exact(x[i]);
        const double scale = r->absolute ? 1 : fmax(fabs(exact), DBL_MIN);
        worst = fmax(worst, fabs(y[i] - exact) / scale);
    }
    ck_assert_msg(worst <= r->bound, "%s: error %g, stated %g", r->name, worst, r->bound);
}
END_TEST

START_TEST(is_the_same_bits_at_both_widths)
{
    const struct row *const r = &rows[_i];
    fill(r->lo, r->hi);
    library(false)->f[r->id](x, y, N);
    library(true)->f[r->id](x, y_wide, N);
    for (int i = 0; i < N; i++) /* -0 is as good as 0 */
        REQUIRE(y[i] == y_wide[i], "%s(%.9g) is %.9g alone, %.9g side by side", r->name,
                (double)x[i], (double)y[i], (double)y_wide[i]);
}
END_TEST

START_TEST(finite_arguments_give_finite_results_everywhere)
{
    const struct row *const r = &rows[_i];
    for (int i = 0; i < N; i++) { /* every 4096th float */
        const uint32_t bits = (uint32_t)i * 4096u + 1234u;
        memcpy(&x[i], &bits, sizeof x[i]);
        if (!isfinite(x[i]))
            x[i] = FLT_MAX;
        if (r->exact == sqrt)
            x[i] = fabsf(x[i]);
    }
    library(false)->f[r->id](x, y, N);
    for (int i = 0; i < N; i++)
        ck_assert_msg(isfinite(y[i]), "%s(%g) = %g", r->name, (double)x[i], (double)y[i]);
}
END_TEST

START_TEST(pow_stays_within_its_stated_bound_at_both_widths)
{
    srand(1);
    for (int i = 0; i < N; i++) {
        x[i] = (float)exp(40.0 * rand() / RAND_MAX - 20.0);
        e[i] = (float)(20.0 * rand() / RAND_MAX - 10.0);
        if (fabs(e[i] * log2(x[i])) > 125.0)
            e[i] = 1.0f;
    }
    const struct probes *const narrow = library(false), *const wide = library(true);
    (_i ? narrow->precise_pow : narrow->pow)(x, e, y, N);
    (_i ? wide->precise_pow : wide->pow)(x, e, y_wide, N);
    double worst = 0;
    for (int i = 0; i < N; i++) {
        const double exact = pow(x[i], e[i]);
        worst = fmax(worst, fabs(y[i] - exact) / exact);
    }
    ck_assert_msg(worst <= (_i ? 6.02e-8 : 1.3e-7), "error %g", worst);
    ck_assert(memcmp(y, y_wide, sizeof y) == 0);
}
END_TEST

/** The worst relative error over points all round the origin, of all magnitudes. */
static double worst_of_points(probe_2 *f, double (*exact)(double, double))
{
    srand(2);
    for (int i = 0; i < N; i++) {
        const double angle = 6.2831853 * rand() / RAND_MAX;
        const double size = exp(60.0 * rand() / RAND_MAX - 30.0);
        x[i] = (float)(size * sin(angle));
        e[i] = (float)(size * cos(angle));
    }
    f(x, e, y, N);
    double worst = 0;
    for (int i = 0; i < N; i++)
        worst = fmax(worst, fabs(y[i] / exact(x[i], e[i]) - 1));
    return worst;
}

START_TEST(points_stay_within_their_stated_bounds_at_both_widths)
{
    for (int wide = 0; wide < 2; wide++) {
        ck_assert_double_le(worst_of_points(library(wide)->atan2, atan2), 3e-7);
        memcpy(wide ? y_wide : again, y, sizeof y);
    }
    for (int i = 0; i < N; i++)
        REQUIRE(again[i] == y_wide[i], "atan2(%g, %g)", (double)x[i], (double)e[i]);
    for (int wide = 0; wide < 2; wide++) {
        ck_assert_double_le(worst_of_points(library(wide)->hypot, hypot), 2e-7);
        memcpy(wide ? y_wide : again, y, sizeof y);
    }
    for (int i = 0; i < N; i++)
        REQUIRE(again[i] == y_wide[i], "hypot(%g, %g)", (double)x[i], (double)e[i]);
}
END_TEST

START_TEST(points_on_the_axes_and_far_away_are_right)
{
    const float up[DSP_LANES_MAX] = { 0, 1, -1, 0, 1e30f, 0, 1e-30f };
    const float right[DSP_LANES_MAX] = { 0, 0, 0, -2, 1e30f, 3, 1 };
    library(true)->atan2(up, right, y, DSP_LANES_MAX);
    ck_assert_float_eq(y[0], 0);
    ck_assert_float_eq(y[5], 0);
    for (int i = 1; i < 5; i++)
        ck_assert_float_eq_tol(y[i], atan2f(up[i], right[i]), 3e-7f);
    library(true)->hypot(up, right, y, DSP_LANES_MAX);
    for (int i = 0; i < 7; i++)
        ck_assert_double_le(fabs(y[i] - hypot(up[i], right[i])), 2e-7 * hypot(up[i], right[i]));
}
END_TEST

START_TEST(pow_of_zero_and_past_its_range_is_finite)
{
    const float base[DSP_LANES_MAX] = { 0, 0, 0, -1, 1e30f, 1e30f, 1e-30f, 2 };
    const float power[DSP_LANES_MAX] = { 2, 0, -1, 2, 3, -3, 5, 1 };
    (_i ? library(true)->precise_pow : library(true)->pow)(base, power, y, DSP_LANES_MAX);
    ck_assert(y[0] == 0 && y[1] == 1 && y[2] > 1e38f && isfinite(y[2]) && y[3] == 0);
    ck_assert(y[4] > 1e38f && isfinite(y[4]) && y[5] == 0 && y[6] == 0 && y[7] == 2);
}
END_TEST

START_TEST(exponentials_end_at_zero_and_below_infinity)
{
    const float far[DSP_LANES_MAX] = { -1000, 1000, -127, 128, -88, 89, -1e30f, 1e30f };
    library(true)->f[PROBE_exp2](far, y, DSP_LANES_MAX);
    ck_assert(y[0] == 0 && y[1] > 2e38f && isfinite(y[1]) && y[2] == 0);
    library(true)->f[PROBE_exp](far, y, DSP_LANES_MAX);
    ck_assert(y[4] == 0 && y[5] > 2e38f && y[6] == 0 && isfinite(y[7]));
}
END_TEST

/** What minps does: the second argument wherever the comparison doesn't hold, NaN included. */
START_TEST(where_one_is_nan_the_second_argument_is_taken)
{
    const float a[DSP_LANES_MAX] = { 1, NAN, 2, -3, INFINITY };
    const float b[DSP_LANES_MAX] = { NAN, 1, 5, -4, 9 };
    for (int wide = 0; wide < 2; wide++) {
        library(wide)->min(a, b, y, DSP_LANES_MAX);
        ck_assert(isnan(y[0]) && y[1] == 1 && y[2] == 2 && y[3] == -4 && y[4] == 9);
        library(wide)->max(a, b, y, DSP_LANES_MAX);
        ck_assert(isnan(y[0]) && y[1] == 1 && y[2] == 5 && y[3] == -3 && y[4] == INFINITY);
    }
}
END_TEST

START_TEST(rounding_leaves_nan_and_the_infinities)
{
    const float odd[DSP_LANES_MAX] = { NAN, INFINITY, -INFINITY, 1e30f, -8388609.0f };
    const enum probe_id ids[] = { PROBE_floor, PROBE_ceil, PROBE_trunc };
    for (int i = 0; i < 6; i++) {
        library(i % 2)->f[ids[i / 2]](odd, y, DSP_LANES_MAX);
        ck_assert(isnan(y[0]) && y[1] == INFINITY && y[2] == -INFINITY && y[3] == 1e30f);
        ck_assert(y[4] == -8388609.0f);
    }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("fastmath");
    tcase_add_loop_test(c, stays_within_its_stated_bound, 0, N_ROWS);
    tcase_add_loop_test(c, is_the_same_bits_at_both_widths, 0, N_ROWS);
    tcase_add_loop_test(c, finite_arguments_give_finite_results_everywhere, 0, N_ROWS);
    tcase_add_loop_test(c, pow_stays_within_its_stated_bound_at_both_widths, 0, 2);
    tcase_add_loop_test(c, pow_of_zero_and_past_its_range_is_finite, 0, 2);
    tcase_add_test(c, exponentials_end_at_zero_and_below_infinity);
    tcase_add_test(c, where_one_is_nan_the_second_argument_is_taken);
    tcase_add_test(c, rounding_leaves_nan_and_the_infinities);
    tcase_add_test(c, points_stay_within_their_stated_bounds_at_both_widths);
    tcase_add_test(c, points_on_the_axes_and_far_away_are_right);
    return host_run(argc, argv, "fastmath", c);
}
