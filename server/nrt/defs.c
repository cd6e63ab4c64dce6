/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/defs.c - compiled SynthDefs by name: a hash table with chains.                      */
/* room: command thread.                                                                          */
#include "server/nrt/defs.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/bytes.h"
#include "protocol/synthdef.h"
#include "server/nrt/synth.h"

enum {
    BUCKETS = 1024,
    DEFS_MAX = 65536 /* SuperDirt and sclang together send some hundreds */
};

struct entry {
    struct entry *next;
    struct rt_def *def;
    bool is_variant;
    uint32_t n_variants; /* that were added to it */
};

struct nrt_defs {
    struct entry *buckets[BUCKETS];
    struct entry *leaving_first, *leaving_last; /* in the order of their removal */
    uint32_t count; /* without variants */
};

ph_status nrt_defs_new(struct nrt_defs **out)
{
    *out = calloc(1, sizeof **out);
    return *out ? PH_OK : PH_NO_MEMORY;
}

static void entry_free(struct entry *e)
{
    nrt_def_release(e->def);
    free(e);
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

void nrt_defs_remove_all(struct nrt_defs *defs)
{
    for (uint32_t i = 0; i < BUCKETS; i++)
        for (struct entry *e; (e = defs->buckets[i]) != NULL;) {
            defs->buckets[i] = e->next;
            entry_free(e);
        }
    defs->count = 0;
}

void nrt_defs_free(struct nrt_defs *defs)
{
    if (!defs)
        return;
    nrt_defs_remove_all(defs);
    for (struct entry *e; (e = defs->leaving_first) != NULL;) {
        defs->leaving_first = e->next;
        entry_free(e);
    }
    free(defs);
}

static bool is_variant_of(const struct entry *e, const char *name)
{
    const size_t n = strlen(name);
    return e->is_variant && strncmp(e->def->name, name, n) == 0 && e->def->name[n] == '.';
}

static void remove_variants(struct nrt_defs *defs, const char *name)
{
    for (uint32_t i = 0; i < BUCKETS; i++)
        for (struct entry **at = &defs->buckets[i]; *at;) {
            struct entry *const e = *at;
            if (!is_variant_of(e, name)) {
                at = &e->next;
                continue;
            }
            *at = e->next;
            entry_free(e);
        }
}

/** The definition whose variant has this name. */
static struct entry *parent_of(const struct nrt_defs *defs, const char *name)
{
    char parent[PH_NAME_MAX + 1];
    for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
        const size_t n = (size_t)(dot - name);
        if (n > PH_NAME_MAX)
            break;
        memcpy(parent, name, n);
        parent[n] = 0;
        struct entry *const e = *place_of(defs, parent);
        if (e && !e->is_variant)
            return e;
    }
    return NULL;
}

bool nrt_defs_remove(struct nrt_defs *defs, const char *name)
{
    struct entry **const place = place_of(defs, name);
    struct entry *const e = *place;
    if (!e)
        return false;
    *place = e->next;
    e->next = NULL;
    if (defs->leaving_last)
        defs->leaving_last->next = e;
    else
        defs->leaving_first = e;
    defs->leaving_last = e;
    defs->count -= !e->is_variant;
    if (e->n_variants > 0)
        remove_variants(defs, name);
    return true;
}

ph_status nrt_defs_add(struct nrt_defs *defs, struct rt_def *def, bool is_variant)
{
    struct entry *const parent = is_variant ? parent_of(defs, def->name) : NULL;
    if (defs->count == DEFS_MAX || (parent && parent->n_variants == DEFS_MAX))
        return PH_FULL;
    struct entry *const e = calloc(1, sizeof *e);
    if (!e)
        return PH_NO_MEMORY;
    nrt_defs_remove(defs, def->name);
    struct entry **const place = place_of(defs, def->name);
    *e = (struct entry){ .def = def, .is_variant = is_variant, .next = *place };
    *place = e;
    if (parent)
        parent->n_variants++;
    defs->count += !is_variant;
    return PH_OK;
}

struct rt_def *nrt_defs_find(const struct nrt_defs *defs, const char *name)
{
    const struct entry *const e = *place_of(defs, name);
    return e ? e->def : NULL;
}

uint32_t nrt_defs_count(const struct nrt_defs *defs)
{
    return defs->count;
}

void nrt_defs_sweep(struct nrt_defs *defs, void (*gone)(void *context, const char *name),
                    void *context)
{
    struct entry *last = NULL;
    for (struct entry **at = &defs->leaving_first; *at;) {
        struct entry *const e = *at;
        /* nobody finds it any more, so the last reference stays the last */
        if (atomic_load_explicit(&e->def->n_refs, memory_order_acquire) > 1) {
            last = e;
            at = &e->next;
            continue;
        }
        *at = e->next;
        gone(context, e->def->name);
        entry_free(e);
    }
    defs->leaving_last = last;
}
