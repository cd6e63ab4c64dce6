/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/arena.c - the allocator of one compilation: all of it is freed at once, nothing alone.  */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/ast.h"

enum { ALIGNMENT = 16, BLOCK_BYTES = 64 * 1024 };

struct block {
    struct block *next;
    size_t used, size;
    _Alignas(ALIGNMENT) unsigned char bytes[];
};

struct arena {
    struct block *blocks; /* the one that is being filled comes first */
};

/* A compiler that runs out of memory has nothing to hand back and nobody to hand it to. */
static void *must(void *memory)
{
    if (!memory) {
        fputs("phonon: out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return memory;
}

struct arena *arena_new(void)
{
    return must(calloc(1, sizeof(struct arena)));
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    for (struct block *b = arena->blocks; b;) {
        struct block *const next = b->next;
        free(b);
        b = next;
    }
    free(arena);
}

static struct block *block_new(size_t size)
{
    struct block *const b = must(calloc(1, sizeof *b + size));

    b->size = size;
    return b;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        must(NULL);
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);

    struct block *b = arena->blocks;
    if (!b || b->size - b->used < size) {
        if (b && size > BLOCK_BYTES / 4) {
            /* Large: a block of its own behind the current one, whose rest stays in use. */
            struct block *const alone = block_new(size);
            alone->used = size;
            alone->next = b->next;
            b->next = alone;
            return alone->bytes;
        }
        struct block *const fresh = block_new(size > BLOCK_BYTES ? size : BLOCK_BYTES);
        fresh->next = b;
        arena->blocks = b = fresh;
    }
    void *const memory = b->bytes + b->used;
    b->used += size;
    return memory;
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
    char *const copy = arena_alloc(arena, length + 1);

    if (length > 0)
        memcpy(copy, text, length);
    return copy;
}
