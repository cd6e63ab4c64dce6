/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/plan.h - what runs in a block, and in which order: tasks in levels.                  */
/* room: audio.                                                                                   */
/*                                                                                                */
/* A task is a synth that runs alone or a batch of synths. Tasks of one level don't hear each     */
/* other: none reads a bus that another of them writes, none replaces what another adds. So they  */
/* may run in any order and on any thread; what they put on buses is summed in the order of the   */
/* tasks. Order in the node tree is kept wherever it can be heard: whoever reads a bus has a      */
/* higher level than those before it that write it, and a lower one than those behind it.         */
/*                                                                                                */
/* Batches are made here, too. Neighbours in a group that only add to audio buses and read no     */
/* audio bus form a run; within a run nobody hears in which order synths play, so those of one    */
/* definition play side by side. A batch never reaches over the end of a run.                     */
/*                                                                                                */
/* All of it follows from the tree alone, never from the number of threads.                       */
#ifndef SERVER_RT_PLAN_H
#define SERVER_RT_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "server/dsp/dsp.h"

struct rt_world;
struct rt_node;
struct rt_synth;
struct rt_batch;
struct rt_def;

struct rt_task {
    struct rt_synth *synth; /* or */
    struct rt_batch *batch;
    uint32_t level;
    uint32_t n_writes;  /* that it may put on audio buses, at most */
    uint32_t cost;      /* in units that run alone, roughly */
};

/** Highest levels + 1 at which tasks of this plan use a bus; 0: none does. */
struct rt_bus_use {
    uint64_t plan;
    uint32_t reads, adds, replaces;
};

struct rt_plan {
    bool is_stale;     /* the tree, a pause or a bus number has changed: make a new plan */
    uint64_t number, run;
    uint32_t n_max, n_tasks, n_levels, n_run, n_moves;
    uint32_t floor;    /* tasks that follow have this level or a higher one */
    struct rt_task *tasks;     /* [n_max], in the order of the tree */
    struct rt_task **sorted;   /* [n_max], by level */
    uint32_t *level_first;     /* [n_max + 2]: index into sorted */
    struct rt_synth **members; /* [n_max]: of the run that is being read */
    struct rt_def *run_defs;   /* of the run, by pool.next_in_run */
    struct rt_bus_use *buses;  /* [n_audio_buses + 1]: the last stands for all control buses */
    struct rt_batch *used;     /* batches in use */
};

/** Forms batches and lists the tasks of the coming block, if something has changed. */
PH_RT void rt_plan_update(struct rt_world *w);
/**
 * The same for what follows a barrier that has ended, paused or resumed other nodes in this block.
 */
PH_RT void rt_plan_behind(struct rt_world *w, struct rt_synth *barrier);
/** A synth no longer plays beside others. */
PH_RT void rt_plan_part(struct rt_world *w, struct rt_synth *synth);
/** A node is about to be unlinked; a synth also leaves its batch. */
PH_RT void rt_plan_unlinked(struct rt_world *w, struct rt_node *node);

#endif
