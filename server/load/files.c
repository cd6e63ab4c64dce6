/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/files.c - whole files of one kind: those of a pattern, or all in a folder.         */
/* room: the queue's thread; offline the command thread.                                          */
#include "server/load/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/load/path.h"

enum { FILE_FLAGS = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };

static bool has_ending(const char *name, const char *ending)
{
    const size_t n = strlen(name), end = strlen(ending);
    return n > end && strcmp(name + n - end, ending) == 0;
}

/** Reads a regular file and hands it over. Takes the descriptor. */
static void take_file(const struct load_files *files, const char *name, int fd)
{
    struct stat info;
    if (fd < 0)
        return;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= LOAD_FILE_BYTES_MAX) {
        const size_t size = (size_t)info.st_size;
        uint8_t *const data = malloc(size + 1);
        if (data && read(fd, data, size) == (ssize_t)size)
            files->take(files->context, name, data, size);
        free(data);
    }
    close(fd);
}

void load_files_of_pattern(const struct load_files *files)
{
    char pattern[PATH_MAX];
    glob_t found = { 0 };
    if (!load_path_join(files->root, files->path, pattern, sizeof pattern))
        return;
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            if (has_ending(found.gl_pathv[i], files->ending))
                take_file(files, found.gl_pathv[i],
                          load_path_open(files->root, found.gl_pathv[i], FILE_FLAGS));
    globfree(&found);
}

/** Takes the descriptor. Links to folders are not followed, and with a root none at all. */
static void walk(const struct load_files *files, int fd, int depth, uint32_t *n_left)
{
    DIR *const folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (!folder) {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (const struct dirent *e; *n_left > 0 && (e = readdir(folder));) {
        --*n_left;
        if (e->d_name[0] == '.')
            continue;
        if (has_ending(e->d_name, files->ending))
            take_file(files, e->d_name,
                      openat(dirfd(folder), e->d_name, FILE_FLAGS | (files->root ? O_NOFOLLOW : 0)));
        else if (depth < LOAD_FOLDERS_MAX)
            walk(files, openat(dirfd(folder), e->d_name, FILE_FLAGS | O_DIRECTORY | O_NOFOLLOW),
                 depth + 1, n_left);
    }
    closedir(folder);
}

void load_files_of_folder(const struct load_files *files)
{
    uint32_t n_left = LOAD_ENTRIES_MAX;
    walk(files, load_path_open(files->root, files->path, FILE_FLAGS | O_DIRECTORY), 0, &n_left);
}
