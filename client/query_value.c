/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/query_value.c - events and their values as text, as JSON, as short labels.              */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "client/query.h"

enum { TIME_BYTES = 48 };
/* Digits enough to read a double back bit by bit. */
static const size_t json_flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17);

/* ---- text ------------------------------------------------------------------------------------ */

static void print_value(const struct ph_value *v, FILE *to)
{
    char text[TIME_BYTES];

    switch (v->kind) {
    case PH_VALUE_INT:
        fprintf(to, "%lld", (long long)v->ratio.num);
        break;
    case PH_VALUE_RATIO:
        if (v->ratio.den == 1) {
            fprintf(to, "%lld", (long long)v->ratio.num);
        } else {
            ph_ratio_format(v->ratio, text, sizeof text);
            fprintf(to, "%g (%s)", ph_ratio_to_double(v->ratio), text);
        }
        break;
    case PH_VALUE_NOTE:
        fprintf(to, "note %g", v->number);
        break;
    case PH_VALUE_WORD:
        fputs(v->text, to);
        break;
    case PH_VALUE_BOOL:
        fputs(v->ratio.num ? "true" : "false", to);
        break;
    case PH_VALUE_CHORD:
        fputs(v->relative ? "semitones" : "chord", to);
        for (uint32_t i = 0; i < v->n_notes; i++)
            fprintf(to, " %g", (double)v->notes[i]);
        break;
    default:
        fprintf(to, "%g", v->number);
        break;
    }
}

static void print_time(struct ph_ratio time, FILE *to)
{
    char text[TIME_BYTES];

    ph_ratio_format(time, text, sizeof text);
    fputs(text, to);
}

static void print_event_value(const struct pat_value *value, FILE *to)
{
    if (!value->is_controls)
        print_value(&value->plain, to);
    for (uint32_t i = 0; value->is_controls && i < value->n_controls; i++) {
        fprintf(to, "%s%s: ", i ? ", " : "", value->controls[i].key);
        print_value(&value->controls[i].value, to);
    }
}

void query_print_text(const struct pat_hap *h, FILE *to)
{
    print_time(h->has_whole ? h->whole_begin : h->part_begin, to);
    fputs(" - ", to);
    print_time(h->has_whole ? h->whole_end : h->part_end, to);
    fputs(!h->has_whole ? "  ~ " : pat_has_onset(h) ? "  " : "  .. ", to);
    print_event_value(h->value, to);
    fputc('\n', to);
}

void query_event_label(const struct pat_value *value, char *text, size_t size)
{
    FILE *const to = fmemopen(text, size, "w");

    text[0] = 0;
    if (!to)
        return;
    print_event_value(value, to);
    fclose(to);
    text[size - 1] = 0;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

/* jansson refuses what is no UTF-8; a word of a pattern or a message cut short may be that. */
static json_t *json_text(const char *text)
{
    json_t *string = json_string(text);

    if (string)
        return string;
    char *const plain = strdup(text);
    for (char *c = plain; c && *c; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    string = json_string(plain ? plain : "");
    free(plain);
    return string;
}

static json_t *json_time(struct ph_ratio time)
{
    char text[TIME_BYTES];

    ph_ratio_format(time, text, sizeof text);
    return json_string(text);
}

/* JSON has no infinities and no NaN. */
static json_t *json_number(double number)
{
    return isfinite(number) ? json_real(number) : json_null();
}

static json_t *json_chord(const struct ph_value *v)
{
    json_t *const list = json_array();

    for (uint32_t i = 0; i < v->n_notes; i++)
        json_array_append_new(list, json_number((double)v->notes[i]));
    return list;
}

static json_t *json_value(const struct ph_value *v)
{
    switch (v->kind) {
    case PH_VALUE_INT:
        return json_integer(v->ratio.num);
    case PH_VALUE_RATIO:
        return v->ratio.den == 1 ? json_integer(v->ratio.num) : json_time(v->ratio);
    case PH_VALUE_WORD:
        return json_text(v->text);
    case PH_VALUE_BOOL:
        return json_boolean(v->ratio.num != 0);
    case PH_VALUE_NOTE:
        return json_pack("{s:o}", "note", json_number(v->number));
    case PH_VALUE_CHORD:
        return json_pack("{s:o}", v->relative ? "semitones" : "chord", json_chord(v));
    default:
        return json_number(v->number);
    }
}

static json_t *json_controls(const struct pat_value *value,
                             json_t *(*of_value)(const struct ph_value *v))
{
    json_t *const controls = json_object();

    for (uint32_t i = 0; i < value->n_controls; i++)
        json_object_set_new(controls, value->controls[i].key,
                            of_value(&value->controls[i].value));
    return controls;
}

static void dump(json_t *json, FILE *to)
{
    json_dumpf(json, to, json_flags);
    json_decref(json);
}

void query_print_json(const struct pat_hap *h, FILE *to)
{
    json_t *const o = json_object();

    json_object_set_new(o, "whole_begin", h->has_whole ? json_time(h->whole_begin) : json_null());
    json_object_set_new(o, "whole_end", h->has_whole ? json_time(h->whole_end) : json_null());
    json_object_set_new(o, "part_begin", json_time(h->part_begin));
    json_object_set_new(o, "part_end", json_time(h->part_end));
    json_object_set_new(o, "onset", json_boolean(pat_has_onset(h)));
    json_object_set_new(o, "value", h->value->is_controls ? json_controls(h->value, json_value)
                                                          : json_value(&h->value->plain));
    dump(o, to);
    fputc('\n', to);
}

/* Rows hold bare numbers: whoever asked for a type knows what they are. */
static json_t *json_plain(const struct ph_value *v)
{
    switch (v->kind) {
    case PH_VALUE_RATIO:
        return v->ratio.den == 1 ? json_integer(v->ratio.num)
                                 : json_number(ph_ratio_to_double(v->ratio));
    case PH_VALUE_NOTE:
        return json_number(v->number);
    case PH_VALUE_CHORD:
        return json_chord(v);
    default:
        return json_value(v);
    }
}

void query_print_row(const struct pat_hap *h, bool rational, FILE *to)
{
    json_t *const row = json_array();
    const struct pat_value *const v = h->value;

    json_array_append_new(row, h->has_whole ? json_time(h->whole_begin) : json_null());
    json_array_append_new(row, h->has_whole ? json_time(h->whole_end) : json_null());
    json_array_append_new(row, json_time(h->part_begin));
    json_array_append_new(row, json_time(h->part_end));
    json_array_append_new(row, v->is_controls ? json_controls(v, json_plain)
                               : rational && v->plain.kind == PH_VALUE_RATIO
                                   ? json_time(v->plain.ratio)
                                   : json_plain(&v->plain));
    dump(row, to);
}

void query_print_json_string(const char *text, FILE *to)
{
    dump(json_text(text), to);
}

/* ---- labels ---------------------------------------------------------------------------------- */

static void note_label(double midi_note, char *text, size_t size)
{
    static const char *const names[] = { "c", "cs", "d", "ds", "e", "f",
                                         "fs", "g", "gs", "a", "as", "b" };
    const double whole = floor(midi_note);

    if (whole != midi_note || whole < 0 || whole > 127)
        snprintf(text, size, "%g", midi_note);
    else
        snprintf(text, size, "%s%d", names[(int)whole % 12], (int)whole / 12 - 1);
}

void query_value_label(const struct ph_value *v, char *text, size_t size)
{
    switch (v->kind) {
    case PH_VALUE_INT:
        snprintf(text, size, "%lld", (long long)v->ratio.num);
        break;
    case PH_VALUE_RATIO:
        if (v->ratio.den == 1 || v->ratio.den > 999)
            snprintf(text, size, "%g", ph_ratio_to_double(v->ratio));
        else
            ph_ratio_format(v->ratio, text, size);
        break;
    case PH_VALUE_NOTE:
        note_label(v->number, text, size);
        break;
    case PH_VALUE_WORD:
        snprintf(text, size, "%s", v->text);
        break;
    case PH_VALUE_BOOL:
        snprintf(text, size, "%s", v->ratio.num ? "true" : "false");
        break;
    case PH_VALUE_CHORD:
        snprintf(text, size, "chord of %u", (unsigned)v->n_notes);
        break;
    default:
        snprintf(text, size, "%g", v->number);
        break;
    }
}
