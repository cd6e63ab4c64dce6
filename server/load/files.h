/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/files.h - whole files of one kind: those of a pattern, or all in a folder.         */
/* room: the queue's thread (load/queue.h); offline the command thread.                           */
#ifndef SERVER_LOAD_FILES_H
#define SERVER_LOAD_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LOAD_FILE_BYTES_MAX = 1 << 24,
    LOAD_FOLDERS_MAX = 16, /* one inside the other */
    LOAD_ENTRIES_MAX = 1 << 16 /* that are looked at: the root folder has millions */
};

/** What is asked for; with a `root` only inside that folder. */
struct load_files {
    const char *root, *path;
    const char *ending; /* of the names: ".scsyndef" */
    void (*take)(void *context, const char *name, const uint8_t *data, size_t size);
    void *context;
};

/** Files that `path` names, where * ? and [ ] stand for characters; in the order of their names. */
void load_files_of_pattern(const struct load_files *files);
/** Files in folder `path` and in folders inside it. */
void load_files_of_folder(const struct load_files *files);

#endif
