/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/print.c - answers of the daemon on standard output.                                     */
#include "client/print.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the answer to a program ----------------------------------------------------------------- */

bool print_read_acknowledgement(const struct ph_osc_message *m, struct acknowledgement *a)
{
    struct ph_osc_args args = ph_osc_args(m);
    const char *command;
    int32_t request;
    if (!ph_osc_next_text(&args, &command) || !ph_osc_next_int(&args, &request) ||
        !ph_osc_next_long(&args, &a->revision))
        return false;
    a->cycle = ph_osc_next(&args).f;
    if (!ph_osc_next_long(&args, &a->frame))
        return false;
    a->cps_before = ph_osc_next(&args).f;
    a->cps_after = ph_osc_next(&args).f;
    for (uint32_t i = 0; i < 4; i++)
        if (!ph_osc_next_int(&args, &a->counts[i]))
            return false;
    a->names = args;
    return true;
}

static const char marks[] = "=*+-";
static const char *const mark_names[] = { "kept", "changed", "added", "removed" };

void print_acknowledgement(const struct acknowledgement *a, bool verbose)
{
    printf("cycle %.3f: %d kept, %d changed, %d added, %d removed", a->cycle, a->counts[0],
           a->counts[1], a->counts[2], a->counts[3]);
    if (a->cps_before != a->cps_after)
        printf(", tempo %g to %g cps", a->cps_before, a->cps_after);
    putchar('\n');
    if (verbose)
        printf("  revision %016llx, frame %lld, %g cps\n", (unsigned long long)a->revision,
               (long long)a->frame, a->cps_after);
    struct ph_osc_args names = a->names;
    const char *name;
    while (ph_osc_next_text(&names, &name)) {
        const char *const mark = strchr(marks, name[0]);
        if (name[0] == '!')
            fprintf(stderr, "phonon-send: warning: %s\n", name + 1);
        else if (verbose && mark && *mark)
            printf("  %-8s %s\n", mark_names[mark - marks], name + 1);
    }
}

static void put_json(json_t *object)
{
    char *const text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(17));
    if (text)
        puts(text);
    free(text);
    json_decref(object);
}

void print_acknowledgement_json(const struct acknowledgement *a)
{
    json_t *const o = json_object();
    char revision[20];
    snprintf(revision, sizeof revision, "%016llx", (unsigned long long)a->revision);
    json_object_set_new(o, "revision", json_string(revision));
    json_object_set_new(o, "cycle", json_real(a->cycle));
    json_object_set_new(o, "frame", json_integer(a->frame));
    json_object_set_new(o, "cps_before", json_real(a->cps_before));
    json_object_set_new(o, "cps_after", json_real(a->cps_after));
    for (uint32_t i = 0; i < 4; i++)
        json_object_set_new(o, mark_names[i], json_array());
    json_object_set_new(o, "warnings", json_array());
    struct ph_osc_args names = a->names;
    const char *name;
    while (ph_osc_next_text(&names, &name)) {
        const char *const mark = strchr(marks, name[0]);
        const char *const key = name[0] == '!' ? "warnings" : mark && *mark ? mark_names[mark - marks]
                                                                           : NULL;
        if (key)
            json_array_append_new(json_object_get(o, key), json_string(name + 1));
    }
    put_json(o);
}

/* ---- status ---------------------------------------------------------------------------------- */

/** Name and value of every counter, as one JSON object. */
static json_t *status_object(const struct ph_osc_message *m)
{
    json_t *const o = json_object();
    struct ph_osc_args args = ph_osc_args(m);
    const char *name;
    ph_osc_next(&args);
    while (ph_osc_next_text(&args, &name)) {
        const struct ph_osc_arg value = ph_osc_next(&args);
        json_object_set_new(o, name, value.tag == 's'                      ? json_string(value.text)
                                     : value.tag == 'i' || value.tag == 'h' ? json_integer(value.i)
                                                                            : json_real(value.f));
    }
    return o;
}

static double number_of(const json_t *o, const char *name)
{
    return json_number_value(json_object_get(o, name));
}

static const char *text_of(const json_t *o, const char *name)
{
    const char *const text = json_string_value(json_object_get(o, name));
    return text ? text : "";
}

/** What came by the TidalCycles door: "0:12 3:4" becomes a line for each orbit. */
static void put_dirt(const json_t *o)
{
    const char *orbits = text_of(o, "dirt_orbits");
    unsigned orbit;
    unsigned long long n;
    int used;
    printf("%-22s %.0f\n", "TidalCycles events", number_of(o, "dirt_events"));
    while (sscanf(orbits, "%u:%llu%n", &orbit, &n, &used) == 2) {
        printf("  orbit %-14u %llu\n", orbit, n);
        orbits += used;
    }
    printf("  %-20s %.0f", "late", number_of(o, "dirt_late"));
    if (number_of(o, "dirt_late") > 0)
        printf(", by up to %.3g ms", 1000 * number_of(o, "dirt_late_worst"));
    printf("\n  %-20s %.0f\n", "ignored", number_of(o, "dirt_ignored"));
    printf("  %-20s %.0f\n", "values out of range", number_of(o, "dirt_clamped"));
    printf("  %-20s %.0f\n", "waiting for samples", number_of(o, "dirt_waiting"));
    if (text_of(o, "dirt_unknown")[0])
        printf("  %-20s %s\n", "unknown names", text_of(o, "dirt_unknown"));
}

static void put_status(const json_t *o)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)o, name, value) {
        if (strncmp(name, "dirt_", 5) == 0)
            continue;
        if (json_is_string(value))
            printf("%-22s %s\n", name, json_string_value(value));
        else if (json_is_integer(value))
            printf("%-22s %lld\n", name, (long long)json_integer_value(value));
        else
            printf("%-22s %.6g\n", name, json_number_value(value));
    }
    if (json_object_get(o, "dirt_events"))
        put_dirt(o);
}

static void put_line(const json_t *o)
{
    enum { METER = 12 };
    char meter[METER + 1];
    const double peak = fmax(number_of(o, "peak_left"), number_of(o, "peak_right"));
    const double db = peak > 1e-6 ? 20 * log10(peak) : -120;
    for (int i = 0; i < METER; i++) /* 4 dB a step up to full scale */
        meter[i] = db > -4.0 * (METER - i) ? '#' : '.';
    meter[METER] = 0;
    printf("\rcycle %8.2f  cps %.3f  [%s] %5.1f dB  voices %3.0f  load %.1f/%.1f %%  xruns %.0f  late %.0f  "
           "ring %.0f %% ",
           number_of(o, "cycle"), number_of(o, "cps"), meter, db, number_of(o, "voices"),
           100 * number_of(o, "load_mean"), 100 * number_of(o, "load_worst"), number_of(o, "xruns"),
           number_of(o, "late"),
           100 * fmax(number_of(o, "command_ring_fill"), number_of(o, "seq_ring_fill")));
    fflush(stdout);
}

void print_status(const struct ph_osc_message *m, enum print_form form)
{
    json_t *const object = status_object(m);
    if (form == PRINT_JSON) {
        put_json(object);
        return;
    }
    if (form == PRINT_LINE)
        put_line(object);
    else
        put_status(object);
    json_decref(object);
}
