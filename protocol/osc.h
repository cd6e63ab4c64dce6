/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/osc.h - bounded reader of OSC packets from anybody. Never allocates, never recurses   */
/* deeper than PH_OSC_DEPTH_MAX, reads no byte outside the packet.                                */
/* room: none (pure).                                                                             */
#ifndef PROTOCOL_OSC_H
#define PROTOCOL_OSC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/status.h"

enum { PH_OSC_DEPTH_MAX = 8, PH_OSC_ARRAY_DEPTH_MAX = 8 };

#define PH_OSC_NOW UINT64_C(1) /* time tag 1 (and 0): as soon as possible */

/** One message in place; pointers borrow the packet. */
struct ph_osc_message {
    uint64_t time_ntp;    /* of the innermost bundle around it, PH_OSC_NOW outside bundles */
    const char *address;  /* NULL when the address is an integer */
    int32_t command;      /* integer address (sclang: 00 00 00 09), else -1 */
    const char *tags;     /* after the comma, NUL-terminated; "" when the message has none */
    const uint8_t *args;  /* argument bytes */
    size_t args_size;
};

/**
 * Checks a whole packet: every length, alignment and terminator, tags of `ifsbhtdSrmcTFNI[]`,
 * bundle depth. After PH_OK, ph_osc_each() and the argument readers can't fail on structure.
 * Messages without a type-tag string pass only when they have no arguments.
 * @return PH_OK, PH_TRUNCATED, PH_MALFORMED or PH_TOO_DEEP
 */
PH_NODISCARD ph_status ph_osc_check(const void *packet, size_t size);

/**
 * Calls `each` for every message in order, nested bundles unrolled, each with its own time.
 * Stops at the first status that is not PH_OK and returns it. The packet must have passed
 * ph_osc_check.
 */
ph_status ph_osc_each(const void *packet, size_t size,
                      ph_status (*each)(void *context, const struct ph_osc_message *message),
                      void *context);

/**
 * One argument. Numbers are available in both forms whatever the tag (scsynth clients mix i and f).
 */
struct ph_osc_arg {
    char tag;            /* 'i' ... 'I', '[' , ']' or 0 at the end */
    int64_t i;           /* i h c r m t T(1) F(0); f d truncated and clamped */
    double f;            /* i h f d T F */
    const char *text;    /* s S */
    const uint8_t *blob; /* b */
    size_t blob_size;
};

struct ph_osc_args {
    const char *tags;
    const uint8_t *at, *end;
};

struct ph_osc_args ph_osc_args(const struct ph_osc_message *message);
/** Next argument; tag 0 when there is none left (and again after that). */
struct ph_osc_arg ph_osc_next(struct ph_osc_args *args);
/* Typed readers: false (and *out untouched) when the next
 * argument is missing or of another kind. */
bool ph_osc_next_int(struct ph_osc_args *args, int32_t *out);      /* i h f d T F */
bool ph_osc_next_long(struct ph_osc_args *args, int64_t *out);     /* i h t */
bool ph_osc_next_float(struct ph_osc_args *args, float *out);      /* i h f d */
bool ph_osc_next_text(struct ph_osc_args *args, const char **out); /* s S */
bool ph_osc_next_blob(struct ph_osc_args *args, const uint8_t **out, size_t *size);

#endif
