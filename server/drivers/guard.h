/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/drivers/guard.h - marks the callback for tests/support/rt_guard.c: a preloaded library  */
/* that traps what the audio thread must not do. Off unless built with -Drt_guard=true.           */
/* room: audio.                                                                                   */
#ifndef SERVER_DRIVERS_GUARD_H
#define SERVER_DRIVERS_GUARD_H

#ifdef PH_RT_GUARD
/* Weak: without the library in LD_PRELOAD they are not there and nothing is called. */
__attribute__((weak)) void ph_rt_guard_enter(void);
__attribute__((weak)) void ph_rt_guard_leave(void);

static inline void drv_guard_enter(void)
{
    if (ph_rt_guard_enter)
        ph_rt_guard_enter();
}

static inline void drv_guard_leave(void)
{
    if (ph_rt_guard_leave)
        ph_rt_guard_leave();
}
#else
static inline void drv_guard_enter(void) {}
static inline void drv_guard_leave(void) {}
#endif

#endif
