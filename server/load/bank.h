/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/bank.h - sample banks: words to sound files to buffers, loaded on their own        */
/* thread.                                                                                        */
/* room: the loader thread reads files; look-ups are safe from command and sequencer threads.     */
#ifndef SERVER_LOAD_BANK_H
#define SERVER_LOAD_BANK_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/status.h"
#include "server/dsp/dsp.h"
#include "server/link/use.h"

struct load_bank;

enum {
    LOAD_CHANNELS_MAX = 8,
    LOAD_SAMPLES_MAX = 1 << 28, /* of one file, all channels together */
    LOAD_ERROR_BYTES = 256,
    LOAD_WORD_BYTES = 64 /* of a word that load_bank_nearest() tells */
};

/**
 * Reads one sound file (WAV, AIFF, FLAC, Ogg, MP3), converted to `rate_hz` (0: keeps its own rate).
 * Refuses what is no regular file, has more than LOAD_CHANNELS_MAX channels, a rate outside
 * 1000 .. 768000 Hz, too many samples, or ends early; samples that aren't finite become 0.
 * Blocking, but never on a FIFO or device.
 * @param start_frame   first frame taken, counted in the file
 * @param n_frames_max  frames taken at most, counted in the file; <= 0: all
 * @param out    empty on failure; end with load_buffer_finish()
 * @param error  space for LOAD_ERROR_BYTES: one line that says what is wrong, without the path
 */
PH_NODISCARD ph_status load_file(const char *path, uint32_t rate_hz, int64_t start_frame,
                                 int64_t n_frames_max, struct dsp_buffer *out, char *error);
/** The same, of a file inside folder `root`: what leaves it, by `..` or by a link, is PH_ACCESS. */
PH_NODISCARD ph_status load_file_beneath(const char *root, const char *path, uint32_t rate_hz,
                                         int64_t start_frame, int64_t n_frames_max,
                                         struct dsp_buffer *out, char *error);
void load_buffer_finish(struct dsp_buffer *buffer); /* accepts NULL */
/** A file may hold NaN, which units would keep: what isn't finite becomes silence. */
void load_scrub(float *data, size_t n);

/**
 * Folders of samples that are found without being told: Dirt-Samples in the home folder, in
 * $XDG_DATA_HOME and in SuperCollider's quarks, Sonic Pi's. $PHONON_SAMPLES, when set, stands for
 * all of them; empty, only the kit is left.
 * @return number written to `roots`, at most `max`; each gives a string for free()
 */
uint32_t load_usual_roots(char **roots, uint32_t max);

struct load_bank_config {
    uint32_t rate_hz;
    uint32_t first_buffer, n_buffers; /* buffer numbers that belong to the bank */
    /**
     * Of sample data in memory; 0: any number. What was not used for the longest time goes first.
     * What somebody uses and what the program mentions stays, also where that is more.
     */
    uint64_t bytes_max;
    /**
     * Folders in search order, the kit comes last. A folder inside is a word; a sound file is a
     * word of its own, and in Sonic Pi's flat folder also belongs to words like bd, sn, hh. What
     * can't be read is passed over.
     */
    const char *const *roots;
    uint32_t n_roots;
    /**
     * Hands a buffer to the command thread, which swaps it in (LINK_BUFFER_SWAP): a loaded one, or
     * an empty one in place of a sample that went. Of two with one number the later counts. Called
     * on the loader thread, or, when there is no thread (offline), on the caller of
     * load_bank_wait() or load_bank_find(); it calls nothing of the bank. The sample counts as
     * loaded when it returns: the swap must reach the audio thread before any voice that starts
     * later.
     */
    void (*loaded)(void *context, uint32_t buffer_number, struct dsp_buffer *gives);
    void *context;
};

/** Indexes the folders (no sound file is opened) and makes the generated kit known. */
PH_NODISCARD ph_status load_bank_new(const struct load_bank_config *config, struct load_bank **out);
/** When nobody uses its samples any more. */
void load_bank_free(struct load_bank *bank);
/** Starts the loader thread; from now on folders that change are indexed again. */
PH_NODISCARD ph_status load_bank_start(struct load_bank *bank);

/** True when the word names a bank folder or a kit sound. */
bool load_bank_has(struct load_bank *bank, const char *word);
/** Asks for a word's file (index wraps); idempotent. */
void load_bank_request(struct load_bank *bank, const char *word, int64_t index);
/** Waits until nothing requested is outstanding; false after `timeout_ms`. Offline: loads here. */
bool load_bank_wait(struct load_bank *bank, uint32_t timeout_ms);

/**
 * What a program mentions stays loaded: begin one, mention its samples (they are requested), and
 * commit it when it has taken over. Until the next begin the samples of the one before stay too.
 */
void load_bank_program_begin(struct load_bank *bank);
void load_bank_mention(struct load_bank *bank, const char *word, int64_t index);
void load_bank_program_commit(struct load_bank *bank);

struct load_sample {
    uint32_t buffer_number;
    uint32_t n_frames, n_channels; /* at the server's rate */
    uint32_t edition;              /* of what lies in the buffer of that number */
    float note;                    /* MIDI note that it sounds, as its file says; 0: none */
};
/**
 * Loaded and swapped in: fills `out`. false while loading (then it is requested) or unknown, or
 * when its file can't be read. Without a loader thread (offline) it is loaded here, so that no
 * event is lost.
 */
bool load_bank_find(struct load_bank *bank, const char *word, int64_t index,
                    struct load_sample *out);
/** Changes when a word may stand for another sample than before. Doesn't lock. */
uint32_t load_bank_revision(const struct load_bank *bank);
/**
 * A use of a sample that was found: it stays in its buffer until link_uses_release(). NULL: it is
 * gone, find it again. Doesn't lock.
 */
struct link_uses *load_bank_use(struct load_bank *bank, const struct load_sample *sample);
/**
 * The same for several at once; `*out` may be NULL where n is 0. PH_NOT_FOUND: one of them is gone.
 */
PH_NODISCARD ph_status load_bank_use_all(struct load_bank *bank, const struct load_sample *samples,
                                         uint32_t n, struct link_uses **out);

/** Nearest known word (edit distance <= 2, and less than the word's length); for warnings. */
bool load_bank_nearest(struct load_bank *bank, const char *word, char out[LOAD_WORD_BYTES]);
/** Bytes of sample data in memory. */
uint64_t load_bank_bytes(struct load_bank *bank);

#endif
