/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/symbols.c - names of controls as numbers.                                           */
/* room: command and sequencer threads; a mutex guards the table.                                 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "server/nrt/synth.h"

/* Names stay for good, so their number is bounded: clients
 * that invent names can't fill the memory. */
enum { SYMBOLS_MAX = 1 << 18, PLACES_FIRST = 1024 };

struct nrt_symbols {
    pthread_mutex_t mutex;
    char **names;      /* [n]: symbol s is names[s - 1] */
    uint32_t *places;  /* open addressing: symbols, 0 is free */
    uint32_t n, mask;  /* at most half of the places are taken */
};

/** FNV-1a (Fowler, Noll, Vo). */
static uint32_t hash(const char *name)
{
    uint32_t h = 2166136261u;
    for (; *name; name++)
        h = (h ^ (uint8_t)*name) * 16777619u;
    return h;
}

ph_status nrt_symbols_new(struct nrt_symbols **out)
{
    struct nrt_symbols *const s = calloc(1, sizeof *s);
    if (!s)
        return PH_NO_MEMORY;
    pthread_mutex_init(&s->mutex, NULL);
    s->mask = PLACES_FIRST - 1;
    s->places = calloc(PLACES_FIRST, sizeof *s->places);
    s->names = calloc(PLACES_FIRST / 2, sizeof *s->names);
    if (!s->places || !s->names) {
        nrt_symbols_free(s);
        return PH_NO_MEMORY;
    }
    *out = s;
    return PH_OK;
}

void nrt_symbols_free(struct nrt_symbols *s)
{
    if (!s)
        return;
    for (uint32_t i = 0; i < s->n; i++)
        free(s->names[i]);
    free(s->names);
    free(s->places);
    pthread_mutex_destroy(&s->mutex);
    free(s);
}

/** Place of a name, or the free place where it would go. */
static uint32_t place(const struct nrt_symbols *s, const char *name)
{
    uint32_t i = hash(name) & s->mask;
    while (s->places[i] && strcmp(s->names[s->places[i] - 1], name) != 0)
        i = (i + 1) & s->mask;
    return i;
}

static bool grow(struct nrt_symbols *s)
{
    const uint32_t n_places = 2 * (s->mask + 1);
    uint32_t *const places = calloc(n_places, sizeof *places);
    char **const names = realloc(s->names, n_places / 2 * sizeof *names);
    if (names)
        s->names = names;
    if (!places || !names) {
        free(places);
        return false;
    }
    free(s->places);
    s->places = places;
    s->mask = n_places - 1;
    for (uint32_t symbol = 1; symbol <= s->n; symbol++)
        s->places[place(s, s->names[symbol - 1])] = symbol;
    return true;
}

static uint32_t intern(struct nrt_symbols *s, const char *name)
{
    const uint32_t present = s->places[place(s, name)];
    if (present)
        return present;
    if (s->n == SYMBOLS_MAX || (s->n == (s->mask + 1) / 2 && !grow(s)))
        return 0;
    char *const copy = strdup(name);
    if (!copy)
        return 0;
    const uint32_t i = place(s, name);
    s->names[s->n++] = copy;
    s->places[i] = s->n;
    return s->n;
}

uint32_t nrt_symbol_intern(struct nrt_symbols *s, const char *name)
{
    pthread_mutex_lock(&s->mutex);
    const uint32_t symbol = intern(s, name);
    pthread_mutex_unlock(&s->mutex);
    return symbol;
}

uint32_t nrt_symbol_find(struct nrt_symbols *s, const char *name)
{
    pthread_mutex_lock(&s->mutex);
    const uint32_t symbol = s->places[place(s, name)];
    pthread_mutex_unlock(&s->mutex);
    return symbol;
}

const char *nrt_symbol_name(struct nrt_symbols *s, uint32_t symbol)
{
    pthread_mutex_lock(&s->mutex);
    const char *const name = symbol > 0 && symbol <= s->n ? s->names[symbol - 1] : NULL;
    pthread_mutex_unlock(&s->mutex);
    return name;
}
