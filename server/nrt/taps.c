/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/taps.c - records of `tap` become sound files.                                       */
/* room: command thread.                                                                          */
#include "server/nrt/taps.h"

#include <ctype.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A name is never a path. */
static char *path_of(const char *prefix, const char *name)
{
    const size_t n_prefix = strlen(prefix), n_name = strlen(name);
    const char *const gap = n_prefix > 0 && prefix[n_prefix - 1] == '-' ? "" : "/";
    const size_t space = n_prefix + strlen(gap) + n_name + sizeof ".wav";
    char *const path = malloc(space);

    if (!path)
        return NULL;
    snprintf(path, space, "%s%s%s.wav", prefix, gap, name);
    char *const at = path + n_prefix + strlen(gap);
    for (size_t i = 0; i < n_name; i++)
        if (!isalnum((unsigned char)at[i]) && at[i] != '-' && at[i] != '_')
            at[i] = '_';
    return path;
}

static void write_file(const char *path, const float *frames, uint32_t n, float rate_hz)
{
    SF_INFO info = { .samplerate = (int)rate_hz, .channels = 1,
                     .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT };
    SNDFILE *const file = sf_open(path, SFM_WRITE, &info);

    if (file)
        sf_command(file, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE); /* it holds the date */
    if (!file || sf_writef_float(file, frames, n) != (sf_count_t)n)
        fprintf(stderr, "warning: can't write %s: %s\n", path, sf_strerror(file));
    if (file)
        sf_close(file);
}

void nrt_taps_write(const char *prefix, struct rt_synth *synth)
{
    const struct rt_def *const def = synth->def;

    if (def->n_taps == 0 || synth->taps_written)
        return;
    synth->taps_written = true;
    for (uint32_t i = 0; i < def->n_taps; i++) {
        const struct rt_unit *const unit = &def->units[def->taps[i].unit];
        const struct rt_memory *const memory = synth->memories[unit->memory - 1];
        uint32_t n;
        memcpy(&n, synth->state + unit->state_offset, sizeof n);
        if (n > 0 && !prefix) {
            fprintf(stderr, "warning: tap %s: nothing is recorded without --record DIR\n",
                    def->taps[i].name);
            return;
        }
        char *const path = path_of(prefix, def->taps[i].name);
        if (path && memory && n > 0 && n < memory->n_frames)
            write_file(path, memory->data, n, def->rate_hz);
        free(path);
    }
}
