/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/now.h - time for limits: how long somebody has waited.                              */
/* room: command thread.                                                                          */
#ifndef SERVER_NRT_NOW_H
#define SERVER_NRT_NOW_H

#include <stdint.h>
#include <time.h>

/** Milliseconds of a clock that nobody sets. */
static inline uint64_t nrt_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

#endif
