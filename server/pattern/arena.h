/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/arena.h - bump memory: allocate many, release all at once.                      */
/* room: none. owner: struct pat. Chunks outlive a reset, so a warm arena does not allocate.      */
#ifndef SERVER_PATTERN_ARENA_H
#define SERVER_PATTERN_ARENA_H

#include <stddef.h>

struct pat_chunk;

/** Zeroed is empty. */
struct pat_arena {
    struct pat_chunk *first, *current;
    size_t used_bytes; /* handed out since the last reset, for the budget */
};

/** A height to go back to. */
struct pat_arena_mark {
    struct pat_chunk *chunk;
    size_t at, used_bytes;
};

/** `size` bytes aligned to 16, uninitialised; NULL when memory is out. Valid until the reset. */
void *pat_arena_alloc(struct pat_arena *arena, size_t size);
void pat_arena_reset(struct pat_arena *arena);
struct pat_arena_mark pat_arena_mark(const struct pat_arena *arena);
/** Releases what was allocated since the mark. */
void pat_arena_rewind(struct pat_arena *arena, struct pat_arena_mark mark);
void pat_arena_finish(struct pat_arena *arena);

#endif
