/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/fuzz_parse.c - mutated programs against the parser, for scripts/fuzz-client.sh.   */
/* Usage: fuzz_parse SECONDS SEED LAST FILE...  LAST receives every input before it is parsed, so */
/* that it holds the culprit after a crash. Ends with 1 when an input breaks a promise.           */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "client/ast.h"

enum { INPUT_MAX = 64 * 1024, MUTATIONS_MAX = 8 };

struct corpus {
    uint32_t n;
    char **texts;
    size_t *lengths;
};

struct input {
    size_t length;
    char text[INPUT_MAX + 1];
};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static size_t below(uint64_t *state, size_t n)
{
    return n ? (size_t)(next_random(state) % n) : 0;
}

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void replace(struct input *in, size_t at, size_t cut, const char *text, size_t length)
{
    if (in->length - cut + length > INPUT_MAX)
        return;
    memmove(in->text + at + length, in->text + at + cut, in->length - at - cut);
    memcpy(in->text + at, text, length);
    in->length += length - cut;
}

static void insert_word(struct input *in, uint64_t *state)
{
    static const char *const words[] = {
        "(",  ")",  "[",   "]",  "<",  ">",   "{",    "}",   "\"",    "#",     " # ",  " $ ", "~",
        "~a", "@t", "%p",  ":",  "=",  ",",   "\n",   "\n\n", "-",    " -1",   "--",   "//",  "/*",
        "*/", "!",  "!99", "*2", "?",  "..",  " .. ", "_",   "|",     "'maj",  "(3,8)", "every 4 ",
        "if ", " then ", " else ", "for i in 1..9:\n ", "fn f x = ", "sum(~x[1..9])", "\xc3\xa9",
        "\xff", "1", ".5", "99999999999999999999", "hush", "tempo: ", "out ", "lpf ", "s ",
    };
    const char *const word = words[below(state, sizeof words / sizeof words[0])];

    replace(in, below(state, in->length + 1), 0, word, strlen(word));
}

static void mutate(struct input *in, const struct corpus *corpus, uint64_t *state)
{
    const size_t at = below(state, in->length + 1);
    const size_t span = below(state, (in->length - at < 64 ? in->length - at : 64) + 1);
    const size_t other = below(state, corpus->n);
    const size_t from = below(state, corpus->lengths[other] + 1);
    const size_t left = corpus->lengths[other] - from;
    char copy[64];

    switch (below(state, 5)) {
    case 0: /* another byte */
        if (at < in->length)
            in->text[at] = (char)next_random(state);
        break;
    case 1:
        replace(in, at, span, "", 0);
        break;
    case 2: /* the same again, many times */
        memcpy(copy, in->text + at, span);
        for (size_t i = below(state, 200); i > 0; i--)
            replace(in, at, 0, copy, span);
        break;
    case 3: /* a piece of another program */
        replace(in, at, span, corpus->texts[other] + from, below(state, left < 200 ? left : 200));
        break;
    default:
        insert_word(in, state);
    }
}

static bool inside(const struct diag *d, size_t length)
{
    for (uint32_t i = 0; i < d->n_messages; i++) {
        if (d->messages[i].offset > length) {
            printf("a message lies behind the text: %s\n", d->messages[i].text);
            return false;
        }
    }
    return true;
}

/* Strings of a tree, as the compiler would read them. */
static bool parse_strings(const struct ast *a, struct arena *arena, struct diag *d)
{
    if (a->depth > AST_DEPTH_MAX) {
        puts("a tree is too deep");
        return false;
    }
    if (a->kind == AST_STRING && a->n_items == 0) {
        const uint32_t n_errors = d->n_errors;
        const struct mini *const m = parse_mini(a->text, (uint32_t)strlen(a->text),
                                                a->text_offset, arena, d);
        if ((m == NULL) != (d->n_errors > n_errors) ||
            (m && (m->size > MINI_SIZE_MAX || m->depth > MINI_DEPTH_MAX))) {
            puts("a string breaks its limits, or fails without an error");
            return false;
        }
    }
    for (uint32_t i = 0; i < a->n_items; i++)
        if (!parse_strings(a->items[i], arena, d))
            return false;
    for (uint32_t i = 0; i < a->n_keys; i++)
        if (!parse_strings(a->keys[i].value, arena, d))
            return false;
    return true;
}

static bool try(const struct input *in)
{
    char *const exact = malloc(in->length + 1);
    const struct source source = {
        .name = "fuzz", .text = exact, .length = (uint32_t)in->length, .first_line = 1};
    struct arena *const arena = arena_new();
    struct diag d;
    bool good = true;

    memcpy(exact, in->text, in->length);
    exact[in->length] = '\0';
    diag_init(&d, &source);
    const struct program_ast program = parse_program(&source, arena, &d);
    for (uint32_t i = 0; good && i < program.n_statements; i++)
        if (program.statements[i].value)
            good = parse_strings(program.statements[i].value, arena, &d);
    good = good && inside(&d, in->length);
    diag_finish(&d);
    arena_free(arena);
    free(exact);
    return good;
}

static void load(struct corpus *corpus, const char *path)
{
    FILE *const file = fopen(path, "rb");

    if (!file) {
        perror(path);
        exit(2);
    }
    char *const text = malloc(INPUT_MAX / 2);
    corpus->lengths[corpus->n] = fread(text, 1, INPUT_MAX / 2, file);
    corpus->texts[corpus->n++] = text;
    fclose(file);
}

static struct input *map_last(const char *path)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);

    if (fd < 0 || ftruncate(fd, sizeof(struct input)) != 0) {
        perror(path);
        exit(2);
    }
    struct input *const in =
        mmap(NULL, sizeof *in, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return in == MAP_FAILED ? NULL : in;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fputs("usage: fuzz_parse SECONDS SEED LAST FILE...\n", stderr);
        return 2;
    }
    const double seconds = strtod(argv[1], NULL);
    uint64_t state = strtoull(argv[2], NULL, 10) * 2654435761u + 1, n = 0;
    struct input *const in = map_last(argv[3]);
    struct corpus corpus = {.texts = calloc((size_t)argc, sizeof(char *)),
                            .lengths = calloc((size_t)argc, sizeof(size_t))};
    double slowest = 0;
    bool good = in != NULL;

    for (int i = 4; i < argc; i++)
        load(&corpus, argv[i]);
    for (double now = cpu_seconds(); good && now < seconds; n++) {
        const size_t pick = below(&state, corpus.n);
        in->length = 0;
        replace(in, 0, 0, corpus.texts[pick], corpus.lengths[pick]);
        for (size_t i = below(&state, MUTATIONS_MAX) + 1; i > 0; i--)
            mutate(in, &corpus, &state);
        good = try(in);
        const double then = cpu_seconds();
        slowest = then - now > slowest ? then - now : slowest;
        now = then;
    }
    printf("%llu inputs, slowest %.1f ms%s\n", (unsigned long long)n, slowest * 1e3,
           good ? "" : "; the last one is kept");
    for (uint32_t i = 0; i < corpus.n; i++)
        free(corpus.texts[i]);
    free(corpus.texts);
    free(corpus.lengths);
    return good ? 0 : 1;
}
