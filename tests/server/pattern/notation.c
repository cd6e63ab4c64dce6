/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/pattern/notation.c - pattern code written as text, and events read as text.       */
#include "tests/server/pattern/notation.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 4096, TEXT_MAX = 1 << 16 };

struct reader {
    const char *at;
    struct ph_pattern_build build;
};

static _Noreturn void wrong(const struct reader *r, const char *what)
{
    fprintf(stderr, "notation: %s at \"%s\"\n", what, r->at);
    abort();
}

static void skip_blanks(struct reader *r)
{
    while (isspace((unsigned char)*r->at))
        r->at++;
}

static size_t word_length(const char *text)
{
    return strcspn(text, " \n()[]<>");
}

static bool read_ratio(const char *text, size_t length, struct ph_ratio *out)
{
    const char *const slash = memchr(text, '/', length);
    struct ph_ratio den = PH_RATIO(1, 1);
    bool overflow = false;

    if (!slash)
        return ph_ratio_parse(text, length, out) == PH_OK;
    if (ph_ratio_parse(text, (size_t)(slash - text), out) != PH_OK ||
        ph_ratio_parse(slash + 1, length - (size_t)(slash - text) - 1, &den) != PH_OK)
        return false;
    *out = ph_ratio_div(*out, den, &overflow);
    return !overflow;
}

static uint32_t read_constant(struct reader *r)
{
    const char *const text = r->at;
    const size_t length = word_length(text);
    struct ph_ratio ratio;

    if (length == 0)
        wrong(r, "constant expected");
    r->at += length;
    if (text[0] == '#')
        return ph_pattern_const_bool(&r->build, text[1] == 't');
    if (text[0] == '%')
        return ph_pattern_const_int(&r->build, atoll(text + 1));
    if (text[0] == '$')
        return ph_pattern_const_number(&r->build, atof(text + 1));
    if (text[0] == '@')
        return ph_pattern_const_note(&r->build, atof(text + 1));
    if (read_ratio(text, length, &ratio))
        return ph_pattern_const_ratio(&r->build, ratio);
    return ph_pattern_const_word(&r->build, text, length);
}

static uint32_t read_expression(struct reader *r);

/** Arguments up to `close`, or up to a colon. */
static uint32_t read_list(struct reader *r, char close, uint32_t *args)
{
    uint32_t n = 0;

    skip_blanks(r);
    while (*r->at != close && *r->at != ':') {
        if (!*r->at || n == LIST_MAX)
            wrong(r, "list does not end");
        args[n++] = read_expression(r);
        skip_blanks(r);
    }
    return n;
}

static uint32_t read_sequence(struct reader *r, char close, enum ph_pattern_op op)
{
    uint32_t *const args = malloc(2 * LIST_MAX * sizeof *args), *const weights = args + LIST_MAX;

    r->at++;
    const uint32_t n = read_list(r, close, args);
    for (uint32_t i = 0; i < n && op == PH_PAT_TIMECAT; i++)
        weights[i] = ph_pattern_const_ratio(&r->build, PH_RATIO(1, 1));
    r->at++;
    const uint32_t result =
        ph_pattern_emit(&r->build, op, args, n, weights, op == PH_PAT_TIMECAT ? n : 0);
    free(args);
    return result;
}

static enum ph_pattern_op read_op(struct reader *r)
{
    const size_t length = word_length(r->at);

    for (int op = 0; op < PH_PAT_COUNT; op++)
        if (strlen(ph_pattern_ops[op].name) == length &&
            memcmp(ph_pattern_ops[op].name, r->at, length) == 0) {
            r->at += length;
            return (enum ph_pattern_op)op;
        }
    wrong(r, "unknown instruction");
}

static uint32_t read_instruction(struct reader *r)
{
    uint32_t *const args = malloc(2 * LIST_MAX * sizeof *args), *const imms = args + LIST_MAX;
    uint32_t n_imms = 0;

    r->at++;
    skip_blanks(r);
    const enum ph_pattern_op op = read_op(r);
    const uint32_t n = read_list(r, ')', args);
    if (*r->at == ':')
        r->at++;
    skip_blanks(r);
    while (*r->at != ')') {
        imms[n_imms++] = read_constant(r);
        skip_blanks(r);
    }
    r->at++;
    const uint32_t result = ph_pattern_emit(&r->build, op, args, n, imms, n_imms);
    free(args);
    return result;
}

static uint32_t read_expression(struct reader *r)
{
    skip_blanks(r);
    if (*r->at == '(')
        return read_instruction(r);
    if (*r->at == '[')
        return read_sequence(r, ']', PH_PAT_TIMECAT);
    if (*r->at == '<')
        return read_sequence(r, '>', PH_PAT_SLOWCAT);
    if (*r->at == '~') {
        r->at++;
        return ph_pattern_emit(&r->build, PH_PAT_SILENCE, NULL, 0, NULL, 0);
    }
    const uint32_t constant = read_constant(r);
    return ph_pattern_emit(&r->build, PH_PAT_PURE, NULL, 0, &constant, 1);
}

void notation_build(const char *text, struct ph_pattern_code *code)
{
    struct reader r = { .at = text };

    if (strncmp(text, "tidal ", 6) == 0) {
        r.build.code.tidal = true;
        r.at += 6;
    }
    const uint32_t root = read_expression(&r);

    skip_blanks(&r);
    if (*r.at)
        wrong(&r, "text left over");
    const ph_status status = ph_pattern_build_end(&r.build, root, code);
    if (status != PH_OK)
        wrong(&r, ph_status_text(status));
}

struct pat *notation_pat(const char *text, struct ph_pattern_code *code)
{
    struct pat *pat = NULL;

    notation_build(text, code);
    const ph_status status = pat_new(code, &pat);
    if (status != PH_OK) {
        fprintf(stderr, "notation: %s: %s\n", text, ph_status_text(status));
        abort();
    }
    return pat;
}

void notation_free(struct pat *pat, struct ph_pattern_code *code)
{
    pat_free(pat);
    ph_pattern_code_finish(code);
}

/* ---- events as text -------------------------------------------------------------------------- */

struct text {
    char *at, *end;
};

static void __attribute__((format(printf, 2, 3))) put(struct text *t, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    const int n = vsnprintf(t->at, (size_t)(t->end - t->at), format, list);
    va_end(list);
    if (n > 0)
        t->at += n < t->end - t->at ? n : t->end - t->at - 1;
}

static void put_ratio(struct text *t, struct ph_ratio r)
{
    if (r.den == 1)
        put(t, "%lld", (long long)r.num);
    else
        put(t, "%lld/%lld", (long long)r.num, (long long)r.den);
}

static void put_plain(struct text *t, const struct ph_value *v)
{
    switch (v->kind) {
    case PH_VALUE_RATIO:
        put_ratio(t, v->ratio);
        break;
    case PH_VALUE_WORD:
        put(t, "%s", v->text);
        break;
    case PH_VALUE_BOOL:
        put(t, v->ratio.num ? "#t" : "#f");
        break;
    case PH_VALUE_CHORD:
        put(t, v->relative ? "+" : "@");
        for (uint32_t i = 0; i < v->n_notes; i++)
            put(t, i ? "_%g" : "%g", (double)v->notes[i]);
        break;
    default:
        put(t, v->kind == PH_VALUE_NOTE ? "@%.9g" : "%.9g", v->number);
    }
}

static void put_value(struct text *t, const struct pat_value *v)
{
    if (!v->is_controls) {
        put_plain(t, &v->plain);
        return;
    }
    put(t, "{");
    for (uint32_t i = 0; i < v->n_controls; i++) {
        put(t, i ? " %s " : "%s ", v->controls[i].key);
        put_plain(t, &v->controls[i].value);
    }
    put(t, "}");
}

void notation_value(const struct pat_value *value, char *out, size_t space)
{
    struct text t = { out, out + space };

    put_value(&t, value);
}

/* What of an event is written. */
enum detail { ONSETS, ENDS, PIECES };

static void put_span(struct text *t, struct ph_ratio begin, struct ph_ratio end)
{
    put_ratio(t, begin);
    put(t, "-");
    put_ratio(t, end);
}

/** The whole, and the part where it is not all of it. */
static void put_pieces(struct text *t, const struct pat_hap *h)
{
    if (h->has_whole)
        put_span(t, h->whole_begin, h->whole_end);
    else
        put(t, "signal");
    if (h->has_whole && ph_ratio_cmp(h->whole_begin, h->part_begin) == 0 &&
        ph_ratio_cmp(h->whole_end, h->part_end) == 0)
        return;
    put(t, " (");
    put_span(t, h->part_begin, h->part_end);
    put(t, ")");
}

static void put_time(struct text *t, const struct pat_hap *h, enum detail detail)
{
    if (detail == ONSETS)
        put_ratio(t, h->whole_begin);
    else if (detail == ENDS)
        put_span(t, h->whole_begin, h->whole_end);
    else
        put_pieces(t, h);
}

static const char *events(const char *text, struct ph_ratio begin, struct ph_ratio end,
                          enum detail detail)
{
    static char space[TEXT_MAX];
    struct text t = { space, space + sizeof space };
    struct ph_pattern_code code = { 0 };
    struct pat *const pat = notation_pat(text, &code);
    const struct pat_hap *haps;
    uint32_t n;

    space[0] = '\0';
    const ph_status status = pat_query(pat, begin, end, NULL, &haps, &n);
    if (status != PH_OK)
        put(&t, "[%s]", ph_status_text(status));
    for (uint32_t i = 0; i < n; i++) {
        if (detail != PIECES && !pat_has_onset(&haps[i]))
            continue;
        if (t.at > space)
            put(&t, ", ");
        put_time(&t, &haps[i], detail);
        put(&t, " ");
        put_value(&t, haps[i].value);
    }
    notation_free(pat, &code);
    return space;
}

const char *notation_onsets(const char *text, struct ph_ratio begin, struct ph_ratio end)
{
    return events(text, begin, end, ONSETS);
}

const char *notation_events(const char *text, struct ph_ratio begin, struct ph_ratio end)
{
    return events(text, begin, end, ENDS);
}

const char *notation_pieces(const char *text, struct ph_ratio begin, struct ph_ratio end)
{
    return events(text, begin, end, PIECES);
}
