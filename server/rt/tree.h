/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/tree.h - groups and synths in order: link, walk, end.                                */
/* room: audio.                                                                                   */
/*                                                                                                */
/* Between blocks nodes end at once (rt_tree_remove). During the walk they are only doomed and    */
/* are swept behind it, so that the walk never steps on a node that has left. No call recurses: a */
/* client may nest groups as deeply as it likes.                                                  */
#ifndef SERVER_RT_TREE_H
#define SERVER_RT_TREE_H

#include "server/rt/world.h"

/** Add actions of /s_new and /g_new. */
enum rt_add_action { RT_ADD_HEAD, RT_ADD_TAIL, RT_ADD_BEFORE, RT_ADD_AFTER, RT_ADD_REPLACE };

/** Sets up the root and the two hidden groups. */
PH_RT void rt_tree_init(struct rt_world *w);
/** The root and the hidden groups never end and never move. */
PH_RT bool rt_tree_is_fixed(const struct rt_world *w, const struct rt_node *node);

/**
 * Links a node at the tail of a group, or behind / before a sibling; counts it; reports nothing.
 */
PH_RT void rt_tree_link_tail(struct rt_world *w, struct rt_group *group, struct rt_node *node);
PH_RT void rt_tree_link_before(struct rt_world *w, struct rt_node *sibling, struct rt_node *node);
PH_RT void rt_tree_link_after(struct rt_world *w, struct rt_node *sibling, struct rt_node *node);
/** Moves a linked node before `sibling` of the same group; NULL: to the tail. */
PH_RT void rt_tree_move(struct rt_world *w, struct rt_group *group, struct rt_node *node,
                        struct rt_node *sibling);

/** Moves a linked node as an add action says: into `group`, or beside `target`, which is in it. */
PH_RT void rt_tree_place(struct rt_world *w, struct rt_group *group, struct rt_node *node,
                         struct rt_node *target, uint8_t action);

/**
 * LINK_SYNTH_ADD, LINK_GROUP_ADD: takes the node, also when it fails. Without a request it is one
 * of the server's own, which may have a negative id. `keeps_id`: see struct link_command.
 */
PH_RT void rt_tree_add(struct rt_world *w, struct rt_node *node, int32_t target, uint8_t action,
                       bool keeps_id);
/** Gives a node an id that no client chose: nobody hears of it from now on. */
PH_RT void rt_tree_hide(struct rt_world *w, struct rt_node *node);

/** Ends a node, with all below it, now. Not during the walk. Fixed nodes stay. */
PH_RT void rt_tree_remove(struct rt_world *w, struct rt_node *node);
/** Ends all nodes of a group but the fixed ones, now. */
PH_RT void rt_tree_free_all(struct rt_world *w, struct rt_group *group);
/** Ends all synths below a group that clients see, now; the groups stay. */
PH_RT void rt_tree_free_synths(struct rt_world *w, struct rt_group *group);
/** Ends a node after the walk; it renders no more. */
PH_RT void rt_tree_doom(struct rt_world *w, struct rt_node *node);
/** Ends the doomed. */
PH_RT void rt_tree_sweep(struct rt_world *w);
/** Pauses or resumes; reports a change. */
PH_RT void rt_tree_run(struct rt_world *w, struct rt_node *node, bool runs);

/** Next node behind `node` in the walk of `top`, without what lies below `node`; NULL: done. */
PH_RT struct rt_node *rt_tree_skip(const struct rt_group *top, struct rt_node *node);
/** Next node of the walk of `top`, going down into groups. */
PH_RT struct rt_node *rt_tree_next(const struct rt_group *top, struct rt_node *node);

/** `node`, or the next one in that direction that clients see: the hidden groups are not there. */
PH_RT struct rt_node *rt_tree_visible(const struct rt_world *w, struct rt_node *node, bool forward);
/** rt_tree_next() among the nodes that clients see; `node` may be the top itself. NULL: done. */
PH_RT struct rt_node *rt_tree_next_visible(const struct rt_world *w, const struct rt_group *top,
                                           struct rt_node *node);

/** Runs every synth that is not paused, by the plan, and carries out what they ask for. */
PH_RT void rt_tree_render(struct rt_world *w);

#endif
