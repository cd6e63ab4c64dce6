/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/table.c - cycles of periodic instructions, evaluated once and read ever after.  */
/* room: none. A table answers what the evaluation would: the same haps, cut at the same places.  */
#include <string.h>

#include "server/pattern/eval.h"

/* ---- making ---------------------------------------------------------------------------------- */

static int64_t magnitude(int64_t n)
{
    return n < 0 ? -n : n;
}

static int64_t max_64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/** The number of cycles by which a time may move: n + shift * d stays in 64 bits. */
static int64_t shift_max(const struct pat_hap *haps, uint32_t n)
{
    int64_t num = 0, den = 1;

    for (uint32_t i = 0; i < n; i++) {
        const struct pat_hap *const h = &haps[i];
        num = max_64(num, max_64(magnitude(h->whole_begin.num), magnitude(h->whole_end.num)));
        num = max_64(num, max_64(magnitude(h->part_begin.num), magnitude(h->part_end.num)));
        den = max_64(den, max_64(h->whole_begin.den, h->whole_end.den));
        den = max_64(den, max_64(h->part_begin.den, h->part_end.den));
    }
    return (INT64_MAX - num) / den;
}

/** Notes what readers need to know of the haps of cycle `k`. */
static void describe(struct pat_cycle *c, int64_t k)
{
    const struct ph_ratio begin = ph_ratio_of(k), end = ph_ratio_of(k + 1);

    c->ordered = true;
    for (uint32_t i = 0; i < c->n_haps; i++) {
        const struct pat_hap *const h = &c->haps[i];
        c->enters = c->enters || pat_cmp(h->whole_begin, begin) < 0;
        c->leaves = c->leaves || pat_cmp(h->whole_end, end) > 0;
        if (i > 0 && (pat_cmp(h[-1].part_begin, h->part_begin) > 0 ||
                      pat_cmp(h[-1].part_end, h->part_end) > 0))
            c->ordered = false;
    }
    c->shift_max = shift_max(c->haps, c->n_haps);
}

/** The spans of `n` things, PAT_BLOCK of them in each. @return NULL when there is no memory */
static const struct pat_span *blocks_of(struct pat *p, const struct pat_hap *haps,
                                        const struct pat_span *spans, uint32_t n)
{
    struct pat_span *const blocks =
        pat_alloc(p, (n + PAT_BLOCK - 1) / PAT_BLOCK * sizeof *blocks);

    for (uint32_t i = 0; i < n && blocks; i++) {
        const struct pat_span span = spans ? spans[i] : pat_part(&haps[i]);
        struct pat_span *const block = &blocks[i / PAT_BLOCK];
        if (i % PAT_BLOCK == 0)
            *block = span;
        block->begin = pat_min(block->begin, span.begin);
        block->end = pat_max(block->end, span.end);
    }
    return blocks;
}

/** What lies in a span is found in haps of any order, and comes out in theirs. */
static bool index_blocks(struct pat *p, struct pat_cycle *c)
{
    const struct pat_span *below = NULL;

    for (uint32_t n = c->n_haps; n > 1 && !c->ordered; n = (n + PAT_BLOCK - 1) / PAT_BLOCK) {
        below = blocks_of(p, c->haps, below, n);
        if (!below)
            return false;
        c->blocks[c->n_levels++] = below;
    }
    return true;
}

/** Moves the haps above `mark` into the table. @return false when there is no space for them */
static bool keep(struct pat *p, struct pat_cycle *c, int64_t k, uint32_t mark)
{
    const uint32_t n = p->n_haps - mark;
    struct pat_hap *const haps =
        n > p->table_haps_left ? NULL : pat_alloc(p, n * sizeof *haps + 1);

    if (!haps)
        return false;
    if (n > 0)
        memcpy(haps, &p->haps[mark], n * sizeof *haps);
    for (uint32_t i = 0; i < n; i++)
        pat_make_lasting(haps[i].value);
    c->haps = haps;
    c->n_haps = n;
    describe(c, k);
    if (!index_blocks(p, c))
        return false;
    c->state = PAT_CYCLE_KNOWN;
    p->table_haps_left -= n;
    p->n_tables++;
    return true;
}

static void evaluate(struct pat *p, const struct pat_node *node, struct pat_cycle *c, int64_t k)
{
    const uint32_t mark = p->n_haps;

    pat_eval_op(p, node, (struct pat_span){ ph_ratio_of(k), ph_ratio_of(k + 1) });
    if (pat_charge(p, 0) && node == &p->nodes[p->code->n_instrs - 1])
        pat_sort_haps(p); /* nothing lies below the root's */
    if (pat_charge(p, 0) && !keep(p, c, k, mark))
        c->state = PAT_CYCLE_TOO_MUCH;
    p->n_haps = mark;
}

/**
 * Evaluates a cycle on the account of tables, so that the query that happens to be the first keeps
 * its own budget. Where the cycle takes too much, it is evaluated each time: what a query answers
 * must not hang on the size of a whole cycle.
 */
static void build(struct pat *p, const struct pat_node *node, struct pat_cycle *c, int64_t k)
{
    const uint32_t haps_left = p->haps_left, steps_left = p->steps_left, n_tables = p->n_tables;
    const struct pat_arena_mark mark = pat_arena_mark(&p->table_arena);
    const bool is_full = p->build_steps == PAT_TABLE_STEPS_MAX &&
                         p->build_haps == PAT_TABLE_HAPS_MAX; /* no other could have more */
    struct pat_arena *const arena = p->arena;

    p->is_building = true;
    p->arena = &p->table_arena;
    p->n_euclids = 0; /* they lie in the query's memory; afterwards, in that of tables */
    p->haps_left = p->build_haps;
    p->steps_left = p->build_steps;
    evaluate(p, node, c, k);
    p->build_haps = p->haps_left;
    p->build_steps = p->steps_left;
    p->haps_left = haps_left;
    p->steps_left = steps_left;
    p->n_euclids = 0;
    p->arena = arena;
    p->is_building = false;
    if (c->state == PAT_CYCLE_KNOWN)
        return;
    if (p->n_tables == n_tables) { /* nothing points into what was made */
        pat_arena_rewind(&p->table_arena, mark);
        pat_forget(p);
    }
    if (p->status == PH_BUDGET || p->status == PH_OVERFLOW) {
        if (is_full || p->status == PH_OVERFLOW)
            c->state = PAT_CYCLE_TOO_MUCH;
        p->build_steps = 0; /* no more of them in this query */
        p->status = PH_OK;  /* the evaluation proper decides */
        p->overflow = false;
    }
}

/** The table of the cycle that number `k` of the period stands for; NULL when there is none. */
static const struct pat_cycle *cycle_known(struct pat *p, const struct pat_node *node, int64_t k)
{
    struct pat_cycle *const c = &node->cycles[k];

    if (c->state == PAT_CYCLE_NEW) {
        if (p->is_building)
            evaluate(p, node, c, k);
        else if (p->build_steps > 0)
            build(p, node, c, k);
    }
    return c->state == PAT_CYCLE_KNOWN ? c : NULL;
}

static bool cycles_new(struct pat *p, const struct pat_node *node)
{
    const size_t size = node->period * sizeof *node->cycles;
    struct pat_cycle *const cycles = p->table_arena.used_bytes + size > PAT_TABLE_BYTES_MAX
                                         ? NULL
                                         : pat_arena_alloc(&p->table_arena, size);

    if (!cycles)
        return false;
    memset(cycles, 0, size);
    p->n_tables++; /* so that nobody rewinds below it */
    p->nodes[node - p->nodes].cycles = cycles;
    return true;
}

/* ---- reading --------------------------------------------------------------------------------- */

static struct ph_ratio moved(struct ph_ratio t, int64_t cycles)
{
    return PH_RATIO(t.num + cycles * t.den, t.den);
}

static struct pat_hap hap_moved(const struct pat_hap *h, int64_t shift)
{
    return (struct pat_hap){ true,
                             moved(h->whole_begin, shift),
                             moved(h->whole_end, shift),
                             moved(h->part_begin, shift),
                             moved(h->part_end, shift),
                             h->value };
}

/** First hap of an ordered cycle whose part ends after `t`. */
static uint32_t first_after(const struct pat_cycle *c, struct ph_ratio t)
{
    uint32_t low = 0, high = c->n_haps;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (pat_cmp(c->haps[middle].part_end, t) > 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/** A piece of a cycle that is asked for: its span there, and where it is played. */
struct piece {
    const struct pat_cycle *cycle;
    struct pat_span at, span;
    int64_t shift;
};

static bool touches(struct pat_span a, struct pat_span b)
{
    return pat_cmp(a.begin, b.end) < 0 && pat_cmp(b.begin, a.end) < 0;
}

static void push_moved(struct pat *p, const struct piece *x, const struct pat_hap *from)
{
    struct pat_hap h = hap_moved(from, x->shift);

    if (pat_cmp(from->part_begin, x->at.begin) < 0)
        h.part_begin = x->span.begin;
    if (pat_cmp(from->part_end, x->at.end) > 0)
        h.part_end = x->span.end;
    pat_push(p, &h);
}

static void read_ordered(struct pat *p, const struct piece *x)
{
    const struct pat_cycle *const c = x->cycle;

    for (uint32_t i = first_after(c, x->at.begin); i < c->n_haps && p->status == PH_OK; i++) {
        if (pat_cmp(c->haps[i].part_begin, x->at.end) >= 0)
            return;
        push_moved(p, x, &c->haps[i]);
    }
}

/** How many things the blocks of a level are made of: haps, or blocks of the level below. */
static uint32_t things_at(const struct pat_cycle *c, uint32_t level)
{
    uint32_t n = c->n_haps;

    for (; level > 0; level--)
        n = (n + PAT_BLOCK - 1) / PAT_BLOCK;
    return n;
}

/** Reads the haps of block number `block` of a level, all levels down. */
static void read_block(struct pat *p, const struct piece *x, uint32_t level, uint32_t block)
{
    const struct pat_cycle *const c = x->cycle;
    const uint32_t n = things_at(c, level), first = block * PAT_BLOCK;

    if (!pat_step(p) || !touches(c->blocks[level][block], x->at))
        return;
    for (uint32_t i = first; i < first + PAT_BLOCK && i < n && p->status == PH_OK; i++) {
        if (level > 0)
            read_block(p, x, level - 1, i);
        else if (touches(pat_part(&c->haps[i]), x->at))
            push_moved(p, x, &c->haps[i]);
    }
}

static void read_whole(struct pat *p, const struct pat_cycle *c, int64_t shift)
{
    struct pat_hap *const out = pat_push_space(p, c->n_haps);

    if (!out)
        return;
    for (uint32_t i = 0; i < c->n_haps; i++)
        out[i] = hap_moved(&c->haps[i], shift);
}

/** The haps of one cycle that lie in `span`; `k` is the cycle's number in the period. */
static bool read_cycle(struct pat *p, const struct pat_cycle *c, struct pat_span span,
                       int64_t cycle, int64_t k)
{
    const int64_t shift = cycle - k;
    bool overflow = false;

    if (magnitude(shift) > c->shift_max)
        return false;
    if (span.begin.den == 1 && span.end.den == 1) {
        read_whole(p, c, shift);
        return true;
    }
    const struct pat_span at = { ph_ratio_sub(span.begin, ph_ratio_of(shift), &overflow),
                                 ph_ratio_sub(span.end, ph_ratio_of(shift), &overflow) };
    if (overflow)
        return false;
    const struct piece x = { c, at, span, shift };
    if (c->ordered)
        read_ordered(p, &x);
    else
        read_block(p, &x, c->n_levels - 1, 0);
    return true;
}

static int64_t cycle_in_period(const struct pat_node *node, int64_t cycle)
{
    return node->period == 1 ? 0 : pat_mod(cycle, node->period);
}

/**
 * Whether the cycles first .. last are known, near enough, and no event is cut where they meet.
 *
 * @param n_haps  0 when there is nothing in them
 */
static bool can_read(struct pat *p, const struct pat_node *node, int64_t first, int64_t last,
                     uint32_t *n_haps)
{
    const int64_t reach = max_64(magnitude(first), magnitude(last)) + PAT_PERIOD_MAX;

    *n_haps = 0;
    for (int64_t cycle = first; cycle <= last && cycle - first <= node->period; cycle++) {
        const struct pat_cycle *const c = cycle_known(p, node, cycle_in_period(node, cycle));
        if (!c || (c->enters && cycle > first) || (c->leaves && cycle < last) ||
            reach > c->shift_max)
            return false;
        *n_haps += c->n_haps;
    }
    return true;
}

static bool read_cycles(struct pat *p, const struct pat_node *node, struct pat_span span,
                        int64_t first, int64_t last)
{
    const uint32_t mark = p->n_haps;

    for (int64_t cycle = first; cycle <= last && pat_step(p); cycle++) {
        const int64_t k = cycle_in_period(node, cycle);
        const struct pat_span piece = { pat_max(span.begin, ph_ratio_of(cycle)),
                                        pat_min(span.end, ph_ratio_of(cycle + 1)) };
        if (!read_cycle(p, &node->cycles[k], piece, cycle, k)) {
            p->n_haps = mark;
            return false;
        }
    }
    return true;
}

bool pat_table_eval(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const int64_t first = pat_floor(span.begin);
    const int64_t last = span.end.den == 1 ? span.end.num - 1 : pat_floor(span.end);
    uint32_t n_haps;

    if (p->has_no_tables || (!node->cycles && !cycles_new(p, node)))
        return false;
    if (first == last) {
        const int64_t k = cycle_in_period(node, first);
        const struct pat_cycle *const c = cycle_known(p, node, k);
        return c && read_cycle(p, c, span, first, k);
    }
    return can_read(p, node, first, last, &n_haps) &&
           (n_haps == 0 || read_cycles(p, node, span, first, last));
}
