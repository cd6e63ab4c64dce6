/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/reference.c - prints the table of functions.                                            */
#include "client/reference.h"

#include <stdarg.h>
#include <string.h>

#include "client/functions.h"

enum { TEXT_BYTES = 400 };

/* In the order of LANGUAGE, as far as a name with several meanings belongs to the first. */
static const struct {
    uint32_t class;
    const char *name, *title;
} classes[] = {
    { FUNCTION_SYNTH, "synth", "Synths" },
    { FUNCTION_GENERATOR, "generator", "Generators" },
    { FUNCTION_FILTER, "filter", "Filters" },
    { FUNCTION_EFFECT, "effect", "Effects" },
    { FUNCTION_ENVELOPE, "envelope", "Envelopes and ramps" },
    { FUNCTION_UTILITY, "signal", "Analysis, logic, utilities" },
    { FUNCTION_CONTROL, "pattern", "Patterns" },
    { FUNCTION_TRANSFORM, "transform", "Transforms" },
    { FUNCTION_COMBINATOR, "combinator", "Combinators" },
    { FUNCTION_MODIFIER, "modifier", "Event modifiers" },
    { FUNCTION_SETTING, "setting", "Settings and commands" },
    { FUNCTION_PLUGIN, "plugin", "Plugins" },
};
enum { N_CLASSES = sizeof classes / sizeof classes[0] };

static uint32_t class_of(const struct function *f)
{
    uint32_t i = 0;

    while (i < N_CLASSES - 1 && !(f->classes & classes[i].class))
        i++;
    return i;
}

/* Rows of other names, and of what is a name only so far, have no text. */
static bool is_described(const struct function *f)
{
    return strcmp(f->name, f->canonical) == 0 && f->text && f->text[0];
}

/** Text that grows up to its room; what exceeds it is left out. */
struct text {
    size_t length;
    char bytes[TEXT_BYTES];
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int n = vsnprintf(t->bytes + t->length, sizeof t->bytes - t->length, format, args);
    va_end(args);
    t->length += n > 0 ? (size_t)n : 0;
    if (t->length >= sizeof t->bytes)
        t->length = sizeof t->bytes - 1;
}

/** "cutoff Hz, q=1": what a chain fills is left out, what may be left out has its default. */
static void put_arguments(struct text *t, const struct function *f)
{
    const struct signal_row *const row = f->signal;

    if (!row) {
        put(t, "%s", f->arguments ? f->arguments : "");
        return;
    }
    for (uint32_t i = 0; i < signal_visible_params(row); i++) {
        const struct signal_param *const p = &row->params[i];
        if ((int)i == signal_chained(row) && !row->is_oscillator)
            continue;
        put(t, "%s%s", t->length ? ", " : "", p->name);
        if (!(p->flags & (PARAM_REQUIRED | PARAM_TEXT)))
            put(t, "=%g", p->initial);
        put(t, "%s%s", p->unit[0] ? " " : "", p->unit);
    }
}

static void put_aliases(struct text *t, const struct function *f, const char *gap)
{
    for (uint32_t i = 0; i < n_functions; i++) {
        const struct function *const other = &function_table[i];
        if (strcmp(other->canonical, f->name) != 0 || other == f)
            continue;
        put(t, "%s%s", gap, other->name);
        gap = ", ";
    }
}

/** "; cutoff 20 Hz to 0.45 fs, q 0.1 to 40" */
static void put_ranges(struct text *t, const struct signal_row *row)
{
    const char *gap = "; ";

    for (uint32_t i = 0; row && i < signal_visible_params(row); i++) {
        const struct signal_param *const p = &row->params[i];
        if (p->low < p->high)
            put(t, "%s%s %g to %g%s%s", gap, p->name, p->low, p->high, p->unit[0] ? " " : "", p->unit);
        else if (p->context == CONTEXT_FILTER_HZ)
            put(t, "%s%s 20 Hz to 0.45 fs", gap, p->name);
        else
            continue;
        gap = ", ";
    }
}

void reference_list(FILE *to)
{
    for (uint32_t i = 0; i < n_functions; i++) {
        const struct function *const f = &function_table[i];
        struct text arguments = { 0 }, text = { 0 };
        if (!is_described(f))
            continue;
        put_arguments(&arguments, f);
        if (f->signal)
            put(&text, "%s: ", classes[class_of(f)].name);
        put(&text, "%s", f->text);
        put_ranges(&text, f->signal);
        put_aliases(&text, f, "; also ");
        fprintf(to, "%-14s %-24s %s\n", f->name, arguments.bytes, text.bytes);
    }
}

/* ---- one function ---------------------------------------------------------------------------- */

static void put_param(struct text *t, const struct signal_row *row, uint32_t i)
{
    const struct signal_param *const p = &row->params[i];
    const char *gap = "";

    if (p->flags & PARAM_REQUIRED) {
        put(t, "required");
        gap = ", ";
    } else {
        put(t, "%g", p->initial);
        gap = ", ";
    }
    if (p->low < p->high)
        put(t, "%s%g to %g", gap, p->low, p->high);
    if (p->flags & PARAM_CONST)
        put(t, "%sa number", gap);
    if (p->flags & PARAM_TEXT)
        put(t, "%sa text", gap);
    if ((int)i == signal_chained(row))
        put(t, "%swhat `#` fills", gap);
}

bool reference_describe(const char *name, FILE *to)
{
    const struct function *f = function_find(name, strlen(name));
    struct text arguments = { 0 }, aliases = { 0 };

    if (f && strcmp(f->name, f->canonical) != 0)
        f = function_find(f->canonical, strlen(f->canonical));
    if (!f)
        return false;
    put_arguments(&arguments, f);
    put_aliases(&aliases, f, "");
    fprintf(to, "%s %s\n  %s%s%s\n", f->name, arguments.bytes, classes[class_of(f)].name,
            f->text && f->text[0] ? ": " : "", f->text ? f->text : "");
    for (uint32_t i = 0; f->signal && i < signal_visible_params(f->signal); i++) {
        struct text text = { 0 };
        put_param(&text, f->signal, i);
        fprintf(to, "  :%-12s %-10s %s\n", f->signal->params[i].name, f->signal->params[i].unit,
                text.bytes);
    }
    if (aliases.length > 0)
        fprintf(to, "  also %s\n", aliases.bytes);
    return true;
}

/* ---- Markdown -------------------------------------------------------------------------------- */

/* Text of a table's cell. */
static void print_cell(FILE *to, const char *text)
{
    for (; *text; text++) {
        if (strchr("|*_<>`\\", *text))
            fputc('\\', to);
        fputc(*text, to);
    }
}

static void print_row(FILE *to, const struct function *f)
{
    struct text arguments = { 0 }, text = { 0 };

    put_arguments(&arguments, f);
    put(&text, "%s", f->text);
    put_ranges(&text, f->signal);
    put_aliases(&text, f, "; also ");
    fputs("| ", to);
    print_cell(to, f->name);
    fputs(" | ", to);
    print_cell(to, arguments.bytes);
    fputs(" | ", to);
    print_cell(to, text.bytes);
    fputs(" |\n", to);
}

void reference_markdown(FILE *to)
{
    fputs("# Functions\n\nMade by `scripts/functions` from `client/functions/table.c`: what "
          "`phonon-send --functions` prints.\nArguments with `=` may be left out; of effects and "
          "filters the input is what stands to the left of `#`.\n", to);
    for (uint32_t c = 0; c < N_CLASSES; c++) {
        bool is_first = true;
        for (uint32_t i = 0; i < n_functions; i++) {
            const struct function *const f = &function_table[i];
            if (!is_described(f) || class_of(f) != c)
                continue;
            if (is_first)
                fprintf(to, "\n## %s\n\n| name | arguments | what it does |\n|---|---|---|\n",
                        classes[c].title);
            is_first = false;
            print_row(to, f);
        }
    }
}
