/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/fuzz_ph.c - texts through the whole compiler, for scripts/fuzz-ph.sh: programs    */
/* made by the grammar, and mutations of them and of the files of a corpus; parts of them as      */
/* fragments. Usage: fuzz_ph SECONDS SEED LAST FILE...  LAST receives every input before it is    */
/* compiled, so that it holds the culprit after a crash. Ends with 1 when an input breaks a       */
/* promise.                                                                                       */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/compile.h"
#include "client/fragment.h"
#include "client/functions.h"
#include "tests/client/fuzz.h"

enum { NESTING_MAX = 5, STATEMENTS_MAX = 12, NAMES = 6 };
#define SECONDS_MAX 10.0 /* of one input, sanitized and on a busy machine */

/* ---- programs by the grammar ----------------------------------------------------------------- */

struct maker {
    struct fuzz_input *in;
    uint64_t *state;
};

__attribute__((format(printf, 2, 3))) static void put(struct maker *m, const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    const int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n > 0)
        fuzz_replace(m->in, m->in->length, 0, text, (size_t)n < sizeof text ? (size_t)n : 255);
}

static size_t pick(struct maker *m, size_t n)
{
    return fuzz_below(m->state, n);
}

static const char *word(struct maker *m, const char *const *words, size_t n)
{
    return words[pick(m, n)];
}
#define WORD(m, ...)                                                                               \
    word(m, (const char *const[]){ __VA_ARGS__ },                                                  \
         sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void put_number(struct maker *m)
{
    switch (pick(m, 6)) {
    case 0:
        put(m, "%d", (int)pick(m, 12));
        break;
    case 1:
        put(m, "%d.%d", (int)pick(m, 3), (int)pick(m, 100));
        break;
    case 2:
        put(m, "%d", (int)pick(m, 20000));
        break;
    case 3:
        put(m, "(-%d)", (int)pick(m, 10));
        break;
    default:
        put(m, "0.%d", (int)pick(m, 100));
    }
}

static void put_mini(struct maker *m, int depth)
{
    const size_t n = 1 + pick(m, 4);

    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            put(m, "%s", WORD(m, " ", " ", " ", " . ", ", ", " | "));
        if (depth < NESTING_MAX && pick(m, 4) == 0) {
            static const char *const brackets[] = { "[]", "<>", "{}" };
            const char *const pair = brackets[pick(m, 3)];
            put(m, "%c", pair[0]);
            put_mini(m, depth + 1);
            put(m, "%c", pair[1]);
        } else {
            put(m, "%s",
                WORD(m, "bd", "sn", "hh*2", "~", "c4", "e'min7", "0", "1", "0.5", "-3", "bd:3", "t",
                     "~a", "d1", "_", "a!3", "cs2", "x", "909", "1 .. 4"));
        }
        if (pick(m, 6) == 0)
            put(m, "%s", WORD(m, "*2", "/3", "!2", "@3", "?", "?0.3", "(3,8)", "(3,8,2)", "*<2 3>",
                              "(<3 5>,8)", "%4", ":2"));
    }
}

static void put_string(struct maker *m)
{
    put(m, "\"");
    put_mini(m, 0);
    put(m, "\"");
}

static void put_expression(struct maker *m, int depth);

static void put_atom(struct maker *m, int depth)
{
    switch (pick(m, depth > NESTING_MAX ? 4 : 8)) {
    case 0:
    case 1:
        put_number(m);
        break;
    case 2:
        put_string(m);
        break;
    case 3:
        put(m, "~%c", 'a' + (int)pick(m, NAMES));
        break;
    case 4:
        put(m, "(# ");
        put(m, "%s ", function_table[pick(m, n_functions)].name);
        put_number(m);
        put(m, ")");
        break;
    case 5:
        put(m, "%c%c", "%@"[pick(m, 2)], 'a' + (int)pick(m, 3));
        break;
    default:
        put(m, "(");
        put_expression(m, depth + 1);
        put(m, ")");
    }
}

/* A name with about the arguments that it wants. */
static void put_call(struct maker *m, int depth)
{
    const struct function *const f = &function_table[pick(m, n_functions)];
    size_t n = f->signal ? signal_visible_params(f->signal) : 1 + pick(m, 3);

    if (pick(m, 4) == 0)
        n += pick(m, 3);
    else if (n > 0 && pick(m, 2) == 0)
        n--;
    put(m, "%s", f->name);
    for (size_t i = 0; i < n; i++) {
        put(m, " ");
        if (f->signal && i < f->signal->n_params && f->signal->params[i].name[0] &&
            pick(m, 12) == 0)
            put(m, ":%s ", f->signal->params[i].name);
        put_atom(m, depth + 1);
    }
}

static void put_expression(struct maker *m, int depth)
{
    if (depth > NESTING_MAX) {
        put_number(m);
        return;
    }
    switch (pick(m, 6)) {
    case 0:
        put_atom(m, depth);
        break;
    case 1:
        put(m, "%s ", WORD(m, "s", "n", "note", "saw", "sine", "noise"));
        put_string(m);
        break;
    default:
        put_call(m, depth);
    }
    for (size_t n = pick(m, 3); n > 0; n--) {
        put(m, "%s",
            WORD(m, " # ", " # ", " # ", " $ ", " + ", " * ", " ~* ", " |+ ", " - ", " / "));
        put_call(m, depth + 1);
    }
}

static void put_statement(struct maker *m)
{
    switch (pick(m, 12)) {
    case 0:
        put(m, "tempo: ");
        put_number(m);
        break;
    case 1:
        put(m, "%s", WORD(m, "hush", "panic", "bpm: 120", "outmix: tanh", "solo 1", "resetCycles",
                          "-- comment", "", "nudge 0.25", "hush2"));
        break;
    case 2:
        put(m, "%c%c: ", "%@"[pick(m, 2)], 'a' + (int)pick(m, 3));
        put_expression(m, 0);
        break;
    case 3:
        put(m, "fn f%c x y = ", 'a' + (int)pick(m, 3));
        put_expression(m, 0);
        break;
    case 4:
        put(m, "synthdef k%c ", 'a' + (int)pick(m, 3));
        put_expression(m, 0);
        break;
    case 5:
        put(m, "for i in 1..%d:\n  ~x[i] $ saw (i * 55)\n~y $ sum(~x[1..2])", 1 + (int)pick(m, 4));
        break;
    case 6:
    case 7:
        put(m, "o%d $ ", 1 + (int)pick(m, 4));
        put_expression(m, 0);
        break;
    case 8:
        put(m, "out%s $ ", WORD(m, "", "1", "2"));
        put_expression(m, 0);
        break;
    default:
        put(m, "~%c $ ", 'a' + (int)pick(m, NAMES));
        put_expression(m, 0);
    }
    put(m, "\n");
}

static void make_program(struct maker *m)
{
    m->in->length = 0;
    for (size_t n = 1 + pick(m, STATEMENTS_MAX); n > 0; n--)
        put_statement(m);
}

/* ---- promises -------------------------------------------------------------------------------- */

static bool are_inside(const struct diag *d)
{
    for (uint32_t i = 0; i < d->n_messages; i++)
        if (d->messages[i].offset > d->source->length) {
            printf("a message lies behind the text: %s\n", d->messages[i].text);
            return false;
        }
    return true;
}

/* What compiles has no error, and the same text gives the same program. */
static bool compile(const struct source *source, uint64_t *revision)
{
    struct arena *const arena = arena_new();
    struct ph_program program;
    struct compile_commands commands = { 0 };
    struct diag d;

    diag_init(&d, source);
    const bool ok = compile_program_with_commands(source, arena, &d, &program, &commands);
    bool good = are_inside(&d);
    if (ok != (d.n_errors == 0)) {
        printf("%s, with %u errors\n", ok ? "compiled" : "refused", d.n_errors);
        good = false;
    }
    *revision = ok ? program.revision : 0;
    ph_program_finish(&program);
    diag_finish(&d);
    arena_free(arena);
    return good;
}

/* The first part plays, the second is sent as a fragment. */
static bool merge(const struct source *whole, uint32_t cut)
{
    char *const first = calloc(1, (size_t)cut + 1);
    const struct source plays = { .name = "old", .text = first, .length = cut, .first_line = 1 };
    const struct source fragment = { .name = "new", .text = whole->text + cut,
                                     .length = whole->length - cut, .first_line = 7 };
    struct arena *const arena = arena_new();
    struct source joined, merged;
    struct diag d;
    char error[256];
    size_t size;
    uint64_t revision;
    bool good = true;

    memcpy(first, whole->text, cut);
    uint8_t *const packed = fragment_pack(&plays, &size);
    if (!fragment_join(packed, size, &fragment, arena, &joined, error)) {
        printf("what was packed can't be joined: %s\n", error);
        good = false;
    }

    if (good) {
        diag_init(&d, &joined);
        if (fragment_merge(&joined, arena, &d, &merged))
            good = compile(&merged, &revision);
        good = good && are_inside(&d);
        diag_finish(&d);
    }
    free(packed);
    free(first);
    arena_free(arena);
    return good;
}

static bool try(const struct fuzz_input *in, uint64_t *state)
{
    char *const exact = malloc(in->length + 1); /* so that a read behind its end is seen */
    const struct source source = { .name = "fuzz", .text = exact, .length = (uint32_t)in->length,
                                   .first_line = 1 };
    uint64_t revision, again;

    memcpy(exact, in->text, in->length);
    exact[in->length] = '\0';
    bool good = compile(&source, &revision);
    if (good && fuzz_below(state, 8) == 0) {
        good = compile(&source, &again);
        if (good && revision != again) {
            puts("the same text gives two programs");
            good = false;
        }
    }
    if (good && fuzz_below(state, 4) == 0)
        good = merge(&source, (uint32_t)fuzz_below(state, in->length + 1));
    free(exact);
    return good;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fputs("usage: fuzz_ph SECONDS SEED LAST FILE...\n", stderr);
        return 2;
    }
    const double seconds = strtod(argv[1], NULL);
    uint64_t state = strtoull(argv[2], NULL, 10) * 2654435761u + 1, n = 0;
    struct fuzz_input *const in = fuzz_map(argv[3]);
    struct fuzz_corpus corpus;
    struct maker maker = { in, &state };
    double slowest = 0;
    bool good = in != NULL;

    fuzz_load(&corpus, argv + 4, argc - 4);
    for (double now = fuzz_cpu_seconds(); good && now < seconds; n++) {
        if (fuzz_below(&state, 2)) {
            make_program(&maker);
        } else {
            const size_t chosen = fuzz_below(&state, corpus.n);
            in->length = 0;
            fuzz_replace(in, 0, 0, corpus.texts[chosen], corpus.lengths[chosen]);
        }
        for (size_t i = fuzz_below(&state, FUZZ_MUTATIONS_MAX); i > 0; i--)
            fuzz_mutate(in, &corpus, &state);
        good = try(in, &state);
        const double then = fuzz_cpu_seconds();
        slowest = then - now > slowest ? then - now : slowest;
        if (good && then - now > SECONDS_MAX) {
            puts("too slow");
            good = false;
        }
        now = then;
    }
    printf("%llu inputs, slowest %.1f ms%s\n", (unsigned long long)n, slowest * 1e3,
           good ? "" : "; the last one is kept");
    fuzz_unload(&corpus);
    return good ? 0 : 1;
}
