/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/query.c - questions to the audio thread, and their answers as OSC messages.         */
/* room: command thread.                                                                          */
#include "server/nrt/query.h"

#include <lo/lo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/nrt/reclaim.h"
#include "server/nrt/scsynth_call.h"
#include "server/rt/def.h"

enum {
    TREE_WORDS = NRT_ANSWER_BYTES_MAX / 2, /* a node's words take at most twice their bytes */
    SPANS_MAX = NRT_ANSWER_BYTES_MAX / 10  /* of each two numbers with their tags are told, or more */
};

/** A question and who asked it: however many others are on their way, the answer finds back. */
struct asked {
    struct link_query query; /* first: it comes back as this */
    struct nrt_request request;
};

/* ---- asking ---------------------------------------------------------------------------------- */

struct link_query *nrt_query_new(const struct call *call, enum link_query_kind kind,
                                 enum nrt_query_form form, int32_t id)
{
    const size_t n_spans = strlen(call->args.tags);
    const size_t text_bytes = (size_t)(call->args.end - call->args.at);
    struct asked *const asked =
        calloc(1, sizeof *asked + n_spans * sizeof(struct link_span) + text_bytes + 1);
    if (!asked)
        return NULL;
    struct link_query *const q = &asked->query;
    q->kind = kind;
    q->form = (uint8_t)form;
    q->id = id;
    q->spans = (struct link_span *)(asked + 1);
    q->texts = (char *)(q->spans + n_spans);
    q->n_text_bytes = 1; /* 0 stands for no name */
    return q;
}

void nrt_query_add(struct call *call, struct link_query *q, const char *name, int32_t first,
                   int32_t n)
{
    struct link_span *const span = &q->spans[q->n_spans++];
    *span = (struct link_span){ .first = first, .n = n };
    if (!name)
        return;
    const size_t bytes = strlen(name) + 1;
    span->symbol = nrt_symbol_find(call->c->symbols, name);
    span->name = q->n_text_bytes;
    memcpy(q->texts + q->n_text_bytes, name, bytes);
    q->n_text_bytes += (uint32_t)bytes;
}

static void query_free(struct link_query *q)
{
    if (q)
        free(q->words);
    free(q);
}

/** Words of the answer; more than fit into a message are not needed. */
static uint32_t words_of(const struct link_query *q)
{
    uint64_t n = 0;
    if (q->kind == LINK_QUERY_TREE || q->kind == LINK_QUERY_NODE)
        return TREE_WORDS;
    if (q->kind == LINK_QUERY_BUFFER_INFO)
        return 3 * q->n_spans;
    for (uint32_t s = 0; s < q->n_spans; s++)
        n += q->spans[s].n > 0 ? (uint32_t)q->spans[s].n : 0;
    return n < NRT_ANSWER_BYTES_MAX / 4 ? (uint32_t)n : NRT_ANSWER_BYTES_MAX / 4;
}

ph_status nrt_query_ask(struct call *call, struct link_query *q)
{
    if (!q)
        return PH_NO_MEMORY;
    q->capacity = words_of(q);
    q->words = malloc((q->capacity + 1) * sizeof *q->words);
    ph_status status = q->words ? PH_OK : PH_NO_MEMORY;
    if (q->n_spans > SPANS_MAX)
        status = PH_ANSWER_TOO_LARGE; /* the audio thread is spared them */
    if (status == PH_OK) {
        /* the audio thread meets no page fault */
        memset(q->words, 0, q->capacity * sizeof *q->words);
        nrt_call_request(call, &((struct asked *)q)->request);
        status = nrt_call_stage(call, (struct link_command){ .kind = LINK_QUERY, .u.query = q });
    }
    if (status != PH_OK)
        query_free(q);
    return status;
}

/* ---- trees ----------------------------------------------------------------------------------- */

static const struct rt_def *def_of(const union link_word *words)
{
    return (const struct rt_def *)(uintptr_t)(words[0].u | (uint64_t)words[1].u << 32);
}

/** The name of the parameter that begins with this control; NULL: none does. */
static const char *control_name(const struct nrt_context *c, const struct rt_def *def,
                                uint32_t control)
{
    for (uint32_t i = 0; i < def->n_params; i++)
        if (def->params[i].first_control == control)
            return nrt_symbol_name(c->symbols, def->params[i].symbol);
    return NULL;
}

static const char *bus_text(const union link_word *control, char text[16])
{
    snprintf(text, 16, "%c%d", control[0].u == LINK_CONTROL_BUS ? 'c' : 'a', control[1].i);
    return text;
}

/** @return words of the synth's controls */
static uint32_t add_controls(const struct nrt_context *c, lo_message m, const struct rt_def *def,
                             const union link_word *words)
{
    const uint32_t n = words[0].u;
    char text[16];
    lo_message_add_int32(m, (int32_t)n);
    for (uint32_t i = 0; i < n; i++) {
        const union link_word *const control = &words[1 + 2 * i];
        const char *const name = control_name(c, def, i);
        if (name)
            lo_message_add_string(m, name);
        else
            lo_message_add_int32(m, (int32_t)i);
        if (control[0].u == LINK_CONTROL_VALUE)
            lo_message_add_float(m, control[1].f);
        else
            lo_message_add_string(m, bus_text(control, text));
    }
    return 1 + 2 * n;
}

static void add_tree(const struct nrt_context *c, lo_message m, const struct link_query *q)
{
    lo_message_add_int32(m, q->with_controls);
    for (uint32_t i = 0; i < q->n_words; i += 2) {
        const union link_word *const words = &q->words[i];
        lo_message_add_int32(m, words[0].i);
        lo_message_add_int32(m, words[1].i);
        if (words[1].i >= 0)
            continue;
        const struct rt_def *const def = def_of(&words[2]);
        lo_message_add_string(m, def->name);
        i += 2;
        if (q->with_controls)
            i += add_controls(c, m, def, &words[4]);
    }
}

/** A name of anybody's: no escapes for the terminal. */
static void print_name(const char *name)
{
    for (; *name; name++)
        putchar((unsigned char)*name < ' ' || *name == 0x7f ? '.' : *name);
}

static void print_controls(const struct nrt_context *c, const struct rt_def *def,
                           const union link_word *words, int depth)
{
    char text[16];
    if (words[0].u > 0)
        printf("\n %*s", 3 * depth, "");
    for (uint32_t i = 0; i < words[0].u; i++) {
        const union link_word *const control = &words[1 + 2 * i];
        const char *const name = control_name(c, def, i);
        putchar(' ');
        if (name) {
            print_name(name);
            printf(": ");
        }
        if (control[0].u == LINK_CONTROL_VALUE)
            printf("%.14g", (double)control[1].f);
        else
            printf("%s", bus_text(control, text));
    }
}

/** Nodes from words[*i] on, as many as the group on top has; sclang reads what it prints. */
static void print_children(const struct nrt_context *c, const struct link_query *q)
{
    int32_t left[TREE_WORDS / 2]; /* children still to come, of the groups on the way down */
    int depth = 1;
    left[0] = q->words[1].i;
    for (uint32_t i = 2; i < q->n_words; i += 2) {
        while (left[depth - 1] == 0)
            depth--;
        left[depth - 1]--;
        const union link_word *const words = &q->words[i];
        printf("%*s%d ", 3 * depth, "", words[0].i);
        print_name(words[1].i >= 0 ? "group" : def_of(&words[2])->name);
        if (words[1].i >= 0) {
            left[depth++] = words[1].i;
        } else {
            i += 2;
            if (q->with_controls) {
                print_controls(c, def_of(&words[2]), &words[4], depth);
                i += 1 + 2 * words[4].u;
            }
        }
        printf("\n");
    }
}

static void print_tree(const struct nrt_context *c, const struct link_query *q)
{
    const union link_word *const top = q->words;
    if (top[1].i < 0) {
        printf("\nTRACE %d  ", top[0].i);
        print_name(def_of(&top[2])->name);
        printf("    #units: %u", def_of(&top[2])->n_units);
        print_controls(c, def_of(&top[2]), &top[4], 1);
        printf("\n");
    } else {
        printf(q->kind == LINK_QUERY_NODE ? "TRACE Group %d\n" : "NODE TREE Group %d\n", top[0].i);
        print_children(c, q);
    }
    fflush(stdout);
}

/* ---- values ---------------------------------------------------------------------------------- */

static void add_spans(lo_message m, const struct link_query *q)
{
    const union link_word *value = q->words;
    for (uint32_t s = 0; s < q->n_spans; s++) {
        const struct link_span *const span = &q->spans[s];
        if (span->name)
            lo_message_add_string(m, q->texts + span->name);
        else
            lo_message_add_int32(m, span->first);
        if (q->form == NRT_QUERY_SPANS)
            lo_message_add_int32(m, span->n);
        for (int32_t i = 0; i < span->n; i++)
            lo_message_add_float(m, (value++)->f);
    }
}

static void add_info(lo_message m, const struct link_query *q)
{
    for (uint32_t s = 0; s < q->n_spans; s++) {
        const union link_word *const words = &q->words[3 * s];
        lo_message_add_int32(m, q->spans[s].first);
        lo_message_add_int32(m, words[0].i);
        lo_message_add_int32(m, words[1].i);
        lo_message_add_float(m, words[2].f);
    }
}

/* ---- answering ------------------------------------------------------------------------------- */

static const char *address_of(const struct link_query *q)
{
    const bool spans = q->form == NRT_QUERY_SPANS;
    switch (q->kind) {
    case LINK_QUERY_CONTROLS:
        return spans ? "/n_setn" : "/n_set";
    case LINK_QUERY_CONTROL_BUSES:
        return spans ? "/c_setn" : "/c_set";
    case LINK_QUERY_BUFFER_VALUES:
        return spans ? "/b_setn" : "/b_set";
    case LINK_QUERY_BUFFER_INFO:
        return "/b_info";
    default:
        return "/g_queryTree.reply";
    }
}

static lo_message message_of(const struct nrt_context *c, const struct link_query *q)
{
    const lo_message m = lo_message_new();
    if (!m)
        return NULL;
    if (q->kind == LINK_QUERY_CONTROLS || q->kind == LINK_QUERY_BUFFER_VALUES)
        lo_message_add_int32(m, q->id);
    if (q->kind == LINK_QUERY_TREE)
        add_tree(c, m, q);
    else if (q->kind == LINK_QUERY_BUFFER_INFO)
        add_info(m, q);
    else
        add_spans(m, q);
    return m;
}

static void tell(struct nrt_context *c, const struct link_query *q,
                 const struct nrt_request *request)
{
    const char *const address = address_of(q);
    const lo_message m = message_of(c, q);
    if (m && lo_message_length(m, address) > NRT_ANSWER_BYTES_MAX)
        nrt_reclaim_failure(c, request, PH_ANSWER_TOO_LARGE, 0);
    else if (m)
        nrt_reply_message(c, &request->sender, address, m);
    if (m)
        lo_message_free(m);
}

void nrt_query_answered(struct nrt_context *c, const struct link_report *r)
{
    struct link_query *const q = r->u.query;
    const struct nrt_request *const request = &((struct asked *)q)->request;
    if (r->status != PH_OK)
        nrt_reclaim_failure(c, r->request_id ? request : NULL, r->status, q->id);
    else if (q->form == NRT_QUERY_PRINT)
        print_tree(c, q);
    else
        tell(c, q, request);
    query_free(q);
}
