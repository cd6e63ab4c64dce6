/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/scsynth_call.h - one message of scsynth's door being carried out; its handlers.     */
/* room: command thread.                                                                          */
#ifndef SERVER_NRT_SCSYNTH_CALL_H
#define SERVER_NRT_SCSYNTH_CALL_H

#include "protocol/addresses.h"
#include "protocol/osc.h"
#include "server/link/command.h"
#include "server/nrt/context.h"

/** One message being carried out. */
struct call {
    struct nrt_context *c;
    const struct nrt_sender *sender; /* NULL offline */
    int address;
    const struct ph_osc_message *message;
    struct ph_osc_args args;
    uint64_t due_frame;
    float subsample;     /* SubsampleOffset of synths that begin then */
    uint32_t request_id; /* made with the first message to the audio thread */
    int depth;           /* of completion messages */
    char text[96];       /* why it failed, when the status's own text is not scsynth's */
};

/**
 * Puts a command for the audio thread behind the others of
 * the packet, with the call's frame and request.
 */
PH_NODISCARD ph_status nrt_call_stage(struct call *call, struct link_command command);
/** The call's request, for what must know it longer than the table does. */
void nrt_call_request(struct call *call, struct nrt_request *out);
/** True when the sender doesn't want to hear why the call failed: /error. */
bool nrt_call_is_quiet(const struct call *call);
/** True when the sender may name files: a program on this machine. */
bool nrt_call_is_local(const struct call *call);
/** The optional completion message at the end; an integer (sclang's nil) means there is none. */
void nrt_call_run_completion(struct call *call);

/** Arguments as scsynth takes them: what is missing or of another kind counts as 0. */
int32_t nrt_take_int(struct call *call);
float nrt_take_float(struct call *call);
/** True when n arguments are left, or more. */
bool nrt_has(const struct call *call, uint32_t n);
/**
 * A node: its id, or a path (text: h t u p n) and the id where it begins. `slot` below LINK_WALKS.
 */
PH_NODISCARD ph_status nrt_take_node(struct call *call, uint8_t slot, int32_t *id);
/** Controls of a new synth: the rest of the message, in the form of /n_set or of /n_setn. */
void nrt_set_new(struct call *call, struct rt_synth *synth, bool by_runs);

/**
 * Handlers: each reads its arguments and stages what follows from them, or returns why not; `text`
 * may say it in scsynth's words. What was staged before the failure stays.
 */
typedef ph_status nrt_handler(struct call *call);
/* scsynth_server.c */
nrt_handler nrt_do_notify, nrt_do_status, nrt_do_version, nrt_do_quit, nrt_do_sync, nrt_do_clear_sched;
nrt_handler nrt_do_error, nrt_do_dump_osc, nrt_do_cmd;
/* scsynth_defs.c */
nrt_handler nrt_do_d_recv, nrt_do_d_load, nrt_do_d_load_dir, nrt_do_d_free, nrt_do_d_free_all;
/* scsynth_nodes.c */
nrt_handler nrt_do_s_new, nrt_do_s_newargs, nrt_do_s_noid, nrt_do_n_free, nrt_do_n_run, nrt_do_n_query;
nrt_handler nrt_do_n_trace, nrt_do_n_before, nrt_do_n_after, nrt_do_n_order, nrt_do_g_new, nrt_do_g_head;
nrt_handler nrt_do_g_tail, nrt_do_g_free_all, nrt_do_g_deep_free, nrt_do_g_dump_tree, nrt_do_g_query_tree;
/* scsynth_controls.c */
nrt_handler nrt_do_n_set, nrt_do_n_setn, nrt_do_n_fill, nrt_do_n_map, nrt_do_n_mapn, nrt_do_n_mapa;
nrt_handler nrt_do_n_mapan, nrt_do_s_get, nrt_do_s_getn;
/* scsynth_buses.c */
nrt_handler nrt_do_c_set, nrt_do_c_setn, nrt_do_c_fill, nrt_do_c_get, nrt_do_c_getn;
/* scsynth_buffers.c */
nrt_handler nrt_do_b_alloc, nrt_do_b_alloc_read, nrt_do_b_alloc_read_channel, nrt_do_b_free, nrt_do_b_zero;
nrt_handler nrt_do_b_read, nrt_do_b_read_channel, nrt_do_b_write, nrt_do_b_close, nrt_do_b_gen;
nrt_handler nrt_do_b_set, nrt_do_b_setn, nrt_do_b_fill, nrt_do_b_get, nrt_do_b_getn, nrt_do_b_query;

#endif
