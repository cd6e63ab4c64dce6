/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/fuzz_parse.c - mutated programs against the parser, for scripts/fuzz-client.sh.   */
/* Usage: fuzz_parse SECONDS SEED LAST FILE...  LAST receives every input before it is parsed, so */
/* that it holds the culprit after a crash. Ends with 1 when an input breaks a promise.           */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/ast.h"
#include "tests/client/fuzz.h"

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

static bool try(const struct fuzz_input *in)
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

int main(int argc, char **argv)
{
    if (argc < 5) {
        fputs("usage: fuzz_parse SECONDS SEED LAST FILE...\n", stderr);
        return 2;
    }
    const double seconds = strtod(argv[1], NULL);
    uint64_t state = strtoull(argv[2], NULL, 10) * 2654435761u + 1, n = 0;
    struct fuzz_input *const in = fuzz_map(argv[3]);
    struct fuzz_corpus corpus;
    double slowest = 0;
    bool good = in != NULL;

    fuzz_load(&corpus, argv + 4, argc - 4);
    for (double now = fuzz_cpu_seconds(); good && now < seconds; n++) {
        const size_t pick = fuzz_below(&state, corpus.n);
        in->length = 0;
        fuzz_replace(in, 0, 0, corpus.texts[pick], corpus.lengths[pick]);
        for (size_t i = fuzz_below(&state, FUZZ_MUTATIONS_MAX) + 1; i > 0; i--)
            fuzz_mutate(in, &corpus, &state);
        good = try(in);
        const double then = fuzz_cpu_seconds();
        slowest = then - now > slowest ? then - now : slowest;
        now = then;
    }
    printf("%llu inputs, slowest %.1f ms%s\n", (unsigned long long)n, slowest * 1e3,
           good ? "" : "; the last one is kept");
    fuzz_unload(&corpus);
    return good ? 0 : 1;
}
