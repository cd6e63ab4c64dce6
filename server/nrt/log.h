/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/log.h - lines on standard error, for threads that may block.                        */
/* room: command, sequencer and loader threads.                                                   */
#ifndef SERVER_NRT_LOG_H
#define SERVER_NRT_LOG_H

enum nrt_log_level { NRT_LOG_INFO, NRT_LOG_WARNING, NRT_LOG_ERROR };

/** One line, whole, whatever other threads print. */
void nrt_log(enum nrt_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
