/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/names.c - evaluation leaves an expression at its first error. What else is unknown in a */
/* program that has errors is told here, so that one run shows all of it.                         */
#include <string.h>

#include "client/value.h"

struct walk {
    struct compiler *c;
    const struct statement *statement; /* whose parameters are known names */
    bool has_plugin;                   /* names of its parameters are its own */
};

static bool is_parameter(const struct walk *w, const char *name)
{
    for (uint32_t i = 0; i < w->statement->n_params; i++)
        if (strcmp(w->statement->params[i], name) == 0)
            return true;
    return false;
}

/* ~add and its like, and MIDI inputs. */
static bool is_given_bus(const char *name)
{
    return strncmp(name, "midi", 4) == 0 || strcmp(name, "add") == 0 || strcmp(name, "sub") == 0 ||
           strcmp(name, "mul") == 0 || strcmp(name, "div") == 0;
}

static void check_word(const struct walk *w, const struct ast *a)
{
    if (w->has_plugin || is_parameter(w, a->text) || function_find(a->text, strlen(a->text)) ||
        resolve_find(w->c, '~', a->text) || resolve_find(w->c, 'f', a->text) ||
        resolve_find(w->c, 's', a->text) || bridge_has(a->text))
        return;
    resolve_unknown(w->c, 0, a->text, a->offset);
}

static void check_sigil(const struct walk *w, const struct ast *a, char space)
{
    if (!resolve_find(w->c, space, a->text) && !(space == '~' && is_given_bus(a->text)))
        resolve_unknown(w->c, space, a->text, a->offset);
}

static void check(const struct walk *w, const struct ast *a);

/* Names alone are words here: `sp kick`, `choose [bd, sn]`, `wchoose [[bd, 2], [sn, 1]]`. */
static void check_beside_words(const struct walk *w, const struct ast *a)
{
    if (a->kind == AST_LIST)
        for (uint32_t i = 0; i < a->n_items; i++)
            check_beside_words(w, a->items[i]);
    else if (a->kind != AST_NAME)
        check(w, a);
}

/* Trees are at most AST_DEPTH_MAX deep. */
static void check(const struct walk *w, const struct ast *a)
{
    const struct function *f = NULL;

    switch (a->kind) {
    case AST_BUS:
    case AST_BUS_CALL:
        check_sigil(w, a, '~');
        break;
    case AST_PATTERN:
        check_sigil(w, a, '%');
        break;
    case AST_TEMPLATE:
        check_sigil(w, a, '@');
        break;
    case AST_NAME:
    case AST_CALL:
        f = function_find(a->text, strlen(a->text));
        check_word(w, a);
        break;
    default:
        break;
    }
    for (uint32_t i = 0; i < a->n_items; i++) {
        const bool takes_word = i == 0 && f && (f->flags & FUNCTION_TAKES_WORD);
        if (takes_word)
            check_beside_words(w, a->items[i]);
        else
            check(w, a->items[i]);
    }
    for (uint32_t i = 0; i < a->n_keys; i++)
        check(w, a->keys[i].value);
}

static bool uses_plugin(const struct ast *a)
{
    const struct function *const f = a->kind == AST_NAME || a->kind == AST_CALL
                                         ? function_find(a->text, strlen(a->text))
                                         : NULL;
    bool found = f && (f->classes & FUNCTION_PLUGIN);

    for (uint32_t i = 0; i < a->n_items && !found; i++)
        found = uses_plugin(a->items[i]);
    return found;
}

void names_check_rest(struct compiler *c, const struct program_ast *program)
{
    for (uint32_t i = 0; i < program->n_statements && c->diag->n_errors < DIAG_MAX; i++) {
        const struct statement *const s = &program->statements[i];
        const struct walk w = { c, s, s->value && uses_plugin(s->value) };
        if (s->value)
            check(&w, s->value);
    }
}
