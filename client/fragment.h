/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/fragment.h - an editor's region against the program that plays: LANGUAGE 5.6.7.         */
/*                                                                                                */
/* The daemon keeps the text of what plays. A fragment's statements take the place of those that  */
/* define the same names, outputs or settings; everything else stays. The whole is compiled anew. */
#ifndef CLIENT_FRAGMENT_H
#define CLIENT_FRAGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/diag.h"

struct arena;

/**
 * The text as the daemon keeps it, with the files and lines that its pieces stand in, for free(). A
 * text too long for that becomes a mark that says so. Never NULL.
 */
uint8_t *fragment_pack(const struct source *source, size_t *size);

/**
 * What plays and, behind it, the fragment, as one source in the arena: every name is known where
 * the statements are told apart, and a message knows its file.
 *
 * @param packed  as fragment_pack() made it; `size` 0: nothing plays
 * @param error   why not: 256 bytes
 */
bool fragment_join(const void *packed, size_t size, const struct source *fragment,
                   struct arena *arena, struct source *out, char *error);

/**
 * The program that is to play, in the arena. Commands of what plays (`hush`, `once ...`) are over
 * and left out. Where no line of the fragment parses, false after reporting.
 */
bool fragment_merge(const struct source *joined, struct arena *arena, struct diag *diag,
                    struct source *out);

/* ---- fragment.c and its two dialects --------------------------------------------------------- */

/** Statements of one class keep their order; classes stand in the order of these. */
enum fragment_class {
    FRAGMENT_DEFINITION, /* .ph: everything */
    FRAGMENT_OUTPUT,
    FRAGMENT_ALL,        /* `all f` */
    FRAGMENT_SIDE        /* solo, mute */
};

/** One statement, or a loop with its body. */
struct fragment_item {
    uint32_t begin, end;     /* in the joined text */
    enum fragment_class class;
    bool is_command;         /* done once, when it is sent */
    bool is_block;           /* its lines stand in relation to each other */
    bool ends_outputs, ends_sides; /* statements before it that it undoes: `hush`, `unsoloAll` */
    bool is_new, is_gone;
    uint32_t n_keys;
    const char **keys;       /* what it defines */
};

/** Statements of a TidalCycles text, in order; NULL after reporting. */
struct fragment_item *fragment_tidal_items(const struct source *joined, struct arena *arena,
                                           struct diag *diag, uint32_t *n_items);
/** True when a word of the statement is `name`. */
bool fragment_mentions(const struct source *joined, const struct fragment_item *item,
                       const char *name);

#endif
