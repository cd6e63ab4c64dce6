/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/message.c - what units tell clients leaves the audio thread.                         */
/* room: audio.                                                                                   */
#include "server/rt/message.h"

#include <string.h>

/* Reports that something must not be lost for are left room. */
enum { RESERVE = 64 };

/** One message in parts of LINK_MESSAGE_VALUES; `from`: its id, then its values. */
PH_RT static void report(struct rt_world *w, const struct rt_synth *synth, uint32_t messenger,
                         const float *from)
{
    const uint32_t n = synth->def->messengers[messenger].n_values;
    const uint32_t n_parts = n == 0 ? 1 : (n + LINK_MESSAGE_VALUES - 1) / LINK_MESSAGE_VALUES;
    if (link_ring_room(&w->reports) < n_parts + RESERVE) {
        w->counts.n_dropped_reports++;
        return;
    }
    for (uint32_t part = 0; part < n_parts; part++) {
        const uint32_t first = part * LINK_MESSAGE_VALUES;
        const uint32_t here = n - first < LINK_MESSAGE_VALUES ? n - first : LINK_MESSAGE_VALUES;
        struct link_report r = { .kind = LINK_REPORT_MESSAGE,
                                 .u.message = { .def = synth->def,
                                                .node_id = synth->node.id,
                                                .id = from[0],
                                                .messenger = (uint16_t)messenger,
                                                .first = (uint16_t)first,
                                                .n_values = (uint16_t)here } };
        memcpy(r.u.message.values, from + 1 + first, here * sizeof *from);
        (void)link_ring_push(&w->reports, &r);
    }
}

PH_RT void rt_message_report(struct rt_world *w, struct rt_synth *synth)
{
    const struct rt_def *const def = synth->def;
    for (uint32_t i = 0; i < def->n_messengers; i++) {
        const struct rt_unit *const unit = &def->units[def->messengers[i].unit];
        struct rt_memory *const memory = unit->memory ? synth->memories[unit->memory - 1] : NULL;
        if (!memory || memory->n_frames == 0)
            continue;
        const uint32_t n = (uint32_t)memory->data[0];
        const bool is_poll = def->messengers[i].kind >= RT_POLL;
        const bool is_own = synth->node.request_id == 0; /* the server's: it listens itself */
        const bool is_wanted = is_poll || is_own || !w->is_unheard;
        for (uint32_t k = 0; k < n && is_wanted; k++)
            report(w, synth, i, memory->data + 1 + (size_t)k * (def->messengers[i].n_values + 1));
        memory->data[0] = 0;
    }
}
