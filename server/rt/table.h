/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/table.h - node ids to nodes.                                                         */
/* room: audio. owner: struct rt_world.                                                           */
#ifndef SERVER_RT_TABLE_H
#define SERVER_RT_TABLE_H

#include <stdbool.h>

#include "server/rt/node.h"

/** Open addressing with linear probing; at most three quarters of the places are taken. */
struct rt_table {
    struct rt_node **places;
    uint32_t mask, n;
};

/** The node with that id, or NULL. */
PH_RT struct rt_node *rt_table_find(const struct rt_table *t, int32_t id);
/**
 * False when the id is taken or the table is full (nothing changes). Nodes with id -1 are refused.
 */
PH_RT bool rt_table_add(struct rt_table *t, struct rt_node *node);
/** Forgets `node`; harmless when another node, or none, stands under its id. */
PH_RT void rt_table_remove(struct rt_table *t, const struct rt_node *node);

#endif
