/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/print.h - what the daemon answers, for people and as JSON, on standard output.          */
#ifndef CLIENT_PRINT_H
#define CLIENT_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/osc.h"

/** What /done /phonon/program tells: protocol/README.md. Borrows from the message. */
struct acknowledgement {
    int64_t revision, frame;
    double cycle, cps_before, cps_after;
    int32_t counts[4];
    struct ph_osc_args names;
};
bool print_read_acknowledgement(const struct ph_osc_message *m, struct acknowledgement *a);

/** One line; the names of everything too if `verbose`. Warnings go to standard error. */
void print_acknowledgement(const struct acknowledgement *a, bool verbose);
void print_acknowledgement_json(const struct acknowledgement *a);

enum print_form { PRINT_TABLE, PRINT_JSON, PRINT_LINE };
/** The answer to /phonon/status; a LINE overwrites the last one. */
void print_status(const struct ph_osc_message *m, enum print_form form);

#endif
