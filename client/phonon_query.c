/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/phonon_query.c - phonon-query: what a pattern does, as text or JSON lines.              */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/compile.h"
#include "server/pattern/pattern.h"

enum { EXIT_WRONG = 1, EXIT_USAGE = 2 };
enum { CYCLES_MAX = 10000 };

struct query_options {
    const char *expression; /* NULL: standard input */
    long first_cycle, n_cycles;
    bool json;
};

static const char usage_text[] =
    "usage: phonon-query [--cycles N] [--from C] [--json] EXPRESSION | -\n"
    "  --cycles N  show N cycles, 1 unless told\n"
    "  --from C    start at cycle C, 0 unless told\n"
    "  --json      one JSON object an event; times are exact rationals (\"1/3\")\n"
    "  example: phonon-query 'every 3 rev \"a b c\"' --cycles 3\n";

static bool parse_long(const char *text, long low, long high, long *out)
{
    char *end;

    if (!text)
        return false;
    *out = strtol(text, &end, 10);
    return end != text && *end == 0 && *out >= low && *out <= high;
}

static bool parse_options(int argc, char **argv, struct query_options *o)
{
    *o = (struct query_options){ .n_cycles = 1 };
    for (int i = 1; i < argc; i++) {
        const char *const value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--json") == 0) {
            o->json = true;
        } else if (strcmp(argv[i], "--cycles") == 0) {
            if (!parse_long(value, 1, CYCLES_MAX, &o->n_cycles))
                return false;
            i++;
        } else if (strcmp(argv[i], "--from") == 0) {
            if (!parse_long(value, -1000000000, 1000000000, &o->first_cycle))
                return false;
            i++;
        } else if (!o->expression && strncmp(argv[i], "--", 2) != 0) {
            o->expression = argv[i];
        } else {
            return false;
        }
    }
    return o->expression != NULL;
}

/* ---- values as text -------------------------------------------------------------------------- */

static void print_value(const struct ph_value *v)
{
    char text[48];

    switch (v->kind) {
    case PH_VALUE_RATIO:
        if (v->ratio.den == 1) {
            printf("%lld", (long long)v->ratio.num);
        } else {
            ph_ratio_format(v->ratio, text, sizeof text);
            printf("%g (%s)", ph_ratio_to_double(v->ratio), text);
        }
        break;
    case PH_VALUE_NOTE:
        printf("note %g", v->number);
        break;
    case PH_VALUE_WORD:
        printf("%s", v->text);
        break;
    case PH_VALUE_BOOL:
        printf("%s", v->ratio.num ? "true" : "false");
        break;
    case PH_VALUE_CHORD:
        printf("%s", v->relative ? "semitones" : "chord");
        for (uint32_t i = 0; i < v->n_notes; i++)
            printf(" %g", (double)v->notes[i]);
        break;
    default:
        printf("%g", v->number);
        break;
    }
}

static void print_time(struct ph_ratio time)
{
    char text[48];

    ph_ratio_format(time, text, sizeof text);
    printf("%s", text);
}

static void print_hap(const struct pat_hap *h)
{
    print_time(h->has_whole ? h->whole_begin : h->part_begin);
    printf(" - ");
    print_time(h->has_whole ? h->whole_end : h->part_end);
    printf("%s", !h->has_whole ? "  ~ " : pat_has_onset(h) ? "  " : "  .. ");
    if (!h->value->is_controls)
        print_value(&h->value->plain);
    for (uint32_t i = 0; h->value->is_controls && i < h->value->n_controls; i++) {
        printf("%s%s: ", i ? ", " : "", h->value->controls[i].key);
        print_value(&h->value->controls[i].value);
    }
    printf("\n");
}

/* ---- values as JSON -------------------------------------------------------------------------- */

static json_t *json_time(struct ph_ratio time)
{
    char text[48];

    ph_ratio_format(time, text, sizeof text);
    return json_string(text);
}

static json_t *json_value(const struct ph_value *v)
{
    json_t *list;

    switch (v->kind) {
    case PH_VALUE_RATIO:
        return v->ratio.den == 1 ? json_integer(v->ratio.num) : json_time(v->ratio);
    case PH_VALUE_WORD:
        return json_string(v->text);
    case PH_VALUE_BOOL:
        return json_boolean(v->ratio.num != 0);
    case PH_VALUE_NOTE:
        return json_pack("{s:f}", "note", v->number);
    case PH_VALUE_CHORD:
        list = json_array();
        for (uint32_t i = 0; i < v->n_notes; i++)
            json_array_append_new(list, json_real((double)v->notes[i]));
        return json_pack("{s:o}", v->relative ? "semitones" : "chord", list);
    default:
        return json_real(v->number);
    }
}

static json_t *json_of_hap(const struct pat_hap *h)
{
    json_t *const o = json_object();
    json_t *controls;

    json_object_set_new(o, "whole_begin", h->has_whole ? json_time(h->whole_begin) : json_null());
    json_object_set_new(o, "whole_end", h->has_whole ? json_time(h->whole_end) : json_null());
    json_object_set_new(o, "part_begin", json_time(h->part_begin));
    json_object_set_new(o, "part_end", json_time(h->part_end));
    json_object_set_new(o, "onset", json_boolean(pat_has_onset(h)));
    if (!h->value->is_controls) {
        json_object_set_new(o, "value", json_value(&h->value->plain));
        return o;
    }
    controls = json_object();
    for (uint32_t i = 0; i < h->value->n_controls; i++)
        json_object_set_new(controls, h->value->controls[i].key,
                            json_value(&h->value->controls[i].value));
    json_object_set_new(o, "value", controls);
    return o;
}

static void print_json(const struct pat_hap *h)
{
    json_t *const o = json_of_hap(h);
    char *const text = json_dumps(o, JSON_COMPACT);

    printf("%s\n", text ? text : "{}");
    free(text);
    json_decref(o);
}

/* ---- main ------------------------------------------------------------------------------------ */

static int show(struct pat *pat, const struct query_options *o)
{
    for (long c = o->first_cycle; c < o->first_cycle + o->n_cycles; c++) {
        const struct pat_hap *haps;
        uint32_t n;
        const ph_status status = pat_query(pat, ph_ratio_of(c), ph_ratio_of(c + 1),
                                           &pat_limits_default, &haps, &n);
        if (status != PH_OK) {
            fprintf(stderr, "phonon-query: cycle %ld: %s\n", c, ph_status_text(status));
            return EXIT_WRONG;
        }
        for (uint32_t i = 0; i < n; i++)
            o->json ? print_json(&haps[i]) : print_hap(&haps[i]);
    }
    return 0;
}

static int query(const struct source *source, const struct query_options *o)
{
    struct arena *const arena = arena_new();
    struct ph_pattern_code code;
    struct pat *pat = NULL;
    struct diag diag;
    int result = EXIT_WRONG;

    diag_init(&diag, source);
    if (compile_pattern(source, arena, &diag, &code)) {
        const ph_status status = pat_new(&code, &pat);
        if (status == PH_OK)
            result = show(pat, o);
        else
            fprintf(stderr, "phonon-query: %s\n", ph_status_text(status));
    }
    diag_print(&diag, stderr);
    pat_free(pat);
    ph_pattern_code_finish(&code);
    diag_finish(&diag);
    arena_free(arena);
    return result;
}

int main(int argc, char **argv)
{
    struct query_options o;
    struct source source;

    if (!parse_options(argc, argv, &o)) {
        fputs(usage_text, stderr);
        return EXIT_USAGE;
    }
    if (strcmp(o.expression, "-") != 0) {
        source = (struct source){ .name = "query", .text = o.expression, .first_line = 1,
                                  .length = (uint32_t)strlen(o.expression) };
        return query(&source, &o);
    }
    if (!source_read("-", &source)) {
        perror("phonon-query");
        return EXIT_WRONG;
    }
    const int result = query(&source, &o);
    source_finish(&source);
    return result;
}
