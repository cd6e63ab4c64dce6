/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/port.h - which process holds a port, as far as /proc tells.                         */
/* room: command thread, at start.                                                                */
#ifndef SERVER_NRT_PORT_H
#define SERVER_NRT_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Writes "scsynth (process 1234)" when a socket of this process's network is bound to the port and
 * its owner may be seen; else leaves `text` empty.
 */
void nrt_port_holder(uint16_t port, bool udp, char *text, size_t space);

#endif
