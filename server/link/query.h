/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/link/query.h - a question to the audio thread, with room for its answer.                */
/* room: both ends. Allocated and freed by nrt/query.c; moves with LINK_QUERY to the audio thread */
/* and with LINK_REPORT_QUERY back.                                                               */
#ifndef SERVER_LINK_QUERY_H
#define SERVER_LINK_QUERY_H

#include <stdint.h>

struct rt_def;

enum link_query_kind {
    LINK_QUERY_TREE,          /* the nodes of group `id`, depth first; `with_controls` */
    LINK_QUERY_NODE,          /* likewise of any node */
    /* of synth `id`: the spans' values as they were last set; 0 where there is none */
    LINK_QUERY_CONTROLS,
    LINK_QUERY_CONTROL_BUSES, /* the spans' values */
    LINK_QUERY_BUFFER_VALUES, /* of buffer `id`: the spans' samples, interleaved as they lie */
    LINK_QUERY_BUFFER_INFO    /* of each span's `first`: frames, channels, rate */
};

/** What a question or an answer is made of. */
union link_word {
    int32_t i;
    uint32_t u;
    float f;
};

/** first .. first + n - 1 of what is asked for. */
struct link_span {
    /* controls: nrt_symbols number of a name, and `first` counts inside it; 0: by index */
    uint32_t symbol;
    int32_t first, n;
    /* not for the audio thread: where the asker's own text lies in `texts`; 0: none */
    uint32_t name;
};

/** How the value of a control in a tree's answer is to be read. */
enum link_control_source { LINK_CONTROL_VALUE, LINK_CONTROL_BUS, LINK_CONTROL_AUDIO_BUS };

/**
 * Answers, in words. A tree: of a group its id and the number of its children, then these; of a
 * synth its id, -1, its def (two words, the lower half first), and with controls their number and
 * for each one enum link_control_source and value or bus. Everything else: the values of the spans,
 * one after the other.
 */
struct link_query {
    enum link_query_kind kind;
    uint8_t form;            /* the door's: in which words it answers */
    uint8_t with_controls;
    int32_t id;              /* node or buffer; after a failure that of the node that is missing */
    uint32_t n_spans;
    struct link_span *spans;
    char *texts;
    uint32_t n_text_bytes;
    uint32_t n_words, capacity; /* answer that doesn't fit: PH_ANSWER_TOO_LARGE */
    union link_word *words;
};

#endif
