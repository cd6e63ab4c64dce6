/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/show.h - syntax trees as text, so that a test reads like the language's own page. */
#ifndef TESTS_CLIENT_SHOW_H
#define TESTS_CLIENT_SHOW_H

#include <stdio.h>

#include "client/ast.h"

/** (f a b :k v), (+ a b), (# a f), ($ a b c), [a, b], (# f # g); strings in quotes. */
void show_ast(FILE *out, const struct ast *a);
/** [a b@3], {a}%4, <a b>, a?0.5'1 (probability, seed), (E a 3 8). */
void show_mini(FILE *out, const struct mini *m);

#endif
