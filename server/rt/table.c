/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/table.c - node ids to nodes.                                                         */
/* room: audio.                                                                                   */
#include "server/rt/table.h"

#include <stddef.h>

/** Fibonacci hashing: clients number nodes in sequence, the multiplier spreads them. */
static uint32_t home(const struct rt_table *t, int32_t id)
{
    return (uint32_t)(((uint64_t)(uint32_t)id * UINT64_C(11400714819323198485)) >> 32) & t->mask;
}

/** Place of the id, or the free place where it would go. */
PH_RT static uint32_t place(const struct rt_table *t, int32_t id)
{
    uint32_t i = home(t, id);
    while (t->places[i] && t->places[i]->id != id)
        i = (i + 1) & t->mask;
    return i;
}

PH_RT struct rt_node *rt_table_find(const struct rt_table *t, int32_t id)
{
    return t->places[place(t, id)];
}

PH_RT bool rt_table_add(struct rt_table *t, struct rt_node *node)
{
    if (node->id == -1 || t->n >= (t->mask + 1) / 4 * 3)
        return false;
    const uint32_t i = place(t, node->id);
    if (t->places[i])
        return false;
    t->places[i] = node;
    t->n++;
    return true;
}

/* Deletion without tombstones: whoever probed past the hole
 * moves back into it. Knuth 6.4, algorithm R. */
PH_RT void rt_table_remove(struct rt_table *t, const struct rt_node *node)
{
    uint32_t hole = place(t, node->id);
    if (t->places[hole] != node)
        return;
    for (uint32_t i = (hole + 1) & t->mask; t->places[i]; i = (i + 1) & t->mask) {
        const uint32_t wanted = home(t, t->places[i]->id);
        if (((i - wanted) & t->mask) >= ((i - hole) & t->mask)) {
            t->places[hole] = t->places[i];
            hole = i;
        }
    }
    t->places[hole] = NULL;
    t->n--;
}
