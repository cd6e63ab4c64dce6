/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/stems.c - a sound file for each output.                                                 */
#include "server/stems.h"

#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/world.h"

enum { STEMS_MAX = 200, CHANNELS = 2, ROOM = 8192, NAME_BYTES = 64 };

struct stem {
    char name[NAME_BYTES]; /* of the output */
    char *path;
    SNDFILE *file;
    uint64_t frame; /* behind what it holds, what waits included */
    uint32_t n_waiting;
    float waiting[CHANNELS * ROOM];
};

struct stems {
    char *base; /* the name of the main file without its ending */
    uint32_t rate_hz, n;
    struct stem *stems[STEMS_MAX];
};

struct stems *stems_new(const char *out, uint32_t rate_hz)
{
    struct stems *const s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->rate_hz = rate_hz;
    s->base = strdup(out);
    if (!s->base) {
        free(s);
        return NULL;
    }
    char *const point = strrchr(s->base, '.');
    if (point && !strchr(point, '/'))
        *point = '\0';
    return s;
}

static bool fail(const char *path, SNDFILE *file)
{
    fprintf(stderr, "phonon-render: can't write %s: %s\n", path, sf_strerror(file));
    return false;
}

static bool open_file(struct stems *s, struct stem *stem)
{
    SF_INFO info = { .samplerate = (int)s->rate_hz, .channels = CHANNELS,
                     .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT };
    const size_t space = strlen(s->base) + sizeof stem->name + 8;

    stem->path = malloc(space);
    if (!stem->path)
        return fail(stem->name, NULL);
    snprintf(stem->path, space, "%s-%s.wav", s->base, stem->name);
    for (char *c = stem->path + strlen(s->base); *c; c++) /* names of TidalCycles are any text */
        if (strchr("/\\ ", *c))
            *c = '_';
    stem->file = sf_open(stem->path, SFM_WRITE, &info);
    if (!stem->file)
        return fail(stem->path, NULL);
    sf_command(stem->file, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE); /* it holds the date */
    return true;
}

/* The file of an output; NULL after printing why there is none. */
static struct stem *find(struct stems *s, const char *name)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (strcmp(s->stems[i]->name, name) == 0)
            return s->stems[i];
    if (s->n == STEMS_MAX) {
        fprintf(stderr, "phonon-render: more than %d outputs\n", STEMS_MAX);
        return NULL;
    }
    struct stem *const stem = calloc(1, sizeof *stem);
    if (!stem)
        return NULL;
    snprintf(stem->name, sizeof stem->name, "%s", name);
    s->stems[s->n++] = stem;
    return open_file(s, stem) ? stem : NULL;
}

static bool flush(struct stem *stem)
{
    const sf_count_t n = stem->n_waiting;

    stem->n_waiting = 0;
    return sf_writef_float(stem->file, stem->waiting, n) == n || fail(stem->path, stem->file);
}

/* One frame; `left` NULL: silence. */
static bool add_frame(struct stem *stem, const float *left, const float *right, uint32_t i)
{
    if (stem->n_waiting == ROOM && !flush(stem))
        return false;
    float *const frame = stem->waiting + CHANNELS * (size_t)stem->n_waiting++;
    frame[0] = left ? left[i] : 0;
    frame[1] = !left ? 0 : right ? right[i] : left[i];
    stem->frame++;
    return true;
}

static bool add_silence(struct stem *stem, uint64_t until)
{
    bool ok = true;

    while (ok && stem->frame < until)
        ok = add_frame(stem, NULL, NULL, 0);
    return ok;
}

bool stems_add(struct stems *s, struct world *world, uint64_t frame, uint32_t n_frames)
{
    const float *left, *right;
    const char *name;

    for (uint32_t index = 0; world_stem(world, index, &name, &left, &right); index++) {
        struct stem *const stem = find(s, name);
        bool ok = stem && add_silence(stem, frame);
        for (uint32_t i = 0; ok && i < n_frames; i++)
            ok = add_frame(stem, left, right, i);
        if (!ok)
            return false;
    }
    return true;
}

bool stems_close(struct stems *s, uint64_t n_frames)
{
    bool ok = true;

    if (!s)
        return true;
    for (uint32_t i = 0; i < s->n; i++) {
        struct stem *const stem = s->stems[i];
        if (stem->file) {
            ok &= add_silence(stem, n_frames) && flush(stem);
            ok &= sf_close(stem->file) == 0;
        }
        free(stem->path);
        free(stem);
    }
    free(s->base);
    free(s);
    return ok;
}
