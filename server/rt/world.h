/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/world.h - everything the audio thread owns, in one struct.                           */
/* room: audio; allocated and freed by rt/world.c on the command thread while no driver runs.     */
#ifndef SERVER_RT_WORLD_H
#define SERVER_RT_WORLD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/dsp/dsp.h"
#include "server/link/command.h"
#include "server/link/report.h"
#include "server/link/ring.h"
#include "server/link/snapshot.h"
#include "server/rt/block.h"
#include "server/rt/clock.h"
#include "server/rt/crew.h"
#include "server/rt/meter.h"
#include "server/rt/node.h"
#include "server/rt/plan.h"
#include "server/rt/program.h"
#include "server/rt/sched.h"
#include "server/rt/table.h"

/** Reports that must not be lost and found the ring full. */
enum { RT_BACKLOG_MAX = 256 };

/**
 * When a player's generation ran that has ended: events of that time may still be due, by nudge.
 */
struct rt_term {
    uint32_t generation;
    uint16_t slot;
    uint64_t began, ended; /* frames */
};
enum { RT_TERMS_MAX = 1024 };

/** Where LINK_NODE_WALK has come to. */
struct rt_walk {
    int32_t began, id;
    bool is_there;
};

/** What messages of one request that moves nodes hand on: LINK_NODE_MOVE. */
struct rt_moves {
    bool waits;     /* a pair is to be carried out; of an order: the first node has its place */
    uint8_t action;
    int32_t node, target, missing;
};

struct rt_world {
    struct rt_config config;
    struct link_ring commands, seq_commands, reports;
    struct link_snapshot snapshot;

    uint64_t frame; /* first frame not rendered */
    struct dsp_env env;
    struct dsp_fft *fft; /* of env */
    struct ph_tempo tempo;
    uint64_t revision;
    struct rt_clock clock;
    struct rt_meter meter;
    struct rt_sched sched;
    struct rt_counts counts;
    struct rt_plan plan;
    struct rt_crew crew;

    /* nodes */
    struct rt_group root, program, events, output; /* ids 0 and RT_..._GROUP_ID */
    struct rt_table table;
    struct rt_node *doomed;
    struct rt_node *gone_head, *gone_tail;
    struct link_job *job_head, *job_tail; /* on their way back */
    struct rt_synth *voice_head, *voice_tail;
    uint32_t n_voices;        /* in the list */
    uint32_t n_voices_fading; /* of these: on their way out by a cut or a theft */
    uint32_t n_client_nodes;
    int32_t latest_id;        /* of the client's node that came last: what -1 stands for */
    int32_t hidden_id;        /* the last one that a node got whose client wanted none */
    uint32_t failed_request;  /* the rest of it is passed over */
    struct rt_walk walks[LINK_WALKS];
    struct rt_moves moves;
    uint32_t n_ringing;       /* synths that have left their program and ring out */

    /* programs */
    struct rt_node *slots[RT_SLOTS_MAX];
    uint32_t generations[RT_SLOTS_MAX]; /* by player slot; 0: no player */
    uint64_t since[RT_SLOTS_MAX];       /* by player slot: first frame of its generation */
    /* by generation, the later one of those that share a place */
    struct rt_term terms[RT_TERMS_MAX];
    struct rt_program *waiting;         /* a switch whose frame has not come */
    uint64_t waiting_frame;
    uint32_t waiting_request;
    bool hushed;
    bool is_unheard; /* nobody wants notifications of nodes */

    /* reports that wait for room, oldest at backlog_first */
    struct link_report backlog[RT_BACKLOG_MAX];
    uint32_t backlog_first, n_backlog;

    /* ports */
    float port_gain, port_gain_step; /* LINK_FADE_OUT */
    /* [n_outputs][block_frames]: rendered, not yet taken by a period */
    float **keep_out;
    uint32_t n_kept;
    float **keep_in;                 /* [n_inputs][block_frames]: arrived, not yet rendered */
    uint32_t n_in_kept;
    const float **block_in;
    float **block_out;               /* pointers for one block */

    struct dsp_buffer *buffers; /* what env.buffers shows to kernels */
    struct dsp_disk *disk;      /* of env: this block's */
    _Atomic int32_t *disk_ends; /* [n_client_buffers], of disk: written by the loader */
    struct link_ring streams;   /* of struct dsp_disk_ask, for the loader */
    float *wires; /* scratch: [n_audio_wires_max][64][width] */
};

/** One block, without clock and snapshot; `in` and `out` may be NULL. */
PH_RT void rt_block_render(struct rt_world *w, const float *const *in, float *const *out);

#endif
