/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/query.c - answers what the command thread asks about nodes, buses and buffers.       */
/* room: audio.                                                                                   */
#include "server/rt/query.h"

#include <string.h>

#include "server/link/query.h"
#include "server/rt/client.h"
#include "server/rt/exec.h"
#include "server/rt/map.h"
#include "server/rt/report.h"
#include "server/rt/tree.h"

/** Room for n more words of the answer; NULL: there is none. */
PH_RT static union link_word *take(struct link_query *q, uint64_t n)
{
    if (n > q->capacity - q->n_words)
        return NULL;
    union link_word *const words = q->words + q->n_words;
    q->n_words += (uint32_t)n;
    return words;
}

/* ---- the tree -------------------------------------------------------------------------------- */

PH_RT static bool put_group(const struct rt_world *w, struct link_query *q,
                            const struct rt_group *group)
{
    union link_word *const words = take(q, 2);
    if (!words)
        return false;
    words[0].i = group->node.id;
    words[1].i = 0;
    for (struct rt_node *n = rt_tree_visible(w, group->head, true); n;
         n = rt_tree_visible(w, n->next, true))
        words[1].i++;
    return true;
}

PH_RT static bool put_synth(struct link_query *q, const struct rt_synth *synth)
{
    const uint64_t def = (uint64_t)(uintptr_t)synth->def;
    const uint32_t n = q->with_controls ? synth->def->n_controls : 0;
    union link_word *words = take(q, 4 + (q->with_controls ? 1 + 2 * (uint64_t)n : 0));
    if (!words)
        return false;
    words[0].i = synth->node.id;
    words[1].i = -1;
    words[2].u = (uint32_t)def;
    words[3].u = (uint32_t)(def >> 32);
    if (q->with_controls)
        words[4].u = n;
    for (uint32_t i = 0; i < n; i++) {
        words[5 + 2 * i].u = synth->control_source[i];
        if (synth->control_source[i] == LINK_CONTROL_VALUE)
            words[6 + 2 * i].f = synth->controls[i * synth->stride];
        else
            words[6 + 2 * i].u = rt_map_bus(synth, i);
    }
    return true;
}

PH_RT static ph_status tell_tree(const struct rt_world *w, uint32_t request_id, struct link_query *q)
{
    struct rt_node *node = rt_client_find(w, request_id, q->id, &q->id);
    if (q->kind == LINK_QUERY_TREE && (!node || !node->is_group))
        return PH_GROUP_NOT_FOUND;
    if (!node)
        return PH_NODE_NOT_FOUND;
    if (!node->is_group)
        return put_synth(q, (struct rt_synth *)node) ? PH_OK : PH_ANSWER_TOO_LARGE;
    const struct rt_group *const top = (const struct rt_group *)node;
    for (; node; node = rt_tree_next_visible(w, top, node))
        if (node->is_group ? !put_group(w, q, (struct rt_group *)node)
                           : !put_synth(q, (struct rt_synth *)node))
            return PH_ANSWER_TOO_LARGE;
    return PH_OK;
}

/* ---- values ---------------------------------------------------------------------------------- */

PH_RT static float control_of(const struct rt_synth *synth, const struct link_span *span, int32_t i)
{
    const int64_t index = (int64_t)span->first + i;
    uint32_t control = (uint32_t)index;
    if (index < 0 || index > UINT32_MAX ||
        (span->symbol == 0 && (span->name != 0 || control >= synth->def->n_controls)) ||
        (span->symbol != 0 && !rt_exec_find(synth->def, span->symbol, control, &control)))
        return 0; /* a control that isn't there has the value 0, as in scsynth */
    return rt_map_own_value(synth, control);
}

PH_RT static ph_status tell_controls(const struct rt_world *w, uint32_t request_id,
                                     struct link_query *q)
{
    const struct rt_node *const node = rt_client_find(w, request_id, q->id, &q->id);
    if (!node || node->is_group)
        return PH_NODE_NOT_FOUND;
    q->id = node->id;
    for (uint32_t s = 0; s < q->n_spans; s++) {
        const int32_t n = q->spans[s].n > 0 ? q->spans[s].n : 0;
        union link_word *const words = take(q, (uint64_t)n);
        if (!words)
            return PH_ANSWER_TOO_LARGE;
        for (int32_t i = 0; i < n; i++)
            words[i].f = control_of((const struct rt_synth *)node, &q->spans[s], i);
    }
    return PH_OK;
}

PH_RT static ph_status tell_values(struct link_query *q, const float *from, uint64_t n_there)
{
    for (uint32_t s = 0; s < q->n_spans; s++) {
        const struct link_span *const span = &q->spans[s];
        if (span->first < 0 || span->n < 1 || (uint64_t)span->first + (uint64_t)span->n > n_there)
            return PH_OUT_OF_RANGE;
        union link_word *const words = take(q, (uint64_t)span->n);
        if (!words)
            return PH_ANSWER_TOO_LARGE;
        memcpy(words, from + span->first, (size_t)span->n * sizeof *words);
    }
    return PH_OK;
}

PH_RT static ph_status tell_buffer_values(const struct rt_world *w, struct link_query *q)
{
    if (q->id < 0 || (uint32_t)q->id >= w->config.n_buffers)
        return PH_OUT_OF_RANGE;
    const struct dsp_buffer *const b = &w->buffers[q->id];
    return tell_values(q, b->data, (uint64_t)b->n_frames * b->n_channels);
}

PH_RT static ph_status tell_buffer_info(const struct rt_world *w, struct link_query *q)
{
    for (uint32_t s = 0; s < q->n_spans; s++) {
        const uint32_t number = (uint32_t)q->spans[s].first;
        union link_word *const words = take(q, 3);
        if (number >= w->config.n_buffers)
            return PH_OUT_OF_RANGE;
        if (!words)
            return PH_ANSWER_TOO_LARGE;
        words[0].u = w->buffers[number].n_frames;
        words[1].u = w->buffers[number].n_channels;
        words[2].f = w->buffers[number].rate_hz;
    }
    return PH_OK;
}

/* ---- all kinds ------------------------------------------------------------------------------- */

PH_RT static ph_status answer(const struct rt_world *w, uint32_t request_id, struct link_query *q)
{
    switch (q->kind) {
    case LINK_QUERY_TREE:
    case LINK_QUERY_NODE:
        return tell_tree(w, request_id, q);
    case LINK_QUERY_CONTROLS:
        return tell_controls(w, request_id, q);
    case LINK_QUERY_CONTROL_BUSES:
        return tell_values(q, w->env.control, w->config.n_control_buses);
    case LINK_QUERY_BUFFER_VALUES:
        return tell_buffer_values(w, q);
    case LINK_QUERY_BUFFER_INFO:
        return tell_buffer_info(w, q);
    }
    return PH_UNSUPPORTED;
}

PH_RT void rt_query(struct rt_world *w, const struct link_command *c, struct link_query *query)
{
    const bool is_void = rt_client_has_failed(w, c);
    const struct link_report report = { .kind = LINK_REPORT_QUERY,
                                        .request_id = is_void ? 0 : c->request_id,
                                        .status = is_void ? PH_STALE : answer(w, c->request_id, query),
                                        .u.query = query };
    if (report.status != PH_OK)
        w->failed_request = c->request_id;
    rt_report_must(w, &report);
}
