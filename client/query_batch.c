/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/query_batch.c - phonon-query --batch: a line in, a line of JSON out.                    */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/query.h"
#include "client/tidal/tidal.h"

enum {
    LINE_BYTES_MAX = SOURCE_BYTES_MAX, /* a longer one is answered with an error, not kept */
    FIELDS_MAX = 5,
    MESSAGE_BYTES = 1024
};

/* ---- lines ----------------------------------------------------------------------------------- */

struct line {
    char *text; /* NUL-terminated, without its newline */
    size_t length, space;
    uint32_t number; /* 1 is the first */
    bool too_long;
};

static bool append(struct line *line, char c)
{
    if (line->length + 1 >= line->space) {
        char *const larger = realloc(line->text, line->space * 2);
        if (!larger)
            return false;
        line->text = larger;
        line->space *= 2;
    }
    line->text[line->length++] = c;
    return true;
}

/** The next line, the last one with or without its newline. False at the end of `from`. */
static bool read_line(struct line *line, FILE *from)
{
    int c = getc_unlocked(from);

    if (c == EOF)
        return false;
    line->length = 0;
    line->too_long = false;
    line->number++;
    for (; c != EOF && c != '\n'; c = getc_unlocked(from))
        line->too_long = line->too_long || line->length >= LINE_BYTES_MAX || !append(line, (char)c);
    if (line->length > 0 && line->text[line->length - 1] == '\r')
        line->length--;
    line->text[line->length] = 0;
    return true;
}

/* ---- requests -------------------------------------------------------------------------------- */

struct field {
    const char *text; /* ends at a tab or at the end of the line */
    size_t length;
};

struct request {
    struct source source;
    struct query_dialect dialect;
    bool is_span;               /* begin and end, instead of cycles */
    long n_cycles;
    struct ph_ratio begin, end;
};

/** What is wrong with a line, and where in it. */
struct complaint {
    const char *kind; /* "parse", "runtime" */
    uint32_t line, column;
    char text[MESSAGE_BYTES];
};

static bool complain(struct complaint *wrong, uint32_t line, size_t column, const char *text)
{
    wrong->kind = "parse";
    wrong->line = line;
    wrong->column = (uint32_t)column;
    snprintf(wrong->text, sizeof wrong->text, "%s", text);
    return false;
}

static uint32_t split(const struct line *line, struct field fields[FIELDS_MAX])
{
    const char *at = line->text;
    uint32_t n = 0;

    for (; n < FIELDS_MAX; n++) {
        const size_t left = line->length - (size_t)(at - line->text);
        const char *const tab = memchr(at, '\t', left);
        fields[n] = (struct field){ at, tab ? (size_t)(tab - at) : left };
        if (!tab)
            return n + 1;
        at = tab + 1;
    }
    return FIELDS_MAX + 1;
}

static bool parse_whole(const char **text, int64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoll(*text, &end, 10);
    const bool good = errno == 0 && end != *text;
    *text = end;
    return good;
}

/** "3", "-3/4"; no blanks, denominators from 1. */
static bool parse_time(struct field field, struct ph_ratio *out)
{
    const char *at = field.text;
    int64_t num, den = 1;
    bool overflow = false;

    if (!parse_whole(&at, &num))
        return false;
    if (*at == '/' && (at++, !parse_whole(&at, &den) || den < 1))
        return false;
    *out = ph_ratio_make(num, den, &overflow);
    return at == field.text + field.length && !overflow;
}

static bool parse_cycles(struct field field, long *out)
{
    const char *at = field.text;
    int64_t n;

    if (!parse_whole(&at, &n) || at != field.text + field.length || n < 1 || n > QUERY_CYCLES_MAX)
        return false;
    *out = (long)n;
    return true;
}

static bool parse_fields(const struct line *line, const struct field *fields, uint32_t n,
                         struct request *r, struct complaint *wrong)
{
    const uint32_t number = line->number;

    r->is_span = n == FIELDS_MAX;
    if (!r->is_span && !parse_cycles(fields[0], &r->n_cycles))
        return complain(wrong, number, 1, "the line begins with a number of cycles, 1 to 10000");
    if (n > 2 && fields[2].length > 0)
        r->dialect.type = query_type(fields[2].text, fields[2].length);
    if (n > 2 && fields[2].length > 0 && r->dialect.type == QUERY_TYPE_ANY)
        return complain(wrong, number, (size_t)(fields[2].text - line->text) + 1,
                        "unknown type: it is string, note, double, int, rational, bool, char or "
                        "controls");
    for (uint32_t i = 3; r->is_span && i < FIELDS_MAX; i++)
        if (!parse_time(fields[i], i == 3 ? &r->begin : &r->end))
            return complain(wrong, number, (size_t)(fields[i].text - line->text) + 1,
                            "a time is a whole number or n/d");
    r->source = (struct source){ .name = "query",
                                 .text = strndup(fields[1].text, fields[1].length),
                                 .length = (uint32_t)fields[1].length,
                                 .first_line = number };
    return r->source.text || complain(wrong, number, 1, ph_status_text(PH_NO_MEMORY));
}

static bool parse_request(const struct line *line, bool tidal, struct request *r,
                          struct complaint *wrong)
{
    struct field fields[FIELDS_MAX];
    const char *const nul = memchr(line->text, 0, line->length);

    *r = (struct request){ .dialect = { tidal, QUERY_TYPE_ANY } };
    if (line->too_long)
        return complain(wrong, line->number, 1, "the line is too long");
    if (nul)
        return complain(wrong, line->number, (size_t)(nul - line->text) + 1, "a NUL byte");
    const uint32_t n = split(line, fields);
    if (n == 2 || n == 3 || n == FIELDS_MAX)
        return parse_fields(line, fields, n, r, wrong);
    return complain(wrong, line->number, 1,
                    "a line is cycles, expression, and perhaps type, and perhaps begin and end, "
                    "with tabs between");
}

/* ---- answers --------------------------------------------------------------------------------- */

/** Position and text of the first error. */
static bool complain_of(const struct diag *diag, struct complaint *wrong)
{
    const struct diag_message *first = NULL;
    uint32_t line, column;

    for (uint32_t i = 0; i < diag->n_messages; i++) {
        const struct diag_message *const m = &diag->messages[i];
        if (m->class == DIAG_ERROR && (!first || m->offset < first->offset))
            first = m;
    }
    source_position(diag->source, first ? first->offset : 0, &line, &column);
    return complain(wrong, line, column, first && first->text ? first->text : "does not compile");
}

static bool complain_of_query(ph_status status, struct ph_ratio begin, struct complaint *wrong)
{
    wrong->kind = "runtime";
    snprintf(wrong->text, sizeof wrong->text, "at cycle %g: %s", ph_ratio_to_double(begin),
             ph_status_text(status));
    return false;
}

static bool answer_span(struct pat *pat, struct ph_ratio begin, struct ph_ratio end, bool rational,
                        FILE *to, uint64_t *n_rows, struct complaint *wrong)
{
    enum { ROWS_MAX = 1 << 20 }; /* of one answer: it is kept until it is whole */
    const struct pat_hap *haps;
    uint32_t n;
    ph_status status = pat_query(pat, begin, end, NULL, &haps, &n);

    if (status == PH_OK && *n_rows + n > ROWS_MAX)
        status = PH_BUDGET;
    if (status != PH_OK)
        return complain_of_query(status, begin, wrong);
    for (uint32_t i = 0; i < n; i++) {
        if ((*n_rows)++ > 0)
            fputc(',', to);
        query_print_row(&haps[i], rational, to);
    }
    return true;
}

static bool answer_pattern(struct pat *pat, const struct request *r, FILE *to,
                           struct complaint *wrong)
{
    const bool rational = r->dialect.type == TIDAL_RATIONAL;
    uint64_t n_rows = 0;
    bool good = true;

    fputc('[', to);
    if (r->is_span)
        good = answer_span(pat, r->begin, r->end, rational, to, &n_rows, wrong);
    for (long c = 0; good && c < r->n_cycles; c++)
        good = answer_span(pat, ph_ratio_of(c), ph_ratio_of(c + 1), rational, to, &n_rows, wrong);
    fputc(']', to);
    return good;
}

static bool answer(const struct line *line, bool tidal, FILE *to, struct complaint *wrong)
{
    struct query_pattern pattern = { 0 };
    struct request r;
    bool good = parse_request(line, tidal, &r, wrong);

    if (good) {
        good = query_pattern_init(&pattern, &r.source, &r.dialect) ||
               complain_of(&pattern.diag, wrong);
        good = good && answer_pattern(pattern.pat, &r, to, wrong);
        query_pattern_finish(&pattern);
    }
    free((char *)r.source.text);
    return good;
}

static void print_complaint(const struct complaint *wrong, FILE *to)
{
    char text[MESSAGE_BYTES + 64];

    if (strcmp(wrong->kind, "parse") == 0)
        snprintf(text, sizeof text, "query:%u:%u: %s", wrong->line, wrong->column, wrong->text);
    else
        snprintf(text, sizeof text, "%s", wrong->text);
    fprintf(to, "{\"error\":\"%s\",\"message\":", wrong->kind);
    query_print_json_string(text, to);
    fputc('}', to);
}

/* An answer is made whole before it is written, because its last cycle may fail. */
static void answer_line(const struct line *line, bool tidal, FILE *to)
{
    struct complaint wrong = { 0 };
    char *text = NULL;
    size_t size = 0;
    FILE *const made = open_memstream(&text, &size);
    bool good = made && answer(line, tidal, made, &wrong);

    if (!made || fclose(made) != 0) {
        good = false;
        complain_of_query(PH_NO_MEMORY, ph_ratio_of(0), &wrong);
    }
    if (good)
        fwrite(text, 1, size, to);
    else
        print_complaint(&wrong, to);
    fputc('\n', to);
    fflush(to);
    free(text);
}

void query_batch(FILE *from, FILE *to, bool tidal)
{
    enum { SPACE = 4096 };
    struct line line = { .text = malloc(SPACE), .space = SPACE };

    while (line.text && read_line(&line, from))
        answer_line(&line, tidal, to);
    free(line.text);
}
