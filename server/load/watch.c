/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/watch.c - tells when a sample folder changes (inotify).                            */
/* room: loader thread.                                                                           */
#include "server/load/watch.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { FOLDERS_MAX = 1 << 20, EVENTS_BYTES = 1 << 14 };

/* A file that is being written is listed at once and read when it is closed. */
static const uint32_t mask = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                             IN_DELETE_SELF | IN_ONLYDIR;

void load_watch_init(struct load_watch *w)
{
    *w = (struct load_watch){ .fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC) };
}

void load_watch_finish(struct load_watch *w)
{
    for (uint32_t i = 0; i < w->n_folders; i++)
        free(w->folders[i]);
    free(w->folders);
    if (w->fd >= 0)
        close(w->fd);
    *w = (struct load_watch){ .fd = -1 };
}

/** Room for the folder of that number. */
static bool make_room(struct load_watch *w, uint32_t number)
{
    if (number < w->n_folders)
        return true;
    if (number >= FOLDERS_MAX)
        return false;
    const uint32_t n = 2 * number + 8;
    char **const folders = realloc(w->folders, n * sizeof *folders);
    if (!folders)
        return false;
    memset(folders + w->n_folders, 0, (n - w->n_folders) * sizeof *folders);
    w->folders = folders;
    w->n_folders = n;
    return true;
}

void load_watch_folder(struct load_watch *w, const char *path)
{
    const int number = w->fd >= 0 ? inotify_add_watch(w->fd, path, mask) : -1;
    if (number < 0 || !make_room(w, (uint32_t)number))
        return;
    char **const place = &w->folders[number];
    if (*place && strcmp(*place, path) == 0)
        return;
    free(*place);
    *place = strdup(path);
}

static void tell(const struct load_watch *w, const struct inotify_event *e,
                 void (*changed)(void *context, const char *path), void *context)
{
    char path[PATH_MAX];
    if (e->len == 0 || e->mask & IN_ISDIR || !(e->mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) ||
        e->wd < 0 || (uint32_t)e->wd >= w->n_folders || !w->folders[e->wd])
        return;
    const int n = snprintf(path, sizeof path, "%s/%s", w->folders[e->wd], e->name);
    if (n > 0 && n < (int)sizeof path)
        changed(context, path);
}

bool load_watch_read(struct load_watch *w, void (*changed)(void *context, const char *path),
                     void *context)
{
    _Alignas(struct inotify_event) char events[EVENTS_BYTES];
    bool any = false;
    ssize_t n;
    while (w->fd >= 0 && (n = read(w->fd, events, sizeof events)) > 0)
        for (char *at = events; at < events + n;) {
            const struct inotify_event *const e = (const struct inotify_event *)at;
            any |= !(e->mask & IN_IGNORED);
            tell(w, e, changed, context);
            at += sizeof *e + e->len;
        }
    return any;
}
