/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/graph.c - prints a compiled program as text and for Graphviz.                           */
#include "client/graph.h"

#include <string.h>

#include "protocol/units.h"

/* ---- definitions and the buses that they use ------------------------------------------------- */

/**
 * What a definition costs, counted: units that compute at audio rate, each a kernel that runs over
 * every block of 64 frames, and units at control rate, which run once a block. Kernels differ in
 * what they cost; tests/bench/bench_units measures them.
 */
struct cost {
    uint32_t audio, control;
};

/* Controls and constants are no work. */
static bool is_parameter(const struct ph_unit_spec *u)
{
    return strstr(u->name, "Control") != NULL;
}

static struct cost cost_of(const struct ph_synthdef *def)
{
    struct cost cost = { 0, 0 };

    for (uint32_t i = 0; i < def->n_units; i++) {
        const struct ph_unit_spec *const u = &def->units[i];
        if (is_parameter(u))
            continue;
        cost.audio += u->rate == PH_AUDIO;
        cost.control += u->rate == PH_CONTROL;
    }
    return cost;
}

static const struct ph_program_def *find_def(const struct ph_program *p, const char *name)
{
    for (uint32_t i = 0; name && i < p->n_defs; i++)
        if (strcmp(p->defs[i].name, name) == 0)
            return &p->defs[i];
    return NULL;
}

enum use { USE_NUMBER = 0, USE_READS = 1, USE_WRITES = 2 };

static const char *const use_names[] = { "uses", "reads", "writes", "reads and writes" };

/* Whether an input is the control with that index. */
static bool is_control(const struct ph_synthdef *def, struct ph_input in, uint32_t index)
{
    if (in.unit < 0 || !is_parameter(&def->units[in.unit]))
        return false;
    return (uint32_t)(def->units[in.unit].special + in.output) == index;
}

/* What a definition does with the bus whose number stands in a control. */
static enum use use_of(const struct ph_synthdef *def, const char *control)
{
    uint32_t index = UINT32_MAX, use = 0;

    for (uint32_t i = 0; i < def->n_names; i++)
        if (strcmp(def->names[i].name, control) == 0)
            index = def->names[i].index;
    for (uint32_t i = 0; i < def->n_units; i++) {
        const struct ph_unit_spec *const u = &def->units[i];
        const int id = ph_unit_find(u->name);
        for (uint32_t k = 0; id >= 0 && k < u->n_inputs && k < ph_units[id].n_inputs; k++)
            if (ph_units[id].inputs[k].quantity == PH_BUS && is_control(def, u->inputs[k], index))
                use |= u->n_outputs > 0 ? USE_READS : USE_WRITES;
    }
    return (enum use)use;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void print_cost(FILE *to, struct cost cost)
{
    fprintf(to, "%u audio unit%s", cost.audio, cost.audio == 1 ? "" : "s");
    if (cost.control > 0)
        fprintf(to, ", %u control", cost.control);
}

static void print_outputs(const struct ph_program *p, FILE *to)
{
    if (p->n_outputs > 0)
        fputs("outputs\n", to);
    for (uint32_t i = 0; i < p->n_outputs; i++) {
        const struct ph_program_output *const o = &p->outputs[i];
        fprintf(to, "  %-12s bus %s, ", o->name, o->bus);
        if (o->port > 0)
            fprintf(to, "port %u", o->port);
        else
            fputs("the mix", to);
        fputs(o->state == PH_OUTPUT_HUSHED ? ", hushed\n" : o->state == PH_OUTPUT_SOLO ? ", solo\n" : "\n",
              to);
    }
}

static void print_buses(const struct ph_program *p, FILE *to)
{
    if (p->n_buses > 0)
        fputs("buses\n", to);
    for (uint32_t i = 0; i < p->n_buses; i++)
        fprintf(to, "  %-12s %u channel%s\n", p->buses[i].name, p->buses[i].n_channels,
                p->buses[i].n_channels == 1 ? "" : "s");
}

static void print_controls(const struct ph_synthdef *def, const struct ph_program_control *controls,
                           uint32_t n, FILE *to)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct ph_program_control *const c = &controls[i];
        if (c->bus)
            fprintf(to, "    %s bus %s (%s)\n", use_names[use_of(def, c->control)], c->bus, c->control);
        else if (c->sample)
            fprintf(to, "    %s = sample %s:%d\n", c->control, c->sample, c->index);
        else
            fprintf(to, "    %s = %g\n", c->control, (double)c->value);
    }
}

static void print_nodes(const struct ph_program *p, FILE *to)
{
    if (p->n_nodes > 0)
        fputs("nodes, in the order they run\n", to);
    for (uint32_t i = 0; i < p->n_nodes; i++) {
        const struct ph_program_node *const node = &p->nodes[i];
        const struct ph_program_def *const def = find_def(p, node->def);
        if (!def) {
            fprintf(to, "  %-12s voices, write bus %s\n", node->name, node->bus ? node->bus : "?");
            continue;
        }
        fprintf(to, "  %-12s synth of %s: ", node->name, def->name);
        print_cost(to, cost_of(&def->def));
        fputc('\n', to);
        print_controls(&def->def, node->controls, node->n_controls, to);
    }
}

static void print_players(const struct ph_program *p, FILE *to)
{
    if (p->n_players > 0)
        fputs("players\n", to);
    for (uint32_t i = 0; i < p->n_players; i++) {
        const struct ph_program_player *const player = &p->players[i];
        fprintf(to, "  %-12s %u instruction%s: ", player->name, player->code.n_instrs,
                player->code.n_instrs == 1 ? "" : "s");
        if (player->kind == PH_PLAYER_EVENTS)
            fprintf(to, "events for voices of %s%s%s\n", player->node,
                    player->default_def ? ", notes play " : "",
                    player->default_def ? player->default_def : "");
        else
            fprintf(to, "steps for %s of %s%s\n", player->control, player->node,
                    player->notes_as_hz ? ", notes as Hz" : "");
    }
}

static void print_defs(const struct ph_program *p, FILE *to)
{
    if (p->n_defs > 0)
        fputs("definitions\n", to);
    for (uint32_t i = 0; i < p->n_defs; i++) {
        const struct ph_program_def *const def = &p->defs[i];
        struct ph_writer w = { 0 };
        fprintf(to, "  %s: ", def->name);
        print_cost(to, cost_of(&def->def));
        fputc('\n', to);
        print_controls(&def->def, def->controls, def->n_controls, to);
        ph_synthdef_list(&def->def, &w);
        for (size_t at = 0; at < w.size;) {
            const uint8_t *const newline = memchr(w.data + at, '\n', w.size - at);
            const size_t end = newline ? (size_t)(newline - w.data) : w.size;
            fprintf(to, "    %.*s\n", (int)(end - at), (const char *)w.data + at);
            at = end + 1;
        }
        ph_writer_finish(&w);
    }
}

static void print_sum(const struct ph_program *p, FILE *to)
{
    struct cost all = { 0, 0 };

    for (uint32_t i = 0; i < p->n_nodes; i++) {
        const struct ph_program_def *const def = find_def(p, p->nodes[i].def);
        const struct cost cost = def ? cost_of(&def->def) : (struct cost){ 0, 0 };
        all.audio += cost.audio;
        all.control += cost.control;
    }
    fputs("always running: ", to);
    print_cost(to, all);
    fputs("; each voice that sounds adds its definition\n"
          "(counted: an audio unit is one kernel over each block of 64 frames)\n", to);
}

void graph_text(const struct ph_program *p, FILE *to)
{
    fprintf(to, "program %s, revision %016llx", p->name, (unsigned long long)p->revision);
    if (p->has_cps)
        fprintf(to, ", %g cycles a second", ph_ratio_to_double(p->cps));
    fputc('\n', to);
    print_outputs(p, to);
    print_buses(p, to);
    print_nodes(p, to);
    print_players(p, to);
    print_defs(p, to);
    print_sum(p, to);
}

/* ---- Graphviz -------------------------------------------------------------------------------- */

/* A quoted identifier: the kind keeps a bus and a node of one name apart. */
static void put_id(FILE *to, const char *kind, const char *name)
{
    fprintf(to, "\"%s ", kind);
    for (; *name; name++) {
        if (*name == '"' || *name == '\\')
            fputc('\\', to);
        fputc(*name, to);
    }
    fputc('"', to);
}

static void put_label(FILE *to, const char *text, const char *more)
{
    fputs(" [label=\"", to);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', to);
        fputc(*text, to);
    }
    fprintf(to, "%s\"", more);
}

static void put_edge(FILE *to, const char *kind, const char *from, const char *kind_to,
                     const char *name_to, const char *attributes)
{
    fputs("  ", to);
    put_id(to, kind, from);
    fputs(" -> ", to);
    put_id(to, kind_to, name_to);
    fprintf(to, "%s;\n", attributes);
}

static void put_uses(FILE *to, const char *kind, const char *name, const struct ph_synthdef *def,
                     const struct ph_program_control *controls, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const enum use use = controls[i].bus ? use_of(def, controls[i].control) : USE_NUMBER;
        if (use & USE_READS)
            put_edge(to, "bus", controls[i].bus, kind, name, "");
        if (use & USE_WRITES)
            put_edge(to, kind, name, "bus", controls[i].bus, "");
    }
}

static void put_node(const struct ph_program *p, const struct ph_program_node *node, uint32_t index,
                     FILE *to)
{
    const struct ph_program_def *const def = find_def(p, node->def);
    char more[96];

    if (def) {
        const struct cost cost = cost_of(&def->def);
        snprintf(more, sizeof more, "\\n%u: %u audio units", index + 1, cost.audio);
    } else {
        snprintf(more, sizeof more, "\\n%u: voices", index + 1);
    }
    fputs("  ", to);
    put_id(to, "node", node->name);
    put_label(to, node->name, more);
    fputs(def ? ", shape=box];\n" : ", shape=box3d];\n", to);
    if (def)
        put_uses(to, "node", node->name, &def->def, node->controls, node->n_controls);
    else if (node->bus)
        put_edge(to, "node", node->name, "bus", node->bus, "");
}

static void put_player(const struct ph_program_player *player, FILE *to)
{
    char more[96];

    snprintf(more, sizeof more, "\\n%u instructions", player->code.n_instrs);
    fputs("  ", to);
    put_id(to, "player", player->name);
    put_label(to, player->name, more);
    fputs(", shape=note];\n", to);
    put_edge(to, "player", player->name, "node", player->node, " [style=dashed]");
}

void graph_dot(const struct ph_program *p, FILE *to)
{
    fputs("digraph phonon {\n  rankdir=LR;\n  node [fontname=\"sans-serif\", fontsize=10];\n", to);
    for (uint32_t i = 0; i < p->n_buses; i++) {
        fputs("  ", to);
        put_id(to, "bus", p->buses[i].name);
        put_label(to, p->buses[i].name, p->buses[i].n_channels == 2 ? "\\n2 channels" : "\\n1 channel");
        fputs(", shape=ellipse];\n", to);
    }
    for (uint32_t i = 0; i < p->n_nodes; i++)
        put_node(p, &p->nodes[i], i, to);
    for (uint32_t i = 0; i < p->n_players; i++)
        put_player(&p->players[i], to);
    for (uint32_t i = 0; i < p->n_defs; i++) /* voices that read buses of the program */
        if (p->defs[i].n_controls > 0) {
            fputs("  ", to);
            put_id(to, "def", p->defs[i].name);
            put_label(to, p->defs[i].name, "\\nits voices");
            fputs(", shape=box3d];\n", to);
            put_uses(to, "def", p->defs[i].name, &p->defs[i].def, p->defs[i].controls,
                     p->defs[i].n_controls);
        }
    for (uint32_t i = 0; i < p->n_outputs; i++) {
        fputs("  ", to);
        put_id(to, "output", p->outputs[i].name);
        put_label(to, p->outputs[i].name, "");
        fputs(", shape=doublecircle];\n", to);
        put_edge(to, "bus", p->outputs[i].bus, "output", p->outputs[i].name, "");
    }
    fputs("}\n", to);
}
