/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/batch.h - voices of one definition side by side in the lanes of vectors.             */
/* room: audio. Allocated and freed by nrt/synth.c on other threads.                              */
/*                                                                                                */
/* A synth is born alone, at width 1, and moves into a lane when enough of its kind play beside   */
/* it (rt/plan.c). Kernels give the same bits at both widths, so nobody hears it move.            */
#ifndef SERVER_RT_BATCH_H
#define SERVER_RT_BATCH_H

#include "server/rt/node.h"

struct rt_batch {
    struct rt_def *def;
    struct rt_batch *next;     /* in the def's pool, or among the open ones of a run */
    struct rt_batch *used_prev, *used_next; /* of the world's batches in use */
    uint64_t plan, run;        /* the plan it was last seen by, the run of nodes it belongs to */
    bool planned;              /* its task stands in the plan */
    uint32_t n_lanes;
    uint32_t lanes;            /* bit k: synths[k] is there */
    uint32_t fading;           /* bit k: its gain is not 1, or moves */
    uint32_t asking;           /* bit k: asked for something in the last block */
    bool told;                 /* some node's done or flags are set */
    uint32_t n_voices;         /* lanes that are voices of players */
    struct rt_synth *synths[DSP_LANES_MAX];
    struct dsp_node node[DSP_LANES_MAX];
    float level[DSP_LANES_MAX]; /* peaks of the last block, where n_voices > 0 */
    /* one allocation behind the struct, each array [..][width] */
    float *controls, *values;
    float **memories;
    void **wires;              /* as struct rt_synth's */
    const float *wired_for;
    uint8_t *state;
};

/** Moves a synth that ran alone into a free lane: its state, values, controls and fade. */
PH_RT void rt_batch_join(struct rt_batch *batch, struct rt_synth *synth);
/** Moves a synth out of its lane, so that it goes on alone. */
PH_RT void rt_batch_leave(struct rt_synth *synth);
/** Frees the lane of a synth that ends: nothing is moved. */
PH_RT void rt_batch_drop(struct rt_synth *synth);

static inline bool rt_batch_is_full(const struct rt_batch *batch)
{
    return batch->n_lanes == batch->def->width;
}

#endif
