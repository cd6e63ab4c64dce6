/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/query.h - questions to the audio thread, and their answers as OSC messages.         */
/* room: command thread.                                                                          */
#ifndef SERVER_NRT_QUERY_H
#define SERVER_NRT_QUERY_H

#include "server/link/query.h"
#include "server/link/report.h"

struct call;
struct nrt_context;

/** How the answer is told. */
enum nrt_query_form {
    NRT_QUERY_SINGLE, /* N*(index, value): /n_set /b_set /c_set; /b_info; /g_queryTree.reply */
    NRT_QUERY_SPANS,  /* N*(index, n, n*value): /n_setn /b_setn /c_setn */
    NRT_QUERY_PRINT   /* a tree on standard output */
};

/** Largest answer, as scsynth's. */
enum { NRT_ANSWER_BYTES_MAX = 65516 };

/**
 * A question without spans yet; there is room for one for each argument that `call` has left.
 * @return NULL: no memory
 */
struct link_query *nrt_query_new(const struct call *call, enum link_query_kind kind,
                                 enum nrt_query_form form, int32_t id);
/**
 * Asks for first .. first + n - 1; `name` NULL: by index alone. At most as often as there is room.
 */
void nrt_query_add(struct call *call, struct link_query *query, const char *name, int32_t first,
                   int32_t n);
/** Sends it to the audio thread; takes it, also when that fails. */
PH_NODISCARD ph_status nrt_query_ask(struct call *call, struct link_query *query);
/** LINK_REPORT_QUERY: tells the one who asked, and frees it. */
void nrt_query_answered(struct nrt_context *context, const struct link_report *report);

#endif
