/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/records.c - records of the program under construction.                                  */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/build.h"

static void *grow(void *array, uint32_t n, uint32_t *space, size_t size)
{
    if (n < *space)
        return array;
    *space = *space ? 2 * *space : 16;
    void *const larger = realloc(array, *space * size);
    if (!larger) {
        fprintf(stderr, "out of memory\n");
        exit(2);
    }
    memset((char *)larger + n * size, 0, (*space - n) * size);
    return larger;
}

char *build_copied(const char *text)
{
    char *const copy = strdup(text);

    if (!copy) {
        fprintf(stderr, "out of memory\n");
        exit(2);
    }
    return copy;
}

void build_add_bus(struct compiler *c, const char *name, uint32_t n_channels)
{
    struct ph_program *const p = c->out;

    p->buses = grow(p->buses, p->n_buses, &c->buses_space, sizeof *p->buses);
    p->buses[p->n_buses++] = (struct ph_program_bus){ build_copied(name), n_channels };
}

void build_add_output(struct compiler *c, struct ph_program_output output, uint32_t n_channels)
{
    struct ph_program *const p = c->out;

    build_add_bus(c, output.bus, n_channels);
    p->outputs = grow(p->outputs, p->n_outputs, &c->outputs_space, sizeof *p->outputs);
    p->outputs[p->n_outputs++] = output;
}

void build_add_node(struct compiler *c, struct ph_program_node node)
{
    struct ph_program *const p = c->out;

    p->nodes = grow(p->nodes, p->n_nodes, &c->nodes_space, sizeof *p->nodes);
    p->nodes[p->n_nodes++] = node;
}

static struct ph_program_control *node_control(struct ph_program_node *node, const char *control)
{
    struct ph_program_control *const controls =
        realloc(node->controls, (node->n_controls + 1) * sizeof *controls);

    if (!controls) {
        fprintf(stderr, "out of memory\n");
        exit(2);
    }
    node->controls = controls;
    struct ph_program_control *const made = &controls[node->n_controls++];
    *made = (struct ph_program_control){ .control = build_copied(control) };
    return made;
}

void build_node_control(struct ph_program_node *node, const char *control, const char *bus)
{
    node_control(node, control)->bus = build_copied(bus);
}

void build_node_sample(struct ph_program_node *node, const char *control, const char *word,
                       int32_t index)
{
    struct ph_program_control *const made = node_control(node, control);

    made->sample = build_copied(word);
    made->index = index;
}

const char *build_name(struct compiler *c, const char *path, const char *what)
{
    enum { PATH_SHOWN_MAX = 180 };
    const uint64_t whole = ph_hash_text(PH_HASH_START, path);
    const char *const base = strlen(path) <= PATH_SHOWN_MAX
                                 ? compiler_text(c, "%s%s", path, what)
                                 : compiler_text(c, "%.*s %016llx%s", PATH_SHOWN_MAX, path,
                                                 (unsigned long long)whole, what);

    for (uint32_t i = 1;; i++) {
        const char *const name = i == 1 ? base : compiler_text(c, "%s %u", base, i);
        if (key_set_add(c->arena, &c->record_names, ph_hash_text(PH_HASH_START, name)))
            return name;
    }
}

struct ph_program_player *build_add_player(struct compiler *c, const char *name,
                                           enum ph_player_kind kind, const char *node)
{
    struct ph_program *const p = c->out;

    p->players = grow(p->players, p->n_players, &c->players_space, sizeof *p->players);
    struct ph_program_player *const player = &p->players[p->n_players++];
    *player = (struct ph_program_player){ .name = build_copied(name), .kind = kind,
                                          .node = build_copied(node) };
    return player;
}

/* ---- definitions ----------------------------------------------------------------------------- */

static void discard_build(struct ph_build *b)
{
    struct ph_synthdef def;

    if (ph_build_end(b, &def) == PH_OK)
        ph_synthdef_finish(&def);
}

static void free_node(struct ph_program_node *node)
{
    for (uint32_t i = 0; i < node->n_controls; i++) {
        free(node->controls[i].control);
        free(node->controls[i].bus);
        free(node->controls[i].sample);
    }
    free(node->controls);
    free(node->name);
    free(node->def);
    free(node->bus);
}

static struct ph_program_def *add_def(struct compiler *c, const char *name, struct ph_build *b)
{
    struct ph_program *const p = c->out;
    struct ph_synthdef def;
    const ph_status status = ph_build_end(b, &def);

    if (status != PH_OK) {
        diag_error(c->diag, 0, "%s: %s", name, ph_status_text(status));
        return NULL;
    }
    p->defs = grow(p->defs, p->n_defs, &c->defs_space, sizeof *p->defs);
    p->defs[p->n_defs] = (struct ph_program_def){ .name = build_copied(name), .def = def };
    return &p->defs[p->n_defs++];
}

void build_finish_node(struct compiler *c, struct unit_build *u, const char *def_name)
{
    if (u->failed)
        discard_build(&u->b);
    else if (add_def(c, def_name, &u->b)) {
        build_add_node(c, *u->node);
        return;
    }
    free_node(u->node);
}

void build_finish_voice(struct compiler *c, struct unit_build *u, const char *word)
{
    struct ph_program_def *const def = u->failed ? NULL : add_def(c, word, &u->b);

    if (u->failed)
        discard_build(&u->b);
    if (def) {
        def->controls = u->node->controls;
        def->n_controls = u->node->n_controls;
        *u->node = (struct ph_program_node){ 0 };
    }
    free_node(u->node);
}
