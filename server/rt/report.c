/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/report.c - what leaves the audio thread.                                             */
/* room: audio.                                                                                   */
#include "server/rt/report.h"

#include "server/link/job.h"
#include "server/rt/tree.h"

/* One command can switch a waiting program and then itself
 * (LINK_PANIC): two reports, some to spare. */
enum { REPORTS_PER_COMMAND = 4 };

PH_RT bool rt_report_has_room(const struct rt_world *w)
{
    return w->n_backlog + REPORTS_PER_COMMAND <= RT_BACKLOG_MAX;
}

PH_RT void rt_report_must(struct rt_world *w, const struct link_report *report)
{
    if (w->n_backlog == 0 && link_ring_push(&w->reports, report))
        return;
    w->backlog[(w->backlog_first + w->n_backlog++) % RT_BACKLOG_MAX] = *report;
}

PH_RT void rt_report_may(struct rt_world *w, const struct link_report *report)
{
    if (!link_ring_push(&w->reports, report))
        w->counts.n_dropped_reports++;
}

PH_RT void rt_report_fail(struct rt_world *w, uint32_t request_id, ph_status status, int32_t id)
{
    const struct link_report report = { .kind = LINK_REPORT_FAIL,
                                        .request_id = request_id,
                                        .status = status,
                                        .u.node.id = id };
    rt_report_may(w, &report);
}

static int32_t visible_id(const struct rt_world *w, struct rt_node *node, bool forward)
{
    node = rt_tree_visible(w, node, forward);
    return node ? node->id : -1;
}

PH_RT void rt_report_node(struct rt_world *w, const struct rt_node *node, enum link_node_event event)
{
    if ((node->id < 0 && event != LINK_NODE_TOLD) || w->is_unheard)
        return;
    struct link_report report = { .kind = LINK_REPORT_NODE, .request_id = node->request_id };
    report.u.node.id = node->id;
    report.u.node.event = (uint8_t)event;
    report.u.node.is_group = node->is_group;
    report.u.node.parent = node->parent ? node->parent->node.id : -1;
    report.u.node.prev = visible_id(w, node->prev, false);
    report.u.node.next = visible_id(w, node->next, true);
    report.u.node.head = report.u.node.tail = -1;
    if (node->is_group) {
        const struct rt_group *const group = (const struct rt_group *)node;
        report.u.node.head = visible_id(w, group->head, true);
        report.u.node.tail = visible_id(w, group->tail, false);
    }
    rt_report_may(w, &report);
}

PH_RT void rt_report_gone(struct rt_world *w, struct rt_node *node)
{
    node->state = RT_NODE_GONE;
    node->gone_next = NULL;
    if (w->gone_tail)
        w->gone_tail->gone_next = node;
    else
        w->gone_head = node;
    w->gone_tail = node;
}

PH_RT void rt_report_job(struct rt_world *w, struct link_job *job, ph_status status)
{
    job->status = status;
    job->next = NULL;
    if (w->job_tail)
        w->job_tail->next = job;
    else
        w->job_head = job;
    w->job_tail = job;
}

/** Jobs come back in the order of their turns. */
PH_RT static void flush_jobs(struct rt_world *w)
{
    while (w->job_head) {
        struct link_job *const job = w->job_head;
        /* from the push on the job is the command thread's */
        struct link_job *const next = job->next;
        const struct link_report report = { .kind = LINK_REPORT_JOB, .u.job = job };
        if (!link_ring_push(&w->reports, &report))
            return;
        w->job_head = next;
        if (!next)
            w->job_tail = NULL;
    }
}

PH_RT struct link_report rt_report_of_node(struct rt_node *node)
{
    struct link_report report = { .kind = node->is_group ? LINK_REPORT_GROUP : LINK_REPORT_SYNTH,
                                  .request_id = node->request_id };
    if (node->is_group)
        report.u.group = (struct rt_group *)node;
    else
        report.u.synth = (struct rt_synth *)node;
    return report;
}

/** @return whether all have gone out */
PH_RT static bool flush_nodes(struct rt_world *w)
{
    while (w->gone_head) {
        struct rt_node *const node = w->gone_head;
        /* read before the push: from then on the node belongs to the command thread */
        struct rt_node *const next = node->gone_next;
        const struct link_report report = rt_report_of_node(node);
        if (!link_ring_push(&w->reports, &report))
            return false;
        w->gone_head = next;
        if (!next)
            w->gone_tail = NULL;
    }
    return true;
}

/** Jobs last: who waits for one of them hears first what came before it. */
PH_RT void rt_report_flush(struct rt_world *w)
{
    while (w->n_backlog > 0 && link_ring_push(&w->reports, &w->backlog[w->backlog_first])) {
        w->backlog_first = (w->backlog_first + 1) % RT_BACKLOG_MAX;
        w->n_backlog--;
    }
    if (flush_nodes(w))
        flush_jobs(w);
}
