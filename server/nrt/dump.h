/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/dump.h - /dumpOSC: packets as text on standard output.                              */
/* room: command thread.                                                                          */
#ifndef SERVER_NRT_DUMP_H
#define SERVER_NRT_DUMP_H

#include <stddef.h>

/** Prints a checked packet; `mode` 1: its messages, 2: its bytes in hexadecimal, 3: both. */
void nrt_dump_packet(const void *packet, size_t size, int mode);

#endif
