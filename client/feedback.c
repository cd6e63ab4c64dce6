/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/feedback.c - which signal buses read each other in a circle: LANGUAGE 5.4.              */
#include <stdlib.h>

#include "client/value.h"

/* Tarjan, Depth-first search and linear graph algorithms (1972): strongly connected components. */
struct search {
    struct compiler *c;
    struct definition **stack;
    uint32_t n_stack;
};

static void visit(struct search *s, struct definition *d);

/* Every bus that the signal reads; shared parts once. */
static void visit_signal(struct search *s, struct definition *reader, struct sig *at)
{
    if (!at || at->group_stamp == reader->visit)
        return;
    at->group_stamp = reader->visit;
    if (at->kind == SIG_BUS) {
        struct definition *const read = at->definition;
        if (!read->visit)
            visit(s, read);
        if (read->lowest && read->lowest < reader->lowest)
            reader->lowest = read->lowest;
        reader->is_fed_back |= read == reader;
        return;
    }
    for (uint32_t i = 0; i < at->n_args; i++)
        visit_signal(s, reader, at->args[i]);
}

static int by_statement(const void *a, const void *b)
{
    const struct definition *const x = *(struct definition *const *)a;
    const struct definition *const y = *(struct definition *const *)b;

    return (x->statement->offset > y->statement->offset) -
           (x->statement->offset < y->statement->offset);
}

static void take_group(struct search *s, uint32_t first)
{
    struct feedback_group *const group = arena_alloc(s->c->arena, sizeof *group);

    group->n = s->n_stack - first;
    group->members = arena_alloc(s->c->arena, group->n * sizeof *group->members);
    for (uint32_t i = 0; i < group->n; i++) {
        group->members[i] = s->stack[first + i];
        group->members[i]->group = group;
    }
    qsort(group->members, group->n, sizeof *group->members, by_statement);
}

static void visit(struct search *s, struct definition *d)
{
    const uint32_t first = s->n_stack;

    d->visit = d->lowest = ++s->c->stamp;
    d->is_fed_back = false;
    s->stack[s->n_stack++] = d;
    if (d->value.kind == VALUE_SIGNAL)
        visit_signal(s, d, d->value.signal);
    if (d->lowest != d->visit)
        return;
    if (s->n_stack - first > 1 || d->is_fed_back)
        take_group(s, first);
    for (uint32_t i = first; i < s->n_stack; i++)
        s->stack[i]->lowest = 0; /* done: not of any later circle */
    s->n_stack = first;
}

void feedback_find(struct compiler *c)
{
    struct search s = { .c = c };

    s.stack = arena_alloc(c->arena, (c->n_definitions + 1) * sizeof *s.stack);
    for (uint32_t i = 0; i < c->n_definitions; i++)
        if (!c->definitions[i]->visit)
            visit(&s, c->definitions[i]);
}

bool feedback_is_late(const struct definition *reader, const struct definition *read)
{
    return reader->group && reader->group == read->group &&
           read->statement->offset >= reader->statement->offset;
}

bool feedback_reads(const struct compiler *c, struct sig *s, const struct feedback_group *group)
{
    if (!s || !group)
        return false;
    if (s->kind == SIG_BUS)
        return s->definition->group == group;
    if (s->group_stamp == c->stamp)
        return s->is_looped;
    s->group_stamp = c->stamp;
    s->is_looped = false;
    for (uint32_t i = 0; i < s->n_args; i++)
        s->is_looped |= feedback_reads(c, s->args[i], group);
    return s->is_looped;
}
