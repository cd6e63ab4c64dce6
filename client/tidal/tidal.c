/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/tidal.c - one expression of TidalCycles' dialect -> pattern code.                 */
#include "client/tidal/tidal.h"

#include <stdio.h>
#include <string.h>

#include "client/tidal/library.h"

const char *const tidal_atom_names[TIDAL_ATOM_COUNT] = {
    [TIDAL_STRING] = "string", [TIDAL_NOTE] = "note",         [TIDAL_DOUBLE] = "double",
    [TIDAL_INT] = "int",       [TIDAL_RATIONAL] = "rational", [TIDAL_BOOL] = "bool",
    [TIDAL_CHAR] = "char",     [TIDAL_CONTROLS] = "controls"
};

void tidal_init(struct tidal *t, struct compiler *c)
{
    uint32_t n_rows = 0;

    while (tidal_row_at(n_rows))
        n_rows++;
    *t = (struct tidal){ .c = c };
    t->typer = (struct hs_typer){ .arena = c->arena, .diag = c->diag, .source = c->source };
    t->definitions = arena_alloc(c->arena, n_rows * sizeof(struct hs_expr *));
}

/* The whole text as one expression. */
static struct hs_expr *parse_all(struct tidal *t, struct hs_tokens *tokens)
{
    struct compiler *const c = t->c;

    if (!hs_lex(c->source, c->arena, c->diag, tokens))
        return NULL;
    struct hs_parser p = { .source = c->source, .arena = c->arena, .diag = c->diag,
                           .tokens = tokens };
    struct hs_expr *const e = hs_parse_expression(&p);
    if (e && hs_peek(&p)->kind != HS_END)
        return hs_expected(&p, "an operator or the end");
    return e;
}

static struct pat *pattern_of(struct tidal *t, enum tidal_atom type)
{
    struct hs_tokens tokens;
    struct arena *const arena = t->c->arena;
    struct hs_expr *const e = parse_all(t, &tokens);

    if (!e || !hs_infer(&t->typer, e, NULL, hs_pattern_of(arena, hs_atom(arena, type))))
        return NULL;
    return tidal_pat(t, tidal_eval(t, e, NULL));
}

bool compile_tidal_pattern(const struct source *source, struct arena *arena, struct diag *diag,
                           enum tidal_atom type, struct ph_pattern_code *out)
{
    struct compiler *const c = arena_alloc(arena, sizeof *c);
    struct ph_program program = { .cps = PH_RATIO(1, 2) };
    struct tidal t;

    *out = (struct ph_pattern_code){ 0 };
    *c = (struct compiler){ .source = source, .arena = arena, .diag = diag, .out = &program,
                            .cps = 0.5 };
    tidal_init(&t, c);
    struct pat *const p = pattern_of(&t, type);
    if (!p || !pattern_compile(c, p, PAT_TYPED, out) || diag->n_errors > 0)
        return false;
    out->tidal = true;
    return true;
}

/* As the caller sees it: how the library gets hold of a parameter is its own affair. */
static void write_type(const char *type, char *out, size_t space)
{
    size_t n = 0;

    for (; *type && n + sizeof "Pattern " < space; type++) {
        const bool is_mark = *type == '~' || *type == '!';
        if (is_mark)
            n += (size_t)snprintf(out + n, space - n, "Pattern ");
        else
            out[n++] = *type;
    }
    out[n] = '\0';
}

const struct tidal_function_info *tidal_function_info(uint32_t i)
{
    static struct tidal_function_info info;
    static char name[64], type[512];
    const struct tidal_row *const row = tidal_row_at(i);

    if (!row)
        return NULL;
    /* echo@3 is echo */
    snprintf(name, sizeof name, "%.*s", (int)strcspn(row->name, "@"), row->name);
    write_type(row->type, type, sizeof type);
    info = (struct tidal_function_info){ name, type, row->doc };
    return &info;
}
