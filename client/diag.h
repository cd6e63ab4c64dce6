/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/diag.h - messages about source text: file:line:col, the line, a caret, the nearest      */
/* name.                                                                                          */
#ifndef CLIENT_DIAG_H
#define CLIENT_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A stretch of text that stands in some file: from `offset` to where the next one begins. */
struct source_piece {
    uint32_t offset;
    const char *name;
    uint32_t line, column; /* of its first byte, 1-based */
    bool is_shifted;       /* all of its lines were moved left as the first one was */
    bool plays;            /* not new: diag_print() tells only errors there, and says so */
};

/** Text of one file; offsets into `text` are positions everywhere in the client. */
struct source {
    const char *name;   /* as the user wrote it; "-" is standard input */
    const char *text;   /* NUL-terminated copy */
    uint32_t length;
    uint32_t first_line; /* number of the first line: 1, or --line */
    bool tidal;          /* TidalCycles' own dialect, not .ph */
    uint32_t n_pieces;   /* 0: all of it is the one file */
    const struct source_piece *pieces; /* in order; the first one begins at 0 */
};

/** The piece an offset lies in, NULL where there are none. */
const struct source_piece *source_piece_at(const struct source *source, uint32_t offset);
/**
 * 1-based line and column (in characters, a tab is one) of
 * an offset, in the file that it stands in.
 */
void source_position(const struct source *source, uint32_t offset, uint32_t *line, uint32_t *column);

enum diag_class { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR };

struct diag_message {
    enum diag_class class;
    uint32_t offset;
    char *text;
};

/** Collects messages; at most DIAG_MAX are kept, the rest are counted. */
enum { DIAG_MAX = 100 };
struct diag {
    const struct source *source;
    uint32_t n_messages, n_errors, n_dropped;
    struct diag_message *messages;
    /* names whose definition has an error: who refers to them makes none of his own */
    uint32_t n_lost;
    const char **lost; /* sorted; the parser's arena */
};

void diag_init(struct diag *d, const struct source *source);
void diag_finish(struct diag *d);
void diag_error(struct diag *d, uint32_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_warning(struct diag *d, uint32_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_note(struct diag *d, uint32_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Forgets what was said since there were `n_messages`, where none of it was an error. */
void diag_rewind(struct diag *d, uint32_t n_messages);
/** Prints `file:line:col: error: text`, the source line, a caret; sorted by position. */
void diag_print(const struct diag *d, void *stream /* FILE * */);

/** Takes back what was said about the text from `offset` on. */
void diag_forget(struct diag *d, uint32_t offset);
struct arena;
/** Adds names (in the arena) whose definition has an error that was told. */
void diag_lose(struct diag *d, struct arena *arena, const char *const *names, uint32_t n);
/** Whether a name, or the bus that it numbers (`x` of `x3`), is among those that are lost. */
bool diag_is_lost(const struct diag *d, const char *name);

/** Nearest of `names` within edit distance 2, or NULL. */
const char *diag_nearest(const char *name, const char *const *names, uint32_t n_names);

#endif
