/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/prelude.c - what pattern code uses of plain Haskell: comparisons, lists, and      */
/* strings that are made, not read.                                                               */
#include <ctype.h>
#include <string.h>

#include "client/tidal/make.h"

enum { ITEMS_MAX = 4096 };

static struct tv failed(void)
{
    return (struct tv){ .kind = TV_ERROR };
}

static struct tv truth(bool is_true)
{
    return (struct tv){ .kind = TV_BOOL, .truth = is_true };
}

static bool is_known(struct tv v)
{
    return v.kind == TV_NUMBER && !v.pat;
}

static struct pat *binary(struct tidal *t, enum ph_pattern_op op, struct pat *a, struct pat *b)
{
    return tidal_op_imm(t, op, (struct pat *[]){ a, b }, 2, 0).pat;
}

static struct pat *ratio(struct tidal *t, int64_t n)
{
    return pat_ratio(t->c, ph_ratio_of(n), t->offset);
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* div, quot (row->structure 1) */
struct tv tidal_make_divide(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    bool overflow = false;

    if (is_known(args[1]) && args[1].ratio.num == 0)
        return tidal_error(t, "division by zero");
    if (is_known(args[0]) && is_known(args[1])) {
        const struct ph_ratio q = ph_ratio_div(args[0].ratio, args[1].ratio, &overflow);
        const int64_t n = row->structure && q.num < 0
                              ? -ph_ratio_floor((struct ph_ratio){ -q.num, q.den })
                              : ph_ratio_floor(q);
        return tidal_number(TIDAL_INT, ph_ratio_of(n), (double)n);
    }
    if (row->structure)
        return tidal_error(t, "`%s` wants numbers that are known before it plays", row->name);
    /* as ratios, since whole numbers are divided otherwise */
    struct pat *const exact = binary(t, PH_PAT_MUL, tidal_pat(t, args[0]), ratio(t, 1));
    struct pat *const quotient = binary(t, PH_PAT_DIV, exact, tidal_pat(t, args[1]));
    struct pat *const q = tidal_math(t, "floor", quotient);
    return (struct tv){ .kind = q ? TV_NUMBER : TV_ERROR, .atom = TIDAL_INT, .pat = q };
}

/* 0 where a < b, else 1 */
static struct pat *not_less(struct tidal *t, struct pat *a, struct pat *b)
{
    struct pat *const down = tidal_math(t, "floor", binary(t, PH_PAT_SUB, a, b));

    return tidal_math(t, "clamp", binary(t, PH_PAT_ADD, down, ratio(t, 1)));
}

/* `yes` where the number is `n`, else `no`; it is one of 0, 1 and 2 */
static struct tv is_number(struct tidal *t, struct pat *index, int64_t n, bool yes)
{
    const struct ph_value join = { .kind = PH_VALUE_RATIO, .ratio = ph_ratio_of(PH_JOIN_OUTER) };
    struct pat *items[4] = { index };

    for (int64_t i = 0; i < 3; i++)
        items[i + 1] = tidal_pat(t, truth((i == n) == yes));
    struct pat *const p = pat_op_imm(t->c, PH_PAT_PICK, items, 4, &join, 1, t->offset);
    return (struct tv){ .kind = p ? TV_BOOL : TV_ERROR, .pat = p };
}

/* The comparison of numbers that are known only while it plays. */
static struct tv compare_later(struct tidal *t, int wanted, struct tv *args)
{
    struct pat *const a = tidal_pat(t, args[0]), *const b = tidal_pat(t, args[1]);

    switch (wanted) {
    case -1:
        return is_number(t, not_less(t, a, b), 0, true);
    case 1:
        return is_number(t, not_less(t, b, a), 0, true);
    case 9:
        return is_number(t, not_less(t, b, a), 0, false);
    case 11:
        return is_number(t, not_less(t, a, b), 0, false);
    default: /* equal: not less either way */
        return is_number(t, binary(t, PH_PAT_ADD, not_less(t, a, b), not_less(t, b, a)), 2,
                         wanted == 0);
    }
}

/* row->structure: -1 <, 0 ==, 1 >, and 10 more: <=, /=, >= */
struct tv tidal_make_compare(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    const int wanted = row->structure;

    if (args[0].kind == TV_WORD && args[1].kind == TV_WORD && !args[0].pat && !args[1].pat)
        return truth((strcmp(args[0].text, args[1].text) == 0) == (wanted == 0));
    if (args[0].kind == TV_BOOL && args[1].kind == TV_BOOL && !args[0].pat && !args[1].pat)
        return truth((args[0].truth == args[1].truth) == (wanted == 0));
    if (args[0].kind != TV_NUMBER || args[1].kind != TV_NUMBER)
        return tidal_error(t, "only numbers and words that are known before it plays can be "
                           "compared");
    if (!is_known(args[0]) || !is_known(args[1]))
        return compare_later(t, wanted, args);
    const int order = ph_ratio_cmp(args[0].ratio, args[1].ratio);
    return truth(wanted < 5     ? order == wanted
                 : wanted == 9  ? order <= 0
                 : wanted == 10 ? order != 0
                                : order >= 0);
}

/* && (row->structure 0), || (1) */
struct tv tidal_make_logic(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    const bool either = row->structure == 1;

    for (int i = 0; i < 2; i++)
        if (!args[i].pat)
            return args[i].truth == either ? args[i] : args[1 - i];
    struct pat *const fixed = tidal_pat(t, truth(either));
    struct pat *const p = PAT(t->c, PH_PAT_SEW, t->offset, args[0].pat,
                              either ? fixed : args[1].pat, either ? args[1].pat : fixed);
    return (struct tv){ .kind = p ? TV_BOOL : TV_ERROR, .pat = p };
}

/* ---- lists ----------------------------------------------------------------------------------- */

static bool count_of(struct tidal *t, struct tv v, uint32_t *out)
{
    struct ph_ratio n;

    if (!tidal_known(t, v, "a number of items", &n))
        return false;
    if (n.num > ITEMS_MAX) {
        tidal_error(t, "a list of more than %d items", ITEMS_MAX);
        return false;
    }
    *out = n.num > 0 ? (uint32_t)ph_ratio_floor(n) : 0;
    return true;
}

/* take n xs, drop n xs (row->structure 1) */
struct tv tidal_make_take(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv v = args[1];
    uint32_t n;

    if (!count_of(t, args[0], &n))
        return failed();
    n = n < v.n ? n : v.n;
    if (row->structure == 1) {
        v.items += n;
        v.n -= n;
    } else {
        v.n = n;
    }
    return v;
}

struct tv tidal_make_zip_with(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv v = tidal_new_list(t, args[1].n < args[2].n ? args[1].n : args[2].n);

    (void)row;
    for (uint32_t i = 0; i < v.n; i++) {
        v.items[i] = tidal_apply(t, tidal_apply(t, args[0], args[1].items[i]), args[2].items[i]);
        if (v.items[i].kind == TV_ERROR)
            return failed();
    }
    return v;
}

struct tv tidal_make_scanl(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv v = tidal_new_list(t, args[2].n + 1);

    (void)row;
    v.items[0] = args[1];
    for (uint32_t i = 0; i + 1 < v.n; i++) {
        v.items[i + 1] = tidal_apply(t, tidal_apply(t, args[0], v.items[i]), args[2].items[i]);
        if (v.items[i + 1].kind == TV_ERROR)
            return failed();
    }
    return v;
}

struct tv tidal_make_iterate(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    uint32_t n;

    (void)row;
    if (!count_of(t, args[0], &n))
        return failed();
    struct tv v = tidal_new_list(t, n);
    for (uint32_t i = 0; i < n; i++) {
        v.items[i] = i ? tidal_apply(t, args[1], v.items[i - 1]) : args[2];
        if (v.items[i].kind == TV_ERROR)
            return failed();
    }
    return v;
}

/* ---- strings --------------------------------------------------------------------------------- */

static bool is_text(struct tidal *t, struct tv v)
{
    if (v.kind == TV_WORD && !v.pat)
        return true;
    if (v.kind != TV_ERROR)
        tidal_error(t, "this string must be known before it plays");
    return false;
}

/* step name "x x3": x the name, a digit the sound of that number, all else a rest */
struct tv tidal_make_step(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    if (!is_text(t, args[0]) || !is_text(t, args[1]))
        return failed();
    const size_t length = strlen(args[0].text), n = strlen(args[1].text);
    struct tv list = tidal_new_list(t, n < ITEMS_MAX ? (uint32_t)n : ITEMS_MAX);
    for (uint32_t i = 0; i < list.n; i++) {
        const char c = args[1].text[i];
        char *const word = arena_alloc(t->c->arena, length + 3);
        memcpy(word, args[0].text, length);
        if (isdigit((unsigned char)c)) {
            word[length] = ':';
            word[length + 1] = c;
        }
        list.items[i] = c == 'x' || word[length]
                            ? (struct tv){ .kind = TV_WORD, .text = word }
                            : tidal_of_pat(pat_op(t->c, PH_PAT_SILENCE, NULL, 0, t->offset));
    }
    return tidal_make_fastcat(t, row, &list);
}

/* What the rules "a:ab,b:a" make of a letter; NULL: they say nothing of it. */
static const char *rule_of(const char *rules, char letter, size_t *length)
{
    while (*rules) {
        const size_t n = strcspn(rules, ",");
        if (n >= 2 && rules[0] == letter && rules[1] == ':') {
            *length = n - 2;
            return rules + 2;
        }
        rules += n + (rules[n] == ',');
    }
    return NULL;
}

/* lindenmayer n rules text */
struct tv tidal_make_lindenmayer(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    enum { LETTERS_MAX = 4096 };
    uint32_t n;

    (void)row;
    if (!count_of(t, args[0], &n) || !is_text(t, args[1]) || !is_text(t, args[2]))
        return failed();
    const char *text = args[2].text;
    for (uint32_t i = 0; i < n; i++) {
        char *const made = arena_alloc(t->c->arena, LETTERS_MAX + 1);
        size_t at = 0;
        for (const char *c = text; *c; c++) {
            size_t length = 1;
            const char *const rule = rule_of(args[1].text, *c, &length);
            if (at + length > LETTERS_MAX)
                return tidal_error(t, "this string grows longer than %d letters", LETTERS_MAX);
            memcpy(made + at, rule ? rule : c, length);
            at += length;
        }
        text = made;
    }
    return (struct tv){ .kind = TV_WORD, .text = text };
}
