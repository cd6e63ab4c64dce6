/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/dump.c - /dumpOSC: packets as text on standard output.                              */
/* room: command thread.                                                                          */
#include "server/nrt/dump.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#include "protocol/osc.h"

enum { TEXT_MAX = 1000, BYTES_A_LINE = 16 };

/** Text of anybody's: what a terminal would take for a command becomes a dot. */
static void print_text(const char *text)
{
    for (int i = 0; text[i] && i < TEXT_MAX; i++)
        putchar(isprint((unsigned char)text[i]) ? text[i] : '.');
}

static void print_argument(const struct ph_osc_arg *a)
{
    switch (a->tag) {
    case 's':
    case 'S':
        fputs(" \"", stdout);
        print_text(a->text);
        putchar('"');
        break;
    case 'b':
        printf(" DATA[%zu]", a->blob_size);
        break;
    case 'f':
    case 'd':
        printf(" %g", a->f);
        break;
    case '[':
    case ']':
        printf(" %c", a->tag);
        break;
    default:
        printf(" %" PRId64, a->i);
        break;
    }
}

static ph_status print_message(void *context, const struct ph_osc_message *m)
{
    struct ph_osc_args args = ph_osc_args(m);
    (void)context;
    fputs("[ ", stdout);
    if (m->address)
        print_text(m->address);
    else
        printf("%d", m->command);
    while (*args.tags) {
        const struct ph_osc_arg a = ph_osc_next(&args);
        putchar(',');
        print_argument(&a);
    }
    puts(" ]");
    return PH_OK;
}

static void print_bytes(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        printf("%s%02x", i % BYTES_A_LINE ? " " : i ? "\n" : "", bytes[i]);
    putchar('\n');
}

void nrt_dump_packet(const void *packet, size_t size, int mode)
{
    if (mode & 1)
        (void)ph_osc_each(packet, size, print_message, NULL);
    if (mode & 2)
        print_bytes(packet, size);
    fflush(stdout);
}
