/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bench/bench_compile.c - lines a second through lexer, parser and the whole compiler, of  */
/* a program of 300 lines and of a megabyte. By CPU time; the best of several rounds.             */
/* usage: bench_compile [FILE...]  (default: programs made here)                                  */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/compile.h"
#include "client/lex.h"

enum { ROUNDS = 15, LINES = 300, MEGABYTE = 1 << 20 };

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void run_lex(const struct source *source)
{
    struct lexed lexed;
    struct diag diag;

    diag_init(&diag, source);
    lex_program(&lexed, source, &diag);
    lex_finish(&lexed);
    diag_finish(&diag);
}

static void run_parse(const struct source *source)
{
    struct arena *const arena = arena_new();
    struct diag diag;

    diag_init(&diag, source);
    parse_program(source, arena, &diag);
    diag_finish(&diag);
    arena_free(arena);
}

static void run_compile(const struct source *source)
{
    struct arena *const arena = arena_new();
    struct ph_program program;
    struct diag diag;

    diag_init(&diag, source);
    compile_program(source, arena, &diag, &program);
    ph_program_finish(&program);
    diag_finish(&diag);
    arena_free(arena);
}

static const struct {
    const char *name;
    void (*run)(const struct source *source);
} stages[] = { { "lex", run_lex }, { "parse", run_parse }, { "compile", run_compile } };

static void print_errors(const struct source *source)
{
    struct arena *const arena = arena_new();
    struct ph_program program;
    struct diag diag;

    diag_init(&diag, source);
    if (!compile_program(source, arena, &diag, &program)) {
        uint32_t line = 0, column;
        for (uint32_t i = 0; i < diag.n_messages && line == 0; i++)
            if (diag.messages[i].class == DIAG_ERROR) {
                source_position(source, diag.messages[i].offset, &line, &column);
                printf("%-20s refused after line %u: %s\n", source->name, line,
                       diag.messages[i].text);
            }
    }
    ph_program_finish(&program);
    diag_finish(&diag);
    arena_free(arena);
}

static void measure(const struct source *source)
{
    uint32_t n_lines = 0;

    for (uint32_t i = 0; i < source->length; i++)
        n_lines += source->text[i] == '\n';
    for (size_t s = 0; s < sizeof stages / sizeof stages[0]; s++) {
        const uint32_t repeats = 1 + 20000 / (n_lines + 1);
        double best = 1e9;
        for (int round = 0; round < ROUNDS; round++) {
            const double begin = cpu_seconds();
            for (uint32_t i = 0; i < repeats; i++)
                stages[s].run(source);
            const double spent = (cpu_seconds() - begin) / repeats;
            best = spent < best ? spent : best;
        }
        printf("%-20s %-8s %8u lines %9.3f ms %12.0f lines/s %8.1f MB/s\n", source->name,
               stages[s].name, n_lines, best * 1e3, n_lines / best, source->length / best * 1e-6);
    }
    print_errors(source);
}

/* Lines as people write them; every tenth is an output, no line refers to another one. */
static size_t put_line(char *text, size_t space, uint32_t i)
{
    static const char *const forms[] = {
        "-- section %u: drums and what lies under them\n",
        "~k%u $ s \"bd ~ [sn cp]? hh*2\" # gain 0.8 # speed \"1 2\"\n",
        "~b%u $ saw \"55 [82.5 110] 41.2\" # lpf 900 0.7 # gain 0.3\n",
        "~p%u $ every 4 rev $ s \"hh*8\" # pan \"-1 1\"\n",
        "\n",
        "~l%u: sine 0.25 * 400 + 800\n",
        "~x%u $ s \"bd(3,8) sn . [~ hh]*2\" $ swing 0.1\n",
        "~f%u $ lpf 800 0.7 # reverb 0.4 0.6 0.2\n",
        "~n%u $ note \"c4 e4 g4 <b4 a4>\" # s \"sine\" # release 0.3\n",
        "o%u $ s \"bd*4\" # gain 0.7\n",
    };
    const char *const form = forms[i % (sizeof forms / sizeof forms[0])];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    return (size_t)snprintf(text, space, form, i % 1000 + 1);
#pragma GCC diagnostic pop
}

static void measure_made(const char *name, uint32_t n_lines, size_t n_bytes)
{
    char *const text = malloc(n_bytes + 256);
    size_t length = 0;

    for (uint32_t i = 0; i < n_lines && length < n_bytes; i++)
        length += put_line(text + length, 200, i);
    const struct source source = { .name = name, .text = text, .length = (uint32_t)length,
                                   .first_line = 1 };
    measure(&source);
    free(text);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct source source;
        if (!source_read(argv[i], &source)) {
            perror(argv[i]);
            return EXIT_FAILURE;
        }
        measure(&source);
        source_finish(&source);
    }
    if (argc > 1)
        return EXIT_SUCCESS;
    measure_made("300 lines", LINES, MEGABYTE);
    measure_made("1 MB", UINT32_MAX, MEGABYTE);
    return EXIT_SUCCESS;
}
