/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/log.c - lines on standard error.                                                    */
#include "server/nrt/log.h"

#include <stdarg.h>
#include <stdio.h>

void nrt_log(enum nrt_log_level level, const char *format, ...)
{
    static const char *const levels[] = { "", "warning: ", "error: " };
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    /* names come from anybody: no escapes for the terminal, one line */
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    fprintf(stderr, "phonond: %s%s\n", levels[level], text);
}
