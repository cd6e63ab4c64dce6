/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/seq/test_seq.c - players: exact frames, any windows, programs that change.        */
#include <sched.h>
#include <stdio.h>

#include "server/link/command.h"
#include "server/link/snapshot.h"
#include "server/seq/seq.h"
#include "tests/server/seq/support.h"

enum { RATE = 48000, RING = 16384, SENT_MAX = 65536 };

static struct nrt_symbols *symbols;
static struct load_bank *bank;
static struct link_ring ring;
static struct link_snapshot snapshot;
static struct seq *seq;
static struct ph_tempo tempo;

/** What was taken from the ring, as far as the tests compare it. */
struct sent {
    uint64_t due_frame, seed;
    enum link_command_kind kind;
    uint32_t generation, symbol;
    uint16_t slot, node;
    float value; /* steps: the value; voices: gain */
};
static struct sent sent[SENT_MAX];
static uint32_t n_sent;

static void set_now(uint64_t frame)
{
    const struct link_status status = { .frame = frame };
    link_snapshot_write(&snapshot, &status);
}

static void open_seq_with(uint32_t ring_messages)
{
    const struct load_bank_config b = { .rate_hz = RATE,
                                        .n_buffers = KEPT_MAX,
                                        .loaded = keep_loaded };
    ck_assert_int_eq(nrt_symbols_new(&symbols), PH_OK);
    ck_assert_int_eq(load_bank_new(&b, &bank), PH_OK);
    ck_assert_int_eq(link_ring_init(&ring, sizeof(struct link_command), ring_messages), PH_OK);
    link_snapshot_init(&snapshot);
    const struct seq_config c = { .rate_hz = RATE, .lookahead_frames = 9600, .commands = &ring,
                                  .snapshot = &snapshot, .symbols = symbols, .bank = bank,
                                  .target = { dsp_set_best(), RATE, DSP_BLOCK_FRAMES, 64 },
                                  .tempo = tempo };
    ck_assert_int_eq(seq_new(&c, &seq), PH_OK);
    n_sent = 0;
}

static void drain(void)
{
    struct link_command c;
    while (link_ring_pop(&ring, &c)) {
        ck_assert_uint_lt(n_sent, SENT_MAX);
        struct sent *const s = &sent[n_sent++];
        *s = (struct sent){ .due_frame = c.due_frame, .kind = c.kind };
        if (c.kind == LINK_VOICE) {
            s->slot = c.u.voice.player_slot;
            s->generation = c.u.voice.generation;
            s->node = c.u.voice.group_slot;
            s->seed = c.u.voice.synth->seed;
            s->value = (float)control(symbols, c.u.voice.synth, "gain");
            nrt_synth_free(c.u.voice.synth);
        } else {
            ck_assert_int_eq(c.kind, LINK_STEP);
            s->slot = c.u.step.player_slot;
            s->generation = c.u.step.generation;
            s->node = c.u.step.synth_slot;
            s->symbol = c.u.step.symbol;
            s->value = c.u.step.value;
        }
    }
}

static void close_seq(void)
{
    seq_free(seq);
    drain();
    link_ring_finish(&ring);
    load_bank_free(bank);
    free_kept();
    nrt_symbols_free(symbols);
}

static void set_tempo(int64_t base_frame, int64_t base_cycle, int64_t num, int64_t den)
{
    tempo = (struct ph_tempo){ base_frame, PH_RATIO(base_cycle, 1), PH_RATIO(num, den), RATE };
}

/** Start values for a player of either kind. */
static struct seq_player_spec events(uint16_t slot, uint32_t generation,
                                     struct ph_pattern_code code)
{
    struct seq_player_spec s = { .slot = slot, .generation = generation, .kind = PH_PLAYER_EVENTS,
                                 .node_slot = (uint16_t)(slot + 100), .out_bus = 4, .code = code };
    snprintf(s.name, sizeof s.name, "player%u", slot);
    return s;
}

static struct seq_player_spec stepper(uint16_t slot, uint32_t generation,
                                      struct ph_pattern_code code)
{
    struct seq_player_spec s = events(slot, generation, code);
    s.kind = PH_PLAYER_STEPS;
    s.symbol = nrt_symbol_intern(symbols, "freq");
    return s;
}

static struct rt_initial initials[64];
static uint32_t n_initials;
static char errors[512];

static uint64_t switch_frame; /* of the last preparation */

/** Prepares players and arms them, with all that is due. */
static void prepare(struct seq_player_spec *specs, uint32_t n, const struct ph_tempo *t,
                    uint64_t frame)
{
    const struct seq_switch at = { .frame = frame, .first_until = UINT64_MAX, .tempo = *t };
    ck_assert_int_eq(seq_prepare(seq, specs, n, NULL, 0, t, frame), PH_OK);
    for (uint32_t i = 0; i < n; i++)
        ck_assert_ptr_null(specs[i].code.instrs); /* the code was moved in */
    seq_hold(seq);
    seq_arm(seq, &at, initials, &n_initials, errors);
    seq_let_go(seq);
    switch_frame = frame;
}

static void commit_slots(const struct ph_tempo *t, uint16_t first, uint16_t n)
{
    uint16_t slots[16];
    for (uint16_t i = 0; i < n; i++)
        slots[i] = (uint16_t)(first + i);
    seq_commit(seq, t, switch_frame, slots, n);
}

/** Prepares and commits one program of players in slots 1 .. n. */
static void play(struct seq_player_spec *specs, uint32_t n, uint64_t frame)
{
    prepare(specs, n, &tempo, frame);
    commit_slots(&tempo, 1, (uint16_t)n);
}

/** s "bd*k" */
static struct ph_pattern_code beats(int64_t k)
{
    struct ph_pattern_build b = { 0 };
    return built(&b, param(&b, "s", fast(&b, k, 1, word(&b, "bd"))));
}

/**
 * base_frame + floor(x + 1/2), x = (num/den - base) * rate /
 * cps: written out, apart from the library.
 */
static int64_t exact_frame(int64_t num, int64_t den)
{
    const __int128 n =
        ((__int128)num - (__int128)tempo.base_cycle.num * den) * RATE * tempo.cps.den;
    const __int128 d = (__int128)den * tempo.cps.num;
    return tempo.base_frame + (int64_t)((2 * n + d) / (2 * d));
}

/* ---- time ------------------------------------------------------------------------------------ */

START_TEST(onsets_fall_on_exact_frames_also_after_ten_million_cycles)
{
    static const int64_t cycles[] = { 0, 1, 10000000 };
    const int64_t first = cycles[_i % 3], k = _i < 3 ? 7 : 16;
    set_tempo(first ? 123457 : 0, first, 7, 11);
    open_seq_with(RING);
    struct seq_player_spec s = events(1, 1, beats(k));
    play(&s, 1, (uint64_t)tempo.base_frame);
    seq_run_until(seq, (uint64_t)exact_frame(first + 20, 1));
    drain();
    ck_assert_uint_eq(n_sent, 20 * k);
    for (uint32_t i = 0; i < n_sent; i++) {
        ck_assert_uint_eq(sent[i].due_frame, exact_frame(first * k + i, k));
        ck_assert_uint_eq(sent[i].slot, 1);
        ck_assert_uint_eq(sent[i].node, 101);
        ck_assert_uint_eq(sent[i].generation, 1);
    }
    close_seq();
}
END_TEST

/** Two players with random, stacked and stepped patterns. */
static void play_mixture(void)
{
    struct ph_pattern_build b = { 0 };
    const uint32_t words[] = { word(&b, "bd"), word(&b, "sn"), word(&b, "noise") };
    const uint32_t bar = fast(&b, 3, 2, steps(&b, 3, words));
    const uint32_t half = number(&b, 0.5), seed = ph_pattern_const_ratio(&b, PH_RATIO(0, 1));
    const uint32_t degrade[] = { half, bar };
    const uint32_t layers[] = { ph_pattern_emit(&b, PH_PAT_DEGRADE_BY, degrade, 2, &seed, 1),
                                fast(&b, 5, 1, word(&b, "noise")),
                                fast(&b, 5, 1, word(&b, "noise")) };
    struct seq_player_spec specs[2] = { events(1, 1,
                                               built(&b, param(&b, "s", stack(&b, 3, layers)))) };
    struct ph_pattern_build c = { 0 };
    const uint32_t values[] = { number(&c, 55), silence(&c), number(&c, 82.5) };
    specs[1] = stepper(2, 1, built(&c, fast(&c, 4, 3, steps(&c, 3, values))));
    specs[1].gate_symbol = nrt_symbol_intern(symbols, "gate");
    play(specs, 2, 1000);
}

START_TEST(windows_cut_at_random_give_the_same_commands_in_the_same_order)
{
    static struct sent once[SENT_MAX];
    const uint64_t end = 40 * RATE;
    set_tempo(0, 3, 5, 7);
    open_seq_with(RING);
    play_mixture();
    seq_run_until(seq, end);
    drain();
    const uint32_t n_once = n_sent;
    memcpy(once, sent, n_once * sizeof *once);
    close_seq();
    ck_assert_uint_gt(n_once, 500);

    srand(_i + 1);
    open_seq_with(RING);
    play_mixture();
    for (uint64_t at = 0; at < end;) {
        at += _i == 0 ? 64 : (uint64_t)rand() % (_i == 1 ? 200 : 100000);
        seq_run_until(seq, at < end ? at : end);
        drain();
    }
    close_seq();
    ck_assert_uint_eq(n_sent, n_once);
    for (uint32_t i = 0; i < n_once; i++)
        ck_assert_mem_eq(&sent[i], &once[i], sizeof *sent);
}
END_TEST

START_TEST(voices_at_one_time_have_seeds_of_their_own)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    struct ph_pattern_build b = { 0 };
    const uint32_t layers[] = { word(&b, "noise"), word(&b, "noise") };
    struct seq_player_spec specs[] = {
        events(1, 1, built(&b, param(&b, "s", stack(&b, 2, layers)))), events(2, 1, beats(1))
    };
    play(specs, 2, 0);
    seq_run_until(seq, 2 * RATE);
    drain();
    ck_assert_uint_eq(n_sent, 6);
    for (uint32_t i = 0; i < 6; i++)
        for (uint32_t k = 0; k < i; k++)
            ck_assert_uint_ne(sent[i].seed, sent[k].seed);
    close_seq();
}
END_TEST

/* ---- programs -------------------------------------------------------------------------------- */

/**
 * Frames that sound when the audio thread switches at `frame` from generation `old` to `old + 1`.
 */
static uint32_t heard(uint16_t slot, uint64_t frame, uint32_t old, uint64_t *frames)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_sent; i++)
        if (sent[i].slot == slot && sent[i].generation == (sent[i].due_frame < frame ? old : old + 1))
            frames[n++] = sent[i].due_frame;
    return n;
}

static int by_frame(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

START_TEST(each_onset_sounds_exactly_once_across_a_switch)
{
    static uint64_t frames[SENT_MAX];
    srand(_i + 1);
    set_tempo(0, 0, 3, 5);
    open_seq_with(RING);
    struct seq_player_spec s = events(1, 1, beats(12));
    play(&s, 1, 0);
    seq_run_until(seq, 20000);
    /* near an onset, on it, or anywhere; sent far ahead or not at all */
    const uint64_t onset = (uint64_t)exact_frame(3 + rand() % 9, 12);
    const uint64_t at =
        _i % 2 ? onset + (uint64_t)(rand() % 5) - 2 : 20000 + (uint64_t)rand() % 40000;
    if (_i % 3)
        seq_run_until(seq, at + 9600);
    s = events(1, 2, beats(12));
    prepare(&s, 1, &tempo, at);
    seq_run_until(seq, at + 12000); /* both go on until the audio thread has spoken */
    commit_slots(&tempo, 1, 1);
    seq_run_until(seq, 4 * 80000);
    drain();
    const uint32_t n = heard(1, at, 1, frames);
    qsort(frames, n, sizeof *frames, by_frame);
    ck_assert_uint_eq(n, 48);
    for (uint32_t i = 0; i < n; i++)
        ck_assert_uint_eq(frames[i], exact_frame(i, 12));
    close_seq();
}
END_TEST

START_TEST(an_onset_that_rounds_up_to_the_switch_belongs_to_the_new_program)
{
    uint64_t frames[SENT_MAX / 64];
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    for (uint32_t generation = 1; generation <= 2; generation++) {
        struct ph_pattern_build b = { 0 };
        const uint32_t args[] = { ratio(&b, 1, 300000), word(&b, "bd") }; /* 0.16 frames early */
        struct seq_player_spec s =
            events(1, generation, built(&b, param(&b, "s", emit(&b, PH_PAT_EARLY, 2, args))));
        prepare(&s, 1, &tempo, generation == 1 ? 0 : 3 * RATE);
        commit_slots(&tempo, 1, 1);
        seq_run_until(seq, generation == 1 ? 3 * RATE : 6 * RATE);
    }
    drain();
    ck_assert_uint_eq(heard(1, 3 * RATE, 1, frames), 6);
    for (uint32_t i = 0; i < 6; i++)
        ck_assert_uint_eq(frames[i], i * RATE);
    close_seq();
}
END_TEST

START_TEST(a_tempo_change_keeps_the_phase_and_every_onset)
{
    static uint64_t frames[SENT_MAX];
    static const int64_t speeds[][2] = { { 1, 1 }, { 7, 3 }, { 1, 50 }, { 20, 1 }, { 3, 5 } };
    srand(_i + 1);
    set_tempo(0, 0, 3, 5);
    open_seq_with(RING);
    struct seq_player_spec s = events(1, 1, beats(12));
    play(&s, 1, 0);
    const int64_t onset = exact_frame(30 + rand() % 6, 12);
    const int64_t at = _i % 2 ? onset + rand() % 5 - 2 : onset + rand() % 6000;
    seq_run_until(seq, (uint64_t)at + 9600);
    const int64_t *const speed = speeds[_i % 5];
    const struct ph_tempo after = ph_tempo_change(&tempo, at, PH_RATIO(speed[0], speed[1]));
    s = events(1, 2, beats(12));
    prepare(&s, 1, &after, (uint64_t)at);
    commit_slots(&after, 1, 1);
    const int64_t end = ph_tempo_frame(&after, PH_RATIO(6, 1));
    seq_run_until(seq, (uint64_t)end);
    drain();
    uint32_t n = heard(1, (uint64_t)at, 1, frames);
    qsort(frames, n, sizeof *frames, by_frame);
    while (n > 0 && frames[n - 1] >= (uint64_t)end) /* the horizon had been further before */
        n--;
    uint32_t i = 0;
    for (; i < 72 && exact_frame(i, 12) < at; i++)
        ck_assert_uint_eq(frames[i], exact_frame(i, 12));
    ck_assert_uint_eq(n, 72); /* six cycles of twelve, none lost, none twice */
    for (; i < 72; i++) {
        const int64_t frame = ph_tempo_frame(&after, PH_RATIO((int64_t)i, 12));
        ck_assert_uint_eq(frames[i], frame > at ? frame : at);
    }
    close_seq();
}
END_TEST

START_TEST(an_aborted_program_leaves_no_trace)
{
    set_tempo(0, 0, 1, 2);
    open_seq_with(RING);
    struct seq_player_spec s = events(1, 1, beats(8));
    play(&s, 1, 0);
    seq_run_until(seq, 50000);
    s = events(1, 2, beats(3));
    prepare(&s, 1, &tempo, 40000);
    seq_abort(seq);
    seq_run_until(seq, 10 * 96000);
    drain();
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_sent; i++)
        if (sent[i].generation == 1)
            ck_assert_uint_eq(sent[i].due_frame, exact_frame(n++, 8));
        else
            ck_assert_uint_lt(sent[i].due_frame, 50000); /* withdrawn by the audio thread */
    ck_assert_uint_eq(n, 80);
    close_seq();
}
END_TEST

START_TEST(a_kept_player_is_not_disturbed_by_fifty_programs_a_second)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    struct seq_player_spec specs[] = { events(1, 1, beats(16)), events(2, 1, beats(3)) };
    play(specs, 2, 0);
    for (uint32_t i = 1; i <= 3000; i++) { /* a minute */
        const uint64_t now = i * 960;
        seq_run_until(seq, now + 9600);
        specs[1] = events(2, i + 1, beats(3 + i % 5));
        prepare(&specs[1], 1, &tempo, now + 64);
        if (i % 7 == 0)
            seq_abort(seq);
        else
            commit_slots(&tempo, 1, 2);
        drain();
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_sent; i++)
        if (sent[i].slot == 1)
            ck_assert_uint_eq(sent[i].due_frame, exact_frame(n++, 16));
    ck_assert_uint_ge(n, 16 * 60);
    close_seq();
}
END_TEST

START_TEST(a_player_that_is_not_live_ends)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    struct seq_player_spec specs[] = { events(1, 1, beats(4)), events(2, 1, beats(4)) };
    play(specs, 2, 0);
    seq_run_until(seq, RATE);
    prepare(NULL, 0, &tempo, RATE);
    commit_slots(&tempo, 2, 1);
    drain();
    n_sent = 0;
    seq_run_until(seq, 3 * RATE);
    drain();
    ck_assert_uint_eq(n_sent, 8);
    for (uint32_t i = 0; i < n_sent; i++)
        ck_assert_uint_eq(sent[i].slot, 2);
    seq_commit(seq, &tempo, 0, NULL, 0); /* panic */
    n_sent = 0;
    seq_run_until(seq, 9 * RATE);
    drain();
    ck_assert_uint_eq(n_sent, 0);
    close_seq();
}
END_TEST

START_TEST(a_program_that_starts_inside_a_cycle_plays_only_what_follows)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    struct seq_player_spec s = events(1, 1, beats(4));
    play(&s, 1, 12001);
    seq_run_until(seq, 2 * RATE);
    drain();
    ck_assert_uint_eq(n_sent, 6);
    ck_assert_uint_eq(sent[0].due_frame, 24000);
    close_seq();
}
END_TEST

/* ---- steps ----------------------------------------------------------------------------------- */

struct expected {
    uint64_t due_frame;
    const char *symbol;
    float value;
};

static void check_sent(const struct expected *e, uint32_t n)
{
    ck_assert_uint_eq(n_sent, n);
    for (uint32_t i = 0; i < n; i++) {
        ck_assert_msg(sent[i].due_frame == e[i].due_frame, "%u: due %llu", i,
                      (unsigned long long)sent[i].due_frame);
        ck_assert_int_eq(sent[i].kind, LINK_STEP);
        ck_assert_uint_eq(sent[i].symbol, nrt_symbol_find(symbols, e[i].symbol));
        ck_assert_msg(sent[i].value == e[i].value, "%u: %g", i, (double)sent[i].value);
    }
}

#define CHECK_SENT(...)                                                                            \
    do {                                                                                           \
        const struct expected e[] = { __VA_ARGS__ };                                               \
        check_sent(e, sizeof e / sizeof *e);                                                       \
    } while (0)

/** "55 ~ 82.5 82.5" */
static struct ph_pattern_code four_steps(void)
{
    struct ph_pattern_build b = { 0 };
    const uint32_t items[] = { number(&b, 55), silence(&b), number(&b, 82.5), number(&b, 82.5) };
    return built(&b, steps(&b, 4, items));
}

START_TEST(steps_hold_their_value_in_rests_and_the_gate_closes)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    struct seq_player_spec s = stepper(1, 1, four_steps());
    s.gate_symbol = nrt_symbol_intern(symbols, "gate");
    play(&s, 1, 0);
    ck_assert_uint_eq(n_initials, 2);
    ck_assert_uint_eq(initials[0].synth_slot, 101);
    ck_assert_float_eq(initials[0].value, 55);
    ck_assert_float_eq(initials[1].value, 1);
    seq_run_until(seq, RATE);
    drain();
    CHECK_SENT({ 0, "freq", 55 }, { 0, "gate", 1 }, { 12000, "gate", 0 }, { 24000, "freq", 82.5f },
               { 24000, "gate", 1 }, { 36000, "freq", 82.5f }, { 36000, "gate", 1 });
    close_seq();
}
END_TEST

START_TEST(steps_are_zero_in_rests_where_the_target_wants_it)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    struct seq_player_spec s = stepper(1, 1, four_steps());
    s.rest = PH_REST_ZERO;
    play(&s, 1, 0);
    seq_run_until(seq, RATE + 1);
    drain();
    CHECK_SENT({ 0, "freq", 55 }, { 12000, "freq", 0 }, { 24000, "freq", 82.5f },
               { 36000, "freq", 82.5f }, { 48000, "freq", 55 });
    close_seq();
}
END_TEST

START_TEST(an_event_over_several_cycles_is_no_rest)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    struct ph_pattern_build b = { 0 };
    const uint32_t items[] = { number(&b, 1), number(&b, 2), silence(&b) };
    struct seq_player_spec s = stepper(1, 1, built(&b, fast(&b, 1, 6, steps(&b, 3, items))));
    s.gate_symbol = nrt_symbol_intern(symbols, "gate");
    s.rest = PH_REST_ZERO;
    play(&s, 1, 0);
    seq_run_until(seq, 7 * RATE);
    drain();
    CHECK_SENT({ 0, "freq", 1 }, { 0, "gate", 1 }, { 2 * RATE, "freq", 2 }, { 2 * RATE, "gate", 1 },
               { 4 * RATE, "freq", 0 }, { 4 * RATE, "gate", 0 }, { 6 * RATE, "freq", 1 },
               { 6 * RATE, "gate", 1 });
    close_seq();
}
END_TEST

START_TEST(a_new_player_says_what_sounds_at_the_switch)
{
    static const struct {
        uint64_t frame;
        float value, gate;
    } at[] = { { 48000 * 3 + 6000, 55, 1 },    { 48000 * 3 + 12000, 55, 0 },
               { 48000 * 3 + 23999, 55, 0 },   { 48000 * 3 + 24000, 82.5f, 1 },
               { 48000 * 3 + 47999, 82.5f, 1 } };
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    struct seq_player_spec s = stepper(1, 1, four_steps());
    s.gate_symbol = nrt_symbol_intern(symbols, "gate");
    play(&s, 1, at[_i].frame);
    ck_assert_uint_eq(n_initials, 2);
    ck_assert_float_eq(initials[0].value, at[_i].value); /* held in the rest */
    ck_assert_float_eq(initials[1].value, at[_i].gate);
    seq_run_until(seq, 5 * RATE);
    drain();
    for (uint32_t i = 0; i < n_sent; i++)
        ck_assert_uint_ge(sent[i].due_frame, at[_i].frame);
    close_seq();
}
END_TEST

/** Renews what plays under another clock. */
static void move_clock(const struct ph_tempo *t, uint64_t frame, bool jumps)
{
    static const struct rt_player generation = { .slot = 1, .generation = 2 };
    const struct seq_switch at = { .frame = frame, .first_until = UINT64_MAX, .tempo = *t,
                                   .jumps = jumps, .players = &generation, .n_players = 1 };
    ck_assert_int_eq(seq_prepare_again(seq, t, frame), PH_OK);
    seq_hold(seq);
    seq_arm(seq, &at, initials, &n_initials, errors);
    seq_let_go(seq);
    switch_frame = frame;
    commit_slots(t, 1, 1);
}

START_TEST(steps_go_on_from_what_they_say_when_the_clock_is_moved)
{
    static const struct {
        int64_t cycle, later;  /* both in hundredths */
        float value;           /* at the switch */
        uint64_t next;         /* frame of the next step, from the switch */
    } moves[] = { { 310, 50, 1, 65 * 480 },  { 310, 200, 1, 215 * 480 }, { 335, -5, 2, 10 * 480 },
                  { 335, -30, 2, 0 },        { 760, 0, 3, 15 * 480 } };
    const uint64_t at = (uint64_t)(_i < 4 ? moves[_i].cycle : 335) * 480;
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    struct ph_pattern_build b = { 0 };
    const uint32_t items[] = { number(&b, 1), number(&b, 2), number(&b, 3), number(&b, 4) };
    struct seq_player_spec s = stepper(1, 1, built(&b, steps(&b, 4, items)));
    play(&s, 1, 0);
    seq_run_until(seq, at);
    bool overflow = false;
    struct ph_tempo t =
        ph_tempo_nudge(&tempo, (int64_t)at, ph_ratio_make(moves[_i].later, 100, &overflow));
    if (_i == 4) { /* a jump */
        t.base_frame = (int64_t)at;
        t.base_cycle = ph_ratio_make(moves[_i].cycle, 100, &overflow);
    }
    drain();
    n_sent = 0;
    move_clock(&t, at, _i == 4);
    ck_assert_uint_eq(n_initials, 1);
    ck_assert_float_eq(initials[0].value, moves[_i].value);
    seq_run_until(seq, at + 4 * RATE);
    drain();
    ck_assert_uint_eq(sent[0].generation, 2);
    ck_assert_uint_eq(sent[0].due_frame, at + moves[_i].next);
    ck_assert_float_eq(sent[0].value, moves[_i].value == 4 ? 1 : moves[_i].value + 1);
    close_seq();
}
END_TEST

START_TEST(what_nudge_brought_forward_is_not_played_again_under_another_clock)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    struct ph_pattern_build b = { 0 };
    const uint32_t beat = param(&b, "s", fast(&b, 4, 1, word(&b, "bd")));
    struct seq_player_spec s = events(1, 1, built(&b, with(&b, beat, "nudge", number(&b, -0.1))));
    s.is_added = true;
    play(&s, 1, 0);
    seq_run_until(seq, 20032);
    drain();
    ck_assert_uint_eq(sent[0].due_frame, 0); /* nobody has played it before */
    ck_assert_uint_eq(sent[1].due_frame, 7200);
    n_sent = 0;
    const struct ph_tempo t = ph_tempo_change(&tempo, 20032, PH_RATIO(2, 1));
    move_clock(&t, 20032, false); /* after 19200, where the third has sounded, before its beat */
    drain();
    uint32_t i = 0;
    while (i < n_sent && sent[i].generation != 2)
        i++;
    ck_assert_uint_lt(i, n_sent);
    ck_assert_uint_eq(sent[i].due_frame, ph_tempo_frame(&t, PH_RATIO(3, 4)) - 4800);
    close_seq();
}
END_TEST

START_TEST(a_note_that_began_cycles_ago_is_the_initial_value)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    struct ph_pattern_build b = { 0 };
    const uint32_t items[] = { number(&b, 7), number(&b, 9) };
    struct seq_player_spec s = stepper(1, 1, built(&b, fast(&b, 1, 20, steps(&b, 2, items))));
    play(&s, 1, 17 * RATE + 5);
    ck_assert_uint_eq(n_initials, 1);
    ck_assert_float_eq(initials[0].value, 9);
    close_seq();
}
END_TEST

START_TEST(notes_read_as_hz_where_the_target_wants_it)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    struct ph_pattern_build b = { 0 }, c = { 0 };
    const uint32_t mixed[] = { note(&b, 69), number(&b, 55), note(&b, 57) };
    const uint32_t plain[] = { note(&c, 69), number(&c, 55) };
    struct seq_player_spec specs[] = { stepper(1, 1, built(&b, steps(&b, 3, mixed))),
                                       stepper(2, 1, built(&c, steps(&c, 2, plain))) };
    specs[0].notes_as_hz = true;
    play(specs, 2, 0);
    seq_run_until(seq, RATE);
    drain();
    CHECK_SENT({ 0, "freq", 440 }, { 0, "freq", 69 }, { 16000, "freq", 55 }, { 24000, "freq", 55 },
               { 32000, "freq", 220 });
    close_seq();
}
END_TEST

START_TEST(of_values_at_one_time_the_first_in_the_stack_counts)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    struct ph_pattern_build b = { 0 };
    const uint32_t layers[] = { fast(&b, 2, 1, number(&b, 1)), fast(&b, 4, 1, number(&b, 2)) };
    struct seq_player_spec s = stepper(1, 1, built(&b, stack(&b, 2, layers)));
    play(&s, 1, 0);
    seq_run_until(seq, RATE);
    drain();
    CHECK_SENT({ 0, "freq", 1 }, { 12000, "freq", 2 }, { 24000, "freq", 1 }, { 36000, "freq", 2 });
    close_seq();
}
END_TEST

START_TEST(a_continuous_pattern_is_read_64_times_a_cycle)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    struct ph_pattern_build b = { 0 };
    struct seq_player_spec s = stepper(1, 1, built(&b, emit(&b, PH_PAT_SAW, 0, NULL)));
    s.gate_symbol = nrt_symbol_intern(symbols, "gate");
    play(&s, 1, 0);
    seq_run_until(seq, 2 * RATE);
    drain();
    ck_assert_uint_eq(n_sent, 256);
    for (uint32_t i = 0; i < 128; i++) { /* the middle of each part */
        ck_assert_uint_eq(sent[2 * i].due_frame, i * 750);
        ck_assert_double_eq_tol((double)sent[2 * i].value, ((i % 64) + 0.5) / 64, 1e-6);
        ck_assert_float_eq(sent[2 * i + 1].value, 1);
    }
    close_seq();
}
END_TEST

/* ---- trouble --------------------------------------------------------------------------------- */

START_TEST(a_full_ring_delays_but_loses_nothing)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(4);
    struct seq_player_spec specs[] = { events(1, 1, beats(5)), events(2, 1, beats(3)) };
    play(specs, 2, 0);
    for (int i = 0; i < 40; i++) {
        seq_run_until(seq, 10 * RATE);
        drain();
    }
    ck_assert_uint_eq(n_sent, 80);
    for (uint32_t i = 1; i < n_sent; i++)
        ck_assert_uint_le(sent[i - 1].due_frame, sent[i].due_frame);
    ck_assert_uint_eq(seq_counts(seq).n_events, 80);
    ck_assert_uint_eq(seq_counts(seq).n_dropped, 0);
    ck_assert_uint_eq(seq_counts(seq).n_late, 0);
    close_seq();
}
END_TEST

START_TEST(what_is_too_late_when_the_ring_has_room_again_is_dropped_and_counted)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(4);
    struct seq_player_spec s = events(1, 1, beats(4));
    play(&s, 1, 0);
    seq_run_until(seq, 3 * RATE); /* four of twelve fit */
    set_now(2 * RATE);            /* nobody read them: those of the second cycle are late */
    seq_run_until(seq, 3 * RATE);
    ck_assert_uint_eq(seq_counts(seq).n_events, 4);
    ck_assert_uint_eq(seq_counts(seq).n_dropped, 4);
    drain();
    seq_run_until(seq, 3 * RATE);
    drain();
    ck_assert_uint_eq(n_sent, 8);
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_uint_eq(sent[4 + i].due_frame, exact_frame(8 + i, 4));
    close_seq();
}
END_TEST

START_TEST(a_late_wake_loses_no_event_and_counts_them_late)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    struct seq_player_spec s = events(1, 1, beats(4));
    play(&s, 1, 0);
    seq_run_until(seq, RATE);
    set_now(2 * RATE);
    seq_run_until(seq, 3 * RATE);
    drain();
    ck_assert_uint_eq(n_sent, 12);
    ck_assert_uint_eq(seq_counts(seq).n_late, 4);
    ck_assert_uint_eq(seq_counts(seq).n_dropped, 0);
    close_seq();
}
END_TEST

START_TEST(a_pattern_over_its_budget_is_said_once_and_the_others_play)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    struct seq_player_spec specs[] = { events(1, 1, beats(1000000000)), events(2, 1, beats(4)) };
    play(specs, 2, 0);
    ck_assert_str_eq(errors, "player1: pattern exceeds its budget");
    ck_assert_uint_eq(seq_counts(seq).n_errors, 1);
    seq_run_until(seq, 8 * RATE);
    drain();
    ck_assert_uint_eq(n_sent, 32);
    for (uint32_t i = 0; i < n_sent; i++)
        ck_assert_uint_eq(sent[i].slot, 2);
    ck_assert_uint_eq(seq_counts(seq).n_errors, 3); /* tried ever more rarely: in cycles 0, 2, 5 */
    close_seq();
}
END_TEST

START_TEST(a_pattern_without_events_costs_nothing_and_ends_nothing)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    struct ph_pattern_build b = { 0 };
    struct seq_player_spec specs[] = { events(1, 1, built(&b, silence(&b))),
                                       events(2, 1, beats(1)) };
    play(specs, 2, 0);
    seq_run_until(seq, 100 * RATE);
    drain();
    ck_assert_uint_eq(n_sent, 100);
    close_seq();
}
END_TEST

START_TEST(the_thread_keeps_the_look_ahead_filled)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    ck_assert(load_bank_wait(bank, 0));
    struct load_sample sample;
    ck_assert(load_bank_find(bank, "bd", 0, &sample));
    ck_assert_int_eq(seq_start(seq), PH_OK);
    struct seq_player_spec s = events(1, 1, beats(100));
    play(&s, 1, 0);
    for (uint64_t now = 0; now <= 4 * 9600; now += 9600) {
        set_now(now);
        /* the test's time limit ends a miss */
        while (seq_counts(seq).n_events < (now + 9600) / 480)
            sched_yield();
        ck_assert_uint_eq(seq_counts(seq).n_events, (now + 9600) / 480);
    }
    seq_free(seq);
    seq = NULL;
    drain();
    ck_assert_uint_eq(n_sent, 100);
    for (uint32_t i = 0; i < n_sent; i++)
        ck_assert_uint_eq(sent[i].due_frame, i * 480);
    close_seq();
}
END_TEST

START_TEST(programs_come_and_go_while_the_thread_runs)
{
    set_tempo(0, 0, 1, 1);
    open_seq_with(RING);
    ck_assert_int_eq(load_bank_start(bank), PH_OK); /* samples arrive as they may */
    struct seq_player_spec specs[] = { stepper(1, 1, four_steps()), events(2, 1, beats(3)) };
    play(specs, 2, 0);
    ck_assert_int_eq(seq_start(seq), PH_OK);
    for (uint32_t i = 1; i <= 500; i++) {
        set_now(i * 960);
        specs[1] = events(2, i + 1, beats(3 + i % 5));
        prepare(&specs[1], 1, &tempo, i * 960 + 64);
        if (i % 7 == 0)
            seq_abort(seq);
        else
            commit_slots(&tempo, 1, 2);
        drain();
    }
    seq_run_until(seq, 500 * 960);
    drain();
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_sent; i++)
        if (sent[i].slot == 1) { /* three values in four steps */
            ck_assert_uint_eq(sent[i].due_frame, (n / 3 * 4 + n % 3 + (n % 3 > 0)) * 12000);
            n++;
        }
    ck_assert_uint_ge(n, 30);
    close_seq();
}
END_TEST

int main(void)
{
    TCase *const c = tcase_create("seq");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, onsets_fall_on_exact_frames_also_after_ten_million_cycles, 0, 6);
    tcase_add_loop_test(c, windows_cut_at_random_give_the_same_commands_in_the_same_order, 0, 4);
    tcase_add_test(c, voices_at_one_time_have_seeds_of_their_own);
    tcase_add_loop_test(c, each_onset_sounds_exactly_once_across_a_switch, 0, 40);
    tcase_add_test(c, an_onset_that_rounds_up_to_the_switch_belongs_to_the_new_program);
    tcase_add_loop_test(c, a_tempo_change_keeps_the_phase_and_every_onset, 0, 60);
    tcase_add_test(c, an_aborted_program_leaves_no_trace);
    tcase_add_test(c, a_kept_player_is_not_disturbed_by_fifty_programs_a_second);
    tcase_add_test(c, a_player_that_is_not_live_ends);
    tcase_add_test(c, a_program_that_starts_inside_a_cycle_plays_only_what_follows);
    tcase_add_test(c, steps_hold_their_value_in_rests_and_the_gate_closes);
    tcase_add_test(c, steps_are_zero_in_rests_where_the_target_wants_it);
    tcase_add_test(c, an_event_over_several_cycles_is_no_rest);
    tcase_add_loop_test(c, a_new_player_says_what_sounds_at_the_switch, 0, 5);
    tcase_add_loop_test(c, steps_go_on_from_what_they_say_when_the_clock_is_moved, 0, 5);
    tcase_add_test(c, what_nudge_brought_forward_is_not_played_again_under_another_clock);
    tcase_add_test(c, a_note_that_began_cycles_ago_is_the_initial_value);
    tcase_add_test(c, notes_read_as_hz_where_the_target_wants_it);
    tcase_add_test(c, of_values_at_one_time_the_first_in_the_stack_counts);
    tcase_add_test(c, a_continuous_pattern_is_read_64_times_a_cycle);
    tcase_add_test(c, a_full_ring_delays_but_loses_nothing);
    tcase_add_test(c, what_is_too_late_when_the_ring_has_room_again_is_dropped_and_counted);
    tcase_add_test(c, a_late_wake_loses_no_event_and_counts_them_late);
    tcase_add_test(c, a_pattern_over_its_budget_is_said_once_and_the_others_play);
    tcase_add_test(c, a_pattern_without_events_costs_nothing_and_ends_nothing);
    tcase_add_test(c, the_thread_keeps_the_look_ahead_filled);
    tcase_add_test(c, programs_come_and_go_while_the_thread_runs);
    Suite *const s = suite_create("seq/seq");
    suite_add_tcase(s, c);
    SRunner *const r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    const int n_failed = srunner_ntests_failed(r);
    srunner_free(r);
    return n_failed != 0;
}
