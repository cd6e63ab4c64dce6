/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/query.c - the machine: budgets, dispatch, tables of steady instructions, joins. */
/* room: none.                                                                                    */
#include <string.h>

#include "server/pattern/eval.h"

#define OP_FUNCTION(id, name, args, imms, doc) [PH_PAT_##id] = pat_op_##id,
static pat_op *const op_functions[PH_PAT_COUNT] = { PH_PATTERN_OPS(OP_FUNCTION) };

/* Cycle numbers stay far enough inside 64 bits that sums of a few of them cannot wrap. */
static const int64_t cycle_max = INT64_C(1) << 60;

void pat_fail(struct pat *p, ph_status status)
{
    if (p->status == PH_OK)
        p->status = status;
}

bool pat_charge(struct pat *p, uint64_t n)
{
    if (p->overflow)
        pat_fail(p, PH_OVERFLOW);
    if (n > p->steps_left)
        pat_fail(p, PH_BUDGET);
    else
        p->steps_left -= (uint32_t)n;
    return p->status == PH_OK;
}

void *pat_alloc(struct pat *p, size_t size)
{
    if (p->arena->used_bytes + size > PAT_ARENA_BYTES_MAX) {
        pat_fail(p, PH_BUDGET);
        return NULL;
    }
    void *const data = pat_arena_alloc(p->arena, size);
    if (!data)
        pat_fail(p, PH_NO_MEMORY);
    return data;
}

static bool out_of_range(struct ph_ratio t)
{
    return (t.num > cycle_max || t.num < -cycle_max) &&
           (t.num / t.den > cycle_max || t.num / t.den < -cycle_max);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static bool table_fill(struct pat *p, struct pat_table *table, uint32_t mark)
{
    const uint32_t n = p->n_haps - mark;
    struct pat_hap *const haps = pat_alloc(p, n * sizeof *haps + 1);

    if (!haps)
        return false;
    if (n > 0)
        memcpy(haps, &p->haps[mark], n * sizeof *haps);
    table->n_haps = n;
    table->haps = haps;
    table->ordered = true;
    for (uint32_t i = 1; i < n; i++)
        if (pat_cmp(haps[i - 1].part_begin, haps[i].part_begin) > 0 ||
            pat_cmp(haps[i - 1].part_end, haps[i].part_end) > 0)
            table->ordered = false;
    return true;
}

/**
 * Evaluates cycle 0 into a table that outlives the query. Where that takes too much, the node goes
 * on without one: what a query answers must not hang on the size of a whole cycle.
 */
static void table_build(struct pat *p, struct pat_node *node)
{
    const uint32_t mark = p->n_haps, haps_left = p->haps_left, steps_left = p->steps_left;
    const uint32_t haps = haps_left < PAT_TABLE_HAPS_MAX ? haps_left : PAT_TABLE_HAPS_MAX;
    const uint32_t steps = steps_left < PAT_TABLE_STEPS_MAX ? steps_left : PAT_TABLE_STEPS_MAX;
    struct pat_arena *const arena = p->arena;

    p->arena = &p->table_arena;
    p->generation++; /* results in the query's memory must not get into a table */
    p->n_euclids = 0;
    p->haps_left = haps;
    p->steps_left = steps;
    node->cached = false;
    struct pat_table *const table = pat_alloc(p, sizeof *table);
    if (table) {
        pat_eval(p, node, (struct pat_span){ PH_RATIO(0, 1), PH_RATIO(1, 1) });
        if (pat_charge(p, 0) && table_fill(p, table, mark)) {
            node->table = table;
            node->cached = true;
        }
    }
    p->n_haps = mark;
    p->haps_left += haps_left - haps;
    p->steps_left += steps_left - steps;
    p->arena = arena;
    p->generation++;
    p->n_euclids = 0;
    if (p->status == PH_BUDGET || p->status == PH_OVERFLOW) {
        p->status = PH_OK; /* the evaluation proper decides */
        p->overflow = false;
    }
}

static struct ph_ratio shifted(struct pat *p, struct ph_ratio t, int64_t cycles)
{
    return cycles == 0 ? t : pat_add(p, t, ph_ratio_of(cycles));
}

/** First hap whose part ends after `t`. */
static uint32_t table_first(const struct pat_table *table, struct ph_ratio t)
{
    uint32_t low = 0, high = table->ordered ? table->n_haps : 0;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (pat_cmp(table->haps[middle].part_end, t) > 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/** The haps of one cycle: `piece` lies in cycle `cycle`. */
static void table_read(struct pat *p, const struct pat_table *table, struct pat_span piece,
                       int64_t cycle)
{
    const struct ph_ratio begin = shifted(p, piece.begin, -cycle);
    const struct ph_ratio end = shifted(p, piece.end, -cycle);

    for (uint32_t i = table_first(table, begin); i < table->n_haps; i++) {
        struct pat_hap h = table->haps[i];
        if (pat_cmp(h.part_begin, end) >= 0) {
            if (table->ordered)
                return;
            continue;
        }
        if (pat_cmp(h.part_end, begin) <= 0)
            continue;
        h.part_begin = pat_cmp(h.part_begin, begin) < 0 ? piece.begin
                                                        : shifted(p, h.part_begin, cycle);
        h.part_end = pat_cmp(h.part_end, end) > 0 ? piece.end : shifted(p, h.part_end, cycle);
        h.whole_begin = shifted(p, h.whole_begin, cycle);
        h.whole_end = shifted(p, h.whole_end, cycle);
        pat_push(p, &h);
    }
}

static bool table_eval(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    struct pat_span piece;
    int64_t cycle;

    if (!node->table)
        table_build(p, &p->nodes[node - p->nodes]);
    if (!node->table)
        return false;
    while (pat_next_cycle(p, &span, &piece, &cycle))
        table_read(p, node->table, piece, cycle);
    return true;
}

/* ---- evaluation ------------------------------------------------------------------------------ */

void pat_eval(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    if (!pat_step(p) || pat_cmp(span.begin, span.end) >= 0)
        return;
    if (out_of_range(span.begin) || out_of_range(span.end)) {
        pat_fail(p, PH_OVERFLOW);
        return;
    }
    if (node->constant) {
        pat_pure(p, node->constant, span);
        return;
    }
    if (node->cached && table_eval(p, node, span))
        return;
    op_functions[node->op](p, node, span);
}

void pat_eval_param(struct pat *p, const struct pat_node *param, struct pat_span span)
{
    struct pat_span piece;
    int64_t cycle;

    if (!param->continuous) {
        pat_eval(p, param, span);
        return;
    }
    while (pat_next_cycle(p, &span, &piece, &cycle)) {
        const uint32_t mark = p->n_haps;
        pat_eval(p, param, (struct pat_span){ ph_ratio_of(cycle), ph_ratio_of(cycle + 1) });
        pat_clip(p, mark, piece);
    }
}

struct join {
    const struct pat_node *node;
    uint32_t n_params;
    pat_body *body;
    const struct pat_value *params[PAT_PARAMS_MAX];
};

static void join_from(struct pat *p, struct join *j, uint32_t k, struct pat_span span)
{
    while (k < j->n_params && pat_arg(p, j->node, k)->constant) {
        j->params[k] = pat_arg(p, j->node, k)->constant;
        k++;
    }
    if (k == j->n_params) {
        j->body(p, j->node, j->params, span);
        return;
    }
    const uint32_t mark = p->n_haps;
    pat_eval_param(p, pat_arg(p, j->node, k), span);
    const uint32_t end = p->n_haps;
    for (uint32_t i = mark; i < end && p->status == PH_OK; i++) {
        j->params[k] = p->haps[i].value;
        join_from(p, j, k + 1, pat_part(&p->haps[i]));
    }
    pat_drop(p, mark, end);
}

void pat_join(struct pat *p, const struct pat_node *node, uint32_t n_params, struct pat_span span,
              pat_body *body)
{
    struct join j = { node, n_params, body, { NULL } };

    join_from(p, &j, 0, span);
}
