/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/message.c - what units tell clients, put together from the audio thread's reports.  */
/* room: command thread.                                                                          */
#include "server/nrt/message.h"

#include <lo/lo.h>
#include <stdio.h>
#include <string.h>

#include "server/dirt/dirt.h"
#include "server/nrt/context.h"
#include "server/nrt/reply.h"

enum { VALUES_MAX = sizeof((struct nrt_message *)0)->values / sizeof(float) };

/** As a C cast would do it, where that is defined. */
static int32_t to_int(float x)
{
    return x >= -2147483648.0f && x < 2147483648.0f ? (int32_t)x : 0;
}

/** node, id, values. */
static void send_values(struct nrt_context *c, const char *address, int32_t node, float id,
                        const float *values, uint32_t n)
{
    const lo_message m = lo_message_new();
    if (!m)
        return;
    lo_message_add_int32(m, node);
    lo_message_add_int32(m, to_int(id));
    for (uint32_t i = 0; i < n; i++)
        lo_message_add_float(m, values[i]);
    for (uint32_t i = 0; i < NRT_CLIENTS_MAX; i++)
        if (c->replies.clients[i].used)
            nrt_reply_message(c, &c->replies.clients[i].sender, address, m);
    dirt_tell(c->dirt, node, address, m);
    lo_message_free(m);
}

/** As scsynth does, whose clients show what it prints. */
static void print(const struct rt_messenger *m, const float *values)
{
    if (m->kind == RT_POLL)
        printf("%s: %g\n", m->text, (double)values[0]);
    else if (values[1] >= 0)
        printf("%s: %g block offset: %d\n", m->text, (double)values[0], (int)values[1]);
    fflush(stdout);
}

void nrt_message_take(struct nrt_context *c, const struct link_report *r)
{
    const struct rt_messenger *const m = &r->u.message.def->messengers[r->u.message.messenger];
    const uint32_t end = (uint32_t)r->u.message.first + r->u.message.n_values;
    float *const values = c->message.values;
    if (end > VALUES_MAX || m->n_values > VALUES_MAX)
        return;
    memcpy(values + r->u.message.first, r->u.message.values, r->u.message.n_values * sizeof *values);
    if (end < m->n_values)
        return;
    if (m->kind >= RT_POLL)
        print(m, values);
    if (m->kind < RT_POLL)
        send_values(c, m->text, r->u.message.node_id, r->u.message.id, values, m->n_values);
    else if (r->u.message.id >= 0)
        send_values(c, "/tr", r->u.message.node_id, r->u.message.id, values, 1);
}
