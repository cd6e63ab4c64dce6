/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/seq/test_clock.c - edits, tempo changes, jumps and nudges at random times,        */
/* through the whole server: every event sounds on the frame that exact fractions say, once.      */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "protocol/program.h"
#include "server/nrt/program_state.h"
#include "tests/server/nrt/door.h"
#include "tests/server/seq/support.h"

enum {
    RATE = 48000,
    SECONDS = 4,
    FRAMES = SECONDS * RATE / DSP_BLOCK_FRAMES * DSP_BLOCK_FRAMES,
    LATENCY = RATE / 1000, /* of the safety limiter */
    STEPS_MAX = 24,
    SEGMENTS_MAX = 16,
    CYCLES_AROUND = 60     /* of each clock, that can sound at all */
};
#define CLICK 0.015625f /* a voice is one frame of it: sums are exact */

/* ---- what is expected ------------------------------------------------------------------------ */

/** `n` steps a cycle, all or some of them nudged. */
struct notes {
    int64_t n;
    bool nudges;
    struct ph_ratio seconds[STEPS_MAX];
};

/** From a frame on: a pattern, under a clock. */
struct segment {
    int64_t frame;
    struct notes notes;
    bool plays, is_first; /* is_first: no earlier segment played these events */
    __int128 num, den;    /* cycle at `frame` */
    int64_t cps_num, cps_den;
};

static struct segment segments[SEGMENTS_MAX];
static uint32_t n_segments;
static int expected[FRAMES + 1];
static float heard[FRAMES];

static __int128 gcd(__int128 a, __int128 b)
{
    if (a < 0)
        a = -a;
    while (b) {
        const __int128 r = a % b;
        a = b;
        b = r;
    }
    return a;
}

static __int128 floor_div(__int128 a, __int128 b)
{
    return a / b - (a % b < 0);
}

static void reduce(struct segment *s)
{
    const __int128 g = gcd(s->num, s->den);
    s->num /= g;
    s->den /= g;
}

/** Frame of step `k` of all steps since cycle 0, rounded half up. */
static int64_t frame_of(const struct segment *s, int64_t k, int64_t n)
{
    const __int128 num = ((__int128)k * s->den - s->num * n) * RATE * s->cps_den;
    const __int128 den = (__int128)n * s->den * s->cps_num;
    return s->frame + (int64_t)floor_div(2 * num + den, 2 * den);
}

static int64_t nudge_of(const struct notes *notes, int64_t k)
{
    if (!notes->nudges)
        return 0;
    const struct ph_ratio x = notes->seconds[((k % notes->n) + notes->n) % notes->n];
    return (int64_t)floor_div(2 * (__int128)x.num * RATE + x.den, 2 * (__int128)x.den);
}

/** The frame that decides which segment an event is of. */
static int64_t own_frame(int64_t onset, int64_t nudge)
{
    return nudge < 0 ? onset + nudge : onset;
}

/** True when an earlier segment has played, or passed, step `k` of segment `i`. */
static bool is_past(uint32_t i, int64_t k, int64_t nudge)
{
    const struct segment *const s = &segments[i];
    if (s->is_first)
        return frame_of(s, k, s->notes.n) < s->frame;
    uint32_t first = i;
    while (!segments[first].is_first)
        first--;
    for (uint32_t j = first; j < i; j++)
        if (own_frame(frame_of(&segments[j], k, s->notes.n), nudge) < segments[j + 1].frame)
            return true;
    return false;
}

static void expect_segment(uint32_t i)
{
    const struct segment *const s = &segments[i];
    const int64_t end = i + 1 < n_segments ? segments[i + 1].frame : INT64_MAX;
    const int64_t n = s->notes.n, first = (int64_t)floor_div(s->num, s->den) - CYCLES_AROUND;
    for (int64_t k = first * n; s->plays && k < (first + 2 * CYCLES_AROUND) * n; k++) {
        const int64_t nudge = nudge_of(&s->notes, k), onset = frame_of(s, k, n);
        if (is_past(i, k, nudge))
            continue;
        const int64_t began = onset < s->frame ? s->frame : onset;
        const int64_t due = began + nudge < s->frame ? s->frame : began + nudge;
        if ((nudge > 0 ? began : due) < end && due < FRAMES)
            expected[due]++;
    }
}

static void check_heard(int seed)
{
    memset(expected, 0, sizeof expected);
    for (uint32_t i = 0; i < n_segments; i++)
        expect_segment(i);
    for (int64_t f = 0; f < FRAMES - LATENCY; f++)
        ck_assert_msg(heard[f + LATENCY] == CLICK * (float)expected[f],
                      "seed %d, frame %lld: %g voices, expected %d", seed, (long long)f,
                      (double)(heard[f + LATENCY] / CLICK), expected[f]);
}

/* ---- the server ------------------------------------------------------------------------------ */

/** One frame of CLICK, then the voice ends. */
static struct ph_writer click_def(void)
{
    struct ph_build b;
    struct ph_synthdef def;
    struct ph_writer w = { 0 };
    ph_build_begin(&b, "click");
    const struct ph_input out = ph_build_control(&b, "out", 0, PH_SCALAR);
    const struct ph_input impulse[] = { ph_build_constant(&b, 0), ph_build_constant(&b, 0) };
    const struct ph_input line[] = { ph_build_constant(&b, 0), ph_build_constant(&b, 0),
                                     ph_build_constant(&b, 0.001f), ph_build_constant(&b, 2) };
    const struct ph_input click = ph_build_unit(&b, "Impulse", PH_AUDIO, 0, 1, impulse, 2, 0);
    const struct ph_input scaled[] = { click, ph_build_constant(&b, CLICK) };
    const struct ph_input level =
        ph_build_unit(&b, "BinaryOpUGen", PH_AUDIO, PH_BINARY_MUL, 1, scaled, 2, 0);
    ph_build_unit(&b, "Line", PH_CONTROL, 0, 1, line, 4, 0);
    const struct ph_input channels[] = { out, level };
    ph_build_unit(&b, "Out", PH_AUDIO, 0, 0, channels, 2, 0);
    ck_assert_int_eq(ph_build_end(&b, &def), PH_OK);
    ck_assert_int_eq(ph_synthdefs_write(&def, 1, &w), PH_OK);
    ph_synthdef_finish(&def);
    return w;
}

static struct ph_pattern_code code_of(const struct notes *notes)
{
    struct ph_pattern_build b = { 0 };
    uint32_t items[STEPS_MAX];
    const uint32_t pitches = param(&b, "note", fast(&b, notes->n, 1, number(&b, 0)));
    if (!notes->nudges)
        return built(&b, pitches);
    for (int64_t i = 0; i < notes->n; i++)
        items[i] = ratio(&b, notes->seconds[i].num, notes->seconds[i].den);
    return built(&b, with(&b, pitches, "nudge", steps(&b, (uint32_t)notes->n, items)));
}

static void add_clock(lo_bundle bundle, const char *address, struct ph_ratio x)
{
    const lo_message m = lo_message_new();
    lo_message_add(m, "hh", x.num, x.den);
    if (strcmp(address, "/phonon/nudge") == 0)
        lo_message_add_string(m, "cycles");
    lo_bundle_add_message(bundle, address, m);
}

static void add_blob(lo_message m, struct ph_writer w)
{
    const lo_blob blob = lo_blob_new((int32_t)w.size, w.data);
    lo_message_add_blob(m, blob);
    lo_blob_free(blob);
    ph_writer_finish(&w);
}

/** @param address  a record that moves the clock, with `x`; NULL: none */
static struct ph_writer program(int32_t request, const struct notes *notes, const char *address,
                                struct ph_ratio x)
{
    struct ph_pattern_code code = code_of(notes);
    struct ph_writer encoded = { 0 }, keys = { 0 }, w = { 0 };
    const lo_bundle bundle = lo_bundle_new((lo_timetag){ 0, 1 });
    const lo_message begin = lo_message_new(), def = lo_message_new(), voices = lo_message_new(),
                     events = lo_message_new(), commit = lo_message_new();
    static const uint8_t no_keys[5 * 8];
    ck_assert_int_eq(ph_pattern_code_encode(&code, &encoded), PH_OK);
    const uint64_t hash = ph_hash(PH_HASH_START, encoded.data, encoded.size);
    ph_write_bytes(&keys, no_keys, sizeof no_keys);
    lo_message_add(begin, "ish", request, "m.ph", (int64_t)request);
    lo_bundle_add_message(bundle, "/phonon/begin", begin);
    if (address)
        add_clock(bundle, address, x);
    lo_message_add(def, "sh", "click", INT64_C(1));
    add_blob(def, click_def());
    add_blob(def, keys);
    lo_bundle_add_message(bundle, "/phonon/def", def);
    lo_message_add(voices, "ss", "voices", PH_BUS_MAIN);
    lo_bundle_add_message(bundle, "/phonon/voices", voices);
    lo_message_add(events, "sssh", "player", "voices", "click", (int64_t)hash);
    add_blob(events, encoded);
    lo_bundle_add_message(bundle, "/phonon/events", events);
    lo_message_add(commit, "i", request);
    lo_bundle_add_message(bundle, "/phonon/commit", commit);
    size_t size;
    void *const packet = lo_bundle_serialise(bundle, NULL, &size);
    ph_write_bytes(&w, packet, size);
    free(packet);
    lo_bundle_free_recursive(bundle);
    ph_pattern_code_finish(&code);
    return w;
}

static struct ph_writer command(int32_t request, const char *address, struct ph_ratio x,
                                const char *unit)
{
    return unit ? door_packet(address, "hhsi", x.num, x.den, unit, request)
                : door_packet(address, "hhi", x.num, x.den, request);
}

/** Waits for the answer to a request by rendering on; returns the frame of the switch. */
static int64_t wait_for_switch(struct door *d, int32_t request, void (*block)(struct door *))
{
    char text[1024], kind[64];
    for (int i = 0; i < 4000; i++) {
        int32_t answered;
        long long frame;
        door_answer(d, text, sizeof text);
        if (sscanf(text, "/done /phonon/%63s %d", kind, &answered) == 2 && answered == request) {
            if (strcmp(kind, "program") == 0)
                ck_assert_int_eq(sscanf(text, "%*s %*s %*d %*d d %lld", &frame), 1);
            else
                ck_assert_int_eq(sscanf(text, "%*s %*s %*d %lld", &frame), 1);
            return frame;
        }
        ck_assert_msg(text[0] == 0, "%s", text);
        block(d);
        door_turn(d);
    }
    ck_abort_msg("no answer");
    return 0;
}

/* ---- random performances --------------------------------------------------------------------- */

/** Pseudo-random numbers of a test. */
static uint32_t random_state;
static uint32_t below(uint32_t n)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)random_state * n) >> 32);
}

static struct notes random_notes(bool nudges)
{
    struct notes notes = { .n = 1 + below(STEPS_MAX), .nudges = nudges };
    bool overflow = false;
    for (int64_t i = 0; i < notes.n; i++)
        notes.seconds[i] = ph_ratio_make((int64_t)below(500) - 150, 1000, &overflow);
    return notes;
}

static struct ph_ratio random_ratio(int64_t low, int64_t high)
{
    bool overflow = false;
    const int64_t den = 1 + below(5);
    return ph_ratio_make(low * den + below((uint32_t)((high - low) * den + 1)), den, &overflow);
}

static int64_t n_heard;

static void keep_block(struct door *d)
{
    for (uint32_t i = 0; i < DSP_BLOCK_FRAMES && n_heard < FRAMES; i++)
        heard[n_heard++] = d->left[i];
}

static void render_block(struct door *d)
{
    float *const out[DOOR_OUTPUTS] = { d->left, d->right };
    world_render_block(d->world, out);
    keep_block(d);
}

/** The clock runs on into a new segment. */
static struct segment *begin_segment(int64_t frame)
{
    const struct segment *const before = &segments[n_segments - 1];
    struct segment *const s = &segments[n_segments++];
    ck_assert_uint_le(n_segments, SEGMENTS_MAX);
    *s = *before;
    s->frame = frame;
    s->is_first = false;
    s->num = before->num * RATE * before->cps_den +
             (__int128)(frame - before->frame) * before->cps_num * before->den;
    s->den = before->den * RATE * before->cps_den;
    reduce(s);
    return s;
}

static void nudge_segment(struct segment *s, struct ph_ratio cycles)
{
    s->num = s->num * cycles.den - cycles.num * s->den;
    s->den *= cycles.den;
    reduce(s);
}

static void jump_segment(struct segment *s, struct ph_ratio cycle)
{
    s->num = cycle.num;
    s->den = cycle.den;
    s->is_first = true;
}

enum act { EDIT, EDIT_TEMPO, EDIT_CYCLE, EDIT_NUDGE, TEMPO, CYCLE, RESET, NUDGE, NUDGE_SECONDS,
           N_ACTS };

/** Sends one change, waits until it has happened, and writes down what it means. */
static void act(struct door *d, int32_t request, bool nudges, void (*block)(struct door *))
{
    const enum act drawn = (enum act)below(N_ACTS + 6), kind = drawn < N_ACTS ? drawn : EDIT;
    const bool is_edit = kind <= EDIT_NUDGE;
    const struct notes notes = is_edit ? random_notes(nudges) : segments[n_segments - 1].notes;
    const struct ph_ratio tempo = random_ratio(1, 3), cycle = random_ratio(0, 20);
    const struct ph_ratio nudge = PH_RATIO((int64_t)below(1500) - 500, 1000);
    switch (kind) {
    case EDIT: door_send(d, program(request, &notes, NULL, tempo)); break;
    case EDIT_TEMPO: door_send(d, program(request, &notes, "/phonon/tempo", tempo)); break;
    case EDIT_CYCLE: door_send(d, program(request, &notes, "/phonon/cycle", cycle)); break;
    case EDIT_NUDGE: door_send(d, program(request, &notes, "/phonon/nudge", nudge)); break;
    case TEMPO: door_send(d, command(request, "/phonon/tempo", tempo, NULL)); break;
    case CYCLE: door_send(d, command(request, "/phonon/cycle", cycle, NULL)); break;
    case RESET: door_send(d, command(request, "/phonon/cycle", PH_RATIO(0, 1), NULL)); break;
    case NUDGE: door_send(d, command(request, "/phonon/nudge", nudge, "cycles")); break;
    default: door_send(d, command(request, "/phonon/nudge", nudge, "seconds")); break;
    }
    struct segment *const s = begin_segment(wait_for_switch(d, request, block));
    const struct ph_ratio seconds = PH_RATIO(nudge.num * s->cps_num, nudge.den * s->cps_den);
    s->notes = notes;
    if (kind == EDIT_TEMPO || kind == TEMPO) {
        s->cps_num = tempo.num;
        s->cps_den = tempo.den;
    } else if (kind == EDIT_CYCLE || kind == CYCLE || kind == RESET) {
        jump_segment(s, kind == RESET ? PH_RATIO(0, 1) : cycle);
    } else if (kind == EDIT_NUDGE || kind == NUDGE || kind == NUDGE_SECONDS) {
        nudge_segment(s, kind == NUDGE_SECONDS ? seconds : nudge);
    }
}

static void perform(struct door *d, bool nudges, void (*block)(struct door *))
{
    const struct notes notes = random_notes(nudges);
    n_heard = 0;
    n_segments = 1;
    segments[0] = (struct segment){ .num = 0, .den = 1, .cps_num = 1, .cps_den = 2 };
    door_send(d, program(1, &notes, NULL, PH_RATIO(1, 1)));
    struct segment *const first = begin_segment(wait_for_switch(d, 1, block));
    first->notes = notes;
    first->plays = first->is_first = true;
    for (int32_t request = 2; n_segments < 7; request++) {
        for (uint32_t n = below(FRAMES / DSP_BLOCK_FRAMES / 7); n > 0; n--)
            block(d);
        act(d, request, nudges, block);
    }
    while (n_heard < FRAMES)
        block(d);
}

START_TEST(every_event_sounds_once_on_its_frame_whatever_is_changed_when)
{
    struct door d;
    random_state = (uint32_t)_i;
    door_open(&d);
    d.world->lookahead_frames = RATE / 1000 * (10 + below(990));
    perform(&d, _i % 2, render_block);
    check_heard(_i);
    door_close(&d);
}
END_TEST

/** Commands that the audio thread gets some blocks later. */
static struct link_command held[16];
static uint32_t n_held, hold_blocks;

static void render_block_with_slow_commands(struct door *d)
{
    if (n_held == 0 && below(2) == 0) {
        while (link_ring_pop(d->context->commands, &held[n_held]))
            ck_assert_uint_lt(++n_held, sizeof held / sizeof *held);
        hold_blocks = below(60);
    } else if (hold_blocks > 0) {
        hold_blocks--;
    }
    for (uint32_t i = 0; hold_blocks == 0 && i < n_held; i++)
        ck_assert(link_ring_push(d->context->commands, &held[i]));
    n_held = hold_blocks == 0 ? 0 : n_held;
    render_block(d);
}

START_TEST(a_switch_that_comes_late_plays_no_event_twice_and_loses_none)
{
    struct door d;
    random_state = (uint32_t)_i;
    door_open(&d);
    d.context->programs->config.offline = false; /* a lead of some blocks, which may be too short */
    d.world->lookahead_frames = RATE / 1000 * (10 + below(990));
    perform(&d, _i % 2, render_block_with_slow_commands);
    check_heard(_i);
    door_close(&d);
}
END_TEST

int main(void)
{
    TCase *const t = tcase_create("clock");
    tcase_add_loop_test(t, every_event_sounds_once_on_its_frame_whatever_is_changed_when, 0, 18);
    tcase_add_loop_test(t, a_switch_that_comes_late_plays_no_event_twice_and_loses_none, 0, 18);
    return check_run("clock", t);
}
