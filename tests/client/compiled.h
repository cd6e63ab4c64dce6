/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/compiled.h - programs and patterns compiled for a test, and looked into.          */
#ifndef TESTS_CLIENT_COMPILED_H
#define TESTS_CLIENT_COMPILED_H

#include "client/compile.h"

/** A compilation with everything it needs; finish with compiled_finish(). */
struct compiled {
    struct source source;
    struct arena *arena;
    struct diag diag;
    struct ph_program program;
    struct compile_commands commands;
    bool ok;
};

void compiled_try(struct compiled *c, const char *text);
/** The same of TidalCycles code. */
void compiled_try_tidal(struct compiled *c, const char *text);
/** Fails the test, with the messages on standard output, when the text does not compile. */
void compiled_program(struct compiled *c, const char *text);
void compiled_finish(struct compiled *c);

const struct ph_program_def *compiled_def(const struct compiled *c, const char *name);
const struct ph_program_node *compiled_node(const struct compiled *c, const char *name);
const struct ph_program_player *compiled_player(const struct compiled *c, const char *name);
/** How many units of that class a definition has. */
uint32_t compiled_count(const struct ph_program_def *def, const char *unit);
/** Key of the definition's only (or first) unit of that class; 0: none. */
uint64_t compiled_key(const struct ph_program_def *def, const char *unit);
/** Value of constant input `input` of the first such unit; fails the test when it is none. */
double compiled_input(const struct ph_program_def *def, const char *unit, uint32_t input);
/** Unit number that feeds `input` of the first such unit, -1 for a constant. */
int compiled_source(const struct ph_program_def *def, const char *unit, uint32_t input);

/** The code of one expression as text, one instruction a line; NULL when it does not compile. */
char *compiled_code(const char *expression);

#endif
