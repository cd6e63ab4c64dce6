/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bench/bench_pattern.c - pattern evaluation: events a second, and what patterns cost that */
/* run into their budget. CPU time of this thread, so that other load hardly counts.              */
#include <stdio.h>
#include <time.h>

#include "tests/server/pattern/notation.h"

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static const struct {
    const char *name, *code;
} patterns[] = {
    { "16 steps", "(fast 4 [bd sn hh cp])" },
    { "m.ph drums", "(every 4 0 (stack (param (fast 4 bd) : s) (param [~ sn ~ <sn [sn sn]>] : s)"
                    " (param (euclid 5 8 0 hh) : s)) (fast 2 (stack (param (fast 4 bd) : s)"
                    " (param [~ sn ~ <sn [sn sn]>] : s) (param (euclid 5 8 0 hh) : s))))" },
    { "16 steps with 3 modifiers",
      "(set (set (set (param (fast 16 hh) : s) (param [0.6 0.4 0.7] : gain) : 0)"
      " (param [-1/2 1/2] : pan) : 0) (param <1 2 3> : speed) : 0)" },
    { "alternation in alternation", "[<a <b c> d> <e f> [g <h i j>] <k l>]" },
    { "degrade", "(degrade_by 1/3 (fast 16 hh) : 0)" },
    { "rand to pan", "(set (param (fast 16 hh) : s) (param (rand) : pan) : 0)" },
    { "every rev", "(every 3 0 [a b c d e f g h] (rev [a b c d e f g h]))" },
    { "patterned fast", "(fast <2 3 5> [a b c d])" },
    { "arithmetic of two rhythms", "(add [0 2 4 <5 7>] [0 12 7] : 0)" },
    { "euclid by pattern", "(euclid <3 5 7> 16 0 x)" },
    { "chop 8 of striate 4", "(chop 8 (striate 4 (param <a b> : s)))" },
    { "shuffle 8", "(shuffle 8 [a b c d e f g h])" },
    { "stut 8 of a beat", "(stack (param [bd <sn cp>] : s)"
                          " (late 1/16 (param_mul 0.7 (param [bd <sn cp>] : s) : gain))"
                          " (late 1/8 (param_mul 0.5 (param [bd <sn cp>] : s) : gain))"
                          " (late 3/16 (param_mul 0.3 (param [bd <sn cp>] : s) : gain)))" },
};

/** Plays `seconds` of CPU time in windows of 1/n_windows cycle; prints the cost of an onset. */
static void measure(const char *name, const char *text, int64_t n_windows, double seconds)
{
    struct ph_pattern_code code = { 0 };
    struct pat *const pat = notation_pat(text, &code);
    uint64_t n_onsets = 0;
    int64_t window = 0;
    const double start = cpu_seconds();
    double used;

    do {
        for (int i = 0; i < 64; i++, window++) {
            const struct pat_hap *haps;
            uint32_t n;
            bool overflow = false;
            if (pat_query(pat, ph_ratio_make(window, n_windows, &overflow),
                          ph_ratio_make(window + 1, n_windows, &overflow), NULL, &haps,
                          &n) != PH_OK)
                return;
            for (uint32_t k = 0; k < n; k++)
                n_onsets += pat_has_onset(&haps[k]);
        }
        used = cpu_seconds() - start;
    } while (used < seconds);
    printf("%-28s 1/%-2lld cycle  %7.2f M events/s  %7.0f ns/event  %6.2f us/query\n", name,
           (long long)n_windows, (double)n_onsets / used * 1e-6, used / (double)n_onsets * 1e9,
           used / (double)window * 1e6);
    notation_free(pat, &code);
}

/* What the sequencer asks of the patterns of a dense piece: 1000 events a cycle in each. */
static const struct {
    const char *name, *code;
} dense[] = {
    { "one sound", "(fast 1000 (param bd : s))" },
    { "chopped, 3 controls",
      "(set (set (set (chop 8 (fast 125 (param <bd sn> : s))) (param [0.6 0.4 0.7] : gain) : 0)"
      " (param [-1/2 1/2] : pan) : 0) (param <1 2 3> : speed) : 0)" },
    { "chopped, degraded, rand",
      "(set (set (chop 8 (degrade_by 1/10 (fast 139 (param <bd sn> : s)) : 0))"
      " (param (rand) : pan) : 0) (param <1 2 3> : speed) : 0)" },
};
enum { N_PLAYERS = 16, N_CYCLES = 200, CPS = 2 };

/**
 * Sixteen evaluators, each asked for whole cycles as the sequencer's players ask: once for the
 * samples of the cycle to come, once to play it. Prints the part of a core that two cycles a second
 * take.
 */
static void measure_load(const char *name, const char *text)
{
    struct ph_pattern_code codes[N_PLAYERS] = { { 0 } };
    struct pat *pats[N_PLAYERS];
    const struct pat_hap *haps;
    uint64_t n_events = 0;
    uint32_t n;

    for (int k = 0; k < N_PLAYERS; k++)
        pats[k] = notation_pat(text, &codes[k]);
    const double start = cpu_seconds();
    for (int64_t c = 0; c < N_CYCLES; c++) {
        for (int k = 0; k < N_PLAYERS; k++) {
            for (int64_t ahead = 1; ahead >= 0; ahead--)
                if (pat_query(pats[k], ph_ratio_of(c + ahead), ph_ratio_of(c + ahead + 1), NULL,
                              &haps, &n) != PH_OK)
                    n = 0;
            n_events += n;
        }
    }
    const double used = cpu_seconds() - start;
    printf("%-28s %2d players, %d cycles/s  %6.0f events/s  %6.3f %% of a core\n", name, N_PLAYERS,
           CPS, (double)n_events / N_CYCLES * CPS, 100 * used * CPS / N_CYCLES);
    for (int k = 0; k < N_PLAYERS; k++)
        notation_free(pats[k], &codes[k]);
}

static const char *const heavy[] = {
    "(fast 1000000 bd)",
    "(chop 1000000 (param bd : s))",
    "(segment 1000000 (rand))",
    "(euclid 1 1000000 0 bd)",
    "(shuffle 200000 bd)",
    "(scramble 1000000 bd)",
    "(polymeter bd ~ : 1000000)",
    "(ply 1000000 bd)",
    "(striate 1000000 (param bd : s))",
    "(slice 16 (fast 100000 <0 1>) (param bd : s))",
    "(fast 997/991 (fast 1000000 (rev (late 1/7 <a b c>))))",
    "(add (stack (fast 2000 <1 2>) (fast 2000 3)) (stack (fast 2000 <1 2>) (fast 2000 3)) : 0)",
    "(fast 1000000 (every 2 0 ~ ~))",
    "(set (param (fast 10000 <bd sn>) : s) (param (fast 10000 <1 2>) : gain) : 0)",
    "(add (fast 20000 <1 2>) (fast 30000 <3 4>) : 0)",
    "(rot 1 (fast 20000 (rev <[a b] c>)))",
};

/** The first query of one cycle, tables included: what an edit costs. */
static void measure_heavy(const char *text)
{
    struct ph_pattern_code code = { 0 };
    struct pat *const pat = notation_pat(text, &code);
    const struct pat_hap *haps;
    uint32_t n;
    const double start = cpu_seconds();
    const ph_status status = pat_query(pat, ph_ratio_of(0), ph_ratio_of(1), NULL, &haps, &n);

    printf("%-78s %6.1f ms  %s\n", text, (cpu_seconds() - start) * 1e3, ph_status_text(status));
    notation_free(pat, &code);
}

int main(void)
{
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        measure(patterns[i].name, patterns[i].code, 1, 0.2);
        measure(patterns[i].name, patterns[i].code, 32, 0.2);
    }
    for (size_t i = 0; i < sizeof dense / sizeof dense[0]; i++)
        measure_load(dense[i].name, dense[i].code);
    for (size_t i = 0; i < sizeof heavy / sizeof heavy[0]; i++)
        measure_heavy(heavy[i]);
    return 0;
}
