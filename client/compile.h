/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/compile.h - program text -> one whole program, ready to be sent.                        */
#ifndef CLIENT_COMPILE_H
#define CLIENT_COMPILE_H

#include <stdbool.h>
#include <stdint.h>

#include "client/ast.h"
#include "client/diag.h"
#include "protocol/program.h"

/**
 * Reads a file, or standard input for "-", and keeps a copy of its name. Files over
 * SOURCE_BYTES_MAX are refused with EFBIG. A file *.tidal is TidalCycles' own dialect.
 * @return false with errno set; `out` is empty then
 */
enum { SOURCE_BYTES_MAX = 16 << 20 };
bool source_read(const char *path, struct source *out);
void source_finish(struct source *source); /* accepts an empty one */
bool source_is_tidal(const char *path);

/**
 * Compiles a whole file. Definitions nobody refers to are checked all the same.
 *
 * @param arena  holds syntax tree and values; nothing in `out` points into it
 * @param diag   receives errors, warnings and notes
 * @param out    on success owned by the caller (ph_program_finish), hashes set; else empty
 * @return true when there was no error
 */
bool compile_program(const struct source *source, struct arena *arena, struct diag *diag,
                     struct ph_program *out);

/** What a file asks for besides its program: words that are commands (`hush`, `panic`). */
struct compile_commands {
    bool hush, panic, unhush, unsolo; /* of all outputs */
    uint32_t serial; /* set by the caller, another each time: what plays `once` plays again then */
};

/** The same; `commands` (may be NULL) are to be sent after the program. */
bool compile_program_with_commands(const struct source *source, struct arena *arena,
                                   struct diag *diag, struct ph_program *out,
                                   struct compile_commands *commands);

/** One pattern expression (phonon-query): its code; words stay words, events are controls. */
bool compile_pattern(const struct source *source, struct arena *arena, struct diag *diag,
                     struct ph_pattern_code *out);

#endif
