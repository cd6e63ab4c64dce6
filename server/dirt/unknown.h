/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/unknown.h - names that are neither a sample nor a synth: each is told once.        */
/* room: command thread.                                                                          */
#ifndef SERVER_DIRT_UNKNOWN_H
#define SERVER_DIRT_UNKNOWN_H

#include <stddef.h>
#include <stdint.h>

#include "server/load/bank.h"

enum { DIRT_UNKNOWN_MAX = 64 }; /* further names are counted, not told */

/** Zero at the beginning. */
struct dirt_unknown {
    uint32_t n;
    struct {
        uint64_t hash;
        char name[40], nearest[LOAD_WORD_BYTES]; /* "": none is near */
    } list[DIRT_UNKNOWN_MAX];
};

/** Tells the log of a name that it has not been told of, with the nearest sample or synth. */
void dirt_unknown_tell(struct dirt_unknown *unknown, struct load_bank *bank, const char *name);
/** For status: "name (nearest?), ...", the newest first, as many as there is room for. */
void dirt_unknown_text(const struct dirt_unknown *unknown, char *out, size_t size);

#endif
