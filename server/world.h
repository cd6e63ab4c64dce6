/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/world.h - owns every room; the one place that sees them all.                            */
/* room: command thread.                                                                          */
#ifndef SERVER_WORLD_H
#define SERVER_WORLD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/drivers/driver.h"
#include "server/nrt/context.h"

enum {
    WORLD_PROGRAM_BUSES = 1024, /* audio buses behind those that clients may number */
    WORLD_ORBITS = 12,          /* of the TidalCycles door; --orbits gives each its own ports */
    WORLD_BANK_BUFFERS = 4096,  /* buffers behind those that clients may number */
    WORLD_ROOTS_MAX = 32,
    WORLD_LOADED_MAX = WORLD_BANK_BUFFERS,
    WORLD_LOOKAHEAD_MS = 100,
    WORLD_SAMPLE_MIB = 1024
};

struct world_config {
    struct rt_config engine;      /* n_audio_buses, n_buffers: as clients see them */
    uint32_t max_logins;
    const char *file_root;        /* see nrt_context; borrowed */
    struct ph_ratio first_cycle;  /* cycle position of frame 0 */
    /* sample folders, before those that are found by themselves */
    const char *roots[WORLD_ROOTS_MAX];
    uint32_t n_roots;
    bool offline;                 /* no threads: the caller runs the blocks */
    bool play_at_once;            /* programs don't wait for their samples */
    uint64_t sample_mib;          /* of sample data, 2^20 bytes; 0: WORLD_SAMPLE_MIB */
    uint64_t unit_kib;            /* of clients' synths' long memories, 2^10 bytes; 0: no limit */
    const char *tap_prefix;       /* see nrt_context; borrowed */
    uint32_t n_orbits;            /* each with ports of its own; 0: WORLD_ORBITS, on the first two */
    uint16_t port;                /* told to TidalCycles */
    bool has_stems;               /* world_stem() gives what each output adds */
    /* how far ahead players send their events; 0: WORLD_LOOKAHEAD_MS */
    uint32_t lookahead_ms;
};

/** What a buffer of the bank shall hold from now on; waits for its way to the audio thread. */
struct world_loaded {
    uint32_t index;
    struct dsp_buffer *buffer;
};

struct world {
    struct nrt_context context;
    struct rt_world *rt;
    bool offline;
    uint32_t lookahead_frames;
    pthread_mutex_t loaded_mutex;
    struct world_loaded loaded[WORLD_LOADED_MAX];
    uint32_t n_loaded;
};

/**
 * Everything but driver and sockets. `error` takes 256
 * bytes. Starts loader and sequencer unless offline.
 */
PH_NODISCARD ph_status world_new(const struct world_config *config, struct world **out, char *error);
/** After the driver has stopped. Accepts NULL. */
void world_free(struct world *world);
/** Sends loaded samples to the audio thread; called once per turn of the command thread. */
void world_flush_buffers(void *world);

/**
 * Offline: one block of 64 frames into `out[channel]`, with everything that other threads would
 * have done around it. prepare: players run ahead, samples go their way; finish: reports are
 * drained.
 */
void world_render_block(struct world *world, float *const *out);
/**
 * After a block, offline and with has_stems: what output `index` of the program added to the mix,
 * or to its port (then `right` is NULL), in that block. The name is borrowed until the next
 * program. All of them together are the mix before outmix. False past the last output.
 */
bool world_stem(struct world *world, uint32_t index, const char **name, const float **left,
                const float **right);
void world_prepare_block(struct world *world);
void world_finish_block(struct world *world);
#endif
