/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/index.h - sample folders as words and their sounds; no sound file is opened.       */
/* room: loader thread, or whoever opens the bank before that starts. bank.c's own.               */
#ifndef SERVER_LOAD_INDEX_H
#define SERVER_LOAD_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/status.h"

enum { LOAD_NO_SLOT = -1 };

/**
 * One sound: a file, or (path NULL) a variant of a kit word. Found again by its path at each scan.
 */
struct load_source {
    char *path;
    uint32_t kit_word, kit_variant;
    uint32_t scan;                   /* number of the last scan that found it */
    struct load_source *next_hashed; /* of the store */
    /* bank.c's, behind its mutex */
    int32_t slot;         /* where it is loaded; LOAD_NO_SLOT: it isn't */
    bool is_queued;       /* waits for the loader, or is being read */
    bool is_bad;          /* can't be read; forgotten when the file changes */
    uint64_t mentions[2]; /* by programs: see bank.c */
    struct load_source *next_queued;
};

/** Every sound that a scan ever found. Zeroed is empty. */
struct load_store {
    struct load_source **buckets;
    uint32_t n_buckets, n_sources;
    uint32_t scan;
};
void load_store_finish(struct load_store *store);
/** The sound of that path, or NULL. */
struct load_source *load_store_find(const struct load_store *store, const char *path);
/** Calls `each` for every sound. */
void load_store_each(const struct load_store *store,
                     void (*each)(void *context, struct load_source *source), void *context);

struct load_word {
    char *name;
    uint32_t order; /* of discovery: of equal names the first counts */
    uint32_t n_sources, space;
    struct load_source **sources;
};

struct load_index {
    struct load_word *words; /* sorted by name, each once, none empty */
    uint32_t n_words, words_space;
};

struct load_scan {
    const char *const *roots;
    uint32_t n_roots;
    /** Told of each folder before it is read; may be NULL. */
    void (*folder)(void *context, const char *path);
    void *context;
};
/**
 * Reads the folders and the names in them, and makes the kit known behind them. What can't be read
 * is passed over. Sounds that were known keep their place in the store.
 */
PH_NODISCARD ph_status load_index_new(const struct load_scan *scan, struct load_store *store,
                                      struct load_index **out);
void load_index_free(struct load_index *index); /* accepts NULL; the sounds are the store's */

/** A word's sound; the index wraps. NULL: no such word. */
struct load_source *load_index_find(const struct load_index *index, const char *word, int64_t i);
/** Edit distance (Levenshtein) of two words; 3 where lengths differ by more, or one has 63 bytes. */
size_t load_index_edits(const char *a, const char *b);
/** Nearest word of fewer than 63 bytes, by up to two edits and less than all of it; or NULL. */
const char *load_index_nearest(const struct load_index *index, const char *word);

#endif
