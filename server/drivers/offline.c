/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/drivers/offline.c - renders a score of OSC bundles to a file, as scsynth -N does.       */
/* room: command thread; it is the audio thread at the same time.                                 */
#include "server/drivers/offline.h"

#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/bytes.h"
#include "server/drivers/thread.h"
#include "server/drivers/times.h"
#include "server/drivers/workers.h"
#include "server/load/sound.h"
#include "server/nrt/osc_server.h"

enum { CHUNK_FRAMES = 16384, SCORE_CHUNK_BYTES = 1 << 16, PACKET_BYTES_MAX = 1 << 28 };

struct render {
    struct world *world;
    SNDFILE *file, *input; /* input NULL: silence */
    uint32_t n_channels, block_frames, n_inputs, n_input_channels;
    float *in_planar, *in_interleaved; /* one block of each */
    const float *in[64];
    float *planar, *interleaved; /* one chunk of each */
    uint64_t n_frames_done;
    bool is_timed;
    struct drv_times times;
};

/**
 * A score as it is read: what lies between `at` and `size` is still to come. A piece at a time, so
 * that packets are read from the cache and not from the memory of all of them.
 */
struct score {
    FILE *file;
    uint8_t *data;
    size_t at, size, space;
    uint64_t n_taken; /* bytes before `at`, for messages */
};

static ph_status score_open(struct score *s, const char *path)
{
    s->file = fopen(path, "rb");
    if (s->file)
        return PH_OK;
    fprintf(stderr, "phonond: can't read %s\n", path);
    return PH_IO;
}

static void score_close(struct score *s)
{
    if (s->file)
        fclose(s->file);
    free(s->data);
}

/**
 * Makes the next `n` bytes ready at data + at. @return false
 * when there are not so many, or no memory
 */
static bool score_need(struct score *s, size_t n)
{
    if (s->size - s->at >= n)
        return true;
    if (s->at > 0)
        memmove(s->data, s->data + s->at, s->size - s->at);
    s->size -= s->at;
    s->at = 0;
    if (n > s->space || !s->data) {
        const size_t space = n > SCORE_CHUNK_BYTES ? n : SCORE_CHUNK_BYTES;
        uint8_t *const data = realloc(s->data, space);
        if (!data)
            return false;
        s->data = data;
        s->space = space;
    }
    s->size += fread(s->data + s->size, 1, s->space - s->size, s->file);
    return s->size >= n;
}

static void score_skip(struct score *s, size_t n)
{
    s->at += n;
    s->n_taken += n;
}

/**
 * The next packet, a bundle, with its length in front; NULL:
 * it isn't one. Until the next score_need().
 */
static const uint8_t *score_packet(struct score *s, size_t *size)
{
    const uint32_t length = ph_big_endian_32(s->data + s->at);
    score_skip(s, 4);
    if (length < 16 || length > PACKET_BYTES_MAX || !score_need(s, length))
        return NULL;
    const uint8_t *const packet = s->data + s->at;
    score_skip(s, length);
    *size = length;
    return memcmp(packet, "#bundle", 8) == 0 ? packet : NULL;
}

/**
 * The next block of the input file; channels that it lacks, and what is behind its end, are silent.
 */
static const float *const *read_input(struct render *r)
{
    if (!r->input)
        return NULL;
    const sf_count_t got = sf_readf_float(r->input, r->in_interleaved, r->block_frames);
    for (uint32_t c = 0; c < r->n_inputs; c++)
        for (uint32_t i = 0; i < r->block_frames; i++)
            r->in_planar[(size_t)c * r->block_frames + i] =
                i < got && c < r->n_input_channels ? r->in_interleaved[i * r->n_input_channels + c] : 0;
    return r->in;
}

static void render_block(struct render *r, float *const *block)
{
    const float *const *const in = read_input(r);
    if (r->is_timed) {
        drv_times_render(&r->times, r->world, in, block);
        return;
    }
    world_prepare_block(r->world);
    rt_block_run(r->world->rt, in, block, 0);
    world_finish_block(r->world);
}

/** Renders and writes up to `end_frame`, rounded up to whole blocks. */
static ph_status render_until(struct render *r, uint64_t end_frame)
{
    while (r->n_frames_done < end_frame) {
        uint32_t n = 0; /* frames in this chunk */
        while (n + r->block_frames <= CHUNK_FRAMES && r->n_frames_done < end_frame) {
            float *block[64];
            for (uint32_t c = 0; c < r->n_channels; c++)
                block[c] = r->planar + (size_t)c * CHUNK_FRAMES + n;
            render_block(r, block);
            n += r->block_frames;
            r->n_frames_done += r->block_frames;
        }
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t c = 0; c < r->n_channels; c++)
                r->interleaved[i * r->n_channels + c] =
                    r->planar[(size_t)c * CHUNK_FRAMES + i];
        if (sf_writef_float(r->file, r->interleaved, n) != (sf_count_t)n) {
            fprintf(stderr, "phonond: %s\n", sf_strerror(r->file));
            return PH_IO;
        }
    }
    return PH_OK;
}

/** The end: of the file, or of what can be read of it. */
static ph_status score_end(const struct score *s)
{
    if (!ferror(s->file))
        return PH_OK;
    fprintf(stderr, "phonond: score: can't be read on from byte %llu\n",
            (unsigned long long)s->n_taken);
    return PH_IO;
}

static ph_status malformed(const struct score *s)
{
    if (score_end(s) != PH_OK)
        return PH_IO;
    fprintf(stderr, "phonond: score: malformed packet at byte %llu\n",
            (unsigned long long)s->n_taken);
    return PH_MALFORMED;
}

/**
 * Bundle after bundle: rendering goes up to the block that a
 * bundle's time lies in, then it is done.
 */
static ph_status play_score(struct render *r, struct score *s, double rate_hz)
{
    while (score_need(s, 4)) {
        size_t size;
        const uint8_t *const packet = score_packet(s, &size);
        if (!packet)
            return malformed(s);
        const double frame = ph_ntp_to_seconds(ph_big_endian_64(packet + 8)) * rate_hz;
        const uint64_t block = (uint64_t)(frame / r->block_frames) * r->block_frames;
        const ph_status status = render_until(r, block);
        if (status != PH_OK)
            return status;
        if (nrt_dispatch(&r->world->context, NULL, packet, size) != PH_OK)
            return malformed(s);
        /* the last one's time is the end; what it asks for is not heard */
        if (!score_need(s, 4) && !ferror(s->file))
            return render_until(r, (uint64_t)frame);
    }
    return score_end(s);
}

static ph_status open_output(struct render *r, const struct world_config *config,
                             const struct options *o)
{
    SF_INFO info = { .samplerate = (int)config->engine.rate_hz, .channels = (int)r->n_channels,
                     .format = load_sound_format(o->score[4], o->score[5]) };
    if (info.format == 0) {
        fprintf(stderr, "phonond: -N: unsupported format: %s %s\n", o->score[4], o->score[5]);
        return PH_UNSUPPORTED;
    }
    r->file = sf_open(o->score[2], SFM_WRITE, &info);
    if (!r->file) {
        fprintf(stderr, "phonond: can't write %s: %s\n", o->score[2], sf_strerror(NULL));
        return PH_IO;
    }
    const size_t n = (size_t)r->n_channels * CHUNK_FRAMES;
    r->planar = malloc(n * sizeof *r->planar);
    r->interleaved = malloc(n * sizeof *r->interleaved);
    return r->planar && r->interleaved ? PH_OK : PH_NO_MEMORY;
}

/** `_` stands for silence. */
static ph_status open_input(struct render *r, const struct options *o)
{
    SF_INFO info = { 0 };
    if (strcmp(o->score[1], "_") == 0)
        return PH_OK;
    r->input = sf_open(o->score[1], SFM_READ, &info);
    if (!r->input) {
        fprintf(stderr, "phonond: can't read %s: %s\n", o->score[1], sf_strerror(NULL));
        return PH_IO;
    }
    r->n_input_channels = (uint32_t)info.channels;
    r->in_planar = malloc((size_t)r->n_inputs * r->block_frames * sizeof *r->in_planar + 1);
    r->in_interleaved = malloc((size_t)info.channels * r->block_frames * sizeof *r->in_interleaved);
    if (!r->in_planar || !r->in_interleaved)
        return PH_NO_MEMORY;
    for (uint32_t c = 0; c < r->n_inputs; c++)
        r->in[c] = r->in_planar + (size_t)c * r->block_frames;
    return PH_OK;
}

ph_status offline_render_score(const struct world_config *config, const struct options *o)
{
    struct render r = { .n_channels = config->engine.n_outputs,
                        .block_frames = config->engine.block_frames,
                        .n_inputs = config->engine.n_inputs, .is_timed = o->blocks };
    struct score score = { 0 };
    char error[256] = "";
    drv_flush_denormals();
    ph_status status = score_open(&score, o->score[0]);
    if (status == PH_OK)
        status = open_input(&r, o);
    if (status == PH_OK)
        status = open_output(&r, config, o);
    if (status == PH_OK) {
        status = world_new(config, &r.world, error);
        if (status != PH_OK)
            fprintf(stderr, "phonond: %s\n", error);
    }
    struct drv_workers *workers = NULL;
    if (status == PH_OK)
        status = drv_workers_start(r.world->rt, 0, true, &workers);
    if (status == PH_OK)
        status = play_score(&r, &score, config->engine.rate_hz);
    drv_workers_stop(workers);
    if (o->blocks) {
        drv_times_write(&r.times, "phonond", o->blocks);
        drv_times_print(&r.times, r.block_frames, config->engine.rate_hz);
    }
    drv_times_finish(&r.times);
    world_free(r.world);
    if (r.file)
        sf_close(r.file);
    if (r.input)
        sf_close(r.input);
    free(r.in_planar);
    free(r.in_interleaved);
    free(r.planar);
    free(r.interleaved);
    score_close(&score);
    return status;
}
