/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/reference.h - the table of functions for people: phonon-send --functions, phonon-query  */
/* --list, docs/functions.md.                                                                     */
#ifndef CLIENT_REFERENCE_H
#define CLIENT_REFERENCE_H

#include <stdbool.h>
#include <stdio.h>

/** Every function, one a line: name, arguments, what it does. */
void reference_list(FILE *to);
/** One function in full; false when nothing is built in by that name. */
bool reference_describe(const char *name, FILE *to);
/** All of it as Markdown, by class. */
void reference_markdown(FILE *to);

#endif
