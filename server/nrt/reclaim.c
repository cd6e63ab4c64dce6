/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/reclaim.c - what the audio thread hands back: freed, told, answered.                */
/* room: command thread.                                                                          */
#include "server/nrt/reclaim.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/link/report.h"
#include "server/load/bank.h"
#include "server/load/buffers.h"
#include "server/nrt/context.h"
#include "server/nrt/log.h"
#include "server/nrt/native.h"
#include "server/nrt/query.h"
#include "server/nrt/reply.h"
#include "server/nrt/taps.h"

static void tell_node(struct nrt_context *c, const struct link_report *r)
{
    static const char *const addresses[] = { "/n_go", "/n_end", "/n_on", "/n_off", "/n_move",
                                       "/n_info" };
    const char *const address = addresses[r->u.node.event];
    if (r->u.node.is_group)
        nrt_notify_clients(c, address, "iiiiiii", r->u.node.id, r->u.node.parent, r->u.node.prev,
                           r->u.node.next, 1, r->u.node.head, r->u.node.tail);
    else
        nrt_notify_clients(c, address, "iiiii", r->u.node.id, r->u.node.parent, r->u.node.prev,
                           r->u.node.next, 0);
}

/** scsynth's texts name the node; clients parse them. */
void nrt_reclaim_failure(struct nrt_context *c, const struct nrt_request *request, ph_status why,
                         int32_t id)
{
    char text[96];
    if (!request || request->is_quiet)
        return;
    const char *const address = ph_addresses[request->address].address;
    if (why == PH_NODE_NOT_FOUND)
        snprintf(text, sizeof text, "Node %d not found", id);
    else if (why == PH_GROUP_NOT_FOUND)
        snprintf(text, sizeof text, "Group %d not found", id);
    else if (why == PH_TARGET_NOT_FOUND)
        snprintf(text, sizeof text, "target Node %d not found", id);
    else
        snprintf(text, sizeof text, "%s", ph_status_text(why));
    if (!c->osc) /* a score: nobody hears the answer */
        nrt_log(NRT_LOG_WARNING, "%s: %s", address, text);
    nrt_reply_fail(c, &request->sender, address, text);
}

/** Buffers behind the clients' are the bank's, which counts them itself. */
static void take_buffer(struct nrt_context *c, struct dsp_buffer *buffer, uint32_t index)
{
    if (index < c->n_user_buffers && c->buffers)
        load_buffers_release(c->buffers, buffer);
    else
        load_buffer_finish(buffer);
    free(buffer);
}

void nrt_reclaim_report(void *context, const struct link_report *r)
{
    struct nrt_context *const c = context;
    switch (r->kind) {
    case LINK_REPORT_TAP:
        nrt_taps_write(c->tap_prefix, r->u.synth);
        break;
    case LINK_REPORT_SYNTH:
        nrt_program_node_gone(c->programs, (const struct rt_node *)r->u.synth);
        nrt_taps_write(c->tap_prefix, r->u.synth); /* what there is of them */
        nrt_synth_free(r->u.synth);
        break;
    case LINK_REPORT_GROUP:
        nrt_program_node_gone(c->programs, (const struct rt_node *)r->u.group);
        nrt_group_free(r->u.group);
        break;
    case LINK_REPORT_BUFFER:
        take_buffer(c, r->u.buffer, r->u.buffer_index);
        break;
    case LINK_REPORT_PROGRAM: {
        struct nrt_program_result result;
        if (nrt_program_switched(c->programs, r->u.program, &result))
            nrt_native_switched(c, &result);
        break;
    }
    case LINK_REPORT_NODE:
        tell_node(c, r);
        break;
    case LINK_REPORT_FAIL:
        nrt_reclaim_failure(c, nrt_request_find(c, r->request_id), r->status, r->u.node.id);
        break;
    case LINK_REPORT_JOB:
        nrt_job_returned(c, r->u.job);
        break;
    case LINK_REPORT_QUERY:
        nrt_query_answered(c, r);
        break;
    case LINK_REPORT_MESSAGE:
        nrt_message_take(c, r);
        break;
    case LINK_REPORT_RESET:
        nrt_quarantine_note(c, r);
        break;
    }
}

void nrt_reclaim(struct nrt_context *c)
{
    struct link_report report;
    nrt_jobs_let_go(c);
    uint32_t n = link_ring_ready(c->reports);
    for (; n > 0 && link_ring_pop(c->reports, &report); n--) {
        nrt_reclaim_report(c, &report);
        nrt_jobs_let_go(c); /* what came back while that waited for room: it came before the rest */
    }
}
