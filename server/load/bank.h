/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/bank.h - sample banks: words to sound files to buffers, loaded on their own thread. */
/* room: the loader thread reads files; look-ups are safe from command and sequencer threads.     */
#ifndef SERVER_LOAD_BANK_H
#define SERVER_LOAD_BANK_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/status.h"
#include "server/dsp/dsp.h"

struct load_bank;

/** Reads one sound file whole, converted to `rate_hz`, with every check of DESIGN 8 (Files). Blocking. */
PH_NODISCARD ph_status load_file(const char *path, uint32_t rate_hz, int64_t start_frame,
                                 int64_t n_frames_max, struct dsp_buffer *out, char *error);
void load_buffer_finish(struct dsp_buffer *buffer);

struct load_bank_config {
    uint32_t rate_hz;
    uint32_t first_buffer, n_buffers; /* buffer numbers that belong to the bank */
    const char *const *roots;         /* folders of folders, in search order; the kit comes last */
    uint32_t n_roots;
    /**
     * Hands a loaded buffer to the command thread, which swaps it in (LINK_BUFFER_SWAP). Called on the
     * loader thread, or on the caller of load_bank_wait() when there is no thread (offline).
     */
    void (*loaded)(void *context, uint32_t buffer_number, struct dsp_buffer *gives);
    void *context;
};

/** Indexes the folders (no sound file is opened) and makes the generated kit known. */
PH_NODISCARD ph_status load_bank_new(const struct load_bank_config *config, struct load_bank **out);
void load_bank_free(struct load_bank *bank);
PH_NODISCARD ph_status load_bank_start(struct load_bank *bank); /* starts the loader thread */

/** True when the word names a bank folder or a kit sound. */
bool load_bank_has(struct load_bank *bank, const char *word);
/** Asks for a word's file (index wraps); idempotent. */
void load_bank_request(struct load_bank *bank, const char *word, int64_t index);
/** Waits until nothing requested is outstanding; false after `timeout_ms`. Offline: loads here. */
bool load_bank_wait(struct load_bank *bank, uint32_t timeout_ms);

struct load_sample {
    uint32_t buffer_number;
    uint32_t n_frames, n_channels; /* at the server's rate */
};
/** Loaded and swapped in: fills `out`. false while loading or unknown (then it is requested). */
bool load_bank_find(struct load_bank *bank, const char *word, int64_t index,
                    struct load_sample *out);
/** Nearest known word (edit distance <= 2) or NULL; for warnings. */
const char *load_bank_nearest(struct load_bank *bank, const char *word);
/** Bytes of sample data in memory. */
uint64_t load_bank_bytes(struct load_bank *bank);

#endif
