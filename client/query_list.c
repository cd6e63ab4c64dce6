/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/query_list.c - phonon-query --list: the functions of a dialect, one a line.             */
#include <string.h>

#include "client/functions.h"
#include "client/query.h"
#include "client/functions/make.h"
#include "client/tidal/tidal.h"

/* ---- signals --------------------------------------------------------------------------------- */

static const char *class_name(uint32_t classes)
{
    static const struct {
        uint32_t class;
        const char *name;
    } names[] = {
        { FUNCTION_SYNTH, "synth" },       { FUNCTION_GENERATOR, "generator" },
        { FUNCTION_FILTER, "filter" },     { FUNCTION_EFFECT, "effect" },
        { FUNCTION_ENVELOPE, "envelope" }, { FUNCTION_UTILITY, "signal" },
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (classes & names[i].class)
            return names[i].name;
    return "signal";
}

/** "cutoff q=1": what a chain fills is left out, what may be left out has its default. */
static void signal_arguments(const struct signal_row *row, char *text, size_t size)
{
    size_t length = 0;

    text[0] = 0;
    for (uint32_t i = 0; i < signal_visible_params(row) && length < size; i++) {
        const struct signal_param *const p = &row->params[i];
        if ((int)i == signal_chained(row) && !row->is_oscillator)
            continue;
        const char *const gap = length ? " " : "";
        if (p->flags & PARAM_REQUIRED)
            length += (size_t)snprintf(text + length, size - length, "%s%s", gap, p->name);
        else
            length += (size_t)snprintf(text + length, size - length, "%s%s=%g", gap, p->name,
                                       p->initial);
    }
}

/** "filter; cutoff 20 to 20000, q 0.1 to 40" */
static void signal_text(const struct function *f, const struct signal_row *row, char *text,
                        size_t size)
{
    size_t length = (size_t)snprintf(text, size, "%s: %s", class_name(f->classes), f->text);
    const char *gap = "; ";

    for (uint32_t i = 0; i < signal_visible_params(row) && length < size; i++) {
        const struct signal_param *const p = &row->params[i];
        if (p->low >= p->high)
            continue;
        length += (size_t)snprintf(text + length, size - length, "%s%s %g to %g", gap, p->name,
                                   p->low, p->high);
        gap = ", ";
    }
}

/* ---- .ph ------------------------------------------------------------------------------------- */

enum { TEXT_BYTES = 200 };

/** ", also dup": the other names of a function. */
static void add_aliases(const char *name, char *text, size_t size)
{
    size_t length = strlen(text);
    const char *gap = "; also ";

    for (uint32_t i = 0; i < n_functions && length < size; i++) {
        const struct function *const f = &function_table[i];
        if (strcmp(f->canonical, name) != 0 || strcmp(f->name, name) == 0)
            continue;
        length += (size_t)snprintf(text + length, size - length, "%s%s", gap, f->name);
        gap = ", ";
    }
}

static void list_ph(FILE *to)
{
    char arguments[TEXT_BYTES], text[TEXT_BYTES];

    for (uint32_t i = 0; i < n_functions; i++) {
        const struct function *const f = &function_table[i];
        if (strcmp(f->name, f->canonical) != 0 || !f->text[0])
            continue;
        if (f->signal) {
            signal_arguments(f->signal, arguments, sizeof arguments);
            signal_text(f, f->signal, text, sizeof text);
        } else {
            snprintf(arguments, sizeof arguments, "%s", f->arguments);
            snprintf(text, sizeof text, "%s", f->text);
        }
        add_aliases(f->name, text, sizeof text);
        fprintf(to, "%-14s %-24s %s\n", f->name, arguments, text);
    }
}

/* ---- TidalCycles ----------------------------------------------------------------------------- */

static void list_tidal(FILE *to)
{
    const struct tidal_function_info *info;

    for (uint32_t i = 0; (info = tidal_function_info(i)) != NULL; i++)
        fprintf(to, "%-16s :: %-56s %s\n", info->name, info->type, info->doc ? info->doc : "");
}

void query_list(bool tidal, FILE *to)
{
    if (tidal)
        list_tidal(to);
    else
        list_ph(to);
}
