/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/drivers/offline.c - renders a score of OSC bundles to a file, as scsynth -N does.       */
/* room: command thread; it is the audio thread at the same time.                                 */
#include "server/drivers/offline.h"

#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "protocol/bytes.h"
#include "server/drivers/thread.h"
#include "server/drivers/times.h"
#include "server/drivers/workers.h"
#include "server/nrt/osc_server.h"

enum { CHUNK_FRAMES = 16384, SCORE_BYTES_MAX = 1 << 30 };

struct render {
    struct world *world;
    SNDFILE *file;
    uint32_t n_channels, block_frames;
    float *planar, *interleaved; /* one chunk of each */
    uint64_t n_frames_done;
    bool is_timed;
    struct drv_times times;
};

static int format_of(const char *header, const char *sample)
{
    static const struct { const char *name; int bits; } headers[] = {
        { "WAV", SF_FORMAT_WAV }, { "WAVE", SF_FORMAT_WAV }, { "AIFF", SF_FORMAT_AIFF },
        { "FLAC", SF_FORMAT_FLAC }, { "W64", SF_FORMAT_W64 }, { "RAW", SF_FORMAT_RAW } };
    static const struct { const char *name; int bits; } samples[] = {
        { "float", SF_FORMAT_FLOAT }, { "double", SF_FORMAT_DOUBLE }, { "int8", SF_FORMAT_PCM_S8 },
        { "int16", SF_FORMAT_PCM_16 }, { "int24", SF_FORMAT_PCM_24 }, { "int32", SF_FORMAT_PCM_32 } };
    int format = 0;
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        if (strcasecmp(header, headers[i].name) == 0)
            format |= headers[i].bits;
    const int container = format;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        if (strcasecmp(sample, samples[i].name) == 0)
            format |= samples[i].bits;
    return container == 0 || format == container ? 0 : format;
}

static ph_status read_whole(const char *path, uint8_t **data, size_t *size)
{
    FILE *const f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0) {
        fprintf(stderr, "phonond: can't read %s\n", path);
        if (f)
            fclose(f);
        return PH_IO;
    }
    const long length = ftell(f);
    rewind(f);
    ph_status status = length < 0 || length > SCORE_BYTES_MAX ? PH_TOO_LARGE : PH_OK;
    *data = status == PH_OK ? malloc((size_t)length + 1) : NULL;
    if (status == PH_OK && !*data)
        status = PH_NO_MEMORY;
    if (status == PH_OK && fread(*data, 1, (size_t)length, f) != (size_t)length)
        status = PH_IO;
    *size = (size_t)length;
    fclose(f);
    if (status != PH_OK)
        fprintf(stderr, "phonond: %s: %s\n", path, ph_status_text(status));
    return status;
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
            if (r->is_timed)
                drv_times_render(&r->times, r->world, block);
            else
                world_render_block(r->world, block);
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

static ph_status malformed_at(size_t byte)
{
    fprintf(stderr, "phonond: score: malformed packet at byte %zu\n", byte);
    return PH_MALFORMED;
}

/** Bundle after bundle: rendering goes up to the block that a bundle's time lies in, then it is done. */
static ph_status play_score(struct render *r, const uint8_t *data, size_t size, double rate_hz)
{
    struct ph_reader score = ph_reader_of(data, size);
    while (ph_reader_left(&score) >= 4) {
        const int32_t length = ph_read_i32(&score);
        const uint8_t *const packet = length > 0 ? ph_read_bytes(&score, (size_t)length) : NULL;
        if (!packet || length < 16 || memcmp(packet, "#bundle", 8) != 0)
            return malformed_at(score.at);
        const double frame = ph_ntp_to_seconds(ph_big_endian_64(packet + 8)) * rate_hz;
        const uint64_t block = (uint64_t)(frame / r->block_frames) * r->block_frames;
        const ph_status status = render_until(r, block);
        if (status != PH_OK)
            return status;
        if (nrt_dispatch(&r->world->context, NULL, packet, (size_t)length) != PH_OK)
            return malformed_at(score.at);
        if (ph_reader_left(&score) < 4) /* its time is the end; what it asks for is not heard */
            return render_until(r, (uint64_t)frame);
    }
    return PH_OK;
}

static ph_status open_output(struct render *r, const struct world_config *config,
                             const struct options *o)
{
    SF_INFO info = { .samplerate = (int)config->engine.rate_hz, .channels = (int)r->n_channels,
                     .format = format_of(o->score[4], o->score[5]) };
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

ph_status offline_render_score(const struct world_config *config, const struct options *o)
{
    if (strcmp(o->score[1], "_") != 0) {
        fprintf(stderr, "phonond: -N: input files are not supported, give _\n");
        return PH_UNSUPPORTED;
    }
    struct render r = { .n_channels = config->engine.n_outputs,
                        .block_frames = config->engine.block_frames, .is_timed = o->blocks };
    uint8_t *score = NULL;
    size_t size = 0;
    char error[256] = "";
    drv_flush_denormals();
    ph_status status = read_whole(o->score[0], &score, &size);
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
        status = play_score(&r, score, size, config->engine.rate_hz);
    drv_workers_stop(workers);
    if (o->blocks) {
        drv_times_write(&r.times, "phonond", o->blocks);
        drv_times_print(&r.times, r.block_frames, config->engine.rate_hz);
    }
    drv_times_finish(&r.times);
    world_free(r.world);
    if (r.file)
        sf_close(r.file);
    free(r.planar);
    free(r.interleaved);
    free(score);
    return status;
}
