/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/query.c - the machine: budgets, dispatch, joins.                               */
/* room: none.                                                                                    */
#include "server/pattern/eval.h"

#define OP_FUNCTION(id, name, args, imms, doc) [PH_PAT_##id] = pat_op_##id,
static pat_op *const op_functions[PH_PAT_COUNT] = { PH_PATTERN_OPS(OP_FUNCTION) };

enum { HAPS_PER_STEP = 2 };

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
    const size_t max = p->arena == &p->table_arena ? PAT_TABLE_BYTES_MAX : PAT_ARENA_BYTES_MAX;

    if (p->arena->used_bytes + size > max) {
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
    if (node->tabled && pat_table_eval(p, node, span))
        return;
    const uint32_t mark = p->n_haps;
    op_functions[node->op](p, node, span);
    if (p->n_haps > mark) /* maps visit each hap at each level: that is work, too */
        pat_charge(p, (p->n_haps - mark) / HAPS_PER_STEP);
    if (p->status != PH_OK)
        p->n_haps = mark; /* nothing to be done with them on the way out */
}

void pat_eval_op(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    op_functions[node->op](p, node, span);
}

void pat_eval_param(struct pat *p, const struct pat_node *param, struct pat_span span)
{
    struct pat_span piece;
    int64_t cycle;

    if (!param->continuous || pat_is_tidal(p)) {
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
    struct pat_span piece;
    int64_t cycle;

    if (!pat_is_tidal(p) || !node->continuous) {
        join_from(p, &j, 0, span);
        return;
    }
    /* Tidal's parameters cut at cycles, constants too: a signal is read in each piece. */
    while (pat_next_cycle(p, &span, &piece, &cycle))
        join_from(p, &j, 0, piece);
}
