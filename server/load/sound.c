/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/sound.c - a sound file that stays open, to be read or written in pieces.           */
/* room: the loader's threads.                                                                    */
#include "server/load/sound.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "server/load/bank.h"
#include "server/load/buffers.h"
#include "server/load/path.h"

enum { PIECE_FRAMES = 4096 };

/* ---- formats --------------------------------------------------------------------------------- */

struct name {
    const char *name;
    int bits;
};

static const struct name headers[] = {
    { "AIFF", SF_FORMAT_AIFF }, { "WAV", SF_FORMAT_WAV },     { "WAVE", SF_FORMAT_WAV },
    { "RIFF", SF_FORMAT_WAV },  { "WAVEX", SF_FORMAT_WAVEX }, { "Sun", SF_FORMAT_AU },
    { "NeXT", SF_FORMAT_AU },   { "SVX", SF_FORMAT_SVX },     { "raw", SF_FORMAT_RAW },
    { "PAF", SF_FORMAT_PAF },   { "NIST", SF_FORMAT_NIST },   { "VOC", SF_FORMAT_VOC },
    { "IRCAM", SF_FORMAT_IRCAM }, { "W64", SF_FORMAT_W64 },   { "MAT4", SF_FORMAT_MAT4 },
    { "MAT5", SF_FORMAT_MAT5 }, { "PVF", SF_FORMAT_PVF },     { "XI", SF_FORMAT_XI },
    { "HTK", SF_FORMAT_HTK },   { "SDS", SF_FORMAT_SDS },     { "AVR", SF_FORMAT_AVR },
    { "SD2", SF_FORMAT_SD2 },   { "FLAC", SF_FORMAT_FLAC },   { "CAF", SF_FORMAT_CAF },
    { "RF64", SF_FORMAT_RF64 }, { "vorbis", SF_FORMAT_VORBIS | SF_FORMAT_OGG },
};

static const struct name samples[] = {
    { "int8", SF_FORMAT_PCM_S8 },  { "uint8", SF_FORMAT_PCM_U8 },  { "int16", SF_FORMAT_PCM_16 },
    { "int24", SF_FORMAT_PCM_24 }, { "int32", SF_FORMAT_PCM_32 },  { "float", SF_FORMAT_FLOAT },
    { "double", SF_FORMAT_DOUBLE }, { "mulaw", SF_FORMAT_ULAW },   { "ulaw", SF_FORMAT_ULAW },
    { "alaw", SF_FORMAT_ALAW },    { "vorbis", SF_FORMAT_VORBIS },
};

static int bits_of(const struct name *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(names[i].name, name) == 0)
            return names[i].bits;
    return 0;
}

int load_sound_format(const char *header, const char *sample)
{
    const int outer = bits_of(headers, sizeof headers / sizeof *headers, header);
    const int inner = bits_of(samples, sizeof samples / sizeof *samples, sample);
    if (outer == 0 || inner == 0)
        return 0;
    return outer & SF_FORMAT_SUBMASK ? outer : outer | inner; /* vorbis is always vorbis */
}

/** What a file starts with, so that only decoders run that the writer has a name for. */
static bool is_known_start(const uint8_t *b, size_t n)
{
    static const struct { const char *text; uint8_t at, n; } starts[] = {
        { "RIFF", 0, 4 }, { "RF64", 0, 4 }, { "FORM", 0, 4 }, { "fLaC", 0, 4 }, { "OggS", 0, 4 },
        { "ID3", 0, 3 },  { ".snd", 0, 4 }, { "riff", 0, 4 }, { "caff", 0, 4 }, { " paf", 0, 4 },
        { "fap ", 0, 4 }, { "NIST_1A", 0, 7 }, { "Creative Voice File", 0, 19 },
        { "MATLAB", 0, 6 }, { "PVF1", 0, 4 }, { "Extended Instrument: ", 0, 21 },
        { "2BIT", 0, 4 },  { "\x64\xa3", 0, 2 }, { "\xa3\x64", 2, 2 }, { "\0\0\x03\xe8", 0, 4 },
        { "\0\0\0\0\1\0\0\0", 0, 8 }, { "\xf0\x7e", 0, 2 },
    };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if ((size_t)starts[i].at + starts[i].n <= n &&
            memcmp(b + starts[i].at, starts[i].text, starts[i].n) == 0)
            return true;
    return n > 1 && b[0] == 0xff && (b[1] & 0xe0) == 0xe0; /* MPEG */
}

/* ---- opening --------------------------------------------------------------------------------- */

static ph_status system_error(char *error, int number)
{
    snprintf(error, LOAD_SOUND_ERROR_BYTES, "System error : %s.", strerror(number));
    return number == EACCES ? PH_ACCESS : number == ENOENT ? PH_NOT_FOUND : PH_IO;
}

static ph_status sound_error(char *error, const char *text)
{
    snprintf(error, LOAD_SOUND_ERROR_BYTES, "%s", text);
    error[strcspn(error, "\n")] = 0;
    return PH_BAD_FILE;
}

/** Files on a disk; what the kernel shows as files (/proc/self/mem) is not for clients. */
static ph_status check_regular(int fd, char *error)
{
    struct stat info;
    struct statfs system;
    if (fstat(fd, &info) != 0 || fstatfs(fd, &system) != 0)
        return system_error(error, errno);
    if (system.f_type == PROC_SUPER_MAGIC || system.f_type == SYSFS_MAGIC)
        return sound_error(error, "not a file on a disk");
    return S_ISREG(info.st_mode) ? PH_OK : sound_error(error, "not a regular file");
}

static ph_status check_start(int fd, char *error)
{
    uint8_t start[32];
    const ssize_t n = pread(fd, start, sizeof start, 0);
    if (n < 0)
        return system_error(error, errno);
    return is_known_start(start, (size_t)n) ? PH_OK : sound_error(error, "Format not recognised.");
}

/** Takes the descriptor. */
static ph_status open_sound(int fd, int mode, const SF_INFO *info, struct load_sound **out, char *error)
{
    struct load_sound *const sound = calloc(1, sizeof *sound);
    if (!sound) {
        close(fd);
        return PH_NO_MEMORY;
    }
    sound->info = *info;
    sound->file = sf_open_fd(fd, mode, &sound->info, SF_TRUE);
    if (!sound->file) {
        free(sound); /* the descriptor is closed by sf_open_fd() */
        return sound_error(error, sf_strerror(NULL));
    }
    *out = sound;
    return PH_OK;
}

ph_status load_sound_open(const char *root, const char *path, struct load_sound **out, char *error)
{
    const SF_INFO info = { 0 };
    *out = NULL;
    error[0] = 0;
    const int fd = load_path_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return system_error(error, errno);
    ph_status status = check_regular(fd, error);
    if (status == PH_OK)
        status = check_start(fd, error);
    if (status != PH_OK) {
        close(fd);
        return status;
    }
    status = open_sound(fd, SFM_READ, &info, out, error);
    if (status == PH_OK && ((*out)->info.channels > LOAD_BUFFER_CHANNELS_MAX || (*out)->info.frames < 0)) {
        load_sound_close(*out);
        *out = NULL;
        status = sound_error(error, "too many channels");
    }
    return status;
}

ph_status load_sound_create(const char *root, const char *path, int format, uint32_t rate_hz,
                            uint32_t n_channels, struct load_sound **out, char *error)
{
    SF_INFO info = { .samplerate = (int)rate_hz, .channels = (int)n_channels, .format = format };
    *out = NULL;
    error[0] = 0;
    /* before the file that may be there is emptied */
    if (!sf_format_check(&info))
        return sound_error(error, "Format not recognised.");
    const int fd = load_path_open(root, path, O_RDWR | O_CREAT | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return system_error(error, errno);
    ph_status status = check_regular(fd, error);
    if (status == PH_OK && ftruncate(fd, 0) != 0)
        status = system_error(error, errno);
    if (status != PH_OK) {
        close(fd);
        return status;
    }
    status = open_sound(fd, SFM_WRITE, &info, out, error);
    if (status == PH_OK)
        sf_command((*out)->file, SFC_SET_CLIPPING, NULL, SF_TRUE);
    return status;
}

void load_sound_close(struct load_sound *sound)
{
    if (!sound)
        return;
    sf_close(sound->file);
    free(sound);
}

/* ---- reading --------------------------------------------------------------------------------- */

/** Up to `n_frames`, in pieces that stay in the cache; what isn't finite is silence. */
static int64_t read_some(struct load_sound *sound, float *out, int64_t n_frames)
{
    const int64_t n_channels = sound->info.channels;
    int64_t done = 0;
    while (done < n_frames) {
        float *const piece = out + done * n_channels;
        const int64_t wanted = n_frames - done < PIECE_FRAMES ? n_frames - done : PIECE_FRAMES;
        const sf_count_t n = sf_readf_float(sound->file, piece, wanted);
        if (n <= 0)
            break;
        load_scrub(piece, (size_t)(n * n_channels));
        done += n;
    }
    return done;
}

void load_sound_read(struct load_sound *sound, int64_t first_frame, float *out, int64_t n_frames)
{
    const size_t n_channels = (size_t)sound->info.channels;
    int64_t n = 0;
    if (sf_seek(sound->file, first_frame, SEEK_SET) == first_frame)
        n = read_some(sound, out, n_frames);
    memset(out + (size_t)n * n_channels, 0, (size_t)(n_frames - n) * n_channels * sizeof *out);
}

int64_t load_sound_read_on(struct load_sound *sound, float *out, int64_t n_frames, bool loops)
{
    const size_t n_channels = (size_t)sound->info.channels;
    int64_t n = read_some(sound, out, n_frames);
    while (loops && n < n_frames) {
        if (sf_seek(sound->file, 0, SEEK_SET) != 0)
            break;
        const int64_t more = read_some(sound, out + (size_t)n * n_channels, n_frames - n);
        if (more == 0)
            break; /* an empty file */
        n += more;
    }
    memset(out + (size_t)n * n_channels, 0, (size_t)(n_frames - n) * n_channels * sizeof *out);
    return n;
}
