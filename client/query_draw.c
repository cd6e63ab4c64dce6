/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/query_draw.c - a roll as lines of text: ASCII, or box characters and colours.           */
#include <math.h>
#include <string.h>

#include "client/ast.h"
#include "client/query_roll.h"

enum {
    LABEL_COLUMNS_MAX = 24,
    CYCLE_COLUMNS_MIN = 24, /* where more than one cycle stands in a line */
    LEVELS = 8
};

/* ---- cells ----------------------------------------------------------------------------------- */

enum style { STYLE_PLAIN, STYLE_FAINT, STYLE_CURVE, STYLE_BAR, STYLE_COUNT = STYLE_BAR + 6 };

struct cell {
    uint32_t code;
    enum style style;
};

/** One system of the roll: some cycles, and the line that is being made of them. */
struct page {
    const struct roll *roll;
    FILE *to;
    bool ascii;
    uint32_t label_columns, cycle_columns;
    uint32_t first, n_cycles; /* of the roll */
    uint32_t n_cells;         /* one more than the cycles take: the closing line */
    struct cell *cells;
    uint32_t n_events;
    const struct roll_event **events; /* those of this page */
};

static void put_character(uint32_t code, FILE *to)
{
    if (code < 0x80) {
        fputc((int)code, to);
        return;
    }
    if (code < 0x800) {
        fputc((int)(0xC0 | code >> 6), to);
    } else {
        if (code < 0x10000) {
            fputc((int)(0xE0 | code >> 12), to);
        } else {
            fputc((int)(0xF0 | code >> 18), to);
            fputc((int)(0x80 | (code >> 12 & 0x3F)), to);
        }
        fputc((int)(0x80 | (code >> 6 & 0x3F)), to);
    }
    fputc((int)(0x80 | (code & 0x3F)), to);
}

static void put_style(enum style style, FILE *to)
{
    static const char *const codes[STYLE_COUNT] = { "\033[0m",     "\033[0;2m",  "\033[0;36m",
                                                    "\033[30;42m", "\033[30;46m", "\033[30;43m",
                                                    "\033[30;45m", "\033[30;47m", "\033[30;41m" };
    fputs(codes[style], to);
}

static void put_cells(const struct page *p)
{
    enum style style = STYLE_PLAIN;
    uint32_t n = p->n_cells;

    while (n > 0 && p->cells[n - 1].code == ' ' && p->cells[n - 1].style < STYLE_BAR)
        n--;
    for (uint32_t i = 0; i < n; i++) {
        if (!p->ascii && p->cells[i].style != style)
            put_style(style = p->cells[i].style, p->to);
        put_character(p->cells[i].code, p->to);
    }
    if (style != STYLE_PLAIN)
        put_style(STYLE_PLAIN, p->to);
    fputc('\n', p->to);
}

/** A label on the left, cut to its columns; in ASCII without what is not. */
static void put_label(const struct page *p, const char *label)
{
    uint32_t n = 0;

    for (; *label && n < p->label_columns; n++) {
        const uint32_t code = roll_next_character(&label);
        put_character(p->ascii && code >= 0x80 ? '?' : code, p->to);
    }
    for (; n <= p->label_columns; n++)
        fputc(' ', p->to);
}

/* ---- the grid -------------------------------------------------------------------------------- */

/** Columns of a beat: the cycle in 4, else in 3, 5 or 2 equal parts; 0: it can't be divided. */
static uint32_t beat_columns(const struct page *p)
{
    static const uint32_t beats[] = { 4, 3, 5, 2 };

    for (uint32_t i = 0; i < sizeof beats / sizeof beats[0]; i++)
        if (p->cycle_columns % beats[i] == 0 && p->cycle_columns > beats[i])
            return p->cycle_columns / beats[i];
    return 0;
}

static void clear(struct page *p)
{
    const uint32_t beat = beat_columns(p);

    for (uint32_t i = 0; i < p->n_cells; i++) {
        const bool is_cycle = i % p->cycle_columns == 0;
        const bool is_beat = beat > 0 && i % p->cycle_columns % beat == 0;
        p->cells[i] = (struct cell){ is_cycle  ? (p->ascii ? '|' : 0x2502)
                                     : is_beat ? (p->ascii ? '.' : 0x250A)
                                               : ' ',
                                     STYLE_FAINT };
    }
}

static void put_ruler(struct page *p)
{
    char number[24];

    clear(p);
    for (uint32_t i = 0; i < p->n_cells; i++)
        if (p->cells[i].code != ' ')
            p->cells[i].code = p->ascii ? '.' : 0x00B7;
    for (uint32_t c = 0; c <= p->n_cycles; c++) {
        const uint32_t at = c * p->cycle_columns;
        snprintf(number, sizeof number, "%ld", p->roll->first_cycle + (long)(p->first + c));
        for (uint32_t i = 0; number[i] && at + i < p->n_cells; i++)
            p->cells[at + i] = (struct cell){ (unsigned char)number[i], STYLE_PLAIN };
    }
    put_label(p, "");
    put_cells(p);
}

/* ---- bars ------------------------------------------------------------------------------------ */

/* Column of a time; what rounding left short of a column belongs to it. */
static uint32_t column_of(const struct page *p, double time)
{
    const double at = floor((time - p->first) * p->cycle_columns + 1e-6);

    return at < 0 ? 0 : at > p->n_cells - 1 ? p->n_cells - 1 : (uint32_t)at;
}

static bool is_on_page(const struct page *p, const struct roll_event *e)
{
    const bool begins = e->begin >= p->first && e->begin < p->first + p->n_cycles;

    return begins || (e->begin < p->first && e->end > p->first);
}

static void write_label(struct page *p, const char *label, uint32_t from, uint32_t to)
{
    while (*label && from < to) {
        const uint32_t code = roll_next_character(&label);
        p->cells[from++].code = p->ascii && code >= 0x80 ? '?' : code;
    }
}

static void draw_event(struct page *p, const struct roll_event *e)
{
    const bool begins = e->has_onset && e->begin >= p->first;
    const bool ends = e->end <= p->first + p->n_cycles;
    const uint32_t from = column_of(p, e->begin);
    uint32_t to = column_of(p, e->end);
    to = to > from ? to : from + 1;
    const uint32_t last = to - 1;

    for (uint32_t i = from; i < to; i++)
        p->cells[i] = (struct cell){ !p->ascii ? ' ' : e->is_continuous ? '~' : '-',
                                     (enum style)(STYLE_BAR + e->row % (STYLE_COUNT - STYLE_BAR)) };
    if (p->ascii && last == from)
        p->cells[from].code = e->is_continuous ? '~' : begins ? '#' : '-';
    if (p->ascii && last > from && !e->is_continuous) {
        p->cells[from].code = begins ? '[' : '<';
        p->cells[last].code = ends ? ']' : '>';
    }
    if (!p->ascii && begins)
        p->cells[from].code = 0x258C;
    if (!p->ascii && !ends && last > from)
        p->cells[last].code = 0x203A;
    write_label(p, e->label, from + 1, p->ascii || !ends ? last : to);
}

static bool draw_lane(struct page *p, uint32_t row, uint32_t lane)
{
    bool any = false;

    clear(p);
    for (uint32_t i = 0; i < p->n_events; i++) {
        if (p->events[i]->row == row && p->events[i]->lane == lane) {
            draw_event(p, p->events[i]);
            any = true;
        }
    }
    return any;
}

static void put_row(struct page *p, uint32_t row)
{
    const struct roll_row *const r = &p->roll->rows[row];
    bool is_first = true;

    for (uint32_t lane = 0; lane < r->n_lanes; lane++) {
        if (!draw_lane(p, row, lane))
            continue;
        put_label(p, is_first ? r->label : "");
        put_cells(p);
        is_first = false;
    }
}

/* ---- curves ---------------------------------------------------------------------------------- */

static void curve_label(const struct roll_curve *curve, char *text, size_t size)
{
    snprintf(text, size, "%.3g..%.3g", curve->low, curve->high);
}

/* The value in the middle of a column. */
static double curve_at(const struct page *p, const struct roll_curve *curve, uint32_t column)
{
    const double time = p->first + (column + 0.5) / p->cycle_columns;

    return curve->values[(uint32_t)(time * ROLL_SAMPLES)];
}

static void put_curve(struct page *p, const struct roll_curve *curve)
{
    static const char levels[LEVELS + 1] = "_.-~=+*#";
    const double span = curve->high - curve->low;
    char label[LABEL_COLUMNS_MAX + 1];

    clear(p);
    for (uint32_t i = 0; i + 1 < p->n_cells; i++) {
        const double value = curve_at(p, curve, i);
        if (isnan(value))
            continue;
        const double share = span > 0 ? (value - curve->low) / span : 0;
        const uint32_t level = (uint32_t)(share * (LEVELS - 1) + 0.5);
        p->cells[i] = (struct cell){ p->ascii ? (unsigned char)levels[level] : 0x2581 + level,
                                     STYLE_CURVE };
    }
    curve_label(curve, label, sizeof label);
    put_label(p, label);
    put_cells(p);
}

/* ---- pages ----------------------------------------------------------------------------------- */

static uint32_t widest_label(const struct roll *roll)
{
    uint32_t widest = 1;

    for (uint32_t i = 0; i < roll->n_rows; i++) {
        const uint32_t n = roll_count_characters(roll->rows[i].label);
        widest = n > widest ? n : widest;
    }
    for (uint32_t i = 0; i < roll->n_curves; i++) {
        char label[LABEL_COLUMNS_MAX + 1];
        curve_label(&roll->curves[i], label, sizeof label);
        widest = strlen(label) > widest ? (uint32_t)strlen(label) : widest;
    }
    return widest < LABEL_COLUMNS_MAX ? widest : LABEL_COLUMNS_MAX;
}

/* Where onsets share a grid, a column is a whole part of it: equal lengths look equal. */
static void choose_columns(struct page *p, uint32_t columns)
{
    const uint32_t space = columns > p->label_columns + 2 + CYCLE_COLUMNS_MIN
                               ? columns - p->label_columns - 2
                               : CYCLE_COLUMNS_MIN;
    const uint32_t steps = p->roll->n_steps;
    uint32_t least = steps > CYCLE_COLUMNS_MIN ? steps : CYCLE_COLUMNS_MIN;

    least = least < space ? least : space;
    const uint32_t n_pages = (p->roll->n_cycles - 1) / (space / least) + 1;
    p->n_cycles = (p->roll->n_cycles - 1) / n_pages + 1; /* pages of equal length */
    p->cycle_columns = space / p->n_cycles;
    /* A grid of three or five in a wide cycle still leaves room for beats. */
    const bool has_beats = steps % 4 != 0 && steps * 4 <= p->cycle_columns;
    const uint32_t grid = has_beats ? steps * 4 : steps;
    if (grid > 0 && grid <= p->cycle_columns)
        p->cycle_columns -= p->cycle_columns % grid;
    p->n_cells = p->n_cycles * p->cycle_columns + 1;
}

static void put_page(struct page *p)
{
    p->n_events = 0;
    for (uint32_t i = 0; i < p->roll->n_events; i++)
        if (is_on_page(p, &p->roll->events[i]))
            p->events[p->n_events++] = &p->roll->events[i];
    put_ruler(p);
    for (uint32_t i = 0; i < p->roll->n_rows; i++)
        put_row(p, i);
    for (uint32_t i = 0; i < p->roll->n_curves; i++)
        put_curve(p, &p->roll->curves[i]);
}

static void put_pages(struct page *p)
{
    const struct roll *const roll = p->roll;
    const uint32_t per_page = p->n_cycles;

    for (p->first = 0; p->first < roll->n_cycles; p->first += per_page) {
        p->n_cycles = roll->n_cycles - p->first < per_page ? roll->n_cycles - p->first : per_page;
        p->n_cells = p->n_cycles * p->cycle_columns + 1;
        if (p->first > 0)
            fputc('\n', p->to);
        put_page(p);
    }
}

void roll_draw(const struct roll *roll, uint32_t columns, bool ascii, FILE *to)
{
    struct page p = { .roll = roll, .to = to, .ascii = ascii,
                      .label_columns = widest_label(roll) };

    choose_columns(&p, columns);
    p.cells = arena_alloc(roll->arena, p.n_cells * sizeof *p.cells);
    p.events = arena_alloc(roll->arena, (roll->n_events + 1) * sizeof *p.events);
    put_pages(&p);
    if (roll->n_hidden > 0)
        fprintf(to, "and %u more events of other values\n", roll->n_hidden);
    if (roll->n_events + roll->n_curves + roll->n_hidden == 0)
        fputs("silence\n", to);
}
