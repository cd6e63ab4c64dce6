/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/port.c - which process holds a port: the socket's inode from /proc/net, then the    */
/* process that has it open.                                                                      */
/* room: command thread, at start.                                                                */
#include "server/nrt/port.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** Inode of the socket bound to `port` in one of the kernel's tables, 0: none. */
static unsigned long inode_in(const char *path, uint16_t port)
{
    FILE *const f = fopen(path, "r");
    char line[512];
    unsigned long found = 0;

    while (f && !found && fgets(line, sizeof line, f)) {
        unsigned local_port, state;
        unsigned long inode;
        /* sl local:port remote:port st tx:rx tr:when retrnsmt uid timeout inode */
        if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*u %*u %lu",
                   &local_port, &state, &inode) == 3 &&
            local_port == port)
            found = inode;
    }
    if (f)
        fclose(f);
    return found;
}

static bool has_open(const char *process, const char *socket_name)
{
    char path[PATH_MAX], target[64];
    bool found = false;

    snprintf(path, sizeof path, "/proc/%.20s/fd", process);
    DIR *const fds = opendir(path);
    for (const struct dirent *e; fds && !found && (e = readdir(fds));) {
        snprintf(path, sizeof path, "/proc/%.20s/fd/%.20s", process, e->d_name);
        const ssize_t length = readlink(path, target, sizeof target - 1);
        if (length > 0) {
            target[length] = 0;
            found = strcmp(target, socket_name) == 0;
        }
    }
    if (fds)
        closedir(fds);
    return found;
}

static void describe(const char *process, char *text, size_t space)
{
    char path[64], name[64] = "";

    snprintf(path, sizeof path, "/proc/%.20s/comm", process);
    FILE *const f = fopen(path, "r");
    if (f && fgets(name, sizeof name, f))
        name[strcspn(name, "\n")] = 0;
    if (f)
        fclose(f);
    snprintf(text, space, "%s (process %.20s)", name[0] ? name : "a program", process);
}

void nrt_port_holder(uint16_t port, bool udp, char *text, size_t space)
{
    char socket_name[64];

    text[0] = 0;
    unsigned long inode = inode_in(udp ? "/proc/net/udp" : "/proc/net/tcp", port);
    if (!inode)
        inode = inode_in(udp ? "/proc/net/udp6" : "/proc/net/tcp6", port);
    if (!inode)
        return;
    snprintf(socket_name, sizeof socket_name, "socket:[%lu]", inode);
    DIR *const processes = opendir("/proc");
    for (const struct dirent *e; processes && !text[0] && (e = readdir(processes));)
        if (isdigit((unsigned char)e->d_name[0]) && has_open(e->d_name, socket_name))
            describe(e->d_name, text, space);
    if (processes)
        closedir(processes);
}
