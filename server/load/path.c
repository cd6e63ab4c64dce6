/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/path.c - opens files for clients: anywhere, or in one folder only.                 */
/* room: the loader's threads.                                                                    */
#include "server/load/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/openat2.h>

enum { FILE_MODE = 0666 };

/**
 * `path` as seen from `root`: relative ones are taken as
 * they are, absolute ones must begin with it.
 */
static const char *relative_to(const char *root, const char *path)
{
    const size_t n = strlen(root);
    if (path[0] != '/')
        return path;
    if (strncmp(path, root, n) != 0 || (path[n] != '/' && (n == 0 || root[n - 1] != '/')))
        return NULL;
    path += n;
    return path + strspn(path, "/");
}

int load_path_open(const char *root, const char *path, int flags)
{
    if (!root)
        return open(path, flags | O_CLOEXEC, FILE_MODE);
    const char *const inside = relative_to(root, path);
    if (!inside) {
        errno = EACCES;
        return -1;
    }
    const int folder = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return -1;
    /* the kernel resolves the path and refuses what leaves the folder */
    const struct open_how how = { .flags = (unsigned)(flags | O_CLOEXEC),
                                  .mode = flags & O_CREAT ? FILE_MODE : 0,
                                  .resolve = RESOLVE_BENEATH };
    const int fd = (int)syscall(SYS_openat2, folder, inside, &how, sizeof how);
    const int why = errno;
    close(folder);
    errno = why == EXDEV ? EACCES : why;
    return fd;
}

bool load_path_join(const char *root, const char *path, char *out, unsigned long space)
{
    const char *const inside = root ? relative_to(root, path) : path;
    if (!inside || (root && strstr(inside, "..")))
        return false;
    const int n = root ? snprintf(out, space, "%s/%s", root, inside) : snprintf(out, space, "%s", path);
    return n >= 0 && (unsigned long)n < space;
}
