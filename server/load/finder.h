/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/finder.h - samples of events: a bank's, with those found before at hand.           */
/* room: sequencer or command thread; each has its own.                                           */
#ifndef SERVER_LOAD_FINDER_H
#define SERVER_LOAD_FINDER_H

#include "server/load/bank.h"

enum {
    LOAD_FINDER_PLACES = 256, /* a power of two */
    LOAD_FINDER_BYTES = 24    /* of words that are kept; longer ones are looked up each time */
};

/** Found once: it stays where it is while the bank's revision does. */
struct load_finder {
    struct load_bank *bank;
    uint32_t revision;
    struct load_finder_place {
        char word[LOAD_FINDER_BYTES];
        int64_t index;
        struct load_sample sample;
    } places[LOAD_FINDER_PLACES];
};
void load_finder_init(struct load_finder *finder, struct load_bank *bank);

enum load_found { LOAD_NO_SAMPLE, LOAD_NOT_YET, LOAD_FOUND };
/**
 * The sample, and a use of it that ends with link_uses_release(). LOAD_NOT_YET: it has been asked
 * for.
 * @param uses  NULL unless it was found
 */
enum load_found load_finder_find(struct load_finder *finder, const char *word, int64_t index,
                                 struct load_sample *out, struct link_uses **uses);

#endif
