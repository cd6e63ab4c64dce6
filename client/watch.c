/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/watch.c - the folder is watched, not the file: an editor that saves by renaming         */
/* replaces the file. A look at the file itself every now and then finds what inotify can't tell  */
/* (a network file system, a link that leads elsewhere, a folder that was moved away and came     */
/* back).                                                                                         */
#include "client/watch.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

enum { QUIET_MS = 30, BURST_MS = 500, LOOK_MS = 1000 };

/* Only what leaves a complete file: a file that was just created or cut short is not saved yet. */
enum { EVENTS = IN_CLOSE_WRITE | IN_MOVED_TO };

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct stat look(const struct watch *w)
{
    struct stat s;

    return stat(w->path, &s) == 0 ? s : (struct stat){ 0 };
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void watch_folder(struct watch *w)
{
    if (w->folder_id < 0)
        w->folder_id = inotify_add_watch(w->fd, w->folder, EVENTS | IN_ONLYDIR);
}

/* Folder and name of the file that `path` leads to; it need not exist. */
static bool split_path(struct watch *w, const char *path)
{
    char *const real = realpath(path, NULL);
    char *const copy = strdup(real ? real : path), *const copy2 = strdup(real ? real : path);

    if (copy && copy2) {
        w->folder = strdup(dirname(copy));
        w->name = strdup(basename(copy2));
    }
    free(real);
    free(copy);
    free(copy2);
    return w->folder && w->name;
}

bool watch_open(struct watch *w, const char *path)
{
    *w = (struct watch){ .fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), .folder_id = -1,
                         .path = path };
    if (w->fd >= 0 && split_path(w, path))
        watch_folder(w);
    if (w->folder_id >= 0) {
        w->sent = w->last = look(w);
        return true;
    }
    const int error = errno;
    watch_close(w);
    errno = error;
    return false;
}

void watch_close(struct watch *w)
{
    if (w->fd >= 0)
        close(w->fd);
    free(w->folder);
    free(w->name);
    *w = (struct watch){ .fd = -1, .folder_id = -1 };
}

/* Reads what inotify has: true when the file is among it. */
static bool read_events(struct watch *w)
{
    _Alignas(struct inotify_event) char space[sizeof(struct inotify_event) + NAME_MAX + 1];
    bool found = false;
    ssize_t size;

    while ((size = read(w->fd, space, sizeof space)) > 0) {
        for (ssize_t at = 0; at < size;) {
            const struct inotify_event *const e = (const struct inotify_event *)(space + at);
            if (e->mask & (IN_IGNORED | IN_UNMOUNT))
                w->folder_id = -1;
            /* events that were lost may have been ours */
            found |= (e->mask & IN_Q_OVERFLOW) || (e->len > 0 && strcmp(e->name, w->name) == 0);
            at += (ssize_t)(sizeof *e + e->len);
        }
    }
    return found;
}

/* Without events: the file is another than what was handed
 * out, and was the same at the last look. */
static bool has_changed(struct watch *w)
{
    const struct stat now = look(w);
    const bool settled = is_same(&now, &w->last);

    w->last = now;
    watch_folder(w);
    return settled && now.st_nlink > 0 && !is_same(&now, &w->sent);
}

bool watch_wait(struct watch *w, const sigset_t *unblocked,
                const volatile sig_atomic_t *interrupted)
{
    int64_t saved_ms = -1;

    while (!*interrupted) {
        const long wait_ms = saved_ms < 0 ? LOOK_MS : QUIET_MS;
        const struct timespec timeout = { wait_ms / 1000, wait_ms % 1000 * 1000000 };
        struct pollfd poll = { .fd = w->fd, .events = POLLIN };
        const int n = ppoll(&poll, 1, &timeout, unblocked);
        if (n > 0 && read_events(w) && saved_ms < 0)
            saved_ms = now_ms();
        const bool quiet = n == 0 || now_ms() - saved_ms > BURST_MS;
        if (saved_ms >= 0 ? !quiet : n != 0 || !has_changed(w))
            continue;
        saved_ms = -1;
        w->sent = w->last = look(w);
        if (w->sent.st_nlink > 0) /* not taken away again */
            return true;
    }
    return false;
}
