/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bench/bench_tidal.c - TidalCycles' expressions in this evaluator, for `patterns`:        */
/* bench_tidal TYPE EXPRESSION [TYPE EXPRESSION]... A line "index cycles seconds" is answered by  */
/* "onsets of a pass, passes, CPU seconds". Each pass has a new evaluator, so that making tables  */
/* is part of what is measured; compiling the text is not, as the peers don't do it again either. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/tidal/tidal.h"
#include "server/pattern/pattern.h"

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static enum tidal_atom type_of(const char *name)
{
    for (int i = 0; i < TIDAL_ATOM_COUNT; i++)
        if (strcmp(tidal_atom_names[i], name) == 0)
            return (enum tidal_atom)i;
    fprintf(stderr, "bench_tidal: no type %s\n", name);
    exit(2);
}

static void compile(const char *type, const char *text, struct ph_pattern_code *out)
{
    const struct source source = { "expression", text, (uint32_t)strlen(text), 1 };
    struct arena *const arena = arena_new();
    struct diag diag;

    diag_init(&diag, &source);
    if (!compile_tidal_pattern(&source, arena, &diag, type_of(type), out)) {
        diag_print(&diag, stderr);
        *out = (struct ph_pattern_code){ 0 };
    }
    diag_finish(&diag);
    arena_free(arena);
}

/** Onsets of the first cycles, asked for one by one; -1 when a query fails. */
static int64_t play(const struct ph_pattern_code *code, int64_t n_cycles)
{
    struct pat *pat;
    int64_t n_onsets = 0;

    if (pat_new(code, &pat) != PH_OK)
        return -1;
    for (int64_t c = 0; c < n_cycles && n_onsets >= 0; c++) {
        const struct pat_hap *haps;
        uint32_t n;
        if (pat_query(pat, ph_ratio_of(c), ph_ratio_of(c + 1), NULL, &haps, &n) != PH_OK)
            n_onsets = -1;
        for (uint32_t i = 0; i < n; i++)
            n_onsets += pat_has_onset(&haps[i]);
    }
    pat_free(pat);
    return n_onsets;
}

static void measure(const struct ph_pattern_code *code, int64_t n_cycles, double seconds)
{
    const double start = cpu_seconds();
    int64_t n_onsets;
    long n_passes = 0;
    double used;

    do {
        n_onsets = play(code, n_cycles);
        n_passes++;
        used = cpu_seconds() - start;
    } while (used < seconds && n_onsets >= 0);
    printf("%lld %ld %.9f\n", (long long)n_onsets, n_passes, used);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const int n = (argc - 1) / 2;
    struct ph_pattern_code *const codes = calloc((size_t)n + 1, sizeof *codes);
    int index;
    long n_cycles;
    double seconds;

    if (!codes)
        return 1;
    for (int i = 0; i < n; i++)
        compile(argv[2 * i + 1], argv[2 * i + 2], &codes[i]);
    while (scanf("%d %ld %lf", &index, &n_cycles, &seconds) == 3)
        if (index >= 0 && index < n)
            measure(&codes[index], n_cycles, seconds);
    for (int i = 0; i < n; i++)
        ph_pattern_code_finish(&codes[i]);
    free(codes);
    return 0;
}
