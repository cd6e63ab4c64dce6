/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/arena.c - bump memory: allocate many, release all at once.                      */
/* room: none.                                                                                    */
#include "server/pattern/arena.h"

#include <stdlib.h>

enum { CHUNK_BYTES = 64 << 10, ALIGNMENT = 16 };

struct pat_chunk {
    struct pat_chunk *next;
    size_t at, space;
    _Alignas(ALIGNMENT) unsigned char data[];
};

static struct pat_chunk *chunk_new(size_t size)
{
    const size_t space = size > CHUNK_BYTES ? size : CHUNK_BYTES;
    struct pat_chunk *const chunk = malloc(sizeof *chunk + space);

    if (chunk) {
        chunk->next = NULL;
        chunk->at = 0;
        chunk->space = space;
    }
    return chunk;
}

/** Makes a chunk with room for `size` the current one; later chunks are empty since the reset. */
static struct pat_chunk *chunk_for(struct pat_arena *arena, size_t size)
{
    struct pat_chunk *chunk = arena->current ? arena->current->next : arena->first;

    if (!chunk || chunk->space < size) { /* too small a chunk stays behind the new one */
        struct pat_chunk *const fresh = chunk_new(size);

        if (!fresh)
            return NULL;
        fresh->next = chunk;
        if (arena->current)
            arena->current->next = fresh;
        else
            arena->first = fresh;
        chunk = fresh;
    }
    chunk->at = 0;
    arena->current = chunk;
    return chunk;
}

void *pat_arena_alloc(struct pat_arena *arena, size_t size)
{
    struct pat_chunk *chunk = arena->current;

    if (size > (size_t)1 << 30)
        return NULL;
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (!chunk || chunk->space - chunk->at < size) {
        chunk = chunk_for(arena, size);
        if (!chunk)
            return NULL;
    }
    void *const data = chunk->data + chunk->at;
    chunk->at += size;
    arena->used_bytes += size;
    return data;
}

void pat_arena_reset(struct pat_arena *arena)
{
    arena->current = arena->first;
    if (arena->first)
        arena->first->at = 0;
    arena->used_bytes = 0;
}

struct pat_arena_mark pat_arena_mark(const struct pat_arena *arena)
{
    return (struct pat_arena_mark){ arena->current, arena->current ? arena->current->at : 0,
                                    arena->used_bytes };
}

void pat_arena_rewind(struct pat_arena *arena, struct pat_arena_mark mark)
{
    arena->current = mark.chunk;
    if (mark.chunk)
        mark.chunk->at = mark.at;
    arena->used_bytes = mark.used_bytes;
}

void pat_arena_finish(struct pat_arena *arena)
{
    struct pat_chunk *chunk = arena->first;

    while (chunk) {
        struct pat_chunk *const next = chunk->next;
        free(chunk);
        chunk = next;
    }
    *arena = (struct pat_arena){ 0 };
}
