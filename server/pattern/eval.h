/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/eval.h - inside the evaluator: state, stack of haps, helpers of the ops.        */
/* room: none.                                                                                    */
/*                                                                                                */
/* Evaluating an instruction over a span pushes its haps onto one stack (struct pat.haps). An     */
/* operation notes the height, evaluates its arguments, and rewrites or replaces what lies above. */
/* Haps are addressed by index: a push may move the stack. Spans are never empty.                 */
#ifndef SERVER_PATTERN_EVAL_H
#define SERVER_PATTERN_EVAL_H

#include "server/pattern/arena.h"
#include "server/pattern/pattern.h"

enum {
    PAT_PARAMS_MAX = 3,
    PAT_MEMO_BITS = 7, /* of the number of sets of ways */
    PAT_MEMO_WAYS = 4,
    PAT_EUCLID_CACHE = 8,
    PAT_ARENA_BYTES_MAX = 16 << 20, /* values of one query */
    PAT_PERIOD_MAX = 64,            /* cycles; a pattern that repeats less often has no table */
    PAT_TABLE_HAPS_MAX = 32768,     /* in all tables of a pattern, and for making them in a query */
    PAT_TABLE_STEPS_MAX = 32768,    /* for making tables in a query, besides its own steps */
    PAT_TABLE_BYTES_MAX = 12 << 20, /* of tables and of values that outlive a query */
    PAT_LASTING_BYTES_MAX = 4 << 20 /* above it values are remembered for one query only */
};

struct pat_span {
    struct ph_ratio begin, end;
};

enum { PAT_BLOCK = 16, PAT_LEVELS = 4 }; /* PAT_BLOCK to the power of PAT_LEVELS haps and more */

enum pat_cycle_state { PAT_CYCLE_NEW, PAT_CYCLE_KNOWN, PAT_CYCLE_TOO_MUCH };

/** What a periodic instruction gives in one cycle. */
struct pat_cycle {
    const struct pat_hap *haps; /* in the order of the source; the root's are sorted */
    uint32_t n_haps;
    uint8_t state;
    bool ordered;               /* part begins and ends both rise: can be bisected */
    bool enters, leaves;        /* a whole begins before the cycle, or ends after it */
    int64_t shift_max;          /* cycles that its times can be moved by without a check */
    /* Where not ordered: spans that PAT_BLOCK haps lie in, then that PAT_BLOCK of those lie in, up
       to a single one. */
    const struct pat_span *blocks[PAT_LEVELS];
    uint32_t n_levels;
};

/** An instruction, prepared. */
struct pat_node {
    uint8_t op;
    uint32_t n_args, n_imms;
    const uint32_t *args;              /* into struct pat.nodes */
    const uint32_t *imms;              /* into struct pat.consts */
    const struct pat_value *constant;  /* known value, once a cycle: behaves as PURE */
    const char *key;                   /* interned immediate of the PARAM family */
    const struct ph_ratio *starts;     /* TIMECAT: n_args + 1 positions in the cycle, 0 .. 1 */
    bool continuous;                   /* may give haps without a whole */
    bool tabled;                       /* periodic, and worth a table */
    bool is_used;                      /* by an instruction that was looked at */
    uint8_t period;                    /* cycle c + period is cycle c, moved; 0: not known */
    uint64_t vars;                     /* slots that it reads and no JOIN in it binds */
    struct pat_cycle *cycles;          /* `period` of them once it was asked; see table.c */
};

/** What a value is made of: an operation (an address that stands for it), values, numbers. */
struct pat_memo_key {
    const void *what;
    const struct pat_value *left, *right;
    int64_t i, n;
};

struct pat_memo {
    struct pat_memo_key key;
    const struct pat_value *result;
    uint32_t generation; /* of the query that it belongs to */
    bool lasting;        /* or to all queries */
};

struct pat_euclid {
    int64_t k, n;
    const uint8_t *hits;
};

/** Names that operations themselves read or set; interned like all keys. */
struct pat_keys {
    const char *s, *n, *note, *begin, *end, *speed, *unit, *gain;
};

struct pat {
    const struct ph_pattern_code *code;
    struct pat_node *nodes;
    struct pat_value *consts;
    char **key_list; /* sorted; the texts lie in one block in the same order: so do the pointers */
    char *key_text;
    uint32_t n_keys;
    struct pat_keys keys;

    struct pat_hap *haps, *scratch; /* the stack; space of the final sort */
    uint32_t n_haps, space, scratch_space;
    struct pat_arena query_arena, table_arena;
    struct pat_arena *arena; /* where values are made now */

    ph_status status; /* of this query; once not PH_OK, everything returns at once */
    bool overflow;
    uint32_t haps_left, steps_left, depth;

    bool is_building;                   /* a table: everything made now outlives the query */
    bool has_no_tables;                 /* for tests: evaluate everything */
    uint32_t build_haps, build_steps;   /* what this query may still spend on tables */
    uint32_t table_haps_left, n_tables; /* space in tables; cycles known */

    const struct pat_value *vars[PH_PATTERN_VARS_MAX]; /* what JOIN is at; NULL outside of it */

    uint32_t generation; /* of memo entries */
    struct pat_memo memo[1 << PAT_MEMO_BITS][PAT_MEMO_WAYS];
    struct pat_euclid euclids[PAT_EUCLID_CACHE];
    uint32_t n_euclids;
};

typedef void pat_op(struct pat *p, const struct pat_node *node, struct pat_span span);
typedef const struct pat_value *const *pat_params;
/** What an operation does once its parameters are known, over the part where they hold. */
typedef void pat_body(struct pat *p, const struct pat_node *node, pat_params params,
                      struct pat_span span);

/* One function per row of the table; a row without one does not link. */
#define PAT_DECLARE(id, name, args, imms, doc) pat_op pat_op_##id;
PH_PATTERN_OPS(PAT_DECLARE)
#undef PAT_DECLARE

/* ---- query.c: the machine -------------------------------------------------------------------- */

void pat_fail(struct pat *p, ph_status status); /* the first failure stands */
/** Charges `n` steps. @return false when the query is to end */
bool pat_charge(struct pat *p, uint64_t n);
void pat_eval(struct pat *p, const struct pat_node *node, struct pat_span span);
/** The same by the node's own operation, whatever tables there are. */
void pat_eval_op(struct pat *p, const struct pat_node *node, struct pat_span span);
/** Sorts the stack as a query answers it: part begin, whole begin, order of the source. */
void pat_sort_haps(struct pat *p);
/** Memory for values; NULL (and the query fails) when there is none. */
void *pat_alloc(struct pat *p, size_t size);
/** A parameter: a signal is read once for each cycle, so that the query's span decides nothing. */
void pat_eval_param(struct pat *p, const struct pat_node *param, struct pat_span span);
/** Inner join of the first `n_params` arguments: each of their haps governs its own part. */
void pat_join(struct pat *p, const struct pat_node *node, uint32_t n_params, struct pat_span span,
              pat_body *body);

static inline bool pat_step(struct pat *p)
{
    return pat_charge(p, 1);
}

static inline const struct pat_node *pat_arg(const struct pat *p, const struct pat_node *node,
                                             uint32_t k)
{
    return &p->nodes[node->args[k]];
}

/** Whether the operations follow TidalCycles where .ph departs from it. */
static inline bool pat_is_tidal(const struct pat *p)
{
    return p->code->tidal;
}

static inline const struct pat_value *pat_imm(const struct pat *p, const struct pat_node *node,
                                              uint32_t k)
{
    return &p->consts[node->imms[k]];
}

/* ---- period.c: what repeats ------------------------------------------------------------------ */

/** Sets `continuous`, `vars` and `period` of a node whose arguments have them. */
void pat_find_period(struct pat *p, struct pat_node *node);
/** Decides which nodes get tables. */
void pat_choose_tables(struct pat *p);

/* ---- table.c: cycles evaluated once ---------------------------------------------------------- */

/** Reads the haps of a tabled node; false when it is to be evaluated. */
bool pat_table_eval(struct pat *p, const struct pat_node *node, struct pat_span span);

/* ---- memo.c: values made once ---------------------------------------------------------------- */

/**
 * A value that was made before from the same things. Where NULL:
 *     struct pat_arena *const own = pat_recall_begin(p, &key);
 *     ... make the value ...
 *     pat_remember(p, &key, own, value);
 */
const struct pat_value *pat_recall(struct pat *p, const struct pat_memo_key *key);
/** What is made from lasting values lasts: makes its memory the current one. @return the former */
struct pat_arena *pat_recall_begin(struct pat *p, const struct pat_memo_key *key);
void pat_remember(struct pat *p, const struct pat_memo_key *key, struct pat_arena *own,
                  const struct pat_value *value);
/** For values that tables hold: the evaluator's own, never constants of the program. */
void pat_make_lasting(const struct pat_value *value);
void pat_forget(struct pat *p);

/* ---- hap.c: the stack and the time of haps --------------------------------------------------- */

void pat_push(struct pat *p, const struct pat_hap *hap);
/** Space for `n` haps on top, charged for; NULL (and the query fails) when there is none. */
struct pat_hap *pat_push_space(struct pat *p, uint32_t n);
/** Removes the haps [from, to) below the top. */
void pat_drop(struct pat *p, uint32_t from, uint32_t to);
/** A constant over `span`: one hap per cycle. */
void pat_pure(struct pat *p, const struct pat_value *value, struct pat_span span);
/** `child` with its time x played at to + (x - from) * scale, scale > 0. */
void pat_eval_affine(struct pat *p, const struct pat_node *child, struct pat_span span,
                     struct ph_ratio from, struct ph_ratio to, struct ph_ratio scale);
/** Applies x -> to + (x - from) * scale to the haps above `mark`. */
void pat_map_times(struct pat *p, uint32_t mark, struct ph_ratio from, struct ph_ratio to,
                   struct ph_ratio scale);
/** `child` moved later by `shift` cycles. */
void pat_eval_late(struct pat *p, const struct pat_node *child, struct pat_span span,
                   struct ph_ratio shift);
/** Cycle `cycle` of `child` squeezed into [begin, end); `span` lies inside. */
void pat_squeeze(struct pat *p, const struct pat_node *child, struct pat_span span, int64_t cycle,
                 struct ph_ratio begin, struct ph_ratio end);
/** [from, from + length) of `child` stretched over [begin, end). */
void pat_squeeze_slice(struct pat *p, const struct pat_node *child, struct pat_span span,
                       struct ph_ratio from, struct ph_ratio length, struct ph_ratio begin,
                       struct ph_ratio end);
/** Mirrors the haps above `mark` in the middle of `cycle`. */
void pat_reflect(struct pat *p, uint32_t mark, int64_t cycle);
struct pat_span pat_reflect_span(struct pat *p, struct pat_span span, int64_t cycle);
/** What `child` plays when the event [whole) begins: pushes one hap over [part) per value. */
void pat_sample(struct pat *p, const struct pat_node *child, struct pat_span whole,
                struct pat_span part, bool first_only);
/** Haps of `child` that may reach `span` when moved by up to `before` later or `after` earlier. */
void pat_eval_wider(struct pat *p, const struct pat_node *child, struct pat_span span,
                    struct ph_ratio before, struct ph_ratio after);
/** Cuts the parts above `mark` to `span`; drops what is left empty. */
void pat_clip(struct pat *p, uint32_t mark, struct pat_span span);
/** The next piece of `rest` that lies inside one cycle; false when `rest` is used up. */
bool pat_next_cycle(struct pat *p, struct pat_span *rest, struct pat_span *piece, int64_t *cycle);
/** The same for slots [k/n, (k+1)/n), n > 0: piece, slot number and the slot's own span. */
bool pat_next_slot(struct pat *p, struct ph_ratio n, struct pat_span *rest, struct pat_span *piece,
                   int64_t *slot, struct pat_span *whole);
bool pat_intersect(struct pat_span a, struct pat_span b, struct pat_span *out);

static inline struct pat_span pat_whole(const struct pat_hap *h)
{
    return (struct pat_span){ h->whole_begin, h->whole_end };
}

static inline struct pat_span pat_part(const struct pat_hap *h)
{
    return (struct pat_span){ h->part_begin, h->part_end };
}

static inline struct pat_span pat_whole_or_part(const struct pat_hap *h)
{
    return h->has_whole ? pat_whole(h) : pat_part(h);
}

/* ---- ratios, with the cheap cases inline ----------------------------------------------------- */

static inline int pat_cmp(struct ph_ratio a, struct ph_ratio b)
{
    if (a.den == b.den)
        return (a.num > b.num) - (a.num < b.num);
    const __int128 left = (__int128)a.num * b.den, right = (__int128)b.num * a.den;
    return (left > right) - (left < right);
}

/**
 * Greatest common divisor, b > 0. Binary: a 64-bit division costs more than some rounds; and
 * without a branch on what is larger, which no processor can guess.
 */
static inline uint64_t pat_gcd(uint64_t a, uint64_t b)
{
    if (a == 0)
        return b;
    const int shift = __builtin_ctzll(a | b);
    if ((b & (b - 1)) == 0) /* the usual denominator */
        return UINT64_C(1) << shift;
    a >>= __builtin_ctzll(a);
    do {
        b >>= __builtin_ctzll(b);
        const uint64_t less = a < b ? a : b, more = a < b ? b : a;
        a = less;
        b = more - less;
    } while (b);
    return a << shift;
}

/** num/den in lowest terms, den > 0, num above INT64_MIN. */
static inline struct ph_ratio pat_reduced(int64_t num, int64_t den)
{
    const int64_t g = (int64_t)pat_gcd((uint64_t)(num < 0 ? -num : num), (uint64_t)den);

    return g == 1 ? PH_RATIO(num, den) : PH_RATIO(num / g, den / g);
}

enum { PAT_WIDE_STEPS = 4 }; /* what arithmetic beyond 64 bits costs */

static inline struct ph_ratio pat_mul(struct pat *p, struct ph_ratio a, struct ph_ratio b)
{
    int64_t num, den;

    if (__builtin_mul_overflow(a.num, b.num, &num) || __builtin_mul_overflow(a.den, b.den, &den) ||
        num == INT64_MIN)
        return pat_charge(p, PAT_WIDE_STEPS) ? ph_ratio_mul(a, b, &p->overflow) : a;
    return pat_reduced(num, den);
}

static inline struct ph_ratio pat_div(struct pat *p, struct ph_ratio a, struct ph_ratio b)
{
    int64_t num, den;

    if (b.num <= 0 || __builtin_mul_overflow(a.num, b.den, &num) ||
        __builtin_mul_overflow(a.den, b.num, &den) || num == INT64_MIN)
        return pat_charge(p, PAT_WIDE_STEPS) ? ph_ratio_div(a, b, &p->overflow) : a;
    return pat_reduced(num, den);
}

static inline struct ph_ratio pat_add(struct pat *p, struct ph_ratio a, struct ph_ratio b)
{
    int64_t left, right, num, den;

    if (__builtin_mul_overflow(a.num, b.den, &left) ||
        __builtin_mul_overflow(b.num, a.den, &right) || __builtin_add_overflow(left, right, &num) ||
        __builtin_mul_overflow(a.den, b.den, &den) || num == INT64_MIN)
        return pat_charge(p, PAT_WIDE_STEPS) ? ph_ratio_add(a, b, &p->overflow) : a;
    if (a.den == 1 || b.den == 1) /* a whole number leaves lowest terms alone */
        return PH_RATIO(num, den);
    return pat_reduced(num, den);
}

static inline struct ph_ratio pat_sub(struct pat *p, struct ph_ratio a, struct ph_ratio b)
{
    if (b.num == INT64_MIN)
        return ph_ratio_sub(a, b, &p->overflow);
    return pat_add(p, a, PH_RATIO(-b.num, b.den));
}

/** num/den in lowest terms, den > 0. */
static inline struct ph_ratio pat_fraction(struct pat *p, int64_t num, int64_t den)
{
    return num == INT64_MIN ? ph_ratio_make(num, den, &p->overflow) : pat_reduced(num, den);
}

static inline struct ph_ratio pat_min(struct ph_ratio a, struct ph_ratio b)
{
    return pat_cmp(a, b) <= 0 ? a : b;
}

static inline struct ph_ratio pat_max(struct ph_ratio a, struct ph_ratio b)
{
    return pat_cmp(a, b) >= 0 ? a : b;
}

static inline int64_t pat_floor(struct ph_ratio a)
{
    return a.den == 1 ? a.num : ph_ratio_floor(a);
}

/** Remainder with the sign of n, n != 0: the cycle number's `mod`. */
static inline int64_t pat_mod(int64_t a, int64_t n)
{
    if (n == -1)
        return 0; /* INT64_MIN % -1 traps */
    const int64_t r = a % n;
    return r != 0 && (r < 0) != (n < 0) ? r + n : r;
}

/** Quotient rounded down, n > 0. */
static inline int64_t pat_floor_div(int64_t a, int64_t n)
{
    return a / n - (a % n < 0);
}

/** Position of `t` in its cycle, 0 <= result < 1. */
static inline struct ph_ratio pat_phase(struct ph_ratio t)
{
    return PH_RATIO(pat_mod(t.num, t.den), t.den);
}

static inline struct ph_ratio pat_middle(struct pat *p, struct pat_span s)
{
    return pat_mul(p, pat_add(p, s.begin, s.end), PH_RATIO(1, 2));
}

/** Times from + i * step, over one denominator where that fits (den > 0). */
struct pat_row {
    struct ph_ratio from, step;
    int64_t begin, increment, den;
};

/** For i in 0 .. last. */
static inline struct pat_row pat_row_of(struct ph_ratio from, struct ph_ratio step, int64_t last)
{
    const int64_t common = (int64_t)pat_gcd((uint64_t)from.den, (uint64_t)step.den);
    struct pat_row row = { .from = from, .step = step };
    int64_t reach, end;

    if (__builtin_mul_overflow(from.num, step.den / common, &row.begin) ||
        __builtin_mul_overflow(step.num, from.den / common, &row.increment) ||
        __builtin_mul_overflow(row.increment, last, &reach) ||
        __builtin_add_overflow(row.begin, reach, &end) || row.begin == INT64_MIN ||
        end == INT64_MIN || __builtin_mul_overflow(from.den / common, step.den, &row.den))
        row.den = 0;
    return row;
}

static inline struct ph_ratio pat_row_at(struct pat *p, const struct pat_row *row, int64_t i)
{
    if (row->den == 0)
        return pat_add(p, pat_mul(p, row->step, ph_ratio_of(i)), row->from);
    return pat_reduced(row->begin + i * row->increment, row->den);
}

/* ---- value.c --------------------------------------------------------------------------------- */

/** Reads a parameter. @return false for words and controls: they are no times or counts */
bool pat_as_ratio(struct pat *p, const struct pat_value *value, struct ph_ratio *out);
bool pat_as_whole(struct pat *p, const struct pat_value *value, int64_t *out); /* rounded down */
bool pat_as_double(const struct pat_value *value, double *out);
bool pat_is_true(const struct pat_value *value);
bool pat_is_number(const struct ph_value *value);
struct ph_value pat_number_value(double number);
struct ph_value pat_ratio_value(struct ph_ratio ratio);
struct ph_value pat_int_value(int64_t number);
struct ph_value pat_word_value(const char *text);
/** Same word, or same number of whatever kind. */
bool pat_equal(const struct ph_value *a, const struct ph_value *b);
/** left op right for ADD, SUB, MUL, DIV, MOD, POW of two plain values. */
struct ph_value pat_arith(enum ph_pattern_op op, const struct ph_value *left,
                          const struct ph_value *right);
/** A value that lives as long as the haps that are being made. NULL when memory is out. */
const struct pat_value *pat_plain(struct pat *p, struct ph_value value);

/* ---- combine.c ------------------------------------------------------------------------------- */

/** What `node` makes of two values; remembered, so that equal pairs share one result. */
const struct pat_value *pat_combine(struct pat *p, const struct pat_node *node,
                                    const struct pat_value *left, const struct pat_value *right);

/* ---- controls.c ------------------------------------------------------------------------------ */

const char *pat_key(const struct pat *p, const char *text); /* NULL: no such key in this pattern */
const struct ph_value *pat_get(const struct pat_value *value, const char *key); /* key interned */
/** `value` with `n` controls (sorted by key) set over its own. A plain value stays as it is. */
const struct pat_value *pat_set(struct pat *p, const struct pat_value *value,
                                const struct pat_control *controls, uint32_t n);
/** Controls of both; where both have a key, `op` decides (UNION: right's, UNION_LEFT: left's). */
const struct pat_value *pat_merge(struct pat *p, enum ph_pattern_op op,
                                  const struct pat_value *left, const struct pat_value *right);
const struct pat_value *pat_param_value(struct pat *p, const char *key,
                                        const struct pat_value *value);
/** The control `op` x; where it is missing, x itself (negated by SUB). */
const struct pat_value *pat_change(struct pat *p, enum ph_pattern_op op, const char *key,
                                   const struct pat_value *value, const struct pat_value *x);
/** Slice `i` of `n` of the current begin .. end. */
const struct pat_value *pat_subdivide(struct pat *p, const struct pat_value *value, int64_t i,
                                      int64_t n);

/* ---- number.c -------------------------------------------------------------------------------- */

/** What MATH, what TO_SCALE makes of a value; of controls, of each of their numbers. */
const struct pat_value *pat_math_value(struct pat *p, const struct pat_node *node,
                                       const struct pat_value *value);
const struct pat_value *pat_scale_value(struct pat *p, const struct pat_node *node,
                                        const struct pat_value *value);

/* ---- random.c -------------------------------------------------------------------------------- */

double pat_rand_at(struct ph_ratio t);
double pat_rand_at_double(double t);
/** Perlin noise at a number; with `y`, of two dimensions. */
const struct pat_value *pat_perlin_value(struct pat *p, const struct pat_value *x,
                                         const struct pat_value *y);
/** The first `n` numbers of the sequence that starts at `t`. */
void pat_rands_at(struct ph_ratio t, double *out, uint32_t n);

/* ---- time.c ---------------------------------------------------------------------------------- */

/**
 * Moves the wholes above `mark` that begin before the cycle of the source that was put at `begin`,
 * `scale` long: by the cycles in between, as if each of them were `round` long. See squeeze_step().
 */
void pat_by_own_cycle(struct pat *p, uint32_t mark, struct ph_ratio begin, struct ph_ratio scale,
                      struct ph_ratio round);

/* ---- chord_time.c ---------------------------------------------------------------------------- */

/** The haps above `mark`, moved off the stack in order of their wholes; NULL without memory. */
struct pat_hap *pat_take_sorted(struct pat *p, uint32_t mark, uint32_t *n_out);

/* ---- structure.c ----------------------------------------------------------------------------- */

/**
 * The part of a hap that lies in its whole. Others are fragments that Tidal leaves beside theirs,
 * see squeeze_step(): they have nothing in common with what is asked for over the whole.
 * @return false when there is none
 */
bool pat_inside(const struct pat_hap *h, struct pat_span *part);
/** Cuts the parts above `mark` so; drops the others. */
void pat_keep_inside(struct pat *p, uint32_t mark);
/** What `child` has while `outer` lasts: a fragment of that for each hap, with its value. */
void pat_fragments(struct pat *p, const struct pat_node *child, const struct pat_hap *outer);
/** Cuts the wholes above `mark`, as an event that enters a piece starts with it. */
void pat_cut_wholes(struct pat *p, uint32_t mark, struct pat_span span);

/* ---- euclid.c -------------------------------------------------------------------------------- */

/** Writes n bytes of 0 and 1: Bjorklund's distribution of k hits, 0 <= k <= n, before rotation. */
bool pat_bjorklund(int64_t k, int64_t n, uint8_t *hits, uint8_t *scratch);

#endif
