/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/graph.h - what a program was compiled to, for people: phonon-send --graph.              */
#ifndef CLIENT_GRAPH_H
#define CLIENT_GRAPH_H

#include <stdio.h>

#include "protocol/program.h"

/** Outputs, buses, nodes in the order they run, players, definitions with their units, sums. */
void graph_text(const struct ph_program *program, FILE *to);
/** The same for Graphviz: who writes and reads which bus, who plays what. */
void graph_dot(const struct ph_program *program, FILE *to);

#endif
