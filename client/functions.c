/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions.c - finds built-in names.                                                     */
#include "client/functions.h"

#include <string.h>

#include "client/diag.h"

static int lowered(char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : (unsigned char)c;
}

/* Next letter that counts under the naming rule, 0 at the end. */
static int next_letter(const char *text, size_t length, size_t *at)
{
    while (*at < length && text[*at] == '_')
        (*at)++;
    if (*at >= length)
        return 0;
    return lowered(text[(*at)++]);
}

int function_compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t i = 0, j = 0;

    for (;;) {
        const int x = next_letter(a, a_length, &i), y = next_letter(b, b_length, &j);
        if (x != y)
            return x < y ? -1 : 1;
        if (x == 0)
            return 0;
    }
}

/* function_compare() with a name of the table: nobody need count its letters first. */
static int compare_with_row(const char *name, size_t length, const char *row)
{
    size_t i = 0;

    for (;;) {
        const int x = next_letter(name, length, &i);
        while (*row == '_')
            row++;
        const int y = lowered(*row);
        if (x != y)
            return x < y ? -1 : 1;
        if (x == 0)
            return 0;
        row++;
    }
}

const struct function *function_find(const char *name, size_t length)
{
    uint32_t low = 0, high = n_functions;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const struct function *const row = &function_table[middle];
        const int order = compare_with_row(name, length, row->name);
        if (order == 0)
            return row;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

bool function_is_chainable(const struct function *function)
{
    return function && (function->classes & ~(uint32_t)FUNCTION_SETTING) != 0;
}

uint32_t function_most_arguments(const struct function *function)
{
    uint32_t most = 0;

    for (uint32_t k = 0; k < 8; k++)
        if (function->counts & FUNCTION_COUNT(k))
            most = k;
    return most;
}

const char *function_nearest(const char *name)
{
    enum { NAMES_MAX = 1024 };
    const char *names[NAMES_MAX];
    uint32_t n = 0;

    for (; n < n_functions && n < NAMES_MAX; n++)
        names[n] = function_table[n].name;
    return diag_nearest(name, names, n);
}

const struct signal_row *signal_find(const char *canonical)
{
    const struct function *const f = function_find(canonical, strlen(canonical));

    return f ? f->signal : NULL;
}

uint32_t signal_visible_params(const struct signal_row *row)
{
    uint32_t n = 0;

    while (n < row->n_params && row->params[n].name[0])
        n++;
    return n;
}

int signal_chained(const struct signal_row *row)
{
    for (int i = 0; i < row->n_params; i++)
        if (row->params[i].flags & PARAM_CHAINED)
            return i;
    return -1;
}
