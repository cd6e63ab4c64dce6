/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/unknown.c - names that are neither a sample nor a synth.                           */
/* room: command thread.                                                                          */
#include "server/dirt/unknown.h"

#include <stdio.h>
#include <string.h>

#include "protocol/bytes.h"
#include "server/dirt/synths.h"
#include "server/load/index.h"
#include "server/nrt/log.h"

/** What terminals or JSON could not take is a question mark: names come from the network. */
static void copy_plain(const char *text, char *out, size_t size)
{
    size_t n = 0;
    for (; text[n] && n + 1 < size; n++)
        out[n] = text[n] >= ' ' && text[n] <= '~' ? text[n] : '?';
    out[n] = 0;
}

/** The nearest sample; a synth where that is nearer. "": none is near. */
static void find_nearest(struct load_bank *bank, const char *name, char out[LOAD_WORD_BYTES])
{
    const size_t length = strlen(name);
    char sample[LOAD_WORD_BYTES] = "";
    size_t best = length < 3 ? length : 3; /* two edits, and less than all of it */
    out[0] = 0;
    if (load_bank_nearest(bank, name, sample)) {
        best = load_index_edits(name, sample);
        copy_plain(sample, out, LOAD_WORD_BYTES);
    }
    for (uint32_t i = 0; i < dirt_synth_count(); i++) {
        const size_t distance = load_index_edits(name, dirt_synth_name(i));
        if (distance >= best)
            continue;
        best = distance;
        snprintf(out, LOAD_WORD_BYTES, "%s", dirt_synth_name(i));
    }
}

void dirt_unknown_tell(struct dirt_unknown *u, struct load_bank *bank, const char *name)
{
    const uint64_t hash = ph_hash_text(PH_HASH_START, name);
    for (uint32_t i = 0; i < u->n; i++)
        if (u->list[i].hash == hash)
            return;
    if (u->n == DIRT_UNKNOWN_MAX)
        return;
    char *const told = u->list[u->n].name, *const nearest = u->list[u->n].nearest;
    u->list[u->n++].hash = hash;
    copy_plain(name, told, sizeof u->list->name);
    find_nearest(bank, name, nearest);
    if (nearest[0])
        nrt_log(NRT_LOG_WARNING, "no synth or sample named '%s'; did you mean '%s'?", told,
                nearest);
    else
        nrt_log(NRT_LOG_WARNING, "no synth or sample named '%s'", told);
}

void dirt_unknown_text(const struct dirt_unknown *u, char *out, size_t size)
{
    enum { ENTRY_BYTES = sizeof u->list->name + LOAD_WORD_BYTES + sizeof ",  (?)" };
    size_t n = 0;
    out[0] = 0;
    for (uint32_t i = u->n; i > 0 && n + ENTRY_BYTES < size; i--) {
        const char *const name = u->list[i - 1].name, *const nearest = u->list[i - 1].nearest;
        n += (size_t)snprintf(out + n, size - n, n ? ", %s" : "%s", name);
        if (nearest[0])
            n += (size_t)snprintf(out + n, size - n, " (%s?)", nearest);
    }
}
