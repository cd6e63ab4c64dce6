/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/request.c - what a client asks of a buffer, carried out where it may block.        */
/* room: the queue's thread; offline the command thread.                                          */
#include "server/load/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/load/bank.h"
#include "server/load/generate.h"
#include "server/load/sound.h"

enum { READ_FRAMES = 16384 };

__attribute__((format(printf, 3, 4))) static ph_status fail(struct load_request *r, ph_status status,
                                                            const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(r->text, sizeof r->text, format, list);
    va_end(list);
    return status;
}

/** New contents of the buffer: the newest from now on. */
static ph_status replace(struct load_buffers *b, struct load_request *r, struct dsp_buffer contents)
{
    r->contents = contents;
    r->swaps = true;
    load_buffers_put(b, r->number, &contents);
    return PH_OK;
}

static size_t samples_of(const struct dsp_buffer *contents)
{
    return (size_t)contents->n_frames * contents->n_channels;
}

/** Memory like the newest contents', with or without what they hold. */
static ph_status copy(struct load_buffers *b, uint32_t number, bool with_data, struct dsp_buffer *out)
{
    const struct dsp_buffer now = load_buffers_get(b, number);
    const ph_status status = load_buffers_allocate(b, now.n_frames, now.n_channels, now.rate_hz, out);
    if (status == PH_OK && with_data)
        memcpy(out->data, now.data, samples_of(&now) * sizeof *out->data);
    return status;
}

static ph_status allocate(struct load_buffers *b, struct load_request *r)
{
    struct dsp_buffer contents;
    const ph_status status = load_buffers_allocate(b, r->n_frames, r->n_channels, r->rate_hz, &contents);
    return status == PH_OK ? replace(b, r, contents) : status;
}

static ph_status release(struct load_buffers *b, struct load_request *r)
{
    /* an empty buffer keeps its rate, which /b_query tells */
    const struct dsp_buffer empty = { .rate_hz = load_buffers_get(b, r->number).rate_hz };
    load_buffers_attach(b, r->number, NULL);
    return replace(b, r, empty);
}

static ph_status zero(struct load_buffers *b, struct load_request *r)
{
    struct dsp_buffer contents;
    if (!load_buffers_get(b, r->number).data)
        return PH_OK;
    const ph_status status = copy(b, r->number, false, &contents);
    return status == PH_OK ? replace(b, r, contents) : status;
}

static ph_status generate(struct load_buffers *b, struct load_request *r)
{
    struct dsp_buffer contents;
    if (!load_buffers_get(b, r->number).data)
        return PH_OK;
    const ph_status status = copy(b, r->number, true, &contents);
    if (status != PH_OK)
        return status;
    load_generate(r->generator, b, &r->args, &contents);
    return replace(b, r, contents);
}

/* ---- files ----------------------------------------------------------------------------------- */

static ph_status open_file(struct load_request *r, struct load_sound **out)
{
    char error[LOAD_SOUND_ERROR_BYTES];
    const ph_status status = load_sound_open(r->root, r->path, out, error);
    return status == PH_OK ? PH_OK : fail(r, status, "File '%.300s' could not be opened: %s\n", r->path,
                                          error);
}

/** First frame and number of frames that are there, of what was asked. */
static void clamp_range(const struct load_sound *sound, int64_t *first, int64_t *n, bool zero_is_all)
{
    const int64_t frames = sound->info.frames;
    *first = *first < 0 ? 0 : *first > frames ? frames : *first;
    if (*n < 0 || (zero_is_all && *n == 0) || *n > frames - *first)
        *n = frames - *first;
}

static bool picks_are_there(const struct load_request *r, const struct load_sound *sound)
{
    for (uint32_t i = 0; i < r->n_picks; i++)
        if (r->picked[i] >= sound->info.channels)
            return false;
    return true;
}

/** Reads what `r` picks of the frames, a piece at a time; a channel below 0 is silence. */
static ph_status read_picked(const struct load_request *r, struct load_sound *sound, int64_t first,
                             float *out, uint32_t n_out_channels, int64_t n_frames)
{
    const uint32_t n_channels = (uint32_t)sound->info.channels;
    float *const piece = malloc((size_t)READ_FRAMES * n_channels * sizeof *piece);
    if (!piece)
        return PH_NO_MEMORY;
    for (int64_t done = 0; done < n_frames; done += READ_FRAMES) {
        const int64_t n = n_frames - done < READ_FRAMES ? n_frames - done : READ_FRAMES;
        load_sound_read(sound, first + done, piece, n);
        for (int64_t i = 0; i < n; i++)
            for (uint32_t c = 0; c < n_out_channels; c++) {
                const int32_t from = r->picks ? c < r->n_picks ? r->picked[c] : -1 : (int32_t)c;
                out[(done + i) * n_out_channels + c] =
                    from >= 0 && from < (int32_t)n_channels ? piece[i * n_channels + (uint32_t)from] : 0;
            }
    }
    free(piece);
    return PH_OK;
}

static ph_status read_new(struct load_buffers *b, struct load_request *r, struct load_sound *sound)
{
    int64_t first = r->file_frame, n = r->n_frames;
    struct dsp_buffer contents;
    if (r->picks && !picks_are_there(r, sound))
        return fail(r, PH_OUT_OF_RANGE, "Channel index out of range.\n");
    clamp_range(sound, &first, &n, true);
    if (n == 0)
        return PH_OK; /* nothing of the file: the buffer stays as it is */
    const int64_t n_channels = r->picks ? (int64_t)r->n_picks : sound->info.channels;
    ph_status status = load_buffers_allocate(b, n, n_channels, (float)sound->info.samplerate, &contents);
    if (status != PH_OK)
        return status;
    if (r->picks)
        status = read_picked(r, sound, first, contents.data, contents.n_channels, n);
    else
        load_sound_read(sound, first, contents.data, n);
    if (status != PH_OK) {
        load_buffers_release(b, &contents);
        return status;
    }
    return replace(b, r, contents);
}

static ph_status allocate_and_read(struct load_buffers *b, struct load_request *r)
{
    struct load_sound *sound;
    ph_status status = open_file(r, &sound);
    if (status == PH_OK)
        status = read_new(b, r, sound);
    load_sound_close(sound);
    return status;
}

static ph_status check_channels(struct load_request *r, const struct load_sound *sound,
                                const struct dsp_buffer *now)
{
    if (r->picks)
        return picks_are_there(r, sound) ? PH_OK
                                         : fail(r, PH_OUT_OF_RANGE, "Channel index out of range.\n");
    if (sound->info.channels != (int)now->n_channels)
        return fail(r, PH_OUT_OF_RANGE,
                    "Channel mismatch. File '%.300s' has %d channels. Buffer has %u channels.\n", r->path,
                    sound->info.channels, now->n_channels);
    return PH_OK;
}

/** Into what is there, as far as there is room. The file's rate becomes the buffer's. */
static ph_status read_into(struct load_buffers *b, struct load_request *r, struct load_sound *sound)
{
    const struct dsp_buffer now = load_buffers_get(b, r->number);
    int64_t first = r->file_frame, n = r->n_frames;
    struct dsp_buffer contents;
    ph_status status = check_channels(r, sound, &now);
    if (status == PH_OK)
        status = copy(b, r->number, true, &contents);
    if (status != PH_OK)
        return status;
    clamp_range(sound, &first, &n, false);
    if (n > now.n_frames - r->buffer_frame)
        n = now.n_frames - r->buffer_frame;
    float *const out = contents.data + (size_t)r->buffer_frame * contents.n_channels;
    if (r->picks)
        status = read_picked(r, sound, first, out, contents.n_channels, n);
    else if (n > 0)
        load_sound_read(sound, first, out, n);
    if (status != PH_OK) {
        load_buffers_release(b, &contents);
        return status;
    }
    contents.rate_hz = (float)sound->info.samplerate;
    if (r->leave_open) /* what streams goes on behind what was read */
        sf_seek(sound->file, first + n, SEEK_SET);
    return replace(b, r, contents);
}

static ph_status read_file(struct load_buffers *b, struct load_request *r)
{
    struct load_sound *sound;
    if (r->buffer_frame < 0)
        r->buffer_frame = 0;
    if (r->buffer_frame >= load_buffers_get(b, r->number).n_frames)
        return PH_OK; /* no room: nothing to do */
    ph_status status = open_file(r, &sound);
    if (status == PH_OK)
        status = read_into(b, r, sound);
    if (status == PH_OK) {
        load_buffers_attach(b, r->number, r->leave_open ? sound : NULL);
        if (r->leave_open)
            return PH_OK;
    }
    load_sound_close(sound);
    return status;
}

static ph_status write_file(struct load_buffers *b, struct load_request *r)
{
    const struct dsp_buffer now = load_buffers_get(b, r->number);
    char error[LOAD_SOUND_ERROR_BYTES];
    struct load_sound *sound;
    int64_t n = r->n_frames, first = r->buffer_frame > 0 ? r->buffer_frame : 0;
    if (first > now.n_frames)
        first = now.n_frames;
    if (n < 0 || n > now.n_frames - first)
        n = now.n_frames - first;
    const ph_status status = load_sound_create(r->root, r->path, r->format, (uint32_t)now.rate_hz,
                                               now.n_channels, &sound, error);
    if (status != PH_OK)
        return fail(r, status, "File '%.300s' could not be opened: %s\n", r->path, error);
    const sf_count_t written =
        n > 0 ? sf_writef_float(sound->file, now.data + (size_t)first * now.n_channels, n) : 0;
    if (written < n)
        fail(r, PH_IO, "File '%.300s' could not be written: %s\n", r->path, sf_strerror(sound->file));
    load_buffers_attach(b, r->number, r->leave_open ? sound : NULL);
    if (!r->leave_open)
        load_sound_close(sound);
    return written < n ? PH_IO : PH_OK;
}

ph_status load_request_run(struct load_buffers *b, struct load_request *r)
{
    switch (r->what) {
    case LOAD_ALLOC:
        return allocate(b, r);
    case LOAD_ALLOC_READ:
        return allocate_and_read(b, r);
    case LOAD_READ:
        return read_file(b, r);
    case LOAD_WRITE:
        return write_file(b, r);
    case LOAD_FREE:
        return release(b, r);
    case LOAD_CLOSE:
        load_buffers_attach(b, r->number, NULL);
        return PH_OK;
    case LOAD_ZERO:
        return zero(b, r);
    case LOAD_GENERATE:
        return generate(b, r);
    }
    return PH_OK;
}
