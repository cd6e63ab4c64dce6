/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/chord.c - chords and runs of numbers as TidalCycles' strings write them, where  */
/* roots, names, modifiers or ends are patterns themselves.                                       */
/* room: none.                                                                                    */
#include <math.h>
#include <string.h>

#include "server/pattern/eval.h"
#include "server/pattern/scale.h"

/* ---- chords ---------------------------------------------------------------------------------- */

void pat_voices_init(struct pat_voices *v, const char *name, size_t length, double root)
{
    const uint8_t *semitones;

    pat_chord_semitones(name, length, &semitones, &v->n);
    for (unsigned i = 0; i < v->n; i++)
        v->notes[i] = root + semitones[i];
}

/** Digits at `at`; false when none stand there. A number too large for any use is INT32_MAX. */
static bool digits(const char *text, size_t length, size_t *at, int64_t *number)
{
    const size_t begin = *at;

    for (*number = 0; *at < length && text[*at] >= '0' && text[*at] <= '9'; ++*at)
        if (*number < INT32_MAX)
            *number = *number * 10 + (text[*at] - '0');
    if (*number > INT32_MAX)
        *number = INT32_MAX;
    return *at > begin;
}

/** Passes the letters `c` at `at`. @return how many there were */
static uint32_t letters(const char *text, size_t length, size_t *at, char c)
{
    const size_t begin = *at;

    while (*at < length && text[*at] == c)
        ++*at;
    return (uint32_t)(*at - begin);
}

size_t pat_voicing_parse(const char *text, size_t length, struct pat_voicing *out)
{
    size_t at = 0;
    int64_t number;

    *out = (struct pat_voicing){ 0 };
    if (length > 1 && text[0] == 'd') {
        at = 1;
        out->has_drop = digits(text, length, &at, &out->drop);
        return out->has_drop ? at : 0;
    }
    const bool negative = length > 0 && text[0] == '-';
    at = negative || (length > 0 && text[0] == '+');
    out->has_count = digits(text, length, &at, &out->count);
    if (!out->has_count)
        at = 0;
    else if (negative)
        out->count = -out->count;
    out->inversions = letters(text, length, &at, 'i');
    if (out->inversions == 1 && !out->has_count && digits(text, length, &at, &number))
        out->inversions = (uint32_t)number;
    else
        out->openings = letters(text, length, &at, 'o');
    return at;
}

/** First and third note an octave down, then the second, then the rest. */
static void open_up(struct pat_voices *v)
{
    const double second = v->notes[1];

    v->notes[0] -= 12;
    v->notes[1] = v->notes[2] - 12;
    v->notes[2] = second;
}

/** Note `drop` from the top an octave down, in front. */
static void drop_note(struct pat_voices *v, int64_t drop)
{
    if (drop <= 0 || drop > v->n)
        return;
    const unsigned i = v->n - (unsigned)drop;
    const double note = v->notes[i] - 12;
    memmove(v->notes + 1, v->notes, i * sizeof *v->notes);
    v->notes[0] = note;
}

/** `count` notes of the chord gone on with in octaves, without the first ones: its inversion. */
static void extend(struct pat_voices *v, uint32_t first, unsigned count)
{
    const unsigned n = v->n;
    double from[PAT_VOICES_MAX];

    memcpy(from, v->notes, n * sizeof *from);
    for (unsigned i = 0; i < count; i++)
        v->notes[i] = from[(first + i) % n] + 12 * (double)((first + i) / n);
    v->n = count;
}

bool pat_voices_apply(struct pat_voices *v, const struct pat_voicing *voicing)
{
    const int64_t count = voicing->has_count ? voicing->count : v->n;
    const bool is_open = voicing->openings > 0 && v->n > 2;

    if (count > PAT_VOICES_MAX)
        return false;
    if (voicing->has_drop)
        drop_note(v, voicing->drop);
    else if (count <= 0 || v->n == 0)
        v->n = 0;
    else
        extend(v, voicing->inversions, (unsigned)count);
    if (is_open && v->n < 3)
        v->n = 0; /* there is no third note any more */
    for (uint32_t i = 0; is_open && i < voicing->openings && v->n > 2; i++)
        open_up(v);
    return true;
}

/* ---- events inside events -------------------------------------------------------------------- */

enum { VALUES_MAX = 2 + PAT_CHORD_MODIFIERS_MAX };

/** What the arguments have in common: an event of each, and the time where all hold. */
struct meeting {
    bool has_whole;
    struct pat_span whole, part;
    const struct pat_value *values[VALUES_MAX];
};

typedef void meeting_body(struct pat *p, const struct pat_node *node, const struct meeting *m);

/** Calls `body` for each way in which events of all arguments meet: the monadic bind. */
static void meet(struct pat *p, const struct pat_node *node, uint32_t k, const struct meeting *m,
                 meeting_body *body)
{
    const uint32_t mark = p->n_haps;

    if (k == node->n_args || k == VALUES_MAX) {
        body(p, node, m);
        return;
    }
    pat_eval(p, pat_arg(p, node, k), m->part);
    const uint32_t end = p->n_haps;
    for (uint32_t i = mark; i < end && p->status == PH_OK; i++) {
        const struct pat_hap h = p->haps[i];
        struct meeting next = *m;
        if (h.value->is_controls)
            continue;
        next.values[k] = h.value;
        next.has_whole = m->has_whole && h.has_whole;
        if (!pat_intersect(m->part, pat_part(&h), &next.part) ||
            (next.has_whole && !pat_intersect(m->whole, pat_whole(&h), &next.whole)))
            continue;
        meet(p, node, k + 1, &next, body);
    }
    pat_drop(p, mark, end);
}

static void meet_all(struct pat *p, const struct pat_node *node, struct pat_span span,
                     meeting_body *body)
{
    const struct pat_span always = { ph_ratio_of(INT64_MIN / 4), ph_ratio_of(INT64_MAX / 4) };
    const struct meeting m = { .has_whole = true, .whole = always, .part = span };

    meet(p, node, 0, &m, body);
}

static void push_value(struct pat *p, const struct meeting *m, struct pat_span whole,
                       struct pat_span part, struct ph_value value)
{
    pat_push(p, &(struct pat_hap){ m->has_whole, whole.begin, whole.end, part.begin, part.end,
                                   pat_plain(p, value) });
}

/** `x` as a number of the same kind as `like`. */
static struct ph_value number_like(const struct ph_value *like, double x)
{
    struct ph_value v = pat_number_value(x);

    if (like->kind == PH_VALUE_INT && fabs(x) < 0x1p62)
        v = (struct ph_value){ .kind = PH_VALUE_INT, .number = x,
                               .ratio = ph_ratio_of((int64_t)x) };
    return v;
}

static void chord_body(struct pat *p, const struct pat_node *node, const struct meeting *m)
{
    const struct ph_value *const root = &m->values[0]->plain, *const name = &m->values[1]->plain;
    struct pat_voicing voicing;
    struct pat_voices v;

    if (!pat_is_number(root) || name->kind != PH_VALUE_WORD)
        return;
    pat_voices_init(&v, name->text, strlen(name->text), root->number);
    for (uint32_t k = 2; k < node->n_args && k < VALUES_MAX; k++) {
        const struct ph_value *const word = &m->values[k]->plain;
        if (word->kind != PH_VALUE_WORD)
            continue;
        pat_voicing_parse(word->text, strlen(word->text), &voicing);
        if (!pat_voices_apply(&v, &voicing)) {
            pat_fail(p, PH_BUDGET);
            return;
        }
    }
    for (unsigned i = 0; i < v.n && pat_step(p); i++)
        push_value(p, m, m->whole, m->part, number_like(root, v.notes[i]));
}

void pat_op_VOICES(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    meet_all(p, node, span, chord_body);
}

/* ---- runs ------------------------------------------------------------------------------------ */

/** Position of a value among those of its kind: characters count as well. */
static double run_position(const struct ph_value *v)
{
    return v->kind == PH_VALUE_WORD ? (double)v->text[0] : v->number;
}

/** Number of values from one to the other; fractions go on until half a step beyond. */
static double run_length(const struct ph_value *a, const struct ph_value *b)
{
    const double beyond = a->kind == PH_VALUE_INT ? 0 : 0.5;

    return floor(fabs(run_position(b) - run_position(a)) + beyond) + 1;
}

static struct ph_value character_value(struct pat *p, char c)
{
    char *const text = pat_alloc(p, 2);

    if (text) {
        text[0] = c;
        text[1] = '\0';
    }
    return pat_word_value(text ? text : "");
}

/** Value `i` of the run that begins with `low`. */
static struct ph_value run_value(struct pat *p, const struct ph_value *low, int64_t i)
{
    if (low->kind == PH_VALUE_WORD)
        return character_value(p, (char)(low->text[0] + i));
    if (low->kind == PH_VALUE_RATIO)
        return pat_ratio_value(pat_add(p, low->ratio, ph_ratio_of(i)));
    return number_like(low, low->number + (double)i);
}

/** The `n` values of a run, or the two ends, as steps of each cycle cut to where both ends hold. */
static void push_run(struct pat *p, const struct meeting *m, int64_t n, bool is_run)
{
    const struct ph_value *const a = &m->values[0]->plain, *const b = &m->values[1]->plain;
    const bool down = is_run && run_position(a) > run_position(b);
    struct pat_span rest = m->part, piece, slot, whole = m->whole;
    int64_t k;

    while (pat_next_slot(p, ph_ratio_of(n), &rest, &piece, &k, &slot)) {
        const int64_t i = pat_mod(k, n);
        if (m->has_whole && !pat_intersect(slot, m->whole, &whole))
            continue;
        if (is_run)
            push_value(p, m, whole, piece, run_value(p, down ? b : a, down ? n - 1 - i : i));
        else
            push_value(p, m, whole, piece, i == 0 ? *a : *b);
    }
}

static void run_body(struct pat *p, const struct pat_node *node, const struct meeting *m)
{
    const struct ph_value *const a = &m->values[0]->plain, *const b = &m->values[1]->plain;
    const bool numbers = pat_is_number(a) && pat_is_number(b) && a->kind != PH_VALUE_BOOL;
    const bool characters = a->kind == PH_VALUE_WORD && b->kind == PH_VALUE_WORD &&
                            pat_is_true(pat_imm(p, node, 0));
    const double n = numbers || characters ? run_length(a, b) : 2;

    if (n > PAT_RUN_MAX)
        pat_fail(p, PH_BUDGET);
    else
        push_run(p, m, (int64_t)n, numbers || characters);
}

void pat_op_FROM_TO(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    meet_all(p, node, span, run_body);
}

/* ---- one note of a chord --------------------------------------------------------------------- */

/** Note `i` of a value; what is no chord has one. */
static bool note_of(const struct ph_value *v, uint32_t i, struct ph_value *out)
{
    *out = *v;
    if (v->kind != PH_VALUE_CHORD)
        return i == 0;
    if (i >= v->n_notes)
        return false;
    *out = (struct ph_value){ .kind = v->relative ? PH_VALUE_NUMBER : PH_VALUE_NOTE,
                              .number = (double)v->notes[i] };
    return true;
}

void pat_op_CHORD_NOTE(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    const uint32_t mark = p->n_haps;
    uint32_t kept = mark;
    double number;

    if (!pat_as_double(pat_imm(p, node, 0), &number) || number < 0)
        return;
    pat_eval(p, pat_arg(p, node, 0), span);
    for (uint32_t i = mark; i < p->n_haps; i++) {
        struct ph_value note;
        if (!note_of(&p->haps[i].value->plain, (uint32_t)number, &note))
            continue;
        const struct pat_value *const value = pat_plain(p, note);
        if (!value)
            break;
        p->haps[kept] = p->haps[i];
        p->haps[kept++].value = value;
    }
    p->n_haps = kept;
}
