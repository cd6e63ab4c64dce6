/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/link/ring.h - single-producer single-consumer ring of fixed-size messages.              */
/* room: both ends, one thread each. Lock-free and wait-free; C11 atomics (jack_ringbuffer of     */
/* JACK 1.9.21 has no memory barriers).                                                           */
#ifndef SERVER_LINK_RING_H
#define SERVER_LINK_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "protocol/status.h"

struct link_ring {
    uint8_t *slots;
    uint32_t message_bytes, mask; /* mask + 1 messages, a power of two */
    _Alignas(64) _Atomic uint32_t written; /* by the producer */
    uint32_t staged;                       /* producer only: pushed but not yet published */
    uint32_t seen_read;                    /* producer's last look at `read` */
    _Alignas(64) _Atomic uint32_t read;    /* by the consumer */
};

/** @param n_messages rounded up to a power of two. Not for the audio thread. */
PH_NODISCARD ph_status link_ring_init(struct link_ring *r, uint32_t message_bytes,
                                      uint32_t n_messages);
void link_ring_finish(struct link_ring *r);

/** Copies one message in without publishing it; false when the ring is full (nothing changes). */
bool link_ring_stage(struct link_ring *r, const void *message);
/** Publishes everything staged at once: the consumer sees all of it or none. */
void link_ring_publish(struct link_ring *r);
/** Forgets what is staged. */
void link_ring_unstage(struct link_ring *r);
/** Stage and publish one. */
bool link_ring_push(struct link_ring *r, const void *message);
/** Producer: room left for staging. */
uint32_t link_ring_room(struct link_ring *r);

/** Consumer: number of messages that can be popped now (acquires them). */
uint32_t link_ring_ready(struct link_ring *r);
/** Consumer: copies the oldest out; false when empty. */
bool link_ring_pop(struct link_ring *r, void *message);

#endif
