/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/diag.c - collects messages about source text and prints them for editors and people.    */
#include "client/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/ast.h"

enum {
    TEXT_BYTES = 512,    /* of one message; longer ones are cut */
    EXCERPT_BYTES = 100, /* of a source line shown; longer lines show the part around the caret */
    NAME_BYTES = 64      /* names longer than this have no neighbours */
};

/* Continuation byte of UTF-8: no column of its own. */
static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

const struct source_piece *source_piece_at(const struct source *source, uint32_t offset)
{
    uint32_t low = 0, high = source->n_pieces;

    while (high - low > 1) {
        const uint32_t middle = (low + high) / 2;
        if (source->pieces[middle].offset <= offset)
            low = middle;
        else
            high = middle;
    }
    return high > 0 ? &source->pieces[low] : NULL;
}

void source_position(const struct source *source, uint32_t offset, uint32_t *line, uint32_t *column)
{
    const struct source_piece *const piece = source_piece_at(source, offset);
    const char *const begin = source->text + (piece ? piece->offset : 0), *at = begin;
    uint32_t row = piece ? piece->line : source->first_line ? source->first_line : 1;

    if (offset > source->length)
        offset = source->length;
    const char *const end = source->text + offset;
    for (;;) {
        const char *const newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline)
            break;
        at = newline + 1;
        row++;
    }
    *line = row;
    *column = 1;
    for (const char *c = at; c < end; c++)
        *column += !is_continuation(*c);
    if (piece && (at == begin || piece->is_shifted))
        *column += piece->column - 1;
}

void diag_init(struct diag *d, const struct source *source)
{
    *d = (struct diag){.source = source};
}

void diag_rewind(struct diag *d, uint32_t n_messages)
{
    while (d->n_messages > n_messages)
        free(d->messages[--d->n_messages].text);
}

void diag_forget(struct diag *d, uint32_t offset)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < d->n_messages; i++) {
        if (d->messages[i].offset < offset) {
            d->messages[kept++] = d->messages[i];
            continue;
        }
        d->n_errors -= d->messages[i].class == DIAG_ERROR;
        free(d->messages[i].text);
    }
    d->n_messages = kept;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void diag_lose(struct diag *d, struct arena *arena, const char *const *names, uint32_t n)
{
    const char **const all = arena_alloc(arena, ((size_t)d->n_lost + n + 1) * sizeof *all);

    if (d->n_lost > 0)
        memcpy(all, d->lost, d->n_lost * sizeof *all);
    if (n > 0)
        memcpy(all + d->n_lost, names, n * sizeof *all);
    d->lost = all;
    d->n_lost += n;
    qsort(all, d->n_lost, sizeof *all, by_name);
}

bool diag_is_lost(const struct diag *d, const char *name)
{
    char stem[NAME_BYTES + 1];
    const char *key = name;
    size_t length = strlen(name);

    if (d->n_lost == 0 || bsearch(&key, d->lost, d->n_lost, sizeof *d->lost, by_name))
        return d->n_lost > 0;
    while (length > 0 && name[length - 1] >= '0' && name[length - 1] <= '9')
        length--;
    if (length == 0 || length > NAME_BYTES)
        return false;
    memcpy(stem, name, length);
    stem[length] = '\0';
    key = stem;
    return bsearch(&key, d->lost, d->n_lost, sizeof *d->lost, by_name) != NULL;
}

void diag_finish(struct diag *d)
{
    if (!d)
        return;
    for (uint32_t i = 0; i < d->n_messages; i++)
        free(d->messages[i].text);
    free(d->messages);
    *d = (struct diag){.source = d->source};
}

/* An error must not be crowded out by notes: the last kept message that is none makes room. */
static struct diag_message *slot(struct diag *d, enum diag_class class)
{
    if (!d->messages)
        d->messages = calloc(DIAG_MAX, sizeof *d->messages);
    if (!d->messages)
        return NULL;
    if (d->n_messages < DIAG_MAX)
        return &d->messages[d->n_messages++];
    if (class != DIAG_ERROR)
        return NULL;
    for (uint32_t i = d->n_messages; i-- > 0;) {
        if (d->messages[i].class != DIAG_ERROR) {
            free(d->messages[i].text);
            return &d->messages[i];
        }
    }
    return NULL;
}

/* An expression that stands for several, as a loop's body does, has its error once. */
static bool was_said(const struct diag *d, enum diag_class class, uint32_t offset, const char *text)
{
    for (uint32_t i = 0; i < d->n_messages; i++) {
        const struct diag_message *const m = &d->messages[i];
        if (m->class == class && m->offset == offset && m->text && strcmp(m->text, text) == 0)
            return true;
    }
    return false;
}

static void add(struct diag *d, enum diag_class class, uint32_t offset, const char *format,
                va_list arguments)
{
    char text[TEXT_BYTES];
    const bool full = d->n_messages >= DIAG_MAX;

    vsnprintf(text, sizeof text, format, arguments);
    if (was_said(d, class, offset, text))
        return;
    if (class == DIAG_ERROR)
        d->n_errors++;
    struct diag_message *const m = slot(d, class);
    if (!m || full)
        d->n_dropped++;
    if (!m)
        return;
    m->class = class;
    m->offset = d->source && offset > d->source->length ? d->source->length : offset;
    m->text = strdup(text);
}

void diag_error(struct diag *d, uint32_t offset, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(d, DIAG_ERROR, offset, format, arguments);
    va_end(arguments);
}

void diag_warning(struct diag *d, uint32_t offset, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(d, DIAG_WARNING, offset, format, arguments);
    va_end(arguments);
}

void diag_note(struct diag *d, uint32_t offset, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(d, DIAG_NOTE, offset, format, arguments);
    va_end(arguments);
}

static void print_bytes(FILE *stream, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)text[i];
        /* Control bytes could steer the terminal; tabs take one column, as in the language. */
        fputc(c == '\t' ? ' ' : c < 0x20 || c == 0x7F ? '?' : c, stream);
    }
}

static void print_excerpt(FILE *stream, const struct source *source, uint32_t offset)
{
    const char *const text = source->text;
    size_t begin = offset, end = offset;

    while (begin > 0 && text[begin - 1] != '\n' && offset - begin < EXCERPT_BYTES / 2)
        begin--;
    while (end < source->length && text[end] != '\n' && text[end] != '\r' &&
           end - begin < EXCERPT_BYTES)
        end++;
    while (begin < offset && is_continuation(text[begin]))
        begin++;
    while (end > offset && end < source->length && is_continuation(text[end]))
        end--;

    fputs("  ", stream);
    print_bytes(stream, text + begin, end - begin);
    fputs("\n  ", stream);
    for (size_t i = begin; i < offset; i++)
        if (!is_continuation(text[i]))
            fputc(' ', stream);
    fputs("^\n", stream);
}

static int by_position(const void *a, const void *b)
{
    const struct diag_message *const *const x = a, *const *const y = b;

    if ((*x)->offset != (*y)->offset)
        return (*x)->offset < (*y)->offset ? -1 : 1;
    return *x < *y ? -1 : *x > *y; /* as they came */
}

static void print_message(FILE *out, const struct source *source, const struct diag_message *m)
{
    static const char *const labels[] = {"note", "warning", "error"};
    const struct source_piece *const piece = source_piece_at(source, m->offset);
    const bool plays = piece && piece->plays;
    uint32_t line, column;

    if (plays && m->class != DIAG_ERROR)
        return;
    source_position(source, m->offset, &line, &column);
    fprintf(out, "%s:%u:%u: %s: %s%s\n", piece ? piece->name : source->name, line, column,
            labels[m->class], plays ? "in what plays already: " : "",
            m->text ? m->text : "(out of memory)");
    print_excerpt(out, source, m->offset);
}

void diag_print(const struct diag *d, void *stream)
{
    const struct diag_message *order[DIAG_MAX];
    FILE *const out = stream;

    for (uint32_t i = 0; i < d->n_messages; i++)
        order[i] = &d->messages[i];
    qsort(order, d->n_messages, sizeof order[0], by_position);
    for (uint32_t i = 0; i < d->n_messages; i++)
        print_message(out, d->source, order[i]);
    if (d->n_dropped > 0)
        fprintf(out, "%s: %u more message%s not shown\n", d->source->name, d->n_dropped,
                d->n_dropped == 1 ? "" : "s");
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* In quarters of an edit: of two names one edit away, that with swapped letters is nearer. */
enum { EDIT = 4, SWAP = 3, COST_MAX = 2 * EDIT };

/*
 * Edit distance with insertions, deletions, substitutions and swaps of neighbours, as
 * F. J. Damerau, "A technique for computer detection and correction of spelling errors" (1964);
 * three rows of the table are enough.
 */
static uint32_t distance(const char *a, size_t n, const char *b, size_t m)
{
    uint32_t rows[3][NAME_BYTES + 1];

    for (size_t j = 0; j <= m; j++)
        rows[0][j] = (uint32_t)j * EDIT;
    for (size_t i = 1; i <= n; i++) {
        uint32_t *const now = rows[i % 3];
        const uint32_t *const last = rows[(i + 2) % 3], *const before = rows[(i + 1) % 3];
        now[0] = (uint32_t)i * EDIT;
        for (size_t j = 1; j <= m; j++) {
            const uint32_t change = a[i - 1] == b[j - 1] ? 0 : EDIT;
            now[j] = least(least(last[j], now[j - 1]) + EDIT, last[j - 1] + change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + SWAP);
        }
    }
    return rows[n % 3][m];
}

const char *diag_nearest(const char *name, const char *const *names, uint32_t n_names)
{
    const size_t length = strlen(name);
    const char *best = NULL;
    uint32_t best_cost = COST_MAX + 1;

    if (length == 0 || length > NAME_BYTES)
        return NULL;
    for (uint32_t i = 0; i < n_names; i++) {
        const size_t other = strlen(names[i]);
        if (other > NAME_BYTES || other > length + 2 || length > other + 2)
            continue;
        const uint32_t cost = distance(name, length, names[i], other);
        /* Half of the letters must be right, or every short word would have a neighbour. */
        if (cost < best_cost && cost * 2 <= length * EDIT) {
            best = names[i];
            best_cost = cost;
        }
    }
    return best;
}
