/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/buffers.c - clients' buffers as the loader knows them.                             */
/* room: the slots lie behind a mutex: what a stream reads or writes must not be freed meanwhile. */
#include "server/load/buffers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/dsp/disk.h"
#include "server/load/bank.h"
#include "server/load/sound.h"

enum { BUSY_NS = 5000000, IDLE_NS = 50000000 }; /* how often the stream thread looks */

struct slot {
    struct dsp_buffer contents; /* data borrowed: the audio thread has it, or will */
    struct load_sound *sound;
};

struct load_buffers {
    uint32_t n, rate_hz;
    uint64_t bytes_max;
    atomic_uint_fast64_t n_bytes;
    struct link_ring *streams;
    _Atomic int32_t *ends; /* by number: where its file ended, or -1 */
    atomic_uint n_open; /* files that stream */
    atomic_bool stop;
    bool has_thread;
    pthread_t thread;
    pthread_mutex_t lock;
    struct slot *slots;
};

static void serve(struct load_buffers *b);

ph_status load_buffers_new(uint32_t n_buffers, uint32_t rate_hz, uint64_t bytes_max,
                           struct link_ring *streams, _Atomic int32_t *ends,
                           struct load_buffers **out)
{
    struct load_buffers *const b = calloc(1, sizeof *b);
    *out = NULL;
    if (!b)
        return PH_NO_MEMORY;
    *b = (struct load_buffers){ .n = n_buffers, .rate_hz = rate_hz, .bytes_max = bytes_max,
                                .streams = streams, .ends = ends };
    atomic_init(&b->n_bytes, 0);
    atomic_init(&b->n_open, 0);
    atomic_init(&b->stop, false);
    pthread_mutex_init(&b->lock, NULL);
    b->slots = calloc((size_t)n_buffers + 1, sizeof *b->slots);
    if (!b->slots) {
        load_buffers_free(b);
        return PH_NO_MEMORY;
    }
    *out = b;
    return PH_OK;
}

void load_buffers_stop(struct load_buffers *b)
{
    if (!b)
        return;
    if (b->has_thread) {
        atomic_store(&b->stop, true);
        pthread_join(b->thread, NULL);
        b->has_thread = false;
    }
    if (b->slots)
        load_buffers_serve(b); /* what was recorded up to the end */
    b->streams = NULL;
    for (uint32_t i = 0; b->slots && i < b->n; i++) {
        load_sound_close(b->slots[i].sound);
        b->slots[i].sound = NULL;
    }
}

void load_buffers_free(struct load_buffers *b)
{
    if (!b)
        return;
    load_buffers_stop(b);
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

uint64_t load_buffers_floats(struct load_buffers *b, uint32_t number)
{
    pthread_mutex_lock(&b->lock);
    const struct dsp_buffer *const now = &b->slots[number].contents;
    const uint64_t n = now->data ? (uint64_t)now->n_frames * now->n_channels : 0;
    pthread_mutex_unlock(&b->lock);
    return n;
}

void load_buffers_put(struct load_buffers *b, uint32_t number, const struct dsp_buffer *contents)
{
    pthread_mutex_lock(&b->lock);
    serve(b); /* what was asked before is about the contents before */
    b->slots[number].contents = *contents;
    pthread_mutex_unlock(&b->lock);
}

static void set_end(struct load_buffers *b, uint32_t number, int32_t frame)
{
    if (b->ends)
        atomic_store_explicit(&b->ends[number], frame, memory_order_relaxed);
}

void load_buffers_attach(struct load_buffers *b, uint32_t number, struct load_sound *sound)
{
    pthread_mutex_lock(&b->lock);
    serve(b);
    struct load_sound *const before = b->slots[number].sound;
    b->slots[number].sound = sound;
    set_end(b, number, -1);
    atomic_fetch_add(&b->n_open, (unsigned)(sound != NULL) - (unsigned)(before != NULL));
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

static bool fits(const struct slot *slot, const struct dsp_disk_ask *a)
{
    return slot->contents.data && slot->contents.n_channels == a->n_channels &&
           (uint64_t)a->first_frame + a->n_frames <= slot->contents.n_frames;
}

/**
 * The unit is in another part of the buffer meanwhile. One that the disk can't keep up with reads
 * or overwrites what is being moved, as in scsynth: that is heard, and does no other harm.
 */
static void transfer(struct load_buffers *b, const struct dsp_disk_ask *a)
{
    struct slot *const slot = &b->slots[a->buffer];
    float *const data = slot->contents.data + (size_t)a->first_frame * a->n_channels;
    struct load_sound *const sound = slot->sound;
    const bool has_file = sound && sound->info.channels == a->n_channels;
    if (a->kind == DSP_DISK_WRITE && has_file)
        (void)sf_writef_float(sound->file, data, a->n_frames); /* a full disk: the rest is lost */
    if (a->kind == DSP_DISK_WRITE)
        return;
    const bool loops = a->kind == DSP_DISK_READ_LOOP;
    int64_t n = 0;
    if (has_file)
        n = load_sound_read_on(sound, data, a->n_frames, loops);
    else
        memset(data, 0, (size_t)a->n_frames * a->n_channels * sizeof *data);
    if (n < a->n_frames && !loops)
        set_end(b, a->buffer, (int32_t)(a->first_frame + n));
}

static bool continues(const struct dsp_disk_ask *a, const struct dsp_disk_ask *next)
{
    return a->kind == DSP_DISK_WRITE && next->kind == DSP_DISK_WRITE && a->buffer == next->buffer &&
           a->n_channels == next->n_channels && a->first_frame + a->n_frames == next->first_frame;
}

/** With the mutex held. What is written in small pieces goes to the file in large ones. */
static void serve(struct load_buffers *b)
{
    struct dsp_disk_ask a, next;
    bool has_one = b->streams && link_ring_pop(b->streams, &a);
    while (has_one) {
        has_one = link_ring_pop(b->streams, &next);
        if (has_one && continues(&a, &next)) {
            a.n_frames += next.n_frames;
            continue;
        }
        if (a.buffer < b->n && fits(&b->slots[a.buffer], &a))
            transfer(b, &a);
        a = next;
    }
}

void load_buffers_serve(struct load_buffers *b)
{
    pthread_mutex_lock(&b->lock);
    serve(b);
    pthread_mutex_unlock(&b->lock);
}

/**
 * The audio thread wakes nobody: that would be a system
 * call. So the thread looks, as often as files stream.
 */
static void *stream_main(void *context)
{
    struct load_buffers *const b = context;
    while (!atomic_load(&b->stop)) {
        const struct timespec pause = { .tv_nsec = atomic_load(&b->n_open) > 0 ? BUSY_NS : IDLE_NS };
        nanosleep(&pause, NULL);
        load_buffers_serve(b);
    }
    return NULL;
}

ph_status load_buffers_start(struct load_buffers *b)
{
    b->has_thread = pthread_create(&b->thread, NULL, stream_main, b) == 0;
    return b->has_thread ? PH_OK : PH_NO_MEMORY;
}
