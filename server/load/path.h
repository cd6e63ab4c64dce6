/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/path.h - opens files for clients: anywhere, or in one folder only.                 */
/* room: the loader's threads.                                                                    */
#ifndef SERVER_LOAD_PATH_H
#define SERVER_LOAD_PATH_H

#include <stdbool.h>

/**
 * open(); with a `root` the kernel refuses what leaves that folder, by `..` or by a link, and a
 * relative path starts there. The descriptor closes on exec. @return -1 and errno on failure
 */
int load_path_open(const char *root, const char *path, int flags);
/**
 * The path as the system sees it, for functions that take no
 * descriptor: false when it leaves `root`.
 */
bool load_path_join(const char *root, const char *path, char *out, unsigned long space);

#endif
