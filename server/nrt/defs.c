/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/defs.c - compiled SynthDefs by name: a hash table with chains.                      */
/* room: command thread.                                                                          */
#include "server/nrt/defs.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/bytes.h"
#include "server/nrt/synth.h"

enum {
    BUCKETS = 1024,
    DEFS_MAX = 65536 /* SuperDirt and sclang together send some hundreds */
};

struct entry {
    struct entry *next;
    struct rt_def *def;
};

struct nrt_defs {
    struct entry *buckets[BUCKETS];
    uint32_t count;
};

ph_status nrt_defs_new(struct nrt_defs **out)
{
    *out = calloc(1, sizeof **out);
    return *out ? PH_OK : PH_NO_MEMORY;
}

void nrt_defs_free(struct nrt_defs *defs)
{
    for (uint32_t i = 0; defs && i < BUCKETS; i++)
        for (struct entry *e = defs->buckets[i], *next; e; e = next) {
            next = e->next;
            nrt_def_release(e->def);
            free(e);
        }
    free(defs);
}

/** Where the entry of that name hangs, or where a new one would. */
static struct entry **place_of(const struct nrt_defs *defs, const char *name)
{
    const uint64_t bucket = ph_hash_text(PH_HASH_START, name) % BUCKETS;
    struct entry **at = (struct entry **)&defs->buckets[bucket];
    while (*at && strcmp((*at)->def->name, name) != 0)
        at = &(*at)->next;
    return at;
}

ph_status nrt_defs_add(struct nrt_defs *defs, struct rt_def *def)
{
    struct entry **const place = place_of(defs, def->name);
    if (*place) {
        nrt_def_release((*place)->def);
        (*place)->def = def;
        return PH_OK;
    }
    if (defs->count == DEFS_MAX)
        return PH_FULL;
    *place = calloc(1, sizeof **place);
    if (!*place)
        return PH_NO_MEMORY;
    (*place)->def = def;
    defs->count++;
    return PH_OK;
}

struct rt_def *nrt_defs_find(const struct nrt_defs *defs, const char *name)
{
    const struct entry *const e = *place_of(defs, name);
    return e ? e->def : NULL;
}

bool nrt_defs_remove(struct nrt_defs *defs, const char *name)
{
    struct entry **const place = place_of(defs, name);
    struct entry *const e = *place;
    if (!e)
        return false;
    *place = e->next;
    nrt_def_release(e->def);
    free(e);
    defs->count--;
    return true;
}

uint32_t nrt_defs_count(const struct nrt_defs *defs)
{
    return defs->count;
}
