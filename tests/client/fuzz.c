/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/fuzz.c - what the fuzzers of program text share.                                  */
#include "tests/client/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

uint64_t fuzz_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

size_t fuzz_below(uint64_t *state, size_t n)
{
    return n ? (size_t)(fuzz_random(state) % n) : 0;
}

double fuzz_cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void fuzz_replace(struct fuzz_input *in, size_t at, size_t cut, const char *text, size_t length)
{
    if (in->length - cut + length > FUZZ_INPUT_MAX)
        return;
    memmove(in->text + at + length, in->text + at + cut, in->length - at - cut);
    memcpy(in->text + at, text, length);
    in->length += length - cut;
}

static void insert_word(struct fuzz_input *in, uint64_t *state)
{
    static const char *const words[] = {
        "(",  ")",  "[",   "]",  "<",  ">",   "{",    "}",   "\"",    "#",     " # ",  " $ ", "~",
        "~a", "@t", "%p",  ":",  "=",  ",",   "\n",   "\n\n", "-",    " -1",   "--",   "//",  "/*",
        "*/", "!",  "!99", "*2", "?",  "..",  " .. ", "_",   "|",     "'maj",  "(3,8)", "every 4 ",
        "if ", " then ", " else ", "for i in 1..9:\n ", "fn f x = ", "sum(~x[1..9])", "\xc3\xa9",
        "\xff", "1", ".5", "99999999999999999999", "hush", "tempo: ", "out ", "lpf ", "s ",
    };
    const char *const word = words[fuzz_below(state, sizeof words / sizeof words[0])];

    fuzz_replace(in, fuzz_below(state, in->length + 1), 0, word, strlen(word));
}

void fuzz_mutate(struct fuzz_input *in, const struct fuzz_corpus *corpus, uint64_t *state)
{
    const size_t at = fuzz_below(state, in->length + 1);
    const size_t span = fuzz_below(state, (in->length - at < 64 ? in->length - at : 64) + 1);
    const size_t other = fuzz_below(state, corpus->n);
    const size_t from = fuzz_below(state, corpus->lengths[other] + 1);
    const size_t left = corpus->lengths[other] - from;
    char copy[64];

    switch (fuzz_below(state, 5)) {
    case 0: /* another byte */
        if (at < in->length)
            in->text[at] = (char)fuzz_random(state);
        break;
    case 1:
        fuzz_replace(in, at, span, "", 0);
        break;
    case 2: /* the same again, many times */
        memcpy(copy, in->text + at, span);
        for (size_t i = fuzz_below(state, 200); i > 0; i--)
            fuzz_replace(in, at, 0, copy, span);
        break;
    case 3: /* a piece of another program */
        fuzz_replace(in, at, span, corpus->texts[other] + from,
                     fuzz_below(state, left < 200 ? left : 200));
        break;
    default:
        insert_word(in, state);
    }
}

static void load(struct fuzz_corpus *corpus, const char *path)
{
    FILE *const file = fopen(path, "rb");

    if (!file) {
        perror(path);
        exit(2);
    }
    char *const text = malloc(FUZZ_INPUT_MAX / 2);
    corpus->lengths[corpus->n] = fread(text, 1, FUZZ_INPUT_MAX / 2, file);
    corpus->texts[corpus->n++] = text;
    fclose(file);
}

struct fuzz_input *fuzz_map(const char *path)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);

    if (fd < 0 || ftruncate(fd, sizeof(struct fuzz_input)) != 0) {
        perror(path);
        exit(2);
    }
    struct fuzz_input *const in =
        mmap(NULL, sizeof *in, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return in == MAP_FAILED ? NULL : in;
}

void fuzz_load(struct fuzz_corpus *corpus, char **paths, int n)
{
    *corpus = (struct fuzz_corpus){ .texts = calloc((size_t)n + 1, sizeof(char *)),
                                    .lengths = calloc((size_t)n + 1, sizeof(size_t)) };
    for (int i = 0; i < n; i++)
        load(corpus, paths[i]);
}

void fuzz_unload(struct fuzz_corpus *corpus)
{
    for (uint32_t i = 0; i < corpus->n; i++)
        free(corpus->texts[i]);
    free(corpus->texts);
    free(corpus->lengths);
}
