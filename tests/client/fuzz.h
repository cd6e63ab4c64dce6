/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/fuzz.h - what the fuzzers of program text share: random numbers, a corpus,        */
/* mutations, and the last input in a file, where it survives a crash.                            */
#ifndef TESTS_CLIENT_FUZZ_H
#define TESTS_CLIENT_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FUZZ_INPUT_MAX = 64 * 1024, FUZZ_MUTATIONS_MAX = 8 };

struct fuzz_corpus {
    uint32_t n;
    char **texts;
    size_t *lengths;
};

struct fuzz_input {
    size_t length;
    char text[FUZZ_INPUT_MAX + 1];
};

uint64_t fuzz_random(uint64_t *state);
/** 0 .. n - 1; 0 for n = 0. */
size_t fuzz_below(uint64_t *state, size_t n);
double fuzz_cpu_seconds(void);
/** Replaces `cut` bytes at `at`; does nothing where the input would grow too long. */
void fuzz_replace(struct fuzz_input *in, size_t at, size_t cut, const char *text, size_t length);
/** One random change. */
void fuzz_mutate(struct fuzz_input *in, const struct fuzz_corpus *corpus, uint64_t *state);

/** Files of a corpus; exits when one can't be read. */
void fuzz_load(struct fuzz_corpus *corpus, char **paths, int n);
void fuzz_unload(struct fuzz_corpus *corpus);
/** An input that lives in a file, or NULL. */
struct fuzz_input *fuzz_map(const char *path);

#endif
