/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bench/bench_sequencer.c - what dense players cost the sequencer thread, and how much of  */
/* it is pattern evaluation. CPU time of this thread, so that other load hardly counts.           */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "server/link/command.h"
#include "server/link/snapshot.h"
#include "server/load/bank.h"
#include "server/pattern/pattern.h"
#include "server/seq/seq.h"
#include "tests/server/pattern/notation.h"

enum { RATE = 48000, PLAYERS = 16, CPS = 2, SECONDS = 10, RING = 8192, BUFFERS = 256,
       WAKE = RATE / 100 };

static const struct {
    const char *name, *code;
} works[] = {
    { "constant controls", "(set (set (set (param (fast 1000 bd) : s) (param 0.8 : gain) : 0)"
                           " (param 1/4 : pan) : 0) (param 3/2 : speed) : 0)" },
    { "patterned controls",
      "(set (set (set (param (fast 250 [bd sn hh cp]) : s)"
      " (param (fast 5 [0.6 0.4 0.7]) : gain) : 0)"
      " (param (fast 3 [-1/2 1/2]) : pan) : 0) (param (fast 50 <1 2 3/2>) : speed) : 0)" },
    { "synths",
      "(set (set (set (param (fast 250 [0 3 7 12]) : note) (param saw : s) : 0)"
      " (param (fast 5 [0.6 0.4 0.7]) : gain) : 0) (param (fast 3 [-1/2 1/2]) : pan) : 0)" },
    { "continuous controls",
      "(set (set (set (param (fast 500 [bd hh]) : s) (param (range 1/2 1 (sine)) : gain) : 0)"
      " (param (rand) : pan) : 0) (param (range 1 2 (saw)) : speed) : 0)" },
};

static struct link_ring ring;
static struct link_snapshot snapshot;
static struct nrt_symbols *symbols;
static struct load_bank *bank;
static struct dsp_buffer *kept[BUFFERS];

static void keep(void *context, uint32_t n, struct dsp_buffer *gives)
{
    (void)context;
    kept[n] = gives;
}

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void need(ph_status status)
{
    if (status == PH_OK)
        return;
    fprintf(stderr, "bench_sequencer: %s\n", ph_status_text(status));
    exit(EXIT_FAILURE);
}

/** What the audio thread and, behind it, the command thread do with the events. */
static uint32_t take_events(void)
{
    struct link_command c;
    uint32_t n = 0;
    for (; link_ring_pop(&ring, &c); n++)
        if (c.kind == LINK_VOICE)
            nrt_synth_free(c.u.voice.synth);
    return n;
}

/** CPU time of the same queries alone. */
static double evaluate(const char *text)
{
    double used = 0;
    for (int k = 0; k < PLAYERS; k++) {
        struct ph_pattern_code code;
        struct pat *const pat = notation_pat(text, &code);
        const double begin = cpu_seconds();
        for (int64_t cycle = 0; cycle < SECONDS * CPS; cycle++) {
            const struct pat_hap *haps;
            uint32_t n;
            need(pat_query(pat, ph_ratio_of(cycle), ph_ratio_of(cycle + 1), NULL, &haps, &n));
        }
        used += cpu_seconds() - begin;
        notation_free(pat, &code);
    }
    return used;
}

static struct seq *play(const char *text, const struct ph_tempo *tempo)
{
    const struct seq_config config = {
        .rate_hz = RATE, .lookahead_frames = RATE / 10, .commands = &ring, .snapshot = &snapshot,
        .symbols = symbols, .bank = bank,
        .target = { dsp_set_best(), RATE, DSP_BLOCK_FRAMES, 64 }, .tempo = *tempo };
    static struct seq_player_spec specs[PLAYERS];
    static struct rt_initial initials[2 * PLAYERS];
    uint16_t slots[PLAYERS];
    uint32_t n_initials;
    char errors[512];
    struct seq *seq;
    need(seq_new(&config, &seq));
    for (uint16_t i = 0; i < PLAYERS; i++) {
        specs[i] = (struct seq_player_spec){ .slot = (uint16_t)(i + 1), .generation = i + 1u,
                                             .kind = PH_PLAYER_EVENTS, .node_slot = 1 };
        snprintf(specs[i].name, sizeof specs[i].name, "player%u", i);
        notation_build(text, &specs[i].code);
        slots[i] = specs[i].slot;
    }
    const struct seq_switch at = { .tempo = *tempo };
    need(seq_prepare(seq, specs, PLAYERS, NULL, 0, tempo, 0));
    seq_hold(seq);
    seq_arm(seq, &at, initials, &n_initials, errors);
    seq_let_go(seq);
    seq_commit(seq, tempo, 0, slots, PLAYERS);
    return seq;
}

static void measure(const char *name, const char *text)
{
    const struct ph_tempo tempo = { .base_cycle = { 0, 1 }, .cps = { CPS, 1 }, .rate_hz = RATE };
    struct seq *const seq = play(text, &tempo);
    double used = 0, freeing = 0, worst = 0;
    uint64_t n_events = 0;
    for (uint64_t frame = 0; frame < (uint64_t)SECONDS * RATE; frame += WAKE) {
        const struct link_status status = { .frame = frame };
        link_snapshot_write(&snapshot, &status);
        const double begin = cpu_seconds();
        seq_run_until(seq, frame + WAKE);
        const double middle = cpu_seconds();
        n_events += take_events();
        used += middle - begin;
        worst = middle - begin > worst ? middle - begin : worst;
        freeing += cpu_seconds() - middle;
    }
    const double patterns = evaluate(text);
    printf("%-20s %7.0f events/s  %5.2f %% of a core: patterns %5.2f %%, the rest %5.2f %%"
           " (%4.0f ns an event); longest turn %4.1f ms; freeing %4.2f %%\n",
           name, (double)n_events / SECONDS, used / SECONDS * 100, patterns / SECONDS * 100,
           (used - patterns) / SECONDS * 100, (used - patterns) / (double)n_events * 1e9,
           worst * 1e3, freeing / SECONDS * 100);
    seq_free(seq);
    take_events();
}

int main(void)
{
    const struct load_bank_config config = { .rate_hz = RATE,
                                             .n_buffers = BUFFERS,
                                             .loaded = keep };
    need(nrt_symbols_new(&symbols));
    need(load_bank_new(&config, &bank));
    need(link_ring_init(&ring, sizeof(struct link_command), RING));
    link_snapshot_init(&snapshot);
    static const char *const words[] = { "bd", "sn", "hh", "cp" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        load_bank_request(bank, words[i], 0);
    load_bank_wait(bank, 0);
    for (size_t i = 0; i < sizeof works / sizeof *works; i++)
        measure(works[i].name, works[i].code);
    link_ring_finish(&ring);
    load_bank_free(bank);
    for (size_t i = 0; i < BUFFERS; i++) {
        load_buffer_finish(kept[i]);
        free(kept[i]);
    }
    nrt_symbols_free(symbols);
    return EXIT_SUCCESS;
}
