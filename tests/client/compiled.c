/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/compiled.c                                                                        */
#include "compiled.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/check_main.h"

static void try_source(struct compiled *c, const char *name, const char *text, bool tidal)
{
    *c = (struct compiled){ .source = { .name = name, .text = text, .first_line = 1,
                                        .length = (uint32_t)strlen(text), .tidal = tidal } };
    c->arena = arena_new();
    diag_init(&c->diag, &c->source);
    c->ok = compile_program_with_commands(&c->source, c->arena, &c->diag, &c->program,
                                          &c->commands);
}

void compiled_try(struct compiled *c, const char *text)
{
    try_source(c, "test.ph", text, false);
}

void compiled_try_tidal(struct compiled *c, const char *text)
{
    try_source(c, "test.tidal", text, true);
}

void compiled_program(struct compiled *c, const char *text)
{
    compiled_try(c, text);
    if (!c->ok)
        diag_print(&c->diag, stdout);
    ck_assert_msg(c->ok, "does not compile: %s", text);
}

void compiled_finish(struct compiled *c)
{
    if (c->ok)
        ph_program_finish(&c->program);
    diag_finish(&c->diag);
    arena_free(c->arena);
}

const struct ph_program_def *compiled_def(const struct compiled *c, const char *name)
{
    for (uint32_t i = 0; i < c->program.n_defs; i++)
        if (strcmp(c->program.defs[i].name, name) == 0)
            return &c->program.defs[i];
    return NULL;
}

const struct ph_program_node *compiled_node(const struct compiled *c, const char *name)
{
    for (uint32_t i = 0; i < c->program.n_nodes; i++)
        if (strcmp(c->program.nodes[i].name, name) == 0)
            return &c->program.nodes[i];
    return NULL;
}

const struct ph_program_player *compiled_player(const struct compiled *c, const char *name)
{
    for (uint32_t i = 0; i < c->program.n_players; i++)
        if (strcmp(c->program.players[i].name, name) == 0)
            return &c->program.players[i];
    return NULL;
}

static const struct ph_unit_spec *find_unit(const struct ph_program_def *def, const char *unit)
{
    for (uint32_t i = 0; def && i < def->def.n_units; i++)
        if (strcmp(def->def.units[i].name, unit) == 0)
            return &def->def.units[i];
    return NULL;
}

uint32_t compiled_count(const struct ph_program_def *def, const char *unit)
{
    uint32_t n = 0;

    for (uint32_t i = 0; def && i < def->def.n_units; i++)
        n += strcmp(def->def.units[i].name, unit) == 0;
    return n;
}

uint64_t compiled_key(const struct ph_program_def *def, const char *unit)
{
    const struct ph_unit_spec *const u = find_unit(def, unit);

    return u ? u->key : 0;
}

int compiled_source(const struct ph_program_def *def, const char *unit, uint32_t input)
{
    const struct ph_unit_spec *const u = find_unit(def, unit);

    ck_assert_msg(u && input < u->n_inputs, "no %s with input %u", unit, input);
    return u->inputs[input].unit;
}

double compiled_input(const struct ph_program_def *def, const char *unit, uint32_t input)
{
    const struct ph_unit_spec *const u = find_unit(def, unit);

    ck_assert_msg(u && input < u->n_inputs, "no %s with input %u", unit, input);
    ck_assert_msg(u->inputs[input].unit == -1, "input %u of %s is not constant", input, unit);
    return (double)def->def.constants[u->inputs[input].output];
}

char *compiled_code(const char *expression)
{
    const struct source source = { "test", expression, (uint32_t)strlen(expression), 1 };
    struct arena *const arena = arena_new();
    struct ph_pattern_code code;
    struct ph_writer text = { 0 };
    struct diag diag;
    char *list = NULL;

    diag_init(&diag, &source);
    if (compile_pattern(&source, arena, &diag, &code)) {
        ph_pattern_code_list(&code, &text);
        ph_write_u8(&text, 0);
        list = strdup((const char *)text.data);
        ph_writer_finish(&text);
        ph_pattern_code_finish(&code);
    }
    diag_finish(&diag);
    arena_free(arena);
    return list;
}
