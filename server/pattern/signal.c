/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/signal.c - continuous patterns: the value in the middle of the queried span.    */
/* room: none. The position in the cycle is exact, so a late cycle is as fine as the first.       */
#include <math.h>

#include "server/pattern/eval.h"

static double position(struct pat *p, struct pat_span span)
{
    return ph_ratio_to_double(pat_phase(pat_middle(p, span)));
}

static void push_signal(struct pat *p, struct pat_span span, double number)
{
    const struct pat_value *const value = pat_plain(p, pat_number_value(number));

    pat_push(p, &(struct pat_hap){ .part_begin = span.begin, .part_end = span.end,
                                   .value = value });
}

void pat_op_SINE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)node;
    push_signal(p, span, 0.5 + 0.5 * sin(2 * M_PI * position(p, span)));
}

void pat_op_COSINE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)node;
    const double turn = 2 * M_PI * position(p, span);

    /* Tidal's is the sine a quarter later, so it begins with 0. */
    push_signal(p, span, 0.5 + (pat_is_tidal(p) ? -0.5 : 0.5) * cos(turn));
}

void pat_op_SAW(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)node;
    push_signal(p, span, position(p, span));
}

void pat_op_ISAW(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)node;
    push_signal(p, span, 1 - position(p, span));
}

/** Rises and falls are two signals in sequence: a span over the peak is read in each. */
void pat_op_TRI(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    struct pat_span piece, half;
    int64_t k;

    (void)node;
    while (pat_next_slot(p, ph_ratio_of(2), &span, &piece, &k, &half)) {
        const double x = 2 * position(p, piece);
        push_signal(p, piece, x < 1 ? x : 2 - x);
    }
}

void pat_op_SQUARE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)node;
    push_signal(p, span, position(p, span) < 0.5 ? 0 : 1);
}

void pat_op_TIME(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    (void)node;
    const struct pat_value *const value = pat_plain(p, pat_ratio_value(pat_middle(p, span)));

    pat_push(p, &(struct pat_hap){ .part_begin = span.begin, .part_end = span.end,
                                   .value = value });
}

/** What sounds at `t` and began first; false when nothing does. */
static bool sounding(struct pat *p, const struct pat_node *child, struct ph_ratio t,
                     struct pat_hap *out)
{
    const uint32_t mark = p->n_haps;
    bool found = false;

    pat_eval(p, child, (struct pat_span){ t, ph_ratio_of(pat_floor(t) + 1) });
    for (uint32_t i = mark; i < p->n_haps; i++) {
        const struct pat_hap *const h = &p->haps[i];
        if (!h->has_whole || pat_cmp(h->part_begin, t) != 0 || pat_cmp(h->whole_end, t) <= 0)
            continue;
        const int begins = found ? pat_cmp(h->whole_begin, out->whole_begin) : -1;
        if (begins < 0 || (begins == 0 && pat_cmp(h->whole_end, out->whole_end) < 0))
            *out = *h;
        found = true;
    }
    p->n_haps = mark;
    return found;
}

/** A signal is smooth as it is; but it becomes an event, as long as the query. */
static void smooth_signal(struct pat *p, const struct pat_node *child, struct pat_span span)
{
    const uint32_t mark = p->n_haps;

    pat_eval(p, child, span);
    if (p->n_haps == mark || p->haps[mark].has_whole)
        return;
    p->n_haps = mark + 1;
    p->haps[mark] = (struct pat_hap){ true,       span.begin, span.end,
                                      span.begin, span.end,   p->haps[mark].value };
}

/** The whole is the query's own: nothing else decides how long the value holds. */
void pat_op_SMOOTH(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const struct pat_node *const child = pat_arg(p, node, 0);
    const struct ph_ratio t = pat_middle(p, span);
    struct pat_hap now, next;
    double from, to;

    if (!sounding(p, child, t, &now)) {
        if (child->continuous)
            smooth_signal(p, child, span);
        return;
    }
    const struct pat_value *value = now.value;
    if (sounding(p, child, now.whole_end, &next) && pat_as_double(now.value, &from) &&
        pat_as_double(next.value, &to)) {
        const struct ph_ratio length = pat_sub(p, now.whole_end, now.whole_begin);
        const struct ph_ratio done = pat_div(p, pat_sub(p, t, now.whole_begin), length);
        value = pat_plain(p, pat_number_value(from + (to - from) * ph_ratio_to_double(done)));
    }
    pat_push(p, &(struct pat_hap){ true, span.begin, span.end, span.begin, span.end, value });
}

/** The value at `t`: that of the event there, or between it and the next one. */
static const struct pat_value *glided(struct pat *p, const struct pat_node *child,
                                      struct ph_ratio t, double share)
{
    struct pat_hap now, next;
    double from, to;

    if (!sounding(p, child, t, &now))
        return NULL;
    const struct ph_ratio length = pat_sub(p, now.whole_end, now.whole_begin);
    const double done =
        ph_ratio_to_double(pat_div(p, pat_sub(p, t, now.whole_begin), length));
    if (done <= 1 - share || !sounding(p, child, now.whole_end, &next) ||
        !pat_as_double(now.value, &from) || !pat_as_double(next.value, &to))
        return now.value;
    const double way = (done - (1 - share)) / share;
    return pat_plain(p, pat_number_value(from + (to - from) * way));
}

static void glide_body(struct pat *p, const struct pat_node *node, pat_params params,
                       struct pat_span span)
{
    const struct pat_node *const child = pat_arg(p, node, 1);
    double share;

    if (!pat_as_double(params[0], &share))
        return;
    share = fmin(fmax(share, 0), 1);
    const struct pat_value *const value =
        child->continuous ? NULL : glided(p, child, pat_middle(p, span), share);
    if (value)
        pat_push(p, &(struct pat_hap){ .part_begin = span.begin, .part_end = span.end,
                                       .value = value });
    else if (child->continuous) /* smooth as it is */
        pat_eval(p, child, span);
}

void pat_op_GLIDE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, glide_body);
}

/**
 * Signals are read in the middle of what is asked for; here that is so short that its begin is
 * read. What is no signal stays as it is.
 */
void pat_op_AT_BEGIN(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const struct pat_node *const child = pat_arg(p, node, 0);
    const struct pat_span instant = {
        span.begin, pat_min(pat_add(p, span.begin, PH_RATIO(1, 1 << 20)), span.end)
    };
    const uint32_t mark = p->n_haps;

    if (!child->continuous) {
        pat_eval(p, child, span);
        return;
    }
    pat_eval(p, child, instant);
    for (uint32_t i = mark; i < p->n_haps; i++) {
        p->haps[i].has_whole = false;
        p->haps[i].part_begin = span.begin;
        p->haps[i].part_end = span.end;
    }
}

void pat_op_NEXT(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const struct pat_node *const child = pat_arg(p, node, 0);
    const uint32_t mark = p->n_haps;
    struct pat_hap next;

    pat_eval(p, child, span);
    const uint32_t end = p->n_haps;
    for (uint32_t i = mark; i < end && pat_step(p); i++)
        if (p->haps[i].has_whole && sounding(p, child, p->haps[i].whole_end, &next))
            p->haps[i].value = next.value;
}
