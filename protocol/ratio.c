/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/ratio.c - exact rationals with 128-bit intermediates.                                 */
/* room: none (pure).                                                                             */
#include "protocol/ratio.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

typedef __int128 wide;
typedef unsigned __int128 uwide;

enum { ROUNDED_BITS = 31 }; /* denominator 2^31 of results that don't fit */

static uint64_t gcd_64(uint64_t a, uint64_t b)
{
    if (a == 0 || b == 0)
        return a | b;
    const int shift = __builtin_ctzll(a | b);
    a >>= __builtin_ctzll(a);
    while (b) {
        b >>= __builtin_ctzll(b);
        if (a > b) {
            const uint64_t t = a;
            a = b;
            b = t;
        }
        b -= a;
    }
    return a << shift;
}

static uwide gcd_128(uwide a, uwide b)
{
    while (b) {
        if (a <= UINT64_MAX && b <= UINT64_MAX)
            return gcd_64((uint64_t)a, (uint64_t)b);
        const uwide t = a % b;
        a = b;
        b = t;
    }
    return a;
}

static uwide magnitude(wide n)
{
    return n < 0 ? -(uwide)n : (uwide)n;
}

static bool fits(wide n)
{
    return n >= INT64_MIN && n <= INT64_MAX;
}

/* Nearest fraction with a denominator of 2^31, or of the largest smaller power of two that fits. */
static struct ph_ratio rounded(wide n, wide d)
{
    wide whole = n / d;
    wide rest = n % d;
    if (rest < 0) {
        rest += d;
        whole--;
    }
    if (whole >= INT64_MAX)
        return ph_ratio_of(INT64_MAX);
    if (whole < INT64_MIN)
        return ph_ratio_of(INT64_MIN);
    while (d >> 94) { /* so that rest * 2^32 stays inside 128 bits */
        d >>= 1;
        rest >>= 1;
    }
    int bits = ROUNDED_BITS;
    while (bits > 0 && !fits((whole + 1) * ((wide)1 << bits)))
        bits--;
    const wide part = (((rest << (bits + 1)) / d) + 1) >> 1;
    const wide num = whole * ((wide)1 << bits) + part; /* whole may be negative: no shift */
    const int64_t den = INT64_C(1) << bits;
    const uint64_t g = gcd_64((uint64_t)magnitude(num), (uint64_t)den);
    return PH_RATIO((int64_t)(num / (wide)g), (int64_t)((uint64_t)den / g));
}

static struct ph_ratio reduced(wide n, wide d, bool *overflow)
{
    if (d < 0) {
        n = -n;
        d = -d;
    }
    const uwide g = gcd_128(magnitude(n), (uwide)d);
    if (g > 1) {
        n /= (wide)g;
        d /= (wide)g;
    }
    if (fits(n) && fits(d))
        return PH_RATIO((int64_t)n, (int64_t)d);
    *overflow = true;
    return rounded(n, d);
}

struct ph_ratio ph_ratio_make(int64_t num, int64_t den, bool *overflow)
{
    if (den == 0) {
        *overflow = true;
        return ph_ratio_of(0);
    }
    return reduced(num, den, overflow);
}

struct ph_ratio ph_ratio_add(struct ph_ratio a, struct ph_ratio b, bool *overflow)
{
    if (a.den == 1 || b.den == 1) { /* already in lowest terms: no gcd */
        const wide n = (wide)a.num * b.den + (wide)b.num * a.den;
        if (fits(n))
            return PH_RATIO((int64_t)n, a.den == 1 ? b.den : a.den);
    }
    if (a.den == b.den)
        return reduced((wide)a.num + b.num, a.den, overflow);
    return reduced((wide)a.num * b.den + (wide)b.num * a.den, (wide)a.den * b.den, overflow);
}

struct ph_ratio ph_ratio_sub(struct ph_ratio a, struct ph_ratio b, bool *overflow)
{
    if (b.num == INT64_MIN) /* can't be negated */
        return reduced((wide)a.num * b.den - (wide)b.num * a.den, (wide)a.den * b.den, overflow);
    return ph_ratio_add(a, PH_RATIO(-b.num, b.den), overflow);
}

struct ph_ratio ph_ratio_mul(struct ph_ratio a, struct ph_ratio b, bool *overflow)
{
    return reduced((wide)a.num * b.num, (wide)a.den * b.den, overflow);
}

struct ph_ratio ph_ratio_div(struct ph_ratio a, struct ph_ratio b, bool *overflow)
{
    if (b.num == 0) {
        *overflow = true;
        return ph_ratio_of(0);
    }
    return reduced((wide)a.num * b.den, (wide)a.den * b.num, overflow);
}

int ph_ratio_cmp(struct ph_ratio a, struct ph_ratio b)
{
    const wide left = (wide)a.num * b.den, right = (wide)b.num * a.den;

    return (left > right) - (left < right);
}

int64_t ph_ratio_floor(struct ph_ratio a)
{
    const int64_t whole = a.num / a.den;

    return a.num % a.den < 0 ? whole - 1 : whole;
}

int64_t ph_ratio_ceil(struct ph_ratio a)
{
    const int64_t whole = a.num / a.den;

    return a.num % a.den > 0 ? whole + 1 : whole;
}

double ph_ratio_to_double(struct ph_ratio a)
{
    return (double)a.num / (double)a.den;
}

struct ph_ratio ph_ratio_from_double(double value, bool *overflow)
{
    const double two_63 = 9223372036854775808.0, two_20 = 1048576.0;

    if (isnan(value)) {
        *overflow = true;
        return ph_ratio_of(0);
    }
    if (fabs(value) >= two_63) {
        *overflow = true;
        return ph_ratio_of(value < 0 ? INT64_MIN : INT64_MAX);
    }
    if (fabs(value) >= two_63 / two_20) /* spacing of doubles here is coarser than 2^-20 already */
        return ph_ratio_of((int64_t)value);
    const int64_t num = (int64_t)round(value * two_20);
    return ph_ratio_make(num, 1 << 20, overflow);
}

ph_status ph_ratio_parse(const char *text, size_t length, struct ph_ratio *out)
{
    size_t at = 0, n_digits = 0;
    bool negative = false, point = false, overflow = false;
    wide num = 0, den = 1;
    const wide limit = (wide)1 << 120;

    if (at < length && text[at] == '-') {
        negative = true;
        at++;
    }
    for (; at < length; at++) {
        const char c = text[at];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9')
            return PH_MALFORMED;
        n_digits++;
        if (num < limit && den < limit) {
            num = num * 10 + (c - '0');
            den = point ? den * 10 : den;
        } else if (!point || c != '0') { /* zeros behind the point change nothing */
            overflow = true;
            num = point ? num : limit * 16;
        }
    }
    if (n_digits == 0)
        return PH_MALFORMED;
    *out = reduced(negative ? -num : num, den, &overflow);
    return overflow ? PH_OVERFLOW : PH_OK;
}

void ph_ratio_format(struct ph_ratio a, char *text, size_t space)
{
    snprintf(text, space, "%" PRId64 "/%" PRId64, a.num, a.den);
}
