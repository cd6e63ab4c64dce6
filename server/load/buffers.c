/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/buffers.c - clients' buffers as the loader knows them.                             */
/* room: the slots lie behind a mutex: what a stream reads or writes must not be freed meanwhile. */
#include "server/load/buffers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "server/load/bank.h"
#include "server/load/sound.h"

struct slot {
    struct dsp_buffer contents; /* data borrowed: the audio thread has it, or will */
    struct load_sound *sound;
};

struct load_buffers {
    uint32_t n, rate_hz;
    uint64_t bytes_max;
    atomic_uint_fast64_t n_bytes;
    pthread_mutex_t lock;
    struct slot *slots;
};

ph_status load_buffers_new(uint32_t n_buffers, uint32_t rate_hz, uint64_t bytes_max,
                           struct load_buffers **out)
{
    struct load_buffers *const b = calloc(1, sizeof *b);
    *out = NULL;
    if (!b)
        return PH_NO_MEMORY;
    *b = (struct load_buffers){ .n = n_buffers, .rate_hz = rate_hz, .bytes_max = bytes_max };
    atomic_init(&b->n_bytes, 0);
    pthread_mutex_init(&b->lock, NULL);
    b->slots = calloc((size_t)n_buffers + 1, sizeof *b->slots);
    if (!b->slots) {
        load_buffers_free(b);
        return PH_NO_MEMORY;
    }
    *out = b;
    return PH_OK;
}

void load_buffers_free(struct load_buffers *b)
{
    if (!b)
        return;
    for (uint32_t i = 0; b->slots && i < b->n; i++)
        load_sound_close(b->slots[i].sound);
    free(b->slots);
    pthread_mutex_destroy(&b->lock);
    free(b);
}

uint32_t load_buffers_count(const struct load_buffers *b)
{
    return b->n;
}

uint32_t load_buffers_rate(const struct load_buffers *b)
{
    return b->rate_hz;
}

struct dsp_buffer load_buffers_get(const struct load_buffers *b, uint32_t number)
{
    return b->slots[number].contents; /* changed by the calling thread alone */
}

void load_buffers_put(struct load_buffers *b, uint32_t number, const struct dsp_buffer *contents)
{
    pthread_mutex_lock(&b->lock);
    b->slots[number].contents = *contents;
    pthread_mutex_unlock(&b->lock);
}

void load_buffers_attach(struct load_buffers *b, uint32_t number, struct load_sound *sound)
{
    pthread_mutex_lock(&b->lock);
    struct load_sound *const before = b->slots[number].sound;
    b->slots[number].sound = sound;
    pthread_mutex_unlock(&b->lock);
    load_sound_close(before);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static uint64_t bytes_of(const struct dsp_buffer *contents)
{
    return (uint64_t)contents->n_frames * contents->n_channels * sizeof *contents->data;
}

static bool reserve(struct load_buffers *b, uint64_t bytes)
{
    if (atomic_fetch_add(&b->n_bytes, bytes) + bytes <= b->bytes_max)
        return true;
    atomic_fetch_sub(&b->n_bytes, bytes);
    return false;
}

ph_status load_buffers_allocate(struct load_buffers *b, int64_t n_frames, int64_t n_channels,
                                float rate_hz, struct dsp_buffer *out)
{
    *out = (struct dsp_buffer){ 0 };
    if (n_frames <= 0 || n_channels <= 0 || n_channels > LOAD_BUFFER_CHANNELS_MAX)
        return PH_OUT_OF_RANGE;
    if (n_frames > LOAD_SAMPLES_MAX / n_channels)
        return PH_TOO_LARGE;
    const uint64_t bytes = (uint64_t)n_frames * (uint64_t)n_channels * sizeof *out->data;
    if (!reserve(b, bytes))
        return PH_NO_MEMORY;
    float *const data = malloc(bytes);
    if (!data) {
        atomic_fetch_sub(&b->n_bytes, bytes);
        return PH_NO_MEMORY;
    }
    memset(data, 0, bytes); /* also touches every page before the audio thread does */
    *out = (struct dsp_buffer){ .data = data, .n_frames = (uint32_t)n_frames,
                                .n_channels = (uint32_t)n_channels, .rate_hz = rate_hz };
    return PH_OK;
}

void load_buffers_release(struct load_buffers *b, struct dsp_buffer *contents)
{
    atomic_fetch_sub(&b->n_bytes, bytes_of(contents));
    load_buffer_finish(contents);
}

uint64_t load_buffers_bytes(const struct load_buffers *b)
{
    return atomic_load(&b->n_bytes);
}

/* ---- streams --------------------------------------------------------------------------------- */

static bool fits(const struct slot *slot, const struct link_stream *asked)
{
    return slot->contents.data && slot->contents.n_channels == asked->n_channels &&
           (uint64_t)asked->first_frame + asked->n_frames <= slot->contents.n_frames;
}

static void transfer(struct slot *slot, const struct link_stream *asked)
{
    const size_t n_channels = asked->n_channels;
    float *const data = slot->contents.data + asked->first_frame * n_channels;
    if (asked->kind == LINK_STREAM_WRITE && slot->sound &&
        slot->sound->info.channels == (int)n_channels)
        (void)sf_writef_float(slot->sound->file, data, asked->n_frames); /* a full disk: the rest is lost */
    else if (asked->kind != LINK_STREAM_WRITE && slot->sound &&
             slot->sound->info.channels == (int)n_channels)
        load_sound_read_on(slot->sound, data, asked->n_frames, asked->kind == LINK_STREAM_READ_LOOP);
    else if (asked->kind != LINK_STREAM_WRITE)
        memset(data, 0, asked->n_frames * n_channels * sizeof *data);
}

/**
 * The unit is in the other half of the buffer meanwhile. One that the disk can't keep up with reads or
 * overwrites what is being moved, as in scsynth: that is heard, and does no other harm.
 */
void load_buffers_transfer(struct load_buffers *b, const struct link_stream *asked)
{
    if (asked->buffer >= b->n)
        return;
    pthread_mutex_lock(&b->lock);
    if (fits(&b->slots[asked->buffer], asked))
        transfer(&b->slots[asked->buffer], asked);
    pthread_mutex_unlock(&b->lock);
}
