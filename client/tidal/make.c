/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/make.c - library functions in C: arithmetic, lists, and operations whose shape    */
/* the table of operations can't say alone.                                                       */
#include "client/tidal/make.h"

#include <math.h>
#include <string.h>

struct tv tidal_op_imm(struct tidal *t, enum ph_pattern_op op, struct pat *const *args,
                       uint32_t n_args, int64_t imm)
{
    const struct ph_value value = tidal_imm(imm);

    return tidal_of_pat(pat_op_imm(t->c, op, args, n_args, &value, 1, t->offset));
}

/* Each value of `a` and a constant: what a function of plain values would give. */
static struct pat *arithmetic(struct tidal *t, enum ph_pattern_op op, struct pat *a, struct pat *b)
{
    return tidal_op_imm(t, op, (struct pat *[]){ a, b }, 2, 3).pat;
}

struct pat *tidal_math(struct tidal *t, const char *function, struct pat *p)
{
    const struct ph_value word = { .kind = PH_VALUE_WORD, .text = function };

    return pat_op_imm(t->c, PH_PAT_MATH, &p, 1, &word, 1, t->offset);
}

static struct pat *number(struct tidal *t, double x)
{
    return pat_number(t->c, x, t->offset);
}

static struct pat *whole(struct tidal *t, int64_t n)
{
    const struct ph_value v = { .kind = PH_VALUE_INT, .ratio = ph_ratio_of(n),
                                .number = (double)n };

    return pat_const(t->c, v, t->offset);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static bool fold_exact(enum ph_pattern_op op, struct ph_ratio a, struct ph_ratio b,
                       struct ph_ratio *out)
{
    bool overflow = false;

    switch (op) {
    case PH_PAT_ADD:
        *out = ph_ratio_add(a, b, &overflow);
        break;
    case PH_PAT_SUB:
        *out = ph_ratio_sub(a, b, &overflow);
        break;
    case PH_PAT_MUL:
        *out = ph_ratio_mul(a, b, &overflow);
        break;
    case PH_PAT_DIV:
        *out = b.num ? ph_ratio_div(a, b, &overflow) : ph_ratio_of(0);
        break;
    default:
        return false;
    }
    return !overflow;
}

static double fold_double(enum ph_pattern_op op, double a, double b)
{
    switch (op) {
    case PH_PAT_ADD:
        return a + b;
    case PH_PAT_SUB:
        return a - b;
    case PH_PAT_MUL:
        return a * b;
    case PH_PAT_DIV:
        return b != 0 ? a / b : 0;
    case PH_PAT_MOD:
        return b != 0 ? a - b * floor(a / b) : 0;
    default:
        return pow(a, b);
    }
}

/* Two numbers that are known: exact where they are exact, or are written as decimals. */
static struct tv fold(struct tidal *t, enum ph_pattern_op op, struct tv a, struct tv b)
{
    struct tv v = a;

    if (op == PH_PAT_DIV && b.number == 0)
        return tidal_error(t, "division by zero");
    v.atom = a.atom == TIDAL_INT && op != PH_PAT_DIV ? b.atom : a.atom;
    if (op == PH_PAT_DIV && a.atom == TIDAL_INT)
        v.atom = b.atom == TIDAL_INT ? TIDAL_RATIONAL : b.atom;
    v.number = fold_double(op, a.number, b.number);
    if (!fold_exact(op, a.ratio, b.ratio, &v.ratio)) {
        bool overflow = false;
        v.ratio = ph_ratio_from_double(v.number, &overflow);
        if (overflow)
            return tidal_error(t, "this number is too large");
    }
    return v;
}

/* The number of a constant pattern whose kind of numbers the other one shares. */
static bool constant_number(const struct pat *p, struct tv *out)
{
    struct tv v;
    bool overflow = false;

    if (!tidal_constant(p, &v) || v.kind != TV_NUMBER)
        return false;
    if (v.atom == TIDAL_DOUBLE) /* no fraction that fits: nothing to reckon with */
        ph_ratio_from_double(v.number, &overflow);
    if (!overflow)
        *out = v;
    return !overflow;
}

/* Plain numbers have no time: what is known maps what is not. */
static int64_t structure_of(const struct tidal_row *row, const struct tv *args,
                            struct pat *const *both)
{
    if (args[0].kind == TV_PATTERN || args[1].kind == TV_PATTERN)
        return row->structure;
    if (both[1] && both[1]->kind == PAT_CONST)
        return 3;
    return both[0] && both[0]->kind == PAT_CONST ? 2 : row->structure;
}

struct tv tidal_make_arithmetic(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv a, b;

    if (args[0].kind == TV_NUMBER && args[1].kind == TV_NUMBER && !args[0].pat && !args[1].pat)
        return fold(t, row->op, args[0], args[1]);
    const bool constant = constant_number(args[0].pat, &a) && constant_number(args[1].pat, &b);
    if (constant && a.atom == b.atom && row->op <= PH_PAT_DIV && row->op >= PH_PAT_ADD &&
        !(row->op == PH_PAT_DIV && (a.atom == TIDAL_INT || b.number == 0)))
        return tidal_of_pat(tidal_pat(t, fold(t, row->op, a, b)));
    struct pat *const both[] = { tidal_pat(t, args[0]), tidal_pat(t, args[1]) };
    struct tv v = tidal_op_imm(t, row->op, both, 2, structure_of(row, args, both));
    if (v.kind != TV_ERROR && args[0].kind != TV_PATTERN) /* a plain number still */
        v = (struct tv){ .kind = args[0].kind, .atom = args[0].atom, .pat = v.pat };
    return v;
}

static struct tv squeezed_pair(struct tidal *t, struct tv x, void *context)
{
    struct tv args[] = { tidal_of_pat(x.pat), *((struct tv **)context)[1] };

    return tidal_make_arithmetic(t, (const struct tidal_row *)((void **)context)[0], args);
}

/* a ||+ b: a cycle of b squeezed into each event of a. */
struct tv tidal_make_squeezed(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    const void *const context[] = { row, &args[1] };

    return tidal_join(t, tidal_pat(t, args[0]), TIDAL_DOUBLE, PH_JOIN_SQUEEZE, squeezed_pair,
                      (void *)context);
}

static double known_math(const char *function, double x)
{
    static const struct {
        const char *name;
        double (*f)(double x);
    } table[] = { { "abs", fabs }, { "floor", floor }, { "ceil", ceil }, { "round", rint },
                  { "sqrt", sqrt }, { "exp", exp },    { "log", log },   { "sin", sin },
                  { "cos", cos },   { "tan", tan } };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].name, function) == 0)
            return table[i].f(x);
    return strcmp(function, "recip") == 0 ? 1 / x : -x;
}

struct tv tidal_make_math(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv v = args[0];
    bool overflow = false;

    if (v.kind != TV_NUMBER || v.pat) {
        struct pat *const p = tidal_math(t, row->word, tidal_pat(t, v));
        if (v.kind != TV_NUMBER || !p)
            return tidal_of_pat(p);
        v.pat = p;
        return v;
    }
    v.number = known_math(row->word, v.number);
    if (!isfinite(v.number))
        return tidal_error(t, "`%s` of this number is no number", row->name);
    v.ratio = ph_ratio_from_double(v.number, &overflow);
    if (v.number == floor(v.number) && fabs(v.number) < 1e15)
        v.ratio = ph_ratio_of((int64_t)v.number);
    return v;
}

struct tv tidal_make_negate(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv v = args[0];

    if (constant_number(v.pat, &v)) {
        v.ratio.num = -v.ratio.num;
        v.number = -v.number;
        return tidal_of_pat(tidal_pat(t, v));
    }
    if (v.kind != TV_NUMBER || v.pat)
        return tidal_make_math(t, row, args);
    v.ratio.num = -v.ratio.num;
    v.number = -v.number;
    return v;
}

/* fromIntegral and its kin: whole numbers must divide as fractions from here on. */
struct tv tidal_make_convert(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv v = args[0];

    (void)row;
    if (v.kind != TV_NUMBER)
        return v;
    if (v.atom == TIDAL_INT)
        v.atom = TIDAL_RATIONAL;
    if (v.pat)
        v.pat = arithmetic(t, PH_PAT_MUL, v.pat, pat_ratio(t->c, ph_ratio_of(1), t->offset));
    return v;
}

/* ---- plain Haskell --------------------------------------------------------------------------- */

struct tv tidal_make_apply(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    (void)row;
    return tidal_apply(t, args[0], args[1]);
}

struct tv tidal_make_flip(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    (void)row;
    return tidal_apply(t, tidal_apply(t, args[0], args[2]), args[1]);
}

struct tv tidal_make_bool(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    (void)t;
    (void)args;
    return (struct tv){ .kind = TV_BOOL, .truth = row->structure != 0 };
}

struct tv tidal_new_list(struct tidal *t, uint32_t n)
{
    return (struct tv){ .kind = TV_LIST, .n = n,
                        .items = arena_alloc(t->c->arena, (n + 1) * sizeof(struct tv)) };
}

struct tv tidal_make_map(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv v = tidal_new_list(t, args[1].n);

    (void)row;
    for (uint32_t i = 0; i < v.n; i++) {
        v.items[i] = tidal_apply(t, args[0], args[1].items[i]);
        if (v.items[i].kind == TV_ERROR)
            return v.items[i];
    }
    return v;
}

struct tv tidal_make_foldr(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv v = args[1];

    (void)row;
    for (uint32_t i = args[2].n; i-- > 0 && v.kind != TV_ERROR;)
        v = tidal_apply(t, tidal_apply(t, args[0], args[2].items[i]), v);
    return v;
}

struct tv tidal_make_concat(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    uint32_t n = 0;

    (void)row;
    for (uint32_t i = 0; i < args[0].n; i++)
        n += args[0].items[i].n;
    struct tv v = tidal_new_list(t, n);
    v.n = 0;
    for (uint32_t i = 0; i < args[0].n; i++)
        for (uint32_t k = 0; k < args[0].items[i].n; k++)
            v.items[v.n++] = args[0].items[i].items[k];
    return v;
}

struct tv tidal_make_append_lists(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv both = { .kind = TV_LIST, .n = 2, .items = args };

    return tidal_make_concat(t, row, &both);
}

struct tv tidal_make_reverse(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv v = tidal_new_list(t, args[0].n);

    (void)row;
    for (uint32_t i = 0; i < v.n; i++)
        v.items[i] = args[0].items[v.n - 1 - i];
    return v;
}

struct tv tidal_make_replicate(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    enum { ITEMS_MAX = 4096 };
    struct ph_ratio n;

    (void)row;
    if (!tidal_known(t, args[0], "the length of a list", &n))
        return (struct tv){ .kind = TV_ERROR };
    if (ph_ratio_floor(n) > ITEMS_MAX)
        return tidal_error(t, "a list of more than %d items", ITEMS_MAX);
    struct tv v = tidal_new_list(t, n.num > 0 ? (uint32_t)ph_ratio_floor(n) : 0);
    for (uint32_t i = 0; i < v.n; i++)
        v.items[i] = args[1];
    return v;
}

struct tv tidal_make_index(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct ph_ratio i;

    (void)row;
    if (!tidal_known(t, args[1], "an index", &i))
        return (struct tv){ .kind = TV_ERROR };
    if (i.num < 0 || ph_ratio_floor(i) >= args[0].n)
        return tidal_error(t, "the list has %u items, none at %lld", args[0].n,
                           (long long)ph_ratio_floor(i));
    return args[0].items[ph_ratio_floor(i)];
}

struct tv tidal_make_length(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    (void)t;
    (void)row;
    return tidal_number(TIDAL_INT, ph_ratio_of(args[0].n), args[0].n);
}

struct tv tidal_make_zip(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv v = tidal_new_list(t, args[0].n < args[1].n ? args[0].n : args[1].n);

    (void)row;
    for (uint32_t i = 0; i < v.n; i++) {
        v.items[i] = tidal_new_list(t, 2);
        v.items[i].kind = TV_TUPLE;
        v.items[i].items[0] = args[0].items[i];
        v.items[i].items[1] = args[1].items[i];
    }
    return v;
}

struct tv tidal_make_sum(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv v = tidal_number(TIDAL_INT, ph_ratio_of(0), 0);

    (void)row;
    for (uint32_t i = 0; i < args[0].n && v.kind != TV_ERROR; i++) {
        struct ph_ratio x;
        if (!tidal_known(t, args[0].items[i], "what is added up", &x))
            return (struct tv){ .kind = TV_ERROR };
        v = fold(t, PH_PAT_ADD, v, args[0].items[i]);
    }
    return v;
}

/* Arc a b */
struct tv tidal_make_tuple(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv v = tidal_new_list(t, 2);

    (void)row;
    v.kind = TV_TUPLE;
    memcpy(v.items, args, 2 * sizeof *args);
    return v;
}

/* ---- patterns of lists ----------------------------------------------------------------------- */

static struct pat **items_of(struct tidal *t, struct tv list, uint32_t before)
{
    struct pat **const args =
        arena_alloc(t->c->arena, (before + list.n + 1) * sizeof(struct pat *));

    for (uint32_t i = 0; i < list.n; i++)
        args[before + i] = tidal_pat(t, list.items[i]);
    return args;
}

static struct tv silence(struct tidal *t)
{
    return tidal_of_pat(pat_op(t->c, PH_PAT_SILENCE, NULL, 0, t->offset));
}

struct tv tidal_make_pure(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    (void)row;
    return tidal_of_pat(tidal_pat(t, args[0]));
}

/* stack, cat, randcat: one instruction over all items */
struct tv tidal_make_list(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    if (args[0].n == 0)
        return silence(t);
    struct pat **const items = items_of(t, args[0], 0);
    return args[0].n == 1 && row->op != PH_PAT_RANDCAT ? tidal_of_pat(items[0])
                          : tidal_of_pat(pat_op(t->c, row->op, items, args[0].n, t->offset));
}

/* Two patterns as such a list. */
struct tv tidal_make_stack(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv both = { .kind = TV_LIST, .n = 2, .items = args };

    return row->op == PH_PAT_TIMECAT ? tidal_make_fastcat(t, row, &both)
                                     : tidal_make_list(t, row, &both);
}

static struct tv weighted_steps(struct tidal *t, struct pat **items, struct ph_value *weights,
                                uint32_t n)
{
    if (n == 0)
        return silence(t);
    return n == 1 ? tidal_of_pat(items[0])
                  : tidal_of_pat(pat_op_imm(t->c, PH_PAT_TIMECAT, items, n, weights, n, t->offset));
}

struct tv tidal_make_fastcat(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct ph_value *const weights =
        arena_alloc(t->c->arena, (args[0].n + 1) * sizeof *weights);

    struct pat **const items = items_of(t, args[0], 0);
    bool constant = true;

    (void)row;
    for (uint32_t i = 0; i < args[0].n; i++) {
        weights[i] = tidal_imm(1);
        constant = constant && items[i] && items[i]->kind == PAT_CONST;
    }
    if (constant)
        return weighted_steps(t, items, weights, args[0].n);
    static const struct tidal_row cat = { .op = PH_PAT_SLOWCAT };
    struct pat *const turns = tidal_pat(t, tidal_make_list(t, &cat, args));
    return tidal_of_pat(PAT(t->c, PH_PAT_FAST, t->offset, whole(t, args[0].n), turns));
}

struct tv tidal_make_timecat(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    const struct tv list = args[0];
    struct ph_value *const weights = arena_alloc(t->c->arena, (list.n + 1) * sizeof *weights);
    struct pat **const items = arena_alloc(t->c->arena, (list.n + 1) * sizeof(struct pat *));
    uint32_t n = 0;

    (void)row;
    for (uint32_t i = 0; i < list.n; i++) {
        weights[n] = tidal_imm(0);
        if (!tidal_known(t, list.items[i].items[0], "a length", &weights[n].ratio))
            return (struct tv){ .kind = TV_ERROR };
        items[n] = tidal_pat(t, list.items[i].items[1]);
        n += weights[n].ratio.num > 0;
    }
    return weighted_steps(t, items, weights, n);
}

static struct tv pick(struct tidal *t, struct pat *index, struct pat **items, uint32_t n,
                      enum ph_join join)
{
    if (n == 0)
        return silence(t);
    items[0] = index;
    return tidal_op_imm(t, PH_PAT_PICK, items, n + 1, join);
}

/*
 * The index of one of n by x: floor(x * n), which may lie outside 0 .. n - 1 ("choose"); the same
 * with x kept below 1 ("limit"); floor(x * (n - 1)) of x in 0 .. 1 ("select").
 */
static struct pat *index_of(struct tidal *t, struct pat *x, uint32_t n, const char *how)
{
    struct pat *const last = number(t, n > 1 ? (double)(n - 1) : 1);

    if (n <= 1)
        return arithmetic(t, PH_PAT_MUL, x, number(t, 0));
    if (strcmp(how, "select") == 0)
        return tidal_math(t, "floor", arithmetic(t, PH_PAT_MUL, tidal_math(t, "clamp", x), last));
    struct pat *const drawn = tidal_math(t, "floor", arithmetic(t, PH_PAT_MUL, x, number(t, n)));
    if (strcmp(how, "choose") == 0)
        return drawn;
    struct pat *const limited = tidal_math(t, "clamp", arithmetic(t, PH_PAT_DIV, drawn, last));
    return tidal_math(t, "round", arithmetic(t, PH_PAT_MUL, limited, last));
}

/* squeeze i, select x, choose, chooseBy x. structure: the join; word: how x becomes an index. */
struct tv tidal_make_pick(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    const struct tv list = args[1];
    struct pat *index = tidal_pat(t, args[0]);

    if (row->word && index)
        index = index_of(t, index, list.n, row->word);
    return pick(t, index, items_of(t, list, 1), list.n, (enum ph_join)row->structure);
}

/* pickF i, selectF x, spreadChoose f: what each of the functions makes of the pattern. */
struct tv tidal_make_pick_function(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv made = tidal_new_list(t, args[1].n);

    for (uint32_t i = 0; i < made.n; i++)
        made.items[i] = tidal_apply(t, args[1].items[i], args[2]);
    struct tv rest[] = { args[0], made };
    return tidal_make_pick(t, row, rest);
}

/* wchooseBy x [(a, weight)], wrandcat */
struct tv tidal_make_weighted(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    const struct tv list = args[1];
    struct pat **const items = arena_alloc(t->c->arena, (list.n + 1) * sizeof(struct pat *));
    struct ph_value *const imms = arena_alloc(t->c->arena, (list.n + 1) * sizeof *imms);

    if (list.n == 0)
        return silence(t);
    items[0] = tidal_pat(t, args[0]);
    imms[0] = tidal_imm(row->structure);
    for (uint32_t i = 0; i < list.n; i++) {
        imms[i + 1] = tidal_imm(0);
        items[i + 1] = tidal_pat(t, list.items[i].items[0]);
        if (!tidal_known(t, list.items[i].items[1], "a weight", &imms[i + 1].ratio))
            return (struct tv){ .kind = TV_ERROR };
    }
    return tidal_of_pat(
        pat_op_imm(t->c, PH_PAT_WPICK, items, list.n + 1, imms, list.n + 1, t->offset));
}

/* What stands for each word or number of a pattern: [(from, to)]. */
static struct tv switch_over(struct tidal *t, struct tv list, struct pat *selector,
                             enum ph_join join)
{
    struct pat **const items = arena_alloc(t->c->arena, (list.n + 1) * sizeof(struct pat *));
    struct ph_value *const imms = arena_alloc(t->c->arena, (list.n + 1) * sizeof *imms);

    items[0] = selector;
    imms[0] = tidal_imm(join);
    for (uint32_t i = 0; i < list.n; i++) {
        struct pat *const from = tidal_pat(t, list.items[i].items[0]);
        items[i + 1] = tidal_pat(t, list.items[i].items[1]);
        if (!from || !items[i + 1])
            return (struct tv){ .kind = TV_ERROR };
        if (from->kind != PAT_CONST)
            return tidal_error(t, "the first of each pair must be a plain value");
        imms[i + 1] = from->imms[0];
    }
    return tidal_of_pat(
        pat_op_imm(t->c, PH_PAT_SWITCH, items, list.n + 1, imms, list.n + 1, t->offset));
}

struct tv tidal_make_inhabit(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    return switch_over(t, args[0], tidal_pat(t, args[1]), (enum ph_join)row->structure);
}

struct tv tidal_make_swap(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    (void)row;
    return switch_over(t, args[0], tidal_pat(t, args[1]), PH_JOIN_OUTER);
}

static bool constants_of(struct tidal *t, struct tv list, struct ph_value *imms)
{
    for (uint32_t i = 0; i < list.n; i++) {
        struct pat *const p = tidal_pat(t, list.items[i]);
        if (!p)
            return false;
        if (p->kind != PAT_CONST) {
            tidal_error(t, "a list of plain values is wanted");
            return false;
        }
        imms[i] = p->imms[0];
    }
    return true;
}

struct tv tidal_make_fit(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct ph_value *const imms = arena_alloc(t->c->arena, (args[1].n + 1) * sizeof *imms);
    struct pat *const both[] = { tidal_pat(t, args[0]), tidal_pat(t, args[2]) };

    (void)row;
    if (args[1].n == 0)
        return silence(t);
    if (!constants_of(t, args[1], imms))
        return (struct tv){ .kind = TV_ERROR };
    return tidal_of_pat(pat_op_imm(t->c, PH_PAT_FIT, both, 2, imms, args[1].n, t->offset));
}

struct tv tidal_make_to_scale(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct ph_value *const imms = arena_alloc(t->c->arena, (args[0].n + 1) * sizeof *imms);
    struct pat *const p = tidal_pat(t, args[1]);

    (void)row;
    if (args[0].n == 0)
        return silence(t);
    if (!constants_of(t, args[0], imms))
        return (struct tv){ .kind = TV_ERROR };
    return tidal_of_pat(pat_op_imm(t->c, PH_PAT_TO_SCALE, &p, 1, imms, args[0].n, t->offset));
}

/* toScale' octave list p: the note of each degree that p can give */
struct tv tidal_make_to_scale_octave(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct pat *const p = tidal_pat(t, args[2]);
    const int64_t n = args[1].n;
    struct tidal_cases cases = { .n = 0 };

    if (n == 0)
        return silence(t);
    if (!p || !tidal_find_cases(p, &cases))
        return tidal_error(t, "the degrees of `%s` must be written out", row->name);
    struct tv list = tidal_new_list(t, cases.n);
    for (uint32_t i = 0; i < cases.n; i++) {
        const int64_t degree = ph_ratio_floor(cases.values[i].ratio);
        const int64_t octave = ph_ratio_floor((struct ph_ratio){ degree, n });
        const struct ph_ratio count = ph_ratio_of(octave);
        const struct tv shift = fold(t, PH_PAT_MUL, args[0],
                                     tidal_number(TIDAL_INT, count, (double)octave));
        list.items[i] = tidal_new_list(t, 2);
        list.items[i].items[0] = tidal_number(TIDAL_INT, cases.values[i].ratio, (double)degree);
        list.items[i].items[1] = fold(t, PH_PAT_ADD, shift, args[1].items[degree - octave * n]);
        if (list.items[i].items[1].kind == TV_ERROR)
            return list.items[i].items[1];
    }
    return switch_over(t, list, p, PH_JOIN_OUTER);
}

/* seqP [(begin, end, pattern)]: the pattern's cycle 0 is the cycle in which it begins */
struct tv tidal_make_seq(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv made = tidal_new_list(t, args[0].n);

    (void)row;
    for (uint32_t i = 0; i < made.n; i++) {
        const struct tv *const item = args[0].items[i].items;
        struct pat *const begin = tidal_pat(t, item[0]), *const end = tidal_pat(t, item[1]);
        struct pat *const cycle = tidal_math(t, "floor", begin);
        struct pat *const moved = PAT(t->c, PH_PAT_LATE, t->offset, cycle, tidal_pat(t, item[2]));
        made.items[i] = tidal_of_pat(PAT(t->c, PH_PAT_PLAY_FOR, t->offset, begin, end, moved));
    }
    static const struct tidal_row stack = { .op = PH_PAT_STACK };
    return tidal_make_list(t, &stack, &made);
}

/* A function that `ur` lays over one event: `f` as if the event were a cycle. */
struct ur_function {
    struct tv f;
    struct pat *p, *lengths;
    struct tv begin;
};

static struct tv ur_of_length(struct tidal *t, struct tv length, void *context)
{
    const struct ur_function *const u = context;
    struct pat *const begin = u->begin.pat;
    struct pat *const own = PAT(t->c, PH_PAT_EARLY, t->offset, begin, u->p);
    struct pat *const as_cycle = PAT(t->c, PH_PAT_FAST, t->offset, length.pat, own);
    const struct tv made = tidal_apply(t, u->f, tidal_of_pat(as_cycle));
    struct pat *const slowed = PAT(t->c, PH_PAT_SLOW, t->offset, length.pat, tidal_pat(t, made));
    return tidal_of_pat(PAT(t->c, PH_PAT_LATE, t->offset, begin, slowed));
}

static struct tv ur_from_begin(struct tidal *t, struct tv begin, void *context)
{
    struct ur_function *const u = context;

    u->begin = begin;
    return tidal_join(t, u->lengths, TIDAL_RATIONAL, PH_JOIN_INNER, ur_of_length, u);
}

static struct tv lookup(struct tidal *t, struct tv pairs, const char *name, size_t length)
{
    for (uint32_t i = 0; i < pairs.n; i++) {
        const struct tv key = pairs.items[i].items[0];
        if (key.kind == TV_WORD && !key.pat && strlen(key.text) == length &&
            memcmp(key.text, name, length) == 0)
            return pairs.items[i].items[1];
    }
    (void)t;
    return (struct tv){ .kind = TV_ERROR };
}

/* What the word `name:function` plays; words that name nothing rest. */
static struct tv ur_word(struct tidal *t, struct tv *args, const char *word, struct pat *outer)
{
    const size_t length = strcspn(word, ":");
    const struct tv p = lookup(t, args[2], word, length);

    if (p.kind == TV_ERROR)
        return silence(t);
    struct pat *const fast =
        PAT(t->c, PH_PAT_FAST, t->offset, tidal_pat(t, args[0]), tidal_pat(t, p));
    if (word[length] == '\0')
        return tidal_of_pat(fast);
    const char *const name = word + length + 1;
    struct ur_function u = { .f = lookup(t, args[3], name, strcspn(name, ":")), .p = fast };
    if (u.f.kind == TV_ERROR)
        return tidal_of_pat(fast);
    const struct ph_value imms[] = { tidal_imm(PH_JOIN_OUTER),
                                     { .kind = PH_VALUE_WORD, .text = word } };
    struct pat *const same[] = { outer, pat_word(t->c, word, t->offset) };
    struct pat *const own = pat_op_imm(t->c, PH_PAT_SWITCH, same, 2, imms, 2, t->offset);
    u.lengths = PAT(t->c, PH_PAT_EVENT_LENGTH, t->offset, own);
    return tidal_join(t, PAT(t->c, PH_PAT_EVENT_BEGIN, t->offset, own), TIDAL_RATIONAL,
                      PH_JOIN_INNER, ur_from_begin, &u);
}

/* ur t "a b:f" patterns functions */
struct tv tidal_make_ur(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct pat *const outer = tidal_pat(t, args[1]);
    struct tidal_cases cases = { .n = 0 };

    (void)row;
    if (!outer)
        return (struct tv){ .kind = TV_ERROR };
    if (!tidal_find_cases(outer, &cases))
        return tidal_error(t, "the names of `ur` must be written out");
    struct tv list = tidal_new_list(t, cases.n);
    for (uint32_t i = 0; i < cases.n; i++) {
        list.items[i] = tidal_new_list(t, 2);
        list.items[i].items[0] = (struct tv){ .kind = TV_WORD, .text = cases.values[i].text };
        list.items[i].items[1] = ur_word(t, args, cases.values[i].text, outer);
    }
    const struct tv joined = switch_over(t, list, outer, PH_JOIN_BOTH);
    if (joined.kind == TV_ERROR)
        return joined;
    return tidal_of_pat(PAT(t->c, PH_PAT_SLOW, t->offset, tidal_pat(t, args[0]), joined.pat));
}

/* The `n` lowest bits of a known number, highest first, as one cycle. */
struct tv tidal_make_bits(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    enum { BITS_MAX = 64 };
    struct ph_ratio n, value;

    (void)row;
    if (!tidal_known(t, args[0], "the number of bits", &n) ||
        !tidal_known(t, args[1], "the number", &value))
        return (struct tv){ .kind = TV_ERROR };
    if (n.num < 0 || ph_ratio_floor(n) > BITS_MAX)
        return tidal_error(t, "0 to %d bits", BITS_MAX);
    struct tv v = tidal_new_list(t, (uint32_t)ph_ratio_floor(n));
    for (uint32_t i = 0; i < v.n; i++)
        v.items[i] = (struct tv){ .kind = TV_BOOL,
                                  .truth = ((uint64_t)ph_ratio_floor(value) >> (v.n - 1 - i)) & 1 };
    return tidal_make_fastcat(t, row, &v);
}

/* binaryN n p: the bits of each number squeezed into its event */
struct tv tidal_make_bits_of(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct pat *const numbers = tidal_pat(t, args[1]);
    struct tidal_cases cases = { .n = 0 };

    if (!numbers || !tidal_find_cases(numbers, &cases))
        return tidal_error(t, "the numbers of `%s` must be written out", row->name);
    struct tv list = tidal_new_list(t, cases.n);
    for (uint32_t i = 0; i < cases.n; i++) {
        const struct ph_ratio value = cases.values[i].ratio;
        const struct tv number = tidal_number(TIDAL_INT, value, ph_ratio_to_double(value));
        struct tv both[] = { args[0], number };
        list.items[i] = tidal_new_list(t, 2);
        list.items[i].items[0] = number;
        list.items[i].items[1] = tidal_make_bits(t, row, both);
        if (list.items[i].items[1].kind == TV_ERROR)
            return list.items[i].items[1];
    }
    return switch_over(t, list, numbers, PH_JOIN_SQUEEZE);
}

/* ascii words: 8 bits a letter, squeezed into each word's event */
struct tv tidal_make_ascii(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct pat *const words = tidal_pat(t, args[0]);
    struct tidal_cases cases = { .n = 0 };

    if (!words || !tidal_find_cases(words, &cases))
        return tidal_error(t, "the words of `ascii` must be written out");
    struct tv list = tidal_new_list(t, cases.n);
    for (uint32_t i = 0; i < cases.n; i++) {
        const char *const text = cases.values[i].text;
        struct tv bits = tidal_new_list(t, 8 * (uint32_t)strlen(text));
        for (uint32_t k = 0; k < bits.n; k++)
            bits.items[k] = (struct tv){ .kind = TV_BOOL,
                                         .truth = ((unsigned char)text[k / 8] >> (7 - k % 8)) & 1 };
        list.items[i] = tidal_new_list(t, 2);
        list.items[i].items[0] = (struct tv){ .kind = TV_WORD, .text = text };
        list.items[i].items[1] = tidal_make_fastcat(t, row, &bits);
    }
    return switch_over(t, list, words, PH_JOIN_SQUEEZE);
}

/* markovPat n i rows: imms are the number of states, then the rows one after the other */
struct tv tidal_make_markov(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    enum { STATES_MAX = 64 };
    const uint32_t n = args[2].n;
    struct ph_value *const imms = arena_alloc(t->c->arena, (n * n + 1) * sizeof *imms);
    struct pat *const both[] = { tidal_pat(t, args[0]), tidal_pat(t, args[1]) };

    if (n == 0 || n > STATES_MAX)
        return tidal_error(t, "`markovPat` wants 1 to %d rows", STATES_MAX);
    imms[0] = tidal_imm(n);
    for (uint32_t i = 0; i < n; i++) {
        if (args[2].items[i].n != n)
            return tidal_error(t, "each row of `markovPat` has as many numbers as there are rows");
        if (!constants_of(t, args[2].items[i], &imms[1 + i * n]))
            return (struct tv){ .kind = TV_ERROR };
    }
    return tidal_of_pat(pat_op_imm(t->c, row->op, both, 2, imms, n * n + 1, t->offset));
}

/* ---- permstep: all ways to share n steps between values, the most even first ----------------- */

enum { SHARES_MAX = 1024, SHARED_MAX = 16 };

struct shares {
    uint32_t n, n_values, n_steps;
    uint8_t steps[SHARES_MAX][SHARED_MAX];
};

static bool find_shares(struct shares *s, uint32_t value, uint32_t left, uint8_t *steps)
{
    if (value + 1 == s->n_values) {
        if (s->n == SHARES_MAX)
            return false;
        steps[value] = (uint8_t)left;
        memcpy(s->steps[s->n++], steps, s->n_values);
        return true;
    }
    for (uint32_t k = 1; k + (s->n_values - 1 - value) <= left; k++) {
        steps[value] = (uint8_t)k;
        if (!find_shares(s, value + 1, left - k, steps))
            return false;
    }
    return true;
}

static double unevenness(const struct shares *s, const uint8_t *steps)
{
    double sum = 0;

    for (uint32_t i = 0; i < s->n_values; i++)
        sum += fabs((double)s->n_steps / s->n_values - steps[i]);
    return sum;
}

/* Insertion sort: stable, and there are few. */
static void sort_shares(struct shares *s)
{
    for (uint32_t i = 1; i < s->n; i++) {
        uint8_t moved[SHARED_MAX];
        memcpy(moved, s->steps[i], sizeof moved);
        uint32_t at = i;
        for (; at > 0 && unevenness(s, s->steps[at - 1]) > unevenness(s, moved) + 1e-9; at--)
            memcpy(s->steps[at], s->steps[at - 1], sizeof moved);
        memcpy(s->steps[at], moved, sizeof moved);
    }
}

struct tv tidal_make_permstep(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct shares *const s = arena_alloc(t->c->arena, sizeof *s);
    uint8_t steps[SHARED_MAX];
    struct ph_ratio n;

    if (!tidal_known(t, args[0], "the number of steps", &n))
        return (struct tv){ .kind = TV_ERROR };
    s->n_values = args[1].n;
    s->n_steps = n.num > 0 && n.num < 256 ? (uint32_t)n.num : 0;
    if (s->n_values == 0 || s->n_values > SHARED_MAX || s->n_steps < s->n_values ||
        !find_shares(s, 0, s->n_steps, steps))
        return tidal_error(t, "`permstep` wants 1 to %d values and at least as many steps, in up to "
                           "%d ways to share them", SHARED_MAX, SHARES_MAX);
    sort_shares(s);
    struct tv list = tidal_new_list(t, s->n);
    for (uint32_t i = 0; i < s->n; i++) {
        struct tv values = tidal_new_list(t, s->n_steps);
        uint32_t at = 0;
        for (uint32_t k = 0; k < s->n_values; k++)
            for (uint32_t r = 0; r < s->steps[i][k]; r++)
                values.items[at++] = args[1].items[k];
        list.items[i] = tidal_make_fastcat(t, row, &values);
    }
    struct pat *const once = PAT(t->c, PH_PAT_SEGMENT, t->offset, whole(t, 1),
                                 tidal_pat(t, args[2]));
    return pick(t, index_of(t, once, list.n, "select"), items_of(t, list, 1), list.n, PH_JOIN_BOTH);
}

/* ---- operations with more than their arguments ----------------------------------------------- */

struct tv tidal_make_control(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    return tidal_of_pat(pat_param(t->c, row->word, PAT_WORDS, tidal_pat(t, args[0])));
}

struct tv tidal_make_sound(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    (void)row;
    return tidal_of_pat(pat_param(t->c, "s", PAT_SOUNDS, tidal_pat(t, args[0])));
}

struct tv tidal_make_nothing(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    (void)args;
    return tidal_of_pat(pat_op(t->c, row->op, NULL, 0, t->offset));
}

/* compress (b, e) p, zoom (b, e) p */
struct tv tidal_make_span(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    return tidal_of_pat(PAT(t->c, row->op, t->offset, tidal_pat(t, args[0].items[0]),
                            tidal_pat(t, args[0].items[1]), tidal_pat(t, args[1])));
}

/* params ... f p -> op params p (f p); row->structure params, of which a pair counts as two */
struct tv tidal_make_conditional(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct pat *made[8];
    uint32_t n = 0;
    const uint32_t n_params = (uint32_t)row->structure;

    for (uint32_t i = 0; i < n_params; i++) {
        const bool is_pair = args[i].kind == TV_TUPLE;
        for (uint32_t k = 0; is_pair && k < 2; k++)
            made[n++] = tidal_pat(t, args[i].items[k]);
        if (!is_pair)
            made[n++] = tidal_pat(t, args[i]);
    }
    made[n++] = tidal_pat(t, args[n_params + 1]);
    made[n++] = tidal_pat(t, tidal_apply(t, args[n_params], args[n_params + 1]));
    return tidal_of_pat(pat_op(t->c, row->op, made, n, t->offset));
}

struct tv tidal_make_every(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv with_offset[] = { args[0], tidal_of_pat(whole(t, 0)), args[1], args[2] };
    struct tidal_row two = *row;

    two.structure = 2;
    return tidal_make_conditional(t, &two, with_offset);
}

struct bound {
    const struct tidal_row *row;
    struct tv *args; /* n o f p; n and o as they are for one event of each */
    uint32_t i;      /* the next one to be bound */
};

static struct tv every_of(struct tidal *t, struct bound *b);

static struct tv every_with(struct tidal *t, struct tv x, void *context)
{
    struct bound b = *(const struct bound *)context;
    struct tv args[] = { b.args[0], b.args[1], b.args[2], b.args[3] };

    args[b.i++] = tidal_of_pat(x.pat);
    b.args = args;
    return every_of(t, &b);
}

/* Constants cut what plays at cycles only, which needs no join. */
static struct tv every_of(struct tidal *t, struct bound *b)
{
    while (b->i < 2 && constant_number(tidal_pat(t, b->args[b->i]), &(struct tv){ 0 }))
        b->i++;
    if (b->i < 2)
        return tidal_join(t, b->args[b->i].pat, TIDAL_INT, PH_JOIN_BOTH, every_with, b);
    const struct tv v = tidal_make_conditional(t, b->row, b->args);
    if (v.kind == TV_ERROR)
        return v;
    struct pat *const both[] = { tidal_pat(t, v), whole(t, 0) };
    return tidal_op_imm(t, PH_PAT_KEEP, both, 2, 0);
}

/* every' n o f p: what n and o bind lasts no longer than their events */
struct tv tidal_make_every_bound(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct bound b = { row, args, 0 };

    return every_of(t, &b);
}

struct tv tidal_make_degrade(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct pat *const both[] = { tidal_pat(t, args[0]), tidal_pat(t, args[1]) };

    return tidal_op_imm(t, row->op, both, 2, 0);
}

/* row->structure: 0 euclid n k p, 1 euclidOff n k r p, 2 _euclidBool n k, 3 euclidOffBool */
struct tv tidal_make_euclid(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    static const struct ph_value yes = { .kind = PH_VALUE_BOOL, .ratio = { 1, 1 } };
    const bool turned = row->structure & 1, is_bool = row->structure == 2;

    struct pat *const k = tidal_pat(t, args[0]), *const n = tidal_pat(t, args[1]);
    struct pat *const r = turned ? tidal_pat(t, args[2]) : whole(t, 0);
    struct pat *const p = is_bool ? pat_const(t->c, yes, t->offset)
                                  : tidal_pat(t, args[turned ? 3 : 2]);
    return tidal_of_pat(PAT(t->c, row->op, t->offset, k, n, r, p));
}

/* contrast f g c p */
struct tv tidal_make_match(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct pat *const both[] = { tidal_pat(t, args[2]), tidal_pat(t, args[3]) };
    const struct tv alike = tidal_apply(t, args[0], tidal_op_imm(t, PH_PAT_MATCH, both, 2, 0));
    const struct tv other = tidal_apply(t, args[1], tidal_op_imm(t, PH_PAT_MATCH, both, 2, 1));

    (void)row;
    return tidal_of_pat(PAT(t->c, PH_PAT_STACK, t->offset, tidal_pat(t, alike),
                            tidal_pat(t, other)));
}

/* gap n p: every other piece of chop n; Tidal's comes with n 1, by which it picks the pieces */
struct tv tidal_make_gap(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct pat *const n = tidal_pat(t, args[0]);
    struct pat *const nothing = pat_op(t->c, PH_PAT_SILENCE, NULL, 0, t->offset);
    struct pat *const one = pat_param(t->c, "n", PAT_WORDS, whole(t, 1));
    struct pat *const on = PAT(t->c, PH_PAT_FAST, t->offset, n,
                               PAT(t->c, PH_PAT_SLOWCAT, t->offset, one, nothing));
    struct pat *const both[] = { on, PAT(t->c, PH_PAT_CHOP, t->offset, n, tidal_pat(t, args[1])) };

    (void)row;
    return tidal_op_imm(t, PH_PAT_UNION, both, 2, 0);
}

/* brandBy x: true where rand < x */
struct tv tidal_make_brand(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    bool overflow = false;
    struct ph_value imms[] = { tidal_imm(PH_JOIN_OUTER), tidal_imm(0), tidal_imm(0) };

    (void)row;
    if (!tidal_known(t, args[0], "the probability", &imms[1].ratio))
        return (struct tv){ .kind = TV_ERROR };
    imms[2].ratio = ph_ratio_sub(ph_ratio_of(1), imms[1].ratio, &overflow);
    struct pat *const items[] = {
        pat_op(t->c, PH_PAT_RAND, NULL, 0, t->offset),
        tidal_pat(t, (struct tv){ .kind = TV_BOOL, .truth = true }),
        tidal_pat(t, (struct tv){ .kind = TV_BOOL, .truth = false })
    };
    return tidal_of_pat(pat_op_imm(t->c, PH_PAT_WPICK, items, 3, imms, 3, t->offset));
}

struct parts {
    const struct tv *p;
};

static struct tv same_pattern(struct tidal *t, struct tv x, void *context)
{
    (void)t;
    (void)x;
    return *((struct parts *)context)->p;
}

/* substruct, restart, reset: the pattern in each true event; row->structure: the join */
struct tv tidal_make_true_parts(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct parts context = { &args[1] };
    struct pat *const on = PAT(t->c, PH_PAT_FILTER_TRUE, t->offset, tidal_pat(t, args[0]));

    return tidal_join(t, on, TIDAL_BOOL, (enum ph_join)row->structure, same_pattern, &context);
}

/* f <$> p: a pattern of patterns where f makes patterns of plain values */
struct tv tidal_make_fmap(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct pat *const outer = tidal_pat(t, args[1]);
    const uint32_t slot = t->n_slots;

    (void)row;
    if (!outer)
        return (struct tv){ .kind = TV_ERROR };
    if (slot >= PH_PATTERN_VARS_MAX)
        return tidal_error(t, "too many `<$>` inside each other");
    const struct ph_value imm = tidal_imm(slot);
    t->n_slots++;
    const struct tv x = { .kind = TV_NUMBER, .atom = TIDAL_DOUBLE,
                          .pat = pat_op_imm(t->c, PH_PAT_VAR, NULL, 0, &imm, 1, t->offset) };
    const struct tv made = tidal_apply(t, args[0], x);
    t->n_slots--;
    if (made.kind == TV_PATTERN)
        return (struct tv){ .kind = TV_NESTED, .slot = slot, .outer = outer, .pat = made.pat };
    if (made.kind == TV_FUN) { /* to be applied to another pattern's values */
        struct tv nested = tidal_new_list(t, 1);
        nested.kind = TV_NESTED;
        nested.slot = slot;
        nested.outer = outer;
        nested.items[0] = made;
        return nested;
    }
    struct pat *const inner = tidal_pat(t, made);
    const struct ph_value imms[] = { tidal_imm(slot), tidal_imm(PH_JOIN_OUTER) };
    return tidal_of_pat(pat_op_imm(t->c, PH_PAT_JOIN, (struct pat *[]){ outer, inner }, 2, imms, 2,
                                   t->offset));
}

struct tv tidal_make_joined(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    if (args[0].kind != TV_NESTED || !args[0].pat)
        return tidal_error(t, "`%s` wants a function of plain values: %s $ (\\x -> ...) <$> \"0 1\"",
                           row->name, row->name);
    const struct ph_value imms[] = { tidal_imm(args[0].slot), tidal_imm(row->structure) };
    struct pat *const both[] = { args[0].outer, args[0].pat };
    return tidal_of_pat(pat_op_imm(t->c, PH_PAT_JOIN, both, 2, imms, 2, t->offset));
}

/* sig f: f of the time */
struct tv tidal_make_signal(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    const struct tv time = { .kind = TV_NUMBER, .atom = TIDAL_RATIONAL,
                             .pat = pat_op(t->c, PH_PAT_TIME, NULL, 0, t->offset) };

    (void)row;
    return tidal_of_pat(tidal_pat(t, tidal_apply(t, args[0], time)));
}

struct tv tidal_make_clamped_time(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    (void)args;
    return tidal_of_pat(tidal_math(t, row->word, pat_op(t->c, PH_PAT_TIME, NULL, 0, t->offset)));
}

/*
 * when test f p, ifp test f g p: the test of the number of each cycle decides; structure 1: with a
 * function for both of its answers
 */
struct tv tidal_make_when(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    const uint32_t n = row->structure == 1 ? 3 : 2;
    struct pat *const time = tidal_math(t, "floor", pat_op(t->c, PH_PAT_TIME, NULL, 0, t->offset));
    const struct tv cycle = { .kind = TV_NUMBER, .atom = TIDAL_INT,
                              .pat = PAT(t->c, PH_PAT_SEGMENT, t->offset, whole(t, 1), time) };
    const struct tv passes = tidal_apply(t, args[0], cycle);

    if (passes.kind == TV_ERROR)
        return passes;
    const struct tv p = args[n];
    if (!passes.pat && passes.truth)
        return tidal_apply(t, args[1], p);
    const struct tv otherwise = n == 3 ? tidal_apply(t, args[2], p) : p;
    if (!passes.pat)
        return otherwise;
    return tidal_of_pat(PAT(t->c, PH_PAT_SEW, t->offset, passes.pat,
                            tidal_pat(t, tidal_apply(t, args[1], p)), tidal_pat(t, otherwise)));
}

/* pF name p */
struct tv tidal_make_named(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    (void)row;
    if (args[0].kind != TV_WORD || args[0].pat || !args[0].text[0])
        return tidal_error(t, "the name of a control must be written out");
    return tidal_of_pat(pat_param(t->c, args[0].text, PAT_WORDS, tidal_pat(t, args[1])));
}

/* The function `f` of one event's value, and of each value that comes with it. */
static struct tv apply_inner(struct tidal *t, struct tv x, void *context)
{
    return tidal_apply(t, *(const struct tv *)context, x);
}

/* f <$> a <*> b; structure: the join, INNER for *> */
struct tv tidal_make_apply_patterns(struct tidal *t, const struct tidal_row *row, struct tv *args)
{
    struct tv f = args[0];

    if (f.kind != TV_NESTED || f.n != 1)
        return tidal_error(t, "`%s` wants a function of plain values: f <$> a %s b", row->name,
                           row->name);
    /* the function is applied inside its own pattern's join, whose variable it holds */
    const uint32_t slots = t->n_slots;
    t->n_slots = f.slot + 1;
    const enum ph_join inner = row->structure == PH_JOIN_BOTH ? PH_JOIN_BOTH : PH_JOIN_OUTER;
    const struct tv made = tidal_join(t, tidal_pat(t, args[1]), TIDAL_DOUBLE, inner, apply_inner,
                                      f.items);
    t->n_slots = slots;
    if (made.kind == TV_ERROR)
        return made;
    const struct ph_value imms[] = { tidal_imm(f.slot), tidal_imm(row->structure) };
    struct pat *const both[] = { f.outer, made.pat };
    return tidal_of_pat(pat_op_imm(t->c, PH_PAT_JOIN, both, 2, imms, 2, t->offset));
}
