/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/finder.c - samples of events.                                                      */
/* room: sequencer or command thread.                                                             */
#include "server/load/finder.h"

#include <string.h>

#include "protocol/bytes.h"

void load_finder_init(struct load_finder *f, struct load_bank *bank)
{
    *f = (struct load_finder){ .bank = bank };
}

/** Looks a sample up; the first in whose place another one was loaded meanwhile, again. */
static bool find_and_use(struct load_finder *f, const char *word, int64_t index,
                         struct load_sample *out, struct link_uses **uses)
{
    *uses = NULL;
    for (int i = 0; i < 2 && !*uses; i++)
        if (load_bank_find(f->bank, word, index, out))
            *uses = load_bank_use(f->bank, out);
    return *uses != NULL;
}

enum load_found load_finder_find(struct load_finder *f, const char *word, int64_t index,
                                 struct load_sample *out, struct link_uses **uses)
{
    const uint32_t revision = load_bank_revision(f->bank);
    if (revision != f->revision)
        memset(f->places, 0, sizeof f->places);
    f->revision = revision;
    struct load_finder_place *const place =
        &f->places[(ph_hash_text(PH_HASH_START, word) + (uint64_t)index) % LOAD_FINDER_PLACES];
    *uses = NULL;
    if (place->index == index && place->word[0] && strcmp(place->word, word) == 0 &&
        (*uses = load_bank_use(f->bank, &place->sample)) != NULL) {
        *out = place->sample;
        return LOAD_FOUND;
    }
    if (!load_bank_has(f->bank, word))
        return LOAD_NO_SAMPLE;
    if (!find_and_use(f, word, index, out, uses))
        return LOAD_NOT_YET;
    if (strlen(word) < LOAD_FINDER_BYTES) {
        *place = (struct load_finder_place){ .index = index, .sample = *out };
        strcpy(place->word, word);
    }
    return LOAD_FOUND;
}
