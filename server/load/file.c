/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/file.c - one sound file, whole, as floats at the rate that was asked for.          */
/* room: loader and command threads; blocks on the disk and nothing else.                         */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <samplerate.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/load/bank.h"
#include "server/load/path.h"

enum {
    RATE_MIN = 1000,
    RATE_MAX = 768000,
    READ_FRAMES = 16384,
    CHUNKS_MAX = 4096 /* of a RIFF or FORM file, before its sample data */
};

__attribute__((format(printf, 3, 4))) static ph_status fail(char *error, ph_status status,
                                                            const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(error, LOAD_ERROR_BYTES, format, list);
    va_end(list);
    return status;
}

static uint32_t word_of(const uint8_t *b, bool is_big_endian)
{
    return is_big_endian ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]
                         : (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

/**
 * True when the sample data of a RIFF or FORM file ends before its header says so: libsndfile plays
 * what is there without a word. Writers to a pipe leave sizes of 0 or near 2^31 and 2^32: those
 * pass.
 */
static bool is_cut_short(int fd, uint64_t file_bytes, const uint8_t *start)
{
    const bool is_big_endian = memcmp(start, "FORM", 4) == 0;
    if (!is_big_endian && memcmp(start, "RIFF", 4) != 0)
        return false;
    uint64_t at = 12;
    for (uint32_t i = 0; i < CHUNKS_MAX; i++) {
        uint8_t chunk[8];
        if (pread(fd, chunk, sizeof chunk, (off_t)at) != (ssize_t)sizeof chunk)
            return false; /* no sample data at all: the decoder will say so */
        const uint32_t size = word_of(chunk + 4, is_big_endian);
        at += sizeof chunk;
        if (memcmp(chunk, is_big_endian ? "SSND" : "data", 4) == 0)
            return size < 0x7ffff000u && at + size > file_bytes;
        at += (uint64_t)size + (size & 1);
    }
    return false;
}

/** The five families that are taken, by their first bytes, so that no other decoder ever runs. */
static bool is_known_start(const uint8_t *b)
{
    return (memcmp(b, "RIFF", 4) == 0 && memcmp(b + 8, "WAVE", 4) == 0) ||
           (memcmp(b, "FORM", 4) == 0 && memcmp(b + 8, "AIF", 3) == 0) ||
           memcmp(b, "fLaC", 4) == 0 || memcmp(b, "OggS", 4) == 0 || memcmp(b, "ID3", 3) == 0 ||
           (b[0] == 0xff && (b[1] & 0xe0) == 0xe0);
}

static bool is_known_format(int format)
{
    switch (format & SF_FORMAT_TYPEMASK) {
    case SF_FORMAT_WAV:
    case SF_FORMAT_WAVEX:
    case SF_FORMAT_AIFF:
    case SF_FORMAT_FLAC:
    case SF_FORMAT_OGG:
    case SF_FORMAT_MPEG:
        return true;
    default:
        return false;
    }
}

/**
 * A descriptor of a regular file that starts like a sound file. Never waits on a FIFO or a device.
 */
static ph_status open_regular(const char *path, int *out, char *error)
{
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return fail(error, errno == EACCES ? PH_ACCESS : PH_NOT_FOUND, "%s", strerror(errno));
    struct stat info;
    uint8_t start[12];
    ph_status status = PH_OK;
    if (fstat(fd, &info) != 0)
        status = fail(error, PH_IO, "%s", strerror(errno));
    else if (!S_ISREG(info.st_mode))
        status = fail(error, PH_BAD_FILE, "not a regular file");
    else if (pread(fd, start, sizeof start, 0) != (ssize_t)sizeof start)
        status = fail(error, PH_BAD_FILE, "too short for a sound file");
    else if (!is_known_start(start))
        status = fail(error, PH_BAD_FILE, "not WAV, AIFF, FLAC, Ogg or MP3");
    else if (is_cut_short(fd, (uint64_t)info.st_size, start))
        status = fail(error, PH_BAD_FILE, "the file ends before its sample data does");
    if (status != PH_OK)
        close(fd);
    else
        *out = fd;
    return status;
}

static ph_status check_info(const SF_INFO *info, char *error)
{
    if (!is_known_format(info->format))
        return fail(error, PH_BAD_FILE, "not WAV, AIFF, FLAC, Ogg or MP3");
    if (info->channels < 1 || info->channels > LOAD_CHANNELS_MAX)
        return fail(error, PH_BAD_FILE, "%d channels, 1 to %d can be read", info->channels,
                    LOAD_CHANNELS_MAX);
    if (info->samplerate < RATE_MIN || info->samplerate > RATE_MAX)
        return fail(error, PH_BAD_FILE, "a rate of %d Hz, %d to %d can be read", info->samplerate,
                    RATE_MIN, RATE_MAX);
    if (info->frames < 1)
        return fail(error, PH_BAD_FILE, "no samples in it");
    return PH_OK;
}

/** Frames to read of a file, given what the caller wants. */
static ph_status frames_wanted(const SF_INFO *info, int64_t start_frame, int64_t n_frames_max,
                               int64_t *out, char *error)
{
    if (start_frame < 0 || start_frame >= info->frames)
        return fail(error, PH_OUT_OF_RANGE, "starts at frame %" PRId64 " of %" PRId64, start_frame,
                    (int64_t)info->frames);
    int64_t n = info->frames - start_frame;
    if (n_frames_max > 0 && n_frames_max < n)
        n = n_frames_max;
    if (n > LOAD_SAMPLES_MAX / info->channels)
        return fail(error, PH_TOO_LARGE, "%" PRId64 " frames of %d channels are too many", n,
                    info->channels);
    *out = n;
    return PH_OK;
}

/**
 * Reads `*n_frames` frames. Memory grows with what arrives, not with what the header promises,
 * because a compressed file of a few bytes may promise any length. Where the length is an estimate
 * (`is_exact` false) fewer will do, and `*n_frames` says how many came.
 */
static ph_status read_frames(SNDFILE *file, uint32_t n_channels, bool is_exact, int64_t *n_frames,
                             float **out, char *error)
{
    const int64_t n = *n_frames;
    int64_t space = 0, have = 0;
    float *data = NULL;
    while (have < n) {
        if (have == space) {
            space = space == 0 ? READ_FRAMES : 2 * space;
            space = space > n ? n : space;
            float *const more = realloc(data, (size_t)space * n_channels * sizeof *data);
            if (!more) {
                free(data);
                return fail(error, PH_NO_MEMORY, "out of memory");
            }
            data = more;
        }
        const sf_count_t got = sf_readf_float(file, data + have * n_channels, space - have);
        if (got <= 0)
            break;
        have += got;
    }
    if (have == 0 || (is_exact && (have < n || sf_error(file) != SF_ERR_NO_ERROR))) {
        free(data);
        return fail(error, PH_BAD_FILE, "the file ends after %" PRId64 " of %" PRId64 " frames",
                    have, n);
    }
    *out = data;
    *n_frames = have;
    return PH_OK;
}

/**
 * A file may hold NaN, and a converter would smear it over everything: non-finite becomes silence.
 */
void load_scrub(float *data, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(data[i]))
            data[i] = 0.0f;
}

/**
 * Converts `in` to `rate_hz`; the length is n * ratio, rounded, so that loops keep their length.
 */
static ph_status convert(struct dsp_buffer *in, uint32_t rate_hz, char *error)
{
    const double ratio = (double)rate_hz / (double)in->rate_hz;
    const double exact = floor((double)in->n_frames * ratio + 0.5);
    if (!src_is_valid_ratio(ratio))
        return fail(error, PH_BAD_FILE, "a rate of %.0f Hz can't be converted", (double)in->rate_hz);
    if (exact > (double)(LOAD_SAMPLES_MAX / in->n_channels))
        return fail(error, PH_TOO_LARGE, "too long at %u Hz", rate_hz);
    const uint32_t n = exact < 1.0 ? 1 : (uint32_t)exact;
    float *const data = calloc((size_t)n * in->n_channels, sizeof *data);
    if (!data)
        return fail(error, PH_NO_MEMORY, "out of memory");
    SRC_DATA job = { .data_in = in->data, .data_out = data, .input_frames = in->n_frames,
                     .output_frames = n, .src_ratio = ratio };
    /* medium: 121 dB below the signal, flat to 0.9 of the band, four times faster than best */
    const int wrong = src_simple(&job, SRC_SINC_MEDIUM_QUALITY, (int)in->n_channels);
    if (wrong) {
        free(data);
        return fail(error, PH_BAD_FILE, "%s", src_strerror(wrong));
    }
    free(in->data);
    in->data = data;
    in->n_frames = n;
    in->rate_hz = (float)rate_hz;
    load_scrub(data, (size_t)n * in->n_channels); /* huge input values can overflow in the filter */
    return PH_OK;
}

/** A WAV file's `smpl` chunk, and its like, may say which note is heard: MIDI's number, and cents. */
static float note_of(SNDFILE *file)
{
    SF_INSTRUMENT instrument = { 0 };
    if (sf_command(file, SFC_GET_INSTRUMENT, &instrument, sizeof instrument) != SF_TRUE)
        return 0;
    return (float)instrument.basenote + (float)instrument.detune / 100;
}

static ph_status read_open(SNDFILE *file, const SF_INFO *info, uint32_t rate_hz, int64_t start_frame,
                           int64_t n_frames_max, struct dsp_buffer *out, char *error)
{
    int64_t n = 0;
    ph_status status = check_info(info, error);
    if (status == PH_OK)
        status = frames_wanted(info, start_frame, n_frames_max, &n, error);
    if (status == PH_OK && start_frame > 0 && sf_seek(file, start_frame, SEEK_SET) != start_frame)
        status = fail(error, PH_BAD_FILE, "frame %" PRId64 " can't be reached", start_frame);
    if (status == PH_OK)
        status = read_frames(file, (uint32_t)info->channels,
                             (info->format & SF_FORMAT_TYPEMASK) != SF_FORMAT_MPEG, &n, &out->data,
                             error);
    if (status != PH_OK)
        return status;
    out->n_frames = (uint32_t)n;
    out->n_channels = (uint32_t)info->channels;
    out->rate_hz = (float)info->samplerate;
    out->note = note_of(file);
    load_scrub(out->data, (size_t)n * out->n_channels);
    return rate_hz == 0 || (int64_t)rate_hz == info->samplerate ? PH_OK : convert(out, rate_hz, error);
}

ph_status load_file(const char *path, uint32_t rate_hz, int64_t start_frame, int64_t n_frames_max,
                    struct dsp_buffer *out, char *error)
{
    *out = (struct dsp_buffer){ 0 };
    error[0] = 0;
    int fd = -1;
    ph_status status = open_regular(path, &fd, error);
    if (status != PH_OK)
        return status;
    SF_INFO info = { 0 };
    SNDFILE *const file = sf_open_fd(fd, SFM_READ, &info, SF_FALSE);
    if (file) {
        status = read_open(file, &info, rate_hz, start_frame, n_frames_max, out, error);
        sf_close(file);
    } else {
        status = fail(error, PH_BAD_FILE, "%s", sf_strerror(NULL));
        error[strcspn(error, "\n")] = 0;
    }
    close(fd);
    if (status != PH_OK)
        load_buffer_finish(out);
    return status;
}

ph_status load_file_beneath(const char *root, const char *path, uint32_t rate_hz, int64_t start_frame,
                            int64_t n_frames_max, struct dsp_buffer *out, char *error)
{
    *out = (struct dsp_buffer){ 0 };
    const int found = load_path_open(root, path, O_PATH);
    if (found < 0)
        return fail(error, PH_ACCESS, "not a file inside %s", root);
    char place[40];
    snprintf(place, sizeof place, "/proc/self/fd/%d", found);
    const ph_status status = load_file(place, rate_hz, start_frame, n_frames_max, out, error);
    close(found);
    return status;
}

void load_buffer_finish(struct dsp_buffer *buffer)
{
    if (!buffer)
        return;
    free(buffer->data);
    *buffer = (struct dsp_buffer){ 0 };
}
