/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/event.c - what an event's own time makes of it: where it begins, how long it    */
/* is, and chains of chance that begin with a cycle.                                              */
/* room: none.                                                                                    */
#include "server/pattern/eval.h"

/* ---- times as values ------------------------------------------------------------------------- */

void pat_op_EVENT_BEGIN(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const uint32_t mark = p->n_haps;

    pat_eval(p, pat_arg(p, node, 0), span);
    for (uint32_t i = mark; i < p->n_haps; i++) {
        const struct pat_span whole = pat_whole_or_part(&p->haps[i]);
        p->haps[i].value = pat_plain(p, pat_ratio_value(whole.begin));
    }
}

void pat_op_EVENT_LENGTH(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const uint32_t mark = p->n_haps;

    pat_eval(p, pat_arg(p, node, 0), span);
    for (uint32_t i = mark; i < p->n_haps; i++) {
        const struct pat_span whole = pat_whole_or_part(&p->haps[i]);
        p->haps[i].value = pat_plain(p, pat_ratio_value(pat_sub(p, whole.end, whole.begin)));
    }
}

/* ---- Markov chains --------------------------------------------------------------------------- */

/** Probability of a step from one state to another: immediates are their number, then the rows. */
static double probability(const struct pat *p, const struct pat_node *node, int64_t n,
                          int64_t from, int64_t to)
{
    const uint32_t k = (uint32_t)(1 + from * n + to);

    return k < node->n_imms ? pat_imm(p, node, k)->plain.number : 0;
}

static int64_t next_state(const struct pat *p, const struct pat_node *node, int64_t n,
                          int64_t from, double drawn)
{
    double total = 0, sum = 0;

    for (int64_t to = 0; to < n; to++)
        total += probability(p, node, n, from, to);
    for (int64_t to = 0; to < n; to++) {
        sum += probability(p, node, n, from, to) / total;
        if (drawn <= sum)
            return to;
    }
    return n - 1;
}

/** One cycle: step i is drawn by rand at cycle + i/steps. */
static void chain_of_cycle(struct pat *p, const struct pat_node *node, struct pat_span piece,
                           int64_t cycle, int64_t n_steps, int64_t state)
{
    const int64_t n = (int64_t)pat_imm(p, node, 0)->plain.number;

    for (int64_t i = 0; i < n_steps && pat_charge(p, (uint64_t)n); i++) {
        const struct ph_ratio c = ph_ratio_of(cycle);
        struct pat_hap h = { .has_whole = true,
                             .whole_begin = pat_add(p, c, pat_fraction(p, i, n_steps)),
                             .whole_end = pat_add(p, c, pat_fraction(p, i + 1, n_steps)) };
        struct pat_span part;
        if (i > 0)
            state = next_state(p, node, n, state,
                               pat_rand_at(pat_add(p, c, pat_fraction(p, i, n_steps))));
        if (!pat_intersect(pat_whole(&h), piece, &part))
            continue;
        h.part_begin = part.begin;
        h.part_end = part.end;
        h.value = pat_plain(p, (struct ph_value){ .kind = PH_VALUE_INT, .number = (double)state,
                                                  .ratio = ph_ratio_of(state) });
        pat_push(p, &h);
    }
}

static void markov_body(struct pat *p, const struct pat_node *node, pat_params params,
                        struct pat_span span)
{
    struct pat_span piece;
    int64_t cycle, n_steps, first;

    if (node->n_imms == 0 || !pat_as_whole(p, params[0], &n_steps) ||
        !pat_as_whole(p, params[1], &first))
        return;
    const double n = pat_imm(p, node, 0)->plain.number;
    if (!(n >= 1 && n < node->n_imms) || first < 0 || first >= (int64_t)n)
        return;
    while (pat_next_cycle(p, &span, &piece, &cycle))
        chain_of_cycle(p, node, piece, cycle, n_steps, first);
}

void pat_op_MARKOV(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 2, span, markov_body);
}
