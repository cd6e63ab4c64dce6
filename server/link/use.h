/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/link/use.h - what a synth plays and doesn't own stays there until nobody plays it.      */
/* room: both. Sequencer and command threads take and release, the loader asks; no locks. The     */
/* audio thread only carries the pointer.                                                         */
#ifndef SERVER_LINK_USE_H
#define SERVER_LINK_USE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/** A place whose contents change: the edition of its contents above, their uses below. */
struct link_use {
    _Atomic uint64_t word;
};

/**
 * What one synth uses. `is_allocated`: freed with the release; else it is part of something else.
 */
struct link_uses {
    uint32_t n;
    bool is_allocated;
    struct link_use *const *list;
};

static inline uint32_t link_use_edition(const struct link_use *use)
{
    return (uint32_t)(atomic_load_explicit(&use->word, memory_order_acquire) >> 32);
}

/** Counts a use of that edition; false when it is gone. */
static inline bool link_use_take(struct link_use *use, uint32_t edition)
{
    uint64_t word = atomic_load_explicit(&use->word, memory_order_relaxed);
    do {
        if ((uint32_t)(word >> 32) != edition)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&use->word, &word, word + 1,
                                                    memory_order_acquire, memory_order_relaxed));
    return true;
}

static inline void link_use_release(struct link_use *use)
{
    atomic_fetch_sub_explicit(&use->word, 1, memory_order_release);
}

/** Ends an edition that nobody uses: nobody can take it from now on. False when somebody does. */
static inline bool link_use_end(struct link_use *use)
{
    uint64_t word = atomic_load_explicit(&use->word, memory_order_relaxed);
    return (uint32_t)word == 0 &&
           atomic_compare_exchange_strong_explicit(&use->word, &word, word + (UINT64_C(1) << 32),
                                                   memory_order_acquire, memory_order_relaxed);
}

/** Accepts NULL. */
static inline void link_uses_release(struct link_uses *uses)
{
    for (uint32_t i = 0; uses && i < uses->n; i++)
        link_use_release(uses->list[i]);
    if (uses && uses->is_allocated)
        free(uses);
}

#endif
