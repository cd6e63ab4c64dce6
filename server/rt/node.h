/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/node.h - nodes of the tree: groups and synths.                                       */
/* room: audio, once linked. Allocated and freed by nrt/synth.c on other threads; ownership moves */
/* with LINK_SYNTH_ADD and its kin, and back with LINK_REPORT_SYNTH.                              */
#ifndef SERVER_RT_NODE_H
#define SERVER_RT_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "server/dsp/random.h"
#include "server/rt/def.h"

/** Fades are rounded up to whole blocks. */
enum { RT_FADE_SWAP_MS = 5, RT_FADE_CUT_MS = 10, RT_FADE_STEAL_MS = 2 };

/** What becomes of a unit's output in a synth that rings out: struct rt_ring. */
enum rt_ring_unit {
    RT_RING_GOES_ON,
    RT_RING_FADES,  /* a source */
    RT_RING_IS_HEIR /* the synth's successor has its state: it fades, then it runs no more */
};

/**
 * A synth that has left its program and rings out: its sources fade, its delays and reverbs sound
 * until they are silent. It ends when it has been silent for so long that nothing can be on its way
 * any more.
 */
struct rt_ring {
    bool is_on;
    float gain, gain_step;   /* of sources */
    uint32_t fade_left;      /* frames until they are silent */
    uint32_t left;           /* frames until it is faded out, whatever sounds */
    uint32_t quiet, quiet_needed; /* frames of silence */
};

/** In which order doomed nodes end, as scsynth's do: clients hear of it. */
enum rt_doom {
    RT_DOOM_AT_ONCE, /* by a done action that frees a group's nodes */
    RT_DOOM_BEHIND,  /* it comes behind the synth that ends it: it ends when its turn comes */
    RT_DOOM_NEXT     /* its turn comes in the next block */
};

/** DOOMED: ends after this block's walk. GONE: unlinked, on its way back to the command thread. */
enum rt_node_state { RT_NODE_LIVE, RT_NODE_DOOMED, RT_NODE_GONE };

struct rt_node {
    int32_t id;           /* negative: hidden (no notifications); -1: can't be addressed either */
    bool is_group, paused;
    bool is_client;       /* came by LINK_SYNTH_ADD or LINK_GROUP_ADD: counts against n_nodes_max */
    uint8_t state;        /* enum rt_node_state */
    uint8_t doom;         /* enum rt_doom, of a doomed one */
    uint32_t request_id;  /* of the command that added it */
    struct rt_group *parent;
    struct rt_node *prev, *next;
    struct rt_node *doomed_next; /* list of nodes that end after the walk */
    struct rt_node *gone_next;   /* list of ended nodes that wait for room in the report ring */
};

struct rt_group {
    struct rt_node node; /* first: a group pointer is a node pointer */
    struct rt_node *head, *tail;
    uint16_t slot;       /* program slot, 0: not a program's */
    bool closing;        /* ends with the last of its nodes */
};

struct nrt_memory_limit; /* nrt/synth.h */

/** Long memory of a unit. Counted, because a replaced synth may share it while it fades out. */
struct rt_memory {
    uint32_t n_refs; /* command and sequencer threads; only one of them holds a given memory */
    uint32_t n_frames; /* 0: there was none to be had, and the unit is silent */
    struct nrt_memory_limit *limit; /* that it counts against; NULL: none */
    float data[];
};

/** Seed of a unit: synth and unit mixed, each unit a step of splitmix64 on. */
static inline uint64_t rt_unit_seed(uint64_t synth_seed, uint32_t unit)
{
    return random_key(synth_seed + (uint64_t)unit * UINT64_C(0x9e3779b97f4a7c15));
}

/** Why a unit has its state before the synth's first block. */
enum rt_carried { RT_CARRIED = 1, /* it is a predecessor's */ RT_BORN_AHEAD };

struct rt_synth {
    struct rt_node node;
    struct rt_def *def;
    struct dsp_node *dsp;      /* fade, offset, done actions: own_dsp, or its lane's in the batch */
    struct rt_batch *batch;    /* NULL: runs alone */
    uint32_t lane;             /* of the batch */
    struct rt_synth *next_alone; /* rt/plan.c */
    uint32_t fade_left;        /* frames until the fade is complete */
    float fade_target;         /* gain at the end of the fade */
    bool fade_ends;            /* free the synth when the fade is complete */
    bool hushed;               /* fades in to silence: an output that nobody shall hear */
    bool born;                 /* unit inits have run */
    bool moving;               /* some control moves within this block */
    /* a control follows an audio bus; one that names a bus follows one */
    bool maps_audio, maps_buses;
    uint32_t n_mapped;         /* controls that follow buses: rt/map.h */
    bool replaced;             /* stands right before its successor, and goes where that goes */
    bool taps_written;         /* command thread: its records are files */
    bool resetting;            /* after a value that was not finite: long memory is being cleared */
    bool was_reset;            /* that has been reported */
    bool lacks_memory;         /* some unit's: it has no state, and is done from the start */
    uint32_t reset_memory, reset_frame; /* how far the clearing has come */
    uint64_t seed;
    struct rt_ring ring;
    struct link_uses *uses;    /* samples that it plays, released when it is freed; NULL: none */
    /* voices */
    bool is_voice;
    uint16_t player_slot;
    uint16_t slot;             /* program slot, 0: not a program node */
    bool ends_group;           /* cut or stolen it takes its group along: it plays what others make */
    uint16_t cut_scope;
    int32_t cut;               /* group of those that cut each other, 0: none */
    uint32_t cut_sound;
    uint64_t start_frame;
    /* peak of the last block that it ran alone, of voices and what rings */
    float level;
    struct rt_synth *voice_prev, *voice_next; /* oldest first */
    /* control i is controls[i * stride]: own_controls, or its lane's in the batch */
    float *controls;
    uint32_t stride;
    struct dsp_node own_dsp;
    /* one allocation behind the struct; in a batch values and state stand still */
    float *own_controls;       /* [n_controls] */
    uint8_t *control_moving;   /* [n_controls]: PH_AUDIO where control_frames moves in this block */
    float *control_frames;     /* [n_controls][64], only for audio-rate controls, else NULL */
    uint8_t *control_source;   /* [n_controls]: enum link_control_source, of link/query.h */
    uint32_t *control_bus;     /* [n_controls]: of those that follow one */
    float *control_own;        /* [n_controls]: the values that they have when they follow none */
    float *values;             /* [n_values] */
    /* [n_values + n_audio_wires]: what units gave before their first frame */
    float *births;
    uint8_t *unit_carried;     /* [n_units]: enum rt_carried; init is skipped */
    uint8_t *unit_rings;       /* [n_units]: enum rt_ring_unit, while ring.is_on */
    uint8_t *unit_dones;       /* [n_units] if the def has sources: see dsp_mark_done() */
    struct dsp_buffer *locals; /* [n_locals] */
    struct rt_memory **memories; /* [n_memories] */
    /* [n_wires] of the def: where each lies for the runner of `wired_for` */
    void **wires;
    const float *wired_for;    /* that runner's scratch wires; NULL: none yet */
    /* [loop_end - loop_first] of the def: calls of the units in the loop */
    struct dsp_block *loop;
    uint8_t *state;            /* [state_bytes], 64-byte aligned */
};

/** Whether the memory that a unit asked for was not to be had. */
static inline bool rt_lacks_memory(const struct rt_synth *synth, const struct rt_unit *unit)
{
    const struct rt_memory *const memory =
        synth->lacks_memory && unit->memory ? synth->memories[unit->memory - 1] : NULL;
    return memory && memory->n_frames == 0;
}

#endif
