/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/link/snapshot.c - sequence lock over one status.                                        */
/* room: written by the audio thread, read by any other.                                          */
/*                                                                                                */
/* The words are atomic, so that a torn read is a wrong value that the sequence number reveals    */
/* and not a data race. Each word is stored with release after the odd number: a reader that      */
/* acquires a new word also sees the odd number (or a later one) when it looks again. Source: H.  */
/* Boehm, Can Seqlocks Get Along With Programming Language Memory Models?, 2012.                  */
#include "server/link/snapshot.h"

#include <string.h>

enum { N_WORDS = (sizeof(struct link_status) + 7) / 8 };

void link_snapshot_init(struct link_snapshot *s)
{
    atomic_init(&s->sequence, 0);
    for (size_t i = 0; i < N_WORDS; i++)
        atomic_init(&s->words[i], 0);
}

void link_snapshot_write(struct link_snapshot *s, const struct link_status *status)
{
    uint64_t words[N_WORDS] = { 0 };
    memcpy(words, status, sizeof *status);
    const uint32_t sequence = atomic_load_explicit(&s->sequence, memory_order_relaxed);
    atomic_store_explicit(&s->sequence, sequence + 1, memory_order_relaxed);
    for (size_t i = 0; i < N_WORDS; i++)
        atomic_store_explicit(&s->words[i], words[i], memory_order_release);
    atomic_store_explicit(&s->sequence, sequence + 2, memory_order_release);
}

void link_snapshot_read(struct link_snapshot *s, struct link_status *out)
{
    uint64_t words[N_WORDS];
    uint32_t before, after;
    do {
        before = atomic_load_explicit(&s->sequence, memory_order_acquire);
        for (size_t i = 0; i < N_WORDS; i++)
            words[i] = atomic_load_explicit(&s->words[i], memory_order_acquire);
        after = atomic_load_explicit(&s->sequence, memory_order_relaxed);
    } while ((before & 1) || before != after);
    memcpy(out, words, sizeof *out);
}
