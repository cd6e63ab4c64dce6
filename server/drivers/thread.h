/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/drivers/thread.h - what every audio thread needs before its first block, and clocks.    */
/* room: audio.                                                                                   */
#ifndef SERVER_DRIVERS_THREAD_H
#define SERVER_DRIVERS_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include "protocol/timetag.h"

/**
 * Flush-to-zero and denormals-are-zero are per thread: a decaying filter must not cost 100 times.
 */
static inline void drv_flush_denormals(void)
{
#if defined(__SSE2__)
    _mm_setcsr(_mm_getcsr() | 0x8040);
#elif defined(__aarch64__)
    uint64_t fpcr;
    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    __asm__ volatile("msr fpcr, %0" ::"r"(fpcr | (UINT64_C(1) << 24)));
#endif
}

/** Starts a thread with real-time priority (0: none) where the user may have it, else without. */
static inline bool drv_thread_start(pthread_t *thread, pthread_attr_t *attributes, int priority,
                                    void *(*run)(void *), void *argument)
{
    const struct sched_param param = { .sched_priority = priority };
    if (priority > 0) {
        pthread_attr_setinheritsched(attributes, PTHREAD_EXPLICIT_SCHED);
        pthread_attr_setschedpolicy(attributes, SCHED_FIFO);
        pthread_attr_setschedparam(attributes, &param);
        if (pthread_create(thread, attributes, run, argument) == 0)
            return true;
        pthread_attr_setinheritsched(attributes, PTHREAD_INHERIT_SCHED);
    }
    return pthread_create(thread, attributes, run, argument) == 0;
}

/* Both clocks are read through the vDSO: no system call. */
static inline uint64_t drv_clock_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

/** Wall time as an NTP time tag. */
static inline uint64_t drv_now_ntp(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return ((uint64_t)t.tv_sec + PH_NTP_UNIX_OFFSET_SECONDS) << 32 |
           (((uint64_t)t.tv_nsec << 32) / UINT64_C(1000000000));
}

#endif
