/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/quarantine.h - who gave values that were not finite, by name.                       */
/* room: command thread.                                                                          */
#ifndef SERVER_NRT_QUARANTINE_H
#define SERVER_NRT_QUARANTINE_H

#include <stddef.h>
#include <stdint.h>

#include "server/link/report.h"

struct nrt_context;

enum { NRT_QUARANTINE_MAX = 8, NRT_QUARANTINE_NAME_BYTES = 128 };

/** The last of them, the latest first. Zero is empty. */
struct nrt_quarantine {
    uint32_t n;
    struct nrt_quarantined {
        char name[NRT_QUARANTINE_NAME_BYTES]; /* "o1"; "pad of o2": definition and player */
        uint64_t n_synths;
    } last[NRT_QUARANTINE_MAX];
};

/** A LINK_REPORT_RESET: notes the name, and logs it the first time. */
void nrt_quarantine_note(struct nrt_context *context, const struct link_report *report);
/** "o1 1, pad of o2 17": names and how many synths of each; "" when all is well. */
void nrt_quarantine_text(const struct nrt_quarantine *quarantine, char *text, size_t space);

#endif
