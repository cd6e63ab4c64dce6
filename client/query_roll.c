/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/query_roll.c - gathers the events of some cycles into rows, one for each value.         */
#include "client/query_roll.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "client/ast.h"

enum { LABEL_BYTES = 64, EXACT_BYTES = 512, STEPS_MAX = 96 };

/* ---- text ------------------------------------------------------------------------------------ */

/* Bytes of the character that a lead byte begins, 0 for none. */
static uint32_t character_bytes(unsigned char lead)
{
    return lead < 0x80                    ? 1
           : lead >= 0xC2 && lead <= 0xDF ? 2
           : lead >= 0xE0 && lead <= 0xEF ? 3
           : lead >= 0xF0 && lead <= 0xF4 ? 4
                                          : 0;
}

uint32_t roll_next_character(const char **text)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *const b = (const unsigned char *)*text;
    const uint32_t n = character_bytes(b[0]);
    uint32_t code = n > 1 ? b[0] & (0xFFu >> (n + 1)) : b[0];

    for (uint32_t i = 1; i < n; i++) {
        if ((b[i] & 0xC0) != 0x80) {
            *text += i;
            return '?';
        }
        code = code << 6 | (b[i] & 0x3F);
    }
    *text += n ? n : 1;
    const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    const bool is_none = n == 0 || code < least[n] || code > 0x10FFFF ||
                         (code >= 0xD800 && code < 0xE000) || (code & 0xFFFE) == 0xFFFE;
    return control || is_none ? '?' : code;
}

uint32_t roll_count_characters(const char *text)
{
    uint32_t n = 0;

    while (*text) {
        roll_next_character(&text);
        n++;
    }
    return n;
}

/* ---- what an event is called ----------------------------------------------------------------- */

struct name {
    char text[LABEL_BYTES]; /* row's label */
    char word[LABEL_BYTES]; /* rows that share it stand together */
    bool has_number;
    double number;
    const struct ph_value *shown[3]; /* controls that the label tells */
};

static bool is_number(const struct ph_value *v)
{
    return v->kind != PH_VALUE_WORD && v->kind != PH_VALUE_CHORD && v->kind != PH_VALUE_BOOL;
}

static double number_of(const struct ph_value *v)
{
    return v->kind == PH_VALUE_RATIO || v->kind == PH_VALUE_INT ? ph_ratio_to_double(v->ratio)
                                                                : v->number;
}

/* Semitones from c5, which TidalCycles counts from. */
static void pitch_label(const struct ph_value *v, char *text, size_t size)
{
    const struct ph_value note = { .kind = PH_VALUE_NOTE, .number = number_of(v) + 72 };

    query_value_label(&note, text, size);
}

static void set_number(struct name *name, const struct ph_value *v)
{
    if (!is_number(v) || name->has_number)
        return;
    name->has_number = true;
    name->number = number_of(v);
}

static void name_plain(const struct ph_value *v, bool is_pitch, struct name *name)
{
    if (is_pitch && v->kind == PH_VALUE_NUMBER)
        pitch_label(v, name->text, sizeof name->text);
    else
        query_value_label(v, name->text, sizeof name->text);
    if (!is_number(v))
        snprintf(name->word, sizeof name->word, "%s", name->text);
    set_number(name, v);
}

static void add_text(char *text, size_t size, const char *prefix, const char *more)
{
    const size_t length = strlen(text);

    snprintf(text + length, size - length, "%s%s", prefix, more);
}

static void add_value(char *text, size_t size, const char *prefix, const struct ph_value *v)
{
    char label[LABEL_BYTES];

    query_value_label(v, label, sizeof label);
    add_text(text, size, prefix, label);
}

/** "bd", "bd:3", "superpiano e5", "n 4", or whatever the first control is. */
static void name_controls(const struct pat_value *value, bool is_pitch, struct name *name)
{
    const struct ph_value *const s = pat_control(value, "s"), *const n = pat_control(value, "n");
    const struct ph_value *const note = pat_control(value, "note");

    memcpy(name->shown, (const struct ph_value *[]){ s, note, n }, sizeof name->shown);
    if (s) {
        query_value_label(s, name->text, sizeof name->text);
        snprintf(name->word, sizeof name->word, "%s", name->text);
    }
    if (note) {
        char pitch[LABEL_BYTES];
        if (is_pitch && is_number(note))
            pitch_label(note, pitch, sizeof pitch);
        else
            query_value_label(note, pitch, sizeof pitch);
        add_text(name->text, sizeof name->text, s ? " " : "", pitch);
        set_number(name, note);
    }
    if (n) {
        add_value(name->text, sizeof name->text, s && !note ? ":" : s || note ? " n " : "n ", n);
        set_number(name, n);
    }
    if (!s && !note && !n && value->n_controls > 0) {
        const struct pat_control *const first = &value->controls[0];
        snprintf(name->word, sizeof name->word, "%s", first->key);
        snprintf(name->text, sizeof name->text, "%s", first->key);
        add_value(name->text, sizeof name->text, " ", &first->value);
        set_number(name, &first->value);
        name->shown[0] = &first->value;
    }
}

static struct name name_of(const struct pat_value *value, bool is_pitch)
{
    struct name name = { .text = "" };

    if (value->is_controls)
        name_controls(value, is_pitch, &name);
    else
        name_plain(&value->plain, is_pitch, &name);
    return name;
}

/** The label and behind it the controls that it does not tell. */
static const char *event_label(struct roll *roll, const struct pat_value *value,
                               const struct name *name)
{
    char text[EXACT_BYTES];

    snprintf(text, sizeof text, "%s", name->text);
    for (uint32_t i = 0; value->is_controls && i < value->n_controls; i++) {
        const struct ph_value *const v = &value->controls[i].value;
        if (v == name->shown[0] || v == name->shown[1] || v == name->shown[2])
            continue;
        add_text(text, sizeof text, " ", value->controls[i].key);
        add_value(text, sizeof text, " ", v);
    }
    return arena_text(roll->arena, text, strlen(text));
}

static const char *exact_label(struct roll *roll, const struct pat_hap *h)
{
    char text[EXACT_BYTES], begin[48], end[48], value[EXACT_BYTES - 100];

    ph_ratio_format(h->has_whole ? h->whole_begin : h->part_begin, begin, sizeof begin);
    ph_ratio_format(h->has_whole ? h->whole_end : h->part_end, end, sizeof end);
    query_event_label(h->value, value, sizeof value);
    snprintf(text, sizeof text, "%s - %s  %s", begin, end, value);
    return arena_text(roll->arena, text, strlen(text));
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* The same word gets the same number, so that its rows can stand together. */
static uint32_t word_number(struct roll *roll, const char **words, const char *word)
{
    uint32_t i = 0;

    while (i < roll->n_rows && strcmp(words[i], word) != 0)
        i++;
    return i < roll->n_rows ? roll->rows[i].name : roll->n_rows;
}

/** Number of the event's row, a new one where it is the first; ROLL_ROWS_MAX: too many of them. */
static uint32_t find_row(struct roll *roll, const char **words, const struct name *name)
{
    for (uint32_t i = 0; i < roll->n_rows; i++)
        if (strcmp(roll->rows[i].label, name->text) == 0)
            return i;
    if (roll->n_rows == ROLL_ROWS_MAX)
        return ROLL_ROWS_MAX;
    struct roll_row *const row = &roll->rows[roll->n_rows];
    *row = (struct roll_row){ .label = arena_text(roll->arena, name->text, strlen(name->text)),
                              .name = word_number(roll, words, name->word),
                              .has_number = name->has_number,
                              .number = name->number };
    words[roll->n_rows] = arena_text(roll->arena, name->word, strlen(name->word));
    return roll->n_rows++;
}

static int compare_rows(const void *a, const void *b)
{
    const struct roll_row *const x = a, *const y = b;

    if (x->name != y->name)
        return x->name < y->name ? -1 : 1;
    if (x->has_number != y->has_number)
        return x->has_number ? 1 : -1;
    if (x->has_number && x->number != y->number)
        return x->number > y->number ? -1 : 1;
    return strcmp(x->label, y->label);
}

/* `lane` holds where a row was before; it is given out anew afterwards. */
static void sort_rows(struct roll *roll)
{
    uint32_t place[ROLL_ROWS_MAX];

    for (uint32_t i = 0; i < roll->n_rows; i++)
        roll->rows[i].n_lanes = i;
    qsort(roll->rows, roll->n_rows, sizeof roll->rows[0], compare_rows);
    for (uint32_t i = 0; i < roll->n_rows; i++)
        place[roll->rows[i].n_lanes] = i;
    for (uint32_t i = 0; i < roll->n_events; i++)
        roll->events[i].row = place[roll->events[i].row];
}

static int compare_events(const void *a, const void *b)
{
    const struct roll_event *const x = a, *const y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return x->end < y->end ? 1 : x->end > y->end ? -1 : strcmp(x->exact, y->exact);
}

/** Each event goes to the first lane of its row that is free again. */
static void assign_lanes(struct roll *roll)
{
    double ends[ROLL_ROWS_MAX][ROLL_LANES_MAX] = { { 0 } };

    if (roll->n_events > 0)
        qsort(roll->events, roll->n_events, sizeof roll->events[0], compare_events);
    for (uint32_t i = 0; i < roll->n_rows; i++)
        roll->rows[i].n_lanes = 1;
    for (uint32_t i = 0; i < roll->n_events; i++) {
        struct roll_event *const e = &roll->events[i];
        struct roll_row *const row = &roll->rows[e->row];
        while (e->lane + 1 < ROLL_LANES_MAX && ends[e->row][e->lane] > e->begin)
            e->lane++;
        ends[e->row][e->lane] = e->end;
        row->n_lanes = row->n_lanes > e->lane ? row->n_lanes : e->lane + 1;
    }
}

/* ---- events ---------------------------------------------------------------------------------- */

struct gathering {
    struct roll *roll;
    struct pat *pat;
    bool is_pitch, has_curves;
    const char *words[ROLL_ROWS_MAX];
};

static bool is_curve(const struct pat_hap *h)
{
    return !h->has_whole && !h->value->is_controls && is_number(&h->value->plain);
}

/* Cycles since the first of the roll. */
static double place(const struct roll *roll, struct ph_ratio time)
{
    bool overflow = false;

    return ph_ratio_to_double(ph_ratio_sub(time, ph_ratio_of(roll->first_cycle), &overflow));
}

static ph_status add_event(struct gathering *g, const struct pat_hap *h)
{
    struct roll *const roll = g->roll;
    const struct name name = name_of(h->value, g->is_pitch);
    const uint32_t row = find_row(roll, g->words, &name);

    if (row == ROLL_ROWS_MAX) {
        roll->n_hidden++;
        return PH_OK;
    }
    if (roll->n_events == ROLL_EVENTS_MAX)
        return PH_TOO_LARGE;
    if (roll->n_events == roll->space) {
        roll->space = roll->space ? 2 * roll->space : 64;
        struct roll_event *const larger =
            realloc(roll->events, roll->space * sizeof *roll->events);
        if (!larger)
            return PH_NO_MEMORY;
        roll->events = larger;
    }
    roll->events[roll->n_events++] =
        (struct roll_event){ .row = row,
                             .begin = place(roll, h->has_whole ? h->whole_begin : h->part_begin),
                             .end = place(roll, h->has_whole ? h->whole_end : h->part_end),
                             .has_onset = pat_has_onset(h),
                             .is_continuous = !h->has_whole,
                             .label = event_label(roll, h->value, &name),
                             .exact = exact_label(roll, h) };
    return PH_OK;
}

/* Later pieces of an event belong to its bar; only what began before the roll has none yet. */
static bool is_bar(const struct roll *roll, const struct pat_hap *h)
{
    const struct ph_ratio begin = ph_ratio_of(roll->first_cycle);

    return !h->has_whole || pat_has_onset(h) ||
           (ph_ratio_cmp(h->part_begin, begin) == 0 && ph_ratio_cmp(h->whole_begin, begin) < 0);
}

static uint32_t common_steps(uint32_t steps, int64_t den)
{
    if (steps == 0 || den > STEPS_MAX)
        return 0;
    uint32_t a = steps, b = (uint32_t)den;
    while (b != 0) {
        const uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    steps = steps / a * (uint32_t)den;
    return steps > STEPS_MAX ? 0 : steps;
}

static ph_status gather_cycle(struct gathering *g, long cycle)
{
    const struct pat_hap *haps;
    uint32_t n;
    ph_status status =
        pat_query(g->pat, ph_ratio_of(cycle), ph_ratio_of(cycle + 1), NULL, &haps, &n);

    for (uint32_t i = 0; status == PH_OK && i < n; i++) {
        if (is_curve(&haps[i])) {
            g->has_curves = true;
        } else if (is_bar(g->roll, &haps[i])) {
            if (pat_has_onset(&haps[i]))
                g->roll->n_steps = common_steps(g->roll->n_steps, haps[i].whole_begin.den);
            status = add_event(g, &haps[i]);
        }
    }
    return status;
}

/* ---- curves ---------------------------------------------------------------------------------- */

static void add_sample(struct roll *roll, uint32_t k, uint32_t at, double value)
{
    const uint32_t n = roll->n_cycles * ROLL_SAMPLES;
    struct roll_curve *const curve = &roll->curves[k];

    if (!isfinite(value))
        return;
    if (k == roll->n_curves) {
        roll->n_curves++;
        *curve = (struct roll_curve){ arena_alloc(roll->arena, n * sizeof *curve->values), value,
                                      value };
        for (uint32_t i = 0; i < n; i++)
            curve->values[i] = NAN;
    }
    curve->values[at] = value;
    curve->low = value < curve->low ? value : curve->low;
    curve->high = value > curve->high ? value : curve->high;
}

/* A signal answers a query with one value, so each sample takes a query. */
static ph_status gather_curves(struct gathering *g, long *cycle)
{
    struct roll *const roll = g->roll;

    for (uint32_t i = 0; i < roll->n_cycles * ROLL_SAMPLES; i++) {
        const int64_t at = (int64_t)roll->first_cycle * ROLL_SAMPLES + i;
        const struct pat_hap *haps;
        uint32_t n, k = 0;
        bool overflow = false;
        *cycle = roll->first_cycle + (long)(i / ROLL_SAMPLES);
        const ph_status status =
            pat_query(g->pat, ph_ratio_make(at, ROLL_SAMPLES, &overflow),
                      ph_ratio_make(at + 1, ROLL_SAMPLES, &overflow), NULL, &haps, &n);
        if (status != PH_OK)
            return status;
        for (uint32_t j = 0; j < n && k < ROLL_CURVES_MAX; j++)
            if (is_curve(&haps[j]) && k <= roll->n_curves)
                add_sample(roll, k++, i, number_of(&haps[j].value->plain));
    }
    return PH_OK;
}

/* ---- the roll -------------------------------------------------------------------------------- */

ph_status roll_init(struct roll *out, struct pat *pat, long first_cycle, long n_cycles,
                    bool notes_are_pitches, long *failed_cycle)
{
    struct gathering g = { .roll = out, .pat = pat, .is_pitch = notes_are_pitches };
    ph_status status = PH_OK;

    *out = (struct roll){ .arena = arena_new(), .first_cycle = first_cycle,
                          .n_cycles = (uint32_t)n_cycles, .n_steps = 1 };
    out->rows = arena_alloc(out->arena, ROLL_ROWS_MAX * sizeof *out->rows);
    for (long c = first_cycle; status == PH_OK && c < first_cycle + n_cycles; c++) {
        *failed_cycle = c;
        status = gather_cycle(&g, c);
    }
    if (status == PH_OK && g.has_curves)
        status = gather_curves(&g, failed_cycle);
    if (status != PH_OK)
        return status;
    sort_rows(out);
    assign_lanes(out);
    return PH_OK;
}

void roll_finish(struct roll *roll)
{
    free(roll->events);
    arena_free(roll->arena);
    *roll = (struct roll){ 0 };
}
