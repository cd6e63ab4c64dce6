/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/buffers.h - clients' buffers as the loader knows them: the newest contents, the    */
/* file that streams, and how much memory they take together.                                     */
/* room: the queue's thread (load/queue.h) changes them; a stream's transfers come from another.  */
#ifndef SERVER_LOAD_BUFFERS_H
#define SERVER_LOAD_BUFFERS_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/status.h"
#include "server/dsp/dsp.h"
#include "server/link/ring.h"

struct load_buffers;
struct load_sound; /* load/sound.h */

enum { LOAD_BUFFER_CHANNELS_MAX = 1024 };

/**
 * `streams`: what units ask of the disk, struct dsp_disk_ask;
 * NULL: nothing. `ends`: struct dsp_disk's, or NULL.
 */
PH_NODISCARD ph_status load_buffers_new(uint32_t n_buffers, uint32_t rate_hz, uint64_t bytes_max,
                                        struct link_ring *streams, _Atomic int32_t *ends,
                                        struct load_buffers **out);
/**
 * While the buffers' contents are there still: ends the thread and closes the files. Accepts NULL.
 */
void load_buffers_stop(struct load_buffers *buffers);
void load_buffers_free(struct load_buffers *buffers); /* accepts NULL */

uint32_t load_buffers_count(const struct load_buffers *buffers);
uint32_t load_buffers_rate(const struct load_buffers *buffers);
/**
 * The newest contents, which may be on their way to the audio thread still. Its data is borrowed.
 */
struct dsp_buffer load_buffers_get(const struct load_buffers *buffers, uint32_t number);
/** Of the newest contents. Any thread, which may have to wait. */
uint64_t load_buffers_floats(struct load_buffers *buffers, uint32_t number);
/** From now on these are the newest. The data moves to the audio thread with the caller. */
void load_buffers_put(struct load_buffers *buffers, uint32_t number, const struct dsp_buffer *contents);
/**
 * The file that streams from or to the buffer; closes the one before. Takes `sound`, NULL: none.
 */
void load_buffers_attach(struct load_buffers *buffers, uint32_t number, struct load_sound *sound);

/**
 * Memory for a buffer, zeroed, every page touched. PH_NO_MEMORY where all together would grow
 * beyond the limit: no client shall eat the machine's memory.
 */
PH_NODISCARD ph_status load_buffers_allocate(struct load_buffers *buffers, int64_t n_frames,
                                             int64_t n_channels, float rate_hz, struct dsp_buffer *out);
/** What the audio thread gave back. Safe on every thread. */
void load_buffers_release(struct load_buffers *buffers, struct dsp_buffer *contents);
uint64_t load_buffers_bytes(const struct load_buffers *buffers);

/**
 * Moves frames between buffers and their files, as far as
 * units have asked. Offline after each block.
 */
void load_buffers_serve(struct load_buffers *buffers);
/** Starts a thread that does so. */
PH_NODISCARD ph_status load_buffers_start(struct load_buffers *buffers);

#endif
