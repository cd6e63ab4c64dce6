/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/quarantine.c - who gave values that were not finite, by name.                       */
/* room: command thread.                                                                          */
#include "server/nrt/quarantine.h"

#include <stdio.h>
#include <string.h>

#include "server/nrt/context.h"
#include "server/nrt/log.h"

/**
 * A node of the program by its name, a voice by definition
 * and player, a client's by definition and id.
 */
static void name_synth(const struct nrt_context *c, const struct link_report *r, char *name)
{
    const struct nrt_programs *const programs = c->programs;
    const char *const node = nrt_program_name_of(programs, r->u.reset.slot, false);
    const char *const player = nrt_program_name_of(programs, r->u.reset.player_slot, true);
    if (node)
        snprintf(name, NRT_QUARANTINE_NAME_BYTES, "%.120s", node);
    else if (player)
        snprintf(name, NRT_QUARANTINE_NAME_BYTES, "%.56s of %.56s", r->u.reset.def->name, player);
    else if (r->u.reset.slot > 0 || r->u.reset.player_slot > 0)
        snprintf(name, NRT_QUARANTINE_NAME_BYTES, "%.120s", r->u.reset.def->name);
    else
        snprintf(name, NRT_QUARANTINE_NAME_BYTES, "%.100s (%d)", r->u.reset.def->name,
                 r->u.reset.node_id);
}

void nrt_quarantine_note(struct nrt_context *c, const struct link_report *report)
{
    struct nrt_quarantine *const q = &c->quarantine;
    struct nrt_quarantined now = { .n_synths = 1 };
    uint32_t at = 0;
    name_synth(c, report, now.name);
    while (at < q->n && strcmp(q->last[at].name, now.name) != 0)
        at++;
    if (at < q->n)
        now.n_synths += q->last[at].n_synths;
    else if (q->n < NRT_QUARANTINE_MAX)
        q->n++;
    else
        at--; /* the one that was longest ago */
    memmove(q->last + 1, q->last, at * sizeof *q->last);
    q->last[0] = now;
    if (now.n_synths == 1)
        nrt_log(NRT_LOG_WARNING, "%s: a value that is not finite; it was silenced and starts anew",
                now.name);
}

void nrt_quarantine_text(const struct nrt_quarantine *q, char *text, size_t space)
{
    size_t at = 0;
    text[0] = 0;
    for (uint32_t i = 0; i < q->n && at < space; i++)
        at += (size_t)snprintf(text + at, space - at, "%s%s %llu", i > 0 ? ", " : "", q->last[i].name,
                               (unsigned long long)q->last[i].n_synths);
}
