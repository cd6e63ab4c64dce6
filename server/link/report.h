/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/link/report.h - messages from the audio thread to the command thread.                   */
/* room: both ends.                                                                               */
#ifndef SERVER_LINK_REPORT_H
#define SERVER_LINK_REPORT_H

#include <stdint.h>

#include "protocol/status.h"

struct rt_synth;
struct rt_group;
struct rt_program;
struct rt_def;
struct dsp_buffer;
struct link_query;
struct link_job;

enum link_report_kind {
    LINK_REPORT_NODE,    /* u.node: notification for registered clients */
    LINK_REPORT_SYNTH,   /* u.synth: ended or refused; the command thread frees it */
    LINK_REPORT_GROUP,   /* u.group: likewise */
    LINK_REPORT_TAP,     /* u.synth: its record is complete; borrowed until its LINK_REPORT_SYNTH */
    LINK_REPORT_BUFFER,  /* u.buffer: what was replaced; the command thread frees it */
    LINK_REPORT_PROGRAM, /* u.program: the switch happened (frame inside); free what it retired */
    /* u.job: its turn has come, or it was dropped; the command thread goes on */
    LINK_REPORT_JOB,
    LINK_REPORT_QUERY,   /* u.query: answered, or why not; the command thread frees it */
    LINK_REPORT_FAIL,    /* status, request_id, u.node.id */
    LINK_REPORT_RESET,   /* u.reset: the first value of a synth that was not finite */
    LINK_REPORT_MESSAGE  /* u.message: what a unit tells clients, in parts */
};

enum { LINK_MESSAGE_VALUES = 6 }; /* of one part */

enum link_node_event {
    LINK_NODE_GO,
    LINK_NODE_END,
    LINK_NODE_ON,
    LINK_NODE_OFF,
    LINK_NODE_MOVED,
    LINK_NODE_TOLD
};

struct link_report {
    enum link_report_kind kind;
    uint32_t request_id;
    ph_status status;
    union {
        struct {
            int32_t id, parent, prev, next, head, tail; /* -1: none */
            uint8_t event;                              /* enum link_node_event */
            uint8_t is_group;
        } node;
        struct rt_synth *synth;
        struct rt_group *group;
        struct {
            struct dsp_buffer *buffer;
            uint32_t buffer_index; /* of the slot it was in, or was meant for */
        };
        struct rt_program *program;
        struct link_query *query;
        struct link_job *job;
        struct {
            const struct rt_def *def; /* borrowed: the synth's own report comes behind this one */
            int32_t node_id;
            uint16_t slot, player_slot; /* 0: it is no program node, no player's voice */
        } reset;
        struct {
            const struct rt_def *def; /* borrowed, as above */
            int32_t node_id;
            float id;                 /* SendTrig's or SendReply's */
            uint16_t messenger;       /* of the def */
            uint16_t first, n_values; /* of the values; the last part has the last one */
            float values[LINK_MESSAGE_VALUES];
        } message;
    } u;
};

#endif
