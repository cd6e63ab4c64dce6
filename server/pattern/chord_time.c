/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/chord_time.c - events that sound at once, played one after the other.           */
/* room: none. A chord is what a query gives with equal wholes.                                   */
#include <string.h>

#include "server/pattern/eval.h"

/* ---- chords ---------------------------------------------------------------------------------- */

static int compare_wholes(const struct pat_hap *a, const struct pat_hap *b)
{
    if (a->has_whole != b->has_whole)
        return a->has_whole - b->has_whole;
    const struct pat_span left = pat_whole_or_part(a), right = pat_whole_or_part(b);
    const int by_begin = pat_cmp(left.begin, right.begin);
    return by_begin != 0 ? by_begin : pat_cmp(left.end, right.end);
}

/** Stable merge of the runs [low, middle) and [middle, high). */
static void merge_runs(const struct pat_hap *from, struct pat_hap *to, uint32_t low,
                       uint32_t middle, uint32_t high)
{
    uint32_t left = low, right = middle;

    for (uint32_t i = low; i < high; i++)
        to[i] = left < middle && (right >= high || compare_wholes(&from[left], &from[right]) <= 0)
                    ? from[left++]
                    : from[right++];
}

struct pat_hap *pat_take_sorted(struct pat *p, uint32_t mark, uint32_t *n_out)
{
    const uint32_t n = p->n_haps - mark;
    struct pat_hap *from = pat_alloc(p, (n + 1) * sizeof *from);
    struct pat_hap *to = from ? pat_alloc(p, (n + 1) * sizeof *to) : NULL;

    if (!to || !pat_charge(p, n))
        return NULL;
    if (n > 0)
        memcpy(from, &p->haps[mark], n * sizeof *from);
    p->n_haps = mark;
    for (uint32_t width = 1; width < n; width *= 2) {
        for (uint32_t low = 0; low < n; low += 2 * width) {
            const uint32_t middle = low + width < n ? low + width : n;
            merge_runs(from, to, low, middle, middle + width < n ? middle + width : n);
        }
        struct pat_hap *const swap = from;
        from = to;
        to = swap;
    }
    *n_out = n;
    return from;
}

/** Where the chord that begins with hap `first` ends. */
static uint32_t chord_end(const struct pat_hap *haps, uint32_t n, uint32_t first)
{
    uint32_t end = first + 1;

    while (end < n && compare_wholes(&haps[first], &haps[end]) == 0)
        end++;
    return end;
}

/* ---- arpeggios ------------------------------------------------------------------------------- */

/* An order of notes 0 .. n-1; where n - 1 notes have the thumb or the little finger between them,
   or there is a way back, there are up to 4n of them. */
struct order {
    uint32_t *notes, n;
};

static void up(struct order *o, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        o->notes[o->n++] = i;
}

static void down(struct order *o, uint32_t from, uint32_t to)
{
    for (uint32_t i = to; i > from; i--)
        o->notes[o->n++] = i - 1;
}

/** Lowest, highest, second lowest, ... */
static void converge(struct order *o, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        o->notes[o->n++] = i % 2 == 0 ? i / 2 : n - 1 - i / 2;
}

/** What the order has so far, backwards, without its own `skip` last and the `keep_off` first. */
static void back(struct order *o, uint32_t skip, uint32_t keep_off)
{
    for (uint32_t i = o->n > skip ? o->n - skip : 0; i > keep_off; i--)
        o->notes[o->n++] = o->notes[i - 1];
}

static void fingers(struct order *o, uint32_t n, bool thumb)
{
    for (uint32_t i = 1; i < n; i++) {
        o->notes[o->n++] = thumb ? 0 : i - 1;
        o->notes[o->n++] = thumb ? i : n - 1;
    }
}

/** There and back: both without their last note. */
static void and_back(struct order *o)
{
    const uint32_t n = o->n;

    if (n == 0)
        return;
    struct order whole = { o->notes, n };
    back(&whole, 0, 1);
    memmove(&o->notes[n - 1], &o->notes[n], (whole.n - n) * sizeof *o->notes);
    o->n = whole.n - 1;
}

static void order_by(const char *mode, uint32_t n, struct order *o)
{
    o->n = 0;
    if (strcmp(mode, "down") == 0) {
        down(o, 0, n);
    } else if (strcmp(mode, "updown") == 0) {
        up(o, 0, n - 1);
        down(o, 1, n);
    } else if (strcmp(mode, "downup") == 0) {
        down(o, 1, n);
        up(o, 0, n - 1);
    } else if (strcmp(mode, "up&down") == 0) {
        up(o, 0, n);
        down(o, 0, n);
    } else if (strcmp(mode, "down&up") == 0) {
        down(o, 0, n);
        up(o, 0, n);
    } else if (strcmp(mode, "converge") == 0) {
        converge(o, n);
    } else if (strcmp(mode, "diverge") == 0) {
        converge(o, n);
        for (uint32_t i = 0; i < n / 2; i++) {
            const uint32_t swap = o->notes[i];
            o->notes[i] = o->notes[n - 1 - i];
            o->notes[n - 1 - i] = swap;
        }
    } else if (strcmp(mode, "disconverge") == 0) {
        converge(o, n);
        back(o, 1, 0);
    } else if (strcmp(mode, "pinkyup") == 0) {
        fingers(o, n, false);
    } else if (strcmp(mode, "pinkyupdown") == 0) {
        fingers(o, n, false);
        and_back(o);
    } else if (strcmp(mode, "thumbup") == 0) {
        fingers(o, n, true);
    } else if (strcmp(mode, "thumbupdown") == 0) {
        fingers(o, n, true);
        and_back(o);
    } else {
        up(o, 0, n);
    }
}

/** Spreads one chord over its whole. */
static void arp_chord(struct pat *p, const struct pat_hap *chord, const struct order *o)
{
    const struct pat_span whole = pat_whole(&chord[0]);
    const struct ph_ratio length = pat_sub(p, whole.end, whole.begin);

    for (uint32_t i = 0; i < o->n && pat_step(p); i++) {
        struct pat_hap h = chord[o->notes[i]];
        struct pat_span part;
        h.whole_begin =
            pat_add(p, whole.begin, pat_mul(p, length, pat_fraction(p, i, o->n)));
        h.whole_end =
            pat_add(p, whole.begin, pat_mul(p, length, pat_fraction(p, i + 1, o->n)));
        if (!pat_intersect(pat_whole(&h), pat_part(&h), &part))
            continue;
        h.part_begin = part.begin;
        h.part_end = part.end;
        pat_push(p, &h);
    }
}

static void arp_piece(struct pat *p, const struct pat_node *node, const char *mode,
                      struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    uint32_t n = 0;
    struct order o = { NULL, 0 };

    pat_eval(p, pat_arg(p, node, 1), span);
    const struct pat_hap *const haps = pat_take_sorted(p, mark, &n);
    if (haps)
        o.notes = pat_alloc(p, (4 * (size_t)n + 4) * sizeof *o.notes);
    for (uint32_t i = 0, end; o.notes && i < n && pat_step(p); i = end) {
        end = chord_end(haps, n, i);
        if (!haps[i].has_whole)
            continue;
        order_by(mode, end - i, &o);
        arp_chord(p, &haps[i], &o);
    }
}

/** A mode lasts a cycle, also where it is constant: no chord has pieces of several cycles. */
static void arp_body(struct pat *p, const struct pat_node *node, pat_params params,
                     struct pat_span span)
{
    struct pat_span piece;
    int64_t cycle;

    if (params[0]->is_controls || params[0]->plain.kind != PH_VALUE_WORD)
        return;
    while (pat_next_cycle(p, &span, &piece, &cycle))
        arp_piece(p, node, params[0]->plain.text, piece);
}

void pat_op_ARP(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, arp_body);
}

/* ---- rolls ----------------------------------------------------------------------------------- */

/** Hap `i` of `n` starts later by i/n of |x| of its length. */
static void roll_hap(struct pat *p, struct pat_hap h, struct ph_ratio x, uint32_t i, uint32_t n)
{
    struct pat_span part;

    if (h.has_whole && x.num != 0) {
        const struct ph_ratio length = pat_sub(p, h.whole_end, h.whole_begin);
        const struct ph_ratio share = pat_mul(p, x, pat_fraction(p, i, n));
        h.whole_begin = pat_add(p, h.whole_begin, pat_mul(p, length, share));
        if (!pat_intersect(pat_whole(&h), pat_part(&h), &part))
            return;
        h.part_begin = part.begin;
        h.part_end = part.end;
    }
    pat_push(p, &h);
}

/** Neighbours with equal wholes are a chord; with a negative x the last comes first. */
static void roll_piece(struct pat *p, const struct pat_node *child, struct pat_span span,
                       struct ph_ratio x)
{
    const uint32_t mark = p->n_haps;

    pat_eval(p, child, span);
    const uint32_t n = p->n_haps - mark;
    struct pat_hap *const haps = pat_alloc(p, (n + 1) * sizeof *haps);
    if (!haps)
        return;
    for (uint32_t i = 0; i < n; i++)
        haps[i] = p->haps[mark + (x.num > 0 ? i : n - 1 - i)];
    p->n_haps = mark;
    if (x.num < 0)
        x = pat_sub(p, PH_RATIO(0, 1), x);
    for (uint32_t i = 0, end; i < n && pat_step(p); i = end) {
        end = chord_end(haps, n, i);
        for (uint32_t k = i; k < end && pat_step(p); k++)
            roll_hap(p, haps[k], x, k - i, end - i);
    }
}

/** Cycle by cycle, since over several of them the notes of a chord need not be neighbours. */
static void rolled_body(struct pat *p, const struct pat_node *node, pat_params params,
                        struct pat_span span)
{
    struct pat_span piece;
    struct ph_ratio x;
    int64_t cycle;

    if (!pat_as_ratio(p, params[0], &x))
        return;
    while (pat_next_cycle(p, &span, &piece, &cycle))
        roll_piece(p, pat_arg(p, node, 1), piece, x);
}

void pat_op_ROLLED(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, rolled_body);
}

/* ---- stretching ------------------------------------------------------------------------------ */

/** How far an event looks for the next one: to the end of the cycle after its own. */
static struct ph_ratio reach_of(struct ph_ratio onset)
{
    return ph_ratio_of(pat_floor(onset) + 2);
}

/** The first onset of `child` behind `onset`, as far as an event looks; else `onset` itself. */
static struct ph_ratio onset_after(struct pat *p, const struct pat_node *child,
                                   struct ph_ratio onset)
{
    const uint32_t mark = p->n_haps;
    struct ph_ratio found = onset;

    pat_eval(p, child, (struct pat_span){ onset, reach_of(onset) });
    for (uint32_t i = mark; i < p->n_haps; i++) {
        const struct pat_hap *const h = &p->haps[i];
        if (h->has_whole && pat_has_onset(h) && pat_cmp(h->whole_begin, onset) > 0 &&
            (pat_cmp(found, onset) == 0 || pat_cmp(h->whole_begin, found) < 0))
            found = h->whole_begin;
    }
    p->n_haps = mark;
    return found;
}

/** .ph: each event lasts until the next one starts, where that is in its cycle or the one after. */
static void until_next(struct pat *p, const struct pat_node *child, struct pat_span span)
{
    const struct pat_span around = { ph_ratio_of(pat_floor(span.begin) - 2),
                                     ph_ratio_of(ph_ratio_ceil(span.end) + 1) };
    const uint32_t mark = p->n_haps;
    uint32_t n = 0;

    pat_eval(p, child, around);
    const struct pat_hap *const haps = pat_take_sorted(p, mark, &n);
    for (uint32_t i = 0, next = 0; haps && i < n && pat_step(p); i++) {
        struct pat_hap h = haps[i];
        const bool is_older = h.has_whole && pat_cmp(h.whole_begin, around.begin) < 0;
        /* of what began before, the first piece counts; of the others, that with the onset */
        if (!h.has_whole ||
            (is_older ? pat_cmp(h.part_begin, around.begin) != 0 : !pat_has_onset(&h)))
            continue;
        while (next < n && (!haps[next].has_whole || !pat_has_onset(&haps[next]) ||
                            pat_cmp(haps[next].whole_begin, h.whole_begin) <= 0))
            next++;
        const struct ph_ratio end = is_older ? onset_after(p, child, h.whole_begin)
                                    : next < n ? haps[next].whole_begin
                                               : h.whole_begin;
        if (pat_cmp(end, reach_of(h.whole_begin)) < 0)
            h.whole_end = pat_max(h.whole_end, end);
        h.part_begin = h.whole_begin;
        h.part_end = h.whole_end;
        pat_push(p, &h);
    }
    pat_clip(p, mark, span);
}

/** Tidal: what a cycle's events reach over, from first begin to last end, fills the cycle. */
static void to_full_cycles(struct pat *p, const struct pat_node *child, struct pat_span span)
{
    struct pat_span piece;
    int64_t cycle;

    while (pat_next_cycle(p, &span, &piece, &cycle)) {
        const struct ph_ratio c = ph_ratio_of(cycle);
        const uint32_t mark = p->n_haps;
        struct pat_span over = { c, c };
        pat_eval(p, child, (struct pat_span){ c, ph_ratio_of(cycle + 1) });
        for (uint32_t i = mark; i < p->n_haps; i++) {
            const struct pat_span whole = pat_whole_or_part(&p->haps[i]);
            over.begin = i == mark ? whole.begin : pat_min(over.begin, whole.begin);
            over.end = i == mark ? whole.end : pat_max(over.end, whole.end);
        }
        p->n_haps = mark;
        const struct ph_ratio length = pat_sub(p, over.end, over.begin);
        if (length.num > 0) {
            const struct ph_ratio from = pat_add(p, c, pat_phase(over.begin));
            pat_eval_affine(p, child, piece, from, c, pat_div(p, PH_RATIO(1, 1), length));
        }
    }
}

void pat_op_STRETCH(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    if (pat_is_tidal(p))
        to_full_cycles(p, pat_arg(p, node, 0), span);
    else
        until_next(p, pat_arg(p, node, 0), span);
}

/* ---- one at a time --------------------------------------------------------------------------- */

/** Pushes what is left of an event when one that began no later plays until `begin`. */
static void push_rest(struct pat *p, struct pat_hap h, struct ph_ratio begin)
{
    struct pat_span part;

    if (h.has_whole && pat_cmp(h.whole_begin, begin) < 0)
        h.whole_begin = begin;
    if (!pat_intersect(pat_whole_or_part(&h), pat_part(&h), &part))
        return;
    h.part_begin = part.begin;
    h.part_end = part.end;
    pat_push(p, &h);
}

void pat_op_MONO(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    uint32_t n = 0;
    struct ph_ratio busy_until = span.begin;

    pat_eval(p, pat_arg(p, node, 0), span);
    const struct pat_hap *const haps = pat_take_sorted(p, mark, &n);
    for (uint32_t i = 0; haps && i < n && pat_step(p); i++) {
        const struct pat_span whole = pat_whole_or_part(&haps[i]);
        if (i > 0 && pat_cmp(whole.end, busy_until) <= 0)
            continue;
        push_rest(p, haps[i], i > 0 ? busy_until : whole.begin);
        busy_until = whole.end;
    }
}
