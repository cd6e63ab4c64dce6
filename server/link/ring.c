/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/link/ring.c - single-producer single-consumer ring of fixed-size messages.              */
/* room: both ends, one thread each.                                                              */
/*                                                                                                */
/* `written` and `read` count messages since the start and wrap at 2^32; their difference is the  */
/* number waiting. The producer's release store of `written` makes the copied messages visible to */
/* the consumer's acquire load; the consumer's release store of `read` hands the slots back.      */
#include "server/link/ring.h"

#include <stdlib.h>
#include <string.h>

ph_status link_ring_init(struct link_ring *r, uint32_t message_bytes, uint32_t n_messages)
{
    uint32_t n = 1;
    while (n < n_messages && n < UINT32_C(1) << 30)
        n *= 2;
    *r = (struct link_ring){ .message_bytes = message_bytes, .mask = n - 1 };
    void *slots = NULL;
    if (posix_memalign(&slots, 64, (size_t)n * message_bytes) != 0)
        return PH_NO_MEMORY;
    r->slots = slots;
    /* touched here, not in the audio thread (gcc would make malloc and memset a lazy calloc) */
    memset(r->slots, 0, (size_t)n * message_bytes);
    return PH_OK;
}

void link_ring_finish(struct link_ring *r)
{
    if (!r)
        return;
    free(r->slots);
    r->slots = NULL;
}

static uint8_t *slot(const struct link_ring *r, uint32_t number)
{
    return r->slots + (size_t)(number & r->mask) * r->message_bytes;
}

static uint32_t room(const struct link_ring *r, uint32_t written)
{
    return r->mask + 1 - (written + r->staged - r->seen_read);
}

uint32_t link_ring_room(struct link_ring *r)
{
    const uint32_t written = atomic_load_explicit(&r->written, memory_order_relaxed);
    r->seen_read = atomic_load_explicit(&r->read, memory_order_acquire);
    return room(r, written);
}

bool link_ring_stage(struct link_ring *r, const void *message)
{
    const uint32_t written = atomic_load_explicit(&r->written, memory_order_relaxed);
    if (room(r, written) == 0 && link_ring_room(r) == 0)
        return false;
    memcpy(slot(r, written + r->staged), message, r->message_bytes);
    r->staged++;
    return true;
}

void link_ring_publish(struct link_ring *r)
{
    const uint32_t written = atomic_load_explicit(&r->written, memory_order_relaxed);
    atomic_store_explicit(&r->written, written + r->staged, memory_order_release);
    r->staged = 0;
}

void link_ring_unstage(struct link_ring *r)
{
    r->staged = 0;
}

bool link_ring_push(struct link_ring *r, const void *message)
{
    if (!link_ring_stage(r, message))
        return false;
    link_ring_publish(r);
    return true;
}

uint32_t link_ring_ready(struct link_ring *r)
{
    return atomic_load_explicit(&r->written, memory_order_acquire) -
           atomic_load_explicit(&r->read, memory_order_relaxed);
}

bool link_ring_pop(struct link_ring *r, void *message)
{
    if (link_ring_ready(r) == 0)
        return false;
    const uint32_t read = atomic_load_explicit(&r->read, memory_order_relaxed);
    memcpy(message, slot(r, read), r->message_bytes);
    atomic_store_explicit(&r->read, read + 1, memory_order_release);
    return true;
}
