/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/fuzz_tidal.c - a byte as type, the others as a string of TidalCycles: read,       */
/* compiled and played for a cycle. Runs under libFuzzer: scripts/fuzz-patterns.sh.               */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/tidal/tidal.h"
#include "client/value.h"
#include "server/pattern/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** No string may take longer to be read and compiled, sanitizers included. */
static const double read_seconds_max = 1.0;

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void broken(const char *promise)
{
    fprintf(stderr, "fuzz_tidal: %s\n", promise);
    abort();
}

static void check_messages(const struct diag *diag, size_t length)
{
    for (uint32_t i = 0; i < diag->n_messages; i++)
        if (diag->messages[i].offset > length)
            broken("a message lies behind the text");
}

static void play(const struct ph_pattern_code *code)
{
    static const struct pat_limits limits = { .n_haps = 2000, .n_steps = 5000 };
    const struct pat_hap *haps;
    struct pat *evaluator;
    uint32_t n;

    if (pat_new(code, &evaluator) != PH_OK)
        return; /* a weight that does not fit */
    const ph_status status =
        pat_query(evaluator, ph_ratio_of(3), ph_ratio_of(4), &limits, &haps, &n);
    for (uint32_t i = 0; status == PH_OK && i < n; i++)
        if (!haps[i].value || haps[i].value->is_controls)
            broken("a hap has no plain value");
    pat_free(evaluator);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const enum tidal_atom atom = (enum tidal_atom)(data[0] % TIDAL_CONTROLS);
    const uint32_t length = (uint32_t)size - 1;
    char *const text = malloc(length + 1); /* of this size: a read behind it is seen */
    struct source source = { .name = "fuzz", .text = text, .length = length, .first_line = 1 };
    struct arena *const arena = arena_new();
    struct compiler *const c = arena_alloc(arena, sizeof *c);
    struct ph_pattern_code code;
    struct diag diag;

    memcpy(text, data + 1, length);
    text[length] = '\0';
    diag_init(&diag, &source);
    *c = (struct compiler){ .source = &source, .arena = arena, .diag = &diag };
    const double before = cpu_seconds();
    struct pat *const p = tidal_string(c, text, length, 0, atom);
    if ((p == NULL) != (diag.n_errors > 0))
        broken("a string fails without an error, or has one and does not fail");
    const bool compiled = p && pattern_compile(c, p, PAT_TYPED, &code);
    if (p && !compiled && diag.n_errors == 0)
        broken("nodes fail to compile without an error");
    if (cpu_seconds() - before > read_seconds_max)
        broken("reading takes too long");
    check_messages(&diag, length);
    if (compiled) {
        code.tidal = true;
        play(&code);
        ph_pattern_code_finish(&code);
    }
    diag_finish(&diag);
    arena_free(arena);
    free(text);
    return 0;
}
