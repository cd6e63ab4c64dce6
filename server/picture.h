/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/picture.h - a rendering as a PNG: waveform, spectrogram and the grid of its cycles.     */
/* room: the main thread of phonon-render. It takes sound as it comes and holds one column.       */
#ifndef SERVER_PICTURE_H
#define SERVER_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

/** The picture's parts, in pixels from its upper left corner. Every part begins at PICTURE_LEFT. */
enum {
    PICTURE_WIDTH = 1600,
    PICTURE_LEFT = 48,
    PICTURE_COLUMNS = PICTURE_WIDTH - PICTURE_LEFT - 12, /* the length of the sound */
    PICTURE_WAVE_TOP = 20,
    PICTURE_WAVE_HEIGHT = 121, /* one for each channel; full scale is the whole height */
    PICTURE_SPECTRUM_TOP = PICTURE_WAVE_TOP + 2 * PICTURE_WAVE_HEIGHT + 12,
    /* PICTURE_LOW_HZ at the bottom to PICTURE_HIGH_HZ, logarithmic */
    PICTURE_SPECTRUM_HEIGHT = 440,
    PICTURE_HEIGHT = PICTURE_SPECTRUM_TOP + PICTURE_SPECTRUM_HEIGHT + 24
};
#define PICTURE_LOW_HZ 30.0
#define PICTURE_HIGH_HZ 20000.0

struct picture_config {
    uint32_t rate_hz;
    uint64_t n_frames;
    double cps, first_cycle; /* lines at whole cycles, under one tempo */
};

struct picture;
/** NULL when memory is short. */
struct picture *picture_new(const struct picture_config *config);
void picture_free(struct picture *picture); /* accepts NULL */
/** The next frames of the sound, two channels interleaved. */
void picture_add(struct picture *picture, const float *frames, uint32_t n_frames);
/** False with errno set. */
bool picture_write(struct picture *picture, const char *path);

#endif
