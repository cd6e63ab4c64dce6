/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/watch.h - tells when a sample folder changes (inotify).                            */
/* room: loader thread.                                                                           */
#ifndef SERVER_LOAD_WATCH_H
#define SERVER_LOAD_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/** The folders that are watched, by the kernel's numbers for them. */
struct load_watch {
    int fd; /* readable when something has changed; -1: nothing is watched */
    char **folders;
    uint32_t n_folders;
};

/** Where the system has no watch left, nothing is watched and nothing fails. */
void load_watch_init(struct load_watch *watch);
void load_watch_finish(struct load_watch *watch); /* after load_watch_init() */
/** Watches a folder; again is fine. */
void load_watch_folder(struct load_watch *watch, const char *path);
/**
 * Takes what has changed since the last call, without waiting.
 * @param changed  told of each file whose contents are new
 * @return true when files came, went or changed
 */
bool load_watch_read(struct load_watch *watch, void (*changed)(void *context, const char *path),
                     void *context);

#endif
