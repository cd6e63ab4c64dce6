/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/sound.h - a sound file that stays open, to be read or written in pieces.           */
/* room: the loader's threads.                                                                    */
#ifndef SERVER_LOAD_SOUND_H
#define SERVER_LOAD_SOUND_H

#include <stdbool.h>
#include <stdint.h>

#include <sndfile.h>

#include "protocol/status.h"

struct load_sound {
    SNDFILE *file;
    SF_INFO info;
};

enum { LOAD_SOUND_ERROR_BYTES = 512 };

/**
 * Opens a sound file of any kind that load_sound_format() knows, with 1 to 1024 channels. With a
 * `root` only inside that folder. Never waits on a FIFO or a device.
 * @param error  LOAD_SOUND_ERROR_BYTES: why not, in libsndfile's words or the system's
 */
PH_NODISCARD ph_status load_sound_open(const char *root, const char *path, struct load_sound **out,
                                       char *error);
/** Makes a file, or empties the one that is there. PCM clips. */
PH_NODISCARD ph_status load_sound_create(const char *root, const char *path, int format,
                                         uint32_t rate_hz, uint32_t n_channels,
                                         struct load_sound **out, char *error);
void load_sound_close(struct load_sound *sound); /* accepts NULL */

/**
 * libsndfile's number for scsynth's names of header and sample format, in any case; 0: it has none.
 */
int load_sound_format(const char *header, const char *sample);

/**
 * Reads `n_frames` interleaved frames from `first_frame` on; what the file does not have is 0.
 * Values that are not finite become 0.
 */
void load_sound_read(struct load_sound *sound, int64_t first_frame, float *out, int64_t n_frames);
/**
 * The next `n_frames`, from where the last call ended; with `loops` from the beginning again at the
 * end.
 * @return how many there were; the rest is 0
 */
int64_t load_sound_read_on(struct load_sound *sound, float *out, int64_t n_frames, bool loops);

#endif
