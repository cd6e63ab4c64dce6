/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/link/command.h - messages to the audio thread, copied by value; pointers move with      */
/* them.                                                                                          */
/* room: both ends.                                                                               */
#ifndef SERVER_LINK_COMMAND_H
#define SERVER_LINK_COMMAND_H

#include <stdint.h>

#include "server/link/query.h"

struct rt_synth;
struct rt_group;
struct rt_program;
struct dsp_buffer;
struct link_job;

enum link_command_kind {
    LINK_SYNTH_ADD,       /* u.add: gives the synth */
    LINK_GROUP_ADD,       /* u.add: gives the group */
    LINK_NODE_FREE,       /* u.node */
    LINK_NODE_RUN,        /* u.node, value 0 or 1 */
    LINK_NODE_INFO,       /* u.node: everybody hears where it is */
    LINK_NODE_HIDE,       /* u.node: a synth gets an id that no client chose */
    LINK_NODE_CHECK,      /* u.node: fails if there is no such node */
    LINK_NODE_MOVE,       /* u.move */
    /* u.walk: LINK_WALKED + slot stands for the node where it ends, in this request */
    LINK_NODE_WALK,
    LINK_GROUP_FREE_ALL,  /* u.node */
    LINK_GROUP_DEEP_FREE, /* u.node: its synths, also those in groups below; groups stay */
    LINK_NODE_SET,        /* u.set: by symbol, or by index when symbol is 0; groups pass it on */
    LINK_NODE_MAP,        /* u.map: likewise */
    LINK_CONTROL_BUS_SET, /* u.bus */
    /* u.fail: the sender hears in its turn what the command thread has found */
    LINK_FAIL,
    /* u.buffer: gives the new data; the old comes back in LINK_REPORT_BUFFER */
    LINK_BUFFER_SWAP,
    LINK_BUFFER_WRITE,    /* u.job: gives values for a buffer; it comes back in LINK_REPORT_JOB */
    LINK_BUFFER_FILL,     /* u.fill: one value for many samples; what lies outside is passed over */
    LINK_PROGRAM_SWAP,    /* u.program: gives it; it comes back in LINK_REPORT_PROGRAM */
    LINK_VOICE,           /* u.voice: gives the synth; starts on due_frame exactly */
    LINK_STEP,            /* u.step: control value from due_frame on, exactly */
    LINK_HUSH,            /* fade the program's outputs to silence, 10 ms; u.node.value 1: undo */
    LINK_OUTPUT,          /* u.output: fade one output of the program out or in, 10 ms */
    LINK_PANIC,           /* end every voice and program node now (2 ms fade); clears the queue */
    /* drop every command that waits for its frame, but for players'; questions and buffers keep
     * their turn, also in a panic */
    LINK_CLEAR_SCHED,
    /* u.job: gives it; it comes back in LINK_REPORT_JOB when its turn comes */
    LINK_JOB,
    LINK_QUERY,           /* u.query: gives it; it comes back answered in LINK_REPORT_QUERY */
    LINK_LISTEN,          /* u.node.value 0: nobody wants LINK_REPORT_NODE; else somebody does */
    LINK_FADE_OUT         /* fade all output ports to silence in 10 ms, before the end */
};

/** Steps of commands that move nodes: each pair of theirs is a message, and so is their end. */
enum link_move {
    LINK_MOVE_HEAD,        /* node to the head of group `target` */
    LINK_MOVE_TAIL,
    /* a pair: the node goes before `target` when the next pair or the end comes */
    LINK_MOVE_BEFORE,
    LINK_MOVE_AFTER,
    LINK_MOVE_PAIRS_END,
    LINK_MOVE_ORDER,       /* where the first of the nodes that follow goes: `target`, `action` */
    LINK_MOVE_ORDERED,     /* one of them: behind the last one */
    LINK_MOVE_ORDER_END
};

/** What a voice cuts of its group. */
enum link_cut_flags {
    LINK_CUT_SAME_SOUND = 1, /* only what has its cut_sound */
    LINK_CUT_ANY_SCOPE = 2
};

/** Ids that stand for where LINK_NODE_WALK has come to. */
enum { LINK_WALKED = INT32_MIN, LINK_WALKS = 2, LINK_WALK_STEPS = 14 };

struct link_command {
    uint64_t due_frame;  /* 0: first frame of the next block. Others wait in rt/sched.c */
    uint32_t request_id; /* repeated in reports about this command; 0: nobody waits */
    enum link_command_kind kind;
    union {
        struct {
            union {
                struct rt_synth *synth;
                struct rt_group *group;
            };
            int32_t target;  /* node id */
            uint8_t action;  /* 0 head, 1 tail, 2 before, 3 after, 4 replace */
            /* who is replaced has its id until it has gone, so that clients hear of it */
            uint8_t keeps_id;
        } add;
        struct {
            int32_t id;
            int32_t value;
        } node;
        struct {
            int32_t id;
            uint32_t symbol; /* nrt_symbols number of the control's name, 0: by index alone */
            /* of the control; with a symbol, counted inside that control's array */
            int32_t index;
            float value;
            int32_t n;       /* controls that get the value; 0 as 1 */
        } set;
        struct {
            int32_t id;
            uint32_t symbol;
            int32_t index;
            int32_t n;       /* controls, to as many buses */
            int32_t bus;     /* negative: the controls have their own values again */
            uint8_t source;  /* enum link_control_source */
        } map;
        struct {
            int32_t id, target;
            uint8_t step;    /* enum link_move */
            uint8_t action;  /* 0 head, 1 tail, 2 before, 3 after */
        } move;
        struct {
            int32_t id;
            uint8_t slot;    /* below LINK_WALKS */
            uint8_t n_steps;
            char steps[LINK_WALK_STEPS]; /* h head, t tail, u up, p previous, n next; others stay */
        } walk;
        struct {
            int32_t status;  /* ph_status */
            int32_t id;
        } fail;
        struct {
            uint32_t index;
            float value;
            uint32_t n;      /* buses that get the value; 0 as 1 */
        } bus;
        struct {
            struct dsp_buffer *buffer; /* heap copy: moved into slot `index`, then reported back */
            uint32_t index;
        } buffer;
        struct {
            uint32_t buffer;
            int32_t first, n;
            float value;
        } fill;
        struct link_job *job;
        struct rt_program *program;
        struct link_query *query;
        struct {
            uint16_t slot;   /* of the node that adds it to the mix */
            uint8_t hushed;
        } output;
        struct {
            struct rt_synth *synth;
            uint16_t group_slot;  /* program slot of the group it plays in */
            /* withdrawn if another generation runs on the event's own frame */
            uint16_t player_slot;
            uint32_t generation;
            int32_t cut;          /* > 0: others of this group fade out; < 0: joins group -cut */
            uint32_t delay_frames; /* nudge: the event's own frame is so much before due_frame */
            int32_t group_id;     /* not 0: the group it plays in, in place of group_slot */
            uint32_t cut_sound;   /* which sound it is */
            uint16_t cut_scope;   /* groups of one number in different scopes are different ones */
            uint8_t cut_flags;    /* enum link_cut_flags */
            uint8_t fade_ms;      /* of what it cuts; 0: 10 */
        } voice;
        struct {
            uint16_t synth_slot;
            uint16_t player_slot;
            uint32_t generation;
            uint32_t symbol;
            float value;
        } step;
    } u;
};

#endif
