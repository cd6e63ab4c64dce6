/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/watch.h - waits until a file has been saved: phonon-send --watch.                       */
#ifndef CLIENT_WATCH_H
#define CLIENT_WATCH_H

#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>

struct watch {
    int fd, folder_id; /* of inotify; folder_id -1: the folder is not to be found at present */
    char *folder, *name;
    const char *path;
    struct stat sent, last; /* the file as it was handed out, and at the last look */
};

/**
 * Begins to watch the file at `path` (kept by the caller), which may come later; its folder must
 * exist. What is saved from here on ends a watch_wait(). False with errno set.
 */
bool watch_open(struct watch *w, const char *path);
void watch_close(struct watch *w);

/**
 * Returns true once the file has been saved, in place or by another that takes its name, and nobody
 * has saved it again for 30 ms: several saves in a row are one. False when `*interrupted` is set by
 * a signal of `unblocked`, the mask that holds while this waits.
 */
bool watch_wait(struct watch *w, const sigset_t *unblocked,
                const volatile sig_atomic_t *interrupted);

#endif
